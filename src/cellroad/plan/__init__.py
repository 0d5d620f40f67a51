"""What to do: what to buy, build, make, ship and hold, where and when.

The room answers its own question when it is called: `cellroad.plan(chain)` is `cellroad.plan.planning.plan(chain)`,
whichever of them was imported first.
"""

import sys
from types import ModuleType
from typing import Any


class _Room(ModuleType):
    def __call__(self, *args: Any, **options: Any) -> Any:
        from cellroad.plan.planning import plan

        return plan(*args, **options)


sys.modules[__name__].__class__ = _Room

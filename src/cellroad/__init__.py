"""Cellroad plans and runs a battery supply chain: who to buy from, what a kWh costs landed, what to do and when.

    import cellroad as cr
    chain = cr.load("kandi-cbak")      # a shipped example, or the path of a folder, workbook or zip
    cr.check(chain)                    # everything that is wrong with it, at once
    cr.land(chain, item, origin, destination, on=date(2027, 3, 1))
    plan = cr.plan(chain)              # what to buy, build, make, ship and hold
    cr.write_report(plan, "plan.html")

Each name is fetched when it is first asked for, so that `cellroad --help` does not wait for frames and solver.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cellroad.chain import facts
    from cellroad.chain.chain import Chain
    from cellroad.chain.check import check
    from cellroad.chain.files import load, read, write
    from cellroad.chain.finding import ChainError, Finding
    from cellroad.chain.scenario import apply
    from cellroad.plan.audit import audit
    from cellroad.plan.planning import NoPlanError, plan
    from cellroad.plan.result import Plan
    from cellroad.rules.landed import Landed, land
    from cellroad.show.report import write_report

__all__ = [
    "Chain", "ChainError", "Finding", "Landed", "NoPlanError", "Plan", "apply", "audit", "check", "facts", "land",
    "load", "plan", "read", "write", "write_report",
]  # fmt: skip
__version__ = "0.1.0"

_HOME = {
    "Chain": "chain.chain", "ChainError": "chain.finding", "Finding": "chain.finding", "Landed": "rules.landed",
    "NoPlanError": "plan.planning", "Plan": "plan.result", "apply": "chain.scenario", "audit": "plan.audit",
    "check": "chain.check", "land": "rules.landed", "load": "chain.files", "read": "chain.files",
    "write": "chain.files", "write_report": "show.report",
}  # fmt: skip
_ROOM = {"facts": "chain.facts", "plan": "plan"}
"""Names that are modules; `plan` is one that can be called."""


def __getattr__(name: str) -> Any:
    """Fetch a public name from where it lives."""
    if name in _ROOM:
        return import_module(f"{__name__}.{_ROOM[name]}")
    if name in _HOME:
        return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """List the public names."""
    return [*__all__, "__version__"]

"""A second opinion on two names: nomenklatura's logic-v2, where the extra `names` is installed.

It is slower by two orders of magnitude and shares no code with `names`, so that pairs on which both agree are rarely
wrong. Its score is on a scale of its own: `PEER_THRESHOLD` is what its authors advise.

Source: nomenklatura (MIT), https://github.com/opensanctions/nomenklatura.
"""

from __future__ import annotations

from importlib import import_module
from itertools import count
from typing import Any

from cellroad.rules.names_read import Likeness

PEER_THRESHOLD = 0.7

_ids = count()


def peer_likeness(left: str, right: str, schema: str = "Company") -> Likeness:
    """Return how alike two names are to logic-v2; `schema` is one of FollowTheMoney's (Company, Organization, Person).

    Raises ModuleNotFoundError, with how to mend it, where the extra is not installed.
    """
    try:
        model = import_module("followthemoney").model
        peer = import_module("nomenklatura.matching.logic_v2.model").LogicV2
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError("nomenklatura is not installed; pip install 'cellroad[names]'") from error
    result = peer.compare(_entity(model, left, schema), _entity(model, right, schema), peer.default_config())
    return Likeness(float(result.score), "logic-v2")


def _entity(model: Any, name: str, schema: str) -> Any:
    """Return an entity with an id of its own: logic-v2 remembers names by id, and would answer for an older one."""
    return model.get_proxy({"id": f"name-{next(_ids)}", "schema": schema, "properties": {"name": [name]}})

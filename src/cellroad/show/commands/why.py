"""The command that asks a plan why."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter, validators

from cellroad.show.commands.plan import Search, planned_for
from cellroad.show.exits import Exit
from cellroad.show.terminal import Face


def why(
    path: str,
    name: str,
    /,
    *,
    table: str | None = None,
    quantity: Annotated[float | None, Parameter(validator=validators.Number(gt=0))] = None,
    anew: bool = False,
    search: Search = Search(),  # noqa: B008
    face: Face = Face(),  # noqa: B008
) -> Exit:
    """Plan a chain and tell why an offer, lane, site, option, process, contract or sale is used as it is.

    In money: what one unit more or less would bring against what it replaces, part by part, and at which price the plan
    would turn.

    Parameters
    ----------
    path
        Folder, workbook or zip of a chain, or the name of an example.
    name
        Id of what is asked about; a sale is written as market|want|item.
    table
        Table that is meant, where more than one knows the id.
    quantity
        How much more or less is asked for; without it, a little, told per unit.
    anew
        Decide on plants, contracts and the like anew for it, too; takes longer.
    """
    plan, ended = planned_for(path, search, face)
    parts = tuple(part.strip() for part in name.split("|"))
    answer = plan.why(parts if len(parts) > 1 else name, table, quantity, anew=anew)
    machine = {
        "chain": plan.chain.name, "scenario": search.scenario, "name": name, "used": answer.used,
        "text": answer.text(), "parts": answer.frame, "breaks": answer.breaks, "rules": answer.rules,
        "reasons": answer.reasons, "solution": plan.solution,
    }  # fmt: skip
    face.answer([answer.text()], machine)
    return ended

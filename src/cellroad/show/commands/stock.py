"""The command that tells where to hold safety stock."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter, validators

from cellroad.show.commands.plan import Search, planned_for
from cellroad.show.commands.reading import checked
from cellroad.show.exits import Exit
from cellroad.show.outputs import writable
from cellroad.show.terminal import Face


def stock(
    path: str,
    /,
    *,
    service: Annotated[float | None, Parameter(validator=validators.Number(gte=0.5, lt=1))] = None,
    planned: bool = False,
    shorter: Annotated[float, Parameter(validator=validators.Number(gt=0))] = 7.0,
    report: Path | None = None,
    minimums: Path | None = None,
    search: Search = Search(),  # noqa: B008
    face: Face = Face(),  # noqa: B008
) -> Exit:
    """Tell where to hold safety stock, what it costs, and what shorter ways would save.

    Parameters
    ----------
    path
        Folder, workbook or zip of a chain, or the name of an example.
    service
        How surely markets are served from stock, 0.5 to 1; otherwise as sites and settings say.
    planned
        Plan the chain first, and count its ways and sales as the plan uses them.
    shorter
        Days by which each way is made shorter, one after the other, to tell what that saves.
    report
        Write a page with a drawing of the network to this file.
    minimums
        Write the chain with the safety stock as its least stock to this folder, so that a plan keeps it.
    """
    from cellroad.chain.files import write
    from cellroad.plan.stock.stocking import stock as stocked
    from cellroad.show.stock_page import stock_text, write_stock

    if report:
        writable(report)
    plan, ended = planned_for(path, search, face) if planned else (None, Exit.OK)
    chain = plan.chain if plan else checked(path, search.scenario)
    found = stocked(chain, plan, service=service, seed=search.seed)
    effects = found.effects(shorter)
    if report:
        write_stock(found, report, shorter=shorter, effects=effects)
    if minimums:
        write(found.minimums(), minimums)
    written = {what: place for what, place in (("report", report), ("chain", minimums)) if place}
    machine = {
        "chain": found.chain.name, "usd_per_year": found.cost_usd_per_year, "bound": found.bound_usd_per_year,
        "gap": found.gap, "stock": found.stock, "placements": found.placements, "ways": found.ways,
        "effects": effects, "by_site": found.by("site"), "by_item": found.by("item"), "markets": found.markets(),
        "services": found.services(), "remarks": found.remarks, "written": written,
    }  # fmt: skip
    told = [f"The {what} is in {place}" for what, place in written.items()]
    face.answer([*stock_text(found, effects, shorter), *told], machine)
    return ended

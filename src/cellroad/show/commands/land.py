"""The command that asks what a thing costs landed on a day, bar by bar, and when it arrives."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from cellroad.show.commands.reading import Day
from cellroad.show.exits import Exit, choose
from cellroad.show.terminal import Face, table


def land(
    path: str,
    /,
    *,
    item: str,
    origin: Annotated[str, Parameter(name="--from")],
    destination: Annotated[str, Parameter(name="--to")],
    on: Day,
    as_known: Day | None = None,
    face: Face = Face(),  # noqa: B008
) -> Exit:
    """Say what an item costs landed when it enters on a day: price, freight, each layer of duty, fees and stock.

    Parameters
    ----------
    path
        Folder, workbook or zip of a chain, or the name of an example.
    item
        Id of the item.
    origin
        Id of the site where it is handed over.
    destination
        Id of the site where it is wanted.
    on
        Day of entry, written 2027-10-01.
    as_known
        Day whose knowledge of the law is used, written 2027-10-01; without one, all that is known now.
    """
    from cellroad.rules.landed import land as landed

    from cellroad.chain.files import load

    chain = load(path)
    choose(item, chain.items["item"].to_list(), "item")
    for site in (origin, destination):
        choose(site, chain.sites["site"].to_list(), "site")
    found = landed(chain, item, origin, destination, on, as_known)
    machine = {
        "chain": chain.name, "item": item, "from": origin, "to": destination, "on": on, "as_known": as_known,
        "waterfall": found.waterfall, "lead": found.lead,
    }  # fmt: skip
    face.answer([table(found.waterfall, "Landed cost"), "", table(found.lead, "Lead time")], machine)
    return Exit.OK

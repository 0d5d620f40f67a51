"""The commands of the week: when all meet, when an order is on the dock, when work is done."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter, validators

from cellroad.show.commands.reading import Day
from cellroad.show.commands.vendors import award, page, quotes, slip, vendors
from cellroad.show.exits import Exit, UsageError, choose
from cellroad.show.outputs import writable
from cellroad.show.terminal import Face, complain, table

if TYPE_CHECKING:
    import polars as pl
    from rich.console import RenderableType


def schedule() -> App:
    """Return the group of commands."""
    app = App(
        name="schedule",
        sort_key=100,
        help="Work across the ocean: meetings, milestones, quotes, orders and vendors on everybody's calendar.",
    )
    for command in (meet, order, path, quotes, award, vendors, slip, page):
        app.command(command)
    return app


def meet(
    path: str,
    /,
    *,
    start: Day,
    weeks: Annotated[int, Parameter(validator=validators.Number(gte=1, lte=104))] = 8,
    minutes: Annotated[int, Parameter(validator=validators.Number(gte=5, lte=600))] = 60,
    title: str = "Meeting",
    ics: Path | None = None,
    face: Face = Face(),  # noqa: B008
) -> Exit:
    """Find a weekly meeting of the people of a chain; who stays up late is rotated fairly.

    Parameters
    ----------
    path
        Folder, workbook or zip of a chain, or the name of an example; its tables people and absences are used.
    start
        A day of the first week, written 2027-01-04.
    weeks
        How many weeks.
    minutes
        How long a meeting is.
    title
        What the meeting is called in the calendar file.
    ics
        File to which the series is written, for every calendar program.
    """
    from cellroad.chain.atomic import replace_text
    from cellroad.chain.files import load
    from cellroad.plan import schedule as work
    from cellroad.show.schedule_page import clocks

    chain = load(path)
    people, away = work.people(chain), work.absences(chain)
    if not people:
        raise UsageError(f"{chain.name} has nobody in its table people; add a row for everybody who is to meet.")
    target = writable(ics) if ics else None
    found = work.meet(people, start=start, weeks=weeks, minutes=minutes, busy=away)
    told: list[RenderableType] = [
        table(clocks(found), "Meetings, by the clock of everybody"),
        "",
        table(found.burden, "Who bears what"),
    ]
    if found.missed.height:
        told += ["", table(found.missed, "Weeks without a meeting")]
    machine = {
        "chain": chain.name, "meetings": found.meetings, "seats": found.seats, "burden": found.burden,
        "missed": found.missed,
    }  # fmt: skip
    face.answer(told, machine)
    if target:
        replace_text(target, work.invitation(found, title, busy=away))
        complain(f"Calendar: {target}")
    return Exit.OK


def order(
    path: str,
    /,
    *,
    offer: str,
    lane: str = "",
    on: Day,
    need: Day | None = None,
    face: Face = Face(),  # noqa: B008
) -> Exit:
    """Follow an order to the dock on real calendars, and tell after which days it arrives much later.

    Parameters
    ----------
    path
        Folder, workbook or zip of a chain, or the name of an example.
    offer
        Id of the offer.
    lane
        Id of the lane; may be left out where one leaves the site of the offer.
    on
        Day of the order, written 2027-01-04.
    need
        Day on which the goods are needed on the dock: the latest orders for it are told.
    """
    import datetime as dt

    import polars as pl

    from cellroad.chain.files import load
    from cellroad.plan import schedule as work

    chain = load(path)
    choose(offer, chain.offers["offer"].to_list(), "offer")
    leaving = chain.lanes.filter(origin=chain.offers.filter(offer=offer)["site"].item())["lane"].to_list()
    if not lane and len(leaving) != 1:
        raise UsageError(f"{len(leaving)} lanes leave the site of the offer; name one by --lane: {', '.join(leaving)}.")
    choose(lane or leaving[0], leaving, "lane from the site of the offer")
    far = max(on, need or on) + dt.timedelta(days=365)
    way = work.order(chain, offer, lane, first=min(on, need or on) - dt.timedelta(days=365), last=far)
    dates, cliffs = way.dates(on), way.cliffs().filter(pl.col("order_by") >= on)
    told: list[RenderableType] = [table(dates, "From order to dock"), "", table(cliffs, "A day later is much later")]
    machine = {"chain": chain.name, "offer": offer, "dates": dates, "cliffs": cliffs}
    if need:
        cases = ("low", "likely", "high")
        latest = pl.DataFrame({"if the way is": cases, "order by": [way.latest(need, case) for case in cases]})
        told += ["", table(latest, f"To be on the dock on {need}")]
        machine["latest"] = latest
    face.answer(told, machine)
    return Exit.OK


def path(
    path: str,
    /,
    *,
    start: Day | None = None,
    by: Day | None = None,
    draws: Annotated[int, Parameter(validator=validators.Number(gte=0, lte=1_000_000))] = 10_000,
    seed: int = 0,
    face: Face = Face(),  # noqa: B008
) -> Exit:
    """Follow the milestones of a chain: dates, slack, what is critical, how likely a date is.

    Parameters
    ----------
    path
        Folder, workbook or zip of a chain, or the name of an example; its table milestones is used.
    start
        Day on which work may begin, written 2027-01-04; without one, the start of the plan.
    by
        Day whose chance is told.
    draws
        How often uncertain durations are drawn; 0 for likely durations only.
    seed
        Makes the draws repeatable.
    """
    import polars as pl

    from cellroad.chain.files import load
    from cellroad.plan import schedule as work

    chain = load(path)
    tasks = work.tasks(chain)
    if not tasks:
        raise UsageError(f"{chain.name} has no milestones; add a row for all work that is to be done.")
    found = work.critical_path(tasks, start or chain.plan_settings().start, draws=draws, seed=seed)
    shares = (0.1, 0.5, 0.9)
    chances: pl.DataFrame = pl.DataFrame(
        {"chance": shares, "all is done by": [found.quantile(share) for share in shares]}
    ) if draws else pl.DataFrame()  # fmt: skip
    told: list[RenderableType] = [
        table(found.tasks, "Milestones"),
        "",
        f"With likely durations all is done on {found.finish}.",
    ]
    told += ["", table(chances, "Chances")] if draws else []
    chance = found.probability(by) if by else None
    if by and chance is not None:
        told.append(f"By {by} all is done in {chance:.0%} of {draws:,} draws.")
    machine = {
        "chain": chain.name, "tasks": found.tasks, "finish": found.finish, "critical": found.critical,
        "chances": chances, "by": by, "probability": chance,
    }  # fmt: skip
    face.answer(told, machine)
    return Exit.OK

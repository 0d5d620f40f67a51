"""The commands about vendors: whose quote is best, how they keep their word, what a slip of an order does."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter, validators

from cellroad.show.commands.reading import Day, checked
from cellroad.show.exits import Exit, UsageError, choose
from cellroad.show.outputs import writable
from cellroad.show.terminal import Face, table

if TYPE_CHECKING:
    from rich.console import RenderableType

    from cellroad.chain.chain import Chain
    from cellroad.plan.schedule import Quotation

Positive = validators.Number(gt=0)


@Parameter(name="*")
@dataclass(frozen=True)
class Need:
    """What is needed, where and when, so that quotes can be compared."""

    request: Annotated[str, Parameter(help="Request whose quotes are compared; without one, all that are open.")] = ""
    destination: Annotated[str, Parameter(help="Site where the goods are needed.")] = ""
    need: Annotated[Day | None, Parameter(help="Day on which they are needed there, written 2027-04-20.")] = None
    kwh: Annotated[float, Parameter(help="Usable energy that is needed.", validator=Positive)] = 1000.0
    standard: Annotated[
        tuple[str, ...], Parameter(help="Standard of which a vendor must show a certificate; may be said again.")
    ] = ()


def quotes(path: str, /, *, today: Day, asked: Need = Need(), face: Face = Face()) -> Exit:  # noqa: B008
    """Make quotes comparable: landed cost per usable kWh on the day of need, and what is against each.

    Parameters
    ----------
    path
        Folder, workbook or zip of a chain, or the name of an example; its table quotes is used.
    today
        Day of the question, written 2026-12-10: what must be ordered earlier is late.
    """
    from cellroad.show.schedule_page import quotes as shown

    chain = checked(path)
    if asked.need is None or not asked.destination:
        raise UsageError("Quotes are landed somewhere on a day: give --destination and --need.")
    found = _compared(chain, asked, today)
    told: list[RenderableType] = [found.summary(), "", table(shown(chain, found), "Quotes, landed"), "", *found.remarks]
    face.answer(told, {"chain": chain.name, "quotes": found.compared, "bars": found.bars, "remarks": found.remarks})
    return Exit.OK


def award(
    path: str,
    /,
    *,
    request: str = "",
    gap: Annotated[float, Parameter(validator=validators.Number(gte=0, lte=1))] = 1e-3,
    time_limit: Annotated[float, Parameter(validator=Positive)] = 60.0,
    face: Face = Face(),  # noqa: B008
) -> Exit:
    """Let the planner split what is bought between quotes and the offers there are.

    Parameters
    ----------
    path
        Folder, workbook or zip of a chain, or the name of an example.
    request
        Request whose quotes may be used; without one, all that are open.
    gap
        Relative distance to the proven bound at which a plan is good enough.
    time_limit
        Seconds after which the best plan so far is taken.
    """
    from cellroad.plan import schedule as work

    chain = checked(path)
    _known_request(chain, request)
    found = work.award(chain, request, gap=gap, time_limit=time_limit)
    face.answer(
        [table(found.split, "What the plan buys, by quote and offer")],
        {"chain": chain.name, "split": found.split, "gap": found.plan.solution.gap},
    )
    return Exit.OK


def vendors(
    path: str,
    /,
    *,
    today: Day,
    grace: Annotated[int, Parameter(validator=validators.Number(gte=0))] = 0,
    face: Face = Face(),  # noqa: B008
) -> Exit:
    """Tell how vendors have kept their word, and what they have charged.

    Parameters
    ----------
    path
        Folder, workbook or zip of a chain, or the name of an example; its table orders is used.
    today
        Day of the question, written 2027-01-04.
    grace
        Days after its promise on which an order still counts as on time.
    """
    from cellroad.plan import schedule as work
    from cellroad.show.topics import vendors as told

    chain = checked(path)
    if chain.orders.is_empty():
        raise UsageError(f"{chain.name} has no orders; add a row for each order that was placed.")
    cards, prices, ordered = (
        work.scorecards(chain, today, grace_days=grace),
        work.prices(chain),
        work.open_orders(chain),
    )
    face.answer(
        [table(told.kept(chain, cards).drop("site"), "Vendors"), "", table(prices, "Prices paid"), "",
         table(told.ordered(chain).drop("order"), "Open orders")],
        {"chain": chain.name, "scorecards": cards, "prices": prices, "open": ordered},
    )  # fmt: skip
    return Exit.OK


def slip(
    path: str,
    /,
    *,
    order: str,
    days: Annotated[int | None, Parameter(validator=validators.Number(gte=1, lte=3650))] = None,
    expected: Day | None = None,
    face: Face = Face(),  # noqa: B008
) -> Exit:
    """Tell what it does when an open order comes later, and what the planner would do about it.

    Parameters
    ----------
    path
        Folder, workbook or zip of a chain, or the name of an example.
    order
        Id of an open order.
    days
        Days by which it is later.
    expected
        Or the day on which it comes, written 2027-04-29.
    """
    import polars as pl

    from cellroad.chain.orders import OPEN
    from cellroad.plan import schedule as work

    chain = checked(path)
    choose(order, chain.orders.filter(OPEN)["order"].to_list(), "open order")
    try:
        found = work.slip(chain, order, days=days, expected=expected)
    except ValueError as wrong:
        raise UsageError(str(wrong)) from None
    lacking = found.days.filter(pl.col("missing") > 0)
    face.answer(
        [found.text()],
        {
            "chain": chain.name, "order": order, "from": found.from_day, "to": found.to_day, "lacking": found.lacking,
            "first_day": found.first_day, "last_day": found.last_day, "stops": found.stops, "changes": found.changes,
            "short": found.short, "days": lacking,
        },
    )  # fmt: skip
    return Exit.OK


def page(
    path: str,
    /,
    *,
    today: Day,
    report: Path,
    weeks: Annotated[int, Parameter(validator=validators.Number(gte=1, lte=104))] = 8,
    asked: Need = Need(),
    face: Face = Face(),  # noqa: B008
) -> Exit:
    """Write the week as a page: work and its dates, orders before shutdowns, vendors, quotes, meetings.

    Parameters
    ----------
    path
        Folder, workbook or zip of a chain, or the name of an example.
    today
        Day of the page, written 2027-01-04.
    report
        File of the page.
    weeks
        How many weekly meetings.
    """
    from cellroad.show.schedule_page import write_schedule

    chain, target = checked(path), writable(report)
    quoted = _compared(chain, asked, today) if asked.need and asked.destination else None
    write_schedule(chain, target, today, quotation=quoted, weeks=weeks)
    face.answer([f"The report is in {target}"], {"chain": chain.name, "report": target})
    return Exit.OK


def _compared(chain: Chain, asked: Need, today: Day) -> Quotation:
    from cellroad.plan import schedule as work

    _known_request(chain, asked.request)
    choose(asked.destination, chain.sites["site"].to_list(), "site")
    return work.compare_quotes(
        chain, asked.request, destination=asked.destination, need=asked.need or today, kwh=asked.kwh, today=today,
        standards=asked.standard,
    )  # fmt: skip


def _known_request(chain: Chain, request: str) -> None:
    open_ = chain.quotes.filter(status="open")
    if open_.is_empty():
        raise UsageError(f"{chain.name} has no open quotes; add a row for each quote of a vendor.")
    if request:
        choose(request, open_["request"].unique(maintain_order=True).to_list(), "request with open quotes")

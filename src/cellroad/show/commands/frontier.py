"""The commands for two partners: what they can have between them, and at which price or share both gain."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter, validators
from rich.console import RenderableType

from cellroad.show.commands.plan import Search, chain_for, law_for
from cellroad.show.exits import Exit, UsageError
from cellroad.show.outputs import writable
from cellroad.show.terminal import Face, table

if TYPE_CHECKING:
    from cellroad.chain.chain import Chain
    from cellroad.plan.partners.bargain import Bargain
    from cellroad.plan.partners.frontier import Frontier

Price = Annotated[str | None, Parameter(help="Item, or row of transfers, whose transfer price is bargained over.")]
Share = Annotated[str | None, Parameter(help="Joint venture whose shares are bargained over.")]


def frontier(
    path: str,
    one: str,
    other: str,
    /,
    *,
    points: Annotated[int, Parameter(validator=validators.Number(gte=2, lte=100))] = 9,
    price: Price = None,
    share: Share = None,
    search: Search = Search(),  # noqa: B008
    report: Path | None = None,
    face: Face = Face(),  # noqa: B008
) -> Exit:
    """Tell what two partners can have between them: plans of which neither can have more unless the other has less.

    With --price or --share, also the range within which both gain, and where they would meet. Takes the time of a plan
    for every point, and of a few more.

    Parameters
    ----------
    path
        Folder, workbook or zip of a chain, or the name of an example.
    one
        Id of a partner.
    other
        Id of another partner.
    points
        How many plans are shown at most.
    report
        File for the report, one self-contained HTML page.
    """
    over = _lever(price, share)
    if report:
        writable(report)
    chain = _of_two(path, one, other, search, face)

    from cellroad.plan.partners.frontier import frontier as front

    face.remark(f"Up to {points} plans of at most {search.time_limit:g} s each.")
    found = front(chain, one, other, points, law=law_for(search), gap=search.gap, time_limit=search.time_limit)
    deal = _bargain(chain, one, other, over, search) if over else None
    _answer(chain, search, found, deal, report, face)
    return Exit.OK


def bargain(
    path: str,
    one: str,
    other: str,
    /,
    *,
    price: Price = None,
    share: Share = None,
    search: Search = Search(),  # noqa: B008
    report: Path | None = None,
    face: Face = Face(),  # noqa: B008
) -> Exit:
    """Tell at which transfer price, or which share of a joint venture, two partners both gain, and where they meet.

    The deal is the plan that is best for both together; without it, each has the best plan in which nothing passes, or
    in which the venture does not exist. Takes the time of three plans.

    Parameters
    ----------
    path
        Folder, workbook or zip of a chain, or the name of an example.
    one
        Id of a partner.
    other
        Id of another partner.
    report
        File for the report, one self-contained HTML page.
    """
    over = _lever(price, share)
    if over is None:
        raise UsageError(
            "Say what is bargained over: --price ITEM for its transfer price, or --share VENTURE for who holds it."
        )
    if report:
        writable(report)
    chain = _of_two(path, one, other, search, face)
    _answer(chain, search, None, _bargain(chain, one, other, over, search), report, face)
    return Exit.OK


def _lever(price: str | None, share: str | None) -> str | None:
    from cellroad.plan.partners.bargain import PRICE, SHARE

    if price and share:
        raise UsageError("Bargain over one thing at a time: --price or --share.")
    return PRICE + price if price else SHARE + share if share else None


def _of_two(path: str, one: str, other: str, search: Search, face: Face) -> Chain:
    """Return the chain that is asked about. Raises UsageError where the two are one."""
    if one == other:
        raise UsageError(f"{one!r} is named twice; name two partners.")
    return chain_for(path, search, face)


def _bargain(chain: Chain, one: str, other: str, over: str, search: Search) -> Bargain:
    from cellroad.plan.partners.bargain import bargain as bargained

    return bargained(chain, one, other, over, law=law_for(search), gap=search.gap, time_limit=search.time_limit)


def _answer(
    chain: Chain, search: Search, found: Frontier | None, deal: Bargain | None, report: Path | None, face: Face
) -> None:
    from cellroad.show import deal_page

    parts: list[RenderableType] = []
    machine: dict[str, object] = {"chain": chain.name, "scenario": search.scenario, "report": report}
    if found is not None:
        parts += [deal_page.ends(found), "", table(deal_page.points(found), "Plans between them"), ""]
        machine |= {"a": found.a, "b": found.b, "frontier": found.frame, "ends": found.summary()}
    if deal is not None:
        parts += [deal_page.outcome(deal), "", table(deal_page.levels(deal), "Who has what")]
        machine |= {
            "a": deal.a, "b": deal.b, "over": deal.over, "low": deal.low, "nash": deal.nash, "high": deal.high,
            "now": deal.now, "without": deal.without, "bargain": deal.frame, "text": deal.summary(),
        }  # fmt: skip
    if report:
        deal_page.write_deal(report, found, deal)
        parts.append(f"The report is in {report}")
    face.answer(parts, machine)

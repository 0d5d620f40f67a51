"""The command that plans again in the midst of a plan."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter, validators
from rich.console import RenderableType

from cellroad.show.commands.plan import Search, planned_for, told, written
from cellroad.show.commands.reading import Day
from cellroad.show.exits import Exit
from cellroad.show.outputs import plan_folder, writable
from cellroad.show.terminal import Face, table

if TYPE_CHECKING:
    import polars as pl

    from cellroad.chain.chain import Chain


def replan(
    path: str,
    /,
    *,
    today: Day,
    now: Path | None = None,
    freeze: Annotated[int, Parameter(validator=validators.Number(gte=0))] = 0,
    change_price: Annotated[float, Parameter(validator=validators.Number(gte=0))] = 0.0,
    opening_price: Annotated[float | None, Parameter(validator=validators.Number(gte=0))] = None,
    search: Search = Search(),  # noqa: B008
    out: Path | None = None,
    report: Path | None = None,
    face: Face = Face(),  # noqa: B008
) -> Exit:
    """Plan a chain, and then again from a day on with what is known by then; tell what changes and what it is worth.

    What lies before today stays as it was planned. Plans that change little are had by freezing the next months or by
    a price on change; the price steers the plan and is no money of it.

    Parameters
    ----------
    path
        Folder, workbook or zip of a chain, or the name of an example: what the former plan was made of.
    today
        Day from which is planned anew, such as 2027-06-01; periods that began before it stay.
    now
        Folder, workbook or zip with the tables that are otherwise now. Stocks (site, item, on_hand) are counted today;
        pipeline is what is under way today, and holds for the items and sites that it names. A row of any other table
        (prices, demand, contracts that are signed by now) replaces the row with its key, or is new.
    freeze
        Months from today for which the former plan stays, but for what cannot be made or sent for want of goods.
    change_price
        USD charged for each USD of goods that is bought, made or shipped otherwise than planned.
    opening_price
        USD charged for each USD of an investment that is started otherwise; without it, that of change-price.
    out
        Folder for every result table of the new plan as CSV and as Parquet.
    report
        File for the report of the new plan, one self-contained HTML page.
    """
    if out:
        plan_folder(out)
    if report:
        writable(report)
    given = _now(now) if now else None
    former, ended = planned_for(path, search, face)

    from cellroad.plan.why.replanning import replan as again

    chain = _known(former.chain, given) if given else None
    counted = given.stocks.select("site", "item", "age_months", quantity="on_hand") if given else None
    under_way = _columns(given.pipeline) if given else None
    found = again(
        former, today, chain=chain, on_hand=counted, pipeline=under_way, frozen_months=freeze,
        change_price=change_price, opening_price=opening_price, gap=search.gap, time_limit=search.time_limit,
    )  # fmt: skip
    places = written(found.plan, out, report)
    machine = {
        "chain": former.chain.name, "scenario": search.scenario, "today": today,
        "former_npv_usd": found.compared.npv_usd[0], "npv_usd": found.compared.npv_usd[1],
        "charge_usd": found.charge_usd, "text": found.text(),
        "changes": found.changes, "parts": found.compared.parts, "steps": found.compared.steps,
        "openings": found.compared.openings, "missing": _missing(found.plan.scrapped), "remarks": found.remarks,
        "solution": found.plan.solution, "written": places,
    }  # fmt: skip
    parts: list[RenderableType] = [found.text(), ""]
    missing = _missing(found.plan.scrapped)
    if missing.height:
        parts += [table(missing.drop("reason", "cost_usd", "period"), "Planned to be there, and missing"), ""]
    parts += [*([found.compared.text()] if found.changes.height else []), *told(places)]
    face.answer(parts, machine)
    return ended


def _now(place: Path) -> Chain:
    """Return the tables that are otherwise now.

    Raises ChainError with everything that is wrong or strange with them: what a stock is must not be guessed.
    """
    from cellroad.chain.files import inspect
    from cellroad.chain.finding import ChainError

    given, findings = inspect(place)
    if given is None or findings:
        raise ChainError(findings)
    return given


def _known(chain: Chain, given: Chain) -> Chain:
    """Return the chain as it is known now: rows that are given take the place of those with their key.

    Raises ChainError where what comes of it cannot be planned.
    """
    import polars as pl

    from cellroad.chain.check import check
    from cellroad.chain.finding import ChainError
    from cellroad.chain.tables import TABLES, key_of

    frames: dict[str, Any] = {}
    for name, rows in given.tables.items():
        if name not in ("stocks", "pipeline") and rows.height:
            kept = chain.tables[name].join(rows, on=key_of(TABLES[name]), how="anti", nulls_equal=True)
            frames[name] = pl.concat([kept, rows])
    known = chain.replace(**frames)
    blockers = [finding for finding in check(known) if finding.severity == "blocker"]
    if blockers:
        raise ChainError(blockers)
    return known


def _columns(pipeline: pl.DataFrame) -> pl.DataFrame:
    return pipeline.drop("source", "confidence", "note")


def _missing(scrapped: pl.DataFrame) -> pl.DataFrame:
    return scrapped.filter(reason="missing")

"""What does a planner want to read first about a plan?

The figures, what is opened and when, where the energy comes from, what a kWh costs landed, how well demand is served,
how cash runs, and how much of the input is assumed. `brief` answers in tidy frames, one row a fact, for programs;
`drawn` lays the same frames out by year for the terminal.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from cellroad.plan.result import CASH_KINDS, Plan
from cellroad.show import format, law_tables, provenance
from cellroad.show.charts.supply import ON_HAND
from cellroad.show.palette import WORDS
from cellroad.show.report import headline
from cellroad.show.terminal import Form, table

MOST_YEARS = 8
"""Columns of years that fit a terminal; of a longer horizon every second, third … year is shown."""
MOST_ROWS = 14
"""Rows of a table by year before the smallest are added up as "others"."""

YEAR = pl.col("start").dt.year().alias("year")


@dataclass(frozen=True, slots=True)
class Brief:
    """The first page of a plan.

    figures      figure, value, unit
    openings     kind, name, site, decided, ready, cost_usd
    supply       stage, site, item, year, share (of the energy sold in the year that was bought or made there)
    landed       market, year, usd_per_kwh
    service      want, segment, year, share (of the wanted quantity that is served)
    cash         kind, year, usd
    credits      item, credit, outcome (earned, lost), year (of making), usd
    bans         item, kept_from (segment or border), ban, valid_from, valid_to, barred_by_law, counted_as,
                 wants_at_stake, because, confidence
    rows         table, rows, and rows by confidence (verified … assumption)
    """

    figures: pl.DataFrame
    openings: pl.DataFrame
    supply: pl.DataFrame
    landed: pl.DataFrame
    service: pl.DataFrame
    cash: pl.DataFrame
    credits: pl.DataFrame
    bans: pl.DataFrame
    rows: pl.DataFrame


def brief(plan: Plan) -> Brief:
    """Return the first page of a plan as frames."""
    return Brief(
        figures=plan.summary(),
        openings=_openings(plan),
        supply=_supply(plan),
        landed=_landed(plan),
        service=_service(plan),
        cash=_cash(plan),
        credits=law_tables.yearly(plan),
        bans=law_tables.bans(plan),
        rows=provenance.counts(plan.chain),
    )


def _openings(plan: Plan) -> pl.DataFrame:
    named = _named(plan.openings, plan, "site")
    return named.sort("decided").select("kind", "name", "site", "decided", "ready", "cost_usd")


def _supply(plan: Plan) -> pl.DataFrame:
    sources = plan.origins.with_columns(
        pl.when(pl.col("how") == "on hand").then(pl.lit(ON_HAND)).otherwise("site").alias("site")
    )
    yearly = sources.group_by("stage", "site", "item", YEAR).agg(pl.col("kwh").sum()).filter(pl.col("kwh") > 0)
    sold = plan.sales.group_by(YEAR).agg(sold=pl.col("kwh").sum())
    shares = yearly.join(sold, on="year").with_columns(share=pl.col("kwh") / pl.col("sold"))
    named = _named(_named(shares, plan, "site"), plan, "item")
    return named.select("stage", "site", "item", "year", "share").sort("stage", "site", "item", "year")


def _landed(plan: Plan) -> pl.DataFrame:
    usd = plan.landed.group_by("market", YEAR).agg(pl.col("usd").sum())
    kwh = plan.sales.group_by("market", YEAR).agg(pl.col("kwh").sum()).filter(pl.col("kwh") > 0)
    both = kwh.join(usd, on=["market", "year"]).with_columns(usd_per_kwh=pl.col("usd") / pl.col("kwh"))
    return _named(both, plan, "market").select("market", "year", "usd_per_kwh").sort("market", "year")


def _service(plan: Plan) -> pl.DataFrame:
    yearly = plan.shortages.group_by("want", "segment", YEAR).agg(pl.col("wanted", "quantity").sum())
    wanted = yearly.filter(pl.col("wanted") > 0).with_columns(share=1 - pl.col("quantity") / pl.col("wanted"))
    return wanted.select("want", "segment", "year", "share").sort("want", "segment", "year")


def _cash(plan: Plan) -> pl.DataFrame:
    yearly = plan.cash.group_by(pl.col("kind").cast(pl.Enum(CASH_KINDS)), YEAR).agg(pl.col("usd").sum())
    return yearly.filter(pl.col("usd") != 0).sort("kind", "year").with_columns(pl.col("kind").cast(pl.String))


def _named(frame: pl.DataFrame, plan: Plan, column: str) -> pl.DataFrame:
    """Replace ids by the names that people call them."""
    names = plan.chain.items.select("item", "name") if column == "item" else plan.chain.sites.select("site", "name")
    return frame.with_columns(pl.col(column).replace(names.to_series(0), names.to_series(1)))


# On a terminal --------------------------------------------------------------------------------------------------------


def drawn(plan: Plan) -> list[RenderableType]:
    """Return the first page of a plan as tables for the terminal."""
    page = brief(plan)
    parts: list[RenderableType] = [Text(f"{plan.chain.name}: {headline(plan)}", style="bold"), ""]
    parts += [_figures(page.figures), ""]
    if page.openings.height:
        parts += [table(page.openings.drop("kind"), "Decided"), ""]
    else:
        parts += [Text("Nothing new is opened.", style="bold"), ""]
    for frame, title, rows, form in (
        (page.supply, "Where the energy sold comes from", ["site", "item"], format.share),
        (page.landed, "Landed cost, $/kWh", ["market"], format.money),
        (page.service, "Demand served", ["want", "segment"], format.share),
        (page.cash.with_columns(pl.col("kind").replace(WORDS)), "Cash, undiscounted", ["kind"], format.money),
        (page.credits, "Tax credits by year of making", ["item", "credit", "outcome"], format.money),
    ):
        if frame.height:
            parts += [_by_year(frame, title, rows, form), ""]
    if page.bans.height:
        parts += [table(page.bans.drop("because", "confidence").head(MOST_ROWS), "Banned"), ""]
    parts.append(Text(assumed(page.rows), style="dim"))
    return parts


def assumed(counted: pl.DataFrame) -> str:
    """Return in one sentence how much of a chain is assumed, and where most of it lies."""
    total, rows = int(counted["assumption"].sum()), int(counted["rows"].sum())
    worst = counted.filter(pl.col("assumption") > 0).sort("assumption", descending=True).head(4)
    where = ", ".join(f"{name} {count}" for name, count in worst.select("table", "assumption").iter_rows())
    return f"{total} of {rows} rows of the chain are assumptions" + (f": most in {where}." if total else ".")


def _figures(figures: pl.DataFrame) -> Table:
    grid = Table.grid(padding=(0, 2))
    for justify in ("left", "right", "left", "right"):
        grid.add_column(justify=justify)
    cells = [(name, figure(value, unit)) for name, value, unit in figures.iter_rows()]
    half = (len(cells) + 1) // 2
    for left, right in zip(cells[:half], [*cells[half:], ("", "")], strict=False):
        grid.add_row(*left, *right)
    return grid


def per_kwh(usd: float | None) -> str:
    """Return a cost of energy: $78.4/kWh."""
    return format.money(usd, "kWh")


def figure(value: float, unit: str) -> str:
    """Return one figure of a summary with its unit as a person writes it."""
    written = {
        "USD": format.money, "USD/kWh": per_kwh, "kWh": format.energy, "share": format.share, "s": format.seconds,
    }  # fmt: skip
    return written[unit](value) if unit in written else f"{format.count(value)} {unit}".rstrip()


def _by_year(frame: pl.DataFrame, title: str, rows: list[str], form: Form) -> Group:
    """Lay a tidy frame out with one column a year; the smallest rows are added up where there are too many."""
    value = frame.columns[-1]
    years = sorted(frame["year"].unique().to_list())
    shown = years[:: -(-len(years) // MOST_YEARS) or 1]
    wide = frame.filter(pl.col("year").is_in(shown)).pivot(
        "year", on_columns=shown, index=rows, values=value, maintain_order=True
    )
    if wide.height > MOST_ROWS:
        wide = _folded(wide, rows)
    return table(wide, title, {str(year): form for year in shown})


def _folded(wide: pl.DataFrame, rows: list[str]) -> pl.DataFrame:
    figures = [name for name in wide.columns if name not in rows]
    ranked = wide.with_columns(size=pl.sum_horizontal(pl.col(figures).abs())).sort("size", descending=True).drop("size")
    rest = ranked.slice(MOST_ROWS - 1)
    others = rest.select(
        *(pl.lit(f"{rest.height} others" if name == rows[0] else "").alias(name) for name in rows),
        *(pl.col(name).sum() for name in figures),
    ).head(1)
    return pl.concat([ranked.head(MOST_ROWS - 1), others.cast(ranked.schema)])

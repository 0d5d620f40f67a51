"""Safety stock as one HTML file, and as words on a terminal: where it sits, what it costs, what shorter ways save.

The page loads nothing; with scripts off the drawing is a table.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl
from rich.console import RenderableType

from cellroad.plan.stock.result import Stock
from cellroad.show import format as fmt
from cellroad.show import html, terminal
from cellroad.show.charts import stock as drawing
from cellroad.show.charts.base import call, names
from cellroad.show.page import page, write_page
from cellroad.show.report import Card
from cellroad.show.screen_page import Figure

HEADS = {
    "holding_usd_per_year": "USD a year",
    "saves_usd_per_year": "Saves, USD a year",
    "more_usd": "More, USD a year",
}
FORMS = dict.fromkeys(("service_time_days", "net_replenishment_days", "days_of_cover", "mean_per_day"), fmt.number)


def write_stock(found: Stock, path: Path | str, *, shorter: float = 7.0, effects: pl.DataFrame | None = None) -> Path:
    """Write the page of safety stock to a file, whole or not at all, and return its path.

    `shorter` are the days by which each way is made shorter to tell what that saves; `effects` what was found of it.
    """
    effects = found.effects(shorter) if effects is None else effects
    return write_page(stock_page(found, effects, shorter), path)


def stock_page(found: Stock, effects: pl.DataFrame, shorter: float) -> str:
    """Return safety stock as one HTML page that needs nothing else."""
    figure = Figure(
        "network", "Where it sits",
        "Goods pass from left to right. Blue: holds safety stock, as large as what it costs. Hover for what it covers.",
        "Nothing is supplied.", drawing.chart(found), drawing.pixels(found),
        html.table(_written(drawing.table(found)), caption="Places that hold safety stock"),
    )  # fmt: skip
    return page(
        "stock.html.j2",
        {"network": figure.option} if figure.option else {},
        title=f"{found.chain.name}: safety stock",
        found=found,
        headline=headline(found),
        cards=cards(found),
        figure=figure,
        placements=html.table(_written(placements(found)), caption="Ways to place it"),
        effects=html.table(_written(_called(found, effects)), caption=f"Each way {fmt.number(shorter)} days shorter"),
        shorter=fmt.number(shorter),
    )


def headline(found: Stock) -> str:
    """Return the answer in one sentence."""
    held = drawing.table(found)
    if held.is_empty():
        return "No safety stock is needed."
    first = held.row(0, named=True)
    return (
        f"Safety stock at {held.height} places costs {fmt.money(found.cost_usd_per_year)} a year, the largest part for "
        f"{first['item']} at {first['site']} ({fmt.money(first['holding_usd_per_year'])})."
    )


def cards(found: Stock) -> list[Card]:
    """Return the figures that stand on top of the page."""
    other = dict(found.placements.iter_rows())
    value = float((found.stock["safety_stock"] * found.stock["value_usd"]).sum())
    told = [
        ("A year", found.cost_usd_per_year, f"proven within {fmt.share(found.gap)}"),
        ("Everywhere", other["everywhere"], "if every place covered its own wait"),
        ("Only at markets", other["at the ends"], "if it lay only where it is sold"),
        ("Worth", value, "standard cost of the safety stock"),
    ]
    return [Card(title, html.value(fmt.money(usd)), note) for title, usd, note in told]


def placements(found: Stock) -> pl.DataFrame:
    """Return what each way to place safety stock costs, against the best."""
    return found.placements.select(
        "placement", "holding_usd_per_year", more_usd=pl.col("holding_usd_per_year") - found.cost_usd_per_year
    )


def stock_text(found: Stock, effects: pl.DataFrame, shorter: float) -> list[RenderableType]:
    """Return safety stock for a terminal."""
    told: list[RenderableType] = [headline(found), ""]
    told.append(terminal.table(drawing.table(found).rename(HEADS, strict=False), "Where it sits", FORMS))
    told.append(terminal.table(placements(found).rename(HEADS, strict=False), "Ways to place it"))
    title = f"What each way would save, {fmt.number(shorter)} days shorter"
    told.append(terminal.table(_called(found, effects).rename(HEADS, strict=False), title, {"days": fmt.number}))
    return [*told, *(f"Assumed: {remark}" for remark in found.remarks)]


def _called(found: Stock, effects: pl.DataFrame) -> pl.DataFrame:
    """Return the ten ways that would save most, lanes by their ends."""
    sites = names(found.chain, "sites")
    ends = found.chain.lanes.select(
        way="lane", between=pl.format("{} to {}", call("origin", sites), call("destination", sites))
    )
    top = effects.filter(pl.col("saves_usd_per_year") > 0.5).head(10)
    return top.join(ends, on="way", how="left", maintain_order="left").select(
        "kind", "days", "saves_usd_per_year", way=pl.coalesce("between", "way")
    ).select("way", "kind", "days", "saves_usd_per_year")  # fmt: skip


def _written(frame: pl.DataFrame) -> pl.DataFrame:
    """Return a frame with its days in three figures."""
    days = [name for name in frame.columns if name in (*FORMS, "days")]
    return frame.with_columns(pl.col(days).round_sig_figs(3)).rename(HEADS, strict=False)

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
    "value_usd": "Worth, USD",
}
FORMS = dict.fromkeys(
    ("service_time_days", "net_replenishment_days", "days_of_cover", "mean_per_day", "sd_per_day", "quoted_days"),
    fmt.number,
) | {"service": fmt.share}


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
        by_site=html.table(_written(by(found, "site")), caption="By site"),
        by_item=html.table(_written(by(found, "item")), caption="By item"),
        markets=html.table(_written(markets(found)), caption="Markets"),
        services=html.table(_written(found.services()), caption="What a surer promise costs"),
        pooling=fmt.money(found.pooling()),
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


def by(found: Stock, column: str) -> pl.DataFrame:
    """Return safety stock by site or by item, with names."""
    return found.by(column).with_columns(pl.col(column).replace(names(found.chain, f"{column}s")))


def markets(found: Stock) -> pl.DataFrame:
    """Return what markets are promised and what they hold themselves, with names."""
    sites, items = names(found.chain, "sites"), names(found.chain, "items")
    return found.markets().with_columns(pl.col("site").replace(sites), pl.col("item").replace(items))


def placements(found: Stock) -> pl.DataFrame:
    """Return what each way to place safety stock costs, against the best."""
    return found.placements.select(
        "placement", "holding_usd_per_year", more_usd=pl.col("holding_usd_per_year") - found.cost_usd_per_year
    )


def stock_text(found: Stock, effects: pl.DataFrame, shorter: float) -> list[RenderableType]:
    """Return safety stock for a terminal."""
    tables = [
        (drawing.table(found), "Where it sits"),
        (by(found, "site"), "By site"),
        (by(found, "item"), "By item"),
        (markets(found), "Markets"),
        (found.services(), "What a surer promise costs"),
        (placements(found), "Ways to place it"),
    ]
    told: list[RenderableType] = [headline(found), ""]
    told += [terminal.table(frame.rename(HEADS, strict=False), title, FORMS) for frame, title in tables]
    told.append(f"That markets do not all move together saves {fmt.money(found.pooling())} a year.")
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
    days = [name for name in frame.columns if name in (*FORMS, "days") and name != "service"]
    shares = [name for name in frame.columns if name == "service"]
    told = pl.col(shares).map_elements(fmt.share, return_dtype=pl.String)
    return frame.with_columns(pl.col(days).round_sig_figs(3), *([told] if shares else [])).rename(HEADS, strict=False)

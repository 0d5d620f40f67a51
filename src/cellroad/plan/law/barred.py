"""On which days may an item be sold to a segment or cross a border, and what does a buyer's credit add to its price?

The bans and premiums of the law joined to the days of a plan. A ban whose answer is unknown counts as the setting
`when_unknown` and the ban itself say, and is told either way. A period of which a part is barred sells, or ships, in
the other part.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cellroad.chain.settings import PlanSettings
from cellroad.plan.periods import MARGIN_DAYS, Periods
from cellroad.rules.eligibility import Eligibility

Bools = NDArray[np.bool_]
FEW = 6
"""Names that a remark gives before it counts the rest."""

AT_BORDER = pl.col("binds").str.contains(":", literal=True)
"""Bans that bind a border (import:US, export:CN) and not a regime of buyers."""


def counts_against(settings: PlanSettings) -> pl.Expr:
    """Return whether an `answer` counts as yes where yes is to our harm: always yes, unknown by the settings."""
    return (pl.col("answer") == "yes") | ((pl.col("answer") == "unknown") & (settings.when_unknown == "against"))


def bars(settings: PlanSettings) -> pl.Expr:
    """Return whether a ban counts: an answer that is not known only where the ban asks for proof."""
    return counts_against(settings) & ((pl.col("answer") == "yes") | (pl.col("unknown") == "bars"))


def counts_for(settings: PlanSettings) -> pl.Expr:
    """Return whether an `answer` counts as yes where yes is to our good: always yes, unknown by the settings."""
    return (pl.col("answer") == "yes") | ((pl.col("answer") == "unknown") & (settings.when_unknown == "for"))


def sale_shares(bans: pl.DataFrame, periods: Periods, settings: PlanSettings) -> pl.DataFrame:
    """Return the part of each period on which no ban bars a sale: segment, item, period, open_share.

        open_share[t] = 1 - days of t on which some ban holds / days of t

    Segments and items that no ban binds are left out.
    """
    binding = bans.filter(~AT_BORDER & bars(settings)).sort("segment", "item")
    schema = {"segment": pl.String, "item": pl.String, "period": pl.Int64, "open_share": pl.Float64}
    parts = [pl.DataFrame(schema=schema)]
    for (segment, item), rows in binding.group_by("segment", "item", maintain_order=True):
        barred = _days(periods, rows.select("valid_from", "valid_to").iter_rows())[: int(periods.first_day[-1])]
        share = pl.Series(1 - periods.mean(barred.astype(float)))
        grid = pl.DataFrame({"period": np.arange(periods.count), "open_share": share})
        parts.append(grid.select(pl.lit(segment).alias("segment"), pl.lit(item).alias("item"), "period", "open_share"))
    return pl.concat(parts)


@dataclass(frozen=True)
class Crossings:
    """Days on which goods may not cross a border: day numbers from the start to MARGIN_DAYS after the horizon.

    frame   way (import, export), country, item, bar (number)
    closed  days by bar
    """

    frame: pl.DataFrame
    closed: list[Bools]

    def of(self, way: str, country: str, name: str) -> pl.DataFrame:
        """Return the bars of one way: the country under a name, item, and the bar under the name of the way."""
        mine = self.frame.filter(pl.col("way") == way)
        return mine.select(pl.col("country").alias(country), "item", pl.col("bar").alias(name))


def crossings(bans: pl.DataFrame, periods: Periods, settings: PlanSettings) -> Crossings:
    """Return on which days which items may not enter or leave which countries."""
    binding = bans.filter(AT_BORDER & bars(settings)).with_columns(way=pl.col("binds").str.split(":").list.first())
    number: dict[bytes, int] = {}
    closed: list[Bools] = []
    rows: list[tuple[object, object, object, int]] = []
    grouped = binding.sort("way", "country", "item").group_by("way", "country", "item", maintain_order=True)
    for (way, country, item), found in grouped:
        days = _days(periods, found.select("valid_from", "valid_to").iter_rows())
        if not days.any():
            continue
        bar = number.setdefault(days.tobytes(), len(closed))
        closed += [days] * (bar == len(closed))
        rows.append((way, country, item, bar))
    schema = {"way": pl.String, "country": pl.String, "item": pl.String, "bar": pl.Int64}
    return Crossings(pl.DataFrame(rows, schema=schema, orient="row"), closed)


def _days(periods: Periods, spans: Iterable[tuple[dt.date | None, dt.date | None]]) -> Bools:
    """Return which days from the start of the horizon lie in one of the spans (first and last day included)."""
    days = np.zeros(int(periods.first_day[-1]) + MARGIN_DAYS, dtype=bool)
    for first, last in spans:
        begin = 0 if first is None else max(periods.day_number(first), 0)
        end = days.size if last is None else max(periods.day_number(last) + 1, 0)
        days[begin:end] = True
    return days


def premium_shares(premiums: pl.DataFrame, periods: Periods, settings: PlanSettings) -> pl.DataFrame:
    """Return what buyers pay more for an item that brings them a credit: segment, item, period, premium.

        premium[t] = sum over credits of price_share * days of t on which the credit holds / days of t

    A share of the price; segments and items without a premium are left out.
    """
    paid = premiums.filter(counts_for(settings))
    parts = [pl.DataFrame(schema={"segment": pl.String, "item": pl.String, "period": pl.Int64, "premium": pl.Float64})]
    for row in paid.iter_rows(named=True):
        share = row["price_share"] * periods.share_of_days(row["valid_from"], row["valid_to"])
        grid = pl.DataFrame({"period": np.arange(periods.count), "premium": share})
        parts.append(
            grid.select(pl.lit(row["segment"]).alias("segment"), pl.lit(row["item"]).alias("item"), "period", "premium")
        )
    return pl.concat(parts).group_by("segment", "item", "period", maintain_order=True).agg(pl.col("premium").sum())


def under_law(sells: pl.DataFrame, rules: Eligibility, periods: Periods, settings: PlanSettings) -> pl.DataFrame:
    """Return sales with `open_share`, the part of the period on which no ban bars them, and premiums in the price."""
    keys = ["segment", "item", "period"]
    return (
        sells.join(sale_shares(rules.bans, periods, settings), on=keys, how="left", maintain_order="left")
        .join(premium_shares(rules.premiums, periods, settings), on=keys, how="left", maintain_order="left")
        .with_columns(
            pl.col("open_share").fill_null(1.0), price_usd=pl.col("price_usd") * (1 + pl.col("premium").fill_null(0.0))
        )
        .drop("premium")
    )


def bearing(
    bans: pl.DataFrame, sells: pl.DataFrame, lanes: pl.DataFrame, periods: Periods, settings: PlanSettings
) -> pl.DataFrame:
    """Return the bans that bear on a plan: those of what a segment wants within the horizon, and of what can cross.

    Gives ban, binds, segment, border, item, answer, counts (barred, allowed), valid_from, valid_to, wants (wanted by
    the segment on those days and satisfied by the item; null at a border), because, confidence.
    """
    last = periods.date_of(int(periods.first_day[-1]) - 1)
    within = bans.filter(
        (pl.col("valid_from").is_null() | (pl.col("valid_from") <= last))
        & (pl.col("valid_to").is_null() | (pl.col("valid_to") >= periods.start))
    ).with_row_index("row")
    sales = within.filter(~AT_BORDER)
    days = [
        pl.DataFrame({"row": row, "period": np.arange(periods.count), "share": periods.share_of_days(first, end)})
        for row, first, end in sales.select("row", "valid_from", "valid_to").iter_rows()
    ]
    shares = pl.concat([pl.DataFrame(schema={"row": pl.UInt32, "period": pl.Int64, "share": pl.Float64}), *(
        part.cast({"row": pl.UInt32}) for part in days)])  # fmt: skip
    wants = (
        sales.select("row", "segment", "item")
        .join(sells.select("segment", "item", "period", "wanted"), on=["segment", "item"])
        .join(shares, on=["row", "period"])
        .group_by("row")
        .agg(wants=(pl.col("wanted") * pl.col("share")).sum())
        .filter(pl.col("wants") > 0)
    )
    moved = lanes.filter("crosses")
    ways = pl.concat(
        [
            moved.select("item", way=pl.lit("import"), country="country_to"),
            moved.filter(pl.col("made_in") == pl.col("country_from")).select(
                "item", way=pl.lit("export"), country="country_from"
            ),
        ]
    ).unique()
    at_border = (
        within.filter(AT_BORDER)
        .with_columns(way=pl.col("binds").str.split(":").list.first())
        .join(ways, on=["way", "country", "item"], how="semi")
        .select("row", wants=pl.lit(None, dtype=pl.Float64))
    )
    return (
        within.join(pl.concat([wants, at_border]), on="row")
        .sort("row")
        .select(
            "ban", "binds", "segment", pl.when(AT_BORDER).then("country").alias("border"), "item", "answer",
            pl.when(bars(settings)).then(pl.lit("barred")).otherwise(pl.lit("allowed")).alias("counts"),
            "valid_from", "valid_to", "wants", "because", "confidence",
        )
    )  # fmt: skip


def told(bans: pl.DataFrame) -> tuple[str, ...]:
    """Return a remark on every ban of which it is not known whether it binds, one for all items that share it."""
    unknown = bans.filter(pl.col("answer") == "unknown")
    where = pl.coalesce(pl.format("sold to {}", "segment"), pl.format("at the border ({})", "binds"))
    grouped = unknown.with_columns(where=where).group_by("ban", "where", "counts", maintain_order=True)
    return tuple(
        f"whether {ban} bars {several(rows['item'].unique(maintain_order=True).to_list())} {place} is not known "
        f"({rows['because'][0]}); counted as {counts}"
        for (ban, place, counts), rows in grouped
    )


def several(names: list[str]) -> str:
    """Return names as a sentence lists them, the first few of many."""
    kept = names[:FEW] + ([f"{len(names) - FEW} more"] if len(names) > FEW else [])
    return " and ".join(filter(None, [", ".join(kept[:-1]), kept[-1]])) if kept else "nothing"

"""Prices in other currencies, brought to US dollars at the rate of each month.

A price that names a currency becomes a price that follows an index of its own: what it is in that currency, month by
month, times the dollars that one unit of it is worth. Rates hold from their month on, the first one before it too.
"""

from __future__ import annotations

from typing import Any

import polars as pl

from cellroad.chain.chain import Chain

HOME = ("", "USD")
ONLY = {"floor_usd": None, "cap_usd": None, "lag_months": 0}
"""What an offer has beside what a transfer price has, and what it is once it stands in the index."""


def in_usd(chain: Chain) -> Chain:
    """Return a chain with all prices in US dollars; the same chain where no price names another currency."""
    tables = {name: chain.tables[name] for name in ("offers", "transfers", "demand")}
    abroad = ~pl.col("currency").is_in(HOME)
    if all(frame.filter(abroad).is_empty() for frame in tables.values()):
        return chain
    rates = {str(name): group.sort("month") for (name,), group in chain.currencies.group_by("currency")}
    indices = {str(name): group.sort("month") for (name,), group in chain.indices.group_by("index")}
    made: list[pl.DataFrame] = []
    changed: dict[str, pl.DataFrame] = {}
    for table, key in (("offers", "offer"), ("transfers", "transfer")):
        rows = []
        for row in tables[table].iter_rows(named=True):
            follows = row["price_usd"] is not None or row["index"] is not None
            if row["currency"] in HOME:
                rows.append(row)
                continue
            name = f"{row[key]} in USD"
            rate = rates[row["currency"]]
            steps = _steps(row if follows else {**row, "price_usd": row["adder_usd"]}, indices, rate)
            made.append(steps.select(index=pl.lit(name), month="month", value="usd"))
            rows.append(row | _follows(table, name))
        changed[table] = pl.DataFrame(rows, schema=tables[table].schema)
    changed["demand"] = _demand(tables["demand"], chain.currencies)
    indices_too = pl.concat([chain.indices, *made], how="diagonal_relaxed")
    return Chain.of(chain.name, **{**chain.tables, **changed, "indices": indices_too})


def _follows(table: str, name: str) -> dict[str, Any]:
    """Return what a price is that follows an index of its own."""
    row: dict[str, Any] = {"price_usd": None, "index": name, "index_factor": 1.0, "adder_usd": 0.0, "currency": ""}
    return row | (ONLY if table == "offers" else {})


def _steps(row: dict[str, Any], indices: dict[str, pl.DataFrame], rate: pl.DataFrame) -> pl.DataFrame:
    """Return a price in US dollars from each month in which it or the rate changes: month, usd."""
    months = rate.select("month")
    if row["price_usd"] is not None:
        each = pl.lit(float(row["price_usd"]))
        prices = months.select("month", price=each)
    else:
        low, high = row.get("floor_usd"), row.get("cap_usd")
        lag = row.get("lag_months", 0)
        prices = indices[row["index"]].select(
            month=pl.col("month").dt.offset_by(f"{lag}mo"),
            price=(pl.col("value") * row["index_factor"] + row["adder_usd"]).clip(low, high),
        )
    grid = pl.concat([months, prices.select("month")]).unique().sort("month")
    return (
        grid.join_asof(prices.sort("month"), on="month")
        .join_asof(rate.select("month", per="usd"), on="month")
        .select("month", usd=pl.col("price").backward_fill() * pl.col("per").backward_fill())
    )


def _demand(demand: pl.DataFrame, currencies: pl.DataFrame) -> pl.DataFrame:
    """Return what is wanted with its prices in US dollars."""
    at_home = pl.col("currency").is_in(HOME)
    rate = currencies.select("currency", "month", per="usd").sort("month")
    first = currencies.sort("month").group_by("currency").agg(first=pl.col("usd").first())
    numbered = demand.with_row_index("place")
    told = (
        numbered.sort("month")
        .join_asof(rate, on="month", by="currency", strategy="backward", check_sortedness=False)
        .join(first, on="currency", how="left")
        .sort("place")
    )
    per = pl.when(at_home).then(1.0).otherwise(pl.coalesce("per", "first"))
    return told.with_columns(
        price_usd=pl.col("price_usd") * per, short_usd=pl.col("short_usd") * per, currency=pl.lit("")
    ).select(demand.columns)

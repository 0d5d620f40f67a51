"""Orders that are open, as goods under way: they arrive whatever is decided."""

from __future__ import annotations

import polars as pl

from cellroad.chain.chain import Chain

OPEN = pl.col("received").is_null() & (pl.col("status") == "placed")
ARRIVES = pl.coalesce("expected", "promised")
"""Day on which an order is on the dock, as far as is known."""


def with_orders(chain: Chain) -> Chain:
    """Return a chain whose pipeline holds its open orders too; one that stands there already, by its id, stays."""
    coming = chain.orders.filter(OPEN).join(chain.pipeline, left_on="order", right_on="arrival", how="anti")
    if coming.is_empty():
        return chain
    rows = coming.select(
        "item", "lane", "quantity", "due_usd", "source", "confidence", "note",
        arrival="order", site="destination", arrives=ARRIVES,
    )  # fmt: skip
    pipeline = pl.concat([chain.pipeline, rows], how="diagonal_relaxed")
    filled = pipeline.with_columns(pl.col("age_months").fill_null(0.0))
    return chain.replace(pipeline=filled)

"""What customs charges for the entry itself: merchandise processing and harbor maintenance fees.

    MPF = min(max(share · value, least), most)    per formal entry
    HMF = share · value                           for goods that arrive by vessel

Source: 19 USC 58c and 19 CFR 24.23; 26 USC 4461 and 19 CFR 24.24; rates and limits are `facts.fees`.
"""

from __future__ import annotations

import datetime as dt

import polars as pl

from cellroad.chain import facts


def fee_rates(on: dt.date) -> dict[str, float]:
    """Return the fees of an entry on that day: mpf_share, mpf_min, mpf_max (USD per entry), hmf_share.

    Raises ValueError for a day before the fees of these facts begin.
    """
    rows = {row["fee"]: row for row in facts.fees(on=on).iter_rows(named=True)}
    if "MPF" not in rows or "HMF" not in rows:
        first = facts.fees().filter(pl.col("fee") == "MPF")["valid_from"].sort()[0]
        raise ValueError(f"no customs fees are known for {on}; the facts begin on {first}")
    processing, harbor = rows["MPF"], rows["HMF"]
    return {
        "mpf_share": processing["rate_pct"] / 100,
        "mpf_min": processing["min_usd"],
        "mpf_max": processing["max_usd"],
        "hmf_share": harbor["rate_pct"] / 100,
    }


def entry_fees(value_usd: float, mode: str, on: dt.date, entries: int = 1) -> tuple[float, float]:
    """Return (merchandise processing fee, harbor maintenance fee) in USD of a value that enters in so many entries."""
    rates = fee_rates(on)
    processing = entries * min(max(value_usd / entries * rates["mpf_share"], rates["mpf_min"]), rates["mpf_max"])
    return processing, value_usd * rates["hmf_share"] if mode == "ocean" else 0.0


def fees_usd() -> pl.Expr:
    """Return both fees, USD per unit of item, where every container is an entry of its own.

    Columns: value_usd (customs value per unit), mass_kg, container_kg, mode, and the four of `fee_rates`.
    """
    return mpf_usd() + hmf_usd()


def mpf_usd() -> pl.Expr:
    """Return the merchandise processing fee, USD per unit, one entry per container. Columns as for `fees_usd`.

    The limits hold per entry, so per unit they are shared by the units of a container; goods without mass pay the
    share alone.
    """
    entry = pl.col("mass_kg") / pl.col("container_kg")
    return (pl.col("value_usd") * pl.col("mpf_share")).clip(
        pl.col("mpf_min") * entry,
        pl.when(pl.col("mass_kg") > 0).then(pl.col("mpf_max") * entry).otherwise(float("inf")),
    )


def hmf_usd() -> pl.Expr:
    """Return the harbor maintenance fee, USD per unit. Columns as for `fees_usd`."""
    by_vessel = pl.col("mode").cast(pl.String) == "ocean"
    return pl.when(by_vessel).then(pl.col("value_usd") * pl.col("hmf_share")).otherwise(0.0)

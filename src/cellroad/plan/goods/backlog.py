"""May a customer wait? What is wanted in one period and served in a later one.

Demand may be served late up to a number of months, each month at a price, and only a part of it; what has not been
served by then is lost. The price is that of the wanted month. Bans and certificates hold on the day of delivery, and so
does the capacity of the chain: a late sale is a sale of the period in which it is served.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from cellroad.plan.kernel import Builder
from cellroad.plan.periods import Periods

if TYPE_CHECKING:
    from cellroad.plan.network.network import Network

LATE = pl.col("period") > pl.col("wanted_period")


def deliveries(periods: Periods, wanted: pl.DataFrame) -> pl.DataFrame:
    """Return in which periods demand may be served: row, wanted_period, period, months_late.

    A period is as late as its middle lies after the middle of the wanted one, in months.

    wanted  row, period, late_months
    """
    in_time = wanted.select("row", wanted_period="period", period="period", months_late=pl.lit(0.0))
    patient = wanted.filter(pl.col("late_months") > 0).select("row", "late_months", wanted_period="period")
    if patient.is_empty():
        return in_time
    middle = periods.middles.select("period", "middle")
    late = (
        patient.join(middle.rename({"period": "wanted_period", "middle": "asked"}), on="wanted_period")
        .join(middle, how="cross")
        .filter(LATE)
        .with_columns(months_late=pl.col("middle") - pl.col("asked"))
        .filter(pl.col("months_late") <= pl.col("late_months") + 1e-9)
        .select(in_time.columns)
    )
    return pl.concat([in_time, late]).sort("row", "period")


def serving_late(m: Builder, net: Network) -> None:
    """Serve late at a price, and at most the part of demand d that may be.

        value   - late_usd[d] * months_late[l] * discount[t] * sell[l]
        sum over the late sales l of d of sell[l] <= late_share[d] * wanted[d]

    t is the period of delivery. Both stand only where demand may wait.
    """
    sell = m.columns["sell"]
    late = net.sells.with_columns(column=pl.int_range(pl.len()) + sell.first).filter(LATE)
    place = late["market"].replace_strict(net.codes.sites["site"], net.codes.sites["code"], return_dtype=pl.Int64)
    m.money("late", late["column"], late["period"], -late["late_usd"], place)
    bound = net.wanted.filter(pl.col("late_share") < 1).join(late.select("row").unique(), on="row", how="semi")
    if bound.is_empty():
        return
    numbered = bound.sort("row").with_columns(place=pl.int_range(pl.len()))
    rows = m.add_rows(
        "late share",
        numbered.height,
        upper=numbered["wanted"] * numbered["late_share"],
        index=numbered.select("market", "want", "segment", "period"),
    )
    terms = late.join(numbered.select("row", "place"), on="row")
    m.add_terms(rows.first + terms["place"].to_numpy(), terms["column"], 1.0)

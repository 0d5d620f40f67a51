"""`scorecards`: how have vendors kept their word, and what have they charged?

On time is what came on or before the day that was promised, by orders; with few orders that says little, so it comes
with the interval of Wilson (1927), which holds for small numbers too. An open order that is past its promise counts as
late already.
"""

from __future__ import annotations

import datetime as dt

import polars as pl

from cellroad.chain.chain import Chain
from cellroad.chain.currencies import HOME
from cellroad.chain.day import Day, as_day
from cellroad.chain.interval import wilson
from cellroad.chain.orders import OPEN

DAYS_PER_YEAR = 365.25


def scorecards(chain: Chain, today: Day, *, grace_days: int = 0) -> pl.DataFrame:
    """Return a row for each vendor that has an order: how many came, on time, complete, good, and at what price.

    today       day of the question; what is not received by then is open, whatever was entered since
    grace_days  days after its promise on which an order still counts as on time

    site, vendor, orders, received, open, overdue, on_time_share, on_time_low, on_time_high (95 %), late_days_mean (of
    all that came, early ones as nothing), late_days_worst, filled_share (units that came of those ordered),
    rejected_ppm, kwh (that came), usd_per_kwh_last, price_change_per_year (first to last order of the same item, by
    energy weighted; null: no two prices)
    """
    day = as_day(today)
    rows = _orders(chain, day)
    due = rows.filter(pl.col("judged"))
    late = due.group_by("site", maintain_order=True).agg(
        judged=pl.len(), on_time=(pl.col("late_days") <= grace_days).sum(),
        late_days_mean=pl.col("late_days").clip(0).mean(), late_days_worst=pl.col("late_days").clip(0).max(),
    )  # fmt: skip
    came = rows.filter(pl.col("came")).group_by("site").agg(
        filled_share=pl.col("good_and_bad").sum() / pl.col("quantity").sum(),
        rejected_ppm=1e6 * pl.col("rejected").sum() / pl.col("good_and_bad").sum(),
        kwh=(pl.col("good_and_bad") * pl.col("each")).sum(),
    )  # fmt: skip
    counts = rows.group_by("site", maintain_order=True).agg(
        orders=pl.len(), received=pl.col("came").sum(), open=(~pl.col("came")).sum(),
        overdue=(~pl.col("came") & (pl.col("late_days") > grace_days)).sum(),
        usd_per_kwh_last=pl.col("usd_per_kwh").sort_by("ordered").drop_nulls().last(),
    )  # fmt: skip
    kept = pl.col("on_time") / pl.col("judged")
    low, high = wilson(kept, pl.col("judged"))
    return (
        counts.join(late, on="site", how="left", maintain_order="left")
        .join(came, on="site", how="left", maintain_order="left")
        .join(_trend(rows), on="site", how="left", maintain_order="left")
        .join(chain.sites.select("site", vendor="name"), on="site", how="left", maintain_order="left")
        .select(
            "site", "vendor", "orders", "received", "open", "overdue", on_time_share=kept,
            on_time_low=low.clip(0, 1), on_time_high=high.clip(0, 1),
            late_days_mean="late_days_mean", late_days_worst="late_days_worst", filled_share="filled_share",
            rejected_ppm="rejected_ppm", kwh="kwh", usd_per_kwh_last="usd_per_kwh_last",
            price_change_per_year="price_change_per_year",
        )
    )  # fmt: skip


def prices(chain: Chain) -> pl.DataFrame:
    """Return what was paid, in order of time: site, vendor, item, order, ordered, price, currency, usd, usd_per_kwh."""
    rows = _orders(chain, dt.date.max).filter(pl.col("price_usd").is_not_null())
    return (
        rows.join(chain.sites.select("site", vendor="name"), on="site", how="left", maintain_order="left")
        .sort("ordered", "order")
        .select(
            "site", "vendor", "item", "order", "ordered", "usd", "usd_per_kwh", price="price_usd",
            currency=pl.when(pl.col("currency") == "").then(pl.lit(HOME[1])).otherwise("currency"),
        )
    )  # fmt: skip


def _orders(chain: Chain, day: dt.date) -> pl.DataFrame:
    """Return the orders that were placed by a day, with what is known of them then."""
    rate = chain.currencies.select("currency", "month", per="usd").sort("month")
    first = rate.group_by("currency", maintain_order=True).agg(first=pl.col("per").first())
    came = pl.col("received").is_not_null() & (pl.col("received") <= day)
    per = pl.when(pl.col("currency").is_in(HOME)).then(1.0).otherwise(pl.coalesce("per", "first"))
    until = pl.when(came).then("received").otherwise(pl.lit(day))
    return (
        chain.orders.filter((pl.col("status") == "placed") & (pl.col("ordered") <= day))
        .sort("ordered", "order")
        .join_asof(
            rate, left_on="ordered", right_on="month", by="currency", strategy="backward", check_sortedness=False
        )
        .join(first, on="currency", how="left", maintain_order="left")
        .join(chain.items.select("item", each="kwh"), on="item", how="left", maintain_order="left")
        .with_columns(
            came=came, usd=pl.col("price_usd") * per, late_days=(until - pl.col("promised")).dt.total_days(),
            good_and_bad=pl.coalesce("received_quantity", "quantity"),
        )
        .with_columns(
            judged=pl.col("came") | (pl.col("late_days") > 0),
            usd_per_kwh=pl.when(pl.col("each") > 0).then(pl.col("usd") / pl.col("each")),
        )
    )  # fmt: skip


def _trend(rows: pl.DataFrame) -> pl.DataFrame:
    """Return how prices of each vendor have moved in a year: the mean over its items, by the energy ordered."""
    priced = rows.filter(pl.col("usd").is_not_null()).sort("ordered", maintain_order=True)
    ends = priced.group_by("site", "item", maintain_order=True).agg(
        first=pl.col("usd").first(), last=pl.col("usd").last(), kwh=(pl.col("quantity") * pl.col("each")).sum(),
        years=(pl.col("ordered").last() - pl.col("ordered").first()).dt.total_days() / DAYS_PER_YEAR,
    )  # fmt: skip
    moved = ends.filter((pl.col("years") > 0) & (pl.col("first") > 0)).with_columns(
        change=(pl.col("last") / pl.col("first")) ** (1 / pl.col("years")) - 1
    )
    weight = pl.when(pl.col("kwh").sum() > 0).then(pl.col("kwh")).otherwise(1.0)
    return moved.group_by("site", maintain_order=True).agg(
        price_change_per_year=(pl.col("change") * weight).sum() / weight.sum()
    )


def open_orders(chain: Chain) -> pl.DataFrame:
    """Return what is open: order, site, vendor, item, destination, quantity, kwh, ordered, promised, expected,
    slip_days."""
    expected = pl.coalesce("expected", "promised")
    return (
        chain.orders.filter(OPEN)
        .join(chain.sites.select("site", vendor="name"), on="site", how="left", maintain_order="left")
        .join(chain.items.select("item", each="kwh"), on="item", how="left", maintain_order="left")
        .select(
            "order", "site", "vendor", "item", "destination", "quantity", "ordered", "promised", expected=expected,
            kwh=pl.col("quantity") * pl.col("each"), slip_days=(expected - pl.col("promised")).dt.total_days(),
        )
        .sort("expected", "order")
    )  # fmt: skip

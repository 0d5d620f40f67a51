"""Do goods over time add up? Returns, co-products, substitutes, late sales, shelf life, reserves and room, again.

Each check works out from frames and chain what a rule asks for; `audit` measures the difference.
"""

from __future__ import annotations

import polars as pl

from cellroad.plan.result import Plan

ZERO = pl.lit(0.0)
MONTH_DAYS = 365.25 / 12


def checks(plan: Plan) -> dict[str, pl.DataFrame]:
    """Return the checks of goods over time, each with left, right and scale."""
    return {
        "late: served no later, and no more of it, than customers allow": late(plan),
        "co-products: what their runs give": coproducts(plan),
        "returns: what was sold, after its time": returns(plan),
        "substitutes: no more than may stand in": substitutes(plan),
        "shelf life: nothing is kept past it": ages(plan),
        "reserves: the least stock, or what is told to be below it": reserves(plan),
        "room: no site holds more than it has room for": room(plan),
    }


def _middles(plan: Plan) -> pl.DataFrame:
    """Return the middle of each period in months from the start: period, middle."""
    return plan.periods.select("period", middle=pl.col("months").cum_sum() - pl.col("months") / 2)


def late(plan: Plan) -> pl.DataFrame:
    """Compare months late beyond what customers allow with zero, and what is served late with their share of it."""
    keys = ["market", "want", "segment", "wanted_period"]
    starts = plan.periods.select("start", wanted_period="period")
    asked = (
        plan.chain.demand.filter((pl.col("quantity") > 0) & (pl.col("month") >= plan.periods["start"].min()))
        .sort("month")
        .join_asof(starts, left_on="month", right_on="start", strategy="backward")
        .group_by(keys)
        .agg(
            pl.col("late_months").min(),
            allowed=(pl.col("late_share") * pl.col("quantity")).sum(),
            wanted=pl.col("quantity").sum(),
        )
    )
    middle = _middles(plan)
    sales = plan.sales.filter(pl.col("period") != pl.col("wanted_period")).join(asked, on=keys, how="left")
    sales = sales.join(middle, on="period").join(middle.rename({"period": "wanted_period", "middle": "due"}),
                                                 on="wanted_period")  # fmt: skip
    months = pl.col("middle") - pl.col("due")
    served = sales.group_by(keys).agg(pl.col("quantity").sum(), pl.col("allowed", "wanted").first())
    return pl.concat(
        [
            sales.select(left=(months - pl.col("late_months")).clip(0.0), right=ZERO, scale=pl.lit(1.0)),
            sales.select(left=(-months).clip(0.0), right=ZERO, scale=pl.lit(1.0)),
            served.select(left=(pl.col("quantity") - pl.col("allowed")).clip(0.0), right=ZERO, scale="wanted"),
        ]
    )


def coproducts(plan: Plan) -> pl.DataFrame:
    """Compare what came out beside the main items with runs times their table."""
    keys = ["process", "item", "period"]
    runs = plan.production.group_by("process", "period").agg(pl.col("runs").sum())
    each = plan.chain.coproducts.select("process", "item", "quantity")
    due = runs.join(each, on="process").select(*keys, left=pl.col("runs") * pl.col("quantity"))
    told = plan.coproducts.select(*keys, right="quantity")
    return due.join(told, on=keys, how="full", coalesce=True).with_columns(
        pl.col("left", "right").fill_null(0.0), scale=pl.max_horizontal("left", "right").fill_null(1.0)
    )


def returns(plan: Plan) -> pl.DataFrame:
    """Compare what came back with a share of what was sold on each day so long before."""
    keys = ["market", "item", "returned", "site", "period"]
    days = plan.periods.select("period", day=pl.date_ranges("start", "end")).explode("day")
    sold = (
        plan.sales.group_by("market", "item", "period")
        .agg(pl.col("units").sum())
        .join(days, on="period")
        .with_columns(units=pl.col("units") / pl.len().over("market", "item", "period"))
        .join(plan.chain.returns.drop("source", "confidence", "note"), on=["market", "item"])
    )
    lag = pl.duration(days=(pl.col("after_months") * MONTH_DAYS).round().cast(pl.Int64))
    back = (
        sold.with_columns(day=pl.col("day") + lag)
        .drop("period")
        .join(days, on="day")
        .group_by(keys)
        .agg(left=(pl.col("units") * pl.col("return_share")).sum())
    )
    told = plan.returned.select(*keys, right="quantity")
    return back.join(told, on=keys, how="full", coalesce=True).with_columns(
        pl.col("left", "right").fill_null(0.0), scale=pl.max_horizontal("left", "right").fill_null(1.0)
    )


def substitutes(plan: Plan) -> pl.DataFrame:
    """Compare what was replaced beyond the part of the bill that may be with zero."""
    keys = ["process", "instead_of", "period"]
    bill = plan.chain.bom.select("process", instead_of="item", each=pl.col("quantity") / (1 - pl.col("scrap_share")))
    runs = plan.production.group_by("process", "period").agg(pl.col("runs").sum())
    due = runs.join(bill, on="process").select(*keys, due=pl.col("runs") * pl.col("each"))
    most = plan.chain.substitutes.select("process", "instead_of", "item", "most_share")
    each = plan.substitutions.join(most, on=["process", "instead_of", "item"]).join(due, on=keys, how="left")
    whole = plan.substitutions.group_by(keys).agg(pl.col("replaced").sum()).join(due, on=keys, how="left")
    over = (pl.col("replaced") - pl.col("most_share") * pl.col("due").fill_null(0.0)).clip(0.0)
    parts = [each.select(left=over, right=ZERO, scale="replaced")]
    parts.append(whole.with_columns(most_share=pl.lit(1.0)).select(left=over, right=ZERO, scale="replaced"))
    return pl.concat(parts)


def ages(plan: Plan) -> pl.DataFrame:
    """Compare age beyond the shelf life with zero, and stock by age with stock."""
    keys = ["site", "item", "period"]
    by_age = plan.ages.group_by(keys).agg(left=pl.col("quantity").sum())
    aged = plan.ages.select("item").unique()
    held = plan.inventory.join(aged, on="item", how="semi").select(*keys, right="quantity")
    both = by_age.join(held, on=keys, how="full", coalesce=True).with_columns(pl.col("left", "right").fill_null(0.0))
    return pl.concat(
        [
            plan.ages.select(
                left=(pl.col("age_months") - pl.col("shelf_months")).clip(0.0), right=ZERO, scale=pl.lit(1.0)
            ),
            both.select("left", "right", scale=pl.max_horizontal("left", "right").max().over("site", "item")),
        ]
    )


def reserves(plan: Plan) -> pl.DataFrame:
    """Compare what is missing of the least stock beyond what is told with zero, in units and in days of what leaves."""
    keys = ["site", "item", "period"]
    held = plan.inventory.select(*keys, stock="quantity")
    asked = plan.reserves.join(held, on=keys, how="left").with_columns(pl.col("stock").fill_null(0.0))
    out = [
        plan.consumption.select(*keys, units="quantity"),
        plan.shipments.select("item", "period", site="origin", units="quantity").select(*keys, "units"),
        plan.sales.select("item", "period", "units", site="market").select(*keys, "units"),
    ]
    days = plan.periods.select("period", "start", "end", days=(pl.col("end") - pl.col("start")).dt.total_days() + 1)
    pace = pl.concat(out).group_by(keys).agg(pl.col("units").sum()).join(days, on="period")
    pace = pace.select("site", "item", later="period", first="start", last="end", pace=pl.col("units") / pl.col("days"))
    end = plan.periods["period"].max()
    covered = (
        asked.filter(pl.col("min_days") > 0)
        .join(days.select("period", until="end"), on="period")
        .join(pace, on=["site", "item"])
        .with_columns(begin=(pl.col("first") - pl.col("until")).dt.total_days() - 1,
                      finish=(pl.col("last") - pl.col("until")).dt.total_days())
        .with_columns(finish=pl.when(pl.col("later") == end).then(pl.col("min_days")).otherwise("finish"))
        .with_columns(
            days=(pl.min_horizontal("finish", "min_days") - pl.max_horizontal("begin", pl.lit(0))).clip(0)
        )
        .group_by(keys)
        .agg(needed=(pl.col("days") * pl.col("pace")).sum())
    )  # fmt: skip
    told = asked.join(covered, on=keys, how="left").with_columns(
        least=pl.max_horizontal("min_units", pl.col("needed").fill_null(0.0))
    )
    short = (pl.col("least") - pl.col("stock") - pl.col("below")).clip(0.0)
    return told.select(left=short, right=ZERO, scale=pl.col("least").clip(1.0))


def room(plan: Plan) -> pl.DataFrame:
    """Compare stock beyond the room of its site with zero, in volume."""
    sites = plan.chain.sites.select("site", "storage_m3").drop_nulls()
    items = plan.chain.items.select("item", m3=pl.col("volume_l").fill_null(0.0) / 1000)
    held = plan.inventory.join(items, on="item").join(sites, on="site")
    used = held.group_by("site", "period", "storage_m3").agg(used=(pl.col("quantity") * pl.col("m3")).sum())
    return used.select(
        left=(pl.col("used") - pl.col("storage_m3")).clip(0.0), right=ZERO,
        scale=pl.max_horizontal("used", "storage_m3").clip(1e-9),
    )  # fmt: skip

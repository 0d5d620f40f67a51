"""Do contracts and tiers add up? Worked out again from the tables and the frames of a plan, day by day."""

from __future__ import annotations

import polars as pl

from cellroad.plan.result import Plan

SIGNED = pl.col("status").is_in(["signed", "sign"])
SIDES = ["left", "right", "scale"]


def offer_prices(plan: Plan) -> pl.DataFrame:
    """Return the price of every offer in every period: offer, period, price, worked out month by month.

    An indexed price is min(cap, max(floor, factor * index + adder)) of the index so many months before, held beyond
    what is known.
    """
    months = plan.periods.select("period", month=pl.date_ranges("start", "end", interval="1mo")).explode("month")
    offers = plan.chain.offers.select(
        "offer", "index", "index_factor", "adder_usd", "floor_usd", "cap_usd", "lag_months", fixed="price_usd"
    )
    asked = offers.join(months, how="cross").with_columns(
        then=pl.col("month").dt.offset_by(pl.format("-{}mo", pl.col("lag_months")))
    )
    known = plan.chain.indices.select("index", "value", then="month").sort("then")
    first = known.group_by("index").agg(earliest=pl.col("value").first())
    told = asked.sort("then").join_asof(known, on="then", by="index", strategy="backward", check_sortedness=False)
    free = pl.col("index_factor") * pl.coalesce("value", "earliest") + pl.col("adder_usd")
    bound = pl.min_horizontal(pl.max_horizontal(free, "floor_usd"), "cap_usd")
    return (
        told.join(first, on="index", how="left")
        .with_columns(price=pl.coalesce("fixed", bound))
        .group_by("offer", "period")
        .agg(pl.col("price").mean())
    )


def counted(plan: Plan, spans: pl.DataFrame) -> pl.DataFrame:
    """Return what was bought within spans (key, offer, start, end), by the open days of its offer: key, period, units,
    usd, part."""
    last = plan.periods["end"].max()
    open_ = plan.chain.offers.select("offer", "valid_from", pl.col("valid_to").fill_null(last))
    days = (
        plan.purchases.select("offer", "period", "quantity", "cost_usd")
        .join(plan.periods.select("period", "start", "end"), on="period")
        .join(open_, on="offer")
        .with_columns(begin=pl.max_horizontal("start", "valid_from"), until=pl.min_horizontal("end", "valid_to"))
        .select("offer", "period", "quantity", "cost_usd", "begin", "until")
    )
    return (
        spans.select("key", "offer", "start", "end")
        .join(days, on="offer")
        .with_columns(both=_days(pl.max_horizontal("begin", "start"), pl.min_horizontal("until", "end")).clip(0))
        .with_columns(part=pl.col("both") / _days(pl.col("begin"), pl.col("until")))
        .select(
            "key", "period", "part", units=pl.col("quantity") * pl.col("part"), usd=pl.col("cost_usd") * pl.col("part")
        )
    )  # fmt: skip


def _days(first: pl.Expr, last: pl.Expr) -> pl.Expr:
    return (last - first).dt.total_days() + 1


def contracts(plan: Plan) -> pl.DataFrame:
    """Compare what contracts came to with their tables.

    taken = units bought under the offer within the year;  minimum = min_per_year * days / days of the year
    taken + not taken >= minimum + made up and taken <= maximum, where signed
    not taken <= take_or_pay_share * minimum;  made up, in money, <= paid for what was not taken
    prepaid = prepaid_share * sum of minimum * price;  credited <= prepaid, and <= credit_share * invoices
    """
    if plan.contracts.is_empty():
        return pl.DataFrame(schema=dict.fromkeys(SIDES, pl.Float64))
    offers = plan.chain.offers.select("offer", offer_from="valid_from")
    table = plan.chain.contracts.join(offers, on="offer").select(
        "contract", "min_per_year", "max_per_year", "take_or_pay_share", "prepaid_share", "years",
        share=pl.coalesce("credit_share", "prepaid_share"), anchor=pl.coalesce("valid_from", "offer_from"),
    )  # fmt: skip
    rows = plan.contracts.with_row_index("key").join(table, on="contract", maintain_order="left")
    later = pl.col("year") - pl.col("anchor").dt.year()
    begins = (
        pl.when(pl.col("years") == "calendar")
        .then(pl.date(pl.col("year"), 1, 1))
        .otherwise(pl.col("anchor").dt.offset_by(pl.format("{}y", later)))
    )
    ends = (
        pl.when(pl.col("years") == "calendar")
        .then(pl.date(pl.col("year") + 1, 1, 1))
        .otherwise(pl.col("anchor").dt.offset_by(pl.format("{}y", later + 1)))
    )
    of_year = _days(pl.col("start"), pl.col("end")) / (ends - begins).dt.total_days()
    bought = counted(plan, rows).group_by("key").agg(again=pl.col("units").sum(), invoices=pl.col("usd").sum())
    rows = (
        rows.join(bought, on="key", how="left", maintain_order="left")
        .join(_mean_prices(plan, rows), on="key", maintain_order="left")
        .with_columns(pl.col("again", "invoices").fill_null(0.0), of_year=of_year)
        .with_columns(size=pl.max_horizontal("again", "minimum", pl.lit(1e-9)))
    )
    none, signed = pl.lit(0.0), rows.filter(SIGNED)
    payable = pl.when(SIGNED).then(pl.col("take_or_pay_share") * pl.col("minimum")).otherwise(0.0)
    short = pl.col("minimum") + pl.col("made_up") - pl.col("taken") - pl.col("not_taken")
    deals = rows.group_by("contract").agg(
        pl.col("prepaid_usd", "credited_usd", "not_taken_usd", "made_up_usd").sum(),
        pl.col("prepaid_share", "share", "status").first(),
        value=(pl.col("minimum") * pl.col("mean")).sum(),
        invoices=pl.col("invoices").sum(),
    )
    held = pl.when(SIGNED).then(pl.col("prepaid_share") * pl.col("value")).otherwise(0.0)
    paid = pl.when(pl.col("status") == "sign").then(held).otherwise(0.0)
    money = pl.max_horizontal("value", "invoices", pl.lit(1.0))
    parts = [
        rows.select(left="taken", right="again", scale="size"),
        rows.select(left="minimum", right=pl.col("min_per_year") * pl.col("of_year"), scale="size"),
        rows.select(left="price_usd", right="mean", scale=pl.col("mean").clip(1e-9)),
        rows.select(
            left="not_taken_usd", right=pl.col("not_taken") * pl.col("mean"), scale=pl.col("not_taken_usd").clip(1.0)
        ),
        signed.select(left=short.clip(0.0), right=none, scale="size"),
        rows.select(left=(pl.col("not_taken") - payable).clip(0.0), right=none, scale="size"),
        signed.select(
            left=(pl.col("taken") - pl.col("max_per_year") * pl.col("of_year")).clip(0.0).fill_null(0.0), right=none,
            scale="size",
        ),
        deals.select(left="prepaid_usd", right=paid, scale=money),
        deals.select(
            left=(pl.col("credited_usd") - held).clip(0.0), right=none, scale=money
        ),
        deals.select(
            left=(pl.col("credited_usd") - pl.col("share") * pl.col("invoices")).clip(0.0), right=none, scale=money
        ),
        deals.select(left=(pl.col("made_up_usd") - pl.col("not_taken_usd")).clip(0.0), right=none, scale=money),
        _only_signed(plan),
    ]  # fmt: skip
    return pl.concat([part.select(SIDES) for part in parts])


def _mean_prices(plan: Plan, rows: pl.DataFrame) -> pl.DataFrame:
    """Return the mean price of each row (key, offer, start, end) over its days: key, mean."""
    grid = plan.periods.select("period", begin="start", until="end")
    days = _days(pl.max_horizontal("begin", "start"), pl.min_horizontal("until", "end")).clip(0)
    return (
        rows.select("key", "offer", "start", "end")
        .join(grid, how="cross")
        .with_columns(days=days)
        .join(offer_prices(plan), on=["offer", "period"])
        .group_by("key")
        .agg(mean=(pl.col("price") * pl.col("days")).sum() / pl.col("days").sum())
    )


def _only_signed(plan: Plan) -> pl.DataFrame:
    """Compare what was bought under offers that need a contract, where none was signed, with zero; groups with one."""
    needs = plan.chain.contracts.filter(pl.col("required") == "yes").select("offer").unique()
    spans = plan.contracts.filter(SIGNED).with_row_index("key")
    held = counted(plan, spans).join(spans.select("key", "offer"), on="key")
    held = held.filter(pl.col("part") > 0).select("offer", "period").unique()
    without = plan.purchases.join(needs, on="offer", how="semi").join(held, on=["offer", "period"], how="anti")
    groups = plan.chain.contracts.filter(pl.col("one_of") != "").select("contract", "one_of")
    several = (
        plan.contracts.filter(SIGNED).join(groups, on="contract").group_by("one_of").agg(pl.col("contract").n_unique())
    )
    return pl.concat(
        [
            without.select(left="quantity", right=pl.lit(0.0), scale="quantity"),
            several.select(left=(pl.col("contract") - 1).cast(pl.Float64), right=pl.lit(0.0), scale=pl.lit(1.0)),
        ]
    )


def tiers(plan: Plan) -> pl.DataFrame:
    """Compare what tiers took off with their tables.

    quantity = units bought under the offer within the year or period, in the tier that it lies in
    incremental: rebate = sum over tiers of (price - price of the tier) * units between its thresholds
    all units: rebate = (price - price of the tier reached) * units
    """
    if plan.tiers.is_empty():
        return pl.DataFrame(schema=dict.fromkeys(SIDES, pl.Float64))
    rows = plan.tiers.with_row_index("key")
    bought = counted(plan, rows).group_by("key").agg(again=pl.col("units").sum())
    rows = rows.join(bought, on="key").join(_mean_prices(plan, rows), on="key")
    whole = pl.when(pl.col("start").dt.is_leap_year()).then(366).otherwise(365)
    rows = rows.with_columns(
        part=pl.when(pl.col("per") == "year").then(_days(pl.col("start"), pl.col("end")) / whole).otherwise(1.0)
    )
    table = plan.chain.tiers.select("offer", "from_quantity", "discount_share", tier_usd="price_usd")
    off = pl.coalesce(pl.col("mean") - pl.col("tier_usd"), pl.col("mean") * pl.col("discount_share"))
    steps = (
        rows.select("key", "offer", "kind", "part", "mean", "again")
        .join(table, on="offer")
        .with_columns(low=pl.col("from_quantity") * pl.col("part"), off=off)
        .sort("key", "low")
        .with_columns(high=pl.col("low").shift(-1).over("key"))
    )
    within = pl.min_horizontal("again", "high") - pl.col("low")
    incremental = steps.filter(pl.col("kind") == "incremental")
    added = incremental.group_by("key").agg(due=(pl.col("off") * within.clip(0.0)).sum())
    all_units = pl.concat(  # at a threshold either tier may be meant
        [
            steps.select("key", "kind", "again", "low", "off", "high"),
            steps.group_by("key").agg(
                pl.col("kind", "again").first(), low=pl.lit(0.0), off=pl.lit(0.0), high=pl.col("low").min()
            ),
        ]
    ).filter(
        (pl.col("kind") == "all_units")
        & (pl.col("low") <= pl.col("again") * (1 + 1e-7))
        & (pl.col("again") <= pl.col("high") * (1 + 1e-7)).fill_null(True)
    )
    told = all_units.join(rows.select("key", "rebate_usd"), on="key").with_columns(due=pl.col("off") * pl.col("again"))
    nearest = told.group_by("key").agg(pl.col("due").sort_by((pl.col("due") - pl.col("rebate_usd")).abs()).first())
    due = pl.concat([added, nearest])
    reached = rows.join(due, on="key")
    money = pl.max_horizontal(pl.col("mean") * pl.col("again"), pl.lit(1.0))
    spread = float(plan.purchases["rebate_usd"].sum())
    return pl.concat(
        [
            reached.select(left="quantity", right="again", scale=pl.col("again").clip(1e-9)),
            reached.select(left="rebate_usd", right="due", scale=money),
            pl.DataFrame(
                {"left": [spread], "right": [float(rows["rebate_usd"].sum())], "scale": [max(abs(spread), 1.0)]}
            ),
        ]
    )

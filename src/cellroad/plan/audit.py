"""Does a plan add up? Balances, capacity, demand and money worked out again from its frames and the chain alone.

Nothing of the model or the solver is used: what a person could do with the exported tables and a calculator. Every
check gives the largest difference relative to the largest figure that it compares; all must be below `TOLERANCE`.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from cellroad.plan.result import Plan

TOLERANCE = 1e-6
POOL = ["site", "item", "period"]


@dataclass(frozen=True, slots=True)
class Audit:
    """The checks of a plan: `frame` has check, compared (how many), largest, difference, relative."""

    frame: pl.DataFrame

    @property
    def worst(self) -> float:
        """Return the largest relative difference of all checks."""
        return float(self.frame["relative"].max() or 0.0)  # type: ignore[arg-type]

    @property
    def closes(self) -> bool:
        """Say whether every check is within the tolerance."""
        return self.worst <= TOLERANCE


def audit(plan: Plan) -> Audit:
    """Return every check of a plan."""
    checks = {
        "material: what comes in goes out or stays": balances(plan),
        "demand: served and not served make up what is wanted": demand(plan),
        "capacity: no line works more hours than it has": capacity(plan),
        "inputs: every run consumed its bill of materials": inputs(plan),
        "yield: good units never exceed runs": yields(plan),
        "prices: purchases at the price of their offer": prices(plan),
        "cash: every kind adds up from its frame": cash(plan),
        "value: discounted cash is the objective": value(plan),
        "landed cost: what was sold, left and lost carries what was spent": landed(plan),
    }
    rows = [(name, *_difference(frame)) for name, frame in checks.items()]
    schema = {
        "check": pl.String, "compared": pl.Int64, "largest": pl.Float64, "difference": pl.Float64,
        "relative": pl.Float64,
    }  # fmt: skip
    return Audit(pl.DataFrame(rows, schema=schema, orient="row"))


def _difference(frame: pl.DataFrame) -> tuple[int, float, float, float]:
    """Return (rows, largest figure, largest difference, relative) of a frame with left, right and scale."""
    if frame.is_empty():
        return 0, 0.0, 0.0, 0.0
    scale = float(frame["scale"].max() or 0.0)  # type: ignore[arg-type]
    apart = frame.select(((pl.col("left") - pl.col("right")).abs() / pl.col("scale").clip(1e-9)).max()).item()
    absolute = frame.select((pl.col("left") - pl.col("right")).abs().max()).item()
    return frame.height, scale, float(absolute), float(apart)


def balances(plan: Plan) -> pl.DataFrame:
    """Compare inflow with outflow of every item at every site and period; scale is the item's largest flow there."""
    first = int(plan.periods["period"].min())  # type: ignore[arg-type]
    arrived = plan.shipments.filter(pl.col("arrival_period").is_not_null())
    flows = [
        plan.purchases.select(*POOL, left="quantity"),
        plan.production.select(*POOL, left="good"),
        arrived.select(site="destination", item="item", period="arrival_period", left="quantity"),
        plan.inventory.select("site", "item", period=pl.col("period") + 1, left="quantity"),
        plan.chain.stocks.filter(pl.col("on_hand") > 0).select("site", "item", period=pl.lit(first), left="on_hand"),
    ]
    out = [
        plan.consumption.select(*POOL, right="quantity"),
        plan.shipments.select(site="origin", item="item", period="period", right="quantity"),
        plan.sales.select(site="market", item="item", period="period", right="units"),
        plan.inventory.select(*POOL, right="quantity"),
    ]
    typed = pl.col("period").cast(pl.Int64)
    left = pl.concat([flow.with_columns(typed) for flow in flows]).group_by(POOL).agg(pl.col("left").sum())
    right = pl.concat([flow.with_columns(typed) for flow in out]).group_by(POOL).agg(pl.col("right").sum())
    last = int(plan.periods["period"].max())  # type: ignore[arg-type]
    return (
        left.join(right, on=POOL, how="full", coalesce=True)
        .filter(pl.col("period") <= last)
        .with_columns(pl.col("left", "right").fill_null(0.0))
        .with_columns(scale=pl.max_horizontal("left", "right").max().over("site", "item"))
    )


def demand(plan: Plan) -> pl.DataFrame:
    """Compare what is wanted (from the chain, by month) with what is sold and what is short."""
    keys = ["market", "want", "segment", "period"]
    sold = plan.sales.group_by(keys).agg(sold=pl.col("quantity").sum())
    starts = plan.periods.select("period", "start", "end")
    wanted = (
        plan.chain.demand.filter(pl.col("month").is_between(starts["start"].min(), starts["end"].max()))
        .sort("month")
        .join_asof(starts, left_on="month", right_on="start", strategy="backward")
        .group_by(keys)
        .agg(left=pl.col("quantity").sum())
    )
    short = plan.shortages.select(*keys, "quantity")
    return (
        wanted.filter(pl.col("left") > 0)
        .join(sold, on=keys, how="left")
        .join(short, on=keys, how="left")
        .with_columns(right=pl.col("sold").fill_null(0.0) + pl.col("quantity").fill_null(0.0), scale=pl.col("left"))
    )


def capacity(plan: Plan) -> pl.DataFrame:
    """Compare hours used beyond hours available with zero."""
    return plan.capacity.select(
        left=(pl.col("hours_used") - pl.col("hours_available")).clip(0.0), right=pl.lit(0.0), scale="hours_available"
    )


def inputs(plan: Plan) -> pl.DataFrame:
    """Compare what was consumed with runs times the bill of materials."""
    recipe = plan.chain.bom.select("process", "item", per_run=pl.col("quantity") / (1 - pl.col("scrap_share")))
    runs = plan.production.group_by("process", "period").agg(pl.col("runs").sum())
    due = runs.join(recipe, on="process").select("process", "item", "period", left=pl.col("runs") * pl.col("per_run"))
    used = plan.consumption.group_by("process", "item", "period").agg(right=pl.col("quantity").sum())
    return due.join(used, on=["process", "item", "period"], how="full", coalesce=True).with_columns(
        pl.col("left", "right").fill_null(0.0), scale=pl.max_horizontal("left", "right").fill_null(1.0)
    )


def yields(plan: Plan) -> pl.DataFrame:
    """Compare good units beyond runs times the best yield with zero."""
    best = plan.chain.processes.select("process", "yield_share")
    return plan.production.join(best, on="process").select(
        left=(pl.col("good") - pl.col("runs") * pl.col("yield_share")).clip(0.0), right=pl.lit(0.0), scale="runs"
    )


def prices(plan: Plan) -> pl.DataFrame:
    """Compare the cost of purchases under fixed-price offers with quantity times price."""
    fixed = plan.chain.offers.filter(pl.col("price_usd").is_not_null()).select("offer", price="price_usd")
    return plan.purchases.join(fixed, on="offer").select(
        left="cost_usd", right=pl.col("quantity") * pl.col("price"), scale="cost_usd"
    )


def cash(plan: Plan) -> pl.DataFrame:
    """Compare each kind of cash with the sum of the frame that it comes from."""
    entered = plan.shipments.filter(pl.col("arrival_period").is_not_null())
    conversion = plan.production.join(plan.chain.processes.select("process", unit="cost_usd"), on="process")
    options = plan.openings.filter(pl.col("kind") == "option")
    campaigns = plan.openings.filter(pl.col("kind") == "certificate")
    expected = {
        "revenue": plan.sales.select((pl.col("quantity") * pl.col("price_usd")).sum()).item(),
        "purchase": -plan.purchases["cost_usd"].sum(),
        "make": -conversion.select((pl.col("runs") * pl.col("unit")).sum()).item(),
        "freight": -plan.shipments["freight_usd"].sum(),
        "insurance": -plan.shipments["insurance_usd"].sum(),
        "duty": -entered["duty_usd"].sum(),
        "fees": -entered["fees_usd"].sum(),
        "holding": -plan.inventory["holding_usd"].sum(),
        "capex": -options["cost_usd"].sum(),
        "certificate": -campaigns["cost_usd"].sum(),
        "end_plant": options["residual_usd"].sum(),
        "end_stock": plan.ends.filter(pl.col("what") != "plant")["usd"].sum(),
        "penalty": -plan.shortages["penalty_usd"].sum(),
    }
    told = plan.cash.group_by("kind").agg(right=pl.col("usd").sum())
    frame = pl.DataFrame({"kind": list(expected), "left": [float(v or 0.0) for v in expected.values()]})
    return frame.join(told, on="kind", how="left").with_columns(
        pl.col("right").fill_null(0.0), scale=pl.max_horizontal(pl.col("left").abs(), pl.lit(1.0))
    )


def value(plan: Plan) -> pl.DataFrame:
    """Compare discounted cash with the objective that the solver states, at the scale of the revenue."""
    scale = max(float(plan.cash["usd"].abs().max() or 0.0), 1.0)  # type: ignore[arg-type]
    total = float(plan.cash["discounted_usd"].sum())
    return pl.DataFrame({"left": [total], "right": [plan.solution.objective_usd], "scale": [scale]})


def landed(plan: Plan) -> pl.DataFrame:
    """Compare landed cost with money spent, where nothing is left over, on its way or on hand to blur it.

    With stock left at the end the landed cost of what was sold is less than what was spent; the difference is checked
    to lie between nothing and all that was spent.
    """
    kinds = ["purchase", "make", "freight", "duty", "fees", "insurance"]
    spent = -float(plan.cash.filter(pl.col("kind").is_in(kinds))["usd"].sum())
    carried = float(plan.landed.filter(pl.col("kind").is_in(kinds))["usd"].sum())
    nothing_left = plan.ends.filter(pl.col("what") != "plant").is_empty()
    left, right = (spent, carried) if nothing_left else (max(carried - spent, 0.0), 0.0)
    return pl.DataFrame({"left": [left], "right": [right], "scale": [max(spent, 1.0)]})

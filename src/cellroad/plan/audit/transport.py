"""Do containers hold what is sent in them, and do lanes and sites keep their limits? From frames and chain alone."""

from __future__ import annotations

import polars as pl

from cellroad.plan.result import Plan
from cellroad.rules.incoterms import TERMS

WITHIN = ["left", "right", "scale"]
LEG = ["lane", "period"]


def containers(plan: Plan) -> pl.DataFrame:
    """Compare containers with whole numbers and with the load that they hold, and their money with that of shipments.

    Load beyond containers, part of a container, and freight of a lane in a period beyond (or short of) its containers
    and its fixed cost are each held against nothing. Goods whose freight the seller pays are not counted.
    """
    sent = _sent(plan).filter((pl.col("whole_containers") == "yes") & pl.col("ours"))
    apart = pl.col("dg_apart") == "yes"
    kind = pl.when(apart & pl.col("dangerous")).then(pl.lit("dangerous")).when(apart).then(pl.lit("general"))
    marked = sent.filter(~apart & pl.col("dangerous") & (pl.col("dg_usd") > 0))
    placed = pl.concat(
        [sent.with_columns(cargo=kind.otherwise(pl.lit("any"))), marked.with_columns(cargo=pl.lit("with dangerous"))]
    )
    each = (
        pl.when(pl.col("cargo") == "with dangerous").then("dg_usd")
        .when(pl.col("cargo") == "dangerous").then(pl.col("cost_usd") + pl.col("dg_usd"))
        .otherwise("cost_usd")
    )  # fmt: skip
    filled = (
        placed.with_columns(each=each)
        .group_by(*LEG, "cargo", "each")
        .agg(by_mass=pl.col("by_mass").sum(), by_volume=pl.col("by_volume").sum())
        .join(plan.loads.select(*LEG, "cargo", "containers"), on=[*LEG, "cargo"], how="left")
        .with_columns(load=pl.max_horizontal("by_mass", "by_volume"), scale=pl.col("containers").clip(1.0))
    )
    usd = filled.group_by(LEG).agg(paid=(pl.col("containers") * pl.col("each")).sum())
    fixed = sent.group_by(LEG).agg(pl.col("freight_usd").sum(), pl.col("shipment_usd").first()).join(usd, on=LEG)
    return pl.concat(
        [
            filled.select(left=(pl.col("load") - pl.col("containers")).clip(0.0), right=pl.lit(0.0), scale="scale"),
            filled.select(left="containers", right=pl.col("containers").round(), scale="scale"),
            fixed.select(
                left="freight_usd", right=pl.col("paid") + pl.col("shipment_usd"), scale=pl.col("paid").clip(1.0)
            ),
        ]
    )


def limits(plan: Plan) -> pl.DataFrame:
    """Compare what a lane or site carries, handles or stores beyond its limit with nothing.

    Likewise what a shipment has less than the least of its lane.
    """
    sent = _sent(plan)
    whole = pl.col("whole_containers") == "yes"
    legs = sent.group_by(LEG).agg(
        pl.col("kg", "by_mass", "by_volume").sum(),
        dg_kg=pl.col("kg").filter("dangerous").sum(),
        months=pl.col("months").first(),
    )
    paid = plan.loads.filter(pl.col("cargo") != "with dangerous").group_by(LEG).agg(pl.col("containers").sum())
    rules = plan.chain.lanes.select(
        "lane", "max_kg_per_month", "max_dg_kg_per_month", "max_containers_per_month", "min_shipment_kg",
        "whole_containers",
    )  # fmt: skip
    legs = legs.join(rules, on="lane").join(paid, on=LEG, how="left")
    counted = pl.when(whole).then("containers").otherwise(pl.max_horizontal("by_mass", "by_volume"))
    arrived = sent.filter(pl.col("arrival_period").is_not_null())
    sites = plan.chain.sites.select("site", "max_kg_per_month", "max_dg_kg", "max_dg_kwh")
    months = plan.periods.select("period", "months")
    handled = pl.concat(
        [
            sent.group_by(pl.col("origin").alias("site"), "period", side=pl.lit("out")).agg(pl.col("kg").sum()),
            arrived.group_by(pl.col("destination").alias("site"), pl.col("arrival_period").alias("period"),
                             side=pl.lit("in")).agg(pl.col("kg").sum()),
        ]
    ).join(sites, on="site").join(months, on="period")  # fmt: skip
    items = plan.chain.items.filter(pl.col("dg_class").is_not_null()).select("item", "mass_kg", "kwh")
    stored = (
        plan.inventory.join(items, on="item")
        .group_by("site", "period")
        .agg(kg=(pl.col("quantity") * pl.col("mass_kg")).sum(), energy=(pl.col("quantity") * pl.col("kwh")).sum())
        .join(sites, on="site")
    )
    by_month = [(legs, "kg", "max_kg_per_month"), (legs, "dg_kg", "max_dg_kg_per_month"),
                (legs.with_columns(counted=counted), "counted", "max_containers_per_month"),
                (handled, "kg", "max_kg_per_month")]  # fmt: skip
    return pl.concat(
        [
            *(_over(frame, pl.col(of), pl.col(most) * pl.col("months")) for frame, of, most in by_month),
            _over(stored, pl.col("kg"), pl.col("max_dg_kg")),
            _over(stored, pl.col("energy"), pl.col("max_dg_kwh")),
            _over(legs, pl.col("min_shipment_kg"), pl.col("kg")),
        ]
    )


def _over(frame: pl.DataFrame, amount: pl.Expr, most: pl.Expr) -> pl.DataFrame:
    """Compare what an amount is beyond the most that it may be with nothing; a blank is no limit."""
    both = frame.select(amount=amount, most=most).drop_nulls()
    over = (pl.col("amount") - pl.col("most")).clip(0.0)
    return both.select(left=over, right=pl.lit(0.0), scale=pl.max_horizontal("amount", pl.lit(1e-9)))


def _sent(plan: Plan) -> pl.DataFrame:
    """Return shipments with mass and containers that they fill, the terms of their lane and who pays the freight."""
    items = plan.chain.items.select("item", "mass_kg", "volume_l", dangerous=pl.col("dg_class").is_not_null())
    lanes = plan.chain.lanes.select(
        "lane", "container_kg", "container_l", "cost_usd", "dg_usd", "dg_apart", "whole_containers", "shipment_usd"
    )
    country = plan.chain.sites.select("site", "country")
    paid_by_seller = [name for name, term in TERMS.items() if term.freight]
    terms = plan.chain.offers.select(origin="site", item="item", incoterm=pl.col("incoterm").cast(pl.String))
    return (
        plan.shipments.join(items, on="item")
        .join(lanes, on="lane")
        .join(plan.periods.select("period", "months"), on="period")
        .join(country.rename({"site": "origin", "country": "from"}), on="origin")
        .join(country.rename({"site": "destination", "country": "to"}), on="destination")
        .join(terms.unique(["origin", "item"], keep="first", maintain_order=True), on=["origin", "item"], how="left")
        .with_columns(
            kg=pl.col("quantity") * pl.col("mass_kg"),
            by_mass=pl.col("quantity") * pl.col("mass_kg") / pl.col("container_kg"),
            by_volume=(pl.col("quantity") * pl.col("volume_l") / pl.col("container_l")).fill_null(0.0),
            ours=(pl.col("from") == pl.col("to")) | ~pl.col("incoterm").is_in(paid_by_seller).fill_null(False),
        )
    )

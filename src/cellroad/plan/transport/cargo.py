"""What does a unit load on a lane? Mass, containers by mass and by volume, dangerous or not, with the lane's rules."""

from __future__ import annotations

import polars as pl

from cellroad.chain.chain import Chain


def loads(chain: Chain, ships: pl.DataFrame) -> pl.DataFrame:
    """Return the shipments that count containers, mass or shipments, with what a unit of each loads.

    Those are the shipments on lanes with whole containers, a limit, a minimum or a fixed cost, and on lanes from and to
    sites that handle only so much. Columns as for `with_loads`.
    """
    lanes = chain.lanes
    limits = pl.any_horizontal(
        pl.col("max_kg_per_month", "max_dg_kg_per_month", "max_containers_per_month").is_not_null()
    )
    ruled = (pl.col("whole_containers") == "yes") | (pl.col("min_shipment_kg") > 0) | (pl.col("shipment_usd") > 0)
    busy = chain.sites.filter(pl.col("max_kg_per_month").is_not_null())["site"].implode()
    at_site = pl.any_horizontal(pl.col("origin", "destination").is_in(busy))
    chosen = lanes.filter(limits | ruled | at_site)["lane"]
    return with_loads(ships.filter(pl.col("lane").is_in(chosen.implode())), chain)


def with_loads(ships: pl.DataFrame, chain: Chain) -> pl.DataFrame:
    """Return ships (with lane, item, period) with what a unit loads and the rules of the lane.

    Adds kg, volume_l, by_mass and by_volume (containers that a unit fills; the latter 0 where not known), dangerous,
    whole (containers), apart (dangerous goods), and the prices and limits of the lane.
    """
    items = chain.items.select("item", "volume_l", kg="mass_kg", dangerous=pl.col("dg_class").is_not_null())
    lanes = chain.lanes.select(
        "lane", "cost_usd", "dg_usd", "container_kg", "container_l", "min_shipment_kg", "shipment_usd",
        "max_kg_per_month", "max_dg_kg_per_month", "max_containers_per_month",
        whole=pl.col("whole_containers") == "yes", apart=pl.col("dg_apart") == "yes",
    )  # fmt: skip
    return (
        ships.join(items, on="item", maintain_order="left")
        .join(lanes, on="lane", maintain_order="left")
        .with_columns(
            by_mass=pl.col("kg") / pl.col("container_kg"),
            by_volume=(pl.col("volume_l") / pl.col("container_l")).fill_null(0.0),
        )
    )

"""What it costs to move one unit over a lane, and whether the lane takes it.

Freight is charged per kg, container, unit or kWh; dangerous goods pay a surcharge per container. A container is filled
to its payload, so a unit carries its share of it by mass. Expressions over columns, for frames of any size.
"""

from __future__ import annotations

import polars as pl

from cellroad.chain.column import several
from cellroad.chain.tables import AIR_SOC_SHARE


def freight_usd() -> pl.Expr:
    """Return freight with its surcharge, USD per unit of item.

    Columns: cost_usd, cost_per (kg, container, unit, kwh), container_kg, dg_usd of the lane; mass_kg, kwh and
    dg_class (of the item, null for general cargo) of the item.

        freight = cost · (mass | mass / payload | 1 | energy) + surcharge · mass / payload where dangerous
    """
    return carriage_usd() + surcharge_usd()


def carriage_usd() -> pl.Expr:
    """Return freight without the surcharge, USD per unit of item. Columns as for `freight_usd`."""
    charged = (
        pl.when(pl.col("cost_per") == "kg")
        .then(pl.col("mass_kg"))
        .when(pl.col("cost_per") == "container")
        .then(pl.col("mass_kg") / pl.col("container_kg"))
        .when(pl.col("cost_per") == "kwh")
        .then(pl.col("kwh"))
        .otherwise(1.0)
    )
    return pl.col("cost_usd") * charged


def surcharge_usd() -> pl.Expr:
    """Return the surcharge for dangerous goods, USD per unit of item. Columns as for `freight_usd`."""
    return (
        pl.when(pl.col("dg_class").is_not_null())
        .then(pl.col("dg_usd") * pl.col("mass_kg") / pl.col("container_kg"))
        .otherwise(0.0)
    )


def accepts() -> pl.Expr:
    """Say whether a lane takes an item: general cargo always, dangerous goods where their class is listed.

    Cells and batteries no fuller than it allows; what is blank on either side binds nobody.
    Columns: lane_dg_class (classes separated by ';', "" for none), max_soc_share and mode of the lane; dg_class and
    soc_share of the item.
    """
    listed = several("lane_dg_class").list.contains(pl.col("dg_class").cast(pl.String))
    full = (pl.col("soc_share") > most_soc() + 1e-9).fill_null(False)
    return (pl.col("dg_class").is_null() | listed) & ~full


def most_soc() -> pl.Expr:
    """Return the highest state of charge that a lane takes of an item, null without limit.

    What the lane says; by air at most 30 % for lithium cells and batteries shipped alone (UN 3480: IATA DGR, packing
    instruction 965, fact TR01) or packed with equipment (UN 3481, from 2026, fact TR02).
    Columns: max_soc_share, mode; dg_class of the item.
    """
    by_air = (pl.col("mode").cast(pl.String) == "air") & (pl.col("dg_class").cast(pl.String) == "9")
    return pl.coalesce("max_soc_share", pl.when(by_air).then(pl.lit(AIR_SOC_SHARE)))

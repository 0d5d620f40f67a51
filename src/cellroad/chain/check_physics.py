"""Are the figures possible? Energy, mass, price and distance against what nature and trade allow.

Energy densities are held against the bands of the shipped chemistries: a cell outside by more than a third is strange,
by a factor of three it is a slip of units. No lane is faster than its mode along the great circle.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cellroad.chain import facts
from cellroad.chain.chain import Chain
from cellroad.chain.check_flow import Reach, reach
from cellroad.chain.finding import Finding
from cellroad.chain.tell import did_you_mean, numbered, tell

Floats = NDArray[np.float64]

STRANGE, SLIP = 0.35, 3.0
"""Outside a chemistry's band by this share is strange; by this factor it is impossible."""

CONTENT = ("cell", "module", "pack", "system")
"""Stages that hold energy."""

USD_PER_KWH = (5.0, 5000.0)
"""A price of energy storage beyond these is almost surely one of another unit."""

KM_PER_HOUR = {"ocean": 45.0, "barge": 25.0, "rail": 80.0, "truck": 90.0, "air": 900.0, "courier": 900.0}
"""The fastest that a mode goes day and night: a container ship makes 24 knots."""

EARTH_KM = 6371.0
ROUNDING_DAYS = 0.5
ENERGY_OF_INPUTS = (0.75, 1.35)
"""Energy of a product over that of its inputs: less is a lost input, more a wrong quantity."""


def physics(chain: Chain) -> list[Finding]:
    """Return figures that cannot be, and those that are strange."""
    return [
        *densities(chain), *contents(chain), *energy_of_inputs(chain), *masses(chain, reach(chain)), *prices(chain),
        *transit(chain), *speeds(chain), *places(chain),
    ]  # fmt: skip


def densities(chain: Chain) -> list[Finding]:
    """Return cells and packs outside the band of their chemistry, and chemistries that are not known."""
    bands = facts.chemistries()
    named = numbered(chain.items).filter(pl.col("chemistry").is_not_null())
    unknown = named.filter(~pl.col("chemistry").is_in(bands["chem_id"].implode()))
    findings = [
        Finding(
            "warning", "items", row["row"], "chemistry", repr(row["chemistry"]),
            "a chemistry of the facts: " + ", ".join(bands["chem_id"]),
            did_you_mean(row["chemistry"], bands["chem_id"], "Use one of them, or leave it blank."),
        )
        for row in unknown.iter_rows(named=True)
    ]  # fmt: skip
    dense = (
        named.filter(pl.col("stage").is_in(["cell", "pack"]) & (pl.col("kwh") > 0) & (pl.col("mass_kg") > 0))
        .join(bands, left_on="chemistry", right_on="chem_id")
        .with_columns(
            wh_per_kg=1000 * pl.col("kwh") / pl.col("mass_kg"),
            low=pl.when(pl.col("stage") == "cell").then("cell_whkg_low").otherwise("pack_whkg_low"),
            high=pl.when(pl.col("stage") == "cell").then("cell_whkg_high").otherwise("pack_whkg_high"),
        )
        .sort("row")
    )
    slip = (pl.col("wh_per_kg") > SLIP * pl.col("high")) | (pl.col("wh_per_kg") < pl.col("low") / SLIP)
    strange = (pl.col("wh_per_kg") > (1 + STRANGE) * pl.col("high")) | (
        pl.col("wh_per_kg") < (1 - STRANGE) * pl.col("low")
    )
    found = "{kwh:g} kWh in {mass_kg:g} kg: {wh_per_kg:.3g} Wh/kg"
    expected = "{low:g} to {high:g} Wh/kg for a {stage} of {chemistry}"
    return (
        findings
        + tell(dense.filter(slip), "blocker", "items", "mass_kg", found=found, expected=expected,
               mend="A slip of units? mass_kg is in kilograms, kwh in kilowatt-hours.")
        + tell(dense.filter(strange & ~slip), "warning", "items", "mass_kg", found=found, expected=expected,
               mend="Check kwh, mass_kg and the chemistry.")
    )  # fmt: skip


def contents(chain: Chain) -> list[Finding]:
    """Return cells, modules, packs and systems without energy."""
    empty = numbered(chain.items).filter(pl.col("stage").is_in(CONTENT) & (pl.col("kwh") == 0))
    return tell(
        empty, "warning", "items", "kwh", found="0 for {item!r}", expected="the energy of one {stage} in kWh",
        mend="Fill in kwh; costs per kWh cannot be told without it.",
    )  # fmt: skip


def energy_of_inputs(chain: Chain) -> list[Finding]:
    """Return processes whose product holds another energy than the cells, modules or packs that go in."""
    items = chain.items.select("item", "kwh", "stage")
    brought = (
        chain.bom.join(items, on="item")
        .filter(pl.col("stage").is_in(CONTENT))
        .group_by("process")
        .agg((pl.col("quantity") * pl.col("kwh")).sum().alias("brought"))
    )
    low, high = ENERGY_OF_INPUTS
    ratio = pl.col("kwh") / pl.col("brought")
    wrong = (
        numbered(chain.processes)
        .join(brought, on="process")
        .join(items.filter(pl.col("kwh") > 0), on="item")
        .filter((pl.col("brought") > 0) & ((ratio < low) | (ratio > high)))
        .sort("row")
    )
    return tell(
        wrong, "warning", "processes", "item", found="{item!r} of {kwh:.3g} kWh made from inputs of {brought:.3g} kWh",
        expected="about the energy of the inputs", mend="Check the quantities in bom and kwh in items.",
    )  # fmt: skip


def masses(chain: Chain, found: Reach) -> list[Finding]:
    """Return items without mass that travel on lanes charged by mass, and those without energy charged by kWh."""
    items = numbered(chain.items).filter((pl.col("mass_kg") == 0) | (pl.col("kwh") == 0))
    riding = (
        numbered(chain.lanes)
        .select("lane", "origin", "cost_per", "cost_usd")
        .join(found.pairs(), left_on="origin", right_on="site")
        .filter(pl.col("cost_usd") > 0)
        .unique(["item", "cost_per"], keep="first", maintain_order=True)
        .join(items, on="item")
        .sort("row")
    )
    by_mass = riding.filter(pl.col("cost_per").is_in(["kg", "container"]) & (pl.col("mass_kg") == 0))
    by_energy = riding.filter((pl.col("cost_per") == "kwh") & (pl.col("kwh") == 0))
    mend = "Fill it in; freight of the item would cost nothing."
    return tell(
        by_mass.unique("item", keep="first", maintain_order=True), "warning", "items", "mass_kg",
        found="0 for {item!r}", expected="a mass, as lane {lane!r} charges by {cost_per}", mend=mend,
    ) + tell(
        by_energy, "warning", "items", "kwh", found="0 for {item!r}",
        expected="an energy, as lane {lane!r} charges by kWh", mend=mend,
    )  # fmt: skip


def prices(chain: Chain) -> list[Finding]:
    """Return offers of cells, modules, packs and systems at an absurd price per kWh."""
    low, high = USD_PER_KWH
    energy = chain.items.filter(pl.col("stage").is_in(CONTENT) & (pl.col("kwh") > 0)).select("item", "kwh")
    priced = numbered(chain.offers).join(energy, on="item").with_columns(per_kwh=pl.col("price_usd") / pl.col("kwh"))
    absurd = priced.filter((pl.col("per_kwh") < low) | (pl.col("per_kwh") > high)).sort("row")
    return tell(
        absurd, "warning", "offers", "price_usd", found="${price_usd:,.10g} for {kwh:g} kWh: ${per_kwh:,.3g}/kWh",
        expected=f"${low:,.0f} to ${high:,.0f}/kWh", mend="Is it the price of one unit, in US dollars?",
    )  # fmt: skip


def transit(chain: Chain) -> list[Finding]:
    """Return lanes that lead nowhere and those whose times are out of order."""
    lanes = numbered(chain.lanes)
    order = pl.col("transit_low_days").fill_null(pl.col("transit_days")) > pl.col("transit_days")
    late = pl.col("transit_high_days").fill_null(pl.col("transit_days")) < pl.col("transit_days")
    return tell(
        lanes.filter(pl.col("origin") == pl.col("destination")), "blocker", "lanes", "destination",
        found="{destination!r}, where the lane begins", expected="another site than its origin",
        mend="Correct the destination, or remove the lane.",
    ) + tell(
        lanes.filter(order | late), "blocker", "lanes", "transit_days",
        found="low {transit_low_days}, likely {transit_days:g}, high {transit_high_days}",
        expected="low, likely and high days in rising order",
        mend="Put the three in order, or leave low and high blank.",
    )  # fmt: skip


def speeds(chain: Chain) -> list[Finding]:
    """Return lanes that would have to be faster than their mode along the great circle."""
    sites = chain.sites.select("site", "lat", "lon").drop_nulls()
    lanes = (
        numbered(chain.lanes)
        .join(sites.rename({"site": "origin"}), on="origin")
        .join(sites.rename({"site": "destination"}), on="destination", suffix="_to")
    )
    km = great_circle_km(*(lanes[name].to_numpy() for name in ("lat", "lon", "lat_to", "lon_to")))
    days = pl.min_horizontal("transit_low_days", "transit_days") + 28 * pl.col("transit_months")
    limit = pl.col("mode").cast(pl.String).replace_strict(KM_PER_HOUR, return_dtype=pl.Float64)
    lanes = lanes.with_columns(km=pl.Series(km, dtype=pl.Float64), days=days, limit=limit)
    lanes = lanes.with_columns(least=pl.col("km") / (24 * pl.col("limit")))
    wrong = lanes.filter(pl.col("least") > pl.col("days") + ROUNDING_DAYS).sort("row")
    return tell(
        wrong, "blocker", "lanes", "transit_days", found="{days:g} days by {mode} over at least {km:,.0f} km",
        expected="{least:.1f} days or more: no {mode} goes faster than {limit:g} km/h",
        mend="Correct the days, the mode, or the latitude and longitude of {origin!r} and {destination!r}.",
    )  # fmt: skip


def great_circle_km(lat: Floats, lon: Floats, lat_to: Floats, lon_to: Floats) -> Floats:
    """Return the distance in km along the great circle between places in degrees (haversine formula)."""
    a, b = np.radians(lat), np.radians(lat_to)
    half = np.sin((b - a) / 2) ** 2 + np.cos(a) * np.cos(b) * np.sin(np.radians(lon_to - lon) / 2) ** 2
    return np.asarray(2 * EARTH_KM * np.arcsin(np.sqrt(np.clip(half, 0, 1))), dtype=np.float64)


def places(chain: Chain) -> list[Finding]:
    """Return sites with half a position, or one in the sea off Africa where both figures are zero."""
    sites = numbered(chain.sites)
    half = sites.filter(pl.col("lat").is_null() != pl.col("lon").is_null())
    zero = sites.filter((pl.col("lat") == 0) & (pl.col("lon") == 0))
    mend = "Fill in both latitude and longitude, or neither."
    return tell(
        half, "warning", "sites", "lat", found="only one of lat {lat} and lon {lon}",
        expected="both or neither", mend=mend,
    ) + tell(
        zero, "warning", "sites", "lat", found="latitude 0 and longitude 0",
        expected="the place of {name!r}", mend=mend,
    )  # fmt: skip

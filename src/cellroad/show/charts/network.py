"""Where does everything come from, and by which way does it reach the customer?"""

from __future__ import annotations

from typing import Any

import polars as pl

from cellroad.plan.result import Plan
from cellroad.show import format as fmt
from cellroad.show.charts.base import Option, base, call, legend, names, tip
from cellroad.show.geo import MAPS, best_map, lane, onto, window
from cellroad.show.palette import MODE, SITE, SYMBOL

ASPECT = 3.2
"""Degrees of longitude per degree of latitude in the frame of the map."""


def table(plan: Plan) -> pl.DataFrame:
    """Return what each lane carries over the horizon: from, to, mode, item, quantity, kwh, freight and duty."""
    called = names(plan.chain, "sites")
    lanes = plan.chain.lanes.select("lane", pl.col("mode").cast(pl.String), "transit_days")
    energy = plan.chain.items.select("item", per="kwh")
    return (
        plan.shipments.join(lanes, on="lane", how="left")
        .join(energy, on="item", how="left")
        .group_by("origin", "destination", "mode", "item", "transit_days", maintain_order=True)
        .agg(
            pl.col("quantity").sum(),
            kwh=(pl.col("quantity") * pl.col("per")).sum(),
            freight_usd=pl.col("freight_usd").sum(),
            duty_usd=pl.col("duty_usd").sum(),
        )
        .filter(pl.col("quantity") > 0)
        .sort("freight_usd", descending=True)
        .select(
            call("origin", called),
            call("destination", called),
            "mode",
            call("item", names(plan.chain, "items")),
            "transit_days",
            "quantity",
            "kwh",
            "freight_usd",
            "duty_usd",
        )
    )


def chart(plan: Plan) -> Option:
    """Return a map: great-circle lanes as wide as their flow, coloured by mode, and the sites that the plan uses."""
    flows = _flows(plan)
    used = set(flows["origin"]) | set(flows["destination"]) | set(plan.sales["market"]) | set(plan.production["site"])
    known = plan.chain.sites.filter(pl.col("lat").is_not_null() & pl.col("lon").is_not_null())
    sites = known.filter(pl.col("site").is_in(used | set(plan.openings["site"].drop_nulls())))
    at = {site: (lon, lat) for site, lon, lat in known.select("site", "lon", "lat").iter_rows()}
    drawn = flows.filter(pl.col("origin").is_in(list(at)) & pl.col("destination").is_in(list(at)))
    ends = [(at[a], at[b]) for a, b in drawn.select("origin", "destination").iter_rows()]
    map_name = best_map(ends or [(point, point) for point in at.values()])
    west = MAPS[map_name]
    lanes = [
        _lane(row, lane(at[row["origin"]], at[row["destination"]], west), names(plan.chain, "sites"))
        for row in drawn.iter_rows(named=True)
    ]
    points = [point for marks in lanes for mark in marks for point in mark["coords"]]
    points += [(onto(lon, west), lat) for lon, lat in sites.select("lon", "lat").iter_rows()]
    frame = window(points, ASPECT)
    right = frame[0][0] + 0.68 * (frame[1][0] - frame[0][0])
    modes = drawn["mode"].unique(maintain_order=True).to_list()
    kinds = sites["kind"].cast(pl.String).unique(maintain_order=True).to_list()
    return base(
        f"World map of {sites.height} sites and {len(lanes)} lanes in use.",
        legend=legend([*modes, *kinds]),
        geo={
            "map": map_name,
            "boundingCoords": frame,
            "preserveAspect": "contain",
            "top": 34,
            "bottom": 0,
            "left": 0,
            "right": 0,
            "roam": "move",
            "clip": True,
            "silent": True,
        },
        series=[
            *(_lines(mode, [m for marks in lanes for m in marks if m["mode"] == mode]) for mode in modes),
            *(_sites(kind, sites.filter(pl.col("kind").cast(pl.String) == kind), west, right) for kind in kinds),
        ],
    )


def _flows(plan: Plan) -> pl.DataFrame:
    modes = plan.chain.lanes.select("lane", pl.col("mode").cast(pl.String))
    mass = plan.chain.items.select("item", "mass_kg", per="kwh")
    flows = (
        plan.shipments.filter(pl.col("quantity") > 0)
        .join(modes, on="lane", how="left")
        .join(mass, on="item", how="left")
        .group_by("origin", "destination", "mode", maintain_order=True)
        .agg(
            kwh=(pl.col("quantity") * pl.col("per")).sum(),
            mass_kg=(pl.col("quantity") * pl.col("mass_kg")).sum(),
            freight_usd=pl.col("freight_usd").sum(),
            duty_usd=pl.col("duty_usd").sum(),
        )
    )
    size = "kwh" if flows["kwh"].sum() > 0 else "mass_kg"
    most = max(flows[size].max() or 0.0, 1e-9)
    return flows.with_columns(width=1.2 + 5.8 * (pl.col(size) / most).sqrt())


def _lane(row: dict[str, Any], lines: list[list[list[float]]], called: dict[str, str]) -> list[Option]:
    words = tip(
        f"{called[row['origin']]} → {called[row['destination']]}",
        f"{row['mode']}, {fmt.energy(row['kwh'])}, {fmt.number(row['mass_kg'] / 1000)} t",
        f"freight {fmt.money(row['freight_usd'])}, duty {fmt.money(row['duty_usd'])}",
    )
    style = {"width": round(row["width"], 2)}
    return [{"coords": line, "lineStyle": style, "mode": row["mode"], "tooltip": words} for line in lines]


def _lines(mode: str, marks: list[Option]) -> Option:
    return {
        "type": "lines",
        "name": mode,
        "coordinateSystem": "geo",
        "polyline": True,
        "color": MODE[mode],
        "lineStyle": {"color": MODE[mode], "opacity": 0.65, "cap": "round"},
        "data": [{key: value for key, value in mark.items() if key != "mode"} for mark in marks],
    }


def _sites(kind: str, sites: pl.DataFrame, west: float, right: float) -> Option:
    """Return the sites of a kind; names stand right of them, but left of what lies east of `right`."""
    return {
        "type": "scatter",
        "name": kind,
        "coordinateSystem": "geo",
        "symbol": SYMBOL.get(kind, "circle"),
        "symbolSize": 11,
        "itemStyle": {"color": SITE[kind], "borderWidth": 1.5},
        "label": {"show": True, "distance": 6, "fontSize": 11, "width": 190, "overflow": "truncate"},
        "labelLayout": {"hideOverlap": True, "moveOverlap": "shiftY"},
        "data": [
            {
                "name": row["name"],
                "value": [round(onto(row["lon"], west), 3), row["lat"]],
                "label": {
                    "formatter": row["name"].replace("{", "("),
                    "position": "left" if onto(row["lon"], west) > right else "right",
                },
                "tooltip": tip(row["name"], f"{kind}, {row['country']}"),
            }
            for row in sites.iter_rows(named=True)
        ],
    }

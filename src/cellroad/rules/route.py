"""By which lanes does an item go from one site to another, and what does each cost per unit?

The cheapest path by freight, over lanes that take the item; equal freight goes the faster way. Dijkstra (1959).
"""

from __future__ import annotations

import heapq

import polars as pl

from cellroad.chain.chain import Chain
from cellroad.rules.freight import accepts, carriage_usd, surcharge_usd

DAYS_PER_MONTH = 30.4375


def route(chain: Chain, item: str, origin: str, destination: str) -> pl.DataFrame | None:
    """Return the legs from origin to destination in order, None where no lanes lead there.

    Columns: those of the lanes, country_from, country_to, calendar (of the site that a leg leaves), crosses (a border),
    carriage_usd and surcharge_usd (USD per unit). No rows where origin is the destination.
    """
    arcs = lanes_for(chain, item)
    leaving: dict[str, list[tuple[int, str, float, float]]] = {}
    for start, *arc in arcs.select("origin", "arc", "destination", "usd", "transit_days").iter_rows():
        leaving.setdefault(start, []).append((arc[0], arc[1], arc[2], arc[3]))
    best: dict[str, tuple[float, float]] = {origin: (0.0, 0.0)}
    into: dict[str, int] = {}
    queue = [(0.0, 0.0, origin)]
    while queue:
        usd, days, site = heapq.heappop(queue)
        if site == destination:
            break
        for number, to, leg_usd, leg_days in leaving.get(site, []):
            reached = (usd + leg_usd, days + leg_days)
            if reached < best.get(to, (float("inf"), 0.0)):
                best[to], into[to] = reached, number
                heapq.heappush(queue, (*reached, to))
    if destination not in best:
        return None
    path: list[int] = []
    site = destination
    while site != origin:
        path.append(into[site])
        site = arcs["origin"][into[site]]
    return arcs[path[::-1]].drop("arc", "usd")


def lanes_for(chain: Chain, item: str) -> pl.DataFrame:
    """Return the lanes that take an item with what they cost per unit; columns as for `route`, and arc and usd."""
    sites = chain.sites.select("site", "country", pl.col("calendar").replace("", None).fill_null(pl.col("country")))
    return (
        chain.lanes.rename({"dg_class": "lane_dg_class"})
        .join(chain.items.filter(pl.col("item") == item).select("mass_kg", "kwh", "dg_class", "soc_share"), how="cross")
        .filter(accepts())
        .join(sites.rename({"site": "origin", "country": "country_from"}), on="origin")
        .join(sites.select(destination="site", country_to="country"), on="destination")
        .with_columns(
            crosses=pl.col("country_from") != pl.col("country_to"),
            carriage_usd=carriage_usd(),
            surcharge_usd=surcharge_usd(),
        )
        .with_columns(transit_days=pl.col("transit_days") + DAYS_PER_MONTH * pl.col("transit_months"))
        .sort("lane")
        .with_columns(arc=pl.int_range(pl.len()), usd=pl.col("carriage_usd") + pl.col("surcharge_usd"))
    )

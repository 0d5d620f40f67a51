"""Which containers leave whole, what fills them, and how long do goods wait for one to be full?

Half as long again as the plan takes to fill one: days of the periods in which it uses the lane, over the containers
that it pays for in them; where it sends none, DAYS. Goods are planned to be ready that much sooner, so that few
containers have to leave half empty.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from cellroad.plan.network.network import Network
from cellroad.plan.result import Plan
from cellroad.plan.stress.assemble import Boxes
from cellroad.plan.transport.containers import WITH_DANGEROUS, kinds

PATIENCE = 1.5
"""How much longer goods wait than the plan takes to fill a container on average: not every week brings as much."""
DAYS = 30
"""Days that goods wait for a container where the plan sends none."""


def waiting(net: Network, plan: Plan) -> dict[tuple[str, str], int]:
    """Return by lane and item on it that travels in whole containers the days that it waits for one."""
    days = _days(net, plan)
    rows = _filling(net).select("lane", "item", "cargo").iter_rows()
    return {(lane, item): days[lane, kind] - 1 for lane, item, kind in rows}


def packed(net: Network, plan: Plan, ships: Sequence[tuple[str, ...]]) -> list[Boxes]:
    """Return the containers of the ships of a plan that is run; ships: lane, item, ..."""
    place = {(name[0], name[1]): n for n, name in enumerate(ships)}
    days = _days(net, plan)
    found = []
    marked = kinds(net.cargo).filter(pl.col("cargo") == WITH_DANGEROUS)
    more = dict(marked.select("lane", "each_usd").unique("lane").iter_rows())
    for (lane, kind), rows in _filling(net).group_by("lane", "cargo", maintain_order=True):
        fills = tuple(
            (place[row["lane"], row["item"]], row["by_mass"], row["by_volume"], row["dangerous"])
            for row in rows.iter_rows(named=True)
            if (row["lane"], row["item"]) in place
        )
        if fills:
            usd = float(rows["each_usd"][0])
            found.append(Boxes(fills, days[str(lane), str(kind)], usd, float(more.get(lane, 0.0))))
    return found


def _filling(net: Network) -> pl.DataFrame:
    """Return what fills containers: lane, item, cargo, each_usd, by_mass, by_volume, dangerous."""
    rows = kinds(net.cargo).filter(pl.col("cargo") != WITH_DANGEROUS)
    rows = rows.filter(pl.max_horizontal("by_mass", "by_volume") > 0)
    return rows.unique(["lane", "item"], maintain_order=True).select(
        "lane", "item", "cargo", "each_usd", "by_mass", "by_volume", "dangerous"
    )


def _days(net: Network, plan: Plan) -> dict[tuple[str, str], int]:
    """Return by lane and kind of containers how long goods wait for one to be full."""
    length = np.bincount(net.periods.of_day)
    out = {}
    for lane, kind in _filling(net).select("lane", "cargo").unique().iter_rows():
        mine = (pl.col("lane") == lane) & (pl.col("cargo") == kind) & (pl.col("containers") > 0)
        paid = plan.loads.filter(mine)
        days, count = float(length[paid["period"].to_numpy()].sum()), float(paid["containers"].sum())
        out[str(lane), str(kind)] = int(np.ceil(PATIENCE * days / count)) if count > 0 else DAYS
    return out

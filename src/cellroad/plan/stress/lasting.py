"""How long do goods last where they come to? Their shelf life less the age that they have by then on their usual way.

    age in[n]  = sum over lanes into n of part of what is planned * (age out[origin] + days of the lane)
    age out[n] = age in[n] + planned stock / planned use a day                                      (Little's law)
    lasts[n]   = shelf life at n - age in[n]

Purchases and processes begin anew: goods age from when they are made. A future in which goods lie longer than planned
before they are sent on lets them come older than this says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import polars as pl

from cellroad.plan.stress.arrays import Floats
from cellroad.plan.stress.assemble import Node, Ship
from cellroad.plan.stress.ways import DAYS_PER_MONTH, Desk, Planned


def lasting(
    desk: Desk, codes: Sequence[int], nodes: Sequence[Node], ships: Sequence[Planned[Ship]], sent: Floats,
    use: Floats, order: Sequence[int],
) -> list[Node]:  # fmt: skip
    """Return nodes with how long goods last at each.

    codes   number of each node in the network; sent: what comes on each lane by day; use: (nodes, days)
    order   the nodes, who feeds before who is fed
    """
    life = _life(desk, codes)
    if not life:
        return list(nodes)
    days = use.shape[1]
    came = _came(desk, ships, sent, [node.target for node in nodes], use, order)
    out = list(nodes)
    for n, (months, age, scrap_usd) in life.items():
        lasts = max(1, round(months * DAYS_PER_MONTH - came[n]))
        left = max(1, round((months - age) * DAYS_PER_MONTH))
        if lasts < days or left < days:
            out[n] = replace(out[n], lasts=lasts, left=left, scrap_usd=scrap_usd)
    return out


def _life(desk: Desk, codes: Sequence[int]) -> dict[int, tuple[float, float, float]]:
    """Return by node whose goods expire: months, age of what is on hand at the start, USD a unit to scrap."""
    size = desk.net.codes.items.height
    place = pl.DataFrame({"node": np.array(codes, np.int64), "n": np.arange(len(codes))})
    items = desk.chain.items.select("shelf_months", "scrap_usd", item=pl.int_range(pl.len()))
    here = desk.chain.stocks.select("age_months", here="shelf_months", node=desk.net.codes.node())
    known = (
        place.with_columns(item=pl.col("node") % size)
        .join(items, on="item", how="left", maintain_order="left")
        .join(here, on="node", how="left", maintain_order="left")
        .select("n", "scrap_usd", months=pl.coalesce("here", "shelf_months"), age=pl.col("age_months").fill_null(0.0))
        .drop_nulls("months")
    )
    return {int(n): (float(m), float(a), float(usd)) for n, usd, m, a in known.iter_rows()}


def _came(
    desk: Desk, ships: Sequence[Planned[Ship]], sent: Floats, level: Sequence[Floats], use: Floats,
    order: Sequence[int],
) -> Floats:  # fmt: skip
    """Return how old goods are when they come to each node, by the equations of the module."""
    came, count = np.zeros(len(level)), np.zeros(len(level))
    for n in order:
        if count[n] > 0:
            came[n] /= count[n]
        daily = float(use[n].mean())
        age = came[n] + (float(level[n].mean()) / daily if daily > 0 else 0.0)
        for ship, units in zip(ships, sent, strict=True):
            total = float(units.sum())
            if ship.way.origin == n and total > 0:
                days = float(np.average(np.maximum(ship.way.lead, 0), weights=units))
                came[ship.way.node] += total * (age + days)
                count[ship.way.node] += total
    return came

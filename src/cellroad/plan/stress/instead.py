"""What may stand in for an input of a process, as a way of its own: it turns the substitute into the input.

    one of the input at the site <- ratio of the substitute there, at its extra cost, on valid days

up to the part of the input that it may replace of what is planned to be run. So it is planned, asked for and called in
like any other way. An input that others use at the same place has none: they would be served with the substitute, too.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from cellroad.plan.stress.arrays import Floats
from cellroad.plan.stress.assemble import Make
from cellroad.plan.stress.ways import Desk, Planned

WAY = ["process", "site", "instead_of", "item"]


def substitutes(
    desk: Desk, makes: Sequence[Planned[Make]], lines: int
) -> tuple[list[Planned[Make]], list[tuple[str, ...]], list[Floats], tuple[str, ...]]:
    """Return what may stand in, what limits it, and what is left out.

    makes   the processes; lines: how many lines they have
    Gives the ways (name: what stands in for what, site, input, ""), lines of their own (name, site) with hours by day,
    and remarks.
    """
    found: list[Planned[Make]] = []
    limits: list[tuple[str, ...]] = []
    hours: list[Floats] = []
    remarks = []
    by_name = {planned.name[0]: planned for planned in makes}
    done = desk.plan.substitutions.partition_by(*WAY, as_dict=True)
    swaps = desk.net.goods.swaps
    for key, could in swaps.group_by(*WAY, maintain_order=True):
        process, site, instead_of, item = (str(part) for part in key)
        node, other = int(could["node_to"][0]), int(could["node_from"][0])
        if process not in by_name:
            continue
        if _used_by_others(desk, node, process):
            remarks.append(f"{item} instead of {instead_of} in {process} is not simulated: others at {site} use "
                           f"{instead_of}, too")  # fmt: skip
            continue
        share, replaced = desk.at(could, "share"), desk.summed(done.get(key), "replaced")
        works = desk.opened(site)
        line, name = -1, f"{item} for {instead_of} in {process}"
        if np.nanmin(share) < 1.0:
            units = dict(by_name[process].way.inputs)[node]
            line = lines + len(limits)
            limits.append((name, site))
            hours.append(np.nan_to_num(share)[desk.periods.of_day] * by_name[process].daily * units)
        way = Make(
            node, replaced, ~np.isnan(share), np.full(desk.periods.count, float(could["cost_usd"][0])),
            desk.switch_days, np.ones(desk.periods.count), ((other, float(could["ratio"][0])),), line,
            1.0 if line >= 0 else 0.0,
        )  # fmt: skip
        found.append(Planned((name, site, instead_of, ""), way, desk.spread(replaced, works)))
    return found, limits, hours, tuple(remarks)


def _used_by_others(desk: Desk, node: int, process: str) -> bool:
    """Return whether something else than a process uses what is at a node."""
    net = desk.net
    takers = net.uses.filter(pl.col("node") == node).select("make").join(net.makes, on="make")["process"].unique()
    sent = net.ships.filter(pl.col("node_from") == node).height + net.sells.filter(pl.col("node") == node).height
    return sent > 0 or takers.to_list() != [process]

"""What does a plan by periods do on which day? What is sold on a day must be there on that day.

A plan by months, quarters and years takes what arrives in a period to be there from its first day on. Spread evenly
over the days, goods are missing at the start of a period and left over at its end. So the plan is scheduled backward
from its sales, level by level (material requirements planning with finite capacity; Hopp and Spearman, Factory Physics,
3rd ed., 2008, ch. 3 and 15):

    need[n,t]  = max(0, use of n up to t - on hand)                       what must have come in by the end of day t
    sooner[t]  = max(planned[t], need[t])                                 all ways in are brought forward alike
    level[t]   = max over u >= t of (sooner[u] - room[u]) + room[t]       where a day's room is used up, sooner still
    done[t]    = min(level[t], room[t])                                   what no room is left for cannot be done

in units in all up to day t; `room` is what offers sell, lines have hours for and lanes carry. Nothing is put off, and
each way gives in all what is planned of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import Any

import numpy as np

from cellroad.plan.stress.arrays import Floats
from cellroad.plan.stress.assemble import Buy, Grid, Make, Serve, Ship
from cellroad.plan.stress.ways import Planned

ROUNDS = 4
"""How often the ways into a node are asked to stand in for those among them that have no room left."""


@dataclass(frozen=True)
class Flows:
    """What is planned by day: what comes of purchases, runs, what leaves on lanes, units sold; each (ways, days)."""

    buys: Floats
    makes: Floats
    ships: Floats
    serves: Floats


@dataclass(frozen=True)
class Aggregate:
    """What is planned, before it is worked out by day.

    have        (N, D) on hand at the start and what has come by then whatever is decided
    buys, makes, ships, serves   with what is planned of each, spread over the days of its periods
    row         by way to serve: the row of demand; urgency: USD a want of each row
    opened      by process: 1 on the days on which its site works, 0 on the others
    hours       (D, R) of each line; lane_cap: units a day by lane
    worth       (N,) USD a unit
    """

    grid: Grid
    have: Floats
    buys: Sequence[Planned[Buy]]
    makes: Sequence[Planned[Make]]
    ships: Sequence[Planned[Ship]]
    serves: Sequence[Planned[Serve]]
    row: Sequence[int]
    urgency: Sequence[float]
    opened: Sequence[Floats]
    hours: Floats
    lane_cap: Floats
    worth: Floats

    @property
    def flows(self) -> Flows:
        """Return what is planned by day."""
        days = self.have.shape[1]
        return Flows(*(_daily(ways, days) for ways in (self.buys, self.makes, self.ships, self.serves)))


def used(plan: Aggregate, flows: Flows) -> Floats:
    """Return what is used by node and day."""
    use = np.zeros(plan.have.shape)
    for m, runs in zip(plan.makes, flows.makes, strict=True):
        for node, units in m.way.inputs:
            use[node] += runs * units
    for s, sent in zip(plan.ships, flows.ships, strict=True):
        use[s.way.origin] += sent
    for serve, units in zip(plan.serves, flows.serves, strict=True):
        use[serve.way.node] += units
    return use


def coming(plan: Aggregate, by_way: Sequence[Floats], flows: Flows) -> Floats:
    """Return what ways give by node and day, and what comes out of processes beside it."""
    comes = np.zeros(plan.have.shape)
    ways: list[Planned[Any]] = [*plan.buys, *plan.makes, *plan.ships]
    for planned, daily in zip(ways, by_way, strict=True):
        comes[planned.way.node] += daily
    for m, runs in zip(plan.makes, flows.makes, strict=True):
        for node, units in m.way.beside:
            comes[node] += runs * units
    return comes


def arrivals(plan: Aggregate, flows: Flows) -> list[Floats]:
    """Return what comes by day on each way."""
    made = [runs * m.way.good[plan.grid.period] for m, runs in zip(plan.makes, flows.makes, strict=True)]
    return [*flows.buys, *made, *(arrived(s.way, sent) for s, sent in zip(plan.ships, flows.ships, strict=True))]


def ordered(plan: Aggregate, flows: Flows) -> list[Floats]:
    """Return what is ordered by day on each way, in units of the node that it leads into."""
    asked = [np.where(b.way.due >= 0, came[np.maximum(b.way.due, 0)], 0.0)
             for b, came in zip(plan.buys, flows.buys, strict=True)]  # fmt: skip
    made = [runs * m.way.good[plan.grid.period] for m, runs in zip(plan.makes, flows.makes, strict=True)]
    return [*asked, *made, *flows.ships]


def scheduled(plan: Aggregate, flows: Flows) -> Flows:
    """Return flows so that what is used on a day has come by then wherever there is room for it sooner."""
    grid, have, makes, ships, hours, lane_cap = plan.grid, plan.have, plan.makes, plan.ships, plan.hours, plan.lane_cap
    nodes, days = have.shape
    flows = Flows(flows.buys.copy(), flows.makes.copy(), flows.ships.copy(), flows.serves)
    into: list[list[tuple[str, int]]] = [[] for _ in range(nodes)]
    for kind, ways in (("buys", plan.buys), ("makes", makes), ("ships", ships)):
        for i, planned in enumerate(ways):
            into[planned.way.node].append((kind, i))
    use = np.zeros((nodes, days))
    for serve, units in zip(plan.serves, flows.serves, strict=True):
        use[serve.way.node] += units
    for n in against_the_flow(nodes, makes, ships):
        need = np.maximum(np.cumsum(use[n]) - have[n], 0.0)
        for _ in range(ROUNDS):
            came = [_came(kind, i, flows, ships, makes, grid) for kind, i in into[n]]
            total = np.cumsum(sum(came, np.zeros(days)))
            late = need - total
            if not into[n] or (late <= 1e-9 * max(total[-1], 1.0)).all():
                break
            for (kind, i), mine in zip(into[n], came, strict=True):
                wanted = brought_forward(np.cumsum(mine), total, need)
                if kind == "buys":
                    flows.buys[i] = level(wanted, sold(plan.buys[i].way, days))
                elif kind == "makes":
                    rate = makes[i].way.good[grid.period]
                    room = _free_hours(i, flows, makes, hours, plan.opened[i]) * rate
                    flows.makes[i] = np.divide(level(wanted, room), rate, out=np.zeros(days), where=rate > 0)
                else:
                    flows.ships[i] = _left(i, wanted, flows, ships, lane_cap, grid)
        for kind, i in into[n]:
            if kind == "makes":
                for node, units in makes[i].way.inputs:
                    use[node] += flows.makes[i] * units
            elif kind == "ships":
                use[ships[i].way.origin] += flows.ships[i]
    return flows


def _daily(ways: Sequence[Planned[Any]], days: int) -> Floats:
    return np.array([planned.daily for planned in ways], float).reshape(len(ways), days).copy()


def against_the_flow(nodes: int, makes: Sequence[Planned[Make]], ships: Sequence[Planned[Ship]]) -> list[int]:
    """Return the nodes in an order in which who takes from a node stands before it."""
    sorter: TopologicalSorter[int] = TopologicalSorter({n: [] for n in range(nodes)})
    for planned in makes:
        for taken, _ in planned.way.inputs:
            sorter.add(taken, planned.way.node)
    for sent in ships:
        sorter.add(sent.way.origin, sent.way.node)
    return list(sorter.static_order())


def arrived(ship: Ship, leaves: Floats) -> Floats:
    """Return what comes by day of what leaves by day; what comes after the last day is left out."""
    due, out = np.arange(leaves.size) + ship.planned, np.zeros(leaves.size)
    inside = due < leaves.size
    np.add.at(out, due[inside], leaves[inside])
    return out


def brought_forward(mine: Floats, total: Floats, need: Floats) -> Floats:
    """Return what one way gives in all up to each day when all ways into a node come so much sooner that they cover
    what is needed: what it gives by the day on which the plan would have brought that much."""
    wanted = np.maximum(total, np.minimum(need, total[-1]))
    rises = np.diff(total, prepend=0.0) > 0
    return np.asarray(np.interp(wanted, np.append(0.0, total[rises]), np.append(0.0, mine[rises])), np.float64)


def level(wanted: Floats, room: Floats) -> Floats:
    """Return units by day that give in all by each day what is wanted, sooner where a day has no room for it."""
    daily = np.diff(wanted, prepend=0.0)
    if (daily <= room * (1 + 1e-9)).all():
        return daily
    most = np.cumsum(np.minimum(room, wanted[-1]))
    level = np.maximum.accumulate((wanted - most)[::-1])[::-1] + most
    return np.asarray(np.maximum(np.diff(np.minimum(level, most), prepend=0.0), 0.0))


def sold(buy: Buy, days: int) -> Floats:
    """Return what an offer can bring by day of arrival."""
    room, ordered = np.zeros(days), buy.due >= 0
    room[buy.due[ordered]] = buy.cap[ordered]
    return room


def _free_hours(i: int, flows: Flows, makes: Sequence[Planned[Make]], hours: Floats, opened: Floats) -> Floats:
    """Return how often a process can run on each day beside the others on its line."""
    make = makes[i].way
    if make.line < 0 or make.hours <= 0:
        return np.where(opened > 0, np.inf, 0.0)
    others = sum(
        (flows.makes[j] * makes[j].way.hours for j in range(len(makes)) if j != i and makes[j].way.line == make.line),
        np.zeros(opened.size),
    )
    return np.asarray(np.maximum(hours[:, make.line] - others, 0.0) / make.hours)


def _left(
    i: int, wanted: Floats, flows: Flows, ships: Sequence[Planned[Ship]], lane_cap: Floats, grid: Grid
) -> Floats:  # fmt: skip
    """Return what leaves by day on a lane so that it gives in all by each day what is wanted: left[u] is what must be
    there before anything that leaves after u can be."""
    ship, days = ships[i].way, wanted.size
    first = np.minimum.accumulate((np.arange(days) + ship.planned)[::-1])[::-1]
    before = np.minimum(np.append(first[1:], days), days) - 1
    must = np.where(before >= 0, wanted[np.maximum(before, 0)], 0.0)
    room = np.where(ship.allowed[grid.period], np.inf, 0.0)
    if np.isfinite(lane_cap[ship.lane]):
        others = sum(
            (flows.ships[j] for j in range(len(ships)) if j != i and ships[j].way.lane == ship.lane), np.zeros(days)
        )
        room = np.minimum(room, np.maximum(lane_cap[ship.lane] - others, 0.0))
    return level(np.maximum(np.cumsum(flows.ships[i]), must), room)


def _came(
    kind: str, i: int, flows: Flows, ships: Sequence[Planned[Ship]], makes: Sequence[Planned[Make]], grid: Grid
) -> Floats:  # fmt: skip
    """Return what a way gives by day."""
    if kind == "buys":
        return np.asarray(flows.buys[i])
    if kind == "makes":
        return np.asarray(flows.makes[i] * makes[i].way.good[grid.period])
    return arrived(ships[i].way, flows.ships[i])

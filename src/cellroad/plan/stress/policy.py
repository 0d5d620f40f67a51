"""From a plan to what is done every day: base stocks around the plan, and what stands by.

    target[n,t] = max(0, on hand + what comes anyway + orders planned up to t - use planned up to t) + safety[n]

Orders count when they are placed; what is planned by day is the plan worked out by week (`detail`) and scheduled
backward from its sales (`schedule`). What a node orders is shared out over its ways in as on that day of the schedule.
`safety` is a table that may be given.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain as joined

import numpy as np
import polars as pl

from cellroad.plan.model import end_value
from cellroad.plan.network import arcs
from cellroad.plan.network.network import expand
from cellroad.plan.network.worth import finite
from cellroad.plan.planning import allowed as lawful
from cellroad.plan.result import Plan
from cellroad.plan.stress.arrays import Floats
from cellroad.plan.stress.assemble import (
    Built,
    Flags,
    Grid,
    Make,
    Node,
    Parts,
    Row,
    Serve,
    Ship,
    assemble,
    urgency,
)
from cellroad.plan.stress.connected import connected, nodes_of, without_circles
from cellroad.plan.stress.detail import detailed
from cellroad.plan.stress.instead import substitutes
from cellroad.plan.stress.lasting import lasting
from cellroad.plan.stress.packing import packed
from cellroad.plan.stress.schedule import Aggregate, against_the_flow, coming, ordered, scheduled, used
from cellroad.plan.stress.ways import DAYS_PER_MONTH, Desk, Planned, demands, processes, purchases, transports

SWITCH_DAYS = 14
"""Days that something must be missing before another vendor, process or lane is called in."""
OTHER_ITEM_DAYS = 1
"""Days that customers must have been short before another item that they take is asked for."""
SIMULATED = (
    "revenue", "purchase", "make", "freight", "duty", "fees", "insurance", "holding", "penalty", "late", "credit",
    "end_stock",
)  # fmt: skip
"""Kinds of cash that follow what happens; the others stay as planned."""
WORTH_TELLING = 5e-4
"""Part of planned sales above which it is told that they cannot be there on their day."""
NEGLIGIBLE = 1e-5
"""Part of the largest flow into a node below which another is a rounding error, and its way stands by."""
NOT_A_COST = ("capex", "end_plant", "recovered", "closing")
"""Kinds that stay as planned and are no part of the cost of a kWh."""


@dataclass(frozen=True)
class Operated:
    """A plan as it is run: its parts, its arrays, and what they are called.

    nodes     site, item; buys: offer, site, item; makes: process, site, item, resource; ships: lane, item, origin,
              destination, mode; serves: row, market, item; lines: resource, site; lanes: lane; as in the arrays
    rows      market, want, segment, in the order of the arrays
    fixed_usd, fixed_cost_usd   discounted value, and cost, of what stays as planned
    """

    plan: Plan
    parts: Parts
    built: Built
    nodes: pl.DataFrame
    buys: pl.DataFrame
    makes: pl.DataFrame
    ships: pl.DataFrame
    serves: pl.DataFrame
    rows: pl.DataFrame
    lines: pl.DataFrame
    lanes: pl.DataFrame
    fixed_usd: float
    fixed_cost_usd: float
    remarks: tuple[str, ...] = ()


def operate(plan: Plan, stock: pl.DataFrame | None = None, switch_days: int = SWITCH_DAYS) -> Operated:
    """Return a plan as it is run day by day.

    stock         site, item, safety_stock (units): held above what the plan holds; None: nothing
    switch_days   days that something must be missing before another vendor, process or item is called in
    """
    net = expand(plan.chain, plan.basis.rules if plan.basis is not None else lawful(plan.chain))
    desk = Desk(net, plan, switch_days, arcs.open_days(net.chain, net.periods))
    lines, hours = _lines(desk)
    lanes = net.ships["lane"].unique(maintain_order=True).to_list()
    buys, makes, ships = purchases(desk), processes(desk, [name for name, _ in lines]), transports(desk, lanes)
    others, limits, limited, left_out = substitutes(desk, makes, len(lines))
    makes, lines, hours = [*makes, *others], [*lines, *limits], np.column_stack([hours, *limited])
    rows, serves = demands(desk)
    buys, makes, ships, serves = connected(buys, makes, ships, serves, _given(desk))
    makes, ships, remarks = without_circles(makes, ships)
    sailed = list(dict.fromkeys(s.way.lane for s in ships))
    lanes, number = [lanes[n] for n in sailed], {n: new for new, n in enumerate(sailed)}
    nodes = sorted(nodes_of(buys, makes, ships, serves))
    place = {node: n for n, node in enumerate(nodes)}
    buys = [replace(b, way=replace(b.way, node=place[b.way.node])) for b in buys]
    makes = [replace(m, way=_placed_make(m.way, place)) for m in makes]
    ships = [
        replace(s, way=replace(s.way, node=place[s.way.node], origin=place[s.way.origin], lane=number[s.way.lane]))
        for s in ships
    ]
    serves = [[replace(s, way=replace(s.way, node=place[s.way.node])) for s in mine] for mine in serves]
    grid, room, sold = _grid(desk), _room(desk, lanes), list(joined(*serves))
    on_hand, comes, have = _there(desk, place)
    aggregate = Aggregate(
        grid, have, buys, makes, ships, sold, [q for q, mine in enumerate(serves) for _ in mine],
        [urgency(replace(row, serves=tuple(s.way for s in mine))) for (_, row), mine in zip(rows, serves, strict=True)],
        [desk.opened(m.name[1]) for m in makes], hours, room, finite(net.worth[np.array(nodes)]).mean(axis=1),
    )  # fmt: skip
    detail = detailed(aggregate)
    flows = scheduled(aggregate, detail.flows)
    by_way = ordered(aggregate, flows)
    use = used(aggregate, flows)
    level = have + np.cumsum(coming(aggregate, by_way, flows) - use, axis=1)
    ways = [planned.way for planned in (*buys, *makes, *ships)]
    part = iter(shared(by_way, [way.node for way in ways], [way.allowed[grid.period] for way in ways]))
    wants = [units / s.way.units for s, units in zip(sold, flows.serves, strict=True)]
    sales = iter(shared(wants, aggregate.row, [s.way.allowed[grid.period] for s in sold]))
    parts = Parts(
        grid,
        lasting(
            desk,
            nodes,
            _stored(desk, nodes, on_hand, level, comes, stock),
            ships,
            flows.ships,
            use,
            list(reversed(against_the_flow(len(nodes), makes, ships))),
        ),
        [replace(b.way, share=next(part)) for b in buys],
        [replace(m.way, share=next(part)) for m in makes],
        [replace(s.way, share=next(part), cover=_cover(s, use[s.way.node])) for s in ships],
        [
            replace(row, serves=tuple(replace(s.way, share=next(sales)) for s in mine), promised=_promised(row, mine))
            for (_, row), mine in zip(rows, serves, strict=True)
        ],
        hours,
        room,
        OTHER_ITEM_DAYS,
        packed(net, plan, [s.name for s in ships]),
    )
    built = assemble(parts)
    order = built.rows.tolist()
    cash = plan.cash.filter(~pl.col("kind").is_in(SIMULATED))
    expired = plan.scrapped.filter(pl.col("reason") == "expired")
    gone, discount = expired["cost_usd"].to_numpy(), desk.periods.discount[expired["period"].to_numpy()]
    site, item = net.codes.site_of(pl.col("node")), net.codes.item_of(pl.col("node"))
    return Operated(
        plan, parts, built,
        pl.DataFrame({"node": np.array(nodes)[np.argsort(built.node)]}).select(site=site, item=item),
        _named([b.name for b in buys], "offer", "site", "item"),
        _named([m.name for m in makes], "process", "site", "item", "resource"),
        _named([s.name for s in ships], "lane", "item", "origin",
               "destination", "mode"),
        _named([(str(n), *s.name) for n, old in enumerate(order) for s in serves[old]], "row", "market", "item")
        .with_columns(pl.col("row").cast(pl.Int64)),
        _named([rows[old][0] for old in order], "market", "want", "segment"),
        _named(lines, "resource", "site"),
        pl.DataFrame({"lane": lanes}, schema={"lane": pl.String}),
        float(cash["discounted_usd"].sum() + (gone * discount).sum()),
        -float(cash.filter(~pl.col("kind").is_in(NOT_A_COST))["usd"].sum() + gone.sum()),
        (*left_out, *remarks, *_late(desk, aggregate, detail.short, [key for key, _ in rows])),
    )  # fmt: skip


def shared(units: Sequence[Floats], nodes: Sequence[int], could: Sequence[Flags]) -> list[Floats]:
    """Return what part each way has of all that is units at its node, by step; where nothing is units, as when
    something was last or will be first, and where nothing ever is, all to the first way that could be used.

    units, could   by way: units by step, and whether it could be used; nodes: which node it leads into
    """
    out = [np.zeros(0)] * len(units)
    for node in set(nodes):
        mine = [i for i, n in enumerate(nodes) if n == node]
        flow = np.array([units[i] for i in mine])
        flow = np.where(flow > NEGLIGIBLE * flow.max(initial=0.0), flow, 0.0)
        total = flow.sum(axis=0)
        known = np.flatnonzero(total > 0)
        if known.size:
            before = np.searchsorted(known, np.arange(total.size), "right") - 1
            step = known[np.maximum(before, 0)]
            part = flow[:, step] / total[step]
        else:
            part = np.zeros(flow.shape)
            part[np.argmax(np.array([could[i] for i in mine]), axis=0), np.arange(total.size)] = 1.0
        for i, row in zip(mine, part, strict=True):
            out[i] = row
    return out


def _grid(desk: Desk) -> Grid:
    period = desk.periods.of_day
    month = (np.datetime64(desk.periods.start, "D") + np.arange(desk.days)).astype("datetime64[M]").astype(np.int64)
    return Grid(period, month - month[0], desk.periods.discount[period], desk.periods.end_discount)


def _lines(desk: Desk) -> tuple[list[tuple[str, ...]], Floats]:
    """Return the lines that stand, and their hours by day: on open days."""
    sites = dict(desk.chain.resources.select("resource", "site").iter_rows())
    there = desk.plan.capacity.filter(pl.col("hours_available") > 0).partition_by("resource", as_dict=True)
    names = sorted(str(name) for (name,) in there)
    hours = [desk.spread(desk.summed(there[(n,)], "hours_available"), desk.opened(sites[n])) for n in names]
    return [(n, sites[n]) for n in names], np.column_stack(hours) if hours else np.zeros((desk.days, 0))


def _room(desk: Desk, lanes: Sequence[str]) -> Floats:
    most = dict(desk.chain.lanes.select("lane", "max_per_month").iter_rows())
    return np.array([np.inf if most[n] is None else most[n] / DAYS_PER_MONTH for n in lanes], float)


def _given(desk: Desk) -> set[int]:
    """Return the nodes that have goods without a decision."""
    held = desk.net.nodes.filter(pl.col("on_hand") > 0)["node"].to_list()
    return {*held, *(node for node, _, _ in _coming(desk))}


def _coming(desk: Desk) -> list[tuple[int, int, float]]:
    """Return node, day and units of what arrives whatever is decided: under way at the start, or sold and returned."""
    arriving = desk.chain.pipeline.select("quantity", day="arrives", node=desk.net.codes.node())
    if desk.plan.returned.height:
        back = desk.plan.returned.select("quantity", day="start", node=desk.net.codes.node("site", "returned"))
        arriving = pl.concat([arriving, back])
    found = [(int(node), desk.periods.day_number(day), float(q)) for q, day, node in arriving.iter_rows()]
    return [(node, max(day, 0), q) for node, day, q in found if day < desk.days]


def _there(desk: Desk, place: dict[int, int]) -> tuple[Floats, list[list[tuple[int, float]]], Floats]:
    """Return what is on hand at each node, what comes whatever is decided (day, units), and both in all by day."""
    held = dict(desk.net.nodes.select("node", "on_hand").iter_rows())
    on_hand = np.array([held.get(node, 0.0) for node in place])
    comes: list[list[tuple[int, float]]] = [[] for _ in place]
    have = np.repeat(on_hand[:, None], desk.days, axis=1)
    for node, day, units in _coming(desk):
        if node in place:
            comes[place[node]].append((day, units))
            have[place[node], day:] += units
    return on_hand, comes, have


def _late(desk: Desk, plan: Aggregate, short: Floats, rows: list[tuple[str, ...]]) -> tuple[str, ...]:
    """Return a remark on what the plan sells before it can be there."""
    missing, wanted = float(short.sum()), sum(float((s.daily / s.way.units).sum()) for s in plan.serves)
    if missing <= WORTH_TELLING * wanted:
        return ()
    q, month = divmod(
        int(np.argmax([np.bincount(plan.grid.month, row) for row in short])), int(plan.grid.month[-1]) + 1
    )
    first = desk.periods.date_of(int(np.searchsorted(plan.grid.month, month)))
    market, want, _ = rows[q]
    return (
        f"{missing / wanted:.1%} of what the plan sells cannot be there on its day, whatever is done in each week: a "
        f"period takes what arrives in it to be there from its first day on; most of it is {want} in {market} in "
        f"{first:%b %Y}",
    )


def _stored(
    desk: Desk, used: list[int], on_hand: Floats, level: Floats, comes: list[list[tuple[int, float]]],
    stock: pl.DataFrame | None,
) -> list[Node]:  # fmt: skip
    """Return the nodes with their base stock, by the equation of the module."""
    target = np.maximum(level, 0.0)
    if stock is not None:
        place = {node: n for n, node in enumerate(used)}
        known = stock.with_columns(node=desk.net.codes.node()).select("node", "safety_stock")
        for node, units in known.iter_rows():
            if node in place:
                target[place[node]] += units
    code = np.array(used, np.int64)
    rate = np.zeros(desk.net.codes.nodes)
    rate[desk.net.nodes["node"].to_numpy()] = desk.net.nodes["holding_per_year"].to_numpy()
    hold = finite(desk.net.worth[code]) * rate[code][:, None] / 365.25
    ends = end_value(desk.net, code)
    return [Node(float(on_hand[n]), target[n], hold[n], float(ends[n]), tuple(comes[n])) for n in range(len(used))]


def _cover(ship: Planned[Ship], use: Floats) -> Floats | None:
    """Return what a node uses by day until goods of an air lane come, that day and those of the lane; else none."""
    if ship.name[4] != "air":
        return None
    until = np.append(0.0, np.cumsum(use))
    day = np.arange(use.size)
    return np.asarray(until[np.minimum(day + np.maximum(ship.way.planned, 0) + 1, use.size)] - until[day], np.float64)


def _promised(row: Row, mine: list[Planned[Serve]]) -> Floats:
    """Return by day the part of what is wanted that the plan sells."""
    planned = sum((s.daily / s.way.units for s in mine), np.zeros(row.base.size))
    part = np.divide(planned, row.base, out=np.ones(row.base.size), where=row.base > 0)
    return np.where(part > 1 - 1e-6, 1.0, np.maximum(part, 0.0))


def _placed_make(make: Make, place: dict[int, int]) -> Make:
    inputs, beside = (tuple((place[node], units) for node, units in pairs) for pairs in (make.inputs, make.beside))
    return replace(make, node=place[make.node], inputs=inputs, beside=beside)


def _named(rows: Sequence[tuple[str, ...]], *names: str) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")

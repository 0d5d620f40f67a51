"""From a plan to what is done every day: base stocks around the plan, and what stands by.

    target[n,t] = max(0, on hand + orders planned up to t - use planned up to t + working[n,t]) + safety[n]

Orders count when they are placed. `working` is what a plan by periods does not see: how far stock would fall below
nothing within a period, where goods leave in another rhythm than they come,

    working[n,t] = max over days u from t to t + reach[n] of
                   max(0, -min over days of the period of u of (on hand + arrivals planned - use planned))

where reach[n] are the days from the farthest supplier, and `safety` is a table that may be given.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain as joined
from itertools import pairwise

import numpy as np
import polars as pl

from cellroad.plan import arcs
from cellroad.plan.model import end_value
from cellroad.plan.network import expand
from cellroad.plan.planning import allowed as lawful
from cellroad.plan.result import Plan
from cellroad.plan.stress.arrays import Floats, Ints
from cellroad.plan.stress.assemble import (
    Built,
    Buy,
    Flags,
    Grid,
    Make,
    Node,
    Parts,
    Row,
    Serve,
    Ship,
    assemble,
    circle,
)
from cellroad.plan.stress.ways import DAYS_PER_MONTH, Desk, Planned, demands, processes, purchases, transports
from cellroad.plan.worth import finite

SWITCH_DAYS = 14
"""Days that something must be missing before another vendor, process or lane is called in."""
OTHER_ITEM_DAYS = 1
"""Days that customers must have been short before another item that they take is asked for."""
SIMULATED = (
    "revenue", "purchase", "make", "freight", "duty", "fees", "insurance", "holding", "penalty", "late", "credit",
    "end_stock",
)  # fmt: skip
"""Kinds of cash that follow what happens; the others stay as planned."""
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
    rows, serves = demands(desk)
    buys, makes, ships, serves = connected(buys, makes, ships, serves, _given(desk))
    sailed = list(dict.fromkeys(s.way.lane for s in ships))
    lanes, number = [lanes[n] for n in sailed], {n: new for new, n in enumerate(sailed)}
    used = sorted(_nodes_of(buys, makes, ships, serves))
    place = {node: n for n, node in enumerate(used)}
    parts = Parts(
        _grid(desk),
        _nodes(desk, used, _flows(desk, place, buys, makes, ships, serves), _reach(place, buys, makes, ships), stock),
        [replace(b.way, node=place[b.way.node]) for b in buys],
        [_placed_make(m.way, place) for m in makes],
        [replace(s.way, node=place[s.way.node], origin=place[s.way.origin], lane=number[s.way.lane]) for s in ships],
        [_placed_row(row, mine, place) for (_, row), mine in zip(rows, serves, strict=True)],
        hours,
        _room(desk, lanes),
        OTHER_ITEM_DAYS,
    )
    parts, kept, remarks = without_circles(parts)
    built = assemble(shared(parts))
    order = built.rows.tolist()
    cash = plan.cash.filter(~pl.col("kind").is_in(SIMULATED))
    site, item = net.codes.site_of(pl.col("node")), net.codes.item_of(pl.col("node"))
    return Operated(
        plan, parts, built,
        pl.DataFrame({"node": np.array(used)[np.argsort(built.node)]}).select(site=site, item=item),
        _named([b.name for b in buys], "offer", "site", "item"),
        _named([m.name for m, keep in zip(makes, kept[0], strict=True) if keep], "process", "site", "item", "resource"),
        _named([s.name for s, keep in zip(ships, kept[1], strict=True) if keep], "lane", "item", "origin",
               "destination", "mode"),
        _named([(str(n), *s.name) for n, old in enumerate(order) for s in serves[old]], "row", "market", "item")
        .with_columns(pl.col("row").cast(pl.Int64)),
        _named([rows[old][0] for old in order], "market", "want", "segment"),
        _named(lines, "resource", "site"),
        pl.DataFrame({"lane": lanes}, schema={"lane": pl.String}),
        float(cash["discounted_usd"].sum()),
        -float(cash.filter(~pl.col("kind").is_in(NOT_A_COST))["usd"].sum()),
        remarks,
    )  # fmt: skip


def shared(parts: Parts) -> Parts:
    """Turn planned quantities into parts of what a node orders; where nothing is planned, as in the nearest period in
    which something is, else all to the first way."""

    def parted(at: list[int], flows: list[Floats], could: list[Flags]) -> list[Floats]:
        out = list(flows)
        for node in set(at):
            mine = [i for i, n in enumerate(at) if n == node]
            flow = np.array([flows[i] for i in mine])
            total = flow.sum(axis=0)
            part = np.divide(flow, total, out=np.full(flow.shape, np.nan), where=total > 0)
            known = pl.DataFrame(part.T).fill_nan(None).fill_null(strategy="forward").fill_null(strategy="backward")
            part = known.fill_null(0.0).to_numpy().T.copy()
            first = np.argmax(np.array([could[i] for i in mine]), axis=0)
            nobody = part.sum(axis=0) == 0
            part[first[nobody], np.flatnonzero(nobody)] = 1.0
            for i, row in zip(mine, part, strict=True):
                out[i] = row
        return out

    ways = [*parts.buys, *parts.makes, *parts.ships]
    part = iter(parted([w.node for w in ways], [w.share for w in ways], [w.allowed for w in ways]))
    serves = [(q, serve) for q, row in enumerate(parts.rows) for serve in row.serves]
    sold = iter(
        parted([q for q, _ in serves], [s.share for _, s in serves], [s.allowed for _, s in serves]) if serves else []
    )
    return replace(
        parts,
        buys=[replace(buy, share=next(part)) for buy in parts.buys],
        makes=[replace(make, share=next(part)) for make in parts.makes],
        ships=[replace(ship, share=next(part)) for ship in parts.ships],
        rows=[replace(row, serves=tuple(replace(s, share=next(sold)) for s in row.serves)) for row in parts.rows],
    )


def connected(
    buys: list[Planned[Buy]], makes: list[Planned[Make]], ships: list[Planned[Ship]],
    serves: list[list[Planned[Serve]]], given: set[int],
) -> tuple[list[Planned[Buy]], list[Planned[Make]], list[Planned[Ship]], list[list[Planned[Serve]]]]:  # fmt: skip
    """Keep what goods can reach and from where they can reach a customer; `given` are nodes that have goods anyway."""
    supplied = {b.way.node for b in buys} | given
    while True:
        more = {m.way.node for m in makes if all(node in supplied for node, _ in m.way.inputs)}
        more |= {node for m in makes if m.way.node in more for node, _ in m.way.beside}
        more |= {s.way.node for s in ships if s.way.origin in supplied}
        if more <= supplied:
            break
        supplied |= more
    makes = [m for m in makes if all(node in supplied for node, _ in m.way.inputs)]
    ships = [s for s in ships if s.way.origin in supplied]
    serves = [[s for s in mine if s.way.node in supplied] for mine in serves]
    useful = {s.way.node for mine in serves for s in mine}
    while True:
        more = {node for m in makes if m.way.node in useful for node, _ in m.way.inputs}
        more |= {s.way.origin for s in ships if s.way.node in useful}
        if more <= useful:
            break
        useful |= more
    return (
        [b for b in buys if b.way.node in useful],
        [m for m in makes if m.way.node in useful],
        [s for s in ships if s.way.node in useful],
        serves,
    )


def without_circles(parts: Parts) -> tuple[Parts, tuple[list[bool], list[bool]], tuple[str, ...]]:
    """Leave out ways by which goods could flow in a circle, the least used first; return which processes and lanes stay
    and a remark where something planned is left out."""
    makes, ships, remarks = [True] * len(parts.makes), [True] * len(parts.ships), list[str]()
    while True:
        left = replace(
            parts,
            makes=[m for m, keep in zip(parts.makes, makes, strict=True) if keep],
            ships=[s for s, keep in zip(parts.ships, ships, strict=True) if keep],
        )
        around = circle(left)
        if not around:
            return left, (makes, ships), tuple(remarks)
        steps = set(pairwise(around))
        on_it = [(float(s.share.sum()), 1, i) for i, s in enumerate(parts.ships) if ships[i]
                 and (s.origin, s.node) in steps]  # fmt: skip
        on_it += [(float(m.share.sum()), 0, i) for i, m in enumerate(parts.makes) if makes[i]
                  and any((node, m.node) in steps for node, _ in m.inputs)]  # fmt: skip
        flow, kind, i = min(on_it)
        (makes, ships)[kind][i] = False
        if flow > 0:
            remarks.append("goods that the plan sends in a circle are simulated without one of its legs")


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


def _nodes_of(
    buys: list[Planned[Buy]], makes: list[Planned[Make]], ships: list[Planned[Ship]],
    serves: list[list[Planned[Serve]]],
) -> set[int]:  # fmt: skip
    ends = {b.way.node for b in buys} | {m.way.node for m in makes} | {s.way.node for mine in serves for s in mine}
    ends |= {node for s in ships for node in (s.way.node, s.way.origin)}
    return ends | {node for m in makes for node, _ in (*m.way.inputs, *m.way.beside)}


def _flows(
    desk: Desk, place: dict[int, int], buys: list[Planned[Buy]], makes: list[Planned[Make]],
    ships: list[Planned[Ship]], serves: list[list[Planned[Serve]]],
) -> tuple[Floats, Floats, Floats]:  # fmt: skip
    """Return by node and day, as planned: what is ordered, what arrives, what leaves; each (nodes, days)."""
    ordered, arrived, left = (np.zeros((len(place), desk.days)) for _ in range(3))
    for b in buys:
        n, due = place[b.way.node], b.way.due
        arrived[n] += b.daily
        ordered[n] += np.where(due >= 0, b.daily[np.maximum(due, 0)], 0.0)
    for m in makes:
        n, good = place[m.way.node], m.daily * m.way.good[desk.periods.of_day]
        ordered[n] += good
        arrived[n] += good
        for node, units in m.way.inputs:
            left[place[node]] += m.daily * units
        for node, units in m.way.beside:
            ordered[place[node]] += m.daily * units
            arrived[place[node]] += m.daily * units
    for s in ships:
        n, day = place[s.way.node], np.arange(desk.days) + s.way.lead
        ordered[n] += s.daily
        left[place[s.way.origin]] += s.daily
        np.add.at(arrived[n], day[day < desk.days], s.daily[day < desk.days])
    for serve in joined(*serves):
        left[place[serve.way.node]] += serve.daily
    return ordered, arrived, left


def ahead(daily: Floats, days: Ints) -> Floats:
    """Return the largest of the days that follow, each row as far as told: out[n,t] = max over u in t..t+days[n]."""
    out = daily.copy()
    for n, reach in enumerate(days):
        if reach and daily[n].any():
            padded = np.concatenate([daily[n], np.repeat(daily[n, -1:], reach)])
            out[n] = np.lib.stride_tricks.sliding_window_view(padded, reach + 1).max(axis=1)
    return out


def _reach(
    place: dict[int, int], buys: list[Planned[Buy]], makes: list[Planned[Make]], ships: list[Planned[Ship]]
) -> Ints:
    """Return by node the days from the farthest supplier that goods come from in the plan."""
    reach = np.zeros(len(place), np.int64)
    links = [(m.way.node, node, 0) for m in makes for node, _ in m.way.inputs if m.daily.any()]
    links += [(s.way.node, s.way.origin, round(float(np.median(s.way.lead)))) for s in ships if s.daily.any()]
    for b in buys:
        known = np.flatnonzero(b.way.due >= 0)
        days = round(float(np.median(b.way.due[known] - known))) if known.size and b.daily.any() else 0
        reach[place[b.way.node]] = max(reach[place[b.way.node]], days)
    for _ in range(len(place)):
        before = reach.copy()
        for node, origin, days in links:
            reach[place[node]] = max(reach[place[node]], min(reach[place[origin]] + days, 400))
        if np.array_equal(before, reach):
            break
    return reach


def _nodes(
    desk: Desk, used: list[int], flows: tuple[Floats, Floats, Floats], leads: Ints, stock: pl.DataFrame | None
) -> list[Node]:
    """Return the nodes with their base stock, by the equation of the module."""
    ordered, arrived, left = flows
    place = {node: n for n, node in enumerate(used)}
    held = dict(desk.net.nodes.select("node", "on_hand").iter_rows())
    on_hand = np.array([held.get(node, 0.0) for node in used])
    comes: list[list[tuple[int, float]]] = [[] for _ in used]
    have = on_hand[:, None] - np.cumsum(left, axis=1)
    for node, day, units in _coming(desk):
        if node in place:
            comes[place[node]].append((day, units))
            have[place[node], day:] += units
    shelf = have + np.cumsum(arrived, axis=1)
    lowest = np.minimum.reduceat(shelf, desk.periods.first_day[:-1], axis=1)
    working = ahead(np.maximum(-lowest, 0.0)[:, desk.periods.of_day], leads)
    target = np.maximum(have + np.cumsum(ordered, axis=1) + working, 0.0)
    if stock is not None:
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


def _placed_make(make: Make, place: dict[int, int]) -> Make:
    inputs, beside = (tuple((place[node], units) for node, units in pairs) for pairs in (make.inputs, make.beside))
    return replace(make, node=place[make.node], inputs=inputs, beside=beside)


def _placed_row(row: Row, mine: list[Planned[Serve]], place: dict[int, int]) -> Row:
    return replace(row, serves=tuple(replace(s.way, node=place[s.way.node]) for s in mine))


def _named(rows: Sequence[tuple[str, ...]], *names: str) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")

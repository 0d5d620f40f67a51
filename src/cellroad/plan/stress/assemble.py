"""From nodes and ways as a person would list them to the arrays of the recursion: numbered in the direction of flow,
ways by node, dearest use first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter

import numpy as np
from numpy.typing import NDArray

from cellroad.plan.stress.arrays import Floats, Ints, Places, System

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Node:
    """An item at a site: on hand at the start, base stock by day, USD a unit and day by period, USD a unit at the end,
    what arrives whatever is decided (day, units); days that goods last from when they come (0: for ever), and of those
    on hand at the start, USD a unit to scrap."""

    on_hand: float
    target: Floats
    hold_usd: Floats
    end_usd: float = 0.0
    comes: tuple[tuple[int, float], ...] = ()
    lasts: int = 0
    left: int = 0
    scrap_usd: float = 0.0


@dataclass(frozen=True)
class Way:
    """A way into a node: its part of orders by day, whether it can be used and USD a unit by period; days before it is
    asked where it has no part."""

    node: int
    share: Floats
    allowed: Flags
    usd: Floats
    wait: int


@dataclass(frozen=True)
class Buy(Way):
    """A purchase: day of arrival by day of order (-1: none), units a day, units of the least order, least and most
    that chance makes of its price by period, as a factor on it."""

    due: Ints
    cap: Floats
    least: float = 0.0
    low: Floats | float = 0.0
    high: Floats | float = np.inf


@dataclass(frozen=True)
class Make(Way):
    """A process: its line (-1: none), hours and inputs (node, units) a run, what comes out beside, good units a run."""

    good: Floats
    inputs: tuple[tuple[int, float], ...]
    line: int = -1
    hours: float = 0.0
    beside: tuple[tuple[int, float], ...] = ()


@dataclass(frozen=True)
class Ship(Way):
    """An item on a lane: where it comes from, days under way by day, customs value, duty and fees a unit by period; of
    an express lane, what is planned to be used until its goods come, by day (none: no express lane); days that goods
    are planned to wait for a container to be full."""

    origin: int
    lane: int
    lead: Ints
    customs: Floats
    duty: Floats
    cover: Floats | None = None
    held: int = 0

    @property
    def planned(self) -> Ints:
        """Return the days from when goods are there to leave until they arrive, by day."""
        return self.lead + self.held


@dataclass(frozen=True)
class Boxes:
    """Containers of a lane that leave whole: what fills them (number of the ship, parts of a container that a unit
    fills by mass and by volume, whether dangerous), days that goods wait for one to be full, USD each, and for one with
    dangerous goods beside it."""

    fills: tuple[tuple[int, float, float, bool], ...]
    days: int
    usd: float
    more_usd: float = 0.0


@dataclass(frozen=True)
class Serve:
    """An item that serves a row of demand: units a want, its part by day, whether it may, USD and kWh a want."""

    node: int
    units: float
    share: Floats
    allowed: Flags
    usd: Floats
    kwh: float = 0.0


@dataclass(frozen=True)
class Row:
    """A row of demand: wants by day, what serves them, USD a want that is lost, USD a want and day of waiting, how long
    and what part of customers wait, the part of wants that the plan serves (none: all)."""

    base: Floats
    serves: tuple[Serve, ...]
    short_usd: Floats
    late_usd: Floats
    patience: int = 0
    keeps: float = 0.0
    promised: Floats | None = None


@dataclass(frozen=True)
class Grid:
    """Days: their period, month and discount factor; the factor of the end."""

    period: Ints
    month: Ints
    discount: Floats
    end_discount: float = 1.0


@dataclass(frozen=True)
class Parts:
    """Everything that is simulated, as lists; hours by day and line, units a day by lane, days before an item is
    switched, containers that leave whole."""

    grid: Grid
    nodes: Sequence[Node]
    buys: Sequence[Buy] = ()
    makes: Sequence[Make] = ()
    ships: Sequence[Ship] = ()
    rows: Sequence[Row] = ()
    hours: Floats = field(default_factory=lambda: np.zeros((0, 0)))
    lane_cap: Floats = field(default_factory=lambda: np.zeros(0))
    switch: int = 14
    boxes: Sequence[Boxes] = ()


@dataclass(frozen=True)
class Built:
    """The arrays, and where things are in them: new number of each node, old number of each row of demand."""

    system: System
    node: Ints
    rows: Ints


def assemble(parts: Parts) -> Built:
    """Return the arrays of a system. Raises CycleError (graphlib) where goods could flow in a circle."""
    days, periods, count = parts.grid.period.size, int(parts.grid.period.max()) + 1, len(parts.nodes)
    edges = edges_of(parts.makes, parts.ships)
    worth = _worth(parts, edges)
    node = _numbered(count, edges, worth)
    ways: list[Way] = [*parts.buys, *parts.makes, *parts.ships]
    order = np.argsort([-urgency(row) for row in parts.rows], kind="stable")
    rows = [parts.rows[i] for i in order]
    serves = [serve for row in rows for serve in row.serves]
    in_ptr, in_way = _grouped([int(node[way.node]) for way in ways], count)
    out_ptr, out_way, out_input = _outs(parts, node, worth)
    leads: dict[bytes, int] = {}
    classes = [leads.setdefault(ship.lead.tobytes(), len(leads)) for ship in parts.ships]
    old = np.argsort(node)
    come = sorted((day, int(node[n]), units) for n, at in enumerate(parts.nodes) for day, units in at.comes)
    hours = parts.hours if parts.hours.size else np.zeros((days, 0))
    inputs = _taken([make.inputs for make in parts.makes], node)
    beside = _taken([make.beside for make in parts.makes], node)
    aged = [n for n in old if parts.nodes[n].lasts > 0]
    fills = [fill for box in parts.boxes for fill in box.fills]
    box_of, lane_days = np.full(len(parts.ships), -1), np.ones(len(parts.lane_cap))
    for g, box in enumerate(parts.boxes):
        for k, *_ in box.fills:
            box_of[k] = g
            lane_days[parts.ships[k].lane] = max(1.0, box.days)
    lead_in = np.zeros(count)
    for way in reversed([way for way in ways if not (isinstance(way, Ship) and way.cover is not None)]):
        lead_in[node[way.node]] = _usual(way)
    system = System(
        period=parts.grid.period.astype(np.int64),
        month=parts.grid.month.astype(np.int64),
        discount=parts.grid.discount,
        end_discount=float(parts.grid.end_discount),
        on_hand=np.array([parts.nodes[n].on_hand for n in old], float),
        target=_columns([parts.nodes[n].target for n in old], days),
        came_day=np.array([c[0] for c in come], np.int64),
        came_node=np.array([c[1] for c in come], np.int64),
        came_units=np.array([c[2] for c in come], float),
        hold_usd=_columns([parts.nodes[n].hold_usd for n in old], periods),
        end_usd=np.array([parts.nodes[n].end_usd for n in old], float),
        old_node=node[aged].astype(np.int64),
        old_days=np.array([parts.nodes[n].lasts for n in aged], np.int64),
        old_first=np.array([max(parts.nodes[n].left, 1) - 1 for n in aged], np.int64),
        old_usd=np.array([parts.nodes[n].scrap_usd for n in aged], float),
        lead_in=lead_in,
        in_ptr=in_ptr,
        in_way=in_way,
        share=_columns([np.broadcast_to(way.share, days) for way in ways], days),
        allowed=_columns([way.allowed for way in ways], periods).astype(np.bool_),
        wait=np.array([way.wait for way in ways], np.int64),
        usd=_columns([way.usd for way in ways], periods),
        buy_due=_columns([buy.due for buy in parts.buys], days).astype(np.int64),
        buy_cap=_columns([buy.cap for buy in parts.buys], days),
        least=np.array([buy.least for buy in parts.buys], float),
        price_low=_columns([np.broadcast_to(buy.low, periods) for buy in parts.buys], periods),
        price_high=_columns([np.broadcast_to(buy.high, periods) for buy in parts.buys], periods),
        make_line=np.array([make.line for make in parts.makes], np.int64),
        make_hours=np.array([make.hours for make in parts.makes], float),
        make_out=np.array([node[make.node] for make in parts.makes], np.int64),
        make_yield=_columns([make.good for make in parts.makes], periods),
        input_ptr=inputs[0],
        input_node=inputs[1],
        input_units=inputs[2],
        beside_ptr=beside[0],
        beside_node=beside[1],
        beside_units=beside[2],
        out_ptr=out_ptr,
        out_way=out_way,
        out_input=out_input,
        hours=hours,
        ship_from=np.array([node[ship.origin] for ship in parts.ships], np.uint32),
        ship_to=np.array([node[ship.node] for ship in parts.ships], np.uint32),
        ship_lane=np.array([ship.lane for ship in parts.ships], np.uint32),
        ship_class=np.array(classes, np.uint32),
        ship_customs=_columns([ship.customs for ship in parts.ships], periods),
        ship_duty=_columns([ship.duty for ship in parts.ships], periods),
        express=np.array([ship.cover is not None for ship in parts.ships], np.bool_),
        cover=_columns([np.zeros(days) if ship.cover is None else ship.cover for ship in parts.ships], days),
        box_of=box_of,
        box_ptr=np.cumsum([0, *(len(box.fills) for box in parts.boxes)]).astype(np.uint32),
        box_ship=np.array([fill[0] for fill in fills], np.uint32),
        box_mass=np.array([fill[1] for fill in fills], float),
        box_volume=np.array([fill[2] for fill in fills], float),
        box_danger=np.array([fill[3] for fill in fills], np.bool_),
        box_days=np.array([box.days for box in parts.boxes], float),
        box_usd=np.array([box.usd for box in parts.boxes], float),
        box_more=np.array([box.more_usd for box in parts.boxes], float),
        lead=_columns([np.frombuffer(lead, np.int64) for lead in leads], days).astype(np.int64),
        lane_cap=np.asarray(parts.lane_cap, float),
        lane_days=lane_days,
        base=_columns([row.base for row in rows], days),
        promised=_columns([np.ones(days) if row.promised is None else row.promised for row in rows], days),
        serve_ptr=np.cumsum([0, *(len(row.serves) for row in rows)]).astype(np.uint32),
        serve_node=np.array([node[serve.node] for serve in serves], np.uint32),
        serve_units=np.array([serve.units for serve in serves], float),
        serve_share=_columns([np.broadcast_to(serve.share, days) for serve in serves], days),
        serve_allowed=_columns([serve.allowed for serve in serves], periods).astype(np.bool_),
        serve_usd=_columns([serve.usd for serve in serves], periods),
        serve_kwh=np.array([serve.kwh for serve in serves], float),
        patience=np.array([row.patience for row in rows], np.int64),
        keeps=np.array([row.keeps for row in rows], float),
        short_usd=_columns([row.short_usd for row in rows], periods),
        late_usd=_columns([row.late_usd for row in rows], periods),
        switch=parts.switch,
    )
    return Built(system, node, order)


def edges_of(makes: Sequence[Make], ships: Sequence[Ship]) -> list[tuple[int, int]]:
    """Return which node feeds which: through processes, then through lanes."""
    made = [(taken, make.node) for make in makes for taken, _ in make.inputs]
    return made + [(ship.origin, ship.node) for ship in ships]


def circle(makes: Sequence[Make], ships: Sequence[Ship]) -> list[int]:
    """Return nodes in which goods could flow in a circle, each feeding the next; empty where they cannot."""
    sorter: TopologicalSorter[int] = TopologicalSorter()
    for before, after in edges_of(makes, ships):
        sorter.add(after, before)
    try:
        sorter.prepare()
    except CycleError as error:
        return list(reversed(error.args[1]))
    return []


def _numbered(count: int, edges: list[tuple[int, int]], worth: Floats) -> Ints:
    """Return the new number of each node: what feeds before what is fed, dearer goods first where that is free."""
    sorter: TopologicalSorter[int] = TopologicalSorter({n: [] for n in range(count)})
    for before, after in edges:
        sorter.add(after, before)
    sorter.prepare()
    number = np.zeros(count, np.int64)
    place = 0
    while sorter.is_active():
        ready = sorted(sorter.get_ready(), key=lambda n: (-worth[n], n))
        for n in ready:
            number[n] = place
            place += 1
        sorter.done(*ready)
    return number


def urgency(row: Row) -> float:
    """Return what a want is worth: its dearest price and what it costs not to serve it."""
    price = max((float(np.max(serve.usd)) for serve in row.serves), default=0.0)
    return price + float(np.max(row.short_usd))


def _worth(parts: Parts, edges: list[tuple[int, int]]) -> Floats:
    """Return what a unit at a node is worth to the dearest customer that it can reach, in USD."""
    worth = np.zeros(len(parts.nodes))
    for row in parts.rows:
        for serve in row.serves:
            worth[serve.node] = max(worth[serve.node], urgency(row) / serve.units)
    links = [
        (taken, make.node, float(np.max(make.good)) / units) for make in parts.makes for taken, units in make.inputs
    ]
    links += [(ship.origin, ship.node, 1.0) for ship in parts.ships]
    for _ in range(len(parts.nodes)):
        before = worth.copy()
        for origin, node, gain in links:
            worth[origin] = max(worth[origin], gain * worth[node])
        if np.array_equal(before, worth):
            break
    return worth


def _outs(parts: Parts, node: Ints, worth: Floats) -> tuple[Places, Places, Ints]:
    """Return who takes from each node, dearest use of a unit first: ptr, way, input (-1: a lane)."""
    first_make, first_ship = len(parts.buys), len(parts.buys) + len(parts.makes)
    takers: list[list[tuple[float, int, int]]] = [[] for _ in parts.nodes]
    number = 0
    for k, make in enumerate(parts.makes):
        for taken, units in make.inputs:
            gain = float(np.max(make.good)) / units * worth[make.node]
            takers[node[taken]].append((-gain, first_make + k, number))
            number += 1
    for k, ship in enumerate(parts.ships):
        takers[node[ship.origin]].append((-float(worth[ship.node]), first_ship + k, -1))
    for mine in takers:
        mine.sort()
    ptr = np.cumsum([0, *(len(mine) for mine in takers)]).astype(np.uint32)
    flat = [taker for mine in takers for taker in mine]
    return ptr, np.array([t[1] for t in flat], np.uint32), np.array([t[2] for t in flat], np.int64)


def _taken(lists: Sequence[tuple[tuple[int, float], ...]], node: Ints) -> tuple[Places, Places, Floats]:
    """Return nodes and units of each process as one array, and where each process begins in it."""
    flat = [pair for pairs in lists for pair in pairs]
    return (
        np.cumsum([0, *(len(pairs) for pairs in lists)]).astype(np.uint32),
        np.array([node[n] for n, _ in flat], np.uint32),
        np.array([units for _, units in flat], np.float64),
    )


def _grouped(at: list[int], count: int) -> tuple[Places, Places]:
    order = np.argsort(np.array(at, np.int64), kind="stable").astype(np.uint32)
    sizes = np.bincount(np.array(at, np.int64), minlength=count) if at else np.zeros(count, np.int64)
    return np.concatenate([[0], np.cumsum(sizes)]).astype(np.uint32), order


def _columns(parts: Sequence[NDArray[np.generic]], rows: int) -> Floats:
    if not parts:
        return np.zeros((rows, 0))
    return np.ascontiguousarray(np.column_stack([np.asarray(part, float) for part in parts]))


def _usual(way: Way) -> float:
    if isinstance(way, Ship):
        known = way.lead[way.lead >= 0]
        return float(np.median(known)) if known.size else 0.0
    if isinstance(way, Buy):
        days = np.flatnonzero(way.due >= 0)
        return float(np.median(way.due[days] - days)) if days.size else 0.0
    return 0.0

"""One run of a line, event by event: what each server does and when each unit passes each place.

Units go from station to station in order. A station has servers side by side and places to wait in front of it; a unit
that is done and finds neither keeps its server blocked (blocking after service), and the one that waits longest moves
first. What does not pass goes to a place of rework beside the line and comes back to its station ahead of the others;
it is scrapped when it has failed too often. A server fails after so much work, not while it stands still, and the unit
in it waits for the repair. Work that needs people begins when as many of its pool are free; stations further down the
line come first. Stations are the places 0 to m - 1 in their order, places of rework come after them and never block.

The clock counts working time: nights and breaks are left out. A line has few places, so the next event is found by
looking at what is due first at each of them.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cellroad.chain.compiling import compiled, inlined, uncounted
from cellroad.engineering.line.chance import FAIL, MEND, PASS, REPAIR, WORK, lasting, root_of, uniform

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
STATES = ("starved", "busy", "down", "setup", "blocked", "unmanned")
"""What a server does: has no unit, works, is under repair, is set up, has a unit that cannot leave, has one that waits
for people."""
STARVED, BUSY, DOWN, SETUP, BLOCKED, UNMANNED = range(len(STATES))
NONE = -1
FRONT, BACK, DONE = 0, 1, 2
"""Where units stand: in front of a place, back from rework ahead of those, done in it without a place to go."""


class Floor(NamedTuple):
    """A line as arrays. Times are in seconds of working time.

    first      servers of place q are first[q] .. first[q + 1] - 1: shape (places + 1); places of rework are the last
    buffer     places to wait in front of a place, -1: without limit: shape (places)
    likely     time of work: shape (stations, products)
    shape      of the time around it (chance.FIXED, TRIANGULAR, EXPONENTIAL); low, high: its ends as parts of likely
    passes     chance of passing; tries: how often a unit may fail before it is scrapped
    mended_at  place of rework, -1: it goes through the station again; mend_s: time of rework
    mtbf, mttr time of work between failures (0: none) and of repair, both exponential
    setup      time to change from one product to another
    need, pool people that work at a place needs, and whose (-1: nobody's); people: how many a pool has
    """

    first: Ints
    buffer: Ints
    likely: Floats
    shape: Ints
    low: Floats
    high: Floats
    passes: Floats
    tries: Ints
    mended_at: Ints
    mend_s: Floats
    mtbf: Floats
    mttr: Floats
    setup: Floats
    need: Ints
    pool: Ints
    people: Ints


class Run(NamedTuple):
    """What comes of a run; counts and times are of what lies after the warm-up.

    time_in   time of each server in each state: shape (servers, 6)
    entered   when a unit began, NaN: it did not; left: when it left, NaN: it did not; scrapped: where, -1: nowhere
    counts    units that began for the first time, passed at the first go, failed and were scrapped: (stations, 4)
    held      unit seconds in front of each place and in it: shape (places, 2)
    trace     how many pieces of work ended, and when, of which unit, where, as far as these arrays reach
    """

    time_in: Floats
    entered: Floats
    left: Floats
    scrapped: Ints
    counts: Ints
    held: Floats
    traced: Ints
    trace_time: Floats
    trace_unit: Ints
    trace_place: Ints


def empty_run(floor: Floor, units: int, trace: int = 0) -> Run:
    """Return a run to be filled in, of so many units and so many ends of work that are kept."""
    return Run(
        np.zeros((floor.first[-1], len(STATES))), np.empty(units), np.empty(units), np.empty(units, np.int64),
        np.zeros((floor.likely.shape[0], 4), np.int64), np.zeros((floor.buffer.size, 2)), np.zeros(1, np.int64),
        np.zeros(trace), np.zeros(trace, np.int64), np.zeros(trace, np.int64),
    )  # fmt: skip


class State(NamedTuple):
    """Where everything stands: of servers, of queues by kind and place, of units, of people, and of places.

    `soonest` is the earliest that is due at a place; `top` no less than the last place that is touched.
    """

    due: Floats
    unit_in: Ints
    doing: Ints
    since: Floats
    last_product: Ints
    to_failure: Floats
    failures: Ints
    idle: Ints
    head: Ints
    tail: Ints
    length: Ints
    after: Ints
    server_of: Ints
    failed: Ints
    origin: Ints
    free: Ints
    touched: NDArray[np.bool_]
    counted: Floats
    soonest: Floats
    top: Ints


@compiled
def simulate(
    floor: Floor, product: Ints, release: Floats, warm: float, end: float, seed: int, replication: int, run: Run
) -> None:
    """Run a line until `end` and fill in `run`, counting from `warm` on.

    product   of each unit, in order of entering: shape (units)
    release   time from which it may enter; it does when the first station has a place for it: shape (units)
    """
    root = root_of(seed, replication)
    _run(floor, _empty(floor, product.size, root), product, release, warm, end, root, run)


@uncounted
def _run(
    floor: Floor, state: State, product: Ints, release: Floats, warm: float, end: float, root: np.uint64, run: Run
) -> None:
    run.entered[:] = np.nan
    run.left[:] = np.nan
    run.scrapped[:] = NONE
    _touch(state, 0)
    entering, now = 0, 0.0
    manned = False
    for need in floor.need:
        manned = manned or need > 0
    while True:
        while True:  # what can move now, from the end of the line to its beginning, until nothing does
            q = state.top[0]
            while q >= 0 and not state.touched[q]:
                q -= 1
            state.top[0] = q
            if q < 0:
                break
            state.touched[q] = False
            if q == 0:
                while entering < product.size and release[entering] <= now and _room(floor, state, 0):
                    run.entered[entering] = now
                    _put(floor, state, run, FRONT, 0, entering, now, warm)
                    entering += 1
            elif q < floor.likely.shape[0]:
                _pull(floor, state, run, q, now, warm)
            while _may_begin(floor, state, q):
                _begin(floor, state, run, q, product, now, warm, end, root)
        if manned:
            _mark_unmanned(floor, state, run, now, warm)
        at, soonest = NONE, np.inf
        for place in range(state.soonest.size):
            if state.soonest[place] < soonest:
                at, soonest = place, state.soonest[place]
        if entering < product.size and now < release[entering] < soonest:
            at, soonest = NONE, release[entering]
        if soonest >= end:
            break
        now = soonest
        if at == NONE:
            _touch(state, 0)
        else:
            _finish(floor, state, run, at, now, warm, root)
    for k in range(state.due.size):
        _become(state, run, k, STARVED, end, warm)
    for q in range(floor.buffer.size):
        _count(floor, state, run, q, end, warm)


@compiled
def _empty(floor: Floor, units: int, root: np.uint64) -> State:
    """Return a line without a unit."""
    places, servers = floor.buffer.size, floor.first[-1]
    to_failure = np.full(servers, np.inf)
    for q in range(floor.likely.shape[0]):
        for k in range(floor.first[q], floor.first[q + 1]):
            if floor.mtbf[q] > 0:
                to_failure[k] = -floor.mtbf[q] * np.log(1.0 - uniform(root, FAIL, q, k - floor.first[q], 0))
    return State(
        np.full(servers, np.inf), np.full(servers, NONE), np.full(servers, STARVED), np.zeros(servers),
        np.full(servers, NONE), to_failure, np.zeros(servers, np.int64), floor.first[1:] - floor.first[:-1],
        np.full((3, places), NONE), np.full((3, places), NONE), np.zeros((3, places), np.int64), np.full(units, NONE),
        np.full(units, NONE), np.zeros(units, np.int64), np.full(units, NONE), floor.people.copy(),
        np.zeros(places, np.bool_), np.zeros(places), np.full(places, np.inf), np.zeros(1, np.int64),
    )  # fmt: skip


@inlined
def _touch(state: State, q: int) -> None:
    """Let a place be looked at: something of it has changed."""
    state.touched[q] = True
    state.top[0] = max(state.top[0], q)


@inlined
def _due(floor: Floor, state: State, k: int, q: int, when: float) -> None:
    """Let a server of a place be due at a time."""
    state.due[k] = when
    soonest = np.inf
    for server in range(floor.first[q], floor.first[q + 1]):
        soonest = min(soonest, state.due[server])
    state.soonest[q] = soonest


@inlined
def _room(floor: Floor, state: State, q: int) -> bool:
    """Say whether one more unit may stand in front of a place: its buffer, and one for each server that is idle."""
    return bool(floor.buffer[q] < 0 or state.length[FRONT, q] < floor.buffer[q] + state.idle[q])


@inlined
def _may_begin(floor: Floor, state: State, q: int) -> bool:
    waits = state.length[FRONT, q] + state.length[BACK, q] > 0
    return bool(
        state.idle[q] > 0 and waits and (floor.pool[q] < 0 or state.free[floor.pool[q]] >= floor.need[q])
    )  # fmt: skip


@inlined
def _pull(floor: Floor, state: State, run: Run, q: int, now: float, warm: float) -> None:
    """Let units that are blocked in the station before move in front of a place, as far as there is room."""
    while state.length[DONE, q - 1] > 0 and _room(floor, state, q):
        n = _take(floor, state, run, DONE, q - 1, now, warm)
        _vacate(floor, state, run, state.server_of[n], q - 1, now, warm)
        _put(floor, state, run, FRONT, q, n, now, warm)


@inlined
def _begin(
    floor: Floor, state: State, run: Run, q: int, product: Ints, now: float, warm: float, end: float, root: np.uint64
) -> None:
    """Begin work on the unit that is next at a place, those back from rework first, on its first idle server."""
    n = _take(floor, state, run, BACK if state.length[BACK, q] > 0 else FRONT, q, now, warm)
    k = floor.first[q]
    while state.unit_in[k] != NONE:
        k += 1
    _count(floor, state, run, q, now, warm)
    state.idle[q] -= 1
    state.unit_in[k], state.server_of[n] = n, k
    if floor.pool[q] >= 0:
        state.free[floor.pool[q]] -= floor.need[q]
    _become(state, run, k, BUSY, now, warm)
    _touch(state, q)
    if q >= floor.likely.shape[0]:
        s = state.origin[n]
        u = uniform(root, MEND, s, n, state.failed[n])
        _due(floor, state, k, q, now + lasting(u, floor.shape[s], floor.mend_s[s], floor.low[s], floor.high[s]))
        return
    if now >= warm and state.failed[n] == 0:
        run.counts[q, 0] += 1
    changes = state.last_product[k] != NONE and state.last_product[k] != product[n]
    change = floor.setup[q] if changes else 0.0
    state.last_product[k] = product[n]
    u = uniform(root, WORK, q, n, state.failed[n])
    work = lasting(u, floor.shape[q], floor.likely[q, product[n]], floor.low[q], floor.high[q])
    repair = _repair(floor, state, q, k, work, root)
    _due(floor, state, k, q, now + change + work + repair)
    # Told in one go, as far as the run goes: setup, then repair, then work.
    run.time_in[k, SETUP] += _inside(now, now + change, warm, end)
    run.time_in[k, DOWN] += _inside(now + change, now + change + repair, warm, end)
    state.since[k] = now + change + repair


@inlined
def _repair(floor: Floor, state: State, q: int, k: int, work: float, root: np.uint64) -> float:
    """Return how long a server is under repair during so much work."""
    repair, server = 0.0, k - floor.first[q]
    while work > state.to_failure[k]:
        work -= state.to_failure[k]
        state.failures[k] += 1
        repair -= floor.mttr[q] * np.log(1.0 - uniform(root, REPAIR, q, server, state.failures[k]))
        state.to_failure[k] = -floor.mtbf[q] * np.log(1.0 - uniform(root, FAIL, q, server, state.failures[k]))
    state.to_failure[k] -= work
    return repair


@inlined
def _finish(floor: Floor, state: State, run: Run, q: int, now: float, warm: float, root: np.uint64) -> None:
    """End the piece of work that is due at a place: its unit passes on, goes to rework, back, or is scrapped."""
    stations, k = floor.likely.shape[0], floor.first[q]
    while state.due[k] != now:
        k += 1
    n = state.unit_in[k]
    _due(floor, state, k, q, np.inf)
    if run.traced[0] < run.trace_time.size:
        run.trace_time[run.traced[0]], run.trace_unit[run.traced[0]], run.trace_place[run.traced[0]] = now, n, q
    run.traced[0] += 1
    if floor.pool[q] >= 0 and floor.need[q] > 0:
        state.free[floor.pool[q]] += floor.need[q]
        for other in range(floor.pool.size):
            if floor.pool[other] == floor.pool[q]:
                _touch(state, other)
    if q >= stations:
        _vacate(floor, state, run, k, q, now, warm)
        _put(floor, state, run, BACK, state.origin[n], n, now, warm)
        return
    counted = now >= warm
    if uniform(root, PASS, q, n, state.failed[n]) < floor.passes[q]:
        if counted and state.failed[n] == 0:
            run.counts[q, 1] += 1
        state.failed[n] = 0
        if q == stations - 1:
            run.left[n] = now
            _vacate(floor, state, run, k, q, now, warm)
        else:
            _become(state, run, k, BLOCKED, now, warm)
            _put(floor, state, run, DONE, q, n, now, warm)
            _touch(state, q + 1)
        return
    state.failed[n] += 1
    run.counts[q, 2] += counted
    _vacate(floor, state, run, k, q, now, warm)
    if state.failed[n] > floor.tries[q]:
        run.left[n] = now
        run.scrapped[n] = q
        run.counts[q, 3] += counted
    elif floor.mended_at[q] >= 0:
        state.origin[n] = q
        _put(floor, state, run, FRONT, floor.mended_at[q], n, now, warm)
    else:
        _put(floor, state, run, BACK, q, n, now, warm)


@inlined
def _vacate(floor: Floor, state: State, run: Run, k: int, q: int, now: float, warm: float) -> None:
    """Let a server be idle."""
    _count(floor, state, run, q, now, warm)
    _become(state, run, k, STARVED, now, warm)
    state.unit_in[k] = NONE
    state.idle[q] += 1
    _touch(state, q)


@inlined
def _put(floor: Floor, state: State, run: Run, kind: int, q: int, n: int, now: float, warm: float) -> None:
    """Let a unit stand last in a queue of a place."""
    _count(floor, state, run, q, now, warm)
    state.after[n] = NONE
    if state.length[kind, q] == 0:
        state.head[kind, q] = n
    else:
        state.after[state.tail[kind, q]] = n
    state.tail[kind, q] = n
    state.length[kind, q] += 1
    _touch(state, q)


@inlined
def _take(floor: Floor, state: State, run: Run, kind: int, q: int, now: float, warm: float) -> int:
    """Return the first unit of a queue of a place, which leaves it."""
    _count(floor, state, run, q, now, warm)
    n = state.head[kind, q]
    state.head[kind, q] = state.after[n]
    state.length[kind, q] -= 1
    return int(n)


@inlined
def _count(floor: Floor, state: State, run: Run, q: int, now: float, warm: float) -> None:
    """Add up what has stood in front of a place and in it since that last changed."""
    over = now - max(state.counted[q], warm)
    if over > 0:
        run.held[q, 0] += over * (state.length[FRONT, q] + state.length[BACK, q])
        run.held[q, 1] += over * (floor.first[q + 1] - floor.first[q] - state.idle[q])
    state.counted[q] = now


@inlined
def _become(state: State, run: Run, k: int, doing: int, now: float, warm: float) -> None:
    """Add up what a server has done, and let it do something else."""
    over = now - max(state.since[k], warm)
    if over > 0:
        run.time_in[k, state.doing[k]] += over
    state.since[k] = now
    state.doing[k] = doing


@inlined
def _inside(begin: float, over: float, warm: float, end: float) -> float:
    return max(min(over, end) - max(begin, warm), 0.0)


@inlined
def _mark_unmanned(floor: Floor, state: State, run: Run, now: float, warm: float) -> None:
    """Tell idle servers that have a unit waiting, and lack people, from those that are starved."""
    for q in range(floor.need.size):
        if floor.need[q] > 0:
            waits = state.length[FRONT, q] + state.length[BACK, q]
            for k in range(floor.first[q], floor.first[q + 1]):
                if state.unit_in[k] == NONE:
                    doing = UNMANNED if waits > 0 else STARVED
                    waits -= 1
                    if state.doing[k] != doing:
                        _become(state, run, k, doing, now, warm)

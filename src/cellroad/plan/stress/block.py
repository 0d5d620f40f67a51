"""A block of futures under way: what a day leaves to the next, and room for what it works out."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cellroad.chain.compiling import compiled
from cellroad.plan.stress.arrays import LONGEST, Floats, Ints, Links, System

Flags = NDArray[np.bool_]


class Block(NamedTuple):
    """What a day leaves to the next, and room for what it works out: rows of futures, by node, way, process, lane, ...

    ring            what is under way, by day of arrival: of node n from row ring_at[n] on, ring_size[n] days, today's
                    at ring_day[n]; arrives: whether anything is due in a row
    spare, tracked  nodes with ways that are called in when they have been behind; nodes of which it must be known
    slowed          lanes on which chance adds days
    change          day on which what happens in a future changes next
    live            ways that are asked for anything in any of the futures today
    """

    ring: Floats
    arrives: Flags
    ring_at: Ints
    ring_size: Ints
    ring_day: Ints
    spare: Flags
    tracked: Flags
    live: Flags
    slowed: Flags
    change: Ints
    stock: Floats
    coming: Floats
    pull: Floats
    ask: Floats
    opened: Floats
    before: Floats
    behind: Floats
    short: Floats
    held: Floats
    free: Floats
    kept: Floats
    hours: Floats
    room: Floats
    want: Floats
    waiting: Floats
    missing: Floats
    behind_row: Floats
    queue: Floats
    queue_at: Ints
    queue_size: Ints
    oldest: Ints
    part: Floats
    up: Floats
    duty: Floats
    f_demand: Floats
    f_price: Floats
    f_freight: Floats
    f_yield: Floats
    good: Floats
    late: Ints
    month_way: Floats
    month_serve: Floats
    month_lost: Floats
    month_late: Floats
    one: Floats
    two: Floats
    three: Floats


@compiled
def block(s: System, u: Links, size: int) -> Block:
    """Return room for a block of futures, at the start."""
    nodes = s.target.shape[1]
    buys, makes, ships, ways = s.buy_due.shape[1], s.make_out.size, s.ship_from.size, s.share.shape[1]
    rows, serves, lines, lanes = s.base.shape[1], s.serve_node.size, s.hours.shape[1], s.lane_cap.size
    slowed = np.zeros(lanes, np.bool_)
    for k in range(lanes):
        slowed[k] = u.slow_ptr[k + 1] > u.slow_ptr[k]
    spare, tracked = _called_in(s)
    length = _longest(s, slowed)
    ring_at = np.zeros(nodes, np.int64)
    for n in range(1, nodes):
        ring_at[n] = ring_at[n - 1] + length[n - 1]
    slots = length.sum()
    queue_at, queue_size = np.zeros(rows, np.int64), np.zeros(rows, np.int64)
    places = 0
    for q in range(rows):
        queue_at[q] = places
        if 0 < s.patience[q] < s.period.size:  # who waits longer than there are days never leaves
            queue_size[q] = s.patience[q] + 1
        places += queue_size[q]
    stock = np.empty((nodes, size))
    for n in range(nodes):
        stock[n] = s.on_hand[n]
    return Block(
        np.zeros((slots, size)), np.zeros(slots, np.bool_), ring_at, length, np.zeros(nodes, np.int64), spare, tracked,
        np.zeros(ways, np.bool_), slowed, np.zeros(size, np.int64), stock, np.zeros((nodes, size)),
        np.zeros((nodes, size)), np.zeros((ways, size)), np.zeros((nodes, size)), np.zeros((nodes, size)),
        np.zeros((nodes, size)), np.zeros((nodes, size)), np.zeros((nodes, size)), np.zeros((nodes, size)),
        np.zeros((s.input_node.size, size)), np.zeros((lines, size)), np.zeros((lanes, size)),
        np.zeros((rows, size)), np.zeros((rows, size)), np.zeros((rows, size)), np.zeros((rows, size)),
        np.zeros((places, size)), queue_at, queue_size, np.zeros((rows, size), np.int64), np.zeros((serves, size)),
        np.ones((ways + serves + lines, size)), np.zeros((ships, size)), np.ones((rows, size)),
        np.ones((buys, size)), np.ones((ships, size)), np.ones((makes, size)), np.zeros((makes, size)),
        np.zeros((lanes, size), np.int64), np.zeros((ways, size)), np.zeros((serves, size)), np.zeros((rows, size)),
        np.zeros((rows, size)), np.zeros(size), np.zeros(size), np.zeros(size),
    )  # fmt: skip


@compiled
def _called_in(s: System) -> tuple[Flags, Flags]:
    """Return the nodes with a way that has no part of orders at some time, and those whose shortages matter for it."""
    nodes, first = s.target.shape[1], s.buy_due.shape[1] + s.make_out.size
    spare, tracked = np.zeros(nodes, np.bool_), np.zeros(nodes, np.bool_)
    for n in range(nodes):
        for i in range(s.in_ptr[n], s.in_ptr[n + 1]):
            a = s.in_way[i]
            for p in range(s.share.shape[0]):
                if s.allowed[p, a] and s.share[p, a] == 0.0:
                    spare[n] = True
                    tracked[n] = True
                    if a >= first:
                        tracked[s.ship_from[a - first]] = True
    return spare, tracked


@compiled
def _longest(s: System, slowed: Flags) -> Ints:
    """Return by node one more than the days from an order to its arrival, at the most."""
    length = np.ones(s.target.shape[1], np.int64)
    buys, first = s.buy_due.shape[1], s.buy_due.shape[1] + s.make_out.size
    for n in range(length.size):
        for i in range(s.in_ptr[n], s.in_ptr[n + 1]):
            a = s.in_way[i]
            if a < buys:
                for t in range(s.buy_due.shape[0]):
                    length[n] = max(length[n], s.buy_due[t, a] - t + 1)
            elif a >= first:
                more = LONGEST if slowed[s.ship_lane[a - first]] else 0
                for t in range(s.lead.shape[0]):
                    length[n] = max(length[n], s.lead[t, s.ship_class[a - first]] + more + 1)
    return length

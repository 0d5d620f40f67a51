"""A block of futures under way: what a day leaves to the next, and room for what it works out."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cellroad.plan.stress.arrays import LONGEST, Floats, Ints, Law, Links, System
from cellroad.plan.stress.chance import FIXED, POISSON, TABLE, TRIANGULAR, UNIFORM, Keys

Flags = NDArray[np.bool_]


class Block(NamedTuple):
    """What a day leaves to the next, and room for what it works out: rows of futures, by node, way, process, lane, ...

    ring            what is under way, by day of arrival: of node n from row ring_at[n] on, ring_size[n] days, today's
                    at ring_day[n]; arrives: whether anything is due in a row
    spare, tracked  nodes with ways that are called in when they have been behind; nodes of which it must be known
    slowed          lanes on which chance adds days
    change          day on which what happens in a future changes next
    series          what the numbers of noise come from
    noise           what is drawn on rows of demand today: a factor, or a number between 0 and 1 looked up in the
                    Poisson laws table[table_of[j]], of which table_rows[j] rows hold for the means table_mean[j]
    live            ways that are asked for anything in any of the futures today
    waits, month_box   by kind of containers: days that goods have waited for one, USD paid since last settled
    saved           what a vendor who takes no small orders has ready, by purchase
    young           of goods that expire what lasts to each day: of the e-th node from row young_at[e] on, young_size[e]
                    days round and round; fresh: in all; last: what was there in the evening; expired: scrapped,
                    month_old: since last settled
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
    aside: Floats
    queue: Floats
    queue_at: Ints
    queue_size: Ints
    oldest: Ints
    series: Keys
    noise: Floats
    table: Floats
    table_of: Ints
    table_mean: Floats
    table_rows: Ints
    part: Floats
    waits: Floats
    month_box: Floats
    saved: Floats
    young: Floats
    young_at: Ints
    young_size: Ints
    fresh: Floats
    last: Floats
    expired: Floats
    month_old: Floats
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
    four: Floats


def block(s: System, u: Links, law: Law, size: int) -> Block:
    """Return room for a block of futures, at the start."""
    nodes = s.target.shape[1]
    buys, makes, ships, ways = s.buy_due.shape[1], s.make_out.size, s.ship_from.size, s.share.shape[1]
    rows, serves, lines, lanes = s.base.shape[1], s.serve_node.size, s.hours.shape[1], s.lane_cap.size
    late = _latest(u, law)
    spare, tracked = _called_in(s)
    length = _longest(s, late)
    leaves = (s.patience > 0) & (s.patience < s.period.size)  # who waits longer than there are days never leaves
    queue_size = np.where(leaves, s.patience + 1, 0)
    counted = law.shape[u.noise_risk] == POISSON
    old, young_size = s.old_node.size, np.maximum(s.old_days, s.old_first + 1)
    young_at = np.cumsum(young_size) - young_size

    def room(count: int, value: float = 0.0) -> Floats:
        return np.full((count, size), value)

    young = room(int(young_size.sum()))
    young[young_at + (s.old_first + 1) % young_size] += s.on_hand[s.old_node, None]
    return Block(
        ring=room(int(length.sum())), arrives=np.zeros(int(length.sum()), np.bool_), ring_at=np.cumsum(length) - length,
        ring_size=length, ring_day=np.zeros(nodes, np.int64), spare=spare, tracked=tracked,
        live=np.zeros(ways, np.bool_), slowed=np.diff(u.slow_ptr) > 0, change=np.zeros(size, np.int64),
        stock=np.repeat(s.on_hand[:, None], size, axis=1), coming=room(nodes), pull=room(nodes), ask=room(ways),
        opened=room(nodes), before=room(nodes), behind=room(nodes), short=room(nodes), held=room(nodes),
        free=room(nodes), kept=room(s.input_node.size), hours=room(lines), room=room(lanes), want=room(rows),
        waiting=room(rows), missing=room(rows), behind_row=room(rows), aside=room(rows),
        queue=room(int(queue_size.sum())), queue_at=np.cumsum(queue_size) - queue_size, queue_size=queue_size,
        oldest=np.zeros((rows, size), np.int64), series=np.zeros((u.noise_risk.size, size), np.uint64),
        noise=room(u.noise_risk.size),
        table=np.zeros((int(counted.sum()), TABLE, size)), table_of=np.cumsum(counted) - counted,
        table_mean=room(u.noise_risk.size, -1.0), table_rows=np.zeros(u.noise_risk.size, np.int64), part=room(serves),
        waits=room(s.box_usd.size), month_box=room(s.box_usd.size),
        saved=np.repeat(s.least[:, None], size, axis=1), young=young, young_at=young_at,
        young_size=young_size,
        fresh=np.repeat(s.on_hand[s.old_node, None], size, axis=1),
        last=np.repeat(s.on_hand[s.old_node, None], size, axis=1), expired=room(old), month_old=room(old),
        up=room(ways + serves + lines, 1.0),
        duty=room(ships), f_demand=room(rows), f_price=room(buys), f_freight=room(ships), f_yield=room(makes),
        good=room(makes), late=np.zeros((lanes, size), np.int64), month_way=room(ways), month_serve=room(serves),
        month_lost=room(rows), month_late=room(rows), one=np.zeros(size), two=np.zeros(size), three=np.zeros(size),
        four=np.zeros(size),
    )  # fmt: skip


def _called_in(s: System) -> tuple[Flags, Flags]:
    """Return the nodes with a way that has no part of orders at some time, and those whose shortages matter for it."""
    first = s.buy_due.shape[1] + s.make_out.size
    called = (s.allowed[s.period] & (s.share == 0.0)).any(axis=0)
    spare = np.zeros(s.target.shape[1], np.bool_)
    spare[_into(s)[called]] = True
    tracked = spare.copy()
    tracked[s.ship_from[called[first:]]] = True
    return spare, tracked


def _into(s: System) -> Ints:
    """Return the node that each way leads into."""
    node = np.zeros(s.share.shape[1], np.int64)
    node[s.in_way] = np.repeat(np.arange(s.target.shape[1]), s.in_ptr[1:] - s.in_ptr[:-1])
    return node


def _latest(u: Links, law: Law) -> Ints:
    """Return by lane how many days chance may add to a transit."""
    most = {TRIANGULAR: 2, UNIFORM: 1, FIXED: 0}
    days = np.zeros(u.slow_ptr.size - 1)
    for lane in range(days.size):
        for k in u.slow_risk[u.slow_ptr[lane] : u.slow_ptr[lane + 1]]:
            numbers, shape = law.numbers[k], int(law.shape[k])
            if not numbers.any():
                days[lane] += u.slow_high[lane] - u.slow_likely[lane]
            else:
                days[lane] += max(numbers[most[shape]], numbers[0]) if shape in most else LONGEST
    return np.clip(np.floor(days + 1.0), 0, LONGEST).astype(np.int64)


def _longest(s: System, late: Ints) -> Ints:
    """Return by node one more than the days from an order to its arrival, at the most."""
    days, buys = np.arange(s.period.size), s.buy_due.shape[1]
    length = np.ones(s.target.shape[1], np.int64)
    into = _into(s)
    np.maximum.at(length, into[:buys], (s.buy_due - days[:, None]).max(axis=0, initial=0) + 1)
    np.maximum.at(length, s.ship_to, s.lead.max(axis=0, initial=0)[s.ship_class] + late[s.ship_lane] + 1)
    return length

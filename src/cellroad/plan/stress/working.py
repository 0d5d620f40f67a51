"""What is done of what was ordered: from suppliers to customers, purchases up to what may be had, runs up to hours and
inputs, then what is there goes to those who pull, dearest use first.

Vendors who take no orders below a least one are asked for that, or for more, as soon as anything is lacking (the policy
(R, S, Qmin): Kiesmueller, de Kok, Dabia, International Journal of Production Economics 133, 2011). Containers leave
when they are full, or when goods have waited as long as the plan lets them (a policy by time and quantity; Cetinkaya
and Bookbinder, Transportation Research B 37, 2003).
"""

from __future__ import annotations

import numpy as np

from cellroad.chain.compiling import inlined
from cellroad.plan.stress.ageing import dated
from cellroad.plan.stress.arrays import Floats, System
from cellroad.plan.stress.block import Block

SLIGHT = 1e-3
"""Part of a least order that is not worth one."""
FULL = 1e-3
"""Part of a container that may be missing in a full one."""


@inlined
def work(s: System, t: int, w: Block) -> None:
    """Each node takes in what is bought and made, then gives what is there."""
    size, buys, makes, e = w.stock.shape[1], s.buy_due.shape[1], s.make_out.size, 0
    for n in range(s.target.shape[1]):
        for i in range(s.in_ptr[n], s.in_ptr[n + 1]):
            a = s.in_way[i]
            if not w.live[a]:
                continue
            got = w.ask[a]  # of a lane: its origin has worked already and left here what it sent
            if a < buys:
                if s.buy_due[t, a] < 0:
                    continue
                _buy(s, t, n, a, w, got)
            elif a >= buys + makes and s.box_of[a - buys - makes] >= 0:
                continue  # its containers have not left yet
            elif a < buys + makes:
                got = w.one
                _make(s, t, n, a - buys, w, got)
            if w.spare[n]:
                opened = w.opened[n]
                for b in range(size):
                    opened[b] -= got[b]
        if e < s.old_node.size and s.old_node[e] == n:
            dated(s, e, t, w)
            e += 1
        if s.out_ptr[n] < s.out_ptr[n + 1]:
            _give(s, t, n, w)
    for g in range(s.box_usd.size):
        _depart(s, t, g, w)


@inlined
def _buy(s: System, t: int, n: int, a: int, w: Block, got: Floats) -> None:
    """Buy what is asked, up to what is sold a day by those who work; no less than a least order."""
    works, cap, days = w.up[a], s.buy_cap[t, a], s.buy_due[t, a] - t
    if s.least[a] > 0.0:
        _order_least(s.least[a], cap, works, w.saved[a], got)
    elif cap < np.inf:
        for b in range(got.size):
            got[b] = min(got[b], cap * works[b])
    else:
        for b in range(got.size):
            got[b] *= works[b]
    _under_way(n, days, w, got, w.month_way[a])


@inlined
def _order_least(least: float, cap: float, works: Floats, saved: Floats, got: Floats) -> None:
    """Order what is asked, and no less than the least, as soon as anything is lacking and so much is ready."""
    for b in range(got.size):
        x = got[b] * works[b]
        y = min(max(x, least), saved[b])
        y = y if x > SLIGHT * least and y >= least and cap > 0.0 else 0.0
        saved[b] -= y
        got[b] = y


@inlined
def ready(s: System, t: int, w: Block) -> None:
    """Let vendors who take no small orders get ready what they sell on a day, up to an order and a day."""
    for a in range(s.least.size):
        if s.least[a] > 0.0:
            saved, works, cap = w.saved[a], w.up[a], s.buy_cap[t, a]
            if cap < np.inf:
                most = s.least[a] + cap
                for b in range(saved.size):
                    saved[b] = min(saved[b] + cap * works[b], most)
            else:
                saved[:] = np.inf


@inlined
def _make(s: System, t: int, n: int, k: int, w: Block, got: Floats) -> None:
    """Run a process up to inputs and hours; write the good units."""
    runs, p, a = w.ask[s.buy_due.shape[1] + k], s.period[t], s.buy_due.shape[1] + k
    for j in range(s.input_ptr[k], s.input_ptr[k + 1]):
        kept, units = w.kept[j], s.input_units[j]
        for b in range(got.size):
            runs[b] = min(runs[b], kept[b] / units)
    r = s.make_line[k]
    if r >= 0 and s.make_hours[k] > 0.0:
        hours, each = w.hours[r], s.make_hours[k]
        for b in range(got.size):
            x = min(runs[b], hours[b] / each)
            hours[b] -= x * each
            runs[b] = max(x, 0.0)
    for j in range(s.input_ptr[k], s.input_ptr[k + 1]):
        there, units = w.stock[s.input_node[j]], s.input_units[j]
        for b in range(got.size):
            there[b] -= runs[b] * units
    there, factor, planned = w.stock[n], w.f_yield[k], s.make_yield[p, k]
    for b in range(got.size):
        got[b] = runs[b] * (planned * factor[b])
        there[b] += got[b]
    for j in range(s.beside_ptr[k], s.beside_ptr[k + 1]):
        there, units = w.stock[s.beside_node[j]], s.beside_units[j]
        for b in range(got.size):
            there[b] += runs[b] * units
    moved, good = w.month_way[a], w.good[k]
    for b in range(got.size):
        moved[b] += runs[b]
        good[b] += got[b]


@inlined
def _give(s: System, t: int, n: int, w: Block) -> None:
    """Share out what is there: inputs are set aside, goods for lanes leave."""
    size, first = w.stock.shape[1], s.buy_due.shape[1] + s.make_out.size
    there, left, short = w.stock[n], w.two, w.short[n]
    for b in range(size):
        left[b] = max(there[b], 0.0)
    for o in range(s.out_ptr[n], s.out_ptr[n + 1]):
        a, j = s.out_way[o], s.out_input[o]
        if not w.live[a]:
            continue
        x = w.ask[a]
        if j >= 0:
            x, units, asked = w.kept[j], s.input_units[j], w.ask[a]
            for b in range(size):
                x[b] = asked[b] * units
        if w.tracked[n]:
            for b in range(size):
                short[b] = 1.0 if x[b] > left[b] else short[b]
        if j >= 0:
            for b in range(size):
                x[b] = min(x[b], left[b])
                left[b] -= x[b]
        elif s.box_of[a - first] >= 0:
            works, w.live[a] = w.up[a], s.lead[t, s.ship_class[a - first]] >= 0
            for b in range(size if w.live[a] else 0):
                x[b] = min(x[b], left[b]) * works[b]
                left[b] -= x[b]
        else:
            _send(s, t, a - first, a, w, x, left, there)


@inlined
def _send(s: System, t: int, k: int, a: int, w: Block, x: Floats, left: Floats, there: Floats) -> None:
    """Send goods on a lane, up to what it carries a day and the part of it that works."""
    lane, to, lead, works = s.ship_lane[k], s.ship_to[k], s.lead[t, s.ship_class[k]], w.up[a]
    if lead < 0:
        w.live[a] = False
        return
    if s.lane_cap[lane] < np.inf:
        room = w.room[lane]
        for b in range(x.size):
            x[b] = min(min(x[b], left[b]), room[b]) * works[b]
            room[b] -= x[b]
            left[b] -= x[b]
    else:
        for b in range(x.size):
            x[b] = min(x[b], left[b]) * works[b]
            left[b] -= x[b]
    _leave(to, lead, lane, a, w, x, there)


@inlined
def _leave(to: int, lead: int, lane: int, a: int, w: Block, x: Floats, there: Floats) -> None:
    """Let goods leave a node."""
    for b in range(x.size):
        there[b] -= x[b]
    if w.slowed[lane]:
        _slowly(to, lead, w.late[lane], w, x, w.month_way[a])
    else:
        _under_way(to, lead, w, x, w.month_way[a])


@inlined
def _depart(s: System, t: int, g: int, w: Block) -> None:
    """Let the full containers of a kind leave, and one that is not where its goods have waited long enough.

    fill = max(what the goods fill by mass, by volume)
    containers = floor(fill); ceil(fill) when goods have waited for box_days
    """
    first, days = s.buy_due.shape[1] + s.make_out.size, s.box_days[g]
    total, mass, volume, part = w.one, w.two, w.three, w.four
    total[:] = 0.0
    mass[:] = 0.0
    volume[:] = 0.0
    for i in range(s.box_ptr[g], s.box_ptr[g + 1]):
        a = first + s.box_ship[i]
        if w.live[a]:
            x, by_mass, by_volume = w.ask[a], s.box_mass[i], s.box_volume[i]
            for b in range(x.size):
                total[b] += x[b]
                mass[b] += x[b] * by_mass
                volume[b] += x[b] * by_volume
    waits, paid, usd = w.waits[g], w.month_box[g], s.box_usd[g]
    lane = s.ship_lane[s.box_ship[s.box_ptr[g]]]
    room, limited = w.room[lane], s.lane_cap[lane] < np.inf
    for b in range(total.size):
        fits = min(1.0, room[b] / total[b]) if limited and total[b] > 0.0 else 1.0
        fill = max(mass[b], volume[b]) * fits
        waits[b] = waits[b] + 1.0 if total[b] > 0.0 else 0.0
        waited = waits[b] >= days
        boxes = np.ceil(fill - FULL) if waited else np.floor(fill + FULL)
        part[b] = (min(1.0, boxes / fill) if boxes > 0.0 else 0.0) * fits
        waits[b] = 0.0 if part[b] > 0.0 else waits[b]
        room[b] -= part[b] * total[b] if limited else 0.0
        paid[b] += boxes * usd
    mass[:] = 0.0
    volume[:] = 0.0
    for i in range(s.box_ptr[g], s.box_ptr[g + 1]):
        k = s.box_ship[i]
        a, to = first + k, s.ship_to[k]
        if w.live[a]:
            x, by_mass, by_volume = w.ask[a], s.box_mass[i], s.box_volume[i]
            for b in range(x.size):
                x[b] *= part[b]
            if s.box_danger[i]:
                for b in range(x.size):
                    mass[b] += x[b] * by_mass
                    volume[b] += x[b] * by_volume
            if w.spare[to]:
                opened = w.opened[to]
                for b in range(x.size):
                    opened[b] -= x[b]
            _leave(to, s.lead[t, s.ship_class[k]], lane, a, w, x, w.stock[s.ship_from[k]])
    more = s.box_more[g]
    for b in range(total.size):
        paid[b] += max(0.0, np.ceil(max(mass[b], volume[b]) - FULL)) * more


@inlined
def _under_way(n: int, days: int, w: Block, x: Floats, moved: Floats) -> None:
    """Let goods be under way to a node for some days; without any they are there."""
    if days == 0:
        there = w.stock[n]
        for b in range(x.size):
            there[b] += x[b]
            moved[b] += x[b]
    else:
        place = w.ring_day[n] + days
        row = w.ring_at[n] + (place if place < w.ring_size[n] else place - w.ring_size[n])
        due, coming = w.ring[row], w.coming[n]
        w.arrives[row] = True
        for b in range(x.size):
            due[b] += x[b]
            coming[b] += x[b]
            moved[b] += x[b]


@inlined
def _slowly(n: int, days: int, late: Floats, w: Block, x: Floats, moved: Floats) -> None:
    """The same, with days that chance adds in each future."""
    there, coming = w.stock[n], w.coming[n]
    for b in range(x.size):
        if x[b] > 0.0:
            moved[b] += x[b]
            lead = max(0, days + late[b])
            if lead == 0:
                there[b] += x[b]
            else:
                place = w.ring_day[n] + lead
                row = w.ring_at[n] + (place if place < w.ring_size[n] else place - w.ring_size[n])
                w.arrives[row] = True
                w.ring[row, b] += x[b]
                coming[b] += x[b]

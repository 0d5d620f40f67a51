"""Who orders what: from customers, whose wants pull on the goods that serve them, back to suppliers.

order[n] = max(0, target[t,n] + pull[n] - stock[n] - under way[n]), shared out over the ways into node n; what it orders
pulls on those before it. Nodes that have been behind for longer than a way takes to be called in (a second vendor) ask
that way for what was left open the day before. Express lanes that the plan does not use are asked for

    fly[n,t] = max(0, use planned from t to t + days of the lane - stock[n] - what comes by then)

(a dual-index policy; Veeraraghavan and Scheller-Wolf, Operations Research 56, 2008). Customers whose goods are missing
are served from others that they take, which are then ordered as if they were theirs.
"""

from __future__ import annotations

from cellroad.chain.compiling import inlined
from cellroad.plan.stress.arrays import Floats, System
from cellroad.plan.stress.block import Block

NOTHING = 1e-3
"""Part of what is used that is not worth a flight."""


@inlined
def parts(s: System, t: int, p: int, up: Floats, part: Floats, total: Floats) -> None:
    """Share each row of demand out over the goods that may serve it and work; the first of them has no part planned."""
    ways = s.share.shape[1]
    for q in range(s.base.shape[1]):
        total[:] = 0.0
        for i in range(s.serve_ptr[q], s.serve_ptr[q + 1]):
            works, mine = up[ways + i], part[i]
            share = s.serve_share[t, i] if s.serve_allowed[p, i] else 0.0
            for b in range(total.size):
                mine[b] = share if works[b] > 0.0 else 0.0
                total[b] += mine[b]
        for i in range(s.serve_ptr[q], s.serve_ptr[q + 1]):
            works, mine, allowed = up[ways + i], part[i], s.serve_allowed[p, i]
            for b in range(total.size):
                if total[b] > 0.0:
                    mine[b] = mine[b] / total[b]
                elif allowed and works[b] > 0.0:
                    mine[b] = 1.0
                    total[b] = 1.0


@inlined
def promised(s: System, q: int, t: int, w: Block, need: Floats) -> None:
    """Write what customers of a row are to have today: the part of what they want that the plan serves, and no less
    than is planned to be sold."""
    want, waiting, level = w.want[q], w.waiting[q], s.promised[t, q]
    planned = level * s.base[t, q]
    for b in range(need.size):
        x = want[b] + waiting[b]
        need[b] = min(x, max(level * x, planned))


@inlined
def pulled(s: System, q: int, t: int, p: int, w: Block) -> None:
    """A row of demand pulls on the goods that serve it; those who would not wait do not, beyond what is there."""
    size, ways, keeps = w.want.shape[1], s.share.shape[1], s.keeps[q]
    waiting, need = w.waiting[q], w.one
    promised(s, q, t, w, need)
    for i in range(s.serve_ptr[q], s.serve_ptr[q + 1]):
        n, units = s.serve_node[i], s.serve_units[i]
        part, pull, free, asked = w.part[i], w.pull[n], w.free[n], w.two
        for b in range(size):
            asked[b] = part[b] * need[b] * units
        if s.lead_in[n] >= 1.0:  # nothing more comes today: who does not wait is lost
            stays = w.three
            for b in range(size):
                stays[b] = min(asked[b] - free[b], part[b] * waiting[b] * units)
            for b in range(size):
                x, there = asked[b], free[b]
                less = there + stays[b] + keeps * (x - there - stays[b])
                pull[b] += less if x > there else x
                free[b] = 0.0 if x > there else there - x
        else:
            for b in range(size):
                pull[b] += asked[b]
                free[b] -= asked[b]
    if s.serve_ptr[q + 1] - s.serve_ptr[q] > 1:
        behind, missing, aside = w.behind_row[q], w.missing[q], w.aside[q]
        for b in range(size):
            if behind[b] >= s.switch:
                for i in range(s.serve_ptr[q], s.serve_ptr[q + 1]):
                    if w.part[i, b] == 0.0 and s.serve_allowed[p, i] and w.up[ways + i, b] > 0.0:
                        n = s.serve_node[i]
                        w.pull[n, b] += (missing[b] + aside[b]) * s.serve_units[i] * (1.0 + s.lead_in[n])
                        break


@inlined
def order(s: System, t: int, w: Block) -> None:
    """Each node orders what it lacks, from customers to suppliers."""
    size, buys, makes, p = w.stock.shape[1], s.buy_due.shape[1], s.make_out.size, s.period[t]
    for n in range(s.target.shape[1] - 1, -1, -1):
        there, under_way, pull, lack, extra = w.stock[n], w.coming[n], w.pull[n], w.opened[n], w.one
        target, lacking = s.target[t, n], 0
        for b in range(size):
            x = target + pull[b] - there[b] - under_way[b]
            lack[b] = x if x > 0.0 else 0.0
            lacking += x > 0.0
        if w.spare[n]:
            before = w.before[n]
            for b in range(size):
                extra[b] = min(lack[b], before[b])
        for i in range(s.in_ptr[n], s.in_ptr[n + 1]):
            a = s.in_way[i]
            share, asked = s.share[t, a], w.ask[a]
            live = lacking > 0
            if share == 0.0 and a >= buys + makes and s.express[a - buys - makes]:
                live = _fly(s, n, a - buys - makes, t, w, asked)
            elif live and share == 0.0:
                live = _call(s, n, a, p, w, extra, asked)
            w.live[a] = live
            if not live:
                continue
            if share != 0.0:
                for b in range(size):
                    asked[b] = share * lack[b]
            if a >= buys + makes:
                before = w.pull[s.ship_from[a - buys - makes]]
                for b in range(size):
                    before[b] += asked[b]
            elif a >= buys:
                _run(s, a - buys, p, w, asked)


@inlined
def _fly(s: System, n: int, k: int, t: int, w: Block, asked: Floats) -> bool:
    """Ask an express lane for what is planned to be used until its goods come, less what is there and comes by then."""
    lead, a, flown = s.lead[t, s.ship_class[k]], s.buy_due.shape[1] + s.make_out.size + k, False
    if lead >= 0 and s.allowed[s.period[t], a]:
        there, works, cover = w.stock[n], w.up[a], s.cover[t, k]
        for b in range(asked.size):
            asked[b] = there[b]
        for day in range(1, lead + 1):
            place = w.ring_day[n] + day
            row = w.ring_at[n] + (place if place < w.ring_size[n] else place - w.ring_size[n])
            if w.arrives[row]:
                due = w.ring[row]
                for b in range(asked.size):
                    asked[b] += due[b]
        for b in range(asked.size):
            x = cover - asked[b]
            asked[b] = x if x > NOTHING * cover and works[b] > 0.0 else 0.0
            flown |= asked[b] > 0.0
    return flown


@inlined
def _call(s: System, n: int, a: int, p: int, w: Block, extra: Floats, asked: Floats) -> bool:
    """Ask a way without a part for what was left open, where the node has been behind for long enough."""
    called = False
    if s.allowed[p, a]:
        first = s.buy_due.shape[1] + s.make_out.size
        behind, wait, works = w.behind[n], s.wait[a], w.up[a]
        for b in range(extra.size):
            asked[b] = 0.0
            ready = a < first or w.behind[s.ship_from[a - first], b] == 0.0
            if ready and extra[b] > 0.0 and works[b] > 0.0 and behind[b] >= wait:
                asked[b] = extra[b]
                extra[b] = 0.0
                called = True
    return called


@inlined
def _run(s: System, k: int, p: int, w: Block, asked: Floats) -> None:
    """Turn good units that are asked of a process into runs, up to hours; its inputs are pulled on."""
    works, factor, planned = w.up[s.buy_due.shape[1] + k], w.f_yield[k], s.make_yield[p, k]
    for b in range(asked.size):
        y = planned * factor[b]
        asked[b] = asked[b] / y if y > 0.0 else 0.0
    r = s.make_line[k]
    if r >= 0 and s.make_hours[k] > 0.0:
        hours, each = w.hours[r], s.make_hours[k]
        for b in range(asked.size):
            asked[b] = min(asked[b], hours[b] / each)
    for b in range(asked.size):
        asked[b] *= works[b]
    for j in range(s.input_ptr[k], s.input_ptr[k + 1]):
        pull, units = w.pull[s.input_node[j]], s.input_units[j]
        for b in range(asked.size):
            pull[b] += asked[b] * units

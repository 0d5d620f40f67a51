"""Day by day: what comes in, who orders what, what is sent, made and served, what it costs; many futures side by side.

One day is

    receipts   what was under way and is due today
    demand     planned demand times its risks; it pulls on the goods that serve it          (stress/ordering.py)
    orders     from customers to suppliers, what each node's base stock lacks               (stress/ordering.py)
    work       from suppliers to customers: purchases, runs, and what is there is sent      (stress/working.py)
    service    customers who waited longest first                                           (stress/serving.py)
    evening    what is too old is thrown away                                               (stress/ageing.py)

This is a base-stock policy of several echelons around the levels of the plan (Clark and Scarf, Management Science 6,
1960; Axsaeter, Inventory Control, 2015, ch. 10). Orders that cannot be met stay open.

Futures lie innermost in every array: row[b] is a quantity in the future b of the block. What all of them share (who
feeds whom, prices, calendars) is looked up once a day, and the arithmetic on rows has no branches, so that it runs on
several futures at once. It is the same arithmetic in the same order in each of them, whatever the others do.
"""

from __future__ import annotations

import numpy as np

from cellroad.chain.compiling import inlined, uncounted
from cellroad.plan.stress.ageing import expire
from cellroad.plan.stress.arrays import Floats, Futures, Law, Links, System
from cellroad.plan.stress.block import Block, block
from cellroad.plan.stress.changing import factors, happening, late_days, noisy
from cellroad.plan.stress.futures import DAY
from cellroad.plan.stress.money import close, settle
from cellroad.plan.stress.ordering import order, parts, pulled
from cellroad.plan.stress.serving import RAN_OUT, customers, serve
from cellroad.plan.stress.working import ready, work


def simulate(
    s: System, u: Links, law: Law, f: Futures, figures: Floats, counts: Floats, months: Floats, sent: Floats,
    stocks: Floats, served: Floats,
) -> None:  # fmt: skip
    """Run a block of B futures; write what they give into arrays of zeros.

    figures  (FIGURES, B); counts (Q, COUNTS, B)
    months   (months, 2 Q + 2, B): by month wanted and served on time by row, value of stock, discounted cash
    sent     (A + W, B) units bought, runs, units sent, wants served in all
    stocks   (D, N, B) on hand at the end of each day, served (D, 2 Q, B) wanted and served on time; either
             may be (0, 0, B): not kept
    """
    w = block(s, u, law, f.key.size)
    counts[:, RAN_OUT] = -1.0
    _days(s, u, law, f, w, figures, counts, months, sent, stocks, served)
    close(s, w, figures, months, sent)


@uncounted
def _days(
    s: System, u: Links, law: Law, f: Futures, w: Block, figures: Floats, counts: Floats, months: Floats,
    sent: Floats, stocks: Floats, served: Floats,
) -> None:  # fmt: skip
    """Run the days, one after the other."""
    days, nodes = s.target.shape
    size, rows, lines, lanes = f.key.size, s.base.shape[1], s.hours.shape[1], s.lane_cap.size
    working = s.share.shape[1] + s.serve_node.size
    daily = False
    for k in u.slow_risk:
        daily |= law.every[k] == DAY
    came, change = 0, 0
    for t in range(days):
        p, m = s.period[t], s.month[t]
        begins = t == 0 or m != s.month[t - 1]
        fresh = t == 0 or p != s.period[t - 1]
        for i in range(s.serve_node.size if t > 0 else 0):
            fresh |= s.serve_share[t, i] != s.serve_share[t - 1, i]
        if t > 0 and begins:
            settle(s, t - 1, np.int64(0), size, w, figures, months, sent)
        if begins:
            factors(u.demand_ptr, u.demand_risk, u.demand_weight, f.level, m, w.f_demand)
            factors(u.price_ptr, u.price_risk, u.price_weight, f.level, m, w.f_price)
            factors(u.freight_ptr, u.freight_risk, u.freight_weight, f.level, m, w.f_freight)
            factors(u.yield_ptr, u.yield_risk, u.yield_weight, f.level, m, w.f_yield)
        if t == change:
            fresh = True
            change = 1 << 60
            for b in range(size):
                if w.change[b] == t:
                    if t > 0 and not begins:
                        settle(s, t - 1, b, b + 1, w, figures, months, sent)
                    w.change[b] = happening(u, f, t, b, w.up, w.duty)
                change = min(change, w.change[b])
        if u.slow_risk.size > 0 and (daily or t % 7 == 0 or begins):
            late_days(u, law, f, t, m, w.late, w.one, w.two, w.three)
        _receive(w)
        while came < s.came_day.size and s.came_day[came] == t:
            there, units = w.stock[s.came_node[came]], s.came_units[came]
            for b in range(size):
                there[b] += units
            came += 1
        for r in range(lines):
            hours, works, planned = w.hours[r], w.up[working + r], s.hours[t, r]
            for b in range(size):
                hours[b] = planned * works[b]
        for k in range(lanes):
            if s.lane_cap[k] < np.inf:
                room, more, most = w.room[k], s.lane_cap[k], s.lane_cap[k] * s.lane_days[k]
                for b in range(size):
                    room[b] = min(room[b] + more, most)
        if fresh:
            parts(s, t, p, w.up, w.part, w.one)
        for i in range(s.serve_node.size):
            there, free = w.stock[s.serve_node[i]], w.free[s.serve_node[i]]
            for b in range(size):
                free[b] = max(there[b], 0.0)
        for q in range(rows):
            want, factor, planned = w.want[q], w.f_demand[q], s.base[t, q]
            for b in range(size):
                want[b] = planned * factor[b]
            noisy(u, law, f, q, t, w)
            pulled(s, q, t, p, w)
        order(s, t, w)
        ready(s, t, w)
        work(s, t, w)
        for q in range(rows):
            serve(s, q, t, p, w)
            customers(s, q, t, w, counts[q], months[m])
        expire(s, t, w)
        _evening(w)
        if stocks.size > 0:
            _keep_stock(w, stocks[t])
        if served.size > 0:
            _keep_service(w, served[t])
        if t + 1 == days or s.month[t + 1] != m:
            value = months[m, 2 * rows]
            for n in range(nodes):
                there, usd = w.stock[n], s.end_usd[n]
                for b in range(size):
                    value[b] += there[b] * usd
    settle(s, days - 1, np.int64(0), size, w, figures, months, sent)


@inlined
def _receive(w: Block) -> None:
    """Take in what is due today, and begin the day."""
    size = w.pull.shape[1]
    for n in range(w.ring_at.size):
        pull = w.pull[n]
        row = w.ring_at[n] + w.ring_day[n]
        if w.arrives[row]:
            w.arrives[row] = False
            there, under_way, due = w.stock[n], w.coming[n], w.ring[row]
            for b in range(size):
                x = due[b]
                there[b] += x
                under_way[b] -= x
                due[b] = 0.0
        for b in range(size):
            pull[b] = 0.0


@inlined
def _keep_stock(w: Block, stocks: Floats) -> None:
    """Write down what is on hand."""
    for b in range(w.stock.shape[1]):
        for n in range(w.stock.shape[0]):
            stocks[n, b] = w.stock[n, b]


@inlined
def _keep_service(w: Block, served: Floats) -> None:
    """Write down what was wanted and served on time."""
    rows = w.want.shape[0]
    for b in range(w.want.shape[1]):
        for q in range(rows):
            served[q, b] = w.want[q, b]
            served[rows + q, b] = w.want[q, b] - w.missing[q, b]


@inlined
def _evening(w: Block) -> None:
    """Close the day: who is behind, what stays open, what is held."""
    size = w.stock.shape[1]
    for n in range(w.ring_at.size):
        w.ring_day[n] = w.ring_day[n] + 1 if w.ring_day[n] + 1 < w.ring_size[n] else 0
        there, held = w.stock[n], w.held[n]
        for b in range(size):
            held[b] += max(there[b], 0.0)
        if w.tracked[n]:
            behind, short = w.behind[n], w.short[n]
            for b in range(size):
                behind[b] = (behind[b] + 1.0) * short[b]
                short[b] = 0.0
        if w.spare[n]:
            opened, before = w.opened[n], w.before[n]
            for b in range(size):
                before[b] = max(opened[b], 0.0)

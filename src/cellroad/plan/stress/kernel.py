"""Day by day: what comes in, who orders what, what is sent, made and served, what it costs.

One day is

    receipts   what was under way and is due today
    demand     planned demand times its risks; it pulls on the goods that serve it
    orders     from customers to suppliers: each node orders what its base stock lacks,
               order[n] = max(0, target[t,n] + pull[n] - stock[n] - under way[n]), shared out over its ways in; what it
               orders pulls on those before it. Nodes that have been behind for longer than a way takes to be called
               in (an express lane, a second vendor) ask that way for what was left open the day before
    work       from suppliers to customers: purchases up to what may be had, runs up to hours and inputs, then what is
               there goes to those who pull, dearest use first
    service    customers who waited longest first; who is not served waits as long as he is willing, or is lost

This is a base-stock policy of several echelons around the levels of the plan (Clark and Scarf, Management Science 6,
1960; Axsaeter, Inventory Control, 2015, ch. 10). Orders that cannot be met stay open.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cellroad.plan.stress.arrays import LONGEST, Floats, Future, Ints, Law, Links, System
from cellroad.plan.stress.chance import POISSON, TRIANGULAR, poisson, quantile, shaped, uniform
from cellroad.plan.stress.compiling import compiled, inlined, uncounted
from cellroad.plan.stress.futures import DAY, MONTH, NOISE, SLOW, WEEK, YEAR

VALUE, REVENUE, PURCHASES, MAKING, FREIGHT, DUTY, HOLDING, LATE, PENALTY, END, KWH, ERROR = range(12)
"""Figures of a draw: discounted value; undiscounted USD by kind; kWh sold; the largest imbalance of a node."""
FIGURES = 12
WANTED, ON_TIME, SERVED, LOST, DAYS, GOOD_DAYS, RAN_OUT = range(7)
"""Of each row of demand: wants; of these served on their day, at all, lost; days with demand; of these days on which
all was served; the first day on which it was not (-1: never)."""
COUNTS = 7


class Scratch(NamedTuple):
    """What a day leaves to the next, and room for what it works out: by node, way, process, lane and row of demand."""

    ring: Floats
    stock: Floats
    coming: Floats
    pull: Floats
    ask: Floats
    opened: Floats
    before: Floats
    behind: Ints
    behind_row: Ints
    short: NDArray[np.bool_]
    kept: Floats
    hours: Floats
    room: Floats
    want: Floats
    missing: Floats
    queue: Floats
    waiting: Floats
    oldest: Ints
    part: Floats
    up: Floats
    duty: Floats
    f_demand: Floats
    f_price: Floats
    f_freight: Floats
    f_yield: Floats
    late: Ints
    held: Floats
    good: Floats
    free: Floats
    month_way: Floats
    month_serve: Floats
    month_lost: Floats
    month_late: Floats


@compiled
def simulate(
    s: System, u: Links, law: Law, f: Future, figures: Floats, counts: Floats, months: Floats, sent: Floats,
    stocks: Floats, served: Floats,
) -> None:  # fmt: skip
    """Run one future; write what it gives.

    figures  (FIGURES,); counts (Q, COUNTS)
    months   (months, 2 Q + 2): by month wanted and served on time by row, value of stock, discounted cash
    sent     (A + W,) units bought, runs, units sent, wants served in all
    stocks   (D, N) on hand at the end of each day, served (D, 2 Q) wanted and served on time; or (0, 0): not kept
    """
    nodes = s.target.shape[1]
    rows, serves, lines, lanes = s.base.shape[1], s.serve_node.size, s.hours.shape[1], s.lane_cap.size
    makes, ships, ways = s.make_out.size, s.ship_from.size, s.share.shape[1]
    longest_wait = s.patience.max() if rows else 0
    w = Scratch(
        np.zeros((_longest(s) + LONGEST + 2, nodes)), s.on_hand.copy(), np.zeros(nodes), np.zeros(nodes),
        np.zeros(ways), np.zeros(nodes), np.zeros(nodes), np.zeros(nodes, np.int64), np.zeros(rows, np.int64),
        np.zeros(nodes, np.bool_), np.zeros(s.input_node.size), np.zeros(lines), np.zeros(lanes), np.zeros(rows),
        np.zeros(rows), np.zeros((rows, longest_wait + 1)), np.zeros(rows),
        np.zeros(rows, np.int64), np.zeros(serves), np.ones(ways + serves + lines), np.zeros(ships), np.ones(rows),
        np.ones(s.buy_due.shape[1]), np.ones(ships), np.ones(makes), np.zeros(lanes, np.int64), np.zeros(nodes),
        np.zeros(makes), np.zeros(nodes), np.zeros(ways), np.zeros(serves), np.zeros(rows), np.zeros(rows),
    )  # fmt: skip
    figures[:] = 0.0
    counts[:] = 0.0
    months[:] = 0.0
    sent[:] = 0.0
    for q in range(rows):
        counts[q, RAN_OUT] = -1.0
    _days(s, u, law, f, w, figures, counts, months, sent, stocks, served)
    _close(s, w.stock, w.coming, w.good, sent, figures, months)


@uncounted
def _days(
    s: System, u: Links, law: Law, f: Future, w: Scratch, figures: Floats, counts: Floats, months: Floats,
    sent: Floats, stocks: Floats, served: Floats,
) -> None:  # fmt: skip
    """Run the days, one after the other."""
    days, nodes = s.target.shape
    buys, makes, ships, rows = s.buy_due.shape[1], s.make_out.size, s.ship_from.size, s.base.shape[1]
    ways, lines, lanes = buys + makes + ships, s.hours.shape[1], s.lane_cap.size
    serves = s.serve_node.size
    ring, stock, coming, pull, ask, opened, before, behind, behind_row, short = w[:10]
    kept, hours, room, want, missing, queue, waiting, oldest, part, up = w[10:20]
    duty, f_demand, f_price, f_freight, f_yield, late, held, good, free = w[20:29]
    month_way, month_serve, month_lost, month_late = w[29:]
    ring_size = ring.shape[0]
    noisy, slow, daily = u.noise_ptr[rows] > 0, u.slow_risk.size > 0, False
    for k in u.slow_risk:
        daily |= law.every[k] == DAY
    next_change, came = 0, 0
    ring_day, queue_day = 0, 0  # t modulo the length of the ring, of a queue
    for t in range(days):
        p, m = s.period[t], s.month[t]
        if t > 0 and (t == next_change or m != s.month[t - 1]):
            _settle(s, t - 1, f_price, f_freight, duty, month_way, month_serve, month_lost, month_late, held, figures,
                    months, sent)  # fmt: skip
        if t == 0 or m != s.month[t - 1]:
            _factors(u.demand_ptr, u.demand_risk, u.demand_weight, f.level, m, f_demand)
            _factors(u.price_ptr, u.price_risk, u.price_weight, f.level, m, f_price)
            _factors(u.freight_ptr, u.freight_risk, u.freight_weight, f.level, m, f_freight)
            _factors(u.yield_ptr, u.yield_risk, u.yield_weight, f.level, m, f_yield)
        if t == next_change:
            next_change = _happening(u, f, t, up, duty)
        # receipts
        for n in range(nodes):
            x = ring[ring_day, n]
            if x != 0.0:
                stock[n] += x
                coming[n] -= x
                ring[ring_day, n] = 0.0
            pull[n] = 0.0
            short[n] = False
        while came < s.came_day.size and s.came_day[came] == t:
            stock[s.came_node[came]] += s.came_units[came]
            came += 1
        for n in range(nodes):
            free[n] = max(stock[n], 0.0)
        for r in range(lines):
            hours[r] = s.hours[t, r] * up[ways + serves + r]
        for k in range(lanes):
            room[k] = s.lane_cap[k]
        if slow and (daily or t % 7 == 0 or m != s.month[t - 1]):
            _slow(u, law, f, t, m, late)
        # demand
        for q in range(rows):
            d = s.base[t, q] * f_demand[q]
            if noisy and u.noise_ptr[q + 1] > u.noise_ptr[q]:
                d = _noise(u, law, f, q, t, d)
            want[q] = d
            need = d + waiting[q]
            i0, i1 = s.serve_ptr[q], s.serve_ptr[q + 1]
            total = 0.0
            for i in range(i0, i1):
                part[i] = s.serve_share[p, i] if s.serve_allowed[p, i] and up[ways + i] > 0.0 else 0.0
                total += part[i]
            for i in range(i0, i1):
                if total > 0.0:
                    part[i] = part[i] / total
                elif s.serve_allowed[p, i] and up[ways + i] > 0.0:
                    part[i] = 1.0
                    total = 1.0
                if part[i] > 0.0:
                    n = s.serve_node[i]
                    x = part[i] * need * s.serve_units[i]
                    if s.lead_in[n] >= 1.0 and x > free[n]:  # nothing more comes today: who does not wait is lost
                        gap = x - free[n]
                        stays = min(gap, part[i] * waiting[q] * s.serve_units[i])
                        x = free[n] + stays + s.keeps[q] * (gap - stays)
                        free[n] = 0.0
                    else:
                        free[n] -= x
                    pull[n] += x
            if behind_row[q] >= s.switch:
                for i in range(i0, i1):
                    if part[i] == 0.0 and s.serve_allowed[p, i] and up[ways + i] > 0.0:
                        n = s.serve_node[i]
                        pull[n] += missing[q] * s.serve_units[i] * (1.0 + s.lead_in[n])
                        break
        # orders
        for n in range(nodes - 1, -1, -1):
            lack = s.target[t, n] + pull[n] - stock[n] - coming[n]
            if lack < 0.0:
                lack = 0.0
            extra = min(lack, before[n])
            for i in range(s.in_ptr[n], s.in_ptr[n + 1]):
                a = s.in_way[i]
                x = s.share[p, a] * lack
                if x == 0.0 and extra > 0.0 and s.allowed[p, a] and up[a] > 0.0 and behind[n] >= s.wait[a]:
                    ready = True
                    if a >= buys + makes:
                        ready = behind[s.ship_from[a - buys - makes]] == 0
                    if ready:
                        x = extra
                        extra = 0.0
                if a < buys:
                    ask[a] = x
                elif a < buys + makes:
                    k = a - buys
                    y = s.make_yield[p, k] * f_yield[k]
                    x = x / y if y > 0.0 else 0.0
                    r = s.make_line[k]
                    if r >= 0 and s.make_hours[k] > 0.0:
                        x = min(x, hours[r] / s.make_hours[k])
                    x = x * up[a]
                    ask[a] = x
                    if x > 0.0:
                        for j in range(s.input_ptr[k], s.input_ptr[k + 1]):
                            pull[s.input_node[j]] += x * s.input_units[j]
                else:
                    ask[a] = x
                    if x > 0.0:
                        pull[s.ship_from[a - buys - makes]] += x
            opened[n] = lack
        # work
        for n in range(nodes):
            for i in range(s.in_ptr[n], s.in_ptr[n + 1]):
                a = s.in_way[i]
                x = ask[a]
                if x <= 0.0:
                    continue
                if a < buys:
                    due = s.buy_due[t, a]
                    x = _had(x, s.buy_cap[t, a], up[a])
                    if due >= 0 and x > 0.0:
                        if due == t:
                            stock[n] += x
                        else:
                            slot = ring_day + due - t
                            ring[slot if slot < ring_size else slot - ring_size, n] += x
                            coming[n] += x
                        month_way[a] += x
                        opened[n] -= x
                elif a < buys + makes:
                    k = a - buys
                    for j in range(s.input_ptr[k], s.input_ptr[k + 1]):
                        x = min(x, kept[j] / s.input_units[j])
                    r = s.make_line[k]
                    if r >= 0 and s.make_hours[k] > 0.0:
                        x = min(x, hours[r] / s.make_hours[k])
                        hours[r] -= x * s.make_hours[k]
                    if x > 0.0:
                        for j in range(s.input_ptr[k], s.input_ptr[k + 1]):
                            stock[s.input_node[j]] -= x * s.input_units[j]
                        y = x * (s.make_yield[p, k] * f_yield[k])
                        stock[n] += y
                        for j in range(s.beside_ptr[k], s.beside_ptr[k + 1]):
                            stock[s.beside_node[j]] += x * s.beside_units[j]
                        month_way[a] += x
                        good[k] += y
                        opened[n] -= y
                else:
                    opened[n] -= x  # its origin has worked already and left here what it sent
            left = max(stock[n], 0.0)
            for o in range(s.out_ptr[n], s.out_ptr[n + 1]):
                a, j = s.out_way[o], s.out_input[o]
                if j >= 0:
                    x = ask[a] * s.input_units[j]
                    if x > left:
                        short[n] = True
                        x = left
                    kept[j] = x
                    left -= x
                elif ask[a] > 0.0:
                    k = a - buys - makes
                    x = ask[a]
                    if x > left:
                        short[n] = True
                        x = left
                    lane = s.ship_lane[k]
                    x = min(x, room[lane]) * up[a]
                    lead = s.lead[t, s.ship_class[k]]
                    if lead < 0:
                        x = 0.0
                    ask[a] = x
                    if x > 0.0:
                        room[lane] -= x
                        stock[n] -= x
                        left -= x
                        to = s.ship_to[k]
                        lead = max(0, lead + late[lane])
                        if lead == 0:
                            stock[to] += x
                        else:
                            slot = ring_day + lead
                            ring[slot if slot < ring_size else slot - ring_size, to] += x
                            coming[to] += x
                        month_way[a] += x
        # service
        for q in range(rows):
            need = want[q] + waiting[q]
            left = need
            i0, i1 = s.serve_ptr[q], s.serve_ptr[q + 1]
            for again in range(2):
                for i in range(i0, i1):
                    if left <= 0.0 or (again == 0 and part[i] == 0.0):
                        continue
                    if not (s.serve_allowed[p, i] and up[ways + i] > 0.0):
                        continue
                    n = s.serve_node[i]
                    x = part[i] * need if again == 0 else left
                    x = min(min(x, left), max(stock[n], 0.0) / s.serve_units[i])
                    if x > 0.0:
                        stock[n] -= x * s.serve_units[i]
                        left -= x
                        month_serve[i] += x
                    if again == 0 and x < part[i] * need:
                        short[n] = True
            _customers(s, q, t, queue_day, m, need - left, want, waiting, queue, oldest, missing, behind_row, counts,
                       months, month_lost, month_late)  # fmt: skip
        for n in range(nodes):
            behind[n] = behind[n] + 1 if short[n] else 0
            before[n] = max(opened[n], 0.0)
            held[n] += max(stock[n], 0.0)
        ring_day = ring_day + 1 if ring_day + 1 < ring_size else 0
        queue_day = queue_day + 1 if queue_day + 1 < queue.shape[1] else 0
        if stocks.size:
            for n in range(nodes):
                stocks[t, n] = stock[n]
            for q in range(rows):
                served[t, q] = want[q]
                served[t, rows + q] = want[q] - missing[q]
        if t + 1 == days or s.month[t + 1] != m:
            for n in range(nodes):
                months[m, 2 * rows] += stock[n] * s.end_usd[n]
    _settle(s, days - 1, f_price, f_freight, duty, month_way, month_serve, month_lost, month_late, held, figures,
            months, sent)  # fmt: skip


@inlined
def _had(asked: float, cap: float, up: float) -> float:
    """Return what of an order can be had: up to what is sold a day, or the part of it that works."""
    if up == 1.0:
        return min(asked, cap)
    return min(asked, cap * up) if cap < np.inf else asked * up


@compiled
def _longest(s: System) -> int:
    """Return the longest time from an order to its arrival."""
    longest = 1
    for t in range(s.lead.shape[0]):
        for c in range(s.lead.shape[1]):
            longest = max(longest, s.lead[t, c])
        for b in range(s.buy_due.shape[1]):
            longest = max(longest, s.buy_due[t, b] - t)
    return longest


@compiled
def _factors(ptr: Ints, risk: Ints, weight: Floats, level: Floats, m: int, out: Floats) -> None:
    """Factor on what is planned: product over its risks of 1 + weight * (level - 1)."""
    for i in range(ptr.size - 1):
        x = 1.0
        for j in range(ptr[i], ptr[i + 1]):
            x *= 1.0 + weight[j] * (level[risk[j], m] - 1.0)
        out[i] = max(x, 0.0)


@compiled
def _happening(u: Links, f: Future, t: int, up: Floats, duty: Floats) -> int:
    """Write what works and what more duty is due on a day; return the next day on which that changes."""
    up[:] = 1.0
    duty[:] = 0.0
    following = 1 << 60
    for k in range(f.events.size):
        active = False
        for j in range(f.events[k]):
            if f.begins[k, j] > t:
                following = min(following, f.begins[k, j])
            elif f.ends[k, j] > t:
                active = True
                following = min(following, f.ends[k, j])
        if active:
            for i in range(u.stop_ptr[k], u.stop_ptr[k + 1]):
                up[u.stop_what[i]] *= u.left[k]
            for i in range(u.duty_ptr[k], u.duty_ptr[k + 1]):
                duty[u.duty_ship[i]] += u.duty_add[k]
    return following


@inlined
def _step(every: int, t: int, m: int) -> int:
    """Return the number of the step that a day lies in."""
    if every == DAY:
        return t
    if every == WEEK:
        return t // 7
    if every == MONTH:
        return m
    if every == YEAR:
        return m // 12
    return 0


@inlined
def _noise(u: Links, law: Law, f: Future, q: int, t: int, mean: float) -> float:
    """Return demand with what is drawn by day or week: a factor, or the Poisson number of that mean."""
    x = mean
    for j in range(u.noise_ptr[q], u.noise_ptr[q + 1]):
        k = u.noise_risk[j]
        if not law.on[k]:
            continue
        v = uniform(f.key[0], law.name[k] + u.noise_name[q], NOISE, _step(law.every[k], t, 0))
        if law.shape[k] == POISSON:
            x = poisson(v, x)
        else:
            x *= max(0.0, shaped(quantile(v), law.shape[k], law.numbers[k, 0], law.numbers[k, 1], law.numbers[k, 2]))
    return x


@compiled
def _slow(u: Links, law: Law, f: Future, t: int, m: int, late: Ints) -> None:
    """Write by how many days what leaves each lane is later than planned, from the step on that a day lies in."""
    for lane in range(late.size):
        days = 0.0
        for j in range(u.slow_ptr[lane], u.slow_ptr[lane + 1]):
            k = u.slow_risk[j]
            if not law.on[k]:
                continue
            z = quantile(uniform(f.key[0], law.name[k] + u.slow_name[lane], SLOW, _step(law.every[k], t, m)))
            if law.numbers[k, 0] == 0.0 and law.numbers[k, 1] == 0.0 and law.numbers[k, 2] == 0.0:
                likely = u.slow_likely[lane]
                days += shaped(z, TRIANGULAR, u.slow_low[lane], likely, u.slow_high[lane]) - likely
            else:
                days += shaped(z, law.shape[k], law.numbers[k, 0], law.numbers[k, 1], law.numbers[k, 2])
        late[lane] = max(-LONGEST, min(LONGEST, math.floor(days + 0.5)))


@inlined
def _customers(
    s: System, q: int, t: int, place: int, m: int, found: float, want: Floats, waiting: Floats, queue: Floats,
    oldest: Ints, missing: Floats, behind: Ints, counts: Floats, months: Floats, month_lost: Floats, month_late: Floats,
) -> None:  # fmt: skip
    """Serve a row of demand with what was found for it: who waits first, then who came today.

    place: t modulo the length of the queue; those who came on day d <= t wait at place - (t - d)
    """
    size = queue.shape[1]
    old = waiting[q]
    today = found - old if found > old else 0.0
    rest = found if found < old else old
    waiting[q] = old - rest
    while rest > 0.0:
        slot = place - (t - oldest[q])
        slot = slot if slot >= 0 else slot + size
        x = min(queue[q, slot], rest)
        queue[q, slot] -= x
        rest -= x
        if rest > 0.0:
            oldest[q] += 1
            if oldest[q] >= t:
                rest = 0.0
    miss = want[q] - today
    if miss <= 1e-9 * want[q]:
        miss = 0.0
    lost = miss
    if s.patience[q] > 0:
        gone = t - s.patience[q]
        if gone >= 0:
            slot = place - s.patience[q]
            slot = slot if slot >= 0 else slot + size
            expired = min(queue[q, slot], waiting[q])
            queue[q, slot] = 0.0
            waiting[q] -= expired
            oldest[q] = max(oldest[q], gone + 1)
            lost = miss - s.keeps[q] * miss + expired
        else:
            lost = miss - s.keeps[q] * miss
        queue[q, place] = s.keeps[q] * miss
        waiting[q] += s.keeps[q] * miss
    missing[q] = miss
    behind[q] = behind[q] + 1 if miss > 0.0 else 0
    counts[q, WANTED] += want[q]
    counts[q, ON_TIME] += want[q] - miss
    counts[q, SERVED] += found
    counts[q, LOST] += lost
    if want[q] > 0.0:
        counts[q, DAYS] += 1.0
        if miss == 0.0:
            counts[q, GOOD_DAYS] += 1.0
        elif counts[q, RAN_OUT] < 0.0:
            counts[q, RAN_OUT] = float(t)
    months[m, q] += want[q]
    months[m, want.size + q] += want[q] - miss
    month_lost[q] += lost
    month_late[q] += waiting[q]


@compiled
def _settle(
    s: System, t: int, f_price: Floats, f_freight: Floats, duty: Floats, month_way: Floats, month_serve: Floats,
    month_lost: Floats, month_late: Floats, held: Floats, figures: Floats, months: Floats, sent: Floats,
) -> None:  # fmt: skip
    """Turn what moved since prices last changed into money, by the day on which that ends."""
    p, m, discount = s.period[t], s.month[t], s.discount[t]
    buys, makes, rows = s.buy_due.shape[1], s.make_out.size, s.base.shape[1]
    bought, made, freight, dues, holding, revenue, kwh, penalty, late = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    for a in range(month_way.size):
        x = month_way[a]
        if x == 0.0:
            continue
        if a < buys:
            bought += x * s.usd[p, a] * f_price[a]
        elif a < buys + makes:
            made += x * s.usd[p, a]
        else:
            k = a - buys - makes
            freight += x * s.usd[p, a] * f_freight[k]
            dues += x * (s.ship_duty[p, k] + s.ship_customs[p, k] * duty[k])
        sent[a] += x
        month_way[a] = 0.0
    for i in range(month_serve.size):
        x = month_serve[i]
        revenue += x * s.serve_usd[p, i]
        kwh += x * s.serve_kwh[i]
        sent[buys + makes + s.ship_from.size + i] += x
        month_serve[i] = 0.0
    for q in range(rows):
        penalty += month_lost[q] * s.short_usd[p, q]
        late += month_late[q] * s.late_usd[p, q]
        month_lost[q] = 0.0
        month_late[q] = 0.0
    for n in range(held.size):
        holding += held[n] * s.hold_usd[p, n]
        held[n] = 0.0
    cash = revenue - bought - made - freight - dues - holding - late
    figures[VALUE] += (cash - penalty) * discount
    figures[REVENUE] += revenue
    figures[PURCHASES] += bought
    figures[MAKING] += made
    figures[FREIGHT] += freight
    figures[DUTY] += dues
    figures[HOLDING] += holding
    figures[LATE] += late
    figures[PENALTY] += penalty
    figures[KWH] += kwh
    months[m, 2 * rows + 1] += (cash - penalty) * discount


@compiled
def _close(
    s: System, stock: Floats, coming: Floats, good: Floats, sent: Floats, figures: Floats, months: Floats
) -> None:
    """Value what is left, and check that every unit is somewhere: the largest imbalance of a node over what moved."""
    nodes, buys, makes, ships = stock.size, s.buy_due.shape[1], s.make_out.size, s.ship_from.size
    rows = s.base.shape[1]
    balance, moved = np.zeros(nodes), np.ones(nodes)
    for n in range(nodes):
        balance[n] = s.on_hand[n]
        moved[n] += s.on_hand[n]
        for i in range(s.in_ptr[n], s.in_ptr[n + 1]):
            a = s.in_way[i]
            if a < buys:
                balance[n] += sent[a]
                moved[n] += sent[a]
            elif a < buys + makes:
                balance[n] += good[a - buys]
                moved[n] += good[a - buys]
    for k in range(makes):
        for j in range(s.input_ptr[k], s.input_ptr[k + 1]):
            balance[s.input_node[j]] -= sent[buys + k] * s.input_units[j]
        for j in range(s.beside_ptr[k], s.beside_ptr[k + 1]):
            balance[s.beside_node[j]] += sent[buys + k] * s.beside_units[j]
    for k in range(ships):
        x = sent[buys + makes + k]
        balance[s.ship_from[k]] -= x
        balance[s.ship_to[k]] += x
        moved[s.ship_to[k]] += x
    for i in range(s.serve_node.size):
        balance[s.serve_node[i]] -= sent[buys + makes + ships + i] * s.serve_units[i]
    for j in range(s.came_day.size):
        if s.came_day[j] < s.period.size:
            balance[s.came_node[j]] += s.came_units[j]
            moved[s.came_node[j]] += s.came_units[j]
    worst, end = 0.0, 0.0
    for n in range(nodes):
        worst = max(worst, abs(balance[n] - stock[n] - coming[n]) / moved[n])
        end += (stock[n] + coming[n]) * s.end_usd[n]
    last = s.period.size - 1
    figures[ERROR] = worst
    figures[END] = end
    figures[VALUE] += end * s.end_discount
    months[s.month[last], 2 * rows + 1] += end * s.end_discount

"""What a future is worth: what moved since prices last changed, and what is left at the end, in money."""

from __future__ import annotations

from cellroad.chain.compiling import compiled, uncounted
from cellroad.plan.stress.arrays import Floats, System
from cellroad.plan.stress.block import Block

VALUE, REVENUE, PURCHASES, MAKING, FREIGHT, DUTY, HOLDING, LATE, PENALTY, END, KWH, ERROR = range(12)
"""Figures of a draw: discounted value; undiscounted USD by kind; kWh sold; the largest imbalance of a node."""
FIGURES = 12


@uncounted
def settle(s: System, t: int, first: int, last: int, w: Block, figures: Floats, months: Floats, sent: Floats) -> None:
    """Turn what moved since prices last changed into money, by the day on which that ends, in futures first to last."""
    p, m, discount = s.period[t], s.month[t], s.discount[t]
    buys, makes, rows = s.buy_due.shape[1], s.make_out.size, s.base.shape[1]
    ways = w.month_way.shape[0]
    for b in range(first, last):
        bought, made, freight, dues, holding = 0.0, 0.0, 0.0, 0.0, 0.0
        revenue, kwh, penalty, late = 0.0, 0.0, 0.0, 0.0
        for a in range(buys):
            bought += w.month_way[a, b] * s.usd[p, a] * w.f_price[a, b]
        for a in range(buys, buys + makes):
            made += w.month_way[a, b] * s.usd[p, a]
        for a in range(buys + makes, ways):
            x, k = w.month_way[a, b], a - buys - makes
            freight += x * s.usd[p, a] * w.f_freight[k, b]
            dues += x * (s.ship_duty[p, k] + s.ship_customs[p, k] * w.duty[k, b])
        for a in range(ways):
            sent[a, b] += w.month_way[a, b]
            w.month_way[a, b] = 0.0
        for i in range(s.serve_node.size):
            x = w.month_serve[i, b]
            revenue += x * s.serve_usd[p, i]
            kwh += x * s.serve_kwh[i]
            sent[ways + i, b] += x
            w.month_serve[i, b] = 0.0
        for q in range(rows):
            penalty += w.month_lost[q, b] * s.short_usd[p, q]
            late += w.month_late[q, b] * s.late_usd[p, q]
            w.month_lost[q, b] = 0.0
            w.month_late[q, b] = 0.0
        for n in range(w.held.shape[0]):
            holding += w.held[n, b] * s.hold_usd[p, n]
            w.held[n, b] = 0.0
        cash = revenue - bought - made - freight - dues - holding - late
        figures[VALUE, b] += (cash - penalty) * discount
        figures[REVENUE, b] += revenue
        figures[PURCHASES, b] += bought
        figures[MAKING, b] += made
        figures[FREIGHT, b] += freight
        figures[DUTY, b] += dues
        figures[HOLDING, b] += holding
        figures[LATE, b] += late
        figures[PENALTY, b] += penalty
        figures[KWH, b] += kwh
        months[m, 2 * rows + 1, b] += (cash - penalty) * discount


@compiled
def close(
    s: System, stock: Floats, coming: Floats, good: Floats, sent: Floats, figures: Floats, months: Floats,
    balance: Floats, moved: Floats,
) -> None:  # fmt: skip
    """Value what is left, and check that every unit is somewhere: the largest imbalance of a node over what moved.

    balance  (N, B) zeros; moved (N, B) ones
    """
    nodes, buys, makes, ships = stock.shape[0], s.buy_due.shape[1], s.make_out.size, s.ship_from.size
    rows = s.base.shape[1]
    for n in range(nodes):
        balance[n] += s.on_hand[n]
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
        balance[s.ship_from[k]] -= sent[buys + makes + k]
        balance[s.ship_to[k]] += sent[buys + makes + k]
        moved[s.ship_to[k]] += sent[buys + makes + k]
    for i in range(s.serve_node.size):
        balance[s.serve_node[i]] -= sent[buys + makes + ships + i] * s.serve_units[i]
    for j in range(s.came_day.size):
        if s.came_day[j] < s.period.size:
            balance[s.came_node[j]] += s.came_units[j]
            moved[s.came_node[j]] += s.came_units[j]
    last = s.month[s.period.size - 1]
    for b in range(stock.shape[1]):
        worst, end = 0.0, 0.0
        for n in range(nodes):
            worst = max(worst, abs(balance[n, b] - stock[n, b] - coming[n, b]) / moved[n, b])
            end += (stock[n, b] + coming[n, b]) * s.end_usd[n]
        figures[ERROR, b] = worst
        figures[END, b] = end
        figures[VALUE, b] += end * s.end_discount
        months[last, 2 * rows + 1, b] += end * s.end_discount

"""What a future is worth: what moved since prices last changed, and what is left at the end, in money."""

from __future__ import annotations

import numpy as np

from cellroad.chain.compiling import uncounted
from cellroad.plan.stress.arrays import Floats, System
from cellroad.plan.stress.block import Block

VALUE, REVENUE, PURCHASES, MAKING, FREIGHT, DUTY, HOLDING, LATE, PENALTY, END, KWH, ERROR, SCRAP = range(13)
"""Figures of a draw: discounted value; undiscounted USD by kind; kWh sold; the largest imbalance of a node."""
FIGURES = 13


@uncounted
def settle(
    s: System, t: int, first: int | np.int64, last: int, w: Block, figures: Floats, months: Floats, sent: Floats
) -> None:
    """Turn what moved since prices last changed into money, by the day on which that ends, in futures first to last."""
    p, m, discount = s.period[t], s.month[t], s.discount[t]
    buys, makes, rows = s.buy_due.shape[1], s.make_out.size, s.base.shape[1]
    ways = w.month_way.shape[0]
    for b in range(first, last):
        bought, made, freight, dues, holding = 0.0, 0.0, 0.0, 0.0, 0.0
        revenue, kwh, penalty, late, scrap = 0.0, 0.0, 0.0, 0.0, 0.0
        for a in range(buys):
            factor = min(max(w.f_price[a, b], s.price_low[p, a]), s.price_high[p, a])
            bought += w.month_way[a, b] * s.usd[p, a] * factor
        for a in range(buys, buys + makes):
            made += w.month_way[a, b] * s.usd[p, a]
        for a in range(buys + makes, ways):
            x, k = w.month_way[a, b], a - buys - makes
            freight += x * s.usd[p, a] * w.f_freight[k, b]
            dues += x * (s.ship_duty[p, k] + s.ship_customs[p, k] * w.duty[k, b])
        for g in range(s.box_usd.size):
            freight += w.month_box[g, b] * w.f_freight[s.box_ship[s.box_ptr[g]], b]
            w.month_box[g, b] = 0.0
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
        for e in range(s.old_node.size):
            scrap += w.month_old[e, b] * s.old_usd[e]
            w.month_old[e, b] = 0.0
        cash = revenue - bought - made - freight - dues - holding - late - scrap
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
        figures[SCRAP, b] += scrap
        months[m, 2 * rows + 1, b] += (cash - penalty) * discount


def close(s: System, w: Block, figures: Floats, months: Floats, sent: Floats) -> None:
    """Value what is left, and check that every unit is somewhere: the largest imbalance of a node over what moved."""
    buys, makes, ships = s.buy_due.shape[1], s.make_out.size, s.ship_from.size
    bought, runs, shipped, taken = np.split(sent, np.cumsum([buys, makes, ships]))
    came = s.came_day < s.period.size
    add = np.add.at
    balance = np.repeat(s.on_hand[:, None], sent.shape[1], axis=1)
    add(balance, s.came_node[came], s.came_units[came, None])
    node = np.repeat(np.arange(s.on_hand.size), s.in_ptr[1:] - s.in_ptr[:-1])
    way = s.in_way.astype(np.int64)
    add(balance, node[way < buys], bought[way[way < buys]])
    add(balance, s.make_out, w.good)
    moved = 1.0 + balance
    add(moved, s.ship_to, shipped)
    add(balance, s.ship_to, shipped)
    for k, x in enumerate(runs):
        made, beside = slice(s.input_ptr[k], s.input_ptr[k + 1]), slice(s.beside_ptr[k], s.beside_ptr[k + 1])
        add(balance, s.input_node[made], -np.outer(s.input_units[made], x))
        add(balance, s.beside_node[beside], np.outer(s.beside_units[beside], x))
    add(balance, s.ship_from, -shipped)
    add(balance, s.serve_node, -taken * s.serve_units[:, None])
    add(balance, s.old_node, -w.expired)
    left = w.stock + w.coming
    end = np.zeros(sent.shape[1])
    for n, usd in enumerate(s.end_usd):
        end += left[n] * usd
    figures[ERROR] = (np.abs(balance - left) / moved).max(axis=0, initial=0.0)
    figures[END] = end
    figures[VALUE] += end * s.end_discount
    months[s.month[-1], 2 * s.base.shape[1] + 1] += end * s.end_discount

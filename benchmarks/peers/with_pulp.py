"""The sourcing problem in PuLP: one object per variable and row, in lists, handed to HiGHS in memory."""

from __future__ import annotations

from collections.abc import Iterable

import pulp
from numpy.typing import NDArray
from peers.sourcing import HOLDING, Case

Grid = list[list[pulp.LpVariable]]


def build(case: Case) -> pulp.LpProblem:
    """Return the model."""
    m = pulp.LpProblem("sourcing", pulp.LpMaximize)
    time = range(case.months)
    most, demand, discount = case.offer_most.tolist(), case.demand.tolist(), case.discount.tolist()

    def variables(name: str, count: int) -> Grid:
        return [[pulp.LpVariable(f"{name}_{n}_{t}", 0) for t in time] for n in range(count)]

    offers, feeds, processes, wants = (
        rows.size for rows in (case.offer_vendor, case.feed_plant, case.process_plant, case.want_market)
    )
    buy = [[pulp.LpVariable(f"buy_{n}_{t}", 0, most[n]) for t in time] for n in range(offers)]
    make, inward = variables("make", processes), variables("in", case.in_offer.size)
    outward = variables("out", case.out_process.size)
    at_vendor, cells, packs = variables("vendor", offers), variables("cells", feeds), variables("packs", processes)
    at_market, sell, short = variables("market", wants), variables("sell", wants), variables("short", wants)

    left, came = members(case.in_offer, offers), members(case.in_feed, feeds)
    sent, reached = members(case.out_process, processes), members(case.out_want, wants)
    used, worked = members(case.process_feed, feeds), members(case.process_plant, case.plants)
    per_pack, hours = case.process_cells.tolist(), case.process_hours.tolist()

    month = HOLDING / 12
    money = (
        (buy, case.offer_price),
        (make, case.process_cost),
        (inward, case.in_freight),
        (outward, case.out_freight),
        (at_vendor, month * case.cell_value[case.offer_cell]),
        (cells, month * case.cell_value[case.feed_cell]),
        (packs, month * case.pack_value[case.process_pack]),
        (at_market, month * case.pack_value[case.want_pack]),
        (sell, -case.want_price),
        (short, case.want_penalty),
    )
    m += pulp.LpAffineExpression(
        (row[t], -usd * discount[t])
        for block, prices in money
        for row, usd in zip(block, prices.tolist(), strict=True)
        for t in time
    )

    def stock(rows: Grid, n: int, t: int) -> list[tuple[pulp.LpVariable, float]]:
        return [(rows[n][t], -1), (rows[n][t - 1], 1)] if t else [(rows[n][t], -1)]

    def row(*parts: Iterable[tuple[pulp.LpVariable, float]]) -> pulp.LpAffineExpression:
        return pulp.LpAffineExpression([term for part in parts for term in part])

    for t in time:
        for n in range(offers):
            m += row([(buy[n][t], 1)], stock(at_vendor, n, t), ((inward[i][t], -1) for i in left[n])) == 0
        for n in range(feeds):
            taken = ((make[i][t], -per_pack[i]) for i in used[n])
            m += row(((inward[i][t], 1) for i in came[n]), stock(cells, n, t), taken) == 0
        for n in range(processes):
            m += row([(make[n][t], 1)], stock(packs, n, t), ((outward[i][t], -1) for i in sent[n])) == 0
        for n in range(wants):
            arrived = ((outward[i][t], 1) for i in reached[n])
            m += row(arrived, stock(at_market, n, t), [(sell[n][t], -1)]) == 0
            m += row([(sell[n][t], 1), (short[n][t], 1)]) == demand[n][t]
        for n in range(case.plants):
            if worked[n]:
                m += row((make[i][t], hours[i]) for i in worked[n]) <= float(case.hours[n])
    return m


def members(group: NDArray, count: int) -> list[list[int]]:
    """Return the numbers that belong to each group."""
    found: list[list[int]] = [[] for _ in range(count)]
    for n, g in enumerate(group.tolist()):
        found[g].append(n)
    return found


def hand_over(model: pulp.LpProblem) -> object:
    """Return the problem with the solver in it."""
    solver = pulp.HiGHS(msg=False)
    solver.createAndConfigureSolver(model)
    solver.buildSolverModel(model)
    return model.solverModel


def solve(model: pulp.LpProblem) -> float:
    """Return the net present value of the optimum, with the values of all variables read back."""
    model.solve(pulp.HiGHS(msg=False, threads=2))
    return float(pulp.value(model.objective))

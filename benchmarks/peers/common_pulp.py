"""The common case in PuLP: one object per variable and row, handed to HiGHS in memory."""

from __future__ import annotations

from typing import Any

import pulp
from peers.common import Case
from peers.lists import lists

Grid = list[list[pulp.LpVariable]]


def build(case: Case) -> pulp.LpProblem:
    """Return the model."""
    of, months = lists(case), range(case.months)
    demand, hours, per_unit = case.demand.tolist(), case.hours.tolist(), case.make_hours.tolist()
    late = (case.arrives >= case.months).tolist()
    opens = list(enumerate(case.opens.tolist()))

    def grid(name: str, count: int) -> Grid:
        return [[pulp.LpVariable(f"{name}_{n}_{t}", 0) for t in months] for n in range(count)]

    make, stock = grid("make", case.make_plant.size), grid("stock", case.make_plant.size)
    flow = [
        [pulp.LpVariable(f"flow_{n}_{t}", 0, 0 if late[n][t] else None) for t in months]
        for n in range(case.flow_lane.size)
    ]
    short = [[pulp.LpVariable(f"short_{n}_{t}", 0, demand[n][t]) for t in months] for n in range(case.want_market.size)]
    opened = [[pulp.LpVariable(f"open_{p}_{a}", cat="Binary") for a, _ in opens] for p in range(case.plants)]
    model = pulp.LpProblem("common", pulp.LpMinimize)
    blocks = (
        (make, of.make_usd), (stock, of.stock_usd), (flow, of.flow_usd), (short, of.short_usd), (opened, of.open_usd)
    )  # fmt: skip
    model += pulp.LpAffineExpression(
        (column, cost)
        for block, money in blocks
        for row, usd in zip(block, money, strict=True)
        for column, cost in zip(row, usd, strict=True)
    )

    def total(terms: Any) -> pulp.LpAffineExpression:
        return pulp.LpAffineExpression(list(terms))

    for n, flows in enumerate(of.of_make):
        for t in months:
            kept = [(stock[n][t - 1], 1)] if t else []
            model += total([(make[n][t], 1), (stock[n][t], -1), *kept, *((flow[f][t], -1) for f in flows)]) == 0
    for n, arriving in enumerate(of.of_want):
        for t in months:
            came = ((flow[f][t - lead], 1) for f, lead in arriving if t >= lead)
            model += total([(short[n][t], 1), *came]) == demand[n][t]
    for p, makes in enumerate(of.of_plant):
        for t in months:
            worked = ((make[n][t], per_unit[n]) for n in makes)
            model += total([*worked, *((opened[p][a], -hours[p]) for a, begin in opens if begin <= t)]) <= 0
        model += total((column, 1) for column in opened[p]) <= 1
    for n, flows in enumerate(of.of_lane):
        for t in months:
            if flows:
                model += total((flow[f][t], 1) for f in flows) <= float(case.lane_most[n])
    return model


def solve(model: pulp.LpProblem, options: dict[str, Any]) -> tuple[float, float]:
    """Return cost and bound, with the values of all variables read back."""
    model.solve(pulp.HiGHS(msg=False, **options))
    return float(pulp.value(model.objective)), float(model.solverModel.getInfo().mip_dual_bound)

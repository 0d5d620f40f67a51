"""The common case in Pyomo, solved through its persistent interface to HiGHS."""

from __future__ import annotations

from typing import Any

import pyomo.environ as pe
from peers.common import Case
from peers.lists import lists


def build(case: Case) -> pe.ConcreteModel:
    """Return the model."""
    of, last = lists(case), case.months
    demand, hours, per_unit = case.demand.tolist(), case.hours.tolist(), case.make_hours.tolist()
    late, most, opens = (case.arrives >= last).tolist(), case.lane_most.tolist(), case.opens.tolist()
    makes, wants, flows, lanes = (
        range(rows.size) for rows in (case.make_plant, case.want_market, case.flow_lane, case.lane_plant)
    )
    months, plants, windows = range(last), range(case.plants), range(len(opens))
    m = pe.ConcreteModel()
    m.make = pe.Var(makes, months, domain=pe.NonNegativeReals)
    m.stock = pe.Var(makes, months, domain=pe.NonNegativeReals)
    m.flow = pe.Var(flows, months, bounds=lambda _, f, t: (0, 0 if late[f][t] else None))
    m.short = pe.Var(wants, months, bounds=lambda _, n, t: (0, demand[n][t]))
    m.open = pe.Var(plants, windows, domain=pe.Binary)
    m.balance = pe.Constraint(
        makes, months,
        rule=lambda m, n, t: m.make[n, t] + (m.stock[n, t - 1] if t else 0) - m.stock[n, t]
        - pe.quicksum(m.flow[f, t] for f in of.of_make[n]) == 0,
    )  # fmt: skip
    m.demand = pe.Constraint(
        wants, months,
        rule=lambda m, n, t: m.short[n, t]
        + pe.quicksum(m.flow[f, t - lead] for f, lead in of.of_want[n] if t >= lead) == demand[n][t],
    )  # fmt: skip
    m.capacity = pe.Constraint(
        plants, months,
        rule=lambda m, p, t: pe.quicksum(per_unit[n] * m.make[n, t] for n in of.of_plant[p])
        - hours[p] * pe.quicksum(m.open[p, a] for a in windows if opens[a] <= t) <= 0,
    )  # fmt: skip
    m.lane = pe.Constraint(
        [n for n in lanes if of.of_lane[n]], months,
        rule=lambda m, n, t: pe.quicksum(m.flow[f, t] for f in of.of_lane[n]) <= most[n],
    )  # fmt: skip
    m.once = pe.Constraint(plants, rule=lambda m, p: pe.quicksum(m.open[p, a] for a in windows) <= 1)
    blocks = (
        (m.make, of.make_usd), (m.stock, of.stock_usd), (m.flow, of.flow_usd), (m.short, of.short_usd),
        (m.open, of.open_usd),
    )  # fmt: skip
    m.cost = pe.Objective(
        expr=pe.quicksum(
            usd * block[n, t] for block, money in blocks for n, row in enumerate(money) for t, usd in enumerate(row)
        )
    )
    return m


def solve(model: pe.ConcreteModel, options: dict[str, Any]) -> tuple[float, float]:
    """Return cost and bound, with the values of all variables read back."""
    solver = pe.SolverFactory("appsi_highs")
    solver.highs_options = options
    result = solver.solve(model, load_solutions=False)
    model.solutions.load_from(result)
    return float(pe.value(model.cost)), float(result.problem.lower_bound)

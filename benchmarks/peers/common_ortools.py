"""The common case in OR-Tools (MathOpt, with the HiGHS that it brings). It cannot be imported beside highspy."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ortools.math_opt.python import mathopt
from peers.common import Case
from peers.lists import lists

Terms = Iterable[tuple[mathopt.Variable, float]]


def build(case: Case) -> mathopt.Model:
    """Return the model."""
    of, months = lists(case), range(case.months)
    demand, hours, per_unit = case.demand.tolist(), case.hours.tolist(), case.make_hours.tolist()
    late, opens = (case.arrives >= case.months).tolist(), list(enumerate(case.opens.tolist()))
    m = mathopt.Model()
    column, inf = m.add_variable, math.inf
    make = [[column(lb=0) for _ in months] for _ in of.of_make]
    stock = [[column(lb=0) for _ in months] for _ in of.of_make]
    flow = [[column(lb=0, ub=0 if late[n][t] else inf) for t in months] for n in range(case.flow_lane.size)]
    short = [[column(lb=0, ub=demand[n][t]) for t in months] for n in range(case.want_market.size)]
    opened = [[m.add_binary_variable() for _ in opens] for _ in of.of_plant]

    def row(low: float, high: float, terms: Terms) -> None:
        made = m.add_linear_constraint(lb=low, ub=high)
        for variable, factor in terms:
            made.set_coefficient(variable, factor)

    for n, flows in enumerate(of.of_make):
        for t in months:
            kept = [(stock[n][t - 1], 1.0)] if t else []
            row(0, 0, [(make[n][t], 1.0), (stock[n][t], -1.0), *kept, *((flow[f][t], -1.0) for f in flows)])
    for n, arriving in enumerate(of.of_want):
        for t in months:
            came = ((flow[f][t - lead], 1.0) for f, lead in arriving if t >= lead)
            row(demand[n][t], demand[n][t], [(short[n][t], 1.0), *came])
    for p, makes in enumerate(of.of_plant):
        for t in months:
            worked = ((make[n][t], per_unit[n]) for n in makes)
            row(-inf, 0, [*worked, *((opened[p][a], -hours[p]) for a, begin in opens if begin <= t)])
        row(-inf, 1, ((variable, 1.0) for variable in opened[p]))
    for n, flows in enumerate(of.of_lane):
        for t in months:
            row(-inf, float(case.lane_most[n]), ((flow[f][t], 1.0) for f in flows))
    blocks = (
        (make, of.make_usd), (stock, of.stock_usd), (flow, of.flow_usd), (short, of.short_usd), (opened, of.open_usd)
    )  # fmt: skip
    for block, money in blocks:
        for variables, usd in zip(block, money, strict=True):
            for variable, cost in zip(variables, usd, strict=True):
                m.objective.set_linear_coefficient(variable, cost)
    m.objective.is_maximize = False
    return m


def solve(model: mathopt.Model, options: dict[str, Any]) -> tuple[float, float]:
    """Return cost and bound, with the values of all variables read back.

    Its HiGHS takes no number of threads; it uses one here.
    """
    limits = mathopt.SolveParameters(
        time_limit=dt.timedelta(seconds=options["time_limit"]), relative_gap_tolerance=options["mip_rel_gap"]
    )

    def keep(lines: list[str]) -> None:
        with Path(options["log_file"]).open("a") as log:
            log.write("\n".join(lines) + "\n")

    result = mathopt.solve(model, mathopt.SolverType.HIGHS, params=limits, msg_cb=keep)
    result.variable_values()
    return result.objective_value(), result.dual_bound()

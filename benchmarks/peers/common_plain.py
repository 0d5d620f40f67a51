"""The common case in the textbook form, as one sparse matrix handed to HiGHS."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import highspy
import numpy as np
import scipy.sparse as sp
from peers.common import HOLDING, Case


def build(case: Case) -> highspy.Highs:
    """Return the solver with the model in it: columns make, stock, flow, short, open."""
    count = case.months
    sizes = [
        n * count for n in (case.make_plant.size, case.make_plant.size, case.flow_lane.size, case.want_market.size)
    ]
    first = np.concatenate([[0], np.cumsum([*sizes, case.plants * case.opens.size])])
    make, stock, flow, short = (np.arange(low, high).reshape(-1, count) for low, high in pairwise(first[:-1]))
    opened = np.arange(first[-2], first[-1]).reshape(case.plants, case.opens.size)
    entries: list[tuple[Any, Any, Any]] = []

    def add(row: Any, column: Any, factor: Any) -> None:
        entries.append(tuple(part.ravel() for part in np.broadcast_arrays(row, column, factor)))

    rows = np.cumsum([0, case.make_plant.size, case.want_market.size, case.plants, case.lane_plant.size]) * count
    balance, demand, capacity, lane = (np.arange(low, high).reshape(-1, count) for low, high in pairwise(rows))
    add(balance, make, 1.0)
    add(balance, stock, -1.0)
    add(balance[:, 1:], stock[:, :-1], 1.0)
    add(balance[case.flow_make], flow, -1.0)
    add(demand, short, 1.0)
    inside = case.arrives < count
    number, leaves = np.nonzero(inside)
    add(demand[case.flow_want[number], case.arrives[inside]], flow[number, leaves], 1.0)
    add(capacity[case.make_plant], make, case.make_hours[:, None])
    for window, begin in enumerate(case.opens):
        add(capacity[:, begin:], opened[:, window : window + 1], -case.hours[:, None])
    add(lane[case.flow_lane], flow, 1.0)
    once = rows[-1] + np.arange(case.plants)
    add(once[:, None], opened, 1.0)

    row, column, factor = (np.concatenate(part) for part in zip(*entries, strict=True))
    height, width = int(rows[-1]) + case.plants, int(first[-1])
    matrix = sp.csr_array((factor, (row, column)), shape=(height, width))
    discount = case.discount
    money = (case.make_cost, HOLDING * case.value[case.make_product], case.flow_cost, case.want_short)
    cost = np.concatenate(
        [*((usd[:, None] * discount).ravel() for usd in money), (case.capex[:, None] * discount[case.opens]).ravel()]
    )
    upper = np.full(width, np.inf)
    upper[flow[~inside]] = 0.0
    upper[short] = case.demand
    upper[opened] = 1.0
    inf = highspy.kHighsInf
    wanted, free, none = case.demand.ravel(), np.full(int(rows[-1] - rows[2]), -inf), np.zeros(balance.size)
    most = [np.zeros(capacity.size), np.repeat(case.lane_most, count), np.ones(case.plants)]
    whole = np.zeros(width, dtype=np.int32)
    whole[first[-2] :] = int(highspy.HighsVarType.kInteger)
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    highs.passModel(
        width, height, matrix.nnz, int(highspy.MatrixFormat.kRowwise), int(highspy.ObjSense.kMinimize), 0.0,
        cost, np.zeros(width), upper, np.concatenate([none, wanted, free, np.full(case.plants, -inf)]),
        np.concatenate([none, wanted, *most]), matrix.indptr.astype(np.int32), matrix.indices.astype(np.int32),
        matrix.data, whole,
    )  # fmt: skip
    return highs


def solve(highs: highspy.Highs, options: dict[str, Any]) -> tuple[float, float]:
    """Return cost and bound, with the values of all columns read back."""
    for option, value in options.items():
        highs.setOptionValue(option, value)
    highs.setOptionValue("output_flag", True)
    highs.setOptionValue("log_to_console", False)
    highs.run()
    np.array(highs.getSolution().col_value)
    info = highs.getInfo()
    return float(info.objective_function_value), float(info.mip_dual_bound)

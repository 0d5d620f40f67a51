"""Random stochastic programmes that are small enough to be enumerated, and the enumeration."""

from __future__ import annotations

import itertools

import highspy
import numpy as np
import scipy.sparse as sp
from hypothesis import strategies as st

from cellroad.plan.stochastic import Problem, Programme

CAPACITY = 3
"""Plants that may be built in the first stage; two markets are served in the second (and, of three stages, third)."""


@st.composite
def two_stage(draw: st.DrawFn, whole_recourse: bool = False, scenarios: int | None = None) -> Problem:
    """Build plants now, then learn demand and prices: minimise building, running and unserved demand.

    Columns: build (3, binary), use of plant i for market j (6), unserved (2), and lots opened (3, binary) where the
    recourse is whole.
    """
    count = scenarios or draw(st.integers(2, 4))
    weights = np.array([draw(st.integers(1, 5)) for _ in range(count)], dtype=float)
    numbers = np.random.default_rng(draw(st.integers(0, 10**6)))
    build = numbers.integers(5, 40, CAPACITY).astype(float)
    size = numbers.integers(2, 9, CAPACITY).astype(float)
    programmes, ids = [], []
    fresh = CAPACITY
    lots = CAPACITY if whole_recourse else 0
    own = 3 * CAPACITY - 1 + lots  # uses, unserved, lots
    for _ in range(count):
        demand = numbers.integers(0, 9, 2).astype(float)
        run = numbers.integers(1, 9, (CAPACITY, 2)).astype(float)
        short = numbers.integers(8, 20, 2).astype(float)
        cost = np.concatenate([build, run.ravel(), short, numbers.integers(1, 6, lots).astype(float)])
        rows, low, high = [], [], []
        for i in range(CAPACITY):
            row = np.zeros(cost.size)
            row[CAPACITY + 2 * i : CAPACITY + 2 * i + 2] = 1.0
            row[i] = -size[i]
            rows.append(row)
            low.append(-np.inf)
            high.append(0.0)
            if lots:
                row = np.zeros(cost.size)
                row[CAPACITY + 2 * i : CAPACITY + 2 * i + 2] = 1.0
                row[3 * CAPACITY + 2 + i] = -size[i]
                rows.append(row)
                low.append(-np.inf)
                high.append(0.0)
        for j in range(2):
            row = np.zeros(cost.size)
            row[CAPACITY + j : 3 * CAPACITY : 2] = 1.0
            row[3 * CAPACITY + j] = 1.0
            rows.append(row)
            low.append(demand[j])
            high.append(np.inf)
        row = np.zeros(cost.size)  # no more than two plants
        row[:CAPACITY] = 1.0
        rows.append(row)
        low.append(-np.inf)
        high.append(2.0)
        whole = np.zeros(cost.size, dtype=bool)
        whole[:CAPACITY] = True
        whole[cost.size - lots :] |= bool(lots)
        upper = np.full(cost.size, np.inf)
        upper[whole] = 1.0
        programmes.append(
            Programme(
                cost, np.zeros(cost.size), upper, whole, np.array(low), np.array(high), sp.csr_array(np.array(rows)),
                offset=float(numbers.integers(-5, 5)),
            )
        )  # fmt: skip
        ids.append(np.concatenate([np.arange(CAPACITY), fresh + np.arange(own)]))
        fresh += own
    return Problem(weights / weights.sum(), programmes, ids)


@st.composite
def three_stage(draw: st.DrawFn) -> Problem:
    """Build now or after the first news, then serve: a tree of two times two scenarios.

    Columns of a scenario: build now (2), stock bought now (1), build later (2), sold in period 1, in period 2, stock
    carried, unserved in both.
    """
    numbers = np.random.default_rng(draw(st.integers(0, 10**6)))
    weights = np.array([draw(st.integers(1, 4)) for _ in range(4)], dtype=float)
    build, later = numbers.integers(3, 20, 2).astype(float), numbers.integers(2, 20, 2).astype(float)
    size = numbers.integers(2, 8, 2).astype(float)
    price = float(numbers.integers(1, 8))
    programmes, ids = [], []
    for first in range(2):
        middle = numbers.integers(0, 8, 2).astype(float)  # demand of period 1 and price of stock then
        for last in range(2):
            end = float(numbers.integers(0, 9))
            short = numbers.integers(3, 15, 2).astype(float)
            # 0,1 build now; 2 stock now; 3,4 build later; 5 carried; 6, 7 made; 8, 9 short
            cost = np.array([*build, price, *later, 0.5, 1.0, 1.0, *short])
            matrix = np.zeros((5, 10))
            matrix[0, [2, 6, 8, 5]] = 1, 1, 1, -1  # period 1: stock + made + short = demand + carried
            matrix[1, [5, 7, 9]] = 1, 1, 1
            matrix[2, [6, 0, 1]] = 1, -size[0], -size[1]
            matrix[3, [7, 0, 1, 3, 4]] = 1, -size[0], -size[1], -size[0], -size[1]
            matrix[4, [0, 1]] = 1, 1
            low = np.array([middle[0], end, -np.inf, -np.inf, -np.inf])
            high = np.array([middle[0], end, 0.0, 0.0, 1.0])
            whole = np.zeros(10, dtype=bool)
            whole[[0, 1, 3, 4]] = True
            upper = np.where(whole, 1.0, np.inf)
            upper[2] = 10.0
            programmes.append(Programme(cost, np.zeros(10), upper, whole, low, high, sp.csr_array(matrix)))
            middle_ids = 3 + 5 * first + np.arange(5)
            own = 13 + 2 * (2 * first + last) + np.arange(2)
            ids.append(np.array([0, 1, 2, *middle_ids[:4], own[0], middle_ids[4], own[1]]))
    return Problem(weights / weights.sum(), programmes, ids)


def enumerated(problem: Problem) -> tuple[float, np.ndarray]:
    """Return the least expected cost over all whole values of the ids, each solved as one linear programme.

    Written on its own: it builds the joint programme by hand and fixes every choice of binaries in turn.
    """
    whole = np.zeros(problem.count, dtype=bool)
    cost = np.zeros(problem.count)
    lower, upper = np.zeros(problem.count), np.full(problem.count, np.inf)
    rows, low, high, offset = [], [], [], 0.0
    for p, ids, weight in zip(problem.programmes, problem.ids, problem.probability, strict=True):
        whole[ids] |= p.whole
        upper[ids] = np.minimum(upper[ids], p.upper)
        for place, identity in enumerate(ids):
            cost[identity] += weight * p.cost[place]
        offset += weight * p.offset
        dense = p.matrix.toarray()
        wide = np.zeros((dense.shape[0], problem.count))
        wide[:, ids] = dense
        rows.append(wide)
        low.append(p.row_lower)
        high.append(p.row_upper)
    matrix = sp.csr_array(np.vstack(rows))
    best, costs = np.inf, np.zeros(problem.scenarios)
    binaries = np.flatnonzero(whole).astype(np.int32)
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    highs.passModel(
        problem.count, matrix.shape[0], matrix.nnz, int(highspy.MatrixFormat.kRowwise), 1, offset, cost, lower, upper,
        np.concatenate(low), np.concatenate(high), matrix.indptr.astype(np.int32), matrix.indices.astype(np.int32),
        matrix.data, np.zeros(problem.count, dtype=np.int32),
    )  # fmt: skip
    for choice in itertools.product((0.0, 1.0), repeat=binaries.size):
        highs.changeColsBounds(binaries.size, binaries, np.array(choice), np.array(choice))
        highs.run()
        if highs.getModelStatus() == highspy.HighsModelStatus.kOptimal:
            found = float(highs.getInfo().objective_function_value)
            if found < best:
                values = np.array(highs.getSolution().col_value)
                best = found
                costs = np.array([
                    p.cost @ values[ids] + p.offset for p, ids in zip(problem.programmes, problem.ids, strict=True)
                ])  # fmt: skip
    return best, costs

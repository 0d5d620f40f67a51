"""Two stages on the common model: which plants to open now, how to supply markets once demand is known.

The arrays of the common model (a folder that is named, or `../shared/bench`), with its strong rows, once for each
demand scenario; openings are shared, flows are not. Told are seconds, rounds and bounds by number of scenarios: cuts
with warm workers, and the extensive form where it is asked for.

Run: python benchmarks/stochastic.py [--size bench] [--scenarios 2 5 10] [--extensive] [--folder FOLDER] [--workers N]
"""

from __future__ import annotations

import argparse
import copy
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp

from cellroad.plan.stochastic import Limits, Problem, Programme, solve
from cellroad.plan.stochastic.executor import Pool, Serial

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "bench"
SPREAD, NOISE = 0.15, 0.05
MONEY = 1e6
"""Dollars in which the solvers count."""


def demands(base: np.ndarray, scenarios: int) -> list[np.ndarray]:
    """Return demand by scenario: a common factor, and a little noise on every number."""
    numbers = np.random.default_rng(5)
    return [
        base * (1 + numbers.normal(0, SPREAD)) * numbers.normal(1, NOISE, base.shape).clip(0.7, 1.3)
        for _ in range(scenarios)
    ]


def programme(data: Any, plain: Any, strong: Any) -> Programme:
    """Return one scenario with its strong rows; the openings are its last columns."""
    highs = plain.build(data, integer=True)
    strong.strong_rows(data, highs, "strong")
    lp = highs.getLp()
    matrix = lp.a_matrix_
    parts = (np.array(matrix.value_), np.array(matrix.index_), np.array(matrix.start_))
    rowwise = "Row" in str(matrix.format_)
    shape = (lp.num_row_, lp.num_col_)
    rows = sp.csr_array(parts, shape=shape) if rowwise else sp.csr_array(sp.csc_array(parts, shape=shape))
    whole = np.zeros(lp.num_col_, dtype=bool)
    whole[-data.P * data.A :] = True
    return Programme(
        np.array(lp.col_cost_) / MONEY, np.array(lp.col_lower_), np.array(lp.col_upper_), whole,
        np.array(lp.row_lower_), np.array(lp.row_upper_), rows,
    )  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--size", default="bench")
    parser.add_argument("--scenarios", type=int, nargs="+", default=[2, 5, 10])
    parser.add_argument("--extensive", action="store_true")
    parser.add_argument("--folder", type=Path, default=FOLDER)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--gap", type=float, default=1e-3)
    options = parser.parse_args()
    sys.path.insert(0, str(options.folder))
    import b_direct
    import common_model
    import strong

    base = common_model.generate(**common_model.SIZES[options.size])
    print(
        f"{'scenarios':>9} {'method':10} {'cost, m':>12} {'bound, m':>12} {'gap':>8} "
        f"{'rounds':>6} {'s':>7} {'s/scen.':>8}"
    )
    for count in options.scenarios:
        programmes = []
        for demand in demands(base.dem, count):
            one = copy.copy(base)
            one.dem = demand
            programmes.append(programme(one, b_direct, strong))
        shared, columns = base.P * base.A, programmes[0].columns
        own = columns - shared
        ids = [
            np.concatenate([shared + n * own + np.arange(own), np.arange(shared)]) for n in range(count)
        ]  # fmt: skip
        problem = Problem(np.full(count, 1 / count), programmes, ids)
        for method in ("benders", *(("extensive",) if options.extensive else ())):
            workers = Pool(options.workers) if options.workers > 1 else Serial()
            began = time.perf_counter()
            answer = solve(
                problem, method=method, limits=Limits(gap=options.gap, time_limit=600), executor=workers
            )  # fmt: skip
            seconds = time.perf_counter() - began
            print(
                f"{count:9} {method:10} {answer.cost:12.4f} {answer.bound:12.4f} {answer.gap:8.1e} {answer.rounds:6} "
                f"{seconds:7.1f} {seconds / count:8.2f}",
                flush=True,
            )


if __name__ == "__main__":
    main()

"""Two stages on the common model: which plants to open now, how to supply markets once demand is known.

The arrays of the common model (a folder that is named, or `../shared/bench`), with its strong rows, once for each
demand scenario; openings are shared, flows are not. Told are processor seconds (of all processes together: they do
not depend on who else uses the machine) and seconds on the clock, by number of scenarios, for cuts with warm workers;
`linear` is how many times as long the last took per scenario as the first. With --extensive N the extensive form of
up to N scenarios goes beside it, the same gap, one time limit, and the ratio is told; both must agree within the gaps.

Run: python benchmarks/stochastic.py [--size bench] [--scenarios 2 5 10 20] [--extensive 2] [--folder FOLDER]
     [--workers N] [--json FILE]
"""

from __future__ import annotations

import argparse
import copy
import json
import resource
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


def problem_of(data: Any, plain: Any, strong: Any, count: int) -> Problem:
    """Return the two-stage problem of some demand scenarios."""
    programmes = []
    for demand in demands(data.dem, count):
        one = copy.copy(data)
        one.dem = demand
        programmes.append(programme(one, plain, strong))
    shared = data.P * data.A
    own = programmes[0].columns - shared
    ids = [np.concatenate([shared + n * own + np.arange(own), np.arange(shared)]) for n in range(count)]
    return Problem(np.full(count, 1 / count), programmes, ids)


def processor() -> float:
    """Return the processor seconds of this process and of all that have ended."""
    return sum(
        used.ru_utime + used.ru_stime
        for used in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--size", default="bench")
    parser.add_argument("--scenarios", type=int, nargs="+", default=[2, 5, 10, 20])
    parser.add_argument("--extensive", type=int, default=0)
    parser.add_argument("--folder", type=Path, default=FOLDER)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--gap", type=float, default=1e-3)
    parser.add_argument("--time", type=float, default=600.0)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    sys.path.insert(0, str(options.folder))
    import b_direct
    import common_model
    import strong

    base = common_model.generate(**common_model.SIZES[options.size])
    print(
        f"{'scenarios':>9} {'method':10} {'cost, m':>12} {'bound, m':>12} {'gap':>8} {'rounds':>6} "
        f"{'CPU s':>7} {'a scenario':>10} {'clock s':>8} {'ratio':>6}"
    )
    rows: list[dict[str, Any]] = []
    for count in options.scenarios:
        problem = problem_of(base, b_direct, strong, count)
        for method in ("benders", *(("extensive",) if count <= options.extensive else ())):
            workers = Pool(options.workers) if options.workers > 1 else Serial()
            limits = Limits(gap=options.gap, time_limit=options.time)
            clock, used = time.perf_counter(), processor()
            answer = solve(problem, method=method, limits=limits, executor=workers)
            row = {
                "scenarios": count, "method": method, "cost": answer.cost, "bound": answer.bound, "gap": answer.gap,
                "rounds": answer.rounds, "processor_s": processor() - used, "clock_s": time.perf_counter() - clock,
            }  # fmt: skip
            beside = rows[-1] if method == "extensive" else None
            if beside:
                row["ratio"] = row["processor_s"] / beside["processor_s"]
                if max(row["bound"], beside["bound"]) > min(row["cost"], beside["cost"]) * (1 + 1e-6):
                    raise SystemExit(f"{count} scenarios: one method's bound lies above the other's cost")
            rows.append(row)
            told = f"{row['ratio']:6.1f}" if beside else ""
            print(
                f"{count:9} {method:10} {answer.cost:12.4f} {answer.bound:12.4f} {answer.gap:8.1e} {answer.rounds:6} "
                f"{row['processor_s']:7.1f} {row['processor_s'] / count:10.2f} {row['clock_s']:8.1f} {told}",
                flush=True,
            )
    cuts = [row for row in rows if row["method"] == "benders"]
    each = [row["processor_s"] / row["scenarios"] for row in cuts]
    print(f"linear: {each[-1] / each[0]:.2f}")
    if options.json:
        options.json.write_text(
            json.dumps({"size": options.size, "linear": each[-1] / each[0], "rows": rows}, indent=1)
        )


if __name__ == "__main__":
    main()

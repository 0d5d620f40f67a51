"""mpi-sppy beside us on a stochastic programme in SMPS: its extensive form, or progressive hedging, solved by HiGHS.

mpi-sppy reads SMPS itself only where python-mip is installed, and only SCENARIOS; so the scenarios come from our
reader, as Pyomo models with the first stage attached as its root node. Without MPI it works in one process: the
extensive form as ever; progressive hedging with a linearised proximal term (HiGHS takes no quadratic one with whole
columns), of which the bound of its first round and the mean cost of its last are told. One line of JSON is printed.

Run with a Python that has mpi-sppy and highspy: python benchmarks/peers/mpisppy_smps.py FILE.cor GAP SECONDS [ef | ph]
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import resource
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyomo.environ as pyo

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from smps import Smps, arrays, read_smps

TIGHTER = 1e-9


def scenario(name: str, read: Smps) -> Any:
    """Return a scenario as a Pyomo model with its root node."""
    from mpisppy.utils.sputils import attach_root_node

    number = int(name.removeprefix("s"))
    told = read.scenarios[number]
    a = arrays(read.core, told.changes)
    model = pyo.ConcreteModel(name)
    places = range(a.cost.size)
    model.x = pyo.Var(places, domain=pyo.Reals)
    for j in places:
        model.x[j].setlb(None if math.isinf(a.lower[j]) else float(a.lower[j]))
        model.x[j].setub(None if math.isinf(a.upper[j]) else float(a.upper[j]))
        if a.whole[j]:
            binary = a.lower[j] == 0 and a.upper[j] == 1
            model.x[j].domain = pyo.Binary if binary else pyo.Integers
    first = np.flatnonzero(read.column_stage == 0)
    model.first = pyo.Expression(expr=sum(float(a.cost[j]) * model.x[j] for j in first))
    rest = [j for j in np.flatnonzero(a.cost) if read.column_stage[j] > 0]
    model.cost = pyo.Objective(expr=model.first + sum(float(a.cost[j]) * model.x[j] for j in rest) + a.offset)
    model.rows = pyo.ConstraintList()
    for r in range(a.row_lower.size):
        part = slice(a.matrix.indptr[r], a.matrix.indptr[r + 1])
        total = sum(
            float(v) * model.x[int(j)] for j, v in zip(a.matrix.indices[part], a.matrix.data[part], strict=True)
        )
        low, high = float(a.row_lower[r]), float(a.row_upper[r])
        if low == high:
            model.rows.add(total == low)
        else:
            model.rows.add((None if math.isinf(low) else low, total, None if math.isinf(high) else high))
    attach_root_node(model, model.first, [model.x[int(j)] for j in first], do_uniform=False)
    model._mpisppy_probability = told.probability
    return model


def extensive(names: list[str], read: Smps, gap: float, seconds: float) -> tuple[float, float]:
    """Return cost and bound of the extensive form."""
    from mpisppy.opt.ef import ExtensiveForm

    form = ExtensiveForm({"solver": "appsi_highs"}, names, scenario, scenario_creator_kwargs={"read": read})
    options = {"mip_rel_gap": gap, "mip_abs_gap": TIGHTER, "time_limit": seconds, "threads": 1}
    found = form.solve_extensive_form(solver_options=options)
    return float(found.problem.upper_bound), float(found.problem.lower_bound)


def hedging(names: list[str], read: Smps, gap: float, seconds: float) -> tuple[float, float]:
    """Return the mean cost of the last round (infinite where scenarios still differ), and the bound of the first."""
    from mpisppy.opt.ph import PH

    options = {
        "solver_name": "appsi_highs", "PHIterLimit": 1000, "defaultPHrho": 1.0, "convthresh": 1e-4, "verbose": False,
        "display_progress": False, "display_timing": False, "iter0_solver_options": {"mip_rel_gap": gap, "threads": 1},
        "iterk_solver_options": {"mip_rel_gap": gap, "threads": 1}, "linearize_proximal_terms": True,
        "time_limit": seconds,
    }  # fmt: skip
    hedge = PH(options, names, scenario, scenario_creator_kwargs={"read": read})
    distance, mean, trivial = hedge.ph_main()
    return (float(mean) if distance < 1e-4 else math.inf), float(trivial)


def main() -> None:
    path, gap, seconds = Path(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3])
    method = sys.argv[4] if len(sys.argv) > 4 else "ef"
    read = read_smps(path)
    if read.column_stage.max() > 1:
        raise SystemExit("only two stages are told to mpi-sppy")
    names = [f"s{n}" for n in range(len(read.scenarios))]
    began, quiet = time.perf_counter(), os.open(os.devnull, os.O_WRONLY)
    out = os.dup(1)
    os.dup2(quiet, 1)
    with contextlib.redirect_stdout(sys.stderr):
        cost, bound = (hedging if method == "ph" else extensive)(names, read, gap, seconds)
    os.dup2(out, 1)
    used = resource.getrusage(resource.RUSAGE_SELF)
    told = {
        "method": f"mpi-sppy {method}", "cost": cost, "bound": bound, "clock_s": time.perf_counter() - began,
        "processor_s": used.ru_utime + used.ru_stime,
    }  # fmt: skip
    print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main()

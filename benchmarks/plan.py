"""How long until a plan is proven to be within 1 % and 0.1 % of the best, beside other tools?

One sourcing and capacity problem (`peers/common.py`): plants that stand or may be opened at given dates, hours, stock,
lanes with months under way and limited capacity, seasonal demand, a penalty for what is not served. Cellroad plans it
from tables; the others state the textbook form in their own way and hand it to HiGHS. Each tool runs in a process of
its own, one after the other, with the same threads, gap and time limit. Time counts from data in memory to the values
of all decisions; imports are not counted. Where no peer reaches the gap in time the ratio is a lower bound.

Run: python benchmarks/plan.py [--size medium|bench|hard|dense|large] [--json] [--peers plain,linopy,...]
     [--seconds 300] [--gap 0.001] [--threads 1] [--seed 7]
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import io
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

from peers.common import SIZES, Case, make_case, to_chain

PEERS = ("plain", "linopy", "pulp", "pyomo", "ortools", "pypsa")
AGREE = 1e-6
MARKS = {"time_to_1pct": 0.01, "time_to_0.1pct": 0.001}
Told = dict[str, Any]


def cellroad(case: Case, options: Told) -> Told:
    """Plan by Cellroad."""
    import cellroad as cr
    from cellroad.plan.planning import Progress

    began = time.perf_counter()
    chain = to_chain(case)
    reached: dict[str, float] = {}
    built = 0.0

    def watch(state: Progress) -> bool:
        nonlocal built
        now = time.perf_counter() - began
        built = built or (0.0 if state.phase in ("expand", "build") else now)
        for name, gap in MARKS.items():
            if state.gap is not None and state.gap <= gap:
                reached.setdefault(name, now)
        return True

    plan = cr.plan(
        chain, gap=options["mip_rel_gap"], time_limit=options["time_limit"], threads=options["threads"], progress=watch
    )
    took, found = time.perf_counter() - began, plan.solution
    told = {"cost": -found.objective_usd, "bound": -found.bound_usd, "seconds": took, "build": built or took}
    return told | {name: reached.get(name, took) for name, gap in MARKS.items() if found.gap <= gap}


def peer(name: str, case: Case, options: Told) -> Told:
    """Plan by a peer; when it reached a gap is read from the log of HiGHS."""
    module: Any = importlib.import_module(f"peers.common_{name}")
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log.txt"
        began = time.perf_counter()
        model = module.build(case)
        built = time.perf_counter() - began
        cost, bound = module.solve(model, options | {"log_file": str(log)})
        took = time.perf_counter() - began
        lines = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
    told = {"cost": cost, "bound": bound, "seconds": took, "build": built}
    gap = abs(cost - bound) / abs(cost)
    readings = [reading for line in lines if (reading := reading_of(line)) is not None]
    for mark, limit in MARKS.items():
        if gap <= limit:
            early = [built + seconds for seconds, reading in readings if reading <= limit]
            told[mark] = min([took, *early]) if limit > options["mip_rel_gap"] else took
    return told


def reading_of(line: str) -> tuple[float, float] | None:
    """Return seconds and gap of a line of the log of HiGHS that tells both."""
    words = line.split()
    if len(words) < 9 or not words[-1].endswith("s") or not words[-6].endswith("%"):
        return None
    with contextlib.suppress(ValueError):
        return float(words[-1][:-1]), float(words[-6][:-1]) / 100
    return None


def alone(tool: str, size: str, seed: int, options: Told) -> Told:
    """Run one tool in this process and tell what came of it."""
    warnings.simplefilter("ignore")
    case = make_case(**SIZES[size], seed=seed)
    with contextlib.redirect_stdout(io.StringIO()):
        told = cellroad(case, options) if tool == "cellroad" else peer(tool, case, options)
    told["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"tool": tool, **told}


def run(tool: str, arguments: argparse.Namespace) -> Told:
    """Run one tool in a process of its own."""
    command = [
        sys.executable, __file__, "--alone", tool, "--size", arguments.size, "--seconds", str(arguments.seconds),
        "--gap", str(arguments.gap), "--threads", str(arguments.threads), "--seed", str(arguments.seed),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ)
    last = done.stdout.strip().splitlines()[-1:] or [""]
    if done.returncode or not last[0].startswith("{"):
        reason = (done.stderr.strip().splitlines() or ["no answer"])[-1]
        return {"tool": tool, "missing": reason}
    return dict(json.loads(last[0]))


def summary(arguments: argparse.Namespace, case: Case, told: list[Told]) -> Told:
    """Return the whole comparison."""
    ours, others = told[0], [row for row in told[1:] if "missing" not in row]
    mark = "time_to_0.1pct"
    reached = [row[mark] for row in others if mark in row]
    # a peer that stopped at the limit would have taken longer than that
    best = min(reached) if reached else min((row["seconds"] for row in others), default=None)
    ratio = best / ours[mark] if best is not None and mark in ours else None
    columns = 2 * case.make_plant.size + case.flow_lane.size + case.want_market.size
    return {
        "size": arguments.size, "seed": arguments.seed, "threads": arguments.threads, "seconds": arguments.seconds,
        "gap": arguments.gap, "textbook_columns": columns * case.months + case.plants * case.opens.size,
        "speedup_to_0.1pct": ratio, "speedup_is_lower_bound": bool(others) and not reached,
        "reached_by_cellroad": mark in ours, "tools": told,
    }  # fmt: skip


def disagreement(told: list[Told]) -> str | None:
    """Say which two tools contradict each other: the cost of one lies under the bound of another."""
    rows = [row for row in told if "missing" not in row and row["cost"] < 1e29]
    for one in rows:
        for other in rows:
            if one["cost"] < other["bound"] - AGREE * abs(other["bound"]):
                return f"{one['tool']} has a plan of {one['cost']:,.2f} under the bound of {other['tool']}"
    return None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", choices=SIZES, default="bench")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--peers", default=",".join(PEERS), help="which, separated by commas; none: Cellroad alone")
    parser.add_argument("--seconds", type=float, default=300.0, help="time limit of each solve")
    parser.add_argument("--gap", type=float, default=1e-3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--alone", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    options = {"mip_rel_gap": arguments.gap, "time_limit": arguments.seconds, "threads": arguments.threads}
    if arguments.alone:
        print(json.dumps(alone(arguments.alone, arguments.size, arguments.seed, options)))
        return
    names = [name for name in arguments.peers.split(",") if name in PEERS]
    told = [run(tool, arguments) for tool in ("cellroad", *names)]
    if "missing" in told[0]:
        raise SystemExit(f"Cellroad found no plan: {told[0]['missing']}")
    if apart := disagreement(told):
        raise SystemExit(apart)
    result = summary(arguments, make_case(**SIZES[arguments.size], seed=arguments.seed), told)
    if arguments.json:
        print(json.dumps(result))
        return
    print(f"{arguments.size}: {result['textbook_columns']:,} columns in the textbook form, seed {arguments.seed}")
    print(f"{'tool':10} {'build':>9} {'to 1 %':>9} {'to 0.1 %':>9} {'all':>9} {'gap':>8} {'peak':>9}")
    for row in told:
        if "missing" in row:
            print(f"{row['tool']:10} left out: {row['missing']}")
            continue
        times = [f"{row[mark]:7.1f} s" if mark in row else "        -" for mark in MARKS]
        gap = abs(row["cost"] - row["bound"]) / abs(row["cost"])
        print(
            f"{row['tool']:10} {row['build']:7.2f} s {times[0]} {times[1]} {row['seconds']:7.1f} s {gap:8.3%} "
            f"{row['peak_mb']:6.0f} MB"
        )
    if result["speedup_to_0.1pct"] is not None:
        least = "at least " if result["speedup_is_lower_bound"] else ""
        print(f"the best peer takes {least}{result['speedup_to_0.1pct']:.1f} times as long to 0.1 %")


if __name__ == "__main__":
    main()

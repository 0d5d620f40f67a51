"""Stochastic integer programmes of SIPLIB and others in SMPS, solved to proven optimality.

Every instance is read (smps.py), split into scenarios and solved by `cellroad.plan.stochastic`, which chooses a method
or takes the one that is named. Values of the literature that we recall are told beside; they are no proof of anything.
With --peer, mpi-sppy solves the same scenarios with the same solver, gap and time limit in the Python that is named:
its extensive form (ef), and progressive hedging (ph), which run without MPI. No bound of one may lie above the cost of
another; the ratio of processor times has a > where mpi-sppy had not closed the gap by then. Continuous distributions
are sampled (--sample N), the same in every run.

Run: python benchmarks/siplib.py [--method M] [--gap G] [--time S] [--sample N] [--peer PYTHON [--with ef ph]]
     [--json FILE] [.cor files or folders]
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent))
from smps import Smps, SmpsError, arrays, read_smps

from cellroad.plan.stochastic import Limits, Problem, solve

CASES = Path(__file__).resolve().parents[2] / "shared" / "data" / "siplib"
PUBLISHED = {
    "dcap233_200": 1834.58, "dcap233_300": 1644.25, "dcap233_500": 1737.52, "dcap243_200": 2322.59,
    "dcap243_300": 2559.45, "dcap243_500": 2167.40, "dcap332_200": 1060.75, "dcap332_300": 1252.88,
    "dcap332_500": 1588.99, "dcap342_200": 1619.54, "dcap342_300": 2067.70, "dcap342_500": 1905.12,
}  # fmt: skip
"""Best values in the literature (Ahmed and Garcia 2003; Guo and others 2015), recalled, not looked up again."""


def to_problem(read: Smps) -> Problem:
    """Return a stochastic programme from what was read: a decision for every column in every node of its stage."""
    probability = np.array([scenario.probability for scenario in read.scenarios])
    nodes: dict[tuple[int, int], int] = {}
    columns = [np.flatnonzero(read.column_stage == stage) for stage in range(int(read.column_stage.max()) + 1)]
    ids, count = [], 0
    programmes = []
    for scenario in read.scenarios:
        named = np.zeros(read.column_stage.size, dtype=np.int64)
        for stage, mine in enumerate(columns):
            key = (stage, scenario.bundle[stage])
            if key not in nodes:
                nodes[key] = count
                count += mine.size
            named[mine] = nodes[key] + np.arange(mine.size)
        ids.append(named)
        programmes.append(arrays(read.core, scenario.changes))
    return Problem(probability, programmes, ids, [scenario.name for scenario in read.scenarios])


def cores(paths: list[Path]) -> list[Path]:
    """Return the core files under some paths."""
    found = [path for folder in paths for path in ([folder] if folder.is_file() else sorted(folder.rglob("*.cor")))]
    return [path for path in found if path.suffix == ".cor"]


def ours(path: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Return what we find, and what it took."""
    clock, used = time.perf_counter(), processor()
    problem = to_problem(read_smps(path, sample=options.sample))
    answer = solve(problem, method=options.method, limits=Limits(gap=options.gap, time_limit=options.time))
    return {
        "scenarios": problem.scenarios, "method": answer.method, "cost": answer.cost, "bound": answer.bound,
        "clock_s": time.perf_counter() - clock, "processor_s": processor() - used,
    }  # fmt: skip


def processor() -> float:
    """Return the processor seconds of this process and of all that have ended."""
    used = (resource.getrusage(whose) for whose in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)


def peer(path: Path, method: str, options: argparse.Namespace) -> dict[str, Any] | str:
    """Return what mpi-sppy finds, or in words why it does not."""
    script = Path(__file__).resolve().parent / "peers" / "mpisppy_smps.py"
    command = [options.peer, str(script), str(path), str(options.gap), str(options.time), method]
    try:
        run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=3 * options.time + 120)
    except FileNotFoundError:
        return f"there is no {options.peer}"
    except subprocess.TimeoutExpired:
        return "does not end"
    if run.returncode or not run.stdout.strip():
        return (run.stderr.strip().splitlines() or ["no answer"])[-1]
    return dict(json.loads(run.stdout.strip().splitlines()[-1]))


def gap_of(row: dict[str, Any]) -> float:
    """Return the distance from cost to bound, relative to the cost."""
    return max(row["cost"] - row["bound"], 0.0) / max(abs(row["cost"]), 1e-9)


def told(name: str, row: dict[str, Any], recalled: float | None, ratio: str) -> None:
    """Print a row."""
    print(
        f"{name:16} {row.get('scenarios', ''):>6} {row['method']:12} {row['cost']:14,.4f} {row['bound']:14,.4f} "
        f"{gap_of(row):8.1e} {row['processor_s']:7.1f} {row['clock_s']:7.1f} {ratio:>6} "
        f"{'' if recalled is None else f'{recalled:,.2f}':>12}",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("paths", nargs="*", type=Path, default=[CASES])
    parser.add_argument("--method", default="auto")
    parser.add_argument("--gap", type=float, default=1e-6)
    parser.add_argument("--time", type=float, default=600.0)
    parser.add_argument("--sample", type=int, help="paths of what cannot be written out")
    parser.add_argument("--peer", help="a Python that has mpi-sppy")
    parser.add_argument("--with", dest="methods", nargs="+", choices=["ef", "ph"], default=["ef"])
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    files = cores(options.paths)
    if not files:
        print("no instances here; name a folder with .cor, .tim and .sto files")
        return
    print(
        f"{'instance':16} {'scen.':>6} {'method':12} {'cost':>14} {'bound':>14} {'gap':>8} {'CPU s':>7} {'clock s':>7} "
        f"{'ratio':>6} {'recalled':>12}"
    )
    rows: list[dict[str, Any]] = []
    for path in files:
        try:
            mine = ours(path, options)
        except SmpsError as error:
            print(f"{path.stem:16} {error}", flush=True)
            continue
        told(path.stem, mine, PUBLISHED.get(path.stem), "")
        together = [mine]
        for method in options.methods if options.peer else ():
            found = peer(path, method, options)
            if isinstance(found, str):
                print(f"{path.stem:16} {'':6} mpi-sppy {method}: {found}", flush=True)
                continue
            proven = gap_of(found) <= options.gap * (1 + 1e-9)
            ratio = f"{'' if proven else '>'}{found['processor_s'] / mine['processor_s']:.1f}"
            told(path.stem, found, None, ratio)
            together.append(found)
        if max(row["bound"] for row in together) > min(row["cost"] for row in together) + 1e-5 * abs(mine["cost"]):
            raise SystemExit(f"{path.stem}: a bound lies above a cost")
        rows += [{"instance": path.stem, **row} for row in together]
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()

"""Stochastic integer programmes of SIPLIB and others in SMPS, solved to proven optimality.

Every instance is read (smps.py), split into scenarios and solved by `cellroad.plan.stochastic`, which chooses a method
or takes the one that is named. Published optima are told beside. With --peer, mpi-sppy solves the extensive form of
the same scenarios, with the same solver, gap and time limit, in the Python that is named.

Run: python benchmarks/siplib.py [--method M] [--gap G] [--time S] [--peer PYTHON] [.cor files or folders]
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent))
from smps import Smps, arrays, read_smps

from cellroad.plan.stochastic import Limits, Problem, Programme, solve

CASES = Path(__file__).resolve().parents[2] / "shared" / "data" / "siplib"
PUBLISHED = {
    "dcap233_200": 1834.58, "dcap233_300": 1644.25, "dcap233_500": 1737.52, "dcap243_200": 2322.59,
    "dcap243_300": 2559.45, "dcap243_500": 2167.40, "dcap332_200": 1060.75, "dcap332_300": 1252.88,
    "dcap332_500": 1588.99, "dcap342_200": 1619.54, "dcap342_300": 2067.70, "dcap342_500": 1905.12,
}  # fmt: skip
"""Best values in the literature (Ahmed and Garcia 2003; Guo and others 2015), to the digits given there."""


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
        a = arrays(read.core, scenario.changes)
        programmes.append(
            Programme(a.cost, a.lower, a.upper, a.whole, a.row_lower, a.row_upper, a.matrix, a.offset)
        )  # fmt: skip
    return Problem(probability, programmes, ids, [scenario.name for scenario in read.scenarios])


def cores(paths: list[Path]) -> list[Path]:
    """Return the core files under some paths."""
    found = [path for folder in paths for path in ([folder] if folder.is_file() else sorted(folder.rglob("*.cor")))]
    return [path for path in found if path.suffix == ".cor"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("paths", nargs="*", type=Path, default=[CASES])
    parser.add_argument("--method", default="auto")
    parser.add_argument("--gap", type=float, default=1e-6)
    parser.add_argument("--time", type=float, default=600.0)
    parser.add_argument("--peer", help="a Python that has mpi-sppy")
    options = parser.parse_args()
    files = cores(options.paths)
    if not files:
        print("no instances here; name a folder with .cor, .tim and .sto files")
    print(
        f"{'instance':16} {'scen.':>6} {'method':10} {'cost':>14} {'bound':>14} {'gap':>8} {'s':>7} {'published':>12}"
    )
    for path in files:
        began = time.perf_counter()
        problem = to_problem(read_smps(path))
        limits = Limits(gap=options.gap, time_limit=options.time)
        answer = solve(problem, method=options.method, limits=limits)
        seconds = time.perf_counter() - began
        published = PUBLISHED.get(path.stem)
        told = f"{published:12,.2f}" if published else ""
        print(
            f"{path.stem:16} {problem.scenarios:6} {answer.method:10} {answer.cost:14,.4f} {answer.bound:14,.4f} "
            f"{answer.gap:8.1e} {seconds:7.1f} {told}",
            flush=True,
        )
        if options.peer:
            print(peer(options.peer, path, options.gap, options.time), flush=True)


def peer(python: str, path: Path, gap: float, seconds: float) -> str:
    """Return what mpi-sppy tells of an instance."""
    import subprocess

    script = Path(__file__).resolve().parent / "peers" / "mpisppy_smps.py"
    command = [python, str(script), str(path), str(gap), str(seconds)]
    run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=3 * seconds + 120)
    lines = run.stdout.strip().splitlines() or run.stderr.strip().splitlines() or ["nothing"]
    return lines[-1]


if __name__ == "__main__":
    main()

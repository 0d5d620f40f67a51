"""How long, and how much memory, does it take to state a large plan, beside the plain arrays of its textbook form?

The case of `plan.py` over more and more months and plants: Cellroad goes from tables to a model in the solver, the
textbook form from arrays straight into scipy.sparse and the solver. Tables are read, pruned, priced and checked on the
way, so that Cellroad does more; memory a term should not grow with the size.

Run: python benchmarks/assembly.py [most columns]
"""

from __future__ import annotations

import gc
import subprocess
import sys
import time

import highspy
from peers import common_plain
from peers.common import Case, make_case, to_chain

from cellroad.plan.model import build
from cellroad.plan.network.network import expand
from cellroad.plan.solving.scaled import Scaled

SIZES = (
    {"plants": 6, "products": 9, "markets": 8, "months": 24, "k_per_p": 4, "k_per_m": 5},
    {"plants": 12, "products": 18, "markets": 15, "months": 48, "k_per_p": 6, "k_per_m": 9},
    {},
    {"plants": 40, "products": 60, "markets": 50, "k_per_p": 12, "k_per_m": 20},
    {"plants": 60, "products": 90, "markets": 70, "k_per_p": 14, "k_per_m": 26, "lane_density": 0.4},
    {"plants": 120, "products": 120, "markets": 140, "k_per_p": 24, "k_per_m": 40, "lane_density": 0.35},
)


def cellroad(case: Case) -> tuple[float, highspy.Highs]:
    chain = to_chain(case)
    began = time.perf_counter()
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    Scaled.of(build(expand(chain))).hand_to(highs)
    return time.perf_counter() - began, highs


def plain(case: Case) -> tuple[float, highspy.Highs]:
    began = time.perf_counter()
    highs = common_plain.build(case)
    return time.perf_counter() - began, highs


def alone(tool: str, number: int) -> None:
    """Print columns, terms, seconds and the growth of memory in MB of one tool at one size."""
    case = make_case(**SIZES[number])
    make = cellroad if tool == "cellroad" else plain
    make(make_case(**SIZES[0]))  # the first call of a process loads code
    gc.collect()
    before = status_mb("VmRSS")
    seconds, highs = make(case)
    print(highs.getNumCol(), highs.getNumNz(), seconds, status_mb("VmHWM") - before)


def status_mb(name: str) -> float:
    with open("/proc/self/status", encoding="utf-8") as status:  # noqa: PTH123
        return next(float(line.split()[1]) / 1024 for line in status if line.startswith(name))


def main() -> None:
    if len(sys.argv) > 2:
        alone(sys.argv[1], int(sys.argv[2]))
        return
    most = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    print(f"{'tool':10} {'columns':>10} {'terms':>11} {'seconds':>8} {'MB':>7} {'bytes a term':>13}")
    for number in range(len(SIZES)):
        columns = 0
        for tool in ("plain", "cellroad"):
            command = [sys.executable, __file__, tool, str(number)]
            told = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
            columns, terms, seconds, grown = int(told[0]), int(told[1]), float(told[2]), float(told[3])
            print(f"{tool:10} {columns:10,} {terms:11,} {seconds:8.2f} {grown:7.0f} {grown * 2**20 / terms:13.0f}")
        if columns > most:
            break


if __name__ == "__main__":
    main()

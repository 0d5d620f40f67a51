"""How long from tables to a model in the solver, and to the plan, beside other modelling tools?

The same sourcing problem (`peers/sourcing.py`) at three sizes: Cellroad starts from the tables of a chain, linopy and
PuLP from arrays. All hand it to HiGHS in memory and solve it with two threads; a plan is done when the values of all
decisions have been read back. Their optima must agree before a time is told. Times are the best of several runs that
take turns; peers that are not installed are named and left out.

Run: python benchmarks/building.py [small medium large]
"""

from __future__ import annotations

import gc
import importlib
import os
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import highspy
from peers.sourcing import Case, make_case, to_chain

import cellroad as cr
from cellroad.plan.model import build
from cellroad.plan.network.network import expand
from cellroad.plan.solving.scaled import Scaled

SIZES = {
    "small": {"vendors": 5, "plants": 4, "markets": 12, "cells": 4, "packs": 8, "months": 24},
    "medium": {"vendors": 10, "plants": 10, "markets": 25, "cells": 8, "packs": 16, "months": 48},
    "large": {"vendors": 15, "plants": 20, "markets": 50, "cells": 10, "packs": 24, "months": 60},
}
PEERS = ("linopy", "pulp")
ROUNDS = {"small": 9, "medium": 5, "large": 3}
AGREE = 1e-6


@dataclass(frozen=True)
class Tool:
    """A tool by its name: hand the model to a solver, and plan to the value of the optimum."""

    name: str
    hand_over: Callable[[], object]
    plan: Callable[[], float]


def cellroad(case: Case) -> Tool:
    """Return Cellroad, with the problem as tables."""
    chain = to_chain(case)

    def hand_over() -> object:
        highs = highspy.Highs()
        highs.setOptionValue("output_flag", False)
        Scaled.of(build(expand(chain)), 0.0).hand_to(highs)
        return highs

    return Tool("cellroad", hand_over, lambda: cr.plan(chain, gap=1e-9, time_limit=600).solution.objective_usd)


def peer(name: str, case: Case) -> Tool | None:
    """Return a peer with the problem as arrays, None where it is not installed."""
    try:
        module: Any = importlib.import_module(f"peers.with_{name}")
    except ModuleNotFoundError as missing:
        print(f"{name} is left out: the package {missing.name} is not installed (python -m pip install {name})")
        return None
    return Tool(name, lambda: module.hand_over(module.build(case)), lambda: module.solve(module.build(case)))


def seconds(task: Callable[[], object]) -> tuple[float, Any]:
    """Return how long a task takes, and its result; rubbish is collected before it, banners are not shown."""
    gc.collect()
    with quiet():
        began = time.perf_counter()
        result = task()
        return time.perf_counter() - began, result


@contextmanager
def quiet() -> Iterator[None]:
    """Send what libraries below Python print to nowhere."""
    sys.stdout.flush()
    shown = os.dup(1)
    with Path(os.devnull).open("w") as nowhere:
        os.dup2(nowhere.fileno(), 1)
    try:
        yield
    finally:
        os.dup2(shown, 1)
        os.close(shown)


def measure(tools: list[Tool], rounds: int) -> list[tuple[str, float, float, float]]:
    """Return name, seconds to the solver, seconds to the plan and optimum of each tool; they take turns."""
    built = {tool.name: float("inf") for tool in tools}
    planned = dict(built)
    optimum: dict[str, float] = {}
    for _ in range(rounds):
        for tool in tools:
            took, solver = seconds(tool.hand_over)
            del solver
            built[tool.name] = min(built[tool.name], took)
    for _ in range(max(1, rounds // 2)):
        for tool in tools:
            took, optimum[tool.name] = seconds(tool.plan)
            planned[tool.name] = min(planned[tool.name], took)
    return [(tool.name, built[tool.name], planned[tool.name], optimum[tool.name]) for tool in tools]


def main() -> None:
    warnings.simplefilter("ignore")
    for size in sys.argv[1:] or SIZES:
        case = make_case(**SIZES[size])
        tools = [cellroad(case), *(tool for name in PEERS if (tool := peer(name, case)) is not None)]
        seconds(cellroad(make_case(**SIZES["small"])).plan)  # the first call of a process loads code
        highs: Any = tools[0].hand_over()
        print(f"\n{size}: {highs.getNumCol():,} columns, {highs.getNumRow():,} rows, {highs.getNumNz():,} terms")
        rows = measure(tools, ROUNDS[size])
        ours = rows[0]
        apart = max(abs(value / ours[3] - 1) for *_, value in rows)
        if apart > AGREE:
            raise SystemExit(f"the optima differ by {apart:.1e}: {[(name, value) for name, _, _, value in rows]}")
        beside = f", the same for all within {apart:.0e}" if len(rows) > 1 else "; no peer to compare it with"
        print(f"optimum ${ours[3]:,.0f}{beside}")
        print(f"{'tool':10} {'to the solver':>14} {'ratio':>7} {'to the plan':>12} {'ratio':>7}")
        for name, built, planned, _ in rows:
            ratios = f"{built / ours[1]:7.2f}", f"{planned / ours[2]:7.2f}"
            print(f"{name:10} {built:12.2f} s {ratios[0]} {planned:10.2f} s {ratios[1]}")


if __name__ == "__main__":
    main()

"""How fast does a plan run day by day? Beside SimPy, and beside stockpyl where it is installed, on the same systems.

    python benchmarks/stress.py                 lines and a chain that branches, SimPy beside them, the same stock on
                                                every day
    python benchmarks/stress.py --plan 10000    and so many futures of five years of kandi-cbak
    python benchmarks/stress.py --compile       and what compiling the kernels takes, once and from disk

Figures are site-item-days (a good at a place for one day) in a second of processor time on one core, all in one run.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from cellroad.plan.stress.arrays import Law, Links, System
from cellroad.plan.stress.assemble import Built, Buy, Grid, Make, Node, Parts, Row, Serve, Ship, assemble
from cellroad.plan.stress.batches import BLOCK, Run, drawn, trace
from cellroad.plan.stress.chance import POISSON
from cellroad.plan.stress.futures import DAY

DAYS, LEAD, MEAN = 2000, 4, 5.0
FUTURES = 256
CELLS = 104.0
"""Cells in a pack."""


@dataclass(frozen=True)
class Tree:
    """Goods at places, each fed by one before it (-1: bought): how many units of that go into one, days on the way (0:
    made of it on the spot), base stock; those that feed nobody serve customers, who wait."""

    name: str
    before: list[int]
    units: list[float]
    lead: list[int]
    level: list[float]

    @property
    def leaves(self) -> list[int]:
        """Return those that serve customers."""
        return [n for n in range(len(self.before)) if n not in self.before]


def line(stages: int) -> Tree:
    """A supplier without limit, and stages four days after each other: the serial system of stockpyl."""
    every = range(stages)
    return Tree(f"line of {stages}", [n - 1 for n in every], [1.0] * stages, [LEAD] * stages, [32.0] * stages)


def branching(markets: int) -> Tree:
    """Cells bought and shipped to a plant, packs made of them, a warehouse and markets by sea."""
    first = [(-1, 1.0, 7, 20.0), (0, 1.0, 30, 40.0), (1, CELLS, 0, 1.0), (2, 1.0, 3, 9.0)]
    rest = [(3, 1.0, 14 + n % 9, 70.0 + 5 * (n % 9)) for n in range(markets)]
    before, units, lead, days = (list(x) for x in zip(*first, *rest, strict=True))
    level = [d * markets * MEAN * (CELLS if n < 2 else 1.0) if n < 4 else d + 20.0 for n, d in enumerate(days)]
    return Tree(f"cells to {markets} markets", before, units, lead, level)


def parts(tree: Tree) -> Parts:
    """Return a tree as a plan day by day has it."""
    one, whole, always = np.ones(1), np.ones(DAYS), np.ones(1, bool)
    count = range(len(tree.before))
    due = np.arange(DAYS) + tree.lead[0]
    shipped = [n for n in count if tree.before[n] >= 0 and tree.units[n] == 1.0]
    made = [n for n in count if tree.before[n] >= 0 and tree.units[n] != 1.0]
    return Parts(
        Grid(np.zeros(DAYS, np.int64), np.zeros(DAYS, np.int64), whole),
        [Node(level, np.full(DAYS, level), np.zeros(1)) for level in tree.level],
        [Buy(0, whole, always, one, 0, np.where(due < DAYS, due, -1), np.full(DAYS, np.inf))],
        [Make(n, whole, always, one, 0, one, ((tree.before[n], tree.units[n]),)) for n in made],
        [Ship(n, whole, always, one, 0, tree.before[n], lane, np.full(DAYS, tree.lead[n]), one, one)
         for lane, n in enumerate(shipped)],
        [Row(np.full(DAYS, MEAN), (Serve(n, 1.0, whole, always, one),), one, one, DAYS, 1.0) for n in tree.leaves],
        lane_cap=np.full(len(shipped), np.inf),
    )  # fmt: skip


def chance(system: System) -> tuple[Law, Links]:
    """Demand of each row and day is a Poisson number."""
    none, zero = np.zeros(0, np.int64), np.zeros(0)
    rows, lanes = system.base.shape[1], system.lane_cap.size

    def ptr(count: int) -> np.ndarray:
        return np.zeros(count + 1, np.int64)

    links = Links(
        ptr(rows), none, zero, np.arange(rows + 1), np.zeros(rows, np.int64), ptr(1), none, zero,
        ptr(system.ship_from.size), none, zero, ptr(system.make_out.size), none, zero,
        np.arange(1, rows + 1, dtype=np.uint64), np.ones(lanes, np.uint64), ptr(lanes), none,
        *(np.zeros(lanes) for _ in range(3)), ptr(1), none, np.zeros(1), ptr(1), none, np.zeros(1),
    )  # fmt: skip
    law = Law(
        np.ones(1, np.uint64), np.array([0, DAYS]), np.array([POISSON]), np.zeros((1, 3)), np.array([DAY]), np.zeros(1),
        np.eye(1), np.zeros(1, np.int64), np.full((1, 1), 40.0), np.zeros(1, np.int64), np.zeros(1, np.int64), ptr(1),
        none, np.zeros(1), np.zeros(1), ptr(1), zero, np.ones(1, bool),
    )  # fmt: skip
    return law, links


def by_simpy(tree: Tree, wanted: np.ndarray, lean: bool) -> np.ndarray:
    """The same tree as SimPy tells it: a process for each good at a place, and one for each shipment; stock by day.

    `lean`: a shipment is a bare event with a callback instead of a process, the least that SimPy can do with.
    """
    import simpy

    env = simpy.Environment()
    count = len(tree.before)
    stock, coming, owed, order = list(tree.level), [0.0] * count, [0.0] * count, [0.0] * count
    after = [[m for m in range(count) if tree.before[m] == n] for n in range(count)]
    told = np.zeros((wanted.shape[0], count))

    def under_way(node: int, units: float):
        yield env.timeout(tree.lead[node])
        stock[node] += units
        coming[node] -= units

    def arrived(event):
        node, units = event.value
        stock[node] += units
        coming[node] -= units

    def leave(node: int, units: float):
        if units <= 0.0:
            return
        coming[node] += units
        if lean:
            env.timeout(tree.lead[node], (node, units)).callbacks.append(arrived)
        else:
            env.process(under_way(node, units))

    def place(n: int):
        """Each day, after those nearer to customers: order up to the level; before them: give what is there."""
        phase = 0.3 * n / count
        yield env.timeout(0.4 - phase)
        while True:
            order[n] = max(0.0, tree.level[n] + owed[n] - stock[n] - coming[n])
            owed[n] = 0.0
            if n:
                owed[tree.before[n]] += order[n] * tree.units[n]
            yield env.timeout(0.1 + 2 * phase)
            if n == 0:
                leave(n, order[n])
            left = max(stock[n], 0.0)
            for m in after[n]:
                taken = min(order[m] * tree.units[m], left)
                left -= taken
                stock[n] -= taken
                if tree.lead[m]:
                    leave(m, taken)
                else:
                    stock[m] += taken / tree.units[m]
            yield env.timeout(0.9 - 2 * phase)

    def customers():
        waiting = [0.0] * len(tree.leaves)
        yield env.timeout(0.05)
        for day in range(wanted.shape[0]):
            for q, n in enumerate(tree.leaves):
                owed[n] = waiting[q] + wanted[day, q]
            need = [owed[n] for n in tree.leaves]
            yield env.timeout(0.9)
            for q, n in enumerate(tree.leaves):
                served = min(need[q], max(stock[n], 0.0))
                stock[n] -= served
                waiting[q] = need[q] - served
            told[day] = stock
            yield env.timeout(0.1)

    env.process(customers())
    for n in range(count):
        env.process(place(n))
    env.run(until=wanted.shape[0] - 0.01)
    return told


def clocked(work: Callable[[], Any], times: int = 1) -> tuple[float, Any]:
    """Return the least processor time of some runs, and what the last one gave."""
    least = float("inf")
    for _ in range(times):
        began = time.process_time()
        found = work()
        least = min(least, time.process_time() - began)
    return least, found


def beside() -> dict[str, tuple[float, float]]:
    """Print kernel and SimPy on each system; return the speed of the kernel and the bytes of state a second."""
    print(f"{'':22}{'kernel':>16}{'SimPy':>12}{'times':>8}{'SimPy, lean':>14}{'times':>8}{'state':>12}")
    fast = {}
    for tree in (line(10), line(40), branching(12), branching(60)):
        built = assemble(parts(tree))
        system = built.system
        law, links = chance(system)
        run = Run((system, links, law, 1))
        told = trace(system, links, law, drawn(law, 1, 0))
        run.futures(0, 1)
        node_days = len(tree.before) * DAYS
        ours, _ = clocked(partial(run.futures, 0, FUTURES), 3)
        wanted = told.wanted[:, np.argsort(built.rows)]
        slow, stock = clocked(partial(by_simpy, tree, wanted, False), 3)
        lean, same = clocked(partial(by_simpy, tree, wanted, True), 3)
        assert np.allclose(stock, told.stock[:, built.node]), "SimPy and the kernel disagree"
        assert np.array_equal(stock, same)
        speed = FUTURES * node_days / ours
        moved = speed * state(built) / len(tree.before)
        print(
            f"{tree.name:22}{speed:16,.0f}{node_days / slow:12,.0f}{speed * slow / node_days:8,.0f}"
            f"{node_days / lean:14,.0f}{speed * lean / node_days:8,.0f}{moved / 1e9:9.1f} GB/s"
        )
        fast[tree.name] = speed, moved
    return fast


def state(built: Built) -> float:
    """Return bytes that a day of a future reads and writes if it reads and writes each number of its state once.

    By node what is there, under way, held and due today, read and written, and what leaves for a later day; by way
    what is asked and what has moved; by row of demand wants, who waits and twelve sums.
    """
    s = built.system
    return 8.0 * (10 * s.target.shape[1] + 4 * s.share.shape[1] + 30 * s.base.shape[1])


def memory(moved: float) -> None:
    """Print what part of the bandwidth of memory, and of a cache, the state of a day takes."""
    for name, numbers in (("main memory", 1 << 25), ("cache", BLOCK * 512)):
        block, other = np.ones(numbers), np.ones(numbers)
        again = max(1, (1 << 26) // numbers)
        took, _ = clocked(lambda: [np.copyto(other, block) for _ in range(again)], 3)  # noqa: B023
        width = 2 * again * block.nbytes / took
        print(f"state read and written once: {moved / width:6.0%} of a copy in {name} ({width / 1e9:.1f} GB/s)")


def stockpyl(speed: float) -> None:
    """The line of ten in stockpyl, where it is installed."""
    try:
        from stockpyl.sim import simulation
        from stockpyl.supply_chain_network import serial_system
    except ImportError:
        print("stockpyl  is not installed")
        return
    network = serial_system(
        num_nodes=10, node_order_in_system=list(range(10, 0, -1)), shipment_lead_time=LEAD,
        demand_type="P", mean=MEAN, policy_type="BS", base_stock_level=32.0, local_holding_cost=1, stockout_cost=1,
    )  # fmt: skip
    periods = 100
    took, _ = clocked(lambda: simulation(network, periods, rand_seed=1, progress_bar=False))
    slow = 10 * periods / took
    print(f"stockpyl  {slow:14,.0f}  the kernel is {speed / slow:,.0f} times as fast on the line of ten")


def planned(draws: int) -> None:
    """Five years of an example in so many futures, on all cores."""
    import polars as pl

    import cellroad as cr

    chain = cr.load("kandi-cbak")
    months = chain.settings.with_columns(
        value=pl.when(pl.col("name") == "months").then(pl.lit("60")).otherwise("value")
    )
    plan = cr.plan(chain.replace(settings=months), gap=0.01)
    cr.stress(plan, draws=2, drivers=0)
    wall, began = time.perf_counter(), time.process_time()
    told = cr.stress(plan, draws=draws, drivers=0)
    wall, took = time.perf_counter() - wall, time.process_time() - began
    nodes, days = told.operated.nodes.height, told.operated.parts.grid.period.size
    print(
        f"kandi-cbak  {draws:,} futures of {days} days and {nodes} goods at places: {took:.1f} s of processor time, "
        f"{wall:.1f} s by the clock; {draws * nodes * days / took:,.0f} site-item-days a second and core"
    )


def compiled() -> None:
    """Print what the first call takes where nothing is kept on disk, and where it is."""
    code = (
        "import sys, time; sys.path.insert(0, sys.argv[1]); import stress\n"
        "s = stress.assemble(stress.parts(stress.line(3))).system; law, links = stress.chance(s)\n"
        "t = time.process_time(); stress.Run((s, links, law, 1)).futures(0, 1); print(time.process_time() - t)"
    )
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"NUMBA_CACHE_DIR": folder}
        command = [sys.executable, "-c", code, str(Path(__file__).parent)]
        took = [
            float(subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout)
            for _ in range(2)
        ]
    print(f"compiling takes {took[0]:.1f} s of processor time once; from disk the first call takes {took[1]:.2f} s")


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--plan", type=int, default=0, metavar="FUTURES")
    asked.add_argument("--compile", action="store_true")
    options = asked.parse_args()
    speed, moved = beside()["line of 10"]
    memory(moved)
    stockpyl(speed)
    if options.plan:
        planned(options.plan)
    if options.compile:
        compiled()

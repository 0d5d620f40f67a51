"""How fast does a plan run day by day? Beside SimPy, and beside stockpyl where it is installed, on the same system.

    python benchmarks/stress.py                 a line of ten stages, SimPy beside it, the same stock on every day
    python benchmarks/stress.py --plan 10000    and so many futures of five years of kandi-cbak

Figures are site-item-days (one stage for one day) in a second of processor time on one core, all in one run.
"""

from __future__ import annotations

import argparse
import time

import numpy as np

from cellroad.plan.stress.arrays import Law, Links, System
from cellroad.plan.stress.assemble import Buy, Grid, Node, Parts, Row, Serve, Ship, assemble
from cellroad.plan.stress.batches import Run, drawn, trace
from cellroad.plan.stress.chance import POISSON
from cellroad.plan.stress.futures import DAY

STAGES, DAYS, LEAD, MEAN = 10, 2000, 4, 5.0
LEVEL = 32.0


def line() -> Parts:
    """A supplier without limit, ten stages, each four days after the one before; customers wait."""
    one, always = np.ones(1), np.ones(1, bool)
    due = np.arange(DAYS) + LEAD
    ships = [Ship(n, one, always, one, 0, n - 1, n - 1, np.full(DAYS, LEAD), one, one) for n in range(1, STAGES)]
    return Parts(
        Grid(np.zeros(DAYS, np.int64), np.zeros(DAYS, np.int64), np.ones(DAYS)),
        [Node(LEVEL, np.full(DAYS, LEVEL), np.zeros(1)) for _ in range(STAGES)],
        [Buy(0, one, always, one, 0, np.where(due < DAYS, due, -1), np.full(DAYS, np.inf))],
        [], ships, [Row(np.full(DAYS, MEAN), (Serve(STAGES - 1, 1.0, one, always, one),), one, one, DAYS, 1.0)],
        lane_cap=np.full(STAGES - 1, np.inf),
    )  # fmt: skip


def chance(system: System) -> tuple[Law, Links]:
    """Demand of each day is a Poisson number."""
    none, zero = np.zeros(0, np.int64), np.zeros(0)
    buys, ships, lanes = 1, system.ship_from.size, system.lane_cap.size

    def ptr(count: int) -> np.ndarray:
        return np.zeros(count + 1, np.int64)

    links = Links(
        ptr(1), none, zero, np.array([0, 1]), np.array([0]), ptr(buys), none, zero, ptr(ships), none, zero,
        ptr(0), none, zero, np.ones(1, np.uint64), np.ones(lanes, np.uint64), ptr(lanes), none,
        *(np.zeros(lanes) for _ in range(3)), ptr(1), none, np.zeros(1), ptr(1), none, np.zeros(1),
    )  # fmt: skip
    law = Law(
        np.ones(1, np.uint64), np.array([0, DAYS]), np.array([POISSON]), np.zeros((1, 3)), np.array([DAY]), np.zeros(1),
        np.eye(1), np.zeros(1, np.int64), np.full((1, 1), 40.0), np.zeros(1, np.int64), np.zeros(1, np.int64), ptr(1),
        none, np.zeros(1), np.zeros(1), ptr(1), zero, np.ones(1, bool),
    )  # fmt: skip
    return law, links


def by_simpy(wanted: np.ndarray) -> np.ndarray:
    """The same line as SimPy tells it: one process a stage, one for each shipment; stock by day and stage."""
    import simpy

    env = simpy.Environment()
    stock, coming, owed = [LEVEL] * STAGES, [0.0] * STAGES, [0.0] * STAGES
    told = np.zeros((wanted.size, STAGES))

    def under_way(stage: int, units: float):
        yield env.timeout(LEAD)
        stock[stage] += units
        coming[stage] -= units

    def stage(n: int):
        """Each day, after those nearer to customers: order up to the level; before them: send what is there."""
        while True:
            yield env.timeout(0.1 + 0.01 * (STAGES - n))
            order = max(0.0, LEVEL + owed[n] - stock[n] - coming[n])
            if n:
                owed[n - 1] = order
            yield env.timeout(0.5 - 0.1 - 0.01 * (STAGES - n) + 0.01 * n)
            sent = order if n == 0 else min(order, max(stock[n - 1], 0.0))
            if n:
                stock[n - 1] -= sent
            if sent > 0:
                coming[n] += sent
                env.process(under_way(n, sent))
            yield env.timeout(0.5 - 0.01 * n)

    def customers():
        waiting = 0.0
        for day in range(wanted.size):
            yield env.timeout(0.05)
            owed[-1] = waiting + wanted[day]
            yield env.timeout(0.9)
            served = min(owed[-1], max(stock[-1], 0.0))
            stock[-1] -= served
            waiting = owed[-1] - served
            told[day] = stock
            yield env.timeout(0.05)

    env.process(customers())
    for n in range(STAGES):
        env.process(stage(n))
    env.run(until=wanted.size - 0.01)
    return told


def clocked(work, *arguments) -> tuple[float, object]:
    began = time.process_time()
    found = work(*arguments)
    return time.process_time() - began, found


def beside() -> None:
    parts = line()
    system = assemble(parts).system
    law, links = chance(system)
    run = Run((system, links, law, 1))
    told = trace(system, links, law, drawn(law, 1, 0))
    run.futures(0, 1)
    futures = 200
    ours, _ = clocked(run.futures, 0, futures)
    theirs, stock = clocked(by_simpy, told.wanted[:, 0])
    assert np.allclose(stock, told.stock), "SimPy and the kernel disagree"
    node_days = STAGES * DAYS
    fast, slow = futures * node_days / ours, node_days / theirs
    print(f"kernel    {fast:14,.0f} site-item-days a second")
    print(f"SimPy     {slow:14,.0f}  the kernel is {fast / slow:,.0f} times as fast; stock is the same on every day")
    block, other = np.ones(20_000_000), np.ones(20_000_000)
    copied, _ = clocked(lambda: [np.copyto(other, block) for _ in range(3)])
    touched = sum(a.itemsize * a.size for a in system if isinstance(a, np.ndarray) and a.shape[:1] == (DAYS,))
    share = futures * touched / ours / (3 * 2 * block.nbytes / copied)
    print(f"memory    {share:14.1%} of the bandwidth of a copy is read in tables by day; the rest stays in cache")
    stockpyl(fast)


def stockpyl(fast: float) -> None:
    """The same line in stockpyl, where it is installed."""
    try:
        from stockpyl.sim import simulation
        from stockpyl.supply_chain_network import serial_system
    except ImportError:
        print("stockpyl  is not installed")
        return
    network = serial_system(
        num_nodes=STAGES, node_order_in_system=list(range(STAGES, 0, -1)), shipment_lead_time=LEAD,
        demand_type="P", mean=MEAN, policy_type="BS", base_stock_level=LEVEL, local_holding_cost=1, stockout_cost=1,
    )  # fmt: skip
    periods = 100
    took, _ = clocked(lambda: simulation(network, periods, rand_seed=1, progress_bar=False))
    slow = STAGES * periods / took
    print(f"stockpyl  {slow:14,.0f}  the kernel is {fast / slow:,.0f} times as fast")


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


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--plan", type=int, default=0, metavar="FUTURES")
    options = asked.parse_args()
    beside()
    if options.plan:
        planned(options.plan)

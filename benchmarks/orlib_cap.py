"""Capacitated warehouse location (OR-Library `cap`) as chains, planned to their published optima.

A warehouse is a site whose only line is an option: capex is its fixed cost, hours are its capacity. A customer is a
market; the lane between them costs what serving one unit costs. One month, no discounting, nothing left at the end:
the net present value is minus the cost of the instance.

The large files (capa, capb, capc: 100 warehouses, 1,000 customers) leave the capacity open: the word `capacity` stands
in its place, and every one of the customary capacities is planned. Where these files are not at hand, --like makes
instances of their size and kind from a seed: warehouses and customers anywhere in a square, cost by distance.

Run: python benchmarks/orlib_cap.py [--time S] [--gap G] [--like SEED ...] [--capacity C ...] [files or folders]
"""

from __future__ import annotations

import argparse
import datetime as dt
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

import cellroad as cr

CASES = Path(__file__).resolve().parents[2] / "shared" / "data" / "orlib_cap"
MONTH = dt.date(2027, 1, 1)
GRID = {
    "start": "2027-01", "months": "1", "quarters_after": "1", "discount_per_year": "0", "holding_per_year": "0",
    "terminal_stock_share": "0", "terminal_plant_share": "0",
}  # fmt: skip


@dataclass(frozen=True)
class Instance:
    """capacity, fixed (warehouses,); demand (customers,); cost of serving all of a demand (customers, warehouses)."""

    name: str
    capacity: NDArray[np.float64]
    fixed: NDArray[np.float64]
    demand: NDArray[np.float64]
    cost: NDArray[np.float64]


CAPACITIES = {"capa": (8000, 10000, 12000, 14000), "capb": (5000, 6000, 7000, 8000), "capc": (5000, 5750, 6500, 7250)}
"""What the large files are planned with."""
RECALLED = {
    ("capa", 8000): 19_240_822.449, ("capa", 10000): 18_438_046.543, ("capa", 12000): 17_765_201.949,
    ("capa", 14000): 17_160_439.012, ("capb", 5000): 13_656_379.578, ("capb", 6000): 13_361_927.449,
    ("capb", 7000): 13_198_556.434, ("capb", 8000): 13_082_516.496, ("capc", 5000): 11_646_596.974,
    ("capc", 5750): 11_570_340.289, ("capc", 6500): 11_518_743.744, ("capc", 7250): 11_505_767.394,
}  # fmt: skip
"""Optima of the large files (Beasley 1988), recalled, not looked up again."""


def open_capacity(path: Path) -> bool:
    """Say whether a file leaves the capacity open."""
    return "capacity" in path.read_text()[:4000].lower()


def read_cap(path: Path, capacity: float | None = None) -> Instance:
    """Read an instance: counts, then capacity and fixed cost by warehouse, then demand and costs by customer.

    `capacity` stands in for the word `capacity`, where a file has that. Raises ValueError where it is needed.
    """
    words = path.read_text().lower().split()
    if "capacity" in words:
        if capacity is None:
            raise ValueError(f"{path.name} leaves the capacity open: say one")
        words = [str(capacity) if word == "capacity" else word for word in words]
    numbers = np.array(words, dtype=float)
    warehouses, customers = int(numbers[0]), int(numbers[1])
    head, tail = numbers[2 : 2 + 2 * warehouses], numbers[2 + 2 * warehouses :]
    sites = head.reshape(warehouses, 2)
    rows = tail[: customers * (warehouses + 1)].reshape(customers, warehouses + 1)
    return Instance(path.stem, sites[:, 0], sites[:, 1], rows[:, 0], rows[:, 1:])


def read_optimum(path: Path) -> float:
    """Read the published optimum: the last number of the file."""
    return float(path.read_text().split()[-1])


def to_chain(case: Instance) -> cr.Chain:
    """Return the instance as a chain."""
    warehouses = [f"w{i}" for i in range(case.capacity.size)]
    served = np.flatnonzero(case.demand > 0)
    markets = [f"c{j}" for j in served]
    count = len(warehouses)
    unit_cost = case.cost[served] / case.demand[served, None]
    return cr.Chain.of(
        case.name,
        settings=pl.DataFrame({"name": list(GRID), "value": list(GRID.values())}),
        sites=pl.DataFrame(
            {
                "site": warehouses + markets, "name": warehouses + markets,
                "kind": ["warehouse"] * count + ["market"] * len(markets), "country": "US",
            }
        ),
        items=pl.DataFrame({"item": ["goods"], "name": ["goods"], "stage": ["component"]}),
        resources=pl.DataFrame(
            {"resource": warehouses, "site": warehouses, "hours_per_month": case.capacity, "status": "option"}
        ),
        options=pl.DataFrame(
            {
                "option": warehouses, "resource": warehouses, "earliest": MONTH, "latest": MONTH,
                "capex_usd": case.fixed,
            }
        ),
        processes=pl.DataFrame(
            {
                "process": warehouses, "site": warehouses, "item": "goods", "resource": warehouses,
                "hours_per_unit": 1.0,
            }
        ),
        lanes=pl.DataFrame(
            {
                "lane": [f"{w}-{c}" for c in markets for w in warehouses],
                "origin": warehouses * len(markets),
                "destination": [c for c in markets for _ in warehouses],
                "mode": "truck", "transit_days": 0.0, "cost_usd": unit_cost.ravel(), "cost_per": "unit",
            }
        ),
        wants=pl.DataFrame({"want": ["goods"], "item": ["goods"]}),
        demand=pl.DataFrame(
            {
                "market": markets, "want": "goods", "month": MONTH, "quantity": case.demand[served],
                "price_usd": 0.0, "short_usd": 10 * unit_cost.max() + case.fixed.max() / case.demand[served].min(),
            }
        ),
    )  # fmt: skip


def like(seed: int, capacity: float, warehouses: int = 100, customers: int = 1000) -> Instance:
    """Return an instance of the size and kind of the large files: places in a square, cost by distance and demand.

    Demands are whole numbers up to 100, fixed costs about what serving a seventh of all customers costs.
    """
    numbers = np.random.default_rng(seed)
    sites, markets = numbers.uniform(0, 1000, (warehouses, 2)), numbers.uniform(0, 1000, (customers, 2))
    demand = numbers.integers(1, 101, customers).astype(float)
    distance = np.linalg.norm(markets[:, None] - sites[None], axis=2)
    fixed = numbers.uniform(0.5e6, 1.5e6, warehouses)
    return Instance(
        f"like{seed}-{capacity:g}", np.full(warehouses, capacity), fixed, demand, distance * demand[:, None]
    )


def cases(options: argparse.Namespace) -> Iterator[tuple[Instance, float | None]]:
    """Yield the instances that are asked for, each with its optimum where that is known."""
    for seed in options.like:
        for capacity in options.capacity or (8000.0,):
            yield like(seed, capacity), None
    folders = [] if options.like and options.paths == [CASES] else options.paths
    for path in (p for folder in folders for p in ([folder] if folder.is_file() else sorted(folder.rglob("cap*.txt")))):
        beside = path.with_name(path.name + ".opt")
        if not open_capacity(path):
            yield read_cap(path), read_optimum(beside) if beside.exists() else None
            continue
        for capacity in options.capacity or CAPACITIES.get(path.stem, (8000,)):
            case = read_cap(path, capacity)
            yield replace(case, name=f"{path.stem}-{capacity:g}"), RECALLED.get((path.stem, int(capacity)))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("paths", nargs="*", type=Path, default=[CASES])
    parser.add_argument("--time", type=float, default=300.0)
    parser.add_argument("--gap", type=float, default=1e-9)
    parser.add_argument("--like", type=int, nargs="*", default=[])
    parser.add_argument("--capacity", type=float, nargs="*", default=[])
    options = parser.parse_args()
    print(
        f"{'instance':12} {'published':>16} {'planned':>16} {'difference':>10} {'gap':>8} {'CPU s':>8} {'seconds':>8} "
        f"{'nodes':>6}"
    )
    none = True
    for case, optimum in cases(options):
        none, used = False, time.process_time()
        result = cr.plan(to_chain(case), gap=options.gap, time_limit=options.time)
        cost = -result.solution.objective_usd
        told = ("", "") if optimum is None else (f"{optimum:,.3f}", f"{cost / optimum - 1:.1e}")
        print(
            f"{case.name:12} {told[0]:>16} {cost:16,.3f} {told[1]:>10} {result.solution.gap:8.1e} "
            f"{time.process_time() - used:8.1f} {result.solution.seconds:8.2f} {result.solution.nodes:6d}",
            flush=True,
        )
    if none:
        print("no instances here; name a folder with the capacitated cases of the OR-Library and their .opt files")


if __name__ == "__main__":
    main()

"""Capacitated warehouse location (OR-Library `cap`) as chains, planned to their published optima.

A warehouse is a site whose only line is an option: capex is its fixed cost, hours are its capacity. A customer is a
market; the lane between them costs what serving one unit costs. One month, no discounting, nothing left at the end:
the net present value is minus the cost of the instance.

Run: python benchmarks/orlib_cap.py [folder of instances]
"""

from __future__ import annotations

import datetime as dt
import sys
from dataclasses import dataclass
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


def read_cap(path: Path) -> Instance:
    """Read an instance: counts, then capacity and fixed cost by warehouse, then demand and costs by customer."""
    numbers = np.array(path.read_text().split(), dtype=float)
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


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else CASES
    cases = sorted(folder.rglob("cap*.txt"))
    if not cases:
        print("no instances here; name a folder with the capacitated cases of the OR-Library and their .opt files")
        return
    print(
        f"{'instance':10} {'published':>14} {'planned':>14} {'difference':>10} {'gap':>8} {'seconds':>8} {'nodes':>6}"
    )
    for path in cases:
        optimum = read_optimum(path.with_name(path.name + ".opt"))
        result = cr.plan(to_chain(read_cap(path)), gap=1e-9, time_limit=300)
        cost = -result.solution.objective_usd
        print(
            f"{path.stem:10} {optimum:14,.3f} {cost:14,.3f} {cost / optimum - 1:10.1e} "
            f"{result.solution.gap:8.1e} {result.solution.seconds:8.2f} {result.solution.nodes:6d}"
        )


if __name__ == "__main__":
    main()

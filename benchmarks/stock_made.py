"""Safety stock in made-up chains that are larger and denser than real ones: what is proven in how long?

Layers from parts to customers; every stage is supplied by stages of the layer before, some of an earlier one, and some
stages supply many (Pareto). Three layers are like a bill of materials that is sold; five have assemblies of assemblies,
and rings through all of them, which no real chain at hand has. Lead times are whole days or days with two decimals.

Run: python benchmarks/stock_made.py [seconds for each]
"""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from itertools import pairwise

import numpy as np

from cellroad.plan.stock.placing import place
from cellroad.plan.stock.pooling import added, pooled
from cellroad.plan.stock.stages import Floats, Ints, Stages, order

LAYERS = {3: (0.45, 0.25, 0.3), 5: (0.3, 0.2, 0.2, 0.1, 0.2)}
CASES = [
    (3, 334, 1245, 0), (3, 577, 2262, 0), (3, 1206, 4063, 0), (3, 2025, 16225, 0),
    (5, 58, 176, 0), (5, 334, 1245, 0), (5, 577, 2262, 0),
    (3, 58, 176, 2), (3, 334, 1245, 2), (3, 577, 2262, 2), (3, 1206, 4063, 2), (5, 58, 176, 2), (5, 334, 1245, 2),
]  # fmt: skip
"""Layers, stages, arcs, decimals of a lead time."""


def made(layers: int, size: int, arcs: int, decimals: int, seed: int = 0) -> Stages:
    """Return a network; the same for the same numbers."""
    rng = np.random.default_rng([layers, size, arcs, decimals, seed])
    ends = linked(np.array(LAYERS[layers]), size, arcs, rng)
    first = np.bincount(ends[:, 1], minlength=size) == 0
    last = np.bincount(ends[:, 0], minlength=size) == 0
    whole = np.where(first, rng.integers(0, 20, size), rng.integers(0, 6, size)).astype(float)
    uneven = np.where(first, rng.gamma(2, 12, size), rng.gamma(1.5, 3, size)).round(decimals)
    quoted = np.where(rng.random(size) < 0.2, rng.choice([1.0, 2.0, 5.0, 7.0], size), 0.0)
    nothing = np.zeros(size)
    bare = Stages(
        ends, np.zeros(len(ends)), uneven if decimals else whole, *[nothing] * 5, np.where(last, quoted, np.inf)
    )
    mean = np.where(last, rng.lognormal(3, 1.2, size), 0.0)
    sd, units = mean * rng.uniform(0.1, 1.5, size), np.ones(len(ends))
    demand = pooled(ends, units, order(bare), mean, sd, np.where(last, 1.645, 0.0))
    worth = added(ends, units, order(bare), rng.lognormal(0, 1.8, size) * np.where(first, 5, 1))
    return replace(bare, holding=worth, factor=demand.factor, swing=demand.swing, mean=demand.mean)


def linked(parts: Floats, size: int, arcs: int, rng: np.random.Generator) -> Ints:
    """Return arcs between layers: one for every stage at least, the others by how popular suppliers are."""
    begin = np.append(0, np.round(np.cumsum(parts) * size).astype(int))
    layers = [np.arange(a, b) for a, b in pairwise(begin)]
    popular = [rng.pareto(1.2, layer.size) + 0.1 for layer in layers]
    found = {(int(rng.choice(layers[n - 1])), int(k)) for n in range(1, len(layers)) for k in layers[n]}
    supplying = {j for j, _ in found}
    found |= {
        (int(j), int(rng.choice(layers[n + 1])))
        for n in range(len(layers) - 1)
        for j in layers[n]
        if j not in supplying
    }
    weight = np.array([layer.size for layer in layers[:-1]]) * np.append(np.ones(len(layers) - 2), 0.2)
    while len(found) < arcs:
        n = 1 + int(rng.choice(weight.size, p=weight / weight.sum()))
        source = int(rng.integers(0, n)) if rng.random() < 0.1 else n - 1
        j = int(rng.choice(layers[source], p=popular[source] / popular[source].sum()))
        found.add((j, int(rng.choice(layers[n]))))
    return np.array(sorted(found), dtype=np.int64)


def main() -> None:
    limit = float(sys.argv[1]) if len(sys.argv) > 1 else 100.0
    print(f"{'layers':>6} {'stages':>6} {'arcs':>6} {'decimals':>8} {'cost':>16} {'gap':>8} {'s':>7}")
    for layers, size, arcs, decimals in CASES:
        stages = made(layers, size, arcs, decimals)
        began = time.process_time()
        found = place(stages, gap=1e-3, time_limit=limit)
        seconds = time.process_time() - began
        print(
            f"{layers:6} {size:6} {arcs:6} {decimals:8} {found.cost:16,.0f} {found.gap:8.1e} {seconds:7.1f}", flush=True
        )


if __name__ == "__main__":
    main()

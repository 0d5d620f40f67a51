"""How long to find who owns how much of whom among a million entities, and how exactly?

A made-up register of 1,000,000 entities (60 % of them persons at the top) and 2,000,000 stakes, in which some thousand
companies hold each other in rings of up to some tens; every company is held in full. From a seed, so that it can be
made again. Asked of it: what a prohibited set holds of every entity (in proportion along every chain), what it holds
of one entity (in fractions), and whom the 50 percent rule blocks. Beside it what networkx can do: multiply along every
simple path, which is right where nobody above the target is in a ring, and the same question as repeated products of
the matrix of shares, which is what it costs at least without an order of the entities.

Times are those of one processor. The peer is optional and named when it is absent.

Run: python benchmarks/ownership.py [entities]
"""

from __future__ import annotations

import gc
import os
import sys
import time
from collections.abc import Callable
from itertools import islice
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import scipy.sparse as sp

from cellroad.rules.attribution import RULES
from cellroad.rules.graph import Floats, Graph, Ints, Mask
from cellroad.rules.ownership import aggregate, interval

SEED, ENTITIES, STAKES, PERSONS = 20260601, 1_000_000, 2_000_000, 0.6
BY_COMPANY, RINGED = 0.155, 0.02
PEERED, ASKED, PATHS = 200, 2000, 20_000
AGREE = 1e-12


def make_graph(entities: int, seed: int = SEED) -> Graph:
    """Return a register: persons first, then companies, each held in full by persons, older companies and rings.

    Every company has one holder at least; who holds is drawn from persons, or from companies founded before. Some
    companies also hold a part of a company up to six steps above them, which closes a ring.
    """
    rng = np.random.default_rng(seed)
    persons = int(entities * PERSONS)
    companies = entities - persons
    rings = int(companies * RINGED)
    stakes = entities * STAKES // ENTITIES - rings
    owned = np.concatenate([np.arange(companies), rng.integers(0, companies, stakes - companies)])
    by_company = (rng.random(stakes) < BY_COMPANY) & (owned > 0)
    older = (owned * rng.random(stakes) ** 0.7).astype(np.int64)
    owner = np.where(by_company, persons + older, (persons * rng.random(stakes) ** 1.5).astype(np.int64))
    above = np.arange(companies)
    above[owned[by_company]] = older[by_company]
    closing = rng.integers(0, companies, rings)
    closed, steps = closing.copy(), rng.integers(1, 7, rings)
    for step in range(6):
        closed = np.where(step < steps, above[closed], closed)
    apart = closed != closing
    owner, owned = np.concatenate([owner, persons + closing[apart]]), np.concatenate([owned, closed[apart]])
    shares = _shares(owned, companies, rng)
    kept = shares > 0
    names = [f"p{i}" for i in range(persons)] + [f"c{i}" for i in range(companies)]
    return Graph(tuple(names), owner[kept], persons + owned[kept], shares[kept], shares[kept])


def _shares(owned: Ints, companies: int, rng: np.random.Generator) -> Floats:
    """Return shares of four decimals that sum to exactly 1 in every company."""
    size = rng.pareto(1.5, owned.size) + 0.05
    parts = np.floor(size / np.bincount(owned, size, companies)[owned] * 10_000)
    first = np.unique(owned, return_index=True)[1]
    parts[first] += 10_000 - np.bincount(owned, parts, companies)
    return parts / 10_000


def seconds(task: Callable[[], Any], rounds: int = 1) -> tuple[float, Any]:
    """Return the least processor time of a task, and its result."""
    best, result = float("inf"), None
    for _ in range(rounds):
        gc.collect()
        began = time.process_time()
        result = task()
        best = min(best, time.process_time() - began)
    return best, result


def iterate(graph: Graph, caught: Mask) -> tuple[Floats, int]:
    """Return the shares by repeated products of the matrix of shares, until nothing moves by 1e-13, and how many."""
    free = np.where(caught[graph.owned], 0.0, graph.low)
    matrix = sp.csr_array((free, (graph.owned, graph.owner)), shape=(graph.size, graph.size))
    part = share = caught.astype(float)
    for rounds in range(1, 10_000):
        part = matrix @ part
        share = share + part
        if part.max() < 1e-13:
            return share, rounds
    raise SystemExit("the products do not come to rest")


def of_one(graph: Graph, targets: Ints, caught: Mask, nobody: Mask) -> tuple[Floats, Floats]:
    """Return the processor time of each target in ms, and its share."""
    took, found = np.zeros(targets.size), np.zeros(targets.size)
    for k, target in enumerate(targets.tolist()):
        began = time.process_time()
        low = interval(graph, target, caught, nobody, nobody, RULES["multiplicative"]).low
        took[k] = 1000 * (time.process_time() - began)
        found[k] = float(low)
    return took, found


def beside_networkx(graph: Graph, targets: Ints, caught: Mask) -> None:
    """Multiply along the simple paths of networkx from all owners to targets; print how long, and how far from 1."""
    try:
        import networkx
    except ModuleNotFoundError:
        print("networkx is left out: it is not installed (python -m pip install networkx)")
        return
    took, apart, given_up = [], {True: [0.0], False: [0.0]}, 0
    for target in targets.tolist():
        places = np.union1d(graph.upstream(target, ~caught), [target])
        net = networkx.DiGraph()
        net.add_nodes_from(places.tolist())
        entries = graph.holders.of(places[~caught[places]])
        columns = (column[entries].tolist() for column in (graph.owner, graph.owned, graph.low))
        for owner, owned, low in zip(*columns, strict=True):
            net.add_edge(owner, owned, share=low + net.get_edge_data(owner, owned, {"share": 0.0})["share"])
        sources = places[caught[places]].tolist()
        began = time.process_time()
        found = (path for source in sources for path in networkx.all_simple_edge_paths(net, source, target))
        worth = [float(np.prod([net.edges[edge]["share"] for edge in path])) for path in islice(found, PATHS)]
        took.append(1000 * (time.process_time() - began))
        given_up += len(worth) == PATHS
        if len(worth) < PATHS:
            apart[bool(graph.order.ring[places].any())].append(abs(sum(worth) - 1))
    nobody = np.zeros(graph.size, dtype=bool)
    ours, found = of_one(graph, targets, caught, nobody)
    speed = f"{np.median(took):.2f} ms median, {np.quantile(took, 0.95):.1f} ms for 95 of 100, {given_up} given up"
    print(f"\nall owners of {targets.size} entities, which hold 1 together")
    print(f"networkx {networkx.__version__}, simple paths: {speed}")
    for ringed, name in ((False, "without"), (True, "with")):
        print(f"  {len(apart[ringed]) - 1} in full {name} rings upstream: furthest from 1 {max(apart[ringed]):.1e}")
    speed = f"{np.median(ours):.2f} ms median, {np.quantile(ours, 0.95):.1f} ms for 95 of 100"
    print(f"cellroad, in fractions: {speed}; furthest from 1 {np.abs(found - 1).max():.0e}")


def main() -> None:
    entities = int(sys.argv[1]) if len(sys.argv) > 1 else ENTITIES
    graph = make_graph(entities)
    rng = np.random.default_rng(SEED + 1)
    persons = int(entities * PERSONS)
    caught = np.zeros(graph.size, dtype=bool)
    caught[rng.choice(persons, entities // 100, replace=False)] = True
    nobody = np.zeros(graph.size, dtype=bool)
    rows: list[tuple[str, str]] = []

    took, order = seconds(lambda: (graph.holders, graph.holdings, graph.order)[2])
    sizes = np.bincount(order.component)
    rings = f"{order.ring.sum():,} entities in rings, the largest of {sizes.max()}"
    print(f"{graph.size:,} entities, {graph.owner.size:,} stakes; {rings}; {order.level.max()} levels")
    rows.append(("index and order of the graph, once", f"{took:.2f} s"))

    took, found = seconds(lambda: aggregate(graph, caught, nobody, nobody, RULES["multiplicative"]), 3)
    rows.append(("share of the set in every entity, least and most", f"{took:.2f} s"))
    again, (checked, products) = seconds(lambda: iterate(graph, caught))
    matrix = sp.csr_array((graph.low, (graph.owned, graph.owner)), shape=(graph.size, graph.size))
    product, _ = seconds(lambda: matrix @ checked, 3)
    apart = np.abs(found.low - checked).max()
    rows.append((f"  the same by {products} products of the matrix", f"{again:.2f} s"))
    rows.append(("  floor: one product of the matrix, twice", f"{2 * product:.3f} s"))
    rows.append(("  furthest apart", f"{apart:.1e}"))
    top = np.diff(graph.holders.start) == 0
    everyone = aggregate(graph, top, nobody, nobody, RULES["multiplicative"]).low
    rows.append(("  conservation: all owners together, furthest from 1", f"{np.abs(everyone - 1).max():.1e}"))

    took, blocked = seconds(lambda: aggregate(graph, caught, nobody, nobody, RULES["ofac_50"]), 3)
    rows.append(
        (f"50 percent cascade: {(blocked.low >= 0.5).sum() - caught.sum():,} companies blocked", f"{took:.2f} s")
    )

    targets = persons + rng.integers(0, graph.size - persons, ASKED)
    behind = [graph.upstream(target).size for target in targets.tolist()]
    took_each, exact = of_one(graph, targets, caught, nobody)
    rows.append(("one entity, in fractions: median", f"{np.median(took_each):.2f} ms"))
    rows.append(("  95 of 100 within", f"{np.quantile(took_each, 0.95):.2f} ms"))
    rows.append(("  longest", f"{took_each.max():.0f} ms"))
    rows.append(
        ("  upstream: median, 95 of 100, most", "{:.0f}, {:.0f}, {:.0f}".format(*np.quantile(behind, [0.5, 0.95, 1])))
    )
    rows.append(("  furthest from the whole graph", f"{np.abs(exact - found.low[targets]).max():.1e}"))
    for label, value in rows:
        print(f"{label:60} {value:>16}")
    if max(apart, np.abs(exact - found.low[targets]).max(), np.abs(everyone - 1).max()) > AGREE:
        raise SystemExit("the answers differ by more than 1e-12")
    beside_networkx(graph, targets[:PEERED], top)


if __name__ == "__main__":
    main()

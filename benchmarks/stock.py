"""Safety stock in real supply chains (Willems 2008), placed to proof; and in trees, beside stockpyl.

The chains are not part of the project: name a folder with `willems_NN.csv` (stage, lead time, longest service time,
cost added, exponent of risk pooling, mean, standard deviation and safety factor of demand, suppliers and units) and,
where it is known, `reported_optimal_cost.csv`. Cost is that of the stock at its full value: times a holding rate,
it is a cost a year.

What the reported costs are, as far as the files tell: safety stock at 35 % of its value a year, where all demand that
reaches a stage is pooled by the end it comes from. They belong to lead times that vary, and the files give only their
means; so the cost is given, too, for lead times that vary by a part of themselves, over whole days.

Trees are solved beside stockpyl (Snyder), where it is installed: those of its textbook, and random ones.

What is proven of chains that are not at hand is told by the same networks with other lead times, costs and spread of
demand (`--redrawn`): days with two decimals, or whole days seven times as long.

Run: python benchmarks/stock.py [folder of chains] [--spread] [--redrawn]
"""

from __future__ import annotations

import csv
import importlib.util
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from cellroad.plan.stock.placing import place
from cellroad.plan.stock.pooling import Demand, added, pooled, pooled_by_stage
from cellroad.plan.stock.stages import Floats, Ints, Stages, order

CASES = Path(__file__).resolve().parents[2] / "shared" / "data" / "willems"
NEVER = np.inf
RATE = 0.35
"""Holding cost a year as a part of value, by which the reported costs are reached."""
SUREST = 4.0
"""Safety factor that counts where a chain asks for all of the demand, always: a service of 99.997 %."""
VARIATIONS = (0.1, 0.2)
TREES = ("example_6_5", "figure_6_14", "problem_6_7", "problem_6_9")


@dataclass(frozen=True)
class Case:
    """A chain as it stands in its file; the service time of a stage without a limit is infinite."""

    name: str
    arcs: Ints
    units: Floats
    lead: Floats
    promise: Floats
    added: Floats
    mean: Floats
    sd: Floats
    safety: Floats


def read(path: Path) -> Case:
    """Read a chain: columns by their names, and from `up_stages` on a supplier and its units by turns.

    What a stage does not say is none: no lead time, no cost, no demand. A stage with demand that says no longest
    service time delivers at once, another may quote any; a supplier without a number of units gives one. Raises
    ValueError for a supplier that is no stage.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = [[cell.strip() for cell in row] for row in csv.reader(file)]
    names, *rows = [row for row in rows if row and row[0]]
    place_of = {row[0]: n for n, row in enumerate(rows)}
    first = names.index("up_stages") if "up_stages" in names else len(names)
    arcs, units = [], []
    for row in rows:
        for n in range(first, len(row), 2):
            if row[n] and row[n] not in place_of:
                raise ValueError(f"{path.name}: {row[0]} is supplied by {row[n]}, which is no stage")
            if row[n]:
                arcs.append((place_of[row[n]], place_of[row[0]]))
                units.append(float("".join(row[n + 1 : n + 2]) or 1))

    def column(name: str) -> Floats:
        at = names.index(name) if name in names else first
        return np.array([float(row[at]) if at < min(first, len(row)) and row[at] else np.nan for row in rows])

    promise, mean, sd = column("max_s_time"), column("ext_demand_mean"), column("ext_demand_std")
    demanded = ~np.isnan(mean) | ~np.isnan(sd)
    longest = np.where(np.isnan(promise), np.where(demanded, 0.0, NEVER), promise)
    safety = np.minimum(np.nan_to_num(column("ext_demand_thres"), posinf=np.inf), SUREST)
    lead, cost, mean, sd = (np.nan_to_num(of) for of in (column("lead_time"), column("cost_rate"), mean, sd))
    return Case(
        path.stem, np.array(arcs, np.int64).reshape(-1, 2), np.array(units), lead, longest, cost, mean, sd, safety
    )


def stages_of(case: Case, *, by_stage: bool = False, variation: float = 0.0) -> Stages:
    """Return the stages of a chain; `variation` is the standard deviation of lead times, as part of them."""
    bare = Stages(case.arcs, np.zeros(len(case.arcs)), case.lead, *([np.zeros(case.lead.size)] * 5), case.promise)
    sequence = order(bare)
    rule = pooled_by_stage if by_stage else pooled
    demand: Demand = rule(case.arcs, case.units, sequence, case.mean, case.sd, case.safety)
    return replace(
        bare,
        holding=added(case.arcs, case.units, sequence, case.added),
        factor=demand.factor,
        swing=demand.swing,
        mean=demand.mean,
        spread=variation * case.lead,
    )


def reported(folder: Path) -> dict[str, float]:
    """Return the reported costs by name of chain; none where there is no list."""
    path = folder / "reported_optimal_cost.csv"
    if not path.exists():
        return {}
    with path.open() as file:
        return {f"willems_{int(row[0]):02d}": float(row[1]) for row in list(csv.reader(file))[1:] if row}


def chains(paths: list[Path], known: dict[str, float]) -> None:
    total, worst = 0.0, 0.0
    print(
        f"{'chain':11} {'stages':>6} {'arcs':>6} {'cost':>14} {'gap':>8} {'s':>6} {'by stage':>14} {'at once':>14} "
        f"{'at 35 %':>12} {'reported':>12} {'ratio':>6}"
    )
    for path in paths:
        case = read(path)
        stages = stages_of(case)
        began = time.process_time()
        found = place(stages)
        seconds = time.process_time() - began
        other = place(stages_of(case, by_stage=True))
        at_once = float((stages.holding * stages.factor * np.sqrt(stages.lead)).sum())
        theirs = known.get(case.name, np.nan)
        total, worst = total + seconds, max(worst, found.gap, other.gap)
        print(
            f"{case.name:11} {case.lead.size:6} {len(case.arcs):6} {found.cost:14,.0f} {found.gap:8.1e} {seconds:6.2f} "
            f"{other.cost:14,.0f} {at_once:14,.0f} {RATE * found.cost:12,.0f} {theirs:12,.0f} "
            f"{theirs / found.cost / RATE:6.2f}",
            flush=True,
        )
    print(f"{len(paths)} chains, {total:.1f} s of processor time, largest gap {worst:.1e}")


def spread(paths: list[Path], known: dict[str, float]) -> None:
    """Print the cost where lead times vary by parts of themselves, and the part at which it is the reported one."""
    print(
        f"{'chain':11} {'reported':>12} {'certain':>12} {'less by':>8} "
        + " ".join(f"{f'varying {v:.0%}':>12} {'gap':>8}" for v in VARIATIONS)
        + f" {'as reported':>12} {'s':>7}"
    )
    for path in paths:
        case, theirs, began = read(path), known.get(path.stem, np.nan), time.process_time()
        certain = RATE * place(stages_of(case)).cost
        line = f"{path.stem:11} {theirs:12,.0f} {certain:12,.0f} {1 - certain / theirs:8.1%} "
        for variation in VARIATIONS:
            found = place(stages_of(case, variation=variation), gap=1e-3, time_limit=60)
            line += f"{RATE * found.cost:12,.0f} {found.gap:8.1e} "
        part = implied(case, certain, theirs)
        told = "no part" if np.isnan(part) else f"{part:.1%}"
        print(f"{line}{told:>12} {time.process_time() - began:7.1f}", flush=True)


def redrawn(case: Case, decimals: int, longer: float) -> Case:
    """Return a chain with other lead times, costs and spread of demand; the same for the same chain."""
    rng = np.random.default_rng([case.lead.size, len(case.arcs), decimals])
    lead = case.lead * longer * rng.uniform(0.6, 1.5, case.lead.size) + rng.uniform(0, 0.5, case.lead.size)
    cost, sd = (of * rng.lognormal(0, 1, of.size) for of in (case.added, case.sd))
    return replace(case, lead=lead.round(decimals), added=cost, sd=sd)


def anew(paths: list[Path]) -> None:
    """Print what is proven in how long of chains with other numbers."""
    print(f"{'chain':11} {'stages':>6} {'arcs':>6} {'decimals: gap':>13} {'s':>6} {'longer: gap':>13} {'s':>6}")
    for path in paths:
        case = read(path)
        line = f"{path.stem:11} {case.lead.size:6} {len(case.arcs):6}"
        for decimals, longer in ((2, 1.0), (0, 7.0)):
            stages, began = stages_of(redrawn(case, decimals, longer)), time.process_time()
            found = place(stages, gap=1e-3, time_limit=100)
            line += f" {found.gap:13.1e} {time.process_time() - began:6.1f}"
        print(line, flush=True)


def implied(case: Case, certain: float, theirs: float) -> float:
    """Return the variation of lead times, to a thousandth, at which a chain costs what is reported; nan: none."""
    if not certain * 0.995 <= theirs <= 6 * certain:
        return np.nan
    low, high = 0.0, 0.512
    while high - low > 0.001:
        middle = (low + high) / 2
        cost = RATE * place(stages_of(case, variation=middle), gap=1e-3, time_limit=60).cost
        low, high = (middle, high) if cost < theirs else (low, middle)
    return (low + high) / 2 if high < 0.511 else np.nan


def trees() -> None:
    """Print cost and time of trees beside stockpyl: those of its textbook, then random ones of up to 60 stages."""
    from stockpyl.gsm_tree import optimize_committed_service_times, preprocess_tree
    from stockpyl.instances import load_instance

    print(f"{'tree':14} {'stages':>6} {'cost':>12} {'stockpyl':>12} {'s':>8} {'stockpyl':>8} {'ratio':>6}")
    rng = np.random.default_rng(1)
    known = [(name, load_instance(name)) for name in TREES]
    for name, tree in [*known, *((f"random {size}", random_tree(size, rng)) for size in (10, 20, 40, 60))]:
        tree = preprocess_tree(tree)
        began = time.process_time()
        _, theirs = optimize_committed_service_times(tree)
        middle = time.process_time()
        ours = place(from_stockpyl(tree)).cost
        end = time.process_time()
        print(
            f"{name:14} {len(tree.nodes):6} {ours:12.4f} {theirs:12.4f} {end - middle:8.4f} {middle - began:8.4f} "
            f"{(middle - began) / (end - middle):6.0f}"
        )


def from_stockpyl(tree: Any) -> Stages:
    """Return the stages of one of its trees; a wait for what comes from outside counts as lead time."""
    nodes = list(tree.nodes)
    place_of = {node.index: n for n, node in enumerate(nodes)}
    arcs = [(place_of[node.index], place_of[k]) for node in nodes for k in node.successor_indices()]
    outside = [(node.external_inbound_cst or 0) * (not node.predecessor_indices()) for node in nodes]
    factor = [node.demand_bound_constant * node.net_demand_standard_deviation for node in nodes]
    nothing = np.zeros(len(nodes))
    return Stages(
        arcs=np.array(arcs, np.int64).reshape(-1, 2),
        way=np.zeros(len(arcs)),
        lead=np.array([node.processing_time for node in nodes], dtype=float) + np.array(outside, dtype=float),
        spread=nothing,
        holding=np.array([node.local_holding_cost for node in nodes], dtype=float),
        factor=np.array(factor, dtype=float),
        swing=nothing,
        mean=nothing,
        promise=np.array([node.external_outbound_cst for node in nodes], dtype=float),
    )


def random_tree(size: int, rng: np.random.Generator) -> Any:
    """Return a random tree in which every stage takes one to nine days."""
    from stockpyl.supply_chain_network import network_from_edges

    edges = []
    for new in range(1, size):
        old = int(rng.integers(new))
        edges.append((old, new) if rng.random() < 0.5 else (new, old))
    ends = set(range(size)) - {supplier for supplier, _ in edges}
    return network_from_edges(
        edges=edges,
        node_order_in_lists=list(range(size)),
        processing_time=[int(days) for days in rng.integers(1, 10, size)],
        local_holding_cost=[float(cost) for cost in rng.uniform(1, 9, size)],
        demand_bound_constant=1.645,
        external_outbound_cst=[0 if n in ends else None for n in range(size)],
        demand_type=["N" if n in ends else None for n in range(size)],
        mean=[0 if n in ends else None for n in range(size)],
        standard_deviation=[float(rng.uniform(1, 5)) if n in ends else None for n in range(size)],
    )


def main() -> None:
    named = [argument for argument in sys.argv[1:] if not argument.startswith("--")]
    folder = Path(named[0]) if named else CASES
    paths, known = sorted(folder.glob("willems_*.csv")), reported(folder)
    if not paths:
        print("no chains here; name a folder with the chains of Willems (2008)")
    elif "--spread" in sys.argv:
        spread(paths, known)
    elif "--redrawn" in sys.argv:
        anew(paths)
    else:
        chains(paths, known)
    if importlib.util.find_spec("stockpyl"):
        trees()
    else:
        print("trees are compared where stockpyl is installed")


if __name__ == "__main__":
    main()

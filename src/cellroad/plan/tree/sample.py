"""Is the first step good in futures that the tree does not have? Its value and its gap, out of sample.

What the plan of a tree starts before anything becomes known is the first step. Futures are drawn anew (tree_draw): a
leaf by the chances of the tree, and a draw of every risk. In batches of futures, each as probable as another and known
from the day on which the tree first parts, the plan is made again twice: with the first step of the tree, and freely.

    value[k] = value of batch k with the first step,   gap[k] = most that batch k can be worth - value[k]

The mean of value[k] estimates what the first step is worth when all that follows is planned again; E[gap[k]] is no less
than what a better first step could add, so that the one-sided interval of gap[k] covers it (Mak, Morton and Wood 1999).
Within a batch it is not known which of its futures comes until the day on which they part; afterwards all of it is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cellroad.plan.kernel import Model
from cellroad.plan.model import build
from cellroad.plan.network.network import Network, expand
from cellroad.plan.planning import allowed
from cellroad.plan.solving.watching import Limits, NoPlanError, Progress
from cellroad.plan.stochastic.risk import cvar
from cellroad.plan.stochastic.sampling import interval
from cellroad.plan.tree.draw import drawn, left_out, parting, sure
from cellroad.plan.tree.model import TreeModel, columns_of, tree_model
from cellroad.plan.tree.nodes import BASE, Tree, future
from cellroad.plan.tree.result import TreePlan
from cellroad.plan.tree.risk import leaf_values
from cellroad.plan.tree.trees import search
from cellroad.plan.why.basis import Basis
from cellroad.rules.law import Law

Floats = NDArray[np.float64]
Step = dict[tuple[str, str], tuple[float, float]]
"""What the first step decides: by block and words of a column, its value and what a unit of it costs."""


@dataclass(frozen=True)
class OutOfSample:
    """What a first step is worth in fresh futures: mean and interval of value and gap, and every future.

    futures  batch, scenario (the leaf that was drawn), value_usd
    left_out risks that are not drawn
    """

    value_usd: float
    low_usd: float
    high_usd: float
    gap_usd: float
    gap_high_usd: float
    confidence: float
    batches: int
    futures: pl.DataFrame
    left_out: tuple[str, ...]

    def summary(self) -> pl.DataFrame:
        """Return the figures: figure, value, low, high, unit."""
        values = self.futures["value_usd"].to_numpy()
        worst = -cvar(-values, np.full(values.size, 1 / values.size), 0.9)
        rows = [
            ("value of the first step, out of sample", self.value_usd, self.low_usd, self.high_usd, "USD"),
            ("what a better first step could add", self.gap_usd, 0.0, self.gap_high_usd, "USD"),
            ("worst tenth of futures drawn, mean", float(worst), None, None, "USD"),
            ("futures drawn", float(values.size), None, None, ""),
            ("batches", float(self.batches), None, None, ""),
            ("confidence", self.confidence, None, None, "share"),
        ]
        schema = {"figure": pl.String, "value": pl.Float64, "low": pl.Float64, "high": pl.Float64, "unit": pl.String}
        return pl.DataFrame(rows, schema=schema, orient="row")


def out_of_sample(
    found: TreePlan, *, samples: int = 60, batches: int = 10, seed: int = 0, confidence: float = 0.95,
    law: Law | None = None, gap: float | None = None, time_limit: float = 600.0, threads: int = 2,
    progress: Callable[[Progress], bool] | None = None,
) -> OutOfSample:  # fmt: skip
    """Return what the first step of a tree's plan is worth in futures drawn anew, with its intervals.

    samples     futures in all, shared out evenly over the batches
    batches     of futures that are planned for together: more make the interval of the value sure, fewer and larger
                ones that of the gap narrow
    seed        the same futures for the same seed
    confidence  of both intervals, the gap's one-sided
    law         the law that binds the futures; without one, what ships with the package
    gap         of every search; without one, that which the tree was found with
    time_limit  seconds for all batches
    progress    called a few times a second; returning False ends with the batches that are done

    Raises ValueError for fewer than two batches or fewer samples than batches, and NoPlanError where the first step
    cannot be kept in a future, or where the time did not do for two batches.
    """
    if batches < 2 or samples < batches:
        raise ValueError("an interval needs two batches or more, with a future in each")
    watch = _Watching(progress)
    step = first_step(found)
    limits = Limits(max(found.gap, 1e-4) if gap is None else gap, time_limit / (2 * batches), seed, threads)
    values, gaps, futures = [], [], []
    for batch, size in enumerate(np.diff(np.linspace(0, samples, batches + 1).round().astype(int))):
        joint, leaves = draw(found, np.random.default_rng([seed, batch]), int(size), law)
        kept, lost = held(joint, step)
        if not watch(Progress(f"batch {batch + 1} of {batches}", 0.0)):
            break
        bound = search(joint, limits, watch).bound
        taken = search(kept, limits, watch)
        if watch.stopped:
            break
        values.append(taken.objective - lost)
        gaps.append(max(bound - values[-1], 0.0))
        futures.append(
            pl.DataFrame({"batch": batch, "scenario": leaves, "value_usd": leaf_values(joint, taken.values) - lost})
        )
    if len(values) < 2:
        raise NoPlanError("an interval needs two batches or more; allow more time")
    told = interval(-np.array(values), np.array(gaps), confidence)
    return OutOfSample(
        -told.cost, -told.cost_high, -told.cost_low, told.gap, told.gap_high, confidence, len(values),
        pl.concat(futures), tuple(left_out(found.chain)),
    )  # fmt: skip


class _Watching:
    """Asks whether to go on, and remembers when the answer was no."""

    def __init__(self, progress: Callable[[Progress], bool] | None) -> None:
        self.progress, self.stopped = progress, False

    def __call__(self, state: Progress) -> bool:
        self.stopped = self.stopped or (self.progress is not None and not self.progress(state))
        return not self.stopped


def first_step(found: TreePlan) -> Step:
    """Return the starts and other whole decisions that are taken before anything becomes known."""
    name, line = found.tree.leaves[0], found.tree.lines[0]
    case = _basis(found, name).case(found.plans[name].chain)
    told = columns_of(found.tree, 0, case.net, case.model).with_columns(
        whole=pl.Series(case.model.whole), value=pl.Series(case.values), cost=pl.Series(case.model.cost)
    )
    mine = told.filter((pl.col("owner") == BASE) & (pl.col("whole") | (pl.col("block") == "start")))
    if line[-1] == BASE:
        return {}
    rows = mine.select("block", "key", "value", "cost").iter_rows()
    return {(block, key): (float(round(value)), cost) for block, key, value, cost in rows}


def _basis(found: TreePlan, leaf: str) -> Basis:
    basis = found.plans[leaf].basis
    if basis is None:
        raise ValueError("a plan that does not know what it decided cannot be sampled")
    return basis


def draw(found: TreePlan, numbers: np.random.Generator, size: int, law: Law | None) -> tuple[TreeModel, list[str]]:
    """Return the model of a batch of futures, and the leaves that they were drawn from."""
    since, drawn_from = parting(found.tree), numbers.choice(len(found.tree.lines), size, p=found.tree.probability)
    nets: list[Network] = []
    models: list[Model] = []
    priced = found.chain.risks.filter(pl.col("kind").cast(pl.String) == "price").height > 0
    known: dict[int, int] = {}
    for place, leaf in enumerate(drawn_from.tolist()):
        if leaf in known:
            nets.append(nets[known[leaf]])
            models.append(models[known[leaf]])
            continue
        chain = future(found.chain, found.tree, found.tree.lines[leaf])
        if sure(chain):
            known[leaf] = place
        chain = drawn(chain, numbers, since)
        rules = allowed(chain, law) if priced else _basis(found, found.tree.leaves[leaf]).rules
        nets.append(expand(chain, rules))
        models.append(build(nets[-1]))
    names = [f"draw {n + 1}" for n in range(size)]
    frame = pl.DataFrame(
        {
            "node": np.arange(size + 1), "scenario": ["", *names], "name": [found.chain.name, *names],
            "parent": [None, *[BASE] * size], "probability": [1.0, *[1 / size] * size],
            "known_from": [None, *[since] * size], "leaf": [False, *[True] * size],
        },
        schema_overrides={"known_from": pl.Date, "parent": pl.Int64},
    )  # fmt: skip
    tree = Tree(frame, tuple((BASE, n + 1) for n in range(size)))
    return tree_model(tree, nets, models), [found.tree.leaves[leaf] for leaf in drawn_from]


def held(joint: TreeModel, step: Step) -> tuple[TreeModel, float]:
    """Return the model of a batch that keeps to a first step, and what it costs beyond that.

    What is of no use in any of its futures is not in the model; it is paid for all the same.
    """
    lower, upper = joint.model.lower.copy(), joint.model.upper.copy()
    left = dict(step)
    for place, leaf in enumerate(joint.leaves):
        told = columns_of(joint.tree, place, leaf.net, leaf.model)
        known = told.with_row_index("at").filter(pl.col("owner") == BASE).select("at", "block", "key")
        for at, block, key in known.iter_rows():
            if (block, key) in step:
                lower[leaf.ids[at]] = upper[leaf.ids[at]] = step[block, key][0]
                left.pop((block, key), None)
    lost = sum(value * cost for (block, _), (value, cost) in left.items() if block == "start")
    return replace(joint, model=replace(joint.model, lower=lower, upper=upper)), lost

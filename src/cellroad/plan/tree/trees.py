"""`plan_tree`: what to do now, and what to do then, when the future is a tree of scenarios.

tables -> tree -> one network and model per leaf -> one model -> search -> a plan for every leaf, alike until they part.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from cellroad.chain.chain import Chain
from cellroad.chain.finding import ChainError, Finding
from cellroad.chain.scenario import apply
from cellroad.chain.tell import listed
from cellroad.plan.kernel import Model
from cellroad.plan.model import build
from cellroad.plan.network.network import Network, expand
from cellroad.plan.planning import allowed, read
from cellroad.plan.result import Plan
from cellroad.plan.solving.branching import Branching
from cellroad.plan.solving.rounding import Rounding
from cellroad.plan.solving.solve import Strategy, solve
from cellroad.plan.solving.strong import Strengthener
from cellroad.plan.solving.warm import Warm
from cellroad.plan.solving.watching import Limits, NoPlanError, Outcome, Progress, Watch
from cellroad.plan.stochastic.executor import Pool, Serial, cores
from cellroad.plan.stochastic.risk import EXPECTED, Risk
from cellroad.plan.tree.held import held, taken
from cellroad.plan.tree.mean import mean_chain
from cellroad.plan.tree.model import STRATEGIC, TreeModel, TreeRounding, TreeStrengthener, tree_model
from cellroad.plan.tree.nodes import BASE, Tree, future, read_tree
from cellroad.plan.tree.result import Figure, TreePlan
from cellroad.plan.tree.risk import aimed, given_above, leaf_values, levelled, told, worth
from cellroad.plan.tree.search import HERE, search_tree, together
from cellroad.plan.tree.workers import How, Method
from cellroad.rules.eligibility import Eligibility
from cellroad.rules.law import Law

__all__ = ["plan_tree"]

Floats = NDArray[np.float64]
HEAVY = 20_000
"""Columns from which on processes are worth their start."""
BARRIER = 10_000
"""Columns from which on a tree is relaxed from the inside."""
APART = 10_000
"""Columns from which on a tree is searched by its futures apart."""
UNLAWFUL = (
    "demand",
    "stocks",
    "ramps",
    "options",
    "risks",
    "scenarios",
    "changes",
    "settings",
    "lanes",
    "surcharges",
    "incentives",
)
"""Tables that no rule of law reads: futures that differ in them alone are judged once. Settings are compared by what
the law asks of them, which is the horizon."""


def plan_tree(
    chain: Chain,
    *,
    under: str | None = None,
    risk: Risk = EXPECTED,
    law: Law | None = None,
    gap: float = 1e-2,
    time_limit: float = 600.0,
    seed: int = 0,
    threads: int = 2,
    measures: bool = True,
    how: How = HERE,
    progress: Callable[[Progress], bool] | None = None,
) -> TreePlan:
    """Return the plans of largest expected net present value over the tree of a chain's scenarios.

    What is decided before futures part is the same in their plans; afterwards each goes its own way.

    under       the scenario below which futures are planned for; without one, the whole tree
    risk        what is planned for: the expected value; with `Risk("cvar", alpha, weight)` a share of it and of the
                mean of the worst futures; with `Risk("regret")` the smallest largest regret
    law         the law that binds them; without one, what ships with the package
    gap         relative distance to the proven bound at which the search may stop
    time_limit  seconds for the tree; the measures take up to as long again
    measures    also find what perfect information, the stochastic solution and waiting are worth
    seed        makes a run repeatable together with `threads`
    how         as one model or by futures apart, who plans these, and where what is known is kept; without it, large
                trees are taken apart and planned by a pool of processes
    progress    called a few times a second; returning False stops with the best so far

    Raises ChainError where scenarios make no tree or some have other periods, and NoPlanError where no plan was found.
    """
    watch: Watch = progress or (lambda _: True)
    began = time.perf_counter()
    tree = read_tree(chain, under)
    watch(Progress("futures", 0.0))
    chains = [future(chain, tree, line) for line in tree.lines]
    rules = _judged(chains, law)
    nets = [expand(one, judged) for one, judged in zip(chains, rules, strict=True)]
    _refuse_other_periods(tree, nets)
    models = [build(net) for net in nets]
    watch(Progress("tree", time.perf_counter() - began))
    joint = tree_model(tree, nets, models)
    limits = Limits(gap, time_limit, seed, threads)
    alone: list[Outcome] = []
    if risk.kind == "regret":
        alone = _alone(nets, models, replace(limits, gap=gap / 10), watch)
        risk = replace(risk, best=tuple(-one.objective for one in alone))
    aim = aimed(joint, risk)
    outcome = search(aim, limits, watch, how)
    if risk.mean_share == 0:
        values = _replanned(joint, levelled(joint, aim, outcome), limits, watch)
        reached = worth(risk, leaf_values(joint, values), tree.probability)
        outcome = replace(outcome, values=values, objective=min(max(reached, outcome.objective), outcome.bound))
    found = plans_of(joint, outcome)
    figures: tuple[Figure, ...] = ()
    if measures:
        figures = _measures(_Question(chain, tree, nets, models, rules[0], aim, risk, outcome, alone, limits, watch))
    values = leaf_values(joint, outcome.values)
    return TreePlan(
        chain, tree, found, values, risk, told(joint, risk, outcome.objective), told(joint, risk, outcome.bound),
        outcome.gap, outcome.status, method_of(aim, how), outcome.seconds, figures,
    )  # fmt: skip


def _refuse_other_periods(tree: Tree, nets: Sequence[Network]) -> None:
    """Raise ChainError where some futures have other periods than the first: they could not decide alike."""
    first = nets[0].periods.first_day
    other = [
        leaf for leaf, net in zip(tree.leaves, nets, strict=True) if not np.array_equal(net.periods.first_day, first)
    ]
    if other:
        raise ChainError([Finding(
            "blocker", "changes", None, "table", f"other periods in {listed(other)} than in {tree.leaves[0]}",
            "the same start, months, quarters_after and years_after in all futures of a tree",
            "Plan below one scenario (under), or change these settings in all of them.",
        )])  # fmt: skip


def _alone(nets: Sequence[Network], models: Sequence[Model], limits: Limits, watch: Watch) -> list[Outcome]:
    """Return the best plan of every future if it is known from the start."""
    share = replace(limits, time_limit=max(limits.time_limit / (2 * len(nets) + 2), 5.0))
    return [_single(n, m, share, watch) for n, m in zip(nets, models, strict=True)]


def _single(net: Network, model: Model, limits: Limits, watch: Watch, start: Floats | None = None) -> Outcome:
    """Return the best plan of one future."""
    strategy = Strategy(Strengthener(net, model).broken, Branching(model), Rounding(net))
    return solve(model, strategy=strategy, limits=limits, watch=watch, start=start)


def _replanned(joint: TreeModel, values: Floats, limits: Limits, watch: Watch) -> Floats:
    """Return values in which every leaf does its best with what is decided above it."""
    best = values.copy()
    for place, leaf in enumerate(joint.leaves):
        model = given_above(joint, place, values)
        try:
            found = _single(leaf.net, model, limits, watch, values[leaf.ids])
        except NoPlanError:  # what is decided above is kept to the tolerances of a solver only
            continue
        if found.objective > joint.value(place, values):
            best[leaf.ids] = np.where(model.lower == model.upper, values[leaf.ids], found.values)
    return best


def _judged(chains: Sequence[Chain], law: Law | None) -> list[Eligibility]:
    """Return what the law allows in every future; futures alike in all that it reads are judged once."""
    known: list[tuple[Chain, Eligibility]] = []
    found = []
    for chain in chains:
        alike = next((rules for other, rules in known if _alike(chain, other)), None)
        if alike is None:
            alike = allowed(chain, law)
            known.append((chain, alike))
        found.append(alike)
    return found


def _alike(one: Chain, other: Chain) -> bool:
    settings = one.plan_settings(), other.plan_settings()
    return all(
        frame is other.tables[table] or frame.equals(other.tables[table])
        for table, frame in one.tables.items()
        if table not in UNLAWFUL
    ) and all(
        getattr(settings[0], name) == getattr(settings[1], name)
        for name in ("start", "months", "when_unknown", "ratio_over")
    )


def method_of(joint: TreeModel, how: How) -> Method:
    """Return by which method a tree is searched; what has no whole decisions is one model."""
    if how.method != "auto":
        return how.method
    return "apart" if joint.owner.size > APART and bool(joint.model.whole.any()) else "one"


def _staffed(how: How, columns: int) -> How:
    """Return how a tree is searched with somebody to plan its futures: processes where it is heavy."""
    if how.executor is not None:
        return how
    if columns > HEAVY and cores() > 1:
        return replace(how, executor=Pool())
    return how if how.state is None else replace(how, executor=Serial())


def search(joint: TreeModel, limits: Limits, watch: Watch, how: How = HERE) -> Outcome:
    """Return the best plan of a tree: by its futures apart where it is large, and as one model while a gap is left."""
    size = joint.owner.size
    strategy = Strategy(
        TreeStrengthener(joint).broken, Branching(joint.model), TreeRounding(joint), barrier=size > BARRIER
    )
    first = None
    if method_of(joint, how) == "apart":
        first = search_tree(joint, strategy, limits, watch, _staffed(how, size))
    if first is None:
        return solve(joint.model, strategy=strategy, limits=limits, watch=watch)
    if first.gap <= limits.gap or first.seconds >= limits.time_limit:
        return first
    left = replace(limits, time_limit=limits.time_limit - first.seconds)
    other = solve(joint.model, strategy=strategy, limits=left, watch=watch, start=first.values)
    return together(first, other, limits.gap)


def plans_of(joint: TreeModel, outcome: Outcome) -> dict[str, Plan]:
    """Return the plan of every leaf under a solution of the tree.

    What is proven of the tree bounds no single future, whose best may cost the others more: a leaf has no bound.
    """
    plans = {}
    for place, (leaf, name) in enumerate(zip(joint.leaves, joint.tree.leaves, strict=True)):
        value = joint.value(place, outcome.values)
        mine = replace(outcome, values=outcome.values[leaf.ids], objective=value, bound=np.inf)
        plans[name] = read(leaf.net, leaf.model, mine)
    return plans


@dataclass(frozen=True)
class _Question:
    """What the measures need: the tree, what was found, and how long it may take."""

    chain: Chain
    tree: Tree
    nets: list[Network]
    models: list[Model]
    rules: Eligibility
    aim: TreeModel
    risk: Risk
    outcome: Outcome
    alone: list[Outcome]
    limits: Limits
    watch: Watch


def _measures(q: _Question) -> tuple[Figure, ...]:
    """Return what information, the stochastic solution and waiting are worth, each with the bounds that are proved.

        information  value with the future known from the start - value of the tree      (EVPI)
        solution     value of the tree - value when the decisions of the mean future are taken whatever comes   (VSS)
        waiting      value of the tree - value when every strategic decision is taken at the start

    The second is left out where some future cannot keep those decisions.

    Value is what the tree is planned for: expected value, its mix with the worst part, or (with its sign turned) the
    largest regret, which is nothing once the future is known. All three measures prefer what is better in every
    future, so that none of the figures is negative, and money that is sure moves all of them by as much: a figure is
    the sure money that one would pay. Each lies between the difference of what was found on one side and proved on the
    other (Birge and Louveaux 2011).
    """
    value, bound = q.outcome.objective, q.outcome.bound
    alone = q.alone or _alone(q.nets, q.models, q.limits, q.watch)
    p = q.tree.probability
    best, proved = (np.array([getattr(one, name) for one in alone]) for name in ("objective", "bound"))
    known, most = (worth(q.risk, values, p) for values in (best, best if q.alone else proved))
    at_once = aimed(tree_model(q.tree, q.nets, q.models, now=STRATEGIC), q.risk)
    limits = replace(q.limits, time_limit=max(q.limits.time_limit / 2, 10.0))
    now = search(at_once, limits, q.watch)
    fixed = _mean_decisions(q)
    figures = [
        Figure("information", max(known, value) - value, max(known - bound, 0.0), max(most - value, 0.0)),
        Figure(
            "waiting", max(value - now.objective, 0.0), max(value - now.bound, 0.0), max(bound - now.objective, 0.0)
        ),
    ]
    if fixed is not None:
        figures.insert(1, Figure("solution", value - fixed, max(value - fixed, 0.0), max(bound - fixed, 0.0)))
    return tuple(figures)


def _mean_decisions(q: _Question) -> float | None:
    """Return the value of the tree when the strategic decisions are those of the mean future, None where some future
    cannot keep them."""
    root = str(q.tree.frame["scenario"][BASE])  # its changes hold in all futures, those of periods among them
    chain = mean_chain(
        apply(q.chain, root) if root else q.chain, [net.chain for net in q.nets], q.tree.probability
    )  # fmt: skip
    net = expand(chain, q.rules)
    model = build(net)
    limits = replace(q.limits, time_limit=max(q.limits.time_limit / 4, 10.0))
    found = _single(net, model, limits, q.watch)
    solved = Warm(held(q.aim, taken(net, model, found.values)).model).solve()
    return None if solved is None else -solved.cost

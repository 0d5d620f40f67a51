"""The search over tenders: branch on whole shared decisions, then on how far a tender reaches, until both bounds meet.

    node    bounds of whole shared columns, and of every tender: reach[r,n] is 1 up to one need and 0 from another on
    bound   the relaxation of the threshold form (tender.py) in the node, warm from the node before
    best    any choice x is worth cost.x + F(T.x), where every part takes its cheapest pattern whose needs are met

F is looked up, not optimised: every relaxation gives a choice that costs nothing to price. A fractional tender is cut
in the middle of its fractional needs, so each half loses as many as it can (Ahmed, Tawarmalani and Sahinidis 2004
branch on tenders too, with weaker bounds). There are finitely many needs, so the search ends with a proof.
"""

from __future__ import annotations

import heapq
import time
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cellroad.plan.stochastic.answer import Answer, Limits, Progress, Watch, answered
from cellroad.plan.stochastic.problem import Problem
from cellroad.plan.stochastic.programme import Solver
from cellroad.plan.stochastic.risk import EXPECTED
from cellroad.plan.stochastic.tender import Form, Part, Thresholds, thresholds

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
WHOLE = 1e-6
"""How far from a whole number a column may be, and how far, relative to its size, a need may lie above its tender."""


def tender(
    problem: Problem, *, known: Thresholds | None = None, limits: Limits | None = None, watch: Watch | None = None
) -> Answer:
    """Return the best decisions of a two-stage problem whose recourse is whole and small, by its thresholds.

    `known` are its thresholds where they were looked for before. Raises ValueError for a problem of another structure.
    """
    limits = limits or Limits()
    began = time.perf_counter()
    if watch:
        watch(Progress("thresholds", 0.0, None, None, 0))
    if known is None and problem.two_stage():
        known = thresholds(problem)
    if known is None:
        raise ValueError("thresholds need two stages and recourse of small binary parts")
    return _Search(problem, known, limits, watch or (lambda _: True), began).run()


class Recourse:
    """What the parts of all scenarios cost at a tender: parts with the same tenders are priced together."""

    def __init__(self, problem: Problem, parts: list[Part]) -> None:
        """Stack the patterns of parts that meet the same tenders."""
        groups: dict[bytes, list[Part]] = {}
        for part in parts:
            groups.setdefault(part.rows.tobytes(), []).append(part)
        self.groups = [_Group(problem, group) for group in groups.values()]

    def cost(self, tender: Floats) -> float:
        """Return the mean cost of all parts; infinite where some part has no pattern that the tender allows."""
        return sum(float(np.minimum.reduceat(group.priced(tender), group.starts).sum()) for group in self.groups)

    def fill(self, tender: Floats, values: Floats, ids: list[Ints]) -> None:
        """Write the cheapest patterns into the values of all ids."""
        for group in self.groups:
            priced = group.priced(tender)
            for part, begin in zip(group.parts, group.starts, strict=True):
                chosen = int(np.argmin(priced[begin : begin + part.cost.size]))
                values[ids[part.scenario][part.columns]] = part.patterns[chosen]


class _Group:
    def __init__(self, problem: Problem, parts: list[Part]) -> None:
        self.parts, self.rows = parts, parts[0].rows
        self.needs = np.vstack([part.needs for part in parts])
        self.cost = np.concatenate([part.cost * problem.probability[part.scenario] for part in parts])
        self.starts = np.cumsum([0, *[part.cost.size for part in parts[:-1]]])

    def priced(self, tender: Floats) -> Floats:
        """Return the cost of every pattern, infinite where it needs more than the tender."""
        most = tender[self.rows]
        return np.where(np.all(self.needs <= most + WHOLE * np.maximum(1.0, np.abs(most)), axis=1), self.cost, np.inf)


class _Node(NamedTuple):
    bound: float
    number: int
    values: Floats
    lower: Floats
    upper: Floats


class _Search:
    def __init__(self, problem: Problem, known: Thresholds, limits: Limits, watch: Watch, began: float) -> None:
        self.problem, self.limits, self.watch, self.began = problem, limits, watch, began
        self.form = Form(problem, known)
        self.recourse = Recourse(problem, known.parts)
        self.count = self.form.shared.columns
        self.whole = np.flatnonzero(self.form.shared.whole)
        self.branched = np.arange(int(self.form.first[-1]))
        self.solver = Solver(self.form.programme.relaxed(), seed=limits.seed)
        self.cost = np.inf
        self.best: tuple[Floats, Floats] | None = None
        self.rounds = 0
        self.given_up = np.inf
        """The least bound of what was left without being searched further."""

    @property
    def ceiling(self) -> float:
        """Return the bound from which a node need not be searched."""
        return self.cost - 0.5 * self.limits.gap * abs(self.cost) if self.best is not None else np.inf

    def run(self) -> Answer:
        programme = self.form.programme
        lower, upper = programme.lower[self.branched], programme.upper[self.branched]
        nodes = self._solve([], -np.inf, lower, upper)
        bound = -np.inf if nodes else np.inf
        while nodes:
            bound = max(bound, min(nodes[0].bound, self.given_up))
            if nodes[0].bound >= self.ceiling or not self._goes_on(bound):
                break
            node = heapq.heappop(nodes)
            halves = self._halves(node)
            if not halves:
                self.given_up = min(self.given_up, node.bound)
            for low, high in halves:
                nodes = self._solve(nodes, node.bound, low, high)
        bound = min(nodes[0].bound if nodes else np.inf, self.given_up)
        if self.best is None:
            return answered("tender", self.problem, EXPECTED, self.limits, None, bound, self.rounds, self.began)
        values = np.zeros(self.problem.count)
        values[self.form.known.links], reached = self.best
        self.recourse.fill(reached, values, list(self.problem.ids))
        return answered(
            "tender", self.problem, EXPECTED, self.limits, values, min(bound, self.ceiling), self.rounds, self.began
        )  # fmt: skip

    def _goes_on(self, bound: float) -> bool:
        seconds = time.perf_counter() - self.began
        cost = self.cost if self.best is not None else None
        told = Progress("tenders", seconds, cost, bound if np.isfinite(bound) else None, self.rounds)
        return self.watch(told) and seconds < self.limits.time_limit

    def _solve(self, nodes: list[_Node], bound: float, lower: Floats, upper: Floats) -> list[_Node]:
        """Bound a node, price its choice, and keep it with the others unless it is hopeless."""
        self.rounds += 1
        self.solver.bounds(self.branched, lower, upper)
        left = self.limits.time_limit - (time.perf_counter() - self.began)
        self.solver.cutoff(self.ceiling)
        found = self.solver.run(max(left, 1.0))
        if found.values is None and found.bound == np.inf:
            return nodes
        if found.duals is None:  # out of time
            self.given_up = min(self.given_up, bound)
            return nodes
        assert found.values is not None
        values = found.values[self.branched]
        self._offer(values)
        bound = max(bound, found.cost)
        if bound < self.ceiling:
            heapq.heappush(nodes, _Node(bound, self.rounds, values, lower, upper))
        return nodes

    def _offer(self, values: Floats) -> None:
        """Price the choice of a relaxation, its whole columns rounded where the shared rows allow it."""
        shared, known = self.form.shared, self.form.known
        for rounding in (np.round, np.ceil):
            x = values[: self.count].copy()
            x[self.whole] = rounding(x[self.whole] - (WHOLE if rounding is np.ceil else 0.0))
            total = shared.matrix @ x
            slack = WHOLE * np.maximum(1.0, np.abs(total))
            if np.any(total < shared.row_lower - slack) or np.any(total > shared.row_upper + slack):
                continue
            tender = np.asarray(known.rows @ x)
            cost = shared.value(x) + self.recourse.cost(tender)
            if cost < self.cost:
                self.cost, self.best = cost, (x, tender)

    def _halves(self, node: _Node) -> list[tuple[Floats, Floats]]:
        """Return the bounds of the two halves of a node; none where nothing in it is fractional."""
        x = node.values[self.whole]
        fraction = np.abs(x - np.round(x))
        if fraction.size and fraction.max() > WHOLE:
            column = self.whole[int(np.argmax(fraction))]
            below, above = node.upper.copy(), node.lower.copy()
            below[column], above[column] = np.floor(node.values[column]), np.ceil(node.values[column])
            return [(node.lower, below), (above, node.upper)]
        spread = [self._spread(node, r) for r in range(len(self.form.levels))]
        widest = int(np.argmax(spread))
        if spread[widest] <= 0:
            return []
        first, last = int(self.form.first[widest]), int(self.form.first[widest + 1])
        reach = node.values[first:last]
        middle = first + int(np.argmin(np.abs(reach - 0.5)))
        below, above = node.upper.copy(), node.lower.copy()
        below[middle:last] = 0.0
        above[first : middle + 1] = 1.0
        return [(node.lower, below), (above, node.upper)]

    def _spread(self, node: _Node, r: int) -> float:
        """Return how much of a tender is undecided."""
        reach = node.values[self.form.first[r] : self.form.first[r + 1]]
        undecided = np.where(np.abs(reach - np.round(reach)) > WHOLE, reach * (1 - reach), 0.0)
        return float(np.diff(self.form.levels[r]) @ undecided)

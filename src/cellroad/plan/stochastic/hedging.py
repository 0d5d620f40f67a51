"""Progressive hedging: scenarios are solved one by one and drawn together, with a bound from their prices.

In every round each scenario s is solved with a price w[s] on what it shares and a pull towards the mean of those that
share it,

    minimise  cost.x + w[s].x + rho / 2 * |x - mean|^2,      then  w[s] += rho * (x[s] - mean)

(Rockafellar and Wets 1991). The square is replaced by its tangents, so that whole columns stay a matter of a linear
solver. Prices of those that share a decision sum to zero, weighed by probability, so the scenarios with prices alone
bound every answer from below (the Lagrangian bound: Caroe and Schultz 1999, Gade and others 2016).

Where all shared decisions are binary and shared by all, a choice that has been evaluated is cut out of every scenario;
the bound of what is left then rises over the best choice, which proves it (Ahmed 2013). Elsewhere the answer carries
the gap that is left.
"""

from __future__ import annotations

import time

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from cellroad.plan.stochastic.answer import Answer, Limits, Progress, Watch, answered, closed
from cellroad.plan.stochastic.executor import Executor, Serial
from cellroad.plan.stochastic.problem import Problem, extensive
from cellroad.plan.stochastic.programme import Solver
from cellroad.plan.stochastic.recourse import Recourse, Scenario
from cellroad.plan.stochastic.risk import EXPECTED
from cellroad.plan.stochastic.state import State

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
TANGENTS = (-1.0, -0.5, -0.2, -0.05, 0.0, 0.05, 0.2, 0.5, 1.0)
"""Where the square is touched, in units of how far the scenarios lie apart at first."""


class Hedged(Recourse):
    """A scenario drawn towards a mean: minimise cost + w.x + sum of pull, pull above the tangents of the square."""

    def __init__(self, scenario: Scenario) -> None:
        """Hold the scenario; the pull is added when the first mean is known."""
        super().__init__(scenario)
        self.pulled: Solver | None = None
        self.cut_out: list[tuple[Floats, float]] = []

    def hedge(self, price: Floats, mean: Floats, rho: Floats, reach: Floats, time_limit: float) -> Floats | None:
        """Return the shared decisions that a scenario takes under prices and the pull to a mean."""
        programme, count = self.scenario.programme, self.links.size
        touch = np.outer(np.array(TANGENTS), reach)
        if self.pulled is None:
            wider = programme.with_columns(np.ones(count), np.zeros(count), np.full(count, np.inf))
            pulls = sp.eye_array(count)
            picked = sp.csr_array(
                (np.ones(count), (np.arange(count), self.links)), shape=(count, programme.columns)
            )  # fmt: skip
            # pull - rho * d * x >= -rho * d * mean - rho * d^2 / 2 for every touching point d
            rows = sp.csr_array(sp.vstack([sp.hstack([-sp.diags_array(rho * d) @ picked, pulls]) for d in touch]))
            limit = self._pull_limits(mean, rho, touch)
            self.first = wider.row_lower.size
            self.pulled = Solver(
                wider.with_rows(rows, limit, np.full(limit.size, np.inf)), gap=max(self.scenario.gap, 1e-6),
                seed=self.scenario.seed,
            )  # fmt: skip
            for slope, least in self.cut_out:
                self._cut_out(self.pulled, slope, least)
        else:
            limit = self._pull_limits(mean, rho, touch)
            self.pulled.limits(self.first + np.arange(limit.size), limit, np.full(limit.size, np.inf))
        self.pulled.cost(self.links, programme.cost[self.links] + price)
        found = self.pulled.run(time_limit)
        return None if found.values is None else found.values[self.links]

    def _pull_limits(self, mean: Floats, rho: Floats, touch: Floats) -> Floats:
        return np.concatenate([-rho * d * mean - rho * d * d / 2 for d in touch])

    def forbid(self, point: Floats) -> None:
        """Cut one choice of binaries out of what the scenario may choose freely."""
        chosen = point > 0.5
        slope, least = np.where(chosen, -1.0, 1.0), 1.0 - float(chosen.sum())
        self.cut_out.append((slope, least))
        self._cut_out(self.free, slope, least)
        if self.pulled is not None:
            self._cut_out(self.pulled, slope, least)

    def _cut_out(self, solver: Solver, slope: Floats, least: float) -> None:
        zeros = np.zeros(slope.size, dtype=int)
        row = sp.csr_array((slope, (zeros, self.links)), shape=(1, solver.columns))
        solver.add_rows(row, np.array([least]), np.array([np.inf]))


def hedging(
    problem: Problem,
    *,
    limits: Limits | None = None,
    executor: Executor | None = None,
    watch: Watch | None = None,
    pull: float = 1.0,
    rounds: int = 200,
) -> Answer:
    """Return decisions of small expected cost for a problem of any number of stages, with a bound.

    pull    how strongly scenarios are drawn together, in units of cost over spread of each decision
    rounds  at most so many
    """
    run = _Run(problem, limits or Limits(), executor or Serial(), watch or (lambda _: True), pull, rounds)
    return run.solve()


class _Run:
    def __init__(
        self, problem: Problem, limits: Limits, executor: Executor, watch: Watch, pull: float, rounds: int
    ) -> None:
        self.problem, self.limits, self.executor, self.watch = problem, limits, executor, watch
        self.pull, self.most = pull, rounds
        self.began = time.perf_counter()
        self.everyone = range(problem.scenarios)
        shared = problem.users > 1
        self.links = [np.flatnonzero(shared[ids]) for ids in problem.ids]
        self.named = [ids[links] for ids, links in zip(problem.ids, self.links, strict=True)]
        self.weight = np.zeros(problem.count)
        for s, named in enumerate(self.named):
            np.add.at(self.weight, named, problem.probability[s])
        whole = np.zeros(problem.count, dtype=bool)
        upper, lower = np.full(problem.count, np.inf), np.full(problem.count, -np.inf)
        for programme, ids in zip(problem.programmes, problem.ids, strict=True):
            whole[ids] |= programme.whole
            upper[ids], lower[ids] = programme.upper, programme.lower
        self.whole = whole & shared
        binary = bool(np.all(self.whole[shared] & (upper[shared] <= 1) & (lower[shared] >= 0)))
        self.provable = binary and problem.two_stage() and problem.scenarios > 1
        self.cost, self.bound = np.inf, -np.inf
        self.values: Floats | None = None
        self.tried: set[bytes] = set()
        self.extensive: Solver | None = None
        self.state = State(limits.state, problem, EXPECTED, "hedging")

    @property
    def left(self) -> float:
        return max(self.limits.time_limit - (time.perf_counter() - self.began), 0.0)

    def solve(self) -> Answer:
        gap = min(1e-9, self.limits.gap / 10) if self.provable else self.limits.gap / 10
        self.executor.start(
            Hedged,
            [
                Scenario(programme, links, gap, self.limits.seed)
                for programme, links in zip(self.problem.programmes, self.links, strict=True)
            ],
        )
        try:
            done = self._rounds()
        finally:
            self.executor.close()
        return answered(
            "hedging", self.problem, EXPECTED, self.limits, self.values, self.bound, done, self.began
        )  # fmt: skip

    def _rounds(self) -> int:
        problem = self.problem
        prices = [np.zeros(links.size) for links in self.links]
        first = 0
        if self.state.known:
            first = int(self.state.known["round"])
            ends = np.cumsum([links.size for links in self.links])
            prices = np.split(self.state.known["prices"], ends[:-1])
            self.bound = float(self.state.known["bound"])
            if "values" in self.state.known:
                self.values, self.cost = self.state.known["values"], float(self.state.known["cost"])
        rho: list[Floats] = []
        x: dict[int, Floats] = {}
        done = first
        for done in range(first + 1, self.most + 1):
            told = self.executor.call("priced", {s: (prices[s], self.left) for s in self.everyone})
            if any(bound == np.inf and point is None for bound, point in told.values()):
                # with every choice cut out nothing is left: the best one is the best of all
                self.bound = self.cost if self.tried else np.inf
                break
            points = {s: point for s, (_, point) in told.items() if point is not None}
            bound = float(problem.probability @ np.array([told[s][0] for s in self.everyone]))
            self.bound = max(self.bound, min(bound, self.cost))
            if len(points) < problem.scenarios or not self._goes_on("prices", done):
                break
            if not rho:
                rho, reach = self._scale(points)
            x = x or points
            mean = self._mean(x)
            self._candidates(points, mean)
            if not self._goes_on("candidates", done):
                break
            hedged = self.executor.call(
                "hedge", {s: (prices[s], mean[self.named[s]], rho[s], reach[s], self.left) for s in self.everyone}
            )
            if any(point is None for point in hedged.values()):
                break
            x = {s: hedged[s] for s in self.everyone}
            mean = self._mean(x)
            prices = [prices[s] + rho[s] * (x[s] - mean[self.named[s]]) for s in self.everyone]
            known: dict[str, Floats] = {}
            if self.values is not None:
                known = {"values": self.values, "cost": np.array(self.cost)}
            self.state.keep(prices=np.concatenate(prices), round=np.array(done), bound=np.array(self.bound), **known)
        return done

    def _goes_on(self, phase: str, done: int) -> bool:
        cost = self.cost if np.isfinite(self.cost) else None
        seconds = time.perf_counter() - self.began
        wanted = self.watch(Progress(phase, seconds, cost, self.bound if np.isfinite(self.bound) else None, done))
        return wanted and self.left > 0 and not closed(self.cost, self.bound, self.limits.gap)

    def _mean(self, x: dict[int, Floats]) -> Floats:
        mean = np.zeros(self.problem.count)
        for s, named in enumerate(self.named):
            np.add.at(mean, named, self.problem.probability[s] * x[s])
        return np.divide(mean, self.weight, out=mean, where=self.weight > 0)

    def _scale(self, points: dict[int, Floats]) -> tuple[list[Floats], list[Floats]]:
        """Return how strongly and how far each shared decision of each scenario is pulled.

        rho = pull * cost / spread: what a unit costs over how far the scenarios lie apart (Watson and Woodruff 2011).
        """
        low, high = np.full(self.problem.count, np.inf), np.full(self.problem.count, -np.inf)
        size = np.zeros(self.problem.count)
        for s, named in enumerate(self.named):
            np.minimum.at(low, named, points[s])
            np.maximum.at(high, named, points[s])
            np.maximum.at(size, named, np.abs(self.problem.programmes[s].cost[self.links[s]]))
        spread = np.where(np.isfinite(high - low), high - low, 0.0)
        spread = np.maximum(spread, np.where(self.whole, 1.0, 1e-3 * np.maximum(1.0, np.abs(high))))
        typical = float(size[size > 0].mean()) if np.any(size > 0) else 1.0
        rho = self.pull * np.where(size > 0, size, 0.1 * typical) / spread
        return [rho[named] for named in self.named], [spread[named] for named in self.named]

    def _candidates(self, points: dict[int, Floats], mean: Floats) -> None:
        """Evaluate choices that are new: of every scenario where all share them, and the mean made whole."""
        if self.problem.two_stage():
            tried = 0
            rounded = np.where(self.whole, np.round(mean), mean)[self.named[0]]
            for point in [rounded, *points.values()]:
                whole = self.whole[self.named[0]]
                point = np.where(whole, np.round(point), point)
                key = point.round(6).tobytes()
                if key in self.tried:
                    continue
                self.tried.add(key)
                tried += 1
                if tried > 8 and not self.provable:
                    break
                self._evaluate(point)
                if self.provable:
                    self.executor.call("forbid", dict.fromkeys(self.everyone, (point,)))
                if self.left <= 0:
                    return
        else:
            self._restricted(mean)

    def _evaluate(self, point: Floats) -> None:
        found = self.executor.call("evaluate", dict.fromkeys(self.everyone, (point, self.left)))
        cost = float(self.problem.probability @ np.array([found[s][0] for s in self.everyone]))
        if cost < self.cost:
            values = np.zeros(self.problem.count)
            for s, ids in enumerate(self.problem.ids):
                values[ids] = found[s][2]
            self.cost, self.values = cost, values

    def _restricted(self, mean: Floats) -> None:
        """Solve the extensive form with the shared whole decisions fixed near the mean."""
        fixed = np.flatnonzero(self.whole)
        point = np.round(mean[fixed])
        if point.tobytes() in self.tried:
            return
        self.tried.add(point.tobytes())
        if self.extensive is None:
            self.extensive = Solver(extensive(self.problem).programme, gap=self.limits.gap / 10, seed=self.limits.seed)
        self.extensive.fix(fixed, point)
        found = self.extensive.run(self.left)
        if found.values is not None and found.cost < self.cost:
            self.cost, self.values = found.cost, found.values

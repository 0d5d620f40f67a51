"""The L-shaped method: a master over the decisions that all scenarios share, cuts from what each makes of them.

    minimise    risk of (theta[s])
    subject to  x in the shared rows;  theta[s] >= cuts of scenario s;  cuts of infeasible choices

theta[s] is the whole cost of scenario s. The relaxed master is solved first, with points between its solution and the
best one so far (in-out separation, Ben-Ameur and Neto 2007), then the master with whole columns. Where scenarios have
whole columns too, cuts are lifted (recourse.py) and, for a choice x* of binaries S, the integer cut

    theta[s] >= L[s] + (Q[s](x*) - L[s]) * (1 - |S| + sum over S of x - sum outside S of x)

is exact at x* and valid elsewhere, L[s] being a bound of scenario s alone (Laporte and Louveaux 1993).
"""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from cellroad.plan.stochastic.answer import Answer, Limits, Progress, Watch, answered, closed
from cellroad.plan.stochastic.executor import Executor, Serial
from cellroad.plan.stochastic.problem import Problem, first_stage, mean
from cellroad.plan.stochastic.programme import Programme, Solver
from cellroad.plan.stochastic.recourse import Cut, Recourse, Scenario
from cellroad.plan.stochastic.risk import EXPECTED, Risk
from cellroad.plan.stochastic.state import State

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
LINEAR = 1e-5
"""Gap at which the relaxed master of a problem with whole columns is good enough to go on with the whole one."""
INWARD = 0.5
"""How far a separated point lies from the best point towards the master's."""


def benders(
    problem: Problem,
    *,
    risk: Risk = EXPECTED,
    limits: Limits | None = None,
    executor: Executor | None = None,
    watch: Watch | None = None,
) -> Answer:
    """Return the best decisions of a two-stage problem by cuts, with a bound.

    Proves the optimum where recourse is continuous, or where the shared decisions are binary. Raises ValueError for a
    problem in which some decisions are shared by only some scenarios.
    """
    if not problem.two_stage():
        raise ValueError("the L-shaped method takes problems of two stages; use hedging for a tree")
    run = _Run(problem, risk, limits or Limits(), executor or Serial(), watch or (lambda _: True))
    return run.solve()


class _Run:
    def __init__(self, problem: Problem, risk: Risk, limits: Limits, executor: Executor, watch: Watch) -> None:
        self.problem, self.risk, self.limits, self.executor, self.watch = problem, risk, limits, executor, watch
        self.began = time.perf_counter()
        self.rounds = 0
        self.stopped = self.led = False
        self.everyone = range(problem.scenarios)
        self.links = problem.shared()
        places = [_places(ids, self.links) for ids in problem.ids]
        self.payloads = [
            Scenario(programme, place, min(1e-9, limits.gap / 10), limits.seed)
            for programme, place in zip(problem.programmes, places, strict=True)
        ]
        linked = np.zeros(problem.count, dtype=bool)
        linked[self.links] = True
        self.whole_recourse = any(
            bool(np.any(p.whole & ~linked[ids])) for p, ids in zip(problem.programmes, problem.ids, strict=True)
        )
        self.cost, self.bound = np.inf, -np.inf
        self.best: Floats | None = None
        self.cuts: list[tuple[int, Cut]] = []
        self.state = State(limits.state, problem, risk, "benders")

    @property
    def left(self) -> float:
        return max(self.limits.time_limit - (time.perf_counter() - self.began), 0.0)

    def solve(self) -> Answer:
        self.executor.start(Recourse, self.payloads)
        try:
            return self._solve()
        finally:
            self.executor.close()

    def _solve(self) -> Answer:
        known = self.state.known
        inner = self._begin()
        if inner is None:
            return self._answer(np.inf)
        if known:
            self._resume(known)
            inner = known["inner"]
        inner = self._relaxed(inner)
        if self.master.whole.any():
            self._whole(inner)
        elif self.whole_recourse:
            self._settle(inner)
        return self._answer(self.bound)

    def _begin(self) -> Floats | None:
        """Make the master, with a bound of every scenario; return a first choice, None where there is none.

        Where recourse is continuous and choices lie in a box, the choice of the mean scenario and its cuts will do;
        else every scenario is solved alone.
        """
        shared = first_stage(self.problem)
        if not self.whole_recourse and np.all(np.isfinite(shared.upper - shared.lower)):
            inner = self._mean()
            cuts = None if inner is None else self._cuts(inner)
            if cuts is not None and all(cut.feasible for cut in cuts.values()):
                corner = [np.where(cuts[s].slope > 0, shared.lower, shared.upper) for s in self.everyone]
                self.least = np.array([cuts[s].constant + cuts[s].slope @ corner[s] for s in self.everyone])
                self.master = _Master(self.problem, shared, self.least, self.risk, self.limits)
                return inner
        alone = self.executor.call("alone", dict.fromkeys(self.everyone, (self.left, not self.whole_recourse)))
        if any(bound == np.inf for _, bound, _ in alone.values()):
            return None
        self.least = np.array([alone[s][1] for s in self.everyone])
        self.master = _Master(self.problem, shared, self.least, self.risk, self.limits)
        starts = [alone[s][2][payload.links] for s, payload in enumerate(self.payloads) if alone[s][2] is not None]
        return np.mean(starts, axis=0) if starts else np.zeros(self.links.size)

    def _mean(self) -> Floats | None:
        """Return the choice of the relaxed mean scenario, None where there is no such."""
        averaged = mean(self.problem)
        if averaged is None:
            return None
        found = Solver(averaged.programmes[0].relaxed(), seed=self.limits.seed).run(self.left)
        return None if found.values is None else found.values[self.payloads[0].links]

    def _cuts(self, point: Floats) -> dict[int, Cut]:
        """Return the cuts of all scenarios at a point; at first one leads, the others begin where it ended."""
        if not self.led:
            leader = self.executor.call("cut", {0: (point,)})
            basis = self.executor.call("basis", {0: ()})[0]
            self.led = True
            others = self.everyone[1:]
            self.executor.call("begin", dict.fromkeys(others, (basis,)))
            return leader | self.executor.call("cut", dict.fromkeys(others, (point,)))
        return self.executor.call("cut", dict.fromkeys(self.everyone, (point,)))

    def _answer(self, bound: float) -> Answer:
        values = None
        if self.best is not None:
            found = self.executor.call("evaluate", dict.fromkeys(self.everyone, (self.best, np.inf)))
            values = np.zeros(self.problem.count)
            for s, ids in enumerate(self.problem.ids):
                assert found[s][2] is not None
                values[ids] = found[s][2]
        return answered(
            "benders", self.problem, self.risk, self.limits, values, bound, self.rounds, self.began
        )  # fmt: skip

    def _relaxed(self, inner: Floats) -> Floats:
        """Close the relaxed master; return the best point found for it."""
        relaxed = self.master.whole.any() or self.whole_recourse
        gap = max(LINEAR, self.limits.gap) if relaxed else self.limits.gap
        best, outward, first = np.inf, False, True
        self.master.relax(True)
        while not self._over("cuts"):
            found = self.master.run(self.left)
            if found is None:
                self.bound = np.inf
                break
            bound, outer = found
            self.bound = max(self.bound, bound)
            if closed(best, bound, gap):
                break
            if first:
                point, first = inner, False
            else:
                point = outer if outward or not np.isfinite(best) else inner + INWARD * (outer - inner)
            cuts = self._cuts(point)
            added = self._add(cuts)
            values = np.array([cuts[s].value for s in self.everyone])
            if all(cuts[s].feasible for s in self.everyone):
                cost = self.risk.of(values, self.problem.probability)
                if cost < best:
                    best, inner = cost, point
                    if not relaxed and cost < self.cost:
                        self.cost, self.best = cost, point
            elif point is not outer and not outward:
                inner = 0.5 * (inner + outer)
            cutting = self.master.violated(cuts, found)
            if outward and not added and not cutting:
                break  # the solver's tolerances are reached
            outward = not cutting
            self._keep(inner)
        return inner

    def _whole(self, inner: Floats) -> None:
        """Close the master with whole columns."""
        self.master.relax(False)
        while not self._over("decisions") and not closed(self.cost, self.bound, self.limits.gap):
            found = self.master.run(self.left, self.limits.gap)
            if found is None:
                self.bound = self.cost if self.best is not None else np.inf
                return
            bound, outer = found
            self.bound = max(self.bound, bound)
            if closed(self.cost, self.bound, self.limits.gap):
                return
            point = np.where(self.master.whole, np.round(outer), outer)
            cuts = self._cuts(point)
            feasible = all(cuts[s].feasible for s in self.everyone)
            if self.whole_recourse and feasible:
                lifted = self.executor.call("strengthened", {s: (cuts[s].slope, self.left) for s in self.everyone})
                self._add({
                    s: Cut(cuts[s].value, max(lifted[s], cuts[s].constant), cuts[s].slope, True)
                    for s in self.everyone
                })  # fmt: skip
                added = self._settle(point)
            else:
                added = self._add(cuts)
                if feasible:
                    self._offer(point, np.array([cuts[s].value for s in self.everyone]))
                    # one more point, deeper inside, makes cuts that reach further
                    between = inner + INWARD * (point - inner)
                    deeper = self._cuts(between)
                    added += self._add(deeper)
            if not added and closed(self.cost, self.bound, 10 * self.limits.gap):
                return
            if not added and not self.whole_recourse:
                return
            self._keep(inner)

    def _settle(self, point: Floats) -> int:
        """Evaluate a choice with whole columns, and add what it proves where the shared decisions are binary."""
        found = self.executor.call("evaluate", dict.fromkeys(self.everyone, (point, self.left)))
        values = np.array([found[s][0] for s in self.everyone])
        if np.all(np.isfinite(values)):
            self._offer(point, values)
        if not self.master.binary:
            return 0
        chosen = point > 0.5
        sign = np.where(chosen, 1.0, -1.0)
        cuts = {}
        for s in self.everyone:
            if np.isfinite(found[s][1]):
                more = max(found[s][1] - self.least[s], 0.0)
                cuts[s] = Cut(found[s][1], self.least[s] + more * (1 - int(chosen.sum())), more * sign, True)
            else:  # no solution in this scenario: the choice is out
                cuts[s] = Cut(np.inf, 1.0 - int(chosen.sum()), sign, False)
        return self._add(cuts)

    def _offer(self, point: Floats, values: Floats) -> None:
        cost = self.risk.of(values, self.problem.probability)
        if cost < self.cost:
            self.cost, self.best = cost, point

    def _add(self, cuts: dict[int, Cut]) -> int:
        fresh = [(s, cut) for s, cut in cuts.items() if self.master.fresh(s, cut)]
        self.master.add(fresh)
        self.cuts += fresh
        return len(fresh)

    def _over(self, phase: str) -> bool:
        seconds = time.perf_counter() - self.began
        cost = self.cost if np.isfinite(self.cost) else None
        bound = self.bound if np.isfinite(self.bound) else None
        self.rounds += 1
        if not self.watch(Progress(phase, seconds, cost, bound, self.rounds)):
            self.stopped = True
        return self.stopped or self.left <= 0

    def _keep(self, inner: Floats) -> None:
        if self.limits.state is None or not self.cuts:
            return
        best: dict[str, Floats] = {} if self.best is None else {"best": self.best, "cost": np.array(self.cost)}
        self.state.keep(
            scenario=np.array([s for s, _ in self.cuts]),
            value=np.array([cut.value for _, cut in self.cuts]),
            constant=np.array([cut.constant for _, cut in self.cuts]),
            slope=np.array([cut.slope for _, cut in self.cuts]),
            feasible=np.array([cut.feasible for _, cut in self.cuts]),
            inner=inner, bound=np.array(self.bound), **best,
        )  # fmt: skip

    def _resume(self, known: dict[str, NDArray[np.generic]]) -> None:
        names = ("scenario", "value", "constant", "slope", "feasible")
        for s, *parts in zip(*(known[name] for name in names), strict=True):
            self._add({int(s): Cut(*parts)})
        self.bound = float(known["bound"])
        if "best" in known:
            self.best, self.cost = np.asarray(known["best"], dtype=np.float64), float(known["cost"])


class _Master:
    """Shared decisions x, theta for every scenario, and what the measure of risk adds."""

    def __init__(self, problem: Problem, shared: Programme, least: Floats, risk: Risk, limits: Limits) -> None:
        scenarios, count = problem.scenarios, shared.columns
        programme = replace(shared, cost=np.zeros(count), offset=0.0).with_columns(
            problem.probability, least - 1e-6 * np.abs(least), np.full(scenarios, np.inf)
        )
        sums = sp.csr_array(sp.hstack([sp.csr_array((scenarios, count)), sp.eye_array(scenarios)]))
        programme = risk.applied(programme, sums, np.zeros(scenarios), problem.probability)
        self.count, self.scenarios = count, scenarios
        self.whole = programme.whole[:count]
        self.binary = bool(np.all(self.whole & (programme.lower[:count] >= 0) & (programme.upper[:count] <= 1)))
        self.solver = Solver(programme, gap=limits.gap / 2, seed=limits.seed)
        self.kinds = programme.whole
        self.seen: set[bytes] = set()

    def relax(self, relaxed: bool) -> None:
        self.solver.relax(None if relaxed else self.kinds)

    def run(self, time_limit: float, gap: float = 0.0) -> tuple[float, Floats] | None:
        """Return a bound and the master's decisions, None where the master has no solution."""
        self.solver.option("mip_rel_gap", gap / 4)
        found = self.solver.run(max(time_limit, 1.0))
        if found.values is None:
            return None if found.bound == np.inf else (-np.inf, np.zeros(self.count))
        self.theta = found.values[self.count : self.count + self.scenarios]
        return found.bound, found.values[: self.count]

    def violated(self, cuts: dict[int, Cut], found: tuple[float, Floats]) -> bool:
        """Say whether cuts cut off the master's solution."""
        for s, cut in cuts.items():
            level = cut.constant + float(cut.slope @ found[1])
            limit = self.theta[s] if cut.feasible else 0.0
            if level > limit + 1e-7 * max(1.0, abs(limit)):
                return True
        return False

    def fresh(self, s: int, cut: Cut) -> bool:
        key = s.to_bytes(4, "little") + np.append(cut.slope, cut.constant).round(9).tobytes()
        new = key not in self.seen
        self.seen.add(key)
        return new

    def add(self, cuts: list[tuple[int, Cut]]) -> None:
        """Add slope.x - theta[s] <= -constant, without theta where the cut tells of infeasibility."""
        if not cuts:
            return
        slopes = sp.csr_array(np.array([cut.slope for _, cut in cuts]))
        theta = sp.csr_array(
            (
                [-1.0 for _, cut in cuts if cut.feasible],
                ([n for n, (_, cut) in enumerate(cuts) if cut.feasible], [s for s, cut in cuts if cut.feasible]),
            ),
            shape=(len(cuts), self.scenarios),
        )
        rest = sp.csr_array((len(cuts), self.solver.columns - self.count - self.scenarios))
        rows = sp.csr_array(sp.hstack([slopes, theta, rest]))
        rows.eliminate_zeros()
        limit = np.array([-cut.constant for _, cut in cuts])
        self.solver.add_rows(rows, np.full(limit.size, -np.inf), limit)


def _places(ids: Ints, wanted: Ints) -> Ints:
    """Return where each wanted id stands among the ids of a scenario."""
    order = np.argsort(ids)
    return np.asarray(order[np.searchsorted(ids[order], wanted)])

"""Every method finds what enumeration finds, with a bound that never lies, whoever does the work."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from tests.plan.stochastic.dying import Dying
from tests.plan.stochastic.random_problems import enumerated, three_stage, two_stage

from cellroad.plan.stochastic import Limits, Problem, Risk, solve
from cellroad.plan.stochastic.answer import Progress
from cellroad.plan.stochastic.executor import Cluster, Pool, Serial
from cellroad.plan.stochastic.recourse import Recourse, Scenario

LIMITS = Limits(gap=1e-8, time_limit=60)


def close(value: float) -> object:
    return pytest.approx(value, rel=1e-6, abs=1e-6)


@settings(max_examples=25)
@given(two_stage())
def test_two_stages_are_solved_alike_by_enumeration_extensive_form_and_cuts(problem: Problem) -> None:
    best, _ = enumerated(problem)
    for method in ("extensive", "benders"):
        answer = solve(problem, method=method, limits=LIMITS)
        assert answer.cost == close(best), method
        assert answer.bound == close(best), method


@settings(max_examples=12)
@given(two_stage(whole_recourse=True, scenarios=2))
def test_whole_recourse_is_proved_by_integer_cuts_and_by_prices(problem: Problem) -> None:
    best, _ = enumerated(problem)
    for method in ("extensive", "benders", "hedging"):
        answer = solve(problem, method=method, limits=LIMITS)
        assert answer.cost == close(best), method
        assert answer.bound == close(best), method


@settings(max_examples=6)
@given(three_stage())
def test_three_stages_lie_between_what_hedging_finds_and_what_its_prices_prove(problem: Problem) -> None:
    best, _ = enumerated(problem)
    answer = solve(problem, method="extensive", limits=LIMITS)
    assert answer.cost == close(best)
    hedged = solve(problem, method="hedging", limits=Limits(gap=1e-6, time_limit=2))
    assert hedged.bound <= best + 1e-6 * max(1.0, abs(best))
    assert hedged.cost >= best - 1e-6 * max(1.0, abs(best))
    assert np.isfinite(hedged.cost)


@settings(max_examples=15)
@given(two_stage(scenarios=4))
def test_cvar_and_regret_are_the_same_by_cuts_and_lie_where_they_must(problem: Problem) -> None:
    alone = np.array([solve(problem.only([s]), method="extensive", limits=LIMITS).cost for s in range(4)])
    risks = [Risk("cvar", alpha=0.6, weight=0.7), Risk("regret", best=tuple(alone))]
    neutral = solve(problem, method="extensive", limits=LIMITS)
    assert neutral.costs is not None
    for risk in risks:
        whole = solve(problem, method="extensive", risk=risk, limits=LIMITS)
        cuts = solve(problem, method="benders", risk=risk, limits=LIMITS)
        assert cuts.cost == close(whole.cost)
        assert whole.cost <= risk.of(neutral.costs, problem.probability) + 1e-6
    tail = Risk("cvar", alpha=0.6, weight=1.0).of(neutral.costs, problem.probability)
    assert neutral.cost - 1e-9 <= tail <= neutral.costs.max() + 1e-9
    assert float(problem.probability @ alone) <= neutral.cost + 1e-6  # perfect information is never worse


@pytest.fixture(scope="module")
def problem() -> Problem:
    found: list[Problem] = []

    @settings(max_examples=1, database=None, derandomize=True)
    @given(two_stage(scenarios=4))
    def draw(drawn: Problem) -> None:
        found.append(drawn)

    draw()
    return found[0]


def test_a_killed_worker_loses_nothing(problem: Problem, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CELLROAD_TEST_DIES", str(tmp_path / "mark"))
    payloads = [
        Scenario(p, np.searchsorted(ids, problem.shared()))
        for p, ids in zip(problem.programmes, problem.ids, strict=True)
    ]
    point = np.array([1.0, 0.0, 1.0])
    asked = dict.fromkeys(range(problem.scenarios), (point,))
    here, pool = Serial(), Pool(2)
    here.start(Recourse, payloads)
    try:
        pool.start(Dying, payloads)
        before = pool.pids
        told, expected = pool.call("cut", asked), here.call("cut", asked)
        assert (tmp_path / "mark").exists() and pool.pids != before
        for s in asked:
            assert told[s].value == close(expected[s].value)
    finally:
        pool.close()


def test_processes_find_what_one_process_finds_and_survive_a_kill_from_outside(problem: Problem) -> None:
    alone = solve(problem, method="benders", limits=LIMITS)
    pool = Pool(2)

    def kill_one(progress: Progress) -> bool:
        if progress.rounds == 3:
            os.kill(pool.pids[0], signal.SIGKILL)
        return True

    together = solve(problem, method="benders", limits=LIMITS, executor=pool, watch=kill_one)
    assert together.cost == close(alone.cost)
    assert together.bound == close(alone.bound)


def test_a_cluster_finds_what_one_process_finds_and_replaces_an_actor_that_ends(problem: Problem) -> None:
    alone = solve(problem, method="benders", limits=LIMITS)
    cluster = Cluster(2)

    def end_one(progress: Progress) -> bool:
        if progress.rounds == 3:
            cluster.ray.kill(cluster.actors[0])
        return True

    try:
        together = solve(problem, method="benders", limits=LIMITS, executor=cluster, watch=end_one)
    finally:
        cluster.close()
        cluster.ray.shutdown()
    assert together.cost == close(alone.cost)
    assert together.bound == close(alone.bound)


@pytest.mark.parametrize("method", ["benders", "hedging"])
def test_what_is_stopped_goes_on_from_its_state_to_the_same_answer(
    method: str, problem: Problem, tmp_path: Path
) -> None:
    kept = Limits(gap=1e-8, time_limit=60, state=tmp_path / "state.npz")
    stopped = solve(problem, method=method, limits=kept, watch=lambda p: p.rounds < 3)  # type: ignore[arg-type]
    assert stopped.rounds <= 4
    resumed = solve(problem, method=method, limits=kept)  # type: ignore[arg-type]
    straight = solve(problem, method=method, limits=LIMITS)  # type: ignore[arg-type]
    assert resumed.cost == close(straight.cost)
    assert resumed.bound == close(straight.bound)


def test_a_problem_without_any_answer_says_so(problem: Problem) -> None:
    from dataclasses import replace

    first = problem.programmes[0]
    hopeless = replace(first, row_upper=np.where(np.isfinite(first.row_lower), -1.0, first.row_upper))
    broken = Problem(problem.probability, [hopeless, *problem.programmes[1:]], problem.ids)
    for method in ("extensive", "benders", "hedging"):
        answer = solve(broken, method=method, limits=LIMITS)
        assert answer.status == "infeasible", method

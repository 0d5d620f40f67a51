"""Money against time: a textbook project crashed, every plan of small ones tried, chances and costs by hand."""

from __future__ import annotations

import datetime as dt
import itertools
import math
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy import stats
from tests.engineering.roadmap.programmes import evidence, lasting, programme
from tests.engineering.roadmap.test_network import RELIABLE, reliable

import cellroad as cr
from cellroad.engineering.roadmap.chance import Work, drawn, factor, worked
from cellroad.engineering.roadmap.crash import CrashPlan, crash_plan, mean_months, mean_work
from cellroad.engineering.roadmap.dates import months_to
from cellroad.engineering.roadmap.money import Money
from cellroad.engineering.roadmap.network import Network
from cellroad.engineering.roadmap.reading import check_roadmap
from cellroad.engineering.roadmap.verb import roadmap

CRASH = {
    "A": (1, 100), "B": (2, 50), "C": (3, 80), "D": (2, 40), "E": (1, 160), "F": (2, 40), "G": (3, 40), "H": (3, 60),
    "I": (2, 30), "J": (2, 30), "K": (1, 40), "L": (2, 50), "M": (1, 100), "N": (3, 60),
}  # fmt: skip
"""Weeks by which each activity of Reliable Construction Co. can be crashed, and thousands of dollars a week each (see
Hillier and Lieberman, Introduction to Operations Research, chapter 22: considering time-cost trade-offs)."""


def reliable_by(weeks: float) -> CrashPlan:
    """Return the cheapest plan of the textbook project, its last two activities joined in an end."""
    network = Network.of({**{name: before.split() for name, (before, _) in RELIABLE.items()}, "Z": ["M", "N"]})
    months = np.array(
        [0.0 if g == "Z" else (lambda a, m, b: (a + 4 * m + b) / 6)(*RELIABLE[g][1]) for g in network.gates]
    )
    most = np.array([CRASH.get(g, (0, 0))[0] for g in network.gates], dtype=float)
    cost = np.array([math.prod(CRASH.get(g, (0, 0))) for g in network.gates], dtype=float)
    share = 1 - np.divide(most, months, out=np.zeros(most.size), where=months > 0)
    return crash_plan(network, months, cost, share, network.gates.index("Z"), weeks)


def test_the_textbook_project_is_crashed_from_44_to_40_weeks_for_140_thousand() -> None:
    assert set(reliable().gates) == set(CRASH)
    found = reliable_by(40)
    assert (found.months, found.usd, found.reached) == (pytest.approx(40), pytest.approx(140), True)
    saved = dict(found.gates.filter(pl.col("saved") > 1e-6).select("gate", "saved").iter_rows())
    assert saved == pytest.approx({"F": 2, "J": 2})


def test_the_textbook_project_costs_nothing_more_at_44_weeks_and_cannot_end_before_28() -> None:
    assert reliable_by(44).usd == pytest.approx(0)
    fastest = reliable_by(20)
    assert (fastest.months, fastest.reached) == (pytest.approx(28), False)
    assert fastest.usd <= sum(math.prod(pair) for pair in CRASH.values())


def test_the_cost_of_an_earlier_end_is_convex() -> None:
    """Fulkerson 1961: the least cost of a project falls with its time along a convex broken line."""
    costs = np.array([reliable_by(weeks).usd for weeks in range(28, 45, 2)])
    assert (np.diff(costs) <= 1e-6).all()
    assert (np.diff(costs, 2) >= -1e-6).all()


def drawn_network(seed: int) -> tuple[Network, np.ndarray, np.ndarray, np.ndarray]:
    """Return a network of six gates of whole months, with what each can save and what a month costs."""
    r = np.random.default_rng(seed)
    before: dict[str, list[str]] = {}
    for n, name in enumerate("abcdef"):
        some = min(n, int(r.integers(0, 3)))
        before[name] = list(r.choice(list("abcdef")[:n], some, replace=False)) if some else []
    before["f"] = sorted({*before["f"], *(g for g in "abcde" if all(g not in ones for ones in before.values()))})
    network = Network.of(before, [g for g in "abcdef" if len(before[g]) > 1 and r.random() < 0.5])
    return network, r.integers(2, 8, 6).astype(float), r.integers(0, 3, 6).astype(float), r.integers(1, 9, 6) * 1.0


@pytest.mark.parametrize("seed", range(8))
def test_no_plan_is_cheaper_of_all_that_save_whole_months(seed: int) -> None:
    """Ends and savings of whole numbers are enough: the matrix of the network is totally unimodular."""
    network, months, most, cost = drawn_network(seed)
    goal = network.gates.index("f")
    ends, usd = [], []
    for saved in itertools.product(*(range(int(m) + 1) for m in most)):
        ends.append(network.forward((months - np.array(saved))[:, None])[1][goal, 0])
        usd.append(float(cost @ np.array(saved)))
    for by in range(int(min(ends)), int(network.forward(months[:, None])[1][goal, 0]) + 1):
        best = min(u for u, e in zip(usd, ends, strict=True) if e <= by)
        found = crash_plan(network, months, cost * most, 1 - most / months, goal, by)
        assert found.usd == pytest.approx(best, abs=1e-6)
        assert found.reached and found.months <= by + 1e-6


@pytest.mark.parametrize(("p", "n", "r"), [(0.7, 3, 0.6), (0.4, 1, 0.5), (0.5, 0, 0.8), (1.0, 4, 0.5)])
def test_the_mean_work_of_a_gate_that_passes_is_that_of_its_draws(p: float, n: int, r: float) -> None:
    work = Work("g", 2, 3, 7, "pert", p, n, r)
    months, done = drawn(work, 60_000, 1), worked(work, 60_000, 1)
    passes = np.isfinite(months)
    for sample, mean in ((done[passes], mean_work(work)), (months[passes], mean_months(work))):
        assert sample.mean() == pytest.approx(mean, abs=4 * sample.std() / math.sqrt(passes.sum()) + 1e-12)


def paid(gate: str, months: tuple[float, float, float], shape: str = "fixed", **more: Any) -> dict[str, Any]:
    return lasting(gate, months, shape, **{"budget_usd": 10e6, "crash_share": 0.5, "crash_usd": 4e6, **more})


def money(*gates: dict[str, Any]) -> Money:
    read = programme(list(gates))
    return Money.of(read, tuple(read.tables["gates"]["gate"]))


def test_money_shortens_along_a_line_to_the_crash_point_and_less_stretches_as_less_effort() -> None:
    one = money(paid("a", (4, 4, 4)))
    for usd, expected in ((0, 1), (1e6, 0.875), (4e6, 0.5), (9e6, 0.5), (-5e6, 0.5**-0.3), (-10e6, 0.05**-0.3)):
        assert one.factor(one.extra({"a": usd})) == pytest.approx([expected])
    with pytest.raises(KeyError, match="no gate 'b'"):
        one.extra({"b": 1.0})


def test_what_hurrying_costs_is_what_so_much_effort_would_where_it_is_blank() -> None:
    assert money(paid("a", (4, 4, 4), crash_usd=None)).crash == pytest.approx([10e6 * (0.5 ** (-1 / 0.3) - 1)])


def test_a_programme_without_a_crash_share_is_what_it_was() -> None:
    plain = money(lasting("a", (4, 4, 4), budget_usd=10e6))
    assert plain.crash.tolist() == [0.0]
    assert plain.factor(plain.extra({"a": 5e6})).tolist() == [1.0]
    found = roadmap(programme([lasting("a", (4, 4, 4))]), draws=20)
    assert found.budgets().is_empty() and found.next_million().is_empty()
    assert not any("money" in change for change in found.effects()["change"])


def test_a_share_without_money_is_told() -> None:
    (told,) = check_roadmap(programme([lasting("a", (4, 4, 4), crash_share=0.5)]))
    assert (told.severity, told.column) == ("warning", "crash_usd")


def uniform(draws: int = 40_000) -> cr.Roadmap:
    """Return two gates one after the other: one of even chance in 0 to 40 months, dear to hurry, and a fixed one."""
    return roadmap(programme([paid("a", (0, 20, 40), "uniform", crash_usd=8e6), paid("b", (6, 6, 6), after="a")]),
                   draws=draws)  # fmt: skip


def test_the_next_step_gains_what_the_law_of_the_durations_says() -> None:
    found = uniform()
    limit = months_to(found.read.start, found.read.by)
    chance = (limit - 6) / 40
    assert found.probability() == pytest.approx(chance, abs=0.01)
    rows = {row["gate"]: row for row in found.next_million().to_dicts()}
    a, b = (limit - 6) / (40 * 0.95), (limit - 6 * 0.95) / 40
    for gate, there in (("a", a), ("b", b)):
        row = rows[gate]
        assert row["gain_low"] - 0.004 <= there - chance <= row["gain_high"] + 0.004
        assert row["gain_per_million"] == pytest.approx(row["gain"] / (row["step_usd"] / 1e6))
    assert rows["b"]["days_earlier"] == pytest.approx(0.3 * 365.25 / 12)


def test_money_that_is_named_gate_by_gate_changes_what_it_changes_alone() -> None:
    found = uniform(4000)
    row = found.funded({"a": 8e6, "b": -5e6}).to_dicts()[0]
    b = 6 * 0.5**-0.3
    there = (found.months() - 6) * 0.5 + b
    limit = months_to(found.read.start, found.read.by)
    assert row["extra_usd"] == 3e6
    assert row["probability"] == float((there <= limit).mean())
    assert row["gain"] == pytest.approx(row["probability"] - found.probability())
    step = found.next_million().filter(pl.col("gate") == "a").to_dicts()[0]
    assert found.funded({"a": step["step_usd"]})["gain"].item() == step["gain"]
    with pytest.raises(ValueError, match="left to take"):
        found.funded({"a": -11e6})


def test_the_cheapest_plan_in_the_mean_is_funded_gate_by_gate() -> None:
    """Two tries of 4 months and of 2 on average: 4 (1 + 0.5 * 1/3) months, of which money saves up to a half."""
    gates = [paid("a", (4, 4, 4), success_share=0.5, tries=2, repeat_share=0.5)]
    found = roadmap(programme(gates), draws=50)
    again = 1 + 0.5 * (0.25 / 0.75)
    plan = found.crash_plan(found.read.start + dt.timedelta(days=round(3 * again * 365.25 / 12) - 1))
    row = plan.gates.row(0, named=True)
    assert row["months"] == pytest.approx(4 * again)
    assert row["saved"] == pytest.approx(again, abs=0.02)
    assert row["budget_usd"] == pytest.approx(2e6, rel=0.02)
    assert row["usd"] == pytest.approx(row["budget_usd"] * again)


def test_more_money_is_never_less_likely_and_the_plan_is_as_it_was() -> None:
    found = uniform(4000)
    rows = found.budgets()
    assert rows["probability"].is_sorted()
    planned = rows.filter(pl.col("extra_usd") == 0)
    assert planned["probability"].item() == found.probability()
    assert (planned["low"].item(), planned["high"].item()) == found.interval()
    last = rows.row(-1, named=True)
    assert last["extra_usd"] == pytest.approx(12e6)
    assert last["probability"] == last["evenly"]
    cut = found.budgets([14e6])
    factor = 0.7**-0.3
    assert cut["probability"].item() == pytest.approx(float((found.months() * factor <= months_to(
        found.read.start, found.read.by)).mean()))  # fmt: skip


def test_no_money_goes_to_a_gate_that_the_goal_does_not_need() -> None:
    gates = [paid("beside", (9, 9, 9)), paid("a", (0, 20, 40), "uniform")]
    found = roadmap(programme(gates, goal="a"), draws=2000)
    assert all("beside" not in where for where in found.budgets()["where"])
    assert dict(found.next_million().select("gate", "gain").iter_rows())["beside"] == 0


def test_a_programme_costs_its_budgets_and_every_further_try_of_what_is_begun() -> None:
    gates = [lasting("a", (1, 1, 1), budget_usd=10.0, success_share=0.6, tries=2, repeat_share=0.5),
             lasting("b", (1, 1, 1), budget_usd=20.0, spent_usd=5.0, after="a")]  # fmt: skip
    found = roadmap(programme(gates), draws=40_000)
    rows = {row["gate"]: row for row in found.spending().to_dicts()}
    assert rows["a"]["mean_usd"] == pytest.approx(10 + 0.4 * 5, abs=0.05)
    assert rows["b"]["mean_usd"] == pytest.approx(5 + 15 * (1 - 0.16), abs=0.25)
    assert rows[""]["mean_usd"] == pytest.approx(rows["a"]["mean_usd"] + rows["b"]["mean_usd"])
    assert (rows[""]["spent_usd"], rows[""]["budget_usd"]) == (5.0, 30.0)
    passed = roadmap(programme(gates, evidence=evidence()), draws=10).spending()
    assert passed.filter(pl.col("gate") == "a").select("spent_usd", "mean_usd").row(0) == (10.0, 10.0)


@pytest.mark.parametrize("share", [0.25, 0.8])
def test_durations_hang_together_as_much_as_is_asked_and_keep_their_law(share: float) -> None:
    draws = 40_000
    common = factor(share, draws, 1)
    a, b = (drawn(Work(g, 2, 3, 4, "uniform"), draws, 1, common) for g in "ab")
    scores = [stats.norm.ppf((months - 2) / 2) for months in (a, b)]
    assert np.corrcoef(*scores)[0, 1] == pytest.approx(share, abs=4 * (1 - share**2) / math.sqrt(draws))
    assert stats.kstest(a, stats.uniform(2, 2).cdf).pvalue > 1e-4
    spread = 2 * (1 / 3) * (1 + 6 / math.pi * math.asin(share / 2))  # of the sum of two uniforms of variance 1 / 3
    assert (a + b).var() == pytest.approx(spread, rel=0.03)


def test_what_is_common_widens_a_programme_and_nothing_in_common_changes_nothing() -> None:
    gates = [lasting(g, (2, 5, 9), "pert", after=before) for g, before in (("a", None), ("b", "a"), ("c", "b"))]
    read = programme(gates)
    head = read.tables["programme"].with_columns(common_share=pl.lit(0.6))
    wide = type(read).of("p", **{**read.tables, "programme": head})
    apart, together = (roadmap(one, draws=20_000) for one in (read, wide))
    assert together.months().std() > 1.3 * apart.months().std()
    assert together.months().mean() == pytest.approx(apart.months().mean(), rel=0.01)
    assert any("0.6 is common" in line for line in together.assumptions())
    assert np.array_equal(drawn(Work("a", 2, 5, 9), 100, 1), drawn(Work("a", 2, 5, 9), 100, 1, factor(0.0, 100, 1)))


def test_the_example_tells_what_money_does() -> None:
    found = cr.roadmap("casip", draws=4000)
    rows = found.budgets()
    assert rows["probability"].is_sorted()
    assert (rows["probability"] >= rows["evenly"] - 0.01).all()
    words = dict(found.summary().iter_rows())
    assert words["cost"].startswith("$") and words["next million"]
    plan = found.crash_plan()
    assert plan.reached and plan.usd > 0

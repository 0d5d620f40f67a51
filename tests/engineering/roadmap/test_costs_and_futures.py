"""Portfolios against every choice, costs by hand, and a tree that a plan can read."""

from __future__ import annotations

import datetime as dt
import itertools

import numpy as np
import polars as pl
import pytest
from scipy import stats
from tests.engineering.roadmap.programmes import START, lasting, programme

import cellroad as cr
from cellroad.chain.check import check
from cellroad.chain.finding import ChainError
from cellroad.engineering.roadmap.backtest import strayed
from cellroad.engineering.roadmap.costs import costs, learnt
from cellroad.engineering.roadmap.portfolio import frontier, portfolio
from cellroad.engineering.roadmap.reading import RoadmapTables

GATE = [{"gate": "a"}]


def drawn_projects(seed: int, count: int = 9) -> RoadmapTables:
    numbers = np.random.default_rng(seed)
    names = [f"j{n}" for n in range(count)]
    rows = [
        {
            "project": name, "cost_usd": float(numbers.integers(1, 30)), "value_usd": float(numbers.integers(1, 90)),
            "success_share": round(float(numbers.uniform(0.2, 1)), 2),
            "after": ";".join(numbers.choice(names[:n], min(n, int(numbers.integers(0, 3))), replace=False)) or None,
            "instead_of": "g" if n % 4 == 0 else "",
        }
        for n, name in enumerate(names)
    ]  # fmt: skip
    return programme(GATE, projects=pl.DataFrame(rows, schema_overrides={"after": pl.String}))


def best_of_all(read: RoadmapTables, budget: float) -> float:
    """Return the largest expected value of every subset, each looked at."""
    rows = {row["project"]: row for row in read.tables["projects"].iter_rows(named=True)}
    before = {name: (row["after"] or "").split(";") if row["after"] else [] for name, row in rows.items()}

    def ancestors(name: str) -> set[str]:
        return {name}.union(*(ancestors(one) for one in before[name]))

    best = 0.0
    for size in range(len(rows) + 1):
        for some in itertools.combinations(rows, size):
            cost = sum(rows[name]["cost_usd"] for name in some)
            whole = all(ancestors(name) <= set(some) for name in some)
            if cost <= budget and whole and sum(rows[name]["instead_of"] == "g" for name in some) <= 1:
                value = sum(
                    rows[name]["value_usd"] * np.prod([rows[one]["success_share"] for one in ancestors(name)])
                    for name in some
                )  # fmt: skip
                best = max(best, float(value))
    return best


@pytest.mark.parametrize("seed", range(8))
def test_no_choice_of_projects_is_worth_more(seed: int) -> None:
    read = drawn_projects(seed)
    for budget in (0.0, 20.0, 45.0, 90.0):
        found = portfolio(read, budget)
        assert found.value_usd == pytest.approx(best_of_all(read, budget))
        assert found.bound_usd == pytest.approx(found.value_usd)
        assert found.cost_usd <= budget


def test_more_budget_is_never_worth_less() -> None:
    assert frontier(drawn_projects(3), [0.0, 10.0, 20.0, 40.0, 80.0])["value_usd"].is_sorted()


def test_a_part_falls_by_its_rate_with_each_doubling_and_not_below_its_floor() -> None:
    one = np.array([10.0])
    assert learnt(one, np.array([0.2]), np.array([8.0]), 0.0) == pytest.approx(10 * 0.8**3)
    assert learnt(one, np.array([0.2]), np.array([1e9]), 4.0) == pytest.approx(4.0)
    assert learnt(one, np.array([0.2]), np.array([1.0]), 40.0) == pytest.approx(10.0)


def one_chemistry(kg: float = 0.5, rate: float = 0.2) -> RoadmapTables:
    part = {"chemistry": "x", "component": "y", "usd_per_kwh": 20.0, "spread_share": 0.0, "learning_low": rate,
            "learning_likely": rate, "learning_high": rate, "mineral": "ore", "kg_per_kwh": kg}  # fmt: skip
    volumes = {"chemistry": "x", "year": [2025, 2030], "gwh_low": [1.0, 4.0], "gwh_likely": [1.0, 4.0],
               "gwh_high": [1.0, 4.0]}  # fmt: skip
    ore = {"mineral": "ore", "year": [2025, 2035], "usd_low": [8e3, 16e3], "usd_likely": [8e3, 16e3],
           "usd_high": [8e3, 16e3]}  # fmt: skip
    return programme(GATE, components=pl.DataFrame([part]), volumes=pl.DataFrame(volumes), minerals=pl.DataFrame(ore))


def test_costs_without_doubt_are_the_sum_by_hand() -> None:
    found = costs(one_chemistry(), draws=50)
    assert found["p50"].to_list() == pytest.approx([20 + 4, 20 * 0.64 + 0.5 * 12])
    assert found["p05"].to_list() == pytest.approx(found["p95"].to_list())
    assert found["mineral_share"].to_list() == pytest.approx([4 / 24, 6 / 18.8])


def test_the_learnt_part_strays_as_far_as_past_prices_did() -> None:
    found = costs(one_chemistry(), draws=20_000)
    sigma, freedom = strayed("x")
    wide = stats.t.ppf([0.05, 0.95], freedom) * sigma * np.sqrt(5)
    assert [found["stray_low"][1], found["stray_high"][1]] == pytest.approx(6 + 12.8 * np.exp(wide), rel=0.02)
    assert found["stray_low"][0] == pytest.approx(found["p05"][0])
    both = [strayed(name)[0] for name in ("LFP", "NMC")]
    assert min(both) < sigma < max(both)
    assert freedom == sum(strayed(name)[1] for name in ("LFP", "NMC"))


def test_a_mineral_without_a_price_is_told() -> None:
    read = one_chemistry()
    with pytest.raises(ChainError, match="'ore', of which `minerals` has no row"):
        programme(GATE, components=read.tables["components"], volumes=read.tables["volumes"])


def test_bands_of_the_example_are_bands() -> None:
    found = cr.roadmap("casip", draws=10).costs()
    assert set(found["chemistry"]) == {"LFP", "NMC", "sodium-ion", "semi-solid", "solid-state"}
    for low, high in itertools.pairwise(("p05", "p25", "p50", "p75", "p95")):
        assert (found[low] <= found[high]).all()


def forked() -> cr.Roadmap:
    fork = {"fork": ["f", "g"], "gate": ["a", "b"], "early_by": [START + dt.timedelta(days=100)] * 2,
            "late_after": [START + dt.timedelta(days=300)] * 2,
            "known_on": [dt.date(2027, 7, 1), dt.date(2028, 7, 1)]}  # fmt: skip
    gates = [lasting("a", (1, 6, 15), "uniform"), lasting("b", (0, 3, 6), "uniform", after="a")]
    return cr.roadmap(programme(gates, forks=pl.DataFrame(fork)), draws=5000)


def test_chances_of_the_tree_are_those_of_the_draws_together() -> None:
    found = forked()
    chain = found.to_scenarios(cr.load("casip"))
    tree = chain.scenarios.filter(pl.col("scenario").str.starts_with("roadmap"))
    chance = dict(tree.select("scenario", "probability").iter_rows())
    limit = [101 / (365.25 / 12), 301 / (365.25 / 12)]
    a, b = found.months("a"), found.months("b")
    both = float(((a <= limit[0]) & (b > limit[0]) & (b <= limit[1])).mean())
    first = chance["roadmap-f-early"]
    assert first * chance["roadmap-f-early-g-as-planned"] == pytest.approx(both)
    assert "roadmap-f-late-g-early" not in chance  # what follows cannot come before
    sums = tree.filter(pl.col("parent").is_not_null()).group_by("parent").agg(pl.col("probability").sum())
    assert sums["probability"].to_list() == pytest.approx([1.0] * sums.height)


def test_the_example_becomes_a_tree_without_blockers_and_only_once() -> None:
    chain = cr.load("casip")
    found = cr.roadmap("casip", draws=2000)
    grown = found.to_scenarios(chain)
    assert [finding for finding in check(grown) if finding.severity == "blocker"] == []
    assert grown.scenarios.height > chain.scenarios.height
    changed = cr.apply(grown, "roadmap-sodium-early")
    cost = "cost_usd"
    before, after = (one.processes.filter(pl.col("process") == "na-catl")[cost].item() for one in (chain, changed))
    assert after == pytest.approx(0.85 * before)
    with pytest.raises(ChainError, match="roadmap"):
        found.to_scenarios(grown)
    assert sum(found.answers()["probability"]) == pytest.approx(2)


def test_without_forks_there_is_no_tree() -> None:
    with pytest.raises(ChainError, match="forks"):
        cr.roadmap(programme(GATE), draws=10).to_scenarios(cr.load("casip"))

"""Critical path and PERT on a textbook case, and chance against closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats
from tests.engineering.roadmap.programmes import lasting, programme

from cellroad.engineering.roadmap.chance import Work, drawn
from cellroad.engineering.roadmap.network import Network, critical_path, pert
from cellroad.engineering.roadmap.verb import roadmap

RELIABLE = {
    "A": ("", (1, 2, 3)), "B": ("A", (2, 3.5, 8)), "C": ("B", (6, 9, 18)), "D": ("C", (4, 5.5, 10)),
    "E": ("C", (1, 4.5, 5)), "F": ("E", (4, 4, 10)), "G": ("D", (5, 6.5, 11)), "H": ("E G", (5, 8, 17)),
    "I": ("C", (3, 7.5, 9)), "J": ("F I", (3, 9, 9)), "K": ("J", (4, 4, 4)), "L": ("J", (1, 5.5, 7)),
    "M": ("H", (1, 2, 3)), "N": ("K L", (5, 5.5, 9)),
}  # fmt: skip
"""Reliable Construction Co., Hillier and Lieberman, Introduction to Operations Research, chapter 22 (PERT and CPM)."""
DRAWS = 40_000


def reliable() -> Network:
    return Network.of({name: before.split() for name, (before, _) in RELIABLE.items()})


def test_the_textbook_project_takes_44_weeks_along_its_path() -> None:
    months = {name: (a + 4 * m + b) / 6 for name, (_, (a, m, b)) in RELIABLE.items()}
    found = critical_path(reliable(), months).sort("gate")
    assert found["end"].max() == pytest.approx(44)
    assert "".join(found.filter("critical")["gate"]) == "ABCEFJLN"
    slack = dict(found.filter(~found["critical"]).select("gate", "slack").iter_rows())
    assert slack == pytest.approx({"D": 4, "G": 4, "H": 4, "I": 2, "K": 1, "M": 4})


def test_the_textbook_estimate_has_mean_44_variance_9_and_its_chance() -> None:
    found = pert(reliable(), {name: months for name, (_, months) in RELIABLE.items()})
    assert (found.mean, found.deviation**2) == pytest.approx((44, 9))
    assert found.probability(47) == pytest.approx(stats.norm.cdf(1))


def test_one_path_alone_tells_dates_too_early() -> None:
    gates = [
        lasting(name, months, "pert", after=";".join(before.split()) or None)
        for name, (before, months) in RELIABLE.items()
    ]
    end = [*gates, {"gate": "Z", "after": "M;N", "months_likely": 0.0}]
    found = roadmap(programme(end), draws=DRAWS)
    months = found.months()
    assert months.mean() > 44 + 5 * months.std() / math.sqrt(DRAWS)
    shares = dict(found.gates.select("gate", "criticality").iter_rows())
    assert shares["A"] == shares["B"] == shares["C"] == 1
    assert shares["J"] > shares["D"] > 0
    assert shares["F"] + shares["I"] == pytest.approx(shares["J"])


def near(sample: np.ndarray, law: stats.rv_continuous) -> bool:
    """Say whether a sample follows a law: the largest gap is below what chance leaves in one case of ten thousand."""
    return bool(stats.kstest(sample, law.cdf).pvalue > 1e-4)


def test_two_uniform_durations_add_up_to_a_triangle() -> None:
    gates = [lasting("a", (2, 3, 4), "uniform"), lasting("b", (2, 3, 4), "uniform", after="a")]
    assert near(roadmap(programme(gates), draws=DRAWS).months(), stats.triang(0.5, loc=4, scale=4))


def test_exponential_durations_add_up_to_a_gamma() -> None:
    gates = [lasting("a", (0, 2, 0), "exponential"), lasting("b", (0, 2, 0), "exponential", after="a"),
             lasting("c", (0, 2, 0), "exponential", after="b")]  # fmt: skip
    assert near(roadmap(programme(gates), draws=DRAWS).months(), stats.gamma(3, scale=2))


def test_a_triangle_and_a_beta_are_what_they_say() -> None:
    assert near(drawn(Work("a", 2, 3, 7, "triangular"), DRAWS, 1), stats.triang(0.2, loc=2, scale=5))
    months = drawn(Work("a", 2, 3, 7, "pert"), DRAWS, 1)
    assert near(months, stats.beta(1.8, 4.2, loc=2, scale=5))
    assert months.mean() == pytest.approx((2 + 4 * 3 + 7) / 6, abs=4 * months.std() / math.sqrt(DRAWS))


@pytest.mark.parametrize(("needs", "power"), [("all", "max"), ("any", "min")])
def test_the_later_and_the_earlier_of_independent_gates(needs: str, power: str) -> None:
    gates = [lasting("a", (0, 4, 0), "uniform"), lasting("b", (0, 4, 0), "uniform"),
             {"gate": "c", "after": "a;b", "needs": needs, "months_likely": 0.0}]  # fmt: skip
    for gate in gates[:2]:
        gate["months_high"] = 8.0
    months = roadmap(programme(gates), draws=DRAWS).months() / 8
    assert near(months if power == "max" else 1 - months, stats.powerlaw(2))


def test_tries_without_end_of_an_exponential_are_an_exponential() -> None:
    months = drawn(Work("a", 0, 2, 0, "exponential", success=0.25, tries=0), DRAWS, 3)
    assert near(months, stats.expon(scale=8))


def test_a_branch_ends_with_the_chance_that_all_tries_fail() -> None:
    gates = [{"gate": "a", "success_share": 0.6, "tries": 3, "repeat_share": 0.5}, {"gate": "b", "after": "a"}]
    found = roadmap(programme(gates), draws=DRAWS)
    months, counts = np.unique(found.months(), return_counts=True)
    assert months == pytest.approx([2, 2.5, 3, np.inf])
    expected = np.array([0.6, 0.24, 0.096, 0.064]) * DRAWS
    assert stats.chisquare(counts, expected).pvalue > 1e-4


def test_the_chances_of_ways_that_exclude_each_other_add_up() -> None:
    """Of two lines of exponential gates the faster is critical as often as its rate says: 3 of 4."""
    gates = [lasting("a", (0, 1, 0), "exponential"), lasting("b", (0, 3, 0), "exponential"),
             {"gate": "c", "after": "a;b", "needs": "any"}]  # fmt: skip
    share = dict(roadmap(programme(gates), draws=DRAWS).gates.select("gate", "criticality").iter_rows())
    assert share["a"] + share["b"] == pytest.approx(1)
    assert share["a"] == pytest.approx(0.75, abs=4 * math.sqrt(0.75 * 0.25 / DRAWS))

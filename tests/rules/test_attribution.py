"""What the rules say of the same chains: the examples of the texts, and the laws that every rule keeps."""

from fractions import Fraction

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cellroad.rules.attribution import RULES
from cellroad.rules.graph import Graph
from cellroad.rules.ownership import interval

SHARES = st.fractions(0, 1, max_denominator=1000)


def held(stakes: str, by: str, target: str, rule: str) -> Fraction:
    """Read "X 50 A, A 50 B" and return what the holders `by` hold of the target."""
    rows = [each.split() for each in stakes.split(", ")]
    frame = pl.DataFrame(
        [(owner, owned, float(share) / 100, float(share) / 100) for owner, share, owned in rows],
        schema=["owner", "owned", "share_min", "share_max"], orient="row",
    )  # fmt: skip
    graph = Graph.of(frame)
    nobody = np.zeros(graph.size, dtype=bool)
    found = interval(graph, graph.position[target], graph.mask(by.split()), nobody, nobody, RULES[rule])
    assert found.low == found.high
    return found.low


def blocked(stakes: str, by: str, target: str) -> bool:
    return RULES["ofac_50"].reached(held(stakes, by, target, "ofac_50"))


@pytest.mark.parametrize(
    ("stakes", "target", "expected"),
    [
        pytest.param("X 50 A, A 50 B", "B", True, id="1: through a blocked company"),
        pytest.param("X 50 A, X 50 B, A 25 C, B 25 C", "C", True, id="2: through two blocked companies"),
        pytest.param("X 50 A, X 10 B, A 40 B", "B", True, id="3: directly and indirectly"),
        pytest.param("X 50 A, X 25 B, A 25 C, B 25 C", "C", False, id="4: one of the two is not blocked"),
        pytest.param("X 25 A, X 25 B, A 50 C, B 50 C", "C", False, id="5: neither is blocked"),
    ],
)
def test_ofac_faq_401(stakes: str, target: str, expected: bool) -> None:
    assert blocked(stakes, "X", target) is expected


def test_ofac_faq_399_adds_up_the_holdings_of_all_blocked_persons() -> None:
    assert blocked("X 25 A, Y 25 A", "X Y", "A")
    assert not blocked("X 25 A, Y 25 A", "X", "A")
    assert not blocked("X 25 A, Y 24.99 A", "X Y", "A")


CHAINS = {
    "X 50 A, A 50 T": {"ofac_50": 50, "multiplicative": 25, "section_318_corporation": 25, "cfr_850_206": 25},
    "X 51 A, A 51 T": {"ofac_50": 51, "multiplicative": 26.01, "section_318_corporation": 26.01, "cfr_850_206": 51},
    "X 49 A, A 60 T": {"ofac_50": 0, "multiplicative": 29.4, "section_318_corporation": 0, "cfr_850_206": 29.4},
    "X 60 A, A 30 T": {"ofac_50": 30, "multiplicative": 18, "section_318_corporation": 18, "cfr_850_206": 30},
    "X 60 A, A 60 B, B 45 T": {
        "ofac_50": 45, "multiplicative": 16.2, "section_318_corporation": 0, "cfr_850_206": 45,
    },
}  # fmt: skip


@pytest.mark.parametrize(
    ("stakes", "rule", "percent"), [(chain, rule, share) for chain, by in CHAINS.items() for rule, share in by.items()]
)
def test_the_same_chain_has_an_answer_of_its_own_under_each_rule(stakes: str, rule: str, percent: float) -> None:
    assert held(stakes, "X", "T", rule) == Fraction(str(percent)) / 100


def test_a_partnership_passes_on_in_proportion_what_a_corporation_does_not() -> None:
    chain = "X 49 A, A 60 T"
    assert held(chain, "X", "T", "section_318_corporation") == 0
    assert held(chain, "X", "T", "section_318_partnership") == Fraction(294, 1000)


def test_exactly_half_is_one_entity_for_doe_and_no_parent_for_850_206() -> None:
    assert held("X 50 A, A 40 T", "X", "T", "doe_50") == Fraction(40, 100)
    assert held("X 50 A, A 40 T", "X", "T", "cfr_850_206") == Fraction(20, 100)
    assert held("X 50.01 A, A 40 T", "X", "T", "cfr_850_206") == Fraction(40, 100)


def test_direct_counts_nothing_through_others() -> None:
    assert held("X 100 A, A 90 T, X 10 T", "X", "T", "direct") == Fraction(1, 10)


def test_a_member_of_the_set_counts_in_full_and_is_not_looked_through() -> None:
    assert held("X 60 A, A 100 T", "X A", "T", "multiplicative") == 1


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
@given(a=SHARES, b=SHARES)
def test_who_is_held_more_passes_on_no_less_and_never_more_than_all(rule, a: Fraction, b: Fraction) -> None:
    low, high = sorted((a, b))
    assert 0 <= rule.passed(low) <= rule.passed(high) <= 1
    assert rule.passed(Fraction(0)) == 0


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
@given(share=SHARES)
def test_a_rule_is_a_straight_line_on_either_side_of_its_threshold(rule, share: Fraction) -> None:
    for reached in (False, True):
        constant, slope = rule.line(reached)
        assert rule.passes(share, reached) == constant + slope * share


def test_every_rule_of_law_says_where_it_stands_and_of_when_it_is() -> None:
    for name, rule in RULES.items():
        assert rule.name == name and rule.title and rule.text
        if name not in ("direct", "multiplicative"):
            assert any(mark in rule.text for mark in ("USC", "CFR", "FR ", "FAQ"))
            assert rule.as_of is not None or rule.confidence == "unverified"

"""Long rings are worked out in floating point first: the answer is that of the fractions, at thresholds too."""

import random
from fractions import Fraction

import numpy as np
import polars as pl
import pytest

from cellroad.rules.attribution import RULES
from cellroad.rules.graph import Graph
from cellroad.rules.ownership import LONG, decide, interval, largest, verdict


def ring(seed: int, size: int = LONG + 6) -> Graph:
    """Return a ring of companies that also hold each other at random, with two owners outside it."""
    r = random.Random(seed)
    names = [f"c{k}" for k in range(size)]
    rows = []
    for k, name in enumerate(names):
        shares = [r.randint(1, 45) / 100 for _ in range(2)]
        for owner, share in zip((names[k - 1], r.choice(["p", "q"])), shares, strict=True):
            wide = r.random() < 0.2
            rows.append({"owner": owner, "owned": name, "share_min": share, "share_max": share + 0.05 * wide})
    return Graph.of(pl.DataFrame(rows), names)


@pytest.mark.parametrize("rule", sorted(RULES))
@pytest.mark.parametrize("seed", range(4))
def test_the_answer_of_a_long_ring_is_that_of_the_fractions(rule: str, seed: int) -> None:
    graph = ring(seed)
    caught, maybe = graph.mask(["p"]), graph.mask(["q"])
    open_ = np.zeros(graph.size, dtype=bool)
    exact = interval(graph, 0, caught, maybe, open_, RULES[rule])
    for threshold in {Fraction(1, 4), Fraction(1, 2), exact.low, exact.high}:
        for compare in ("at least", "more than"):
            found = decide(graph, 0, caught, maybe, open_, RULES[rule], compare, threshold)
            assert found.answer == verdict(exact, compare, threshold), (threshold, compare)


@pytest.mark.parametrize("seed", range(4))
def test_the_largest_holder_of_a_long_ring_is_that_of_the_fractions(seed: int) -> None:
    graph, rule = ring(seed), RULES["multiplicative"]
    caught, none = graph.mask(["p", "q"]), np.zeros(graph.size, dtype=bool)
    exact, holder = largest(graph, 0, caught, none, none, rule)
    for threshold in (exact.low, exact.low - Fraction(1, 1000), exact.low + Fraction(1, 1000)):
        found = decide(graph, 0, caught, none, none, rule, "at least", threshold, singly=True)
        assert (found.answer, found.holder) == (verdict(exact, "at least", threshold), holder)

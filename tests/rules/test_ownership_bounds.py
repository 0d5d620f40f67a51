"""Bounds of shares: nothing that fits the stakes lies outside, and the bounds are attained.

What fits the stakes is worked out here in another way: one matrix of shares, filled up round by round from nothing.
"""

from dataclasses import dataclass
from itertools import permutations, product

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cellroad.rules.attribution import RULES, Rule
from cellroad.rules.graph import Floats, Graph, Mask
from cellroad.rules.ownership import Answer, Interval, aggregate, decide, interval

EVERY_RULE = pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
TIGHT = 1e-9


@dataclass(frozen=True)
class Question:
    """A register with ranges, who is caught, who may be, and whose remainder is open."""

    graph: Graph
    caught: Mask
    maybe: Mask
    open: Mask

    def bounds(self, rule: Rule) -> list[Interval]:
        places = range(self.graph.size)
        return [interval(self.graph, place, self.caught, self.maybe, self.open, rule) for place in places]


@st.composite
def questions(draw, entities: int = 5, holders: int = 3, over: bool = False) -> Question:
    """Draw a register in 16ths: everyone may be held by anyone, stated lows sum to at most 1 unless `over`."""
    stakes = []
    for owned in range(1, entities):
        left = 32 if over else 16
        owners = draw(st.lists(st.integers(0, entities - 1), max_size=holders, unique=True))
        for owner in owners:
            low = draw(st.integers(0, min(left, 16)))
            left -= low
            stakes.append((owner, owned, low, min(16, low + draw(st.sampled_from([0, 0, 2, 5, 9])))))
    assume(stakes)
    owner, owned, low, high = (np.array(column) for column in zip(*stakes, strict=True))
    graph = Graph(tuple("ABCDEFGH"[:entities]), owner, owned, low / 16, high / 16)
    mask = st.lists(st.sampled_from([False, False, True]), min_size=entities, max_size=entities).map(np.array)
    return Question(graph, draw(mask), draw(mask), draw(mask))


def filled_up(graph: Graph, shares: Floats, extra: Floats, members: Mask, rule: Rule) -> Floats:
    """Return the shares of `members` where everything is known, round by round; `extra` counts by itself."""
    matrix = np.zeros((graph.size, graph.size))
    np.add.at(matrix, (graph.owned, graph.owner), shares)
    at = None if rule.at is None else float(rule.at) + (TIGHT if rule.compare == "more than" else -TIGHT)
    below, above = (tuple(map(float, rule.line(reached))) for reached in (False, True))
    share = np.where(members, 1.0, 0.0)
    for _ in range(3000):
        reached = np.zeros(graph.size, dtype=bool) if at is None else share >= at
        passed = np.where(reached, above[0] + above[1] * share, below[0] + below[1] * share)
        fresh = np.where(members, 1.0, extra + matrix @ np.where(members, 1.0, passed))
        if np.abs(fresh - share).max() < 1e-14:
            break
        share = fresh
    return share


def fill(graph: Graph, wishes: list[tuple[int, float]], left: Floats) -> Floats:
    """Return shares from their lows: each wish in turn takes up to a part of what its range and the rest of 1 allow."""
    shares = graph.low.copy()
    for entry, part in wishes:
        more = part * min(graph.high[entry] - shares[entry], left[graph.owned[entry]])
        shares[entry] += more
        left[graph.owned[entry]] -= more
    return shares


@EVERY_RULE
@settings(max_examples=60)
@given(asked=questions(), data=st.data())
def test_no_statement_that_fits_the_stakes_lies_outside_the_bounds(rule: Rule, asked: Question, data) -> None:
    graph, parts = asked.graph, st.sampled_from([0.0, 0.25, 0.5, 1.0])
    order = data.draw(st.permutations(range(graph.owner.size)))
    left = 1 - np.bincount(graph.owned, graph.low, graph.size)
    shares = fill(graph, [(entry, data.draw(parts)) for entry in order], left)
    extra = np.where(asked.open, left * np.array([data.draw(parts) for _ in range(graph.size)]), 0.0)
    members = asked.caught | (asked.maybe & np.array([data.draw(st.booleans()) for _ in range(graph.size)]))
    share = filled_up(graph, shares, extra, members, rule)
    for place, bounds in enumerate(asked.bounds(rule)):
        assert float(bounds.low) - 1e-7 <= share[place] <= float(bounds.high) + 1e-7


@EVERY_RULE
@settings(max_examples=40)
@given(asked=questions(entities=4, holders=3))
def test_the_most_is_attained_by_some_statement_and_the_least_by_every_low(rule: Rule, asked: Question) -> None:
    """The most is linear in the shares of one entity, so some order of filling it up attains it: all are tried."""
    graph, members = asked.graph, asked.caught | asked.maybe
    rest = np.maximum(1 - np.bincount(graph.owned, graph.low, graph.size), 0)
    ranges = np.flatnonzero((graph.high > graph.low) & ~asked.open[graph.owned])
    orders = [list(permutations(ranges[graph.owned[ranges] == owned])) for owned in range(graph.size)]
    extra = np.where(asked.open, rest, 0.0)
    most = np.zeros(graph.size)
    for chosen in product(*orders):
        shares = fill(graph, [(entry, 1.0) for order in chosen for entry in order], rest.copy())
        most = np.maximum(most, filled_up(graph, shares, extra, members, rule))
    least = filled_up(graph, graph.low, np.zeros(graph.size), asked.caught, rule)
    bounds = asked.bounds(rule)
    assert [float(high) for _, high in bounds] == pytest.approx(most.tolist(), abs=1e-7)
    assert [float(low) for low, _ in bounds] == pytest.approx(least.tolist(), abs=1e-7)


@EVERY_RULE
@settings(max_examples=60)
@given(asked=questions(entities=7, over=True))
def test_a_whole_graph_and_every_entity_of_it_have_the_same_bounds(rule: Rule, asked: Question) -> None:
    whole = aggregate(asked.graph, asked.caught, asked.maybe, asked.open, rule)
    for place, bounds in enumerate(asked.bounds(rule)):
        assert (whole.low[place], whole.high[place]) == pytest.approx(
            (float(bounds.low), float(bounds.high)), abs=1e-12
        )
        assert 0 <= bounds.low <= bounds.high <= 1


@EVERY_RULE
@settings(max_examples=60)
@given(asked=questions(), data=st.data())
def test_a_larger_stake_never_makes_anyone_hold_less(rule: Rule, asked: Question, data) -> None:
    graph = asked.graph
    point = Graph(graph.entities, graph.owner, graph.owned, graph.low, graph.low)
    entry = data.draw(st.integers(0, graph.owner.size - 1))
    room = 1 - np.bincount(graph.owned, graph.low, graph.size)[graph.owned[entry]]
    more = graph.low.copy()
    more[entry] += room * data.draw(st.sampled_from([0.25, 0.5, 1.0]))
    larger = Graph(graph.entities, graph.owner, graph.owned, more, more)
    nobody = np.zeros(graph.size, dtype=bool)
    for place in range(graph.size):
        before, after = (interval(each, place, asked.caught, nobody, nobody, rule).low for each in (point, larger))
        assert before <= after


@EVERY_RULE
@settings(max_examples=40)
@given(asked=questions(over=True), data=st.data())
def test_the_order_of_entities_and_stakes_does_not_matter(rule: Rule, asked: Question, data) -> None:
    graph = asked.graph
    places = np.array(data.draw(st.permutations(range(graph.size))))
    entries = np.array(data.draw(st.permutations(range(graph.owner.size))))
    back = np.argsort(places)
    moved = Graph(
        tuple(graph.entities[place] for place in places), back[graph.owner[entries]], back[graph.owned[entries]],
        graph.low[entries], graph.high[entries],
    )  # fmt: skip
    other = Question(moved, asked.caught[places], asked.maybe[places], asked.open[places])
    bounds = asked.bounds(rule)
    assert other.bounds(rule) == [bounds[place] for place in places]


@settings(max_examples=60)
@given(asked=questions())
def test_knowing_more_never_widens_the_bounds(asked: Question) -> None:
    rule, graph, nobody = RULES["multiplicative"], asked.graph, np.zeros(asked.graph.size, dtype=bool)
    known = Graph(graph.entities, graph.owner, graph.owned, graph.low, graph.low)
    wide = asked.bounds(rule)
    for narrow in (
        Question(known, asked.caught, asked.maybe, asked.open),
        Question(graph, asked.caught, nobody, asked.open),
        Question(graph, asked.caught, asked.maybe, nobody),
        Question(graph, asked.caught | asked.maybe, nobody, asked.open),
    ):
        for before, after in zip(wide, narrow.bounds(rule), strict=True):
            assert before.low <= after.low
            assert after.high <= before.high


@pytest.mark.parametrize("singly", [False, True], ids=["together", "singly"])
@EVERY_RULE
@settings(max_examples=40)
@given(asked=questions(), data=st.data())
def test_a_missing_fact_gives_the_answer_that_was_foretold_once_it_is_known(
    rule: Rule, singly: bool, asked: Question, data
) -> None:
    """Every fact is told anew in the register itself, where it can be, and the question asked again."""
    target = data.draw(st.integers(0, asked.graph.size - 1))
    threshold = data.draw(st.sampled_from([0.25, 0.5]))

    def ask(of: Question) -> Answer:
        return decide(of.graph, target, of.caught, of.maybe, of.open, rule, "at least", threshold, singly)

    answer = ask(asked)
    assert (answer.answer == "unknown") == bool(answer.missing)
    for fact in answer.missing:
        ends = _told(asked, fact.kind, fact.place)
        assert [ask(end).answer for end in ends] == list(fact.answers[: len(ends)])


def _told(asked: Question, kind: str, place: int) -> list[Question]:
    """Return the question with a fact known: at both ends, but for a remainder, which can only be told harmless."""
    graph, here = asked.graph, np.arange(asked.graph.size) == place
    if kind == "remainder":
        return [Question(graph, asked.caught, asked.maybe, asked.open & ~here)]
    if kind == "holder":
        harmless = Question(graph, asked.caught, asked.maybe & ~here, asked.open)
        return [harmless, Question(graph, asked.caught | here, asked.maybe & ~here, asked.open)]
    room = 1 - graph.low[graph.owned == graph.owned[place]].sum()
    ends = graph.low[place], min(graph.high[place], graph.low[place] + room)
    this = np.arange(graph.owner.size) == place
    low, high = ([np.where(this, end, bound) for bound in (graph.low, graph.high)] for end in ends)
    told = [Graph(graph.entities, graph.owner, graph.owned, *bounds) for bounds in (low, high)]
    return [Question(each, asked.caught, asked.maybe, asked.open) for each in told]

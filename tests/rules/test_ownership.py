"""Shares of companies that hold each other, answers with their witnesses, and common control."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cellroad.chain.finding import ChainError
from cellroad.rules.attribution import RULES
from cellroad.rules.graph import Graph
from cellroad.rules.ownership import (
    Answer,
    Interval,
    aggregate,
    decide,
    integrated,
    interval,
    largest,
    overfull,
    related,
    screen,
    verdict,
)

SHARE = RULES["multiplicative"]


def graph_of(stakes: str) -> Graph:
    """Read "P 50 A, Q 25-50 A": shares and ranges in percent."""
    rows = []
    for each in stakes.split(", "):
        owner, share, owned = each.split()
        low, _, high = share.partition("-")
        rows.append((owner, owned, float(low) / 100, float(high or low) / 100))
    return Graph.of(pl.DataFrame(rows, schema=["owner", "owned", "share_min", "share_max"], orient="row"))


def held(
    graph: Graph, by: str, target: str, maybe: str = "", open_: str = "", rule: str = "multiplicative"
) -> Interval:
    masks = (graph.mask(names.split()) for names in (by, maybe, open_))
    return interval(graph, graph.position[target], *masks, RULES[rule])


def ask(
    graph: Graph, by: str, target: str, compare: str, percent: float, *, maybe: str = "", open_: str = "",
    rule: str = "multiplicative", singly: bool = False,
) -> Answer:  # fmt: skip
    masks = (graph.mask(names.split()) for names in (by, maybe, open_))
    return decide(graph, graph.position[target], *masks, RULES[rule], compare, Fraction(str(percent)) / 100, singly)


@st.composite
def registers(draw, entities: int = 6, full: bool = False):
    """Draw a register in 16ths: everyone but the first two is held, in full or in part, also in rings."""
    stakes = []
    for owned in range(2, entities):
        left = 16
        for owner in draw(st.lists(st.integers(0, entities - 1), min_size=1, max_size=3, unique=True)):
            share = draw(st.integers(0, left))
            left -= share
            stakes.append((owner, owned, share))
        if full:
            stakes.append((draw(st.integers(0, 1)), owned, left))
    owner, owned, share = (np.array(column) for column in zip(*stakes, strict=True))
    return Graph(tuple("PQABCDEFGH"[:entities]), owner, owned, share / 16, share / 16)


# --- closed forms


def test_a_ring_of_two() -> None:
    """P 1/2 -> A, A and B hold 1/2 of each other, Q 1/2 -> B: P holds 2/3 of A and 1/3 of B."""
    ring = graph_of("P 50 A, B 50 A, A 50 B, Q 50 B")
    assert held(ring, "P", "A") == (Fraction(2, 3), Fraction(2, 3))
    assert held(ring, "P", "B") == (Fraction(1, 3), Fraction(1, 3))


def test_own_shares_count_for_the_other_holders() -> None:
    assert held(graph_of("P 40 A, Q 40 A, A 20 A"), "P", "A").low == Fraction(1, 2)


def test_a_ring_that_nobody_is_behind_belongs_to_nobody() -> None:
    ring = graph_of("A 100 B, B 100 A, P 10 C")
    assert held(ring, "P", "A") == (0, 0)
    assert aggregate(ring, ring.mask(["P"]), *[ring.mask([])] * 2, SHARE).low[ring.position["A"]] == 0
    with pytest.raises(ValueError, match="nobody is behind"):
        integrated(ring)


@given(graph=registers(full=True))
def test_shares_of_ultimate_owners_sum_to_one(graph: Graph) -> None:
    nobody, behind = graph.mask([]), graph.mask("PQ")
    for target in range(2, graph.size):
        both = [interval(graph, target, graph.mask([owner]), nobody, nobody, SHARE).low for owner in "PQ"]
        # a ring that is closed to P and Q is nobody's
        assert sum(both) == interval(graph, target, behind, nobody, nobody, SHARE).low
        assert sum(both) in (0, 1) or _closed_ring_above(graph, target)


def _closed_ring_above(graph: Graph, target: int) -> bool:
    """Say whether something upstream has neither P nor Q upstream of it."""
    held = graph.low > 0
    some = Graph(graph.entities, graph.owner[held], graph.owned[held], graph.low[held], graph.high[held])
    return any(not {0, 1} & set(some.upstream(place).tolist()) for place in some.upstream(target) if place > 1)


@given(graph=registers())
def test_every_share_is_the_closed_form_of_the_matrix_of_shares(graph: Graph) -> None:
    direct = np.zeros((graph.size, graph.size))
    np.add.at(direct, (graph.owner, graph.owned), graph.low)
    nobody = graph.mask([])
    for source in range(graph.size):
        # absorbing: what is behind the source does not count, so its own column is taken out
        absorbed = direct.copy()
        absorbed[:, source] = 0
        if np.abs(np.linalg.eigvals(absorbed)).max() > 1 - 1e-6:
            continue
        expected = np.linalg.inv(np.eye(graph.size) - absorbed)[source]
        shares = aggregate(graph, np.arange(graph.size) == source, nobody, nobody, SHARE)
        assert shares.low == pytest.approx(expected, abs=1e-12)
        exact = [
            interval(graph, t, np.arange(graph.size) == source, nobody, nobody, SHARE).low for t in range(graph.size)
        ]
        assert [float(share) for share in exact] == pytest.approx(expected, abs=1e-12)


@given(graph=registers())
def test_integrated_shares_are_those_of_every_owner_alone(graph: Graph) -> None:
    direct = np.zeros((graph.size, graph.size))
    np.add.at(direct, (graph.owner, graph.owned), graph.low)
    if np.abs(np.linalg.eigvals(direct)).max() > 1 - 1e-6:
        return
    matrix, nobody = integrated(graph), graph.mask([])
    for source in range(graph.size):
        alone = aggregate(graph, np.arange(graph.size) == source, nobody, nobody, SHARE).low
        others = np.arange(graph.size) != source
        assert matrix[source, others] == pytest.approx(alone[others], abs=1e-9)


@given(parents=st.lists(st.tuples(st.integers(0, 30), st.integers(1, 100)), min_size=1, max_size=12))
def test_along_a_tree_shares_multiply(parents: list[tuple[int, int]]) -> None:
    """Entity k + 1 is held by one earlier entity; the path to the root is found by walking it."""
    above = [parent % (place + 1) for place, (parent, _) in enumerate(parents)]
    share = np.array([percent / 100 for _, percent in parents])
    graph = Graph(
        tuple(f"e{k}" for k in range(len(parents) + 1)), np.array(above), np.arange(1, len(parents) + 1), share, share
    )
    nobody = graph.mask([])
    for target in range(1, graph.size):
        expected, place = Fraction(1), target
        while place:
            expected *= Fraction(parents[place - 1][1], 100)
            place = above[place - 1]
        assert interval(graph, target, graph.mask(["e0"]), nobody, nobody, SHARE).low == expected


# --- graphs


def test_several_stakes_between_the_same_two_add_up() -> None:
    twice = graph_of("P 10 A, P 15 A")
    assert held(twice, "P", "A").low == Fraction(25, 100)
    assert ask(twice, "P", "A", "at least", 25).witnesses == (0, 1)


def test_upstream_is_everything_that_can_hold_some_of_the_target() -> None:
    graph = graph_of("P 50 A, A 50 B, B 10 A, Q 0 B, R 0-5 B, B 40 C")
    ids = [graph.entities[place] for place in graph.upstream(graph.position["B"])]
    assert sorted(ids) == ["A", "B", "P", "R"]
    assert [graph.entities[place] for place in graph.upstream(graph.position["P"])] == []
    assert {graph.entities[place] for place in graph.downstream(graph.position["P"])} == {"A", "B", "C"}
    assert {graph.entities[place] for place in graph.downstream(graph.position["Q"])} == set()


def test_every_step_of_the_order_comes_after_its_holders() -> None:
    graph = graph_of("P 50 A, B 50 A, A 50 B, B 30 C, C 20 D, P 10 D, D 5 D")
    order = graph.order
    place = {entity: k for k, (a, b) in enumerate(order.steps) for entity in order.entities[a:b].tolist()}
    for owner, owned in zip(graph.owner.tolist(), graph.owned.tolist(), strict=True):
        before = place.get(owner, -1)
        assert before < place[owned] or order.component[owner] == order.component[owned]
    assert {graph.entities[k] for k in np.flatnonzero(order.ring)} == {"A", "B", "D"}
    assert all(a < b for a, b in pairwise([0, *(last for _, last in order.steps)]))


def test_everything_wrong_with_stakes_is_told_at_once() -> None:
    wrong = pl.DataFrame(
        {
            "owner": ["P", None, "Q"],
            "owned": ["A", "A", "B"],
            "share_min": [25.0, 0.1, 0.5],
            "share_max": [0.5, 0.1, 0.4],
        }
    )
    with pytest.raises(ChainError) as told:
        Graph.of(wrong)
    places = {(finding.row, finding.column) for finding in told.value.findings}
    assert {(2, "share_min"), (3, "owner"), (4, "share_min")} <= places


def test_blank_bounds_are_everything_and_nothing() -> None:
    blank = pl.DataFrame({"owner": ["P"], "owned": ["A"], "share_min": [None], "share_max": [None]})
    assert held(Graph.of(blank), "P", "A") == (0, 1)


# --- answers


@pytest.mark.parametrize(
    ("low", "high", "compare", "expected"),
    [
        (25, 25, "at least", "yes"), (25, 25, "more than", "no"), (25, 26, "more than", "unknown"),
        (24, 25, "at least", "unknown"), (24, 25, "more than", "no"), (26, 30, "more than", "yes"),
    ],
)  # fmt: skip
def test_at_least_counts_the_threshold_itself_and_more_than_does_not(low, high, compare, expected) -> None:
    assert verdict(Interval(Fraction(low, 100), Fraction(high, 100)), compare, 0.25) == expected


def test_decimal_shares_are_added_as_they_are_written() -> None:
    assert 0.1 + 0.15 != 0.25 or 0.1 + 0.2 != 0.3  # what a computer makes of them
    sums = graph_of("P 10 A, Q 15 A, P 10 B, Q 20 B")
    assert ask(sums, "P Q", "A", "at least", 25).answer == "yes"
    assert ask(sums, "P Q", "A", "more than", 25).answer == "no"
    assert ask(sums, "P Q", "B", "at least", 30).answer == "yes"
    assert ask(sums, "P Q", "B", "more than", 30).answer == "no"


def test_a_third_written_short_is_less_than_a_third() -> None:
    thirds = graph_of("P 33.3333 A, Q 33.3333 A, R 33.3333 A")
    assert ask(thirds, "P Q R", "A", "at least", 100).answer == "no"
    assert ask(thirds, "P Q R", "A", "at least", 99.9999).answer == "yes"


def test_the_whole_graph_is_as_exact_at_the_threshold() -> None:
    graph = graph_of("P 10 A, Q 15 A, P 10 B, Q 20 B, P 50 C, D 50 C, C 50 D, Q 50 D, P 24.9999999999 E")
    set_, nobody = graph.mask(["P", "Q"]), graph.mask([])
    found = dict(zip(graph.entities, screen(graph, set_, nobody, nobody, SHARE, "at least", 0.25), strict=True))
    assert {name: found[name] for name in "ABE"} == {"A": "yes", "B": "yes", "E": "no"}
    found = dict(zip(graph.entities, screen(graph, set_, nobody, nobody, SHARE, "more than", 0.25), strict=True))
    assert {name: found[name] for name in "ABE"} == {"A": "no", "B": "yes", "E": "no"}
    third = screen(graph, graph.mask(["P"]), nobody, nobody, SHARE, "at least", Fraction(2, 3))
    assert third[graph.position["C"]] == "yes"


def test_a_yes_names_the_stakes_that_carry_it() -> None:
    graph = graph_of("X 60 A, Y 40 A, A 50 T, Z 50 T, X 30 B")
    answer = ask(graph, "X", "T", "at least", 50, rule="ofac_50")
    assert (answer.answer, answer.witnesses, answer.missing) == ("yes", (0, 2), ())


def test_a_range_that_holds_the_threshold_is_unknown_and_told_as_what_would_decide() -> None:
    graph = graph_of("X 20-30 T, Y 10-60 T")
    answer = ask(graph, "X", "T", "at least", 25)
    assert (answer.answer, answer.low, answer.high) == ("unknown", Fraction(20, 100), Fraction(30, 100))
    assert [(fact.kind, fact.place, fact.answers, fact.decides) for fact in answer.missing] == [
        ("stake", 0, ("no", "yes"), True)
    ]
    assert answer.missing[0].moves == Fraction(10, 100)


def test_what_nobody_accounts_for_is_unknown_where_it_is_open_and_harmless_where_not() -> None:
    graph = graph_of("X 20 T, Y 50 T")
    assert ask(graph, "X", "T", "at least", 25).answer == "no"
    answer = ask(graph, "X", "T", "at least", 25, open_="T")
    assert (answer.answer, answer.high) == ("unknown", Fraction(50, 100))
    assert [(fact.kind, fact.place, fact.answers) for fact in answer.missing] == [
        ("remainder", graph.position["T"], ("no", "yes"))
    ]


def test_who_may_belong_to_the_set_counts_for_the_most_only() -> None:
    graph = graph_of("X 20 T, M 10 T, Y 70 T")
    answer = ask(graph, "X", "T", "at least", 25, maybe="M")
    assert (answer.answer, answer.low, answer.high) == ("unknown", Fraction(20, 100), Fraction(30, 100))
    assert [(fact.kind, fact.place) for fact in answer.missing] == [("holder", graph.position["M"])]


def test_missing_facts_stand_in_order_of_what_hangs_on_them() -> None:
    graph = graph_of("X 10-12 T, Z 0-30 T, Y 50 T")
    answer = ask(graph, "X Z", "T", "at least", 25)
    assert [fact.place for fact in answer.missing] == [1, 0]
    assert [fact.decides for fact in answer.missing] == [True, False]


def test_where_two_facts_decide_only_together_both_are_told() -> None:
    graph = graph_of("X 40-60 A, X 40-60 B, A 50 C, B 50 C, C 50 T")
    answer = ask(graph, "X", "C", "at least", 100, rule="ofac_50")
    assert answer.answer == "unknown"
    assert {fact.place for fact in answer.missing} == {0, 1}
    assert all(fact.answers == ("no", "unknown") for fact in answer.missing)


def test_shares_that_sum_to_more_than_all_are_told_and_never_count_for_more_than_all() -> None:
    graph = graph_of("X 60 T, Y 70 T")
    answer = ask(graph, "X Y", "T", "at least", 100)
    assert (answer.low, answer.high, answer.overfull) == (1, 1, (graph.position["T"],))
    assert ask(graph, "X", "T", "at least", 50).low == Fraction(60, 100)
    assert [finding.found for finding in overfull(graph)] == ["1.3 of 'T'"]
    assert overfull(graph_of("X 66.66666666666667 T, Y 33.33333333333333 T, Z 5 A")) == []
    assert ask(graph_of("X 60 T, Y 40 T"), "X", "T", "at least", 50).overfull == ()


# --- one holder


def test_the_largest_holder_is_looked_at_alone() -> None:
    graph = graph_of("X 20 T, Y 15 T, Y 60 A, A 25 T, Z 40 T")
    nobody = graph.mask([])
    found, holder = largest(graph, graph.position["T"], graph.mask(["X", "Y", "A"]), nobody, nobody, SHARE)
    assert (found.low, found.high, graph.entities[holder or 0]) == (Fraction(30, 100), Fraction(30, 100), "Y")
    together = held(graph, "X Y A", "T")
    assert together.low == Fraction(60, 100)
    assert ask(graph, "X Y A", "T", "at least", 25, singly=True).answer == "yes"
    assert ask(graph, "X Y", "T", "at least", 31, singly=True).answer == "no"


def test_one_unknown_holder_may_hold_all_that_is_open_and_may_be_a_known_one() -> None:
    graph = graph_of("X 10 T, Y 60 T")
    nobody, open_ = graph.mask([]), graph.mask(["T"])
    assert largest(graph, graph.position["T"], nobody, nobody, open_, SHARE) == ((0, Fraction(30, 100)), None)
    found, holder = largest(graph, graph.position["T"], graph.mask(["X"]), nobody, open_, SHARE)
    assert (found, holder) == ((Fraction(10, 100), Fraction(40, 100)), graph.position["X"])
    answer = ask(graph, "X", "T", "at least", 25, open_="T", singly=True)
    assert [(fact.kind, fact.answers) for fact in answer.missing] == [("remainder", ("no", "yes"))]
    # somebody of the set holding the 30 makes 40 only if that is X
    answer = ask(graph, "X", "T", "at least", 35, open_="T", singly=True)
    assert [(fact.kind, fact.answers) for fact in answer.missing] == [("remainder", ("no", "unknown"))]


@given(graph=registers(), members=st.sets(st.sampled_from("PQABCD"), min_size=1))
def test_nobody_alone_holds_more_than_all_together(graph: Graph, members: set[str]) -> None:
    nobody, set_ = graph.mask([]), graph.mask(members)
    for target in range(graph.size):
        one, _ = largest(graph, target, set_, nobody, nobody, SHARE)
        assert one.low <= interval(graph, target, set_, nobody, nobody, SHARE).low


# --- large rings


def ring_of(size: int, share: float) -> Graph:
    """Return P, who holds the rest of the first company, and companies that each hold a share of the next."""
    owner, owned = np.array([0, *range(1, size + 1)]), np.array([1, *range(2, size + 1), 1])
    shares = np.array([1 - share, *[share] * size]).round(9)
    return Graph(("P", *map(str, range(size))), owner, owned, shares, shares)


@settings(max_examples=5)
@given(size=st.integers(301, 400), share=st.sampled_from([0.25, 0.5, 0.9]))
def test_a_ring_too_large_for_fractions_is_bounded_around_its_closed_form(size: int, share: float) -> None:
    """Of the first of n companies P has (1 − s) / (1 − s^n)."""
    graph = ring_of(size, share)
    nobody, p = graph.mask([]), graph.mask(["P"])
    found = interval(graph, 1, p, nobody, nobody, SHARE)
    expected = (1 - share) / (1 - share**size)
    assert found.low < expected < found.high
    assert float(found.high - found.low) < 1e-8
    assert largest(graph, 1, p, nobody, nobody, SHARE) == (found, 0)
    assert decide(graph, 1, p, nobody, nobody, SHARE, "at least", expected).answer == "unknown"
    assert decide(graph, 1, p, nobody, nobody, SHARE, "at least", expected - 1e-6).answer == "yes"


@pytest.mark.parametrize("share", [0.5, 0.99])
def test_a_ring_of_thousands_comes_to_its_closed_form(share: float) -> None:
    """Of company k of n P has s^k (1 − s) / (1 − s^n), by adding up the rounds or, where they die down slowly, not."""
    size = 1500
    graph = ring_of(size, share)
    nobody = graph.mask([])
    found = aggregate(graph, graph.mask(["P"]), nobody, nobody, SHARE).low[1:]
    expected = share ** np.arange(size) * (1 - share) / (1 - share**size)
    assert found == pytest.approx(expected, abs=1e-12)


def test_a_threshold_that_a_large_ring_comes_near_is_left_open() -> None:
    """The first company is held to half and a 2^-302, which rounding cannot tell from half."""
    graph = ring_of(301, 0.5)
    nobody = graph.mask([])
    low, high = aggregate(graph, graph.mask(["P"]), nobody, nobody, RULES["cfr_850_206"])
    assert low[1] == pytest.approx(0.5)
    assert low[2] == pytest.approx(0.25)  # as if it were half
    assert high[2] >= 0.5  # as it is: the first is a parent, and counts in full


# --- common control


@pytest.mark.parametrize(
    ("stakes", "expected"),
    [
        pytest.param("A 51 B, P 100 A, Q 49 B", "yes", id="a parent and its subsidiary"),
        pytest.param("A 50 B, P 100 A, Q 50 B", "no", id="half is not more than half"),
        pytest.param("A 60 M, M 60 B, P 100 A, Q 40 M, R 40 B", "yes", id="a chain, each link more than half"),
        pytest.param("H 60 A, H 60 B, P 40 A, Q 40 B", "yes", id="one common owner"),
        pytest.param("P 30 A, Q 30 A, R 40 A, P 30 B, Q 30 B, S 40 B", "yes", id="two owners with the same in both"),
        pytest.param("P 60 A, Q 40 A, P 40 B, Q 10 B, R 50 B", "no", id="of each owner only the smaller share"),
        pytest.param("P 12 A, Q 12 A, R 12 A, S 12 A, T 12 A, V 40 A, P 12 B, Q 12 B, R 12 B, S 12 B, T 12 B, W 40 B",
                     "yes", id="five owners"),
        pytest.param("P 9 A, Q 9 A, R 9 A, S 9 A, T 9 A, U 9 A, V 46 A, "
                     "P 9 B, Q 9 B, R 9 B, S 9 B, T 9 B, U 9 B, W 46 B",
                     "no", id="six owners, of whom five count"),
        pytest.param("P 100 A, Q 100 B", "no", id="strangers"),
        pytest.param("P 40 A, Q 40 B", "unknown", id="the rest may be one and the same"),
        pytest.param("A 40-60 B, P 100 A, Q 40 B", "unknown", id="a range"),
    ],
)  # fmt: skip
def test_common_control(stakes: str, expected: str) -> None:
    graph = graph_of(stakes)
    a, b = graph.position["A"], graph.position["B"]
    assert related(graph, a, b) == related(graph, b, a) == expected


def test_an_entity_is_related_to_itself() -> None:
    graph = graph_of("P 10 A")
    assert related(graph, graph.position["A"], graph.position["A"]) == "yes"

"""The worked examples of 26 CFR 1.318-2, 1.318-3 and 1.318-4, in hundredths of the stock."""

from fractions import Fraction

import pytest

from cellroad.rules.section318 import People, constructive


def percent(**shares: int) -> dict[str, Fraction]:
    return {name: Fraction(share, 100) for name, share in shares.items()}


def of(corporation: str, people: People, *names: str) -> dict[str, Fraction]:
    found = constructive(people, corporation)
    return {name: found[name] for name in names or people.kinds}


def people(kinds: str, holdings: str, **relations: object) -> People:
    """Read "A individual; M corporation" and "A holds 70 of M; M holds 50 of O"."""
    named = dict(each.split() for each in kinds.split("; "))
    held = {}
    for each in holdings.split("; "):
        holder, _, share, _, entity = each.split()
        held[holder, entity] = Fraction(share) / 100
    return People(named, held, **relations)  # type: ignore[arg-type]


def test_a_corporation_does_not_own_its_own_stock():
    """26 CFR 1.318-2(a), example 1."""
    found = people("H individual; A corporation", "H holds 100 of A")
    assert of("A", found) == percent(H=100, A=0)


def test_the_family_is_added_before_the_50_percent_are_tested():
    """26 CFR 1.318-2(a), example 2: H, W and S with a third each of Green, which holds stock of another."""
    green = people(
        "H individual; W individual; S individual; Green corporation; O corporation",
        "H holds 100/3 of Green; W holds 100/3 of Green; S holds 100/3 of Green; Green holds 60 of O",
        spouses=frozenset({("H", "W")}), parents=frozenset({("H", "S"), ("W", "S")}),
    )  # fmt: skip
    assert of("Green", green, "H", "W", "S") == percent(H=100, W=100, S=100)
    assert of("O", green, "H", "W", "S") == percent(H=60, W=60, S=60)


def test_stock_goes_up_and_down_in_the_family_but_not_from_grandparent_to_grandchild():
    """26 CFR 1.318-2(b): H, his wife W, his son S and S's son G, 25 each."""
    family = people(
        "H individual; W individual; S individual; G individual; X corporation",
        "H holds 25 of X; W holds 25 of X; S holds 25 of X; G holds 25 of X",
        spouses=frozenset({("H", "W")}), parents=frozenset({("H", "S"), ("W", "S"), ("S", "G")}),
    )  # fmt: skip
    assert of("X", family, "H", "W", "S", "G") == percent(H=100, W=100, S=100, G=50)


def test_a_partnership_owns_what_its_partner_owns_and_he_his_part_of_what_it_owns():
    """26 CFR 1.318-2(c), example 1."""
    found = people("A individual; P partnership; X corporation", "A holds 50 of P; P holds 50 of X; A holds 50 of X")
    assert of("X", found, "P", "A") == percent(P=100, A=75)


def test_a_vested_beneficiary_and_his_trust():
    """26 CFR 1.318-2(c), example 2: a vested remainder worth 4 percent."""
    found = people("A individual; T trust; X corporation", "A holds 4 of T; T holds 25 of X; A holds 75 of X")
    assert of("X", found, "T", "A") == percent(T=100, A=76)


def test_a_trust_does_not_own_the_stock_of_a_remote_contingent_beneficiary():
    """26 CFR 1.318-2(c), example 3: the same, but contingent."""
    found = people(
        "A individual; T trust; X corporation", "A holds 4 of T; T holds 25 of X; A holds 75 of X",
        remote=frozenset({("A", "T")}),
    )  # fmt: skip
    assert of("X", found, "T") == percent(T=25)


MAJORITY = "A individual; B individual; M corporation; O corporation"


def test_a_majority_shareholder_and_his_corporation():
    """26 CFR 1.318-2(c), example 4: A 70, B 30 of M, which owns 50 of O, A owns the other 50."""
    found = people(MAJORITY, "A holds 70 of M; B holds 30 of M; M holds 50 of O; A holds 50 of O")
    assert of("O", found, "M", "A", "B") == percent(M=100, A=85, B=0)


def test_below_50_percent_nothing_passes_unless_the_provision_says_so():
    """26 CFR 1.318-2(c), example 5: B with 30 percent of M; all three own stock of O."""
    held = "A holds 70 of M; B holds 30 of M; M holds 50 of O; A holds 30 of O; B holds 20 of O"
    assert of("O", people(MAJORITY, held), "M", "B") == percent(M=80, B=20)
    lowered = people(MAJORITY, held, least=Fraction(5, 100))
    assert of("O", lowered, "M", "B") == percent(M=100, B=35)


def test_an_estate_and_its_beneficiaries():
    """26 CFR 1.318-3(a), example 1(b): C, who only has the remainder after B's life, is no beneficiary here."""
    found = people(
        "E estate; A individual; B individual; C individual; X corporation",
        "E holds 50 of X; A holds 12 of X; B holds 18 of X; C holds 20 of X; A holds 50 of E; B holds 50 of E",
    )
    assert of("X", found, "E", "A", "B", "C") == percent(E=80, A=37, B=43, C=20)


def test_an_option_and_an_option_on_an_option_own_the_stock():
    """26 CFR 1.318-3(c): A owns 50, has an option on 25 of B's and one to acquire an option on the other 25."""
    found = people(
        "A individual; B individual; X corporation", "A holds 50 of X; B holds 50 of X",
        options={("A", "B", "X"): Fraction(50, 100)},
    )  # fmt: skip
    assert of("X", found, "A") == percent(A=100)


def test_stock_that_was_handed_on_from_an_entity_is_handed_on_again():
    """26 CFR 1.318-4(a): a trust owns half of X, X owns Y, and the trust has beneficiaries."""
    found = people(
        "A individual; T trust; X corporation; Y corporation", "A holds 100 of T; T holds 50 of X; X holds 80 of Y"
    )
    assert of("Y", found, "T", "A") == percent(T=40, A=40)


def test_no_double_attribution_in_a_family():
    """26 CFR 1.318-4(b): F and his sons A and B own a third each; A does not own what B owns."""
    found = people(
        "F individual; A individual; B individual; X corporation",
        "F holds 100/3 of X; A holds 100/3 of X; B holds 100/3 of X", parents=frozenset({("F", "A"), ("F", "B")}),
    )  # fmt: skip
    third = Fraction(1, 3)
    assert of("X", found, "F", "A", "B") == {"F": 1, "A": 2 * third, "B": 2 * third}


def test_no_sidewise_attribution_between_beneficiaries():
    """26 CFR 1.318-4(c)(1): stock that one beneficiary owns goes to the trust, not on to the other."""
    found = people(
        "A individual; B individual; T trust; X corporation", "A holds 50 of T; B holds 50 of T; A holds 40 of X"
    )
    assert of("X", found, "A", "B", "T") == percent(A=40, B=0, T=40)


def test_stock_that_came_down_from_a_corporation_goes_up_into_another():
    """26 CFR 1.318-4(c)(1): A owns all of X and Y; what X holds of Z is Y's through A."""
    found = people(
        "A individual; X corporation; Y corporation; Z corporation",
        "A holds 100 of X; A holds 100 of Y; X holds 30 of Z",
    )
    assert of("Z", found, "A", "X", "Y") == percent(A=30, X=30, Y=30)


def test_the_same_stock_counts_once_however_many_ways_lead_to_it():
    """26 CFR 1.318-1(b)(2): both spouses are partners, so the partnership reaches H's stock twice."""
    found = people(
        "H individual; W individual; P partnership; X corporation",
        "H holds 50 of P; W holds 50 of P; H holds 60 of X", spouses=frozenset({("H", "W")}),
    )  # fmt: skip
    assert of("X", found, "P", "H", "W") == percent(P=60, H=60, W=60)


def test_corporations_that_hold_each_other_are_refused():
    ring = people("A corporation; B corporation", "A holds 50 of B; B holds 50 of A")
    with pytest.raises(ValueError, match="A, B hold each other"):
        constructive(ring, "A")

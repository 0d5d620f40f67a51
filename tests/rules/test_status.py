import datetime as dt

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.rules.making_parties import DAY, chain_of

import cellroad as cr
from cellroad.rules.law import amended, shipped
from cellroad.rules.parties import parties
from cellroad.rules.status import Register, register
from cellroad.rules.verdict import Answer, Verdict, all_of, any_of, opposite, readings

FOREIGN = {"*maker": "CN", "*rival": "CN", "~yank": "US", "jv": "US"}


def answer(chain: cr.Chain, partner: str, regime: str, on: dt.date = DAY) -> str:
    return register(chain, shipped()).verdict(partner, regime, on).answer


@pytest.mark.parametrize(("share", "fie", "sfe"), [
    (0.2499, "no", "no"), (0.25, "yes", "no"), (0.5, "yes", "no"), (0.5001, "yes", "yes"), (1.0, "yes", "yes"),
])  # fmt: skip
def test_one_holder_counts_at_25_percent_and_a_majority_beyond_50(share: float, fie: str, sfe: str) -> None:
    stakes = [("maker", "jv", "equity", share, share)]
    if share < 1:
        stakes.append(("yank", "jv", "equity", round(1 - share, 6), round(1 - share, 6)))
    chain = chain_of(FOREIGN, stakes)
    assert (answer(chain, "jv", "fie"), answer(chain, "jv", "sfe")) == (fie, sfe)


@pytest.mark.parametrize(("shares", "fie"), [((0.2, 0.19), "no"), ((0.2, 0.2), "yes"), ((0.1, 0.1), "no")])
def test_two_holders_count_together_at_40_percent(shares: tuple[float, float], fie: str) -> None:
    rest = round(1 - sum(shares), 6)
    stakes = [
        ("maker", "jv", "equity", shares[0], shares[0]),
        ("rival", "jv", "equity", shares[1], shares[1]),
        ("yank", "jv", "equity", rest, rest),
    ]
    assert answer(chain_of(FOREIGN, stakes), "jv", "fie") == fie


def test_three_tenths_and_two_twentieths_are_exactly_forty_percent() -> None:
    partners = {**FOREIGN, "*third": "CN"}
    stakes = [("maker", "jv", "equity", 0.2, 0.2), ("rival", "jv", "equity", 0.1, 0.1)]
    stakes += [("third", "jv", "equity", 0.1, 0.1), ("yank", "jv", "equity", 0.6, 0.6)]
    assert answer(chain_of(partners, stakes), "jv", "fie") == "yes"


@pytest.mark.parametrize(("share", "fie"), [(0.1499, "no"), (0.15, "yes")])
def test_debt_counts_at_15_percent(share: float, fie: str) -> None:
    stakes = [("yank", "jv", "equity", 1.0, 1.0), ("maker", "jv", "debt", share, share)]
    assert answer(chain_of(FOREIGN, stakes), "jv", "fie") == fie


def test_a_seat_on_the_board_counts_and_a_member_of_an_alliance_does_not() -> None:
    own = ("yank", "jv", "equity", 1.0, 1.0)
    assert answer(chain_of(FOREIGN, [own, ("maker", "jv", "board", 0.1, 0.1)]), "jv", "fie") == "yes"
    assert answer(chain_of(FOREIGN, [own, ("maker", "jv", "member", 0.1, 0.1)]), "jv", "fie") == "no"


@pytest.mark.parametrize(("terms", "years", "signed", "fie"), [
    ("", None, "2026-01-01", "unknown"), ("none", None, "2026-01-01", "no"),
    ("outright_purchase", None, "2026-01-01", "no"), ("production", None, "2020-01-01", "yes"),
    ("royalty", 12.0, "2026-01-01", "yes"), ("royalty", 10.0, "2026-01-01", "no"),
    ("royalty", None, "2026-01-01", "unknown"), ("royalty", 12.0, "2025-07-03", "no"),
    ("service", 2.5, "2025-07-04", "yes"),
])  # fmt: skip
def test_a_licence_counts_by_its_terms(terms: str, years: float | None, signed: str, fie: str) -> None:
    chain = chain_of(FOREIGN, [("yank", "jv", "equity", 1.0, 1.0), ("maker", "jv", "licence", 0.0, 1.0)])
    licence = pl.col("interest").cast(pl.String) == "licence"
    stakes = chain.stakes.with_columns(
        terms=pl.when(licence).then(pl.lit(terms)).otherwise("terms"),
        term_years=pl.when(licence).then(pl.lit(years, dtype=pl.Float64)),
        valid_from=pl.when(licence).then(pl.lit(dt.date.fromisoformat(signed))).otherwise("valid_from"),
    )
    assert answer(chain.replace(stakes=stakes), "jv", "fie") == fie


def test_what_two_readings_answer_differently_is_unknown_with_both() -> None:
    stakes = [("maker", "mid", "equity", 0.51, 0.51), ("yank", "mid", "equity", 0.49, 0.49)]
    stakes += [("mid", "jv", "equity", 0.51, 0.51), ("yank", "jv", "equity", 0.49, 0.49)]
    found = register(chain_of({**FOREIGN, "mid": "US"}, stakes), shipped()).verdict("jv", "sfe", DAY)
    assert found.answer == "unknown"
    said = [reason.text for reason in found.reasons if reason.kind == "reading"]
    assert any(text.endswith(": no") for text in said)
    assert any(text.endswith(": yes") for text in said)


def test_an_owner_nobody_knows_is_unknown_and_the_answer_names_what_would_settle_it() -> None:
    found = register(chain_of({"jv": "US", "maker": "CN"}, [("maker", "jv", "equity", 0.1, 0.1)]), shipped())
    verdict = found.verdict("jv", "fie", DAY)
    assert verdict.answer == "unknown"
    lacks = [reason.text for reason in verdict.reasons if reason.kind == "missing"]
    assert any("who holds the rest of the equity of Jv (this alone would settle it)" in text for text in lacks)


def test_unknown_holders_of_a_traded_firm_are_left_out_and_that_is_told() -> None:
    verdict = register(chain_of({"*jv": "US"}), shipped()).verdict("jv", "fie", DAY)
    assert verdict.answer == "no"
    assert any(reason.kind == "assumed" and "large holders report" in reason.text for reason in verdict.reasons)


def test_a_share_that_is_a_range_is_unknown_only_where_it_crosses_the_threshold() -> None:
    def fie(low: float, high: float) -> str:
        stakes = [("maker", "jv", "equity", low, high), ("yank", "jv", "equity", 1 - high, 1 - low)]
        return answer(chain_of(FOREIGN, stakes), "jv", "fie")

    assert (fie(0.3, 0.6), fie(0.2, 0.3)) == ("yes", "unknown")


@settings(max_examples=30)
@given(low=st.integers(0, 100), more=st.integers(0, 100))
def test_more_in_foreign_hands_never_clears(low: int, more: int) -> None:
    rank: dict[str, int] = {"no": 0, "unknown": 1, "yes": 2}

    def pfe(percent: int) -> int:
        share, rest = percent / 100, (100 - percent) / 100
        stakes = [("maker", "jv", "equity", share, share), ("yank", "jv", "equity", rest, rest)]
        return rank[answer(chain_of(FOREIGN, stakes), "jv", "pfe")]

    smaller, larger = sorted((low, more))
    assert pfe(smaller) <= pfe(larger)


def test_quick_answers_are_those_with_reasons() -> None:
    for name in ("kandi-cbak", "gotion-us", "casip", "yousolar"):
        found = register(cr.load(name), shipped())
        for regime in found.regimes:
            for entity in found.parties.by_id:
                quick, full = found.answer(entity, regime, DAY), found.verdict(entity, regime, DAY).answer
                assert quick == full, (entity, regime)


def test_absence_clears_from_a_full_list_from_outside_its_scope_and_after_a_look() -> None:
    here = {"anon": "CN", "outsider": "KR"}
    chain = chain_of(here)
    assert answer(chain, "anon", "ndaa_154") == "unknown"  # a named maker may own it
    assert answer(chain, "anon", "us_1260h") == "unknown"
    assert answer(chain, "outsider", "us_1260h") == "no"
    look = {"partner": "anon", "against": "list_1260h", "result": "different", "day": dt.date(2027, 1, 1)}
    looked = chain.replace(reviews=pl.DataFrame([look]))
    assert answer(looked, "anon", "us_1260h") == "no"
    assert answer(looked, "anon", "us_1260h", dt.date(2026, 12, 31)) == "unknown"


def test_a_name_that_is_only_alike_is_a_question_until_somebody_answers() -> None:
    chain = chain_of({"supplier": "CN"})
    alike = chain.replace(partners=chain.partners.with_columns(name=pl.lit("EVE Energy Co Ltd")))
    found = register(alike, shipped())
    verdict = found.verdict("supplier", "ndaa_154", DAY)
    assert verdict.answer == "unknown"
    asked = verdict.reasons[0].text
    assert "'EVE Energy Co Ltd' may be 'EVE Energy Company, Limited'" in asked
    for result, wanted in (("same", "yes"), ("different", "no")):
        rows = [
            {"partner": "supplier", "against": entry, "result": result, "day": dt.date(2026, 1, 1)}
            for entry in found.parties.matches["against"]
        ]
        judged = register(alike.replace(reviews=pl.DataFrame(rows)), shipped()).verdict("supplier", "us_1260h", DAY)
        assert (judged.answer == "yes") == (wanted == "yes")


def test_a_listing_that_was_withdrawn_within_a_day_never_counts() -> None:
    catl_and_byd = cr.load("casip")
    assert answer(catl_and_byd, "byd", "us_1260h", dt.date(2026, 2, 13)) != "yes"
    assert answer(catl_and_byd, "byd", "us_1260h", dt.date(2026, 6, 8)) == "yes"
    assert answer(catl_and_byd, "catl", "us_1260h", dt.date(2025, 1, 7)) == "yes"


def test_a_rule_that_rests_on_itself_is_unknown() -> None:
    law = shipped()
    regime = law.regimes.filter(pl.col("regime_id") == "uflpa").with_columns(regime_id=pl.lit("loop"))
    test = law.tests.filter(pl.col("regime") == "pfe").head(1)
    ring = test.with_columns(test_id=pl.lit("LOOP"), regime=pl.lit("loop"), of=pl.lit("loop"))
    looped = amended(law, {"regimes": regime, "tests": ring})
    assert Register(parties(chain_of({"anon": "US"}), looped), looped).verdict("anon", "loop", DAY).answer == "unknown"


@given(st.lists(st.sampled_from(["yes", "no", "unknown"]), min_size=1))
def test_three_valued_logic_is_what_every_resolution_of_the_unknowns_agrees_on(answers: list[Answer]) -> None:
    def resolved(left: list[Answer]) -> list[list[bool]]:
        if not left:
            return [[]]
        options = {"yes": [True], "no": [False], "unknown": [True, False]}[left[0]]
        return [[head, *tail] for head in options for tail in resolved(left[1:])]

    def agreed(values: set[bool]) -> str:
        return "unknown" if len(values) == 2 else "yes" if values == {True} else "no"

    verdicts = [Verdict(found) for found in answers[:6]]
    worlds = resolved(answers[:6])
    assert any_of(verdicts).answer == agreed({any(world) for world in worlds})
    assert all_of(verdicts).answer == agreed({all(world) for world in worlds})
    assert opposite(any_of(verdicts)).answer == all_of(opposite(verdict) for verdict in verdicts).answer
    assert (readings(verdicts).answer == "unknown") == (len(set(answers[:6])) > 1 or answers[0] == "unknown")


def test_somebody_unknown_may_stand_behind_two_holders_that_are_not_traded() -> None:
    partners = {"left": "CN", "right": "CN", "~yank": "US", "jv": "US"}
    stakes = [("left", "jv", "equity", 0.2, 0.2), ("right", "jv", "equity", 0.19, 0.19)]
    stakes += [("yank", "jv", "equity", 0.61, 0.61)]
    assert answer(chain_of(partners, stakes), "jv", "fie") == "unknown"

import datetime as dt

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.rules.making_parties import chain_of

import cellroad as cr
from cellroad.chain.finding import ChainError
from cellroad.rules.deal import Deal, sweep
from cellroad.rules.law import shipped
from cellroad.rules.status import register

DAY = dt.date(2028, 6, 30)
PARTNERS = {"*maker": "CN", "*rival": "CN", "~yank": "US", "jv": "US"}


def at(deal: Deal, regime: str, share: float, rest: str) -> str:
    """Return the answer at a share, read off the pieces."""
    pieces = deal.steps.filter(pl.col("regime") == regime, pl.col("rest") == rest)
    inside = [
        answer
        for start, included, answer in pieces.select("share_from", "from_included", "answer").iter_rows()
        if share > start or (included and share == start)
    ]
    return str(inside[-1])


@settings(max_examples=25)
@given(share=st.integers(0, 100))
def test_the_pieces_answer_what_the_register_answers_at_every_share(share: int) -> None:
    part = share / 100
    for rest, other in (("as today", "rival"), ("an outsider", "yank")):
        stakes = [
            ("maker", "jv", "equity", part, part),
            (other, "jv", "equity", round(1 - part, 2), round(1 - part, 2)),
        ]
        placed = register(chain_of(PARTNERS, stakes), shipped())
        for regime in ("sfe", "fie", "pfe", "covered"):
            assert at(SWEPT, regime, part, rest) == placed.verdict("jv", regime, DAY).answer


SWEPT = sweep(
    chain_of(PARTNERS, [("maker", "jv", "equity", 0.5, 0.5), ("rival", "jv", "equity", 0.5, 0.5)]),
    "jv: maker 0..100 %", DAY,
)  # fmt: skip


def test_the_pieces_cover_the_range_without_gap_and_differ_from_their_neighbours() -> None:
    for _, pieces in SWEPT.steps.group_by("rest", "regime", maintain_order=True):
        assert pieces["share_from"][0] == 0.0
        assert pieces["share_to"][-1] == 1.0
        assert pieces["share_from"][1:].to_list() == pieces["share_to"][:-1].to_list()
        assert (pieces["answer"] != pieces["answer"].shift()).fill_null(True).all()


def test_debt_turns_at_15_percent_whatever_the_rest() -> None:
    chain = chain_of(PARTNERS, [("yank", "jv", "equity", 1.0, 1.0)])
    flips = sweep(chain, "jv: maker 0..40 % debt", DAY).flips.filter(pl.col("regime") == "fie")
    assert flips.select("share", "included", "after").rows() == [(0.15, True, "yes")] * 2


def test_a_licence_is_told_term_by_term() -> None:
    chain = chain_of(PARTNERS, [("yank", "jv", "equity", 1.0, 1.0)])
    told = sweep(chain, "jv: maker licence", DAY).terms.filter(pl.col("regime") == "pfe")
    answers = dict(told.select("term", "answer").iter_rows())
    assert answers["no agreement"] == answers["none"] == answers["outright purchase"] == "no"
    assert answers["terms not known"] == "unknown"
    assert {term for term, answer in answers.items() if answer == "yes"} == {
        "royalty", "service", "sourcing", "output", "production", "data", "maintenance", "know how withheld",
    }  # fmt: skip


@pytest.mark.parametrize("deal", [
    "cell JV: CBAK 0..100 %", "jv_cell: cbak 0..100 % equity", "Cell joint venture: CBAK Energy 0 .. 100 % of equity",
])  # fmt: skip
def test_partners_are_found_by_id_or_by_words_of_their_names(deal: str) -> None:
    found = sweep(cr.load("kandi-cbak"), deal.replace("0..100", "90").replace("0 .. 100", "90"), DAY)
    assert (found.venture, found.holder, found.low, found.high) == ("jv_cell", "cbak", 0.9, 0.9)


@pytest.mark.parametrize(("deal", "told"), [
    ("nonsense", "a venture, a holder and a share"),
    ("cell JV: CBAK 60..20 %", "a venture, a holder and a share"),
    ("cell JV: CBAK 0..140 %", "a venture, a holder and a share"),
    ("cell JV: Nobody at all 0..100 %", "a partner or organisation"),
    ("JV: CBAK 0..100 %", "one partner"),
])  # fmt: skip
def test_a_deal_that_cannot_be_read_is_told_in_words(deal: str, told: str) -> None:
    with pytest.raises(ChainError) as caught:
        sweep(cr.load("kandi-cbak"), deal, DAY)
    assert told in caught.value.findings[0].expected

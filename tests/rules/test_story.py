"""The joint ventures of May 2025, told by the law: what they may claim, what turns it, who may be sold to."""

import datetime as dt
from dataclasses import replace

import polars as pl
import pytest
from tests.rules.making_parties import chain_of

import cellroad as cr
from cellroad.rules.bans import ban_frame
from cellroad.rules.deal import sweep
from cellroad.rules.law import Law, shipped
from cellroad.rules.screening import Screen, screen
from cellroad.rules.status import register

THEN = dt.date(2025, 5, 27)
SOLD = dt.date(2028, 6, 30)


def claims(found: Screen, taxpayer: str) -> dict[str, set[str]]:
    rows = found.claims.filter(pl.col("taxpayer") == taxpayer).group_by("item").agg(pl.col("answer").unique())
    return {item: set(answers) for item, answers in rows.iter_rows()}


@pytest.fixture(scope="module")
def as_known_then() -> Screen:
    return screen(cr.load("kandi-cbak"), SOLD, THEN)


@pytest.fixture(scope="module")
def today() -> Screen:
    return screen(cr.load("kandi-cbak"), SOLD)


def test_as_known_in_may_2025_both_ventures_may_claim(as_known_then: Screen) -> None:
    pack, cell = claims(as_known_then, "jv_pack"), claims(as_known_then, "jv_cell")
    assert {item for item in pack if item.startswith("utv")} == {"utv-cn", "utv-my", "utv-us"}
    assert all(answers == {"yes"} for item, answers in pack.items() if item.startswith("utv"))
    assert all(answers == {"no"} for item, answers in pack.items() if item.startswith("lv")), "5.4 kWh is below 7"
    assert cell == {"cell-us": {"yes"}}
    paid = as_known_then.claims.unique(["item", "usd_per_unit"])
    per_kwh = dict(
        paid.join(cr.load("kandi-cbak").items, on="item")
        .select("component", pl.col("usd_per_unit") / pl.col("kwh"))
        .iter_rows()
    )
    assert per_kwh == pytest.approx({"module": 10.0, "cell": 35.0})
    assert as_known_then.claims["least_share"].null_count() == as_known_then.claims.height


def test_today_neither_venture_may_claim_because_of_who_owns_it(today: Screen) -> None:
    for venture in ("jv_pack", "jv_cell"):
        assert all(answers == {"no"} for answers in claims(today, venture).values())
    because = today.why("jv_pack", "sfe").filter(pl.col("kind") == "because")["text"][0]
    assert "Kandi Technologies Group, Inc. and CBAK Energy Technology, Inc. hold 100 % of the equity" in because
    assert "ST016" in ";".join(cr.load("kandi-cbak").stakes["source"]), "the stakes name their facts"


def test_no_split_between_the_two_frees_the_cell_venture_and_a_quarter_of_an_outsiders_binds_it() -> None:
    deal = sweep(cr.load("kandi-cbak"), "cell JV: CBAK 0..100 %", SOLD)
    claim = deal.credits.filter(pl.col("credit") == "CR01").select(
        "rest", "share_from", "share_to", "from_included", "may_claim"
    )
    assert claim.rows() == [
        ("as today", 0.0, 1.0, True, "no"),
        ("an outsider", 0.0, 0.25, True, "yes"),
        ("an outsider", 0.25, 1.0, True, "no"),
    ]
    turns = {
        (regime, share, included, after)
        for regime, share, included, after in deal.flips.filter(pl.col("rest") == "an outsider")
        .select("regime", "share", "included", "after")
        .iter_rows()
    }
    assert {("pfe", 0.25, True, "yes"), ("sfe", 0.5, False, "yes")} <= turns


def test_as_known_in_may_2025_no_share_bars_a_claim() -> None:
    deal = sweep(cr.load("kandi-cbak"), "pack JV: Kandi 0..100 %", SOLD, THEN)
    assert set(deal.credits["may_claim"]) == {"yes"}


def _without_contracts(law: Law) -> Law:
    return replace(law, tables={**law.tables, "tests": law.tests.filter(pl.col("kind").cast(pl.String) != "contract")})


def test_a_tenth_of_amplify_passes_the_equity_test_and_its_licence_is_the_open_question() -> None:
    chain = chain_of({"amplify": "US"})
    chain = chain.replace(partners=chain.partners.with_columns(source=pl.lit("amplify")))
    found = register(chain, shipped()).verdict("amplify", "pfe", SOLD)
    assert found.answer == "unknown"
    assert "licence of EVE Energy in Amplify Cell Technologies" in found.because.replace(
        "Amplify:", "Amplify Cell Technologies:"
    ) or "ST013" in {row for reason in found.reasons for row in reason.rows}
    law = _without_contracts(shipped())
    equity_only = register(chain, law).verdict("amplify", "pfe", SOLD)
    assert equity_only.answer == "no"
    said = " ".join(reason.text for reason in equity_only.reasons)
    assert "10 %" in said
    assert "at least 25 % is asked" in said


def test_cells_that_gotion_made_may_not_go_to_the_pentagon_from_october_2027() -> None:
    chain = cr.load("gotion-us")
    segment = pl.DataFrame([{"segment": "army", "name": "Army", "regime": "defence"}])
    segments = pl.concat([chain.segments, cr.Chain.of("x", segments=segment).segments])
    chain = chain.replace(segments=segments)
    standing = register(chain, shipped()).verdict
    frame = ban_frame(chain, shipped(), standing, dt.date(2027, 1, 1), dt.date(2028, 12, 31))
    named = frame.filter(pl.col("segment") == "army", pl.col("item") == "cell-cn", pl.col("answer") == "yes")
    assert named.filter(pl.col("valid_from") == dt.date(2027, 10, 1)).height >= 1
    assert named["valid_from"].min() == dt.date(2027, 10, 1)
    packs = frame.filter(pl.col("segment") == "army", pl.col("item").is_in(["p3-cn", "p30-cn"]))
    assert set(packs.filter(pl.col("valid_from") == dt.date(2027, 10, 1))["answer"]) == {"yes"}, (
        "most of it is his cells"
    )
    assert frame.filter(pl.col("segment") == "commercial").is_empty()

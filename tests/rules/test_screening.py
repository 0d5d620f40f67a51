import datetime as dt

import polars as pl
import pytest

import cellroad as cr
from cellroad.chain import facts
from cellroad.rules.screening import Screen

DAY = dt.date(2027, 10, 1)


@pytest.fixture(scope="module")
def found() -> Screen:
    return cr.screen(cr.load("gotion-us"), DAY)


def test_sites_and_items_answer_as_those_who_run_and_make_them(found: Screen) -> None:
    partners = found.verdicts.filter(pl.col("kind").is_in(["partner", "venture"]))
    answers = {
        (partner, regime): answer
        for partner, regime, answer in partners.select("partner", "regime", "answer").iter_rows()
    }
    others = found.verdicts.filter(pl.col("kind").is_in(["site", "item"]))
    assert others.height > 0
    for partner, regime, answer in others.select("partner", "regime", "answer").iter_rows():
        assert answer == answers[partner, regime]
    made = dict(cr.load("gotion-us").items.select("item", "maker").iter_rows())
    items = others.filter(pl.col("kind") == "item").select("subject", "partner").unique()
    assert all(made[item] == maker for item, maker in items.iter_rows())


def test_every_answer_has_its_reasons_and_every_reason_its_answer(found: Screen) -> None:
    asked = set(found.verdicts.select("partner", "regime").iter_rows())
    told = set(found.reasons.select("partner", "regime").iter_rows())
    assert told == asked
    assert (found.verdicts["because"] != "").all()
    because = found.verdicts.select("partner", "regime", text="because").unique()
    assert because.join(found.reasons, on=["partner", "regime", "text"], how="anti").is_empty()


def test_the_sources_of_an_answer_are_those_of_its_rows(found: Screen) -> None:
    for rows, sources in found.verdicts.select("rows", "sources").iter_rows():
        behind = {facts.find(row)[1].get("source_id") for row in rows.split(";") if facts.is_fact(row)} - {None, ""}
        assert set(filter(None, sources.split(";"))) == behind


def test_why_tells_one_subject_and_refuses_what_was_not_screened(found: Screen) -> None:
    assert set(found.why("cell-cn")["partner"]) == {"gotion"}
    assert set(found.why("cell-cn", "ndaa_154")["regime"]) == {"ndaa_154"}
    with pytest.raises(KeyError, match="'nobody' was not screened"):
        found.why("nobody")
    with pytest.raises(KeyError, match="under 'no rule'"):
        found.why("cell-cn", "no rule")


def test_what_is_not_known_is_told_by_how_much_hangs_on_it(found: Screen) -> None:
    lacks = found.unknown()
    assert lacks["answers"].is_sorted(descending=True)
    assert lacks["text"].is_unique().all()
    open_ = found.verdicts.filter(pl.col("answer") == "unknown").select("partner", "regime").n_unique()
    assert 0 < lacks["answers"].max() <= open_  # type: ignore[operator]


def test_the_summary_has_a_row_a_partner_and_a_column_a_regime(found: Screen) -> None:
    summary = found.summary()
    assert summary["partner"].to_list() == cr.load("gotion-us").partners["partner"].to_list()
    assert set(summary.columns) == {"partner", "name", *found.law.regimes["regime_id"]}


def test_owners_are_those_of_the_partners_up_to_the_top(found: Screen) -> None:
    partners = set(cr.load("gotion-us").partners["partner"])
    above = set(found.owners["owner"])
    assert set(found.owners["owned"]) <= partners | above
    assert {"vw_china", "li_zhen"} <= above


def test_a_question_of_another_day_changes_only_what_the_law_changes() -> None:
    before, after = (
        cr.screen(cr.load("gotion-us"), day, "2025-05-27").summary() for day in ("2027-09-30", "2027-10-01")
    )
    assert before.drop("hr1166").equals(after.drop("hr1166")), "standing does not turn on the day of the ban"
    assert before["hr1166"][0] != after["hr1166"][0], "the bill would begin that day"

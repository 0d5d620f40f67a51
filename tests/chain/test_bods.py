"""Owners survive the way into statements and back, none is counted twice, and nothing is lost without a word."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.chain.bods_cases import ABSENT, EXAMPLES, VALID, read
from tests.chain.owning import (
    chain_of,
    entity,
    holds,
    lines,
    owned_chains,
    person,
    put,
    shares,
    stakes_of,
)

from cellroad.chain.bods import read_bods, sense, statements, validate, write_bods
from cellroad.chain.chain import Chain
from cellroad.chain.check_trade import stakes as strange_stakes
from cellroad.chain.finding import ChainError
from cellroad.chain.holdings import Holdings

published = pytest.mark.skipif(not VALID, reason=ABSENT)
A, B, C, P = entity("a", "Alpha"), entity("b", "Beta"), entity("c", "Gamma"), person("p", "Pat")


@pytest.fixture
def told(tmp_path: Path) -> Any:
    """Return how statements are read."""
    return lambda *said: read_bods(put(tmp_path / "owners.json", list(said)))


def rows(held: Holdings, *names: str) -> list[tuple[Any, ...]]:
    return sorted(held.stakes.select(*names).rows(), key=str)


def words(held: Holdings) -> str:
    return "\n".join(map(str, held.remarks))


# There and back ----------------------------------------------------------------------------------------------------


@given(owned_chains())
def test_stakes_of_any_chain_read_back_as_they_were(tmp_path_factory: pytest.TempPathFactory, chain: Chain) -> None:
    path = tmp_path_factory.mktemp("bods") / "owners.json"
    write_bods(chain, path)
    assert validate(read(path)) == []
    again = read_bods(path)
    assert stakes_of(again) == stakes_of(chain)
    columns = ("partner", "name", "kind", "country", "listed_on")
    named = {row["partner"]: row for row in again.partners.iter_rows(named=True)}
    for row in chain.partners.iter_rows(named=True):
        found = named[row["partner"]]
        assert {**{name: found[name] for name in columns}, "name": found["name"].strip()} == {
            **{name: row[name] for name in columns}, "name": row["name"].strip(),
        }  # fmt: skip


@given(owned_chains())
def test_the_same_chain_makes_the_same_statements_each_with_its_own_id(chain: Chain) -> None:
    made = statements(chain)
    assert made == statements(chain)
    assert len({one["statementId"] for one in made}) == len(made)
    assert [fault for fault in sense(made) if fault.severity == "blocker"] == []


def test_the_day_of_statements_is_the_callers_or_the_latest_that_a_stake_names() -> None:
    chain = chain_of(["a", "b"], {"owner": "a", "owned": "b", "valid_to": dt.date(2026, 5, 4)})
    assert {one["statementDate"] for one in statements(chain)} == {"2026-05-04"}
    given_day = statements(chain, dt.date(2027, 1, 1), "Us")
    assert {one["statementDate"] for one in given_day} == {"2027-01-01"}
    assert {one["publicationDetails"]["publisher"]["name"] for one in given_day} == {"Us"}


def test_the_last_day_of_the_calendar_is_no_end(tmp_path: Path) -> None:
    chain = chain_of(["a", "b"], {"owner": "a", "owned": "b", "valid_to": dt.date.max})
    write_bods(chain, tmp_path / "x.json")
    assert read_bods(tmp_path / "x.json").stakes["valid_to"].to_list() == [None]


def test_debt_is_written_as_other_influence_that_says_debt() -> None:
    chain = chain_of(["bank", "mine"], {"owner": "bank", "owned": "mine", "interest": "debt", "share_min": 0.2})
    [told] = statements(chain)[-1]["recordDetails"]["interests"]
    assert (told["type"], told["details"]) == ("otherInfluenceOrControl", "debt")


def test_an_lei_in_a_note_is_written_as_an_identifier() -> None:
    chain = chain_of(["mine"])
    noted = chain.partners.with_columns(note=pl.lit("LEI 529900T8BM49AURSDO55"))
    [one] = statements(chain.replace(partners=noted))
    assert {"scheme": "XI-LEI", "id": "529900T8BM49AURSDO55"} in one["recordDetails"]["identifiers"]


def test_nothing_is_left_behind_where_a_file_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "place").mkdir()
    with pytest.raises(ChainError):
        write_bods(chain_of(["a"]), tmp_path / "place")
    assert list(tmp_path.rglob("*")) == [tmp_path / "place"]


@published
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_a_published_example_adds_every_party_and_says_what_becomes_of_every_interest(path: Path) -> None:
    held = read_bods(path)
    latest = {one["recordId"]: one for one in read(path)}
    parties = [one for one in latest.values() if one["recordType"] != "relationship"]
    assert held.partners.height == len(parties)
    links = [one for one in latest.values() if one["recordType"] == "relationship"]
    interests = sum(len(one["recordDetails"].get("interests", [])) or 1 for one in links)
    assert held.stakes.height + len(held.remarks) >= interests
    assert held.stakes["confidence"].cast(str).unique().to_list() in ([], ["reported"])


# Shares and dates ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("share", "bounds", "note"),
    [
        ({"exact": 12.5}, (0.125, 0.125), ""),
        ({"minimum": 25, "maximum": 50}, (0.25, 0.5), ""),
        ({"exclusiveMinimum": 25, "maximum": 50}, (0.25, 0.5), "more than 25 %"),
        ({"exclusiveMinimum": 25, "exclusiveMaximum": 50}, (0.25, 0.5), "more than 25 %; less than 50 %"),
        ({"minimum": 75}, (0.75, 1.0), ""),
        ({"exclusiveMaximum": 25}, (0.0, 0.25), "less than 25 %"),
        ({"minimum": 10, "exclusiveMinimum": 20}, (0.2, 1.0), "more than 20 %"),
        ({"exact": 30, "exclusiveMinimum": 25}, (0.3, 0.3), ""),
        ({}, (0.0, 1.0), ""),
    ],
)
def test_a_share_is_the_interval_that_it_tells(told, share, bounds, note) -> None:
    held = told(A, B, holds("r", "a", "b", {"type": "votingRights", "share": share, "startDate": "2020-01-01"}))
    assert rows(held, "interest", "share_min", "share_max", "note") == [("votes", *bounds, note)]


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_a_percentage_becomes_the_nearest_fraction(tmp_path_factory, one: int, other: int) -> None:
    low, high = min(one, other), max(one, other)
    path = tmp_path_factory.mktemp("share") / "x.json"
    told = {"minimum": low / 10**4, "maximum": high / 10**4}
    held = read_bods(put(path, [holds("r", "a", "b", {"type": "shareholding", "share": told})]))
    assert rows(held, "share_min", "share_max") == [(low / 10**6, high / 10**6)]


def test_the_last_day_is_the_one_before_the_interest_ceases(told) -> None:
    held = told(A, B, holds("r", "a", "b", shares(50, endDate="2021-03-01")))
    assert rows(held, "valid_from", "valid_to") == [(dt.date(2020, 1, 1), dt.date(2021, 2, 28))]


def test_an_interest_without_start_is_held_from_its_statement_on_and_says_so(told) -> None:
    held = told(A, B, holds("r", "a", "b", {"type": "shareholding"}, day="2023-04-05T10:00:00Z"))
    assert rows(held, "valid_from", "note") == [(dt.date(2023, 4, 5), "start not told")]


def test_an_interest_over_on_its_first_day_is_a_remark(told) -> None:
    held = told(A, B, holds("r", "a", "b", shares(50, endDate="2020-01-01")))
    assert held.stakes.height == 0
    assert "over on the day on which it began" in words(held)


# What counts, and once -----------------------------------------------------------------------------------------------


def test_of_a_record_the_latest_statement_counts_wherever_it_stands(told) -> None:
    old = holds("r", "a", "b", shares(30), day="2020-01-01")
    new = holds("r", "a", "b", shares(40), day="2022-01-01", status="updated")
    for order in ((old, new), (new, old)):
        assert rows(told(A, B, *order), "share_min", "share_max") == [(0.4, 0.4)]


def test_a_closed_record_holds_no_longer(told) -> None:
    open_ = holds("r", "a", "b", shares(30), day="2020-01-01")
    closed = holds("r", "a", "b", shares(30), day="2022-05-01", status="closed")
    assert rows(told(A, B, open_, closed), "valid_to") == [(dt.date(2022, 4, 30),)]
    unknown = holds("r", "a", "b", {"type": "shareholding"}, day="2022-05-01", status="closed")
    held = told(A, B, open_, unknown)
    assert held.stakes.height == 0
    assert "which is over" in words(held)


def test_an_indirect_interest_is_left_to_its_components(told) -> None:
    whole = shares(30, directOrIndirect="indirect")
    held = told(
        A, B, P,
        holds("one", "b", "a", shares(60), isComponent=True), holds("two", "p", "b", shares(50), isComponent=True),
        holds("whole", "p", "a", whole, componentRecords=["b", "one", "two"]),
    )  # fmt: skip
    assert rows(held, "owner", "owned", "share_min") == [("beta", "alpha", 0.6), ("pat", "beta", 0.5)]
    assert "indirect shareholding of 30 % of 'Pat' in 'Alpha'" in words(held)


def test_an_indirect_interest_that_nothing_else_tells_is_kept_whole(told) -> None:
    held = told(A, P, holds("whole", "p", "a", shares(30, directOrIndirect="indirect")))
    assert rows(held, "share_min", "share_max", "note") == [(0.3, 0.3, "indirect")]


def test_an_indirect_interest_that_others_may_tell_as_well_has_no_least_share(told) -> None:
    beside = (holds("one", "b", "a", shares(60)), holds("two", "p", "b", shares(50)))
    held = told(A, B, P, *beside, holds("whole", "p", "a", shares(30, directOrIndirect="indirect")))
    assert ("pat", "alpha", 0.0, 0.3) in rows(held, "owner", "owned", "share_min", "share_max")


@given(st.lists(st.tuples(st.sampled_from("abp"), st.sampled_from("abc"), st.integers(1, 60),
                          st.sampled_from(["direct", "indirect", "unknown"])), max_size=7))  # fmt: skip
def test_least_shares_of_indirect_interests_never_break_the_whole(tmp_path_factory, drawn) -> None:
    """Where the direct least shares of everything sum to at most 1, the indirect ones do not change that."""
    links = [holds(f"r{n}", *pair, shares(share, directOrIndirect=how)) for n, (*pair, share, how) in enumerate(drawn)]
    path = tmp_path_factory.mktemp("sums") / "x.json"
    held = read_bods(put(path, [A, B, C, P, *links]))
    direct = [one for one in links if one["recordDetails"]["interests"][0]["directOrIndirect"] != "indirect"]
    alone = read_bods(put(path, [A, B, C, P, *direct]))
    sums, before = ({row["owned"]: row["share_min"] for row in one.stakes.group_by("owned").agg(
        pl.col("share_min").sum()).iter_rows(named=True)} for one in (held, alone))  # fmt: skip
    assert all(total <= max(1.0, before.get(owned, 0.0)) + 1e-9 for owned, total in sums.items())


def test_the_same_interest_told_twice_lies_between_the_larger_and_the_sum(told) -> None:
    held = told(A, B, holds("r", "a", "b", shares(30), shares(20, startDate="2022-01-01")))
    assert rows(held, "valid_from", "valid_to", "share_min", "share_max") == [
        (dt.date(2020, 1, 1), dt.date(2021, 12, 31), 0.3, 0.3),
        (dt.date(2022, 1, 1), None, 0.3, 0.5),
    ]
    assert strange_stakes(Chain.of("x", partners=held.partners, stakes=held.stakes)) == []


@pytest.mark.parametrize(
    ("kind", "interest"),
    [
        ("shareholding", "equity"), ("votingRights", "votes"), ("appointmentOfBoard", "board"),
        ("boardMember", "board"), ("boardChair", "board"), ("unknownInterest", "equity"),
        ("unpublishedInterest", "equity"),
    ],
)  # fmt: skip
def test_an_interest_with_a_counterpart_becomes_a_stake(told, kind, interest) -> None:
    assert rows(told(A, B, holds("r", "a", "b", {"type": kind})), "interest") == [(interest,)]


@pytest.mark.parametrize(
    "kind",
    [
        "otherInfluenceOrControl", "seniorManagingOfficial", "settlor", "trustee", "protector",
        "beneficiaryOfLegalArrangement", "rightsToSurplusAssetsOnDissolution", "rightsToProfitOrIncome",
        "rightsGrantedByContract", "conditionalRightsGrantedByContract", "controlViaCompanyRulesOrArticles",
        "controlByLegalFramework", "enjoymentAndUseOfAssets", "rightToProfitOrIncomeFromAssets", "nominee", "nominator",
    ],
)  # fmt: skip
def test_an_interest_without_a_counterpart_is_a_remark_that_names_it(told, kind) -> None:
    held = told(A, B, holds("r", "a", "b", shares(40, kind=kind)))
    assert held.stakes.height == 0
    [remark] = held.remarks
    assert "of 40 %" in remark.found and "'Alpha' in 'Beta'" in remark.found
    assert remark.column == "$[2].recordDetails.interests[0]"


def test_an_unknown_kind_of_interest_can_be_anything_up_to_what_is_told(told) -> None:
    held = told(A, B, holds("r", "a", "b", shares(40, kind="unknownInterest")), holds("s", "b", "a"))
    assert rows(held, "owner", "share_min", "share_max") == [("alpha", 0.0, 0.4), ("beta", 0.0, 1.0)]


def test_somebody_who_is_not_named_is_a_remark_and_no_partner(told) -> None:
    nobody = {"reason": "interestedPartyHasNotProvidedInformation"}
    held = told(A, holds("r", nobody, "a", shares(40)))
    assert held.stakes.height == 0
    assert held.partners.height == 1
    assert "somebody who is not named (interested party has not provided information)" in words(held)


# Partners ------------------------------------------------------------------------------------------------------------


def test_partners_carry_what_their_records_tell(told) -> None:
    held = told(
        entity("s", "Ministry", entityType={"type": "stateBody", "subtype": "governmentDepartment"},
               jurisdiction={"name": "Finland", "code": "FI"}),
        entity("t", "Levent Trust", entityType={"type": "arrangement", "subtype": "trust"},
               addresses=[{"type": "registered", "country": {"name": "Jersey", "code": "JE"}}]),
        entity("l", "Listed Plc", alternateNames=["Old; Plc", "Plc"], identifiers=[
            {"scheme": "XI-LEI", "id": "529900T8BM49AURSDO55"}, {"scheme": "GB-COH", "id": "0123"}],
            publicListing={"hasPublicListing": True, "securitiesListings": [{
                "stockExchangeJurisdiction": "GB", "stockExchangeName": "LSE", "security": {"ticker": "LST"}}]}),
        entity("u", "", entityType={"type": "unknownEntity"}, unspecifiedEntityDetails={"reason": "unknown"}),
        person("p", "Pat", nationalities=[{"name": "UK", "code": "GB"}, {"name": "Ireland", "code": "IE"}],
               politicalExposure={"status": "isPep"}),
    )  # fmt: skip
    by_name = {row["name"]: row for row in held.partners.iter_rows(named=True)}
    assert by_name["Ministry"]["kind"] == "government"
    assert by_name["Ministry"]["country"] == "FI"
    assert "arrangement" in by_name["Levent Trust"]["note"] and "trust" in by_name["Levent Trust"]["note"]
    assert by_name["Levent Trust"]["country"] == "JE"
    listed = by_name["Listed Plc"]
    assert listed["listed_on"] == "LSE LST"
    assert listed["aliases"] == "Old, Plc;Plc"
    assert listed["note"].startswith("LEI 529900T8BM49AURSDO55; GB-COH 0123; record l of Register")
    assert listed["source"].startswith("Register ")
    assert "unknown entity (unknown)" in by_name
    assert by_name["Pat"]["kind"] == "person"
    assert "nationalities GB, IE" in by_name["Pat"]["note"] and "politically exposed" in by_name["Pat"]["note"]


def test_partners_of_one_name_stay_apart(told) -> None:
    held = told(entity("1", "Acme"), entity("2", "Acme"), entity("3", "宁德时代"))
    assert held.partners["partner"].to_list() == ["acme", "acme-2", "3"]


def test_statements_one_a_line_read_as_a_list_does(tmp_path: Path) -> None:
    said = [A, B, holds("r", "a", "b", shares(30))]
    whole = read_bods(put(tmp_path / "a.json", said))
    by_line = read_bods(put(tmp_path / "b.jsonl", lines(*said)))
    assert whole.stakes.equals(by_line.stakes)
    assert whole.partners.equals(by_line.partners)


# Sense ---------------------------------------------------------------------------------------------------------------


SENSE = {
    "missing party": ([A, holds("r", "x", "a", shares(1))], "warning", "$[1].recordDetails.interestedParty"),
    "missing subject": ([A, holds("r", "a", "x", shares(1))], "warning", "$[1].recordDetails.subject"),
    "same id, same words": ([A, A], "warning", "$[1].statementId"),
    "same id, other words": ([A, {**B, "statementId": A["statementId"]}], "blocker", "$[1].statementId"),
    "least above largest": (
        [A, B, holds("r", "a", "b", shares(50, 25))], "blocker", "$[2].recordDetails.interests[0].share"),
    "exact outside": (
        [A, B, holds("r", "a", "b", {"share": {"exact": 60, "maximum": 50}})], "blocker",
        "$[2].recordDetails.interests[0].share"),
    "end before start": (
        [A, B, holds("r", "a", "b", shares(5, endDate="2019-01-01"))], "blocker",
        "$[2].recordDetails.interests[0].endDate"),
    "details of another type": ([entity("a", "A", subject="b")], "blocker", "$[0].recordType"),
    "record of two types": ([A, person("a", "Pat")], "blocker", "$[1].recordId"),
    "party is a relationship": (
        [A, B, holds("r", "a", "b"), holds("s", "r", "b")], "blocker", "$[3].recordDetails.interestedParty"),
    "person held": ([A, P, holds("r", "a", "p")], "warning", "$[2].recordDetails.subject"),
    "own shares": ([A, holds("r", "a", "a")], "warning", "$[1].recordDetails.interestedParty"),
    "entity benefits": (
        [A, B, holds("r", "a", "b", {"beneficialOwnershipOrControl": True})], "warning",
        "$[2].recordDetails.interests"),
    "component missing": (
        [A, B, holds("r", "a", "b", componentRecords=["x"])], "warning", "$[2].recordDetails.componentRecords[0]"),
    "component of nothing": ([entity("a", "A", isComponent=True)], "warning", "$[0].recordDetails.isComponent"),
    "dead before born": (
        [person("p", "Pat", birthDate="1990", deathDate="1980-01-01")], "warning", "$[0].recordDetails.deathDate"),
    "anonymous without reason": (
        [person("p", "Pat", personType="anonymousPerson")], "warning", "$[0].recordDetails.unspecifiedPersonDetails"),
    "known with a reason": (
        [entity("a", "A", unspecifiedEntityDetails={"reason": "unknown"})], "warning",
        "$[0].recordDetails.unspecifiedEntityDetails"),
    "new twice": ([A, entity("a", "Alpha Ltd")], "warning", "$[0].recordStatus"),
    "other version": (
        [{**A, "publicationDetails": {**A["publicationDetails"], "bodsVersion": "0.3"}}], "warning",
        "$[0].publicationDetails.bodsVersion"),
}  # fmt: skip


@pytest.mark.parametrize("case", SENSE)
def test_what_no_schema_sees_is_told_where_it_stands(case: str, tmp_path: Path) -> None:
    said, severity, path = SENSE[case]
    assert validate(said) == []
    assert (severity, path) in {(fault.severity, fault.path) for fault in sense(said)}
    file = put(tmp_path / "x.json", said)
    if severity == "blocker":
        with pytest.raises(ChainError) as caught:
            read_bods(file)
        assert path in {finding.column for finding in caught.value.findings}
    else:
        assert path in {finding.column for finding in read_bods(file).remarks}


def test_sound_statements_leave_nothing_to_say() -> None:
    assert sense([A, B, P, holds("r", "a", "b", shares(25, 50)), holds("s", "p", "a", shares(100))]) == []


def test_many_faults_of_a_kind_are_folded_into_a_few(tmp_path: Path) -> None:
    said = [{**A, "statementId": "x"} for _ in range(400)]
    with pytest.raises(ChainError) as caught:
        read_bods(put(tmp_path / "x.json", said))
    assert len(caught.value.findings) == 6
    assert "395 more" in caught.value.findings[-1].found


def test_every_digit_of_a_share_is_written(tmp_path: Path) -> None:
    share = 0.1 + 0.2
    write_bods(chain_of(["a", "b"], {"owner": "a", "owned": "b", "share_min": share, "share_max": share}),
               tmp_path / "x.json")  # fmt: skip
    assert '"exact": 30.000000000000004' in (tmp_path / "x.json").read_text()
    [*_, last] = read(tmp_path / "x.json")
    assert last["recordDetails"]["interests"][0]["share"]["exact"] == pytest.approx(30)

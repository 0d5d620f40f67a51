"""Consolidation into accounts can flag and never clear, no parent counts twice, and CSV and JSON say the same."""

from __future__ import annotations

import csv
import datetime as dt
import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.chain.owning import put

from cellroad.chain.exchange import read_holdings
from cellroad.chain.gleif import FUNDS, REASONS, read_gleif
from cellroad.chain.holdings import Holdings

DIRECT, ULTIMATE = "IS_DIRECTLY_CONSOLIDATED_BY", "IS_ULTIMATELY_CONSOLIDATED_BY"


def lei(name: str) -> str:
    return name.upper().ljust(18, "0") + "12"


A, B, C = lei("a"), lei("b"), lei("c")


def table(*rows: dict[str, str]) -> str:
    """Return rows as the CSV form of the golden copy."""
    held = io.StringIO()
    writer = csv.DictWriter(held, list(dict.fromkeys(name for row in rows for name in row)), quoting=csv.QUOTE_ALL)
    writer.writeheader()
    writer.writerows(rows)
    return held.getvalue()


def relation(child: str, parent: str, kind: str = DIRECT, **more: str) -> dict[str, str]:
    return {
        "Relationship.StartNode.NodeID": child, "Relationship.StartNode.NodeIDType": "LEI",
        "Relationship.EndNode.NodeID": parent, "Relationship.EndNode.NodeIDType": "LEI",
        "Relationship.RelationshipType": kind, "Relationship.RelationshipStatus": "ACTIVE",
        "Relationship.Period.1.startDate": "2019-01-01T00:00:00.000Z", "Relationship.Period.1.endDate": "",
        "Relationship.Period.1.periodType": "RELATIONSHIP_PERIOD",
        "Registration.InitialRegistrationDate": "2018-05-01T00:00:00.000Z",
        "Registration.RegistrationStatus": "PUBLISHED", **more,
    }  # fmt: skip


def as_json(row: dict[str, str]) -> dict[str, Any]:
    """Return a relation as the JSON form of the golden copy."""

    def wrapped(text: str) -> dict[str, str]:
        return {"$": text}

    period = {"StartDate": "startDate", "EndDate": "endDate", "PeriodType": "periodType"}
    return {"RelationshipRecord": {
        "Relationship": {
            "StartNode": {"NodeID": wrapped(row["Relationship.StartNode.NodeID"]), "NodeIDType": wrapped("LEI")},
            "EndNode": {"NodeID": wrapped(row["Relationship.EndNode.NodeID"]), "NodeIDType": wrapped("LEI")},
            "RelationshipType": wrapped(row["Relationship.RelationshipType"]),
            "RelationshipStatus": wrapped(row["Relationship.RelationshipStatus"]),
            "RelationshipPeriods": {"RelationshipPeriod": [
                {name: wrapped(row[f"Relationship.Period.1.{column}"]) for name, column in period.items()
                 if row[f"Relationship.Period.1.{column}"]},
            ]},
        },
        "Registration": {
            "InitialRegistrationDate": wrapped(row["Registration.InitialRegistrationDate"]),
            "RegistrationStatus": wrapped(row["Registration.RegistrationStatus"]),
        },
    }}  # fmt: skip


@pytest.fixture
def told(tmp_path: Path) -> Any:
    return lambda *rows: read_gleif(put(tmp_path / "rr.csv", table(*rows)))


def links(held: Holdings) -> list[tuple[Any, ...]]:
    names = dict(held.partners.select("partner", "name").iter_rows())
    rows = held.stakes.iter_rows(named=True)
    return [(names[row["owner"]], names[row["owned"]], row["share_min"], row["share_max"]) for row in rows]


# Level 2 -------------------------------------------------------------------------------------------------------------


def test_a_parent_holds_anything_from_nothing_to_all_of_a_child(told) -> None:
    held = told(relation(A, B))
    assert links(held) == [(B, A, 0.0, 1.0)]
    [row] = held.stakes.to_dicts()
    assert row["interest"] == "equity"
    assert "accounting consolidation" in row["note"]
    assert (row["valid_from"], row["confidence"]) == (dt.date(2019, 1, 1), "reported")


def test_a_percentage_of_consolidation_is_noted_and_not_taken_for_a_share(told) -> None:
    held = told(relation(A, B, **{"Relationship.Quantifiers.1.QuantifierAmount": "100",
                                  "Relationship.Quantifiers.1.QuantifierUnits": "PERCENTAGE"}))  # fmt: skip
    assert links(held) == [(B, A, 0.0, 1.0)]
    assert "measured as 100 percentage" in held.stakes["note"][0]


def test_an_ultimate_parent_to_which_direct_parents_lead_is_not_counted_again(told) -> None:
    held = told(relation(A, B), relation(B, C), relation(A, C, ULTIMATE), relation(B, C, ULTIMATE))
    assert sorted(links(held)) == [(B, A, 0.0, 1.0), (C, B, 0.0, 1.0)]
    assert sum("told by the direct parents as well" in remark.found for remark in held.remarks) == 2


def test_an_ultimate_parent_that_nothing_else_leads_to_is_kept(told) -> None:
    held = told(relation(A, B), relation(A, C, ULTIMATE))
    assert sorted(links(held)) == [(B, A, 0.0, 1.0), (C, A, 0.0, 1.0)]
    assert held.remarks == ()


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from("abcd"), st.sampled_from([DIRECT, ULTIMATE])),
                max_size=10))  # fmt: skip
def test_every_parent_is_reached_as_before_whatever_is_left_out(tmp_path_factory, drawn) -> None:
    """Leaving out ultimate parents changes neither who is above whom, nor any direct parent; nothing is there twice."""
    rows = [relation(lei(child), lei(parent), kind) for child, parent, kind in drawn]
    if not rows:
        return
    held = read_gleif(put(tmp_path_factory.mktemp("rr") / "rr.csv", table(*rows)))
    kept = [(child, parent) for parent, child, *_ in links(held)]
    assert len(kept) == len(set(kept))
    assert {(lei(c), lei(p)) for c, p, kind in drawn if kind == DIRECT} <= set(kept)
    assert closure({(lei(c), lei(p)) for c, p, _ in drawn}) == closure(set(kept))


def closure(pairs: set[tuple[str, str]]) -> set[tuple[str, str]]:
    while True:
        more = pairs | {(a, d) for a, b in pairs for c, d in pairs if b == c}
        if more == pairs:
            return pairs
        pairs = more


def test_a_branch_is_its_head_office(told) -> None:
    assert links(told(relation(A, B, "IS_INTERNATIONAL_BRANCH_OF"))) == [(B, A, 1.0, 1.0)]


@pytest.mark.parametrize("kind", [*FUNDS, "IS_SOMETHING_NEW"])
def test_a_relation_that_is_no_ownership_is_a_remark(told, kind) -> None:
    held = told(relation(A, B, kind))
    assert held.stakes.height == 0
    assert A in held.remarks[0].found and B in held.remarks[0].found


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"Registration.RegistrationStatus": "ANNULLED"}, "registration annulled"),
        ({"Registration.RegistrationStatus": "DUPLICATE"}, "registration duplicate"),
        ({"Relationship.RelationshipStatus": "INACTIVE"}, "no longer active"),
        ({"Relationship.Period.1.endDate": "2018-01-01"}, "from 2019-01-01 to 2018-01-01"),
    ],
)
def test_a_relation_that_no_longer_counts_is_a_remark(told, changed, words) -> None:
    held = told(relation(A, B, **changed))
    assert held.stakes.height == 0
    assert words in held.remarks[0].found


def test_a_relation_that_has_ended_holds_until_its_end(told) -> None:
    ended = {"Relationship.RelationshipStatus": "INACTIVE", "Relationship.Period.1.endDate": "2021-03-04T00:00:00Z"}
    assert told(relation(A, B, **ended)).stakes["valid_to"].to_list() == [dt.date(2021, 3, 4)]


def test_a_lapsed_registration_still_flags_and_says_so(told) -> None:
    held = told(relation(A, B, **{"Registration.RegistrationStatus": "LAPSED"}))
    assert "not renewed" in held.stakes["note"][0]


def test_the_period_of_the_accounts_is_not_that_of_the_relation(told) -> None:
    held = told(relation(A, B, **{"Relationship.Period.1.periodType": "ACCOUNTING_PERIOD"}))
    assert held.stakes["valid_from"].to_list() == [dt.date(2018, 5, 1)]
    assert "start not told" in held.stakes["note"][0]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc"), st.sampled_from([DIRECT, ULTIMATE, *FUNDS]),
                          st.sampled_from(["", "2020-02-03"])), min_size=1, max_size=6))  # fmt: skip
def test_csv_and_json_say_the_same(tmp_path_factory, drawn) -> None:
    rows = [relation(lei(c), lei(p), kind, **{"Relationship.Period.1.endDate": end}) for c, p, kind, end in drawn]
    place = tmp_path_factory.mktemp("rr")
    one = read_gleif(put(place / "a", table(*rows)))
    other = read_gleif(put(place / "b", {"relations": [as_json(row) for row in rows]}))
    assert one.stakes.equals(other.stakes)
    assert one.partners.equals(other.partners)
    assert [finding.found for finding in one.remarks] == [finding.found for finding in other.remarks]


# Level 1 and exceptions ----------------------------------------------------------------------------------------------


ENTITY = {
    "LEI": A, "Entity.LegalName": "Hefei Cells Co., Ltd.", "Entity.LegalName.xmllang": "en",
    "Entity.OtherEntityNames.OtherEntityName.1": "合肥电池", "Entity.OtherEntityNames.OtherEntityName.1.xmllang": "zh",
    "Entity.OtherEntityNames.OtherEntityName.1.type": "PREVIOUS_LEGAL_NAME",
    "Entity.LegalAddress.Country": "CN", "Entity.LegalJurisdiction": "CN-AH", "Entity.EntityCategory": "GENERAL",
    "Entity.EntityStatus": "ACTIVE", "Registration.RegistrationStatus": "LAPSED",
    "Registration.LastUpdateDate": "2026-01-02T00:00:00Z",
}  # fmt: skip


def test_an_entity_becomes_a_partner_that_is_known_by_its_lei(told) -> None:
    [row] = told(ENTITY).partners.to_dicts()
    assert (row["partner"], row["country"], row["aliases"]) == ("hefei-cells-co-ltd", "CN", "合肥电池")
    assert row["note"] == f"LEI {A}; LEI lapsed"
    assert row["source"] == "GLEIF level 1 2026-01-02"


def test_the_json_form_of_an_entity_says_the_same(tmp_path: Path, told) -> None:
    record = {
        "LEI": {"$": A},
        "Entity": {
            "LegalName": {"@xml:lang": "en", "$": "Hefei Cells Co., Ltd."},
            "OtherEntityNames": {"OtherEntityName": [{"@xml:lang": "zh", "@type": "PREVIOUS", "$": "合肥电池"}]},
            "LegalAddress": {"Country": {"$": "CN"}}, "LegalJurisdiction": {"$": "CN-AH"},
            "EntityCategory": {"$": "GENERAL"}, "EntityStatus": {"$": "ACTIVE"},
        },
        "Registration": {"RegistrationStatus": {"$": "LAPSED"}, "LastUpdateDate": {"$": "2026-01-02T00:00:00Z"}},
    }  # fmt: skip
    held = read_gleif(put(tmp_path / "lei.json", {"records": [record]}))
    assert held.partners.equals(told(ENTITY).partners)


@pytest.mark.parametrize("reason", REASONS)
def test_a_reporting_exception_is_a_remark_with_its_reason(tmp_path: Path, told, reason) -> None:
    row = {"LEI": A, "Exception.Category": "ULTIMATE_ACCOUNTING_CONSOLIDATION_PARENT", "Exception.Reason.1": reason}
    form = {"exceptions": [{"LEI": {"$": A}, "ExceptionCategory": {"$": row["Exception.Category"]},
                            "ExceptionReason": [{"$": reason}]}]}  # fmt: skip
    for held in (told(row), read_gleif(put(tmp_path / "x.json", form))):
        [remark] = held.remarks
        assert remark.found == f"no ultimate parent of {A}: {REASONS[reason]}"
        assert held.stakes.height == held.partners.height == 0


def test_the_content_tells_the_form_whatever_the_name(tmp_path: Path) -> None:
    assert read_holdings(put(tmp_path / "a.json", table(relation(A, B))))[0] == "GLEIF"
    assert read_holdings(put(tmp_path / "b.csv", {"relations": [as_json(relation(A, B))]}))[0] == "GLEIF"
    assert read_holdings(put(tmp_path / "c.txt", [{"id": "x", "schema": "Company", "properties": {}}]))[0] == (
        "FollowTheMoney"
    )
    assert read_holdings(put(tmp_path / "d", []))[0] == "BODS 0.4"

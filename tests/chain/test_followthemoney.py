"""FollowTheMoney entities become partners and stakes; a percentage in words is read as what it says and no more."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.chain.owning import lines, put

from cellroad.chain.followthemoney import read_followthemoney, share_of, span_of
from cellroad.chain.holdings import Holdings


def entity(key: str, schema: str, **properties: Any) -> dict[str, Any]:
    return {"id": key, "schema": schema, "properties": {
        name: value if isinstance(value, list) else [value] for name, value in properties.items()
    }}  # fmt: skip


PERSON = entity("p", "Person", name="Pat Doe", nationality=["us"], birthDate="1970")
FIRM = entity("f", "Company", name=["Acme Corp", "Acme"], jurisdiction="cn", leiCode="529900T8BM49AURSDO55")
OWNS = entity("o", "Ownership", owner="p", asset="f", percentage="25%", startDate="2020-01-01")


@pytest.fixture
def told(tmp_path: Path) -> Any:
    return lambda *entities: read_followthemoney(put(tmp_path / "entities.ftm.json", lines(*entities)))


def stakes(held: Holdings) -> list[tuple[Any, ...]]:
    return held.stakes.select("owner", "owned", "interest", "share_min", "share_max", "valid_from", "valid_to").rows()


# Percentages ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("25%", 25, 25), ("25", 25, 25), ("25.5 percent", 25.5, 25.5), ("25,5 %", 25.5, 25.5),
        ("100 per cent", 100, 100),
        ("50-75", 50, 75), ("50–75%", 50, 75), ("50 to 75 percent", 50, 75), ("between 25% and 50%", 25, 50),
        (">50%", 50, 100), ("more than 50 %", 50, 100), ("at least 25", 25, 100), ("≥ 25%", 25, 100), ("50+", 50, 100),
        ("75% or more", 75, 100), ("not less than 20%", 20, 100),
        ("<5%", 0, 5), ("less than 5%", 0, 5), ("up to 10 %", 0, 10), ("not more than 10%", 0, 10),
        ("25 or less", 0, 25),
        ("minority", 0, 50), ("Majority shareholder", 50, 100), ("wholly owned", 100, 100), ("0", 0, 0),
        ("ownership-of-shares-25-to-50-percent", 25, 50), ("ownership-of-shares-75-to-100-percent", 75, 100),
        ("more than 25% but not more than 50%", 25, 50), ("more than 25% and less than 50%", 25, 50),
        ("over 25% up to and including 50%", 25, 50), ("1/4", 25, 25),
    ],
)  # fmt: skip
def test_a_percentage_in_words_is_read(text: str, low: float, high: float) -> None:
    assert share_of(text) == pytest.approx((low / 100, high / 100))


@pytest.mark.parametrize(
    "text",
    ["", "n/a", "unknown", "about 30%", "~30", "150", "-5", "5 million", "10 000 shares", "2 of 3", "1.234,5",
     "75 to 50", "non-majority", "50/50", "30% of B shares class", "> 50-60"],
)  # fmt: skip
def test_what_is_not_certain_is_not_read(text: str) -> None:
    assert share_of(text) is None


@pytest.mark.parametrize(("text", "low", "high"), [("0.25", 0.0025, 0.25), ("1", 0.01, 1.0), ("0.25%", 0.0025, 0.0025)])
def test_a_bare_number_up_to_one_may_be_a_percentage_or_a_fraction(text: str, low: float, high: float) -> None:
    assert share_of(text) == pytest.approx((low, high))


@given(st.floats(1.01, 100).map(lambda share: round(share, 2)), st.floats(0, 1).map(lambda part: round(part, 2)))
def test_every_way_to_write_a_share_holds_it(high: float, part: float) -> None:
    low = round(high * part, 2)
    ways = [f"{high}%", f"{high} percent", f"{low}-{high}%", f"{low} to {high}", f"<= {high}%", f"at most {high}",
            f">= {low} %", f"more than {low}% but not more than {high}%", f"between {low} and {high} %"]  # fmt: skip
    for way in ways:
        found = share_of(way)
        assert found is not None, way
        assert found[0] <= high / 100 + 1e-12 and found[1] >= high / 100 - 1e-12, way


@given(st.text(max_size=20))
def test_any_text_is_a_share_or_nothing(text: str) -> None:
    found = share_of(text)
    assert found is None or 0 <= found[0] <= found[1] <= 1


@given(st.text(alphabet="0123456789-T: ", max_size=12) | st.dates().map(str))
def test_a_date_spans_the_days_that_it_can_be(text: str) -> None:
    span = span_of(text)
    if span is not None:
        low, high = span
        assert low <= high
        assert f"{low:%Y}".rjust(4, "0") == text.strip()[:4]
    if len(text) == 10 and text[4:5] == "-":
        try:
            day = dt.date.fromisoformat(text)
        except ValueError:
            return
        assert span == (day, day)


def test_a_month_and_a_year_are_their_first_to_last_day() -> None:
    assert span_of("2024-02") == (dt.date(2024, 2, 1), dt.date(2024, 2, 29))
    assert span_of("2023") == (dt.date(2023, 1, 1), dt.date(2023, 12, 31))
    assert span_of("2023-02-30") is None


# Entities ------------------------------------------------------------------------------------------------------------


def test_ownership_becomes_equity_with_where_it_comes_from(told) -> None:
    held = told(PERSON, FIRM, OWNS)
    assert stakes(held) == [("pat-doe", "acme-corp", "equity", 0.25, 0.25, dt.date(2020, 1, 1), None)]
    [row] = held.stakes.to_dicts()
    assert (row["confidence"], row["source"]) == ("reported", "FollowTheMoney o")
    assert held.remarks == ()


def test_partners_carry_what_entities_tell(told) -> None:
    state = entity("s", "PublicBody", name="Ministry", country="fi")
    vague = entity("v", "LegalEntity", name="Vague")
    held = told(PERSON, FIRM, state, vague)
    by_name = {row["name"]: row for row in held.partners.iter_rows(named=True)}
    assert {name: row["kind"] for name, row in by_name.items()} == {
        "Pat Doe": "person", "Acme Corp": "company", "Ministry": "government", "Vague": "company",
    }  # fmt: skip
    assert (by_name["Acme Corp"]["country"], by_name["Acme Corp"]["aliases"]) == ("CN", "Acme")
    assert "LEI 529900T8BM49AURSDO55" in by_name["Acme Corp"]["note"]
    assert "kind not told (LegalEntity)" in by_name["Vague"]["note"]


def test_directors_hold_some_of_the_board_and_creditors_some_of_the_debt(told) -> None:
    held = told(
        PERSON, FIRM,
        entity("d", "Directorship", director="p", organization="f", role="chair", startDate="2021", endDate="2022-06"),
        entity("l", "Debt", creditor="p", debtor="f", amount="5000", currency="USD", date="2023-01-02"),
    )  # fmt: skip
    assert stakes(held) == [
        ("pat-doe", "acme-corp", "board", 0.0, 1.0, dt.date(2021, 1, 1), dt.date(2022, 6, 30)),
        ("pat-doe", "acme-corp", "debt", 0.0, 1.0, dt.date(2023, 1, 2), None),
    ]
    notes = held.stakes["note"].to_list()
    assert "chair" in notes[0] and "start told as 2021-01 or nearer" in notes[0]
    assert "amount 5000 USD" in notes[1]


def test_a_percentage_that_says_nothing_is_anything_with_a_remark(told) -> None:
    held = told(PERSON, FIRM, {**OWNS, "properties": {**OWNS["properties"], "percentage": ["about a third"]}})
    assert stakes(held)[0][3:5] == (0.0, 1.0)
    assert "'about a third'" in held.remarks[0].found
    assert "told as 'about a third'" in held.stakes["note"][0]


def test_several_percentages_are_the_interval_around_them(told) -> None:
    held = told(PERSON, FIRM, {**OWNS, "properties": {**OWNS["properties"], "percentage": ["25", "30-40%"]}})
    assert stakes(held)[0][3:5] == (0.25, 0.4)


@pytest.mark.parametrize("word", ["indirect", "Former shareholder", "ended"])
def test_a_share_that_may_be_over_or_told_elsewhere_has_no_least(told, word) -> None:
    held = told(PERSON, FIRM, {**OWNS, "properties": {**OWNS["properties"], "role": [word]}})
    assert stakes(held)[0][3:5] == (0.0, 0.25)
    assert word in held.stakes["note"][0]


def test_entities_that_are_not_read_are_counted(told) -> None:
    held = told(PERSON, entity("s", "Sanction", entity="p"), entity("t", "Sanction", entity="p"))
    assert "2 of Sanction" in held.remarks[0].found


@pytest.mark.parametrize(
    "link",
    [
        entity("u", "UnknownLink", subject="p", object="f", role="nominee"),
        entity("u", "Membership", member="p", organization="f"),
        entity("u", "Family", person="p", relative="q", relationship="mother"),
        entity("u", "Ownership", owner="p", percentage="5"),
        entity("u", "Ownership", owner="p", asset="f", startDate="2020-01-01", endDate="2019-01-01"),
    ],
    ids=["unknown link", "member", "family", "nobody held", "end before start"],
)
def test_a_link_that_a_chain_cannot_hold_is_a_remark(told, link) -> None:
    held = told(PERSON, FIRM, link)
    assert held.stakes.height == 0
    [remark] = held.remarks
    assert "(u)" in remark.found


def test_a_ship_is_no_partner(told) -> None:
    ship = entity("s", "Vessel", name="Ever Given")
    held = told(PERSON, ship, entity("o", "Ownership", owner="p", asset="s"))
    assert held.partners["name"].to_list() == ["Pat Doe"]
    assert "Vessel 's'" in held.remarks[0].found
    assert "1 of Vessel" in held.remarks[1].found


def test_what_several_lines_say_of_an_entity_is_one_partner(told) -> None:
    held = told(FIRM, {**FIRM, "properties": {"name": ["Acme Corp", "Acme Co"], "ticker": ["ACM"]}}, OWNS)
    acme = held.partners.row(by_predicate=pl.col("name") == "Acme Corp", named=True)
    assert (acme["aliases"], acme["listed_on"]) == ("Acme;Acme Co", "ACM")
    assert held.stakes["owner"].to_list() == ["p"]  # of whom nothing is told


def test_entities_inside_others_count_as_well(told) -> None:
    nested = entity("o", "Ownership", owner=PERSON, asset=FIRM, percentage="10")
    assert stakes(told(nested))[0][:4] == ("pat-doe", "acme-corp", "equity", 0.1)


def test_a_list_and_a_single_entity_read_as_lines_do(tmp_path: Path) -> None:
    whole = read_followthemoney(put(tmp_path / "a.json", [PERSON, FIRM, OWNS]))
    by_line = read_followthemoney(put(tmp_path / "b.json", lines(PERSON, FIRM, OWNS)))
    assert whole.stakes.equals(by_line.stakes)
    assert read_followthemoney(put(tmp_path / "c.json", FIRM)).partners.height == 1

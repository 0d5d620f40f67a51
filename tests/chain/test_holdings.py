"""Owners join a chain without guessing: what is there stays, what is the same is not added, what differs is told."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.chain.owning import chain_of, owned_chains, stakes_of

from cellroad.chain.bods import read_bods, write_bods
from cellroad.chain.chain import Chain
from cellroad.chain.check_references import references
from cellroad.chain.check_trade import stakes as strange_stakes
from cellroad.chain.column import ID_PATTERN
from cellroad.chain.holdings import Held, Party, holdings, merge, settled, slug

DAY = dt.date(2024, 1, 1)
LEI = "529900T8BM49AURSDO55"


def held(owner: str, owned: str, least: float = 0.3, most: float | None = None, **more: Any) -> Held:
    return Held(owner, owned, "equity", least, least if most is None else most, more.pop("first", DAY), **more)


def noted(chain: Chain, **texts: str) -> Chain:
    """Return a chain whose partners all have the same note or source."""
    return chain.replace(partners=chain.partners.with_columns(**{name: pl.lit(text) for name, text in texts.items()}))


# Ids -----------------------------------------------------------------------------------------------------------------


@given(st.lists(st.text(max_size=30), max_size=6))
def test_every_party_gets_an_id_of_its_own_that_a_chain_accepts(names: list[str]) -> None:
    made = holdings([Party(str(number), name or "x") for number, name in enumerate(names)], [])
    ids = made.partners["partner"]
    assert ids.n_unique() == len(names)
    assert ids.str.contains(ID_PATTERN).all()


@given(st.text(max_size=60))
def test_a_slug_is_short_and_its_own_slug(name: str) -> None:
    made = slug(name)
    assert len(made) <= 40
    assert slug(made) == made


def test_a_party_that_only_an_interest_names_is_a_partner() -> None:
    made = holdings([Party("1", "Acme")], [held("1", "no such id")])
    assert made.partners["partner"].to_list() == ["acme", "no-such-id"]
    assert references({"partners": made.partners, "stakes": made.stakes}) == []


# Told more than once -------------------------------------------------------------------------------------------------


@st.composite
def told_again(draw: st.DrawFn) -> list[Held]:
    days = st.dates(dt.date(2020, 1, 1), dt.date(2020, 1, 20))
    made = []
    for _ in range(draw(st.integers(1, 5))):
        first, least, most = draw(days), *sorted((draw(st.floats(0, 1)), draw(st.floats(0, 1))))
        last = draw(st.none() | st.integers(0, 9).map(lambda more, first=first: first + dt.timedelta(days=more)))
        made.append(held("a", "b", least, most, first=first, last=last))
    return made


@given(told_again())
def test_on_every_day_the_bounds_hold_for_one_and_for_all_that_is_told(told: list[Held]) -> None:
    apart = settled(told)
    for day in (dt.date(2019, 12, 31) + dt.timedelta(days=number) for number in range(40)):
        here = [one for one in told if one.first <= day <= (one.last or day)]
        now = [one for one in apart if one.first <= day <= (one.last or day)]
        assert len(now) == (1 if here else 0)
        for one in now:
            assert one.least == max(part.least for part in here)
            assert one.most == pytest.approx(min(1.0, sum(part.most for part in here)))


@given(told_again())
def test_settled_interests_are_no_contradiction_in_a_chain(told: list[Held]) -> None:
    made = holdings([Party("a", "A"), Party("b", "B")], told)
    assert strange_stakes(Chain.of("x", partners=made.partners, stakes=made.stakes)) == []


@given(told_again())
def test_settling_twice_is_settling_once(told: list[Held]) -> None:
    assert settled(settled(told)) == settled(told)


# Into a chain --------------------------------------------------------------------------------------------------------


@settings(max_examples=40)
@given(owned_chains(), owned_chains())
def test_merging_twice_adds_nothing(tmp_path_factory: pytest.TempPathFactory, here: Chain, there: Chain) -> None:
    path = tmp_path_factory.mktemp("merge") / "x.json"
    write_bods(there, path)
    told = read_bods(path)
    once, _ = merge(here, told)
    twice, _ = merge(once, told)
    assert once.partners.equals(twice.partners)
    assert once.stakes.equals(twice.stakes)
    assert once.partners.head(here.partners.height).equals(here.partners)
    assert once.stakes.head(here.stakes.height).equals(here.stakes)


@given(owned_chains())
def test_a_chain_of_nothing_becomes_what_is_told(tmp_path_factory: pytest.TempPathFactory, there: Chain) -> None:
    path = tmp_path_factory.mktemp("merge") / "x.json"
    write_bods(there, path)
    merged, remarks = merge(Chain.of("new"), read_bods(path))
    assert stakes_of(merged) == stakes_of(there)
    assert not [one for one in remarks if one.table in ("partners",)]


def test_a_name_alone_never_makes_two_partners_one() -> None:
    here = chain_of(["acme"])
    merged, _ = merge(here, holdings([Party("1", "acme"), Party("2", "Other")], [held("2", "1")]))
    assert merged.partners["partner"].to_list() == ["acme", "acme-2", "other"]
    assert merged.stakes["owned"].to_list() == ["acme-2"]


def test_an_id_that_the_file_itself_has_is_the_partner_of_that_id() -> None:
    merged, _ = merge(
        chain_of(["acme"]), holdings([Party("1", "acme", own="acme"), Party("2", "Bank")], [held("2", "1")])
    )
    assert merged.partners["partner"].to_list() == ["acme", "bank"]
    assert merged.stakes.select("owner", "owned").rows() == [("bank", "acme")]


@pytest.mark.parametrize("column", ["note", "source"])
def test_the_same_lei_is_the_same_partner(column: str) -> None:
    here = noted(chain_of(["mine"]), **{column: f"annual report; LEI {LEI}"})
    told = holdings([Party("x", "Whatever Inc", identifiers=(f"LEI {LEI}",)), Party("2", "Bank")], [held("2", "x")])
    merged, remarks = merge(here, told)
    assert merged.partners["partner"].to_list() == ["mine", "bank"]
    assert merged.stakes["owned"].to_list() == ["mine"]
    assert "told of as 'Whatever Inc'" in remarks[0].found


def test_two_that_are_told_of_with_one_lei_are_one() -> None:
    told = holdings(
        [Party("1", "Acme", identifiers=(f"LEI {LEI}",)), Party("2", "Acme Corp", identifiers=(f"LEI {LEI}",)),
         Party("3", "Bank")],
        [held("3", "1"), held("3", "2", 0.4)],
    )  # fmt: skip
    merged, _ = merge(Chain.of("new"), told)
    assert merged.partners["partner"].to_list() == ["acme", "bank"]
    assert merged.stakes.select("owner", "owned", "share_min", "share_max").rows() == [("bank", "acme", 0.4, 0.7)]


def test_numbers_that_point_at_two_partners_are_told() -> None:
    here = chain_of(["one", "two"])
    notes = pl.Series("note", [f"LEI {LEI}", "GB-COH 123"])
    told = holdings([Party("x", "X", identifiers=(f"LEI {LEI}", "GB-COH 123"))], [])
    merged, remarks = merge(here.replace(partners=here.partners.with_columns(notes)), told)
    assert merged.partners.height == 2
    assert "'one' by one number and 'two' by another" in remarks[0].found


def test_a_stake_of_the_chain_stays_and_the_difference_is_told() -> None:
    here = chain_of(["a", "b"], {"owner": "a", "owned": "b", "share_min": 0.5, "share_max": 0.5})
    told = holdings([Party("1", "a", own="a"), Party("2", "b", own="b")], [held("1", "2", 0.6)])
    merged, remarks = merge(here, told)
    assert merged.stakes.equals(here.stakes)
    assert [(one.table, one.row) for one in remarks] == [("stakes", 2)]
    assert "0.6" in remarks[0].found and "0.5" in remarks[0].expected


def test_a_stake_of_another_time_or_kind_is_added() -> None:
    here = chain_of(["a", "b"], {"owner": "a", "owned": "b", "share_min": 0.5, "share_max": 0.5})
    earlier = held("1", "2", 0.6, first=dt.date(2020, 1, 1), last=dt.date(2023, 12, 31))
    told = holdings([Party("1", "a", own="a"), Party("2", "b", own="b")], [earlier])
    merged, remarks = merge(here, told)
    assert merged.stakes.height == 2
    assert remarks == []


def test_what_is_added_fits_the_tables_and_can_be_written(tmp_path: Path) -> None:
    from cellroad.chain.files import read, write

    told = holdings([Party("1", "Acme;", "us", "person", ("NYSE A",), ("x;y", "z"))], [held("1", "1", first=DAY)])
    merged, remarks = merge(Chain.of("new"), told)
    write(merged, tmp_path / "chain")
    again = read(tmp_path / "chain")
    assert again.partners.equals(merged.partners)
    assert again.stakes.equals(merged.stakes)
    assert "in itself" in remarks[0].found

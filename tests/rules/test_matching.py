import datetime as dt

import polars as pl
import pytest
from tests.rules.making_parties import chain_of

from cellroad.chain.chain import Chain
from cellroad.rules.law import shipped
from cellroad.rules.matching import match

EVE = shipped().listings.filter(pl.col("org_id") == "eve")["listing_id"].to_list()


def supplier(*looks: tuple[str, str]) -> Chain:
    """Return a chain with one partner of that name, and reviews of him."""
    chain = chain_of({"cells": "CN"})
    rows = [{"partner": "cells", "against": a, "result": result, "day": dt.date(2026, 1, 1)} for a, result in looks]
    chain = chain.replace(partners=chain.partners.with_columns(name=pl.lit("EVE Energy Co Ltd")))
    return chain.replace(reviews=pl.DataFrame(rows)) if rows else chain


def states(*looks: tuple[str, str]) -> dict[str, str]:
    return dict(match(supplier(*looks), shipped()).select("against", "state").iter_rows())


def test_a_likeness_is_a_question_with_the_organisation_and_each_of_its_entries() -> None:
    assert {name: state for name, state in states().items() if name in {"eve", *EVE}} == dict.fromkeys(
        ["eve", *EVE], "proposed"
    )


@pytest.mark.parametrize("against", ["eve", EVE[0]])
def test_one_yes_settles_the_organisation_and_all_its_entries(against: str) -> None:
    found = states((against, "same"))
    assert found["eve"] == found[against] == "confirmed"
    assert "proposed" not in found.values()


def test_one_no_to_the_organisation_settles_its_entries_too() -> None:
    found = states(("eve", "different"))
    assert found["eve"] == "rejected"
    assert not set(EVE) & set(found)


def test_a_no_to_one_entry_leaves_the_others_open() -> None:
    found = states((EVE[0], "different"))
    assert found[EVE[0]] == "rejected"
    assert found["eve"] == "proposed"


def test_both_names_are_always_shown() -> None:
    found = match(supplier(("eve", "same")), shipped())
    assert (found["name"] == "EVE Energy Co Ltd").all()
    assert (found["listed_name"].str.len_chars() > 0).all()

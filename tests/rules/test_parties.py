import datetime as dt

import polars as pl
from tests.rules.making_parties import chain_of

import cellroad as cr
from cellroad.rules.law import shipped
from cellroad.rules.parties import parties


def test_a_partner_that_names_its_organisation_is_that_organisation_with_its_owners() -> None:
    chain = chain_of({"amplify": "US"})
    chain = chain.replace(partners=chain.partners.with_columns(source=pl.lit("amplify")))
    found = parties(chain, shipped())
    owners = found.stakes.filter(pl.col("owned") == "amplify", pl.col("interest") == "equity")
    assert dict(owners.select("owner", "share_max").iter_rows()) == {
        "accelera": 0.3, "daimler_us": 0.3, "paccar": 0.3, "eve": 0.1,
    }  # fmt: skip


def test_a_partner_that_only_has_the_id_of_an_organisation_is_somebody_else() -> None:
    found = parties(chain_of({"one": "DE"}), shipped())
    assert found.by_id["one"]["org"] is None
    assert found.by_id["org:one"]["name"] == "Our Next Energy"


def test_what_the_chain_says_of_an_owner_replaces_what_the_facts_say() -> None:
    chain = cr.load("kandi-cbak")
    stakes = chain.stakes.with_columns(share_min=pl.lit(0.4), share_max=pl.lit(0.4))
    held = parties(chain.replace(stakes=stakes), shipped()).held_on(dt.date(2027, 1, 1))
    mine = held.filter(pl.col("owned") == "jv_cell", pl.col("interest") == "equity")
    assert mine.select("owner", "share_max").rows() == [("cbak", 0.4), ("kandi", 0.4)]
    assert held.filter(pl.col("owned") == "cbak")["row"].to_list() == ["ST021"], "of whom the chain says nothing"


def test_everybody_who_holds_something_is_somebody() -> None:
    for name in ("kandi-cbak", "gotion-us", "casip", "yousolar"):
        found = parties(cr.load(name), shipped())
        named = set(found.stakes["owner"]) | set(found.stakes["owned"])
        assert named <= set(found.by_id)
        assert found.entities["entity"].is_unique().all()


def test_a_review_beats_a_likeness_and_the_later_look_beats_the_earlier() -> None:
    chain = chain_of({"cells": "CN"})
    chain = chain.replace(partners=chain.partners.with_columns(name=pl.lit("EVE Energy")))
    proposed = parties(chain, shipped()).matches
    assert set(proposed["state"]) == {"proposed"}
    assert "eve" in set(proposed["against"])
    looks = [("eve", "same", dt.date(2026, 1, 1)), ("eve", "different", dt.date(2026, 2, 1))]
    rows = pl.DataFrame(
        [{"partner": "cells", "against": against, "result": result, "day": day} for against, result, day in looks]
    )
    judged = parties(chain.replace(reviews=rows), shipped())
    assert judged.matches.filter(pl.col("against") == "eve")["state"].to_list() == ["rejected"]
    assert judged.by_id["cells"]["org"] is None

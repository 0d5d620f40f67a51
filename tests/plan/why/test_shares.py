"""At which share does a credit turn, and what is the other side worth? Against the chain planned on both sides."""

import polars as pl
import pytest
from tests.plan.tiny import Rows, chain_of, month, straight

from cellroad.plan.planning import plan
from cellroad.plan.why.shares import held_otherwise


def held(part: float) -> Rows:
    """Return the plainest chain, its packs made in a venture of which a state company of China holds a part."""
    rows = straight()
    rows["partners"] = [
        {"partner": "jv", "name": "JV", "country": "US"},
        {"partner": "prc", "name": "PRC", "country": "CN", "kind": "government"},
        {"partner": "yank", "name": "Yank", "country": "US", "kind": "person"},
    ]
    rows["stakes"] = [
        {"owner": "prc", "owned": "jv", "interest": "equity", "share_min": part, "share_max": part,
         "valid_from": month(0)},
        {"owner": "yank", "owned": "jv", "interest": "equity", "share_min": 1 - part, "share_max": 1 - part,
         "valid_from": month(0)},
    ]  # fmt: skip
    rows["sites"][1]["partner"] = "jv"
    rows["items"][0]["maker"] = "yank"
    rows["items"][1]["kwh"] = 10.0
    rows["settings"].append({"name": "when_unknown", "value": "for"})
    return rows


def test_a_credit_turns_at_a_share_and_the_other_side_is_worth_the_plan_made_there() -> None:
    found = plan(chain_of(held(0.6)), gap=1e-9)
    told = found.why_share("make", worth=True)
    turn = told.frame.filter((pl.col("holder") == "prc") & (pl.col("rest") == "as today"))
    assert turn.height
    row = turn.row(0, named=True)
    assert (row["about"], row["before"], row["after"], row["held"]) == ("credit", "yes", "no", 0.6)
    other = plan(chain_of(held(row["share"] - 1e-4)), gap=1e-9)
    same = plan(chain_of(held(row["share"] + 1e-4)), gap=1e-9)
    due = other.solution.objective_usd - found.solution.objective_usd
    assert due > 0
    assert row["npv_change_usd"] == pytest.approx(due)
    assert same.solution.objective_usd == pytest.approx(found.solution.objective_usd)
    assert "prc" in told.text()


def test_shares_of_another_holding_add_up() -> None:
    chain = chain_of(held(0.6))
    for rest in ("as today", "an outsider"):
        moved = held_otherwise(chain, "jv", "prc", rest, 0.2)
        assert moved.stakes["share_max"].sum() == pytest.approx(1)
        assert moved.stakes.filter(owner="prc")["share_max"].item() == 0.2


def test_what_no_law_bears_on_does_not_turn() -> None:
    assert plan(chain_of(straight())).why_share("o").frame.is_empty()

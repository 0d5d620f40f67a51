"""Why is a customer not served? The causes add up to what a unit costs, and easing the dearest limit serves him."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.plan.tiny import Rows, chain_of, line, random_rows, straight
from tests.plan.why.drawn import with_row

from cellroad.chain.finding import ChainError
from cellroad.plan.planning import plan

TINY = settings(derandomize=True)


@settings(TINY, max_examples=8)
@given(st.randoms(use_true_random=False))
def test_causes_add_up_to_what_a_unit_costs_and_that_to_what_it_brings(r: random.Random) -> None:
    found = plan(chain_of(random_rows(r)), gap=1e-9)
    for row in found.shortages.filter(found.shortages["quantity"] > 0).iter_rows(named=True):
        told = found.why_short(row["market"], row["start"])
        assert told.frame["short"].max() == pytest.approx(row["quantity"], rel=1e-6)
        for item in told.frame.filter(told.frame["costs_usd"].is_not_null()).iter_rows(named=True):
            walk = told.causes.filter(item=item["item"], want=item["want"], segment=item["segment"])
            assert walk["usd"].sum() == pytest.approx(item["costs_usd"], abs=1e-6 * (1 + abs(item["costs_usd"])))
            # served from here on it would pay for itself at most: otherwise the plan would serve him
            assert item["costs_usd"] >= item["brings_usd"] - 1e-6 * (1 + abs(item["brings_usd"]))
            chain = told.chain.filter(item=item["item"], want=item["want"], segment=item["segment"])
            assert chain["usd"].sum() == pytest.approx(walk["usd"].sum(), abs=1e-6)
            paid = walk.filter(walk["cause"].is_in(["money", "credit"]))["usd"].sum()
            assert paid + item["scarce_usd"] == pytest.approx(item["costs_usd"], abs=1e-6)


def limited(**cells: float) -> Rows:
    rows = straight() | line()
    rows["options"] = []
    rows["resources"][0] |= {"status": "operating", "hours_per_month": 4.0, **cells}
    return rows


def test_hours_that_are_short_are_named_with_their_price_and_pay_it() -> None:
    found = plan(chain_of(limited()))
    told = found.why_short("m", "2027-02")
    assert "line works no more hours" in told.text()
    dearest = told.remedies.row(0, named=True)
    assert (dearest["what"], dearest["usd"]) == ("line", pytest.approx(72))
    eased = plan(chain_of(limited(hours_per_month=5.0)))
    assert eased.solution.objective_usd - found.solution.objective_usd == pytest.approx(3 * 72)


def test_a_shipment_that_lands_over_two_months_counts_its_units_once_and_the_answer_is_short() -> None:
    rows = limited(hours_per_month=8.0) | {"demand": straight(8)["demand"]}
    rows["settings"] = [row | ({"value": "8"} if row["name"] == "months" else {}) for row in rows["settings"]]
    rows["lanes"] = [row | {"transit_days": 12.0} for row in rows["lanes"]]
    rows["offers"][0] |= {"max_per_month": 9.0}
    found = plan(chain_of(rows), gap=1e-9)
    short = found.shortages.filter(found.shortages["quantity"] > 0)
    told = found.why_short("m", short.filter(short["period"] > 3)["start"][0])
    # two cells make a pack: nobody needs more than two of anything for one
    assert told.causes["quantity"].max() <= 2 + 1e-6
    assert told.causes["usd"].sum() == pytest.approx(told.frame["costs_usd"].sum())
    assert told.causes.height > 3 and len(told.text().splitlines()) <= 12
    sizes = told.chain["usd"].abs().to_list()
    assert sizes == sorted(sizes, reverse=True)


def test_each_reason_for_a_shortage_has_its_words() -> None:
    cases = {
        "it is not worth it: it costs $28 and brings $23": with_row(
            straight(), "demand", {}, price_usd=20.0, short_usd=3.0
        ),
        "at the earliest": with_row(straight(), "lanes", {"lane": "out"}, transit_days=40.0),
        "cannot be ready before 12 Feb 2027": straight(
            certificates=[{"item": "pack", "standard": "UL", "status": "planned", "weeks": 6.0, "cost_usd": 1.0}]
        ),
        "no more can be had": with_row(straight(), "offers", {}, max_per_month=7.0),
        "not taken: build": straight(**line(capex_usd=1e6)),
        "has lapsed": straight(certificates=[{"item": "pack", "standard": "UL", "status": "lapsed"}]),
    }
    for words, rows in cases.items():
        assert words in plan(chain_of(rows)).why_short("m", "2027-01").text(), words


def test_who_is_served_is_not_short_and_who_is_not_there_is_told() -> None:
    found = plan(chain_of(straight()))
    assert found.why_short("m", "2027-01").text() == "m is not short in 2027-01."
    with pytest.raises(ChainError, match="Did you mean 'm'"):
        found.why_short("M", "2027-01")
    with pytest.raises(ChainError, match="Ask for a month within"):
        found.why_short("m", "2031-01")

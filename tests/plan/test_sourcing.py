"""Limits on where purchases come from: against every set of sources, and one by one in the plainest chain."""

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.plan.reference_sourcing import SourcedReference
from tests.plan.tiny import chain_of, month, straight
from tests.plan.tiny_contracts import sourced_rows

from cellroad.plan.audit.audit import audit
from cellroad.plan.network.network import UNBOUND
from cellroad.plan.planning import plan
from cellroad.plan.result import Plan


@settings(max_examples=20, derandomize=True)
@given(st.randoms(use_true_random=False))
def test_a_plan_under_limits_on_sources_is_worth_as_much_as_the_best(r: random.Random) -> None:
    rows = sourced_rows(r)
    best = SourcedReference(rows).best()
    found = plan(chain_of(rows), rules=UNBOUND, gap=1e-9)
    assert found.solution.objective_usd == pytest.approx(best, rel=1e-6, abs=1e-6)
    assert audit(found).closes


def _planned(contracts: list[dict[str, Any]] | None = None, **rule: Any) -> Plan:
    """Plan a year of the plainest chain with a cell of a at 10 and one of b at 12, and one rule: 240 are of use."""
    rows = straight(12, contracts=contracts or [])
    cell = rows["items"][0] | {"origin": "CN"}
    rows["partners"] = [{"partner": name, "name": name, "country": "US"} for name in "ab"]
    rows["items"] += [cell | {"item": "other", "maker": "b", "origin": "US"}]
    rows["items"][0] |= {"maker": "a", "origin": "CN"}
    offer = rows["offers"][0]
    rows["offers"] = [offer, offer | {"offer": "dear", "item": "other", "price_usd": 12.0}]
    rows["processes"].append({"process": "make-other", "site": "p", "item": "pack", "cost_usd": 5.0})
    rows["bom"].append({"process": "make-other", "item": "other", "quantity": 2.0})
    rows["sourcing"] = [{"rule": "r", **rule}] if rule else []
    found = plan(chain_of(rows), rules=UNBOUND, gap=1e-9)
    assert audit(found).closes
    return found


def _from(found: Plan) -> dict[str, float]:
    return {str(offer): float(group["quantity"].sum()) for (offer,), group in found.purchases.group_by("offer")}


def test_without_a_rule_all_comes_from_the_cheapest() -> None:
    assert _from(_planned()) == {"o": pytest.approx(240.0)}
    assert _from(_planned(stage="cell", max_share=1.0)) == {"o": pytest.approx(240.0)}
    assert _from(_planned(stage="cell", min_share=0.6, partner="a")) == {"o": pytest.approx(240.0)}


@pytest.mark.parametrize(
    "rule",
    [
        {"stage": "cell", "max_share": 0.75},
        {"stage": "cell", "max_share": 0.75, "partner": "a"},
        {"stage": "cell", "min_share": 0.25, "partner": "b"},
        {"stage": "cell", "min_share": 0.25, "country": "US"},
        {"stage": "cell", "min_share": 0.25, "country": "US", "measure": "kwh"},
        {"stage": "cell", "min_share": 0.25, "min_sources": 2},
        {"stage": "cell", "min_share": 0.25, "partner": "b", "site": "p"},
        {"item": "cell", "partner": "a", "max_per_year": 180.0},
        {"stage": "cell", "partner": "b", "min_per_year": 60.0},
    ],
)
def test_a_rule_brings_the_second_source_in(rule: dict[str, Any]) -> None:
    found = _planned(**rule)
    assert _from(found) == {"o": pytest.approx(180.0), "dear": pytest.approx(60.0)}
    assert found.solution.objective_usd == pytest.approx(_planned().solution.objective_usd - 60.0 * 2.0)


def test_a_share_of_cost_counts_at_the_price_of_the_offer() -> None:
    found = _planned(stage="cell", measure="usd", country="US", min_share=0.5)
    spent = {str(offer): float(group["cost_usd"].sum()) for (offer,), group in found.purchases.group_by("offer")}
    assert spent["o"] == pytest.approx(spent["dear"])


def test_a_rule_holds_from_its_day_on() -> None:
    found = _planned(stage="cell", min_share=1.0, partner="b", valid_from=month(9))
    late = found.purchases.filter(found.purchases["period"] >= 9)
    assert set(late["offer"]) <= {"dear"}
    assert found.sourcing["start"].to_list() == [month(9)] * found.sourcing.height


def test_who_signs_an_exclusive_contract_buys_nowhere_else() -> None:
    terms = {"contract": "c", "offer": "dear", "valid_from": month(0)}
    exclusive = {"contract": "c", "stage": "cell", "min_share": 1.0}
    assert _from(_planned([terms | {"status": "signed"}], **exclusive)) == {"dear": pytest.approx(240.0)}
    # nothing is gained by signing it
    assert _from(_planned([terms | {"status": "open"}], **exclusive)) == {"o": pytest.approx(240.0)}


def test_an_exclusive_contract_is_signed_where_it_saves_more_than_it_closes() -> None:
    def signed(most: float) -> str:
        rows = straight(12, contracts=[{"contract": "c", "offer": "cheap", "required": "yes", "valid_from": month(0)}])
        rows["offers"].append(rows["offers"][0] | {"offer": "cheap", "price_usd": 1.0, "max_per_month": most})
        rows["sourcing"] = [{"rule": "r", "contract": "c", "item": "cell", "min_share": 1.0}]
        found = plan(chain_of(rows), gap=1e-9)
        assert audit(found).closes
        return str(found.contracts["status"][0])

    # a pack of cells at 1 brings 90, one of cells at 10 brings 72: 8 of 10 a month are worth as much as all
    assert signed(15.0) == "do not sign"
    assert signed(17.0) == "sign"


def test_fewer_sources_than_asked_means_nothing_is_bought() -> None:
    assert _planned(stage="cell", min_share=0.1, min_sources=3).purchases.is_empty()
    assert _planned(stage="cell", min_share=0.1, min_sources=1).purchases["offer"].unique().to_list() == ["o"]

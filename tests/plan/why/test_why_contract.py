"""What is a contract worth, and what stands against a plan that cannot keep one?"""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.plan.tiny import Rows, chain_of, month, straight
from tests.plan.tiny_contracts import agreed_rows
from tests.plan.why.drawn import plain

from cellroad.plan.planning import NoPlanError, plan
from cellroad.plan.why.infeasible import Infeasible

TINY = settings(derandomize=True)


def signed(**cells: object) -> Rows:
    contract = {"contract": "deal", "offer": "o", "status": "signed", "min_per_year": 1200.0, **cells}
    return straight(contracts=[contract])


@settings(TINY, max_examples=3)
@given(st.randoms(use_true_random=False))
def test_a_contract_that_is_signed_is_worth_the_plan_less_that_without_it(r: random.Random) -> None:
    rows = plain(agreed_rows(r))
    try:
        found = plan(chain_of(rows), gap=1e-9)
    except NoPlanError as none:
        assert none.why is not None
        assert not none.why().feasible
        return
    contract = r.choice(rows["contracts"])
    told = found.why(contract["contract"], "contracts")
    # what is prepaid for a contract that binds already is not counted, but is paid back when it is dropped
    if not told.used or contract["prepaid_share"]:
        return
    rest = [row for row in rows["contracts"] if row is not contract]
    if contract["required"] == "yes" and not any(row["offer"] == contract["offer"] for row in rest):
        rows["offers"] = [row for row in rows["offers"] if row["offer"] != contract["offer"]]
    try:
        without = plan(chain_of({**rows, "contracts": rest}), gap=1e-9)
    except NoPlanError:
        assert told.less is None
        return
    assert told.less is not None
    due = without.solution.objective_usd - found.solution.objective_usd
    assert told.less.npv_usd == pytest.approx(due, rel=1e-6, abs=1e-4)


def test_a_contract_for_too_much_says_what_it_costs() -> None:
    told = plan(chain_of(signed())).why("deal")
    assert told.less is not None
    assert told.less.npv_usd > 0
    paid = told.less.parts.filter(told.less.parts["kind"].is_in(["purchase", "not_taken"]))
    assert paid["usd"].sum() == pytest.approx(told.less.npv_usd)
    assert "contract deal is signed" in told.text()


def test_a_minimum_that_no_offer_can_fill_is_named_with_the_least_way_out() -> None:
    rows = signed(take_or_pay_share=0.0)
    rows["offers"][0]["max_per_month"] = 80.0
    with pytest.raises(NoPlanError) as none:
        plan(chain_of(rows))
    assert none.value.why is not None
    told: Infeasible = none.value.why()
    assert "deal takes or pays its minimum in 2027" in told.text()
    assert set(told.clash["rule"]) == {"least taken", "buy", "sign"}
    year, quarter = 365, (month(3) - month(0)).days
    assert told.relaxed["by"].sum() == pytest.approx(1200 * quarter / year - 240, rel=1e-3)

"""An incentive that is supposed pays what is sold, by the kWh and the year, and nothing while no part of it is set."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.plan.reference_tree import tree_rows
from tests.plan.tiny import chain_of

from cellroad.chain.chain import Chain
from cellroad.chain.scenario import apply
from cellroad.chain.tables import TABLES
from cellroad.plan.audit.audit import audit
from cellroad.plan.law.supposed import with_incentives
from cellroad.plan.network.network import UNBOUND
from cellroad.plan.planning import plan

STEADY = settings(derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def chain_with(r: random.Random, paid: float, raised: float = 0.0, **row: Any) -> Chain:
    """Return a tiny chain without interest, with an incentive on its packs, or with prices that are higher by it."""
    rows = tree_rows(r)
    rows["scenarios"], rows["changes"] = [], []
    for setting in rows["settings"]:
        if setting["name"] in ("discount_per_year", "holding_per_year"):
            setting["value"] = "0"
    for wanted in rows["demand"]:
        wanted["price_usd"] += raised
    given: dict[str, Any] = {
        "incentive": "help", "item": "pack", "country": "US", "usd_per_kwh": 4.0, "paid_share": paid,
        "valid_from": dt.date(2027, 1, 1), "valid_to": None,
    } | row  # fmt: skip
    schema = TABLES["incentives"]
    frame = pl.DataFrame([given])
    return chain_of(rows).replace(
        incentives=frame.cast({name: schema.columns()[name].dtype for name in frame.columns})  # type: ignore[misc]
    )


@settings(STEADY, max_examples=6)
@given(st.integers(0, 1000), st.sampled_from([0.0, 0.5, 1.0]))
def test_help_for_all_that_is_sold_is_worth_a_higher_price(seed: int, paid: float) -> None:
    helped = plan(chain_with(random.Random(seed), paid), gap=1e-9)
    dearer = plan(chain_with(random.Random(seed), 0.0, 4.0 * paid), gap=1e-9)
    assert helped.solution.objective_usd == pytest.approx(dearer.solution.objective_usd, rel=1e-7, abs=1e-6)
    assert audit(helped).closes
    sold = float(helped.sales["quantity"].sum())
    earned = float((helped.credits["usd"] + helped.credits["next_usd"]).sum()) if helped.credits.height else 0.0
    assert earned == pytest.approx(4.0 * paid * sold, rel=1e-7, abs=1e-6)


def test_it_is_paid_for_its_item_in_its_country_by_the_days_of_its_year() -> None:
    def claims(**row: Any) -> pl.DataFrame:
        chain = chain_with(random.Random(3), 0.5, **row)
        return with_incentives(chain, UNBOUND, 2027, 2029).claims.sort("year")

    half = claims(valid_from=dt.date(2028, 7, 1), valid_to=dt.date(2028, 12, 31))
    assert half.select("process", "credit", "year", "answer").rows() == [("pack", "help", 2028, "yes")]
    assert half["usd_per_unit"].to_list() == pytest.approx([4.0 * 0.5 * 184 / 366])
    assert claims()["usd_per_unit"].to_list() == pytest.approx([2.0, 2.0, 2.0])
    assert claims(country="MX").is_empty() and claims(item="cell").is_empty() and claims(paid_share=0.0).is_empty()


def test_a_scenario_turns_it_on() -> None:
    chain = chain_with(random.Random(3), 0.0)
    operation = chain.changes.schema["operation"]
    chain = chain.replace(
        scenarios=pl.DataFrame({"scenario": ["paid"], "name": [""], "parent": [None], "probability": [1.0]}).cast(
            {"parent": pl.String}
        ),
        changes=pl.DataFrame({
            "scenario": ["paid"], "table": ["incentives"], "key": ["help|*|*"], "column": ["paid_share"],
            "operation": ["set"], "value": ["1"],
        }).cast({"operation": operation}),
    )  # fmt: skip
    assert with_incentives(chain, UNBOUND, 2027, 2027) is UNBOUND
    assert with_incentives(apply(chain, "paid"), UNBOUND, 2027, 2027).claims.height == 1

"""Limits of lanes and stock, transit in whole months, and money that counts from the start of a month."""

import datetime as dt
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.plan.reference_lanes import LimitedReference, limited_rows
from tests.plan.tiny import chain_of, month, straight

from cellroad.plan.audit.audit import audit
from cellroad.plan.planning import plan
from cellroad.plan.result import Plan


@settings(max_examples=15, derandomize=True)
@given(st.randoms(use_true_random=False))
def test_a_plan_under_limits_is_worth_as_much_as_the_best_of_all_whole_decisions(r: random.Random) -> None:
    rows = limited_rows(r)
    found = plan(chain_of(rows), gap=1e-9)
    assert found.solution.objective_usd == pytest.approx(LimitedReference(rows).best(), rel=1e-6, abs=1e-6)
    assert audit(found).closes


def _planned(**changes: object) -> Plan:
    rows = straight()
    rows["lanes"][1] |= changes
    return plan(chain_of(rows), gap=1e-9)


def test_a_lane_carries_no_more_than_it_holds() -> None:
    assert _planned(max_per_month=4.0).sales["quantity"].sum() == pytest.approx(12.0)
    assert _planned(max_per_month=1e6).solution.objective_usd == _planned().solution.objective_usd


def test_what_leaves_in_a_month_arrives_in_the_month_so_many_later() -> None:
    found = _planned(transit_months=2)
    assert found.shipments.filter(lane="out").select("period", "arrival_period").unique().rows() == [(0, 2)]
    assert found.sales["quantity"].sum() == pytest.approx(10.0)
    assert _planned(transit_months=0).solution.objective_usd == _planned().solution.objective_usd


def test_no_more_is_kept_than_fits() -> None:
    rows = straight()
    # all has to be bought in the first month and kept
    rows["offers"][0]["valid_to"] = month(1) - dt.timedelta(days=1)
    free = plan(chain_of(rows), gap=1e-9)
    rows["stocks"] = [{"site": s, "item": i, "max_on_hand": 4.0} for s in "vpm" for i in ("cell", "pack")]
    tight = plan(chain_of(rows), gap=1e-9)
    assert tight.inventory["quantity"].max() <= 4.0 + 1e-9 < free.inventory["quantity"].max()
    assert tight.solution.objective_usd < free.solution.objective_usd
    rows["stocks"] = [row | {"max_on_hand": 1e6} for row in rows["stocks"]]
    assert plan(chain_of(rows), gap=1e-9).solution.objective_usd == pytest.approx(free.solution.objective_usd)

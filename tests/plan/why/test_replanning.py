"""Plan again in the midst of a plan: for free it is a plan from nothing, at any price nothing changes."""

import random
from itertools import pairwise

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.plan.tiny import chain_of, line, month, random_rows, straight
from tests.plan.why.drawn import with_row

from cellroad.chain.finding import ChainError
from cellroad.plan.audit.audit import audit
from cellroad.plan.planning import plan
from cellroad.plan.why.levers import pulled
from cellroad.plan.why.replanning import replan

TINY = settings(derandomize=True)


@settings(TINY, max_examples=3)
@given(st.randoms(use_true_random=False))
def test_for_free_it_is_the_plan_from_nothing_and_at_any_price_nothing_changes(r: random.Random) -> None:
    rows = random_rows(r)
    former = plan(chain_of(rows), gap=1e-9)
    chain = pulled(former.chain, r.choice(["prices", "freight", "revenue"]), r.choice([0.7, 1.4]))
    cold = plan(chain, gap=1e-9).solution.objective_usd
    free = replan(former, month(0), chain=chain, gap=1e-9)
    assert free.plan.solution.objective_usd == pytest.approx(cold, rel=1e-6, abs=1e-4)
    assert free.charge_usd == 0
    assert audit(free.plan).closes
    rigid = replan(former, month(0), chain=chain, change_price=float("inf"), gap=1e-9)
    assert rigid.changes.is_empty()
    values = []
    for price in (0.05, 5.0):
        some = replan(former, month(0), chain=chain, change_price=price, gap=1e-9)
        values.append(some.plan.solution.objective_usd - some.charge_usd)
        assert some.charge_usd >= -1e-6
        assert audit(some.plan).closes
    worth = [cold, *values, rigid.plan.solution.objective_usd]
    scale = 1e-6 * (1 + abs(cold))
    assert all(one >= other - scale for one, other in pairwise(worth))


@settings(TINY, max_examples=3)
@given(st.randoms(use_true_random=False))
def test_what_has_happened_and_what_is_frozen_stays(r: random.Random) -> None:
    former = plan(chain_of(random_rows(r)), gap=1e-9)
    if former.periods.height < 2:
        return
    chain = pulled(former.chain, "prices", 1.5)
    again = replan(former, month(1), chain=chain, frozen_months=r.choice([0, 1]), gap=1e-9)
    assert again.changes.filter(pl.col("period") < 1).is_empty()
    for frame, keys in (("purchases", ["offer"]), ("shipments", ["lane", "item"]), ("production", ["process"])):
        quantity = "runs" if frame == "production" else "quantity"
        old, new = (
            getattr(p, frame).filter(pl.col("period") == 0).group_by(keys).agg(pl.col(quantity).sum()).sort(keys)
            for p in (former, again.plan)
        )
        assert old.select(keys).equals(new.select(keys))
        assert new[quantity].to_list() == pytest.approx(old[quantity].to_list(), rel=1e-6)
    assert audit(again.plan).closes


def test_a_charge_keeps_a_plan_from_turning_over_for_little() -> None:
    rows = straight()
    rows["offers"].append({"offer": "other", "site": "v", "item": "cell", "price_usd": 10.5, "valid_from": month(0)})
    former = plan(chain_of(rows))
    turned = chain_of(with_row(rows, "offers", {"offer": "o"}, price_usd=11.0))
    assert replan(former, month(0), chain=turned).changes.height > 0
    steady = replan(former, month(0), chain=turned, change_price=0.1)
    assert steady.changes.is_empty()
    assert steady.charge_usd == pytest.approx(0)
    assert "0 decisions" in steady.text()


def test_stock_that_was_counted_otherwise_is_planned_with() -> None:
    rows = with_row(straight(), "settings", {"name": "holding_per_year"}, value="0.01")
    former = plan(chain_of(rows))
    counted = pl.DataFrame({"site": ["p"], "item": ["cell"], "quantity": [4.0]})
    again = replan(former, month(1), on_hand=counted)
    assert again.plan.purchases["quantity"].sum() == pytest.approx(56)
    assert again.plan.solution.objective_usd - former.solution.objective_usd == pytest.approx(4 * 11, rel=0.01)
    with pytest.raises(ChainError, match="an item at a site"):
        replan(former, month(1), on_hand=counted.with_columns(site=pl.lit("m")))


def test_an_option_that_is_dear_to_change_stays() -> None:
    former = plan(chain_of(straight(**line())))
    poor = pulled(former.chain, "revenue", 0.2)
    assert replan(former, month(0), chain=poor).plan.openings.is_empty()
    kept = replan(former, month(0), chain=poor, opening_price=100.0)
    assert kept.plan.openings.height == 1


def test_a_day_outside_and_another_horizon_are_refused() -> None:
    former = plan(chain_of(straight()))
    with pytest.raises(ChainError, match="a day from"):
        replan(former, "2031-01-01")
    with pytest.raises(ChainError, match="other periods"):
        replan(former, month(1), chain=chain_of(straight(4)))

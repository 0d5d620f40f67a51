"""A plan of goods that age, wait, come back and stand in is the best: against every whole decision, unit by age."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.plan.reference_goods import GoodsReference
from tests.plan.tiny import chain_of
from tests.plan.tiny_goods import goods_rows

from cellroad.plan.audit.audit import audit
from cellroad.plan.planning import plan


@settings(max_examples=20, derandomize=True)
@given(st.randoms(use_true_random=False))
def test_a_plan_of_goods_over_time_is_the_best_of_all_whole_decisions(r: random.Random) -> None:
    rows = goods_rows(r)
    if not rows["demand"]:
        return
    best = GoodsReference(rows).best()
    found = plan(chain_of(rows), gap=1e-9)
    assert found.solution.objective_usd == pytest.approx(best, rel=1e-6, abs=1e-5)
    checked = audit(found)
    assert checked.closes, checked.frame

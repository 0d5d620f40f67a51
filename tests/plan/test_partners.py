"""Who earns what: a plan for one partner is the best for that partner, and all accounts add up."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.plan.reference_partners import Partners
from tests.plan.tiny import chain_of
from tests.plan.tiny_partners import random_partners

from cellroad.plan.audit.audit import audit
from cellroad.plan.planning import plan


@settings(max_examples=15, derandomize=True)
@given(st.randoms(use_true_random=False))
def test_a_plan_for_partners_is_worth_as_much_to_them_as_the_best_of_all_whole_decisions(r: random.Random) -> None:
    rows = random_partners(r)
    best = Partners(rows).best()
    found = plan(chain_of(rows), gap=1e-9)
    assert found.solution.objective_usd == pytest.approx(best, rel=1e-6, abs=1e-6)
    assert audit(found).closes

"""Certificates: the best of all whole decisions, and each rule where it changes the plan and where it must not."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.plan.reference_certificates import Certified
from tests.plan.tiny import chain_of
from tests.plan.tiny_certificates import certificate_rows

from cellroad.plan.audit.audit import audit
from cellroad.plan.planning import plan


@settings(max_examples=20, derandomize=True)
@given(st.randoms(use_true_random=False))
def test_a_plan_with_certificates_is_worth_as_much_as_the_best_of_all_whole_decisions(r: random.Random) -> None:
    rows = certificate_rows(r)
    best = Certified(rows).best()
    found = plan(chain_of(rows), gap=1e-9)
    assert found.solution.objective_usd == pytest.approx(best, rel=1e-6, abs=1e-6)
    assert found.solution.bound_usd >= found.solution.objective_usd
    assert audit(found).closes, audit(found).frame

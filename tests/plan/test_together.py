"""Rules of every family at once: the search finds what a general solver finds on the plain model, and all adds up.

Each family alone is held against an enumeration elsewhere; here strong rows, rounding and branching of one meet the
columns of another.
"""

import random

import highspy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.plan.tiny import chain_of
from tests.plan.tiny_together import together_rows

import cellroad as cr
from cellroad.plan.audit.audit import audit
from cellroad.plan.planning import NoPlanError
from cellroad.plan.programme import Programme, programme


def by_general_solver(made: Programme) -> float | None:
    """Return the net present value that HiGHS alone finds; None where there is no plan."""
    highs = highspy.Highs()
    for option, value in (
        ("output_flag", False), ("mip_rel_gap", 1e-9), ("mip_feasibility_tolerance", 1e-9),
        ("primal_feasibility_tolerance", 1e-9),
    ):  # fmt: skip
        highs.setOptionValue(option, value)
    highs.passModel(made.to_highs())
    highs.run()
    solved = highs.getModelStatus() == highspy.HighsModelStatus.kOptimal
    return -float(highs.getInfo().objective_function_value) if solved else None


@settings(max_examples=25)
@given(st.randoms(use_true_random=False))
def test_all_rules_together_have_the_plan_of_a_general_solver_and_add_up(r: random.Random) -> None:
    chain = chain_of(together_rows(r))
    made = programme(chain)
    if not made.model.matrix.nnz:
        return
    due = by_general_solver(made)
    try:
        plan = cr.plan(chain, gap=1e-9)
    except NoPlanError:
        assert due is None
        return
    assert due is not None, "a plan where the general solver finds none"
    assert plan.solution.objective_usd == pytest.approx(due, rel=1e-5, abs=1e-5)
    found = audit(plan)
    assert found.closes, found.frame.filter(found.frame["relative"] > 1e-6)

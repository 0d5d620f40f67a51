"""The model as other tools read it has the optimum of the plan, in every form that it can be written in."""

import random
from pathlib import Path

import highspy
import numpy as np
import polars as pl
import pytest
from tests.plan.tiny import chain_of, random_rows, straight

import cellroad as cr
from cellroad.plan.programme import Programme, programme


def drawn(seed: int) -> cr.Chain:
    return chain_of(random_rows(random.Random(seed)))


def solved(programme: Programme, path: Path) -> float:
    """Return the net present value that HiGHS finds in what was written."""
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    highs.setOptionValue("mip_rel_gap", 1e-9)
    assert highs.readModel(str(programme.write_mps(path))) == highspy.HighsStatus.kOk
    highs.run()
    return -float(highs.getInfo().objective_function_value)


@pytest.mark.parametrize("seed", range(8))
def test_what_is_written_has_the_value_of_the_plan(seed: int, tmp_path: Path) -> None:
    chain = drawn(seed)
    value = cr.plan(chain, gap=1e-9).solution.objective_usd
    assert solved(programme(chain), tmp_path / "model") == pytest.approx(value, rel=1e-6, abs=1e-5)


@pytest.mark.parametrize("seed", range(8))
def test_linopy_finds_the_value_of_the_plan(seed: int) -> None:
    chain = drawn(seed)
    made = programme(chain)
    if not made.model.matrix.nnz:
        return
    value = cr.plan(chain, gap=1e-9).solution.objective_usd
    there = made.to_linopy()
    there.solve(solver_name="highs", mip_rel_gap=1e-9, output_flag=False)
    assert -float(there.objective.value) == pytest.approx(value, rel=1e-6, abs=1e-5)


@pytest.mark.parametrize("seed", [0, 3, 5])
def test_what_linopy_has_solved_is_a_plan_like_any_other(seed: int) -> None:
    chain = drawn(seed)
    made, ours = programme(chain), cr.plan(chain, gap=1e-9)
    there = made.to_linopy()
    with pytest.raises(cr.NoPlanError, match="solve it first"):
        made.plan_of(there, solver="another")
    there.solve(solver_name="highs", mip_rel_gap=1e-9, output_flag=False)
    found = made.plan_of(there, solver="another", bound_usd=ours.solution.bound_usd)
    assert found.solution.objective_usd == pytest.approx(ours.solution.objective_usd, rel=1e-6, abs=1e-5)
    assert found.solution.solver == "another" and found.solution.gap < 1e-5
    assert cr.audit(found).closes
    relaxed = made.plan_of(there, solver="another").solution
    assert relaxed.bound_usd >= ours.solution.objective_usd - 1e-6 * abs(ours.solution.objective_usd)


def test_a_solution_of_another_model_is_no_plan_of_this_one() -> None:
    made = programme(chain_of(straight()))
    there = made.to_linopy()
    there.remove_constraints("balance")
    there.solve(solver_name="highs", output_flag=False)
    with pytest.raises(cr.NoPlanError, match="breaks rows of this programme"):
        made.plan_of(there, solver="another")


def test_a_rule_of_ones_own_binds_in_linopy() -> None:
    chain = chain_of(straight())
    made = programme(chain)
    mine = made.columns("buy").filter(pl.col("offer") == "o")["position"].to_numpy()
    there = made.to_linopy()
    free = there.copy()
    free.solve(solver_name="highs", output_flag=False)
    bought = float(free.variables["buy"].solution.values[mine].sum())
    assert bought > 0
    there.add_constraints(there.variables["buy"].isel(buy=mine).sum() <= bought / 2, name="half as much of it")
    there.solve(solver_name="highs", output_flag=False)
    assert float(there.variables["buy"].solution.values[mine].sum()) <= bought / 2 * (1 + 1e-6)
    assert float(there.objective.value) > float(free.objective.value) + 1.0


def test_every_name_of_the_file_is_told_once_and_says_what_it_is(tmp_path: Path) -> None:
    made = programme(cr.load("kandi-cbak"))
    text = made.write_mps(tmp_path / "model.mps").read_text()
    names = [
        line.split()[1] for line in text.split("COLUMNS")[0].splitlines() if line.startswith((" E ", " L ", " G "))
    ]
    assert len(names) == len(set(names)) == made.model.row_lower.size
    lanes = made.columns("ship")
    lane, item, period = lanes.select("lane", "item", "period").row(0)
    assert f"ship[{lane},{item},{period}]" in text
    assert np.array_equal(lanes["position"].to_numpy(), np.arange(made.model.columns["ship"].size))

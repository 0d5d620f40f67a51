"""Whoever plans the futures of a tree, the plan is the same; a death and a stop lose nothing."""

from __future__ import annotations

import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.plan.dying_future import DyingFuture
from tests.plan.reference_tree import best_of_the_tree, tree_rows
from tests.plan.tiny import Rows, chain_of

from cellroad.plan.stochastic.executor import Pool, Serial
from cellroad.plan.tree import workers as tree_workers
from cellroad.plan.tree.result import TreePlan
from cellroad.plan.tree.trees import plan_tree
from cellroad.plan.tree.workers import How


def rows_of(seed: int) -> Rows:
    rows = tree_rows(random.Random(seed))
    rows["options"][0]["capex_usd"] = 8.0
    return rows


class Counting(Serial):
    """This process, counting what it is asked."""

    asked = 0

    def call(self, method: str, arguments: Mapping[int, tuple[Any, ...]]) -> dict[int, Any]:
        self.asked += len(arguments)
        return super().call(method, arguments)


def planned(seed: int, how: How, **others: Any) -> TreePlan:
    return plan_tree(chain_of(rows_of(seed)), gap=1e-9, measures=False, how=how, **others)


@pytest.mark.parametrize("seed", [3, 5, 8])
def test_one_model_and_futures_apart_are_worth_as_much_as_the_best_policy(seed: int) -> None:
    best = best_of_the_tree(rows_of(seed))
    for how in (How("one"), How("apart"), How("apart", Serial())):
        found = planned(seed, how)
        assert found.method == how.method
        assert found.value_usd == pytest.approx(best, rel=1e-6, abs=1e-6)
        assert found.bound_usd == pytest.approx(best, rel=1e-6, abs=1e-5)
    assert planned(seed, How()).method == "one"


def test_a_worker_that_is_killed_is_asked_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CELLROAD_TEST_DIES", str(tmp_path / "died"))
    monkeypatch.setattr(tree_workers, "Future", DyingFuture)
    found = planned(3, How("apart", Pool(2)))
    assert (tmp_path / "died").exists()
    assert found.value_usd == pytest.approx(best_of_the_tree(rows_of(3)), rel=1e-6, abs=1e-6)


def test_a_search_that_was_stopped_goes_on_from_its_file(tmp_path: Path) -> None:
    state, whole = tmp_path / "tree.state", Counting()
    found = planned(3, How("apart", whole, tmp_path / "other.state"))
    assert whole.asked > 1
    calls = iter(range(10_000))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tree_workers, "AT_ONCE", 1)
        planned(3, How("apart", Serial(), state), progress=lambda told: told.phase != "apart" or next(calls) < 2)
    stopped = state.stat().st_size
    assert stopped > 0
    with state.open("ab") as file:
        file.write(b"\x93NUMPY torn")  # the power went off
    rest = Counting()
    again = planned(3, How("apart", rest, state))
    assert 0 < rest.asked < whole.asked
    assert again.value_usd == found.value_usd and again.bound_usd == found.bound_usd
    nothing = Counting()
    assert planned(3, How("apart", nothing, state)).value_usd == found.value_usd
    assert nothing.asked == 0
    other = Counting()
    planned(5, How("apart", other, state))
    assert other.asked > 0  # another tree knows nothing of this one

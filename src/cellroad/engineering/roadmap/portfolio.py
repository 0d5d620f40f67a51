"""Which projects, for a budget? Those of largest expected value, found by a solver and proven.

    maximise  sum_j q_j v_j x_j    so that  sum_j c_j x_j <= budget,  x_j <= x_i for each i before j,
    x_j + x_k <= 1 where one stands instead of the other,  x in {0, 1}

q_j is the chance that a project and all before it succeed: the product of their chances, each of which holds given
those before it. That a project is chosen only with those before it keeps the sum exact (a knapsack with precedence).
"""

from __future__ import annotations

from dataclasses import dataclass
from graphlib import TopologicalSorter

import numpy as np
import polars as pl
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array, csr_array

from cellroad.engineering.roadmap.reading import RoadmapTables, before_of


@dataclass(frozen=True)
class Portfolio:
    """The chosen projects of a budget.

    projects   project, name, cost_usd, expected_usd (value times chance), chance, chosen
    value_usd  expected value of the chosen; bound_usd: what no choice exceeds
    """

    budget_usd: float
    projects: pl.DataFrame
    value_usd: float
    bound_usd: float

    @property
    def chosen(self) -> list[str]:
        """Return the chosen projects in order of the table."""
        return self.projects.filter("chosen")["project"].to_list()

    @property
    def cost_usd(self) -> float:
        """Return what the chosen projects cost."""
        return float(self.projects.filter("chosen")["cost_usd"].sum())


def portfolio(read: RoadmapTables, budget_usd: float) -> Portfolio:
    """Return the projects of largest expected value that a budget pays for.

    Raises ValueError for a budget below nothing, RuntimeError where the solver does not prove its answer.
    """
    if budget_usd < 0:
        raise ValueError(f"a budget of {budget_usd}: expected 0 or more")
    rows = _expected(read)
    if rows.is_empty():
        return Portfolio(budget_usd, rows.with_columns(chosen=pl.lit(False)), 0.0, 0.0)
    worth, cost = rows["expected_usd"].to_numpy(), rows["cost_usd"].to_numpy()
    scale = float(max(worth.max(), cost.max(), 1.0))
    limits = [LinearConstraint(csr_array(cost[None] / scale), -np.inf, budget_usd / scale)]
    limits += _orders(read, rows)
    found = milp(
        -worth / scale, integrality=np.ones(rows.height, dtype=np.int64), bounds=Bounds(0, 1), constraints=limits,
        options={"mip_rel_gap": 0.0},
    )  # fmt: skip
    if found.x is None:
        raise RuntimeError(f"the solver found no portfolio: {found.message}")
    chosen = found.x > 0.5
    bound = -float(found.mip_dual_bound) * scale if found.mip_dual_bound is not None else float(worth @ chosen)
    return Portfolio(budget_usd, rows.with_columns(chosen=pl.Series(chosen)), float(worth @ chosen), bound)


def frontier(read: RoadmapTables, budgets: list[float]) -> pl.DataFrame:
    """Return what each budget buys at best: budget_usd, cost_usd, value_usd, projects."""
    found = [portfolio(read, budget) for budget in budgets]
    return pl.DataFrame(
        {
            "budget_usd": budgets, "cost_usd": [one.cost_usd for one in found],
            "value_usd": [one.value_usd for one in found], "projects": [", ".join(one.chosen) for one in found],
        },
        schema={"budget_usd": pl.Float64, "cost_usd": pl.Float64, "value_usd": pl.Float64, "projects": pl.String},
    )  # fmt: skip


def _expected(read: RoadmapTables) -> pl.DataFrame:
    """Return project, name, cost, expected value and chance, in order of the table."""
    projects = read.tables["projects"]
    before, alone = before_of(projects, "project"), dict(projects.select("project", "success_share").iter_rows())
    ahead: dict[str, set[str]] = {}
    for name in TopologicalSorter(before).static_order():
        ahead[name] = {name}.union(*(ahead[one] for one in before[name]))
    chance = [float(np.prod([alone[one] for one in ahead[name]])) for name in projects["project"]]
    chances = pl.Series("chance", chance, dtype=pl.Float64)
    return projects.select(
        "project", "name", "cost_usd", (pl.col("value_usd") * chances).alias("expected_usd"), chances
    )


def _orders(read: RoadmapTables, rows: pl.DataFrame) -> list[LinearConstraint]:
    """Return the rows that say what a project needs, and that one stands instead of another."""
    projects = read.tables["projects"]
    at = {name: place for place, name in enumerate(rows["project"])}
    needs = [(at[name], at[one]) for name, ones in before_of(projects, "project").items() for one in ones]
    groups = [group for group in projects["instead_of"].unique(maintain_order=True) if group]
    found = []
    if needs:
        count = len(needs)
        lines = np.repeat(np.arange(count), 2)
        matrix = coo_array((np.tile([1.0, -1.0], count), (lines, np.array(needs).ravel())), shape=(count, rows.height))
        found.append(LinearConstraint(matrix.tocsr(), -np.inf, 0.0))
    if groups:
        member = np.array([(projects["instead_of"] == group).to_numpy() for group in groups], dtype=np.float64)
        found.append(LinearConstraint(csr_array(member), -np.inf, 1.0))
    return found

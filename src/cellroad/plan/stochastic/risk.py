"""What is to be small: the expected cost, its worst part, or the largest regret.

    expected  sum over s of p[s] * cost[s]
    cvar      (1 - weight) * expected + weight * CVaR, the mean of the worst 1 - alpha of cost:
              CVaR = min over eta of eta + sum over s of p[s] * max(cost[s] - eta, 0) / (1 - alpha)
    regret    max over s of (cost[s] - best[s]), best[s] the cost of s alone with perfect information

CVaR as a linear programme: Rockafellar and Uryasev 2000. Minimax regret: Savage 1951.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from cellroad.plan.stochastic.programme import Programme

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Risk:
    """A measure of risk: its kind, the level and weight of CVaR, what each scenario costs at best (for regret)."""

    kind: Literal["expected", "cvar", "regret"] = "expected"
    alpha: float = 0.9
    weight: float = 0.5
    best: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        """Refuse levels that mean nothing."""
        if not 0 <= self.alpha < 1 or not 0 <= self.weight <= 1:
            raise ValueError("alpha lies from 0 to below 1, weight from 0 to 1")

    @property
    def mean_share(self) -> float:
        """Return the share of the expected cost in the objective."""
        return {"expected": 1.0, "cvar": 1 - self.weight, "regret": 0.0}[self.kind]

    def of(self, cost: Floats, probability: Floats) -> float:
        """Return the measure of the costs of scenarios."""
        if self.kind == "regret":
            return float(np.max(cost - np.array(self.best)))
        expected = float(probability @ cost)
        if self.kind == "expected":
            return expected
        return (1 - self.weight) * expected + self.weight * cvar(cost, probability, self.alpha)

    def applied(self, programme: Programme, sums: sp.csr_array, offsets: Floats, probability: Floats) -> Programme:
        """Return a programme that minimises the measure.

        `programme` minimises the expected cost, `sums` gives the cost of each scenario from its columns, short of
        `offsets`. Added are eta (or the largest regret) and, for CVaR, the excess of each scenario over it.
        """
        if self.kind == "expected":
            return programme
        scenarios, count = probability.size, programme.columns
        share = self.mean_share
        scaled = Programme(
            programme.cost * share, programme.lower, programme.upper, programme.whole, programme.row_lower,
            programme.row_upper, programme.matrix, programme.offset * share,
        )  # fmt: skip
        tail = self.kind == "cvar"
        cost = np.concatenate([[self.weight], self.weight * probability / (1 - self.alpha)]) if tail else np.ones(1)
        wider = scaled.with_columns(
            cost, np.concatenate([[-np.inf], np.zeros(cost.size - 1)]), np.full(cost.size, np.inf)
        )
        # cost[s] - eta - excess[s] <= 0, or cost[s] - regret <= best[s]
        parts = [sums, sp.csr_array(np.full((scenarios, 1), -1.0))] + ([-sp.eye_array(scenarios)] if tail else [])
        limit = (np.zeros(scenarios) if tail else np.array(self.best)) - offsets
        assert count + cost.size == wider.columns
        return wider.with_rows(sp.csr_array(sp.hstack(parts)), np.full(scenarios, -np.inf), limit)


EXPECTED = Risk()


def cvar(cost: Floats, probability: Floats, alpha: float) -> float:
    """Return the mean cost of the worst 1 - alpha of probability."""
    order = np.argsort(-cost)
    left = np.clip(1 - alpha - np.concatenate([[0.0], np.cumsum(probability[order])[:-1]]), 0, probability[order])
    return float(left @ cost[order] / left.sum())

"""What does it cost to emit less? The front between net present value and emissions.

Each point of the front is a plan: the best one among those that emit no more than a limit over the whole horizon (the
epsilon-constraint method of Haimes, Lasdon and Wismer 1971). The ends are the best plan of all and the one that emits
least. All points serve as much energy as asked, so that emitting less does not mean selling less. A chain without whole
decisions keeps one solver warm from limit to limit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
import scipy.sparse as sp
from numpy.typing import NDArray

from cellroad.chain.chain import Chain
from cellroad.plan.emissions import emitted, sold_kwh
from cellroad.plan.kernel import Block, Model
from cellroad.plan.model import build
from cellroad.plan.network.network import Network, expand
from cellroad.plan.planning import allowed, read
from cellroad.plan.result import Plan
from cellroad.plan.solving.branching import Branching
from cellroad.plan.solving.rounding import Rounding
from cellroad.plan.solving.solve import Strategy, solve
from cellroad.plan.solving.strong import Strengthener
from cellroad.plan.solving.warm import Warm
from cellroad.plan.solving.watching import Limits, NoPlanError, Outcome, Progress
from cellroad.rules.law import Law

Floats = NDArray[np.float64]
SLACK = 1e-7
"""Part of a limit by which rounding may pass it."""


@dataclass(frozen=True)
class EmissionFrontier:
    """The front: `frame` and the plan of each of its rows.

    frame   limit_t, t_co2e, npv_usd, bound_usd (no plan within the limit is worth more), kwh, kg_per_kwh, usd_per_t (
            what the last tonne less cost: value lost over emissions saved from the point above; null at the best plan)
    """

    frame: pl.DataFrame
    plans: tuple[Plan, ...]


def frontier_emissions(
    chain: Chain,
    *,
    points: int = 8,
    served: float = 1.0,
    law: Law | None = None,
    gap: float = 1e-3,
    time_limit: float = 60.0,
    seed: int = 0,
    threads: int = 2,
    progress: Callable[[Progress], bool] | None = None,
) -> EmissionFrontier:
    """Return plans from the least emissions to the largest net present value, in order of emissions.

    points      how many limits are tried, both ends included; at least two
    served      least energy sold, as a share of what the best plan sells; 0 lets plans sell less to emit less
    gap, time_limit, seed, threads, progress and law are those of `plan`, for each point

    No point has both less value and more emissions than another. Raises ValueError where points or served cannot be,
    NoPlanError where no plan was found.
    """
    if points < 2 or not 0 <= served <= 1:
        raise ValueError(f"points {points} and served {served:g}: give at least 2 points and a share from 0 to 1")
    net = expand(chain, allowed(chain, law))
    limits = Limits(gap, time_limit, seed, threads)
    solver = _Solver(net, build(net), limits, progress or (lambda _: True))
    best = solver.best(np.inf, 0.0)
    energy = served * float(solver.kwh @ best.values)
    least = solver.least(energy, best.values)
    low, high = (float(solver.kg @ found.values) for found in (least, best))
    found: list[tuple[float, Outcome]] = []
    for limit in np.linspace(low, high, points):
        before = found[-1][1] if found else least
        outcome = best if limit == high else solver.best(float(limit), energy, before.values)
        kept = before.objective > outcome.objective  # by less than the gap
        found.append((float(limit), replace(before, bound=outcome.bound) if kept else outcome))
    front = _undominated(found, solver.kg)
    return EmissionFrontier(_told(front, solver), tuple(read(net, solver.plain, outcome) for _, outcome in front))


class _Solver:
    """A model with a row for emissions and one for energy sold, solved for limits on both."""

    def __init__(self, net: Network, model: Model, limits: Limits, watch: Callable[[Progress], bool]) -> None:
        self.plain, self.kg, self.kwh = model, emission_row(net, model), energy_row(net, model)
        rows = sp.csr_array(np.vstack([self.kg, self.kwh]))
        self.model = with_rows(model, "emissions and energy", rows)
        self.first = model.row_lower.size
        self.limits, self.watch = limits, watch
        self.strategy = Strategy(Strengthener(net, model).broken, Branching(model), Rounding(net))
        self.warm = None if model.whole.any() else Warm(self.model, limits=limits)

    def best(self, most_kg: float, least_kwh: float, known: Floats | None = None) -> Outcome:
        """Return the plan of largest value that emits so much at most and sells so much energy at least.

        `known` is a plan that does, which the search starts from.
        """
        return self._solve(self.model, most_kg, least_kwh, known)

    def least(self, least_kwh: float, known: Floats) -> Outcome:
        """Return a plan that emits least and sells so much energy at least; its value is that of the plan."""
        everything = np.arange(self.model.cost.size)
        if self.warm is not None:
            self.warm.cost(everything, self.kg)
            outcome = self._solve(self.model, np.inf, least_kwh, None)
            self.warm.cost(everything, self.model.cost)
        else:
            outcome = self._solve(replace(self.model, cost=self.kg, offset=0.0), np.inf, least_kwh, known)
        return replace(outcome, objective=self.model.offset - float(self.model.cost @ outcome.values))

    def _solve(self, model: Model, most_kg: float, least_kwh: float, known: Floats | None) -> Outcome:
        lower = np.array([-np.inf, least_kwh * (1 - SLACK)])
        upper = np.array([most_kg * (1 + SLACK), np.inf])
        if self.warm is not None:
            self.warm.rows(np.arange(self.first, self.first + 2), lower, upper)
            solved = self.warm.solve()
            if solved is None:
                raise NoPlanError("no plan keeps the limit of emissions and sells as much energy")
            return Outcome(solved.values, -solved.cost, -solved.cost, 0.0, "optimal within the gap", 0, 0, 0.0)
        rows = {"row_lower": (model.row_lower, lower), "row_upper": (model.row_upper, upper)}
        sides = {side: np.concatenate([of[: self.first], new]) for side, (of, new) in rows.items()}
        return solve(replace(model, **sides), self.strategy, self.limits, self.watch, known)  # type: ignore[arg-type]


def emission_row(net: Network, model: Model) -> Floats:
    """Return what a unit of every column of a model emits, kg CO2e."""
    each = emitted(net)
    row = np.zeros(model.cost.size)
    for block, kg in (("buy", each.embodied), ("make", each.process), ("ship", each.transport)):
        row[model.columns[block].ids] = kg
    return row


def energy_row(net: Network, model: Model) -> Floats:
    """Return the energy that is sold with a unit of every column, kWh."""
    row = np.zeros(model.cost.size)
    row[model.columns["sell"].ids] = sold_kwh(net)
    return row


def with_rows(model: Model, name: str, rows: sp.csr_array) -> Model:
    """Return a model with rows added at its end that bind nothing yet."""
    free = np.full(rows.shape[0], np.inf)
    return replace(
        model,
        matrix=sp.csr_array(sp.vstack([model.matrix, rows])),
        row_lower=np.concatenate([model.row_lower, -free]),
        row_upper=np.concatenate([model.row_upper, free]),
        rows={**model.rows, name: Block(name, model.row_lower.size, rows.shape[0])},
    )


def _undominated(found: list[tuple[float, Outcome]], kg: Floats) -> list[tuple[float, Outcome]]:
    """Return the points that no other betters: more value for more emissions, each once."""
    kept: list[tuple[float, Outcome]] = []
    for limit, outcome in found:
        emits = float(kg @ outcome.values)
        if kept and outcome.objective <= kept[-1][1].objective:
            continue
        if kept and emits <= float(kg @ kept[-1][1].values):
            kept.pop()
        kept.append((limit, outcome))
    return kept


def _told(front: list[tuple[float, Outcome]], solver: _Solver) -> pl.DataFrame:
    kg = np.array([float(solver.kg @ outcome.values) for _, outcome in front])
    kwh = np.array([float(solver.kwh @ outcome.values) for _, outcome in front])
    value = np.array([outcome.objective for _, outcome in front])
    with np.errstate(divide="ignore", invalid="ignore"):
        each = np.diff(value) / np.diff(kg / 1000)
        per_kwh = np.where(kwh > 0, kg / kwh, np.nan)
    return pl.DataFrame(
        {
            "limit_t": [limit / 1000 for limit, _ in front], "t_co2e": kg / 1000, "npv_usd": value,
            "bound_usd": [outcome.bound for _, outcome in front], "kwh": kwh, "kg_per_kwh": per_kwh,
            "usd_per_t": pl.Series([*each.tolist(), None], dtype=pl.Float64),
        }
    ).with_columns(pl.col("kg_per_kwh").fill_nan(None))  # fmt: skip

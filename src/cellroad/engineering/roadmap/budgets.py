"""How likely is the goal for a budget, and where is the next million best spent? On the same luck throughout.

Money is spent step by step where a step gains most chance by the day of the goal; where none gains any, where it makes
the goal earlier. That is a heuristic: it takes no two steps at once, and its answer is a plan that reaches so much, not
a proof that none reaches more. Less money than planned is taken from all gates in proportion to their budgets.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cellroad.chain.interval import Z95, wilson
from cellroad.engineering.roadmap.dates import DAYS_PER_MONTH, months_to
from cellroad.engineering.roadmap.money import Money, with_money

if TYPE_CHECKING:
    from cellroad.engineering.roadmap.result import Roadmap

Floats = NDArray[np.float64]
CUTS = (-0.3, -0.2, -0.1)
"""Cuts of all budgets that are tried."""
STEPS = 10
"""Steps in which all that can be hurried is paid for."""
PART = 0.1
"""Part of what hurrying a gate costs that is its next step."""
EARLIER = 1e-5
"""Chance that a month earlier counts as, where steps gain the same."""
CURVE = {
    "total_usd": pl.Float64, "extra_usd": pl.Float64, "probability": pl.Float64, "low": pl.Float64, "high": pl.Float64,
    "gain": pl.Float64, "gain_low": pl.Float64, "gain_high": pl.Float64, "evenly": pl.Float64, "where": pl.String,
}  # fmt: skip
NEXT = {
    "gate": pl.String, "name": pl.String, "step_usd": pl.Float64, "gain": pl.Float64, "gain_low": pl.Float64,
    "gain_high": pl.Float64, "gain_per_million": pl.Float64, "days_earlier": pl.Float64, "left_usd": pl.Float64,
}  # fmt: skip


class Trial:
    """A programme that is run again on the same luck with other money."""

    def __init__(self, found: Roadmap) -> None:
        """Keep the draws of a programme, its goal and its day."""
        self.found, self.drawn = found, found.drawn
        self.money = Money.of(found.read, found.drawn.network.gates)
        self.goal, self.limit = found.drawn.row(found.read.goal), months_to(found.read.start, found.read.by)

    def ends(self, extra: Floats) -> Floats:
        """Return in how many months the goal is reached in each draw."""
        ends: Floats = with_money(self.drawn, self.money, extra).end[self.goal]
        return ends

    def score(self, ends: Floats) -> float:
        """Return the chance of the goal by its day, with months as a tie-break."""
        late = np.minimum(ends, self.limit + 120.0)
        return float((ends <= self.limit).mean() - EARLIER * late.mean())

    def next_steps(self, extra: Floats, step: float) -> list[tuple[float, int, float]]:
        """Return what the next step is worth on each gate, per dollar: score, gate, dollars; the best first."""
        here = self.score(self.ends(extra))
        found = []
        for g in np.flatnonzero(self.money.crash - np.clip(extra, 0, None) > 1.0):
            usd = min(step, float(self.money.crash[g] - max(extra[g], 0.0)))
            there = extra.copy()
            there[g] += usd
            found.append(((self.score(self.ends(there)) - here) / usd, int(g), usd))
        return sorted(found, reverse=True)

    def spent(self, usd: float, step: float, since: Floats | None = None) -> Floats:
        """Return money by gate where so much more is spent where it is worth most, step by step."""
        extra = np.zeros(self.money.crash.size) if since is None else since.copy()
        left = usd - float(extra.sum())
        while left > 1.0 and (steps := self.next_steps(extra, min(step, left))) and steps[0][0] > 0:
            _, g, some = steps[0]
            extra[g] += some
            left -= some
        return extra


def budgets(found: Roadmap, totals: Sequence[float] | None = None) -> pl.DataFrame:
    """Return how likely the goal is by its day for a range of budgets of the whole programme.

    totals  budgets in USD; without them from three tenths less than planned to all that can be hurried

    total_usd, extra_usd (beyond the plan), probability with low and high (95 %, by the number of draws: Wilson 1927),
    gain (against the plan, on the same luck) with gain_low and gain_high, evenly (the same where what is more is spread
    in proportion to what hurrying costs), where (what is spent on which gates, most first). Without a row where no gate
    has a budget.
    """
    trial = Trial(found)
    planned, most = float(found.read.tables["gates"]["budget_usd"].fill_null(0.0).sum()), float(trial.money.crash.sum())
    if planned + most <= 0:
        return pl.DataFrame(schema=CURVE)
    open_ = float(trial.money.budget.sum())
    if totals is None:
        totals = [planned + share * open_ for share in CUTS] + [planned + most * n / STEPS for n in range(STEPS + 1)]
    here = trial.ends(np.zeros(trial.money.crash.size))
    rows, spent = [], np.zeros(trial.money.crash.size)
    for total in sorted(totals):
        more = total - planned
        if more <= 0:
            extra = even = trial.money.budget * max(more / open_, -1.0) if open_ else spent
        else:
            spent = trial.spent(min(more, most), max(most / STEPS, 1.0), spent)
            extra, even = spent, trial.money.crash * min(more / most, 1.0) if most else spent
        there, evenly = trial.ends(extra), trial.ends(even)
        chance = float((there <= trial.limit).mean())
        names = [(float(extra[g]), found.called(trial.money.gates[g])) for g in np.argsort(-extra) if extra[g] > 1.0]
        told = ", ".join(f"{name} (${usd / 1e6:.3g}M)" for usd, name in names)
        rows.append((
            float(total), float(more), chance, *wilson(chance, here.size), *gained(here, there, trial.limit),
            float((evenly <= trial.limit).mean()), told,
        ))  # fmt: skip
    return pl.DataFrame(rows, schema=CURVE, orient="row")


def next_million(found: Roadmap) -> pl.DataFrame:
    """Return where the next million is best spent: gate, name, step_usd (that is tried: a tenth of what hurrying it
    costs), gain (in the chance of the goal by its day) with gain_low and gain_high (95 %, of the pairs of draws),
    gain_per_million, days_earlier (at the median of the draws that reach the goal), left_usd (that hurrying takes in
    all), most chance for a million first."""
    trial = Trial(found)
    zero = np.zeros(trial.money.crash.size)
    here, rows = trial.ends(zero), []
    for g in np.flatnonzero(trial.money.crash > 0):
        extra = zero.copy()
        extra[g] = PART * trial.money.crash[g]
        there = trial.ends(extra)
        gain, low, high = gained(here, there, trial.limit)
        gate = trial.money.gates[g]
        rows.append((gate, found.called(gate), float(extra[g]), gain, low, high, gain / (extra[g] / 1e6),
                     _days_earlier(here, there), float(trial.money.crash[g])))  # fmt: skip
    frame = pl.DataFrame(rows, schema=NEXT, orient="row")
    return frame.sort("gain_per_million", "days_earlier", descending=True, maintain_order=True)


def funded(found: Roadmap, usd: Mapping[str, float]) -> pl.DataFrame:
    """Return what so much more (or less) money on gates changes, on the same luck: extra_usd, probability with low and
    high, gain with gain_low and gain_high, days_earlier (at the median of the draws that reach the goal). One row.

    Raises KeyError for a gate that is not there, ValueError where more is taken from a gate than its budget.
    """
    trial = Trial(found)
    extra = trial.money.extra(usd)
    short = np.flatnonzero(extra < -trial.money.budget)
    if short.size:
        gate, budget = trial.money.gates[short[0]], trial.money.budget[short[0]]
        raise ValueError(f"{extra[short[0]]:,.0f} USD on {gate!r}: there are {budget:,.0f} left to take")
    here, there = trial.ends(np.zeros(extra.size)), trial.ends(extra)
    chance = float((there <= trial.limit).mean())
    row = (float(extra.sum()), chance, *wilson(chance, here.size), *gained(here, there, trial.limit),
           _days_earlier(here, there))  # fmt: skip
    names = ("extra_usd", "probability", "low", "high", "gain", "gain_low", "gain_high", "days_earlier")
    return pl.DataFrame([row], schema=dict.fromkeys(names, pl.Float64), orient="row")


def gained(here: Floats, there: Floats, limit: float) -> tuple[float, float, float]:
    """Return by how much a chance changes on the same luck, with its 95 % interval."""
    paired = (there <= limit).astype(np.float64) - (here <= limit)
    wide = Z95 * float(paired.std()) / np.sqrt(here.size)
    gain = float(paired.mean())
    return gain, gain - wide, gain + wide


def earlier(here: Floats, there: Floats) -> float | None:
    """Return by how many months the goal is earlier at the median of the draws that reach it; None: none does."""
    both = np.isfinite(here) & np.isfinite(there)
    return float(np.median(here[both]) - np.median(there[both])) if both.any() else None


def _days_earlier(here: Floats, there: Floats) -> float | None:
    months = earlier(here, there)
    return None if months is None else months * DAYS_PER_MONTH

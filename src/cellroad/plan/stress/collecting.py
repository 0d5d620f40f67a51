"""What futures give, batch by batch: means, quantiles, fans over months, the worst ones. Memory does not grow."""

from __future__ import annotations

import heapq

import numpy as np

from cellroad.plan.stress.arrays import Floats
from cellroad.plan.stress.batches import Outcomes
from cellroad.plan.stress.money import (
    DUTY,
    ERROR,
    FREIGHT,
    HOLDING,
    KWH,
    LATE,
    MAKING,
    PENALTY,
    PURCHASES,
    REVENUE,
    SCRAP,
    VALUE,
)
from cellroad.plan.stress.quantiles import Quantiles
from cellroad.plan.stress.serving import DAYS, GOOD_DAYS, LOST, ON_TIME, WANTED

MEASURES = (
    "value_usd", "cost_usd_per_kwh", "kwh", "revenue_usd", "purchases_usd", "making_usd", "freight_usd", "duty_usd",
    "holding_usd", "penalty_usd", "scrap_usd",
)  # fmt: skip
"""What is told of every future, in the order of the columns that are collected."""
COSTS = (PURCHASES, MAKING, FREIGHT, DUTY, HOLDING, LATE, SCRAP)
WORST = 10
"""Futures that are kept by name."""
FAN_SIZE = 512
"""Numbers in a buffer of a fan."""


def measured(out: Outcomes, fixed_usd: float, fixed_cost_usd: float) -> Floats:
    """Return the measures of futures: shape (n, measures); value and cost with what stays as planned."""
    f = out.figures
    cost = f[:, COSTS].sum(axis=1) + fixed_cost_usd
    kwh = np.maximum(f[:, KWH], 1e-9)
    plain = [f[:, n] for n in (KWH, REVENUE, PURCHASES, MAKING, FREIGHT, DUTY, HOLDING, PENALTY, SCRAP)]
    return np.column_stack([f[:, VALUE] + fixed_usd, cost / kwh, *plain])


def served(out: Outcomes) -> Floats:
    """Return of each row of demand the part served on time, the part of days on which all was, wants lost: (n, 3 Q)."""
    c = out.counts
    fill = _part(c[:, :, ON_TIME], c[:, :, WANTED])
    return np.concatenate([fill, _part(c[:, :, GOOD_DAYS], c[:, :, DAYS]), c[:, :, LOST]], axis=1)


def fanned(out: Outcomes) -> Floats:
    """Return by month the part served on time of each row, the value of stock and the discounted cash so far:
    (n, (Q + 2) months)."""
    rows = (out.months.shape[2] - 2) // 2
    fill = _part(out.months[:, :, rows : 2 * rows], out.months[:, :, :rows])
    stock, cash = out.months[:, :, 2 * rows], np.cumsum(out.months[:, :, 2 * rows + 1], axis=1)
    parts = [*(fill[:, :, q] for q in range(rows)), stock, cash]
    return np.concatenate(parts, axis=1)


def _part(some: Floats, whole: Floats) -> Floats:
    return np.divide(some, whole, out=np.ones(some.shape), where=whole > 0)


class Collected:
    """Everything that is kept of the futures of a plan."""

    def __init__(self, rows: int, months: int, fixed_usd: float, fixed_cost_usd: float) -> None:
        """Begin with nothing."""
        self.fixed = fixed_usd, fixed_cost_usd
        columns = len(MEASURES) + 3 * rows + 1
        self.count = 0
        self.total, self.squares = np.zeros(columns), np.zeros(columns)
        self.short = np.zeros(rows)
        self.imbalance = 0.0
        self.quantiles = Quantiles(columns)
        self.fans = Quantiles((rows + 2) * months, FAN_SIZE)
        self.fan_total = np.zeros((rows + 2) * months)
        self.worst: list[tuple[float, int]] = []

    def add(self, out: Outcomes, first: int, against: Floats | None = None) -> Floats:
        """Take in the futures from a number on, and return their values; `against`: those of another plan in them."""
        values = measured(out, *self.fixed)
        service = served(out)
        beside = np.zeros(len(values)) if against is None else values[:, 0] - against
        columns = np.column_stack([values, service, beside])
        self.count += len(values)
        self.total += columns.sum(axis=0)
        self.squares += (columns**2).sum(axis=0)
        rows = service.shape[1] // 3
        self.short += (service[:, :rows] < 1 - 1e-9).sum(axis=0)
        self.imbalance = max(self.imbalance, float(out.figures[:, ERROR].max(initial=0.0)))
        self.quantiles.add(columns)
        fans = fanned(out)
        self.fans.add(fans)
        self.fan_total += fans.sum(axis=0)
        for n, value in enumerate(values[:, 0].tolist()):
            entry = (-value, -(first + n))
            if len(self.worst) < WORST:
                heapq.heappush(self.worst, entry)
            elif entry > self.worst[0]:
                heapq.heapreplace(self.worst, entry)
        return np.asarray(values[:, 0])

    @property
    def mean(self) -> Floats:
        """Return the mean of each column."""
        return self.total / max(self.count, 1)

    @property
    def deviation(self) -> Floats:
        """Return the standard deviation of each column."""
        n = max(self.count, 2)
        return np.sqrt(np.maximum(self.squares - self.total**2 / n, 0.0) / (n - 1))

    def worst_draws(self) -> list[tuple[int, float]]:
        """Return the worst futures, the worst first: number, value."""
        return [(-number, -value) for value, number in sorted(self.worst, reverse=True)]

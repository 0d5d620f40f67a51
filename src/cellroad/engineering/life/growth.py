"""How a loss grows: laws that published ageing models share, carried on while the conditions change.

A law is a function of one argument (days or full cycles) at constant conditions. When conditions change, the cell goes
on from the loss that it has, along the curve of the new conditions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from cellroad.engineering.life.rainflow import Array

Measure = Literal["capacity", "resistance"]


@dataclass(frozen=True)
class Power:
    """y = k x^p. With y^(1/p) the parts add up, whatever their order: a year adds sum(k^(1/p) dx).

    `sign` is -1 where it gives capacity back.
    """

    rate: Array
    step: Array
    exponent: float
    sign: float = 1.0

    def after(self, loss: float, pace: float) -> float:
        """Return the loss after a year more, at `pace` times the published speed."""
        advance = float(np.sum(np.maximum(self.rate, 0.0) ** (1 / self.exponent) * self.step)) * pace
        begun = (loss * self.sign) ** (1 / self.exponent) if loss else 0.0
        reached = begun + advance
        return self.sign * reached**self.exponent if reached > 0 else 0.0


@dataclass(frozen=True)
class Sigmoid:
    """y = limit (1 - 2/(1 + exp((k x)^p))), that is limit tanh((k x)^p / 2), with all three by part.

    A year is taken at the means of its parts, weighted by their steps: the curve has no sum that does without order.
    """

    limit: Array
    rate: Array
    exponent: Array
    step: Array
    scale: float = 1.0

    def after(self, loss: float, pace: float) -> float:
        """Return the loss after a year more, at `pace` times the published speed."""
        total = float(np.sum(self.step))
        if total <= 0:
            return loss
        limit, rate, exponent = (
            float(np.sum(np.broadcast_to(part, self.step.shape) * self.step)) / total
            for part in (self.limit, self.rate, self.exponent)
        )
        if loss >= limit:
            return loss
        begun = (2 * np.arctanh(loss / limit)) ** (1 / exponent) / rate
        return float(limit * np.tanh((rate * (begun + total / self.scale * pace)) ** exponent / 2))


@dataclass(frozen=True)
class Loss:
    """One state of a cell: its name, what it takes from, the law by which it grows, where it begins."""

    state: str
    law: Power | Sigmoid
    measure: Measure = "capacity"
    begins: float = 0.0


def by_time(state: str, rate: Array, days: Array, exponent: float, measure: Measure = "capacity") -> Loss:
    """Return a loss that grows as rate times days to the exponent, each by segment."""
    return Loss(state, Power(rate, days, exponent), measure)


def by_cycles(state: str, rate: Array, full_cycles: Array, exponent: float, measure: Measure = "capacity") -> Loss:
    """Return a loss that grows as rate times full cycles to the exponent, each by cycle."""
    return Loss(state, Power(rate, full_cycles, exponent), measure)

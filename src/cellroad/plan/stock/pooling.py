"""What of the demand at the ends reaches a stage, and how far the ups and downs of several ends make up for each other.

A stage sees the demand of every end, times the units of it that one unit there takes. Where ends move together with
correlation rho, the safety stock that covers one day is

    factor^2 = (1 - rho) * sum over ends (units * safety * sd)^2 + rho * (sum over ends units * safety * sd)^2

which is the standard deviation of the sum of what they ask for, where all have the same safety factor. Graves and
Willems (2000) combine instead from stage to stage, with an exponent p (1: nothing pools; 2: as if independent):

    factor^p = own^p + sum over customers (units * their factor)^p

Two ways from a stage to one end are one demand in the first rule and two that are independent in the second.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cellroad.plan.stock.stages import Floats, Ints


@dataclass(frozen=True)
class Demand:
    """What stages see a day: mean and standard deviation in units, and the safety stock that covers one day."""

    mean: Floats
    sd: Floats
    factor: Floats

    @property
    def swing(self) -> Floats:
        """Return the safety stock for one day by which a lead time may miss: safety factor times mean demand."""
        safety = np.divide(self.factor, self.sd, out=np.zeros_like(self.sd), where=self.sd > 0)
        return safety * self.mean


def pooled(
    arcs: Ints, units: Floats, sequence: list[int], mean: Floats, sd: Floats, safety: Floats, correlation: float = 0.0
) -> Demand:
    """Return what stages see of the demand at the ends.

    `units` of a supplier go into one of the customer, for each arc; `sequence` has suppliers before customers; mean and
    standard deviation a day, and the safety factor, are those of a stage's own demand (zero: none).
    """
    reach = np.eye(mean.size)
    for stage, at in _outward(arcs, sequence):
        reach[stage] += units[at] @ reach[arcs[at, 1]]
    covered = safety * sd
    return Demand(
        reach @ mean,
        _together(reach, sd, correlation),
        _together(reach, covered, correlation),
    )


def pooled_by_stage(
    arcs: Ints, units: Floats, sequence: list[int], mean: Floats, sd: Floats, safety: Floats, exponent: float = 2.0
) -> Demand:
    """Return what stages see of the demand at the ends, combined from stage to stage with one exponent."""
    total, spread, factor = mean.copy(), sd**exponent, (safety * sd) ** exponent
    for stage, at in _outward(arcs, sequence):
        customers, share = arcs[at, 1], units[at]
        total[stage] += share @ total[customers]
        spread[stage] += share**exponent @ spread[customers]
        factor[stage] += share**exponent @ factor[customers]
    return Demand(total, spread ** (1 / exponent), factor ** (1 / exponent))


def added(arcs: Ints, units: Floats, sequence: list[int], own: Floats) -> Floats:
    """Return what a unit at a stage has cost, from what each stage adds to its inputs."""
    total = own.copy()
    entering: list[list[int]] = [[] for _ in sequence]
    for place, customer in enumerate(arcs[:, 1].tolist()):
        entering[customer].append(place)
    for stage in sequence:
        at = entering[stage]
        total[stage] += units[at] @ total[arcs[at, 0]]
    return total


def _together(reach: Floats, spread: Floats, correlation: float) -> Floats:
    apart = (reach * reach) @ (spread * spread)
    alike = (reach @ spread) ** 2
    return np.sqrt((1 - correlation) * apart + correlation * alike)


def _outward(arcs: Ints, sequence: list[int]) -> list[tuple[int, list[int]]]:
    """Return the stages with customers, from the ends backward, each with the places of its arcs."""
    leaving: list[list[int]] = [[] for _ in sequence]
    for place, supplier in enumerate(arcs[:, 0].tolist()):
        leaving[supplier].append(place)
    return [(stage, leaving[stage]) for stage in reversed(sequence) if leaving[stage]]

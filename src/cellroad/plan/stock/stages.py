"""Stages that pass goods on, each after a time of its own, and what covering the demand costs at each of them.

The guaranteed-service model (Simpson 1958; Graves and Willems 2000): every stage quotes to its customers a service time
within which it delivers whatever they order, as long as demand stays below a bound. A stage that has its inputs
after `inbound` days, works for `lead` days and quotes `outbound` days has to cover demand for the rest,

    net = inbound + lead - outbound  >= 0,

and holds a safety stock of `factor * sqrt(net)`. Times are days, costs USD a year.

With a lead time L that varies, the net replenishment time is X = max(0, L - (outbound - inbound)), and what is held is

    sqrt(factor^2 E[X] + swing^2 Var[X]) + mean E[max(0, outbound - inbound - L)]

safety stock and stock that came too early (Humair, Ruark, Tomlin and Willems 2013, for a normal L).
"""

from __future__ import annotations

from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
SLACK = 1e-5
"""Days (about a second) by which times may differ and count as equal."""
LATEST = 3.0
"""Standard deviations of a lead time that a stage may quote at most."""


@dataclass(frozen=True)
class Stages:
    """A network without cycles. All arrays but `arcs` and `way` have one entry for each stage.

    arcs     (m, 2) supplier and customer; way: (m,) days from one to the other
    lead     days from having every input to having the output; spread: their standard deviation
    holding  USD a year for one unit of safety stock; infinite: nothing can be held there
    factor   units of safety stock that cover one day
    swing    units of safety stock for one day by which a lead time may miss: safety factor times mean demand
    mean     units a day
    promise  longest service time in days that the stage may quote; infinite: any
    """

    arcs: Ints
    way: Floats
    lead: Floats
    spread: Floats
    holding: Floats
    factor: Floats
    swing: Floats
    mean: Floats
    promise: Floats

    @property
    def size(self) -> int:
        """Return the number of stages."""
        return int(self.lead.size)

    @property
    def certain(self) -> bool:
        """Say whether no lead time varies."""
        return not bool(self.spread.any())


def order(stages: Stages) -> list[int]:
    """Return the stages so that every supplier comes before its customers. Raises ValueError where there is a cycle."""
    sorter = TopologicalSorter[int](dict.fromkeys(range(stages.size), ()))
    for supplier, customer in stages.arcs.tolist():
        sorter.add(customer, supplier)
    try:
        return list(sorter.static_order())
    except CycleError as cycle:
        raise ValueError(f"the stages {cycle.args[1]} supply each other in a circle") from None


def neighbours(stages: Stages) -> tuple[list[dict[int, float]], list[dict[int, float]]]:
    """Return the suppliers and the customers of every stage, each with the days of the longest way between them."""
    suppliers: list[dict[int, float]] = [{} for _ in range(stages.size)]
    customers: list[dict[int, float]] = [{} for _ in range(stages.size)]
    for (supplier, customer), days in zip(stages.arcs.tolist(), stages.way.tolist(), strict=True):
        longest = max(days, suppliers[customer].get(supplier, 0.0))
        suppliers[customer][supplier] = customers[supplier][customer] = longest
    return suppliers, customers


def held(stages: Stages, stage: int | Ints, quoted: Floats) -> tuple[Floats, Floats, Floats]:
    """Return days that stock has to cover, safety stock, and stock that came too early.

    `quoted` are days of its own work that a stage passes on to its customers: outbound less inbound. All three are
    infinite where the stage cannot quote that much.
    """
    lead, spread = stages.lead[stage], stages.spread[stage]
    factor, swing, mean = stages.factor[stage], stages.swing[stage], stages.mean[stage]
    width = np.where(spread > 0, spread, 1.0)
    at = (quoted - lead) / width
    density, tail = np.exp(-0.5 * at * at) / np.sqrt(2 * np.pi), ndtr(-at)
    net = np.where(spread > 0, width * (density - at * tail), np.maximum(lead - quoted, 0.0))
    square = width * width * ((1 + at * at) * tail - at * density)
    variance = np.where(spread > 0, np.maximum(square - net * net, 0.0), 0.0)
    early = np.where(spread > 0, np.maximum(quoted - lead + net, 0.0), 0.0)
    net = np.where(net < SLACK, 0.0, net)
    possible = quoted <= lead + LATEST * spread + SLACK
    safety = np.sqrt(factor * factor * net + swing * swing * variance)
    return tuple(np.where(possible, kind, np.inf) for kind in (net, safety, mean * early))  # type: ignore[return-value]


def costs(stages: Stages, stage: int, quoted: Floats) -> Floats:
    """Return what a stage costs a year by the days of its own work that it quotes, infinite where it cannot."""
    net, safety, early = held(stages, stage, quoted)
    cost = priced(stages.holding[stage], safety + early)
    return np.where(net > 0, np.inf, cost) if np.isinf(stages.holding[stage]) else cost


def priced(holding: float | Floats, stock: Floats) -> Floats:
    """Return what stock costs; none costs nothing, also where none can be held."""
    price = np.broadcast_to(holding, stock.shape)
    cost: Floats = np.where(stock > 0, np.inf, 0.0)
    np.multiply(price, stock, out=cost, where=np.isfinite(price) & np.isfinite(stock))
    return cost

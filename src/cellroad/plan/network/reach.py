"""Which items can be at which site, from when on, and until when are they still of use?

A forward pass asks for the first period in which an item can be at a site (offer, process with line and inputs,
lane), a backward pass for the last one in which having it there still serves a customer before the horizon ends.
Whatever fails one of them never becomes a variable. Both passes relax all arcs at once until nothing changes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Reach:
    """First and last useful period by node; T and -1 say never."""

    earliest: Ints
    latest: Ints

    @property
    def kept(self) -> NDArray[np.bool_]:
        """Return which nodes can be reached in time to be of use."""
        return self.earliest <= self.latest


@dataclass(frozen=True)
class Timing:
    """First arrival of a departure and last departure for an arrival, by lane class: shape (classes, T + 1).

    `last_departure[k, t + 1]` belongs to the arrival period t, so that index 0 stands for 'never'.
    """

    first_arrival: Ints
    last_departure: Ints


def timing(arrivals: pl.DataFrame, periods: int, classes: int) -> Timing:
    """Tabulate the arrival shares of lane classes (klass, period, to, share) for the two passes."""
    first = np.full((classes, periods + 1), periods, dtype=np.int64)
    k, t, to = (arrivals[name].to_numpy() for name in ("klass", "period", "to"))
    np.minimum.at(first, (k, t), to)
    first = np.minimum.accumulate(first[:, ::-1], axis=1)[:, ::-1]  # what waits may leave later
    last = np.full((classes, periods + 1), -1, dtype=np.int64)
    inside = to < periods
    np.maximum.at(last, (k[inside], to[inside] + 1), t[inside])
    return Timing(first, np.maximum.accumulate(last, axis=1))


def reach(
    nodes: int,
    periods: int,
    sources: tuple[Ints, Ints],
    sinks: tuple[Ints, Ints],
    lanes: tuple[Ints, Ints, Ints],
    returns: tuple[Ints, Ints, Ints],
    clock: Timing,
    line_from: Ints,
    outputs: tuple[Ints, Ints],
    inputs: tuple[Ints, Ints],
) -> Reach:
    """Return the first and last useful period of every node.

    sources    node, period at which it can be had (offers, stock on hand)
    sinks      node, period at which it is wanted
    lanes      node_from, node_to, class
    returns    node_from, node_to, class: what is sold there comes back here; to be returned is no use
    line_from  first period with a line by process; T where it never has one
    outputs    process number, node_out: a process runs for the sake of any of its outputs, and then gives them all
    inputs     process number, node_in
    """
    origin, destination, klass = lanes
    sold, returned, lag = returns
    maker, made = outputs
    process, taken = inputs

    earliest = np.full(nodes, periods, dtype=np.int64)
    np.minimum.at(earliest, sources[0], sources[1])
    while True:
        before = earliest.copy()
        np.minimum.at(earliest, destination, clock.first_arrival[klass, earliest[origin]])
        np.minimum.at(earliest, returned, clock.first_arrival[lag, earliest[sold]])
        ready = line_from.copy()
        np.maximum.at(ready, process, earliest[taken])
        np.minimum.at(earliest, made, ready[maker])
        if np.array_equal(before, earliest):
            break

    latest = np.full(nodes, -1, dtype=np.int64)
    np.maximum.at(latest, sinks[0], sinks[1])
    latest[earliest >= periods] = -1
    possible = ready < periods
    while True:
        before = latest.copy()
        np.maximum.at(latest, origin, clock.last_departure[klass, latest[destination] + 1])
        useful = np.full(line_from.size, -1, dtype=np.int64)
        np.maximum.at(useful, maker, latest[made])
        useful[~possible] = -1
        np.maximum.at(latest, taken, useful[process])
        latest[earliest >= periods] = -1
        if np.array_equal(before, latest):
            break
    np.maximum.at(latest, made, useful[maker])
    return Reach(earliest, latest)

"""A programme run many times over: begin and end of every gate in every draw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cellroad.engineering.roadmap.chance import Work, drawn, factor
from cellroad.engineering.roadmap.evidence import passed
from cellroad.engineering.roadmap.network import Network
from cellroad.engineering.roadmap.reading import RoadmapTables, before_of

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Draws:
    """What chance makes of a programme: arrays of shape (gates, draws), in months from the start.

    months      of work on each gate, infinite where it runs out of tries, whether or not it is ever begun
    begin, end  of each gate, infinite where it is never reached
    """

    network: Network
    months: Floats
    begin: Floats
    end: Floats

    def row(self, gate: str) -> int:
        """Return the row of a gate. Raises KeyError for one that is not there."""
        if gate not in self.network.gates:
            raise KeyError(f"no gate {gate!r}; there are {', '.join(self.network.gates)}")
        return self.network.gates.index(gate)


def network_of(read: RoadmapTables) -> Network:
    """Return the network of the gates of a programme."""
    gates = read.tables["gates"]
    return Network.of(before_of(gates, "gate"), gates.filter(pl.col("needs") == "any")["gate"].to_list())


def works_of(read: RoadmapTables) -> list[Work]:
    """Return the work of each gate, in the order of the table."""
    return [
        Work(row["gate"], row["months_low"], row["months_likely"], row["months_high"], row["shape"],
             row["success_share"], row["tries"], row["repeat_share"])
        for row in read.tables["gates"].iter_rows(named=True)
    ]  # fmt: skip


def run(read: RoadmapTables, *, draws: int, seed: int) -> Draws:
    """Return a programme run so many times. A gate that is passed takes no time and waits for nothing."""
    done = set(passed(read)["gate"])
    network = network_of(read)
    open_ = (() if gate in done else before for gate, before in zip(network.gates, network.before, strict=True))
    network = replace(network, before=tuple(open_))
    works = {work.gate: work for work in works_of(read)}
    common = factor(float(read.tables["programme"]["common_share"][0]), draws, seed)
    months = np.array([
        np.zeros(draws) if gate in done else drawn(works[gate], draws, seed, common) for gate in network.gates
    ])  # fmt: skip
    return Draws(network, months, *network.forward(months))


def with_effort(drawn: Draws, read: RoadmapTables, effort: Mapping[str, float]) -> Draws:
    """Return the same luck with other effort, told by phase against what there is now.

    months = months as drawn * (effort / effort now)^-k, with k the programme's `speed_exponent`: an assumption; the
    chance of success stays as it is.
    """
    exponent = float(read.tables["programme"]["speed_exponent"][0])
    phase = dict(read.tables["gates"].select("gate", pl.col("phase").cast(pl.String)).iter_rows())
    factor = np.array([effort.get(phase[gate], 1.0) ** -exponent for gate in drawn.network.gates])
    months = drawn.months * factor[:, None]
    return Draws(drawn.network, months, *drawn.network.forward(months))

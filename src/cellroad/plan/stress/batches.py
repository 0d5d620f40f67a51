"""Many futures of one plan: the work of an executor, in batches that are the same whoever does them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from cellroad.plan.stochastic.executor import Make, cores
from cellroad.plan.stress.arrays import Floats, Future, Law, Links, System
from cellroad.plan.stress.futures import draw_future
from cellroad.plan.stress.kernel import COUNTS, FIGURES, simulate

BATCH = 100
"""Futures in a batch."""


@dataclass(frozen=True)
class Outcomes:
    """What futures give, one row each: figures (FIGURES), counts (Q, COUNTS), months (months, 2 Q + 2)."""

    figures: Floats
    counts: Floats
    months: Floats


Arrays = TypeVar("Arrays", System, Links, Law)


def _writable(arrays: Arrays) -> Arrays:
    """Return arrays that may be written; a cluster hands over what may not, and that would be compiled once more."""
    held: dict[str, Any] = {
        name: np.require(a, requirements="W") for name, a in arrays._asdict().items() if isinstance(a, np.ndarray)
    }
    return arrays._replace(**held)


class Run:
    """A plan ready to be run under its risks; what an executor builds and asks."""

    def __init__(self, payload: tuple[System, Links, Law, int]) -> None:
        """Take the arrays, what the risks touch, their law, and the seed."""
        system, links, law, self.seed = payload
        self.system, self.links, self.law = _writable(system), _writable(links), _writable(law)

    def futures(self, first: int, last: int, on: Sequence[bool] | None = None) -> Outcomes:
        """Return what the futures from first to before last give; `on`: which risks act (None: as the law says)."""
        law = self.law if on is None else self.law._replace(on=np.array(on, np.bool_))
        s, count = self.system, last - first
        rows, months = s.base.shape[1], int(s.month[-1]) + 1
        out = Outcomes(
            np.zeros((count, FIGURES)), np.zeros((count, rows, COUNTS)), np.zeros((count, months, 2 * rows + 2))
        )
        moved, nothing = np.zeros(s.share.shape[1] + s.serve_node.size), np.zeros((0, 0))
        for i in range(count):
            future = draw_future(law, self.seed, first + i)
            simulate(s, self.links, law, future, out.figures[i], out.counts[i], out.months[i], moved, nothing, nothing)
        return out


@dataclass(frozen=True)
class Trace:
    """One future day by day: what happened (future), stock (D, N), wanted and served on time (D, Q), what moved in all
    (A + W), figures and counts as in the kernel."""

    future: Future
    stock: Floats
    wanted: Floats
    served: Floats
    moved: Floats
    figures: Floats
    counts: Floats


def trace(system: System, links: Links, law: Law, future: Future) -> Trace:
    """Return one future day by day."""
    days, nodes = system.target.shape
    rows = system.base.shape[1]
    figures, counts = np.zeros(FIGURES), np.zeros((rows, COUNTS))
    months = np.zeros((int(system.month[-1]) + 1, 2 * rows + 2))
    moved = np.zeros(system.share.shape[1] + system.serve_node.size)
    stock, served = np.zeros((days, nodes)), np.zeros((days, 2 * rows))
    simulate(system, links, law, future, figures, counts, months, moved, stock, served)
    return Trace(future, stock, served[:, :rows], served[:, rows:], moved, figures, counts)


def drawn(law: Law, seed: int, draw: int) -> Future:
    """Return a future of a seed."""
    return draw_future(law, seed, draw)


class Threads:
    """Workers in this process: kernels do not hold the lock of the interpreter, so each uses a core."""

    def __init__(self, workers: int | None = None) -> None:
        """Choose how many; without a number, one for each core that this process may use."""
        self.size = workers or cores()
        self.objects: list[Any] = []
        self.threads = ThreadPoolExecutor(self.size)

    def start(self, make: Make, payloads: Sequence[Any]) -> None:
        """Build one object for each payload."""
        self.objects = [make(payload) for payload in payloads]

    def call(self, method: str, arguments: Mapping[int, tuple[Any, ...]]) -> dict[int, Any]:
        """Return what a method of each numbered object answers to its arguments."""
        asked = {n: self.threads.submit(getattr(self.objects[n], method), *parts) for n, parts in arguments.items()}
        return {n: answer.result() for n, answer in asked.items()}

    def close(self) -> None:
        """Let the threads go."""
        self.threads.shutdown()

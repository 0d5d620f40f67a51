"""Many futures of one plan: the work of an executor, in batches that are the same whoever does them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from cellroad.plan.stochastic.executor import Make, cores
from cellroad.plan.stress.arrays import Floats, Future, Futures, Law, Links, System
from cellroad.plan.stress.futures import draw_block, draw_future
from cellroad.plan.stress.kernel import simulate
from cellroad.plan.stress.money import FIGURES
from cellroad.plan.stress.serving import COUNTS

BATCH = 128
"""Futures in a batch."""
BLOCK = 64
"""Futures that are simulated side by side: enough for the width of a processor, few enough for its cache."""

MOST_KEPT = 8_000_000
"""Numbers that are kept of a block by day."""


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
        blocks = [self._block(law, n, min(n + BLOCK, last)) for n in range(first, last, BLOCK)]
        parts = zip(*blocks, strict=True)
        return Outcomes(*(np.concatenate([np.moveaxis(part, -1, 0) for part in each]) for each in parts))

    def _block(self, law: Law, first: int, last: int) -> tuple[Floats, Floats, Floats]:
        futures = draw_block(law, self.seed, first, last)
        figures, counts, months, _, _, _ = _simulated(self.system, self.links, law, futures)
        return figures, counts, months


def _simulated(
    s: System, links: Links, law: Law, futures: Futures, stock: bool = False, service: bool = False
) -> tuple[Floats, ...]:
    """Return figures, counts, months, what moved, stock and service by day (where asked for) of a block."""
    size, (days, nodes), rows = futures.key.size, s.target.shape, s.base.shape[1]
    shapes = [
        (FIGURES,), (rows, COUNTS), (int(s.month[-1]) + 1, 2 * rows + 2), (s.share.shape[1] + s.serve_node.size,),
        (days, nodes) if stock else (0, 0), (days, 2 * rows) if service else (0, 0),
    ]  # fmt: skip
    out = [np.zeros((*shape, size)) for shape in shapes]
    simulate(s, links, law, futures, *out)
    return tuple(out)


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
    kept = _simulated(system, links, law, _beside([future]), stock=True, service=True)
    figures, counts, _, moved, stock, served = (out[..., 0] for out in kept)
    rows = system.base.shape[1]
    return Trace(future, stock, served[:, :rows], served[:, rows:], moved, figures, counts)


def service(system: System, links: Links, law: Law, futures: Sequence[Future]) -> tuple[Floats, Floats]:
    """Return what is wanted and what is served on time by future and day, each of shape (F, D, Q)."""
    days, rows = system.base.shape
    size = max(1, min(BLOCK, MOST_KEPT // max(1, 2 * days * rows)))
    blocks = [_beside(futures[n : n + size]) for n in range(0, len(futures), size)]
    kept = [np.moveaxis(_simulated(system, links, law, block, service=True)[-1], -1, 0) for block in blocks]
    both = np.concatenate(kept)
    return both[:, :, :rows], both[:, :, rows:]


def _beside(futures: Sequence[Future]) -> Futures:
    """Return futures side by side."""
    level, begins, ends, events = (np.stack(parts, axis=-1) for parts in list(zip(*futures, strict=True))[:4])
    return Futures(level, begins, ends, events, np.concatenate([future.key for future in futures]))


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

"""Who plans the futures of a tree that is taken apart: this process, a pool of processes, or a Ray cluster.

Every future lives with one worker, which keeps its model and is told prices and limits. A worker that dies is built
again and asked again. With a file, every answer is added to it as it comes, under a fingerprint of its question: a
search that was stopped is run again, takes from the file what it knew, and goes on from there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import highspy
import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from cellroad.plan.kernel import Block, Model
from cellroad.plan.solving.branching import Branching
from cellroad.plan.solving.rounding import Rounding
from cellroad.plan.solving.scaled import Scaled
from cellroad.plan.solving.solve import Strategy, solve
from cellroad.plan.solving.strong import Rows
from cellroad.plan.solving.watching import Limits, NoPlanError, Outcome, Progress, Watch
from cellroad.plan.stochastic.executor import Executor, Serial
from cellroad.plan.tree.apart import Alone, Apart
from cellroad.plan.tree.model import TreeModel

Floats = NDArray[np.float64]
Method = Literal["auto", "one", "apart"]
HOPELESS, OPEN, SOLVED = 0.0, 1.0, 2.0
"""How a future came out: nothing keeps its rules, nothing was found in time, a plan."""
HEAD = 6
"""Numbers before the values of an answer: how it came out, objective, bound, gap, nodes, seconds."""
AT_ONCE = 8
"""Futures that are asked for before one looks up again."""


@dataclass(frozen=True)
class How:
    """How a tree is searched.

    method    `one`: as one model; `apart`: by its futures apart; `auto`: apart where it is large
    executor  who plans the futures; without one, this process
    state     the file that keeps what is known of the futures, so that a search that was stopped goes on
    """

    method: Method = "auto"
    executor: Executor | None = None
    state: Path | None = None


class Future:
    """A future held by a worker."""

    def __init__(self, payload: tuple[Model, Rounding]) -> None:
        """Keep its model and how its starts are rounded."""
        self.model, self.rounding = payload

    def plan(
        self, cost: Floats, offset: float, bounds: tuple[Floats, Floats], sides: tuple[Floats, Floats],
        limits: Limits,
    ) -> Floats:  # fmt: skip
        """Return the best plan at prices and within limits: how it came out, its figures and its values."""
        model = replace(
            self.model, cost=cost, offset=offset, lower=bounds[0], upper=bounds[1], row_lower=sides[0],
            row_upper=sides[1],
        )  # fmt: skip
        nothing = sp.csr_array((0, cost.size))
        strategy = Strategy(lambda _: Rows(nothing, np.zeros(0)), Branching(model), self.rounding)
        try:
            found = solve(model, strategy, limits, lambda _: True)
        except NoPlanError as none:
            return np.full(HEAD, HOPELESS if none.infeasible else OPEN)
        head = [SOLVED, found.objective, found.bound, found.gap, float(found.nodes), found.seconds]
        return np.concatenate([head, found.values])


class Elsewhere(Apart):
    """The futures of a tree, planned by an executor."""

    def __init__(self, joint: TreeModel, scaled: Scaled, relaxed: highspy.Highs, how: How) -> None:
        """Give every future to its worker, and read what is known already."""
        super().__init__(joint, scaled, relaxed)
        assert how.executor is not None
        self.executor, self.state = how.executor, how.state
        payloads = [(self._lasting(leaf), self.roundings[leaf]) for leaf in range(len(joint.leaves))]
        self.marks = [_mark(model) for model, _ in payloads]
        self.known = _read(self.state)
        self.executor.start(Future, payloads)

    def _lasting(self, leaf: int) -> Model:
        """Return what of the model of a future no price changes."""
        part, own = self.parts[leaf], self.joint.leaves[leaf].model
        return replace(
            own, whole=self.joint.model.whole[part.columns], size=np.ones(part.columns.size), matrix=part.matrix,
            rows={}, timelines=part.timelines, choices=(),
            columns={name: Block(name, block.first, block.size) for name, block in own.columns.items()},
        )  # fmt: skip

    def ahead(self, waiting: Mapping[int, Alone], limits: Limits, goes_on: Callable[[], bool]) -> None:
        """Have several futures planned, some at a time, while one wants to go on."""
        # a process of its own takes one thread; this one goes on with those it has
        mine = limits if isinstance(self.executor, Serial) else replace(limits, threads=1)
        asked = {leaf: self._key(leaf, alone, limits) for leaf, alone in waiting.items()}
        open_ones = [leaf for leaf, key in asked.items() if key not in self.known]
        for first in range(0, len(open_ones), AT_ONCE):
            if not goes_on():
                return
            some = open_ones[first : first + AT_ONCE]
            told = self.executor.call("plan", {leaf: (*_question(waiting[leaf]), mine) for leaf in some})
            for leaf, answer in told.items():
                self._keep(asked[leaf], answer)

    def solved(self, leaf: int, alone: Alone, limits: Limits, watch: Watch) -> Alone | None:
        """Return a future solved, None where it has no plan."""
        self.ahead({leaf: alone}, limits, lambda: watch(Progress("apart", 0.0)))
        answer = self.known.get(self._key(leaf, alone, limits))
        if answer is None or answer[0] == OPEN:
            return alone
        if answer[0] == HOPELESS:
            return None
        _, objective, bound, gap, nodes, seconds = answer[:HEAD]
        status = "optimal within the gap" if gap <= limits.gap else "best found"
        return replace(alone, outcome=Outcome(answer[HEAD:], objective, bound, gap, status, int(nodes), 0, seconds))

    def close(self) -> None:
        """Let go of the workers."""
        self.executor.close()

    def _key(self, leaf: int, alone: Alone, limits: Limits) -> bytes:
        model, digest = alone.model, hashlib.sha256(self.marks[leaf])
        for part in (model.cost, model.lower, model.upper, model.row_lower, model.row_upper):
            digest.update(part.tobytes())
        digest.update(np.array([model.offset, limits.gap, limits.seed]).tobytes())
        return digest.digest()

    def _keep(self, key: bytes, answer: Floats) -> None:
        self.known[key] = answer
        if self.state is not None and answer[0] != OPEN:
            with self.state.open("ab") as file:
                np.save(file, np.frombuffer(key, dtype=np.uint8))
                np.save(file, answer)


def _question(alone: Alone) -> tuple[object, ...]:
    model = alone.model
    return model.cost, model.offset, (model.lower, model.upper), (model.row_lower, model.row_upper)


def _mark(model: Model) -> bytes:
    digest = hashlib.sha256()
    for part in (model.matrix.data, model.matrix.indices, model.matrix.indptr, model.whole):
        digest.update(np.ascontiguousarray(part).tobytes())
    return digest.digest()


def _read(state: Path | None) -> dict[bytes, Floats]:
    """Return what a file knows; what was half written when a search was stopped is left out."""
    known: dict[bytes, Floats] = {}
    if state is None or not state.exists():
        return known
    whole = 0
    with state.open("rb") as file:
        try:
            while key := np.load(file, allow_pickle=False).tobytes():
                known[key] = np.load(file, allow_pickle=False)
                whole = file.tell()
        except (EOFError, ValueError, OSError):
            pass
    with state.open("r+b") as file:
        file.truncate(whole)
    return known

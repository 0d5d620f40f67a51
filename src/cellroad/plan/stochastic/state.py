"""Where a decomposition stands, in one file: what it knows is kept after every round, so that it goes on after a stop.

The file carries a fingerprint of its problem; another problem does not read it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cellroad.plan.stochastic.problem import Problem
from cellroad.plan.stochastic.risk import Risk


def fingerprint(problem: Problem, risk: Risk, method: str) -> str:
    """Return what tells a problem, its measure of risk and a method from others."""
    digest = hashlib.sha256(f"{method} {risk}".encode())
    digest.update(problem.probability.tobytes())
    for programme, ids in zip(problem.programmes, problem.ids, strict=True):
        matrix = programme.matrix
        for part in (
            programme.cost, programme.lower, programme.upper, programme.whole, programme.row_lower,
            programme.row_upper, matrix.data, matrix.indices, matrix.indptr, ids, np.array([programme.offset]),
        ):  # fmt: skip
            digest.update(np.ascontiguousarray(part).tobytes())
    return digest.hexdigest()


class State:
    """A file of arrays, or nothing where no path is given."""

    def __init__(self, path: Path | None, problem: Problem, risk: Risk, method: str) -> None:
        """Read what is there if it belongs to this problem."""
        self.path = path
        self.mark = fingerprint(problem, risk, method) if path is not None else ""
        self.known: dict[str, NDArray[Any]] = {}
        if path is not None and path.exists():
            with np.load(path, allow_pickle=False) as read:
                if str(read["fingerprint"]) == self.mark:
                    self.known = {name: read[name] for name in read.files if name != "fingerprint"}

    def keep(self, **arrays: Any) -> None:
        """Write the arrays; a stop in between leaves the file of the round before."""
        if self.path is None:
            return
        fresh = self.path.with_name(self.path.name + ".new.npz")
        parts: Mapping[str, Any] = {"fingerprint": np.array(self.mark), **arrays}
        np.savez(fresh, **parts)
        fresh.replace(self.path)

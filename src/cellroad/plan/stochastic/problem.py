"""A stochastic programme: a programme per scenario, and a name for every column by which scenarios share decisions.

A column of one scenario is known by `ids[scenario][column]`. Columns of several scenarios that carry the same id are
one decision: it is taken before these scenarios part, so all of them take the same value (non-anticipativity). A
two-stage problem shares its first stage among all scenarios; in a tree the columns of a node are shared by the
scenarios below it.

    minimise    sum over s of probability[s] * (cost[s] . x[s] + offset[s])
    subject to  x[s] in X[s] for every scenario s
                x[s,i] = x[r,j] where ids[s][i] = ids[r][j]
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from cellroad.plan.stochastic.programme import Programme
from cellroad.plan.stochastic.risk import EXPECTED, Risk

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Problem:
    """Scenarios with their probabilities (they sum to one), programmes and ids of columns (from 0, dense)."""

    probability: Floats
    programmes: Sequence[Programme]
    ids: Sequence[Ints]
    names: Sequence[str] = ()
    count: int = field(init=False)
    users: Ints = field(init=False)

    def __post_init__(self) -> None:
        """Count the ids, and how many scenarios use each."""
        if not (len(self.probability) == len(self.programmes) == len(self.ids)):
            raise ValueError("a probability, a programme and ids are needed for every scenario")
        if abs(float(np.sum(self.probability)) - 1) > 1e-6 or np.any(self.probability < 0):
            raise ValueError("probabilities are not negative and sum to one")
        count = 1 + max(int(ids.max(initial=-1)) for ids in self.ids)
        users = np.zeros(count, dtype=np.int64)
        for ids in self.ids:
            users[ids] += 1
        object.__setattr__(self, "count", count)
        object.__setattr__(self, "users", users)

    @property
    def scenarios(self) -> int:
        """Return the number of scenarios."""
        return len(self.programmes)

    def shared(self) -> Ints:
        """Return the ids that more than one scenario uses."""
        return np.flatnonzero(self.users > 1)

    def two_stage(self) -> bool:
        """Say whether every shared decision is shared by all."""
        return bool(np.all((self.users <= 1) | (self.users == self.scenarios)))

    def spread(self, scenario: int, values: Floats) -> Floats:
        """Return the columns of a scenario from the values of all ids."""
        return np.asarray(values[self.ids[scenario]])

    def costs(self, values: Floats) -> Floats:
        """Return what each scenario costs, given the values of all ids: shape (scenarios,)."""
        return np.array([p.value(self.spread(s, values)) for s, p in enumerate(self.programmes)])

    def only(self, scenarios: Sequence[int], probability: Floats | None = None) -> Problem:
        """Return the problem of some scenarios, as probable as they are beside each other unless told otherwise."""
        chosen = list(scenarios)
        weight = self.probability[chosen] if probability is None else probability
        _, ids = np.unique(np.concatenate([self.ids[s] for s in chosen]), return_inverse=True)
        ends = np.cumsum([self.ids[s].size for s in chosen])
        return Problem(
            weight / weight.sum(), [self.programmes[s] for s in chosen], np.split(ids, ends[:-1]),
            [self.names[s] for s in chosen] if self.names else (),
        )  # fmt: skip


@dataclass(frozen=True)
class Extensive:
    """All scenarios as one programme; column i stands for id i. Columns after the ids belong to the risk measure."""

    programme: Programme
    row_scenario: Ints


def extensive(problem: Problem, risk: Risk = EXPECTED) -> Extensive:
    """Return the extensive form: every shared decision once, every shared row once.

    A row whose columns are all shared by the same scenarios and that reads the same in each of them is kept once.
    """
    count = problem.count
    cost = np.zeros(count)
    lower, upper = np.full(count, -np.inf), np.full(count, np.inf)
    whole = np.zeros(count, dtype=bool)
    offset = 0.0
    blocks, row_lower, row_upper, row_scenario = [], [], [], []
    seen: set[bytes] = set()
    for s, (weight, programme, ids) in enumerate(
        zip(problem.probability, problem.programmes, problem.ids, strict=True)
    ):
        np.add.at(cost, ids, weight * programme.cost)
        np.maximum.at(lower, ids, programme.lower)
        np.minimum.at(upper, ids, programme.upper)
        whole[ids] |= programme.whole
        offset += weight * programme.offset
        matrix = programme.matrix
        entries = matrix.tocoo()
        row, column = entries.coords
        block = sp.csr_array((entries.data, (row, ids[column])), shape=(matrix.shape[0], count))
        block.sort_indices()
        kept = _fresh(block, programme, problem.users, seen)
        blocks.append(block[kept])
        row_lower.append(programme.row_lower[kept])
        row_upper.append(programme.row_upper[kept])
        row_scenario.append(np.full(kept.size, s))
    merged = Programme(
        cost, lower, upper, whole, np.concatenate(row_lower), np.concatenate(row_upper),
        sp.csr_array(sp.vstack(blocks)), offset,
    )  # fmt: skip
    if risk.kind == "expected":
        return Extensive(merged, np.concatenate(row_scenario))
    sums = sp.csr_array(
        sp.vstack([
            sp.csr_array((p.cost, (np.zeros(ids.size, dtype=int), ids)), shape=(1, count))
            for p, ids in zip(problem.programmes, problem.ids, strict=True)
        ])
    )  # fmt: skip
    offsets = np.array([p.offset for p in problem.programmes])
    return Extensive(risk.applied(merged, sums, offsets, problem.probability), np.concatenate(row_scenario))


def _fresh(block: sp.csr_array, programme: Programme, users: Ints, seen: set[bytes]) -> Ints:
    """Return the rows that no scenario before has told; only rows among shared columns can be told twice."""
    shared = np.ones(block.shape[0], dtype=bool)
    empty = np.diff(block.indptr) == 0
    if block.nnz:
        filled = np.flatnonzero(~empty)
        shared[filled] = np.minimum.reduceat(users[block.indices], block.indptr[filled]) > 1
    kept = ~shared
    for row in np.flatnonzero(shared):
        part = slice(block.indptr[row], block.indptr[row + 1])
        limits = np.array([programme.row_lower[row], programme.row_upper[row]])
        key = block.indices[part].tobytes() + block.data[part].tobytes() + limits.tobytes()
        if key not in seen:
            seen.add(key)
            kept[row] = True
    return np.flatnonzero(kept)


def first_stage(problem: Problem) -> Programme:
    """Return the shared decisions of a two-stage problem: their mean cost, their limits and the rows among them.

    Columns are `problem.shared()` in its order. The offset is the mean of the scenarios' offsets.
    """
    links = problem.shared()
    place = np.full(problem.count, -1)
    place[links] = np.arange(links.size)
    cost, offset = np.zeros(links.size), 0.0
    lower, upper = np.full(links.size, -np.inf), np.full(links.size, np.inf)
    whole = np.zeros(links.size, dtype=bool)
    blocks, row_lower, row_upper = [], [], []
    users = problem.users[links]
    seen: set[bytes] = set()
    for weight, p, ids in zip(problem.probability, problem.programmes, problem.ids, strict=True):
        mine = np.flatnonzero(place[ids] >= 0)
        at = place[ids[mine]]
        np.add.at(cost, at, weight * p.cost[mine])
        np.maximum.at(lower, at, p.lower[mine])
        np.minimum.at(upper, at, p.upper[mine])
        whole[at] |= p.whole[mine]
        offset += weight * p.offset
        linked = sp.csr_array(p.matrix[:, mine])
        linked.eliminate_zeros()
        uses = np.diff(linked.indptr)
        rows = np.flatnonzero((uses > 0) & (uses == np.diff(p.matrix.indptr)))
        entries = linked[rows].tocoo()
        block = sp.csr_array((entries.data, (entries.coords[0], at[entries.coords[1]])), (rows.size, links.size))
        block.sort_indices()
        among = replace(p, row_lower=p.row_lower[rows], row_upper=p.row_upper[rows])
        kept = _fresh(block, among, users, seen)
        blocks.append(block[kept])
        row_lower.append(among.row_lower[kept])
        row_upper.append(among.row_upper[kept])
    return Programme(
        cost, lower, upper, whole, np.concatenate(row_lower), np.concatenate(row_upper),
        sp.csr_array(sp.vstack(blocks)), offset,
    )  # fmt: skip


def mean(problem: Problem) -> Problem | None:
    """Return the problem of the mean scenario, None where scenarios differ in more than their numbers.

    The mean is taken over cost, bounds, limits and matrix of programmes of one shape (Birge 1982).
    """
    first = problem.programmes[0]
    if any(
        p.columns != first.columns or p.row_lower.size != first.row_lower.size or np.any(p.whole != first.whole)
        for p in problem.programmes
    ):
        return None
    weight = problem.probability

    def averaged(name: str) -> Floats:
        return np.asarray(sum(w * getattr(p, name) for w, p in zip(weight, problem.programmes, strict=True)))

    with np.errstate(invalid="ignore"):
        programme = replace(
            first, cost=averaged("cost"), lower=averaged("lower"), upper=averaged("upper"),
            row_lower=averaged("row_lower"), row_upper=averaged("row_upper"),
            matrix=sp.csr_array(sum(w * p.matrix for w, p in zip(weight, problem.programmes, strict=True))),
            offset=float(averaged("offset")),
        )  # fmt: skip
    return Problem(np.ones(1), [programme], [np.arange(first.columns)])

"""Whole recourse that meets the shared decisions in few rows: thresholds instead of enumerating decisions.

Each scenario falls apart, once the shared decisions are taken, into small parts of binary columns (say, the tasks of
one period). What a part can do is listed: patterns a with a cost and the need that they put on the rows r which they
have in common with the shared decisions, the tender t[r] (Ahmed, Tawarmalani and Sahinidis 2004). All that matters of
t[r] is which needs v[1] < v[2] < ... of any scenario it reaches:

    minimise    cost.x + sum over s of p[s] * sum over a of cost[s,a] * take[s,a]
    subject to  x in the shared rows
                T[r].x >= low[r] + sum over n of (v[n] - v[n-1]) * reach[r,n],   reach[r,n+1] <= reach[r,n]
                sum over a of take[s,a] = 1   for every part of every scenario
                sum over a with need[s,a,r] >= v[n] of take[s,a] <= reach[r,n]
                reach binary, take >= 0

Its relaxation is far tighter than that of the extensive form, for reach ties all scenarios together: that is the
extended form of a mixing set (Gunluk and Pochet 2001). tender_search.py branches on it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components

from cellroad.plan.stochastic.problem import Problem, first_stage
from cellroad.plan.stochastic.programme import HopelessError, Programme, Solver

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
PATTERNS = 2000
"""Patterns of a part beyond which it is not listed."""
SIZE = 2_000_000
"""Entries of the matrix beyond which the form is not built."""
DIGITS = 9


@dataclass(frozen=True)
class Part:
    """What a part of a scenario can do: columns, patterns (a, columns), cost (a,), tender rows, needs (a, rows)."""

    scenario: int
    columns: Ints
    patterns: NDArray[np.bool_]
    cost: Floats
    rows: Ints
    needs: Floats


@dataclass(frozen=True)
class Thresholds:
    """The tender rows (over shared ids, each T.x >= need) and all parts."""

    links: Ints
    rows: sp.csr_array
    parts: list[Part]


def thresholds(problem: Problem) -> Thresholds | None:
    """Return the thresholds of a two-stage problem; None where its structure is another, or too large."""
    links = problem.shared()
    place = np.full(problem.count, -1)
    place[links] = np.arange(links.size)
    tenders: dict[bytes, int] = {}
    rows: list[sp.csr_array] = []
    parts: list[Part] = []
    entries = 0
    for s, (programme, ids) in enumerate(zip(problem.programmes, problem.ids, strict=True)):
        own = np.flatnonzero(place[ids] < 0)
        linked = np.flatnonzero(place[ids] >= 0)
        lower, upper = programme.lower[own], programme.upper[own]
        if not (np.all(programme.whole[own]) and np.all(lower == 0) and np.all(upper == 1)):
            return None
        on_own = sp.csr_array(programme.matrix[:, own])
        uses_own = np.diff(on_own.indptr) > 0
        on_links = sp.csr_array(programme.matrix[:, linked])
        joint = np.flatnonzero(uses_own & (np.diff(on_links.indptr) > 0))
        pure = np.flatnonzero(uses_own & (np.diff(on_links.indptr) == 0))
        both = sp.csr_array(abs(on_own[np.concatenate([joint, pure])]))
        count, label = connected_components(sp.csr_array(both.T @ both), directed=False)
        tender_of, sign = _tenders(programme, on_links, joint, place[ids[linked]], links.size, tenders, rows)
        if tender_of is None:
            return None
        needed = np.where(sign > 0, programme.row_lower[joint], -programme.row_upper[joint])
        for part in range(count):
            part_found = _part(programme, s, own, label == part, on_own, joint, pure, tender_of, sign, needed)
            if part_found is None:
                return None
            entries += part_found.needs.size
            if entries > SIZE:
                return None
            parts.append(part_found)
    if not rows:
        return None
    tender_rows = sp.csr_array(sp.vstack(rows))
    return _within_reach(problem, Thresholds(links, tender_rows, parts))


def _within_reach(problem: Problem, known: Thresholds) -> Thresholds | None:
    """Leave out patterns with a need that no shared decision can meet; None where a part has none left.

    Without this the relaxation mixes tenders that are possible with some that are not.
    """
    shared = first_stage(problem)
    most = []
    solver = Solver(shared)
    everything = np.arange(known.links.size)
    for r in range(known.rows.shape[0]):
        solver.cost(everything, -known.rows[[r]].toarray().ravel())
        solver.offset(0.0)
        try:
            most.append(-solver.run().bound)
        except HopelessError:  # as much as one likes
            most.append(np.inf)
    parts = []
    for part in known.parts:
        ceiling = np.array(most)[part.rows]
        kept = np.flatnonzero(np.all(part.needs <= ceiling + 1e-7 * np.maximum(1.0, np.abs(ceiling)), axis=1))
        if not kept.size:
            return None
        parts.append(replace(part, patterns=part.patterns[kept], cost=part.cost[kept], needs=part.needs[kept]))
    return replace(known, parts=parts)


def _tenders(
    programme: Programme, on_links: sp.csr_array, joint: Ints, place: Ints, size: int, tenders: dict[bytes, int],
    rows: list[sp.csr_array],
) -> tuple[Ints | None, Floats]:  # fmt: skip
    """Return which tender each joint row is, and its sign (+1 for >=, -1 for <=); None where a row is both."""
    found, signs = [], []
    for row in joint:
        low, high = programme.row_lower[row], programme.row_upper[row]
        if np.isfinite(low) == np.isfinite(high):
            return None, np.zeros(0)
        sign = 1.0 if np.isfinite(low) else -1.0
        part = slice(on_links.indptr[row], on_links.indptr[row + 1])
        vector = np.zeros(size)
        vector[place[on_links.indices[part]]] = sign * on_links.data[part]
        key = vector.tobytes()
        if key not in tenders:
            tenders[key] = len(tenders)
            rows.append(sp.csr_array(vector[None, :]))
        found.append(tenders[key])
        signs.append(sign)
    return np.array(found, dtype=np.int64), np.array(signs)


def _part(
    programme: Programme, scenario: int, own: Ints, mine: NDArray[np.bool_], on_own: sp.csr_array, joint: Ints,
    pure: Ints, tender_of: Ints, sign: Floats, needed: Floats,
) -> Part | None:  # fmt: skip
    columns = np.flatnonzero(mine)
    inside = on_own[pure][:, columns].toarray()
    rows = np.flatnonzero(np.abs(inside).sum(axis=1))
    patterns = _patterns(inside[rows], programme.row_lower[pure[rows]], programme.row_upper[pure[rows]])
    if patterns is None or not patterns.shape[0]:
        return None
    across = on_own[joint][:, columns].toarray()
    touched = np.flatnonzero(np.abs(across).sum(axis=1))
    # sign * (T.x + W.y) >= sign * limit, so T.x (with its sign) >= needed - sign * W.y
    needs = needed[touched][None, :] - patterns @ (across[touched] * sign[touched][:, None]).T
    cost = patterns @ programme.cost[own[columns]]
    kept = _undominated(cost, needs)
    if np.unique(tender_of[touched]).size != touched.size:
        return None
    return Part(
        scenario, own[columns], patterns[kept], cost[kept], tender_of[touched], needs[kept].round(DIGITS)
    )  # fmt: skip


def _patterns(matrix: Floats, lower: Floats, upper: Floats) -> NDArray[np.bool_] | None:
    """Return all binary vectors between the limits, column after column; None where they are too many."""
    rest_up = np.cumsum(np.clip(matrix, 0, None)[:, ::-1], axis=1)[:, ::-1]
    rest_down = np.cumsum(np.clip(matrix, None, 0)[:, ::-1], axis=1)[:, ::-1]
    taken = np.zeros((1, 0), dtype=bool)
    sums = np.zeros((1, matrix.shape[0]))
    for column in range(matrix.shape[1]):
        taken = np.vstack([np.hstack([taken, np.full((taken.shape[0], 1), v)]) for v in (False, True)])
        sums = np.vstack([sums, sums + matrix[:, column]])
        up = rest_up[:, column + 1] if column + 1 < matrix.shape[1] else 0.0
        down = rest_down[:, column + 1] if column + 1 < matrix.shape[1] else 0.0
        possible = np.all((sums + up >= lower - 1e-9) & (sums + down <= upper + 1e-9), axis=1)
        taken, sums = taken[possible], sums[possible]
        if taken.shape[0] > PATTERNS:
            return None
    return taken


def _undominated(cost: Floats, needs: Floats) -> Ints:
    """Return the patterns that no other one beats in cost and every need; of equals the first."""
    order = np.lexsort((needs.sum(axis=1), cost))
    sorted_needs = needs[order]
    beats = np.all(sorted_needs[:, None, :] <= sorted_needs[None, :, :] + 1e-12, axis=2)
    return np.asarray(order[~np.any(np.triu(beats, 1), axis=0)])


class Form:
    """The threshold form as one programme: shared decisions, then reach by tender (`first`, `levels`), then take."""

    def __init__(self, problem: Problem, known: Thresholds) -> None:
        self.known = known
        shared = self.shared = first_stage(problem)
        count, parts = known.links.size, known.parts
        levels = self.levels = [self._levels(r) for r in range(known.rows.shape[0])]
        first = self.first = count + np.cumsum([0, *[v.size - 1 for v in levels]])
        take = int(first[-1]) + np.cumsum([0, *[part.cost.size for part in parts]])
        columns = int(take[-1])
        weight = np.concatenate([part.cost * problem.probability[part.scenario] for part in parts])
        lower, upper = np.zeros(columns), np.ones(columns)
        lower[:count], upper[:count] = shared.lower, shared.upper
        whole = np.zeros(columns, dtype=bool)
        whole[:count] = shared.whole
        whole[count : first[-1]] = True
        rows, cols, data, low, high = [], [], [], [], []
        done = 0

        def add(row: Ints, column: Ints, value: Floats, lows: Floats, highs: Floats) -> None:
            nonlocal done
            rows.append(row + done)
            cols.append(column)
            data.append(np.broadcast_to(value, row.shape).astype(float))
            low.append(np.asarray(lows, dtype=float))
            high.append(np.asarray(highs, dtype=float))
            done += low[-1].size

        for r, level in enumerate(levels):
            size = level.size - 1
            reach = int(first[r]) + np.arange(size)
            line = known.rows[[r]].tocoo()
            column = np.concatenate([line.coords[1], reach])
            value = np.concatenate([line.data, -np.diff(level)])
            add(np.zeros(column.size, int), column, value, np.array([level[0]]), np.array([np.inf]))
            if size > 1:
                n = np.arange(size - 1)
                add(
                    np.concatenate([n, n]), np.concatenate([reach[:-1], reach[1:]]),
                    np.concatenate([np.ones(size - 1), -np.ones(size - 1)]), np.zeros(size - 1),
                    np.full(size - 1, np.inf),
                )  # fmt: skip
        for part, begin in zip(parts, take[:-1], strict=True):
            mine = int(begin) + np.arange(part.cost.size)
            add(np.zeros(mine.size, int), mine, np.ones(mine.size), np.ones(1), np.ones(1))
            for k, r in enumerate(part.rows):
                need = part.needs[:, k]
                steps = np.unique(need)[1:] if np.unique(need)[0] <= levels[r][0] else np.unique(need)
                if not steps.size:
                    continue
                row, pattern = np.nonzero(need[None, :] >= steps[:, None])
                reach = int(first[r]) + np.searchsorted(levels[r], steps) - 1
                add(
                    np.concatenate([row, np.arange(steps.size)]), np.concatenate([mine[pattern], reach]),
                    np.concatenate([np.ones(row.size), -np.ones(steps.size)]), np.full(steps.size, -np.inf),
                    np.zeros(steps.size),
                )  # fmt: skip
        matrix = sp.coo_array(
            (np.concatenate(data), (np.concatenate(rows), np.concatenate(cols))), shape=(done, columns)
        ).tocsr()
        padded = sp.csr_array(sp.hstack([shared.matrix, sp.csr_array((shared.matrix.shape[0], columns - count))]))
        self.programme = Programme(
            np.concatenate([shared.cost, np.zeros(int(first[-1]) - count), weight]), lower, upper, whole,
            np.concatenate([shared.row_lower, *low]), np.concatenate([shared.row_upper, *high]),
            sp.csr_array(sp.vstack([padded, matrix])), shared.offset,
        )  # fmt: skip

    def _levels(self, r: int) -> Floats:
        """Return the least need that some pattern of every part has, then all needs above it, sorted.

        Below the first level nothing is possible: it is the largest of the least needs of all parts.
        """
        needs = [part.needs[:, list(part.rows).index(r)] for part in self.known.parts if r in part.rows]
        least = max(float(need.min()) for need in needs)
        values = np.unique(np.concatenate(needs))
        return np.concatenate([[least], values[values > least]])

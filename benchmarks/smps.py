"""SMPS: stochastic programmes as three text files, read into scenario models (Birge et al. 1987; Gassmann 1995).

    .cor  a linear programme in MPS with free or fixed spacing: rows, columns (integer between markers), right-hand
          sides, ranges, bounds
    .tim  where each stage begins among the columns and rows, in the order of the core, or which stage each belongs to
    .sto  what is uncertain: INDEP DISCRETE (numbers one by one), BLOCKS DISCRETE (together), SCENARIOS (whole paths,
          each branching off another one)

Every entry that the .sto names replaces (or, said so, adds to or multiplies) a number of the core.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
INF = math.inf
Entry = tuple[str, str]
"""What a number of the core is called: (column, row), (RHS, row), (BND kind, column) or (RNG, row)."""


class SmpsError(ValueError):
    """A file does not say what the format asks; the message names file and line."""


@dataclass
class Core:
    """The core problem as it was read: names in order, numbers by name."""

    name: str = ""
    objective: str = ""
    maximise: bool = False
    rows: dict[str, str] = field(default_factory=dict)
    columns: dict[str, int] = field(default_factory=dict)
    whole: set[str] = field(default_factory=set)
    numbers: dict[Entry, float] = field(default_factory=dict)
    rhs: dict[str, float] = field(default_factory=dict)
    ranges: dict[str, float] = field(default_factory=dict)
    lower: dict[str, float] = field(default_factory=dict)
    upper: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Scenario:
    """One path: its probability, and the numbers of the core that are others on it.

    `bundle` names the node of the tree that the path passes in every stage: paths with the same are one until then.
    """

    name: str
    probability: float
    changes: dict[Entry, float]
    bundle: tuple[int, ...]


@dataclass(frozen=True)
class Smps:
    """A stochastic programme: core, stage of every column and row, scenarios."""

    core: Core
    column_stage: Ints
    row_stage: Ints
    scenarios: tuple[Scenario, ...]


@dataclass(frozen=True)
class Arrays:
    """minimise cost.x + offset over row_lower <= A x <= row_upper, lower <= x <= upper, some x whole."""

    cost: Floats
    offset: float
    lower: Floats
    upper: Floats
    whole: NDArray[np.bool_]
    row_lower: Floats
    row_upper: Floats
    matrix: sp.csr_array


def read_smps(core: Path, time: Path | None = None, stoch: Path | None = None) -> Smps:
    """Read a stochastic programme; the other two files are looked for beside the core.

    Raises SmpsError where a file breaks the format.
    """
    time = time or _beside(core, ("tim", "time"))
    stoch = stoch or _beside(core, ("sto", "stoch", "stoc"))
    read = read_core(core)
    column_stage, row_stage, periods = _read_time(time, read)
    return Smps(read, column_stage, row_stage, tuple(_read_stoch(stoch, read, periods)))


def arrays(core: Core, changes: dict[Entry, float]) -> Arrays:
    """Return a path of a core as arrays, columns and rows in the order of the core."""
    column = {name: place for place, name in enumerate(core.columns)}
    row = {name: place for place, name in enumerate(core.rows)}
    numbers, rhs, ranges = dict(core.numbers), dict(core.rhs), dict(core.ranges)
    lower, upper = dict(core.lower), dict(core.upper)
    for (first, second), value in changes.items():
        if first == "RHS":
            rhs[second] = value
        elif first == "RNG":
            ranges[second] = value
        elif first in BOUNDS:
            _bound(first, second, value, lower, upper)
        else:
            numbers[first, second] = value
    cost = np.zeros(len(column))
    entries = [(row[r], column[c], v) for (c, r), v in numbers.items() if r != core.objective and r in row and v]
    for (c, r), v in numbers.items():
        if r == core.objective:
            cost[column[c]] = v
    i, j, v = (np.array(part) for part in zip(*entries, strict=True)) if entries else (np.zeros(0),) * 3
    matrix = sp.csr_array((v, (i.astype(int), j.astype(int))), shape=(len(row), len(column)))
    matrix.sort_indices()
    limits = np.array([_row_limits(kind, rhs.get(r, 0.0), ranges.get(r)) for r, kind in core.rows.items()])
    sign = -1.0 if core.maximise else 1.0
    return Arrays(
        cost=sign * cost,
        offset=-sign * rhs.get(core.objective, 0.0),
        lower=np.array([lower.get(name, 0.0) for name in column]),
        upper=np.array([upper.get(name, INF) for name in column]),
        whole=np.array([name in core.whole for name in column]),
        row_lower=limits[:, 0] if len(row) else np.zeros(0),
        row_upper=limits[:, 1] if len(row) else np.zeros(0),
        matrix=matrix,
    )


def _row_limits(kind: str, rhs: float, ranged: float | None) -> tuple[float, float]:
    """Return the limits of a row; a range R widens it: G to [rhs, rhs + |R|], L to [rhs - |R|, rhs], E by its sign."""
    if ranged is None:
        return (rhs if kind in "GE" else -INF, rhs if kind in "LE" else INF)
    if kind == "E":
        return (rhs, rhs + ranged) if ranged >= 0 else (rhs + ranged, rhs)
    return (rhs, rhs + abs(ranged)) if kind == "G" else (rhs - abs(ranged), rhs)


BOUNDS = ("LO", "UP", "FX", "FR", "MI", "PL", "BV", "LI", "UI", "SC")


def _bound(kind: str, name: str, value: float, lower: dict[str, float], upper: dict[str, float]) -> None:
    if kind in ("LO", "LI", "FX", "BV"):
        lower[name] = 0.0 if kind == "BV" else value
    if kind in ("UP", "UI", "FX", "BV"):
        upper[name] = 1.0 if kind == "BV" else value
        if kind in ("UP", "UI") and value < 0 and name not in lower:
            lower[name] = -INF
    if kind in ("FR", "MI"):
        lower[name] = -INF
    if kind in ("FR", "PL"):
        upper[name] = INF
    if kind == "SC":
        raise SmpsError("semi-continuous columns (SC) are not read")


def _lines(path: Path) -> Iterator[tuple[int, bool, list[str]]]:
    """Yield line number, whether it is a header, and its words; comments and blank lines are left out."""
    for number, line in enumerate(path.read_text(encoding="latin-1").splitlines(), start=1):
        words = line.split()
        if not words or line[0] == "*":
            continue
        yield number, not line[0].isspace(), words


def read_core(path: Path) -> Core:
    """Read a linear programme in MPS, spaced freely or in fixed columns without blanks in names."""
    core, section, whole = Core(), "", False
    dropped: set[str] = set()
    for number, header, words in _lines(path):
        if header:
            section = words[0].upper()
            if section == "NAME":
                core.name = words[1] if len(words) > 1 else ""
            elif section == "OBJSENSE" and len(words) > 1:
                core.maximise = words[1].upper().startswith("MAX")
            elif section == "ENDATA":
                break
            continue
        try:
            if section == "OBJSENSE":
                core.maximise = words[0].upper().startswith("MAX")
            elif section == "ROWS":
                _row(core, dropped, words)
            elif section == "COLUMNS":
                if len(words) >= 3 and words[1].strip("'").upper() == "MARKER":
                    whole = words[-1].strip("'").upper() == "INTORG"
                    continue
                core.columns.setdefault(words[0], len(core.columns))
                if whole:
                    core.whole.add(words[0])
                for name, value in _pairs(words[1:]):
                    if name not in dropped:
                        core.numbers[words[0], name] = core.numbers.get((words[0], name), 0.0) + value
            elif section == "RHS":
                core.rhs |= {name: value for name, value in _pairs(_named(words)) if name not in dropped}
            elif section == "RANGES":
                core.ranges |= dict(_pairs(_named(words)))
            elif section == "BOUNDS":
                _read_bound(core, words)
        except (ValueError, IndexError, KeyError) as error:
            raise SmpsError(f"{path.name}, line {number}: {' '.join(words)!r} in {section}: {error}") from error
    return core


def _row(core: Core, dropped: set[str], words: list[str]) -> None:
    kind, name = words[0].upper(), words[1]
    if kind == "N" and core.objective:
        dropped.add(name)
    elif kind == "N":
        core.objective = name
    elif kind in "LGE":
        core.rows[name] = kind
    else:
        raise ValueError(f"no kind of row is called {kind}")


def _read_bound(core: Core, words: list[str]) -> None:
    kind, rest = words[0].upper(), words[1:]
    if kind not in BOUNDS:
        raise ValueError(f"no kind of bound is called {kind}")
    valued = kind in ("LO", "UP", "FX", "LI", "UI", "SC")
    name = rest[0] if rest[0] in core.columns and (len(rest) == (2 if valued else 1)) else rest[1]
    if name not in core.columns:
        raise ValueError(f"no column is called {name}")
    if kind in ("BV", "LI", "UI"):
        core.whole.add(name)
    _bound(kind, name, float(rest[-1]) if valued else 0.0, core.lower, core.upper)


def _named(words: list[str]) -> list[str]:
    """Return the pairs of a line without the name of the vector, which may be missing."""
    return words[1:] if len(words) % 2 else words


def _pairs(words: list[str]) -> list[tuple[str, float]]:
    return [(name, float(value)) for name, value in zip(words[::2], words[1::2], strict=True)]


def _read_time(path: Path, core: Core) -> tuple[Ints, Ints, dict[str, int]]:
    """Return the stage of every column and every row, and the number of each period."""
    columns, rows = list(core.columns), list(core.rows)
    column_stage, row_stage = np.zeros(len(columns), dtype=np.int64), np.zeros(len(rows), dtype=np.int64)
    periods: dict[str, int] = {}
    column, row = {name: n for n, name in enumerate(columns)}, {name: n for n, name in enumerate(rows)}
    section = ""
    for number, header, words in _lines(path):
        if header:
            section = words[0].upper()
            continue
        if section == "PERIODS" and len(words) >= 3:
            stage = periods.setdefault(words[2], len(periods))
            if words[0] in column:
                column_stage[column[words[0]] :] = stage
            elif words[0] not in ("RHS", "RIGHT") and words[0] not in core.rows:
                raise SmpsError(f"{path.name}, line {number}: no column is called {words[0]}")
            if words[1] in row:
                row_stage[row[words[1]] :] = stage
        elif section == "PERIODS":
            periods.setdefault(words[0], len(periods))
        elif section == "COLUMNS":
            column_stage[column[words[0]]] = periods[words[1]]
        elif section == "ROWS" and words[0] in row:
            row_stage[row[words[0]]] = periods[words[1]]
    return column_stage, row_stage, periods


def _entry(core: Core, first: str, second: str) -> Entry:
    """Return what a stochastic number is called: (column, row) where both are known, else a right-hand side."""
    if first in core.columns:
        return first, second
    if first.upper() in BOUNDS:
        return first.upper(), second
    if second in core.ranges and first not in ("RHS", "rhs") and first.upper().startswith("R") and False:
        return "RNG", second
    if second in core.rows or second == core.objective:
        return "RHS", second
    raise ValueError(f"neither a column nor a row is called {first} or {second}")


def _value_of(core: Core, entry: Entry) -> float:
    if entry[0] == "RHS":
        return core.rhs.get(entry[1], 0.0)
    if entry[0] in BOUNDS:
        return (core.lower if entry[0] in ("LO", "LI") else core.upper).get(entry[1], 0.0)
    return core.numbers.get(entry, 0.0)


def _changed(core: Core, how: str, entry: Entry, value: float, before: dict[Entry, float]) -> float:
    old = before.get(entry, _value_of(core, entry))
    return old + value if how == "ADD" else old * value if how == "MULTIPLY" else value


def _read_stoch(path: Path, core: Core, periods: dict[str, int]) -> list[Scenario]:
    """Return the scenarios: the paths that are told, or every combination of independent blocks."""
    section, how = "", "REPLACE"
    blocks: dict[str, list[_Outcome]] = {}
    told: dict[str, _Told] = {}
    current: _Outcome | _Told | None = None
    for number, header, words in _lines(path):
        if header:
            section = words[0].upper()
            how = next((w.upper() for w in words[1:] if w.upper() in ("ADD", "MULTIPLY", "REPLACE")), "REPLACE")
            if section in ("INDEP", "BLOCKS", "SCENARIOS") and "DISCRETE" not in [w.upper() for w in words[1:]] + [
                "DISCRETE"
            ] * (len(words) == 1):
                raise SmpsError(f"{path.name}, line {number}: only DISCRETE distributions are read")
            continue
        try:
            if section == "INDEP":
                numbers = [float(word) for word in (words[2], words[-1])]
                stage = periods[words[3]] if len(words) > 4 else 1
                entry = _entry(core, words[0], words[1])
                value = _changed(core, how, entry, numbers[0], {})
                blocks.setdefault(f"{words[0]} {words[1]}", []).append(_Outcome(stage, numbers[1], {entry: value}))
            elif section == "BLOCKS" and words[0].upper() == "BL":
                before = blocks.setdefault(words[1], [])
                # what a later outcome does not tell stays as in the first
                current = _Outcome(periods[words[2]], float(words[3]), dict(before[0].changes) if before else {})
                before.append(current)
            elif section == "SCENARIOS" and words[0].upper() == "SC":
                parent = told.get(words[2].strip("'"))
                current = _Told(
                    words[1], words[2].strip("'"), float(words[3]), periods[words[4]],
                    dict(parent.changes) if parent else {},
                )  # fmt: skip
                told[words[1]] = current
            elif current is not None:
                for name, value in _pairs(words[1:]):
                    entry = _entry(core, words[0], name)
                    current.changes[entry] = _changed(core, how, entry, value, {})
        except (ValueError, IndexError, KeyError) as error:
            raise SmpsError(f"{path.name}, line {number}: {' '.join(words)!r} in {section}: {error}") from error
    return _paths(list(told.values()), len(periods)) if told else _combinations(blocks, len(periods))


@dataclass
class _Outcome:
    stage: int
    probability: float
    changes: dict[Entry, float]


@dataclass
class _Told:
    name: str
    parent: str
    probability: float
    stage: int
    changes: dict[Entry, float]


def _paths(told: list[_Told], stages: int) -> list[Scenario]:
    """Return the paths that were told; each shares the nodes of the one it branches off until its own stage."""
    bundles: dict[str, tuple[int, ...]] = {}
    fresh = itertools.count(1)
    found = []
    for path in told:
        above = bundles.get(path.parent, (0,) * stages)
        bundle = tuple(above[s] if s < path.stage else next(fresh) for s in range(stages))
        bundles[path.name] = bundle
        found.append(Scenario(path.name, path.probability, path.changes, bundle))
    total = sum(path.probability for path in told)
    return [Scenario(s.name, s.probability / total, s.changes, s.bundle) for s in found]


def _combinations(blocks: dict[str, list[_Outcome]], stages: int) -> list[Scenario]:
    """Return every combination of independent blocks."""
    ordered = sorted(blocks.values(), key=lambda block: block[0].stage)
    found, nodes = [], {}
    for number, chosen in enumerate(itertools.product(*(range(len(block)) for block in ordered))):
        outcomes = [block[n] for block, n in zip(ordered, chosen, strict=True)]
        changes = {entry: value for outcome in outcomes for entry, value in outcome.changes.items()}
        bundle = []
        for stage in range(stages):
            key = (stage, tuple(n for o, n in zip(outcomes, chosen, strict=True) if o.stage <= stage))
            bundle.append(nodes.setdefault(key, len(nodes)))
        probability = math.prod(outcome.probability for outcome in outcomes)
        found.append(Scenario(f"s{number}", probability, changes, tuple(bundle)))
    return found


def _beside(core: Path, endings: tuple[str, ...]) -> Path:
    for ending in endings:
        if (path := core.with_suffix("." + ending)).exists():
            return path
    raise SmpsError(f"no {endings[0]} file beside {core.name}")

"""MPS: a linear or mixed-integer programme as a text file, read into names and numbers, and from there into arrays.

Fields may be spaced freely or stand in the fixed columns 2-3, 5-12, 15-22, 25-36, 40-47, 50-61, in which names may
hold blanks. Read are NAME, OBJSENSE, ROWS, COLUMNS with markers of whole columns, RHS, RANGES and BOUNDS of every kind
but semi-continuous ones. Rules that files rely on without saying so: the right-hand side of the objective is a constant
that is taken off; further rows N are dropped; a whole column between markers that no bound names is 0 or 1 (so CPLEX,
COIN and HiGHS read it); an upper bound below zero opens a lower bound that was not told; the first set of right-hand
sides, ranges or bounds counts, others are left out.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from cellroad.plan.stochastic import Programme

Floats = NDArray[np.float64]
INF = math.inf
HUGE = 1e20
"""From here on a bound is none."""
Entry = tuple[str, str]
"""What a number of the core is called: (column, row), (RHS, row), (RNG, row) or (kind of bound, column)."""
BOUNDS = ("LO", "UP", "FX", "FR", "MI", "PL", "BV", "LI", "UI", "SC")
VALUED = ("LO", "UP", "FX", "LI", "UI")
FIELDS = ((1, 3), (4, 12), (14, 22), (24, 36), (39, 47), (49, 61))


class SmpsError(ValueError):
    """A file does not say what the format asks; the message names file and line."""


@dataclass
class Core:
    """A programme as it was read: names in order, numbers by name; `sets` names what RHS, RANGES, BOUNDS are called."""

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
    sets: dict[str, str] = field(default_factory=dict)
    dropped: set[str] = field(default_factory=set)

    def row(self, name: str) -> str:
        """Return the name of a row or the objective that is known; raises KeyError for any other."""
        if name in self.rows or name == self.objective or name in self.dropped:
            return name
        raise KeyError(f"no row is called {name}")

    def column(self, name: str) -> str:
        """Return the name of a column that is known; raises KeyError for any other."""
        if name in self.columns:
            return name
        raise KeyError(f"no column is called {name}")


@dataclass(frozen=True)
class Line:
    """A line: its number, whether it opens a section, and its words, spaced freely and by fixed columns."""

    number: int
    header: bool
    words: list[str]
    fixed: list[str]


def lines(path: Path) -> Iterator[Line]:
    """Yield the lines of a file up to ENDATA; comments and blank lines are left out."""
    for number, text in enumerate(path.read_text(encoding="latin-1").splitlines(), start=1):
        words = text.split()
        if not words or text[0] == "*":
            continue
        header = not text[0].isspace()
        if header and words[0].upper() == "ENDATA":
            return
        fixed = [text[begin:end].strip() for begin, end in FIELDS]
        yield Line(number, header, words, [word for word in fixed if word])


def understood(path: Path, line: Line, section: str, use: Callable[[list[str]], None]) -> None:
    """Use the words of a line, or, where these make no sense, its fixed columns; raises SmpsError for neither."""
    try:
        use(line.words)
    except (ValueError, IndexError, KeyError) as error:
        try:
            if line.fixed == line.words:
                raise
            use(line.fixed)
        except (ValueError, IndexError, KeyError):
            told = error.args[0] if error.args else error
            raise SmpsError(
                f"{path.name}, line {line.number}: {' '.join(line.words)!r} in {section or 'no section'}: {told}"
            ) from error


def number(word: str) -> float:
    """Read a number, also one with a Fortran exponent."""
    return float(word.upper().replace("D", "E") if word[-1:].isdigit() else word)


def read_core(path: Path) -> Core:
    """Read a programme in MPS. Raises SmpsError where the file breaks the format."""
    core, section, whole, bounded = Core(), "", False, set[str]()
    readers: dict[str, Callable[[list[str]], None]] = {
        "OBJSENSE": lambda words: _sense(core, words),
        "ROWS": lambda words: _row(core, words),
        "RHS": lambda words: _side(core, "RHS", words, core.rhs),
        "RANGES": lambda words: _side(core, "RNG", words, core.ranges),
        "BOUNDS": lambda words: bounded.add(_read_bound(core, words)),
    }
    for line in lines(path):
        if line.header:
            section, rest = line.words[0].upper(), line.words[1:]
            if section == "NAME":
                core.name = rest[0] if rest else ""
            elif section == "OBJSENSE" and rest:
                _sense(core, rest)
            elif section not in readers and section != "COLUMNS":
                raise SmpsError(f"{path.name}, line {line.number}: no section {section} is read")
        elif section == "COLUMNS":
            if len(line.words) >= 3 and line.words[1].strip("'").upper() == "MARKER":
                whole = line.words[-1].strip("'").upper() == "INTORG"
                continue
            understood(path, line, section, lambda words: _column(core, words, whole))  # noqa: B023
        else:
            understood(path, line, section, readers.get(section, _nowhere))
    for name in core.whole - bounded:
        core.upper[name] = 1.0
    return core


def _nowhere(words: list[str]) -> None:
    raise ValueError("stands before the first section")


def _sense(core: Core, words: list[str]) -> None:
    if words[0].upper()[:3] not in ("MIN", "MAX"):
        raise ValueError(f"no sense is called {words[0]}")
    core.maximise = words[0].upper().startswith("MAX")


def _row(core: Core, words: list[str]) -> None:
    kind, name = words[0].upper(), words[1]
    if len(words) > 2:
        raise ValueError("a name with a blank in it, outside the fixed columns")
    if kind not in ("N", "L", "G", "E"):
        raise ValueError(f"no kind of row is called {kind}")
    if kind == "N" and core.objective:
        core.dropped.add(name)
    elif kind == "N":
        core.objective = name
    else:
        core.rows[name] = kind


def _column(core: Core, words: list[str], whole: bool) -> None:
    told = [(core.row(name), value) for name, value in pairs(words[1:])]
    core.columns.setdefault(words[0], len(core.columns))
    if whole:
        core.whole.add(words[0])
    for name, value in told:
        if name not in core.dropped:
            core.numbers[words[0], name] = core.numbers.get((words[0], name), 0.0) + value


def _side(core: Core, kind: str, words: list[str], into: dict[str, float]) -> None:
    """Read right-hand sides or ranges: pairs of row and value, with or without the name of their set."""
    told = [(core.row(name), value) for name, value in pairs(words[1:] if len(words) % 2 else words)]
    if len(words) % 2 and core.sets.setdefault(kind, words[0]) != words[0]:
        return
    into.update({name: value for name, value in told if name not in core.dropped})


def _read_bound(core: Core, words: list[str]) -> str:
    """Read a bound, with or without the name of its set; return the column that it names."""
    kind, rest = words[0].upper(), words[1:]
    if kind not in BOUNDS:
        raise ValueError(f"no kind of bound is called {kind}")
    if kind == "SC":
        raise ValueError("semi-continuous columns are not read")
    unnamed = rest[0] in core.columns and len(rest) == (2 if kind in VALUED else 1)
    name = core.column(rest[0] if unnamed else rest[1])
    value = number(rest[-1]) if kind in VALUED else 0.0
    if not unnamed and core.sets.setdefault("BND", rest[0]) != rest[0]:
        return name
    if kind in ("BV", "LI", "UI"):
        core.whole.add(name)
    bound(kind, name, value, core.lower, core.upper)
    return name


def bound(kind: str, name: str, value: float, lower: dict[str, float], upper: dict[str, float]) -> None:
    """Set the bounds of a column by the kind of bound."""
    value = math.copysign(INF, value) if abs(value) >= HUGE else value
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


def pairs(words: list[str]) -> list[tuple[str, float]]:
    """Return names and numbers in turns; raises ValueError for anything else."""
    if not words or len(words) % 2:
        raise ValueError("names and numbers do not come in pairs")
    return [(name, number(value)) for name, value in zip(words[::2], words[1::2], strict=True)]


def arrays(core: Core, changes: dict[Entry, float]) -> Programme:
    """Return a programme with some numbers changed as arrays, columns and rows in the order of the core."""
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
            bound(first, second, value, lower, upper)
        else:
            numbers[first, second] = value
    cost = np.zeros(len(column))
    for (c, r), v in numbers.items():
        if r == core.objective:
            cost[column[c]] = v
    entries = [(row[r], column[c], v) for (c, r), v in numbers.items() if r in row and v]
    i, j, v = (np.array(part) for part in zip(*entries, strict=True)) if entries else (np.zeros(0),) * 3
    matrix = sp.csr_array((v, (i.astype(int), j.astype(int))), shape=(len(row), len(column)))
    matrix.sort_indices()
    limits = np.array([_row_limits(kind, rhs.get(r, 0.0), ranges.get(r)) for r, kind in core.rows.items()])
    limits = limits.reshape(-1, 2)
    sign = -1.0 if core.maximise else 1.0
    return Programme(
        cost=sign * cost,
        offset=-sign * rhs.get(core.objective, 0.0),
        lower=np.array([lower.get(name, 0.0) for name in column]),
        upper=np.array([upper.get(name, INF) for name in column]),
        whole=np.array([name in core.whole for name in column]),
        row_lower=limits[:, 0],
        row_upper=limits[:, 1],
        matrix=matrix,
    )


def _row_limits(kind: str, rhs: float, ranged: float | None) -> tuple[float, float]:
    """Return the limits of a row; a range R widens it: G to [rhs, rhs + |R|], L to [rhs - |R|, rhs], E by its sign."""
    if ranged is None:
        return (rhs if kind in "GE" else -INF, rhs if kind in "LE" else INF)
    if kind == "E":
        return (rhs, rhs + ranged) if ranged >= 0 else (rhs + ranged, rhs)
    return (rhs, rhs + abs(ranged)) if kind == "G" else (rhs - abs(ranged), rhs)

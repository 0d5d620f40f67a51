"""SMPS: stochastic programmes as three text files, read into scenario models (Birge et al. 1987; Gassmann 1995).

    .cor  a linear or mixed-integer programme in MPS (mps.py)
    .tim  where each stage begins among the columns and rows, in the order of the core (PERIODS), or which stage each
          belongs to (PERIODS EXPLICIT, then ROWS and COLUMNS)
    .sto  what is uncertain: INDEP (numbers one by one), BLOCKS (together), SCENARIOS (whole paths, each branching off
          another one). INDEP and BLOCKS are DISCRETE; INDEP may also be UNIFORM (between two numbers) or NORMAL (mean
          and variance)

Every entry that the .sto names replaces (REPLACE), is added to (ADD) or multiplies (MULTIPLY) a number of the core.
Continuous distributions, and independent numbers whose combinations are too many, are sampled where a number of paths
is asked for.
"""

from __future__ import annotations

import itertools
import math
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parent))
from mps import BOUNDS, Core, Entry, Line, SmpsError, arrays, lines, number, read_core, understood

__all__ = ["Core", "Scenario", "Smps", "SmpsError", "arrays", "read_core", "read_smps"]

Ints = NDArray[np.int64]
MOST = 20_000
"""Combinations of independent numbers that are written out; more are sampled."""
CONTINUOUS = ("UNIFORM", "NORMAL")
MODES = ("ADD", "MULTIPLY", "REPLACE")


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
    """A stochastic programme: core, stage of every column and row, scenarios; `sampled` where these are a sample."""

    core: Core
    column_stage: Ints
    row_stage: Ints
    scenarios: tuple[Scenario, ...]
    sampled: bool = False


def read_smps(
    core: Path, time: Path | None = None, stoch: Path | None = None, *, sample: int | None = None, seed: int = 0
) -> Smps:
    """Read a stochastic programme; the other two files are looked for beside the core.

    With `sample`, distributions that cannot be written out are sampled by that many paths, all as probable. Raises
    SmpsError where a file breaks the format, or where a sample is needed and none is asked for.
    """
    time = time or _beside(core, ("tim", "time"))
    stoch = stoch or _beside(core, ("sto", "stoch", "stoc"))
    read = read_core(core)
    stages = _read_time(time, read)
    told = _read_stoch(stoch, read, stages)
    if told.paths:
        return Smps(read, stages.column, stages.row, tuple(_paths(told.paths, len(stages.periods))))
    count = math.prod(len(block) for block in told.blocks.values())
    if not told.spread and count <= MOST:
        found = _combinations(list(told.blocks.values()), len(stages.periods))
        return Smps(read, stages.column, stages.row, tuple(found))
    if not sample:
        what = "continuous distributions" if told.spread else f"{count:,} combinations"
        raise SmpsError(f"{stoch.name} has {what}: say how many paths to sample")
    if len(stages.periods) > 2:
        raise SmpsError(f"{stoch.name}: only problems of two stages are sampled")
    found = _sampled(told, sample, np.random.default_rng(seed))
    return Smps(read, stages.column, stages.row, tuple(found), sampled=True)


@dataclass(frozen=True)
class Stages:
    """The number of each period, and the stage of every column and row of the core."""

    periods: dict[str, int]
    column: Ints
    row: Ints

    def of(self, core: Core, entry: Entry) -> int:
        """Return the stage of a number of the core: of its row, or of its column where that stands in the objective."""
        column, row = list(core.columns), list(core.rows)
        if entry[1] in core.rows:
            return int(self.row[row.index(entry[1])])
        name = entry[0] if entry[0] in core.columns else entry[1]
        return int(self.column[column.index(name)]) if name in core.columns else len(self.periods) - 1


def _read_time(path: Path, core: Core) -> Stages:
    """Return the stage of every column and every row, and the number of each period."""
    columns, rows = {name: n for n, name in enumerate(core.columns)}, {name: n for n, name in enumerate(core.rows)}
    stages = Stages({}, np.zeros(len(columns), dtype=np.int64), np.zeros(len(rows), dtype=np.int64))
    section = ""

    def period(words: list[str]) -> None:
        if len(words) < 3:  # told in sections of their own
            stages.periods.setdefault(words[0], len(stages.periods))
            return
        first, row, name = words[:3]
        if first not in columns and first.upper() not in ("RHS", "RIGHT"):
            raise KeyError(f"no column is called {first}")
        core.row(row)
        stage = stages.periods.setdefault(name, len(stages.periods))
        if first in columns:
            stages.column[columns[first] :] = stage
        if row in rows:
            stages.row[rows[row] :] = stage

    def placed(words: list[str], names: dict[str, int], into: Ints) -> None:
        if words[0] == core.objective or words[0] in core.dropped:
            return
        if words[0] not in names:
            raise KeyError(f"the core has no {words[0]}")
        into[names[words[0]]] = _period(stages, words[1])

    readers: dict[str, Callable[[list[str]], None]] = {
        "PERIODS": period,
        "COLUMNS": lambda words: placed(words, columns, stages.column),
        "ROWS": lambda words: placed(words, rows, stages.row),
    }
    for line in lines(path):
        if line.header:
            section = line.words[0].upper()
            if section not in (*readers, "TIME"):
                raise SmpsError(f"{path.name}, line {line.number}: no section {section} is read")
        else:
            understood(path, line, section, readers.get(section, _nowhere))
    if not stages.periods:
        raise SmpsError(f"{path.name} names no period")
    return stages


def _nowhere(words: list[str]) -> None:
    raise ValueError("stands in no section")


def _period(stages: Stages, name: str) -> int:
    if name not in stages.periods:
        raise KeyError(f"no period is called {name}")
    return stages.periods[name]


def _entry(core: Core, words: list[str]) -> tuple[Entry, list[str]]:
    """Return what the first stochastic number of a line is called, and the words after its name.

    (column, row); a right-hand side, of the set that the core names or of any other name; a range, of the core's set;
    a bound, by kind, set and column, or by column and set: then of the kind that the core has for the column.
    """
    first, second = words[0], words[1]
    if first.upper() in BOUNDS and first not in core.columns:
        named = len(words) > 2 and words[2] in core.columns and (second not in core.columns or len(words) > 3)
        return (first.upper(), core.column(words[2] if named else second)), words[3 if named else 2 :]
    if first in core.columns:
        if second == core.sets.get("BND"):
            return (_kind_of_bound(core, first), first), words[2:]
        return (first, core.row(second)), words[2:]
    if first == core.sets.get("RNG") and first != core.sets.get("RHS"):
        return ("RNG", core.row(second)), words[2:]
    return ("RHS", core.row(second)), words[2:]


def _kind_of_bound(core: Core, column: str) -> str:
    told = [name in bounds and bounds[name] != other for name, bounds, other in
            ((column, core.lower, 0.0), (column, core.upper, math.inf))]  # fmt: skip
    if all(told):
        return "FX" if core.lower[column] == core.upper[column] else "UP"
    return "LO" if told[0] else "UP"


def _value_of(core: Core, entry: Entry) -> float:
    kind, name = entry
    if kind == "RHS":
        return core.rhs.get(name, 0.0)
    if kind == "RNG":
        return core.ranges.get(name, 0.0)
    if kind in BOUNDS:
        return core.lower.get(name, 0.0) if kind in ("LO", "LI") else core.upper.get(name, math.inf)
    return core.numbers.get(entry, 0.0)


def _changed(core: Core, how: str, entry: Entry, value: float) -> float:
    old = _value_of(core, entry)
    return old + value if how == "ADD" else old * value if how == "MULTIPLY" else value


@dataclass
class _Outcome:
    """One outcome of a block, from its stage on."""

    stage: int
    probability: float
    changes: dict[Entry, float]


@dataclass
class _Path:
    name: str
    parent: str
    probability: float
    stage: int
    changes: dict[Entry, float]


@dataclass(frozen=True)
class _Spread:
    """A number that is spread: UNIFORM between two numbers, NORMAL by mean and variance."""

    kind: str
    first: float
    second: float
    entry: Entry
    how: str


@dataclass(frozen=True)
class _Told:
    core: Core
    blocks: dict[str, list[_Outcome]]
    paths: dict[str, _Path]
    spread: list[_Spread]


def _read_stoch(path: Path, core: Core, stages: Stages) -> _Told:
    """Return what the file tells: blocks with their outcomes, whole paths, continuous numbers."""
    told = _Told(core, {}, {}, [])
    section, how, kind = "", "REPLACE", "DISCRETE"
    current: _Outcome | _Path | None = None

    def entries(words: list[str], into: dict[Entry, float]) -> None:
        while words:
            entry, rest = _entry(core, words)
            value, *more = rest
            into[entry] = _changed(core, how, entry, number(value))
            if more and len(more) % 2:
                raise ValueError("names and numbers do not come in pairs")
            words = [words[0], *more] if more else []

    def independent(words: list[str]) -> None:
        entry, rest = _entry(core, words)
        stage = max(1, _period(stages, rest[1]) if len(rest) > 2 else stages.of(core, entry))
        first, last = number(rest[0]), number(rest[-1])
        if kind == "DISCRETE":
            outcome = _Outcome(stage, _probability(last), {entry: _changed(core, how, entry, first)})
            told.blocks.setdefault(f"{entry[0]} {entry[1]}", []).append(outcome)
        else:
            if kind == "NORMAL" and last < 0:
                raise ValueError("a variance is not negative")
            told.spread.append(_Spread(kind, first, last, entry, how))

    def block(words: list[str]) -> None:
        nonlocal current
        if words[0].upper() == "BL":
            before = told.blocks.setdefault(words[1], [])
            # what a later outcome does not tell stays as in the first
            current = _Outcome(
                max(1, _period(stages, words[2])), _probability(number(words[3])),
                dict(before[0].changes) if before else {},
            )  # fmt: skip
            before.append(current)
        elif current is None:
            raise ValueError("stands before the first block")
        else:
            entries(words, current.changes)

    def scenario(words: list[str]) -> None:
        nonlocal current
        if words[0].upper() == "SC":
            parent = words[2].strip("'")
            if parent.upper() != "ROOT" and parent not in told.paths:
                raise KeyError(f"no scenario before is called {parent}")
            changes = dict(told.paths[parent].changes) if parent in told.paths else {}
            current = _Path(
                words[1], parent, _probability(number(words[3])), _period(stages, words[4]) if len(words) > 4 else 1,
                changes,
            )  # fmt: skip
            if words[1] in told.paths:
                raise ValueError(f"scenario {words[1]} is told twice")
            told.paths[words[1]] = current
        elif current is None:
            raise ValueError("stands before the first scenario")
        else:
            entries(words, current.changes)

    readers = {"INDEP": independent, "BLOCKS": block, "SCENARIOS": scenario}
    for line in lines(path):
        if line.header:
            section, kind, how, current = _opened(path, line, readers)
        else:
            understood(path, line, section, readers.get(section, _nowhere))
    for name, outcomes in told.blocks.items():
        _whole(path, name, sum(outcome.probability for outcome in outcomes))
    if told.paths:
        if told.blocks or told.spread:
            raise SmpsError(f"{path.name} tells scenarios and independent numbers: only one of both is read")
        _whole(path, "the scenarios", sum(one.probability for one in told.paths.values()))
    elif not told.blocks and not told.spread:
        raise SmpsError(f"{path.name} tells of nothing uncertain")
    return told


def _opened(path: Path, line: Line, readers: dict[str, Callable[[list[str]], None]]) -> tuple[str, str, str, None]:
    """Return section, distribution and mode of a header."""
    section, words = line.words[0].upper(), [word.upper() for word in line.words[1:]]
    if section == "STOCH":
        return "", "DISCRETE", "REPLACE", None
    where = f"{path.name}, line {line.number}"
    if section not in readers:
        raise SmpsError(f"{where}: no section {section} is read")
    how = next((word for word in words if word in MODES), "REPLACE")
    kind = next((word for word in words if word not in MODES), "DISCRETE")
    if kind != "DISCRETE" and (section != "INDEP" or kind not in CONTINUOUS):
        raise SmpsError(f"{where}: {kind} is not read in {section}")
    return section, kind, how, None


def _probability(value: float) -> float:
    if not 0 <= value <= 1:
        raise ValueError(f"{value} is no probability")
    return value


def _whole(path: Path, name: str, total: float) -> None:
    if abs(total - 1) > 0.01:
        raise SmpsError(f"{path.name}: the probabilities of {name} add up to {total:g}")


def _paths(told: dict[str, _Path], stages: int) -> list[Scenario]:
    """Return the paths that were told; each shares the nodes of the one it branches off until its own stage."""
    bundles: dict[str, tuple[int, ...]] = {}
    fresh = itertools.count(1)
    found = []
    for path in told.values():
        above = bundles.get(path.parent, (0,) * stages)
        bundle = (0, *(above[s] if s < path.stage else next(fresh) for s in range(1, stages)))
        bundles[path.name] = bundle
        found.append(Scenario(path.name, path.probability, path.changes, bundle))
    total = sum(path.probability for path in told.values())
    return [Scenario(s.name, s.probability / total, s.changes, s.bundle) for s in found if s.probability > 0]


def _combinations(blocks: list[list[_Outcome]], stages: int) -> list[Scenario]:
    """Return every combination of independent blocks."""
    ordered = sorted(blocks, key=lambda block: block[0].stage)
    found, nodes = [], dict[tuple[int, tuple[int, ...]], int]()
    for name, chosen in enumerate(itertools.product(*(range(len(block)) for block in ordered))):
        outcomes = [block[n] for block, n in zip(ordered, chosen, strict=True)]
        changes = {entry: value for outcome in outcomes for entry, value in outcome.changes.items()}
        bundle = []
        for stage in range(stages):
            key = (stage, tuple(n for o, n in zip(outcomes, chosen, strict=True) if 0 < o.stage <= stage))
            bundle.append(nodes.setdefault(key, len(nodes)))
        probability = math.prod(outcome.probability for outcome in outcomes)
        found.append(Scenario(f"s{name}", probability, changes, tuple(bundle)))
    total = sum(s.probability for s in found)
    return [Scenario(s.name, s.probability / total, s.changes, s.bundle) for s in found]


def _sampled(told: _Told, count: int, numbers: np.random.Generator) -> list[Scenario]:
    """Return equally probable paths of two stages, drawn from every block and every continuous number."""
    found = []
    for n in range(count):
        changes: dict[Entry, float] = {}
        for block in told.blocks.values():
            weight = np.array([outcome.probability for outcome in block])
            changes |= block[int(numbers.choice(len(block), p=weight / weight.sum()))].changes
        for one in told.spread:
            low, high = one.first, one.second
            value = numbers.uniform(low, high) if one.kind == "UNIFORM" else numbers.normal(low, math.sqrt(high))
            changes[one.entry] = _changed(told.core, one.how, one.entry, float(value))
        found.append(Scenario(f"s{n}", 1 / count, changes, (0, n + 1)))
    return found


def _beside(core: Path, endings: tuple[str, ...]) -> Path:
    for ending in endings:
        if (path := core.with_suffix("." + ending)).exists():
            return path
    raise SmpsError(f"no {endings[0]} file beside {core.name}")

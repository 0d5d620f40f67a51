"""What a scenario makes of a chain: its changes after those of its ancestors.

A scenario is a list of changes against the base chain, never a copy of it. A change names a table, the key of a row
(its parts joined by '|', dates in ISO, '*' for any), a column and an operation: set, multiply, add or drop. `set` on a
setting that the chain leaves at its default gives it a row.
"""

from __future__ import annotations

from dataclasses import dataclass

import dataframely as dy
import polars as pl

from cellroad.chain.cells import parsed
from cellroad.chain.chain import Chain, complete
from cellroad.chain.column import default_of, is_required
from cellroad.chain.finding import ChainError, Finding
from cellroad.chain.limits import breaches, wanted
from cellroad.chain.settings import declared
from cellroad.chain.tables import TABLES, key_of, own_columns
from cellroad.chain.tell import FIRST_ROW, condensed, did_you_mean, listed, numbered

ANY = "*"


def apply(chain: Chain, scenario: str) -> Chain:
    """Return the chain of a scenario, named `chain:scenario`, with no scenarios left to apply.

    Raises ChainError with every change that cannot be made.
    """
    names = chain.scenarios["scenario"].to_list()
    if scenario not in names:
        raise ChainError([Finding(
            "blocker", "scenarios", None, "scenario", repr(scenario),
            f"one of {listed(names) or 'none: the table is empty'}",
            did_you_mean(scenario, names, "Add it to scenarios, or correct the name."),
        )])  # fmt: skip
    changed, findings = _changed(chain, scenario)
    if findings:
        raise ChainError(condensed(findings))
    return changed.replace(scenarios=changed.scenarios.clear(), changes=changed.changes.clear())


def changes(chain: Chain) -> list[Finding]:
    """Return every change of every scenario that cannot be made, each once."""
    told: dict[Finding, None] = {}
    for scenario in chain.scenarios["scenario"]:
        told |= dict.fromkeys(_changed(chain, scenario)[1])
    return list(told)


def line_of(chain: Chain, scenario: str) -> list[str]:
    """Return a scenario with its ancestors, the oldest first; a loop of parents is cut where it closes."""
    parents = dict(chain.scenarios.select("scenario", "parent").iter_rows())
    line = [scenario]
    while (parent := parents.get(line[0])) is not None and parent not in line:
        line.insert(0, parent)
    return line


def probabilities(chain: Chain) -> list[Finding]:
    """Warn where the scenarios under one parent have probabilities that do not sum to one.

    Scenarios that all have probability 1 are what-ifs beside each other, not branches, and are left alone.
    """
    scenarios = numbered(chain.scenarios)
    sums = (
        scenarios.group_by("parent", maintain_order=True)
        .agg(
            pl.col("row").first(),
            pl.col("probability").sum().alias("total"),
            (pl.col("probability") == 1).all().alias("sure"),
        )
        .filter(~pl.col("sure") & ((pl.col("total") - 1).abs() > 1e-6))
    )
    return [
        Finding(
            "warning", "scenarios", row["row"], "probability",
            f"a sum of {row['total']:.4g} under " + (repr(row["parent"]) if row["parent"] else "the base chain"),
            "probabilities of siblings that sum to 1", "Correct them, or add the scenario in which nothing changes.",
        )
        for row in sums.iter_rows(named=True)
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Change:
    """A row of the table of changes, with its row in the sheet."""

    row: int
    table: str
    key: str
    column: str
    operation: str
    value: str

    def wrong(self, column: str, found: str, expected: str, mend: str) -> Finding:
        return Finding("blocker", "changes", self.row, column, found, expected, mend)


def _changed(chain: Chain, scenario: str) -> tuple[Chain, list[Finding]]:
    rows = numbered(chain.changes).with_columns(pl.col("operation").cast(pl.String))
    tables, findings = dict(chain.tables), []
    touched: dict[str, int] = {}
    for name in line_of(chain, scenario):
        for _, *parts in rows.filter(pl.col("scenario") == name).select(
            "scenario", "row", "table", "key", "column", "operation", "value"
        ).iter_rows():  # fmt: skip
            change = _Change(*parts)
            frame, told = _made(change, tables)
            findings += told
            if frame is not None:
                tables[change.table] = frame
                touched[change.table] = change.row
    for table, row in touched.items():
        findings += _beyond_limits(table, tables[table], row)
    return Chain.of(f"{chain.name}:{scenario}", **tables), findings


def _made(change: _Change, tables: dict[str, pl.DataFrame]) -> tuple[pl.DataFrame | None, list[Finding]]:
    """Return the changed table, None where the change cannot be made."""
    if change.table not in TABLES:
        expected = "one of " + listed(TABLES, 30)
        advice = did_you_mean(change.table, TABLES, "Use the name of a table.")
        return None, [change.wrong("table", repr(change.table), expected, advice)]
    frame = _with_setting(change, tables[change.table])
    rows, told = _matching(change, frame)
    if rows is None:
        return None, told
    if change.operation == "drop":
        return frame.filter(~rows), []
    columns = own_columns(TABLES[change.table])
    if change.column not in columns or change.column in key_of(TABLES[change.table]):
        others = [name for name in columns if name not in key_of(TABLES[change.table])]
        advice = did_you_mean(change.column, others, "Use one of its columns; a key cannot change, but be dropped.")
        return None, [change.wrong("column", repr(change.column), f"one of {listed(others, 30)}", advice)]
    value, told = _value(change, columns[change.column], frame[change.column])
    if value is None:
        return None, told
    return frame.with_columns(pl.when(rows).then(value).otherwise(pl.col(change.column)).alias(change.column)), []


def _with_setting(change: _Change, frame: pl.DataFrame) -> pl.DataFrame:
    known = dict(declared().select("name", "default").iter_rows())
    if change.table != "settings" or change.key not in known or change.key in set(frame["name"]):
        return frame
    row = pl.DataFrame({"name": [change.key], "value": [known[change.key]]})
    return pl.concat([frame, complete(TABLES["settings"], row)])


def _matching(change: _Change, frame: pl.DataFrame) -> tuple[pl.Series | None, list[Finding]]:
    """Return which rows a change touches, None where its key names none."""
    key = key_of(TABLES[change.table])
    parts = [part.strip() for part in change.key.split("|")]
    if parts == [ANY]:
        parts = [ANY] * len(key)
    defaults = [default_of(own_columns(TABLES[change.table])[name]) for name in key[len(parts) :]]
    if None not in defaults:  # what was added to a key later may be left out
        parts += [str(default) for default in defaults]
    if len(parts) != len(key):
        expected = f"{len(key)} parts of the key, {'|'.join(key)}" if len(key) > 1 else f"one {key[0]}"
        return None, [change.wrong("key", repr(change.key), expected, "Write all parts, '*' for any, or '*' alone.")]
    texts = frame.select(pl.col(key).cast(pl.String))
    rows = pl.Series([True] * frame.height, dtype=pl.Boolean)
    for name, part in zip(key, parts, strict=True):
        if part != ANY:
            rows &= texts[name] == part
    if rows.any() or set(parts) == {ANY}:
        return rows, []
    known = ["|".join(row) for row in texts.iter_rows()]
    expected = f"the key of a row of {change.table}, {'|'.join(key)}"
    return None, [change.wrong("key", repr(change.key), expected, did_you_mean(change.key, known, "Correct the key."))]


def _value(change: _Change, column: dy.Column, old: pl.Series) -> tuple[pl.Expr | None, list[Finding]]:
    """Return the new value of a cell as an expression, None where it cannot be read."""
    if change.operation == "set":
        return _set_value(change, column)
    if not old.dtype.is_numeric():
        advice = f"Use set for {change.column!r}; it holds no number."
        return None, [change.wrong("operation", repr(change.operation), "set", advice)]
    by = parsed(pl.Series([change.value]), dy.Float64())[0]
    if by is None:
        expected = "a factor, such as 1.25" if change.operation == "multiply" else "a difference, such as -0.5"
        return None, [change.wrong("value", repr(change.value), expected, "Write a plain number.")]
    new = pl.col(change.column) * by if change.operation == "multiply" else pl.col(change.column) + by
    return new.round(0).cast(old.dtype) if old.dtype.is_integer() else new, []


def _set_value(change: _Change, column: dy.Column) -> tuple[pl.Expr | None, list[Finding]]:
    text = change.value.strip()
    if text == "" and is_required(column):
        return None, [change.wrong("value", "a blank", wanted(column), f"{change.column!r} may not be blank.")]
    if text == "":
        return pl.lit(default_of(column), dtype=column.dtype), []
    value = parsed(pl.Series([text]), column)
    if value[0] is None:
        words = column.categories if isinstance(column, dy.Enum) else []
        advice = did_you_mean(text, words, f"Write a value that {change.column!r} can hold.")
        return None, [change.wrong("value", repr(text), wanted(column), advice)]
    return pl.lit(value[0], dtype=column.dtype), []


def _beyond_limits(table: str, frame: pl.DataFrame, row: int) -> list[Finding]:
    """Return the values that changes have moved out of what a table allows, told at the last change of the table."""
    rows = pl.Series(range(FIRST_ROW, frame.height + FIRST_ROW), dtype=pl.Int64)
    return [
        Finding(
            "blocker", "changes", row, "value", f"{broken.found} in column {broken.column!r} of {table} once changed",
            broken.expected, "Correct the change; " + broken.mend[0].lower() + broken.mend[1:],
        )
        for broken in breaches(table, frame, rows)
    ]  # fmt: skip

"""How does a command speak? Answers go to stdout, as tables for people or as JSON for programs; talk goes to stderr.

Every command takes a `Face`, the options that all commands share, and speaks through it alone.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import math
import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Group as Panel
from cyclopts import Parameter
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, Group, JustifyMethod, RenderableType
from rich.table import Table
from rich.text import Text

from cellroad.show import format

if TYPE_CHECKING:
    import polars as pl

    from cellroad.chain.finding import Finding

PLAIN_WIDTH = 120
"""Columns of a line where nobody looks at a terminal and COLUMNS does not say."""


def _flag(meaning: str, *names: str) -> Parameter:
    return Parameter(
        name=names or None, negative="", show_default=False, group=Panel("Output", sort_key=1), help=meaning
    )


@Parameter(name="*")
@dataclass(frozen=True)
class Face:
    """What every command can be told about how to speak."""

    json: Annotated[bool, _flag("Write the answer as JSON, and nothing else, to stdout.")] = False
    quiet: Annotated[bool, _flag("Write no progress and no remarks to stderr.", "--quiet", "-q")] = False
    debug: Annotated[bool, _flag("Show the traceback when something fails.")] = False

    def answer(self, human: Sequence[RenderableType], machine: Any) -> None:
        """Write an answer to stdout: parts for people, or JSON where that was asked for."""
        if self.json:
            sys.stdout.write(json.dumps(plain(machine), indent=2, ensure_ascii=False, allow_nan=False) + "\n")
            sys.stdout.flush()
            return
        out = console(sys.stdout)
        for part in human:
            out.print(part)

    def remark(self, words: RenderableType) -> None:
        """Write something worth knowing to stderr, unless quiet."""
        if not self.quiet:
            complain(words)


def console(stream: Any) -> Console:
    """Return a console on a stream; wide enough for tables where the stream is no terminal."""
    width = None if stream.isatty() or "COLUMNS" in os.environ else PLAIN_WIDTH
    return Console(file=stream, width=width, highlight=False, soft_wrap=False)


def complain(words: RenderableType) -> None:
    """Write what went wrong to stderr, quiet or not; a line stays a line."""
    console(sys.stderr).print(words, soft_wrap=isinstance(words, str | Text))


def plain(value: Any) -> Any:
    """Return a value as JSON knows it: frames as lists of rows, dates as ISO text, what is not a number as null."""
    if hasattr(value, "to_dicts"):
        return plain(value.to_dicts())
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(part) for key, part in value.items()}
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, str | int | bool):
        return value
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Iterable):
        return [plain(part) for part in value]
    return str(value)


# Tables ---------------------------------------------------------------------------------------------------------------

Form = Callable[[Any], str]
GAP = 2
"""Blanks between two columns of a table."""
LONG_WORD = 24
"""Signs from which on a word may be broken."""
EASY = 16
"""Signs that a line of a sentence in a table has at least."""


def table(frame: pl.DataFrame, title: str = "", forms: Mapping[str, Form] | None = None) -> Group:
    """Return a frame as a table; the name of a column says how its values are written, unless `forms` does."""
    columns = [
        _Column(
            format.header(name),
            "right" if dtype.is_numeric() else "left",
            [_cell(value, (forms or {}).get(name) or partial(format.cell, name)) for value in frame[name]],
        )
        for name, dtype in frame.schema.items()
    ]
    return _titled(title, "bold", _Table(columns))


@dataclass(frozen=True, slots=True)
class _Column:
    name: str
    justify: JustifyMethod
    cells: list[Text]

    @property
    def full(self) -> int:
        """Width in which nothing is wrapped."""
        return max(map(cell_len, (self.name, *(cell.plain for cell in self.cells))))

    @property
    def least(self) -> int:
        """Least width that reads well: no figure is broken and no word, and a sentence has some words a line."""
        cells = [cell.plain for cell in self.cells]
        words = [word for text in (self.name, *(cells if self.justify == "left" else ())) for word in text.split()]
        word = min(max(map(cell_len, words), default=0), LONG_WORD)
        return max(word, min(max(map(cell_len, cells), default=0), EASY))


@dataclass(frozen=True, slots=True)
class _Table:
    """Columns as wide as the terminal; what has no room beside them goes on below, after the first column again."""

    columns: list[_Column]

    def __rich_console__(self, _: Console, options: ConsoleOptions) -> Iterable[Table | Text]:
        for number, part in enumerate(_parts(self.columns, options.max_width)):
            if number:
                yield Text("")
            drawn = _bare()
            for column, width in zip(part, _widths(part, options.max_width), strict=True):
                drawn.add_column(column.name, justify=column.justify, overflow="fold", width=width)
            for cells in zip(*(column.cells for column in part), strict=True):
                drawn.add_row(*cells)
            yield drawn


def _parts(columns: Sequence[_Column], room: int) -> Iterable[list[_Column]]:
    """Return the columns that have room side by side, part by part; each part begins with the first column."""
    part: list[_Column] = []
    for column in columns:
        if len(part) > 1 and sum(each.least + GAP for each in (*part, column)) > room:
            yield part
            part = [columns[0]]
        part.append(column)
    yield part


def _widths(part: Sequence[_Column], room: int) -> list[int]:
    """Return how wide each column is drawn: its least, and of the room left as much as the others, or as it needs."""
    widths = [column.least for column in part]
    spare = max(room - sum(widths) - GAP * len(part), 0)
    by_need = sorted(range(len(part)), key=lambda place: part[place].full - widths[place])
    for done, place in enumerate(by_need):
        more = min(part[place].full - widths[place], spare // (len(part) - done))
        widths[place] += more
        spare -= more
    return widths


def _bare() -> Table:
    return Table(box=None, pad_edge=False, header_style="dim")


def _titled(title: str, style: str, drawn: Table | _Table) -> Group:
    return Group(Text(title, style=style), drawn) if title else Group(drawn)


def _cell(value: Any, form: Form) -> Text:
    """Return one value as a person reads it; what is unknown is blank, what is lost is red."""
    if value is None or value == "":
        return Text("")
    written = form(value)
    return Text(written, style="red" if written.startswith(format.MINUS) else "")


def counting(number: int, thing: str) -> str:
    """Return a count of things: 1 blocker, 2 blockers."""
    return f"{number} {thing}" + ("" if number == 1 else "s")


def findings_tables(findings: Sequence[Finding]) -> list[Group]:
    """Return findings as one table a severity: where, what was found, what was expected and how to mend it."""
    drawn: list[Group] = []
    for severity, style in (("blocker", "bold red"), ("warning", "bold yellow")):
        rows = [finding for finding in findings if finding.severity == severity]
        if not rows:
            continue
        listed = _bare()
        for name in ("where", "found", "expected", "mend"):
            listed.add_column(name, overflow="fold")
        for finding in rows:
            listed.add_row(*(Text(part) for part in (_place(finding), finding.found, finding.expected, finding.mend)))
        drawn.append(_titled(counting(len(rows), severity), style, listed))
    return drawn


def _place(finding: Finding) -> str:
    parts = (finding.table, f"row {finding.row}" if finding.row is not None else "", finding.column)
    return " ".join(part for part in parts if part)

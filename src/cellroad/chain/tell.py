"""How findings are worded: from the wrong rows of a frame, with close matches, and never a flood of them.

Row numbers are those of a sheet: 1 is the header, 2 the first row.
"""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Iterable, Sequence
from itertools import groupby

import polars as pl

from cellroad.chain.finding import Finding, Severity

FIRST_ROW = 2
SHOWN = 10


def numbered(frame: pl.DataFrame) -> pl.DataFrame:
    """Return a frame with `row`, the number that each row has in a sheet."""
    return frame.with_row_index("row", offset=FIRST_ROW).with_columns(pl.col("row").cast(pl.Int64))


def tell(
    wrong: pl.DataFrame, severity: Severity, table: str, column: str, *, found: str, expected: str, mend: str
) -> list[Finding]:
    """Return one finding per row of `wrong`, which has `row`; the texts name its columns as {column}."""
    return [
        Finding(
            severity, table, row["row"], column, found.format(**row), expected.format(**row), mend.format(**row)
        )
        for row in wrong.iter_rows(named=True)
    ]  # fmt: skip


def closest(word: str, words: Iterable[str]) -> str | None:
    """Return the word of a list that is most like the given one, whatever its case; None where none is."""
    by_folded = {other.casefold(): other for other in words}
    match = difflib.get_close_matches(word.casefold(), list(by_folded), n=1, cutoff=0.6)
    return by_folded[match[0]] if match else None


def did_you_mean(word: str, words: Iterable[str], otherwise: str) -> str:
    """Return how to mend a word that is not in a list: its closest match, else another advice."""
    match = closest(word, words)
    return f"Did you mean {match!r}?" if match else otherwise


def listed(words: Iterable[str], most: int = 12) -> str:
    """Return words as a list for people, shortened where it is long."""
    shown = list(words)
    return ", ".join(shown[:most]) + (f" and {len(shown) - most} more" if len(shown) > most else "")


def on(day: dt.date | None) -> str:
    """Return a date as people read it: 12 Mar 2027."""
    return "open" if day is None else f"{day.day} {day:%b %Y}"


def condensed(findings: Sequence[Finding]) -> list[Finding]:
    """Return findings with the eleventh and later ones of the same kind folded into one."""

    def kind(finding: Finding) -> tuple[str, str, str, str]:
        return finding.severity, finding.table, finding.column, finding.expected

    order = {kind(finding): place for place, finding in reversed(list(enumerate(findings)))}
    together = sorted(findings, key=lambda finding: order[kind(finding)])
    return [finding for _, group in groupby(together, key=kind) for finding in _fold(list(group))]


def _fold(alike: list[Finding]) -> list[Finding]:
    if len(alike) <= SHOWN + 1:
        return alike
    first = alike[SHOWN]
    rest = Finding(
        first.severity, first.table, first.row, first.column,
        f"{len(alike) - SHOWN} more such cells from here on", first.expected, "Mend them in the same way.",
    )  # fmt: skip
    return [*alike[:SHOWN], rest]

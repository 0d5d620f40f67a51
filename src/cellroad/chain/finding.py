"""What a check tells a person: where something is wrong, what was found, what was expected and how to mend it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import polars as pl

Severity = Literal["blocker", "warning"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong (blocker) or strange (warning).

    `row` is the line of the table as a person sees it in a sheet: 1 is the header, 2 the first row; None where the
    finding is about the whole table or chain.
    """

    severity: Severity
    table: str
    row: int | None
    column: str
    found: str
    expected: str
    mend: str

    def __str__(self) -> str:
        """Return the finding as one line for a terminal."""
        place = self.table + (f" row {self.row}" if self.row is not None else "")
        place += f", column {self.column}" if self.column else ""
        return f"{place}: found {self.found}; expected {self.expected}. {self.mend}"


class ChainError(ValueError):
    """A chain that cannot be used, with everything that is wrong with it."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("\n".join(str(finding) for finding in self.findings))


def findings_frame(findings: Sequence[Finding]) -> pl.DataFrame:
    """Return findings as a frame, blockers first, in the order of tables and rows."""
    names = list(Finding.__dataclass_fields__)
    rows = [{name: getattr(finding, name) for name in names} for finding in findings]
    schema = {name: pl.Int64 if name == "row" else pl.String for name in names}
    return pl.DataFrame(rows, schema=schema).sort("severity", maintain_order=True)

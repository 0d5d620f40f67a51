"""Do rows of law fit together: does a test name lists and regimes that exist, and all that its kind asks for?

A slip in a row would otherwise change answers in silence, or end in the middle of one.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import polars as pl

from cellroad.chain.finding import Finding
from cellroad.chain.tell import closest, listed
from cellroad.rules.attribution import RULES

Row = dict[str, Any]
SEAT = re.compile(r"^(government:)?[A-Z]{2}$")
ASKED = {
    "owned": ("interest", "attribution", "by", "compare", "threshold"), "held": ("interest",),
    "contract": ("interest", "terms"),
}  # fmt: skip
"""Columns that a kind of test cannot do without."""


def faults(tables: Mapping[str, pl.DataFrame]) -> list[Finding]:
    """Return every row of law that names what is not there, or lacks what its kind asks for."""
    lists, regimes = set(tables["lists"]["list_id"]), set(tables["regimes"]["regime_id"])
    found = [fault for row in tables["tests"].iter_rows(named=True) for fault in _test(row, lists, regimes)]
    named = [
        ("tests", "regime", regimes), ("listings", "list", lists), ("bans", "regime", regimes),
        ("credits", "claimant_regime", regimes), ("credits", "material_regime", regimes),
    ]  # fmt: skip
    for table, column, known in named:
        frame = tables[table]
        for row_id, name in frame.filter(pl.col(column) != "").select(frame.columns[0], column).iter_rows():
            if name not in known:
                found.append(_unknown(table, row_id, column, name, known))
    return found


def _test(row: Row, lists: Collection[str], regimes: Collection[str]) -> Iterator[Finding]:
    kind, row_id = str(row["kind"]), row["test_id"]
    names = [name for name in row["of"].split(";") if name != "-"]
    if kind == "seat":
        for name in names:
            if not SEAT.match(name):
                yield _fault("tests", row_id, "of", repr(name), "countries such as CN, or government:CN", "Correct it.")
    else:
        known = {"listed": set(lists), "status": set(regimes)}.get(kind, {*lists, *regimes})
        yield from (_unknown("tests", row_id, "of", name, known) for name in names if name not in known)
    for column in ASKED.get(kind, ()):
        if names and row[column] in (None, ""):
            yield _fault("tests", row_id, column, "a blank", f"what a test of the kind {kind} asks for", "Fill it in.")
    if row["attribution"] and row["attribution"] not in RULES:
        yield _unknown("tests", row_id, "attribution", row["attribution"], RULES)


def _unknown(table: str, row_id: str, column: str, name: str, known: Collection[str]) -> Finding:
    near = closest(name, known)
    mend = f"Did you mean {near!r}?" if near else "Correct it, or add the row that it names."
    return _fault(table, row_id, column, repr(name), f"one of {listed(sorted(known), 20)}", mend)


def _fault(table: str, row_id: str, column: str, found: str, expected: str, mend: str) -> Finding:
    return Finding("blocker", table, None, column, f"{found} in {row_id}", expected, mend)

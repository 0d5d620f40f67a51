"""Write docs/tables.md, the page of all tables and columns, from their declarations.

Run `python tools/tables_page.py` after a change of tables or settings; a test holds the page against the declarations.
"""

from __future__ import annotations

from pathlib import Path

import dataframely as dy

from cellroad.chain.column import default_of, is_required, reference_of, separator_of
from cellroad.chain.limits import wanted
from cellroad.chain.settings import declared
from cellroad.chain.tables import PROVENANCE, TABLES, Table, key_of, own_columns

PAGE = Path(__file__).resolve().parent.parent / "docs" / "tables.md"

INTRODUCTION = """\
# The tables of a chain

A chain is a folder of CSV files, one per table, or a workbook with one sheet per table. Only the tables that a question
needs have to be there. Columns may stand in any order, and their names in any case. Money is in nominal US dollars,
shares run from 0 to 1 (or are written `40 %`), dates are written `2027-10-01`, and a month `2027-10` means its first
day. Columns marked **required** must be filled in; the key of a table is set in *italics*.

This page is made from the declarations by `tools/tables_page.py`.
"""


def page() -> str:
    """Return the page as Markdown."""
    parts = [INTRODUCTION, _contents(), *(_section(name, schema) for name, schema in TABLES.items()), _settings()]
    return "\n".join([*parts, _provenance()])


def _contents() -> str:
    rows = [f"| [{name}](#{name}) | {_said(schema)} |" for name, schema in TABLES.items()]
    return _table(("table", "one row is"), rows)


def _section(name: str, schema: type[Table]) -> str:
    columns = own_columns(schema)
    rows = [_row(schema, column) for column in columns if column not in PROVENANCE]
    return f"## {name}\n\n{_said(schema)}\n\n" + _table(("column", "meaning", "holds", "blank means"), rows)


def _row(schema: type[Table], name: str) -> str:
    column = own_columns(schema)[name]
    shown = f"*`{name}`*" if name in key_of(schema) else f"`{name}`"
    return f"| {shown} | {_escaped(column.description or '')} | {_escaped(_holds(column))} | {_blank(column)} |"


def _holds(column: dy.Column) -> str:
    reference = reference_of(column)
    if reference is None:
        return wanted(column)
    many = f", or several separated by '{separator_of(column)}'" if separator_of(column) else ""
    return f"a row of [{reference[0]}](#{reference[0]}){many}"


def _blank(column: dy.Column) -> str:
    default = default_of(column)
    if is_required(column):
        return "**required**"
    if default in (None, ""):
        return "nothing"
    return f"{default:g}" if isinstance(default, float) else str(default)


def _settings() -> str:
    rows = [
        f"| `{row['name']}` | {_escaped(row['meaning'])} | {row['unit']} | {row['default'] or 'nothing'} |"
        for row in declared().iter_rows(named=True)
    ]
    heading = "## Names in settings\n\nWhat the table [settings](#settings) can hold.\n\n"
    return heading + _table(("name", "meaning", "unit", "default"), rows)


def _provenance() -> str:
    schema = next(iter(TABLES.values()))
    rows = [_row(schema, name) for name in PROVENANCE]
    heading = "## In every table\n\nWhere a row comes from. A row without a source is an assumption.\n\n"
    return heading + _table(("column", "meaning", "holds", "blank means"), rows)


def _said(schema: type[Table]) -> str:
    return " ".join((schema.__doc__ or "").split())


def _table(header: tuple[str, ...], rows: list[str]) -> str:
    rule = "|" + " --- |" * len(header)
    return "\n".join(["| " + " | ".join(header) + " |", rule, *rows]) + "\n"


def _escaped(text: str) -> str:
    plain = text.replace("|", "\\|")
    return plain[:1].upper() + plain[1:]


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")

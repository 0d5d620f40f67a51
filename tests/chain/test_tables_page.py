"""The page of tables is what the declarations say."""

from __future__ import annotations

from pathlib import Path

from tests.scripts import script

from cellroad.chain.tables import TABLES, own_columns

ROOT = Path(__file__).resolve().parents[2]


def test_the_page_of_tables_is_up_to_date() -> None:
    tool = script("tools/tables_page.py")
    assert tool.PAGE.read_text(encoding="utf-8") == tool.page(), "run: python tools/tables_page.py"


def test_the_page_names_every_column() -> None:
    text = (ROOT / "docs" / "tables.md").read_text(encoding="utf-8")
    for table, schema in TABLES.items():
        section = text.split(f"\n## {table}\n")[1].split("\n## ")[0]
        named = [line.split("`")[1] for line in section.splitlines() if line.startswith(("| `", "| *`"))]
        assert named == list(own_columns(schema))[:-3]

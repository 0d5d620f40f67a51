"""Write the pages of docs/ on the command line and the facts, from their declarations.

`python tools/docs.py` writes them; a test compares them with what they would be, so that pages and code cannot drift.
"""

from pathlib import Path

import dataframely as dy

from cellroad.chain import facts
from cellroad.chain.fact_tables import FACTS
from cellroad.show.cli import build
from cellroad.show.exits import Exit

DOCS = Path(__file__).parent.parent / "docs"


def pages() -> dict[str, str]:
    """Return every page that is made from declarations, by its name in docs/."""
    return {"cli.md": cli_page(), "facts.md": facts_page()}


def cli_page() -> str:
    made = build().generate_docs()
    commands = made[made.index("## cellroad init") :]
    codes = "\n".join(f"| {code.value} | {code.meaning} |" for code in Exit)
    return CLI.replace("CODES", codes).replace("COMMANDS", commands.strip())


def facts_page() -> str:
    counted = facts.unverified()
    total = counted.select("verified", "reported", "unverified").sum().row(0)
    rows = [f"| {name} | {_about(FACTS[name])} | {' | '.join(map(str, by))} |" for name, *by in counted.iter_rows()]
    rows.append(f"| all | | {' | '.join(map(str, total))} |")
    ids = {name: _ids(name) for name in facts.names()}
    listed = [f"**{name}** ({len(rows)}): {', '.join(rows)}" for name, rows in ids.items() if rows]
    return FACTS_PAGE.replace("ROWS", "\n".join(rows)).replace("LISTED", "\n\n".join(listed))


def _about(schema: type[dy.Schema]) -> str:
    return " ".join((schema.__doc__ or "").split())


def _ids(name: str) -> list[str]:
    frame = facts.table(name)
    return frame.filter(frame["confidence"].cast(str) == "unverified").to_series(0).to_list()


CLI = """# Command line

A chain is a folder of CSV files, a workbook or a zip; the name of an example stands for a chain everywhere.
`python -m cellroad` is the same as `cellroad`.

## What goes where

- Answers go to stdout: tables for people, or JSON and nothing else with `--json`. Progress and remarks go to stderr and
  are silenced by `-q`; what went wrong is told on stderr always.
- With `--json` a failure is JSON too: `{"error": ..., "findings": [...]}`. What is not a number is `null`, dates are
  ISO. Only a command that was not understood leaves stdout empty.
- Colour follows the terminal; `NO_COLOR` leaves it out. Where nobody looks, lines are 120 characters wide, or
  `COLUMNS`.
- Nothing is written in part, and data is never overwritten: `init`, `export` and `template` want a new place. A
  report, and a folder that holds an earlier plan, are replaced.
- Ctrl-C during a plan ends the search with the best plan so far; pressed twice it leaves at once.
- No command asks the network for anything.

## Exit codes

| code | meaning |
|---:|---|
CODES

COMMANDS
"""

FACTS_PAGE = """# Facts

What ships with Cellroad, as tables: `cellroad facts` lists them, `cellroad facts tariffs --on 2026-07-24` shows what
holds on a day, `cellroad facts --find TR023` everything about one row and its source. Rows about law know two times:
when they hold and since when that is known.

*Verified*: read in the primary source. *Reported*: read in a source that reports it. *Unverified*: from knowledge of
the field, to be confirmed before money depends on it.

| table | one row is | verified | reported | unverified |
|---|---|---:|---:|---:|
ROWS

## What remains unverified

LISTED
"""


if __name__ == "__main__":
    for page, text in pages().items():
        (DOCS / page).write_text(text, encoding="utf-8")
        print(f"docs/{page}")

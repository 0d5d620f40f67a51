"""The command that looks facts up: which tables there are, what held on a day, what was known, what is behind a row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from cellroad.show.commands.reading import Day
from cellroad.show.exits import Exit, UsageError, choose
from cellroad.show.terminal import Face, table

if TYPE_CHECKING:
    import polars as pl

MOST_COLUMNS = 8
LONGEST_WORDS = 28
"""Columns of a fact table that fit a terminal: this many, of texts no longer than this on average."""


def facts(
    name: str | None = None,
    /,
    *,
    on: Day | None = None,
    as_known: Day | None = None,
    find: str | None = None,
    face: Face = Face(),  # noqa: B008
) -> Exit:
    """Look up the facts that ship with Cellroad: duties, fees, plants, prices, cells, each with its source.

    Parameters
    ----------
    name
        Fact table; without one, the tables there are.
    on
        Only rows that hold on this day, written 2027-10-01.
    as_known
        Rows as they were known on this day, written 2027-10-01.
    find
        Id of one row, such as TR023: everything about it, and its source.
    """
    from cellroad.chain.facts import names

    if name is not None:
        choose(name, names(), "fact table")
    if find is not None:
        return _one(find, face)
    if name is None:
        if on or as_known:
            raise UsageError("--on and --as-known need a fact table, such as: cellroad facts tariffs --on 2026-07-24")
        return _tables(face)
    return _rows(name, on, as_known, face)


def _tables(face: Face) -> Exit:
    import polars as pl

    from cellroad.chain.fact_tables import FACTS
    from cellroad.chain.facts import names
    from cellroad.chain.facts import table as fact_table

    rows = [(name, fact_table(name).height, (FACTS[name].__doc__ or "").strip().splitlines()[0]) for name in names()]
    listed = pl.DataFrame(rows, schema={"table": pl.String, "rows": pl.Int64, "one row is": pl.String}, orient="row")
    face.answer([table(listed), "", "One table: cellroad facts tariffs. One row: cellroad facts --find TR023"], listed)
    return Exit.OK


def _rows(name: str, on: Day | None, as_known: Day | None, face: Face) -> Exit:
    from cellroad.chain.facts import known, valid
    from cellroad.chain.facts import table as fact_table

    frame = fact_table(name)
    if (on or as_known) and "valid_from" not in frame.columns:
        raise UsageError(f"The rows of {name} have no dates; leave --on and --as-known out.")
    if on or as_known:
        frame = valid(known(frame, as_known), on)
    shown = readable(frame)
    hint = (
        f"{frame.height} rows, {shown.width} of {frame.width} columns. All columns: --json, or --find ID for one row."
    )
    machine = {"table": name, "on": on, "as_known": as_known, "rows": frame}
    face.answer([table(shown), Text(hint, style="dim")], machine)
    return Exit.OK


def readable(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the columns of a fact table that fit a terminal: filled, short, the first ones."""
    import polars as pl

    words = frame.drop("notes", strict=False).with_columns(pl.all().cast(pl.String).fill_null(""))
    lengths = words.select(pl.all().str.len_chars().mean().fill_null(1.0)).row(0, named=True)
    fitting = [name for name, length in lengths.items() if 0 < length <= LONGEST_WORDS]
    return frame.select(fitting[:MOST_COLUMNS])


def _one(row_id: str, face: Face) -> Exit:
    import polars as pl

    from cellroad.chain.facts import find as found_in
    from cellroad.chain.facts import names
    from cellroad.chain.facts import table as fact_table

    ids = [key for name in names() for key in fact_table(name).to_series(0).to_list()]
    name, row = found_in(choose(row_id, ids, "fact row"))
    source = fact_table("sources").filter(pl.col("source_id") == row.get("source_id"))
    filled = {key: value for key, value in row.items() if value is not None and value != ""}
    machine = {"table": name, "row": row, "source": source.row(0, named=True) if source.height else None}
    face.answer([_upright(filled, f"{name} {row_id}"), *_behind(source)], machine)
    return Exit.OK


def _behind(source: pl.DataFrame) -> list[Table]:
    if not source.height:
        return []
    filled = {key: value for key, value in source.row(0, named=True).items() if value}
    return [_upright(filled, "its source")]


def _upright(row: dict[str, object], title: str) -> Table:
    import polars as pl

    from cellroad.show.format import cell

    pairs = [(key, cell(key, value)) for key, value in row.items()]
    frame = pl.DataFrame(pairs, schema={"column": pl.String, "value": pl.String}, orient="row")
    return table(frame, title)

"""The command that looks facts up: which tables there are, what held on a day, what was known, what is behind a row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group
from rich.text import Text

from cellroad.show.commands.reading import Day
from cellroad.show.exits import Exit, UsageError, choose
from cellroad.show.terminal import Face, table

if TYPE_CHECKING:
    import polars as pl

FIRST_COLUMNS = 4
WIDEST_CELL = 16
WIDEST_ROW = 116
"""Characters of a row that fit a line: the first columns, then figures and dates, then other texts, each cut short."""


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
    face.answer([table(shown, forms=dict.fromkeys(figures_of(shown), exact)), Text(hint, style="dim")], machine)
    return Exit.OK


def readable(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the columns of a fact table that fit a line, in their order, each row cut to one line."""
    import polars as pl

    told = frame.drop("notes", strict=False)
    words = told.with_columns(pl.all().cast(pl.String).fill_null(""))
    longest = words.select(pl.all().str.len_chars().max().fill_null(1)).row(0, named=True)
    tells = words.select(((pl.all() != "").mean() >= 0.5) & ((pl.all().n_unique() > 1) | (pl.len() == 1)))
    telling = [name for name, yes in tells.row(0, named=True).items() if yes] if told.height else told.columns
    figures = [name for name in telling if told.schema[name].is_numeric() or told.schema[name].is_temporal()]
    fitting, room = set[str](), WIDEST_ROW
    for name in dict.fromkeys([*telling[:FIRST_COLUMNS], *figures, *telling]):
        width = max(min(longest[name], WIDEST_CELL), len(name)) + 2
        if width <= room:
            fitting.add(name)
            room -= width
    return told.select(name for name in telling if name in fitting).with_columns(
        pl.when(pl.col(pl.String).str.len_chars() > WIDEST_CELL)
        .then(pl.col(pl.String).str.head(WIDEST_CELL - 1) + "…")
        .otherwise(pl.col(pl.String))
    )


def figures_of(frame: pl.DataFrame) -> list[str]:
    """Return the columns that hold numbers."""
    return [name for name, dtype in frame.schema.items() if dtype.is_numeric()]


def exact(value: float) -> str:
    """Return a fact as it was published, not rounded."""
    return f"{value:.12g}"


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


def _behind(source: pl.DataFrame) -> list[Group]:
    if not source.height:
        return []
    filled = {key: value for key, value in source.row(0, named=True).items() if value}
    return [_upright(filled, "its source")]


def _upright(row: dict[str, object], title: str) -> Group:
    import polars as pl

    from cellroad.show.format import cell

    pairs = [(key, exact(value) if isinstance(value, int | float) else cell(key, value)) for key, value in row.items()]
    frame = pl.DataFrame(pairs, schema={"column": pl.String, "value": pl.String}, orient="row")
    return table(frame, title)

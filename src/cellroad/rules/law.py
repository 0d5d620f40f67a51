"""The law that a question is asked under: lists, regimes, tests, bans and credits, as frames known on a day.

Adding a rule, a rate or a list entry is adding a row. `shipped` is what comes with the package; `read` takes the rows
of a folder of CSV files named as the tables, and `amended` puts them in: a row with an id that is there replaces it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import polars as pl

from cellroad.chain import facts
from cellroad.chain.day import Day, as_day
from cellroad.chain.facts import known
from cellroad.chain.finding import ChainError
from cellroad.rules.law_check import faults

TABLES = ("lists", "listings", "regimes", "tests", "bans", "credits", "incentives", "organisations", "stakes")


@dataclass(frozen=True, slots=True)
class Law:
    """The fact tables that decide standing, bans and credits; `law.tests` is the frame of tests.

    Every row that was known on `as_known` is there; None stands for all that is known now.
    """

    tables: Mapping[str, pl.DataFrame]
    as_known: dt.date | None = None

    def __getattr__(self, table: str) -> pl.DataFrame:
        """Return the frame of a table."""
        try:
            return self.tables[table]
        except KeyError:
            raise AttributeError(f"the law has no table {table!r}; there are {', '.join(TABLES)}") from None


@cache
def _all() -> Law:
    return Law({name: facts.table(name) for name in TABLES})


def shipped(as_known: Day | None = None) -> Law:
    """Return the law that comes with the package, as it was known on a day."""
    return seen(_all(), as_known)


def seen(law: Law, as_known: Day | None) -> Law:
    """Return a law as it was known on a day: later rows gone, later ends open, later states in force."""
    day = as_day(as_known)
    if day is None:
        return law
    tables = {name: known(f, day) if "known_from" in f.columns else f for name, f in law.tables.items()}
    return Law(tables, day)


def amended(law: Law, rows: Mapping[str, pl.DataFrame]) -> Law:
    """Return a law with rows added; a row whose id is there already replaces it. Rows are those of `read`.

    Raises ChainError with every row that names a list, regime or attribution rule that is not there.
    """
    tables = {name: _put(frame, rows[name]) if name in rows else frame for name, frame in law.tables.items()}
    wrong = faults(tables)
    if wrong:
        raise ChainError(wrong)
    return replace(law, tables=tables)


def _put(old: pl.DataFrame, new: pl.DataFrame) -> pl.DataFrame:
    key = old.columns[0]
    return pl.concat([old.join(new, on=key, how="anti", maintain_order="left"), new.select(old.columns)])


def read(folder: str | Path) -> dict[str, pl.DataFrame]:
    """Return the rows of law in a folder of CSV files, typed and checked. Raises ChainError with everything wrong."""
    from cellroad.chain.law_files import read_law

    return read_law(Path(folder), TABLES)

"""A chain: an immutable bundle of frames, one per table.

Verbs are pure functions of a chain; what they need to change, they change in a copy (`replace`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import dataframely as dy
import polars as pl

from cellroad.chain.column import default_of
from cellroad.chain.finding import ChainError
from cellroad.chain.settings import PlanSettings, parse_settings
from cellroad.chain.tables import TABLES, own_columns


@dataclass(frozen=True, slots=True, repr=False)
class Chain:
    """The tables of one chain. `chain.offers` is the frame of offers; every table is there, if only empty.

    Build one with `load`, `read` or `Chain.of`; none of them lets an ill-typed frame through.
    """

    name: str
    tables: Mapping[str, pl.DataFrame]

    @classmethod
    def of(cls, name: str, **frames: pl.DataFrame) -> Chain:
        """Build a chain from typed frames; missing tables are empty, missing columns take their default.

        Raises KeyError for a table that does not exist and polars errors for a column of the wrong type:
        this is the door for programs; people's files come in through `read`, which explains itself.
        """
        return cls(name, completed(TABLES, frames))

    def __getattr__(self, table: str) -> pl.DataFrame:
        """Return the frame of a table."""
        try:
            return self.tables[table]
        except KeyError:
            raise AttributeError(f"a chain has no table {table!r}; there are {', '.join(TABLES)}") from None

    def __reduce__(self) -> tuple[Any, ...]:
        """Let a chain travel to another process."""
        return _rebuild, (self.name, dict(self.tables))

    def __repr__(self) -> str:
        """Return the name and the size of every table that holds something."""
        sizes = ", ".join(f"{table} {frame.height}" for table, frame in self.tables.items() if frame.height)
        return f"Chain({self.name!r}: {sizes})"

    def replace(self, name: str | None = None, **frames: pl.DataFrame) -> Chain:
        """Return a copy in which the named tables are others."""
        return Chain.of(name or self.name, **{**self.tables, **frames})

    def plan_settings(self) -> PlanSettings:
        """Return the settings as typed values. Raises ChainError where one cannot be read."""
        parsed, findings = parse_settings(self.tables["settings"])
        blockers = [finding for finding in findings if finding.severity == "blocker"]
        if blockers:
            raise ChainError(blockers)
        return parsed


def _rebuild(name: str, tables: dict[str, pl.DataFrame]) -> Chain:
    return Chain(name, MappingProxyType(tables))


def completed(schemas: Mapping[str, type[dy.Schema]], frames: Mapping[str, pl.DataFrame]) -> Mapping[str, pl.DataFrame]:
    """Return every table of a declaration, empty where no frame is given. Raises KeyError for one that is not of it."""
    unknown = frames.keys() - schemas.keys()
    if unknown:
        raise KeyError(f"no such table: {', '.join(sorted(unknown))}; there are {', '.join(schemas)}")
    return MappingProxyType({table: complete(schema, frames.get(table)) for table, schema in schemas.items()})


def complete(schema: type[dy.Schema], frame: pl.DataFrame | None) -> pl.DataFrame:
    """Return a frame with every column of its table, in order, typed, blanks filled with their defaults."""
    columns = own_columns(schema)
    frame = pl.DataFrame(schema={n: c.dtype for n, c in columns.items()}) if frame is None else frame
    return frame.select(
        _filled(pl.col(name) if name in frame.columns else pl.lit(None), column.dtype, default_of(column)).alias(name)
        for name, column in columns.items()
    )


def _filled(value: pl.Expr, dtype: pl.DataType | type[pl.DataType], default: Any) -> pl.Expr:
    typed = value.cast(dtype)
    return typed if default is None else typed.fill_null(pl.lit(default).cast(dtype))

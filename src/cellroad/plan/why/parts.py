"""Where the money goes: the difference of two solutions of a model by kind and by what it is paid for.

The objective is the ledger, so that the parts add up to the change of the net present value.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cellroad.plan.ledger import GIVEN
from cellroad.plan.why.case import Case

Floats = NDArray[np.float64]
PARTS = {"kind": pl.String, "table": pl.String, "what": pl.String, "quantity": pl.Float64, "usd": pl.Float64}


def parts(case: Case, change: Floats) -> pl.DataFrame:
    """Return what a change of the columns moves: kind, table, what, quantity, usd (discounted, income positive).

        usd[kind, what] = sum over the entries of the ledger of their discounted money * change of their column

    quantity is the change of the columns that move the money, in their own units. Where the plan looks at the value of
    some partners only, what falls on others is told as one part (others), so that the sum is still what the plan sees.
    """
    ledger = case.model.ledger
    moved = (ledger.column != GIVEN) & (change[ledger.column] != 0)
    column = ledger.column[moved]
    frame = pl.DataFrame(
        {"code": ledger.kind[moved], "column": column, "quantity": change[column],
         "usd": ledger.present_usd[moved] * change[column]}
    )  # fmt: skip
    kinds = pl.DataFrame({"code": np.arange(len(ledger.kinds), dtype=np.int32), "kind": list(ledger.kinds)})
    names = case.names.with_row_index("column").cast({"column": pl.Int32})
    per_column = (
        frame.group_by("code", "column", maintain_order=True)
        .agg(pl.col("quantity").first(), pl.col("usd").sum())
        .join(kinds.cast({"kind": pl.String}), on="code", maintain_order="left")
        .join(names, on="column", maintain_order="left")
    )
    if not np.array_equal(case.model.cost, ledger.cost(case.model.cost.size)):
        seen = -float(case.model.cost @ change)
        rest = {
            "kind": "others",
            "table": "partners",
            "what": "",
            "quantity": 0.0,
            "usd": seen - float(frame["usd"].sum()),
        }
        per_column = pl.concat([per_column, pl.DataFrame([rest])], how="diagonal_relaxed")
    return (
        per_column.group_by("kind", "table", "what")
        .agg(pl.col("quantity", "usd").sum())
        .filter(pl.col("usd") != 0)
        .sort(pl.col("usd").abs(), "kind", "what", descending=[True, False, False])
        .select(pl.col(name).cast(kind) for name, kind in PARTS.items())
    )


def by_kind(frame: pl.DataFrame) -> pl.DataFrame:
    """Return parts added up by kind of money: kind, usd, the largest first."""
    summed = frame.group_by("kind").agg(pl.col("usd").sum())
    return summed.sort(pl.col("usd").abs(), "kind", descending=[True, False])

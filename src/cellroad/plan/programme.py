"""The model of a chain as other people's tools read it: linopy, MPS, and frames that say what each number stands for.

For those who want to add a rule of their own, look into the model, or hand it to another solver. The objective is
the negative net present value in USD; columns and rows keep their blocks, names and units.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import highspy
import numpy as np
import polars as pl

from cellroad.chain.atomic import replace_file
from cellroad.chain.chain import Chain
from cellroad.plan.kernel import Block, Model
from cellroad.plan.model import build
from cellroad.plan.network.network import Network, expand
from cellroad.plan.planning import allowed, read
from cellroad.plan.result import Plan
from cellroad.plan.solving.warm import Warm
from cellroad.plan.solving.watching import NoPlanError, Outcome, gap_of
from cellroad.rules.law import Law

if TYPE_CHECKING:
    import linopy

LONGEST = 255
"""Characters that readers of MPS files accept in a name."""
TOLERANCE = 1e-6
"""Part of what a row adds up by which a solution of another solver may break it."""
UNSAFE = re.compile(r"[^\w.-]")


@dataclass(frozen=True)
class Programme:
    """The model of a chain, before it is solved."""

    net: Network
    model: Model

    def columns(self, block: str) -> pl.DataFrame:
        """Return what each column of a block stands for: position in the block, then ids and period."""
        return self._told(self.model.columns[block])

    def rows(self, block: str) -> pl.DataFrame:
        """Return what each row of a block stands for: position in the block, then ids and period."""
        return self._told(self.model.rows[block])

    def to_linopy(self) -> linopy.Model:
        """Return the model in linopy: a variable and constraints for each block, over one dimension each.

        Add constraints with its expressions, and solve it with any solver that linopy knows. `columns(block)` and
        `rows(block)` tell which position stands for what. Rows that are no equations become the constraints
        `name most` and `name least`. A large model takes much less memory after `linopy.options["semantics"] = "v1"`,
        which allows linopy to keep it sparse. Needs the extra `cellroad[linopy]`; raises ImportError without it.
        """
        import linopy

        made = linopy.Model(sparse=linopy.options["semantics"] == "v1")
        _variables(made, self.model)
        _constraints(made, self.model)
        return made

    def plan_of(self, solved: linopy.Model, *, solver: str, bound_usd: float | None = None) -> Plan:
        """Return the plan that the model in linopy holds once it is solved, by whatever solver.

        solver     what solved it, as the plan tells it
        bound_usd  net present value that the solver has proven nothing to exceed; without one, that of the model
                   without whole numbers, which is looser

        Raises NoPlanError where the model is not solved, or its solution breaks a bound or a row of this programme by
        more than a millionth of its size.
        """
        model = self.model
        if solved.objective.value is None:
            raise NoPlanError("the model in linopy holds no solution: solve it first")
        values = np.concatenate([np.asarray(solved.solution[b.name]) for b in model.columns.values() if b.size])
        values = np.clip(np.where(model.whole, np.round(values), values), model.lower, model.upper)
        held, room = model.matrix @ values, TOLERANCE * (1 + abs(model.matrix) @ abs(values))
        if ((held < model.row_lower - room) | (held > model.row_upper + room)).any():
            raise NoPlanError("the solution breaks rows of this programme: was the model made from it?")
        worth = model.offset - float(model.cost @ values)
        bound = bound_usd
        if bound is None:
            relaxed = Warm(model).solve()
            bound = worth if relaxed is None else -relaxed.cost
        bound = max(bound, worth)
        found = Outcome(values, worth, bound, gap_of(bound, worth), f"found by {solver}", 0, 0, 0.0)
        plan = read(self.net, model, found)
        return replace(plan, solution=replace(plan.solution, solver=solver))

    def write_mps(self, path: Path | str) -> Path:
        """Write the model in free MPS form, whole or not at all, and return the path.

        Names tell block, ids and period, as in `ship[ocean_1,cell,14]`; a long name is cut and numbered.
        """
        target = Path(path).with_suffix(".mps")
        highs = highspy.Highs()
        highs.setOptionValue("output_flag", False)
        highs.passModel(self.to_highs())
        replace_file(target, lambda fresh: _write(highs, fresh))
        return target

    def _told(self, block: Block) -> pl.DataFrame:
        told = block.index
        if "node" in told.columns:
            node = pl.col("node")
            told = told.with_columns(site=self.net.codes.site_of(node), item=self.net.codes.item_of(node)).drop("node")
        last = [name for name in ("period",) if name in told.columns]
        return told.select(pl.exclude("period"), *last).with_row_index("position")

    def to_highs(self) -> highspy.HighsLp:
        """Return the model as HiGHS takes it, with names for columns and rows."""
        model, lp = self.model, highspy.HighsLp()
        lp.num_col_, lp.num_row_ = model.cost.size, model.row_lower.size
        lp.col_cost_, lp.col_lower_, lp.col_upper_ = model.cost, model.lower, model.upper
        lp.row_lower_, lp.row_upper_, lp.offset_ = model.row_lower, model.row_upper, -model.offset
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_, lp.a_matrix_.index_ = model.matrix.indptr, model.matrix.indices
        lp.a_matrix_.value_ = model.matrix.data
        kinds = highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger
        lp.integrality_ = [kinds[int(whole)] for whole in model.whole]
        lp.col_names_ = self._names(model.columns.values())
        lp.row_names_ = self._names(model.rows.values())
        return lp

    def _names(self, blocks: object) -> list[str]:
        names: list[str] = []
        for block in blocks:  # type: ignore[attr-defined]
            told = self._told(block).drop("position").with_columns(pl.all().cast(pl.String).fill_null("-"))
            kind = UNSAFE.sub("_", block.name)
            names += [_name(kind, parts, n) for n, parts in enumerate(told.iter_rows())]
        return names


def programme(chain: Chain, *, law: Law | None = None) -> Programme:
    """Return the model of a chain under a law, unsolved. Raises ChainError where settings cannot be read."""
    net = expand(chain, allowed(chain, law))
    return Programme(net, build(net))


def _name(kind: str, parts: tuple[str, ...], number: int) -> str:
    told = ",".join(UNSAFE.sub("_", part) for part in parts)
    name = f"{kind}[{told}]"
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 12]}#{number}"


def _write(highs: highspy.Highs, path: Path) -> None:
    if highs.writeModel(str(path)) == highspy.HighsStatus.kError:
        raise OSError(f"{path} cannot be written")


def _variables(made: linopy.Model, model: Model) -> None:
    """Add the columns block by block, so that the label of a variable is the number of its column.

    linopy knows no constant in an objective: money without a decision hangs on a variable that is one.
    """
    import pandas as pd

    costs = []
    for block in model.columns.values():
        if not block.size:
            continue
        part = slice(block.first, block.first + block.size)
        coords = [pd.RangeIndex(block.size, name=block.name)]
        whole = bool(model.whole[part].any())
        variable = made.add_variables(
            lower=model.lower[part], upper=model.upper[part], coords=coords, name=block.name, integer=whole
        )
        if model.cost[part].any():
            costs.append((variable * model.cost[part]).sum())
    given = made.add_variables(lower=1.0, upper=1.0, name="given")
    made.add_objective(sum(costs, -model.offset * given))


def _constraints(made: linopy.Model, model: Model) -> None:
    import linopy
    import pandas as pd
    import xarray as xr

    for block in model.rows.values():
        lower, upper = model.row_lower[block.ids], model.row_upper[block.ids]
        matrix = model.matrix[block.first : block.first + block.size]
        filled, same = np.diff(matrix.indptr) > 0, lower == upper
        for name, sign, side, kept in (
            (block.name, "=", upper, same),
            (f"{block.name} most", "<=", upper, ~same),
            (f"{block.name} least", ">=", lower, ~same),
        ):
            rows = np.flatnonzero(kept & filled & np.isfinite(side))
            if not rows.size:
                continue
            entries = matrix[rows].tocoo()
            terms = xr.Dataset(
                {
                    "coeffs": (("entry", "_term"), entries.data[:, None]),
                    "vars": (("entry", "_term"), entries.coords[1][:, None].astype(np.int64)),
                },
                coords={"entry": np.arange(entries.nnz)},
            )
            at = f"{block.name} row"
            row = pd.Series(rows[entries.coords[0]], index=pd.RangeIndex(entries.nnz, name="entry"), name=at)
            expression = linopy.LinearExpression(terms, made).groupby(row).sum()
            made.add_constraints(expression, sign, xr.DataArray(side[rows], coords={at: rows}, dims=[at]), name=name)

"""A mixed-integer programme as arrays, and a solver that holds one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import highspy
import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
OPTIMAL = highspy.HighsModelStatus.kOptimal
HOPELESS = (
    highspy.HighsModelStatus.kInfeasible,
    highspy.HighsModelStatus.kUnbounded,
    highspy.HighsModelStatus.kUnboundedOrInfeasible,
)


STATES = {int(state): state for state in highspy.HighsBasisStatus.__members__.values()}


class HopelessError(RuntimeError):
    """A programme has no solution, or no best one."""


@dataclass(frozen=True)
class Programme:
    """minimise cost.x + offset over row_lower <= A x <= row_upper, lower <= x <= upper, x whole where `whole`."""

    cost: Floats
    lower: Floats
    upper: Floats
    whole: NDArray[np.bool_]
    row_lower: Floats
    row_upper: Floats
    matrix: sp.csr_array
    offset: float = 0.0

    @property
    def columns(self) -> int:
        """Return the number of columns."""
        return int(self.cost.size)

    def relaxed(self) -> Programme:
        """Return the programme without whole columns."""
        return replace(self, whole=np.zeros(self.columns, dtype=bool))

    def value(self, values: Floats) -> float:
        """Return what a solution costs."""
        return float(self.cost @ values) + self.offset

    def with_rows(self, matrix: sp.csr_array, lower: Floats, upper: Floats) -> Programme:
        """Return the programme with more rows."""
        return replace(
            self,
            matrix=sp.csr_array(sp.vstack([self.matrix, matrix])),
            row_lower=np.concatenate([self.row_lower, lower]),
            row_upper=np.concatenate([self.row_upper, upper]),
        )

    def with_columns(self, cost: Floats, lower: Floats, upper: Floats) -> Programme:
        """Return the programme with more continuous columns, in no row yet."""
        empty = sp.csr_array((self.row_lower.size, cost.size))
        return replace(
            self,
            cost=np.concatenate([self.cost, cost]),
            lower=np.concatenate([self.lower, lower]),
            upper=np.concatenate([self.upper, upper]),
            whole=np.concatenate([self.whole, np.zeros(cost.size, dtype=bool)]),
            matrix=sp.csr_array(sp.hstack([self.matrix, empty])),
        )


@dataclass(frozen=True)
class Solved:
    """What a solver found: cost (infinite: none), a proven lower bound, values; of a linear one, what its rows and
    columns are worth (duals and reduced costs)."""

    cost: float
    bound: float
    values: Floats | None
    reduced: Floats | None = None
    duals: Floats | None = None


class Basis(NamedTuple):
    """The state of every column and every row at a vertex."""

    columns: NDArray[np.int8]
    rows: NDArray[np.int8]


class Solver:
    """A programme held warm: bounds and costs change, the basis stays."""

    def __init__(self, programme: Programme, *, gap: float = 1e-9, seed: int = 0, threads: int = 0) -> None:
        """Load a programme; `gap` is the relative distance to the bound at which whole columns may stop."""
        self.highs = highspy.Highs()
        self.option("output_flag", False)
        self.option("threads", threads)
        self.option("random_seed", seed)
        self.option("mip_rel_gap", gap)
        self.option("mip_abs_gap", 1e-9)
        self.whole = bool(programme.whole.any())
        self.columns, self.rows = programme.columns, int(programme.row_lower.size)
        matrix = programme.matrix
        self.highs.passModel(
            self.columns, self.rows, matrix.nnz, int(highspy.MatrixFormat.kRowwise), int(highspy.ObjSense.kMinimize),
            programme.offset, programme.cost, programme.lower, programme.upper, programme.row_lower,
            programme.row_upper, matrix.indptr.astype(np.int32), matrix.indices.astype(np.int32), matrix.data,
            programme.whole.astype(np.int32),
        )  # fmt: skip

    def option(self, name: str, value: Any) -> None:
        """Set an option of the solver."""
        self.highs.setOptionValue(name, value)

    def bounds(self, columns: Ints, lower: Floats, upper: Floats) -> None:
        """Change the bounds of columns."""
        self.highs.changeColsBounds(columns.size, columns.astype(np.int32), lower, upper)

    def fix(self, columns: Ints, values: Floats) -> None:
        """Fix columns at values."""
        self.bounds(columns, values, values)

    def cost(self, columns: Ints, cost: Floats) -> None:
        """Change the cost of columns."""
        self.highs.changeColsCost(columns.size, columns.astype(np.int32), cost)

    def offset(self, offset: float) -> None:
        """Change the constant part of the cost."""
        self.highs.changeObjectiveOffset(offset)

    def limits(self, rows: Ints, lower: Floats, upper: Floats) -> None:
        """Change the limits of rows."""
        self.highs.changeRowsBounds(rows.size, rows.astype(np.int32), lower, upper)  # type: ignore[attr-defined]

    def cutoff(self, cost: float) -> None:
        """Let a linear programme that cannot cost less than this count as one without a solution."""
        self.option("objective_bound", float(cost))

    def add_rows(self, matrix: sp.csr_array, lower: Floats, upper: Floats) -> None:
        """Add rows."""
        if lower.size:
            self.highs.addRows(
                lower.size, lower, upper, matrix.nnz, matrix.indptr[:-1].astype(np.int32),
                matrix.indices.astype(np.int32), matrix.data,
            )  # fmt: skip
            self.rows += lower.size

    def relax(self, whole: NDArray[np.bool_] | None) -> None:
        """Let every column be continuous (None), or make columns whole again."""
        kinds = np.zeros(self.columns, np.uint8) if whole is None else whole.astype(np.uint8)
        columns = np.arange(self.columns, dtype=np.int32)
        self.highs.changeColsIntegrality(self.columns, columns, kinds)
        self.whole = whole is not None and bool(whole.any())

    def start(self, values: Floats) -> None:
        """Tell a solution from which the search may begin."""
        solution = highspy.HighsSolution()
        solution.col_value = list(values)
        self.highs.setSolution(solution)

    def run(self, time_limit: float = np.inf) -> Solved:
        """Solve; raises HopelessError only for what is unbounded, and returns an infinite cost for no solution."""
        self.option("time_limit", float(time_limit) + self.highs.getRunTime() if np.isfinite(time_limit) else np.inf)
        self.highs.run()
        status = self.highs.getModelStatus()
        if status in (highspy.HighsModelStatus.kSolveError, highspy.HighsModelStatus.kUnknown):
            self.highs.clearSolver()  # a warm start can fail where a cold one does not
            self.highs.run()
            status = self.highs.getModelStatus()
        if status == highspy.HighsModelStatus.kUnboundedOrInfeasible:
            self.option("presolve", "off")
            self.highs.run()
            self.option("presolve", "choose")
            status = self.highs.getModelStatus()
        if status in (highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kObjectiveBound):
            return Solved(np.inf, np.inf, None)
        if status in HOPELESS:
            raise HopelessError(f"the programme is {self.highs.modelStatusToString(status).lower()}")
        info = self.highs.getInfo()
        found = status in (OPTIMAL, highspy.HighsModelStatus.kModelEmpty)
        feasible = found or info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
        cost = float(info.objective_function_value) if feasible else np.inf
        solution = self.highs.getSolution()
        values = np.array(solution.col_value) if feasible else None
        if self.whole:
            return Solved(cost, min(float(info.mip_dual_bound), cost), values)
        if not found:
            return Solved(cost, -np.inf, values)
        return Solved(cost, cost, values, np.array(solution.col_dual), np.array(solution.row_dual))

    def basis(self) -> Basis:
        """Return where the last solve ended: the state of every column and every row."""
        basis = self.highs.getBasis()
        return Basis(
            *(np.array([int(s) for s in part], dtype=np.int8) for part in (basis.col_status, basis.row_status))
        )

    def begin(self, basis: Basis) -> None:
        """Begin the next solve where another programme of the same shape ended."""
        told = highspy.HighsBasis()
        told.col_status = [STATES[s] for s in basis.columns]
        told.row_status = [STATES[s] for s in basis.rows]
        told.valid = True
        self.highs.setBasis(told)

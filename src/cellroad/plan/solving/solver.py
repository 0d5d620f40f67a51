"""The solver at hand, HiGHS: made with its limits, given rows and bounds, run beside this thread and watched."""

from __future__ import annotations

import threading
from typing import Any

import highspy
import numpy as np
from numpy.typing import NDArray

from cellroad.plan.solving.scaled import Scaled
from cellroad.plan.solving.strong import Rows
from cellroad.plan.solving.watching import Clock, Limits, NoPlanError, Progress, Watch

Floats = NDArray[np.float64]
ALONE = threading.Lock()
"""The solver's Python layer runs one watched solve at a time in a process."""


def new_solver(limits: Limits) -> highspy.Highs:
    """Return a silent solver with the limits that it keeps by itself."""
    highs = highspy.Highs()
    for option, value in (
        ("output_flag", False),
        ("threads", limits.threads),
        ("random_seed", limits.seed),
        ("mip_rel_gap", limits.gap),
        ("primal_feasibility_tolerance", 1e-8),
    ):
        highs.setOptionValue(option, value)
    highs.HandleUserInterrupt = True
    return highs


def copied(relaxed: highspy.Highs, limits: Limits) -> highspy.Highs:
    """Return another solver that holds the model of this one."""
    highs = new_solver(limits)
    highs.passModel(relaxed.getLp())
    return highs


def start_from(highs: highspy.Highs, values: Floats) -> None:
    """Let the general solver begin with a plan."""
    solution = highspy.HighsSolution()
    solution.col_value = values
    highs.setSolution(solution)


def set_bounds(highs: highspy.Highs, columns: NDArray[Any], lower: Floats, upper: Floats) -> None:
    """Set the bounds of columns."""
    if columns.size:
        highs.changeColsBounds(columns.size, columns.astype(np.int32), lower, upper)


def add_rows(highs: highspy.Highs, rows: Rows) -> None:
    """Add rows, scaled as the model in the solver is."""
    count, matrix = rows.upper.size, rows.matrix
    highs.addRows(
        count, np.full(count, -highspy.kHighsInf), rows.upper, matrix.nnz,
        matrix.indptr[:-1].astype(np.int32), matrix.indices.astype(np.int32), matrix.data,
    )  # fmt: skip


def watched(highs: highspy.Highs, phase: str, clock: Clock, scaled: Scaled, watch: Watch) -> bool:
    """Run the solver beside this thread and watch it; return False where the watcher stopped it."""
    latest: dict[str, float | None] = {"incumbent": None, "bound": None, "gap": None}
    lock = threading.Lock()

    def remember(event: highspy.HighsCallbackEvent) -> None:
        data = event.data_out
        with lock:
            found = abs(data.mip_primal_bound) < 1e29
            latest["incumbent"] = -data.mip_primal_bound * scaled.money if found else None
            latest["bound"] = -data.mip_dual_bound * scaled.money if abs(data.mip_dual_bound) < 1e29 else None
            latest["gap"] = data.mip_gap if found else None

    highs.cbMipInterrupt += remember
    goes_on = True
    with ALONE:
        thread = highs.startSolve()
        try:
            while thread.is_alive():
                thread.join(0.1)
                with lock:
                    state = Progress(phase, clock.seconds, latest["incumbent"], latest["bound"], latest["gap"])
                if goes_on and not watch(state):
                    goes_on = False
                    highs.cancelSolve()
        except BaseException:
            highs.cancelSolve()
            thread.join()
            raise
        finally:
            highs.cbMipInterrupt -= remember
    return goes_on


def refuse_if_hopeless(highs: highspy.Highs) -> None:
    """Raise NoPlanError where the solver has shown that there is no solution."""
    status = highs.getModelStatus()
    if status in (
        highspy.HighsModelStatus.kInfeasible,
        highspy.HighsModelStatus.kUnbounded,
        highspy.HighsModelStatus.kUnboundedOrInfeasible,
    ):
        none = NoPlanError(f"the model is {highs.modelStatusToString(status).lower()}")
        none.infeasible = status != highspy.HighsModelStatus.kUnbounded
        raise none

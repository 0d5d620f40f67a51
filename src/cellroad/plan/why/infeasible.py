"""`why_infeasible`: why is there no plan at all, and what is the least that must give way?

Two answers. A smallest set of rules that cannot be kept together: found from Farkas' certificate, then each member left
out in turn and kept out if the rest still clash (deletion filter, Chinneck and Dravnieks 1991); leave out any one of
what remains and the rest can be kept. And the cheapest way out: every limit may give way at a price,

    min  sum over rows of price[r] * (over[r] + under[r])   with   lower - under <= A x <= upper + over

Balances and definitions never give way: goods do not come from nowhere.
"""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass

import highspy
import numpy as np
import polars as pl
import scipy.sparse as sp
from numpy.typing import NDArray

from cellroad.chain.chain import Chain
from cellroad.plan.kernel import Model
from cellroad.plan.network.network import Network
from cellroad.plan.solving.scaled import Scaled
from cellroad.plan.solving.solver import new_solver
from cellroad.plan.solving.watching import Limits
from cellroad.plan.why.words import column_names, column_says, row_names, row_says
from cellroad.rules.eligibility import Eligibility
from cellroad.rules.law import Law

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
DEFINED = frozenset(
    ("balance", "open", "demand", "moq most", "line first", "line last", "ended most", "ended once", "ended both",
     "something to close", "credited", "credit claimed", "claimed", "made", "unclaimed", "sold", "shipment most",
     "containers by_mass", "containers by_volume", "owned", "owned balance", "owned stock",
     "under contract", "paid if signed", "made up", "credit", "prepaid", "tiered", "tier least", "tier most",
     "one tier", "covered", "runs", "runs enough", "profit", "least taxed", "tax case",
     "one tax case", "sourced", "counts")
)  # fmt: skip
"""Blocks of rows that say what is meant, not what is asked: they never give way."""
CLASH = {"side": pl.String, "rule": pl.String, "table": pl.String, "what": pl.String, "says": pl.String}
RELAXED = {
    "rule": pl.String, "table": pl.String, "what": pl.String, "says": pl.String, "side": pl.String,
    "limit": pl.Float64, "by": pl.Float64, "cost": pl.Float64,
}  # fmt: skip
SECONDS = 30.0


@dataclass(frozen=True, slots=True, eq=False)
class Infeasible:
    """Why there is no plan.

    clash    side (at least, at most), rule (block of the model), table, what, says: a smallest set of rules that
             cannot be kept together; empty where whole numbers alone are the reason, or where there is a plan
    relaxed  rule, table, what, says, side, limit, by (how much it must give way), cost (at the prices asked for): the
             cheapest way out; empty where there is a plan
    """

    clash: pl.DataFrame
    relaxed: pl.DataFrame
    feasible: bool

    def text(self) -> str:
        """Return the answer in plain words."""
        if self.feasible:
            return "There is a plan: nothing has to give way."
        lines = ["These cannot all be kept; without any one of them the others can:"] if self.clash.height else []
        lines += [f"  {row['says']} ({row['side']})" for row in self.clash.iter_rows(named=True)]
        if not self.clash.height:
            lines.append("Every rule could be kept if decisions could be taken in part; whole ones clash.")
        if self.relaxed.height:
            lines.append("The least that must give way:")
        for row in self.relaxed.iter_rows(named=True):
            lines.append(f"  {row['says']}: {row['side']} {row['limit']:,.6g}, by {row['by']:,.6g}")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        """Return the answer as a notebook shows it."""
        return f"<p>{'<br>'.join(html.escape(line) for line in self.text().splitlines())}</p>"


def why_infeasible(
    chain: Chain,
    *,
    law: Law | None = None,
    rules: Eligibility | None = None,
    prices: Mapping[str, float] | None = None,
) -> Infeasible:
    """Return why a chain has no plan, and what must give way at least.

    law, rules  what binds it, as for `plan`
    prices      what a unit costs by which a rule gives way, by the name of its block ("capacity": USD per hour …);
                without one, giving way by the whole limit costs 1
    """
    from cellroad.plan.model import build
    from cellroad.plan.network.network import expand
    from cellroad.plan.planning import allowed

    net = expand(chain, allowed(chain, law) if rules is None else rules)
    return clash_of(net, build(net), prices)


def clash_of(net: Network, model: Model, prices: Mapping[str, float] | None = None) -> Infeasible:
    """Return why a model has no plan, and what must give way at least."""
    members = _candidates(model)
    smallest = _filtered(model, *members) if members else None
    clash = _clash(net, model, *smallest) if smallest else pl.DataFrame(schema=CLASH)
    relaxed = _relaxed(net, model, prices or {})
    return Infeasible(clash, relaxed, not members and relaxed.is_empty())


def _candidates(model: Model) -> tuple[Ints, Ints] | None:
    """Return rows and columns (by their bounds) that prove that the relaxation has no solution; None: it has one."""
    scaled = Scaled.of(model)
    highs = new_solver(Limits(threads=0))
    scaled.hand_to(highs)
    highs.setOptionValue("presolve", "off")
    highs.setOptionValue("simplex_strategy", 1)  # dual simplex: it is the one that gives the certificate
    highs.changeColsCost(model.cost.size, np.arange(model.cost.size, dtype=np.int32), np.zeros(model.cost.size))
    highs.run()
    if highs.getModelStatus() == highspy.HighsModelStatus.kOptimal:
        return None
    _, there, weights = highs.getDualRay()  # type: ignore[attr-defined]
    if not there:
        return np.arange(model.row_lower.size), np.arange(model.cost.size)
    weight = np.array(weights) * scaled.row
    by_column = np.abs((weight @ model.matrix) * scaled.unit)
    largest = max(float(np.abs(weights).max(initial=0.0)), 1e-12)
    return (
        np.flatnonzero(np.abs(weights) > 1e-9 * largest),
        np.flatnonzero(by_column > 1e-9 * float(by_column.max(initial=0.0) or 1.0)),
    )


def _filtered(model: Model, rows: Ints, columns: Ints) -> tuple[list[tuple[int, str]], list[tuple[int, str]]]:
    """Return the sides of rows and the bounds of columns that clash, none of which can be left out."""
    sides = [
        *((int(r), "at least") for r in rows if np.isfinite(model.row_lower[r])),
        *((int(r), "at most") for r in rows if np.isfinite(model.row_upper[r])),
    ]
    bounds = [
        *((int(c), "at least") for c in columns if np.isfinite(model.lower[c]) and model.lower[c] > 0),
        *((int(c), "at most") for c in columns if np.isfinite(model.upper[c])),
    ]
    small = Small(model, rows)
    members = [("row", *side) for side in sides] + [("column", *bound) for bound in bounds]
    if small.solvable(members):  # the certificate was cut too short: take everything that it can be about
        return _filtered(model, np.arange(model.row_lower.size), np.arange(model.cost.size))
    kept = list(members)
    for member in sorted(members, key=lambda m: m[0] == "row" and m[2] == "at least"):
        rest = [m for m in kept if m != member]
        if not small.solvable(rest):
            kept = rest
    return (
        [(place, side) for kind, place, side in kept if kind == "row"],
        [(place, side) for kind, place, side in kept if kind == "column"],
    )


class Small:
    """Some rows of a model in a solver: can some of their sides and some bounds of columns be kept together?"""

    def __init__(self, model: Model, rows: Ints) -> None:
        """Hand the rows to a solver, without any side and with no bound but that nothing is negative."""
        self.model, self.rows = model, rows
        scaled = Scaled.of(model)
        matrix = sp.csr_array(model.matrix[rows] @ sp.diags_array(scaled.unit))
        self.unit, self.row = scaled.unit, scaled.row[rows]
        self.place = {int(row): n for n, row in enumerate(rows)}
        self.highs = new_solver(Limits(threads=0))
        free = np.full(rows.size, np.inf)
        zero = np.zeros(model.cost.size)
        self.low = np.where(model.lower < 0, model.lower / self.unit, 0.0)
        data = matrix.data * np.repeat(self.row, np.diff(matrix.indptr))
        self.highs.passModel(
            model.cost.size, rows.size, matrix.nnz, int(highspy.MatrixFormat.kRowwise),
            int(highspy.ObjSense.kMinimize), 0.0, zero, self.low, np.full(zero.size, np.inf), -free, free,
            matrix.indptr.astype(np.int32), matrix.indices.astype(np.int32), data,
            np.zeros(model.cost.size, dtype=np.int32),
        )  # fmt: skip

    def solvable(self, members: list[tuple[str, int, str]]) -> bool:
        """Say whether these sides and bounds can be kept together."""
        model = self.model
        low, high = np.full(self.rows.size, -np.inf), np.full(self.rows.size, np.inf)
        lower, upper = self.low.copy(), np.full(model.cost.size, np.inf)
        for kind, place, side in members:
            if kind == "row":
                n = self.place[place]
                if side == "at least":
                    low[n] = model.row_lower[place] * self.row[n]
                else:
                    high[n] = model.row_upper[place] * self.row[n]
            elif side == "at least":
                lower[place] = model.lower[place] / self.unit[place]
            else:
                upper[place] = model.upper[place] / self.unit[place]
        rows, columns = np.arange(low.size, dtype=np.int32), np.arange(lower.size, dtype=np.int32)
        self.highs.changeRowsBounds(rows.size, rows, low, high)  # type: ignore[attr-defined]
        self.highs.changeColsBounds(columns.size, columns, lower, upper)
        self.highs.run()
        return bool(self.highs.getModelStatus() == highspy.HighsModelStatus.kOptimal)


def _clash(net: Network, model: Model, rows: list[tuple[int, str]], columns: list[tuple[int, str]]) -> pl.DataFrame:
    by_row, by_column = row_names(net, model), column_names(net, model)
    found = [(side, _block(model.rows, r), *by_row.row(r), row_says(net, model, r)) for r, side in rows]
    for c, side in columns:
        limit = model.lower[c] if side == "at least" else model.upper[c]
        says = f"{column_says(net, model, c)}: {side} {limit:,.6g}"
        found.append((side, _block(model.columns, c), *by_column.row(c), says))
    return pl.DataFrame(found, schema=CLASH, orient="row")


def _block(blocks: Mapping[str, object], place: int) -> str:
    return next(n for n, b in blocks.items() if b.first <= place < b.first + b.size)  # type: ignore[attr-defined]


def _relaxed(net: Network, model: Model, prices: Mapping[str, float]) -> pl.DataFrame:
    """Return the cheapest rows that give way, and by how much; nothing where there is a plan as it is."""
    own = [(row, side, limit) for name, block in model.rows.items() if name not in DEFINED for row in block.ids
           for side, limit in (("at least", model.row_lower[row]), ("at most", model.row_upper[row]))
           if np.isfinite(limit)]  # fmt: skip
    forced = [(int(c), "at least", float(model.lower[c])) for c in np.flatnonzero(model.lower > 0)]
    scaled = Scaled.of(model)
    lower = model.lower.copy()
    lower[[c for c, _, _ in forced]] = 0.0
    # a column that must be so large is told as a row, so that it can give way like one
    rows = np.array([r for r, _, _ in own], dtype=np.int64)
    extra = sp.coo_array(
        (np.ones(len(forced)), (np.arange(len(forced)), [c for c, _, _ in forced])),
        shape=(len(forced), model.cost.size),
    )
    matrix = sp.vstack([model.matrix, extra], format="csr")
    low = np.concatenate([model.row_lower, [limit for _, _, limit in forced]])
    high = np.concatenate([model.row_upper, np.full(len(forced), np.inf)])
    at = np.concatenate([rows, model.row_lower.size + np.arange(len(forced))]).astype(np.int64)
    entries = [*own, *forced]
    sign = np.array([1.0 if side == "at least" else -1.0 for _, side, _ in entries])
    largest = np.asarray(abs(sp.csr_array(matrix @ sp.diags_array(scaled.unit))).max(axis=1).toarray()).ravel()
    size = np.maximum(np.abs([limit for _, _, limit in entries]), 0.0)
    unit = np.where(size > 0, size, np.maximum(largest[at], 1e-9))
    names = [_block(model.rows, r) for r, _, _ in own] + [_block(model.columns, c) for c, _, _ in forced]
    price = np.array([prices[name] * u if name in prices else 1.0 for name, u in zip(names, unit, strict=True)])
    slack = sp.coo_array((sign * unit, (at, np.arange(at.size))), shape=(matrix.shape[0], at.size))
    found = _least(scaled, sp.hstack([matrix, slack], format="csr"), low, high, lower, price)
    if found is None:
        return pl.DataFrame(schema=RELAXED)
    given = found * unit
    by_row, by_column = row_names(net, model), column_names(net, model)
    told = []
    for n in np.flatnonzero(found > 1e-7):
        place, side, limit = entries[n]
        row = n < len(own)
        table, what = (by_row if row else by_column).row(int(place))
        says = row_says(net, model, int(place)) if row else column_says(net, model, int(place))
        told.append((names[n], table, what, says, side, float(limit), float(given[n]), float(found[n] * price[n])))
    return pl.DataFrame(told, schema=RELAXED, orient="row").sort("cost", descending=True)


def _least(
    scaled: Scaled, matrix: sp.csr_array, low: Floats, high: Floats, lower: Floats, price: Floats
) -> Floats | None:
    """Return by how many units each slack gives way at the least cost; None where time ran out before."""
    model = scaled.model
    unit = np.concatenate([scaled.unit, np.ones(price.size)])
    inner = sp.csr_array(matrix @ sp.diags_array(unit))
    row = 1 / np.maximum(np.asarray(abs(inner).max(axis=1).toarray()).ravel(), 1e-12)
    cost = np.concatenate([np.zeros(model.cost.size), price])
    lowest = np.concatenate([lower / scaled.unit, np.zeros(price.size)])
    most = np.concatenate([model.upper / scaled.unit, np.full(price.size, np.inf)])
    highs = new_solver(Limits(gap=1e-6, threads=0))
    whole = np.concatenate([model.whole, np.zeros(price.size, dtype=bool)]).astype(np.int32)
    highs.passModel(
        cost.size, row.size, inner.nnz, int(highspy.MatrixFormat.kRowwise), int(highspy.ObjSense.kMinimize), 0.0,
        cost, lowest, most, low * row, high * row, inner.indptr.astype(np.int32), inner.indices.astype(np.int32),
        inner.data * np.repeat(row, np.diff(inner.indptr)), whole,
    )  # fmt: skip
    highs.setOptionValue("time_limit", SECONDS)
    highs.run()
    if highs.getInfo().primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
        return None
    return np.array(highs.getSolution().col_value)[model.cost.size :]

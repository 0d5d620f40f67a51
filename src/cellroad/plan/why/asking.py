"""`plan.why(...)`: what would one unit more cost, or one unit less, against what it replaces, and what would turn it?

One more row of the model asks for the unit; the plan that keeps it is compared with the plan, part by part. Where the
decisions that were taken leave no room for it, it says on which it hangs.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cellroad.plan.ledger import GIVEN
from cellroad.plan.why.case import Answer, Case, Condition
from cellroad.plan.why.parts import parts
from cellroad.plan.why.reasons import reasons
from cellroad.plan.why.reply import BREAKS, DECIDED, Change, Why
from cellroad.plan.why.target import Name, Target, find, singular
from cellroad.plan.why.turning import Ask, Lever, turning
from cellroad.plan.why.words import row_names

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
FINE = 1e-3
"""Part of the usual flow that is asked for where no quantity is given: a unit of it is what one more costs."""


def why(
    case: Case,
    name: Name,
    table: str | None = None,
    quantity: float | None = None,
    anew: bool = False,
    seconds: float = 60.0,
) -> Why:
    """Return why something is used as it is.

    name      an id of offers, lanes, sites, options, processes or contracts, or a sale as (market, want, item)
    table     which table is meant, where more than one knows the id
    quantity  how much more or less is asked for, in all over the horizon; without one about a thousandth of what flows
              in a period, told per unit
    anew      take the whole decisions anew, too
    seconds   how long plans may be made anew

    Break-evens take the standard cost of goods, on which duty and holding are paid, and taxes as they are now.
    Raises ChainError where nothing is called so.
    """
    target = find(case.net, case.model, name, table)
    if not target.columns.size:
        return Why(target, 0.0, None, None, pl.DataFrame(schema=BREAKS), pl.DataFrame(schema=RULES),
                   reasons(case, target))  # fmt: skip
    if target.table in DECIDED:
        from cellroad.plan.why.option import why_option

        return why_option(case, target, seconds)
    used = _clean(case, target)
    asked = quantity or FINE * float(np.median(case.model.size[target.columns]))
    ask = _hurried(case.plan_anew, seconds) if anew else case.ask
    more, less = (_changed(case, target, used, change, ask, anew) for change in (asked, -min(asked, used)))
    breaks = _breaks(case, target, used, asked, ask, less if used > 0 else more)
    told = () if more or used > 0 else _hanging(case, target, asked)
    return Why(target, used, more, less, breaks, rules(case, target), told)


def _hurried(ask: Ask, seconds: float) -> Ask:
    """Return a way of asking that gives up once so many seconds have passed."""
    until = time.perf_counter() + seconds

    def hurried(condition: Condition | None, cost: Floats | None) -> Answer | None:
        return None if time.perf_counter() > until else ask(condition, cost)

    return hurried


def _hanging(case: Case, target: Target, asked: float) -> tuple[str, ...]:
    """Return on which decisions it hangs that nothing of a target can be used."""
    columns = case.hangs_on(held(target, asked))
    names = case.names[columns].unique(maintain_order=True)
    told = tuple(
        f"of {name.removeprefix('one of ')} another is taken" if name.startswith("one of ")
        else f"the {singular(table)} {name} is decided otherwise"
        for table, name in names.iter_rows()
    )  # fmt: skip
    return told or ("what the plan has decided leaves no room for it",)


def _clean(case: Case, target: Target) -> float:
    values = case.values[target.columns]
    return float(values[values > 1e-9 * np.maximum(case.model.size[target.columns], 1e-12)].sum())


def held(target: Target, lower: float = -np.inf, upper: float = np.inf) -> Condition:
    """Return the condition that between lower and upper of a target is used, in all."""
    return Condition(target.columns, np.ones(target.columns.size), lower, upper)


def _changed(case: Case, target: Target, used: float, change: float, ask: Ask, anew: bool) -> Change | None:
    """Return what a change of the use brings, None where there is no room for it or nothing to change."""
    if not change:
        return None
    after = ask(held(target, used + change) if change > 0 else held(target, upper=used + change), None)
    before = case.taken if anew else ask(held(target, used, used), None) or ask(None, None)
    return compared(case, target, before, after, change, anew) if before and after else None


def compared(case: Case, target: Target, before: Answer, after: Answer, change: float, anew: bool) -> Change:
    """Return the change from one answer to another, and when it uses more or less of the target."""
    moved = after.values - before.values
    own = np.abs(moved[target.columns])
    period = None
    if own.any() and target.table != "contracts":
        period = int(_periods(case, target)[int(np.argmax(own))])
    frame = parts(case, moved)
    return Change(
        quantity=abs(float(moved[target.columns].sum())) if anew else abs(change),
        npv_usd=float(frame["usd"].sum()),
        within_usd=(before.cost - before.bound) + (after.cost - after.bound) if anew else 0.0,
        parts=frame,
        label=None if period is None else str(case.net.periods.frame["label"][period]),
        anew=anew,
    )


def _periods(case: Case, target: Target) -> Ints:
    """Return the period of each column of a target."""
    found = np.zeros(target.columns.size, dtype=np.int64)
    for block in case.model.columns.values():
        inside = (target.columns >= block.first) & (target.columns < block.first + block.size)
        if inside.any() and "period" in block.index.columns:
            found[inside] = block.index["period"].to_numpy()[target.columns[inside] - block.first]
    return found


# What would have to change -------------------------------------------------------------------------------------------

LEVERS = {
    "offers": ("purchase", "freight", "duty"),
    "lanes": ("freight", "duty"),
    "processes": ("make", "credit"),
    "sites": ("purchase", "make", "freight", "duty"),
    "sales": ("revenue",),
}
"""Kinds of money that are tried for a break-even, by table."""


def _breaks(case: Case, target: Target, used: float, asked: float, ask: Ask, change: Change | None) -> pl.DataFrame:
    """Return at which price, freight, duty … the answer turns: kind, now_usd, share, at_usd."""
    rows: list[tuple[Any, ...]] = []
    if change is None:
        return pl.DataFrame(rows, schema=BREAKS, orient="row")
    step = min(asked, used) if used > 0 else asked
    comes = not used
    stays = held(target, upper=used) if comes else held(target, used)
    turns = held(target, used + step) if comes else held(target, upper=used - step)
    for kind in LEVERS[target.table]:
        columns = _bearing(case, target, kind)
        saved, nominal = money_of(case, kind, columns)
        if not saved.any():
            continue
        income = float(nominal.sum()) > 0
        # what goes away for a share of one: costs fall and revenue rises where the use is to come in
        saved = np.abs(saved)
        lever = Lever(case.model.cost, saved)
        share = turning(ask, lever, stays, turns, 1.0 if comes and not income else 1e4 if comes else -1e4)
        now = float(np.abs(nominal[nominal != 0]).mean())
        sign = 1.0 if income else -1.0
        at = None if share is None else now * (1 + sign * share)
        rows.append((kind, now, None if share is None else sign * share, at))
    return pl.DataFrame(rows, schema=BREAKS, orient="row")


def money_of(case: Case, kind: str, columns: Ints) -> tuple[Floats, Floats]:
    """Return what a kind of money is on a unit of columns: discounted over all columns, nominal by its entries."""
    ledger = case.model.ledger
    if kind not in ledger.kinds:
        return np.zeros(case.model.cost.size), np.zeros(0)
    asked = np.zeros(case.model.cost.size + 1, dtype=bool)
    asked[columns] = True
    mine = (ledger.kind == ledger.kinds.index(kind)) & (ledger.column != GIVEN)
    mine &= asked[ledger.column]
    column = ledger.column[mine]
    discounted = np.bincount(column, ledger.present_usd[mine], case.model.cost.size)
    nominal = np.bincount(np.unique(column, return_inverse=True)[1], ledger.usd[mine])
    return discounted.astype(np.float64), nominal.astype(np.float64)


def _bearing(case: Case, target: Target, kind: str) -> Ints:
    """Return the columns that bear a kind of money for a target: its own, and the ways on from an offer's place."""
    if kind not in ("freight", "duty") or target.table == "lanes":
        if kind == "credit":
            credit = case.model.columns["credit"]
            run = case.net.credits.runs.select("run", "make")
            made = credit.index.join(run, on="run", how="left", maintain_order="left")["make"].to_numpy()
            return np.asarray(credit.ids[np.isin(case.model.columns["make"].first + made, target.columns)])
        return target.columns
    nodes = _nodes(case, target)
    ships = case.net.ships
    for _ in range(case.net.codes.sites.height):
        onward = ships.filter(pl.col("node_from").is_in(nodes))["node_to"].unique().to_list()
        if set(onward) <= set(nodes):
            break
        nodes = sorted({*nodes, *onward})
    chosen = ships.select(pl.col("node_from").is_in(nodes).arg_true()).to_series().to_numpy()
    return np.asarray(case.model.columns["ship"].first + chosen)


def _nodes(case: Case, target: Target) -> list[int]:
    nodes: set[int] = set()
    for name in ("buy", "make"):
        block = case.model.columns[name]
        inside = (target.columns >= block.first) & (target.columns < block.first + block.size)
        nodes |= set(block.index["node"].to_numpy()[target.columns[inside] - block.first].tolist())
    return sorted(nodes)


# What a unit meets on its way -----------------------------------------------------------------------------------------

RULES = {"what": pl.String, "rule": pl.String, "usd": pl.Float64}


def rules(case: Case, target: Target) -> pl.DataFrame:
    """Return what one unit pays at the margin, in shadow prices: what, rule, usd; the sum is its reduced cost.

        reduced cost[j] = own money[j] - sum over rows of dual[row] * factor[row, j]

    of the column j that is nearest to use: what it pays itself, what its inputs and hours are worth, what its output
    is worth (negative where it brings money). Discounted, per unit.
    """
    solved = case.warm.solve()
    if solved is None:
        return pl.DataFrame(schema=RULES)
    column = int(target.columns[np.argmin(np.where(np.isfinite(solved.reduced[target.columns]),
                                                   solved.reduced[target.columns], np.inf))])  # fmt: skip
    ledger = case.model.ledger
    mine = ledger.column == column
    rows = [
        ("own", ledger.kinds[kind], -float(usd))
        for kind, usd in zip(ledger.kind[mine], ledger.present_usd[mine], strict=True)
    ]
    by_column = case.model.matrix[:, [column]].tocoo()
    names = row_names(case.net, case.model)
    for row, factor in zip(by_column.coords[0], by_column.data, strict=True):
        usd = -float(solved.duals[row] * factor)
        if usd:
            block = next(b for b in case.model.rows.values() if b.first <= row < b.first + b.size)
            rows.append((str(names["what"][int(row)]), block.name, usd))
    frame = pl.DataFrame(rows, schema=RULES, orient="row")
    return frame.group_by("what", "rule", maintain_order=True).agg(pl.col("usd").sum())

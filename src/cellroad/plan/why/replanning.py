"""`replan`: plan again in the midst of a plan, from what is really on hand, without turning everything over.

What lies before today has happened as planned and stays; so does what is decided in the months that are frozen. What
is on hand and under way today may be told where it is not what the plan thought (`today`). Every later departure from
the former plan costs:

    value   - price * worth[h] * |x[h] - former[h]| * discount[t]          for what is bought, made and shipped
            - opening_price * cost[s] * |start[s] - former[s]| * discount[t]  for what is opened

worth is the standard cost of what moves. At a price of nothing it is the plan that would be made from scratch, at an
infinite one nothing changes. The charge steers the plan and is no money: value and cash are told without it.
"""

from __future__ import annotations

import datetime as dt
import html
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
import scipy.sparse as sp
from numpy.typing import NDArray

from cellroad.chain.chain import Chain
from cellroad.chain.day import Day, as_day
from cellroad.chain.finding import ChainError, Finding
from cellroad.chain.tell import listed
from cellroad.plan.kernel import Block, Model
from cellroad.plan.network.network import Network
from cellroad.plan.network.worth import finite
from cellroad.plan.planning import read
from cellroad.plan.result import Plan
from cellroad.plan.solving.watching import Limits, NoPlanError
from cellroad.plan.why.case import Case, Condition, searched, with_rows
from cellroad.plan.why.comparing import Comparison, compare
from cellroad.plan.why.moved import carried, modelled
from cellroad.plan.why.target import singular
from cellroad.plan.why.tell import dollars, quantity
from cellroad.plan.why.today import settled, without, written_off
from cellroad.plan.why.words import column_names

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
MOVED = ("buy", "make", "ship")
"""Blocks of flows whose change costs."""
FOLLOWS = frozenset((
    "hold", "short", "credit", "claim", "claimed", "open", "owned", "owned stock", "ended", "aged use", "aged ship",
    "aged hold", "aged scrap",
))  # fmt: skip
"""Blocks that follow from the flows and openings: they are not kept for themselves."""
FALLS = ("make", "ship")
FROZEN = 10.0
"""USD charged per USD of goods that is frozen and yet not made or shipped, for want of what was planned to be there."""
SETTLES = frozenset(("sell", "scrap"))
"""Blocks that are kept in the past alone: what is frozen is what people decide, what is sold is what there is."""
FLOWS = ("offers", "processes", "lanes")
SHOWN = 12
CHANGES = {
    "table": pl.String, "what": pl.String, "period": pl.Int64, "label": pl.String, "former": pl.Float64,
    "now": pl.Float64,
}  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Replan:
    """A plan made again.

    plan      the new plan, over the whole horizon: what has happened, what is frozen, what is planned anew
    changes   table, what, period, label, former, now: what is bought, made, shipped or opened otherwise from today on
    charge_usd  what the changes were charged, discounted: it steers the plan and is no money of it
    compared  the new plan beside the former one
    remarks   what could not be taken over
    """

    plan: Plan
    changes: pl.DataFrame
    charge_usd: float
    compared: Comparison
    remarks: tuple[str, ...]

    def text(self) -> str:
        """Return what changes in plain words: what is opened otherwise first, then what changes soonest."""
        count = self.changes.height
        worth = f"the plan is worth {dollars(self.plan.solution.objective_usd)} ({_signed(self.compared.usd)})."
        if not count:
            return "\n".join([f"0 decisions from today on change; {worth}", *self.remarks])
        kinds = self.changes.group_by("table", maintain_order=True).len().sort("len", descending=True)
        told = listed([f"{number} of {table}" for table, number in kinds.iter_rows()])
        opened = self.changes.filter(~pl.col("table").is_in(FLOWS))
        first = pl.concat([opened, self.changes.filter(pl.col("table").is_in(FLOWS))]).head(SHOWN)
        lines = [f"{count} decisions from today on change ({told}); {worth}"]
        lines += [
            f"  {row['label']}: {singular(row['table'])} {row['what']} "
            f"{quantity(row['former'], '')} → {quantity(row['now'], '')}"
            for row in first.iter_rows(named=True)
        ]
        lines += [f"  … and {count - first.height:,} more"] if count > first.height else []
        return "\n".join([*lines, *self.remarks])

    def _repr_html_(self) -> str:
        """Return what changes as a notebook shows it."""
        return f"<p>{'<br>'.join(html.escape(line) for line in self.text().splitlines())}</p>"


def replan(
    plan: Plan,
    today: Day,
    *,
    chain: Chain | None = None,
    on_hand: pl.DataFrame | None = None,
    pipeline: pl.DataFrame | None = None,
    frozen_months: int = 0,
    change_price: float = 0.0,
    opening_price: float | None = None,
    gap: float = 1e-3,
    time_limit: float = 60.0,
) -> Replan:
    """Return a plan made again from a day within the horizon of a former one.

    today          periods that began before it stay as they were planned
    chain          the chain as it is known now (prices, demand, lanes …) over the same periods; without, the plan's
    on_hand        site, item, quantity (age_months): stock as counted today, where it is not what was planned
    pipeline       what is under way today, as rows of that table: for the items and sites that it names it holds
                   instead of what the plan has sent there and of what its chain lets arrive; a row with a quantity of
                   nothing says that nothing is. What the plan has paid on the way stays paid; `due_usd` comes on top
    frozen_months  for so long from today on the former plan stays, too, but for what cannot be made or shipped because
                   goods are missing
    change_price   USD charged per USD of goods (at standard cost) that is bought, made or shipped otherwise
    opening_price  USD charged per USD of an investment or campaign that is started otherwise; without, change_price

    What is missing today is told among what is scrapped, as missing; what there is more of, among the arrivals. Raises
    ChainError where today, its stock or the chain do not fit the plan, NoPlanError where what is kept leaves no plan.
    """
    case = plan.case
    chain = chain or plan.chain
    first, free = _when(plan, as_day(today), frozen_months)
    net, model = modelled(case, chain)
    if not net.periods.frame.equals(case.net.periods.frame):
        raise ChainError([Finding(
            "blocker", "settings", None, "start", "other periods than those of the plan", "the same start and length",
            "Leave the horizon of the chain as it is; the past stays in the plan.",
        )])  # fmt: skip
    former = carried(case, model, list(model.columns))
    known, lost = settled(case, net, model, former, first, on_hand, pipeline)
    if not known.pipeline.equals(chain.pipeline):
        net, model = modelled(case, known)
        former = carried(case, model, list(model.columns))
    model = without(net, model, lost)
    opening = change_price if opening_price is None else opening_price
    steering = Steering(first, free, change_price, opening, not lost.is_empty())
    steered, charged = _charged(net, _kept(model, former, steering), former, steering)
    try:
        found = searched(net, steered, Limits(gap=gap, time_limit=time_limit), strengthen=lost.is_empty())
    except NoPlanError as none:
        if not none.infeasible:
            raise
        raise NoPlanError(
            "no plan that keeps what has happened and what is frozen with what is there today; freeze fewer months, or "
            "tell of the stock and the goods under way that were left out"
        ) from none
    values = found.values[: model.cost.size]
    objective = -(float(model.cost @ values) - model.offset)
    outcome = replace(found, values=values, objective=objective, bound=objective + found.bound - found.objective)
    made = read(net, model, outcome, written_off(net, lost))
    charge = objective - found.objective
    unknown = _lost(case, model, former)
    return Replan(
        made, _changes(net, model, former, values, first), charge if charged else 0.0, compare(plan, made), unknown
    )


def _when(plan: Plan, today: dt.date, frozen_months: int) -> tuple[int, int]:
    """Return the first period from today on, and the first that is not frozen."""
    start, end = plan.periods["start"].to_list(), plan.periods["end"].to_list()
    if not start[0] <= today <= end[-1]:
        raise ChainError([Finding(
            "blocker", "settings", None, "start", f"today as {today}", f"a day from {start[0]} to {end[-1]}",
            "Take a day within the horizon of the plan.",
        )])  # fmt: skip
    first = int(sum(day < today for day in start))
    months = plan.periods["months"].to_numpy()
    frozen = int(np.searchsorted(np.cumsum(months[first:]), frozen_months, side="left")) + 1 if frozen_months else 0
    return first, first + frozen


@dataclass(frozen=True, slots=True)
class Steering:
    """What is kept and what changes cost: periods before `first` have happened, those before `free` are frozen, `price`
    and `opening` are charged for changes after it; `missing` says that goods are not there as they were planned."""

    first: int
    free: int
    price: float
    opening: float
    missing: bool

    def last(self, name: str) -> float:
        """Return the period before which a block stays as it was."""
        if name in SETTLES:
            return self.first
        price = self.opening if name == "start" else self.price
        return np.inf if np.isinf(price) and name in ("start", *MOVED) else self.free

    def may_fall(self, name: str) -> bool:
        """Say whether what is frozen may fall short of the plan, for want of goods."""
        return self.missing and name in FALLS


def _kept(model: Model, former: Floats, steering: Steering) -> Model:
    """Return the model in which the past, what is decided before the first free period, and what must not change at all
    is as it was. What is frozen may fall short where goods are missing."""
    lower, upper = model.lower.copy(), model.upper.copy()
    starts: list[Condition] = []
    for name, block in model.columns.items():
        if name in FOLLOWS or "period" not in block.index.columns or not block.size:
            continue
        period = block.index["period"].to_numpy()
        fixed = block.ids[period < steering.last(name)]
        if name == "start":  # rounding sets the bounds of starts, a row it cannot
            starts += [Condition(np.array([c]), np.ones(1), float(v), float(v))
                       for c, v in zip(fixed, np.round(former[fixed]), strict=True)]  # fmt: skip
            continue
        lower[fixed] = upper[fixed] = former[fixed]
        if steering.may_fall(name):
            lower[block.ids[(period >= steering.first) & (period < steering.last(name))]] = 0.0
    model = replace(model, lower=lower, upper=upper)
    return with_rows(model, "kept", starts) if starts else model


def _charged(net: Network, model: Model, former: Floats, steering: Steering) -> tuple[Model, bool]:
    """Return the model in which changes from the first free period on are charged, and whether any are.

    |x - f| is x - f + 2 * less, less >= f - x, less >= 0; where f is 0 it is x.
    """
    cost, offset = model.cost.copy(), model.offset
    some = False
    missing: list[tuple[Ints, Floats, Floats]] = []
    for name in MOVED:
        block = model.columns[name]
        period = block.index["period"].to_numpy()
        kept = period < steering.last(name)
        falls = steering.may_fall(name) & kept & (period >= steering.first)
        mine = falls | ~kept
        charge = np.where(falls[mine], FROZEN, steering.price if np.isfinite(steering.price) else 0.0)
        price = _worth(net, name)[mine] * net.periods.discount[period[mine]] * charge
        if not price.any():
            continue
        some = True
        columns = block.ids[mine]
        cost[columns] += price
        offset += float(price @ former[columns])
        had = former[columns] > 0
        missing.append((columns[had], former[columns][had], price[had]))
    start = model.columns["start"]
    opening = steering.opening
    if np.isfinite(opening) and opening > 0 and start.size:
        some = True
        period = start.index["period"].to_numpy()
        price = (
            opening * net.starts.frame["cost_usd"].to_numpy() * net.periods.discount[period] * (period >= steering.free)
        )
        taken = np.round(former[start.ids])
        cost[start.ids] += price * (1 - 2 * taken)
        offset -= float(price @ taken)
    return _less(replace(model, cost=cost, offset=offset), missing), some


def _less(model: Model, missing: list[tuple[Ints, Floats, Floats]]) -> Model:
    """Return the model with a column for what each flow falls short of what it was, at twice the price."""
    if not missing:
        return model
    columns, had, price = (np.concatenate(part) for part in zip(*missing, strict=True))
    first, size = model.cost.size, columns.size
    row = np.arange(size)
    added = sp.hstack(
        [sp.coo_array((np.ones(size), (row, columns)), shape=(size, first)), sp.eye_array(size)], format="csr"
    )
    wide = sp.hstack([model.matrix, sp.csr_array((model.row_lower.size, size))], format="csr")
    return replace(
        model,
        cost=np.concatenate([model.cost, 2 * price]),
        lower=np.concatenate([model.lower, np.zeros(size)]),
        upper=np.concatenate([model.upper, had]),
        whole=np.concatenate([model.whole, np.zeros(size, dtype=bool)]),
        size=np.concatenate([model.size, model.size[columns]]),
        matrix=sp.csr_array(sp.vstack([wide, added], format="csr")),
        row_lower=np.concatenate([model.row_lower, had]),
        row_upper=np.concatenate([model.row_upper, np.full(size, np.inf)]),
        columns={**model.columns, "less": Block("less", first, size)},
        rows={**model.rows, "less": Block("less", model.row_lower.size, size)},
    )


def _worth(net: Network, name: str) -> Floats:
    """Return the standard cost of a unit of each flow of a block."""
    frame, node = {"buy": (net.buys, "node"), "make": (net.makes, "node"), "ship": (net.ships, "node_from")}[name]
    return finite(net.worth[frame[node].to_numpy(), frame["period"].to_numpy()])


def _changes(net: Network, model: Model, former: Floats, values: Floats, first: int) -> pl.DataFrame:
    """Return what is bought, made, shipped or opened otherwise from a period on."""
    names = column_names(net, model)
    parts = []
    for name in (*MOVED, "start"):
        block = model.columns[name]
        apart = np.abs(block.of(values) - block.of(former))
        period = block.index["period"].to_numpy()
        mine = np.flatnonzero((apart > 1e-6 * np.maximum(block.of(model.size), 1e-9)) & (period >= first))
        told = names[block.ids[mine].tolist()].with_columns(
            period=pl.Series(period[mine], dtype=pl.Int64), former=pl.Series(block.of(former)[mine]),
            now=pl.Series(block.of(values)[mine] + 0.0),
        )  # fmt: skip
        parts.append(told)
    labels = net.periods.frame.select("period", "label")
    both = pl.concat(parts).group_by("table", "what", "period").agg(pl.col("former", "now").sum())
    both = both.join(labels, on="period", how="left", maintain_order="left").sort("period", "table", "what")
    typed: pl.DataFrame = both.select(pl.col(name).cast(kind) for name, kind in CHANGES.items())
    return typed


def _lost(case: Case, model: Model, former: Floats) -> tuple[str, ...]:
    """Return what of the former plan the chain no longer knows."""
    lost = [
        name
        for name in (*MOVED, "start")
        if np.count_nonzero(case.model.columns[name].of(case.values)) > np.count_nonzero(model.columns[name].of(former))
    ]
    return tuple(f"Some of what was planned to {name} has no place in the chain now." for name in lost)


def _signed(usd: float) -> str:
    return ("+" if usd >= 0 else "−") + dollars(abs(usd))

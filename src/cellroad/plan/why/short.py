"""`plan.why_short(market, month)`: why is a customer not served, and what would serve him most cheaply?

Starts at the shortage: what one more served would bring, and what each item that satisfies the want would cost there at
the margin, walked back to what is paid and to what is scarce (`causes`). What cannot be there at all, or may not be
sold, is told with its reason. The cheapest remedy is the item that comes nearest: how much dearer it is than what it
brings, or which limit on its way is worth the most.
"""

from __future__ import annotations

import datetime as dt
import html
from dataclasses import dataclass

import numpy as np
import polars as pl

from cellroad.chain.day import as_day
from cellroad.chain.finding import ChainError, Finding
from cellroad.chain.tell import did_you_mean, listed
from cellroad.chain.tell import on as day
from cellroad.plan.solving.warm import Solved
from cellroad.plan.why.asking import FINE
from cellroad.plan.why.case import Case, Condition
from cellroad.plan.why.causes import CAUSES, Trace
from cellroad.plan.why.reasons import kept_out
from cellroad.plan.why.tell import KINDS, per_unit, quantity, share

SHORTAGES = {
    "want": pl.String, "segment": pl.String, "item": pl.String, "wanted": pl.Float64, "short": pl.Float64,
    "brings_usd": pl.Float64, "costs_usd": pl.Float64, "scarce_usd": pl.Float64, "says": pl.String,
}  # fmt: skip


ITEMS = 3
"""Items of which the text tells what stands against them; others are counted."""
PARTS = 4
"""Parts of the price of one more that the text tells; others are counted."""
SCARCE = {"limit": "scarce", "bound": "scarce", "credit": "in other periods and uses"}
KEYS = {"want": pl.String, "segment": pl.String, "item": pl.String}


@dataclass(frozen=True, slots=True, eq=False)
class Short:
    """Why a market is short in a period. Money is discounted, for one want more.

    frame   want, segment, item (each that satisfies the want), wanted, short, brings_usd (price and penalty saved),
            costs_usd (a unit more at the margin; null where there is no way), scarce_usd (the part of it that is the
            price of limits, nothing that is paid), says (the cause in words)
    causes  want, segment, item, then depth, cause (way, money, limit, bound, credit: what comes with it or is worth
            otherwise elsewhere), kind, table, what, says, quantity, usd: the walk back, which sums to what the item
            costs
    remedies  want, segment, item, kind (limit, bound, price), what, says, usd (what a want more could pay for it)
    """

    market: str
    label: str
    frame: pl.DataFrame
    causes: pl.DataFrame
    remedies: pl.DataFrame

    @property
    def chain(self) -> pl.DataFrame:
        """Return the causes added up over periods, the biggest of each item first: want, segment, item, cause, kind,
        table, what, says (of its dearest period), times (how many causes), usd."""
        by = [*KEYS, "cause", "kind", "table", "what"]
        size = pl.col("usd").abs()
        told = self.causes.filter(size > 1e-9).sort(size, descending=True, maintain_order=True)
        summed = told.group_by(by, maintain_order=True).agg(
            first=pl.col("says").first(), times=pl.len(), usd=pl.col("usd").sum()
        )
        words = pl.when((pl.col("cause") == "money") & (pl.col("times") > 1)).then(
            pl.format("{} ({} times)", pl.col("first"), pl.col("times"))
        )
        named = summed.with_columns(says=words.otherwise("first"))
        order = named.sort(*KEYS, size, descending=[False, False, False, True], maintain_order=True)
        return order.select(*by, "says", "times", "usd")

    def text(self) -> str:
        """Return in plain words, for each want, who could serve it and the biggest causes why he does not."""
        return "\n".join(_lines(self))

    def _repr_html_(self) -> str:
        """Return the causes as a notebook shows them."""
        return f"<p>{'<br>'.join(html.escape(line) for line in _lines(self))}</p>{self.causes._repr_html_()}"


def why_short(case: Case, market: str, month: dt.date | str, want: str | None = None) -> Short:
    """Return why a market is short in the period that a month lies in.

    month  a date, "2027-03" or "2027-03-01";  want  one of several, all without it

    Raises ChainError where the market wants nothing or the month lies outside the horizon.
    """
    period = _period(case, market, month)
    label = str(case.net.periods.frame["label"][period])
    solved = case.warm.solve()
    wanted = case.net.wanted.with_columns(place=pl.int_range(pl.len()))
    wanted = wanted.filter((pl.col("market") == market) & (pl.col("period") == period))
    wanted = wanted if want is None else wanted.filter(pl.col("want") == want)
    rows, walks, remedies = [], [], []
    if solved is not None:
        short = case.model.columns["short"]
        for row in wanted.iter_rows(named=True):
            missing = float(case.values[short.first + row["place"]])
            if missing <= 1e-9 * row["wanted"]:
                continue
            for item in case.net.chain.wants.filter(want=row["want"])["item"]:
                told, walk = _item(case, solved, row, item, missing)
                rows.append(told)
                key = [pl.lit(row[name]).alias(name) for name in ("want", "segment")] + [pl.lit(item).alias("item")]
                walks.append(walk.select(*key, pl.all()))
                remedies.append(_remedies(case, told, walk).select(*key, pl.all()))
    return Short(
        market, label, pl.DataFrame(rows, schema=SHORTAGES, orient="row"),
        pl.concat([pl.DataFrame(schema={**KEYS, **CAUSES}), *walks]),
        pl.concat([pl.DataFrame(schema={**KEYS, **REMEDIES}), *remedies]).sort("usd", descending=True),
    )  # fmt: skip


def _period(case: Case, market: str, month: dt.date | str) -> int:
    chain, periods = case.net.chain, case.net.periods
    markets = chain.demand["market"].unique(maintain_order=True).to_list()
    if market not in markets:
        mend = did_you_mean(market, markets, "Take a market of the table demand.")
        raise ChainError(
            [Finding("blocker", "demand", None, "market", repr(market), f"one of {listed(markets)}", mend)]
        )
    asked = as_day(f"{month}-01" if isinstance(month, str) and len(month) == 7 else month)
    inside = periods.frame.filter((pl.col("start") <= asked) & (pl.col("end") >= asked))
    if inside.is_empty():
        expected = f"a month from {periods.start:%Y-%m} to before {periods.end:%Y-%m}"
        raise ChainError([Finding("blocker", "demand", None, "month", str(month), expected, "Ask for a month within.")])
    return int(inside["period"][0])


def _item(
    case: Case, solved: Solved, row: dict[str, object], item: str, missing: float
) -> tuple[tuple[object, ...], pl.DataFrame]:
    """Return what serving a little more of a want with an item would take, and the walk back from it.

    Prices are those of the plan that serves it; where there is none, those of the plan as it is.
    """
    sell, demand = case.model.columns["sell"], case.model.rows["demand"]
    head = (row["want"], row["segment"], item, row["wanted"], missing)
    keys = ("market", "want", "segment", "period")
    found = case.net.sells.with_columns(place=pl.int_range(pl.len())).filter(
        (pl.col("item") == item) & pl.all_horizontal(pl.col(key) == row[key] for key in keys)
    )
    if found.is_empty():
        return (*head, None, None, None, _no_way(case, row, item)), pl.DataFrame(schema=CAUSES)
    column, of = sell.first + int(found["place"][0]), demand.first + int(str(row["place"]))
    least = float(solved.values[column]) + min(0.1 * missing, FINE * float(case.model.size[column]))
    served = case.solved(Condition(np.array([column]), np.ones(1), least, np.inf))
    trace = Trace(case, served or solved)
    trace.column(column, 1.0, 0, frozenset(), of)
    walk = trace.frame()
    first = pl.col("depth") == 0
    own = first & (pl.col("kind") == "revenue")
    brings = float(trace.solved.duals[of]) - float(walk.filter(own)["usd"].sum())
    walk = walk.filter(~own)
    if float(walk.filter(first & (pl.col("cause") == "bound"))["usd"].sum()) < 0:
        walk = walk.filter(~(first & (pl.col("cause") == "bound")))  # not sold at all: no limit, but a loss
    costs = float(walk["usd"].sum())
    scarce = float(walk.filter(pl.col("cause").is_in(["limit", "bound"]))["usd"].sum())
    return (*head, brings, costs, scarce, _cause(brings, costs, scarce, walk)), walk


def _cause(brings: float, costs: float, scarce: float, walk: pl.DataFrame) -> str:
    paid = costs - scarce
    if paid > brings - 1e-9 * max(abs(brings), 1.0):
        return f"it is not worth it: it costs {per_unit(paid)} and brings {per_unit(brings)}"
    limits = walk.filter(pl.col("cause").is_in(["limit", "bound"])).sort("usd", descending=True)
    if limits.height and limits["usd"][0] > 0:
        return f"it would bring {per_unit(brings)} for {per_unit(paid)}, but {limits['says'][0]}"
    return f"it brings {per_unit(brings)} and costs {per_unit(costs)}: just as much"


def _no_way(case: Case, row: dict[str, object], item: str) -> str:
    """Return why there is no sale of an item in a period at all."""
    told = kept_out(case, item)
    if told:
        return "; ".join(told)
    node = case.net.nodes.filter((pl.col("site") == row["market"]) & (pl.col("item") == item))
    periods = case.net.periods.frame
    if node.height and int(node["earliest"][0]) > int(str(row["period"])):
        first = int(node["earliest"][0])
        return f"it can be there in {periods['label'][first]} at the earliest: the ways there take that long"
    papers = case.net.chain.certificates.filter((pl.col("item") == item) & (pl.col("status") == "planned"))
    if papers.height and node.height:
        ready = case.net.starts.frame.filter((pl.col("kind") == "certificate") & (pl.col("what") == item))["ready"]
        when = f" before {day(ready.min())}" if ready.len() else ""  # type: ignore[arg-type]
        return f"its certificate {listed(papers['standard'])} cannot be ready{when}"
    return "no offer, process and lane bring it there in time"


REMEDIES = {"kind": pl.String, "what": pl.String, "says": pl.String, "usd": pl.Float64}


def _remedies(case: Case, told: tuple[object, ...], walk: pl.DataFrame) -> pl.DataFrame:
    """Return what would serve one want more, with what could be paid for it: limits that bind, or a higher price."""
    starts = case.model.columns["start"]
    taken = case.net.starts.frame.filter(pl.Series(starts.of(case.values) > 0.5, dtype=pl.Boolean))["what"]
    others = case.net.chain.options.filter(~pl.col("option").is_in(taken.implode())).group_by("resource")
    brought = others.agg(options=pl.col("option").str.join(", ")).select(what="resource", options="options")
    limits = (
        walk.filter(pl.col("cause").is_in(["limit", "bound"]) & (pl.col("usd") > 1e-9))
        .join(brought, on="what", how="left", maintain_order="left")
        .with_columns(more=pl.format("{}; not taken: {}", "says", "options"))
        .select(kind="cause", what="what", says=pl.coalesce("more", "says"), usd="usd")
    )
    if told[5] is None or told[6] is None:
        return pl.DataFrame(schema=REMEDIES)
    loss = float(str(told[6])) - float(str(told[5]))
    dearer = pl.DataFrame(schema=REMEDIES)
    if loss > 1e-9:
        words = f"the price must rise by {per_unit(loss)} a want, or what it takes must cost so much less"
        dearer = pl.DataFrame([("price", str(told[0]), words, loss)], schema=REMEDIES, orient="row")
    return pl.concat([limits.cast(REMEDIES), dearer])  # type: ignore[arg-type]


def _lines(short: Short) -> list[str]:
    if short.frame.is_empty():
        return [f"{short.market} is not short in {short.label}."]
    lines = []
    for (want, segment), items in short.frame.group_by("want", "segment", maintain_order=True):
        missing, wanted = float(items["short"][0]), float(items["wanted"][0])
        lines.append(
            f"{short.market} is short of {quantity(missing, str(want))} in {short.label} "
            f"({share(missing / wanted)} of what {segment} customers want)."
        )
        mine = short.remedies.filter((pl.col("want") == want) & (pl.col("segment") == segment))
        there = items.filter(pl.col("costs_usd").is_not_null())
        nearest = str(mine["item"][0]) if mine.height else str(there["item"][0]) if there.height else None
        told = items.sort(pl.col("item").ne_missing(pl.lit(nearest, pl.String)), maintain_order=True)
        lines += [f"With {row['item']}: {row['says']}." for row in told.head(ITEMS).iter_rows(named=True)]
        if told.height > ITEMS:
            count = f"{told.height - ITEMS} more items" if told.height - ITEMS > 1 else "one more item"
            lines.append(f"And {count} that could serve it (frame).")
        if nearest is not None:
            lines += _chain(short, (str(want), str(segment), nearest))
        if mine.height:
            lines.append(f"Worth most to ease: {mine['says'][0]} ({per_unit(mine['usd'][0])} for each {want} more).")
    return lines


def _chain(short: Short, key: tuple[str, str, str]) -> list[str]:
    """Return what one more of an item would cost at the margin, the biggest first, the rest as a count."""
    parts = short.chain.filter(pl.all_horizontal(pl.col(name) == part for name, part in zip(KEYS, key, strict=True)))
    if parts.is_empty():
        return []
    lines = [f"One more of {key[2]} costs {per_unit(float(parts['usd'].sum()))}, the biggest parts first:"]
    for row in parts.head(PARTS).iter_rows(named=True):
        name = KINDS.get(row["kind"], row["kind"]) if row["cause"] == "money" else SCARCE[row["cause"]]
        lines.append(f"  {row['says']}, {name}: {per_unit(row['usd'])}")
    if parts.height > PARTS:
        rest = parts.slice(PARTS)
        count = f"{rest.height} smaller parts" if rest.height > 1 else "a smaller part"
        lines.append(f"  and {count}, {per_unit(float(rest['usd'].sum()))} in all (chain, causes)")
    return lines

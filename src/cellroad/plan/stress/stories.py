"""A future told as a story: what happened, where goods ran out because of it, and what that cost."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from cellroad.plan.stress.arrays import Floats, Future
from cellroad.plan.stress.batches import Trace
from cellroad.plan.stress.policy import Operated
from cellroad.plan.stress.uncertain import FACTORS, Uncertain

GAP_DAYS = 7
"""Days of full service that do not end a shortage."""
FAR = 0.1
"""How far from plan the mean of a factor must lie to be told."""
VERBS = {
    "lane_closure": "was closed", "site_outage": "stood still", "duty": "cost more duty", "listing": "was on a list",
    "certificate": "had no certificate", "delay": "was held up", "shutdown": "stayed shut",
}  # fmt: skip


@dataclass(frozen=True)
class Story:
    """A future in frames and in words.

    events     risk, kind, target, begins, ends (day after the last; null: to the end), days
    levels     risk, kind, target, mean, least, most (factors on plan)
    shortages  market, want, segment, begins, ends, days, wants (not served on time)
    words      the same in sentences
    """

    events: pl.DataFrame
    levels: pl.DataFrame
    shortages: pl.DataFrame
    words: str


def story(operated: Operated, known: Uncertain, told: Trace, still: Trace) -> Story:
    """Return a future as a story; `still`: nothing happens, and its shortages are not told again."""
    start, days = operated.plan.chain.plan_settings().start, operated.parts.grid.period.size
    events = _events(known, told.future, start, days)
    levels = _levels(known, told.future)
    short = _shortages(operated, told, still, start)
    return Story(events, levels, short, _words(operated, events, levels, short))


def _events(known: Uncertain, future: Future, start: dt.date, days: int) -> pl.DataFrame:
    rows = []
    for k, (risk, kind, target, _) in enumerate(known.risks.iter_rows()):
        for j in range(int(future.events[k])):
            first, after = int(future.begins[k, j]), int(future.ends[k, j])
            end = start + dt.timedelta(days=after) if after < days else None
            rows.append((risk, kind, target, start + dt.timedelta(days=first), end, min(after, days) - first))
    schema = {"risk": pl.String, "kind": pl.String, "target": pl.String, "begins": pl.Date, "ends": pl.Date,
              "days": pl.Int64}  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row").sort("begins", "risk")


def _levels(known: Uncertain, future: Future) -> pl.DataFrame:
    rows = [
        (risk, kind, target, float(future.level[k].mean()), float(future.level[k].min()), float(future.level[k].max()))
        for k, (risk, kind, target, _) in enumerate(known.risks.iter_rows())
        if kind in FACTORS and known.law.every[k] <= 2
    ]
    names: dict[str, Any] = dict.fromkeys(("risk", "kind", "target"), pl.String)
    return pl.DataFrame(rows, schema=names | dict.fromkeys(("mean", "least", "most"), pl.Float64), orient="row")


def _shortages(operated: Operated, told: Trace, still: Trace, start: dt.date) -> pl.DataFrame:
    rows = []
    for q, key in enumerate(operated.rows.iter_rows()):
        missed = told.wanted[:, q] - told.served[:, q]
        usual = still.wanted[:, q] - still.served[:, q]
        more = np.where(missed > usual + 1e-6 * told.wanted[:, q], missed - usual, 0.0)
        for first, after in spells(more):
            begins, ends = (start + dt.timedelta(days=day) for day in (first, after))
            rows.append((*key, begins, ends, after - first, float(more[first:after].sum())))
    names: dict[str, Any] = dict.fromkeys(("market", "want", "segment"), pl.String)
    dates = {"begins": pl.Date, "ends": pl.Date, "days": pl.Int64, "wants": pl.Float64}
    return pl.DataFrame(rows, schema=names | dates, orient="row").sort("wants", descending=True)


def spells(missed: Floats) -> list[tuple[int, int]]:
    """Return first day and day after the last of times in which something is missing; short gaps do not count."""
    short = np.flatnonzero(missed > 0)
    if not short.size:
        return []
    breaks = np.flatnonzero(np.diff(short) > GAP_DAYS)
    firsts, lasts = short[np.concatenate([[0], breaks + 1])], short[np.concatenate([breaks, [-1]])]
    return [(int(a), int(b) + 1) for a, b in zip(firsts, lasts, strict=True)]


def _words(operated: Operated, events: pl.DataFrame, levels: pl.DataFrame, short: pl.DataFrame) -> str:
    called = _names(operated)
    told = [
        f"{_capital(called.get(target, target))} {VERBS[kind]} for {length} days from {_day(begins)}."
        if ends is not None
        else f"{_capital(called.get(target, target))} {VERBS[kind]} from {_day(begins)} on."
        for _, kind, target, begins, ends, length in events.sort("days", descending=True).head(4).iter_rows()
    ]
    for risk, kind, target, mean, _, _ in levels.sort((pl.col("mean") - 1).abs(), descending=True).head(2).iter_rows():
        if abs(mean - 1) >= FAR:
            what = "everything" if target == "*" else called.get(target, target)
            told.append(
                f"{_capital(kind)} of {what} lay {abs(mean - 1):.0%} {'above' if mean > 1 else 'below'} plan ({risk})."
            )
    for market, want, _, begins, _, length, wants in short.head(3).iter_rows():
        told.append(
            f"{called.get(market, market)} was short of {want} from {_day(begins)} for {length} days: {wants:,.0f} not "
            "served on time."
        )
    return " ".join(told) or "Nothing out of the ordinary."


def _names(operated: Operated) -> dict[str, str]:
    chain = operated.plan.chain
    named = {"*": "everything"}
    for table, key in (("partners", "partner"), ("items", "item"), ("options", "option"), ("sites", "site")):
        frame = getattr(chain, table)
        named |= {str(k): str(name) for k, name in frame.select(key, "name").iter_rows() if name}
    lanes = chain.lanes.select("lane", "origin", "destination").iter_rows()
    return named | {lane: f"the lane from {named.get(a, a)} to {named.get(b, b)}" for lane, a, b in lanes}


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _day(day: dt.date) -> str:
    return f"{day.day} {day:%b %Y}"

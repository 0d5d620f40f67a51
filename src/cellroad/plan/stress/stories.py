"""A future told as a story: what happened, where goods ran out because of it, and what that cost."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from cellroad.chain.countries import name_of as country
from cellroad.plan.stress.arrays import Floats, Future
from cellroad.plan.stress.batches import Trace
from cellroad.plan.stress.policy import Operated
from cellroad.plan.stress.uncertain import FACTORS, Uncertain

GAP_DAYS = 7
"""Days of full service that do not end a shortage."""
FAR = 0.1
"""How far from plan the mean of a factor must lie to be told."""
BEFORE_DAYS = 60
"""Days before a shortage in which it is asked which place upstream ran out."""
EMPTY = 1e-6
"""Part of the most that a place ever holds below which it is empty."""


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
    return Story(events, levels, short, _words(operated, known, events, levels, short, told, still))


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


def _words(
    operated: Operated, known: Uncertain, events: pl.DataFrame, levels: pl.DataFrame, short: pl.DataFrame, told: Trace,
    still: Trace,
) -> str:  # fmt: skip
    called = Names(operated)
    rows = {row[0]: n for n, row in enumerate(known.risks.iter_rows())}
    said = []
    for risk, kind, target, begins, ends, length in events.sort("days", descending=True).head(4).iter_rows():
        what = _happened(
            called, kind, target, float(known.links.left[rows[risk]]), float(known.links.duty_add[rows[risk]])
        )
        when = f"for {_days(length)} from {_day(begins)}" if ends is not None else f"from {_day(begins)} on"
        said.append(f"{_capital(what)} {when}.")
    for risk, kind, target, mean, _, _ in levels.sort((pl.col("mean") - 1).abs(), descending=True).head(2).iter_rows():
        if abs(mean - 1) >= FAR:
            side = "above" if mean > 1 else "below"
            said.append(f"{_capital(called.level(kind, target))} lay {100 * abs(mean - 1):.0f} % {side} plan ({risk}).")
    first = operated.plan.chain.plan_settings().start
    for market, want, segment, begins, _, length, wants in short.head(3).iter_rows():
        empty = _ran_out(operated, (market, want, segment), (begins - first).days, told, still)
        cause = ""
        if empty is not None:
            site, item, day = empty
            cause = f"{_capital(called(site))} ran out of {called(item)} on {_day(first + dt.timedelta(days=day))}. "
            cause = "" if any(cause in line for line in said) else cause
        said.append(
            f"{cause}{_capital(called(market))} was short of {want} from {_day(begins)} for {_days(length)}: "
            f"{wants:,.0f} not served on time."
        )
    return " ".join(said) or "Nothing out of the ordinary."


def _happened(called: Names, kind: str, target: str, left: float, add: float) -> str:
    """Return in words what an event does to what it touches."""
    less = f"worked at {100 * left:.0f} %" if left > 0 else "stood still"
    if kind == "lane_closure":
        closed = f"ran at {100 * left:.0f} %" if left > 0 else "closed"
        return f"{called.lanes(target)} {'' if left > 0 else 'were ' if called.many(target) else 'was '}{closed}"
    if kind == "shutdown":
        return f"works {called.of(target)} stayed shut after the holidays"
    if kind == "duty":
        return f"goods {called.origin(target)} paid {100 * add:.0f} % of their value more in duty"
    who = "everything" if target == "*" else called(target)
    return {
        "site_outage": f"{who} {less}", "listing": f"{who} was on a list that bars it",
        "certificate": f"{who} had no certificate", "delay": f"{who} was not ready",
    }[kind]  # fmt: skip


class Names:
    """What people call things: sites, items, partners, lanes, indices, countries."""

    def __init__(self, operated: Operated) -> None:
        """Read the names of a chain."""
        chain = operated.plan.chain
        self.named: dict[str, str] = {}
        tables = (("partners", "partner"), ("items", "item"), ("options", "option"), ("resources", "resource"),
                  ("sites", "site"))  # fmt: skip
        for table, key in tables:
            frame = getattr(chain, table)
            if "name" in frame.columns:
                self.named |= {str(k): str(name) for k, name in frame.select(key, "name").iter_rows() if name}
        self.sites = set(chain.sites["site"])
        self.countries = set(chain.sites["country"])
        ends = chain.lanes.select("lane", "origin", "destination").iter_rows()
        self.way = {str(lane): f"the lane from {self(a)} to {self(b)}" for lane, a, b in ends}
        self.modes = {str(mode) for mode in chain.lanes["mode"]}

    def __call__(self, key: str) -> str:
        """Return the name of anything."""
        return self.named.get(key) or country(key)

    def many(self, target: str) -> bool:
        """Say whether a target means more than one lane."""
        return target not in self.way

    def lanes(self, target: str) -> str:
        """Return the lanes that a target means."""
        if target == "*":
            return "all lanes"
        if target in self.way:
            return self.way[target]
        return f"all lanes by {target}" if target in self.modes else f"all lanes to and from {self(target)}"

    def of(self, target: str) -> str:
        """Return where works are that a target means."""
        return "everywhere" if target == "*" else f"{'at' if target in self.sites else 'in'} {self(target)}"

    def origin(self, target: str) -> str:
        """Return which goods a duty falls on."""
        if target == "*":
            return "of every origin"
        if target in self.way:
            return f"on {self.way[target]}"
        return f"from {self(target)}" if target not in self.named else f"({self(target)})"

    def level(self, kind: str, target: str) -> str:
        """Return what a factor is on."""
        if kind == "freight":
            return (
                "freight" if target == "*" else f"freight {'by' if target in self.modes else 'on'} {self._of(target)}"
            )
        nouns = {"demand": "demand", "yield": "yield", "price": "prices" if target == "*" else "the price"}
        joint = {"demand": "for", "yield": "of", "price": "of"}[kind]
        if kind == "demand" and target in self.sites:
            joint = "at"
        return nouns[kind] if target == "*" else f"{nouns[kind]} {joint} {self._of(target)}"

    def _of(self, target: str) -> str:
        return self.way.get(target) or self(target)


def _ran_out(
    operated: Operated, row: tuple[str, str, str], begins: int, told: Trace, still: Trace
) -> tuple[str, str, int] | None:
    """Return the place and goods before a market that were used up first, and when; None where none were."""
    s, keys = operated.built.system, list(operated.rows.iter_rows())
    q = keys.index(row)
    upstream = {int(n) for n in s.serve_node[s.serve_ptr[q] : s.serve_ptr[q + 1]]}
    markets = set(upstream)
    buys, makes = s.buy_due.shape[1], s.make_out.size
    for n in range(s.target.shape[1] - 1, -1, -1):  # goods flow from low numbers to high ones
        if n in upstream:
            for a in (int(a) for a in s.in_way[s.in_ptr[n] : s.in_ptr[n + 1]]):
                if a >= buys + makes:
                    upstream.add(int(s.ship_from[a - buys - makes]))
                elif a >= buys:
                    inputs = s.input_node[s.input_ptr[a - buys] : s.input_ptr[a - buys + 1]]
                    upstream |= {int(node) for node in inputs}
    found = []
    for n in sorted(upstream - markets):
        least = EMPTY * max(float(still.stock[:, n].max()), 1.0)
        window = slice(max(0, begins - BEFORE_DAYS), begins + 1)
        gone = np.flatnonzero((told.stock[window, n] <= least) & (still.stock[window, n] > least))
        if gone.size:
            found.append((max(0, begins - BEFORE_DAYS) + int(gone[0]), n))
    if not found:
        return None
    day, n = min(found)
    site, item = operated.nodes.row(n)
    return str(site), str(item), day


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _day(day: dt.date) -> str:
    return f"{day.day} {day:%b %Y}"

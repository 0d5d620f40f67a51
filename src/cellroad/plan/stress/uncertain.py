"""The risks of a chain as laws of chance, and what each of them touches in a plan that is run.

A row of risks becomes one thing that is drawn: a factor (demand, yield, price, freight), days (transit) or events
(everything else). Delays of options that stand in their own columns are added as risks of their own.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
import polars as pl

from cellroad.chain import facts
from cellroad.chain.calendars import shutdown
from cellroad.plan.options.delays import DAYS_PER_MONTH
from cellroad.plan.stress import futures
from cellroad.plan.stress.arrays import Floats, Ints, Law, Links
from cellroad.plan.stress.chance import FIXED, LOGNORMAL, NORMAL, POISSON, REPLAY, TRIANGULAR, UNIFORM
from cellroad.plan.stress.policy import Operated

FACTORS = ("demand", "yield", "price", "freight")
EVERY = {"once": futures.ONCE, "year": futures.YEAR, "month": futures.MONTH, "week": futures.WEEK, "day": futures.DAY}
SHAPES = {
    "normal": NORMAL, "lognormal": LOGNORMAL, "triangular": TRIANGULAR, "uniform": UNIFORM, "poisson": POISSON,
    "replay": REPLAY, "bernoulli": FIXED,
}  # fmt: skip
NEVER = 40.0
"""A latent number that is never reached."""


@dataclass(frozen=True)
class Uncertain:
    """What may happen: names of the risks (risk, kind, target, note), their law, and what they touch."""

    risks: pl.DataFrame
    law: Law
    links: Links


def uncertain(operated: Operated) -> Uncertain:
    """Return the risks of the chain of a plan that is run."""
    rows = [_Row(row, operated) for row in _rows(operated).iter_rows(named=True)]
    named = [(row["risk"], row["kind"], row["target"], row["note"]) for row in rows]
    frame = pl.DataFrame(named, schema=dict.fromkeys(("risk", "kind", "target", "note"), pl.String), orient="row")
    return Uncertain(frame, _law(rows, operated), _links(rows, operated))


def name_of(text: str) -> int:
    """Return the number that a name has in every chain: 64 bits of its hash."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")


class _Row(dict[str, Any]):
    """A row of risks with its numbers read."""

    def __init__(self, row: dict[str, Any], operated: Operated) -> None:
        super().__init__(row)
        self.numbers = [] if row["distribution"] == "replay" else _numbers(row["parameters"])
        start, days = operated.plan.chain.plan_settings().start, operated.parts.grid.period.size
        first, last = ((day - start).days if day else none for day, none in
                       ((row["valid_from"], 0), (row["valid_to"], days - 1)))  # fmt: skip
        self.first, self.last = max(0, first), min(days - 1, last)


def _numbers(text: str) -> list[float]:
    return [float(part) for part in text.split(";") if part.strip()]


def _rows(operated: Operated) -> pl.DataFrame:
    """Return the risks of the chain, and those that options have in columns of their own."""
    chain = operated.plan.chain
    rows = chain.risks
    own = chain.options.filter((pl.col("delay_probability") > 0) & (pl.col("delay_months") > 0)).select(
        risk=pl.format("{} is held up", "option"), kind=pl.lit("delay"), target="option",
        distribution=pl.lit("bernoulli"),
        parameters=pl.col("delay_probability").cast(pl.String), duration_days=pl.col("delay_months") * DAYS_PER_MONTH,
    )  # fmt: skip
    if own.is_empty():
        return rows
    defaults = {"per_year": 0.0, "every": "month", "persistence": 0.0, "exposure": 1.0, "left_share": 0.0,
                "add_share": 0.0, "valid_from": None, "valid_to": None, "correlates": "", "source": "",
                "confidence": "assumption", "note": ""}  # fmt: skip
    own = own.with_columns(**{name: pl.lit(value) for name, value in defaults.items()})
    texts: Any = dict.fromkeys(("kind", "distribution", "every", "confidence"), pl.String)
    return pl.concat([rows.cast(texts), own.select(rows.columns).cast(texts)], how="vertical_relaxed")


def _law(rows: Sequence[_Row], operated: Operated) -> Law:
    grid = operated.parts.grid
    count, months = len(rows), int(grid.month.max()) + 1
    month_first = np.searchsorted(grid.month, np.arange(months + 1)).astype(np.int64)
    shape, every, clock = (np.zeros(count, np.int64) for _ in range(3))
    numbers, threshold = np.zeros((count, 3)), np.full((count, months), NEVER)
    length, spread = np.zeros(count), np.zeros(count)
    known: list[list[int]] = [[] for _ in rows]
    paths: list[list[float]] = [[] for _ in rows]
    for k, row in enumerate(rows):
        shape[k], every[k] = SHAPES[row["distribution"]], EVERY[row["every"]]
        if row["distribution"] == "replay":
            paths[k] = replayed(row["parameters"])
        elif row["kind"] in (*FACTORS, "transit"):
            numbers[k, : len(row.numbers)] = _own(shape[k], row.numbers)
        else:
            _event(row, k, operated, month_first, shape, numbers, clock, threshold, length, spread, known)
    flat_known, flat_path = flattened(known, np.int64), flattened(paths, np.float64)
    return Law(
        name=np.array([name_of(row["risk"]) for row in rows], np.uint64),
        month_first=month_first,
        shape=shape,
        numbers=numbers,
        every=every,
        keeps=np.array([row["persistence"] for row in rows], float),
        mixing=mixing(rows),
        clock=clock,
        threshold=threshold,
        first=np.array([row.first for row in rows], np.int64),
        last=np.array([row.last for row in rows], np.int64),
        known_ptr=flat_known[0],
        known_day=flat_known[1],
        length=length,
        spread=spread,
        path_ptr=flat_path[0],
        path=flat_path[1],
        on=np.ones(count, np.bool_),
    )


def _own(shape: int, numbers: Sequence[float]) -> list[float]:
    """Return the numbers as they are drawn with: a lognormal has mean and deviation of its logarithm."""
    if shape == LOGNORMAL:
        mean, deviation = numbers
        s2 = math.log(1 + (deviation / mean) ** 2)
        return [math.log(mean) - s2 / 2, math.sqrt(s2)]
    return list(numbers)


def _event(
    row: _Row, k: int, operated: Operated, month_first: Ints, shape: Ints, numbers: Floats, clock: Ints,
    threshold: Floats, length: Floats, spread: Floats, known: list[list[int]],
) -> None:  # fmt: skip
    """Write when an event of a row comes and how long it lasts."""
    length[k] = row["duration_days"]
    days = _known_days(row, operated)
    if days is not None:
        clock[k], known[k] = futures.KNOWN, days
        if row["distribution"] == "bernoulli":
            threshold[k, 0] = _above(row.numbers[0])
        else:  # how much longer is itself what is drawn, in days or months
            unit = 1.0 if row["kind"] == "shutdown" else DAYS_PER_MONTH
            threshold[k, 0], spread[k] = -NEVER, -1.0
            own = _own(int(shape[k]), [unit * x for x in row.numbers])
            numbers[k, : len(own)] = own
    elif row["distribution"] == "bernoulli":
        clock[k], threshold[k, 0] = futures.ONE_DAY, _above(row.numbers[0])
    else:
        clock[k] = futures.ANY_TIME
        spread[k] = row.numbers[0] if row.numbers and length[k] > 0 else 0.0
        inside = np.minimum(month_first[1:], row.last + 1) - np.maximum(month_first[:-1], row.first)
        for m in np.flatnonzero(inside > 0):
            threshold[k, m] = _above(-math.expm1(-row["per_year"] * inside[m] / 365.25))


def _above(probability: float) -> float:
    """Return what a normal number is above with a probability."""
    if probability <= 0:
        return NEVER
    return -NEVER if probability >= 1 else NormalDist().inv_cdf(1 - probability)


def _known_days(row: _Row, operated: Operated) -> list[int] | None:
    """Return the days on which a delay, a longer shutdown or a late certificate would begin; None: at any time."""
    plan, start = operated.plan, operated.plan.chain.plan_settings().start
    days = operated.parts.grid.period.size
    if row["kind"] == "delay":
        ready = plan.openings.filter((pl.col("kind") == "option") & pl.col("what").is_in(_delayed(row, operated)))
        begin = [(day - start).days for day in ready["planned"]]
    elif row["kind"] == "certificate" and row["valid_from"] is None:
        ready = plan.openings.filter((pl.col("kind") == "certificate") & (pl.col("what") == row["target"]))
        if ready.is_empty():
            return None
        begin = [(day - start).days for day in ready["ready"]]
    elif row["kind"] == "shutdown":
        begin = _reopenings(row, operated, start, days)
    else:
        return None
    return sorted({day for day in begin if 0 <= day < days})


def _delayed(row: _Row, operated: Operated) -> list[str]:
    chain = operated.plan.chain
    places = chain.options.join(chain.resources.select("resource", "site"), on="resource", how="left")
    if row["target"] == "*":
        return places["option"].to_list()
    return places.filter((pl.col("option") == row["target"]) | (pl.col("site") == row["target"]))["option"].to_list()


def _reopenings(row: _Row, operated: Operated, start: dt.date, days: int) -> list[int]:
    """Return the first days after the shutdowns of a country or a site."""
    sites = operated.plan.chain.sites
    mine = sites.filter((pl.col("site") == row["target"]) | (pl.col("country") == row["target"]))
    found: set[int] = set()
    for calendar, country in (mine if row["target"] != "*" else sites).select("calendar", "country").iter_rows():
        closed = shutdown(calendar or country, start, start + dt.timedelta(days=days - 1))
        found |= set((np.flatnonzero(closed[:-1] & ~closed[1:]) + 1).tolist())
    return sorted(found)


def mixing(rows: Sequence[_Row]) -> Floats:
    """Return the lower triangle that mixes independent normal numbers to the correlations that rows state.

    Raises ValueError where no such numbers exist.
    """
    matrix = np.eye(len(rows))
    place = {row["risk"]: k for k, row in enumerate(rows)}
    for k, row in enumerate(rows):
        for other, strength in correlations(row["correlates"]):
            matrix[k, place[other]] = matrix[place[other], k] = strength
    try:
        return np.asarray(np.linalg.cholesky(matrix + 1e-10 * np.eye(len(rows))), np.float64)
    except np.linalg.LinAlgError:
        raise ValueError("the correlations of the risks contradict each other") from None


def correlations(text: str) -> list[tuple[str, float]]:
    """Return the risks that a text names and the correlation with each. Raises ValueError where it cannot be read."""
    pairs = [part.rpartition(":") for part in text.split(";") if part.strip()]
    return [(name.strip(), float(strength)) for name, _, strength in pairs]


def replayed(series: str) -> list[float]:
    """Return a price series of the facts month by month, over its mean; years count in their middle.

    Raises ValueError for a series that the facts do not have.
    """
    rows = facts.prices().filter(pl.col("series") == series).select("period", "value")
    if rows.is_empty():
        raise ValueError(f"the price facts have no series {series!r}")
    dated = sorted((_middle(period), float(value)) for period, value in rows.iter_rows())
    day, value = np.array([d for d, _ in dated], float), np.array([v for _, v in dated])
    months = np.arange(day[0], day[-1] + 1, DAYS_PER_MONTH)
    path = np.interp(months, day, value)
    return [float(x) for x in path / path.mean()]


def _middle(period: str) -> int:
    parts = [int(part) for part in period.split("-")]
    return dt.date(*(parts + ([7, 1] if len(parts) == 1 else [15]))[:3]).toordinal()


def _links(rows: Sequence[_Row], operated: Operated) -> Links:
    touch = _Touch(operated)
    count = len(rows)

    def of(kind: str, sets: Sequence[set[str]], when: Callable[[_Row], bool] = lambda _: True) -> list[list[int]]:
        mine = [k for k, row in enumerate(rows) if row["kind"] == kind and when(row)]
        return [[k for k in mine if rows[k]["target"] in names or rows[k]["target"] == "*"] for names in sets]

    def weighed(lists: list[list[int]], part: Sequence[float] | None = None) -> tuple[Any, Any, Any]:
        ptr, risk = flattened(lists, np.int64)
        weight = [rows[k]["exposure"] * (part[i] if part else 1.0) for i, mine in enumerate(lists) for k in mine]
        return ptr, risk, np.array(weight, float)

    def fast(row: _Row) -> bool:
        return row["every"] in ("week", "day") or row["distribution"] == "poisson"

    demand = weighed(of("demand", touch.rows, lambda row: not fast(row)))
    noise = flattened(of("demand", touch.rows, fast), np.int64)
    price = weighed(of("price", touch.buys), touch.indexed)
    freight = weighed(of("freight", touch.ships))
    made = weighed(of("yield", touch.makes))
    slow = flattened(of("transit", touch.lanes), np.int64)
    stops = flattened([touch.stopped(row) for row in rows], np.int64)
    duty = flattened([touch.dutiable(row) for row in rows], np.int64)
    return Links(
        *demand, *noise, *price, *freight, *made,
        np.array([name_of("|".join(key)) for key in operated.rows.iter_rows()], np.uint64),
        np.array([name_of(lane) for lane in operated.lanes["lane"]], np.uint64),
        *slow, *touch.transit, *stops, np.array([touch.left(row) for row in rows], float).reshape(count),
        *duty, np.array([row["add_share"] for row in rows], float).reshape(count),
    )  # fmt: skip


class _Touch:
    """By what names each thing that is run can be meant, in the order of the arrays."""

    def __init__(self, operated: Operated) -> None:
        chain = operated.plan.chain
        self.operated, self.chain = operated, chain
        country = dict(chain.sites.select("site", "country").iter_rows())
        modes = dict(chain.lanes.select("lane", "mode").iter_rows())
        ends = {lane: (a, b) for lane, a, b in chain.lanes.select("lane", "origin", "destination").iter_rows()}
        self.country = country
        self.rows = [set(key) for key in operated.rows.iter_rows()]
        offers = {row["offer"]: row for row in chain.offers.iter_rows(named=True)}
        self.buys = [{offer, item, offers[offer]["index"] or ""} for offer, _, item in operated.buys.iter_rows()]
        self.indexed = [_indexed(offers[o], usd.mean()) for o, usd in
                        zip(operated.buys["offer"], (b.usd for b in operated.parts.buys), strict=True)]  # fmt: skip
        own = set(chain.processes["process"])
        self.makes = [set(key) if key[0] in own else set() for key in operated.makes.iter_rows()]
        self.ships = [{lane, mode} for lane, _, _, _, mode in operated.ships.iter_rows()]
        self.lanes = [{lane, str(modes[lane]), *ends[lane], *(country[end] for end in ends[lane])}
                      for lane in operated.lanes["lane"]]  # fmt: skip
        low, likely, high = (
            np.array([float(x) for x in _transit(chain, operated.lanes["lane"], name)])
            for name in ("transit_low_days", "transit_days", "transit_high_days")
        )
        self.transit = np.minimum(low, likely), likely, np.maximum(high, likely)
        self.sites = dict(chain.sites.select("site", "partner").iter_rows())
        self.makers = dict(chain.items.select("item", "maker").iter_rows())
        self.origins = dict(chain.items.select("item", "origin").iter_rows())

    def stopped(self, row: _Row) -> list[int]:
        """Return what stands still in an event: ways, ways to serve, lines, by their number."""
        o, kind, target = self.operated, row["kind"], row["target"]
        buys, makes, ships, serves = o.buys.height, o.makes.height, o.ships.height, o.serves.height
        first_line = buys + makes + ships + serves
        stop: list[int] = []
        if kind in ("site_outage", "shutdown"):

            def hit(site: str) -> bool:
                return target in (site, "*") or (kind == "shutdown" and self.country[site] == target)

            stop += [n for n, (_, site, _) in enumerate(o.buys.iter_rows()) if hit(site)]
            stop += [buys + n for n, (_, site, _, line) in enumerate(o.makes.iter_rows()) if not line and hit(site)]
            stop += [buys + makes + n for n, (_, _, origin, _, _) in enumerate(o.ships.iter_rows()) if hit(origin)]
            stop += [
                first_line + n for n, (line, site) in enumerate(o.lines.iter_rows()) if hit(site) or line == target
            ]
        elif kind == "delay":
            lines = set(self.chain.options.filter(pl.col("option").is_in(_delayed(row, o)))["resource"])
            stop += [first_line + n for n, (line, _) in enumerate(o.lines.iter_rows()) if line in lines]
        elif kind == "lane_closure":
            stop += [
                buys + makes + n
                for n, (lane, _, a, b, mode) in enumerate(o.ships.iter_rows())
                if target in (lane, a, b, mode, "*")
            ]
        elif kind == "listing":
            stop += [
                n for n, (_, site, item) in enumerate(o.buys.iter_rows())
                if target in (self.sites[site], self.makers[item])
            ]  # fmt: skip
            stop += [
                buys + makes + n
                for n, (_, item, a, b, _) in enumerate(o.ships.iter_rows())
                if self.makers[item] == target and self.country[a] != self.country[b]
            ]
        elif kind == "certificate":
            stop += [buys + makes + ships + n for n, (_, _, item) in enumerate(o.serves.iter_rows()) if item == target]
        return stop

    def dutiable(self, row: _Row) -> list[int]:
        """Return the lanes with an item that pay more duty in an event."""
        if row["kind"] != "duty":
            return []
        return [
            n for n, (lane, item, a, b, _) in enumerate(self.operated.ships.iter_rows())
            if self.country[a] != self.country[b]
            and row["target"] in (lane, item, self.origins[item] or self.country[a], "*")
        ]  # fmt: skip

    def left(self, row: _Row) -> float:
        """Return what works on in an event: of a delay, the hours of the line that stand without the option."""
        if row["kind"] != "delay":
            return float(row["left_share"])
        plan, parts = self.operated.plan, []
        taken = plan.openings.filter((pl.col("kind") == "option") & pl.col("what").is_in(_delayed(row, self.operated)))
        for line, ready in taken.select("resource", "ready").iter_rows():
            hours = plan.capacity.filter(pl.col("resource") == line).sort("period").select("start", "hours_available")
            before = hours.filter(pl.col("start") < ready)["hours_available"].tail(1)
            after = hours["hours_available"].tail(1)
            parts.append(float(before[0] / after[0]) if before.len() and after.len() else 0.0)
        return max(parts, default=0.0)


def _indexed(offer: dict[str, Any], usd: float) -> float:
    """Return the part of a price that moves with its index."""
    if offer["index"] is None or usd <= 0:
        return 1.0
    return float(min(1.0, max(0.0, 1.0 - offer["adder_usd"] / usd)))


def _transit(chain: Any, lanes: pl.Series, column: str) -> list[float]:
    days = chain.lanes.select("lane", days=pl.coalesce(column, "transit_days"))
    known = dict(days.iter_rows())
    return [float(known[lane]) for lane in lanes]


def flattened(lists: Sequence[Sequence[Any]], kind: type) -> tuple[Any, Any]:
    """Return lists as one array and where each of them begins in it."""
    ptr = np.cumsum([0, *(len(mine) for mine in lists)]).astype(np.int64)
    return ptr, np.array([x for mine in lists for x in mine], kind)


def standing(operated: Operated, sites: Sequence[str]) -> tuple[Law, Links]:
    """Return a law of one risk that never comes, and whose events let these sites stand still."""
    blank = dict.fromkeys(("risk", "note", "correlates"), "") | dict.fromkeys(
        ("per_year", "persistence", "left_share", "add_share", "duration_days"), 0.0
    )
    row = blank | {
        "kind": "site_outage", "target": "", "distribution": "poisson", "parameters": "", "every": "month",
        "exposure": 1.0, "valid_from": None, "valid_to": None,
    }  # fmt: skip
    one = [_Row(row, operated)]
    touch = _Touch(operated)
    stops = [sorted({n for site in sites for n in touch.stopped(_Row(row | {"target": site}, operated))})]
    ptr, what = flattened(stops, np.int64)
    return _law(one, operated), _links(one, operated)._replace(stop_ptr=ptr, stop_what=what)

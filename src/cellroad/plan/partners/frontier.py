"""What can two partners have between them? The frontier of their values, and the plans on it.

A point is on the frontier where one of them can have more only if the other has less. Points that are best for some
weighing of both values,

    maximise  w * value[a] + (1 - w) * value[b],

are found by asking between two neighbours for the weighing in which both are worth the same (Aneja and Nair 1979) until
nothing new comes. Between them a plan with whole decisions can have more points that no weighing finds; those are asked
for by a floor under one value (the epsilon constraint of Haimes, Lasdon and Wismer 1971),

    maximise  value[b]  subject to  value[a] >= floor.

Both are exact to the gap. Other partners do as the setting `others` says. What falls on nobody named counts with the
larger weight, so that neither lives on somebody who is not there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import polars as pl

from cellroad.chain.chain import Chain
from cellroad.plan.partners.between import Between
from cellroad.plan.planning import allowed
from cellroad.plan.readout import taken_starts
from cellroad.plan.solving.watching import Limits, NoPlanError, Outcome
from cellroad.rules.eligibility import Eligibility
from cellroad.rules.law import Law

CLOSE = 1e-5
"""Of the span of values: points that are nearer than this are one."""
NARROW = 0.01
"""Of the span of values: gaps that are narrower than this are left."""
TRIES = 4
"""Floors that are tried for each point that is asked for."""
SLACK = 1e-6
"""USD by which a floor may be missed, for rounding."""
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Frontier:
    """Attainable values of partners a and b, from the best of b to the best of a.

    frame: a_usd, b_usd (net present values with what each holds of others), found_by (weights, floor), weight (of a;
    blank for a floor), supported (best for some weighing), opens (options and campaigns, as a list in words)
    """

    chain: Chain
    a: str
    b: str
    frame: pl.DataFrame

    def summary(self) -> pl.DataFrame:
        """Return the ends of the frontier and its point of largest sum: what, a_usd, b_usd, sum_usd, opens."""
        total = pl.col("a_usd") + pl.col("b_usd")
        rows = [
            ("best for " + self.a, self.frame.sort("a_usd").tail(1)),
            ("best for " + self.b, self.frame.sort("b_usd").tail(1)),
            ("largest sum", self.frame.sort(total).tail(1)),
        ]
        return pl.concat(
            [
                row.select(what=pl.lit(what), a_usd="a_usd", b_usd="b_usd", sum_usd=total, opens="opens")
                for what, row in rows
            ]
        )


def frontier(
    chain: Chain,
    a: str,
    b: str,
    points: int = 9,
    *,
    law: Law | None = None,
    rules: Eligibility | None = None,
    gap: float = 1e-3,
    time_limit: float = 60.0,
    threads: int = 2,
) -> Frontier:
    """Return up to so many points of the frontier between the values of two partners, each one a plan.

    gap and time_limit hold for each of the plans. Raises ChainError where a or b is no partner of the chain and
    NoPlanError where there is no plan at all.
    """
    limits = Limits(gap, time_limit, 0, threads)
    between = Between.of(chain, (a, b), allowed(chain, law) if rules is None else rules, limits)
    found = [_end(between, 0), _end(between, 1)]
    span = max(abs(found[0][0] - found[1][0]), abs(found[0][1] - found[1][1]), 1e-9)
    if _apart(found[0], found[1], span):
        found = _between_weights(between, found, points, span)
        found = _between_floors(between, found, points, span)
    else:
        found = found[:1]
    return Frontier(chain, a, b, _frame(found, span))


Found = tuple[float, float, str, float | None, str]


def _point(between: Between, outcome: Outcome, how: str, weight: float | None) -> Found:
    a, b = between.values(outcome.values)
    taken = taken_starts(between.net, between.model.columns["start"].of(outcome.values)).sort("decided", "what")
    opens = ", ".join(f"{what} {day:%b %Y}" for what, day in taken.select("what", "decided").iter_rows())
    return a, b, how, weight, opens


def _end(between: Between, first: int) -> Found:
    """Return the best for one partner, and among those the best for the other."""
    weights = (1.0, 0.0) if first == 0 else (0.0, 1.0)
    top = between.values(between.best(weights).values)[first]
    slack = between.limits.gap * abs(top) + SLACK
    least = (top - slack, -np.inf) if first == 0 else (-np.inf, top - slack)
    outcome = between.best(weights[::-1], least)
    return _point(between, outcome, "weights", weights[0])


def _between_weights(between: Between, found: Sequence[Found], points: int, span: float) -> list[Found]:
    """Ask between neighbours for the weighing in which both are worth the same, until nothing lies above."""
    todo, done = [(found[1], found[0])], list(found)
    while todo and len(done) < points:
        low, high = todo.pop(0)  # low: less for a and more for b
        rise, fall = high[0] - low[0], low[1] - high[1]
        if rise <= CLOSE * span or fall <= CLOSE * span:
            continue
        weight = fall / (rise + fall)
        new = _point(between, between.best((weight, 1 - weight)), "weights", weight)
        gain = weight * (new[0] - low[0]) + (1 - weight) * (new[1] - low[1])
        if gain > max(CLOSE * span, between.limits.gap * abs(weight * low[0] + (1 - weight) * low[1])):
            done.append(new)
            todo += [(low, new), (new, high)]
    return done


def _between_floors(between: Between, found: list[Found], points: int, span: float) -> list[Found]:
    """Ask in the widest gaps for the best of b with a floor under a: in the middle, then in what is left on each side.

    A floor f whose best plan has q for a leaves open what lies between f and the point below, and above q.
    """
    values = sorted(point[0] for point in found)
    gaps = [(high - low, low, high) for low, high in pairwise(values)]
    for _ in range(TRIES * points):
        size, low, high = max(gaps, default=(0.0, 0.0, 0.0))
        if len(found) >= points or size <= NARROW * span:
            break
        gaps.remove((size, low, high))
        floor = (low + high) / 2
        try:
            first = between.values(between.best((0.0, 1.0), (floor, -np.inf)).values)[1]
            slack = between.limits.gap * abs(first) + SLACK
            new = _point(between, between.best((1.0, 0.0), (floor, first - slack)), "floor", None)
        except NoPlanError:
            new = None
        if new is not None and all(_apart(new, other, span) for other in found):
            found.append(new)
        reached = high if new is None else min(max(new[0], floor), high)
        gaps += [(floor - low, low, floor), (high - reached, reached, high)]
    return found


def _apart(one: Found, other: Found, span: float) -> bool:
    return max(abs(one[0] - other[0]), abs(one[1] - other[1])) > CLOSE * span


def _frame(found: Sequence[Found], span: float) -> pl.DataFrame:
    """Return the points that no other beats, in order, and whether each lies on the upper hull."""
    kept = [
        p for p in found
        if not any(q[0] >= p[0] and q[1] >= p[1] and _apart(p, q, span) for q in found)
    ]  # fmt: skip
    kept.sort(key=lambda p: (p[0], -p[1]))
    hull = _hull([(p[0], p[1]) for p in kept], CLOSE * span)
    rows = [(a, b, how, weight, n in hull, opens) for n, (a, b, how, weight, opens) in enumerate(kept)]
    schema = {
        "a_usd": pl.Float64, "b_usd": pl.Float64, "found_by": pl.String, "weight": pl.Float64, "supported": pl.Boolean,
        "opens": pl.String,
    }  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row")


def _hull(points: Sequence[Point], slack: float) -> set[int]:
    """Return which points, in order of a, lie on their upper hull, to within the slack (Andrew's monotone chain)."""
    chain: list[int] = []
    for n, (x, y) in enumerate(points):
        while len(chain) > 1:
            (x0, y0), (x1, y1) = points[chain[-2]], points[chain[-1]]
            if (x1 - x0) * (y - y0) - (y1 - y0) * (x - x0) < -slack * (x - x0):
                break
            chain.pop()
        chain.append(n)
    return set(chain)

"""Which items may not be sold to whom, or not cross a border, from when, and which row says so?

A ban hits an item whose maker falls under the regime of the ban, or whose inputs come from such makers for the share
of cost that the ban names. Standing, contracts and prices change on days, so the answer holds over pieces of time:
between two critical days it is one. A ban that is only a bill bars nobody; one whose state is not known may bar.

Conversion cost is not counted, and what went into something bought is not seen.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any

import polars as pl

from cellroad.chain.chain import Chain
from cellroad.chain.tables import REGIMES
from cellroad.rules.eligibility import BAN_SCHEMA
from cellroad.rules.law import Law
from cellroad.rules.makers import Sourcing, Span, Way, alike, input_parts, made_by, said, sourcing, worst
from cellroad.rules.ratio import barred_share, compared, exact, percent
from cellroad.rules.verdict import Kind, Reason, Standing, Verdict, all_of, any_of

DAY = dt.timedelta(days=1)
CHANGING = ("bans", "listings", "tests", "regimes", "stakes")
"""Tables of the law whose rows begin and end."""
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Target:
    """Whom a ban binds: the purchases of a segment, or goods that enter or leave a country; whether it does at all."""

    binds: str
    segment: str | None
    country: str | None
    bound: Verdict


def ban_frame(chain: Chain, law: Law, standing: Standing, first: dt.date, last: dt.date) -> pl.DataFrame:
    """Return what may not be sold, or not cross a border, from first to last.

    Columns: ban, binds (regime of the segment, or import:US, export:CN), segment, country, item, answer (yes: barred;
    unknown), valid_from, valid_to (both included; null: open), because, rows (ids separated by ';'), confidence. What
    is not barred has no row. `standing` must not change between two of `critical_days`.
    """
    held = law.bans.filter(pl.col("state").cast(pl.String).is_in(["in force", "contested", "unknown"]))
    return _frame(chain, law, standing, first, last, held)


def pending(chain: Chain, law: Law, standing: Standing, first: dt.date, last: dt.date) -> pl.DataFrame:
    """Return what bills would bar if they became law; columns as for `ban_frame`, the answer always no."""
    bills = law.bans.filter(pl.col("state").cast(pl.String) == "pending")
    certain = pl.when(pl.col("answer") == "yes").then(pl.lit("would")).otherwise(pl.lit("may"))
    return _frame(chain, law, standing, first, last, bills).with_columns(
        answer=pl.lit("no"), because=pl.format("a bill, not law; it {} bar: {}", certain, "because")
    )


def critical_days(chain: Chain, law: Law, first: dt.date, last: dt.date) -> list[dt.date]:
    """Return the days from first to last on which a standing or a ban may change; the first day is always one.

    These are the days on which a row of law, a stake or a review begins to hold, and those after the last of one.
    """
    dated = [law.tables[name] for name in CHANGING] + [chain.stakes]
    starts = [frame["valid_from"] for frame in dated] + [chain.reviews["day"]]
    ends = [frame["valid_to"].dt.offset_by("1d") for frame in dated]
    days = pl.concat([series.rename("day") for series in starts + ends]).drop_nulls()
    return sorted({first, *days.filter((days > first) & (days <= last)).to_list()})


def _frame(
    chain: Chain, law: Law, standing: Standing, first: dt.date, last: dt.date, bans: pl.DataFrame
) -> pl.DataFrame:
    source, known = sourcing(chain), cache(standing)
    days = [*critical_days(chain, law, first, last), last + DAY]
    spans = [(start, end - DAY) for start, end in pairwise(days)]
    regimes = set(law.regimes["regime_id"])
    judge = cache(lambda test, item, span: _hit(source, test, item, span, known, regimes))
    rows = []
    for ban in bans.filter(pl.col("binds") != "").iter_rows(named=True):
        stages = set(ban["stages"].split(";"))
        items = [item for item, row in source.items.items() if row["stage"] in stages]
        targets = list(_targets(chain, ban))
        held = [span for span in spans if _within(ban, span)]
        for item in items if targets else []:
            for target in targets:
                pieces = [(span, _told(ban, target, source, item, judge(_test(ban), item, span))) for span in held]
                for (start, end), verdict in _joined(pieces):
                    if verdict.answer != "no":
                        to = ban["valid_to"] if end == last else end
                        rows.append(_row(ban, target, item, verdict, start, to))
    return pl.DataFrame(rows, schema=BAN_SCHEMA, orient="row")


def _within(ban: Row, span: Span) -> bool:
    return (ban["valid_from"] or dt.date.min) <= span[0] and (ban["valid_to"] is None or span[1] <= ban["valid_to"])


@dataclass(frozen=True, slots=True)
class Test:
    """What a ban asks of an item, whomever it binds."""

    regime: str
    share: float | None
    compare: str
    through_cells: bool
    min_wh_per_kg: float | None


def _test(ban: Row) -> Test:
    through = ban["component_level"] == "bought"
    return Test(ban["regime"], ban["component_share"], ban["component_compare"], through, ban["min_wh_per_kg"])


def _targets(chain: Chain, ban: Row) -> Iterator[Target]:
    """Yield whom a ban binds: `defence`, `defence:new` or `import:US` stand for segments and borders."""
    for word in ban["binds"].replace(" ", "").split(";"):
        kind, _, which = word.partition(":")
        if kind in ("import", "export") and which:
            if chain.sites.filter(pl.col("country") == which).is_empty():
                continue
            yield Target(word, None, which, said("yes", f"goods that cross the border of {which}"))
            continue
        if kind not in REGIMES:
            continue
        for segment, programme in chain.segments.filter(pl.col("regime") == kind)["segment", "programme"].iter_rows():
            if not which or programme == which:
                yield Target(kind, segment, None, said("yes", f"purchases of {segment}"))
            elif programme is None:
                missing = f"whether {segment} buys for {which} programmes is not known: name its programme in segments"
                yield Target(kind, segment, None, said("unknown", missing))


def _hit(source: Sourcing, test: Test, item: str, span: Span, standing: Standing, regimes: set[str]) -> Verdict:
    """Say whether a ban hits an item over a piece of time, whichever way the chain has it."""
    dense = _dense(source.items[item], test.min_wh_per_kg)
    if not test.regime or dense.answer == "no":
        return dense
    if test.regime not in regimes:
        return said("no", f"the law as known has no {test.regime}")
    ways = source.ways.get(item, ()) or (None,)
    hits = alike((way.name if way else item, _way_hit(source, test, item, way, span, standing)) for way in ways)
    return hits if test.min_wh_per_kg is None else all_of([dense, hits])


def _way_hit(source: Sourcing, test: Test, item: str, way: Way | None, span: Span, standing: Standing) -> Verdict:
    """Say whether an item is, by one of its ways, of a barred maker or of inputs of such makers."""

    def barred(partner: str) -> Verdict:
        return standing(partner, test.regime, span[0])

    final = made_by(source, item, way, barred)
    if final.answer == "yes" or test.share is None:
        return final
    return any_of([final, _components(source, test, way, barred, span)])


def _components(source: Sourcing, test: Test, way: Way | None, barred: Callable[[str], Verdict], span: Span) -> Verdict:
    """Say whether the inputs of a process come from barred makers for the share of cost that the ban names."""
    if way is None or not way.made:
        return said("no", "what is bought is taken to be as its maker is", confidence="assumption", kind="assumed")
    parts, reasons = input_parts(source, way, barred, span, test.through_cells)
    low, high = barred_share(parts)
    answer = compared(low, high, test.compare, exact(test.share or 0))
    if answer == "no" and not high:
        return Verdict("no", reasons)
    kind: Kind = "missing" if answer == "unknown" else "because"
    rows = tuple(dict.fromkeys(row for reason in reasons for row in reason.rows))
    which = next((f" ({reason.text})" for reason in reasons if reason.kind == kind), "")
    share = f"{percent(low, high)} of the inputs of {way.name} by cost are of barred makers{which}"
    about = Reason(f"{share}; conversion is not counted", rows, "verified", kind)
    return Verdict(answer, (about, *reasons))


def _dense(item: Row, least: float | None) -> Verdict:
    """Say whether an item has the least specific energy that a ban names (Wh/kg)."""
    if least is None:
        return said("yes", "every maker")
    if not item["kwh"] or not item["mass_kg"]:
        return said("unknown", f"the specific energy of {item['item']} is not known: give kwh and mass_kg in items")
    value = 1000 * exact(item["kwh"]) / exact(item["mass_kg"])
    return said("yes" if value >= exact(least) else "no", f"{float(value):.4g} Wh/kg against {least:g} Wh/kg")


def _told(ban: Row, target: Target, source: Sourcing, item: str, hit: Verdict) -> Verdict:
    """Return a hit as the ban says it: only what leaves its country, only if it binds, unknown if its state is."""
    verdicts = [hit, target.bound]
    if target.binds.startswith("export:"):
        verdicts.append(_from(source, item, target.country or ""))
    if str(ban["state"]) != "in force" and str(ban["state"]) != "pending":
        verdicts.append(said("unknown", f"{ban['instrument']}: {ban['status'] or ban['state']}"))
    return all_of(verdicts)


def _from(source: Sourcing, item: str, country: str) -> Verdict:
    """Say whether an item can leave a country as its product."""
    origin = source.items[item]["origin"]
    places = {origin} if origin else {way.country for way in source.ways.get(item, ())}
    named = ", ".join(sorted(places)) or "nowhere in this chain"
    return said("yes" if country in places else "no", f"{item} comes from {named}")


def _joined(pieces: list[tuple[Span, Verdict]]) -> Iterator[tuple[Span, Verdict]]:
    """Yield pieces of time with neighbours of the same answer joined."""
    joined: list[tuple[Span, Verdict]] = []
    for (start, end), verdict in pieces:
        if joined and joined[-1][1].answer == verdict.answer and joined[-1][0][1] + DAY == start:
            joined[-1] = ((joined[-1][0][0], end), joined[-1][1])
        else:
            joined.append(((start, end), verdict))
    yield from joined


def _row(
    ban: Row, target: Target, item: str, verdict: Verdict, start: dt.date, end: dt.date | None
) -> tuple[object, ...]:
    rows = dict.fromkeys([ban["ban_id"], *(row for reason in verdict.reasons for row in reason.rows)])
    ways_out = f"; ways out: {ban['waiver_or_exception']}" if ban["waiver_or_exception"] else ""
    because = f"{ban['instrument']}: {verdict.because}{ways_out}"
    confidence = worst(verdict.confidence, str(ban["confidence"]))
    return (
        ban["ban_id"], target.binds, target.segment, target.country, item, verdict.answer, start, end, because,
        ";".join(rows), confidence, str(ban["unknown"]),
    )  # fmt: skip

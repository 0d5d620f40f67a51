"""What duty is due on an entry: an ordered list of layers, each with its own date, and what they add up to.

Layers are facts (`facts.tariffs`), the arithmetic is here:

    column 1   the base rate, or the special rate of a preference that is claimed
    floor      tops column 1 (and floors before it) up to its rate:  max(0, floor − column 1)
    add        goes on top
    exempt     lifts the layers of its program; where that is not certain, they are due between 0 and their rate

Within one program the most specific rule holds: first by origin, then by code, then the newest. What counts is what was
payable at entry on that day: duty that later turned out void was collected and is shown as refundable. A layer whose
rate we have not seen is never a silent zero: it leaves the total without an upper bound.

Source of the layering: HTSUS chapter 99, subchapter III, and its U.S. notes; the rows name their own.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from functools import cache, lru_cache

import polars as pl

from cellroad.chain import facts
from cellroad.chain.column import HTS_PATTERN
from cellroad.chain.day import Day, as_day

LAYER_SCHEMA = {
    "order": pl.Int64, "rule_id": pl.String, "program": pl.String, "ch99_heading": pl.String, "rate_type": pl.String,
    "rate_pct": pl.Float64, "added_pct": pl.Float64, "low_pct": pl.Float64, "running_pct": pl.Float64,
    "state": pl.String, "hts": pl.String, "source_id": pl.String, "confidence": pl.String, "note": pl.String,
}  # fmt: skip
SCHEDULE_SCHEMA = {
    "valid_from": pl.Date, "valid_to": pl.Date, "rate_share": pl.Float64, "low_share": pl.Float64,
    "high_share": pl.Float64, "refundable_share": pl.Float64, "state": pl.String, "rules": pl.String,
}  # fmt: skip

RANK = {"base": 0, "base_special": 1, "floor": 2, "add": 3, "deposit": 3, "exempt": 4}
COUNTED = (pl.col("added_pct") != 0) | (pl.col("state") == "unknown")
UNBOUNDED = pl.col("rate_pct").is_null() & (pl.col("state") == "unknown") & (pl.col("rate_type") != "exempt")


@dataclass(frozen=True, slots=True)
class DutyTotal:
    """What the layers add up to, in percent of customs value.

    `rate_pct` is what was payable at entry, at the dearest statistical suffix that the code covers (`hts`) and without
    exemptions that are not certain; `low_pct` the least it can be (at `low_hts`); `high_pct` the most, None where no
    bound is known. `refundable_pct` is the part that was later held void. `state` is the worst of the layers: unknown,
    void (refundable), contested, in force; or domestic. `layers` is the frame of `layers`.
    """

    rate_pct: float
    low_pct: float
    high_pct: float | None
    refundable_pct: float
    state: str
    hts: str
    low_hts: str
    layers: pl.DataFrame
    note: str = ""


def layers(
    importer: str, origin: str, hts: str | None, on: Day, loaded: Day | None = None,
    as_known: Day | None = None, preference: str | None = None,
) -> pl.DataFrame:  # fmt: skip
    """Return the layers that hold for an entry on that day.

    Columns: order, rule_id, program, ch99_heading, rate_type, rate_pct (as written), added_pct (what it adds to the
    total), low_pct (the least it may add), running_pct, state (in force, void, contested, pending, unknown, exempt,
    in transit, replaced), hts (the code that it was worked out for), source_id, confidence, note.

    `loaded` is the day of loading, for goods that were already under way when a rule began; `preference` the trade
    agreement that is claimed (KORUS, USMCA). Raises ValueError for a code that is not a tariff code.
    """
    return total(importer, origin, hts, on, loaded, as_known, preference).layers


@lru_cache(maxsize=4096)
def total(
    importer: str, origin: str, hts: str | None, on: Day, loaded: Day | None = None,
    as_known: Day | None = None, preference: str | None = None,
) -> DutyTotal:  # fmt: skip
    """Return what the layers of an entry add up to. Arguments as for `layers`.

    Raises ValueError for a code that is not a tariff code.
    """
    digits = _digits(hts)
    on, loaded, as_known = as_day(on), as_day(loaded), as_day(as_known)
    if facts.customs_union(importer) == facts.customs_union(origin):
        return _without_layers(digits, "domestic", 0.0, "no customs border is crossed")
    rules = _rules(importer, origin, as_known, preference)
    if rules.is_empty():
        return _without_layers(digits, "unknown", None, f"no duty rules of {importer} in the facts; counted as zero")
    by_code = [(code, stack(rules, code, on, loaded)) for code in _codes(importer, digits)]
    dear_code, dear = max(by_code, key=lambda pair: pair[1]["added_pct"].sum())
    low_code, low = min(by_code, key=lambda pair: pair[1]["low_pct"].sum())
    states = {"unknown" for _, frame in by_code if "unknown" in frame["state"]}.union(dear.filter(COUNTED)["state"])
    unbounded = any(frame.filter(UNBOUNDED).height for _, frame in by_code)
    rate = float(dear["added_pct"].sum())
    return DutyTotal(
        rate_pct=rate,
        low_pct=float(low["low_pct"].sum()),
        high_pct=None if unbounded else rate,
        refundable_pct=float(dear.filter(pl.col("state") == "void")["added_pct"].sum()),
        state=next((state for state in ("unknown", "void", "contested") if state in states), "in force"),
        hts=_dotted(dear_code),
        low_hts=_dotted(low_code),
        layers=dear,
        note="" if digits else "no tariff code given",
    )


@lru_cache(maxsize=1024)
def schedule(
    importer: str, origin: str, hts: str | None, first: Day, last: Day,
    as_known: Day | None = None, preference: str | None = None,
) -> pl.DataFrame:  # fmt: skip
    """Return the total duty from first to last, piecewise constant.

    Columns: valid_from, valid_to (both included), rate_share, low_share, high_share (null: no bound known),
    refundable_share, state, rules (ids of the layers that count, separated by ';'). The window is covered without gap
    or overlap; after the newest rule its rates are taken to stay. Raises ValueError for a code that is no tariff code.
    """
    first, last, as_known = as_day(first), as_day(last), as_day(as_known)
    rules = _rules(importer, origin, as_known, preference)
    turns = pl.concat([rules["valid_from"], rules["valid_to"].dt.offset_by("1d")]).drop_nulls()
    days = sorted({first, *turns.filter((turns > first) & (turns <= last)).to_list()})
    rows = []
    for day in days:
        duty = total(importer, origin, hts, day, None, as_known, preference)
        counted = duty.layers.filter(COUNTED)
        high = None if duty.high_pct is None else duty.high_pct / 100
        shares = (duty.rate_pct / 100, duty.low_pct / 100, high, duty.refundable_pct / 100)
        rows.append((*shares, duty.state, ";".join(counted["rule_id"])))
    constant = [i for i in range(len(rows)) if i == 0 or rows[i] != rows[i - 1]]
    ends = [days[i] - dt.timedelta(days=1) for i in constant[1:]] + [last]
    return pl.DataFrame(
        [(days[i], end, *rows[i]) for i, end in zip(constant, ends, strict=True)], schema=SCHEDULE_SCHEMA, orient="row"
    )


@cache
def _rules(importer: str, origin: str, as_known: dt.date | None, preference: str | None) -> pl.DataFrame:
    """Return the layers of an importer for an origin in long form, as known on a day, without unclaimed preferences."""
    concerned = (pl.col("importer") == importer) & pl.col("origin").is_in([origin, "ALL"])
    claimed = pl.col("claim").is_in(["", preference or ""])
    layered = ~pl.col("rate_type").cast(pl.String).is_in(["note", "total"])
    return facts.known(facts.tariff_lines().filter(concerned & claimed & layered), as_known)


@cache
def _codes(importer: str, digits: str) -> tuple[str, ...]:
    """Return the codes under a tariff code that rules tell apart, the code itself where they tell none apart.

    A heading of fewer than six digits covers goods that no rule here names, so it stands beside its codes.
    """
    if not digits:
        return ("",)
    named = facts.tariff_lines().filter(pl.col("importer") == importer)["digits"].unique()
    under = [code for code in named.sort() if code.startswith(digits) and code != digits]
    leaves = tuple(code for code in under if not any(other.startswith(code) for other in under if other != code))
    return leaves if leaves and len(digits) >= 6 else (digits, *leaves)


def stack(rules: pl.DataFrame, code: str, on: dt.date, loaded: dt.date | None = None) -> pl.DataFrame:
    """Return the layers of one code on one day, worked out from rules in long form (`facts.tariff_lines`).

        level_k = max(level_(k−1), rate_k) over column 1 and floors, each adding level_k − level_(k−1)
        added_k = rate_k for what goes on top

    The order of the rules does not matter. Columns as for `layers`.
    """
    due = pl.col("due")
    held = _relieve(_hold(rules, code, on), on, loaded)
    counts = ~pl.col("state").is_in(["exempt", "in transit", "replaced", "pending"]) & (pl.col("rate_type") != "exempt")
    levelled = pl.col("rank") < 3
    return (
        held.with_columns(due=pl.when(counts).then(pl.col("rate_pct").fill_null(0.0)).otherwise(0.0))
        .with_columns(least=pl.when(pl.col("lifted").is_null()).then(due).otherwise(0.0))
        .with_columns(
            added_pct=pl.when(levelled).then(_steps(due, levelled)).otherwise(due),
            low_pct=pl.when(levelled).then(_steps(pl.col("least"), levelled)).otherwise(pl.col("least")),
        )
        .with_columns(
            order=pl.int_range(1, pl.len() + 1),
            running_pct=pl.col("added_pct").cum_sum(),
            hts=pl.lit(_dotted(code)),
            note=pl.concat_str(pl.col("notes").replace("", None), "lifted", separator="; ", ignore_nulls=True),
        )
        .select(pl.col(name).cast(dtype) for name, dtype in LAYER_SCHEMA.items())
    )


def _hold(rules: pl.DataFrame, code: str, on: dt.date) -> pl.DataFrame:
    """Return the rules that hold for a code on a day: the most specific of each program, and every exemption."""
    held = (
        facts.valid(rules.with_columns(since=pl.col("valid_from").min().over("program")), on)
        .filter(pl.lit(code).str.starts_with(pl.col("digits")))
        .with_columns(pl.col("rate_type", "state", "confidence").cast(pl.String))
        .with_columns(rank=pl.col("rate_type").replace_strict(RANK, return_dtype=pl.Int64))
        .sort("reach", pl.col("digits").str.len_chars(), "valid_from", "rule_id")
    )
    exempting = pl.col("rate_type") == "exempt"
    specific = held.filter(~exempting).unique("program", keep="last")
    return pl.concat([specific, held.filter(exempting)]).sort("rank", "since", "rule_id")


def _relieve(held: pl.DataFrame, on: dt.date, loaded: dt.date | None) -> pl.DataFrame:
    """Mark what is not due (exempt, under way in time, replaced by a claimed rate) and what may not be."""
    exempting = pl.col("rate_type") == "exempt"
    lifts = (
        held.filter(exempting)
        .group_by("program")
        .agg(by=pl.col("rule_id").sort().str.join(", "), certain=(pl.col("state") != "unknown").any())
    )
    in_time = pl.col("transit_entered_before").is_null() | (pl.col("transit_entered_before") > on)
    under_way = pl.lit(False) if loaded is None else (pl.col("transit_loaded_before") > loaded) & in_time
    claimed = (pl.col("rate_type") == "base_special").any()
    unseen = pl.col("rate_pct").is_null() & (pl.col("state") != "pending")
    state = (
        pl.when(exempting)
        .then(pl.col("state"))
        .when(under_way.fill_null(False))
        .then(pl.lit("in transit"))
        .when(pl.col("certain"))
        .then(pl.lit("exempt"))
        .when((pl.col("rate_type") == "base") & claimed)
        .then(pl.lit("replaced"))
        .when(unseen | ~pl.col("certain"))
        .then(pl.lit("unknown"))
        .otherwise(pl.col("state"))
    )
    return held.join(lifts, on="program", how="left", maintain_order="left").with_columns(
        state=state,
        lifted=pl.when(~exempting & ~pl.col("certain")).then(pl.format("may be lifted by {}", "by")),
    )


def _steps(rate: pl.Expr, levelled: pl.Expr) -> pl.Expr:
    """Return what each rate adds to the highest before it."""
    level = pl.when(levelled).then(rate).otherwise(0.0).cum_max()
    return level - level.shift(1, fill_value=0.0)


def _without_layers(digits: str, state: str, high: float | None, note: str) -> DutyTotal:
    code = _dotted(digits)
    return DutyTotal(0.0, 0.0, high, 0.0, state, code, code, pl.DataFrame(schema=LAYER_SCHEMA), note)


def _digits(hts: str | None) -> str:
    if hts is None:
        return ""
    if not re.match(HTS_PATTERN, hts):
        raise ValueError(f"{hts!r} is not a tariff code; expected 4 to 10 digits with dots, such as 8507.60.0020")
    return hts.replace(".", "")


def _dotted(digits: str) -> str:
    return ".".join(part for part in (digits[:4], digits[4:6], digits[6:]) if part)

"""The settings of a plan: horizon, rates and end values, declared once with unit, default and meaning."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, fields
from typing import Any

import polars as pl

from cellroad.chain.finding import Finding


def _setting(
    default: Any, unit: str, meaning: str, low: float | None = None, high: float | None = None,
    words: tuple[str, ...] = (),
) -> Any:  # fmt: skip
    metadata = {"unit": unit, "meaning": meaning, "low": low, "high": high, "words": words}
    return field(default=default, metadata=metadata)


@dataclass(frozen=True, slots=True)
class PlanSettings:
    """What holds for a whole chain. Blank or missing settings take their default."""

    start: dt.date = _setting(dt.date(2027, 1, 1), "date", "first day of the horizon")
    months: int = _setting(72, "months", "length of the horizon", 1, 600)
    quarters_after: int = _setting(24, "months", "planned month by month; quarters after that", 0, 600)
    years_after: int = _setting(600, "months", "planned by quarter up to then; by year after that", 0, 600)
    decide_every_months: int = _setting(3, "months", "options and campaigns may start at this pace", 1, 60)
    discount_per_year: float = _setting(0.10, "share per year", "discount rate of the net present value", 0, 1)
    discount_from: str = _setting(
        "middle", "middle or start",
        "money of a period counts as of its middle, by the day, or of its start, by the month",
        words=("middle", "start"),
    )  # fmt: skip
    holding_per_year: float = _setting(
        0.04,
        "share of value per year",
        "storage, insurance and ageing of stock, without the cost of money",
        0,
        1,
    )
    carrying_per_year: float = _setting(
        0.10, "share of value per year", "cost of money in goods under way, for landed cost", 0, 1
    )
    insurance_share: float = _setting(0.003, "share of value", "cargo insurance on crossings of a border", 0, 0.1)
    transit: str = _setting(
        "likely", "low, likely or high", "which of the transit days of a lane are planned with",
        words=("low", "likely", "high"),
    )  # fmt: skip
    service_level: float = _setting(
        0.95, "share", "how surely a market is served from stock within a lead time, for safety stock", 0.5, 0.9999
    )
    demand_spread: float = _setting(
        0.3, "share", "standard deviation of a month's demand where no risk says, for safety stock", 0, 3
    )
    demand_correlation: float = _setting(0.0, "share", "correlation of demand between markets, for safety stock", 0, 1)
    terminal_stock_share: float = _setting(
        0.8, "share of book value", "worth of stock and goods under way at the end", 0, 1
    )
    terminal_plant_share: float = _setting(
        1.0, "share of straight-line value", "worth of plant built within the horizon at its end", 0, 1
    )
    when_unknown: str = _setting(
        "against", "against or for", "a rule with an unknown answer counts against us (no sale, no credit) or for us",
        words=("against", "for"),
    )  # fmt: skip
    ratio_over: str = _setting(
        "process", "process or item", "material ratio of a tax credit: of each process, or of all that make an item "
        "together", words=("process", "item"),
    )  # fmt: skip
    count_delays: str = _setting(
        "expected", "expected, quantile or none", "delays of what is built that a plan counts: on average, at the "
        "quantile, or none", words=("expected", "quantile", "none"),
    )  # fmt: skip
    delay_quantile: float = _setting(0.8, "share of cases", "cases that a delay covers where quantiles count", 0, 1)
    value_of: str = _setting(
        "", "partner, or partner:weight;partner:weight", "whose value is maximised, with what it holds in others; "
        "blank: the whole chain's",
    )  # fmt: skip
    others: str = _setting(
        "gain", "gain or follow", "with value_of: other partners take part only where they do not lose (gain), or do "
        "as they are told (follow)", words=("gain", "follow"),
    )  # fmt: skip


def value_weights(value_of: str) -> dict[str, float]:
    """Return the weight of each partner whose value counts: "a" or "a:0.6;b:0.4"; empty where all count alike.

    Raises ValueError where it cannot be read, or a weight is not above zero.
    """
    weights: dict[str, float] = {}
    for part in filter(None, (piece.strip() for piece in value_of.split(";"))):
        name, _, weight = part.partition(":")
        weights[name.strip()] = float(weight) if weight else 1.0
        if not 0 < weights[name.strip()] < float("inf"):
            raise ValueError(f"{part!r} has no weight above zero")
    return weights


def declared() -> pl.DataFrame:
    """Return the settings that exist: name, unit, default, meaning."""
    return pl.DataFrame(
        [
            {
                "name": f.name,
                "unit": f.metadata["unit"],
                "default": str(f.default),
                "meaning": f.metadata["meaning"],
            }
            for f in fields(PlanSettings)
        ]
    )


def parse_settings(frame: pl.DataFrame) -> tuple[PlanSettings, list[Finding]]:
    """Read the settings table; what cannot be read keeps its default and is told as a finding."""
    known = {f.name: f for f in fields(PlanSettings)}
    values: dict[str, Any] = {}
    findings: list[Finding] = []
    for row, (name, value) in enumerate(frame.select("name", "value").iter_rows(), start=2):
        if name not in known:
            findings.append(
                Finding(
                    "warning", "settings", row, "name", repr(name), "one of " + ", ".join(known),
                    "Remove the row or correct the name.",
                )
            )  # fmt: skip
            continue
        if not value:
            continue
        wanted = known[name]
        try:
            values[name] = _parse(value, type(wanted.default))
        except ValueError:
            findings.append(_bad(row, value, str(wanted.metadata["unit"])))
            continue
        words = wanted.metadata["words"]
        if words and values[name] not in words:
            findings.append(_bad(row, value, " or ".join(words)))
            del values[name]
            continue
        low, high = wanted.metadata["low"], wanted.metadata["high"]
        if low is not None and not low <= values[name] <= high:
            findings.append(_bad(row, value, f"{wanted.metadata['unit']} from {low:g} to {high:g}"))
            del values[name]
    return PlanSettings(**values), findings


def _parse(value: str, kind: type) -> Any:
    if kind is dt.date:
        return dt.date.fromisoformat(value if len(value) > 7 else f"{value}-01").replace(day=1)
    if kind is int:
        return int(value)
    return kind(value)


def _bad(row: int, value: str, expected: str) -> Finding:
    mend = "Write year-month, as in 2027-10." if expected == "date" else "Correct the value."
    return Finding("blocker", "settings", row, "value", repr(value), expected, mend)

"""Small programmes for the tests of the roadmap."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl

from cellroad.engineering.roadmap.reading import RoadmapTables

START = dt.date(2026, 1, 1)


def programme(
    gates: list[dict[str, Any]], *, goal: str | None = None, by: dt.date = dt.date(2028, 12, 31), **more: pl.DataFrame
) -> RoadmapTables:
    """Return a programme of gates; what a gate does not say is one month, fixed."""
    rows = [
        {"phase": "pilot", "after": None, "needs": "all", "months_low": 1.0, "months_likely": 1.0, "months_high": 1.0,
         "shape": "fixed", "success_share": 1.0, "tries": 1, "repeat_share": 1.0, **gate}
        for gate in gates
    ]  # fmt: skip
    head = {"programme": ["p"], "start": [START], "by": [by], "goal": [goal or gates[-1]["gate"]]}
    return RoadmapTables.of("p", programme=pl.DataFrame(head), gates=pl.DataFrame(rows), **more)


def lasting(gate: str, months: tuple[float, float, float], shape: str = "fixed", **more: Any) -> dict[str, Any]:
    """Return a gate of so many months."""
    return {"gate": gate, "months_low": months[0], "months_likely": months[1], "months_high": months[2],
            "shape": shape, **more}  # fmt: skip


def evidence(**changes: Any) -> pl.DataFrame:
    """Return one row that proves gate `a`, but for what is changed."""
    row = {"evidence": "e", "gate": "a", "on": dt.date(2025, 6, 1), "shows": "passed", "source": "P38",
           "confidence": "verified", **changes}  # fmt: skip
    return pl.DataFrame([row], schema_overrides={"on": pl.Date})

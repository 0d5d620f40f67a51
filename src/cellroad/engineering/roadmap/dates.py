"""Months from the start of a programme, and days."""

from __future__ import annotations

import datetime as dt
import math

DAYS_PER_MONTH = 365.25 / 12


def months_to(start: dt.date, day: dt.date) -> float:
    """Return months from a day to the end of another."""
    return ((day - start).days + 1) / DAYS_PER_MONTH


def day_of(start: dt.date, months: float) -> dt.date | None:
    """Return the day after so many months; None for infinitely many."""
    return start + dt.timedelta(days=round(months * DAYS_PER_MONTH)) if math.isfinite(months) else None

"""A day as people write it: a date, or its ISO form in text (2027-03-01, or 2027-03 for the first of the month)."""

from __future__ import annotations

import datetime as dt
from typing import overload

Day = dt.date | str


@overload
def as_day(value: Day) -> dt.date: ...
@overload
def as_day(value: Day | None) -> dt.date | None: ...
def as_day(value: Day | None) -> dt.date | None:
    """Return the date that is meant; None stays None. Raises ValueError with the form that is expected."""
    if value is None or isinstance(value, dt.date):
        return value
    try:
        return dt.date.fromisoformat(value if len(value) > 7 else f"{value}-01")
    except ValueError:
        raise ValueError(f"{value!r} is no day; write it as 2027-03-01, or 2027-03 for the first of a month") from None

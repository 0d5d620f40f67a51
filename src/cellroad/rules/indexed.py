"""A price that follows a market index: when it moves, and how far.

price = min(cap, max(floor, factor * index + adder)), with the index as it was lag_months before
"""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import TypeVar

Amount = TypeVar("Amount", float, Fraction)


def within(usd: Amount, floor: Amount | None, cap: Amount | None) -> Amount:
    """Return a price inside its floor and cap, of which either may be missing."""
    raised = usd if floor is None else max(usd, floor)
    return raised if cap is None else min(raised, cap)


def moves(month: dt.date, lag_months: int) -> dt.date:
    """Return the first day of the month in which a price follows the index of a month."""
    number = month.year * 12 + month.month - 1 + lag_months
    return dt.date(number // 12, number % 12 + 1, 1)

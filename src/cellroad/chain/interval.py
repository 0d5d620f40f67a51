"""How far may a share lie from what was counted? The 95 % interval of Wilson (1927), good for small numbers too."""

from __future__ import annotations

from typing import TypeVar

import polars as pl

Z95 = 1.959963984540054
"""Deviations of a normal that hold 95 % of it."""
Number = TypeVar("Number", float, pl.Expr)


def wilson(share: Number, count: Number) -> tuple[Number, Number]:
    """Return the ends of the 95 % interval of a share of so many trials, numbers or columns.

        (p + z^2 / 2n  -+  z sqrt(p (1 - p) / n + z^2 / 4n^2)) / (1 + z^2 / n)

    Wilson, Journal of the American Statistical Association 22, 1927.
    """
    whole = 1 + Z95**2 / count
    middle = share + Z95**2 / (2 * count)
    wide = Z95 * (share * (1 - share) / count + Z95**2 / (4 * count**2)) ** 0.5
    return (middle - wide) / whole, (middle + wide) / whole

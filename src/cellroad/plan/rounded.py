"""When is a value of a solution nothing? Below a billionth of the usual quantity it is a rounding of zero."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

Floats = NDArray[np.float64]
NOTHING = 1e-9
"""Below this share of the usual quantity a value is a rounding of zero."""


def positive(frame: pl.DataFrame, values: Floats, size: Floats, name: str) -> pl.DataFrame:
    """Attach the values of a block to its frame under a name, and keep what is not nothing."""
    clean = np.where(values > NOTHING * np.maximum(size, 1e-12), values, 0.0)
    return frame.with_columns(pl.Series(name, clean)).filter(pl.col(name) > 0)

"""The interval of a share is that of a library, for a number and for a column."""

from __future__ import annotations

import polars as pl
import pytest
from scipy import stats

from cellroad.chain.interval import wilson

COUNTED = [(0, 1), (1, 1), (3, 7), (12, 12), (0, 40), (511, 1000)]


def test_the_interval_of_a_share_is_that_of_a_library() -> None:
    frame = pl.DataFrame(COUNTED, schema=["kept", "count"], orient="row")
    low, high = wilson(pl.col("kept") / pl.col("count"), pl.col("count"))
    told = frame.select(low=low, high=high).rows()
    for (kept, count), column in zip(COUNTED, told, strict=True):
        known = stats.binomtest(kept, count).proportion_ci(0.95, method="wilson")
        assert wilson(kept / count, count) == pytest.approx((known.low, known.high), abs=1e-12)
        assert column == pytest.approx((known.low, known.high), abs=1e-12)

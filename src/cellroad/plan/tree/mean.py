"""The mean future: every number of the leaves' chains averaged, weighed by probability."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from cellroad.chain.chain import Chain
from cellroad.chain.tables import TABLES, key_of


def mean_chain(chain: Chain, futures: Sequence[Chain], probability: Sequence[float] | np.ndarray) -> Chain:
    """Return the chain of mean numbers.

    A table whose rows differ between futures (some are dropped) and settings stay as in the base chain.
    """
    tables = dict(chain.tables)
    for table, schema in TABLES.items():
        frames = [future.tables[table] for future in futures]
        key = key_of(schema)
        base = chain.tables[table]
        if table == "settings" or any(
            not frame.select(key).equals(base.select(key)) or frame.height != base.height for frame in frames
        ):
            continue
        floats = [name for name, dtype in base.schema.items() if dtype == pl.Float64 and name not in key]
        averaged = [
            sum(
                (frame[name] * float(p) for frame, p in zip(frames, probability, strict=True)),
                start=pl.Series(name, np.zeros(base.height)),
            ).alias(name)
            for name in floats
        ]
        tables[table] = base.with_columns(averaged)
    return Chain.of(f"{chain.name}:mean", **tables)

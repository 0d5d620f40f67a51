"""Overall equipment effectiveness by its three factors (ISO 22400-2:2014), at the station with least capacity.

    availability = 1 - (repair + changes) / planned time
    performance  = ideal time of a pack * packs worked on / time that is neither repair nor change
    quality      = good packs that left / packs worked on
    OEE          = availability * performance * quality = ideal time * good packs / planned time

The ideal time is the likely work of the mix at that station, over its channels. Performance holds what the station
waits for: packs, places, people, and times longer than likely. Breaks are no planned time.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from cellroad.engineering.line.floor import HOUR, likely_s
from cellroad.engineering.line.kernel import DOWN, SETUP, Floor
from cellroad.engineering.line.reading import LineTables
from cellroad.engineering.line.running import Replications, interval


def effectiveness(tables: LineTables, floor: Floor, found: Replications) -> pl.DataFrame:
    """Return the factors and their product: factor, value, low, high (95 %)."""
    share = tables.tables["products"]["mix_share"].to_numpy()
    servers = np.diff(floor.first)[: floor.likely.shape[0]]
    ideal = (likely_s(tables) @ share) / servers
    q = int(np.argmax(ideal))
    here = slice(floor.first[q], floor.first[q + 1])
    stops = found.time_in[:, here, DOWN].mean(axis=1) + found.time_in[:, here, SETUP].mean(axis=1)
    worked = found.counts[:, q, 0] + found.counts[:, q, 2] - found.counts[:, q, 3]
    good, planned = found.good.sum(axis=1), found.hours * HOUR
    available = 1 - stops
    factors = {
        "availability": available,
        "performance": ideal[q] * worked / (planned * available),
        "quality": good / np.maximum(worked, 1),
        "oee": ideal[q] * good / planned,
    }
    rows = [(name, *interval(values)) for name, values in factors.items()]
    return pl.DataFrame(rows, schema=["factor", "value", "low", "high"], orient="row")

"""How automated is a line? No standard says, so four definitions that are in use stand side by side.

    stations  automatic stations / stations; what makers quote. A mixed one counts half
    tasks     automatic tasks / tasks; a mixed one counts half
    time      seconds of automatic work / seconds of all work of a pack
    labour    1 - hours of people / hours that the work would take by hand

Without tasks the second and the fourth are not known.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from cellroad.engineering.line.floor import likely_s
from cellroad.engineering.line.reading import LineTables

PART = {"automatic": 1.0, "mixed": 0.5, "manual": 0.0}
"""Part of a piece of work that is counted as automatic: half of a mixed one is an assumption."""


def automation(tables: LineTables) -> pl.DataFrame:
    """Return the rate by each definition: definition, share (null: not known), low and high (mixed ones as manual, as
    automatic)."""
    stations, tasks = tables.tables["stations"], tables.tables["tasks"]
    seconds = likely_s(tables) @ tables.tables["products"]["mix_share"].to_numpy()
    rows = [
        ("stations", *_share(stations["automation"], np.ones(stations.height))),
        ("tasks", *_share(tasks["automation"], np.ones(tasks.height))),
        ("time", *_share(stations["automation"], seconds)),
        ("labour", *_labour(tasks)),
    ]
    schema = {"definition": pl.String, "share": pl.Float64, "low": pl.Float64, "high": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _share(how: pl.Series, weight: np.ndarray) -> tuple[float | None, float | None, float | None]:
    whole = float(weight.sum())
    if not whole:
        return None, None, None
    words = how.cast(pl.String).to_list()
    return tuple(  # type: ignore[return-value]
        float(sum(w * ({**PART, "mixed": mixed})[word] for word, w in zip(words, weight, strict=True))) / whole
        for mixed in (PART["mixed"], 0.0, 1.0)
    )


def _labour(tasks: pl.DataFrame) -> tuple[float | None, float | None, float | None]:
    by_hand = tasks["manual_s"].fill_null(tasks["seconds"])
    whole = float(by_hand.sum())
    if not whole:
        return None, None, None
    parts = []
    for mixed in (PART["mixed"], 0.0, 1.0):
        people = tasks["automation"].cast(pl.String).replace_strict({**PART, "mixed": mixed}, return_dtype=pl.Float64)
        parts.append(1 - float((tasks["seconds"] * (1 - people)).sum()) / whole)
    return parts[0], parts[1], parts[2]

"""A future by chance: a leaf of the tree by its conditional probabilities, and what the table of risks adds to it.

A row of risks is drawn once for a future and for good: a factor on what is wanted (`demand`), on the price of an offer
or an index (`price`), on freight (`freight`) or on the yield of a process (`yield`), days added to lanes (`transit`),
or months by which what is built is ready later (`delay`). Normal and lognormal have mean;deviation, uniform low;high,
triangular low;likely;high, bernoulli (of a delay) the probability of the row's duration. Where rows have a month, a
draw holds from the first month in which futures part. A risk that is drawn anew by year or month counts with the mean
of its draws over the horizon. Events that come and go are not for a plan by months: they are named and left out.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from cellroad.chain.chain import Chain
from cellroad.plan.options.delays import DAYS_PER_MONTH
from cellroad.plan.tree.nodes import BASE, Tree

SHAPES = ("normal", "lognormal", "triangular", "uniform")
TOUCHED: dict[str, tuple[tuple[str, str, tuple[str, ...]], ...]] = {
    "demand": (("demand", "quantity", ("market", "want", "segment")),),
    "price": (("offers", "price_usd", ("offer", "item")), ("indices", "value", ("index",))),
    "freight": (("lanes", "cost_usd", ("lane", "mode")),),
    "yield": (("processes", "yield_share", ("process", "resource", "item", "site")),),
    "transit": (("lanes", "transit_days", ("lane", "mode")),),
}
"""What a kind of risk touches: table, column, and the columns that its target may name."""
LEAST_YIELD = 0.01


def parting(tree: Tree) -> dt.date | None:
    """Return the first day from which anything is known, None where something is from the start."""
    days = tree.frame.filter(pl.col("parent") == BASE)["known_from"].to_list()
    return None if None in days else min(days)


def left_out(chain: Chain) -> list[str]:
    """Return the risks that are not drawn."""
    return [str(row["risk"]) for row in chain.risks.iter_rows(named=True) if not _drawn(row)]


def sure(chain: Chain) -> bool:
    """Say whether nothing of a chain is drawn."""
    held_up = chain.options.filter((pl.col("delay_probability") > 0) & (pl.col("delay_months") > 0))
    return held_up.is_empty() and not any(_drawn(row) for row in chain.risks.iter_rows(named=True))


def drawn(chain: Chain, numbers: np.random.Generator, since: dt.date | None) -> Chain:
    """Return a chain with a draw of every risk in it; what has a month changes from a day on."""
    tables = dict(chain.tables)
    delays: dict[str, float] = {}
    for row in chain.risks.iter_rows(named=True):
        if not _drawn(row):
            continue
        amount = _amount(row, numbers, _times(row, chain))
        if row["kind"] == "delay":
            for option in _built(chain, row["target"]):
                delays[option] = delays.get(option, 0.0) + max(amount, 0.0)
            continue
        for table, column, names in TOUCHED[row["kind"]]:
            tables[table] = _touched(tables[table], row, column, names, amount, since)
    for option, chance, months in chain.options.select("option", "delay_probability", "delay_months").iter_rows():
        if chance > 0 and months > 0:
            delays[option] = delays.get(option, 0.0) + months * float(numbers.random() < chance)
    return Chain.of(chain.name, **{**tables, **_held_up(chain, delays)})


def _drawn(row: dict[str, Any]) -> bool:
    kinds = SHAPES if row["kind"] in TOUCHED else (*SHAPES, "bernoulli") if row["kind"] == "delay" else ()
    return row["distribution"] in kinds and bool(row["parameters"].strip())


def _times(row: dict[str, Any], chain: Chain) -> int:
    """Return how often a risk is drawn over the horizon."""
    months = chain.plan_settings().months
    return {"once": 1, "year": max(months // 12, 1)}.get(row.get("every", "once"), months)


def _amount(row: dict[str, Any], numbers: np.random.Generator, times: int) -> float:
    """Return a draw of a risk, or the mean of as many as there are over the horizon."""
    parameters = [float(part) for part in row["parameters"].split(";")]
    if row["distribution"] == "bernoulli":
        return float(row["duration_days"] / DAYS_PER_MONTH * (numbers.random() < parameters[0]))
    return float(_draws(row["distribution"], parameters, numbers, times).mean())


def _draws(shape: str, parameters: Sequence[float], numbers: np.random.Generator, times: int) -> np.ndarray:
    if shape == "normal":
        return numbers.normal(parameters[0], parameters[1], times)
    if shape == "uniform":
        return numbers.uniform(parameters[0], parameters[1], times)
    if shape == "triangular":
        low, likely, high = parameters
        return numbers.triangular(low, likely, high, times) if high > low else np.full(times, low)
    mean, deviation = parameters
    spread = np.log(1 + (deviation / mean) ** 2)
    return numbers.lognormal(np.log(mean) - spread / 2, np.sqrt(spread), times)


def _touched(
    frame: pl.DataFrame, row: dict[str, Any], column: str, names: Sequence[str], amount: float, since: dt.date | None
) -> pl.DataFrame:
    mine = pl.lit(row["target"] == "*")
    for name in names:
        mine = mine | (pl.col(name).cast(pl.String) == row["target"]).fill_null(value=False)
    if since is not None and "month" in frame.columns:
        mine = mine & (pl.col("month") >= since)
    if row["kind"] == "transit":
        fresh = (pl.col(column) + amount).clip(0.0)
    else:
        factor = 1 + row.get("exposure", 1.0) * (max(amount, 0.0) - 1)
        fresh = pl.col(column) * max(factor, 0.0)
        if row["kind"] == "yield":
            fresh = fresh.clip(LEAST_YIELD, 1.0)
    return frame.with_columns(pl.when(mine).then(fresh).otherwise(pl.col(column)).cast(frame.schema[column]))


def _built(chain: Chain, target: str) -> list[str]:
    places = chain.options.join(chain.resources.select("resource", "site"), on="resource", how="left")
    mine = places.filter((pl.col("option") == target) | (pl.col("site") == target) | pl.lit(target == "*"))
    return mine["option"].to_list()


def _held_up(chain: Chain, delays: dict[str, float]) -> dict[str, pl.DataFrame]:
    """Return the tables in which delays are what was drawn, and sure."""
    months = pl.col("option").replace_strict(delays, default=0.0, return_dtype=pl.Float64)
    options = chain.options.with_columns(
        delay_months=months.cast(chain.options.schema["delay_months"]),
        delay_probability=(months > 0).cast(chain.options.schema["delay_probability"]),
    )
    others = chain.settings.filter(pl.col("name") != "count_delays")
    counted = pl.DataFrame({"name": ["count_delays"], "value": ["expected"]})
    return {
        "options": options, "settings": pl.concat([others, counted], how="diagonal"), "risks": chain.risks.clear(),
    }  # fmt: skip

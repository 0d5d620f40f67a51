"""How many years do many packs keep a part of their capacity? For a search that looks at thousands of layouts.

Packs of one family that are used alike age alike, so that uses are rounded to a grid, and each is asked of the models
once. What no model may speak of is not a number.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from cellroad.engineering.life.box import compare, found_in
from cellroad.engineering.life.living import BAND, PACK_FASTER, SPREAD
from cellroad.engineering.life.marching import march
from cellroad.engineering.life.models import models
from cellroad.engineering.life.rainflow import Array
from cellroad.engineering.life.result import crossing
from cellroad.engineering.life.use import steady

DEPTH_STEP = 0.02
"""Depths are rounded to a multiple of this, at most 1."""
RATES = 24.0
"""Rates are rounded to so many steps for a factor of ten."""


def lasting(
    family: str,
    depth: Array,
    *,
    charge_rate: Array,
    discharge_rate: Array,
    cycles_per_day: float = 1.0,
    temperature_c: float = 25.0,
    retention: float = 0.8,
    most: int = 20,
) -> tuple[Array, Array]:
    """Return for how many years packs of a family keep a part of their capacity: the least, and the middle.

    The least is the worst edge of any model that may speak, the middle the median of what they hold likely, both at
    most `most`; NaN where no model may speak, or where the cycle does not fit into its day. `depth` is of nominal
    capacity, rates in 1/h. Raises ValueError where the arrays have not one shape.
    """
    if not depth.shape == charge_rate.shape == discharge_rate.shape:
        raise ValueError(
            f"shapes of depth and rates differ: {depth.shape}, {charge_rate.shape}, {discharge_rate.shape}"
        )
    rounded = np.column_stack([
        np.clip(np.round(depth.ravel() / DEPTH_STEP) * DEPTH_STEP, DEPTH_STEP, 1.0),
        *(10 ** (np.round(np.log10(rate.ravel()) * RATES) / RATES) for rate in (charge_rate, discharge_rate)),
    ])  # fmt: skip
    kinds, which = np.unique(rounded.round(9), axis=0, return_inverse=True)
    asked = [
        _years(family, *map(float, kind), float(cycles_per_day), float(temperature_c), float(retention), most)
        for kind in kinds
    ]
    least, middle = np.array(asked).reshape(-1, 2).T
    return least[which.ravel()].reshape(depth.shape), middle[which.ravel()].reshape(depth.shape)


@lru_cache(maxsize=4096)
def _years(
    family: str, depth: float, charge_rate: float, discharge_rate: float, cycles_per_day: float, celsius: float,
    retention: float, most: int,
) -> tuple[float, float]:  # fmt: skip
    """Return the least and the middle for one use."""
    try:
        use = steady(
            cycles_per_day=cycles_per_day, depth=depth, charge_rate=charge_rate, discharge_rate=discharge_rate,
            temperature_c=celsius,
        )  # fmt: skip
    except ValueError:
        return np.nan, np.nan
    found = use.cycles()
    asked = found_in(use, found)
    inside = [model for model in models(family) if compare(model.name, model.box, asked)["inside"].all()]
    if not inside:
        return np.nan, np.nan
    _, likely, worst = PACK_FASTER
    paces = np.array([likely, worst * (1 + BAND * SPREAD)])
    years = np.arange(most + 1)
    least, middle = [], []
    for model in inside:
        run = march(model, use, found, most, paces, resting=model.resting)
        middle.append(crossing(years, run.health[:, 0], retention)[0])
        least.append(crossing(years, run.health[:, 1], retention)[0])
        if model.resting:
            moving = march(model, use, found, most, paces, resting=False)
            least.append(crossing(years, moving.health[:, 1], retention)[0])
    return float(min(least)), float(np.median(middle))

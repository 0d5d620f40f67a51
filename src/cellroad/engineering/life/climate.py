"""How warm are cells that live in a place: its months, kept within what heating and cooling hold."""

from __future__ import annotations

import numpy as np

from cellroad.chain import facts
from cellroad.engineering.life.rainflow import Array

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
GAS = 8.3144598


def climate(place: str, *, least: float | None = None, most: float | None = None, rise: float = 0.0) -> list[float]:
    """Return the mean temperature of cells in °C by month in a place of the table `climates`.

    `rise` is by how much cells are warmer than the air; `least` and `most` are what heating and cooling keep. Raises
    KeyError for a place that is not there.
    """
    rows = facts.table("climates").filter(place=place)
    if rows.is_empty():
        raise KeyError(f"no climate of {place!r}; there are {', '.join(facts.table('climates')['place'])}")
    air = np.array([rows[f"{month}_c"][0] for month in MONTHS]) + rise
    low, high = -np.inf if least is None else least, np.inf if most is None else most
    return [float(value) for value in np.clip(air, low, high)]


def equal_temperature(celsius: Array, energy: float) -> float:
    """Return the steady temperature in °C that ages as much as a history does, by the law of Arrhenius.

    exp(-E/(R T)) = mean of exp(-E/(R T(t))), with E in J/mol (17,126 for the calendar of Naumann et al.) and a history
    of equal steps. It lies above the mean: warm hours weigh more than cool ones give back. The models of
    `life` average their rates in this way, each with its own law.
    """
    kelvin = np.asarray(celsius, dtype=float) + 273.15
    pace = np.mean(np.exp(-energy / GAS * (1 / kelvin - 1 / 298.15)))
    return float(1 / (1 / 298.15 - GAS / energy * np.log(pace)) - 273.15)

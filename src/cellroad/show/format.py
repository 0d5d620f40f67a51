"""Numbers as people read them: `$78.4/kWh`, `40.9 %`, `12 Mar 2027`, `1.2 GWh`, three significant figures.

What a column holds is told by its name, as everywhere in Cellroad: `_usd` is money, `_share` a fraction, `kwh`
energy. Unknown is an answer and reads as a dash. A minus sign is a true minus, and stands before the dollar.
"""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

DASH = "–"
MINUS = "−"
_LARGE = ((1e9, 1e9, "B"), (1e6, 1e6, "M"), (1e4, 1e3, "k"))
"""From this many dollars on, count in units of so many, called so."""
_ENERGY = ((1e9, "TWh"), (1e6, "GWh"), (1e3, "MWh"), (0.0, "kWh"))


def number(value: float | None, digits: int = 3) -> str:
    """Return a number of `digits` significant figures with thousands set apart: 1,230, 0.0456."""
    if value is None or not math.isfinite(value):
        return DASH
    rounded = float(f"{value:.{digits}g}")
    if rounded == 0:
        return "0"
    places = max(0, digits - 1 - math.floor(math.log10(abs(rounded))))
    text = f"{abs(rounded):,.{min(places, 12)}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return (MINUS if rounded < 0 else "") + text


def count(value: float | None) -> str:
    """Return a count of things: whole where it is whole or large, else three figures."""
    if value is None or not math.isfinite(value):
        return DASH
    if abs(value - round(value)) < 1e-6 or abs(value) >= 1000:
        return f"{round(value):,}".replace("-", MINUS)
    return number(value)


def money(usd: float | None, per: str = "") -> str:
    """Return dollars: $78.4, $1,230, $12.3k, $12.3M, −$4.5B; `per` adds a unit, as in $78.4/kWh."""
    if usd is None or not math.isfinite(usd):
        return DASH
    size = abs(float(f"{usd:.3g}"))
    factor, letter = next(((unit, s) for least, unit, s in _LARGE if size >= least and not per), (1.0, ""))
    sign = MINUS if usd < 0 and size else ""
    return f"{sign}${number(abs(usd) / factor)}{letter}" + (f"/{per}" if per else "")


def share(value: float | None) -> str:
    """Return a fraction as a percentage: 0.409 as 40.9 %."""
    return DASH if value is None or not math.isfinite(value) else f"{number(value * 100)} %"


def energy(kwh: float | None) -> str:
    """Return energy in the unit that reads best: 960 kWh, 12.3 MWh, 1.2 GWh."""
    if kwh is None or not math.isfinite(kwh):
        return DASH
    size = abs(float(f"{kwh:.3g}"))
    factor, unit = next((f or 1.0, unit) for f, unit in _ENERGY if size >= f)
    return f"{number(kwh / factor)} {unit}"


def seconds(value: float | None) -> str:
    """Return a length of time: 0.42 s, 12.3 s, 4 min 10 s."""
    if value is None or not math.isfinite(value):
        return DASH
    return f"{number(value)} s" if value < 120 else f"{int(value // 60)} min {int(value % 60)} s"


def day(value: dt.date | None) -> str:
    """Return a date: 12 Mar 2027."""
    return DASH if value is None else f"{value.day} {value:%b %Y}"


def month(value: dt.date | None) -> str:
    """Return a month: March 2027."""
    return DASH if value is None else f"{value:%B %Y}"


def cell(column: str, value: Any) -> str:
    """Return a cell of a table by the name of its column."""
    if value is None or value == "":
        return DASH
    if isinstance(value, dt.date):
        return day(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if not isinstance(value, int | float):
        return str(value)
    if "usd" in column.lower() or "$" in column:
        return money(value)
    if "share" in column or "%" in column:
        return share(value)
    if "kwh" in column.lower():
        return energy(value)
    return count(value)


def header(column: str) -> str:
    """Return the heading of a column: price_usd as Price, USD; a heading with a blank or capital stays as it is."""
    if column != column.lower() or " " in column:
        return column
    words = column.removesuffix("_usd").removesuffix("_share").replace("_", " ").replace("usd per kwh", "$ per kWh")
    words = words.replace("kwh", "energy") if words == "kwh" else words
    return words[:1].upper() + words[1:]


def listed(words: list[str]) -> str:
    """Return words as a sentence lists them: a, b and c."""
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)

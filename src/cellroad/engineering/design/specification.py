"""What is asked of a pack, read from words with units or from a TOML file; everything wrong is told at once.

    nominal = "100 V"            # or voltage = "80-120 V", the limits of what it is connected to
    energy = "5 kWh"             # at least so much, nominal; or a range "5-6 kWh"
    use = "storage-residential"

One voltage means within `NOMINAL_SHARE` of it, one energy up to `ENERGY_SHARE` above it: both are assumptions, and both
can be told as ranges instead.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from cellroad.chain import examples
from cellroad.chain.finding import ChainError, Finding
from cellroad.chain.tell import did_you_mean, listed
from cellroad.engineering.certify import REGIONS
from cellroad.engineering.design.units import KINDS, is_window, quantity, size, window
from cellroad.engineering.design.uses import COOLINGS, PREFERENCES, USES, Use

NOMINAL_SHARE = 0.05
"""How far the nominal voltage of a pack may lie from the one that is asked for (assumption)."""
ENERGY_SHARE = 0.25
"""How much more energy than asked for a pack may hold (assumption)."""
PEAK_S = 10.0
"""Length of a peak where none is told, in seconds (assumption: that of the usual pulse test)."""
PACKS_PER_YEAR = 20_000.0
"""Volume that parts and labour are priced for where none is told (assumption)."""
CONFIDENCES = ("verified", "reported", "unverified")
CHOICES: dict[str, tuple[str, ...]] = {
    "use": tuple(USES), "confidence": CONFIDENCES, "cooling": COOLINGS, "prefer": PREFERENCES,
    "on_road": ("yes", "no"), "by_air": ("yes", "no"),
}  # fmt: skip
"""Keys whose value is one of a few words."""
TABLE = "specification"
"""What findings call a specification."""


@dataclass(frozen=True)
class Specification:
    """What is asked of one product: voltages in V, energy in kWh, power in kW, mass in kg, size in mm, volume in L.

    `units` boxes make up the product; None: as few as the rules of the use allow. An empty filter lets all through.
    """

    use: Use
    energy: tuple[float, float]
    nominal: tuple[float, float] | None = None
    voltage: tuple[float, float] | None = None
    power: float = 0.0
    peak_power: float = 0.0
    peak_s: float = PEAK_S
    charge_power: float = 0.0
    temperature: float = 25.0
    mass: float | None = None
    volume: float | None = None
    size: tuple[float, float, float] | None = None
    units: int | None = None
    chemistry: tuple[str, ...] = ()
    maker: tuple[str, ...] = ()
    format: tuple[str, ...] = ()
    cell: tuple[str, ...] = ()
    confidence: str = "reported"
    cooling: str = "passive"
    inverter: float = 0.0
    on_road: bool | None = None
    by_air: bool | None = None
    years: float | None = None
    cycles_per_day: float = 1.0
    regions: tuple[str, ...] = ("US",)
    prefer: str = "cost"
    packs_per_year: float = PACKS_PER_YEAR
    cell_price: float | None = None
    name: str = ""
    assumed: tuple[str, ...] = ()

    @property
    def horizon(self) -> float:
        """Years over which life is looked at: those that are wanted, else those of the use."""
        return self.years or self.use.years

    def per_unit(self, units: int) -> Specification:
        """Return what is asked of each of so many equal units: energy and power are shared, limits of a box are not."""
        low, high = self.energy
        return replace(
            self, units=units, energy=(low / units, high / units), power=self.power / units,
            peak_power=self.peak_power / units, charge_power=self.charge_power / units,
            inverter=self.inverter / units,
        )  # fmt: skip


Reader = Callable[[Any], Any]


def _amount(kind: str, low: float = 0.0, above: bool = True) -> Reader:
    def read(value: Any) -> float:
        found = quantity(value, kind)
        if found < low or (above and found == low):
            raise ValueError(f"{found:g} {kind}")
        return found

    return read


def _range(kind: str) -> Reader:
    def read(value: Any) -> tuple[float, float]:
        low, high = window(value, kind) if is_window(value) else (quantity(value, kind),) * 2
        if low <= 0:
            raise ValueError(f"{low:g} {kind}")
        return low, high

    return read


def _pair(value: Any) -> tuple[float, float]:
    low, high = window(value, "V")
    if low <= 0:
        raise ValueError(f"{low:g} V")
    return low, high


def _box(value: Any) -> tuple[float, float, float]:
    found = size(value)
    if min(found) <= 0:
        raise ValueError(repr(value))
    return found


def _words(value: Any) -> tuple[str, ...]:
    values = value.split(",") if isinstance(value, str) else value
    if not isinstance(values, list | tuple) or not all(isinstance(one, str) for one in values):
        raise ValueError(repr(value))
    return tuple(one.strip() for one in values if one.strip())


def _regions(value: Any) -> tuple[str, ...]:
    words = _words(value)
    if not words or not set(words) <= set(REGIONS):
        raise ValueError(repr(value))
    return words


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | str) or int(value) < 1:
        raise ValueError(repr(value))
    return int(value)


def _yes_no(value: Any) -> bool:
    told = {"yes": True, "true": True, "no": False, "false": False}.get(value.casefold()) if _is_text(value) else value
    if not isinstance(told, bool):
        raise ValueError(repr(value))
    return told


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(repr(value))
    return value


def _one_of(words: tuple[str, ...]) -> Reader:
    def read(value: Any) -> str:
        if value not in words:
            raise ValueError(repr(value))
        return str(value)

    return read


KEYS: dict[str, tuple[Reader, str, str]] = {
    "name": (_text, "a text", "what the pack is called"),
    "use": (_one_of(tuple(USES)), listed(USES), "what it is used for"),
    "nominal": (_range("V"), "a voltage or a range, as 100 V", f"nominal voltage; one figure: within "
                f"{NOMINAL_SHARE:.0%}"),
    "voltage": (_pair, "a range, as 80-120 V", "limits of what it is connected to, which it never leaves"),
    "energy": (_range("kWh"), "an energy or a range, as 5 kWh", f"nominal energy; one figure: up to "
               f"{ENERGY_SHARE:.0%} more"),
    "power": (_amount("kW"), "a power, as 5 kW", "continuous discharge at `temperature`"),
    "peak_power": (_amount("kW"), "a power, as 10 kW", "discharge for `peak_s` at `temperature`"),
    "peak_s": (_amount("s"), "a time, as 10 s", "length of the peak"),
    "charge_power": (_amount("kW"), "a power, as 2.5 kW", "continuous charge at `temperature`"),
    "temperature": (_amount("degC", -60.0), "a temperature, as 25 degC", "of the cells, at which power is asked for"),
    "mass": (_amount("kg"), "a mass, as 60 kg", "most that one unit may weigh"),
    "volume": (_amount("L"), "a volume, as 80 L", "most room that one unit may take"),
    "size": (_box, "length x width x height, as 600 x 400 x 200 mm", "box into which one unit must go, any way up"),
    "units": (_whole, "a whole number from 1 on", "boxes that make up the product; blank: as few as rules allow"),
    "chemistry": (_words, "names, as LFP or NMC", "families of cells that are let through"),
    "maker": (_words, "names of makers", "makers that are let through"),
    "format": (_words, "cylindrical, prismatic, pouch", "formats that are let through"),
    "cell": (_words, "ids or names of cells", "cells that are let through"),
    "confidence": (_one_of(CONFIDENCES), listed(CONFIDENCES), "least confidence of a cell's row; named cells: any"),
    "cooling": (_one_of(COOLINGS), listed(COOLINGS), "how it is cooled"),
    "inverter": (_amount("kW"), "a power, as 3 kW", "inverter inside the box; blank: not known whether there is one"),
    "on_road": (_yes_no, "true or false", "whether it is driven on public roads"),
    "by_air": (_yes_no, "true or false", "whether it is shipped by air"),
    "years": (_amount("years"), "a time, as 10 years", "life that is wanted"),
    "cycles_per_day": (_amount("per day"), "a number, as 1", "full use of the usable energy, a day"),
    "regions": (_regions, listed(REGIONS), "where it is sold"),
    "prefer": (_one_of(PREFERENCES), listed(PREFERENCES), "what the best of the front is chosen by"),
    "packs_per_year": (_amount("packs"), "a number", "volume that parts and labour are priced for"),
    "cell_price": (_amount("USD/kWh"), "a price, as 55 USD/kWh", "price of cells; blank: by facts"),
}  # fmt: skip
"""Every key of a specification: how it is read, what is expected, what it means."""


def read(path: Path | str, **changes: Any) -> Specification:
    """Return the specification in a TOML file, or the shipped one of that name, with other values for keys given.

    Raises ChainError with everything that is wrong with it.
    """
    place = Path(path)
    if not place.is_file():
        shipped = examples.packs()
        if str(path) not in shipped:
            raise ChainError([Finding(
                "blocker", str(path), None, "", "no file and no shipped specification of that name",
                f"a TOML file, or one of {listed(shipped)}", did_you_mean(str(path), shipped, "Check the path."),
            )])  # fmt: skip
        place = shipped[str(path)]
    return specified(**{**keys_of(place.read_bytes(), place.name), **changes})


def keys_of(data: bytes, file: str) -> dict[str, Any]:
    """Return what a TOML file says by key, unread; the name of the file where it tells no other.

    Raises ChainError where it is no TOML.
    """
    try:
        told = tomllib.loads(data.decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ChainError([Finding("blocker", file, None, "", f"{error}", "a file of keys and values as TOML",
                                  'Write lines such as energy = "5 kWh".')]) from None  # fmt: skip
    return {"name": Path(file).stem, **told}


def specified(**words: Any) -> Specification:
    """Return the specification of words: every key of `KEYS`, with units or in the unit that the key is told in.

    Raises ChainError with everything that is wrong with it: unknown keys, values that cannot be read or cannot be.
    """
    words = {key: value for key, value in words.items() if value is not None}
    findings = [_unknown(key, words[key]) for key in words.keys() - KEYS.keys()]
    values: dict[str, Any] = {}
    for key, value in words.items():
        if key in KEYS:
            try:
                values[key] = KEYS[key][0](value)
            except (ValueError, TypeError) as error:
                found = str(error) if not str(error).startswith("invalid literal") else repr(value)
                findings.append(_wrong(key, found, KEYS[key][1], _mend(key, value)))
    findings += _missing(values, words) + _clashing(values)
    if findings:
        raise ChainError(sorted(findings, key=lambda one: list(KEYS).index(one.column) if one.column in KEYS else -1))
    return _filled(values)


def _filled(values: dict[str, Any]) -> Specification:
    """Return a specification with what the use implies where nothing is said, and what was assumed in words."""
    use = USES[values["use"]]
    assumed = []
    low, high = values["energy"]
    if low == high:
        values["energy"] = (low, low * (1 + ENERGY_SHARE))
        assumed.append(f"energy: from {low:g} to {low * (1 + ENERGY_SHARE):g} kWh, nominal")
    if "nominal" in values and values["nominal"][0] == values["nominal"][1]:
        asked = values["nominal"][0]
        values["nominal"] = (asked * (1 - NOMINAL_SHARE), asked * (1 + NOMINAL_SHARE))
        assumed.append(f"nominal voltage: within {NOMINAL_SHARE:.0%} of {asked:g} V")
    implied = {
        "power": (low / use.hours, f"power: {low / use.hours:.3g} kW, the energy in {use.hours:g} hours"),
        "temperature": (use.temperature_c, f"temperature: {use.temperature_c:g} degC"),
        "cooling": (use.cooling, f"cooling: {use.cooling}"),
        "cycles_per_day": (use.cycles_per_day, f"{use.cycles_per_day:g} cycles a day"),
        "prefer": (use.prefer, f"chosen by {use.prefer}"),
        "packs_per_year": (PACKS_PER_YEAR, f"priced for {PACKS_PER_YEAR:,.0f} packs a year"),
        "regions": (("US",), "sold in the US"),
    }
    for key, (value, words) in implied.items():
        if key not in values:
            values[key] = value
            assumed.append(f"{words} (use {use.use})" if key not in ("packs_per_year", "regions") else words)
    if values["power"] > values.get("peak_power", values["power"]):
        values["peak_power"] = values["power"]
    values["use"] = use
    return Specification(**values, assumed=tuple(assumed))


def _missing(values: Mapping[str, Any], words: Mapping[str, Any]) -> list[Finding]:
    told = []
    if "use" not in words:
        told.append(_wrong("use", "nothing", KEYS["use"][1], "Say what the pack is used for."))
    if "energy" not in words:
        told.append(_wrong("energy", "nothing", KEYS["energy"][1], "Say how much energy it must hold."))
    if "nominal" not in words and "voltage" not in words:
        told.append(_wrong("nominal", "nothing", "a nominal voltage, or limits of it in `voltage`",
                           'Give nominal = "100 V" or voltage = "80-120 V".'))  # fmt: skip
    return told


def _clashing(values: Mapping[str, Any]) -> list[Finding]:
    """Return what each value allows but both together do not."""
    told = []
    if "nominal" in values and "voltage" in values:
        low, high = values["voltage"]
        if values["nominal"][1] <= low or values["nominal"][0] >= high:
            told.append(_wrong("nominal", f"{values['nominal'][0]:g} V", f"a voltage between {low:g} and {high:g} V",
                               "A nominal voltage lies inside the limits."))  # fmt: skip
    if values.get("peak_power", float("inf")) < values.get("power", 0.0):
        told.append(_wrong("peak_power", f"{values['peak_power']:g} kW", f"at least {values['power']:g} kW, the "
                           "continuous power", "A peak is not below what is drawn all the time."))  # fmt: skip
    return told


def _unknown(key: str, value: Any) -> Finding:
    return _wrong(key, f"{key} = {value!r}", f"one of {listed(KEYS, 30)}",
                  did_you_mean(key, KEYS, "Remove it: nothing reads it."))  # fmt: skip


def _mend(key: str, value: Any) -> str:
    choices = CHOICES.get(key)
    if choices is not None and isinstance(value, str):
        return did_you_mean(value, choices, "Use one of them.")
    unit = next((kind for kind in KINDS if f" {kind}" in KEYS[key][1]), "")
    return f"Write a number above zero with its unit{f' ({listed(KINDS[unit])})' if unit else ''}."


def _wrong(key: str, found: str, expected: str, mend: str) -> Finding:
    return Finding("blocker", TABLE, None, key, found, expected, mend)


def told(spec: Specification) -> dict[str, Any]:
    """Return a specification as plain values by key, for a page or JSON."""
    plain = {field.name: getattr(spec, field.name) for field in fields(spec)}
    return {**plain, "use": spec.use.use}

"""Does a rule hold for a product? Each condition is yes, no or unknown; all must be yes (Kleene's logic)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from cellroad.engineering.certify.product import QUESTIONS, Product

WORDS = {
    "on_road": ("it is driven on public roads", "it is not driven on public roads"),
    "inverter": ("it has an inverter inside", "it has no inverter inside"),
    "light_class": ("it counts as a light vehicle", "it does not count as a light vehicle"),
    "adopts_2026": ("the place has adopted the 2026 edition", "the place has not adopted the 2026 edition"),
    "by_air": ("it goes by air", "it does not go by air"),
    "national_marks": ("a country asks for a mark of its own", "no country asks for a mark of its own"),
}


@dataclass(frozen=True)
class Ruling:
    """What one rule says: needed, not needed or unknown; why; what would settle it."""

    rule: dict[str, Any]
    answer: str
    because: str
    missing: tuple[str, ...] = ()


def apply(rule: dict[str, Any], product: Product, on: dt.date | None) -> Ruling:
    """Return what a rule says of a product on a day; without a day rules count that come into force later."""
    held: list[str] = []
    failed: list[str] = []
    missing: list[str] = []
    _among(rule["uses"], (product.use,), "used as", held, failed)
    _among(rule["regions"], product.regions, "sold in", held, failed)
    family = (product.cell.family,) if product.cell else ()
    if rule["families"] and not family:
        missing.append(QUESTIONS["family"])
    else:
        _among(rule["families"], family, "cells of", held, failed)
    _within(product.energy_kwh, rule["energy_kwh_above"], rule["energy_kwh_to"], "energy", "kWh", held, failed, missing)
    _within(product.mass_kg, rule["mass_kg_above"], rule["mass_kg_to"], "mass", "kg", held, failed, missing)
    if rule["if_true"]:
        name = rule["if_true"].removeprefix("not ")
        value, wanted = product.fact(name), not rule["if_true"].startswith("not ")
        if value is None:
            missing.append(QUESTIONS[name])
        else:
            (held if value is wanted else failed).append(WORDS[name][0 if value else 1])
    if on is not None and rule["valid_from"] is not None and on < rule["valid_from"]:
        failed.append(f"it holds only from {rule['valid_from'].isoformat()}")
    if failed:
        return Ruling(rule, "not needed", "; ".join(failed))
    if missing:
        return Ruling(rule, "unknown", rule["why"], tuple(missing))
    return Ruling(rule, "needed", "; ".join([rule["why"], *held]))


def _among(wanted: str, found: tuple[str, ...], words: str, held: list[str], failed: list[str]) -> None:
    allowed = wanted.split(";") if wanted else []
    if not allowed:
        return
    shared = [value for value in found if value in allowed]
    (held if shared else failed).append(f"{words} {', '.join(shared or found)}")


def _within(
    value: float | None, above: float | None, to: float | None, words: str, unit: str,
    held: list[str], failed: list[str], missing: list[str],
) -> None:  # fmt: skip
    if above is None and to is None:
        return
    if value is None:
        missing.append(QUESTIONS[words])
        return
    fits = (above is None or value > above) and (to is None or value <= to)
    told_above = [] if above is None else [f"above {above:g}"]
    bounds = " and ".join([*told_above, *([] if to is None else [f"up to {to:g}"])])
    told = f"{words} {value:.3g} {unit}, {'which is' if fits else 'and it holds'} {bounds} {unit}"
    (held if fits else failed).append(told)

"""How many boxes make up a product: as few as the rules of its use allow."""

from __future__ import annotations

import math
from dataclasses import replace

from cellroad.chain.finding import Finding
from cellroad.engineering.certify import Product, dwelling
from cellroad.engineering.design.refusal import NoPackError
from cellroad.engineering.design.specification import TABLE, Specification

ROOM = 1.05
"""A unit is not filled to its limit: whole cells must fit in between (assumption)."""
MOST_UNITS = 1000
"""Boxes that one product may be made of; more of them are a plant, and no product."""


def largest_unit(spec: Specification) -> float | None:
    """Return the most that one unit may hold where it is used, None where nothing limits it."""
    told = dwelling(Product(spec.use.use, energy_kwh=1e9, regions=spec.regions)).filter(of="unit")
    return None if told.is_empty() else float(told["allowed_kwh"].to_numpy().min())


def divided(spec: Specification) -> tuple[Specification, list[Finding]]:
    """Return what is asked of one unit, and warnings. Raises NoPackError where the asked units break a limit."""
    low, _ = spec.energy
    limit = largest_unit(spec)
    needed = 1 if limit is None else math.ceil(low / limit - 1e-9)
    roomy = 1 if limit is None else math.ceil(low * ROOM / limit - 1e-9)
    most = max(needed, spec.units or 1)
    if most > MOST_UNITS:
        found = f"{most:,} boxes" if most < 1_000_000 else "more than a million boxes"
        raise NoPackError([Finding(
            "blocker", TABLE, None, "energy" if needed > MOST_UNITS else "units", found, f"at most {MOST_UNITS:,}",
            "Ask for one product, or a part of it.",
        )])  # fmt: skip
    if spec.units is not None and spec.units < needed:
        assert limit is not None
        raise NoPackError([Finding(
            "blocker", TABLE, None, "units", f"{low / spec.units:.4g} kWh in one box of {spec.use.title}",
            f"at most {limit:g} kWh a unit (NFPA 855, fact CM01; above it, a commercial installation)",
            f"Build {needed} x {low / needed:.4g} kWh: units = {needed}, or leave units out.",
        )], [{"units": str(needed)}])  # fmt: skip
    units = spec.units or roomy
    unit = spec.per_unit(units)
    warnings = []
    if limit is not None:
        unit = replace(unit, energy=(unit.energy[0], min(unit.energy[1], limit)))
        if units > 1:
            warnings.append(Finding(
                "warning", TABLE, None, "energy", f"{low:.4g} kWh of {spec.use.title}",
                f"at most {limit:g} kWh a unit (NFPA 855, fact CM01)",
                f"Built as {units} x {low / units:.4g} kWh; a dwelling may have a limit of its own, too.",
            ))  # fmt: skip
    return unit, warnings

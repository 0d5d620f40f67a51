"""Which packs can be built for a specification, and which of them nobody beats?

Every layout of every cell is tried; those that meet all conditions are priced and compared by mass, volume, cost and
life, and the exact Pareto front of them is what is offered. What cannot be met is refused with the least that would
have to change.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from cellroad.chain.chain import Chain
from cellroad.chain.finding import Finding
from cellroad.engineering import catalogue, datasheet
from cellroad.engineering.cell import Cell
from cellroad.engineering.design.bodies import Watch
from cellroad.engineering.design.boxes import divided, largest_unit
from cellroad.engineering.design.costing import priced
from cellroad.engineering.design.evaluate import Evaluated, evaluate
from cellroad.engineering.design.filled import filled
from cellroad.engineering.design.filters import let_through, refused_names, unknown_names
from cellroad.engineering.design.front import front
from cellroad.engineering.design.giving import giving_way
from cellroad.engineering.design.lives import years
from cellroad.engineering.design.nearest import nearest
from cellroad.engineering.design.offered import offered
from cellroad.engineering.design.out import UNKNOWN, out
from cellroad.engineering.design.refusal import NoPackError
from cellroad.engineering.design.result import AIMS, Design
from cellroad.engineering.design.search import layouts
from cellroad.engineering.design.specification import TABLE, Specification, read, specified

NO_POWER = "0 kW"
"""How a power reads that a cell does not have at the temperature that is asked for."""


def design(
    specification: Specification | Mapping[str, Any] | Path | str | None = None,
    /,
    *,
    cells: Sequence[Cell] | Path | str | None = None,
    chain: Chain | None = None,
    watch: Watch = lambda words: None,
    **words: Any,
) -> Design:
    """Return the packs that meet a specification and that no other beats in mass, volume, cost and life.

    `specification` is one, or a mapping of its keys, or the path of a TOML file; `words` are its keys (see
    `design.specification`), as in `design(nominal="100V", energy="5kWh", use="storage-residential")`. `cells`, or a
    file of their data sheets, are looked at beside those that ship with the package; a `chain` tells what its cells are
    offered at. `watch` is told what is being done; what it raises ends the work. Raises ChainError where the
    specification cannot be read, NoPackError with what would have to change where nothing meets it.
    """
    spec = _specification(specification, words)
    unit, warnings = divided(spec)
    own = datasheet.read(cells) if isinstance(cells, Path | str) else cells or ()
    pool = [*own, *catalogue.cells()]
    unknown = refused_names(unit) or unknown_names(pool, unit)
    if unknown:
        raise NoPackError(unknown)
    whole = [filled(cell)[0] for cell in pool]
    through = let_through(whole, unit)
    try:
        looked = evaluate(layouts(whole, unit), unit, through, watch=watch)
    except ValueError as error:
        raise NoPackError([Finding("blocker", TABLE, None, "energy", str(error), "fewer layouts to look at",
                                   "Narrow voltage or energy, or divide it into units.")]) from None  # fmt: skip
    reasons = out(whole, unit, through, looked)
    good = looked.take(looked.feasible & looked.body.known)
    if not len(good.layouts):
        raise _refusal(whole, unit)
    watch(f"looking at the life of {len(good.layouts):,} packs")
    good.measures["years"] = years(good, unit)
    good, reasons = _lasting(good, unit, reasons)
    watch(f"pricing {len(good.layouts):,} packs")
    costs = priced(good, unit, offered(chain) if chain else None)
    good.measures["cost_low_usd"], good.measures["cost_usd"], good.measures["cost_high_usd"] = costs.total
    aims = np.stack([sign * good.measures[name] for name, sign in AIMS.values()], axis=1)
    watch(f"comparing {len(good.layouts):,} packs")
    return Design(spec, unit, good, costs, front(aims), reasons, tuple(warnings), tuple(pool))


def _specification(told: Any, words: dict[str, Any]) -> Specification:
    if isinstance(told, Specification):
        if words:
            raise TypeError("either a Specification or its keys, not both")
        return told
    if isinstance(told, Mapping):
        return specified(**{**told, **words})
    return specified(**words) if told is None else read(told, **words)


def _lasting(good: Evaluated, spec: Specification, reasons: pl.DataFrame) -> tuple[Evaluated, pl.DataFrame]:
    """Return the layouts that live as long as was asked, and the reasons with the cells that do not.

    Raises NoPackError where none does. Where no life was asked for, all stand.
    """
    if spec.years is None:
        return good, reasons
    lasting = good.measures["years"] >= spec.years
    asked = f"{spec.years:g} years"
    if not lasting.any():
        best = int(np.argmax(good.measures["years"]))
        one, most = good.layouts.layout(best), float(good.measures["years"][best])
        raise NoPackError([Finding(
            "blocker", TABLE, None, "years", f"{most:.3g} years, the longest ({one.cell.name} {one.name})", asked,
            f"Allow years {most:.3g} years.",
        )], [{"years": f"{math.floor(most * 100) / 100:g} years"}])  # fmt: skip
    kept = set(good.layouts.cell[lasting])
    gone = [good.layouts.cells[place] for place in sorted(set(good.layouts.cell) - kept)]
    rows = [(cell.cell_id, cell.name, "life", None, asked) for cell in gone]
    return good.take(lasting), pl.concat([reasons, pl.DataFrame(rows, schema=reasons.schema, orient="row")])


def _refusal(cells: Sequence[Cell], spec: Specification) -> NoPackError:
    """Return why nothing meets a specification, the way out with the fewest and smallest changes first."""
    told, ways = [], []
    largest = largest_unit(spec) or math.inf
    for one in nearest(cells, spec):
        if one.has["energy_kwh"] > largest:  # no way out: the box may not hold it
            continue
        missed = one.asked_and_has(spec)
        ways.append(giving_way(one, spec))
        if not missed:
            found = f"{UNKNOWN} of {one.layout.cell.name}"
            told.append(Finding("blocker", TABLE, None, "cell", found, "a row with mass and size",
                                "Give its data sheet in cells, or let others through."))  # fmt: skip
            continue
        told.append(Finding(
            "blocker", TABLE, None, ", ".join(name for name, _, _ in missed),
            "; ".join(has for _, _, has in missed) + f", the nearest that meets all else ({one.layout.cell.name} "
            f"{one.layout.name})",
            "; ".join(asked for _, asked, _ in missed),
            _allow(missed),
        ))  # fmt: skip
    if told:
        return NoPackError(told, ways)
    return NoPackError([Finding(
        "blocker", TABLE, None, "", "nothing near it", "a pack of the cells that are known",
        "Check voltage and energy: no cell comes within a factor of two of both.",
    )])  # fmt: skip


def _allow(missed: Sequence[tuple[str, str, str]]) -> str:
    """Return what must be allowed for a pack that misses; where that is no power at all, the day must be warmer."""
    given = [f"{name.replace('_', ' ')} {has}" for name, _, has in missed if has != NO_POWER]
    told = f"Allow {' and '.join(given)}." if given else ""
    warmer = "It gives no power so cold: ask for a warmer temperature, and heat the cells."
    return " ".join(part for part in (told, warmer if len(given) < len(missed) else "") if part)

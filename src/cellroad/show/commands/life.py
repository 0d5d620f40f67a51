"""The command that tells how long a cell or a pack lives."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter, validators

from cellroad.show.exits import Exit, UsageError
from cellroad.show.terminal import Face, table

if TYPE_CHECKING:
    import polars as pl
    from rich.console import RenderableType

    from cellroad.engineering.cell import Cell
    from cellroad.engineering.layout import Layout
    from cellroad.engineering.life.result import Life

ABOVE = Parameter(validator=validators.Number(gt=0))
SHARE = Parameter(validator=validators.Number(gt=0, lte=1))


def life(
    cell: str,
    /,
    *,
    layout: str | None = None,
    cycles_per_day: Annotated[float, ABOVE] = 1.0,
    depth: Annotated[float, SHARE] = 0.8,
    charge_rate: Annotated[float, ABOVE] = 0.5,
    discharge_rate: Annotated[float, ABOVE] = 0.5,
    mean_soc: Annotated[float, SHARE] = 0.5,
    temperature: float = 25.0,
    place: str | None = None,
    least: float | None = None,
    most: float | None = None,
    history: Path | None = None,
    years: Annotated[int, Parameter(validator=validators.Number(gte=1, lte=60))] = 15,
    retention: Annotated[float, SHARE] = 0.8,
    widen: bool = False,
    face: Face = Face(),  # noqa: B008
) -> Exit:
    """Tell how long a cell or a pack lives, by every published model that may speak.

    Parameters
    ----------
    cell
        Cell of the catalogue, by id, model or name.
    layout
        Cells in series and parallel, as 16s1p: a pack lives shorter than its cells.
    cycles_per_day
        Cycles a day.
    depth
        Part of nominal capacity that a cycle takes.
    charge_rate
        Rate of charge in 1/h.
    discharge_rate
        Rate of discharge in 1/h.
    mean_soc
        State of charge around which it is cycled.
    temperature
        Of the cells in degrees Celsius.
    place
        Place whose months the cells live through, in place of one temperature.
    least
        Temperature that heating keeps, with a place.
    most
        Temperature that cooling keeps, with a place.
    history
        CSV of state of charge and temperature by hour (soc, temperature_c; whole days), in place of the duty.
    years
        Years to look at.
    retention
        Part of capacity that a warranty promises.
    widen
        Show models outside the conditions they were tested in, too, as intervals.
    """
    from cellroad.engineering.life.climate import climate
    from cellroad.engineering.life.living import life as living

    found = _named(cell)
    if place is None and (least, most) != (None, None):
        raise UsageError("--least and --most belong to --place: they bound its months.")
    try:
        told = living(
            _laid(found, layout), cycles_per_day=cycles_per_day, depth=depth, charge_rate=charge_rate,
            discharge_rate=discharge_rate, mean_soc=mean_soc, years=years, widen=widen,
            temperature_c=temperature if place is None else climate(place, least=least, most=most),
            history=None if history is None else _read(history),
        )  # fmt: skip
    except (KeyError, ValueError) as error:
        raise UsageError(f"{str(error.args[0])[:1].upper()}{error.args[0][1:]}.") from None
    machine = {
        "cell": found.cell_id, "curves": told.curves, "band": told.band(), "warranty": told.warranty(retention),
        "claim": told.claim(retention), "models": told.models, "boxes": told.boxes, "refusals": told.refusals,
        "assumed": told.assumptions,
    }  # fmt: skip
    face.answer(_text(told, retention), machine)
    return Exit.OK


def _named(word: str) -> Cell:
    """Return the cell of an id, a model or a name. Raises UsageError where there is none."""
    from cellroad.chain.tell import did_you_mean
    from cellroad.engineering.catalogue import cells

    known = {name.lower(): cell for cell in reversed(cells()) for name in (cell.cell_id, cell.model, cell.name)}
    if word.lower() not in known:
        near = did_you_mean(word.lower(), known, "See: cellroad facts cells.")
        raise UsageError(f"No cell {word!r} in the catalogue. {near}")
    return known[word.lower()]


def _laid(cell: Cell, layout: str | None) -> Cell | Layout:
    import re

    from cellroad.engineering.layout import Layout

    if layout is None:
        return cell
    counts = re.fullmatch(r"(\d+)s(\d+)p", layout.strip().lower())
    if not counts or not all(map(int, counts.groups())):
        raise UsageError(f"--layout {layout!r}: write it as 16s1p.")
    return Layout(cell, *map(int, counts.groups()))


def _read(path: Path) -> pl.DataFrame:
    import polars as pl

    try:
        return pl.read_csv(path)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise UsageError(f"{path} cannot be read: {error}") from None


SPANS = {
    "model": "Model", "years_low": "Years, worst", "years_likely": "likely", "years_high": "best",
    "mwh_per_kwh_low": "MWh, worst", "mwh_per_kwh_likely": "MWh, likely", "mwh_per_kwh_high": "MWh, best",
    "beyond": "Still above",
}  # fmt: skip


def _text(told: Life, retention: float) -> list[RenderableType]:
    """Return a life for a terminal."""
    lines: list[RenderableType] = []
    if told.known:
        last = told.curves.filter(year=told.years).drop(
            "year", "full_cycles", "box" if told.boxes["inside"].all() else []
        )
        spans = told.warranty(retention).select(list(SPANS)).rename(SPANS)
        lines += [table(last, f"Capacity left after {told.years} years"), ""]
        lines += [table(spans, f"Years until {retention:.0%}, and MWh through each kWh by then"), ""]
    else:
        lines += ["Unknown: no published model may speak of this.", ""]
    claim = told.claim(retention)
    if told.cell.cycle_life is None:
        lines += ["The maker claims no number of cycles.", ""]
    if not claim.is_empty():
        lines += [table(claim, "Cycles, as the maker claims and as models say"), ""]
    lines += [f"Refused: {line}" for line in told.refusals]
    return [*lines, *(f"Assumed: {line}" for line in told.assumptions)]

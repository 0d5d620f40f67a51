"""The command that tells what must be proven before a product may be sold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from cellroad.show.commands.reading import Day
from cellroad.show.exits import Exit, UsageError
from cellroad.show.terminal import Face, table

if TYPE_CHECKING:
    import polars as pl
    from rich.console import RenderableType

    from cellroad.engineering.certify.product import Product
    from cellroad.plan.schedule.certification import Certification


def certify(
    use: str,
    /,
    *,
    energy: str | None = None,
    mass: str | None = None,
    voltage: str | None = None,
    regions: str = "US",
    cell: str | None = None,
    was_cell: str | None = None,
    units: int = 1,
    place: str | None = None,
    on_road: bool | None = None,
    inverter: bool | None = None,
    light_class: bool | None = None,
    by_air: bool | None = None,
    adopts_2026: bool | None = None,
    held: Annotated[str, Parameter(show_default=False)] = "",
    on: str | None = None,
    start: Day | None = None,
    by: Day | None = None,
    calendar: str = "US",
    face: Face = Face(),  # noqa: B008
) -> Exit:
    """Tell which standards a product needs, in which order, how long and at what cost.

    Parameters
    ----------
    use
        What it is used for: storage-residential, portable, light-ev, golf-cart, utv, ev, industrial, c-and-i.
    energy
        Nominal energy of one unit: 10kWh.
    mass
        Mass of one unit: 110kg.
    voltage
        Largest voltage: 58V.
    regions
        Where it is sold, by comma: US,EU.
    cell
        Cell of the catalogue, by id, model or name.
    was_cell
        Cell that it was certified with: tell only what is repeated with the other.
    units
        How many units a home has.
    place
        Where they are: indoors, garage, outdoors.
    on_road
        Driven on public roads.
    inverter
        With an inverter inside.
    light_class
        A laboratory counts the vehicle as light.
    by_air
        Shipped by air.
    adopts_2026
        The place has adopted the 2026 edition of NFPA 855.
    held
        Steps that are there already, by comma: "UN 38.3 cell".
    on
        Day that is asked for; what comes into force later is not needed yet.
    start
        Day on which work begins, written 2027-01-11: tell dates, slack and chances too.
    by
        Day whose chance is told.
    calendar
        Working calendar of the laboratory.
    """
    from dataclasses import replace

    from cellroad.engineering.certify.certifying import certify as certified
    from cellroad.engineering.certify.dwelling import dwelling
    from cellroad.engineering.certify.planned import milestones
    from cellroad.engineering.certify.product import Product
    from cellroad.engineering.certify.repeating import recertify
    from cellroad.plan.schedule.certification import certification
    from cellroad.show.commands.life import _named

    if was_cell and not cell:
        raise UsageError("--was-cell belongs to --cell: from which cell to which.")
    try:
        product = Product(
            use,
            energy_kwh=_amount("energy", energy, "kWh"),
            mass_kg=_amount("mass", mass, "kg"),
            voltage_v=_amount("voltage", voltage, "V"),
            regions=_parts(regions), cell=_named(cell) if cell else None, on_road=on_road, inverter=inverter,
            light_class=light_class, by_air=by_air, adopts_2026=adopts_2026,
        )  # fmt: skip
        steps = certified(product, held=_parts(held), on=on)
    except ValueError as error:
        raise UsageError(f"{str(error)[:1].upper()}{str(error)[1:]}.") from None
    former = replace(product, cell=_named(was_cell)) if was_cell else None
    dated = certification(product, start=start, calendar=calendar, held=_parts(held), former=former) if start else None
    again = recertify(former, product) if former else None
    limits = dwelling(product, units=units, place=place)
    machine = {
        "steps": steps, "milestones": milestones(steps), "limits": limits, "again": again,
        "dates": dated.path.tasks if dated and dated.path else None,
        "finish": dated.path.finish if dated and dated.path else None,
        "probability": dated.path.probability(by) if dated and dated.path and by else None,
    }  # fmt: skip
    told = _again(again) if again is not None else _text(product, steps, limits)
    face.answer([*told, *(_dates(dated, by) if dated else [])], machine)
    return Exit.OK


def _dates(found: Certification, by: Day | None) -> list[RenderableType]:
    """Return when the work is done, and what it costs."""
    path = found.path
    if path is None:
        return ["", "Nothing is to be done."]
    told: list[RenderableType] = ["", table(path.tasks.drop("critical").rename({"task": "Step"}), "Dates"), ""]
    late = path.quantile(0.9)
    told.append(f"All is done on {path.finish} with likely durations, in nine cases of ten by {late}.")
    told.append(f"Needed steps cost ${found.cost_low_usd:,.0f} to ${found.cost_high_usd:,.0f}.")
    chance = path.probability(by) if by else None
    if chance is not None:
        told.append(f"By {by} all is done in {chance:.0%} of draws.")
    return told


def _amount(option: str, words: str | None, unit: str) -> float | None:
    from cellroad.engineering.design.units import quantity

    try:
        return None if words is None else quantity(words, unit)
    except ValueError:
        raise UsageError(f"--{option} {words!r}: write a number with its unit, as 10{unit}.") from None


def _parts(words: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in words.split(",") if word.strip())


SHOWN = {
    "step": "Step", "kind": "Kind", "after": "After", "weeks_low": "Weeks", "weeks_high": "to",
    "cost_usd_low": "Cost, $", "cost_usd_high": "to $", "valid_from": "From", "confidence": "Facts",
}  # fmt: skip


def _text(product: Product, steps: pl.DataFrame, limits: pl.DataFrame) -> list[RenderableType]:
    needed, unknown = steps.filter(answer="needed"), steps.filter(answer="unknown")
    lines: list[RenderableType] = [table(needed.select(list(SHOWN)).rename(SHOWN), f"Needed for {product.use}"), ""]
    if not unknown.is_empty():
        lines += [table(unknown.select(Step="step", Missing="missing"), "Unknown, until one knows"), ""]
    for row in limits.iter_rows(named=True):
        where = f" {row['place']}" if row["place"] else ""
        lines.append(
            f"Warning: {row['found_kwh']:g} kWh in a {row['of']}{where}, at most {row['allowed_kwh']:g}: "
            f"it {row['above']}. Better: {row['mend']}."
        )
    return lines


def _again(again: pl.DataFrame) -> list[RenderableType]:
    told = again.select(Step="step", Again="answer", Because="because", Weeks="weeks_high", Cost="cost_usd_high")
    return [table(told, "What another cell repeats")]

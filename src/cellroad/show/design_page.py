"""A designed pack as one HTML file: which it is, how its cells stand, how it behaves, what protects it, how long it
lives, what must be proven, what it costs, which others there are and why cells are out. It loads nothing; with scripts
off every chart is a table.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl
from markupsafe import Markup

from cellroad.chain.finding import Finding
from cellroad.engineering.design.result import Design
from cellroad.engineering.design.sheet import Sheet
from cellroad.show import design_text as told
from cellroad.show import format as fmt
from cellroad.show import html
from cellroad.show.charts import pack_front, pack_life, pack_power, pack_runs
from cellroad.show.charts.base import Option
from cellroad.show.charts.pack_drawing import drawing
from cellroad.show.page import page, write_page
from cellroad.show.report import Card
from cellroad.show.screen_page import Figure

PULSE_S = 10.0
MOST = 400
"""Rows of a table in the page."""


def write_design(found: Design, path: Path | str, *, rank: int = 1) -> Path:
    """Write the page of a design, one pack of it in full, to a file, whole or not at all, and return its path."""
    return write_page(design_page(found, rank), path)


def design_page(found: Design, rank: int = 1) -> str:
    """Return a design, one pack of it in full, as one HTML page that needs nothing else."""
    options, parts = design_parts(found, rank)
    return page("design.html.j2", options, "design.css", base="base.html.j2", **parts)


def design_parts(found: Design, rank: int = 1) -> tuple[dict[str, Option], dict[str, Any]]:
    """Return what the template of a design shows of one pack: its charts by name, and its parts."""
    sheet = found.sheet(rank)
    figures = {figure.name: figure for figure in (
        front_figure(found, rank), _discharge(sheet), _day(sheet), _power(sheet), _life(sheet),
    )}  # fmt: skip
    parts = {
        "title": f"{found.specification.name or 'Pack'}: {sheet.layout.name} of {sheet.layout.cell.name}",
        "name": found.specification.name or "Pack design",
        "found": found,
        "sheet": sheet,
        "headline": told.headline(found, rank),
        "cards": cards(found, rank),
        "drawing": drawing(sheet.mass),
        "figures": figures,
        "numbers": html.table(told.figures(sheet), caption="Data sheet"),
        "mass": html.table(_mass(sheet), caption="Mass by component"),
        "bill": html.table(told.parts(sheet), caption="Bill of materials"),
        "cost": html.table(sheet.cost.rename({"component": "Component", "low_usd": "Low, $", "likely_usd": "Likely, $",
                                           "high_usd": "High, $"}), caption="Cost of a unit"),
        "protection": html.table(sheet.protection.parts(), caption="Parts"),
        "checks": html.table(sheet.protection.table(), caption="Checks"),
        "limits": html.table(_limits(sheet), caption="Limits of the battery management", most=MOST),
        "warranty": html.table(_warranty(sheet), caption=f"Until {sheet.spec.use.retention:.0%} of capacity is left"),
        "refusals": sheet.life.refusals,
        "proofs": html.table(told.proofs(sheet), caption="Steps of certification"),
        "reasons": html.table(told.reasons(found), caption="Why cells are out"),
        "out": html.table(found.out, caption="Every cell that is out", most=MOST),
        "blockers": listed(sheet.warnings, "blocker"),
        "warnings": listed(sheet.warnings, "warning"),
    }  # fmt: skip
    return {figure.name: figure.option for figure in figures.values() if figure.option}, parts


def cards(found: Design, rank: int = 1) -> list[Card]:
    """Return the figures that stand on top of the page."""
    row = found.pareto.row(rank - 1, named=True)
    unit = "each of " + str(found.units) if found.units > 1 else "one unit"
    shown = [
        ("Energy", fmt.energy(row["energy_kwh"]), unit),
        (
            "Voltage",
            f"{fmt.number(row['nominal_v'], 4)} V",
            f"{fmt.number(row['least_v'])} to {fmt.number(row['most_v'])} V",
        ),
        ("Mass", f"{fmt.number(row['mass_kg'])} kg", f"{fmt.number(row['wh_per_kg'])} Wh/kg"),
        ("Volume", f"{fmt.number(row['volume_l'])} L", f"{fmt.number(row['wh_per_l'])} Wh/L"),
        ("Cost", fmt.money(row["cost_usd"]), f"{fmt.money(row['cost_low_usd'])} to {fmt.money(row['cost_high_usd'])}"),
        ("Life", f"{fmt.number(row['years'])} years", "models and maker; see the band"),
    ]
    return [Card(name, html.value(value), note) for name, value, note in shown]


def front_figure(found: Design, rank: int = 1) -> Figure:
    """Return the picture of the front, one pack marked, with its table."""
    return Figure(
        "front", "The packs that nobody beats",
        f"{len(found.front)} of {found.layouts.height} layouts that meet everything are beaten by no other in mass, "
        "volume, cost and life. Larger points live longer; hover for each.",
        "", pack_front.chart(found, rank), 420, html.table(told.front(found), caption="The front", most=MOST),
    )  # fmt: skip


def _discharge(sheet: Sheet) -> Figure:
    return Figure(
        "discharge", "Discharge",
        f"What happens at {fmt.number(sheet.spec.power)} kW from full, at {sheet.spec.temperature:g} degC?",
        "", pack_runs.discharge(sheet.discharge), 330,
        html.table(pack_runs.table(sheet.discharge), caption="Discharge"),
    )  # fmt: skip


def _day(sheet: Sheet) -> Figure:
    return Figure(
        "day", "Its use", f"How warm does it get in its use ({sheet.duty.name})?",
        "", pack_runs.day(sheet.day), 330, html.table(pack_runs.table(sheet.day), caption="Its use"),
    )  # fmt: skip


def _power(sheet: Sheet) -> Figure:
    return Figure(
        "power", "Power",
        f"What may it give for {PULSE_S:g} s, by charge and temperature? Hover for what binds.",
        "", pack_power.chart(sheet.power, PULSE_S), 360,
        html.table(pack_power.table(sheet.power, PULSE_S), caption=f"Power for {PULSE_S:g} s, kW"),
    )  # fmt: skip


def _life(sheet: Sheet) -> Figure:
    return Figure(
        "life", "Life",
        "How much of its capacity is left, by every published model of its chemistry that speaks of this use?",
        f"No published model speaks for {sheet.layout.cell.family} in this use: only the claim of the maker stands.",
        pack_life.chart(sheet.life, sheet.spec.use.retention), 380,
        html.table(pack_life.table(sheet.life), caption="Capacity left"),
    )  # fmt: skip


def _mass(sheet: Sheet) -> pl.DataFrame:
    return sheet.mass.frame().select(
        Component="component", **{"Mass, kg": pl.col("kg").round_sig_figs(3)}, share="share", Why="why"
    )


def _limits(sheet: Sheet) -> pl.DataFrame:
    table = sheet.limits.table()
    return table.with_columns(pl.col(pl.Float64).round_sig_figs(4))


def _warranty(sheet: Sheet) -> pl.DataFrame:
    table = sheet.life.warranty(sheet.spec.use.retention)
    ends = {"low": "at worst", "likely": "likely", "high": "at best"}
    return table.select(
        Model="model",
        **{f"Years, {words}": pl.col(f"years_{end}").round_sig_figs(3) for end, words in ends.items()},
        **{f"MWh through, {words}": (pl.col(f"mwh_per_kwh_{end}") * sheet.layout.energy_kwh).round_sig_figs(3)
           for end, words in ends.items()},
        Beyond="beyond",
    )  # fmt: skip


def listed(findings: Sequence[Finding], severity: str) -> list[Markup]:
    """Return findings of a severity as sentences."""
    return [
        Markup("<strong>{}</strong>: {}; expected {}. {}").format(one.column, one.found, one.expected, one.mend)
        for one in findings if one.severity == severity
    ]  # fmt: skip

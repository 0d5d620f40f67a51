"""Is a row of a data sheet possible? Mass, size, energy, voltage and resistance held against each other.

Three figures that are printed apart - mass, size and energy - give three densities. Each is held against its band: the
mass density of cells of the format, energy by mass and by volume against the band of the chemistry in the facts. The
figure that two of the three blame is the one that is wrong, and a slip of units that would mend it is named. A row that
cannot be is refused (blocker); one that is only unusual is told (warning).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import polars as pl

from cellroad.chain import facts
from cellroad.chain.check_physics import SLIP, STRANGE
from cellroad.chain.finding import Finding
from cellroad.chain.tell import listed, numbered, tell
from cellroad.engineering.cell import Cell, family_of

KG_PER_L = {"cylindrical": (1.9, 3.2), "prismatic": (1.6, 2.8), "pouch": (1.6, 3.0)}
"""Mass by volume of the body of a cell, in kg/L: those known lie between 1.68 and 2.95 (see `cells`)."""

LEAST_OF_BAND = 0.5
"""Power cells hold as little as this share of the least energy by mass of their chemistry (assumption)."""

BANDS = {
    "LFP": ("lfp",), "LMFP": ("lmfp",), "NMC": ("nmc622", "nmc811"), "NCA": ("nca",), "LCO": ("nmc622", "nca"),
    "LTO": ("lto",), "Na-ion": ("na_ion",),
}  # fmt: skip
"""The chemistries of the facts whose bands a family has."""

NOMINAL_V = 0.3
"""How far a nominal voltage may lie from that of its chemistry, in V (grades differ, and rates of discharge)."""

CAPACITY_AH = (0.01, 2000.0)
"""Capacity of one cell, from those of a watch to the largest for storage (assumption)."""

MOHM_AH = (1.0, 1500.0)
"""Resistance by capacity, in mohm Ah: known cells have 8 to 180 at 1 kHz, by direct current up to three times that."""

SUM = 0.05
"""How far a printed energy may lie from capacity by nominal voltage."""

SLIPS: dict[str, tuple[tuple[float, str], ...]] = {
    "mass_g": ((1e3, "kilograms in the column of grams"), (1e-3, "milligrams in the column of grams"),
               (453.59, "pounds in the column of grams"), (10.0, "a decimal point one place to the left"),
               (0.1, "a decimal point one place to the right")),
    "capacity_Ah": ((1e-3, "mAh in the column of Ah"), (1e3, "kAh in the column of Ah")),
    "size": ((10.0, "centimetres in the columns of mm"), (25.4, "inches in the columns of mm"),
             (1e3, "metres in the columns of mm"), (0.1, "tenths of a mm in the columns of mm")),
    "side": ((10.0, "centimetres in one of the columns of mm"), (25.4, "inches in one of the columns of mm"),
             (1e3, "metres in one of the columns of mm")),
    "nominal_V": ((1e-3, "mV in the column of V"),),
    "mohm": ((1e3, "ohm in the column of mohm"), (1e-3, "microohm in the column of mohm")),
}  # fmt: skip
"""What a value is multiplied by to mend it, and the slip that this undoes."""

WORDS = ("cell_id", "maker", "model", "chemistry", "format")
FIGURES = {
    "capacity_ah": "capacity_Ah", "nominal_v": "nominal_V", "min_v": "min_V", "max_v": "max_V", "mass_kg": "mass_g",
    "length_mm": "len_or_dia_mm", "width_mm": "width_mm", "height_mm": "height_mm", "acir_ohm": "acir_mohm",
    "dcir_ohm": "dcir_mohm", "charge_rate": "cont_chg_C", "discharge_rate": "cont_dis_C",
}  # fmt: skip
"""Figures of a cell that are checked, by the column that holds them."""
THOUSANDS = ("mass_kg", "acir_ohm", "dcir_ohm")
"""Figures that a column holds in thousandths."""

NO_SLIP = "no single slip of units explains it"


def check(rows: pl.DataFrame, table: str = "cells", lines: Sequence[int] | None = None) -> list[Finding]:
    """Return what is wrong with rows of cells, all at once.

    `rows` has the columns of the fact table `cells`; `lines` are the numbers of the rows in their sheet, where they are
    not 2, 3 and so on.
    """
    frame = numbered(rows) if lines is None else rows.with_columns(row=pl.Series(lines, dtype=pl.Int64))
    frame = _derived(frame)
    charged = [*_densities(frame, table), *_capacities(frame, table)]
    # A resistance is judged by the capacity, which must be sound for that.
    unsound = [one.row for one in charged if one.column == "capacity_Ah"]
    sound = frame.filter(~pl.col("row").is_in(unsound))
    findings = [
        *_chemistry(frame, table), *charged, *_voltages(frame, table), *_resistances(sound, table),
        *_sums(frame, table), *_limits(frame, table),
    ]  # fmt: skip
    return sorted(findings, key=lambda one: (one.row or 0, one.severity))


def check_cells(cells: Sequence[Cell], table: str = "cells") -> list[Finding]:
    """Return what is wrong with cells, as with their rows; the row of the first is 2."""
    figures = {name: [getattr(cell, name) for cell in cells] for name in FIGURES}
    scaled = {name: [None if value is None else 1000 * value for value in figures[name]] for name in THOUSANDS}
    words = {name: pl.Series([getattr(cell, name) for cell in cells], dtype=pl.String) for name in WORDS}
    numbers = {FIGURES[name]: pl.Series(scaled.get(name, figures[name]), dtype=pl.Float64) for name in FIGURES}
    return check(pl.DataFrame(words | numbers), table)


def refused(findings: Sequence[Finding]) -> set[int]:
    """Return the rows that must not be used: those with a blocker."""
    return {finding.row for finding in findings if finding.severity == "blocker" and finding.row is not None}


def bands() -> pl.DataFrame:
    """Return by family what cells of it can hold: `kg_low` and `kg_high` in Wh/kg, `l_low` and `l_high` in Wh/L,
    `v_nom` in V.

    From the facts on chemistries, whose bands are of good cells of today: beyond the upper end by more than the share
    that is strange for items of a chain, or below by what power cells and old cells lack, nothing is sold.
    """
    known = facts.chemistries()
    rows = []
    for family, ids in BANDS.items():
        of = known.filter(pl.col("chem_id").is_in(ids))
        least, most = of["cell_whkg_low"].min(), of["cell_whkg_high"].max()
        thin, dense = of["cell_whl_low"].min(), of["cell_whl_high"].max()
        rows.append({
            "family": family, "kg_low": _times(least, LEAST_OF_BAND), "kg_high": _times(most, 1 + STRANGE),
            "l_low": _times(thin, 1 / SLIP), "l_high": _times(dense, 1 + STRANGE),
            "usual_low": _times(least, 1 - STRANGE), "v_nom": of["v_nom"].mean(),
        })  # fmt: skip
    return pl.DataFrame(rows, infer_schema_length=None)


def _chemistry(frame: pl.DataFrame, table: str) -> list[Finding]:
    """Return chemistries without bands, and formats that are not known."""
    return tell(
        frame.filter(pl.col("kg_low").is_null()), "warning", table, "chemistry", found="{chemistry!r}",
        expected="one of " + listed(BANDS), mend="Nothing is known to hold its energy against; check it by hand.",
    ) + tell(
        frame.filter(~pl.col("format").is_in(list(KG_PER_L))), "blocker", table, "format", found="{format!r}",
        expected=listed(KG_PER_L), mend="Use one of them.",
    )  # fmt: skip


def _times(value: object, factor: float) -> float | None:
    return factor * value if isinstance(value, float) else None


def _derived(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with litres, energy and the bands that they are held against."""
    family = pl.col("chemistry").map_elements(family_of, return_dtype=pl.String)
    length, width, height = pl.col("len_or_dia_mm"), pl.col("width_mm"), pl.col("height_mm")
    litres = (
        pl.when(pl.col("format") == "cylindrical")
        .then(math.pi / 4 * length**2 * height)
        .otherwise(length * width * height)
        / 1e6
    )
    dense = pl.DataFrame([{"format": name, "d_low": low, "d_high": high} for name, (low, high) in KG_PER_L.items()])
    energy = pl.col("capacity_Ah") * pl.col("nominal_V")
    return (
        frame.with_columns(family=family, litres=litres, wh=energy, kg=pl.col("mass_g") / 1000)
        .with_columns(pl.col("format").cast(pl.String))
        .join(bands(), on="family", how="left", maintain_order="left")
        .join(dense, on="format", how="left", maintain_order="left")
        .with_columns(
            kg_per_l=pl.col("kg") / pl.col("litres"),
            wh_per_kg=pl.col("wh") / pl.col("kg"),
            wh_per_l=pl.col("wh") / pl.col("litres"),
        )
    )


def _outside(value: str, low: str, high: str) -> pl.Expr:
    return ((pl.col(value) < pl.col(low)) | (pl.col(value) > pl.col(high))).fill_null(False)


def _slip(column: str, value: str, low: pl.Expr, high: pl.Expr, power: int = 1) -> pl.Expr:
    """Return the slip of units that brings a figure into its band; `power`: with which power the unit enters."""
    told = pl.lit(NO_SLIP)
    for factor, words in reversed(SLIPS[column]):
        mended = pl.col(value) * factor**power
        told = pl.when((mended >= low) & (mended <= high)).then(pl.lit("it looks like " + words)).otherwise(told)
    return told


def _densities(frame: pl.DataFrame, table: str) -> list[Finding]:
    """Return cells whose mass, size and energy cannot belong together, by the figure that is to blame."""
    heavy, by_kg, by_l = (
        _outside("kg_per_l", "d_low", "d_high"),
        _outside("wh_per_kg", "kg_low", "kg_high"),
        _outside("wh_per_l", "l_low", "l_high"),
    )
    blamed = (
        pl.when(by_kg & by_l & ~heavy).then(pl.lit("capacity_Ah"))
        .when(heavy & by_l & ~by_kg).then(pl.lit("size"))
        .when(by_kg | (heavy & ~by_l)).then(pl.lit("mass_g"))
        .when(by_l).then(pl.lit("size"))
    )  # fmt: skip
    wrong = frame.with_columns(blamed=blamed).filter(pl.col("blamed").is_not_null())
    # A size that is known bounds the mass more tightly than the energy does, and both together most.
    low = pl.max_horizontal(pl.col("wh") / pl.col("kg_high"), pl.col("litres") * pl.col("d_low"))
    high = pl.min_horizontal(pl.col("wh") / pl.col("kg_low"), pl.col("litres") * pl.col("d_high"))
    mass = wrong.filter(pl.col("blamed") == "mass_g").with_columns(
        low_g=1000 * low, high_g=1000 * high, slip=_slip("mass_g", "kg", low, high), by=_told_densities(),
    )  # fmt: skip
    # Without a size either figure may be the wrong one: a slip of the capacity is as good a reason.
    other = _slip("capacity_Ah", "wh", pl.col("kg") * pl.col("kg_low"), pl.col("kg") * pl.col("kg_high"))
    or_other = pl.col("litres").is_null() & (other != NO_SLIP)
    mass = mass.with_columns(
        slip=pl.when(or_other & (pl.col("slip") == NO_SLIP)).then(other)
        .when(or_other).then(pl.col("slip") + pl.lit(", or ") + other).otherwise(pl.col("slip"))
    )  # fmt: skip
    size = wrong.filter(pl.col("blamed") == "size").with_columns(
        low_l=pl.max_horizontal(pl.col("wh") / pl.col("l_high"), pl.col("kg") / pl.col("d_high")),
        high_l=pl.min_horizontal(pl.col("wh") / pl.col("l_low"), pl.col("kg") / pl.col("d_low")),
        by=_told_densities(),
    )  # fmt: skip
    whole = _slip("size", "litres", pl.col("low_l"), pl.col("high_l"), power=3)
    side = _slip("side", "litres", pl.col("low_l"), pl.col("high_l"))
    size = size.with_columns(slip=pl.when(whole == NO_SLIP).then(side).otherwise(whole))
    charge = wrong.filter(pl.col("blamed") == "capacity_Ah").with_columns(
        low_ah=pl.col("kg") * pl.col("kg_low") / pl.col("nominal_V"),
        high_ah=pl.col("kg") * pl.col("kg_high") / pl.col("nominal_V"),
        by=_told_densities(),
    )  # fmt: skip
    charge = charge.with_columns(slip=_slip("capacity_Ah", "capacity_Ah", pl.col("low_ah"), pl.col("high_ah")))
    poor = frame.filter(~by_kg & ~heavy & ~by_l & (pl.col("wh_per_kg") < pl.col("usual_low")))
    sheet = "Read the data sheet again: {slip}."
    return (
        tell(mass, "blocker", table, "mass_g", found="{mass_g:g} g for {maker} {model}: {by}",
             expected="{low_g:,.0f} to {high_g:,.0f} g by size and energy", mend=sheet)
        + tell(size, "blocker", table, "len_or_dia_mm", found="{litres:.3g} L for {maker} {model}: {by}",
               expected="{low_l:.3g} to {high_l:.3g} L by mass and energy", mend=sheet)
        + tell(charge, "blocker", table, "capacity_Ah", found="{capacity_Ah:g} Ah for {maker} {model}: {by}",
               expected="{low_ah:.3g} to {high_ah:.3g} Ah by mass and chemistry", mend=sheet)
        + tell(poor, "warning", table, "mass_g", found="{wh_per_kg:.3g} Wh/kg for {maker} {model}",
               expected="{usual_low:.3g} Wh/kg or more for {family}", mend="A power cell or an old one? Else check it.")
    )  # fmt: skip


def _capacities(frame: pl.DataFrame, table: str) -> list[Finding]:
    """Return capacities that no cell has, where neither mass nor size tells so."""
    low, high = CAPACITY_AH
    bare = frame.filter(pl.col("wh_per_kg").is_null() & pl.col("wh_per_l").is_null())
    wrong = bare.filter((pl.col("capacity_Ah") < low) | (pl.col("capacity_Ah") > high))
    wrong = wrong.with_columns(slip=_slip("capacity_Ah", "capacity_Ah", pl.lit(low), pl.lit(high)))
    return tell(
        wrong, "blocker", table, "capacity_Ah", found="{capacity_Ah:g} Ah for {maker} {model}",
        expected=f"{low:g} to {high:,.0f} Ah", mend="Read the data sheet again: {slip}.",
    )  # fmt: skip


def _told_densities() -> pl.Expr:
    """Return the densities of a row in words, those that are not known left out."""
    parts = (("kg_per_l", " kg/L"), ("wh_per_kg", " Wh/kg"), ("wh_per_l", " Wh/L"))
    return pl.concat_str(
        [
            pl.when(pl.col(name).is_not_null()).then(pl.col(name).round_sig_figs(3).cast(pl.String) + pl.lit(unit))
            for name, unit in parts
        ],
        separator=", ",
        ignore_nulls=True,
    )


def _voltages(frame: pl.DataFrame, table: str) -> list[Finding]:
    """Return cells whose nominal voltage is not between their limits, or not that of their chemistry."""
    order = (pl.col("nominal_V") <= pl.col("min_V")).fill_null(False) | (
        (pl.col("nominal_V") >= pl.col("max_V")).fill_null(False)
    )
    far = ((pl.col("nominal_V") - pl.col("v_nom")).abs() > NOMINAL_V).fill_null(False)
    low, high = pl.col("v_nom") - NOMINAL_V, pl.col("v_nom") + NOMINAL_V
    strange = frame.filter(far).with_columns(
        slip=_slip("nominal_V", "nominal_V", low, high), low=low, high=high,
        like=pl.col("nominal_V").map_elements(_like, return_dtype=pl.String),
    )  # fmt: skip
    return tell(
        frame.filter(order), "blocker", table, "nominal_V",
        found="{nominal_V:g} V nominal between {min_V} and {max_V} V",
        expected="a nominal voltage between the limits", mend="Put the three voltages in order.",
    ) + tell(
        strange, "blocker", table, "nominal_V", found="{nominal_V:g} V for {family}",
        expected="{low:.2f} to {high:.2f} V", mend="Check the voltage and the chemistry: {slip}{like}.",
    )  # fmt: skip


def _like(voltage: float) -> str:
    """Return the families that have a nominal voltage, in words."""
    near = [family for family, v in bands().select("family", "v_nom").iter_rows() if abs(voltage - v) <= NOMINAL_V]
    return f"; it is a voltage of {' or '.join(near)}" if near else ""


def _resistances(frame: pl.DataFrame, table: str) -> list[Finding]:
    """Return resistances that no cell of the capacity has: mohm by Ah is near the same for all cells."""
    low, high = MOHM_AH
    findings = []
    for column in ("acir_mohm", "dcir_mohm"):
        product = (pl.col(column) * pl.col("capacity_Ah")).alias("product")
        wrong = frame.with_columns(product).filter((pl.col("product") < low) | (pl.col("product") > high))
        wrong = wrong.with_columns(
            slip=_slip("mohm", "product", pl.lit(low), pl.lit(high)), value=pl.col(column),
            low=low / pl.col("capacity_Ah"), high=high / pl.col("capacity_Ah"),
        )  # fmt: skip
        findings += tell(
            wrong, "blocker", table, column, found="{value:g} mohm for {capacity_Ah:g} Ah",
            expected="{low:.2g} to {high:.2g} mohm", mend="Read the data sheet again: {slip}.",
        )  # fmt: skip
    return findings


def _sums(frame: pl.DataFrame, table: str) -> list[Finding]:
    """Return printed energies that are not capacity by nominal voltage."""
    if "energy_Wh" not in frame.columns:
        return []
    ratio = pl.col("energy_Wh") / pl.col("wh")
    wrong = frame.filter((ratio - 1).abs() > SUM)
    return tell(
        wrong, "blocker", table, "energy_Wh", found="{energy_Wh:g} Wh of {capacity_Ah:g} Ah at {nominal_V:g} V",
        expected="about {wh:.4g} Wh", mend="Energy is capacity by nominal voltage; leave it blank or mend one of them.",
    )  # fmt: skip


def _limits(frame: pl.DataFrame, table: str) -> list[Finding]:
    """Return voltage limits and formats that cannot be, and rates that look like amperes."""
    crossed = frame.filter((pl.col("min_V") >= pl.col("max_V")).fill_null(False))
    shape = frame.filter(
        (pl.col("format") != "cylindrical") & pl.col("width_mm").is_null() & pl.col("height_mm").is_not_null()
    )
    findings = tell(
        crossed, "blocker", table, "min_V", found="{min_V:g} V below, {max_V:g} V above",
        expected="the lower limit below the upper", mend="Exchange them.",
    ) + tell(
        shape, "warning", table, "width_mm", found="nothing for a cell that is {format}",
        expected="length, width and height", mend="Fill it in: its volume cannot be told without it.",
    )  # fmt: skip
    for column in ("cont_chg_C", "cont_dis_C"):
        amps = frame.with_columns(value=pl.col(column)).filter(
            (pl.col("value") > 30) & (pl.col("value") > 0.3 * pl.col("capacity_Ah"))
        )
        findings += tell(
            amps, "warning", table, column, found="{value:g} C", expected="at most about 30 C for a continuous rate",
            mend="Amperes in the column of C rates? Divide by {capacity_Ah:g} Ah.",
        )  # fmt: skip
    return findings

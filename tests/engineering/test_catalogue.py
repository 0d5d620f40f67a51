"""Dirty rows are refused with the reason; what is unusual is told; where sources disagree, both stand."""

import math
from dataclasses import replace

import polars as pl
import pytest

from cellroad.chain import facts
from cellroad.engineering import catalogue
from cellroad.engineering.cell_check import NO_SLIP, check, check_cells, refused


def _row(cell_id: str, **changes: float | str | None) -> pl.DataFrame:
    row = facts.cells().filter(pl.col("cell_id") == cell_id)
    return row.with_columns(**{name: pl.lit(value).cast(row.schema[name]) for name, value in changes.items()})


@pytest.mark.parametrize(
    ("row", "density"),
    [(_row("CL001", mass_g=200.0), 896 / 0.2), (_row("CL054", mass_g=5.0), 48 / 0.005)],
    ids=["LF280K of 0.2 kg", "15 Ah of 5 g"],
)
def test_the_two_dirty_rows_of_a_public_database_are_refused_by_their_mass(row: pl.DataFrame, density: float) -> None:
    told = [finding for finding in check(row) if finding.severity == "blocker"]
    assert [finding.column for finding in told] == ["mass_g"]
    assert f"{density:.0f}" in told[0].found
    assert NO_SLIP in told[0].mend


SLIPS = {
    "kilograms": ({"mass_g": 5.49}, "mass_g"),
    "pounds": ({"mass_g": 12.1}, "mass_g"),
    "mAh": ({"capacity_Ah": 280e3, "energy_Wh": 896e3}, "capacity_Ah"),
    "centimetres": ({"len_or_dia_mm": 17.37, "width_mm": 7.17, "height_mm": 20.72}, "len_or_dia_mm"),
    "metres": ({"len_or_dia_mm": 0.1737, "width_mm": 0.0717, "height_mm": 0.2072}, "len_or_dia_mm"),
    "inches": ({"len_or_dia_mm": 6.839, "width_mm": 2.823, "height_mm": 8.157}, "len_or_dia_mm"),
    "ohm": ({"acir_mohm": 0.00025}, "acir_mohm"),
    "mV": ({"nominal_V": 3200.0, "min_V": 2500.0, "max_V": 3650.0}, "nominal_V"),
}


@pytest.mark.parametrize("unit", SLIPS)
def test_a_slip_of_units_is_told_by_its_name(unit: str) -> None:
    changes, column = SLIPS[unit]
    told = [one for one in check(_row("CL001", **changes)) if one.severity == "blocker" and one.column == column]
    assert len(told) == 1
    assert f"looks like {unit} in the column" in told[0].mend


def test_a_slip_that_two_figures_explain_names_both() -> None:
    (told,) = [one for one in check(_row("CL054", mass_g=0.28)) if one.severity == "blocker"]
    assert "kilograms in the column of grams" in told.mend
    assert "mAh" in told.mend


def test_voltages_out_of_order_or_of_another_chemistry_are_refused() -> None:
    for changes in ({"nominal_V": 2.4}, {"min_V": 3.65, "max_V": 2.5}, {"nominal_V": 3.65}, {"chemistry": "NMC811"}):
        assert refused(check(_row("CL001", **changes))) == {2}


def test_everything_wrong_with_a_row_is_told_at_once() -> None:
    told = check(_row("CL001", mass_g=5.49, acir_mohm=0.00025, nominal_V=2.4))
    assert {"mass_g", "acir_mohm", "nominal_V", "energy_Wh"} <= {finding.column for finding in told}


def test_no_cell_of_the_catalogue_breaks_the_bands_that_are_published() -> None:
    cells = catalogue.cells()
    assert len(cells) >= 55
    for cell in cells:
        if cell.mass_kg is not None and cell.volume_l is not None:
            assert 1.6 <= cell.mass_kg / cell.volume_l <= 3.2
        if cell.min_v is not None and cell.max_v is not None:
            assert cell.min_v < cell.nominal_v < cell.max_v


def test_a_shipped_row_that_cannot_be_is_no_cell_and_is_told() -> None:
    """330 x 16.5 x 100 mm and 820 g: 1.51 kg/L, lighter than any pouch."""
    told = [finding for finding in catalogue.refusals() if finding.severity == "blocker"]
    assert [finding.row for finding in told] == [38]
    assert "1.51 kg/L" in told[0].found
    assert math.isclose(0.82 / (0.330 * 0.0165 * 0.1) / 1000, 1.506, abs_tol=1e-3)
    assert "CL037" not in {cell.cell_id for cell in catalogue.cells()}


def test_a_cell_knows_its_revision_its_tolerance_and_where_sources_disagree() -> None:
    cells = {cell.cell_id: cell for cell in catalogue.cells()}
    assert (cells["CL001"].revision, cells["CL001"].mass_tolerance_kg) == ("Ver.B Feb-2023", 0.3)
    assert set(catalogue.conflicts()["cell_id"]) >= {"CL001", "CL003", "CL036", "CL040"}
    lf105 = catalogue.conflicts("CL003").select("column", "value", "low", "high").rows()
    assert lf105 == [("acir_mohm", 0.32, None, None), ("acir_mohm", 0.2, 0.15, 0.25)]


def test_a_cell_carries_the_value_that_is_taken_where_sources_disagree() -> None:
    taken = catalogue.conflicts().filter(pl.col("taken") == "yes")
    for cell_id, column, value in taken.select("cell_id", "column", "value").iter_rows():
        assert facts.find(cell_id)[1][column] == value


def test_cells_are_checked_as_their_rows_are() -> None:
    cells = catalogue.cells()
    rows = facts.cells().filter(pl.col("cell_id").is_in([cell.cell_id for cell in cells]))
    assert [str(one) for one in check_cells(cells)] == [str(one) for one in check(rows.drop("energy_Wh"))]
    light = replace(cells[0], mass_kg=0.2)
    assert refused(check_cells([cells[1], light])) == {3}


SIDES = ("len_or_dia_mm", "width_mm", "height_mm")
EVERY = {
    "kilograms": (("mass_g",), 1e-3), "pounds": (("mass_g",), 1 / 453.59), "milligrams": (("mass_g",), 1e3),
    "a decimal point": (("mass_g",), 10.0), "mAh": (("capacity_Ah",), 1e3), "centimetres": (SIDES, 0.1),
    "metres": (SIDES, 1e-3), "inches": (SIDES, 1 / 25.4), "mV": (("nominal_V", "min_V", "max_V"), 1e3),
    "ohm": (("acir_mohm", "dcir_mohm"), 1e-3), "microohm": (("acir_mohm", "dcir_mohm"), 1e3),
    "centimetres in one": (("height_mm",), 0.1),
}  # fmt: skip


@pytest.mark.parametrize("unit", EVERY)
def test_every_slip_of_every_cell_is_refused_and_named(unit: str) -> None:
    columns, factor = EVERY[unit]
    known = [cell.cell_id for cell in catalogue.cells()]
    rows = facts.cells().filter(pl.col("cell_id").is_in(known)).drop("energy_Wh")
    rows = rows.filter(pl.any_horizontal(pl.col(column).is_not_null() for column in columns))
    told = check(rows.with_columns(pl.col(column) * factor for column in columns))
    assert refused(told) == set(range(2, rows.height + 2))
    named = {one.row for one in told if f"looks like {unit}" in one.mend}
    assert named == refused(told)

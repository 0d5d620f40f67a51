"""What is assumed of a family stands once, and all who need it say the same."""

from dataclasses import fields, replace

import pytest

from cellroad.chain import facts
from cellroad.engineering.catalogue import cells
from cellroad.engineering.cellmodel import cell_model
from cellroad.engineering.design.filled import filled
from cellroad.engineering.family import CHEMISTRY, FAMILIES, OTHER, defaults, named
from cellroad.engineering.layout import Layout
from cellroad.engineering.mass.generic import generic_cell
from cellroad.engineering.protection import bms_limits

BLANK = {
    "min_v": None, "max_v": None, "charge_rate": None, "discharge_rate": None, "pulse_rate": None,
    "charge_min_c": None, "charge_max_c": None, "discharge_min_c": None, "discharge_max_c": None,
}  # fmt: skip


def blank(family: str):
    cell = next((cell for cell in cells() if cell.family == family), cells()[0])
    return replace(cell, chemistry=family, **BLANK)


@pytest.mark.parametrize("family", [*FAMILIES, "unheard of"])
def test_model_design_and_protection_assume_the_same_and_say_so(family):
    cell, usual = blank(family), named(family)
    model, (sheet, told) = cell_model(cell), filled(cell)
    assert defaults(cell) == usual
    for limits in (model.limits, sheet):
        assert (limits.min_v, limits.max_v) == (usual.min_v, usual.max_v)
    assert model.limits.charge_c == (sheet.charge_min_c, sheet.charge_max_c) == usual.charge_c
    assert model.limits.discharge_c == (sheet.discharge_min_c, sheet.discharge_max_c) == usual.discharge_c
    assert model.limits.charge_a == pytest.approx(sheet.charge_rate * cell.capacity_ah)
    assert model.limits.discharge_a == pytest.approx(sheet.discharge_rate * cell.capacity_ah)
    limits = bms_limits(Layout(cell, 4, 1))
    assert limits.of("cell_voltage", "high", "operating").value == pytest.approx(usual.max_v)
    words = " ".join((*model.assumptions, *told))
    for number in (usual.min_v, usual.max_v, usual.charge_c[0], usual.discharge_c[1], usual.charge_rate):
        assert f"{number:g}" in words
    assert f"{usual.activation / 1000:g} kJ/mol" in words


@pytest.mark.parametrize("family", FAMILIES)
def test_voltages_are_those_of_the_facts_where_the_facts_know_the_chemistry(family):
    usual = named(family)
    row = facts.chemistries().filter(chem_id=CHEMISTRY[family]).row(0, named=True)
    if usual.volts is None:
        assert (usual.min_v, usual.max_v) == (row["v_min"], row["v_max"])
    made = generic_cell(family, "prismatic", 100.0)
    assert (made.min_v, made.max_v) == (usual.min_v, usual.max_v)


def test_what_is_not_known_is_taken_for_no_better_than_any_that_is():
    for name in [field.name for field in fields(OTHER) if field.name in ("charge_rate", "discharge_rate")]:
        assert getattr(OTHER, name) <= min(getattr(family, name) for family in FAMILIES.values())

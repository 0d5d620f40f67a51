"""Limits of the battery management: three levels that nest, values of the sheet, JSON of its schema."""

import json

import jsonschema_rs
import numpy as np
import pytest

from cellroad.engineering.catalogue import cells
from cellroad.engineering.cellmodel import cell_model
from cellroad.engineering.layout import Layout
from cellroad.engineering.protection.limits import LEVELS, bms_limits, schema
from cellroad.engineering.protection.use import check_use

CELLS = {cell.cell_id: cell for cell in cells()}
LF280K = CELLS["CL001"]


@pytest.mark.parametrize("cell", cells(), ids=lambda cell: cell.cell_id)
def test_the_json_of_every_cell_is_of_the_schema(cell):
    made = bms_limits(Layout(cell, 16, 2), break_a=1000.0)
    document = json.loads(made.to_json())
    jsonschema_rs.Draft202012Validator(schema()).validate(document)
    assert document == json.loads(json.dumps(made.document()))
    names = [row["limit_id"] for row in document["limits"]]
    assert len(set(names)) == len(names)


def test_the_schema_refuses_what_is_not_of_it():
    document = json.loads(bms_limits(Layout(LF280K, 16, 1)).to_json())
    judge = jsonschema_rs.Draft202012Validator(schema())
    jsonschema_rs.meta.validate(schema())
    document["limits"][0]["level"] = "red"
    assert not judge.is_valid(document)


@pytest.mark.parametrize("cell", cells(), ids=lambda cell: cell.cell_id)
def test_each_level_lies_beyond_the_one_before(cell):
    table = bms_limits(Layout(cell, 16, 2)).table()
    for (_, side, _), rows in table.group_by("quantity", "side", "direction"):
        values = [rows.filter(rows["level"] == level)["value"].to_list() for level in LEVELS]
        held = [value for found in values for value in found]
        ordered = sorted(held, reverse=side == "low")
        assert held == ordered
        assert len(set(held)) == len(held)


def test_what_the_sheet_tells_is_taken_from_it():
    made = bms_limits(Layout(LF280K, 16, 1))
    row = made.of("cell_voltage", "high", "operating")
    assert (row.value, row.confidence) == (LF280K.max_v, LF280K.confidence)
    assert made.of("cell_voltage", "high", "safety").confidence == "assumed"
    assert made.of("current", "high", "recommended", "charge").recover == pytest.approx(0.5 * 280)
    with pytest.raises(KeyError):
        made.of("cell_voltage", "high", "safety", "charge")


def test_no_safety_limit_is_wider_than_what_a_maker_of_the_same_packs_prints():
    # EG4 LL-S, 16 LFP cells: 3.8 V and 2.3 V a cell, 70 degC charging, 75 degC discharging
    made = bms_limits(Layout(LF280K, 16, 1))
    assert made.of("cell_voltage", "high", "safety").value <= 3.8
    assert made.of("cell_voltage", "low", "safety").value >= 2.3
    assert made.of("cell_temperature", "high", "safety", "charge").value <= 70
    assert made.of("cell_temperature", "high", "safety", "discharge").value <= 75


@pytest.mark.parametrize("cell", cells(), ids=lambda cell: cell.cell_id)
def test_a_pack_colder_than_its_sheet_takes_no_charge(cell):
    made = bms_limits(Layout(cell, 16, 1))
    low = made.charge.temperature_c[0]
    for soc in (0.0, 0.5, 1.0):
        assert made.charge.at(low - 0.1, soc) == 0
        assert made.charge.at(low + 1.0, soc) > 0
    if cell.family in {"LFP", "NMC", "NCA"} and (cell.charge_min_c is None or cell.charge_min_c > -10):
        assert made.charge.at(-10.0, 0.5) == 0


def test_charge_at_ten_below_is_refused_with_the_reason():
    made = bms_limits(Layout(LF280K, 16, 1))
    (check,) = check_use(made, -10.0, charge_a=50)
    assert (check.verdict, check.finding.severity) == ("refused", "blocker")
    assert "charged from 0 to 45" in check.finding.expected
    assert "heat the pack" in check.finding.mend
    # the same cold lets the pack give, and a cell whose sheet allows it take a little
    assert [check.verdict for check in check_use(made, -10.0, discharge_a=50)] == ["ok"]
    cold = bms_limits(Layout(CELLS["CL003"], 16, 1))
    assert [check.verdict for check in check_use(cold, -9.0, charge_a=10)] == ["ok"]
    assert [check.verdict for check in check_use(cold, -9.0, charge_a=100)] == ["refused"]
    assert check_use(made, 25.0) == ()


def test_a_use_that_asks_more_than_the_cells_give_is_told():
    made = bms_limits(Layout(LF280K, 16, 1), continuous_a=300, charge_a=10)
    assert any("300 A asked" in told for told in made.assumptions)
    assert not any("10 A asked" in told for told in made.assumptions)


@pytest.mark.parametrize("cell", cells(), ids=lambda cell: cell.cell_id)
def test_the_limits_are_those_that_the_cell_model_runs_within(cell):
    made, run = bms_limits(Layout(cell, 1, 1)), cell_model(cell).limits
    assert made.of("cell_voltage", "high", "operating").value == pytest.approx(run.max_v)
    assert made.of("cell_voltage", "low", "operating").value == pytest.approx(run.min_v)
    assert made.charge.current_a.max() == pytest.approx(run.charge_a)
    if cell.family not in {"LTO", "Na-ion"}:  # whose families stand more cold than the usual cell
        assert made.of("cell_temperature", "high", "operating", "charge").value == pytest.approx(run.charge_c[1])
        assert made.of("cell_temperature", "low", "operating", "charge").value == pytest.approx(run.charge_c[0])


def test_the_map_meets_its_points_and_is_nowhere_above_the_rates():
    made = bms_limits(Layout(LF280K, 16, 1))
    grid = made.discharge
    for i, t in enumerate(grid.temperature_c):
        for j, z in enumerate(grid.soc):
            assert grid.at(t, z) == pytest.approx(grid.current_a[i, j], abs=1e-9)
    assert np.all(grid.current_a <= 280 + 1e-9)
    assert grid.at(25, 0.5) == pytest.approx(LF280K.discharge_rate * 280)
    between = grid.at(float(grid.temperature_c[3] + grid.temperature_c[4]) / 2, 0.5)
    assert between == pytest.approx((grid.at(grid.temperature_c[3], 0.5) + grid.at(grid.temperature_c[4], 0.5)) / 2)


def test_a_use_that_asks_less_is_held_to_less():
    made = bms_limits(Layout(LF280K, 16, 1), continuous_a=50, peak_a=80, charge_a=40)
    assert made.charge.current_a.max() == pytest.approx(40)
    assert made.discharge.current_a.max() == pytest.approx(80)
    # 1.25 times the peak and half a per cent of it for the sensor
    assert made.of("current", "high", "safety", "discharge").value == pytest.approx(100 + 0.4)

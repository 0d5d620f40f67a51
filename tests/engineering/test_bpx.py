"""A BPX file becomes a cell: charge and voltage at rest by closed form, nothing of it is run, all faults are told."""

from __future__ import annotations

import copy
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cellroad.chain.finding import ChainError
from cellroad.engineering import bpx

SIDE = {
    "Thickness [m]": 100e-6, "Minimum stoichiometry": 0.1, "Maximum stoichiometry": 0.9, "Porosity": 0.3,
    "Maximum concentration [mol.m-3]": 30_000.0, "Particle radius [m]": 5e-6, "Transport efficiency": 0.3,
    "Surface area per unit volume [m-1]": 3 * 0.6 / 5e-6, "Conductivity [S.m-1]": 10.0, "Diffusivity [m2.s-1]": 1e-14,
    "Reaction rate constant [mol.m-2.s-1]": 1e-6,
}  # fmt: skip
FILE: dict[str, Any] = {
    "Header": {"BPX": "0.4.0", "Title": "A made-up NMC811 cell", "Model": "DFN",
               "Description": "Pouch cell (191mm x 88mm x 7.6mm)"},
    "Parameterisation": {
        "Cell": {
            "Electrode area [m2]": 0.02, "Number of electrode pairs connected in parallel to make a cell": 40,
            "Lower voltage cut-off [V]": 2.9, "Upper voltage cut-off [V]": 4.2, "Nominal cell capacity [A.h]": 30.9,
            "Volume [m3]": 1.2774e-4, "Density [kg.m-3]": 2400.0, "Ambient temperature [K]": 298.15,
            "Reference temperature [K]": 298.15, "Initial temperature [K]": 298.15, "External surface area [m2]": 0.037,
            "Specific heat capacity [J.K-1.kg-1]": 1000.0, "Thermal conductivity [W.m-1.K-1]": 1.0,
        },
        "Electrolyte": {"Initial concentration [mol.m-3]": 1000, "Cation transference number": 0.26,
                        "Conductivity [S.m-1]": 1.0, "Diffusivity [m2.s-1]": 3e-10},
        "Separator": {"Thickness [m]": 2e-5, "Porosity": 0.47, "Transport efficiency": 0.32},
        "Negative electrode": SIDE | {"OCP [V]": "0.2 - 0.1 * x + 0 * exp(-x)",
                                      "Entropic change coefficient [V.K-1]": -1e-4},
        "Positive electrode": SIDE | {"OCP [V]": {"x": [0.0, 1.0], "y": [4.4, 3.0]}},
    },
}  # fmt: skip
HELD = 96485.33212 * 30_000 * 0.8 * 0.6 * 100e-6 * 0.02 * 40 / 3600


def _changed(*path: str, value: object) -> dict[str, Any]:
    told = copy.deepcopy(FILE)
    place = told["Parameterisation"]
    for key in path[:-1]:
        place = place[key]
    if value is None:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return told


def test_charge_and_voltage_at_rest_are_those_of_the_closed_form() -> None:
    found = bpx.of(FILE)
    assert math.isclose(found.negative_ah, HELD)
    assert math.isclose(found.positive_ah, HELD)
    assert found.soc is not None and found.volts is not None and found.volts_per_k is not None
    z = found.soc
    assert np.allclose(found.volts, (4.4 - 1.4 * (0.9 - 0.8 * z)) - (0.2 - 0.1 * (0.1 + 0.8 * z)))
    assert np.allclose(found.volts_per_k, 1e-4)
    assert np.allclose(found.open_circuit().at(z), found.volts)


def test_the_data_sheet_is_what_the_file_says() -> None:
    cell = bpx.of(FILE, "made-up").cell
    assert (cell.cell_id, cell.model, cell.chemistry, cell.format) == (
        "made-up",
        "A made-up NMC811 cell",
        "NMC811",
        "pouch",
    )
    assert (cell.capacity_ah, cell.min_v, cell.max_v) == (30.9, 2.9, 4.2)
    assert (cell.length_mm, cell.width_mm, cell.height_mm) == (7.6, 88.0, 191.0)
    assert cell.mass_kg == pytest.approx(0.3066, abs=1e-4)
    assert cell.nominal_v == pytest.approx(4.4 - 0.7 - 0.15)


def test_a_blend_holds_the_sum_of_its_materials_and_has_no_voltage_at_rest() -> None:
    whole = FILE["Parameterisation"]["Negative electrode"]
    half = whole | {"Surface area per unit volume [m-1]": whole["Surface area per unit volume [m-1]"] / 2}
    blend = {"Thickness [m]": 100e-6, "Conductivity [S.m-1]": 1.0, "Particle": {"graphite": half, "silicon": half}}
    found = bpx.of(_changed("Negative electrode", value=blend))
    assert math.isclose(found.negative_ah, HELD)
    assert found.volts is None
    with pytest.raises(ValueError, match="blend"):
        found.open_circuit()


def test_everything_that_is_missing_is_told_at_once(tmp_path: Path) -> None:
    told = _changed("Cell", "Electrode area [m2]", value=-1)
    told["Parameterisation"]["Positive electrode"] |= {"OCP [V]": "x + y", "Maximum stoichiometry": 0.05}
    del told["Parameterisation"]["Negative electrode"]
    path = tmp_path / "cell.json"
    path.write_text(json.dumps(told), encoding="utf-8")
    with pytest.raises(ChainError) as error:
        bpx.read(path)
    columns = {finding.column for finding in error.value.findings}
    assert {"Cell / Electrode area [m2]", "Positive electrode / OCP [V]", "Positive electrode"} <= columns
    assert sum(column.startswith("Negative electrode") for column in columns) >= 6


@pytest.mark.parametrize(
    "text", ["__import__('os').system('true')", "x.__class__", "exit(1)", "open('f')", "lambda: x", "x if x else 1",
             "9**9**9**9**9", "True", "'a'", "exp(x, 1)", "exp(x=1)", "(" * 500 + "x" + ")" * 500, "x\n+1 import"],
)  # fmt: skip
def test_nothing_in_a_file_is_run(text: str) -> None:
    try:
        found = bpx.of(_changed("Negative electrode", "OCP [V]", value=text))
    except ChainError as error:
        assert error.findings[0].column in ("Negative electrode / OCP [V]", "OCP [V]")
    else:
        assert text.startswith("(")
        assert found.volts is not None


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"Parameterisation": 3}', "nonsense", "[" * 100_000])
def test_a_file_that_is_none_is_told(tmp_path: Path, text: str) -> None:
    path = tmp_path / "cell.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ChainError):
        bpx.read(path)


def test_what_is_strange_is_told_and_not_refused() -> None:
    low = bpx.of(_changed("Cell", "Nominal cell capacity [A.h]", value=50.0))
    assert [finding.column for finding in low.warnings] == ["Negative electrode", "Positive electrode"]
    high = bpx.of(_changed("Cell", "Upper voltage cut-off [V]", value=3.9))
    assert [finding.column for finding in high.warnings] == ["OCP [V]"]
    assert bpx.of(FILE).warnings == ()


def test_functions_are_those_of_the_standard() -> None:
    text = "1.9793 * exp(-39.3631 * x) + 0.2482 - 0.0909 * tanh(29.8538 * (x - 0.1234))"
    text += " - .04478 * tanh(14.9159 * (x - 0.2769)) ** 2"
    found = bpx.of(_changed("Negative electrode", "OCP [V]", value=text))
    assert found.soc is not None and found.volts is not None
    x = 0.1 + 0.8 * found.soc
    by_hand = (1.9793 * np.exp(-39.3631 * x) + 0.2482 - 0.0909 * np.tanh(29.8538 * (x - 0.1234))
               - 0.04478 * np.tanh(14.9159 * (x - 0.2769)) ** 2)  # fmt: skip
    assert np.allclose(found.volts, 4.4 - 1.4 * (0.9 - 0.8 * found.soc) - by_hand)


@pytest.mark.filterwarnings("ignore:Detected a legacy")
def test_the_library_of_the_standard_reads_the_same() -> None:
    library = pytest.importorskip("bpx")
    told = copy.deepcopy(FILE)
    told["Header"]["BPX"] = "0.4.0"
    read = library.parse_bpx_obj(told)
    found = bpx.of(told)
    parts = read.parameterisation
    assert found.soc is not None and found.volts is not None
    for place in (0, 250, 500):
        x, y = library.get_electrode_stoichiometries(float(found.soc[place]), read)
        rest = np.interp(y, parts.positive_electrode.ocp.x, parts.positive_electrode.ocp.y)
        rest -= parts.negative_electrode.ocp.to_python_function()(x)
        assert found.volts[place] == pytest.approx(rest, abs=1e-12)
    assert found.cell.capacity_ah == parts.cell.nominal_cell_capacity

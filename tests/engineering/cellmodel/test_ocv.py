"""The curve at rest: its ends, its shape, its plateau, and the papers it is from."""

from dataclasses import replace

import numpy as np
import pytest

from cellroad.engineering.catalogue import cells
from cellroad.engineering.cellmodel import Joints, cell_model, discharge, measured
from cellroad.engineering.cellmodel import electrodes as of
from cellroad.engineering.cellmodel.ocv import FAMILIES, LIFT_V, open_circuit
from cellroad.engineering.layout import Layout

KNOWN = {cell.cell_id: cell for cell in cells()}
NONE = Joints(0.0, 0.0, 0.0, 0.0, 0.0)


@pytest.mark.parametrize("cell", cells(), ids=lambda cell: cell.cell_id)
def test_the_curve_goes_from_the_least_voltage_to_the_largest(cell) -> None:
    curve, limits = open_circuit(cell), cell_model(cell).limits
    assert curve.volts[0] == pytest.approx(limits.min_v, abs=1e-9)
    assert curve.volts[-1] == pytest.approx(limits.max_v, abs=1e-9)
    assert np.all(np.diff(curve.volts) >= 0)
    assert np.all(np.abs(curve.volts_per_k) < 1e-3)


@pytest.mark.parametrize("cell", cells(), ids=lambda cell: cell.cell_id)
def test_a_slow_discharge_gives_the_nominal_energy(cell) -> None:
    # Data sheets rate at a fifth to a half of the capacity an hour; makers round, and A123 and Winston print 3.3 V.
    run = discharge(Layout(cell, 1, 1), current_a=0.2 * cell.capacity_ah, joints=NONE, seconds=60)
    assert run.energy_kwh * 1000 == pytest.approx(cell.energy_wh, rel=0.03)


def test_cut_off_voltages_do_not_move_a_plateau() -> None:
    cell = KNOWN["CL001"]
    wide, narrow = (open_circuit(replace(cell, min_v=low, max_v=high)) for low, high in ((2.0, 3.65), (2.8, 3.4)))
    middle = np.linspace(0.2, 0.9, 50)
    assert wide.at(middle) == pytest.approx(narrow.at(middle), abs=0.02)
    assert 3.2 < float(wide.at(0.3)) < float(wide.at(0.8)) < 3.35


def test_a_sloping_curve_is_lifted_to_the_nominal_voltage_and_not_further() -> None:
    cell = KNOWN["CL038"]
    means = {v: open_circuit(replace(cell, nominal_v=v)).mean_v for v in (3.5, 3.63, 3.66, 3.9)}
    assert means[3.63] == pytest.approx(3.63, abs=1e-3)
    assert means[3.66] == pytest.approx(3.66, abs=1e-3)
    assert means[3.9] - means[3.5] == pytest.approx(2 * LIFT_V, abs=0.01)


def test_the_electrodes_are_those_of_the_papers() -> None:
    # As PyBaMM 26.10.1.1 gives them: Chen2020, Mohtat2020, Prada2013 (Afshar), NCA_Kim2011, Marquis2019, ORegan2022.
    at = np.array([0.3, 0.5, 0.8])
    for name, values in RECORDED.items():
        assert getattr(of, name)(at) == pytest.approx(values, rel=1e-9), name


RECORDED = {
    "graphite": [0.12070234859, 0.0994993005373, 0.0916626975293],
    "silicon_graphite": [0.162973155148, 0.133085512859, 0.0920204097953],
    "lfp": [3.40161929932, 3.39756522469, 3.38925392304],
    "nmc532": [3.962490822, 3.81478125, 3.70824307178],
    "nmc811": [4.20539440838, 3.9719586564, 3.64911045939],
    "nca": [4.35140663916, 3.97596226562, 3.65818668651],
    "lco": [4.46204473155, 4.18603576318, 3.91290274754],
    "graphite_entropy": [-4.20666795565e-06, -2.646e-05, -5.982e-05],
    "nmc_entropy": [2.9670859117e-05, -9.79400162726e-07, -6.65287281195e-05],
}


def test_families_name_where_they_are_from() -> None:
    assert all(family.source for family in FAMILIES.values())
    assumed = {name for name, family in FAMILIES.items() if family.confidence == "assumed"}
    assert assumed == {"LMFP", "LTO", "Na-ion"}
    assert any("Na-ion" in told for told in cell_model(KNOWN["CL056"]).assumptions)


def test_a_curve_of_ones_own_is_kept() -> None:
    curve = measured([0, 0.2, 1], [3.0, 3.2, 3.6], -1e-4)
    assert curve.at(0.6) == pytest.approx(3.4)
    assert cell_model(KNOWN["CL001"], curve=curve).curve is curve


@pytest.mark.parametrize(
    ("soc", "volts", "said"),
    [([0, 1], [3.0], "as many"), ([0, 0.9], [3, 4], "0 to 1"), ([0, 0.5, 0.5, 1], [3, 3, 3, 4], "rise"),
     ([0, 0.5, 1], [3.0, 3.5, 3.4], "fall"), ([0, 1], [3.0, float("nan")], "fall")],
)  # fmt: skip
def test_a_curve_that_cannot_be_is_refused(soc, volts, said) -> None:
    with pytest.raises(ValueError, match=said):
        measured(soc, volts)

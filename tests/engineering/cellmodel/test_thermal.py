"""One and two temperatures against closed forms and the matrix exponential; cooling against its limits."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import expm

from cellroad.engineering.catalogue import cells
from cellroad.engineering.cellmodel import COLD_PLATE, COOLINGS, Cooling
from cellroad.engineering.cellmodel.cooling import carried
from cellroad.engineering.cellmodel.thermal import body, propagator

SOME = st.floats(0.01, 100.0)


def arrays(*values: float) -> list[np.ndarray]:
    return [np.array(value) for value in values]


@settings(max_examples=40, derandomize=True)
@given(st.floats(5, 5000), st.floats(1, 500), SOME, st.floats(0.0, 50.0), st.floats(0.1, 1000))
def test_two_nodes_are_the_matrix_exponential(core, surface, inner, outer, seconds) -> None:
    step = propagator(*arrays(core, surface, inner, outer), seconds, 290.0)
    link = 1 / inner
    whole = np.zeros((4, 4))
    whole[0] = [-link / core, link / core, 7.0 / core, 0.0]
    whole[1] = [link / surface, -(link + outer) / surface, 2.0 / surface, outer * 290.0 / surface]
    whole[1, 2] = 0.0
    start = np.array([310.0, 300.0, 1.0, 1.0])
    after = expm(whole * seconds) @ start
    assert step.both(start[:2], np.array(7.0)) == pytest.approx(after[:2], abs=1e-6)
    assert float(step.core(start[:2], np.array(7.0))) == pytest.approx(after[0], abs=1e-6)


def test_without_a_way_out_all_heat_stays() -> None:
    step = propagator(*arrays(90.0, 10.0, 2.0, 0.0), 500.0, 298.15)
    core, surface = step.both(np.array([298.15, 298.15]), np.array(3.0), np.array(0.5))
    assert 90 * (core - 298.15) + 10 * (surface - 298.15) == pytest.approx(3.5 * 500)


def test_in_the_end_the_resistances_add_up() -> None:
    step = propagator(*arrays(90.0, 10.0, 3.3, 0.12), 1e6, 298.15)
    core, surface = step.both(np.array([298.15, 298.15]), np.array(2.0))
    assert surface - 298.15 == pytest.approx(2.0 / 0.12)
    assert core - surface == pytest.approx(2.0 * 3.3)


def test_one_body_warms_as_one_exponential() -> None:
    step = propagator(*arrays(90.0, 10.0, 0.0, 0.25), 300.0, 293.15)
    both = step.both(np.array([298.15, 298.15]), np.array(4.0))
    settled = 293.15 + 4.0 / 0.25
    assert both == pytest.approx(settled + (298.15 - settled) * math.exp(-0.25 * 300 / 100))


def test_a_small_inner_resistance_is_one_body() -> None:
    near, one = (propagator(*arrays(90.0, 10.0, inner, 0.25), 60.0, 293.15) for inner in (1e-7, 0.0))
    start = np.array([298.15, 298.15])
    assert near.both(start, np.array(4.0)) == pytest.approx(one.both(start, np.array(4.0)), abs=1e-5)


def test_a_flow_takes_what_it_can_carry_and_no_more_than_the_wall_gives() -> None:
    assert carried(5.0, 1e9) == pytest.approx(5.0)
    assert carried(1e9, 2.0) == pytest.approx(2.0)
    assert carried(5.0, 0.0) == 0.0
    # A coolant along a wall of one temperature, as a thousand small heat exchangers in a row.
    inlet = 0.0
    for _ in range(1000):
        inlet += (1.0 - inlet) * (1.5 / 1000) / 0.7
    assert carried(1.5, 0.7) == pytest.approx(0.7 * inlet, rel=2e-3)


def test_the_core_of_a_26650_is_what_forgez_measured() -> None:
    # Forgez et al. 2010: 3.2 to 3.4 K/W inside; the mean of an evenly heated cylinder lies below its core.
    a123 = next(cell for cell in cells() if cell.cell_id == "CL019")
    assert 2.0 < body(a123).to_side_k_per_w < 3.5
    assert 60 < body(a123).heat_j_per_k < 90


@pytest.mark.parametrize("cell", cells(), ids=lambda cell: cell.cell_id)
def test_every_cell_has_a_body(cell) -> None:
    known = body(cell)
    assert min(known.heat_j_per_k, known.side_m2, known.end_m2, known.to_side_k_per_w, known.to_end_k_per_w) > 0
    conductance = {way: cooling.of(known)[1] for way, cooling in COOLINGS.items()}
    assert 0 == conductance["adiabatic"] < conductance["natural"] < conductance["forced air"]


def test_more_coolant_cools_more() -> None:
    known = body(cells()[0])
    flows = [Cooling("cold plate", COLD_PLATE.w_per_m2_k, coolant_w_per_k=flow).of(known)[1] for flow in (0.5, 2, 50)]
    assert flows == sorted(flows)
    assert flows[-1] < COLD_PLATE.w_per_m2_k * known.end_m2

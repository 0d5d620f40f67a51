"""The search leaves no layout out and lets none in, and the front is exact."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engineering.design import reference_search as reference

from cellroad.engineering.catalogue import cells
from cellroad.engineering.cell import Cell
from cellroad.engineering.design.filled import filled
from cellroad.engineering.design.front import front
from cellroad.engineering.design.search import MOST_LAYOUTS, layouts
from cellroad.engineering.design.specification import specified

CELLS = [filled(cell)[0] for cell in cells()]


def found(spec, of=CELLS):
    told = layouts(of, spec)
    return set(zip(told.cell.tolist(), told.series.tolist(), told.parallel.tolist(), strict=True))


@pytest.mark.parametrize(
    "words",
    [
        {"nominal": "100V", "energy": "5kWh"}, {"nominal": "12.8V", "energy": "1.28 kWh"},
        {"voltage": "80-116.8V", "energy": "5-20kWh"}, {"voltage": "300-450V", "nominal": "350V", "energy": "60kWh"},
        {"nominal": "102.4-102.4V", "energy": "5.12-5.12 kWh"},
    ],
)  # fmt: skip
def test_every_layout_of_the_catalogue_that_meets_both_windows_is_found(words):
    spec = specified(**words, use="ev")
    assert found(spec) == reference.layouts(CELLS, spec.nominal, spec.voltage, spec.energy)


@settings(max_examples=60, derandomize=True)
@given(
    st.lists(st.tuples(st.floats(1, 5), st.floats(2, 300), st.floats(0.5, 0.95), st.floats(1.05, 1.4)), min_size=1,
             max_size=4),
    st.floats(5, 200), st.floats(0, 0.5), st.floats(0.1, 10), st.floats(1, 3), st.booleans(),
)  # fmt: skip
def test_every_layout_of_made_up_cells_is_found(made, volts, wide, kwh, more, limits):
    own = [
        Cell(f"c{n}", "m", "m", "LFP", "prismatic", ah, v, v * low, v * high, 1.0, 1.0, 1.0, 1.0)
        for n, (v, ah, low, high) in enumerate(made)
    ]
    window = [volts, volts * (1 + wide)]
    spec = specified(use="ev", energy=[kwh, kwh * more], **{"voltage" if limits else "nominal": window})
    assert found(spec, own) == reference.layouts(own, spec.nominal, spec.voltage, spec.energy, most=4000)


def test_100_v_of_lfp_is_32_cells_between_80_and_116_8_v():
    spec = specified(voltage="80-116.8V", energy="5kWh", use="storage-residential")
    lfp = [cell for cell in CELLS if cell.family == "LFP" and (cell.min_v, cell.max_v) == (2.5, 3.65)]
    assert {series for _, series, _ in found(spec, lfp)} == {32}


def test_a_specification_too_wide_to_be_one_is_refused():
    with pytest.raises(ValueError, match=r"more than can be looked at"):
        layouts(CELLS, specified(nominal="1-100000V", energy="0.001-100000 kWh", use="ev"))
    assert MOST_LAYOUTS > 100_000


POINTS = st.lists(st.tuples(*[st.integers(0, 6)] * 3), min_size=0, max_size=40)


@settings(max_examples=200, derandomize=True)
@given(POINTS)
def test_the_front_is_that_of_every_pair(points):
    assert front(np.array(points, dtype=float).reshape(len(points), 3)).tolist() == reference.front(points)


@settings(max_examples=100, derandomize=True)
@given(st.lists(st.tuples(*[st.floats(0.1, 10)] * 4), min_size=1, max_size=60))
def test_the_front_of_real_numbers_is_that_of_every_pair(points):
    assert front(np.array(points)).tolist() == reference.front(points)


def test_a_point_with_an_unknown_aim_is_never_on_the_front():
    assert front(np.array([[1.0, np.nan], [2.0, 2.0]])).tolist() == [1]

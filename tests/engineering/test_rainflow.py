"""Rainflow counting against the worked example of the standard and a slow reading of its text."""

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cellroad.engineering.life import cycles


def test_the_worked_example_of_the_standard():
    """ASTM E1049-85, figure 6: A-B-C-D-E-F-G-H-I."""
    found = cycles(np.array([-2.0, 1, -3, 5, -1, 3, -4, 4, -2]))
    counted: Counter[float] = Counter()
    for depth, count in zip(found.depth, found.count, strict=True):
        counted[float(depth)] += float(count)
    assert counted == {3.0: 0.5, 4.0: 1.5, 6.0: 0.5, 8.0: 1.0, 9.0: 0.5}


def slowly(values):
    """The rules of section 5.4.4 as they are written, on a list of peaks and valleys."""
    kept = [values[0]]
    for before, value, after in zip(values, values[1:], values[2:], strict=False):
        if (value - before) * (after - value) < 0:
            kept.append(value)
    kept.append(values[-1])
    counted = []
    read, points = [], list(kept)
    while points or len(read) >= 3:
        if len(read) < 3:
            read.append(points.pop(0))
            continue
        x, y = abs(read[-1] - read[-2]), abs(read[-2] - read[-3])
        if x < y:
            if not points:
                break
            read.append(points.pop(0))
        elif len(read) > 3:
            counted.append((y, 1.0))
            del read[-3:-1]
        else:
            counted.append((y, 0.5))
            del read[0]
    return counted + [(abs(after - before), 0.5) for before, after in pairwise(read)]


@settings(max_examples=200, derandomize=True)
@given(st.lists(st.integers(0, 12), min_size=3, max_size=30).filter(lambda x: all(a != b for a, b in pairwise(x))))
def test_cycles_are_those_of_the_text_of_the_standard(values):
    found = cycles(np.array(values, dtype=float))
    assert sorted(zip(found.depth.tolist(), found.count.tolist(), strict=True)) == sorted(slowly(values))


@settings(max_examples=200, derandomize=True)
@given(st.lists(st.floats(0, 1), min_size=2, max_size=60))
def test_cycles_together_hold_every_rise_and_fall(values):
    found = cycles(np.array(values))
    assert float(np.sum(2 * found.depth * found.count)) == pytest.approx(np.abs(np.diff(values)).sum(), abs=1e-9)


def test_a_series_that_never_turns_has_no_cycle_or_one_half():
    assert len(cycles(np.full(10, 0.5)).depth) == 0
    assert cycles(np.array([0.2, 0.4, 0.4, 0.9])).count.tolist() == [0.5]

"""The same chain gives the same model, to the last digit: what a repeatable plan begins with."""

from __future__ import annotations

import numpy as np
import pytest

import cellroad as cr
from cellroad.plan.model import build
from cellroad.plan.network.network import expand


@pytest.mark.parametrize("name", ["kandi-cbak", "gotion-us", "yousolar", "casip"])
def test_the_same_chain_gives_the_same_model_to_the_last_digit(name: str) -> None:
    chain = cr.load(name)
    first = build(expand(chain))
    for _ in range(5):
        again = build(expand(chain))
        assert again.matrix.shape == first.matrix.shape
        assert np.array_equal(again.matrix.indices, first.matrix.indices)
        assert np.array_equal(again.matrix.data, first.matrix.data)
        for part in ("cost", "lower", "upper", "row_lower", "row_upper"):
            assert np.array_equal(getattr(again, part), getattr(first, part)), part

"""Numbers read as people write them."""

from __future__ import annotations

import datetime as dt
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cellroad.show import format as fmt

UNITS = {"": 1.0, "k": 1e3, "M": 1e6, "B": 1e9}


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (fmt.money(78.4, "kWh"), "$78.4/kWh"),
        (fmt.money(1234), "$1,230"),
        (fmt.money(804_000), "$804k"),
        (fmt.money(12_345_678), "$12.3M"),
        (fmt.money(-4.56e9), "−$4.56B"),
        (fmt.money(999_999), "$1M"),
        (fmt.money(0), "$0"),
        (fmt.money(math.nan), "–"),
        (fmt.share(0.409), "40.9 %"),
        (fmt.share(0.0004), "0.04 %"),
        (fmt.share(None), "–"),
        (fmt.energy(1.2e6), "1.2 GWh"),
        (fmt.energy(960), "960 kWh"),
        (fmt.energy(0), "0 kWh"),
        (fmt.count(296774), "296,774"),
        (fmt.seconds(250), "4 min 10 s"),
        (fmt.day(dt.date(2027, 3, 12)), "12 Mar 2027"),
        (fmt.month(dt.date(2027, 3, 12)), "March 2027"),
        (fmt.cell("duty_share", 0.284), "28.4 %"),
        (fmt.cell("price_usd", 2.78), "$2.78"),
        (fmt.cell("kwh", 5_120.0), "5.12 MWh"),
        (fmt.cell("note", None), "–"),
        (fmt.listed(["a", "b", "c"]), "a, b and c"),
    ],
)
def test_figures_read_as_in_the_style_guide(written: str, expected: str) -> None:
    assert written == expected


@given(st.floats(-1e12, 1e12).filter(lambda x: abs(x) > 1e-6))
def test_money_read_back_is_the_money_to_three_figures(usd: float) -> None:
    text = fmt.money(usd).replace("−", "-").replace("$", "").replace(",", "")
    letter = text[-1] if text[-1] in UNITS else ""
    value = float(text.removesuffix(letter)) * UNITS[letter]
    assert value == pytest.approx(usd, rel=0.0051)


@given(st.floats(0, 1e12))
def test_energy_read_back_is_the_energy_to_three_figures(kwh: float) -> None:
    value, unit = fmt.energy(kwh).replace(",", "").split()
    factor = {"kWh": 1.0, "MWh": 1e3, "GWh": 1e6, "TWh": 1e9}[unit]
    assert float(value) * factor == pytest.approx(kwh, rel=0.0051, abs=1e-9)

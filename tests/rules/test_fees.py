import datetime as dt

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cellroad.rules.fees import entry_fees, fee_rates, fees_usd, hmf_usd, mpf_usd

FY2025 = dt.date(2025, 1, 15)


@pytest.mark.parametrize(("on", "least", "most"), [
    ("2023-10-01", 31.67, 614.35),
    ("2024-09-30", 31.67, 614.35),
    ("2024-10-01", 32.71, 634.62),
    ("2025-10-01", 33.58, 651.50),
    ("2031-01-01", 33.58, 651.50),
])  # fmt: skip
def test_the_limits_are_those_of_the_fiscal_year(on: str, least: float, most: float) -> None:
    rates = fee_rates(dt.date.fromisoformat(on))
    assert (rates["mpf_min"], rates["mpf_max"]) == (least, most)


@pytest.mark.parametrize(("value", "fee"), [
    (100.0, 32.71),  # the least binds below 9,442.84 USD
    (9_000.0, 32.71),
    (50_000.0, 173.20),
    (183_000.0, 633.912),
    (184_000.0, 634.62),  # the most binds above 183,204.39 USD
    (5_000_000.0, 634.62),
])  # fmt: skip
def test_least_and_most_bind(value: float, fee: float) -> None:
    assert entry_fees(value, "truck", FY2025) == (pytest.approx(fee), 0.0)


def test_only_goods_by_vessel_pay_for_the_harbor() -> None:
    assert entry_fees(80_000.0, "ocean", FY2025)[1] == pytest.approx(100.0)
    assert [entry_fees(80_000.0, mode, FY2025)[1] for mode in ("air", "rail", "truck")] == [0.0, 0.0, 0.0]


@given(value=st.floats(1, 1e7), entries=st.integers(1, 20))
def test_splitting_an_entry_never_saves_fees(value: float, entries: int) -> None:
    assert entry_fees(value, "ocean", FY2025, entries)[0] >= entry_fees(value, "ocean", FY2025)[0] - 1e-9


@given(
    value=st.floats(0.01, 1e5),
    mass=st.floats(0.01, 1e4),
    payload=st.floats(1e4, 3e4),
    mode=st.sampled_from(["ocean", "air"]),
)
def test_the_fee_of_a_unit_times_a_full_container_is_the_fee_of_one_entry(
    value: float, mass: float, payload: float, mode: str
) -> None:
    row = {"value_usd": value, "mass_kg": mass, "container_kg": payload, "mode": mode} | fee_rates(FY2025)
    unit = pl.DataFrame([row]).select(mpf=mpf_usd(), hmf=hmf_usd(), both=fees_usd()).row(0, named=True)
    units = payload / mass
    expected = entry_fees(value * units, mode, FY2025)
    assert (unit["mpf"] * units, unit["hmf"] * units) == (pytest.approx(expected[0]), pytest.approx(expected[1]))
    assert unit["both"] == pytest.approx(unit["mpf"] + unit["hmf"])


def test_goods_without_mass_pay_the_share_alone() -> None:
    row = {"value_usd": 100.0, "mass_kg": 0.0, "container_kg": 18000.0, "mode": "air"} | fee_rates(FY2025)
    assert pl.DataFrame([row]).select(fees_usd()).item() == pytest.approx(0.3464)


def test_a_day_before_the_facts_is_told() -> None:
    with pytest.raises(ValueError, match="no customs fees are known for 2015-01-01; the facts begin on 2019-10-01"):
        fee_rates(dt.date(2015, 1, 1))

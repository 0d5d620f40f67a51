import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cellroad.rules.freight import accepts, carriage_usd, freight_usd, surcharge_usd


def frame(**changes: object) -> pl.DataFrame:
    row = {
        "cost_usd": 3600.0, "cost_per": "container", "container_kg": 18000.0, "dg_usd": 900.0, "mass_kg": 5.0,
        "kwh": 0.9, "dg_class": "9",
    }  # fmt: skip
    return pl.DataFrame([row | changes])


@pytest.mark.parametrize(("cost_usd", "cost_per", "freight"), [
    (3600.0, "container", 1.0),
    (0.2, "kg", 1.0),
    (7.0, "unit", 7.0),
    (10.0, "kwh", 9.0),
])  # fmt: skip
def test_freight_is_charged_by_what_it_is_quoted_for(cost_usd: float, cost_per: str, freight: float) -> None:
    assert frame(cost_usd=cost_usd, cost_per=cost_per).select(carriage_usd()).item() == pytest.approx(freight)


def test_dangerous_goods_share_the_surcharge_of_their_container() -> None:
    assert frame().select(surcharge_usd()).item() == pytest.approx(0.25)
    assert frame(dg_class=None).select(surcharge_usd()).item() == 0.0


@given(mass=st.floats(0.01, 100), rate=st.floats(0, 1e4), surcharge=st.floats(0, 1e3))
def test_a_full_container_pays_its_rate_and_its_surcharge(mass: float, rate: float, surcharge: float) -> None:
    unit = frame(mass_kg=mass, cost_usd=rate, dg_usd=surcharge).select(freight_usd()).item()
    assert unit * 18000 / mass == pytest.approx(rate + surcharge)


@pytest.mark.parametrize(("lane", "item", "taken"), [
    ("9", "9", True),
    ("8; 9", "9", True),
    ("8;9", "8", True),
    ("8", "9", False),
    ("", "9", False),
    (None, "9", False),
    ("", None, True),
    ("9", None, True),
    ("5.1", "5", False),
])  # fmt: skip
def test_a_lane_takes_general_cargo_and_the_classes_that_it_lists(
    lane: str | None, item: str | None, *, taken: bool
) -> None:
    schema = {"lane_dg_class": pl.String, "dg_class": pl.String}
    charge = {"mode": pl.lit("ocean"), "max_soc_share": pl.lit(None, pl.Float64), "soc_share": pl.lit(None, pl.Float64)}
    row = pl.DataFrame([(lane, item)], schema=schema, orient="row").with_columns(**charge)
    assert row.select(accepts()).item() is taken

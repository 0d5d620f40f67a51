import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cellroad.chain.tables import INCOTERMS
from cellroad.rules.incoterms import TERMS, customs_share, customs_value, price_of

MONEY = st.floats(0, 1e4)
RULES = st.sampled_from(INCOTERMS)


def test_every_rule_that_an_offer_may_name_is_known() -> None:
    assert tuple(TERMS) == INCOTERMS


@given(value=st.floats(0.01, 1e4), rule=RULES, freight=MONEY, insurance=MONEY, duty=st.floats(0, 3))
def test_the_value_behind_a_price_is_the_value_it_was_made_of(
    value: float, rule: str, freight: float, insurance: float, duty: float
) -> None:
    price = price_of(value, rule, freight, insurance, duty)
    assert customs_value(price, rule, freight, insurance, duty) == pytest.approx(value, abs=1e-6)


@pytest.mark.parametrize(("rule", "value"), [
    ("EXW", 120.0), ("FCA", 120.0), ("FAS", 120.0), ("FOB", 120.0),
    ("CFR", 110.0), ("CPT", 110.0), ("CIF", 108.0), ("CIP", 108.0), ("DAP", 108.0), ("DPU", 108.0),
    ("DDP", 80.0),  # (120 − 10 − 2) / 1.35
])  # fmt: skip
def test_the_value_leaves_out_what_the_price_includes(rule: str, value: float) -> None:
    assert customs_value(120.0, rule, 10.0, 2.0, 0.35) == pytest.approx(value)


def test_a_price_that_does_not_cover_its_freight_is_told() -> None:
    with pytest.raises(ValueError, match="a price of 5 CIF does not cover freight 10 and insurance 2"):
        customs_value(5.0, "CIF", 10.0, 2.0, 0.0)


@given(worth=st.floats(100, 1e4), freight=st.floats(0, 50), rule=st.sampled_from([r for r in INCOTERMS if r != "DDP"]))
def test_columns_and_single_prices_agree(worth: float, freight: float, rule: str) -> None:
    lane = pl.DataFrame({"worth_usd": [worth], "freight_usd": [freight], "crosses": [True], "incoterm": [rule]})
    found = lane.select(customs_share(0.003)).row(0, named=True)
    cover = 0.003 * worth
    assert found["customs_usd"] == pytest.approx(customs_value(worth, rule, freight, cover, 0.0))
    included = worth - found["customs_usd"]
    assert found["freight_usd"] + found["insurance_usd"] + included == pytest.approx(freight + cover)
    assert found["duty_payer_share"] == 1.0


def test_within_a_country_the_buyer_pays_the_way_and_goods_of_ones_own_are_free_carrier() -> None:
    lanes = pl.DataFrame(
        {
            "worth_usd": [100.0] * 3,
            "freight_usd": [5.0] * 3,
            "crosses": [False, True, True],
            "incoterm": ["DDP", None, "DDP"],
        }
    )
    found = lanes.select(customs_share(0.01))
    assert found["freight_usd"].to_list() == [5.0, 5.0, 0.0]
    assert found["insurance_usd"].to_list() == [0.0, 1.0, 0.0]
    assert found["duty_payer_share"].to_list() == [1.0, 1.0, 0.0]

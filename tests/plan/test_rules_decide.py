"""Rules that move money or time, each where it changes what is decided and where it must not: break-evens by hand.

In the plainest chain a pack costs 2 * (10 + 1) + 5 + 1 = 28 and sells for 100: 720 a month.
"""

from typing import Any

import pytest
from tests.plan.test_frontier import one_of_three, sold_on
from tests.plan.tiny import Rows, chain_of, line, month, straight

from cellroad.plan.audit.audit import audit
from cellroad.plan.network.network import UNBOUND
from cellroad.plan.planning import plan
from cellroad.plan.result import Plan


def planned(rows: Rows) -> Plan:
    found = plan(chain_of(rows), rules=UNBOUND, gap=1e-9)
    assert audit(found).closes
    return found


def discounted(rows: Rows, rate: float) -> Rows:
    kept = [row for row in rows["settings"] if row["name"] != "discount_per_year"]
    return {**rows, "settings": [*kept, {"name": "discount_per_year", "value": str(rate)}]}


def built(months: int, ramp: list[dict[str, Any]] | None = None, hours: float = 10.0, **option: Any) -> Rows:
    """Return the plainest chain, whose line has to be decided in the first month."""
    rows = straight(months, **line(latest=month(0), **option))
    rows["resources"][0] |= {"hours_per_month": hours, "ramp": "r" if ramp else None}
    rows["ramps"] = [{"ramp": "r", "capacity_share": 1.0, **row} for row in ramp or []]
    return rows


def builds(rows: Rows) -> bool:
    return bool(planned(rows).openings.height)


@pytest.mark.parametrize(
    ("rate", "profile", "pays"),
    [(0.3, "1;0;0;0;0;0", False), (0.3, "0;0;0;0;0;1", True), (0.0, "1;0;0;0;0;0", True), (0.0, "0;0;0;0;0;1", True)],
)
def test_when_an_investment_is_spent_decides_on_it_where_time_costs_money(
    rate: float, profile: str, pays: bool
) -> None:
    """Six months of 720 are worth 3550 at 30 %; 3800 cost 3758 spent in the first month, and 3369 in the sixth."""
    rows = built(12, capex_usd=3800.0, build_months=6, spend_profile=profile)
    assert builds(discounted(rows, rate)) == pays


@pytest.mark.parametrize(("months", "capex", "pays"), [(0, 2500, True), (4, 2500, False), (4, 1000, True)])
def test_the_time_to_build_takes_months_off_what_it_earns(months: int, capex: float, pays: bool) -> None:
    assert builds(built(6, capex_usd=float(capex), build_months=months)) == pays


@pytest.mark.parametrize(
    ("ramp", "hours", "pays"),
    [
        ([], 10.0, True),
        ([{"month": 0, "capacity_share": 0.0}, {"month": 3}], 10.0, False),  # three months of 720
        ([{"month": 0, "capacity_share": 0.1}, {"month": 3}], 100.0, True),  # more than enough all the same
        ([{"month": 0, "yield_share": 0.25}], 40.0, False),  # a good pack takes four times the work and cells
        ([{"month": 0, "yield_share": 0.99}], 40.0, True),
    ],
)
def test_a_ramp_decides_by_the_age_of_the_line(ramp: list[dict[str, Any]], hours: float, pays: bool) -> None:
    assert builds(built(6, ramp, hours, capex_usd=2500.0)) == pays


@pytest.mark.parametrize(
    ("way", "tax", "pays"), [("straight", 0.25, False), ("macrs_3", 0.25, True), ("straight", 0.0, True)]
)
def test_depreciation_decides_where_there_is_tax(way: str, tax: float, pays: bool) -> None:
    """6960 come in over two years for 6000. A quarter is due on 5760, or, written off in three years, on 2293."""
    rows = built(24, capex_usd=6000.0, depreciation=way)
    for row in rows["sites"]:
        row["partner"] = "ann"
    for row in rows["demand"]:
        row["price_usd"] = 57.0
    rows["partners"] = [{"partner": "ann", "name": "ann", "country": "US"}]
    rows["taxes"] = [{"payer": "US", "valid_from": month(-12), "rate_share": tax}] if tax else []
    assert builds(rows) == pays


def offers(*changes: dict[str, Any], months: int = 12, **tables: list[dict[str, Any]]) -> Rows:
    """Return the plainest chain with two offers of cells, `a` for 10, and `b`."""
    rows = straight(months, **tables)
    rows["offers"] = [
        {**rows["offers"][0], "offer": name, **change} for name, change in zip("ab", changes, strict=True)
    ]
    return rows


def bought(rows: Rows) -> str:
    """Return under which offers is bought in the first month."""
    return "".join(sorted(planned(rows).purchases.filter(period=0)["offer"].unique()))


@pytest.mark.parametrize(("rate", "days", "offer"), [(0.3, 0, "a"), (0.3, 180, "b"), (0.0, 180, "a")])
def test_terms_of_payment_decide_from_whom_to_buy_where_time_costs_money(rate: float, days: int, offer: str) -> None:
    """10.2 half a year later are 8.95 at 30 %."""
    assert bought(discounted(offers({}, {"price_usd": 10.2, "payment_days": days}), rate)) == offer


@pytest.mark.parametrize(("usd", "offer"), [(1.0, "b"), (1.05, "b"), (1.2, "a")])
def test_the_rate_of_exchange_decides_from_whom_to_buy(usd: float, offer: str) -> None:
    rates = [{"currency": "EUR", "month": month(0), "usd": usd}]
    assert bought(offers({}, {"price_usd": 9.0, "currency": "EUR"}, currencies=rates)) == offer


@pytest.mark.parametrize(
    ("index", "limits", "offer"),
    [
        (15.0, {}, "a"), (15.0, {"cap_usd": 9.0}, "b"), (15.0, {"cap_usd": 20.0}, "a"),
        (5.0, {}, "b"), (5.0, {"floor_usd": 12.0}, "a"), (5.0, {"floor_usd": 6.0}, "b"),
    ],
)  # fmt: skip
def test_cap_and_floor_of_an_indexed_price_decide_where_they_bind(
    index: float, limits: dict[str, float], offer: str
) -> None:
    market = [{"index": "lithium", "month": month(0), "value": index}]
    assert bought(offers({}, {"price_usd": None, "index": "lithium", **limits}, indices=market)) == offer


@pytest.mark.parametrize(("rate", "prepaid", "offer"), [(0.3, 0.0, "b"), (0.3, 1.0, "a"), (0.0, 1.0, "b")])
def test_a_prepayment_decides_on_a_contract_where_time_costs_money(rate: float, prepaid: float, offer: str) -> None:
    """240 cells for 0.5 less save 120; 1900 paid five months early on average cost about 200 at 30 %."""
    agreed = {"contract": "c", "offer": "b", "status": "open", "required": "yes", "min_per_year": 200.0,
              "prepaid_share": prepaid, "take_or_pay_share": 0.0}  # fmt: skip
    assert bought(discounted(offers({}, {"price_usd": 9.5}, contracts=[agreed]), rate)) == offer


@pytest.mark.parametrize(("price", "abroad", "sold"), [(27.0, True, 30), (230.0, True, 0), (230.0, False, 30)])
def test_the_transfer_price_is_a_customs_value_and_decides_at_a_border(price: float, abroad: bool, sold: float) -> None:
    """Duty is above 40 % on packs from China: on 230 it takes more than the 72 that a pack earns."""
    row = {"transfer": "t", "seller": "ann", "buyer": "bob", "item": "pack", "price_usd": price}
    rows = sold_on(transfers=[row])
    for site in rows["sites"]:
        site["country"] = "CN" if abroad and site["site"] != "m" else "US"
    assert planned(rows).sales["units"].sum() == pytest.approx(sold)


@pytest.mark.parametrize(
    ("value_of", "place"), [("ann", "x"), ("bob", "y"), ("ann:0.6;bob:0.4", "x"), ("ann:0.4;bob:0.6", "y")]
)
def test_whose_value_counts_decides_where_to_build(value_of: str, place: str) -> None:
    rows = one_of_three()
    rows["settings"] += [{"name": "value_of", "value": value_of}, {"name": "others", "value": "follow"}]
    assert planned(rows).openings["what"].to_list() == [place]

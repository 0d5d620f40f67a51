"""When money moves and in which currency: payment terms, rates of the month."""

import datetime as dt

import polars as pl
import pytest
from tests.plan.test_frontier import sold_on
from tests.plan.tiny import chain_of, month, straight

from cellroad.chain.check_money import currencies
from cellroad.chain.currencies import in_usd
from cellroad.plan.audit.audit import audit
from cellroad.plan.network.network import UNBOUND
from cellroad.plan.periods import make_periods, paid_later
from cellroad.plan.planning import plan
from cellroad.plan.result import Plan


def moved(found: Plan, kind: str) -> dict[int, float]:
    return dict(found.cash.filter(kind=kind).select("period", "usd").iter_rows())


def test_terms_of_payment_move_money_and_only_money() -> None:
    """January has 31 days, February 28: 45 days after handover is mid-February to mid-March."""
    rows = straight()
    rows["offers"][0]["payment_days"] = 45
    rows["segments"] = [{"segment": "commercial", "payment_days": 31}]
    found = plan(chain_of(rows), rules=UNBOUND)
    bought = found.purchases.filter(period=0)["cost_usd"].sum()
    assert moved(found, "purchase")[1] == pytest.approx(-bought * 14 / 31)  # the first 14 days of January
    assert moved(found, "revenue")[1] == pytest.approx(1000 * 28 / 31)
    assert sum(moved(found, "revenue").values()) == pytest.approx(3000)
    assert audit(found).closes


def test_what_is_paid_later_is_worth_less() -> None:
    rows = straight()
    rows["settings"] = [
        row | ({"value": "0.2"} if row["name"] == "discount_per_year" else {}) for row in rows["settings"]
    ]
    now = plan(chain_of(rows), rules=UNBOUND).solution.objective_usd
    rows["segments"] = [{"segment": "commercial", "payment_days": 60}]
    late = plan(chain_of(rows), rules=UNBOUND).solution.objective_usd
    rows["offers"][0]["payment_days"] = 60
    both = plan(chain_of(rows), rules=UNBOUND).solution.objective_usd
    assert late < both < now


@pytest.mark.parametrize("days", [0, 1, 30, 45, 400])
def test_nothing_is_lost_on_the_way_to_the_bank(days: int) -> None:
    periods = make_periods(chain_of(straight(24)).plan_settings())
    period = pl.Series(range(24)).to_numpy()
    place, when, share = paid_later(periods, period, period * 0 + days)
    total = [share[place == n].sum() for n in range(24)]
    assert total == pytest.approx([1.0] * 24)
    mean = [(when[place == n] * share[place == n]).sum() for n in range(24)]
    assert all(later >= n for n, later in enumerate(mean)) and when.max() <= periods.count
    assert (days == 0) == all(when == period[place])


def test_partners_pay_each_other_when_they_agreed_to() -> None:
    row = {"transfer": "t", "seller": "ann", "buyer": "bob", "price_usd": 50.0, "payment_days": 31}
    found = plan(chain_of(sold_on(transfers=[row])), rules=UNBOUND)
    paid = found.accounts.filter(kind="transfer", partner="bob").sort("period")
    assert paid["usd"].to_list() == pytest.approx(
        [-500 * 28 / 31, -500 * 3 / 31 - 1000]
    )  # what is due in April counts at the end
    assert audit(found).closes


RATES = [{"currency": "EUR", "month": month(0), "usd": 1.0}, {"currency": "EUR", "month": month(2), "usd": 1.5}]


def test_a_price_in_another_currency_is_worth_the_rate_of_its_month() -> None:
    rows = straight(currencies=RATES)
    rows["offers"][0]["currency"] = "EUR"
    for row in rows["demand"]:
        row["currency"] = "EUR"
    found = plan(chain_of(rows), rules=UNBOUND)
    assert found.sales["price_usd"].to_list() == pytest.approx([100.0, 100.0, 150.0])
    assert -sum(moved(found, "purchase").values()) == pytest.approx(3 * 200), "all is bought before the euro rises"
    assert audit(found).closes


def test_an_index_in_another_currency_is_worth_both() -> None:
    index = [{"index": "i", "month": month(0), "value": 4.0}, {"index": "i", "month": month(1), "value": 6.0}]
    offer = {"offer": "o", "site": "v", "item": "cell", "index": "i", "index_factor": 2.0, "adder_usd": 1.0,
             "cap_usd": 12.0, "currency": "EUR", "valid_from": month(0)}  # fmt: skip
    chain = in_usd(chain_of(straight(currencies=RATES, indices=index, offers=[offer])))
    steps = chain.indices.filter(index="o in USD").select("month", "value").rows()
    assert steps == [(month(0), 9.0), (month(1), 12.0), (month(2), 18.0)]
    assert chain.offers.select("index", "index_factor", "adder_usd", "cap_usd").rows() == [("o in USD", 1.0, 0.0, None)]


def test_dollars_stay_dollars() -> None:
    chain = chain_of(straight())
    assert in_usd(chain) is chain


def test_a_currency_without_a_rate_is_told() -> None:
    rows = straight(currencies=RATES)
    rows["offers"][0]["currency"] = "CNY"
    (finding,) = currencies(chain_of(rows))
    assert finding.table == "offers" and finding.row == 2 and "EUR" in finding.expected


def test_a_rate_holds_before_it_is_told_and_after() -> None:
    rows = straight(currencies=[{"currency": "EUR", "month": dt.date(2027, 2, 1), "usd": 2.0}])
    for row in rows["demand"]:
        row["currency"] = "EUR"
    assert in_usd(chain_of(rows)).demand["price_usd"].to_list() == [200.0] * 3

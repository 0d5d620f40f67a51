"""Tax on profit: losses carried forward, plant written off, and what that does to a plan."""

import datetime as dt
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.plan.reference_tax import Taxed, taxed_rows
from tests.plan.test_frontier import sold_on
from tests.plan.tiny import Rows, chain_of, line, month, straight
from tests.plan.tiny_partners import random_partners

from cellroad.plan.audit.audit import audit
from cellroad.plan.network.network import UNBOUND
from cellroad.plan.partners.tax import MACRS
from cellroad.plan.planning import plan

SINCE = dt.date(2000, 1, 1)


def rate(payer: str, share: float, **more: float) -> dict[str, object]:
    return {"payer": payer, "valid_from": SINCE, "rate_share": share, **more}


@settings(max_examples=8, derandomize=True)
@given(st.randoms(use_true_random=False))
def test_tax_is_what_a_table_of_years_says_and_never_makes_a_plan_worth_more(r: random.Random) -> None:
    rows = random_partners(r)
    rows["settings"] = [row for row in rows["settings"] if row["name"] not in ("value_of", "start")]
    rows["settings"] += [{"name": "start", "value": "2026-12"}, {"name": "value_of", "value": r.choice(["", "ann"])}]
    for row in rows["partners"]:
        row["country"] = "US"
    for row in rows["options"]:
        row["depreciation"] = r.choice(["straight", "macrs_3", "macrs_7"])
    free = plan(chain_of(rows), gap=1e-9)
    rows["taxes"] = [rate("US", 0.21, loss_share=r.choice([1.0, 0.8])), rate("bob", r.choice([0.0, 0.4]))]
    found = plan(chain_of(rows), gap=1e-9)
    assert found.solution.objective_usd <= free.solution.objective_usd + 1e-6 * abs(free.solution.objective_usd)
    assert audit(found).closes


@settings(max_examples=12, derandomize=True)
@given(st.randoms(use_true_random=False))
def test_a_plan_after_tax_is_worth_as_much_as_the_best_of_all_dates(r: random.Random) -> None:
    rows = taxed_rows(r)
    found = plan(chain_of(rows), rules=UNBOUND, gap=1e-9)
    assert found.solution.objective_usd == pytest.approx(Taxed(rows).best(), rel=1e-6, abs=1e-4)
    assert audit(found).closes


def years(**changes: list[dict[str, object]]) -> Rows:
    """Return the plainest chain over two years, ann's, with a line of ten years' life for 6000."""
    rows = straight(24, **line(capex_usd=6000.0, latest=month(0)))
    for row in rows["sites"]:
        row["partner"] = "ann"
    for row in rows["demand"]:
        row["price_usd"] = 57.0  # 27 to make, 1 to bring: 29 a pack, 290 a month
    return {**rows, "partners": [{"partner": "ann", "name": "ann", "country": "US"}], **changes}


@pytest.mark.parametrize(
    ("way", "shares"), [("straight", (0.1, 0.1)), ("macrs_5", (0.2, 0.32)), ("macrs_3", (0.3333, 0.4445))]
)
def test_plant_is_written_off_year_by_year(way: str, shares: tuple[float, float]) -> None:
    """A year earns 12 * 290 = 3480; at 25 % on what is above the write-off of 2000."""
    rows = years(taxes=[rate("US", 0.25)])
    rows["options"][0]["capex_usd"] = 2000.0
    rows["options"][0]["depreciation"] = way
    found = plan(chain_of(rows), rules=UNBOUND)
    first, second = (3480 - 2000 * share for share in shares)
    due = [0.25 * max(first, 0.0), 0.25 * max(second + min(first, 0.0), 0.0)]
    assert -found.cash.filter(kind="tax")["usd"].sum() == pytest.approx(sum(due))
    assert audit(found).closes


def test_a_loss_offsets_only_a_part_of_profit_where_the_law_says_so() -> None:
    rows = years(taxes=[rate("ann", 0.25, loss_share=0.8)])
    rows["resources"][0]["fixed_usd_per_month"] = 0.0
    for row in rows["demand"][:12]:
        row["price_usd"], row["short_usd"] = 1.0, 1000.0  # a year of losses, kept up by a penalty
    found = plan(chain_of(rows), rules=UNBOUND)
    loss, profit = 12 * 10 * (1 - 28) - 600, 12 * 290 - 600
    assert loss < 0 < profit
    due = 0.25 * max(profit * 0.2, profit + loss)
    assert -found.cash.filter(kind="tax")["usd"].sum() == pytest.approx(due)
    assert audit(found).closes


@pytest.mark.parametrize("early", [0.0, 0.1])
def test_losses_cannot_be_made_of_nothing_while_tax_is_low(early: float) -> None:
    """Two years of 12 * 290 = 3480 each, 400 of it written off; nothing is lost, so that nothing offsets the second."""
    rows = years(taxes=[rate("US", early), {"payer": "US", "valid_from": dt.date(2028, 1, 1), "rate_share": 0.25}])
    rows["options"][0]["capex_usd"] = 4000.0
    found = plan(chain_of(rows), rules=UNBOUND)
    assert found.solution.objective_usd == pytest.approx(2 * 3480 - 4000 - (early + 0.25) * 3080, abs=0.01)
    assert audit(found).closes


def test_a_loss_is_used_in_the_first_year_of_profit_even_where_a_later_one_is_taxed_more() -> None:
    """A year of loss, one taxed at 10 %, one taxed at 50 %: the loss goes into the first of them."""
    rows = straight(36, **line(capex_usd=10.0, latest=month(0)), taxes=[
        rate("ann", 0.1), {"payer": "ann", "valid_from": dt.date(2029, 1, 1), "rate_share": 0.5}])  # fmt: skip
    rows["partners"] = [{"partner": "ann", "name": "ann", "country": "US"}]
    rows["options"][0]["life_years"] = 0.01
    for row in rows["sites"]:
        row["partner"] = "ann"
    for n, row in enumerate(rows["demand"]):
        row["price_usd"], row["short_usd"] = (18.0, 1000.0) if n < 12 else (38.0, 0.0)
    found = plan(chain_of(rows), rules=UNBOUND)
    loss, profit = 12 * 10 * (18 - 28) - 10, 12 * 10 * (38 - 28)
    assert loss + profit == -10, "what is left of the loss goes into the last year"
    due = 0.5 * (profit - 10)
    assert -found.cash.filter(kind="tax")["usd"].sum() == pytest.approx(due, abs=0.01)
    assert audit(found).closes


def test_tax_decides_against_an_investment_that_pays_before_it() -> None:
    """6000 come back as 6960 over two years; after tax on all but a fifth of it, they do not."""
    assert plan(chain_of(years()), rules=UNBOUND).openings.height == 1
    assert plan(chain_of(years(taxes=[rate("US", 0.25)])), rules=UNBOUND).openings.height == 0
    assert plan(chain_of(years(taxes=[rate("US", 0.1)])), rules=UNBOUND).openings.height == 1


def test_a_tax_of_others_changes_nothing() -> None:
    plain, other = (plan(chain_of(sold_on(taxes=rows)), rules=UNBOUND) for rows in ([], [rate("joint", 0.5)]))
    assert other.solution.objective_usd == pytest.approx(plain.solution.objective_usd)
    assert other.cash.filter(kind="tax").is_empty()


def test_profit_is_moved_to_where_it_is_taxed_less_only_by_the_price() -> None:
    """With all at ann's (untaxed) or at bob's (taxed): the price between them decides who pays."""
    taxes = [rate("bob", 0.5)]
    price = {"transfer": "t", "seller": "ann", "buyer": "bob", "item": "pack"}
    low, high = (
        plan(chain_of(sold_on(taxes=taxes, transfers=[price | {"price_usd": usd}])), rules=UNBOUND)
        for usd in (27.0, 99.0)
    )
    assert -low.cash.filter(kind="tax")["usd"].sum() == pytest.approx(0.5 * 30 * 72)
    assert high.cash.filter(kind="tax")["usd"].sum() == pytest.approx(0.0, abs=1e-3)


@pytest.mark.parametrize("shares", MACRS.values(), ids=list(MACRS))
def test_all_of_an_investment_is_written_off(shares: tuple[float, ...]) -> None:
    assert sum(shares) == pytest.approx(1.0, abs=2e-4)

"""What two partners can have between them, and where they would meet."""

import random

import numpy as np
import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.plan.reference_partners import Partners
from tests.plan.tiny import Rows, chain_of, month, straight
from tests.plan.tiny_partners import SINCE, random_partners

from cellroad.chain.finding import ChainError
from cellroad.plan.audit.audit import audit
from cellroad.plan.network.network import UNBOUND
from cellroad.plan.partners.bargain import _nash, _set, bargain
from cellroad.plan.partners.frontier import frontier
from cellroad.plan.planning import plan

PEOPLE = [{"partner": name, "name": name} for name in ("ann", "bob", "joint")]


def stake(owner: str, share: float) -> dict[str, object]:
    return {"owner": owner, "owned": "joint", "interest": "equity", "share_min": share, "share_max": share,
            "valid_from": SINCE}  # fmt: skip


def one_of_three() -> Rows:
    """Return ann, bob and their venture with a plant each, of which one may be built: they earn 100, 100 and 80."""
    owners = {"x": "ann", "y": "bob", "z": "joint"}
    zero = ("discount_per_year", "holding_per_year", "terminal_stock_share", "terminal_plant_share")
    return {
        "settings": [{"name": "start", "value": "2027-01"}, {"name": "months", "value": "1"},
                     *({"name": name, "value": "0"} for name in zero)],
        "partners": PEOPLE, "stakes": [stake("ann", 0.5), stake("bob", 0.5)],
        "sites": [{"site": site, "name": "", "kind": "pack", "country": "US", "partner": partner, "calendar": "none"}
                  for site, partner in owners.items()],
        "items": [{"item": "pack", "name": "", "stage": "pack", "kwh": 2.0}],
        "resources": [{"resource": site, "site": site, "hours_per_month": 99.0, "status": "option"} for site in owners],
        "options": [{"option": site, "resource": site, "earliest": month(0), "latest": month(0), "one_of": "one"}
                    for site in owners],
        "processes": [{"process": site, "site": site, "item": "pack", "resource": site, "hours_per_unit": 1.0,
                       "cost_usd": 5.0} for site in owners],
        "wants": [{"want": "w", "item": "pack"}],
        "demand": [{"market": site, "want": "w", "month": month(0), "quantity": 10.0,
                    "price_usd": 13.0 if site == "z" else 15.0} for site in owners],
    }  # fmt: skip


def test_a_compromise_that_no_weighing_finds_is_on_the_frontier() -> None:
    found = frontier(chain_of(one_of_three()), "ann", "bob", 5, rules=UNBOUND, gap=1e-9)
    assert found.frame.select("a_usd", "b_usd").rows() == [
        (pytest.approx(0.0, abs=1e-4), pytest.approx(100.0)), (pytest.approx(40.0), pytest.approx(40.0)),
        (pytest.approx(100.0), pytest.approx(0.0, abs=1e-4)),
    ]  # fmt: skip
    assert found.frame["supported"].to_list() == [True, False, True]
    assert found.frame["opens"].to_list() == ["y Jan 2027", "z Jan 2027", "x Jan 2027"]
    assert set(found.summary()["sum_usd"].round(3)) == {100.0}


@pytest.mark.parametrize(("seed", "weight"), [(n, (0.2, 0.5, 0.75)[n % 3]) for n in range(12)])
def test_no_plan_is_better_than_the_frontier_under_any_weighing(seed: int, weight: float) -> None:
    rows = random_partners(random.Random(seed))
    rows["certificates"] = []  # else somebody without a name may pay for a campaign, or sell
    for row in rows["sites"]:
        row["partner"] = row["partner"] or ("joint" if row["kind"] == "market" else None)
    rows["settings"] = [row for row in rows["settings"] if row["name"] != "value_of"]
    best = Partners(
        {**rows, "settings": [*rows["settings"], {"name": "value_of", "value": f"ann:{weight};bob:{1 - weight}"}]}
    ).best()
    chain = chain_of(rows)
    points = frontier(chain, "ann", "bob", 6, rules=UNBOUND, gap=1e-9).frame
    reached = (weight * points["a_usd"] + (1 - weight) * points["b_usd"]).to_numpy()
    assert reached.max() <= best + 1e-6 * max(abs(best), 1)
    if points["found_by"].unique().to_list() == ["weights"] and points.height < 6:  # then the hull is known whole
        assert reached.max() == pytest.approx(best, rel=1e-6, abs=1e-4)
    a, b = points["a_usd"].to_numpy(), points["b_usd"].to_numpy()
    assert np.all(np.diff(a) > 0) and np.all(np.diff(b) < 0)


def sold_on(**changes: object) -> Rows:
    """Return the plainest chain with ann's plant and bob's market."""
    rows = straight()
    for row in rows["sites"]:
        row["partner"] = {"p": "ann", "m": "bob"}.get(row["site"])
    return {**rows, "partners": PEOPLE, **changes}  # type: ignore[dict-item]


def test_a_transfer_price_between_cost_and_worth_lets_both_gain() -> None:
    """ann makes 30 packs at 2 * (10 + 1) + 5 = 27; bob brings them for 1 and sells them at 100."""
    found = bargain(chain_of(sold_on()), "ann", "bob", "transfer price of pack", rules=UNBOUND, gap=1e-9)
    assert found.without == (pytest.approx(0.0, abs=1e-3), pytest.approx(0.0, abs=1e-3))
    assert (found.low, found.high, found.nash) == (pytest.approx(27), pytest.approx(99), pytest.approx(63))
    assert found.now == pytest.approx(27), "what no row covers passes at its standard cost"
    assert found.values(40.0) == (pytest.approx(30 * 13), pytest.approx(30 * 59))
    assert "63" in found.summary()


@pytest.mark.parametrize(
    ("abroad", "rates", "by_row"),
    [(True, {}, False), (False, {"bob": 0.2}, True), (True, {"ann": 0.3, "bob": 0.2}, True)],
)
def test_a_price_is_valued_with_the_duty_and_the_tax_that_it_brings(
    abroad: bool, rates: dict[str, float], by_row: bool
) -> None:
    """The set says what plans at these prices find; duty makes it smaller than from 27 to 99, tax does not."""

    def priced(usd: float) -> Rows:
        rows = sold_on(transfers=[row | {"price_usd": usd}])
        for site in rows["sites"]:
            site["country"] = "CN" if abroad and site["site"] != "m" else "US"
        rows["taxes"] = [{"payer": name, "valid_from": SINCE, "rate_share": share} for name, share in rates.items()]
        return rows

    row = {"transfer": "t", "seller": "ann", "buyer": "bob", "item": "pack"}
    over = "transfer price of " + ("t" if by_row else "pack")
    deal = bargain(chain_of(priced(40.0)), "ann", "bob", over, rules=UNBOUND, gap=1e-9, without=(0.0, 0.0))
    assert deal.low == pytest.approx(27)
    assert deal.high is not None and deal.nash is not None
    assert deal.high < 75 if abroad else deal.high == pytest.approx(99)
    for price, within in ((27.0, 1e-3), (40.0, 2.0), (deal.nash, 2.0), (deal.high, 1e-3)):  # fees bend inside
        found = plan(chain_of(priced(price)), rules=UNBOUND, gap=1e-9)
        worth = dict(found.values.select("partner", "usd").iter_rows())
        assert deal.values(price) == tuple(pytest.approx(worth.get(name, 0.0), abs=within) for name in ("ann", "bob"))
    assert deal.values(deal.high)[1] == pytest.approx(0.0, abs=1e-3)
    best = max(np.linspace(27, deal.high, 400), key=lambda p: float(np.prod(deal.values(p))))
    assert deal.nash == pytest.approx(best, abs=0.3)


def test_a_stated_price_moves_the_money_and_nothing_else() -> None:
    row = {"transfer": "t", "seller": "ann", "buyer": "bob", "item": "pack", "price_usd": 50.0}
    plain, priced = (plan(chain_of(sold_on(transfers=rows)), rules=UNBOUND) for rows in ([], [row]))
    assert priced.solution.objective_usd == pytest.approx(plain.solution.objective_usd)
    worth = dict(priced.values.select("partner", "usd").iter_rows())
    assert worth == {"ann": pytest.approx(30 * 23), "bob": pytest.approx(30 * 49)}
    assert priced.transfers["stated"].all() and not plain.transfers["stated"].any()
    assert audit(priced).closes


def test_a_share_of_a_venture_splits_what_it_earns() -> None:
    rows = sold_on(stakes=[stake("ann", 0.9), stake("bob", 0.1)])
    for row in rows["sites"]:
        row["partner"] = None if row["site"] == "v" else "joint"
    found = bargain(chain_of(rows), "ann", "bob", "share of joint", rules=UNBOUND, gap=1e-9, without=(216.0, 432.0))
    assert found.values(1.0) == (pytest.approx(30 * 72), pytest.approx(0.0))
    assert (found.low, found.high) == (pytest.approx(0.1), pytest.approx(0.8))
    assert found.nash == pytest.approx(0.45) and found.now == pytest.approx(0.9)
    assert found.frame.filter(pl.col("what") == "now")["b_gain_usd"].item() < 0


@settings(max_examples=200, derandomize=True)
@given(st.lists(st.floats(-50, 50), min_size=6, max_size=6))
def test_nash_is_the_best_of_a_grid(figures: list[float]) -> None:
    c, d, m, n, *without = figures
    at = (c, d), (c + m, d + n)
    assume(min(abs(m), abs(n)) > 0.01)
    low, high = _set(at, (without[0], without[1]), (0.0, 1.0))
    grid = np.linspace(0, 1, 2001)
    gains = [at[0][k] + grid * (at[1][k] - at[0][k]) - without[k] for k in (0, 1)]
    inside = (gains[0] >= 0) & (gains[1] >= 0)
    if low is None or high is None:
        assert not inside[1:-1].any() or np.max(np.minimum(*gains)) < 0.1
        return
    assert all(low - 1e-9 <= p <= high + 1e-9 for p in grid[inside])
    best = _nash(at, (without[0], without[1]), low, high)
    product = [(at[0][k] + best * (at[1][k] - at[0][k]) - without[k]) for k in (0, 1)]
    if inside.any():
        assert product[0] * product[1] >= (gains[0] * gains[1])[inside].max() - 1e-6


@pytest.mark.parametrize("over", ["transfer price of nothing", "share of bob", "weather"])
def test_a_lever_that_is_not_there_is_told(over: str) -> None:
    with pytest.raises(ChainError, match="Name it as the chain does"):
        bargain(chain_of(sold_on()), "ann", "bob", over, rules=UNBOUND)


def test_a_partner_that_is_not_there_is_told() -> None:
    with pytest.raises(ChainError, match="two partners of the chain"):
        frontier(chain_of(sold_on()), "ann", "eve", rules=UNBOUND)

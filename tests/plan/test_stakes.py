"""What of a partner's cash belongs to whom, by date and through others, and what it returns."""

import datetime as dt
import itertools
import random

import numpy as np
import polars as pl
import pytest
from tests.plan.test_frontier import PEOPLE, stake
from tests.plan.tiny import Rows, chain_of, month, straight

from cellroad.plan.audit.audit import audit
from cellroad.plan.network.network import UNBOUND
from cellroad.plan.partners.returns import irr, payback, peak, worth_at
from cellroad.plan.partners.stakes import make_stakes
from cellroad.plan.periods import make_periods
from cellroad.plan.planning import plan
from cellroad.rules.attribution import RULES
from cellroad.rules.graph import Graph
from cellroad.rules.ownership import aggregate


def venture(*stakes: dict[str, object]) -> Rows:
    """Return the plainest chain, all of it the venture's: 10 packs a month at 72 each."""
    rows = straight(stakes=list(stakes), partners=PEOPLE)
    for row in rows["sites"]:
        row["partner"] = None if row["site"] == "v" else "joint"
    return rows


def test_a_venture_passes_its_cash_to_its_holders_by_date() -> None:
    """ann sells her 40 % to bob at the end of January."""
    before = stake("ann", 0.4) | {"valid_to": dt.date(2027, 1, 31)}
    rows = venture(before, stake("bob", 0.6), stake("bob", 0.4) | {"valid_from": month(1)})
    found = plan(chain_of(rows), rules=UNBOUND)
    cash = {name: frame["usd"].to_list() for (name,), frame in found.partner_cash.group_by("partner")}
    total = found.cash.group_by("period", maintain_order=True).agg(pl.col("usd").sum())["usd"].to_list()
    assert cash["ann"] == pytest.approx([0.4 * total[0]])
    assert cash["bob"] == pytest.approx([0.6 * total[0], *total[1:]])
    assert audit(found).closes


def test_a_stake_that_is_a_range_gives_a_range_of_value() -> None:
    rows = venture(stake("ann", 0.5) | {"share_min": 0.3, "share_max": 0.7}, stake("bob", 0.3))
    found = plan(chain_of(rows), rules=UNBOUND)
    value = {row["partner"]: row for row in found.values.iter_rows(named=True)}
    assert (value["ann"]["low_usd"], value["ann"]["usd"], value["ann"]["high_usd"]) == (
        pytest.approx(0.3 * 2160), pytest.approx(0.5 * 2160), pytest.approx(0.7 * 2160)
    )  # fmt: skip
    assert value["joint"]["free_usd"] == pytest.approx(0.2 * 2160), "what nobody named holds stays with the venture"
    assert found.values["free_usd"].sum() == pytest.approx(2160)
    assert audit(found).closes


@pytest.mark.parametrize("seed", range(8))
def test_what_is_held_through_others_is_what_attribution_by_multiplication_says(seed: int) -> None:
    r = random.Random(seed)
    names = [f"p{n}" for n in range(6)]
    pairs = [pair for pair in itertools.combinations(range(6), 2) if r.random() < 0.5]
    shares = {(a, b): round(r.random() / max(sum(y == b for _, y in pairs), 1), 3) for a, b in pairs}
    rows = straight(
        partners=[{"partner": name, "name": name} for name in names],
        stakes=[stake(names[a], share) | {"owned": names[b]} for (a, b), share in shares.items()],
    )
    chain = chain_of(rows)
    found = make_stakes(chain, make_periods(chain.plan_settings())).middle[0]
    graph = Graph.of(chain.stakes, names)
    nobody = graph.mask([])
    for holder, name in enumerate(names):
        held = aggregate(graph, graph.mask([name]), nobody, nobody, RULES["multiplicative"])
        order = [graph.position[other] for other in names]
        assert found[holder, :6] == pytest.approx(held.low[order], abs=1e-12)


def test_a_ring_of_holdings_loses_nothing() -> None:
    rows = venture(stake("ann", 0.5), stake("joint", 0.4) | {"owned": "ann"}, stake("bob", 0.3))
    found = plan(chain_of(rows), rules=UNBOUND)
    assert found.values["free_usd"].sum() == pytest.approx(float(found.cash["discounted_usd"].sum()), rel=1e-5)


@pytest.mark.parametrize("rate", [-0.3, 0.0, 0.08, 0.5, 4.0])
def test_the_rate_of_return_is_where_the_worth_is_nothing(rate: float) -> None:
    day = np.array([0.0, 200.0, 400.0, 900.0])
    flow = np.array([-100.0, 30.0, 40.0, 0.0])
    flow[-1] = -worth_at(rate, flow, day) * (1 + rate) ** (day[-1] / 365.25)
    if flow[-1] > 0:
        assert irr(flow, day) == pytest.approx(rate, abs=1e-9)


def test_a_rate_that_is_not_there_or_not_the_only_one_is_not_told() -> None:
    day = np.array([0.0, 365.25, 730.5])
    assert irr(np.array([100.0, 10.0, 1.0]), day) is None
    assert irr(np.array([-100.0, 230.0, -132.0]), day) is None, "both 10 % and 20 % would do"


def test_payback_and_the_most_that_is_tied_up() -> None:
    day = np.array([0.0, 365.25, 730.5, 1095.75])
    flow = np.array([-100.0, 40.0, 40.0, 40.0])
    assert payback(flow, day) == pytest.approx(2.5) and peak(flow) == 100.0
    assert payback(-flow, day) is None and payback(flow[:3], day[:3]) is None and peak(np.abs(flow)) == 0.0


def test_what_a_vendor_earns_on_its_price_is_its_partner_s() -> None:
    """ann runs the vendor and keeps a quarter of its price: the chain counts it as its own, at ann."""
    rows = venture(stake("bob", 1.0))
    next(row for row in rows["sites"] if row["site"] == "v")["partner"] = "ann"
    plain = plan(chain_of(rows), rules=UNBOUND)
    rows["offers"][0]["margin_share"] = 0.25
    found = plan(chain_of(rows), rules=UNBOUND)
    worth = dict(found.values.select("partner", "usd").iter_rows())
    assert worth["ann"] == pytest.approx(0.25 * 600) and worth["bob"] == pytest.approx(2160)
    assert found.solution.objective_usd == pytest.approx(plain.solution.objective_usd + 150)
    assert audit(found).closes and audit(plain).closes


def test_a_margin_can_decide_from_whom_to_buy() -> None:
    rows = venture(stake("bob", 1.0))
    next(row for row in rows["sites"] if row["site"] == "v")["partner"] = "ann"
    rows["offers"].append(rows["offers"][0] | {"offer": "dearer", "price_usd": 12.0, "margin_share": 0.5})
    assert set(plan(chain_of(rows), rules=UNBOUND).purchases["offer"]) == {"dearer"}
    rows["offers"][1]["margin_share"] = 0.0
    assert set(plan(chain_of(rows), rules=UNBOUND).purchases["offer"]) == {"o"}

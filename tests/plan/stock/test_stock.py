"""Safety stock of a chain, against closed forms worked out by hand, and what it gives to the plan."""

import datetime as dt
import math
from statistics import NormalDist
from typing import Any

import polars as pl
import pytest

import cellroad as cr
from cellroad.chain.chain import Chain
from cellroad.plan.stochastic.executor import Serial
from cellroad.plan.stock.selling import variation

MONTH = 365.2425 / 12
RATE = 0.04 + 0.10
"""What holding and the money in it cost a year, by the settings."""


def line(
    *, lead: int = 20, transit: float = 10.0, late: float | None = None, second: bool = False,
    settings: dict[str, str] | None = None, risks: list[dict[str, Any]] | None = None, quoted: float = 0.0,
) -> Chain:  # fmt: skip
    """A vendor sells cells, a plant makes packs of two of them on the day, and one market or two buy 300 a month."""
    known = {"start": "2027-01", "months": "12", "holding_per_year": "0.04"} | (settings or {})
    markets = ["m1", "m2"] if second else ["m1"]
    months = [dt.date(2027, n, 1) for n in range(1, 13)]
    return cr.Chain.of(
        "line",
        settings=pl.DataFrame({"name": list(known), "value": list(known.values())}),
        sites=pl.DataFrame(
            {"site": ["v", "p", *markets], "name": ["v", "p", *markets],
             "kind": ["vendor", "pack", *["market"] * len(markets)], "country": "US", "calendar": "none",
             "quoted_days": [0.0, 0.0, *[quoted] * len(markets)]}
        ),
        items=pl.DataFrame({"item": ["cell", "pack"], "name": ["cell", "pack"], "stage": ["cell", "pack"]}),
        offers=pl.DataFrame({"offer": ["o"], "site": ["v"], "item": ["cell"], "price_usd": [50.0],
                             "valid_from": [dt.date(2026, 1, 1)], "lead_days": [lead]}),
        processes=pl.DataFrame({"process": ["make"], "site": ["p"], "item": ["pack"], "cost_usd": [20.0]}),
        bom=pl.DataFrame({"process": ["make"], "item": ["cell"], "quantity": [2.0]}),
        lanes=pl.DataFrame(
            {"lane": ["in", *(f"to-{m}" for m in markets)], "origin": ["v", *["p"] * len(markets)],
             "destination": ["p", *markets], "mode": "truck", "transit_days": [transit, *[4.0] * len(markets)],
             "transit_high_days": [late, *[None] * len(markets)], "cost_usd": 0.0}
        ),
        wants=pl.DataFrame({"want": ["pack"], "item": ["pack"]}),
        demand=pl.DataFrame(
            [{"market": m, "want": "pack", "month": month, "quantity": 300.0, "price_usd": 500.0}
             for m in markets for month in months]
        ),
        risks=pl.DataFrame(risks or [{"risk": "d", "kind": "demand", "target": "pack", "distribution": "normal",
                                      "parameters": "1;0.2"}]),
    )  # fmt: skip


def daily(markets: int = 1) -> tuple[float, float]:
    """Return mean and standard deviation of a day of all markets together."""
    mean = 3600 / 365
    return markets * mean, math.sqrt(markets) * 0.2 * mean * math.sqrt(MONTH)


def test_stock_on_a_line_is_where_two_cuts_by_hand_are_cheapest() -> None:
    found = cr.stock(line())
    z, (_, sd) = NormalDist().inv_cdf(0.95), daily()
    cell, pack = 50 * RATE, 120 * RATE
    apart = cell * 2 * z * sd * math.sqrt(30) + pack * z * sd * math.sqrt(4)
    together = pack * z * sd * math.sqrt(34)
    finished = pack * z * sd * (math.sqrt(30) + math.sqrt(4))
    assert found.cost_usd_per_year == pytest.approx(min(apart, together, finished), rel=1e-6)
    assert found.gap <= 1e-4
    at_ends = dict(found.placements.iter_rows())["at the ends"]
    assert at_ends == pytest.approx(together, rel=1e-6)


def test_a_quoted_time_is_covered_by_waiting() -> None:
    z, (_, sd) = NormalDist().inv_cdf(0.95), daily()
    found = cr.stock(line(quoted=34.0))
    assert found.cost_usd_per_year == pytest.approx(0.0, abs=1e-6)
    found = cr.stock(line(lead=0, transit=0.0, quoted=1.0))
    assert found.cost_usd_per_year == pytest.approx(120 * RATE * z * sd * math.sqrt(3), rel=1e-6)


def test_service_and_spread_count_as_the_normal_law_says() -> None:
    cost = cr.stock(line(), service=0.95).cost_usd_per_year
    surer = cr.stock(line(), service=0.99).cost_usd_per_year
    assert surer / cost == pytest.approx(NormalDist().inv_cdf(0.99) / NormalDist().inv_cdf(0.95), rel=1e-6)
    wide = [{"risk": "d", "kind": "demand", "target": "*", "distribution": "uniform", "parameters": "0.4;1.6"}]
    assert cr.stock(line(risks=wide)).cost_usd_per_year / cost == pytest.approx(1.2 / math.sqrt(12) / 0.2, rel=1e-6)


def test_two_markets_pool_unless_they_move_together() -> None:
    apart = cr.stock(line(second=True)).stock.filter(pl.col("site") == "p", pl.col("item") == "cell")
    _, sd = daily(2)
    assert apart["sd_per_day"][0] == pytest.approx(2 * sd)
    alike = cr.stock(line(second=True, settings={"demand_correlation": "1"})).stock
    alike = alike.filter(pl.col("site") == "p", pl.col("item") == "cell")
    assert alike["sd_per_day"][0] == pytest.approx(2 * math.sqrt(2) * sd)


def test_a_lane_that_varies_costs_more_and_a_shorter_one_saves() -> None:
    steady, varying = cr.stock(line()), cr.stock(line(late=40.0))
    assert varying.cost_usd_per_year > steady.cost_usd_per_year
    assert steady.effect("in", 10.0) == pytest.approx(
        steady.cost_usd_per_year - cr.stock(line(transit=0.0)).cost_usd_per_year, rel=1e-6
    )
    assert steady.effect("o", 20.0) == pytest.approx(
        steady.cost_usd_per_year - cr.stock(line(lead=0)).cost_usd_per_year, rel=1e-6
    )
    assert varying.effect("in", 0.0, steadier=1.0) > 0
    effects = steady.effects(2.0)
    assert set(effects["way"]) == {"o", "in", "to-m1"}
    assert (effects["saves_usd_per_year"] >= -1e-6).all()
    with pytest.raises(KeyError, match="no way"):
        steady.effect("nowhere", 1.0)


def test_sites_and_items_add_up_to_the_whole() -> None:
    found = cr.stock(line(second=True, late=40.0))
    held = found.held()
    for column in ("site", "item"):
        told = found.by(column)
        assert told["holding_usd_per_year"].sum() == pytest.approx(found.cost_usd_per_year)
        assert told["places"].sum() == held.height
        for row in told.iter_rows(named=True):
            here = held.filter(pl.col(column) == row[column])
            worth = (here["safety_stock"] * here["value_usd"]).sum()
            assert row["value_usd"] == pytest.approx(worth)
            assert row["days_of_cover"] == pytest.approx(worth / (here["mean_per_day"] * here["value_usd"]).sum())


def test_a_surer_promise_costs_as_the_normal_law_says_and_one_market_less_than_all() -> None:
    found = cr.stock(line(second=True))
    assert found.markets()["service"].to_list() == pytest.approx([0.95, 0.95])
    assert found.markets()["mean_per_day"].to_list() == pytest.approx([daily()[0]] * 2)
    dear = found.services([0.95, 0.99])["more_usd"].to_list()
    factor = NormalDist().inv_cdf(0.99) / NormalDist().inv_cdf(0.95)
    assert dear == pytest.approx([0.0, (factor - 1) * found.cost_usd_per_year], rel=1e-6, abs=1e-6)
    (one,) = found.services([0.99], market="m1")["more_usd"]
    assert 0 < one < dear[1]
    with pytest.raises(KeyError, match="nothing is sold"):
        found.services(market="p")


def test_pooling_saves_what_it_costs_where_markets_move_together() -> None:
    two = cr.stock(line(second=True))
    together = cr.stock(line(second=True, settings={"demand_correlation": "1"}))
    assert two.pooling() == pytest.approx(together.cost_usd_per_year - two.cost_usd_per_year, rel=1e-3)
    assert cr.stock(line()).pooling() == pytest.approx(0.0, abs=1e-6)


def test_a_nearer_vendor_is_a_shorter_way_from_it() -> None:
    found = cr.stock(line(late=40.0))
    assert found.nearer("v", 6.0) == found.effect("in", 6.0) > 0
    with pytest.raises(KeyError, match="no lane from"):
        found.nearer("m1", 6.0)


@pytest.mark.parametrize("service", [0.9, 0.99])
def test_a_base_stock_policy_serves_as_surely_as_was_promised(service: float) -> None:
    """Simulated by day, above what the plan holds; what is missing before the first goods come counts for nobody."""
    every_week = {"risk": "d", "kind": "demand", "target": "pack", "distribution": "normal", "parameters": "1;0.5"}
    chain = line(risks=[every_week | {"every": "week"}])
    plan = cr.plan(chain)
    found = cr.stock(chain, plan, service=service)
    levels = []
    for stock in (None, found.stock):
        told = cr.stress(plan, 100, seed=1, stock=stock, drivers=0, executor=Serial()).service
        levels.append(told["service_level"][0] / told["calm"][0])
    without, reached = levels
    assert without < reached
    assert reached >= service


def test_the_best_is_no_dearer_than_the_usual_placements() -> None:
    for chain in (line(), line(second=True, late=40.0), line(quoted=3.0)):
        cost = dict(cr.stock(chain).placements.iter_rows())
        assert cost["best"] <= min(cost.values()) * (1 + 1e-6)


def test_the_plan_keeps_the_stock_that_was_found() -> None:
    found = cr.stock(line())
    chain = found.minimums()
    asked = chain.stocks.filter(pl.col("min_units") > 0).select("site", "item", "min_units").sort("site", "item")
    held = found.held().select("site", "item", "safety_stock").sort("site", "item")
    assert asked.equals(held.rename({"safety_stock": "min_units"}))
    assert not [f for f in cr.check(chain) if f.severity == "blocker"]
    plan = cr.plan(chain)
    least = plan.reserves.filter(pl.col("period") == 11)
    assert least["below"].sum() == pytest.approx(0.0, abs=1e-6)
    assert least.sort("site", "item")["held"].to_list() >= [0.99 * one for one in held["safety_stock"]]


def test_ways_of_a_plan_have_the_part_that_the_plan_gives_them() -> None:
    chain = line(second=True)
    found = cr.stock(chain, cr.plan(chain))
    assert found.ways["part"].to_list() == pytest.approx([1.0] * 5)
    assert "Nothing was planned" not in " ".join(found.remarks)


def test_what_cannot_be_answered_is_said() -> None:
    with pytest.raises(ValueError, match="level of service"):
        cr.stock(line(), service=1.0)
    with pytest.raises(ValueError, match="nothing is asked for"):
        cr.stock(line(), begin=dt.date(2031, 1, 1), end=dt.date(2031, 12, 31))


def test_goods_that_go_in_circles_are_told() -> None:
    chain = line()
    back = chain.lanes.filter(pl.col("lane") == "to-m1").with_columns(
        lane=pl.lit("back"), origin=pl.lit("m1"), destination=pl.lit("p")
    )
    found = cr.stock(chain.replace(lanes=pl.concat([chain.lanes, back])))
    assert any("circles" in remark for remark in found.remarks)
    assert found.cost_usd_per_year > 0


def test_the_spread_of_a_factor_is_that_of_its_shape() -> None:
    assert variation("normal", [2.0, 0.5]) == pytest.approx(0.25)
    assert variation("uniform", [0.0, 2.0]) == pytest.approx(1 / math.sqrt(3))
    assert variation("triangular", [1.0, 1.0, 1.0]) == 0.0
    assert variation("replay", []) == 0.0


@pytest.mark.parametrize("name", ["kandi-cbak", "yousolar"])
def test_an_example_has_a_proven_placement(name: str) -> None:
    found = cr.stock(cr.load(name))
    assert found.gap <= 1e-4
    assert found.stock["safety_stock"].min() >= 0
    assert found.stock["holding_usd_per_year"].sum() == pytest.approx(found.cost_usd_per_year, rel=1e-9)

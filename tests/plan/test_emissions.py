"""Emissions as a price, a limit and a second aim: against every whole decision, and small chains answered by hand."""

import dataclasses
import random
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.plan.reference_emissions import EmissionsReference, emitting_rows
from tests.plan.tiny import Rows, chain_of, line, month, straight

from cellroad.chain import facts
from cellroad.chain.check import check
from cellroad.plan.audit import emissions as audit_emissions
from cellroad.plan.audit.audit import audit
from cellroad.plan.pareto import EmissionFrontier, frontier_emissions
from cellroad.plan.planning import plan
from cellroad.plan.result import Plan


@settings(max_examples=16, derandomize=True)
@given(st.randoms(use_true_random=False))
def test_a_plan_that_pays_for_emissions_is_the_best_of_all_whole_decisions(r: random.Random) -> None:
    rows = emitting_rows(r)
    found = plan(chain_of(rows), gap=1e-9)
    assert found.solution.objective_usd == pytest.approx(EmissionsReference(rows).best(), rel=1e-6, abs=1e-6)
    assert audit(found).closes


def best(rows: Rows) -> Plan:
    found = plan(chain_of(rows), gap=1e-9)
    assert audit(found).closes
    return found


def two_cells(**carbon: Any) -> Rows:
    """Let cells of 50 kg CO2e at 10 or of 20 kg at 12, ten of these a month, make twenty packs in two months."""
    rows = straight(months=2)
    rows["items"][0]["kg_co2e"] = 50.0
    rows["processes"][0]["kg_co2e"] = 3.0
    rows["offers"].append(
        {**rows["offers"][0], "offer": "green", "price_usd": 12.0, "kg_co2e": 20.0, "max_per_month": 10.0}
    )
    if carbon:
        rows["carbon"] = [{"carbon": "rule", **carbon}]
    return rows


def test_without_a_price_or_a_limit_emissions_change_nothing() -> None:
    found = best(two_cells())
    assert found.solution.objective_usd == pytest.approx(20 * 72)
    assert found.emissions["usd"].sum() == 0
    assert found.emissions.filter(pl.col("scope") == "embodied")["kg"].sum() == pytest.approx(40 * 50)


def test_a_price_makes_the_greener_offer_pay_from_its_break_even_on() -> None:
    """30 kg less for two dollars more: 66.7 USD a tonne."""
    below, above = best(two_cells(usd_per_t=66.0)), best(two_cells(usd_per_t=67.0))
    assert below.purchases["offer"].unique().to_list() == ["o"]
    assert above.purchases.filter(pl.col("offer") == "green")["quantity"].sum() == pytest.approx(20)
    paid = 0.067 * (20 * 50 + 20 * 20 + 20 * 3)
    assert above.solution.objective_usd == pytest.approx(20 * 72 - 20 * 2 - paid)
    assert above.landed.filter(pl.col("kind") == "carbon")["usd"].sum() == pytest.approx(paid)


@pytest.mark.parametrize(
    "limit",
    [
        {"max_t": 1.56},
        {"max_kg_per_kwh": 39.0},
        {"max_t": 1.56, "over": "horizon"},
        {"max_t": 1.5, "scope": "embodied"},
    ],
)
def test_a_limit_takes_as_many_green_cells_as_it_needs(limit: dict[str, Any]) -> None:
    """All cells of 50 kg emit 2.06 t with the work; 1.56 t leaves room for it with 500 / 30 green cells."""
    found = best(two_cells(**limit))
    assert found.solution.objective_usd == pytest.approx(20 * 72 - 500 / 30 * 2)


def test_what_sold_energy_has_emitted_is_told_by_kind() -> None:
    rows = two_cells()
    rows["lanes"][0] |= {"distance_km": 1000.0, "g_co2e_per_tkm": 50.0}
    found = best(rows)
    each = dict(found.footprint.group_by("kind").agg(pl.col("kg").sum() / pl.col("kwh").sum()).iter_rows())
    assert each == pytest.approx({"embodied": 50.0, "process": 1.5, "transport": 5 * 0.05})
    basis = dict(found.emissions.filter(pl.col("scope") == "transport").select("what", "basis").iter_rows())
    assert basis == {"in": "distance and stated factor", "out": "not known"}


def test_a_lane_without_a_distance_takes_the_great_circle_and_the_average_of_its_mode() -> None:
    """A quarter of the globe along the equator, by truck."""
    rows = two_cells()
    for site, lon in zip(rows["sites"][:2], (0.0, 90.0), strict=True):
        site |= {"lat": 0.0, "lon": lon}
    factor = dict(facts.emissions().select("mode", "g_co2e_per_tkm").iter_rows())["truck"]
    found = best(rows)
    kg = found.emissions.filter(pl.col("what") == "in")["kg"].sum()
    assert kg == pytest.approx(40 * 5 * factor / 1e6 * 6371 * 3.141592653589793 / 2)


def test_stock_on_hand_brings_what_it_had_emitted() -> None:
    rows = two_cells()
    rows["stocks"] = [{"site": "p", "item": "cell", "on_hand": 4.0}]
    rows["pipeline"] = [{"arrival": "a", "site": "p", "item": "cell", "arrives": month(1), "quantity": 6.0}]
    found = best(rows)
    assert found.footprint.filter(pl.col("kind") == "opening")["kg"].sum() == pytest.approx(10 * 50)


def test_what_is_scrapped_takes_its_emissions_with_it() -> None:
    rows = two_cells()
    rows["stocks"] = [{"site": "p", "item": "cell", "on_hand": 100.0, "shelf_months": 1.0}]
    found = best(rows)
    assert found.footprint["kg"].sum() < found.emissions["kg"].sum() + 100 * 50


def test_the_audit_sees_emissions_that_are_left_out_and_limits_that_are_broken() -> None:
    found = best(two_cells(usd_per_t=10.0, max_t=1.5))
    more = dataclasses.replace(found, emissions=found.emissions.with_columns(pl.col("kg") * 1.1))
    for check_ in (audit_emissions.factors, audit_emissions.prices, audit_emissions.limits, audit_emissions.carried):
        assert _apart(check_(found)) < 1e-6 < 0.01 < _apart(check_(more))


def _apart(frame: pl.DataFrame) -> float:
    return float(frame.select(((pl.col("left") - pl.col("right")).abs() / pl.col("scale")).max()).item())


@pytest.mark.parametrize("served", [1.0, 0.5, 0.0])
@pytest.mark.parametrize("built", [False, True])
def test_the_front_is_monotone_and_every_point_is_a_plan_that_is_best_for_what_it_emits(
    served: float, built: bool
) -> None:
    rows = two_cells()
    rows = straight(**{**rows, **line(), "processes": [{**line()["processes"][0], "kg_co2e": 3.0}]}) if built else rows
    front = frontier_emissions(chain_of(rows), points=5, served=served, gap=1e-9)
    told = front.frame
    assert told["t_co2e"].is_sorted() and told["npv_usd"].is_sorted()
    assert told["t_co2e"].n_unique() == told["npv_usd"].n_unique() == told.height == len(front.plans)
    assert (told["t_co2e"] <= told["limit_t"] * (1 + 1e-6)).all()
    assert told["npv_usd"][-1] == pytest.approx(best(rows).solution.objective_usd)
    assert (told["kwh"] >= served * told["kwh"][-1] * (1 - 1e-6)).all()
    for found, kg, value in zip(front.plans, told["t_co2e"] * 1000, told["npv_usd"], strict=True):
        assert audit(found).closes
        assert found.emissions["kg"].sum() == pytest.approx(kg, abs=1e-6)
        assert found.solution.objective_usd == pytest.approx(value)
        if served == 0:  # a limit in the table of the chain comes to the same
            limited = {**rows, "carbon": [{"carbon": "cap", "max_t": kg / 1000 * (1 + 1e-7), "over": "horizon"}]}
            assert best(limited).solution.objective_usd == pytest.approx(value, rel=1e-5, abs=1e-3)


def test_the_front_of_two_offers_is_a_straight_line() -> None:
    """Twenty of forty cells can be green, each 30 kg less for 2 dollars."""
    front: EmissionFrontier = frontier_emissions(chain_of(two_cells()), points=4, gap=1e-9)
    assert front.frame["t_co2e"].to_numpy() == pytest.approx([1.46, 1.66, 1.86, 2.06], rel=1e-6)
    assert front.frame["usd_per_t"].to_list()[:3] == pytest.approx([200 / 3] * 3, rel=1e-4)
    assert front.frame["npv_usd"].to_list() == pytest.approx([1400, 1440 - 80 / 3, 1440 - 40 / 3, 1440], rel=1e-6)


def test_nothing_to_save_is_a_front_of_one_plan() -> None:
    front = frontier_emissions(chain_of(straight()), points=3, gap=1e-9)
    assert front.frame.height == 1
    with pytest.raises(ValueError, match="at least 2 points"):
        frontier_emissions(chain_of(straight()), points=1)


def test_prices_and_limits_that_cannot_be_meant_are_told() -> None:
    rows = two_cells(year=2040, over="horizon", max_t=1.0)
    rows["carbon"].append({"carbon": "nothing"})
    rows["processes"][0]["kg_co2e"] = None
    rows["items"][0]["kg_co2e"] = None
    told = {(f.table, f.column) for f in check(chain_of(rows))}
    assert {
        ("carbon", "year"), ("carbon", "over"), ("carbon", "usd_per_t"), ("offers", "kg_co2e"), ("processes", "kg_co2e")
    } <= told  # fmt: skip

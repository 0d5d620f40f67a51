"""Containers, shipments and limits by mass: against every number of them, and small chains answered by hand."""

import dataclasses
import random
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.plan.tiny import Rows, chain_of, random_rows, straight
from tests.plan.tiny_transport import TransportReference, transport_rows

from cellroad.chain.check import check
from cellroad.plan.audit import transport as audit_transport
from cellroad.plan.audit.audit import audit
from cellroad.plan.model import build
from cellroad.plan.network.network import UNBOUND, expand
from cellroad.plan.planning import plan, read, strategy_of
from cellroad.plan.result import Plan
from cellroad.plan.solving.solve import solve
from cellroad.plan.solving.watching import Limits


@settings(max_examples=14, derandomize=True)
@given(st.randoms(use_true_random=False))
def test_a_plan_is_worth_as_much_as_the_best_of_all_numbers_of_containers_and_shipments(r: random.Random) -> None:
    rows = transport_rows(r)
    best = TransportReference(rows).best()
    found = plan(chain_of(rows), gap=1e-9)
    assert found.solution.objective_usd == pytest.approx(best, rel=1e-6, abs=1e-6)
    assert audit(found).closes


def best(rows: Rows) -> Plan:
    found = plan(chain_of(rows), gap=1e-9)
    assert audit(found).closes
    return found


def lanes(rows: Rows, number: int = 0, **changes: Any) -> Rows:
    rows["lanes"][number] |= changes
    return rows


BOXES = {"cost_per": "container", "cost_usd": 50.0, "container_kg": 70.0, "whole_containers": "yes"}


def test_every_started_container_is_paid_for() -> None:
    """Thirty packs need 60 cells of 5 kg: five containers of 70 kg, of which the last is hardly filled."""
    found = best(lanes(straight(), **BOXES))
    assert found.loads["containers"].drop_nulls().sum() == 5
    assert found.solution.objective_usd == pytest.approx(30 * (100 - 20 - 5 - 1) - 5 * 50)


def test_containers_that_nothing_fills_are_neither_paid_nor_told() -> None:
    chain = chain_of(two_goods(dg_apart="yes"))
    net = expand(chain, UNBOUND)
    model = build(net)
    outcome = solve(model, strategy=strategy_of(net, model), limits=Limits(1e-9, 60.0, 0, 2), watch=lambda _: True)
    more = outcome.values.copy()
    count = model.columns["containers"].ids
    more[count] += np.arange(count.size) + 1.0
    loose = dataclasses.replace(
        outcome, values=more, objective=outcome.objective - float(model.cost @ (more - outcome.values))
    )
    one, other = (read(net, model, found) for found in (outcome, loose))
    assert loose.objective < outcome.objective
    assert other.solution.objective_usd == pytest.approx(one.solution.objective_usd)
    assert other.loads.equals(one.loads)
    assert audit(other).closes


def test_what_fills_no_container_worth_its_price_is_not_sent() -> None:
    rows = lanes(straight(months=1), **BOXES | {"cost_usd": 400.0})
    found = best(rows)  # 7 packs fill one container; the other three do not pay for a second
    assert found.sales["quantity"].sum() == pytest.approx(7)
    assert found.solution.objective_usd == pytest.approx(7 * 74 - 400)


def test_a_container_is_full_when_its_room_is() -> None:
    rows = lanes(straight(), **BOXES, container_l=20.0)
    rows["items"][0]["volume_l"] = 1.0
    found = best(rows)  # twenty cells to a container, though fourteen would be its mass
    assert found.loads["containers"].drop_nulls().sum() == 5
    rows["items"][0]["volume_l"] = 4.0
    assert best(rows).loads["containers"].drop_nulls().sum() == 12


def two_goods(**changes: Any) -> Rows:
    """Let a pack take a part of 5 kg beside its two dangerous cells, all by the same lane."""
    rows = lanes(straight(months=1), **BOXES | {"container_kg": 100.0, "dg_usd": 7.0} | changes)
    rows["items"][0]["dg_class"] = "9"
    rows["items"].append({**rows["items"][0], "item": "part", "kwh": 0.0, "dg_class": None, "hts": "8507.90.80"})
    rows["offers"].append({**rows["offers"][0], "offer": "part", "item": "part"})
    rows["bom"].append({"process": "make", "item": "part", "quantity": 1.0})
    return rows


def test_dangerous_goods_share_containers_or_not_as_the_lane_says() -> None:
    """100 kg of cells and 50 kg of parts: two shared containers, one of them with the surcharge, or one of each."""
    shared, apart = best(two_goods()), best(two_goods(dg_apart="yes"))
    assert dict(shared.loads.select("cargo", "containers").drop_nulls().iter_rows()) == {"any": 2, "with dangerous": 1}
    assert dict(apart.loads.select("cargo", "containers").drop_nulls().iter_rows()) == {"dangerous": 1, "general": 1}
    assert shared.solution.objective_usd == pytest.approx(apart.solution.objective_usd)
    shared, apart = best(two_goods(container_kg=150.0)), best(two_goods(container_kg=150.0, dg_apart="yes"))
    assert shared.solution.objective_usd == pytest.approx(apart.solution.objective_usd + 50)


def test_freight_that_the_seller_pays_buys_no_container() -> None:
    rows = lanes(straight(), **BOXES)
    rows["sites"][0]["country"] = "KR"
    rows["offers"][0]["incoterm"] = "CIF"
    found = best(rows)
    assert found.loads["containers"].null_count() == found.loads.height
    assert found.shipments.filter(pl.col("lane") == "in")["freight_usd"].sum() == 0


def test_a_least_shipment_brings_two_months_together() -> None:
    """Nothing is held for free: two months share a shipment only where each is too small for one."""
    rows = straight(months=2)
    rows["settings"] = [row for row in rows["settings"] if row["name"] != "holding_per_year"]
    assert best(rows).loads.filter(pl.col("lane") == "in").height == 2
    found = best(lanes(rows, min_shipment_kg=150.0))
    assert found.loads.filter(pl.col("lane") == "in")["kg"].to_list() == [pytest.approx(200)]


def test_the_cost_of_a_shipment_brings_months_together() -> None:
    found = best(lanes(straight(), shipment_usd=30.0))
    assert found.solution.objective_usd == pytest.approx(30 * 72 - 30)
    assert found.loads.filter(pl.col("lane") == "in").height == 1


def test_goods_that_would_be_late_go_by_the_faster_lane() -> None:
    rows = lanes(straight(months=2), mode="ocean", transit_days=31.0)
    rows["lanes"].append({**rows["lanes"][0], "lane": "fly", "mode": "air", "transit_days": 0.0, "cost_usd": 4.0})
    found = best(rows)
    sent = dict(found.shipments.group_by("lane").agg(pl.col("quantity").sum()).iter_rows())
    slow = 20 * 31 / 28  # of what leaves evenly over January, 28 parts of 31 arrive in February
    assert sent["fly"] == pytest.approx(20) and sent["in"] == pytest.approx(slow)
    assert found.solution.objective_usd == pytest.approx(20 * 94 - 20 * 14 - slow * 11)


@pytest.mark.parametrize(
    ("lane", "site"),
    [
        ({"max_kg_per_month": 50.0}, {}),
        ({"max_dg_kg_per_month": 50.0}, {}),
        ({"max_containers_per_month": 2.0, "container_kg": 25.0}, {}),
        ({}, {"max_kg_per_month": 50.0}),
    ],
)
def test_a_lane_or_a_site_takes_so_much_a_month(lane: dict[str, Any], site: dict[str, Any]) -> None:
    """Ten cells a month make five packs, by whichever of two lanes they leave the place that handles so much."""
    rows = lanes(straight(), **lane)
    rows["items"][0]["dg_class"] = "9"
    rows["sites"][0] |= site
    if site:
        rows["lanes"].append({**rows["lanes"][0], "lane": "other"})
    found = best(rows)
    assert found.sales["quantity"].sum() == pytest.approx(15)
    rows["items"][0]["dg_class"] = None
    if "max_dg_kg_per_month" in lane:
        assert best(rows).sales["quantity"].sum() == pytest.approx(30)


@pytest.mark.parametrize("limit", [{"max_dg_kg": 60.0}, {"max_dg_kwh": 10.0}])
def test_a_site_stores_so_much_dangerous_goods(limit: dict[str, float]) -> None:
    """All is wanted in March and 4 packs a month are made: of 12 only 5 can wait at the plant, none at the market."""
    rows = straight()
    rows["demand"] = [rows["demand"][2] | {"quantity": 30.0}]
    rows["resources"] = [{"resource": "line", "site": "p", "hours_per_month": 4.0}]
    rows["processes"][0] |= {"resource": "line", "hours_per_unit": 1.0}
    rows["items"][1]["dg_class"] = "9"
    rows["sites"][2] |= {"max_dg_kg": 0.0}
    assert best(rows).sales["quantity"].sum() == pytest.approx(12)
    rows["sites"][1] |= limit
    assert best(rows).sales["quantity"].sum() == pytest.approx(9)


def test_rules_that_never_bind_change_nothing() -> None:
    for seed in range(4):
        rows = random_rows(random.Random(seed))
        free = plan(chain_of(rows), gap=1e-9).solution.objective_usd
        rows["lanes"] = [
            {**lane, "max_kg_per_month": 1e9, "max_dg_kg_per_month": 1e9, "max_containers_per_month": 1e9,
             "shipment_usd": 1e-9} for lane in rows["lanes"]
        ]  # fmt: skip
        rows["sites"] = [
            {**site, "max_kg_per_month": 1e9, "max_dg_kg": 1e9, "max_dg_kwh": 1e9} for site in rows["sites"]
        ]
        assert plan(chain_of(rows), gap=1e-9).solution.objective_usd == pytest.approx(free, rel=1e-6, abs=1e-6)


def test_the_audit_sees_containers_that_are_too_few_and_limits_that_are_broken() -> None:
    found = best(lanes(straight(), **BOXES, max_kg_per_month=1000.0))
    fewer = dataclasses.replace(found, loads=found.loads.with_columns(pl.col("containers") - 1))
    half = dataclasses.replace(found, loads=found.loads.with_columns(pl.col("containers") + 0.5))
    more = dataclasses.replace(found, shipments=found.shipments.with_columns(pl.col("quantity") * 9))
    assert _apart(audit_transport.containers(fewer)) > 0.1
    assert _apart(audit_transport.containers(half)) > 0.05
    assert _apart(audit_transport.limits(more)) > 0.1


def _apart(frame: pl.DataFrame) -> float:
    return float(frame.select(((pl.col("left") - pl.col("right")).abs() / pl.col("scale")).max()).item())


def test_what_cannot_be_meant_is_told() -> None:
    rows = lanes(straight(), whole_containers="yes", min_shipment_kg=9.0, max_kg_per_month=8.0, container_l=5.0)
    lanes(rows, 1, dg_apart="yes")
    rows["items"][1]["dg_class"] = "9"
    rows["stocks"] = [{"site": "p", "item": "pack", "on_hand": 2.0}]
    rows["sites"][1]["max_dg_kg"] = 20.0
    told = {(f.severity, f.table, f.column) for f in check(chain_of(rows))}
    assert {
        ("blocker", "lanes", "cost_per"), ("warning", "lanes", "dg_apart"), ("warning", "lanes", "min_shipment_kg"),
        ("warning", "items", "volume_l"), ("blocker", "sites", "max_dg_kg"),
    } <= told  # fmt: skip

"""Charts are plain JSON, add up to the plan, and have their figures beside them."""

from __future__ import annotations

import datetime as dt
import graphlib
import itertools
import json
from collections import defaultdict
from typing import Any

import pytest
from tests.show.fake import CARRIED_KG

from cellroad.chain.files import load
from cellroad.plan.pareto import EmissionFrontier
from cellroad.plan.result import CASH_KINDS, COST_KINDS, Plan
from cellroad.rules.landed import land
from cellroad.show.charts import (
    CHARTS,
    Chart,
    capacity,
    cash,
    emissions,
    flow,
    landed,
    network,
    schedule,
    service,
    supply,
)
from cellroad.show.palette import CASH, COST, MODE, WORDS

every_chart = pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.name)


@every_chart
def test_an_option_is_plain_json_that_says_what_it_shows(chart: Chart, plan: Plan) -> None:
    option = chart.option(plan)
    assert json.loads(json.dumps(option, allow_nan=False)) == option
    assert option["aria"]["enabled"] and len(option["aria"]["label"]["description"]) > 20
    assert option["series"] and all(series["data"] for series in option["series"])


@every_chart
def test_every_chart_has_its_figures(chart: Chart, plan: Plan) -> None:
    frame = chart.table(plan)
    assert frame.height > 0 and frame.width > 1


@every_chart
def test_a_plan_that_does_nothing_has_empty_tables_and_no_error(chart: Chart, nothing: Plan) -> None:
    frame = chart.table(nothing)
    assert frame.is_empty() or frame.width == 1


def test_every_kind_of_money_has_a_word_and_a_colour() -> None:
    assert set(CASH_KINDS) <= CASH.keys() & WORDS.keys()
    assert set(COST_KINDS) <= COST.keys() & WORDS.keys()


def test_stacked_supply_sums_to_the_energy_sold(plan: Plan) -> None:
    frame = supply.table(plan)
    assert frame.drop("when").sum_horizontal().sum() == pytest.approx(plan.sales["kwh"].sum())


def test_energy_without_a_known_cell_is_told_as_bought_complete(plan: Plan) -> None:
    import dataclasses

    import polars as pl

    half = dataclasses.replace(plan, origins=plan.origins.filter(pl.col("site") != "dalian"))
    frame = supply.table(half)
    untold = plan.origins.filter(site="dalian")["kwh"].sum()
    assert frame[f"{supply.COMPLETE}, kWh"].sum() == pytest.approx(untold)
    assert frame.drop("when").sum_horizontal().sum() == pytest.approx(plan.sales["kwh"].sum())


def test_landed_parts_sum_to_their_total(plan: Plan) -> None:
    frame = landed.parts_table(plan)
    parts, total = frame.filter(frame["kind"] != "total"), frame.filter(frame["kind"] == "total")
    assert parts["usd_per_kwh"].sum() == pytest.approx(total["usd_per_kwh"].item())
    assert total["usd_per_kwh"].item() == pytest.approx(plan.landed["usd"].sum() / plan.sales["kwh"].sum())


def test_bars_of_emissions_hold_what_a_kwh_sold_carries(plan: Plan) -> None:
    frame = emissions.table(plan)
    column = f"Transport, {emissions.UNIT}"
    assert frame.columns == ["when", column]
    assert frame[column].drop_nulls().to_list() == pytest.approx([CARRIED_KG] * frame[column].drop_nulls().len())


def test_the_front_of_emissions_rises_with_its_points() -> None:
    import polars as pl

    rows = {"limit_t": [1.0, 2.0], "t_co2e": [1.0, 2.0], "npv_usd": [3e6, 4e6], "bound_usd": [3e6, 4e6],
            "kwh": [1e4, 1e4], "kg_per_kwh": [0.1, 0.2], "usd_per_t": [1e6, None]}  # fmt: skip
    option = emissions.front_chart(EmissionFrontier(pl.DataFrame(rows), ()))
    assert [point["value"] for point in option["series"][0]["data"]] == [[1.0, 3.0], [2.0, 4.0]]
    assert json.loads(json.dumps(option, allow_nan=False)) == option


@pytest.mark.parametrize("values", [[40.0, 12.0, 3.5], [40.0, -12.0, 3.5], [5.0, -2.0, -2.5]])
def test_each_bar_of_a_waterfall_begins_where_the_last_one_ended(values: list[float]) -> None:
    option = landed.waterfall(list("abc"), values, ["#000"] * 3)
    foot, bars = (series["data"] for series in option["series"])
    level = 0.0
    for below, bar, value in zip(foot, bars, values, strict=False):
        low, high = below, below + bar["value"]
        assert (low, high) == pytest.approx((min(level, level + value), max(level, level + value)))
        level += value
    assert bars[-1]["value"] == pytest.approx(sum(values)) and foot[-1] == 0


def nodes_of(plan: Plan) -> tuple[dict[str, float], dict[str, float], list[tuple[str, str, float]]]:
    entering: dict[str, float] = defaultdict(float)
    leaving: dict[str, float] = defaultdict(float)
    links = list(flow.links(plan).iter_rows())
    for origin, destination, usd in links:
        leaving[origin] += usd
        entering[destination] += usd
    return entering, leaving, links


def test_as_much_money_leaves_a_node_as_enters_it(plan: Plan) -> None:
    entering, leaving, _ = nodes_of(plan)
    bought = flow.bought(plan)
    inner = [node for node in {*entering, *leaving} if "|" in node]
    assert inner
    for node in inner:
        assert leaving[node] == pytest.approx(entering[node] + bought.get(node, 0.0), rel=1e-6)


def test_all_money_spent_on_goods_reaches_a_market_or_stock(plan: Plan) -> None:
    entering, _, _ = nodes_of(plan)
    ends = sum(usd for node, usd in entering.items() if "|" not in node)
    spent = plan.purchases["cost_usd"].sum() + plan.production["cost_usd"].sum()
    ways = ("freight_usd", "duty_usd", "fees_usd", "insurance_usd")
    assert ends == pytest.approx(spent + sum(plan.shipments[name].sum() for name in ways), rel=1e-6)


def test_the_flow_of_money_has_no_cycle(plan: Plan) -> None:
    _, _, links = nodes_of(plan)
    graph: dict[str, set[str]] = defaultdict(set)
    for origin, destination, _ in links:
        graph[destination].add(origin)
    assert list(graphlib.TopologicalSorter(graph).static_order())


def test_goods_that_return_end_in_a_node_of_their_own(plan: Plan) -> None:
    import dataclasses

    import polars as pl

    back = plan.shipments.filter((pl.col("origin") == "dalian") & (pl.col("destination") == "reno")).with_columns(
        origin=pl.lit("reno"), destination=pl.lit("dalian"), quantity=pl.col("quantity") / 10
    )
    circular = dataclasses.replace(plan, shipments=pl.concat([plan.shipments, back]))
    entering, _, links = nodes_of(circular)
    assert entering[flow.RETURNED] > 0
    graph: dict[str, set[str]] = defaultdict(set)
    for origin, destination, _ in links:
        graph[destination].add(origin)
    assert list(graphlib.TopologicalSorter(graph).static_order())


def test_the_line_of_cash_ends_at_the_net_present_value(plan: Plan) -> None:
    frame = cash.table(plan)
    assert frame[f"{cash.SUM}, $"][-1] == pytest.approx(plan.cash["discounted_usd"].sum())
    bars = frame.drop("when", f"{cash.SUM}, $")
    assert bars.sum_horizontal().sum() == pytest.approx(plan.cash["usd"].sum())


def test_lanes_lie_on_one_map_and_are_as_wide_as_their_flow(plan: Plan) -> None:
    option = network.chart(plan)
    lines = [series for series in option["series"] if series["type"] == "lines"]
    assert {series["name"] for series in lines} <= MODE.keys()
    marks: list[dict[str, Any]] = [mark for series in lines for mark in series["data"]]
    assert len(marks) == plan.shipments.select("origin", "destination").unique().height
    assert all(1 < mark["lineStyle"]["width"] <= 7 for mark in marks)
    for mark in marks:
        lons = [lon for lon, _ in mark["coords"]]
        assert all(abs(a - b) < 180 for a, b in itertools.pairwise(lons))


def test_the_lanes_table_holds_every_unit_shipped(plan: Plan) -> None:
    frame = network.table(plan)
    assert frame["quantity"].sum() == pytest.approx(plan.shipments["quantity"].sum())
    assert frame["duty_usd"].sum() == pytest.approx(plan.shipments["duty_usd"].sum())


def test_a_gantt_row_is_built_before_it_runs(plan: Plan) -> None:
    option = schedule.chart(plan)
    assert len(option["yAxis"]["data"]) == plan.openings.height
    for series in option["series"]:
        assert series["renderItem"] == "gantt"
        assert all(start < end for _, start, end in (mark["value"] for mark in series["data"]))


def test_use_of_capacity_is_blank_before_a_line_is_there(plan: Plan) -> None:
    frame = capacity.table(plan)
    assert frame["Cell line, %"].null_count() == 8
    assert frame["Cell line, %"].drop_nulls().to_list() == pytest.approx([0.9] * 16)


def test_served_and_short_make_up_what_is_wanted(plan: Plan) -> None:
    frame = service.table(plan)
    assert (frame["served"] + frame["short"]).to_list() == pytest.approx(frame["wanted"].to_list())
    assert frame["wanted"].sum() == pytest.approx(plan.shortages["wanted"].sum())


def test_steps_of_time_are_equal(plan: Plan) -> None:
    labels = service.step_labels(plan)
    assert labels[:2] == ["2027 Q1", "2027 Q2"] and len(labels) == 24


def test_names_from_people_cannot_become_markup(plan: Plan) -> None:
    import dataclasses

    import polars as pl

    nasty = "<img src=x onerror=alert(1)>{b}"
    chain = plan.chain.replace(sites=plan.chain.sites.with_columns(name=pl.lit(nasty)))
    text = json.dumps(network.chart(dataclasses.replace(plan, chain=chain))["series"])
    tooltips = list(text.split('"tooltip"')[1:])
    assert tooltips and all("<img" not in part.split("}")[0] for part in tooltips)


def test_the_bars_of_one_item_sum_to_its_landed_cost() -> None:
    chain = load("kandi-cbak")
    item = land(chain, "cell-cn", "nanjing", "chattanooga", dt.date(2027, 6, 1))
    option = landed.item_chart(item)
    bars = [bar["value"] for bar in option["series"][1]["data"]]
    assert item.per_kwh is not None
    assert bars[-1] == pytest.approx(item.per_kwh, rel=1e-3)
    assert sum(bars[:-1]) == pytest.approx(item.per_kwh, rel=1e-3)
    assert option["yAxis"]["name"] == "USD per kWh"
    assert landed.item_table(item).height == len(bars)
    json.dumps(option, allow_nan=False)


def test_the_laws_hold_for_a_chain_that_was_planned_in_earnest(planned: Plan) -> None:
    assert supply.table(planned).drop("when").sum_horizontal().sum() == pytest.approx(planned.sales["kwh"].sum())
    entering, leaving, _ = nodes_of(planned)
    bought = flow.bought(planned)
    for node in (node for node in {*entering, *leaving} if "|" in node):
        assert leaving[node] == pytest.approx(entering[node] + bought.get(node, 0.0), rel=1e-6)
    total = landed.parts_table(planned).filter(kind="total")["usd_per_kwh"].item()
    assert total == pytest.approx(61.0, rel=0.02), "sixty dollars to buy, one to carry, a little to hold"
    assert cash.table(planned)[f"{cash.SUM}, $"][-1] == pytest.approx(planned.cash["discounted_usd"].sum())
    for chart in CHARTS:
        json.dumps(chart.option(planned), allow_nan=False)

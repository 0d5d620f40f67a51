"""Parts of the report that appear only where the chain has such rows: what they tell adds up to the plan's frames."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import polars as pl
import pytest
from playwright.sync_api import Browser
from tests.show.browsing import INK, Watched, shades
from tests.show.everything import everything

from cellroad.plan.audit.audit import audit
from cellroad.plan.planning import plan as solved
from cellroad.plan.result import Plan
from cellroad.show.charts import contracts as contract_chart
from cellroad.show.charts import loads as load_chart
from cellroad.show.report import report, write_report
from cellroad.show.topics import TOPICS

NAMES = {topic.name for topic in TOPICS}


@pytest.fixture(scope="module")
def busy() -> Plan:
    """A plan of a chain with a bit of everything, in which one sale is late."""
    planned = solved(everything(), gap=0.1, threads=1)
    assert audit(planned).closes
    late = pl.int_range(pl.len()) == pl.len() - 1
    sales = planned.sales.with_columns(
        wanted_period=pl.when(late).then(pl.col("period") - 1).otherwise("wanted_period"),
        late_usd=pl.when(late).then(pl.lit(50.0)).otherwise("late_usd"),
    )
    return dataclasses.replace(planned, sales=sales)


@pytest.fixture(scope="module")
def told(busy: Plan) -> dict[str, pl.DataFrame]:
    return {sheet.caption: sheet.frame for topic in TOPICS for sheet in topic.sheets(busy)}


@pytest.fixture(scope="module")
def file(busy: Plan, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_report(busy, tmp_path_factory.mktemp("busy") / "report.html")


def same(told: float, known: float) -> bool:
    return told == pytest.approx(known, rel=1e-9, abs=1e-6)


def test_a_part_stands_in_the_page_where_the_chain_has_rows_of_it_and_only_there(busy: Plan, plan: Plan) -> None:
    full, bare = report(busy), report(plan)
    for name in NAMES:
        assert full.count(f'<section id="{name}">') == full.count(f'href="#{name}"') == 1, name
        assert f'id="{name}"' not in bare and f'href="#{name}"' not in bare, name
    charts = json.loads(full.split('id="data">')[1].split("</script>")[0])["charts"]
    assert {"loads", "contracts", "shelf"} <= set(charts)


def test_every_row_carries_the_mark_of_the_row_behind_it(busy: Plan) -> None:
    for topic in TOPICS:
        for sheet in topic.sheets(busy):
            assert len(sheet.marks) == sheet.frame.height > 0, sheet.caption
            assert all(confidence for confidence, _ in sheet.marks), sheet.caption
    signed = next(sheet for topic in TOPICS if topic.name == "contracts" for sheet in topic.sheets(busy))
    assert set(signed.marks) == {("reported", "PL012")}


def test_contracts_take_what_is_bought_under_their_offer(busy: Plan, told: dict[str, pl.DataFrame]) -> None:
    frame = told["Taken under contracts"]
    bought = busy.purchases.filter(pl.col("offer") == "b-frame")
    assert same(frame["Taken"].sum(), bought["quantity"].sum())
    assert (frame["Taken"] >= frame["Minimum"] * (1 - 1e-9)).all() and (frame["Taken"] <= frame["Maximum"] + 1e-6).all()
    prepaid = 0.1 * 60000 * 15.4 * 2
    assert same(frame["Settled from it, $"].sum(), prepaid)


def test_the_chart_of_contracts_draws_what_the_table_tells(busy: Plan) -> None:
    option, frame = contract_chart.chart(busy), contract_chart.table(busy)
    assert option is not None
    (drawn,) = [series["data"] for series in option["series"] if series["name"] == "Taken"]
    largest = frame.select(pl.max_horizontal("taken", "minimum", "maximum").max()).item()
    assert [mark["value"][0] for mark in drawn] == pytest.approx([100 * t / largest for t in frame["taken"]], abs=0.01)


def test_tiers_count_what_is_bought_in_the_year(busy: Plan, told: dict[str, pl.DataFrame]) -> None:
    frame = told["Prices by volume"]
    assert same(frame["Bought"].sum(), busy.purchases.filter(pl.col("offer") == "a-frame")["quantity"].sum())
    assert (frame["Bought"] >= frame["Tier from"]).all()
    assert (frame["Next tier from"].drop_nulls() > 0).all()


def test_shares_of_a_year_add_up_to_all_of_it(told: dict[str, pl.DataFrame]) -> None:
    frame = told["Shares by rule and year"]
    whole = frame.group_by("Rule", "Year").agg(pl.col("Part, %").sum())
    assert whole["Part, %"].to_list() == pytest.approx([1.0] * whole.height)
    full = frame.filter(pl.col("Limit") == "at its most")
    assert full["Part, %"].to_list() == pytest.approx(full["At most, %"].to_list())


def test_containers_hold_what_is_shipped_in_them(busy: Plan, told: dict[str, pl.DataFrame]) -> None:
    frame = told["Containers by lane and year"]
    lanes = busy.chain.lanes.filter(
        (pl.col("cost_per") == "container")
        | (pl.col("whole_containers") == "yes")
        | pl.col("every_weeks").is_not_null()
    )
    shipped = busy.shipments.join(lanes.select("lane"), on="lane", how="semi").join(
        busy.chain.items.select("item", "mass_kg"), on="item"
    )
    assert same(frame["Tonnes"].sum(), (shipped["quantity"] * shipped["mass_kg"]).sum() / 1000)
    whole = frame.filter(pl.col("Filled, %").is_not_null())
    assert whole.height and (whole["Filled, %"] <= 1 + 1e-9).all()
    assert whole["Containers"].to_list() == [round(number) for number in whole["Containers"]]
    assert same(load_chart.table(busy).drop("when").sum_horizontal().sum(), frame["Containers"].sum())
    freight = shipped.filter(pl.col("lane").is_in(lanes.filter(whole_containers="yes")["lane"].implode()))
    assert same(frame["Freight of containers, $"].sum(), freight["freight_usd"].sum())


def test_goods_between_partners_and_their_tax_are_those_of_the_accounts(
    busy: Plan, told: dict[str, pl.DataFrame]
) -> None:
    assert same(told["What passes, by year"]["Value, $"].sum(), busy.transfers["usd"].sum())
    assert same(told["Tax that follows"]["Tax on profit, $"].sum(), -busy.cash.filter(kind="tax")["usd"].sum())


def test_budgets_tell_what_is_invested_in_their_year(busy: Plan, told: dict[str, pl.DataFrame]) -> None:
    spent = dict(told["Budgets"].select("Budget", "Spent, $").iter_rows())
    by_year = dict(
        busy.cash.filter(kind="capex").group_by(pl.col("start").dt.year()).agg(-pl.col("usd").sum()).iter_rows()
    )
    assert same(spent["growth-28"], by_year.get(2028, 0.0)) and by_year
    late = told["Plants that may be late"].row(0, named=True)
    assert late["Counted on from"] > late["Ready as planned"] > late["Decide by"]


def test_no_laboratory_runs_more_than_it_can(busy: Plan, told: dict[str, pl.DataFrame]) -> None:
    row = told["Laboratories"].row(0, named=True)
    assert 0 < row["Most that run"] <= row["Campaigns at a time"] == 1
    assert told["Campaigns"].height == busy.openings.filter(kind="certificate").height


def test_what_goes_out_and_comes_back_adds_up(busy: Plan, told: dict[str, pl.DataFrame]) -> None:
    for caption, column, known in (
        ("Scrapped", "Scrapped", busy.scrapped["quantity"]),
        ("Comes back to be recycled", "Quantity", busy.returned["quantity"]),
        ("Comes out beside", "Quantity", busy.coproducts["quantity"]),
        ("Substitutes in use", "Replaced", busy.substitutions["replaced"]),
        ("Under way at the start", "Quantity", busy.arrivals["quantity"]),
        ("Stock by age, when it is used next", "On hand", busy.ages["quantity"]),
        ("Delivered late", "Allowed for it, $", pl.Series([50.0])),
    ):
        assert same(told[caption][column].sum(), known.sum()), caption


def test_the_busy_page_is_drawn_and_can_be_read_on_a_phone(opened: Watched, file: Path) -> None:
    for name in ("loads", "contracts", "shelf"):
        place = opened.page.query_selector(f'.chart[data-chart="{name}"]')
        assert place is not None
        ink = place.evaluate(INK)
        assert ink["width"] > 600 and ink["marks"] > 5 and shades(place.screenshot()) > 30, name
    assert opened.complaints == [] and opened.requests == [file.as_uri()]
    opened.page.set_viewport_size({"width": 400, "height": 800})
    opened.page.wait_for_timeout(200)
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= 400


def test_tables_of_parts_can_be_reached_and_scrolled_by_keyboard(browser: Browser, file: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(file.as_uri())
    for name in NAMES:
        boxes = page.locator(f"#{name} .scroll")
        assert boxes.count() > 0 and boxes.first.is_visible(), name
        assert boxes.first.get_attribute("tabindex") == "0", name
    context.close()

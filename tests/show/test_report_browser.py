"""The report in a browser without a network: every chart is drawn, nothing is asked for, nothing goes wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser
from tests.show.browsing import INK, Watched, shades

from cellroad.plan.result import Plan
from cellroad.show.charts import CHARTS
from cellroad.show.report import write_report

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def file(plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_report(plan, tmp_path_factory.mktemp("report") / "report.html")


def test_a_blank_picture_counts_as_blank(browser: Browser) -> None:
    page = browser.new_page()
    page.set_content("<div style='width:900px;height:300px;background:white'></div>")
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")  # painted
    assert shades(page.screenshot()) < 10
    page.close()


def test_every_chart_is_drawn_and_nothing_is_asked_for(opened: Watched, file: Path) -> None:
    places = opened.page.query_selector_all(".chart")
    assert len(places) == len(CHARTS)
    for place in places:
        name = place.get_attribute("data-chart")
        ink = place.evaluate(INK)
        assert ink["width"] > 600 and ink["height"] > 80, name
        assert ink["marks"] > 8, name
        assert shades(place.screenshot()) > 40, f"{name} is blank"
    assert opened.complaints == []
    assert opened.requests == [file.as_uri()]


def test_charts_follow_the_width_of_the_window(opened: Watched) -> None:
    opened.page.set_viewport_size({"width": 400, "height": 800})
    opened.page.wait_for_timeout(200)
    wide = opened.page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 400, "the page scrolls sideways on a phone"
    assert opened.complaints == []


def test_a_chart_has_a_label_for_who_cannot_see_it(opened: Watched) -> None:
    for place in opened.page.query_selector_all(".chart"):
        assert len(place.get_attribute("aria-label") or "") > 20


def test_a_table_is_saved_as_csv(opened: Watched) -> None:
    with opened.page.expect_download() as saved:
        opened.page.locator("#landed").get_by_role("button", name="Save table").click()
    text = Path(saved.value.path()).read_text("utf-8-sig")
    assert text.splitlines()[0].startswith('"Label","Kind"')
    assert "Conversion" in text


def test_with_scripts_off_every_table_is_open(browser: Browser, file: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(file.as_uri())
    for chart in CHARTS:
        table = page.locator(f"#{chart.name} table").first
        assert table.is_visible(), chart.name
        assert table.locator("tbody tr").count() > 0, chart.name
    assert not page.locator(".chart").first.is_visible()
    context.close()


def test_it_prints_with_its_charts(browser: Browser, file: Path) -> None:
    context = browser.new_context(color_scheme="dark")
    page = context.new_page()
    page.goto(file.as_uri())
    page.wait_for_selector("html[data-drawn]")
    page.emulate_media(media="print")
    assert not page.locator("nav").is_visible()
    assert page.locator("#landed svg").is_visible()
    assert page.pdf()[:5] == b"%PDF-"
    context.close()

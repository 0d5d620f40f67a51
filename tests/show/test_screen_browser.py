"""The page of a screen in a browser without a network: every chart is drawn, nothing is asked for."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from playwright.sync_api import Browser, expect
from tests.show.browsing import INK, Watched, shades
from tests.show.screened import deal_of, screen_of

from cellroad.show.screen_page import write_screen

pytestmark = pytest.mark.browser

CHARTS = {"deal-1", "deal-2", "matrix", "owners", "bans"}


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_screen(screen_of("kandi-cbak"), tmp_path_factory.mktemp("screen") / "screen.html", deal_of())


def test_every_chart_is_drawn_and_nothing_is_asked_for(opened: Watched, file: Path) -> None:
    places = opened.page.query_selector_all(".chart")
    assert {place.get_attribute("data-chart") for place in places} == CHARTS
    for place in places:
        name = place.get_attribute("data-chart")
        ink = place.evaluate(INK)
        assert ink["width"] > 600 and ink["height"] > 80, name
        assert ink["marks"] > 8, name
        assert shades(place.screenshot()) > 40, f"{name} is blank"
        assert len(place.get_attribute("aria-label") or "") > 20, name
    assert opened.complaints == []
    assert opened.requests == [file.as_uri()]


def test_a_regime_is_chosen_above_the_picture_of_owners(opened: Watched) -> None:
    place = opened.page.locator("#owners .chart")
    marked = place.locator("svg text", has_text="yes")
    answers = screen_of("kandi-cbak").verdicts.filter(pl.col("kind").is_in(["partner", "venture"]), answer="yes")
    by_regime = dict(answers.group_by("regime").len().iter_rows())
    expect(marked).to_have_count(max(by_regime.values()))
    assert by_regime["covered"] < max(by_regime.values())
    place.locator("svg text", has_text="covered").first.click()
    expect(marked).to_have_count(by_regime["covered"])


def test_the_page_does_not_scroll_sideways_on_a_phone(opened: Watched) -> None:
    opened.page.set_viewport_size({"width": 400, "height": 800})
    opened.page.wait_for_timeout(200)
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= 400


def test_the_reasons_of_an_answer_can_be_opened_and_followed(opened: Watched) -> None:
    page = opened.page
    page.locator("#reasons summary").first.click()
    link = page.locator("#reasons details[open] a").first
    target = link.get_attribute("href") or ""
    link.click()
    assert page.locator(f"[id='{target[1:]}']").is_visible()


def test_with_scripts_off_every_table_is_open(browser: Browser, file: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(file.as_uri())
    for chart in CHARTS:
        table = page.locator(f"#{chart} table").first
        assert table.is_visible(), chart
        assert table.locator("tbody tr").count() > 0, chart
    context.close()

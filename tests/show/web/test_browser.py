"""A newcomer in a browser without a network: asks, sees, opens, takes away; nothing is asked of another host."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from tests.show.browsing import INK, Watched

import cellroad as cr

pytestmark = pytest.mark.browser
ANSWER = "/design?use=storage-residential&nominal=100V&energy=5kWh"


@pytest.fixture
def scheme() -> str:
    return "light"


@pytest.fixture
def seen(browser: Browser, site: str, scheme: str):
    context = browser.new_context(viewport={"width": 1400, "height": 900}, color_scheme=scheme)
    watched = Watched(context.new_page())
    yield watched
    assert watched.complaints == []
    assert [url for url in watched.requests if not url.startswith((f"{site}/", "data:", "blob:"))] == []
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_newcomer_asks_for_a_home_battery_opens_a_pack_and_takes_its_files_away(seen, site, tmp_path: Path):
    page = seen.page
    page.goto(site)
    page.get_by_role("link", name="Ask for a pack of your own").click()
    page.get_by_label("Use", exact=False).first.select_option("storage-residential")
    page.get_by_label("Nominal voltage").fill("100V")
    page.get_by_label("Energy needed").fill("5kWh")
    page.get_by_role("button", name="Design").click()
    page.wait_for_selector("html[data-drawn]")
    found = cr.design(nominal="100V", energy="5kWh", use="storage-residential")
    best = found.pareto.row(0, named=True)
    expect(page.locator("h1")).to_contain_text(f"{best['layout']} of {best['cell']}")
    assert page.locator("#packs tbody tr").count() == found.pareto.height
    assert page.locator("#front .chart").evaluate(INK)["marks"] > found.pareto.height
    page.locator("#packs th a", has_text="Mass").click()
    lightest = found.pareto.sort("mass_kg").row(0, named=True)
    expect(page.locator("#packs tbody tr").first).to_contain_text(lightest["cell"])
    page.get_by_role("link", name="Open the sheet of this pack").click()
    page.wait_for_selector("html[data-drawn]")
    for name in ("front", "discharge", "day", "power", "life"):
        assert page.locator(f"#{name} .chart svg path").count() > 5, name
    page.locator("#power .chart").hover()
    page.get_by_text("Files", exact=True).click()
    for words, check in (("Limits of the management", _limits), ("This page as one file", _file)):
        with page.expect_download() as taken:
            page.get_by_role("link", name=words).click()
        check(Path(taken.value.path()).read_text(encoding="utf-8"))


def _limits(text: str) -> None:
    assert json.loads(text)["schema"].startswith("cellroad-bms-limits")


def _file(text: str) -> None:
    assert text.startswith("<!doctype html>")
    assert "echarts" in text


def test_every_field_has_a_label_and_can_be_reached_by_keyboard(seen, site):
    page = seen.page
    page.goto(f"{site}/design/form")
    nameless = page.evaluate("""() => [...document.querySelectorAll("input, select, textarea, button")]
      .filter((one) => !(one.labels?.length || one.textContent.trim())).map((one) => one.name)""")
    assert nameless == []
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the answer"
    reached = set()
    for _ in range(40):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.name || document.activeElement.type || ''"))
    assert {"use", "energy", "nominal", "voltage", "power", "temperature", "submit", "specification"} <= reached


LIFE = "/life?cell=CL010&layout=32s1p&depth=0.9"
CERTIFY = "/certify?use=portable&energy=3kWh&regions=US&regions=EU"
PAGES = (
    "/",
    "/design/form",
    ANSWER,
    ANSWER.replace("design?", "design/2?"),
    "/cells",
    "/packs",
    "/api",
    "/cells/CL001",
    LIFE,
    CERTIFY,
)


@pytest.mark.parametrize("path", PAGES)
def test_no_page_scrolls_sideways_on_a_phone(browser, site, path):
    page = browser.new_page(viewport={"width": 400, "height": 800})
    page.goto(site + path)
    page.wait_for_timeout(100)
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
    page.close()


def test_everything_works_with_scripts_off(browser, site, tmp_path):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}/design/form")
    page.get_by_label("Energy needed").fill("5kWh")
    page.get_by_label("Nominal voltage").fill("100V")
    page.get_by_role("button", name="Design").click()
    expect(page.locator("#use-wrong")).to_contain_text("Say what the pack is used for")
    page.locator("#use").select_option("storage-residential")
    page.locator("summary", has_text="One unit, at most").click()
    page.locator("#mass").fill("10kg")
    page.get_by_role("button", name="Design").click()
    expect(page.locator("h1")).to_contain_text("No pack meets all of it")
    page.locator("a.way").first.click()
    assert page.locator("#packs tbody tr").count() > 0
    page.locator("#packs tbody a").first.click()
    for name in ("front", "discharge", "day", "power", "life"):
        assert page.locator(f"#{name} table").first.is_visible(), name
    assert page.locator("svg.drawing").is_visible()
    file = tmp_path / "mine.toml"
    file.write_text('use = "golf-cart"\nnominal = "48 V"\nenergy = "5 kWh"\n')
    page.goto(f"{site}/design/form")
    page.locator("#specification").set_input_files(file)
    page.get_by_role("button", name="Open").click()
    expect(page.locator(".eyebrow")).to_contain_text("golf cart")
    context.close()


def test_other_pages_complain_of_nothing(seen, site):
    for path in ("/cells", "/cells/CL001", "/packs", "/api", "/cells?find=LFP&sort=-kg", LIFE, CERTIFY):
        seen.page.goto(site + path)
        assert seen.page.locator("h1").is_visible()


def test_a_pack_prints_without_menus(seen, site):
    seen.page.goto(f"{site}/design/1{ANSWER.removeprefix('/design')}")
    seen.page.emulate_media(media="print")
    assert not seen.page.locator(".files").is_visible()
    assert not seen.page.locator("nav").is_visible()
    assert seen.page.locator("#sheet table").is_visible()

"""The page of a design: every cell is drawn to scale, every curve is that of the sheet, and nothing is asked for."""

from __future__ import annotations

import json
import re

import pytest
from tests.show.browsing import Watched

import cellroad as cr
from cellroad.show.charts import pack_front, pack_life, pack_power, pack_runs
from cellroad.show.charts.pack_drawing import drawing
from cellroad.show.design_page import design_page, write_design


@pytest.fixture(scope="module")
def home():
    return cr.design("residential-5kwh")


@pytest.fixture(scope="module")
def cart():
    return cr.design("golf-cart", cell="BAK 32140FS", peak_power="9 kW")


def test_the_drawing_shows_the_upper_layer_of_a_box_to_scale(home, cart):
    for found, mark in ((home, "rect"), (cart, "circle")):
        mass = found.sheet().mass
        drawn = str(drawing(mass))
        assert f"<title>{mass.layout.name}" in drawn
        upper = min(mass.grid[0] * mass.grid[1], -(-mass.layout.cells // mass.boxes))
        above, side = drawn.split("</g>")[:2]
        assert above.count(f"<{mark} ") - (mark == "rect") == upper
        assert side.count("<rect ") - 1 == mass.grid[2] * max(mass.grid[:2]) or side.count("<rect ") > 1
    radius = float(re.search(r' r="([\d.]+)"', str(drawing(cart.sheet().mass))).group(1))
    wide = float(re.search(r'width="([\d.]+)" height', str(drawing(cart.sheet().mass))).group(1))
    mass = cart.sheet().mass
    assert radius / wide == pytest.approx(0.93 * mass.layout.cell.length_mm / 2 / max(mass.box_mm[:2]), rel=0.01)


def test_the_charts_are_plain_and_have_every_point(home):
    sheet = home.sheet()
    front = pack_front.chart(home, 1)
    points = [point for series in front["series"][1:] for point in series["data"]]
    assert len(points) == home.pareto.height
    assert sum("label" in point for point in points) == 1
    power = pack_power.chart(sheet.power, 10.0)
    assert len(power["series"][0]["data"]) == sheet.power.filter(seconds=10.0).height
    life = pack_life.chart(sheet.life, 0.7)
    assert {line["name"] for line in life["series"][2:]} == set(sheet.life.curves["model"])
    for option in (front, power, life, pack_runs.discharge(sheet.discharge), pack_runs.day(sheet.day)):
        json.dumps(option, allow_nan=False)


def test_the_page_tells_the_answer_the_parts_and_what_is_assumed(home, tmp_path):
    page = write_design(home, tmp_path / "pack.html").read_text(encoding="utf-8")
    assert "http://" not in page.split("<script")[0]
    sheet = home.sheet()
    assert f"{sheet.layout.name} of {sheet.layout.cell.name}" in page
    told = page.replace("&#39;", "'").replace("&amp;", "&").replace("&gt;", ">").replace("&lt;", "<")
    assert all(words in told for words in sheet.assumptions)
    assert sheet.protection.fuse.name in page
    assert "UL 1973 pack" in page
    assert "energy window" in page
    assert design_page(home) == page


def test_two_boxes_are_told_on_the_page():
    assert "2 x 15 kWh" in design_page(cr.design("residential-30kwh"))


def test_a_browser_draws_every_chart_and_asks_for_nothing(browser, cart, tmp_path):
    place = write_design(cart, tmp_path / "pack.html")
    seen = Watched(browser.new_page())
    seen.page.goto(place.as_uri())
    seen.page.wait_for_selector("#life svg path", state="attached")
    for name in ("front", "discharge", "day", "power", "life"):
        assert seen.page.locator(f"#{name} .chart svg path").count() > 5, name
    assert seen.complaints == []
    assert [url for url in seen.requests if not url.startswith(("file:", "data:", "blob:"))] == []
    seen.page.close()


def test_the_command_writes_page_and_limits(run, tmp_path):
    said = run("design", "golf-cart", "--report", tmp_path / "a.html", "--bms", tmp_path / "a.json", "--json")
    assert set(said.machine["written"]) == {"page", "limits of the management"}
    assert json.loads((tmp_path / "a.json").read_text())["schema"].startswith("cellroad-bms-limits")
    assert (tmp_path / "a.html").exists()

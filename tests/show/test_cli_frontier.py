"""`cellroad frontier` and `cellroad bargain` tell what the package tells, and draw it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from tests.plan.test_frontier import one_of_three, sold_on
from tests.plan.tiny import Rows, chain_of
from tests.show.browsing import INK, Watched, shades
from tests.show.conftest import Said

import cellroad as cr
from cellroad.show.exits import Exit

Run = Callable[..., Said]


def written(rows: Rows, place: Path) -> Path:
    for row in rows["sites"] + rows["items"]:
        row["name"] = row.get("name") or row.get("item") or row["site"]
    cr.write(chain_of(rows, place.name), place)
    return place


@pytest.fixture
def sold(tmp_path: Path) -> Path:
    return written(sold_on(), tmp_path / "sold")


def test_the_frontier_is_that_of_the_package(run: Run, tmp_path: Path) -> None:
    place, page = written(one_of_three(), tmp_path / "three"), tmp_path / "out" / "three.html"
    found = cr.frontier(cr.load(place), "ann", "bob", 5, gap=1e-9)
    asked = ("frontier", place, "ann", "bob", "--points", 5, "--gap", 1e-9)
    told = run(*asked, "--report", page, "--json").machine
    for name in ("a_usd", "b_usd", "supported"):
        assert [point[name] for point in told["frontier"]] == pytest.approx(found.frame[name].to_list(), abs=1e-6)
    assert page.read_text("utf-8").count('data-chart="frontier"') == 1
    words = run(*asked)
    assert words.code == Exit.OK
    assert "bob can have $100 at most" in " ".join(words.out.split())
    assert "by a floor alone" in words.out and "Up to 5 plans" in words.err


def test_the_bargain_is_that_of_the_package_in_closed_form(run: Run, sold: Path) -> None:
    deal = cr.bargain(cr.load(sold), "ann", "bob", "transfer price of pack", gap=1e-9)
    told = run("bargain", sold, "ann", "bob", "--price", "pack", "--gap", 1e-9, "--json").machine
    assert (told["low"], told["nash"], told["high"]) == pytest.approx((deal.low, deal.nash, deal.high))
    assert told["nash"] == pytest.approx((told["low"] + told["high"]) / 2)  # both gain the same at the point of Nash
    words = " ".join(run("bargain", sold, "ann", "bob", "--price", "pack").out.split())
    assert (
        "Both ann and bob gain with a transfer price of pack from $27/unit to $99/unit; Nash meets at $63/unit" in words
    )
    assert "without the deal" in words


@pytest.mark.parametrize(
    ("more", "code", "told"),
    [
        (("ann", "bob"), Exit.USAGE, "--price ITEM"),
        (("ann", "ann", "--price", "pack"), Exit.USAGE, "'ann' is named twice"),
        (("ann", "bob", "--price", "pack", "--share", "jv"), Exit.USAGE, "one thing at a time"),
        (("ann", "bobb", "--price", "pack"), Exit.INVALID, "Did you mean 'bob'?"),
        (("ann", "bob", "--price", "pakc"), Exit.INVALID, "Did you mean 'pack'?"),
        (("ann", "bob", "--share", "jv"), Exit.INVALID, "both hold"),
        (("ann", "bob", "--price", "pack", "--scenario", "x"), Exit.USAGE, "no scenario 'x'"),
    ],
)
def test_what_cannot_be_bargained_over_is_told_with_how_to_mend_it(
    run: Run, sold: Path, more: tuple[str, ...], code: Exit, told: str
) -> None:
    said = run("bargain", sold, *more)
    assert said.code == code
    assert told in " ".join(said.err.split()) and "Traceback" not in said.err


@pytest.mark.browser
def test_the_page_of_a_deal_is_drawn_and_asks_for_nothing(
    run: Run, sold: Path, tmp_path: Path, browser: Browser
) -> None:
    page = tmp_path / "deal.html"
    assert run("frontier", sold, "ann", "bob", "--price", "pack", "--report", page).code == Exit.OK
    watched = Watched(browser.new_page(viewport={"width": 1400, "height": 900}))
    watched.page.goto(page.as_uri())
    watched.page.wait_for_selector("html[data-drawn]")
    for name in ("frontier", "bargain"):
        place = watched.page.query_selector(f'.chart[data-chart="{name}"]')
        assert place is not None and place.evaluate(INK)["marks"] > 5 and shades(place.screenshot()) > 30
    assert watched.complaints == [] and watched.requests == [page.as_uri()]
    watched.page.set_viewport_size({"width": 400, "height": 800})
    assert watched.page.evaluate("document.documentElement.scrollWidth") <= 400
    watched.page.close()

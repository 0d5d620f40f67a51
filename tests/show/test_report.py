"""The report is one file that needs nothing else, and tells what it rests on."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
import tomllib
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path

import polars as pl
import pytest

from cellroad.chain import facts
from cellroad.plan.result import Plan
from cellroad.show import provenance
from cellroad.show.charts import CHARTS
from cellroad.show.report import cards, headline, report, write_report

ASSETS = files("cellroad.show") / "assets"
LOADING = {"src", "srcset", "data", "poster", "background", "action", "formaction", "xlink:href"}


class Loads(HTMLParser):
    """Every address that a browser would fetch to show the page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.found += [value or "" for name, value in attrs if name in LOADING]
        if tag == "link":
            self.found += [value or "" for name, value in attrs if name == "href"]


@pytest.fixture(scope="module")
def page(plan: Plan) -> str:
    return report(plan)


def test_the_page_loads_nothing(page: str) -> None:
    loads = Loads()
    loads.feed(page)
    assert loads.found == []
    assert not {"link", "iframe", "img", "object", "embed"} & set(loads.tags)
    style = page.split("<style>")[1].split("</style>")[0]
    assert "url(" not in style and "@import" not in style


def test_the_page_lets_the_browser_load_nothing(page: str) -> None:
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]+)"', page)
    rules = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert rules["default-src"] == "'none'"
    assert not re.search(r"https?:|\*|unsafe-eval", policy)
    assert "'unsafe-inline'" not in rules["script-src"]


def test_the_page_is_small(page: str) -> None:
    assert len(page.encode()) < 2_500_000


def test_every_chart_and_its_table_are_in_the_page(page: str) -> None:
    data = json.loads(page.split('id="data">')[1].split("</script>")[0])
    assert set(data["charts"]) == {chart.name for chart in CHARTS}
    assert set(data["maps"]) == {"pacific"}
    assert page.count('class="twin"') == len(CHARTS)


def test_the_answer_comes_first(plan: Plan, page: str) -> None:
    sentence = headline(plan)
    assert sentence.startswith("Build: Pack plant, Reno (March 2027); Cell plant, Houston (January 2028). Serve 96.2 %")
    assert sentence.endswith("at 0.04 % gap.")
    assert page.index("<h1>") < page.index('id="do"') < page.index('id="network"') < page.index('id="assumptions"')
    assert [card.name for card in cards(plan)][:2] == ["Net present value", "Landed cost"]


def test_a_plan_that_does_nothing_has_a_report(nothing: Plan) -> None:
    page = report(nothing)
    assert "Build nothing new" in page
    assert "The plan opens nothing and certifies nothing." in page
    assert json.loads(page.split('id="data">')[1].split("</script>")[0])["charts"] == {}


def test_every_assumed_or_unverified_row_is_told(plan: Plan) -> None:
    told = sum(int(frame["rows"].sum()) for frame in provenance.assumptions(plan.chain).values())
    doubtful = sum(
        frame.filter(pl.col("confidence").cast(pl.String).is_in(["assumption", "unverified"])).height
        for frame in plan.chain.tables.values()
    )
    assert told == doubtful > 0


def test_the_first_orders_carry_the_mark_of_their_offer(page: str) -> None:
    assert 'class="mark assumption"><a href="#assumptions" title="assumption, from PR033;TR001"' in page


def test_every_cited_fact_is_followed_to_its_source(plan: Plan, page: str) -> None:
    frame = provenance.cited(plan.chain)
    assert frame["id"].to_list() == ["PL020", "PR033", "TR001"]
    for row in frame.iter_rows(named=True):
        table, fact = facts.find(row["id"])
        source = facts.sources().filter(pl.col("source_id") == fact["source_id"])
        assert row["fact"] == table
        assert row["title"] == source["title"].item()
        assert row["confidence"] == fact["confidence"]
        assert f'id="fact-{row["id"]}"' in page


def test_a_citation_that_is_no_fact_is_told_as_it_stands(plan: Plan) -> None:
    sites = plan.chain.sites.with_columns(source=pl.lit("annual report 2025"))
    frame = provenance.cited(plan.chain.replace(sites=sites))
    assert frame.filter(id="annual report 2025").row(0, named=True)["used_in"] == "sites"


def test_names_from_people_cannot_become_markup(plan: Plan) -> None:
    nasty = "</script><img src=x onerror=alert(1)>"
    chain = plan.chain.replace(
        sites=plan.chain.sites.with_columns(name=pl.lit(nasty)),
        items=plan.chain.items.with_columns(name=pl.lit(nasty)),
    )
    page = report(dataclasses.replace(plan, chain=chain))
    loads = Loads()
    loads.feed(page)
    assert "img" not in loads.tags
    assert page.count("</script>") == 2


def test_a_report_is_written_whole_or_not_at_all(plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "report.html"
    target.write_text("before")

    def full_disk(path: Path, page: str) -> None:
        path.write_text(page[:100])
        raise OSError("no space left")

    monkeypatch.setattr("cellroad.chain.atomic._fill", full_disk)
    with pytest.raises(OSError, match="no space left"):
        write_report(plan, target)
    assert target.read_text() == "before"
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]
    monkeypatch.undo()
    assert write_report(plan, target) == target
    assert target.read_text("utf-8").startswith("<!doctype html>")


def test_vendored_files_are_those_that_were_written_down() -> None:
    listed = tomllib.loads((ASSETS / "VENDORED.toml").read_text("utf-8"))["vendored"]
    assert {entry["file"] for entry in listed} == {
        path.name for path in ASSETS.iterdir() if path.name != "VENDORED.toml"
    }
    for entry in listed:
        assert hashlib.sha256((ASSETS / entry["file"]).read_bytes()).hexdigest() == entry["sha256"]
        assert entry["licence"] and entry["version"]


def test_two_certificates_of_one_item_keep_their_names(plan: Plan) -> None:
    second = plan.openings.filter(kind="certificate").with_columns(name=pl.lit("UL 9540, 51 V pack US"))
    page = report(dataclasses.replace(plan, openings=pl.concat([plan.openings, second])))
    body = page.split('id="do"')[1].split("</section>")[0]
    assert body.count("UL 9540, 51 V pack US") == body.count("UL 2271, 51 V pack US") == 1

"""The page of a screen is one file that needs nothing else, tells every answer, and follows every row to its source."""

from __future__ import annotations

import dataclasses
import graphlib
import html
import itertools
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.show.screened import EXAMPLES, deal_of, exists, judged, mixed, screen_of
from tests.show.test_report import Loads

from cellroad.show.charts import deal as deals
from cellroad.show.charts import owners, standing
from cellroad.show.screen_page import screen_page, write_screen

every_example = pytest.mark.parametrize("name", EXAMPLES)
RESTS = ("as today", "an outsider")


@cache
def page_of(name: str) -> str:
    return screen_page(screen_of(name), deal_of() if name == "kandi-cbak" else None)


def data_of(page: str) -> dict[str, Any]:
    return dict(json.loads(page.split('id="data">')[1].split("</script>")[0]))


def words_of(part: str) -> str:
    """What a person reads of a part of a page."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", part)).split())


# The page -------------------------------------------------------------------------------------------------------------


@every_example
def test_the_page_loads_nothing(name: str) -> None:
    loads = Loads()
    loads.feed(page_of(name))
    assert loads.found == []
    assert not {"link", "iframe", "img", "object", "embed"} & set(loads.tags)
    assert len(page_of(name).encode()) < 2_500_000
    assert "default-src 'none'" in page_of(name)


@every_example
def test_every_answer_that_is_not_no_is_on_the_page_with_its_reason(name: str) -> None:
    found = screen_of(name)
    _, *parts = page_of(name).split('id="reasons"')[1].split("</section>")[0].split("<h3 ")
    told = dict(zip(found.chain.partners["partner"], map(words_of, parts), strict=True))
    for row in found.verdicts.filter(pl.col("answer") != "no").iter_rows(named=True):
        mine = told[row["partner"]]
        assert " ".join(row["because"].split()) in mine
        assert row["regime"] in mine
        assert row["subject"] in mine


@every_example
def test_every_reason_ban_credit_and_unknown_is_on_the_page(name: str) -> None:
    found, told = screen_of(name), words_of(page_of(name))
    texts = pl.concat([found.reasons["text"], found.bans["because"], found.claims["because"], found.unknown()["text"]])
    assert [text for text in texts.unique() if " ".join(text.split()) not in told] == []
    assert "not legal advice" in told


@every_example
def test_every_row_that_is_named_exists_and_is_followed_once(name: str) -> None:
    page, found = page_of(name), screen_of(name)
    targets = re.findall(r'<tr id="fact-([^"]+)"><td>([^<]+)</td>', page)
    assert len({anchor for anchor, _ in targets}) == len(targets)
    linked = {(anchor, row) for anchor, row in re.findall(r'<a href="#fact-([^"]+)">([^<]+)</a>', page)}
    assert linked <= set(targets)
    assert [row for _, row in targets if not exists(html.unescape(row), found.chain)] == []


@every_example
def test_every_link_leads_somewhere_on_the_page(name: str) -> None:
    page = page_of(name)
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(re.findall(r' id="([^"]+)"', page))


@every_example
def test_every_chart_has_its_table_and_says_what_it_shows(name: str) -> None:
    charts = data_of(page_of(name))["charts"]
    assert {"matrix", "owners", "bans"} <= set(charts)
    assert page_of(name).count('class="twin"') == len(charts)
    for option in charts.values():
        assert len(option["aria"]["label"]["description"]) > 20
        assert option["series"] and all(series["data"] for series in option["series"])


def test_names_from_people_cannot_become_markup() -> None:
    nasty = "</script><img src=x onerror=alert(1)>"
    found = screen_of("kandi-cbak")
    swapped = dataclasses.replace(
        found,
        chain=found.chain.replace(partners=found.chain.partners.with_columns(name=pl.lit(nasty))),
        verdicts=found.verdicts.with_columns(name=pl.lit(nasty), because=pl.lit(nasty)),
        reasons=found.reasons.with_columns(text=pl.lit(nasty)),
        bans=found.bans.with_columns(because=pl.lit(nasty)),
    )
    page = screen_page(swapped, deal_of())
    loads = Loads()
    loads.feed(page)
    assert "img" not in loads.tags
    assert page.count("</script>") == 2


def test_a_screen_without_anything_has_a_page() -> None:
    found = screen_of("kandi-cbak")
    names = ("verdicts", "reasons", "bans", "claims", "materials", "premiums", "matches", "owners")
    page = screen_page(dataclasses.replace(found, **{name: getattr(found, name).clear() for name in names}))
    assert data_of(page)["charts"] == {}
    for words in ("No ban hits", "No stake is held", "No credit is there", "Nothing that is asked is unknown"):
        assert words in page


def test_a_page_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "screen.html"
    target.write_text("before")

    def full_disk(path: Path, text: str) -> None:
        path.write_text(text[:100])
        raise OSError("no space left")

    monkeypatch.setattr("cellroad.chain.atomic._fill", full_disk)
    with pytest.raises(OSError, match="no space left"):
        write_screen(screen_of("gotion-us"), target)
    assert target.read_text() == "before"
    monkeypatch.undo()
    assert write_screen(screen_of("gotion-us"), target).read_text("utf-8") == page_of("gotion-us")
    assert [path.name for path in tmp_path.iterdir()] == ["screen.html"]


@pytest.mark.parametrize("words", ["cell JV: CBAK 24 %", "cell JV: CBAK licence"])
def test_a_deal_without_a_range_is_a_table_of_its_cases(words: str) -> None:
    deal = deal_of(words)
    page = screen_page(screen_of("kandi-cbak"), deal)
    told = words_of(page.split('id="deal"')[1].split("</section>")[0])
    cases = deal.terms["term"] if deal.terms.height else deal.steps["rest"]
    assert all(case in told for case in cases)


def test_bans_of_sales_credits_by_cost_and_premiums_are_on_the_page() -> None:
    page = screen_page(mixed())
    told = words_of(page)
    for frame in (mixed().bans, mixed().claims, mixed().premiums):
        assert all(text in told for text in frame["because"])
    assert "30 % of the price of utv-us, sold to utility" in told
    assert '<span class="chip yes">yes</span>' in page.split('id="credits"')[1]
    (bar,) = data_of(page)["charts"]["bans"]["series"][0]["data"]
    assert bar["value"][2] - bar["value"][1] == 31 * 86_400_000


# Charts ---------------------------------------------------------------------------------------------------------------


@every_example
def test_every_cell_of_the_matrix_is_an_answer(name: str) -> None:
    found = screen_of(name)
    option = standing.chart(found)
    answers = judged(found)
    cells = option["series"][0]["data"]
    assert len(cells) == answers.height
    partners, regimes = option["yAxis"]["data"], [head.replace("\n", "_") for head in option["xAxis"]["data"]]
    order = list(standing.COLOURS)
    for cell in cells:
        column, row, code = cell["value"]
        mine = answers.filter(pl.col("name") == partners[row], pl.col("regime") == regimes[column])
        assert order[code] in mine["answer"].to_list()


@every_example
def test_the_picture_of_owners_has_every_stake_and_everybody_once(name: str) -> None:
    found = screen_of(name)
    graph, *marks = owners.chart(found)["series"]
    places = {node["name"]: tuple(node["value"]) for node in graph["data"]}
    assert len(places) == len(graph["data"]) == len(set(places.values()))
    assert set(places) == {*found.owners["owner"], *found.owners["owned"]}
    links = {(link["source"], link["target"]) for link in graph["links"]}
    assert links == set(found.owners.select("owner", "owned").iter_rows())
    assert owners.table(found).height == found.owners.height
    for mark in marks:
        caught = judged(found).filter(pl.col("regime") == mark["name"], pl.col("answer") != "no")
        hit = {places[subject] for subject in caught["subject"] if subject in places}
        assert {tuple(point["value"]) for point in mark["data"]} == hit


@given(st.sets(st.tuples(st.integers(0, 7), st.integers(0, 7)), min_size=1, max_size=16))
def test_owners_stand_left_of_what_they_own_but_for_rings(pairs: set[tuple[int, int]]) -> None:
    edges = [(str(a), str(b)) for a, b in sorted(pairs)]
    frame = pl.DataFrame(edges, schema=["owner", "owned"], orient="row")
    columns = owners._columns(frame)
    at = {entity: place for place, column in enumerate(columns) for entity in column}
    assert sum(len(column) for column in columns) == len(at)
    assert set(at) == {one for a, b in edges if a != b for one in (a, b)}
    above = {b: {a for a, owned in edges if owned == b and a != b} for _, b in edges}
    try:
        graphlib.TopologicalSorter(above).prepare()
    except graphlib.CycleError:
        return
    assert all(at[a] < at[b] for a, b in edges if a != b)


def test_a_share_is_told_as_it_is_known() -> None:
    told = {
        (0.9, 0.9): "90 %", (0.5, 1.0): "50 to 100 %", (0.0, 1.0): "unknown share", (0.0, 0.0): "0 %",
        (0.0, 0.25): "0 to 25 %",
    }  # fmt: skip
    assert {share: owners.held_words(*share) for share in told} == told
    assert owners.held_words(0.0, 0.0, "licence") == ""


@pytest.mark.parametrize("rest", RESTS)
def test_the_bands_of_a_deal_cover_the_range_once(rest: str) -> None:
    deal = deal_of()
    option = deals.chart(deal, rest)
    bands = [band["value"] for series in option["series"] for band in series["data"]]
    assert len(option["yAxis"]["data"]) == deal.steps["regime"].n_unique()
    for row in range(len(option["yAxis"]["data"])):
        ends = sorted((low, high) for at, low, high in bands if at == row)
        assert (ends[0][0], ends[-1][1]) == (100 * deal.low, 100 * deal.high)
        assert all(left[1] == right[0] for left, right in itertools.pairwise(ends))


def test_every_ban_has_a_bar_within_the_year() -> None:
    page = data_of(page_of("casip"))
    option = page["charts"]["bans"]
    first, last = option["xAxis"]["min"], option["xAxis"]["max"]
    bars = [bar["value"] for series in option["series"] for bar in series["data"]]
    assert sorted(at for at, _, _ in bars) == list(range(len(option["yAxis"]["data"])))
    assert all(first <= start <= end <= last for _, start, end in bars)

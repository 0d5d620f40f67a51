"""A chain planned over the futures of a programme, told in words, on the page and on the terminal."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from tests.engineering.roadmap.programmes import START, lasting, programme
from tests.plan.tiny import month
from tests.plan.tiny_option import line

from cellroad.engineering.roadmap.futures import as_planned
from cellroad.engineering.roadmap.result import Roadmap
from cellroad.engineering.roadmap.verb import roadmap
from cellroad.show.roadmap_page import write_roadmap
from cellroad.show.roadmap_plan import Coupled, coupled, sentences

CAPEX = 100.0
"""What the line costs: worth it at a price of 30, not at 2, and not at the mean of both."""


@pytest.fixture(scope="module")
def found() -> Roadmap:
    """Return a programme whose gate comes early in a third of all draws, and then presses the price."""
    fork = {"fork": ["f"], "name": ["Sodium"], "gate": ["a"], "early_by": [START.replace(month=6)],
            "late_after": [START.replace(year=2028)], "known_on": [month(1)]}  # fmt: skip
    effect = {"fork": ["f"], "outcome": ["early"], "table": ["demand"], "key": ["*"], "column": ["price_usd"],
              "value": ["2"]}  # fmt: skip
    gates = [lasting("a", (0, 5, 15), "uniform")]
    return roadmap(programme(gates, forks=pl.DataFrame(fork), effects=pl.DataFrame(effect)), draws=2000)


@pytest.fixture(scope="module")
def one(found: Roadmap) -> Coupled:
    return coupled(found, line(known=1, capex=CAPEX, up=30, futures={}), gap=1e-9, watch=lambda _: True)


def test_waiting_for_the_answer_is_worth_the_real_option_at_the_chances_of_the_draws(
    found: Roadmap, one: Coupled
) -> None:
    early = dict(found.answers().select("outcome", "probability").iter_rows())["early"]
    waits = (1 - early) * (174 - CAPEX)
    now = max((1 - early) * 174 + early * 6 - CAPEX, 0)
    (row,) = one.waiting.to_dicts()
    assert row["usd"] == pytest.approx(waits - now)
    assert (row["waits_for"], row["known_on"]) == ("Sodium", month(1))
    assert as_planned(found) in one.planned.tree.leaves


def test_what_all_expect_strands_the_line_where_it_comes_early(one: Coupled) -> None:
    assert one.stranded.is_empty()
    (row,) = one.stranded_if.to_dicts()
    assert (row["kind"], row["name"]) == ("never paid back", "Sodium: early")
    assert row["net_usd"] == pytest.approx(6 - CAPEX)


def test_the_answer_stands_in_words_on_the_page(found: Roadmap, one: Coupled, tmp_path: Path) -> None:
    told = sentences(one)
    assert told[0].startswith("Wait with “Build” for the answer about Sodium, known on 1 Feb 2027")
    lost = "Where “Sodium” comes early, no plant stands idle; worth is lost by The line (p) $168 of $174."
    assert lost in told
    assert any("The line" in line and "not paid back" in line for line in told)
    page = write_roadmap(found, tmp_path / "roadmap.html", planned=one).read_text(encoding="utf-8")
    assert all(line in page for line in told)
    assert "When to wait" in page and "Stranded plant" in page

"""The page and the command of safety stock: every place that holds it, drawn and told, without a network."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.plan.stock.test_stock import line

from cellroad.chain.files import load, write
from cellroad.plan.stock.result import Stock
from cellroad.plan.stock.stocking import stock
from cellroad.show import cli
from cellroad.show.charts import stock as drawing
from cellroad.show.exits import Exit
from cellroad.show.stock_page import headline, stock_page, write_stock


@pytest.fixture(scope="module")
def found() -> Stock:
    return stock(line(second=True, late=30.0))


def test_the_drawing_has_every_place_and_marks_those_that_hold(found: Stock) -> None:
    option = drawing.chart(found)
    assert option is not None
    (series,) = option["series"]
    drawn = {node["name"]: node for node in series["data"]}
    assert set(drawn) == {f"{site}|{item}" for site, item in found.stock.select("site", "item").iter_rows()}
    held = {f"{site}|{item}" for site, item in found.held().select("site", "item").iter_rows()}
    assert {name for name, node in drawn.items() if node["category"] == 0} == held
    ends = {name for link in series["links"] for name in link.values()}
    assert ends <= set(drawn)
    at = {name: node["value"][0] for name, node in drawn.items()}
    assert all(at[link["source"]] < at[link["target"]] for link in series["links"])
    json.dumps(option)


def test_the_page_tells_cost_and_places_and_needs_nothing(found: Stock, tmp_path: Path) -> None:
    page = write_stock(found, tmp_path / "stock.html").read_text(encoding="utf-8")
    assert "http://" not in page.split("<script")[0]
    for site, item in drawing.table(found).select("site", "item").iter_rows():
        assert site in page and item in page
    assert headline(found) in page
    assert all(remark in page for remark in found.remarks)
    assert stock_page(found, found.effects(7.0), 7.0) == page


def test_the_command_answers_in_words_and_json_and_writes_the_chain(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(line(), tmp_path / "chain")
    assert cli.main(["stock", str(tmp_path / "chain"), "--minimums", str(tmp_path / "kept")]) == Exit.OK
    told = capsys.readouterr().out
    assert "Safety stock at" in told and "Assumed:" in told
    assert (load(tmp_path / "kept").stocks["min_units"] > 0).any()
    arguments = ["stock", str(tmp_path / "chain"), "--json", "--planned", "--service", "0.99",
                 "--report", str(tmp_path / "page.html")]  # fmt: skip
    assert cli.main(arguments) == Exit.OK
    answer = json.loads(capsys.readouterr().out)
    assert answer["gap"] <= 1e-4
    assert sum(row["holding_usd_per_year"] for row in answer["stock"]) == pytest.approx(answer["usd_per_year"])
    assert (tmp_path / "page.html").exists()


def test_a_level_of_service_out_of_range_is_a_slip_of_usage() -> None:
    assert cli.main(["stock", "kandi-cbak", "--service", "1.5"]) == Exit.USAGE

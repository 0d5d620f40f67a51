"""A stress test as a page: every figure of it is in the page, and nothing is fetched."""

import re
from dataclasses import replace
from pathlib import Path

import polars as pl
from tests.plan.stress.test_stress import alone

from cellroad.show import stress_page
from cellroad.show.charts import chances
from cellroad.show.stress_page import write_stress


def test_the_page_says_what_the_test_says(tmp_path: Path) -> None:
    told = alone()
    page = write_stress(told, tmp_path / "stress.html").read_text(encoding="utf-8")
    assert all(risk in page for risk in told.drivers["risk"])
    assert all(site in page for site in told.sites["site"])
    assert f"Future {told.worst['draw'][0]}," in page
    assert not re.search(r"""<(script|link|img)[^>]+(src|href)=["']?http""", page)


def test_a_fan_is_drawn_from_quantiles_in_order() -> None:
    told = alone()
    for series in told.fans["series"].unique():
        fan = chances.fan_table(told, series)
        for low, high in (("p05", "p25"), ("p25", "p50"), ("p50", "p75"), ("p75", "p95")):
            assert (fan[low] <= fan[high]).all()
        drawn = chances.fan_chart(told, series, series)["series"]
        assert [len(line["data"]) for line in drawn] == [fan.height] * 6


def test_the_headline_names_what_costs_most() -> None:
    told = alone()
    assert stress_page.headline(told).endswith(f"Most is lost to {told.drivers['risk'][0]}.")
    shares = stress_page.service(told)["mean_share"]
    assert shares.is_between(0, 1).all()
    assert told.summary()["value"][0] == told.draws


def test_a_plan_beside_another_is_told_with_an_interval() -> None:
    measures = ["mean_usd", "mean_error", "p05_usd", "p50_usd", "p95_usd"]
    beside = replace(alone(), against=pl.DataFrame({"measure": measures, "value": [2e6, 1e5, -1e6, 2e6, 5e6]}))
    assert stress_page.against(alone()) == ""
    told = stress_page.against(beside)
    assert told in stress_page.stress_page(beside).replace("&#39;", "'")
    assert "95 % interval $1.8M to $2.2M" in told

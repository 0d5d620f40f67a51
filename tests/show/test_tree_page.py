"""The page and the command of a tree of futures: the rule, every node and every leaf, drawn without a network."""

from __future__ import annotations

import random
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from tests.plan.reference_tree import tree_rows
from tests.plan.tiny import chain_of, month
from tests.show.browsing import INK, Watched, shades

from cellroad.chain.chain import Chain
from cellroad.chain.files import write
from cellroad.plan.tree.result import TreePlan
from cellroad.plan.tree.trees import plan_tree
from cellroad.show.charts import futures
from cellroad.show.exits import Exit
from cellroad.show.tree_page import headline, partner_futures, partners, rules, shares, tree_page, write_tree


def four_futures() -> Chain:
    """Demand doubles or halves, and a plant is cheap or dear: it pays in some of four futures."""
    rows: dict[str, list[dict[str, Any]]] = tree_rows(random.Random(1))
    names = [(a, b) for a in ("big", "small") for b in ("cheap", "dear")]
    rows["scenarios"] = [
        {"scenario": f"{a}-{b}", "name": f"{a} demand, {b} plant", "parent": None, "probability": 0.25,
         "valid_from": month(1)}
        for a, b in names
    ]  # fmt: skip
    rows["changes"] = [
        {"scenario": f"{a}-{b}", "table": table, "key": key, "column": column, "operation": how, "value": value}
        for a, b in names
        for table, key, column, how, value in [
            ("demand", "*", "quantity", "multiply", "2" if a == "big" else "0.5"),
            ("options", "build", "capex_usd", "set", "5" if b == "cheap" else "500"),
        ]
    ]
    for row in rows["demand"]:
        row |= {"price_usd": 30.0, "quantity": 2.0 if row["month"] > month(0) else 0.0, "short_usd": 0.0}
    for table in ("sites", "items"):
        for row in rows[table]:
            row["name"] = row["name"] or row[table.rstrip("s")]
    rows["processes"][0]["cost_usd"] = 20.0
    rows["options"][0] |= {"earliest": month(1), "latest": month(1)}
    return chain_of(rows)


@cache
def planned() -> TreePlan:
    return plan_tree(four_futures(), gap=1e-9)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tree(planned(), tmp_path_factory.mktemp("tree") / "tree.html")


def test_the_answer_is_the_rule_of_the_option_on_which_futures_differ() -> None:
    assert futures.contested(planned()) == ["build"]
    told = rules(planned()).row(0, named=True)
    assert told["Futures"] == f"{len(planned().rule('build').built)} of 4"
    assert planned().rule("build").words in headline(planned())
    assert planned().rule("build").words in tree_page(planned()).replace("&#39;", "'")


def test_every_node_stands_in_the_tree_once_and_every_leaf_in_the_bars() -> None:
    def under(node: dict[str, Any]) -> list[str]:
        return [node["name"], *(name for child in node["children"] for name in under(child))]

    root = futures.tree_chart(planned(), "build")["series"][0]["data"][0]
    assert sorted(under(root)) == sorted(planned().nodes["name"])
    bars = futures.values_chart(planned(), "build")
    drawn = [value for series in bars["series"] for value in series["data"] if value is not None]
    assert len(drawn) == 4 == len(bars["yAxis"]["data"])
    table = futures.values_table(planned())
    weighed = float((table["value_usd"] * table["probability"]).sum())
    assert weighed == pytest.approx(planned().value_usd, rel=1e-9)


def test_colours_tell_where_it_is_built() -> None:
    root = futures.tree_chart(planned(), "build")["series"][0]["data"][0]
    built = {planned().tree.frame.filter(scenario=leaf)["name"][0] for leaf in planned().rule("build").built}
    for leaf in root["children"]:
        assert (leaf["itemStyle"]["color"] == futures.BUILT) == (leaf["name"] in built)
    assert root["itemStyle"]["color"] == futures.OPEN


def test_partners_lie_between_their_least_and_their_most() -> None:
    for row in partners(planned()).iter_rows(named=True):
        assert row["least_usd"] - 1e-9 <= row["expected_usd"] <= row["most_usd"] + 1e-9


def test_partners_are_told_in_every_future_and_on_average() -> None:
    told = planned().partners
    assert told.height == len(planned().plans) * partners(planned()).height
    mean = told.group_by("name").agg((pl.col("usd") * pl.col("probability")).sum())
    assert sorted(mean["usd"]) == pytest.approx(sorted(partners(planned())["expected_usd"]))
    wide = partner_futures(planned())
    assert wide["future"].to_list() == planned().leaves.sort("value_usd", descending=True)["name"].to_list()
    assert float(wide.select(pl.exclude("future", "probability")).to_numpy().sum()) == pytest.approx(told["usd"].sum())
    assert shares(planned()).height == planned().chain.stakes.height


def test_the_command_plans_below_a_scenario(run: Any, tmp_path: Path) -> None:
    chain = four_futures()
    day = chain.scenarios["valid_from"][0]
    later = pl.DataFrame({
        "scenario": ["up", "down"], "name": ["up", "down"], "parent": ["big-cheap"] * 2, "probability": [0.4, 0.6],
        "valid_from": [day] * 2,
    })  # fmt: skip
    below = pl.concat([chain.scenarios, later.cast({"probability": pl.Float64})], how="diagonal_relaxed")
    write(chain.replace(scenarios=below), tmp_path / "more")
    said = run("tree", tmp_path / "more", "--under", "big-cheap", "--no-measures", "--json", "--quiet")
    assert [row["scenario"] for row in said.machine["leaves"]] == ["up", "down"]
    wrong = run("tree", tmp_path / "more", "--under", "big-chaep", "--no-measures", "--quiet")
    assert wrong.code == Exit.INVALID and "big-cheap" in wrong.err + wrong.out


def test_the_command_tells_the_rule_and_writes_the_page(run: Any, tmp_path: Path) -> None:
    write(four_futures(), tmp_path / "four")
    said = run("tree", tmp_path / "four", "--gap", "0", "--report", tmp_path / "four.html", "--json", "--quiet")
    assert said.code == Exit.OK
    assert said.machine["value_usd"] == pytest.approx(planned().value_usd, rel=1e-6)
    assert said.machine["rules"][0]["rule"] == planned().rule("build").words
    assert planned().rule("build").words in (tmp_path / "four.html").read_text(encoding="utf-8")
    said = run("tree", tmp_path / "four", "--no-measures", "--stranded", "-q").out
    assert "Rules" in said and "When to wait" in said
    careful = run(
        "tree", tmp_path / "four", "--risk", "cvar", "--level", "0.5", "--weight", "1", "--gap", "0", "--no-measures",
        "--samples", "20", "--report", tmp_path / "four.html", "--json", "--quiet",
    )  # fmt: skip
    assert careful.machine["out_of_sample"][0]["low"] <= careful.machine["out_of_sample"][0]["high"]
    assert careful.machine["planned_for"] == "mean of the worst 0.5 of futures"
    assert careful.machine["measure_usd"] >= planned().cvar_usd(0.5) - 1e-6
    assert careful.machine["planned_for"] in (tmp_path / "four.html").read_text(encoding="utf-8")


@pytest.mark.browser
def test_both_charts_are_drawn_and_nothing_is_asked_for(opened: Watched, file: Path) -> None:
    places = opened.page.query_selector_all(".chart")
    assert {place.get_attribute("data-chart") for place in places} == {"tree", "values"}
    for place in places:
        assert place.evaluate(INK)["marks"] > 5
        assert shades(place.screenshot()) > 30
    assert opened.complaints == []
    assert opened.requests == [file.as_uri()]

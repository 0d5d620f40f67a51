"""A line that may be built before or after the answer: what waiting is worth and what is stranded, by hand."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl
import pytest
from tests.plan.tiny import month
from tests.plan.tiny_option import HOURS, line

from cellroad.chain.chain import Chain
from cellroad.plan.stochastic.risk import Risk
from cellroad.plan.tree.committed import committed, waiting
from cellroad.plan.tree.result import TreePlan
from cellroad.plan.tree.stranded import stranded
from cellroad.plan.tree.trees import plan_tree


def figures(planned: TreePlan) -> dict[str, float]:
    return {figure.name: figure.usd for figure in planned.worth}


@pytest.mark.parametrize(("capex", "p"), [(50.0, 0.5), (100.0, 0.3), (200.0, 0.5)])
def test_waiting_is_worth_what_the_two_stage_option_says(capex: float, p: float) -> None:
    """E max(V - I, 0) - max(E V - I, 0), V = 6 packs at the price of the future less 1 each."""
    futures = {"up": (p, {"price_usd": "30"}), "down": (1 - p, {"price_usd": "2"})}
    found = plan_tree(line(known=1, capex=capex, up=30, futures=futures), gap=1e-9)
    worth = [6 * 29.0, 6 * 1.0]
    waits = p * max(worth[0] - capex, 0) + (1 - p) * max(worth[1] - capex, 0)
    now = max(p * worth[0] + (1 - p) * worth[1] - capex, 0)
    assert found.value_usd == pytest.approx(waits)
    assert figures(found)["waiting"] == pytest.approx(waits - now, abs=1e-6)
    (row,) = waiting(found, gap=1e-9).to_dicts()
    assert row["usd"] == pytest.approx(waits - now, abs=1e-6)
    assert row["low_usd"] - 1e-6 <= row["usd"] <= row["high_usd"] + 1e-6
    if capex < worth[0]:
        assert (row["waits_for"], row["known_on"], row["futures"]) == ("Price", month(1), 1)
        assert row["decided_from"] == row["decided_to"] == month(1)
    else:
        assert (row["waits_for"], row["decided_from"]) == ("", None)


def test_an_option_that_is_taken_alike_everywhere_waits_for_nothing() -> None:
    futures = {"up": (0.5, {"price_usd": "30"}), "down": (0.5, {"price_usd": "29"})}
    chain = line(known=2, capex=20, up=30, futures=futures, fixed=1.0)
    (row,) = waiting(plan_tree(chain, gap=1e-9, measures=False)).to_dicts()
    assert (row["usd"], row["waits_for"], row["futures"], row["decided_to"]) == (0.0, "", 2, month(1))


def beside(quantity: str, price: str, **more: Any) -> tuple[pl.DataFrame, TreePlan]:
    """Return what is stranded, and the plans, where all expect the upper future and the answer comes in month 2."""
    futures = {"up": (0.6, {"price_usd": "30"}), "down": (0.4, {"price_usd": price, "quantity": quantity})}
    chain = line(known=2, capex=60, up=30, futures=futures, **more)
    planned = plan_tree(chain, gap=1e-9, measures=False)
    kept = committed(planned, "up", gap=1e-9)
    return stranded(kept, "up"), kept


def test_a_line_that_makes_nothing_after_the_answer_is_idle_from_that_day_with_its_book_and_its_fixed_cost() -> None:
    found, kept = beside("2", "0.5", fixed=1.0, left="1")
    (row,) = found.to_dicts()
    assert (row["future"], row["kind"], row["since"]) == ("down", "idle", month(2))
    assert (row["use_share"], row["use_there_share"]) == (0.0, 1.0)
    assert row["book_usd"] == row["idle_usd"] == pytest.approx(60 * 11 / 12)  # a month old on the day of the answer
    assert row["fixed_usd"] == pytest.approx(2 * 1.0)
    assert row["kwh_per_year"] == pytest.approx(12 * HOURS)
    assert (row["worth_usd"], row["worth_there_usd"]) == (pytest.approx(2 * 29), pytest.approx(6 * 29))
    assert row["net_usd"] == pytest.approx(2 * 29 - 60 - 3 + 60 * 9 / 12)
    assert "Price: down" in row["because"] and "less are sold" in row["because"]
    assert kept.values[kept.tree.leaves.index("down")] == pytest.approx(row["net_usd"])


def test_a_line_that_makes_half_is_under_used_by_half() -> None:
    (row,) = beside("1", "30", left="1")[0].to_dicts()
    assert (row["kind"], row["since"], row["use_share"]) == ("under-used", month(2), pytest.approx(0.5))
    assert row["idle_usd"] == pytest.approx(row["book_usd"] / 2)


def test_a_line_that_is_used_and_earns_too_little_is_never_paid_back_or_worth_less() -> None:
    (row,) = beside("2", "1.2")[0].to_dicts()
    assert (row["kind"], row["since"], row["idle_usd"]) == ("never paid back", None, None)
    assert row["net_usd"] == pytest.approx(2 * 29 + 4 * 0.2 - 60)
    (row,) = beside("2", "10", status="operating")[0].to_dicts()
    assert (row["kind"], row["invested_usd"], row["net_usd"]) == ("worth less", None, None)
    assert row["worth_usd"] == pytest.approx(2 * 29 + 4 * 9)


def test_nothing_is_stranded_in_the_future_that_is_expected_nor_where_nothing_changes() -> None:
    assert beside("2", "30")[0].is_empty()
    found, kept = beside("2", "0.5")
    assert found["future"].to_list() == ["down"]
    with pytest.raises(KeyError, match="no future is called"):
        stranded(kept, "sideways")


def test_what_needs_a_plant_counts_with_it() -> None:
    """A shed that nothing is made in has to stand before the line: without it there is no line and no revenue."""
    futures = {"up": (0.6, {"price_usd": "30"}), "down": (0.4, {"price_usd": "1.2"})}
    chain = line(known=2, capex=60, up=30, futures=futures)
    shed = {"resource": "shed", "site": "p", "hours_per_month": 1.0, "status": "option", "name": "Shed"}
    first = {"option": "raise", "resource": "shed", "earliest": month(0), "latest": month(3), "capex_usd": 10.0,
             "life_years": 1.0, "name": "Raise"}  # fmt: skip
    options = pl.concat(
        [chain.options.with_columns(requires=pl.lit("raise")), pl.DataFrame([first])], how="diagonal_relaxed"
    )
    chain = Chain.of("tiny", **{
        **chain.tables, "options": options,
        "resources": pl.concat([chain.resources, pl.DataFrame([shed])], how="diagonal_relaxed"),
    })  # fmt: skip
    kept = committed(plan_tree(chain, gap=1e-9, measures=False), "up", gap=1e-9)
    rows = {row["resource"]: row for row in stranded(kept, "up").to_dicts()}
    assert rows["shed"]["with_it"] == "build"
    assert rows["shed"]["net_usd"] == pytest.approx(2 * 29 + 4 * 0.2 - 70)
    assert rows["line"]["net_usd"] == pytest.approx(2 * 29 + 4 * 0.2 - 60)


def test_the_measures_of_a_tree_below_a_scenario_look_at_the_mean_of_its_own_periods() -> None:
    """The scenario above the futures counts in quarters: its mean future has to do so, too."""
    futures = {"up": (0.5, {"price_usd": "30"}), "down": (0.5, {"price_usd": "2"})}
    chain = line(known=1, capex=50, up=30, futures=futures)
    root = {"scenario": "root", "name": "", "parent": None, "probability": 1.0, "valid_from": None}
    below = chain.scenarios.with_columns(parent=pl.lit("root"), valid_from=pl.lit(dt.date(2027, 2, 1)))
    coarse = {"scenario": "root", "table": "settings", "key": "quarters_after", "column": "value", "operation": "set",
              "value": "1"}  # fmt: skip
    grown = Chain.of("tiny", **{
        **chain.tables,
        "scenarios": pl.concat([pl.DataFrame([root]), below], how="diagonal_relaxed"),
        "changes": pl.concat([chain.changes.cast({"operation": pl.String}), pl.DataFrame([coarse])],
                             how="diagonal_relaxed"),
    })  # fmt: skip
    found = plan_tree(grown, under="root", gap=1e-9)
    assert found.plans["up"].periods.height == 2
    now = 0.5 * 6 * 29 + 0.5 * 6 * 1 - 50  # the mean future has a mean price of 16, and is worth building for
    assert figures(found)["solution"] == pytest.approx(found.value_usd - now)


def test_a_line_that_is_given_up_in_one_future_is_closed_there_and_costs_nothing_more() -> None:
    futures = {"up": (0.6, {"price_usd": "30"}), "down": (0.4, {"price_usd": "0.5"})}
    chain = line(known=2, capex=0, up=30, futures=futures, status="operating", fixed=3.0)
    end = {"closure": "end", "resource": "line", "earliest": month(2), "latest": month(2), "notice_months": 0}
    closing = chain.replace(closures=pl.DataFrame([end]))
    (row,) = stranded(plan_tree(closing, gap=1e-9, measures=False), "up").to_dicts()
    assert (row["kind"], row["since"], row["use_share"], row["fixed_usd"]) == ("closed", month(2), 0.0, 0.0)
    (row,) = stranded(plan_tree(chain, gap=1e-9, measures=False), "up").to_dicts()
    assert (row["kind"], row["fixed_usd"]) == ("idle", pytest.approx(6.0))


@pytest.mark.parametrize("risk", [Risk("cvar", 0.5, 1.0), Risk("regret")])
def test_a_tree_that_is_planned_for_its_worst_futures_tells_the_same_of_its_own_measure(risk: Risk) -> None:
    """With two futures, of which the worse is worth nothing without the line: only what waits keeps the worse at 0."""
    futures = {"up": (0.6, {"price_usd": "30"}), "down": (0.4, {"price_usd": "2"})}
    found = plan_tree(line(known=1, capex=100, up=30, futures=futures), risk=risk, gap=1e-9)
    kept = committed(found, "up", gap=1e-9)
    assert kept.values == pytest.approx([74.0, 6 - 100.0])
    (row,) = waiting(found, gap=1e-9).to_dicts()
    assert row["usd"] == pytest.approx(figures(found)["waiting"], abs=1e-6)
    if risk.kind == "regret":  # settled today: 74 is missed, or 94 lost; and nothing is, who waits
        assert (kept.measure_usd, row["usd"]) == (pytest.approx(94), pytest.approx(74))

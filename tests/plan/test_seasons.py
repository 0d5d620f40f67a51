"""Lead time in days of the calendar: seasons, sailings and slow ways, against a walk over every day."""

import random
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.plan.reference_seasons import SeasonReference, seasonal_rows
from tests.plan.tiny import Rows, chain_of, month, straight

from cellroad.chain.check import check
from cellroad.plan.audit.audit import audit
from cellroad.plan.planning import plan
from cellroad.plan.result import Plan


@settings(max_examples=10, derandomize=True)
@given(st.randoms(use_true_random=False))
def test_a_plan_over_slow_seasons_is_the_best_of_all_whole_decisions(r: random.Random) -> None:
    rows = seasonal_rows(r)
    found = plan(chain_of(rows), gap=1e-9)
    assert found.solution.objective_usd == pytest.approx(SeasonReference(rows).best(), rel=1e-6, abs=1e-6)
    assert audit(found).closes


def sea(months: int = 4, **changes: Any) -> Rows:
    """Let cells come from China by sea in 20 days; goods leave there every day."""
    rows = straight(months)
    rows["sites"][0]["country"] = "CN"
    rows["items"][0]["hts"] = None
    rows["lanes"][0] |= {"mode": "ocean", "transit_days": 20.0, **changes}
    return rows


def best(rows: Rows) -> Plan:
    found = plan(chain_of(rows), gap=1e-9)
    assert audit(found).closes
    return found


def arrivals(found: Plan) -> dict[tuple[int, int], float]:
    """Return the share of what leaves in a month that arrives in another, by (month, month)."""
    sent = found.shipments.filter(pl.col("lane") == "in")
    share = pl.col("quantity") / pl.col("quantity").sum().over("period")
    return {(a, b): s for a, b, s in sent.select("period", "arrival_period", share).iter_rows()}


NEW_YEAR = {
    "season": "new-year", "country": "CN", "event": "Chinese New Year", "days_before": 10, "days_after": 7,
    "extra_days": 14,
}  # fmt: skip


def test_ports_are_slow_around_the_new_year_and_the_plan_orders_earlier() -> None:
    """6 Feb 2027: closed from 30 January to 20 February, slow from 20 January to 27 February."""
    rows = sea()
    rows["demand"] = [row | {"short_usd": 50.0} for row in rows["demand"][1:3]]
    plain, slow = best(rows), best({**rows, "seasons": [NEW_YEAR]})
    assert slow.solution.objective_usd < plain.solution.objective_usd
    assert arrivals(plain)[0, 1] == pytest.approx(20 / 31)
    # in time for February leave those of 12 to 19 January, and of the slow days those that arrive by the 28th
    assert arrivals(slow)[0, 1] == pytest.approx((8 + 6) / 31)


def test_a_season_elsewhere_changes_nothing() -> None:
    rows = sea()
    plain = best(rows).solution.objective_usd
    for other in ({"mode": "air"}, {"lane": "out", "country": None, "valid_from": month(9)}, {"event": "Obon"}):
        assert best({**rows, "seasons": [NEW_YEAR | other]}).solution.objective_usd == pytest.approx(plain)


def test_a_ship_that_sails_every_four_weeks_takes_what_has_waited_for_it() -> None:
    """Of February, which begins on day 31, all waits for day 56 but the days from 57 on, which wait for day 84."""
    found = best(sea(every_weeks=4, transit_days=0.0))
    shares = arrivals(found)
    assert shares[0, 0] == pytest.approx(29 / 31)  # day 29 and 30 wait for day 56
    assert all(to - leaves in (0, 1) for leaves, to in shares)
    weekly = best(sea(every_weeks=1, transit_days=0.0))
    assert arrivals(weekly)[0, 0] == pytest.approx(29 / 31)


@pytest.mark.parametrize(("transit", "days"), [("low", 5), ("likely", 20), ("high", 33)])
def test_the_setting_says_which_transit_days_are_planned_with(transit: str, days: int) -> None:
    rows = sea(transit_low_days=5.0, transit_high_days=33.0)
    rows["settings"].append({"name": "transit", "value": transit})
    share = arrivals(best(rows)).get((0, 1), 0.0)
    assert share == pytest.approx(min(days, 31 if days <= 31 else 28 - (days - 31)) / 31)


def test_seasons_that_cannot_be_meant_are_told() -> None:
    rows = sea()
    rows["seasons"] = [
        {"season": "when", "extra_days": 1},
        {"season": "back", "valid_from": month(2), "valid_to": month(1), "extra_days": 1},
        {**NEW_YEAR, "event": "Carnival"},
    ]
    told = {(f.severity, f.table, f.column) for f in check(chain_of(rows))}
    assert {
        ("blocker", "seasons", "valid_from"), ("blocker", "seasons", "valid_to"), ("warning", "seasons", "event")
    } <= told  # fmt: skip

"""Each rule of certificates: where it changes the plan, and where it must not."""

import datetime as dt
from typing import Any

import polars as pl
import pytest
from tests.plan.tiny import Rows, chain_of, month, straight

from cellroad.chain.check import check
from cellroad.chain.scenario import apply
from cellroad.plan.audit.audit import audit
from cellroad.plan.planning import plan
from cellroad.plan.result import Plan


def planned(rows: Rows) -> Plan:
    found = plan(chain_of(rows), gap=1e-9)
    assert audit(found).closes, audit(found).frame
    return found


def campaign(**changes: Any) -> dict[str, Any]:
    return {"item": "pack", "standard": "UL 1973", "cost_usd": 10.0, **changes}


def campaigns(found: Plan) -> list[tuple[Any, ...]]:
    ran = found.openings.filter(pl.col("kind") == "certificate")
    return ran.sort("ready", "cell").select("cell", "ready", "ends").rows()


def two_cells(**second: Any) -> Rows:
    """A pack of either cell; the other cell is cheaper by one dollar each."""
    rows = straight()
    rows["items"].append({**rows["items"][0], "item": "other"})
    rows["offers"].append({**rows["offers"][0], "offer": "o2", "item": "other", "price_usd": 9.0, **second})
    rows["processes"].append({**rows["processes"][0], "process": "swap"})
    rows["bom"].append({"process": "swap", "item": "other", "quantity": 2.0})
    return rows


def used(found: Plan) -> set[str]:
    return set(found.consumption["item"])


# validity ------------------------------------------------------------------------------------------------------------


def test_a_campaign_that_lapses_is_run_again_where_that_pays() -> None:
    rows = straight(4, certificates=[campaign(valid_months=2)])
    found = planned(rows)
    assert campaigns(found) == [("", month(0), month(2)), ("", month(2), month(4))]
    assert found.sales["quantity"].to_list() == [10.0] * 4
    rows["certificates"][0]["cost_usd"] = 2000.0  # more than two months earn
    assert campaigns(planned(rows)) == []


def test_a_campaign_that_holds_to_the_end_is_run_once() -> None:
    once, renewed = (straight(4, certificates=[campaign(weeks=2.0, valid_months=m)]) for m in (None, 40))
    assert planned(renewed).solution.objective_usd == pytest.approx(planned(once).solution.objective_usd)
    assert len(campaigns(planned(renewed))) == 1


def test_what_is_valid_already_is_renewed_before_it_lapses() -> None:
    valid = campaign(status="valid", valid_to=month(2) - dt.timedelta(days=1))
    assert planned(straight(4, certificates=[valid])).sales["period"].to_list() == [0, 1]
    found = planned(straight(4, certificates=[{**valid, "valid_months": 12, "weeks": 4.0}]))
    assert found.sales["quantity"].to_list() == [10.0] * 4
    assert len(campaigns(found)) == 1


def test_days_on_which_two_campaigns_hold_count_once() -> None:
    """Six weeks from 1 January and from 1 February: ready on 12 February and on 15 March, each for a month."""
    rows = straight(3, certificates=[campaign(weeks=6.0, valid_months=1, cost_usd=0.1)])
    sold = dict(planned(rows).sales.select("period", "quantity").iter_rows())
    assert sold == pytest.approx({1: 10 * 17 / 28, 2: 10 * (11 + 17) / 31})


# the cell ------------------------------------------------------------------------------------------------------------


def test_a_pack_is_made_only_of_the_cell_that_is_certified() -> None:
    assert used(planned(two_cells())) == {"other"}
    rows = two_cells()
    rows["certificates"] = [campaign(cell="cell")]
    assert used(planned(rows)) == {"cell"}
    assert any(f.table == "certificates" and "swap" in f.found for f in check(chain_of(rows)))


def test_changing_the_cell_starts_a_campaign_of_its_own_where_it_pays() -> None:
    rows = two_cells()
    rows["certificates"] = [campaign(cell="cell", status="valid"), campaign(cell="other", cost_usd=59.0)]
    assert used(planned(rows)) == {"other"}, "two cells a pack, thirty packs: 60 dollars"
    rows["certificates"][1]["cost_usd"] = 61.0
    assert used(planned(rows)) == {"cell"}
    rows["certificates"] = [campaign(cell="cell;other", cost_usd=61.0)]
    assert used(planned(rows)) == {"other"}, "one campaign for both"


def test_production_with_another_cell_waits_for_its_campaign() -> None:
    rows = two_cells()
    rows["certificates"] = [campaign(cell="cell", status="valid"), campaign(cell="other", cost_usd=0.0, weeks=3.0)]
    made = planned(rows).production.sort("period").select("process", "period").rows()
    assert made == [("make", 0), ("swap", 1), ("swap", 2)]


def test_a_cell_of_another_stage_needs_no_certificate() -> None:
    rows = two_cells()
    rows["items"][2]["stage"] = "component"
    rows["certificates"] = [campaign(cell="cell")]
    assert used(planned(rows)) == {"other"}


# labs ----------------------------------------------------------------------------------------------------------------


def test_a_lab_that_is_busy_makes_a_campaign_wait() -> None:
    both = [campaign(weeks=3.0, standard=name, lab="house") for name in ("UL 1973", "UL 9540")]
    ready = {}
    for most in (1, 2):
        found = planned(straight(4, certificates=both, labs=[{"lab": "house", "at_once": most}]))
        ready[most] = [day for _, day, _ in campaigns(found)]
    days = dt.timedelta(weeks=3)
    assert ready == {1: [month(0) + days, month(1) + days], 2: [month(0) + days] * 2}


def test_a_change_of_a_certificate_written_before_it_had_a_cell_still_finds_it() -> None:
    rows = straight(certificates=[campaign()])
    rows["scenarios"] = [{"scenario": "late", "name": "late"}]
    rows["changes"] = [
        {"scenario": "late", "table": "certificates", "key": "pack|UL 1973", "column": "weeks", "value": "9"}
    ]
    assert apply(chain_of(rows), "late").certificates["weeks"].to_list() == [9.0]

"""Goods over time: what each rule changes in the plainest chain, and where it must change nothing."""

import datetime as dt
from typing import Any

import polars as pl
import pytest
from tests.plan.tiny import Rows, chain_of, month, straight

from cellroad.chain.check import check
from cellroad.plan.audit.audit import audit
from cellroad.plan.model import build
from cellroad.plan.network.network import expand
from cellroad.plan.planning import plan
from cellroad.plan.result import Plan

BLOCKS = {"swap", "scrap", "below", "aged use", "aged ship", "aged hold", "aged scrap"}
CELLS, PACKS = 20.0, 10.0  # a month, in the plainest chain: 2 cells at 10 a pack, 5 to make it, 1 a lane, 100 paid
PROFIT = 100 - 2 * 11 - 5 - 1


def planned(rows: Rows) -> Plan:
    found = plan(chain_of(rows), gap=1e-9)
    checked = audit(found)
    assert checked.closes, checked.frame.filter(pl.col("relative") > 1e-6)
    return found


def worth(rows: Rows) -> float:
    return planned(rows).solution.objective_usd


def changed(rows: Rows, table: str, key: str, **values: Any) -> Rows:
    """Return the rows with columns of one row of a table set; the row is the one that has the key somewhere."""
    return {**rows, table: [{**row, **values} if key in row.values() else row for row in rows[table]]}


def bought_once(months: int = 4) -> Rows:
    """Return the plainest chain whose cells can be bought in the first month only."""
    rows = straight(months)
    return changed(rows, "offers", "o", valid_to=month(1) - dt.timedelta(days=1))


def test_a_chain_that_asks_for_nothing_has_no_column_for_it() -> None:
    columns = build(expand(chain_of(straight(6)))).columns
    assert not BLOCKS & columns.keys()


@pytest.mark.parametrize(("months", "served"), [(0.5, 1), (1.0, 2), (2.0, 3), (3.0, 4)])
def test_what_is_bought_once_serves_as_long_as_it_keeps(months: float, served: int) -> None:
    rows = changed(bought_once(), "items", "cell", shelf_months=months)
    found = planned(changed(rows, "items", "pack", shelf_months=0.5))
    assert found.sales["units"].sum() == pytest.approx(served * PACKS)
    assert found.solution.objective_usd == pytest.approx(served * PACKS * PROFIT)
    assert (found.ages["age_months"] <= found.ages["shelf_months"]).all()


def test_a_shelf_life_beyond_the_horizon_adds_nothing() -> None:
    rows = changed(bought_once(), "items", "cell", shelf_months=5.0)
    assert not BLOCKS & build(expand(chain_of(rows))).columns.keys()
    assert worth(rows) == pytest.approx(4 * PACKS * PROFIT)


def test_goods_age_at_sea_as_on_the_shelf() -> None:
    """Cells that are two months under way may be used in one month more if they keep for three."""
    rows = changed(bought_once(), "lanes", "in", transit_months=2)
    rows = changed(rows, "items", "pack", shelf_months=0.5)
    served = [planned(changed(rows, "items", "cell", shelf_months=m)).sales["units"].sum() for m in (1.0, 2.0, 3.0)]
    assert served == [pytest.approx(n * PACKS) for n in (0, 1, 2)]


def test_a_fresh_unit_here_does_not_make_up_for_an_expired_one_there() -> None:
    """On hand at two plants, one fresh and one old: first in, first out over both would serve more than there is."""
    rows = changed(straight(3, offers=[]), "items", "cell", shelf_months=2.0)
    rows["stocks"] = [{"site": "p", "item": "cell", "on_hand": 60.0, "age_months": 1.0}]
    found = planned(changed(rows, "items", "pack", shelf_months=0.5))
    # 1.5 months old in the middle of the first month, and more than 2 in the next
    assert found.sales.group_by("period").agg(pl.col("units").sum()).rows() == [(0, pytest.approx(PACKS))]
    assert found.scrapped.filter(reason="expired")["quantity"].sum() == pytest.approx(40.0)


def test_what_is_lost_in_storage_is_bought_in_advance() -> None:
    rows = changed(bought_once(2), "items", "cell", loss_per_month=0.2)
    found = planned(changed(rows, "items", "pack", shelf_months=0.5))
    assert found.purchases["quantity"].sum() == pytest.approx(CELLS + CELLS / 0.8)
    assert found.scrapped.filter(reason="lost")["quantity"].sum() == pytest.approx(CELLS / 0.8 - CELLS)
    # what is lost is carried by what is left
    assert found.landed["usd"].sum() == pytest.approx(-found.cash.filter(pl.col("kind") != "revenue")["usd"].sum())


def late(**values: Any) -> Rows:
    """Return the plainest chain in which cells come in the third month only, and customers may wait."""
    rows = straight(4)
    rows["demand"] = [{**row, **values} for row in rows["demand"]]
    return changed(rows, "offers", "o", valid_from=month(2), max_per_month=3 * CELLS)


def test_customers_wait_as_long_as_they_say_and_are_paid_for_it() -> None:
    served = [planned(late(late_months=float(n), late_usd=7.0)) for n in range(4)]
    assert [found.sales["units"].sum() for found in served] == [pytest.approx(n * PACKS) for n in (2, 3, 4, 4)]
    paid = [-found.cash.filter(kind="late")["usd"].sum() for found in served]
    assert paid == [pytest.approx(7 * PACKS * n) for n in (0, 1, 3, 3)]
    sales = served[2].sales.filter(pl.col("period") > pl.col("wanted_period"))
    assert sorted(sales.select("wanted_period", "period").rows()) == [(0, 2), (1, 2)]


def test_only_a_part_may_be_late_and_not_at_any_price() -> None:
    half = planned(late(late_months=2.0, late_usd=0.0, late_share=0.5))
    assert half.sales["units"].sum() == pytest.approx((0.5 + 0.5 + 2) * PACKS)
    dear = planned(late(late_months=2.0, late_usd=float(PROFIT + 1)))
    assert dear.sales["units"].sum() == pytest.approx(2 * PACKS)


def test_the_price_of_a_late_sale_is_that_of_the_month_in_which_it_was_wanted() -> None:
    rows = late(late_months=1.0)
    rows["demand"] = [{**row, "price_usd": 100.0 + n} for n, row in enumerate(rows["demand"])]
    sales = planned(rows).sales
    assert dict(sales.select("wanted_period", "price_usd").rows()) == {1: 101.0, 2: 102.0, 3: 103.0}


def test_goods_under_way_arrive_and_cost_what_is_still_due() -> None:
    arrival = {"arrival": "a", "site": "p", "item": "cell", "arrives": dt.date(2027, 2, 20), "quantity": CELLS}
    free = planned(straight(3, pipeline=[arrival]))
    assert free.solution.objective_usd == pytest.approx(3 * PACKS * PROFIT + CELLS * 11)
    due = planned(straight(3, pipeline=[{**arrival, "due_usd": 4.0}]))
    assert due.solution.objective_usd == pytest.approx(free.solution.objective_usd - CELLS * 4)
    after = planned(straight(3, pipeline=[{**arrival, "arrives": month(3)}]))
    assert after.solution.objective_usd == pytest.approx(3 * PACKS * PROFIT)


def recycling(share: float = 1.0, months: float = 1.0) -> Rows:
    """Return the plainest chain in which sold packs come back and give a cell each, and copper beside it."""
    rows = straight(4)
    rows["items"] = rows["items"] + [
        {"item": "used", "name": "", "stage": "pack"}, {"item": "copper", "name": "", "stage": "material"},
    ]  # fmt: skip
    rows["returns"] = [{"market": "m", "item": "pack", "returned": "used", "site": "p", "after_months": months,
                        "return_share": share}]  # fmt: skip
    rows["processes"] = [*rows["processes"], {"process": "recycle", "site": "p", "item": "cell", "cost_usd": 3.0}]
    rows["bom"] = [*rows["bom"], {"process": "recycle", "item": "used", "quantity": 1.0}]
    rows["coproducts"] = [{"process": "recycle", "item": "copper", "quantity": 2.0}]
    return rows


def test_what_comes_back_replaces_what_would_be_bought() -> None:
    found = planned(recycling())
    back = found.returned["quantity"].sum()
    assert 2 * PACKS < back < 3 * PACKS + 1  # of three months all, and a day of the fourth
    used = found.production.filter(process="recycle")["runs"].sum()
    assert used == pytest.approx(back)
    assert found.solution.objective_usd == pytest.approx(4 * PACKS * PROFIT + used * (11 - 3))
    assert found.coproducts["quantity"].sum() == pytest.approx(2 * used)


def test_nothing_is_recycled_where_buying_is_cheaper() -> None:
    rows = changed(recycling(), "processes", "recycle", cost_usd=12.0)
    found = planned(rows)
    assert found.production.filter(process="recycle").is_empty()
    assert found.solution.objective_usd == pytest.approx(4 * PACKS * PROFIT)


def test_a_coproduct_that_is_sold_pays_for_its_process() -> None:
    rows = changed(recycling(), "processes", "recycle", cost_usd=12.0)
    rows["wants"] = [*rows["wants"], {"want": "metal", "item": "copper"}]
    rows["demand"] = rows["demand"] + [
        {"market": "m", "want": "metal", "month": month(t), "quantity": 100.0, "price_usd": 3.0} for t in range(4)
    ]
    found = planned(rows)
    runs = found.production.filter(process="recycle")["runs"].sum()
    assert runs == pytest.approx(found.returned["quantity"].sum())
    assert found.solution.objective_usd == pytest.approx(4 * PACKS * PROFIT + runs * (11 - 12 + 2 * (3 - 1)))


def test_the_cost_of_a_run_is_shared_with_its_coproducts_as_stated() -> None:
    rows = recycling()
    rows["wants"] = [*rows["wants"], {"want": "metal", "item": "copper"}]
    rows["demand"] = rows["demand"] + [
        {"market": "m", "want": "metal", "month": month(t), "quantity": 100.0, "price_usd": 3.0} for t in range(4)
    ]
    rows["coproducts"] = [{**rows["coproducts"][0], "cost_share": 0.25}]
    found = planned(rows)
    runs = found.production.filter(process="recycle")["runs"].sum()
    metal = found.landed.filter(item="copper", kind="make")["usd"].sum()
    assert metal == pytest.approx(0.25 * 3 * runs)


def swapping(**values: Any) -> Rows:
    """Return the plainest chain with a foil of 4 in each pack, for which film of 1 may stand in."""
    rows = straight(3)
    rows["items"] = rows["items"] + [{"item": name, "name": "", "stage": "component"} for name in ("foil", "film")]
    rows["offers"] = rows["offers"] + [
        {"offer": name, "site": "p", "item": name, "price_usd": usd, "valid_from": month(0)}
        for name, usd in (("foil", 4.0), ("film", 1.0))
    ]
    rows["bom"] = [*rows["bom"], {"process": "make", "item": "foil", "quantity": 1.0}]
    rows["substitutes"] = [{"process": "make", "instead_of": "foil", "item": "film", **values}]
    return changed(rows, "items", "pack", shelf_months=0.5)


@pytest.mark.parametrize(
    ("values", "saved"),
    [({}, 30 * 3), ({"most_share": 0.5}, 15 * 3), ({"ratio": 2.0}, 30 * 2), ({"cost_usd": 2.0}, 30),
     ({"ratio": 5.0}, 0), ({"valid_from": month(1)}, 20 * 3), ({"valid_to": dt.date(2027, 1, 31)}, 10 * 3)],
)  # fmt: skip
def test_the_cheaper_item_stands_in_as_far_as_it_may(values: dict[str, Any], saved: float) -> None:
    assert worth(swapping(**values)) == pytest.approx(3 * PACKS * (PROFIT - 4) + saved)


def test_a_substitute_alone_keeps_a_process_running() -> None:
    rows = swapping()
    rows["offers"] = [row for row in rows["offers"] if row["item"] != "foil"]
    assert worth(rows) == pytest.approx(3 * PACKS * (PROFIT - 1))
    assert not [f for f in check(chain_of(rows)) if f.severity == "blocker"]


def test_a_least_stock_is_held_or_paid_for() -> None:
    kept = {"site": "m", "item": "pack", "min_units": 6.0, "below_usd": 500.0}
    found = planned(straight(3, stocks=[kept]))
    assert found.reserves["below"].sum() == 0
    assert found.solution.objective_usd == pytest.approx(3 * PACKS * PROFIT - 6 * (100 - PROFIT))
    cheap = planned(straight(1, stocks=[{**kept, "below_usd": 2.0}]))
    assert cheap.reserves["below"].to_list() == [pytest.approx(6.0)]
    assert cheap.solution.objective_usd == pytest.approx(PACKS * PROFIT - 6 * 2.0)
    later = planned(straight(3, stocks=[{**kept, "below_usd": 2.0, "min_from": month(2)}]))
    assert later.solution.objective_usd == pytest.approx(3 * PACKS * PROFIT - 6 * 2.0)


def test_days_of_cover_are_days_of_what_is_sold_next() -> None:
    found = planned(straight(3, stocks=[{"site": "m", "item": "pack", "min_days": 14.0, "below_usd": 500.0}]))
    held = found.inventory.filter(site="m").sort("period")["quantity"].to_list()
    assert all(n >= PACKS * 14 / days - 1e-6 for n, days in zip(held, (28, 31, 31), strict=True))
    extra = PACKS * 14 / 31  # after the horizon customers go on as in the last month
    assert found.solution.objective_usd == pytest.approx(3 * PACKS * PROFIT - extra * (100 - PROFIT))


def test_a_site_stores_no_more_than_it_has_room_for() -> None:
    rows = changed(bought_once(2), "items", "cell", volume_l=500.0)
    rows["items"] = [{**row, "volume_l": 500.0} for row in rows["items"]]
    found = planned(
        {**rows, "sites": [{**row, "storage_m3": 2.0 if row["site"] == "p" else 0.0} for row in rows["sites"]]}
    )
    assert found.inventory.filter(site="p")["quantity"].sum() == pytest.approx(4.0)
    # 4 packs stand for more than 4 cells
    assert found.sales["units"].sum() == pytest.approx(PACKS + 4)


AIR = {"mode": "air", "transit_days": 0.0, "cost_usd": 0.5, "cost_per": "unit", "dg_class": "9"}


def flying(soc: float | None, **lane: Any) -> Rows:
    """Return the plainest chain of dangerous cells with a cheaper lane by air."""
    rows = changed(straight(2), "items", "cell", dg_class="9", soc_share=soc)
    rows["lanes"] = [{**row, "dg_class": "9"} for row in rows["lanes"]]
    return {**rows, "lanes": [*rows["lanes"], {"lane": "air", "origin": "v", "destination": "p", **AIR, **lane}]}


def test_no_full_cells_by_air() -> None:
    saved = 2 * CELLS * 0.5
    rest = 2 * PACKS * PROFIT
    assert worth(flying(0.5)) == pytest.approx(rest)
    assert worth(flying(0.3)) == pytest.approx(rest + saved)
    assert worth(flying(None)) == pytest.approx(rest + saved)
    assert worth(flying(0.5, max_soc_share=0.6)) == pytest.approx(rest + saved)
    assert worth(flying(0.3, max_soc_share=0.2)) == pytest.approx(rest)


def test_cells_are_discharged_for_the_flight_where_that_pays() -> None:
    rows = flying(0.5)
    rows["lanes"] = [row for row in rows["lanes"] if row["lane"] != "in"]
    rows["items"] = [*rows["items"], {**rows["items"][0], "item": "low", "soc_share": 0.3}]
    rows["processes"] = [*rows["processes"], {"process": "discharge", "site": "v", "item": "low", "cost_usd": 0.25},
                         {"process": "charge", "site": "p", "item": "cell", "cost_usd": 0.25}]  # fmt: skip
    rows["bom"] = [*rows["bom"], {"process": "discharge", "item": "cell", "quantity": 1.0},
                   {"process": "charge", "item": "low", "quantity": 1.0}]  # fmt: skip
    found = planned(rows)
    assert found.shipments.filter(lane="air")["item"].unique().to_list() == ["low"]
    assert found.solution.objective_usd == pytest.approx(2 * PACKS * PROFIT)


@pytest.mark.parametrize(
    ("table", "row", "column", "says"),
    [
        ("substitutes", {"process": "make", "instead_of": "cell", "item": "pack"}, "item", "of its own"),
        ("substitutes", {"process": "make", "instead_of": "pack", "item": "cell"}, "instead_of", "Correct"),
        ("coproducts", {"process": "make", "item": "pack", "quantity": 1.0}, "item", "yield"),
        ("returns", {"market": "m", "item": "pack", "returned": "cell", "site": "p", "after_months": 1.0,
                     "return_share": 0.7}, "return_share", "shares"),
        ("pipeline", {"arrival": "a", "site": "p", "item": "cell", "arrives": dt.date(2026, 12, 1), "quantity": 1.0},
         "arrives", "on_hand"),
        ("stocks", {"site": "p", "item": "cell", "min_units": 5.0, "max_on_hand": 4.0}, "min_units", "Correct"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_told(table: str, row: dict[str, Any], column: str, says: str) -> None:
    rows = [row, {**row, "site": "m"}] if table == "returns" else [row]
    told = [f for f in check(chain_of(straight(3, **{table: rows}))) if (f.table, f.column) == (table, column)]
    assert told
    assert any(says in f.mend for f in told)

"""Small chains that are easy to plan wrongly, each with its answer by hand."""

import datetime as dt
import threading

import polars as pl
import pytest
from tests.plan.tiny import chain_of, line, month, straight

from cellroad.chain.chain import Chain
from cellroad.plan.audit.audit import audit
from cellroad.plan.planning import plan
from cellroad.plan.result import Plan


def best(chain: Chain) -> Plan:
    found = plan(chain, gap=1e-9)
    assert audit(found).closes
    return found


def setting(name: str, value: str) -> dict[str, str]:
    return {"name": name, "value": value}


def test_the_plainest_chain_earns_price_less_cost() -> None:
    found = best(chain_of(straight()))
    assert found.solution.objective_usd == pytest.approx(30 * (100 - 2 * (10 + 1) - 5 - 1))


def test_more_is_shipped_than_is_wanted_where_only_a_part_arrives_in_time() -> None:
    """Of what leaves evenly over January with 15 days to go, 16 of 31 parts arrive in January, where alone it sells."""
    rows = straight(months=2)
    rows["demand"] = rows["demand"][:1]
    rows["lanes"][1]["transit_days"] = 15.0
    found = best(chain_of(rows))
    made = 10 * 31 / 16
    assert found.production["good"].sum() == pytest.approx(made)
    assert found.solution.objective_usd == pytest.approx(10 * 100 - made * 28)


def test_what_is_made_of_inputs_never_offered_together_has_a_standard_cost() -> None:
    rows = straight(months=2)
    rows["settings"].append(setting("terminal_stock_share", "0"))
    rows["items"].append({**rows["items"][0], "item": "part", "kwh": 0.0})
    rows["bom"].append({"process": "make", "item": "part", "quantity": 1.0})
    rows["lanes"][0]["transit_days"] = 0.0
    rows["offers"][0]["valid_to"] = month(1) - dt.timedelta(days=1)
    part = {"offer": "part", "item": "part", "valid_from": month(1), "valid_to": None}
    rows["offers"].append({**rows["offers"][0], **part})
    found = best(chain_of(rows))  # packs can be made in February alone, of cells that were bought in January
    assert found.production["period"].to_list() == [1]
    assert found.solution.objective_usd == pytest.approx(10 * (100 - 28 - 11))


def test_a_campaign_needs_no_option() -> None:
    rows = straight(certificates=[{"item": "pack", "standard": "UL 1973", "weeks": 4.0, "cost_usd": 30.0}])
    found = best(chain_of(rows))
    days_in_january = 31 - 28
    wanted = 10 * days_in_january / 31 + 20
    assert found.solution.objective_usd == pytest.approx(wanted * 72 - 30)


def test_where_nothing_can_be_done_nothing_is() -> None:
    rows = straight(offers=[], demand=[{**row, "short_usd": 3.0} for row in straight()["demand"]])
    found = best(chain_of(rows))
    assert found.solution.objective_usd == pytest.approx(-90)
    assert found.shortages["quantity"].to_list() == [10.0] * 3
    idle = straight(demand=[], resources=[
        {"resource": "line", "site": "p", "hours_per_month": 1.0, "fixed_usd_per_month": 7.0}
    ])  # fmt: skip
    assert best(chain_of(idle)).solution.objective_usd == pytest.approx(-21)


def test_work_that_takes_no_hours_waits_for_its_line_too() -> None:
    rows = straight(**line(build_months=1))
    rows["processes"][0]["hours_per_unit"] = 0.0
    found = best(chain_of(rows))
    assert found.production["period"].min() == 1
    assert found.solution.objective_usd == pytest.approx(20 * 72 - 50)


def test_nothing_is_bought_for_its_value_at_the_end() -> None:
    """Under DDP the price holds freight and duty; what it is worth here is the price, not price, freight and duty."""
    rows = straight(months=2)
    rows["sites"][0]["country"] = "CN"
    rows["offers"][0] |= {"incoterm": "DDP", "price_usd": 20.0}
    rows["settings"] = [row for row in rows["settings"] if row["name"] != "terminal_stock_share"]
    rows["settings"].append(setting("terminal_stock_share", "0.95"))
    found = best(chain_of(rows))
    assert found.purchases["quantity"].sum() == pytest.approx(40)
    assert found.inventory.is_empty()
    assert found.solution.objective_usd == pytest.approx(20 * (100 - 46))


def test_a_plant_that_only_looks_worthwhile_with_half_an_order_is_not_built() -> None:
    """Ten packs need 20 cells; the least order is 200, which costs more than they earn."""
    rows = straight(months=1, **line(capex_usd=10.0))
    rows["offers"][0]["moq"] = 200.0
    found = best(chain_of(rows))
    assert found.solution.objective_usd == pytest.approx(0.0, abs=1e-9)
    assert found.openings.is_empty()


def test_one_order_for_two_months_beats_two() -> None:
    rows = straight(months=2)
    rows["offers"][0]["moq"] = 40.0
    found = best(chain_of(rows))
    assert found.purchases["quantity"].to_list() == [pytest.approx(40)]
    assert found.solution.objective_usd == pytest.approx(20 * 72)


def test_an_option_waits_for_the_one_it_requires() -> None:
    rows = straight(**line(requires="power"))
    rows["resources"].append({"resource": "grid", "site": "p", "hours_per_month": 0.0, "status": "option"})
    rows["options"].append({"option": "power", "resource": "grid", "earliest": month(0), "latest": month(0),
                            "build_months": 2, "capex_usd": 5.0})  # fmt: skip
    found = best(chain_of(rows))
    ready = dict(found.openings.select("what", "ready").iter_rows())
    assert ready == {"power": month(2), "build": month(2)}
    assert found.solution.objective_usd == pytest.approx(10 * 72 - 55)


def test_of_two_equal_groups_the_cheaper_is_taken() -> None:
    rows = straight(**line(one_of="place"))
    rows["options"].append({**rows["options"][0], "option": "dear", "capex_usd": 60.0})
    found = best(chain_of(rows))
    assert found.openings["what"].to_list() == ["build"]


@pytest.mark.parametrize("order", [(1, 2, 1), (2, 1, 3)])
def test_the_threads_of_one_plan_do_not_bind_the_next(order: tuple[int, ...]) -> None:
    chain = chain_of(straight(**line()))
    for threads in order:
        assert plan(chain, gap=1e-9, threads=threads).solution.objective_usd == pytest.approx(30 * 72 - 50)


def test_two_plans_can_be_made_at_a_time() -> None:
    chain = chain_of(straight(**line()))
    found: list[float] = []

    def work() -> None:
        found.extend(plan(chain, gap=1e-9).solution.objective_usd for _ in range(4))

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == pytest.approx([30 * 72 - 50] * 12)


def test_landed_cost_of_a_mixed_pool_is_the_average() -> None:
    """30 cells of 40 for 10, the rest for 14: a pack holds two of the mix."""
    rows = straight(months=1, demand=[{**straight()["demand"][0], "quantity": 20.0}])
    rows["offers"][0]["max_per_month"] = 30.0
    rows["offers"].append({**rows["offers"][0], "offer": "dear", "price_usd": 14.0, "max_per_month": None})
    rows["processes"][0]["yield_share"] = 0.8
    rows["bom"][0]["scrap_share"] = 0.2
    found = best(chain_of(rows))
    runs = 20 / 0.8
    cells = runs * 2 / 0.8
    money = {"purchase": 30 * 10 + (cells - 30) * 14, "freight": cells + 20, "make": runs * 5}
    landed = dict(found.landed.select("kind", "usd").iter_rows())
    assert landed == {kind: pytest.approx(usd) for kind, usd in money.items()}
    per_kwh = found.landed["usd_per_kwh"].sum()
    assert per_kwh == pytest.approx(sum(money.values()) / 40)
    assert found.origins.select("site", "item", "kwh").rows() == [("v", "cell", pytest.approx(40))]


def test_fixed_cost_is_charged_to_what_was_made() -> None:
    rows = straight(months=1, **line())
    rows["resources"][0] |= {"status": "operating", "fixed_usd_per_month": 30.0}
    rows["options"] = []
    found = best(chain_of(rows))
    assert found.landed.filter(pl.col("kind") == "fixed")["usd"].sum() == pytest.approx(30)


def test_stock_on_hand_goes_first_and_is_told_at_its_book_value() -> None:
    rows = straight(months=1, stocks=[{"site": "p", "item": "cell", "on_hand": 8.0}])
    found = best(chain_of(rows))
    assert found.purchases["quantity"].sum() == pytest.approx(12)
    assert found.landed.filter(pl.col("kind") == "opening")["usd"].sum() == pytest.approx(8 * 11)
    came = dict(found.origins.select("site", "kwh").iter_rows())
    assert came == {"v": pytest.approx(12), "p": pytest.approx(8)}


def test_duty_that_nobody_knows_is_told() -> None:
    rows = straight(months=1)
    rows["sites"][0]["country"], rows["sites"][1]["country"], rows["sites"][2]["country"] = "CN", "BR", "BR"
    found = best(chain_of(rows))
    assert found.remarks and "CN" in found.remarks[0] and "BR" in found.remarks[0]

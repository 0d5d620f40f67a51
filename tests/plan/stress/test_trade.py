"""What vendors, goods and lanes demand of a chain as it is run: least orders, shelf life, substitutes, floors and caps,
whole containers.

A line in which nothing is left to chance, or a vendor overseas and a customer of ten packs a day as in `test_standby`;
what comes of each rule is worked out by hand.
"""

from collections import deque
from dataclasses import replace

import numpy as np
import pytest
from tests.plan.stress.drawn import calm
from tests.plan.stress.test_kernel import line
from tests.plan.stress.test_standby import DAILY, OCEAN, SEEN, at_risk, missing, once, rows
from tests.plan.tiny import Rows, chain_of, month

from cellroad.plan.planning import plan
from cellroad.plan.stress.assemble import Boxes, Parts, assemble
from cellroad.plan.stress.batches import Trace, drawn, trace
from cellroad.plan.stress.money import ERROR, FREIGHT, PURCHASES, SCRAP
from cellroad.plan.stress.ways import DAYS_PER_MONTH

SAME = {"kind": "price", "distribution": "uniform", "parameters": "1;1", "every": "once"}


def steady(parts: Parts) -> Trace:
    law, links = calm(parts)
    return trace(assemble(parts).system, links, law, drawn(law, 1, 0))


def ordering(least: float, cap: float, wanted: float, days: int = 400) -> Parts:
    """A customer who waits, and a vendor next door with a least order and what he sells a day."""
    parts = line([7.0], [0], days, wanted, waits=True)
    return replace(parts, buys=[replace(parts.buys[0], least=least, cap=np.full(days, cap))])


def test_a_least_order_is_placed_as_soon_as_anything_is_lacking() -> None:
    """In the evening there are as many as the level says, and up to eleven more, in turns."""
    told = steady(ordering(12.0, np.inf, 1.0))
    assert sorted(told.stock[100:112, 0]) == pytest.approx([7.0 + n for n in range(12)])
    assert (told.served == told.wanted).all()


def test_an_order_larger_than_the_least_is_no_multiple_of_it() -> None:
    assert steady(ordering(12.0, np.inf, 20.5)).stock[50:, 0] == pytest.approx(7.0)


@pytest.mark.parametrize(("least", "cap"), [(5.0, 2.0), (7.0, 2.0 / 3.0), (1.0, 2.0)])
def test_a_vendor_with_a_least_order_sells_no_more_and_no_less_than_he_can(least: float, cap: float) -> None:
    bought = steady(ordering(least, cap, 3.0)).moved[0]
    assert cap * 400 - cap <= bought + least  # the last order may still be in the making
    assert bought <= cap * 400 + least


def test_old_stock_is_thrown_away_as_in_a_queue_of_what_came_first() -> None:
    """What comes on known days is served first in, first out and scrapped with age, told with a queue of cohorts."""
    rng, days, lasts = np.random.default_rng(3), 120, 9
    came, wanted = rng.uniform(0, 12, days).round(1), rng.uniform(0, 8, days).round(1)
    parts = line([0.0], [0], days, 1.0, waits=False)
    node = replace(parts.nodes[0], on_hand=30.0, lasts=lasts, left=4, scrap_usd=2.0,
                   comes=tuple((day, float(x)) for day, x in enumerate(came)))  # fmt: skip
    told = steady(replace(parts, nodes=[node], buys=[], rows=[replace(parts.rows[0], base=wanted)]))
    shelf, scrapped = deque([[3, 30.0]]), 0.0  # last evening, units
    for day in range(days):
        shelf.append([day + lasts - 1, came[day]])
        need = wanted[day]
        while need > 0 and shelf:
            x = min(need, shelf[0][1])
            shelf[0][1] -= x
            need -= x
            if shelf[0][1] <= 0:
                shelf.popleft()
        scrapped += sum(x for last, x in shelf if last <= day)
        shelf = deque(cohort for cohort in shelf if cohort[0] > day)
        assert told.stock[day, 0] == pytest.approx(sum(x for _, x in shelf), abs=1e-9)
    assert scrapped > 30
    assert told.figures[SCRAP] == pytest.approx(2.0 * scrapped)
    assert told.figures[ERROR] < 1e-12


def test_goods_that_age_on_their_way_last_less_where_they_come_to() -> None:
    made = rows()
    made["items"][0] |= {"shelf_months": 3.0, "scrap_usd": 1.5}
    run, _, still = at_risk(plan(chain_of(made), gap=1e-6), target="nothing", **SAME)
    nodes = {key: run.parts.nodes[int(np.flatnonzero(run.built.node == n)[0])]
             for n, key in enumerate(run.nodes.iter_rows())}  # fmt: skip
    assert nodes["v", "pack"].lasts == round(3 * DAYS_PER_MONTH)
    assert 1 <= nodes["m", "pack"].lasts <= round(3 * DAYS_PER_MONTH) - OCEAN
    assert nodes["m", "pack"].left == nodes["v", "pack"].lasts  # what is on hand at the start is new
    assert missing(still).sum() == pytest.approx(0, abs=SEEN)
    assert still.figures[SCRAP] == pytest.approx(0, abs=SEEN)
    assert run.parts.nodes[0].scrap_usd == 1.5


def test_what_customers_do_not_take_in_time_is_scrapped_and_paid_for() -> None:
    """Sales halve without notice: stock for sixty days on the shelf expires before the second half of it is sold."""
    made = rows()
    made["stocks"][0] |= {"shelf_months": 60 / DAYS_PER_MONTH, "age_months": 10 / DAYS_PER_MONTH}
    made["items"][0]["scrap_usd"] = 2.0
    slow = {"kind": "demand", "distribution": "uniform", "parameters": "0.5;0.5", "every": "once"}
    _, told, _ = at_risk(plan(chain_of(made), gap=1e-6), **slow)
    first = 600 - 50 * DAILY / 2  # ten days old at the start, and sold from for fifty days
    assert told.figures[SCRAP] >= 2.0 * (first - 1)


@pytest.mark.parametrize(("factor", "paid"), [(1.0, 50.0), (1.2, 60.0), (3.0, 80.0), (0.1, 30.0)])
def test_a_price_moves_with_its_index_between_floor_and_cap(factor: float, paid: float) -> None:
    made = rows()
    made["indices"] = [{"index": "lithium", "month": month(0), "value": 100.0}]
    made["offers"][0] |= {
        "price_usd": None,
        "index": "lithium",
        "index_factor": 0.5,
        "floor_usd": 30.0,
        "cap_usd": 80.0,
    }
    told = plan(chain_of(made), gap=1e-6)
    risk = {"kind": "price", "distribution": "uniform", "parameters": f"{factor};{factor}", "every": "once"}
    run, dear, still = at_risk(told, target="lithium", **risk)
    assert dear.figures[PURCHASES] == pytest.approx(paid * dear.moved[: run.buys.height].sum())
    assert still.figures[PURCHASES] == pytest.approx(50.0 * still.moved[: run.buys.height].sum())


def test_a_price_at_its_cap_falls_only_when_the_index_is_below_it() -> None:
    made = rows()
    made["indices"] = [{"index": "lithium", "month": month(0), "value": 400.0}]
    made["offers"][0] |= {"price_usd": None, "index": "lithium", "index_factor": 0.5, "cap_usd": 80.0}
    told = plan(chain_of(made), gap=1e-6)
    for factor, paid in ((1.0, 80.0), (0.5, 80.0), (0.3, 60.0)):
        risk = {"kind": "price", "distribution": "uniform", "parameters": f"{factor};{factor}", "every": "once"}
        run, low, _ = at_risk(told, target="lithium", **risk)
        assert low.figures[PURCHASES] == pytest.approx(paid * low.moved[: run.buys.height].sum())


def substituted(most_share: float, foil_usd: float, other_usd: float) -> Rows:
    """A plant next door makes packs of a foil that comes by truck; another foil from another vendor may stand in."""
    made = rows()
    foil = {**made["items"][0], "stage": "component", "kwh": 0.0, "dg_class": None}
    made["items"] += [{**foil, "item": name, "name": name} for name in ("foil", "other")]
    made["sites"] += [{**made["sites"][0], "site": site, "name": site.upper(), "kind": kind}
                      for site, kind in (("p", "pack"), ("w", "vendor"))]  # fmt: skip
    offer, lane = made["offers"][0], {**made["lanes"][0], "transit_days": 1.0, "mode": "truck"}
    made["offers"] = [{**offer, "item": "foil", "price_usd": foil_usd},
                      {**offer, "offer": "second", "site": "w", "item": "other", "price_usd": other_usd}]  # fmt: skip
    made["lanes"] = [{**lane, "lane": f"{a}-{b}", "origin": a, "destination": b} for a, b in ("vp", "wp", "pm")]
    made["processes"] = [{"process": "assemble", "site": "p", "item": "pack", "cost_usd": 1.0}]
    made["bom"] = [{"process": "assemble", "item": "foil", "quantity": 2.0}]
    made["substitutes"] = [{"process": "assemble", "instead_of": "foil", "item": "other", "ratio": 1.5,
                            "most_share": most_share, "cost_usd": 0.25}]  # fmt: skip
    made["stocks"] = [{"site": "m", "item": "pack", "on_hand": DAILY * 60}]
    return made


@pytest.mark.parametrize("most_share", [1.0, 0.4])
def test_a_substitute_that_the_plan_uses_is_used(most_share: float) -> None:
    run, _, still = at_risk(plan(chain_of(substituted(most_share, 30.0, 4.0)), gap=1e-6), target="nothing", **SAME)
    assert missing(still).sum() == pytest.approx(0, abs=SEEN)
    moved = dict(zip(run.makes["process"], still.moved[run.buys.height :], strict=False))
    replaced = moved["other for foil in assemble"]
    assert replaced == pytest.approx(2.0 * most_share * moved["assemble"], rel=5e-3)
    assert still.figures[ERROR] < 1e-12


def test_a_substitute_is_called_in_when_the_input_has_run_out() -> None:
    told = plan(chain_of(substituted(1.0, 4.0, 30.0)), gap=1e-6)
    _, stopped, still = at_risk(told, **once("site_outage", "v", 200))
    assert missing(still).sum() == pytest.approx(0, abs=SEEN)
    gone = missing(stopped) > SEEN
    alone = rows()
    alone.update(substituted(1.0, 4.0, 30.0) | {"substitutes": []})
    _, without, _ = at_risk(plan(chain_of(alone), gap=1e-6), **once("site_outage", "v", 200))
    assert 0 < gone.sum() < 40 < (missing(without) > SEEN).sum()


def test_an_input_that_others_use_there_too_has_no_substitute_and_it_is_told() -> None:
    made = substituted(1.0, 4.0, 30.0)
    made["processes"].append({"process": "more", "site": "p", "item": "pack", "cost_usd": 2.0})
    made["bom"].append({"process": "more", "item": "foil", "quantity": 2.0})
    run, _, _ = at_risk(plan(chain_of(made), gap=1e-6), target="nothing", **SAME)
    assert "other for foil in assemble" not in run.makes["process"].to_list()
    assert any("others at p use foil, too" in remark for remark in run.remarks)


def boxed(per_box: float, wanted: float, days: int, each: float = 7.0) -> Parts:
    """A vendor without limit, and a customer ten days away by containers that hold so many units."""
    parts = line([0.0, 40.0 * wanted], [0, 10], 400, wanted, waits=True)
    ships = [replace(parts.ships[0], usd=np.zeros(1))]
    return replace(parts, ships=ships, boxes=[Boxes(((0, 1.0 / per_box, 0.0, False),), days, each)])


def test_containers_leave_full_and_are_paid_as_a_whole() -> None:
    """Three a day fill one of twelve on every fourth day, however long goods may wait."""
    told = steady(boxed(12.0, 3.0, 30))
    sent = told.moved[1]
    assert sent % 12.0 == pytest.approx(0, abs=1e-6)
    assert told.figures[FREIGHT] == pytest.approx(7.0 * sent / 12.0)
    assert sent == pytest.approx(3.0 * 400, abs=12.0)
    assert (told.wanted[50:] == told.served[50:]).all()


@pytest.mark.parametrize(("days", "every"), [(5, 5), (6, 6), (30, 6)])
def test_a_container_leaves_half_empty_when_its_goods_have_waited_long_enough(days: int, every: int) -> None:
    """Three a day fill five sixths of one of eighteen in five days, and all of it in six."""
    told = steady(boxed(18.0, 3.0, days))
    assert told.figures[FREIGHT] == pytest.approx(7.0 * 400 / every, abs=7.0)
    assert told.moved[1] == pytest.approx(3.0 * 400, abs=18.0)


def test_dangerous_goods_pay_the_surcharge_of_the_containers_that_they_alone_would_fill() -> None:
    parts = boxed(12.0, 3.0, 30)
    box = replace(parts.boxes[0], fills=((0, 1.0 / 12.0, 1.0 / 6.0, True),), more_usd=2.0)
    told = steady(replace(parts, boxes=[box]))
    assert told.figures[FREIGHT] == pytest.approx((7.0 + 2.0) * told.moved[1] / 6.0)


def test_a_plan_in_whole_containers_serves_its_customers_and_pays_for_as_many() -> None:
    made = rows()
    whole = {"cost_per": "container", "container_kg": 1200.0, "whole_containers": "yes"}
    made["lanes"][0] |= {"cost_usd": 900.0, **whole}
    told = plan(chain_of(made), gap=1e-6)
    run, _, still = at_risk(told, target="nothing", **SAME)
    assert missing(still).sum() <= 0.005 * still.wanted.sum()  # between months with one container and with three
    paid, insured, units = (float(told.shipments[name].sum()) for name in ("freight_usd", "insurance_usd", "quantity"))
    sent = float(still.moved[run.buys.height])
    freight = still.figures[FREIGHT] - insured / units * sent
    assert freight == pytest.approx(900.0 * round(freight / 900.0), abs=1.0)
    assert 0 <= freight / 900.0 - sent / 100.0 <= 3  # few leave half empty
    assert freight == pytest.approx(paid, abs=2 * 900.0)
    _, busy, _ = at_risk(told, kind="demand", distribution="uniform", parameters="1.1;1.1", every="once")
    assert busy.figures[FREIGHT] <= 1.1 * still.figures[FREIGHT] + 2 * 900.0

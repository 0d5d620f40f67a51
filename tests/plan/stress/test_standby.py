"""A vendor overseas, one customer of ten packs a day: what goes wrong, and what stands by, is worked out by hand.

Ships take 40 days. What leaves on the day before the lane shuts comes 39 days into the closure; what leaves on the day
on which it opens again comes 40 days later.
"""

import datetime as dt
from functools import cache
from typing import Any

import numpy as np
import pytest
from tests.plan.tiny import Rows, chain_of, month

from cellroad.plan.planning import plan
from cellroad.plan.result import Plan
from cellroad.plan.stress.batches import Trace, drawn, trace
from cellroad.plan.stress.futures import draw_future
from cellroad.plan.stress.money import DUTY, FREIGHT, PURCHASES
from cellroad.plan.stress.policy import Operated, operate
from cellroad.plan.stress.recovery import EVERY_DAYS, OUTAGE_DAYS, recovery
from cellroad.plan.stress.serving import LOST
from cellroad.plan.stress.stories import story
from cellroad.plan.stress.uncertain import uncertain

OCEAN, AIR, TRUCK, DAILY = 40, 5, 20, 10.0
SHUT, BACK = dt.date(2027, 5, 10), 41
"""The first day on which something is wrong, and how many days it lasts."""
SEEN = 1e-3
"""Packs that count as none: the schedule is as exact as the solver that made it."""


def rows(*more: str) -> Rows:
    """Return the chain; more: "air", a dear lane; "second", another vendor by land."""
    place = {"name": "", "country": "US", "calendar": "none"}
    lane = {"cost_usd": 1.0, "cost_per": "unit", "origin": "v", "destination": "m"}
    offer = {"item": "pack", "valid_from": month(0), "lead_days": 0, "price_usd": 50.0}
    made: dict[str, Any] = {"stage": "pack", "kwh": 2.0, "mass_kg": 12.0, "hts": "8507.60.0020", "dg_class": "9"}
    out: Rows = {
        "settings": [{"name": "start", "value": "2027-01"}, {"name": "months", "value": "12"},
                     {"name": "quarters_after", "value": "12"}],
        "partners": [{"partner": "yara", "name": "Yara Cells", "country": "MX"}],
        "sites": [{**place, "site": "v", "name": "Veracruz", "kind": "vendor", "country": "MX", "partner": "yara"},
                  {**place, "site": "m", "name": "Fremont", "kind": "market"}],
        "items": [{"item": "pack", "name": "home pack", "maker": "yara", "origin": "MX", **made}],
        "offers": [{**offer, "offer": "first", "site": "v"}],
        "lanes": [{**lane, "lane": "ship", "mode": "ocean", "transit_days": float(OCEAN)}],
        "wants": [{"want": "storage", "item": "pack", "quantity": 1.0, "price_adder_usd": 0.0}],
        "demand": [{"market": "m", "want": "storage", "segment": "commercial", "month": month(n),
                    "quantity": DAILY * (month(n + 1) - month(n)).days, "price_usd": 200.0, "short_usd": 20.0}
                   for n in range(12)],
        "stocks": [{"site": "m", "item": "pack", "on_hand": DAILY * 60}],
    }  # fmt: skip
    if "air" in more:
        out["lanes"].append({**lane, "lane": "fly", "mode": "air", "transit_days": float(AIR), "cost_usd": 60.0})
    if "second" in more:
        out["sites"].append({**place, "site": "w", "name": "Wichita", "kind": "vendor"})
        out["items"].append({"item": "pack-us", "name": "home pack, made in the US", "origin": "US", **made})
        out["offers"].append({**offer, "offer": "second", "site": "w", "item": "pack-us", "price_usd": 120.0})
        out["lanes"].append({**lane, "lane": "road", "mode": "truck", "origin": "w", "transit_days": float(TRUCK)})
        out["wants"].append({"want": "storage", "item": "pack-us", "quantity": 1.0, "price_adder_usd": 0.0})
    return out


@cache
def planned(*more: str) -> Plan:
    return plan(chain_of(rows(*more)), gap=1e-6)


def at_risk(told: Plan, **risk: Any) -> tuple[Operated, Trace, Trace]:
    """Run a plan with one risk, and without any: what is run, what happens, and what would have happened."""
    made = rows()
    made["risks"] = [{"risk": "it", "target": "*", **risk}]
    chain = told.chain.replace(risks=chain_of(made).risks)
    run = operate(Plan(**{name: getattr(told, name) for name in Plan.__dataclass_fields__} | {"chain": chain}))
    known = uncertain(run)
    calm = known.law._replace(on=np.zeros(1, np.bool_))
    both = [trace(run.built.system, known.links, law, drawn(law, 1, 0)) for law in (known.law, calm)]
    return run, both[0], both[1]


def once(kind: str, target: str, days: float = BACK, **more: Any) -> dict[str, Any]:
    return {"kind": kind, "target": target, "distribution": "bernoulli", "parameters": "1", "duration_days": days,
            "valid_from": SHUT, "valid_to": SHUT, **more}  # fmt: skip


def number(day: dt.date) -> int:
    return (day - dt.date(2027, 1, 1)).days


def missing(told: Trace) -> np.ndarray:
    return np.asarray((told.wanted - told.served)[:, 0])


def shelf(run: Operated, still: Trace, day: int) -> float:
    """Return what Fremont has on the evening of a day where nothing goes wrong."""
    names = run.nodes.rows()
    return float(still.stock[day, names.index(("m", "pack"))])


@pytest.mark.parametrize(
    ("kind", "target"),
    [("lane_closure", "ship"), ("lane_closure", "ocean"), ("lane_closure", "v"), ("site_outage", "v")],
)
def test_customers_lose_the_days_of_a_closure_less_what_is_on_the_shelf(kind: str, target: str) -> None:
    run, told, still = at_risk(planned(), **once(kind, target))
    last = number(SHUT) + OCEAN - 1
    there = shelf(run, still, last)
    assert missing(still).sum() == pytest.approx(0, abs=SEEN)
    assert told.counts[0, LOST] == pytest.approx(BACK * DAILY - there, abs=SEEN)
    assert np.flatnonzero(missing(told) > SEEN)[0] == last + 1 + int(there / DAILY + SEEN)
    assert np.flatnonzero(missing(told) > SEEN)[-1] == number(SHUT) + BACK + OCEAN - 1


def test_an_air_lane_carries_what_the_shelf_does_not_and_nobody_goes_without() -> None:
    run, told, still = at_risk(planned("air"), **once("lane_closure", "ship"))
    there = shelf(run, still, number(SHUT) + OCEAN - 1)
    flown = told.moved[run.buys.height + run.ships["lane"].to_list().index("fly")]
    assert told.counts[0, LOST] == pytest.approx(0, abs=SEEN)
    # no more than the closure lacks and the days of the flight, no less than what the shelf does not hold
    assert BACK * DAILY - there <= flown + SEEN <= BACK * DAILY + (AIR + 1) * DAILY
    slow = at_risk(planned(), **once("lane_closure", "ship"))[1]
    lanes = dict(zip(run.ships["lane"], told.moved[run.buys.height :], strict=False))
    insured = (slow.figures[FREIGHT] - slow.moved[1]) / slow.moved[1]
    paid = (60 + insured) * lanes["fly"] + (1 + insured) * lanes["ship"]
    assert told.figures[FREIGHT] == pytest.approx(paid, rel=1e-6)
    assert told.figures[0] > slow.figures[0] + 10_000  # worth it: a pack sells for 200 USD and flies for 60
    assert still.moved[run.buys.height + run.ships["lane"].to_list().index("fly")] == pytest.approx(0, abs=SEEN)


def test_a_second_vendor_delivers_from_his_lead_time_on_and_as_long_as_he_is_needed() -> None:
    days = 120.0
    run, told, still = at_risk(planned("second"), **once("site_outage", "v", days))
    alone = at_risk(planned(), **once("site_outage", "v", days))[1]
    there = shelf(run, still, number(SHUT) + OCEAN - 1)
    first = number(SHUT) + OCEAN + int(there / DAILY + SEEN)
    gone = np.flatnonzero(missing(told) > SEEN)
    assert (gone[0], gone[-1], gone.size) == (first, first + TRUCK, TRUCK + 1)  # asked on the next day
    assert alone.counts[0, LOST] == pytest.approx(days * DAILY - there, abs=SEEN)
    assert told.counts[0, LOST] == pytest.approx((TRUCK + 1) * DAILY - there % DAILY, abs=SEEN)


def test_a_listing_bars_goods_from_its_day_on_for_good() -> None:
    run, told, still = at_risk(planned(), **once("listing", "yara", 0))
    last = number(SHUT) + OCEAN - 1
    left = 365 - (last + 1)
    assert told.counts[0, LOST] == pytest.approx(left * DAILY - shelf(run, still, last), abs=SEEN)


def test_without_a_certificate_nothing_is_sold_for_as_long() -> None:
    told = at_risk(planned(), **once("certificate", "pack", 30))[1]
    gone = np.flatnonzero(missing(told) > SEEN)
    assert (gone[0], gone.size, gone[-1]) == (number(SHUT), 30, number(SHUT) + 29)
    assert told.counts[0, LOST] == pytest.approx(30 * DAILY)


def test_a_licence_that_is_refused_is_a_certificate_that_never_comes() -> None:
    told = at_risk(planned(), **once("certificate", "pack", 0))[1]
    assert told.counts[0, LOST] == pytest.approx((365 - number(SHUT)) * DAILY)


def test_a_duty_from_a_day_on_is_paid_on_what_leaves_from_then_on() -> None:
    run, told, still = at_risk(planned(), **once("duty", "MX", 0, add_share=0.25))
    names = run.ships["lane"].to_list()
    by_day = run.parts.ships[names.index("ship")]
    customs = run.built.system.ship_customs[0, 0]
    more = told.figures[DUTY] - still.figures[DUTY]
    assert by_day.customs[0] == customs
    assert np.array_equal(told.stock, still.stock)
    packs = more / (0.25 * customs)
    left = (365 - OCEAN - number(SHUT)) * DAILY  # what still comes before the end, and no more than what may leave
    assert left - 60 * DAILY <= packs <= (365 - number(SHUT)) * DAILY


@pytest.mark.parametrize(("kind", "figure"), [("freight", FREIGHT), ("price", PURCHASES)])
def test_a_factor_on_rates_or_prices_is_paid_on_all_that_is_bought(kind: str, figure: int) -> None:
    _, told, still = at_risk(planned(), kind=kind, distribution="uniform", parameters="1.5;1.5", every="once")
    assert told.figures[figure] == pytest.approx(1.5 * still.figures[figure])
    assert np.array_equal(told.stock, still.stock)


def test_half_the_exposure_is_half_the_rise() -> None:
    _, told, still = at_risk(
        planned(), kind="price", distribution="uniform", parameters="1.5;1.5", every="once", exposure=0.5
    )
    assert told.figures[PURCHASES] == pytest.approx(1.25 * still.figures[PURCHASES])


def test_risks_that_are_correlated_come_in_the_same_months() -> None:
    made = rows()
    storm = {"kind": "lane_closure", "distribution": "poisson", "parameters": "", "per_year": 2.0, "duration_days": 5}
    made["risks"] = [{"risk": "a", "target": "ship", **storm},
                     {"risk": "b", "target": "v", "correlates": "a:0.999", **storm}]  # fmt: skip
    told = planned()
    chain = told.chain.replace(risks=chain_of(made).risks)
    run = operate(Plan(**{name: getattr(told, name) for name in Plan.__dataclass_fields__} | {"chain": chain}))
    law = uncertain(run).law
    month_of = run.parts.grid.month
    same = other = 0
    for draw in range(60):
        future = draw_future(law, 1, draw)
        months = [{int(month_of[day]) for day in future.begins[k, : future.events[k]]} for k in (0, 1)]
        same += len(months[0] & months[1])
        other += len(months[0] ^ months[1])
    assert same > 10 * other


def test_a_story_names_the_lane_the_days_and_who_ran_out() -> None:
    run, told, still = at_risk(planned(), **once("lane_closure", "ship"))
    words = story(run, uncertain(run), told, still).words
    assert "The lane from Veracruz to Fremont was closed for 41 days from 10 May 2027." in words
    gone = int(np.flatnonzero(missing(told) > SEEN)[0])
    day = dt.date(2027, 1, 1) + dt.timedelta(days=gone)
    assert f"Fremont was short of storage from {day.day} {day:%b %Y} for" in words
    assert f"{told.counts[0, LOST]:,.0f} not served on time" in words
    duty = at_risk(planned(), **once("duty", "MX", 0, add_share=0.25))
    assert "Goods from Mexico paid 25 % of their value more in duty from 10 May 2027 on." in story(
        duty[0], uncertain(duty[0]), duty[1], duty[2]
    ).words  # fmt: skip


def test_the_time_to_survive_and_to_recover_are_those_of_the_shelf_and_the_ship() -> None:
    """Nothing leaves for 30 days: customers lose from when the shelf is empty, 40 days later and more, to day 70."""
    run, _, still = at_risk(planned(), **once("lane_closure", "ship"))
    found = recovery(run).filter(site="v").row(0, named=True)
    starts = list(range(EVERY_DAYS // 2, 365 - 2 * EVERY_DAYS, EVERY_DAYS)) or [EVERY_DAYS // 2]
    there = {start: shelf(run, still, start + OCEAN - 1) for start in starts}
    assert found["survive_days"] == min(OCEAN + int(units / DAILY + SEEN) for units in there.values())
    noticed = [start for start, units in there.items() if units < DAILY * OUTAGE_DAYS - SEEN]
    assert noticed and found["recover_days"] == OCEAN + OUTAGE_DAYS
    assert found["felt_days"] == OCEAN + int(there[number(found["begins"])] / DAILY + SEEN)
    assert found["lost"] == pytest.approx(DAILY * OUTAGE_DAYS - there[number(found["begins"])], abs=0.01)


@pytest.mark.parametrize("factor", [0.5, 0.9, 1.0])
def test_a_yield_below_the_plan_takes_more_cells_for_the_same_packs(factor: float) -> None:
    """A maker next door with a line that is never full makes up for what is not good: cells by one over the factor."""
    made = rows()
    made["items"].append({**made["items"][0], "item": "cell", "name": "cell", "stage": "cell"})
    made["offers"] = [{**made["offers"][0], "item": "cell"}]
    made["processes"] = [{"process": "assemble", "site": "p", "item": "pack", "cost_usd": 1.0}]
    made["bom"] = [{"process": "assemble", "item": "cell", "quantity": 1.0}]
    made["sites"].append({**made["sites"][0], "site": "p", "name": "Plant", "kind": "pack"})
    made["lanes"] = [
        {**made["lanes"][0], "lane": name, "origin": origin, "destination": end, "transit_days": 0.0, "mode": "truck"}
        for name, origin, end in (("in", "v", "p"), ("out", "p", "m"))
    ]
    made["stocks"] = []
    told = plan(chain_of(made), gap=1e-6)
    _, worse, still = at_risk(told, kind="yield", target="assemble", distribution="uniform",
                              parameters=f"{factor};{factor}", every="once")  # fmt: skip
    assert missing(still).sum() == pytest.approx(0, abs=SEEN)
    assert worse.counts[0, LOST] == pytest.approx(0, abs=SEEN)
    assert worse.figures[PURCHASES] == pytest.approx(still.figures[PURCHASES] / factor, rel=1e-6)

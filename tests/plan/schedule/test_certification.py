"""The way to a certificate: dates by hand, what a change repeats, and the story of a small maker end to end."""

import datetime as dt
from dataclasses import replace

import polars as pl
import pytest

import cellroad as cr
from cellroad.chain.calendars import working
from cellroad.engineering.catalogue import cells
from cellroad.engineering.certify import Product, certify
from cellroad.plan.schedule import certification

CELLS = {cell.model: cell for cell in cells()}
START = dt.date(2027, 1, 11)
HOME = Product(
    "storage-residential", energy_kwh=5.12, mass_kg=56, voltage_v=116.8, cell=CELLS["50Ah ESS"], layout="32s1p",
    inverter=False, adopts_2026=False, by_air=False,
)  # fmt: skip


def worked(begin: dt.date, over: dt.date) -> int:
    """Return the worked days from a first to a last one, both included."""
    return int(working("US", begin, over).sum())


def test_steps_take_their_weeks_on_the_calendar_of_the_laboratory_and_wait_for_each_other() -> None:
    found = certification(HOME, start=START, draws=200)
    assert found.path is not None
    weeks = {row["step"]: (row["weeks_low"] + row["weeks_high"]) / 2 for row in found.steps.iter_rows(named=True)
             if row["weeks_low"] is not None}  # fmt: skip
    dates = {row["task"]: row for row in found.path.tasks.iter_rows(named=True)}
    for name, row in dates.items():
        assert worked(row["start"], row["finish"]) == -(-weeks[name] * 5 // 1)
    names = dict(found.milestones.select("milestone", "name").iter_rows())
    for row in found.milestones.iter_rows(named=True):
        for before in filter(None, row["after"].split(";")):
            assert dates[names[before]]["finish"] < dates[row["name"]]["start"]
    assert found.path.finish == max(row["finish"] for row in dates.values())
    needed = found.steps.filter(answer="needed")
    assert found.cost_high_usd == pytest.approx(needed["cost_usd_high"].sum())


def test_what_is_held_takes_no_time_and_no_money() -> None:
    whole = certification(HOME, start=START, draws=0)
    less = certification(HOME, start=START, draws=0, held=["UN 38.3 cell", "UL 1973 cell"])
    assert whole.path and less.path and less.path.finish <= whole.path.finish
    assert less.cost_high_usd < whole.cost_high_usd
    assert "UL 1973 cell" not in set(less.path.tasks["task"])


def test_the_same_product_repeats_nothing_and_another_cell_repeats_what_its_triggers_name() -> None:
    assert certification(HOME, former=HOME, start=START, draws=0).path is None
    other = certification(replace(HOME, cell=CELLS["100Ah-100P ESS"]), former=HOME, start=START, draws=0)
    assert other.path is not None
    again = other.repeated.filter(answer="needed")
    work = certify(replace(HOME, cell=CELLS["100Ah-100P ESS"])).filter(pl.col("weeks_low").is_not_null())["step"]
    assert set(other.path.tasks["task"]) == set(again["step"]) & set(work)
    assert (again["because"] != "").all() and "UL 1973 pack" in set(again["step"])


def test_the_story_of_a_small_maker_from_quote_to_certificate() -> None:
    """Two Chinese vendors, a battery of 100 V, UL certification, and one US vendor with few cell types later."""
    chain = cr.load("yousolar")
    assert not [finding for finding in cr.check(chain) if finding.severity == "blocker"]
    need, today = dt.date(2027, 4, 20), dt.date(2026, 12, 10)
    quotes = cr.schedule.compare_quotes(
        chain, "cells-2027", destination="oakland", need=need, kwh=2500.0, today=today, standards=("UL 1973",)
    )
    assert quotes.compared.filter("fits")["quote"].to_list() == ["q-us", "q-a"]
    way = cr.schedule.order(chain, "a-before-2027", "shenzhen-oakland", first=today, last=dt.date(2027, 12, 31))
    cliff = way.cliffs().filter(pl.col("why") == "Chinese New Year").row(0, named=True)
    latest = way.latest(dt.date(2027, 3, 20))
    assert latest is not None and latest <= cliff["order_by"] < dt.date(2027, 2, 6)
    path = cr.schedule.critical_path(cr.schedule.tasks(chain), START, draws=500)
    assert "ul-1973" in path.critical and path.finish > dt.date(2027, 9, 1)
    met = cr.schedule.meet(cr.schedule.people(chain), start=today, weeks=12, busy=cr.schedule.absences(chain))
    assert met.meetings.height >= 9
    late = cr.schedule.slip(chain, "po-2604", days=9, gap=1e-3)
    assert late.lacking > 0 and late.short.is_empty()
    us = late.before.purchases.filter(offer="us-100ah")
    assert us.height and us["start"].min() >= dt.date(2028, 7, 1)  # type: ignore[operator]
    kinds = chain.offers.filter(site="michigan")["item"].n_unique()
    assert kinds == 1
    sold = late.before.sales.filter(item="pack5-a")["start"].min()
    ready = late.before.openings.filter((pl.col("kind") == "certificate") & (pl.col("what") == "pack5-a"))[
        "ready"
    ].max()
    assert sold is not None and ready is not None and sold >= ready.replace(day=1)  # type: ignore[union-attr, operator]

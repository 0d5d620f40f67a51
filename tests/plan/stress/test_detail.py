"""A plan by periods, worked out by week and day: nothing goes wrong, and customers have what they were promised."""

import random
from functools import cache

import numpy as np
import polars as pl
import pytest

from cellroad.chain.files import load
from cellroad.plan.planning import plan
from cellroad.plan.result import Plan
from cellroad.plan.stress.assemble import Buy, Grid, Serve
from cellroad.plan.stress.batches import trace
from cellroad.plan.stress.detail import detailed
from cellroad.plan.stress.policy import Operated, operate
from cellroad.plan.stress.recovery import calm, happening
from cellroad.plan.stress.schedule import Aggregate, brought_forward, level, scheduled
from cellroad.plan.stress.ways import Planned

EXAMPLES = ["yousolar", "kandi-cbak", "gotion-us", "casip"]
OF_ALL, OF_A_ROW = 0.005, 0.022
"""Part of what is promised that may be missing: weeks have days, and the first holidays come before stock is built."""


@cache
def planned(name: str) -> Plan:
    """Three years of an example, half a year by month, then by quarter."""
    chain = load(name)
    asked = {"months": "36", "quarters_after": "6"}
    settings = chain.settings.with_columns(value=pl.col("name").replace_strict(asked, default=pl.col("value")))
    return plan(chain.replace(settings=settings), gap=0.05)


@cache
def operated(name: str) -> Operated:
    return operate(planned(name))


@pytest.mark.parametrize("name", EXAMPLES)
def test_without_risk_customers_have_on_their_day_what_the_plan_promises(name: str) -> None:
    run = operated(name)
    law, links = calm(run)
    told = trace(run.built.system, links, law, happening([]))
    keys = ["market", "want", "segment"]
    promised = planned(name).shortages.group_by(keys).agg(units=(pl.col("wanted") - pl.col("quantity")).sum())
    units = run.rows.join(promised, on=keys, how="left", maintain_order="left")["units"].to_numpy()
    missing = units - told.served.sum(axis=0)
    assert (missing <= OF_A_ROW * units).all()
    assert missing.sum() <= OF_ALL * units.sum()
    assert (missing >= -0.001 * units.sum()).all()  # nor does anybody have what is not for him


@pytest.mark.parametrize("name", EXAMPLES)
def test_ways_share_out_what_a_node_orders(name: str) -> None:
    run = operated(name).parts
    ways = [*run.buys, *run.makes, *run.ships]
    for node in {way.node for way in ways}:
        total = sum(way.share for way in ways if way.node == node)
        assert np.allclose(total, 1)


def vendors(second: bool) -> Aggregate:
    """A customer wants one a day for eight weeks; who is to sell all of it opens after four, another could at once."""
    days = 56
    day, late = np.arange(days), np.where(np.arange(days) < 28, 0.0, np.inf)
    one, always = np.ones(1), np.ones(1, bool)
    first = Buy(0, one, always, one, 14, day, late)
    other = Buy(0, one, np.array([second]), one, 14, day, np.full(days, 10.0 if second else 0.0))
    sale = Serve(0, 1.0, one, always, 9 * one)
    grid = Grid(np.zeros(days, np.int64), np.zeros(days, np.int64), np.ones(days))
    bought = [Planned((), first, np.where(day < 28, 0.0, 2.0)), Planned((), other, np.zeros(days))]
    return Aggregate(
        grid, np.zeros((1, days)), bought, [], [], [Planned((), sale, np.ones(days))], [0], [9.0], [],
        np.zeros((days, 0)), np.zeros(0), np.ones(1),
    )  # fmt: skip


def test_who_can_deliver_in_time_stands_in_for_who_cannot() -> None:
    asked = vendors(second=True)
    detail = detailed(asked)
    flows = scheduled(asked, detail.flows)
    assert detail.short.sum() == pytest.approx(0, abs=1e-3)
    assert flows.buys.sum() == pytest.approx(56, abs=1e-2)
    assert 28 - 1e-2 <= flows.buys[1].sum() <= 28 + 7 + 1e-2  # the first day of who opens late may begin with stock
    assert (np.cumsum(flows.buys.sum(axis=0)) >= np.cumsum(np.ones(56)) - 1e-2).all()


def test_what_nobody_can_deliver_in_time_is_told() -> None:
    assert detailed(vendors(second=False)).short.sum() == pytest.approx(28, abs=1e-2)


@pytest.mark.parametrize("seed", range(30))
def test_what_a_day_has_no_room_for_is_done_on_the_latest_day_before_that_has(seed: int) -> None:
    """Each unit is put on the last day with room by which it is wanted, in plain loops, from the last day back."""
    r = random.Random(seed)
    days = 25
    wanted = [r.choice([0, 0, 1, 2, 5]) for _ in range(days)]
    room = [r.choice([0, 1, 3, 4]) for _ in range(days)]
    told, free = [0] * days, list(room)
    behind = 0
    for day in reversed(range(days)):
        behind += wanted[day]
        told[day] = min(behind, free[day])
        behind -= told[day]
    late = behind  # what nobody has room for in time is done as soon as there is any
    found = level(np.cumsum(wanted).astype(float), np.array(room, float))
    done, most = np.cumsum(told) + late, np.cumsum(room)
    assert np.allclose(np.cumsum(found), np.minimum(done, most))


def test_all_ways_come_sooner_alike_and_give_no_more() -> None:
    one, other = np.cumsum([0.0, 2, 0, 2]), np.cumsum([0.0, 1, 0, 3])
    need = np.array([1.5, 3.0, 7.0, 8.0])
    parts = [brought_forward(mine, one + other, need) for mine in (one, other)]
    assert np.allclose(parts[0], [1.0, 2.0, 3.6, 4.0])
    assert np.allclose(sum(parts), [1.5, 3.0, 7.0, 8.0])

"""A plan in many futures: the same whoever runs them, true to the plan where nothing happens, and told in words."""

import os
import signal
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import polars as pl
import pytest

from cellroad.chain.check import check
from cellroad.chain.files import load
from cellroad.plan.planning import plan
from cellroad.plan.result import Plan
from cellroad.plan.stochastic.executor import Cluster, Executor, Pool, Serial
from cellroad.plan.stock.stocking import stock
from cellroad.plan.stress.batches import BATCH, Run, Threads
from cellroad.plan.stress.collecting import served
from cellroad.plan.stress.policy import operate
from cellroad.plan.stress.result import Stress
from cellroad.plan.stress.stressing import Progress, stress
from cellroad.plan.stress.uncertain import replayed, uncertain


@cache
def planned() -> Plan:
    """A year of an example."""
    chain = load("yousolar")
    months = chain.settings.with_columns(
        value=pl.when(pl.col("name") == "months").then(pl.lit("14")).otherwise("value")
    )
    return plan(chain.replace(settings=months), gap=0.05)


def stressed(executor: Executor | None = None, **options: Any) -> Stress:
    return stress(planned(), 2 * BATCH + 44, seed=3, drivers=3, executor=executor, **options)


@cache
def alone() -> Stress:
    return stressed(Serial())


def same(told: Stress) -> None:
    for name, frame in alone().frames().items():
        assert told.frames()[name].equals(frame), name


def test_futures_are_the_same_whoever_runs_them() -> None:
    threads = Threads(3)
    same(stressed(threads))
    same(stressed(workers=1))


def test_a_worker_that_is_killed_half_way_loses_nothing() -> None:
    pool, killed = Pool(2), []

    def kill(progress: Progress) -> bool:
        if progress.phase == "futures" and not killed:
            killed.append(pool.pids[0])
            os.kill(pool.pids[0], signal.SIGKILL)
        return True

    same(stressed(pool, progress=kill))
    pool.close()
    assert killed


def test_a_cluster_finds_the_same_and_replaces_an_actor_that_ends() -> None:
    cluster, ended = Cluster(2), []

    def end_one(progress: Progress) -> bool:
        if progress.phase == "futures" and progress.done == 2 * BATCH:
            ended.append(0)
            cluster.ray.kill(cluster.actors[0])
        return True

    try:
        same(stressed(cluster, progress=end_one))
    finally:
        cluster.close()
        cluster.ray.shutdown()
    assert ended


def test_every_unit_is_accounted_for_in_every_future() -> None:
    assert alone().imbalance < 1e-9


def test_a_test_that_is_stopped_tells_of_the_futures_that_are_done() -> None:
    told = stressed(Serial(), progress=lambda progress: progress.done < BATCH)
    assert told.draws == BATCH
    assert told.worst["draw"].max() < BATCH


def test_two_plans_are_compared_in_the_same_futures() -> None:
    one, other = stress([planned(), planned()], 120, seed=3, drivers=0, executor=Serial())
    assert one.measures.equals(other.measures)
    assert other.against["value"].to_list() == [0.0] * 5
    reserve = pl.DataFrame({"site": ["m-southwest"], "item": ["pack5-b"], "safety_stock": [40.0]})
    safer = stress(planned(), 120, seed=3, drivers=0, stock=reserve, executor=Serial())
    fill = [told.service.filter(pl.col("market") == "m-southwest")["fill"].mean() for told in (one, safer)]
    assert fill[1] > fill[0]


def test_safety_stock_of_the_chain_is_held_above_what_the_plan_holds() -> None:
    held = stock(planned().chain).held()
    plain, safer = operate(planned()), operate(planned(), held)
    added = plain.nodes.join(held, on=["site", "item"], how="left", maintain_order="left")["safety_stock"]
    assert added.sum() > 0
    more = safer.built.system.target - plain.built.system.target
    assert np.allclose(more, added.fill_null(0.0).to_numpy())
    lost = [
        stress(planned(), 60, seed=3, drivers=0, stock=above, executor=Serial()).service["lost"].sum()
        for above in (None, held)
    ]
    assert lost[1] < lost[0]


def test_without_risks_every_future_is_the_calm_one() -> None:
    calm = replace(planned(), chain=planned().chain.replace(risks=planned().chain.risks.clear()))
    told = stress(calm, 5, drivers=1, executor=Serial())
    value = told.measures.filter(pl.col("measure") == "value_usd").row(0, named=True)
    assert value["p01"] == value["p99"] == value["calm"]
    assert told.drivers.is_empty()
    assert told.story(2).words == "Nothing out of the ordinary."


def test_base_stocks_follow_the_plan() -> None:
    """Where goods are planned to be at the end of a period, they are aimed at: on hand and under way."""
    operated = operate(planned())
    parts = operated.parts
    assert all((node.target >= 0).all() for node in parts.nodes)
    sold = sum(float((serve.share > 0).any()) for row in parts.rows for serve in row.serves)
    assert sold == planned().sales.select("market", "want", "segment", "item").n_unique()
    assert np.isclose(sum(float(row.base.sum()) for row in parts.rows), planned().shortages["wanted"].sum())


def test_a_future_can_be_told_again() -> None:
    draw = int(alone().worst["draw"][0])
    assert alone().story(draw).words == alone().worst["story"][0]
    figures, fixed = alone().trace(draw).figures, alone().operated.fixed_usd
    assert figures[0] + fixed == pytest.approx(alone().worst["value_usd"][0], rel=1e-12)


def test_no_risk_that_only_hinders_ever_raises_service() -> None:
    """Each alone, in the same futures: whatever is late, shut, barred or slow, nobody is served better for it."""
    run = operate(planned())
    known = uncertain(run)
    batch = Run((run.built.system, known.links, known.law, 3))
    none = [False] * known.risks.height
    still = served(batch.futures(0, 40, none))
    hindering = {"transit", "lane_closure", "site_outage", "shutdown", "listing", "certificate", "delay"}
    seen = set()
    for k, kind in enumerate(known.risks["kind"]):
        if kind in hindering:
            alone = served(batch.futures(0, 40, [j == k for j in range(known.risks.height)]))
            assert (alone[:, : run.rows.height] <= still[:, : run.rows.height] + 1e-9).all(), kind
            seen.add(kind)
    assert len(seen) >= 5


def test_swings_of_demand_cost_more_than_they_bring() -> None:
    drivers = stress(planned(), 2, drivers=40, executor=Serial()).drivers
    swings = drivers.filter(pl.col("kind") == "demand")
    assert (swings["alone_usd"] < 0).all()
    assert (swings["without_usd"] > 0).all()


def test_history_is_replayed_around_its_mean() -> None:
    path = replayed("wci_sha_la")
    assert np.mean(path) == pytest.approx(1)
    assert 75 <= len(path) <= 77  # months from October 2019 to January 2026
    with pytest.raises(ValueError, match="no series"):
        replayed("nonsense")


@pytest.mark.parametrize(
    ("changed", "column"),
    [
        ({"target": "nowhere"}, "target"),
        ({"distribution": "bernoulli"}, "distribution"),
        ({"parameters": "1"}, "parameters"),
        ({"parameters": "-1;0.2", "distribution": "lognormal"}, "parameters"),
        ({"parameters": "2;1", "distribution": "uniform"}, "parameters"),
        ({"parameters": "wci", "distribution": "replay"}, "parameters"),
        ({"correlates": "nobody:0.5"}, "correlates"),
        ({"correlates": "demand-weeks:2"}, "correlates"),
        ({"correlates": "freight-rates:0.9;oakland-strike:0.9;vendor-a-stops:-0.9"}, "correlates"),
        ({"correlates": "freight-rates:0.5"}, None),
    ],
)
def test_risks_that_cannot_be_drawn_are_told(changed: dict[str, str], column: str | None) -> None:
    chain = load("yousolar")
    first = pl.col("risk") == "demand-years"
    texts = {name: pl.col(name).cast(pl.String) for name in changed}
    risks = chain.risks.with_columns(
        **{name: pl.when(first).then(pl.lit(value)).otherwise(texts[name]) for name, value in changed.items()}
    )
    told = [(found.table, found.column) for found in check(chain.replace(risks=risks)) if found.severity == "blocker"]
    assert told == ([("risks", column)] if column else [])


def test_too_few_draws_are_refused() -> None:
    with pytest.raises(ValueError, match="two draws"):
        stress(planned(), 1)

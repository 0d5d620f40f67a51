"""A line from its tables: what adds up, what is known exactly, what a change does, and what a plan makes of it."""

import dataclasses
import itertools
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import cellroad as cr
from cellroad.chain.finding import ChainError
from cellroad.engineering.line.automation import automation
from cellroad.engineering.line.changing import by_mix, changed, changes, place_buffers, reach, with_mix
from cellroad.engineering.line.floor import floor_of, sequence
from cellroad.engineering.line.reading import LineTables, read_line
from cellroad.engineering.line.running import capacity_per_hour
from cellroad.engineering.line.verb import line

QUICK = {"replications": 4, "hours": 80.0, "warm_hours": 8.0}


def plain(*seconds: float, **columns: list[object]) -> LineTables:
    """Return a line of one product and stations that take so many seconds, without any chance."""
    stations = {
        "station": [f"s{at}" for at in range(len(seconds))], "fixed_s": [float(s) for s in seconds],
        "shape": ["fixed"] * len(seconds), "buffer": [2] * len(seconds), **columns,
    }  # fmt: skip
    return LineTables.of(
        "plain",
        products=pl.DataFrame({"product": ["p"], "kwh": [5.0], "mix_share": [1.0], "cells": [16]}),
        stations=pl.DataFrame(stations),
        shifts=pl.DataFrame({"shift": ["day"], "days_per_year": [250.0], "hours": [8.0], "breaks_hours": [0.5]}),
    )


def test_a_line_without_chance_makes_what_its_slowest_station_makes() -> None:
    found = line(plain(50.0, 100.0, 40.0), **QUICK)
    all_ = found.volume.filter(product="all").row(0, named=True)
    assert all_["packs_per_hour"] == pytest.approx(36.0, rel=1e-3)
    assert all_["gwh_per_year"] == pytest.approx(36 * 5 * 250 * 7.5 / 1e6, rel=1e-3)
    assert found.bottleneck == "s1"
    assert dict(found.oee.select("factor", "value").iter_rows())["oee"] == pytest.approx(1.0, rel=1e-3)
    assert all_["low"] == pytest.approx(all_["high"])


def test_the_factors_of_effectiveness_multiply_to_it() -> None:
    oee = dict(line("fremont", **QUICK).oee.select("factor", "value").iter_rows())
    assert oee["oee"] == pytest.approx(oee["availability"] * oee["performance"] * oee["quality"], rel=1e-3)


def test_no_station_passes_more_than_it_can_alone_and_its_states_fill_its_time() -> None:
    found = line("fremont", **QUICK)
    rate = float(found.volume.filter(product="all")["packs_per_hour"][0])
    assert rate <= found.stations["capacity_per_hour"].min() * 1.01
    states = found.stations.select(pl.sum_horizontal("starved", "busy", "down", "setup", "blocked", "unmanned"))
    np.testing.assert_allclose(states.to_series().to_numpy(), 1.0, rtol=1e-9)
    assert found.volume.filter(pl.col("product") != "all")["packs_per_hour"].sum() == pytest.approx(rate)


def test_the_mix_is_made_in_its_shares_and_lots() -> None:
    tables = read_line("fremont")
    order = sequence(tables, 20_000)
    shares = np.bincount(order) / order.size
    np.testing.assert_allclose(shares, tables.tables["products"]["mix_share"].to_numpy(), atol=0.01)
    changes_at = np.flatnonzero(np.diff(order)) + 1
    lots = dict(enumerate(tables.tables["products"]["lot"]))
    for begin, over in itertools.pairwise(changes_at):
        assert (over - begin) % lots[int(order[begin])] == 0


def test_alone_a_station_has_the_capacity_that_its_times_say() -> None:
    """100 s of work, down a tenth of it, a fifth fails and goes again once: 3600 / (100 * 1.1 * 1.2)."""
    tables = plain(100.0, mtbf_h=[10.0], mttr_h=[1.0], pass_share=[0.8], tries=[1])
    assert capacity_per_hour(tables, floor_of(tables)) == pytest.approx([3600 / (100 * 1.1 * 1.2)])


def test_fremont_reaches_its_target_with_the_mix_and_not_with_small_packs_alone_nor_at_launch() -> None:
    tables = read_line("fremont")
    mixes = {row["product"]: row for row in by_mix(tables, **QUICK).iter_rows(named=True)}
    assert mixes["mix"]["gwh_per_year"] > 1.0 > mixes["p3"]["gwh_per_year"]
    assert len({row["bottleneck"] for row in mixes.values()}) > 1
    assert line(tables, month=0, **QUICK).gwh_per_year < 1.0


def test_four_rates_of_automation_differ_and_hold_the_mixed_stations_between() -> None:
    rates = automation(read_line("fremont")).drop_nulls()
    assert set(rates["definition"]) == {"stations", "tasks", "time", "labour"}
    assert (rates["low"] <= rates["share"]).all() and (rates["share"] <= rates["high"]).all()
    assert rates["share"].n_unique() == 4


def test_the_way_to_a_target_reaches_it_and_nothing_of_it_is_needless() -> None:
    """Two stations of 100 s make 36 an hour; 54 an hour need a second channel at both."""
    tables = plain(100.0, 100.0, 40.0, channel_usd=[10.0, 10.0, 5.0])
    target = 54 * 5 * 250 * 7.5 / 1e6
    way = reach(tables, target, replications=2, hours=40.0, warm_hours=4.0)
    assert way.reached and sorted(way.steps["where"]) == ["s0", "s1"] and way.steps["usd"].sum() == 20
    never = reach(plain(100.0), target, replications=2, hours=40.0, warm_hours=4.0)
    assert not never.reached and never.steps.is_empty()


def test_a_change_changes_one_thing() -> None:
    tables = read_line("fremont")
    for change in changes(tables):
        other = changed(tables, change)
        differ = [name for name in tables.tables if not other.tables[name].equals(tables.tables[name])]
        assert differ == [{"person": "pools"}.get(change.what, "stations")]


def test_a_plan_uses_the_line_and_makes_no_more_than_it() -> None:
    chain = cr.load("yousolar")
    found = line(with_mix(read_line("fremont"), {"p5": 0.7, "p10": 0.3}), **QUICK)
    with_line = found.to_chain(chain, site="oakland", items={"p5": "pack5-b", "p10": "pack10-us"})
    assert [f for f in cr.check(with_line) if f.severity == "blocker"] == []
    made = with_line.processes.filter(resource="fremont-line")
    packs = found.volume.filter(pl.col("product") != "all")
    rate = dict(packs.select("product", "packs_per_hour").iter_rows())
    items = {"pack5-b": "p5", "pack10-us": "p10"}
    hours = sum(
        row["hours_per_unit"] / row["yield_share"] * rate[items[row["item"]]] for row in made.iter_rows(named=True)
    )
    assert hours == pytest.approx(1.0)
    plan = cr.plan(with_line, gap=0.01)
    used = plan.capacity.filter(resource="fremont-line")
    assert used.height and (used["hours_used"] <= used["hours_available"] + 1e-6).all()
    assert cr.audit(plan).closes
    with pytest.raises(ChainError, match="oaklan"):
        found.to_chain(chain, site="oaklan", items={"p5": "pack5-b"})


def test_everything_wrong_with_a_line_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "stations.csv").write_text("station,fixed_s,rework,pool,people\na,10,bench,crew,3\nb,-1,,,1\n")
    (tmp_path / "products.csv").write_text("product,kwh,mix_share,cells\np,5,0.7,16\n")
    (tmp_path / "statoins.csv").write_text("x\n1\n")
    with pytest.raises(ChainError) as told:
        read_line(tmp_path)
    assert {(f.table, f.column) for f in told.value.findings} == {("stations", "fixed_s"), ("statoins.csv", "")}
    (tmp_path / "statoins.csv").unlink()
    (tmp_path / "stations.csv").write_text("station,fixed_s,rework,pool,people\na,10,bench,crew,3\nb,1,,,1\n")
    with pytest.raises(ChainError) as told:
        read_line(tmp_path)
    where = {(f.table, f.column) for f in told.value.findings}
    assert where == {("stations", "rework"), ("stations", "pool"), ("products", "mix_share"), ("shifts", "")}
    with pytest.raises(ChainError, match="Did you mean 'fremont'"):
        read_line("fremon")


def test_the_same_seed_gives_the_same_line_and_another_one_another() -> None:
    one, same, other = (line("fremont", seed=seed, **QUICK) for seed in (1, 1, 2))
    assert one.volume.equals(same.volume) and not one.volume.equals(other.volume)
    assert dataclasses.replace(one).summary() == same.summary()


def test_a_line_makes_no_more_than_what_comes_for_it() -> None:
    """Cells for thirty packs come every hour to a line of thirty-six an hour, then for none."""
    arrivals = pl.DataFrame({"hour": [float(h) for h in range(44)], "packs": [30.0] * 44})
    fed = line(plain(100.0), arrivals=arrivals, **QUICK)
    counted = 30 * 44 - fed.found.good.sum(axis=1)
    assert float(fed.volume.filter(product="all")["packs_per_hour"][0]) == pytest.approx(30 * 36 / 80, rel=0.01)
    assert (counted > 0).all() and float(fed.stations["starved"][0]) > 0.5
    half = arrivals.with_columns(packs=pl.col("packs") / 2)
    assert line(plain(100.0), arrivals=half, **QUICK).gwh_per_year == pytest.approx(fed.gwh_per_year / 2, rel=0.02)


def test_places_to_wait_go_where_they_gain_most_and_never_lose() -> None:
    """Three stations alike with times by chance: no split of two places over both buffers makes more."""
    tables = plain(60.0, 60.0, 60.0, shape=["exponential"] * 3, buffer=[0, 0, 0])
    asked = {"replications": 4, "hours": 200.0, "warm_hours": 4.0}
    found = place_buffers(tables, 2, **asked)
    assert found["places"].to_list() == [0, 1, 1]
    none = place_buffers(tables, 0, **asked)
    assert found["gwh_per_year"][0] > none["gwh_per_year"][0]
    for split in ([0, 0, 2], [0, 2, 0]):
        other = plain(60.0, 60.0, 60.0, shape=["exponential"] * 3, buffer=split)
        assert line(other, **asked).gwh_per_year < found["gwh_per_year"][0]

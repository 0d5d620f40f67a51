"""Tasks on stations: published optima and every assignment of small cases."""

import itertools

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cellroad.chain.finding import ChainError
from cellroad.engineering.line.balancing import balance, staff

JACKSON = {
    1: (6, ()), 2: (2, (1,)), 3: (5, (1,)), 4: (7, (1,)), 5: (1, (1,)), 6: (2, (2,)), 7: (3, (3, 4, 5)), 8: (6, (6,)),
    9: (5, (7,)), 10: (5, (8,)), 11: (4, (9, 10)),
}  # fmt: skip
"""Jackson (1956), eleven tasks; fewest stations by cycle as in the collection of Scholl (1993)."""


def frame(tasks: dict[int, tuple[int, tuple[int, ...]]]) -> pl.DataFrame:
    rows = [(f"t{i}", float(t), ";".join(f"t{j}" for j in after)) for i, (t, after) in tasks.items()]
    return pl.DataFrame(rows, schema=["task", "seconds", "after"], orient="row")


@pytest.mark.parametrize(("cycle", "stations"), [(7, 8), (9, 6), (10, 5), (13, 4), (14, 4), (21, 3)])
def test_jackson_needs_as_few_stations_as_published(cycle: int, stations: int) -> None:
    found = balance(frame(JACKSON), cycle_s=cycle)
    assert found.stations.height == stations and found.seconds <= cycle
    assert found.efficiency == pytest.approx(46 / (stations * found.seconds))


@settings(max_examples=25, derandomize=True)
@given(st.lists(st.integers(1, 9), min_size=1, max_size=6), st.integers(1, 3), st.data())
def test_the_least_cycle_is_that_of_every_assignment(times: list[int], stations: int, data: st.DataObject) -> None:
    after = {
        i: tuple(j for j in range(i) if data.draw(st.booleans(), label=f"{j} before {i}")) for i in range(len(times))
    }
    best = min(
        np.bincount(place, times, stations).max()
        for place in itertools.product(range(stations), repeat=len(times))
        if all(place[j] <= place[i] for i in after for j in after[i])
    )
    found = balance(frame({i: (times[i], after[i]) for i in after}), stations=stations)
    assert found.seconds == pytest.approx(best) and found.bound == pytest.approx(best, rel=1e-4)
    place_of = dict(found.tasks.select("task", "station").iter_rows())
    assert all(place_of[f"t{j}"] <= place_of[f"t{i}"] for i in after for j in after[i])
    assert found.stations["seconds"].sum() == sum(times)


def test_what_cannot_be_balanced_is_told() -> None:
    with pytest.raises(ChainError, match=r"ring: t[12] -> t[12] -> t[12]"):
        balance(frame({1: (1, (2,)), 2: (1, (1,))}), stations=2)
    with pytest.raises(ChainError, match="'t9'"):
        balance(frame({1: (1, (9,))}), stations=2)
    with pytest.raises(ValueError, match="longer than a cycle"):
        balance(frame(JACKSON), cycle_s=6.5)
    with pytest.raises(ValueError, match="either stations or cycle_s"):
        balance(frame(JACKSON))


@settings(max_examples=20, derandomize=True)
@given(
    st.lists(st.tuples(st.integers(1, 9), st.sampled_from(["automatic", "mixed", "manual"])), min_size=1, max_size=6),
    st.integers(1, 3), st.integers(6, 20), st.data(),
)  # fmt: skip
def test_the_fewest_people_are_those_of_every_assignment(
    work: list[tuple[int, str]], stations: int, cycle: int, data: st.DataObject
) -> None:
    after = {i: tuple(j for j in range(i) if data.draw(st.integers(0, 3)) == 0) for i in range(len(work))}
    tasks = frame({i: (work[i][0], after[i]) for i in after}).with_columns(
        automation=pl.Series([how for _, how in work])
    )
    machine = np.array([t if how != "manual" else 0 for t, how in work])
    manual = np.array([t if how != "automatic" else 0 for t, how in work])
    best = min(
        (
            int(np.ceil(np.bincount(place, manual, stations) / cycle).sum())
            for place in itertools.product(range(stations), repeat=len(work))
            if all(place[j] <= place[i] for i in after for j in after[i])
            and np.bincount(place, machine, stations).max() <= cycle
        ),
        default=None,
    )
    if best is None:
        with pytest.raises(ValueError, match="give more of either"):
            staff(tasks, stations=stations, cycle_s=cycle)
        return
    found = staff(tasks, stations=stations, cycle_s=cycle)
    assert found.people == found.bound == best
    assert (found.stations["machine_s"] <= cycle).all()
    assert (found.stations["manual_s"] <= cycle * found.stations["people"]).all()

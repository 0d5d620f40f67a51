"""The kernel of a line: event for event as SimPy, exact results of queues, and what no line can break."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engineering.line.simpy_line import Line

from cellroad.engineering.line.chance import EXPONENTIAL, FIXED, TRIANGULAR
from cellroad.engineering.line.kernel import Floor, Run, empty_run, simulate


def floor_of(stations: list[dict[str, Any]], rework: list[int] = [], shape: int = TRIANGULAR) -> Floor:  # noqa: B006
    """Return stations as in `simpy_line.Line` as arrays."""
    m = len(stations)

    def of(name: str, default: float, dtype: type = float) -> np.ndarray:
        return np.array([s.get(name, default) for s in stations], dtype)

    servers = [s.get("servers", 1) for s in stations] + rework
    mended = [-1 if s.get("rework") is None else m + s["rework"] for s in stations]
    return Floor(
        first=np.concatenate([[0], np.cumsum(servers)]).astype(np.int64),
        buffer=np.array([s.get("buffer", 1) for s in stations] + [-1] * len(rework), np.int64),
        likely=np.array([s["likely"] for s in stations], float),
        shape=np.full(m, shape), low=np.full(m, 0.8), high=np.full(m, 1.5),
        passes=of("passes", 1.0), tries=of("tries", 2, np.int64), mended_at=np.array(mended, np.int64),
        mend_s=of("mend_s", 1.0), mtbf=of("mtbf", 0.0), mttr=of("mttr", 1.0), setup=of("setup", 0.0),
        need=np.array([s.get("need", 0) for s in stations] + [0] * len(rework), np.int64),
        pool=np.array([s.get("pool", -1) for s in stations] + [-1] * len(rework), np.int64),
        people=np.array([1], np.int64),
    )  # fmt: skip


def run(
    floor: Floor, units: int, end: float, *, warm: float = 0.0, product: np.ndarray | None = None,
    release: np.ndarray | None = None, seed: int = 1, replication: int = 0, trace: int = 0,
) -> Run:  # fmt: skip
    made = empty_run(floor, units, trace)
    kinds = np.zeros(units, np.int64) if product is None else product
    simulate(floor, kinds, np.zeros(units) if release is None else release, warm, end, seed, replication, made)
    return made


def station(draw: st.DrawFn, products: int, reworks: int) -> dict[str, Any]:
    servers = draw(st.integers(1, 3))
    alone = servers == 1
    return {
        "servers": servers, "buffer": draw(st.integers(1, 4)),
        "likely": [draw(st.floats(5.0, 40.0)) * servers for _ in range(products)],
        "passes": draw(st.sampled_from([1.0, 0.95, 0.7])), "tries": draw(st.integers(0, 2)),
        "rework": draw(st.sampled_from([None, *range(reworks)])), "mend_s": draw(st.floats(5.0, 60.0)),
        "mtbf": draw(st.sampled_from([0.0, 200.0])) if alone else 0.0, "mttr": 30.0,
        "setup": draw(st.sampled_from([0.0, 15.0])) if alone else 0.0,
    }  # fmt: skip


@st.composite
def lines(draw: st.DrawFn) -> tuple[list[dict[str, Any]], list[int], list[int]]:
    products, reworks = draw(st.integers(1, 2)), draw(st.integers(0, 2))
    stations = [station(draw, products, reworks) for _ in range(draw(st.integers(1, 5)))]
    kinds = draw(st.lists(st.integers(0, products - 1), min_size=60, max_size=60))
    return stations, [draw(st.integers(1, 2)) for _ in range(reworks)], kinds


@settings(max_examples=60, derandomize=True)
@given(lines(), st.integers(0, 2**31), st.integers(0, 5))
def test_every_piece_of_work_ends_when_simpy_says(
    line: tuple[list[dict[str, Any]], list[int], list[int]], seed: int, replication: int
) -> None:
    """Servers of one station are alike unless they fail or are set up; where they do, there is one of them."""
    stations, rework, kinds = line
    other = Line(stations, rework, kinds, seed, replication)
    other.env.run(until=3000.0)
    mine = run(floor_of(stations, rework), len(kinds), 3000.0, product=np.array(kinds), seed=seed,
               replication=replication, trace=5000)  # fmt: skip
    count = mine.traced[0]
    assert count == len(other.log)
    expected = sorted(other.log)
    got = sorted(zip(mine.trace_time[:count], mine.trace_unit[:count], mine.trace_place[:count], strict=True))
    assert [event[1:] for event in got] == [event[1:] for event in expected]
    np.testing.assert_allclose([event[0] for event in got], [event[0] for event in expected], rtol=1e-9)
    assert {n: mine.left[n] for n in np.flatnonzero(~np.isnan(mine.left))} == pytest.approx(other.left)


@settings(max_examples=40, derandomize=True)
@given(lines(), st.floats(0.0, 1500.0))
def test_time_units_and_states_are_conserved(
    line: tuple[list[dict[str, Any]], list[int], list[int]], warm: float
) -> None:
    stations, rework, kinds = line
    floor = floor_of(stations, rework)
    made = run(floor, len(kinds), 3000.0, warm=warm, product=np.array(kinds))
    np.testing.assert_allclose(made.time_in.sum(axis=1), 3000.0 - warm, rtol=1e-9)
    began, through, _, scrapped = made.counts.T
    assert (through <= began + 10).all() and (scrapped >= 0).all()
    servers = np.diff(floor.first)
    in_work = np.add.reduceat(made.time_in[:, 1:5].sum(axis=1), floor.first[:-1])
    np.testing.assert_allclose(made.held[:, 1], in_work, rtol=1e-9, atol=1e-6)
    assert (made.held[:, 1] <= servers * (3000.0 - warm) * (1 + 1e-9)).all()


@settings(max_examples=25, derandomize=True)
@given(lines())
def test_littles_law_holds_to_the_last_second_where_all_have_left(
    line: tuple[list[dict[str, Any]], list[int], list[int]],
) -> None:
    """What has stood in the line, over all of its places, is the time that units have spent in it."""
    stations, rework, kinds = line
    made = run(floor_of(stations, rework), len(kinds), 1e9, product=np.array(kinds))
    assert not np.isnan(made.left).any()
    assert made.held.sum() == pytest.approx((made.left - made.entered).sum())


def arrivals(units: int, rate: float, seed: int = 7) -> np.ndarray:
    return np.cumsum(np.random.default_rng(seed).exponential(1 / rate, units))


@pytest.mark.parametrize(
    ("shape", "servers", "exact"),
    [
        (EXPONENTIAL, 1, 0.7 / 0.3),
        (FIXED, 1, 0.7 + 0.7**2 / (2 * 0.3)),
        (EXPONENTIAL, 2, 2 * 0.7 / (1 - 0.7**2)),
    ],
    ids=["M/M/1", "M/D/1", "M/M/2"],
)
def test_a_queue_holds_as_many_as_theory_says(shape: int, servers: int, exact: float) -> None:
    """Of twenty runs at a load of 0.7, within four standard errors of the mean."""
    floor = floor_of([{"likely": [0.7 * servers], "servers": servers, "buffer": -1}], shape=shape)
    end, warm = 41_000.0, 1000.0
    found = np.array([
        run(floor, 45_000, end, warm=warm, release=arrivals(45_000, 1.0, r), replication=r).held.sum() / (end - warm)
        for r in range(20)
    ])  # fmt: skip
    assert abs(found.mean() - exact) < 4 * found.std(ddof=1) / np.sqrt(20)


@pytest.mark.parametrize("places", [0, 1, 4])
def test_two_machines_with_a_buffer_make_what_the_markov_chain_says(places: int) -> None:
    """The first is never starved and blocks after service: as M/M/1 with places + 2 units (Buzacott 1967)."""
    first, second = 1.0, 1.25
    ratio = first / second
    chance = ratio ** np.arange(places + 3)
    exact = second * (1 - (chance / chance.sum())[0])
    floor = floor_of([{"likely": [1 / first], "buffer": 0}, {"likely": [1 / second], "buffer": places}],
                     shape=EXPONENTIAL)  # fmt: skip
    found = []
    for r in range(20):
        made = run(floor, 60_000, 40_000.0, warm=500.0, replication=r)
        found.append((made.left > 500.0).sum() / 39_500.0)
    assert abs(np.mean(found) - exact) < 4 * np.std(found, ddof=1) / np.sqrt(20)


def test_a_machine_that_fails_is_up_as_long_as_its_times_say() -> None:
    """Fed without end: it is down mttr / (mtbf + mttr) of the time, because it fails by work done."""
    floor = floor_of([{"likely": [1.0], "mtbf": 90.0, "mttr": 10.0, "buffer": 0}], shape=FIXED)
    shares = [run(floor, 30_000, 30_000.0, replication=r).time_in[0, 2] / 30_000.0 for r in range(20)]
    assert abs(np.mean(shares) - 0.1) < 4 * np.std(shares, ddof=1) / np.sqrt(20)


def test_one_person_at_two_stations_is_the_bottleneck() -> None:
    """Each takes a person 10 seconds a unit, and there is one: a unit every 20 seconds, and idle servers wait."""
    floor = floor_of([{"likely": [10.0], "need": 1, "pool": 0}] * 2, shape=FIXED)
    made = run(floor, 1000, 10_000.0)
    assert (~np.isnan(made.left)).sum() == pytest.approx(500, abs=2)
    assert made.time_in[:, 1].sum() == pytest.approx(10_000.0, rel=1e-3)
    assert made.time_in[:, 5].sum() > 0

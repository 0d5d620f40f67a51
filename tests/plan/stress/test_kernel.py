"""The recursion against a second telling of it, against closed forms, and against the law that nothing gets lost."""

import random
from functools import reduce

import numpy as np
import pytest
from scipy import stats
from tests.plan.stress import reference
from tests.plan.stress.drawn import flattened, law, links, random_parts, random_risks

from cellroad.plan.stress.arrays import Law, Links
from cellroad.plan.stress.assemble import Buy, Grid, Node, Parts, Row, Serve, Ship, assemble
from cellroad.plan.stress.batches import BLOCK, Run, Trace, drawn, trace
from cellroad.plan.stress.chance import FIXED, POISSON
from cellroad.plan.stress.futures import DAY
from cellroad.plan.stress.money import ERROR
from cellroad.plan.stress.serving import LOST, WANTED

WARM = 200
"""Days before a system is taken to have forgotten how it began."""


@pytest.mark.parametrize("rules", [False, True])
@pytest.mark.parametrize("seed", range(40))
def test_every_day_is_as_a_second_telling_has_it_to_the_last_bit(seed: int, rules: bool) -> None:
    r = random.Random(seed)
    parts = random_parts(r, rules=rules)
    chance, touched = random_risks(r, parts)
    s = assemble(parts).system
    run = trace(s, touched, chance, drawn(chance, 7 * seed, seed))
    told = reference.Day(s, touched, chance, reference.draw_future(chance, 7 * seed, seed))
    told.run()
    assert np.array_equal(run.stock, np.array(told.trace).reshape(run.stock.shape))
    assert np.array_equal(run.counts[:, :4], np.array(told.sold).reshape(-1, 4))
    assert run.figures[ERROR] < 1e-9


@pytest.mark.parametrize("seed", range(12))
def test_a_future_is_the_same_to_the_last_bit_whatever_runs_beside_it(seed: int) -> None:
    r = random.Random(1000 + seed)
    parts = random_parts(r)
    chance, touched = random_risks(r, parts)
    system = assemble(parts).system
    many = Run((system, touched, chance, seed)).futures(0, 2 * BLOCK + 3)
    for first, last in [(0, 1), (BLOCK - 1, BLOCK + 4), (2 * BLOCK + 2, 2 * BLOCK + 3)]:
        few = Run((system, touched, chance, seed)).futures(first, last)
        for some, whole in zip(
            (few.figures, few.counts, few.months), (many.figures, many.counts, many.months), strict=True
        ):
            assert np.array_equal(some, whole[first:last])
    told = trace(system, touched, chance, drawn(chance, seed, BLOCK + 1))
    assert np.array_equal(told.figures, many.figures[BLOCK + 1])
    assert np.array_equal(told.counts, many.counts[BLOCK + 1])
    assert many.figures[:, ERROR].max() < 1e-9


def line(levels: list[float], leads: list[int], days: int, mean: float, waits: bool) -> Parts:
    """A supplier without limit and stages behind it, each so many days after the one before."""
    one, always = np.ones(1), np.ones(1, bool)
    due = np.arange(days) + leads[0]
    nodes = [Node(level, np.full(days, level), np.zeros(1)) for level in levels]
    buy = Buy(0, one, always, one, 0, np.where(due < days, due, -1), np.full(days, np.inf))
    ships = [
        Ship(n, one, always, one, 0, n - 1, n - 1, np.full(days, lead), one, one)
        for n, lead in enumerate(leads[1:], start=1)
    ]
    serve = Serve(len(levels) - 1, 1.0, one, always, one)
    row = Row(np.full(days, mean), (serve,), one, one, days if waits else 0, float(waits))
    grid = Grid(np.zeros(days, np.int64), np.zeros(days, np.int64), np.ones(days))
    return Parts(grid, nodes, [buy], [], ships, [row], lane_cap=np.full(len(ships), np.inf))


def poisson_demand(parts: Parts, late: tuple[float, float] | None = None) -> tuple[Law, Links]:
    """Demand is Poisson by day; what leaves a lane is late by a number of days that is drawn every day."""
    kinds = ["noise"] if late is None else ["noise", "slow"]
    chance, touched = law(parts, kinds), links(parts, kinds)
    shape = np.array([POISSON, 4][: len(kinds)], np.int64)
    numbers = np.array([[0, 0, 0], [*(late or (0, 0)), 0]], float)[: len(kinds)]
    touched = touched._replace(
        **dict(zip(("noise_ptr", "noise_risk"), flattened([[0]], np.int64), strict=True)),
        **dict(zip(("slow_ptr", "slow_risk"),
                   flattened([[1] if late else [] for _ in parts.ships], np.int64), strict=True)),
    )  # fmt: skip
    return chance._replace(shape=shape, numbers=numbers, every=np.full(len(kinds), DAY)), touched


def run(parts: Parts, late: tuple[float, float] | None = None) -> Trace:
    chance, touched = poisson_demand(parts, late)
    return trace(assemble(parts).system, touched, chance, drawn(chance, 5, 0))


def near(daily: np.ndarray, expected: float) -> None:
    """The mean lies within four standard errors of what is expected, by means of 20 stretches of days."""
    means = [part.mean() for part in np.array_split(daily[WARM:], 20)]
    error = np.std(means, ddof=1) / np.sqrt(len(means))
    assert abs(np.mean(means) - expected) < 4 * error + 1e-9


def on_hand(level: float, outstanding: np.ndarray) -> float:
    """Expected stock of a base stock, from the chances that 0, 1, 2 … units are outstanding."""
    k = np.arange(outstanding.size)
    return float((np.maximum(level - k, 0) * outstanding).sum())


def test_a_newsvendor_loses_what_is_wanted_beyond_his_stock() -> None:
    told = run(line([12.0], [1], 20_000, 10.0, waits=False))
    k = np.arange(200)
    lost = float((np.maximum(k - 12, 0) * stats.poisson.pmf(k, 10.0)).sum())
    near((told.wanted - told.served)[:, 0], lost)
    assert told.counts[0, LOST] / told.counts[0, WANTED] == pytest.approx(lost / 10, rel=0.1)


def test_a_base_stock_holds_its_level_less_the_demand_of_a_lead_time() -> None:
    told = run(line([33.0], [6], 20_000, 5.0, waits=True))
    near(told.stock[:, 0], on_hand(33.0, stats.poisson.pmf(np.arange(200), 30.0)))
    near((told.wanted <= told.served).astype(float)[:, 0], _ready(33, 5.0, 6))


def _ready(level: int, mean: float, lead: int) -> float:
    """Chance that a day is served in full: stock before demand covers it, or nothing is wanted."""
    k = np.arange(300)
    wanted, owed = stats.poisson.pmf(k, mean), stats.poisson.pmf(k, mean * (lead - 1))
    met = sum(p * owed[: level - n + 1].sum() for n, p in enumerate(wanted[: level + 1]) if n > 0)
    return float(met + wanted[0])


def test_random_lead_times_leave_as_many_units_outstanding_as_an_infinite_server_queue() -> None:
    told = run(line([0.0, 26.0], [0, 4], 30_000, 4.0, waits=True), late=(-2.5, 5.5))
    # lead times 2 to 9 days with equal chance: day by day a batch is outstanding or not (M/G/infinity in whole days)
    chance_out = [max(0.0, min(1.0, (9 - max(age, 1)) / 8)) if age >= 2 else 1.0 for age in range(10)]
    k = np.arange(120)
    parts = [(1 - p) * (k == 0) + p * stats.poisson.pmf(k, 4.0) for p in chance_out if p > 0]
    outstanding = reduce(np.convolve, parts)
    assert (np.arange(outstanding.size) * outstanding).sum() == pytest.approx(4.0 * 5.5)  # Little's law
    near(told.stock[:, 1], on_hand(26.0, outstanding))


def test_a_serial_system_passes_on_what_the_stage_before_owes() -> None:
    told = run(line([18.0, 14.0], [5, 3], 30_000, 3.5, waits=True))
    k = np.arange(150)
    before = stats.poisson.pmf(k, 5 * 3.5)
    owed = np.append(before[:19].sum(), before[19:])
    outstanding = np.convolve(owed, stats.poisson.pmf(k, 3 * 3.5))
    near(told.stock[:, 1], on_hand(14.0, outstanding))
    near(told.stock[:, 0], on_hand(18.0, before))


def test_an_event_stops_what_it_touches_and_nothing_else() -> None:
    parts = line([5.0, 50.0], [0, 2], 60, 4.0, waits=False)
    chance, touched = law(parts, ["stop"]), links(parts, [])
    ptr, what = flattened([[1]], np.int64)
    touched = touched._replace(
        stop_ptr=ptr, stop_what=what, left=np.zeros(1), duty_ptr=np.zeros(2, np.int64), duty_add=np.zeros(1)
    )
    chance = chance._replace(
        clock=np.array([3]), known_ptr=np.array([0, 1]), known_day=np.array([10]), threshold=np.full((1, 1), -9.0),
        length=np.array([20.0]), spread=np.zeros(1), shape=np.array([FIXED]),
    )  # fmt: skip
    told = trace(assemble(parts).system, touched, chance, drawn(chance, 1, 0))
    missed = np.flatnonzero(told.wanted[:, 0] > told.served[:, 0])
    # 50 less two days under way are on hand when the last goods come on day 11; those of day 30 are there on day 32
    assert missed[0] == 12 + (50 - 2 * 4) // 4
    assert missed[-1] == 31

"""The guaranteed-service model: brute force, closed forms, published trees, and laws that every placement obeys."""

import itertools

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from cellroad.plan.stock import grids, placing, times
from cellroad.plan.stock.core import Core
from cellroad.plan.stock.improving import improved
from cellroad.plan.stock.placing import Placement, place
from cellroad.plan.stock.stages import Stages
from cellroad.plan.stock.trees import unpeeled

Floats = NDArray[np.float64]
STEP = 0.5


def stages(
    arcs: list[tuple[int, int]],
    lead: list[float],
    holding: list[float],
    factor: list[float] | float = 1.0,
    promise: dict[int, float] | None = None,
    way: list[float] | None = None,
) -> Stages:
    """Return stages; those without customers deliver at once where they promise nothing else."""
    size = len(lead)
    ends = set(range(size)) - {j for j, _ in arcs}
    promised = dict.fromkeys(ends, 0.0) | (promise or {})
    return Stages(
        arcs=np.array(arcs, dtype=np.int64).reshape(-1, 2),
        way=np.zeros(len(arcs)) if way is None else np.array(way, dtype=float),
        lead=np.array(lead, dtype=float),
        spread=np.zeros(size),
        holding=np.array(holding, dtype=float),
        factor=np.full(size, factor) if isinstance(factor, float) else np.array(factor, dtype=float),
        swing=np.zeros(size),
        mean=np.zeros(size),
        promise=np.array([promised.get(i, np.inf) for i in range(size)]),
    )


def supplied(net: Stages, stage: int) -> list[tuple[int, float]]:
    """Return the suppliers of a stage and how far away they are."""
    return [(j, way) for (j, k), way in zip(net.arcs.tolist(), net.way.tolist(), strict=True) if k == stage]


def enumerated(net: Stages, step: float = STEP) -> float:
    """Return the least cost over all outbound times that are multiples of a step, one by one."""
    size, longest = net.size, np.zeros(net.size)
    for i in range(size):
        longest[i] = net.lead[i] + max((longest[j] + way for j, way in supplied(net, i)), default=0.0)
    most = np.minimum(longest, net.promise)
    grids = [np.append(np.arange(0.0, top, step), top) for top in most]
    outbound = np.array(list(itertools.product(*grids))).T
    cost = np.zeros(outbound.shape[1])
    for i in range(size):
        inbound = np.max([np.zeros(outbound.shape[1]), *(outbound[j] + way for j, way in supplied(net, i))], axis=0)
        days = inbound + net.lead[i] - outbound[i]
        price = net.holding[i] if np.isfinite(net.holding[i]) else 1e12
        cost += np.where(days < -1e-9, np.inf, price * net.factor[i] * np.sqrt(np.maximum(days, 0)))
    return float(cost.min())


def keeps_promises(net: Stages, found: Placement) -> bool:
    """Say whether service times could be kept, and cost what they are said to, worked out from scratch."""
    arcs = zip(net.arcs.tolist(), net.way.tolist(), strict=True)
    waits = all(found.outbound[j] + way <= found.inbound[k] + 1e-5 for (j, k), way in arcs)
    days = found.inbound + net.lead - found.outbound
    held = np.where(days > 1e-5, np.sqrt(np.maximum(days, 0)), 0.0)
    cost = (np.where(held > 0, net.holding, 0.0) * net.factor * held).sum()
    inside = bool((days > -1e-5).all() and (found.outbound <= net.promise + 1e-6).all() and (found.outbound >= 0).all())
    return waits and inside and cost == pytest.approx(found.cost, rel=1e-6, abs=1e-3)


def is_best(net: Stages, found: Placement, cost: float) -> None:
    """Hold a placement against the cost of the best there can be."""
    assert found.cost == pytest.approx(cost, rel=1e-6, abs=1e-6)
    assert found.gap <= 1e-6
    assert keeps_promises(net, found)


@st.composite
def networks(draw: st.DrawFn, most: int = 5) -> Stages:
    size = draw(st.integers(2, most))
    possible = list(itertools.combinations(range(size), 2))
    arcs = draw(st.lists(st.sampled_from(possible), unique=True, max_size=len(possible)))
    whole = st.integers(0, 4).map(lambda days: days * STEP)
    lead = draw(st.lists(whole, min_size=size, max_size=size))
    holding = draw(st.lists(st.integers(1, 9), min_size=size, max_size=size))
    factor = draw(st.lists(st.integers(1, 9), min_size=size, max_size=size))
    ends = set(range(size)) - {j for j, _ in arcs}
    promise = {i: draw(whole) for i in ends}
    way = draw(st.lists(st.sampled_from([0.0, 0.0, STEP, 2 * STEP]), min_size=len(arcs), max_size=len(arcs)))
    nowhere = draw(st.lists(st.sampled_from([False, False, False, True]), min_size=size, max_size=size))
    price = [
        np.inf if none and i not in ends else float(h) for i, (h, none) in enumerate(zip(holding, nowhere, strict=True))
    ]
    return stages(arcs, lead, price, [float(f) for f in factor], promise, way)


@settings(max_examples=60, derandomize=True)
@given(net=networks())
def test_a_placement_is_the_best_of_all_that_can_be_counted(net: Stages) -> None:
    found = place(net)
    is_best(net, found, enumerated(net))
    assert found.bound <= found.cost


def ringed(seed: int) -> Stages:
    """Return a network with many rings, of four to eight stages."""
    rng = np.random.default_rng(seed)
    size = int(rng.integers(4, 9))
    arcs = [(i, j) for i, j in itertools.combinations(range(size), 2) if rng.random() < 0.5]
    lead, holding, factor = (rng.integers(low, high, size).astype(float) for low, high in ((0, 6), (1, 10), (1, 9)))
    promise, ends = rng.integers(0, 3, size).astype(float), set(range(size)) - {j for j, _ in arcs}
    return stages(arcs, list(lead), list(holding), list(factor), {i: promise[i] for i in ends})


@pytest.mark.parametrize("seed", [40, 231])
def test_the_search_finds_the_best_where_the_relaxation_does_not(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    decide = Core.decide
    monkeypatch.setattr(Core, "decide", lambda core, *given: asked.append(given[:2]) or decide(core, *given))
    net = ringed(seed)
    found = place(net)
    ((relaxed, cost),) = asked
    assert relaxed.bound < cost * (1 - 1e-3)
    assert found.cost == pytest.approx(enumerated(net, 1.0), rel=1e-6)
    assert found.gap <= 1e-6


def test_a_single_stage_covers_its_lead_time_less_what_it_promises() -> None:
    found = place(stages([], [9.0], [2.0], 5.0, {0: 5.0}))
    assert found.cost == pytest.approx(2 * 5 * np.sqrt(4))
    assert found.safety == pytest.approx([10.0])


@settings(max_examples=25, derandomize=True)
@given(
    lead=st.lists(st.integers(0, 9), min_size=1, max_size=7),
    added=st.lists(st.integers(1, 9), min_size=7, max_size=7),
)
def test_on_a_line_stock_is_held_at_stages_that_cut_it_into_stretches(lead: list[int], added: list[int]) -> None:
    """Simpson (1958): each stage quotes nothing or all, so that the best is the shortest way through the cuts."""
    holding = np.cumsum(added[: len(lead)]).astype(float)
    best = [0.0]
    for end in range(1, len(lead) + 1):
        best.append(min(best[start] + holding[end - 1] * np.sqrt(sum(lead[start:end])) for start in range(end)))
    arcs = [(i, i + 1) for i in range(len(lead) - 1)]
    assert place(stages(arcs, list(map(float, lead)), list(holding))).cost == pytest.approx(best[-1])


PUBLISHED = {
    "Snyder and Shen, Example 6.5": (
        stages([(0, 1), (1, 2), (1, 3)], [3, 1, 1, 1], [1, 2, 3, 3], [2**0.5, 2**0.5, 1, 1], {2: 0, 3: 1}),
        8.2779,
    ),
    "Snyder and Shen, Figure 6.14 (the digital camera of Graves and Willems 2000)": (
        stages(
            [(0, 1), (1, 2), (2, 4), (3, 4), (4, 5), (5, 9), (6, 9), (7, 9), (8, 9)],
            [2, 3, 2, 4, 2, 3, 6, 4, 3, 2], [0.01, 0.03, 0.04, 0.06, 0.12, 0.13, 0.2, 0.08, 0.04, 0.5],
            16.448536269514722, {9: 2},
        ),
        18.8240,
    ),
    "Snyder and Shen, Problem 6.7": (stages([(0, 1), (1, 2)], [2, 1, 2], [2, 3, 4], 40.0), 357.7709),
    "Snyder and Shen, Problem 6.9": (
        stages(
            [(2, 0), (2, 1), (3, 2), (4, 2), (5, 4)], [7, 7, 21, 3, 8, 2],
            [44 / 365, 28 / 365, 18 / 365, 1 / 365, 4 / 365, 1.5 / 365],
            [16.4, 24.8, *[4 * np.hypot(4.1, 6.2)] * 4], {0: 3, 1: 3},
        ),
        15.6495,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_trees_have_the_published_cost(name: str) -> None:
    """Values of the textbook (Fundamentals of Supply Chain Theory, 2nd ed., 2019), as stockpyl prints them."""
    net, cost = PUBLISHED[name]
    assert place(net).cost == pytest.approx(cost, abs=5e-5)


@settings(max_examples=30, derandomize=True)
@given(net=networks(7), stage=st.integers(0, 6), longer=st.floats(0, 5))
def test_a_longer_lead_time_never_costs_less(net: Stages, stage: int, longer: float) -> None:
    lead = net.lead.copy()
    lead[stage % net.size] += longer
    slower = Stages(net.arcs, net.way, lead, net.spread, net.holding, net.factor, net.swing, net.mean, net.promise)
    assert place(slower).cost >= place(net).bound * (1 - 1e-9) - 1e-9


@settings(max_examples=30, derandomize=True)
@given(net=networks(7), stage=st.integers(0, 6), less=st.floats(0, 1))
def test_a_shorter_promise_never_costs_less(net: Stages, stage: int, less: float) -> None:
    promise = net.promise.copy()
    promise[stage % net.size] *= less if np.isfinite(promise[stage % net.size]) else 1.0
    sooner = Stages(net.arcs, net.way, net.lead, net.spread, net.holding, net.factor, net.swing, net.mean, promise)
    assert place(sooner).cost >= place(net).bound * (1 - 1e-9) - 1e-9


@settings(max_examples=15, derandomize=True)
@given(net=networks(6), unit=st.sampled_from([0.25, 0.5, 2.0, 3.0]), price=st.floats(0.01, 100))
def test_the_units_of_time_and_money_do_not_matter(net: Stages, unit: float, price: float) -> None:
    other = Stages(
        net.arcs, net.way * unit, net.lead * unit, net.spread, net.holding * price, net.factor, net.swing, net.mean,
        net.promise * unit,
    )  # fmt: skip
    assert place(other).cost == pytest.approx(place(net).cost * price * unit**0.5, rel=1e-4, abs=1e-3)


def test_stages_in_a_circle_are_refused() -> None:
    with pytest.raises(ValueError, match="circle"):
        place(stages([(0, 1), (1, 0)], [1, 1], [1, 1]))


def candidates(net: Stages, scale: int = 100) -> list[list[int]]:
    """Return the outbound times that can be best, in parts of a day: sums of lead times and promises along paths.

    Lesnaia (2004): every time of a best placement is tied to zero or to a promise by equalities of the model. Here they
    are followed one by one from every stage to every stage, in whole numbers, without the code that is tested.
    """
    lead, way = np.round(net.lead * scale).astype(int), np.round(net.way * scale).astype(int)
    arcs = [(j, k, w) for (j, k), w in zip(net.arcs.tolist(), way.tolist(), strict=True)]
    came: list[set[int]] = [{0} for _ in range(net.size)]
    left: list[set[int]] = [{0} | ({round(p * scale)} if np.isfinite(p) else set()) for p in net.promise]
    known = -1
    while known != sum(map(len, came + left)):
        known = sum(map(len, came + left))
        assume(known < 100)
        for i in range(net.size):
            left[i] |= {time + int(lead[i]) for time in came[i]}
            came[i] |= {time - int(lead[i]) for time in left[i] if time >= lead[i]}
        for j, k, w in arcs:
            came[k] |= {time + w for time in left[j]}
            left[j] |= {time - w for time in came[k] if time >= w}
    return [sorted(times) for times in left]


def counted(net: Stages, scale: int = 100) -> float:
    """Return the least cost over all outbound times that can be best, one by one."""
    outbound = np.array(list(itertools.product(*candidates(net, scale)))).T / scale
    cost = np.zeros(outbound.shape[1])
    for i in range(net.size):
        inbound = np.max([np.zeros(outbound.shape[1]), *(outbound[j] + way for j, way in supplied(net, i))], axis=0)
        days = inbound + net.lead[i] - outbound[i]
        late = (days < -1e-9) | (outbound[i] > net.promise[i] + 1e-9)
        held = np.sqrt(np.where(days > 1e-9, days, 0.0))
        price = np.where(held > 0, net.holding[i], 0.0)
        cost += np.where(late, np.inf, price * net.factor[i] * held)
    return float(cost.min())


@st.composite
def uneven(draw: st.DrawFn) -> Stages:
    """Draw three or four stages whose times are parts of a day, some of which promise at most so much."""
    size = draw(st.integers(3, 4))
    possible = list(itertools.combinations(range(size), 2))
    arcs = draw(st.lists(st.sampled_from(possible), unique=True, min_size=2, max_size=5))
    part = st.integers(0, 400).map(lambda n: n / 100)
    lead, holding = (draw(st.lists(of, min_size=size, max_size=size)) for of in (part, st.integers(1, 9)))
    promise = {i: draw(part) for i in draw(st.sets(st.integers(0, size - 1), max_size=1))}
    ends = set(range(size)) - {j for j, _ in arcs}
    return stages(arcs, lead, [float(h) for h in holding], promise=dict.fromkeys(ends, 0.0) | promise)


@settings(max_examples=30, derandomize=True)
@given(net=uneven())
def test_parts_of_a_day_are_placed_best_of_all_times_that_can_be(net: Stages) -> None:
    found = place(net)
    is_best(net, found, counted(net))


@settings(max_examples=40, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(net=networks())
def test_a_few_times_place_as_well_as_all(net: Stages, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(times, "MOST", 0)
        found = place(net)
    is_best(net, found, enumerated(net))


@settings(max_examples=25, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(net=uneven())
def test_a_few_parts_of_a_day_place_as_well_as_all(net: Stages, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(times, "MOST", 0)
        found = place(net)
    is_best(net, found, counted(net))


@pytest.mark.parametrize("seed", range(12))
def test_a_few_times_place_rings_as_well_as_all(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    net = ringed(seed)
    monkeypatch.setattr(times, "MOST", 0)
    found = place(net)
    assert found.cost == pytest.approx(enumerated(net, 1.0), rel=1e-6)
    assert found.gap <= 1e-6


@settings(max_examples=25, derandomize=True)
@given(net=uneven(), seed=st.integers(0, 999))
def test_any_few_times_bound_the_cost_from_below(net: Stages, seed: int) -> None:
    rng, best = np.random.default_rng(seed), counted(net)
    grid = grids.coarse(net, times.ends(net))
    for _ in range(4):
        bound = Core(net, grid, unpeeled(net, grid)).relax(9.0).bound
        assert bound <= best * (1 + 1e-6) + 1e-6
        stage, day = int(rng.integers(net.size)), int(rng.integers(0, 900)) * 10_000
        grid = grid.with_times(net, {stage: {day}}, {stage: {day + 10_000}})


def test_a_placement_is_improved_by_its_neighbours_and_never_worsened() -> None:
    for seed in range(20):
        net = ringed(seed)
        start = placing.evaluate(net, *placing.settled(net, np.zeros(net.size)))
        tried = [times.some(of) for of in times.corners(net).outbound]
        found = placing.evaluate(net, *placing.settled(net, improved(net, start.outbound, tried, 9.0)))
        assert place(net).cost * (1 - 1e-9) <= found.cost <= start.cost * (1 + 1e-9)
        assert keeps_promises(net, found)

"""Triangle rows: no plan with whole decisions breaks one, and they close the gap that half-opened plants leave."""

import datetime as dt
import itertools
import random
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import cellroad as cr
import cellroad.plan.solving.triangles as rows_of
from cellroad.plan.model import build
from cellroad.plan.network.network import expand
from cellroad.plan.planning import strategy_of
from cellroad.plan.solving.coarse import coarse
from cellroad.plan.solving.cutting import Below
from cellroad.plan.solving.scaled import Scaled
from cellroad.plan.solving.solver import add_rows, new_solver
from cellroad.plan.solving.watching import Limits

steady = settings(
    max_examples=15,
    derandomize=True,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)


def chain_of(reaches: list[tuple[int, int, int]], demand: np.ndarray, short: float, dates: int, r: random.Random):
    """Return plants that may be opened at some dates and serve markets over lanes (plant, market, months under way).

    demand   (markets, items, months)
    """
    markets, items, months = demand.shape
    plants = 1 + max(plant for plant, _, _ in reaches)
    month = [dt.date(2027 + t // 12, t % 12 + 1, 1) for t in range(months)]
    told = {"start": "2027-01-01", "months": months, "quarters_after": months, "decide_every_months": 2,
            "discount_per_year": 0.1, "discount_from": "start", "holding_per_year": 0.2, "terminal_stock_share": 0,
            "terminal_plant_share": 0}  # fmt: skip
    cells = list(itertools.product(range(plants), range(items)))
    wanted = list(itertools.product(range(markets), range(items), range(months)))
    return cr.Chain.of(
        "shared",
        settings=pl.DataFrame({"name": list(told), "value": [str(value) for value in told.values()]}),
        sites=pl.DataFrame(
            [{"site": f"p{n}", "name": "", "kind": "pack", "country": "US", "calendar": "none"} for n in range(plants)]
            + [{"site": f"m{n}", "name": "", "kind": "market", "country": "US", "calendar": "none"}
               for n in range(markets)]
        ),
        items=pl.DataFrame([{"item": f"k{n}", "name": "", "stage": "pack", "kwh": 0.0, "mass_kg": 1.0, "value_usd": 5.0,
                             "dg_class": "9"} for n in range(items)]),
        resources=pl.DataFrame([{"resource": f"p{n}", "site": f"p{n}", "status": "option",
                                 "hours_per_month": r.choice([0.5, 1, 2]) * float(demand.sum((0, 1)).max() + 1)}
                                for n in range(plants)]),
        options=pl.DataFrame([{"option": f"p{n}", "resource": f"p{n}", "capex_usd": 100.0, "earliest": month[0],
                               "latest": month[2 * (dates - 1)]} for n in range(plants)]),
        processes=pl.DataFrame([{"process": f"p{p}k{k}", "site": f"p{p}", "item": f"k{k}", "resource": f"p{p}",
                                 "hours_per_unit": 1.0, "cost_usd": 0.0} for p, k in cells]),
        lanes=pl.DataFrame([{"lane": f"{p}-{m}", "origin": f"p{p}", "destination": f"m{m}", "mode": "truck",
                             "transit_days": 0.0, "transit_months": late, "cost_usd": 0.0, "cost_per": "unit"}
                            for p, m, late in reaches]),
        wants=pl.DataFrame([{"want": f"k{n}", "item": f"k{n}"} for n in range(items)]),
        stocks=pl.DataFrame([{"site": f"m{m}", "item": f"k{k}", "max_on_hand": 0.0}
                             for m, k in itertools.product(range(markets), range(items))]),
        demand=pl.DataFrame([{"market": f"m{m}", "want": f"k{k}", "month": month[t], "price_usd": 0.0,
                              "quantity": float(demand[m, k, t]), "short_usd": short} for m, k, t in wanted]),
    )  # fmt: skip


def drawn(r: random.Random) -> cr.Chain:
    reaches = [(p, m, r.choice([0, 0, 1])) for p in range(4) for m in range(3) if r.random() < 0.8]
    demand = np.array([[[float(r.randint(0, 10)) for _ in range(5)] for _ in range(2)] for _ in range(3)])
    return chain_of(reaches or [(0, 0, 0)], demand, r.choice([10.0, 40.0]), r.choice([1, 2]), r)


def below_of(chain: cr.Chain, span: int):
    """Return the relaxation over spans of months, its decisions given, and the triangle rows, if any."""
    net = expand(chain)
    model = build(net)
    outline = strategy_of(net, model).outline
    assert outline is not None
    spans = np.arange(outline.month.size) // span
    small = coarse(model, outline.ceilings, model.columns["start"].ids, spans, outline.weight)
    found = outline.triangles(spans)
    part, money = Scaled.of(small.model), Scaled.of(model).money
    highs = new_solver(Limits(threads=0))
    part.hand_to(highs)

    def tighten(values: np.ndarray, reduced: np.ndarray) -> bool:
        broken = found.over(small).broken(part.natural(values), reduced / part.unit) if found else None
        if broken is None or not broken.upper.size:
            return False
        add_rows(highs, part.rows(broken))
        return True

    def run(solver: object) -> bool:
        solver.run()  # type: ignore[attr-defined]
        return True

    below = Below(highs, small.kept, small.ceilings, part.unit, part.money / money, run, tighten)
    return below, outline.undertakings, money


@steady
@given(st.randoms(use_true_random=False))
def test_no_plan_with_whole_decisions_breaks_a_triangle_row(r: random.Random) -> None:
    net = expand(drawn(r))
    model = build(net)
    outline = strategy_of(net, model).outline
    given_columns = model.columns["start"].ids
    assert outline is not None
    worth = np.random.default_rng(r.randint(0, 999)).uniform(-1, 0.2, model.cost.size)
    model = replace(model, cost=np.where(np.isfinite(model.upper), worth, abs(worth)))  # any plan, not only a good one
    scaled = Scaled.of(model)
    highs = new_solver(Limits(threads=0))
    scaled.hand_to(highs)
    below = Below(highs, given_columns, outline.ceilings, scaled.unit, 1.0, lambda solver: solver.run() is not None)
    starts = np.zeros(given_columns.size)
    for group in outline.undertakings:
        if r.random() < 0.6:
            starts[r.choice(group.tolist())] = 1.0
    cut = below.at(starts)
    assert cut is not None
    values = scaled.natural(cut.values)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rows_of, "BROKEN", 1e-6)
        for span in (1, 2, 5):
            spans = np.arange(outline.month.size) // span
            found = outline.triangles(spans)
            if found is None:
                return
            assert not found.broken(values, -np.ones(values.size)).upper.size
            small = coarse(model, outline.ceilings, given_columns, spans, outline.weight)
            summed = np.bincount(small.group, weights=small.factor * values, minlength=small.model.cost.size)
            assert not found.over(small).broken(summed, -np.ones(summed.size)).upper.size


@steady
@given(st.randoms(use_true_random=False))
def test_cuts_of_tightened_relaxations_lie_below_the_cost_of_every_whole_plan(r: random.Random) -> None:
    chain = drawn(r)
    exact, groups, money = below_of(chain, 1)
    places = [[*group.tolist(), -1] for group in groups]
    size = sum(group.size for group in groups)
    between = np.zeros(size)
    for group in groups:
        between[group] = r.choice([0.3, 0.5, 0.7]) / group.size
    cuts = []
    for span in (1, 3):
        tight = below_of(chain, span)[0]
        tight.at(between)
        tight.tightened()
        cuts.append(tight.at(between))
    for taken in itertools.product(*places):
        point = np.zeros(size)
        point[[place for place in taken if place >= 0]] = 1.0
        cost = exact.at(point)
        for cut in cuts:
            assert cost is not None and cut is not None
            least = cut.cost + cut.slope @ (point - cut.point)
            assert cost.cost * money >= least * money - 1e-6 * max(1.0, abs(cost.cost * money))


def test_three_plants_that_share_three_markets_are_not_opened_by_half() -> None:
    reaches = [(0, 0, 0), (1, 0, 0), (1, 1, 0), (2, 1, 0), (2, 2, 0), (0, 2, 0)]
    below, _, money = below_of(chain_of(reaches, np.ones((3, 1, 1)), 1000.0, 1, random.Random(1)), 1)
    half, third = np.full(3, 0.5), np.full(3, 2 / 3)
    assert below.at(half).cost * money == pytest.approx(150)
    assert below.tightened()
    assert below.at(half).cost * money == pytest.approx(150 + 500)  # 1/2 of a market more than the row leaves
    assert below.at(third).cost * money == pytest.approx(200)  # two plants, as the best plan has

"""The search by cuts finds the best plan: against the search that is checked by enumeration, and cut by cut."""

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.plan.reference_lanes import limited_rows
from tests.plan.tiny import Rows, chain_of, line, month, straight

import cellroad.plan.solving.solve as solving
from cellroad.plan.audit.audit import audit
from cellroad.plan.model import build
from cellroad.plan.network.network import expand
from cellroad.plan.planning import plan
from cellroad.plan.solving.coarse import coarse
from cellroad.plan.solving.cutting import Below
from cellroad.plan.solving.scaled import Scaled
from cellroad.plan.solving.solver import new_solver
from cellroad.plan.solving.strong import Ceilings, Strengthener
from cellroad.plan.solving.watching import Limits

steady = settings(max_examples=15, derandomize=True)


def rows_without_details(r: random.Random) -> Rows:
    rows = limited_rows(r)
    for offer in rows["offers"]:
        offer["moq"] = 0.0
    return rows


def below_of(rows: Rows, spans: int = 0) -> tuple[Below, np.ndarray]:
    """Return the relaxation of a chain under given starts, over spans of months if any, and its starts."""
    net = expand(chain_of(rows))
    model = build(net)
    ceilings: Ceilings = Strengthener(net, model).ceilings
    given_columns = model.columns["start"].ids
    place, money = given_columns, Scaled.of(model).money
    if spans:
        month_of = net.periods.first_month[:-1]
        weight = (1 + net.settings.discount_per_year) ** (-month_of / 12)
        small = coarse(model, ceilings, given_columns, month_of // spans, weight)
        model, ceilings, place = small.model, small.ceilings, small.kept
    scaled = Scaled.of(model)
    highs = new_solver(Limits(threads=1))
    scaled.hand_to(highs)

    def run(highs: object) -> bool:
        highs.run()  # type: ignore[attr-defined]
        return True

    below = Below(highs, place, ceilings, scaled.unit, scaled.money / money, run)
    starts = net.starts.frame.select("kind", "what").to_series(1).to_numpy()
    return below, starts


def drawn(r: random.Random, what: np.ndarray) -> np.ndarray:
    """Draw whole starts, at most one of each undertaking."""
    point = np.zeros(what.size)
    for name in dict.fromkeys(what):
        if r.random() < 0.7:
            point[r.choice(np.flatnonzero(what == name).tolist())] = 1.0
    return point


@steady
@given(st.randoms(use_true_random=False))
def test_the_cost_of_any_decisions_lies_above_every_cut_and_every_sum_over_time(r: random.Random) -> None:
    rows = rows_without_details(r)
    below, what = below_of(rows)
    if not what.size or not rows["demand"]:
        return
    found = [below.at(drawn(r, what)) for _ in range(3)]
    between = below.at(np.mean([cut.point for cut in found if cut] or [np.zeros(what.size)], axis=0))
    summed = below_of(rows, spans=2)[0]
    cuts = [cut for cut in [*found, between, *(summed.at(cut.point) for cut in found if cut)] if cut]
    for cut in found:
        for other in cuts:
            if cut:
                least = other.cost + other.slope @ (cut.point - other.point)
                assert cut.cost >= least - 1e-6 * max(1.0, abs(cut.cost), float(abs(other.slope).max()))


@steady
@given(st.randoms(use_true_random=False))
def test_cuts_find_the_plan_that_branching_finds(r: random.Random) -> None:
    rows = rows_without_details(r)
    due = plan(chain_of(rows), gap=1e-9).solution
    with pytest.MonkeyPatch.context() as patch:
        cut_always(patch)
        found = plan(chain_of(rows), gap=1e-7)
    assert found.solution.objective_usd == pytest.approx(due.objective_usd, rel=1e-6, abs=1e-5)
    assert found.solution.bound_usd >= due.objective_usd - 1e-6 * max(1.0, abs(due.objective_usd))
    assert audit(found).closes


def cut_always(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(solving, "CUT_FROM", 0)
    patch.setattr(solving, "COARSE_FROM", 0)
    patch.setattr(solving, "SPANS", (12, 2))


def test_a_search_by_cuts_that_is_called_off_still_has_a_plan() -> None:
    rows = straight(months=12, **line(capex_usd=100.0))
    rows["demand"] = [row | {"month": month(n)} for n, row in enumerate(rows["demand"])]
    with pytest.MonkeyPatch.context() as patch:
        cut_always(patch)
        found = plan(chain_of(rows), gap=1e-7, progress=lambda state: state.phase != "cut")
    assert found.solution.bound_usd >= found.solution.objective_usd
    assert audit(found).closes

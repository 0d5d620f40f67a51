"""How does a cell age year after year? Each year wears it at the health that it has then, on average over the year."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from cellroad.engineering.life.growth import Loss
from cellroad.engineering.life.models import Model
from cellroad.engineering.life.rainflow import Array, Cycles
from cellroad.engineering.life.stress import Stress, stress
from cellroad.engineering.life.use import Use

DEAD = 0.05
"""Health below which nothing is worn any more: the models have long ceased to hold."""


@dataclass(frozen=True)
class March:
    """Health, resistance against new, and full cycles so far by year, years down and paces across."""

    health: Array
    resistance: Array
    full_cycles: Array


def march(
    model: Model,
    use: Use,
    found: Cycles,
    years: int,
    paces: Array,
    *,
    resting: bool,
    meet: Callable[[Stress], Stress] = lambda stress: stress,
    deepens: Callable[[float], float] = lambda health: health,
) -> March:
    """Return how a model ages a cell over years at several paces, from new.

    The first pace decides how deeply the cell is used as it ages. A year is taken twice: with the health at its start,
    then with the mean of that and of the health that came out. `meet` may change the stress before the model sees it;
    `deepens` is the health that the depth of cycles answers to, 1 where cycles stay as they were.
    """  # fmt: skip
    health, resistance, cycles = np.ones((years + 1, len(paces))), np.ones((years + 1, len(paces))), np.zeros(years + 1)
    states: list[dict[str, float]] = [{} for _ in paces]
    for year in range(1, years + 1):
        before, now = float(health[year - 1, 0]), float(health[year - 1, 0])
        after = states
        for _ in range(2):
            worn = stress(use, found, max(deepens(now), DEAD), resting=resting)
            losses = model.losses(meet(worn))
            after = [_grown(state, losses, float(pace)) for state, pace in zip(states, paces, strict=True)]
            now = (before + _left(model, after[0], losses)) / 2
        states = after
        health[year] = [_left(model, state, losses) for state in states]
        resistance[year] = [1 + sum(_of(state, losses, "resistance").values()) for state in states]
        cycles[year] = cycles[year - 1] + worn.full_cycles.sum()
    known = any(loss.measure == "resistance" for loss in losses) if years else False
    return March(np.maximum(health, 0.0), resistance if known else np.full_like(resistance, np.nan), cycles)


def _grown(state: dict[str, float], losses: tuple[Loss, ...], pace: float) -> dict[str, float]:
    return {loss.state: loss.law.after(state.get(loss.state, loss.begins), pace) for loss in losses}


def _of(state: dict[str, float], losses: tuple[Loss, ...], measure: str) -> dict[str, float]:
    return {loss.state: state[loss.state] for loss in losses if loss.measure == measure}


def _left(model: Model, state: dict[str, float], losses: tuple[Loss, ...]) -> float:
    return model.left(_of(state, losses, "capacity"))

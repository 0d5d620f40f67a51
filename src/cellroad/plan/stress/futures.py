"""What may happen: one future of every uncertain thing, from the law by which it is drawn.

Things that are drawn by month, year or once share latent normal numbers, mixed by their correlations (a Gaussian
copula; Nelsen, An Introduction to Copulas, 2006); an event starts in a month where its latent number is above a
threshold, so that closures come together with high prices where the table says so.
"""

from __future__ import annotations

import math

import numpy as np

from cellroad.chain.compiling import compiled
from cellroad.plan.stress.arrays import Floats, Future, Futures, Law
from cellroad.plan.stress.chance import LOGNORMAL, REPLAY, key_of, quantile, shaped, uniform

ONCE, YEAR, MONTH, WEEK, DAY = range(5)
ANY_TIME, ONE_DAY, KNOWN = 1, 2, 3
LATENT, WHEN, LENGTH, START, NOISE, SLOW = range(6)
"""What a number is for."""


@compiled
def draw_future(law: Law, seed: int, draw: int) -> Future:
    """Return a future; the same for the same seed and draw, and each risk the same whether or not others act."""
    key = key_of(seed, draw)
    risks, months = law.threshold.shape
    most = months + 1
    for k in range(risks):
        most = max(most, law.known_ptr[k + 1] - law.known_ptr[k])
    level = np.ones((risks, months))
    begins = np.zeros((risks, most), np.int64)
    ends = np.zeros((risks, most), np.int64)
    count = np.zeros(risks, np.int64)
    latent = _latent(law, key)
    for k in range(risks):
        if not law.on[k]:
            continue
        if law.shape[k] == REPLAY:
            _replay(law, key, k, level)
        elif law.clock[k] == 0:
            _levels(law, latent, k, level)
        else:
            count[k] = _events(law, key, latent, k, begins, ends)
    return Future(level, begins, ends, count, np.array([key]))


@compiled
def draw_block(law: Law, seed: int, first: int, last: int) -> Futures:
    """Return the futures from first to before last, side by side."""
    size = last - first
    one = draw_future(law, seed, first)
    risks, months = one.level.shape
    most = one.begins.shape[1]
    level, key = np.empty((risks, months, size)), np.empty(size, np.uint64)
    begins, ends = np.empty((risks, most, size), np.int64), np.empty((risks, most, size), np.int64)
    events = np.empty((risks, size), np.int64)
    for b in range(size):
        one = draw_future(law, seed, first + b)
        for k in range(risks):
            for m in range(months):
                level[k, m, b] = one.level[k, m]
            for j in range(most):
                begins[k, j, b] = one.begins[k, j]
                ends[k, j, b] = one.ends[k, j]
            events[k, b] = one.events[k]
        key[b] = one.key[0]
    return Futures(level, begins, ends, events, key)


@compiled
def _latent(law: Law, key: np.uint64) -> Floats:
    """Return correlated normal numbers by risk and month: latent = mixing * independent ones."""
    risks, months = law.threshold.shape
    own = np.empty((risks, months))
    for k in range(risks):
        for m in range(months):
            own[k, m] = quantile(uniform(key, law.name[k], LATENT, m))
    latent = np.zeros((risks, months))
    for k in range(risks):
        for j in range(k + 1):
            weight = law.mixing[k, j]
            if weight != 0.0:
                for m in range(months):
                    latent[k, m] += weight * own[j, m]
    return latent


@compiled
def _replay(law: Law, key: np.uint64, k: int, level: Floats) -> None:
    """History again, from a month of it by chance, round and round."""
    first, length = law.path_ptr[k], law.path_ptr[k + 1] - law.path_ptr[k]
    begin = int(uniform(key, law.name[k], START, 0) * length)
    for m in range(level.shape[1]):
        level[k, m] = law.path[first + (begin + m) % length]


@compiled
def _levels(law: Law, latent: Floats, k: int, level: Floats) -> None:
    """Levels by step: z[s] = keeps * z[s - 1] + sqrt(1 - keeps^2) * latent[first month of s]; never below nothing."""
    every, keeps = law.every[k], law.keeps[k]
    if every >= WEEK:
        return
    fresh = math.sqrt(1.0 - keeps * keeps)
    z = 0.0
    for m in range(level.shape[1]):
        if m == 0:
            z = latent[k, 0]
        elif every == MONTH or (every == YEAR and m % 12 == 0):
            z = keeps * z + fresh * latent[k, m]
        level[k, m] = max(0.0, shaped(z, law.shape[k], law.numbers[k, 0], law.numbers[k, 1], law.numbers[k, 2]))


@compiled
def _events(law: Law, key: np.uint64, latent: Floats, k: int, begins: np.ndarray, ends: np.ndarray) -> int:
    """Write the events of a risk by day; return how many there are."""
    n = 0
    if law.clock[k] == ONE_DAY:
        if latent[k, 0] > law.threshold[k, 0]:
            span = law.last[k] - law.first[k] + 1
            begins[k, 0] = law.first[k] + int(uniform(key, law.name[k], WHEN, 0) * span)
            ends[k, 0] = begins[k, 0] + _length(law, key, k, 0)
            n = 1
    elif law.clock[k] == KNOWN:
        for j in range(law.known_ptr[k], law.known_ptr[k + 1]):
            step = j - law.known_ptr[k]
            if quantile(uniform(key, law.name[k], WHEN, step)) > law.threshold[k, 0]:
                length = _length(law, key, k, step)
                if length > 0:
                    begins[k, n] = law.known_day[j]
                    ends[k, n] = law.known_day[j] + length
                    n += 1
    else:
        for m in range(latent.shape[1]):
            if latent[k, m] > law.threshold[k, m]:
                low = max(law.first[k], law.month_first[m])
                high = min(law.last[k] + 1, law.month_first[m + 1])
                begins[k, n] = low + int(uniform(key, law.name[k], WHEN, m) * (high - low))
                ends[k, n] = begins[k, n] + _length(law, key, k, m)
                n += 1
    return n


@compiled
def _length(law: Law, key: np.uint64, k: int, step: int) -> int:
    """Return the days of an event: fixed, with a spread, or by its distribution; without a length it is for good."""
    forever = law.month_first[-1] + 1
    spread = law.spread[k]
    if spread == 0.0:
        return max(1, math.floor(float(law.length[k]) + 0.5)) if law.length[k] > 0.0 else forever
    z = quantile(uniform(key, law.name[k], LENGTH, step))
    if spread < 0.0:
        days = shaped(z, law.shape[k], law.numbers[k, 0], law.numbers[k, 1], law.numbers[k, 2])
        return max(0, math.floor(days + 0.5))
    s = math.sqrt(math.log(1.0 + spread * spread))
    days = shaped(z, LOGNORMAL, math.log(law.length[k]) - s * s / 2.0, s, 0.0)
    return max(1, math.floor(days + 0.5))

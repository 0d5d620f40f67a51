"""What chance does to a day: factors on what is planned, what stands still, noise of demand, delays in transit."""

from __future__ import annotations

import math

from cellroad.chain.compiling import inlined, uncounted
from cellroad.plan.stress.arrays import LONGEST, Floats, Futures, Ints, Law, Links
from cellroad.plan.stress.block import Block
from cellroad.plan.stress.chance import POISSON, TRIANGULAR, numbers, poissons, series, spread, uniforms
from cellroad.plan.stress.futures import DAY, MONTH, NOISE, SLOW, WEEK, YEAR


@uncounted
def factors(ptr: Ints, risk: Ints, weight: Floats, level: Floats, m: int, out: Floats) -> None:
    """Factor on what is planned: product over its risks of 1 + weight * (level - 1)."""
    for i in range(ptr.size - 1):
        row = out[i]
        row[:] = 1.0
        for j in range(ptr[i], ptr[i + 1]):
            of, part = level[risk[j], m], weight[j]
            for b in range(row.size):
                row[b] *= 1.0 + part * (of[b] - 1.0)
        for b in range(row.size):
            row[b] = max(row[b], 0.0)


@uncounted
def happening(u: Links, f: Futures, t: int, b: int, up: Floats, duty: Floats) -> int:
    """Write what works and what more duty is due on a day of a future; return the next day on which that changes."""
    up[:, b] = 1.0
    duty[:, b] = 0.0
    following = 1 << 60
    for k in range(f.events.shape[0]):
        active = False
        for j in range(f.events[k, b]):
            if f.begins[k, j, b] > t:
                following = min(following, f.begins[k, j, b])
            elif f.ends[k, j, b] > t:
                active = True
                following = min(following, f.ends[k, j, b])
        if active:
            for i in range(u.stop_ptr[k], u.stop_ptr[k + 1]):
                up[u.stop_what[i], b] *= u.left[k]
            for i in range(u.duty_ptr[k], u.duty_ptr[k + 1]):
                duty[u.duty_ship[i], b] += u.duty_add[k]
    return following


@inlined
def step(every: int, t: int, m: int) -> int:
    """Return the number of the step that a day lies in."""
    if every == DAY:
        return t
    if every == WEEK:
        return t // 7
    if every == MONTH:
        return m
    if every == YEAR:
        return m // 12
    return 0


@inlined
def noisy(u: Links, law: Law, f: Futures, q: int, t: int, w: Block) -> None:
    """Put on demand what is drawn by day or week: a factor, or the Poisson number of that mean."""
    want, number = w.want[q], w.one
    for j in range(u.noise_ptr[q], u.noise_ptr[q + 1]):
        k = u.noise_risk[j]
        if not law.on[k]:
            continue
        noise, now = w.noise[j], step(law.every[k], t, 0)
        if t == 0:
            series(f.key, law.name[k] + u.noise_name[q], NOISE, w.series[j])
        if t == 0 or now != step(law.every[k], t - 1, 0):
            numbers(w.series[j], now, number)
            if law.shape[k] == POISSON:
                for b in range(noise.size):
                    noise[b] = number[b]
            else:
                spread(number, law.shape[k], law.numbers[k, 0], law.numbers[k, 1], law.numbers[k, 2], noise)
        if law.shape[k] == POISSON:
            table = w.table[w.table_of[j]]
            w.table_rows[j] = poissons(noise, want, table, w.table_mean[j], w.table_rows[j], w.two)
        else:
            for b in range(noise.size):
                want[b] *= max(0.0, noise[b])


@uncounted
def late_days(
    u: Links, law: Law, f: Futures, t: int, m: int, late: Ints, number: Floats, days: Floats, more: Floats
) -> None:
    """Write by how many days what leaves each lane is later than planned, from the step on that a day lies in."""
    for lane in range(late.shape[0]):
        if u.slow_ptr[lane] == u.slow_ptr[lane + 1]:
            continue
        mine, likely = late[lane], u.slow_likely[lane]
        days[:] = 0.0
        for j in range(u.slow_ptr[lane], u.slow_ptr[lane + 1]):
            k = u.slow_risk[j]
            if not law.on[k]:
                continue
            uniforms(f.key, law.name[k] + u.slow_name[lane], SLOW, step(law.every[k], t, m), number)
            if law.numbers[k, 0] == 0.0 and law.numbers[k, 1] == 0.0 and law.numbers[k, 2] == 0.0:
                spread(number, TRIANGULAR, u.slow_low[lane], likely, u.slow_high[lane], more)
                for b in range(days.size):
                    days[b] += more[b] - likely
            else:
                spread(number, law.shape[k], law.numbers[k, 0], law.numbers[k, 1], law.numbers[k, 2], more)
                for b in range(days.size):
                    days[b] += more[b]
        for b in range(days.size):
            mine[b] = math.floor(max(-LONGEST, min(LONGEST, days[b])) + 0.5)

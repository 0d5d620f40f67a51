"""Who is served: customers who waited longest first; who is not served waits as long as he is willing, or is lost."""

from __future__ import annotations

from cellroad.chain.compiling import inlined
from cellroad.plan.stress.arrays import Floats, System
from cellroad.plan.stress.block import Block
from cellroad.plan.stress.ordering import promised

WANTED, ON_TIME, SERVED, LOST, DAYS, GOOD_DAYS, RAN_OUT = range(7)
"""Of each row of demand: wants; of these served on their day, at all, lost; days with demand; of these days on which
all was served; the first day on which it was not (-1: never)."""
COUNTS = 7


@inlined
def serve(s: System, q: int, t: int, p: int, w: Block) -> None:
    """Serve a row of demand from its goods by their parts, then from whatever is there; write what is left in w.two."""
    size, ways = w.want.shape[1], s.share.shape[1]
    need, left, asked, aside = w.one, w.two, w.three, w.aside[q]
    promised(s, q, t, w, need)
    for b in range(size):
        left[b] = need[b]
        aside[b] = 0.0
    unserved = 0
    for i in range(s.serve_ptr[q], s.serve_ptr[q + 1]):
        n, units = s.serve_node[i], s.serve_units[i]
        part, there, served, short = w.part[i], w.stock[n], w.month_serve[i], w.short[n]
        for b in range(size):
            asked[b] = part[b] * need[b]
        if w.tracked[n]:
            for b in range(size):
                x = min(min(asked[b], left[b]), max(there[b], 0.0) / units)
                short[b] = 1.0 if x < asked[b] and left[b] > 0.0 else short[b]
        for b in range(size):
            x = min(min(asked[b], left[b]), max(there[b], 0.0) / units)
            there[b] -= x * units
            left[b] -= x
            asked[b] = x
        for b in range(size):
            served[b] += asked[b]
    one = s.serve_ptr[q + 1] - s.serve_ptr[q] == 1 and s.serve_units[s.serve_ptr[q]] == 1.0
    if not one:  # of one good by the unit there is nothing more to be had
        for b in range(size):
            unserved += left[b] > 0.0
    if unserved > 0:
        for i in range(s.serve_ptr[q], s.serve_ptr[q + 1]):
            if s.serve_allowed[p, i]:
                n, units = s.serve_node[i], s.serve_units[i]
                works, there, served, part = w.up[ways + i], w.stock[n], w.month_serve[i], w.part[i]
                for b in range(size):
                    x = min(left[b], max(there[b], 0.0) / units)
                    x = x if works[b] > 0.0 else 0.0
                    there[b] -= x * units
                    left[b] -= x
                    asked[b] = x
                    aside[b] += x if part[b] == 0.0 else 0.0
                for b in range(size):
                    served[b] += asked[b]


@inlined
def customers(s: System, q: int, t: int, w: Block, counts: Floats, month: Floats) -> None:
    """Serve customers of a row with what was found (what they are to have less w.two): who waited first."""
    size, keeps, rows = w.want.shape[1], s.keeps[q], s.base.shape[1]
    want, waiting, missing, need, found, lost = w.want[q], w.waiting[q], w.missing[q], w.one, w.two, w.three
    for b in range(size):
        found[b] = need[b] - found[b]
    if w.queue_size[q] > 0:
        _leave_queue(q, t, w, found)
    for b in range(size):
        old, x = waiting[b], found[b]
        today = x - old if x > old else 0.0
        miss = want[b] - today
        missing[b] = 0.0 if miss <= 1e-9 * want[b] else miss
        waiting[b] = old - (x if x < old else old)
    if s.patience[q] > 0:
        for b in range(size):
            lost[b] = missing[b] - keeps * missing[b]
        if w.queue_size[q] > 0:
            _give_up(s, q, t, w, lost)
        for b in range(size):
            waiting[b] += keeps * missing[b]
    else:
        for b in range(size):
            lost[b] = missing[b]
    if s.serve_ptr[q + 1] - s.serve_ptr[q] > 1:
        behind, aside = w.behind_row[q], w.aside[q]
        for b in range(size):
            behind[b] = behind[b] + 1.0 if missing[b] + aside[b] > 0.0 else 0.0
    _count(q, t, w, found, lost, counts)
    month_lost, month_late, wanted, on_time = w.month_lost[q], w.month_late[q], month[q], month[rows + q]
    for b in range(size):
        month_lost[b] += lost[b]
        month_late[b] += waiting[b]
    for b in range(size):
        wanted[b] += want[b]
        on_time[b] += want[b] - missing[b]


@inlined
def _count(q: int, t: int, w: Block, found: Floats, lost: Floats, counts: Floats) -> None:
    """Count wants and days of a row of demand."""
    size = found.size
    want, missing = w.want[q], w.missing[q]
    wanted, on_time, served, gone = counts[WANTED], counts[ON_TIME], counts[SERVED], counts[LOST]
    days, good, ran_out = counts[DAYS], counts[GOOD_DAYS], counts[RAN_OUT]
    for b in range(size):
        wanted[b] += want[b]
        on_time[b] += want[b] - missing[b]
    for b in range(size):
        served[b] += found[b]
        gone[b] += lost[b]
    for b in range(size):
        asked = 1.0 if want[b] > 0.0 else 0.0
        days[b] += asked
        good[b] += asked if missing[b] == 0.0 else 0.0
    for b in range(size):
        before = ran_out[b]
        first = float(t) if before < 0.0 else before
        ran_out[b] = first if missing[b] > 0.0 else before


@inlined
def _leave_queue(q: int, t: int, w: Block, found: Floats) -> None:
    """Let those leave the queue who are served of those who waited, the first to come first.

    Those who came on day d wait at d modulo the length of the queue.
    """
    first, length, waiting, oldest = w.queue_at[q], w.queue_size[q], w.waiting[q], w.oldest[q]
    for b in range(found.size):
        rest = min(found[b], waiting[b])
        while rest > 0.0:
            row = first + oldest[b] % length
            x = min(w.queue[row, b], rest)
            w.queue[row, b] -= x
            rest -= x
            if rest > 0.0:
                oldest[b] += 1
                if oldest[b] >= t:
                    rest = 0.0


@inlined
def _give_up(s: System, q: int, t: int, w: Block, lost: Floats) -> None:
    """Let those go who have waited for as long as they are willing, and those of today begin to wait."""
    first, length, waiting, oldest = w.queue_at[q], w.queue_size[q], w.waiting[q], w.oldest[q]
    gone, keeps, missing = t - s.patience[q], s.keeps[q], w.missing[q]
    if gone >= 0:
        queue = w.queue[first + gone % length]
        for b in range(lost.size):
            x = min(queue[b], waiting[b])
            queue[b] = 0.0
            waiting[b] -= x
            lost[b] += x
            oldest[b] = max(oldest[b], gone + 1)
    queue = w.queue[first + t % length]
    for b in range(lost.size):
        queue[b] = keeps * missing[b]

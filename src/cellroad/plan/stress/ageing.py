"""What is too old is thrown away: goods are used in the order in which they came, and last for so many days.

    expired[n,t] = max(0, stock[n,t] - what came to n and lasts beyond day t)

First in, first out: what is left is what came last. In the evening of day t the goods of day t - days[n] + 1 have been
there for days[n] days; what is there at the start has days of its own.
"""

from __future__ import annotations

from cellroad.chain.compiling import inlined
from cellroad.plan.stress.arrays import System
from cellroad.plan.stress.block import Block

DUST = 1e-9
"""Part of a stock that is a rounding error."""


@inlined
def dated(s: System, e: int, t: int, w: Block) -> None:
    """Write down what has come to a node today, before anything is taken from it."""
    there, last, fresh = w.stock[s.old_node[e]], w.last[e], w.fresh[e]
    came = w.young[w.young_at[e] + (t + s.old_days[e]) % w.young_size[e]]
    for b in range(fresh.size):
        x = there[b] - last[b]
        came[b] += x
        fresh[b] += x


@inlined
def expire(s: System, t: int, w: Block) -> None:
    """Throw away in the evening what has been there for as long as it lasts."""
    for e in range(s.old_node.size):
        there, last, fresh, gone, moved = w.stock[s.old_node[e]], w.last[e], w.fresh[e], w.expired[e], w.month_old[e]
        old = w.young[w.young_at[e] + (t + 1) % w.young_size[e]]
        for b in range(fresh.size):
            fresh[b] -= old[b]
            old[b] = 0.0
            x = there[b] - max(fresh[b], 0.0)
            x = x if x > DUST * there[b] else 0.0
            there[b] -= x
            gone[b] += x
            moved[b] += x
            last[b] = there[b]

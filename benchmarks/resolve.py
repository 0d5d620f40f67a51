"""How long does a plan take to solve again after one price or one demand has changed?

The case of `plan.py` with its decisions kept: the model stays in the solver and goes on from the last optimum. Every
answer is checked against a solve from nothing. Processor time on one core.

Run: python benchmarks/resolve.py [medium|bench|hard|dense] [changes]
"""

from __future__ import annotations

import sys
import time

import numpy as np
from peers.common import SIZES, make_case, to_chain

import cellroad as cr
from cellroad.plan.model import build
from cellroad.plan.network.network import expand
from cellroad.plan.solving.warm import Warm

AGREE = 1e-6


def main() -> None:
    size = sys.argv[1] if len(sys.argv) > 1 else "bench"
    changes = int(sys.argv[2]) if len(sys.argv) > 2 else 10
    chain = to_chain(make_case(**SIZES[size]))
    plan = cr.plan(chain, gap=1e-3, time_limit=600, threads=1)
    net = expand(chain)
    model = build(net)
    starts = model.columns["start"].ids
    taken = net.starts.frame.join(
        plan.openings.select("what", "decided", chosen=1.0), on=["what", "decided"], how="left", maintain_order="left"
    )["chosen"].fill_null(0.0)

    def kept() -> Warm:
        warm = Warm(model)
        warm.fix(starts, taken.to_numpy())
        return warm

    began = time.process_time()
    warm = kept()
    warm.solve()
    cold = time.process_time() - began
    draw = np.random.default_rng(0)
    buys, wants = model.columns["make"].ids, model.rows["demand"].ids
    short = model.columns["short"].ids
    took: dict[str, list[float]] = {"price": [], "demand": []}
    cost, wanted = model.cost.copy(), model.row_upper.copy()
    for _ in range(changes):
        column, row = draw.integers(buys.size), draw.integers(wants.size)
        cost[buys[column]] *= draw.uniform(0.8, 1.25)
        began = time.process_time()
        warm.cost(buys[[column]], cost[buys[[column]]])
        warm.solve()
        took["price"].append(time.process_time() - began)
        wanted[wants[row]] *= draw.uniform(0.8, 1.25)
        began = time.process_time()
        warm.rows(wants[[row]], wanted[wants[[row]]], wanted[wants[[row]]])
        warm.bounds(short[[row]], 0.0, wanted[wants[[row]]])
        solved = warm.solve()
        took["demand"].append(time.process_time() - began)
    fresh = kept()
    fresh.cost(buys, cost[buys])
    fresh.rows(wants, wanted[wants], wanted[wants])
    fresh.bounds(short, 0.0, wanted[wants])
    due = fresh.solve()
    if solved is None or due is None or abs(solved.cost / due.cost - 1) > AGREE:
        raise SystemExit("the warm and the cold solve disagree")
    print(f"{size}: {model.cost.size:,} columns, {model.row_lower.size:,} rows; from nothing {cold:.2f} s")
    for name, seconds in took.items():
        print(f"after one {name:6} changed: median {np.median(seconds):.3f} s, longest {max(seconds):.3f} s")


if __name__ == "__main__":
    main()

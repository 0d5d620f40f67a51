"""How does the time of a tree grow with its futures, as one model and by its futures apart?

kandi-cbak with demand known from January 2028, in so many steps from three tenths to seventeen tenths of what is
planned. Told are processor seconds, those of the processes that plan futures included, and the gap that was proved.

Run: python benchmarks/tree_growth.py [--futures 3 9 27] [--method one apart] [--gap G] [--time SECONDS]
"""

from __future__ import annotations

import argparse
import datetime as dt
import resource

import numpy as np
import polars as pl

import cellroad as cr
from cellroad.chain.futures import Outcome, Stage, unfold
from cellroad.plan.stochastic.executor import Pool
from cellroad.plan.tree.workers import How


def processor_seconds() -> float:
    """Return the processor time of this process and of those that it began and ended."""
    mine, others = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return mine.ru_utime + mine.ru_stime + others.ru_utime + others.ru_stime


def futures(chain: cr.Chain, count: int) -> cr.Chain:
    """Return a chain with so many futures of demand, each as probable as another."""
    demand = Stage("demand", dt.date(2028, 1, 1), [
        Outcome(f"demand times {factor:.3f}", 1 / count, [("demand", "*", "quantity", "multiply", f"{factor:.3f}")])
        for factor in np.linspace(0.3, 1.7, count)
    ])  # fmt: skip
    # whether and when to build hangs on quarters and years, not on months
    coarse = pl.DataFrame({"name": ["quarters_after", "years_after"], "value": ["0", "24"]})
    others = chain.settings.filter(~pl.col("name").is_in(coarse["name"].to_list()))
    return unfold(chain.replace(settings=pl.concat([others, coarse], how="diagonal")), [demand])


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--futures", type=int, nargs="+", default=[3, 9, 27])
    parser.add_argument("--method", nargs="+", default=["one", "apart"], choices=["one", "apart"])
    parser.add_argument("--gap", type=float, default=1e-2)
    parser.add_argument("--time", type=float, default=600.0)
    options = parser.parse_args()
    chain = cr.load("kandi-cbak")
    print(f"{'futures':>8} {'method':>7} {'processor s':>12} {'expected USD':>14} {'gap':>8}", flush=True)
    for count in options.futures:
        for method in options.method:
            began = processor_seconds()
            found = cr.plan_tree(
                futures(chain, count), gap=options.gap, time_limit=options.time, threads=1, measures=False,
                how=How(method, Pool(2) if method == "apart" else None),
            )  # fmt: skip
            taken = processor_seconds() - began
            print(f"{count:8d} {method:>7} {taken:12.1f} {found.value_usd:14.5g} {found.gap:8.2%}", flush=True)


if __name__ == "__main__":
    main()

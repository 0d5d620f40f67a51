"""When are conditions favourable? kandi-cbak on 27 futures, and what it takes to prove the answer.

The tree is the example's own, below its scenario `conditions`: demand is known from January 2028, the incentive from
July 2028, duty from January 2029. Told are the value with its bound, what information and waiting are worth, and the
rule of every option; then, beside it, how far a search of the same tree as one model comes in as much processor time.

Run: python benchmarks/tree.py [--gap G] [--time SECONDS] [--no-measures] [--beside TIMES]
"""

from __future__ import annotations

import argparse
import sys
import time

import polars as pl
from tree_growth import processor_seconds

import cellroad as cr
from cellroad.plan.planning import Progress
from cellroad.plan.tree import trees


def planned(gap: float, limit: float, measures: bool) -> tuple[cr.TreePlan, float]:
    """Return the plan of the tree and the processor seconds that it took."""
    shown = time.perf_counter()

    def tell(progress: Progress) -> bool:
        nonlocal shown
        if time.perf_counter() - shown > 10:
            shown = time.perf_counter()
            print(f"  {progress.phase} {progress.seconds:.0f} s, gap {progress.gap}", flush=True)
        return True

    began = processor_seconds()
    chain = cr.load("kandi-cbak")
    found = cr.plan_tree(
        chain, under="conditions", gap=gap, time_limit=limit, measures=measures, threads=1, progress=tell
    )
    return found, processor_seconds() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--gap", type=float, default=1e-2)
    parser.add_argument("--time", type=float, default=600.0)
    parser.add_argument("--no-measures", action="store_true")
    parser.add_argument("--beside", type=float, default=0.0, help="one model for so many times as long; 0: not at all")
    options = parser.parse_args()
    found, seconds = planned(options.gap, options.time, not options.no_measures)
    with pl.Config(tbl_rows=100, fmt_str_lengths=200, tbl_width_chars=240):
        for frame in found.frames().values():
            print(frame)
    print(f"by its futures apart: {seconds:.0f} s of processor, gap {found.gap:.2%}")
    if options.beside:
        trees.APART = sys.maxsize
        other, taken = planned(options.gap, seconds * options.beside, False)
        print(f"as one model: {taken:.0f} s of processor, gap {other.gap:.2%}, {taken / seconds:.1f} times as long")


if __name__ == "__main__":
    main()

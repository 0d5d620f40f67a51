"""When are conditions favourable? kandi-cbak on 27 futures: demand, what a US cell earns, duty on Chinese cells.

Demand is known from January 2028, the incentive from July 2028, duty from January 2029. What is decided before is
decided alike. Told are the value with its bound, what information and waiting are worth, and the rule of every option.

Run: python benchmarks/tree.py [--gap G] [--time SECONDS] [--no-measures]
"""

from __future__ import annotations

import argparse
import datetime as dt
import time

import polars as pl

import cellroad as cr
from cellroad.chain.futures import Outcome, Stage, unfold
from cellroad.plan.planning import Progress

CELLS = ("garland-cell-us", "reno-cell-us", "savannah-cell-us", "chattanooga-cell-us")
CELL_KWH = 0.048


def paid(usd_per_kwh: float) -> list[tuple[str, str, str, str, str]]:
    """Return the changes by which every US cell earns so much per kWh."""
    return [("processes", cell, "cost_usd", "add", f"{-usd_per_kwh * CELL_KWH:.3f}") for cell in CELLS]


def futures(chain: cr.Chain) -> cr.Chain:
    """Return the chain with its tree of 27 futures."""
    levied = pl.DataFrame(
        {"surcharge": ["cells"], "origin": ["CN"], "hts": ["8507.60"], "valid_from": [dt.date(2029, 1, 1)]}
    )
    duty = Stage("duty", dt.date(2029, 1, 1), [
        Outcome("duty falls", 0.25, [("surcharges", "cells", "add_share", "set", "-0.25")]),
        Outcome("duty stays", 0.45),
        Outcome("duty rises", 0.3, [("surcharges", "cells", "add_share", "set", "0.5")]),
    ])  # fmt: skip
    incentive = Stage("incentive", dt.date(2028, 7, 1), [
        Outcome("nothing is paid", 0.5),
        Outcome("half is paid", 0.2, paid(17.5)),
        Outcome("45X is paid", 0.3, paid(35.0)),
    ])  # fmt: skip
    demand = Stage("demand", dt.date(2028, 1, 1), [
        Outcome("demand falls short", 0.3, [("demand", "*", "quantity", "multiply", "0.4")]),
        Outcome("demand as planned", 0.4),
        Outcome("demand is high", 0.3, [("demand", "*", "quantity", "multiply", "1.5")]),
    ])  # fmt: skip
    # whether and when to build hangs on quarters and years, not on months
    coarse = pl.DataFrame({"name": ["quarters_after", "years_after"], "value": ["0", "24"]})
    others = chain.settings.filter(~pl.col("name").is_in(coarse["name"].implode()))
    known = pl.concat([others, coarse], how="diagonal")
    return unfold(chain.replace(surcharges=levied, settings=known), [demand, incentive, duty])


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--gap", type=float, default=1e-2)
    parser.add_argument("--time", type=float, default=600.0)
    parser.add_argument("--no-measures", action="store_true")
    options = parser.parse_args()
    last = time.perf_counter()

    def tell(progress: Progress) -> bool:
        nonlocal last
        if time.perf_counter() - last > 10:
            last = time.perf_counter()
            print(f"  {progress.phase} {progress.seconds:.0f} s, gap {progress.gap}", flush=True)
        return True

    began = time.perf_counter()
    chain = futures(cr.load("kandi-cbak"))
    found = cr.plan_tree(
        chain, gap=options.gap, time_limit=options.time, measures=not options.no_measures, progress=tell
    )
    print(f"{time.perf_counter() - began:.1f} s in all")
    with pl.Config(tbl_rows=100, fmt_str_lengths=200, tbl_width_chars=240):
        for frame in found.frames().values():
            print(frame)


if __name__ == "__main__":
    main()

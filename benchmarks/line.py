"""How fast does a pack line run? Beside SimPy, on the same line and the same numbers by chance.

    python benchmarks/line.py               the line of Fremont for 100 hours, SimPy beside it
    python benchmarks/line.py --hours 1000

Figures are ends of work (one pack at one station, or one rework) in a second of processor time on one core, in one run.
The line in SimPy is the one that the tests hold the kernel against, event for event: a process for each server, stores
between them.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.engineering.line.simpy_line import Line as SimpyLine

from cellroad.engineering.line.chance import TRIANGULAR
from cellroad.engineering.line.floor import floor_of, sequence
from cellroad.engineering.line.kernel import Floor, empty_run, simulate
from cellroad.engineering.line.reading import read_line
from cellroad.engineering.line.running import most_units

HOUR = 3600.0


def fremont() -> tuple[Floor, np.ndarray]:
    """The shipped line without people, every buffer of at least one place and every time a triangle of 0.8 to 1.5."""
    tables = read_line("fremont")
    floor = floor_of(tables)
    stations = floor.likely.shape[0]
    buffer = np.where(np.arange(floor.buffer.size) < stations, np.maximum(floor.buffer, 1), -1)
    floor = floor._replace(
        buffer=buffer, shape=np.full(stations, TRIANGULAR), low=np.full(stations, 0.8), high=np.full(stations, 1.5),
        need=np.zeros_like(floor.need), pool=np.full(floor.pool.size, -1),
    )  # fmt: skip
    return floor, sequence(tables, most_units(floor, 1000 * HOUR))


def ours(floor: Floor, product: np.ndarray, hours: float, seed: int) -> tuple[float, int]:
    """Return seconds of processor time and ends of work."""
    units = product.size
    run = empty_run(floor, units)
    begin = time.process_time()
    simulate(floor, product, np.zeros(units), 0.0, hours * HOUR, seed, 0, run)
    return time.process_time() - begin, int(run.traced[0])


def simpy(floor: Floor, product: np.ndarray, hours: float, seed: int) -> tuple[float, int]:
    """Return seconds of processor time and ends of work."""
    m = floor.likely.shape[0]
    stations = [
        {"servers": int(floor.first[q + 1] - floor.first[q]), "buffer": int(floor.buffer[q]),
         "likely": floor.likely[q].tolist(), "passes": float(floor.passes[q]), "tries": int(floor.tries[q]),
         "rework": int(floor.mended_at[q]) - m, "mend_s": float(floor.mend_s[q]), "mtbf": float(floor.mtbf[q]),
         "mttr": float(floor.mttr[q]), "setup": float(floor.setup[q])}
        for q in range(m)
    ]  # fmt: skip
    line = SimpyLine(stations, np.diff(floor.first)[m:].tolist(), product.tolist(), seed, 0)
    begin = time.process_time()
    line.env.run(until=hours * HOUR)
    return time.process_time() - begin, len(line.log)


def main() -> None:
    """Run both and tell the ratio."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--hours", type=float, default=100.0, help="hours of the line, at most 1,000")
    hours = min(asked.parse_args().hours, 1000.0)
    floor, product = fremont()
    ours(floor, product, 1.0, 1)  # compiled
    took, ends = ours(floor, product, 1000.0, 1)
    theirs, theirs_ends = simpy(floor, product, hours, 1)
    mine, other = ends / took, theirs_ends / theirs
    print(f"{floor.likely.shape[0]} stations, {floor.first[-1]} servers")
    print(f"cellroad   {mine:12,.0f} ends of work a second   ({ends:,} in {took:.2f} s)")
    print(f"SimPy      {other:12,.0f} ends of work a second   ({theirs_ends:,} in {theirs:.2f} s)")
    print(f"ratio      {mine / other:12,.0f}")


if __name__ == "__main__":
    main()

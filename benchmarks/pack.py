"""A pack of 32 groups of 4 unlike cells over an hour of driving, second by second; beside PyBaMM and liionpack.

What is compared is cost, not accuracy: the pack here is an equivalent circuit with resistances over charge and
temperature, two branches, hysteresis and two temperatures per cell, and the current divides anew in every step;
liionpack solves a single-particle model per cell, PyBaMM (alone, without a pack) an equivalent circuit or a
single-particle model of one cell, whose time is taken 128 times. liionpack does not run with today's PyBaMM; without
an interpreter that has it, the 30 s that it took for an hour at steps of ten seconds on two cores stand in. Both are
asked for steps of the same length, too.

How far the voltages lie apart is told for one NMC and one LFP cell: against the Doyle-Fuller-Newman model of PyBaMM (LG
M50 after Chen 2020, A123 26650 after Prada 2013), by the data sheet alone and fitted to the slower discharges.

Last: how many layouts a second are told their power at a temperature, and how many a design tries, weighs, prices and
compares, beside loops in plain Python that only find them.

Run: python benchmarks/pack.py [--pybamm PYTHON] [--liionpack PYTHON], each an interpreter that has the peer
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from cellroad.engineering.catalogue import cells
from cellroad.engineering.cell import Cell
from cellroad.engineering.cellmodel import Spread, cell_model, charge_power, discharge_power, drive
from cellroad.engineering.cellmodel.cells import cells_of
from cellroad.engineering.cellmodel.circuit import Circuit, at_rest
from cellroad.engineering.cellmodel.duty import SIDE_BY_SIDE
from cellroad.engineering.cellmodel.fitting import Trace, fit, simulated, slow
from cellroad.engineering.cellmodel.pack import Pack
from cellroad.engineering.cellmodel.run import simulate
from cellroad.engineering.cellmodel.spread import drawn
from cellroad.engineering.design.designing import design
from cellroad.engineering.design.filled import filled
from cellroad.engineering.design.search import layouts
from cellroad.engineering.design.specification import Specification, specified

PEERS = Path(__file__).parent / "peers"
LIIONPACK_S = 30.0
"""liionpack 0.4.0 with PyBaMM 24.9, one hour at ten seconds, on two cores."""
SERIES, PARALLEL, HOUR_S = 32, 4, 3600
SAME = {"Chen2020": "CL038", "Prada2013": "CL019"}
LAYOUTS = 100_000


def hour_of_driving() -> np.ndarray:
    """Return the current of one cell in A over an hour: a town schedule on a small vehicle, twice and more."""
    watts = drive(SIDE_BY_SIDE, top_m_per_s=14.0).watts
    return np.resize(watts, HOUR_S) / watts.max() * 9.0


def fastest(function: Callable[[], Any], times: int = 5) -> float:
    """Return the least processor seconds of several runs."""
    taken = []
    for _ in range(times):
        start = time.process_time()
        function()
        taken.append(time.process_time() - start)
    return min(taken)


def pack_hour(currents: np.ndarray, seconds: float = 1.0) -> float:
    """Return the processor seconds that the hour takes at steps of so many seconds."""
    cell = next(cell for cell in cells() if cell.cell_id == "CL038")
    many, extra = drawn(cells_of(cell_model(cell)).repeated(SERIES, PARALLEL), Spread())
    pack = Pack(Circuit(many, seconds), 0.5e-3, 1e-3)
    state = at_rest(many, 0.9 + extra)
    amperes = currents[:: round(seconds)] * PARALLEL
    return fastest(lambda: simulate(pack, state, lambda n, _: amperes[n], len(amperes)))


def asked(python: str | None, script: str, currents: np.ndarray) -> dict[str, Any] | None:
    """Return what a peer says of itself, None where there is none."""
    if python is None:
        return None
    run = subprocess.run(
        [python, str(PEERS / script)], input=json.dumps(currents.tolist()), capture_output=True, text=True, check=True
    )
    answer: dict[str, Any] = json.loads(run.stdout.strip().splitlines()[-1])
    return answer


def apart(name: str, capacity_ah: float, discharges: dict[str, list[list[float]]]) -> None:
    """Print how far a cell lies from the peer's model of it, in mV above a tenth of the charge.

    Once as its data sheet has it, and once with the curve at rest and the resistances fitted to the peer's discharges
    but the last, which stays unseen.
    """
    cell = next(cell for cell in cells() if cell.cell_id == SAME[name])
    traces = {float(rate): trace_of(float(rate) * capacity_ah, *both) for rate, both in discharges.items()}
    sheet = cell_model(cell)
    ohm = sheet.resistance.r0 + sheet.resistance.r1 + sheet.resistance.r2
    rest, full = slow(traces[min(traces)], ohm)
    start = replace(cell_model(cell, curve=rest), capacity_ah=full)
    fitted = fit(start, [traces[rate] for rate in sorted(traces)[:-1]], 10.0)
    for rate, trace in traces.items():
        mean, _, theirs = trace.every(10.0)
        high = 1 - np.cumsum(mean) * 10 / 3600 / full > 0.1
        rms = [
            np.sqrt(np.mean((simulated(model, trace, 10.0) - theirs)[high] ** 2)) * 1000
            for model in (replace(sheet, capacity_ah=full), fitted)
        ]
        print(f"  {cell.name:22} {rate:3.1f} /h: {rms[0]:4.0f} mV by its sheet, {rms[1]:4.0f} mV fitted")


def trace_of(amperes: float, seconds: list[float], volts: list[float]) -> Trace:
    """Return a discharge at constant current as a trace."""
    return Trace(np.array(seconds), np.full(len(seconds), amperes), np.array(volts))


def layouts_a_second() -> float:
    """Return how many layouts a second are told what they may give and take over ten seconds and steadily."""
    models = [cell_model(cell) for cell in cells()]
    many = [models[n % len(models)] for n in range(LAYOUTS // 100)]
    temperature = 5.0

    def once() -> None:
        discharge_power(many, 0.5, temperature, 10.0)
        discharge_power(many, 0.5, temperature, np.inf)
        charge_power(many, 0.5, temperature, np.inf)

    return len(many) / fastest(once, 3)


def searched() -> None:
    """Print how many layouts a second are found, and how many are found, weighed, priced, aged and compared."""
    spec = specified(voltage="300-850 V", energy="60-120 kWh", use="ev")
    known = [filled(cell)[0] for cell in cells()]
    many = len(layouts(known, spec))
    found, plain = fastest(lambda: layouts(known, spec)), fastest(lambda: by_loops(known, spec), 1)
    whole = fastest(lambda: design(spec).pareto, 1)
    print(f"layouts of {spec.energy[0]:g} to {spec.energy[1]:g} kWh between {spec.voltage[0]:g} and "
          f"{spec.voltage[1]:g} V: {many:,}; found {many / found:,.0f} a second, by loops {many / plain:,.0f} "
          f"({plain / found:,.0f} times as long)")  # fmt: skip
    print(f"  weighed, priced, aged, compared, and the front: {many / whole:,.0f} layouts a second")


def by_loops(known: list[Cell], spec: Specification) -> int:
    """Return how many layouts meet both windows, tried one by one."""
    (least_v, most_v), (least, most) = spec.voltage, spec.energy
    count = 0
    for cell in known:
        for series in range(math.ceil(least_v / cell.min_v), math.floor(most_v / cell.max_v) + 1):
            parallel = 1
            while (kwh := series * parallel * cell.energy_wh / 1000) <= most:
                count += kwh >= least
                parallel += 1
    return count


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pybamm", help="an interpreter that has pybamm")
    parser.add_argument("--liionpack", help="an interpreter that has liionpack")
    options = parser.parse_args()
    currents = hour_of_driving()
    ours = pack_hour(currents)
    print(f"{SERIES}s{PARALLEL}p, {SERIES * PARALLEL} unlike cells, one hour at one second: {ours:.3f} s")
    liionpack = asked(options.liionpack, "with_liionpack.py", currents)
    if liionpack is None:
        print(f"  liionpack, at ten seconds, as recorded: {LIIONPACK_S:.0f} s, {LIIONPACK_S / ours:,.0f} times as long")
    else:
        coarse = pack_hour(currents, 10.0)
        for step, mine in (("10", coarse), ("1", ours)):
            theirs = liionpack["seconds"][step]
            print(f"  liionpack {liionpack['version']}, steps of {step} s: {theirs:.1f} s, here {mine:.3f} s, "
                  f"{theirs / mine:,.0f} times")  # fmt: skip
    pybamm = asked(options.pybamm, "with_pybamm.py", currents)
    if pybamm is not None:
        for name, seconds in pybamm["seconds"].items():
            whole = seconds * SERIES * PARALLEL
            print(f"  PyBaMM {pybamm['version']} {name}: {seconds:.3f} s a cell, {whole:.1f} s for all, "
                  f"{whole / ours:,.0f} times")  # fmt: skip
        print("voltage of one cell against the Doyle-Fuller-Newman model, above a tenth of its charge:")
        for name, discharges in pybamm["discharges"].items():
            apart(name, pybamm["capacity_ah"][name], discharges)
    searched()
    print(f"power limits (ten seconds, steady, charge): {layouts_a_second():,.0f} layouts a second")


if __name__ == "__main__":
    main()

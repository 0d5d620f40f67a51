"""Measured cells against the equivalent circuit: what is left when resistances are fitted to a part of the traces.

The traces are those that About:Energy measured on a 12.5 Ah NMC pouch and a 2 Ah LFP 18650 at 25 C (CC-BY-SA 4.0, no
part of this project): name the folder of a checkout of About-Energy-BPX-Parameterisation.

Curve at rest from the discharge at C/20; resistances, hysteresis and lag fitted to the discharge at C/2 and the first
half of the drive cycle; then 1C, 2C and the second half of the drive, at states of charge that the drive had not
reached, unseen. In mV, for the whole trace and above a tenth of the charge. The traces have no temperature: once the
cell warms itself in moving air, once it is held at 25 °C, and what lies between tells how much of the miss is warmth.

Run: python benchmarks/traces.py FOLDER
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

from cellroad.engineering.cell import Cell
from cellroad.engineering.cellmodel import Cooling, cell_model
from cellroad.engineering.cellmodel.fitting import Trace, fit, simulated, slow
from cellroad.engineering.cellmodel.model import CellModel

AIR = Cooling("forced air", 20.0)
"""A climate chamber. Assumed."""
CELLS = (
    Cell("nmc", "About:Energy", "NMC pouch", "NMC", "pouch", 12.5, 3.7, 2.7, 4.2, 0.28, 150, 7, 110),
    Cell("lfp", "About:Energy", "LFP 18650", "LFP", "cylindrical", 2.0, 3.2, 2.0, 3.65, 0.041, 18.2, None, 65),
)
"""Masses and sizes of such cells. Assumed."""
STEP_S = 2.0
UNSEEN = ("1C", "2C")


def read(folder: Path, family: str, name: str) -> Trace:
    """Return a trace; the files count discharge below zero."""
    path = folder / family / "data" / "validation" / f"{family}_25degC_{name}.csv"
    rows = np.genfromtxt(path, delimiter=",", skip_header=1)
    rows = rows[np.unique(rows[:, 0], return_index=True)[1]]
    return Trace(rows[:, 0], -rows[:, 1], rows[:, 2])


def halves(trace: Trace) -> float:
    """Return the time in s in the middle of a trace."""
    return float(trace.seconds[len(trace.seconds) // 2])


def missed(model: CellModel, trace: Trace, since_s: float = 0.0) -> tuple[float, float]:
    """Return the root mean square miss in mV from a time on: of all, and above a tenth of the charge."""
    mean, _, volts = trace.every(STEP_S)
    miss = (simulated(model, trace, STEP_S, AIR) - volts) * 1000
    soc = 1 - np.cumsum(mean) * STEP_S / 3600 / model.capacity_ah
    late = np.arange(len(miss)) * STEP_S >= since_s
    whole, high = (float(np.sqrt(np.mean(miss[rows] ** 2))) for rows in (late, late & (soc > 0.1)))
    return whole, high


def measure(folder: Path, cell: Cell, warming: bool) -> None:
    """Fit one cell, warming itself or held at 25 °C, and print what is left."""
    family = cell.family
    drive, half_rate = read(folder, family, "DriveCycle"), read(folder, family, "Co2")
    middle = halves(drive)
    first = Trace(*(values[drive.seconds <= middle] for values in (drive.seconds, drive.amperes, drive.volts)))
    parts = cell_model(cell).resistance
    rest, capacity_ah = slow(read(folder, family, "Co20"), parts.r0 + parts.r1 + parts.r2)
    inside = np.linspace(0.15, 0.95, 81)
    shape = cell_model(cell).curve.at(inside) - rest.at(inside)
    print(f"{cell.name}, {capacity_ah:.2f} Ah; curve of the family off by {np.std(shape) * 1000:.0f} mV "
          f"around {np.mean(shape) * 1000:+.0f} mV")  # fmt: skip
    start = replace(cell_model(cell, curve=rest), capacity_ah=capacity_ah)
    held = replace(start, resistance=replace(parts, activation=0.0))
    model = fit(start if warming else held, [first, half_rate], STEP_S, AIR)
    print("warming itself" if warming else "held at 25 °C")
    told = {"C/2, fitted": missed(model, half_rate), "drive, first half, fitted": missed(model, first)}
    told |= {name: missed(model, read(folder, family, name)) for name in UNSEEN}
    told["drive, second half"] = missed(model, drive, middle)
    for name, (whole, high) in told.items():
        print(f"  {name:26} {whole:6.1f} mV, above a tenth {high:6.1f} mV")


def main() -> None:
    """Measure both cells, where a folder is named."""
    if len(sys.argv) < 2:
        print("name the folder of a checkout of About-Energy-BPX-Parameterisation")
        return
    for cell in CELLS:
        for warming in (True, False):
            measure(Path(sys.argv[1]), cell, warming)


if __name__ == "__main__":
    main()

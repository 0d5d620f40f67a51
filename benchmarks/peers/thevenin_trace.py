"""Traces of `thevenin` (NREL, BSD-3) of two circuits, for the tests of the equivalent circuit.

The first has two branches, hysteresis and resistances that rise with an empty and a cold cell, at one temperature; the
second has no branch and warms itself and so its resistance. Both are driven by steps of constant current.

Run, where thevenin is installed: python benchmarks/peers/thevenin_trace.py > tests/engineering/cellmodel/thevenin.json
"""

from __future__ import annotations

import json
import sys
from typing import Any

import numpy as np

STEPS_A = [0.0, 5.0, 0.0, -2.5, 0.0, 10.0, 2.0, -5.0, 7.5, 0.0, 4.0, 6.0, 1.0, -8.0, 12.0, 0.0]
STEP_S = 90
EVERY_S = 5
CIRCUIT = {
    "capacity_ah": 5.0, "soc": 0.6, "r0": 0.015, "r1": 0.008, "c1": 400.0, "r2": 0.010, "c2": 15000.0,
    "activation": 30e3, "hysteresis_v": 0.02, "pace": 40.0, "heat_j_per_k": 70.0, "outer_w_per_k": 0.05,
    "celsius": 5.0, "warming_celsius": -10.0,
}  # fmt: skip


def rest_v(soc: float) -> float:
    """A smooth curve at rest."""
    return 3.0 + 1.1 * soc - 0.6 * soc**2 + 0.4 * soc**3 + 0.05 * np.tanh((soc - 0.5) / 0.1)


def rise(soc: float) -> float:
    """The factor of resistance over the state of charge."""
    return 1.0 + 1.5 * np.exp(-soc / 0.1)


def factor(soc: float, kelvin: float) -> float:
    """The factor of resistance over state of charge and temperature."""
    return rise(soc) * np.exp(CIRCUIT["activation"] / 8.314462618 * (1 / kelvin - 1 / 298.15))


def trace(*, branches: bool) -> dict[str, Any]:
    """Return voltage and temperature, every `EVERY_S`, of thevenin under the steps."""
    import thevenin

    p = CIRCUIT
    celsius = p["celsius"] if branches else p["warming_celsius"]
    params = {
        "num_RC_pairs": 2 if branches else 0, "soc0": p["soc"], "capacity": p["capacity_ah"], "ce": 1.0,
        "gamma": p["pace"], "mass": p["heat_j_per_k"] / 1000.0, "isothermal": branches, "Cp": 1000.0,
        "T_inf": celsius + 273.15, "h_therm": p["outer_w_per_k"], "A_therm": 1.0, "ocv": rest_v,
        "M_hyst": lambda soc: p["hysteresis_v"] if branches else 0.0,
        "R0": lambda soc, kelvin: p["r0"] * factor(soc, kelvin),
    }  # fmt: skip
    if branches:
        for n in (1, 2):
            params[f"R{n}"] = lambda soc, kelvin, n=n: p[f"r{n}"] * factor(soc, kelvin)
            params[f"C{n}"] = lambda soc, kelvin, n=n: p[f"c{n}"]
    simulation = thevenin.Simulation(params)
    experiment = thevenin.Experiment(max_step=1.0, rtol=1e-10, atol=1e-12)
    for current in STEPS_A:
        experiment.add_step("current_A", current, (float(STEP_S), float(EVERY_S)))
    parts = [simulation.run_step(experiment, n) for n in range(len(STEPS_A))]
    # Each part begins with the instant before which the current was another.
    return {
        name: [round(float(v), 8) for part in parts for v in part.vars[key][1:]]
        for name, key in (("voltage_v", "voltage_V"), ("kelvin", "temperature_K"))
    }


def main() -> None:
    """Print both traces."""
    import thevenin

    out = {"thevenin": thevenin.__version__, "branches": trace(branches=True), "warming": trace(branches=False)}
    json.dump(out, sys.stdout)


if __name__ == "__main__":
    main()

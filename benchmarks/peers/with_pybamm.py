"""PyBaMM beside the pack: what one cell takes over the hour, and what two cells do at constant current.

Run by the interpreter that has pybamm; prints JSON. The hour comes as steps of current in A, one a second, on stdin.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import numpy as np
import pybamm

CELLS = {"Chen2020": 5.0, "Prada2013": 2.3}
RATES = (0.2, 0.5, 1.0)


def hour(currents: list[float], model: Any, parameters: Any) -> float:
    """Return the processor seconds of one cell over the hour, built and warmed up before."""
    times = np.arange(len(currents) + 1.0)
    parameters["Current function [A]"] = pybamm.Interpolant(times, np.array([*currents, currents[-1]]), pybamm.t)
    simulation = pybamm.Simulation(model, parameter_values=parameters)
    simulation.solve(times)
    start = time.process_time()
    simulation.solve(times)
    return time.process_time() - start


def discharges(name: str) -> dict[str, list[list[float]]]:
    """Return, per rate, s and V of a full discharge of the Doyle-Fuller-Newman model at constant current."""
    out = {}
    for rate in RATES:
        parameters = pybamm.ParameterValues(name)
        parameters["Current function [A]"] = CELLS[name] * rate
        simulation = pybamm.Simulation(pybamm.lithium_ion.DFN(), parameter_values=parameters)
        solution = simulation.solve([0, 3600 / rate * 1.1], initial_soc=1.0)
        seconds = np.linspace(0, solution["Time [s]"].entries[-1], 1001)
        out[str(rate)] = [seconds.tolist(), solution["Terminal voltage [V]"](seconds).tolist()]
    return out


def main() -> None:
    """Print versions, seconds and discharges."""
    currents = json.load(sys.stdin)
    circuit = pybamm.equivalent_circuit.Thevenin()
    seconds = {
        "Thevenin": hour([i / 20 for i in currents], circuit, circuit.default_parameter_values),
        "SPM": hour(currents, pybamm.lithium_ion.SPM(), pybamm.ParameterValues("Chen2020")),
    }
    print(json.dumps({
        "version": pybamm.__version__, "seconds": seconds, "capacity_ah": CELLS,
        "discharges": {name: discharges(name) for name in CELLS},
    }))  # fmt: skip


if __name__ == "__main__":
    main()

"""liionpack beside the pack: 32 groups of 4 cells over 360 steps of ten seconds and of one; prints JSON.

Run by the interpreter that has liionpack 0.4.0 (with pybamm 24.9, pandas below 2.3 and numpy below 2).
"""

from __future__ import annotations

import json
import time

import liionpack
import numpy as np
import pybamm


def main() -> None:
    """Print version and seconds by length of the step."""
    liionpack.set_logging_level("ERROR")
    seconds = {str(step): hour(step) for step in (10, 1)}
    print(json.dumps({"version": liionpack.__version__, "seconds": seconds}))


def hour(step: int) -> float:
    """Return the processor seconds of an hour at steps of so many seconds, from 360 steps of it."""
    netlist = liionpack.setup_circuit(Np=4, Ns=32, Rb=1e-4, Rc=1e-2, Ri=2e-2, V=3.9, I=4.0)
    experiment = pybamm.Experiment([f"Discharge at 4 A for {360 * step} seconds"], period=f"{step} seconds")
    start = time.process_time()
    out = liionpack.solve(
        netlist=netlist, parameter_values=pybamm.ParameterValues("Chen2020"), experiment=experiment, initial_soc=0.9,
        output_variables=["Terminal voltage [V]"],
    )  # fmt: skip
    taken = time.process_time() - start
    return taken * 3600 / step / (len(np.asarray(out["Time [s]"])) - 1)


if __name__ == "__main__":
    main()

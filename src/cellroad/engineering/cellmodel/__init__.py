"""How do cells and packs behave: what voltage, current, temperature and heat does a load bring, and what may be asked?

`cell_model` makes of a data sheet how its cell behaves; `discharge`, `charge` and `cycle` run a layout; `power_map` and
`discharge_power`, `charge_power` say what it may be asked for; `Circuit` and `step` move cells on step by step.
"""

from cellroad.engineering.cellmodel.cells import Cells, cells_of
from cellroad.engineering.cellmodel.circuit import Circuit, State, at_rest, rest_voltage, step, voltage
from cellroad.engineering.cellmodel.cooling import ADIABATIC, COLD_PLATE, COOLINGS, FORCED_AIR, NATURAL, Cooling
from cellroad.engineering.cellmodel.duty import Duty, Vehicle, constant, drive, off_road, solar_day
from cellroad.engineering.cellmodel.joints import Joints, pack_ohm, usual_joints
from cellroad.engineering.cellmodel.limits import charge_power, discharge_power, power_map
from cellroad.engineering.cellmodel.model import CellModel, cell_model
from cellroad.engineering.cellmodel.ocv import OpenCircuit, measured
from cellroad.engineering.cellmodel.run import Run
from cellroad.engineering.cellmodel.spread import Spread
from cellroad.engineering.cellmodel.verbs import charge, cycle, discharge

__all__ = [
    "ADIABATIC",
    "COLD_PLATE",
    "COOLINGS",
    "FORCED_AIR",
    "NATURAL",
    "CellModel",
    "Cells",
    "Circuit",
    "Cooling",
    "Duty",
    "Joints",
    "OpenCircuit",
    "Run",
    "Spread",
    "State",
    "Vehicle",
    "at_rest",
    "cell_model",
    "cells_of",
    "charge",
    "charge_power",
    "constant",
    "cycle",
    "discharge",
    "discharge_power",
    "drive",
    "measured",
    "off_road",
    "pack_ohm",
    "power_map",
    "rest_voltage",
    "solar_day",
    "step",
    "usual_joints",
    "voltage",
]

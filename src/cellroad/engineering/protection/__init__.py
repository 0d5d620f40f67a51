"""What keeps a pack safe: its parts, the limits of its management, and the proof that they act.

`protect` chooses and checks fuse, contactor, precharge, conductors and insulation; `bms_limits` gives the limits of the
battery management in three levels, `Limits.to_json` as JSON; `check_use` says whether a use is allowed; `simulated_day`
and `fault_table` prove both on a simulated pack; `soc_error` tells how far the state of charge may be trusted.
"""

from cellroad.engineering.protection.accuracy import Unlike, soc_error
from cellroad.engineering.protection.check import Check
from cellroad.engineering.protection.day import Day, Fault, simulate, simulated_day
from cellroad.engineering.protection.estimator import Belief, Doubt, Filter
from cellroad.engineering.protection.faults import fault_table
from cellroad.engineering.protection.limits import Limit, Limits, bms_limits, schema
from cellroad.engineering.protection.parts import Contactor, Fuse, contactors, fuses
from cellroad.engineering.protection.protect import Protection, protect
from cellroad.engineering.protection.use import check_use

__all__ = [
    "Belief",
    "Check",
    "Contactor",
    "Day",
    "Doubt",
    "Fault",
    "Filter",
    "Fuse",
    "Limit",
    "Limits",
    "Protection",
    "Unlike",
    "bms_limits",
    "check_use",
    "contactors",
    "fault_table",
    "fuses",
    "protect",
    "schema",
    "simulate",
    "simulated_day",
    "soc_error",
]

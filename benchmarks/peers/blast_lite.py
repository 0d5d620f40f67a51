"""Run cases of `benchmarks/life.py` in BLAST-Lite, in an environment of its own: cases in, answers out, as JSON lines.

Needs BLAST-Lite (which asks for an older numpy than we do); it knows nothing of our code.
"""

import json
import sys
import time
import warnings
from importlib.metadata import version

import numpy as np
from blast import models

warnings.filterwarnings("ignore")
CLASSES = {
    "lfp-large-prismatic": "Lfp_Gr_250AhPrismatic",
    "lfp-sony-murata": "Lfp_Gr_SonyMurata3Ah_Battery",
    "nmc-sanyo": "Nmc111_Gr_Sanyo2Ah_Battery",
    "nmc-kokam": "Nmc111_Gr_Kokam75Ah_Battery",
    "nmc-pouch-a": "NMC_Gr_75Ah_A",
    "nmc-pouch-b1": "NMC_Gr_50Ah_B1",
    "nmc-pouch-b2": "NMC_Gr_50Ah_B2",
    "nmc-lg-mj1": "Nmc811_GrSi_LGMJ1_4Ah_Battery",
    "nmc-lg-m50": "Nmc811_GrSi_LGM50_5Ah_Battery",
    "nca-panasonic": "Nca_Gr_Panasonic3Ah_Battery",
    "nca-vtc5a": "NCA_GrSi_SonyMurata2p5Ah_Battery",
    "lto-bank": "Nmc_Lto_10Ah_Battery",
}

for line in sys.stdin:
    case = json.loads(line)
    hours = np.linspace(0, 24, 1441) if case["steady"] else np.arange(0, 365 * 24 + 1.0)
    hours = np.unique(np.concatenate((hours, case["corners"]))) if case["steady"] else hours
    celsius = (
        case["celsius"]
        + case["season"] * np.sin(2 * np.pi * (hours / 8760 - 0.25))
        + case["day"] * np.sin(2 * np.pi * hours / 24)
    )
    battery = getattr(models, CLASSES[case["model"]])()
    began = time.process_time()
    battery.simulate_battery_life(
        {"Time_s": hours * 3600, "SOC": np.interp(hours % 24, case["corners"], case["soc"]), "Temperature_C": celsius},
        threshold_time=case["years"],
        is_constant_input=case["steady"],
    )
    case["seconds"] = time.process_time() - began
    case["years"] = float(battery.stressors["t_days"][-1] / 365)
    case["capacity"] = float(battery.outputs["q"][-1])
    case["resistance"] = float(battery.outputs["r"][-1]) if "r" in battery.outputs else None
    case["version"] = version("blast-lite")
    print(json.dumps(case), flush=True)

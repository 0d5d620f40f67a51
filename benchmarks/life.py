"""Life of cells beside BLAST-Lite: the same equations, the same uses, how near and how fast.

BLAST-Lite lives in an environment of its own (`pip install blast-lite==1.1.1`); name its Python. Steady cases repeat
one day at rates that stay, which is what the published equations say; hourly cases are a year with seasons, ten times
over, with cycles that go deeper as the cell ages. There the two differ once cycles no longer fit between empty and
full: we widen them around their mean, BLAST-Lite around the charge at which each of its steps happens to begin.

`--record` writes the steady answers of BLAST-Lite to the file that the tests read.

Run: python benchmarks/life.py <python of BLAST-Lite> [--record]
"""

from __future__ import annotations

import csv
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from cellroad.engineering.life.marching import march
from cellroad.engineering.life.models import models
from cellroad.engineering.life.use import Use, hourly, steady

PEER = Path(__file__).parent / "peers" / "blast_lite.py"
RECORD = Path(__file__).resolve().parents[1] / "tests" / "engineering" / "blast_lite.csv"
MODELS = {
    model.name: model
    for family in ("LFP", "NMC", "NCA", "LTO")
    for model in models(family)
    if model.name not in ("lfp-naumann", "lfp-schimpe", "lfp-wang")
}
DUTIES = {"half": (0.8, 0.5, 0.5), "slow": (0.8, 0.25, 0.4), "full": (0.95, 0.2, 0.5)}
"""Depth, rate of charge and of discharge."""


def case(model: str, duty: str, celsius: float, *, season: float = 0.0, day: float = 0.0) -> dict[str, Any]:
    depth, charge, discharge = DUTIES[duty]
    down, up = depth / discharge, depth / charge
    rest = 24 - down - up
    top, bottom = 0.5 + depth / 2, 0.5 - depth / 2
    return {
        "model": model, "duty": duty, "celsius": celsius, "season": season, "day": day, "years": 10,
        "corners": np.cumsum([0, down, rest / 2, up, rest / 2]).tolist(), "soc": [top, bottom, bottom, top, top],
        "steady": season == day == 0,
    }  # fmt: skip


def cases() -> list[dict[str, Any]]:
    """Every model inside its box of temperature and depth."""
    steady_ones = [
        case(name, duty, celsius)
        for name, model in MODELS.items()
        for celsius in (20.0, 25.0, 30.0, 35.0)
        for duty in DUTIES
        if model.box.low("temperature") <= celsius <= model.box.high("temperature")
        and DUTIES[duty][0] <= model.box.high("depth")
    ]
    return [*steady_ones, *(case(name, "half", 26.0, season=4.0, day=1.0) for name in MODELS)]


def use_of(case: dict[str, Any]) -> Use:
    if case["steady"]:
        depth, charge, discharge = DUTIES[case["duty"]]
        return steady(
            cycles_per_day=1, depth=depth, charge_rate=charge, discharge_rate=discharge, temperature_c=case["celsius"]
        )
    hours = np.arange(8760.0)
    season, day = np.sin(2 * np.pi * (hours / 8760 - 0.25)), np.sin(2 * np.pi * hours / 24)
    return hourly(
        pl.DataFrame(
            {
                "soc": np.interp(hours % 24, case["corners"], case["soc"]),
                "temperature_c": case["celsius"] + case["season"] * season + case["day"] * day,
            }
        )
    )


def ours(case: dict[str, Any]) -> tuple[float, float, float]:
    """Capacity and resistance after ten years, and the seconds of processor that it took."""
    began = time.process_time()
    use, model = use_of(case), MODELS[case["model"]]
    stays = {"deepens": lambda health: 1.0} if case["steady"] else {}
    run = march(model, use, use.cycles(), 10, np.ones(1), resting=model.resting, **stays)
    return float(run.health[-1, 0]), float(run.resistance[-1, 0]), time.process_time() - began


def main() -> None:
    ours(case("lfp-large-prismatic", "half", 25.0, season=1.0))
    text = "".join(json.dumps(case) + "\n" for case in cases())
    answers = subprocess.run([sys.argv[1], str(PEER)], input=text, capture_output=True, text=True, check=True).stdout
    theirs = [json.loads(line) for line in answers.splitlines()]
    print(f"BLAST-Lite {theirs[0]['version']}")
    for kind in (True, False):
        print("steady: every model, temperature and duty" if kind else "hourly: 26 °C, seasons of 4, days of 1 °C")
        for name in MODELS:
            told = [(answer, ours(answer)) for answer in theirs if answer["model"] == name and answer["steady"] is kind]
            off = max(abs(mine[0] / answer["capacity"] - 1) for answer, mine in told)
            resist = [abs(mine[1] / answer["resistance"] - 1) for answer, mine in told if answer["resistance"]]
            ratio = sum(answer["seconds"] for answer, _ in told) / sum(mine[2] for _, mine in told)
            least = min(answer["capacity"] for answer, _ in told)
            print(
                f"  {name:20} cases {len(told):2}  least capacity {least:.3f}  capacity off by at most {off:7.3%}"
                + (f"  resistance {max(resist):7.3%}" if resist else " " * 20)
                + (f"  {ratio:4.0f} times faster" if not kind else "")
            )
    if "--record" in sys.argv:
        with RECORD.open("w", newline="", encoding="utf-8") as file:
            out = csv.writer(file, lineterminator="\n")
            out.writerow(["version", "model", "duty", "celsius", "years", "capacity", "resistance"])
            for answer in theirs:
                if answer["steady"]:
                    names = ("version", "model", "duty", "celsius", "years", "capacity", "resistance")
                    out.writerow([answer[name] for name in names])


if __name__ == "__main__":
    main()

"""How does a pack behave: its voltage over a discharge, its power and temperature over a day of use?"""

from __future__ import annotations

import math

import polars as pl

from cellroad.engineering.cellmodel import Run
from cellroad.show.charts.base import Option, base, grid, legend, short, value_axis
from cellroad.show.palette import BLUE, ORANGE, VERMILLION

MOST_POINTS = 400


def discharge(run: Run) -> Option:
    """Return voltage and temperature over what has been taken out, for a discharge at constant power."""
    frame = _thinned(run.frame)
    taken = 100 * (1 - frame["soc"])
    shown = ["Voltage", "Warmest cell"]
    return base(
        "Voltage and temperature over a discharge.",
        tooltip={"trigger": "axis", "confine": True},
        legend=legend(shown),
        grid={**grid(shown), "bottom": 30, "right": 44},
        xAxis={**value_axis("Taken out, %"), "nameLocation": "middle", "nameGap": 28, "min": 0, "max": 100},
        yAxis=[{**value_axis("V"), "scale": True}, _right("degC")],
        series=[_line("Voltage", BLUE, taken, frame["voltage_v"]),
                {**_line("Warmest cell", VERMILLION, taken, frame["max_temperature_c"]), "yAxisIndex": 1}],
    )  # fmt: skip


def day(run: Run) -> Option:
    """Return power, temperature and state of charge over a day of use."""
    frame = _thinned(run.frame)
    hours = frame["time_s"] / 3600
    shown = ["Power", "State of charge", "Warmest cell"]
    return base(
        "Power, state of charge and temperature over its use.",
        tooltip={"trigger": "axis", "confine": True},
        legend=legend(shown),
        grid={**grid(shown), "bottom": 30, "right": 44},
        xAxis={
            **value_axis("Hours"),
            "nameLocation": "middle",
            "nameGap": 28,
            "min": 0,
            "max": math.ceil(10 * float(hours[-1])) / 10,
        },
        yAxis=[value_axis("kW"), _right("degC, %")],
        series=[
            _line("Power", BLUE, hours, frame["power_w"] / 1000),
            {**_line("State of charge", ORANGE, hours, 100 * frame["soc"]), "yAxisIndex": 1},
            {**_line("Warmest cell", VERMILLION, hours, frame["max_temperature_c"]), "yAxisIndex": 1},
        ],
    )


def table(run: Run, rows: int = 12) -> pl.DataFrame:
    """Return a run at a few moments: Hours, Power, Voltage, Charge, Warmest."""
    frame = run.frame[:: max(1, run.frame.height // rows)]
    return frame.select(
        (pl.col("time_s") / 3600).round_sig_figs(3).alias("Hours"),
        (pl.col("power_w") / 1000).round_sig_figs(3).alias("Power, kW"),
        pl.col("voltage_v").round_sig_figs(4).alias("Voltage, V"),
        pl.col("soc").alias("Charge, %"),
        pl.col("max_temperature_c").round_sig_figs(3).alias("Warmest cell, degC"),
    )


def _thinned(frame: pl.DataFrame) -> pl.DataFrame:
    return frame[:: max(1, frame.height // MOST_POINTS)]


def _right(name: str) -> Option:
    title = {"align": "right", "padding": [0, 0, 4, 0]}
    return {**value_axis(name), "scale": True, "splitLine": {"show": False}, "nameTextStyle": title}


def _line(name: str, colour: str, x: pl.Series, y: pl.Series) -> Option:
    return {"type": "line", "name": name, "color": colour, "symbol": "none",
            "data": [short(pair) for pair in zip(x, y, strict=True)]}  # fmt: skip

"""How much of its capacity is left over the years, by every published model that speaks, each with its band?"""

from __future__ import annotations

import polars as pl

from cellroad.engineering.life import Life
from cellroad.show.charts.base import Option, base, grid, legend, short, value_axis
from cellroad.show.palette import BLUE, GREEN, GREY, INDIGO, ORANGE, PURPLE, TEAL, VERMILLION

COLOURS = (BLUE, VERMILLION, GREEN, ORANGE, PURPLE, TEAL, INDIGO)


def table(life: Life) -> pl.DataFrame:
    """Return the band over all models: Year, worst, likely from, likely to, best, models."""
    return life.band().select(
        Year="year", Models="models",
        **{"Worst, %": "low", "Likely from, %": "likely_low", "Likely to, %": "likely_high", "Best, %": "high"},
    )  # fmt: skip


def chart(life: Life, retention: float) -> Option | None:
    """Return likely capacity left by model over the band of all of them; None where no model speaks."""
    if not life.known:
        return None
    band = life.band()
    models = life.curves["model"].unique(maintain_order=True).to_list()
    hidden = {
        "lineStyle": {"opacity": 0},
        "symbol": "none",
        "silent": True,
        "stack": "band",
        "tooltip": {"show": False},
    }
    lower = {"type": "line", "name": "Band of all models", "data": _at(band, "low"), **hidden, "color": GREY}
    spread = band.with_columns(spread=pl.col("high") - pl.col("low"))
    upper = {"type": "line", "name": "Band of all models", "data": _at(spread, "spread"), **hidden, "color": GREY,
             "areaStyle": {"color": GREY, "opacity": 0.25}}  # fmt: skip
    lines = [
        {"type": "line", "name": name, "symbol": "none", "color": colour,
         "data": _at(life.curves.filter(model=name), "likely")}
        for name, colour in zip(models, COLOURS * 3, strict=False)
    ]  # fmt: skip
    lines[0]["markLine"] = {"symbol": "none", "silent": True, "lineStyle": {"type": "dashed", "color": GREY},
                            "label": {"formatter": "end of life"}, "data": [{"yAxis": retention * 100}]}  # fmt: skip
    shown = ["Band of all models", *models]
    return base(
        "Capacity left over the years, by model.",
        tooltip={"trigger": "axis", "confine": True},
        legend=legend(shown),
        grid={**grid(shown), "bottom": 30, "right": 70},
        xAxis={"type": "category", "data": [str(year) for year in band["year"]], "name": "Years",
               "nameLocation": "middle", "nameGap": 26},
        yAxis={**value_axis("Capacity left, %"), "max": 100, "min": 0},
        series=[lower, upper, *lines],
    )  # fmt: skip


def _at(frame: pl.DataFrame, column: str) -> list[float | None]:
    return short(frame[column] * 100)

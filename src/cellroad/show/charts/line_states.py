"""What does each station do with its time?"""

from __future__ import annotations

import polars as pl

from cellroad.engineering.line.kernel import STATES
from cellroad.engineering.line.result import Line
from cellroad.show.charts.base import Option, base, below, legend
from cellroad.show.palette import BLUE, GREY, ORANGE, PURPLE, SAND, VERMILLION

WORDS = {
    "busy": ("At work", BLUE),
    "setup": ("Being set up", SAND),
    "down": ("Under repair", VERMILLION),
    "blocked": ("Blocked", ORANGE),
    "starved": ("Starved", GREY),
    "unmanned": ("Waits for people", PURPLE),
}


def table(found: Line) -> pl.DataFrame:
    """Return the stations in their order, with the share of time in each state, what waits and what they could do."""
    return found.stations.select(
        pl.when(pl.col("name") == "").then("station").otherwise("name").alias("Station"),
        pl.col("channels").alias("Channels"),
        *(pl.col(state).alias(f"{words}, %") for state, (words, _) in WORDS.items()),
        pl.col("waiting").alias("Packs waiting"),
        pl.col("first_pass").alias("First-pass yield, %"),
        pl.col("capacity_per_hour").alias("Packs an hour alone"),
    )


def chart(found: Line) -> Option:
    """Return a bar for each station, from its work to what keeps it from work."""
    shown = {state: WORDS[state] for state in WORDS if state in STATES and found.stations[state].max() > 5e-4}  # type: ignore[operator]
    names = [name or station for station, name in found.stations.select("station", "name").iter_rows()]
    words = [word for word, _ in shown.values()]
    return base(
        f"Bars of {len(names)} stations by what they do with their time.",
        tooltip={"trigger": "axis", "axisPointer": {"type": "shadow"}, "confine": True},
        legend=legend(words),
        grid={"left": 8, "right": 24, "top": 16 + below(words), "bottom": 8, "containLabel": True},
        xAxis={"type": "value", "max": 100, "axisLabel": {"formatter": "{value} %"}},
        yAxis={"type": "category", "inverse": True, "data": names, "axisTick": {"show": False},
               "axisLabel": {"width": 240, "overflow": "truncate"}},
        series=[
            {"type": "bar", "stack": "time", "name": word, "itemStyle": {"color": colour}, "barCategoryGap": "30%",
             "data": [round(100 * value, 1) for value in found.stations[state]]}
            for state, (word, colour) in shown.items()
        ],
    )  # fmt: skip


def pixels(found: Line) -> int:
    """Return how high the chart is."""
    return 90 + 28 * found.stations.height

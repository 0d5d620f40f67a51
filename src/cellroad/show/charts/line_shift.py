"""A shift of a line as it runs: where the packs are, minute by minute."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cellroad.engineering.line.result import Line
from cellroad.show.charts.base import Option
from cellroad.show.palette import BLUE

FRAMES = 97
HOURS = 8.0
EACH_MS = 350


def packs_at(found: Line) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return hours since the line began, and how many packs are then at each station: shape (frames, stations).

    A pack is at a station from when it is done with the one before until it is done with this one: it waits for it,
    stands in it, or is being mended.
    """
    second, unit, place = found.found.first
    stations = found.stations.height
    hours = np.linspace(0.0, min(HOURS, float(second[-1]) / 3600 if second.size else 0.0), FRAMES)
    done = np.full((stations, int(unit.max(initial=0)) + 1), np.inf)
    for q in range(stations):
        at = place == q
        done[q, unit[at]] = second[at]  # in order of time: the last try stays
    passed = np.stack([np.searchsorted(np.sort(done[q]), hours * 3600, side="right") for q in range(stations)], axis=1)
    before = np.concatenate([passed[:, :1] + found.tables.tables["stations"]["channels"][0], passed[:, :-1]], axis=1)
    return hours, np.maximum(before - passed, 0)


def table(found: Line) -> pl.DataFrame:
    """Return how many packs are at each station after whole hours."""
    hours, packs = packs_at(found)
    whole = np.searchsorted(hours, np.arange(1, int(hours[-1]) + 1) - 1e-9)
    names = [name or station for station, name in found.stations.select("station", "name").iter_rows()]
    return pl.DataFrame({"Station": names, **{f"{at + 1} h": packs[frame] for at, frame in enumerate(whole)}})


def chart(found: Line) -> Option:
    """Return bars of packs by station with a line of time below, that plays."""
    hours, packs = packs_at(found)
    names = [name or station for station, name in found.stations.select("station", "name").iter_rows()]
    times = [f"{int(hour)}:{round(60 * (hour % 1)) % 60:02d}" for hour in hours]
    return {
        "baseOption": {
            "aria": {"enabled": True, "label": {"description": "Packs at each station over a shift."}},
            "timeline": {"axisType": "category", "data": times, "autoPlay": False, "playInterval": EACH_MS, "bottom": 0,
                         "left": 30, "right": 30, "label": {"interval": 11}, "currentIndex": FRAMES - 1},
            "tooltip": {"trigger": "axis", "axisPointer": {"type": "shadow"}, "confine": True},
            "grid": {"left": 8, "right": 24, "top": 28, "bottom": 56, "containLabel": True},
            "xAxis": {"type": "value", "name": "packs", "nameLocation": "end", "max": int(packs.max(initial=1)) + 1},
            "yAxis": {"type": "category", "inverse": True, "data": names, "axisTick": {"show": False},
                      "axisLabel": {"width": 240, "overflow": "truncate"}},
            "series": [{"type": "bar", "name": "Packs", "itemStyle": {"color": BLUE}, "barCategoryGap": "30%"}],
            "animationDurationUpdate": EACH_MS,
        },
        "options": [{"title": {"text": f"after {time} h", "left": "right", "textStyle": {"fontSize": 13}},
                     "series": [{"data": row.tolist()}]} for time, row in zip(times, packs, strict=True)],
    }  # fmt: skip

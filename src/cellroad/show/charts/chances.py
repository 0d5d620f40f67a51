"""How does a plan fare in many futures? Fans over months, and what drives the loss."""

from __future__ import annotations

import polars as pl

from cellroad.plan.stress.result import Stress
from cellroad.show.charts.base import DOLLARS, Option, base, grid, legend, scale, short, time_axis, value_axis
from cellroad.show.palette import BLUE, ORANGE

BANDS = ("p05", "p25", "p75", "p95")


def fan_table(stressed: Stress, series: str) -> pl.DataFrame:
    """Return a fan: month, p05, p25, p50, p75, p95, mean, calm."""
    return stressed.fans.filter(pl.col("series") == series).drop("series")


def fan_chart(stressed: Stress, series: str, called: str) -> Option:
    """Return a fan over months: nine of ten futures, half of them, the middle one, and the future without risk."""
    frame = fan_table(stressed, series)
    money = not series.startswith("fill:")
    numbers = [column for column in frame.columns if column != "month"]
    top = float(frame.select(pl.max_horizontal(pl.col(numbers).abs()).max()).item() or 0.0)
    divisor, unit = scale(top, DOLLARS) if money else (0.01, "%")
    names = ["nine of ten futures", "half of the futures", "middle", "no risk"]
    low, high = frame["p05"], frame["p95"]
    stack = [
        _line("", short(low, divisor), {"opacity": 0}, {"opacity": 0}, "wide"),
        _line(names[0], short(high - low, divisor), {"opacity": 0}, {"color": BLUE, "opacity": 0.15}, "wide"),
        _line("", short(frame["p25"], divisor), {"opacity": 0}, {"opacity": 0}, "half"),
        _line(names[1], short(frame["p75"] - frame["p25"], divisor), {"opacity": 0},
              {"color": BLUE, "opacity": 0.3}, "half"),
        _line(names[2], short(frame["p50"], divisor), {"color": BLUE}, None, None),
        _line(names[3], short(frame["calm"], divisor), {"color": ORANGE, "type": "dashed"}, None, None),
    ]  # fmt: skip
    return base(
        f"Fan over months: {called} in nine of ten futures, in half of them, in the middle one and without risk.",
        legend=legend(names),
        grid=grid(names),
        xAxis=time_axis([month.strftime("%Y-%m") for month in frame["month"]]),
        yAxis=value_axis(f"{called}, {unit}", scale=True),
        series=stack,
    )


def _line(name: str, data: list[float | None], line: Option, area: Option | None, stack: str | None) -> Option:
    made: Option = {"type": "line", "name": name, "data": data, "symbol": "none", "lineStyle": line}
    made |= {"itemStyle": {"color": line.get("color", BLUE)}}
    return made | ({"areaStyle": area} if area else {}) | ({"stack": stack} if stack else {})


def drivers_chart(stressed: Stress) -> Option | None:
    """Return horizontal bars: what each risk costs where it acts alone, and what its absence is worth."""
    frame = stressed.drivers.reverse()
    if frame.is_empty():
        return None
    names = ["acting alone", "left out of all others"]
    top = float(frame.select(pl.max_horizontal(pl.col("alone_usd", "without_usd").abs()).max()).item() or 0.0)
    divisor, unit = scale(top, DOLLARS)
    columns = zip(names, ("alone_usd", "without_usd"), (ORANGE, BLUE), strict=True)
    return base(
        "Horizontal bars: how the mean value changes where a risk acts alone, and where it alone is left out.",
        tooltip={"trigger": "axis", "axisPointer": {"type": "shadow"}, "confine": True},
        legend=legend(names),
        grid=grid(names, bottom=36),
        xAxis={"type": "value", "name": f"Change of value, {unit}", "nameLocation": "middle", "nameGap": 28},
        yAxis={"type": "category", "data": frame["risk"].to_list(), "axisTick": {"show": False}},
        series=[
            {"type": "bar", "name": name, "itemStyle": {"color": colour}, "data": short(frame[column], divisor)}
            for name, column, colour in columns
        ],
    )

"""What can two partners have between them, and within what range would they agree?"""

from __future__ import annotations

import polars as pl

from cellroad.plan.partners.bargain import Bargain
from cellroad.plan.partners.frontier import Frontier
from cellroad.show.charts.base import DOLLARS, Option, base, grid, legend, names, scale, tip, value_axis
from cellroad.show.palette import BLUE, GREEN, GREY, ORANGE

FOUND, SET, NASH, WITHOUT = "Frontier", "Both gain", "Nash", "Without the deal"


def table(frontier: Frontier) -> pl.DataFrame:
    """Return the points of a frontier: value of a and of b in USD, supported, opens."""
    called = names(frontier.chain, "partners")
    return frontier.frame.select(
        pl.col("a_usd").alias(f"{called[frontier.a]}, $"), pl.col("b_usd").alias(f"{called[frontier.b]}, $"),
        "supported", "opens",
    )  # fmt: skip


def chart(frontier: Frontier, bargain: Bargain | None = None) -> Option:
    """Return the frontier as steps and points, with the bargaining set and its point of Nash where one is given.

    What no weighing finds is drawn hollow.
    """
    called = names(frontier.chain, "partners")
    a, b = called[frontier.a], called[frontier.b]
    points = list(frontier.frame.select("a_usd", "b_usd", "supported", "opens").iter_rows())
    agreed: list[tuple[float, float]] = []
    nash: list[tuple[float, float]] = []
    apart: list[tuple[float, float]] = []
    if bargain is not None:
        apart = [bargain.without]
        if bargain.low is not None and bargain.high is not None and bargain.nash is not None:
            agreed = [bargain.values(bargain.low), bargain.values(bargain.high)]
            nash = [bargain.values(bargain.nash)]
    figures = [abs(v) for p in (*((x, y) for x, y, *_ in points), *agreed, *apart) for v in p]
    divisor, unit = scale(max(figures, default=0.0), DOLLARS)

    def at(x: float, y: float) -> list[float]:
        return [float(f"{x / divisor:.5g}"), float(f"{y / divisor:.5g}")]

    def told(x: float, y: float, head: str) -> Option:
        return tip(head, f"{a}: {x / divisor:,.4g} {unit}", f"{b}: {y / divisor:,.4g} {unit}")

    series: list[Option] = [
        {
            "type": "line", "name": FOUND, "color": BLUE, "symbolSize": 9, "lineStyle": {"type": "dashed", "width": 1},
            "data": [
                {"value": at(x, y), "symbol": "circle" if held else "emptyCircle",
                 "tooltip": told(x, y, opens or "nothing is opened")}
                for x, y, held, opens in points
            ],
        }
    ]  # fmt: skip
    if agreed:
        series.append({"type": "line", "name": SET, "color": GREEN, "lineStyle": {"width": 4}, "symbol": "none",
                       "data": [at(*p) for p in agreed]})  # fmt: skip
    for name, colour, symbol, place in ((NASH, ORANGE, "diamond", nash), (WITHOUT, GREY, "rect", apart)):
        if place:
            series.append({"type": "scatter", "name": name, "color": colour, "symbol": symbol, "symbolSize": 13,
                           "data": [{"value": at(*p), "tooltip": told(*p, name)} for p in place]})  # fmt: skip
    shown = [str(one["name"]) for one in series]
    return base(
        f"Values that {a} and {b} can have between them, in {unit}.",
        tooltip={"trigger": "item", "confine": True},
        legend=legend(shown),
        grid=grid(shown),
        xAxis={**value_axis(f"{a}, {unit}"), "nameLocation": "middle", "nameGap": 28, "scale": True},
        yAxis={**value_axis(f"{b}, {unit}"), "scale": True},
        series=series,
    )

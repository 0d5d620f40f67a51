"""What does each of two partners have as the price or share between them moves, and where do both gain?"""

from __future__ import annotations

from cellroad.plan.partners.bargain import PRICE, Bargain
from cellroad.show import format as fmt
from cellroad.show.charts.base import DOLLARS, Option, base, grid, legend, names, scale, value_axis
from cellroad.show.palette import BLUE, GREY, ORANGE

WIDER = 0.25
"""Part of the range on which each side is shown more of it."""


def chart(deal: Bargain) -> Option:
    """Return the values of both over the lever, what each has without the deal, and the range in which both gain."""
    called = names(deal.chain, "partners")
    a, b = called.get(deal.a, deal.a), called.get(deal.b, deal.b)
    left, right = reach(deal)
    levers = [left, *(lever for lever, _, _ in deal.curve if left < lever < right), right]
    values = [deal.values(lever) for lever in levers]
    divisor, unit = scale(max(abs(usd) for usd in (*deal.without, *(v for pair in values for v in pair))), DOLLARS)

    def line(name: str, colour: str, which: int) -> Option:
        data = [[lever, pair[which] / divisor] for lever, pair in zip(levers, values, strict=True)]
        return {"type": "line", "name": name, "color": colour, "symbol": "none", "lineStyle": {"width": 2.5},
                "data": [_cut(p) for p in data]}  # fmt: skip

    def level(name: str, colour: str, which: int) -> Option:
        usd = deal.without[which] / divisor
        return {"type": "line", "name": f"{name} without the deal", "color": colour, "symbol": "none",
                "lineStyle": {"width": 1.5, "type": "dashed"},
                "data": [_cut([left, usd]), _cut([right, usd])]}  # fmt: skip

    series = [line(a, BLUE, 0), level(a, BLUE, 0), line(b, ORANGE, 1), level(b, ORANGE, 1)]
    marks = [("today", deal.now), ("Nash", deal.nash)]
    series[0]["markLine"] = {
        "symbol": "none", "silent": True, "lineStyle": {"color": GREY, "type": "solid", "width": 1},
        "data": [{"xAxis": lever, "label": {"formatter": name}} for name, lever in marks if lever is not None],
    }  # fmt: skip
    if deal.low is not None and deal.high is not None:
        series[0]["markArea"] = {
            "silent": True, "itemStyle": {"color": "#009E73", "opacity": 0.13},
            "label": {"position": "insideBottom"},
            "data": [[{"name": "both gain", "xAxis": deal.low}, {"xAxis": min(deal.high, right)}]],
        }  # fmt: skip
    shown = [str(one["name"]) for one in series]
    return base(
        f"What {a} and {b} have in {unit} as the {deal.over} moves from {left:.4g} to {right:.4g}.",
        tooltip={"trigger": "axis", "confine": True},
        legend=legend(shown),
        grid=grid(shown, bottom=36, right=28),
        xAxis={**value_axis(axis(deal)), "nameLocation": "middle", "nameGap": 28, "min": left, "max": right},
        yAxis={**value_axis(unit), "scale": True},
        series=series,
    )


def axis(deal: Bargain) -> str:
    """Return what the lever is, with its unit."""
    over = deal.over[:1].upper() + deal.over[1:]
    return f"{over}, USD per unit" if deal.over.startswith(PRICE) else f"{over}, 0 to 1"


def reach(deal: Bargain) -> tuple[float, float]:
    """Return from where to where the lever is shown: all points that are told of, and some room on both sides."""
    known = [lever for lever in (deal.low, deal.high, deal.nash, deal.now) if lever is not None and lever < 1e12]
    low, high = min(known), max(known)
    room = WIDER * ((high - low) or abs(high) or 1.0)
    most = float("inf") if deal.over.startswith(PRICE) else 1.0
    return float(f"{max(low - room, 0.0):.3g}"), float(f"{min(high + room, most):.3g}")


def figures(deal: Bargain, lever: float) -> str:
    """Return a lever as people write it: a price, or a share."""
    return fmt.money(lever, "unit") if deal.over.startswith(PRICE) else fmt.share(lever)


def _cut(point: list[float]) -> list[float]:
    return [float(f"{value:.6g}") for value in point]

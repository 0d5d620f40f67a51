"""Is what is taken under each contract within its band, and where is something paid that is not taken?"""

from __future__ import annotations

import polars as pl

from cellroad.plan.result import Plan
from cellroad.show import format as fmt
from cellroad.show.charts.base import Option, base, below, legend, tip
from cellroad.show.palette import BLUE, COST, GREY

BAND, TAKEN, PAID = "May be taken", "Taken", "Paid, not taken"
BEYOND = 1.15
"""How far a band without a largest quantity is drawn, against what is taken or asked for."""


def table(plan: Plan) -> pl.DataFrame:
    """Return the years of the contracts that hold: contract, year, taken, minimum, maximum (null: open), not_taken."""
    signed = plan.contracts.filter(pl.col("status") != "do not sign").sort("contract", "start")
    return signed.select("contract", "year", "taken", "minimum", "maximum", "not_taken")


def chart(plan: Plan) -> Option | None:
    """Return a row for each contract and year: the band from least to most as a part of its minimum, and what is taken.

    Quantities of one contract are in percent of the largest of its figures, so that cells and tonnes read side by side.
    """
    frame = table(plan)
    if frame.is_empty():
        return None
    whole = pl.max_horizontal("taken", "minimum", pl.col("maximum").fill_null(0.0)).max().over("contract")
    frame = frame.with_columns(whole=whole * pl.when(pl.col("maximum").is_null().any().over("contract"))
                               .then(BEYOND).otherwise(1.0)).filter(pl.col("whole") > 0)  # fmt: skip
    bands, taken, paid = [], [], []
    for n, row in enumerate(frame.iter_rows(named=True)):
        most = "no limit" if row["maximum"] is None else fmt.count(row["maximum"])
        words = (
            f"{row['contract']}, {row['year']}",
            f"taken {fmt.count(row['taken'])}",
            f"least {fmt.count(row['minimum'])}, most {most}",
            *([f"paid and not taken {fmt.count(row['not_taken'])}"] if row["not_taken"] > 0 else []),
        )
        part = {name: 100 * (row[name] or 0.0) / row["whole"] for name in ("taken", "minimum", "maximum", "not_taken")}
        end = 100.0 if row["maximum"] is None else part["maximum"]
        bands.append({"value": [n, round(part["minimum"], 2), round(end, 2)], "tooltip": tip(*words)})
        taken.append({"value": [round(part["taken"], 2), n], "tooltip": tip(*words)})
        if row["not_taken"] > 0:
            ends = [n, round(part["taken"], 2), round(part["taken"] + part["not_taken"], 2)]
            paid.append({"value": ends, "tooltip": tip(*words)})
    bars = [(BAND, "#8a8f9855", bands), *([(PAID, COST["not_taken"], paid)] if paid else [])]
    drawn: list[Option] = [
        {"type": "custom", "renderItem": "gantt", "name": name, "itemStyle": {"color": colour}, "color": colour,
         "encode": {"x": [1, 2], "y": 0}, "data": data}
        for name, colour, data in bars
    ]  # fmt: skip
    drawn.append(
        {"type": "scatter", "name": TAKEN, "color": BLUE, "symbol": "diamond", "symbolSize": 14, "data": taken,
         "itemStyle": {"borderColor": GREY, "borderWidth": 0.5}}
    )  # fmt: skip
    shown = [str(one["name"]) for one in drawn]
    spoken = "; ".join(
        f"{row['contract']} {row['year']}: {fmt.count(row['taken'])} taken of at least {fmt.count(row['minimum'])}"
        for row in frame.iter_rows(named=True)
    )
    return base(
        f"Bands from the least to the most that contracts allow, with what is taken: {spoken}.",
        legend=legend(shown),
        grid={"left": 20, "right": 24, "top": 16 + below(shown), "bottom": 36, "containLabel": True},
        xAxis={"type": "value", "name": "% of the largest quantity of the contract", "nameLocation": "middle",
               "nameGap": 26, "min": 0, "max": 100},
        yAxis={"type": "category", "inverse": True, "axisTick": {"show": False},
               "axisLabel": {"width": 200, "overflow": "truncate"},
               "data": [f"{row['contract']}, {row['year']}" for row in frame.iter_rows(named=True)]},
        series=drawn,
    )  # fmt: skip


def pixels(plan: Plan) -> int:
    """Return how high the chart must be."""
    return 110 + 40 * table(plan).height

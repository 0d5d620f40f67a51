"""Who falls under what on a day, and which bans hold from when?"""

from __future__ import annotations

import datetime as dt

import polars as pl

from cellroad.rules.screening import Screen
from cellroad.show.charts.base import Option, base, below, legend, tip
from cellroad.show.palette import VERMILLION, YELLOW

COLOURS = {"yes": VERMILLION, "unknown": YELLOW, "no": "rgba(138,143,152,0.22)"}
"""One colour an answer; every mark says its answer in words as well."""
INK = "#14171a"
"""Text on the strong colours, on a light as on a dark ground."""
WORDS = {"yes": "yes", "unknown": "not known", "no": "no"}
MARKS = {"yes": "yes", "unknown": "?", "no": "no"}


def table(screen: Screen) -> pl.DataFrame:
    """Return partners against regimes: partner, name, and yes, no or not known for each regime."""
    frame = screen.summary()
    return frame.with_columns(pl.exclude("partner", "name").replace(WORDS))


def chart(screen: Screen) -> Option:
    """Return a heatmap: a row a partner, a column a regime, each cell with its answer and, on hover, the reason."""
    judged = screen.verdicts.filter(pl.col("kind").is_in(["partner", "venture"]))
    partners = judged.select("subject", "name").unique(maintain_order=True)
    regimes = judged["regime"].unique(maintain_order=True).to_list()
    row_of = {partner: at for at, partner in enumerate(partners["subject"])}
    column_of = {regime: at for at, regime in enumerate(regimes)}
    code = {answer: at for at, answer in enumerate(COLOURS)}
    data = [
        {
            "value": [column_of[row["regime"]], row_of[row["subject"]], code[row["answer"]]],
            "label": _label(row["answer"]),
            "tooltip": tip(f"{row['name']}, {row['rule']}: {WORDS[row['answer']]}", row["because"], row["confidence"]),
        }
        for row in judged.iter_rows(named=True)
    ]
    return base(
        f"Table of {partners.height} partners against {len(regimes)} regimes, coloured by the answer: "
        f"{(judged['answer'] == 'yes').sum()} yes, {(judged['answer'] == 'unknown').sum()} not known.",
        tooltip={"confine": True, "extraCssText": "max-width: 420px; white-space: normal;"},
        grid={"left": 8, "right": 8, "top": 64, "bottom": 8, "containLabel": True},
        xAxis={
            "type": "category",
            "position": "top",
            "data": [regime.replace("_", "\n") for regime in regimes],
            "axisLabel": {"interval": 0, "fontSize": 11, "lineHeight": 13},
            "axisTick": {"show": False},
        },
        yAxis={
            "type": "category",
            "inverse": True,
            "data": partners["name"].to_list(),
            "axisLabel": {"width": 180, "overflow": "break", "lineHeight": 14},
            "axisTick": {"show": False},
        },
        visualMap={
            "type": "piecewise",
            "dimension": 2,
            "orient": "horizontal",
            "left": 0,
            "top": 0,
            "pieces": [
                {"value": at, "label": WORDS[answer], "color": colour}
                for at, (answer, colour) in enumerate(COLOURS.items())
            ],
        },
        series=[{"type": "heatmap", "data": data, "itemStyle": {"borderWidth": 1.5}}],
    )


def _label(answer: str) -> Option:
    label: Option = {"show": True, "formatter": MARKS[answer]}
    return label if answer == "no" else label | {"color": INK}


def bans_chart(screen: Screen, bans: pl.DataFrame) -> Option:
    """Return the bans of the day on a line of time; `bans` is `screen_tables.bans`.

    What was before the year of the question was not looked at; a ban without a known end runs to the end of it.
    """
    year = screen.on.year
    first, last = dt.date(year, 1, 1), dt.date(year, 12, 31)
    used = [answer for answer in ("yes", "unknown") if answer in set(bans["answer"])]
    bars: dict[str, list[Option]] = {answer: [] for answer in used}
    for at, row in enumerate(bans.iter_rows(named=True)):
        start, end = max(row["valid_from"] or first, first), min(row["valid_to"] or last, last)
        bars[row["answer"]].append(
            {"value": [at, _stamp(start), _stamp(end)], "tooltip": tip(row["what"], row["when"], row["because"])}
        )
    shown = [_banned(answer) for answer in used]
    spoken = "; ".join(f"{what}, {when}" for what, when in bans.select("what", "when").iter_rows())
    return base(
        f"Bans over {year}: {spoken}.",
        tooltip={"confine": True, "extraCssText": "max-width: 420px; white-space: normal;"},
        legend=legend(shown),
        grid={"left": 8, "right": 24, "top": 16 + below(shown), "bottom": 8, "containLabel": True},
        xAxis={"type": "time", "min": _stamp(first), "max": _stamp(last), "splitLine": {"show": True}},
        yAxis={
            "type": "category",
            "inverse": True,
            "data": [f"{ban}: {what}" for ban, what in bans.select("ban", "what").iter_rows()],
            "axisLabel": {"width": 260, "overflow": "break", "lineHeight": 14},
            "axisTick": {"show": False},
        },
        series=[
            {
                "type": "custom",
                "renderItem": "gantt",
                "name": _banned(answer),
                "itemStyle": {"color": COLOURS[answer]},
                "encode": {"x": [1, 2], "y": 0},
                "data": bars[answer],
            }
            for answer in used
        ],
    )


def _banned(answer: str) -> str:
    return "banned" if answer == "yes" else "perhaps banned"


def _stamp(date: dt.date) -> int:
    return int(dt.datetime(date.year, date.month, date.day, tzinfo=dt.UTC).timestamp() * 1000)

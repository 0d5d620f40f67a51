"""What every chart needs: an empty option, equal steps of time, a scale in round units, names instead of ids.

An option is a dict of plain JSON for Apache ECharts 6 without a single function, so that it can be inlined in a
page, sent by an API, or drawn anywhere. Colours of text, axes and ground come from the page, not from here: the same
option reads on light and on dark.
"""

from __future__ import annotations

import html
import math
from collections.abc import Iterable, Sequence
from typing import Any

import polars as pl

from cellroad.chain.chain import Chain
from cellroad.plan.result import Plan

Option = dict[str, Any]

MOST_STEPS = 30
"""More bars than this do not read; then months are added up to quarters."""


def base(description: str, **parts: Any) -> Option:
    """Return an option with what all charts share; `description` is what a screen reader says of the chart."""
    return {
        "aria": {"enabled": True, "label": {"description": description}},
        "animation": False,
        "tooltip": {"confine": True},
        **parts,
    }


NARROWEST = 680
"""Pixels: a page lets no chart become narrower, so that legends and labels can be laid out for it."""
LONGEST = 230
"""Pixels of a name in a legend; what is longer is cut there, and whole in tooltip and table."""


def legend(names: Sequence[str]) -> Option:
    """Return a legend above the chart, in as many lines as it needs."""
    words = {"width": LONGEST, "overflow": "truncate"}
    return {"top": 0, "left": 0, "itemWidth": 14, "itemHeight": 10, "data": list(names), "textStyle": words}


def below(names: Sequence[str]) -> int:
    """Return how far down a chart its legend of these names reaches, in pixels, on the narrowest page."""
    lines, at = 1, 0.0
    for name in names:
        wide = min(7.2 * len(name), LONGEST) + 34
        lines, at = (lines + 1, wide) if at + wide > NARROWEST else (lines, at + wide)
    return 6 + 18 * lines


def grid(names: Sequence[str] = (), **changes: Any) -> Option:
    """Return the place of the axes, under a legend of these names and the name of the axis."""
    return {"left": 8, "right": 16, "top": 38 + below(names), "bottom": 8, "containLabel": True, **changes}


def value_axis(name: str, **changes: Any) -> Option:
    """Return a vertical axis whose name, with its unit, stands on top of it."""
    title = {"align": "left", "padding": [0, 0, 4, 0]}
    return {"type": "value", "name": name, "nameLocation": "end", "nameTextStyle": title, **changes}


def time_axis(labels: Sequence[str]) -> Option:
    """Return a horizontal axis of equal steps."""
    return {"type": "category", "data": list(labels), "axisTick": {"alignWithLabel": True}}


def steps(plan: Plan) -> pl.DataFrame:
    """Return for each period the equal step of time it is shown in: period, when.

    Months while they are few, else calendar quarters, so that a bar for a quarter never stands beside one for a month.
    """
    start = pl.col("start")
    months = plan.periods["months"].max() == 1 and plan.periods.height <= MOST_STEPS
    quarter = pl.format("{} Q{}", start.dt.year(), start.dt.quarter())
    return plan.periods.select("period", when=start.dt.to_string("%Y-%m") if months else quarter)


def step_labels(plan: Plan) -> list[str]:
    """Return the steps of time from the first to the last."""
    return steps(plan)["when"].unique(maintain_order=True).to_list()


def by_step(plan: Plan, frame: pl.DataFrame) -> pl.DataFrame:
    """Return a frame with the step of time of each row in `when`."""
    return frame.join(steps(plan), on="period", how="left", maintain_order="left")


def wide(plan: Plan, long: pl.DataFrame, on: str, values: str, order: Sequence[str]) -> pl.DataFrame:
    """Return one row per step of time and one column per kind, in the given order; blank where there is nothing."""
    if long.is_empty():
        return pl.DataFrame(schema={"when": pl.String})
    summed = long.group_by("when", on, maintain_order=True).agg(pl.col(values).sum())
    pivoted = summed.pivot(on=on, index="when", values=values)
    all_steps = pl.DataFrame({"when": step_labels(plan)})
    columns = [name for name in order if name in pivoted.columns]
    return all_steps.join(pivoted, on="when", how="left", maintain_order="left").select("when", *columns)


def scale(largest: float, units: Sequence[tuple[float, str]]) -> tuple[float, str]:
    """Return (divisor, unit) in which the largest value reads well."""
    return next((pair for pair in units if abs(largest) >= pair[0]), units[-1])


DOLLARS = ((1e9, "USD billion"), (1e6, "USD million"), (1e3, "USD thousand"), (1.0, "USD"))
ENERGY = ((1e9, "TWh"), (1e6, "GWh"), (1e3, "MWh"), (1.0, "kWh"))
COUNT = ((1e6, "million"), (1e3, "thousand"), (1.0, "units"))


def short(values: Iterable[float | None], divisor: float = 1.0) -> list[float | None]:
    """Return numbers divided and cut to four figures, so that a tooltip reads; what is unknown stays unknown."""
    return [None if v is None or not math.isfinite(v) else float(f"{v / divisor:.4g}") for v in values]


def names(chain: Chain, table: str) -> dict[str, str]:
    """Return what people call the rows of a table, by id; the id itself where no name was given."""
    frame = chain.tables[table]
    ids = frame.columns[0]
    return {row_id: name or row_id for row_id, name in frame.select(ids, "name").iter_rows()}


def call(column: str, called: dict[str, str]) -> pl.Expr:
    """Return a column with names instead of ids; an id without a name stays."""
    return pl.col(column).cast(pl.String).replace(called)


def brief(first: pl.Expr, second: pl.Expr) -> pl.Expr:
    """Return the first name alone where it says which is meant, else both."""
    return pl.when(second.n_unique().over(first) == 1).then(first).otherwise(pl.format("{} · {}", first, second))


def safe(text: str) -> str:
    """Return text for a tooltip: markup and braces, which ECharts reads, made harmless."""
    return html.escape(text).replace("{", "(").replace("}", ")")


def tip(*lines: str) -> Option:
    """Return the tooltip of one mark: its first line bold."""
    first, *rest = (safe(line) for line in lines)
    return {"formatter": "<br>".join([f"<b>{first}</b>", *rest])}

"""Charts of a plan: pure functions from a plan to an ECharts option, each beside the frame that it draws.

for each in CHARTS:
    each.option(plan)   # a dict of plain JSON
    each.table(plan)    # the figures behind it
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from cellroad.plan.result import Plan
from cellroad.show.charts import capacity, cash, emissions, flow, landed, network, partners, schedule, service, supply
from cellroad.show.charts.base import Option


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart: the question it answers, the function that draws it and the one that gives its figures.

    `pixels` tells how high it must be for its figures; `nothing` is said where there are none.
    """

    name: str
    title: str
    question: str
    option: Callable[[Plan], Option]
    table: Callable[[Plan], pl.DataFrame]
    pixels: Callable[[pl.DataFrame], int]
    nothing: str


def _usual(frame: pl.DataFrame) -> int:
    return 380


def _by_name(frame: pl.DataFrame) -> int:
    nodes = {*frame["origin"], *frame["destination"]}
    return max(480, 300 + 12 * len(nodes))


def _by_row(frame: pl.DataFrame) -> int:
    return 90 + 56 * frame.height


def _by_column(frame: pl.DataFrame) -> int:
    return 90 + 44 * (frame.width - 1)


CHARTS = (
    Chart(
        "network",
        "The network in use",
        "Lanes that carry goods, as wide as the energy on them. Great circles, not ship tracks.",
        network.chart,
        network.table,
        lambda _: 460,
        "Nothing is shipped.",
    ),
    Chart(
        "supply",
        "Supply by source",
        "Energy sold, by where its cells come from; in a chain without cells, its packs.",
        supply.chart,
        supply.table,
        _usual,
        "Nothing is sold.",
    ),
    Chart(
        "flow",
        "From material to market",
        "Money as it joins the goods: what is bought, converted, shipped and cleared, over the whole plan. "
        "Without investment and the fixed cost of lines.",
        flow.chart,
        flow.table,
        _by_name,
        "No goods are bought or made.",
    ),
    Chart(
        "landed",
        "Landed cost of a kWh",
        "What the average kWh sold has cost when it reaches the customer. Investment is told beside it, not in it.",
        landed.parts_chart,
        landed.parts_table,
        _usual,
        "Nothing is sold.",
    ),
    Chart(
        "markets",
        "Landed cost over time",
        "The same cost by market, as prices, duties and sources change.",
        landed.markets_chart,
        landed.markets_table,
        _usual,
        "Nothing is sold.",
    ),
    Chart(
        "emissions",
        "Emissions of a kWh",
        "Greenhouse gases behind what is sold, as far as they are known: of goods bought, own processes and transport.",
        emissions.chart,
        emissions.table,
        _usual,
        "Nothing is known of what is emitted.",
    ),
    Chart(
        "cash",
        "Cash",
        "Nominal money in and out; the line adds it up discounted and ends at the net present value. "
        "A shortage is charged its penalty; stock and plant left at the end are credited.",
        cash.chart,
        cash.table,
        lambda _: 420,
        "No money moves.",
    ),
    Chart(
        "partners",
        "Value by partner",
        "Net present value so far of each partner, with its part of the partners that it holds; cash passes to the "
        "holders when it arises. Goods between partners pass at their transfer price.",
        partners.chart,
        partners.table,
        _usual,
        "No partner has any money in it.",
    ),
    Chart(
        "schedule",
        "Openings and certificates",
        "From decision to readiness, and then in operation to the end of the plan.",
        schedule.chart,
        schedule.table,
        _by_row,
        "The plan opens nothing and certifies nothing.",
    ),
    Chart(
        "capacity",
        "Use of capacity",
        "The part of each line's available hours that the plan uses; a blank means that the line is not there.",
        capacity.chart,
        capacity.table,
        _by_column,
        "No line with limited hours is in use.",
    ),
    Chart(
        "service",
        "Demand served and short",
        "What the markets want in each step of time, and what the plan leaves unserved.",
        service.chart,
        service.table,
        _usual,
        "No market wants anything.",
    ),
)
"""Every chart of a plan, in the order in which a report tells them."""

__all__ = ["CHARTS", "Chart", "Option"]

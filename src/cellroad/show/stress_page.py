"""A stress test as one HTML file: does the plan hold, what drives the loss, the worst futures as stories.

It loads nothing; with scripts off every chart is a table.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import polars as pl

from cellroad.plan.stress.result import Stress
from cellroad.show import format as fmt
from cellroad.show import html, provenance
from cellroad.show.charts import chances
from cellroad.show.page import page, write_page
from cellroad.show.report import Card, cited_rows
from cellroad.show.screen_page import Figure

MOST = 1000
"""Rows of a table in the page."""
CALLED = {
    "value_usd": "net present value", "cost_usd_per_kwh": "cost per kWh sold", "kwh": "energy sold",
    "revenue_usd": "revenue", "purchases_usd": "purchases", "making_usd": "making", "freight_usd": "freight",
    "duty_usd": "duty and fees", "holding_usd": "holding stock", "penalty_usd": "price put on shortages",
    "scrap_usd": "scrapping what expired",
}  # fmt: skip
"""What people call the measures."""
FANS = 8
"""Markets whose service is drawn; the others stand in the table."""


def write_stress(stressed: Stress, path: Path | str) -> Path:
    """Write the report of a stress test to a file, whole or not at all, and return its path."""
    return write_page(stress_page(stressed), path)


def stress_page(stressed: Stress) -> str:
    """Return a stress test as one HTML page that needs nothing else."""
    chain = stressed.plan.chain
    fans = [_fan(stressed, n, series, called) for n, (series, called) in enumerate(_series(stressed))]
    drawn = [*fans, _drivers(stressed)]
    assumed = provenance.assumptions(chain)
    return page(
        "stress.html.j2",
        {figure.name: figure.option for figure in drawn if figure.option},
        title=f"{chain.name}: stress",
        stressed=stressed,
        headline=headline(stressed),
        cards=cards(stressed),
        fans=fans,
        drivers=drawn[-1],
        service=html.table(service(stressed), caption="Service by market"),
        measures=html.table(measures(stressed), caption="Value and cost"),
        sites=html.table(sites(stressed), caption="Sites"),
        against=against(stressed),
        stories=worst(stressed),
        precision=precision(stressed),
        assumed={name: int(frame["rows"].sum()) for name, frame in assumed.items()},
        assumptions={name: html.table(frame) for name, frame in assumed.items()},
        cited=cited_rows(provenance.cited(chain)),
    )


def headline(stressed: Stress) -> str:
    """Return the answer in one sentence: what is served, what the value may be, what drives the loss."""
    told = {str(name): float(value) for name, value in stressed.summary().select("figure", "value").iter_rows()}
    value, tail = told["net present value, mean"], told["net present value, mean of the worst twentieth"]
    served = told["demand served on its day, mean"]
    first = (
        f"In {stressed.draws:,} futures {fmt.share(served)} of demand is served on its day; the NPV is "
        f"{fmt.money(value)} on average and {fmt.money(tail)} in the worst twentieth."
    )
    if stressed.drivers.is_empty():
        return f"{first} The chain names no risks."
    return f"{first} Most is lost to {stressed.drivers['risk'][0]}."


def cards(stressed: Stress) -> list[Card]:
    """Return the figures that stand on top of the page."""
    told = {str(name): float(value) for name, value in stressed.summary().select("figure", "value").iter_rows()}
    notes: list[tuple[str, str, str, Callable[[float], str]]] = [
        ("net present value, planned", "Planned", "NPV that the plan promises", fmt.money),
        ("net present value, day by day without risk", "Day by day", "the same operated by the day, without risk",
         fmt.money),
        ("net present value, mean", "Mean", "mean NPV of all futures", fmt.money),
        ("net present value, mean of the worst twentieth", "Worst twentieth", "mean NPV of the worst 5 %", fmt.money),
        ("demand served on its day, mean", "Served", "part of demand served on its day", fmt.share),
    ]  # fmt: skip
    return [Card(title, html.value(shown(told[name])), note) for name, title, note, shown in notes]


def service(stressed: Stress) -> pl.DataFrame:
    """Return service by market for people: what is served on its day as planned, without risk and over the futures."""
    return stressed.service.select(
        Market="market", Want="want", Segment="segment", planned_share="planned", no_risk_share="calm",
        mean_share="fill", one_in_twenty_below_share="fill_p05", days_served_in_full_share="service_level",
        futures_with_shortage_share="short", lost="lost",
    )  # fmt: skip


def measures(stressed: Stress) -> pl.DataFrame:
    """Return value and cost for people: planned, without risk, mean, its error, quantiles, mean of the worst.

    What is nothing in all futures is left out.
    """
    names = ["planned", "calm", "mean", "mean_error", "p05", "p50", "p95", "tail_mean"]
    heads = ["Planned", "No risk", "Mean", "Error of the mean", "5 %", "50 %", "95 %", "Worst twentieth, mean"]
    rows = []
    for row in stressed.measures.iter_rows(named=True):
        shown = _shown(row["measure"])
        if any(row[name] for name in names):
            rows.append((CALLED[row["measure"]], *(shown(row[name]) for name in names)))
    return pl.DataFrame(rows, schema=dict.fromkeys(["Measure", *heads], pl.String), orient="row")


def drivers(stressed: Stress) -> pl.DataFrame:
    """Return for people what each risk does to the value: alone, and what would be gained without it, with errors."""
    rows = [
        (row["risk"], f"{row['kind'].replace('_', ' ')}: {'all' if row['target'] == '*' else row['target']}",
         *(fmt.money(row[name]) for name in ("alone_usd", "alone_error", "without_usd", "without_error")))
        for row in stressed.drivers.iter_rows(named=True)
    ]  # fmt: skip
    heads = ["Risk", "What it touches", "It alone", "Give or take", "Gained without it", "Give or take "]
    return pl.DataFrame(rows, schema=dict.fromkeys(heads, pl.String), orient="row")


def _shown(measure: str) -> Callable[[float], str]:
    if measure == "kwh":
        return fmt.energy
    return partial(fmt.money, per="kWh") if measure.endswith("per_kwh") else fmt.money


def sites(stressed: Stress) -> pl.DataFrame:
    """Return for people how long customers are served without each site, and how soon again after a standstill."""
    rows = [
        (
            site,
            "to the end" if survive is None else f"{survive} days",
            "nobody notices" if felt is None else f"{felt} days",
            "" if felt is None else f"{recover} days",
            fmt.count(lost),
            fmt.day(begins),
        )
        for site, survive, recover, felt, _, lost, begins in stressed.sites.iter_rows()
    ]
    days = stressed.sites["outage_days"][0] if stressed.sites.height else 0
    heads = ["Site", "Customers are served without it for", f"A standstill of {days} days is felt after",
             "Recovered after", "Wants not served on time", "Standstill from"]  # fmt: skip
    return pl.DataFrame(rows, schema=dict.fromkeys(heads, pl.String), orient="row")


def worst(stressed: Stress) -> list[tuple[int, str, str]]:
    """Return the worst futures: number, value, story."""
    return [(draw, fmt.money(usd), told) for _, draw, usd, told in stressed.worst.iter_rows()]


def precision(stressed: Stress) -> str:
    """Return in a sentence how exact the figures are."""
    errors = stressed.measures.filter(pl.col("measure") == "value_usd")["mean_error"]
    ranks = (
        f"quantiles to {fmt.share(stressed.rank_error)} of the futures, those of the fans to "
        f"{fmt.share(stressed.fan_error)}"
        if stressed.rank_error or stressed.fan_error else "quantiles are those of all futures"
    )  # fmt: skip
    return (
        f"{stressed.draws:,} futures from seed {stressed.seed}; the mean value is known to "
        f"{fmt.money(float(errors[0]))} (one standard error), {ranks}. Of all goods at most "
        f"{np.format_float_scientific(max(stressed.imbalance, 0.0), 1)} could not be accounted for in any future."
    )


def against(stressed: Stress) -> str:
    """Return in a sentence how a plan fares against the first one in the same futures; nothing where it ran alone."""
    if stressed.against.is_empty():
        return ""
    told = {str(name): float(value) for name, value in stressed.against.iter_rows()}
    low, high = (told["mean_usd"] + side * 1.96 * told["mean_error"] for side in (-1, 1))
    return (
        f"Against the first plan, in the same futures: {fmt.money(told['mean_usd'])} of NPV on average (95 % interval "
        f"{fmt.money(low)} to {fmt.money(high)}), between {fmt.money(told['p05_usd'])} and "
        f"{fmt.money(told['p95_usd'])} in nine futures of ten."
    )


def _series(stressed: Stress) -> list[tuple[str, str]]:
    """Return the fans to draw and what they are called: value and stock, then the largest markets."""
    largest = stressed.service.sort("wanted", descending=True).head(FANS)
    fills = [(f"fill:{'|'.join(key)}", f"{key[1]} in {key[0]}: served on its day") for key in
             largest.select("market", "want", "segment").iter_rows()]  # fmt: skip
    return [("cash", "Discounted cash from operations so far"), ("stock", "Value of stock"), *fills]


def _fan(stressed: Stress, number: int, series: str, called: str) -> Figure:
    return Figure(
        f"fan{number}", called, "Month by month: nine of ten futures lie within the light band, half within the dark.",
        "There is nothing to draw.", chances.fan_chart(stressed, series, called), 320,
        html.table(chances.fan_table(stressed, series), caption=called, most=MOST),
    )  # fmt: skip


def _drivers(stressed: Stress) -> Figure:
    return Figure(
        "drivers", "What drives the loss",
        "The same futures with one risk acting alone, and with one risk left out; the difference to each other is what "
        "risks do together.", "The chain names no risks.", chances.drivers_chart(stressed),
        90 + 34 * stressed.drivers.height, html.table(drivers(stressed), caption="What drives the loss", most=MOST),
    )  # fmt: skip

"""A pack line as one HTML file: what it makes, where its time goes, a shift that plays, people, automation, cost, and
what every mix and change would bring. It loads nothing; with scripts off every chart is a table.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl
from rich.console import RenderableType

from cellroad.engineering.line.changing import Way
from cellroad.engineering.line.result import Line
from cellroad.show import format as fmt
from cellroad.show import html, terminal
from cellroad.show.charts import line_shift, line_states
from cellroad.show.page import page, write_page
from cellroad.show.report import Card
from cellroad.show.screen_page import Figure

DEFINITIONS = {
    "stations": "Automatic stations of all stations",
    "tasks": "Automatic tasks of all tasks",
    "time": "Automatic work of all work of a pack",
    "labour": "Hours of people that it saves, of those by hand",
}
KINDS = {"people": "People", "energy": "Electricity", "material": "Packs that are scrapped", "fixed": "Fixed"}


def write_line(found: Line, path: Path | str, *, mixes: pl.DataFrame | None = None, way: Way | None = None) -> Path:
    """Write the page of a line to a file, whole or not at all, and return its path.

    mixes  what it makes of each product alone, as of `by_mix`; way: what brings it to a target, as of `reach`
    """
    return write_page(line_page(found, mixes=mixes, way=way), path)


def line_page(found: Line, *, mixes: pl.DataFrame | None = None, way: Way | None = None) -> str:
    """Return the page of a line as one HTML text that needs nothing else."""
    states = Figure(
        "states", "Where the time goes", "What does each station do, and what keeps it from work?", "",
        line_states.chart(found), line_states.pixels(found), html.table(line_states.table(found), caption="Stations"),
    )  # fmt: skip
    shift = Figure(
        "shift", "A shift", "Where are the packs, from an empty line on? Press play.", "", line_shift.chart(found),
        line_states.pixels(found) + 60, html.table(line_shift.table(found), caption="Packs at each station, by hours"),
    )  # fmt: skip
    return page(
        "line.html.j2",
        {figure.name: figure.option for figure in (states, shift) if figure.option},
        title=f"{found.tables.name}: line",
        found=found,
        headline=found.summary(),
        cards=cards(found),
        states=states,
        shift=shift,
        volume=html.table(volume(found), caption="What it makes in a year"),
        oee=html.table(oee(found), caption="Overall equipment effectiveness"),
        bottlenecks=html.table(bottlenecks(found), caption="Bottlenecks"),
        people=html.table(people(found), caption="People"),
        automation=html.table(automated(found), caption="Four rates of automation"),
        costs=html.table(costs(found), caption="Cost of conversion"),
        figures=html.table(found.figures.rename({"figure": "Figure", "value": "Value", "unit": "Unit"})),
        mixes=html.table(mixed(found, mixes), caption="Each product alone") if mixes is not None else "",
        way=html.table(steps(found, way), caption="What to add") if way and way.steps.height else "",
        reached=way.line.summary() if way else "",
        assumed=assumed(found),
    )


def cards(found: Line) -> list[Card]:
    """Return the figures that stand on top of the page."""
    all_ = found.volume.filter(product="all").row(0, named=True)
    oee_ = float(found.oee.filter(factor="oee")["value"][0])
    cost = float(found.costs["usd_per_kwh"].sum())
    lead = dict(found.figures.select("figure", "value").iter_rows())
    told = [
        ("A year", fmt.energy(1e6 * all_["gwh_per_year"]), f"{all_['low']:.3g} to {all_['high']:.3g} GWh"),
        ("An hour", f"{all_['packs_per_hour']:.3g} packs", f"{found.tables.hours_per_year:,.0f} hours a year"),
        ("OEE", fmt.share(oee_), "availability by performance by quality"),
        ("Conversion", fmt.money(cost, "kWh"), "people, electricity, scrap, fixed"),
        ("Lead time", f"{lead['lead time, mean']:.3g} h", f"{lead['work in progress']:.3g} packs in progress"),
    ]
    return [Card(title, html.value(value), note) for title, value, note in told]


def volume(found: Line) -> pl.DataFrame:
    """Return what the line makes, for people."""
    names = dict(found.tables.tables["products"].select("product", "name").iter_rows()) | {"all": "All"}
    return found.volume.select(
        pl.col("product").replace(names).alias("Product"), pl.col("packs_per_hour").alias("Packs an hour"),
        pl.col("packs_per_year").round(0).alias("Packs a year"), pl.col("gwh_per_year").alias("GWh a year"),
        pl.col("low").alias("Low"), pl.col("high").alias("High"), pl.col("share").alias("Of packs, %"),
    )  # fmt: skip


def oee(found: Line) -> pl.DataFrame:
    """Return the factors of effectiveness, for people."""
    words = pl.col("factor").replace({"oee": "OEE"}).str.replace(r"^([a-z])", "${1}")
    return found.oee.select(
        words.alias("Factor"), pl.col("value").alias("Value, %"), pl.col("low").alias("Low, %"),
        pl.col("high").alias("High, %"),
    )  # fmt: skip


def bottlenecks(found: Line) -> pl.DataFrame:
    """Return the stations that are kept from work least, for people."""
    rows = found.bottlenecks.select(
        pl.col("station").replace(_stations(found)).alias("Station"),
        pl.col("loss").alias("Kept from work, %"), pl.col("gain_10").alias("Gain by a tenth more speed, %"),
    )  # fmt: skip
    return rows.drop("Gain by a tenth more speed, %") if found.bottlenecks["gain_10"].is_null().all() else rows


def people(found: Line) -> pl.DataFrame:
    """Return what pools do, for people."""
    names = dict(found.tables.tables["pools"].select("pool", "name").iter_rows())
    return found.people.select(
        pl.col("pool").replace(names).alias("Who"), pl.col("people").alias("On each shift"),
        pl.col("busy_share").alias("Busy, %"), pl.col("minutes_per_pack").alias("Minutes a pack"),
        pl.col("usd_per_year").alias("$ a year"),
    )  # fmt: skip


def automated(found: Line) -> pl.DataFrame:
    """Return the rates of automation, for people."""
    return found.automation.select(
        pl.col("definition").replace(DEFINITIONS).alias("Definition"), pl.col("share").alias("Rate, %"),
        pl.col("low").alias("Mixed as manual, %"), pl.col("high").alias("Mixed as automatic, %"),
    )  # fmt: skip


def costs(found: Line) -> pl.DataFrame:
    """Return the cost of conversion, for people."""
    return found.costs.select(
        pl.col("kind").replace(KINDS).alias("Kind"), pl.col("usd_per_year").alias("$ a year"),
        pl.col("usd_per_kwh").alias("$ per kWh"),
    )  # fmt: skip


def mixed(found: Line, mixes: pl.DataFrame) -> pl.DataFrame:
    """Return what each product alone would bring, for people."""
    names = dict(found.tables.tables["products"].select("product", "name").iter_rows()) | {"mix": "The mix"}
    return mixes.select(
        pl.col("product").replace(names).alias("Product"), pl.col("packs_per_hour").alias("Packs an hour"),
        pl.col("gwh_per_year").alias("GWh a year"), pl.col("oee").alias("OEE, %"),
        pl.col("bottleneck").replace(_stations(found)).alias("Bottleneck"),
    )  # fmt: skip


def steps(found: Line, way: Way) -> pl.DataFrame:
    """Return what to add, for people."""
    names = _stations(found) | dict(found.tables.tables["pools"].select("pool", "name").iter_rows())
    words = {"channel": "one channel more", "places": "two places to wait more", "person": "one person more"}
    return way.steps.select(
        pl.col("where").replace(names).alias("Where"), pl.col("what").replace(words).alias("What"),
        pl.col("usd").alias("Cost, $"), pl.col("gwh_per_year").alias("GWh a year then"),
    )  # fmt: skip


def assumed(found: Line) -> list[str]:
    """Return how many rows of each table are assumptions, and how the answer was computed."""
    told = []
    for name, frame in found.tables.tables.items():
        guessed = frame.filter(pl.col("confidence").cast(pl.String) == "assumption").height
        if guessed:
            told.append(f"{guessed} of {frame.height} rows of {name} are assumptions.")
    runs = found.found.good.shape[0]
    return [
        *told,
        f"{runs} runs of {found.found.hours:g} hours each after a warm-up; intervals hold 95 % of the runs' mean.",
        "Servers fail by work done; repair follows at once; what fails waits beside the line for rework.",
        "The line is never short of cells and parts; breaks and nights stop it without loss.",
    ]


def line_text(found: Line, mixes: pl.DataFrame | None = None, way: Way | None = None) -> list[RenderableType]:
    """Return the answer for a terminal."""
    told: list[RenderableType] = [
        found.summary(), "", terminal.table(volume(found), "What it makes in a year"), "",
        terminal.table(oee(found), "Overall equipment effectiveness"), "",
        terminal.table(line_states.table(found), "Stations"), "",
        terminal.table(bottlenecks(found).head(5), "Bottlenecks"), "", terminal.table(people(found), "People"), "",
        terminal.table(automated(found), "Four rates of automation"), "",
        terminal.table(costs(found), "Cost of conversion"),
    ]  # fmt: skip
    if mixes is not None:
        told += ["", terminal.table(mixed(found, mixes), "Each product alone")]
    if way:
        told += ["", terminal.table(steps(found, way), "What to add"), way.line.summary()]
    return [*told, "", *(f"Assumed: {remark}" for remark in assumed(found))]


def _stations(found: Line) -> dict[str, str]:
    rows = found.tables.tables["stations"].select("station", "name").iter_rows()
    return {station: name or station for station, name in rows}

"""The week of those who work across an ocean as one HTML file: work and its dates, orders before shutdowns, what is on
order, vendors, quotes, meetings. It loads nothing; with scripts off the chart is a table.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
from markupsafe import Markup

from cellroad.chain.chain import Chain
from cellroad.chain.day import Day, as_day
from cellroad.plan import schedule as work
from cellroad.plan.schedule.critical import Path as Critical
from cellroad.show import format as fmt
from cellroad.show import html
from cellroad.show.charts import milestones as drawn
from cellroad.show.charts.base import call, names
from cellroad.show.page import page, write_page
from cellroad.show.report import Card
from cellroad.show.screen_page import Figure
from cellroad.show.topics import vendors

AHEAD = 365
"""Days ahead in which shutdowns are looked for that make an order late."""
LEAST = 10
"""Days by which an order must be later for the day before it to be told."""


def write_schedule(
    chain: Chain, path: Path | str, today: Day, *, quotation: work.Quotation | None = None, weeks: int = 8,
    draws: int = 10_000,
) -> Path:  # fmt: skip
    """Write the page of a chain to a file, whole or not at all, and return its path.

    quotation  quotes to tell of; weeks: how many weekly meetings; draws: how often uncertain durations are drawn
    """
    return write_page(schedule_page(chain, today, quotation=quotation, weeks=weeks, draws=draws), path)


def schedule_page(
    chain: Chain, today: Day, *, quotation: work.Quotation | None = None, weeks: int = 8, draws: int = 10_000
) -> str:
    """Return the page of a chain as one HTML text that needs nothing else."""
    day = as_day(today)
    tasks, people = work.tasks(chain), work.people(chain)
    path = work.critical_path(tasks, chain.plan_settings().start, draws=draws) if tasks else None
    called = names(chain, "milestones")
    table = vendors.work(chain, path).drop("milestone") if path else pl.DataFrame()
    figure = Figure(
        "work", "Work and its dates", "What does the end hang on, and what may slip?", "There are no milestones.",
        drawn.chart(path, called) if path else None, drawn.pixels(len(tasks)),
        html.table(table, caption="Milestones") if path else Markup(""),
    )  # fmt: skip
    met = work.meet(people, start=day, weeks=weeks, busy=work.absences(chain)) if people else None
    orders, cliffs = vendors.ordered(chain).drop("order"), before(chain, day)
    return page(
        "schedule.html.j2",
        {"work": figure.option} if figure.option else {},
        title=f"{chain.name}: schedule",
        chain=chain,
        day=fmt.day(day),
        headline=headline(chain, path, cliffs, quotation),
        cards=cards(chain, path, day),
        figure=figure,
        cliffs=html.table(cliffs, caption="Last days before an order is much later") if cliffs.height else "",
        orders=html.table(orders, caption="Open orders") if orders.height else "",
        scores=html.table(vendors.kept(chain, work.scorecards(chain, day)).drop("site")) if chain.orders.height else "",
        quotes=html.table(quotes(chain, quotation), caption="Quotes") if quotation else "",
        said=quotation.summary().splitlines() if quotation else [],
        meetings=html.table(clocks(met), caption="Meetings, by the clock of everybody") if met else "",
        remarks=[*(quotation.remarks if quotation else ()), *_assumed()],
    )


def headline(chain: Chain, path: Critical | None, cliffs: pl.DataFrame, quotation: work.Quotation | None) -> str:
    """Return the answer in a sentence or two."""
    told = []
    if path:
        likely = path.quantile(0.9)
        told.append(
            f"All work is done on {fmt.day(path.finish)}"
            + (f", in nine cases of ten by {fmt.day(likely)}." if likely else ".")
        )
    late = work.open_orders(chain).filter(pl.col("slip_days") > 0).height
    told += [f"{late} open {'order is' if late == 1 else 'orders are'} late."] if late else []
    if cliffs.height:
        first = cliffs.row(0, named=True)
        told.append(
            f"{first['What']}: order by {fmt.day(first['Order by'])} or it comes {first['Days later']} days later."
        )
    told += [quotation.summary().splitlines()[0]] if quotation else []
    return " ".join(told) or "Nothing is dated, ordered or quoted."


def cards(chain: Chain, path: Critical | None, day: dt.date) -> list[Card]:
    """Return the figures that stand on top of the page."""
    told: list[tuple[str, str, str]] = []
    if path:
        told.append(("All work done", fmt.day(path.finish), "with likely durations"))
        told.append(("Critical", str(len(path.critical)), f"of {path.tasks.height} pieces of work"))
    orders = work.open_orders(chain)
    if orders.height:
        told.append(("On order", fmt.energy(float(orders["kwh"].sum())), f"{orders.height} open orders"))
    open_ = chain.quotes.filter(pl.col("status") == "open").filter(
        pl.col("valid_to").is_null() | (pl.col("valid_to") >= day)
    )
    told += [("Quotes open", str(open_.height), "on the day of this page")] if chain.quotes.height else []
    return [Card(title, html.value(value), note) for title, value, note in told]


def before(chain: Chain, day: dt.date) -> pl.DataFrame:
    """Return the days after which an order of an offer that is open then comes much later: What, From, By, Order by,
    Arrives, A day later, Days later, Because."""
    items, sites = names(chain, "items"), names(chain, "sites")
    last = day + dt.timedelta(days=AHEAD)
    ways = chain.offers.filter(
        (pl.col("valid_from") <= last) & (pl.col("valid_to").is_null() | (pl.col("valid_to") >= day))
    ).join(
        chain.lanes.select("lane", "origin", "destination"), left_on="site", right_on="origin", maintain_order="left"
    )
    rows = [
        found.cliffs(least=LEAST).filter(pl.col("why") != "").select(
            pl.lit(items[row["item"]]).alias("What"), pl.lit(sites[row["site"]]).alias("From"),
            pl.lit(sites[row["destination"]]).alias("To"), pl.col("order_by").alias("Order by"),
            pl.col("arrives").alias("Arrives"), pl.col("arrives_then").alias("A day later"),
            pl.col("days").alias("Days later"), pl.col("why").alias("Because"),
        )
        for row in ways.iter_rows(named=True)
        if (found := work.order(chain, row["offer"], row["lane"], first=day, last=last))
    ]  # fmt: skip
    return pl.concat(rows).unique(maintain_order=True).sort("Order by", maintain_order=True) if rows else pl.DataFrame()


def quotes(chain: Chain, quotation: work.Quotation) -> pl.DataFrame:
    """Return quotes beside each other, for people."""
    return quotation.compared.select(
        pl.col("quote").alias("Quote"), pl.col("vendor").alias("Vendor"),
        call("item", names(chain, "items")).alias("What"),
        pl.format("{} {} {}", pl.col("price").round(2), "currency", "incoterm").alias("Price and terms"),
        pl.col("usd_per_usable_kwh").alias("Landed, $ per usable kWh"), (pl.col("duty_pct") / 100).alias("Duty, %"),
        pl.col("money_usd").alias("Money, $ a unit"), pl.col("order_units").alias("Units"),
        pl.col("order_usd").alias("Order, $"), pl.col("order_by").alias("Order by"), pl.col("arrives").alias("Arrives"),
        pl.when("fits").then(pl.lit("yes")).otherwise(pl.lit("no: ") + pl.col("because")).alias("Fits"),
        pl.col("listed").alias("Vendor is caught by"),
    )  # fmt: skip


def clocks(found: work.Meetings) -> pl.DataFrame:
    """Return a row for each meeting, and a column for each clock."""
    shown = pl.col("start").dt.strftime("%a %d %b %H:%M") + pl.when(pl.col("minutes_off") > 0).then(
        pl.format(" ({} min off)", "minutes_off")
    ).otherwise(pl.lit(""))
    return found.seats.with_columns(start=shown).pivot("person", index="number", values="start")


def _assumed() -> list[str]:
    confirmed, booked = work.orders.CONFIRMED, work.orders.BOOKED
    return [
        f"A vendor confirms an order in {confirmed[0]}, {confirmed[1]} or {confirmed[2]} worked days; dangerous goods "
        f"are booked on a ship in {booked[0]}, {booked[1]} or {booked[2]} days (low, likely, high).",
        "Making and transit are those of the offers and lanes; shutdowns and public holidays those of the sites.",
    ]

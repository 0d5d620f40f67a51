"""A plan as one HTML file that answers first and explains after.

One file, no request to any host: style, script, charts and map are inside, and a content security policy says so to
the browser. With scripts off every chart is a table. Order: the answer in a sentence, the figures, what to do, the
charts each with its table, then what the answer rests on and how it was found.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
from markupsafe import Markup

from cellroad.plan.audit.audit import audit
from cellroad.plan.result import Plan
from cellroad.show import format as fmt
from cellroad.show import html, law_tables, provenance
from cellroad.show.charts import CHARTS, Chart
from cellroad.show.charts.base import Option, call, names
from cellroad.show.charts.schedule import opening_name
from cellroad.show.page import anchor, page, write_page
from cellroad.show.topics import TOPICS, Topic
from cellroad.show.topics.base import marks


def write_report(plan: Plan, path: Path | str) -> Path:
    """Write the report of a plan to a file, whole or not at all, and return its path."""
    return write_page(report(plan), path)


def report(plan: Plan) -> str:
    """Return the report of a plan as one HTML page that needs nothing else."""
    told = [_told(topic, plan) for topic in TOPICS]
    sections: list[Section] = []
    for chart in CHARTS:
        sections.append(_section(chart, plan))
        sections += [section for section in told if section.after == chart.name and (section.table or section.tables)]
    options = {section.chart.name: section.option for section in sections if section.option}
    cited = provenance.cited(plan.chain)
    assumed = provenance.assumptions(plan.chain)
    return page(
        "report.html.j2",
        options,
        plan=plan,
        title=f"{plan.chain.name}: plan",
        headline=headline(plan),
        span=f"{fmt.month(plan.periods['start'].min())} to {fmt.month(plan.periods['end'].max())}",  # type: ignore[arg-type]
        cards=cards(plan),
        openings=_openings(plan),
        orders=_orders(plan),
        sections=sections,
        credits=_law(law_tables.credits(plan), "Credits earned and lost, undiscounted"),
        bans=_law(law_tables.bans(plan), "Bans that bear on the plan"),
        counts=html.table(provenance.counts(plan.chain), caption="Rows of the chain by confidence"),
        assumptions={name: html.table(frame) for name, frame in assumed.items()},
        assumed={name: int(frame["rows"].sum()) for name, frame in assumed.items()},
        cited=cited_rows(cited),
        remarks=plan.remarks,
        solution=_solution(plan),
        audit=_audit(plan),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the page: its option (None where there is nothing to draw), its height, its table and further ones.

    `after` names the chart that a part without one of its own stands after.
    """

    chart: Chart | Topic
    option: Option | None
    pixels: int
    table: Markup
    tables: tuple[Markup, ...] = ()
    after: str = ""


def _section(chart: Chart, plan: Plan) -> Section:
    frame = chart.table(plan)
    if frame.is_empty() or frame.width < 2:
        return Section(chart, None, 0, Markup(""))
    return Section(chart, chart.option(plan), chart.pixels(frame), html.table(frame, caption=chart.title))


def _told(topic: Topic, plan: Plan) -> Section:
    """Return a topic with its tables; where it has a chart, the first of them is the chart's."""
    sheets = [html.table(sheet.frame, sheet.marks, caption=sheet.caption) for sheet in topic.sheets(plan)]
    option = topic.option(plan) if sheets else None
    first = sheets[0] if option else Markup("")
    return Section(
        topic, option, topic.pixels(plan) if option else 0, first, tuple(sheets[1:] if option else sheets), topic.after
    )


@dataclass(frozen=True, slots=True)
class Card:
    """A figure on top of the page."""

    name: str
    value: Markup
    note: str


def cards(plan: Plan) -> list[Card]:
    """Return the figures that stand on top of the page."""
    figures = {name: value for name, value, _ in plan.summary().iter_rows()}
    units = {"USD": fmt.money, "USD/kWh": _per_kwh, "kWh": fmt.energy, "share": fmt.share}
    shown = (
        ("net present value", "USD", "Net present value", "discounted; end values in, shortages at a penalty"),
        ("landed cost", "USD/kWh", "Landed cost", "average of what is sold, after tax credits"),
        ("demand served", "share", "Demand served", "of what markets want"),
        ("energy sold", "kWh", "Energy sold", "over the plan"),
        ("revenue", "USD", "Revenue", "nominal"),
        ("investment", "USD", "Investment", "nominal"),
    )
    return [Card(title, html.value(units[unit](figures[name])), note) for name, unit, title, note in shown]


def _per_kwh(usd: float) -> str:
    return fmt.money(usd, "kWh")


def headline(plan: Plan) -> str:
    """Return the answer in one sentence: what to open and when, how much is served, what it is worth, how sure."""
    taken = plan.openings.filter(pl.col("kind").cast(pl.String) == "option").sort("decided")
    rows = taken.select(opening_name(), "decided").iter_rows()
    parts = [f"{name} ({fmt.month(decided)})" for name, decided in rows]
    more = [f"{len(parts) - 3} more"] if len(parts) > 3 else []
    build = f"Build: {'; '.join(parts[:3] + more)}" if parts else "Build nothing new"
    closed = plan.openings.filter(pl.col("kind").cast(pl.String) == "closure").sort("ready")
    ends = [f"{name} ({fmt.month(ready)})" for name, ready in closed.select(opening_name(), "ready").iter_rows()]
    build += f". Close: {'; '.join(ends)}" if ends else ""
    figures = {name: value for name, value, _ in plan.summary().iter_rows()}
    return (
        f"{build}. Serve {fmt.share(figures['demand served'])} of demand at {_per_kwh(figures['landed cost'])} landed; "
        f"NPV {fmt.money(figures['net present value'])} at {fmt.share(plan.solution.gap)} gap."
    )


def _openings(plan: Plan) -> Markup:
    """Return what is opened and certified, in order of decision, each with what stands behind its figures."""
    chain = plan.chain
    rows = plan.openings.sort("decided", "ready")
    if rows.is_empty():
        return Markup("")
    typed = rows.with_columns(opening_name(), pl.col("kind").cast(pl.String))
    certified = chain.certificates.join(chain.items.select("item", called="name"), on="item", how="left")
    behind = pl.concat(
        [
            chain.options.select(opening_name("option"), "confidence", "source", kind=pl.lit("option")),
            chain.closures.select(opening_name("closure"), "confidence", "source", kind=pl.lit("closure")),
            certified.select(
                pl.format("{} for {}", "standard", "called").alias("name"),
                "confidence",
                "source",
                kind=pl.lit("certificate"),
            ),
        ]
    ).unique(["name", "kind"], maintain_order=True)
    frame = typed.select(
        pl.col("name").alias("What"),
        pl.col("kind").alias("Kind"),
        call("site", names(chain, "sites")).alias("Site"),
        pl.col("decided").alias("Decide by"),
        pl.col("ready").alias("Ready"),
        *([pl.col("planned").alias("As planned")] if rows.filter(pl.col("planned") < pl.col("ready")).height else []),
        *([pl.col("ends").alias("Until")] if rows["ends"].null_count() < rows.height else []),
        pl.col("cost_usd"),
        pl.col("residual_usd").alias("worth_at_the_end_usd"),
    )
    return html.table(frame, marks(typed, behind, ["name", "kind"]), caption="What to open, and when")


def _orders(plan: Plan) -> Markup:
    """Return the purchase orders of the first twelve months, by the day on which they must be placed."""
    chain = plan.chain
    first = plan.periods["start"].min()
    if not isinstance(first, dt.date) or plan.purchases.is_empty():
        return Markup("")
    year = plan.purchases.filter((pl.col("start") < first.replace(year=first.year + 1)) & (pl.col("quantity") > 0))
    year = year.sort("order_by", "offer")
    units = dict(chain.items.select("item", "unit").iter_rows())
    frame = year.select(
        "order_by",
        call("item", names(chain, "items")),
        call("site", names(chain, "sites")).alias("From"),
        "quantity",
        pl.col("item").cast(pl.String).replace(units).alias("unit"),
        "price_usd",
        "cost_usd",
        pl.col("start").alias("Ready from"),
    )
    behind = chain.offers.select("offer", "confidence", "source")
    return html.table(frame, marks(year, behind, ["offer"]), caption="Orders of the first twelve months", most=60)


def _law(frame: pl.DataFrame, caption: str) -> Markup:
    """Return a table of what the law gives or bars, each row with how firm its answer is."""
    marks = law_tables.marks(frame)
    return html.table(frame.drop("confidence"), marks, caption=caption) if frame.height else Markup("")


def cited_rows(frame: pl.DataFrame) -> list[dict[str, Any]]:
    """Return the cited facts as rows for the page, with a link where the source has an address."""
    return [
        row | {"link": row["locator"].startswith(("https://", "http://")), "anchor": anchor(row["id"])}
        for row in frame.to_dicts()
    ]


def _solution(plan: Plan) -> list[tuple[str, str]]:
    found = plan.solution
    return [
        ("Status", found.status),
        ("Solver", found.solver),
        ("Objective", fmt.money(found.objective_usd)),
        ("Bound", fmt.money(found.bound_usd)),
        ("Gap", fmt.share(found.gap)),
        ("Time", fmt.seconds(found.seconds)),
        ("Size", f"{found.rows:,} rows, {found.columns:,} columns, {found.nonzeros:,} nonzeros"),
        ("Whole-number decisions", f"{found.integers:,}"),
        ("Branch-and-bound nodes", f"{found.nodes:,}"),
        ("Strengthening rows", f"{found.strong_rows:,}"),
        ("Periods", f"{plan.periods.height}, from {fmt.day(plan.periods['start'].min())}"),  # type: ignore[arg-type]
    ]


def _audit(plan: Plan) -> Markup:
    """Return the checks that work the plan out again from its tables."""
    checked = audit(plan).frame
    frame = checked.select(
        pl.col("check").alias("What is compared"),
        pl.col("compared").alias("Figures"),
        pl.col("relative").map_elements(lambda apart: f"{apart:.1e}", return_dtype=pl.String).alias("Apart"),
    )
    return html.table(frame, caption="The plan worked out again from its own tables")

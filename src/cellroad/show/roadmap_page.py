"""A programme as one HTML file, and as words on a terminal: its gates drawn, its chances, its costs, its projects.

The page loads nothing; with scripts off every drawing is a table.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl
from rich.console import RenderableType

from cellroad.engineering.roadmap.evidence import passed
from cellroad.engineering.roadmap.result import Roadmap
from cellroad.show import format as fmt
from cellroad.show import html, roadmap_plan, terminal
from cellroad.show.charts import roadmap as drawing
from cellroad.show.page import page, write_page
from cellroad.show.report import Card
from cellroad.show.roadmap_plan import Coupled
from cellroad.show.screen_page import Figure

SHARES = ("probability", "so_far", "gain", "gain_low", "gain_high", "criticality", "mineral_share", "error_share",
          "fall_per_year", "chance", "learning_rate", "rate_low", "rate_high", "bare_rate",
          "bare_low", "bare_high", "assumed_rate", "typical_error_share", "inside_share", "low", "high", "evenly",
          "begun_share", "gain_per_million")  # fmt: skip


def write_roadmap(
    found: Roadmap, path: Path | str, *, budget_usd: float | None = None, planned: Coupled | None = None
) -> Path:
    """Write the page of a programme to a file, whole or not at all, and return its path.

    `budget_usd` is that for which projects are chosen; without one, half of what all of them cost. `planned` is a chain
    planned over its futures.
    """
    return write_page(roadmap_page(found, budget_usd, planned), path)


def roadmap_page(found: Roadmap, budget_usd: float | None = None, planned: Coupled | None = None) -> str:
    """Return a programme as one HTML page that needs nothing else."""
    figures = [
        Figure("network", "Gates", "What comes before what? A gate is green only where dated evidence proves it.",
               "There is no gate.", drawing.network(found), drawing.pixels(found),
               html.table(written(drawing.table(found)), caption="Gates")),
        Figure("chances", "Chances", "How likely is each gate passed by when?", "There is no gate.",
               drawing.chances(found), 420, html.table(written(found.phases()), caption="By phase")),
        Figure("budgets", "Budgets", "How likely is the goal by its day for a budget of the whole, in millions, "
               "spent where it gains most? The band is that of the draws.", "No gate has a budget.",
               drawing.budgets(found), 380, html.table(written(found.budgets()), caption="Budgets")),
        Figure("costs", "Costs", "What may a kWh of cells cost? Nine of ten lie in the dark band as assumed, in the "
               "light one where each year may stray as far as past prices did.",
               "No components are told.", drawing.costs(found), 420,
               html.table(written(found.costs()), caption="Costs of cells, USD per kWh")),
        Figure("prices", "Prices", "What did a kWh sell for, and where do past prices alone lead? Nine of ten inside.",
               "No chemistry with past prices is to be made.", drawing.prices(found), 420,
               html.table(written(found.outlook()), caption="Prices to come, USD per kWh")),
        *([roadmap_plan.figure(planned)] if planned else []),
    ]  # fmt: skip
    return page(
        "roadmap.html.j2",
        {figure.name: figure.option for figure in figures if figure.option},
        title=f"{found.name}: roadmap",
        found=found,
        headline=headline(found),
        cards=cards(found),
        figures=figures,
        planned=roadmap_plan.sentences(planned) if planned else [],
        tables=[
            (name, title, question, html.table(written(frame), caption=title))
            for name, title, question, frame in tables(found, budget_usd, planned)
        ],
    )


def tables(
    found: Roadmap, budget_usd: float | None = None, planned: Coupled | None = None
) -> list[tuple[str, str, str, pl.DataFrame]]:
    """Return what stands beside the drawings: name, title, question, frame."""
    projects = found.read.tables["projects"]
    budget = float(projects["cost_usd"].sum()) / 2 if budget_usd is None else budget_usd
    return [
        ("effects", "Members, effort, money", "What does one more member, effort or money change, on the same luck?",
         found.effects()),
        ("next-million", "The next million", "On which gate does more money gain most chance by the day of the goal?",
         found.next_million().drop("gate")),
        ("crash-plan", "Cheapest plan by the day", _crash_question(found), _crash(found)),
        ("spending", "What it costs", "What does each gate cost with every try that is made, and the whole?",
         found.spending().drop("gate")),
        ("projects", "Projects", f"Which projects for {fmt.money(budget)}? Of largest expected value, proven.",
         found.portfolio(budget).projects),
        ("answers", "Futures", "What will a planner know, when, and how likely is each answer?", found.answers()),
        *(roadmap_plan.tables(planned) if planned else []),
        ("learned", "Learning", "How fast have cells learnt, as far as the facts tell?", found.learned()),
        ("backtest", "Back-test", "What would a fit to the years to 2022 have told of those after it?",
         found.backtest().drop("series")),
        ("scores", "Curves compared", "Does learning beat the last price? From every year since 2019.",
         found.scores()),
        ("evidence", "Evidence", "What proves the gates that are passed?", passed(found.read)),
    ]  # fmt: skip


def _crash(found: Roadmap) -> pl.DataFrame:
    """Return the gates that the cheapest plan hurries: name, months, months_saved, usd."""
    gates = found.crash_plan().gates.filter(pl.col("saved") > 1e-6)
    names = pl.Series([found.called(gate) for gate in gates["gate"]], dtype=pl.String)
    return gates.select(name=names, months="months", months_saved="saved", extra_usd="usd")


def _crash_question(found: Roadmap) -> str:
    """Return what the cheapest plan answers, and what it comes to."""
    plan, day = found.crash_plan(), fmt.day(found.read.by)
    if not plan.reached:
        return f"If all took its mean time, no money reached {day}: {plan.months:.3g} months at best."
    if plan.usd < 1.0:
        return f"If all took its mean time, {day} would be kept as planned, after {plan.months:.3g} months."
    chance = found.funded(dict(plan.gates.select("gate", "budget_usd").iter_rows()))["probability"].item()
    return (
        f"If all took its mean time, what keeps {day} for the least money? {fmt.money(plan.usd)} more, proven. "
        f"By the draws that has a chance of {fmt.share(chance)}."
    )


def headline(found: Roadmap) -> str:
    """Return the answer in one sentence."""
    middle = found.quantile(0.5)
    even = f"an even chance by {fmt.month(middle)}" if middle else "no even chance ever"
    return (
        f"{found.called(found.read.goal)}: {fmt.share(found.probability())} by {fmt.day(found.read.by)}, {even}, "
        "as far as the assumptions go."
    )


def cards(found: Roadmap) -> list[Card]:
    """Return the figures that stand on top of the page."""
    low, high = found.interval()
    middle, ever = found.quantile(0.5), found.gates.filter(pl.col("gate") == found.read.goal)["reached_share"].item()
    told = [
        (f"By {fmt.day(found.read.by)}", fmt.share(found.probability()),
         f"{fmt.share(low)} to {fmt.share(high)} by the number of draws"),
        ("Ever", fmt.share(ever), "the rest runs out of tries"),
        ("Even chance by", fmt.month(middle) if middle else "never", "half of all draws"),
        ("Gates passed", f"{found.gates['passed_on'].count()} of {found.gates.height}", "on dated evidence"),
    ]  # fmt: skip
    return [Card(title, html.value(value), note) for title, value, note in told]


def roadmap_text(
    found: Roadmap, budget_usd: float | None = None, planned: Coupled | None = None
) -> list[RenderableType]:
    """Return a programme for a terminal."""
    gates = drawing.table(found).drop("trl", "mrl", "proven_by", "confidence")
    shown = [(gates, "Gates"), (found.phases(), "By phase"), (found.costs(), "Costs of cells, USD per kWh"),
             (found.outlook(), "Prices that past prices lead to, USD per kWh")]  # fmt: skip
    long = ("evidence", "stranded-futures")
    shown += [(frame, title) for name, title, _, frame in tables(found, budget_usd, planned) if name not in long]
    told: list[RenderableType] = [headline(found), *(roadmap_plan.sentences(planned) if planned else []), ""]
    told += [terminal.table(written(frame), title) for frame, title in shown if not frame.is_empty()]
    told += [] if found.next_million().is_empty() else [_crash_question(found)]
    return [*told, *(f"Assumed: {line}" for line in found.assumptions())]


def written(frame: pl.DataFrame) -> pl.DataFrame:
    """Return a frame with shares in words, years without commas and other numbers in three figures."""
    shares = [name for name in frame.columns if name in SHARES]
    numbers = [name for name, dtype in frame.schema.items() if dtype.is_float() and name not in SHARES]
    return frame.with_columns(
        pl.col(numbers).round_sig_figs(3),
        pl.col([name for name in frame.columns if name == "year"]).cast(pl.String),
        *(pl.col(name).map_elements(fmt.share, return_dtype=pl.String) for name in shares),
    )

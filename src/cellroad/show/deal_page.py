"""What two partners can have between them as one HTML file, and the same tables for the terminal.

The answer in a sentence, the plans between them, and where both gain; it loads nothing, and with scripts off every
chart is a table.
"""

from __future__ import annotations

import math
from pathlib import Path

import polars as pl

from cellroad.plan.partners.bargain import Bargain
from cellroad.plan.partners.frontier import Frontier
from cellroad.show import format as fmt
from cellroad.show import html, provenance
from cellroad.show.charts import bargain as bargain_chart
from cellroad.show.charts import frontier as frontier_chart
from cellroad.show.charts.base import names
from cellroad.show.page import page, write_page
from cellroad.show.report import cited_rows
from cellroad.show.screen_page import Figure

LEVELS = {"low": "least at which both gain", "nash": "Nash", "high": "most at which both gain", "now": "today"}


def write_deal(path: Path | str, found: Frontier | None, deal: Bargain | None = None) -> Path:
    """Write the page of a frontier, a bargaining set, or both, whole or not at all, and return its path."""
    return write_page(deal_page(found, deal), path)


def deal_page(found: Frontier | None, deal: Bargain | None = None) -> str:
    """Return a frontier, a bargaining set, or both as one HTML page that needs nothing else.

    Raises ValueError where there is neither.
    """
    asked = found or deal
    if asked is None:
        raise ValueError("there is neither a frontier nor a bargaining set to show")
    drawn = [*([_frontier(found, deal)] if found else []), *([_bargain(deal)] if deal else [])]
    assumed = provenance.assumptions(asked.chain)
    told = [*([outcome(deal)] if deal else []), *([ends(found)] if found else [])]
    return page(
        "deal.html.j2",
        {figure.name: figure.option for figure in drawn if figure.option},
        title=f"{asked.chain.name}: {_called(asked.chain, asked.a)} and {_called(asked.chain, asked.b)}",
        chain=asked.chain,
        pair=f"{_called(asked.chain, asked.a)} and {_called(asked.chain, asked.b)}",
        headline=told[0],
        further=told[1:],
        drawn=drawn,
        assumed={name: int(frame["rows"].sum()) for name, frame in assumed.items()},
        assumptions={name: html.table(frame) for name, frame in assumed.items()},
        cited=cited_rows(provenance.cited(asked.chain)),
    )


def _called(chain: object, partner: str) -> str:
    return names(chain, "partners").get(partner, partner)  # type: ignore[arg-type]


def ends(found: Frontier) -> str:
    """Return in a sentence what each can have at most, and how much both have together at best."""
    a, b = _called(found.chain, found.a), _called(found.chain, found.b)
    frame = found.frame
    if frame.height == 1:
        x, y = frame.select("a_usd", "b_usd").row(0)
        return f"One plan is the best for both: {a} has {fmt.money(x)} and {b} {fmt.money(y)}."
    best = {what: (x, y, total) for what, x, y, total, _ in found.summary().iter_rows()}
    for_a, for_b, most = best[f"best for {found.a}"], best[f"best for {found.b}"], best["largest sum"]
    return (
        f"{a} can have {fmt.money(for_a[0])} at most, and {b} then {fmt.money(for_a[1])}; {b} can have "
        f"{fmt.money(for_b[1])} at most, and {a} then {fmt.money(for_b[0])}. Together they have most, "
        f"{fmt.money(most[2])}, with {fmt.money(most[0])} for {a} and {fmt.money(most[1])} for {b}."
    )


def points(found: Frontier) -> pl.DataFrame:
    """Return the plans between two partners: what each has, both together, what it gives up for it, what is opened."""
    a, b = _called(found.chain, found.a), _called(found.chain, found.b)
    gained, lost = pl.col("b_usd").diff().abs(), pl.col("a_usd").diff()
    return found.frame.select(
        pl.col("a_usd").alias(f"{a}, $"), pl.col("b_usd").alias(f"{b}, $"),
        (pl.col("a_usd") + pl.col("b_usd")).alias("Together, $"),
        pl.when(lost > 0).then(gained / lost).alias(f"$ that {b} gives up for $1 more of {a}"),
        pl.when("supported").then(pl.lit("")).otherwise(pl.lit("by a floor alone")).alias("Found"),
        pl.when(pl.col("opens") == "").then(pl.lit("nothing")).otherwise("opens").alias("Opens"),
    )  # fmt: skip


def outcome(deal: Bargain) -> str:
    """Return in a sentence within what range both gain, where they would meet, and what it is today."""
    a, b = _called(deal.chain, deal.a), _called(deal.chain, deal.b)
    if deal.low is None or deal.high is None or deal.nash is None:
        return f"There is no {deal.over} at which neither {a} nor {b} has less than without the deal."
    if math.isnan(deal.now):
        return f"In the plan that is best for both nothing passes, so that no {deal.over} is paid."
    told = bargain_chart.figures
    within = deal.low <= deal.now <= deal.high
    now = f"today it is {told(deal, deal.now)}" + (", within it" if within else "")
    loser = a if deal.values(deal.now)[0] < deal.without[0] else b
    who = "" if within else f", where {loser} has less than without the deal"
    return (
        f"Both {a} and {b} gain with a {deal.over} from {told(deal, deal.low)} to {told(deal, deal.high)}; "
        f"Nash meets at {told(deal, deal.nash)}, and {now}{who}."
    )


def levels(deal: Bargain) -> pl.DataFrame:
    """Return what each has at the points that people ask for: what, the lever, values and gains."""
    a, b = _called(deal.chain, deal.a), _called(deal.chain, deal.b)
    nought = 1e-6 * max(abs(usd) for usd in (*deal.values(0.0), *deal.values(1.0), 1.0))
    rows = [
        (
            LEVELS[what],
            bargain_chart.figures(deal, lever),
            x,
            y,
            *(g if abs(g) > nought else 0.0 for g in (gain_x, gain_y)),
        )
        for what, lever, x, y, gain_x, gain_y in deal.frame.iter_rows()
    ]
    rows.append(("without the deal", "–", *deal.without, 0.0, 0.0))
    heads = {"At": pl.String, "It is": pl.String}
    money = [f"{a}, $", f"{b}, $", f"{a} gains, $", f"{b} gains, $"]
    return pl.DataFrame(rows, schema=heads | dict.fromkeys(money, pl.Float64), orient="row")


def _frontier(found: Frontier, deal: Bargain | None) -> Figure:
    return Figure(
        "frontier", "What both can have",
        "Each point is a plan of which neither can have more unless the other has less. Hollow points no weighing of "
        "the two finds. Hover for what is opened.",
        "There is one plan.", frontier_chart.chart(found, deal), 460,
        html.table(points(found), caption="Plans between them"),
    )  # fmt: skip


def _bargain(deal: Bargain) -> Figure:
    return Figure(
        "bargain", "Where both gain",
        "With the plan that is best for both together, what each has as the price or share moves; dashed is what it "
        "has without the deal. Duty and tax follow the price.",
        "There is nothing to bargain over.", bargain_chart.chart(deal), 420,
        html.table(levels(deal), caption="Who has what"),
    )  # fmt: skip

"""A screen as one HTML file: who falls under what, who holds whom, why, what is banned, what may be claimed, what a
deal turns, and every row behind it followed to its source. It loads nothing; with scripts off every chart is a table.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
from markupsafe import Markup

from cellroad.rules.deal import Deal
from cellroad.rules.screening import Screen
from cellroad.show import format as fmt
from cellroad.show import html
from cellroad.show import screen_tables as tables
from cellroad.show.charts import deal as deals
from cellroad.show.charts import owners, standing
from cellroad.show.charts.base import Option
from cellroad.show.page import anchor, page, write_page
from cellroad.show.report import Card


def write_screen(screen: Screen, path: Path | str, deal: Deal | None = None) -> Path:
    """Write a screen, and a deal if there is one, to a file, whole or not at all, and return its path."""
    return write_page(screen_page(screen, deal), path)


@dataclass(frozen=True, slots=True)
class Figure:
    """A chart in the page: its option (None where there is nothing to draw), its height and its table."""

    name: str
    title: str
    question: str
    nothing: str
    option: Option | None
    pixels: int
    table: Markup


def screen_page(screen: Screen, deal: Deal | None = None) -> str:
    """Return a screen as one HTML page that needs nothing else."""
    bans, claims, told = tables.bans(screen), tables.claims(screen), tables.told(screen)
    figures = {figure.name: figure for figure in (_matrix(screen), _owners(screen), _bans(screen, bans))}
    swept = _deal(deal) if deal else []
    drawn = [*figures.values(), *swept]
    return page(
        "screen.html.j2",
        {figure.name: figure.option for figure in drawn if figure.option},
        "screen.css",
        title=f"{screen.chain.name}: screen",
        screen=screen,
        headline=tables.headline(screen),
        span=f"{fmt.day(screen.on)}, the law {tables.as_known_words(screen)}",
        note=tables.NO_ADVICE,
        cards=cards(screen, claims),
        regimes=html.table(tables.regimes(screen), caption="What is asked"),
        figures=figures,
        partners=_partners(screen, told),
        unjudged=tables.unjudged(screen),
        bans=bans.to_dicts(),
        claims=claims.to_dicts(),
        materials=_materials(screen),
        premiums=tables.premiums(screen).to_dicts(),
        names=html.table(tables.alike(screen), caption="Names that need a look"),
        alike=tables.alike(screen).height,
        unknown=screen.unknown().to_dicts(),
        deal=deal,
        deal_title=deals.title(deal, screen) if deal else "",
        turns=_turns(deal, screen) if deal else [],
        swept=swept,
        cases=html.table(_cases(deal), caption="Answers by case", most=MOST) if deal and deal.low == deal.high else "",
        cited=_cited(screen, bans, claims),
        marks=standing.MARKS,
        words=standing.WORDS,
        linked=linked,
        share=fmt.share,
    )


MOST = 1000
"""Rows of a table in the page."""


def cards(screen: Screen, claims: pl.DataFrame) -> list[Card]:
    """Return the figures that stand on top of the page."""
    judged = screen.verdicts.filter(pl.col("kind").is_in(["partner", "venture"]))
    counted = {answer: int((judged["answer"] == answer).sum()) for answer in ("yes", "unknown", "no")}
    may = {answer: int((screen.claims["answer"] == answer).sum()) for answer in ("yes", "unknown")}
    rows = (
        ("Falls under", counted["yes"], "answers yes, of partners under regimes"),
        ("Not known", counted["unknown"], "answers; what would settle them is told below"),
        ("Falls not under", counted["no"], "answers no"),
        ("Bans", screen.bans.filter(pl.col("answer") == "yes").height, _perhaps(screen.bans)),
        ("Credits", may["yes"], f"of {screen.claims.height} that processes could claim; {may['unknown']} not known"),
    )
    return [Card(name, html.value(fmt.count(value)), note) for name, value, note in rows]


def _perhaps(bans: pl.DataFrame) -> str:
    open_ = bans.filter(pl.col("answer") == "unknown").height
    return f"items that may not cross a border or be sold to somebody; {open_} perhaps"


def linked(rows: str) -> Markup:
    """Return ids of rows as links to where the page follows them to their source."""
    ids = [one for one in rows.split(";") if one]
    return Markup(", ").join(Markup('<a href="#fact-{}">{}</a>').format(anchor(one), one) for one in ids)


# Figures --------------------------------------------------------------------------------------------------------------


def _matrix(screen: Screen) -> Figure:
    frame = standing.table(screen)
    return Figure(
        "matrix", "Who falls under what", "Partners against regimes; sites and items share the answers of who runs or "
        "makes them. Hover over a cell for its reason.", "Nobody was screened.",
        standing.chart(screen) if frame.height else None, 90 + 38 * frame.height,
        html.table(frame, caption="Who falls under what", most=MOST),
    )  # fmt: skip


def _owners(screen: Screen) -> Figure:
    frame = owners.table(screen)
    return Figure(
        "owners", "Who holds whom", f"Stakes held on {fmt.day(screen.on)} among the partners and those above them. "
        "Marked yes: falls under the regime chosen above the picture; marked ?: not known.", "No stake is held.",
        owners.chart(screen) if frame.height else None, owners.pixels(screen),
        html.table(frame, caption="Who holds whom", most=MOST),
    )  # fmt: skip


def _bans(screen: Screen, bans: pl.DataFrame) -> Figure:
    frame = bans.select("ban", "answer", "what", "when", "valid_from", "valid_to")
    return Figure(
        "bans", "Bans", "What may not be sold to whom, or not cross which border. The line shows from when to when in "
        f"{screen.on.year} the bans of {fmt.day(screen.on)} hold.", "No ban hits what the chain sells or ships.",
        standing.bans_chart(screen, bans) if frame.height else None, 90 + 46 * frame.height,
        html.table(frame, caption="Bans", most=MOST),
    )  # fmt: skip


def _deal(deal: Deal) -> list[Figure]:
    """Return a picture for each way to place the rest, where there is a range of shares."""
    if deal.low == deal.high:
        return []
    return [
        Figure(
            f"deal-{at}", deals.rest_words(rest), "Bands along the share; where one ends, the answer turns.", "",
            deals.chart(deal, rest), 100 + 32 * deal.steps["regime"].n_unique(),
            html.table(deals.table(deal, rest), caption=deals.rest_words(rest), most=MOST),
        )
        for at, rest in enumerate(deal.steps["rest"].unique(maintain_order=True), start=1)
    ]  # fmt: skip


def _turns(deal: Deal, screen: Screen) -> list[tuple[str, list[str]]]:
    if deal.low == deal.high:
        return []
    rests = deal.steps["rest"].unique(maintain_order=True)
    return [(deals.rest_words(rest), deals.turns(deal, rest, screen)) for rest in rests]


def _cases(deal: Deal) -> pl.DataFrame:
    return deals.cross(deal).with_columns(pl.exclude("case").replace(standing.WORDS))


# Reasons and sources --------------------------------------------------------------------------------------------------


def _partners(screen: Screen, told: pl.DataFrame) -> list[dict[str, Any]]:
    """Return each partner with its answers that are not no, what shares them, and every reason behind all of them."""
    return [
        {
            "partner": partner,
            "name": name,
            "shared": tables.shared_words(sites, items),
            "answers": told.filter(pl.col("partner") == partner).to_dicts(),
            "reasons": screen.reasons.filter(pl.col("partner") == partner).to_dicts(),
        }
        for partner, name, sites, items in tables.shared(screen).iter_rows()
    ]


def _materials(screen: Screen) -> list[dict[str, Any]]:
    """Return what counts as made by a barred maker, the same of all processes together."""
    same = ["credit", "input", "barred", "because", "rows", "confidence"]
    grouped = screen.materials.group_by(same, maintain_order=True)
    return grouped.agg(processes=pl.col("process").unique(maintain_order=True).str.join(", ")).to_dicts()


def _cited(screen: Screen, bans: pl.DataFrame, claims: pl.DataFrame) -> list[dict[str, Any]]:
    """Return every row that the page names, followed to its source, with what rests on it."""
    uses = {
        "answers": [screen.verdicts["rows"], screen.reasons["rows"]],
        "bans": [bans["rows"]],
        "credits": [claims["rows"], screen.materials["rows"], screen.premiums["rows"]],
        "owners": [screen.owners["row"]],
    }
    named = {use: set(tables.ids(columns)) for use, columns in uses.items()}
    followed = tables.behind(screen, sorted(set().union(*named.values())))
    return [
        row
        | {
            "fact": row["table"],
            "anchor": anchor(row["id"]),
            "link": row["locator"].startswith(("https://", "http://")),
            "used_in": ", ".join(_using(row["id"], named.items())),
        }
        for row in followed.to_dicts()
    ]


def _using(row_id: str, named: Iterable[tuple[str, set[str]]]) -> list[str]:
    return [use for use, ids in named if row_id in ids]

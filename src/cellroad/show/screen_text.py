"""A screen and a deal as a terminal shows them: who falls under what, why, what is banned, what may be claimed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import polars as pl
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from cellroad.rules.deal import Deal
from cellroad.rules.screening import Screen
from cellroad.show import format as fmt
from cellroad.show import screen_tables as tables
from cellroad.show.charts import deal as deals
from cellroad.show.terminal import PLAIN_WIDTH, counting

STYLES = {"yes": "red", "unknown": "yellow", "no": "dim"}
"""Falling under a regime, or being banned, is what a person looks for."""
CLAIMED = {"yes": "green", "unknown": "yellow", "no": "red"}
SHORT = {"unknown": "?"}
MOST_UNKNOWN = 20
"""Lines of what is not known that are shown; the rest is in the JSON."""
BAR = 60
"""Characters of the bar of a deal."""
SHADES = {"yes": "█", "unknown": "▒", "no": "·"}


def drawn(screen: Screen) -> list[RenderableType]:
    """Return a screen from the answer to what is not known."""
    return [
        Text(tables.headline(screen), style="bold"),
        f"{screen.chain.name}, the law {tables.as_known_words(screen)}. {tables.NO_ADVICE}",
        "",
        *matrix(screen),
        "",
        _legend(screen),
        *_answers(screen),
        *_bans(screen),
        *_claims(screen),
        *_premiums(screen),
        *_names(screen),
        *_unknown(screen),
    ]


def matrix(screen: Screen) -> list[RenderableType]:
    """Return partners against regimes, in as many tables as a line needs."""
    frame = screen.summary()
    return _crossed(frame.drop("name"), "partner")


def _crossed(frame: pl.DataFrame, first: str) -> list[RenderableType]:
    """Return answers by row and regime; headings break at the underscore of an id."""
    heads = {name: name.replace("_", "\n") for name in frame.columns if name != first}
    lead = max([len(first), *frame[first].str.len_chars().to_list()])
    parts: list[RenderableType] = []
    for names in _fitting(heads, PLAIN_WIDTH - lead):
        drawn = Table(box=None, pad_edge=False, header_style="dim")
        drawn.add_column(fmt.header(first))
        for name in names:
            drawn.add_column(heads[name], justify="center", vertical="bottom")
        for row in frame.select(first, *names).iter_rows():
            drawn.add_row(row[0], *(_answer(answer) for answer in row[1:]))
        parts += ["", drawn] if parts else [drawn]
    return parts


def _fitting(heads: dict[str, str], room: int) -> Iterator[list[str]]:
    """Yield the columns that fit a line."""
    line: list[str] = []
    left = room
    for name, head in heads.items():
        wide = max(map(len, head.split("\n"))) + 2
        if line and wide > left:
            yield line
            line, left = [], room
        line.append(name)
        left -= wide
    if line:
        yield line


def _answer(answer: str, styles: dict[str, str] = STYLES) -> Text:
    return Text(SHORT.get(answer, answer), style=styles.get(answer, ""))


def _legend(screen: Screen) -> RenderableType:
    frame = tables.regimes(screen)
    drawn = _lines()
    for row in frame.iter_rows(named=True):
        notes = [] if row["state"] == "in force" else [row["state"]]
        notes += [f"measured on {fmt.day(row['measured_on'])}"] if row["measured_on"] != screen.on else []
        tail = f" ({', '.join(notes)})" if notes else ""
        drawn.add_row(row["regime"], "", Text(f"{row['rule']}{tail}: {row['question'] or ''}"))
    return Group(Text("yes: falls under it; ?: not known, what would settle it is told below"), drawn)


def _lines() -> Table:
    """Return a table of what, answer, words."""
    drawn = Table(box=None, pad_edge=False, show_header=False)
    drawn.add_column(max_width=26, overflow="fold")
    drawn.add_column()
    drawn.add_column(overflow="fold")
    return drawn


def _words(*lines: str) -> Text:
    return Text("\n".join(line for line in lines if line))


def _titled(title: str, *parts: RenderableType) -> list[RenderableType]:
    return ["", Text(title, style="bold"), *parts]


def _rows(rows: str, confidence: str) -> str:
    return f"rests on {rows.replace(';', ', ')} ({confidence})" if rows else f"({confidence})"


# What each partner falls under ----------------------------------------------------------------------------------------


def _answers(screen: Screen) -> list[RenderableType]:
    frame = tables.told(screen)
    parts: list[RenderableType] = []
    clean = []
    for partner, name, sites, items in tables.shared(screen).iter_rows():
        mine = frame.filter(pl.col("partner") == partner)
        same = tables.shared_words(sites, items)
        if mine.is_empty():
            clean.append(f"{name} ({partner}). {same}")
            continue
        drawn = _lines()
        for row in mine.iter_rows(named=True):
            change = f"would change it: {row['change']}" if row["change"] else ""
            missing = f"not known: {row['missing']}" if row["missing"] else ""
            words = _words(row["because"], row["readings"], missing, _rows(row["rows"], row["confidence"]), change)
            drawn.add_row(row["regimes"], _answer(row["answer"]), words)
        parts += _titled(f"{name} ({partner})", *([Text(same)] if same else []), drawn)
    if clean:
        parts += _titled("Under none of the regimes", *(Text(line) for line in clean))
    open_ = tables.unjudged(screen)
    return parts + (["", *(Text(line) for line in open_)] if open_ else [])


def why(screen: Screen, subject: str) -> list[RenderableType]:
    """Return every reason behind the answers on a partner, site or item, and the rows with their sources.

    Raises KeyError for a subject that was not screened.
    """
    reasons = screen.why(subject)
    mine = screen.verdicts.filter(pl.col("subject") == subject)
    kind, name, partner = mine.select("kind", "name", "partner").row(0)
    of = f"; its answers are those of {partner}" if partner != subject else ""
    parts: list[RenderableType] = [Text(f"{name} ({kind} {subject}{of}) on {fmt.day(screen.on)}", style="bold")]
    for row in mine.iter_rows(named=True):
        drawn = _lines()
        for step in reasons.filter(pl.col("regime") == row["regime"]).iter_rows(named=True):
            drawn.add_row(step["kind"], "", _words(step["text"], _rows(step["rows"], step["confidence"])))
        head = Text.assemble((f"{row['rule']} ({row['regime']}): ", "bold"), _answer(row["answer"]))
        parts += ["", head, drawn]
    followed = tables.behind(screen, tables.ids([reasons["rows"]]))
    parts += _titled("The rows behind it, and their sources", _sources(followed))
    return [*parts, "", tables.NO_ADVICE]


def _sources(followed: pl.DataFrame) -> RenderableType:
    drawn = _lines()
    for row in followed.iter_rows(named=True):
        about = ", ".join(filter(None, (row["table"], row["what"], row["confidence"])))
        cited = "" if row["source_id"] == row["title"] else row["source_id"]
        source = ", ".join(filter(None, (cited, row["title"], row["publisher"], row["date"])))
        drawn.add_row(row["id"], "", _words(about, source))
    return drawn


# Bans, credits, names, unknowns ---------------------------------------------------------------------------------------


def _bans(screen: Screen) -> list[RenderableType]:
    frame = tables.bans(screen)
    if frame.is_empty():
        return _titled(f"No ban hits what the chain sells or ships on {fmt.day(screen.on)}")
    drawn = _lines()
    for row in frame.iter_rows(named=True):
        words = _words(f"{row['what']}, {row['when']}", row["because"], _rows(row["rows"], row["confidence"]))
        drawn.add_row(row["ban"], _answer(row["answer"]), words)
    return _titled("Bans: what may not be sold to whom, or not cross which border", drawn)


def _claims(screen: Screen) -> list[RenderableType]:
    frame = tables.claims(screen)
    if frame.is_empty():
        return _titled(f"No credit is there for what the chain makes in {screen.on.year}")
    drawn = _lines()
    for row in frame.iter_rows(named=True):
        where = f" at {row['sites']}" if row["sites"] else ""
        least = row["least_share"]
        words = _words(
            f"{row['name']}, by {row['taxpayer'] or 'nobody named'}{where}",
            row["because"],
            *row["items"].split("; "),
            f"at least {fmt.share(least)} of the cost of materials must be of makers that are not barred"
            if least
            else "",
            _rows(row["rows"], row["confidence"]),
            f"would change it: {row['change']}" if row["change"] else "",
        )
        drawn.add_row(row["credit"], _answer(row["answer"], CLAIMED), words)
    return _titled(f"Credits of {screen.on.year}: may they be claimed, as far as all but the materials goes", drawn)


def _premiums(screen: Screen) -> list[RenderableType]:
    frame = tables.premiums(screen)
    if frame.is_empty():
        return []
    drawn = _lines()
    for row in frame.iter_rows(named=True):
        words = _words(row["what"], row["because"], _rows(row["rows"], row["confidence"]))
        drawn.add_row(row["credit"], _answer(row["answer"], CLAIMED), words)
    return _titled("What credits of the buyer are worth to the price", drawn)


def _names(screen: Screen) -> list[RenderableType]:
    frame = tables.alike(screen)
    if frame.is_empty():
        return []
    drawn = _lines()
    for row in frame.iter_rows(named=True):
        words = _words(
            f"{row['name']} may be {row['listed_name']} ({row['against']}): {row['because']}",
            f"write into reviews: {row['write']}",
        )
        drawn.add_row(row["partner"], f"{row['likeness']:.2f}", words)
    return _titled("Names that need a look, with their likeness from 0 to 1", drawn)


def _unknown(screen: Screen) -> list[RenderableType]:
    frame = screen.unknown()
    if frame.is_empty():
        return _titled("Nothing that is asked is unknown")
    drawn = _lines()
    for row in frame.head(MOST_UNKNOWN).iter_rows(named=True):
        drawn.add_row(
            counting(row["answers"], "answer"), "", _words(row["text"], f"{row['partners']}: {row['regimes']}")
        )
    more = frame.height - MOST_UNKNOWN
    tail = [f"and {more} more; --json lists them all."] if more > 0 else []
    return _titled("What is not known, by how much hangs on it", drawn, *tail)


# A deal ---------------------------------------------------------------------------------------------------------------


def drawn_deal(deal: Deal, screen: Screen) -> list[RenderableType]:
    """Return what a deal does: its turns in words, and the answers along the share as bars of text."""
    title = Text(deals.title(deal, screen), style="bold")
    if deal.low == deal.high:
        return ["", title, *_crossed(deals.cross(deal), "case")]
    parts: list[RenderableType] = ["", title]
    for rest in deal.steps["rest"].unique(maintain_order=True):
        parts += ["", Text(deals.rest_words(rest), style="bold")]
        parts += [Padding(line, (0, 0, 0, 2)) for line in deals.turns(deal, rest, screen)]
        parts += ["", _bars(deal.steps.filter(pl.col("rest") == rest), deal)]
    return [*parts, Text(f"{SHADES['yes']} yes   {SHADES['unknown']} not known   {SHADES['no']} no")]


def _bars(steps: pl.DataFrame, deal: Deal) -> RenderableType:
    """Return a line of text a regime that anything falls under; the others are named."""
    drawn = _lines()
    never = []
    for regime in steps["regime"].unique(maintain_order=True):
        mine = steps.filter(pl.col("regime") == regime)
        if set(mine["answer"]) == {"no"}:
            never.append(regime)
        else:
            drawn.add_row(regime, "", Text.assemble(*_bar(mine.iter_rows(named=True), deal)))
    low, high = fmt.share(deal.low), fmt.share(deal.high)
    drawn.add_row("", "", low + high.rjust(BAR - len(low)))
    return Group(drawn, Text(f"Under no share: {', '.join(never)}.")) if never else drawn


def _bar(pieces: Iterable[dict[str, Any]], deal: Deal) -> list[tuple[str, str]]:
    """Return the pieces of a bar; each covers its part of the range, one character at least."""

    def at(share: float) -> int:
        return round(BAR * (share - deal.low) / (deal.high - deal.low))

    return [
        (SHADES[p["answer"]] * max(at(p["share_to"]) - at(p["share_from"]), 1), STYLES[p["answer"]]) for p in pieces
    ]

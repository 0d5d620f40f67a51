"""Tables as HTML that a person can read: headings in words, numbers aligned, loss in red, each row with its mark."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
from markupsafe import Markup, escape

from cellroad.show import format as fmt

MOST_ROWS = 120
"""Rows of a table in a page; the others are counted, and are in the files of the plan."""

Mark = tuple[str, str]
"""What stands behind a row: its confidence and the fact rows that it names."""

LETTERS = {"verified": "v", "reported": "r", "unverified": "u", "assumption": "a"}


def mark(confidence: str, source: str = "") -> Markup:
    """Return the superscript that tells how firm a figure is: v, r, u or a, with the whole word on hover."""
    if confidence not in LETTERS:
        return Markup("")
    words = confidence + (f", from {source}" if source else "")
    target = "assumptions" if confidence in ("assumption", "unverified") else "sources"
    return Markup('<sup class="mark {}"><a href="#{}" title="{}" aria-label="{}">{}</a></sup>').format(
        confidence, target, words, words, LETTERS[confidence]
    )


def value(text: str) -> Markup:
    """Return a formatted figure, red where it is negative."""
    return Markup('<span class="loss">{}</span>').format(text) if text.startswith(fmt.MINUS) else escape(text)


def table(frame: pl.DataFrame, marks: Sequence[Mark] = (), caption: str = "", most: int = MOST_ROWS) -> Markup:
    """Return a frame as a table that scrolls sideways on a narrow screen; `marks` go with the first column."""
    kinds = ["n" if dtype.is_numeric() else "d" if dtype.is_temporal() else "" for dtype in frame.dtypes]
    shown = frame.head(most)
    heads = Markup("").join(
        Markup('<th scope="col" class="{}">{}</th>').format(kind, fmt.header(name))
        for name, kind in zip(frame.columns, kinds, strict=True)
    )
    rows = Markup("\n").join(
        _row(shown.columns, row, kinds, mark(*marks[index]) if marks else Markup(""))
        for index, row in enumerate(shown.iter_rows())
    )
    more = frame.height - shown.height
    note = Markup('<p class="more">The first {:,} of {:,} rows.</p>').format(most, frame.height) if more > 0 else ""
    title = Markup("<caption>{}</caption>").format(caption) if caption else ""
    return Markup(
        '<div class="scroll" tabindex="0" role="region" aria-label="{}"><table>{}<thead><tr>{}</tr></thead>'
        "<tbody>\n{}\n</tbody></table></div>{}"
    ).format(caption or "Table", title, heads, rows, note)


def _row(columns: Sequence[str], row: tuple[object, ...], kinds: Sequence[str], first: Markup) -> Markup:
    cells = [
        Markup('<td class="{}">{}{}</td>').format(kind, value(fmt.cell(name, item)), "" if index else first)
        for index, (name, item, kind) in enumerate(zip(columns, row, kinds, strict=True))
    ]
    return Markup("<tr>{}</tr>").format(Markup("").join(cells))

"""A table that is sorted by asking for it: each heading is an address, so that it needs no script."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import polars as pl
from markupsafe import Markup

from cellroad.show import format as fmt


def sorted_by(frame: pl.DataFrame, by: str, known: Sequence[str]) -> pl.DataFrame:
    """Return a frame sorted by a column, downwards where it begins with a minus; as it is where it is not known."""
    column = by.removeprefix("-")
    return (
        frame.sort(column, descending=by.startswith("-"), maintain_order=True, nulls_last=True)
        if column in known
        else frame
    )


def sorted_table(
    frame: pl.DataFrame,
    names: Mapping[str, str],
    by: str,
    known: Sequence[str],
    address: Callable[[str], str],
    links: Mapping[str, Sequence[str]],
    caption: str,
) -> Markup:
    """Return a frame as a table: headings by column, which of them sort, and columns whose cells lead somewhere."""
    heads = Markup("").join(
        _head(name, names[name], dtype.is_numeric(), by, known, address) for name, dtype in frame.schema.items()
    )
    rows = Markup("\n").join(
        Markup("<tr>{}</tr>").format(
            Markup("").join(
                _cell(name, value, frame.schema[name].is_numeric(), links[name][place] if name in links else "")
                for name, value in row.items()
            )
        )
        for place, row in enumerate(frame.iter_rows(named=True))
    )
    return Markup(
        '<div class="scroll" tabindex="0" role="region" aria-label="{0}"><table class="sorts"><caption>{0}</caption>'
        "<thead><tr>{1}</tr></thead><tbody>\n{2}\n</tbody></table></div>"
    ).format(caption, heads, rows)


def _head(name: str, title: str, numeric: bool, by: str, known: Sequence[str], address: Callable[[str], str]) -> Markup:
    kind = "n" if numeric else ""
    if name not in known:
        return Markup('<th scope="col" class="{}">{}</th>').format(kind, title)
    now = {name: "ascending", f"-{name}": "descending"}.get(by, "none")
    other = f"-{name}" if by == name else name
    return Markup('<th scope="col" class="{}" aria-sort="{}"><a href="{}">{}</a></th>').format(
        kind, now, address(other), title
    )


def _cell(name: str, value: object, numeric: bool, link: str) -> Markup:
    shown = fmt.number(value, 4) if isinstance(value, float) and "usd" not in name else fmt.cell(name, value)
    told = Markup('<a href="{}">{}</a>').format(link, shown) if link else shown
    return Markup('<td class="{}">{}</td>').format("n" if numeric else "", told)

"""Tables on a terminal: no figure is broken, no word, and nothing is lost, however narrow it is."""

from __future__ import annotations

import io

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from cellroad.show.terminal import table

WORDS = st.text("abcdefghij", min_size=1, max_size=12)
SENTENCES = st.lists(WORDS, min_size=1, max_size=6).map(" ".join)


def drawn(frame: pl.DataFrame, width: int) -> str:
    """Return a table as it stands in a terminal of so many columns."""
    out = io.StringIO()
    Console(file=out, width=width).print(table(frame))
    return out.getvalue()


@settings(max_examples=60, derandomize=True)
@given(
    st.integers(1, 9).flatmap(
        lambda rows: st.lists(st.lists(SENTENCES, min_size=rows, max_size=rows), min_size=1, max_size=12)
    ),
    st.integers(50, 140),
)
def test_every_word_of_a_table_stands_whole_whatever_the_width(columns: list[list[str]], width: int) -> None:
    frame = pl.DataFrame({f"c{place}": column for place, column in enumerate(columns)})
    text = drawn(frame, width)
    assert {word for column in columns for cell in column for word in cell.split()} <= set(text.split())
    assert all(len(line) <= width for line in text.splitlines())


@settings(max_examples=30, derandomize=True)
@given(st.lists(st.integers(-(10**9), 10**9), min_size=1, max_size=30), st.integers(40, 120))
def test_every_figure_stands_whole(figures: list[int], width: int) -> None:
    frame = pl.DataFrame({"name": ["one"], **{f"number_of_{place}": [each] for place, each in enumerate(figures)}})
    whole = set(drawn(frame, 10_000).split())
    assert whole - set(drawn(frame, width).split()) == set()


def test_what_goes_on_below_begins_with_the_first_column() -> None:
    frame = pl.DataFrame({"site": ["reno"], **{f"figure{place}": ["x" * 12] for place in range(6)}})
    lines = [line.split() for line in drawn(frame, 60).splitlines() if line.strip()]
    heads = [line for line in lines if "site" in [word.lower() for word in line]]
    assert len(heads) > 1
    assert [line[0] for line in lines] == [word for _ in heads for word in (heads[0][0], "reno")]
    assert len([word for head in heads for word in head[1:]]) == 6


@pytest.mark.parametrize("frame", [pl.DataFrame(), pl.DataFrame({"a": []}), pl.DataFrame({"a": [None, ""]})])
def test_a_table_of_nothing_is_no_fault(frame: pl.DataFrame) -> None:
    drawn(frame, 80)

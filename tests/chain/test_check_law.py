"""What the law would read in vain is told, with its row, and what it reads is not."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest
from tests.chain.small import small_chain

from cellroad.chain.chain import Chain
from cellroad.chain.check import check
from cellroad.chain.check_law import law


def with_rows(table: str, **row: object) -> Chain:
    chain = small_chain()
    first = chain.partners["partner"][0]
    row = {name: first if value == "PARTNER" else value for name, value in row.items()}
    rows = Chain.of("row", **{table: pl.DataFrame([row])}).tables[table]
    return chain.replace(**{table: rows})


DAY = dt.date(2026, 1, 1)
STAKE = {"owner": "PARTNER", "owned": "PARTNER", "valid_from": DAY}


@pytest.mark.parametrize(("table", "row", "column"), [
    ("reviews", {"partner": "PARTNER", "against": "list_154x", "result": "different", "day": DAY}, "against"),
    ("stakes", {**STAKE, "interest": "equity", "terms": "royalty"}, "terms"),
    ("stakes", {**STAKE, "interest": "licence", "term_years": 3.0}, "term_years"),
    ("stakes", {**STAKE, "interest": "licence", "terms": "none;royalty"}, "terms"),
    ("segments", {"segment": "s", "regime": "federal", "programme": "new"}, "programme"),
    ("segments", {"segment": "s", "regime": "commercial", "passes_on": 0.5}, "passes_on"),
    ("items", {"item": "x", "name": "x", "stage": "cell", "credit_as": "sell"}, "credit_as"),
])  # fmt: skip
def test_what_no_rule_reads_is_told_in_its_row(table: str, row: dict[str, object], column: str) -> None:
    told = [finding for finding in law(with_rows(table, **row)) if finding.table == table]
    assert [(finding.row, finding.column, finding.severity) for finding in told] == [(2, column, "warning")]


@pytest.mark.parametrize(("table", "row"), [
    ("reviews", {"partner": "PARTNER", "against": "list_154", "result": "different", "day": DAY}),
    ("stakes", {**STAKE, "interest": "licence", "terms": "royalty;service", "term_years": 12.0}),
    ("segments", {"segment": "s", "regime": "defence", "programme": "new"}),
    ("segments", {"segment": "s", "regime": "tax_credit", "passes_on": 0.5}),
    ("items", {"item": "x", "name": "x", "stage": "pack", "credit_as": "module"}),
])  # fmt: skip
def test_what_a_rule_reads_is_not_told(table: str, row: dict[str, object]) -> None:
    assert law(with_rows(table, **row)) == []


def test_a_small_slip_is_met_with_the_word_that_was_meant() -> None:
    row = {"partner": "PARTNER", "against": "list_1260", "result": "different", "day": DAY}
    assert "list_1260h" in law(with_rows("reviews", **row))[0].mend


def test_the_check_asks_the_law_too() -> None:
    row = {"partner": "PARTNER", "against": "nobody at all", "result": "same", "day": DAY}
    assert any(finding.table == "reviews" for finding in check(with_rows("reviews", **row)))

"""A scenario is its ancestors' changes and then its own, and nothing else."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from tests.chain.small import small_chain

from cellroad.chain.chain import Chain
from cellroad.chain.finding import ChainError
from cellroad.chain.scenario import apply, line_of

Change = tuple[str, str, str, str, str, str]


def chain_with(changes: list[Change], parents: dict[str, str | None] | None = None) -> Chain:
    parents = {"s": None} if parents is None else parents
    scenarios = pl.DataFrame(
        {"scenario": list(parents), "parent": list(parents.values())},
        schema={"scenario": pl.String, "parent": pl.String},
    )
    columns = ["scenario", "table", "key", "column", "operation", "value"]
    frame = pl.DataFrame(changes, schema=dict.fromkeys(columns, pl.String), orient="row")
    return small_chain().replace(scenarios=scenarios, changes=frame)


def test_a_scenario_without_changes_is_the_chain_itself() -> None:
    chain = chain_with([])
    same = apply(chain, "s")
    assert same.name == "small:s"
    for table, frame in chain.tables.items():
        done = table in ("scenarios", "changes")
        assert_frame_equal(frame.clear() if done else frame, same.tables[table])


def test_a_change_touches_its_cell_and_no_other() -> None:
    chain = chain_with([("s", "demand", "west|home|commercial|2027-05-01", "quantity", "set", "999")])
    changed = apply(chain, "s").demand
    assert changed["quantity"].to_list() == [200, 999, 300]
    assert_frame_equal(changed.drop("quantity"), chain.demand.drop("quantity"))
    assert chain.demand["quantity"].to_list() == [200, 250, 300]


@settings(max_examples=50)
@given(factor=st.floats(0.01, 100), shift=st.floats(0, 1e6))
def test_multiply_and_add_are_what_they_say(factor: float, shift: float) -> None:
    chain = chain_with([
        ("s", "offers", "*", "price_usd", "multiply", repr(factor)),
        ("t", "offers", "cell-offer", "price_usd", "add", repr(shift)),
    ], {"s": None, "t": "s"})  # fmt: skip
    assert apply(chain, "s").offers["price_usd"].to_list() == [55 * factor]
    assert apply(chain, "t").offers["price_usd"].to_list() == [55 * factor + shift]


def test_ancestors_change_first_whatever_the_order_of_rows() -> None:
    changes: list[Change] = [
        ("grandchild", "offers", "*", "price_usd", "add", "1"),
        ("child", "offers", "*", "price_usd", "multiply", "2"),
        ("root", "offers", "*", "price_usd", "set", "10"),
        ("other", "offers", "*", "price_usd", "set", "0"),
    ]
    chain = chain_with(changes, {"grandchild": "child", "child": "root", "root": None, "other": "root"})
    assert line_of(chain, "grandchild") == ["root", "child", "grandchild"]
    assert apply(chain, "grandchild").offers["price_usd"].to_list() == [21]


def test_drop_takes_the_rows_and_only_those() -> None:
    chain = chain_with([("s", "demand", "*|*|*|2027-05-01", "", "drop", "")])
    assert apply(chain, "s").demand["quantity"].to_list() == [200, 300]
    assert apply(chain_with([("s", "demand", "*", "", "drop", "")]), "s").demand.height == 0


def test_a_blank_takes_the_default_of_its_column() -> None:
    chain = chain_with([
        ("s", "offers", "*", "max_per_month", "set", ""), ("s", "offers", "*", "moq", "set", ""),
    ])  # fmt: skip
    assert apply(chain, "s").offers.select("max_per_month", "moq").rows() == [(None, 0.0)]


def test_words_dates_and_whole_numbers_are_set_as_in_a_table() -> None:
    chain = chain_with([
        ("s", "offers", "*", "incoterm", "set", "cif"), ("s", "offers", "*", "valid_from", "set", "2027-03"),
        ("s", "offers", "*", "lead_days", "set", "30"), ("t", "offers", "*", "lead_days", "multiply", "1.5"),
    ], {"s": None, "t": "s"})  # fmt: skip
    offer = apply(chain, "t").offers.row(0, named=True)
    assert (offer["incoterm"], str(offer["valid_from"]), offer["lead_days"]) == ("CIF", "2027-03-01", 45)


def test_a_setting_left_at_its_default_can_be_set() -> None:
    chain = chain_with([
        ("s", "settings", "discount_per_year", "value", "set", "0.2"),
        ("s", "settings", "months", "value", "set", "24"),
    ])  # fmt: skip
    parsed = apply(chain, "s").plan_settings()
    assert (parsed.discount_per_year, parsed.months) == (0.2, 24)
    assert chain.plan_settings().discount_per_year == 0.1


def test_every_change_that_cannot_be_made_is_told_at_once() -> None:
    chain = chain_with([
        ("s", "ofers", "*", "price_usd", "set", "1"), ("s", "offers", "x", "price_usd", "set", "1"),
        ("s", "offers", "*", "price", "set", "1"), ("s", "offers", "*", "price_usd", "set", "one"),
        ("s", "offers", "*", "moq", "set", "-1"),
    ])  # fmt: skip
    with pytest.raises(ChainError) as error:
        apply(chain, "s")
    assert [(f.row, f.column) for f in error.value.findings] == [
        (2, "table"), (3, "key"), (4, "column"), (5, "value"), (6, "value"),
    ]  # fmt: skip


def test_an_unknown_scenario_is_told_with_the_nearest_one() -> None:
    with pytest.raises(ChainError, match="Did you mean 'low-demand'"):
        apply(chain_with([], {"low-demand": None}), "low_demand")

"""A tree of scenarios from independent things: every outcome once on every way, probabilities that multiply."""

from __future__ import annotations

import datetime as dt

import pytest
from tests.chain.small import small_chain

from cellroad.chain.futures import Outcome, Stage, unfold
from cellroad.chain.scenario import apply, changes

LATER = Stage("price", dt.date(2028, 1, 1), [
    Outcome("cheap", 0.2, [("offers", "*", "price_usd", "multiply", "0.5")]), Outcome("dear", 0.8),
])  # fmt: skip
FIRST = Stage("demand", dt.date(2027, 6, 1), [
    Outcome("low", 0.5, [("demand", "*", "quantity", "multiply", "0.5")]), Outcome("mid", 0.25),
    Outcome("high", 0.25, [("demand", "*", "quantity", "multiply", "2")]),
])  # fmt: skip


def test_stages_unfold_into_every_combination_in_the_order_of_their_days() -> None:
    chain = unfold(small_chain(), [LATER, FIRST])
    assert chain.scenarios.height == 3 + 6
    leaf = chain.scenarios.filter(chain.scenarios["scenario"] == "high/cheap")
    assert leaf["parent"].to_list() == ["high"] and leaf["probability"].to_list() == [0.2]
    assert leaf["valid_from"].to_list() == [LATER.known_from]
    assert changes(chain) == []
    changed, base = apply(chain, "high/cheap"), small_chain()
    assert changed.demand["quantity"].to_list() == [2 * q for q in base.demand["quantity"]]
    assert changed.offers["price_usd"].to_list() == [0.5 * p for p in base.offers["price_usd"]]


def test_outcomes_that_do_not_share_out_all_probability_are_refused() -> None:
    with pytest.raises(ValueError, match="'demand' do not sum to 1"):
        unfold(small_chain(), [Stage("demand", FIRST.known_from, FIRST.outcomes[:2])])

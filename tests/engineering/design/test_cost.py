"""Cost holds against what is published, adds up, and moves as it must."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import cellroad as cr
from cellroad.chain import facts
from cellroad.engineering.catalogue import cells
from cellroad.engineering.design.cost import Built, capital_usd, cost, labour_hours, total
from cellroad.engineering.design.prices import cell_price, family_price


def fact(table: str, key: str, row: str, column: str) -> float:
    return facts.table(table).row(by_predicate=pl.col(key) == row, named=True)[column]


def one(series, parallel, kwh, volts, amps, **kg):
    arrays = (np.array([float(value)]) for value in (series, parallel, kwh, volts, amps))
    return Built(*arrays, {name: np.array([float(value)]) for name, value in kg.items()})


def batpac() -> Built:
    """The reference pack of 82 kWh, its masses as BatPaC tells them, put under the parts that they are."""
    kg = dict(facts.table("batpac_component_masses").select("mass_id", "mass_kg").iter_rows())
    return one(
        96, 3, 82, 403, 230, busbars=kg["BM05"] + kg["BM07"], fixing=kg["BM02"] + kg["BM03"] + kg["BM04"],
        enclosure=kg["BM11"], cooling=kg["BM08"] + kg["BM10"],
    )  # fmt: skip


def prices(family: str):
    price = family_price(family)
    return np.array([[price.low], [price.likely], [price.high]])


def test_the_reference_pack_of_batpac_costs_what_batpac_says_within_15_percent():
    usd = total(cost(batpac(), prices("NMC"), 500_000))[:, 0]
    published = fact("batpac_reference", "case_id", "BR01", "pack_cost_usd")
    assert usd[1] == pytest.approx(published, rel=0.15)
    assert usd[0] < published < usd[2]


def test_a_large_pack_of_lfp_lies_among_the_surveyed_packs():
    stationary, all_lfp = (fact("prices", "price_id", row, "value") for row in ("PR013", "PR015"))
    big = one(104, 1, 104 * 1.0048, 380, 157, busbars=6, fixing=60, enclosure=60, cooling=40)
    low, likely, high = total(cost(big, prices("LFP"), 50_000))[:, 0] / big.energy_kwh[0]
    assert low < stationary < high
    assert likely == pytest.approx(all_lfp, rel=0.15)


def test_baseline_plants_need_what_the_facts_say():
    full = labour_hours(np.array([20.0 * 16]), 500_000)[0]
    assert full == pytest.approx(2 * 170_000 / 500_000, rel=1e-9)
    euros = capital_usd(np.array([20.0 * 16]), 500_000)[:, 0]
    assert (np.diff(euros) > 0).all()


@given(st.floats(500, 500_000), st.floats(1.01, 5), st.integers(4, 200), st.integers(1, 50))
def test_more_packs_a_year_are_cheaper_by_the_pack(volume, more, series, parallel):
    pack = one(series, parallel, series * parallel * 0.16, series * 3.65, 50, enclosure=10.0)
    small, large = (total(cost(pack, prices("LFP"), n))[:, 0] for n in (volume, volume * more))
    assert (large < small).all()


@given(st.integers(4, 200), st.integers(1, 50))
def test_low_is_below_likely_is_below_high_in_every_component(series, parallel):
    told = cost(one(series, parallel, series * parallel * 0.16, series * 3.65, 50, enclosure=10.0), prices("LFP"), 2e4)
    assert all((np.diff(usd[:, 0]) >= 0).all() for usd in told.values())


def test_components_add_up_to_what_the_front_says():
    found = cr.design(nominal="100V", energy="5kWh", use="storage-residential")
    summed = sum(usd[1] for usd in found.costs.components.values())
    assert np.allclose(summed, found.layouts["cost_usd"].to_numpy(), rtol=1e-12)
    dear = cr.design(nominal="100V", energy="5kWh", use="storage-residential", cell_price="500 USD/kWh")
    assert dear.layouts["cost_usd"].min() > 2500


def test_a_price_of_a_cell_is_made_of_the_rows_that_it_names():
    for cell in cells():
        price = cell_price(cell)
        assert price.low <= price.likely <= price.high
        assert all(facts.find(row) is not None for row in price.source.split(";"))
    by_size = [cell_price(cell).likely for cell in sorted((c for c in cells() if c.family == "LFP"),
                                                          key=lambda c: c.capacity_ah)]  # fmt: skip
    assert by_size == sorted(by_size, reverse=True)
    ratio = fact("prices", "price_id", "PR039", "value") / fact("prices", "price_id", "PR038", "value")
    assert by_size[0] / by_size[-1] == pytest.approx(ratio, rel=1e-9)

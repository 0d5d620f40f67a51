"""A designed pack in a chain: the plan solves, sells it and closes; what is missing is told."""

from __future__ import annotations

import polars as pl
import pytest

import cellroad as cr
from cellroad.chain.finding import ChainError
from cellroad.engineering.design.chaining import join


@pytest.fixture(scope="module")
def ten():
    return cr.design(nominal="100V", energy="10kWh", use="storage-residential", cell="CL010")


@pytest.fixture(scope="module")
def yousolar():
    return cr.load("yousolar")


def fresh(found, chain, before):
    """Blockers of a chain that were not there before."""
    known = {str(finding) for finding in cr.check(before)}
    return [f for f in cr.check(chain) if f.severity == "blocker" and str(f) not in known]


def test_a_plan_solves_sells_the_pack_and_closes(ten, yousolar):
    joined = join(ten, yousolar, site="oakland", cell="cell-b")
    assert fresh(ten, joined.chain, yousolar) == []
    plan = cr.plan(joined.chain, gap=0.02, time_limit=120)
    assert cr.audit(plan).frame["relative"].max() < 1e-9
    sold = plan.frames()["sales"].filter(pl.col("item") == joined.item)
    assert sold["quantity"].sum() > 100
    used = plan.frames()["consumption"].filter(pl.col("process") == f"oakland-{joined.item}")
    assert set(used["item"]) == {"cell-b", *(i for i in joined.chain.items["item"] if i.startswith(f"{joined.item}-"))}


def test_every_row_that_is_added_says_where_it_comes_from(ten, yousolar):
    joined = join(ten, yousolar, site="oakland", cell="cell-b")
    for table, frame in joined.chain.tables.items():
        old = yousolar.tables[table]
        added = frame.slice(old.height)
        assert frame.head(old.height).equals(old)
        if added.height:
            assert (added["note"] != "").all()
            assert set(added["confidence"]) <= {"assumption", "reported", "unverified", "verified"}
    changed = {t for t, frame in joined.chain.tables.items() if frame.height > yousolar.tables[t].height}
    assert changed == {"items", "offers", "processes", "bom", "certificates", "wants"}
    pack = joined.chain.items.row(by_predicate=pl.col("item") == joined.item, named=True)
    best = ten.pareto.row(0, named=True)
    assert (pack["kwh"], pack["mass_kg"], pack["stage"]) == (best["energy_kwh"], best["mass_kg"], "pack")
    cells = joined.chain.bom.filter((pl.col("item") == "cell-b") & pl.col("process").str.ends_with(joined.item))
    assert cells["quantity"].to_list() == [best["cells"]]


def test_a_pack_serves_the_wants_of_its_energy_in_one_unit_or_several(yousolar):
    five = cr.design(nominal="100V", energy="5kWh", use="storage-residential", cell="CL011")
    served = dict(join(five, yousolar, site="oakland").chain.wants.tail(2).select("want", "quantity").iter_rows())
    assert served == {"home 5 kWh": 1.0, "home 10 kWh": 2.0}
    told = five.to_chain(yousolar, site="oakland", wants={"home 5 kWh": 3.0}).wants.tail(1).row(0, named=True)
    assert (told["want"], told["quantity"]) == ("home 5 kWh", 3.0)


def test_what_keeps_a_pack_from_being_added_is_told_at_once(ten, yousolar):
    with pytest.raises(ChainError) as caught:
        join(ten, yousolar, site="oaklund", resource="line")
    assert {finding.column for finding in caught.value.findings} == {"site", "resource", "source"}
    assert "Did you mean 'oakland'?" in str(caught.value)
    twice = ten.to_chain(yousolar, site="oakland", cell="cell-b")
    with pytest.raises(ChainError, match="id that is not taken"):
        ten.to_chain(twice, site="oakland", cell="cell-b")


def test_a_cell_that_the_chain_lacks_is_added_and_its_offer_asked_for(yousolar):
    found = cr.design(nominal="100V", energy="10kWh", use="storage-residential", cell="LF105")
    without = join(found, yousolar, site="oakland")
    assert [finding.table for finding in without.findings] == ["offers"]
    offered = join(found, yousolar, site="oakland", cell_site="shenzhen")
    assert offered.findings == ()
    offer = offered.chain.offers.row(by_predicate=pl.col("item") == "cell-cl003", named=True)
    assert offer["price_usd"] == pytest.approx(found.price().likely * 0.336, rel=1e-9)
    assert fresh(found, offered.chain, yousolar) == []


def test_a_pack_for_vehicles_joins_the_other_chain():
    chain = cr.load("kandi-cbak")
    found = cr.design(nominal="64V", energy="14.4 kWh", use="utv", cell="CL017")
    joined = join(found, chain, site="garland", cell="cell-cn", resource="garland-pack")
    assert joined.findings == ()
    assert fresh(found, joined.chain, chain) == []
    assert joined.chain.wants.tail(1)["want"].to_list() == ["off-road pack"]
    assert joined.chain.items.filter(item=joined.item)["origin"].to_list() == ["CN"]

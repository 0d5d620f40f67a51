"""Bans, premiums and credits bind a plan as the law says: against trying every claim, and in closed form."""

import datetime as dt
import random
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.plan.reference import Reference
from tests.plan.tiny import Rows, chain_of, line, month, random_rows, straight
from tests.plan.tiny_law import random_law, rules_of

from cellroad.chain.files import load
from cellroad.plan.audit.audit import audit
from cellroad.plan.model import build
from cellroad.plan.network.network import UNBOUND, expand
from cellroad.plan.planning import allowed, plan
from cellroad.plan.result import Plan
from cellroad.rules.eligibility import CLAIM_SCHEMA, Eligibility
from cellroad.rules.law import shipped

steady = settings(max_examples=20, derandomize=True)
chains = st.randoms(use_true_random=False)
NOTHING: Rows = {"bans": [], "claims": [], "materials": [], "premiums": []}
MIXED = (1018, 1119, 1148, 1218, 1220, 1283, 1343)
"""Seeds of `random_law` that give a claim which has to be decided and a credit that is earned."""


def claim(**changes: Any) -> dict[str, Any]:
    return {
        "process": "make", "site": "p", "item": "pack", "taxpayer": "t", "credit": "45X", "program": "45X",
        "component": "module", "year": 2027, "usd_per_unit": 10.0, "answer": "yes", "because": "made here",
        "confidence": "verified", **changes,
    }  # fmt: skip


def made(rows: Rows, **law: list[dict[str, Any]]) -> Plan:
    found = plan(chain_of(rows), rules=rules_of({**NOTHING, **law}), gap=1e-9)
    assert audit(found).closes, audit(found).frame
    return found


def told(rows: Rows, name: str, value: str) -> Rows:
    return {**rows, "settings": [*rows["settings"], {"name": name, "value": value}]}


# Against trying everything --------------------------------------------------------------------------------------------


@steady
@given(chains)
def test_a_plan_under_a_law_is_worth_as_much_as_the_best_of_all_claims(r: random.Random) -> None:
    compare(*random_law(r, random_rows(r)))


@pytest.mark.parametrize("patience", [250, 1])
@pytest.mark.parametrize("seed", MIXED)
def test_a_claim_that_has_to_be_decided_is_decided_for_the_best(
    seed: int, patience: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cellroad.plan.solving.solve.PATIENCE", patience)
    r = random.Random(seed)
    rows, law = random_law(r, random_rows(r))
    assert build(expand(chain_of(rows), rules_of(law))).columns["claim"].size
    compare(rows, law)


def compare(rows: Rows, law: Rows) -> None:
    best = Reference(rows, law).best()
    found = plan(chain_of(rows), rules=rules_of(law), gap=1e-9)
    assert found.solution.objective_usd == pytest.approx(best, rel=1e-6, abs=1e-6)
    assert found.solution.bound_usd >= found.solution.objective_usd
    assert audit(found).closes


@steady
@given(chains)
def test_a_law_without_claims_leaves_the_model_as_it_is(r: random.Random) -> None:
    """What nobody may claim, what gives nothing and what no claim asks for adds no column, no row and no term."""
    rows, law = random_law(r, random_rows(r))
    nobody = {**NOTHING, "claims": [{**row, "answer": "no"} for row in law["claims"]], "materials": law["materials"]}
    before, after = (build(expand(chain_of(rows), rules)) for rules in (UNBOUND, rules_of(nobody)))
    for name in ("cost", "lower", "upper", "whole", "row_lower", "row_upper"):
        assert np.array_equal(getattr(before, name), getattr(after, name))
    assert (before.matrix != after.matrix).nnz == 0


@steady
@given(chains)
def test_a_friendlier_law_is_never_worth_less(r: random.Random) -> None:
    """More that may be claimed of more makers, fewer bans and higher premiums."""
    rows, law = random_law(r, random_rows(r))
    rows = told({**rows, "settings": [s for s in rows["settings"] if s["name"] != "terminal_stock_share"]},
                "terminal_stock_share", "0")  # fmt: skip
    kinder = {
        "bans": law["bans"][1:],
        "claims": [{**row, "answer": "yes"} for row in law["claims"]],
        "materials": [{**row, "barred": "no"} for row in law["materials"]],
        "premiums": [{**row, "price_share": row["price_share"] * 2} for row in law["premiums"]],
    }
    values = [plan(chain_of(rows), rules=rules_of(rules), gap=1e-9).solution.objective_usd for rules in (law, kinder)]
    assert values[1] >= values[0] - 1e-6 * max(abs(values[0]), 1.0)


# Bans -----------------------------------------------------------------------------------------------------------------


def ban(**changes: Any) -> dict[str, Any]:
    day = month(1) + dt.timedelta(days=14)
    return {"ban": "B1", "binds": "s154", "segment": "commercial", "item": "pack", "answer": "yes", "valid_from": day,
            "because": "listed", "confidence": "verified", **changes}  # fmt: skip


def test_a_period_sells_in_the_part_before_a_ban() -> None:
    """Banned from 15 February: January whole, 14 of 28 days of February, nothing in March."""
    found = made(straight(), bans=[ban()])
    assert found.sales["quantity"].to_list() == pytest.approx([10, 10 * 14 / 28])
    assert found.bans.select("ban", "segment", "item", "counts").rows() == [("B1", "commercial", "pack", "barred")]
    assert found.bans["wants"].item() == pytest.approx(10 * 14 / 28 + 10)


def test_a_ban_binds_its_segment_and_its_item_alone() -> None:
    found = made(straight(), bans=[ban(segment="defence"), ban(item="cell")])
    assert found.solution.objective_usd == pytest.approx(30 * 72)
    assert found.bans.is_empty()


def test_bans_that_overlap_bar_their_days_once() -> None:
    twice = [ban(valid_to=month(2)), ban(ban="B2", valid_from=month(1))]
    assert made(straight(), bans=twice).sales["quantity"].to_list() == pytest.approx([10])
    ends = made(straight(), bans=[ban(valid_from=month(0), valid_to=month(1) - dt.timedelta(days=1))])
    assert ends.sales["period"].to_list() == [1, 2]


@pytest.mark.parametrize(("when_unknown", "sold", "counts"), [("against", 15, "barred"), ("for", 30, "allowed")])
def test_a_ban_that_nobody_can_tell_counts_as_the_settings_say_and_is_told(
    when_unknown: str, sold: float, counts: str
) -> None:
    found = made(told(straight(), "when_unknown", when_unknown), bans=[ban(answer="unknown")])
    assert found.sales["quantity"].sum() == pytest.approx(sold)
    assert found.bans["counts"].to_list() == [counts]
    assert [words for words in found.remarks if "B1" in words and counts in words]


def test_what_is_only_not_known_to_be_barred_passes_where_no_proof_is_asked() -> None:
    found = made(straight(), bans=[ban(answer="unknown", unknown="passes")])
    assert found.sales["quantity"].sum() == pytest.approx(30)
    assert found.bans["counts"].to_list() == ["allowed"]
    assert made(straight(), bans=[ban(unknown="passes")]).sales["quantity"].sum() == pytest.approx(15)


def abroad(days: float) -> Rows:
    """Return the plainest chain with its vendor in China, goods so many days under way to the plant."""
    rows = straight()
    rows["sites"][0]["country"] = "CN"
    rows["lanes"][0]["transit_days"] = days
    return rows


def moved(found: Plan) -> dict[tuple[int, int], float]:
    rows = found.shipments.filter(pl.col("lane") == "in").select("period", "arrival_period", "quantity").rows()
    return {(leaves, enters): quantity for leaves, enters, quantity in rows}


def test_a_ban_of_entry_bars_what_would_arrive_then() -> None:
    """From 15 February on nothing enters: with ten days to go, the last leaves on 4 February."""
    border = ban(binds="import:US", segment=None, country="US", item="cell")
    found = made(abroad(10.0), bans=[border])
    assert set(moved(found)) <= {(0, 0), (0, 1), (1, 1)}
    assert found.sales["quantity"].sum() == pytest.approx(30)  # February's and March's cells come before the ban
    assert found.bans.select("border", "wants").rows() == [("US", None)]
    never = made(abroad(10.0), bans=[{**border, "valid_from": None}])
    assert never.sales.is_empty()
    assert made(abroad(10.0), bans=[{**border, "country": "DE", "binds": "import:DE"}]).bans.is_empty()


def test_a_ban_of_exit_bars_what_leaves_then_and_is_of_that_origin() -> None:
    border = ban(binds="export:CN", segment=None, country="CN", item="cell")
    found = made(abroad(31.0), bans=[border])
    assert {leaves for leaves, _ in moved(found)} <= {0, 1}
    assert (1, 2) in moved(found) or (0, 1) in moved(found)
    rows = abroad(31.0)
    rows["items"][0]["origin"] = "KR"  # goes through China, but is not of China
    assert made(rows, bans=[border]).bans.is_empty()


# Premiums -------------------------------------------------------------------------------------------------------------


def test_a_premium_raises_the_price_by_its_share_on_the_days_it_holds() -> None:
    premium = {"segment": "commercial", "item": "pack", "credit": "48E", "answer": "yes", "price_share": 0.3,
               "valid_from": month(0), "valid_to": month(1) + dt.timedelta(days=13)}  # fmt: skip
    found = made(straight(), premiums=[premium])
    assert found.sales["price_usd"].to_list() == pytest.approx([130, 100 * (1 + 0.3 * 14 / 28), 100])
    assert made(straight(), premiums=[{**premium, "answer": "unknown"}]).sales["price_usd"].to_list() == [100.0] * 3


# Credits --------------------------------------------------------------------------------------------------------------


def test_every_good_unit_earns_its_credit_and_landed_cost_is_after_it() -> None:
    rows = straight()
    rows["processes"][0]["yield_share"] = 0.8
    found = made(rows, claims=[claim()])
    cost = 30 * (1 + (5 + 2 * 11) / 0.8)
    assert found.solution.objective_usd == pytest.approx(30 * (100 + 10) - cost)
    assert found.credits.select("made", "units", "usd", "lost_usd").row(0) == pytest.approx((30, 30, 300, 0))
    kinds = dict(found.landed.group_by("kind").agg(pl.col("usd").sum()).iter_rows())
    assert kinds["credit"] == pytest.approx(-300)
    assert sum(kinds.values()) == pytest.approx(cost - 300)
    figures = {name: value for name, value, _ in found.summary().iter_rows()}
    assert figures["tax credits"] == pytest.approx(300)


def test_a_credit_on_cost_is_a_share_of_conversion_and_material() -> None:
    found = made(straight(), claims=[claim(usd_per_unit=None, cost_share=0.1)])
    assert found.credits["usd"].sum() == pytest.approx(30 * 0.1 * (5 + 2 * 11))


@pytest.mark.parametrize(("answer", "when_unknown", "earned"), [
    ("no", "for", 0), ("unknown", "against", 0), ("unknown", "for", 300), ("yes", "against", 300),
])  # fmt: skip
def test_what_may_not_be_claimed_is_told_as_lost(answer: str, when_unknown: str, earned: float) -> None:
    found = made(told(straight(), "when_unknown", when_unknown), claims=[claim(answer=answer, because="reasons")])
    assert found.credits["usd"].sum() == pytest.approx(earned)
    assert found.credits["lost_usd"].sum() == pytest.approx(300 - earned)
    assert found.credits["answer"].item() == answer
    assert found.credits["because"].item() == "reasons"
    assert any("reasons" in words for words in found.remarks) == (answer == "unknown")


def with_part(allowed_usd: float) -> Rows:
    """Return the plainest chain whose pack takes, beside cells for 22, a part that costs so much at the plant."""
    rows = straight()
    rows["items"].append({**rows["items"][0], "item": "part", "kwh": 0.0})
    rows["offers"].append({**rows["offers"][0], "offer": "part", "item": "part", "price_usd": allowed_usd - 1.0})
    rows["bom"].append({"process": "make", "item": "part", "quantity": 1.0})
    return rows


def material(name: str, barred: str, process: str = "make") -> dict[str, Any]:
    return {"process": process, "credit": "45X", "year": 2027, "input": name, "barred": barred}


@pytest.mark.parametrize(("part_usd", "earned", "answer"), [(22.0, 300, "yes"), (21.9, 0, "no"), (22.1, 300, "yes")])
def test_the_ratio_is_reached_at_the_limit_and_lost_below_it(part_usd: float, earned: float, answer: str) -> None:
    found = made(
        with_part(part_usd), claims=[claim(least_share=0.5)],
        materials=[material("cell", "yes"), material("part", "no")],
    )  # fmt: skip
    assert found.credits["usd"].sum() == pytest.approx(earned)
    assert found.credits["ratio"].item() == pytest.approx(part_usd / (part_usd + 22))
    assert found.credits["answer"].item() == answer
    assert build(expand(found.chain, UNBOUND)).columns["claim"].size == 0


def test_a_process_without_inputs_has_no_ratio() -> None:
    rows = straight(bom=[], offers=[])
    against, for_us = (
        made(told(rows, "when_unknown", setting), claims=[claim(least_share=0.5)]) for setting in ("against", "for")
    )
    assert against.credits.select("answer", "usd").row(0) == ("unknown", 0.0)
    assert for_us.credits.select("answer", "usd").row(0) == ("unknown", pytest.approx(300))


def two_ways(**changes: str) -> tuple[Rows, list[dict[str, Any]], list[dict[str, Any]]]:
    """Return a chain that makes packs of barred cells or of dearer ones, with claims that ask for half."""
    rows = straight()
    rows["settings"] += [{"name": name, "value": value} for name, value in changes.items()]
    rows["items"].append({**rows["items"][0], "item": "safe"})
    rows["offers"].append({**rows["offers"][0], "offer": "safe", "item": "safe", "price_usd": 14.0})
    rows["processes"].append({**rows["processes"][0], "process": "other"})
    rows["bom"].append({"process": "other", "item": "safe", "quantity": 2.0})
    claims = [claim(process=process, least_share=0.5) for process in ("make", "other")]
    return rows, claims, [material("cell", "yes"), material("safe", "no", "other")]


def test_over_an_item_the_dearer_way_is_taken_as_far_as_the_ratio_asks() -> None:
    """A barred pack costs 22 of material, another 30: half of the material of x others and 30 - x barred packs is
    allowed where 30 x = 22 (30 - x). The credit of 10 on all is worth 8 more on x."""
    rows, claims, materials = two_ways(ratio_over="item")
    found = made(rows, claims=claims, materials=materials)
    assert build(expand(found.chain, rules_of({**NOTHING, "claims": claims, "materials": materials}))).whole.sum() == 1
    others = 30 * 22 / 52
    by_process = dict(found.production.group_by("process").agg(pl.col("good").sum()).iter_rows())
    assert by_process == {"make": pytest.approx(30 - others), "other": pytest.approx(others)}
    assert found.solution.objective_usd == pytest.approx(30 * 82 - 8 * others)
    assert found.credits["ratio"].to_list() == pytest.approx([0.5, 0.5])
    assert found.credits["answer"].to_list() == ["yes", "yes"]


def test_over_a_process_every_way_keeps_the_ratio_by_itself() -> None:
    rows, claims, materials = two_ways(ratio_over="process")
    found = made(rows, claims=claims, materials=materials)
    assert found.production["process"].unique().to_list() == ["other"]
    assert found.solution.objective_usd == pytest.approx(30 * (82 - 8))


def test_nothing_is_made_for_the_credit_alone() -> None:
    """The credit is more than a pack costs; yet no more earn than are sold."""
    rows = straight(**line(), settings=[row for row in straight()["settings"] if row["name"] != "terminal_stock_share"])
    found = made(told(rows, "terminal_stock_share", "0.8"), claims=[claim(usd_per_unit=90.0)])
    assert found.production["good"].sum() == pytest.approx(30)
    assert found.solution.objective_usd == pytest.approx(30 * (72 + 90) - 50)


def test_a_unit_earns_the_rate_of_the_year_in_which_it_is_sold() -> None:
    """Packs for January are made in December, where alone cells are offered, and held: January's rate counts."""
    rows = straight(months=14)
    rows["demand"] = [row for row in rows["demand"] if row["month"] in (month(11), month(12))]
    rows["offers"][0]["valid_to"] = month(12) - dt.timedelta(days=1)
    rows["lanes"][0]["transit_days"] = rows["lanes"][1]["transit_days"] = 0.0
    claims = [claim(), claim(year=2028, usd_per_unit=4.0)]
    found = made(rows, claims=claims)
    assert found.credits.filter(pl.col("year") == 2027).select("units", "next_units", "usd", "next_usd").row(
        0
    ) == pytest.approx((10, 10, 100, 40))
    lapsed = made(rows, claims=claims[:1])
    assert lapsed.credits.select("units", "next_units", "lost_usd").row(0) == pytest.approx((10, 0, 100))


def test_a_period_that_straddles_a_year_earns_by_its_days() -> None:
    """A quarter from December: 31 days at 10, 59 or 60 at nothing."""
    rows = straight(months=3)
    rows["settings"] = [row for row in rows["settings"] if row["name"] != "start"]
    rows["settings"] += [{"name": "start", "value": "2027-12"}, {"name": "quarters_after", "value": "0"}]
    rows["demand"] = [{**rows["demand"][0], "month": dt.date(2027, 12, 1), "quantity": 91.0}]
    found = made(rows, claims=[claim()])
    assert found.periods["start"].to_list() == [dt.date(2027, 12, 1)]
    assert found.credits["usd"].sum() == pytest.approx(91 * 10 * 31 / (31 + 31 + 29))


def test_an_audit_sees_a_credit_that_was_not_earned() -> None:
    rows, claims, materials = two_ways(ratio_over="item")
    found = made(rows, claims=claims, materials=materials)
    first = pl.int_range(pl.len()) == 0
    for name, column in (("credits", "usd"), ("credits", "units"), ("credits", "ratio"), ("materials", "usd"),
                         ("materials", "quantity"), ("production", "credit_usd")):  # fmt: skip
        more = pl.when(first).then(pl.col(column) * 1.01 + 1.0).otherwise(column).alias(column)
        wrong = replace(found, **{name: getattr(found, name).with_columns(more)})
        assert not audit(wrong).closes, (name, column)


def test_the_law_that_a_plan_is_made_under_binds_it() -> None:
    """Without its bans the same law lets everything cross that they kept out, and the plan is worth no less."""
    chain = load("yousolar")
    law = shipped()
    free = replace(law, tables={**law.tables, "bans": law.bans.clear()})
    bound, unbound = plan(chain), plan(chain, law=free)
    assert unbound.bans.is_empty()
    assert bound.bans.equals(plan(chain, rules=allowed(chain)).bans)
    assert unbound.solution.bound_usd >= bound.solution.objective_usd
    assert audit(bound).closes and audit(unbound).closes


def test_a_chain_without_partners_is_not_judged() -> None:
    assert allowed(chain_of(straight())) is UNBOUND


def test_claims_of_other_years_and_processes_change_nothing() -> None:
    rules = Eligibility(UNBOUND.bans, pl.DataFrame(schema=CLAIM_SCHEMA), UNBOUND.materials, UNBOUND.premiums)
    assert plan(chain_of(straight()), rules=rules).credits.is_empty()
    assert made(straight(), claims=[claim(year=2031), claim(process="elsewhere")]).credits.is_empty()

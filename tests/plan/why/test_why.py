"""Why is this used, and what would turn it? Against another solver, and against the chain planned anew."""

import ast
import pickle
import random
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog
from tests.plan.conftest import EXAMPLES
from tests.plan.tiny import chain_of, line, month, random_rows, straight
from tests.plan.why.drawn import plain_rows, with_row

import cellroad.plan
from cellroad.chain.files import load
from cellroad.chain.finding import ChainError
from cellroad.plan.model import build
from cellroad.plan.network.network import expand
from cellroad.plan.planning import allowed, plan
from cellroad.plan.result import CASH_KINDS, Plan
from cellroad.plan.why.case import Case
from cellroad.plan.why.tell import KINDS
from cellroad.plan.why.words import COLUMNS, ROWS, column_names, column_says, row_says

TINY = settings(derandomize=True)


def asked_of(found: Plan, r: random.Random) -> tuple[str, str]:
    """Draw something that can be asked about: its table and name."""
    table, key = r.choice([("offers", "offer"), ("lanes", "lane"), ("processes", "process")])
    return table, r.choice(found.chain.tables[table][key].to_list())


def by_scipy(case: Case, columns: np.ndarray, lower: float, upper: float) -> float | None:
    """Return the least cost with the decisions of a plan and so much of some columns, by another way."""
    model = case.model
    low, high = model.lower.copy(), model.upper.copy()
    whole = np.flatnonzero(model.whole)
    low[whole] = high[whole] = np.round(case.values[whole])
    row = np.zeros((1, low.size))
    row[0, columns] = 1.0
    matrix = sp.vstack([model.matrix, row])
    least, most = np.append(model.row_lower, lower), np.append(model.row_upper, upper)
    above, below = np.isfinite(most), np.isfinite(least)
    matrix = sp.csr_array(matrix)
    found = linprog(
        model.cost, A_ub=sp.vstack([matrix[above], -matrix[below]]), b_ub=np.concatenate([most[above], -least[below]]),
        bounds=np.column_stack([low, high]), method="highs-ipm",
    )  # fmt: skip
    return float(found.fun) - model.offset if found.status == 0 else None


@settings(TINY, max_examples=8)
@given(st.randoms(use_true_random=False))
def test_a_unit_costs_what_another_solver_finds_and_its_parts_add_up(r: random.Random) -> None:
    found = plan(chain_of(random_rows(r)), gap=1e-9)
    table, name = asked_of(found, r)
    asked = found.why(name, table, quantity=0.5)
    columns = asked.target.columns
    if not columns.size:
        assert asked.reasons
        return
    used = float(found.case.values[columns].sum())
    for change, low, high in ((asked.more, used + 0.5, np.inf), (asked.less, -np.inf, used - min(0.5, used))):
        due = by_scipy(found.case, columns, low, high)
        if change is None:
            assert due is None or used == 0 or low > 0
            continue
        assert due is not None
        scale = 1 + abs(found.solution.objective_usd)
        assert change.npv_usd == pytest.approx(-due - found.solution.objective_usd, abs=1e-6 * scale)
        assert change.parts["usd"].sum() == pytest.approx(change.npv_usd, abs=1e-9 * scale)
        assert change.npv_usd <= 1e-6 * scale


@settings(TINY, max_examples=5)
@given(st.randoms(use_true_random=False))
def test_below_its_break_even_a_price_brings_an_offer_in_and_above_it_does_not(r: random.Random) -> None:
    rows = plain_rows(r)
    found = plan(chain_of(rows), gap=1e-9)
    offer = r.choice([row for row in rows["offers"] if row["price_usd"]])
    asked = found.why(offer["offer"], "offers", anew=True)
    turn = asked.breaks.filter(kind="purchase")["share"].to_list()
    if not turn or turn[0] is None or turn[0] == 0:
        return
    assert (turn[0] < 0) == (asked.used == 0)

    def bought(factor: float) -> float:
        priced = with_row(rows, "offers", {"offer": offer["offer"]}, price_usd=offer["price_usd"] * factor)
        replanned = plan(chain_of(priced), gap=1e-9)
        return float(replanned.purchases.filter(offer=offer["offer"])["quantity"].sum())

    cheaper, dearer = bought(1 + turn[0] - 1e-3), bought(1 + turn[0] + 1e-3)
    step = 1e-3 * float(np.median(found.case.model.size[asked.target.columns]))
    if asked.used:
        assert dearer < asked.used - 1e-6 < cheaper + step
    else:
        assert dearer <= step * 1.001
        assert cheaper > 0


@settings(TINY, max_examples=5)
@given(st.randoms(use_true_random=False))
def test_an_option_is_worth_the_best_plan_with_it_less_the_best_without(r: random.Random) -> None:
    rows = plain_rows(r)
    if not rows["options"]:
        return
    found = plan(chain_of(rows), gap=1e-9)
    option = r.choice(rows["options"])
    asked = found.why(option["option"])
    change = asked.less if asked.used else asked.more
    rest = {**rows, "options": [row for row in rows["options"] if row is not option]}
    bare = [{**row, "requires": None} if row.get("requires") == option["option"] else row for row in rest["options"]]
    needed = any(row.get("requires") == option["option"] for row in rows["options"])
    if asked.used and not needed:
        without = plan(chain_of({**rest, "options": bare}), gap=1e-9)
        assert change is not None
        assert found.solution.objective_usd + change.npv_usd == pytest.approx(without.solution.objective_usd, abs=1e-4)
    if not asked.breaks.height or asked.breaks["share"][0] is None:
        return
    share = asked.breaks["share"][0]

    def taken(factor: float) -> bool:
        changed = with_row(rows, "options", {"option": option["option"]}, capex_usd=option["capex_usd"] * factor)
        return option["option"] in plan(chain_of(changed), gap=1e-9).openings["what"].to_list()

    assert taken(max(1 + share - 1e-3, 0.0)) or 1 + share < 1e-3
    assert not taken(1 + share + 1e-3)


def test_a_dearer_offer_is_told_with_what_it_replaces_and_the_price_at_which_it_comes_in() -> None:
    rows = straight()
    rows["offers"].append({"offer": "dear", "site": "v", "item": "cell", "price_usd": 12.0, "valid_from": month(0)})
    asked = plan(chain_of(rows)).why("dear")
    assert asked.more is not None
    assert asked.more.usd_per_unit == pytest.approx(-2)
    assert asked.breaks.filter(kind="purchase")["at_usd"].item() == pytest.approx(10)
    assert "offer dear is not used" in asked.text()
    assert "offer dear" in asked._repr_html_()


def test_a_unit_less_of_a_line_at_its_limit_costs_what_its_hours_bring() -> None:
    rows = straight()
    rows |= line()
    rows["resources"][0] |= {"status": "operating", "hours_per_month": 4.0}
    rows["options"] = []
    asked = plan(chain_of(rows)).why("make")
    assert asked.more is None
    own, hours = asked.rules.filter(what="own"), asked.rules.filter(rule="capacity")
    assert own["usd"].sum() == pytest.approx(5)
    assert hours["usd"].item() == pytest.approx(100 - 28)


def test_what_has_no_way_to_a_customer_says_so() -> None:
    rows = straight()
    rows["sites"].append({"site": "far", "name": "", "kind": "vendor", "country": "US", "calendar": "none"})
    rows["offers"].append({"offer": "far", "site": "far", "item": "cell", "price_usd": 1.0, "valid_from": month(0)})
    rows["offers"].append({"offer": "late", "site": "v", "item": "cell", "price_usd": 1.0, "valid_from": month(9)})
    found = plan(chain_of(rows))
    assert "no lane takes cell from far" in found.why("far", "offers").text()
    assert "after the horizon ends" in found.why("late").text()


def test_what_hangs_on_a_decision_names_it() -> None:
    found = plan(chain_of(straight(**line(capex_usd=1e6))))
    assert found.why("make").reasons == ("the option build is decided otherwise",)
    assert found.why("build").more is not None


def test_a_wrong_name_is_told_with_the_nearest_and_a_name_of_two_tables_asks_which() -> None:
    rows = straight()
    rows["lanes"][0]["lane"] = "o"
    found = plan(chain_of(rows))
    with pytest.raises(ChainError, match="Did you mean 'make'"):
        found.why("mkae")
    with pytest.raises(ChainError, match="offers, lanes"):
        found.why("o")
    assert found.why("o", "lanes").target.table == "lanes"
    with pytest.raises(ChainError, match="Did you mean 'w'"):
        found.why(("m", "ww"))
    assert found.why(("m", "w", "pack")).used == pytest.approx(30)


def test_a_plan_answers_the_same_after_a_journey_and_stays_small() -> None:
    found = plan(chain_of(straight(**line())))
    fresh = len(pickle.dumps(found))
    before = found.why("o").text()
    sent = pickle.dumps(found)
    assert pickle.loads(sent).why("o").text() == before
    assert len(sent) < 1.01 * fresh


def test_every_block_that_the_code_can_add_has_words() -> None:
    missing = []
    for path in (Path(cellroad.plan.__file__).parent).glob("*.py"):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.args:
                words = {"add_columns": COLUMNS, "add_rows": ROWS}.get(call.func.attr, {})
                name = call.args[0]
                if words and isinstance(name, ast.Constant) and name.value not in words:
                    missing.append(f"{path.name}: {name.value}")
    assert not missing, "say them in plan/why/words.py"


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_block_of_the_model_has_words(name: str) -> None:
    chain = load(name)
    net = expand(chain, allowed(chain))
    model = build(net)
    assert model.columns.keys() <= COLUMNS.keys()
    assert model.rows.keys() <= ROWS.keys()
    for blocks, says in ((model.columns, column_says), (model.rows, row_says)):
        for block in blocks.values():
            if block.size:
                assert "{" not in says(net, model, block.first)
    names = column_names(net, model)
    assert names.height == model.cost.size
    assert names.filter(pl.col("table").is_null() | pl.col("what").is_null()).is_empty()


def test_every_kind_of_money_has_a_word() -> None:
    assert set(CASH_KINDS) <= set(KINDS)

"""Duty paid back on what is exported: against every way to share imports out over exports, and by hand."""

import itertools
import random

import pytest
from tests.plan.tiny import Rows, chain_of, month, straight

from cellroad.plan.audit.audit import audit
from cellroad.plan.network.network import UNBOUND
from cellroad.plan.planning import plan

BACK = [{"country": "US", "refund_share": 0.99}]


def exporting(price: float = 200.0, months: int = 1, **changes: object) -> Rows:
    """Return the plainest chain with cells from China, and a second market in Canada that pays so much for a pack."""
    rows = straight(months)
    places = (("v", "vendor", "CN"), ("p", "pack", "US"), ("m", "market", "US"), ("x", "market", "CA"))
    rows["sites"] = [
        {"site": site, "kind": kind, "country": country, "name": "", "calendar": "none"}
        for site, kind, country in places
    ]
    rows["lanes"].append(rows["lanes"][1] | {"lane": "abroad", "destination": "x"})
    rows["demand"] += [row | {"market": "x", "price_usd": price, "quantity": 4.0} for row in rows["demand"]]
    return {**rows, **changes}  # type: ignore[dict-item]


def usd(rows: Rows, kind: str) -> float:
    return float(plan(chain_of(rows), rules=UNBOUND).cash.filter(kind=kind)["usd"].sum())


def test_the_duty_in_what_leaves_comes_back() -> None:
    """10 packs stay and 4 leave, 2 cells each: 8 of 28 cells, at 99 %."""
    rows = exporting(drawbacks=BACK)
    found = plan(chain_of(rows), rules=UNBOUND)
    duty = -found.cash.filter(kind="duty")["usd"].sum()
    assert duty > 0 and audit(found).closes
    assert found.cash.filter(kind="drawback")["usd"].sum() == pytest.approx(0.99 * duty * 8 / 28)


def test_an_export_that_pays_only_with_its_duty_back_is_made() -> None:
    """A pack costs about 2 * (10 + 1 + duty of about 4) + 5 and 1 to bring: for 33 it sells only without the duty."""
    without, with_it = (
        plan(chain_of(exporting(33.0, drawbacks=rows)), rules=UNBOUND).sales.filter(market="x")["quantity"].sum()
        for rows in ([], BACK)
    )
    assert (without, with_it) == (0.0, pytest.approx(4.0))


def test_without_exports_no_duty_comes_back() -> None:
    rows = exporting(1.0)
    plain, ruled = (plan(chain_of({**rows, "drawbacks": back}), rules=UNBOUND) for back in ([], BACK))
    assert ruled.solution.objective_usd == pytest.approx(plain.solution.objective_usd)
    assert ruled.cash.filter(kind="drawback").is_empty()


def test_goods_that_only_pass_through_have_their_duty_back_too() -> None:
    rows = exporting(1.0, drawbacks=BACK)
    rows["wants"] = [*rows["wants"], {"want": "cells", "item": "cell"}]
    rows["demand"].append({"market": "x", "want": "cells", "month": month(0), "quantity": 5.0, "price_usd": 99.0})
    found = plan(chain_of(rows), rules=UNBOUND)
    duty = -found.cash.filter(kind="duty")["usd"].sum()
    assert found.cash.filter(kind="drawback")["usd"].sum() == pytest.approx(0.99 * duty * 5 / 25)


def test_time_runs_out() -> None:
    """What comes in one year and leaves the next has no refund where none is given after the year."""
    rows = exporting(months=14)
    rows["stocks"] = [  # what waits, waits at the plant
        {"site": site, "item": item, "on_hand": 0.0, "max_on_hand": 0.0}
        for site, item in (("v", "cell"), ("x", "pack"))
    ]
    rows["offers"][0]["valid_to"] = month(1)  # all cells of the plan are bought in the first year
    rows["demand"] = [row for row in rows["demand"] if row["market"] == "m" or row["month"].year == 2028]
    assert usd({**rows, "drawbacks": BACK}, "drawback") > 1
    assert usd({**rows, "drawbacks": [BACK[0] | {"years": 0.0}]}, "drawback") == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize("seed", range(6))
def test_no_way_to_share_imports_out_over_exports_brings_more(seed: int) -> None:
    """Two vendors whose cells pay different duty: of every pairing of units in and out, the plan has the best."""
    r = random.Random(seed)
    rows = exporting(drawbacks=BACK)
    rows["sites"].append(rows["sites"][0] | {"site": "w"})
    rows["lanes"].append(rows["lanes"][0] | {"lane": "other", "origin": "w"})
    rows["offers"] = [
        rows["offers"][0] | {"offer": name, "site": name, "price_usd": float(r.randint(5, 15)), "max_per_month": most}
        for name, most in (("v", float(r.randint(4, 20))), ("w", None))
    ]
    out = r.randint(1, 5)
    for row in rows["demand"]:
        row["quantity"] = float(out if row["market"] == "x" else 8)
    found = plan(chain_of(rows), rules=UNBOUND, gap=1e-9)
    units = [
        duty / quantity
        for quantity, duty in found.shipments.filter(item="cell").select("quantity", "duty_usd").iter_rows()
        for _ in range(round(quantity))
    ]
    leave = round(2 * found.sales.filter(market="x")["quantity"].sum())
    chosen = max((sum(pick) for pick in _picks(sorted(units, reverse=True), leave)), default=0.0)
    assert found.cash.filter(kind="drawback")["usd"].sum() == pytest.approx(0.99 * chosen)


def _picks(units: list[float], leave: int) -> list[tuple[float, ...]]:
    """Return ways to choose the units that leave; alike units are one."""
    kinds = sorted(set(units))
    counts = [units.count(kind) for kind in kinds]
    ways = itertools.product(*(range(count + 1) for count in counts))
    return [
        tuple(kind for kind, n in zip(kinds, way, strict=True) for _ in range(n)) for way in ways if sum(way) == leave
    ]

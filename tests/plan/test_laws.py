"""Laws that the plan of every shipped example keeps, worked out from its frames and its tables alone."""

import datetime as dt
from collections import defaultdict

import polars as pl
import pytest

from cellroad.plan.audit.audit import audit
from cellroad.plan.result import Plan
from cellroad.rules.duties import total

NEARLY = 1 + 1e-6


def test_a_plan_is_proved_to_its_gap(example: Plan) -> None:
    solution = example.solution
    assert 0 <= solution.gap <= 1e-3
    assert solution.bound_usd >= solution.objective_usd
    assert solution.bound_usd - solution.objective_usd == pytest.approx(
        solution.gap * abs(solution.objective_usd), rel=1e-6, abs=1e-6
    )


def test_the_audit_closes(example: Plan) -> None:
    found = audit(example)
    assert found.closes, found.frame
    assert found.frame["compared"].sum() > 100


def test_discounted_cash_is_the_net_present_value(example: Plan) -> None:
    assert example.cash["discounted_usd"].sum() == pytest.approx(example.solution.objective_usd, rel=1e-6)


def test_every_kwh_sold_was_made_bought_or_on_hand(example: Plan) -> None:
    keys = ["market", "period"]
    sold = example.sales.group_by(keys).agg(pl.col("kwh").sum()).filter(pl.col("kwh") > 0)
    came = example.origins.group_by(keys).agg(came=pl.col("kwh").sum())
    both = sold.join(came, on=keys, how="full", coalesce=True).fill_null(0.0)
    assert both.height > 0
    assert both["came"].to_numpy() == pytest.approx(both["kwh"].to_numpy(), rel=1e-6)


def test_a_lane_carries_only_the_dangerous_goods_that_it_accepts(example: Plan) -> None:
    lanes = {row["lane"]: row["dg_class"].replace(" ", "").split(";") for row in example.chain.lanes.to_dicts()}
    items = {row["item"]: row["dg_class"] for row in example.chain.items.to_dicts()}
    carried = {(row["lane"], items[row["item"]]) for row in example.shipments.to_dicts()}
    assert carried
    assert not [(lane, klass) for lane, klass in carried if klass is not None and klass not in lanes[lane]]


def test_nothing_is_sold_before_its_campaign_is_ready_or_after_its_certificate_ends(example: Plan) -> None:
    campaigns = example.openings.filter(pl.col("kind") == "certificate")
    wanted = {tuple(key): q for *key, q in example.shortages.select(
        "market", "want", "segment", "period", "wanted").iter_rows()}  # fmt: skip
    spans = {row["period"]: (row["start"], row["end"]) for row in example.periods.to_dicts()}
    ready_days = defaultdict(list)
    for row in campaigns.to_dicts():
        ready_days[row["what"]].append(row["ready"])
    certificates = example.chain.certificates.to_dicts()
    checked = 0
    for sale in example.sales.to_dicts():
        start, end = spans[sale["period"]]
        days = [start + dt.timedelta(days=n) for n in range((end - start).days + 1)]
        allowed = 1.0
        for certificate in (c for c in certificates if c["item"] == sale["item"]):
            assert certificate["status"] != "lapsed"
            if certificate["status"] == "planned":
                assert ready_days[sale["item"]], f"{sale['item']} is sold without a campaign"
                ready = max(ready_days[sale["item"]])
                allowed = min(allowed, sum(day >= ready for day in days) / len(days))
                checked += 1
            if certificate["valid_to"]:
                allowed = min(allowed, sum(day <= certificate["valid_to"] for day in days) / len(days))
        want = wanted[sale["market"], sale["want"], sale["segment"], sale["period"]]
        assert sale["quantity"] <= want * allowed * NEARLY
    assert checked or not any(c["status"] == "planned" for c in certificates)


def test_nothing_is_sold_or_crosses_a_border_in_a_period_that_a_ban_bars(example: Plan) -> None:
    spans = {row["period"]: (row["start"], row["end"]) for row in example.periods.to_dicts()}
    country = dict(example.chain.sites.select("site", "country").iter_rows())

    def barred(ban: dict[str, object], period: int | None) -> bool:
        first, last = ban["valid_from"] or dt.date.min, ban["valid_to"] or dt.date.max
        return period is not None and first <= spans[period][0] and spans[period][1] <= last

    for ban in example.bans.filter(pl.col("counts") == "barred").to_dicts():
        mine = pl.col("item") == ban["item"]
        for row in example.sales.filter(mine & (pl.col("segment") == ban["segment"])).to_dicts():
            assert not barred(ban, row["period"])
        for row in example.shipments.filter(mine).to_dicts():
            leaves, enters = country[row["origin"]], country[row["destination"]]
            if leaves != enters:
                assert ban["binds"] != f"import:{enters}" or not barred(ban, row["arrival_period"])
                assert ban["binds"] != f"export:{leaves}" or not barred(ban, row["period"])
    counted = example.bans.filter(pl.col("answer") == "unknown")["ban"].unique()
    assert all(any(name in words for words in example.remarks) for name in counted)


def test_every_credit_that_is_known_is_earned_or_lost(example: Plan) -> None:
    """What was made under a claim earned at its rate, or is told as lost."""
    for row in example.credits.filter(pl.col("cost_share") == 0).to_dicts():
        earned = row["units"] + row["next_units"]
        assert row["lost_usd"] == pytest.approx((row["made"] - earned) * row["usd_per_unit"], rel=1e-6, abs=1e-3)
        assert row["usd"] == pytest.approx(row["units"] * row["usd_per_unit"], rel=1e-6, abs=1e-3)
        assert row["answer"] != "no" or earned == 0


def test_no_line_works_before_it_is_ready(example: Plan) -> None:
    ready = dict(example.openings.filter(pl.col("kind") == "option").group_by("resource").agg(
        pl.col("ready").min()).iter_rows())  # fmt: skip
    status = dict(example.chain.resources.select("resource", "status").iter_rows())
    ends = dict(example.periods.select("period", "end").iter_rows())
    for run in example.production.filter(pl.col("resource").is_not_null()).to_dicts():
        if status[run["resource"]] != "operating":
            assert ready[run["resource"]] <= ends[run["period"]]


def test_of_a_group_at_most_one_is_taken_and_what_is_required_comes_first(example: Plan) -> None:
    rows = {row["option"]: row for row in example.chain.options.to_dicts()}
    taken = {row["what"]: row["ready"] for row in example.openings.filter(pl.col("kind") == "option").to_dicts()}
    assert len(taken) == example.openings.filter(pl.col("kind") == "option").height
    groups = [rows[name]["one_of"] for name in taken if rows[name]["one_of"]]
    assert len(groups) == len(set(groups))
    for name, ready in taken.items():
        assert rows[name]["earliest"] <= ready
        for needed in (rows[name]["requires"] or "").split(";"):
            if needed.strip():
                assert taken[needed.strip()] <= ready


def test_orders_keep_their_minimum_and_their_monthly_maximum(example: Plan) -> None:
    offers = {row["offer"]: row for row in example.chain.offers.to_dicts()}
    spans = {row["period"]: row for row in example.periods.to_dicts()}
    assert example.purchases.height
    for bought in example.purchases.to_dicts():
        offer, period = offers[bought["offer"]], spans[bought["period"]]
        assert bought["quantity"] >= offer["moq"] * (1 - 1e-6)
        assert offer["valid_from"] <= period["end"]
        assert offer["valid_to"] is None or offer["valid_to"] >= period["start"]
        if offer["max_per_month"] is not None:
            assert bought["quantity"] <= offer["max_per_month"] * period["months"] * NEARLY


def test_duty_is_the_rate_of_the_day_on_the_price_paid() -> None:
    """Only where it can be told from the frames: one rate all period long, one offer at the origin, sold FOB."""
    from tests.plan.conftest import EXAMPLES, planned

    checked = sum(check_duty(planned(name)) for name in EXAMPLES)
    assert checked > 20


def check_duty(plan: Plan) -> int:
    chain = plan.chain
    country = dict(chain.sites.select("site", "country").iter_rows())
    items = {row["item"]: row for row in chain.items.to_dicts()}
    offers = defaultdict(list)
    for row in chain.offers.to_dicts():
        offers[row["site"], row["item"]].append(row)
    made = {(row["site"], row["item"]) for row in chain.processes.to_dicts()}
    spans = {row["period"]: row for row in plan.periods.to_dicts()}
    checked = 0
    for row in plan.shipments.filter(pl.col("arrival_period").is_not_null()).to_dicts():
        origin, destination = country[row["origin"]], country[row["destination"]]
        if origin == destination:
            assert row["duty_usd"] == row["fees_usd"] == row["insurance_usd"] == 0
            continue
        item, key = items[row["item"]], (row["origin"], row["item"])
        period, left = spans[row["arrival_period"]], spans[row["period"]]
        made_in = item["origin"] or origin
        rates = {total(destination, made_in, item["hts"], period[day]).rate_pct / 100 for day in ("start", "end")}
        here = [
            o for o in offers[key] if o["valid_from"] <= left["end"] and (o["valid_to"] or left["end"]) >= left["start"]
        ]
        simple = len(rates) == 1 and len(here) == 1 and key not in made and item["value_usd"] is None
        if not simple or here[0]["incoterm"] != "FOB" or here[0]["price_usd"] is None:
            continue
        assert row["duty_share"] == pytest.approx(rates.pop())
        assert row["duty_usd"] == pytest.approx(row["quantity"] * here[0]["price_usd"] * row["duty_share"], rel=1e-6)
        checked += 1
    return checked


SPENT = ("purchase", "make", "freight", "duty", "fees", "insurance", "holding")


def test_landed_cost_and_what_is_left_carry_all_that_was_spent(example: Plan) -> None:
    """Unit costs by mixing what comes in, period by period, in plain Python: no system of equations."""
    inflow: dict[tuple[str, str, int], list[tuple[float, float, tuple[str, str, int] | None]]] = defaultdict(list)
    spent = 0.0
    for row in example.purchases.to_dicts():
        inflow[row["site"], row["item"], row["period"]].append((row["quantity"], row["cost_usd"], None))
        spent += row["cost_usd"]
    for row in example.chain.stocks.filter(pl.col("on_hand") > 0).to_dicts():
        inflow[row["site"], row["item"], 0].append((row["on_hand"], 0.0, None))
    for row in example.arrivals.to_dicts():
        inflow[row["site"], row["item"], row["period"]].append((row["quantity"], row["due_usd"], None))
        spent += row["due_usd"]
    makers = {row["process"]: row for row in example.chain.processes.to_dicts()}
    for row in example.production.to_dicts():
        inflow[row["site"], row["item"], row["period"]].append((row["good"], row["cost_usd"], None))
        spent += row["cost_usd"]
    for row in example.consumption.to_dicts():
        source = (row["site"], row["item"], row["period"])
        inflow[row["site"], makers[row["process"]]["item"], row["period"]].append((0.0, row["quantity"], source))
    last = example.periods.height - 1
    left: list[tuple[float, tuple[str, str, int]]] = []
    for row in example.shipments.to_dicts():
        source = (row["origin"], row["item"], row["period"])
        if row["arrival_period"] is None:
            left.append((row["quantity"], source))
            continue
        usd = row["freight_usd"] + row["duty_usd"] + row["fees_usd"] + row["insurance_usd"]
        key = (row["destination"], row["item"], row["arrival_period"])
        inflow[key] += [(row["quantity"], usd, None), (0.0, row["quantity"], source)]
        spent += usd
    for row in example.inventory.to_dicts():
        source = (row["site"], row["item"], row["period"])
        if row["period"] == last:
            left.append((row["quantity"], source))
            continue
        key = (row["site"], row["item"], row["period"] + 1)
        inflow[key] += [(row["quantity"], row["holding_usd"], None), (0.0, row["quantity"], source)]
        spent += row["holding_usd"]

    cost: dict[tuple[str, str, int], float] = defaultdict(float)
    by_period = defaultdict(list)
    for key in inflow:
        by_period[key[2]].append(key)
    for period in sorted(by_period):
        for _ in range(12):
            for key in by_period[period]:
                units = sum(quantity for quantity, _, _ in inflow[key])
                usd = sum(value * (cost[source] if source else 1.0) for _, value, source in inflow[key])
                cost[key] = usd / units if units else 0.0
    carried = sum(quantity * cost[source] for quantity, source in left)
    landed = example.landed.filter(pl.col("kind").is_in(SPENT))["usd"].sum()
    assert landed > 0
    assert landed + carried == pytest.approx(spent, rel=1e-6)

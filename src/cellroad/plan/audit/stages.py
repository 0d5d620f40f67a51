"""Do the stages of a plan add up? Lines, fixed cost, budgets and use worked out again from its frames and the chain.

A part of the audit; like all of it, nothing of the model is used.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict

import numpy as np
import polars as pl

from cellroad.chain.column import words_in
from cellroad.plan.options.starting import spending
from cellroad.plan.periods import add_months
from cellroad.plan.result import Plan

SCALED = {"left": pl.Float64, "right": pl.Float64, "scale": pl.Float64}


def checks(plan: Plan) -> dict[str, pl.DataFrame]:
    """Return the checks of stages by name; each frame has left, right and scale."""
    return {
        "stages: no line works before it is there or after it was closed": operation(plan),
        "stages: what is required, excluded, repeated or closed keeps its order": order(plan),
        "budget: no year's investment is above what it may be": budgets(plan),
        "use: a line that runs is used as much as it must be": use(plan),
        "certificates: nothing is sold, and no cell built in, without a proof that holds": certification(plan),
        "certificates: no lab runs more campaigns than it can": laboratories(plan),
    }


def lifetimes(plan: Plan) -> pl.DataFrame:
    """Return every line with the days on which it begins and ends: resource, begins, ends (null: open), usd (fixed per
    month), standing (was there at first)."""
    per_month = pl.col("fixed_usd_per_month")
    closed = plan.openings.filter(pl.col("kind") == "closure").select("resource", ends="ready")
    standing = (
        plan.chain.resources.filter(pl.col("status") == "operating")
        .select("resource", begins="since", usd=per_month, standing=pl.lit(True))
        .join(closed, on="resource", how="left")
    )
    own = plan.chain.options.select("option", per_month).rename({"option": "what"})
    usual = plan.chain.resources.select("resource", usual=per_month)
    built = (
        plan.openings.filter(pl.col("kind") == "option")
        .join(own, on="what", how="left")
        .join(usual, on="resource", how="left")
        .select("resource", begins="ready", usd=pl.coalesce(per_month, "usual"), ends="ends", standing=pl.lit(False))
    )
    columns = ["resource", "begins", "ends", "usd", "standing"]
    return pl.concat([standing.select(columns), built.select(columns)])


def fixed(plan: Plan) -> float:
    """Return the fixed cost of all lines over the horizon, by the months in which each is in operation.

    What stands already counts from the first period that begins after its start.
    """
    total = 0.0
    for begins, ends, usd, counts_whole in lifetimes(plan).select("begins", "ends", "usd", "standing").iter_rows():
        for start, count in plan.periods.select("start", "months").iter_rows():
            for n in range(count):
                month = add_months(start, n)
                there = begins is None or begins <= (start if counts_whole else month)
                total += usd * (there and (ends is None or month < ends))
    return total


def operation(plan: Plan) -> pl.DataFrame:
    """Compare hours used on a resource in a period without any line with zero."""
    days = plan.periods.select("period", "start", "end")
    there = (
        lifetimes(plan)
        .join(days, how="cross")
        .filter(
            (pl.col("begins").is_null() | (pl.col("begins") <= pl.col("end")))
            & (pl.col("ends").is_null() | (pl.col("ends") > pl.col("start")))
        )
        .select("resource", "period")
        .unique()
    )
    made = plan.production.filter(pl.col("resource").is_not_null())
    astray = made.join(there, on=["resource", "period"], how="anti")
    return astray.select(left="runs", right=pl.lit(0.0), scale=pl.lit(1.0))


def order(plan: Plan) -> pl.DataFrame:
    """Count breaches of what options ask of each other; what is ready in the same period is in order."""
    last = plan.periods.select("start", last="end")
    taken = plan.openings.filter(pl.col("kind") == "option").sort("ready")
    taken = taken.join_asof(last, left_on="ready", right_on="start", strategy="backward")
    until = dict(taken.select("ready", "last").iter_rows())
    ready: dict[str, list[dt.date]] = defaultdict(list)
    for what, day in taken.select("what", "ready").iter_rows():
        ready[what].append(day)
    closed = dict(plan.openings.filter(pl.col("kind") == "closure").select("what", "ready").iter_rows())
    rows = {row["option"]: row for row in plan.chain.options.iter_rows(named=True)}
    breaches = 0
    grouped: dict[str, set[str]] = defaultdict(set)
    for what, days in ready.items():
        row, first = rows[what], until[days[0]]
        grouped[row["one_of"] or f"alone {what}"].add(what)
        breaches += len(days) > row["times"]
        breaches += any(not _before(ready, other, first) for other in words_in(row["requires"]))
        some = words_in(row["requires_any"])
        breaches += bool(some) and not any(_before(ready, other, first) for other in some)
        breaches += any(other in ready for other in words_in(row["excludes"]) if other != what)
        breaches += row["replaces"] is not None and not closed.get(row["replaces"], dt.date.max) <= first
    breaches += sum(len(members) > 1 for members in grouped.values())
    ends = plan.openings.filter(pl.col("kind") == "closure")
    breaches += ends.height - ends["resource"].n_unique()
    return pl.DataFrame({"left": [float(breaches)], "right": [0.0], "scale": [1.0]})


def _before(ready: dict[str, list[dt.date]], other: str, day: dt.date) -> bool:
    return other in ready and ready[other][0] <= day


def budgets(plan: Plan) -> pl.DataFrame:
    """Compare what is invested in a year beyond a budget with zero."""
    spent = invested(plan)
    over = (pl.col("spent_usd") - pl.col("capex_usd")).clip(0.0)
    return spent.select(left=over, right=pl.lit(0.0), scale=pl.col("capex_usd").clip(1.0))


def invested(plan: Plan) -> pl.DataFrame:
    """Return what every budget allows and what is spent of it, laid out again from the options: budget, partner, year,
    capex_usd, spent_usd."""
    rows = {row["option"]: row for row in plan.chain.options.iter_rows(named=True)}
    spent: dict[tuple[str | None, int], float] = defaultdict(float)
    for what, decided, ready in (
        plan.openings.filter(pl.col("kind") == "option").select("what", "decided", "ready").iter_rows()
    ):
        months = (ready.year - decided.year) * 12 + ready.month - decided.month
        shares = spending(rows[what]["spend_profile"], months)
        for n, share in enumerate(np.asarray(shares)):
            usd = float(share) * rows[what]["capex_usd"]
            for partner in {None, rows[what]["funded_by"]}:
                spent[partner, add_months(decided, n).year] += usd
    held = plan.chain.budgets.select("budget", "partner", "year", "capex_usd")
    told = [spent[partner, year] for partner, year in held.select("partner", "year").iter_rows()]
    return held.with_columns(spent_usd=pl.Series(told, dtype=pl.Float64))


def use(plan: Plan) -> pl.DataFrame:
    """Compare the use that lines fall short of while they run with zero."""
    least = pl.max_horizontal("min_run_share", "min_use_share")
    shares = plan.chain.resources.select("resource", least=least)
    ran = plan.capacity.filter(pl.col("hours_used") > 0).join(shares.filter(pl.col("least") > 0), on="resource")
    return ran.select(
        left=(pl.col("least") * pl.col("hours_available") - pl.col("hours_used")).clip(0.0), right=pl.lit(0.0),
        scale="hours_available",
    )  # fmt: skip


def certification(plan: Plan) -> pl.DataFrame:
    """Compare with zero what is sold beyond the days on which the certificates of its item hold, and what is made in
    periods on a day of which a certificate of its cells does not hold."""
    held = _held(plan)
    first = plan.periods["start"].min()
    assert isinstance(first, dt.date)
    rows: list[tuple[float, float, float]] = []
    days = {
        period: np.arange((start - first).days, (end - first).days + 1)
        for period, start, end in plan.periods.select("period", "start", "end").iter_rows()
    }
    key = ["market", "want", "segment", "wanted_period"]
    wanted_then = plan.shortages.select("market", "want", "segment", "wanted", wanted_period="period")
    sold = plan.sales.group_by(*key, "period", "item").agg(pl.col("quantity").sum()).join(wanted_then, on=key)
    proofs = plan.chain.certificates.select("item", "standard", "cell").rows()
    for item, period, quantity, wanted in sold.select("item", "period", "quantity", "wanted").iter_rows():
        bound = [proof for proof in proofs if proof[0] == item and not proof[2]]
        rows += [(max(quantity - wanted * held[proof][days[period]].mean(), 0.0), 0.0, wanted) for proof in bound]
    inputs = plan.chain.bom.group_by("process").agg("item")
    made = plan.production.select("process", "item", "period", "runs").join(inputs, on="process", suffix="_in")
    for item, period, runs, taken in made.select("item", "period", "runs", "item_in").iter_rows():
        bound = [proof for proof in proofs if proof[0] == item and set(words_in(proof[2])) & set(taken)]
        rows += [(0.0 if held[proof][days[period]].all() else runs, 0.0, runs) for proof in bound]
    return pl.DataFrame(rows, schema=SCALED, orient="row")


def _held(plan: Plan) -> dict[tuple[str, str, str], np.ndarray]:
    """Return for each certificate on which days of the horizon it holds, as valid already or by its campaigns."""
    first, last = plan.periods["start"].min(), plan.periods["end"].max()
    assert isinstance(first, dt.date) and isinstance(last, dt.date)
    size = (last - first).days + 1
    found = {}
    for row in plan.chain.certificates.iter_rows(named=True):
        holds = np.zeros(size, dtype=bool)
        if row["status"] == "valid":
            holds[: size if row["valid_to"] is None else max((row["valid_to"] - first).days + 1, 0)] = True
        found[row["item"], row["standard"], row["cell"]] = holds
    campaigns = plan.openings.filter(pl.col("kind") == "certificate")
    for item, standard, cell, ready, ends in campaigns.select("what", "standard", "cell", "ready", "ends").iter_rows():
        found[item, standard, cell][(ready - first).days : None if ends is None else max((ends - first).days, 0)] = True
    return found


def laboratories(plan: Plan) -> pl.DataFrame:
    """Compare campaigns that are under way in a lab beyond what it can run at a time with zero."""
    over = (pl.col("running").cast(pl.Float64) - pl.col("at_once")).clip(0.0)
    return occupied(plan).select(left=over, right=pl.lit(0.0), scale=pl.lit(1.0))


def occupied(plan: Plan) -> pl.DataFrame:
    """Return how many campaigns every lab runs at the start of a period: lab, period, running, name, at_once."""
    key = ["item", "standard", "cell"]
    campaigns = plan.openings.filter(pl.col("kind") == "certificate").join(
        plan.chain.certificates.select(*key, "lab"), left_on=["what", "standard", "cell"], right_on=key
    )
    return (
        campaigns.join(plan.periods.select("period", "start"), how="cross")
        .filter((pl.col("decided") <= pl.col("start")) & (pl.col("ready") > pl.col("start")))
        .group_by("lab", "period")
        .len("running")
        .join(plan.chain.labs.select("lab", "name", "at_once"), on="lab")
    )

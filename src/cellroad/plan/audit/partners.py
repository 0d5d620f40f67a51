"""Do the accounts of the partners add up? Worked out again from the frames of a plan and the stakes of its chain.

A part of the audit; like all of it, nothing of the model is used.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import Any

import polars as pl

from cellroad.plan.partners.tax import MACRS
from cellroad.plan.result import Plan

TOLERANCE = 1e-6


def partners(plan: Plan) -> pl.DataFrame:
    """Compare the accounts of all partners with the cash of the chain, by kind and period, and their values with it."""
    key = ["kind", "period"]
    told = plan.accounts.group_by(key).agg(left=pl.col("usd").sum(), scale=pl.col("usd").abs().sum())
    both = told.join(plan.cash.select(*key, right="usd"), on=key, how="full", coalesce=True).fill_null(0.0)
    kinds = both.select("left", "right", scale=pl.max_horizontal("scale", pl.col("right").abs()).max().over("kind"))
    scale = max(float(plan.cash["usd"].abs().max() or 0.0), 1.0)  # type: ignore[arg-type]
    sums = [float(plan.values["free_usd"].sum()), float(plan.partner_cash["free_usd"].sum())]
    total = float(plan.cash["discounted_usd"].sum())
    return pl.concat([kinds, pl.DataFrame({"left": sums, "right": [total] * 2, "scale": [scale] * 2})])


def transfers(plan: Plan) -> pl.DataFrame:
    """Compare what each partner earns and pays for goods that change hands with quantity times price.

    Over the whole plan: what is paid later than goods leave falls in other periods.
    """
    key = ["partner"]
    due = pl.col("quantity") * pl.col("price_usd")
    sides = [plan.transfers.select(partner=side, usd=sign * due) for side, sign in (("seller", 1), ("buyer", -1))]
    left = pl.concat(sides).group_by(key).agg(left=pl.col("usd").sum(), scale=pl.col("usd").abs().sum())
    told = plan.accounts.filter(pl.col("kind") == "transfer").group_by(key).agg(right=pl.col("usd").sum())
    both = left.join(told, on=key, how="full", coalesce=True).fill_null(0.0)
    return both.select("left", "right", scale=pl.col("scale").max().clip(1.0))


def holdings(plan: Plan) -> pl.DataFrame:
    """Compare the cash of each partner with its own and its share of what those have of whom it holds equity.

        usd[k] = own_usd[k] + sum over p of share[k, p] * usd[p]

    The share is the middle of its range for the days on which it holds; the last period, which has the end in it, and
    partners of whom more than all is held, or who hold themselves, are left out.
    """
    held = plan.chain.stakes.filter(pl.col("interest") == "equity").join(plan.periods, how="cross")
    first, last = pl.max_horizontal("start", "valid_from"), pl.min_horizontal("end", pl.coalesce("valid_to", "end"))
    days = ((last - first).dt.total_days() + 1).clip(0) / ((pl.col("end") - pl.col("start")).dt.total_days() + 1)
    share = days * (pl.col("share_min") + pl.col("share_max")) / 2
    stakes = held.select("owner", "owned", "period", share=share)
    whole = stakes.group_by("owned", "period").agg(pl.col("share").sum()).filter(pl.col("share") <= 1 + TOLERANCE)
    below = (
        stakes.join(whole, on=["owned", "period"], how="semi")
        .join(plan.partner_cash.select("period", "usd", owned="partner"), on=["owned", "period"])
        .group_by("period", partner="owner")
        .agg(below=(pl.col("share") * pl.col("usd")).sum())
    )
    over = stakes.join(whole, on=["owned", "period"], how="anti").filter(pl.col("share") > 0)
    rows = plan.partner_cash.join(below, on=["partner", "period"], how="left")
    clear = rows.join(over.select("period", partner="owner"), on=["partner", "period"], how="anti")
    return clear.filter(pl.col("period") < plan.periods["period"].max()).select(
        left=pl.col("own_usd") + pl.col("below").fill_null(0.0), right="usd", scale=pl.col("usd").abs().max().clip(1.0)
    )


def taxes(plan: Plan) -> pl.DataFrame:
    """Compare the tax of each partner and year with a table of profit, losses carried forward and write-off by hand."""
    if plan.chain.taxes.is_empty():
        return pl.DataFrame({"left": [0.0], "right": [0.0], "scale": [1.0]})
    days = [(row["period"], row["start"], row["end"]) for row in plan.periods.iter_rows(named=True)]
    years = range(days[0][1].year, days[-1][2].year + 1)
    parts = {
        (t, year): _days(first, last, year) / ((last - first).days + 1) for t, first, last in days for year in years
    }
    profit: dict[tuple[str, int], float] = defaultdict(float)
    paid: dict[tuple[str, int], float] = defaultdict(float)
    free = ("capex", "end_stock", "end_plant", "penalty", "credit", "tax")
    for partner, kind, period, usd in plan.accounts.select("partner", "kind", "period", "usd").iter_rows():
        for year in years:
            profit[partner, year] += 0.0 if kind in free else usd * parts[period, year]
        if kind == "tax":
            paid[partner, max(year for year in years if parts[period, year] > 0)] -= usd
    for partner, year, usd in _written_off(plan):
        profit[partner, year] -= usd
    rows = []
    for name, country in plan.chain.partners.select("partner", "country").iter_rows():
        carried = 0.0
        for year in years:
            rate, offset = _rate(plan, name, country, year)
            earned = profit[name, year]
            used = min(carried, max(earned, 0.0) * offset)
            base = max(earned, 0.0) - used
            carried += max(-earned, 0.0) - used
            rows.append((rate * base, paid[name, year], max(abs(earned), 1.0)))
    scale = max(row[2] for row in rows)
    return pl.DataFrame(
        [(left, right, scale) for left, right, _ in rows], schema=["left", "right", "scale"], orient="row"
    )


def drawback(plan: Plan) -> pl.DataFrame:
    """Compare duty paid back beyond its part of the duty paid with zero, and any where nothing was exported."""
    rules = plan.chain.drawbacks
    back = float(plan.accounts.filter(pl.col("kind") == "drawback")["usd"].sum())
    if rules.is_empty() or plan.shipments.is_empty():
        return pl.DataFrame({"left": [back], "right": [0.0], "scale": [1.0]})
    country = dict(plan.chain.sites.select("site", "country").iter_rows())
    share = dict(rules.select("country", "refund_share").iter_rows())
    moved = plan.shipments.select("origin", "destination", "duty_usd").iter_rows()
    ends = [(country[a], country[b], usd) for a, b, usd in moved]
    most = sum(share.get(b, 0.0) * usd for _, b, usd in ends)
    leaves = any(a in share and a != b for a, b, _ in ends)
    over = max(back - (most if leaves else 0.0), 0.0)
    return pl.DataFrame({"left": [over], "right": [0.0], "scale": [max(most, 1.0)]})


def _days(first: dt.date, last: dt.date, year: int) -> int:
    begin, end = max(first, dt.date(year, 1, 1)), min(last, dt.date(year, 12, 31))
    return max((end - begin).days + 1, 0)


def _rate(plan: Plan, partner: str, country: str, year: int) -> tuple[float, float]:
    for payer in (partner, country):
        rows = [row for row in plan.chain.taxes.iter_rows(named=True)
                if row["payer"] == payer and row["valid_from"] <= dt.date(year, 1, 1)]  # fmt: skip
        if rows:
            latest = max(rows, key=lambda row: row["valid_from"])
            return latest["rate_share"], latest["loss_share"]
    return 0.0, 1.0


def _written_off(plan: Plan) -> list[tuple[str, int, float]]:
    """Return who writes off how much in which year."""
    options = {row["option"]: row for row in plan.chain.options.iter_rows(named=True)}
    lines = {row["resource"]: row for row in plan.chain.resources.iter_rows(named=True)}
    runs = dict(plan.chain.sites.select("site", "partner").iter_rows())
    found: list[tuple[str, int, float]] = []
    for row in plan.openings.filter(pl.col("kind") == "option").iter_rows(named=True):
        option: dict[str, Any] = options[row["what"]]
        line = lines[option["resource"]]
        payer = option["funded_by"] or line["partner"] or runs[line["site"]] or ""
        if option["depreciation"] == "straight":
            month = row["ready"].replace(day=1)
            months = round(12 * option["life_years"], 9)
            while months > 0:
                part = min(months, 1.0)
                found.append((payer, month.year, row["cost_usd"] * part / (12 * option["life_years"])))
                months -= part
                month = (month + dt.timedelta(days=31)).replace(day=1)
        else:
            for age, share in enumerate(MACRS[option["depreciation"]]):
                found.append((payer, row["ready"].year + age, row["cost_usd"] * share))
    return found

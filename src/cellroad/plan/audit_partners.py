"""Do the accounts of the partners add up? Worked out again from the frames of a plan and the stakes of its chain.

A part of the audit; like all of it, nothing of the model is used.
"""

from __future__ import annotations

import polars as pl

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
    """Compare what each partner earns and pays for goods that change hands with quantity times price."""
    key = ["partner", "period"]
    due = pl.col("quantity") * pl.col("price_usd")
    sides = [
        plan.transfers.select(partner=side, period="period", usd=sign * due)
        for side, sign in (("seller", 1), ("buyer", -1))
    ]
    left = pl.concat(sides).group_by(key).agg(left=pl.col("usd").sum(), scale=pl.col("usd").abs().sum())
    told = plan.accounts.filter(pl.col("kind") == "transfer").select(*key, right="usd")
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

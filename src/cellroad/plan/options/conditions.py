"""Under which conditions may an undertaking be started: after others, instead of others, within a budget?"""

from __future__ import annotations

import numpy as np
import polars as pl

from cellroad.plan.kernel import Block, Builder
from cellroad.plan.network.network import Network


def required(m: Builder, net: Network, start: Block) -> None:
    """An undertaking o starts to work only when one of those that a condition N names does, in every period t.

        sum over s of o ready by t of start[s] <= sum over n of N, s of n ready by t of start[s]

    `requires` gives a condition for each option that it names, `requires_any` one for all of them together, `replaces`
    one for a closure; a further copy of an option or campaign has the copy before it as its condition. Closing later
    what was required does not undo what was started.
    """
    needs = net.starts.needs
    rows = needs.select("undertaking", "condition").unique(maintain_order=True).with_row_index("row")
    told = rows.select("undertaking", "condition").join(net.periods.frame.select("period"), how="cross")
    block = m.add_rows("required", told.height, upper=0.0, index=told)
    starts = net.starts.frame.select("undertaking", "start")
    of = rows.join(starts, on="undertaking").with_columns(factor=pl.lit(1.0))
    needed = (
        rows.select("row", "condition")
        .join(needs.select("condition", undertaking="needed"), on="condition")
        .join(starts, on="undertaking")
        .with_columns(factor=pl.lit(-1.0))
    )
    terms = pl.concat([frame.select("row", "start", "factor") for frame in (of, needed)])
    number, column, factor = (terms[name].to_numpy() for name in ("row", "start", "factor"))
    period, term = np.nonzero(net.ready[:, column])
    m.add_terms(
        block.first + number[term].astype(np.int64) * net.periods.count + period, start.first + column[term],
        factor[term],
    )  # fmt: skip


def excluding(m: Builder, net: Network, start: Block) -> None:
    """Of two options of which one excludes the other at most one is taken.

    sum over s of o of start[s] + sum over s of x of start[s] <= 1
    """
    of = net.starts.excludes
    pairs = of.filter(pl.col("undertaking") != pl.col("other")).with_row_index("row").cast({"row": pl.Int64})
    rows = m.add_rows("excluded", pairs.height, upper=1.0, index=pairs.drop("row"))
    starts = net.starts.frame.select("undertaking", "start")
    for name in ("undertaking", "other"):
        terms = pairs.join(starts, left_on=name, right_on="undertaking")
        m.add_terms(rows.first + terms["row"].to_numpy(), start.first + terms["start"].to_numpy(), 1.0)


def budgeted(m: Builder, net: Network, start: Block) -> None:
    """In a calendar year y no more is invested than a budget b allows.

        sum over the options that b is for, their starts s, of capex[s,y] * start[s] <= budget[b]

    capex[s,y] is what s spends in the months of y, delay included. A budget of a partner is for the options that it
    funds, one without a partner for all.
    """
    spent = spending(net)
    budgets = net.chain.budgets
    rows = m.add_rows("budget", budgets.height, upper=budgets["capex_usd"], index=budgets.select("budget"))
    m.add_terms(rows.first + spent["row"].to_numpy(), start.first + spent["start"].to_numpy(), spent["usd"])


def spending(net: Network) -> pl.DataFrame:
    """Return what each start takes of each budget: row (of budgets), start, usd."""
    funded = net.starts.spend.join(
        net.chain.options.select("option", "funded_by"), on="option", how="left", maintain_order="left"
    )
    budgets = net.chain.budgets.select("partner", "year").with_row_index("row").cast({"row": pl.Int64})
    return (
        budgets.join(funded, on="year")
        .filter(pl.col("partner").is_null() | (pl.col("partner") == pl.col("funded_by")))
        .group_by("row", "start", maintain_order=True)
        .agg(pl.col("usd").sum())
    )

"""The timelines of decisions: by when has an option, a campaign, or one of a group been started?"""

from __future__ import annotations

import polars as pl

from cellroad.plan.network import Network


def members(net: Network) -> pl.DataFrame:
    """Return which starts count for which timeline: group, start, period, cost_usd.

    Every undertaking is a timeline of its own; options of which at most one is taken, and the closures of one
    resource, share another.
    """
    starts = net.starts.frame
    alone = starts.select("start", "period", "cost_usd", group="undertaking")
    grouped = starts.filter(pl.col("one_of").is_not_null())
    together = grouped.select("start", "period", "cost_usd", group=pl.lit("one of ") + pl.col("one_of"))
    return pl.concat([alone, together])

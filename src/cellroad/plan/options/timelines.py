"""The timelines of decisions: by when has an option, a campaign, or one of a group been started?"""

from __future__ import annotations

import polars as pl

from cellroad.plan.network.network import Network


def members(net: Network) -> pl.DataFrame:
    """Return which starts count for which timeline: group, start, period, cost_usd.

    Every undertaking is a timeline of its own; options of which at most one is taken, and the closures of one
    resource, share another. A campaign that may be run again is decided start by start: which of them reach over which
    days is a matrix of intervals, in which a relaxed solution is whole wherever what is sold is settled.
    """
    starts = net.starts.frame
    each = pl.format("{} #{}", "undertaking", "period")
    group = pl.when("again").then(each).otherwise("undertaking")
    alone = starts.select("start", "period", "cost_usd", group=group)
    grouped = starts.filter(pl.col("one_of").is_not_null())
    together = grouped.select("start", "period", "cost_usd", group=pl.lit("one of ") + pl.col("one_of"))
    return pl.concat([alone, together])

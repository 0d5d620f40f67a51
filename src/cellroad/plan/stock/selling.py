"""What markets ask for a day, how much that varies, and how surely it has to be there.

The spread of demand comes from the risks of kind `demand` that touch a market, a want or a segment (the mean and the
spread of a factor on a month's demand); where none does, from the setting `demand_spread`. Days are taken as
independent, so that a month with a coefficient of variation v has

    sd of a day = v * mean of a day * sqrt(days of a month)
"""

from __future__ import annotations

import datetime as dt
import math

import numpy as np
import polars as pl

from cellroad.chain.chain import Chain
from cellroad.plan.result import Plan
from cellroad.plan.stock.links import DAYS_PER_MONTH

BETWEEN = {"day": 1.0, "week": 7.0, "month": DAYS_PER_MONTH}
"""Days from one draw of a factor to the next; what is drawn once or by year is no matter of safety stock."""


def sold(chain: Chain, plan: Plan | None, begin: dt.date, end: dt.date, spread: float) -> pl.DataFrame:
    """Return what is asked for at markets: site, item, mean and sd (units a day).

    With a plan it is what the plan sells from `begin` to `end`; without one, what is wanted, in equal parts of the
    items that satisfy it. `spread` is the coefficient of variation of a month where no risk says.
    """
    days = (end - begin).days + 1
    if plan is not None:
        sales = plan.sales.filter(pl.col("start").is_between(begin, end))
        lines = sales.select(site="market", item="item", want="want", segment="segment", units="units")
    else:
        count = pl.len().over("want")
        share = chain.wants.select("want", "item", each=pl.col("quantity") / count)
        wanted = chain.demand.filter(pl.col("month").is_between(begin, end)).join(share, on="want")
        lines = wanted.select("want", "segment", "item", site="market", units=pl.col("quantity") * pl.col("each"))
    lines = lines.group_by("site", "item", "want", "segment", maintain_order=True).agg(pl.col("units").sum() / days)
    known = _spreads(chain)
    each = [_of(known, row, spread) for row in lines.select("site", "want", "segment").iter_rows()]
    daily = lines.with_columns(variance=(pl.col("units") * pl.Series(each, dtype=pl.Float64)) ** 2)
    return daily.group_by("site", "item", maintain_order=True).agg(
        mean=pl.col("units").sum(), sd=pl.col("variance").sum().sqrt()
    )


def _of(known: list[tuple[str, float, float]], row: tuple[str, str, str], spread: float) -> float:
    """Return the coefficient of variation of a day, from all risks that touch a line."""
    found = [daily for target, daily, _ in known if target in ("*", *row)]
    return math.hypot(*found) if found else spread * math.sqrt(DAYS_PER_MONTH)


def _spreads(chain: Chain) -> list[tuple[str, float, float]]:
    """Return the demand risks: target, coefficient of variation of a day, days between draws."""
    found = []
    for row in chain.risks.filter(pl.col("kind") == "demand").iter_rows(named=True):
        between = BETWEEN.get(row.get("every", "month"))
        numbers = [float(part) for part in row["parameters"].split(";") if part.strip()]
        if between is not None and numbers:
            found.append((row["target"], variation(row["distribution"], numbers) * math.sqrt(between), between))
    return found


def variation(shape: str, numbers: list[float]) -> float:
    """Return the coefficient of variation of a factor: standard deviation over mean. Unknown shapes do not vary."""
    if shape in ("normal", "lognormal"):
        mean, sd = numbers[0], numbers[1]
    elif shape == "uniform":
        mean, sd = (numbers[0] + numbers[1]) / 2, (numbers[1] - numbers[0]) / math.sqrt(12)
    elif shape == "triangular":
        low, likely, high = numbers
        mean = (low + likely + high) / 3
        sd = math.sqrt(max(0.0, low**2 + likely**2 + high**2 - low * likely - low * high - likely * high) / 18)
    else:
        return 0.0
    return sd / mean if mean > 0 else float(np.inf)

"""What does it cost to bring an item over a border, by period of entry?

Duty and fees as shares of the customs value. The duty of an importing country, origin and tariff code is a step
function of the entry date (`rules.duties.schedule`); goods enter evenly over a period, so a period pays its mean.
A duty that the facts do not know counts as the rate they give (zero where they give none) and is told as a remark.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cellroad.chain.chain import Chain
from cellroad.plan.periods import Periods
from cellroad.rules.duties import schedule


@dataclass(frozen=True)
class Border:
    """Duty by crossing: `frame` has importer, origin, hts, tariff (number); `duty` is (tariffs, T + 1) as shares.

    Column T stands for entries after the horizon and repeats the last period.
    """

    frame: pl.DataFrame
    duty: NDArray[np.float64]
    remarks: tuple[str, ...]


def origins(chain: Chain) -> pl.DataFrame:
    """Return the country of origin of every item: item, made_in.

    What the item says, else the one country in which it is offered or made; null where there are several or none,
    and then the country that a lane leaves from counts.
    """
    sites = chain.sites.select("site", "country")
    places = pl.concat([chain.offers.select("item", "site"), chain.processes.select("item", "site")]).unique()
    found = (
        places.join(sites, on="site")
        .group_by("item")
        .agg(pl.col("country").n_unique().alias("countries"), pl.col("country").first())
        .select("item", only=pl.when(pl.col("countries") == 1).then("country"))
    )
    return chain.items.join(found, on="item", how="left").select("item", made_in=pl.coalesce("origin", "only"))


def make_border(crossings: pl.DataFrame, periods: Periods, surcharges: pl.DataFrame | None = None) -> Border:
    """Return the duty of every (importer, origin, hts) among the crossings, by period.

    What `surcharges` suppose is added; together they are never below zero.
    """
    tariffs = (
        crossings.select(importer="country_to", origin="made_in", hts="hts")
        .unique()
        .sort("importer", "origin", "hts", nulls_last=True)
        .with_row_index("tariff")
        .cast({"tariff": pl.Int64})
    )
    rates: list[NDArray[np.float64]] = []
    remarks: list[str] = []
    for importer, origin, hts in tariffs.select("importer", "origin", "hts").iter_rows():
        rate, remark = _duty(importer, origin, hts, periods)
        rates.append(np.maximum(rate + _supposed(importer, origin, hts, periods, surcharges), 0.0))
        if remark:
            remarks.append(remark)
    duty = np.array(rates).reshape(len(rates), periods.count)
    return Border(tariffs, np.concatenate([duty, duty[:, -1:]], axis=1), tuple(remarks))


def _supposed(
    importer: str, origin: str, hts: str | None, periods: Periods, surcharges: pl.DataFrame | None
) -> NDArray[np.float64]:
    """Return what surcharges add, by period."""
    added = np.zeros(periods.count)
    if surcharges is None or importer == origin:
        return added
    for row in surcharges.filter(pl.col("add_share") != 0).iter_rows(named=True):
        meant = row["importer"] in ("", importer) and row["origin"] in ("", origin)
        if meant and (hts or "").startswith(row["hts"]):
            added += row["add_share"] * periods.share_of_days(row["valid_from"], row["valid_to"])
    return added


def _duty(importer: str, origin: str, hts: str | None, periods: Periods) -> tuple[NDArray[np.float64], str]:
    if importer == origin:
        return np.zeros(periods.count), ""
    last = periods.end - dt.timedelta(days=1)
    steps = schedule(importer, origin, hts, periods.start, last)
    daily = np.zeros(int(periods.first_day[-1]))
    unknown = False
    for step in steps.iter_rows(named=True):
        first = max(periods.day_number(step["valid_from"]), 0)
        end = daily.size if step["valid_to"] is None else periods.day_number(step["valid_to"]) + 1
        daily[first : max(end, 0)] = step["rate_share"]
        unknown = unknown or step["state"] == "unknown"
    goods = hts or "goods without tariff code"
    remark = f"duty on {goods} from {origin} into {importer} is not known; counted as {daily.mean():.1%}"
    return periods.mean(daily), remark if unknown else ""

"""Which duty comes back when what was made of imported goods is exported?

A country with a row in `drawbacks` pays back a part of the duty on imported goods when the same goods, or what holds
them, leave it again within some years (the United States: 99 % within five, 19 USC 1313). Goods of one kind stand for
each other (substitution, 1313(b) and (j)): imports of an item are set against what of it is in exports, as the most
that goes into one unit in the processes of the country. Whether a layer of duty may come back at all is the law's: the
part that is paid back is that of the row, on all duty that was paid. Years are calendar years.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cellroad.plan.kernel import Block, Builder
from cellroad.plan.law.credits import content_of
from cellroad.plan.network.arcs import make_inputs

if TYPE_CHECKING:
    from cellroad.plan.network.network import Network

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Drawback:
    """What may come back.

    imports   row, ship, to, country, item, year (of entry), share (of the shipment), duty_usd (per unit that enters)
    refunds   refund, row, limit, usd (per unit), period (of the refund)
    exports   limit, ship, units (of the item in a unit that leaves in the year of the limit)
    limits    limit, country, item, year
    """

    imports: pl.DataFrame
    refunds: pl.DataFrame
    exports: pl.DataFrame
    limits: pl.DataFrame


def make_drawback(net: Network) -> Drawback:
    """Return the refunds of a network: every entry that pays duty with every year of export in its time."""
    chain, periods = net.chain, net.periods
    rules = chain.drawbacks.select("country", "refund_share", "years")
    countries = chain.sites.select("site", "country")
    ships = net.ships.select("ship", "item", "origin", "destination", "period").join(
        countries.rename({"site": "origin", "country": "leaves"}), on="origin", how="left", maintain_order="left"
    )
    ships = ships.join(
        countries.rename({"site": "destination", "country": "enters"}), on="destination", how="left",
        maintain_order="left",
    ).filter(pl.col("leaves") != pl.col("enters"))  # fmt: skip
    parts = _years(net)
    last = parts.group_by("period").agg(year=pl.col("year").max())
    imports = (
        net.lands.filter((pl.col("duty_usd") > 0) & (pl.col("to") < periods.count))
        .join(ships.select("ship", "item", country="enters"), on="ship", maintain_order="left")
        .join(rules, on="country", maintain_order="left")
        .join(last, left_on="to", right_on="period", maintain_order="left")
        .with_row_index("row")
        .cast({"row": pl.Int64})
        .with_columns(each=pl.col("duty_usd") / pl.col("share"))
    )
    content = _content(net, imports)
    leaving = (
        ships.join(rules.select(country="country"), left_on="leaves", right_on="country", how="semi")
        .rename({"item": "carries"})
        .join(content, left_on=["leaves", "carries"], right_on=["country", "item"])
        .join(parts, on="period")
        .select("ship", "year", country="leaves", item="inside", units=pl.col("units") * pl.col("part"))
    )
    key = ["country", "item", "year"]
    limits = leaving.select(key).unique().sort(key).with_row_index("limit").cast({"limit": pl.Int64})
    paid = parts.group_by("year").agg(period=pl.col("period").max())
    refunds = (
        imports.join(limits.rename({"year": "exported"}), on=["country", "item"], maintain_order="left")
        .filter(pl.col("exported").is_between(pl.col("year"), pl.col("year") + pl.col("years")))
        .join(paid, left_on="exported", right_on="year", maintain_order="left")
        .with_row_index("refund")
        .cast({"refund": pl.Int64})
        .select("refund", "row", "limit", "period", usd=pl.col("each") * pl.col("refund_share"))
    )
    exports = leaving.join(limits, on=key).select("limit", "ship", "units")
    entries = imports.select("row", "ship", "to", "country", "item", "year", "share", duty_usd="each")
    return Drawback(entries, refunds, exports, limits)


def refunding(m: Builder, net: Network, ship: Block) -> None:
    """Get duty back on what is exported again, for every entry r that paid it and every year y of export in its time.

        value   + refund_share * duty[r] * discount[t] * refund[r,y]
        sum over y of refund[r,y] <= share[r] * ship[r]
        sum over r of item i of refund[r,y] <= sum over exports h in y of content[i,h] * ship[h]

    duty[r] is per unit that enters, content[i,h] the most units of i in a unit of what h carries; t is the last period
    that touches y. It goes to who paid the duty.
    """
    drawback = make_drawback(net)
    refunds, imports = drawback.refunds, drawback.imports
    column = imports["ship"].to_numpy()[refunds["row"].to_numpy()] if refunds.height else np.zeros(0, np.int64)
    size = net.size(net.ships["node_from"].to_numpy()[column])
    refund = m.add_columns("refund", refunds.height, size_of=size, index=refunds.select("row", "limit", "period"))
    end = net.ships["node_to"].to_numpy()[column] // net.codes.items.height
    owner = net.owners.node[net.ships["node_to"].to_numpy()[column]]
    m.money("drawback", refund.ids, refunds["period"], refunds["usd"], end, np.where(owner >= 0, owner, -1))
    entered = m.add_rows("refund of entry", imports.height, upper=0.0, index=imports.select("row", "item", "to"))
    m.add_terms(entered.first + refunds["row"].to_numpy(), refund.ids, 1.0)
    m.add_terms(entered.ids, ship.first + imports["ship"].to_numpy(), -imports["share"].to_numpy())
    left = m.add_rows("refund of export", drawback.limits.height, upper=0.0, index=drawback.limits)
    m.add_terms(left.first + refunds["limit"].to_numpy(), refund.ids, 1.0)
    exports = drawback.exports
    m.add_terms(
        left.first + exports["limit"].to_numpy(), ship.first + exports["ship"].to_numpy(), -exports["units"].to_numpy()
    )


def _content(net: Network, imports: pl.DataFrame) -> pl.DataFrame:
    """Return the most of each imported item in a unit of an item, in the processes of each country that pays back."""
    chain, codes = net.chain, net.codes
    place = chain.sites.select("site", "country")
    every = make_inputs(chain, codes)
    found = [pl.DataFrame(schema={"item": pl.String, "inside": pl.String, "units": pl.Float64, "country": pl.String})]
    for (country,), rows in imports.group_by("country", maintain_order=True):
        here = place.filter(pl.col("country") == country).select("site")
        processes = chain.processes.join(here, on="site", how="semi").with_columns(node=codes.node())
        inputs = every.join(processes.select("process"), on="process", how="semi")
        inside = content_of(rows["item"].unique().sort(), processes, inputs, codes)
        found.append(inside.with_columns(country=pl.lit(country)))
    return pl.concat(found)


def _years(net: Network) -> pl.DataFrame:
    """Return the part of each period that lies in each calendar year: period, year, part."""
    periods = net.periods
    years = range(periods.start.year, (periods.end - dt.timedelta(days=1)).year + 1)
    frames = [
        pl.DataFrame({"period": np.arange(periods.count), "year": year,
                      "part": periods.share_of_days(dt.date(year, 1, 1), dt.date(year, 12, 31))})
        for year in years
    ]  # fmt: skip
    return pl.concat(frames).filter(pl.col("part") > 0).cast({"year": pl.Int64})

"""Places and ways of a chain as stages: every item at a site is one, and so is what comes from outside.

What comes from outside takes its lead time and holds nothing here. Neither does a place of a vendor, a mine or a port:
what varies before such a place varies where the goods come to next. A place has the spread of its widest way.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from cellroad.plan.stock.pooling import pooled
from cellroad.plan.stock.stages import Floats, Ints, Stages, order

NOWHERE = ("vendor", "mine", "port")
"""Kinds of sites at which no stock of ours is held."""


@dataclass(frozen=True)
class Supplied:
    """A chain as far as safety stock is concerned.

    places  site, item, mean and sd (units a day sold here), safety (factor), promise (days), holding (USD a year for
            one unit), held (whether stock may be held here), sold (whether it is sold here)
    ways    as from `links.ways`, without circles
    """

    places: pl.DataFrame
    ways: pl.DataFrame
    correlation: float

    def stages(self) -> Stages:
        """Return the stages: places in their order, then one for each row of ways from outside."""
        number = self.places.select("site", "item").with_row_index("place").cast({"place": pl.Int64})
        ways = self.ways.join(number, on=["site", "item"], how="left", maintain_order="left").join(
            number.rename({"place": "source"}), left_on=["from_site", "from_item"], right_on=["site", "item"],
            how="left", maintain_order="left",
        )  # fmt: skip
        outside = ways["source"].is_null().to_numpy()
        size, count = number.height, int(outside.sum())
        source = ways["source"].fill_null(0).to_numpy().copy()
        source[outside] = size + np.arange(count)
        arcs = np.stack([source, ways["place"].to_numpy()], axis=1)
        days, units = ways["days"].to_numpy(), (ways["units"] * ways["part"]).to_numpy()
        nothing, beside = np.zeros(size + count), np.zeros(count)
        held = np.append(self.places["held"].to_numpy(), beside.astype(bool))
        bare = Stages(
            arcs=arcs,
            way=np.where(outside, 0.0, days),
            lead=np.append(np.zeros(size), days[outside]),
            spread=nothing, holding=np.where(held, np.append(self.places["holding"].to_numpy(), beside), np.inf),
            factor=nothing, swing=nothing, mean=nothing,
            promise=np.append(self.places["promise"].to_numpy(), np.full(count, np.inf)),
        )  # fmt: skip
        sequence = order(bare)
        mean, sd, safety = (np.append(self.places[name].to_numpy(), beside) for name in ("mean", "sd", "safety"))
        demand = pooled(arcs, units, sequence, mean, sd, safety, self.correlation)
        spread = _spread(arcs, ways["spread"].to_numpy(), sequence, held)
        return Stages(
            arcs, bare.way, bare.lead, spread, bare.holding, demand.factor, demand.swing, demand.mean, bare.promise
        )


def _spread(arcs: Ints, spread: Floats, sequence: list[int], held: NDArray[np.bool_]) -> Floats:
    """Return the standard deviation of what each place waits for: its widest way, with what varies before it."""
    widest = np.zeros(len(sequence))
    for stage in sequence:
        at = np.flatnonzero(arcs[:, 1] == stage)
        if at.size:
            before = np.where(held[arcs[at, 0]], 0.0, widest[arcs[at, 0]])
            widest[stage] = np.hypot(spread[at], before).max()
    return np.where(held, widest, 0.0)


def without_circles(ways: pl.DataFrame) -> tuple[pl.DataFrame, list[str]]:
    """Return ways in which nothing supplies itself, and the names of those that were left out: the least used."""
    left_out: list[str] = []
    while True:
        ends = pl.concat([ways.select("site", "item"), ways.select(site="from_site", item="from_item")]).unique(
            maintain_order=True
        )
        number = ends.with_row_index("place").cast({"place": pl.Int64})
        joined = ways.join(number, on=["site", "item"], how="left", maintain_order="left").join(
            number.rename({"place": "source"}), left_on=["from_site", "from_item"], right_on=["site", "item"],
            how="left", maintain_order="left",
        )  # fmt: skip
        inside = joined["source"].is_not_null().to_numpy()
        source, place = joined["source"].fill_null(0).to_numpy(), joined["place"].to_numpy()
        graph = coo_array((np.ones(int(inside.sum())), (source[inside], place[inside])), shape=(ends.height,) * 2)
        _, group = connected_components(graph, connection="strong")
        circular = inside & (group[source] == group[place])
        if not circular.any():
            return ways, left_out
        part = np.where(circular, ways["part"].to_numpy(), np.inf)
        gone = ways.row(int(part.argmin()), named=True)
        left_out.append(gone["way"])
        same = (pl.col("way") == gone["way"]) & (pl.col("item") == gone["item"]) & (pl.col("site") == gone["site"])
        ways = ways.filter(~same)

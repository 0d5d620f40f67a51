"""What happened to goods over time, as frames: arrivals, co-products, returns, substitutions, scrap, reserves, ages."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cellroad.plan.goods.comebacks import DAYS_PER_MONTH
from cellroad.plan.goods.scrapping import kept_shares
from cellroad.plan.goods.shelf import CELL, aged_cells, fresh_places
from cellroad.plan.kernel import Model
from cellroad.plan.network.network import Network
from cellroad.plan.rounded import positive

Floats = NDArray[np.float64]


def told(net: Network, model: Model, values: Floats) -> dict[str, pl.DataFrame]:
    """Return the frames of goods over time from a solution vector."""
    starts = net.periods.frame.select("period", "start")

    def dated(frame: pl.DataFrame) -> pl.DataFrame:
        return frame.join(starts, on="period", maintain_order="left")

    return {
        "arrivals": dated(arrivals(net)),
        "coproducts": dated(coproducts(net, model, values)),
        "returned": dated(returned(net, model, values)),
        "substitutions": dated(substitutions(net, model, values)),
        "scrapped": dated(scrapped(net, model, values)),
        "reserves": dated(reserves(net, model, values)),
        "ages": dated(ages(net, model, values)),
    }


def _block(model: Model, name: str, values: Floats) -> Floats:
    """Return the values of a block of columns, none where the model has none of that name."""
    return model.columns[name].of(values) if name in model.columns else np.zeros(0)


def _placed(net: Network) -> tuple[pl.Expr, pl.Expr]:
    """Return the site and the item of a node."""
    return net.codes.site_of(pl.col("node")).alias("site"), net.codes.item_of(pl.col("node")).alias("item")


def arrivals(net: Network) -> pl.DataFrame:
    """Return what arrived by itself: arrival, lane, site, item, period, quantity, due_usd."""
    return net.goods.arrivals.select(
        "arrival", "lane", "site", "item", "period", "quantity", due_usd=pl.col("due_usd") * pl.col("quantity")
    )


def coproducts(net: Network, model: Model, values: Floats) -> pl.DataFrame:
    """Return what came out beside the main items: process, site, item, period, quantity."""
    runs = _block(model, "make", values)[net.goods.beside["make"].to_numpy()]
    size = net.size(net.goods.beside["node"])
    made = positive(net.goods.beside.rename({"quantity": "each"}), runs, size, "runs")
    given = made.with_columns(*_placed(net), quantity=pl.col("runs") * pl.col("each"))
    return given.group_by("process", "site", "item", "period", maintain_order=True).agg(pl.col("quantity").sum())


def returned(net: Network, model: Model, values: Floats) -> pl.DataFrame:
    """Return what came back of what was sold: market, item, site, returned, period, quantity, cost_usd."""
    sold = positive(
        net.sells.select(sell=pl.int_range(pl.len())), _block(model, "sell", values), net.sells["wanted"].to_numpy(),
        "sold",
    )  # fmt: skip
    return (
        net.goods.returns.join(sold, on="sell", maintain_order="left")
        .group_by("market", "item", "site", "returned", period="to", maintain_order=True)
        .agg((pl.col("quantity", "cost_usd") * pl.col("sold")).sum())
    )


def substitutions(net: Network, model: Model, values: Floats) -> pl.DataFrame:
    """Return what stood in for what: process, site, instead_of, item, period, replaced, quantity, cost_usd."""
    swaps = net.goods.swaps
    found = positive(swaps, _block(model, "swap", values), net.size(swaps["node_to"]), "replaced")
    return found.select(
        "process", "site", "instead_of", "item", "period", "replaced",
        quantity=pl.col("replaced") * pl.col("ratio"), cost_usd=pl.col("replaced") * pl.col("cost_usd"),
    )  # fmt: skip


def scrapped(net: Network, model: Model, values: Floats) -> pl.DataFrame:
    """Return what left unsold: site, item, period, reason (expired, unused, lost), quantity, cost_usd.

    Expired is what could not have been kept to the next period for its age, lost what storage took.
    """
    scraps = net.goods.scraps
    left = positive(scraps, _block(model, "scrap", values), net.size(scraps["node"]), "quantity")
    cells = aged_cells(net)
    aged = positive(cells, _block(model, "aged scrap", values), net.size(cells["node"]), "quantity")
    keeps = fresh_places(net).filter("keeps").select(CELL)
    expired = aged.join(keeps, on=CELL, how="anti").group_by("node", "period").agg(expired=pl.col("quantity").sum())
    told = left.join(expired, on=["node", "period"], how="left", maintain_order="left").with_columns(
        expired=pl.min_horizontal(pl.col("expired").fill_null(0.0), "quantity")
    )
    where = net.balances
    on = where.period < net.periods.count - 1
    gone = 1 - kept_shares(net)[where.node[on], where.period[on] + 1]
    held = pl.DataFrame({"node": where.node[on], "period": where.period[on] + 1, "gone": gone})
    lost = positive(held, _block(model, "hold", values)[on] * gone, net.size(where.node[on]), "quantity")
    free = pl.lit(0.0).alias("scrap_usd")
    parts = [
        told.select("node", "period", "scrap_usd", quantity="expired", reason=pl.lit("expired")),
        told.select(
            "node", "period", "scrap_usd", quantity=pl.col("quantity") - pl.col("expired"), reason=pl.lit("unused")
        ),
        lost.select("node", "period", free, "quantity", reason=pl.lit("lost")),
    ]
    frame = pl.concat(parts)
    real = frame["quantity"].to_numpy() > 1e-9 * net.size(frame["node"])
    return (
        frame.filter(pl.Series(real, dtype=pl.Boolean))
        .with_columns(*_placed(net))
        .select("site", "item", "period", "reason", "quantity", cost_usd=pl.col("quantity") * pl.col("scrap_usd"))
        .sort("site", "item", "period", "reason")
    )


def reserves(net: Network, model: Model, values: Floats) -> pl.DataFrame:
    """Return how a least stock was kept: site, item, period, held, below, penalty_usd."""
    asked = net.goods.reserves
    row = net.balances.row[asked["node"].to_numpy(), asked["period"].to_numpy()]
    below = _block(model, "below", values)
    clean = np.where(below > 1e-9 * net.size(asked["node"]), below, 0.0)
    return asked.with_columns(
        held=pl.Series(_block(model, "hold", values)[row], dtype=pl.Float64).clip(0.0),
        below=pl.Series(clean, dtype=pl.Float64),
    ).select(
        "site", "item", "period", "min_units", "min_days", "held", "below",
        penalty_usd=pl.col("below") * pl.col("below_usd"),
    )  # fmt: skip


def ages(net: Network, model: Model, values: Floats) -> pl.DataFrame:
    """Return how old stock is that can expire: site, item, period, made (a day), age_months, shelf_months, quantity.

    `quantity` is held at the end of the period; the age is that of the period after, in which it is used first.
    """
    held = fresh_places(net).filter("keeps").select(CELL)
    stock = positive(held, _block(model, "aged hold", values), net.size(held["node"]), "quantity")
    found = (
        stock.join(net.goods.cohorts.born.select("cohort", "born"), on="cohort", maintain_order="left")
        .join(net.goods.cohorts.life, on="node", maintain_order="left")
        .join(net.periods.middles.select("period", "next"), on="period", maintain_order="left")
    )
    days = (found["born"] * DAYS_PER_MONTH).floor().cast(pl.Int64).to_list()
    made = pl.Series("made", [net.periods.start + dt.timedelta(days=day) for day in days], dtype=pl.Date)
    return found.with_columns(made, *_placed(net)).select(
        "site", "item", "period", "made", "quantity", age_months=pl.col("next") - pl.col("born"), shelf_months="months"
    )

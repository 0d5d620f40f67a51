"""What is loaded, and what does a lane or a place take? Containers, shipments and limits by mass.

A container is filled by mass and, where item and lane say so, by volume; a unit fills the larger part. What leaves on
a lane in a period is one shipment. Nothing here adds a column or a row where no lane or site asks for it.
"""

from __future__ import annotations

import numpy as np
import polars as pl
import scipy.sparse as sp
from numpy.typing import NDArray

from cellroad.plan.kernel import Block, Builder, Model
from cellroad.plan.network.network import AMPLE, Network
from cellroad.plan.transport.cargo import with_loads

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
WHOLE = 1e-6
"""Part of a container that a solver's tolerance may leave over."""
ANY, GENERAL, DANGEROUS, WITH_DANGEROUS = "any", "general", "dangerous", "with dangerous"
"""Kinds of containers: of lanes that mix (any, and those that hold dangerous goods), and of lanes that do not."""


def kinds(cargo: pl.DataFrame) -> pl.DataFrame:
    """Return every container that a shipment of a lane with whole containers counts in: its rows, cargo, each_usd.

    Where dangerous goods travel apart, each kind is paid with its own price; where they mix, every container pays the
    freight and those with dangerous goods in them the surcharge on top.
    """
    whole = cargo.filter(pl.col("whole") & pl.col("ours"))
    apart = whole.filter("apart").with_columns(
        cargo=pl.when("dangerous").then(pl.lit(DANGEROUS)).otherwise(pl.lit(GENERAL)),
        each_usd=pl.col("cost_usd") + pl.when("dangerous").then("dg_usd").otherwise(0.0),
    )
    mixed = whole.filter(~pl.col("apart"))
    every = mixed.with_columns(cargo=pl.lit(ANY), each_usd="cost_usd")
    marked = mixed.filter(pl.col("dangerous") & (pl.col("dg_usd") > 0))
    marked = marked.with_columns(cargo=pl.lit(WITH_DANGEROUS), each_usd="dg_usd")
    return pl.concat([apart, every, marked])


def containers(m: Builder, net: Network, ship: Block) -> None:
    """Pay for every started container c of a lane with whole containers, in every period, however full it is.

        value   - (cost + surcharge where dangerous) * discount[t] * containers[c,t]
        sum over h of kg[h] * ship[h] <= container_kg * containers[c,t]
        sum over h of litres[h] * ship[h] <= container_l * containers[c,t];  containers[c,t] is whole

    Dangerous goods have containers of their own where the lane keeps them apart; where it does not, all goods share
    containers and as many of them pay the surcharge as the dangerous goods alone would fill.
    """
    placed = kinds(net.cargo)
    groups = placed.select("lane", "cargo", "period", "destination", "each_usd").unique(maintain_order=True)
    groups = groups.sort("lane", "cargo", "period").with_row_index("group").cast({"group": pl.Int64})
    told = groups.select("lane", "cargo", "period")
    if groups.is_empty():
        return
    count = m.add_columns("containers", groups.height, whole=True, index=told)
    there = groups["destination"].replace_strict(net.codes.sites["site"], net.codes.sites["code"]).to_numpy()
    m.money("freight", count.ids, groups["period"], -groups["each_usd"], there)
    placed = placed.join(groups.select("lane", "cargo", "period", "group"), on=["lane", "cargo", "period"])
    for measure, other in (("by_mass", "by_volume"), ("by_volume", "by_mass")):
        binding = placed.filter((pl.col(measure) > pl.col(other)).any().over("group"))
        chosen = binding["group"].unique().sort()
        rows = m.add_rows(f"containers {measure}", chosen.len(), lower=0.0, index=told[chosen])
        m.add_terms(rows.ids, count.first + chosen.to_numpy(), 1.0)
        m.add_terms(
            rows.first + chosen.search_sorted(binding["group"]).to_numpy(),
            ship.first + binding["ship"].to_numpy(),
            -binding[measure],
        )


def shipments(m: Builder, net: Network, ship: Block) -> None:
    """A shipment is at least the lane's minimum, or none, and has its fixed cost, in every period.

        value   - shipment_usd * discount[t] * shipment[lane,t]
        min_shipment_kg * shipment[lane,t] <= sum over h of kg[h] * ship[h]
        ship[h] <= most[h] * shipment[lane,t];  shipment[lane,t] is 0 or 1

    most[h] is more than could be of use, and never less than the minimum.
    """
    lots = net.cargo.filter((pl.col("min_shipment_kg") > 0) | (pl.col("shipment_usd") > 0))
    groups = lots.select("lane", "period", "destination", "min_shipment_kg", "shipment_usd").unique(maintain_order=True)
    groups = groups.sort("lane", "period").with_row_index("group").cast({"group": pl.Int64})
    told = groups.select("lane", "period")
    if groups.is_empty():
        return
    sent = m.add_columns("shipment", groups.height, upper=1.0, whole=True, index=told)
    there = groups["destination"].replace_strict(net.codes.sites["site"], net.codes.sites["code"]).to_numpy()
    m.money("freight", sent.ids, groups["period"], -groups["shipment_usd"], there)
    lots = lots.join(groups.select("lane", "period", "group"), on=["lane", "period"], maintain_order="left")
    column, group = ship.first + lots["ship"].to_numpy(), lots["group"].to_numpy()
    least = groups.filter(pl.col("min_shipment_kg") > 0)
    rows = m.add_rows("shipment least", least.height, lower=0.0, index=least.select("lane", "period"))
    m.add_terms(rows.ids, sent.first + least["group"].to_numpy(), -least["min_shipment_kg"])
    place = np.full(groups.height, -1, dtype=np.int64)
    place[least["group"].to_numpy()] = rows.ids
    heavy = place[group] >= 0
    m.add_terms(place[group][heavy], column[heavy], lots["kg"].to_numpy()[heavy])
    rows = m.add_rows("shipment most", lots.height, upper=0.0, index=lots.select("lane", "item", "period"))
    m.add_terms(rows.ids, column, 1.0)
    m.add_terms(rows.ids, sent.first + group, -most(net, lots))


def most(net: Network, cargo: pl.DataFrame) -> Floats:
    """Return more than could be of use of each shipment: stock on hand and ample demand, or the least shipment."""
    ample = AMPLE * net.useful[cargo["node_from"].to_numpy(), cargo["period"].to_numpy()]
    stock = net.nodes.group_by("item").agg(pl.col("on_hand").sum())
    held = cargo.select("item").join(stock, on="item", how="left", maintain_order="left")["on_hand"].fill_null(0.0)
    least = cargo.select((pl.col("min_shipment_kg") / pl.col("kg")).fill_nan(0.0)).to_series().to_numpy()
    return np.asarray(np.maximum(ample + held.to_numpy(), np.where(np.isfinite(least), least, 0.0)))


def limits(m: Builder, net: Network, ship: Block, hold: Block) -> None:
    """A lane takes only so much in a period, a site handles only so much, and stores only so much dangerous goods.

        sum over h on the lane of kg[h] * ship[h] <= max_kg_per_month * months[t]      likewise dangerous goods
        sum over h on the lane of containers that h fills <= max_containers_per_month * months[t]
        sum over h that leave the site of kg[h] * ship[h] <= max_kg_per_month * months[t]
        sum over h and t of share[h,u] * kg[h] * ship[h] <= max_kg_per_month * months[u]     what arrives there in u
        sum over dangerous n at the site of kg[n] * hold[n,t] <= max_dg_kg                   likewise energy

    So several lanes share a port or a warehouse. A lane with whole containers counts those that it pays for.
    """
    limited = lane_limits(net.cargo)
    _row_per_period(m, net, "lane limit", limited, ship.first + limited["ship"].to_numpy(), "lane")
    counted = m.columns.get("containers")
    if counted is not None:
        most = net.chain.lanes.select("lane", most="max_containers_per_month").drop_nulls()
        paid = counted.index.with_row_index("column").filter(pl.col("cargo") != WITH_DANGEROUS)
        paid = paid.join(most, on="lane", maintain_order="left").with_columns(limit=pl.lit("paid"), amount=pl.lit(1.0))
        _row_per_period(m, net, "container limit", paid, counted.first + paid["column"].to_numpy(), "lane")
    handled = site_limits(net)
    _row_per_period(m, net, "site limit", handled, ship.first + handled["ship"].to_numpy(), "site")
    stored = storage_limits(net)
    _row_per_period(m, net, "storage limit", stored, hold.first + stored["hold"].to_numpy(), "site", scaled=False)


def lane_limits(cargo: pl.DataFrame) -> pl.DataFrame:
    """Return the limits that a shipment counts in: ship, lane, period, limit, amount (per unit), most (per month)."""
    at = ["ship", "lane", "period"]
    free = pl.col("max_containers_per_month").is_not_null() & ~pl.col("whole")
    filled = {measure: cargo.filter(free & (pl.col(measure) > 0)) for measure in ("by_mass", "by_volume")}
    return pl.concat(
        [
            cargo.select(*at, limit=pl.lit("kg"), amount="kg", most="max_kg_per_month"),
            cargo.filter("dangerous").select(*at, limit=pl.lit("dg_kg"), amount="kg", most="max_dg_kg_per_month"),
            *(part.select(*at, limit=pl.lit(measure), amount=measure, most="max_containers_per_month")
              for measure, part in filled.items()),
        ]
    ).drop_nulls("most")  # fmt: skip


def site_limits(net: Network) -> pl.DataFrame:
    """Return what a shipment counts at sites that handle only so much: ship, site, period, limit, amount, most."""
    sites = net.chain.sites.select("site", most="max_kg_per_month").drop_nulls()
    cargo = net.cargo.select("ship", "origin", "destination", "period", "kg")
    leaving = cargo.join(sites, left_on="origin", right_on="site")
    arriving = cargo.join(sites, left_on="destination", right_on="site").join(net.lands, on="ship")
    arriving = arriving.filter(pl.col("to") < net.periods.count)
    return pl.concat(
        [
            leaving.select("ship", "period", "most", site="origin", limit=pl.lit("leaves"), amount="kg"),
            arriving.select(
                "ship", "most", period="to", site="destination", limit=pl.lit("arrives"),
                amount=pl.col("kg") * pl.col("share"),
            ).select("ship", "period", "most", "site", "limit", "amount"),
        ]
    )  # fmt: skip


def storage_limits(net: Network) -> pl.DataFrame:
    """Return what stock counts at sites that store only so much dangerous goods: hold, site, period, limit, amount."""
    sites = net.chain.sites.select("site", "max_dg_kg", "max_dg_kwh")
    sites = sites.filter(pl.any_horizontal(pl.col("max_dg_kg", "max_dg_kwh").is_not_null()))
    items = net.chain.items.filter(pl.col("dg_class").is_not_null()).select("item", "mass_kg", "kwh")
    nodes = net.nodes.select("node", "site", "item").join(sites, on="site").join(items, on="item")
    held = net.balances.index.with_row_index("hold").join(nodes, on="node", maintain_order="left")
    at = ["hold", "site", "period"]
    return pl.concat(
        [
            held.select(*at, limit=pl.lit("dg_kg"), amount="mass_kg", most="max_dg_kg"),
            held.select(*at, limit=pl.lit("dg_kwh"), amount="kwh", most="max_dg_kwh"),
        ]
    ).drop_nulls("most")


def _row_per_period(
    m: Builder, net: Network, name: str, terms: pl.DataFrame, columns: Ints, of: str, scaled: bool = True
) -> None:
    """Add a row for every (lane or site, limit, period): sum of amount * column <= most, by the month where scaled."""
    if terms.is_empty():
        return
    key = [of, "limit", "period"]
    limits = terms.select(*key, "most").unique().sort(key).with_row_index("row").cast({"row": pl.Int64})
    months = net.periods.months[limits["period"].to_numpy()] if scaled else 1
    rows = m.add_rows(name, limits.height, upper=limits["most"].to_numpy() * months, index=limits.select(key))
    placed = terms.join(limits.select(*key, "row"), on=key, maintain_order="left")["row"].to_numpy()
    m.add_terms(rows.first + placed, columns, terms["amount"])


def paid(net: Network, model: Model, values: Floats, shipped: pl.DataFrame) -> pl.DataFrame:
    """Return what each shipment carries of the containers and shipments that are paid as a whole: ship, paid_usd.

    A container is shared by what its goods load, a shipment by mass. `shipped` has ship and the units shipped.
    """
    cargo = net.cargo.join(shipped.select("ship", "shipped"), on="ship", maintain_order="left")
    parts = [pl.DataFrame(schema={"ship": pl.Int64, "paid_usd": pl.Float64})]
    if "containers" in model.columns:
        load = pl.col("shipped") * pl.max_horizontal("by_mass", "by_volume")
        counted = _counted(model, values, "containers")
        parts.append(_shared(kinds(cargo), counted, pl.col("number") * pl.col("each_usd"), load))
    if "shipment" in model.columns:
        lots = cargo.filter(pl.col("shipment_usd") > 0)
        parts.append(
            _shared(lots, _counted(model, values, "shipment"), pl.col("shipment_usd"), pl.col("kg") * pl.col("shipped"))
        )
    return pl.concat(parts).group_by("ship").agg(pl.col("paid_usd").sum())


def filled(model: Model, values: Floats) -> Floats:
    """Return a solution without containers that nothing fills, which a search may leave that ends at a wide gap.

    containers[c,t] = the least whole number that holds what is sent, where a container costs anything
    """
    count = model.columns.get("containers")
    if count is None:
        return values
    needed = np.zeros(count.size)
    for measure in ("by_mass", "by_volume"):
        rows = model.rows.get(f"containers {measure}")
        if rows is not None:
            part = sp.csr_array(model.matrix[rows.ids])
            own = sp.coo_array(part[:, count.ids])
            load = (own @ count.of(values) - part @ values)[own.row]
            needed[own.col] = np.maximum(needed[own.col], load)
    least = np.clip(np.ceil(needed - WHOLE), model.lower[count.ids], count.of(values))
    values = values.copy()
    values[count.ids] = np.where(model.cost[count.ids] >= 0, least, count.of(values))
    return values


def _counted(model: Model, values: Floats, block: str) -> pl.DataFrame:
    """Return the whole numbers of a block with what they stand for."""
    found = model.columns[block]
    return found.index.with_columns(number=pl.Series(np.round(found.of(values))))


def _shared(placed: pl.DataFrame, counted: pl.DataFrame, usd: pl.Expr, load: pl.Expr) -> pl.DataFrame:
    """Share money among the goods of a container or shipment by what they load; evenly where they load nothing."""
    key = [name for name in counted.columns if name != "number"]
    total = load.sum().over(key)
    share = pl.when(total > 0).then(load / total).otherwise(1 / pl.len().over(key))
    return placed.join(counted.filter(pl.col("number") > 0), on=key).select("ship", paid_usd=usd * share)


def told(net: Network, model: Model, values: Floats, shipped: pl.DataFrame) -> pl.DataFrame:
    """Return what is loaded on each lane in each period.

    Gives lane, cargo, period, kg, dg_kg, litres (of what is known), filled (containers that the load fills) and, where
    freight is paid by the container, containers and freight_usd; null elsewhere.
    """
    cargo = with_loads(shipped, net.chain).with_columns(cargo=pl.lit(ANY))
    placed = kinds(cargo)
    other = cargo.join(placed.select("ship"), on="ship", how="anti").with_columns(
        each_usd=pl.lit(None, dtype=pl.Float64)
    )
    frame = pl.concat([placed, other.select(placed.columns)])
    kg = pl.col("shipped") * pl.col("kg")
    loaded = frame.group_by("lane", "cargo", "period", "each_usd").agg(
        kg=kg.sum(),
        dg_kg=kg.filter("dangerous").sum(),
        litres=(pl.col("shipped") * pl.col("volume_l")).sum(),
        filled=pl.max_horizontal(*((pl.col("shipped") * pl.col(by)).sum() for by in ("by_mass", "by_volume"))),
    )
    if "containers" in model.columns:
        loaded = loaded.join(_counted(model, values, "containers"), on=["lane", "cargo", "period"], how="left")
    else:
        loaded = loaded.with_columns(number=pl.lit(None, dtype=pl.Float64))
    return loaded.sort("lane", "period", "cargo").select(
        "lane", "cargo", "period", "kg", "dg_kg", "litres", "filled", containers="number",
        freight_usd=pl.col("number") * pl.col("each_usd"),
    )  # fmt: skip

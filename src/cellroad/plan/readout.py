"""From the values of columns back to frames that a person can read."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cellroad.plan.buying.contracts import beside_purchases, contract_frame
from cellroad.plan.buying.sourcing import sourcing_frame
from cellroad.plan.buying.tiers import rebates, tier_frame
from cellroad.plan.goods.told import substitutions, told
from cellroad.plan.kernel import Model
from cellroad.plan.model import end_value, holding_usd
from cellroad.plan.network.network import Network
from cellroad.plan.network.worth import finite
from cellroad.plan.options import closing
from cellroad.plan.rounded import NOTHING
from cellroad.plan.rounded import positive as _positive
from cellroad.plan.transport import containers

Floats = NDArray[np.float64]


def frames(net: Network, model: Model, values: Floats) -> dict[str, pl.DataFrame]:
    """Return the flow frames of a plan (all but landed, origins and cash) from a solution vector."""
    starts = net.periods.frame.select("period", "start")
    taken = taken_starts(net, model.columns["start"].of(values))
    clean = cleaned(model, values)
    contracts, tiers = contract_frame(net, clean), tier_frame(net, clean)
    return {
        "periods": net.periods.frame.drop("days"),
        "purchases": _purchases(net, clean, contracts, tiers).join(starts, on="period", maintain_order="left"),
        "contracts": contracts,
        "tiers": tiers.drop("group"),
        "sourcing": sourcing_frame(net, clean),
        "production": _production(net, model, values).join(starts, on="period", maintain_order="left"),
        "consumption": _consumption(net, model, values).join(starts, on="period", maintain_order="left"),
        "shipments": _shipments(net, model, values),
        "loads": _loads(net, model, values).join(starts, on="period", maintain_order="left"),
        "inventory": _inventory(net, model, values).join(starts, on="period", maintain_order="left"),
        "sales": _sales(net, model, values).join(starts, on="period", maintain_order="left"),
        "shortages": _shortages(net, model, values).join(starts, on="period", maintain_order="left"),
        "openings": _openings(net, taken),
        "capacity": _capacity(net, model, values, taken).join(starts, on="period", maintain_order="left"),
        "ends": _ends(net, model, values, taken),
        **told(net, model, values),
        **claims(net, model, values),
        "bans": net.bans,
    }


def taken_starts(net: Network, values: Floats) -> pl.DataFrame:
    """Return the starts that a solution takes, with ends (the day from which it no longer works or holds; null: none)
    and recovered_usd; what a closure has ended is worth nothing at the end."""
    taken = net.starts.frame.filter(pl.Series(values > 0.5, dtype=pl.Boolean))
    begins = net.periods.frame.select(last="start", **{"from": "period"})
    ended = closing.ended(net, taken).join(begins, on="from").select("recovered_usd", "last", start="built")
    paid = net.chain.closures.select("value_usd", what="closure", kind=pl.lit("closure"))
    lapses = pl.lit(net.periods.start) + pl.duration(days=pl.col("until_day"))
    return (
        taken.join(ended, on="start", how="left", maintain_order="left")
        .join(paid, on=["what", "kind"], how="left", maintain_order="left")
        .with_columns(
            residual_usd=pl.when(pl.col("last").is_null()).then("residual_usd").otherwise(0.0),
            recovered_usd=pl.coalesce("recovered_usd", "value_usd", pl.lit(0.0)),
            ends=pl.coalesce("last", lapses),
        )
        .drop("last", "value_usd")
    )


def fixed_cost(net: Network, taken: pl.DataFrame) -> pl.DataFrame:
    """Return what lines cost whether they work or not: resource, period, usd (income positive)."""
    running = net.starts.cash.filter(pl.col("kind") == "fixed").join(taken.select("start", "resource"), on="start")
    saved = closing.saving(net, closing.ended(net, taken))
    return pl.concat([part.select("resource", "period", "usd") for part in (net.fixed, running, saved)])


def cleaned(model: Model, values: Floats) -> dict[str, Floats]:
    """Return the values of each block of columns, with roundings of zero as zero."""
    clean = np.where(values > NOTHING * np.maximum(model.size, 1e-12), values, 0.0)
    return {name: block.of(clean) for name, block in model.columns.items()}


def _purchases(
    net: Network, columns: Mapping[str, Floats], contracts: pl.DataFrame, tiers: pl.DataFrame
) -> pl.DataFrame:
    bought = net.buys.with_columns(
        quantity=pl.Series(columns["buy"]),
        rebate_usd=pl.Series(rebates(net, tiers, columns["buy"])),
        not_taken_usd=pl.Series(beside_purchases(net, contracts, columns["buy"])),
    ).filter(pl.col("quantity") > 0)
    return bought.with_columns(cost_usd=pl.col("quantity") * pl.col("price_usd")).select(
        "offer",
        "site",
        "item",
        "period",
        "order_by",
        "quantity",
        "price_usd",
        "cost_usd",
        "rebate_usd",
        "not_taken_usd",
    )


def _made(net: Network, model: Model, values: Floats) -> pl.DataFrame:
    made = _positive(net.makes, model.columns["make"].of(values), net.size(net.makes["node"]), "runs")
    return made.with_columns(site=net.codes.site_of(pl.col("node")), item=net.codes.item_of(pl.col("node")))


def _production(net: Network, model: Model, values: Floats) -> pl.DataFrame:
    earned = _earned(net, model, values).group_by("make").agg(credit_usd=pl.col("usd").sum())
    made = _made(net, model, values).join(earned, on="make", how="left", maintain_order="left")
    return made.select(
        "process", "site", "item", "resource", "period", "runs",
        good=pl.col("runs") * pl.col("yield_share"),
        hours=pl.col("runs") * pl.col("hours_per_unit"),
        cost_usd=pl.col("runs") * pl.col("cost_usd"),
        credit_usd=pl.col("credit_usd").fill_null(0.0),
    )  # fmt: skip


def _consumption(net: Network, model: Model, values: Floats) -> pl.DataFrame:
    made = _made(net, model, values).select("make", "process", "site", "period", "runs")
    used = net.uses.join(made, on="make").with_columns(item=net.codes.item_of(pl.col("node")))
    used = used.select("process", "site", "item", "period", quantity=pl.col("runs") * pl.col("quantity"))
    swapped = substitutions(net, model, values)
    if swapped.height:
        keys = ["process", "site", "item", "period"]
        relieved = swapped.select("process", "site", "period", item="instead_of", quantity=-pl.col("replaced"))
        parts = [used, relieved.select(used.columns), swapped.select(used.columns)]
        used = pl.concat(parts).group_by(keys, maintain_order=True).agg(pl.col("quantity").sum())
        used = used.filter(pl.col("quantity") > 0)
    return used.sort("process", "item", "period")


def _shipments(net: Network, model: Model, values: Floats) -> pl.DataFrame:
    shipped = _positive(net.ships, model.columns["ship"].of(values), net.size(net.ships["node_from"]), "shipped")
    when = net.periods.frame.select("period", "start")
    paid = containers.paid(net, model, values, shipped)
    landed = (
        shipped.join(paid, on="ship", how="left", maintain_order="left")
        .with_columns(freight_usd=pl.col("freight_usd") + (pl.col("paid_usd") / pl.col("shipped")).fill_null(0.0))
        .join(net.lands, on="ship")
        .join(when, on="period")
        .join(when.rename({"period": "to", "start": "arrival"}), on="to", how="left")
        .with_columns(quantity=pl.col("shipped") * pl.col("share"))
        .sort("lane", "item", "period", "to")
    )
    return landed.select(
        "lane", "origin", "destination", "item", "period", "start",
        arrival_period=pl.when(pl.col("to") < net.periods.count).then("to"),
        arrival="arrival", quantity="quantity",
        freight_usd=pl.col("quantity") * pl.col("freight_usd"),
        duty_usd=pl.col("shipped") * pl.col("duty_usd"),
        fees_usd=pl.col("shipped") * pl.col("fees_usd"),
        insurance_usd=pl.col("quantity") * pl.col("insurance_usd"),
        duty_share="duty_share",
    )  # fmt: skip


def _loads(net: Network, model: Model, values: Floats) -> pl.DataFrame:
    shipped = _positive(net.ships, model.columns["ship"].of(values), net.size(net.ships["node_from"]), "shipped")
    return containers.told(net, model, values, shipped)


def _held(net: Network, model: Model, values: Floats) -> pl.DataFrame:
    where = net.balances
    grid = pl.DataFrame({"node": where.node, "period": where.period}).with_columns(
        value=pl.Series(finite(net.worth[where.node, where.period])),
        holding=pl.Series(holding_usd(net, where.node, where.period)),
        end=pl.Series(end_value(net, where.node)),
    )
    return _positive(grid, model.columns["hold"].of(values), net.size(where.node), "quantity").with_columns(
        site=net.codes.site_of(pl.col("node")), item=net.codes.item_of(pl.col("node"))
    )


def _inventory(net: Network, model: Model, values: Floats) -> pl.DataFrame:
    return _held(net, model, values).select(
        "site", "item", "period", "quantity",
        value_usd=pl.col("quantity") * pl.col("value"), holding_usd=pl.col("quantity") * pl.col("holding"),
    )  # fmt: skip


def _sales(net: Network, model: Model, values: Floats) -> pl.DataFrame:
    sold = _positive(net.sells, model.columns["sell"].of(values), net.sells["wanted"].to_numpy(), "quantity")
    return sold.join(net.chain.items.select("item", "kwh"), on="item", maintain_order="left").select(
        "market", "want", "segment", "item", "period", "quantity", "price_usd",
        units=pl.col("quantity") * pl.col("units"),
        kwh=pl.col("quantity") * pl.col("units") * pl.col("kwh"),
        revenue_usd=pl.col("quantity") * pl.col("price_usd"),
        wanted_period="wanted_period",
        late_usd=pl.col("quantity") * pl.col("late_usd"),
    )  # fmt: skip


def _shortages(net: Network, model: Model, values: Floats) -> pl.DataFrame:
    short = model.columns["short"].of(values)
    clean = np.where(short > NOTHING * net.wanted["wanted"].to_numpy(), short, 0.0)
    return net.wanted.with_columns(quantity=pl.Series(clean)).select(
        "market", "want", "segment", "period", "wanted", "quantity",
        penalty_usd=pl.col("quantity") * pl.col("short_usd"),
    )  # fmt: skip


def _openings(net: Network, taken: pl.DataFrame) -> pl.DataFrame:
    options = pl.concat(
        [
            net.chain.options.select(what="option", option_name="name", kind=pl.lit("option")),
            net.chain.closures.select(what="closure", option_name="name", kind=pl.lit("closure")),
        ]
    )
    places = net.chain.resources.select("resource", "site")
    items = net.chain.items.select(what="item", item_name="name")
    return (
        taken.join(options, on=["what", "kind"], how="left", maintain_order="left")
        .join(items, on="what", how="left", maintain_order="left")
        .join(places, on="resource", how="left", maintain_order="left")
        .sort("decided", "kind", "what")
        .select(
            "kind", "what",
            name=pl.when(pl.col("kind") == "certificate")
            .then(pl.format("{} for {}", "standard", "item_name"))
            .otherwise("option_name"),
            site="site", resource="resource", decided="decided", ready="ready", cost_usd="cost_usd",
            residual_usd="residual_usd", planned="planned", ends="ends", recovered_usd="recovered_usd",
            standard="standard", cell="cell",
        )
    )  # fmt: skip


def _capacity(net: Network, model: Model, values: Floats, taken: pl.DataFrame) -> pl.DataFrame:
    chosen = taken["start"].implode()
    there = net.lines.filter((pl.col("start") < 0) | pl.col("start").is_in(chosen))
    lost = closing.cuts(net, closing.pairs(net)).filter(pl.col("closing").is_in(chosen))
    available = there.join(lost, on=["batch", "start"], how="anti")
    used = (
        _made(net, model, values)
        .group_by("resource", "period")
        .agg(hours_used=(pl.col("runs") * pl.col("hours_per_unit")).sum())
    )
    return (
        available.group_by("resource", "period")
        .agg(hours_available=pl.col("hours").sum())
        .join(used, on=["resource", "period"], how="left")
        .join(net.chain.resources.select("resource", "site"), on="resource")
        .with_columns(pl.col("hours_used").fill_null(0.0))
        .sort("resource", "period")
        .select(
            "resource", "site", "period", "hours_available", "hours_used",
            use_share=pl.col("hours_used") / pl.col("hours_available"),
        )
    )  # fmt: skip


def _ends(net: Network, model: Model, values: Floats, taken: pl.DataFrame) -> pl.DataFrame:
    last = net.periods.count - 1
    stock = _held(net, model, values).filter(pl.col("period") == last)
    stock = stock.select("item", "quantity", what=pl.lit("stock"), where="site", usd=pl.col("quantity") * pl.col("end"))
    shipped = _positive(net.ships, model.columns["ship"].of(values), net.size(net.ships["node_from"]), "shipped")
    value = pl.Series("end", end_value(net, shipped["node_from"].to_numpy()))
    outside = shipped.with_columns(value).join(net.lands.filter(pl.col("to") > last), on="ship")
    transit = outside.select(
        "item", quantity=pl.col("shipped") * pl.col("share"), what=pl.lit("transit"), where="lane",
        usd=pl.col("shipped") * pl.col("share") * pl.col("end"),
    )  # fmt: skip
    plant = taken.filter(pl.col("residual_usd") > 0).select(
        item=pl.lit(None, dtype=pl.String), quantity=pl.lit(1.0), what=pl.lit("plant"), where="what",
        usd="residual_usd",
    )  # fmt: skip
    order = ["what", "where", "item", "quantity", "usd"]
    return pl.concat([part.select(order) for part in (stock, transit, plant)])


def cash(net: Network, model: Model, values: Floats) -> pl.DataFrame:
    """Return money by kind and period, income positive: kind, period, start, usd, discounted_usd.

    Value at the end stands in the last period and is discounted from the end of the horizon.
    """
    return (
        model.ledger.moved(values)
        .with_columns(pl.col("period").clip(0, net.periods.count - 1))
        .group_by("kind", "period")
        .agg(pl.col("usd", "discounted_usd").sum())
        .filter(pl.col("usd") != 0)
        .join(net.periods.frame.select("period", "start"), on="period")
        .sort("period", "kind")
        .select("kind", "period", "start", "usd", "discounted_usd")
    )


def claims(net: Network, model: Model, values: Floats) -> dict[str, pl.DataFrame]:
    """Return what was earned and lost of every credit on what was made, and the materials behind each ratio."""
    made = _made(net, model, values).select("make", "runs")
    runs = net.credits.runs.join(made, on="make", maintain_order="left").with_columns(pl.col("runs") * pl.col("part"))
    materials = _materials(net, runs)
    earned = _earned(net, model, values)
    same_year = pl.col("year") == pl.col("sold")
    by_claim = earned.group_by("claim").agg(
        units=pl.col("units").filter(same_year).sum(),
        next_units=pl.col("units").filter(~same_year).sum(),
        usd=pl.col("usd").filter(same_year).sum(),
        next_usd=pl.col("usd").filter(~same_year).sum(),
    )
    used = earned.group_by("run").agg(pl.col("earning").sum())
    frame = (
        runs.join(used, on="run", how="left", maintain_order="left")
        .with_columns(idle=pl.col("runs") - pl.col("earning").fill_null(0.0))
        .with_columns(pl.when(pl.col("idle") > NOTHING * pl.col("runs")).then("idle").otherwise(0.0))
        .group_by("claim", maintain_order=True)
        .agg(made=(pl.col("runs") * pl.col("good")).sum(), lost_usd=(pl.col("idle") * pl.col("usd")).sum())
        .join(net.credits.claims, on="claim", maintain_order="left")
        .join(by_claim, on="claim", how="left", maintain_order="left")
        .join(_ratios(net.credits.claims, materials), on="claim", how="left", maintain_order="left")
        .with_columns(pl.col("units", "next_units", "usd", "next_usd").fill_null(0.0))
    )
    return {"credits": _told(frame), "materials": materials.drop("claim")}


def _earned(net: Network, model: Model, values: Floats) -> pl.DataFrame:
    """Return the runs that earn: run, claim, make, year, sold (year), earning (runs), units (good), usd."""
    sold = net.credits.limits.select("limit", sold="year")
    runs = net.credits.earning.join(net.credits.runs.drop("usd"), on="run", maintain_order="left")
    runs = runs.join(sold, on="limit", maintain_order="left")
    size = net.size(net.makes["node"].gather(runs["make"]))
    earning = _positive(runs, model.columns["credit"].of(values), size, "earning")
    return earning.select(
        "run", "claim", "make", "year", "sold", "earning",
        units=pl.col("earning") * pl.col("good"), usd=pl.col("earning") * pl.col("usd"),
    )  # fmt: skip


def _materials(net: Network, runs: pl.DataFrame) -> pl.DataFrame:
    """Return what the runs of each claim with a ratio took in, at standard cost, and what it counts as."""
    used = runs.select("claim", "make", "period", "runs").join(net.uses, on="make", maintain_order="left")
    each = finite(net.worth[used["node"].to_numpy(), used["period"].to_numpy()])
    taken = (
        used.with_columns(
            quantity=pl.col("runs") * pl.col("quantity"),
            input=net.codes.item_of(pl.col("node")),
        )
        .with_columns(usd=pl.col("quantity") * pl.Series(each, dtype=pl.Float64))
        .group_by("claim", "input")
        .agg(pl.col("quantity", "usd").sum())
    )
    claims = net.credits.claims.select("claim", "process", "site", "credit", "program", "component", "year")
    return (
        net.credits.materials.select("claim", "input", "barred", "allowed")
        .join(taken, on=["claim", "input"], maintain_order="left")
        .join(claims, on="claim", maintain_order="left")
        .select(
            "claim", "process", "site", "credit", "program", "component", "year", "input", "quantity", "usd", "barred",
            "allowed",
        )
    )  # fmt: skip


def _ratios(claims: pl.DataFrame, materials: pl.DataFrame) -> pl.DataFrame:
    """Return the share of allowed material of the runs that are looked at together, as it counts and as it may be.

    Gives claim, ratio, lowest (what is unknown barred), highest (what is unknown allowed).
    """
    usd, barred = pl.col("usd"), pl.col("barred")
    together = claims.select("claim", together=pl.coalesce("group", -1 - pl.col("claim")))
    sums = (
        materials.join(together, on="claim")
        .group_by("together")
        .agg(
            whole=usd.sum(),
            ratio=usd.filter("allowed").sum(),
            lowest=usd.filter(barred == "no").sum(),
            highest=usd.filter(barred != "yes").sum(),
        )
        .filter(pl.col("whole") > 0)
        .with_columns(pl.col("ratio", "lowest", "highest") / pl.col("whole"))
    )
    return together.join(sums, on="together").drop("together", "whole")


def _told(frame: pl.DataFrame) -> pl.DataFrame:
    """Say of each credit whether it may be claimed, all told, and why it was earned or lost."""
    yes, asked = pl.col("answer") == "yes", pl.col("least_share") * (1 - 1e-9)
    short = yes & (pl.col("ratio") < asked)
    percent = [(100 * pl.col(name)).round(1) for name in ("ratio", "least_share")]
    return frame.with_columns(
        answer=pl.when(yes & (pl.col("highest") < asked))
        .then(pl.lit("no"))
        .when(yes & (pl.col("lowest") < asked))
        .then(pl.lit("unknown"))
        .otherwise("answer"),
        because=pl.when(short)
        .then(pl.format("{} % of material cost comes from makers that are not barred; {} % is asked", *percent))
        .when(yes & (pl.col("lost_usd") > 0))
        .then(pl.lit("more was made than was sold and claimed that year and the next"))
        .otherwise("because"),
    ).select(
        "process", "site", "item", "taxpayer", "credit", "program", "component", "year", "made", "units", "next_units",
        "usd", "next_usd", "lost_usd", "usd_per_unit", "cost_share", "ratio", "least_share", "group", "answer",
        "because", "confidence",
    )  # fmt: skip

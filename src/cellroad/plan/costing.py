"""What did each sold kWh cost, and where did it come from? Average costing over the whole plan.

Everything of an item that is at a site in a period is one pool with one unit cost: what came in, at what it cost, over
how much came in. Pools feed each other (stock carried over, goods shipped, inputs consumed), so the unit costs solve

    (diag(quantity in) - flow between pools) . cost = money spent on what came in,

one sparse system for all kinds of cost at once, and with the energy of each source or with emissions instead of money,
for origins and footprints.
Nothing is lost: what is sold, what is left and what is under way carry exactly what was spent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse.linalg import SuperLU, splu

from cellroad.chain.chain import Chain
from cellroad.plan import emissions
from cellroad.plan.result import CARBON_KINDS, COST_KINDS

Floats = NDArray[np.float64]
Frames = dict[str, pl.DataFrame]
POOL = ["site", "item", "period"]
AT_ONCE = 64
"""Sources that are followed through all pools at a time: what is dense in memory."""


@dataclass(frozen=True)
class Pools:
    """Unit costs of every pool: `frame` has site, item, period, pool; `cost` is (pools, kinds) in USD per unit.

    `energy` is (pools, sources) in kWh, sparse, as a pool draws on few of all sources; `carbon` (pools, CARBON_KINDS)
    in kg CO2e, both per unit.
    """

    frame: pl.DataFrame
    cost: Floats
    energy: sp.csr_array
    carbon: Floats
    sources: pl.DataFrame


def cost_pools(chain: Chain, found: Frames, opening: pl.DataFrame, fixed: pl.DataFrame) -> Pools:
    """Return the unit cost of every pool by kind, and the energy of each source in it.

    opening  site, item, period, quantity, usd: what came by itself, stock on hand first, at its book value
    fixed    resource, period, usd (negative): fixed cost, charged by the hour to what was made in the period
    """
    made = _made(chain, found, fixed)
    arrivals = found["shipments"].filter(pl.col("arrival_period").is_not_null())
    stock = found["inventory"].with_columns(next=pl.col("period") + 1)
    inflow = pl.concat(
        [
            found["purchases"].select(*POOL, units="quantity"),
            made.select(*POOL, units="good"),
            arrivals.select(site="destination", item="item", period="arrival_period", units="quantity"),
            stock.select("site", "item", period="next", units="quantity"),
            found["scrapped"].filter(pl.col("reason") == "lost").select(*POOL, units=-pl.col("quantity")),
            opening.select(*POOL, units="quantity"),
            found["returned"].select("site", "period", item="returned", units="quantity").select(*POOL, "units"),
        ]
    )
    last = int(found["periods"]["period"].max())  # type: ignore[arg-type]
    pools = (
        inflow.filter(pl.col("period") <= last)
        .group_by(POOL)
        .agg(pl.col("units").sum())
        .filter(pl.col("units") > 0)
        .sort(POOL)
        .with_row_index("pool")
        .cast({"pool": pl.Int64})
    )
    size = pools.height
    link = _links(pools, made, found["consumption"], arrivals, stock)
    system = sp.diags_array(pools["units"].to_numpy()) - sp.coo_array(
        (link["quantity"].to_numpy(), (link["to"].to_numpy(), link["pool"].to_numpy())), shape=(size, size)
    )
    spent = _spent(pools, found, made, arrivals, stock, opening)
    sources, energy = _energy(chain, pools, found, made, opening)
    carbon = _carbon(chain, pools, found, opening)
    if not size:
        return Pools(pools, spent, sp.csr_array(energy), carbon, sources)
    factors = splu(sp.csc_matrix(system))
    solved = factors.solve(np.hstack([spent, carbon]))
    kinds = spent.shape[1]
    return Pools(pools, solved[:, :kinds], _followed(factors, energy), solved[:, kinds:], sources)


def _followed(factors: SuperLU, energy: sp.csc_array) -> sp.csr_array:
    """Return the energy of each source in a unit of each pool, from what each source puts into each pool."""
    parts = [np.arange(at, min(at + AT_ONCE, energy.shape[1])) for at in range(0, energy.shape[1], AT_ONCE)]
    found = [sp.csc_array(factors.solve(energy[:, part].toarray())) for part in parts]
    return sp.csr_array(sp.hstack(found)) if found else sp.csr_array(energy.shape)


def landed(found: Frames, pools: Pools) -> pl.DataFrame:
    """Return what the sold energy cost: market, item, period, start, kind, usd, kwh, usd_per_kwh."""
    return (
        _by_kind(_sold(found, pools), pools.cost, COST_KINDS, "usd")
        .filter(pl.col("usd").abs() > 1e-9)
        .group_by("market", "item", "period", "start", "kind")
        .agg(pl.col("usd").sum(), pl.col("kwh").sum())
        .with_columns(usd_per_kwh=pl.when(pl.col("kwh") > 0).then(pl.col("usd") / pl.col("kwh")))
        .sort("market", "item", "period", "kind")
        .select("market", "item", "period", "start", "kind", "usd", "kwh", "usd_per_kwh")
    )


def _by_kind(sold: pl.DataFrame, carried: Floats, kinds: Sequence[str], name: str) -> pl.DataFrame:
    """Return what sales carry of each kind that a pool holds per unit: a row for each sale and kind."""
    parts = [
        sold.select(
            "market", "item", "period", "start", "kwh", kind=pl.lit(kind),
            **{name: pl.col("units") * pl.Series(carried[sold["pool"], column])},
        )
        for column, kind in enumerate(kinds)
    ]  # fmt: skip
    return pl.concat(parts)


def footprint(found: Frames, pools: Pools) -> pl.DataFrame:
    """Return what the sold energy has emitted, as far as it is known: market, item, period, start, kind, kg, kwh,
    kg_per_kwh."""
    return (
        _by_kind(_sold(found, pools), pools.carbon, CARBON_KINDS, "kg")
        .filter(pl.col("kg").abs() > 1e-12)
        .with_columns(kg_per_kwh=pl.when(pl.col("kwh") > 0).then(pl.col("kg") / pl.col("kwh")))
        .sort("market", "item", "period", "kind")
        .select("market", "item", "period", "start", "kind", "kg", "kwh", "kg_per_kwh")
    )


def origins(found: Frames, pools: Pools) -> pl.DataFrame:
    """Return where the sold energy came from: market, how, site, item, stage, period, start, kwh."""
    sold = _sold(found, pools)
    energy = pools.energy[sold["pool"].to_numpy()].tocoo()
    total = np.bincount(energy.row, energy.data, sold.height)[energy.row]
    share = np.divide(energy.data, total, out=np.zeros(energy.nnz), where=total > 0)
    kept = share > 1e-9
    row, source = pl.Series(energy.row[kept]), pl.Series(energy.col[kept])
    return (
        sold[row]
        .select("market", "period", "start", kwh=pl.col("kwh") * pl.Series(share[kept]))
        .hstack(pools.sources[source].select("how", "site", "item", "stage"))
        .group_by("market", "how", "site", "item", "stage", "period", "start")
        .agg(pl.col("kwh").sum())
        .sort("market", "how", "site", "item", "period")
        .select("market", "how", "site", "item", "stage", "period", "start", "kwh")
    )


def _sold(found: Frames, pools: Pools) -> pl.DataFrame:
    sales = found["sales"].group_by("market", "item", "period", "start").agg(pl.col("units", "kwh").sum())
    return sales.join(pools.frame, left_on=["market", "item", "period"], right_on=POOL, suffix="_pool").sort(
        "market", "item", "period"
    )


def _made(chain: Chain, found: Frames, fixed: pl.DataFrame) -> pl.DataFrame:
    """Return all that came out of runs with its part of what they cost, fixed cost of the line by hours used.

    Gives process, site, item, period, good, part (of what the runs took in), cost_usd, fixed_usd, credit_usd. The main
    item carries what its co-products do not, and all credits.
    """
    hours = found["production"].group_by("resource", "period").agg(total=pl.col("hours").sum())
    rate = (
        fixed.group_by("resource", "period")
        .agg(usd=-pl.col("usd").sum())
        .join(hours.filter(pl.col("total") > 0), on=["resource", "period"])
        .select("resource", "period", rate=pl.col("usd") / pl.col("total"))
    )
    main = (
        found["production"]
        .join(rate, on=["resource", "period"], how="left", maintain_order="left")
        .with_columns(fixed_usd=pl.col("hours") * pl.col("rate").fill_null(0.0), part=pl.lit(1.0))
        .select("process", *POOL, "good", "part", "cost_usd", "fixed_usd", "credit_usd")
    )
    worked = found["substitutions"].select("process", "period", usd="cost_usd")
    if worked.height:  # goes with the first row of its runs
        spent = worked.group_by("process", "period").agg(pl.col("usd").sum())
        first = pl.int_range(pl.len()).over("process", "period") == 0
        main = main.join(spent, on=["process", "period"], how="left", maintain_order="left")
        main = main.with_columns(pl.col("cost_usd") + pl.when(first).then(pl.col("usd").fill_null(0.0)).otherwise(0.0))
        main = main.drop("usd")
    if found["coproducts"].is_empty():
        return main
    shares = chain.coproducts.select("process", "item", "cost_share")
    carried = shares.group_by("process").agg(beside=pl.col("cost_share").sum())
    cost = ["cost_usd", "fixed_usd"]
    runs = main.group_by("process", "period").agg(pl.col(*cost).sum())
    beside = (
        found["coproducts"]
        .join(shares, on=["process", "item"], maintain_order="left")
        .join(runs, on=["process", "period"], maintain_order="left")
        .select(
            "process", *POOL, good="quantity", part="cost_share", credit_usd=pl.lit(0.0),
            **{name: pl.col(name) * pl.col("cost_share") for name in cost},
        )
    )  # fmt: skip
    main = main.join(carried, on="process", how="left", maintain_order="left").with_columns(
        pl.col("part", *cost) * (1 - pl.col("beside").fill_null(0.0))
    )
    return pl.concat([main.drop("beside"), beside.select(main.drop("beside").columns)])


def _links(
    pools: pl.DataFrame, made: pl.DataFrame, used: pl.DataFrame, arrivals: pl.DataFrame, stock: pl.DataFrame
) -> pl.DataFrame:
    """Return the flows from pool to pool: pool (from), to, quantity in units of the pool it leaves."""
    here, there = pools.select("pool", *POOL), pools.select("site", "item", "period", to="pool")
    output = made.select("process", "site", "period", "part", made_item="item").unique()
    consumed = (
        used.join(output, on=["process", "site", "period"])
        .join(here, on=POOL)
        .join(there, left_on=["site", "made_item", "period"], right_on=POOL)
        .with_columns(pl.col("quantity") * pl.col("part"))
    )
    moved = arrivals.join(here, left_on=["origin", "item", "period"], right_on=POOL).join(
        there, left_on=["destination", "item", "arrival_period"], right_on=POOL
    )
    kept = stock.join(here, on=POOL).join(there, left_on=["site", "item", "next"], right_on=POOL)
    return pl.concat([part.select("pool", "to", "quantity") for part in (consumed, moved, kept)])


def _spent(
    pools: pl.DataFrame,
    found: Frames,
    made: pl.DataFrame,
    arrivals: pl.DataFrame,
    stock: pl.DataFrame,
    opening: pl.DataFrame,
) -> Floats:
    """Return the money spent on what came into each pool: shape (pools, kinds)."""
    at_end = {"site": "destination", "item": "item", "period": "arrival_period"}
    flows = [
        ("purchase", found["purchases"].select(*POOL, usd="cost_usd")),
        ("rebate", found["purchases"].select(*POOL, usd=-pl.col("rebate_usd"))),
        ("not_taken", found["purchases"].select(*POOL, usd="not_taken_usd")),
        ("purchase", found["arrivals"].select(*POOL, usd="due_usd")),
        ("purchase", found["returned"].select("site", "period", item="returned", usd="cost_usd")),
        ("opening", opening.select(*POOL, "usd")),
        ("make", made.select(*POOL, usd="cost_usd")),
        ("credit", made.select(*POOL, usd=-pl.col("credit_usd"))),
        ("fixed", made.select(*POOL, usd="fixed_usd")),
        ("holding", stock.select("site", "item", period="next", usd="holding_usd")),
        ("carbon", found["emissions"].select("usd", "site", "item", period="arrival_period")),
        *((kind, arrivals.select(usd=f"{kind}_usd", **at_end)) for kind in ("freight", "duty", "fees", "insurance")),
    ]
    spent = np.zeros((pools.height, len(COST_KINDS)))
    for kind, flow in flows:
        placed = flow.join(pools.select("pool", *POOL), on=POOL)
        np.add.at(spent[:, COST_KINDS.index(kind)], placed["pool"].to_numpy(), placed["usd"].to_numpy())
    return spent


def _carbon(chain: Chain, pools: pl.DataFrame, found: Frames, opening: pl.DataFrame) -> Floats:
    """Return what was emitted for what came into each pool, kg: shape (pools, CARBON_KINDS)."""
    before = emissions.opening(chain, opening).with_columns(scope=pl.lit("opening"))
    arose = found["emissions"].select("scope", "site", "item", "kg", period="arrival_period")
    flows = pl.concat([before.select(arose.columns), arose])
    placed = flows.filter(pl.col("kg").is_not_null()).join(pools.select("pool", *POOL), on=POOL)
    kind = placed["scope"].replace_strict({kind: n for n, kind in enumerate(CARBON_KINDS)}, return_dtype=pl.Int64)
    emitted = np.zeros((pools.height, len(CARBON_KINDS)))
    np.add.at(emitted, (placed["pool"].to_numpy(), kind.to_numpy()), placed["kg"].to_numpy())
    return emitted


def _energy(
    chain: Chain, pools: pl.DataFrame, found: Frames, made: pl.DataFrame, opening: pl.DataFrame
) -> tuple[pl.DataFrame, sp.csc_array]:
    """Return the sources of energy (how, site, item, stage) and what each put into each pool, kWh: (pools, sources).

    A source is where an item that holds energy was bought, or made from inputs that hold none: the cell.
    """
    items = chain.items.select("item", "kwh", "stage")
    fed = chain.bom.join(items.filter(pl.col("kwh") > 0), on="item", how="semi").select("process").unique()
    born = pl.concat(
        [
            found["purchases"].select(*POOL, units="quantity", how=pl.lit("bought")),
            made.join(fed, on="process", how="anti").select(*POOL, units="good", how=pl.lit("made")),
            opening.select(*POOL, units="quantity", how=pl.lit("on hand")),
        ]
    )
    born = born.join(items.filter(pl.col("kwh") > 0), on="item").join(pools.select("pool", *POOL), on=POOL)
    sources = born.select("how", "site", "item", "stage").unique().sort("how", "site", "item")
    sources = sources.with_row_index("source")
    placed = born.join(sources, on=["how", "site", "item"]).with_columns(energy=pl.col("units") * pl.col("kwh"))
    at = placed["pool"].to_numpy(), placed["source"].cast(pl.Int64).to_numpy()
    energy = sp.csc_array((placed["energy"].to_numpy(), at), shape=(pools.height, sources.height))
    return sources, energy

"""What may be more or less than planned: named groups of cells of a chain, each multiplied by one factor."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl

from cellroad.chain.chain import Chain, complete
from cellroad.chain.finding import ChainError, Finding
from cellroad.chain.tables import TABLES, own_columns
from cellroad.chain.tell import did_you_mean, listed
from cellroad.plan.kernel import Model
from cellroad.plan.ledger import Ledger

LEVERS: dict[str, tuple[str, ...]] = {
    "prices": ("offers.price_usd", "offers.adder_usd", "indices.value"),
    "demand": ("demand.quantity",),
    "revenue": ("demand.price_usd", "wants.price_adder_usd"),
    "freight": ("lanes.cost_usd", "lanes.dg_usd"),
    "duty": ("duty",),
    "conversion": ("processes.cost_usd",),
    "capex": ("options.capex_usd",),
    "yield": ("processes.yield_share",),
    "capacity": ("resources.hours_per_month",),
    "transit": ("lanes.transit_low_days", "lanes.transit_days", "lanes.transit_high_days"),
    "discount": ("settings.discount_per_year",),
}
"""Levers by name: the columns that they move, as table.column; `duty` is that of the law, and a setting its name."""
USUAL = ("revenue", "demand", "prices", "yield", "conversion", "duty", "capex", "freight", "discount")
"""The levers of a tornado that names none."""


def columns_of(lever: str) -> tuple[str, ...]:
    """Return the columns that a lever moves; a column may be named itself, as table.column.

    Raises ChainError for a lever that does not exist.
    """
    if lever in LEVERS:
        return LEVERS[lever]
    numeric = [f"{t}.{c}" for t in TABLES for c, kind in own_columns(TABLES[t]).items() if kind.dtype.is_numeric()]
    if lever in numeric:
        return (lever,)
    raise ChainError([Finding(
        "blocker", "levers", None, "", repr(lever),
        f"one of {listed(LEVERS)}, or a column of numbers as table.column",
        did_you_mean(lever, [*LEVERS, *numeric], "Take a lever from the list."),
    )])  # fmt: skip


def pulled(chain: Chain, lever: str, factor: float) -> Chain:
    """Return a chain in which what a lever moves is multiplied; shares stay within 1, whole numbers stay whole."""
    tables = dict(chain.tables)
    for name in columns_of(lever):
        table, _, column = name.partition(".")
        if table == "settings":
            now = getattr(chain.plan_settings(), column)
            row = complete(TABLES["settings"], pl.DataFrame({"name": [column], "value": [repr(now * factor)]}))
            tables["settings"] = pl.concat([tables["settings"].filter(pl.col("name") != column), row])
        elif column:
            old = tables[table][column]
            new = pl.col(column) * factor
            if column.endswith("_share"):
                new = new.clip(0.0, 1.0)
            tables[table] = tables[table].with_columns(new.round(0).cast(old.dtype) if old.dtype.is_integer() else new)
    return Chain.of(chain.name, **tables)


def with_duty(model: Model, factor: float) -> Model:
    """Return a model in which every duty is multiplied."""
    ledger = model.ledger
    if "duty" not in ledger.kinds or factor == 1:
        return model
    mine = ledger.kind == ledger.kinds.index("duty")
    changed: Ledger = replace(ledger, usd=np.where(mine, ledger.usd * factor, ledger.usd))
    more = changed.cost(model.cost.size) - ledger.cost(model.cost.size)
    return replace(model, ledger=changed, cost=model.cost + more)

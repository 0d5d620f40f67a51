"""The sourcing problem in linopy: flat index sets with time as second dimension, balances by groups."""

from __future__ import annotations

from typing import Any

import linopy
import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray
from peers.sourcing import HOLDING, Case


def build(case: Case) -> linopy.Model:
    """Return the model."""
    linopy.options["semantics"] = "v1"
    m = linopy.Model(sparse=True)
    time = pd.RangeIndex(case.months, name="t")
    sizes = {
        "offer": case.offer_vendor, "feed": case.feed_plant, "process": case.process_plant, "want": case.want_market,
        "inward": case.in_offer, "outward": case.out_process,
    }  # fmt: skip
    index = {name: pd.RangeIndex(rows.size, name=name) for name, rows in sizes.items()}

    def column(values: NDArray[Any], name: str) -> xr.DataArray:
        return xr.DataArray(values, coords=[index[name]])

    def variable(name: str, over: str, upper: Any = np.inf) -> linopy.Variable:
        return m.add_variables(lower=0, upper=upper, coords=[index[over], time], name=name)

    def group(values: NDArray[Any], over: str, by: str) -> xr.DataArray:
        return xr.DataArray(values, coords=[index[over]]).rename(by)

    def change(stock: linopy.Variable) -> linopy.LinearExpression:
        return (1 * stock).shift(t=1).fillna(0) - stock

    demand = xr.DataArray(case.demand, coords=[index["want"], time])
    buy = variable("buy", "offer", column(case.offer_most, "offer").expand_dims(t=time).transpose("offer", "t"))
    make, inward, outward = variable("make", "process"), variable("inward", "inward"), variable("outward", "outward")
    at_vendor, cells, packs = variable("at vendor", "offer"), variable("cells", "feed"), variable("packs", "process")
    at_market, sell, short = variable("at market", "want"), variable("sell", "want"), variable("short", "want")

    left = (1 * inward).groupby(group(case.in_offer, "inward", "offer")).sum()
    came = (1 * inward).groupby(group(case.in_feed, "inward", "feed")).sum()
    used = (column(case.process_cells, "process") * make).groupby(group(case.process_feed, "process", "feed")).sum()
    sent = (1 * outward).groupby(group(case.out_process, "outward", "process")).sum()
    reached = (1 * outward).groupby(group(case.out_want, "outward", "want")).sum()
    worked = (column(case.process_hours, "process") * make).groupby(group(case.process_plant, "process", "plant")).sum()
    plants = worked.indexes["plant"]

    m.add_constraints(buy + change(at_vendor) - left == 0, name="vendor")
    m.add_constraints(came + change(cells) - used == 0, name="feed")
    m.add_constraints(make + change(packs) - sent == 0, name="pack")
    m.add_constraints(reached + change(at_market) - sell == 0, name="market")
    m.add_constraints(sell + short == demand, name="demand")
    m.add_constraints(worked <= xr.DataArray(case.hours[plants], coords=[plants]), name="hours")

    discount = xr.DataArray(case.discount, coords=[time])
    month = HOLDING / 12
    money = (
        (buy, case.offer_price, "offer"),
        (make, case.process_cost, "process"),
        (inward, case.in_freight, "inward"),
        (outward, case.out_freight, "outward"),
        (at_vendor, month * case.cell_value[case.offer_cell], "offer"),
        (cells, month * case.cell_value[case.feed_cell], "feed"),
        (packs, month * case.pack_value[case.process_pack], "process"),
        (at_market, month * case.pack_value[case.want_pack], "want"),
        (sell, -case.want_price, "want"),
        (short, case.want_penalty, "want"),
    )
    m.add_objective(sum((block * (column(usd, over) * discount)).sum() for block, usd, over in money))
    return m


def hand_over(model: linopy.Model) -> object:
    """Return the solver with the model in it."""
    solver = linopy.solvers.Highs.from_model(model, io_api="direct", options={"output_flag": False})
    return solver.solver_model


def solve(model: linopy.Model) -> float:
    """Return the net present value of the optimum, with the values of all variables read back."""
    model.solve("highs", io_api="direct", threads=2, output_flag=False)
    assert model.solution is not None
    return -float(model.objective.value)

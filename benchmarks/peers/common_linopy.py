"""The common case in linopy: a column only for what exists, sparse, handed to HiGHS in memory."""

from __future__ import annotations

from typing import Any

import linopy
import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray
from peers.common import HOLDING, Case

linopy.options["semantics"] = "v1"


def build(case: Case) -> linopy.Model:
    """Return the model."""
    sizes = {
        "make": case.make_plant.size, "want": case.want_market.size, "flow": case.flow_lane.size,
        "lane": case.lane_plant.size, "plant": case.plants, "window": case.opens.size, "t": case.months,
    }  # fmt: skip
    index = {name: pd.RangeIndex(size, name=name) for name, size in sizes.items()}

    def over(values: NDArray, *dims: str) -> xr.DataArray:
        return xr.DataArray(values, coords=[index[dim] for dim in dims])

    m = linopy.Model(sparse=True)

    def columns(name: str, *dims: str, **bounds: Any) -> linopy.Variable:
        return m.add_variables(lower=0, coords=[index[dim] for dim in dims], name=name, **bounds)

    make, stock = columns("make", "make", "t"), columns("stock", "make", "t")
    flow = columns("flow", "flow", "t", upper=over(np.where(case.arrives < case.months, np.inf, 0.0), "flow", "t"))
    short = columns("short", "want", "t", upper=over(case.demand, "want", "t"))
    opened = m.add_variables(binary=True, coords=[index["plant"], index["window"]], name="open")

    def summed(block: Any, group: NDArray, by: str, to: str) -> Any:
        total = block.groupby(over(group, by).rename(to)).sum()
        return total.reindex({to: index[to]}).fillna(0)

    left = summed(1 * flow, case.flow_make, "flow", "make")
    m.add_constraints(1 * make + (1 * stock).shift(t=1).fillna(0) - 1 * stock - left == 0, name="balance")
    served = 1 * short
    for lead in np.unique(case.lane_lead).tolist():
        late = np.flatnonzero(case.lane_lead[case.flow_lane] == lead)
        if late.size:
            part = 1 * flow.sel(flow=index["flow"][late])
            to = xr.DataArray(case.flow_want[late], coords=[index["flow"][late]]).rename("want")
            came = part.groupby(to).sum().reindex(want=index["want"]).fillna(0)
            served = served + (came.shift(t=lead).fillna(0) if lead else came)
    m.add_constraints(served == over(case.demand, "want", "t"), name="demand")
    begun = over((np.arange(case.months)[:, None] >= case.opens[None]).astype(float), "t", "window")
    worked = summed(make * over(case.make_hours, "make"), case.make_plant, "make", "plant")
    m.add_constraints(worked - (opened * (begun * over(case.hours, "plant"))).sum("window") <= 0, name="capacity")
    on_lane = summed(1 * flow, case.flow_lane, "flow", "lane")
    m.add_constraints(on_lane <= over(case.lane_most, "lane"), name="lane")
    m.add_constraints(opened.sum("window") <= 1, name="once")
    discount = over(case.discount, "t")
    money = (
        (make, case.make_cost, "make"), (stock, HOLDING * case.value[case.make_product], "make"),
        (flow, case.flow_cost, "flow"), (short, case.want_short, "want"),
    )  # fmt: skip
    running = sum((block * (over(usd, dim) * discount)).sum() for block, usd, dim in money)
    capex = over(case.capex, "plant") * over(case.discount[case.opens], "window")
    m.add_objective(running + (opened * capex).sum())
    return m


def solve(model: linopy.Model, options: dict[str, Any]) -> tuple[float, float]:
    """Return cost and bound, with the values of all variables read back."""
    model.solve("highs", io_api="direct", log_to_console=False, **options)
    assert model.solution is not None
    return float(model.objective.value), float(model.solver_model.getInfo().mip_dual_bound)

"""The common case in PyPSA: products at places are buses, plants are generators of hours, lanes delayed links."""

from __future__ import annotations

import logging
from typing import Any

import numpy as np
import pandas as pd
import pypsa
import xarray as xr
from peers.common import HOLDING, Case

AMPLE = 1e7


def build(case: Case) -> pypsa.Network:
    """Return the network with its model, and the two rules that PyPSA does not know: lane capacity and one opening."""
    logging.disable(logging.WARNING)
    n, months = pypsa.Network(), pd.RangeIndex(case.months)
    n.set_snapshots(months)
    n.snapshot_weightings["objective"] = case.discount
    makes = [f"make{i}" for i in range(case.make_plant.size)]
    wants = [f"want{i}" for i in range(case.want_market.size)]
    flows = [f"flow{i}" for i in range(case.flow_lane.size)]
    plants = [f"plant{p}" for p in range(case.plants)]
    n.add("Bus", makes + wants + plants)
    plant, window = (axis.ravel() for axis in np.indices((case.plants, case.opens.size)))
    openings = [f"open{p}-{a}" for p, a in zip(plant, window, strict=True)]
    begun = np.arange(case.months)[:, None] >= case.opens[window][None]
    n.add(
        "Generator", openings, bus=[plants[p] for p in plant], p_nom_extendable=True, p_nom_mod=case.hours[plant],
        p_nom_max=case.hours[plant],
        capital_cost=case.capex[plant] * case.discount[case.opens][window] / case.hours[plant],
        p_max_pu=pd.DataFrame(begun.astype(float), index=months, columns=openings),
    )  # fmt: skip
    n.add(
        "Link", [f"run{i}" for i in range(len(makes))], bus0=[plants[p] for p in case.make_plant], bus1=makes,
        efficiency=1 / case.make_hours, p_nom=AMPLE, marginal_cost=case.make_cost / case.make_hours,
    )  # fmt: skip
    n.add(
        "Store", [f"stock{i}" for i in range(len(makes))], bus=makes, e_nom=AMPLE, e_cyclic=False, e_initial=0,
        marginal_cost_storage=HOLDING * case.value[case.make_product],
    )  # fmt: skip
    n.add(
        "Link", flows, bus0=[makes[i] for i in case.flow_make], bus1=[wants[i] for i in case.flow_want], p_nom=AMPLE,
        marginal_cost=case.flow_cost, delay=case.lane_lead[case.flow_lane], cyclic_delay=False,
    )  # fmt: skip
    n.add("Load", wants, bus=wants, p_set=pd.DataFrame(case.demand.T, index=months, columns=wants))
    n.add("Generator", [f"{want}-short" for want in wants], bus=wants, p_nom=AMPLE, marginal_cost=case.want_short)
    n.optimize.create_model()
    m = n.model
    flow, modules = m["Link-p"].sel(name=flows), m["Generator-n_mod"]
    on_lane = xr.DataArray(case.flow_lane, coords={"name": flow.indexes["name"]}).rename("lane")
    most = xr.DataArray(case.lane_most, dims="lane", coords={"lane": np.arange(case.lane_most.size)})
    used = np.unique(case.flow_lane)
    m.add_constraints((1 * flow).groupby(on_lane).sum() <= most.sel(lane=used), name="lane")
    dim = next(iter(modules.dims))
    at = [int(name.removeprefix("open").split("-")[0]) for name in modules.indexes[dim]]
    where = xr.DataArray(at, coords={dim: modules.indexes[dim]}).rename("plant")
    m.add_constraints((1 * modules).groupby(where).sum() <= 1, name="once")
    return n


def solve(network: pypsa.Network, options: dict[str, Any]) -> tuple[float, float]:
    """Return cost and bound, with the values of all variables read back."""
    model = network.model
    model.solve("highs", io_api="direct", log_to_console=False, **options)
    assert model.solution is not None
    return float(model.objective.value), float(model.solver_model.getInfo().mip_dual_bound)

"""Many cells side by side, as arrays: what `circuit` steps through time.

The shape is free: one cell, the groups of a pack, groups by cells in parallel, draws by groups by cells, or thousands
of layouts that each stand for one cell. Curves and rises are tables of the models among them; `row` says which
belongs to a cell.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from cellroad.engineering.cellmodel.cooling import NATURAL, Cooling
from cellroad.engineering.cellmodel.model import CellModel
from cellroad.engineering.cellmodel.ocv import STEPS
from cellroad.engineering.cellmodel.thermal import CASE_SHARE

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]


class Curves(NamedTuple):
    """What depends on the state of charge, where each of STEPS equal steps begins, and how much it grows over it.

    Voltage at rest in V, rise of resistance, dU/dT in V/K, and the area under the voltage up to the step in V; one
    model behind the other.
    """

    volts: Floats
    volts_growth: Floats
    rise: Floats
    rise_growth: Floats
    volts_per_k: Floats
    volts_per_k_growth: Floats
    area: Floats


@dataclass(frozen=True)
class Cells:
    """Parameters of cells, each an array of their shape (`r` and `c` with a first axis of the two branches).

    `row` is where the curves of a cell's model begin.
    """

    curves: Curves
    row: Ints
    coulombs: Floats
    r0: Floats
    r: Floats
    c: Floats
    lag: Floats
    activation: Floats
    hysteresis_v: Floats
    hysteresis_pace: Floats
    heat_j_per_k: Floats
    inner_k_per_w: Floats
    outer_w_per_k: Floats
    min_v: Floats
    max_v: Floats

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the cells."""
        return self.coulombs.shape

    @property
    def core_j_per_k(self) -> Floats:
        """Heat capacity of the cores in J/K."""
        return self.heat_j_per_k * (1 - CASE_SHARE)

    @property
    def surface_j_per_k(self) -> Floats:
        """Heat capacity of the surfaces in J/K."""
        return self.heat_j_per_k * CASE_SHARE

    def places(self, soc: Floats) -> tuple[Ints, Floats]:
        """Return in which step of the curves a state of charge is, and how far in it; the ends go on beyond 0 and 1."""
        place = soc * STEPS
        step = np.minimum(np.maximum(place, 0.0), STEPS - 1.0).astype(np.intp)
        return self.row + step, place - step

    def repeated(self, *shape: int) -> Cells:
        """Return the same cells with axes of these lengths behind: S groups of P cells are `repeated(S, P)`."""
        behind = (1,) * len(shape)
        changes: dict[str, Any] = {}
        for field in fields(self):
            if field.name != "curves":
                values = getattr(self, field.name)
                changes[field.name] = np.broadcast_to(
                    values.reshape(values.shape + behind), values.shape + shape
                ).copy()
        return replace(self, **changes)


def cells_of(models: CellModel | Sequence[CellModel], cooling: Cooling = NATURAL) -> Cells:
    """Return one cell (shape ()) or a row of cells, each of its own model, cooled in one way."""
    single = isinstance(models, CellModel)
    many = [models] if isinstance(models, CellModel) else list(models)
    known = {id(model): n for n, model in reversed(list(enumerate(many)))}
    firsts = sorted(set(known.values()))
    place = {first: n for n, first in enumerate(firsts)}
    ways = [cooling.of(model.body) for model in many]

    def column(values: Sequence[float]) -> Floats:
        array = np.array(values, float)
        return array[0] if single else array

    parts = [model.resistance for model in many]
    cells = Cells(
        curves=Curves(*np.concatenate([_curves(many[first]) for first in firsts], axis=1)),
        row=np.array([place[known[id(model)]] * STEPS for model in many], np.intp),
        coulombs=column([model.capacity_ah * 3600 for model in many]),
        r0=column([part.r0 for part in parts]),
        r=np.array([[part.r1 for part in parts], [part.r2 for part in parts]]),
        c=np.array([[part.c1 for part in parts], [part.c2 for part in parts]]),
        lag=column([part.lag for part in parts]),
        activation=column([part.activation for part in parts]),
        hysteresis_v=column([model.hysteresis_v for model in many]),
        hysteresis_pace=column([model.hysteresis_pace for model in many]),
        heat_j_per_k=column([model.body.heat_j_per_k for model in many]),
        inner_k_per_w=column([inner for inner, _ in ways]),
        outer_w_per_k=column([outer for _, outer in ways]),
        min_v=column([model.limits.min_v for model in many]),
        max_v=column([model.limits.max_v for model in many]),
    )
    if not single:
        return cells
    alone: dict[str, Any] = {
        field.name: np.asarray(getattr(cells, field.name)) for field in fields(cells) if field.name != "curves"
    }
    alone |= {"row": np.asarray(alone["row"][0]), "r": alone["r"][:, 0], "c": alone["c"][:, 0]}
    return replace(cells, **alone)


def _curves(model: CellModel) -> Floats:
    """Return the curves of a model, in the order of `Curves`."""
    volts, rise, slope = model.curve.volts, model.resistance.rise, model.curve.volts_per_k
    area = np.concatenate([[0.0], np.cumsum((volts[1:] + volts[:-1]) / 2)[:-1]]) / STEPS
    return np.array([*(part for curve in (volts, rise, slope) for part in (curve[:-1], np.diff(curve))), area])

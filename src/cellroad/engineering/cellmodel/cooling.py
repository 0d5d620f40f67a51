"""What carries the heat of a cell away?

Each way gives, for one cell, the inner resistance from core to the face that is cooled in K/W, and the conductance
from there to what takes the heat in W/K:

    natural, forced air   h A, with A the part of the sides and the end that air reaches
    cold plate            e m c_p, with e = 1 - exp(-NTU), NTU = U A / (m c_p): the coolant warms along the plate
    adiabatic             nothing

Effectiveness and number of transfer units are those of a fluid beside a wall of one temperature (Incropera et al.,
Fundamentals of Heat and Mass Transfer, chapter 11). Coefficients and shares are usual values, not measured: h of 5 to
10 W/m2/K for still air, 20 to 50 for blown air.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from cellroad.engineering.cellmodel.thermal import Body

Way = Literal["adiabatic", "natural", "forced air", "cold plate"]


@dataclass(frozen=True)
class Cooling:
    """A way to cool, its coefficient in W/m2/K and what it reaches.

    `reached_share` is the part of the sides and the end that air reaches; for a cold plate the coefficient is that of
    film and gap filler together over the end of the cell, and `coolant_w_per_k` is the flow past one cell: mass flow by
    specific heat. `sink_c` is the temperature of what takes the heat, the ambient where it is None.
    """

    way: Way
    w_per_m2_k: float = 0.0
    reached_share: float = 1.0
    coolant_w_per_k: float = math.inf
    sink_c: float | None = None

    def of(self, body: Body) -> tuple[float, float]:
        """Return inner resistance in K/W and outer conductance in W/K of one cell."""
        if self.way == "adiabatic":
            return body.to_side_k_per_w, 0.0
        if self.way == "cold plate":
            transfer = self.w_per_m2_k * body.end_m2
            return body.to_end_k_per_w, carried(transfer, self.coolant_w_per_k)
        inner = 1 / (1 / body.to_side_k_per_w + 1 / body.to_end_k_per_w)
        return inner, self.w_per_m2_k * self.reached_share * (body.side_m2 + body.end_m2)


def carried(transfer_w_per_k: float, flow_w_per_k: float) -> float:
    """Return what a flow takes from a wall per K above its inlet: (1 - exp(-NTU)) times the flow, in W/K."""
    if math.isinf(flow_w_per_k):
        return transfer_w_per_k
    if flow_w_per_k <= 0:
        return 0.0
    return -math.expm1(-transfer_w_per_k / flow_w_per_k) * flow_w_per_k


ADIABATIC = Cooling("adiabatic")
NATURAL = Cooling("natural", 7.0, 0.5)
FORCED_AIR = Cooling("forced air", 30.0, 0.5)
COLD_PLATE = Cooling("cold plate", 400.0, coolant_w_per_k=2.0)
COOLINGS = {cooling.way: cooling for cooling in (ADIABATIC, NATURAL, FORCED_AIR, COLD_PLATE)}
"""The ways by name, with usual coefficients. Assumed."""

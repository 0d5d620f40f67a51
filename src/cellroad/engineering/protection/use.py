"""May a pack be used like this: so much current, in or out, at a temperature and a state of charge?

Held against the limits of its management before anything is built: charge in the cold is refused here, with the
reason.
"""

from __future__ import annotations

from cellroad.engineering.protection.check import Check, at_most
from cellroad.engineering.protection.limits import Limits


def check_use(
    limits: Limits,
    temperature_c: float,
    soc: float = 0.5,
    *,
    charge_a: float = 0.0,
    discharge_a: float = 0.0,
) -> tuple[Check, ...]:
    """Return the checks of a use: charge and discharge current in A (magnitudes; nothing asked is not checked).

    Refused where the map of the limits allows less at the temperature in degC and the state of charge; at no current at
    all the reason is the temperature, which is then what the finding tells.
    """
    found = []
    asked = (("charge", charge_a, limits.charge), ("discharge", discharge_a, limits.discharge))
    for direction, current, grid in asked:
        if current <= 0:
            continue
        low, high = float(grid.temperature_c[0]), float(grid.temperature_c[-1])
        if low <= temperature_c <= high:
            found.append(at_most(
                f"{direction}: current", current, grid.at(temperature_c, soc), "A",
                f"what the cells allow at {temperature_c:g} °C and {soc:.0%} of charge",
                "ask for less, or take more cells side by side", "limits of the management",
            ))  # fmt: skip
        else:
            cold = temperature_c < low
            found.append(Check(
                f"{direction}: temperature", "refused", temperature_c, low if cold else high, "°C",
                f"the cells may be {direction}d from {low:g} to {high:g} °C"
                + (": lithium plates on a cold anode" if cold and direction == "charge" else ""),
                "heat the pack first" if cold else "cool the pack first", "data sheet; limits of the management",
            ))  # fmt: skip
    return tuple(found)

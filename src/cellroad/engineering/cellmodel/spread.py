"""How unlike are cells of one model, and what does that do to a pack?

Draws of capacity, resistance and first state of charge, each with a seed, so that the same pack comes again:

    Q_i = Q (1 + s_Q n),  R_i = R exp(s_R n),  z_i = z + s_z n,   n standard normal, cut at three

Usual spreads are those of new cells of one lot: 0.2 to 0.3 % of capacity, 0.7 to 3.8 % of resistance, half of which is
the measurement's own (Wildfeuer and Lienkamp 2021, doi 10.1016/j.etran.2021.100129); charge as it was sorted. Assumed
for any cell that is not measured.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from cellroad.engineering.cellmodel.cells import Cells

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Spread:
    """Standard deviations of capacity and resistance as parts of themselves, and of the state of charge; the seed."""

    capacity: float = 0.003
    resistance: float = 0.015
    soc: float = 0.005
    seed: int = 0


ALIKE = Spread(0.0, 0.0, 0.0)
CUT = 3.0


def drawn(cells: Cells, spread: Spread) -> tuple[Cells, Floats]:
    """Return cells with capacity and resistance drawn anew, and what to add to the state of charge of each."""
    generator = np.random.default_rng(spread.seed)
    capacity, resistance, soc = (np.clip(generator.standard_normal(cells.shape), -CUT, CUT) for _ in range(3))
    factor = np.exp(spread.resistance * resistance)
    unlike = replace(
        cells,
        coulombs=cells.coulombs * (1 + spread.capacity * capacity),
        r0=cells.r0 * factor, r=cells.r * factor, c=cells.c / factor,
    )  # fmt: skip
    return unlike, spread.soc * soc

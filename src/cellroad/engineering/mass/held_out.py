"""How far a pack lies off that was not there when the shells were set: leave one out.

What was set by looking at packs is the mass of the shell by area, one figure a construction. With the pack left out,
the figure is set anew to the other packs of its construction, by least squares of the relative errors

    s = sum a (1 - r) / sum a^2,     a = area / mass,  r = (all but the shell) / mass

A pack that is alone of its construction is given the middle of the shells of the other constructions: nothing of it is
left in its prediction, which is a harder test than a new pack of a known construction.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from cellroad.chain import facts
from cellroad.engineering.mass.construction import constructions
from cellroad.engineering.mass.known import predicted, text_of

SAME = {"CT12": "CT04"}
"""Constructions with the shell of another."""


def leave_one_out(packs: pl.DataFrame | None = None) -> pl.DataFrame:
    """Return each weighed pack with what is predicted of it by the others.

    Columns: `pack_id`, `name`, `construction`, `alone`, `mass_kg`, `mass_model_kg` with the shipped shell and
    `mass_held_out_kg` with that of the other packs, `shell_kg_m2` of it, and `held_out_error`.
    """
    table = facts.packs() if packs is None else packs
    weighed = table.filter(pl.col("mass_kg") > 0)
    found = [predicted(row) for row in weighed.iter_rows(named=True)]
    kind = np.array([SAME.get(one.construction.construction_id, one.construction.construction_id) for one in found])
    mass = weighed["mass_kg"].to_numpy().astype(np.float64)
    shell = np.array([one.construction.shell_kg_m2 for one in found])
    area = np.array([one.of("enclosure") for one in found]) / shell
    whole = np.array([one.kg for one in found])
    rest = whole - shell * area
    a, r = area / mass, rest / mass
    own = {SAME.get(key, key): one.shell_kg_m2 for key, one in constructions().items()}
    anew = np.empty_like(shell)
    alone = np.zeros(len(found), dtype=np.bool_)
    for place in range(len(found)):
        others = (kind == kind[place]) & (np.arange(len(found)) != place)
        alone[place] = not others.any()
        if alone[place]:
            anew[place] = np.median([value for key, value in own.items() if key != kind[place]])
        else:
            anew[place] = max(0.0, float((a[others] * (1 - r[others])).sum() / (a[others] ** 2).sum()))
    held = rest + anew * area
    return pl.DataFrame({
        "pack_id": [text_of(row, "pack_id") for row in weighed.iter_rows(named=True)],
        "name": [text_of(row, "name") for row in weighed.iter_rows(named=True)],
        "construction": [one.construction.name for one in found],
        "alone": alone, "mass_kg": mass, "mass_model_kg": whole, "mass_held_out_kg": held, "shell_kg_m2": anew,
        "held_out_error": held / mass - 1,
    })  # fmt: skip

"""May a home hold that much? Limits of energy by unit and by dwelling, and how to split what is too large."""

from __future__ import annotations

import math

import polars as pl

from cellroad.chain import facts
from cellroad.engineering.certify.product import Product

SCHEMA = {
    "row": pl.String, "of": pl.String, "place": pl.String, "found_kwh": pl.Float64, "allowed_kwh": pl.Float64,
    "above": pl.String, "mend": pl.String, "confidence": pl.String,
}  # fmt: skip


def dwelling(product: Product, *, units: int = 1, place: str | None = None) -> pl.DataFrame:
    """Return the limits that a product passes: row, of, place, found_kwh, allowed_kwh, above, mend, confidence.

    `units` is how many of it a home has, `place` where they are (indoors, garage, outdoors); without a place every
    place is told that they are too large for. Nothing is passed where the energy is not known.
    """
    rows = []
    for limit in facts.table("dwelling_limits").iter_rows(named=True):
        applies = (
            product.use in limit["uses"].split(";")
            and set(product.regions) & set(limit["regions"].split(";"))
            and (limit["place"] == "" or place in (None, limit["place"]))
        )
        if not applies or product.energy_kwh is None:
            continue
        found = product.energy_kwh * (1 if limit["of"] == "unit" else units)
        if found > limit["kwh"]:
            mend = (
                f"{split(product.energy_kwh, limit['kwh'])}"
                if limit["of"] == "unit"
                else f"at most {math.floor(limit['kwh'] / product.energy_kwh)} of these units there"
            )
            rows.append((
                limit["limit_id"], limit["of"], limit["place"], found, limit["kwh"], limit["above"], mend,
                limit["confidence"],
            ))  # fmt: skip
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def split(energy_kwh: float, most_kwh: float) -> str:
    """Return the fewest equal units that each keep a limit, in words: 2 x 15 kWh."""
    count = math.ceil(energy_kwh / most_kwh)
    return f"{count} x {energy_kwh / count:.3g} kWh"

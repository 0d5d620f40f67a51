"""`certify` on the web: what must be proven before a product may be sold."""

from __future__ import annotations

import polars as pl

from cellroad.engineering.catalogue import cells
from cellroad.engineering.certify import REGIONS
from cellroad.engineering.certify.product import USES
from cellroad.show.web.commanded import Commanded, router_of
from cellroad.show.web.verb import Verb

VERB = Verb(
    "certify", "Which standards does a product need, in which order, how long and at what cost?",
    (("A home battery of 10 kWh", "In the US, of 110 kg and 117 V.",
      "/certify?use=storage-residential&energy=10kWh&mass=110kg&voltage=117V&regions=US"),
     ("A portable station in two regions", "3 kWh with its inverter, shipped by air or not.",
      "/certify?use=portable&energy=3kWh&mass=35kg&voltage=58V&regions=US&regions=EU&inverter=yes"),
     ("Another cell in a certified pack", "What is repeated when LF280K becomes MB31.",
      "/certify?use=storage-residential&energy=10kWh&mass=110kg&cell=EVE+MB31&was_cell=EVE+LF280K")),
)  # fmt: skip
_NAMES = {"cell": lambda: [cell.name for cell in cells()], "was_cell": lambda: [cell.name for cell in cells()]}

COLUMNS = {
    "step": "Step", "answer": "Answer", "after": "After", "weeks_low": "Weeks", "weeks_high": "to",
    "cost_usd_low": "Cost, $", "cost_usd_high": "to $", "because": "Because", "missing": "To find out",
    "confidence": "Facts",
}  # fmt: skip


def _asked_for(steps: pl.DataFrame) -> pl.DataFrame:
    """Return the steps that are needed, or may be."""
    return steps.filter(pl.col("answer") != "not needed").select(list(COLUMNS)).rename(COLUMNS)


router = router_of(Commanded(
    VERB,
    {"again": "What another cell repeats", "steps": "Steps", "limits": "Limits of a home", "dates": "Dates",
     "finish": "All is done on", "probability": "Chance by the day"},
    shown={"steps": _asked_for}, choices={"use": USES, "regions": REGIONS}, offers=_NAMES, several=("regions",),
))  # fmt: skip

"""Which published models there are for a family of cells: equation, box of validity, source."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from cellroad.chain import facts
from cellroad.engineering.life import lfp, nickel, titanate
from cellroad.engineering.life.box import Box, of_row
from cellroad.engineering.life.growth import Loss
from cellroad.engineering.life.stress import Stress

Losses = Callable[[Stress], tuple[Loss, ...]]
EQUATIONS: dict[str, Losses] = {
    "lfp-large-prismatic": lfp.large_prismatic,
    "lfp-sony-murata": lfp.sony_murata,
    "lfp-naumann": lfp.naumann,
    "lfp-schimpe": lfp.schimpe,
    "lfp-wang": lfp.wang,
    "nmc-sanyo": nickel.sanyo,
    "nmc-kokam": nickel.kokam,
    "nmc-pouch-a": nickel.pouch_a,
    "nmc-pouch-b1": nickel.pouch_b1,
    "nmc-pouch-b2": nickel.pouch_b2,
    "nmc-lg-mj1": nickel.lg_mj1,
    "nmc-lg-m50": nickel.lg_m50,
    "nca-panasonic": nickel.panasonic,
    "nca-vtc5a": nickel.vtc5a,
    "lto-bank": titanate.bank,
}
"""The losses of each model of the table `life_models`."""


def added(losses: dict[str, float]) -> float:
    """Return the capacity left where losses add up."""
    return 1 - sum(losses.values())


LEFT: dict[str, Callable[[dict[str, float]], float]] = {"nmc-kokam": nickel.kokam_left}
"""How losses combine where they do not add up."""


@dataclass(frozen=True)
class Model:
    """A published model: its losses, how they combine, where it holds, and where it was published.

    `resting`: its program takes the mean rate over all hours of a day, a rest with zero.
    """

    name: str
    family: str
    cell: str
    losses: Losses
    left: Callable[[dict[str, float]], float]
    box: Box
    resting: bool
    limits: str
    row: str
    doi: str


@cache
def models(family: str) -> tuple[Model, ...]:
    """Return the published models of a family of cells; none where there is none."""
    rows = facts.table("life_models").filter(family=family)
    return tuple(
        Model(
            name=row["model"],
            family=row["family"],
            cell=row["cell"],
            losses=EQUATIONS[row["model"]],
            left=LEFT.get(row["model"], added),
            box=of_row(row),
            resting=row["rate_basis"] == "all hours",
            limits=row["limits"],
            row=row["model_id"],
            doi=row["doi"],
        )
        for row in rows.iter_rows(named=True)
    )

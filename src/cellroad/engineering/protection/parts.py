"""Which fuses and contactors are known: the shipped tables as parts, in SI units.

A blank of the table is None: nobody has read it. A user's own part is a `Fuse` or a `Contactor` made by hand.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from cellroad.chain import facts


@dataclass(frozen=True)
class Fuse:
    """A fuse for direct current: ratings, points of its time-current curve, energies of a short circuit.

    `holds`, `melts_10s` and `melts_100ms` are multiples of the rated current: carried for an hour, and least currents
    that melt it in 10 s and in 0.1 s. `melting_a2s` and `clearing_a2s` are I2t in A2s of a short circuit.
    """

    fuse_id: str
    family: str
    name: str
    rated_a: float
    rated_v: float | None = None
    breaking_a: float | None = None
    least_breaking: float | None = None
    holds: float | None = None
    melts_10s: float | None = None
    melts_100ms: float | None = None
    melting_a2s: float | None = None
    clearing_a2s: float | None = None
    source: str = ""
    confidence: str = "unverified"


@dataclass(frozen=True)
class Contactor:
    """A contactor for direct current: what it carries, makes, breaks and withstands, in A, V, s and ohm."""

    contactor_id: str
    name: str
    rated_v: float
    carry_a: float
    break_a: float | None = None
    break_v: float | None = None
    make_a: float | None = None
    minute_a: float | None = None
    short_a: float | None = None
    short_s: float | None = None
    resistance_ohm: float | None = None
    source: str = ""
    confidence: str = "unverified"


@cache
def fuses() -> tuple[Fuse, ...]:
    """Return every fuse of the shipped table, in its order."""
    return tuple(
        Fuse(
            fuse_id=row["fuse_id"],
            family=row["family"],
            name=row["name"],
            rated_a=row["rated_A"],
            rated_v=row["rated_V"],
            breaking_a=None if row["breaking_kA"] is None else 1000 * row["breaking_kA"],
            least_breaking=row["least_breaking"],
            holds=row["holds"],
            melts_10s=row["melts_10s"],
            melts_100ms=row["melts_100ms"],
            melting_a2s=row["melting_A2s"],
            clearing_a2s=row["clearing_A2s"],
            source=row["source_id"],
            confidence=row["confidence"],
        )
        for row in facts.table("fuses").iter_rows(named=True)
    )


@cache
def contactors() -> tuple[Contactor, ...]:
    """Return every contactor of the shipped table, in its order."""
    return tuple(
        Contactor(
            contactor_id=row["contactor_id"],
            name=row["name"],
            rated_v=row["rated_V"],
            carry_a=row["carry_A"],
            break_a=row["break_A"],
            break_v=row["break_V"],
            make_a=row["make_A"],
            minute_a=row["minute_A"],
            short_a=row["short_A"],
            short_s=row["short_s"],
            resistance_ohm=None if row["resistance_mohm"] is None else row["resistance_mohm"] / 1000,
            source=row["source_id"],
            confidence=row["confidence"],
        )
        for row in facts.table("contactors").iter_rows(named=True)
    )

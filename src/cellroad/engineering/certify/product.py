"""The product that is certified, as far as certification asks; None is not known."""

from __future__ import annotations

from dataclasses import dataclass

from cellroad.engineering.cell import Cell

VEHICLES = ("light-ev", "golf-cart", "utv", "ev", "industrial")
USES = ("storage-residential", "c-and-i", "portable", *VEHICLES)
"""What a product may be used for."""
REGIONS = ("US", "CA", "EU", "GB", "CN", "JP", "KR", "AU", "IN", "other")
"""Where it may be sold: country codes, the European Union, anywhere else."""
ROAD = {"ev": True, "portable": False, "storage-residential": False, "c-and-i": False, "industrial": False}
"""Whether a use is on the road, where the use tells."""


@dataclass(frozen=True)
class Product:
    """What certification asks of a product; what is None leaves answers unknown.

    `voltage_v` is the largest voltage; `on_road`: driven on public roads; `inverter`: with an inverter inside;
    `light_class`: a laboratory counts the vehicle as light; `adopts_2026`: the place has adopted the 2026 edition of
    NFPA 855; `by_air`: shipped by air; `national_marks`: a country where it is sold asks for a mark of its
    own. `bms`, `enclosure` and `site` name what they are, to tell one from another.
    """

    use: str
    energy_kwh: float | None = None
    mass_kg: float | None = None
    voltage_v: float | None = None
    regions: tuple[str, ...] = ("US",)
    cell: Cell | None = None
    layout: str | None = None
    on_road: bool | None = None
    inverter: bool | None = None
    light_class: bool | None = None
    adopts_2026: bool | None = None
    by_air: bool | None = None
    national_marks: bool | None = None
    bms: str | None = None
    enclosure: str | None = None
    inverter_model: str | None = None
    site: str | None = None

    def __post_init__(self) -> None:
        if self.use not in USES:
            raise ValueError(f"no use {self.use!r}; there are {', '.join(USES)}")
        unknown = [region for region in self.regions if region not in REGIONS]
        if unknown or not self.regions:
            raise ValueError(f"regions {', '.join(unknown) or 'none'}; there are {', '.join(REGIONS)}")
        for name in ("energy_kwh", "mass_kg", "voltage_v"):
            value = getattr(self, name)
            if value is not None and not 0 < value < float("inf"):
                raise ValueError(f"{name} must be above 0, not {value}")

    @property
    def road(self) -> bool | None:
        """Whether it is driven on public roads: as told, else as its use tells, else not known."""
        return ROAD.get(self.use) if self.on_road is None else self.on_road

    def fact(self, name: str) -> bool | None:
        """Return what a condition of the rules asks for by name; None where it is not known."""
        known: dict[str, bool | None] = {
            "on_road": self.road, "inverter": self.inverter, "light_class": self.light_class,
            "adopts_2026": self.adopts_2026, "by_air": self.by_air, "national_marks": self.national_marks,
        }  # fmt: skip
        return known[name]


QUESTIONS = {
    "on_road": "whether it is driven on public roads",
    "inverter": "whether it has an inverter inside",
    "light_class": "whether the laboratory counts the vehicle as light",
    "adopts_2026": "whether the place has adopted the 2026 edition of NFPA 855",
    "by_air": "whether it is shipped by air",
    "national_marks": "whether a country where it is sold asks for a mark of its own",
    "energy": "its energy",
    "mass": "its mass",
    "family": "the family of its cells",
}
"""What to find out where an answer is unknown."""

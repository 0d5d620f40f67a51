"""What a cell costs, from the shipped prices: by family, low, likely and high, with the rows that it comes from.

The survey of pack prices tells packs by chemistry (PR015, PR016) and what share of a pack its cells are (PR010 over
PR006); the share of each is taken to be the same. Low is what the largest buyers pay in China today (PR037, PR051),
high the likely price with what packs cost more in North America than in China (PR020 over PR019). Families without a
price of their own go by their ratio to LFP (`pack_cost_ratio_to_lfp` of the chemistries).

Small cells of LFP are dearer by the kWh: a power law through the prices of 280 Ah and 100 Ah cells of the same day
(PR038, PR039), not drawn out beyond them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

from cellroad.chain import facts
from cellroad.engineering.cell import Cell
from cellroad.engineering.family import CHEMISTRY

VAT_SHARE = 0.13
"""Value added tax inside Chinese spot prices (fact PR037: incl. 13 percent VAT)."""
RMB_PER_USD = 7.15
"""Rate of exchange (note of fact PR037: about 7.1 to 7.2)."""
SMALLEST_AH = 100.0
"""Below this capacity the premium of small cells does not grow (no price lies beyond 100 Ah)."""
LARGE_AH = 280.0


@dataclass(frozen=True)
class Price:
    """A price in USD per kWh: low, likely, high; the rows behind it and how far to trust it."""

    low: float
    likely: float
    high: float
    source: str
    confidence: str
    note: str = ""


def cell_price(cell: Cell) -> Price:
    """Return what a cell costs in USD per kWh, in volume, by family, format and size."""
    price = family_price(cell.family)
    factor = small_factor(cell)
    if factor == 1:
        return price
    note = f"{price.note}; {factor - 1:.0%} dearer as a small cell (PR038, PR039)".removeprefix("; ")
    return Price(price.low * factor, price.likely * factor, price.high * factor, f"{price.source};PR038;PR039",
                 "assumption", note)  # fmt: skip


def small_factor(cell: Cell) -> float:
    """Return how much dearer by the kWh a small LFP cell is than one of 280 Ah; 1 for other families."""
    if cell.family != "LFP":
        return 1.0
    exponent = math.log(_value("PR039") / _value("PR038")) / math.log(LARGE_AH / 100.0)
    return float((LARGE_AH / min(max(cell.capacity_ah, SMALLEST_AH), LARGE_AH)) ** exponent)


@cache
def family_price(family: str) -> Price:
    """Return what large cells of a family cost in USD per kWh."""
    cells_of_pack = _value("PR010") / _value("PR006")
    america = _value("PR020") / _value("PR019")
    lfp = _value("PR015") * cells_of_pack
    if family == "LFP":
        low = _value("PR037") * 1000 / (1 + VAT_SHARE) / RMB_PER_USD
        return Price(low, lfp, lfp * america, "PR037;PR015;PR010;PR006;PR019;PR020", "reported", "survey of 2025")
    if family in ("NMC", "NCA", "LCO"):
        nmc = _value("PR016") * cells_of_pack
        return Price(_value("PR051"), nmc, nmc * america, "PR051;PR016;PR010;PR006;PR019;PR020", "unverified",
                     "survey of 2025; all grades of NMC")  # fmt: skip
    base = family_price("LFP")
    row = facts.table("chemistries").filter(chem_id=CHEMISTRY.get(family, "lfp")).row(0, named=True)
    ratio = float(row["pack_cost_ratio_to_lfp"])
    return Price(base.low * ratio, base.likely * ratio, base.high * ratio, f"{base.source};{row['chem_id']}",
                 "assumption", f"{ratio:g} times LFP")  # fmt: skip


def _value(price_id: str) -> float:
    found = facts.find(price_id)
    if found is None:
        raise KeyError(price_id)
    return float(found[1]["value"])

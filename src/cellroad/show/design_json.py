"""A design as plain data: what the command writes with `--json`, and the web and its API answer."""

from __future__ import annotations

from typing import Any

from cellroad.engineering.design.result import Design
from cellroad.engineering.design.why import Why


def machine(found: Design, rank: int = 1, why: Why | None = None) -> dict[str, Any]:
    """Return a design with the sheet of one pack of the front, as `terminal.plain` turns it into JSON."""
    sheet = found.sheet(rank)
    return {
        "specification": found.told(), "units": found.units, "pareto": found.pareto, "out": found.out,
        "warnings": sheet.warnings, "assumed": sheet.assumptions, "sheet": {
            "rank": rank, "layout": sheet.layout.name, "figures": sheet.figures, "bill": sheet.bill,
            "cost": sheet.cost, "mass": sheet.mass.frame(), "protection": sheet.protection.parts(),
            "checks": sheet.protection.table(), "limits": sheet.limits.document(), "life": sheet.life.curves,
            "certificates": sheet.certificates,
        },
        "why": {"cell": why.name, "verdict": why.verdict, "words": why.words} if why else None,
    }  # fmt: skip

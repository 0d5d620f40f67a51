"""`life` on the web: capacity left over years by every published model that may speak."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cellroad.engineering.catalogue import cells
from cellroad.engineering.life.result import Life
from cellroad.show import html
from cellroad.show.charts import pack_life
from cellroad.show.commands.life import SPANS
from cellroad.show.screen_page import Figure
from cellroad.show.web.commanded import Commanded, router_of
from cellroad.show.web.verb import Verb

VERB = Verb(
    "life", "How long does a cell or a pack live, by every published model that may speak?",
    (
        ("A home battery, a cycle a day", "CL010 as 32s1p, 90 % deep, at 25 degC.",
         "/life?cell=CL010&layout=32s1p&depth=0.9&retention=0.7"),
        ("The same in Phoenix", "Through the months of a place.",
         "/life?cell=CL010&layout=32s1p&depth=0.9&place=Phoenix"),
    ),
)  # fmt: skip


def _figures(found: Mapping[str, Any], words: Mapping[str, str]) -> list[Figure]:
    cell = next(one for one in cells() if one.cell_id == found["cell"])
    years = int(found["curves"]["year"].max() or 0)
    life = Life(cell, years, found["curves"], found["boxes"], found["models"], tuple(found["assumed"]))
    return [Figure(
        "life", "Capacity left", f"{cell.name}: how much is left, by model, with the band of all?",
        f"No published model speaks for {cell.family} in this use.",
        pack_life.chart(life, float(words.get("retention", 0.8))), 380,
        html.table(pack_life.table(life), caption="Capacity left"),
    )]  # fmt: skip


router = router_of(Commanded(
    VERB,
    {"warranty": "Years until what a warranty promises", "claim": "Cycles, as the maker claims and as models say",
     "models": "Models of the family", "refusals": "Models that do not speak of this use", "assumed": "Assumptions"},
    shown={"warranty": lambda found: found.select(list(SPANS)).rename(SPANS)},
    offers={"cell": lambda: [cell.name for cell in cells()]},
    figures=_figures,
))  # fmt: skip

"""Which packs does no other beat: what they weigh against what they cost, by chemistry; larger points live longer."""

from __future__ import annotations

import math

import polars as pl

from cellroad.engineering.design.result import Design
from cellroad.show import format as fmt
from cellroad.show.charts.base import Option, base, grid, legend, short, tip, value_axis
from cellroad.show.palette import BLUE, GREEN, GREY, INDIGO, ORANGE, PURPLE, TEAL, VERMILLION

FAMILIES = {"LFP": BLUE, "NMC": VERMILLION, "NCA": ORANGE, "LTO": GREEN, "Na-ion": TEAL, "LMFP": INDIGO, "LCO": PURPLE}
SIZES = (("energy_kwh", "kWh,"), ("mass_kg", "kg,"), ("volume_l", "L"))
MOST_OTHERS = 600
"""Layouts that are beaten and drawn as small grey points behind the front."""


def chart(found: Design, rank: int) -> Option:
    """Return the front as points of mass and cost, one pack marked, and what it beats in grey."""
    others = found.layouts.filter(~pl.col("front")).head(MOST_OTHERS)
    behind = {
        "type": "scatter", "name": "Beaten", "color": GREY, "symbolSize": 4, "itemStyle": {"opacity": 0.35},
        "silent": True, "data": [short(pair) for pair in others.select("mass_kg", "cost_usd").iter_rows()],
    }  # fmt: skip
    families = found.pareto["chemistry"].unique(maintain_order=True).to_list()
    series = [behind, *(_family(found.pareto, name, rank) for name in families)]
    shown = ["Beaten", *families]
    return base(
        f"{found.pareto.height} packs by mass and cost.",
        tooltip={"trigger": "item", "confine": True},
        legend=legend(shown),
        grid={**grid(shown), "bottom": 30},
        xAxis={**value_axis("Mass of a unit, kg"), "nameLocation": "middle", "nameGap": 28, "scale": True},
        yAxis={**value_axis("Cost of a unit, USD"), "scale": True},
        series=series,
    )


def _family(pareto: pl.DataFrame, family: str, rank: int) -> Option:
    data = []
    for row in pareto.filter(chemistry=family).iter_rows(named=True):
        chosen = row["rank"] == rank
        size = " ".join(f"{fmt.number(row[name])} {unit}" for name, unit in SIZES)
        usd = [fmt.money(row[name]) for name in ("cost_low_usd", "cost_high_usd", "cost_usd")]
        point = {
            "value": short([row["mass_kg"], row["cost_usd"]]),
            "symbolSize": round(5 + 4 * math.sqrt(row["years"]), 1),
            "tooltip": tip(
                f"{row['rank']}: {row['layout']} of {row['cell']}",
                size,
                f"{usd[0]} to {usd[1]}, likely {usd[2]}",
                f"{fmt.number(row['years'])} years",
            ),
        }
        if chosen:
            point |= {"itemStyle": {"borderColor": "#000", "borderWidth": 2},
                      "label": {"show": True, "formatter": f"rank {rank}", "position": "right"}}  # fmt: skip
        data.append(point)
    return {"type": "scatter", "name": family, "color": FAMILIES.get(family, GREY), "data": data}

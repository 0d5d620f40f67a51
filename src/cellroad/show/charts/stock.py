"""Where does safety stock sit in the network, and what does it cover?

Places stand from left to right in the order in which goods pass them; a place that holds safety stock is blue and as
large as what it costs.
"""

from __future__ import annotations

import math
from typing import Any

import polars as pl

from cellroad.plan.stock.result import Stock
from cellroad.show import format as fmt
from cellroad.show.charts.base import Option, base, legend, names, tip
from cellroad.show.palette import BLUE, GREY, SLATE

KINDS = {"holds safety stock": BLUE, "passes on what it gets": GREY}


def table(found: Stock) -> pl.DataFrame:
    """Return the places that hold safety stock, with names: what each quotes, covers, holds and costs."""
    sites, items = names(found.chain, "sites"), names(found.chain, "items")
    return found.held().select(
        pl.col("site").replace(sites), pl.col("item").replace(items), "service_time_days", "net_replenishment_days",
        "mean_per_day", "safety_stock", "base_stock", "days_of_cover", "holding_usd_per_year",
    )  # fmt: skip


def pixels(found: Stock) -> int:
    """Return how high the picture must be for its names."""
    columns = [level for _, level, _ in _places(found)]
    return 90 + 30 * max((columns.count(level) for level in columns), default=1)


def chart(found: Stock) -> Option | None:
    """Return the network from suppliers to markets, or None where there are no places."""
    places = _places(found)
    if not places:
        return None
    sites, items = names(found.chain, "sites"), names(found.chain, "items")
    dearest = max(float(found.stock["holding_usd_per_year"].max() or 0.0), 1e-9)  # type: ignore[arg-type]
    right = max(level for _, level, _ in places)
    kinds = list(KINDS)
    data = []
    for row, level, rank in places:
        held, usd = row["safety_stock"] > 0, row["holding_usd_per_year"]
        called = f"{sites.get(row['site'], row['site'])} · {items.get(row['item'], row['item'])}"
        told = [f"quotes {fmt.number(row['service_time_days'])} days"]
        if held:
            told += [
                f"covers {fmt.number(row['net_replenishment_days'])} days",
                f"safety stock {fmt.count(row['safety_stock'])}, {fmt.number(row['days_of_cover'])} days of demand",
                f"{fmt.money(usd)} a year",
            ]
        data.append(
            {
                "name": f"{row['site']}|{row['item']}",
                "value": [level, rank],
                "category": 0 if held else 1,
                "symbolSize": round(9 + 21 * math.sqrt(usd / dearest), 1) if held else 7,
                "label": {
                    "formatter": f"{row['site']} · {row['item']}".replace("{", "("),
                    "position": "left" if level == right else "right",
                },
                "tooltip": tip(called, *told),
            }
        )
    links = found.ways.filter(pl.col("from_site").is_not_null()).select(
        source=pl.format("{}|{}", "from_site", "from_item"), target=pl.format("{}|{}", "site", "item")
    )
    hidden = {"show": False}
    return base(
        f"Network of {len(places)} places; {found.held().height} of them hold safety stock.",
        legend=legend(kinds),
        grid={"left": 16, "right": 16, "top": 40, "bottom": 16},
        xAxis={"type": "value", "min": -0.1, "max": right + 0.1, **hidden},
        yAxis={"type": "value", "inverse": True, "min": -0.7, "max": "dataMax", **hidden},
        series=[
            {
                "type": "graph",
                "coordinateSystem": "cartesian2d",
                "categories": [{"name": kind, "itemStyle": {"color": colour}} for kind, colour in KINDS.items()],
                "edgeSymbol": ["none", "arrow"],
                "edgeSymbolSize": 6,
                "lineStyle": {"color": SLATE, "opacity": 0.5, "width": 1},
                "label": {"show": True, "fontSize": 11, "width": 180, "overflow": "truncate"},
                "labelLayout": {"hideOverlap": True},
                "data": data,
                "links": links.unique(maintain_order=True).to_dicts(),
            }
        ],
    )


def _places(found: Stock) -> list[tuple[dict[str, Any], int, int]]:
    """Return every place with how many steps goods take to it, and its rank among those as far."""
    rows = found.stock.to_dicts()
    level = {(row["site"], row["item"]): 0 for row in rows}
    links = found.ways.select("from_site", "from_item", "site", "item").drop_nulls().rows()
    for _ in rows:  # longest path by relaxation: there are no circles
        moved = False
        for a, b, c, d in links:
            if level[c, d] < level[a, b] + 1:
                level[c, d], moved = level[a, b] + 1, True
        if not moved:
            break
    ranks: dict[int, int] = {}
    placed = []
    for row in rows:
        at = level[row["site"], row["item"]]
        placed.append((row, at, ranks.setdefault(at, 0)))
        ranks[at] += 1
    return placed

"""Which gates come before which, how likely is each by when, and what may cells of a chemistry cost?"""

from __future__ import annotations

import polars as pl

from cellroad.engineering.roadmap.reading import before_of
from cellroad.engineering.roadmap.result import Roadmap
from cellroad.show import format as fmt
from cellroad.show.charts.base import Option, base, grid, legend, short, tip, value_axis
from cellroad.show.palette import BLUE, GREEN, GREY, SERIES, SLATE, VERMILLION

KINDS = {
    "passed on evidence": GREEN,
    "critical in half of the draws": VERMILLION,
    "open": BLUE,
    "beside the goal": GREY,
}
LINES = 7
"""Gates whose chances are drawn, at most: those that the goal hangs on most."""
SHADES = (("p05", "p95", 0.18), ("stray_low", "stray_high", 0.07))
"""Low and high of the bands that are drawn, and how dark."""


def table(found: Roadmap) -> pl.DataFrame:
    """Return the gates with names: phase, confidence (of durations and chances), evidence, chance, days."""
    return found.gates.select(
        "name", "phase", "trl", "mrl", "confidence", "passed_on", "proven_by", "probability", "p10", "p50", "p90",
        "criticality",
    )  # fmt: skip


def network(found: Roadmap) -> Option:
    """Return the gates from left to right as they follow each other."""
    rows = found.gates.to_dicts()
    before = before_of(found.read.tables["gates"], "gate")
    level: dict[str, int] = {}
    for gate in sorted(before, key=lambda name: found.drawn.row(name)):
        level[gate] = max((level.get(one, 0) + 1 for one in before[gate]), default=0)
    for _ in rows:  # passed gates stand anywhere in the order of the draws
        for gate, ones in before.items():
            level[gate] = max((level[one] + 1 for one in ones), default=0)
    ranks: dict[int, int] = {}
    right = max(level.values())
    data = []
    for row in rows:
        at = level[row["gate"]]
        rank = ranks.setdefault(at, 0)
        ranks[at] += 1
        told = [f"{row['phase']}, passed by {fmt.day(found.read.by)} with {fmt.share(row['probability'])}"]
        told += [f"even chance by {fmt.day(row['p50'])}"] if row["p50"] else ["less than an even chance ever"]
        if row["passed_on"]:
            told = [f"passed on {fmt.day(row['passed_on'])}, proven by {row['proven_by']}"]
        elif row["criticality"] is not None:
            told.append(f"critical in {fmt.share(row['criticality'])} of the draws that reach the goal")
        if not row["passed_on"]:
            told.append(f"durations and chances: {row['confidence']}")
        data.append({
            "name": row["gate"], "value": [at, rank + 0.15 * (at % 2)], "category": _kind(row), "symbolSize": 14,
            "label": {"formatter": row["name"].replace("{", "("), "position": "left" if at == right else "bottom"},
            "tooltip": tip(row["name"], *told),
        })  # fmt: skip
    links = [{"source": one, "target": gate} for gate, ones in before.items() for one in ones]
    hidden = {"show": False}
    passed = sum(row["passed_on"] is not None for row in rows)
    return base(
        f"Network of {len(rows)} gates; {passed} of them are passed.",
        legend=legend(list(KINDS)),
        grid={"left": 60, "right": 60, "top": 44, "bottom": 34},
        xAxis={"type": "value", "min": -0.2, "max": right + 0.2, **hidden},
        yAxis={"type": "value", "inverse": True, "min": -0.5, "max": max(ranks.values()) - 0.3, **hidden},
        series=[
            {
                "type": "graph", "coordinateSystem": "cartesian2d",
                "categories": [{"name": kind, "itemStyle": {"color": colour}} for kind, colour in KINDS.items()],
                "edgeSymbol": ["none", "arrow"], "edgeSymbolSize": 7,
                "lineStyle": {"color": SLATE, "opacity": 0.6, "width": 1},
                "label": {"show": True, "fontSize": 11, "lineHeight": 13, "width": 130, "overflow": "break"},
                "data": data, "links": links,
            }
        ],
    )  # fmt: skip


def pixels(found: Roadmap) -> int:
    """Return how high the drawing of the network is."""
    return 200 + 30 * min(found.gates.height, 12)


def chances(found: Roadmap) -> Option:
    """Return the chance of the gates that the goal hangs on most, by quarter."""
    shown = found.gates.filter(pl.col("passed_on").is_null()).sort("criticality", descending=True).head(LINES)
    fan = found.fan()
    days = [day.isoformat() for day in fan["day"].unique(maintain_order=True)]
    lines = [
        {"type": "line", "name": name, "symbol": "none", "color": colour,
         "lineStyle": {"width": 4 if gate == found.read.goal else 2},
         "data": short(fan.filter(pl.col("gate") == gate)["probability"] * 100)}
        for (gate, name), colour in zip(shown.select("gate", "name").iter_rows(), SERIES, strict=False)
    ]  # fmt: skip
    names = shown["name"].to_list()
    return base(
        f"Chance of each gate by quarter; the goal by {fmt.day(found.read.by)}: {fmt.share(found.probability())}.",
        tooltip={"trigger": "axis", "confine": True},
        legend=legend(names),
        grid=grid(names),
        xAxis={"type": "category", "data": days},
        yAxis={**value_axis("Chance that it is passed, %"), "min": 0, "max": 100},
        series=lines,
    )


def budgets(found: Roadmap) -> Option | None:
    """Return the chance of the goal by the budget of the programme, spent where it gains most and evenly; None where
    no gate has a budget."""
    rows = found.budgets()
    if rows.is_empty():
        return None
    million = (rows["total_usd"] / 1e6).to_list()
    best, even = "where it gains most", "in proportion"

    def line(column: pl.Series) -> list[list[float | None]]:
        return [[x, y] for x, y in zip(short(million), short(column * 100), strict=True)]

    silent = {"type": "line", "name": best, "symbol": "none", "silent": True, "color": BLUE, "stack": "band",
              "lineStyle": {"opacity": 0}, "tooltip": {"show": False}}  # fmt: skip
    plan = rows.filter(pl.col("extra_usd") == 0)
    mark = {"markLine": {"symbol": "none", "silent": True, "label": {"formatter": "planned"},
                         "lineStyle": {"color": GREY}, "data": [{"xAxis": plan["total_usd"][0] / 1e6}]},
            } if plan.height else {}  # fmt: skip
    spoken = "; ".join(
        f"{fmt.money(total)}: {fmt.share(chance)}" for total, chance in rows.select("total_usd", "probability").rows()
    )
    return base(
        f"Chance of the goal by {fmt.day(found.read.by)} for each budget: {spoken}.",
        tooltip={"trigger": "axis", "confine": True},
        legend=legend([best, even]),
        grid=grid([best, even]),
        xAxis={"type": "value", "scale": True},
        yAxis=value_axis("Chance of the goal by its day, %"),
        series=[
            {**silent, "data": line(rows["low"])},
            {**silent, "data": line(rows["high"] - rows["low"]), "areaStyle": {"color": BLUE, "opacity": 0.18}},
            {"type": "line", "name": best, "color": BLUE, "data": line(rows["probability"]), **mark},
            {"type": "line", "name": even, "color": VERMILLION, "lineStyle": {"type": "dashed"}, "symbol": "none",
             "data": line(rows["evenly"])},
        ],
    )  # fmt: skip


def costs(found: Roadmap) -> Option | None:
    """Return a fan of costs for each chemistry: likely, where nine of ten draws lie, and where they do if each year may
    stray as far as past ones did; None without components."""
    bands = found.costs()
    if bands.is_empty():
        return None
    last = bands.filter(pl.col("year") == bands["year"].max())
    spoken = "; ".join(
        f"{row['chemistry']} {row['year']}: {fmt.money(row['p50'], 'kWh')}" for row in last.iter_rows(named=True)
    )
    return _fans(f"Costs of cells by chemistry: {spoken}.", bands.rename({"chemistry": "name"}))


def prices(found: Roadmap) -> Option | None:
    """Return past prices and the fans that they alone lead to; None where no chemistry of the facts is to be made."""
    ahead = found.outlook()
    if ahead.is_empty():
        return None
    past = found.past().filter(pl.col("name").is_in(ahead["name"].to_list()))
    told = past.select("name", "year", *(pl.col("usd").alias(q) for q in ("p05", "p50", "p95")))
    last = ahead.group_by("name", maintain_order=True).last()
    spoken = "; ".join(
        f"{row['name']} {row['year']}: {fmt.money(row['p05'], 'kWh')} to {fmt.money(row['p95'], 'kWh')}"
        for row in last.iter_rows(named=True)
    )
    return _fans(f"Past prices and where they lead: {spoken}.", pl.concat([told, ahead.select(told.columns)]))


def _fans(title: str, bands: pl.DataFrame) -> Option:
    """Return a line with bands around it for each name, over years; bands hold name, year, p50 and pairs of SHADES."""
    years = sorted(bands["year"].unique())
    names = bands["name"].unique(maintain_order=True).to_list()
    series: list[Option] = []
    shades = [pair for pair in SHADES if pair[0] in bands.columns]
    for name, colour in zip(names, SERIES, strict=False):
        rows = {row["year"]: row for row in bands.filter(pl.col("name") == name).iter_rows(named=True)}
        line = {"type": "line", "name": name, "color": colour}
        for low, high, shade in shades:
            silent = {**line, "symbol": "none", "silent": True, "stack": f"{low} {name}", "lineStyle": {"opacity": 0},
                      "tooltip": {"show": False}}  # fmt: skip
            lows = [rows[year][low] if year in rows else None for year in years]
            spread = [rows[year][high] - rows[year][low] if year in rows else None for year in years]
            area = {"areaStyle": {"color": colour, "opacity": shade}}
            series += [{**silent, "data": short(lows)}, {**silent, "data": short(spread), **area}]
        series.append({**line, "data": short([rows[year]["p50"] if year in rows else None for year in years])})
    return base(
        title,
        tooltip={"trigger": "axis", "confine": True},
        legend=legend(names),
        grid=grid(names),
        xAxis={"type": "category", "data": [str(year) for year in years]},
        yAxis=value_axis("USD per kWh"),
        series=series,
    )


def _kind(row: dict[str, object]) -> int:
    if row["passed_on"] is not None:
        return 0
    share = row["criticality"]
    if not isinstance(share, float) or share == 0:
        return 3
    return 1 if share >= 0.5 else 2

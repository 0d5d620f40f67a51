"""Who holds whom among the partners and those above them, and who of them falls under what?

Owners stand left of what they own; the names of a column are laid so that lines cross little (barycentres, as Sugiyama,
Tagawa and Toda have it, 1981). One regime at a time is marked: the legend chooses it.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import polars as pl

from cellroad.chain import facts
from cellroad.rules.screening import Screen
from cellroad.show import format as fmt
from cellroad.show.charts.base import Option, base, below, legend, tip
from cellroad.show.charts.standing import COLOURS, MARKS, WORDS
from cellroad.show.palette import GREY, SLATE

SWEEPS = 4
TALL = 62
"""Pixels of height for a name."""


def table(screen: Screen) -> pl.DataFrame:
    """Return the stakes of the day: owner, holds, owned (names), interest, confidence, row."""
    called = names(screen)
    held = pl.struct("share_min", "share_max", "interest").map_elements(
        lambda stake: held_words(*stake.values()), return_dtype=pl.String
    )
    return screen.owners.select(
        pl.col("owner").replace(called), pl.col("owned").replace(called), "interest", holds=held,
        confidence="confidence", row="row",
    )  # fmt: skip


def names(screen: Screen) -> dict[str, str]:
    """Return what people call partners and organisations of the facts, by id."""
    organisations = dict(facts.table("organisations").select("org_id", "name").iter_rows())
    return organisations | dict(screen.chain.partners.select("partner", "name").iter_rows())


def held_words(least: float, most: float, interest: str = "equity") -> str:
    """Return a share in words: 90 %, 50 to 100 %, unknown share; blank for an agreement, which has none."""
    if most == 0.0 and interest not in ("equity", "votes"):
        return ""
    if (least, most) == (0.0, 1.0):
        return "unknown share"
    if abs(most - least) < 1e-9:
        return fmt.share(least)
    return f"{fmt.share(least).removesuffix(' %')} to {fmt.share(most)}"


def pixels(screen: Screen) -> int:
    """Return how high the picture must be for its names."""
    columns = _columns(screen.owners)
    return 120 + TALL * max((len(column) for column in columns), default=1)


def chart(screen: Screen) -> Option:
    """Return the picture of owners: names as nodes, shares on the lines, marks on those that fall under the regime."""
    called, columns = names(screen), _columns(screen.owners)
    at = {
        entity: (float(place), (row + 0.5) / len(column))
        for place, column in enumerate(columns)
        for row, entity in enumerate(column)
    }
    wide = 700 / max(len(columns), 1)
    box = [min(190, wide - 44), 40]
    judged = screen.verdicts.filter(pl.col("kind").is_in(["partner", "venture"]), pl.col("subject").is_in(list(at)))
    regimes = _chosen_first(judged)
    spoken = "; ".join(f"{row['owner']} {_line(row)} {row['owned']}" for row in _lines(screen, called))
    return base(
        f"Picture of who holds whom, owners left of what they own: {spoken}.",
        legend={
            **legend(regimes),
            "selectedMode": "single",
            "inactiveColor": GREY,
            "selected": {name: not at for at, name in enumerate(regimes)},
        },
        grid={"left": 8 + box[0] / 2, "right": 8 + box[0] / 2, "top": 30 + below(regimes), "bottom": 12},
        xAxis={"type": "value", "show": False, "min": 0, "max": max(len(columns) - 1, 1)},
        yAxis={"type": "value", "show": False, "min": 0, "max": 1, "inverse": True},
        series=[
            {
                "type": "graph",
                "coordinateSystem": "cartesian2d",
                "symbol": "rect",
                "symbolSize": box,
                "lineStyle": {"color": SLATE, "opacity": 0.75, "width": 1.2},
                "label": {
                    "show": True,
                    "position": "inside",
                    "width": box[0] - 12,
                    "height": 36,
                    "overflow": "break",
                    "lineOverflow": "truncate",
                    "ellipsis": "…",
                    "fontSize": 11,
                    "lineHeight": 13,
                },
                "edgeLabel": {"show": True, "fontSize": 10.5, "position": "middle"},
                "data": [
                    {
                        "name": entity,
                        "value": [x, y],
                        "label": {"formatter": called.get(entity, entity).replace("{", "(")},
                        "tooltip": tip(called.get(entity, entity), *_answers(judged, entity)),
                    }
                    for entity, (x, y) in at.items()
                ],
                "links": _links(screen, called, at),
            },
            *(_marked(judged, regime, at, box) for regime in regimes),
        ],
    )


def _chosen_first(judged: pl.DataFrame) -> list[str]:
    """Return the regimes that somebody falls under or may fall under, those that catch most first."""
    counted = judged.group_by("regime", maintain_order=True).agg(
        yes=(pl.col("answer") == "yes").sum(), unsure=(pl.col("answer") == "unknown").sum()
    )
    hit = counted.filter(pl.col("yes") + pl.col("unsure") > 0)
    return hit.sort("yes", "unsure", descending=True, maintain_order=True)["regime"].to_list()


def _answers(judged: pl.DataFrame, entity: str) -> list[str]:
    mine = judged.filter(pl.col("subject") == entity, pl.col("answer") != "no")
    told = [f"{rule}: {WORDS[answer]}" for rule, answer in mine.select("rule", "answer").iter_rows()]
    return told or (["under none of the regimes"] if entity in set(judged["subject"]) else ["not a partner"])


def _lines(screen: Screen, called: dict[str, str]) -> list[dict[str, Any]]:
    """Return a line for every owner and owned, with all that is held between them."""
    lines: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in screen.owners.iter_rows(named=True):
        held = held_words(row["share_min"], row["share_max"], row["interest"])
        words = held if row["interest"] == "equity" else f"{held} {row['interest']}".strip()
        lines[row["owner"], row["owned"]].append(words)
    return [
        {
            "source": owner,
            "target": owned,
            "owner": called.get(owner, owner),
            "owned": called.get(owned, owned),
            "words": words,
        }
        for (owner, owned), words in lines.items()
    ]


def _line(row: dict[str, Any]) -> str:
    return f"holds {', '.join(row['words'])} of"


def _links(screen: Screen, called: dict[str, str], at: dict[str, tuple[float, float]]) -> list[Option]:
    """Return the lines with what is held written on them; the arrow points from owner to owned."""

    def words(row: dict[str, Any]) -> str:
        held = ", ".join(row["words"]).replace("{", "(")
        return f"{held} →" if at[row["source"]] <= at[row["target"]] else f"← {held}"

    return [
        {
            "source": row["source"],
            "target": row["target"],
            "label": {"formatter": words(row)},
            "tooltip": tip(row["owner"], f"{_line(row)} {row['owned']}"),
        }
        for row in _lines(screen, called)
    ]


def _marked(judged: pl.DataFrame, regime: str, at: dict[str, tuple[float, float]], box: list[float]) -> Option:
    """Return the marks on those that fall, or may fall, under a regime."""
    mine = judged.filter(pl.col("regime") == regime, pl.col("answer") != "no")
    return {
        "type": "scatter",
        "name": regime,
        "symbol": "rect",
        "symbolSize": box,
        "itemStyle": {"color": COLOURS["yes"]},
        "emphasis": {"disabled": True},
        "data": [
            {
                "value": list(at[row["subject"]]),
                "itemStyle": {"color": f"{COLOURS[row['answer']]}4D", "borderWidth": 0},
                "label": {
                    "show": True,
                    "formatter": MARKS[row["answer"]],
                    "position": [2, -13],
                    "fontSize": 11,
                    "fontWeight": "bold",
                },
                "tooltip": tip(f"{row['name']}, {row['rule']}: {WORDS[row['answer']]}", row["because"]),
            }
            for row in mine.iter_rows(named=True)
        ],
    }


# Layers ---------------------------------------------------------------------------------------------------------------


def _columns(owners: pl.DataFrame) -> list[list[str]]:
    """Return the entities by column: each stands right of all its owners, rings apart, in an order of few crossings."""
    pairs = list(dict.fromkeys((a, b) for a, b in owners.select("owner", "owned").iter_rows() if a != b))
    entities = list(dict.fromkeys(entity for pair in pairs for entity in pair))
    level = dict.fromkeys(entities, 0)
    for _ in entities:  # a ring would push its members on for ever; as many rounds as entities are enough without one
        for owner, owned in pairs:
            level[owned] = min(max(level[owned], level[owner] + 1), len(entities) - 1)
    for owner in reversed(entities):  # an owner stands just left of the first thing it owns
        right = [level[owned] for one, owned in pairs if one == owner]
        if right and min(right) > level[owner]:
            level[owner] = min(right) - 1
    used = sorted(set(level.values()))
    columns = [[entity for entity in entities if level[entity] == at] for at in used]
    return _untangled(columns, pairs)


def _untangled(columns: list[list[str]], pairs: list[tuple[str, str]]) -> list[list[str]]:
    """Order each column by the middle of its neighbours, from left to right and back."""
    beside: dict[str, list[str]] = defaultdict(list)
    for owner, owned in pairs:
        beside[owner].append(owned)
        beside[owned].append(owner)
    for sweep in range(SWEEPS):
        place = {entity: (row + 0.5) / len(column) for column in columns for row, entity in enumerate(column)}
        for column in columns if sweep % 2 else reversed(columns):
            column.sort(key=lambda entity: sum(place[one] for one in beside[entity]) / len(beside[entity]))
            place |= {entity: (row + 0.5) / len(column) for row, entity in enumerate(column)}
    return columns

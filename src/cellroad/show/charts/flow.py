"""From which material to which market does the money run, and where is it added?

Every node is an item at a site, or a market. Money enters where something is bought, converted, shipped or cleared,
stays with the goods at the average cost of what lies there, and ends in the market that buys or in stock. So the
width that reaches a market is what its goods cost, and as much leaves a node as enters it. Fixed cost and investment
belong to no single unit and are left out. A flow back to where it has been (recycling, a swap between two sites)
ends in a node of its own: the picture has no cycle.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import polars as pl

from cellroad.plan.result import Plan
from cellroad.show import format as fmt
from cellroad.show.charts.base import Option, base, names, tip
from cellroad.show.palette import COST, GREY, STAGE, VERMILLION

CONVERSION, FREIGHT, DUTY = "Conversion", "Freight and insurance", "Duty and fees"
LEFT, RETURNED = "Left in stock", "Returned"
WIDTH, LAST_LABEL = 1000, 160
"""Pixels: the chart on a usual page, and what is kept free right of it for the names of the markets."""
LEAST = 5e-4
"""A flow smaller than this part of all money is in the table but not drawn."""


def table(plan: Plan) -> pl.DataFrame:
    """Return the flows of money by name: origin, destination, usd."""
    frame = links(plan)
    words = pl.col("origin", "destination").replace(_called(plan, frame))
    return frame.sort("usd", descending=True).select(words, "usd")


def links(plan: Plan) -> pl.DataFrame:
    """Return the flows of money by id: origin, destination, usd. A node is "site|item", a market, or a kind of cost.

    At every node: bought + entering = leaving. No cycle, no flow of nothing.
    """
    all_moves = _moves(plan)
    shelves = _shelves(plan, all_moves)
    moves = _acyclic(_merged(all_moves, shelves))
    added = _added(plan).filter(pl.col("usd") > 0).with_columns(pl.col("node").replace(shelves))
    money: dict[str, float] = defaultdict(float, bought(plan))
    for _, node, usd in added.iter_rows():
        money[node] += usd
    quantity = dict(_quantity(plan, moves).iter_rows())
    leaving: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for origin, destination, units in moves.select("origin", "destination", "leaves").iter_rows():
        leaving[origin].append((destination, units))
    rows: list[tuple[str, str, float]] = list(added.iter_rows())
    for node in _order(moves.select("origin", "destination").iter_rows(), list(money)):
        if "|" not in node:
            continue
        has, rest = money[node], money[node]
        for destination, units in leaving[node]:
            usd = min(has * units / quantity[node], rest) if quantity.get(node) else 0.0
            rest -= usd
            money[destination] += usd
            rows.append((node, destination, usd))
        rows.append((node, LEFT, rest))
    schema = {"origin": pl.String, "destination": pl.String, "usd": pl.Float64}
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    summed = frame.group_by("origin", "destination", maintain_order=True).agg(pl.col("usd").sum())
    return summed.filter(pl.col("usd") > 1e-9 * pl.col("usd").sum())


def bought(plan: Plan) -> dict[str, float]:
    """Return what is paid for purchases at each node, USD."""
    frame = plan.purchases.group_by(_node("site", "item").alias("node"), maintain_order=True).agg(
        pl.col("cost_usd").sum()
    )
    return dict(frame.iter_rows())


def _node(site: str, item: str) -> pl.Expr:
    return pl.format("{}|{}", pl.col(site).cast(pl.String), pl.col(item).cast(pl.String))


def _moves(plan: Plan) -> pl.DataFrame:
    """Return what leaves a node for another: origin, destination, leaves and arrives (in units of either's item).

    What goes into a process arrives as another item, which is counted where it is made: it arrives as nought.
    """
    output = plan.chain.processes.select("process", output="item")
    flows = (
        plan.shipments.select(
            origin=_node("origin", "item"),
            destination=_node("destination", "item"),
            leaves="quantity",
            arrives="quantity",
        ),
        plan.consumption.join(output, on="process", how="left").select(
            origin=_node("site", "item"),
            destination=_node("site", "output"),
            leaves="quantity",
            arrives=pl.lit(0.0),
        ),
        plan.sales.select(
            origin=_node("market", "item"),
            destination=pl.col("market").cast(pl.String),
            leaves="units",
            arrives="units",
        ),
    )
    together = pl.concat(flows).group_by("origin", "destination", maintain_order=True)
    return together.agg(pl.col("leaves", "arrives").sum()).filter(pl.col("leaves") > 0)


def _shelves(plan: Plan, moves: pl.DataFrame) -> dict[str, str]:
    """Return the nodes that goods reach from elsewhere only to be sold there, and the market: they are drawn as one."""
    made = plan.production.select(node=_node("site", "item"))["node"]
    markets = set(plan.sales["market"])
    onward = moves.group_by("origin").agg(pl.col("destination").unique())
    own = {*made, *bought(plan)}
    return {node: to[0] for node, to in onward.iter_rows() if len(to) == 1 and to[0] in markets and node not in own}


def _merged(moves: pl.DataFrame, shelves: dict[str, str]) -> pl.DataFrame:
    kept = moves.filter(~pl.col("origin").is_in(list(shelves))).with_columns(pl.col("destination").replace(shelves))
    return kept.group_by("origin", "destination", maintain_order=True).agg(pl.col("leaves", "arrives").sum())


def _added(plan: Plan) -> pl.DataFrame:
    """Return money that joins the goods on their way: origin (kind of cost), destination (node), usd."""
    into = _node("destination", "item").alias("node")
    parts = (
        plan.production.select(kind=pl.lit(CONVERSION), node=_node("site", "item"), usd="cost_usd"),
        plan.shipments.select(pl.lit(FREIGHT).alias("kind"), into, usd=pl.col("freight_usd") + pl.col("insurance_usd")),
        plan.shipments.select(pl.lit(DUTY).alias("kind"), into, usd=pl.col("duty_usd") + pl.col("fees_usd")),
    )
    return pl.concat(parts).group_by("kind", "node", maintain_order=True).agg(pl.col("usd").sum())


def _quantity(plan: Plan, moves: pl.DataFrame) -> pl.DataFrame:
    """Return how many units each node had in all: on hand, bought, made and arrived."""
    here = _node("site", "item").alias("node")
    parts = (
        plan.chain.stocks.select(here, units="on_hand"),
        plan.purchases.select(here, units="quantity"),
        plan.production.select(here, units="good"),
        moves.select(node="destination", units="arrives"),
    )
    return pl.concat(parts).group_by("node").agg(pl.col("units").sum())


def _acyclic(moves: pl.DataFrame) -> pl.DataFrame:
    """Return the moves with those that run back to an earlier node ended in a node of their own."""
    edges = list(moves.select("origin", "destination").iter_rows())
    rank = {node: place for place, node in enumerate(_order(edges))}
    back = pl.Series([rank[a] >= rank[b] for a, b in edges], dtype=pl.Boolean)
    return moves.with_columns(destination=pl.when(back).then(pl.lit(RETURNED)).otherwise("destination"))


def _order(edges: Iterable[tuple[str, ...]], others: Iterable[str] = ()) -> list[str]:
    """Return nodes so that what comes before stands before; a cycle is entered at any node on it."""
    before: dict[str, set[str]] = {node: set() for node in others}
    for origin, destination in edges:
        before.setdefault(origin, set())
        before.setdefault(destination, set()).add(origin)
    order: list[str] = []
    left = dict.fromkeys(before)
    while left:
        free = [node for node in left if not before[node] & left.keys()] or [_on_cycle(before, left)]
        order += free
        for node in free:
            del left[node]
    return order


def _on_cycle(before: dict[str, set[str]], left: dict[str, None]) -> str:
    node, seen = next(iter(left)), set[str]()
    while node not in seen:
        seen.add(node)
        node = min(before[node] & left.keys())
    return node


def _called(plan: Plan, frame: pl.DataFrame) -> dict[str, str]:
    sites, items = names(plan.chain, "sites"), names(plan.chain, "items")
    pairs = {node: node.split("|") for node in [*frame["origin"], *frame["destination"]] if "|" in node}
    called = {node: f"{items.get(item, item)} · {sites.get(site, site)}" for node, (site, item) in pairs.items()}
    return sites | called


def _columns(frame: pl.DataFrame) -> int:
    """Return how many columns of nodes the picture has: nodes on its longest way."""
    edges = list(frame.select("origin", "destination").iter_rows())
    depth: dict[str, int] = defaultdict(lambda: 1)
    for node in _order(edges):
        depth[node] = max([depth[a] + 1 for a, b in edges if b == node], default=1)
    return max(depth.values(), default=1)


def chart(plan: Plan) -> Option:
    """Return a Sankey of money from what is bought to the markets."""
    frame = links(plan)
    shown = frame.filter(pl.col("usd") > LEAST * pl.col("usd").max())
    called = _called(plan, frame)
    stages = dict(plan.chain.items.select("item", pl.col("stage").cast(pl.String)).iter_rows())
    fixed = {CONVERSION: COST["make"], FREIGHT: COST["freight"], DUTY: COST["duty"], LEFT: GREY, RETURNED: GREY}
    nodes = dict.fromkeys([*shown["origin"], *shown["destination"]])
    enters, leaves = (
        dict(shown.group_by(end).agg(pl.col("usd").sum()).iter_rows()) for end in ("destination", "origin")
    )

    def colour(node: str) -> str:
        if "|" in node:
            return STAGE.get(stages.get(node.split("|")[1], ""), GREY)
        return fixed.get(node, VERMILLION)

    last = {"width": LAST_LABEL - 14, "overflow": "break"}

    def node_mark(node: str) -> Option:
        title = called.get(node, node)
        usd = max(enters.get(node, 0.0), leaves.get(node, 0.0))
        return {
            "name": node,
            "itemStyle": {"color": colour(node)},
            "label": {"formatter": title.replace(" · ", "\n").replace("{", "("), **({} if "|" in node else last)},
            "tooltip": tip(title, fmt.money(usd)),
        }

    return base(
        "Sankey diagram of money from purchases through sites to markets.",
        series=[
            {
                "type": "sankey",
                "left": 4,
                "right": LAST_LABEL,
                "top": 10,
                "bottom": 10,
                "nodeWidth": 14,
                "nodeGap": 16,
                "layoutIterations": 64,
                "draggable": False,
                "emphasis": {"focus": "adjacency"},
                "lineStyle": {"color": "source", "opacity": 0.28, "curveness": 0.5},
                "label": {"width": (WIDTH - LAST_LABEL) / max(_columns(shown) - 1, 1) - 28, "overflow": "truncate"},
                "labelLayout": {"hideOverlap": True},
                "data": [node_mark(node) for node in nodes],
                "links": [
                    {
                        "source": a,
                        "target": b,
                        "value": float(f"{usd:.6g}"),
                        "tooltip": tip(f"{called.get(a, a)} → {called.get(b, b)}", fmt.money(usd)),
                    }
                    for a, b, usd in shown.iter_rows()
                ],
            }
        ],
    )

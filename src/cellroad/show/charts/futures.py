"""The futures of a plan: the tree with what is built where, and what each future is worth."""

from __future__ import annotations

import polars as pl

from cellroad.plan.tree.result import TreePlan
from cellroad.show import format as fmt
from cellroad.show.charts.base import DOLLARS, Option, base, grid, legend, scale, short, tip
from cellroad.show.palette import BLUE, GREY, ORANGE

BUILT, OPEN, NEVER = BLUE, ORANGE, GREY


def tree_table(planned: TreePlan) -> pl.DataFrame:
    """Return the nodes: future, after, known_from, probability, value_usd, decides (options)."""
    decided = _decided(planned)
    names = dict(planned.nodes.select("scenario", "name").iter_rows())
    return planned.nodes.join(decided, on="scenario", how="left", maintain_order="left").select(
        future="name", after=pl.col("parent").replace(names), known_from="known_from", probability="probability",
        value_usd="value_usd", decides=pl.col("decides").fill_null(""),
    )  # fmt: skip


def tree_chart(planned: TreePlan, option: str | None) -> Option:
    """Return the tree from left to right; the colour of a node tells whether an option is built below it."""
    nodes = planned.nodes.join(_decided(planned), on="scenario", how="left", maintain_order="left")
    built = set(planned.rule(option).built) if option else set()
    leaves_below: dict[str, set[str]] = {str(name): set() for name in nodes["scenario"]}
    for line in planned.tree.lines:
        for node in line:
            leaves_below[str(planned.tree.frame["scenario"][node])].add(str(planned.tree.frame["scenario"][line[-1]]))
    made: dict[str, Option] = {}
    for row in nodes.iter_rows(named=True):
        below = leaves_below[row["scenario"]]
        colour = BUILT if below <= built else OPEN if below & built else NEVER
        made[row["scenario"]] = {
            "name": row["name"],
            "itemStyle": {"color": colour, "borderColor": colour},
            "tooltip": tip(
                row["name"],
                f"probability {fmt.share(row['probability'])}, worth {fmt.money(row['value_usd'])}",
                row["decides"] or "nothing is decided only here",
            ),
            "children": [],
        }
        if row["parent"] is not None:
            made[row["parent"]]["children"].append(made[row["scenario"]])
    root = made[str(nodes["scenario"][0])]
    spoken = "; ".join(f"{row['future']}: {row['decides']}" for row in tree_table(planned).to_dicts() if row["decides"])
    return base(
        f"The tree of futures from left to right. {spoken}",
        series=[
            {
                "type": "tree", "data": [root], "orient": "LR", "initialTreeDepth": -1, "expandAndCollapse": False,
                "left": 90, "right": 260, "top": 12, "bottom": 12, "symbol": "circle", "symbolSize": 11,
                "roam": False, "edgeShape": "polyline", "edgeForkPosition": "50%", "lineStyle": {"width": 1},
                "label": {"position": "left", "verticalAlign": "middle", "align": "right", "fontSize": 11,
                          "width": 180, "overflow": "truncate"},
                "leaves": {"label": {"position": "right", "align": "left", "width": 240, "overflow": "truncate"}},
            }
        ],
    )  # fmt: skip


def values_table(planned: TreePlan) -> pl.DataFrame:
    """Return the futures, the best first: future, probability, value_usd, regret_usd where planned for, builds."""
    opened = pl.DataFrame(
        {
            "scenario": list(planned.plans),
            "builds": [
                "; ".join(f"{name} ({fmt.month(day)})" for name, day in _options(plan.openings).iter_rows())
                for plan in planned.plans.values()
            ],
        },
        schema={"scenario": pl.String, "builds": pl.String},
    )
    return (
        planned.leaves.join(opened, on="scenario", how="left", maintain_order="left")
        .sort("value_usd", descending=True)
        .select(
            "probability", "value_usd", *([] if planned.regrets is None else ["regret_usd"]), "builds", future="name"
        )
        .select("future", pl.exclude("future"))
    )


def values_chart(planned: TreePlan, option: str | None) -> Option:
    """Return the value of every future as a bar, coloured by whether an option is built in it, and their means."""
    built = set(planned.rule(option).built) if option else set()
    leaves = planned.leaves.sort("value_usd")
    width = min(6 * max(map(len, leaves["name"])) + 10, 380)
    divisor, unit = scale(float(leaves["value_usd"].abs().max() or 0.0), DOLLARS)  # type: ignore[arg-type]
    sides = [("built", BUILT, True), ("not built", NEVER, False)]
    values = short(leaves["value_usd"].to_list(), divisor)
    shown = [name for name, _, _ in sides] if option else []
    level = planned.risk.alpha if planned.risk.kind == "cvar" else 0.9
    means = {"expected": planned.value_usd, f"worst {1 - level:.2g}": planned.cvar_usd(level)}
    lines = [
        {"name": name, "xAxis": short([usd], divisor)[0], "label": {"formatter": name, "fontSize": 11}}
        for name, usd in means.items()
    ]
    return base(
        "Horizontal bars: the net present value of every future, the best on top. "
        + "; ".join(f"{name} {fmt.money(usd)}" for name, usd in means.items()),
        tooltip={"trigger": "axis", "axisPointer": {"type": "shadow"}, "confine": True},
        **({"legend": legend(shown)} if option else {}),
        grid=grid(shown, bottom=36),
        xAxis={"type": "value", "name": f"Net present value, {unit}", "nameLocation": "middle", "nameGap": 28},
        yAxis={
            "type": "category", "data": leaves["name"].to_list(), "axisTick": {"show": False},
            "axisLabel": {"width": width, "overflow": "truncate", "fontSize": 11},
        },
        series=[
            {
                "type": "bar", "name": name, "stack": "value", "itemStyle": {"color": colour}, "barMaxWidth": 18,
                **({"markLine": {"symbol": "none", "data": lines}} if not side else {}),
                "data": [
                    value if (leaf in built) is side else None
                    for leaf, value in zip(leaves["scenario"], values, strict=True)
                ],
            }
            for name, colour, side in sides
            if option or not side
        ],
    )  # fmt: skip


def contested(planned: TreePlan) -> list[str]:
    """Return the options, or groups of which one is taken, that are built in some futures only, the dearest first."""
    rules = [planned.rule(choice) for choice in planned.choices]
    cost = {choice: float(members(planned, choice)["capex_usd"].max() or 0.0) for choice in planned.choices}  # type: ignore[arg-type]
    return sorted((rule.option for rule in rules if rule.built and rule.never), key=lambda name: -cost[name])


def members(planned: TreePlan, choice: str) -> pl.DataFrame:
    """Return the options of a choice: the one that is called so, or those of the group."""
    return planned.chain.options.filter((pl.col("option") == choice) | (pl.col("one_of") == choice))


def called(planned: TreePlan, choice: str) -> str:
    """Return the name of a choice: that of the only option that it ever takes, else that of the group."""
    taken = {what for plan in planned.plans.values() for what in plan.openings.filter(kind="option")["what"]}
    mine = members(planned, choice)
    ever = mine.filter(pl.col("option").is_in(list(taken)))
    shown = ever if ever.height == 1 else mine
    return str(shown["name"][0] or choice) if shown.height == 1 else f"{choice} (one of {mine.height})"


def _options(openings: pl.DataFrame) -> pl.DataFrame:
    return openings.filter(pl.col("kind") == "option").sort("decided").select("name", "decided")


def _decided(planned: TreePlan) -> pl.DataFrame:
    """Return the options that each node decides, in words: scenario, decides."""
    options = planned.starts.filter(pl.col("kind") == "option").sort("decided")
    told = pl.format("{} ({})", "name", pl.col("decided").dt.strftime("%b %Y"))
    return options.group_by("scenario", maintain_order=True).agg(
        decides=told.unique(maintain_order=True).str.join("; ")
    )

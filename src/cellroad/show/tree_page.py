"""A plan over a tree of futures as one HTML file: the rule behind each investment, the tree, and who earns what in it.

It loads nothing; with scripts off every chart is a table.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from cellroad.plan.tree.result import TreePlan
from cellroad.show import format as fmt
from cellroad.show import html, provenance
from cellroad.show.charts import futures
from cellroad.show.page import page, write_page
from cellroad.show.report import Card, cited_rows
from cellroad.show.screen_page import Figure

MOST = 1000
"""Rows of a table in the page."""


def write_tree(planned: TreePlan, path: Path | str) -> Path:
    """Write the report of a tree to a file, whole or not at all, and return its path."""
    return write_page(tree_page(planned), path)


def tree_page(planned: TreePlan) -> str:
    """Return a tree as one HTML page that needs nothing else."""
    contested = futures.contested(planned)
    first = contested[0] if contested else None
    drawn = [_tree(planned, first), _values(planned, first)]
    assumed = provenance.assumptions(planned.chain)
    return page(
        "tree.html.j2",
        {figure.name: figure.option for figure in drawn if figure.option},
        title=f"{planned.chain.name}: futures",
        planned=planned,
        headline=headline(planned),
        cards=cards(planned),
        rules=html.table(rules(planned), caption="When each option is taken", most=MOST),
        figures={figure.name: figure for figure in drawn},
        partners=html.table(partners(planned), caption="Value by partner over the futures"),
        partner_futures=html.table(partner_futures(planned), caption="Value by partner in every future", most=MOST),
        shares=html.table(shares(planned), caption="Who holds whom"),
        held=partners(planned).height > 0,
        measures=html.table(measures(planned), caption="What the tree is worth"),
        assumed={name: int(frame["rows"].sum()) for name, frame in assumed.items()},
        assumptions={name: html.table(frame) for name, frame in assumed.items()},
        cited=cited_rows(provenance.cited(planned.chain)),
    )


def headline(planned: TreePlan) -> str:
    """Return the answer in one sentence: what depends on what, what is built anyway, what it is worth."""
    contested = futures.contested(planned)
    if contested:
        first = f"{futures.called(planned, contested[0])}: {planned.rule(contested[0]).words}."
    else:
        every = [choice for choice in planned.choices if len(planned.rule(choice).built) == len(planned.plans)]
        sure = [futures.called(planned, choice) for choice in every]
        first = f"In every future: {fmt.listed(sure)}." if sure else "Nothing is built in any future."
    aim = (
        f"; planned for the {planned.aim}, {fmt.money(planned.measure_usd)}" if planned.risk.kind != "expected" else ""
    )
    return (
        f"{first} Expected NPV {fmt.money(planned.value_usd)} over {len(planned.plans)} futures{aim}, "
        f"at {fmt.share(planned.gap)} gap."
    )


def cards(planned: TreePlan) -> list[Card]:
    """Return the figures that stand on top of the page."""
    notes = {
        **({} if planned.risk.kind == "expected" else {planned.aim: ("Planned for", planned.aim)}),
        "expected net present value": ("Expected NPV", "mean over the futures, by probability"),
        "worst tenth of futures, mean": ("Worst tenth", "mean NPV of the worst tenth of futures"),
        "value of waiting": ("Waiting", "worth of deciding late instead of everything today"),
        "value of information": ("Information", "worth of knowing the future today"),
        "value of the stochastic solution": ("Hedging", "worth of planning for the futures, not for their mean"),
    }
    values = {str(name): float(value) for name, value in planned.summary().select("figure", "value").iter_rows()}
    return [
        Card(title, html.value(fmt.money(values[name])), note)
        for name, (title, note) in notes.items()
        if name in values
    ]


def rules(planned: TreePlan) -> pl.DataFrame:
    """Return every option with how often and when it is taken, and the condition behind it, in words."""
    told = []
    for choice in planned.choices:
        rule = planned.rule(choice)
        days = sorted(day for dates in rule.decided.values() for day in dates)
        span = list(dict.fromkeys(fmt.month(day) for day in (days[0], days[-1]))) if days else []
        futures_of = f"{len(rule.built)} of {len(planned.plans)}"
        told.append(
            (futures.called(planned, choice), futures_of, fmt.share(rule.probability), " to ".join(span), rule.words)
        )
    heads = ["Option", "Futures", "Probability", "Decided", "Rule"]
    return pl.DataFrame(told, schema=dict.fromkeys(heads, pl.String), orient="row")


def partners(planned: TreePlan) -> pl.DataFrame:
    """Return what each partner earns: partner, expected, least and most net present value over the futures."""
    return (
        planned.partners.group_by("name", maintain_order=True)
        .agg(
            expected_usd=(pl.col("usd") * pl.col("probability")).sum(),
            least_usd=pl.col("usd").min(),
            most_usd=pl.col("usd").max(),
        )
        .rename({"name": "Partner"})
    )


def partner_futures(planned: TreePlan) -> pl.DataFrame:
    """Return the value of each partner in every future, the best future first: future, probability, one column each."""
    order = planned.leaves.sort("value_usd", descending=True).select("scenario", "name", "probability")
    wide = planned.partners.select("scenario", "name", "usd").pivot("name", index="scenario", values="usd")
    names = {name: f"{name}_usd" for name in wide.columns if name != "scenario"}
    return (
        order.join(wide.rename(names), on="scenario", how="left", maintain_order="left")
        .drop("scenario")
        .rename({"name": "future"})
    )


def shares(planned: TreePlan) -> pl.DataFrame:
    """Return who holds how much of whom, from and until when: the stakes behind the values."""
    names = dict(planned.chain.partners.select("partner", "name").iter_rows())
    held = planned.chain.stakes.filter(pl.col("interest").cast(pl.String) == "equity")
    return held.select(
        holder=pl.col("owner").replace(names), of=pl.col("owned").replace(names), least_share="share_min",
        most_share="share_max", held_from="valid_from", until="valid_to",
    )  # fmt: skip


def measures(planned: TreePlan) -> pl.DataFrame:
    """Return the figures of the tree in money, each with the interval that is proved of it."""
    money = planned.summary().filter(pl.col("unit") == "USD")
    return money.select(
        pl.col("figure").alias("Figure"),
        value_usd=pl.col("value"),
        proved_from_usd=pl.col("low"),
        proved_to_usd=pl.col("high"),
    )


def _tree(planned: TreePlan, option: str | None) -> Figure:
    frame = futures.tree_table(planned)
    called = futures.called(planned, option) if option else ""
    return Figure(
        "tree", "The tree", "What becomes known, from left to right. Hover over a node for what is decided there."
        + (f" “{called}” is built in every future below a blue node, in some below an orange, in none below a grey one."
           if option else ""),
        "There is one future.", futures.tree_chart(planned, option), 60 + 26 * len(planned.plans),
        html.table(frame, caption="The tree", most=MOST),
    )  # fmt: skip


def _values(planned: TreePlan, option: str | None) -> Figure:
    return Figure(
        "values", "What each future is worth", "Net present value of every future under the plan.",
        "There is one future.",
        futures.values_chart(planned, option), 90 + 22 * len(planned.plans),
        html.table(futures.values_table(planned), caption="What each future is worth", most=MOST),
    )  # fmt: skip

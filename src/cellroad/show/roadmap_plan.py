"""What a programme means for a chain: what to decide when, what waiting is worth, what plant is stranded."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from cellroad.chain.chain import Chain
from cellroad.engineering.roadmap.futures import ROOT, as_planned, early
from cellroad.engineering.roadmap.result import Roadmap
from cellroad.plan.solving.watching import Watch
from cellroad.plan.tree.result import TreePlan
from cellroad.plan.tree.trees import plan_tree
from cellroad.show import format as fmt
from cellroad.show import html
from cellroad.show.charts import futures as drawing
from cellroad.show.screen_page import Figure


@dataclass(frozen=True)
class Coupled:
    """A chain planned over the futures of a programme.

    planned, waiting, stranded  the plans, what waiting is worth, and what is stranded under them
    kept, stranded_if           the plans where all is built as is best if everything comes as planned, and what is
                                stranded then
    early                       what each fork is called, and the future in which it alone comes early
    """

    planned: TreePlan
    waiting: pl.DataFrame
    stranded: pl.DataFrame
    kept: TreePlan
    stranded_if: pl.DataFrame
    early: dict[str, str]


def coupled(found: Roadmap, chain: Chain, *, gap: float = 5e-3, time_limit: float = 150.0, watch: Watch) -> Coupled:
    """Return a chain planned over the futures of a programme.

    Raises ChainError where the programme has no forks, NoPlanError where there is no plan.
    """
    planned = plan_tree(
        found.to_scenarios(chain), under=ROOT, gap=gap, time_limit=time_limit, seed=found.seed, progress=watch
    )
    expected = as_planned(found) if as_planned(found) in planned.tree.leaves else None
    kept = planned.committed(expected, progress=watch)
    waits = planned.waiting(gap=gap, time_limit=time_limit / 2, progress=watch)
    return Coupled(planned, waits, planned.stranded(expected), kept, kept.stranded(expected), early(found))


def sentences(one: Coupled) -> list[str]:
    """Return the answer in words: what to wait with and what that is worth, what to decide when, what is stranded."""
    told = []
    waits = one.waiting.filter(pl.col("waits_for") != "")
    for row in waits.iter_rows(named=True):
        answers, known = fmt.listed(row["waits_for"].split(", ")), fmt.day(row["known_on"])
        span = " to ".join(dict.fromkeys(fmt.month(row[day]) for day in ("decided_from", "decided_to")))
        told.append(
            f"Wait with “{row['name']}” for the answer about {answers}, known on {known}: "
            f"settled today it would cost {fmt.money(row['usd'])} (proved: {fmt.money(row['low_usd'])} to "
            f"{fmt.money(row['high_usd'])}). It is taken in {fmt.share(row['probability'])} of futures, decided {span}."
        )
    alike = one.waiting.filter((pl.col("waits_for") == "") & pl.col("decided_from").is_not_null())
    for (day,), rows in alike.sort("decided_from", maintain_order=True).group_by("decided_from", maintain_order=True):
        told.append(f"Decide by {fmt.month(day)}, whatever comes: {fmt.listed(rows['name'].to_list())}.")
    loss, value = one.planned.value_usd - one.kept.value_usd, one.planned.value_usd
    told.append(f"To build as if all came as planned would cost {fmt.money(loss)} of {fmt.money(value)} expected.")
    told += [_stranded(one, name, future) for name, future in one.early.items() if future in one.planned.tree.leaves]
    unpaid = by_plant(one.stranded_if.filter(pl.col("net_usd") < 0)).sort("least_net_usd").head(3)
    told += [
        f"If all is built so, “{row['plant']}”, with what needs it, is not paid back in "
        f"{fmt.share(row['probability'])} of futures; at worst {fmt.money(row['least_net_usd'])} ({row['worst']})."
        for row in unpaid.iter_rows(named=True)
    ]
    return told


def _stranded(one: Coupled, name: str, future: str) -> str:
    """Return what plant is stranded where one answer comes early, if all is built as is best when nothing does."""
    rows = one.stranded_if.filter(pl.col("future") == future)
    idle = rows.filter(pl.col("kind").is_in(["closed", "idle", "under-used"]))
    poorer = rows.with_columns(lost=pl.col("worth_there_usd") - pl.col("worth_usd")).filter(pl.col("lost") > 0)
    less = [f"{row['plant']} {fmt.money(row['lost'])} of {fmt.money(row['worth_there_usd'])}"
            for row in poorer.sort("lost", descending=True).head(4).iter_rows(named=True)]  # fmt: skip
    told = f"{fmt.listed(idle['plant'].to_list())} stand idle or under-used" if idle.height else "no plant stands idle"
    return f"Where “{name}” comes early, {told}" + (f"; worth is lost by {fmt.listed(less)}." if less else ".")


def by_plant(stranded: pl.DataFrame) -> pl.DataFrame:
    """Return what is stranded by plant: plant, kind, probability, idle_book_usd, lost_worth_usd, least_net_usd, worst.

    What is idle in the books and what is lost of worth are expected over all futures; `worst` is the future of the
    least net value, or of the least worth.
    """
    p = pl.col("probability")
    order = pl.coalesce("net_usd", "worth_usd")
    return (
        stranded.group_by("resource", maintain_order=True)
        .agg(
            pl.col("plant").first(),
            kind=pl.col("kind").unique(maintain_order=True).str.join(", "),
            idle_book_usd=(p * pl.col("idle_usd").fill_null(0.0)).sum(),
            lost_worth_usd=(p * (pl.col("worth_there_usd") - pl.col("worth_usd")).fill_null(0.0)).sum(),
            least_net_usd=pl.col("net_usd").min(),
            worst=pl.col("name").sort_by(order).first(),
            probability=p.sum(),
        )
        .select("plant", "kind", "probability", "idle_book_usd", "lost_worth_usd", "least_net_usd", "worst")
        .sort("lost_worth_usd", descending=True, maintain_order=True)
    )


def tables(one: Coupled) -> list[tuple[str, str, str, pl.DataFrame]]:
    """Return the tables of a chain planned over futures: name, title, question, frame."""
    worth = one.planned.summary().filter(pl.col("unit") == "USD").select(
        "figure", value_usd="value", proved_from_usd="low", proved_to_usd="high"
    )  # fmt: skip
    left = ("future", "resource", "book_usd", "kwh_per_year")
    return [
        ("worth", "Worth of the plan", "What are the plan over all futures, knowing them and waiting worth?", worth),
        ("waiting", "When to wait", "What does it cost to settle an option today, and what is it worth waiting for?",
         one.waiting.drop("option").rename(
             {"usd": "settled_today_usd", "low_usd": "proved_from_usd", "high_usd": "proved_to_usd"})),
        ("stranded", "Stranded plant", "What is idle, worth less or never paid back where the plan waits for answers?",
         by_plant(one.stranded)),
        ("stranded-if", "Stranded plant, if all expect what is planned",
         "What if everything is built as is best when all comes as planned?", by_plant(one.stranded_if)),
        ("stranded-futures", "Stranded plant by future", "The same by future: what it is worth, and was to be worth.",
         one.stranded_if.drop(*left)),
    ]  # fmt: skip


def figure(one: Coupled) -> Figure:
    """Return the tree of futures drawn, with the option that hangs on an answer most."""
    contested = drawing.contested(one.planned)
    option = contested[0] if contested else None
    called = f" Blue: “{drawing.called(one.planned, option)}” is built in every future below." if option else ""
    return Figure(
        "tree", "Futures of the chain", f"What becomes known, from left to right?{called}", "There is one future.",
        drawing.tree_chart(one.planned, option), 60 + 26 * len(one.planned.plans),
        html.table(drawing.tree_table(one.planned), caption="The tree"),
    )  # fmt: skip

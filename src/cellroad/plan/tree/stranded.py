"""What plant is stranded when a future comes otherwise than expected: idle, under-used, worth less, or never paid back?

Every future of a tree is laid beside the one that is expected. A plant (a line with all that options add to it) is
under-used where, from some day to the end, it is used by so much less than there; idle where it makes nothing from that
day on, and closed where it is given up. What is lost is what its options still stand for on that day, as far as its use
fell:

    idle_usd = book * (1 - use / use there),    book = sum over its options of capex * (1 - age / life), not below 0

A plant can lose its worth and not its use, as where prices fall. Its worth is what a future would be worth less if
nothing were made on it, all else decided alike and whatever it cost; what an option never pays back is what the future
would be worth more without it and without what cannot be built without it, with what plant is left at the end:

    worth_usd = value - value where the plant makes nothing
    net_usd   = value - value without its options and those that need them

Where several plants can only earn together, each is worth what all of them earn: worths of plants do not add up. Of
lines that stand from the start the chain knows no price: their capital is unknown.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Set
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cellroad.plan.options.starting import straight_line
from cellroad.plan.result import Plan
from cellroad.plan.solving.warm import Warm
from cellroad.plan.tree.committed import expected
from cellroad.plan.tree.result import TreePlan
from cellroad.plan.why.case import Case

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
NOTHING = 0.01
"""Use below which a plant is idle."""
SCHEMA = {
    "future": pl.String, "name": pl.String, "probability": pl.Float64, "resource": pl.String, "plant": pl.String,
    "kind": pl.String, "since": pl.Date, "kwh_per_year": pl.Float64, "use_share": pl.Float64,
    "use_there_share": pl.Float64, "invested_usd": pl.Float64, "book_usd": pl.Float64, "idle_usd": pl.Float64,
    "fixed_usd": pl.Float64, "worth_usd": pl.Float64, "worth_there_usd": pl.Float64, "net_usd": pl.Float64,
    "with_it": pl.String,
    "because": pl.String,
}  # fmt: skip


def stranded(planned: TreePlan, against: str | None = None, *, least: float = 0.1) -> pl.DataFrame:
    """Return the plant that is stranded, by future, the most probable future first.

    against  the future that is expected; without one, the most probable
    least    by how much less than there a plant must be used, as a share of its hours, or be worth, as a share of that

    future, name, probability, resource, plant, kind (closed, idle, under-used, never paid back, worth less: the first
    of these that holds), since (null: it is used), kwh_per_year (what its hours make in a year, null where it makes no
    energy), use_share and use_there_share (from that day on, here and in the expected future), invested_usd, book_usd
    (on that day), idle_usd, fixed_usd (that it costs from that day on as far as it is not used), worth_usd,
    worth_there_usd and net_usd (present values; null where nothing was built, or the rest cannot be kept without it),
    with_it (options that need it and count with it in net_usd), because.

    Raises KeyError for a future that is not there.
    """
    leaves, lines, names = planned.tree.leaves, planned.tree.lines, planned.tree.frame["name"].to_list()
    awaited = leaves.index(expected(planned, against))
    there = planned.plans[leaves[awaited]]
    asked = Less(there.case)
    worth = {resource: asked.worth(resource) for resource in there.chain.resources["resource"]}
    rows: list[dict[str, Any]] = []
    for at in np.argsort(-planned.tree.probability, kind="stable"):
        twins = zip(lines[at][1:], lines[awaited][1:], strict=False)
        other = ", ".join(str(names[node]) for node, twin in twins if names[node] != names[twin])
        told = {"future": leaves[at], "name": ", ".join(str(names[node]) for node in lines[at][1:]),
                "probability": float(planned.tree.probability[at])}  # fmt: skip
        rows += [row | told for row in _plants(planned.plans[leaves[at]], there, worth, least, other)]
    return pl.DataFrame(rows, schema=SCHEMA)


def _plants(
    here: Plan, there: Plan, worth: Mapping[str, float | None], least: float, other: str
) -> list[dict[str, Any]]:
    """Return the rows of one future."""
    rows, asked = [], Less(here.case)
    opened = here.openings.filter(pl.col("kind") == "option")
    places = here.chain.sites.select("site", place=pl.coalesce(pl.col("name").replace("", None), "site"))
    lines = here.chain.resources.join(places, on="site", how="left", maintain_order="left")
    for resource, name, place in lines.select("resource", "name", "place").iter_rows():
        mine = opened.filter(pl.col("resource") == resource)
        if _use(here, resource).is_empty():
            continue
        fallen = _fallen(here, there, resource, least)
        taken = set(mine["what"])
        row: dict[str, Any] = {
            **dict.fromkeys(SCHEMA), "resource": resource, "plant": f"{name or resource} ({place})",
            "kwh_per_year": _kwh_per_year(here, resource), "worth_usd": asked.worth(resource),
            "worth_there_usd": worth[resource], "net_usd": asked.net(taken) if taken else None,
            "with_it": ", ".join(sorted(asked.needing(taken) - taken)),
            "invested_usd": float(mine["cost_usd"].sum()) if mine.height else None, "because": other,
        }  # fmt: skip
        closed = here.openings.filter((pl.col("kind") == "closure") & (pl.col("resource") == resource))["ready"].min()
        kinds = {
            "closed": bool(fallen and isinstance(closed, dt.date) and closed <= fallen[0]),
            "idle": bool(fallen and fallen[1] < NOTHING), "under-used": bool(fallen),
            "never paid back": row["net_usd"] is not None and row["net_usd"] < -1.0,
            "worth less": _under(row["worth_usd"], row["worth_there_usd"], least),
        }  # fmt: skip
        row["kind"] = next((kind for kind, holds in kinds.items() if holds), None)
        if row["kind"] is None:
            continue
        if fallen:
            row |= _lost(here, resource, mine, *fallen) | {"because": _because(here, there, fallen[0], other)}
            row["fixed_usd"] = 0.0 if row["kind"] == "closed" else row["fixed_usd"]
        rows.append(row)
    return rows


def _under(worth: float | None, there: float | None, least: float) -> bool:
    return worth is not None and there is not None and there > 1.0 and worth < (1 - least) * there


def _lost(
    here: Plan, resource: str, mine: pl.DataFrame, since: dt.date, use: float, use_there: float
) -> dict[str, Any]:
    """Return what a plant that fell idle or into less use stands for from that day on."""
    lost = 1 - use / use_there
    options = here.chain.options.join(mine.select("ready", option="what"), on="option")
    line = here.chain.resources.row(by_predicate=pl.col("resource") == resource, named=True)
    usual = line["fixed_usd_per_month"] or 0.0
    book = sum(straight_line(option, max(_months(option["ready"], since), 0)) for option in options.to_dicts())
    months = float(here.periods.filter(pl.col("start") >= since)["months"].sum())
    fixed = float(options["fixed_usd_per_month"].fill_null(usual).sum())
    fixed += usual if line["status"] == "operating" else 0.0
    return {"since": since, "use_share": use, "use_there_share": use_there, "fixed_usd": fixed * months * lost,
            **({"book_usd": book, "idle_usd": book * lost} if mine.height else {})}  # fmt: skip


def _months(first: dt.date, last: dt.date) -> int:
    return (last.year - first.year) * 12 + last.month - first.month


def _fallen(here: Plan, there: Plan, resource: str, least: float) -> tuple[dt.date, float, float] | None:
    """Return from when on a plant is used less than there, and both uses since; None where it is not.

    Periods in which it is hardly used there tell nothing, such as the last, which ends before what is made is sold.
    """
    both = _use(there, resource).rename({"used": "used_there", "hours": "hours_there"})
    both = both.join(_use(here, resource), on="start", how="left").with_columns(
        used=pl.col("used").fill_null(0.0),
        hours=pl.coalesce("hours", "hours_there"),  # not there: not used
    )
    both = both.filter(pl.col("used_there") > least * pl.col("hours_there")).sort("start")
    short = (both["used"] / both["hours"] < both["used_there"] / both["hours_there"] - least).to_list()
    first = len(short) - next((n for n, flag in enumerate(reversed(short)) if not flag), len(short))
    fallen = both[first:]
    if fallen.is_empty():
        return None
    use, use_there = (
        float(fallen[used].sum()) / float(fallen[hours].sum())
        for used, hours in (("used", "hours"), ("used_there", "hours_there"))
    )
    return fallen["start"].to_list()[0], use, use_there


def _use(plan: Plan, resource: str) -> pl.DataFrame:
    return plan.capacity.filter((pl.col("resource") == resource) & (pl.col("hours_available") > 0)).select(
        "start", used="hours_used", hours="hours_available"
    )


def _kwh_per_year(plan: Plan, resource: str) -> float | None:
    """Return what the hours of the last period make in a year, by the process that makes most energy in an hour."""
    makes = (
        plan.chain.processes.filter((pl.col("resource") == resource) & (pl.col("hours_per_unit") > 0))
        .join(plan.chain.items.select("item", "kwh"), on="item")
        .select(rate=pl.col("kwh") * pl.col("yield_share") / pl.col("hours_per_unit"))["rate"]
        .max()
    )
    last = plan.capacity.filter(pl.col("resource") == resource).join(
        plan.periods.select("period", "months"), on="period"
    )
    if not makes or last.is_empty():
        return None
    hours, months_of = last.sort("period").select("hours_available", "months").row(-1)
    return float(str(makes)) * float(hours) / float(months_of) * 12


class Less:
    """A plan that is asked what it would be worth with less plant, all other strategic decisions as taken."""

    def __init__(self, case: Case) -> None:
        """Keep the model of a plan in a solver, with what it decided."""
        self.case, self.warm = case, Warm(case.model)
        rest = np.setdiff1d(case.whole, case.model.strategic)
        self.starts = case.model.columns["start"].ids
        for columns in (rest, self.starts):
            self.warm.fix(columns, np.round(case.values[columns]))
        self.cost = self._solved()

    def worth(self, resource: str) -> float | None:
        """Return what a plan earns by what is made on a plant, whatever that cost; None where it has to make it."""
        model, chain = self.case.model, self.case.net.chain
        block = model.columns["make"]
        processes = chain.processes.filter(pl.col("resource") == resource)["process"].implode()
        columns = block.ids[block.index["process"].is_in(processes).to_numpy()]
        return self._without(columns, model.lower[columns], model.upper[columns])

    def needing(self, options: Set[str]) -> set[str]:
        """Return options and those taken that could not be built without them."""
        frame = self.case.net.starts.frame.filter(pl.col("kind") == "option")
        return set(frame.filter(pl.col("undertaking").is_in(sorted(_needing(self.case, options))))["what"])

    def net(self, options: Set[str]) -> float | None:
        """Return what a plan gains by options it took and by what could not be built without them; None: unknown."""
        frame = self.case.net.starts.frame
        gone = frame.filter(pl.col("undertaking").is_in(sorted(_needing(self.case, options))))["start"].to_numpy()
        columns = self.starts[gone]
        stands = np.round(self.case.values[columns])
        return self._without(columns, stands, stands)

    def _without(self, columns: Ints, lower: Floats, upper: Floats) -> float | None:
        self.warm.fix(columns, 0.0)
        try:
            cost = self._solved()
        finally:
            self.warm.bounds(columns, lower, upper)
        return None if cost is None or self.cost is None else round(cost - self.cost, 2)

    def _solved(self) -> float | None:
        found = self.warm.solve()
        return None if found is None else found.cost


def _needing(case: Case, options: Set[str]) -> set[str]:
    """Return the undertakings of options and those that were taken and lack a condition without them."""
    frame, needs = case.net.starts.frame, case.net.starts.needs
    block = case.model.columns["start"]
    taken = set(frame.filter(pl.Series(block.of(case.values) > 0.5))["undertaking"])
    gone = set(frame.filter((pl.col("kind") == "option") & pl.col("what").is_in(sorted(options)))["undertaking"])
    conditions = [
        (str(name[0]), set(group["needed"]) & taken)
        for name, group in needs.filter(pl.col("undertaking").is_in(sorted(taken))).group_by("undertaking", "condition")
    ]
    while fresh := {name for name, some in conditions if name not in gone and some and some <= gone}:
        gone |= fresh
    return gone


def _because(here: Plan, there: Plan, since: dt.date, other: str) -> str:
    """Return in words what became known, and what is made instead of it, or that less is sold."""
    made = [_made(plan, since) for plan in (here, there)]
    more = (
        made[0].join(made[1], on="resource", how="left", suffix="_there")
        .with_columns(more=pl.col("kwh") - pl.col("kwh_there").fill_null(0.0))
        .sort("more", descending=True, maintain_order=True)
    )  # fmt: skip
    sold, sold_there = (float(plan.sales.filter(pl.col("start") >= since)["kwh"].sum()) for plan in (here, there))
    names = {key: name or key for key, name in here.chain.resources.select("resource", "name").iter_rows()}
    parts = [other] if other else []
    least = 0.01 * max(sold_there, 1.0)
    parts += [f"{names[row['resource']]} make {row['more'] / 1e6:.3g} GWh more"
              for row in more.head(2).iter_rows(named=True) if row["more"] > least]  # fmt: skip
    if sold < sold_there - least:
        parts.append(f"{(sold_there - sold) / 1e6:.3g} GWh less are sold")
    return "; ".join(parts)


def _made(plan: Plan, since: dt.date) -> pl.DataFrame:
    energy = plan.chain.items.select("item", "kwh")
    return (
        plan.production.filter(pl.col("start") >= since).join(energy, on="item")
        .group_by("resource", maintain_order=True).agg(kwh=(pl.col("good") * pl.col("kwh")).sum())
    )  # fmt: skip

"""`plan.why_share(name)`: at which ownership share do the bans and credits on something turn, and what is that worth?

The bans and credits of an item or process hang on its maker or taxpayer, and that on who holds how much of it. Every
holder's equity is swept from nothing to all (`rules.deal`); of the turns those are kept that change a ban or a credit
which bears on what was asked about. What a turn is worth is a plan of its own under the other shares.
"""

from __future__ import annotations

import datetime as dt
import html
from dataclasses import dataclass

import polars as pl

from cellroad.chain.chain import Chain, complete
from cellroad.chain.tables import TABLES
from cellroad.plan.why.case import Case
from cellroad.plan.why.target import Name, Target, find
from cellroad.plan.why.tell import dollars, share
from cellroad.rules.deal import OUTSIDER, sweep
from cellroad.rules.law import Law, shipped

TURNS = {
    "about": pl.String, "name": pl.String, "venture": pl.String, "holder": pl.String, "held": pl.Float64,
    "rest": pl.String, "share": pl.Float64, "included": pl.Boolean, "before": pl.String, "after": pl.String,
    "npv_change_usd": pl.Float64,
}  # fmt: skip
HAIR = 1e-4
"""How far beyond a turn a plan stands."""
STRANGER = OUTSIDER.replace(" ", "_")
"""Id of the outsider in a chain."""


@dataclass(frozen=True, slots=True, eq=False)
class Shares:
    """At which share of which holder the law turns.

    frame   about (ban, credit), name, venture (maker or taxpayer), holder, held (its share today), rest (how the rest
            is placed), share, included (whether `after` holds at the share itself), before, after (a ban: is it under
            the regime; a credit: may it be claimed), npv_change_usd (what the plan is worth more on the other side of
            the turn; null where it was not asked for)
    """

    target: Target
    on: dt.date
    frame: pl.DataFrame

    def text(self) -> str:
        """Return the turns in plain words."""
        if self.frame.is_empty():
            return f"No share of a holder turns a ban or credit on the {self.target.says}."
        lines = [f"On {self.on}, of the {self.target.says}:"]
        for row in self.frame.iter_rows(named=True):
            at = "from" if row["included"] else "beyond"
            worth = row["npv_change_usd"]
            money = "" if worth is None else f"; on the other side the plan is worth {dollars(worth)} more"
            lines.append(
                f"  {row['name']} turns from {row['before']} to {row['after']} {at} {share(row['share'])} of "
                f"{row['venture']} held by {row['holder']} (now {share(row['held'])}), the rest {row['rest']}{money}"
            )
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        """Return the turns as a notebook shows them."""
        return f"<p>{html.escape(self.text().splitlines()[0])}</p>{self.frame._repr_html_()}"


def why_share(
    case: Case, name: Name, *, on: dt.date | None = None, law: Law | None = None, worth: bool = False
) -> Shares:
    """Return at which ownership shares the bans and credits on something turn.

    on     the day of the law; without one, the middle of the horizon
    law    as for `plan`; without one, what ships with the package
    worth  plan the chain on the other side of every turn, too: the time of a plan for each

    Raises ChainError where nothing is called so.
    """
    target = find(case.net, case.model, name)
    chain, periods = case.net.chain, case.net.periods
    known = law or shipped()
    day = on or periods.start + (periods.end - periods.start) / 2
    bans, credits = _bearing(case, target)
    regimes = dict(known.bans.filter(pl.col("ban_id").is_in(list(bans)))["ban_id", "regime"].iter_rows())
    ventures = {venture for of in (bans, credits) for them in of.values() for venture in them}
    rows: list[tuple[object, ...]] = []
    held = chain.stakes.filter(pl.col("interest").cast(pl.String) == "equity")
    for venture in sorted(ventures):
        for holder, part in held.filter(owned=venture).select("owner", "share_max").iter_rows():
            deal = sweep(chain, f"{venture}: {holder} 0..100 %", day, law=known)
            flips = deal.flips.sort("share")
            told = [
                ("ban", ban, r["rest"], r["share"], r["included"], r["before"], r["after"])
                for ban, regime in regimes.items() if venture in bans[ban]
                for r in flips.filter(regime=regime).iter_rows(named=True)
            ]  # fmt: skip
            steps = deal.credits.sort("rest", "credit", "share_from")
            before = pl.col("may_claim").shift().over("rest", "credit")
            turns = steps.with_columns(before=before).filter(pl.col("before") != pl.col("may_claim"))
            told += [
                ("credit", c, r["rest"], r["share_from"], r["from_included"], r["before"], r["may_claim"])
                for c, them in credits.items() if venture in them
                for r in turns.filter(credit=c).iter_rows(named=True)
            ]  # fmt: skip
            rows += [(kind, what, venture, holder, part, *rest, None) for kind, what, *rest in told]
    frame = pl.DataFrame(rows, schema=TURNS, orient="row").unique(maintain_order=True)
    return Shares(target, day, _worth(case, known, frame) if worth else frame)


def _bearing(case: Case, target: Target) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """Return the bans and the credits that bear on a target, each with the makers or taxpayers that it hangs on."""
    chain, rules = case.net.chain, case.net.rules
    items, processes = _about(case, target)
    makers = dict(chain.items.select("item", "maker").iter_rows())
    bans: dict[str, set[str]] = {}
    for ban, item in rules.bans.filter(pl.col("item").is_in(list(items))).select("ban", "item").iter_rows():
        bans.setdefault(ban, set()).update({makers[item]} - {None})
    credits: dict[str, set[str]] = {}
    mine = rules.claims.filter(pl.col("process").is_in(list(processes)) & pl.col("taxpayer").is_not_null())
    for credit, taxpayer in mine.select("credit", "taxpayer").unique().iter_rows():
        credits.setdefault(credit, set()).add(taxpayer)
    return bans, credits


def _about(case: Case, target: Target) -> tuple[set[str], set[str]]:
    """Return the items and processes that a target is about."""
    chain, name = case.net.chain, target.name
    if target.table == "processes":
        row = chain.processes.filter(process=name)
    elif target.table == "options":
        lines = chain.options.filter(option=name)["resource"]
        row = chain.processes.filter(pl.col("resource").is_in(lines.implode()))
    elif target.table == "sites":
        row = chain.processes.filter(site=name)
    else:
        row = chain.processes.clear()
    items = {*row["item"], *chain.offers.filter((pl.col("offer") == name) | (pl.col("site") == name))["item"]}
    if target.table == "lanes":
        items |= set(case.net.ships.filter(lane=name)["item"])
    if target.table == "sales":
        items |= set(
            chain.wants.filter(pl.col("item").is_in(name.split(" ")) | pl.col("want").is_in(name.split(" ")))["item"]
        )
    return items, set(row["process"])


def _worth(case: Case, law: Law, frame: pl.DataFrame) -> pl.DataFrame:
    """Add what the plan is worth on the other side of each turn, against the plan."""
    from cellroad.plan.planning import plan

    worth: dict[tuple[object, ...], float] = {}
    found = []
    for row in frame.iter_rows(named=True):
        below = row["held"] > row["share"] or (row["held"] == row["share"] and row["included"])
        side = max(row["share"] - HAIR, 0.0) if below else min(row["share"] + HAIR, 1.0)
        key = (row["venture"], row["holder"], row["rest"], side)
        if key not in worth:
            chain = held_otherwise(case.net.chain, *key)
            worth[key] = plan(chain, law=law, gap=case.limits.gap).solution.objective_usd + case.taken.cost
        found.append(worth[key])
    return frame.with_columns(npv_change_usd=pl.Series(found, dtype=pl.Float64))


def held_otherwise(chain: Chain, venture: str, holder: str, rest: str, part: float) -> Chain:
    """Return a chain in which a holder has another share of a venture; the rest is placed as the sweep places it."""
    mine = (pl.col("owned") == venture) & pl.col("interest").cast(pl.String).is_in(["equity", "votes"])
    others = chain.stakes.filter(mine & (pl.col("owner") != holder) & (pl.col("interest").cast(pl.String) == "equity"))
    total, left = float(others["share_max"].sum()), 1 - part
    first = {"owned": [venture], "interest": ["equity"], "valid_from": [chain.plan_settings().start]}
    partners = chain.partners
    if rest == "as today" and total > 0:
        placed = others.with_columns((pl.col("share_min", "share_max") * (left / total)).clip(0, 1))
    else:
        stranger = pl.DataFrame({"partner": [STRANGER], "name": [OUTSIDER], "country": ["US"], "kind": ["person"]})
        partners = pl.concat([partners, complete(TABLES["partners"], stranger)])
        stake = pl.DataFrame({"owner": [STRANGER], **first, "share_min": [left], "share_max": [left]})
        placed = complete(TABLES["stakes"], stake)
    own = complete(
        TABLES["stakes"], pl.DataFrame({"owner": [holder], **first, "share_min": [part], "share_max": [part]})
    )
    stakes = pl.concat([chain.stakes.filter(~mine), placed, own])
    return chain.replace(stakes=stakes, partners=partners)

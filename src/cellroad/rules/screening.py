"""`screen`: who may be dealt with on a day, what falls under which regime, what is banned, which credit may be claimed.

Partners are judged by the register (`status`); a site falls under what its operator falls under, an item under what its
maker does. Bans and credits stand on the same answers. Every answer carries its reasons: the rows that led to it, what
is not known, what would change it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import polars as pl

from cellroad.chain import facts
from cellroad.chain.chain import Chain
from cellroad.chain.currencies import in_usd
from cellroad.chain.day import Day, as_day
from cellroad.rules.eligibility import eligibility
from cellroad.rules.law import Law, seen, shipped
from cellroad.rules.status import Register, measured, register
from cellroad.rules.verdict import Verdict

VERDICT_SCHEMA = {
    "kind": pl.String, "subject": pl.String, "name": pl.String, "partner": pl.String, "regime": pl.String,
    "rule": pl.String, "state": pl.String, "measured_on": pl.Date, "answer": pl.String, "because": pl.String,
    "rows": pl.String, "sources": pl.String, "confidence": pl.String,
}  # fmt: skip
AHEAD = 5
"""Years after that of the question in which bans to come are told."""
REASON_SCHEMA = {
    "partner": pl.String, "regime": pl.String, "order": pl.Int64, "kind": pl.String, "text": pl.String,
    "rows": pl.String, "sources": pl.String, "confidence": pl.String,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Screen:
    """Who may be dealt with on a day.

    verdicts   kind (partner, venture, site, item), subject (id), name, partner (whose answer it is), regime, rule
               (its name), state (of the rule), measured_on, answer (yes: falls under it, no, unknown), because, rows,
               sources, confidence
    reasons    partner, regime, order, kind (because, reading, missing, assumed, would change), text, rows, sources,
               confidence
    bans       `Eligibility.bans` that hold on the day or begin within five years of it: what may not be sold to
               whom, or may not cross which border
    claims     `Eligibility.claims` of the year: which credit on what, and why not
    materials  `Eligibility.materials` of the year
    premiums   `Eligibility.premiums` of the day
    matches    names that partners stand under, may stand under or do not (`Parties.matches`)
    owners     the stakes held on the day among the partners and those above them: owner, owned, interest, share_min,
               share_max, row, confidence
    """

    chain: Chain
    on: dt.date
    as_known: dt.date | None
    law: Law
    verdicts: pl.DataFrame
    reasons: pl.DataFrame
    bans: pl.DataFrame
    claims: pl.DataFrame
    materials: pl.DataFrame
    premiums: pl.DataFrame
    matches: pl.DataFrame
    owners: pl.DataFrame

    def why(self, subject: str, regime: str | None = None) -> pl.DataFrame:
        """Return the reasons behind the answers on a partner, site or item, under one regime or all of them.

        Raises KeyError for a subject or regime that was not screened.
        """
        mine = self.verdicts.filter(pl.col("subject") == subject)
        if regime is not None:
            mine = mine.filter(pl.col("regime") == regime)
        if mine.is_empty():
            raise KeyError(f"{subject!r} was not screened" + (f" under {regime!r}" if regime else ""))
        return self.reasons.join(mine.select("partner", "regime").unique(), on=["partner", "regime"], how="semi")

    def unknown(self) -> pl.DataFrame:
        """Return what is not known, what hangs on it most first: text, answers (how many), partners, regimes, rows."""
        open_ = self.verdicts.filter(pl.col("answer") == "unknown").select("partner", "regime").unique()
        lacks = self.reasons.filter(pl.col("kind") == "missing").join(open_, on=["partner", "regime"], how="semi")
        return (
            lacks.group_by("text", maintain_order=True)
            .agg(
                answers=pl.struct("partner", "regime").n_unique(),
                partners=pl.col("partner").unique(maintain_order=True).str.join(", "),
                regimes=pl.col("regime").unique(maintain_order=True).str.join(", "),
                rows=pl.col("rows").first(),
            )
            .sort("answers", descending=True, maintain_order=True)
        )

    def summary(self) -> pl.DataFrame:
        """Return partners against regimes: partner, name, and one column a regime with yes, no or unknown."""
        partners = self.verdicts.filter(pl.col("kind").is_in(["partner", "venture"]))
        return partners.pivot("regime", index=["subject", "name"], values="answer").rename({"subject": "partner"})

    def _repr_html_(self) -> str:
        """Return the summary as a notebook shows it."""
        return self.summary()._repr_html_()


def screen(chain: Chain, on: Day, as_known: Day | None = None, *, law: Law | None = None) -> Screen:
    """Return who may be dealt with on a day, under the law as it is or was known.

    `law` is the law that is asked under; without one, what ships with the package. Rules that are measured at the end
    of a tax year are measured on 31 December of the year of `on`. Raises ValueError for a day that is none.
    """
    day, chain = as_day(on), in_usd(chain)
    known = seen(law or shipped(), as_known)
    answers = register(chain, known)
    judged = list(_judged(answers, chain.partners["partner"].to_list(), day))
    ahead = dt.date(day.year, 1, 1), dt.date(day.year + AHEAD, 12, 31)
    rules = eligibility(chain, known, answers.verdict, answers.related, *ahead)
    this_year = pl.col("year") == day.year
    return Screen(
        chain=chain,
        on=day,
        as_known=as_day(as_known),
        law=known,
        verdicts=_verdicts(chain, answers, judged, day),
        reasons=_reasons(judged),
        bans=rules.bans.filter(pl.col("valid_to").is_null() | (pl.col("valid_to") >= day)),
        claims=rules.claims.filter(this_year),
        materials=rules.materials.filter(this_year),
        premiums=facts.valid(rules.premiums, day),
        matches=answers.parties.matches,
        owners=_owners(answers, chain, day),
    )


Judged = tuple[str, dict[str, Any], Verdict]


def _judged(answers: Register, partners: Iterable[str], day: dt.date) -> Iterator[Judged]:
    for partner in partners:
        for regime in answers.regimes.values():
            yield partner, regime, answers.verdict(partner, regime["regime_id"], day)


def _verdicts(chain: Chain, answers: Register, judged: list[Judged], day: dt.date) -> pl.DataFrame:
    """Return the answers on partners, and on the sites that they run and the items that they make."""
    rows = [
        (
            partner, regime["regime_id"], regime["name"], str(regime["state"]), measured(regime, day),
            found.answer, found.because, *_behind(row for told in _led(found) for row in told.rows), found.confidence,
        )
        for partner, regime, found in judged
    ]  # fmt: skip
    columns = [
        "partner",
        "regime",
        "rule",
        "state",
        "measured_on",
        "answer",
        "because",
        "rows",
        "sources",
        "confidence",
    ]
    told = pl.DataFrame(rows, schema={name: VERDICT_SCHEMA[name] for name in columns}, orient="row")
    venture = chain.partners["kind"].cast(pl.String) == "joint_venture"
    subjects = pl.concat(
        [
            chain.partners.select(subject="partner", name="name", partner="partner").with_columns(
                kind=pl.when(venture).then(pl.lit("venture")).otherwise(pl.lit("partner"))
            ),
            chain.sites.select(subject="site", name="name", partner="partner", kind=pl.lit("site")),
            chain.items.select(subject="item", name="name", partner="maker", kind=pl.lit("item")),
        ]
    )
    return subjects.join(told, on="partner", maintain_order="left_right").select(list(VERDICT_SCHEMA))


def _led(found: Verdict) -> Iterator[Any]:
    return (reason for reason in found.reasons if reason.kind != "would change")


def _reasons(judged: list[Judged]) -> pl.DataFrame:
    rows = [
        (partner, regime["regime_id"], order, reason.kind, reason.text, *_behind(reason.rows), reason.confidence)
        for partner, regime, found in judged
        for order, reason in enumerate(found.reasons, start=1)
    ]
    return pl.DataFrame(rows, schema=REASON_SCHEMA, orient="row")


def _behind(rows: Iterable[str]) -> tuple[str, str]:
    """Return ids of rows, and the ids of the sources behind those that are facts."""
    ids = list(dict.fromkeys(rows))
    sources = [str(facts.find(row)[1].get("source_id", "")) for row in ids if facts.is_fact(row)]
    return ";".join(ids), ";".join(dict.fromkeys(filter(None, sources)))


def _owners(answers: Register, chain: Chain, day: dt.date) -> pl.DataFrame:
    """Return the stakes among the partners and everybody above them."""
    held = answers.parties.held_on(day)
    wanted = set(chain.partners["partner"])
    while True:
        mine = held.filter(pl.col("owned").is_in(list(wanted)))
        more = set(mine["owner"]) - wanted
        if not more:
            return mine.select("owner", "owned", "interest", "share_min", "share_max", "row", "confidence")
        wanted |= more

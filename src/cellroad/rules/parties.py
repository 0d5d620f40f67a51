"""Who is who: the partners of a chain, the organisations of the facts, and every holder that a stake names, as one.

A partner is an organisation of the facts where the chain says so: its `source` names the organisation, or a review
says `same`. A likeness of names alone is a question for a person: both names are shown, and until a review answers,
what hangs on it is unknown.

What a chain says about who holds an entity replaces what the facts say about that entity and interest; where it states
the equity and not the votes, votes follow the equity.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import polars as pl

from cellroad.chain.chain import Chain
from cellroad.rules.law import Law
from cellroad.rules.matching import match

ENTITY_SCHEMA = pl.Schema(
    [
        ("entity", pl.String), ("name", pl.String), ("org", pl.String), ("kind", pl.String),
        ("seats", pl.List(pl.String)), ("listed", pl.Boolean), ("outside", pl.Boolean), ("row", pl.String),
        ("confidence", pl.String),
    ]
)  # fmt: skip
STAKE_SCHEMA = pl.Schema({
    "owner": pl.String, "owned": pl.String, "interest": pl.String, "share_min": pl.Float64, "share_max": pl.Float64,
    "valid_from": pl.Date, "valid_to": pl.Date, "terms": pl.String, "term_years": pl.Float64, "row": pl.String,
    "confidence": pl.String, "note": pl.String,
})  # fmt: skip
HOLDER = "holder"
"""The kind of somebody whom only a stake names: taken as an end of the chain of owners."""
KINDS = {
    "equity": "equity", "planned equity": "equity", "equity method": "equity", "equity + technology partner": "equity",
    "control": "votes", "licence": "licence", "membership": "member", "votes": "votes", "debt": "debt",
    "board": "board", "offtake": "offtake",
}  # fmt: skip
"""What the kinds of stakes in the facts are as interests."""


@dataclass(frozen=True)
class Parties:
    """Who is who, and who holds what.

    entities  entity (the partner's id, else the organisation's or the name in a stake), name, org (its organisation),
              kind, seats (countries of seat, nationality or from which it is run; empty: not known), listed (on an
              exchange), outside (known not to be owned from a covered nation), row, confidence
    stakes    owner, owned (entities), interest, share_min, share_max, times, terms, row (its id), confidence, note
    matches   partner, name, against (organisation or list entry), listed_name, score, state (confirmed, rejected,
              proposed), reason
    reviews   the reviews of the chain
    """

    entities: pl.DataFrame
    stakes: pl.DataFrame
    matches: pl.DataFrame
    reviews: pl.DataFrame

    @cached_property
    def by_id(self) -> dict[str, dict[str, Any]]:
        """Return the row of every entity by its id."""
        return {row["entity"]: row for row in self.entities.iter_rows(named=True)}

    def name(self, entity: str) -> str:
        """Return what people call an entity."""
        return str(self.by_id[entity]["name"]) if entity in self.by_id else entity

    def held_on(self, day: dt.date) -> pl.DataFrame:
        """Return the stakes that are held on a day."""
        begun = pl.col("valid_from").fill_null(dt.date.min) <= day
        return self.stakes.filter(begun & (pl.col("valid_to").fill_null(dt.date.max) >= day))


def parties(chain: Chain, law: Law) -> Parties:
    """Return the parties of a chain under a law; names are compared with the organisations and lists that it knows."""
    alike = match(chain, law)
    org_of = dict(
        alike.filter(pl.col("state") == "confirmed", pl.col("against").is_in(law.organisations["org_id"].implode()))
        .select("partner", "against")
        .iter_rows()
    )
    entity_of = _entity_of(chain, law, org_of)
    stakes = _stakes(chain, law, entity_of)
    return Parties(_entities(chain, law, org_of, entity_of, stakes), stakes, alike, chain.reviews)


def _entity_of(chain: Chain, law: Law, org_of: dict[str, str]) -> dict[str, str]:
    """Return the entity of every organisation: its partner, else itself, marked where a partner has taken its id."""
    partner_of = {org: partner for partner, org in org_of.items()}
    taken = set(chain.partners["partner"])
    own = {org: f"org:{org}" if org in taken else org for org in law.organisations["org_id"]}
    return {**own, **partner_of}


def _stakes(chain: Chain, law: Law, entity_of: dict[str, str]) -> pl.DataFrame:
    """Return all stakes; the chain's own replace those of the facts on the same entity and interest."""
    ours = chain.stakes.select(
        "owner", "owned", pl.col("interest").cast(pl.String), "share_min", "share_max", "valid_from", "valid_to",
        "terms", "term_years",
        row=_named(pl.format("stakes {}|{}|{}", "owner", "owned", pl.col("interest").cast(pl.String))),
        confidence=pl.col("confidence").cast(pl.String), note="note",
    )  # fmt: skip
    facts = law.stakes.with_columns(
        pl.col("owner_id", "owned_id").replace(entity_of),
        interest=pl.col("kind").replace_strict(KINDS, default="equity"),
        share=pl.col("share_pct") / 100,
        vote=pl.col("vote_pct") / 100,
    )
    technology = facts.filter(pl.col("kind").str.contains("technology")).with_columns(
        interest=pl.lit("licence"), share=pl.lit(0.0)
    )
    votes = facts.filter(pl.col("vote").is_not_null(), pl.col("interest") != "votes").with_columns(
        interest=pl.lit("votes"), share="vote"
    )
    theirs = pl.concat([facts, technology, votes]).select(
        owner="owner_id", owned="owned_id", interest="interest", share_min=pl.col("share").fill_null(0.0),
        share_max=pl.col("share").fill_null(1.0), valid_from="valid_from", valid_to="valid_to", terms=pl.lit(""),
        term_years=pl.lit(None, dtype=pl.Float64), row="stake_id", confidence=pl.col("confidence").cast(pl.String),
        note="notes",
    )  # fmt: skip
    stated = ours.select("owned", "interest").unique()
    votes_follow = stated.filter(pl.col("interest") == "equity").with_columns(interest=pl.lit("votes"))
    said = pl.concat([stated, votes_follow]).unique()
    return pl.concat(
        [ours.cast(STAKE_SCHEMA), theirs.join(said, on=["owned", "interest"], how="anti").cast(STAKE_SCHEMA)]
    )


def _entities(
    chain: Chain, law: Law, org_of: dict[str, str], entity_of: dict[str, str], stakes: pl.DataFrame
) -> pl.DataFrame:
    orgs = law.organisations.select(
        org="org_id", org_name="name", org_kind="kind", country="country", run_from="run_from",
        ticker="ticker", outside=(pl.col("outside").cast(pl.String) == "yes").fill_null(False),
        org_confidence=pl.col("confidence").cast(pl.String),
    )  # fmt: skip
    link = pl.DataFrame(
        {"entity": list(org_of), "org": list(org_of.values())}, schema={"entity": pl.String, "org": pl.String}
    )
    ours = (
        chain.partners.select(
            "source", entity="partner", name="name", kind=pl.col("kind").cast(pl.String), seat="country",
            listed_on="listed_on", confidence=pl.col("confidence").cast(pl.String),
        )
        .join(link, on="entity", how="left", maintain_order="left")
        .join(orgs, on="org", how="left", maintain_order="left")
        .select(
            "entity", "name", "org", "kind", seats=_seats("seat", "country", "run_from"),
            listed=(pl.col("listed_on") != "") | _traded(), outside=pl.col("outside").fill_null(False),
            row=_named(pl.format("partners {}", "entity")), confidence="confidence",
        )
    )  # fmt: skip
    theirs = orgs.filter(~pl.col("org").is_in(list(org_of.values()))).select(
        entity=pl.col("org").replace(entity_of), name="org_name", org="org", kind="org_kind",
        seats=_seats("country", "run_from"), listed=_traded(), outside="outside", row="org",
        confidence="org_confidence",
    )  # fmt: skip
    known = pl.concat([ours.cast(ENTITY_SCHEMA), theirs.cast(ENTITY_SCHEMA)])
    named = pl.concat([stakes["owner"], stakes["owned"]]).unique(maintain_order=True)
    others = (
        pl.DataFrame({"entity": named})
        .join(known, on="entity", how="anti", maintain_order="left")
        .select(
            "entity", name="entity", org=pl.lit(None), kind=pl.lit(HOLDER), seats=pl.lit([], dtype=pl.List(pl.String)),
            listed=pl.lit(False), outside=pl.lit(False), row=pl.lit(""), confidence=pl.lit("unverified"),
        )
    )  # fmt: skip
    return pl.concat([known, others.cast(ENTITY_SCHEMA)])


def _named(row: pl.Expr) -> pl.Expr:
    """Return the id of a row of the chain with the facts that it names as its source."""
    return (
        pl.when(pl.col("source") != "")
        .then(pl.format("{};{}", row, pl.col("source").str.replace_all(" ", "")))
        .otherwise(row)
    )


def _seats(*columns: str) -> pl.Expr:
    return pl.concat_list(columns).list.drop_nulls().list.unique(maintain_order=True)


def _traded() -> pl.Expr:
    """Say whether an organisation's own shares are traded; a parent's ticker does not count."""
    return ((pl.col("ticker") != "") & ~pl.col("ticker").str.contains("parent|lapsed")).fill_null(False)

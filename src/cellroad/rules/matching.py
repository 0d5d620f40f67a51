"""Which organisations of the facts, and which entries of lists, are the partners of a chain?

Confirmed where the row of a partner names an organisation as its source, or a review says `same`; rejected where a
review says `different`; proposed where only the names are alike. A proposal is a question for a person, who sees both
names. Nothing is asked where the answer is known already: whoever is a known organisation is not another one, nor the
entry of another one.
"""

from __future__ import annotations

import polars as pl

from cellroad.chain.chain import Chain
from cellroad.chain.column import several
from cellroad.rules.law import Law
from cellroad.rules.names import matches

MATCH_SCHEMA = pl.Schema({
    "partner": pl.String, "name": pl.String, "against": pl.String, "listed_name": pl.String, "score": pl.Float64,
    "state": pl.String, "reason": pl.String,
})  # fmt: skip
PAIR = ["partner", "against"]


def match(chain: Chain, law: Law) -> pl.DataFrame:
    """Return what partners are, are not and may be: partner, name, against (organisation or list entry), listed_name,
    score (likeness of the names, null where it is too small), state (confirmed, rejected, proposed), reason.
    """
    called = _called(law)
    alike = matches(_names(chain), called).rename({"key": "partner", "entry": "against"})
    reviewed = _reviewed(chain, called, alike)
    told = pl.concat([_through(reviewed, law), _sourced(chain, law)]).unique(PAIR, keep="first", maintain_order=True)
    known = pl.concat([reviewed, told.join(reviewed, on=PAIR, how="anti")])
    asked = _open(alike.join(known, on=PAIR, how="anti"), known, law)
    asked = asked.with_columns(state=pl.lit("proposed")).select(known.columns)
    return pl.concat([known, asked]).cast(MATCH_SCHEMA).sort("partner", "state", "against")


def _names(chain: Chain) -> pl.DataFrame:
    """Return every name of every partner: key, name."""
    aliases = chain.partners.select(key="partner", name=pl.col("aliases").str.split(";")).explode("name")
    names = pl.concat([chain.partners.select(key="partner", name="name"), aliases])
    return names.filter(pl.col("name").str.strip_chars() != "")


def _called(law: Law) -> pl.DataFrame:
    """Return every name of every organisation and list entry: entry, name."""
    words = []
    for frame, key, columns in (
        (law.organisations, "org_id", ("name", "legal_name")),
        (law.listings, "listing_id", ("name",)),
    ):
        words += [frame.select(entry=key, name=column) for column in columns]
        words.append(frame.select(entry=key, name=pl.col("aliases").str.split(";")).explode("name"))
    return pl.concat(words).with_columns(pl.col("name").str.strip_chars()).filter(pl.col("name") != "")


def _reviewed(chain: Chain, called: pl.DataFrame, alike: pl.DataFrame) -> pl.DataFrame:
    """Return what people judged, the later look before the earlier."""
    same = pl.col("result").cast(pl.String) == "same"
    judged = chain.reviews.sort("day").unique(PAIR, keep="last", maintain_order=True)
    return (
        judged.join(chain.partners.select("partner", "name"), on="partner")
        .join(called.group_by(against="entry").agg(listed_name=pl.col("name").first()), on="against")
        .join(alike.select(*PAIR, "score"), on=PAIR, how="left")
        .with_columns(
            state=pl.when(same).then(pl.lit("confirmed")).otherwise(pl.lit("rejected")),
            reason=pl.format("reviewed {}", "day"),
        )
        .select(MATCH_SCHEMA.names())
    )


def _sourced(chain: Chain, law: Law) -> pl.DataFrame:
    """Return the organisations that rows of partners name as their source."""
    return (
        chain.partners.select("partner", "name", against=several("source"))
        .explode("against")
        .join(law.organisations.select(against="org_id", listed_name="name"), on="against")
        .with_columns(score=pl.lit(1.0), state=pl.lit("confirmed"), reason=pl.lit("the row names it as its source"))
        .select(MATCH_SCHEMA.names())
    )


def _through(reviewed: pl.DataFrame, law: Law) -> pl.DataFrame:
    """Return the organisations behind list entries that partners were judged to be."""
    behind = law.listings.select(against="listing_id", org="org_id").join(
        law.organisations.select(org="org_id", called="name"), on="org"
    )
    return (
        reviewed.filter(pl.col("state") == "confirmed")
        .join(behind, on="against")
        .with_columns(against="org", listed_name="called", reason=pl.lit("its list entry was reviewed"))
        .select(MATCH_SCHEMA.names())
        .unique(PAIR, keep="first", maintain_order=True)
    )


def _open(alike: pl.DataFrame, known: pl.DataFrame, law: Law) -> pl.DataFrame:
    """Return the likenesses that are questions still.

    Settled are those with organisations, and with their list entries, where the partner is a known organisation, or was
    judged not to be that one.
    """
    orgs = law.organisations.select(against="org_id", org="org_id")
    entries = law.listings.filter(pl.col("org_id") != "").select(against="listing_id", org="org_id")
    judged = known.join(orgs, on="against")
    own = judged.filter(pl.col("state") == "confirmed")
    tied = alike.join(pl.concat([orgs, entries]), on="against")
    settled = [tied.join(own, on="partner", how="semi"), tied.join(judged, on=["partner", "org"], how="semi")]
    return alike.join(pl.concat(settled), on=PAIR, how="anti", maintain_order="left")

"""What do people want to read of a screen first? The frames that the terminal and the page both show.

Answers that are the same for the same reason stand together, sites and items stand with the partner whose answers they
share, and every id of a row can be followed to its source.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import polars as pl

from cellroad.chain import facts
from cellroad.chain.tables import TABLES, key_of
from cellroad.rules.law import Law
from cellroad.rules.screening import Screen
from cellroad.show import format as fmt
from cellroad.show import provenance

NO_ADVICE = (
    "This is not legal advice: it reads rules and stakes as they are written down here, and tells what is not known."
)
MOST_TOLD = 3
"""Regimes that the headline names."""
ORDER = {"yes": 0, "unknown": 1, "no": 2}
"""Answers as they are listed."""


def regimes(screen: Screen) -> pl.DataFrame:
    """Return the regimes that were screened: regime, rule, question, state, measured_on."""
    asked = screen.law.regimes.select("question", regime="regime_id")
    screened = screen.verdicts.select("regime", "rule", "state", "measured_on").unique("regime", maintain_order=True)
    return screened.join(asked, on="regime", how="left", maintain_order="left").select(
        "regime", "rule", "question", "state", "measured_on"
    )


def headline(screen: Screen) -> str:
    """Return in a sentence who falls under what on the day."""
    judged = screen.verdicts.filter(pl.col("kind").is_in(["partner", "venture"]))
    caught = judged.filter(pl.col("answer") == "yes")
    counted = caught.group_by("regime", "rule", maintain_order=True).agg(pl.len())
    most = counted.sort("len", descending=True, maintain_order=True)
    told = [f"{rule} ({regime}) {count}" for regime, rule, count in most.head(MOST_TOLD).iter_rows()]
    more = [f"{most.height - MOST_TOLD} more regimes catch somebody"] if most.height > MOST_TOLD else []
    unsure = judged.filter(pl.col("answer") == "unknown").height
    of = f"Of {judged['subject'].n_unique()} partners on {fmt.day(screen.on)}"
    caught_words = fmt.listed(told + more) or "nobody falls under a regime"
    return f"{of}: {caught_words}; {unsure} of {judged.height} answers are not known."


def as_known_words(screen: Screen) -> str:
    """Return whose knowledge of the law was used."""
    return f"as known on {fmt.day(screen.as_known)}" if screen.as_known else "with all that is known now"


def told(screen: Screen) -> pl.DataFrame:
    """Return the answers on partners that are not no, those that are the same for the same reason together.

    Columns: partner, name, regimes (ids, joined by ", "), answer, because, readings (the ways to read a contested rule
    that say something else), missing (what is not known, where a reading is the reason), rows, confidence, change (what
    would change it); several texts are joined by "; ". In the order of the partners, yes before unknown.
    """
    same = ["partner", "name", "answer", "because", "readings", "missing", "rows", "confidence", "change"]
    judged = screen.verdicts.filter(pl.col("kind").is_in(["partner", "venture"]), pl.col("answer") != "no")
    first = screen.reasons.select("partner", "regime", "kind", because="text", first="rows").unique(
        ["partner", "regime", "because"], keep="first", maintain_order=True
    )
    read = (
        judged.select("partner", "regime", "because")
        .join(first, on=["partner", "regime"], how="inner", suffix="_of", maintain_order="left_right")
        .filter(pl.col("kind") == "reading", _said("because_of") != _said("because"))
        .group_by("partner", "regime", maintain_order=True)
        .agg(read=pl.col("because_of").str.join("; "))
    )
    lacks = (
        screen.reasons.filter(pl.col("kind") == "missing")
        .group_by("partner", "regime", maintain_order=True)
        .agg(lack=pl.col("text").first())
    )
    contested = (pl.col("kind_right") == "reading").fill_null(False)
    place = {partner: at for at, partner in enumerate(screen.chain.partners["partner"])}
    return (
        judged.join(_changes(screen), on=["partner", "regime"], how="left", maintain_order="left")
        .join(first, on=["partner", "regime", "because"], how="left", maintain_order="left")
        .join(read, on=["partner", "regime"], how="left", maintain_order="left")
        .join(lacks, on=["partner", "regime"], how="left", maintain_order="left")
        .with_columns(
            pl.col("change").fill_null(""),
            readings=pl.when(contested).then(pl.col("read").fill_null("")).otherwise(pl.lit("")),
            missing=pl.when(contested).then(pl.col("lack").fill_null("")).otherwise(pl.lit("")),
            rows=pl.when(pl.col("rows") == "").then(pl.col("first").fill_null("")).otherwise("rows"),
        )
        .group_by(same, maintain_order=True)
        .agg(regimes=pl.col("regime").str.join(", "))
        .sort(
            pl.col("partner").replace_strict(place, return_dtype=pl.Int64),
            pl.col("answer").replace_strict(ORDER, return_dtype=pl.Int64),
            maintain_order=True,
        )
        .select("partner", "name", "regimes", *same[2:])
    )


def _said(column: str) -> pl.Expr:
    """Return the answer that a reading ends with."""
    return pl.col(column).str.split(": ").list.last()


def shared(screen: Screen) -> pl.DataFrame:
    """Return what shares the answers of each partner: partner, name, sites, items (ids, joined by ", ")."""
    kinds = screen.verdicts.select("kind", "subject", "partner").unique(maintain_order=True)
    found = screen.chain.partners.select("partner", "name")
    for kind in ("site", "item"):
        mine = kinds.filter(pl.col("kind") == kind).group_by("partner", maintain_order=True)
        column = mine.agg(pl.col("subject").str.join(", ").alias(f"{kind}s"))
        found = found.join(column, on="partner", how="left", maintain_order="left")
    return found.with_columns(pl.col("sites", "items").fill_null(""))


def shared_words(sites: str, items: str) -> str:
    """Return which sites and items share the answers of a partner, in words."""
    parts = [_several(kind, ids) for kind, ids in (("site", sites), ("item", items)) if ids]
    return f"The same holds for {fmt.listed(parts)}." if parts else ""


def _several(kind: str, ids: str) -> str:
    return f"{kind}{'s' if ', ' in ids else ''} {ids}"


def unjudged(screen: Screen) -> list[str]:
    """Return in words which sites and items are not judged, because nobody is named who runs or makes them."""
    known = set(screen.verdicts["subject"])
    chain = screen.chain
    sides = ("site", chain.sites["site"], "who runs it"), ("item", chain.items["item"], "its maker")
    return [
        f"Not judged, for the chain does not say {who}: {_several(kind, ', '.join(open_))}."
        for kind, ids, who in sides
        if (open_ := [one for one in ids if one not in known])
    ]


def bans(screen: Screen) -> pl.DataFrame:
    """Return the bans of the day, one row for all items of the same ban and reason.

    Columns: ban, answer, items, what (in words), when (in words), because, rows, confidence, valid_from, valid_to.
    """
    same = [name for name in screen.bans.columns if name != "item"]
    grouped = screen.bans.group_by(same, maintain_order=True).agg(items=pl.col("item").str.join(", "))
    rows = [
        row | {"what": _barred(row), "when": _held(row, screen)}
        for row in grouped.sort(
            pl.col("answer").replace_strict(ORDER, return_dtype=pl.Int64), maintain_order=True
        ).to_dicts()
    ]
    text = ("ban", "answer", "items", "what", "when", "because", "rows", "confidence")
    schema = dict.fromkeys(text, pl.String) | {"valid_from": pl.Date, "valid_to": pl.Date}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _barred(row: dict[str, Any]) -> str:
    """Return in words what may not be done with the items of a ban."""
    way, _, country = row["binds"].partition(":")
    verb = {"import": f"enter {country}", "export": f"leave {country}"}.get(
        way if country else "", f"be sold to {row['segment'] or row['binds']}"
    )
    return f"{row['items']} {'may not' if row['answer'] == 'yes' else 'perhaps may not'} {verb}"


def _held(row: dict[str, Any], screen: Screen) -> str:
    """Return in words from when to when a ban holds; before the year of the question was not looked."""
    first = row["valid_from"]
    before = " or before" if first and (first.month, first.day, first.year) == (1, 1, screen.on.year) else ""
    word = "from" if first and first > screen.on else "since"
    start = f"{word} {fmt.day(first)}{before}" if first else "since ever"
    return start + (f", to {fmt.day(row['valid_to'])}" if row["valid_to"] else ", no end known")


def claims(screen: Screen) -> pl.DataFrame:
    """Return the credits of the year, one row for all that is claimed or not for the same reason.

    Columns: credit, name, taxpayer, sites, items (each with what the credit is worth and which of its inputs count as
    made by barred makers, in words, joined by "; "), least_share, answer, because, rows, confidence, change.
    """
    known = screen.law
    inputs = (
        screen.materials.filter(pl.col("barred") != "no")
        .group_by("process", "credit", "year", maintain_order=True)
        .agg(inputs=pl.format("{} ({})", "input", "barred").unique(maintain_order=True).str.join(", "))
    )
    asked = known.credits.select("name", credit="credit_id", regime="claimant_regime")
    changes = _changes(screen).rename({"partner": "taxpayer"})
    unit = screen.chain.items.select("item", "unit")
    worth = (
        pl.when(pl.col("usd_per_unit").is_not_null())
        .then(pl.format("{} a {}", pl.col("usd_per_unit").map_elements(fmt.money, return_dtype=pl.String), "unit"))
        .otherwise(pl.format("{} of its cost", pl.col("cost_share").map_elements(fmt.share, return_dtype=pl.String)))
    )
    barred = (
        pl.when(pl.col("inputs") == "").then(pl.lit("")).otherwise(pl.format(", inputs of barred makers: {}", "inputs"))
    )
    same = ["credit", "name", "taxpayer", "least_share", "answer", "because", "rows", "confidence", "change"]
    return (
        screen.claims.join(inputs, on=["process", "credit", "year"], how="left", maintain_order="left")
        .join(asked, on="credit", how="left", maintain_order="left")
        .join(changes, on=["taxpayer", "regime"], how="left", maintain_order="left")
        .join(unit, on="item", how="left", maintain_order="left")
        .with_columns(
            pl.col("inputs", "name", "site").fill_null(""),
            change=pl.when(pl.col("answer") == "yes").then(pl.lit("")).otherwise(pl.col("change").fill_null("")),
        )
        .with_columns(words=pl.format("{} {}{}", "item", worth, barred))
        .group_by(*same, "words", maintain_order=True)
        .agg(sites=pl.col("site").unique(maintain_order=True).str.join(", "))
        .group_by(*same, "sites", maintain_order=True)
        .agg(items=pl.col("words").str.join("; "))
        .select(*same[:3], "sites", "items", *same[3:])
    )


def premiums(screen: Screen) -> pl.DataFrame:
    """Return what a buyer's own credit is worth to the price, one row for all items and buyers of the same reason.

    Columns: credit, answer, what (in words), because, rows, confidence.
    """
    same = ["credit", "price_share", "answer", "because", "rows", "confidence"]
    share = pl.col("price_share").map_elements(fmt.share, return_dtype=pl.String)
    return (
        screen.premiums.group_by(*same, "segment", maintain_order=True)
        .agg(items=pl.col("item").unique(maintain_order=True).str.join(", "))
        .with_columns(what=pl.format("{} of the price of {}, sold to {}", share, "items", "segment"))
        .select("credit", "answer", "what", "because", "rows", "confidence")
    )


def _changes(screen: Screen) -> pl.DataFrame:
    """Return what would change answers, in words: partner, regime, change."""
    return (
        screen.reasons.filter(pl.col("kind") == "would change")
        .group_by("partner", "regime", maintain_order=True)
        .agg(change=pl.col("text").unique(maintain_order=True).str.join("; "))
    )


def alike(screen: Screen) -> pl.DataFrame:
    """Return the names that somebody must look at: partner, name, listed_name, against, likeness, because, write.

    `write` is the row of `reviews` that settles it, with same or different as its result.
    """
    return screen.matches.filter(pl.col("state") == "proposed").select(
        "partner",
        "name",
        "listed_name",
        "against",
        likeness="score",
        because="reason",
        write=pl.format("{},{},same or different,{}", "partner", "against", pl.lit(screen.on.isoformat())),
    )


FOLLOWED = dict.fromkeys(
    ("id", "table", "what", "confidence", "source_id", "title", "publisher", "date", "locator"), pl.String
)


def ids(frames: Iterable[pl.Series]) -> list[str]:
    """Return the ids in columns of rows, each once, in the order in which they come."""
    return list(dict.fromkeys(one for column in frames for rows in column for one in rows.split(";") if one))


def behind(screen: Screen, wanted: Iterable[str]) -> pl.DataFrame:
    """Return the rows behind answers, each followed to its source.

    Columns: id, table, what, confidence, source_id, title, publisher, date, locator. A row of the chain tells the
    source that the chain names; a row of law tells what the law says that was asked under.
    """
    of_law = _index(screen.law)

    def followed(row_id: str) -> dict[str, str]:
        if row_id in of_law:
            return _of_fact(row_id, *of_law[row_id])
        return _of_fact(row_id, *facts.find(row_id)) if facts.is_fact(row_id) else _of_chain(screen, row_id)

    return pl.DataFrame([followed(one) for one in wanted], schema=FOLLOWED)


def _index(law: Law) -> dict[str, tuple[str, dict[str, Any]]]:
    return {
        str(row[frame.columns[0]]): (name, row)
        for name, frame in law.tables.items()
        for row in frame.iter_rows(named=True)
    }


ABOUT = ("name", "about", "reading", "instrument", "maker", "site", "product", "legal_ref", "owner_id", "owned_id")
"""Columns that tell what a fact is about."""


def _of_fact(row_id: str, table: str, row: dict[str, Any]) -> dict[str, str]:
    about = [str(row[name]) for name in ABOUT if row.get(name)]
    source = str(row.get("source_id") or "")
    return {
        "id": row_id, "table": table, "what": ", ".join(dict.fromkeys(about)),
        "confidence": str(row.get("confidence") or ""), "source_id": source, **provenance.source(source),
    }  # fmt: skip


def _of_chain(screen: Screen, row_id: str) -> dict[str, str]:
    """Return a row of the chain, called by its table and its key: partners kandi, stakes kandi|jv_pack|equity."""
    table, _, key = row_id.partition(" ")
    empty = dict.fromkeys(FOLLOWED, "") | {"id": row_id}
    if table not in screen.chain.tables or not key:
        return empty
    frame = screen.chain.tables[table]
    columns = [pl.col(name).cast(pl.String) for name in key_of(TABLES[table])]
    parts = key.split("|")
    mine = frame.filter(*(column == part for column, part in zip(columns, parts, strict=False)))
    if mine.is_empty():
        return empty
    row = mine.row(0, named=True)
    source = str(row.get("source") or "")
    cited = source.split(";")[0].strip()
    first = provenance.source(str(facts.find(cited)[1].get("source_id") or "") if facts.is_fact(cited) else cited)
    what = str(row.get("note") or row.get("name") or "")
    return empty | {
        "table": f"{table} of the chain", "what": what, "confidence": str(row.get("confidence") or ""),
        "source_id": source, **first,
    }  # fmt: skip

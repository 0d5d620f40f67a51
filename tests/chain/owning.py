"""Owners for tests: chains at random that hold no contradiction, statements in a few words, files on disk."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from pathlib import Path
from typing import Any

import polars as pl
from hypothesis import strategies as st

from cellroad.chain.chain import Chain
from cellroad.chain.holdings import Holdings
from cellroad.chain.tables import TERMS

KEYS = ("owner", "owned", "interest", "share_min", "share_max", "valid_from", "valid_to", "terms", "term_years")
"""What a stake is, beside where it comes from."""
IDS = ("acme", "b.v.", "C-3", "dee", "9x")


def stake(row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in KEYS)


def stakes_of(told: Chain | Holdings) -> set[tuple[Any, ...]]:
    return {stake(row) for row in told.stakes.iter_rows(named=True)}


def chain_of(partners: list[str], *stakes: dict[str, Any]) -> Chain:
    """Return a chain of partners, known by name as by id, and stakes from 2024 on unless they say otherwise."""
    rows = [{"interest": "equity", "valid_from": dt.date(2024, 1, 1), "valid_to": None, **row} for row in stakes]
    schema = {"valid_to": pl.Date}
    return Chain.of(
        "owned",
        partners=pl.DataFrame({"partner": partners, "name": partners}),
        **({"stakes": pl.DataFrame(rows, schema_overrides=schema, infer_schema_length=None)} if rows else {}),
    )


@st.composite
def owned_chains(draw: st.DrawFn) -> Chain:
    """Return chains of a few partners and stakes of which no two of a kind hold on the same day."""
    shares = st.tuples(st.floats(0, 1), st.floats(0, 1)).map(lambda pair: (min(pair), max(pair)))
    exact = st.sampled_from([0.0, 1.0, 0.07, 1 / 3]).map(lambda share: (share, share))
    pairs = st.tuples(st.sampled_from(IDS), st.sampled_from(IDS), st.sampled_from(
        ["equity", "votes", "debt", "board", "licence", "offtake", "member"]))  # fmt: skip
    rows = []
    for owner, owned, interest in draw(st.lists(pairs, max_size=6, unique=True)):
        cuts = sorted(draw(st.lists(st.dates(dt.date(1900, 1, 1), dt.date(2150, 1, 1)), min_size=1, max_size=4,
                                    unique=True)))  # fmt: skip
        ends = [later - dt.timedelta(days=draw(st.integers(1, 3))) for later in cuts[1:]]
        last = draw(st.none() | st.just(cuts[-1]) | st.just(dt.date(9999, 12, 30)))
        for first, end in zip(cuts, [*ends, last], strict=True):
            low, high = draw(shares | exact)
            terms = draw(st.lists(st.sampled_from(TERMS), max_size=3, unique=True))
            rows.append({
                "owner": owner, "owned": owned, "interest": interest, "share_min": low, "share_max": high,
                "valid_from": first, "valid_to": None if end is None else max(first, end), "terms": ";".join(terms),
                "term_years": draw(st.none() | st.floats(0, 1e6)), "note": draw(st.sampled_from(["", "filed; twice"])),
            })  # fmt: skip
    kinds = st.sampled_from(["company", "joint_venture", "person", "government", "consortium"])
    known = draw(st.lists(st.sampled_from(IDS), unique=True))
    partners = [
        {"partner": one, "name": draw(st.text(min_size=1, max_size=9, alphabet=st.characters(codec="utf-8"))) + "x",
         "kind": draw(kinds), "country": draw(st.sampled_from([None, "CN", "US"])),
         "listed_on": draw(st.sampled_from(["", "SZSE 300750"])), "aliases": draw(st.sampled_from(["", "CATL;宁德"]))}
        for one in known
    ]  # fmt: skip
    schema = {"valid_to": pl.Date, "term_years": pl.Float64, "country": pl.String}
    frames = {
        name: pl.DataFrame(made, schema_overrides=schema, infer_schema_length=None)
        for name, made in (("partners", partners), ("stakes", rows)) if made
    }  # fmt: skip
    return Chain.of("random", **frames)


# Statements of BODS ------------------------------------------------------------------------------------------------


def entity(record: str, name: str, *, day: str = "2024-01-01", status: str = "new", **details: Any) -> dict[str, Any]:
    form = {"isComponent": False, "entityType": {"type": "registeredEntity"}, "name": name}
    return statement(record, "entity", {**form, **details}, day, status)


def person(record: str, name: str, *, day: str = "2024-01-01", **details: Any) -> dict[str, Any]:
    form = {"isComponent": False, "personType": "knownPerson", "names": [{"fullName": name}]}
    return statement(record, "person", {**form, **details}, day, "new")


def holds(
    record: str, holder: Any, subject: Any, *interests: dict[str, Any], day: str = "2024-01-01", status: str = "new",
    **details: Any,
) -> dict[str, Any]:  # fmt: skip
    form = {"isComponent": False, "interestedParty": holder, "subject": subject, "interests": list(interests)}
    return statement(record, "relationship", {**form, **details}, day, status)


def statement(record: str, kind: str, details: dict[str, Any], day: str, status: str) -> dict[str, Any]:
    said = json.dumps([record, details, day, status], sort_keys=True)
    return {
        "statementId": hashlib.sha256(said.encode()).hexdigest()[:32], "statementDate": day, "declarationSubject": "a",
        "recordId": record, "recordType": kind, "recordStatus": status, "recordDetails": details,
        "publicationDetails": {"publicationDate": day, "bodsVersion": "0.4", "publisher": {"name": "Register"}},
    }  # fmt: skip


def shares(low: float, high: float | None = None, kind: str = "shareholding", **more: Any) -> dict[str, Any]:
    told = {"exact": low} if high is None else {"minimum": low, "maximum": high}
    return {"type": kind, "share": told, "startDate": "2020-01-01", **more}


def put(path: Path, content: Any) -> Path:
    """Write a value as JSON, a list of texts as lines, bytes as they are."""
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def lines(*things: Any) -> str:
    return "".join(json.dumps(thing) + "\n" for thing in things)

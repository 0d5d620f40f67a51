"""Whose file is it? Ownership comes as BODS, FollowTheMoney or GLEIF; the content tells which, not the suffix."""

from __future__ import annotations

from pathlib import Path

from cellroad.chain.bods import bods_holdings
from cellroad.chain.documents import Document, read_document, refuse
from cellroad.chain.followthemoney import followthemoney_holdings
from cellroad.chain.gleif import gleif_holdings
from cellroad.chain.holdings import Holdings

READERS = {"BODS 0.4": bods_holdings, "FollowTheMoney": followthemoney_holdings, "GLEIF": gleif_holdings}
BODS_MARKS = ("statementId", "recordId", "recordType", "recordDetails", "statementType")
GLEIF_MARKS = ("records", "relations", "exceptions", "LEI", "RelationshipRecord", "Relationship")


def read_holdings(path: str | Path) -> tuple[str, Holdings]:
    """Return the form of a file of owners (BODS 0.4, FollowTheMoney or GLEIF) and what it tells.

    Raises ChainError with everything that is wrong where it is none of them or cannot be read.
    """
    document = read_document(path)
    form = form_of(document)
    return form, READERS[form](document)


def form_of(document: Document) -> str:
    """Return the form of a document by what stands in it. Raises ChainError where it is none that is known."""
    first = document.content
    if isinstance(first, list):
        first = first[0] if first else {"statementId": ""}
    fields = set(first) if isinstance(first, dict) else set()
    if document.form == "table" and ("LEI" in fields or any(name.startswith("Relationship.") for name in fields)):
        return "GLEIF"
    if document.form != "table" and {"schema", "properties"} <= fields:
        return "FollowTheMoney"
    if document.form != "table" and fields & set(GLEIF_MARKS):
        return "GLEIF"
    if document.form != "table" and fields & set(BODS_MARKS):
        return "BODS 0.4"
    return refuse(
        document.name, "owners in no form that is known", "statements of BODS 0.4, entities of FollowTheMoney, or LEI "
        "records or relations of GLEIF", "Name a file of one of these forms.",
    )  # fmt: skip

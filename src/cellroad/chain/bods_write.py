"""How are the owners of a chain told to others? As statements of beneficial ownership (BODS 0.4).

One statement a partner, one a pair of owner and owned, with an interest for each stake between them. The standard has
no type for debt, licences, offtake or membership: they are written under the nearest type, and their `details` say what
they are in words that read back. A share is a percentage with every digit that it has, the end of an interest the first
day without it. Ids and dates follow from the chain alone, so that the same chain makes the same file.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from cellroad.chain.atomic import replace_text
from cellroad.chain.bods_schema import VERSION
from cellroad.chain.chain import Chain
from cellroad.chain.documents import refuse
from cellroad.chain.holdings import LEI
from cellroad.chain.tables import TERMS

OWN_SCHEME = "Cellroad partner"
"""The scheme of an identifier that is the id of a partner in a chain."""
OWN_LISTING = "listedOn"
"""A field beside those of the standard: where a partner is listed, as the chain says it."""
TYPE_OF = {
    "equity": "shareholding", "votes": "votingRights", "board": "appointmentOfBoard",
    "debt": "otherInfluenceOrControl", "member": "otherInfluenceOrControl",
    "licence": "rightsGrantedByContract", "offtake": "rightsGrantedByContract",
}  # fmt: skip
WORDED = ("debt", "member", "licence", "offtake")
"""Interests that their details name, because their type does not."""
DETAILS = re.compile(
    rf"(?P<interest>{'|'.join(WORDED)})?(?:(?:^|; )terms (?P<terms>[a-z_]+(?:, [a-z_]+)*))?"
    r"(?:(?:^|; )for (?P<years>[0-9.e+-]+) years)?", re.IGNORECASE,
)  # fmt: skip
PERCENT = re.compile(r'"(exact|minimum|maximum)": "([^"\\]*)"')
"""A percentage in the text of a document, which stands in quotes until every digit of it is written."""


def write_bods(chain: Chain, path: str | Path, day: dt.date | None = None, publisher: str = "Cellroad") -> None:
    """Write partners and stakes of a chain as a BODS 0.4 document, in place or not at all.

    `day` is the date of every statement and of the publication; without one it is the latest day that a stake names.
    What is written reads back to the same stakes. Raises ChainError where the place cannot be written.
    """
    path = Path(path).resolve()
    text = json.dumps(statements(chain, day, publisher), indent=2, ensure_ascii=False, default=str) + "\n"
    text = PERCENT.sub(r'"\1": \2', text)
    try:
        replace_text(path, text)
    except OSError as error:
        refuse(
            path.name, f"a place that cannot be written ({error.strerror or error})", "a place to write the file",
            "Choose another path.",
        )  # fmt: skip


def statements(chain: Chain, day: dt.date | None = None, publisher: str = "Cellroad") -> list[dict[str, Any]]:
    """Return the statements of a chain; percentages are Decimal, everything else as JSON knows it."""
    told = [*chain.stakes["valid_from"], *chain.stakes["valid_to"].drop_nulls()]
    on = (day or max(told, default=dt.date(1970, 1, 1))).isoformat()
    published = {"publicationDate": on, "bodsVersion": VERSION, "publisher": {"name": publisher}}
    partners = [_partner(row) for row in chain.partners.iter_rows(named=True)]
    pairs = chain.stakes.partition_by("owner", "owned", maintain_order=True) if chain.stakes.height else []
    records = [*partners, *(_relationship(pair) for pair in pairs)]
    made = [{"statementDate": on, "publicationDetails": published, "recordStatus": "new", **one} for one in records]
    return [{"statementId": _id(chain.name, one), **one} for one in made]


def _id(name: str, statement: Mapping[str, Any]) -> str:
    """Return an id that follows from the chain and everything that the statement says."""
    said = json.dumps([name, statement], sort_keys=True, default=str)
    return hashlib.sha256(said.encode()).hexdigest()[:40]


def _partner(row: Mapping[str, Any]) -> dict[str, Any]:
    numbers = dict.fromkeys(LEI.findall(f"{row['note']} {row['source']}"))
    identifiers = [{"schemeName": OWN_SCHEME, "id": row["partner"]},
                   *({"scheme": "XI-LEI", "id": number} for number in numbers)]  # fmt: skip
    person = row["kind"] == "person"
    details = {"isComponent": False, **(_person(row) if person else _entity(row)), "identifiers": identifiers}
    if row["listed_on"]:
        details[OWN_LISTING] = row["listed_on"]
    return {
        "declarationSubject": row["partner"], "recordId": row["partner"],
        "recordType": "person" if person else "entity", "recordDetails": details, **_behind(row["source"]),
    }  # fmt: skip


def _behind(source: str) -> dict[str, Any]:
    return {"source": {"description": source}} if source else {}


def _place(row: Mapping[str, Any]) -> dict[str, str] | None:
    return {"name": row["country"], "code": row["country"]} if row["country"] else None


def _aliases(row: Mapping[str, Any]) -> list[str]:
    return [name.strip() for name in row["aliases"].split(";") if name.strip()]


def _person(row: Mapping[str, Any]) -> dict[str, Any]:
    names = [{"type": "legal", "fullName": row["name"]},
             *({"type": "alternative", "fullName": name} for name in _aliases(row))]  # fmt: skip
    place = _place(row)
    return {"personType": "knownPerson", "names": names, **({"nationalities": [place]} if place else {})}


def _entity(row: Mapping[str, Any]) -> dict[str, Any]:
    forms = {
        "joint_venture": {"type": "registeredEntity", "details": "joint venture"},
        "government": {"type": "stateBody"},
        "consortium": {"type": "arrangement", "details": "consortium"},
    }
    details: dict[str, Any] = {
        "entityType": forms.get(row["kind"], {"type": "registeredEntity"}),
        "name": row["name"],
        "alternateNames": _aliases(row),
        "jurisdiction": _place(row),
    }
    if row["listed_on"]:
        details["publicListing"] = {"hasPublicListing": True}
    return {name: value for name, value in details.items() if value}


def _relationship(pair: pl.DataFrame) -> dict[str, Any]:
    rows = pair.to_dicts()
    owner, owned = rows[0]["owner"], rows[0]["owned"]
    details = {
        "isComponent": False, "subject": owned, "interestedParty": owner, "interests": [_interest(row) for row in rows],
    }  # fmt: skip
    notes = [
        {"motivation": "commenting", "statementPointerTarget": f"/recordDetails/interests/{place}", "description": note}
        for place, row in enumerate(rows) if (note := row["note"])
    ]  # fmt: skip
    return {
        "declarationSubject": owned, "recordId": f"{owner} in {owned}", "recordType": "relationship",
        "recordDetails": details, **({"annotations": notes} if notes else {}),
        **_behind("; ".join(dict.fromkeys(row["source"] for row in rows if row["source"]))),
    }  # fmt: skip


def _interest(row: Mapping[str, Any]) -> dict[str, Any]:
    last = row["valid_to"]
    ended = last is not None and last < dt.date.max
    interest = {
        "type": TYPE_OF[row["interest"]],
        "directOrIndirect": "direct",
        "beneficialOwnershipOrControl": False,
        "details": _details(row),
        "share": _share(row["share_min"], row["share_max"]),
        "startDate": row["valid_from"].isoformat(),
        "endDate": (last + dt.timedelta(days=1)).isoformat() if ended else None,
    }
    return {name: value for name, value in interest.items() if value not in (None, "", {})}


def _share(least: float, most: float) -> dict[str, Decimal]:
    """Return a share in per cent, every digit kept."""
    low, high = (Decimal(repr(end)).scaleb(2) for end in (least, most))
    if least == most:
        return {"exact": low}
    return {} if (least, most) == (0.0, 1.0) else {"minimum": low, "maximum": high}


# Details -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Details:
    """What the details of an interest say: its kind, terms and years in words of a chain, or a text for people."""

    interest: str = ""
    terms: str = ""
    years: float | None = None
    text: str = ""


def _details(row: Mapping[str, Any]) -> str:
    """Return in words what the type of an interest does not say: licence; terms royalty, data; for 5.0 years."""
    parts = [
        row["interest"] if row["interest"] in WORDED else "",
        "terms " + row["terms"].replace(";", ", ") if row["terms"] else "",
        f"for {row['term_years']} years" if row["term_years"] is not None else "",
    ]
    return "; ".join(part for part in parts if part)


def parsed_details(kind: str, text: str) -> Details:
    """Return what the details of an interest of a type say; a kind counts only under the type that stands for it."""
    found = DETAILS.fullmatch(text.strip())
    interest = (found["interest"] or "").lower() if found else ""
    terms = (found["terms"] or "").lower().split(", ") if found else []
    if found is None or (interest and TYPE_OF[interest] != kind) or not {*terms, ""} <= {*TERMS, ""}:
        return Details(text=text)
    return Details(interest, ";".join(terms), _years(found["years"]))


def _years(written: str | None) -> float | None:
    try:
        return None if written is None else float(written)
    except ValueError:
        return None

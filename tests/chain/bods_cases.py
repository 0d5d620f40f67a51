"""The published cases of the standard, where they lie beside the project; `CELLROAD_CASES` names another folder."""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path
from typing import Any

import jsonschema_rs

ROOT = Path(__file__).resolve().parents[2]
CASES = Path(os.environ.get("CELLROAD_CASES", ROOT.parent / "shared" / "data")) / "bods" / "data-standard-0.4"
VALID = sorted((CASES / "tests-data" / "valid-statements").glob("*.json"))
INVALID = CASES / "tests-data" / "invalid-statements"
EXAMPLES = sorted((CASES / "examples").glob("*.json"))
ABSENT = f"no published cases of BODS under {CASES.parent.name}; set CELLROAD_CASES"


def expected_faults() -> list[tuple[str, str, str, str]]:
    """Return (file, keyword, path, property) of the invalid documents that are here."""
    if not (INVALID / "expected_errors.csv").exists():
        return []
    with (INVALID / "expected_errors.csv").open(newline="") as rows:
        told = [tuple(cell.strip() for cell in row) for row in csv.reader(rows)]
    return [(file, keyword, path, name) for file, keyword, path, name in told if (INVALID / file).exists()]


def read(path: Path) -> Any:
    return json.loads(path.read_bytes())


def published_validator() -> jsonschema_rs.Draft202012Validator:
    """Return a validator of the schema as it was published."""
    names = ("components", "entity-record", "person-record", "relationship-record")
    parts = [read(CASES / "schema" / f"{name}.json") for name in names]
    registry = jsonschema_rs.Registry([(part["$id"], part) for part in parts])
    statement = read(CASES / "schema" / "statement.json")
    return jsonschema_rs.Draft202012Validator(statement, registry=registry, validate_formats=True)


def published_codes() -> dict[str, set[str]]:
    """Return the words of every published code list."""
    lists = {}
    for path in sorted((CASES / "schema" / "codelists").glob("*.csv")):
        with path.open(newline="") as rows:
            lists[path.stem] = {row["code"] for row in csv.DictReader(rows)}
    return lists


# Statements that have every field of the standard ------------------------------------------------------------------

_PLACE = {"name": "Iceland", "code": "IS"}
_AGENT = {"name": "Register", "uri": "https://example.org/register"}
_SOURCE = {
    "type": ["officialRegister", "verified"], "description": "filed", "url": "https://example.org/filing",
    "retrievedAt": "2024-03-01T10:00:00Z", "assertedBy": [_AGENT],
}  # fmt: skip
_NUMBER = {"id": "1", "scheme": "IS-RSK", "schemeName": "Register", "uri": "https://example.org/1"}
_UNKNOWN = {"reason": "unknown", "description": "not asked"}


def _address(kind: str) -> dict[str, Any]:
    return {"type": kind, "address": "1 Quay", "postCode": "101", "country": _PLACE}


def _whole(record: str, kind: str, details: dict[str, Any]) -> dict[str, Any]:
    return {
        "statementId": record.ljust(32, "0"), "statementDate": "2024-03-01", "declaration": "d",
        "declarationSubject": "e", "recordId": record, "recordType": kind, "recordStatus": "new", "source": _SOURCE,
        "publicationDetails": {
            "publicationDate": "2024-03-01", "bodsVersion": "0.4", "license": "https://example.org/licence",
            "publisher": {"name": "Register", "url": "https://example.org"},
        },
        "annotations": [
            {
                "statementPointerTarget": "/", "creationDate": "2024-03-01", "createdBy": _AGENT,
                "motivation": motivation, "description": "so", "url": "https://example.org/why",
                "transformedContent": "x" if motivation == "transformation" else "",
            }
            for motivation in ("commenting", "correcting", "identifying", "linking", "transformation")
        ],
        "recordDetails": details,
    }  # fmt: skip


def whole_statements() -> list[list[dict[str, Any]]]:
    """Return a document for each type of record, and each type of entity, in which no field is missing."""
    entity = {
        "isComponent": False, "unspecifiedEntityDetails": _UNKNOWN, "name": "Whole hf.", "alternateNames": ["Whole"],
        "jurisdiction": _PLACE, "identifiers": [_NUMBER], "foundingDate": "2001-01-01", "dissolutionDate": "2023-01-01",
        "addresses": [_address(kind) for kind in ("registered", "business", "alternative")],
        "uri": "https://example.org/e",
        "publicListing": {
            "hasPublicListing": True, "companyFilingsURLs": ["https://example.org/f"],
            "securitiesListings": [{
                "marketIdentifierCode": "XICE", "operatingMarketIdentifierCode": "XICE",
                "stockExchangeJurisdiction": "IS", "stockExchangeName": "Nasdaq Iceland",
                "security": {"idScheme": "isin", "id": "IS0", "ticker": "WHOLE"},
            }],
        },
        "formedByStatute": {"name": "Act", "date": "2000-01-01"},
    }  # fmt: skip
    forms = {
        "registeredEntity": "other", "legalEntity": "trust", "arrangement": "nomination", "anonymousEntity": "other",
        "unknownEntity": "other", "state": "other", "stateBody": "stateAgency",
    }  # fmt: skip
    person = {
        "isComponent": False, "personType": "knownPerson", "unspecifiedPersonDetails": _UNKNOWN,
        "names": [{"type": "legal", "fullName": "Jon Jonsson", "familyName": "Jonsson", "givenName": "Jon",
                   "patronymicName": "Jonsson"}],
        "identifiers": [_NUMBER], "nationalities": [_PLACE], "placeOfBirth": _address("placeOfBirth"),
        "birthDate": "1960-02", "deathDate": "2020-02-03", "taxResidencies": [_PLACE],
        "addresses": [_address(kind) for kind in ("residence", "service", "alternative")],
        "politicalExposure": {"status": "isPep", "details": [{
            "reason": "mayor", "missingInfoReason": "none", "jurisdiction": _PLACE, "startDate": "1990-01-01",
            "endDate": "1994-01-01", "source": _SOURCE,
        }]},
    }  # fmt: skip
    interest = {
        "type": "shareholding", "directOrIndirect": "direct", "beneficialOwnershipOrControl": True, "details": "A",
        "share": {"exact": 30, "minimum": 20, "maximum": 40, "exclusiveMinimum": 10, "exclusiveMaximum": 50},
        "startDate": "2002-01-01", "endDate": "2003-01-01",
    }  # fmt: skip
    links = [
        {"isComponent": False, "componentRecords": ["c"], "subject": "e", "interestedParty": "p",
         "interests": [interest]},
        {"isComponent": True, "componentRecords": [], "subject": _UNKNOWN, "interestedParty": _UNKNOWN,
         "interests": []},
    ]  # fmt: skip
    documents = [
        *([_whole("e", "entity", {**entity, "entityType": {"type": form, "subtype": subtype, "details": "hf."}})]
          for form, subtype in forms.items()),
        [_whole("p", "person", person)],
        *([_whole("r", "relationship", link)] for link in links),
    ]  # fmt: skip
    return json.loads(json.dumps(documents))  # nothing is shared between them, so that each may be changed

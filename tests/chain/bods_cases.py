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

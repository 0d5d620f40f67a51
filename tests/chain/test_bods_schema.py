"""Documents of ownership are held to the standard exactly as the published schema holds them, fault by fault."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from tests.chain.bods_cases import (
    ABSENT,
    EXAMPLES,
    INVALID,
    VALID,
    expected_faults,
    published_codes,
    published_validator,
    read,
    whole_statements,
)

from cellroad.chain import bods_schema as declared
from cellroad.chain.bods import validate

published = pytest.mark.skipif(not VALID, reason=ABSENT)

ODD: tuple[Any, ...] = (
    None, True, False, 0, 3, -5, 100, 101, 12.5, "", "x", "GB", "GB-ENG", "GB-ENGLAND", [], ["x"], [3], {}, {"x": 1},
    {"reason": "unknown"}, {"reason": "x"}, {"name": "x"}, "2017", "2017-11", "2017-13", "2017-11-18", "2017-11-31",
    "2017-11-18T12:00:00Z", "2017-11-18T12:00:00", "2017-11-18T25:00:00Z", "http://example.org/a", "//example.org",
    "0.4", "0.4.1", "v0.4", "x" * 31, "x" * 32, "x" * 64, "x" * 65,
)  # fmt: skip
"""What stands in for any part of a document: every type, and texts of every form that the standard knows."""


@published
@pytest.mark.parametrize("path", [*VALID, *EXAMPLES], ids=lambda path: path.stem)
def test_every_published_valid_document_is_accepted(path: Path) -> None:
    assert validate(read(path)) == []


@published
@pytest.mark.parametrize(("file", "keyword", "path", "name"), expected_faults(), ids=lambda cell: str(cell)[:60])
def test_every_published_invalid_document_is_refused_where_expected(
    file: str, keyword: str, path: str, name: str
) -> None:
    faults = validate(read(INVALID / file))
    assert (keyword, path, name) in {(fault.keyword, fault.path, fault.property) for fault in faults}
    assert all(fault.found and fault.expected and fault.mend for fault in faults)


@published
def test_every_code_list_is_the_published_one() -> None:
    ours = {
        "addressType": declared.ADDRESSES, "annotationMotivation": declared.MOTIVES,
        "directOrIndirect": declared.DIRECTNESS, "entityType": tuple(declared.SUBTYPES),
        "entitySubtype": tuple(word for words in declared.SUBTYPES.values() for word in words),
        "interestType": declared.INTERESTS, "nameType": declared.NAMES, "personType": declared.PERSONS,
        "recordStatus": declared.STATUSES, "recordType": declared.RECORDS,
        "securitiesIdentifierSchemes": declared.SECURITIES, "sourceType": declared.SOURCES,
        "unspecifiedReason": declared.REASONS,
    }  # fmt: skip
    assert {name: set(words) for name, words in ours.items()} == published_codes()


# Every document changed in every place -----------------------------------------------------------------------------


Place = tuple[int | str, ...]


def places(value: Any, at: Place = ()) -> Iterator[Place]:
    """Return the place of every part of a document, itself included."""
    yield at
    parts = enumerate(value) if isinstance(value, list) else value.items() if isinstance(value, dict) else ()
    for key, part in parts:
        yield from places(part, (*at, key))


def shape(at: Place) -> tuple[str, ...]:
    return tuple("[]" if isinstance(key, int) else key for key in at)


def kinds_of(documents: list[Any]) -> dict[tuple[str, ...], dict[str, Any]]:
    """Return for every kind of object the fields that it has anywhere, each with one of its values."""
    fields: dict[tuple[str, ...], dict[str, Any]] = defaultdict(dict)
    for document in documents:
        for at in places(document):
            part = inside(document, at)
            if isinstance(part, dict):
                for name, value in part.items():
                    fields[shape(at)].setdefault(name, value)
    return fields


def inside(document: Any, at: Place) -> Any:
    for key in at:
        document = document[key]
    return document


def differences(
    document: Any, at: Place, stand_ins: list[Any], agree: Callable[[Any], str | None]
) -> Iterator[tuple[str, str]]:
    """Put each stand-in, and nothing at all, in the place of a part; tell where the two validators disagree."""
    if not at:
        for value in stand_ins:
            if told := agree(value):
                yield f"{value!r} as document", told
        return
    holder, key = inside(document, at[:-1]), at[-1]
    kept = holder[key] if isinstance(holder, list) or key in holder else None
    there = isinstance(holder, list) or key in holder
    for value in stand_ins:
        holder[key] = value
        if told := agree(document):
            yield f"{value!r} at {at}", told
    if isinstance(holder, dict):
        holder.pop(key, None)
        if told := agree(document):
            yield f"nothing at {at}", told
    if there:
        holder[key] = kept


def places_of(error: jsonschema_rs.ValidationError) -> tuple[str, str]:
    return error.kind.name, "$" + "".join(f"[{k}]" if isinstance(k, int) else f".{k}" for k in error.instance_path)


@published
def test_every_change_of_a_valid_document_is_judged_as_the_published_schema_judges_it() -> None:
    """Every part of every document is left out and replaced, and every field is added where it is missing.

    The verdicts are the same, and so is every fault that is told, but for those that the published schema adds where
    a field that others depend on is missing: with no recordType, it asks for every type at once.
    """
    theirs = published_validator()
    deciding = ("recordType", "isComponent", "type", "motivation")

    def agree(document: Any) -> str | None:
        ours = {(fault.keyword, fault.path) for fault in validate(document)}
        if not ours and theirs.is_valid(document):
            return None
        others = {places_of(error) for error in theirs.iter_errors(document)}
        undecided = any(fault.property in deciding for fault in validate(document))
        if bool(ours) != bool(others) or not ours <= others or (ours != others and not undecided):
            return f"we say {sorted(ours)}, the schema says {sorted(others)}"
        return None

    documents = [*whole_statements(), *(read(path) for path in VALID)]
    assert all(theirs.is_valid(document) for document in documents)
    fields = kinds_of([*documents, *(read(path) for path in EXAMPLES)])
    words = sorted({word for codes in published_codes().values() for word in codes})
    coded = {"type", "subtype", "recordType", "recordStatus", "motivation", "reason", "status", "idScheme",
             "personType", "directOrIndirect"}  # fmt: skip
    seen: set[tuple[Any, ...]] = set()
    tried = 0
    disagreed: list[tuple[str, str]] = []
    for document in documents:
        for at in list(places(document)):
            part = inside(document, at)
            missing = [name for name in fields[shape(at)] if isinstance(part, dict) and name not in part]
            for place in (at, *((*at, name) for name in missing)):
                beside = inside(document, place[:-1]) if place else None
                kind = document[0].get("recordType")
                mark = (kind, shape(place), json.dumps(beside, sort_keys=True) if len(place) > 2 else str(place))
                if mark in seen:
                    continue
                seen.add(mark)
                name = place[-1] if place else ""
                own = fields[shape(place[:-1])].get(str(name)) if place else None
                stand_ins = [*ODD, own, *(words if name in coded or shape(place)[-2:-1] == ("type",) else ())]
                tried += len(stand_ins)
                disagreed += differences(document, place, stand_ins, agree)
    assert disagreed == []
    assert tried > 10_000


@pytest.mark.parametrize("value", [float("nan"), {1: 2}, {"x": object()}], ids=["nan", "key", "thing"])
def test_what_is_no_json_is_told_and_not_raised(value: Any) -> None:
    assert [fault.path for fault in validate([{"statementId": value}])][:1] != []


def test_a_misspelt_field_or_word_is_told_with_what_was_meant() -> None:
    statement = {
        "statementid": "x" * 32, "statementDate": "2024-01-01", "declarationSubject": "a", "recordId": "a",
        "recordType": "entity", "recordDetails": {"isComponent": False, "entityType": {"type": "registeredentity"}},
    }  # fmt: skip
    mends = {fault.property: fault.mend for fault in validate([statement])}
    assert mends == {
        "statementId": "Rename 'statementid' to 'statementId'.", "type": "Did you mean 'registeredEntity'?",
    }  # fmt: skip

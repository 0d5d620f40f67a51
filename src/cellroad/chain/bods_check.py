"""What is wrong with a document of ownership statements? Told for people: where, what was found, what was expected.

`validate` holds a document against the standard (`bods_schema`): a document without a fault is valid BODS 0.4. `sense`
looks at what its statements mean together, which no schema can see: a relationship that names nobody, a least share
above the largest, an end before the start. A blocker there makes a document contradict itself; a warning is worth a
second look. Both name the place by its JSON path, as in $[0].recordDetails.interests[1].share.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, reduce
from typing import Any

import jsonschema_rs

from cellroad.chain.bods_schema import SHARE, VERSION, schema
from cellroad.chain.finding import Finding, Severity
from cellroad.chain.tell import did_you_mean, listed

Statement = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a document.

    `keyword` is the rule that is broken, in the words of JSON Schema ("sense" for what no schema can see); `path` is
    where, and `property` the field to look at, which for a missing field is the one that is missing.
    """

    severity: Severity
    keyword: str
    path: str
    property: str
    found: str
    expected: str
    mend: str

    def finding(self, name: str) -> Finding:
        """Return the fault as a finding of the file of that name."""
        return Finding(self.severity, name, None, self.path, self.found, self.expected, self.mend)


def validate(document: Any) -> list[Fault]:
    """Return everything by which a document, as read from JSON, departs from BODS 0.4; empty where it is valid."""
    try:
        faults = [_told(error) for error in _validator().iter_errors(document)]
    except (ValueError, UnicodeEncodeError) as error:
        return [Fault(
            "blocker", "type", "$", "", f"what no JSON can hold ({error})", "a list of statements",
            "Read it from a JSON file in UTF-8, nested less deeply.",
        )]  # fmt: skip
    return list({(fault.keyword, fault.path, fault.property): fault for fault in faults}.values())


@cache
def _validator() -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(schema(), validate_formats=True)


# A fault of the schema in words ---------------------------------------------------------------------------------------

TYPES = {
    "string": "text in double quotes", "array": "a list in square brackets", "object": "an object in braces",
    "number": "a number without quotes", "boolean": "true or false without quotes",
}  # fmt: skip
FORMATS = {
    "date": "a day as 2027-10-01", "date-time": "a time as 2027-10-01T12:00:00Z",
    "uri": "a full address as https://example.org/page",
}  # fmt: skip


def _told(error: Any) -> Fault:
    keyword = error.kind.name
    parts = list(error.instance_path)
    rule: Any = reduce(_inner, error.schema_path, schema())
    path = "$" + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts)
    fields = [part for part in parts if isinstance(part, str)]
    name = fields[-1] if fields else ""
    if keyword == "required":
        name = str(error.kind.property)
    elif keyword == "anyOf" and isinstance(parts[-1], int):
        name = str(rule[0]["required"][0])
    found = "nothing" if keyword == "required" else _shown(error.instance)
    return Fault("blocker", keyword, path, name, found, _expected(keyword, rule, name), _mend(keyword, rule, error))


def _inner(part: Any, key: str | int) -> Any:
    return part[key]


def _shown(value: Any) -> str:
    """Return a value as a finding quotes it, shortened where it is long."""
    if isinstance(value, Mapping):
        return f"an object with {listed(map(str, value), 4) or 'nothing'}"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _expected(keyword: str, rule: Any, name: str) -> str:
    if keyword == "type":
        return TYPES[rule]
    if keyword == "enum":
        return f"one of {listed(rule, 30)}"
    if keyword == "required":
        return f"a field {name!r}"
    if keyword in ("minLength", "maxLength"):
        return f"at {'least' if keyword == 'minLength' else 'most'} {rule} characters"
    if keyword in ("minimum", "maximum"):
        return "a percentage from 0 to 100"
    if keyword == "format":
        return FORMATS[rule]
    if keyword == "pattern":
        return f"a version as {VERSION}"
    if keyword == "const":
        return "an empty list, because this is a component itself" if rule == [] else "no text, for this motivation"
    if keyword == "minProperties":
        return "an object with something in it"
    if keyword == "oneOf":
        return "the id of a record as text, or an object with a reason why there is none"
    if any("required" in choice for choice in rule):
        return "a field " + " or ".join(repr(choice["required"][0]) for choice in rule)
    forms = [FORMATS[choice["format"]] if "format" in choice else "a year or month as 1978 or 1978-08"
             for choice in rule]  # fmt: skip
    return " or ".join(forms)


def _mend(keyword: str, rule: Any, error: Any) -> str:
    if keyword == "enum":
        return did_you_mean(str(error.instance), rule, "Use one of them, with its capitals.")
    if keyword == "required":
        return _misspelt(error)
    if keyword == "type" and rule == "number" and isinstance(error.instance, str):
        return "Write the number without quotes and without a percent sign."
    if keyword == "type" and not error.instance_path:
        return "Put the statements into one list: [ ... ]."
    return "Correct it; a field that is not needed may be left out."


def _misspelt(error: Any) -> str:
    missing = str(error.kind.property)
    like = [name for name in error.instance if name.casefold() == missing.casefold()]
    return f"Rename {like[0]!r} to {missing!r}." if like else "Add it."


# What the statements mean together ------------------------------------------------------------------------------------


def sense(statements: Sequence[Statement]) -> list[Fault]:
    """Return what statements, each of them valid, contradict or leave open together; blockers before warnings."""
    kinds = {one["recordId"]: one["recordType"] for one in statements}
    faults = [
        *_same_ids(statements), *_same_records(statements), *_versions(statements), *_lifecycles(statements),
        *(fault for place, one in enumerate(statements) for fault in _alone(place, one)),
        *(fault for place, one in enumerate(statements) if one["recordType"] == "relationship"
          for fault in _parties(place, one, kinds)),
        *_components(statements, kinds),
    ]  # fmt: skip
    return sorted(faults, key=lambda fault: fault.severity)


def _fault(severity: Severity, path: str, found: str, expected: str, mend: str) -> Fault:
    return Fault(severity, "sense", path, path.rpartition(".")[2].partition("[")[0], found, expected, mend)


def _same_ids(statements: Sequence[Statement]) -> Iterator[Fault]:
    first: dict[str, int] = {}
    for place, one in enumerate(statements):
        earlier = first.setdefault(one["statementId"], place)
        if earlier != place:
            same = statements[earlier] == one
            yield _fault(
                "warning" if same else "blocker", f"$[{place}].statementId",
                f"{one['statementId']!r}, the id of $[{earlier}] as well" + ("" if same else ", which says otherwise"),
                "another id for every statement", "Remove one of the two, or give it an id of its own.",
            )  # fmt: skip


def _same_records(statements: Sequence[Statement]) -> Iterator[Fault]:
    first: dict[str, str] = {}
    for place, one in enumerate(statements):
        kind = first.setdefault(one["recordId"], one["recordType"])
        if kind != one["recordType"]:
            yield _fault(
                "blocker", f"$[{place}].recordId", f"{one['recordId']!r}, which is a record of type {kind} elsewhere",
                "one type for every record", "Give one of the two records another id.",
            )  # fmt: skip


def _versions(statements: Sequence[Statement]) -> Iterator[Fault]:
    for place, one in enumerate(statements):
        version = one.get("publicationDetails", {}).get("bodsVersion", VERSION)
        if version != VERSION:
            yield _fault(
                "warning", f"$[{place}].publicationDetails.bodsVersion", repr(version), f"version {VERSION}",
                "It is read as that version; look whether anything is missing.",
            )  # fmt: skip


def _lifecycles(statements: Sequence[Statement]) -> Iterator[Fault]:
    begun = Counter(one["recordId"] for one in statements if one.get("recordStatus") == "new")
    told: set[str] = set()
    for place, one in enumerate(statements):
        record = one["recordId"]
        if begun[record] > 1 and one.get("recordStatus") == "new" and record not in told:
            told.add(record)
            yield _fault(
                "warning", f"$[{place}].recordStatus", f"{record!r} told as new {begun[record]} times",
                "new once, updated or closed later", "The latest statement counts.",
            )  # fmt: skip


def _alone(place: int, one: Statement) -> Iterator[Fault]:
    """Look at what one statement says within itself."""
    details, at = one["recordDetails"], f"$[{place}].recordDetails"
    kind = one["recordType"]
    foreign = {
        "entity": ("interestedParty", "subject", "interests", "personType"),
        "person": ("interestedParty", "subject", "interests", "entityType"),
        "relationship": ("personType", "entityType"),
    }[kind]
    strange = [name for name in foreign if name in details]
    if strange:
        yield _fault(
            "blocker", f"$[{place}].recordType", f"{kind}, beside details that have {listed(strange)}",
            "details that fit the type of the record", "Correct recordType, or remove the fields that do not belong.",
        )  # fmt: skip
    lives = (("foundingDate", "dissolutionDate"), ("birthDate", "deathDate"))
    for start, end in lives:
        if _before(details.get(end), details.get(start)):
            yield _fault(
                "warning", f"{at}.{end}", f"{details[end]}, before {start} {details[start]}", f"a day after {start}",
                "Swap or correct the two dates.",
            )  # fmt: skip
    unknown = {"entityType": details.get("entityType", {}).get("type", ""), "personType": details.get("personType", "")}
    for field, word in unknown.items():
        reason = "unspecifiedEntityDetails" if field == "entityType" else "unspecifiedPersonDetails"
        if str(word).startswith(("anonymous", "unknown")) and reason not in details:
            yield _fault("warning", f"{at}.{reason}", "nothing", f"a reason why this is {word}", "Add the reason.")
        if reason in details and word and not str(word).startswith(("anonymous", "unknown")):
            yield _fault(
                "warning", f"{at}.{reason}", "a reason why nothing is known", f"none for {word}", "Remove it."
            )  # fmt: skip
    for number, interest in enumerate(details.get("interests", ())):
        yield from _interest(f"{at}.interests[{number}]", interest)


def _interest(at: str, interest: Mapping[str, Any]) -> Iterator[Fault]:
    share = interest.get("share", {})
    least, most = bounds(share)
    if least > most:
        exact = "exact" in share
        yield _fault(
            "blocker", f"{at}.share", "an exact share outside its limits" if exact else f"{least:g} % to {most:g} %",
            "a least share that is at most the largest", "Swap or correct the two.",
        )  # fmt: skip
    if _before(interest.get("endDate"), interest.get("startDate")):
        yield _fault(
            "blocker", f"{at}.endDate", f"{interest['endDate']}, before startDate {interest['startDate']}",
            "a day on or after startDate", "Swap or correct the two dates.",
        )  # fmt: skip


def bounds(share: Mapping[str, Any]) -> tuple[Decimal, Decimal]:
    """Return the least and the largest percentage that a share can be; an exclusive end counts as the end."""
    told = {name: percent(share[name]) for name in SHARE["properties"] if name in share}
    exact = told.get("exact")
    lower = [told[name] for name in ("minimum", "exclusiveMinimum") if name in told]
    upper = [told[name] for name in ("maximum", "exclusiveMaximum") if name in told]
    least, most = max(lower, default=Decimal(0)), min(upper, default=Decimal(100))
    if exact is None:
        return least, most
    return (exact, exact) if least <= exact <= most else (Decimal(1), Decimal(0))


def percent(value: Any) -> Decimal:
    """Return a number of a document as it is written there."""
    return value if isinstance(value, Decimal) else Decimal(repr(value))


def _before(end: Any, start: Any) -> bool:
    """Say whether a date lies before another, as far as both are told."""
    if not end or not start:
        return False
    told = min(len(end), len(start))
    return bool(str(end)[:told] < str(start)[:told])


def _parties(place: int, one: Statement, kinds: Mapping[str, str]) -> Iterator[Fault]:
    details, at = one["recordDetails"], f"$[{place}].recordDetails"
    subject, holder = details["subject"], details["interestedParty"]
    for field, party in (("subject", subject), ("interestedParty", holder)):
        if isinstance(party, str) and party not in kinds:
            yield _fault(
                "warning", f"{at}.{field}", f"{party!r}, which no statement tells of",
                "the recordId of a person or entity",
                "Add the statement, or correct the id; until then it is a partner that is known by its id alone.",
            )  # fmt: skip
        elif isinstance(party, str) and kinds[party] == "relationship":
            yield _fault(
                "blocker", f"{at}.{field}", f"{party!r}, which is a relationship", "the recordId of a person or entity",
                "Name who holds or is held.",
            )  # fmt: skip
    if isinstance(subject, str) and kinds.get(subject) == "person":
        yield _fault(
            "warning", f"{at}.subject", f"{subject!r}, which is a person", "an entity: nobody can own a person",
            "Look whether subject and interestedParty are swapped.",
        )  # fmt: skip
    if isinstance(subject, str) and subject == holder:
        yield _fault(
            "warning", f"{at}.interestedParty", f"{holder!r}, the subject itself", "two parties",
            "Leave it where a company holds its own shares.",
        )  # fmt: skip
    benefits = any(interest.get("beneficialOwnershipOrControl") for interest in details.get("interests", ()))
    if benefits and isinstance(holder, str) and kinds.get(holder) == "entity":
        yield _fault(
            "warning", f"{at}.interests", f"the entity {holder!r} as beneficial owner", "a natural person",
            "Say false for beneficialOwnershipOrControl, and tell of the person behind it.",
        )  # fmt: skip


def _components(statements: Sequence[Statement], kinds: Mapping[str, str]) -> Iterator[Fault]:
    listed_by: dict[str, list[int]] = defaultdict(list)
    for place, one in enumerate(statements):
        for number, record in enumerate(_named(one)):
            listed_by[record].append(place)
            if record not in kinds:
                yield _fault(
                    "warning", f"$[{place}].recordDetails.componentRecords[{number}]",
                    f"{record!r}, which no statement tells of", "the recordId of a component", "Add the statement.",
                )  # fmt: skip
    for place, one in enumerate(statements):
        if one["recordDetails"].get("isComponent") and one["recordId"] not in listed_by:
            yield _fault(
                "warning", f"$[{place}].recordDetails.isComponent", f"{one['recordId']!r}, a component of nothing",
                "a relationship that lists it in componentRecords", "Add it there, or say false.",
            )  # fmt: skip


def _named(one: Statement) -> Iterable[str]:
    return one["recordDetails"].get("componentRecords", ()) if one["recordType"] == "relationship" else ()

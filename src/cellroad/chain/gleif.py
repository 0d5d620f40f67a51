"""How is the hierarchy of legal entities read from GLEIF? From the golden copy, levels 1 and 2, as CSV or as JSON.

Level 1 says who an LEI is, level 2 into whose accounts an entity is consolidated: directly, by the next parent, and
ultimately, by the last one. Consolidation is not a percentage. It becomes a stake of equity anywhere from 0 to 1, which
can raise a flag about a partner and never clear one. The ultimate parent counts only where no direct parents lead to
it. Why an entity names no parent (a reporting exception) is a remark, as are fund managers; a branch is its head
office.

Source: GLEIF, Level 1 (LEI-CDF 3.1) and Level 2 (RR-CDF 2.1, reporting exceptions 2.1) data formats; facts only.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cellroad.chain.documents import Document, read_document, refuse
from cellroad.chain.finding import ChainError, Finding
from cellroad.chain.holdings import Held, Holdings, Party, holdings, remark
from cellroad.chain.tell import condensed

DIRECT, ULTIMATE, BRANCH = "IS_DIRECTLY_CONSOLIDATED_BY", "IS_ULTIMATELY_CONSOLIDATED_BY", "IS_INTERNATIONAL_BRANCH_OF"
FUNDS = {
    "IS_FUND-MANAGED_BY": "a fund managed by", "IS_SUBFUND_OF": "a sub-fund of", "IS_FEEDER_TO": "a feeder fund of",
}  # fmt: skip
"""Relations of funds, in words; none of them is ownership."""
REASONS = {
    "NATURAL_PERSONS": "natural persons hold it without a consolidating parent",
    "NON_CONSOLIDATING": "its parents need not consolidate it",
    "NO_KNOWN_PERSON": "no person is known to control it",
    "NO_LEI": "its parent has no LEI",
    "NON_PUBLIC": "its parent is not public",
    "BINDING_LEGAL_COMMITMENTS": "a legal commitment forbids to tell",
    "LEGAL_OBSTACLES": "the law forbids to tell",
    "CONSENT_NOT_OBTAINED": "the parent did not consent",
    "DETRIMENT_NOT_EXCLUDED": "telling might do harm",
    "DISCLOSURE_DETRIMENTAL": "telling would do harm",
}
GONE = ("ANNULLED", "DUPLICATE", "RETIRED", "CANCELLED")
"""States of a registration whose content no longer counts."""
FORM = re.compile(r"[A-Z0-9]{18}[0-9]{2}")
NO_START = dt.date(1900, 1, 1)
PERIOD = re.compile(r"Relationship\.(?:Period|RelationshipPeriods\.RelationshipPeriod)(?:\.(\d+))?\.(\w+)$")

Row = Mapping[str, str]


def read_gleif(path: str | Path) -> Holdings:
    """Return the partners of a level 1 file, or the stakes of a level 2 file, or the remarks of reporting exceptions.

    Raises ChainError with everything that is wrong where the file is none of them.
    """
    return gleif_holdings(read_document(path))


def gleif_holdings(document: Document) -> Holdings:
    """Return what a document that was read tells. Raises ChainError as `read_gleif` does."""
    rows = _rows(document)
    wrong = list(_wrong(document.name, rows))
    if wrong:
        raise ChainError(condensed(wrong))
    parties = {row["LEI"]: _party(row) for _, row in rows if _is_entity(row)}
    relations = [_relation(number, row) for number, row in rows if _is_relation(row)]
    named = {lei: Party(lei, lei, identifiers=(f"LEI {lei}",), source="GLEIF level 2", note="known by LEI only")
             for one in relations for lei in (one.child, one.parent)}  # fmt: skip
    remarks = [*_told_remarks(document.name, rows), *(found for one in relations if (found := one.lost(document.name)))]
    counted, repeated = _once([one for one in relations if one.lost(document.name) is None])
    remarks += [one.remark(document.name, "told by the direct parents as well", "each parent once") for one in repeated]
    return holdings({**named, **parties}.values(), [one.held() for one in counted], remarks)


# Rows ----------------------------------------------------------------------------------------------------------------


def _rows(document: Document) -> list[tuple[int | None, Row]]:
    """Return the records of a document with dotted names of columns, as in the CSV form, and their rows."""
    if document.form == "table":
        rows: list[Row] = document.content
        return list(zip(document.rows, rows, strict=True))
    content = document.content
    records = content
    if isinstance(content, dict):
        records = next((content[key] for key in ("records", "relations", "exceptions") if key in content), [content])
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        refuse(document.name, "JSON of another shape", "records, relations or exceptions of GLEIF", "Fetch it anew.")
    numbers = document.rows or (None,) * len(records)
    return [(row, dict(_flat("", record))) for row, record in zip(numbers, records, strict=True)]


def _flat(path: str, value: Any) -> Iterator[tuple[str, str]]:
    """Return the texts of a JSON record by their path: {"LEI": {"$": x}} as LEI; a list counts from 1."""
    if isinstance(value, dict):
        for name, part in value.items():
            if name in ("$", "RelationshipRecord"):
                yield from _flat(path, part)
            elif not name.startswith("@"):
                yield from _flat(f"{path}.{name}" if path else name, part)
    elif isinstance(value, list):
        for number, part in enumerate(value, start=1):
            yield from _flat(f"{path}.{number}", part)
    elif value is not None and str(value).strip():
        yield path, str(value).strip()


def _is_relation(row: Row) -> bool:
    return any(name.startswith("Relationship.") for name in row)


def _is_exception(row: Row) -> bool:
    return any(name.startswith("Exception") for name in row)


def _is_entity(row: Row) -> bool:
    return not _is_relation(row) and not _is_exception(row)


def _wrong(name: str, rows: Iterable[tuple[int | None, Row]]) -> Iterator[Finding]:
    """Return what cannot be read: rows without a well-formed LEI where there has to be one."""
    for number, row in rows:
        ends = ("Relationship.StartNode.NodeID", "Relationship.EndNode.NodeID") if _is_relation(row) else ("LEI",)
        for column in ends:
            if FORM.fullmatch(row.get(column, "")) is None:
                yield Finding(
                    "blocker", name, number, column, repr(row.get(column, "")),
                    "an LEI: 18 letters and digits in capitals and two digits", "Correct it, or leave the row out.",
                )  # fmt: skip
        if _is_relation(row) and not row.get("Relationship.RelationshipType"):
            yield Finding(
                "blocker", name, number, "Relationship.RelationshipType", "nothing", "the type of the relation",
                "Add it, or leave the row out.",
            )  # fmt: skip


# Level 1 -------------------------------------------------------------------------------------------------------------


def _party(row: Row) -> Party:
    lei = row["LEI"]
    others = [text for name, text in row.items() if re.match(r"Entity\.(Transliterated)?OtherEntityNames\.", name)
              and not name.endswith((".xmllang", ".type", ".lang"))]  # fmt: skip
    state, registered = row.get("Entity.EntityStatus", ""), row.get("Registration.RegistrationStatus", "")
    kind = row.get("Entity.EntityCategory", "")
    notes = [
        f"{kind.lower().replace('_', ' ')}" if kind not in ("", "GENERAL") else "",
        "no longer in being" if state == "INACTIVE" else "",
        f"LEI {registered.lower()}" if registered not in ("", "ISSUED", "PUBLISHED") else "",
    ]
    place = row.get("Entity.LegalJurisdiction") or row.get("Entity.LegalAddress.Country", "")
    return Party(
        lei, row.get("Entity.LegalName", lei), place, "government" if "GOVERNMENT" in kind else "company",
        aliases=tuple(others), identifiers=(f"LEI {lei}",), note="; ".join(note for note in notes if note),
        source=f"GLEIF level 1 {row.get('Registration.LastUpdateDate', '')[:10]}".strip(),
    )  # fmt: skip


# Level 2 -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Relation:
    """One relation of level 2: the child is consolidated by, managed by or a branch of the parent."""

    row: int | None = field(compare=False)
    child: str
    parent: str
    type: str
    active: bool
    registered: str
    first: dt.date | None
    last: dt.date | None
    known: dt.date | None
    amount: str

    def lost(self, name: str) -> Finding | None:
        """Return the remark that it is, None where it is a stake."""
        if self.type not in (DIRECT, ULTIMATE, BRANCH):
            what = FUNDS.get(self.type, self.type.lower().replace("_", " "))
            return self.remark(name, "no share in it", "a consolidation", what)
        if self.registered in GONE:
            return self.remark(name, f"registration {self.registered.lower()}", "a registration that stands")
        if not self.active and self.last is None:
            return self.remark(name, "no longer active, from an unknown day on", "the day on which it ended")
        if self.last is not None and self.first is not None and self.last < self.first:
            return self.remark(name, f"from {self.first} to {self.last}", "an end after the start")
        return None

    def remark(self, name: str, why: str, expected: str, what: str = "") -> Finding:
        """Return why it is not taken over."""
        words = {DIRECT: "consolidated by", ULTIMATE: "ultimately consolidated by", BRANCH: "a branch of"}
        found = f"{self.child} as {what or words.get(self.type, self.type)} {self.parent}: {why}"
        return remark(name, found, expected, "Not taken over; weigh it yourself.", self.row)

    def held(self) -> Held:
        """Return it as a stake: a branch is its head office, consolidation says nothing of the share."""
        least = 1.0 if self.type == BRANCH else 0.0
        notes = [
            "branch: the same legal person" if self.type == BRANCH else "accounting consolidation, no share told",
            "ultimate parent" if self.type == ULTIMATE else "",
            f"measured as {self.amount}" if self.amount else "",
            "" if self.first else "start not told",
            f"not renewed ({self.registered.lower()})" if self.registered == "LAPSED" else "",
        ]
        first = self.first or min(self.known or NO_START, self.last or dt.date.max)
        note = "; ".join(part for part in notes if part)
        source = f"GLEIF level 2 {self.child} {self.parent}"
        return Held(self.parent, self.child, "equity", least, 1.0, first, self.last, source, note)


def _relation(number: int | None, row: Row) -> _Relation:
    periods: dict[str, dict[str, str]] = defaultdict(dict)
    for name, text in row.items():
        found = PERIOD.match(name)
        if found:
            periods[found[1] or "1"][found[2].casefold()] = text
    told = (one for one in periods.values() if one.get("periodtype", "RELATIONSHIP_PERIOD") == "RELATIONSHIP_PERIOD")
    span = next(told, {})
    amounts, units = ([text for name, text in sorted(row.items()) if name.endswith(end)]
                      for end in ("QuantifierAmount", "QuantifierUnits"))  # fmt: skip
    known = row.get("Registration.InitialRegistrationDate") or row.get("Registration.LastUpdateDate", "")
    return _Relation(
        number, row["Relationship.StartNode.NodeID"], row["Relationship.EndNode.NodeID"],
        row["Relationship.RelationshipType"], row.get("Relationship.RelationshipStatus", "ACTIVE") == "ACTIVE",
        row.get("Registration.RegistrationStatus", ""), _day(span.get("startdate", "")), _day(span.get("enddate", "")),
        _day(known), " ".join([*amounts[:1], *(unit.lower() for unit in units[:1])]),
    )  # fmt: skip


def _day(written: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(written[:10])
    except ValueError:
        return None


def _once(relations: Iterable[_Relation]) -> tuple[list[_Relation], list[_Relation]]:
    """Return the relations that count, and the ultimate parents to which direct parents lead."""
    counted = list(dict.fromkeys(relations))
    above: dict[str, set[str]] = defaultdict(set)
    for one in counted:
        if one.type != ULTIMATE:
            above[one.child].add(one.parent)
    repeated = {one for one in counted if one.type == ULTIMATE and one.parent in _over(above, one.child)}
    return [one for one in counted if one not in repeated], [one for one in counted if one in repeated]


def _over(above: Mapping[str, set[str]], child: str) -> set[str]:
    """Return every parent above a child."""
    seen: set[str] = set()
    ahead = [child]
    while ahead:
        fresh = above.get(ahead.pop(), set()) - seen
        seen |= fresh
        ahead += fresh
    return seen


# Reporting exceptions ------------------------------------------------------------------------------------------------


def _told_remarks(name: str, rows: Iterable[tuple[int | None, Row]]) -> Iterator[Finding]:
    """Return why entities name no parent."""
    for number, row in rows:
        if not _is_exception(row):
            continue
        plain = {column.replace(".", ""): text for column, text in row.items()}
        which = "ultimate" if plain.get("ExceptionCategory", "").startswith("ULTIMATE") else "direct"
        reasons = [text for column, text in plain.items() if column.startswith("ExceptionReason")]
        why = ", ".join(REASONS.get(reason, reason.lower().replace("_", " ")) for reason in reasons) or "no reason told"
        yield remark(
            name, f"no {which} parent of {row['LEI']}: {why}", f"a {which} parent",
            "Its owners are unknown; ask the partner, or look into the register of its country.", number, "LEI",
        )  # fmt: skip

"""How is ownership exchanged as statements of beneficial ownership (BODS 0.4)? Read here; written by `bods_write`.

A document is a list of statements about entities, persons and relationships (`bods_schema`), checked as a whole before
anything is taken from it (`bods_check`). Of each record the latest statement counts. Shares are percentages there and
fractions here; what is not told lies between nothing and everything.

Three things need care. An interest held through others is told twice, once as a whole and once by its components: where
the components lead from the holder to the held, they alone count; elsewhere the whole is kept, with a least share only
where nothing else could count it again. An end there is the first day without the interest, here the last day with it.
And interests that a chain has no word for (trusts, nominees, profits) are remarks.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from cellroad.chain.bods_check import Fault, Statement, bounds, sense, validate
from cellroad.chain.bods_write import OWN_LISTING, OWN_SCHEME, parsed_details, statements, write_bods
from cellroad.chain.documents import Document, read_document, refuse
from cellroad.chain.finding import ChainError, Finding
from cellroad.chain.holdings import EVER, LEI, Held, Holdings, Party, holdings, remark
from cellroad.chain.tell import listed

__all__ = ["Fault", "bods_holdings", "read_bods", "sense", "statements", "validate", "write_bods"]

INTEREST = {
    "shareholding": "equity", "votingRights": "votes", "appointmentOfBoard": "board", "boardMember": "board",
    "boardChair": "board",
}  # fmt: skip
NOT_TOLD = ("unknownInterest", "unpublishedInterest", "")
"""Interests of an unknown kind: some equity between nothing and what is told."""
ALIKE = 5
"""How many faults of the same kind are told one by one."""


def read_bods(path: str | Path) -> Holdings:
    """Return the partners and stakes of a BODS 0.4 document: a JSON list of statements, or one statement a line.

    Raises ChainError with every fault where the file cannot be read, is not valid BODS 0.4 or contradicts itself.
    """
    return bods_holdings(read_document(path))


def bods_holdings(document: Document) -> Holdings:
    """Return the partners and stakes of a document that was read. Raises ChainError as `read_bods` does."""
    told: Any = None if document.form == "table" else document.content
    if isinstance(told, list) and told and isinstance(told[0], dict) and "statementType" in told[0]:
        refuse(document.name, "BODS of an earlier version", "BODS 0.4", "Ask for 0.4, or have it converted.")
    faults = validate(told)
    if faults:
        raise ChainError(_findings(document.name, faults))
    faults = sense(told)
    if any(fault.severity == "blocker" for fault in faults):
        raise ChainError(_findings(document.name, faults))
    records = _latest(told)
    parties = [_party(record) for record in records if record.type != "relationship"]
    names = {party.key: party.name for party in parties}
    read = [one for record in records if record.type == "relationship" for one in _relationship(record, names)]
    held, twice = _once([one for one in read if isinstance(one, _Interest)])
    strange = [*(one for one in read if isinstance(one, _Strange)), *twice]
    remarks = [*_findings(document.name, faults), *(one.remark(document.name) for one in strange)]
    return holdings(parties, held, remarks)


def _findings(name: str, faults: Sequence[Fault]) -> list[Finding]:
    """Return faults as findings, those of the same kind after the first few folded into one."""
    alike: dict[tuple[str, ...], list[Fault]] = defaultdict(list)
    for fault in faults:
        alike[fault.severity, fault.keyword, re.sub(r"\[\d+\]", "[]", fault.path), fault.expected].append(fault)
    findings = []
    for group in alike.values():
        findings += [fault.finding(name) for fault in group[:ALIKE]]
        if len(group) > ALIKE:
            found = f"{len(group) - ALIKE} more of the kind"
            findings.append(replace(group[ALIKE].finding(name), found=found, mend="Mend them in the same way."))
    return findings


# Statements ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Record:
    """The latest statement of a record and where it stands."""

    place: int
    statement: Statement

    @property
    def id(self) -> str:
        return str(self.statement["recordId"])

    @property
    def type(self) -> str:
        return str(self.statement["recordType"])

    @property
    def details(self) -> Mapping[str, Any]:
        details: Mapping[str, Any] = self.statement["recordDetails"]
        return details

    @property
    def closed(self) -> bool:
        return self.statement.get("recordStatus") == "closed"

    @property
    def publisher(self) -> str:
        publisher = self.statement.get("publicationDetails", {}).get("publisher", {})
        return str(publisher.get("name") or publisher.get("url") or "BODS")

    @property
    def source(self) -> str:
        return f"{self.publisher} {self.statement['statementId']}"

    @property
    def day(self) -> dt.date:
        return _day(self.statement["statementDate"]) or dt.date.min


def _latest(told: Sequence[Statement]) -> list[_Record]:
    """Return the statement that counts for each record, in the order in which the records are first told of."""
    records: dict[str, _Record] = {}
    for place, statement in enumerate(told):
        record = _Record(place, statement)
        earlier = records.setdefault(record.id, record)
        if _when(record) >= _when(earlier):
            records[record.id] = record
    return list(records.values())


def _when(record: _Record) -> tuple[dt.datetime, int, int]:
    written = str(record.statement["statementDate"])
    try:
        moment = dt.datetime.fromisoformat(written)
        moment = moment.astimezone(dt.UTC).replace(tzinfo=None) if moment.tzinfo else moment
    except (ValueError, OverflowError):
        moment = dt.datetime.combine(record.day, dt.time())
    order = {"new": 0, "closed": 2}.get(str(record.statement.get("recordStatus")), 1)
    return moment, order, record.place


def _day(written: Any) -> dt.date | None:
    """Return the day of a date or a time; None where there is none, or none in the calendar."""
    try:
        return dt.date.fromisoformat(str(written)[:10])
    except ValueError:
        return None


# Parties -------------------------------------------------------------------------------------------------------------


def _party(record: _Record) -> Party:
    details = record.details
    told = _entity(record) if record.type == "entity" else _person(record)
    numbers = [*_numbers(details), f"record {record.id} of {record.publisher}"]
    own = [str(one.get("id", "")) for one in details.get("identifiers", ()) if one.get("schemeName") == OWN_SCHEME]
    return replace(
        told, key=record.id, source=record.source, own=own[0] if own else "",
        identifiers=tuple(number.replace(";", ",") for number in (numbers[:-1] if own else numbers)),
        note="; ".join(note for note in (told.note, "its record is closed" if record.closed else "") if note),
    )  # fmt: skip


def _numbers(details: Mapping[str, Any]) -> Iterator[str]:
    for one in details.get("identifiers", ()):
        number, scheme, name = (str(one.get(field, "")) for field in ("id", "scheme", "schemeName"))
        if not number or name == OWN_SCHEME:
            continue
        is_lei = scheme == "XI-LEI" or (LEI.fullmatch(number) and "lei" in f"{scheme} {name}".casefold())
        yield f"LEI {number}" if is_lei else f"{scheme or name + ':'} {number}"


def _entity(record: _Record) -> Party:
    details = record.details
    kind = details["entityType"]
    form = str(kind["type"])
    name = str(details.get("name", "")).strip()
    unnamed = f"{_words(form)} ({_reason(details.get('unspecifiedEntityDetails'))})"
    word = str(kind.get("details", "")).casefold()
    own_kind = word.replace(" ", "_") if word in ("joint venture", "consortium") else ""
    notes = [
        "" if form in ("registeredEntity", "legalEntity", "state", "stateBody") or own_kind else _words(form),
        _words(str(kind.get("subtype", ""))).replace("other", ""),
        f"dissolved {details['dissolutionDate']}" if "dissolutionDate" in details else "",
    ]
    return Party(
        record.id, name or unnamed,
        _country([details.get("jurisdiction"), *_places(details)]),
        "government" if form in ("state", "stateBody") else own_kind or "company",
        _listed_on(details),
        tuple(details.get("alternateNames", ())), note="; ".join(note for note in notes if note),
    )  # fmt: skip


def _listed_on(details: Mapping[str, Any]) -> tuple[str, ...]:
    if OWN_LISTING in details:
        return (str(details[OWN_LISTING]),)
    securities = details.get("publicListing", {}).get("securitiesListings", ())
    return tuple(f"{one['stockExchangeName']} {one['security']['ticker']}" for one in securities)


def _person(record: _Record) -> Party:
    details = record.details
    names = sorted(details.get("names", ()), key=lambda name: name.get("type") not in ("legal", None))
    unnamed = f"{_words(details['personType'])} ({_reason(details.get('unspecifiedPersonDetails'))})"
    nations = [one.get("code") or one["name"] for one in details.get("nationalities", ())]
    notes = [
        f"nationalities {listed(nations)}" if len(nations) > 1 else "",
        "politically exposed" if details.get("politicalExposure", {}).get("status") == "isPep" else "",
        f"died {details['deathDate']}" if "deathDate" in details else "",
    ]
    return Party(
        record.id, (names[0]["fullName"].strip() if names else "") or unnamed,
        _country([*details.get("nationalities", ()), *_places(details), *details.get("taxResidencies", ())]),
        "person", _listed_on(details), aliases=tuple(name["fullName"] for name in names[1:]),
        note="; ".join(note for note in notes if note),
    )  # fmt: skip


def _country(places: Iterable[Mapping[str, Any] | None]) -> str:
    """Return the code of the first place that has one."""
    return next((str(place["code"]) for place in places if place and place.get("code")), "")


def _places(details: Mapping[str, Any]) -> list[Mapping[str, Any] | None]:
    return [address.get("country") for address in details.get("addresses", ())]


def _reason(unspecified: Mapping[str, Any] | None) -> str:
    if not unspecified:
        return "no reason told"
    return str(unspecified.get("description") or _words(unspecified["reason"]))


def _words(code: str) -> str:
    """Return a code in words: interestedPartyExemptFromDisclosure as interested party exempt from disclosure."""
    return re.sub(r"(?<=[a-z])([A-Z])", lambda found: " " + found.group(1).lower(), code)


# Interests -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Interest:
    """An interest that a chain can hold, with the record that tells it and whether it is held through others."""

    held: Held
    record: str
    path: str
    through: bool
    components: tuple[str, ...]
    label: str


@dataclass(frozen=True, slots=True)
class _Strange:
    """An interest that a chain cannot hold, or does not take over, in words."""

    path: str
    found: str
    mend: str

    def remark(self, name: str) -> Finding:
        """Return it as a remark about the file of that name."""
        return remark(name, self.found, "an interest that a chain can hold, once", self.mend, column=self.path)


def _relationship(record: _Record, names: Mapping[str, str]) -> Iterator[_Interest | _Strange]:
    """Return the interests of a relationship; one that tells of none is some interest all the same."""
    told, at = record.details.get("interests"), f"$[{record.place}].recordDetails"
    for number, one in enumerate(told or [{}]):
        path = f"{at}.interests[{number}]" if told else at
        read = _read(record, path, one, names)
        yield (
            read
            if isinstance(read, _Interest)
            else _Strange(path, read, f"Not taken over; weigh it yourself ({record.source}).")
        )


def _read(record: _Record, path: str, told: Mapping[str, Any], names: Mapping[str, str]) -> _Interest | str:
    """Return one interest as a chain holds it, or in words why a chain cannot."""
    details = record.details
    kind = str(told.get("type", ""))
    holder, subject = details["interestedParty"], details["subject"]
    label = f"{_words(kind) or 'an interest of unknown kind'}{_share_words(told)}"
    label += f" of {_who(holder, names)} in {_who(subject, names)}"
    if not isinstance(holder, str) or not isinstance(subject, str):
        return label
    words = parsed_details(kind, str(told.get("details", "")))
    interest = words.interest or INTEREST.get(kind, "equity" if kind in NOT_TOLD else "")
    if not interest:
        return label
    first, last, notes = _days(record, told)
    if first is None:
        return f"{label}, which is over, from an unknown day on"
    if last is not None and last < first:
        return f"{label}, over on the day on which it began"
    least, most = (float(end.scaleb(-2)) for end in bounds(told.get("share", {})))
    if kind in NOT_TOLD:
        least = 0.0
        notes.append("the kind of interest is not told")
    elif kind in ("boardMember", "boardChair"):
        notes.append(_words(kind))
    notes += _open_ends(told.get("share", {}))
    if words.text:
        notes.append(words.text)
    return _Interest(
        Held(holder, subject, interest, least, most, first, last, record.source, "; ".join(notes),
             words.terms, words.years),
        record.id, path, told.get("directOrIndirect") == "indirect", tuple(details.get("componentRecords", ())), label,
    )  # fmt: skip


def _who(party: Any, names: Mapping[str, str]) -> str:
    if isinstance(party, str):
        return repr(names.get(party, party))
    return f"somebody who is not named ({_reason(party)})"


def _share_words(told: Mapping[str, Any]) -> str:
    least, most = (float(end) for end in bounds(told.get("share", {})))
    if (least, most) == (0.0, 100.0):
        return ""
    return f" of {least:g} %" if least == most else f" of {least:g} to {most:g} %"


def _open_ends(share: Mapping[str, Any]) -> list[str]:
    """Return the ends of a share that it does not reach, in words."""
    least, most = bounds(share)
    ends = (("exclusiveMinimum", least, "more"), ("exclusiveMaximum", most, "less"))
    return [
        f"{word} than {float(end):g} %"
        for field, end, word in ends
        if field in share and "exact" not in share and Decimal(str(share[field])) == end
    ]


def _days(record: _Record, told: Mapping[str, Any]) -> tuple[dt.date | None, dt.date | None, list[str]]:
    """Return the first and last day of an interest, None for an unknown first day of what is over, and notes on them.

    An interest without a start holds from the day of its statement on. A closed record ends on the day of its statement
    where it names no end.
    """
    start, end = _day(told.get("startDate")), _day(told.get("endDate"))
    if end is None and record.closed:
        end = record.day
    last = None if end is None else end - dt.timedelta(days=1) if end > dt.date.min else dt.date.min
    if start is not None:
        return start, last, []
    if record.closed:
        return None, last, []
    return min(record.day, last or EVER), last, ["start not told"]


def _once(interests: Sequence[_Interest]) -> tuple[list[Held], list[_Strange]]:
    """Return interests of which none counts twice, and those that were left out because their components tell them."""
    direct = [one for one in interests if not one.through]
    ways = _ways(direct)
    by_record: dict[str, list[_Interest]] = defaultdict(list)
    for one in direct:
        by_record[one.record].append(one)
    sums: dict[tuple[str, str], float] = defaultdict(float)
    for one in direct:
        sums[one.held.owned, one.held.interest] += one.held.least
    kept: list[Held] = [one.held for one in direct]
    left: list[_Strange] = []
    for one in interests:
        if not one.through:
            continue
        held = one.held
        parts = [part for record in one.components for part in by_record[record]]
        if _leads(_ways(parts), held.owner, held.owned):
            left.append(
                _Strange(one.path, f"indirect {one.label}", "Told by its components, which are taken over instead.")
            )
            continue
        again = (
            _leads(ways, held.owner, held.owned)
            or any(part.held.owned == held.owned for part in parts)
            or sums[held.owned, held.interest] + held.least > 1 + 1e-9
        )
        if not again:
            sums[held.owned, held.interest] += held.least
        note = "indirect" + (", and perhaps counted by other stakes as well" if again and held.least else "")
        told = "; ".join(part for part in (note, held.note) if part)
        kept.append(replace(held, least=0.0 if again else held.least, note=told))
    return kept, left


def _ways(interests: Iterable[_Interest]) -> dict[str, list[str]]:
    """Return what each holder holds."""
    ways: dict[str, list[str]] = defaultdict(list)
    for one in interests:
        ways[one.held.owner].append(one.held.owned)
    return ways


def _leads(ways: Mapping[str, list[str]], holder: str, held: str) -> bool:
    """Say whether one can come from a holder to what is held, from stake to stake."""
    seen, ahead = {holder}, [holder]
    while ahead:
        for step in ways.get(ahead.pop(), ()):
            if step == held:
                return True
            if step not in seen:
                seen.add(step)
                ahead.append(step)
    return False

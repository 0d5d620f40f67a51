"""How is ownership read from FollowTheMoney entities, one JSON object a line, as OpenSanctions and Aleph publish it?

An entity has an id, a schema and properties, each a list of texts. People and organisations become partners; Ownership,
Directorship and Debt become stakes of equity, board and debt; other links are remarks. A percentage is free text there
("25%", "50-75", "more than 50 %", "minority"): `share_of` reads what it says and no more, as an interval.

Source: the FollowTheMoney model, followthemoney.tech; facts only.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cellroad.chain.documents import Document, read_document, refuse
from cellroad.chain.finding import ChainError, Finding
from cellroad.chain.holdings import Held, Holdings, Party, holdings, remark
from cellroad.chain.tell import condensed, listed

KINDS = {
    "Person": "person", "PublicBody": "government", "Company": "company", "Organization": "company",
    "LegalEntity": "company", "Asset": "company",
}  # fmt: skip
"""What a partner is, by the schema of an entity."""
LINKS = {
    "Ownership": ("owner", "asset", "equity"),
    "Directorship": ("director", "organization", "board"),
    "Debt": ("creditor", "debtor", "debt"),
}
"""Which properties name who holds and what is held, and the kind of interest, by the schema of a link."""
UNREAD = {
    "UnknownLink": ("subject", "object"), "Membership": ("member", "organization"),
    "Employment": ("employee", "employer"), "Representation": ("agent", "client"), "Family": ("person", "relative"),
    "Associate": ("person", "associate"), "Succession": ("predecessor", "successor"),
    "Occupancy": ("holder", "post"),
}  # fmt: skip
"""Links that a chain has no stake for."""
NUMBERS = {
    "leiCode": "LEI", "registrationNumber": "registration number", "uscCode": "USCC", "innCode": "INN",
    "ogrnCode": "OGRN", "uniqueEntityId": "UEI", "dunsCode": "DUNS",
}  # fmt: skip
DOUBTFUL = re.compile(r"\b(indirect|former|ended|ceased|historic(al)?|inactive)", re.IGNORECASE)
"""Words about a link by which its share may be counted elsewhere, or no longer be held."""
NO_START = dt.date(1900, 1, 1)
"""First day of an interest whose start is not told: early enough to be held on any day that is asked for."""


def read_followthemoney(path: str | Path) -> Holdings:
    """Return the partners and stakes of a file of entities: JSON lines, a JSON list, or one entity.

    Raises ChainError with everything that is wrong where the file is not of that kind.
    """
    return followthemoney_holdings(read_document(path))


def followthemoney_holdings(document: Document) -> Holdings:
    """Return the partners and stakes of a document that was read. Raises ChainError as `read_followthemoney` does."""
    entities = _merged(_checked(document))
    links = [one for one in entities if one.schema in LINKS]
    things = {one.id: one.schema for one in entities if one.schema not in KINDS}
    remarks: list[Finding] = []
    held = [stake for one in links for stake in _held(document.name, one, things, remarks)]
    remarks += _unread(document.name, entities)
    return holdings([_party(one) for one in entities if one.schema in KINDS], held, remarks)


@dataclass(frozen=True, slots=True)
class _Entity:
    """An entity: texts of each property; an entity that stands inside a property is named by its id."""

    id: str
    schema: str
    properties: Mapping[str, tuple[str, ...]]
    datasets: tuple[str, ...] = ()
    row: int | None = None

    def all(self, *names: str) -> tuple[str, ...]:
        return tuple(text for name in names for text in self.properties.get(name, ()))

    def first(self, *names: str) -> str:
        return next(iter(self.all(*names)), "")

    @property
    def source(self) -> str:
        publisher = self.first("publisher") or ", ".join(self.datasets[:2]) or "FollowTheMoney"
        return f"{publisher} {self.id}"


def _checked(document: Document) -> Iterator[_Entity]:
    """Return the entities of a document, those inside others as well. Raises ChainError where one is none."""
    if document.form == "table":
        refuse(document.name, "a table", "entities, one JSON object a line", "Export it as JSON lines.")
    content = document.content if isinstance(document.content, list) else [document.content]
    rows: Iterable[int | None] = document.rows or (None,) * len(content)
    wrong: list[Finding] = []
    found: list[_Entity] = []
    ahead = list(zip(rows, content, strict=True))[::-1]
    while ahead:
        row, thing = ahead.pop()
        fault = _fault(thing)
        if fault:
            wrong.append(Finding("blocker", document.name, row, *fault, "Fetch the file anew, or mend that entity."))
            continue
        inside = [part for texts in thing["properties"].values() for part in texts if isinstance(part, dict)]
        ahead += [(row, part) for part in reversed(inside) if "properties" in part]
        properties = {
            name: tuple(str(text["id"] if isinstance(text, dict) else text) for text in texts)
            for name, texts in thing["properties"].items()
        }
        datasets = thing.get("datasets")
        found.append(_Entity(
            thing["id"], thing["schema"], properties, tuple(map(str, datasets if isinstance(datasets, list) else ())),
            row,
        ))  # fmt: skip
    if wrong:
        raise ChainError(condensed(wrong))
    yield from found


def _fault(thing: Any) -> tuple[str, str, str] | None:
    """Return what is wrong with an entity as (column, found, expected), None where nothing is."""
    if not isinstance(thing, dict):
        return "", f"{type(thing).__name__} instead of an entity", "an object with id, schema and properties"
    for field in ("id", "schema"):
        if not isinstance(thing.get(field), str) or not thing[field]:
            return field, repr(thing.get(field)), f"the {field} of an entity as text"
    properties = thing.get("properties")
    if not isinstance(properties, dict):
        return "properties", repr(properties)[:60], "an object of properties"
    for name, texts in properties.items():
        if not isinstance(texts, list):
            return f"properties.{name}", repr(texts)[:60], "a list of texts"
        if any(not isinstance(part, str) and not _names(part) for part in texts):
            return f"properties.{name}", repr(texts)[:60], "a list of texts; numbers are texts as well"
    return None


def _names(part: Any) -> bool:
    return isinstance(part, dict) and isinstance(part.get("id"), str)


def _merged(entities: Iterable[_Entity]) -> list[_Entity]:
    """Return each entity once, what several lines say of it together."""
    together: dict[str, list[_Entity]] = defaultdict(list)
    for one in entities:
        together[one.id].append(one)
    merged = []
    for same in together.values():
        properties: dict[str, dict[str, None]] = defaultdict(dict)
        for one in same:
            for name, texts in one.properties.items():
                properties[name].update(dict.fromkeys(texts))
        schema = next((one.schema for one in same if one.schema != "LegalEntity"), same[0].schema)
        whole = {name: tuple(texts) for name, texts in properties.items()}
        merged.append(_Entity(same[0].id, schema, whole, same[0].datasets, same[0].row))
    return merged


def _party(one: _Entity) -> Party:
    names = one.all("name", "alias", "weakAlias")
    numbers = [f"{label} {number}" for field, label in NUMBERS.items() for number in one.all(field)]
    countries = [code for code in one.all("jurisdiction", "nationality", "mainCountry", "country") if len(code) == 2]
    several = dict.fromkeys(one.all("nationality"))
    notes = [
        f"kind not told ({one.schema})" if one.schema not in ("Person", "PublicBody", "Company") else "",
        f"nationalities {listed(code.upper() for code in several)}" if len(several) > 1 else "",
        f"topics {listed(one.all('topics'))}" if one.all("topics") else "",
    ]
    return Party(
        one.id, names[0] if names else one.id, countries[0] if countries else "", KINDS.get(one.schema, "company"),
        tuple(one.all("ticker")), names[1:], (*(number.replace(";", ",") for number in numbers), f"record {one.id}"),
        "; ".join(note for note in notes if note), one.source,
    )  # fmt: skip


# Links ---------------------------------------------------------------------------------------------------------------


def _held(name: str, link: _Entity, things: Mapping[str, str], remarks: list[Finding]) -> Iterator[Held]:
    """Return the stakes of a link: one for every pair that it names; `things` are what is no partner, by id."""
    holder, held, interest = LINKS[link.schema]
    owners, owned = link.all(holder), link.all(held)
    if not owners or not owned:
        missing = holder if not owners else held
        remarks.append(_remark(name, link, f"{link.schema} without {missing}", f"who is {missing}"))
        return
    strange = [f"{things[key]} {key!r}" for key in (*owners, *owned) if key in things]
    if strange:
        remarks.append(_remark(name, link, f"{link.schema} with {listed(strange)}", "people and organisations"))
        return
    first, last, notes = _days(link)
    if last is not None and last < first:
        remarks.append(_remark(name, link, f"{link.schema} from {first} to {last}", "an end after the start"))
        return
    told = link.all("percentage") if interest == "equity" else ()
    least, most, unread = _share(told)
    notes += [f"told as {text!r}" for text in told if share_of(text) is None or text.strip(" %.0123456789")]
    words = link.all("role", "ownershipType", "sharesType", "status")
    if any(DOUBTFUL.search(text) for text in words):
        least = 0.0
    notes += [text for text in words if text]
    notes += [f"amount {text} {link.first('currency')}".strip() for text in link.all("amount")]
    remarks += [
        _remark(name, link, f"the percentage {text!r}", "a percentage such as 25% or 50-75", "properties.percentage",
                "Read as anything from 0 to 100 %; correct the stake if you know better.") for text in unread
    ]  # fmt: skip
    for owner in owners:
        for thing in owned:
            yield Held(owner, thing, interest, least, most, first, last, link.source, "; ".join(notes))


def _remark(
    name: str, link: _Entity, found: str, expected: str, column: str = "",
    mend: str = "Not taken over; weigh it yourself.",
) -> Finding:  # fmt: skip
    return remark(name, f"{found} ({link.id})", expected, mend, link.row, column)


def _unread(name: str, entities: Sequence[_Entity]) -> list[Finding]:
    """Return a remark for every link that a chain has no stake for, and one for all other kinds of entities."""
    others = Counter(one.schema for one in entities if one.schema not in {*KINDS, *LINKS, *UNREAD})
    counted = [f"{number} of {schema}" for schema, number in sorted(others.items())]
    rest = [remark(name, f"entities that are not read: {listed(counted)}", "people, organisations and what they hold",
                   "Look at them where they may matter, as sanctions do.")] if counted else []  # fmt: skip
    return rest + [
        _remark(name, one, f"{one.schema} between {listed(one.all(UNREAD[one.schema][0])) or 'nobody'} and "
                f"{listed(one.all(UNREAD[one.schema][1])) or 'nobody'}"
                + (f" as {listed(one.all('role', 'relationship'))}" if one.all("role", "relationship") else ""),
                "a link that a chain can hold")
        for one in entities if one.schema in UNREAD
    ]  # fmt: skip


def _days(link: _Entity) -> tuple[dt.date, dt.date | None, list[str]]:
    """Return the first and last day of a link, as wide as its dates allow, and notes on what they leave open."""
    starts = [span for text in link.all("startDate") or link.all("date") if (span := span_of(text))]
    ends = [span for text in link.all("endDate") if (span := span_of(text))]
    notes = [] if starts else ["start not told"]
    notes += [f"{word} told as {low:%Y-%m} or nearer" for word, spans in (("start", starts), ("end", ends))
              for low, high in spans if low != high]  # fmt: skip
    unread = [text for text in link.all("startDate", "endDate") if span_of(text) is None]
    notes += [f"date told as {text!r}" for text in unread]
    last = max((high for _, high in ends), default=None)
    return min((low for low, _ in starts), default=min(NO_START, last or NO_START)), last, notes


def span_of(text: str) -> tuple[dt.date, dt.date] | None:
    """Return the first and last day that a date can be: a day, a month or a year; None where it is none of them."""
    found = re.match(r"^(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?(?:[T ].*)?$", text.strip())
    if not found:
        return None
    year, month, day = (int(part) if part else None for part in found.groups())
    try:
        low = dt.date(year or 0, month or 1, day or 1)
        high = dt.date(low.year, month or 12, day or calendar.monthrange(low.year, month or 12)[1])
    except ValueError:
        return None
    return low, high


# Percentages ---------------------------------------------------------------------------------------------------------

NUMBER = r"\d+(?:[.,]\d+)?"
IN_SIGNS = (
    (r"(?<=[a-z])-|-(?=[a-z])", " "),
    (r"per ?cent(age)?|\bpct\b|%", " "),
    (rf"\bbetween +({NUMBER}) +and +({NUMBER})", r"\1-\2"),
    (r"\b(or|and) (more|above|over)\b(?! than| \d)", "+"),
    (r"\b(or|and) (less|below|under)\b(?! than| \d)", "v"),
    (r"<=|≤|\b(not|no) (more|greater) than\b|\bat most\b|\bup to( and including)?\b|\bmax(imum|\.)?", "<"),
    (r">=|≥|\b(not|no) less than\b|\bat least\b|\bmin(imum\b|\.)", ">"),
    (r"\b(more|greater) than\b|\b(over|above)\b", ">"),
    (r"\bless than\b|\b(under|below)\b", "<"),
    (r" *(–|—|\.\.|\bto\b|\bbis\b) *", "-"),
    (r"\b(ownership|shares?|capital|voting|rights?|stake|interest|equity|of|the|in|but|and|issued)\b", " "),
)  # fmt: skip
"""How the words of a share become signs: > at least, < at most, + or more, v or less, - from to."""
WORDS = {
    "minority": (0.0, 0.5), "minority shareholder": (0.0, 0.5), "majority": (0.5, 1.0),
    "majority shareholder": (0.5, 1.0), "half": (0.5, 0.5), "wholly owned": (1.0, 1.0), "sole": (1.0, 1.0),
    "sole shareholder": (1.0, 1.0), "full": (1.0, 1.0), "all": (1.0, 1.0),
}  # fmt: skip


def share_of(text: str) -> tuple[float, float] | None:
    """Return the least and largest share that a text can mean, as fractions; None where it says nothing certain.

    A bare number of at most 1 may be a percentage or a fraction: 0.5 is anything from 0.5 % to 50 %. What is only
    roughly told ("about 30 %"), or holds a word that is not known here, says nothing certain.
    """
    said = " ".join(text.casefold().split())
    bare = re.fullmatch(NUMBER, said) is not None
    for words, sign in IN_SIGNS:
        said = re.sub(words, sign, said)
    said = " ".join(said.split())
    if said in WORDS:
        return WORDS[said]
    found = re.fullmatch(rf"(?P<sign>[<>]?) ?(?P<low>{NUMBER}) ?(?P<rest>[+v]|[-</] ?(?P<high>{NUMBER}))?", said)
    if found is None:
        return None
    sign, low, high = found["sign"], _number(found["low"]), _number(found["high"] or "0")
    rest = (found["rest"] or "")[:1]
    if rest == "/":
        return (low / high, low / high) if not sign and high and low < high else None
    shapes = {
        "": (low, low), ">": (low, 100.0), "<": (0.0, low), "+": (low, 100.0), "v": (0.0, low), "-": (low, high),
        "><": (low, high),
    }  # fmt: skip
    bounds = shapes.get(sign + rest)
    if bounds is None or not 0 <= bounds[0] <= bounds[1] <= 100:
        return None
    return bounds[0] / 100, bounds[1] if bare and 0 < low <= 1 else bounds[1] / 100


def _number(written: str) -> float:
    return float(written.replace(",", "."))


def _share(told: Iterable[str]) -> tuple[float, float, list[str]]:
    """Return the bounds that hold whatever one of several texts is right, and the texts that say nothing."""
    texts = [text for text in told if text.strip()]
    read = {text: share_of(text) for text in texts}
    bounds = [found for found in read.values() if found is not None]
    unread = [text for text, found in read.items() if found is None]
    if not bounds or unread:
        return 0.0, 1.0, unread
    return min(low for low, _ in bounds), max(high for _, high in bounds), []

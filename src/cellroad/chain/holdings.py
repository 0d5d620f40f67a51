"""Who holds whom, as somebody else tells it: partners and stakes in the columns of a chain, and what did not fit.

Every reader of ownership (`bods`, `followthemoney`, `gleif`) gathers parties and interests in its own way and makes
`Holdings` of them here; `merge` adds those to a chain. Nothing is lost on the way: what a chain has no column for is a
remark. Nothing is decided on the way either: a name alone never makes two partners one, that is for a person to say.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import polars as pl

from cellroad.chain.chain import Chain, complete
from cellroad.chain.column import COUNTRY_PATTERN, ID_PATTERN
from cellroad.chain.finding import Finding
from cellroad.chain.tables import Partners, Stakes
from cellroad.chain.tell import FIRST_ROW, tell

LEI = re.compile(r"\b[A-Z0-9]{18}[0-9]{2}\b")
IDENTITY = re.compile(r"^(record|[A-Z]{2,3}-[A-Z0-9-]+) \S.*$")
"""A part of a note by which a partner is known: the record of a publisher, or a number of a register (GB-COH 123)."""
EVER = dt.date.max


@dataclass(frozen=True, slots=True)
class Holdings:
    """Partners and stakes that somebody else tells of, and remarks on what a chain cannot hold or is not certain.

    `partners` and `stakes` have the columns of the tables of a chain. `coined` are those ids of partners that were
    made here from a name; all others are the file's own.
    """

    partners: pl.DataFrame
    stakes: pl.DataFrame
    remarks: tuple[Finding, ...] = ()
    coined: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Party:
    """A partner as a file tells of it; `key` is what the file calls it, `own` the id in a chain if the file has one."""

    key: str
    name: str
    country: str = ""
    kind: str = "company"
    listed_on: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    identifiers: tuple[str, ...] = ()
    note: str = ""
    source: str = ""
    own: str = ""


@dataclass(frozen=True, slots=True)
class Held:
    """An interest between two keys of parties, a share from least to most, first to last day."""

    owner: str
    owned: str
    interest: str
    least: float
    most: float
    first: dt.date
    last: dt.date | None = None
    source: str = ""
    note: str = ""
    terms: str = ""
    years: float | None = None


def remark(name: str, found: str, expected: str, mend: str, row: int | None = None, column: str = "") -> Finding:
    """Return a remark about a file: something that a chain does not hold, or holds only in part."""
    return Finding("warning", name, row, column, found, expected, mend)


def holdings(parties: Iterable[Party], interests: Iterable[Held], remarks: Iterable[Finding] = ()) -> Holdings:
    """Return parties and interests as frames of a chain; parties that only an interest names are known by their key."""
    known = {party.key: party for party in parties}
    held = list(interests)
    for one in held:
        for key in (one.owner, one.owned):
            known.setdefault(
                key, Party(key, key, own=key if re.match(ID_PATTERN, key) else "", note="known by id only")
            )
    ids, coined = _ids(list(known.values()))
    partners = [_partner(ids[key], party) for key, party in known.items()]
    stakes = [_stake(one, ids) for one in settled(held)]
    return Holdings(complete(Partners, _frame(partners)), complete(Stakes, _frame(stakes)), tuple(remarks), coined)


def _frame(rows: list[dict[str, Any]]) -> pl.DataFrame | None:
    return pl.DataFrame(rows, infer_schema_length=None) if rows else None


def _partner(partner: str, party: Party) -> dict[str, Any]:
    country = party.country[:2].upper()
    notes = [*dict.fromkeys(party.identifiers), party.note]
    return {
        "partner": partner, "name": party.name, "country": country if re.fullmatch(COUNTRY_PATTERN, country) else None,
        "kind": party.kind, "listed_on": _joined(party.listed_on), "aliases": _joined(party.aliases),
        "source": party.source.replace(";", ","), "confidence": "reported",
        "note": "; ".join(part for part in notes if part),
    }  # fmt: skip


def _stake(one: Held, ids: dict[str, str]) -> dict[str, Any]:
    return {
        "owner": ids[one.owner], "owned": ids[one.owned], "interest": one.interest, "share_min": one.least,
        "share_max": one.most, "valid_from": one.first, "valid_to": one.last, "terms": one.terms,
        "term_years": one.years, "source": one.source.replace(";", ","), "confidence": "reported", "note": one.note,
    }  # fmt: skip


def _joined(words: Iterable[str]) -> str:
    return ";".join(dict.fromkeys(word.replace(";", ",").strip() for word in words if word.strip()))


# Ids -----------------------------------------------------------------------------------------------------------------


def slug(name: str) -> str:
    """Return a short readable id of a name: Exide Energy Inc. as exide-energy-inc; "" where it has no Latin letter."""
    latin = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", latin).strip("-")[:40].rstrip("-")


def _ids(parties: Sequence[Party]) -> tuple[dict[str, str], frozenset[str]]:
    """Return an id for each key, the party's own where it has one, and which of them were made from names."""
    taken: Counter[str] = Counter()
    ids: dict[str, str] = {}
    for party in parties:
        if re.fullmatch(ID_PATTERN, party.own) and not taken[party.own]:
            taken[party.own] += 1
            ids[party.key] = party.own
    coined = {party.key: slug(party.name) or slug(party.key) or "partner" for party in parties if party.key not in ids}
    made = {key: _free(base, taken) for key, base in coined.items()}
    return {**ids, **made}, frozenset(made.values())


def _free(base: str, taken: Counter[str]) -> str:
    """Return an id that is not taken, and take it."""
    chosen = base
    while taken[chosen]:
        taken[base] += 1
        chosen = f"{base}-{taken[base]}"
    taken[chosen] += 1
    return chosen


# Interests that are told more than once -----------------------------------------------------------------------------


def settled(interests: Iterable[Held]) -> list[Held]:
    """Return interests of which no two of the same owner, owned and kind hold on the same day.

    Where several do, nothing says whether they are the same one told again or parts of a whole, so that together they
    are at least the largest least share and at most the sum of the largest shares (never above 1).
    """
    groups: dict[tuple[str, str, str], list[Held]] = defaultdict(list)
    for one in interests:
        groups[one.owner, one.owned, one.interest].append(one)
    return [one for group in groups.values() for one in (_apart(group) if _overlap(group) else group)]


def _overlap(group: Sequence[Held]) -> bool:
    ordered = sorted(group, key=lambda one: one.first)
    return any(later.first <= (one.last or EVER) for one, later in pairwise(ordered))


def _apart(group: Sequence[Held]) -> list[Held]:
    """Cut overlapping interests at every day on which one begins or ends."""
    day = dt.timedelta(days=1)
    cuts = sorted({one.first for one in group} | {one.last + day for one in group if one.last and one.last < EVER})
    pieces = []
    for first, after in zip(cuts, [*cuts[1:], None], strict=True):
        held = [one for one in group if one.first <= first <= (one.last or EVER)]
        if held:
            pieces.append(_together(held, first, after - day if after else _last(held)))
    return pieces


def _last(held: Sequence[Held]) -> dt.date | None:
    return None if any(one.last is None for one in held) else EVER


def _together(held: Sequence[Held], first: dt.date, last: dt.date | None) -> Held:
    if len(held) == 1:
        return replace(held[0], first=first, last=last)
    texts = {field: "; ".join(dict.fromkeys(text for one in held if (text := getattr(one, field))))
             for field in ("source", "note")}  # fmt: skip
    terms = ";".join(dict.fromkeys(word for one in held for word in one.terms.split(";") if word))
    told = "; ".join(part for part in (texts["note"], f"told {len(held)} times: the same, or parts of a whole") if part)
    return replace(
        held[0], first=first, last=last, least=max(one.least for one in held), terms=terms,
        most=min(1.0, sum(one.most for one in held)), source=texts["source"].replace(";", ","), note=told,
    )  # fmt: skip


# Into a chain --------------------------------------------------------------------------------------------------------


def merge(chain: Chain, told: Holdings) -> tuple[Chain, list[Finding]]:
    """Return the chain with the partners and stakes that it did not have, and remarks on what was not simply added.

    A partner is the same where the file uses the id of the chain, or where note or source of both name the same LEI,
    register number or record of a publisher. A partner or stake of the chain is never changed: where the file tells
    otherwise, the chain stays as it is and the difference is a remark. Merging the same holdings twice adds nothing.
    """
    remarks = list(told.remarks)
    ids, fresh = _matched(chain, told, remarks)
    partners = told.partners.filter(pl.col("partner").is_in(list(fresh))).with_columns(pl.col("partner").replace(ids))
    stakes = told.stakes.with_columns(pl.col("owner").replace(ids), pl.col("owned").replace(ids))
    added = _new_stakes(chain, stakes, remarks)
    joined = chain.replace(
        partners=pl.concat([chain.partners, partners.select(chain.partners.columns)]),
        stakes=pl.concat([chain.stakes, added.select(chain.stakes.columns)]),
    )
    return joined, remarks


def _marks(row: dict[str, Any]) -> list[str]:
    """Return by what a partner is known beside its id: LEI first, then register numbers and records."""
    parts = str(row["note"]).split("; ")
    return [*LEI.findall(f"{row['note']} {row['source']}"), *(part for part in parts if IDENTITY.match(part))]


def _matched(chain: Chain, told: Holdings, remarks: list[Finding]) -> tuple[dict[str, str], set[str]]:
    """Return the id in the chain of each partner that is told of, and which of them are new there."""
    names = dict(chain.partners.select("partner", "name").iter_rows())
    by_mark: dict[str, str] = {}
    for row in chain.partners.iter_rows(named=True):
        for mark in _marks(row):
            by_mark.setdefault(mark, row["partner"])
    taken = Counter(dict.fromkeys(names, 1))
    ids: dict[str, str] = {}
    fresh: set[str] = set()
    for row in told.partners.iter_rows(named=True):
        told_id, marks = row["partner"], _marks(row)
        known = told_id if told_id in names and told_id not in told.coined else None
        found = list(dict.fromkeys([*filter(None, [known]), *(by_mark[mark] for mark in marks if mark in by_mark)]))
        if len(found) > 1:
            remarks.append(remark(
                "partners", f"{row['name']!r}, which is {found[0]!r} by one number and {found[1]!r} by another",
                "numbers of one partner", f"Taken as {found[0]!r}; correct the note or source of one.", column="note",
            ))  # fmt: skip
        if found:
            ids[told_id] = found[0]
            if names.get(found[0], row["name"]) != row["name"]:
                remarks.append(remark(
                    "partners", f"{found[0]!r}, here {names[found[0]]!r}, told of as {row['name']!r}", "one name",
                    "The name here stays; add the other to its aliases if you like.", column="name",
                ))  # fmt: skip
        else:
            ids[told_id] = _free(told_id, taken)
            fresh.add(told_id)
        for mark in marks:
            by_mark.setdefault(mark, ids[told_id])
    return ids, fresh


def _new_stakes(chain: Chain, stakes: pl.DataFrame, remarks: list[Finding]) -> pl.DataFrame:
    """Return the stakes that hold on no day on which the chain has the same kind of stake between the same two."""
    keys = ["owner", "owned", "interest"]
    here = chain.stakes.with_row_index("row", offset=FIRST_ROW).select(
        *keys, "row", "share_min", "share_max", "valid_from", "valid_to"
    )
    numbered = stakes.with_row_index("place")
    both = numbered.join(here, on=keys, suffix="_here", maintain_order="left").filter(
        (pl.col("valid_from") <= pl.col("valid_to_here").fill_null(EVER))
        & (pl.col("valid_from_here") <= pl.col("valid_to").fill_null(EVER))
    )
    columns = ("share_min", "share_max", "valid_from", "valid_to")
    same = pl.all_horizontal(pl.col(name).eq_missing(pl.col(f"{name}_here")) for name in columns)
    remarks += tell(
        both.filter(~same).unique("place", keep="first", maintain_order=True), "warning", "stakes", "share_min",
        found="{interest} of {owner!r} in {owned!r} told as {share_min:g} to {share_max:g} from {valid_from}",
        expected="{share_min_here:g} to {share_max_here:g} from {valid_from_here}, as here",
        mend="The row here stays; correct it where the other is right.",
    )  # fmt: skip
    own = (numbered["owner"] == numbered["owned"]) & ~numbered["place"].is_in(both["place"].implode())
    if own.any():
        remarks.append(remark(
            "stakes", f"{own.sum()} stakes of a partner in itself", "an owner beside what is owned",
            "They are added as told; remove them where two partners became one.",
        ))  # fmt: skip
    added = numbered.filter(~pl.col("place").is_in(both["place"].implode())).drop("place")
    return _as_held(added)


def _as_held(stakes: pl.DataFrame) -> pl.DataFrame:
    """Return stakes settled once more: two partners that were told of may be one in the chain."""
    told = [
        Held(
            row["owner"], row["owned"], row["interest"], row["share_min"], row["share_max"], row["valid_from"],
            row["valid_to"], row["source"], row["note"], row["terms"], row["term_years"],
        )
        for row in stakes.iter_rows(named=True)
    ]  # fmt: skip
    apart = settled(told)
    if apart == told:
        return stakes
    same = {key: key for one in told for key in (one.owner, one.owned)}
    return complete(Stakes, _frame([_stake(one, same) for one in apart]))

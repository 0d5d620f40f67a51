"""Is somebody on a list? By its organisation, by what a person judged, and never by a likeness of names alone.

Absence clears only where the list is here in full, where somebody looked, or where the seat lies outside the countries
whose organisations the list names. A name that is only alike is a question, and the answer until then unknown.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from cellroad.rules.law import Law
from cellroad.rules.parties import Parties
from cellroad.rules.verdict import Reason, Verdict

Row = dict[str, Any]


@dataclass(frozen=True)
class Lists:
    """Lists and what is known of partners beside them, by id."""

    parties: Parties
    lists: dict[str, Row]
    entries: dict[str, list[Row]]
    matches: dict[str, dict[str, Row]]
    reviews: dict[tuple[str, str], list[Row]]

    @classmethod
    def of(cls, parties: Parties, law: Law) -> Lists:
        """Index the lists of a law for the parties of a chain."""
        matches: dict[str, dict[str, Row]] = {}
        for row in parties.matches.iter_rows(named=True):
            matches.setdefault(row["partner"], {})[row["against"]] = row
        reviews: dict[tuple[str, str], list[Row]] = {}
        for row in parties.reviews.sort("day").iter_rows(named=True):
            reviews.setdefault((row["partner"], row["against"]), []).append(row)
        by_list: dict[str, list[Row]] = {}
        for row in law.listings.iter_rows(named=True):
            by_list.setdefault(row["list"], []).append(row)
        lists = {row["list_id"]: row for row in law.lists.iter_rows(named=True)}
        return cls(parties, lists, by_list, matches, reviews)

    def verdict(self, entity: str, name: str, day: dt.date) -> Verdict:
        """Return whether an entity is on a list on a day."""
        row, the_list = self.parties.by_id[entity], self.lists[name]
        alike = self.matches.get(entity, {})
        entries = [entry for entry in self.entries.get(name, ()) if holds_on(entry, day)]
        mine = [
            e
            for e in entries
            if e["org_id"] == row["org"] or alike.get(e["listing_id"], {}).get("state") == "confirmed"
        ]
        listed = [_entry(row, the_list, entry) for entry in mine if str(entry["state"]) == "in force"]
        if listed:
            return Verdict("yes", (*listed, Reason("an end of that entry", kind="would change")))
        looked = self._looked(entity, name, day)
        if looked is not None:
            verb = "is" if looked["result"] == "same" else "is not"
            text = f"somebody looked on {looked['day']}: {row['name']} {verb} on the {the_list['name']}"
            told = Reason(text, (f"reviews {entity}|{name}",), looked["confidence"])
            return Verdict("yes" if looked["result"] == "same" else "no", (told,))
        questions = [
            _question(match, the_list)
            for entry in entries
            if (match := alike.get(entry["listing_id"]))
            and match["state"] == "proposed"
            and str(entry["state"]) == "in force"
        ]
        if questions:
            return Verdict("unknown", tuple(questions))
        return self._absent(row, the_list, mine)

    def _looked(self, entity: str, name: str, day: dt.date) -> Row | None:
        """Return the last look at a list by a person until a day."""
        looks = [row for row in self.reviews.get((entity, name), ()) if row["day"] <= day]
        return looks[-1] if looks else None

    def _absent(self, row: Row, the_list: Row, mine: list[Row]) -> Verdict:
        """Return what it means that no entry names an entity."""
        title, name, known = the_list["name"], row["name"], str(the_list["confidence"])
        gone = [entry for entry in mine if str(entry["state"]) == "not listed"]
        if gone:
            text = f"{name} was looked for on the {title} on {gone[-1]['valid_from']} and was not there"
            return Verdict("no", (Reason(text, (gone[-1]["listing_id"],), str(gone[-1]["confidence"])),))
        if str(the_list["complete"]) == "yes":
            return Verdict(
                "no", (Reason(f"{name} is not on the {title}, which is here in full", (the_list["list_id"],), known),)
            )
        scope = set(filter(None, the_list["countries"].split(";")))
        if row["seats"] and scope and not scope & set(row["seats"]):
            where = f"{', '.join(sorted(scope))}; {name} is of {', '.join(row['seats'])}"
            text = f"the {title} names organisations of {where}"
            return Verdict("no", (Reason(text, (the_list["list_id"],), known, "assumed"),))
        text = f"only part of the {title} is here: look {name} up and write the result into reviews"
        return Verdict("unknown", (Reason(text, (the_list["list_id"],), known, "missing"),))


def holds_on(row: Row, day: dt.date) -> bool:
    """Say whether a dated row holds on a day."""
    return (row["valid_from"] or dt.date.min) <= day <= (row["valid_to"] or dt.date.max)


def _entry(row: Row, the_list: Row, entry: Row) -> Reason:
    since = f" since {entry['valid_from']}" if entry["valid_from"] else ""
    text = f"{row['name']} is on the {the_list['name']} as {entry['name']!r}{since}"
    rows = tuple(filter(None, (entry["listing_id"], entry["basis"])))
    return Reason(text, rows, str(entry["confidence"]))


def _question(match: Row, the_list: Row) -> Reason:
    text = (
        f"{match['name']!r} may be {match['listed_name']!r} on the {the_list['name']} (likeness {match['score']:.2f}): "
        "write 'same' or 'different' into reviews"
    )
    return Reason(text, (match["against"],), "unverified", "missing")

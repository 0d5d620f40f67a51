"""The reference with certificates walked day by day: campaigns that lapse and are run again, proofs by cell, labs."""

import datetime as dt
from collections.abc import Iterable
from functools import cached_property
from typing import Any

from tests.plan.reference import Reference
from tests.plan.reference_means import DAY

Days = set[dt.date]


class Certified(Reference):
    """What a chain with certificates is worth. Of a campaign that may be run again any set of starts may be taken."""

    @cached_property
    def starts(self) -> list[dict[str, Any]]:
        found = [start for start in super().starts if "option" in start]
        for n, row in enumerate(self.rows["certificates"]):
            again = row.get("valid_months") is not None
            if row["status"] == "lapsed" or (row["status"] == "valid" and not again):
                continue
            window = [t for t, p in enumerate(self.periods) if p.start >= (row.get("earliest") or self.start)]
            for t in self._paced(window, int(self.setting["decide_every_months"])):
                ready = self.periods[t].start + round(7 * row["weeks"]) * DAY
                if ready < self.end:
                    found.append(
                        {"what": (n, t) if again else (n,), "proof": n, "period": t, "ready": ready,
                         "money": -row["cost_usd"] * self.discount(t)}
                    )  # fmt: skip
        return found

    def _combinations(self) -> list[set[int]]:
        return [taken for taken in super()._combinations() if self._labs_suffice(taken)]

    def _labs_suffice(self, taken: set[int]) -> bool:
        for lab in self.rows.get("labs", []):
            for period in self.periods:
                busy = [
                    n
                    for n in taken
                    if "proof" in self.starts[n]
                    and self.rows["certificates"][self.starts[n]["proof"]].get("lab") == lab["lab"]
                    and self.periods[self.starts[n]["period"]].start <= period.start < self.starts[n]["ready"]
                ]
                if len(busy) > lab["at_once"]:
                    return False
        return True

    def proven(self, n: int, taken: Iterable[int]) -> Days:
        """Return the days on which a certificate holds with these starts."""
        row = self.rows["certificates"][n]
        if row["status"] == "lapsed":
            return set()
        days = [self.start + k * DAY for k in range((self.end - self.start).days)]
        until = row.get("valid_to") or dt.date.max
        again = row.get("valid_months")
        found = {day for day in days if day <= until} if row["status"] == "valid" else set()
        for s in taken:
            start = self.starts[s]
            if start.get("proof") == n:
                lapses = month_later(start["ready"], again) if again else dt.date.max
                held = until if row["status"] == "planned" else dt.date.max
                found |= {day for day in days if start["ready"] <= day < lapses and day <= held}
        return found

    def sellable(self, item: str, t: int, taken: set[int]) -> float:
        period = self.periods[t]
        part = sum(not self.banned(item, day, ("segment", "commercial")) for day in period.days) / len(period.days)
        for n, row in enumerate(self.rows["certificates"]):
            if row["item"] == item and not row.get("cell"):
                part = min(part, len(self.proven(n, taken) & set(period.days)) / len(period.days))
        return part

    def _ever_sellable(self, item: str, t: int, everything: set[int]) -> bool:
        return self.sellable(item, t, everything) > 0

    # making ----------------------------------------------------------------------------------------------------------

    def may_run(self, process: dict[str, Any], t: int, taken: Iterable[int]) -> bool:
        """Say whether the cells of a process are proven on every day of a period."""
        rows = list(enumerate(self.rows["certificates"]))
        mine = [(n, row) for n, row in rows if row["item"] == process["item"] and row.get("cell")]
        for standard in {row["standard"] for _, row in mine}:
            of_standard = [(n, row, row["cell"].split(";")) for n, row in mine if row["standard"] == standard]
            stages = {self.item[cell]["stage"] for _, _, cells in of_standard for cell in cells}
            for item in self.inputs[process["process"]]:
                if self.item[item]["stage"] not in stages:
                    continue
                proofs = [n for n, _, cells in of_standard if item in cells]
                if not proofs or any(set(self.periods[t].days) - self.proven(n, taken) for n in proofs):
                    return False
        return True

    def _first_work(self, process: dict[str, Any], first: dict[tuple[str, str], int]) -> int:
        everything = range(len(self.starts))
        name = process["resource"]
        lines = [steps for (resource, _), steps in self.lines.items() if resource == name]
        works = [t for steps in lines for t in range(self.last) if steps[t][0] > 0]
        works = [t for t in works if self.may_run(process, t, everything)]
        inputs = [first[process["site"], item] for item in self.inputs[process["process"]]]
        return max([min(works, default=self.last), *inputs])

    def _bounds(self, name: tuple[Any, ...], taken: set[int], **decided: Any) -> tuple[float, float]:
        if name[0] == "make":
            process = next(row for row in self.rows["processes"] if row["process"] == name[1])
            if not self.may_run(process, name[3], taken):
                return 0.0, 0.0
        return super()._bounds(name, taken=taken, **decided)


def month_later(date: dt.date, months: int) -> dt.date:
    """Return the same day of a later month; its last where that is shorter."""
    day, first = date.day, date.replace(day=1)
    for _ in range(months):
        first = (first + 31 * DAY).replace(day=1)
    while True:
        try:
            return first.replace(day=day)
        except ValueError:
            day -= 1

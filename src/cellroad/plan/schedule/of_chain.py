"""Who meets, who is away and what is to be done, as the tables of a chain say."""

from __future__ import annotations

import datetime as dt
import math

from cellroad.chain.calendars import ALWAYS_OPEN
from cellroad.chain.chain import Chain
from cellroad.chain.column import words_in
from cellroad.plan.schedule.critical import Task
from cellroad.plan.schedule.meetings import Busy, Person


def people(chain: Chain) -> list[Person]:
    """Return the people of a chain, by their ids."""
    return [
        Person(
            row["person"], row["zone"], row["calendar"] or ALWAYS_OPEN,
            *(dt.time.fromisoformat(row[name]) for name in ("begins", "ends", "earliest", "latest")),
        )
        for row in chain.people.iter_rows(named=True)
    ]  # fmt: skip


def absences(chain: Chain) -> list[Busy]:
    """Return when people of a chain are away."""
    return [
        Busy(row["name"] or row["absence"], row["first_day"], row["last_day"], row["person"] or "")
        for row in chain.absences.iter_rows(named=True)
    ]


def tasks(chain: Chain) -> list[Task]:
    """Return the milestones of a chain as work; parts of a day count as whole ones."""
    return [
        Task(
            row["milestone"], _days(row["days"]),
            tuple(words_in(row["after"])), row["calendar"] or ALWAYS_OPEN,
            low=_days(row["days"] if row["low_days"] is None else row["low_days"]),
            high=_days(row["days"] if row["high_days"] is None else row["high_days"]),
            earliest=row["starts"],
        )
        for row in chain.milestones.iter_rows(named=True)
    ]  # fmt: skip


def _days(number: float) -> int:
    return math.ceil(number - 1e-9)

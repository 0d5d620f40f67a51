"""Can people meet, and can work be done, as the tables say?"""

from __future__ import annotations

import polars as pl

from cellroad.chain import calendars
from cellroad.chain.chain import Chain
from cellroad.chain.finding import Finding
from cellroad.chain.tell import did_you_mean, numbered, tell


def people(chain: Chain) -> list[Finding]:
    """Return what is wrong with people, their absences and the spread of milestones."""
    return [*zones(chain), *hours(chain), *absences(chain), *spreads(chain)]


def zones(chain: Chain) -> list[Finding]:
    """Return time zones that do not exist."""
    known = sorted(calendars.zones())
    wrong = numbered(chain.people).filter(~pl.col("zone").is_in(known))
    cities = {zone.rsplit("/", 1)[-1]: zone for zone in known}
    advice = [cities.get(zone) or did_you_mean(zone, known, "") for zone in wrong["zone"]]
    told = [f"Did you mean {one!r}?" if one in known else one or "Write it as Continent/City." for one in advice]
    return tell(
        wrong.with_columns(advice=pl.Series(told, dtype=pl.String)), "blocker", "people", "zone", found="{zone!r}",
        expected="an IANA time zone such as America/Los_Angeles or Asia/Shanghai", mend="{advice}",
    )  # fmt: skip


def hours(chain: Chain) -> list[Finding]:
    """Return hours that do not follow each other."""
    wrong = numbered(chain.people).filter(
        ~((pl.col("earliest") <= pl.col("begins")) & (pl.col("begins") < pl.col("ends"))
          & (pl.col("ends") <= pl.col("latest")))
    )  # fmt: skip
    return tell(
        wrong, "blocker", "people", "begins", found="{earliest}, {begins}, {ends}, {latest}",
        expected="earliest, begins, ends and latest in this order, within one day",
        mend="Correct the one that is out of order; somebody who works through midnight needs two rows.",
    )  # fmt: skip


def absences(chain: Chain) -> list[Finding]:
    """Return absences that end before they begin."""
    wrong = numbered(chain.absences).filter(pl.col("last_day") < pl.col("first_day"))
    return tell(
        wrong, "blocker", "absences", "last_day", found="{last_day}, before first_day {first_day}",
        expected="a day on or after {first_day}", mend="Correct one of the two.",
    )  # fmt: skip


def spreads(chain: Chain) -> list[Finding]:
    """Return milestones whose low, likely and high days do not follow each other."""
    likely = pl.col("days")
    wrong = numbered(chain.milestones).filter((pl.col("low_days") > likely) | (pl.col("high_days") < likely))
    return tell(
        wrong, "blocker", "milestones", "days", found="low {low_days}, likely {days}, high {high_days}",
        expected="low_days <= days <= high_days", mend="Correct the one that is out of order, or leave it blank.",
    )  # fmt: skip

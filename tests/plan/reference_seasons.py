"""When goods arrive that sail every few weeks and are longer under way in some seasons, day by day."""

import datetime as dt
import random
from typing import Any

from tests.plan.reference import Reference
from tests.plan.reference_means import DAY
from tests.plan.tiny import Rows, month, random_rows

from cellroad.chain.calendars import shutdown


class SeasonReference(Reference):
    """Every day of departure is walked to its arrival."""

    def arrivals(self, lane: dict[str, Any], item: str, t: int) -> dict[int, float]:
        key = lane["lane"], item, t
        if key not in self._arrivals:
            found = []
            for day in self.periods[t].days:
                while not self.open(lane["origin"], day):
                    day += DAY
                while lane["every_weeks"] and (day - self.start).days % (7 * lane["every_weeks"]):
                    day += DAY
                there = day + round(self.days(lane)) * DAY
                there += sum(row["extra_days"] for row in self.rows["seasons"] if self.slow(row, lane, day)) * DAY
                if self.may_cross(lane, item, day, there):
                    found.append(self.period_of(there))
            self._arrivals[key] = {to: found.count(to) / len(found) for to in found}
        return self._arrivals[key]

    def days(self, lane: dict[str, Any]) -> float:
        stated = {"low": "transit_low_days", "high": "transit_high_days"}.get(self.setting["transit"], "transit_days")
        return float(lane["transit_days"] if lane[stated] is None else lane[stated])

    def slow(self, row: dict[str, Any], lane: dict[str, Any], day: dt.date) -> bool:
        countries = {self.site[lane[end]]["country"] for end in ("origin", "destination")}
        if row["lane"] not in (None, lane["lane"]) or row["mode"] not in (None, lane["mode"]):
            return False
        if row["country"] is not None and row["country"] not in countries:
            return False
        if row["valid_from"] is not None:
            return bool(row["valid_from"] <= day <= (row["valid_to"] or dt.date.max))
        first, last = day - row["days_after"] * DAY, day + row["days_before"] * DAY
        return bool(shutdown(row["country"], first, last, row["event"]).any())


def seasonal_rows(r: random.Random) -> Rows:
    """Draw a chain over Chinese New Year with seasons, sailings and a choice of transit days."""
    rows = random_rows(r)
    rows["settings"].append({"name": "transit", "value": r.choice(["low", "likely", "high"])})
    for offer in rows["offers"]:
        offer["moq"] = 0.0
    for lane in rows["lanes"]:
        likely = lane["transit_days"]
        lane |= {
            "transit_low_days": r.choice([None, max(likely - 10, 0.0)]),
            "transit_high_days": r.choice([None, likely + 12]), "every_weeks": r.choice([None, None, 1, 2, 3]),
        }  # fmt: skip
    rows["seasons"] = []
    for n in range(r.choice([1, 2, 3])):
        dated = r.random() < 0.5
        rows["seasons"].append(
            {"season": f"s{n}", "lane": r.choice([None, None, rows["lanes"][0]["lane"]]),
             "mode": r.choice([None, "truck", "ocean"]), "country": r.choice([None, "US", "CN"]) if dated else "CN",
             "event": "" if dated else r.choice(["", "Chinese New Year"]),
             "valid_from": month(0) + r.choice([0, 10, 40]) * DAY if dated else None,
             "valid_to": r.choice([None, month(1) + 20 * DAY]) if dated else None,
             "days_before": 0 if dated else r.choice([0, 14]), "days_after": 0 if dated else r.choice([0, 10]),
             "extra_days": r.choice([3, 9, 25])}
        )  # fmt: skip
    return rows

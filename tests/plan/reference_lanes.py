"""What lanes hold, how many months they take, how much stock fits and from when money counts, on the reference."""

import calendar
import datetime as dt
import random
from math import inf
from typing import Any

from tests.plan.reference import Reference
from tests.plan.reference_means import DAY, months_later
from tests.plan.tiny import Rows, random_rows


def limited_rows(r: random.Random) -> Rows:
    """Draw a tiny chain whose lanes take months and hold little, whose stock is limited, discounted either way."""
    rows = random_rows(r)
    rows["settings"].append({"name": "discount_from", "value": r.choice(["middle", "start", "start"])})
    for lane in rows["lanes"]:
        lane["max_per_month"] = r.choice([None, 5.0, 30.0])
        if r.random() < 0.4:
            lane |= {"transit_months": r.choice([1, 1, 2]), "transit_days": r.choice([0.0, 0.0, 10.0])}
    for site, item in (("v0", "cell"), ("p0", "cell"), ("p0", "pack"), ("m0", "pack")):
        if r.random() < 0.5:
            on_hand = next((s["on_hand"] for s in rows["stocks"] if (s["site"], s["item"]) == (site, item)), 0.0)
            rows["stocks"] = [s for s in rows["stocks"] if (s["site"], s["item"]) != (site, item)]
            most = r.choice([0.0, 10.0, 40.0]) + on_hand
            rows["stocks"].append({"site": site, "item": item, "on_hand": on_hand, "max_on_hand": most})
    return rows


class LimitedReference(Reference):
    """What a chain with such limits is worth."""

    def arrivals(self, lane: dict[str, Any], item: str, t: int) -> dict[int, float]:
        months = lane.get("transit_months", 0)
        if not months:
            return super().arrivals(lane, item, t)
        found = []
        for day in self.periods[t].days:
            while not self.open(lane["origin"], day):
                day += DAY
            there = later(day, months) + round(lane["transit_days"]) * DAY
            if self.may_cross(lane, item, day, there):
                found.append(self.period_of(there))
        return {to: found.count(to) / len(found) for to in found}

    def factor(self, date: dt.date, half_days: float = 0.0) -> float:
        if self.setting.get("discount_from") != "start":
            return super().factor(date, half_days)
        months = (date.year - self.start.year) * 12 + date.month - self.start.month
        return (1 + float(self.setting["discount_per_year"])) ** (-months / 12)

    def _columns(self, lp: Any) -> None:
        super()._columns(lp)
        made = {row["process"]: (row["site"], row["item"]) for row in self.rows["processes"]}
        for name in list(lp.columns):  # what comes too late for a customer is not made, not even to empty a full store
            if name[0] == "make" and not self.in_time(*made[name[1]], name[3]):
                del lp.columns[name]
        limited = {lane["lane"] for lane in self.rows["lanes"] if lane["max_per_month"] is not None}
        for name in lp.columns:
            if name[0] == "ship" and name[1] in limited:
                lp.term(("hours", "lane", name[1], name[3]), name, 1.0)

    def _bounds(self, name: tuple[Any, ...], **whole: Any) -> tuple[float, float]:
        kind, *key = name
        if kind == "hours" and key[0] == "lane":
            most = next(lane["max_per_month"] for lane in self.rows["lanes"] if lane["lane"] == key[1])
            return -inf, most * self.periods[key[2]].months
        if kind == "hold":
            limits = [s.get("max_on_hand") for s in self.rows["stocks"] if [s["site"], s["item"]] == key[:2]]
            return 0.0, limits[0] if limits and limits[0] is not None else inf
        return super()._bounds(name, **whole)


def later(day: dt.date, months: int) -> dt.date:
    """Return a day so many months later, as far into its month as this one is into its own."""
    then = months_later(day.replace(day=1), months)
    had, has = (calendar.monthrange(date.year, date.month)[1] for date in (day, then))
    return then + ((day.day - 1) * has // had) * DAY

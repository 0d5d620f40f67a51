"""What can be done in a tiny chain, and when: the first half of the reference, in plain dictionaries.

Time is walked day by day; nothing of the planner is used.
"""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from math import inf
from typing import Any

from cellroad.chain.calendars import shutdown

Rows = dict[str, list[dict[str, Any]]]
DAY = dt.timedelta(days=1)


def months_later(date: dt.date, months: int) -> dt.date:
    for _ in range(months):
        date = (date + dt.timedelta(days=31)).replace(day=1)
    return date


@dataclass(frozen=True)
class Period:
    start: dt.date
    end: dt.date
    months: int

    @property
    def days(self) -> list[dt.date]:
        return [self.start + n * DAY for n in range((self.end - self.start).days)]


class Means:
    """A chain as dictionaries, and what can be done in which period."""

    def __init__(self, rows: Rows, law: Rows | None = None) -> None:
        self.law = {"bans": [], "claims": [], "materials": [], "premiums": [], **(law or {})}
        self.rows = {table: [dict(row) for row in found] for table, found in rows.items()}
        self.setting = {row["name"]: row["value"] for row in rows["settings"]}
        year, first = map(int, self.setting["start"].split("-"))
        self.start = dt.date(year, first, 1)
        self.horizon = int(self.setting["months"])
        self.periods: list[Period] = []
        done = 0
        while done < self.horizon:
            by_month = done < int(self.setting["quarters_after"])
            by_quarter = done < int(self.setting.get("years_after", "600"))
            step = min(1 if by_month else 3 if by_quarter else 12, self.horizon - done)
            begin, end = months_later(self.start, done), months_later(self.start, done + step)
            self.periods.append(Period(begin, end, step))
            done += step
        self.end = self.periods[-1].end
        self.last = len(self.periods)
        self.site = {row["site"]: row for row in rows["sites"]}
        self.item = {row["item"]: row for row in rows["items"]}
        self.resource = {row["resource"]: row for row in rows["resources"]}
        self._arrivals: dict[tuple[str, str, int], dict[int, float]] = {}
        self.inputs: dict[str, dict[str, float]] = defaultdict(dict)
        for row in rows["bom"]:
            self.inputs[row["process"]][row["item"]] = row["quantity"] / (1 - row["scrap_share"])

    # time ------------------------------------------------------------------------------------------------------------

    def factor(self, date: dt.date, half_days: float = 0.0) -> float:
        days = (date - self.start).days + half_days
        return (1 + float(self.setting["discount_per_year"])) ** (-days / 365.25)

    def discount(self, t: int) -> float:
        return self.factor(self.periods[t].start, len(self.periods[t].days) / 2)

    def period_of(self, date: dt.date) -> int:
        """Return the period of a date, or the number of periods for after the horizon."""
        return next((n for n, p in enumerate(self.periods) if p.start <= date < p.end), self.last)

    @cached_property
    def _shut(self) -> dict[str, set[dt.date]]:
        first, last = self.start, self.end + 200 * DAY
        days = [first + n * DAY for n in range((last - first).days + 1)]
        return {
            site: {day for day, shut in zip(days, shutdown(row["calendar"], first, last), strict=True) if shut}
            for site, row in self.site.items()
        }

    def open(self, site: str, day: dt.date) -> bool:
        return day not in self._shut[site]

    def open_share(self, site: str, t: int) -> float:
        days = self.periods[t].days
        return sum(self.open(site, day) for day in days) / len(days)

    def arrivals(self, lane: dict[str, Any], item: str, t: int) -> dict[int, float]:
        """Return the share of what leaves in a period that arrives in each period; nothing where no day allows it."""
        key = lane["lane"], item, t
        if key not in self._arrivals:
            found = []
            for day in self.periods[t].days:
                while not self.open(lane["origin"], day):
                    day += DAY
                there = day + round(lane["transit_days"]) * DAY
                if self.may_cross(lane, item, day, there):
                    found.append(self.period_of(there))
            self._arrivals[key] = {to: found.count(to) / len(found) for to in found}
        return self._arrivals[key]

    # the law ---------------------------------------------------------------------------------------------------------

    def harms(self, answer: str) -> bool:
        return answer == "yes" or (answer == "unknown" and self.setting.get("when_unknown", "against") == "against")

    def helps(self, answer: str) -> bool:
        return answer == "yes" or (answer == "unknown" and self.setting.get("when_unknown", "against") == "for")

    def banned(self, item: str, day: dt.date, where: tuple[str, str]) -> bool:
        """Say whether a ban holds on a day: where is (segment, ...) or (binds, country)."""
        return any(
            self.harms(ban["answer"])
            and (ban["answer"] == "yes" or ban.get("unknown") != "passes")
            and ban["item"] == item
            and (ban["valid_from"] or dt.date.min) <= day <= (ban["valid_to"] or dt.date.max)
            and (ban.get("segment") == where[1] if where[0] == "segment" else ban["binds"] == f"{where[0]}:{where[1]}")
            for ban in self.law["bans"]
        )

    def may_cross(self, lane: dict[str, Any], item: str, leaves: dt.date, enters: dt.date) -> bool:
        origin, destination = (self.site[lane[end]]["country"] for end in ("origin", "destination"))
        if origin == destination:
            return True
        if self.made_in(item, origin) == origin and self.banned(item, leaves, ("export", origin)):
            return False
        return not self.banned(item, enters, ("import", destination))

    def made_in(self, item: str, left: str) -> str:
        """Return the one country in which an item is offered or made, else the one that it leaves."""
        places = {
            self.site[r["site"]]["country"] for r in self.rows["offers"] + self.rows["processes"] if r["item"] == item
        }
        return places.pop() if len(places) == 1 else left

    def premium(self, item: str, t: int) -> float:
        """Return what a buyer pays more for his own credit, as a share of the price."""
        days = self.periods[t].days
        return sum(
            row["price_share"]
            * sum((row["valid_from"] or dt.date.min) <= day <= (row["valid_to"] or dt.date.max) for day in days)
            / len(days)
            for row in self.law["premiums"]
            if row["item"] == item and row["segment"] == "commercial" and self.helps(row["answer"])
        )

    def in_year(self, t: int, year: int) -> float:
        """Return the part of a period that lies in a year."""
        return sum(day.year == year for day in self.periods[t].days) / len(self.periods[t].days)

    @cached_property
    def claims(self) -> list[dict[str, Any]]:
        """Return the claims that may be made as far as all but the ratio goes; `group` where a ratio binds them."""
        found = []
        for row in self.law["claims"]:
            fed = bool(self.inputs[row["process"]])
            unknown = row["answer"] == "yes" and row["least_share"] is not None and not fed
            if self.helps("unknown" if unknown else row["answer"]):
                whose = (row["item"], row["taxpayer"]) if self.setting.get("ratio_over") == "item" else row["process"]
                asked = row["least_share"] is not None and fed
                group = (whose, row["credit"], row["year"], row["least_share"]) if asked else None
                found.append({**row, "group": group})
        return found

    def allowed(self, claim: dict[str, Any], item: str) -> bool:
        said = [
            row["barred"] for row in self.law["materials"]
            if all(row[name] == claim[name] for name in ("process", "credit", "year")) and row["input"] == item
        ]  # fmt: skip
        return not self.harms(said[0] if said else "unknown")

    def content(self, inside: str, item: str) -> float:
        """Return the most units of an item in one unit of another."""
        if inside == item:
            return 1.0
        return max(
            (
                sum(
                    q / row["yield_share"] * self.content(inside, used)
                    for used, q in self.inputs[row["process"]].items()
                )
                for row in self.rows["processes"]
                if row["item"] == item
            ),
            default=0.0,
        )

    # what can be done ------------------------------------------------------------------------------------------------

    @cached_property
    def buys(self) -> dict[tuple[str, int], tuple[float, float]]:
        """Return (price, most) by offer and period."""
        found = {}
        for row in self.rows["offers"]:
            worked, ready = 0, self.start
            while worked <= row.get("lead_days", 0):
                worked += self.open(row["site"], ready)
                ready += DAY
            first = max(row["valid_from"], ready - DAY)
            last = row.get("valid_to") or dt.date.max
            for t, period in enumerate(self.periods):
                share = sum(first <= day <= last for day in period.days) / len(period.days)
                share = min(share, self.open_share(row["site"], t))
                if share > 0:
                    limit = row.get("max_per_month")
                    found[row["offer"], t] = self.price(row, t), inf if limit is None else limit * period.months * share
        return found

    def price(self, offer: dict[str, Any], t: int) -> float:
        if offer.get("index") is None:
            return float(offer["price_usd"])
        known = sorted((r["month"], r["value"]) for r in self.rows["indices"] if r["index"] == offer["index"])
        values = []
        for n in range(self.periods[t].months):
            day = months_later(self.periods[t].start, n)
            values.append([value for at, value in known if at <= day][-1])
        return float(offer["index_factor"] * sum(values) / len(values) + offer["adder_usd"])

    @cached_property
    def starts(self) -> list[dict[str, Any]]:
        """Return every start: undertaking, ready day, its money today, and what it is."""
        found = []
        pace = int(self.setting["decide_every_months"])
        for row in self.rows["options"]:
            window = [t for t, p in enumerate(self.periods) if row["earliest"] <= p.start <= row["latest"]]
            for t in self._paced(window, pace):
                ready_month = self.month_number(t) + row["build_months"]
                if ready_month >= self.horizon:
                    continue
                money = -row["capex_usd"] * sum(
                    share * self.discount(self.period_of(months_later(self.periods[t].start, n)))
                    for n, share in enumerate(spend(row["spend_profile"], row["build_months"]))
                )
                fixed = self.resource[row["resource"]]["fixed_usd_per_month"]
                for n in range(ready_month, self.horizon):
                    money -= fixed * self.discount(self.period_of(months_later(self.start, n)))
                left = max(0.0, 1 - (self.horizon - ready_month) / 12 / row["life_years"])
                money += float(self.setting["terminal_plant_share"]) * row["capex_usd"] * left * self.factor(self.end)
                found.append({
                    "what": row["option"], "option": row, "ready": months_later(self.start, ready_month),
                    "ready_month": ready_month, "money": money,
                })  # fmt: skip
        for row in self.rows["certificates"]:
            if row["status"] != "planned":
                continue
            window = [t for t, p in enumerate(self.periods) if p.start >= row["earliest"]]
            for t in self._paced(window, pace):
                ready = self.periods[t].start + round(7 * row["weeks"]) * DAY
                if ready < self.end:
                    money = -row["cost_usd"] * self.discount(t)
                    found.append({"what": (row["item"], row["standard"]), "ready": ready, "money": money})
        return found

    def month_number(self, t: int) -> int:
        return sum(p.months for p in self.periods[:t])

    def _paced(self, window: list[int], pace: int) -> list[int]:
        return [t for t in window if t == window[0] or self.month_number(t) % pace == 0]

    @cached_property
    def lines(self) -> dict[tuple[str, int], list[tuple[float, float]]]:
        """Return (hours, yield factor) by period of every line: (resource, start or -1 for what stands)."""
        found = {}
        for name, row in self.resource.items():
            if row["status"] == "operating":
                since = row["since"]
                age = (
                    10**4 if since is None else -((since.year - self.start.year) * 12 + since.month - self.start.month)
                )
                found[name, -1] = self._ramp(row, age)
        for n, start in enumerate(self.starts):
            if "option" in start:
                found[start["option"]["resource"], n] = self._ramp(
                    self.resource[start["option"]["resource"]], -start["ready_month"]
                )
        return found

    def _ramp(self, resource: dict[str, Any], age: int) -> list[tuple[float, float]]:
        steps = sorted(
            (r["month"], r["capacity_share"], r["yield_share"])
            for r in self.rows["ramps"]
            if r["ramp"] == resource["ramp"]
        )
        found = []
        for t, period in enumerate(self.periods):
            months = []
            for n in range(period.months):
                old = age + self.month_number(t) + n
                share, good = 1.0, 1.0
                for at, capacity, yield_share in steps:
                    if at <= max(old, steps[0][0]):
                        share, good = capacity, yield_share
                months.append((share if old >= 0 else 0.0, good))
            capacity = sum(share for share, _ in months)
            good = sum(share * good for share, good in months) / capacity if capacity else 1.0
            found.append((resource["hours_per_month"] * capacity * self.open_share(resource["site"], t), good))
        return found

    @cached_property
    def lanes(self) -> list[tuple[dict[str, Any], str]]:
        """Return every lane with every item that it takes."""
        return [
            (lane, name)
            for lane in self.rows["lanes"]
            for name, item in self.item.items()
            if item["dg_class"] is None or item["dg_class"] in lane["dg_class"].split(";")
        ]

    def freight(self, lane: dict[str, Any], item: str) -> float:
        mass, kwh = self.item[item]["mass_kg"], self.item[item]["kwh"]
        load = mass / lane.get("container_kg", 18000.0)
        usd = lane["cost_usd"] * {"kg": mass, "unit": 1.0, "container": load, "kwh": kwh}[lane["cost_per"]]
        return float(usd + (lane["dg_usd"] * load if self.item[item]["dg_class"] else 0.0))

    @cached_property
    def wanted(self) -> dict[tuple[str, str, int], tuple[float, float, float]]:
        """Return (quantity, price, penalty) by market, want and period."""
        found: dict[tuple[str, str, int], list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0])
        for row in self.rows["demand"]:
            t = self.period_of(row["month"])
            if t < self.last:
                entry = found[row["market"], row["want"], t]
                entry[0] += row["quantity"]
                entry[1] += row["quantity"] * row["price_usd"]
                entry[2] += row["quantity"] * row["short_usd"]
        return {key: (q, price / q, short / q) for key, (q, price, short) in found.items() if q > 0}

    def sellable(self, item: str, t: int, taken: set[int]) -> float:
        """Return the part of a period's demand that an item may serve with these starts."""
        period = self.periods[t]
        part = sum(not self.banned(item, day, ("segment", "commercial")) for day in period.days) / len(period.days)
        for row in self.rows["certificates"]:
            if row["item"] != item:
                continue
            if row.get("valid_to"):
                part = min(part, sum(day <= row["valid_to"] for day in period.days) / len(period.days))
            if row["status"] == "planned":
                ready = [self.starts[n]["ready"] for n in taken if self.starts[n]["what"] == (item, row["standard"])]
                open_days = sum(day >= ready[0] for day in period.days) if ready else 0
                part = min(part, open_days / len(period.days))
        return part


def spend(profile: str, months: int) -> list[float]:
    """Return the share of an investment spent in each month of building, by slicing its profile finely."""
    if months == 0:
        return [1.0]
    shares = [float(part) for part in profile.split(";")] if profile else [1.0]
    fine = 1000 * months * len(shares)
    spent = [0.0] * months
    for n in range(fine):
        spent[n * months // fine] += shares[n * len(shares) // fine] / (fine / len(shares))
    return [part / sum(shares) for part in spent]

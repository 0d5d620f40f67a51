"""The largest net present value of a tiny chain, found the long way: every whole decision tried, the rest a dense LP.

Nothing of the planner is used. Time is walked day by day, money is added by hand, the standard cost is found by
trying all ways in turn. The rows are those of `tiny.random_rows`; duty by day is the one thing taken from the rules,
which have tests of their own.
"""

import datetime as dt
import itertools
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from math import inf, isfinite
from typing import Any

import numpy as np
from scipy.optimize import linprog

from cellroad.chain.calendars import shutdown
from cellroad.rules.duties import total

Rows = dict[str, list[dict[str, Any]]]
DAY = dt.timedelta(days=1)
MPF, HMF = 0.003464, 0.00125


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


class Reference:
    """A chain as dictionaries, and what follows from it."""

    def __init__(self, rows: Rows) -> None:
        self.rows = {table: [dict(row) for row in found] for table, found in rows.items()}
        self.setting = {row["name"]: row["value"] for row in rows["settings"]}
        year, first = map(int, self.setting["start"].split("-"))
        self.start = dt.date(year, first, 1)
        self.horizon = int(self.setting["months"])
        self.periods: list[Period] = []
        done = 0
        while done < self.horizon:
            step = min(1 if done < int(self.setting["quarters_after"]) else 3, self.horizon - done)
            begin, end = months_later(self.start, done), months_later(self.start, done + step)
            self.periods.append(Period(begin, end, step))
            done += step
        self.end = self.periods[-1].end
        self.last = len(self.periods)
        self.site = {row["site"]: row for row in rows["sites"]}
        self.item = {row["item"]: row for row in rows["items"]}
        self.resource = {row["resource"]: row for row in rows["resources"]}
        self._arrivals: dict[tuple[str, int], dict[int, float]] = {}
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

    def arrivals(self, lane: dict[str, Any], t: int) -> dict[int, float]:
        """Return the share of what leaves in a period that arrives in each period."""
        key = lane["lane"], t
        if key in self._arrivals:
            return self._arrivals[key]
        shares: dict[int, float] = defaultdict(float)
        days = self.periods[t].days
        for day in days:
            while not self.open(lane["origin"], day):
                day += DAY
            shares[self.period_of(day + round(lane["transit_days"]) * DAY)] += 1 / len(days)
        self._arrivals[key] = shares
        return shares

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
        return [t for t in window if self.month_number(t) % pace == 0] or window[:1]

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
        period, part = self.periods[t], 1.0
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

    # what it is worth ------------------------------------------------------------------------------------------------

    @cached_property
    def useful(self) -> dict[tuple[str, str], tuple[int, int]]:
        """Return the first period in which an item can be at a site and the last in which that serves a customer."""
        first: dict[tuple[str, str], int] = defaultdict(lambda: self.last)
        last: dict[tuple[str, str], int] = defaultdict(lambda: -1)
        offers = {row["offer"]: row for row in self.rows["offers"]}
        everything = set(range(len(self.starts)))
        for _ in range(30):
            for (offer, t), _price in self.buys.items():
                node = offers[offer]["site"], offers[offer]["item"]
                first[node] = min(first[node], t)
            for row in self.rows["stocks"]:
                first[row["site"], row["item"]] = 0
            for lane, item in self.lanes:
                begin = first[lane["origin"], item]
                if begin < self.last:
                    node = lane["destination"], item
                    first[node] = min(first[node], *self.arrivals(lane, begin))
            for row in self.rows["processes"]:
                ready = self._first_work(row, first)
                first[row["site"], row["item"]] = min(first[row["site"], row["item"]], ready)
        for _ in range(30):
            for market, want, t in self.wanted:
                for row in self.rows["wants"]:
                    there = first[market, row["item"]] < self.last
                    if there and row["want"] == want and self._ever_sellable(row["item"], t, everything):
                        last[market, row["item"]] = max(last[market, row["item"]], t)
            for lane, item in self.lanes:
                until = last[lane["destination"], item]
                for t in range(self.last):
                    node = lane["origin"], item
                    if first[node] < self.last and min(self.arrivals(lane, t)) <= until:
                        last[node] = max(last[node], t)
            for row in self.rows["processes"]:
                if self._first_work(row, first) < self.last:
                    for item in self.inputs[row["process"]]:
                        last[row["site"], item] = max(last[row["site"], item], last[row["site"], row["item"]])
        return {node: (first[node], last[node]) for node in last if first[node] <= last[node]}

    def in_time(self, site: str, item: str, t: int) -> bool:
        """Say whether an item can be at a site then and serve a customer. What comes too late is bought and shipped
        by nobody, and has no say in what things are worth."""
        first, last = self.useful.get((site, item), (self.last, -1))
        return first <= t <= last

    def leaves_in_time(self, lane: dict[str, Any], item: str, t: int) -> bool:
        until = self.useful.get((lane["destination"], item), (self.last, -1))[1]
        return self.in_time(lane["origin"], item, t) and min(self.arrivals(lane, t)) <= until

    def _ever_sellable(self, item: str, t: int, everything: set[int]) -> bool:
        choices = [{n} for n in everything] or [set()]
        planned = any(r["item"] == item and r["status"] == "planned" for r in self.rows["certificates"])
        return any(self.sellable(item, t, taken) > 0 for taken in (choices if planned else [set()]))

    def _first_work(self, process: dict[str, Any], first: dict[tuple[str, str], int]) -> int:
        name = process["resource"]
        works = [
            t for (resource, _), steps in self.lines.items() if resource == name for t in range(self.last) if steps[t][0] > 0
        ] if name else [0]  # fmt: skip
        inputs = [first[process["site"], item] for item in self.inputs[process["process"]]]
        return max([min(works, default=self.last), *inputs])

    @cached_property
    def worth(self) -> dict[tuple[str, str], list[float]]:
        """Return the standard cost by period: the cheapest way to have an item at a site."""
        return self._worth(list(range(self.last)), lambda series: series)

    @cached_property
    def floor(self) -> dict[tuple[str, str], float]:
        """Return the lowest standard cost of all periods."""
        lowest = self._worth([0], lambda series: [min(series)])
        return {node: values[0] for node, values in lowest.items()}

    def _worth(self, times: list[int], narrow: Any) -> dict[tuple[str, str], list[float]]:
        value = {(site, item): [inf] * len(times) for site in self.site for item in self.item}
        priced = []
        for row in self.rows["offers"]:
            node = row["site"], row["item"]
            series = [
                self.buys[row["offer"], t][0] if (row["offer"], t) in self.buys and self.in_time(*node, t) else inf
                for t in range(self.last)
            ]
            priced.append((node, narrow(series)))
        moved = []
        for lane, item in self.lanes:
            here, there = (lane["origin"], item), (lane["destination"], item)
            if any(self.leaves_in_time(lane, item, t) for t in range(self.last)):
                duty = narrow([self.duty(lane, item, t) for t in range(self.last)])
                moved.append((here, there, self.freight(lane, item), duty))
        for _ in range(20):
            for n in range(len(times)):
                for node, series in priced:
                    value[node][n] = min(value[node][n], series[n])
                for here, there, freight, duty in moved:
                    value[there][n] = min(value[there][n], value[here][n] * (1 + duty[n]) + freight)
                for row in self.rows["processes"]:
                    used = self.inputs[row["process"]].items()
                    cost = row["cost_usd"] + sum(q * value[row["site"], item][n] for item, q in used)
                    node = row["site"], row["item"]
                    value[node][n] = min(value[node][n], cost / row["yield_share"])
        never = [node for node, series in value.items() if min(series) == inf]
        for series in value.values():
            fill(series)
        for _ in range(20 if never else 0):  # made of what is never there together
            for n in range(len(times)):
                for here, there, freight, duty in moved:
                    if there in never:
                        value[there][n] = min(value[there][n], value[here][n] * (1 + duty[n]) + freight)
                for row in self.rows["processes"]:
                    node = row["site"], row["item"]
                    if node in never:
                        used = self.inputs[row["process"]].items()
                        cost = row["cost_usd"] + sum(q * value[row["site"], item][n] for item, q in used)
                        value[node][n] = min(value[node][n], cost / row["yield_share"])
            for node in never:
                fill(value[node])
        return value

    def duty(self, lane: dict[str, Any], item: str, t: int) -> float:
        """Return the mean duty share over the days of a period of entry."""
        origin, destination = (self.site[lane[end]]["country"] for end in ("origin", "destination"))
        if origin == destination:
            return 0.0
        made_in = {
            self.site[r["site"]]["country"] for r in self.rows["offers"] + self.rows["processes"] if r["item"] == item
        }
        made = made_in.pop() if len(made_in) == 1 else origin
        days = self.periods[min(t, self.last - 1)].days
        return sum(total(destination, made, self.item[item]["hts"], day).rate_pct / 100 for day in days) / len(days)

    # the linear programme --------------------------------------------------------------------------------------------

    def best(self) -> float:
        """Return the largest net present value over every combination of starts and orders."""
        lp = _Lp()
        self._columns(lp)
        self._balances(lp)
        standing = 0.0
        for name, row in self.resource.items():
            if row["status"] == "operating":
                for t, period in enumerate(self.periods):
                    if row["since"] is None or row["since"] <= period.start:
                        standing -= row["fixed_usd_per_month"] * period.months * self.discount(t)
        values = []
        for taken in self._combinations():
            for placed in self._orders():
                found = lp.solve(lambda name, taken=taken, placed=placed: self._bounds(name, taken, placed))
                if found is not None:
                    values.append(found + standing + sum(self.starts[n]["money"] for n in taken))
        return max(values)

    def _combinations(self) -> list[set[int]]:
        whats = list(dict.fromkeys(start["what"] for start in self.starts))
        choices = [[None, *(n for n, s in enumerate(self.starts) if s["what"] == what)] for what in whats]
        found = []
        for choice in itertools.product(*choices):
            taken = {n for n in choice if n is not None}
            options = [self.starts[n]["option"] for n in taken if "option" in self.starts[n]]
            groups = [option["one_of"] for option in options if option["one_of"]]
            if len(groups) == len(set(groups)) and all(self._met(n, taken) for n in taken):
                found.append(taken)
        return found

    def _met(self, n: int, taken: set[int]) -> bool:
        needed = self.starts[n].get("option", {}).get("requires")
        if not needed:
            return True
        works = self.period_of(self.starts[n]["ready"])
        return any(self.starts[m]["what"] == needed and self.period_of(self.starts[m]["ready"]) <= works for m in taken)

    def _orders(self) -> list[set[tuple[str, int]]]:
        least = {row["offer"]: row.get("moq", 0.0) for row in self.rows["offers"]}
        possible = [key for key, (_, most) in self.buys.items() if 0 < least[key[0]] <= most]
        return [
            {key for key, placed in zip(possible, choice, strict=True) if placed}
            for choice in itertools.product([False, True], repeat=len(possible))
        ]

    def _columns(self, lp: "_Lp") -> None:
        offers = {row["offer"]: row for row in self.rows["offers"]}
        for (offer, t), (price, _most) in self.buys.items():
            if self.in_time(offers[offer]["site"], offers[offer]["item"], t):
                lp.column(("buy", offer, t), -price * self.discount(t))
        for row in self.rows["processes"]:
            for (resource, start), steps in self.lines.items():
                if resource == row["resource"]:
                    for t in range(self.last):
                        if steps[t][0] > 0:
                            lp.column(("make", row["process"], start, t), -row["cost_usd"] * self.discount(t))
        left = float(self.setting["terminal_stock_share"]) * self.factor(self.end)
        for lane, item in self.lanes:
            for t in range(self.last):
                if self.leaves_in_time(lane, item, t):
                    lp.column(("ship", lane["lane"], item, t), self._ship_money(lane, item, t, left))
        rate = float(self.setting["holding_per_year"])
        for site in self.site:
            for item in self.item:
                for t, period in enumerate(self.periods):
                    value = self.worth[site, item][t]
                    usd = -value * rate * period.months / 12 * self.discount(t) if isfinite(value) else 0.0
                    if t == self.last - 1 and isfinite(self.floor[site, item]):
                        usd += self.floor[site, item] * left
                    lp.column(("hold", site, item, t), usd)
        for (market, want, t), (_quantity, price, short) in self.wanted.items():
            lp.column(("short", market, want, t), -short * self.discount(t))
            for row in self.rows["wants"]:
                if row["want"] == want:
                    usd = (price + row["price_adder_usd"]) * self.discount(t)
                    lp.column(("sell", market, want, row["item"], t), usd)

    def _ship_money(self, lane: dict[str, Any], item: str, t: int, left: float) -> float:
        crosses = self.site[lane["origin"]]["country"] != self.site[lane["destination"]]["country"]
        value = self.worth[lane["origin"], item][t]
        value = value if isfinite(value) else 0.0
        floor = self.floor[lane["origin"], item]
        usd = -self.freight(lane, item) * self.discount(t)
        if crosses:
            usd -= 0.003 * value * self.discount(t)
        load = self.item[item]["mass_kg"] / lane.get("container_kg", 18000.0)
        for to, share in self.arrivals(lane, t).items():
            if to == self.last:
                usd += share * (floor if isfinite(floor) else 0.0) * left
            elif crosses:
                rates = total("US", "CN", self.item[item]["hts"], self.periods[to].start)
                assert rates.state != "domestic"
                processing = min(max(value * MPF, self.mpf_limits[0] * load), self.mpf_limits[1] * load)
                harbor = value * HMF if lane["mode"] == "ocean" else 0.0
                usd -= share * (value * self.duty(lane, item, to) + processing + harbor) * self.discount(to)
        return usd

    mpf_limits = (33.58, 651.50)

    def _balances(self, lp: "_Lp") -> None:
        """What comes in goes out or stays."""
        offers = {row["offer"]: row for row in self.rows["offers"]}
        processes = {row["process"]: row for row in self.rows["processes"]}
        lanes = {lane["lane"]: lane for lane in self.rows["lanes"]}
        per_want = {(row["want"], row["item"]): row["quantity"] for row in self.rows["wants"]}
        for site in self.site:
            for item in self.item:
                for t in range(self.last):
                    lp.row(("balance", site, item, t), 0.0)
        for row in self.rows["stocks"]:
            lp.equal["balance", row["site"], row["item"], 0] = -row["on_hand"]
        for name in lp.columns:
            kind, *key = name
            if kind == "buy":
                offer, t = key
                lp.term(("balance", offers[offer]["site"], offers[offer]["item"], t), name, 1.0)
            elif kind == "make":
                process, start, t = key
                row = processes[process]
                good = row["yield_share"] * self.lines[row["resource"], start][t][1]
                lp.term(("balance", row["site"], row["item"], t), name, good)
                for item, quantity in self.inputs[process].items():
                    lp.term(("balance", row["site"], item, t), name, -quantity)
                lp.term(("hours", row["resource"], start, t), name, row["hours_per_unit"])
            elif kind == "ship":
                lane, item, t = key
                lp.term(("balance", lanes[lane]["origin"], item, t), name, -1.0)
                for to, share in self.arrivals(lanes[lane], t).items():
                    if to < self.last:
                        lp.term(("balance", lanes[lane]["destination"], item, to), name, share)
            elif kind == "hold":
                site, item, t = key
                lp.term(("balance", site, item, t), name, -1.0)
                if t + 1 < self.last:
                    lp.term(("balance", site, item, t + 1), name, 1.0)
            elif kind == "sell":
                market, want, item, t = key
                lp.term(("balance", market, item, t), name, -per_want[want, item])
                lp.term(("demand", market, want, t), name, 1.0)
            elif kind == "short":
                lp.term(("demand", *key), name, 1.0)
        for key, (quantity, _, _) in self.wanted.items():
            lp.equal["demand", *key] = quantity

    def _bounds(self, name: tuple[Any, ...], taken: set[int], placed: set[tuple[str, int]]) -> tuple[float, float]:
        kind, *key = name
        if kind == "buy":
            moq = next(r.get("moq", 0.0) for r in self.rows["offers"] if r["offer"] == key[0])
            most = self.buys[key[0], key[1]][1]
            if moq > 0:
                return (moq, most) if tuple(key) in placed else (0.0, 0.0)
            return 0.0, most
        if kind == "make":
            return (0.0, inf) if key[1] == -1 or key[1] in taken else (0.0, 0.0)
        if kind == "hours":
            resource, start, t = key
            return 0.0, self.lines[resource, start][t][0]
        if kind == "sell":
            market, want, item, t = key
            return 0.0, self.wanted[market, want, t][0] * self.sellable(item, t, taken)
        return 0.0, inf


class _Lp:
    """maximise money over named columns with named rows, written out densely."""

    def __init__(self) -> None:
        self.columns: dict[tuple[Any, ...], float] = {}
        self.equal: dict[tuple[Any, ...], float] = {}
        self.terms: dict[tuple[Any, ...], dict[tuple[Any, ...], float]] = defaultdict(dict)

    def column(self, name: tuple[Any, ...], usd: float) -> None:
        self.columns[name] = usd

    def row(self, name: tuple[Any, ...], right: float) -> None:
        self.equal[name] = right

    def term(self, row: tuple[Any, ...], column: tuple[Any, ...], factor: float) -> None:
        self.terms[row][column] = self.terms[row].get(column, 0.0) + factor

    @cached_property
    def _dense(self) -> tuple[Any, ...]:
        place = {name: n for n, name in enumerate(self.columns)}
        equal = np.zeros((len(self.equal), len(place)))
        for n, row in enumerate(self.equal):
            for column, factor in self.terms[row].items():
                equal[n, place[column]] = factor
        hours = [row for row in self.terms if row[0] == "hours"]
        most = np.zeros((len(hours), len(place)))
        for n, row in enumerate(hours):
            for column, factor in self.terms[row].items():
                most[n, place[column]] = factor
        return np.array(list(self.columns.values())), equal, np.array(list(self.equal.values())), hours, most

    def solve(self, bounds: Any) -> float | None:
        usd, equal, right, hours, most = self._dense
        found = linprog(
            -usd, A_eq=equal, b_eq=right, bounds=[bounds(name) for name in self.columns],
            A_ub=most if hours else None, b_ub=[bounds(row)[1] for row in hours] if hours else None, method="highs",
        )  # fmt: skip
        assert found.status in (0, 2), found.message
        return -found.fun if found.status == 0 else None


def fill(series: list[float]) -> None:
    """Carry values into gaps, the earlier first."""
    for n in range(1, len(series)):
        series[n] = series[n - 1] if series[n] == inf else series[n]
    for n in reversed(range(len(series) - 1)):
        series[n] = series[n + 1] if series[n] == inf else series[n]


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

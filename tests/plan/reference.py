"""The largest net present value of a tiny chain, found the long way: every whole decision tried, the rest a dense LP.

Nothing of the planner is used. Money is added by hand, the standard cost is found by trying all ways in turn. The
rows are those of `tiny.random_rows`; duty by day is the one thing taken from the rules, which have tests of their own.
"""

import itertools
from collections import defaultdict
from functools import cached_property, partial
from math import inf, isfinite
from typing import Any

import numpy as np
from scipy.optimize import linprog
from tests.plan.reference_means import Means

from cellroad.rules.duties import total

MPF, HMF = 0.003464, 0.00125


class Reference(Means):
    """What a chain is worth."""

    @cached_property
    def useful(self) -> dict[tuple[str, str], tuple[int, int]]:
        """Return the first period in which an item can be at a site and the last in which that serves a customer."""
        first: dict[tuple[str, str], int] = defaultdict(lambda: self.last)
        last: dict[tuple[str, str], int] = defaultdict(lambda: -1)
        offers = {row["offer"]: row for row in self.rows["offers"]}
        everything = set(range(len(self.starts)))
        for _ in range(30):
            for offer, t in self.buys:
                node = offers[offer]["site"], offers[offer]["item"]
                first[node] = min(first[node], t)
            for row in self.rows["stocks"]:
                first[row["site"], row["item"]] = 0
            for lane, item in self.lanes:
                node = lane["destination"], item
                for begin in range(first[lane["origin"], item], self.last):
                    first[node] = min([first[node], *self.arrivals(lane, item, begin)])
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
                    if first[node] < self.last and min(self.arrivals(lane, item, t), default=self.last) <= until:
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
        arrives = min(self.arrivals(lane, item, t), default=self.last)
        return self.in_time(lane["origin"], item, t) and arrives <= until

    def _ever_sellable(self, item: str, t: int, everything: set[int]) -> bool:
        choices = [{n} for n in everything] or [set()]
        planned = any(r["item"] == item and r["status"] == "planned" for r in self.rows["certificates"])
        return any(self.sellable(item, t, taken) > 0 for taken in (choices if planned else [set()]))

    def _first_work(self, process: dict[str, Any], first: dict[tuple[str, str], int]) -> int:
        name = process["resource"]
        lines = [steps for (resource, _), steps in self.lines.items() if resource == name]
        works = [t for steps in lines for t in range(self.last) if steps[t][0] > 0] if name else [0]
        inputs = [first[process["site"], item] for item in self.inputs[process["process"]]]
        return max([min(works, default=self.last), *inputs])

    def _has_line(self, process: dict[str, Any], t: int) -> bool:
        """Say whether a line for a process stands then, or could have been started by then."""
        name = process["resource"]
        return not name or any(steps[t][0] > 0 for (resource, _), steps in self.lines.items() if resource == name)

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
                can = narrow([0.0 if self.arrivals(lane, item, t) else inf for t in range(self.last)])
                moved.append((here, there, [self.freight(lane, item) + none for none in can], duty))
        made = [
            (row, narrow([0.0 if self._has_line(row, t) else inf for t in range(self.last)]))
            for row in self.rows["processes"]
        ]
        for _ in range(20):
            for n in range(len(times)):
                for node, series in priced:
                    value[node][n] = min(value[node][n], series[n])
                for here, there, freight, duty in moved:
                    value[there][n] = min(value[there][n], value[here][n] * (1 + duty[n]) + freight[n])
                for row, can in made:
                    used = self.inputs[row["process"]].items()
                    cost = can[n] + row["cost_usd"] + sum(q * value[row["site"], item][n] for item, q in used)
                    node = row["site"], row["item"]
                    value[node][n] = min(value[node][n], cost / row["yield_share"])
        never = [node for node, series in value.items() if min(series) == inf]
        for series in value.values():
            fill(series)
        for _ in range(20 if never else 0):  # made of what is never there together
            for n in range(len(times)):
                for here, there, freight, duty in moved:
                    if there in never:
                        value[there][n] = min(value[there][n], value[here][n] * (1 + duty[n]) + freight[n])
                for row, can in made:
                    node = row["site"], row["item"]
                    if node in never:
                        used = self.inputs[row["process"]].items()
                        cost = can[n] + row["cost_usd"] + sum(q * value[row["site"], item][n] for item, q in used)
                        value[node][n] = min(value[node][n], cost / row["yield_share"])
            for node in never:
                fill(value[node])
        return value

    def duty(self, lane: dict[str, Any], item: str, t: int) -> float:
        """Return the mean duty share over the days of a period of entry."""
        origin, destination = (self.site[lane[end]]["country"] for end in ("origin", "destination"))
        if origin == destination:
            return 0.0
        made = self.made_in(item, origin)
        days = self.periods[min(t, self.last - 1)].days
        return sum(total(destination, made, self.item[item]["hts"], day).rate_pct / 100 for day in days) / len(days)

    # the linear programme --------------------------------------------------------------------------------------------

    def best(self) -> float:
        """Return the largest net present value over every combination of starts, orders and claims."""
        lp = _Lp()
        self._columns(lp)
        self._balances(lp)
        self._credits(lp)
        standing = 0.0
        for row in self.resource.values():
            if row["status"] == "operating":
                for t, period in enumerate(self.periods):
                    if row["since"] is None or row["since"] <= period.start:
                        standing -= row["fixed_usd_per_month"] * period.months * self.discount(t)
        values = []
        for taken in self._combinations():
            for placed, claimed in itertools.product(self._orders(), self._claims()):
                found = lp.solve(partial(self._bounds, taken=taken, placed=placed, claimed=claimed))
                if found is not None:
                    values.append(found + standing + self._started(taken))
        return max(values, default=-inf)

    def _started(self, taken: set[int]) -> float:
        return float(sum(self.starts[n]["money"] for n in taken))

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
        return self._works(needed, taken, works)

    def _works(self, needed: Any, taken: set[int], by: int) -> bool:
        return any(self.starts[m]["what"] == needed and self.period_of(self.starts[m]["ready"]) <= by for m in taken)

    def _orders(self) -> list[set[tuple[str, int]]]:
        least = {row["offer"]: row.get("moq", 0.0) for row in self.rows["offers"]}
        possible = [key for key, (_, most) in self.buys.items() if 0 < least[key[0]] <= most]
        return [
            {key for key, placed in zip(possible, choice, strict=True) if placed}
            for choice in itertools.product([False, True], repeat=len(possible))
        ]

    def _claims(self) -> list[set[Any]]:
        groups = list(dict.fromkeys(claim["group"] for claim in self.claims if claim["group"] is not None))
        return [
            {group for group, made in zip(groups, choice, strict=True) if made}
            for choice in itertools.product([False, True], repeat=len(groups))
        ]

    def _credits(self, lp: "_Lp") -> None:
        """A run earns what its claim gives where the claim is made; then all runs of its group keep the ratio. It is
        sold in its year or the next, and no more earns in a year than is sold in it."""
        processes = {row["process"]: row for row in self.rows["processes"]}
        made = [name for name in lp.columns if name[0] == "make"]
        sold = [name for name in lp.columns if name[0] == "sell"]
        per_want = {(row["want"], row["item"]): row["quantity"] for row in self.rows["wants"]}
        rates = {(claim["process"], claim["credit"], claim["year"]): claim for claim in self.claims}
        for n, claim in enumerate(self.claims):
            row = processes[claim["process"]]
            for column in made:
                _, process, start, t = column
                part = self.in_year(t, claim["year"])
                # what is made too late to serve a customer is not made to be sold
                if process != claim["process"] or part == 0 or not self.in_time(row["site"], row["item"], t):
                    continue
                good = row["yield_share"] * self.lines[row["resource"], start][t][1]
                value = {item: self.worth[row["site"], item][t] for item in self.inputs[process]}
                cost = {
                    item: quantity * (value[item] if isfinite(value[item]) else 0.0)
                    for item, quantity in self.inputs[process].items()
                }
                for year in (claim["year"], claim["year"] + 1):
                    rate = rates.get((process, claim["credit"], year))
                    if rate is None:
                        continue
                    usd = (rate["usd_per_unit"] or 0.0) * good
                    usd += (rate["cost_share"] or 0.0) * (row["cost_usd"] + sum(cost.values()))
                    name = "credit", n, start, t, year
                    lp.column(name, usd * self.discount(t))
                    lp.term(("made", n, start, t), name, 1.0)
                    lp.term(("sold", claim["item"], claim["credit"], year), name, good)
                lp.term(("made", n, start, t), column, -part)
                if claim["group"] is not None:
                    fair = sum(usd for item, usd in cost.items() if self.allowed(claim, item))
                    over = fair - claim["least_share"] * sum(cost.values())
                    over = 0.0 if abs(over) < 1e-9 * sum(cost.values()) else over
                    lp.term(("ratio", claim["group"]), column, -over * part)
        for item, credit, year in {(claim["item"], claim["credit"], claim["year"]) for claim in self.claims}:
            for column in sold:
                _, _market, want, what, t = column
                units = self.in_year(t, year) * per_want[want, what] * self.content(item, what)
                lp.term(("sold", item, credit, year), column, -units)

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
                    usd = (price + row["price_adder_usd"]) * (1 + self.premium(row["item"], t)) * self.discount(t)
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
        for to, share in self.arrivals(lane, item, t).items():
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
                for to, share in self.arrivals(lanes[lane], item, t).items():
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

    def _bounds(
        self, name: tuple[Any, ...], taken: set[int], placed: set[tuple[str, int]], claimed: set[Any]
    ) -> tuple[float, float]:
        kind, *key = name
        if kind == "credit":
            group = self.claims[key[0]]["group"]
            return (0.0, inf) if group is None or group in claimed else (0.0, 0.0)
        if kind in ("made", "sold"):
            return -inf, 0.0
        if kind == "ratio":
            return -inf, 0.0 if key[0] in claimed else inf
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
        hours = [row for row in self.terms if row not in self.equal]
        most = np.zeros((len(hours), len(place)))
        for n, row in enumerate(hours):
            for column, factor in self.terms[row].items():
                most[n, place[column]] = factor
        return np.array(list(self.columns.values())), equal, np.array(list(self.equal.values())), hours, most

    def solve(self, bounds: Any) -> float | None:
        usd, equal, right, hours, most = self._dense
        limit = np.array([bounds(row)[1] for row in hours])
        bound = np.isfinite(limit)
        found = linprog(
            -usd, A_eq=equal, b_eq=right, bounds=[bounds(name) for name in self.columns],
            A_ub=most[bound] if bound.any() else None, b_ub=limit[bound] if bound.any() else None, method="highs",
        )  # fmt: skip
        assert found.status in (0, 2), found.message
        return -found.fun if found.status == 0 else None


def fill(series: list[float]) -> None:
    """Carry values into gaps, the earlier first."""
    for n in range(1, len(series)):
        series[n] = series[n - 1] if series[n] == inf else series[n]
    for n in reversed(range(len(series) - 1)):
        series[n] = series[n + 1] if series[n] == inf else series[n]

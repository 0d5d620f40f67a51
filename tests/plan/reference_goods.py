"""The largest net present value of a tiny chain whose goods age, wait, come back and stand in for each other.

Every unit is told by the month in which it was made, in every column, so that a rule about age is a bound and nothing
else; every whole decision is tried. Time is walked day by day. Nothing of the planner is used.
"""

import datetime as dt
import itertools
from collections import defaultdict
from functools import cached_property
from math import inf
from typing import Any

import numpy as np
from scipy.optimize import linprog
from tests.plan.tiny import Rows, month

DAY = dt.timedelta(days=1)
Name = tuple[Any, ...]


class GoodsReference:
    """What a chain of `tiny_goods` is worth."""

    def __init__(self, rows: Rows) -> None:
        self.rows = {table: [dict(row) for row in found] for table, found in rows.items()}
        self.setting = {row["name"]: row["value"] for row in rows["settings"]}
        self.last = int(self.setting["months"])
        self.item = {row["item"]: row for row in rows["items"]}
        self.site = {row["site"]: row for row in rows["sites"]}
        self.stock = {(row["site"], row["item"]): row for row in rows["stocks"]}
        self.usd: dict[Name, float] = {}
        self.terms: dict[Name, dict[Name, float]] = defaultdict(dict)
        self.bounds: dict[Name, list[float]] = {}
        self.sides: dict[Name, tuple[float, float]] = {}

    def days(self, t: int) -> list[dt.date]:
        return [month(t) + n * DAY for n in range((month(t + 1) - month(t)).days)]

    def discount(self, t: int) -> float:
        half = len(self.days(t)) / 2
        return (1 + float(self.setting["discount_per_year"])) ** (-((month(t) - month(0)).days + half) / 365.25)

    def life(self, site: str, item: str) -> float:
        here = self.stock.get((site, item), {}).get("shelf_months")
        return here or self.item[item].get("shelf_months") or inf

    def keeps(self, site: str, item: str, born: float, t: int) -> bool:
        """Say whether a unit may be used there in the middle of a month."""
        return t + 0.5 - born <= self.life(site, item) + 1e-9

    def perishes(self, item: str) -> bool:
        """Say whether a unit of an item could grow too old anywhere within the months of the plan and one more."""
        oldest = max((self.last + 0.5 - born for name, born in self.born if name == item), default=0.0)
        return any(self.life(site, item) < oldest - 1e-9 for site in self.site if (site, item) in self.first)

    @cached_property
    def born(self) -> list[tuple[str, float]]:
        """Return every item with every time at which units of it can have been made."""
        found = {(item, t + 0.5) for item in self.item for t in range(self.last)}
        found |= {(row["item"], -row.get("age_months", 0.0)) for row in self.rows["stocks"] if row.get("on_hand")}
        found |= {(row["item"], self.arrives(row) + 0.5 - row["age_months"]) for row in self.rows["pipeline"]}
        return sorted(found)

    def arrives(self, row: dict[str, Any]) -> int:
        return next(t for t in range(self.last) if row["arrives"] in self.days(t))

    @cached_property
    def first(self) -> dict[tuple[str, str], int]:
        """Return the first month in which an item can be at a site."""
        found: dict[tuple[str, str], int] = {}

        def there(site: str, item: str, t: int) -> None:
            if t < self.last:
                found[site, item] = min(found.get((site, item), self.last), t)

        for _ in range(20):
            for row in self.rows["offers"]:
                there(row["site"], row["item"], (row["valid_from"].month - 1))
            for row in self.rows["stocks"]:
                if row.get("on_hand"):
                    there(row["site"], row["item"], 0)
            for row in self.rows["pipeline"]:
                there(row["site"], row["item"], self.arrives(row))
            for row in self.rows["lanes"]:
                for item in self.item:
                    begin = found.get((row["origin"], item), self.last)
                    there(row["destination"], item, begin + row["transit_months"])
            for row in self.rows["processes"]:
                ready = [self.input_there(row, bom["item"], found) for bom in self.bill(row["process"])]
                for item in [row["item"], *(c["item"] for c in self.beside(row["process"]))]:
                    there(row["site"], item, max(ready))
            for row in self.rows["returns"]:
                begin = found.get((row["market"], row["item"]), self.last)
                back = [to for t in range(begin, self.last) for to in self.back(row, t)]
                there(row["site"], row["returned"], min(back, default=self.last))
        return found

    def input_there(self, process: dict[str, Any], item: str, found: dict[tuple[str, str], int]) -> int:
        names = [item, *(s["item"] for s in self.rows["substitutes"]
                         if (s["process"], s["instead_of"]) == (process["process"], item))]  # fmt: skip
        return min(found.get((process["site"], name), self.last) for name in names)

    def bill(self, process: str) -> list[dict[str, Any]]:
        return [row for row in self.rows["bom"] if row["process"] == process]

    def beside(self, process: str) -> list[dict[str, Any]]:
        return [row for row in self.rows["coproducts"] if row["process"] == process]

    def back(self, row: dict[str, Any], t: int) -> dict[int, float]:
        """Return in which months what is sold in one comes back, in shares of it."""
        days = self.days(t)
        lag = round(row["after_months"] * 365.25 / 12) * DAY
        found: dict[int, float] = defaultdict(float)
        for day in days:
            for to in range(self.last):
                if month(to) <= day + lag < month(to + 1):
                    found[to] += 1 / len(days)
        return found

    def may_scrap(self, site: str, item: str) -> bool:
        """Say where units may leave unsold: where goods age, come by themselves or have no room."""
        by_itself = [(r["site"], r["item"]) for r in self.rows["pipeline"]]
        by_itself += [(r["site"], r["returned"]) for r in self.rows["returns"]]
        for row in self.rows["processes"]:
            if self.beside(row["process"]):
                by_itself += [(row["site"], name) for name in
                              [row["item"], *(c["item"] for c in self.beside(row["process"]))]]  # fmt: skip
        return self.perishes(item) or (site, item) in by_itself or "storage_m3" in self.site[site]

    # the linear programme --------------------------------------------------------------------------------------------

    def column(self, name: Name, usd: float = 0.0, upper: float = inf) -> None:
        self.usd[name] = usd
        self.bounds[name] = [0.0, upper]

    def term(self, row: Name, column: Name, factor: float) -> None:
        self.terms[row][column] = self.terms[row].get(column, 0.0) + factor

    def row(self, name: Name, low: float, high: float) -> None:
        self.sides[name] = low, high
        self.terms[name]

    def best(self) -> float:
        for item, born in self.born:
            for site in self.site:
                for t in range(self.last):
                    if born <= t + 0.5:
                        self.row(("balance", site, item, born, t), 0.0, 0.0)
        self._supply()
        self._move()
        self._make()
        self._sell()
        self._keep()
        values = []
        orders = [name for name in self.usd if name[0] == "buy" and self.moq(name) > 0]
        for start, *placed in itertools.product([None, 0, 1], *([0, 1] for _ in orders)):
            if start is not None and start >= self.last:
                continue
            for name, yes in zip(orders, placed, strict=True):
                most = next(r["max_per_month"] for r in self.rows["offers"] if r["offer"] == name[1])
                self.bounds[name] = [self.moq(name), inf if most is None else most] if yes else [0.0, 0.0]
            hours = self.rows["resources"][0]["hours_per_month"]
            for t in range(self.last):
                self.bounds["make", "make", t] = [0.0, hours if start is not None and t >= start else 0.0]
            found = self._solve()
            if found is not None:
                capex = self.rows["options"][0]["capex_usd"]
                values.append(found - (capex * self.discount(start) if start is not None else 0.0))
        due = sum(r["due_usd"] * r["quantity"] * self.discount(self.arrives(r)) for r in self.rows["pipeline"])
        return max(values) - due

    def moq(self, name: Name) -> float:
        return float(next(row["moq"] for row in self.rows["offers"] if row["offer"] == name[1]))

    def _supply(self) -> None:
        for row in self.rows["offers"]:
            t = row["valid_from"].month - 1
            most = row["max_per_month"]
            self.column(("buy", row["offer"]), -row["price_usd"] * self.discount(t), inf if most is None else most)
            self.term(("balance", row["site"], row["item"], t + 0.5, t), ("buy", row["offer"]), 1.0)
        given: dict[Name, float] = defaultdict(float)
        for row in self.rows["stocks"]:
            if row.get("on_hand"):
                given["balance", row["site"], row["item"], -row.get("age_months", 0.0), 0] += row["on_hand"]
        for row in self.rows["pipeline"]:
            t = self.arrives(row)
            given["balance", row["site"], row["item"], t + 0.5 - row["age_months"], t] += row["quantity"]
        for name, quantity in given.items():
            self.row(name, -quantity, -quantity)

    def _move(self) -> None:
        for row in self.rows["lanes"]:
            for item, born in self.born:
                for t in range(self.last):
                    to = t + row["transit_months"]
                    if born > t + 0.5 or not self.keeps(row["origin"], item, born, t):
                        continue
                    if to >= self.last or not self.of_use(row["destination"], item, to):
                        continue
                    name = "ship", row["lane"], item, born, t
                    self.column(name, -row["cost_usd"] * self.discount(t))
                    self.term(("balance", row["origin"], item, born, t), name, -1.0)
                    self.term(("balance", row["destination"], item, born, to), name, 1.0)

    def of_use(self, site: str, item: str, t: int) -> bool:
        """Say whether an item is wanted or used at a site from a month on: nobody moves goods to be rid of them."""
        here = [row["process"] for row in self.rows["processes"] if row["site"] == site]
        used = [row["item"] for row in self.rows["bom"] + self.rows["substitutes"] if row["process"] in here]
        wanted = [
            want["item"] for row in self.rows["demand"] for want in self.rows["wants"]
            if (row["market"], row["want"]) == (site, want["want"])
            and row["month"].month - 1 + int(row.get("late_months", 0)) >= t
        ]  # fmt: skip
        kept = self.stock.get((site, item), {})
        return item in used or item in wanted or bool(kept.get("min_units") or kept.get("min_days"))

    def _make(self) -> None:
        for process in self.rows["processes"]:
            key, site = process["process"], process["site"]
            for t in range(self.last):
                make = "make", key, t
                self.column(make, -process["cost_usd"] * self.discount(t))
                self.term(("balance", site, process["item"], t + 0.5, t), make, process["yield_share"])
                for row in self.beside(key):
                    self.term(("balance", site, row["item"], t + 0.5, t), make, row["quantity"])
                for bom in self.bill(key):
                    each = bom["quantity"] / (1 - bom["scrap_share"])
                    self.row(("bill", key, bom["item"], t), 0.0, 0.0)
                    self.term(("bill", key, bom["item"], t), make, -each)
                    self._take(("bill", key, bom["item"], t), site, bom["item"], t, 1.0, 0.0)
                    for n, row in enumerate(self.rows["substitutes"]):
                        if (row["process"], row["instead_of"]) != (key, bom["item"]):
                            continue
                        taken = self._take(
                            ("bill", key, bom["item"], t), site, row["item"], t, 1 / row["ratio"], row["cost_usd"]
                        )
                        valid = [(row["valid_from"] or day) <= day <= (row["valid_to"] or day) for day in self.days(t)]
                        limit = "stands in", n, t
                        self.row(limit, -inf, 0.0)
                        self.term(limit, make, -each * row["most_share"] * sum(valid) / len(valid))
                        for name in taken:
                            self.term(limit, name, 1 / row["ratio"])

    def _take(self, bill: Name, site: str, item: str, t: int, counts: float, usd: float) -> list[Name]:
        """Let a bill take units of any age that keeps; each counts for so many of the input."""
        taken = []
        for name, born in self.born:
            if name == item and born <= t + 0.5 and self.keeps(site, item, born, t):
                column = "take", *bill, item, born
                self.column(column, -usd * counts * self.discount(t))
                self.term(bill, column, counts)
                self.term(("balance", site, item, born, t), column, -1.0)
                taken.append(column)
        return taken

    def _sell(self) -> None:
        for row in self.rows["demand"]:
            asked = row["month"].month - 1
            key = row["market"], row["want"], asked
            self.row(("demand", *key), row["quantity"], row["quantity"])
            self.column(("short", *key), -row["short_usd"] * self.discount(asked))
            self.term(("demand", *key), ("short", *key), 1.0)
            self.row(("late", *key), -inf, row.get("late_share", 1.0) * row["quantity"])
            for want in self.rows["wants"]:
                if want["want"] != row["want"]:
                    continue
                for t in range(asked, min(self.last, asked + 1 + int(row.get("late_months", 0)))):
                    self._serve(row, want, asked, t)

    def _serve(self, row: dict[str, Any], want: dict[str, Any], asked: int, t: int) -> None:
        market, item = row["market"], want["item"]
        usd = row["price_usd"] - row.get("late_usd", 0.0) * (t - asked)
        for name, born in self.born:
            if name != item or born > t + 0.5 or not self.keeps(market, item, born, t):
                continue
            column = "sell", market, want["want"], asked, born, t
            self.column(column, usd * self.discount(t))
            self.term(("demand", market, row["want"], asked), column, 1.0)
            self.term(("balance", market, item, born, t), column, -1.0)
            if t > asked:
                self.term(("late", market, row["want"], asked), column, 1.0)
            for back in self.rows["returns"]:
                if (back["market"], back["item"]) == (market, item):
                    for to, share in self.back(back, t).items():
                        units = share * back["return_share"]
                        self.term(("balance", back["site"], back["returned"], to + 0.5, to), column, units)
                        self.usd[column] -= units * back["cost_usd"] * self.discount(to)

    def _keep(self) -> None:
        for item, born in self.born:
            left = 1 - self.item[item].get("loss_per_month", 0.0)
            for site in self.site:
                for t in range(self.last):
                    if born > t + 0.5:
                        continue
                    here = "balance", site, item, born, t
                    if self.may_scrap(site, item):
                        self.column(("scrap", site, item, born, t), -self.item[item]["scrap_usd"] * self.discount(t))
                        self.term(here, ("scrap", site, item, born, t), -1.0)
                    if self.keeps(site, item, born, t + 1):
                        hold = "hold", site, item, born, t
                        self.column(hold)
                        self.term(here, hold, -1.0)
                        if t + 1 < self.last:
                            self.term(("balance", site, item, born, t + 1), hold, left)
        for site, row in self.site.items():
            for t in range(self.last):
                if "storage_m3" in row:
                    self.row(("room", site, t), -inf, row["storage_m3"])
                    for name in self.held(site, None, t):
                        self.term(("room", site, t), name, self.item[name[2]]["volume_l"] / 1000)
        for (site, item), row in self.stock.items():
            for t in range(self.last):
                if row.get("max_on_hand") is not None:
                    self.row(("most", site, item, t), -inf, row["max_on_hand"])
                    for name in self.held(site, item, t):
                        self.term(("most", site, item, t), name, 1.0)
                if self.days(t)[-1] >= (row.get("min_from") or month(0)) and t >= self.first.get((site, item), 99):
                    self._reserve(site, item, t, row)

    def held(self, site: str, item: str | None, t: int) -> list[Name]:
        return [n for n in self.usd if n[0] == "hold" and n[1] == site and n[4] == t and item in (None, n[2])]

    def _reserve(self, site: str, item: str, t: int, row: dict[str, Any]) -> None:
        below = "below", site, item, t
        self.column(below, -row.get("below_usd", 0.0) * self.discount(t))
        for kind, low in (("units", row.get("min_units", 0.0)), ("days", 0.0)):
            self.row((kind, site, item, t), low, inf)
            self.term((kind, site, item, t), below, 1.0)
            for name in self.held(site, item, t):
                self.term((kind, site, item, t), name, 1.0)
        for n in range(int(row.get("min_days", 0))):
            day = month(t + 1) + n * DAY
            u = next((u for u in range(self.last) if day in self.days(u)), self.last - 1)
            for name, factor in self.leaving(site, item, u):
                self.term(("days", site, item, t), name, -factor / len(self.days(u)))

    def leaving(self, site: str, item: str, t: int) -> list[tuple[Name, float]]:
        """Return what leaves a place or is used there in a month: all that lowers a balance but stock and scrap."""
        found = []
        for name, terms in self.terms.items():
            if name[0] == "balance" and name[1:3] == (site, item) and name[4] == t:
                found += [(c, -f) for c, f in terms.items() if c[0] in ("ship", "take", "sell") and f < 0]
        return found

    def _solve(self) -> float | None:
        place = {name: n for n, name in enumerate(self.usd)}
        matrix = np.zeros((len(self.sides), len(place)))
        for n, name in enumerate(self.sides):
            for column, factor in self.terms[name].items():
                matrix[n, place[column]] += factor
        low, high = np.array(list(self.sides.values())).T
        same = low == high
        upper = np.isfinite(high) & ~same
        lower = np.isfinite(low) & ~same
        found = linprog(
            -np.array(list(self.usd.values())), A_eq=matrix[same], b_eq=high[same],
            A_ub=np.vstack([matrix[upper], -matrix[lower]]), b_ub=np.concatenate([high[upper], -low[lower]]),
            bounds=[tuple(self.bounds[name]) for name in self.usd], method="highs",
        )  # fmt: skip
        assert found.status in (0, 2), found.message
        return -found.fun if found.status == 0 else None

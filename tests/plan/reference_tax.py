"""What tax on profit leaves of a tiny chain: every date of every plant tried, the rest a small LP, tax year by year.

Two partners each have a plant that makes packs from cells of a common vendor, and sell them to a common market. Nothing
is under way, and nothing else is in stock than cells at a plant, where the draw allows it. The planner is not used.
"""

import datetime as dt
import itertools
import random
from collections import defaultdict
from math import inf, isfinite
from typing import Any

import numpy as np
from scipy.optimize import linprog
from tests.plan.reference_means import DAY, months_later
from tests.plan.tiny import Rows, straight

RECOVERY = {"macrs_3": (33.33, 44.45, 14.81, 7.41), "macrs_5": (20.0, 32.0, 19.2, 11.52, 11.52, 5.76)}
"""Rev. Proc. 87-57, table 1, in percent."""
START = dt.date(2027, 11, 1)
PEOPLE = ("ann", "bob")


def taxed_rows(r: random.Random) -> Rows:
    """Draw a chain over three calendar years with losses, terms of payment, rates of exchange and rates of tax."""
    months = r.choice([14, 15, 17])
    day = [months_later(START, n) for n in range(months)]
    rows = straight(0)
    rows["settings"] = [{"name": name, "value": str(value)} for name, value in {
        "start": "2027-11", "months": months, "decide_every_months": 6, "discount_per_year": r.choice([0, 0.1]),
        "holding_per_year": 0, "terminal_stock_share": 0, "terminal_plant_share": 0}.items()]  # fmt: skip
    vendor, plant, market = rows["sites"]
    rows["sites"] = [vendor, market]
    seats = zip(PEOPLE, ("US", "DE"), strict=True)
    rows["partners"] = [{"partner": name, "name": name, "country": land} for name, land in seats]
    rows["offers"][0] |= {"valid_from": day[0], "payment_days": r.choice([0, 0, 40]), "currency": r.choice(["", "EUR"])}
    rows["currencies"] = [{"currency": "EUR", "month": day[n], "usd": r.choice([0.8, 1.0, 1.3])} for n in (0, 5, 9)]
    rows["segments"] = [{"segment": "commercial", "payment_days": r.choice([0, 0, 35])}]
    rows["lanes"], rows["processes"], rows["bom"], rows["resources"], rows["options"] = [], [], [], [], []
    rows["stocks"] = [{"site": site, "item": item, "max_on_hand": 0.0} for site in "vm" for item in ("cell", "pack")]
    road = {"mode": "truck", "transit_days": 0.0, "cost_usd": 1.0, "cost_per": "unit"}
    for n, name in enumerate(PEOPLE):
        site = f"p{n}"
        rows["sites"].append({**plant, "site": site, "partner": name})
        rows["stocks"].append({"site": site, "item": "pack", "max_on_hand": 0.0})
        rows["stocks"].append({"site": site, "item": "cell", "max_on_hand": r.choice([0.0, 15.0])})
        rows["lanes"] += [{"lane": f"in{n}", "origin": "v", "destination": site, **road},
                          {"lane": f"out{n}", "origin": site, "destination": "m", **road}]  # fmt: skip
        rows["processes"].append({"process": f"make{n}", "site": site, "item": "pack", "resource": f"line{n}",
                                  "hours_per_unit": 1.0, "cost_usd": float(r.randint(3, 30))})  # fmt: skip
        rows["bom"].append({"process": f"make{n}", "item": "cell", "quantity": 2.0})
        rows["resources"].append({"resource": f"line{n}", "site": site, "hours_per_month": float(r.choice([6, 12])),
                                  "status": "option", "fixed_usd_per_month": float(r.choice([0, 40]))})  # fmt: skip
        rows["options"].append({
            "option": f"build{n}", "resource": f"line{n}", "earliest": day[0], "latest": day[11],
            "capex_usd": float(r.choice([200, 800, 2000])), "life_years": float(r.choice([3, 10])),
            "depreciation": r.choice(["straight", *RECOVERY]), "build_months": 0,
        })  # fmt: skip
    low = r.randrange(months)
    rows["demand"] = [
        {"market": "m", "want": "w", "month": at, "quantity": float(r.randint(4, 20)), "short_usd": 0.0,
         "price_usd": float(r.randint(10, 40) if low <= n < low + 4 else r.randint(50, 90))}
        for n, at in enumerate(day)
    ]  # fmt: skip
    if r.random() < 0.4:  # a year that must be kept up at a loss
        for row in rows["demand"][:4]:
            row["short_usd"] = 60.0
    since = dt.date(2000, 1, 1)
    rows["taxes"] = [
        {"payer": "US", "valid_from": since, "rate_share": r.choice([0.21, 0.5]), "loss_share": r.choice([1.0, 0.8])},
        {"payer": r.choice(["DE", "bob"]), "valid_from": since, "rate_share": r.choice([0.0, 0.3]), "loss_share": 1.0},
    ]
    if r.random() < 0.5:  # the law changes on the way
        rows["taxes"].append({"payer": "US", "valid_from": dt.date(2028, 7, 1), "rate_share": 0.4, "loss_share": 1.0})
    return rows


class Taxed:
    """The largest net present value of such a chain after tax."""

    def __init__(self, rows: Rows) -> None:
        self.rows, setting = rows, {row["name"]: row["value"] for row in rows["settings"]}
        self.rate = float(setting["discount_per_year"])
        self.first = [months_later(START, n) for n in range(int(setting["months"]) + 1)]
        self.last = len(self.first) - 1
        self.years = list(range(START.year, (self.first[-1] - DAY).year + 1))

    def factor(self, date: dt.date) -> float:
        return (1 + self.rate) ** (-(date - START).days / 365.25)

    def discount(self, t: int) -> float:
        if t == self.last:
            return self.factor(self.first[-1])
        half = (self.first[t + 1] - self.first[t]).days / 2
        return (1 + self.rate) ** (-((self.first[t] - START).days + half) / 365.25)

    def paid(self, t: int, days: int) -> dict[int, float]:
        """Return the share of the money of a month that moves in each month; `last` is what is due afterwards."""
        found: dict[int, float] = defaultdict(float)
        length = (self.first[t + 1] - self.first[t]).days
        for n in range(length):
            due = self.first[t] + (n + days) * DAY
            found[next((m for m in range(self.last) if due < self.first[m + 1]), self.last)] += 1 / length
        return found

    def year(self, t: int) -> int:
        return self.first[min(t, self.last - 1)].year

    def price(self, t: int) -> float:
        offer = self.rows["offers"][0]
        if not offer["currency"]:
            return float(offer["price_usd"])
        known = [row["usd"] for row in self.rows["currencies"] if row["month"] <= self.first[t]]
        return float(offer["price_usd"] * known[-1])

    def law(self, partner: str, year: int) -> tuple[float, float]:
        """Return rate and part of profit that losses offset, as on New Year's Day."""
        for payer in (partner, {"ann": "US", "bob": "DE"}[partner]):
            mine = [r for r in self.rows["taxes"] if r["payer"] == payer and r["valid_from"] <= dt.date(year, 1, 1)]
            if mine:
                newest = max(mine, key=lambda row: row["valid_from"])
                return newest["rate_share"], newest["loss_share"]
        return 0.0, 1.0

    def written_off(self, option: dict[str, Any], year: int, ready: int) -> float:
        first = self.first[ready]
        if option["depreciation"] != "straight":
            table = RECOVERY[option["depreciation"]]
            age = year - first.year
            return option["capex_usd"] * table[age] / 100 if 0 <= age < len(table) else 0.0
        used = [n for n in range(int(12 * option["life_years"])) if months_later(first, n).year == year]
        return float(option["capex_usd"] * len(used) / (12 * option["life_years"]))

    def due(self, partner: str, profit: dict[int, float]) -> dict[int, float]:
        """Return the tax of each year on the profit of each, a loss carried on as far as the law lets it."""
        lost, found = 0.0, {}
        for year in self.years:
            rate, share = self.law(partner, year)
            base = max(profit[year] - min(lost, share * max(profit[year], 0.0)), 0.0)
            lost += base - profit[year]
            found[year] = rate * base
        return found

    def dates(self) -> list[list[int | None]]:
        found: list[list[int | None]] = []
        for option in self.rows["options"]:
            window = [t for t in range(self.last) if option["earliest"] <= self.first[t] <= option["latest"]]
            found.append([None, *(t for t in window if t % 6 == 0)])
        return found

    def best(self) -> float:
        rises = self.rises()
        ways = itertools.product((0, 1, 2), repeat=len(rises))
        return max(
            self.value(taken, dict(zip(rises, way, strict=True)))
            for way in ways
            for taken in itertools.product(*self.dates())
        )

    def rises(self) -> list[tuple[int, int]]:
        """Return (plant, year) where tax costs more in some later year, so that nobody would use a loss by choice."""
        found = []
        for n, partner in enumerate(PEOPLE):
            cost = {y: self.law(partner, y)[0] * self.discount(self.paid_in(y)) for y in self.years}
            found += [(n, y) for y in self.years if any(cost[z] > cost[y] for z in self.years if z > y)]
        return found

    def paid_in(self, year: int) -> int:
        return max(t for t in range(self.last) if self.first[t].year == year)

    def value(self, taken: tuple[int | None, ...], way: dict[tuple[int, int], int]) -> float:
        """Return the value with plants taken at given months, where the base of the years in `way` is nothing (0), what
        losses leave of profit (1), or what they must leave (2); minus infinity where it cannot be that. Columns: what
        each plant buys, makes, keeps; then what is taxed and carried on."""
        months, two = range(self.last), range(2)
        names = [(kind, n, t) for kind in ("buy", "make", "keep") for n in two for t in months]
        names += [(kind, n, y) for kind in ("base", "lost") for n in two for y in self.years]
        at = {name: place for place, name in enumerate(names)}
        worth, upper = np.zeros(len(names)), np.full(len(names), inf)
        profit = {(n, y): np.zeros(len(names)) for n in two for y in self.years}
        fixed = dict.fromkeys(profit, 0.0)
        given = 0.0

        def moves(name: tuple[str, int, int], usd: float, days: int = 0) -> None:
            for to, share in self.paid(name[2], days).items():
                worth[at[name]] += usd * share * self.discount(to)
                profit[name[1], self.year(to)][at[name]] += usd * share

        terms = self.rows["segments"][0]["payment_days"]
        for n, t in itertools.product(two, months):
            asked, line = self.rows["demand"][t], self.rows["resources"][n]
            stands = taken[n] is not None and taken[n] <= t
            moves(("buy", n, t), -self.price(t), self.rows["offers"][0]["payment_days"])
            moves(("buy", n, t), -1.0)
            moves(("make", n, t), asked["price_usd"], terms)
            moves(("make", n, t), -self.rows["processes"][n]["cost_usd"] - 1.0)
            worth[at["make", n, t]] += asked["short_usd"] * self.discount(t)
            upper[at["make", n, t]] = line["hours_per_month"] if stands else 0.0
            upper[at["keep", n, t]] = self.rows["stocks"][2 * n + 5]["max_on_hand"]
            if stands:
                given -= line["fixed_usd_per_month"] * self.discount(t)
                fixed[n, self.year(t)] -= line["fixed_usd_per_month"]
        for t in months:
            given -= self.rows["demand"][t]["quantity"] * self.rows["demand"][t]["short_usd"] * self.discount(t)
        for n in two:
            if taken[n] is not None:
                option = self.rows["options"][n]
                given -= option["capex_usd"] * self.discount(taken[n])
                for year in self.years:
                    fixed[n, year] -= self.written_off(option, year, taken[n])
        before_tax = worth.copy()
        equal, sides, less, most = [], [], [], []
        for n, t in itertools.product(two, months):
            row = np.zeros(len(names))
            row[[at["buy", n, t], at["make", n, t], at["keep", n, t]]] = 1.0, -2.0, -1.0
            if t:
                row[at["keep", n, t - 1]] = 1.0
            equal, sides = [*equal, row], [*sides, 0.0]
        for t in months:
            row = np.zeros(len(names))
            row[[at["make", n, t] for n in two]] = 1.0
            less, most = [*less, row], [*most, self.rows["demand"][t]["quantity"]]
        for (n, year), mine in profit.items():
            rate, share = self.law(PEOPLE[n], year)
            worth[at["base", n, year]] = -rate * self.discount(self.paid_in(year))
            row = -mine.copy()
            row[at["base", n, year]], row[at["lost", n, year]] = 1.0, -1.0
            if year > self.years[0]:
                row[at["lost", n, year - 1]] = 1.0
            equal, sides = [*equal, row], [*sides, fixed[n, year]]
            row = (1 - share) * mine
            row[at["base", n, year]] = -1.0
            less, most = [*less, row], [*most, -(1 - share) * fixed[n, year]]
            if way.get((n, year)) == 0:
                upper[at["base", n, year]] = 0.0
            elif way.get((n, year)) == 1:
                upper[at["lost", n, year]] = 0.0
            elif way.get((n, year)) == 2:
                equal, sides = [*equal, row], [*sides, -(1 - share) * fixed[n, year]]
        found = linprog(
            -worth, A_ub=np.array(less), b_ub=most, A_eq=np.array(equal), b_eq=sides,
            bounds=[(0.0, top if isfinite(top) else None) for top in upper], method="highs",
        )  # fmt: skip
        if found.status == 2:
            return -inf
        assert found.status == 0
        value = float(before_tax @ found.x) + given
        for n in two:
            earned = {year: float(profit[n, year] @ found.x) + fixed[n, year] for year in self.years}
            for year, tax in self.due(PEOPLE[n], earned).items():
                value -= tax * self.discount(self.paid_in(year))
        assert abs(value - (given - found.fun)) <= 1e-6 * max(1.0, abs(value)), "tax is what a table of years says"
        return value

"""The best plan of a tiny chain that pays for what it emits or may emit only so much, and tiny random chains of it."""

import random
from math import acos, cos, inf, radians, sin
from typing import Any

from tests.plan.reference import Reference, _Lp
from tests.plan.tiny import Rows, month, random_rows

USUAL = {"ocean": 8.4, "truck": 62.0}
NOWHERE = {"lat": None, "lon": None}
SCOPES = {"buy": "embodied", "make": "process", "ship": "transport"}


class EmissionsReference(Reference):
    """Prices add up, each limit is a row for every year or for all of them."""

    def emitted(self, name: tuple[Any, ...]) -> float:
        """Return kg for one unit of a column; what is not known counts as nothing."""
        kind, key = name[0], name[1]
        if kind == "buy":
            offer = next(row for row in self.rows["offers"] if row["offer"] == key)
            own = offer.get("kg_co2e")
            return float((own if own is not None else self.item[offer["item"]].get("kg_co2e")) or 0.0)
        if kind == "make":
            return float(next(row for row in self.rows["processes"] if row["process"] == key).get("kg_co2e") or 0.0)
        lane = next(row for row in self.rows["lanes"] if row["lane"] == key)
        mass = self.item[name[2]]["mass_kg"]
        if lane.get("kg_co2e_per_kg") is not None:
            return float(lane["kg_co2e_per_kg"] * mass)
        km = lane["distance_km"] if lane.get("distance_km") is not None else self.apart(lane)
        factor = lane["g_co2e_per_tkm"] if lane.get("g_co2e_per_tkm") is not None else USUAL[lane["mode"]]
        return float(km * factor / 1e6 * mass)

    def apart(self, lane: dict[str, Any]) -> float:
        """Return the way over the globe by the angle between two places, none where one is not known."""
        ends = [(self.site[lane[end]].get("lat"), self.site[lane[end]].get("lon")) for end in ("origin", "destination")]
        if None in ends[0] or None in ends[1]:
            return 0.0
        points = []
        for lat, lon in ends:
            a, b = radians(lat), radians(lon)
            points.append((cos(a) * cos(b), cos(a) * sin(b), sin(a)))
        return 6371.0 * acos(min(1.0, sum(p * q for p, q in zip(*points, strict=True))))

    def _columns(self, lp: _Lp) -> None:
        super()._columns(lp)
        years = sorted({day.year for period in self.periods for day in period.days})
        per_want = {(row["want"], row["item"]): row["quantity"] for row in self.rows["wants"]}
        for name in list(lp.columns):
            if name[0] not in (*SCOPES, "sell"):
                continue
            t = name[-1]
            kwh = per_want[name[2], name[3]] * self.item[name[3]]["kwh"] if name[0] == "sell" else 0.0
            for rule in self.rows["carbon"]:
                counts = name[0] != "sell" and rule["scope"] in ("all", SCOPES[name[0]])
                kg = self.emitted(name) if counts else 0.0
                held = [year for year in years if rule["year"] in (None, year)]
                for year in held:
                    lp.columns[name] -= rule["usd_per_t"] / 1000 * kg * self.in_year(t, year) * self.discount(t)
                spans = [("all", 1.0)] if rule["over"] == "horizon" else [(y, self.in_year(t, y)) for y in held]
                for span, part in spans:
                    if rule["max_t"] is not None:
                        lp.term(("total", rule["carbon"], span), name, kg * part)
                    if rule["max_kg_per_kwh"] is not None:
                        lp.term(("each", rule["carbon"], span), name, (kg - rule["max_kg_per_kwh"] * kwh) * part)

    def _bounds(self, name: tuple[Any, ...], **whole: Any) -> tuple[float, float]:
        if name[0] == "each":
            return -inf, 0.0
        if name[0] == "total":
            return -inf, 1000 * next(row["max_t"] for row in self.rows["carbon"] if row["carbon"] == name[1])
        return super()._bounds(name, **whole)


def emitting_rows(r: random.Random) -> Rows:
    """Draw a chain that emits, with prices and limits of what it does."""
    rows = random_rows(r)
    for offer in rows["offers"]:
        offer["moq"] = 0.0
        offer["kg_co2e"] = r.choice([None, 20.0, 90.0])
    for item in rows["items"]:
        item["kg_co2e"] = r.choice([None, 50.0])
    for process in rows["processes"]:
        process["kg_co2e"] = r.choice([None, 4.0, 30.0])
    for site in rows["sites"]:
        known = r.random() < 0.5
        site |= {"lat": float(r.randint(-60, 60)), "lon": float(r.randint(-170, 170))} if known else NOWHERE
    for lane in rows["lanes"]:
        lane |= {"distance_km": r.choice([None, None, 9000.0]), "g_co2e_per_tkm": r.choice([None, 100.0]),
                 "kg_co2e_per_kg": r.choice([None, None, 2.0])}  # fmt: skip
    if r.random() < 0.5:  # over the turn of a year
        rows["indices"].append({"index": "lithium", "month": month(-1), "value": 7.0})
        moved = {"2027-01": "2026-12"}
        rows["settings"] = [{**row, "value": moved.get(row["value"], row["value"])} for row in rows["settings"]]
    rows["demand"] = [{**row, "price_usd": row["price_usd"] + 60.0} for row in rows["demand"]]
    wanted = sum(row["quantity"] for row in rows["demand"])
    rows["carbon"] = []
    for n in range(r.choice([1, 2, 3])):
        what = r.choice(["price", "total", "each"])
        rows["carbon"].append(
            {"carbon": f"c{n}", "year": r.choice([None, 2026, 2027]), "over": r.choice(["year", "year", "horizon"]),
             "scope": r.choice(["all", "all", *SCOPES.values()]),
             "usd_per_t": r.choice([200.0, 1000.0]) if what == "price" else 0.0,
             "max_t": wanted * r.choice([0.005, 0.03, 0.1]) if what == "total" else None,
             "max_kg_per_kwh": r.choice([5.0, 30.0, 60.0]) if what == "each" else None}
        )  # fmt: skip
    return rows

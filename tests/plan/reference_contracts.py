"""What contracts and tiers do to the worth of a tiny chain: every way to sign and every tier tried, day by day."""

import datetime as dt
import itertools
from functools import cached_property, partial
from math import inf
from typing import Any

from tests.plan.reference import Reference, _Lp
from tests.plan.reference_means import months_later

DAY = dt.timedelta(days=1)
Span = tuple[dt.date, dt.date]


class AgreedReference(Reference):
    """What a chain with contracts and tiers is worth."""

    # days and prices -------------------------------------------------------------------------------------------------

    @cached_property
    def offer(self) -> dict[str, dict[str, Any]]:
        return {row["offer"]: row for row in self.rows["offers"]}

    def price(self, offer: dict[str, Any], t: int) -> float:
        if offer.get("index") is None:
            return float(offer["price_usd"])
        known = sorted((r["month"], r["value"]) for r in self.rows["indices"] if r["index"] == offer["index"])
        values = []
        for n in range(self.periods[t].months):
            day = months_later(self.periods[t].start, n)
            for _ in range(offer.get("lag_months", 0)):
                day = (day - DAY).replace(day=1)
            value = ([known[0][1]] + [value for at, value in known if at <= day])[-1]
            usd = offer["index_factor"] * value + offer["adder_usd"]
            usd = max(usd, -inf if offer.get("floor_usd") is None else offer["floor_usd"])
            values.append(min(usd, inf if offer.get("cap_usd") is None else offer["cap_usd"]))
        return float(sum(values) / len(values))

    def open_days(self, offer: str, t: int) -> list[dt.date]:
        row = self.offer[offer]
        last = row.get("valid_to") or dt.date.max
        return [day for day in self.periods[t].days if row["valid_from"] <= day <= last]

    def part(self, offer: str, t: int, span: Span) -> float:
        """Return the part of what is bought in a period that is bought within a span."""
        days = self.open_days(offer, t)
        return sum(span[0] <= day <= span[1] for day in days) / len(days) if days else 0.0

    def years(self, offer: str, span: Span, anchor: dt.date | None) -> list[dict[str, Any]]:
        """Return the years that have days of a span, of the offer and of the horizon, with their part of a year."""
        days = [day for t in range(self.last) for day in self.open_days(offer, t) if span[0] <= day <= span[1]]
        found: dict[tuple[int, int], list[dt.date]] = {}
        for day in days:
            year = day.year if anchor is None or (day.month, day.day) >= (anchor.month, anchor.day) else day.year - 1
            found.setdefault((year, 0), []).append(day)
        result = []
        for (year, _), mine in sorted(found.items()):
            begins = dt.date(year, 1, 1) if anchor is None else anchor.replace(year=year)
            length = (begins.replace(year=year + 1) - begins).days
            price = sum(self.price(self.offer[offer], self.period_of(day)) for day in mine) / len(mine)
            settle = self.period_of(mine[-1])
            span = mine[0], mine[-1]
            result.append({"year": year, "span": span, "part": len(mine) / length, "price": price, "settle": settle})
        return result

    # contracts -------------------------------------------------------------------------------------------------------

    @cached_property
    def deals(self) -> dict[str, dict[str, Any]]:
        found = {}
        for row in self.rows.get("contracts", []):
            offer = self.offer[row["offer"]]
            first = row["valid_from"] or offer["valid_from"]
            span = first, row["valid_to"] or dt.date.max
            terms = self.years(row["offer"], span, first if row["years"] == "contract" else None)
            if not terms:
                continue
            for term in terms:
                term["minimum"] = row["min_per_year"] * term["part"]
                term["maximum"] = inf if row["max_per_year"] is None else row["max_per_year"] * term["part"]
                term["payable"] = term["minimum"] * row["take_or_pay_share"]
            day = min(row["signs_by"] or first, first)
            value = sum(term["minimum"] * term["price"] for term in terms)
            found[row["contract"]] = {
                **row, "span": span, "terms": terms,
                "signs": min(self.period_of(max(day, self.start)), self.last - 1),
                "late": row["status"] == "open" and row["signs_by"] is not None and row["signs_by"] < self.start,
                "prepaid": row["prepaid_share"] * value,
                "credit": row["prepaid_share"] if row["credit_share"] is None else row["credit_share"],
            }  # fmt: skip
        return found

    @cached_property
    def needing(self) -> set[str]:
        return {row["offer"] for row in self.rows.get("contracts", []) if row["required"] == "yes"}

    def covered(self, offer: str, t: int, signed: set[str]) -> float:
        mine = [self.deals[name]["span"] for name in signed if self.deals[name]["offer"] == offer]
        return min(1.0, sum(self.part(offer, t, span) for span in mine))

    @cached_property
    def buys(self) -> dict[tuple[str, int], tuple[float, float]]:
        everybody = set(self.deals)
        return {
            key: found for key, found in super().buys.items()
            if key[0] not in self.needing or self.covered(*key, everybody) > 0
        }  # fmt: skip

    @cached_property
    def of_use(self) -> set[str]:
        """Return the items that are wanted where they can be, and what goes into them where that can be made."""
        found = {want["item"] for want in self.rows["wants"] for row in self.rows["demand"]
                 if (row["market"], want["item"]) in self.useful}  # fmt: skip
        for _ in self.item:
            for row in self.rows["processes"]:
                if row["item"] in found and (row["site"], row["item"]) in self.useful:
                    found |= set(self.inputs[row["process"]])
        return found

    @cached_property
    def forced(self) -> set[str]:
        """Return the offers under which something has to be taken, not paid."""
        return {
            deal["offer"] for deal in self.deals.values()
            if any(term["minimum"] > term["payable"] for term in deal["terms"])
        }  # fmt: skip

    @cached_property
    def useful(self) -> dict[tuple[str, str], tuple[int, int]]:
        """Return what is useful, and what a contract forces anybody to take."""
        found = dict(super().useful)
        for name in self.forced:
            node = self.offer[name]["site"], self.offer[name]["item"]
            times = [t for offer, t in self.buys if offer == name]
            if times:
                first, last = found.get(node, (self.last, -1))
                found[node] = min(first, *times), max(last, *times)
        return found

    def _signings(self) -> list[set[str]]:
        names = [name for name, deal in self.deals.items() if deal["status"] == "open" and not deal["late"]]
        bound = {name for name, deal in self.deals.items() if deal["status"] == "signed"}
        found = []
        for choice in itertools.product([False, True], repeat=len(names)):
            signed = bound | {name for name, yes in zip(names, choice, strict=True) if yes}
            groups = [self.deals[name]["one_of"] for name in signed if self.deals[name]["one_of"]]
            if len(groups) == len(set(groups)):
                found.append(signed)
        return found

    def _contracts(self, lp: _Lp) -> None:
        for name, deal in self.deals.items():
            mine = [t for offer, t in self.buys if offer == deal["offer"] and ("buy", offer, t) in lp.columns]
            for term in deal["terms"]:
                key = name, term["year"]
                lp.column(("untaken", *key), -term["price"] * self.discount(term["settle"]))
                lp.term(("hours", "least", *key), ("untaken", *key), -1.0)
                for t in mine:
                    part = self.part(deal["offer"], t, term["span"])
                    lp.term(("hours", "least", *key), ("buy", deal["offer"], t), -part)
                    lp.term(("hours", "most", *key), ("buy", deal["offer"], t), part)
                for other in deal["terms"]:
                    if term["year"] < other["year"] <= term["year"] + deal["make_up_years"] and term["payable"] > 0:
                        column = "made_up", name, term["year"], other["year"]
                        lp.column(column, term["price"] * self.discount(other["settle"]))
                        lp.term(("hours", "least", name, other["year"]), column, 1.0)
                        lp.term(("hours", "paid", *key), column, 1.0)
                lp.term(("hours", "paid", *key), ("untaken", *key), -1.0)
            for t in mine:
                column = "credited", name, t
                lp.column(column, self.discount(t))
                each = deal["credit"] * self.buys[deal["offer"], t][0] * self.part(deal["offer"], t, deal["span"])
                lp.term(("hours", "invoice", name, t), column, 1.0)
                lp.term(("hours", "invoice", name, t), ("buy", deal["offer"], t), -each)
                lp.term(("hours", "prepaid", name), column, 1.0)

    # tiers -----------------------------------------------------------------------------------------------------------

    @cached_property
    def groups(self) -> list[dict[str, Any]]:
        """Return what tiers count together: offer, days, and the pieces of what comes back: low, high, slope, usd."""
        found = []
        for name in dict.fromkeys(row["offer"] for row in self.rows.get("tiers", [])):
            offer = self.offer[name]
            forever = dt.date.min, dt.date.max
            if offer["tier_per"] == "year":
                counts = self.years(name, forever, None)
            else:
                counts = [
                    {"span": (days[0], days[-1]), "part": 1.0, "price": self.price(offer, t), "settle": t}
                    for t in range(self.last) if (days := self.open_days(name, t))
                ]  # fmt: skip
            found += [{"offer": name, **group, "pieces": self._pieces(offer, group)} for group in counts]
        return found

    def _pieces(self, offer: dict[str, Any], group: dict[str, Any]) -> list[tuple[float, float, float, float]]:
        rows = sorted((r for r in self.rows["tiers"] if r["offer"] == offer["offer"]), key=lambda r: r["from_quantity"])
        edges = [0.0, *(row["from_quantity"] * group["part"] for row in rows), inf]
        list_price = group["price"]
        prices = [
            list_price,
            *(list_price * (1 - r["discount_share"]) if r["price_usd"] is None else r["price_usd"] for r in rows),
        ]

        def back(quantity: float, tier: int) -> float:
            if offer["tier_kind"] == "all_units":
                return quantity * (list_price - prices[tier])
            steps = zip(edges[:-1], edges[1:], prices, strict=True)
            return sum((list_price - price) * max(0.0, min(quantity, high) - low) for low, high, price in steps)

        pieces = []
        for tier, (low, high) in enumerate(itertools.pairwise(edges)):
            end = low + 1.0 if high == inf else high
            slope = (back(end, tier) - back(low, tier)) / (end - low)
            pieces.append((low, high, slope, back(low, tier) - slope * low))
        return pieces

    @cached_property
    def floor(self) -> dict[tuple[str, str], float]:
        """Return the lowest standard cost ever, at the price of the cheapest tier."""
        full = self.buys
        self.buys = {(offer, t): (price - self._most_off(offer, t), most) for (offer, t), (price, most) in full.items()}
        lowest = super().floor
        self.buys = full
        return lowest

    def _most_off(self, offer: str, t: int) -> float:
        return max(
            [
                0.0,
                *(self._each_off(g) for g in self.groups if g["offer"] == offer and self.part(offer, t, g["span"]) > 0),
            ]
        )

    def _each_off(self, group: dict[str, Any]) -> float:
        """Return the most that any tier takes off a unit."""
        return max(slope for _, _, slope, _ in group["pieces"])

    def _tiers(self, lp: _Lp) -> None:
        for n, group in enumerate(self.groups):
            lp.row(("tiered", n), 0.0)
            for tier, (_, _, slope, _) in enumerate(group["pieces"]):
                lp.column(("tier", n, tier), slope * self.discount(group["settle"]))
                lp.term(("tiered", n), ("tier", n, tier), -1.0)
            for offer, t in self.buys:
                if offer == group["offer"] and ("buy", offer, t) in lp.columns:
                    lp.term(("tiered", n), ("buy", offer, t), self.part(offer, t, group["span"]))

    # everything tried ------------------------------------------------------------------------------------------------

    def best(self) -> float:
        lp = _Lp()
        self._columns(lp)
        self._balances(lp)
        self._credits(lp)
        self._contracts(lp)
        self._tiers(lp)
        self._more(lp)
        standing = -sum(
            row["fixed_usd_per_month"] * period.months * self.discount(t)
            for row in self.resource.values() if row["status"] == "operating"
            for t, period in enumerate(self.periods) if row["since"] is None or row["since"] <= period.start
        )  # fmt: skip
        values = []
        tiers = [range(len(group["pieces"])) for group in self.groups]
        for taken, signed, chosen, more in itertools.product(
            self._combinations(), self._signings(), itertools.product(*tiers), self._decisions()
        ):
            once = sum(self.starts[n]["money"] for n in taken)
            once -= sum(
                self.deals[name]["prepaid"] * self.discount(self.deals[name]["signs"])
                for name in signed if self.deals[name]["status"] == "open"
            )  # fmt: skip
            once += sum(
                group["pieces"][tier][3] * self.discount(group["settle"])
                for group, tier in zip(self.groups, chosen, strict=True)
            )
            found = lp.solve(
                partial(self._bounds, taken=taken, placed=set(), claimed=set(), signed=signed, chosen=chosen, more=more)
            )
            if found is not None:
                values.append(found + standing + once)
        return max(values)

    def _more(self, lp: _Lp) -> None:
        """Add the rules of a kind of reference that builds on this one."""

    def _decisions(self) -> list[Any]:
        """Return the ways to decide what such rules leave open."""
        return [None]

    def _bounds(self, name: tuple[Any, ...], **whole: Any) -> tuple[float, float]:
        signed, chosen, _ = (whole.pop(name) for name in ("signed", "chosen", "more"))
        kind, *key = name
        if kind == "untaken":
            return 0.0, self._term(*key)["payable"] if key[0] in signed else 0.0
        if kind == "tier":
            low, high, _, _ = self.groups[key[0]]["pieces"][key[1]]
            return (low, high) if chosen[key[0]] == key[1] else (0.0, 0.0)
        if kind == "hours" and key[0] == "least":
            return -inf, -self._term(*key[1:])["minimum"] if key[1] in signed else 0.0
        if kind == "hours" and key[0] == "most":
            return -inf, self._term(*key[1:])["maximum"] if key[1] in signed else inf
        if kind == "hours" and key[0] == "prepaid":
            return -inf, self.deals[key[1]]["prepaid"] if key[1] in signed else 0.0
        if kind == "hours" and key[0] in ("paid", "invoice"):
            return -inf, 0.0
        if kind == "buy" and self.offer[key[0]]["item"] not in self.of_use and key[0] not in self.forced:
            return 0.0, 0.0  # nobody can be served with it: nothing is bought for the sake of the end
        if kind == "buy" and key[0] in self.needing:
            share = self.covered(key[0], key[1], signed)
            return 0.0, self.buys[key[0], key[1]][1] * share if share else 0.0
        return super()._bounds(name, **whole)

    def _term(self, contract: str, year: int) -> dict[str, Any]:
        return next(term for term in self.deals[contract]["terms"] if term["year"] == year)

"""What limits on sources do to the worth of a tiny chain: every set of sources that may count tried."""

import datetime as dt
import itertools
from functools import cached_property
from math import inf
from typing import Any

from tests.plan.reference import _Lp
from tests.plan.reference_contracts import AgreedReference


class SourcedReference(AgreedReference):
    """What a chain is worth whose purchases are limited by source."""

    @cached_property
    def rules(self) -> list[dict[str, Any]]:
        """Return every rule by year: its row, its days and what part of the year they are."""
        found = []
        for row in self.rows["sourcing"]:
            first, last = row["valid_from"] or dt.date.min, row["valid_to"] or dt.date.max
            if row["contract"]:
                if row["contract"] not in self.deals:
                    continue
                deal = self.deals[row["contract"]]
                days_open = {day for t in range(self.last) for day in self.open_days(deal["offer"], t)}
                days_open = {day for day in days_open if deal["span"][0] <= day <= deal["span"][1]}
            days: dict[int, list[dt.date]] = {}
            for period in self.periods:
                for day in period.days:
                    if first <= day <= last and (not row["contract"] or day in days_open):
                        days.setdefault(day.year, []).append(day)
            for year, mine in days.items():
                length = (dt.date(year + 1, 1, 1) - dt.date(year, 1, 1)).days
                found.append({**row, "year": year, "span": (mine[0], mine[-1]), "part": len(mine) / length})
        return found

    def flows(self, rule: dict[str, Any], lp: _Lp) -> dict[str, dict[tuple[Any, ...], float]]:
        """Return what one unit of each column counts, by source; what a rule does not name is "others"."""
        found: dict[str, dict[tuple[Any, ...], float]] = {}
        for name in lp.columns:
            if rule["site"] is None and name[0] == "buy":
                offer = self.offer[name[1]]
                part = self.part(name[1], name[2], rule["span"])
                counts = [(offer["item"], offer["site"], name[1], part)]
                price = self.buys[name[1], name[2]][0]
            elif rule["site"] is not None and name[0] == "make":
                process = next(row for row in self.rows["processes"] if row["process"] == name[1])
                if process["site"] != rule["site"]:
                    continue
                days = self.periods[name[3]].days
                part = sum(rule["span"][0] <= day <= rule["span"][1] for day in days) / len(days)
                counts = [(item, None, None, part * units) for item, units in self.inputs[name[1]].items()]
                price = 0.0
            else:
                continue
            for item, site, offer_name, units in counts:
                if not self.looks(rule, item):
                    continue
                each = {"units": 1.0, "kwh": self.item[item]["kwh"], "usd": price}[rule["measure"]]
                source = self.source(rule, item, site, offer_name)
                column = found.setdefault(source, {})
                column[name] = column.get(name, 0.0) + units * each
        return found

    def looks(self, rule: dict[str, Any], item: str) -> bool:
        row = self.item[item]
        return (
            rule["item"] in (None, item) and rule["stage"] in (None, row["stage"])
            and (not rule["chemistry"] or rule["chemistry"] == row["chemistry"])
        )  # fmt: skip

    def source(self, rule: dict[str, Any], item: str, site: str | None, offer: str | None) -> str:
        at = self.site[site] if site else {"partner": "not known", "country": "not known"}
        whose = self.item[item]["maker"] or at["partner"] or site
        places = {
            self.site[r["site"]]["country"] for r in self.rows["offers"] + self.rows["processes"] if r["item"] == item
        }
        where = self.item[item]["origin"] or (places.pop() if len(places) == 1 else at["country"])
        if not self.named(rule):
            return str(whose)
        if not (rule["partner"] or rule["country"] or rule["seller"]):
            return "named" if offer == self.deals[rule["contract"]]["offer"] else "others"
        fits = rule["partner"] in (None, whose) and rule["country"] in (None, where) and rule["seller"] in (None, site)
        return "named" if fits else "others"

    def named(self, rule: dict[str, Any]) -> bool:
        by_contract = rule["contract"] and rule["min_sources"] is None
        return bool(rule["partner"] or rule["country"] or rule["seller"] or by_contract)

    def made_in(self, item: str, left: str) -> str:
        return self.item[item].get("origin") or super().made_in(item, left)

    def _more(self, lp: _Lp) -> None:
        self.sources: list[list[str]] = []
        for n, rule in enumerate(self.rules):
            flows = self.flows(rule, lp)
            limited = ["named"] if self.named(rule) else sorted(flows)
            self.sources.append(limited)
            for source in limited:
                for column, each in flows.get(source, {}).items():
                    lp.term(("hours", "over", n, source), column, each)
                    lp.term(("hours", "under", n, source), column, -each)
                    lp.term(("hours", "most", n, source, "units"), column, each)
                for column, each in ((c, e) for columns in flows.values() for c, e in columns.items()):
                    lp.term(
                        ("hours", "over", n, source),
                        column,
                        -each * (1.0 if rule["max_share"] is None else rule["max_share"]),
                    )
                    lp.term(("hours", "under", n, source), column, each * (rule["min_share"] or 0.0))
                    lp.term(("hours", "nothing", n, source), column, each)

    def _decisions(self) -> list[Any]:
        """Return every way to say which sources count where several are asked for."""
        ways = []
        for n, rule in enumerate(self.rules):
            asked = rule["min_sources"]
            if asked is None or len(self.sources[n]) < asked:
                ways.append([set()])
            else:
                ways.append([set(chosen) for chosen in itertools.combinations(self.sources[n], asked)])
        return list(itertools.product(*ways))

    def _bounds(self, name: tuple[Any, ...], **whole: Any) -> tuple[float, float]:
        if name[0] != "hours" or (name[1] not in ("over", "under", "nothing") and name[-1] != "units"):
            return super()._bounds(name, **whole)
        kind, n, source = name[1:4]
        rule, counting = self.rules[n], whole["more"][n]
        if rule["contract"] and rule["contract"] not in whole["signed"]:
            return -inf, inf
        if kind == "over":
            return -inf, inf if rule["max_share"] is None else 0.0
        if kind == "most":
            return -inf, inf if rule["max_per_year"] is None else rule["max_per_year"] * rule["part"]
        if kind == "nothing":
            asked = rule["min_sources"]
            return -inf, 0.0 if asked is not None and len(self.sources[n]) < asked else inf
        binds = rule["min_share"] is not None and (rule["min_sources"] is None or source in counting)
        return -inf, 0.0 if binds else inf

"""The reference with stages: closures, copies, delays, conditions among options, budgets, hours that options bring.

Every set of starts is judged as a whole, the way a person would: what is there, what ended it, what it cost.
"""

import itertools
import math
from functools import cached_property
from math import inf
from typing import Any

from tests.plan.reference import Reference
from tests.plan.reference_means import Rows, months_later, spend


class Stages(Reference):
    """What a chain with stages is worth."""

    def __init__(self, rows: Rows, law: Rows | None = None) -> None:
        super().__init__(rows, law)
        self.original = self.rows["options"]
        self.rows["options"] = [
            {**row, "option": (row["option"], copy), "build_months": row["build_months"] + self._delay(row),
             "requires": None, "one_of": row.get("one_of", "") if copy == 0 else ""}
            for row in self.original
            for copy in range(row.get("times", 1))
        ]  # fmt: skip

    def _delay(self, option: dict[str, Any]) -> int:
        cases = [(option.get("delay_probability", 0.0), option.get("delay_months", 0.0))]
        place = self.resource[option["resource"]]["site"]
        cases += [
            (float(row["parameters"]), row["duration_days"] / (365.25 / 12))
            for row in self.rows.get("risks", [])
            if row["kind"] == "delay" and row["target"] in (option["option"], place, "*")
        ]
        how = self.setting.get("count_delays", "expected")
        if how == "none":
            return 0
        if how == "expected":
            return math.ceil(sum(chance * months for chance, months in cases) - 1e-9)
        covered = float(self.setting["delay_quantile"])
        return math.ceil(sum(months for chance, months in cases if covered > 1 - chance) - 1e-9)

    @cached_property
    def starts(self) -> list[dict[str, Any]]:
        found = super().starts
        for start in found:
            if "option" in start and start["option"].get("fixed_usd_per_month") is not None:
                usual = self.resource[start["option"]["resource"]]["fixed_usd_per_month"]
                months = range(start["ready_month"], self.horizon)
                start["money"] += (usual - start["option"]["fixed_usd_per_month"]) * sum(map(self._of_month, months))
        for row in self.rows.get("closures", []):
            window = [t for t, p in enumerate(self.periods) if row["earliest"] <= p.start <= row["latest"]]
            for t in self._paced(window, int(self.setting["decide_every_months"])):
                notice = self.month_number(t) + row["notice_months"]
                last = next((n for n in range(self.last) if self.month_number(n) >= notice), self.last)
                if last < self.last:
                    money = (row["value_usd"] - row["cost_usd"]) * self.discount(last)
                    found.append(
                        {"what": ("closure", row["closure"]), "closure": row, "ready": self.periods[last].start,
                         "last": last, "money": money}
                    )  # fmt: skip
        return found

    def _of_month(self, n: int) -> float:
        return self.discount(self.period_of(months_later(self.start, n)))

    @cached_property
    def lines(self) -> dict[tuple[str, int], list[tuple[float, float]]]:
        found = dict(super().lines)
        for (name, n), steps in found.items():
            own = self.starts[n]["option"].get("hours_per_month") if n >= 0 else None
            factor = self.resource[name].get("max_use_share", 1.0)
            if own is not None:
                factor *= own / self.resource[name]["hours_per_month"]
            found[name, n] = [(hours * factor, good) for hours, good in steps]
        return found

    # which sets of starts may be taken -------------------------------------------------------------------------------

    def _combinations(self) -> list[set[int]]:
        return [taken for taken in super()._combinations() if self._allowed(taken)]

    def _allowed(self, taken: set[int]) -> bool:
        closed = [self.starts[n]["closure"]["resource"] for n in taken if "closure" in self.starts[n]]
        if len(closed) > len(set(closed)):
            return False
        for n in taken:
            if "closure" in self.starts[n]:
                resource = self.starts[n]["closure"]["resource"]
                if self.resource[resource]["status"] != "operating" and not self._ended(n, taken):
                    return False
        names = {self.starts[n]["what"][0] for n in taken if "option" in self.starts[n]}
        for row in self.original:
            others = names_in(row.get("excludes"))
            if row["option"] in names and any(other in names for other in others if other != row["option"]):
                return False
        return all(self._affordable(budget, taken) for budget in self.rows.get("budgets", []))

    def _met(self, n: int, taken: set[int]) -> bool:
        start = self.starts[n]
        if "option" not in start:
            return True
        name, copy = start["what"]
        works = self.period_of(start["ready"])
        if copy:
            return self._works((name, copy - 1), taken, works)
        row = next(row for row in self.original if row["option"] == name)
        some = names_in(row.get("requires_any"))
        return (
            all(self._works((other, 0), taken, works) for other in names_in(row.get("requires")))
            and (not some or any(self._works((other, 0), taken, works) for other in some))
            and (not row.get("replaces") or self._works(("closure", row["replaces"]), taken, works))
        )

    def _affordable(self, budget: dict[str, Any], taken: set[int]) -> bool:
        spent = 0.0
        for n in taken:
            option = self.starts[n].get("option")
            if option is None or budget.get("partner") not in (None, option.get("funded_by")):
                continue
            first = self.starts[n]["ready_month"] - option["build_months"]
            for month, share in enumerate(spend(option["spend_profile"], option["build_months"])):
                if months_later(self.start, first + month).year == budget["year"]:
                    spent += share * option["capex_usd"]
        return spent <= budget["capex_usd"] * (1 + 1e-9)

    # what they are worth ---------------------------------------------------------------------------------------------

    def _ended(self, closing: int, taken: set[int]) -> list[int]:
        """Return the starts that a closure ends: of its resource, ready before it."""
        closure, day = self.starts[closing]["closure"], self.starts[closing]["ready"]
        return [
            n
            for n in taken
            if "option" in self.starts[n]
            and self.starts[n]["option"]["resource"] == closure["resource"]
            and self.starts[n]["ready"] < day
        ]

    def _started(self, taken: set[int]) -> float:
        usd = super()._started(taken)
        for c in taken:
            if "closure" not in self.starts[c]:
                continue
            row, last = self.starts[c]["closure"], self.starts[c]["last"]
            resource = self.resource[row["resource"]]
            first = self.month_number(last)
            if resource["status"] == "operating":
                for t in range(last, self.last):
                    if resource["since"] is None or resource["since"] <= self.periods[t].start:
                        usd += resource["fixed_usd_per_month"] * self.periods[t].months * self.discount(t)
            for n in self._ended(c, taken):
                option, ready = self.starts[n]["option"], self.starts[n]["ready_month"]
                own = option.get("fixed_usd_per_month")
                fixed = resource["fixed_usd_per_month"] if own is None else own
                usd += fixed * sum(map(self._of_month, range(first, self.horizon)))
                share = float(self.setting["terminal_plant_share"])
                usd -= share * value(option, self.horizon - ready) * self.factor(self.end)
                usd += row["recovered_share"] * value(option, first - ready) * self.discount(last)
        return usd

    # use -------------------------------------------------------------------------------------------------------------

    def available(self, resource: str, t: int, taken: set[int]) -> float:
        """Return the hours of a resource with these starts."""
        return sum(
            steps[t][0]
            for (name, n), steps in self.lines.items()
            if name == resource and (n == -1 or n in taken) and not self._closed(resource, n, t, taken)
        )

    def _closed(self, resource: str, start: int, t: int, taken: set[int]) -> bool:
        return any(
            self.starts[c]["closure"]["resource"] == resource
            and t >= self.starts[c]["last"]
            and (start == -1 or start in self._ended(c, taken))
            for c in taken
            if "closure" in self.starts[c]
        )

    def bound_periods(self, share: str) -> list[tuple[str, int]]:
        """Return the resources with a least use and the periods in which something useful can be made on them."""
        found = []
        for name, row in self.resource.items():
            for t in range(self.last if row.get(share, 0.0) > 0 else 0):
                working = any(steps[t][0] > 0 for (resource, _), steps in self.lines.items() if resource == name)
                useful = any(
                    self.in_time(process["site"], process["item"], t)
                    and all(
                        (process["site"], item) in self.useful and self.useful[process["site"], item][0] <= t
                        for item in self.inputs[process["process"]]
                    )
                    for process in self.rows["processes"]
                    if process["resource"] == name and process["hours_per_unit"] > 0
                )
                if working and useful:
                    found.append((name, t))
        return found

    def _orders(self) -> list[Any]:
        """Return which lines rest in which periods, for those that need not run (nothing is ordered by the lot)."""
        restable = self.bound_periods("min_run_share")
        return [set(rest) for n in range(len(restable) + 1) for rest in itertools.combinations(restable, n)]

    def _credits(self, lp: Any) -> None:
        super()._credits(lp)
        for resource, t in {*self.bound_periods("min_run_share"), *self.bound_periods("min_use_share")}:
            for name in list(lp.columns):
                if name[0] == "make" and name[3] == t:
                    process = next(row for row in self.rows["processes"] if row["process"] == name[1])
                    if process["resource"] == resource:
                        lp.term(("ratio", "least", resource, t), name, -process["hours_per_unit"])

    def _bounds(self, name: tuple[Any, ...], taken: set[int], **decided: Any) -> tuple[float, float]:
        resting = decided["placed"]
        if name[:2] == ("ratio", "least"):
            _, _, resource, t = name
            row = self.resource[resource]
            share = row.get("min_use_share", 0.0)
            if (resource, t) in self.bound_periods("min_run_share") and (resource, t) not in resting:
                share = max(share, row["min_run_share"])
            return -inf, -share * self.available(resource, t, taken)
        if name[0] == "make":
            process = next(row for row in self.rows["processes"] if row["process"] == name[1])
            if (process["resource"], name[3]) in resting and process["hours_per_unit"] > 0:
                return 0.0, 0.0
        return self._of_lines(name, taken, **{**decided, "placed": set()})

    def _of_lines(self, name: tuple[Any, ...], taken: set[int], **decided: Any) -> tuple[float, float]:
        if name[0] == "make":
            resource = next(r["resource"] for r in self.rows["processes"] if r["process"] == name[1])
            if self._closed(resource, name[2], name[3], taken):
                return 0.0, 0.0
        return super()._bounds(name, taken=taken, **decided)


def value(option: dict[str, Any], months: int) -> float:
    return float(option["capex_usd"] * max(0.0, 1 - months / 12 / option["life_years"]))


def names_in(cell: str | None) -> list[str]:
    return [name.strip() for name in (cell or "").split(";") if name.strip()]

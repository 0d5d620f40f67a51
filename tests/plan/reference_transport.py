"""The best plan of a tiny chain whose lanes count containers and shipments, by trying every number of them."""

import itertools
from functools import cached_property, partial
from math import ceil, inf
from typing import Any

from tests.plan.reference import Reference, _Lp

Name = tuple[Any, ...]


class TransportReference(Reference):
    """Every number of containers on lanes that pay them whole, every set of shipments, limits by mass."""

    marginal = False

    def rule(self, lane: dict[str, Any], name: str) -> Any:
        return lane.get(name, {"whole_containers": "no", "dg_apart": "no"}.get(name, 0.0 if name in FREE else None))

    def whole(self, lane: dict[str, Any]) -> bool:
        return bool(self.rule(lane, "whole_containers") == "yes")

    def freight(self, lane: dict[str, Any], item: str) -> float:
        return 0.0 if self.marginal and self.whole(lane) else super().freight(lane, item)

    @cached_property
    def floor(self) -> dict[tuple[str, str], float]:
        """One unit more in a container that is paid for costs no freight."""
        self.marginal = True
        found = {node: values[0] for node, values in self._worth([0], lambda series: [min(series)]).items()}
        self.marginal = False
        return found

    def _ship_money(self, lane: dict[str, Any], item: str, t: int, left: float) -> float:
        usd = super()._ship_money(lane, item, t, left)
        return usd + (self.freight(lane, item) * self.discount(t) if self.whole(lane) else 0.0)

    def dangerous(self, item: str) -> bool:
        return bool(self.item[item]["dg_class"])

    def kinds(self, lane: dict[str, Any]) -> dict[str, tuple[float, list[str]]]:
        """Return the kinds of containers of a lane: price, and what goes into them."""
        if not self.whole(lane):
            return {}
        items = [item for other, item in self.lanes if other is lane]
        dangerous = [item for item in items if self.dangerous(item)]
        if self.rule(lane, "dg_apart") == "yes":
            general = [item for item in items if not self.dangerous(item)]
            return {"dg": (lane["cost_usd"] + lane["dg_usd"], dangerous), "general": (lane["cost_usd"], general)}
        return {"any": (lane["cost_usd"], items), "of them dg": (lane["dg_usd"], dangerous)}

    def _balances(self, lp: _Lp) -> None:
        super()._balances(lp)
        by_name = {lane["lane"]: lane for lane in self.rows["lanes"]}
        for name in [name for name in lp.columns if name[0] == "ship"]:
            _, lane_name, item, t = name
            lane, kg = by_name[lane_name], self.item[item]["mass_kg"]
            litres = self.item[item].get("volume_l")
            lp.term(("lane", lane_name, "max_kg_per_month", t), name, kg)
            filled = {"mass": kg / lane["container_kg"]}
            if litres and self.rule(lane, "container_l"):
                filled["volume"] = litres / lane["container_l"]
            for kind, (_, items) in self.kinds(lane).items():
                for measure, part in filled.items():
                    if item in items:
                        lp.term(("room", lane_name, kind, t, measure), name, part)
            if not self.whole(lane):
                for measure, part in filled.items():
                    lp.term(("lane", lane_name, "max_containers_per_month", t, measure), name, part)
            if self.dangerous(item):
                lp.term(("lane", lane_name, "max_dg_kg_per_month", t), name, kg)
            if (lane_name, t) in self.optional:
                lp.term(("least", lane_name, t), name, -kg)
            lp.term(("site", lane["origin"], "out", t), name, kg)
            for to, share in self.arrivals(lane, item, t).items():
                if to < self.last:
                    lp.term(("site", lane["destination"], "in", to), name, kg * share)
        for name in [name for name in lp.columns if name[0] == "hold" and self.dangerous(name[2])]:
            _, site, item, t = name
            lp.term(("store", site, "max_dg_kg", t), name, self.item[item]["mass_kg"])
            lp.term(("store", site, "max_dg_kwh", t), name, self.item[item]["kwh"])

    @cached_property
    def optional(self) -> list[tuple[str, int]]:
        """Return the shipments that are sent or not."""
        return [
            (lane["lane"], t) for lane in self.rows["lanes"] for t in range(self.last)
            if self.rule(lane, "min_shipment_kg") or self.rule(lane, "shipment_usd")
        ]  # fmt: skip

    @cached_property
    def counted(self) -> dict[Name, tuple[float, int]]:
        """Return price and largest useful number of every kind of container by lane, kind and period."""
        wanted = sum(quantity for quantity, _, _ in self.wanted.values())
        units = max(row["quantity"] for row in self.rows["wants"])
        return {
            (lane["lane"], kind, t): (usd, ceil(16 * units * wanted / lane["container_kg"]))
            for lane in self.rows["lanes"] for kind, (usd, items) in self.kinds(lane).items() if items
            for t in range(self.last)
        }  # fmt: skip

    def choices(self) -> int:
        """Return how many linear programmes `best` takes."""
        numbers = 2 ** len(self.optional)
        for _, most in self.counted.values():
            numbers *= most + 1
        return numbers * len(self._combinations()) * len(self._orders())

    def best(self) -> float:
        """Return the largest net present value over every combination of starts, orders, containers and shipments."""
        lp = _Lp()
        self._columns(lp)
        self._balances(lp)
        standing = 0.0
        for row in self.resource.values():
            if row["status"] == "operating":
                for t, period in enumerate(self.periods):
                    if row["since"] is None or row["since"] <= period.start:
                        standing -= row["fixed_usd_per_month"] * period.months * self.discount(t)
        by_name = {lane["lane"]: lane for lane in self.rows["lanes"]}
        values = []
        for taken, placed in itertools.product(self._combinations(), self._orders()):
            started = sum(self.starts[n]["money"] for n in taken)
            for sent in itertools.product([0, 1], repeat=len(self.optional)):
                going = dict(zip(self.optional, sent, strict=True))
                fixed = sum(
                    self.rule(by_name[lane], "shipment_usd") * self.discount(t) * on for (lane, t), on in going.items()
                )
                for number in itertools.product(*(range(most + 1) for _, most in self.counted.values())):
                    count = dict(zip(self.counted, number, strict=True))
                    if not self._within(by_name, count):
                        continue
                    paid = sum(self.counted[key][0] * self.discount(key[2]) * n for key, n in count.items())
                    bounds = partial(self._bounds_on, taken=taken, placed=placed, going=going, count=count)
                    found = lp.solve(bounds)
                    if found is not None:
                        values.append(found + standing + started - fixed - paid)
        return max(values)

    def _within(self, by_name: dict[str, dict[str, Any]], count: dict[Name, int]) -> bool:
        """Say whether no lane has more containers than it takes."""
        for name, lane in by_name.items():
            most = lane.get("max_containers_per_month")
            for t, period in enumerate(self.periods):
                used = sum(n for key, n in count.items() if key[0] == name and key[2] == t and key[1] != "of them dg")
                if most is not None and used > most * period.months:
                    return False
        return True

    def _bounds_on(
        self, name: Name, taken: set[int], placed: set[Any], going: dict[Name, int], count: dict[Name, int]
    ) -> tuple[float, float]:
        kind, *key = name
        if kind == "ship" and going.get((key[0], key[2])) == 0:
            return 0.0, 0.0
        if kind == "room":
            return -inf, count[key[0], key[1], key[2]]
        if kind == "least":
            lane = next(row for row in self.rows["lanes"] if row["lane"] == key[0])
            return -inf, -self.rule(lane, "min_shipment_kg") * going[key[0], key[1]]
        if kind in ("lane", "site", "store"):
            table = self.rows["lanes"] if kind == "lane" else self.rows["sites"]
            row = next(row for row in table if row[kind if kind == "lane" else "site"] == key[0])
            most = row.get("max_kg_per_month" if kind == "site" else key[1])
            months = 1 if kind == "store" else self.periods[key[2]].months
            return -inf, inf if most is None else most * months
        return self._bounds(name, taken, placed, set())


FREE = ("min_shipment_kg", "shipment_usd")

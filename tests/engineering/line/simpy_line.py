"""The same line in SimPy, as its manual would have it: a process for each server, stores between them.

Numbers by chance are drawn anew here, with whole numbers of Python, for the same purposes: what comes must be the same
event for event. Buffers hold at least one unit, because a store of SimPy does.
"""

from __future__ import annotations

import math
from collections.abc import Generator
from typing import Any

import simpy

MASK = (1 << 64) - 1
Rows = list[dict[str, Any]]


def mixed(key: int) -> int:
    key = (key + 0x9E3779B97F4A7C15) & MASK
    key = ((key ^ (key >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    key = ((key ^ (key >> 27)) * 0x94D049BB133111EB) & MASK
    return key ^ (key >> 31)


class Luck:
    def __init__(self, seed: int, replication: int) -> None:
        self.root = mixed(mixed(seed) ^ replication)

    def __call__(self, purpose: int, place: int, unit: int, again: int) -> float:
        key = mixed(self.root ^ ((purpose << 60) & MASK) ^ (place << 40) ^ unit)
        return (mixed(key ^ again) >> 11) / 2**53


def triangle(u: float, likely: float, low: float, high: float) -> float:
    a, b = likely * low, likely * high
    if u * (b - a) < likely - a:
        return a + math.sqrt(u * (b - a) * (likely - a))
    return b - math.sqrt((1 - u) * (b - a) * (b - likely))


class Line:
    """Stations are dicts: servers, buffer, likely (by product), passes, tries, rework (place or None), mend_s, mtbf,
    mttr, setup; `rework` is a list of numbers of servers. Work is triangular, 0.8 to 1.5 of the likely time."""

    def __init__(self, stations: Rows, rework: list[int], products: list[int], seed: int, replication: int) -> None:
        self.env, self.luck = simpy.Environment(), Luck(seed, replication)
        self.stations, self.products = stations, products
        self.front = [simpy.Store(self.env, s["buffer"]) for s in stations]
        self.back = [simpy.Store(self.env) for _ in stations]
        self.sick = [simpy.Store(self.env) for _ in rework]
        self.failed, self.origin = [0] * len(products), [0] * len(products)
        self.log: list[tuple[float, int, int]] = []
        self.left: dict[int, float] = {}
        self.env.process(self.source())
        for q, station in enumerate(stations):
            for server in range(station["servers"]):
                self.env.process(self.server(q, server))
        for place, servers in enumerate(rework):
            for _ in range(servers):
                self.env.process(self.mender(place))

    def source(self) -> Generator[Any, Any, None]:
        for unit in range(len(self.products)):
            yield self.front[0].put(unit)

    def server(self, q: int, server: int) -> Generator[Any, Any, None]:
        station = self.stations[q]
        failures, last = 0, None
        to_failure = self.life(q, server, 0)
        while True:
            ahead, ordinary = self.back[q].get(), self.front[q].get()
            got = yield ahead | ordinary
            unit = got[ahead] if ahead in got else got[ordinary]
            (ordinary if ahead in got else ahead).cancel()
            if ahead in got and ordinary in got:
                self.front[q].items.insert(0, got[ordinary])
            product = self.products[unit]
            seconds = station["setup"] if last not in (None, product) else 0.0
            last = product
            u = self.luck(0, q, unit, self.failed[unit])
            work = triangle(u, station["likely"][product], 0.8, 1.5)
            seconds += work
            while work > to_failure:
                work -= to_failure
                failures += 1
                seconds -= station["mttr"] * math.log(1 - self.luck(3, q, server, failures))
                to_failure = self.life(q, server, failures)
            to_failure -= work
            yield self.env.timeout(seconds)
            self.log.append((self.env.now, unit, q))
            if self.luck(1, q, unit, self.failed[unit]) < station["passes"]:
                self.failed[unit] = 0
                if q + 1 < len(self.stations):
                    yield self.front[q + 1].put(unit)
                else:
                    self.left[unit] = self.env.now
                continue
            self.failed[unit] += 1
            if self.failed[unit] > station["tries"]:
                self.left[unit] = self.env.now
            elif station["rework"] is None:
                self.back[q].put(unit)
            else:
                self.origin[unit] = q
                self.sick[station["rework"]].put(unit)

    def mender(self, place: int) -> Generator[Any, Any, None]:
        while True:
            unit = yield self.sick[place].get()
            q = self.origin[unit]
            u = self.luck(4, q, unit, self.failed[unit])
            yield self.env.timeout(triangle(u, self.stations[q]["mend_s"], 0.8, 1.5))
            self.log.append((self.env.now, unit, len(self.stations) + place))
            self.back[q].put(unit)

    def life(self, q: int, server: int, number: int) -> float:
        mtbf = self.stations[q]["mtbf"]
        return -mtbf * math.log(1 - self.luck(2, q, server, number)) if mtbf else math.inf

"""The day of a chain told once more in plain Python, without the package: lists and dictionaries, one thing at a time.

It reads the same arrays (as `given`, by attribute) and must come to the same numbers, to the last bit.
"""

import math
from collections import deque
from statistics import NormalDist
from typing import Any

MASK = (1 << 64) - 1
NORMAL, LOGNORMAL, TRIANGULAR, UNIFORM, POISSON, REPLAY, FIXED = range(1, 8)
ONCE, YEAR, MONTH, WEEK, DAY = range(5)
LONGEST = 200


def mixed(x: int) -> int:
    x = (x + 0x9E3779B97F4A7C15) & MASK
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & MASK
    return x ^ (x >> 31)


def uniform(key: int, name: int, purpose: int, step: int) -> float:
    first = mixed((key + name + purpose * 0xD1B54A32D192ED03) & MASK)
    return ((mixed((first + step * 0x94D049BB133111EB) & MASK) >> 12) + 0.5) * 2.0**-52


def normal(u: float) -> float:
    return NormalDist().inv_cdf(u)


def shaped(z: float, shape: int, numbers: Any) -> float:
    a, b = float(numbers[0]), float(numbers[1])
    if shape == NORMAL:
        return a + b * z
    if shape == LOGNORMAL:
        return math.exp(a + b * z)
    if shape == FIXED:
        return a
    return flat(0.5 * math.erfc(-z / math.sqrt(2.0)), shape, numbers)


def spread(u: float, shape: int, numbers: Any) -> float:
    return flat(u, shape, numbers) if shape in (UNIFORM, TRIANGULAR) else shaped(normal(u), shape, numbers)


def flat(u: float, shape: int, numbers: Any) -> float:
    a, b, c = (float(x) for x in numbers)
    if shape == UNIFORM:
        return a + (b - a) * u
    if c <= a:
        return a
    if u * (c - a) <= b - a:
        return a + math.sqrt(u * (c - a) * (b - a))
    return c - math.sqrt((1.0 - u) * (c - a) * (c - b))


def draw_future(law: Any, seed: int, draw: int) -> dict[str, Any]:
    """Levels by risk and month, and events as (first day, day after the last)."""
    key = mixed((mixed(seed) + draw) & MASK)
    risks, months = law.threshold.shape
    names = [int(n) for n in law.name]
    own = [[normal(uniform(key, names[k], 0, m)) for m in range(months)] for k in range(risks)]
    latent = []
    for k in range(risks):
        row = [0.0] * months
        for j in range(k + 1):
            if law.mixing[k, j] != 0:
                row = [row[m] + float(law.mixing[k, j]) * own[j][m] for m in range(months)]
        latent.append(row)
    levels = [[1.0] * months for _ in range(risks)]
    events: list[list[tuple[int, int]]] = [[] for _ in range(risks)]
    for k in range(risks):
        if not law.on[k]:
            continue
        path = [float(x) for x in law.path[law.path_ptr[k] : law.path_ptr[k + 1]]]
        if law.shape[k] == REPLAY:
            begin = int(uniform(key, names[k], 3, 0) * len(path))
            levels[k] = [path[(begin + m) % len(path)] for m in range(months)]
        elif law.clock[k] == 0 and law.every[k] in (ONCE, YEAR, MONTH):
            keeps, z = float(law.keeps[k]), latent[k][0]
            for m in range(months):
                anew = law.every[k] == MONTH or (law.every[k] == YEAR and m % 12 == 0)
                if m > 0 and anew:
                    z = keeps * z + math.sqrt(1 - keeps * keeps) * latent[k][m]
                levels[k][m] = max(0.0, shaped(z, law.shape[k], law.numbers[k]))
        elif law.clock[k] == 1:
            for m in range(months):
                if latent[k][m] > law.threshold[k, m]:
                    low = max(int(law.first[k]), int(law.month_first[m]))
                    high = min(int(law.last[k]) + 1, int(law.month_first[m + 1]))
                    first = low + int(uniform(key, names[k], 1, m) * (high - low))
                    events[k].append((first, first + length(law, key, names[k], k, m)))
        elif law.clock[k] == 2 and latent[k][0] > law.threshold[k, 0]:
            span = int(law.last[k]) - int(law.first[k]) + 1
            first = int(law.first[k]) + int(uniform(key, names[k], 1, 0) * span)
            events[k].append((first, first + length(law, key, names[k], k, 0)))
        elif law.clock[k] == 3:
            for step, day in enumerate(law.known_day[law.known_ptr[k] : law.known_ptr[k + 1]]):
                if normal(uniform(key, names[k], 1, step)) > law.threshold[k, 0]:
                    days = length(law, key, names[k], k, step)
                    if days > 0:
                        events[k].append((int(day), int(day) + days))
    return {"key": key, "levels": levels, "events": events}


def length(law: Any, key: int, name: int, k: int, step: int) -> int:
    spread, mean = float(law.spread[k]), float(law.length[k])
    if spread == 0:
        return max(1, math.floor(mean + 0.5)) if mean > 0 else int(law.month_first[-1]) + 1
    z = normal(uniform(key, name, 2, step))
    if spread < 0:
        return max(0, math.floor(shaped(z, law.shape[k], law.numbers[k]) + 0.5))
    s = math.sqrt(math.log(1 + spread * spread))
    return max(1, math.floor(math.exp(math.log(mean) - s * s / 2 + s * z) + 0.5))


def poisson(u: float, mean: float) -> float:
    if mean <= 0:
        return 0.0
    if mean > 200:
        z = normal(u)
        return max(0.0, math.floor(mean + math.sqrt(mean) * z + (z * z - 1) / 6 + 0.5))
    k, p = 0, math.exp(-mean)
    total = p
    while total < u and p > 0:
        k += 1
        p *= mean / k
        total += p
    return float(k)


def steps(every: int, t: int, m: int) -> int:
    return {DAY: t, WEEK: t // 7, MONTH: m, YEAR: m // 12}.get(int(every), 0)


class Day:
    """A chain under way: what is on hand, under way, ordered and waited for."""

    def __init__(self, given: Any, links: Any, law: Any, future: dict[str, Any]) -> None:
        self.s, self.u, self.law, self.f = given, links, law, future
        self.days, self.nodes = given.target.shape
        self.buys = range(given.buy_due.shape[1])
        self.makes = range(len(self.buys), len(self.buys) + given.make_out.size)
        self.ships = range(self.makes.stop, self.makes.stop + given.ship_from.size)
        self.ways, self.serves, self.rows = self.ships.stop, given.serve_node.size, given.base.shape[1]
        self.stock = [float(x) for x in given.on_hand]
        self.road: dict[int, list[tuple[int, float]]] = {}
        self.coming = [0.0] * self.nodes
        self.behind, self.open = [0] * self.nodes, [0.0] * self.nodes
        self.row_behind, self.missing, self.aside = [0] * self.rows, [0.0] * self.rows, [0.0] * self.rows
        self.queue: list[deque[list[float]]] = [deque() for _ in range(self.rows)]
        self.waiting = [0.0] * self.rows
        self.sold = [[0.0] * 4 for _ in range(self.rows)]
        self.trace: list[list[float]] = []
        self.ready = [float(x) for x in given.least]
        self.lane_room = [0.0] * given.lane_cap.size
        self.waited = [0] * given.box_usd.size
        self.box_bill = 0.0
        self.old = {int(n): e for e, n in enumerate(given.old_node)}
        self.came: dict[int, list[tuple[int, float]]] = {}
        self.last, self.fresh, self.scrapped = list(self.stock), list(self.stock), [0.0] * self.nodes
        for n, e in self.old.items():
            self.came[n] = [(int(given.old_first[e]) - int(given.old_days[e]) + 1, self.stock[n])]

    def factor(self, kind: str, i: int, m: int) -> float:
        ptr, risk = getattr(self.u, f"{kind}_ptr"), getattr(self.u, f"{kind}_risk")
        weight = getattr(self.u, f"{kind}_weight")
        x = 1.0
        for j in range(ptr[i], ptr[i + 1]):
            x *= 1.0 + float(weight[j]) * (self.f["levels"][risk[j]][m] - 1.0)
        return max(x, 0.0)

    def working(self, t: int) -> list[float]:
        up = [1.0] * (self.ways + self.serves + self.s.hours.shape[1])
        for k, events in enumerate(self.f["events"]):
            if any(first <= t < after for first, after in events):
                for what in self.u.stop_what[self.u.stop_ptr[k] : self.u.stop_ptr[k + 1]]:
                    up[what] *= float(self.u.left[k])
        return up

    def wanted(self, q: int, t: int, m: int) -> float:
        x = float(self.s.base[t, q]) * self.factor("demand", q, m)
        for k in self.u.noise_risk[self.u.noise_ptr[q] : self.u.noise_ptr[q + 1]]:
            if not self.law.on[k]:
                continue
            name = (int(self.law.name[k]) + int(self.u.noise_name[q])) & MASK
            v = uniform(self.f["key"], name, 4, steps(self.law.every[k], t, 0))
            if self.law.shape[k] == POISSON:
                x = poisson(v, x)
            else:
                x *= max(0.0, spread(v, self.law.shape[k], self.law.numbers[k]))
        return x

    def late(self, lane: int, t: int, m: int) -> int:
        days = 0.0
        for k in self.u.slow_risk[self.u.slow_ptr[lane] : self.u.slow_ptr[lane + 1]]:
            if not self.law.on[k]:
                continue
            name = (int(self.law.name[k]) + int(self.u.slow_name[lane])) & MASK
            v = uniform(self.f["key"], name, 5, steps(self.law.every[k], t, m))
            if not self.law.numbers[k].any():
                low, likely, high = (float(x[lane]) for x in (self.u.slow_low, self.u.slow_likely, self.u.slow_high))
                days += spread(v, TRIANGULAR, (low, likely, high)) - likely
            else:
                days += spread(v, self.law.shape[k], self.law.numbers[k])
        return max(-LONGEST, min(LONGEST, math.floor(days + 0.5)))

    def run(self) -> None:
        for t in range(self.days):
            self.day(t)
            self.trace.append(list(self.stock))

    def day(self, t: int) -> None:
        s, p, m = self.s, int(self.s.period[t]), int(self.s.month[t])
        up = self.working(t)
        gross = [0.0] * self.nodes
        for n, x in self.road.pop(t, []):
            gross[n] += x
        for n, x in enumerate(gross):
            self.stock[n] += x
            self.coming[n] -= x
        for j in range(s.came_day.size):
            if s.came_day[j] == t:
                self.stock[s.came_node[j]] += float(s.came_units[j])
        hours = [float(h) * up[self.ways + self.serves + r] for r, h in enumerate(s.hours[t])]
        for lane, cap in enumerate(float(x) for x in s.lane_cap):
            self.lane_room[lane] = min(self.lane_room[lane] + cap, cap * float(s.lane_days[lane]))
        room = self.lane_room
        short: set[int] = set()
        pull = [0.0] * self.nodes
        want = [self.wanted(q, t, m) for q in range(self.rows)]
        free = [max(x, 0.0) for x in self.stock]
        parts = [self.demand(q, t, p, want[q], pull, free, up) for q in range(self.rows)]
        asked, total = self.orders(t, p, m, pull, hours, up)
        for a in self.buys:
            a_day = float(s.buy_cap[t, a])
            if s.least[a] > 0:
                more = self.ready[a] + a_day * up[a] if a_day < math.inf else math.inf
                self.ready[a] = min(more, float(s.least[a]) + a_day)
        self.work(t, p, m, asked, total, hours, room, short, up)
        for q in range(self.rows):
            self.service(q, t, p, want[q], parts[q], short, up)
        self.throw_away(t)
        for n in range(self.nodes):
            self.behind[n] = self.behind[n] + 1 if n in short else 0
            self.open[n] = max(total[n], 0.0)

    def throw_away(self, t: int) -> None:
        """Keep a list of what came when, and what is left of those lists by first in, first out is all that may be."""
        for n, e in self.old.items():
            too_old = t - int(self.s.old_days[e]) + 1
            self.fresh[n] -= sum((x for day, x in self.came[n] if day == too_old), 0.0)
            self.came[n] = [(day, x) for day, x in self.came[n] if day > too_old]
            x = self.stock[n] - max(self.fresh[n], 0.0)
            if x > 1e-9 * self.stock[n]:
                self.stock[n] -= x
                self.scrapped[n] += x
            self.last[n] = self.stock[n]

    def promised(self, q: int, t: int, want: float) -> float:
        need, part = want + self.waiting[q], float(self.s.promised[t, q])
        return min(need, max(part * need, part * float(self.s.base[t, q])))

    def demand(
        self, q: int, t: int, p: int, want: float, pull: list[float], free: list[float], up: list[float]
    ) -> dict[int, float]:
        s = self.s
        mine = range(s.serve_ptr[q], s.serve_ptr[q + 1])
        able = [i for i in mine if s.serve_allowed[p, i] and up[self.ways + i] > 0]
        part = {i: float(s.serve_share[t, i]) for i in able}
        total = 0.0
        for i in able:
            total += part[i]
        if total > 0:
            part = {i: x / total for i, x in part.items()}
        elif able:
            part = {able[0]: 1.0}
        part = {i: x for i, x in part.items() if x > 0}
        need = self.promised(q, t, want)
        for i in mine:
            if i in part:
                n, each = s.serve_node[i], float(s.serve_units[i])
                x = part[i] * need * each
                if s.lead_in[n] >= 1 and x > free[n]:
                    gap = x - free[n]
                    stays = min(gap, part[i] * self.waiting[q] * each)
                    x = free[n] + stays + float(s.keeps[q]) * (gap - stays)
                    free[n] = 0.0
                else:
                    free[n] -= x
                pull[n] += x
        others = [i for i in able if i not in part]
        if self.row_behind[q] >= s.switch and others:
            n = s.serve_node[others[0]]
            pull[n] += (self.missing[q] + self.aside[q]) * float(s.serve_units[others[0]]) * (1.0 + float(s.lead_in[n]))
        return part

    def fly(self, n: int, a: int, t: int, p: int, up: list[float]) -> float:
        k = a - self.ships.start
        lead, cover = int(self.s.lead[t, self.s.ship_class[k]]), float(self.s.cover[t, k])
        if lead < 0 or not self.s.allowed[p, a] or up[a] <= 0:
            return 0.0
        soon = self.stock[n]
        for day in range(t + 1, t + lead + 1):
            due = 0.0
            for node, x in self.road.get(day, []):
                due += x if node == n else 0.0
            soon += due
        return cover - soon if cover - soon > 1e-3 * cover else 0.0

    def orders(
        self, t: int, p: int, m: int, pull: list[float], hours: list[float], up: list[float]
    ) -> tuple[list[float], list[float]]:
        s = self.s
        asked, total = [0.0] * self.ways, [0.0] * self.nodes
        for n in reversed(range(self.nodes)):
            w = max(0.0, float(s.target[t, n]) + pull[n] - self.stock[n] - self.coming[n])
            total[n] = w
            extra = min(w, self.open[n])
            for a in (int(a) for a in s.in_way[s.in_ptr[n] : s.in_ptr[n + 1]]):
                x = float(s.share[t, a]) * w
                if a in self.ships and s.express[a - self.ships.start] and s.share[t, a] == 0:
                    asked[a] = self.fly(n, a, t, p, up)
                    pull[s.ship_from[a - self.ships.start]] += asked[a]
                    continue
                ready = a not in self.ships or self.behind[s.ship_from[a - self.ships.start]] == 0
                called = s.allowed[p, a] and up[a] > 0 and self.behind[n] >= s.wait[a]
                if x == 0 and extra > 0 and called and ready:
                    x, extra = extra, 0.0
                if a in self.makes:
                    k = a - self.makes.start
                    good = float(s.make_yield[p, k]) * self.factor("yield", k, m)
                    x = x / good if good > 0 else 0.0
                    line = s.make_line[k]
                    if line >= 0 and s.make_hours[k] > 0:
                        x = min(x, hours[line] / float(s.make_hours[k]))
                    x *= up[a]
                    for j in range(s.input_ptr[k], s.input_ptr[k + 1]):
                        pull[s.input_node[j]] += x * float(s.input_units[j])
                elif a in self.ships:
                    pull[s.ship_from[a - self.ships.start]] += x
                asked[a] = x
        return asked, total

    def work(
        self, t: int, p: int, m: int, asked: list[float], total: list[float], hours: list[float], room: list[float],
        short: set[int], up: list[float],
    ) -> None:  # fmt: skip
        s = self.s
        kept: dict[int, float] = {}
        for n in range(self.nodes):
            for a in (int(a) for a in s.in_way[s.in_ptr[n] : s.in_ptr[n + 1]]):
                if asked[a] <= 0:
                    continue
                if a in self.buys:
                    total[n] -= self.buy(t, n, a, asked[a], up[a])
                elif a in self.makes:
                    total[n] -= self.make(p, m, n, a - self.makes.start, asked[a], kept, hours)
                elif s.box_of[a - self.ships.start] < 0:
                    total[n] -= asked[a]
            if n in self.old:
                x = self.stock[n] - self.last[n]
                self.came[n].append((t, x))
                self.fresh[n] += x
            left = max(self.stock[n], 0.0)
            for a, j in zip(s.out_way[s.out_ptr[n] : s.out_ptr[n + 1]], s.out_input[s.out_ptr[n] : s.out_ptr[n + 1]],
                            strict=True):  # fmt: skip
                x = asked[a] if j < 0 else asked[a] * float(s.input_units[j])
                if x > left:
                    short.add(n)
                    x = left
                if j >= 0:
                    kept[int(j)] = x
                    left -= x
                elif s.box_of[a - self.ships.start] >= 0:
                    asked[a] = x * up[a] if s.lead[t, s.ship_class[a - self.ships.start]] >= 0 else 0.0
                    left -= asked[a]
                elif asked[a] > 0:
                    x = asked[a] = self.send(t, n, a, x, room, up[a])
                    left -= x
        for g in range(s.box_usd.size):
            self.depart(t, p, m, g, asked, total, room)

    def depart(self, t: int, p: int, m: int, g: int, asked: list[float], total: list[float], room: list[float]) -> None:
        """Whole containers leave; one that is started leaves when its goods have waited long enough."""
        s = self.s
        goods = [(int(s.box_ship[i]), float(s.box_mass[i]), float(s.box_volume[i]), bool(s.box_danger[i]))
                 for i in range(s.box_ptr[g], s.box_ptr[g + 1])]  # fmt: skip
        start = self.ships.start
        units, mass, volume = 0.0, 0.0, 0.0
        for k, by_mass, by_volume, _ in goods:
            units += asked[start + k]
            mass += asked[start + k] * by_mass
            volume += asked[start + k] * by_volume
        if units == 0:
            self.waited[g] = 0
            return
        lane = int(s.ship_lane[goods[0][0]])
        fits = min(1.0, room[lane] / units)
        fill = max(mass, volume) * fits
        self.waited[g] += 1
        waited = self.waited[g] >= float(s.box_days[g])
        count = math.ceil(fill - 1e-3) if waited else math.floor(fill + 1e-3)
        if count <= 0:
            for k, *_ in goods:
                asked[start + k] = 0.0
            return
        self.waited[g] = 0
        part = min(1.0, count / fill) * fits
        room[lane] -= part * units
        heavy, bulky = 0.0, 0.0
        for k, by_mass, by_volume, danger in goods:
            x = asked[start + k] * part
            heavy += x * by_mass if danger else 0.0
            bulky += x * by_volume if danger else 0.0
            total[s.ship_to[k]] -= x
            self.stock[s.ship_from[k]] -= x
            lead = max(0, int(s.lead[t, s.ship_class[k]]) + self.late(lane, t, m))
            if x > 0 and lead == 0:
                self.stock[s.ship_to[k]] += x
            elif x > 0:
                self.road.setdefault(t + lead, []).append((int(s.ship_to[k]), x))
                self.coming[s.ship_to[k]] += x
        dangerous = max(0, math.ceil(max(heavy, bulky) - 1e-3))
        usd = count * float(s.box_usd[g]) + dangerous * float(s.box_more[g])
        self.box_bill += usd * self.factor("freight", goods[0][0], m)

    def buy(self, t: int, n: int, a: int, x: float, up: float) -> float:
        cap, due = float(self.s.buy_cap[t, a]), int(self.s.buy_due[t, a])
        if self.s.least[a] > 0:
            least, x = float(self.s.least[a]), x * up
            if x <= 1e-3 * least or cap <= 0 or self.ready[a] < least:
                return 0.0
            x = min(max(x, least), self.ready[a])
            if due >= 0:
                self.ready[a] -= x
            cap = up = math.inf
        x = x if up == math.inf else min(x, cap) if up == 1 else min(x, cap * up) if cap < math.inf else x * up
        if due < 0 or x <= 0:
            return 0.0
        if due == t:
            self.stock[n] += x
        else:
            self.road.setdefault(due, []).append((n, x))
            self.coming[n] += x
        return x

    def make(self, p: int, m: int, n: int, k: int, x: float, kept: dict[int, float], hours: list[float]) -> float:
        s = self.s
        inputs = range(s.input_ptr[k], s.input_ptr[k + 1])
        for j in inputs:
            x = min(x, kept[j] / float(s.input_units[j]))
        line = s.make_line[k]
        if line >= 0 and s.make_hours[k] > 0:
            x = min(x, hours[line] / float(s.make_hours[k]))
            hours[line] -= x * float(s.make_hours[k])
        if x <= 0:
            return 0.0
        for j in inputs:
            self.stock[s.input_node[j]] -= x * float(s.input_units[j])
        good = x * (float(s.make_yield[p, k]) * self.factor("yield", k, m))
        self.stock[n] += good
        for j in range(s.beside_ptr[k], s.beside_ptr[k + 1]):
            self.stock[s.beside_node[j]] += x * float(s.beside_units[j])
        return good

    def send(self, t: int, n: int, a: int, x: float, room: list[float], up: float) -> float:
        s, k = self.s, a - self.ships.start
        lane, lead = int(s.ship_lane[k]), int(s.lead[t, s.ship_class[k]])
        x = min(x, room[lane]) * up
        if lead < 0 or x <= 0:
            return 0.0
        room[lane] -= x
        self.stock[n] -= x
        lead = max(0, lead + self.late(lane, t, int(s.month[t])))
        if lead == 0:
            self.stock[s.ship_to[k]] += x
        else:
            self.road.setdefault(t + lead, []).append((int(s.ship_to[k]), x))
            self.coming[s.ship_to[k]] += x
        return x

    def service(
        self, q: int, t: int, p: int, want: float, part: dict[int, float], short: set[int], up: list[float]
    ) -> None:
        s = self.s
        need = self.promised(q, t, want)
        self.aside[q] = 0.0
        left = need
        able = [i for i in range(s.serve_ptr[q], s.serve_ptr[q + 1]) if s.serve_allowed[p, i] and up[self.ways + i] > 0]
        for i in able:
            if i in part and left > 0:
                n, x = s.serve_node[i], min(part[i] * need, left)
                x = min(x, max(self.stock[n], 0.0) / float(s.serve_units[i]))
                if x > 0:
                    self.stock[n] -= x * float(s.serve_units[i])
                    left -= x
                if x < part[i] * need:
                    short.add(int(n))
        for i in able:
            n = s.serve_node[i]
            x = min(left, max(self.stock[n], 0.0) / float(s.serve_units[i]))
            if left > 0 and x > 0:
                self.stock[n] -= x * float(s.serve_units[i])
                left -= x
                self.aside[q] += 0.0 if i in part else x
        self.customers(q, t, want, need - left)

    def customers(self, q: int, t: int, want: float, found: float) -> None:
        old = self.waiting[q]
        today = max(found - old, 0.0)
        rest = min(found, old)
        self.waiting[q] = old - rest
        while rest > 0 and self.queue[q]:
            head = self.queue[q][0]
            x = min(head[1], rest)
            head[1] -= x
            rest -= x
            if rest > 0:
                self.queue[q].popleft()
        miss = want - today
        if miss <= 1e-9 * want:
            miss = 0.0
        patience, keeps = int(self.s.patience[q]), float(self.s.keeps[q])
        lost = miss
        if patience > 0:
            lost = miss - keeps * miss
            while self.queue[q] and self.queue[q][0][0] <= t - patience:
                gone = min(self.queue[q].popleft()[1], self.waiting[q])
                self.waiting[q] -= gone
                lost += gone
            self.queue[q].append([t, keeps * miss])
            self.waiting[q] += keeps * miss
        self.missing[q] = miss
        self.row_behind[q] = self.row_behind[q] + 1 if miss + self.aside[q] > 0 else 0
        for i, x in enumerate((want, want - miss, found, lost)):
            self.sold[q][i] += x

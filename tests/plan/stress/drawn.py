"""Random small chains, and what may happen to them: cells bought and shipped, packs made, customers served."""

import random

import numpy as np

from cellroad.plan.stress.arrays import Law, Links
from cellroad.plan.stress.assemble import Boxes, Buy, Grid, Make, Node, Parts, Row, Serve, Ship

PERIOD = 10
NONE = 0.0, 0.0, np.inf


def grid(days: int, month: int = PERIOD) -> Grid:
    day = np.arange(days)
    return Grid(day // PERIOD, day // month, 0.999**day, 0.999**days)


def random_parts(r: random.Random, days: int = 40, rules: bool = False) -> Parts:
    """Draw suppliers of two cells, plants that make packs of them, warehouses and customers.

    rules   with least orders, floors and caps of prices, and goods that expire
    """
    made = grid(days)
    periods = int(made.period.max()) + 1

    def flat(x: float) -> np.ndarray:
        return np.full(periods, x)

    def shares(x: float) -> np.ndarray:
        return np.repeat([x if r.random() < 0.8 else 0.0 for _ in range(days // 4 + 1)], 4)[:days]

    def flags() -> np.ndarray:
        return np.array([r.random() < 0.9 for _ in range(periods)])

    def node() -> Node:
        level = r.uniform(0, 60)
        comes = tuple((r.randrange(days), r.uniform(1, 9)) for _ in range(r.choice([0, 0, 2])))
        on_hand, target = r.uniform(0, 40), level * np.linspace(1, r.uniform(0.5, 2), days)
        lasts = r.choice([0, 1, 5, 12]) if rules else 0
        left = r.randrange(1, 9) if lasts else 0
        return Node(on_hand, target, flat(0.01), r.uniform(0, 2), comes, lasts, left, 0.5)

    cells, plants, places = r.choice([1, 2]), r.choice([1, 2]), r.choice([1, 2, 3])
    nodes = [node() for _ in range(cells * (1 + plants) + plants + places)]
    cell = [[plants * c + cells + k for k in range(plants)] for c in range(cells)]
    pack = [cells * (1 + plants) + k for k in range(plants)]
    place = [cells * (1 + plants) + plants + k for k in range(places)]
    buys, ships, makes, lane = [], [], [], 0
    for c in range(cells):
        for _ in range(r.choice([1, 2])):
            lead = r.choice([0, 1, 5])
            due = np.array([d + lead if d + lead < days and r.random() < 0.9 else -1 for d in range(days)])
            cap = np.full(days, r.choice([np.inf, 6.0, 20.0]))
            share, may, wait = shares(r.choice([0, 0.5, 1])), flags(), r.choice([0, 2])
            least, low, high = (r.choice(x) for x in ([0, 15.0, 40.0], [0, 0.9], [np.inf, 1.1])) if rules else NONE
            buys.append(Buy(c, share, may, flat(3), wait, due, cap, least, low, high))
    routes = [(c, cell[c][k]) for c in range(cells) for k in range(plants)]
    routes += [(a, b) for a in pack for b in place if r.random() < 0.8]
    for a, b in routes:
        for _ in range(r.choice([1, 1, 2])):
            base = r.choice([0, 1, 3, 9])
            lead = np.array([base + r.choice([0, 0, 2]) if r.random() < 0.95 else -1 for _ in range(days)])
            share = shares(r.choice([0, 0.5, 1]))
            ships.append(
                Ship(
                    b,
                    share,
                    flags(),
                    flat(0.5),
                    r.choice([0, 3]),
                    a,
                    lane,
                    lead,
                    flat(2),
                    flat(0.1),
                    r.choice([None, None, r.uniform(5, 40) * np.ones(days)]),
                )
            )
            lane += r.choice([0, 1])
    for k in range(plants):
        inputs = tuple((cell[c][k], r.choice([1.0, 2.0, 3.5])) for c in range(cells))
        beside = ((place[0], 0.1),) if r.random() < 0.3 else ()
        good = flat(r.choice([1.0, 0.9]))
        makes.append(Make(pack[k], shares(1.0), flags(), flat(2), 0, good, inputs, r.choice([-1, 0, 0]), 0.7, beside))
    rows = []
    for n in place:
        for _ in range(r.choice([1, 2])):
            base = np.array([r.uniform(0, 8) for _ in range(days)])
            others = [k for k in place + pack if k != n and r.random() < 0.3]
            serves = [
                Serve(n, r.choice([1.0, 2.0]), np.array(r.choice([0.7, 1.0])), flags(), flat(r.uniform(9, 20)), 1.5)
            ]
            serves += [Serve(k, 1.0, shares(r.choice([0, 0.3])), flags(), flat(8), 1.0) for k in others]
            patience = r.choice([0, 0, 4, 12])
            rows.append(
                Row(
                    base,
                    tuple(serves),
                    flat(1),
                    flat(0.05),
                    patience,
                    r.choice([0.5, 1.0]) if patience else 0,
                    r.choice([None, np.repeat([r.choice([0.0, 0.6, 1.0]) for _ in range(days // 8 + 1)], 8)[:days]]),
                )
            )
    hours = np.array([[r.uniform(0, 12)] for _ in range(days)])
    caps = np.array([r.choice([np.inf, 7.0]) for _ in range(lane + 1)])
    switch = r.choice([1, 4])
    boxes = []
    for n in range(lane + 1) if rules else ():
        fills = tuple((k, r.choice([0.02, 0.05]), r.choice([0, 0.04]), r.random() < 0.5)
                      for k, ship in enumerate(ships) if ship.lane == n)  # fmt: skip
        if fills and r.random() < 0.4:
            boxes.append(Boxes(fills, r.choice([1, 3, 6]), 5.0, r.choice([0.0, 2.0])))
    return Parts(made, nodes, buys, makes, ships, rows, hours, caps, switch, boxes)


def calm(parts: Parts) -> tuple[Law, Links]:
    """No risks at all."""
    return law(parts, []), links(parts, [])


def random_risks(r: random.Random, parts: Parts) -> tuple[Law, Links]:
    """Draw risks on demand, transit, yield and prices, and events that stop ways, lines and sales."""
    kinds = [
        r.choice(["demand", "noise", "slow", "yield", "price", "freight", "stop", "stop", "duty"]) for _ in range(6)
    ]
    return law(parts, kinds, r), links(parts, kinds, r)


def law(parts: Parts, kinds: list[str], r: random.Random | None = None) -> Law:
    r = r or random.Random(0)
    k, months = len(kinds), int(parts.grid.month.max()) + 1
    days = parts.grid.month.size
    first = np.searchsorted(parts.grid.month, np.arange(months + 1))
    shape, numbers, every = np.ones(k, np.int64), np.zeros((k, 3)), np.zeros(k, np.int64)
    clock, spread, length = np.zeros(k, np.int64), np.zeros(k), np.zeros(k)
    known: list[list[int]] = [[] for _ in kinds]
    paths: list[list[float]] = [[] for _ in kinds]
    for i, kind in enumerate(kinds):
        every[i] = r.choice([3, 4]) if kind == "noise" else r.randrange(5) if kind == "slow" else r.randrange(3)
        shape[i] = r.choice([1, 2, 3, 4])
        numbers[i] = {1: (1, 0.3, 0), 2: (-0.05, 0.3, 0), 3: (0.5, 1, 1.8), 4: (0.6, 1.3, 0)}[int(shape[i])]
        if kind == "noise" and r.random() < 0.5:
            shape[i] = 5
        if kind == "slow":
            numbers[i] = (0, 0, 0) if r.random() < 0.5 else numbers[i] * 4
        if kind == "price" and r.random() < 0.5:
            shape[i], paths[i] = 6, [r.uniform(0.5, 2) for _ in range(5)]
        if kind in ("stop", "duty"):
            clock[i], length[i] = r.choice([1, 2, 3]), r.choice([0, 3, 8])
            spread[i] = r.choice([0, 0.5]) if length[i] else 0
            if clock[i] == 3 and r.random() < 0.5:
                spread[i] = -1
            known[i] = sorted(r.randrange(days) for _ in range(2)) if clock[i] == 3 else []
    own = np.array([[r.gauss(0, 1) for _ in range(k)] for _ in range(k)]).reshape(k, k)
    spread_of = own @ own.T + np.eye(k)
    scale = np.sqrt(np.diag(spread_of))
    mixing = np.linalg.cholesky(spread_of / np.outer(scale, scale)) if k else np.zeros((0, 0))
    return Law(
        np.array([r.getrandbits(63) for _ in kinds], np.uint64), first.astype(np.int64), shape, numbers, every,
        np.array([r.choice([0, 0.6]) for _ in kinds], float), mixing, clock,
        np.full((k, months), r.choice([-0.5, 0.2])), np.full(k, r.choice([0, 7])),
        np.full(k, days - 1 - r.choice([0, 9])),
        *flattened(known, np.int64), length, spread, *flattened(paths, float), np.ones(k, np.bool_),
    )  # fmt: skip


def links(parts: Parts, kinds: list[str], r: random.Random | None = None) -> Links:
    r = r or random.Random(0)
    buys, makes, ships, rows = len(parts.buys), len(parts.makes), len(parts.ships), len(parts.rows)
    lanes, lines = parts.lane_cap.size, parts.hours.shape[1]
    serves = sum(len(row.serves) for row in parts.rows)

    def touched(kind: str, count: int) -> tuple[np.ndarray, np.ndarray]:
        mine = [[k for k, of in enumerate(kinds) if of == kind and r.random() < 0.7] for _ in range(count)]
        return flattened(mine, np.int64)

    def weighed(kind: str, count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        ptr, risk = touched(kind, count)
        return ptr, risk, np.array([r.choice([0.4, 1.0]) for _ in risk], float)

    everything = range(buys + makes + ships + serves + lines)
    stops = [[i for i in everything if of == "stop" and r.random() < 0.3] for of in kinds]
    duties = [[i for i in range(ships) if of == "duty" and r.random() < 0.5] for of in kinds]
    low = np.array([r.uniform(0, 3) for _ in range(lanes)])
    names = [np.array([r.getrandbits(63) for _ in range(n)], np.uint64) for n in (rows, lanes)]
    return Links(
        *weighed("demand", rows), *touched("noise", rows), *weighed("price", buys), *weighed("freight", ships),
        *weighed("yield", makes), *names, *touched("slow", lanes), low, low + 1,
        low + np.array([r.uniform(1, 9)] * lanes),
        *flattened(stops, np.int64), np.array([r.choice([0, 0, 0.5]) for _ in kinds], float),
        *flattened(duties, np.int64), np.full(len(kinds), 0.25),
    )  # fmt: skip


def flattened(lists: list[list], kind: type) -> tuple[np.ndarray, np.ndarray]:
    ptr = np.cumsum([0, *(len(mine) for mine in lists)]).astype(np.int64)
    return ptr, np.array([x for mine in lists for x in mine], kind)

"""Plants that are opened or not, one period, one step to the markets: warehouse location, cut at its best prices.

    minimise    sum of opening[i] y[i] + sum of cost[i,j] f[i,j] + what is not served
    subject to  sum over i of f[i,j] = demand[j] - short[j],   sum over j of f[i,j] <= most[i] y[i],   y binary

With a price u[j] paid at every market the plants part, and plant i earns most by the markets that pay best:

    v[i](u) = least sum over j of (cost[i,j] - u[j]) f[i,j],   0 <= f[i,j] <= demand[j],   sum over j of f <= most[i]

so every u gives a cut for a search by cuts (cutting.py):

    cost(y) >= sum over j of demand[j] u[j] + sum over i of (opening[i] + v[i](u)) y[i]

The best of these bounds is that of the relaxation with all its strong rows (Geoffrion 1974, Beasley 1988). Prices are
raised where a market is not served and lowered where it is served twice; a price takes a sort and a sum, where a
relaxation of a hundred thousand lanes takes seconds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from cellroad.plan.kernel import Model
from cellroad.plan.solving.cutting import Cut, Cutting

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
COLUMNS = ("make", "ship", "hold", "sell", "short", "start", "open")
ROWS = ("balance", "capacity", "demand", "open")
"""Blocks of which a model of this kind consists."""
LANES = 5_000_000
"""Pairs of plant and market beyond which prices are not looked for."""
STEPS, KEPT, PATIENCE = 900, 40, 15
"""Prices that are tried, cuts that are kept, prices without a better bound after which steps become shorter."""


@dataclass(frozen=True)
class Location:
    """Plants i with their start (a place among all starts), most and opening cost; markets j with demand and ceiling.

    cost[i,j] of a unit is infinite where there is no lane; ceiling[j] is what a unit not served costs.
    """

    start: Ints
    most: Floats
    opening: Floats
    demand: Floats
    ceiling: Floats
    cost: Floats
    constant: float


@dataclass(frozen=True)
class Prices:
    """Cuts cost(y) >= constant + slope . y, one a row, best last; how far each plant was open in the last prices."""

    constant: Floats
    slope: Floats
    open: Floats


def begin(cutting: Cutting, model: Model, money: float) -> bool:
    """Give a search by cuts those of good prices, where its model is a location; say whether it is one.

    These prices are those of the relaxation: the search may go on among whole decisions.

    `money` is what one unit of the search's cost is in the model's.
    """
    case = location(model)
    if case is None or cutting.given.size != case.start.size:
        return False
    found, nowhere = prices(case), np.zeros(case.start.size)
    for constant, slope in zip(found.constant / money, found.slope / money, strict=True):
        cutting.know(Cut(nowhere, float(constant), slope, np.zeros(0)))
    cutting.master.need(cutting.given[case.start], fewest(case))
    cutting.core = np.clip(found.open, 0.02, 0.98)
    return True


def location(model: Model) -> Location | None:
    """Return the plants and markets of a model, None where it is more than that."""
    if any(block.size for name, block in model.columns.items() if name not in COLUMNS) or any(
        block.size for name, block in model.rows.items() if name not in ROWS
    ):
        return None
    column, row = ({n: block.ids for n, block in blocks.items()} for blocks in (model.columns, model.rows))
    by_column = sp.csc_array(model.matrix)
    plants, markets = column["make"].size, column["sell"].size
    sizes = (column["start"].size, column["open"].size, row["open"].size, row["capacity"].size)
    if not plants or plants * markets > LANES or any(size != plants for size in sizes) or row["demand"].size != markets:
        return None

    def part(rows: str, columns: str) -> sp.csr_array:
        return sp.csr_array(by_column[:, column[columns]][row[rows]])

    def across(rows: str, columns: str) -> Ints | None:
        """Return the column of every row where each row has one entry, and each column at most one."""
        found = part(rows, columns)
        once = np.all(np.diff(found.indptr) == 1) and np.unique(found.indices).size == found.indices.size
        return found.indices.astype(np.int64) if once else None

    make_of, start_at = across("capacity", "make"), across("capacity", "start")
    start_of, opened = across("open", "start"), across("open", "open")
    sell_of, short_of = across("demand", "sell"), across("demand", "short")
    if any(found is None for found in (make_of, start_at, start_of, opened, sell_of, short_of)):
        return None
    assert make_of is not None and start_at is not None and start_of is not None and opened is not None
    assert sell_of is not None and short_of is not None
    made, sold, shipped = part("balance", "make").tocoo(), part("balance", "sell").tocoo(), part("balance", "ship")
    ship = sp.coo_array(shipped)
    leaving, arriving = ship.data == -1.0, ship.data == 1.0
    if (
        made.nnz != plants or sold.nnz != markets or np.any(made.data != 1) or np.any(sold.data != -1)
        or ship.nnz != 2 * column["ship"].size or int(leaving.sum()) != column["ship"].size
        or not np.all(leaving | arriving)
    ):  # fmt: skip
        return None
    source, sink = np.full(row["balance"].size, -1), np.full(row["balance"].size, -1)
    source[made.coords[0][np.argsort(made.coords[1])]] = np.arange(plants)
    sink[sold.coords[0][np.argsort(sold.coords[1])]] = np.arange(markets)
    origin, target = np.full((2, column["ship"].size), -1)
    origin[ship.coords[1][leaving]] = source[ship.coords[0][leaving]]
    target[ship.coords[1][arriving]] = sink[ship.coords[0][arriving]]
    cost = {name: model.cost[ids] for name, ids in column.items()}
    demand = model.row_lower[row["demand"]]
    place = np.argsort(sell_of)  # of every sell column, the row of its demand
    hours = part("capacity", "make").data
    most = np.zeros(plants)
    most[make_of] = -part("capacity", "start").data / hours
    if (
        np.any(origin < 0) or np.any(target < 0) or np.any(demand != model.row_upper[row["demand"]])
        or np.any(model.row_lower[row["balance"]] != 0) or np.any(model.row_upper[row["balance"]] != 0)
        or np.any(model.row_upper[row["capacity"]] != 0) or np.any(model.lower[column["make"]] != 0)
        or np.any(model.lower[column["ship"]] != 0) or np.any(model.lower[column["sell"]] != 0)
        or np.any(cost["ship"] < 0) or np.any(cost["make"] < 0) or np.any(cost["hold"] < 0)
        or np.any(model.upper[column["sell"]][sell_of] < demand) or np.any(model.upper[column["make"]] < most)
        or np.any(model.upper[column["ship"]] < demand[place[target]])
    ):  # fmt: skip
        return None
    start = np.empty(plants, dtype=np.int64)
    start[make_of] = start_at
    opening = cost["start"].copy()
    opening[start_of] += cost["open"][opened]
    unit = np.full((plants, markets), np.inf)
    np.minimum.at(unit, (origin, target), cost["ship"] + cost["make"][origin])
    ceiling = cost["short"][short_of][place] - cost["sell"]
    constant = float(cost["sell"] @ demand[place]) - model.offset
    return Location(start, most, opening[start], demand[place], ceiling, unit, constant)


def fewest(case: Location) -> int:
    """Return how many plants are open at least in a best plan.

    All plants open, with every market served at its dearest lane, bounds what a best plan costs, and so what it may
    leave short; the largest plants must make the rest.
    """
    dearest = case.cost.max(axis=0)
    if not np.all(np.isfinite(dearest)) or case.most.sum() < case.demand.sum() or case.ceiling.min() <= 0:
        return 0
    most = float(case.opening.clip(min=0.0).sum() + dearest @ case.demand)
    short = (most - float(case.opening.clip(max=0.0).sum())) / float(case.ceiling.min())
    needed = (float(case.demand.sum()) - short) * (1 - 1e-9)
    return 1 + int(np.searchsorted(np.cumsum(np.sort(case.most)[::-1]), needed)) if needed > 0 else 0


def prices(case: Location) -> Prices:
    """Return cuts at good prices; slopes are by start."""
    free = np.isfinite(case.cost)
    cost = np.where(free, case.cost, 0.0)
    room = np.where(free, case.demand, 0.0)
    price = np.clip(np.sort(case.cost, axis=0)[min(1, case.most.size - 1)], 0.0, np.maximum(case.ceiling, 0.0))
    best, best_price, away, fails = -np.inf, price, 0.1, 0
    direction = np.zeros(price.size)
    found: list[tuple[float, float, Floats]] = []
    shares = np.zeros(case.most.size)
    for _ in range(STEPS):
        earned, flow = _plants(case, cost, room, price)
        worth = case.opening + earned
        opened = _opened(case, worth)
        value = float(case.demand @ price + worth[opened].sum())
        if value > best + 1e-7 * abs(best) or not found:
            found.append((value, case.constant + float(case.demand @ price), worth))
            best, best_price, fails = value, price, 0
        else:
            fails += 1
        shares = 0.95 * shares + 0.05 * opened
        if fails >= PATIENCE:
            away, fails, price, direction = away * 0.6, 0, best_price, np.zeros(price.size)
            if away < 1e-5:
                break
            continue
        missing = case.demand - flow[opened].sum(axis=0)
        direction = missing + 0.5 * direction
        length = float(direction @ direction)
        if not length:
            break
        price = price + away * max(abs(best), 1.0) / length * direction
        price = np.clip(price, 0.0, np.maximum(case.ceiling, 0.0))
    scarce = np.maximum(case.ceiling, 0.0)  # at these prices a market is as well not served: what must be open
    earned = _plants(case, cost, room, scarce)[0]
    found = sorted(found, key=lambda one: one[0])[-KEPT:]
    found.insert(0, (0.0, case.constant + float(case.demand @ scarce), case.opening + earned))
    slope = np.zeros((len(found), case.start.size))
    slope[:, case.start] = [worth for _, _, worth in found]
    begun = np.zeros(case.start.size)
    begun[case.start] = shares
    return Prices(np.array([constant for _, constant, _ in found]), slope, begun)


def _plants(case: Location, cost: Floats, room: Floats, price: Floats) -> tuple[Floats, Floats]:
    """Return what every plant earns at prices (not above nothing), and what it sends to every market."""
    gain = np.minimum(cost - price, 0.0)
    order = np.argsort(gain, axis=1)
    ordered = np.take_along_axis(room, order, axis=1)
    before = np.cumsum(ordered, axis=1) - ordered
    taken = np.clip(case.most[:, None] - before, 0.0, ordered) * (np.take_along_axis(gain, order, axis=1) < 0)
    flow = np.zeros_like(room)
    np.put_along_axis(flow, order, taken, axis=1)
    return np.asarray((gain * flow).sum(axis=1)), flow


def _opened(case: Location, worth: Floats) -> NDArray[np.bool_]:
    """Return the plants that are worth opening, and the next best by what they can make until demand is covered."""
    opened = worth < 0
    lacking = float(case.demand.sum() - case.most[opened].sum())
    if lacking > 0:
        shut = np.flatnonzero(~opened)
        order = shut[np.argsort(worth[shut] / np.maximum(case.most[shut], 1e-9))]
        covered = np.cumsum(case.most[order])
        opened[order[: int(np.searchsorted(covered, lacking)) + 1]] = True
    return opened

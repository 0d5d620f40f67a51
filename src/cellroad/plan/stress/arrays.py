"""A planned chain as arrays: what the day-by-day recursion reads, and nothing else.

Nodes (an item at a site) are numbered so that goods flow from low numbers to high ones. Ways into a node are numbered
together: purchases first, then processes, then lanes with an item. D days, P periods, N nodes, W ways to serve a
customer, Q rows of demand, R lines, C classes of lead time. Quantities are units a day.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Places = NDArray[np.uint32]
"""Places in another array; without a sign, so that nothing asks at each look whether they count from the end."""
LONGEST = 200
"""Days that chance adds to a transit at the most."""


class System(NamedTuple):
    """What is simulated.

    period, month      (D,) number of the period and of the month of each day
    discount           (D,) factor of money of each day; end_discount at the end
    on_hand, target    (N,) at the start; (D, N) base stock: what is there and under way when a day's orders are out
    came_day, came_node, came_units   what arrives whatever is decided, by day
    hold_usd, end_usd  (P, N) USD per unit and day; (N,) USD per unit at the end
    old_*              (E,) nodes whose goods expire, in the order of nodes: node, days that goods last there, the day
                       on which what is there at the start has expired, USD a unit to scrap
    lead_in            (N,) days from order to arrival on the first way in
    in_ptr, in_way     ways into node n are in_way[in_ptr[n]:in_ptr[n + 1]]
    share, allowed     (D, A) part of what a node orders that a way is asked for; (P, A) whether it can be used
    wait               (A,) days a node has been behind before a way without a share is asked
    usd                (P, A) USD per unit bought, run or sent (freight and insurance)
    buy_due, buy_cap   (D, B) day of arrival of what is ordered (-1: no order); units a day
    least              (B,) units of the least order; 0: any
    price_low, price_high  (P, B) least and most that chance makes of a price, as a factor on it
    make_*             (M,) line, hours a run, output; (P, M) good units a run; inputs and by-products by process
    out_ptr, out_way, out_input    who takes from a node, dearest first: a way, and which input of it (-1: a lane)
    hours              (D, R) of each line
    ship_*             (L,) from, to, lane, class of lead time; customs value, duty and fees per unit (P, L)
    express, cover     (L,) lanes that are called in as soon as goods will not last until theirs come; (D, L) what is
                       planned to be used until then
    box_of             (L,) the containers that a lane with an item fills; -1: none that leave whole
    box_ptr, box_ship, box_mass, box_volume, box_danger   of each kind of containers G what fills them: number of the
                       lane with an item, parts of one that a unit fills by mass and by volume, whether dangerous
    box_days           (G,) days that goods wait for a container to be full
    box_usd, box_more  (G,) USD a container, and for one with dangerous goods beside it
    lead               (D, C) days under way for what leaves on a day; -1: nothing leaves
    lane_cap, lane_days  units a day by lane; of how many days it takes them at once: one, or as long as containers wait
    base, promised     (D, Q) planned demand; the part of it that the plan serves
    serve_*            ways to serve row q: node, units a want; part (D, W); whether, USD a want (P, W); kWh a want
    patience, keeps    (Q,) days that a customer waits; part of the customers who wait at all
    short_usd, late_usd  (P, Q) USD a want that is lost; USD a want and day
    switch             days without goods before another item is offered
    """

    period: Ints
    month: Ints
    discount: Floats
    end_discount: float
    on_hand: Floats
    target: Floats
    came_day: Ints
    came_node: Ints
    came_units: Floats
    hold_usd: Floats
    end_usd: Floats
    old_node: Ints
    old_days: Ints
    old_first: Ints
    old_usd: Floats
    lead_in: Floats
    in_ptr: Places
    in_way: Places
    share: Floats
    allowed: NDArray[np.bool_]
    wait: Ints
    usd: Floats
    buy_due: Ints
    buy_cap: Floats
    least: Floats
    price_low: Floats
    price_high: Floats
    make_line: Ints
    make_hours: Floats
    make_out: Ints
    make_yield: Floats
    input_ptr: Places
    input_node: Places
    input_units: Floats
    beside_ptr: Places
    beside_node: Places
    beside_units: Floats
    out_ptr: Places
    out_way: Places
    out_input: Ints
    hours: Floats
    ship_from: Places
    ship_to: Places
    ship_lane: Places
    ship_class: Places
    ship_customs: Floats
    ship_duty: Floats
    express: NDArray[np.bool_]
    cover: Floats
    box_of: Ints
    box_ptr: Places
    box_ship: Places
    box_mass: Floats
    box_volume: Floats
    box_danger: NDArray[np.bool_]
    box_days: Floats
    box_usd: Floats
    box_more: Floats
    lead: Ints
    lane_cap: Floats
    lane_days: Floats
    base: Floats
    promised: Floats
    serve_ptr: Places
    serve_node: Places
    serve_units: Floats
    serve_share: Floats
    serve_allowed: NDArray[np.bool_]
    serve_usd: Floats
    serve_kwh: Floats
    patience: Ints
    keeps: Floats
    short_usd: Floats
    late_usd: Floats
    switch: int


class Links(NamedTuple):
    """What each uncertain thing touches, by the arrays of a system.

    *_ptr, *_risk, *_weight   the risks on each row of demand, purchase, process, lane with an item; `noise` are those
                              of demand that are drawn by day or week, `slow` those on the transit of a lane
    stop_ptr, stop_what       what an event of a risk stops: ways (A), ways to serve (A + W), lines (A + W + R)
    noise_name, slow_name     what tells the numbers of one row of demand, one lane from those of another
    slow_low, slow_likely, slow_high   days under way of each lane, for risks that name no days
    left                      (R,) part that works on
    duty_ptr, duty_ship, duty_add   lanes with an item that pay more duty while it lasts, and how much (a share)
    """

    demand_ptr: Ints
    demand_risk: Ints
    demand_weight: Floats
    noise_ptr: Ints
    noise_risk: Ints
    price_ptr: Ints
    price_risk: Ints
    price_weight: Floats
    freight_ptr: Ints
    freight_risk: Ints
    freight_weight: Floats
    yield_ptr: Ints
    yield_risk: Ints
    yield_weight: Floats
    noise_name: NDArray[np.uint64]
    slow_name: NDArray[np.uint64]
    slow_ptr: Ints
    slow_risk: Ints
    slow_low: Floats
    slow_likely: Floats
    slow_high: Floats
    stop_ptr: Ints
    stop_what: Ints
    left: Floats
    duty_ptr: Ints
    duty_ship: Ints
    duty_add: Floats


class Law(NamedTuple):
    """How uncertain things are drawn; K risks, months as in the system.

    name             (K,) what tells the numbers of one risk from those of another
    month_first      (months + 1,) first day of each month
    shape, numbers   (K,) distribution and (K, 3) its parameters
    every            (K,) 0 once, 1 year, 2 month, 3 week, 4 day
    keeps            (K,) correlation of a draw with the one before
    mixing           (K, K) lower triangle: latent normals from independent ones
    clock            (K,) 0 no events, 1 at any time, 2 once, 3 on known days
    threshold        (K, months) latent normal above which an event starts in a month; clocks 2 and 3: column 0
    first, last      (K,) days between which an event may start
    known_ptr, known_day  known days of clock 3
    length           (K,) days of an event (0: for good)
    spread           (K,) coefficient of variation of the length; below 0: the length is drawn from the distribution
    path_ptr, path   months of history that are replayed, over their mean; empty where not replayed
    on               (K,) whether it acts
    """

    name: NDArray[np.uint64]
    month_first: Ints
    shape: Ints
    numbers: Floats
    every: Ints
    keeps: Floats
    mixing: Floats
    clock: Ints
    threshold: Floats
    first: Ints
    last: Ints
    known_ptr: Ints
    known_day: Ints
    length: Floats
    spread: Floats
    path_ptr: Ints
    path: Floats
    on: NDArray[np.bool_]


class Future(NamedTuple):
    """One future: what each risk does.

    level   (K, months) factor on what is planned
    begins, ends, events   (K, J), (K, J), (K,) from the first day of each event to before the second; how many
    key     (1,) what the numbers of every day come from
    """

    level: Floats
    begins: Ints
    ends: Ints
    events: Ints
    key: NDArray[np.uint64]


class Futures(NamedTuple):
    """A block of B futures side by side.

    level   (K, months, B)
    begins, ends, events   (K, J, B), (K, J, B), (K, B)
    key     (B,)
    """

    level: Floats
    begins: Ints
    ends: Ints
    events: Ints
    key: NDArray[np.uint64]

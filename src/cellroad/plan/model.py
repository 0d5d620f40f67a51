"""The planning model, one function per business rule.

Columns (quantities per period, all non-negative):

    buy[b]      units bought under an offer            order[b]   1 if that offer is used in that period (MOQ)
    make[m]     runs of a process on a line            start[s]   1 if an option or campaign is started then
    ship[h]     units that leave on a lane             hold[n,t]  units of a node in stock at the end of t
    sell[l]     wants served with an item              short[d]   wants not served

The objective is the net present value, minimised as its negative: every column carries the discounted money that one
unit of it moves. The equations stand in the docstrings of the blocks.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cellroad.plan.kernel import Block, Builder, Model
from cellroad.plan.network import Network
from cellroad.plan.starting import EXISTING
from cellroad.plan.timelines import members

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Balances:
    """Where the balance of a node and period stands: `row[node, t]` is its number, -1 where there is none."""

    row: Ints
    node: Ints
    period: Ints


def build(net: Network) -> Model:
    """Return the model of a network."""
    m = Builder()
    where = balances(net)
    buy, order = buying(m, net)
    make = making(m, net)
    ship = shipping(m, net)
    hold = holding(m, net, where)
    sell, short = selling(m, net)
    start = starting(m, net)
    balance(m, net, where, buy, make, ship, hold, sell)
    minimum_order(m, net, buy, order)
    capacity(m, net, make, start)
    demand(m, net, sell, short)
    certified(m, net, sell, start)
    taken(m, net, start)
    required(m, net, start)
    return m.build()


def balances(net: Network) -> Balances:
    """Number the balances: every node from the first period in which something can be there."""
    grid = net.nodes.select("node", "earliest").join(
        pl.DataFrame({"period": np.arange(net.periods.count)}), how="cross"
    )
    grid = grid.filter(pl.col("period") >= pl.col("earliest"))
    row = np.full((net.codes.nodes, net.periods.count), -1, dtype=np.int64)
    node, period = grid["node"].to_numpy(), grid["period"].to_numpy()
    row[node, period] = np.arange(grid.height)
    return Balances(row, node, period)


def buying(m: Builder, net: Network) -> tuple[Block, Block]:
    """Buy at the offer's price: value -price * discount[t]; 0 <= buy <= most."""
    discount = net.periods.discount[net.buys["period"]]
    buy = m.add_columns(
        "buy",
        net.buys.height,
        cost=net.buys["price_usd"] * discount,
        upper=net.buys["most"],
        size_of=net.size(net.buys["node"]),
    )
    with_minimum = net.buys.filter(pl.col("moq") > 0)
    order = m.add_columns("order", with_minimum.height, upper=1.0, whole=True)
    return buy, order


def making(m: Builder, net: Network) -> Block:
    """Make in runs: value -conversion cost * discount[t]; 0 <= make <= most."""
    discount = net.periods.discount[net.makes["period"]]
    return m.add_columns(
        "make",
        net.makes.height,
        cost=net.makes["cost_usd"] * discount,
        upper=net.makes["most"],
        size_of=net.size(net.makes["node"]),
    )


def shipping(m: Builder, net: Network) -> Block:
    """Ship: freight and insurance when it leaves, duty and fees when it enters, in the shares in which it arrives.

    Goods under way at the end are worth the terminal share of what they were worth where they left.
    """
    ships, lands, discount = net.ships, net.lands, net.periods.discount
    cost = (ships["freight_usd"] + ships["insurance_usd"]).to_numpy() * discount[ships["period"]]
    later = np.append(discount, 0.0)[lands["to"]]
    np.add.at(cost, lands["ship"].to_numpy(), (lands["duty_usd"] + lands["fees_usd"]).to_numpy() * later)
    outside = lands.filter(pl.col("to") == net.periods.count)
    kept = end_value(net, ships["node_from"].to_numpy()[outside["ship"].to_numpy()]) * outside["share"].to_numpy()
    np.add.at(cost, outside["ship"].to_numpy(), -kept * end_discount(net))
    return m.add_columns("ship", ships.height, cost=cost, upper=ships["most"], size_of=net.size(ships["node_from"]))


def holding(m: Builder, net: Network, where: Balances) -> Block:
    """Hold: share per year of the standard cost, for the months of the period; a value at the end of the horizon."""
    cost = holding_usd(net, where.node, where.period) * net.periods.discount[where.period]
    last = where.period == net.periods.count - 1
    cost[last] -= end_value(net, where.node[last]) * end_discount(net)
    return m.add_columns("hold", where.node.size, cost=cost, size_of=net.size(where.node))


def holding_usd(net: Network, node: Ints, period: Ints) -> Floats:
    """Return what holding one unit over a period costs, undiscounted."""
    rate = np.zeros(net.codes.nodes)
    rate[net.nodes["node"].to_numpy()] = net.nodes["holding_per_year"].to_numpy()
    return finite(net.worth[node, period]) * rate[node] * net.periods.months[period] / 12


def end_value(net: Network, node: Ints) -> Floats:
    """Return what a unit is worth at the end of the horizon, undiscounted: a share of the lowest it ever cost.

    Never more than it costs to get, so that no plan buys for the sake of the end.
    """
    return finite(net.floor[node]) * net.settings.terminal_stock_share


def end_discount(net: Network) -> float:
    """Return the discount factor of the end of the horizon."""
    return float(net.periods.discount_at(float(net.periods.first_day[-1])))


def finite(value: Floats) -> Floats:
    """Return values with what is worth nothing to anybody (infinite cost) as zero."""
    return np.where(np.isfinite(value), value, 0.0)


def selling(m: Builder, net: Network) -> tuple[Block, Block]:
    """Sell at the market's price with the item's adder; what is not served costs its penalty."""
    sells, wanted, discount = net.sells, net.wanted, net.periods.discount
    sell = m.add_columns(
        "sell",
        sells.height,
        cost=-sells["price_usd"].to_numpy() * discount[sells["period"]],
        upper=sells["most"],
        size_of=sells["wanted"],
    )
    short = m.add_columns(
        "short",
        wanted.height,
        cost=wanted["short_usd"] * discount[wanted["period"]],
        upper=wanted["wanted"],
        size_of=wanted["wanted"],
    )
    return sell, short


def starting(m: Builder, net: Network) -> Block:
    """Start an option or campaign: spending, fixed cost while it runs and value at the end, all discounted."""
    cash = net.starts.cash
    factor = np.append(net.periods.discount, end_discount(net))[cash["period"]]
    cost = np.zeros(net.starts.frame.height)
    np.add.at(cost, cash["start"].to_numpy(), -cash["usd"].to_numpy() * factor)
    return m.add_columns("start", cost.size, cost=cost, upper=1.0)


def balance(
    m: Builder, net: Network, where: Balances, buy: Block, make: Block, ship: Block, hold: Block, sell: Block
) -> None:
    """What comes in goes out or stays, at every node n and period t:

    hold[n,t-1] + buy + yield * make + sum of arriving shares of ship = consumed + ship + units * sell + hold[n,t],
    with the stock on hand before the first period.
    """  # fmt: skip
    on_hand = np.zeros(net.codes.nodes)
    on_hand[net.nodes["node"].to_numpy()] = net.nodes["on_hand"].to_numpy()
    first = np.where(where.period == 0, -on_hand[where.node], 0.0)
    rows = m.add_rows("balance", where.node.size, lower=first, upper=first)

    def row(node: pl.Series, period: pl.Series) -> Ints:
        return np.asarray(rows.first + where.row[node.to_numpy(), period.to_numpy()])

    m.add_terms(row(net.buys["node"], net.buys["period"]), buy.ids, 1.0)
    m.add_terms(row(net.makes["node"], net.makes["period"]), make.ids, net.makes["yield_share"])
    used = net.uses.join(net.makes.select("make", "period"), on="make", maintain_order="left")
    m.add_terms(row(used["node"], used["period"]), make.first + used["make"].to_numpy(), -used["quantity"])
    m.add_terms(row(net.ships["node_from"], net.ships["period"]), ship.ids, -1.0)
    landed = net.lands.filter(pl.col("to") < net.periods.count).join(
        net.ships.select("ship", "node_to"), on="ship", maintain_order="left"
    )
    m.add_terms(row(landed["node_to"], landed["to"]), ship.first + landed["ship"].to_numpy(), landed["share"])
    m.add_terms(row(net.sells["node"], net.sells["period"]), sell.ids, -net.sells["units"])
    m.add_terms(rows.ids, hold.ids, -1.0)
    goes_on = where.period < net.periods.count - 1
    after = where.row[where.node[goes_on], where.period[goes_on] + 1]
    m.add_terms(rows.first + after, hold.ids[goes_on], 1.0)


def minimum_order(m: Builder, net: Network, buy: Block, order: Block) -> None:
    """An order is at least the minimum, or none: moq * order <= buy <= most * order."""
    chosen = np.flatnonzero(net.buys["moq"].to_numpy() > 0)
    limits = net.buys[chosen.tolist()]
    least = m.add_rows("moq least", chosen.size, lower=0.0)
    m.add_terms(least.ids, buy.first + chosen, 1.0)
    m.add_terms(least.ids, order.ids, -limits["moq"])
    most = m.add_rows("moq most", chosen.size, upper=0.0)
    m.add_terms(most.ids, buy.first + chosen, 1.0)
    m.add_terms(most.ids, order.ids, -limits["most"])


def capacity(m: Builder, net: Network, make: Block, start: Block) -> None:
    """Hours used on a batch of lines are at most what it has; a line of an option has none before it is taken:

    sum of hours_per_unit * make[batch, t] <= hours of what stands + sum over its starts of hours[s, t] * start[s].
    """
    used = net.makes.filter(pl.col("batch").is_not_null())
    batches = used.select("batch").unique().sort("batch").with_row_index("row").cast({"row": pl.Int64})
    lines = net.lines.join(batches, on="batch")
    hours, line_row = lines["hours"].to_numpy(), lines["row"].to_numpy()
    standing = lines["start"].to_numpy() == EXISTING
    available = np.zeros(batches.height)
    np.add.at(available, line_row[standing], hours[standing])
    rows = m.add_rows("capacity", batches.height, upper=available)
    placed = used.join(batches, on="batch").filter(pl.col("hours_per_unit") > 0)
    m.add_terms(rows.first + placed["row"].to_numpy(), make.first + placed["make"].to_numpy(), placed["hours_per_unit"])
    m.add_terms(rows.first + line_row[~standing], start.first + lines["start"].to_numpy()[~standing], -hours[~standing])


def demand(m: Builder, net: Network, sell: Block, short: Block) -> None:
    """What is wanted is served or not: sum of sell + short = wanted."""
    wanted = net.wanted["wanted"].to_numpy()
    rows = m.add_rows("demand", wanted.size, lower=wanted, upper=wanted)
    m.add_terms(rows.first + net.sells["row"].to_numpy(), sell.ids, 1.0)
    m.add_terms(rows.ids, short.ids, 1.0)


def certified(m: Builder, net: Network, sell: Block, start: Block) -> None:
    """An item is sold only after its campaign: sell <= sum over starts of permitted wants * start."""
    number = {sell_id: n for n, sell_id in enumerate(net.sells["sell"])}
    pairs = net.permits.select("sell", "standard").unique(maintain_order=True).with_row_index("pair")
    rows = m.add_rows("certified", pairs.height, upper=0.0)
    column = pairs["sell"].replace_strict(number, return_dtype=pl.Int64)
    m.add_terms(rows.ids, sell.first + column.to_numpy(), 1.0)
    terms = net.permits.join(pairs, on=["sell", "standard"]).join(net.sells.select("sell", "wanted"), on="sell")
    m.add_terms(
        rows.first + terms["pair"].cast(pl.Int64).to_numpy(),
        start.first + terms["start"].to_numpy(),
        -(terms["share"] * terms["wanted"]).to_numpy(),
    )


def taken(m: Builder, net: Network, start: Block) -> None:
    """An option or campaign, and a group of which at most one option is taken, has been started by t or not:

    open[g, t] = sum over its starts up to t of start[s];  open[g, t] is 0 or 1.

    Starts are whole because these sums are. Searching over "by when" instead of "exactly when" decides much more with
    each branch: measured, it is the difference between seconds and an hour.
    """  # fmt: skip
    together = members(net).select("group", "start", started="period")
    dates = together.select("group", period="started").unique().sort("group", "period").with_row_index("row")
    opened = m.add_columns("open", dates.height, upper=1.0, whole=True)
    rows = m.add_rows("open", dates.height, lower=0.0, upper=0.0)
    m.add_terms(rows.ids, opened.ids, -1.0)
    terms = dates.join(together, on="group").filter(pl.col("started") <= pl.col("period"))
    m.add_terms(rows.first + terms["row"].cast(pl.Int64).to_numpy(), start.first + terms["start"].to_numpy(), 1.0)


def required(m: Builder, net: Network, start: Block) -> None:
    """An option works only when the one it requires works: for every period t,

    sum of start[o, s] ready by t <= sum of start[r, s] ready by t.
    """
    options = net.starts.frame.filter(pl.col("kind") == "option")
    pairs = [
        (option, needed.strip())
        for option, requires in options.select("what", "requires").unique(maintain_order=True).iter_rows()
        if requires
        for needed in requires.split(";")
    ]
    rows = m.add_rows("required", len(pairs) * net.periods.count, upper=0.0)
    ends = net.periods.first_day[1:]
    for n, (option, needed) in enumerate(pairs):
        for what, factor in ((option, 1.0), (needed, -1.0)):
            mine = options.filter(pl.col("what") == what)
            works = mine["ready_day"].to_numpy()[None, :] < ends[:, None]
            period, column = np.nonzero(works)
            m.add_terms(
                rows.first + n * net.periods.count + period,
                start.first + mine["start"].to_numpy()[column],
                factor,
            )

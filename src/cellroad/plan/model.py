"""The planning model, one function per business rule.

Columns (quantities per period, all non-negative):

    buy[b]      units bought under an offer            order[b]   1 if that offer is used in that period (MOQ)
    make[m]     runs of a process on a line            start[s]   1 if an option or campaign is started then
    ship[h]     units that leave on a lane             hold[n,t]  units of a node in stock at the end of t
    sell[l]     wants served with an item              short[d]   wants not served
                                                       open[g,t]  1 if one of g has been started by t
    containers[c,t] containers paid for    shipment[a,t] 1 if anything is sent on lane a
    credit[k,z] runs that earn when sold in z     claim[g]   1 if the runs of g keep the ratio that a credit asks

The objective is the net present value, minimised as its negative: every column carries the discounted money that one
unit of it moves. The equations stand in the docstrings of the blocks. t is a period and runs from 0 to T - 1, `end` is
the end of the horizon, n is a node (an item at a site), `discount` the factor at the middle of a period.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cellroad.plan import emissions
from cellroad.plan.buying import contracts, sourcing, tiers
from cellroad.plan.goods import goods
from cellroad.plan.goods.pipeline import supplied
from cellroad.plan.goods.scrapping import kept_shares
from cellroad.plan.kernel import Block, Builder, Model
from cellroad.plan.law import drawback
from cellroad.plan.network.network import Balances, Network
from cellroad.plan.network.worth import finite
from cellroad.plan.options import certifying, closing, conditions, utilisation
from cellroad.plan.options.starting import EXISTING
from cellroad.plan.options.timelines import members
from cellroad.plan.partners.owners import line_owners
from cellroad.plan.partners.partnering import look_at_partners
from cellroad.plan.partners.whose import by_partner
from cellroad.plan.periods import paid_later
from cellroad.plan.transport import containers

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
CLAIM_STAKE = 0.1
"""Share of all that its runs could earn which is at stake in a claim; measured: dates come first, but not always."""


def build(net: Network) -> Model:
    """Return the model of a network."""
    m = Builder(np.append(net.periods.discount, end_discount(net)))
    where = net.balances
    buy, order = buying(m, net)
    make = making(m, net)
    ship = shipping(m, net)
    hold = holding(m, net, where)
    sell, short = selling(m, net)
    start = starting(m, net)
    balance(m, net, where, buy, make, ship, hold, sell)
    minimum_order(m, net, buy, order)
    sign = contracts.signing(m, net)
    contracts.under_contract(m, net, buy, sign)
    contracts.least_taken(m, net, buy, sign)
    contracts.most_taken(m, net, buy, sign)
    contracts.prepaid(m, net, buy, sign)
    tiers.tiering(m, net, buy)
    sourcing.sourcing(m, net, buy, make, sign)
    capacity(m, net, make, start)
    lane_capacity(m, net, ship)
    demand(m, net, sell, short)
    cover = certifying.covering(m, net, start)
    certifying.certified(m, net, sell, start, cover)
    certifying.made_of(m, net, make, start, cover)
    certifying.laboratories(m, net, start)
    taken(m, net, start)
    conditions.required(m, net, start)
    conditions.excluding(m, net, start)
    conditions.budgeted(m, net, start)
    closing.closing(m, net, make, start)
    utilisation.least_use(m, net, make, start)
    utilisation.running(m, net, make, start)
    credit = crediting(m, net, make)
    keeping_ratio(m, net, make, credit)
    earned_on_sale(m, net, sell, credit)
    standing(m, net)
    containers.containers(m, net, ship)
    containers.shipments(m, net, ship)
    containers.limits(m, net, ship, hold)
    emissions.pricing(m, net, buy, make, ship)
    emissions.limiting(m, net, buy, make, ship, sell)
    goods.rules(m, net)
    if net.chain.drawbacks.height:
        drawback.refunding(m, net, ship)
    if by_partner(net):
        look_at_partners(net, m, short)
    return m.build()


def place_of(net: Network, node: pl.Series | Ints) -> Ints:
    """Return the code of the site of each node."""
    return np.asarray(node) // net.codes.items.height


def places(net: Network, sites: pl.Series) -> Ints:
    """Return the code of each site id, -1 where there is none."""
    return net.codes.places(sites)


def standing(m: Builder, net: Network) -> None:
    """What stands already has its fixed cost whatever is decided.

    value   - sum over t of fixed[t] * discount[t]
    """
    at = net.fixed.join(net.chain.resources.select("resource", "site"), on="resource", maintain_order="left")
    m.given("fixed", at["period"], at["usd"], places(net, at["site"]), line_owners(net, at["resource"]))


def buying(m: Builder, net: Network) -> tuple[Block, Block]:
    """Buy at the offer's price, at most what the offer gives and what can be of use.

        value   - sum over u of (1 - margin[b]) * price[b] * paid[b,u] * discount[u] * buy[b]
        bounds  0 <= buy[b] <= most[b];  order[b] is 0 or 1

    paid[b,u] is the part of it that is paid in u, payment_days after handover; what is due after the end counts there.
    margin[b] is the part of the price that a partner of the chain keeps as its profit.
    An offer with a minimum order has an order column in every period.
    """
    buys = net.buys
    buy = m.add_columns(
        "buy", buys.height, upper=buys["most"], size_of=net.size(buys["node"]),
        index=buys.select("offer", "node", "period"),
    )  # fmt: skip
    offers = net.chain.offers.join(net.chain.sites.select("site", "partner"), on="site", how="left")
    terms = buys.join(
        offers.select("offer", "payment_days", "margin_share", "partner"), on="offer", how="left", maintain_order="left"
    )
    at, when, share = paid_later(net.periods, buys["period"].to_numpy(), terms["payment_days"].to_numpy())
    paid = -buys["price_usd"].to_numpy()[at] * share
    here = place_of(net, buys["node"])
    m.money("purchase", buy.first + at, when, paid, here[at])
    kept = terms["margin_share"].to_numpy() * terms["partner"].is_not_null().to_numpy()
    m.money("margin", buy.first + at, when, -paid * kept[at], here[at], net.owners.number(terms["partner"])[at])
    with_minimum = net.buys.filter(pl.col("moq") > 0)
    order = m.add_columns(
        "order", with_minimum.height, upper=1.0, whole=True, index=with_minimum.select("offer", "period")
    )
    return buy, order


def making(m: Builder, net: Network) -> Block:
    """Make in runs, each at the conversion cost of its process.

        value   - cost[m] * discount[t] * make[m]
        bounds  0 <= make[m]

    A run gives `yield` good units; inputs and hours are per run.
    """
    makes = net.makes
    make = m.add_columns(
        "make", makes.height, size_of=net.size(makes["node"]),
        index=makes.select("process", "node", "batch", "period"),
    )  # fmt: skip
    m.money("make", make.ids, makes["period"], -makes["cost_usd"], place_of(net, makes["node"]))
    return make


def shipping(m: Builder, net: Network) -> Block:
    """Ship: freight and insurance when it leaves, duty and fees when it enters, in the shares in which it arrives.

        value   - (freight[h] + insurance[h]) * discount[t] * ship[h]
                - sum over u of (duty[h,u] + fees[h,u]) * discount[u] * ship[h]
                + late[h] * end_value[n] * discount[end] * ship[h]
        bounds  0 <= ship[h]

    u runs over the periods in which a part of h arrives; duty[h,u] and fees[h,u] are those of that part. late[h] is
    the part that is still under way at the end, worth there what it would be at the node n that it left.
    """
    ships = net.ships
    ship = m.add_columns(
        "ship", ships.height, size_of=net.size(ships["node_from"]), index=ships.select("lane", "item", "period")
    )
    there = place_of(net, ships["node_to"])
    for kind in ("freight", "insurance"):
        m.money(kind, ship.ids, ships["period"], -ships[f"{kind}_usd"], there)
    inside = net.lands.filter(pl.col("to") < net.periods.count)
    landed = inside["ship"].to_numpy()
    for kind in ("duty", "fees"):
        m.money(kind, ship.first + landed, inside["to"], -inside[f"{kind}_usd"], there[landed])
    outside = net.lands.filter(pl.col("to") == net.periods.count)
    late = outside["ship"].to_numpy()
    left = ships["node_from"].to_numpy()[late]
    kept = end_value(net, left) * outside["share"].to_numpy()
    m.money("end_stock", ship.first + late, net.periods.count, kept, place_of(net, left))
    return ship


def holding(m: Builder, net: Network, where: Balances) -> Block:
    """Hold stock at a share of its standard cost a year; what is left at the end of the horizon has a value.

        value   - worth[n,t] * holding[n] * months[t] / 12 * discount[t] * hold[n,t]
                + end_value[n] * discount[end] * hold[n,T-1]
        bounds  0 <= hold[n,t] <= max_on_hand[n]

    worth is the standard cost, holding the share of it a year, end_value what a unit is worth at the end.
    """
    most = np.full(net.codes.nodes, np.inf)
    limited = net.nodes.filter(pl.col("max_on_hand").is_not_null())
    most[limited["node"].to_numpy()] = limited["max_on_hand"].to_numpy()
    hold = m.add_columns(
        "hold", where.node.size, upper=most[where.node], size_of=net.size(where.node), index=where.index
    )
    here = place_of(net, where.node)
    m.money("holding", hold.ids, where.period, -holding_usd(net, where.node, where.period), here)
    last = where.period == net.periods.count - 1
    m.money("end_stock", hold.ids[last], net.periods.count, end_value(net, where.node[last]), here[last])
    return hold


def holding_usd(net: Network, node: Ints, period: Ints) -> Floats:
    """Return what holding one unit over a period costs, undiscounted."""
    rate = np.zeros(net.codes.nodes)
    rate[net.nodes["node"].to_numpy()] = net.nodes["holding_per_year"].to_numpy()
    return finite(net.worth[node, period]) * rate[node] * net.periods.months[period] / 12


def end_value(net: Network, node: Ints) -> Floats:
    """Return what a unit is worth at the end of the horizon, undiscounted: a share of the lowest it ever cost.

        end_value[n] = terminal_stock_share * min over t of the cheapest way to have a unit at n

    Never more than it costs to get, so that no plan buys for the sake of the end.
    """
    return finite(net.floor[node]) * net.settings.terminal_stock_share


def end_discount(net: Network) -> float:
    """Return the discount factor of the end of the horizon."""
    return net.periods.end_discount


def selling(m: Builder, net: Network) -> tuple[Block, Block]:
    """Sell at the market's price with the item's adder; what is not served costs its penalty.

        value   + sum over u of (price[d] + adder[item]) * paid[l,u] * discount[u] * sell[l]
                - penalty[d] * discount[t] * short[d]
        bounds  0 <= sell[l] <= most[l];  0 <= short[d] <= wanted[d]

    most[l] is what is wanted, for the part of the period in which the certificates of the item hold.
    """
    sells, wanted = net.sells, net.wanted
    waits = (sells["period"] > sells["wanted_period"]).any()
    served = ["market", "want", "segment", "item", "period", *(["wanted_period"] if waits else [])]
    sell = m.add_columns("sell", sells.height, upper=sells["most"], size_of=sells["wanted"], index=sells.select(served))
    segments = net.chain.segments.select("segment", "payment_days")
    days = sells.join(segments, on="segment", how="left", maintain_order="left")["payment_days"].fill_null(0)
    at, when, part = paid_later(net.periods, sells["period"].to_numpy(), days.to_numpy())
    earned = sells["price_usd"].to_numpy()[at] * part
    m.money("revenue", sell.first + at, when, earned, places(net, sells["market"])[at])
    short = m.add_columns(
        "short", wanted.height, upper=wanted["wanted"], size_of=wanted["wanted"],
        index=wanted.select("market", "want", "segment", "period"),
    )  # fmt: skip
    m.money("penalty", short.ids, wanted["period"], -wanted["short_usd"], places(net, wanted["market"]))
    return sell, short


def starting(m: Builder, net: Network) -> Block:
    """Start an option, closure or campaign: spending, fixed cost while it runs and value at the end, all discounted.

        value   (- sum over t of (capex[s,t] + fixed[s,t]) * discount[t] + residual[s] * discount[end]) * start[s]
        bounds  0 <= start[s] <= 1

    residual[s] is the straight-line value of the plant at the end, times terminal_plant_share.
    """
    frame = net.starts.frame
    start = m.add_columns("start", frame.height, upper=1.0, index=frame.select("undertaking", "period"))
    at = frame.join(net.chain.resources.select("resource", "site"), on="resource", how="left", maintain_order="left")
    place = places(net, at["site"])
    for (kind,), cash in net.starts.cash.group_by("kind", maintain_order=True):
        mine = cash["start"].to_numpy()
        m.money(str(kind), start.first + mine, cash["period"], cash["usd"], place[mine])
    return start


def balance(
    m: Builder, net: Network, where: Balances, buy: Block, make: Block, ship: Block, hold: Block, sell: Block
) -> None:
    """What comes in goes out or stays, at every node n and period t.

        kept[n,t] * hold[n,t-1] + given[n,t] + sum of buy[b] + sum of yield[m] * make[m] + sum of share[h,t] * ship[h]
            = sum of quantity[m,n] * make[m] + sum of ship[h] + sum of units[l] * sell[l] + hold[n,t]

    On the left what is bought and made there and the shares of shipments to n that arrive in t; on the right what runs
    take in, what leaves n in t, and what is sold there. given is the stock on hand in the first period and what arrives
    by itself, kept what storage leaves of a stock over a period (1 - loss_per_month to the power of its months).
    """
    right = -supplied(net)[where.node, where.period]
    rows = m.add_rows("balance", where.node.size, lower=right, upper=right, index=where.index)

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
    kept = kept_shares(net)[where.node[goes_on], where.period[goes_on] + 1]
    m.add_terms(rows.first + after, hold.ids[goes_on], kept)


def minimum_order(m: Builder, net: Network, buy: Block, order: Block) -> None:
    """An order is at least the minimum, or none, for every offer b with a minimum, in every period.

        moq[b] * order[b] <= buy[b] <= most[b] * order[b]

    Without an order nothing is bought.
    """
    chosen = np.flatnonzero(net.buys["moq"].to_numpy() > 0)
    limits = net.buys[chosen.tolist()]
    told = limits.select("offer", "period")
    least = m.add_rows("moq least", chosen.size, lower=0.0, index=told)
    m.add_terms(least.ids, buy.first + chosen, 1.0)
    m.add_terms(least.ids, order.ids, -limits["moq"])
    most = m.add_rows("moq most", chosen.size, upper=0.0, index=told)
    m.add_terms(most.ids, buy.first + chosen, 1.0)
    m.add_terms(most.ids, order.ids, -limits["most"])


def capacity(m: Builder, net: Network, make: Block, start: Block) -> None:
    """Hours used on a batch of lines are at most what it has; a line of an option has none before it is taken.

        sum over m on the batch of hours_per_unit[m] * make[m]
            <= standing[t] + sum over the starts of its lines of hours[s,t] * start[s]

    The ramp is in the hours: those of a start in a period follow from its age, as those of what stands already do.
    What takes no hours waits for its line all the same: make[m] <= most[m] * sum of start[s].
    """
    used, batches = net.makes.filter(pl.col("batch").is_not_null()), net.batches
    lines = net.lines.join(batches, on="batch")
    hours, line_row = lines["hours"].to_numpy(), lines["row"].to_numpy()
    standing = lines["start"].to_numpy() == EXISTING
    available = np.zeros(batches.height)
    np.add.at(available, line_row[standing], hours[standing])
    of = batches.join(
        net.lines.select("batch", "resource", "period").unique("batch"), on="batch", maintain_order="left"
    )
    rows = m.add_rows("capacity", batches.height, upper=available, index=of.select("batch", "resource", "period"))
    placed = used.join(batches, on="batch").filter(pl.col("hours_per_unit") > 0)
    m.add_terms(rows.first + placed["row"].to_numpy(), make.first + placed["make"].to_numpy(), placed["hours_per_unit"])
    m.add_terms(rows.first + line_row[~standing], start.first + lines["start"].to_numpy()[~standing], -hours[~standing])
    idle = used.filter(pl.col("hours_per_unit") == 0).join(lines.filter(standing), on="batch", how="anti")
    waits = m.add_rows("line first", idle.height, upper=0.0, index=idle.select("process", "node", "batch", "period"))
    m.add_terms(waits.ids, make.first + idle["make"].to_numpy(), 1.0)
    brought = idle.with_row_index("wait").cast({"wait": pl.Int64}).join(lines, on="batch")
    m.add_terms(
        waits.first + brought["wait"].to_numpy(), start.first + brought["start"].to_numpy(), -brought["most"].to_numpy()
    )


def lane_capacity(m: Builder, net: Network, ship: Block) -> None:
    """A lane v takes no more in a period than its limit a month, of all its items together.

        sum over h on v that leave in t of ship[h] <= max_per_month[v] * months[t]

    A lane without a limit has no such row.
    """
    limited = net.ships.filter(pl.col("max_per_month").is_not_null())
    told = limited.select("lane", "period", "max_per_month").unique(["lane", "period"], maintain_order=True)
    most = told["max_per_month"].to_numpy() * net.periods.months[told["period"]]
    rows = m.add_rows("lane capacity", told.height, upper=most, index=told.select("lane", "period"))
    placed = limited.join(told.with_row_index("row"), on=["lane", "period"], maintain_order="left")
    m.add_terms(rows.first + placed["row"].cast(pl.Int64).to_numpy(), ship.first + placed["ship"].to_numpy(), 1.0)


def demand(m: Builder, net: Network, sell: Block, short: Block) -> None:
    """What is wanted is served or not, for every market, want, segment and period d.

        sum over the items that satisfy d of sell[l] + short[d] = wanted[d]

    Every item that satisfies the want may serve a part of it.
    """
    wanted = net.wanted["wanted"].to_numpy()
    rows = m.add_rows(
        "demand", wanted.size, lower=wanted, upper=wanted,
        index=net.wanted.select("market", "want", "segment", "period"),
    )  # fmt: skip
    m.add_terms(rows.first + net.sells["row"].to_numpy(), sell.ids, 1.0)
    m.add_terms(rows.ids, short.ids, 1.0)


def taken(m: Builder, net: Network, start: Block) -> None:
    """An option or campaign, and a group of which at most one option is taken, has been started by t or not.

        open[g,t] = sum over its starts up to t of start[s];  open[g,t] is 0 or 1

    Starts are whole because these sums are. Searching over "by when" instead of "exactly when" decides much more with
    each branch: measured, it is the difference between seconds and an hour.
    """
    together = members(net).select("group", "start", "cost_usd", started="period")
    dates = together.select("group", period="started").unique().sort("group", "period").with_row_index("row")
    opened = m.add_columns("open", dates.height, upper=1.0, whole=True, index=dates.select("group", "period"))
    rows = m.add_rows("open", dates.height, lower=0.0, upper=0.0, index=dates.select("group", "period"))
    m.add_terms(rows.ids, opened.ids, -1.0)
    terms = dates.join(together, on="group").filter(pl.col("started") <= pl.col("period"))
    m.add_terms(rows.first + terms["row"].cast(pl.Int64).to_numpy(), start.first + terms["start"].to_numpy(), 1.0)
    stakes = together.group_by("group").agg(usd=pl.col("cost_usd").max())
    numbered = dates.join(stakes, on="group", maintain_order="left").cast({"row": pl.Int64})
    for _, timeline in numbered.group_by("group", maintain_order=True):
        m.decide(opened.first + timeline["row"].to_numpy(), float(timeline["usd"][0]) + 1.0)


def crediting(m: Builder, net: Network, make: Block) -> Block:
    """Earn a credit on runs: for every claim, every tax year y that their period touches, and every year z of the sale.

        value   + usd[k,z] * discount[t] * credit[k,z]
        bounds  0 <= sum over z of credit[k,z] <= part[k] * make[m];  z is y or the year after

    usd[k,z] is usd_per_unit * yield[m] + cost_share * (cost[m] + standard cost of the inputs), at the rate of z;
    part[k] is the part of the days of t that lies in y. A credit is counted when the unit is made.
    """
    credits = net.credits
    earning = credits.earning.join(credits.runs.drop("usd"), on="run", maintain_order="left")
    credit = m.add_columns(
        "credit", earning.height, size_of=_usual(net, earning), index=earning.select("run", "limit", "period")
    )
    made_at = place_of(net, net.makes["node"].gather(earning["make"]))
    m.money("credit", credit.ids, earning["period"], earning["usd"], made_at)
    free = credits.runs.filter(pl.col("state") == "free").join(credits.earning, on="run", how="semi").sort("run")
    rows = m.add_rows("credited", free.height, upper=0.0, index=free.select("run", "period"))
    place, column = _earnings(free, earning)
    m.add_terms(rows.first + place, credit.first + column, 1.0)
    m.add_terms(rows.ids, make.first + free["make"].to_numpy(), -free["part"])
    return credit


def keeping_ratio(m: Builder, net: Network, make: Block, credit: Block) -> None:
    """Claim only where enough of the material comes from makers that are not barred: all runs of a group g, or none.

        sum over z of credit[k,z] <= claimed[k] <= most[k] * claim[g]
        0 <= part[k] * make[m] - claimed[k] <= most[k] * (1 - claim[g])
        sum over k of g of (allowed[k] - least_share * material[k]) * claimed[k] >= 0;  claim[g] is 0 or 1

    allowed[k] and material[k] are the standard cost of the inputs of a run in the period of making. The runs that are
    claimed keep the ratio by themselves, also in the relaxation, so that no large number weakens it. Only groups of
    which some runs are over the least share and some under it are decided here.
    """
    runs = net.credits.decided
    group, part = runs["row"].to_numpy(), runs["part"].to_numpy()
    most = runs["most"].to_numpy() * part
    groups = runs.select("row").unique().sort("row")
    claim = m.add_columns("claim", groups.height, upper=1.0, whole=True, index=groups)
    told = runs.select("run", "row", "period")
    claimed = m.add_columns("claimed", runs.height, size_of=_usual(net, runs), index=told)
    rows = m.add_rows("credit claimed", runs.height, upper=0.0, index=told)
    place, column = _earnings(runs, net.credits.earning)
    m.add_terms(rows.first + place, credit.first + column, 1.0)
    m.add_terms(rows.ids, claimed.ids, -1.0)
    rows = m.add_rows("claimed", runs.height, upper=0.0, index=told)
    m.add_terms(rows.ids, claimed.ids, 1.0)
    m.add_terms(rows.ids, claim.first + group, -most)
    rows = m.add_rows("made", runs.height, lower=0.0, index=told)
    other = m.add_rows("unclaimed", runs.height, upper=most, index=told)
    for block in (rows, other):
        m.add_terms(block.ids, make.first + runs["make"].to_numpy(), part)
        m.add_terms(block.ids, claimed.ids, -1.0)
    m.add_terms(other.ids, claim.first + group, most)
    rows = m.add_rows("ratio", claim.size, lower=0.0, index=groups)
    m.add_terms(rows.first + group, claimed.ids, runs["over_usd"])
    stake = np.bincount(group, runs["usd"].to_numpy() * most, claim.size) if runs.height else np.zeros(0)
    for column, usd in zip(claim.ids, stake, strict=True):
        m.decide(np.array([column]), CLAIM_STAKE * float(usd) + 1.0)


def earned_on_sale(m: Builder, net: Network, sell: Block, credit: Block) -> None:
    """In a tax year z no more units of an item i earn than are sold, as such or inside something else.

        sum over k of yield[m] * credit[k,z] <= sum over l in z of content[i,l] * units[l] * sell[l]

    content is the most units of i in one unit of what is sold. A credit asks for a sale: nothing earns by being made
    for stock.
    """
    credits = net.credits
    earning = credits.earning.join(credits.runs.select("run", "good"), on="run", maintain_order="left")
    rows = m.add_rows("sold", credits.limits.height, upper=0.0, index=credits.limits)
    m.add_terms(rows.first + earning["limit"].to_numpy(), credit.ids, earning["good"])
    sold = credits.sold
    m.add_terms(rows.first + sold["limit"].to_numpy(), sell.first + sold["sell"].to_numpy(), -sold["units"])


def _earnings(runs: pl.DataFrame, earning: pl.DataFrame) -> tuple[Ints, Ints]:
    """Return every pair of a row of runs and a row of earning that belongs to it."""
    placed = runs.select("run", place=pl.int_range(pl.len()))
    pairs = earning.select("run", column=pl.int_range(pl.len())).join(placed, on="run").sort("column")
    return pairs["place"].to_numpy(), pairs["column"].to_numpy()


def _usual(net: Network, runs: pl.DataFrame) -> Floats:
    """Return about how many units these runs give in a period: the unit to count them in."""
    return net.size(net.makes["node"].gather(runs["make"]))

"""Which decisions exist at all? The chain unrolled in time, with everything that cannot serve a customer left out.

`expand` turns tables into frames of possible buys, makes, shipments, sales and starts; each row becomes one column of
the model. Costs are per unit and undiscounted.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cellroad.chain.chain import Chain
from cellroad.chain.check import broken_rows
from cellroad.chain.currencies import in_usd
from cellroad.chain.finding import ChainError
from cellroad.chain.orders import with_orders
from cellroad.chain.settings import PlanSettings
from cellroad.plan.buying.contracts import Contracts, counted, forced, make_contracts, usable
from cellroad.plan.buying.sourcing import Sourcing, make_sourcing
from cellroad.plan.buying.tiers import Tiers, best_rebate, make_tiers, within_reach
from cellroad.plan.goods import goods
from cellroad.plan.goods.goods import Goods, Prospects
from cellroad.plan.law import border
from cellroad.plan.law.barred import bearing, crossings, told, under_law
from cellroad.plan.law.credits import Credits, make_credits
from cellroad.plan.law.supposed import with_incentives
from cellroad.plan.network import arcs, reach
from cellroad.plan.network.arcs import Codes
from cellroad.plan.network.useful import useful_quantity
from cellroad.plan.network.ways import make_ways, undecided
from cellroad.plan.network.worth import finite, hanging, worth
from cellroad.plan.options.proofs import Permits, make_permits, make_proofs, provable, sellable
from cellroad.plan.options.starting import Starts, make_lines, make_starts
from cellroad.plan.partners.owners import Owners, make_owners
from cellroad.plan.partners.stakes import Stakes, make_stakes
from cellroad.plan.partners.transfer import Prices, customs_price, stated_prices
from cellroad.plan.periods import Periods, make_periods
from cellroad.plan.transport.cargo import loads
from cellroad.rules.eligibility import BAN_SCHEMA, CLAIM_SCHEMA, MATERIAL_SCHEMA, PREMIUM_SCHEMA, Eligibility
from cellroad.rules.fees import fee_rates, fees_usd
from cellroad.rules.incoterms import customs_share

Floats = NDArray[np.float64]
AMPLE = 100.0
"""How many times what customers want counts as no limit, where a number is needed. Once is not enough: of what leaves
in one period only the part that arrives in time may be of use, and then more must leave than is wanted."""

UNBOUND = Eligibility(
    *(pl.DataFrame(schema=schema) for schema in (BAN_SCHEMA, CLAIM_SCHEMA, MATERIAL_SCHEMA, PREMIUM_SCHEMA))
)
"""A law that bars nothing and gives no credit."""


@dataclass(frozen=True)
class Balances:
    """Where the balance of a node and period stands: `row[node, t]` is its number, -1 where there is none."""

    row: NDArray[np.int64]
    node: NDArray[np.int64]
    period: NDArray[np.int64]

    @property
    def index(self) -> pl.DataFrame:
        """Return the balances as a frame: node, period."""
        return pl.DataFrame({"node": self.node, "period": self.period})


@dataclass(frozen=True)
class Network:
    """The decisions of a plan. Nodes are items at sites; T is the number of periods.

    nodes    node, site, item, earliest, latest, on_hand, max_on_hand (null: no limit), holding_per_year
    worth    (nodes possible, T): standard cost per unit; floor: the lowest it ever is
    buys     offer, node, period, price_usd, most, moq, order_by
    lines    resource, start, period, hours, ramp_yield, batch (lines that do the same work)
    makes    make, process, node, resource, batch, period, yield_share, hours_per_unit, cost_usd, most (runs:
             more than could be of use)
    uses     make, node, quantity (per run)
    ships    ship, lane, item, origin, destination, node_from, node_to, period, freight_usd (0 where whole containers
             are paid), insurance_usd, ours (whether freight is paid beside the price),
             max_per_month (of the lane, null: no limit)
    lands    ship, to (T: after the horizon), share, duty_usd, fees_usd (per unit shipped, for that share)
    wanted   row, market, want, segment, period, wanted, short_usd, late_months, late_share
    sells    sell, row, market, want, segment, item, node, period (of delivery), units, price_usd, most (wants),
             wanted_period, late_usd
    permits  what needs a campaign (plan/options/proofs.py)
    most_hours  batch, hours: the most hours that a batch can ever have
    fixed    resource, period, usd: fixed cost of what stands already
    goods    what happens to goods over time beside all that (plan/goods/goods.py)
    credits  what may be claimed on what is made (plan/law/credits.py)
    contracts  what is agreed with suppliers (plan/buying/contracts.py)
    sourcing  limits on where purchases come from (plan/buying/sourcing.py)
    tiers    prices that change with quantity (plan/buying/tiers.py)
    bans     ban, binds, segment, border, item, answer, counts, valid_from, valid_to, wants, because, confidence
    remarks  what had to be assumed
    rules    what the law allows, as it was given
    """

    chain: Chain
    settings: PlanSettings
    periods: Periods
    codes: Codes
    starts: Starts
    nodes: pl.DataFrame
    worth: Floats
    floor: Floats
    useful: Floats
    buys: pl.DataFrame
    lines: pl.DataFrame
    makes: pl.DataFrame
    uses: pl.DataFrame
    ships: pl.DataFrame
    lands: pl.DataFrame
    wanted: pl.DataFrame
    sells: pl.DataFrame
    permits: Permits
    most_hours: pl.DataFrame
    fixed: pl.DataFrame
    goods: Goods
    credits: Credits
    contracts: Contracts
    tiers: Tiers
    sourcing: Sourcing
    bans: pl.DataFrame
    remarks: tuple[str, ...]
    rules: Eligibility

    @cached_property
    def balances(self) -> Balances:
        """Number the balances: every node from the first period in which something can be there."""
        grid = self.nodes.select("node", "earliest").join(
            pl.DataFrame({"period": np.arange(self.periods.count)}), how="cross"
        )
        grid = grid.filter(pl.col("period") >= pl.col("earliest"))
        row = np.full((self.codes.nodes, self.periods.count), -1, dtype=np.int64)
        node, period = grid["node"].to_numpy(), grid["period"].to_numpy()
        row[node, period] = np.arange(grid.height)
        return Balances(row, node, period)

    @cached_property
    def batches(self) -> pl.DataFrame:
        """Number the batches of lines on which something is made: batch, row."""
        used = self.makes.filter(pl.col("batch").is_not_null()).select("batch").unique().sort("batch")
        return used.with_row_index("row").cast({"row": pl.Int64})

    @cached_property
    def cargo(self) -> pl.DataFrame:
        """Return the shipments that count containers, mass or shipments, with what a unit of each loads."""
        return loads(self.chain, self.ships)

    @cached_property
    def owners(self) -> Owners:
        """Return who owns what."""
        return make_owners(self)

    @cached_property
    def stakes(self) -> Stakes:
        """Return who holds what of whom."""
        return make_stakes(self.chain, self.periods)

    @cached_property
    def transfer_prices(self) -> Prices:
        """Return the prices that are stated between partners."""
        return stated_prices(self.chain, self.periods)

    @cached_property
    def ready(self) -> NDArray[np.bool_]:
        """Return whether each start is ready by the end of each period: shape (T, starts)."""
        return np.asarray(self.starts.frame["ready_day"].to_numpy()[None, :] < self.periods.first_day[1:, None])

    def size(self, node: pl.Series | NDArray[np.int64]) -> Floats:
        """Return about how many units of a node's item flow in a period: the unit to count it in."""
        per_item = self.useful[:, 0].reshape(-1, self.codes.items.height).max(axis=0) / self.periods.count
        per_item = np.where(per_item > 0, per_item, 1.0)  # what nobody needs may come in all the same
        return np.asarray(per_item[np.asarray(node) % self.codes.items.height])


def expand(chain: Chain, rules: Eligibility = UNBOUND) -> Network:
    """Return the network of a checked chain under what the law allows.

    Raises ChainError on unreadable settings, and on stakes that cannot be read, such as one without a first day.
    """
    if broken := broken_rows(chain, "stakes"):
        raise ChainError(broken)
    chain = with_orders(in_usd(chain))
    settings = chain.plan_settings()
    periods = make_periods(settings)
    last_day = periods.date_of(int(periods.first_day[-1]) - 1)
    rules = with_incentives(chain, rules, periods.start.year, last_day.year)
    codes = arcs.make_codes(chain)
    open_at = arcs.open_days(chain, periods)
    starts = make_starts(chain, periods, settings)
    lines = make_lines(chain, periods, starts, open_at)
    contracts, tiers = make_contracts(chain, periods), make_tiers(chain, periods)
    buys = usable(contracts, periods, arcs.make_buys(chain, codes, periods, open_at))
    inputs = arcs.make_inputs(chain, codes)
    prospects = goods.make_prospects(chain, codes, periods, inputs)
    lane_arcs = arcs.make_lane_arcs(chain, codes, open_at, crossings(rules.bans, periods, settings))
    wanted = arcs.make_wanted(chain, periods)
    asked = arcs.make_sells(chain, codes, periods, wanted)
    proofs = make_proofs(chain, periods, starts)
    sells, selling = sellable(chain, periods, proofs, under_law(asked, rules, periods, settings))
    processes = chain.processes.with_columns(node=codes.node())

    makes, proven = provable(chain, periods, proofs, _makes(processes, lines, periods))
    found = _reach(chain, codes, periods, buys, makes, processes, inputs, lane_arcs, sells, prospects)
    bound = pl.DataFrame({"node": np.arange(codes.nodes), "earliest": found.earliest, "latest": found.latest}).filter(
        found.kept
    )
    bound = forced(contracts, codes, buys, bound)

    buys = _within(buys, bound)
    makes = _within(makes, bound).filter(
        ~pl.col("process").is_in(
            inputs.join(bound, left_on="input_node", right_on="node", how="anti")["process"].implode()
        )
    )
    makes = _after_inputs(makes, inputs, bound)
    sells = _within(sells, bound)
    ships, lands, crossing_duty, remarks = _ships(chain, periods, lane_arcs, bound)

    cost_arcs = make_ways(
        chain, codes, periods, buys, processes, inputs, lines, lane_arcs, ships, crossing_duty, prospects
    )
    value = worth(codes.nodes, cost_arcs, periods.count)
    lowest = replace(cost_arcs, price=cost_arcs.price - best_rebate(tiers, periods, buys)[:, None])
    floor = worth(codes.nodes, lowest.cheapest_ever(), 1)[:, 0]

    useful = useful_quantity(chain, codes, periods, sells, processes, inputs, ships, makes, prospects)
    coming = prospects.forced()
    coming = coming.with_columns(earliest=pl.Series(found.earliest).gather(coming["node"]))
    nodes = _nodes(chain, codes, settings, bound, coming.filter(pl.col("earliest") < periods.count))
    makes = _capped_makes(makes, useful, prospects.outputs)
    ships, lands = _priced(chain, settings, periods, ships, lands, crossing_duty, value)
    hours = _most_hours(lines, starts)
    uses = makes.select("make", "process").join(inputs, on="process").select("make", "quantity", node="input_node")
    buys = _limited(buys, useful, contracts)
    credits = make_credits(rules, periods, settings, codes, processes, makes, inputs, hours, sells, value)
    in_time = asked.filter(pl.col("period") == pl.col("wanted_period"))
    bans = bearing(rules.bans, in_time, lane_arcs.frame, periods, settings)
    return Network(
        chain=chain,
        settings=settings,
        periods=periods,
        codes=codes,
        starts=starts,
        nodes=nodes,
        worth=value,
        floor=floor,
        useful=useful,
        buys=buys,
        lines=lines,
        makes=makes,
        uses=uses,
        ships=ships,
        lands=lands,
        wanted=wanted,
        sells=sells.with_columns(most=pl.min_horizontal("most", "wanted")),
        permits=make_permits(proofs, selling.join(sells, on="sell", how="semi"), proven, makes),
        most_hours=hours,
        fixed=_fixed(chain, periods),
        goods=goods.make_goods(chain, codes, periods, prospects, nodes, buys, makes, sells, value),
        credits=credits,
        contracts=counted(contracts, periods, buys),
        tiers=within_reach(tiers, periods, buys),
        sourcing=make_sourcing(chain, codes, periods, contracts, buys, makes, uses),
        bans=bans,
        remarks=remarks + told(bans) + credits.remarks + undecided(codes, nodes, hanging(codes.nodes, cost_arcs)),
        rules=rules,
    )


def _within(frame: pl.DataFrame, bound: pl.DataFrame) -> pl.DataFrame:
    """Keep what happens at a node while that is of use."""
    return (
        frame.join(bound, on="node")
        .filter(pl.col("period").is_between(pl.col("earliest"), pl.col("latest")))
        .drop("earliest", "latest")
    )


def _makes(processes: pl.DataFrame, lines: pl.DataFrame, periods: Periods) -> pl.DataFrame:
    """Return every process on every batch of lines, and in every period where it needs no line (batch null)."""
    columns = ["process", "node", "resource", "hours_per_unit", "cost_usd", "yield_share"]
    free = pl.DataFrame(
        {"period": np.arange(periods.count), "batch": None, "ramp_yield": 1.0}, schema_overrides={"batch": pl.Int64}
    )
    batches = lines.select("resource", "batch", "period", "ramp_yield").unique().sort("batch")
    on_lines = processes.select(columns).join(batches, on="resource")
    unlimited = processes.filter(pl.col("resource").is_null()).select(columns).join(free, how="cross")
    return (
        pl.concat([on_lines, unlimited.select(on_lines.columns)])
        .with_columns(yield_share=pl.col("yield_share") * pl.col("ramp_yield"))
        .drop("ramp_yield")
    )


def _after_inputs(makes: pl.DataFrame, inputs: pl.DataFrame, bound: pl.DataFrame) -> pl.DataFrame:
    """Keep what is made when all its inputs can be there, and number it."""
    ready = inputs.join(bound, left_on="input_node", right_on="node").group_by("process").agg(pl.col("earliest").max())
    return (
        makes.join(ready, on="process", how="left")
        .filter(pl.col("earliest").is_null() | (pl.col("period") >= pl.col("earliest")))
        .drop("earliest")
        .with_row_index("make")
        .cast({"make": pl.Int64})
    )


def _capped_makes(makes: pl.DataFrame, useful: Floats, outputs: pl.DataFrame) -> pl.DataFrame:
    """Put on makes how many runs are more than could be of use, for the main item or for what comes out beside it."""
    most = AMPLE * useful[makes["node"], makes["period"]] / makes["yield_share"].to_numpy()
    beside = makes.select("period", "process", row=pl.int_range(pl.len())).join(outputs, on="process")
    runs = AMPLE * useful[beside["node"], beside["period"]] / beside["quantity"].to_numpy()
    np.maximum.at(most, beside["row"].to_numpy(), runs)
    return makes.with_columns(most=most)


def _most_hours(lines: pl.DataFrame, starts: Starts) -> pl.DataFrame:
    """Return the most hours that a batch of lines can ever have: batch, hours. One start of each undertaking counts."""
    undertakings = starts.frame.select("start", "undertaking")
    return (
        lines.join(undertakings, on="start", how="left")
        .group_by("batch", "undertaking")
        .agg(pl.col("hours").max())
        .group_by("batch")
        .agg(pl.col("hours").sum())
    )


def _limited(buys: pl.DataFrame, useful: Floats, contracts: Contracts) -> pl.DataFrame:
    """Limit what is bought to what can be of use, or has to be taken."""
    forced = contracts.deals.group_by("offer").agg(pl.col("least").sum())
    least = buys.join(forced, on="offer", how="left", maintain_order="left")["least"].fill_null(0.0)
    ample = np.maximum(AMPLE * useful[buys["node"], buys["period"]], np.maximum(buys["moq"], least))
    return buys.with_columns(most=np.minimum(buys["most"], ample))


def _reach(
    chain: Chain,
    codes: Codes,
    periods: Periods,
    buys: pl.DataFrame,
    makes: pl.DataFrame,
    processes: pl.DataFrame,
    inputs: pl.DataFrame,
    lane_arcs: arcs.LaneArcs,
    sells: pl.DataFrame,
    prospects: Prospects,
) -> reach.Reach:
    stocked = chain.stocks.filter(pl.col("on_hand") > 0).select(node=codes.node())["node"].to_numpy()
    asked = chain.stocks.filter((pl.col("min_units") > 0) | (pl.col("min_days") > 0)).select(node=codes.node())
    first_line = processes.select("process").join(
        makes.group_by("process").agg(pl.col("period").min()), on="process", how="left", maintain_order="left"
    )["period"]
    number = pl.DataFrame({"process": processes["process"], "number": np.arange(processes.height)})
    numbered = inputs.join(number, on="process")
    beside = prospects.outputs.join(number, on="process")
    frame, swaps, back = lane_arcs.frame, prospects.swaps, prospects.comebacks
    classes = int(frame["klass"].max() or 0) + 1  # type: ignore[arg-type]
    at_once = pl.DataFrame({"period": np.arange(periods.count)}).with_columns(
        to="period", share=pl.lit(1.0), klass=pl.lit(classes, dtype=pl.Int64)
    )  # what stands in for an item is as good as brought there
    later = back.arrivals.with_columns(pl.col("klass") + classes + 1)
    arrivals = pl.concat([lane_arcs.arrivals, at_once.select(later.columns), later])
    return reach.reach(
        codes.nodes,
        periods.count,
        sources=(
            np.concatenate([buys["node"].to_numpy(), stocked, prospects.arrivals["node"].to_numpy()]),
            np.concatenate(
                [
                    buys["period"].to_numpy(), np.zeros(stocked.size, dtype=np.int64),
                    prospects.arrivals["period"].to_numpy(),
                ]
            ),
        ),
        sinks=(
            np.concatenate([sells["node"].to_numpy(), asked["node"].to_numpy()]),
            np.concatenate([sells["period"].to_numpy(), np.full(asked.height, periods.count - 1)]),
        ),
        lanes=(
            np.concatenate([frame["node_from"].to_numpy(), swaps["node_from"].to_numpy()]),
            np.concatenate([frame["node_to"].to_numpy(), swaps["node_to"].to_numpy()]),
            np.concatenate([frame["klass"].to_numpy(), np.full(swaps.height, classes)]),
        ),
        returns=(
            back.frame["node_from"].to_numpy(), back.frame["node_to"].to_numpy(),
            back.frame["klass"].to_numpy() + classes + 1,
        ),
        clock=reach.timing(arrivals, periods.count, classes + 1 + back.frame.height),
        line_from=first_line.fill_null(periods.count).to_numpy(),
        outputs=(
            np.concatenate([np.arange(processes.height), beside["number"].to_numpy()]),
            np.concatenate([processes["node"].to_numpy(), beside["node"].to_numpy()]),
        ),
        inputs=(numbered["number"].to_numpy(), numbered["input_node"].to_numpy()),
    )  # fmt: skip


def _ships(
    chain: Chain, periods: Periods, lane_arcs: arcs.LaneArcs, bound: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame, border.Border, tuple[str, ...]]:
    """Return the shipments worth a column, where they land, and the duty of those that cross a border."""
    at_origin = bound.rename({"node": "node_from", "earliest": "from_first", "latest": "from_last"})
    at_end = bound.select(node_to="node", to_last="latest")
    first = lane_arcs.arrivals.group_by("klass", "period").agg(pl.col("to").min().alias("first_to"))
    kept = lane_arcs.frame.join(at_origin, on="node_from").join(at_end, on="node_to")
    terms = chain.offers.select(origin="site", item="item", incoterm="incoterm").unique(
        ["origin", "item"], keep="first", maintain_order=True
    )
    kept = kept.join(terms, on=["origin", "item"], how="left")
    crossings = kept.filter("crosses")
    duties = border.make_border(crossings, periods, chain.surcharges)
    kept = kept.join(
        duties.frame.rename({"importer": "country_to", "origin": "made_in"}),
        on=["country_to", "made_in", "hts"],
        how="left",
        nulls_equal=True,
    ).with_columns(tariff=pl.when("crosses").then("tariff"))
    ships = (
        kept.sort("lane", "item")
        .join(first.sort("period"), on="klass", maintain_order="left_right")
        .filter(
            pl.col("period").is_between(pl.col("from_first"), pl.col("from_last"))
            & (pl.col("first_to") <= pl.col("to_last"))
        )
        .with_row_index("ship")
        .cast({"ship": pl.Int64})
    )
    lands = ships.select("ship", "klass", "period").join(lane_arcs.arrivals, on=["klass", "period"])
    return ships, lands.select("ship", "to", "share"), duties, duties.remarks


def _priced(
    chain: Chain,
    settings: PlanSettings,
    periods: Periods,
    ships: pl.DataFrame,
    lands: pl.DataFrame,
    duties: border.Border,
    value: Floats,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Put freight, insurance, duty and fees on shipments.

    Customs value is the worth where the goods leave, or the price stated between partners; where the seller pays the
    main carriage (C and D rules) the freight is in the price and not paid again, and under DDP duty and fees are the
    seller's too.
    """
    worth_from = customs_price(chain, periods, ships, finite(value[ships["node_from"], ships["period"]]))
    ships = ships.with_columns(worth_usd=worth_from).with_columns(customs_share(settings.insurance_share))
    fees = fee_rates(periods.start)
    lands = (
        lands.join(
            ships.select(
                "ship", "tariff", "customs_usd", "duty_payer_share", "mode", "mass_kg", "container_kg", "country_to"
            ),
            on="ship",
            maintain_order="left",
        )
        .with_columns(value_usd="customs_usd", **{name: pl.lit(rate) for name, rate in fees.items()})
        .with_columns(fees_usd=fees_usd())
    )
    tariff = lands["tariff"].fill_null(0).to_numpy()
    crosses = lands["tariff"].is_not_null().to_numpy()
    rate = np.where(crosses, duties.duty[tariff, lands["to"].to_numpy()] if duties.duty.size else 0.0, 0.0)
    inside = lands["to"].to_numpy() < periods.count
    lands = lands.with_columns(
        duty_share=rate,
        duty_usd=pl.col("customs_usd") * pl.col("duty_payer_share") * pl.col("share") * rate * inside,
        fees_usd=pl.when(pl.lit(crosses & inside) & (pl.col("country_to") == "US"))
        .then(pl.col("fees_usd") * pl.col("duty_payer_share") * pl.col("share"))
        .otherwise(0.0),
    ).select("ship", "to", "share", "duty_share", "duty_usd", "fees_usd")
    return (
        ships.select(
            "ship", "lane", "item", "origin", "destination", "node_from", "node_to", "period", "insurance_usd",
            "max_per_month",
            freight_usd=pl.when(pl.col("whole_containers") == "yes").then(0.0).otherwise("freight_usd"),
            ours=pl.col("freight_payer_share") > 0,
        ),
        lands,
    )  # fmt: skip


def _nodes(
    chain: Chain, codes: Codes, settings: PlanSettings, bound: pl.DataFrame, forced: pl.DataFrame
) -> pl.DataFrame:
    """Return the nodes that have a balance: those of use, those with stock on hand, and those that get goods anyway."""
    stocks = chain.stocks.select("on_hand", "holding_share_per_year", "max_on_hand", node=codes.node())
    unused = forced.join(bound, on="node", how="anti")
    bound = pl.concat([bound, unused.select("node", "earliest", latest=pl.lit(-1, dtype=pl.Int64))])
    return (
        bound.join(stocks, on="node", how="full", coalesce=True)
        .filter(pl.col("earliest").is_not_null() | (pl.col("on_hand") > 0))
        .with_columns(
            on_hand=pl.col("on_hand").fill_null(0.0),
            latest=pl.col("latest").fill_null(-1),
            holding_per_year=pl.col("holding_share_per_year").fill_null(settings.holding_per_year),
        )
        .with_columns(earliest=pl.when(pl.col("on_hand") > 0).then(0).otherwise("earliest"))
        .sort("node")
        .select(
            "node", "earliest", "latest", "on_hand", "max_on_hand", "holding_per_year",
            site=codes.site_of(pl.col("node")), item=codes.item_of(pl.col("node")),
        )
    )  # fmt: skip


def _fixed(chain: Chain, periods: Periods) -> pl.DataFrame:
    """Return the fixed cost of existing lines by period, from their start of production on."""
    standing = chain.resources.filter((pl.col("status") == "operating") & (pl.col("fixed_usd_per_month") > 0))
    grid = periods.frame.select("period", "start", "months")
    return (
        standing.select("resource", "since", "fixed_usd_per_month")
        .join(grid, how="cross")
        .filter(pl.col("since").is_null() | (pl.col("since") <= pl.col("start")))
        .select("resource", "period", usd=-pl.col("fixed_usd_per_month") * pl.col("months"))
    )

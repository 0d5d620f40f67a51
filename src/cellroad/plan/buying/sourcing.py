"""Where purchases may come from: exclusivity, second sources, domestic shares, and what one supplier can give.

A rule looks at what is bought of an item, a stage or a chemistry in a calendar year, under all offers; or, with a site,
at what the runs there take in. It limits the part of it, or the quantity, that comes from one partner, country, site or
contract; without any of these, from each partner. A partner is the maker of the item; of what is bought, where the item
names none, who runs the site of the offer. A rule with a contract holds while that is signed. r is a rule in a year, s
a source, x a purchase or a run, weight[x] what one unit of it counts (units, kWh or US dollars, for the part of its
days that lies in the year), and

    sourced[r,s] = sum over x of s of weight[x] * x;  total[r] = sum over s of sourced[r,s]
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cellroad.chain.chain import Chain
from cellroad.plan.buying.contracts import Contracts
from cellroad.plan.buying.years import years
from cellroad.plan.kernel import Block, Builder
from cellroad.plan.law.border import origins
from cellroad.plan.network.arcs import Codes
from cellroad.plan.periods import Periods

if TYPE_CHECKING:
    from cellroad.plan.network.network import Network

Floats = NDArray[np.float64]
Schema = dict[str, type[pl.DataType]]
OTHERS = "others"
"""The source of all that does not come from the one that a rule names."""
LIMITS: Schema = {
    "limit": pl.Int64, "rule": pl.String, "year": pl.Int64, "begin": pl.Int64, "finish": pl.Int64, "part": pl.Float64,
    "deal": pl.Int64, "min_share": pl.Float64, "max_share": pl.Float64, "min_sources": pl.Int64,
    "min_per_year": pl.Float64, "max_per_year": pl.Float64, "measure": pl.String, "most": pl.Float64,
}  # fmt: skip
SOURCES: Schema = {"row": pl.Int64, "limit": pl.Int64, "source": pl.String, "named": pl.Boolean}
FLOWS: Schema = {"row": pl.Int64, "block": pl.String, "column": pl.Int64, "weight": pl.Float64}
WAYS = {"partner": "partner", "country": "country", "seller": "seller"}


@dataclass(frozen=True)
class Sourcing:
    """The rules of a chain by year.

    limits   limit, rule, year, begin, finish (day numbers), part (of the year), deal (contract that it hangs on, -1:
             none), min_share, max_share, min_sources, min_per_year, max_per_year, measure, most (that could be bought)
    sources  row, limit, source, named (the rule limits it)
    flows    row, block (buy, make), column (of the block), weight
    """

    limits: pl.DataFrame
    sources: pl.DataFrame
    flows: pl.DataFrame


def make_sourcing(
    chain: Chain,
    codes: Codes,
    periods: Periods,
    contracts: Contracts,
    buys: pl.DataFrame,
    makes: pl.DataFrame,
    uses: pl.DataFrame,
) -> Sourcing:
    """Return the rules of a chain for the purchases, or the runs, that they look at."""
    limits, sources, flows = pl.DataFrame(schema=LIMITS), pl.DataFrame(schema=SOURCES), pl.DataFrame(schema=FLOWS)
    if chain.sourcing.is_empty():
        return Sourcing(limits, sources, flows)
    bought, taken = _bought(chain, periods, buys), _taken(chain, codes, makes, uses)
    deals = {row["contract"]: row for row in contracts.deals.to_dicts()}
    for rule in chain.sourcing.to_dicts():
        span = _span(rule, deals, periods)
        mine = _within(bought if rule["site"] is None else taken.filter(pl.col("site") == rule["site"]), rule)
        found = years(periods, [] if span is None else [(*span, None)])
        if found.is_empty():
            continue
        label, named = _labels(rule, deals)
        mine = mine.with_columns(source=label)
        for year in found.to_dicts():
            part = _part(periods, mine, year)
            counted = mine.with_columns(weight=pl.Series(part, dtype=pl.Float64) * pl.col(f"{rule['measure']}_each"))
            counted = counted.filter(pl.col("weight") != 0)
            limit = {
                **{name: rule[name] for name in ("rule", "min_share", "max_share", "min_sources", "measure")},
                "limit": limits.height, "year": year["year"], "begin": year["begin"], "finish": year["finish"],
                "part": year["part"], "deal": deals[rule["contract"]]["deal"] if rule["contract"] else -1,
                "min_per_year": rule["min_per_year"], "max_per_year": rule["max_per_year"],
                "most": counted.select((pl.col("weight") * pl.col("most")).sum()).item(),
            }  # fmt: skip
            names = [*([named] if named else []), *counted["source"].unique().sort().to_list()]
            rows = pl.DataFrame({"source": list(dict.fromkeys(names))}, schema={"source": pl.String}).with_columns(
                row=pl.int_range(pl.len()) + sources.height, limit=pl.lit(limits.height, dtype=pl.Int64),
                named=pl.col("source") != OTHERS,
            )  # fmt: skip
            limits = pl.concat([limits, pl.DataFrame([limit], schema=LIMITS)])
            sources = pl.concat([sources, rows.select(*SOURCES)])
            flows = pl.concat([flows, counted.join(rows, on="source").select(*FLOWS)])
    return Sourcing(limits, sources, flows)


def _attributes(chain: Chain) -> pl.DataFrame:
    return chain.items.join(origins(chain), on="item", maintain_order="left").select(
        "item", "maker", "made_in", "kwh", stage=pl.col("stage").cast(pl.String), chemistry="chemistry"
    )


def _bought(chain: Chain, periods: Periods, buys: pl.DataFrame) -> pl.DataFrame:
    """Return what each purchase counts as: block, column, period, most, what it is, whose and from where."""
    last = periods.end - dt.timedelta(days=1)
    open_ = chain.offers.select("offer", "valid_from", pl.col("valid_to").fill_null(last))
    sites = chain.sites.select("site", "partner", "country")
    return (
        buys.select("offer", "site", "item", "period", "most", "price_usd", column=pl.int_range(pl.len()))
        .join(_attributes(chain), on="item", maintain_order="left")
        .join(sites, on="site", maintain_order="left")
        .join(open_, on="offer", maintain_order="left")
        .select(
            "column", "period", "most", "item", "stage", "chemistry", "offer", "valid_from", "valid_to",
            block=pl.lit("buy"), seller="site", partner=pl.coalesce("maker", "partner", "site"),
            country=pl.coalesce("made_in", "country"), units_each=pl.lit(1.0), kwh_each="kwh", usd_each="price_usd",
        )
    )  # fmt: skip


def _taken(chain: Chain, codes: Codes, makes: pl.DataFrame, uses: pl.DataFrame) -> pl.DataFrame:
    """Return what each run takes in of each input, in the same columns; the maker of an item is its partner."""
    return (
        uses.with_columns(item=codes.item_of(pl.col("node")), site=codes.site_of(pl.col("node")))
        .join(makes.select("make", "period", "most", column=pl.int_range(pl.len())), on="make", maintain_order="left")
        .join(_attributes(chain), on="item", maintain_order="left")
        .select(
            "site", "column", "period", "most", "item", "stage", "chemistry", block=pl.lit("make"),
            seller=pl.lit(None, dtype=pl.String), offer=pl.lit(None, dtype=pl.String),
            partner=pl.coalesce("maker", pl.lit("not known")), country=pl.coalesce("made_in", pl.lit("not known")),
            units_each="quantity", kwh_each=pl.col("quantity") * pl.col("kwh"), usd_each=pl.lit(0.0),
        )
    )  # fmt: skip


def _within(flows: pl.DataFrame, rule: dict[str, Any]) -> pl.DataFrame:
    """Return the flows of the item, stage and chemistry that a rule names."""
    names = [name for name in ("item", "stage", "chemistry") if rule[name]]
    return flows.filter(*(pl.col(name) == str(rule[name]) for name in names))


def _span(rule: dict[str, Any], deals: dict[str, dict[str, Any]], periods: Periods) -> tuple[int, int] | None:
    """Return the day numbers in which a rule holds: its own, and those of its contract."""
    first = 0 if rule["valid_from"] is None else periods.day_number(rule["valid_from"])
    after = int(periods.first_day[-1]) if rule["valid_to"] is None else periods.day_number(rule["valid_to"]) + 1
    if rule["contract"] is None:
        return first, after
    deal = deals.get(rule["contract"])
    return None if deal is None else (max(first, deal["begin"]), min(after, deal["finish"]))


def _labels(rule: dict[str, Any], deals: dict[str, dict[str, Any]]) -> tuple[pl.Expr, str]:
    """Return the source of each flow as a rule sees it, and the one that it names ("": it looks at each)."""
    named = {name: str(rule[column]) for column, name in WAYS.items() if rule[column]}
    if not named and rule["contract"] and rule["min_sources"] is None:
        named = {"offer": deals[rule["contract"]]["offer"]}
    if not named:
        return pl.col("partner"), ""
    text = " ".join(named.values())
    is_it = pl.all_horizontal([(pl.col(name) == value).fill_null(False) for name, value in named.items()])
    return pl.when(is_it).then(pl.lit(text)).otherwise(pl.lit(OTHERS)), text


def _part(periods: Periods, flows: pl.DataFrame, year: dict[str, Any]) -> Floats:
    """Return the part of the days of each flow (of the open days of a purchase) that lies in a year."""
    if flows.is_empty():
        return np.zeros(0)
    period = flows["period"].to_numpy()
    opened, closed = periods.first_day[period], periods.first_day[period + 1]
    if "valid_from" in flows.columns:
        days = [(flows[name] - periods.start).dt.total_days().to_numpy() for name in ("valid_from", "valid_to")]
        opened, closed = np.maximum(opened, days[0]), np.minimum(closed, days[1] + 1)
    inside = np.minimum(closed, year["finish"]) - np.maximum(opened, year["begin"])
    return np.asarray(np.clip(inside, 0, None) / (closed - opened), dtype=np.float64)


# the model ------------------------------------------------------------------------------------------------------------


def sourcing(m: Builder, net: Network, buy: Block, make: Block, sign: Block) -> None:
    """Keep the share and the quantity of a source within its limits, and buy from several.

        sourced[r,s] = sum over x of s of weight[x] * x
        min_share[r] * total[r] <= sourced[r,s] <= max_share[r] * total[r]
        part[r] * min_per_year[r] <= sourced[r,s] <= part[r] * max_per_year[r]
        with min_sources: sourced[r,s] >= min_share[r] * total[r] - min_share[r] * most[r] * (1 - counts[r,s]),
                          sum over s of counts[r,s] >= min_sources[r];  counts[r,s] is 0 or 1

    part[r] is the part of the year in which the rule holds. Where a rule hangs on a contract c, every row gives way by
    most[r] * (1 - sign[c]). Where there are fewer sources than a rule asks for, nothing is bought.
    """
    limits, rows = net.sourcing.limits, net.sourcing.sources
    sources = rows.join(limits, on="limit", maintain_order="left")
    block = m.add_columns(
        "sourced", sources.height, size_of=np.maximum(sources["most"].to_numpy() / 100, 1e-9),
        index=sources.select("rule", "year", "source"),
    )  # fmt: skip
    same = m.add_rows("sourced", sources.height, lower=0.0, upper=0.0, index=block.index)
    m.add_terms(same.ids, block.ids, -1.0)
    for kind, columns in (("buy", buy), ("make", make)):
        flows = net.sourcing.flows.filter(pl.col("block") == kind)
        m.add_terms(same.first + flows["row"].to_numpy(), columns.first + flows["column"].to_numpy(), flows["weight"])
    limited = sources.filter("named")
    several = pl.col("min_sources").is_not_null()
    _share(m, "most share", limited.filter(pl.col("max_share").is_not_null()), "max_share", block, sources, sign)
    one = limited.filter(pl.col("min_share").is_not_null() & ~several)
    _share(m, "least share", one, "min_share", block, sources, sign)
    _quantity(m, limited, block, sign)
    _several(m, limited.filter(several), block, sources, sign)


def _share(
    m: Builder, name: str, chosen: pl.DataFrame, column: str, block: Block, sources: pl.DataFrame, sign: Block
) -> Block:
    """Hold sources on one side of a share of the total: at most max_share, or at least min_share."""
    most = column == "max_share"
    slack = chosen["most"].to_numpy() * (1.0 if most else chosen[column].to_numpy()) * (chosen["deal"].to_numpy() >= 0)
    side = {"upper": slack} if most else {"lower": -slack}
    rows = m.add_rows(name, chosen.height, **side, index=chosen.select("rule", "year", "source"))
    m.add_terms(rows.ids, block.first + chosen["row"].to_numpy(), 1.0)
    place = chosen.select("limit", column, place=pl.int_range(pl.len()))
    every = sources.select("limit", "row").join(place, on="limit")
    m.add_terms(rows.first + every["place"].to_numpy(), block.first + every["row"].to_numpy(), -every[column])
    _gives_way(m, rows, chosen, sign, slack if most else -slack)
    return rows


def _gives_way(m: Builder, rows: Block, chosen: pl.DataFrame, sign: Block, slack: Floats) -> None:
    """Let rows give way by `slack` while their contract is not signed; the slack stands in their side."""
    bound = np.flatnonzero(chosen["deal"].to_numpy() >= 0)
    m.add_terms(rows.first + bound, sign.first + chosen["deal"].to_numpy()[bound], slack[bound])


def _quantity(m: Builder, limited: pl.DataFrame, block: Block, sign: Block) -> None:
    """Hold the quantity of sources within what a rule asks for in a year, for the part of it in which it holds."""
    chosen = limited.filter(pl.col("max_per_year").is_not_null())
    bound = (chosen["deal"] >= 0).to_numpy()
    due = (chosen["max_per_year"] * chosen["part"]).to_numpy()
    slack = np.maximum(chosen["most"].to_numpy() - due, 0.0) * bound
    rows = m.add_rows("most sourced", chosen.height, upper=due + slack, index=chosen.select("rule", "year", "source"))
    m.add_terms(rows.ids, block.first + chosen["row"].to_numpy(), 1.0)
    _gives_way(m, rows, chosen, sign, slack)
    chosen = limited.filter(pl.col("min_per_year") > 0)
    due = (chosen["min_per_year"] * chosen["part"]).to_numpy()
    bound = (chosen["deal"] >= 0).to_numpy()
    rows = m.add_rows(
        "least sourced", chosen.height, lower=np.where(bound, 0.0, due), index=chosen.select("rule", "year", "source")
    )
    m.add_terms(rows.ids, block.first + chosen["row"].to_numpy(), 1.0)
    _gives_way(m, rows, chosen, sign, -due)


def _several(m: Builder, limited: pl.DataFrame, block: Block, sources: pl.DataFrame, sign: Block) -> None:
    """Buy from so many sources, each with the least share, or buy nothing."""
    limited = limited.with_columns(pl.col("min_share").fill_null(0.0))
    height = pl.len().over("limit")
    chosen = limited.filter(height >= pl.col("min_sources"))
    counts = m.add_columns(
        "counts", chosen.height, upper=1.0, whole=True, index=chosen.select("rule", "year", "source")
    )
    slack = (chosen["min_share"] * chosen["most"]).to_numpy()
    rows = m.add_rows("counts", chosen.height, lower=-slack, index=counts.index)
    m.add_terms(rows.ids, block.first + chosen["row"].to_numpy(), 1.0)
    place = chosen.select("limit", "min_share", place=pl.int_range(pl.len()))
    every = sources.select("limit", "row").join(place, on="limit")
    m.add_terms(rows.first + every["place"].to_numpy(), block.first + every["row"].to_numpy(), -every["min_share"])
    m.add_terms(rows.ids, counts.ids, -slack)
    asked = chosen.unique("limit", keep="first", maintain_order=True)
    asked = asked.select("limit", "rule", "year", "min_sources", "deal", row=pl.int_range(pl.len()))
    need, bound = asked["min_sources"].to_numpy().astype(float), (asked["deal"] >= 0).to_numpy()
    enough = m.add_rows(
        "several sources", asked.height, lower=np.where(bound, 0.0, need), index=asked.select("rule", "year")
    )
    placed = chosen.select("limit").join(asked, on="limit", maintain_order="left")
    m.add_terms(enough.first + placed["row"].to_numpy(), counts.ids, 1.0)
    _gives_way(m, enough, asked, sign, -need)
    few = limited.filter(height < pl.col("min_sources"))
    slack = few["most"].to_numpy() * (few["deal"].to_numpy() >= 0)
    none = m.add_rows("too few sources", few.height, upper=slack, index=few.select("rule", "year", "source"))
    m.add_terms(none.ids, block.first + few["row"].to_numpy(), 1.0)
    _gives_way(m, none, few, sign, slack)


# the answer -----------------------------------------------------------------------------------------------------------


def sourcing_frame(net: Network, columns: Mapping[str, Floats]) -> pl.DataFrame:
    """Return what came from each source under each rule and year: the frame `sourcing` of a plan."""
    quantity = np.zeros(net.sourcing.sources.height)
    for kind in ("buy", "make"):
        flows = net.sourcing.flows.filter(pl.col("block") == kind)
        np.add.at(
            quantity, flows["row"].to_numpy(), columns[kind][flows["column"].to_numpy()] * flows["weight"].to_numpy()
        )
    deal = net.sourcing.limits["deal"].to_numpy()
    signed = np.append(columns["sign"] > 0.5, True)[deal]  # the last: no contract
    date = pl.lit(net.periods.start)
    total = pl.col("quantity").sum().over("limit")
    return (
        net.sourcing.sources.with_columns(quantity=pl.Series(quantity, dtype=pl.Float64))
        .join(net.sourcing.limits.with_columns(holds=pl.Series(signed, dtype=pl.Boolean)), on="limit")
        .sort("row")
        .with_columns(total=total)
        .select(
            "rule", "year", "source", "measure", "quantity", "total", "min_share", "max_share", "min_sources", "holds",
            start=date + pl.duration(days="begin"),
            end=date + pl.duration(days=pl.col("finish") - 1),
            share=pl.when(pl.col("total") > 0).then(pl.col("quantity") / pl.col("total")),
            minimum=pl.col("min_per_year") * pl.col("part"),
            maximum=pl.col("max_per_year") * pl.col("part"),
            named="named",
        )
    )  # fmt: skip

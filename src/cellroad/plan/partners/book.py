"""Who earns and who pays: every entry of the ledger with the partner whose money it is.

    who buys     the owner of the goods where they are bought; at a vendor, who fetches them
    who makes    the owner of the line (conversion, fixed cost, credits); else who runs the site
    who ships    the owner of the goods at the end of the lane (freight, duty, fees, insurance)
    who invests  who funds the option, else the owner of its line; a campaign is paid by the maker of the item
    who sells    the owner of the goods at the market (revenue); a penalty for shortage falls on who could have served,
                 in equal parts

What is named by no row belongs to the party without a name. Goods that pass from one owner to another pass at the
price of `transfer`: income of the one, cost of the other, nothing to the chain.

A column that moves goods of several owners (at a customer that several serve) is split into what is whose. Where the
plan looks at partners (`whose`), that split is decided with it; else each takes part in proportion to what he brought
there (or, at a vendor, to what he fetches), found from the flows by one sparse system.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse.linalg import spsolve

from cellroad.plan.kernel import Block, Model
from cellroad.plan.ledger import GIVEN, Ledger
from cellroad.plan.network.network import Network
from cellroad.plan.network.worth import finite
from cellroad.plan.partners.owners import SHARED, line_owners
from cellroad.plan.periods import paid_later

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
UNKNOWN = -1
"""The owner of a column of which only the place is known."""
FUNDED = ("capex", "end_plant")
"""Kinds of money of a start that fall on who funds it; the others fall on the owner of its line."""
TRANSFER = "transfer"


@dataclass(frozen=True)
class Split:
    """Columns with goods of several owners: every pair of such a column and a party that may own it, sorted.

    owner   (columns,): the owner of the goods that a column moves, SHARED, or UNKNOWN
    rows    the balances at shared nodes, `matrix` (these rows, columns) and the `node`
            and `period` of each; brought: whether its owners are those who bring things there
    """

    column: Ints
    party: Ints
    owner: Ints
    rows: Ints
    node: Ints
    period: Ints
    brought: NDArray[np.bool_]
    matrix: sp.csr_array

    @property
    def size(self) -> int:
        """Return the number of pairs."""
        return self.column.size

    @cached_property
    def first(self) -> Ints:
        """Return the first pair of each column: shape (columns + 1,)."""
        return np.searchsorted(self.column, np.arange(self.owner.size + 1))

    def of(self, columns: Ints) -> tuple[Ints, Ints]:
        """Return for columns (place in `columns`, pair) of all their pairs."""
        first, last = self.first[columns], self.first[columns + 1]
        place = np.repeat(np.arange(columns.size), last - first)
        within = np.arange(place.size) - np.repeat(np.cumsum(last - first) - (last - first), last - first)
        return place, first[place] + within


@dataclass(frozen=True)
class Book:
    """Entries: column (GIVEN: none), pair (of the split; -1: the whole column), party, kind, period, usd per unit.

    passes: what changes hands: column, pair, seller, buyer (parties), item, origin, destination, period, quantity
            (units per unit of the column), price_usd, group (of `Prices`), stated
    """

    kinds: tuple[str, ...]
    column: Ints
    pair: Ints
    party: Ints
    kind: Ints
    period: Ints
    usd: Floats
    discount: Floats
    split: Split
    passes: pl.DataFrame

    def moved(self, values: Floats, shares: Floats) -> Floats:
        """Return the nominal money of every entry in a solution; `shares` are the values of the pairs."""
        return np.asarray(self.usd * _times(self.column, self.pair, values, shares))

    def weighted(self, weight: Floats) -> Floats:
        """Return the discounted money per unit of every entry times the weight of its party then: (parties, T + 1)."""
        return np.asarray(self.usd * self.discount[self.period] * weight[self.party, self.period])


def _times(column: Ints, pair: Ints, values: Floats, shares: Floats) -> Floats:
    return np.where(pair >= 0, np.append(shares, 0.0)[pair], np.append(values, 1.0)[column])


def make_book(net: Network, model: Model) -> Book:
    """Return the book of the ledger of a model."""
    ledger, blocks = model.ledger, model.columns
    goods, payer = _column_owners(net, blocks, model.cost.size)
    split = _split(net, model, goods)
    payer = np.where((payer == UNKNOWN) & (split.owner >= 0), split.owner, payer)
    parts = _entries(net, blocks, ledger, payer, split)
    entry, party, pair, share = (np.concatenate(part) for part in zip(*parts, strict=True))
    passes = _passes(net, blocks, split)
    sold = (passes["quantity"] * passes["price_usd"]).to_numpy()
    kinds = (*(kind for kind in ledger.kinds if kind != TRANSFER), TRANSFER)
    code = np.array([kinds.index(kind) for kind in ledger.kinds], dtype=np.int64)
    group = passes["group"]
    days = np.append(net.transfer_prices.days, 0)[group.fill_null(-1).to_numpy()]
    settled, when, part = paid_later(net.periods, passes["period"].to_numpy(), days)
    at, whose, sold = passes["column"].to_numpy()[settled], passes["pair"].to_numpy()[settled], sold[settled] * part
    seller, buyer = passes["seller"].to_numpy()[settled], passes["buyer"].to_numpy()[settled]
    return Book(
        kinds=kinds,
        column=np.concatenate([ledger.column[entry], at, at]).astype(np.int64),
        pair=np.concatenate([pair, whose, whose]).astype(np.int64),
        party=np.concatenate([party, seller, buyer]).astype(np.int64),
        kind=np.concatenate([code[ledger.kind[entry]], np.full(2 * at.size, len(kinds) - 1)]).astype(np.int64),
        period=np.concatenate([ledger.period[entry], when, when]).astype(np.int64),
        usd=np.concatenate([ledger.usd[entry] * share, sold, -sold]),
        discount=ledger.discount,
        split=split,
        passes=passes,
    )


def makers_of_runs(net: Network) -> Ints:
    """Return who makes, for every make: the owner of its line, without a line who runs the site."""
    here = net.owners.site[net.makes["node"].to_numpy() // net.codes.items.height]
    free = net.makes["resource"].is_null().to_numpy()
    return np.where(free, here, line_owners(net, net.makes["resource"]))


def _column_owners(net: Network, blocks: Mapping[str, Block], size: int) -> tuple[Ints, Ints]:
    """Return whose goods each column moves, and whose its money is: party, SHARED or UNKNOWN."""
    node = net.owners.node
    goods, payer = np.full((2, size), UNKNOWN, dtype=np.int64)
    for name, nodes in (("buy", net.buys["node"]), ("hold", net.balances.node), ("sell", net.sells["node"])):
        ids = blocks[name].ids
        goods[ids] = payer[ids] = node[np.asarray(nodes)]
    origin, end = node[net.ships["node_from"].to_numpy()], node[net.ships["node_to"].to_numpy()]
    fetched = (origin == SHARED) & ~net.owners.brought[net.ships["node_from"].to_numpy()]
    ship = blocks["ship"].ids
    goods[ship] = np.where(fetched & (end >= 0), end, origin)
    payer[ship] = np.where(end >= 0, end, origin)
    make = blocks["make"].ids
    payer[make] = makers_of_runs(net)
    goods[make] = net.owners.site[net.makes["node"].to_numpy() // net.codes.items.height]
    credit = blocks["credit"].ids
    runs = net.credits.runs.select("run", "make")
    earning = net.credits.earning.join(runs, on="run", how="left", maintain_order="left")
    payer[credit] = payer[make][earning["make"].to_numpy()]
    by_lane = _lane_payers(net)
    for block in blocks.values():
        if block.name != "ship" and "lane" in block.index.columns:
            payer[block.ids] = block.index["lane"].replace_strict(by_lane, return_dtype=pl.Int64).to_numpy()
    return goods, payer


def _lane_payers(net: Network) -> dict[str, int]:
    """Return whose a lane is, where it is paid for as a whole: who runs its end, else its origin."""
    runs = dict(zip(net.codes.sites["site"], net.owners.site.tolist(), strict=True))
    lanes = net.chain.lanes.select("lane", "origin", "destination").iter_rows()
    return {lane: runs[end] if runs[end] >= 0 else runs[origin] for lane, origin, end in lanes}


def _split(net: Network, model: Model, goods: Ints) -> Split:
    """Return the columns whose goods may be several partners', found from the balances at shared nodes.

    A column that other rules add belongs to the partner whose balance it touches, else to those of the shared one.
    """
    owners, nodes, balance = net.owners, net.balances.node, model.rows["balance"]
    of_row = owners.node[nodes]
    rows = np.flatnonzero(of_row == SHARED)
    every = sp.coo_array(model.matrix[balance.first : balance.first + balance.size])
    row, column = every.coords
    owned = of_row[row] >= 0
    touched = np.full(goods.size, UNKNOWN, dtype=np.int64)
    touched[column[owned]] = of_row[row[owned]]
    owner = np.where(goods == UNKNOWN, touched, goods)
    at_shared = ~owned
    known = owner[column] >= 0
    here = np.where(known, owners.may[nodes[row], np.maximum(owner[column], 0)], False)
    owner[column[at_shared & ~here]] = SHARED
    inside = at_shared & (owner[column] == SHARED)
    found = [np.zeros(0, np.int64), np.zeros(0, np.int64)]
    if inside.any():
        may = np.zeros((goods.size, owners.count), dtype=bool)
        np.logical_or.at(may, column[inside], owners.may[nodes[row[inside]]])
        found = list(np.nonzero(may))
    return Split(
        column=found[0], party=found[1], owner=owner, rows=balance.first + rows, node=nodes[rows],
        period=net.balances.period[rows], brought=owners.brought[nodes[rows]],
        matrix=sp.csr_array(model.matrix[balance.first + rows]),
    )  # fmt: skip


def _entries(
    net: Network, blocks: Mapping[str, Block], ledger: Ledger, payer: Ints, split: Split
) -> list[tuple[Ints, Ints, Ints, Floats]]:
    """Return (entry, party, pair, share) in several parts: what is named, split, or shared in equal parts."""
    every = np.arange(ledger.column.size)
    column = ledger.column.astype(np.int64)
    given = column == GIVEN
    party = np.where(given, UNKNOWN, np.append(payer, UNKNOWN)[column])
    party = _of_starts(net, blocks, ledger, party)
    party = np.where(ledger.party >= 0, ledger.party, party)
    named = every[party >= 0]
    parts = [(named, party[named], np.full(named.size, -1), np.ones(named.size))]
    several = every[party == SHARED]
    place, pair = split.of(column[several])
    parts.append((several[place], split.party[pair], pair, np.ones(pair.size)))
    rest = every[party == UNKNOWN]
    where, whose = np.nonzero(site_owners(net)[ledger.place[rest]])
    share = 1 / np.bincount(where, minlength=rest.size)[where] if where.size else np.zeros(0)
    parts.append((rest[where], whose, np.full(where.size, -1), share))
    return parts


def _of_starts(net: Network, blocks: Mapping[str, Block], ledger: Ledger, party: Ints) -> Ints:
    """Put the money of starts on who funds the option, has its line or makes what is certified."""
    start, line, funder = blocks["start"], _lines_of_starts(net), funders(net)
    mine = (ledger.column >= start.first) & (ledger.column < start.first + start.size)
    at = ledger.column[mine] - start.first
    funds = np.isin(ledger.kind[mine], [n for n, kind in enumerate(ledger.kinds) if kind in FUNDED])
    party[mine] = np.where(funds, funder[at], line[at])
    return party


def _lines_of_starts(net: Network) -> Ints:
    """Return who has the line of each start, or makes what it certifies."""
    frame = net.starts.frame
    return np.where(frame["kind"] == "certificate", _makers(net, frame["what"]), line_owners(net, frame["resource"]))


def funders(net: Network) -> Ints:
    """Return who pays the investment of each start: who funds the option, else the owner of its line."""
    options = net.chain.options.select("funded_by", what="option")
    of = net.starts.frame.select("kind", "what").join(options, on="what", how="left", maintain_order="left")
    told = net.owners.number(of["funded_by"])
    return np.where((told >= 0) & (of["kind"] == "option").to_numpy(), told, _lines_of_starts(net))


def _makers(net: Network, items: pl.Series) -> Ints:
    """Return who pays for the campaign of an item: its maker, else the one partner that makes it, else nobody."""
    chain, owners = net.chain, net.owners
    named = dict(zip(chain.items["item"], owners.number(chain.items["maker"]).tolist(), strict=True))
    ways = chain.processes.select("item", "site", "resource")
    here = owners.site[ways["site"].replace_strict(net.codes.sites["site"], net.codes.sites["code"]).to_numpy()]
    by_line = line_owners(net, ways["resource"])
    party = pl.Series(np.where(ways["resource"].is_null().to_numpy(), here, by_line))
    makers = ways.with_columns(party=party).group_by("item").agg(pl.col("party").unique())
    single = makers.filter(pl.col("party").list.len() == 1)
    only = dict(single.select("item", pl.col("party").list.first()).iter_rows())
    found = [named.get(item, -1) for item in items]
    pairs = zip(items, found, strict=True)
    return np.array([n if n >= 0 else only.get(item, owners.nobody) for item, n in pairs], dtype=np.int64)


def site_owners(net: Network) -> NDArray[np.bool_]:
    """Return who may own something at a site: shape (sites + 1, parties); the last row is no place at all.

    Nobody only where there is no one else.
    """
    owners, used = net.owners, net.nodes["node"].to_numpy()
    may = np.zeros((owners.site.size + 1, owners.count), dtype=bool)
    np.logical_or.at(may, used // net.codes.items.height, owners.may[used])
    run = owners.site >= 0
    may[:-1][run] = False
    may[:-1][run, owners.site[run]] = True
    may[may[:, :-1].any(axis=1), -1] = False
    may[~may.any(axis=1), -1] = True
    return may


def _passes(net: Network, blocks: Mapping[str, Block], split: Split) -> pl.DataFrame:
    """Return what changes hands per unit of each column, and at what price; see `Book.passes`."""
    owners, node = net.owners, net.owners.node
    ship, make = blocks["ship"], blocks["make"]
    end = node[net.ships["node_to"].to_numpy()]
    seller = split.owner[ship.ids]
    plain = np.flatnonzero((seller >= 0) & (end >= 0) & (seller != end))
    several = np.flatnonzero((seller == SHARED) & (end >= 0))
    place, pair = split.of(ship.first + several)
    row, pair = np.concatenate([plain, several[place]]), np.concatenate([np.full(plain.size, -1), pair])
    whose = np.where(pair >= 0, np.append(split.party, 0)[pair], seller[row])
    moved = net.ships[row.tolist()].select("origin", "destination", "item", "period", node="node_from")
    moved = moved.with_columns(
        column=ship.first + row, pair=pair, seller=whose, buyer=end[row], quantity=pl.lit(1.0)
    ).filter(pl.col("seller") != pl.col("buyer"))  # fmt: skip
    maker, here = makers_of_runs(net), split.owner[make.ids]
    other = np.flatnonzero(maker != here)
    made = net.makes[other.tolist()].select("make", "node", "period", quantity="yield_share")
    made = made.with_columns(seller=maker[other], buyer=here[other])
    used = made.drop("node", "quantity").join(net.uses, on="make", maintain_order="left")
    used = used.rename({"seller": "buyer", "buyer": "seller"})
    at_site = pl.concat([made, used.select(made.columns)]).with_columns(
        column=make.first + pl.col("make"), pair=pl.lit(-1), origin=net.codes.site_of(pl.col("node")),
        destination=net.codes.site_of(pl.col("node")), item=net.codes.item_of(pl.col("node")),
    )  # fmt: skip
    passes = pl.concat([moved, at_site.select(moved.columns)], how="vertical_relaxed")
    names = dict(enumerate(owners.names))
    named = passes.with_columns(pl.col("seller", "buyer").replace_strict(names, return_dtype=pl.String))
    standard = finite(net.worth[passes["node"].to_numpy(), passes["period"].to_numpy()])
    prices = net.transfer_prices
    price = prices.of(prices.group(named), passes["period"].to_numpy(), standard)
    group = prices.group(named)
    told: pl.DataFrame = passes.with_columns(
        price_usd=pl.Series(price, dtype=pl.Float64), group=group, stated=group.is_not_null()
    )
    return told


def columns_of_passes(book: Book, owned: Block) -> pl.DataFrame:
    """Return what changes hands with the column of the model that says how much of it."""
    pair = book.passes["pair"].to_numpy()
    return book.passes.with_columns(
        column=pl.Series(np.where(pair >= 0, owned.first + pair, book.passes["column"].to_numpy()))
    )


def mixed(split: Split, values: Floats) -> Floats:
    """Return how much of each shared column is whose, in proportion to the flows of a solution: shape (pairs,).

    At a place where several bring goods, what leaves is made up as what came; where several fetch, what comes is shared
    out as what is fetched:

        share[row] * sum of flows = sum of flow * share of where it came from (or goes to)

    over all balances at once. What neither comes from anybody nor goes to anybody is shared in equal parts.
    """
    if not split.size:
        return np.zeros(0)
    matrix = sp.coo_array(split.matrix)
    row, column = matrix.coords
    flow = matrix.data * values[column]
    parties = int(split.party.max()) + 1
    comes = flow > 0
    towards = split.brought[row]
    feeds = np.where(towards, comes, flow < 0)  # what the share of a row is made of
    draws = np.where(towards, flow < 0, comes)  # what has the share of that row
    size = split.rows.size
    whole = sp.csr_array((np.abs(flow) * draws, (column, row)), shape=(values.size, size))
    drawn = _scaled(whole)
    known = split.owner[column] >= 0
    fixed = sp.csr_array(
        ((np.abs(flow) * (feeds & known))[known], (row[known], split.owner[column][known])), shape=(size, parties)
    )
    has_source = np.asarray(drawn.sum(axis=1)).ravel()[column] > 0
    use = feeds & ~known & has_source
    fed = sp.csr_array((np.abs(flow) * use, (row, column)), shape=(size, values.size)) @ drawn
    total = np.asarray(fixed.sum(axis=1) + fed.sum(axis=1)).ravel()
    weight = sp.diags_array(np.divide(1.0, total, out=np.zeros(size), where=total > 0))
    system = sp.csc_matrix(sp.eye_array(size) - weight @ fed)
    share = np.asarray(spsolve(system, (weight @ fixed).toarray())).reshape(size, parties)
    of_column = drawn @ share
    found = np.clip(of_column[split.column, split.party], 0.0, None)
    count = np.diff(split.first)[split.column]
    told = np.bincount(split.column, found, minlength=values.size)[split.column]
    part = np.where(told > 1e-12, found / np.where(told > 1e-12, told, 1.0), 1.0 / count)
    return np.asarray(part * values[split.column])


def _scaled(matrix: sp.csr_array) -> sp.csr_array:
    """Return a matrix with rows that sum to one, or are zero."""
    total = np.asarray(matrix.sum(axis=1)).ravel()
    return sp.csr_array(sp.diags_array(np.divide(1.0, total, out=np.zeros(total.size), where=total > 0)) @ matrix)

"""Whose value is maximised: the whole chain's, one partner's, or a weighted sum.

With a setting `value_of` every entry of the book counts with the weight of its party then,

    weight[p, t] = sum over partners k of weight[k] * S[k, p, t],

what k holds of p (`Stakes`). What falls on nobody named counts in full, so that no plan lives on somebody who is not
there. The other partners do as the plan says; they take part only where they do not lose (`gaining`), or wherever
they are told to (setting `others`). What they might do on their own is not in the plan.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from cellroad.chain.settings import value_weights
from cellroad.plan.kernel import Block, Builder, Model
from cellroad.plan.ledger import GIVEN
from cellroad.plan.network.network import Network
from cellroad.plan.partners.book import Book

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def by_partner(net: Network) -> bool:
    """Say whether a plan has to know whose money is whose while it is made."""
    return bool(net.settings.value_of) or not net.chain.taxes.is_empty()


def holders(net: Network) -> Floats:
    """Return how much the value of each partner counts: shape (parties,); nobody counts as the weightiest."""
    weights = value_weights(net.settings.value_of)
    names = net.owners.names
    found = np.array([weights.get(name, 0.0) for name in names]) if weights else np.zeros(len(names))
    found[-1] = found.max(initial=0.0)
    return found


def weight_of(net: Network) -> Floats:
    """Return what a dollar of each party counts in each period: shape (parties, T + 1)."""
    if not net.settings.value_of:
        return np.ones((net.owners.count, net.periods.count + 1))
    return net.stakes.weight(holders(net))


def owning(m: Builder, net: Network, book: Book, model: Model) -> Block:
    """Share out what moves where several partners may own it, for every shared column c and party o, and every balance.

        sum over o of owned[c,o] = column[c]
        sum over c of flow[c,n,t] * owned[c,o] + flows that are o's alone + part[n,o] = 0
        sum over o of part[n,o] = stock[n]

    A party takes out of a place what it has brought there. Who owns the stock on hand there is part of the plan.
    """
    split = book.split
    owned = m.add_columns("owned", split.size, size_of=model.size[split.column])
    columns = np.unique(split.column)
    link = m.add_rows("owned", columns.size, lower=0.0, upper=0.0)
    m.add_terms(link.first + np.searchsorted(columns, split.column), owned.ids, 1.0)
    m.add_terms(link.ids, columns, -1.0)
    may = net.owners.may[split.node]
    row = np.nonzero(may)[0]
    place = np.cumsum(may.ravel()).reshape(may.shape) - 1
    kept = m.add_rows("owned balance", row.size, lower=0.0, upper=0.0)
    flow = sp.coo_array(split.matrix)
    at, column = flow.coords
    alone = split.owner[column]
    known = (alone >= 0) & may[at, np.maximum(alone, 0)]
    m.add_terms(kept.first + place[at[known], alone[known]], column[known], flow.data[known])
    several = np.flatnonzero(alone < 0)
    entry, pair = split.of(column[several].astype(np.int64))
    of = split.party[pair]
    m.add_terms(kept.first + place[at[several[entry]], of], owned.first + pair, flow.data[several[entry]])
    stock = -model.row_lower[split.rows]
    held = np.flatnonzero(stock[row] > 0)
    part = m.add_columns("owned stock", held.size, upper=stock[row[held]])
    m.add_terms(kept.first + held, part.ids, 1.0)
    whole = np.flatnonzero(stock > 0)
    sums = m.add_rows("owned stock", whole.size, lower=stock[whole], upper=stock[whole])
    m.add_terms(sums.first + np.searchsorted(whole, row[held]), part.ids, 1.0)
    return owned


def columns_of(book: Book, owned: Block) -> Ints:
    """Return the column of each entry: that of its pair where it has one, GIVEN where nothing decides it."""
    return np.where(book.pair >= 0, owned.first + book.pair, book.column)


def valuing(m: Builder, net: Network, book: Book, owned: Block) -> None:
    """Maximise what counts: every entry of the book with the weight of its party.

    value   sum over entries e of usd[e] * discount[t] * weight[party, t] * column[e]
    """
    column, usd = columns_of(book, owned), book.weighted(weight_of(net))
    decided = column != GIVEN
    size = sum(block.size for block in m.columns.values())
    m.aim(np.bincount(column[decided], -usd[decided], size).astype(float), float(usd[~decided].sum()))


def gaining(m: Builder, net: Network, book: Book, owned: Block, short: Block) -> None:
    """Other partners take part only where they do not lose, for every partner k whose value does not count.

        sum over entries e of usd[e] * discount[t] * S[k, party, t] * column[e] >= the same with nothing done

    With nothing done all that is wanted is short. Partners that others hold are looked at through their holders.
    """
    if net.settings.others != "gain":
        return
    counts = holders(net)
    others = np.flatnonzero((counts == 0) & (net.stakes.free.min(axis=0) > 1 - 1e-9))
    column = columns_of(book, owned)
    decided = column != GIVEN
    nothing = np.zeros(sum(block.size for block in m.columns.values()))
    nothing[short.ids] = net.wanted["wanted"].to_numpy()
    for partner in others:
        alone = np.zeros(net.owners.count)
        alone[partner] = 1.0
        usd = book.weighted(net.stakes.weight(alone))
        factor = np.bincount(column[decided], usd[decided], nothing.size)
        moves = np.flatnonzero(factor)
        if not moves.size:
            continue
        least = float(factor @ nothing)
        row = m.add_rows(f"gain of {net.owners.names[partner]}", 1, lower=least)
        m.add_terms(row.first, moves, factor[moves])

"""Who owns what is where, and who runs what?

A site is run by its partner, and what lies there is the partner's. A line may be another's (`resources.partner`): its
owner takes the inputs over from the site and passes the product back. A place at which nothing is made and that
has no partner (a port, a customer), or whose partner sells under offers (a vendor), is neutral: what lies there belongs
to those who bring it there or, where nobody does, to those who fetch it; they pay the price of the offer. Where that is
one partner, everything there is his; where it may be several, goods and money there are shared out (`Book`).

Parties are numbered: the partners of the chain in the order of their table, and last the party without a name, to
whom belongs what is nobody's else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components

from cellroad.chain.chain import Chain

if TYPE_CHECKING:
    from cellroad.plan.network.network import Network

Ints = NDArray[np.int64]
SHARED = -2
"""The owner of a node or column that several partners may own."""


@dataclass(frozen=True)
class Owners:
    """Owners by number; `names` are the parties, last the one without a name.

    site     (sites,): who runs each site, -1 where it is neutral
    node     (nodes possible,): whose an item at a site is, SHARED where it may be several's
    may      (nodes possible, parties): who may own it
    brought  (nodes possible,): whether a shared node has owners because they bring things there
    """

    names: tuple[str, ...]
    site: Ints
    node: Ints
    may: NDArray[np.bool_]
    brought: NDArray[np.bool_]

    @property
    def nobody(self) -> int:
        """Return the number of the party without a name."""
        return len(self.names) - 1

    @property
    def count(self) -> int:
        """Return the number of parties."""
        return len(self.names)

    def number(self, partners: pl.Series) -> Ints:
        """Return the number of each partner; -1 for a blank."""
        return numbered(self.names, partners)


def numbered(names: tuple[str, ...], partners: pl.Series) -> Ints:
    """Return the place of each partner among the names of parties; -1 for a blank."""
    known = {name: n for n, name in enumerate(names[:-1])}
    return partners.replace_strict(known, default=-1, return_dtype=pl.Int64).to_numpy()


def runners(chain: Chain) -> pl.DataFrame:
    """Return who runs each site: site, runs (null where the place is neutral, "" where its maker has no name).

    A place of making without a partner is run by the one partner of all its lines, else by nobody that has a name.
    """
    lines = chain.resources.select("site", "partner", "resource")
    making = chain.processes.select("site", "resource").join(
        lines.select("resource", line_partner="partner"), on="resource", how="left"
    )
    makers = making.group_by("site").agg(
        only=pl.when((pl.col("line_partner").n_unique() == 1) & pl.col("line_partner").is_not_null().all())
        .then(pl.col("line_partner").first())
        .otherwise(pl.lit(""))
        .first()
    )
    sells = (pl.col("kind") == "vendor") & pl.col("only").is_null()
    return chain.sites.join(makers, on="site", how="left", maintain_order="left").select(
        "site", runs=pl.when(~sells).then(pl.coalesce("partner", "only"))
    )


def make_owners(net: Network) -> Owners:
    """Return who owns what in a network."""
    chain, items = net.chain, net.codes.items.height
    names = (*chain.partners["partner"], "")
    told = runners(chain)["runs"]
    site = np.where(told == "", len(names) - 1, numbered(names, told))
    node = np.repeat(site, items)
    count, neutral = node.size, node < 0
    edges = net.ships.select("node_from", "node_to").unique()
    a, b = edges["node_from"].to_numpy(), edges["node_to"].to_numpy()
    inside = neutral[a] & neutral[b]
    links = sp.coo_array((np.ones(int(inside.sum())), (a[inside], b[inside])), shape=(count, count))
    _, place = connected_components(links, directed=False)
    sends, takes = (np.zeros((count, len(names)), dtype=bool) for _ in range(2))
    come, go = ~neutral[a] & neutral[b], neutral[a] & ~neutral[b]
    sends[place[b[come]], node[a[come]]] = True
    takes[place[a[go]], node[b[go]]] = True
    brought = np.asarray(sends.any(axis=1))
    may: NDArray[np.bool_] = np.where(brought[:, None], sends, takes)[place]
    may[~may.any(axis=1), -1] = True
    may[~neutral] = False
    may[~neutral, node[~neutral]] = True
    single = may.sum(axis=1) == 1
    owner = np.where(single, may.argmax(axis=1), SHARED)
    return Owners(names, site.astype(np.int64), owner, may, brought[place])


def line_owners(net: Network, resources: pl.Series) -> Ints:
    """Return who owns each line: its partner, else who runs its site; nobody where there is no line."""
    owners = net.owners
    site = dict(zip(net.codes.sites["site"], owners.site.tolist(), strict=True))
    lines = net.chain.resources
    own = owners.number(lines["partner"])
    place = np.array([site[name] for name in lines["site"]], dtype=np.int64).reshape(-1)
    whose = np.where(own >= 0, own, np.where(place >= 0, place, owners.nobody))
    known = dict(zip(lines["resource"], whose.tolist(), strict=True))
    return resources.replace_strict(known, default=owners.nobody, return_dtype=pl.Int64).to_numpy()

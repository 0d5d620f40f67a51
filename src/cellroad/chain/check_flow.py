"""Can every customer be reached, and can everything be made? What lies at which site is followed through the chain.

An item is at a site if it is offered or in stock there, made there from inputs that are there by a line that exists, or
brought there by a lane that takes its class of dangerous goods. This fixed point is found over the matrix of sites by
items, without regard to time or quantity.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from cellroad.chain.chain import Chain
from cellroad.chain.column import several
from cellroad.chain.finding import Finding, Severity
from cellroad.chain.tables import AIR_SOC_SHARE
from cellroad.chain.tell import listed, numbered, tell

Matrix = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Reach:
    """Which items can be at which sites: `at[site, item]` by position in `sites` and `items`."""

    sites: list[str]
    items: list[str]
    at: Matrix

    def of(self, item: str) -> list[str]:
        """Return the sites where an item can be."""
        if item not in self.items:
            return []
        return [self.sites[place] for place in np.flatnonzero(self.at[:, self.items.index(item)])]

    def pairs(self) -> pl.DataFrame:
        """Return site, item of all that is somewhere."""
        site, item = np.nonzero(self.at)
        return pl.DataFrame(
            {"site": [self.sites[s] for s in site], "item": [self.items[i] for i in item]},
            schema={"site": pl.String, "item": pl.String},
        )


def flow(chain: Chain) -> list[Finding]:
    """Return what keeps goods from being made or from reaching a customer."""
    found = reach(chain)
    return [*bom_cycles(chain), *sources(chain), *inputs(chain, found), *wants(chain), *unreached(chain, found)]


def reach(chain: Chain) -> Reach:
    """Return where each item can be."""
    sites, items = chain.sites["site"].to_list(), chain.items["item"].to_list()
    at = np.zeros((len(sites), len(items)), dtype=np.bool_)
    held = pl.concat([
        chain.offers.select("site", "item"),
        chain.pipeline.select("site", "item"),
        chain.stocks.filter(pl.col("on_hand") > 0).select("site", "item"),
    ])  # fmt: skip
    rows, columns = _codes(held["site"], sites), _codes(held["item"], items)
    there = (rows >= 0) & (columns >= 0)
    at[rows[there], columns[there]] = True
    lanes = _lane_matrices(chain, sites)
    makes = _Makes.of(chain, sites, items)
    back = chain.returns
    sold = _codes(back["market"], sites), _codes(back["item"], items)
    returned = _codes(back["site"], sites), _codes(back["returned"], items)
    named = np.all([codes >= 0 for codes in (*sold, *returned)], axis=0)
    sold, returned = (sold[0][named], sold[1][named]), (returned[0][named], returned[1][named])
    while True:
        before = at.sum()
        at[returned] |= at[sold]
        for taken, matrix in lanes:
            at[:, taken] |= (matrix @ at[:, taken].astype(np.int32)) > 0
        makes.run(at)
        if at.sum() == before:
            return Reach(sites, items, at)


def _codes(values: pl.Series, words: Sequence[str]) -> NDArray[np.int64]:
    places = {word: place for place, word in enumerate(words)}
    return np.array([places.get(value, -1) for value in values], dtype=np.int64)


def _lane_matrices(chain: Chain, sites: list[str]) -> list[tuple[NDArray[np.int64], sparse.csr_array]]:
    """Return for each class and charge of goods the items in it and the matrix destination by origin of their lanes."""
    lanes = chain.lanes
    origin, destination = _codes(lanes["origin"], sites), _codes(lanes["destination"], sites)
    known = (origin >= 0) & (destination >= 0)
    taken = lanes.select(several("dg_class")).to_series()
    items = chain.items.select(pl.col("dg_class").cast(pl.String), "soc_share", place=pl.int_range(pl.len()))
    most = _most_soc(lanes)
    matrices = []
    for (dg_class, soc), alike in items.group_by("dg_class", "soc_share", maintain_order=True):
        accepts = taken.list.contains(dg_class).fill_null(False).to_numpy() if dg_class else np.True_
        use = known & accepts & (soc is None or most[9 if dg_class == "9" else 0] >= soc - 1e-9)
        matrix = sparse.csr_array(
            (np.ones(use.sum(), dtype=np.int32), (destination[use], origin[use])), shape=(len(sites), len(sites))
        )
        matrices.append((alike["place"].to_numpy(), matrix))
    return matrices


def _most_soc(lanes: pl.DataFrame) -> dict[int, NDArray[np.float64]]:
    """Return the highest state of charge that each lane takes: of dangerous goods of class 9, and of others (0)."""
    said = lanes["max_soc_share"]
    by_air = lanes.select(pl.when(pl.col("mode").cast(pl.String) == "air").then(pl.lit(AIR_SOC_SHARE))).to_series()
    both = pl.DataFrame({"said": said, "air": by_air}).select(pl.coalesce("said", "air")).to_series()
    return {9: both.fill_null(1.0).to_numpy(), 0: said.fill_null(1.0).to_numpy()}


def running(chain: Chain) -> pl.DataFrame:
    """Return the processes that can ever run: on no resource, on one that operates, or on one that an option brings."""
    lines = chain.resources.filter(
        (pl.col("status") == "operating")
        | ((pl.col("status") == "option") & pl.col("resource").is_in(chain.options["resource"].implode()))
    )
    return chain.processes.filter(
        pl.col("resource").is_null() | pl.col("resource").is_in(lines["resource"].implode())
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Makes:
    """Processes as arrays: where, what comes out, and the (process, item) pairs that go in.

    `instead` numbers the pairs for which the items in `substitute` may stand in; `beside` the processes that give the
    items in `coproduct`, too.
    """

    site: NDArray[np.int64]
    item: NDArray[np.int64]
    uses: NDArray[np.int64]
    used: NDArray[np.int64]
    instead: NDArray[np.int64]
    substitute: NDArray[np.int64]
    beside: NDArray[np.int64]
    coproduct: NDArray[np.int64]

    @classmethod
    def of(cls, chain: Chain, sites: list[str], items: list[str]) -> _Makes:
        processes = running(chain)
        site, item = _codes(processes["site"], sites), _codes(processes["item"], items)
        processes = processes.filter((site >= 0) & (item >= 0))
        names = processes["process"].to_list()
        bom = chain.bom.filter(pl.col("process").is_in(processes["process"].implode()))
        pairs = bom.select("process", instead_of="item", pair=pl.int_range(pl.len()))
        swaps = chain.substitutes.join(pairs, on=["process", "instead_of"])
        beside = chain.coproducts.filter(pl.col("process").is_in(names) & pl.col("item").is_in(items))
        return cls(
            _codes(processes["site"], sites), _codes(processes["item"], items),
            _codes(bom["process"], names), _codes(bom["item"], items),
            swaps["pair"].to_numpy(), _codes(swaps["item"], items),
            _codes(beside["process"], names), _codes(beside["item"], items),
        )  # fmt: skip

    def run(self, at: Matrix) -> None:
        """Put into `at` what can be made from what is there."""
        there = at[self.site[self.uses], self.used] & (self.used >= 0)
        stands_in = at[self.site[self.uses[self.instead]], self.substitute] & (self.substitute >= 0)
        np.logical_or.at(there, self.instead, stands_in)
        missing = np.bincount(self.uses[~there], minlength=self.site.size)
        ready = missing == 0
        at[self.site[ready], self.item[ready]] = True
        runs = ready[self.beside]
        at[self.site[self.beside[runs]], self.coproduct[runs]] = True


def bom_cycles(chain: Chain) -> list[Finding]:
    """Return the loops in which an item is needed to make itself."""
    edges = numbered(chain.bom).rename({"item": "input"})
    outputs = pl.concat([chain.processes.select("process", "item"), chain.coproducts.select("process", "item")])
    edges = edges.join(outputs.rename({"item": "output"}), on="process")
    return [
        Finding(
            "blocker", "bom", _row_of(edges, loop), "item", " → ".join([*loop, loop[0]]),
            "no item to be needed to make itself", "Take one of these inputs out, or give a recycled one its own item.",
        )
        for loop in cycles(edges.select("input", "output").rows())
    ]  # fmt: skip


def _row_of(edges: pl.DataFrame, loop: list[str]) -> int:
    within = edges.filter(pl.col("input").is_in(loop) & pl.col("output").is_in(loop))
    return int(within["row"].to_list()[0])


def cycles(edges: Sequence[tuple[str, str]]) -> list[list[str]]:
    """Return one loop of each tangle of a directed graph, in the direction of its edges (from, to)."""
    names = sorted({name for edge in edges for name in edge})
    place = {name: number for number, name in enumerate(names)}
    pairs = np.array([(place[a], place[b]) for a, b in edges], dtype=np.int64).reshape(-1, 2)
    graph = sparse.csr_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(names), len(names)))
    _, part = connected_components(graph, connection="strong") if names else (0, np.array([], dtype=np.int64))
    inner = [(int(part[place[a]]), a, b) for a, b in edges if part[place[a]] == part[place[b]]]
    loops = []
    for tangle in sorted({number for number, _, _ in inner}):
        sorter: TopologicalSorter[str] = TopologicalSorter()
        for number, before, after in inner:
            if number == tangle:
                sorter.add(after, before)
        try:
            sorter.prepare()
        except CycleError as error:
            loop = list(error.args[1][:-1])
            first = loop.index(min(loop))
            loops.append(loop[first:] + loop[:first])
    return loops


def sources(chain: Chain) -> list[Finding]:
    """Return the items that nobody sells, makes or has in stock."""
    had = pl.concat([
        chain.offers["item"], chain.processes["item"], chain.stocks.filter(pl.col("on_hand") > 0)["item"],
        chain.pipeline["item"], chain.coproducts["item"], chain.returns["returned"],
    ])  # fmt: skip
    needed = pl.concat([chain.bom["item"], chain.wants["item"], chain.substitutes["item"]])
    orphans = numbered(chain.items).filter(~pl.col("item").is_in(had.implode()))
    orphans = orphans.with_columns(
        use=pl.when(pl.col("item").is_in(needed.implode())).then(pl.lit("needed")).otherwise(pl.lit("not needed"))
    )
    return tell(
        orphans, "warning", "items", "item", found="{item!r}, which nobody sells or makes ({use} elsewhere)",
        expected="an offer, a process or a stock of each item",
        mend="Add one to offers, processes or stocks, or remove the item.",
    )  # fmt: skip


def inputs(chain: Chain, found: Reach) -> list[Finding]:
    """Return the inputs that cannot get to the site of their process."""
    uses = numbered(chain.bom).join(running(chain).select("process", "site"), on="process")
    swaps = chain.substitutes.join(running(chain).select("process", "site"), on="process")
    relieved = swaps.join(found.pairs(), on=["site", "item"], how="semi").select("process", item="instead_of")
    lacking = uses.join(found.pairs(), on=["site", "item"], how="anti").sort("row")
    lacking = lacking.join(relieved, on=["process", "item"], how="anti", maintain_order="left")
    lacking = lacking.with_columns(
        advice=pl.struct("item", "site").map_elements(
            lambda use: _how_to_bring(chain, found, use["item"], use["site"]), return_dtype=pl.String
        )
    )
    return tell(
        lacking, "warning", "bom", "item", expected="each input at the site of its process", mend="{advice}",
        found="{item!r}, which cannot get to {site!r}: process {process!r} cannot run",
    )  # fmt: skip


def _how_to_bring(chain: Chain, found: Reach, item: str, site: str) -> str:
    """Return what would bring an item to a site, by what stands in its way."""
    places = found.of(item)
    if not places:
        made = item in set(chain.processes["item"])
        return f"Nothing supplies {item!r}; " + ("mend its inputs first." if made else "add an offer or a process.")
    dg_class = chain.items.filter(pl.col("item") == item)["dg_class"].cast(pl.String).to_list()[0]
    closed = chain.lanes.filter(pl.col("origin").is_in(places) & (pl.col("destination") == site))
    taken = closed.filter(several("dg_class").list.contains(dg_class or "")) if dg_class else closed
    if taken.height:
        return f"Let lane {taken['lane'].to_list()[0]!r} take its state of charge, or bring it down by a process."
    if closed.height:
        return (
            f"Let lane {closed['lane'].to_list()[0]!r} take dangerous goods of class {dg_class}, or add another lane."
        )
    return f"Add a lane from {listed([repr(place) for place in places], 3)} to {site!r}."


def wants(chain: Chain) -> list[Finding]:
    """Return wants that no item satisfies, and those that nobody has."""
    asked = numbered(chain.demand).unique("want", keep="first", maintain_order=True)
    unmet = asked.join(chain.wants, on="want", how="anti")
    idle = numbered(chain.wants).unique("want", keep="first", maintain_order=True)
    idle = idle.join(chain.demand, on="want", how="anti")
    return tell(
        unmet, "blocker", "demand", "want", found="{want!r}, which no item satisfies",
        expected="a row of table wants for each want", mend="Add to wants which item satisfies {want!r}.",
    ) + tell(
        idle, "warning", "wants", "want", found="{want!r}, which no market wants", expected="a want that has demand",
        mend="Add demand for it, or remove it.",
    )  # fmt: skip


def unreached(chain: Chain, found: Reach) -> list[Finding]:
    """Return the markets and wants that nothing can reach; a blocker where that is all demand there is."""
    asked = numbered(chain.demand).unique(["market", "want"], keep="first", maintain_order=True)
    serving = chain.wants.join(found.pairs(), on="item").select("want", market="site").unique()
    lost = asked.join(serving, on=["market", "want"], how="anti").join(chain.wants.select("want").unique(), on="want")
    lost = lost.sort("row")
    everything = asked.height > 0 and serving.join(asked, on=["market", "want"]).is_empty()
    severity: Severity = "blocker" if everything else "warning"
    findings = []
    for row in lost.iter_rows(named=True):
        items = chain.wants.filter(pl.col("want") == row["want"])["item"].to_list()
        nearest = next((item for item in items if found.of(item)), items[0])
        findings.append(Finding(
            severity, "demand", row["row"], "market",
            f"want {row['want']!r} at {row['market']!r}, where {listed(items, 3)} cannot get",
            "at least one item of the want to reach the market; else all of it falls short",
            _how_to_bring(chain, found, nearest, row["market"]),
        ))  # fmt: skip
    return findings

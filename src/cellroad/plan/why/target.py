"""What is asked about: the columns of an offer, lane, site, process, option, contract or sale.

A name is looked for in all tables that can be asked about; where two tables know it, `table` says which is meant.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cellroad.chain.chain import Chain
from cellroad.chain.finding import ChainError, Finding
from cellroad.chain.tell import did_you_mean, listed
from cellroad.plan.kernel import Model
from cellroad.plan.network.network import Network

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Name = str | tuple[str, ...]
ASKED = {
    "offers": "offer", "lanes": "lane", "sites": "site", "options": "option", "processes": "process",
    "contracts": "contract", "closures": "closure",
}  # fmt: skip
"""Tables whose rows can be asked about, and the column of their key."""


@dataclass(frozen=True)
class Target:
    """What is asked about: the table and the name, its columns in the model and in what they are counted."""

    table: str
    name: str
    columns: Ints
    unit: str

    @property
    def says(self) -> str:
        """Return what it is called in a sentence."""
        return f"{singular(self.table)} {self.name}"


def singular(table: str) -> str:
    """Return what one row of a table is called."""
    return {"processes": "process", "stocks": "stock of", "demand": "sale"}.get(table, table.removesuffix("s"))


def find(net: Network, model: Model, name: Name, table: str | None = None) -> Target:
    """Return what a name means; a sale is (market, want) or (market, want, item).

    Raises ChainError where nothing is called so, or more than one thing is and `table` does not say which.
    """
    if not isinstance(name, str):
        return _sale(net, model, tuple(name))
    found = [t for t in ASKED if t == (table or t) and name in net.chain.tables[t][ASKED[t]].to_list()]
    if len(found) == 1:
        columns, unit = _COLUMNS[found[0]](net, model, name)
        return Target(found[0], name, columns, unit)
    if found:
        raise ChainError([_wrong(found[0], name, f"one of the tables {listed(found)}", "Say which with table=…")])
    if table is not None and table not in ASKED:
        raise ChainError([Finding("blocker", "", None, "table", repr(table), f"one of {listed(ASKED)}",
                                  did_you_mean(table, ASKED, "Name one of these tables, or none."))])  # fmt: skip
    tables = [table] if table in ASKED else list(ASKED)
    known = [each for t in tables for each in net.chain.tables[t][ASKED[t]].to_list()]
    expected = f"an id of {listed(tables)}, or a sale as (market, want, item)"
    raise ChainError([_wrong(tables[0] if table else "offers", name, expected,
                             did_you_mean(name, known, "Take an id from one of these tables."))])  # fmt: skip


def _wrong(table: str, name: str, expected: str, mend: str) -> Finding:
    return Finding("blocker", table, None, ASKED.get(table, ""), repr(name), expected, mend)


def _sale(net: Network, model: Model, name: tuple[str, ...]) -> Target:
    keys = ("market", "want", "item")
    if not 2 <= len(name) <= 3:
        raise ChainError([_wrong("demand", str(name), "a sale as (market, want) or (market, want, item)", "")])
    demand, wants = net.chain.demand, net.chain.wants
    known = {"market": demand["market"], "want": demand["want"], "item": wants["item"]}
    for key, value in zip(keys, name, strict=False):
        there = known[key].unique().to_list()
        if value not in there:
            table = "wants" if key == "item" else "demand"
            mend = did_you_mean(value, there, f"Take a {key} of the table {table}.")
            raise ChainError([Finding("blocker", table, None, key, repr(value), f"one of {listed(there)}", mend)])
    chosen = pl.all_horizontal(pl.col(key) == value for key, value in zip(keys, name, strict=False))
    return Target("sales", " ".join(name), _of(model, "sell", net.sells, chosen), "wants")


def _of(model: Model, block: str, frame: pl.DataFrame, chosen: pl.Expr) -> Ints:
    return np.asarray(model.columns[block].first + frame.select(chosen.arg_true()).to_series().to_numpy())


def _unit(chain: Chain, items: pl.Series) -> str:
    units = chain.items.filter(pl.col("item").is_in(items.unique().implode()))["unit"].unique().to_list()
    return f"{units[0]}s" if len(units) == 1 else "units"


def _offer(net: Network, model: Model, name: str) -> tuple[Ints, str]:
    items = net.chain.offers.filter(pl.col("offer") == name)["item"]
    return _of(model, "buy", net.buys, pl.col("offer") == name), _unit(net.chain, items)


def _lane(net: Network, model: Model, name: str) -> tuple[Ints, str]:
    ships = net.ships.filter(pl.col("lane") == name)
    return _of(model, "ship", net.ships, pl.col("lane") == name), _unit(net.chain, ships["item"])


def _process(net: Network, model: Model, name: str) -> tuple[Ints, str]:
    return _of(model, "make", net.makes, pl.col("process") == name), "runs"


def _site(net: Network, model: Model, name: str) -> tuple[Ints, str]:
    """Return what is done at a site: bought and made there; else what comes in; else what is sold."""
    here = net.codes.site_of(pl.col("node")) == name
    done = np.concatenate([_of(model, "buy", net.buys, here), _of(model, "make", net.makes, here)])
    if not done.size:
        done = _of(model, "ship", net.ships, pl.col("destination") == name)
    if not done.size:
        done = _of(model, "sell", net.sells, pl.col("market") == name)
    return done, "units"


def _option(net: Network, model: Model, name: str) -> tuple[Ints, str]:
    return _of(model, "start", net.starts.frame, (pl.col("kind") == "option") & (pl.col("what") == name)), ""


def _closure(net: Network, model: Model, name: str) -> tuple[Ints, str]:
    return _of(model, "start", net.starts.frame, (pl.col("kind") == "closure") & (pl.col("what") == name)), ""


def _contract(net: Network, model: Model, name: str) -> tuple[Ints, str]:
    if "sign" not in model.columns:
        return np.zeros(0, dtype=np.int64), ""
    return _of(model, "sign", model.columns["sign"].index, pl.col("contract") == name), ""


_COLUMNS: dict[str, Callable[[Network, Model, str], tuple[Ints, str]]] = {
    "offers": _offer, "lanes": _lane, "sites": _site, "options": _option, "processes": _process,
    "contracts": _contract, "closures": _closure,
}  # fmt: skip

"""Which futures are there, how probable is each, and from which day is it known?

The rows of `scenarios` are the nodes of a tree below the chain as it stands. A node is known from its `valid_from` on
(blank: as soon as its parent); what is decided before is decided alike for all that part there. The future of a leaf is
its changes after those of its ancestors, with one limit: where a table is dated by month, a change holds from the month
in which its node is known, for what happened before is known already. A change to a row without a date holds over the
whole horizon.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cellroad.chain.chain import Chain
from cellroad.chain.finding import ChainError, Finding
from cellroad.chain.scenario import apply, line_of
from cellroad.chain.tell import did_you_mean, listed, numbered
from cellroad.plan.periods import Periods

Ints = NDArray[np.int64]
BASE = 0
"""The number of the root, the chain as it stands."""


@dataclass(frozen=True)
class Tree:
    """The nodes, the root first, each after its parent.

    frame    node, scenario ("" for the root), name, parent (null for the root), probability (of being on it),
             known_from (null: from the start), leaf
    lines    of every leaf, the nodes from the root to it
    """

    frame: pl.DataFrame
    lines: tuple[tuple[int, ...], ...]

    @property
    def leaves(self) -> list[str]:
        """Return the scenarios of the leaves."""
        return [str(self.frame["scenario"][line[-1]]) for line in self.lines]

    @property
    def probability(self) -> NDArray[np.float64]:
        """Return the probability of every leaf."""
        return self.frame["probability"].to_numpy()[[line[-1] for line in self.lines]]

    def begins(self, periods: Periods) -> Ints:
        """Return the first period in which each node is known when decisions are taken: shape (nodes,)."""
        days = [
            0 if known is None else periods.day_number(known) for known in self.frame["known_from"].to_list()
        ]  # fmt: skip
        return np.searchsorted(periods.first_day[:-1], np.array(days), side="left").astype(np.int64)

    def owners(self, leaf: int, periods: Periods) -> Ints:
        """Return which node decides in each period on the way to a leaf: shape (T,)."""
        begins = self.begins(periods)
        owner = np.full(periods.count, BASE, dtype=np.int64)
        for node in self.lines[leaf]:
            owner[begins[node] :] = node
        return owner


def read_tree(chain: Chain, under: str | None = None) -> Tree:
    """Return the tree of a chain, or the part below one of its scenarios, which is then the root.

    Raises ChainError where scenarios are none, are no tree, or have probabilities that do not add up.
    """
    scenarios = numbered(chain.scenarios)
    if under is not None:
        scenarios = _below(scenarios, under)
    if scenarios.is_empty():
        raise ChainError([Finding(
            "blocker", "scenarios", None, "scenario", "no rows", "the futures that are planned for",
            "Add a row for every future, with its probability.",
        )])  # fmt: skip
    findings = _broken(scenarios, under)
    if findings:
        raise ChainError(findings)
    rows: list[dict[str, Any]] = [
        {"scenario": under or "", "name": chain.name, "parent": None, "probability": 1.0, "known_from": None}
    ]
    place: dict[str | None, int] = {under: BASE}
    waiting = list(scenarios.iter_rows(named=True))
    while waiting:
        ready = [row for row in waiting if row["parent"] in place]
        waiting = [row for row in waiting if row["parent"] not in place]
        for row in ready:
            above = rows[place[row["parent"]]]
            place[row["scenario"]] = len(rows)
            known = [day for day in (row["valid_from"], above["known_from"]) if day is not None]
            rows.append({
                "scenario": row["scenario"], "name": row["name"] or row["scenario"], "parent": place[row["parent"]],
                "probability": row["probability"] * above["probability"],
                "known_from": max(known) if known else None,
            })  # fmt: skip
    schema = {
        "scenario": pl.String, "name": pl.String, "parent": pl.Int64, "probability": pl.Float64, "known_from": pl.Date,
    }  # fmt: skip
    frame = pl.DataFrame(rows, schema=schema).with_row_index("node").cast({"node": pl.Int64})
    frame = frame.with_columns(leaf=~pl.col("node").is_in(frame["parent"].drop_nulls().implode()))
    parent = frame["parent"].to_list()
    lines = []
    for leaf in frame.filter("leaf")["node"]:
        line = [int(leaf)]
        while parent[line[0]] is not None:
            line.insert(0, int(parent[line[0]]))
        lines.append(tuple(line))
    return Tree(frame, tuple(lines))


def _below(scenarios: pl.DataFrame, under: str) -> pl.DataFrame:
    """Return the rows below a scenario."""
    names = scenarios["scenario"].to_list()
    if under not in names:
        raise ChainError([Finding(
            "blocker", "scenarios", None, "scenario", repr(under), f"one of {listed(names)}",
            did_you_mean(under, names, "Name a scenario that has others below it."),
        )])  # fmt: skip
    kept = {under}
    while fresh := set(scenarios.filter(pl.col("parent").is_in(sorted(kept)))["scenario"]) - kept:
        kept |= fresh
    return scenarios.filter(pl.col("scenario").is_in(sorted(kept - {under})))


def _broken(scenarios: pl.DataFrame, under: str | None) -> list[Finding]:
    """Return where siblings do not share out all probability, and where parents run in a circle."""
    sums = scenarios.group_by("parent", maintain_order=True).agg(pl.col("row").first(), pl.col("probability").sum())
    findings = [
        Finding(
            "blocker", "scenarios", row["row"], "probability",
            f"a sum of {row['probability']:.4g} under " + (repr(row["parent"]) if row["parent"] else "the base chain"),
            "probabilities of siblings that sum to 1", "Correct them, or add the scenario in which nothing changes.",
        )
        for row in sums.filter((pl.col("probability") - 1).abs() > 1e-6).iter_rows(named=True)
    ]  # fmt: skip
    names, known = set(scenarios["scenario"]), {under}
    parents = dict(scenarios.select("scenario", "parent").iter_rows())
    while fresh := {name for name in names if name not in known and parents[name] in known}:
        known |= fresh
    if names - known:
        findings.append(Finding(
            "blocker", "scenarios", None, "parent", ", ".join(sorted(names - known)),
            "parents that lead to the base chain", "Break the circle, or name a parent that exists.",
        ))  # fmt: skip
    return findings


def future(chain: Chain, tree: Tree, line: tuple[int, ...]) -> Chain:
    """Return the chain of a leaf: every change from the day on which it is known, where a row has a month."""
    root = str(tree.frame["scenario"][BASE])
    tables = dict((apply(chain, root) if root else chain).tables)
    for node in line[1:]:
        scenario = str(tree.frame["scenario"][node])
        known: dt.date | None = tree.frame["known_from"][node]
        changed = apply(chain, scenario)
        month = known.replace(day=1) if known is not None else None
        if month is not None and known != month:
            month = (month + dt.timedelta(days=32)).replace(day=1)
        for table, frame in changed.tables.items():
            if month is None or "month" not in frame.columns or frame["month"].dtype != pl.Date:
                tables[table] = frame
            else:
                before = tables[table].filter(pl.col("month") < month)
                tables[table] = pl.concat([before, frame.filter(pl.col("month") >= month)])
    name = f"{chain.name}:{tree.frame['scenario'][line[-1]]}"
    empty = {table: chain.tables[table].clear() for table in ("scenarios", "changes")}
    return Chain.of(name, **{**tables, **empty})


def changes_of(chain: Chain, scenario: str) -> list[tuple[str, str, str, str, str, str]]:
    """Return the changes on the way to a scenario: scenario that makes it, table, key, column, operation, value."""
    rows = chain.changes.with_columns(pl.col("operation").cast(pl.String))
    return [
        (name, str(table), str(key), str(column), str(operation), str(value))
        for name in line_of(chain, scenario)
        for table, key, column, operation, value in rows.filter(pl.col("scenario") == name)
        .select("table", "key", "column", "operation", "value")
        .iter_rows()
    ]

"""What a programme means for a chain: a tree of scenarios, with chances from its draws, that a plan can be made on.

A fork asks whether a gate comes early, as planned or late. The draws answer all forks at once, so that answers that
hang together stay together: the chance of an answer is the share of the draws that give it, of those that give the
answers before. Answers become scenarios, each known on the day of its fork, below one root; what each changes in the
chain is told by the table `effects`.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cellroad.chain.chain import Chain
from cellroad.chain.finding import ChainError, Finding
from cellroad.engineering.roadmap.dates import months_to
from cellroad.engineering.roadmap.tables import OUTCOMES

if TYPE_CHECKING:
    from cellroad.engineering.roadmap.result import Roadmap

ROOT = "roadmap"


def answers(found: Roadmap) -> pl.DataFrame:
    """Return how likely each answer of each fork is: fork, name, known_on, outcome, day that parts it, probability."""
    rows = []
    for fork in found.read.tables["forks"].sort("known_on", maintain_order=True).iter_rows(named=True):
        given = _outcomes(found, fork["gate"], fork["early_by"], fork["late_after"])
        days = (fork["early_by"], None, fork["late_after"])
        rows += [
            (fork["fork"], fork["name"], fork["known_on"], outcome, day, float((given == at).mean()))
            for at, (outcome, day) in enumerate(zip(OUTCOMES, days, strict=True))
        ]
    schema = {"fork": pl.String, "name": pl.String, "known_on": pl.Date, "outcome": pl.String, "day": pl.Date,
              "probability": pl.Float64}  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row")


def as_planned(found: Roadmap) -> str:
    """Return the scenario of a tree made by `to_scenarios` in which every fork comes as planned."""
    forks = found.read.tables["forks"].sort("known_on", maintain_order=True)["fork"]
    return "-".join([ROOT, *(f"{fork}-as-planned" for fork in forks)])


def early(found: Roadmap) -> dict[str, str]:
    """Return by what each fork is called the scenario in which it alone comes early and the others as planned."""
    forks = found.read.tables["forks"].sort("known_on", maintain_order=True)
    told = {}
    for fork, name in forks.select("fork", "name").iter_rows():
        parts = (f"{one}-early" if one == fork else f"{one}-as-planned" for one in forks["fork"])
        told[str(name or fork)] = "-".join([ROOT, *parts])
    return told


def to_scenarios(chain: Chain, found: Roadmap) -> Chain:
    """Return a chain with a tree of scenarios below `roadmap`: plan it with `plan_tree(chain, under="roadmap")`.

    As a tree has many futures, it counts in quarters to the middle of a long horizon and in years after it.

    Scenarios that the chain has stay beside it. Raises ChainError where the programme has no forks, or the chain has a
    scenario named like the tree.
    """
    forks = found.read.tables["forks"].sort("known_on", maintain_order=True)
    taken = [name for name in chain.scenarios["scenario"] if name == ROOT or name.startswith(f"{ROOT}-")]
    if forks.is_empty() or taken:
        raise ChainError([
            Finding("blocker", "forks", None, "", "no row", "at least one", "Fill in forks.csv.") if forks.is_empty()
            else Finding("blocker", "scenarios", None, "scenario", repr(taken[0]), f"no name that begins with {ROOT}",
                         "Take the scenarios of an earlier roadmap out."),
        ])  # fmt: skip
    scenarios: list[tuple[str, str, str | None, float, dt.date | None]] = [
        (ROOT, f"{found.name}: what its gates turn", None, 1.0, None)
    ]
    changes = _periods(chain)
    parents: list[tuple[str, NDArray[np.bool_]]] = [(ROOT, np.ones(found.draws, dtype=np.bool_))]
    for fork in forks.iter_rows(named=True):
        given = _outcomes(found, fork["gate"], fork["early_by"], fork["late_after"])
        effects = found.read.tables["effects"].filter(pl.col("fork") == fork["fork"])
        children = []
        for parent, within in parents:
            for at, outcome in enumerate(OUTCOMES):
                both = within & (given == at)
                if not both.any():
                    continue
                name = f"{parent}-{fork['fork']}-{outcome.replace(' ', '-')}"
                words = f"{fork['name'] or fork['fork']}: {outcome}"
                scenarios.append((name, words, parent, float(both.sum() / within.sum()), fork["known_on"]))
                rows = effects.filter(pl.col("outcome") == outcome)
                changes += [
                    (name, *row) for row in rows.select("table", "key", "column", "operation", "value").iter_rows()
                ]  # fmt: skip
                children.append((name, both))
        parents = children
    tree = pl.DataFrame(scenarios, schema=_schema(chain.scenarios, "scenario name parent probability valid_from"),
                        orient="row")  # fmt: skip
    told = pl.DataFrame(changes, schema=_schema(chain.changes, "scenario table key column operation value"),
                        orient="row")  # fmt: skip
    note = pl.lit(f"from {found.draws} draws of the roadmap {found.read.name}").alias("note")
    return chain.replace(
        scenarios=pl.concat([chain.scenarios, tree.with_columns(note)], how="diagonal").with_columns(
            pl.col("source").fill_null(""), pl.col("confidence").fill_null("assumption")
        ),
        changes=pl.concat([chain.changes, told.with_columns(note)], how="diagonal").with_columns(
            pl.col("source").fill_null(""), pl.col("confidence").fill_null("assumption")
        ),
    )


def _schema(frame: pl.DataFrame, names: str) -> dict[str, pl.DataType]:
    return {name: frame.schema[name] for name in names.split()}


def _periods(chain: Chain) -> list[tuple[str, str, str, str, str, str]]:
    """Return the changes that let a tree count in quarters, then in years: both halves begin at a full year."""
    months = chain.plan_settings().months
    if months < 48 or months % 12:
        return []
    half = 12 * (months // 24)
    return [
        (ROOT, "settings", "quarters_after", "value", "set", "0"),
        (ROOT, "settings", "years_after", "value", "set", str(half)),
    ]


def _outcomes(found: Roadmap, gate: str, early_by: dt.date, late_after: dt.date) -> NDArray[np.int64]:
    """Return the place of the answer of each draw in OUTCOMES."""
    months, start = found.months(gate), found.read.start
    early, late = months_to(start, early_by), months_to(start, late_after)
    return np.where(months <= early, 0, np.where(months <= late, 1, 2))

"""A tree of scenarios from a few uncertain things, each known from a day: the rows, so that nobody writes them by hand.

Three things with three outcomes each are 3 + 9 + 27 scenarios; every one of them is named by the outcomes on its way.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl

from cellroad.chain.chain import Chain

Change = tuple[str, str, str, str, str]
"""Table, key, column, operation and value of a change."""


@dataclass(frozen=True)
class Outcome:
    """One way in which something may turn out: what people call it, how probable it is, and what it changes."""

    name: str
    probability: float
    changes: Sequence[Change] = field(default_factory=tuple)


@dataclass(frozen=True)
class Stage:
    """Something uncertain, the day from which it is known, and its outcomes (their probabilities sum to one)."""

    name: str
    known_from: dt.date
    outcomes: Sequence[Outcome]


def unfold(chain: Chain, stages: Sequence[Stage]) -> Chain:
    """Return a chain whose scenarios are the tree of all outcomes of independent stages, in the order of their days.

    What the chain had in scenarios and changes is replaced. Raises ValueError where the outcomes of a stage do not
    share out all probability.
    """
    scenarios: list[dict[str, object]] = []
    changes: list[dict[str, object]] = []
    ends: list[str | None] = [None]
    for stage in sorted(stages, key=lambda stage: stage.known_from):
        if abs(sum(outcome.probability for outcome in stage.outcomes) - 1) > 1e-6:
            raise ValueError(f"the probabilities of {stage.name!r} do not sum to 1")
        fresh: list[str | None] = []
        for parent in ends:
            for outcome in stage.outcomes:
                scenario = outcome.name if parent is None else f"{parent}/{outcome.name}"
                fresh.append(scenario)
                scenarios.append({
                    "scenario": scenario, "name": outcome.name, "parent": parent,
                    "probability": outcome.probability, "valid_from": stage.known_from,
                })  # fmt: skip
                names = ("table", "key", "column", "operation", "value")
                changes += [
                    {"scenario": scenario, **dict(zip(names, change, strict=True))} for change in outcome.changes
                ]
        ends = fresh
    return chain.replace(
        scenarios=_typed(chain.scenarios, scenarios), changes=_typed(chain.changes, changes)
    )  # fmt: skip


def _typed(table: pl.DataFrame, rows: list[dict[str, object]]) -> pl.DataFrame:
    names = list(rows[0]) if rows else []
    return pl.DataFrame(rows, schema={name: pl.String if name == "operation" else table.schema[name] for name in names})

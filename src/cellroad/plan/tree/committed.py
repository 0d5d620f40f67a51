"""What if everybody expected one future, and it came otherwise? And what is it worth to wait with one decision?

`committed` takes the decisions of the best plan for one future in all of them: what a planner does who looks at no
other. Amounts still follow what is known. `waiting` asks option by option: what does it cost to settle it at the
start, in all futures alike, while all else still waits for what becomes known?

    worth[o] = value of the tree - value of the tree in which the starts of o are the root's        (a real option)
"""

from __future__ import annotations

import datetime as dt
import itertools
import re
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import polars as pl

from cellroad.plan.solving.watching import Limits, NoPlanError, Watch, gap_of
from cellroad.plan.tree.held import held, taken
from cellroad.plan.tree.model import TreeModel, tree_model
from cellroad.plan.tree.result import TreePlan
from cellroad.plan.tree.risk import aimed, leaf_values, told, worth
from cellroad.plan.tree.trees import plans_of, search
from cellroad.plan.why.case import searched

SCHEMA = {
    "option": pl.String, "name": pl.String, "futures": pl.Int64, "probability": pl.Float64, "decided_from": pl.Date,
    "decided_to": pl.Date, "waits_for": pl.String, "known_on": pl.Date, "usd": pl.Float64, "low_usd": pl.Float64,
    "high_usd": pl.Float64,
}  # fmt: skip


def joined(planned: TreePlan, now: pl.Expr | None = None) -> TreeModel:
    """Return the model of a tree from what its plans kept. Raises ValueError where they kept nothing."""
    cases = [planned.plans[leaf].case for leaf in planned.tree.leaves]
    return tree_model(planned.tree, [case.net for case in cases], [case.model for case in cases], now=now)


def expected(planned: TreePlan, future: str | None = None) -> str:
    """Return a future of a tree: the one that is named, or the most probable. Raises KeyError for one not there."""
    leaves = planned.tree.leaves
    if future is None:
        return leaves[int(planned.tree.probability.argmax())]
    if future not in leaves:
        raise KeyError(f"no future is called {future!r}; there are {', '.join(leaves)}")
    return future


def committed(
    planned: TreePlan, future: str | None = None, *, gap: float = 1e-3, time_limit: float = 120.0, threads: int = 2,
    progress: Watch | None = None,
) -> TreePlan:  # fmt: skip
    """Return the plans of a tree in which all take the starts that are best for one future, whatever comes.

    future  the one that is expected; without one, the most probable

    Amounts are those of largest expected value, whatever the tree is planned for. Raises KeyError for a future that is
    not there, NoPlanError where another future cannot keep these decisions.
    """
    watch: Watch = progress or (lambda _: True)
    limits = Limits(gap, time_limit, 0, threads)
    case = planned.plans[expected(planned, future)].case
    alone = searched(case.net, case.model, limits)
    joint = joined(planned)
    outcome = search(held(joint, taken(case.net, case.model, alone.values)), limits, watch)
    values = leaf_values(joint, outcome.values)
    reached, room = worth(planned.risk, values, planned.tree.probability), outcome.bound - outcome.objective
    return replace(
        planned, plans=plans_of(joint, outcome), values=values, measure_usd=told(joint, planned.risk, reached),
        bound_usd=told(joint, planned.risk, reached + room), gap=gap_of(outcome.bound, outcome.objective),
        status=outcome.status, seconds=outcome.seconds, worth=(),
    )  # fmt: skip


def waiting(
    planned: TreePlan, *, gap: float = 1e-3, time_limit: float = 120.0, threads: int = 2, progress: Watch | None = None
) -> pl.DataFrame:
    """Return what waiting is worth for each option, or group of which one is taken, dearest first.

    option, name, futures and probability in which it is taken, decided_from and decided_to (null: never), waits_for
    (the answers that part its decisions), known_on (when the last of them is known), usd with low_usd and high_usd
    (it lies between what was found on one side and proved on the other). What is decided alike in all futures waits
    for nothing: its worth is nothing as far as the plan is proved. Worth is null where no plan settles an option alike
    in all futures, or none was found in time.

    gap, time_limit  of each search: one for every option that hangs on an answer
    """
    watch: Watch = progress or (lambda _: True)
    value, bound = _aim(planned, planned.measure_usd), _aim(planned, planned.bound_usd)
    # who settles everything at the start settles each option there
    least = max((value - figure.usd for figure in planned.worth if figure.name == "waiting"), default=-np.inf)
    rows = []
    for choice in planned.choices:
        rule = planned.rule(choice)
        days = sorted(day for dates in rule.decided.values() for day in dates)
        meant = _options(planned, choice)
        parted = len({tuple(rule.decided[leaf]) for leaf in planned.tree.leaves}) > 1
        usd: float | None
        low: float | None
        high: float | None
        usd, low, high, names, known = 0.0, 0.0, max(bound - value, 0.0), "", None
        if parted:
            names, known = _answers(planned, rule.decided)
            now = (pl.col("block") == "start") & pl.col("key").str.contains(_pattern(meant))
            try:
                found = search(aimed(joined(planned, now), planned.risk), Limits(gap, time_limit, 0, threads), watch)
            except NoPlanError:  # it cannot be settled alike in all futures, or not in this time
                usd, low, high = None, None, None
            else:
                reached = max(found.objective, least)
                usd, low, high = (max(gain, 0.0) for gain in (value - reached, value - found.bound, bound - reached))
        called = ", ".join(name for name, option in planned.chain.options.select("name", "option").iter_rows()
                           if option in meant)  # fmt: skip
        rows.append((
            choice, called or choice, len(rule.built), rule.probability, days[0] if days else None,
            days[-1] if days else None, names, known, usd, low, high,
        ))  # fmt: skip
    return pl.DataFrame(rows, schema=SCHEMA, orient="row").sort("usd", descending=True, maintain_order=True)


def _aim(planned: TreePlan, measure: float) -> float:
    """Return a measure so that more is better, as the search sees it."""
    if planned.risk.kind != "regret":
        return measure
    best = float(planned.tree.probability @ -pl.Series(planned.risk.best).to_numpy())
    return best - measure


def _options(planned: TreePlan, choice: str) -> list[str]:
    """Return the options of a choice: itself, or those of its group."""
    options = planned.chain.options.select("option", group=pl.col("one_of").fill_null(""))
    return options.filter((pl.col("option") == choice) | (pl.col("group") == choice))["option"].to_list()


def _pattern(options: list[str]) -> str:
    """Return what the keys of the starts of options look like: `option name|period`, with a number from copy 2 on."""
    return f"^option (?:{'|'.join(re.escape(one) for one in options)})(?: #\\d+)?\\|"


def _answers(planned: TreePlan, decided: Mapping[str, list[dt.date]]) -> tuple[str, dt.date | None]:
    """Return which nodes of the tree part what is decided below them: their children's names, and when these are known.

    A node parts a decision where two of its children lead to futures that decide differently, and none of the futures
    of one child differ for this decision from each other more than by later answers.
    """
    frame, lines = planned.tree.frame, planned.tree.lines
    below: dict[int, dict[int, set[tuple[dt.date, ...]]]] = {}
    for line, leaf in zip(lines, planned.tree.leaves, strict=True):
        for parent, child in itertools.pairwise(line):
            below.setdefault(parent, {}).setdefault(child, set()).add(tuple(decided[leaf]))
    parting = [children for children in below.values() if len({frozenset(some) for some in children.values()}) > 1]
    nodes = sorted({child for children in parting for child in children})
    names = list(dict.fromkeys(str(frame["name"][node]).rsplit(":", 1)[0].strip() for node in nodes))
    days = [day for node in nodes if (day := frame["known_from"][node]) is not None]
    return ", ".join(names), max(days, default=None)

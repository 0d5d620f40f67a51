"""Under which conditions is something built? The smallest condition that separates the futures in which it is.

Futures differ by what their scenarios change, and by nothing else: a number that is set or scaled, a row that is
dropped. Each such change is a feature with a value in every leaf. The rule is the smallest conjunction of conditions
on features that holds in just the leaves where the option is built (or just where it is not); where none of at most
three does, it is the smallest decision tree, told as its branches. Nothing is estimated: the rule is exact on the
leaves of the tree, and says nothing of futures between them.
"""

from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import dataclass

import polars as pl

from cellroad.chain.chain import Chain
from cellroad.chain.scenario import ANY, line_of
from cellroad.chain.tables import TABLES, key_of
from cellroad.plan.tree.nodes import Tree, changes_of

MOST = 3
"""Conditions in one conjunction."""
TIMES = "times what it was"
Value = float | str
Leafs = frozenset[int]


@dataclass(frozen=True)
class Rule:
    """Where an option is built: leaves, dates by leaf, their probability, and the condition in words."""

    option: str
    built: tuple[str, ...]
    never: tuple[str, ...]
    decided: dict[str, list[dt.date]]
    probability: float
    conditions: tuple[tuple[str, ...], ...]
    words: str

    def __str__(self) -> str:
        """Return the words."""
        return self.words


@dataclass(frozen=True)
class _Condition:
    words: str
    holds: Leafs


def separate(chain: Chain, tree: Tree, option: str, decided: dict[str, list[dt.date]]) -> Rule:
    """Return the rule of an option from the dates on which each leaf decides it."""
    leaves = tree.leaves
    built = frozenset(n for n, leaf in enumerate(leaves) if decided[leaf])
    everyone = frozenset(range(len(leaves)))
    probability = float(sum(tree.probability[n] for n in built))
    conditions = _conditions(chain, tree)
    if not built:
        branches: list[list[str]] = []
        words = "never built"
    elif built == everyone:
        branches, words = [[]], "always built"
    elif found := _conjunction(conditions, built, everyone):
        branches = [[c.words for c in found]]
        words = "built where " + " and ".join(branches[0])
    elif found := _conjunction(conditions, everyone - built, everyone):
        branches = [[c.words] for c in found]
        words = "built except where " + " and ".join(c.words for c in found)
    else:
        branches = _branches(conditions, built, everyone)
        words = "built where " + ", or where ".join(" and ".join(branch) for branch in branches)
    days = sorted({day for dates in decided.values() for day in dates})
    if days:
        when = f"{days[0]:%b %Y}" if days[0] == days[-1] else f"{days[0]:%b %Y} to {days[-1]:%b %Y}"
        words += f" ({len(built)} of {len(leaves)} futures, {probability:.0%}; decided {when})"
    return Rule(
        option, tuple(leaves[n] for n in sorted(built)), tuple(leaves[n] for n in sorted(everyone - built)), decided,
        probability, tuple(tuple(branch) for branch in branches), words,
    )  # fmt: skip


@dataclass(frozen=True)
class Feature:
    """Something in which futures differ: what it is called, its value in every leaf, and the scenario that gave it.

    `scaled` says that the value is a factor on what the chain holds, or a difference to it.
    """

    name: str
    values: tuple[Value, ...]
    given_by: tuple[str, ...]
    scaled: str


def features(chain: Chain, tree: Tree) -> list[Feature]:
    """Return the features in which leaves differ, and the value of each in every leaf.

    Changes that always come together are one feature, told by the first.
    """
    found: dict[tuple[str, str, str], list[Value]] = {}
    givers: dict[tuple[str, str, str], list[str]] = {}
    scaled: dict[tuple[str, str, str], str] = {}
    stages: dict[tuple[str, str, str], set[int]] = {}
    names = dict(chain.scenarios.select("scenario", "name").iter_rows())
    ways = [line_of(chain, leaf) for leaf in tree.leaves]
    for place, leaf in enumerate(tree.leaves):
        for scenario, table, key, column, operation, value in changes_of(chain, leaf):
            of = (table, key, "" if operation == "drop" else column)
            if of not in found:
                start, scaled[of] = _base(chain, *of, operation)
                found[of] = [start] * len(tree.leaves)
                givers[of] = [""] * len(tree.leaves)
            found[of][place] = _changed(found[of][place], operation, value)
            givers[of][place] = names[scenario] or scenario
            stages.setdefault(of, set()).add(ways[place].index(scenario))
    for of, depths in stages.items():
        if len(depths) == 1:  # what leaves it as it is has a name as well: that of the same stage
            stage = next(iter(depths))
            givers[of] = [
                giver or (names[way[stage]] or way[stage] if len(way) > stage else "")
                for giver, way in zip(givers[of], ways, strict=True)
            ]
    alike: dict[tuple[Value, ...], Feature] = {}
    for (table, key, column), values in found.items():
        if len(set(values)) > 1:
            feature = Feature(
                _name(table, key, column), tuple(values), tuple(givers[table, key, column]),
                scaled[table, key, column],
            )  # fmt: skip
            pattern = tuple(sorted(set(values), key=str).index(v) for v in values)
            alike.setdefault(pattern, feature)
    return list(alike.values())


def _base(chain: Chain, table: str, key: str, column: str, operation: str) -> tuple[Value, str]:
    """Return what a cell holds without any scenario; where a change touches many rows, the factor or difference."""
    if not column:
        return "there", ""
    if table == "settings":
        rows = chain.settings.filter(pl.col("name") == key)["value"].to_list()
        return _number(rows[0] if rows else str(getattr(chain.plan_settings(), key, ""))), ""
    frame = chain.tables[table]
    parts = zip(key_of(TABLES[table]), key.split("|"), strict=False)
    same = [pl.col(name).cast(pl.String) == part for name, part in parts if part != ANY]
    rows = frame.filter(*same)[column].unique().to_list()
    if len(rows) == 1 and rows[0] is not None:
        return (float(rows[0]) if isinstance(rows[0], int | float) else str(rows[0])), ""
    if operation == "add":
        return 0.0, "above what it was"
    return 1.0, TIMES


def _changed(old: Value, operation: str, value: str) -> Value:
    if operation == "drop":
        return "gone"
    new = _number(value)
    if operation == "set" or isinstance(old, str) or isinstance(new, str):
        return new
    return old * new if operation == "multiply" else old + new


def _number(text: str) -> Value:
    try:
        return float(text)
    except ValueError:
        return text


def _name(table: str, key: str, column: str) -> str:
    what = table if key == "*" else f"{table} {key.replace('|*', '').replace('*|', '')}"
    return f"{what} {column.replace('_', ' ')}".strip()


def _conditions(chain: Chain, tree: Tree) -> list[_Condition]:
    """Return every condition on one feature: at least, at most, is, is not."""
    found: dict[Leafs, _Condition] = {}
    for feature in features(chain, tree):
        values = feature.values
        numbers = sorted({value for value in values if isinstance(value, float)})
        words = sorted({value for value in values if isinstance(value, str)})
        everyone = frozenset(range(len(values)))
        sizes = [value if isinstance(value, float) else 0.0 for value in values]

        def add(how: str, value: Value, holds: Leafs, feature: Feature = feature) -> None:
            told = f"{value:,.4g} {feature.scaled}".rstrip() if isinstance(value, float) else value
            if feature.scaled and value == (1.0 if feature.scaled == TIMES else 0.0):
                told = "what it was"
            by = {feature.given_by[n] for n, v in enumerate(feature.values) if v == value} - {""}
            named = f" ({' or '.join(sorted(by))})" if len(by) in (1, 2) else ""
            found.setdefault(holds, _Condition(f"{feature.name} {how} {told}{named}", holds))

        if not words:
            for number in numbers[1:]:
                add("is at least", number, frozenset(n for n, v in enumerate(sizes) if v >= number))
            for number in numbers[:-1]:
                add("is at most", number, frozenset(n for n, v in enumerate(sizes) if v <= number))
        levels: list[Value] = [*numbers, *words]
        for value in levels if words or len(numbers) > 2 else []:
            holds = frozenset(n for n, v in enumerate(values) if v == value)
            add("is", value, holds)
            add("is not", value, everyone - holds)
    return list(found.values())


def _conjunction(conditions: list[_Condition], wanted: Leafs, everyone: Leafs) -> list[_Condition]:
    """Return the smallest conjunction that holds in just the wanted leaves, nothing where there is none."""
    useful = [c for c in conditions if wanted <= c.holds]
    for size in range(1, MOST + 1):
        for chosen in itertools.combinations(useful, size):
            if everyone.intersection(*(c.holds for c in chosen)) == wanted:
                return list(chosen)
    return []


def _branches(conditions: list[_Condition], wanted: Leafs, among: Leafs) -> list[list[str]]:
    """Return the branches of a small decision tree that lead to the wanted leaves; each split is the purest one."""
    inside = wanted & among
    if not inside:
        return []
    if inside == among:
        return [[]]
    splits = [c for c in conditions if c.holds & among and among - c.holds]
    if not splits:
        return [["the scenario is among those listed"]]

    def mixed(c: _Condition) -> float:
        sides = (c.holds & among, among - c.holds)
        return sum(min(len(side & wanted), len(side - wanted)) for side in sides)

    best = min(splits, key=mixed)
    yes = _branches(conditions, wanted, among & best.holds)
    no = _branches(conditions, wanted, among - best.holds)
    opposite = next((c.words for c in conditions if c.holds & among == among - best.holds), f"not ({best.words})")
    return [[best.words, *branch] for branch in yes] + [[opposite, *branch] for branch in no]

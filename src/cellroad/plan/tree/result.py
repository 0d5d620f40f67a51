"""The answer of a tree: a plan for every leaf, what it is worth, and the rule behind every investment.

nodes    scenario, name, parent, probability, known_from, leaf, value_usd (expected, of the leaves below)
leaves   scenario, name, probability, value_usd, regret_usd (null where the tree is not planned for regret)
starts   what, name, kind, scenario (node that decides), decided, probability, cost_usd: every start in every node
partners scenario, future, probability, partner, name, own_usd, usd, low_usd, high_usd: what each is worth in each leaf
figures  figure, value, low, high, unit
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cellroad.chain.chain import Chain
from cellroad.plan.result import Plan
from cellroad.plan.solving.watching import Watch
from cellroad.plan.stochastic.risk import Risk, cvar
from cellroad.plan.tree.nodes import Tree
from cellroad.plan.tree.rule import Rule, separate

if TYPE_CHECKING:
    from cellroad.plan.tree.sample import OutOfSample

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Figure:
    """A measure with what is proved of it: it lies between low and high."""

    name: str
    usd: float
    low: float
    high: float


@dataclass(frozen=True)
class TreePlan:
    """Plans by leaf, and the numbers of the search.

    values       net present value of every leaf, less its share of what is decided above it and of no use to it
    risk         what the tree is planned for
    method       `one` model, or futures `apart` (where these left a gap open, one model went on)
    measure_usd  what that measure is of these values; no plans can have a better one than bound_usd
    """

    chain: Chain
    tree: Tree
    plans: dict[str, Plan]
    values: Floats
    risk: Risk
    measure_usd: float
    bound_usd: float
    gap: float
    status: str
    method: str
    seconds: float
    worth: tuple[Figure, ...]

    @property
    def value_usd(self) -> float:
        """Return the expected net present value."""
        return float(self.tree.probability @ self.values)

    @property
    def regrets(self) -> Floats | None:
        """Return by how much each leaf falls short of its best plan, where the tree is planned for that."""
        return -np.array(self.risk.best) - self.values if self.risk.kind == "regret" else None

    def cvar_usd(self, alpha: float = 0.9) -> float:
        """Return the mean net present value of the worst 1 - alpha of futures."""
        return -cvar(-self.values, self.tree.probability, alpha)

    @property
    def nodes(self) -> pl.DataFrame:
        """Return the nodes with the expected value of what lies below them."""
        total, weight = np.zeros(self.tree.frame.height), np.zeros(self.tree.frame.height)
        for line, value, p in zip(self.tree.lines, self.values, self.tree.probability, strict=True):
            total[list(line)] += p * value
            weight[list(line)] += p
        names = dict(self.tree.frame.select("node", "scenario").iter_rows())
        return self.tree.frame.with_columns(
            value_usd=pl.Series(total / np.where(weight > 0, weight, 1.0)),
            parent=pl.col("parent").replace_strict(names, return_dtype=pl.String),
        ).drop("node")

    @property
    def leaves(self) -> pl.DataFrame:
        """Return the leaves with their values."""
        ends = [line[-1] for line in self.tree.lines]
        return self.tree.frame[ends].select("scenario", "probability").with_columns(
            name=pl.Series([self._way(line) for line in self.tree.lines]),
            value_usd=pl.Series(self.values),
            regret_usd=pl.lit(None, dtype=pl.Float64) if self.regrets is None else pl.Series(self.regrets),
        ).select("scenario", "name", "probability", "value_usd", "regret_usd")  # fmt: skip

    def _way(self, line: tuple[int, ...]) -> str:
        """Return what people call a future: the names of the nodes on the way to it."""
        return ", ".join(str(self.tree.frame["name"][node]) for node in line[1:])

    @property
    def partners(self) -> pl.DataFrame:
        """Return what each partner is worth in each leaf, with its share in what others earn by the day of each."""
        told = ("partner", "name", "own_usd", "usd", "low_usd", "high_usd")
        parts = [
            self.plans[leaf].values.select(
                pl.lit(leaf).alias("scenario"), pl.lit(self._way(line)).alias("future"),
                pl.lit(float(p)).alias("probability"), *told,
            )
            for leaf, line, p in zip(self.tree.leaves, self.tree.lines, self.tree.probability, strict=True)
        ]  # fmt: skip
        return pl.concat(parts)

    @cached_property
    def starts(self) -> pl.DataFrame:
        """Return every start of an option or campaign with the node that decides it."""
        parts = []
        for line, leaf in zip(self.tree.lines, self.tree.leaves, strict=True):
            opened = self.plans[leaf].openings
            known = [(self.tree.frame["known_from"][node], str(self.tree.frame["scenario"][node])) for node in line]
            owner = [
                [scenario for day, scenario in known if day is None or day <= decided][-1]
                for decided in opened["decided"]
            ]
            parts.append(
                opened.select("what", "name", "kind", "decided", "cost_usd").with_columns(
                    scenario=pl.Series(owner, dtype=pl.String), leaf=pl.lit(leaf)
                )
            )
        names = self.tree.frame.select("scenario", "probability")
        return (
            pl.concat(parts)
            .unique(["what", "kind", "decided", "scenario"], maintain_order=True)
            .join(names, on="scenario", how="left", maintain_order="left")
            .select("what", "name", "kind", "scenario", "decided", "probability", "cost_usd")
            .sort("what", "decided", "scenario")
        )

    def rule(self, option: str) -> Rule:
        """Return where an option, or one of a group, is built and which condition separates those futures.

        Raises KeyError for an option or group that the chain does not have.
        """
        options = self.chain.options.select("option", group=pl.col("one_of").fill_null(""))
        meant = options.filter((pl.col("option") == option) | (pl.col("group") == option))["option"].to_list()
        if not meant:
            raise KeyError(f"no option is called {option!r}; there are {', '.join(self.choices)}")
        built = {
            leaf: plan.openings.filter((pl.col("kind") == "option") & pl.col("what").is_in(meant))["decided"].to_list()
            for leaf, plan in self.plans.items()
        }
        return separate(self.chain, self.tree, option, built)

    @property
    def choices(self) -> list[str]:
        """Return what there is a rule for: groups of which one is built, and the options in none."""
        groups = self.chain.options.select(pl.coalesce(pl.col("one_of").replace("", None), "option").alias("choice"))
        return groups["choice"].unique(maintain_order=True).to_list()

    @property
    def rules(self) -> pl.DataFrame:
        """Return the rule of every option, or group of which one is built: option, leaves, probability, rule."""
        found = [self.rule(option) for option in self.choices]
        return pl.DataFrame(
            [(r.option, len(r.built), r.probability, r.words) for r in found],
            schema={"option": pl.String, "leaves": pl.Int64, "probability": pl.Float64, "rule": pl.String},
            orient="row",
        )

    def out_of_sample(
        self, *, samples: int = 60, batches: int = 10, seed: int = 0, progress: Watch | None = None, **others: Any
    ) -> OutOfSample:
        """Return what the first step is worth in futures drawn anew, with intervals (tree_sample)."""
        from cellroad.plan.tree.sample import out_of_sample

        return out_of_sample(self, samples=samples, batches=batches, seed=seed, progress=progress, **others)

    def committed(self, future: str | None = None, **others: Any) -> TreePlan:
        """Return the plans where all take the starts that are best for one future, whatever comes (committed)."""
        from cellroad.plan.tree.committed import committed

        return committed(self, future, **others)

    def waiting(self, **others: Any) -> pl.DataFrame:
        """Return what it is worth to wait with each option for what becomes known (committed)."""
        from cellroad.plan.tree.committed import waiting

        return waiting(self, **others)

    def stranded(self, against: str | None = None, *, least: float = 0.1) -> pl.DataFrame:
        """Return the plant that is idle, under-used, worth less or never paid back in each future, beside one that is
        expected (stranded)."""
        from cellroad.plan.tree.stranded import stranded

        return stranded(self, against, least=least)

    @property
    def aim(self) -> str:
        """Return what the tree is planned for, in words."""
        if self.risk.kind == "expected":
            return "expected net present value"
        if self.risk.kind == "regret":
            return "largest regret"
        part = f"mean of the worst {1 - self.risk.alpha:.3g} of futures"
        return part if self.risk.weight == 1 else f"{self.risk.weight:.3g} of it the {part}, the rest expected value"

    def summary(self) -> pl.DataFrame:
        """Return the figures that a strategist asks for first: figure, value, low, high, unit."""
        worst = int(np.argmin(self.values))
        names = {"information": "value of information", "solution": "value of the stochastic solution",
                 "waiting": "value of waiting"}  # fmt: skip
        low, high = sorted((self.measure_usd, self.bound_usd))
        aim = (self.aim, self.measure_usd, low, high, "USD")
        mean = ("expected net present value", self.value_usd, None, None, "USD")
        rows = [
            *([aim] if self.risk.kind == "expected" else [aim, mean]),
            ("worst tenth of futures, mean", self.cvar_usd(), None, None, "USD"),
            (f"worst future: {self.tree.leaves[worst]}", float(self.values[worst]), None, None, "USD"),
            *((names[f.name], f.usd, f.low, f.high, "USD") for f in self.worth),
            ("futures", float(len(self.plans)), None, None, ""),
            ("gap", self.gap, None, None, "share"),
            ("time to solve", self.seconds, None, None, "s"),
        ]
        schema = {"figure": pl.String, "value": pl.Float64, "low": pl.Float64, "high": pl.Float64, "unit": pl.String}
        return pl.DataFrame(rows, schema=schema, orient="row")

    def frames(self) -> dict[str, pl.DataFrame]:
        """Return every frame by name."""
        return {
            "summary": self.summary(), "nodes": self.nodes, "leaves": self.leaves, "starts": self.starts,
            "rules": self.rules, "partners": self.partners,
        }  # fmt: skip

    def _repr_html_(self) -> str:
        """Return the summary and the rules as a notebook shows them."""
        return self.summary()._repr_html_() + self.rules._repr_html_()

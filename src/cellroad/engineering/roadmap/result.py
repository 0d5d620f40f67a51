"""`Roadmap`: when each gate of a programme is passed, how surely by the day of its goal, and what that hangs on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cellroad.chain.chain import Chain
from cellroad.chain.day import Day, as_day
from cellroad.chain.interval import wilson
from cellroad.engineering.roadmap import budgets as budgeting
from cellroad.engineering.roadmap import futures
from cellroad.engineering.roadmap.backtest import backtest, scores
from cellroad.engineering.roadmap.costs import costs
from cellroad.engineering.roadmap.crash import CrashPlan, crash_plan, mean_months, mean_work
from cellroad.engineering.roadmap.dates import DAYS_PER_MONTH, day_of, months_to
from cellroad.engineering.roadmap.evidence import passed
from cellroad.engineering.roadmap.members import changes
from cellroad.engineering.roadmap.money import Money, spending, with_money
from cellroad.engineering.roadmap.outlook import beside, outlook, past
from cellroad.engineering.roadmap.portfolio import Portfolio, portfolio
from cellroad.engineering.roadmap.reading import RoadmapTables
from cellroad.engineering.roadmap.running import Draws, with_effort, works_of
from cellroad.engineering.roadmap.tables import PHASES

Floats = NDArray[np.float64]
QUANTILES = {"p10": 0.1, "p50": 0.5, "p90": 0.9}


@dataclass(frozen=True)
class Roadmap:
    """What chance makes of a programme.

    read   its tables
    drawn  begin and end of every gate in every draw
    gates  gate, name, phase, trl, mrl, confidence (of its durations and chances), passed_on, proven_by, probability
           (passed by the day of the goal), reached_share (ever passed), p10, p50, p90 (days by which so many of all
           draws passed it; null: fewer ever do), criticality (share of the draws that reach the goal in which it has no
           slack; null: passed), gives_up_share (of all draws: its work ran out of tries), in order of the table
    seed   that makes it repeatable
    """

    read: RoadmapTables
    drawn: Draws
    gates: pl.DataFrame
    seed: int

    @property
    def name(self) -> str:
        """Name of the programme."""
        return str(self.read.tables["programme"]["name"][0] or self.read.name)

    @property
    def draws(self) -> int:
        """How often the programme was run."""
        return int(self.drawn.end.shape[1])

    def months(self, gate: str | None = None) -> Floats:
        """Return in how many months a gate (without one, the goal) is passed in each draw, infinite where never."""
        found: Floats = self.drawn.end[self.drawn.row(gate or self.read.goal)]
        return found

    def probability(self, by: Day | None = None, gate: str | None = None) -> float:
        """Return how likely a gate (the goal) is passed by a day (that of the goal)."""
        return float((self.months(gate) <= months_to(self.read.start, as_day(by) or self.read.by)).mean())

    def interval(self, by: Day | None = None, gate: str | None = None) -> tuple[float, float]:
        """Return the 95 % interval of that probability that the number of draws leaves (Wilson 1927).

        It says nothing of how far off the assumptions are.
        """
        return wilson(self.probability(by, gate), self.draws)

    def quantile(self, share: float, gate: str | None = None) -> dt.date | None:
        """Return the day by which a gate (the goal) is passed in so large a share of all draws; None: fewer ever do."""
        return day_of(self.read.start, float(np.quantile(self.months(gate), share, method="inverted_cdf")))

    def phases(self) -> pl.DataFrame:
        """Return how likely all gates of each phase are passed by the day of the goal: phase, gates, passed,
        probability; and as `so_far` that those of all phases up to it are, of the gates that the goal needs."""
        limit, needed = months_to(self.read.start, self.read.by), self._needed()
        rows, so_far = [], np.ones(self.draws, dtype=np.bool_)
        for phase in PHASES:
            names = self.gates.filter((pl.col("phase") == phase) & pl.col("gate").is_in(needed))
            if names.is_empty():
                continue
            ends = self.drawn.end[[self.drawn.row(gate) for gate in names["gate"]]]
            done = (ends <= limit).all(axis=0)
            so_far = so_far & done
            count = names["passed_on"].count()
            rows.append((phase, names.height, int(count), float(done.mean()), float(so_far.mean())))
        schema = {"phase": pl.String, "gates": pl.Int64, "passed": pl.Int64,
                  "probability": pl.Float64, "so_far": pl.Float64}  # fmt: skip
        return pl.DataFrame(rows, schema=schema, orient="row")

    def _needed(self) -> list[str]:
        """Return the goal and the gates that it cannot do without: those before it as far as all are needed."""
        network, found = self.drawn.network, set()
        ahead = [self.drawn.row(self.read.goal)]
        while ahead:
            g = ahead.pop()
            found.add(g)
            ahead += [] if network.any_of[g] and len(network.before[g]) > 1 else list(network.before[g])
        return [network.gates[g] for g in found]

    def fan(self, years: int = 12) -> pl.DataFrame:
        """Return how likely each gate is passed by the end of each quarter: day, gate, probability."""
        ends = [
            self.read.start + dt.timedelta(days=round(quarter * 3 * DAYS_PER_MONTH)) for quarter in range(4 * years)
        ]
        limits = np.array([months_to(self.read.start, end) for end in ends])
        rows = [
            (end, gate, float(share))
            for gate in self.gates["gate"]
            for end, share in zip(
                ends, np.searchsorted(np.sort(self.months(gate)), limits, side="right") / self.draws, strict=True
            )
        ]
        return pl.DataFrame(rows, schema={"day": pl.Date, "gate": pl.String, "probability": pl.Float64}, orient="row")

    def effects(self) -> pl.DataFrame:
        """Return what members and effort change, on the same luck: change, probability, gain (in the chance of the goal
        by its day), gain_low, gain_high (95 %, of the pairs of draws), months_earlier (at the median of the draws that
        reach the goal).

        The chance that a try succeeds stays as it is; only time goes with effort, as `speed_exponent` assumes, and with
        money, as the gates say (`budgets`).
        """
        limit = months_to(self.read.start, self.read.by)
        here, rows = self.months(), []
        money = Money.of(self.read, self.drawn.network.gates)
        for change, tried in changes(self.read).items():
            there = with_effort(self.drawn, self.read, tried.effort)
            there = with_money(there, money, (tried.money - 1) * money.budget)
            end = there.end[there.row(self.read.goal)]
            gain = budgeting.gained(here, end, limit)
            rows.append((change, float((end <= limit).mean()), *gain, budgeting.earlier(here, end)))
        schema = {"change": pl.String, "probability": pl.Float64, "gain": pl.Float64, "gain_low": pl.Float64,
                  "gain_high": pl.Float64, "months_earlier": pl.Float64}  # fmt: skip
        frame = pl.DataFrame(rows, schema=schema, orient="row")
        return frame.sort("gain", descending=True, maintain_order=True)

    def budgets(self, totals: Sequence[float] | None = None) -> pl.DataFrame:
        """Return how likely the goal is by its day for a range of budgets; see `budgets.budgets`."""
        return budgeting.budgets(self, totals)

    def next_million(self) -> pl.DataFrame:
        """Return on which gate the next million gains most chance; see `budgets.next_million`."""
        return budgeting.next_million(self)

    def funded(self, usd: Mapping[str, float]) -> pl.DataFrame:
        """Return what so much more or less money on gates changes, on the same luck; see `budgets.funded`."""
        return budgeting.funded(self, usd)

    def crash_plan(self, by: Day | None = None) -> CrashPlan:
        """Return the cheapest way to reach the goal by a day (its own) if all gates take their mean durations.

        Its gates tell budget_usd, too: what is added to the budget of a first try, as `funded` takes it.
        """
        network = self.drawn.network
        money = Money.of(self.read, network.gates)
        done, works = set(passed(self.read)["gate"]), {work.gate: work for work in works_of(self.read)}
        months = np.array([0.0 if gate in done else mean_months(works[gate]) for gate in network.gates])
        again = np.array([mean_work(works[gate]) for gate in network.gates])
        limit = months_to(self.read.start, as_day(by) or self.read.by)
        found = crash_plan(network, months, money.crash * again, money.share, self.drawn.row(self.read.goal), limit)
        return replace(found, gates=found.gates.with_columns(budget_usd=pl.col("usd") / pl.Series(again)))

    def spending(self) -> pl.DataFrame:
        """Return what each gate costs as planned, with every try that is made: gate, name, budget_usd, spent_usd (so
        far), mean_usd, p10_usd, p50_usd, p90_usd, begun_share (of the draws); the whole programme last (gate blank)."""
        usd = spending(self.read, self.drawn, self.seed)
        rows = self.read.tables["gates"].select("gate", "budget_usd", "spent_usd").rows()
        passed_on = set(passed(self.read)["gate"])
        told = []
        for gate, budget, so_far in rows:
            at = self.drawn.row(gate)
            had = so_far if so_far is not None else (budget or 0.0) if gate in passed_on else 0.0
            told.append((gate, self.called(gate), budget, had, *_spread(usd[at]),
                         float(np.isfinite(self.drawn.begin[at]).mean())))  # fmt: skip
        planned = self.read.tables["gates"]["budget_usd"].fill_null(0.0).sum()
        told.append(("", "The programme", planned, sum(row[3] for row in told), *_spread(usd.sum(axis=0)), 1.0))
        names = ("budget_usd", "spent_usd", "mean_usd", "p10_usd", "p50_usd", "p90_usd", "begun_share")
        schema = {"gate": pl.String, "name": pl.String, **dict.fromkeys(names, pl.Float64)}
        return pl.DataFrame(told, schema=schema, orient="row")

    def portfolio(self, budget_usd: float) -> Portfolio:
        """Return the projects of largest expected value that a budget pays for, proven by a solver."""
        return portfolio(self.read, budget_usd)

    def costs(self) -> pl.DataFrame:
        """Return the band of costs of cells by chemistry and year; see `costs.costs`."""
        return costs(self.read, seed=self.seed)

    def backtest(self, until: int = 2022) -> pl.DataFrame:
        """Return what a fit to the years to one would have told of those after it; see `backtest.backtest`."""
        return backtest(until)

    def scores(self) -> pl.DataFrame:
        """Return how each curve did from every year that one could have stood in; see `backtest.scores`."""
        return scores()

    def learned(self) -> pl.DataFrame:
        """Return how fast each kind of cells has learnt, and what the programme assumes; see `outlook.beside`."""
        return beside(self.read)

    def past(self) -> pl.DataFrame:
        """Return the prices of cells and packs that the facts tell, by year; see `outlook.past`."""
        return past()

    def outlook(self) -> pl.DataFrame:
        """Return the band of prices that past prices alone lead to; see `outlook.outlook`."""
        return outlook(self.read)

    def answers(self) -> pl.DataFrame:
        """Return how likely each answer of each fork is: early, as planned, late."""
        return futures.answers(self)

    def to_scenarios(self, chain: Chain) -> Chain:
        """Return a chain with the tree of answers below the scenario `roadmap`, for `plan_tree(..., under="roadmap")`.

        Raises ChainError where the programme has no forks, or the chain has scenarios of that name.
        """
        return futures.to_scenarios(chain, self)

    def assumptions(self) -> list[str]:
        """Return what is assumed, in words."""
        tables = self.read.tables
        exponent = float(tables["programme"]["speed_exponent"][0])
        common = float(tables["programme"]["common_share"][0])
        hurried = tables["gates"].filter(pl.col("crash_share") < 1)["crash_share"].to_list()
        money = [f"Money hurries {len(hurried)} gates along a line, to {min(hurried):.0%} of their months at most; "
                 "less than planned is less effort."] if hurried else []  # fmt: skip
        told = []
        for table in ("gates", "members", "projects", "components", "volumes", "minerals", "effects"):
            count = tables[table].filter(pl.col("confidence") == "assumption").height
            if count:
                told.append(f"{count} of {tables[table].height} rows of {table} are assumptions.")
        return [
            *told,
            f"A tenth more effort makes work {1 - 1.1**-exponent:.1%} shorter (effort to the power of -{exponent:g}), "
            "and does not make it surer.",
            *money,
            f"Of what makes work of different gates take long, a share of {common:g} is common to all."
            if common
            else "Durations of different gates do not hang together.",
            "Tries of different gates do not hang together.",
            "A gate is passed only on a dated row of evidence with a source, verified or reported.",
        ]

    def summary(self) -> pl.DataFrame:
        """Return the answer as rows of words: what, value."""
        low, high = self.interval()
        middle = self.quantile(0.5)
        open_ = self.gates.filter(pl.col("passed_on").is_null())
        hangs = (
            open_.filter(pl.col("gate") != self.read.goal)
            .sort("criticality", descending=True, maintain_order=True)
            .head(3)
        )
        rows = [
            ("goal", f"{self.called(self.read.goal)} by {self.read.by:%-d %B %Y}"),
            ("probability", f"{self.probability():.1%} ({low:.1%} to {high:.1%} by the number of draws)"),
            ("ever", f"{float(np.isfinite(self.months()).mean()):.0%}"),
            ("even chance by", f"{middle:%B %Y}" if middle else "never"),
            ("passed", f"{self.gates.height - open_.height} of {self.gates.height} gates"),
            ("hangs on", ", ".join(f"{self.called(gate)} ({share:.0%})" for gate, share in
                                   hangs.select("gate", "criticality").iter_rows() if share)),
            *self._of_money(),
        ]  # fmt: skip
        return pl.DataFrame(rows, schema={"what": pl.String, "value": pl.String}, orient="row")

    def _of_money(self) -> list[tuple[str, str]]:
        """Return what the programme costs and where more is best spent, in words; nothing without a budget."""
        total = self.spending().row(-1, named=True)
        if not total["budget_usd"]:
            return []
        million = 1e-6
        told = [("cost", f"${total['mean_usd'] * million:,.0f}M on average with every try (nine of ten: "
                         f"at most ${total['p90_usd'] * million:,.0f}M), ${total['spent_usd'] * million:,.0f}M of it "
                         f"spent; planned ${total['budget_usd'] * million:,.0f}M")]  # fmt: skip
        best = self.next_million().head(1).to_dicts()
        if best and best[0]["gain"] > 0:
            told.append((
                "next million", f"on {best[0]['name']}: {best[0]['gain_per_million'] * 100:.2f} points of chance"
            ))  # fmt: skip
        return told

    def called(self, gate: str) -> str:
        """Return what people call a gate."""
        return str(self.gates.filter(pl.col("gate") == gate)["name"][0])

    def frames(self) -> dict[str, pl.DataFrame]:
        """Return every table of the result by name."""
        return {"gates": self.gates, "phases": self.phases(), "effects": self.effects(), "fan": self.fan(),
                "evidence": passed(self.read), "costs": self.costs(), "outlook": self.outlook(),
                "learned": self.learned(), "backtest": self.backtest(), "scores": self.scores(),
                "answers": self.answers(), "budgets": self.budgets(), "next_million": self.next_million(),
                "crash_plan": self.crash_plan().gates, "spending": self.spending()}  # fmt: skip


def _spread(usd: Floats) -> list[float]:
    return [float(usd.mean()), *(float(one) for one in np.quantile(usd, list(QUANTILES.values())))]


def told(read: RoadmapTables, drawn: Draws, seed: int) -> Roadmap:
    """Return a run programme with its table of gates."""
    limit = months_to(read.start, read.by)
    goal = drawn.row(read.goal)
    reached = np.isfinite(drawn.end[goal])
    on = drawn.network.binding(drawn.begin, drawn.end, goal)
    rows = []
    for gate in read.tables["gates"]["gate"]:
        g = drawn.row(gate)
        end = drawn.end[g]
        quantiles = [
            day_of(read.start, float(np.quantile(end, q, method="inverted_cdf"))) for q in QUANTILES.values()
        ]  # fmt: skip
        rows.append((
            gate, float((end <= limit).mean()), float(np.isfinite(end).mean()), *quantiles,
            float(on[g][reached].mean()) if reached.any() else None, float(np.isinf(drawn.months[g]).mean()),
        ))  # fmt: skip
    schema = {"gate": pl.String, "probability": pl.Float64, "reached_share": pl.Float64, "p10": pl.Date,
              "p50": pl.Date, "p90": pl.Date, "criticality": pl.Float64, "gives_up_share": pl.Float64}  # fmt: skip
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    proven = passed(read).select("gate", passed_on="on", proven_by="source")
    gates = read.tables["gates"].select(
        "gate", pl.when(pl.col("name") == "").then("gate").otherwise("name").alias("name"),
        pl.col("phase").cast(pl.String), "trl", "mrl", pl.col("confidence").cast(pl.String),
    )  # fmt: skip
    gates = gates.join(proven, on="gate", how="left", maintain_order="left")
    gates = gates.join(frame, on="gate", how="left", maintain_order="left")
    is_passed = pl.col("passed_on").is_not_null()
    days = [pl.when(is_passed).then("passed_on").otherwise(name).alias(name) for name in QUANTILES]
    open_ = pl.when(~is_passed).then("criticality").alias("criticality")
    return Roadmap(read, drawn, gates.with_columns(*days, open_), seed)

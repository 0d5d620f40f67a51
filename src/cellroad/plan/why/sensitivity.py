"""How much does the value hang on what, and how far may it move before other investments would be better?

A tornado moves one lever at a time, down and up by the same share, and solves again from where the solver stands: with
the decisions of the plan as they are, or with every decision open. A range of stability asks how far a lever may move
until openings that were not chosen are better; it is told with what is proven.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from cellroad.plan.kernel import Model
from cellroad.plan.network.network import Network
from cellroad.plan.solving.watching import Limits, NoPlanError
from cellroad.plan.why.case import Case, searched
from cellroad.plan.why.levers import USUAL, pulled, with_duty
from cellroad.plan.why.moved import decided, modelled, opened
from cellroad.plan.why.tell import dollars, share

TORNADO = {
    "lever": pl.String, "low_usd": pl.Float64, "high_usd": pl.Float64, "low_change_usd": pl.Float64,
    "high_change_usd": pl.Float64, "low_gap_usd": pl.Float64, "high_gap_usd": pl.Float64,
}  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Tornado:
    """What moving each lever down and up does to the net present value.

    npv_usd  that of the plan
    change   the share by which each lever is moved
    anew     whether every decision was open, or those of the plan were kept
    frame    lever, low_usd and high_usd (net present value with the lever down and up), low_change_usd and
             high_change_usd (against the plan), low_gap_usd and high_gap_usd (how much better a plan could still be,
             where decisions were open); null where the decisions cannot be kept. The widest lever comes first
    """

    npv_usd: float
    change: float
    anew: bool
    frame: pl.DataFrame

    def text(self) -> str:
        """Return the tornado in plain words."""
        kept = "every decision open" if self.anew else "the decisions as they are"
        lines = [f"The plan is worth {dollars(self.npv_usd)}. With {kept}, moving one thing by {share(self.change)}:"]
        for row in self.frame.iter_rows(named=True):
            sides = [
                f"{word} {'cannot be' if usd is None else ('+' if usd >= 0 else '') + dollars(usd)}"
                for word, usd in (("less", row["low_change_usd"]), ("more", row["high_change_usd"]))
            ]
            lines.append(f"  {row['lever']}: {', '.join(sides)}")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        """Return the tornado as a notebook shows it."""
        return f"<p>{html.escape(self.text().splitlines()[0])}</p>{self.frame._repr_html_()}"


def tornado(case: Case, levers: Sequence[str] | None = None, change: float = 0.1, anew: bool = False) -> Tornado:
    """Return what each lever does to the value of a plan, moved by plus and minus a share.

    levers  names of `levers.LEVERS`, or columns of numbers as table.column; without them, the usual ones
    anew    open every decision for each solve; the time of a plan for every bar

    Raises ChainError for a lever that does not exist.
    """
    npv = -case.taken.cost
    rows = []
    for lever in levers or USUAL:
        sides = [_worth(case, lever, factor, anew) for factor in (1 - change, 1 + change)]
        (low, low_gap), (high, high_gap) = sides
        rows.append((lever, low, high, *(None if s is None else s - npv for s in (low, high)), low_gap, high_gap))
    frame = pl.DataFrame(rows, schema=TORNADO, orient="row")
    wide = pl.max_horizontal(pl.col("low_change_usd").abs(), pl.col("high_change_usd").abs())
    return Tornado(npv, change, anew, frame.sort(wide, descending=True, nulls_last=True, maintain_order=True))


def moved_model(case: Case, lever: str, factor: float) -> tuple[Network, Model]:
    """Return network and model of the plan's chain with a lever moved."""
    if lever == "duty":
        return case.net, with_duty(case.model, factor)
    return modelled(case, pulled(case.net.chain, lever, factor))


def _worth(case: Case, lever: str, factor: float, anew: bool) -> tuple[float | None, float | None]:
    """Return the net present value with a lever moved, and how much better it could be."""
    net, model = moved_model(case, lever, factor)
    if not anew:
        answer = decided(case, model)
        return (None, None) if answer is None else (-answer.cost, 0.0)
    try:
        found = searched(net, model, case.limits)
    except NoPlanError:
        return None, None
    return found.objective, found.bound - found.objective


# How far the openings hold --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class Stability:
    """How far a lever may move while the openings of the plan stay best.

    low, high            factors between which they are best within the gap, as far as was looked
    low_turns, high_turns  the nearest factor tried at which others are proven to be better; None: none within reach
    gap                  share of the value within which plans count as equally good
    frame                factor, kept_usd (with the openings as they are), best_usd (openings anew), bound_usd, answer
                         (kept: they are best within the gap; turns: others are better by more; unknown: neither is
                         proven)
    """

    lever: str
    low: float
    high: float
    low_turns: float | None
    high_turns: float | None
    gap: float
    frame: pl.DataFrame

    def text(self) -> str:
        """Return the range in plain words."""
        told = [f"The openings stay best while {self.lever} is {_times(self.low)} to {_times(self.high)} of the plan's"]
        told[0] += f" (plans within {share(self.gap)} of the value count as equally good)."
        for turns, word in ((self.low_turns, "At"), (self.high_turns, "At")):
            if turns is not None:
                told.append(f"{word} {_times(turns)} others are better.")
        if self.low_turns is None:
            told.append("Further down was not looked, or is not proven.")
        if self.high_turns is None:
            told.append("Further up was not looked, or is not proven.")
        return " ".join(told)

    def _repr_html_(self) -> str:
        """Return the range as a notebook shows it."""
        return f"<p>{html.escape(self.text())}</p>{self.frame._repr_html_()}"


def _times(factor: float) -> str:
    return share(factor)


def stability(
    case: Case, lever: str, within: tuple[float, float] = (0.5, 2.0), steps: int = 5, seconds: float = 30.0
) -> Stability:
    """Return how far a lever may move while the openings of the plan stay best within its gap.

    within   the factors between which is looked, below and above 1
    steps    plans made anew on either side: the ends are told to 1 part in 2^(steps - 1) of the way
    seconds  how long each of them may take

    The value with the openings as they are is compared with that of a plan made anew and its proven bound.
    """
    gap = max(case.limits.gap, 1e-6)
    limits = Limits(gap=gap, time_limit=seconds)
    rows: list[tuple[float, float | None, float | None, float | None, str]] = []

    def answer(factor: float) -> str:
        net, model = moved_model(case, lever, factor)
        kept = opened(case, net, model)
        try:
            best = searched(net, model, limits)
        except NoPlanError:
            rows.append((factor, None if kept is None else -kept.cost, None, None, "unknown"))
            return "unknown"
        room = gap * abs(best.objective) + 1e-6
        if kept is not None and -kept.cost >= best.bound - 2 * room:
            told = "kept"
        else:
            told = "turns" if kept is None or best.objective > -kept.cost + room else "unknown"
        rows.append((factor, None if kept is None else -kept.cost, best.objective, best.bound, told))
        return told

    ends: list[tuple[float, float | None]] = []
    for end in within:
        good, bad = 1.0, end
        if answer(end) == "kept":
            ends.append((end, None))
            continue
        for _ in range(steps - 1):
            middle = (good * bad) ** 0.5
            good, bad = (middle, bad) if answer(middle) == "kept" else (good, middle)
        proven = min((r[0] for r in rows if r[4] == "turns" and (r[0] - 1) * (end - 1) > 0),
                     key=lambda factor: abs(factor - 1), default=None)  # fmt: skip
        ends.append((good, proven))
    schema = {"factor": pl.Float64, "kept_usd": pl.Float64, "best_usd": pl.Float64, "bound_usd": pl.Float64,
              "answer": pl.String}  # fmt: skip
    frame = pl.DataFrame(rows, schema=schema, orient="row").sort("factor")
    (low, low_turns), (high, high_turns) = ends
    return Stability(lever, low, high, low_turns, high_turns, gap, frame)

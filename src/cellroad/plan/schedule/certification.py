"""`certification`: when is a product certified, at what cost, and what does another cell repeat?

The steps that it needs (`engineering.certify`) become dated work with predecessors on the calendar of the laboratory;
what another cell repeats is a path of its own, with only the steps that are run again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import polars as pl

from cellroad.chain.chain import Chain
from cellroad.chain.day import Day, as_day
from cellroad.engineering.certify.certifying import certify
from cellroad.engineering.certify.planned import milestones
from cellroad.engineering.certify.product import Product
from cellroad.engineering.certify.repeating import recertify
from cellroad.plan.schedule.critical import Path, critical_path
from cellroad.plan.schedule.of_chain import tasks


@dataclass(frozen=True, slots=True)
class Certification:
    """The way to a certificate.

    steps       every step with its answer, as of `certify`; repeated: why each is run again, empty without a former one
    milestones  the steps that are work, as rows of the table of that name
    path        their dates, slack and chances, by the names of the steps; None where nothing is to be done
    cost_low_usd, cost_high_usd  of the steps that are needed; open_: those that may be needed, until somebody knows
    """

    steps: pl.DataFrame
    repeated: pl.DataFrame
    milestones: pl.DataFrame
    path: Path | None
    cost_low_usd: float
    cost_high_usd: float
    open_: tuple[str, ...]


def certification(
    product: Product, *, start: Day, calendar: str = "US", held: Sequence[str] = (), former: Product | None = None,
    unknown: bool = False, draws: int = 10_000, seed: int = 0,
) -> Certification:  # fmt: skip
    """Return when a product is certified if work begins on a day, on the calendar of the laboratory.

    held     steps that are there already: "UN 38.3 cell"
    former   the product as it was certified: only what its change repeats is work
    unknown  whether steps that may be needed count as work too

    Raises ValueError for a product, day or calendar that there is not.
    """
    steps = certify(product, held=held)
    repeated = recertify(former, product) if former else pl.DataFrame()
    wanted = steps
    if former:
        again = repeated.select("step", again="answer")
        joined = steps.join(again, on="step", how="left", maintain_order="left")
        wanted = joined.with_columns(answer=pl.coalesce("again", pl.lit("not needed"))).drop("again")
    rows = milestones(wanted, start=start, calendar=calendar, unknown=unknown)
    answers = ["needed", "unknown"] if unknown else ["needed"]
    work = wanted.filter(pl.col("answer").is_in(answers) & ~pl.col("held"))
    named = dict(rows.select("milestone", "name").iter_rows())
    work_of = [
        replace(task, task=named[task.task], after=tuple(named[before] for before in task.after))
        for task in (tasks(Chain.of("", milestones=rows)) if rows.height else [])
    ]
    begin = as_day(start)
    if begin is None:
        raise ValueError("a certification needs a day on which it begins")
    return Certification(
        steps=steps,
        repeated=repeated,
        milestones=rows,
        path=critical_path(work_of, begin, draws=draws, seed=seed) if work_of else None,
        cost_low_usd=float(work["cost_usd_low"].sum()),
        cost_high_usd=float(work["cost_usd_high"].sum()),
        open_=tuple(wanted.filter(pl.col("answer") == "unknown")["step"]),
    )

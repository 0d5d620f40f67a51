"""The command that tells when a programme reaches its goal."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter, validators

from cellroad.show.exits import Exit, UsageError, choose
from cellroad.show.outputs import writable
from cellroad.show.progress import watching
from cellroad.show.terminal import Face, table

if TYPE_CHECKING:
    import polars as pl

    from cellroad.engineering.roadmap.result import Roadmap


def roadmap(
    path: str,
    /,
    *,
    budget: Annotated[float | None, Parameter(validator=validators.Number(gte=0))] = None,
    fund: str | None = None,
    draws: Annotated[int, Parameter(validator=validators.Number(gte=1, lte=1_000_000))] = 20_000,
    seed: int = 1,
    plan: str | None = None,
    gap: Annotated[float, Parameter(validator=validators.Number(gte=0, lte=1))] = 5e-3,
    time_limit: Annotated[float, Parameter(validator=validators.Number(gt=0))] = 150.0,
    report: Path | None = None,
    face: Face = Face(),  # noqa: B008
) -> Exit:
    """Tell when the next chemistry is ready, how surely, what it costs, and what that hangs on.

    Parameters
    ----------
    path
        Folder of a programme, or the name of an example.
    budget
        USD for which projects are chosen; without it, half of what all of them cost.
    fund
        More or less money on gates, in USD: interface:20e6;pilot-catl:-10e6. What does that change?
    draws
        How often the programme is run.
    seed
        The same draws for the same seed.
    plan
        Folder, workbook or zip of a chain, or the name of an example: plan it over the futures of the programme, and
        tell what to decide when, what waiting is worth, and what plant is stranded.
    gap
        Relative distance to the proven bound at which such a plan is good enough.
    time_limit
        Seconds for the tree of that plan; what it is worth to know and to wait takes as long again and half.
    report
        Write a page with the gates drawn to this file.
    """
    from cellroad.engineering.roadmap.verb import roadmap as found_of
    from cellroad.show.roadmap_page import roadmap_text, write_roadmap, written

    if report:
        writable(report)
    found = found_of(path, draws=draws, seed=seed)
    paid = _funded(found, fund) if fund else None
    planned, interrupted = None, False
    if plan is not None:
        from cellroad.chain.files import load
        from cellroad.show.roadmap_plan import coupled

        with watching(face) as watch:
            planned = coupled(found, load(plan), gap=gap, time_limit=time_limit, watch=watch)
        interrupted = watch.interrupted
    if report:
        write_roadmap(found, report, budget_usd=budget, planned=planned)
    low, high = found.interval()
    machine = {
        "programme": found.read.name, "by": found.read.by, "probability": found.probability(), "low": low,
        "high": high, **found.frames(), "phases": found.phases(), "assumed": found.assumptions(),
        "written": {"report": report} if report else {},
        **({} if paid is None else {"funded": paid}),
        **({} if planned is None else {
            "worth": planned.planned.summary(), "rules": planned.planned.rules, "waiting": planned.waiting,
            "stranded": planned.stranded, "stranded_if_expected": planned.stranded_if, "interrupted": interrupted,
        }),
    }  # fmt: skip
    told = [f"The report is in {report}"] if report else []
    asked = [] if paid is None else [table(written(paid), f"With {fund}")]
    face.answer([*roadmap_text(found, budget, planned), *asked, *told], machine)
    return Exit.INTERRUPTED if interrupted else Exit.OK


def _funded(found: Roadmap, text: str) -> pl.DataFrame:
    """Return what money by gate changes, as it is written on the command line."""
    usd: dict[str, float] = {}
    for part in filter(None, (one.strip() for one in text.split(";"))):
        name, _, number = part.partition(":")
        gate = choose(name.strip(), found.gates["gate"].to_list(), "gate")
        try:
            usd[gate] = float(number)
        except ValueError:
            raise UsageError(f"{part!r} is no sum; write money as interface:20e6;pilot-catl:-10e6.") from None
    try:
        return found.funded(usd)
    except ValueError as wrong:
        raise UsageError(f"{wrong}.") from None

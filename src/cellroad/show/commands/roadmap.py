"""The command that tells when a programme reaches its goal."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter, validators

from cellroad.show.exits import Exit
from cellroad.show.outputs import writable
from cellroad.show.progress import watching
from cellroad.show.terminal import Face


def roadmap(
    path: str,
    /,
    *,
    budget: Annotated[float | None, Parameter(validator=validators.Number(gte=0))] = None,
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
    from cellroad.show.roadmap_page import roadmap_text, write_roadmap

    if report:
        writable(report)
    found = found_of(path, draws=draws, seed=seed)
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
        **({} if planned is None else {
            "worth": planned.planned.summary(), "rules": planned.planned.rules, "waiting": planned.waiting,
            "stranded": planned.stranded, "stranded_if_expected": planned.stranded_if, "interrupted": interrupted,
        }),
    }  # fmt: skip
    told = [f"The report is in {report}"] if report else []
    face.answer([*roadmap_text(found, budget, planned), *told], machine)
    return Exit.INTERRUPTED if interrupted else Exit.OK

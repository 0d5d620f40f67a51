"""The command that tells when a programme reaches its goal."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter, validators

from cellroad.show.exits import Exit
from cellroad.show.outputs import writable
from cellroad.show.terminal import Face


def roadmap(
    path: str,
    /,
    *,
    budget: Annotated[float | None, Parameter(validator=validators.Number(gte=0))] = None,
    draws: Annotated[int, Parameter(validator=validators.Number(gte=1, lte=1_000_000))] = 20_000,
    seed: int = 1,
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
    report
        Write a page with the gates drawn to this file.
    """
    from cellroad.engineering.roadmap.verb import roadmap as found_of
    from cellroad.show.roadmap_page import roadmap_text, write_roadmap

    if report:
        writable(report)
    found = found_of(path, draws=draws, seed=seed)
    if report:
        write_roadmap(found, report, budget_usd=budget)
    low, high = found.interval()
    machine = {
        "programme": found.read.name, "by": found.read.by, "probability": found.probability(), "low": low,
        "high": high, **found.frames(), "phases": found.phases(), "assumed": found.assumptions(),
        "written": {"report": report} if report else {},
    }  # fmt: skip
    told = [f"The report is in {report}"] if report else []
    face.answer([*roadmap_text(found, budget), *told], machine)
    return Exit.OK

"""The command that runs a plan day by day in thousands of futures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter, validators
from rich.console import RenderableType

from cellroad.show.exits import Exit, UsageError
from cellroad.show.outputs import writable
from cellroad.show.progress import watching
from cellroad.show.terminal import Face, table

if TYPE_CHECKING:
    from cellroad.chain.chain import Chain


def stress(
    path: str,
    /,
    *,
    draws: Annotated[int, Parameter(validator=validators.Number(gte=2))] = 10_000,
    seed: Annotated[int, Parameter(validator=validators.Number(gte=0))] = 1,
    workers: Annotated[int | None, Parameter(validator=validators.Number(gte=1))] = None,
    cluster: str | None = None,
    gap: Annotated[float, Parameter(validator=validators.Number(gte=0, lte=1))] = 1e-3,
    time_limit: Annotated[float, Parameter(validator=validators.Number(gt=0))] = 600.0,
    against: str | None = None,
    report: Path | None = None,
    face: Face = Face(),  # noqa: B008
) -> Exit:
    """Plan a chain, then run the plan day by day in futures drawn from its risks: what holds, what does not, and why.

    Parameters
    ----------
    path
        Folder, workbook or zip of a chain, or the name of an example.
    draws
        How many futures.
    seed
        What the futures come from; the same number gives the same futures.
    workers
        Cores to use; without a number, all.
    cluster
        Address of a Ray cluster that does the work instead, or auto for the one at hand.
    gap
        Relative distance to the proven bound at which the plan is good enough.
    time_limit
        Seconds for the plan.
    against
        A scenario of the chain, or another chain: the plan of it is the first, run in the same futures, and the
        difference to it is told with its interval.
    report
        File for the report, one self-contained HTML page.
    """
    from cellroad.chain.files import load
    from cellroad.plan.planning import plan

    try:
        from cellroad.plan.stress.stressing import stress as run
    except ImportError as missing:
        raise UsageError(str(missing)) from None
    from cellroad.show import stress_page

    if report:
        writable(report)
    chain = load(path)
    chains = [chain] if against is None else [_other(chain, against), chain]
    planned = []
    for each in chains:
        with watching(face) as watch:
            planned.append(plan(each, gap=gap, time_limit=time_limit, progress=watch))
    with watching(face) as watch:
        stressed = run(planned, draws, seed, workers=workers, cluster=cluster, progress=watch.lines)[-1]
    if report:
        stress_page.write_stress(stressed, report)
    machine = {
        "chain": chain.name, "draws": stressed.draws, "seed": stressed.seed, "rank_error": stressed.rank_error,
        "imbalance": stressed.imbalance, "interrupted": watch.interrupted, "report": report, **stressed.frames(),
    }  # fmt: skip
    told = [f"Future {draw}, {usd}: {words}" for draw, usd, words in stress_page.worst(stressed)[:3]]
    compared = stress_page.against(stressed)
    parts: list[RenderableType] = [
        stress_page.headline(stressed), *([compared] if compared else []), "",
        table(stress_page.service(stressed), "Service"),
        table(stress_page.measures(stressed), "Value and cost"),
        table(stress_page.drivers(stressed), "What drives the loss"),
        table(stress_page.sites(stressed), "Sites"), *told, stress_page.precision(stressed),
        *(f"{remark[:1].upper()}{remark[1:]}." for remark in stressed.remarks),
        *([f"The report is in {report}"] if report else []),
    ]  # fmt: skip
    face.answer(parts, machine)
    return Exit.INTERRUPTED if watch.interrupted else Exit.OK


def _other(chain: Chain, name: str) -> Chain:
    """Return a scenario of a chain, or another chain."""
    from cellroad.chain.files import load
    from cellroad.chain.scenario import apply

    return apply(chain, name) if name in chain.scenarios["scenario"] else load(name)

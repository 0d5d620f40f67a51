"""The commands that plan: what to do, and the report of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter, validators

from cellroad.show.commands.reading import opened
from cellroad.show.exits import Exit, choose
from cellroad.show.outputs import plan_folder, save, writable
from cellroad.show.progress import watching
from cellroad.show.terminal import Face, counting

if TYPE_CHECKING:
    from cellroad.chain.chain import Chain
    from cellroad.plan.audit.audit import Audit
    from cellroad.plan.result import Plan
    from cellroad.rules.law import Law


@Parameter(name="*")
@dataclass(frozen=True)
class Search:
    """What is planned, how closely and for how long."""

    scenario: Annotated[str | None, Parameter(help="Scenario of the chain; without one, the base chain.")] = None
    gap: Annotated[
        float,
        Parameter(
            validator=validators.Number(gte=0, lte=1),
            help="Relative distance to the proven bound at which a plan is good enough.",
        ),
    ] = 1e-3
    time_limit: Annotated[
        float,
        Parameter(validator=validators.Number(gt=0), help="Seconds after which the best plan so far is taken."),
    ] = 60.0
    seed: Annotated[int, Parameter(validator=validators.Number(gte=0), help="Seed of the solver.")] = 0
    law: Annotated[
        Path | None,
        Parameter(help="Folder of CSV files with rows of law of your own; a row with a known id replaces that row."),
    ] = None


def plan(
    path: str,
    /,
    *,
    search: Search = Search(),
    out: Path | None = None,
    report: Path | None = None,
    face: Face = Face(),  # noqa: B008
) -> Exit:
    """Plan a chain: what to buy, build, make, ship and hold, where and when, for the best net present value.

    Ctrl-C ends the search with the best plan found so far; pressed twice it leaves at once.

    Parameters
    ----------
    path
        Folder, workbook or zip of a chain, or the name of an example.
    out
        Folder for every result table as CSV and as Parquet.
    report
        File for the report, one self-contained HTML page.
    """
    if out:
        plan_folder(out)
    if report:
        writable(report)
    planned, ended = planned_for(path, search, face)

    from cellroad.plan.audit.audit import audit
    from cellroad.show.summary import brief, drawn

    audited = audit(planned)
    places = written(planned, out, report)
    machine = {
        "chain": planned.chain.name, "scenario": search.scenario, "interrupted": ended is Exit.INTERRUPTED,
        "solution": planned.solution, "remarks": planned.remarks, "brief": brief(planned), "audit": audited.frame,
        "written": places,
    }  # fmt: skip
    for words in planned.remarks:
        face.remark(words)
    face.answer([*drawn(planned), _closed(audited), *told(places)], machine)
    return ended


def report(
    path: str,
    /,
    *,
    out: Annotated[Path, Parameter(name=["--out", "-o"])],
    search: Search = Search(),
    face: Face = Face(),  # noqa: B008
) -> Exit:
    """Plan a chain and write the report: one self-contained HTML page that needs no network.

    Parameters
    ----------
    path
        Folder, workbook or zip of a chain, or the name of an example.
    out
        File to write; an older report of that name is replaced.
    """
    writable(out)
    planned, ended = planned_for(path, search, face)
    places = written(planned, None, out)
    machine = {"chain": planned.chain.name, "scenario": search.scenario, "written": places}
    face.answer(told(places), machine)
    return ended


def chain_for(path: str, search: Search, face: Face) -> Chain:
    """Read a chain in its scenario and check it. Raises ChainError where it cannot be planned, and UsageError."""
    from cellroad.chain.check import check
    from cellroad.chain.finding import ChainError
    from cellroad.chain.scenario import apply

    chain, strange = opened(path)
    if chain is None:
        raise ChainError(strange)
    if search.scenario is not None:
        chain = apply(chain, choose(search.scenario, chain.scenarios["scenario"].to_list(), "scenario"))
    findings = [*strange, *check(chain)]
    if any(finding.severity == "blocker" for finding in findings):
        raise ChainError([finding for finding in findings if finding.severity == "blocker"] + strange)
    if findings:
        face.remark(f"{counting(len(findings), 'warning')} about the input; cellroad check {path} lists them.")
    return chain


def law_for(search: Search) -> Law | None:
    """Return the law that is asked for, None for what ships with the package."""
    from cellroad.rules import law

    return law.amended(law.shipped(), law.read(search.law)) if search.law else None


def planned_for(path: str, search: Search, face: Face) -> tuple[Plan, Exit]:
    """Read, check and plan a chain, showing progress; the code says whether a person stopped it."""
    from cellroad.plan.planning import NoPlanError, plan

    chain = chain_for(path, search, face)
    with watching(face) as watch:
        try:
            planned = plan(
                chain,
                law=law_for(search),
                gap=search.gap,
                time_limit=search.time_limit,
                seed=search.seed,
                progress=watch,
            )
        except NoPlanError:
            if watch.interrupted:
                raise KeyboardInterrupt from None
            raise
    if watch.interrupted:
        face.remark("Interrupted: this is the best plan that was found until then.")
    return planned, Exit.INTERRUPTED if watch.interrupted else Exit.OK


def written(planned: Plan, out: Path | None, report: Path | None) -> dict[str, Path]:
    """Write what was asked for and return where it is."""
    if out:
        save(planned, out)
    if report:
        from cellroad.show.report import write_report

        write_report(planned, report)
    return {what: place for what, place in (("tables", out), ("report", report)) if place}


def _closed(audited: Audit) -> str:
    """Return in one sentence whether the plan adds up when its tables are worked out again."""
    if audited.closes:
        return f"Worked out again from its tables, the plan adds up: largest difference {audited.worst:.0e}."
    broken = audited.frame.sort("relative", descending=True)["check"][0]
    return f"The plan does not add up ({broken}, off by {audited.worst:.0e}); please report this."


def told(places: dict[str, Path]) -> list[str]:
    """Return where what was written is, in words."""
    return [f"The {what} {'are' if what == 'tables' else 'is'} in {place}" for what, place in places.items()]

"""The command that plans over the futures of a chain."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter, validators
from rich.console import RenderableType

from cellroad.show.exits import Exit
from cellroad.show.outputs import writable
from cellroad.show.progress import watching
from cellroad.show.terminal import Face, table


def tree(
    path: str,
    /,
    *,
    under: str | None = None,
    gap: Annotated[float, Parameter(validator=validators.Number(gte=0, lte=1))] = 1e-2,
    time_limit: Annotated[float, Parameter(validator=validators.Number(gt=0))] = 600.0,
    risk: Literal["expected", "cvar", "regret"] = "expected",
    level: Annotated[float, Parameter(validator=validators.Number(gte=0, lt=1))] = 0.9,
    weight: Annotated[float, Parameter(validator=validators.Number(gte=0, lte=1))] = 0.5,
    measures: bool = True,
    stranded: bool = False,
    samples: Annotated[int, Parameter(validator=validators.Number(gte=0))] = 0,
    seed: int = 0,
    law: Path | None = None,
    report: Path | None = None,
    face: Face = Face(),  # noqa: B008
) -> Exit:
    """Plan over the tree of a chain's scenarios: what to do now, what to decide later, and on which condition.

    Parameters
    ----------
    path
        Folder, workbook or zip of a chain, or the name of an example.
    under
        The scenario below which futures are planned for; without one, the whole tree.
    gap
        Relative distance to the proven bound at which the plan is good enough.
    time_limit
        Seconds for the tree; what it is worth to know, to hedge and to wait takes up to as long again.
    risk
        What is planned for: the expected value, that together with the mean of the worst futures (cvar), or the
        smallest largest regret.
    level
        Of all probability, the share that the worst futures of cvar are beyond: 0.9 for the worst tenth.
    weight
        How much of cvar is the worst futures; the rest is the expected value.
    measures
        Also find what knowing the future, planning for all futures and waiting are worth.
    stranded
        Also tell what waiting with each option is worth, and what plant is idle, under-used, worth less or never paid
        back in which future, beside the most probable one.
    samples
        Futures drawn anew, from the chances of the tree and the table of risks, in ten batches: what the first step is
        worth in them, with its interval. At least 20; 0 for none.
    seed
        The same futures for the same seed.
    law
        Folder of CSV files with rows of law of your own; a row with a known id replaces that row.
    report
        File for the report, one self-contained HTML page.
    """
    from cellroad.chain.files import load
    from cellroad.chain.tell import listed
    from cellroad.plan.solving.watching import NoPlanError
    from cellroad.plan.stochastic.risk import Risk
    from cellroad.plan.tree.trees import plan_tree
    from cellroad.rules import law as laws
    from cellroad.show import roadmap_plan, tree_page

    if report:
        writable(report)
    chain = load(path)
    rules = laws.amended(laws.shipped(), laws.read(law)) if law else None
    with watching(face) as watch:
        planned = plan_tree(
            chain, under=under, risk=Risk(risk, level, weight), law=rules, gap=gap, time_limit=time_limit,
            measures=measures, progress=watch,
        )  # fmt: skip
        waits = planned.waiting(time_limit=time_limit, progress=watch) if stranded else None
        lost = planned.stranded() if stranded else None
        sampled = None
        if samples and not watch.interrupted:
            try:
                sampled = planned.out_of_sample(
                    samples=max(samples, 20), seed=seed, law=rules, time_limit=time_limit, progress=watch
                )
            except NoPlanError:
                if not watch.interrupted:
                    raise
    if report:
        tree_page.write_tree(planned, report)
    machine = {
        "chain": chain.name, "planned_for": planned.aim, "value_usd": planned.value_usd,
        "measure_usd": planned.measure_usd, "bound_usd": planned.bound_usd, "gap": planned.gap,
        "status": planned.status, "method": planned.method, "seconds": planned.seconds,
        "interrupted": watch.interrupted,
        "report": report, **planned.frames(),
        **({} if waits is None else {"waiting": waits}), **({} if lost is None else {"stranded": lost}),
        **({} if sampled is None else {"out_of_sample": sampled.summary(), "not_drawn": list(sampled.left_out)}),
    }  # fmt: skip
    parts: list[RenderableType] = [
        tree_page.headline(planned), "", table(tree_page.measures(planned), "Worth"),
        table(tree_page.rules(planned), "Rules"), table(tree_page.partners(planned), "Value by partner"),
        *([] if waits is None else [table(waits.drop("option"), "When to wait")]),
        *([] if lost is None else [table(roadmap_plan.by_plant(lost), "Stranded plant")]),
        *([] if sampled is None else [table(sampled.summary(), "Out of sample")]),
        *([f"Risks that are not drawn: {listed(sampled.left_out)}"] if sampled and sampled.left_out else []),
        *([f"The report is in {report}"] if report else []),
    ]  # fmt: skip
    face.answer(parts, machine)
    return Exit.INTERRUPTED if watch.interrupted else Exit.OK

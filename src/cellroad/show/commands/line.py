"""The command that runs a pack line."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter, validators

from cellroad.show.exits import Exit, UsageError, choose
from cellroad.show.outputs import writable
from cellroad.show.terminal import Face


def line(
    path: str,
    /,
    *,
    mix: str = "",
    month: Annotated[int | None, Parameter(validator=validators.Number(gte=0, lte=1200))] = None,
    replications: Annotated[int, Parameter(validator=validators.Number(gte=2, lte=100_000))] = 20,
    hours: Annotated[float, Parameter(validator=validators.Number(gt=0, lte=10_000))] = 160.0,
    gains: bool = False,
    by_product: bool = False,
    reach: Annotated[float | None, Parameter(validator=validators.Number(gt=0))] = None,
    seed: Annotated[int, Parameter(validator=validators.Number(gte=0))] = 1,
    report: Path | None = None,
    face: Face = Face(),  # noqa: B008
) -> Exit:
    """Run a pack line: what it makes in a year, where its time goes, its bottleneck, people, automation and cost.

    Parameters
    ----------
    path
        Folder with the tables of a line (products, stations, shifts …), or the name of an example: fremont.
    mix
        Another mix, as shares of the packs by product: p5:0.6;p10:0.4.
    month
        Months since the start, for a line that still learns; without, it has learnt.
    replications
        Independent runs.
    hours
        Hours of each run that are counted.
    gains
        Try each station a tenth faster, and tell what that gains.
    by_product
        Tell what it makes of each product alone, and where the bottleneck is then.
    reach
        GWh a year: tell what to add to reach it.
    seed
        Makes the runs repeatable.
    report
        Write a page with a shift that plays to this file.
    """
    from cellroad.engineering.line.changing import by_mix, with_mix
    from cellroad.engineering.line.changing import reach as sought
    from cellroad.engineering.line.reading import read_line
    from cellroad.engineering.line.verb import line as run
    from cellroad.show.line_page import line_text, write_line

    target = writable(report) if report else None
    tables = read_line(path)
    if mix:
        tables = with_mix(tables, _shares(mix, tables.tables["products"]["product"].to_list()))
    found = run(tables, replications=replications, hours=hours, seed=seed, month=month, gains=gains)
    mixes = by_mix(tables, replications=max(replications // 4, 2), hours=hours, seed=seed) if by_product else None
    way = sought(tables, reach, seed=seed) if reach else None
    if target:
        write_line(found, target, mixes=mixes, way=way)
    machine = {
        "line": tables.name, "volume": found.volume, "stations": found.stations, "oee": found.oee,
        "bottlenecks": found.bottlenecks, "people": found.people, "automation": found.automation, "costs": found.costs,
        "figures": found.figures, "mixes": mixes, "way": way.steps if way else None,
        "reached": way.reached if way else None, "report": target,
    }  # fmt: skip
    face.answer([*line_text(found, mixes, way), *([f"The report is in {target}"] if target else [])], machine)
    return Exit.OK


def _shares(text: str, products: list[str]) -> dict[str, float]:
    """Return the shares of a mix, brought to a sum of one."""
    shares: dict[str, float] = {}
    for part in filter(None, (one.strip() for one in text.split(";"))):
        name, _, number = part.partition(":")
        try:
            shares[choose(name.strip(), products, "product of the line")] = float(number or 1)
        except ValueError:
            raise UsageError(f"{part!r} is no share; write the mix as p5:0.6;p10:0.4.") from None
    whole = sum(shares.values())
    if not whole > 0 or min(shares.values()) < 0:
        raise UsageError(f"the shares of {text!r} add up to {whole:g}; write the mix as p5:0.6;p10:0.4.")
    return {name: share / whole for name, share in shares.items()}

"""The commands around the tables of a chain: start one, check it, carry it between folder, workbook and zip."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from cellroad.show.exits import Exit, UsageError, choose
from cellroad.show.outputs import new
from cellroad.show.terminal import Face, counting, findings_tables


def init(
    directory: Path,
    /,
    *,
    example: Annotated[str | None, Parameter(name="--from")] = None,
    form: Literal["csv", "xlsx"] = "csv",
    face: Face = Face(),  # noqa: B008
) -> Exit:
    """Start a chain: an empty one, or a copy of an example.

    Parameters
    ----------
    directory
        Folder to write into; it must be new or empty.
    example
        Example to start from: kandi-cbak, gotion-us, yousolar or casip.
    form
        csv for one file a table, xlsx for one workbook with a sheet a table.
    """
    from cellroad.chain import examples
    from cellroad.show.starting import start_folder, start_workbook

    new(directory)
    if example is not None:
        choose(example, examples.names(), "example")
    target = directory if form == "csv" else directory / f"{directory.resolve().name}.xlsx"
    if form == "csv":
        start_folder(target, example)
    else:
        start_workbook(target, example)
    face.answer(
        [f"Wrote {target}. Edit its tables, then: cellroad check {target}"],
        {"written": target, "from": example, "files": sorted(place.name for place in directory.iterdir())},
    )
    return Exit.OK


def check(path: str, /, *, face: Face = Face()) -> Exit:  # noqa: B008
    """Say everything that is wrong (blocker) or strange (warning) with a chain, and how to mend it.

    Parameters
    ----------
    path
        Folder, workbook or zip of a chain, or the name of an example.
    """
    from cellroad.show.commands.reading import inspected

    chain, findings = inspected(path)
    blockers = sum(finding.severity == "blocker" for finding in findings)
    verdict = "It cannot be planned before the blockers are mended." if blockers else "It can be planned."
    machine = {
        "chain": chain.name if chain else None,
        "usable": not blockers,
        "findings": findings,
        "tables": {name: frame.height for name, frame in chain.tables.items() if frame.height} if chain else {},
    }
    counted = f"{path}: {counting(blockers, 'blocker')}, {counting(len(findings) - blockers, 'warning')}. {verdict}"
    face.answer([*findings_tables(findings), counted], machine)
    return Exit.INVALID if blockers else Exit.OK


def export(path: str, out: Path, /, *, face: Face = Face()) -> Exit:  # noqa: B008
    """Write a chain in another form; what is exported can be read again unchanged.

    Parameters
    ----------
    path
        Folder, workbook or zip of a chain, or the name of an example.
    out
        New workbook (name ends in .xlsx), zip (.zip) or folder of CSV files.
    """
    from cellroad.chain.files import load, write

    new(out)
    chain = load(path)
    write(chain, out)
    face.answer([f"Wrote {out}."], {"chain": chain.name, "written": out})
    return Exit.OK


def template(file: Path, /, *, face: Face = Face()) -> Exit:  # noqa: B008
    """Write an empty workbook with every table, its units, notes and drop-downs.

    Parameters
    ----------
    file
        New workbook; its name ends in .xlsx.
    """
    from cellroad.chain import workbook

    if file.suffix != ".xlsx":
        raise UsageError(f"The name of a workbook ends in .xlsx, not {file.name!r}.")
    workbook.template(new(file))
    face.answer([f"Wrote {file}. Fill it in, then: cellroad check {file}"], {"written": file})
    return Exit.OK

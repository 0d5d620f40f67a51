"""The commands that look cells up and check data sheets, and that compute packs that were built."""

from __future__ import annotations

from pathlib import Path

from cellroad.show.exits import Exit
from cellroad.show.terminal import Face, counting, findings_tables, table


def cells(path: Path | None = None, /, *, face: Face = Face()) -> Exit:  # noqa: B008
    """List the cells that packs are designed from, or check a data sheet of your own; rows that cannot be are refused.

    Parameters
    ----------
    path
        CSV, TOML or BPX file (JSON) with cells of your own; without one, the cells that ship with Cellroad.
    """
    from cellroad.engineering import catalogue
    from cellroad.engineering.datasheet import inspect
    from cellroad.show.cell_tables import cells_table

    found, findings = (catalogue.cells(), list(catalogue.refusals())) if path is None else inspect(path)
    listed = cells_table(found)
    blockers = sum(finding.severity == "blocker" for finding in findings)
    said = f"{counting(len(found), 'cell')}; {counting(blockers, 'row')} refused."
    machine = {"cells": listed, "findings": findings, "conflicts": catalogue.conflicts() if path is None else None}
    disputed = [
        table(catalogue.conflicts().select("cell_id", "column", "value", "taken", "notes"), "where sources disagree")
    ]
    parts = [*([table(listed)] if found else []), *(disputed if path is None else []), *findings_tables(findings)]
    face.answer([*parts, said], machine)
    return Exit.INVALID if path is not None and blockers else Exit.OK


def packs(path: Path | None = None, /, *, face: Face = Face()) -> Exit:  # noqa: B008
    """Hold packs that were built against what is computed of them: mass, energy and voltage, one by one.

    Parameters
    ----------
    path
        CSV file with packs of your own, with columns of the fact table packs, of which any may be blank; without one,
        the packs that ship with Cellroad.
    """
    from cellroad.engineering.mass import known
    from cellroad.engineering.mass.packsheet import read_packs
    from cellroad.show.cell_tables import ERRORS, off, packs_remarks, packs_said, packs_table

    found = known(None if path is None else read_packs(path))
    notes = ["", "* a cell that is assumed", *packs_remarks(found)]
    forms = dict.fromkeys(ERRORS, off)
    face.answer([table(packs_table(found), forms=forms), *notes, "", packs_said(found)], {"packs": found})
    return Exit.OK

"""Where may a command write, and how is a plan kept? Asked before the work is done, so that nothing is computed in
vain; written whole or not at all.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from cellroad.show.exits import UsageError
from cellroad.show.terminal import plain

if TYPE_CHECKING:
    from cellroad.plan.result import Plan

MARK = "plan.json"
"""The file by which a folder is known to hold a plan, so that a later plan may replace it."""


def writable(target: Path) -> Path:
    """Return a file to be written; raise UsageError where it cannot be."""
    if target.is_dir():
        raise UsageError(f"{target} is a folder; name a file in it.")
    _check_above(target)
    return target


def new(target: Path) -> Path:
    """Return a place for new data: a file that does not exist, or a folder that is new or empty."""
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise UsageError(f"{target} exists already; data is never overwritten. Name another place.")
    _check_above(target)
    return target


def plan_folder(target: Path) -> Path:
    """Return a folder for the frames of a plan: new, empty or holding an earlier plan; else raise UsageError."""
    if target.exists() and not target.is_dir():
        raise UsageError(f"{target} is a file; name a folder.")
    if target.is_dir() and any(target.iterdir()) and not (target / MARK).exists():
        raise UsageError(f"{target} holds other things than a plan; name a new or empty folder.")
    _check_above(target)
    return target


def save(plan: Plan, folder: Path) -> None:
    """Write every frame of a plan as CSV and as Parquet, with the figures and how they were found beside them."""
    from cellroad.chain.atomic import replace_files

    def make(fresh: Path) -> None:
        for name, frame in plan.frames().items():
            frame.write_csv(fresh / f"{name}.csv")
            frame.write_parquet(fresh / f"{name}.parquet")
        told = {"chain": plan.chain.name, "solution": plan.solution, "figures": plan.summary()}
        (fresh / MARK).write_text(json.dumps(plain(told), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")

    replace_files(folder, make, obsolete=())


def _check_above(target: Path) -> None:
    """Raise UsageError unless the nearest folder that exists above a target may be written to."""
    above = next(parent for parent in target.absolute().parents if parent.exists())
    if not above.is_dir():
        raise UsageError(f"{target} cannot be written: {above} is a file, not a folder.")
    if not os.access(above, os.W_OK):
        raise UsageError(f"{target} cannot be written: no right to write in {above}.")

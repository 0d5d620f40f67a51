"""`roadmap`: when is the next chemistry ready, how surely, and what does that hang on?"""

from __future__ import annotations

from pathlib import Path

from cellroad.engineering.roadmap.reading import RoadmapTables, read_roadmap
from cellroad.engineering.roadmap.result import Roadmap, told
from cellroad.engineering.roadmap.running import run


def roadmap(tables: RoadmapTables | str | Path, *, draws: int = 20_000, seed: int = 1) -> Roadmap:
    """Return when each gate of a programme is passed, how surely, and what its goal hangs on.

    tables  a programme, the path of its folder, or the name of a shipped example
    draws   how often it is run

    Raises ChainError for a programme that cannot be read, ValueError for less than one draw.
    """
    if draws < 1:
        raise ValueError(f"{draws} draws: expected at least 1")
    read = tables if isinstance(tables, RoadmapTables) else read_roadmap(tables)
    return told(read, run(read, draws=draws, seed=seed), seed)

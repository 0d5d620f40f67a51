"""The chains that ship with the package: in `examples/` of a source checkout, in `cellroad/examples` when installed."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path


def names() -> list[str]:
    """Return the names of the shipped examples."""
    root = _root()
    return (
        sorted(path.name for path in root.iterdir() if any(path.glob("*.csv")) and not _is_line(path)) if root else []
    )


def lines() -> dict[str, Path]:
    """Return the shipped pack lines by name."""
    root = _root()
    return {path.name: path for path in sorted(root.iterdir()) if _is_line(path)} if root else {}


def _is_line(folder: Path) -> bool:
    return (folder / "stations.csv").is_file()


def folder(name: str) -> Path | None:
    """Return the folder of an example, None where there is no such one."""
    root = _root()
    return root / name if root and name in names() else None


def packs() -> dict[str, Path]:
    """Return the shipped specifications of packs by name."""
    root = _root()
    return {path.stem: path for path in sorted((root / "packs").glob("*.toml"))} if root else {}


def roadmaps() -> dict[str, Path]:
    """Return the shipped programmes by name: the folder `roadmap` beside the tables of a chain."""
    root = _root()
    return {path.parent.parent.name: path.parent for path in sorted(root.glob("*/roadmap/gates.csv"))} if root else {}


def _root() -> Path | None:
    package = Path(str(files("cellroad.chain"))).parent
    places = (package / "examples", package.parent.parent / "examples")
    return next((place for place in places if place.is_dir()), None)

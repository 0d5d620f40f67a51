"""How files are replaced: all of them or none.

What is new is first made in a temporary place beside the target, then renamed into it. A failure on the way leaves
what was there as it was. The folder above a target is made where there is none.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path


def replace_file(target: Path, make: Callable[[Path], None]) -> None:
    """Make a file by `make(temporary path)` and put it in the place of `target`."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.stem}-") as beside:
        fresh = Path(beside) / target.name
        make(fresh)
        fresh.replace(target)


def replace_text(target: Path, text: str) -> None:
    """Put a text in the place of a file, its line ends as they are."""
    replace_file(target, lambda fresh: _fill(fresh, text))


def _fill(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="")


def replace_files(folder: Path, make: Callable[[Path], None], obsolete: Iterable[str]) -> None:
    """Fill a temporary folder by `make(folder)`, then move its files into `folder` and drop the obsolete ones.

    Files of the folder that are neither made nor obsolete stay as they are.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as beside:
        fresh, old = Path(beside) / "new", Path(beside) / "old"
        fresh.mkdir()
        old.mkdir()
        make(fresh)
        if not folder.exists():
            fresh.rename(folder)
            return
        names = {path.name for path in fresh.iterdir()}
        try:
            for name in sorted(names | set(obsolete)):
                if (folder / name).exists():
                    (folder / name).replace(old / name)
            for name in sorted(names):
                (fresh / name).replace(folder / name)
        except BaseException:
            _put_back(folder, fresh, old, names)
            raise


def _put_back(folder: Path, fresh: Path, old: Path, names: set[str]) -> None:
    """Take out what was moved in, then return what was moved away."""
    for name in names:
        if not (fresh / name).exists():
            (folder / name).unlink(missing_ok=True)
    for path in list(old.iterdir()):
        path.replace(folder / path.name)

"""Is everything there that Cellroad needs, and which versions are at work?

Each line of the frame is one thing looked at: `sound` is whether it works, `needed` whether anything fails without it.
Nothing is asked of the network.
"""

from __future__ import annotations

import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path

import numpy as np
import polars as pl

CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "chrome")
LIBRARIES = ("polars", "dataframely", "highspy", "numpy", "scipy", "xlsxwriter", "fastexcel", "holidays", "jinja2")

Look = tuple[str, str, bool]
"""What was looked at, what was found, whether that is sound."""


def examine() -> pl.DataFrame:
    """Look at everything Cellroad needs: one row a thing, with thing, found, sound, needed."""
    rows: list[tuple[str, str, bool, bool]] = []
    for look in (_program, _libraries, _solver, _facts, _examples, _report, _places):
        rows += [(*seen, True) for seen in _looked(look)]
    rows += [(*seen, False) for seen in _browser()]
    schema = {"thing": pl.String, "found": pl.String, "sound": pl.Boolean, "needed": pl.Boolean}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _looked(look: Callable[[], Iterator[Look]]) -> list[Look]:
    """Return what a look sees; a look that fails is a finding, not a failure of the doctor."""
    try:
        return list(look())
    except Exception as error:
        return [(look.__name__.strip("_"), f"{type(error).__name__}: {error}", False)]


def _program() -> Iterator[Look]:
    yield "cellroad", version("cellroad"), True
    yield (
        "python",
        f"{platform.python_version()} on {platform.system()} {platform.machine()}",
        sys.version_info >= (3, 11),
    )
    yield "processors", str(os.cpu_count() or 1), True


def _libraries() -> Iterator[Look]:
    for library in LIBRARIES:
        yield library, version(library), True


def _solver() -> Iterator[Look]:
    """Maximise x + y over the integers under 2x + y <= 4 and x + 2y <= 4: the answer is 2."""
    import highspy

    highs = highspy.Highs()
    highs.silent()
    x, y = highs.addIntegral(lb=0, ub=10), highs.addIntegral(lb=0, ub=10)
    highs.addConstr(2 * x + y <= 4)
    highs.addConstr(x + 2 * y <= 4)
    highs.maximize(x + y)
    found = highs.getObjectiveValue()
    yield "solver", f"HiGHS {highs.version()} solves a small plan", bool(np.isclose(found, 2.0))


def _facts() -> Iterator[Look]:
    from cellroad.chain.facts import names, table

    rows = sum(table(name).height for name in names())
    yield "facts", f"{rows:,} rows in {len(names())} tables", rows > 0


def _examples() -> Iterator[Look]:
    from cellroad.chain.examples import names

    yield "examples", ", ".join(names()) or "none", bool(names())


def _report() -> Iterator[Look]:
    assets = Path(__file__).parent / "assets"
    missing = [name for name in ("echarts.min.js", "world.json") if not (assets / name).is_file()]
    yield "report", f"missing {', '.join(missing)}" if missing else "charts and map are in the package", not missing


def _places() -> Iterator[Look]:
    with tempfile.TemporaryFile() as file:
        file.write(b"cellroad")
    yield "temporary files", "can be written", True


def _browser() -> Iterator[Look]:
    found = next((place for name in CHROMIUM if (place := shutil.which(name))), None)
    yield "chromium", found or "not found; only tests that open a page need it", found is not None

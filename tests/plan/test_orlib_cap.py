"""Capacitated warehouse location: the published optima of OR-Library, proved (Beasley 1988).

The instances are not part of the project; `CELLROAD_CASES` names another folder that holds `orlib_cap`.
"""

from pathlib import Path
from types import ModuleType

import pytest
from tests.scripts import CASES, script

from cellroad.plan.planning import plan

FOLDER = CASES / "orlib_cap"
INSTANCES = sorted(FOLDER.rglob("cap*.txt"))


@pytest.fixture(scope="module")
def reader() -> ModuleType:
    return script("benchmarks/orlib_cap.py")


@pytest.mark.skipif(not INSTANCES, reason=f"no OR-Library instances under {FOLDER.name}; set CELLROAD_CASES")
@pytest.mark.parametrize("path", INSTANCES, ids=lambda path: path.stem)
def test_the_published_optimum_is_proved(path: Path, reader: ModuleType) -> None:
    optimum = reader.read_optimum(path.with_name(path.name + ".opt"))
    solution = plan(reader.to_chain(reader.read_cap(path)), gap=1e-9, time_limit=300).solution
    assert -solution.objective_usd == pytest.approx(optimum, rel=1e-6)
    assert solution.gap <= 1e-6
    assert -solution.bound_usd == pytest.approx(optimum, rel=1e-6)

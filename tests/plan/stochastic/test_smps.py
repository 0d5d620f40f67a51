"""SMPS files say what their format says, and the published optimum is proved."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[3]
CASES = Path(os.environ.get("CELLROAD_CASES", ROOT.parent / "shared" / "data")) / "siplib"


def _module(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "benchmarks" / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def smps() -> ModuleType:
    return _module("smps")


@pytest.fixture(scope="module")
def siplib(smps: ModuleType) -> ModuleType:
    return _module("siplib")


CORE = """\
* a comment
NAME          tiny
ROWS
 N  cost
 N  another
 L  cap
 G  need
 E  link
COLUMNS
    MARK0     'MARKER'                 'INTORG'
    build     cost              10.0   cap               -4.0
    MARK1     'MARKER'                 'INTEND'
    free      cost               1.0   another            3.0
    free      link               1.0
    make      cost               2.0   cap                1.0
    make      need               1.0   link              -1.0
RHS
    rhs       cost              -7.0   need               3.0
    rhs       link              -2.0
RANGES
    rng       need               2.0   link              -1.5
BOUNDS
 BV bnd       build
 MI bnd       free
 UP bnd       free               8.0
 UP bnd       make               9.0
ENDATA
"""
TIME = """\
TIME          tiny
PERIODS       LP
    build     cap                      NOW
    make      need                     LATER
ENDATA
"""
STOCH = {
    "INDEP": "INDEP         DISCRETE\n    rhs  need  2.0  LATER  0.25\n    rhs  need  5.0  LATER  0.75\n"
    "    make  cost  1.0  LATER  0.5\n    make  cost  3.0  LATER  0.5\n",
    "BLOCKS": "BLOCKS        DISCRETE\n BL one LATER 0.25\n    rhs need 2.0\n    make cost 1.0\n"
    " BL one LATER 0.75\n    rhs need 5.0\n",
    "SCENARIOS": "SCENARIOS     DISCRETE\n SC a ROOT 0.25 LATER\n    rhs need 2.0\n"
    " SC b a 0.75 LATER\n    rhs need 5.0\n",
}


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "tiny.cor").write_text(CORE)
    (tmp_path / "tiny.tim").write_text(TIME)
    return tmp_path


def test_every_section_of_the_core_is_read_as_the_format_says(files: Path, smps: ModuleType) -> None:
    core = smps.read_core(files / "tiny.cor")
    a = smps.arrays(core, {})
    assert a.cost.tolist() == [10, 1, 2] and a.offset == 7
    assert a.whole.tolist() == [True, False, False]
    assert a.lower.tolist() == [0, -np.inf, 0] and a.upper.tolist() == [1, 8, 9]
    assert a.row_lower.tolist() == [-np.inf, 3, -3.5] and a.row_upper.tolist() == [0, 5, -2]
    assert a.matrix.toarray().tolist() == [[-4, 0, 1], [0, 0, 1], [0, 1, -1]]


def test_a_negative_upper_bound_opens_the_lower_one(files: Path, smps: ModuleType) -> None:
    (files / "tiny.cor").write_text(CORE.replace(" UP bnd       make               9.0", " UP bnd make -1.0"))
    a = smps.arrays(smps.read_core(files / "tiny.cor"), {})
    assert a.lower[2] == -np.inf and a.upper[2] == -1


@pytest.mark.parametrize(("kind", "count"), [("INDEP", 4), ("BLOCKS", 2), ("SCENARIOS", 2)])
def test_every_kind_of_scenario_is_read(kind: str, count: int, files: Path, smps: ModuleType) -> None:
    (files / "tiny.sto").write_text(f"STOCH tiny\n{STOCH[kind]}ENDATA\n")
    read = smps.read_smps(files / "tiny.cor")
    assert read.column_stage.tolist() == [0, 0, 1] and read.row_stage.tolist() == [0, 1, 1]
    assert len(read.scenarios) == count
    assert sum(s.probability for s in read.scenarios) == pytest.approx(1)
    needs = sum(s.probability * s.changes["RHS", "need"] for s in read.scenarios)
    assert needs == pytest.approx(0.25 * 2 + 0.75 * 5)
    assert len({s.bundle[0] for s in read.scenarios}) == 1 and len({s.bundle[1] for s in read.scenarios}) == count
    if kind == "BLOCKS":  # what the second outcome does not tell stays as in the first
        assert read.scenarios[1].changes["make", "cost"] == 1


def test_a_line_that_cannot_be_read_is_named(files: Path, smps: ModuleType) -> None:
    (files / "tiny.cor").write_text(CORE.replace(" BV bnd       build", " BV bnd       bulid"))
    with pytest.raises(smps.SmpsError, match=r"tiny.cor, line 23.*bulid"):
        smps.read_core(files / "tiny.cor")


def test_a_core_is_what_the_solver_reads_itself(files: Path, smps: ModuleType) -> None:
    import highspy

    path = files / "tiny.mps"
    path.write_text(CORE)
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    highs.readModel(str(path))
    theirs, ours = highs.getLp(), smps.arrays(smps.read_core(files / "tiny.cor"), {})
    assert list(theirs.col_cost_) == ours.cost.tolist()
    assert list(theirs.col_lower_) == ours.lower.tolist() and list(theirs.col_upper_) == ours.upper.tolist()
    assert list(theirs.row_lower_) == ours.row_lower.tolist() and list(theirs.row_upper_) == ours.row_upper.tolist()


INSTANCES = sorted(CASES.rglob("dcap332_200.cor"))
if not INSTANCES and os.environ.get("CI") == "true":
    raise FileNotFoundError(f"no SIPLIB instances under {CASES}; set CELLROAD_CASES")


@pytest.mark.skipif(not INSTANCES, reason="no SIPLIB instances; set CELLROAD_CASES")
@pytest.mark.parametrize("path", INSTANCES, ids=lambda path: path.stem)
def test_the_published_optimum_lies_between_cost_and_bound(path: Path, siplib: ModuleType) -> None:
    from cellroad.plan.stochastic import Limits, solve

    answer = solve(siplib.to_problem(siplib.read_smps(path)), limits=Limits(gap=1e-2, time_limit=300))
    published = siplib.PUBLISHED[path.stem]
    assert answer.status == "optimal"
    assert answer.bound <= published * (1 + 1e-4) and published <= answer.cost * (1 + 1e-4)

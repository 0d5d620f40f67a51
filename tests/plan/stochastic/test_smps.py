"""SMPS files say what their format says, and the published optimum is proved."""

from __future__ import annotations

import os
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from tests.scripts import CASES, script

FOLDER = CASES / "siplib"


@pytest.fixture(scope="module")
def smps() -> ModuleType:
    return script("benchmarks/smps.py")


@pytest.fixture(scope="module")
def siplib(smps: ModuleType) -> ModuleType:
    return script("benchmarks/siplib.py")


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


EVERY = """\
NAME every
ROWS
 N cost
 L r
 G g
 E e
COLUMNS
    M 'MARKER' 'INTORG'
    a cost 1 r 1
    b cost 1.5D0 r 1
    c cost 1 r 1
    M 'MARKER' 'INTEND'
    f cost 1 r 1
    x cost 1 g 1
    y cost 1 e 1
    z cost 1 e 1
    p cost 1 e 1
RHS
    r 5 cost -3
    g 1e1
RANGES
    R r 2 g -2
    R e 3
BOUNDS
 LO B b 2
 MI B c
 UP B c 7
 FX B f 4
 LI B x 3
 UI B y 4
 FR B z
 UP B p 1e30
ENDATA
"""


def test_every_kind_of_bound_and_range_is_what_the_solver_reads_itself(tmp_path: Path, smps: ModuleType) -> None:
    import highspy

    path = tmp_path / "every.mps"
    path.write_text(EVERY)
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    highs.readModel(str(path))
    theirs, ours = highs.getLp(), smps.arrays(smps.read_core(path), {})
    assert list(theirs.col_lower_) == ours.lower.tolist() and list(theirs.col_upper_) == ours.upper.tolist()
    assert list(theirs.row_lower_) == ours.row_lower.tolist() and list(theirs.row_upper_) == ours.row_upper.tolist()
    assert [bool(int(kind)) for kind in theirs.integrality_] == ours.whole.tolist()
    assert theirs.offset_ == ours.offset and list(theirs.col_cost_) == ours.cost.tolist()
    assert ours.upper[0] == 1 and ours.upper[1] == np.inf  # whole and without any bound: 0 or 1


def test_fixed_columns_may_hold_names_with_blanks(tmp_path: Path, smps: ModuleType) -> None:
    path = tmp_path / "fixed.cor"
    path.write_text(
        f"NAME          FIXED\nROWS\n N  MY COST\n G  A NEED\nCOLUMNS\n"
        f"    {'TO MAKE':8}  {'MY COST':8}  {2.5:12}   {'A NEED':8}  {1.0:12}\n"
        f"RHS\n    {'RHS 1':8}  {'A NEED':8}  {4.0:12}\nBOUNDS\n UP {'BND 1':8}  {'TO MAKE':8}  {9.0:12}\nENDATA\n"
    )
    core = smps.read_core(path)
    a = smps.arrays(core, {})
    assert list(core.columns) == ["TO MAKE"] and list(core.rows) == ["A NEED"]
    assert (a.cost[0], a.row_lower[0], a.upper[0], a.matrix.toarray()[0, 0]) == (2.5, 4, 9, 1)


def test_stages_may_be_told_row_by_row(files: Path, smps: ModuleType) -> None:
    (files / "tiny.tim").write_text(
        "TIME tiny\nPERIODS EXPLICIT\n NOW\n LATER\nROWS\n cost NOW\n cap LATER\n need NOW\n link LATER\n"
        "COLUMNS\n build LATER\n free NOW\n make LATER\nENDATA\n"
    )
    (files / "tiny.sto").write_text(f"STOCH tiny\n{STOCH['SCENARIOS']}ENDATA\n")
    read = smps.read_smps(files / "tiny.cor")
    assert read.column_stage.tolist() == [1, 0, 1] and read.row_stage.tolist() == [1, 0, 1]


@pytest.mark.parametrize(("mode", "expected"), [("ADD", 3 + 0.5), ("MULTIPLY", 3 * 0.5), ("REPLACE", 0.5)])
def test_numbers_are_replaced_added_or_multiplied(mode: str, expected: float, files: Path, smps: ModuleType) -> None:
    (files / "tiny.sto").write_text(
        f"STOCH tiny\nSCENARIOS DISCRETE {mode}\n SC a ROOT 1.0 LATER\n    rhs need 0.5\nENDATA\n"
    )
    assert smps.read_smps(files / "tiny.cor").scenarios[0].changes["RHS", "need"] == expected


def test_bounds_and_ranges_may_be_uncertain(files: Path, smps: ModuleType) -> None:
    (files / "tiny.sto").write_text(
        "STOCH tiny\nSCENARIOS DISCRETE\n SC a ROOT 1.0 LATER\n UP bnd make 6\n    free bnd 5.0\n"
        "    rng need 1.5\n    make cost 4.0 need 2.0\nENDATA\n"
    )
    read = smps.read_smps(files / "tiny.cor")
    a = smps.arrays(read.core, read.scenarios[0].changes)
    assert a.upper.tolist() == [1, 5, 6] and a.cost[2] == 4 and a.matrix.toarray()[1, 2] == 2
    assert (a.row_lower[1], a.row_upper[1]) == (3, 4.5)


def test_paths_branch_where_they_say(files: Path, smps: ModuleType) -> None:
    (files / "tiny.tim").write_text(
        "TIME tiny\nPERIODS\n    build cap ONE\n    free need TWO\n    make link THREE\nENDATA\n"
    )
    (files / "tiny.sto").write_text(
        "STOCH tiny\nSCENARIOS DISCRETE\n SC a 'ROOT' 0.25 ONE\n    rhs need 2.0 link 1.0\n"
        " SC b a 0.25 THREE\n    rhs link 5.0\n SC c ROOT 0.5 TWO\n    rhs need 9.0\nENDATA\n"
    )
    a, b, c = smps.read_smps(files / "tiny.cor").scenarios
    assert a.bundle[:2] == b.bundle[:2] and a.bundle[2] != b.bundle[2]
    assert a.bundle[0] == c.bundle[0] and len({a.bundle[1], c.bundle[1]}) == 2
    assert b.changes == {("RHS", "need"): 2, ("RHS", "link"): 5} and c.changes == {("RHS", "need"): 9}


def test_continuous_numbers_are_sampled_where_a_sample_is_asked_for(files: Path, smps: ModuleType) -> None:
    (files / "tiny.sto").write_text(
        "STOCH tiny\nINDEP UNIFORM\n    rhs need 2.0 LATER 6.0\nINDEP NORMAL\n    make cost 3.0 LATER 0.25\n"
        "INDEP DISCRETE\n    rhs link 1.0 LATER 0.25\n    rhs link 2.0 LATER 0.75\nENDATA\n"
    )
    with pytest.raises(smps.SmpsError, match="how many paths"):
        smps.read_smps(files / "tiny.cor")
    read = smps.read_smps(files / "tiny.cor", sample=4000)
    assert read.sampled and len(read.scenarios) == 4000
    drawn = {entry: np.array([s.changes[entry] for s in read.scenarios]) for entry in read.scenarios[0].changes}
    need, cost, link = drawn["RHS", "need"], drawn["make", "cost"], drawn["RHS", "link"]
    assert need.min() >= 2 and need.max() <= 6 and need.mean() == pytest.approx(4, abs=0.1)
    assert cost.mean() == pytest.approx(3, abs=0.05) and cost.std() == pytest.approx(0.5, abs=0.03)
    assert set(link) == {1, 2} and link.mean() == pytest.approx(1.75, abs=0.04)


@pytest.mark.parametrize(
    ("ending", "before", "after", "told"),
    [
        ("cor", "    make      need ", "    make      nead ", r"tiny.cor, line 16.*no row is called nead"),
        ("cor", " E  link", " Q  link", r"tiny.cor, line 8.*no kind of row is called Q"),
        ("cor", "               8.0", "               eight", r"tiny.cor, line 25.*eight"),
        ("cor", "RANGES", "QUADOBJ", r"tiny.cor, line 20: no section QUADOBJ"),
        ("tim", "make ", "maek ", r"tiny.tim, line 4.*no column is called maek"),
        ("sto", "need 5.0", "need", r"tiny.sto, line 6"),
        ("sto", "a 0.75 LATER", "a 0.75 NEVER", r"tiny.sto, line 5.*no period is called NEVER"),
        ("sto", "b a 0.75", "b z 0.75", r"tiny.sto, line 5.*no scenario before is called z"),
        ("sto", "0.75", "7.5", r"tiny.sto, line 5.*7.5 is no probability"),
        ("sto", "0.75", "0.5", r"tiny.sto: the probabilities of the scenarios add up to 0.75"),
        ("sto", "SCENARIOS     DISCRETE", "SCENARIOS NORMAL", r"tiny.sto, line 2: NORMAL is not read"),
    ],
)
def test_every_fault_names_its_file_and_line(
    ending: str, before: str, after: str, told: str, files: Path, smps: ModuleType
) -> None:
    (files / "tiny.sto").write_text(f"STOCH tiny\n{STOCH['SCENARIOS']}ENDATA\n")
    path = files / f"tiny.{ending}"
    assert before in path.read_text()
    path.write_text(path.read_text().replace(before, after))
    with pytest.raises(smps.SmpsError, match=told):
        smps.read_smps(files / "tiny.cor")


INSTANCES = sorted(FOLDER.rglob("dcap332_200.cor"))
if not INSTANCES and os.environ.get("CI") == "true":
    raise FileNotFoundError(f"no SIPLIB instances under {FOLDER}; set CELLROAD_CASES")


@pytest.mark.skipif(not INSTANCES, reason="no SIPLIB instances; set CELLROAD_CASES")
@pytest.mark.parametrize("path", INSTANCES, ids=lambda path: path.stem)
def test_the_published_optimum_lies_between_cost_and_bound(path: Path, siplib: ModuleType) -> None:
    from cellroad.plan.stochastic import Limits, solve

    answer = solve(siplib.to_problem(siplib.read_smps(path)), limits=Limits(gap=1e-6, time_limit=300))
    published = siplib.PUBLISHED[path.stem]
    assert answer.status == "optimal"
    assert answer.bound <= published * (1 + 1e-4) and published <= answer.cost * (1 + 1e-4)

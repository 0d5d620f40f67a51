"""Safety stock in real chains (Willems 2008), proven, and at the published cost where the files hold all it needs.

The chains are not part of the project; `CELLROAD_CASES` names another folder that holds `willems`.
"""

import os
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from tests.scripts import CASES, script

from cellroad.plan.stock.placing import place

FOLDER = CASES / "willems"
CHAINS = sorted(FOLDER.glob("willems_*.csv"))
if not CHAINS and os.environ.get("CI") == "true":
    raise FileNotFoundError(f"no chains of Willems under {FOLDER}; set CELLROAD_CASES")
CERTAIN = ("willems_13", "willems_17", "willems_25", "willems_35")
"""Chains of which the reported cost has no part for lead times that vary."""


@pytest.fixture(scope="module")
def reader() -> ModuleType:
    return script("benchmarks/stock.py")


@pytest.mark.skipif(not CHAINS, reason=f"no chains under {FOLDER.name}; set CELLROAD_CASES")
@pytest.mark.parametrize("path", CHAINS, ids=lambda path: path.stem)
def test_a_real_chain_is_placed_to_proof(path: Path, reader: ModuleType) -> None:
    stages = reader.stages_of(reader.read(path))
    found = place(stages)
    assert found.gap <= 1e-3
    assert all(found.outbound[j] <= found.inbound[k] + 1e-5 for j, k in stages.arcs.tolist())
    days = found.inbound + stages.lead - found.outbound
    assert days.min() > -1e-5
    assert (found.outbound <= stages.promise + 1e-5).all()
    assert (stages.holding * stages.factor * np.sqrt(days.clip(min=0))).sum() == pytest.approx(found.cost, rel=1e-3)
    reported = reader.reported(FOLDER).get(path.stem)
    if path.stem in CERTAIN:
        assert reader.RATE * found.cost == pytest.approx(reported, rel=5e-3)


NAMES = (
    "stage_id,lead_time,max_s_time,cost_rate,cap_constraint,risk_pool,ext_demand_mean,ext_demand_std,ext_demand_thres"
)
ODD = f"""\ufeff{NAMES},up_stages
"Part, left",,,3,,2

Make,2.5,,,,2,,,,"Part, left",2,,
 Shop ,1,5.0,1,,,10,3,inf,Make,
Depot,,,,,,4,1,1.645,Make,1,Shop,1
,,,,
"""


def test_a_chain_is_read_by_its_names_with_what_it_leaves_out(tmp_path: Path, reader: ModuleType) -> None:
    path = tmp_path / "willems_40.csv"
    path.write_text(ODD, encoding="utf-8")
    case = reader.read(path)
    assert case.arcs.tolist() == [[0, 1], [1, 2], [1, 3], [2, 3]]
    assert case.units.tolist() == [2, 1, 1, 1]
    assert case.lead.tolist() == [0, 2.5, 1, 0]
    assert case.promise.tolist() == [np.inf, np.inf, 5, 0]
    assert case.safety.tolist() == [0, 0, reader.SUREST, 1.645]
    assert place(reader.stages_of(case)).gap <= 1e-6
    path.write_text(ODD.replace("Depot", "Elsewhere").replace("Make,1", "Depot,1"), encoding="utf-8")
    with pytest.raises(ValueError, match="supplied by Depot"):
        reader.read(path)

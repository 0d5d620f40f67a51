"""Cells of one's own, prices of a chain and answers of one's own go into a design; dirty rows do not."""

from __future__ import annotations

import pytest

import cellroad as cr
from cellroad.chain.finding import ChainError

HOME = {"nominal": "100V", "energy": "10kWh", "use": "storage-residential"}
HEAD = (
    "cell_id,maker,model,chemistry,format,capacity_Ah,nominal_V,min_V,max_V,mass_g,len_or_dia_mm,width_mm,height_mm\n"
)


def test_a_cell_of_ones_own_is_offered_beside_the_others(tmp_path):
    place = tmp_path / "own.csv"
    place.write_text(HEAD + "OWN1,Mine,A100,LFP,prismatic,100,3.2,2.5,3.65,1900,52,148,119\n")
    found = cr.design(**HOME, cells=place)
    assert "OWN1" in found.layouts["cell_id"]
    assert cr.design(**HOME, cells=place, cell="Mine A100").sheet().layout.cell.cell_id == "OWN1"


@pytest.mark.parametrize(
    ("row", "blamed"),
    [
        ("DIRTY1,EVE,LF280K,LFP,prismatic,280,3.2,2.5,3.65,200,173.7,71.7,207.2\n", "mass_g"),
        ("DIRTY2,Gotion,IFR32135,LFP,cylindrical,15,3.2,2.0,3.65,5,32.3,,135\n", "mass_g"),
        ("DIRTY3,X,Y,LFP,prismatic,100,3.2,3.65,2.5,1900,52,148,119\n", "V"),
    ],
)
def test_a_dirty_row_of_ones_own_is_refused_with_the_reason(tmp_path, row, blamed):
    place = tmp_path / "dirty.csv"
    place.write_text(HEAD + row)
    with pytest.raises(ChainError) as caught:
        cr.design(**HOME, cells=place)
    assert any(blamed in finding.column and finding.mend for finding in caught.value.findings)


def test_cells_cost_what_a_chain_offers_them_at():
    chain = cr.load("yousolar")
    with_chain, without = cr.design(**HOME, cell="CL010", chain=chain), cr.design(**HOME, cell="CL010")
    price = with_chain.price()
    offers = chain.offers.filter(chain.offers["item"].is_in(["cell-b", "cell-us"]))["price_usd"] / 0.32
    assert (price.low, price.likely, price.high) == pytest.approx((offers.min(), offers.median(), offers.max()))
    cheaper = price.likely < without.price().likely
    assert (with_chain.pareto["cost_usd"][0] < without.pareto["cost_usd"][0]) == cheaper
    assert "offers of the chain yousolar" in " ".join(with_chain.assumptions())


def test_answers_of_ones_own_settle_certificates():
    open_one = cr.design(**HOME).sheet()
    told = cr.design(**HOME, inverter="5 kW", by_air="no").sheet()
    assert (
        open_one.certificates.filter(answer="unknown").height > told.certificates.filter(answer="unknown").height == 0
    )
    assert "UL 1741" in told.certificates.filter(answer="needed")["standard"]
    assert told.mass.of("inverter") > 5
    assert told.mass.kg == pytest.approx(cr.design(**HOME, inverter="5 kW").pareto["mass_kg"][0], rel=1e-9)

"""The protection of a pack: published sets pass, sets designed to fail are refused with the reason."""

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest

from cellroad.engineering.catalogue import cells
from cellroad.engineering.cell import Cell
from cellroad.engineering.layout import Layout
from cellroad.engineering.protection import balancing, insulation, parts, short, switching
from cellroad.engineering.protection.parts import Contactor, Fuse
from cellroad.engineering.protection.protect import protect

BALANCELL = Cell(
    "P28", "Balancell", "270 Ah", "LFP", "prismatic", 270, 3.25, 2.7, 3.65, 5.3, None, None, None,
    acir_ohm=0.25e-3, discharge_rate=1, pulse_rate=3, pulse_s=30,
)  # fmt: skip
PUBLISHED = Fuse("P28", "P28", "fuse of the Balancell P28", 400, clearing_a2s=610e3)
SMALL = next(cell for cell in cells() if cell.model == "INR21700-P50B")


def contactor(name: str) -> Contactor:
    return next(one for one in parts.contactors() if one.contactor_id == name)


def fuse(name: str) -> Fuse:
    return next(one for one in parts.fuses() if one.fuse_id == name)


def verdicts(made) -> dict[str, str]:
    return {check.name: check.verdict for check in made.checks}


def test_the_published_fuse_of_balancell_fits_a_contactor_that_stands_its_energy():
    made = protect(
        Layout(BALANCELL, 16, 1), 270, 800, 30, fuse=PUBLISHED, contactor=contactor("KM-G300"), ambient_c=25
    )  # fmt: skip
    said = verdicts(made)
    assert said["fuse: continuous current"] == "ok"
    assert said["fuse and contactor: let-through energy"] == "ok"
    assert said["busbar and cable: short circuit"] == "ok"
    assert said["cells: peak current"] == "ok"
    # what the sheet does not tell stays unknown: voltage, breaking capacity and curve of the fuse
    assert {said["fuse: voltage"], said["fuse: breaking capacity"], said["fuse: pulse"]} == {"unknown"}
    assert made.verdict == "unknown"


def test_the_fuse_of_balancell_is_refused_before_a_contactor_that_stands_less():
    # 610 kA2s against (24 x 200 A)^2 x 25 ms = 576 kA2s
    made = protect(Layout(BALANCELL, 16, 1), 180, 180, fuse=PUBLISHED, contactor=contactor("KM-G200"))
    found = next(finding for finding in made.findings if finding.column == "fuse and contactor: let-through energy")
    assert found.severity == "blocker"
    assert found.found == "610,000 A2s"
    assert "576,000 A2s" in found.expected
    assert "withstands more" in found.mend


def test_the_contactor_of_te_stands_what_its_sheet_prints():
    te = contactor("KM-EVC250")  # 250 A; 600 A for a minute; 6000 A for 25 ms
    assert float(switching.withstand(te, 0.025)) == pytest.approx(6000**2 * 0.025)
    assert float(switching.withstand(te, 0.001)) == pytest.approx(6000**2 * 0.025)
    assert float(switching.withstand(te, 60)) == pytest.approx(600**2 * 60)
    assert float(switching.withstand(te, 3600)) == pytest.approx(250**2 * 3600)
    # 300 A for 7 minutes is printed, too: what is drawn between the points must not promise more than a sixth beyond
    assert math.sqrt(float(switching.withstand(te, 420)) / 420) == pytest.approx(300, rel=0.4)


def test_a_fuse_for_less_voltage_is_refused():
    made = protect(Layout(BALANCELL, 32, 1), 150, fuse=fuse("FU-MEGA-250"))
    said = verdicts(made)
    assert said["fuse: voltage"] == "refused"
    assert said["fuse: breaking capacity"] == "refused"
    assert made.verdict == "refused"


def test_a_fuse_too_large_for_a_weak_pack_is_refused():
    made = protect(Layout(SMALL, 14, 2), 15, fuse=fuse("FU-EV-400"))
    assert verdicts(made)["fuse: weak short circuit"] == "refused"


def test_a_pack_of_eight_hundred_volts_gets_parts_for_them():
    made = protect(Layout(SMALL, 192, 20), 200, 500)
    assert made.verdict == "ok"
    assert made.fuse is not None
    assert made.contactor is not None
    assert min(made.fuse.rated_v or 0, made.contactor.rated_v) >= 192 * 4.2


def test_a_pack_beyond_every_fuse_is_refused():
    made = protect(Layout(SMALL, 400, 10), 50)
    assert made.fuse is None
    assert verdicts(made)["fuse: voltage"] == "refused"
    assert made.verdict == "refused"


def test_the_largest_short_circuit_is_that_of_a_rested_pack_over_its_cells_and_joints():
    # 3.3 to 3.65 V for a full LFP cell, 0.25 mohm at 1 kHz and 0.05 mohm of joint: 11 to 12.2 kA
    one, two = (short.short_circuit(Layout(BALANCELL, 16, parallel)).largest_a for parallel in (1, 2))
    assert 11_000 < one < 12_200
    assert two == pytest.approx(2 * one)


def test_of_fuses_that_all_fail_the_nearest_is_shown():
    made = protect(Layout(BALANCELL, 16, 6), 300, 300)
    assert made.fuse is not None
    assert made.fuse.breaking_a == max(fuse.breaking_a or 0 for fuse in parts.fuses() if fuse.rated_a >= 450)
    assert verdicts(made)["fuse: breaking capacity"] == "refused"


def test_cells_that_give_less_than_the_peak_are_refused():
    assert verdicts(protect(Layout(BALANCELL, 16, 1), 270, 900, 30))["cells: peak current"] == "refused"


def test_fuse_and_contactor_meet_worst_where_every_current_tried_says():
    one, other = fuse("FU-T-200"), contactor("KM-EVC250")
    met = switching.coordinate(one, other, 300, 15_000)
    assert met is not None
    worst = 0.0
    for current in np.geomspace(300, 15_000, 400):
        opened, melts = current**2 * 0.2, 0.4 * 200**2 / current**2
        times, multiples = (0.01, 0.1, 10.0, 3600.0), (math.sqrt(0.4 / 0.01), 5.5, 2.8, 1.1)
        if current < multiples[0] * 200:
            logs = [math.log(multiple * 200) for multiple in multiples]
            melts = math.exp(np.interp(math.log(current), logs[::-1], [math.log(t) for t in times][::-1]))
        fused = max(150_000.0, current**2 * melts)
        seconds, energy = (0.2, opened) if current <= 2000 and opened < fused else (melts, fused)
        shape = np.interp(math.log(max(seconds, 0.025)), np.log([0.025, 60, 3600]), np.log([6000, 600, 250]))
        limit = 6000**2 * 0.025 if seconds <= 0.025 else math.exp(shape) ** 2 * seconds
        worst = max(worst, energy / limit)
    assert met.let_through_a2s / met.withstand_a2s == pytest.approx(worst, rel=0.02)


def test_what_is_chosen_is_the_smallest_that_passes():
    made = protect(Layout(SMALL, 14, 8), 60, 120, capacitance_f=2e-3)
    assert made.verdict == "ok"
    assert made.fuse is not None
    for smaller in parts.fuses():
        if (smaller.rated_v or 0) >= made.voltage_v and smaller.rated_a < made.fuse.rated_a:
            tried = protect(Layout(SMALL, 14, 8), 60, 120, capacitance_f=2e-3, fuse=smaller)
            assert tried.verdict != "ok", smaller.name


def test_every_shipped_cell_gets_an_answer_and_its_assumptions():
    for cell, series in itertools.product(cells(), (4, 32)):
        layout = Layout(cell, series, 2)
        made = protect(layout, 0.5 * layout.capacity_ah, capacitance_f=1e-3)
        assert made.checks
        assert made.table().height == len(made.checks)
        assert made.parts().height >= 5
        assert len(made.findings) == sum(check.verdict != "ok" for check in made.checks)
        assert any("balancing" in told for told in made.assumptions)
        refused = [check for check in made.checks if check.verdict == "refused"]
        assert all(check.reason and check.mend and check.source for check in refused)


def test_an_unknown_resistance_is_told():
    silent = replace(BALANCELL, acir_ohm=None)
    assert any("tells none" in told for told in short.short_circuit(Layout(silent, 16, 1)).assumed)
    assert not any("tells none" in told for told in short.short_circuit(Layout(BALANCELL, 16, 1)).assumed)


def test_victron_prints_the_resistance_that_the_pack_has():
    # Victron LFP 51.2 V / 100 Ah: 8 mohm (victronenergy.com); the same 16 cells of 100 Ah at 0.25 mohm and 1 kHz
    cell = replace(BALANCELL, capacity_ah=100, acir_ohm=0.25e-3)
    assert short.pack_resistance(Layout(cell, 16, 1)) == pytest.approx(8e-3, rel=0.15)


def test_precharge_loses_as_much_as_it_stores():
    made = switching.precharge(116.8, 2e-3, seconds=0.5, share=0.98, loop_ohm=0.02)
    volts, lost, step = 0.0, 0.0, 1e-6 * 10
    while volts < 0.98 * 116.8:
        current = (116.8 - volts) / made.resistance_ohm
        lost += current**2 * made.resistance_ohm * step
        volts += current * step / 2e-3
    assert lost == pytest.approx(made.energy_j, rel=2e-3)
    assert made.energy_j == pytest.approx(13.64, abs=0.01)
    assert made.closing_a == pytest.approx(0.02 * 116.8 / 0.02)
    assert made.peak_w == pytest.approx(116.8**2 / made.resistance_ohm)


def test_insulation_asks_what_the_standard_asks():
    assert insulation.least_resistance(400, ac_coupled=False) == 40_000
    assert insulation.least_resistance(400, ac_coupled=True) == 200_000
    assert insulation.creepage(400) == 4.0
    assert insulation.creepage(401) == 5.0
    assert insulation.creepage(400, reinforced=True) == 8.0
    assert insulation.creepage(1200) is None
    assert insulation.largest_y_capacitance(400) == pytest.approx(2.5e-6)


def test_a_percent_of_280_ah_takes_28_hours_of_bleeding():
    made = balancing.balance(Layout(replace(BALANCELL, capacity_ah=280), 16, 1), 0.01, 0.1, duty=1)
    assert made.hours == pytest.approx(28)
    assert made.heat_w == pytest.approx(16 * 0.1 * 3.25)
    assert made.resistor_ohm == pytest.approx(32.5)

"""A pack weighs what its components weigh, its cells fit into its box, and many packs weigh what each does alone."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cellroad.engineering.catalogue import cells
from cellroad.engineering.cell import Cell
from cellroad.engineering.layout import Layout
from cellroad.engineering.mass import bodies, filled, find_cell, generic_cell, masses
from cellroad.engineering.mass.construction import constructions

USES = ("ev", "storage-residential", "portable", "light-ev", "utv", "golf-cart", "industrial", "c-and-i")
COOLINGS = ("passive", "air", "liquid", "liquid-both", "refrigerant")
LF280K = next(cell for cell in cells() if cell.cell_id == "CL001")
SMALL = [cell for cell in cells() if cell.volume_l is not None]

layouts = st.builds(Layout, st.sampled_from(SMALL), st.integers(1, 120), st.integers(1, 60))


@given(layouts, st.sampled_from(USES), st.sampled_from(COOLINGS))
@settings(max_examples=150, derandomize=True)
def test_the_mass_is_the_sum_of_the_components_and_more_than_the_cells(layout: Layout, use: str, cooling: str) -> None:
    found = masses(layout, use=use, cooling=cooling)
    assert math.isclose(found.kg, math.fsum(part.kg for part in found.parts))
    assert math.isclose(found.of("cells"), layout.cells * (filled(layout.cell)[0].mass_kg or 0), rel_tol=1e-12)
    assert found.kg > found.of("cells")
    assert math.isclose(found.frame()["share"].sum(), 1)


@given(layouts, st.sampled_from(USES))
@settings(max_examples=150, derandomize=True)
def test_every_cell_has_a_place_and_the_block_fits_into_the_box(layout: Layout, use: str) -> None:
    found = masses(layout, use=use)
    along, across, layers = found.grid
    assert found.boxes * along * across * layers >= layout.cells
    for places, pitch, block, box in zip(found.grid, found.pitch_mm, found.block_mm, found.box_mm, strict=True):
        assert math.isclose(places * pitch, block)
        assert box > block * 0.999
    assert found.litres > layout.cells * (layout.cell.volume_l or 0)
    if found.construction.shape == "flat":
        assert layers == 1
    else:
        assert layers == 1 or found.block_mm[2] <= found.construction.max_height_mm


@given(st.lists(layouts, min_size=1, max_size=12), st.sampled_from(USES), st.sampled_from(COOLINGS))
@settings(max_examples=40, derandomize=True)
def test_many_layouts_at_once_weigh_what_each_does_alone(many: list[Layout], use: str, cooling: str) -> None:
    known = list(dict.fromkeys(layout.cell for layout in many))
    at_once = bodies(
        known, np.array([known.index(layout.cell) for layout in many]), np.array([layout.series for layout in many]),
        np.array([layout.parallel for layout in many]), use=use, cooling=cooling,
    )  # fmt: skip
    for place, layout in enumerate(many):
        alone = masses(layout, use=use, cooling=cooling)
        assert math.isclose(at_once.mass_kg[place], alone.kg)
        assert math.isclose(at_once.volume_l[place], alone.litres)


@given(layouts, st.sampled_from(USES))
@settings(max_examples=60, derandomize=True)
def test_more_current_never_weighs_less(layout: Layout, use: str) -> None:
    light, heavy = (masses(layout, use=use, amps=amps).kg for amps in (50.0, 100.0))
    assert heavy > light


def test_a_16s_drawer_of_280_ah_is_what_a_sheet_of_paper_gives() -> None:
    """An independent sum: cells 16 x 5.49 kg; two end plates, two sides, 16 pads; bars; wires; boards; shell."""
    found = masses(Layout(LF280K, 16, 1), use="storage-residential", construction="CT03", amps=140.0)
    a, b, h = 71.7 + 0.8, 173.7 + 0.8, 207.2
    along, across, layers = found.grid
    length, width = max(along * a, across * b), min(along * a, across * b)
    modules = math.ceil(16 * 0.896 / 6)
    cut = max(1, round(math.sqrt(modules * length / width)))
    one, other = length / cut / 1000, width * cut / modules / 1000
    frame = modules * 2.7 * (2 * other * 0.2072 * 8 + 2 * one * 0.2072 * 1.5) * layers + 16 * 0.4 * b * h / 1e6
    assert layers == 1
    assert math.isclose(found.of("module hardware"), frame, rel_tol=1e-9)
    wider = 0.5 ** (-1 / 3)
    box = [along * a * wider / 1000, across * b * wider / 1000, h * wider / 1000]
    assert np.allclose(np.array(found.box_mm) / 1000, box)
    assert math.isclose(found.of("enclosure"), 10 * 2 * (box[0] * box[1] + box[1] * box[2] + box[0] * box[2]))
    metres = (16 * (a + 30) / 1000) + box[0] + box[1]
    assert math.isclose(found.of("busbars"), 8.96 * (140 / 3) * metres / 1000)
    assert math.isclose(found.of("harness"), 0.010 * 17 * (box[0] + box[1]) / 2)
    assert math.isclose(found.of("battery management"), 0.10 + 16 * 0.015)
    assert math.isclose(found.of("switches and fuse"), 0.10 + 0.004 * 140)
    assert math.isclose(found.of("cells"), 16 * 5.49)


def test_an_unknown_use_construction_or_cooling_is_refused() -> None:
    layout = Layout(LF280K, 16, 1)
    for arguments in ({"use": "moon"}, {"use": "ev", "construction": "CT99"}, {"use": "ev", "cooling": "ice"}):
        with pytest.raises(KeyError):
            masses(layout, **arguments)  # type: ignore[arg-type]


def test_a_use_is_built_as_its_voltage_and_its_cells_ask() -> None:
    blade = next(cell for cell in cells() if "Blade" in cell.model)
    pouch = next(cell for cell in cells() if cell.cell_id == "CL036")
    built = {
        "drawer": (Layout(LF280K, 6, 1), "storage-residential", "CT03"),
        "wall": (Layout(LF280K, 16, 1), "storage-residential", "CT05"),
        "stack": (Layout(LF280K, 32, 1), "storage-residential", "CT12"),
        "beams": (Layout(blade, 178, 1), "ev", "CT02"),
        "pouches": (Layout(pouch, 96, 3), "ev", "CT01"),
        "cans": (Layout(LF280K, 96, 1), "ev", "CT13"),
    }
    for layout, use, construction in built.values():
        assert masses(layout, use=use).construction == constructions()[construction]


@pytest.mark.parametrize(
    ("words", "chemistry", "cell_id"),
    [
        ("Samsung SDI 94Ah", "NMC", "CL035"), ("LG E78 78Ah", "NMC712", "CL036"), ("Panasonic 18650", "NCA", "CL044"),
        ("EVE LF280K", "LFP", "CL001"), ("LF280K", "LFP", "CL001"), ("Blade 138Ah", "LFP", "CL055"),
        ("Panasonic 2170", "NCA", None), ("100Ah", "LFP", None), ("unknown", "LFP", None), ("", "", None),
        ("LG 60Ah pouch", "NMC", None), ("EVE LF280K", "NMC", None),
    ],
)  # fmt: skip
def test_words_name_a_cell_or_none(words: str, chemistry: str, cell_id: str | None) -> None:
    found = find_cell(words, chemistry)
    assert (None if found is None else found.cell_id) == cell_id


@pytest.mark.parametrize("format", ["prismatic", "pouch", "cylindrical"])
@pytest.mark.parametrize("chemistry", ["LFP", "NMC", "NCA", "LTO", "Na-ion", "LMO-G", "mystery"])
def test_an_assumed_cell_is_possible_and_says_that_it_is_assumed(chemistry: str, format: str) -> None:
    for capacity in (2.5, 30.0, 300.0):
        cell = generic_cell(chemistry, format, capacity)
        assert cell.capacity_ah == capacity
        assert cell.confidence == "unverified"
        assert cell.mass_kg is not None
        assert cell.volume_l is not None
        assert 1.6 <= cell.mass_kg / cell.volume_l <= 3.2
        assert 40 <= cell.energy_wh / cell.mass_kg <= 350


def test_what_a_cell_lacks_is_filled_in_and_told() -> None:
    bare = Cell("X", "X", "Y", "LFP", "prismatic", 280.0, 3.2, None, None, None, None, None, None)
    cell, assumed = filled(bare)
    assert 4.5 < (cell.mass_kg or 0) < 6.5
    assert 1.6 <= (cell.mass_kg or 0) / (cell.volume_l or 1) <= 2.8
    assert len(assumed) == 2
    assert filled(LF280K) == (LF280K, ())
    assert set(assumed) <= set(masses(Layout(bare, 16, 1), use="portable").assumed)

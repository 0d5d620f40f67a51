"""Whoever asks for what a refusal offers gets a pack: of every way out, not only the first."""

from __future__ import annotations

import pytest

import cellroad as cr
from cellroad.engineering.design.refusal import NoPackError

HOME = {"nominal": "100V", "energy": "5kWh", "use": "storage-residential"}
IMPOSSIBLE = [
    {"mass": "20kg", "chemistry": "LFP"}, {"volume": "5 L"}, {"size": "300x200x100 mm"},
    {"power": "200kW", "chemistry": "LFP"}, {"peak_power": "900kW"}, {"charge_power": "300kW"},
    {"charge_power": "1kW", "temperature": "-15C", "chemistry": "LFP"}, {"cell": "LF280K"}, {"maker": "BYD"},
    {"years": "60 years"}, {"units": "1", "energy": "30kWh"}, {"voltage": "98-104V", "chemistry": "LFP"},
    {"energy": "12kWh", "units": "2", "mass": "15kg", "chemistry": "LFP"},
]  # fmt: skip


@pytest.mark.parametrize("words", IMPOSSIBLE, ids=lambda words: "-".join(words))
def test_every_way_out_of_a_refusal_leads_to_a_pack(words):
    with pytest.raises(NoPackError) as caught:
        cr.design(**{**HOME, **words})
    assert len(caught.value.ways) == len(caught.value.findings)
    ways = [way for way in caught.value.ways if way]
    assert ways
    for way in ways:
        assert cr.design(**{**HOME, **words, **way}).layouts.height, way


def test_a_name_that_no_cell_has_offers_no_words():
    with pytest.raises(NoPackError) as caught:
        cr.design(**HOME, maker="Nobody")
    assert caught.value.ways == ({},)

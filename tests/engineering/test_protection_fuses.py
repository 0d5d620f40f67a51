"""Fuses: the rating that a published pack took, curves that fall, energies that are never below those of the sheet."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cellroad.engineering.protection import fusing, parts

CURVED = [fuse for fuse in parts.fuses() if fusing.curve(fuse) is not None]


@pytest.mark.parametrize("loading", [0.75, 0.8])
def test_the_rule_gives_the_fuse_that_balancell_chose(loading):
    # Balancell P28: 270 A for ever, a fuse of 400 A (balancell.com, read as packs.csv PK026)
    assert fusing.standard_rating(fusing.least_rating(270, loading=loading)) == 400


def test_a_fuse_of_125_percent_guards_the_hundred_amperes_of_victron():
    # Victron LFP 51.2 V / 100 Ah: 100 A for ever; installers take 125 A by the rule of 125 %
    assert fusing.least_rating(100, loading=0.8) == pytest.approx(125)
    assert fusing.standard_rating(fusing.least_rating(100, loading=0.8)) == 125


def test_heat_takes_the_rating_away():
    assert fusing.ambient_factor(25) == 1
    assert fusing.ambient_factor(0) == 1
    assert fusing.ambient_factor(77.5) == pytest.approx(math.sqrt(0.5))
    assert fusing.ambient_factor(130) == 0
    assert fusing.least_rating(10, 140) == math.inf


def test_pulses_take_the_printed_shares():
    # Littelfuse, fuseology, chart 2
    printed = {100: 0.48, 1000: 0.38, 10_000: 0.29, 100_000: 0.22}
    assert {n: fusing.pulse_share(n) for n in printed} == pytest.approx(printed)
    assert fusing.pulse_share(1) == pytest.approx(0.48)


@pytest.mark.parametrize("fuse", CURVED, ids=lambda fuse: fuse.fuse_id)
def test_a_fuse_melts_sooner_the_more_current_it_carries(fuse):
    seconds = np.geomspace(1e-3, 3600, 200)
    currents = fusing.melting_current(fuse, seconds)
    assert np.all(np.diff(currents) < 0)


@settings(max_examples=60, derandomize=True)
@given(st.sampled_from(CURVED), st.floats(1e-3, 3500))
def test_melting_time_undoes_melting_current(fuse, seconds):
    current = fusing.melting_current(fuse, seconds)
    assert float(fusing.melting_time(fuse, current)) == pytest.approx(seconds, rel=1e-6)


@settings(max_examples=60, derandomize=True)
@given(st.sampled_from(CURVED), st.floats(1.5, 100))
def test_a_fuse_never_lets_less_through_than_it_takes_to_melt(fuse, multiple):
    current = multiple * fuse.rated_a
    through, seconds = fusing.let_through(fuse, current), fusing.melting_time(fuse, current)
    assert through >= current**2 * seconds * (1 - 1e-12)
    assert through >= fuse.clearing_a2s


def test_a_fuse_carries_what_it_holds():
    fuse = CURVED[0]
    assert fusing.melting_time(fuse, fuse.holds * fuse.rated_a * 0.999) == np.inf


def test_the_square_body_tells_what_was_printed():
    # Bussmann 170M2721, document 720018: 400 A, 18,000 A2s to melt, 125,000 A2s in all
    fuse = next(fuse for fuse in parts.fuses() if fuse.fuse_id == "FU-SQ-400")
    assert (fuse.melting_a2s, fuse.clearing_a2s, fuse.confidence) == (18_000, 125_000, "reported")
    assert fuse.rated_v is None

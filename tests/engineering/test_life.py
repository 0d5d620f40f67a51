"""Life of cells: published equations, boxes that refuse, bands, and the laws that models keep."""

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cellroad.chain import facts
from cellroad.engineering.catalogue import cells
from cellroad.engineering.layout import Layout
from cellroad.engineering.life import climate, equal_temperature, hourly, life, steady
from cellroad.engineering.life.growth import Power, Sigmoid
from cellroad.engineering.life.marching import march
from cellroad.engineering.life.models import EQUATIONS, models
from cellroad.engineering.life.stress import stress

CELL = {cell.cell_id: cell for cell in cells()}
LFP = CELL["CL001"]
FAMILY = {family: next(cell for cell in cells() if cell.family == family) for family in ("LFP", "NMC", "NCA", "LTO")}
MODELS = {model.name: model for family in FAMILY for model in models(family)}
DUTIES = {"half": (0.8, 0.5, 0.5), "slow": (0.8, 0.25, 0.4), "full": (0.95, 0.2, 0.5)}
RECORD = list(csv.DictReader((Path(__file__).parent / "blast_lite.csv").open()))
"""Answers of BLAST-Lite, written by `benchmarks/life.py --record`, which runs it live."""


@pytest.mark.parametrize("name", sorted({row["model"] for row in RECORD}))
def test_capacity_and_resistance_are_those_of_the_published_equations(name):
    for row in (row for row in RECORD if row["model"] == name):
        depth, charge, discharge = DUTIES[row["duty"]]
        use = steady(
            cycles_per_day=1, depth=depth, charge_rate=charge, discharge_rate=discharge,
            temperature_c=float(row["celsius"]),
        )  # fmt: skip
        model = MODELS[name]
        run = march(model, use, use.cycles(), 10, np.ones(1), resting=model.resting, deepens=lambda health: 1.0)
        assert run.health[-1, 0] == pytest.approx(float(row["capacity"]), rel=5e-3)
        if row["resistance"]:
            assert run.resistance[-1, 0] == pytest.approx(float(row["resistance"]), rel=5e-3)


def steady_run(name, use, years=4):
    model = MODELS[name]
    return march(model, use, use.cycles(), years, np.ones(1), resting=False, deepens=lambda health: 1.0)


def test_naumann_is_its_printed_formula():
    use = steady(cycles_per_day=1, depth=1.0, charge_rate=0.5, discharge_rate=0.5, temperature_c=35)
    seconds, kelvin = 4 * 365 * 86400, 308.15
    day = np.linspace(0, 4, 100_001)
    soc = np.where(day < 2, 1 - day / 2, day / 2 - 1)
    swing = (np.mean(2.8575 * (soc - 0.5) ** 3 + 0.60225) * 4 + 20 * 0.60225) / 24
    calendar = 1.2571e-5 * np.exp(-17126 / 8.3144598 * (1 / kelvin - 1 / 298.15)) * swing * seconds**0.5
    cycles = (0.0630 * 0.5 + 0.0971) * (4.0253 * 0.4**3 + 1.0923) / 100 * (4 * 365) ** 0.5
    assert steady_run("lfp-naumann", use).health[-1, 0] == pytest.approx(1 - calendar - cycles, abs=2e-5)


def test_wang_is_its_printed_formula_at_the_rates_that_were_tested():
    for rate, factor in ((0.5, 31630.0), (2.0, 21681.0)):
        use = steady(cycles_per_day=2, depth=0.8, charge_rate=rate, discharge_rate=rate, temperature_c=30)
        throughput = 4 * 365 * 2 * 0.8 * 2.0
        lost = factor * np.exp((-31700 + 370.3 * rate) / (8.314 * 303.15)) * throughput**0.55 / 100
        calendar = 1 - steady_run("lfp-naumann", use).health[-1, 0]
        naumann = (0.0630 * rate + 0.0971) * (4.0253 * 0.2**3 + 1.0923) / 100 * (4 * 365 * 1.6) ** 0.5
        both = 1 - steady_run("lfp-wang", use).health[-1, 0]
        assert both == pytest.approx(calendar - naumann + lost, rel=1e-6)


def test_schimpe_is_its_printed_formula_in_the_cold():
    use = steady(cycles_per_day=1, depth=0.6, charge_rate=0.5, discharge_rate=0.5, temperature_c=5, mean_soc=0.4)
    kelvin, years = 278.15, 4
    warm = lambda energy: np.exp(-energy / 8.3144598 * (1 / kelvin - 1 / 298.15))  # noqa: E731
    taken = 3.0 * 0.6 * 365 * years
    cycles = 1.46e-4 * warm(3.27e4) * (2 * taken) ** 0.5 + 4.01e-4 * warm(-5.55e4) * np.exp(2.64 * -0.5) * taken**0.5
    model = MODELS["lfp-schimpe"]
    losses = {
        loss.state: loss.law.after(0.0, 1.0) for loss in model.losses(stress(use, use.cycles(), 1.0, resting=False))
    }
    assert (losses["warm cycles"] + losses["cold cycles"]) * years**0.5 == pytest.approx(cycles, rel=1e-6)
    assert losses["cold and full"] == 0


def test_a_year_with_seasons_is_that_of_blast_lite():
    """LFP above 250 Ah, 26 °C with seasons of 4 and days of 1 °C: BLAST-Lite 1.1.1 by `benchmarks/life.py`."""
    hours = np.arange(8760.0)
    corners = np.cumsum([0, 1.6, 10.4, 1.6, 10.4])
    celsius = 26 + 4 * np.sin(2 * np.pi * (hours / 8760 - 0.25)) + np.sin(2 * np.pi * hours / 24)
    history = pl.DataFrame({"soc": np.interp(hours % 24, corners, [0.9, 0.1, 0.1, 0.9, 0.9]), "temperature_c": celsius})
    told = life(LFP, history=history, years=10).curves.filter(model="lfp-large-prismatic", year=10)
    assert told["likely"][0] == pytest.approx(0.8898, rel=5e-3)


@pytest.mark.parametrize(("asked", "variable"), [
    ({"temperature_c": 50.0}, "temperature"),
    ({"temperature_c": 25.0, "depth": 0.5}, "depth"),
    ({"charge_rate": 0.9}, "charge rate"),
    ({"discharge_rate": 1.5}, "discharge rate"),
])  # fmt: skip
def test_a_use_outside_the_box_is_refused_with_the_bound_it_passes(asked, variable):
    told = life(LFP, **asked)
    assert "lfp-large-prismatic" not in set(told.curves["model"])
    line = next(line for line in told.refusals if line.startswith("lfp-large-prismatic"))
    assert variable in line
    assert "allowed" in line


def test_a_season_outside_the_box_is_refused_though_its_mean_is_inside():
    told = life(LFP, temperature_c=[0.0, *[25.0] * 11])
    assert "lfp-large-prismatic: temperature 0 to 25 °C, allowed 10 to 45" in told.refusals


def test_what_is_shown_outside_the_box_is_marked_and_holds_the_edge():
    told = life(LFP, temperature_c=50.0, widen=True)
    row = told.curves.filter(model="lfp-large-prismatic", year=10)
    edge = life(LFP, temperature_c=45.0).curves.filter(model="lfp-large-prismatic", year=10)
    assert row["box"][0] == "outside"
    assert row["low"][0] < edge["likely"][0] < row["high"][0]
    assert told.refusals


def test_no_published_model_is_unknown_and_not_a_number():
    sodium = CELL["CL056"]
    told = life(replace(sodium, cycle_life=4000.0, cycle_conditions="to 80 %"))
    assert not told.known
    assert told.retention(10) is None
    assert told.claim().rows() == [("the maker", 4000.0, 4000.0, "to 80 %")]
    assert "no published model" in told.assumptions[0]


@pytest.mark.parametrize("family", sorted(FAMILY))
def test_the_band_holds_the_likely_and_is_never_one_number(family):
    told = life(FAMILY[family], temperature_c=32.0, charge_rate=0.4, years=8)
    assert told.known
    later = told.curves.filter(pl.col("year") > 0)
    assert (later["low"] < later["likely"]).all()
    assert (later["likely"] < later["high"]).all()
    assert (told.band()["low"] <= told.band()["likely_low"]).all()


def test_two_or_more_models_speak_of_lfp_nmc_and_nca():
    for family in ("LFP", "NMC", "NCA"):
        assert len(models(family)) >= 2
    assert set(EQUATIONS) == set(facts.table("life_models")["model"])


def test_a_pack_lives_shorter_than_its_cells_by_the_marked_part():
    cell = life(LFP, years=30).curves
    pack = life(Layout(LFP, 16, 1), years=30)
    assert any("pack" in line for line in pack.assumptions)
    for (model,), curve in cell.group_by("model"):
        mine = pack.curves.filter(model=model)
        at = np.interp(15 / 0.75, curve["year"], curve["likely"])
        assert at == pytest.approx(mine.filter(year=15)["likely"][0], abs=0.012)


@settings(max_examples=25, derandomize=True)
@given(
    family=st.sampled_from(sorted(FAMILY)), depth=st.floats(0.8, 0.9), times=st.floats(0.3, 1.5),
    more=st.floats(1.05, 2.0), celsius=st.floats(30.0, 35.0),
)  # fmt: skip
def test_more_cycles_of_the_same_kind_never_leave_more_capacity(family, depth, times, more, celsius):
    """Over one rate reading for both, since the mean rate over all hours rises with the number of cycles."""
    for model in models(family):
        uses = [
            steady(cycles_per_day=n, depth=depth, charge_rate=0.5, discharge_rate=1.0, temperature_c=celsius,
                   rest_full=0.5)
            for n in (times, times * more)
        ]  # fmt: skip
        cycled = []
        for use in uses:
            worn = stress(use, use.cycles(), 1.0, resting=False)
            losses = [loss for loss in model.losses(worn) if "cycles" in loss.state and loss.measure == "capacity"]
            cycled.append(sum(loss.law.after(loss.begins, 1.0) for loss in losses))
        assert cycled[1] >= cycled[0] - 1e-12


@settings(max_examples=30, derandomize=True)
@given(family=st.sampled_from(sorted(FAMILY)), celsius=st.floats(30.0, 35.0), years=st.integers(2, 12))
def test_capacity_never_comes_back(family, celsius, years):
    told = life(FAMILY[family], temperature_c=celsius, charge_rate=0.4, years=years)
    for _, curve in told.curves.filter(pl.col("model") != "lto-bank").group_by("model"):
        for edge in ("low", "likely", "high"):
            assert (curve.sort("year")[edge].diff().drop_nulls() <= 1e-12).all()


@settings(max_examples=20, derandomize=True)
@given(cool=st.floats(20.0, 35.0), warmer=st.floats(1.0, 5.0), soc=st.floats(0.45, 0.55))
def test_warmth_costs_calendar_life_in_every_model_of_lfp(cool, warmer, soc):
    for model in models("LFP"):
        lost = []
        for celsius in (cool, cool + warmer):
            use = steady(
                cycles_per_day=1, depth=0.8, charge_rate=0.5, discharge_rate=0.5, temperature_c=celsius, mean_soc=soc
            )
            losses = model.losses(stress(use, use.cycles(), 1.0, resting=False))
            lost.append(next(loss.law.after(0.0, 1.0) for loss in losses if loss.state == "calendar"))
        assert lost[1] > lost[0]


def test_the_large_prismatic_model_itself_breaks_the_law_of_warmth_as_told():
    """Its cycles wear more in the cold: 10 years at 15 °C leave less than at 25 °C (BLAST-Lite: 0.874 and 0.883)."""
    left = [
        life(LFP, temperature_c=celsius, years=10).curves.filter(model="lfp-large-prismatic", year=10)["likely"][0]
        for celsius in (15.0, 25.0)
    ]
    assert left[0] < left[1]
    assert "low temperature" in life(LFP).models.filter(model="lfp-large-prismatic")["limits"][0]


@settings(max_examples=60, derandomize=True)
@given(
    parts=st.lists(st.tuples(st.floats(1e-6, 1e-2), st.floats(0.1, 50.0)), min_size=1, max_size=8),
    exponent=st.floats(0.3, 1.2),
)
def test_a_power_law_forgets_the_order_of_its_parts_and_agrees_with_small_steps(parts, exponent):
    rate, step = (np.array(column) for column in zip(*parts, strict=True))
    whole = Power(rate, step, exponent).after(0.0, 1.0)
    assert Power(rate[::-1], step[::-1], exponent).after(0.0, 1.0) == pytest.approx(whole, rel=1e-9)
    loss = 0.0
    for one, by in parts:
        loss = Power(np.array([one]), np.array([by]), exponent).after(loss, 1.0)
    assert loss == pytest.approx(whole, rel=1e-6)


def test_a_sigmoid_goes_on_where_it_stopped():
    law = Sigmoid(np.array([0.4]), np.array([0.01]), np.array([0.8]), np.array([30.0]))
    half = Sigmoid(law.limit, law.rate, law.exponent, law.step / 2)
    assert half.after(half.after(0.0, 1.0), 1.0) == pytest.approx(law.after(0.0, 1.0), rel=1e-12)


def test_a_steady_duty_is_its_own_hourly_history():
    corners = np.cumsum([0, 2, 10, 2, 10])
    day = np.interp(np.arange(24.0), corners, [0.9, 0.1, 0.1, 0.9, 0.9])
    history = pl.DataFrame({"soc": np.tile(day, 3), "temperature_c": np.full(72, 25.0)})
    by_hour = life(LFP, history=history, years=10).curves
    by_duty = life(LFP, charge_rate=0.4, discharge_rate=0.4, years=10).curves
    # An hour is coarse for the potential of the anode near empty.
    assert by_hour["likely"].to_numpy() == pytest.approx(by_duty["likely"].to_numpy(), abs=1.5e-3)


def test_throughput_of_a_warranty_is_what_the_duty_asks_for():
    told = life(LFP, cycles_per_day=1, depth=0.8, years=20)
    kept = told.warranty(0.8)
    early = kept.filter(~pl.col("beyond").str.contains("low"))
    assert not early.is_empty()
    for row in early.iter_rows(named=True):
        assert row["mwh_per_kwh_low"] == pytest.approx(row["years_low"] * 365 * 0.8 / 1000, rel=0.01)
        assert row["years_low"] <= row["years_likely"] <= row["years_high"]


def test_the_claim_of_the_maker_stands_beside_the_models():
    told = life(LFP).claim()
    assert told.row(0) == ("the maker", LFP.cycle_life, LFP.cycle_life, LFP.cycle_conditions)
    assert told.height == 1 + len(models("LFP"))


@pytest.mark.parametrize(("asked", "told"), [
    ({"charge_rate": 0.1, "discharge_rate": 0.05, "cycles_per_day": 2}, "takes 24 h at these rates and there are 12 h"),
    ({"depth": 0.9, "mean_soc": 0.6}, "does not fit around"),
    ({"cycles_per_day": 0}, "above 0"),
    ({"temperature_c": [20.0, 30.0]}, "twelve monthly means"),
    ({"years": 0}, "at least 1"),
    ({"history": pl.DataFrame({"soc": [0.5] * 25, "temperature_c": [20.0] * 25})}, "whole days"),
    ({"history": pl.DataFrame({"soc": [1.5] * 24, "temperature_c": [20.0] * 24})}, "from 0 to 1"),
    ({"history": pl.DataFrame({"charge": [0.5] * 24})}, "columns soc and temperature_c"),
])  # fmt: skip
def test_a_duty_that_cannot_be_is_told_in_words(asked, told):
    with pytest.raises(ValueError, match=told):
        life(LFP, **asked)


def test_an_hourly_history_of_rest_has_calendar_ageing_only():
    use = hourly(pl.DataFrame({"soc": np.full(48, 0.6), "temperature_c": np.full(48, 25.0)}))
    assert use.cycles().depth.size == 0
    told = life(LFP, history=pl.DataFrame({"soc": np.full(48, 0.6), "temperature_c": np.full(48, 25.0)}), years=5)
    kept = told.curves.filter(model="lfp-naumann", year=5)["likely"][0]
    calendar = 1.2571e-5 * (2.8575 * 0.1**3 + 0.60225) * (5 * 365 * 86400) ** 0.5
    assert kept == pytest.approx(1 - calendar, abs=1e-9)


def test_cells_are_as_warm_as_their_place_within_what_heating_and_cooling_keep():
    assert len(climate("Phoenix")) == 12
    kept = climate("Detroit", least=10, most=35, rise=3)
    assert min(kept) == 10
    assert max(kept) == pytest.approx(max(climate("Detroit")) + 3)
    assert not life(LFP, temperature_c=climate("Detroit")).known
    assert life(LFP, temperature_c=kept).known
    with pytest.raises(KeyError, match="there are Houston"):
        climate("Atlantis")


@settings(max_examples=50, derandomize=True)
@given(celsius=st.lists(st.floats(-20, 60), min_size=1, max_size=24), energy=st.floats(15_000, 90_000))
def test_the_equal_temperature_lies_between_the_mean_and_the_warmest(celsius, energy):
    kelvin = np.array(celsius) + 273.15
    equal = equal_temperature(np.array(celsius), energy)
    assert 1 / np.mean(1 / kelvin) - 273.15 - 1e-6 <= equal <= max(celsius) + 1e-6
    pace = np.mean(np.exp(-energy / 8.3144598 / kelvin))
    assert np.exp(-energy / 8.3144598 / (equal + 273.15)) == pytest.approx(pace, rel=1e-9)

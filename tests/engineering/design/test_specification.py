"""What is asked is read with its units, and everything that is wrong with it is told at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cellroad.chain import examples
from cellroad.chain.finding import ChainError
from cellroad.engineering.design.specification import KEYS, read, specified
from cellroad.engineering.design.units import KINDS, quantity, size, window
from cellroad.engineering.design.uses import USES

LEAST = {"nominal": "100 V", "energy": "5 kWh", "use": "storage-residential"}


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("100V", "V", 100), ("0.1 kV", "V", 100), ("5kWh", "kWh", 5), ("5000 Wh", "kWh", 5), ("2.5MWh", "kWh", 2500),
        ("-10C", "degC", -10), ("100 lb", "kg", 45.359237), (7, "kW", 7), ("1e3W", "kW", 1), ("10 min", "s", 600),
        ("12 in", "mm", 304.8),
    ],
)  # fmt: skip
def test_a_quantity_is_a_number_and_a_unit_of_its_kind(text, kind, value):
    assert quantity(text, kind) == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize("text", ["100A", "V", "1,000 V", "100 V V", "", "ten V", "100 v", "nan V", True, None, "1e V"])
def test_what_is_not_a_voltage_is_refused(text):
    with pytest.raises(ValueError):
        quantity(text, "V")


@given(st.floats(0.001, 1e6, allow_nan=False), st.sampled_from([(k, u) for k, us in KINDS.items() for u in us if u]))
def test_a_number_in_any_unit_is_as_many_times_the_first_unit(number, of):
    kind, unit = of
    assert quantity(f"{number!r} {unit}", kind) == pytest.approx(number * KINDS[kind][unit], rel=1e-12)


@pytest.mark.parametrize("text", ["80-116.8 V", "80 V - 116.8 V", "80..116.8V", "80 to 116.8 V", [80, "116.8 V"]])
def test_a_range_has_two_ends(text):
    assert window(text, "V") == (80, 116.8)


def test_a_size_has_three_sides_in_one_unit():
    assert size("60 x 40 x 20 cm") == size([600, 400, 200]) == (600, 400, 200)


def test_a_specification_says_what_it_assumed():
    spec = specified(**LEAST)
    assert spec.nominal == pytest.approx((95, 105))
    assert spec.energy == (5, 6.25)
    assert spec.power == 5 / USES["storage-residential"].hours
    told = " ".join(spec.assumed)
    assert all(word in told for word in ("energy", "nominal voltage", "power", "cooling", "cycles"))
    whole = specified(**{**LEAST, "energy": "5-6 kWh", "nominal": "96-105 V"})
    assert (whole.energy, whole.nominal) == ((5, 6), (96, 105))
    assert "energy: from" not in " ".join(whole.assumed)


def test_everything_wrong_is_told_at_once():
    words = {"nominal": "100A", "enrgy": "5kWh", "use": "residential", "power": "-3kW", "size": "3x4",
             "voltage": "9-3V", "units": 0, "cooling": "water", "maker": 3}  # fmt: skip
    with pytest.raises(ChainError) as caught:
        specified(**words)
    told = {finding.column: finding for finding in caught.value.findings}
    assert told.keys() == {*words, "energy"}
    assert told["enrgy"].mend == "Did you mean 'energy'?"
    assert told["use"].mend == "Did you mean 'storage-residential'?"
    assert all(finding.expected and finding.mend and finding.table == "specification" for finding in told.values())


@pytest.mark.parametrize("value", [None, 1, -1, "", "x", [], {}, [1, 2, 3], True, 1e400, "1 V", "-1-5 kWh"])
@pytest.mark.parametrize("key", list(KEYS))
def test_no_value_of_any_key_gives_a_traceback(key, value):
    try:
        specified(**{**LEAST, key: value})
    except ChainError as error:
        assert error.findings


def test_values_that_clash_are_told():
    with pytest.raises(ChainError, match="inside the limits"):
        specified(**{**LEAST, "voltage": "200-300V"})
    with pytest.raises(ChainError, match="not below what is drawn"):
        specified(**{**LEAST, "power": "5kW", "peak_power": "3kW"})


def test_a_file_that_is_not_toml_is_told(tmp_path):
    (tmp_path / "bad.toml").write_text("energy 5 kWh")
    with pytest.raises(ChainError, match="TOML"):
        read(tmp_path / "bad.toml")
    with pytest.raises(ChainError, match="golf-cart"):
        read("golf-car")


def test_the_tutorial_tells_every_key_as_it_is_declared():
    page = (Path(__file__).parents[3] / "docs" / "tutorial-pack.md").read_text(encoding="utf-8")
    assert [key for key, (_, how, what) in KEYS.items() if f"| `{key}` | {what} | {how} |" not in page] == []


@pytest.mark.parametrize("name", list(examples.packs()))
def test_a_shipped_specification_is_read_by_name_and_by_path(name):
    assert read(name) == read(examples.packs()[name])
    assert read(name, energy="7 kWh").energy[0] == 7

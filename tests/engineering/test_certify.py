"""Certification: what a product needs, in which order, what is unknown, and what a change repeats."""

import datetime as dt
from dataclasses import replace

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cellroad.chain import facts
from cellroad.chain.chain import Chain
from cellroad.chain.check import check
from cellroad.engineering.catalogue import cells
from cellroad.engineering.certify import (
    REGIONS,
    USES,
    Product,
    certificates,
    certify,
    changes,
    dwelling,
    milestones,
    recertify,
)
from cellroad.plan.schedule.critical import critical_path
from cellroad.plan.schedule.of_chain import tasks

CELL = {cell.cell_id: cell for cell in cells()}
HOME = Product(
    "storage-residential", energy_kwh=10, mass_kg=110, voltage_v=58, cell=CELL["CL001"], layout="16s1p", inverter=False,
    by_air=False,
)  # fmt: skip


def answers(product, **asked):
    return dict(certify(product, **asked).select("step", "answer").iter_rows())


def needed(product):
    return {step for step, answer in answers(product).items() if answer == "needed"}


def test_home_storage_in_the_us_needs_its_battery_its_fire_test_and_its_system():
    assert needed(HOME) == {
        "UN 38.3 cell", "UN 38.3 pack", "UL 1973 cell", "UL 1973 pack", "UL 9540A cell", "UL 9540A module",
        "UL 9540A unit", "UL 9540 system", "NFPA 855 installation", "IRC R328 installation",
    }  # fmt: skip


def test_a_portable_station_needs_ul_2743_and_not_ul_1973():
    asked = answers(Product("portable", energy_kwh=3, mass_kg=30, cell=CELL["CL001"]))
    assert asked["UL 2743 pack"] == "needed"
    assert asked["UL 1973 pack"] == asked["UL 9540 system"] == "not needed"


def test_a_fire_test_is_a_test_method_and_no_listing():
    kinds = dict(certify(HOME).select("step", "kind").iter_rows())
    assert {kinds[f"UL 9540A {level}"] for level in ("cell", "module", "unit")} == {"test method"}


def test_what_is_not_known_is_unknown_with_the_question_that_settles_it():
    steps = certify(replace(HOME, inverter=None))
    row = steps.filter(step="UL 1741 inverter").row(0, named=True)
    assert (row["answer"], row["missing"]) == ("unknown", "whether it has an inverter inside")
    assert answers(replace(HOME, inverter=True))["UL 1741 inverter"] == "needed"
    assert answers(HOME)["UL 1741 inverter"] == "not needed"


@pytest.mark.parametrize(("light", "wanted"), [
    (None, ("unknown", "unknown")), (True, ("needed", "not needed")), (False, ("not needed", "needed")),
])  # fmt: skip
def test_a_side_by_side_needs_one_of_two_standards_and_a_laboratory_says_which(light, wanted):
    asked = answers(Product("utv", energy_kwh=15, mass_kg=120, cell=CELL["CL001"], light_class=light))
    assert (asked["UL 2271 pack"], asked["UL 2580 pack"]) == wanted


def test_golf_cart_road_vehicle_and_truck():
    assert "UL 2271 pack" in needed(Product("golf-cart", energy_kwh=5, mass_kg=50, cell=CELL["CL001"]))
    assert "UL 2580 pack" in needed(Product("industrial", energy_kwh=20, mass_kg=250, cell=CELL["CL001"]))
    car = Product("ev", energy_kwh=60, mass_kg=400, cell=CELL["CL001"], regions=("EU", "CN"))
    assert {"ECE R100 pack", "GB 38031-2025 pack"} <= needed(car)
    assert answers(car)["ECE R136 pack"] == "not needed"


@pytest.mark.parametrize(("use", "energy", "mass", "answer"), [
    ("storage-residential", 2.0, 25.0, "not needed"),
    ("storage-residential", 2.1, 25.0, "needed"),
    ("portable", 3.0, 30.0, "needed"),
    ("portable", 1.0, 12.0, "not needed"),
    ("light-ev", 0.5, 4.0, "needed"),
    ("ev", 60.0, 400.0, "needed"),
    ("storage-residential", None, 25.0, "unknown"),
])  # fmt: skip
def test_the_passport_follows_the_category_of_the_battery(use, energy, mass, answer):
    product = Product(use, energy_kwh=energy, mass_kg=mass, regions=("EU",), on_road=False, cell=CELL["CL001"])
    assert answers(product)["EU battery passport pack"] == answer


def test_the_passport_is_not_needed_the_day_before_it_is():
    product = replace(HOME, regions=("EU",))
    assert answers(product, on="2027-02-17")["EU battery passport pack"] == "not needed"
    assert answers(product, on="2027-02-18")["EU battery passport pack"] == "needed"
    assert answers(product)["EU battery passport pack"] == "needed"


def test_sodium_has_un_numbers_of_its_own():
    sodium = replace(HOME, cell=CELL["CL056"])
    assert answers(sodium)["UN3551/3552 sodium-ion shipment"] == "needed"
    assert answers(HOME)["UN3551/3552 sodium-ion shipment"] == "not needed"


def test_every_answer_names_rows_that_are_there_and_no_number_is_made_up():
    ids = {row_id for name in facts.names() for row_id in facts.table(name).to_series(0)}
    for row in certify(HOME).iter_rows(named=True):
        assert set(row["rows"].split(";")) <= ids
        assert row["because"]
        assert (row["weeks_low"] is None) == (row["weeks_high"] is None)


PRODUCTS = st.builds(
    Product,
    use=st.sampled_from(USES),
    energy_kwh=st.none() | st.floats(0.1, 100),
    mass_kg=st.none() | st.floats(1, 900),
    regions=st.lists(st.sampled_from(REGIONS), min_size=1, max_size=3, unique=True).map(tuple),
    cell=st.none() | st.sampled_from([CELL["CL001"], CELL["CL056"], CELL["CL035"]]),
    on_road=st.none() | st.booleans(),
    inverter=st.none() | st.booleans(),
    light_class=st.none() | st.booleans(),
)


@settings(max_examples=40, derandomize=True)
@given(PRODUCTS)
def test_steps_come_in_an_order_that_can_be_walked(product):
    steps = certify(product)
    before = {row["step"]: {name for name in row["after"].split(";") if name} for row in steps.iter_rows(named=True)}
    asked = set(steps.filter(pl.col("answer") != "not needed")["step"])
    assert all(earlier <= asked for earlier in before.values())
    done: set[str] = set()
    while ready := {step for step in before if step not in done and before[step] <= done}:
        done |= ready
    assert done == set(before)


@settings(max_examples=40, derandomize=True)
@given(PRODUCTS, st.sampled_from(REGIONS))
def test_selling_in_one_more_place_never_takes_a_need_away(product, region):
    wider = replace(product, regions=tuple(dict.fromkeys((*product.regions, region))))
    assert needed(product) <= needed(wider)


@settings(max_examples=40, derandomize=True)
@given(PRODUCTS, st.floats(0.1, 100), st.floats(1, 900), st.booleans(), st.booleans(), st.booleans())
def test_what_one_finds_out_settles_unknowns_and_never_turns_an_answer(product, energy, mass, road, inverter, light):
    told = replace(
        product, energy_kwh=product.energy_kwh or energy, mass_kg=product.mass_kg or mass,
        on_road=road if product.on_road is None and product.road is None else product.on_road,
        inverter=inverter if product.inverter is None else product.inverter,
        light_class=light if product.light_class is None else product.light_class,
        cell=product.cell or CELL["CL001"], by_air=False, adopts_2026=False,
        national_marks=False,
    )  # fmt: skip
    before, after = answers(product), answers(told)
    assert all(after[step] == answer for step, answer in before.items() if answer != "unknown")
    assert "unknown" not in after.values()


def test_thirty_kilowatt_hours_in_one_box_at_home_is_too_much_and_two_of_fifteen_are_offered():
    found = dwelling(replace(HOME, energy_kwh=30))
    assert found.select("of", "found_kwh", "allowed_kwh", "mend").row(0) == ("unit", 30.0, 20.0, "2 x 15 kWh")
    assert dwelling(replace(HOME, energy_kwh=15), units=2).is_empty()
    assert dwelling(replace(HOME, energy_kwh=20)).is_empty()


def test_a_home_holds_less_indoors_than_in_its_garage():
    three = replace(HOME, energy_kwh=15)
    assert dwelling(three, units=3)["place"].to_list() == ["indoors"]
    assert dwelling(three, units=3, place="garage").is_empty()
    assert dwelling(three, units=6, place="garage")["mend"].to_list() == ["at most 5 of these units there"]
    assert dwelling(Product("c-and-i", energy_kwh=200)).is_empty()


def test_another_cell_repeats_what_names_it_and_nothing_that_does_not():
    again = recertify(HOME, replace(HOME, cell=CELL["CL002"]))
    told = dict(again.select("step", "answer").iter_rows())
    assert all(told[f"UL 9540A {level}"] == "needed" for level in ("cell", "module", "unit"))
    assert told["UL 1973 pack"] == told["UL 9540 system"] == told["UN 38.3 cell"] == "needed"
    assert told["UN 38.3 pack"] == "unknown"
    assert told["IRC R328 installation"] == "not needed"


def test_a_pack_of_a_fifth_more_energy_is_a_new_type_for_transport():
    more = lambda share: replace(HOME, energy_kwh=10 * (1 + share))  # noqa: E731
    assert recertify(HOME, more(0.2)).filter(step="UN 38.3 pack")["answer"].to_list() == ["not needed"]
    assert recertify(HOME, more(0.21)).filter(step="UN 38.3 pack")["answer"].to_list() == ["needed"]
    assert changes(HOME, replace(HOME, voltage_v=50)) == {}


def test_nothing_changed_repeats_nothing_and_a_new_market_asks_for_its_own():
    assert set(recertify(HOME, HOME)["answer"]) == {"not needed"}
    told = dict(recertify(HOME, replace(HOME, regions=("US", "EU"))).select("step", "answer").iter_rows())
    assert told["IEC 62619 pack"] == "needed"
    assert told["UL 1973 pack"] == "not needed"


def test_what_is_held_takes_no_time_and_no_money():
    steps = certify(HOME, held=["UN 38.3 cell"])
    row = steps.filter(step="UN 38.3 cell").row(0, named=True)
    assert (row["answer"], row["held"], row["weeks_high"], row["cost_usd_high"]) == ("needed", True, 0.0, 0.0)
    with pytest.raises(ValueError, match="no step UN 38"):
        certify(HOME, held=["UN 38"])


def test_milestones_are_rows_of_a_chain_in_order_and_as_long_as_the_weeks():
    steps = certify(HOME, held=["UN 38.3 cell"])
    rows = milestones(steps, start="2026-12-01", partner="P1", calendar="US")
    chain = Chain.of("certification", milestones=rows.with_columns(partner=pl.lit(None, pl.String)))
    assert not [finding for finding in check(chain) if finding.table == "milestones"]
    by_name = {row["name"]: row for row in rows.iter_rows(named=True)}
    assert "UN 38.3 cell" not in by_name
    assert "NFPA 855 installation" not in by_name
    system = by_name["UL 9540 system"]
    assert set(system["after"].split(";")) == {by_name[n]["milestone"] for n in ("UL 1973 pack", "UL 9540A unit")}
    assert (system["low_days"], system["high_days"]) == (60, 130)
    assert system["starts"] == dt.date(2026, 12, 1)


def test_the_schedule_finds_the_longest_way_to_the_last_certificate():
    rows = milestones(certify(HOME, held=["UN 38.3 cell"]), start="2026-12-01")
    work = tasks(Chain.of("certification", milestones=rows))
    path = critical_path(work, dt.date(2026, 12, 1))
    names = dict(rows.select("milestone", "name").iter_rows())
    days = dict(rows.select("name", "days").iter_rows())
    fire = sum(days[f"UL 9540A {level}"] for level in ("cell", "module", "unit"))
    battery = max(days["UN 38.3 pack"], days["UL 1973 cell"]) + days["UL 1973 pack"]
    took = (path.finish - dt.date(2026, 12, 1)).days + 1
    assert took == pytest.approx(max(fire, battery) + days["UL 9540 system"], abs=4)
    assert names[path.critical[-1]] == "UL 9540 system"


def test_certificates_are_rows_of_a_chain_one_a_standard():
    rows = certificates(certify(HOME), "pack-1")
    assert rows["standard"].is_unique().all()
    assert set(rows["item"]) == {"pack-1"}
    fire = rows.filter(standard="UL 9540A").row(0, named=True)
    assert (fire["weeks"], fire["cost_usd"]) == (pytest.approx(14.0), pytest.approx(225_000.0))


@pytest.mark.parametrize(("asked", "told"), [
    ({"use": "boat"}, "no use 'boat'; there are storage-residential"),
    ({"use": "ev", "regions": ("Mars",)}, "regions Mars; there are US"),
    ({"use": "ev", "regions": ()}, "regions none"),
    ({"use": "ev", "energy_kwh": -1}, "energy_kwh must be above 0"),
])  # fmt: skip
def test_a_product_that_cannot_be_is_told_in_words(asked, told):
    with pytest.raises(ValueError, match=told):
        Product(**asked)


def test_a_pack_of_unknown_mass_is_tested_for_transport_all_the_same():
    light, heavy, unknown = (
        certify(replace(HOME, mass_kg=mass)).filter(step="UN 38.3 pack").row(0, named=True) for mass in (11, 13, None)
    )
    assert light["answer"] == heavy["answer"] == unknown["answer"] == "needed"
    assert (light["samples"], heavy["samples"]) == ("16 packs", "8 packs")

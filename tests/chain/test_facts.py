import datetime as dt

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cellroad.chain import facts

DATED = [name for name in facts.names() if "known_from" in facts.table(name).columns]
DAYS = st.dates(dt.date(2018, 1, 1), dt.date(2028, 12, 31))


@pytest.mark.parametrize("name", facts.names())
def test_every_row_names_a_source_that_exists(name: str) -> None:
    unknown = set(facts.table(name)["source_id"]) - set(facts.sources()["source_id"])
    assert not unknown
    assert facts.table(name)["confidence"].null_count() == 0


def test_an_id_stands_for_one_row_of_one_table() -> None:
    ids = [row_id for name in facts.names() for row_id in facts.table(name).to_series(0)]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(("row_id", "table", "column", "value"), [
    ("PL020", "plants", "name", "Kandi-CBAK US pack JV"),
    ("TR023", "tariffs", "rate_pct", 25.0),
    ("LN01", "lanes", "destination_unlocode", "USLGB"),
    ("lfp", "chemistries", "v_nom", 3.2),
    ("T09", "sources", "confidence", "verified"),
])  # fmt: skip
def test_a_figure_can_be_followed_to_its_row(row_id: str, table: str, column: str, value: object) -> None:
    found, row = facts.find(row_id)
    assert (found, row[column]) == (table, value)


def test_an_unknown_id_is_told_with_examples() -> None:
    with pytest.raises(KeyError, match="no fact 'XX999'; ids look like TR023"):
        facts.find("XX999")
    with pytest.raises(KeyError, match="no fact table 'tarifs'; there are tariffs"):
        facts.table("tarifs")


@pytest.mark.parametrize("name", DATED)
def test_nothing_ends_before_it_is_known_and_only_what_never_began_ends_before_it_begins(name: str) -> None:
    rows = facts.table(name)
    assert rows.filter(pl.col("end_known_from") < pl.col("known_from")).is_empty()
    backwards = rows.filter(pl.col("valid_to") < pl.col("valid_from")).to_series(0).to_list()
    assert backwards == (["TR100"] if name == "tariffs" else [])


@pytest.mark.parametrize("name", DATED)
@given(day=DAYS)
def test_as_known_never_shows_what_was_known_later(name: str, day: dt.date) -> None:
    seen = facts.known(facts.table(name), day)
    assert seen.filter(pl.coalesce("known_from", "valid_from") > day).is_empty()
    assert seen.filter((pl.col("end_known_from") > day) & pl.col("valid_to").is_not_null()).is_empty()
    if "state" in seen.columns:
        assert seen.filter((pl.col("state_known_from") > day) & (pl.col("state") != "in force")).is_empty()


@given(days=st.tuples(DAYS, DAYS))
def test_knowledge_only_grows(days: tuple[dt.date, dt.date]) -> None:
    earlier, later = (set(facts.tariffs(as_known=day)["rule_id"]) for day in sorted(days))
    assert earlier <= later


@given(day=DAYS)
def test_what_holds_on_a_day_includes_that_day(day: dt.date) -> None:
    held = facts.tariffs(on=day)
    assert (held["valid_from"] <= day).all()
    assert (held["valid_to"].fill_null(dt.date.max) >= day).all()


def test_within_a_program_one_rule_holds_at_a_time() -> None:
    lines = facts.tariff_lines().filter(~pl.col("rate_type").cast(pl.String).is_in(["note", "total", "exempt"]))
    keys = ["importer", "program", "origin", "digits", "reach"]
    pairs = lines.join(lines, on=keys, suffix="_other").filter(
        (pl.col("rule_id") < pl.col("rule_id_other"))
        & (pl.col("valid_from") <= pl.col("valid_to_other").fill_null(dt.date.max))
        & (pl.col("valid_from_other") <= pl.col("valid_to").fill_null(dt.date.max))
        & (pl.col("valid_to").fill_null(dt.date.max) >= pl.col("valid_from"))
        & (pl.col("valid_to_other").fill_null(dt.date.max) >= pl.col("valid_from_other"))
    )
    assert pairs.select("rule_id", "rule_id_other").rows() == []


def test_the_union_has_its_27_members() -> None:
    assert facts.groups()["country"].n_unique() == 27
    assert facts.customs_union("DE") == facts.customs_union("FR") == "EU"
    assert facts.customs_union("CH") == "CH"


def test_the_reciprocal_duty_was_in_force_until_the_court_voided_it() -> None:
    def state(as_known: dt.date) -> list[tuple[str, dt.date | None]]:
        rows = facts.tariffs(as_known=as_known).filter(pl.col("rule_id") == "TR044")
        return rows.select(pl.col("state").cast(pl.String), "valid_to").rows()

    assert state(dt.date(2025, 5, 11)) == []
    assert state(dt.date(2026, 2, 19)) == [("in force", None)]
    assert state(dt.date(2026, 2, 20)) == [("void", dt.date(2026, 2, 23))]


def test_the_export_rebate_falls_from_13_to_0() -> None:
    days = [dt.date(2024, 11, 30), dt.date(2024, 12, 1), dt.date(2026, 4, 1), dt.date(2027, 1, 1)]
    rebates = [facts.incentives(on=day).filter(pl.col("metric") == "rebate_rate")["value"].to_list() for day in days]
    assert rebates == [[13.0], [9.0], [6.0], [0.0]]
    assert facts.incentives(dt.date(2027, 1, 1), dt.date(2026, 1, 7)).filter(metric="rebate_rate")["value"][0] == 9.0


def test_the_energy_of_a_cell_is_its_charge_at_nominal_voltage() -> None:
    cells = facts.cells().with_columns(expected=pl.col("capacity_Ah") * pl.col("nominal_V"))
    assert ((cells["energy_Wh"] / cells["expected"] - 1).abs() < 0.02).all()
    weighed = cells.drop_nulls(["mass_g", "Wh_per_kg"])
    assert ((weighed["Wh_per_kg"] / (weighed["energy_Wh"] / weighed["mass_g"] * 1000) - 1).abs() < 0.02).all()


def test_the_masses_of_the_reference_pack_add_up() -> None:
    masses = facts.batpac("component_masses")
    parts = masses.filter(pl.col("component") != "pack total")["mass_kg"].sum()
    assert parts == pytest.approx(masses.filter(pl.col("component") == "pack total")["mass_kg"].item(), abs=0.1)


def test_every_row_is_counted_by_its_confidence() -> None:
    counted = facts.unverified()
    assert counted["table"].to_list() == facts.names()
    assert counted.select(pl.sum_horizontal("verified", "reported", "unverified")).to_series().to_list() == [
        facts.table(name).height for name in facts.names()
    ]

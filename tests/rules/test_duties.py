"""Duty against published totals, and the laws of layering."""

import datetime as dt
import random

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cellroad.chain import facts
from cellroad.rules.duties import layers, schedule, stack, total

DAYS = st.dates(dt.date(2020, 1, 1), dt.date(2027, 12, 31))
ORIGINS = st.sampled_from(["CN", "KR", "JP", "MY", "VN", "ID", "DE", "MX", "CL", "GB"])
CODES = st.sampled_from(
    ["8507.60", "8507.60.0010", "8507.60.0020", "3801.10.50", "2504.10.50", "2836.91.00", "8507.90.80"]
)


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


PUBLISHED = [
    # China, batteries: law firms, trade press and the HTS, named in the facts
    ("CN", "8507.60.0010", "2020-01-31", 18.4),
    ("CN", "8507.60.0020", "2024-09-26", 10.9),
    ("CN", "8507.60.0010", "2024-09-27", 28.4),
    ("CN", "8507.60", "2024-09-27", 28.4),
    ("CN", "8507.60.0020", "2024-09-27", 10.9),
    ("CN", "8507.60.0020", "2025-02-04", 20.9),
    ("CN", "8507.60.0020", "2025-03-04", 30.9),
    ("CN", "8507.60.0020", "2025-04-05", 40.9),
    ("CN", "8507.60.0020", "2025-04-10", 155.9),
    ("CN", "8507.60.0010", "2025-04-10", 173.4),
    ("CN", "8507.60.0020", "2025-05-14", 40.9),
    ("CN", "8507.60.0010", "2025-05-14", 58.4),
    ("CN", "8507.60.0020", "2025-11-10", 30.9),
    ("CN", "8507.60.0020", "2026-01-01", 48.4),
    ("CN", "8507.60.0020", "2026-02-24", 38.4),
    ("CN", "8507.60.0010", "2026-07-24", 40.9),
    ("CN", "8507.60.0020", "2026-07-24", 40.9),
    ("CN", "8507.60", "2026-07-24", 40.9),
    # other origins: HTS headings 9903.02 and 9903.05
    ("KR", "8507.60", "2025-06-01", 13.4),
    ("KR", "8507.60", "2025-08-07", 18.4),
    ("KR", "8507.60", "2025-11-14", 15.0),
    ("KR", "8507.60", "2026-07-24", 12.5),
    ("JP", "8507.60", "2025-08-07", 15.0),
    ("JP", "8507.60", "2026-03-01", 13.4),
    ("JP", "8507.60", "2026-07-24", 12.5),
    ("MY", "8507.60", "2025-08-07", 22.4),
    ("MY", "8507.60", "2026-07-24", 13.4),
    ("ID", "8507.60", "2026-07-24", 13.4),
    ("VN", "8507.60", "2026-07-24", 15.9),
    ("TH", "8507.60", "2026-07-24", 15.9),
    ("TW", "8507.60", "2026-07-24", 10.0),
    ("DE", "8507.60", "2026-07-24", 10.0),
    ("CH", "8507.60", "2026-07-24", 12.5),
    ("MX", "8507.60", "2026-07-24", 13.4),
    # lithium salts and cathode powder from China before 2025: 3.7 + 25 and 3.3 + 25
    ("CN", "2836.91.00", "2024-06-01", 28.7),
    ("CN", "2825.20.00", "2024-06-01", 28.7),
    ("CN", "2842.90.90", "2024-06-01", 28.3),
]


@pytest.mark.parametrize(("origin", "hts", "on", "percent"), PUBLISHED)
def test_layers_add_up_to_the_published_total(origin: str, hts: str, on: str, percent: float) -> None:
    found = total("US", origin, hts, day(on))
    assert found.rate_pct == pytest.approx(percent)
    assert found.state in ("in force", "void", "contested")


CHECKS = facts.tariffs().filter(pl.col("rate_type") == "total").to_dicts()


@pytest.mark.parametrize("check", CHECKS, ids=lambda row: row["rule_id"])
def test_layers_add_up_to_the_check_values_of_the_facts(check: dict[str, object]) -> None:
    found = total("US", str(check["origin"]), str(check["hts"]), check["valid_from"])  # type: ignore[arg-type]
    assert found.rate_pct == pytest.approx(check["rate_pct"])
    assert check["rule_id"] not in found.layers["rule_id"].to_list()


def test_a_short_code_names_its_dearest_and_its_cheapest_suffix() -> None:
    found = total("US", "CN", "8507.60", day("2024-09-27"))
    assert (found.hts, found.low_hts) == ("8507.60.0010", "8507.60.0020")
    assert (found.rate_pct, found.low_pct) == pytest.approx((28.4, 10.9))


def test_the_stack_of_late_july_2026_names_its_rules() -> None:
    found = layers("US", "CN", "8507.60.0020", day("2026-07-24"))
    due = found.filter(pl.col("added_pct") > 0)
    assert due["rule_id"].to_list() == ["TR002", "TR023", "TR063"]
    assert due["running_pct"].to_list() == pytest.approx([3.4, 28.4, 40.9])


def test_a_pending_probe_is_shown_and_adds_nothing() -> None:
    found = layers("US", "CN", "8507.60.0020", day("2026-07-24")).filter(state="pending")
    assert found.select("rule_id", "added_pct").rows() == [("TR079", 0.0)]


def test_duty_that_was_voided_counts_as_paid_and_refundable() -> None:
    found = total("US", "CN", "8507.60.0020", day("2025-05-14"))
    assert (found.state, found.rate_pct, found.refundable_pct) == ("void", pytest.approx(40.9), pytest.approx(30.0))
    then = total("US", "CN", "8507.60.0020", day("2025-05-14"), as_known=day("2025-06-01"))
    assert (then.state, then.rate_pct, then.refundable_pct) == ("in force", pytest.approx(40.9), 0.0)


@pytest.mark.parametrize(("on", "as_known", "percent"), [
    ("2025-04-09", "2025-04-03", 64.9),  # 3.4 + 7.5 + 20 + 34, ordered on 2 April and never collected
    ("2025-04-09", "2025-04-08", 114.9),  # 84 instead of 34
    ("2025-06-01", "2025-05-11", 155.9),  # before the truce of Geneva
    ("2026-03-01", "2026-01-05", 48.4),  # before the court
    ("2026-08-01", "2026-07-01", 28.4),  # before the forced-labor duty, Section 122 known to expire
    ("2024-10-01", "2024-09-17", 10.9),  # before the four-year review
])  # fmt: skip
def test_a_question_can_be_asked_with_the_law_as_it_was_known(on: str, as_known: str, percent: float) -> None:
    assert total("US", "CN", "8507.60.0020", day(on), as_known=day(as_known)).rate_pct == pytest.approx(percent)


def test_a_rule_published_later_reaches_back() -> None:
    before = total("US", "KR", "8507.60", day("2025-11-20"), as_known=day("2025-11-20"))
    assert (before.rate_pct, total("US", "KR", "8507.60", day("2025-11-20")).rate_pct) == pytest.approx((18.4, 15.0))


@pytest.mark.parametrize(("on", "loaded", "percent"), [
    ("2025-02-05", "2025-01-31", 10.9),  # IEEPA: loaded before 1 February
    ("2025-02-05", "2025-02-01", 20.9),
    ("2026-02-27", "2026-02-23", 28.4),  # Section 122: loaded before 24, entered before 28 February
    ("2026-02-28", "2026-02-23", 38.4),
    ("2026-07-27", "2026-07-23", 28.4),  # forced labor: loaded before 24, entered before 28 July
    ("2026-07-28", "2026-07-23", 40.9),
    ("2026-07-27", "2026-07-24", 40.9),
])  # fmt: skip
def test_goods_under_way_in_time_are_relieved(on: str, loaded: str, percent: float) -> None:
    assert total("US", "CN", "8507.60.0020", day(on), loaded=day(loaded)).rate_pct == pytest.approx(percent)


@pytest.mark.parametrize(("origin", "preference", "on", "percent"), [
    ("KR", "KORUS", "2024-06-01", 0.0),
    ("KR", None, "2024-06-01", 3.4),
    ("KR", "KORUS", "2026-07-24", 12.5),  # the floor counts column 1 special
    ("KR", "KORUS", "2025-08-07", 15.0),
    ("MX", "USMCA", "2026-07-24", 0.0),
    ("MX", "USMCA", "2026-03-01", 0.0),
    ("MX", "KORUS", "2026-07-24", 13.4),
    ("CN", "USMCA", "2026-07-24", 40.9),
])  # fmt: skip
def test_a_preference_helps_only_who_may_claim_it(origin: str, preference: str | None, on: str, percent: float) -> None:
    assert total("US", origin, "8507.60", day(on), preference=preference).rate_pct == pytest.approx(percent)


@pytest.mark.parametrize(("on", "rate", "refundable"), [
    ("2025-06-01", 25 + 20 + 6.55, 26.55),
    ("2025-08-01", 25 + 20 + 6.55 + 93.5, 120.05),
    ("2026-03-12", 25 + 10, 0.0),
    ("2026-08-01", 25 + 12.5, 0.0),
])  # fmt: skip
def test_anode_graphite_pays_no_antidumping_duty_after_the_vote(on: str, rate: float, refundable: float) -> None:
    found = total("US", "CN", "3801.10.50", day(on))
    assert (found.rate_pct, found.refundable_pct) == pytest.approx((rate, refundable))
    after = found.layers.filter(pl.col("program").str.contains("anode"))
    assert after.is_empty() == (on >= "2026-03-12")


def test_an_exemption_that_is_not_certain_gives_an_interval() -> None:
    found = total("US", "CN", "2504.10.50", day("2026-08-01"))
    assert (found.low_pct, found.rate_pct, found.high_pct, found.state) == (25.0, 37.5, 37.5, "unknown")
    assert "may be lifted by TR064" in found.layers.filter(rule_id="TR062")["note"].item()


@pytest.mark.parametrize(("origin", "hts"), [("GB", "8507.60.0020"), ("CN", "8507.10"), ("CN", None), ("CN", "8507")])
def test_what_is_not_in_the_facts_is_unknown_and_has_no_upper_bound(origin: str, hts: str | None) -> None:
    found = total("US", origin, hts, day("2026-08-01"))
    assert (found.state, found.high_pct) == ("unknown", None)
    assert found.low_pct <= found.rate_pct


def test_an_importer_without_rules_is_unknown() -> None:
    found = total("DE", "CN", "8507.60", day("2026-08-01"))
    assert (found.rate_pct, found.high_pct, found.state) == (0.0, None, "unknown")
    assert found.note == "no duty rules of DE in the facts; counted as zero"


@pytest.mark.parametrize(("importer", "origin"), [("US", "US"), ("DE", "FR")])
def test_no_duty_within_a_country_or_a_customs_union(importer: str, origin: str) -> None:
    found = total(importer, origin, "8507.60", day("2026-08-01"))
    assert (found.rate_pct, found.high_pct, found.state) == (0.0, 0.0, "domestic")


@pytest.mark.parametrize("hts", ["85", "battery", "8507-60", "8507.60.00.201"])
def test_what_is_no_tariff_code_is_told(hts: str) -> None:
    with pytest.raises(ValueError, match="is not a tariff code; expected 4 to 10 digits with dots, such as 8507"):
        total("US", "CN", hts, day("2026-08-01"))


@settings(max_examples=60)
@given(origin=ORIGINS, hts=CODES, on=DAYS, known=DAYS)
def test_the_layers_add_up_and_no_layer_was_known_later(origin: str, hts: str, on: dt.date, known: dt.date) -> None:
    found = total("US", origin, hts, on, as_known=known)
    assert found.layers["added_pct"].sum() == pytest.approx(found.rate_pct)
    if found.layers.height:
        assert found.layers["running_pct"][-1] == pytest.approx(found.rate_pct)
    assert found.low_pct <= found.rate_pct + 1e-9
    assert found.refundable_pct <= found.rate_pct + 1e-9
    first = [facts.find(rule)[1]["known_from"] for rule in found.layers["rule_id"]]
    assert all(when is None or when <= known for when in first)


@settings(max_examples=25)
@given(origin=ORIGINS, hts=CODES, days=st.lists(DAYS, min_size=3, max_size=3).map(sorted))
def test_a_schedule_covers_its_window_and_agrees_with_every_day(origin: str, hts: str, days: list[dt.date]) -> None:
    first, inside, last = days
    steps = schedule("US", origin, hts, first, last)
    assert (steps["valid_from"][0], steps["valid_to"][-1]) == (first, last)
    assert (steps["valid_from"][1:] == steps["valid_to"].dt.offset_by("1d")[:-1]).all()
    step = steps.filter((pl.col("valid_from") <= inside) & (pl.col("valid_to") >= inside)).row(0, named=True)
    expected = total("US", origin, hts, inside)
    assert step["rate_share"] == pytest.approx(expected.rate_pct / 100)
    assert step["low_share"] == pytest.approx(expected.low_pct / 100)
    assert (step["high_share"] is None) == (expected.high_pct is None)
    assert step["state"] == expected.state


def test_the_last_rates_are_taken_to_stay() -> None:
    steps = schedule("US", "CN", "8507.60.0020", day("2027-01-01"), day("2050-12-31"))
    assert steps.select("rate_share", "rules").rows() == [(pytest.approx(0.409), "TR002;TR023;TR063")]


# The laws of layering on rules made up for the purpose.

RATES = st.floats(0, 200, allow_nan=False)
KINDS = st.sampled_from(["floor", "add"])
MADE_UP = st.lists(st.tuples(KINDS, RATES), max_size=6)
ON = dt.date(2030, 1, 1)


def made_up(base: float, more: list[tuple[str, float]], *extra: dict[str, object]) -> pl.DataFrame:
    """Rules in long form that hold for everything, each of a program of its own."""
    rows = [("base", base), *more]
    plain: list[dict[str, object]] = [
        {"rule_id": f"R{i}", "program": f"P{i}", "rate_type": kind, "rate_pct": rate}
        for i, (kind, rate) in enumerate(rows)
    ]
    blank = dict.fromkeys(facts.tariff_lines().columns) | {
        "digits": "", "reach": 2, "notes": "", "valid_from": dt.date(2029, 1, 1), "state": "in force",
        "confidence": "verified",
    }  # fmt: skip
    return pl.DataFrame([blank | row for row in (*plain, *extra)], schema=facts.tariff_lines().schema)


def sum_of(rules: pl.DataFrame, column: str = "added_pct") -> float:
    return float(stack(rules, "8507600020", ON)[column].sum())


@given(base=RATES, more=MADE_UP)
def test_the_total_is_the_highest_of_column_1_and_floors_plus_what_goes_on_top(
    base: float, more: list[tuple[str, float]]
) -> None:
    floors = [rate for kind, rate in more if kind == "floor"]
    added = [rate for kind, rate in more if kind == "add"]
    assert sum_of(made_up(base, more)) == pytest.approx(max([base, *floors]) + sum(added))


@given(base=RATES, more=MADE_UP, rate=RATES)
def test_an_added_layer_raises_the_total_by_its_rate(base: float, more: list[tuple[str, float]], rate: float) -> None:
    assert sum_of(made_up(base, [*more, ("add", rate)])) == pytest.approx(sum_of(made_up(base, more)) + rate)


@given(base=RATES, more=MADE_UP, rate=RATES)
def test_a_floor_twice_is_a_floor_once(base: float, more: list[tuple[str, float]], rate: float) -> None:
    once, twice = ([*more, *[("floor", rate)] * times] for times in (1, 2))
    assert sum_of(made_up(base, twice)) == pytest.approx(sum_of(made_up(base, once)))
    assert sum_of(made_up(base, once)) >= rate - 1e-9


@given(base=RATES, more=MADE_UP, seed=st.integers(0, 10**6))
def test_the_order_of_rules_does_not_matter(base: float, more: list[tuple[str, float]], seed: int) -> None:
    rules = made_up(base, more)
    order = list(range(rules.height))
    random.Random(seed).shuffle(order)
    assert stack(rules[order], "8507600020", ON).equals(stack(rules, "8507600020", ON))


@settings(max_examples=30)
@given(hts=st.sampled_from(["8507600020", "8507600010", "2504105000"]), on=DAYS, seed=st.integers(0, 10**6))
def test_the_order_of_rows_in_the_facts_does_not_matter(hts: str, on: dt.date, seed: int) -> None:
    rules = facts.tariff_lines().filter(
        pl.col("origin").is_in(["CN", "ALL"]) & ~pl.col("rate_type").cast(pl.String).is_in(["note", "total"])
    )
    order = list(range(rules.height))
    random.Random(seed).shuffle(order)
    assert stack(rules[order], hts, on).equals(stack(rules, hts, on))


@given(base=RATES, more=MADE_UP.filter(bool), certain=st.booleans())
def test_an_exemption_lifts_its_program_or_may_lift_it(
    base: float, more: list[tuple[str, float]], *, certain: bool
) -> None:
    state = "in force" if certain else "unknown"
    exempt: dict[str, object] = {"rule_id": "X", "program": "P1", "rate_type": "exempt", "state": state}
    without = sum_of(made_up(base, more[1:]))
    lifted = made_up(base, more, exempt)
    assert sum_of(lifted) == pytest.approx(without if certain else sum_of(made_up(base, more)))
    assert sum_of(lifted, "low_pct") == pytest.approx(without)


@given(base=RATES, general=RATES, special=RATES)
def test_within_a_program_the_more_specific_rule_holds(base: float, general: float, special: float) -> None:
    row: dict[str, object] = {
        "rule_id": "S",
        "program": "P1",
        "rate_type": "add",
        "rate_pct": special,
        "digits": "850760",
    }
    assert sum_of(made_up(base, [("add", general)], row)) == pytest.approx(base + special)

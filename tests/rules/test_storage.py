"""What a system is worth to a buyer who claims the credit of section 48E, and what qualifies."""

import datetime as dt
from fractions import Fraction

import polars as pl
import pytest
from tests.rules.making_credits import TEXT, chain, standing

from cellroad.rules import law
from cellroad.rules.makers import sourcing
from cellroad.rules.storage import domestic_content, premiums, rate, system_ratio, us_share, worth
from cellroad.rules.verdict import Reason, Verdict

FIRST, LAST = dt.date(2027, 1, 1), dt.date(2030, 12, 31)
YEAR = (dt.date(2027, 1, 1), dt.date(2027, 12, 31))


def day(year: int) -> dt.date:
    return dt.date(year, 1, 1)


def test_the_credit_is_30_percent_to_2033_and_then_three_quarters_half_and_none_of_it() -> None:
    shares = {year: rate(law.shipped(), day(year)).share for year in (2025, 2026, 2033, 2034, 2035, 2036, 2040)}
    assert shares == {
        2025: Fraction("0.3"), 2026: Fraction("0.3"), 2033: Fraction("0.3"), 2034: Fraction("0.225"),
        2035: Fraction("0.15"), 2036: 0, 2040: 0,
    }  # fmt: skip
    assert rate(law.shipped(), day(2024)).share == 0


def test_bonuses_add_ten_points_each_and_two_without_the_wage_rules() -> None:
    known = law.shipped()
    assert rate(known, day(2027), domestic=True).share == Fraction("0.4")
    assert rate(known, day(2027), domestic=True, community=True).share == Fraction("0.5")
    assert rate(known, day(2027), wages=False).share == Fraction("0.06")
    assert rate(known, day(2027), wages=False, domestic=True).share == Fraction("0.08")
    assert rate(known, day(2034), domestic=True).share == Fraction("0.3")


@pytest.mark.parametrize(("begun", "least"), [
    ("2025-06-15", "0.40"), ("2025-06-16", "0.45"), ("2026-01-01", "0.50"), ("2027-01-01", "0.55"),
])  # fmt: skip
def test_the_least_us_content_rises_with_the_start_of_construction(begun: str, least: str) -> None:
    at, below = Fraction(least), Fraction(least) - Fraction(1, 1000)
    assert domestic_content(law.shipped(), (at, at), begun).answer == "yes"
    assert domestic_content(law.shipped(), (below, below), begun).answer == "no"
    assert domestic_content(law.shipped(), (below, at), begun).answer == "unknown"
    assert "steel" in "".join(r.text for r in domestic_content(law.shipped(), (at, at), begun).reasons)


def test_cells_made_in_the_us_count_for_content_whatever_went_into_them() -> None:
    """20 cells of 20 dollars and a foreign case of 100: four fifths."""
    source = sourcing(chain())
    assert us_share(source, source.ways["pack"][0], YEAR) == (Fraction(4, 5), Fraction(4, 5))


def test_a_product_assembled_elsewhere_has_no_us_content_though_its_cells_do() -> None:
    made = chain(
        items=TEXT["items"] + "system,System,system,40,400,,packer,lfp,\n",
        processes=TEXT["processes"] + "make-system,texas,system,10,1\n",
        bom=TEXT["bom"] + "make-system,pack,2,0\nmake-system,case,1,0\n",
    )
    source = sourcing(made)
    system = source.ways["system"][0]
    assert us_share(source, system, YEAR) == (Fraction(800, 1100), Fraction(800, 1100))
    abroad = sourcing(made.replace(sites=made.sites.with_columns(
        country=pl.when(pl.col("site") == "texas").then(pl.lit("MX")).otherwise("country")
    )))  # fmt: skip
    assert us_share(abroad, abroad.ways["system"][0], YEAR) == (0, 0)


def test_the_ratio_of_a_system_counts_parts_of_barred_makers_in_full() -> None:
    source = sourcing(chain())
    made, _ = system_ratio(source, source.ways["pack"][0], standing(near="yes"), "pfe", 2027)
    assert made.low == made.high == Fraction(4, 5)
    made, _ = system_ratio(source, source.ways["pack"][0], standing(maker="yes"), "pfe", 2027)
    assert made.low == made.high == Fraction(1, 5)


def premium(
    year: int = 2027, text: dict[str, str] | None = None, known: str | None = None, **who: str
) -> tuple[str, float]:
    frame = premiums(chain(**(text or {})), law.shipped(known), standing(**who), FIRST, LAST)  # type: ignore[arg-type]
    rows = frame.filter((pl.col("valid_from") <= day(year)) & (pl.col("valid_to") >= day(year)))
    return rows["answer"].item(), rows["price_share"].item()


def test_a_buyer_passes_on_part_of_thirty_percent_where_the_item_qualifies() -> None:
    frame = premiums(chain(), law.shipped(), standing(), FIRST, LAST)
    assert frame.select("segment", "item", "credit", "answer").unique().rows() == [("grid", "pack", "CR05", "yes")]
    assert frame["price_share"].to_list() == pytest.approx([0.3 * 0.4] * frame.height)
    assert frame["valid_from"].min() == FIRST and frame["valid_to"].max() == LAST


@pytest.mark.parametrize(("who", "answers"), [
    ({}, ["yes"] * 4),
    ({"packer": "yes"}, ["no"] * 4),
    ({"packer": "unknown"}, ["unknown"] * 4),
    ({"maker": "yes"}, ["no"] * 4),
    ({"maker": "unknown"}, ["unknown"] * 4),
    ({"near": "yes"}, ["yes"] * 4),
])  # fmt: skip
def test_an_item_qualifies_by_its_maker_and_its_parts(who: dict[str, str], answers: list[str]) -> None:
    """Cells are 80 % of the pack: barred they leave 20 %, where 60 to 75 % are asked; the case is 20 %."""
    assert [premium(year, **who)[0] for year in range(2027, 2031)] == answers


def test_the_ladder_takes_a_system_out_year_by_year() -> None:
    """A barred case of 187.5 beside cells of 400 leaves 68.08 %: enough for the 60 and 65 of 2027 and 2028."""
    text = {"offers": TEXT["offers"].replace("case,100", "case,187.5")}
    assert [premium(year, text, near="yes")[0] for year in range(2027, 2031)] == ["yes", "yes", "no", "no"]


def test_an_item_qualifies_only_if_every_way_to_have_it_does() -> None:
    text = {"processes": TEXT["processes"] + "other-pack,ohio,pack,9,1\n", "bom": TEXT["bom"] + "other-pack,case,1,0\n"}
    assert premium(2027, text, near="yes")[0] == "unknown"
    assert premium(2027, text, near="yes", maker="yes")[0] == "no"


def test_before_the_act_was_known_nothing_but_size_was_asked() -> None:
    assert premium(2027, None, "2025-05-27", packer="yes") == ("yes", pytest.approx(0.12))
    small = {"items": TEXT["items"].replace("pack,Pack,pack,20", "pack,Pack,pack,4.9")}
    assert premium(2027, small)[0] == "no"


def test_no_premium_without_a_segment_that_passes_it_on() -> None:
    text = {"segments": TEXT["segments"].replace("tax_credit,,0.4", "tax_credit,,0")}
    assert premiums(chain(**text), law.shipped(), standing(), FIRST, LAST).is_empty()


def test_a_system_is_worth_its_credit_per_kwh_to_the_buyer() -> None:
    credit = rate(law.shipped(), day(2027))
    said = {answer: Verdict(answer, (Reason(""),)) for answer in ("yes", "no", "unknown")}  # type: ignore[arg-type]
    assert worth(4000, 20, credit, said["yes"]) == pytest.approx((60, 60))
    assert worth(4000, 20, credit, said["no"]) == (0, 0)
    assert worth(4000, 20, credit, said["unknown"]) == pytest.approx((0, 60))


@pytest.mark.parametrize(("far", "answer"), [("yes", "no"), ("no", "yes"), ("unknown", "unknown")])
def test_a_bought_system_is_taken_to_be_as_its_maker_is(far: str, answer: str) -> None:
    made = {
        "processes": TEXT["processes"].replace("make-pack,texas,pack,200,1\n", ""),
        "bom": "process,item,quantity,scrap_share\nmake-cell,cathode,2,0\n",
        "items": TEXT["items"].replace("150,,packer", "150,,far"),
        "offers": TEXT["offers"] + "o-pack,wuxi,pack,2000,2025-01-01,FOB\n",
    }
    assert premium(2027, made, far=far)[0] == answer

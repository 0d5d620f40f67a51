"""What a person is told about contracts, tiers and indexed prices that do not hold together."""

# ruff: noqa: E501 (one case, one line where it can be)

from pathlib import Path

import pytest
from tests.chain.test_bad_input import Case, assert_told, case, edited, told, written

HEADER = "contract,offer,status,min_per_year,max_per_year,take_or_pay_share,signs_by,valid_from,valid_to,term_years\n"

RULES = "rule,item,site,partner,seller,min_share,max_share,min_sources,min_per_year,max_per_year,measure\n"

CASES = [
    case("less than the minimum", ("contracts", "", HEADER + "c,cell-offer,open,900,600,,,,,\n"),
         at=("contracts", 2, "min_per_year"), found="at least 900 and at most 600", expected="min_per_year at most", mend="Swap"),
    case("more than the offer gives", ("contracts", "", HEADER + "c,cell-offer,open,960000,,0.4,,,,\n"),
         at=("contracts", 2, "min_per_year"), found="576,000 a year that have to be taken", expected="can fill", mend="take_or_pay_share"),
    case("term that ends first", ("contracts", "", HEADER + "c,cell-offer,open,,,,,2027-05,2027-02,\n"),
         at=("contracts", 2, "valid_to"), found="2027-02-01, before the term", expected="on or after", mend="Swap"),
    case("term before its offer", ("contracts", "", HEADER + "c,cell-offer,open,,,,,2025-05,2026-02,\n"),
         at=("contracts", 2, "valid_from"), found="when 'cell-offer' is not open", expected="2027-01-01", mend="the term"),
    case("term longer than its offer", ("contracts", "", HEADER + "c,cell-offer,open,,,,,2026-05,,2\n"), severity="warning",
         at=("contracts", 2, "valid_from"), found="2026-05-01 to 2028-04-30", expected="2027-01-01", mend="It counts while"),
    case("term after the horizon", ("contracts", "", HEADER + "c,cell-offer,open,,,,,2029-05,,2\n"), severity="warning",
         at=("contracts", 2, "valid_from"), found="2029-05-01", expected="2027-12-31", mend="not planned"),
    case("term told twice", ("contracts", "", HEADER + "c,cell-offer,open,,,,,2027-05,2028-04,2\n"), severity="warning",
         at=("contracts", 2, "term_years"), found="2 years and 2028-04-01", expected="one of", mend="blank the other"),
    case("two contracts at once", ("contracts", "", HEADER + "c,cell-offer,open,,,,,,,\nd,cell-offer,open,,,,,,,\n"), severity="warning",
         at=("contracts", 3, "offer"), found="as under 'c'", expected="one contract", mend="its own offer"),
    case("too late to sign", ("contracts", "", HEADER + "c,cell-offer,open,,,,2026-05,,,\n"), severity="warning",
         at=("contracts", 2, "signs_by"), found="2026-05-01, before the start", expected="2027-01-01", mend="cannot be signed"),
    case("signed and still to sign", ("contracts", "", HEADER + "c,cell-offer,signed,,,,2027-05,,,\n"), severity="warning",
         at=("contracts", 2, "signs_by"), found="is signed", expected="a blank", mend="Blank it"),
    case("tier without a price", ("tiers", "", "offer,from_quantity\ncell-offer,10\n"), at=("tiers", 2, "price_usd"),
         found="neither", expected="one of", mend="Fill in"),
    case("tier with two prices", ("tiers", "", "offer,from_quantity,price_usd,discount_share\ncell-offer,10,50,0.1\n"),
         at=("tiers", 2, "price_usd"), found="a price and a discount", expected="one of", mend="Blank one"),
    case("tier dearer for all", ("offers", "price_usd,", "price_usd,tier_kind,"), ("offers", "55,", "55,all_units,"),
         ("tiers", "", "offer,from_quantity,price_usd\ncell-offer,10,50\ncell-offer,20,52\n"), severity="warning",
         at=("tiers", 3, "price_usd"), found="$52, after $50", expected="falls with the quantity", mend="incremental"),
    case("tier fixed, price not", ("offers", "price_usd,", "index,adder_usd,"), ("offers", "55,", "lfp,5,"),
         ("indices", "", "index,month,value\nlfp,2026-01,50\n"), ("tiers", "", "offer,from_quantity,price_usd\ncell-offer,10,50\n"),
         at=("tiers", 2, "price_usd"), found="follows 'lfp'", expected="discount_share", mend="share off"),
    case("floor above cap", ("offers", "price_usd,", "index,floor_usd,cap_usd,"), ("offers", "55,", "lfp,60,50,"),
         ("indices", "", "index,month,value\nlfp,2026-01,50\n"),
         at=("offers", 2, "floor_usd"), found="$60, above cap_usd $50", expected="at most", mend="Swap"),
    case("cap without an index", ("offers", "price_usd,", "price_usd,cap_usd,"), ("offers", "55,", "55,50,"), severity="warning",
         at=("offers", 2, "index"), found="without an index", expected="an index", mend="change nothing"),
    case("index not known so long before", ("offers", "price_usd,", "index,lag_months,"), ("offers", "55,", "lfp,3,"),
         ("indices", "", "index,month,value\nlfp,2026-12,50\n"),
         at=("offers", 2, "index"), found="known from 2026-12-01", expected="before 2026-10-01", mend="earlier month"),
    case("rule that limits nothing", ("sourcing", "", RULES + "r,cell,,,,,,,,,\n"),
         at=("sourcing", 2, "max_share"), found="limits nothing", expected="min_sources", mend="remove the row"),
    case("least share above the largest", ("sourcing", "", RULES + "r,cell,,cellco,,0.6,0.5,,,,\n"),
         at=("sourcing", 2, "min_share"), found="0.6, above max_share 0.5", expected="at most", mend="Swap"),
    case("least quantity above the most", ("sourcing", "", RULES + "r,cell,,cellco,,,,,50,40,\n"),
         at=("sourcing", 2, "min_per_year"), found="50, above max_per_year 40", expected="at most", mend="Swap"),
    case("least share of nobody", ("sourcing", "", RULES + "r,cell,,,,0.6,,,,,\n"),
         at=("sourcing", 2, "partner"), found="of no source", expected="named", mend="min_sources"),
    case("shares beyond the whole", ("sourcing", "", RULES + "r,cell,,,,0.6,,2,,,\n"),
         at=("sourcing", 2, "min_share"), found="2 sources of 0.6", expected="at most 1", mend="Lower"),
    case("sources without a share", ("sourcing", "", RULES + "r,cell,,,,,,2,,,\n"), severity="warning",
         at=("sourcing", 2, "min_share"), found="2 sources without", expected="the share", mend="every one counts"),
    case("several of one", ("sourcing", "", RULES + "r,cell,,cellco,,0.3,,2,,,\n"),
         at=("sourcing", 2, "min_sources"), found="several sources of one", expected="blank partner", mend="two rules"),
    case("small share of each", ("sourcing", "", RULES + "r,cell,,,,,0.4,,,,\n"), severity="warning",
         at=("sourcing", 2, "max_share"), found="at most 0.4 from each", expected="two sources", mend="three sources"),
    case("seller of what is taken in", ("sourcing", "", RULES + "r,cell,reno,,hefei,0.4,,,,,\n"),
         at=("sourcing", 2, "site"), found="by the site that sold it", expected="a partner", mend="Blank site"),
    case("dollars of what is taken in", ("sourcing", "", RULES + "r,cell,reno,cellco,,0.4,,,,,usd\n"),
         at=("sourcing", 2, "measure"), found="US dollars", expected="units or kwh", mend="Blank site"),
]  # fmt: skip


@pytest.mark.parametrize("wanted", CASES, ids=lambda wanted: wanted.name)
def test_a_person_is_told_what_is_wrong_with_agreements(wanted: Case, tmp_path: Path) -> None:
    assert_told(wanted, told(written(tmp_path, edited(wanted.edits))))


def test_agreements_that_hold_together_are_not_spoken_of(tmp_path: Path) -> None:
    edits = (
        ("contracts", "", HEADER + "c,cell-offer,open,1000,2000,0.8,2027-01-15,,,\n"),
        ("tiers", "", "offer,from_quantity,price_usd\ncell-offer,10000,50\ncell-offer,20000,48\n"),
    )
    assert told(written(tmp_path, edited(edits))) == told(written(tmp_path, edited(())))

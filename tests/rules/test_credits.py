"""The credits of makers: published rates and phases, and what each test of a claim turns on."""

import datetime as dt

import polars as pl
import pytest
from tests.rules.making_credits import TEXT, answers, chain, kin, standing, unrelated, with_row, without

from cellroad.chain import facts
from cellroad.chain.chain import Chain
from cellroad.rules import law
from cellroad.rules.credits import claimed, claims, lost, materials
from cellroad.rules.verdict import Reason, Standing, Verdict

FIRST, LAST = dt.date(2026, 7, 1), dt.date(2033, 6, 30)
OPEN = with_row("wants", "cells,cell")["wants"]
SALE = {"wants": OPEN, **with_row("demand", "dallas,cells,grid,2027-01,10,90")}


def claim(made: Chain, who: Standing | None = None, **more: object) -> pl.DataFrame:
    asked = {"law": law.shipped(), "related": unrelated, "first": FIRST, "last": LAST, **more}
    return claims(made, standing=who or standing(), **asked)  # type: ignore[arg-type]


def items(column: str, item: str, value: str) -> dict[str, str]:
    head, *rows = TEXT["items"].splitlines()
    place = head.split(",").index(column)
    cells = [row.split(",") for row in rows]
    for row in cells:
        if row[0] == item:
            row[place] = value
    return {"items": "\n".join([head, *(",".join(row) for row in cells)]) + "\n"}


def test_a_cell_earns_35_and_a_module_10_dollars_per_kwh_until_2029_and_a_quarter_less_each_year_after() -> None:
    made = claim(chain())
    phased = [1.0, 1.0, 1.0, 1.0, 0.75, 0.5, 0.25, 0.0]
    cells, packs = made.filter(process="make-cell"), made.filter(process="make-pack")
    assert cells["year"].to_list() == packs["year"].to_list() == list(range(2026, 2034))
    assert cells["usd_per_unit"].to_list() == pytest.approx([35 * part for part in phased])
    assert packs["usd_per_unit"].to_list() == pytest.approx([10 * 20 * part for part in phased])
    assert cells["least_share"].to_list() == [0.6, 0.65, 0.7, 0.8, 0.85, 0.85, 0.85, 0.85]
    assert answers(made, process="make-pack") == {**dict.fromkeys(range(2026, 2033), "yes"), 2033: "no"}


def test_cell_and_module_stack_where_different_makers_sell_them() -> None:
    made = claim(chain()).filter(year=2027)
    assert dict(made.select("process", "answer").iter_rows()) == {"make-cell": "yes", "make-pack": "yes"}
    assert dict(made.select("process", "taxpayer").iter_rows()) == {"make-cell": "maker", "make-pack": "packer"}


def test_electrode_material_and_critical_minerals_earn_a_tenth_of_their_cost() -> None:
    made = chain(
        **items("credit_as", "cathode", "electrode_material"),
        processes=TEXT["processes"] + "make-cathode,ohio,cathode,2,1\n",
    )
    rows = claim(made).filter(process="make-cathode")
    assert rows["cost_share"].to_list() == pytest.approx([0.1, 0.1, 0.1, 0.1, 0.075, 0.05, 0.025, 0])
    assert rows["usd_per_unit"].null_count() == rows.height
    mineral = chain(
        **items("credit_as", "cathode", "critical_mineral"),
        processes=TEXT["processes"] + "make-cathode,ohio,cathode,2,1\n",
    )
    rows = claim(mineral).filter(process="make-cathode")
    assert rows["cost_share"].to_list() == pytest.approx([0.1] * 5 + [0.075, 0.05, 0.025])
    assert rows["least_share"].to_list() == [0, 0, 0, 0, 0.25, 0.3, 0.4, 0.5]


def test_the_taxpayer_is_who_runs_the_line_else_who_runs_the_site() -> None:
    made = chain(
        resources="resource,site,name,partner,hours_per_month\nline,ohio,Line,near,100\n",
        processes="process,site,item,resource,cost_usd,yield_share\nmake-cell,ohio,cell,line,30,1\n",
    )
    assert claim(made)["taxpayer"].unique().to_list() == ["near"]


@pytest.mark.parametrize(("answer", "claimable"), [("yes", "no"), ("no", "yes"), ("unknown", "unknown")])
def test_a_prohibited_entity_may_not_claim(answer: str, claimable: str) -> None:
    made = claim(chain(), standing(maker=answer))  # type: ignore[arg-type]
    assert answers(made, process="make-cell")[2027] == claimable
    assert answers(made, process="make-pack")[2027] == "yes"


def test_status_is_that_of_the_last_day_of_the_tax_year() -> None:
    def sold_in_autumn(partner: str, regime: str, day: dt.date) -> Verdict:
        return Verdict("yes" if partner == "maker" and day < dt.date(2028, 10, 1) else "no", (Reason("sold"),))

    assert {y: a for y, a in answers(claim(chain(), sold_in_autumn), process="make-cell").items() if y < 2030} == {
        2026: "no", 2027: "no", 2028: "yes", 2029: "yes",
    }  # fmt: skip


def test_before_the_act_of_july_2025_was_known_nobody_was_barred_and_no_ratio_asked() -> None:
    made = claim(chain(), standing(maker="yes", far="yes"), law=law.shipped("2025-05-27"))
    assert answers(made, process="make-cell")[2027] == "yes"
    assert made["least_share"].null_count() == made.height


def test_the_bar_binds_tax_years_that_begin_after_4_july_2025() -> None:
    made = claim(chain(), standing(maker="yes"), first=dt.date(2025, 1, 1), last=dt.date(2026, 12, 31))
    assert answers(made, process="make-cell") == {2025: "yes", 2026: "no"}


def test_nothing_is_granted_for_what_is_made_elsewhere_or_is_no_component() -> None:
    abroad = chain(sites=TEXT["sites"].replace("ohio,Ohio,maker,cell,US", "ohio,Ohio,maker,cell,KR"))
    assert claim(abroad)["process"].unique().to_list() == ["make-pack"]
    assert claim(chain(**items("credit_as", "cell", "none")))["process"].unique().to_list() == ["make-pack"]


@pytest.mark.parametrize(("kwh", "answer"), [("6.999", "no"), ("7", "yes")])
def test_a_module_needs_seven_kwh(kwh: str, answer: str) -> None:
    made = claim(chain(**items("kwh", "pack", kwh)))
    assert answers(made, process="make-pack")[2027] == answer


@pytest.mark.parametrize(("litres", "chemistry", "answer"), [
    ("10", "", "yes"), ("10.01", "", "no"), ("", "lfp", "yes"), ("", "na_ion", "yes"), ("", "", "unknown"),
])  # fmt: skip
def test_a_cell_needs_100_wh_per_litre_which_its_chemistry_may_make_certain(
    litres: str, chemistry: str, answer: str
) -> None:
    text = items("volume_l", "cell", litres)["items"].replace("maker,lfp", f"maker,{chemistry}")
    made = claim(chain(items=text)).filter(process="make-cell", year=2027)
    assert made["answer"].item() == answer
    if chemistry:
        assert made["confidence"].item() == "assumption"


@pytest.mark.parametrize(("related", "answer"), [("yes", "no"), ("no", "yes"), ("unknown", "unknown")])
def test_a_captive_transfer_needs_the_related_person_election(related: str, answer: str) -> None:
    made = claim(chain(), related=kin(related))  # type: ignore[arg-type]
    assert answers(made, process="make-cell")[2027] == answer
    told = lost(chain(), law.shipped(), standing(), kin("yes"), FIRST, LAST)  # type: ignore[arg-type]
    assert "election" in told.filter(process="make-cell", year=2027)["would_change"].item()
    elected = claim(chain(), related=kin("yes"), elects=["maker"])
    assert answers(elected, process="make-cell")[2027] == "yes"


@pytest.mark.parametrize("owner", ["near", "packer"])
def test_a_sale_through_the_market_of_a_relative_or_ones_own_counts(owner: str) -> None:
    shop = chain(sites=TEXT["sites"].replace("dallas,Dallas,,", f"dallas,Dallas,{owner},"))
    assert answers(claim(shop, related=kin("yes")), process="make-pack")[2027] == "yes"


def test_what_nobody_takes_is_not_sold() -> None:
    made = claim(chain(**without("wants", "storage")))
    assert set(answers(made, process="make-pack").values()) == {"no"}


def own_use(site: str, case_usd: float = 100) -> Chain:
    """Return the chain with packs of the cell maker's own, made at a site of his."""
    return chain(
        sites=TEXT["sites"] + "iowa,Iowa,maker,pack,US\n",
        processes=TEXT["processes"].replace("make-pack,texas", f"make-pack,{site}"),
        offers=TEXT["offers"].replace("o-case,wuxi,case,100", f"o-case,wuxi,case,{case_usd:g}"),
    )


def test_own_use_counts_with_the_pack_that_is_sold_until_2026_and_then_only_within_one_facility() -> None:
    assert {y: a for y, a in answers(claim(own_use("iowa")), process="make-cell").items() if y < 2029} == {
        2026: "yes", 2027: "no", 2028: "no",
    }  # fmt: skip
    assert answers(claim(own_use("ohio")), process="make-cell")[2027] == "yes"


def test_own_use_from_2027_needs_65_percent_of_the_packs_material_to_be_components_of_the_us() -> None:
    """20 cells of 2 · 6 + 2 · 4 = 20 dollars are 400; a case of 215.38 leaves them 65.0 %, one of 215.39 less."""
    assert answers(claim(own_use("ohio", 215.38)), process="make-cell")[2027] == "yes"
    assert answers(claim(own_use("ohio", 215.39)), process="make-cell")[2027] == "no"
    assert answers(claim(own_use("ohio", 215.39)), process="make-cell")[2026] == "yes"


def test_where_takers_differ_it_depends_on_who_takes_the_unit() -> None:
    made = chain(**SALE)
    both = claim(made, related=kin("yes")).filter(process="make-cell", year=2027)
    assert both["answer"].item() == "unknown"
    assert both["because"].item().startswith("it depends: dallas yes")


@pytest.mark.parametrize(("site", "module", "pack"), [("ohio", "no", "yes"), ("texas", "yes", "no")])
def test_a_module_inside_a_pack_counts_once_for_who_makes_both_else_for_who_made_the_module(
    site: str, module: str, pack: str
) -> None:
    made = chain(
        items=TEXT["items"] + "module,Module,module,10,70,,maker,lfp,\n",
        processes=TEXT["processes"].replace("texas", site) + "make-module,ohio,module,50,1\n",
        bom=TEXT["bom"].replace("make-pack,cell,20", "make-pack,module,2") + "make-module,cell,10,0\n",
    )
    rows = claim(made).filter(year=2027, component="module")
    assert dict(rows.select("process", "answer").iter_rows()) == {"make-pack": pack, "make-module": module}


def test_each_input_counts_by_its_own_maker() -> None:
    who = standing(far="yes", near="unknown")
    made = materials(claimed(chain(), law.shipped(), who, unrelated, FIRST, LAST), chain(), who)
    cell = made.filter(process="make-cell", year=2027)
    assert dict(cell.select("input", "barred").iter_rows()) == {"cathode": "yes", "graphite": "unknown"}
    assert dict(made.filter(process="make-pack", year=2027).select("input", "barred").iter_rows()) == {
        "cell": "no", "case": "unknown",
    }  # fmt: skip
    assert made["year"].min() == 2026


def test_an_input_whose_maker_is_not_named_is_unknown() -> None:
    nameless = chain(**items("maker", "cathode", ""))
    who = standing()
    made = materials(claimed(nameless, law.shipped(), who, unrelated, FIRST, LAST), nameless, who)
    row = made.filter(process="make-cell", year=2027, input="cathode")
    assert row["barred"].item() == "unknown"
    assert "cathode" in row["because"].item()


def test_a_lost_credit_says_why_and_what_would_change_it() -> None:
    """Cathode of a barred maker is 12 of 20 dollars of material: 40 %, where 65 % are asked in 2027."""
    told = lost(chain(), law.shipped(), standing(far="yes"), unrelated, FIRST, LAST)
    row = told.filter(process="make-cell", year=2027).row(0, named=True)
    assert row["answer"] == "no"
    assert row["because"] == "40 % of the material by cost is not of barred makers, 65 % are asked"
    assert row["would_change"] == "replace cathode: 40 % becomes 100 %"
    assert row["usd_per_unit"] == 35
    assert "IN016" in row["rows"].split(";")
    assert told.filter(process="make-pack", year=2027).is_empty()


def test_what_is_not_known_says_what_would_settle_it() -> None:
    told = lost(chain(), law.shipped(), standing(near="unknown"), unrelated, FIRST, LAST)
    row = told.filter(process="make-cell", year=2027).row(0, named=True)
    assert row["answer"] == "unknown"
    assert row["because"] == "60 to 100 % of the material by cost is not of barred makers, 65 % are asked"
    assert row["would_change"] == "replace graphite: 60 to 100 % becomes 100 %"


def test_what_may_be_claimed_is_not_lost() -> None:
    told = lost(chain(), law.shipped(), standing(), unrelated, FIRST, LAST)
    assert told["year"].to_list() == [2033, 2033]
    assert told["usd_per_unit"].to_list() == [0, 0]


def test_every_claim_names_rows_that_exist() -> None:
    for rows in claim(chain(), standing(maker="yes"))["rows"]:
        ids = set(rows.split(";"))
        assert "CR01" in ids or "CR02" in ids
        assert all(facts.is_fact(row) for row in ids)


def test_whose_taker_is_not_known_to_be_related_may_have_sold() -> None:
    nameless = chain(sites=TEXT["sites"].replace("texas,Texas,packer", "texas,Texas,"))
    row = claim(nameless).filter(process="make-cell", year=2027).row(0, named=True)
    assert row["answer"] == "unknown"
    assert "name the partner of texas" in row["because"]
    assert answers(claim(nameless), process="make-pack")[2027] == "unknown"


def test_own_use_in_what_is_no_component_earns_nothing() -> None:
    made = chain(
        **{
            "processes": TEXT["processes"].replace("make-pack,texas", "make-pack,ohio"),
            **items("credit_as", "pack", "none"),
        }
    )
    row = claim(made).filter(process="make-cell", year=2026).row(0, named=True)
    assert row["answer"] == "no"
    assert "no component of a credit" in row["because"]

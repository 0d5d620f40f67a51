"""Bans over time: who made it, out of what, bought for whom; sound where something is not known."""

import datetime as dt
from itertools import product

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.rules.making_credits import TEXT, chain, standing

from cellroad.chain import files
from cellroad.chain.chain import Chain
from cellroad.chain.examples import folder
from cellroad.rules import law
from cellroad.rules.bans import ban_frame, critical_days, pending
from cellroad.rules.verdict import Answer, Reason, Standing, Verdict

FIRST, LAST = dt.date(2027, 1, 1), dt.date(2032, 12, 31)
DAY = dt.timedelta(days=1)


def bans(made: Chain, who: Standing, known: law.Law | None = None, first: dt.date = FIRST) -> pl.DataFrame:
    return ban_frame(made, known or law.shipped(), who, first, LAST)


def barred(frame: pl.DataFrame, item: str, day: dt.date, ban: str, segment: str | None = "army") -> str:
    held = frame.filter(
        (pl.col("ban") == ban) & (pl.col("item") == item) & pl.col("segment").eq_missing(pl.lit(segment))
        & (pl.col("valid_from") <= day) & (pl.col("valid_to").fill_null(dt.date.max) >= day)
    )  # fmt: skip
    assert held.height <= 1
    return held["answer"].item() if held.height else "no"


def under(regime: str, *partners: str) -> Standing:
    def stands(partner: str, asked: str, day: dt.date) -> Verdict:
        return Verdict("yes" if asked == regime and partner in partners else "no", (Reason(f"{partner}", ("LS005",)),))

    return stands


def programme(word: str) -> dict[str, str]:
    return {"segments": TEXT["segments"].replace("defence,new", f"defence,{word}")}


@pytest.fixture(scope="module")
def gotion() -> Chain:
    place = folder("gotion-us")
    assert place is not None
    made = files.load(place)
    regime = made.segments.schema["regime"]
    army = made.segments.head(1).with_columns(segment=pl.lit("army"), regime=pl.lit("defence").cast(regime))
    return made.replace(segments=pl.concat([made.segments, army]))


def test_cells_of_a_named_maker_may_not_be_sold_to_the_pentagon_from_october_2027(gotion: Chain) -> None:
    frame = bans(gotion, under("ndaa_154", "gotion", "gotion_inc"))
    for item in ("cell-cn", "cell-us"):
        assert barred(frame, item, dt.date(2027, 9, 30), "BN039") == "no"
        assert barred(frame, item, dt.date(2027, 10, 1), "BN039") == "yes"
        assert barred(frame, item, LAST, "BN039") == "yes"
    assert set(frame["segment"].drop_nulls()) == {"army"}
    assert frame.filter(ban="BN039")["valid_to"].null_count() == frame.filter(ban="BN039").height


def test_a_pack_of_another_maker_falls_under_it_with_the_majority_of_its_components() -> None:
    """20 cells of 20 dollars beside a case of 100 are 80 %."""
    frame = bans(chain(), under("ndaa_154", "maker"))
    row = frame.filter(ban="BN039", item="pack").row(0, named=True)
    assert row["answer"] == "yes"
    assert "80 % of the inputs of make-pack by cost" in row["because"]
    assert "conversion is not counted" in row["because"]
    assert "waiver by Secretary" in row["because"]
    assert row["rows"].split(";")[0] == "BN039"
    dear = chain(offers=TEXT["offers"].replace("case,100", "case,400"))
    assert barred(bans(dear, under("ndaa_154", "maker")), "pack", LAST, "BN039") == "no"
    assert barred(bans(dear, under("ndaa_154", "maker")), "cell", LAST, "BN039") == "yes"


def test_a_majority_is_more_than_half() -> None:
    for usd, answer in ((400, "no"), (399.99, "yes")):
        made = chain(offers=TEXT["offers"].replace("case,100", f"case,{usd:g}"))
        assert barred(bans(made, under("ndaa_154", "maker")), "pack", LAST, "BN039") == answer


def test_what_goes_into_a_cell_counts_only_where_the_ban_looks_through_cells() -> None:
    """Cathode is 12 of the 20 dollars of a cell, 240 of the 500 of a pack."""
    made = chain()
    assert barred(bans(made, under("ndaa_154", "far")), "pack", LAST, "BN039") == "no"
    assert barred(bans(made, under("ndaa_154", "far")), "cell", LAST, "BN039") == "yes"
    assert barred(bans(made, under("feoc_4865", "far")), "pack", LAST, "BN008") == "yes"
    assert barred(bans(made, under("uflpa", "far")), "pack", LAST, "BN020", None) == "yes"
    assert barred(bans(made, under("uflpa", "far")), "case", LAST, "BN020", None) == "no"


@pytest.mark.parametrize(("usd", "answer"), [(20, "yes"), (19.99, "no")])
def test_five_percent_is_enough_for_section_842(usd: float, answer: str) -> None:
    """A barred case of 20 beside 19 cells of 20 is 5 %; one of 19.99 is less."""
    made = chain(
        offers=TEXT["offers"].replace("case,100", f"case,{usd:g}"),
        bom=TEXT["bom"].replace("cell,20,0", "cell,19,0"),
        items=TEXT["items"].replace("graphite,Graphite,material,0,1,,near", "graphite,Graphite,material,0,1,,far"),
    )
    assert barred(bans(made, under("feoc_4865", "near")), "pack", LAST, "BN008") == answer


@pytest.mark.parametrize(("word", "starts"), [
    ("new", "2028-01-01"), ("standard", "2029-01-01"), ("existing", "2031-01-30"),
])  # fmt: skip
def test_section_842_begins_by_programme(word: str, starts: str) -> None:
    frame = bans(chain(**programme(word)), under("feoc_4865", "maker")).filter(item="cell")
    assert frame.select(pl.col("valid_from").cast(pl.String), "answer").rows() == [(starts, "yes")]


def test_where_the_programme_is_not_known_a_ban_may_apply_and_is_never_ruled_out() -> None:
    frame = bans(chain(**programme("")), under("feoc_4865", "maker")).filter(item="cell")
    assert frame["answer"].to_list() == ["unknown"] * 3
    assert frame["because"].str.contains("name its programme").all()


def test_a_bill_bars_nobody_and_is_told_apart() -> None:
    made = chain(segments=TEXT["segments"].replace("army,Army,defence,new", "army,Army,federal,"))
    who = under("hr1166", "maker")
    assert bans(made, who).is_empty()
    told = pending(made, law.shipped(), who, FIRST, LAST)
    assert set(told["item"]) == {"cell", "pack"}
    assert set(told["answer"]) == {"no"}
    assert told["valid_from"].unique().to_list() == [dt.date(2027, 10, 1)]
    assert told["because"].str.starts_with("a bill, not law; it would bar").all()
    may = pending(made, law.shipped(), standing(maker="unknown", packer="unknown"), FIRST, LAST)
    assert may["because"].str.starts_with("a bill, not law; it may bar").all() and not may.is_empty()


@pytest.mark.parametrize(("mass", "answer"), [("3.3", "unknown"), ("3.34", "no"), ("0", "unknown")])
def test_an_export_licence_whose_state_is_unknown_may_bind_cells_from_300_wh_per_kg(mass: str, answer: str) -> None:
    made = chain(
        items=TEXT["items"].replace("cell,Cell,cell,1,6", f"cell,Cell,cell,1,{mass}"),
        sites=TEXT["sites"].replace("ohio,Ohio,maker,cell,US", "ohio,Ohio,maker,cell,CN"),
    )
    frame = bans(made, standing())
    assert barred(frame, "cell", LAST, "BN030", None) == answer
    assert set(frame.filter(ban="BN030")["country"]) <= {"CN"}


def test_what_does_not_come_from_china_needs_no_chinese_export_licence() -> None:
    made = chain(items=TEXT["items"].replace("cell,Cell,cell,1,6", "cell,Cell,cell,1,3"))
    assert barred(bans(made, standing()), "cell", LAST, "BN030", None) == "no"


def test_an_item_without_maker_is_made_by_who_makes_it_and_else_unknown() -> None:
    nameless = TEXT["items"].replace("2.5,maker,lfp", "2.5,,lfp").replace("0,1,,far", "0,1,,")
    frame = bans(chain(items=nameless), under("ndaa_154", "maker"))
    assert barred(frame, "cell", LAST, "BN039") == "yes"
    frame = bans(chain(items=nameless), standing())
    assert barred(frame, "cell", LAST, "BN039") == "unknown"
    assert "cathode" in frame.filter(ban="BN039", item="cell")["because"].item()


def test_where_processes_differ_it_is_unknown_and_said_which() -> None:
    two = chain(
        items=TEXT["items"].replace("2.5,maker,lfp", "2.5,,lfp"),
        processes=TEXT["processes"] + "other-cell,texas,cell,30,1\n",
        bom=TEXT["bom"] + "other-cell,graphite,4,0\n",
    )
    row = bans(two, under("ndaa_154", "packer")).filter(ban="BN039", item="cell").row(0, named=True)
    assert row["answer"] == "unknown"
    assert "make-cell no" in row["because"] and "other-cell yes" in row["because"]


@pytest.mark.parametrize(("barred_ones", "answer"), [
    (("far", "near"), "yes"), ((), "no"), (("far",), "unknown"),
])  # fmt: skip
def test_without_prices_all_inputs_barred_is_yes_and_none_is_no(barred_ones: tuple[str, ...], answer: str) -> None:
    made = chain(offers="offer,site,item,price_usd,valid_from,incoterm\no-case,wuxi,case,100,2025-01-01,FOB\n")
    assert barred(bans(made, under("ndaa_154", *barred_ones)), "cell", LAST, "BN039") == answer


def test_pieces_of_time_follow_the_standing() -> None:
    made = chain(
        stakes="owner,owned,interest,share_min,share_max,valid_from,valid_to\n"
        "far,maker,equity,0.6,0.6,2028-03-01,2029-05-31\n"
    )

    def while_held(partner: str, regime: str, day: dt.date) -> Verdict:
        held = regime == "ndaa_154" and partner == "maker" and dt.date(2028, 3, 1) <= day <= dt.date(2029, 5, 31)
        return Verdict("yes" if held else "no", (Reason("held"),))

    frame = bans(made, while_held).filter(ban="BN039", item="cell")
    assert frame.select("valid_from", "valid_to").rows() == [(dt.date(2028, 3, 1), dt.date(2029, 5, 31))]


def test_critical_days_are_the_first_and_those_on_which_a_row_begins_or_has_ended() -> None:
    made = chain(
        stakes="owner,owned,interest,share_min,share_max,valid_from,valid_to\n"
        "far,maker,equity,0.6,0.6,2028-03-01,2029-05-31\n",
        reviews="partner,against,result,day\nmaker,list_154,different,2030-02-03\n",
    )
    days = critical_days(made, law.shipped(), FIRST, LAST)
    assert days == sorted(set(days)) and days[0] == FIRST and days[-1] <= LAST
    assert {dt.date(2028, 3, 1), dt.date(2029, 6, 1), dt.date(2030, 2, 3), dt.date(2027, 10, 1)} <= set(days)


def test_a_ban_that_was_not_known_yet_bars_nobody() -> None:
    known = law.shipped("2025-05-27")
    frame = bans(chain(), under("feoc_4865", "maker"), known)
    assert frame.filter(pl.col("ban").is_in(["BN008", "BN009", "BN010"])).is_empty()
    assert not bans(chain(), under("ndaa_154", "maker"), known).filter(ban="BN039").is_empty()


ANSWERS = st.sampled_from(["yes", "no", "unknown"])


@settings(max_examples=20)
@given(maker=ANSWERS, packer=ANSWERS, far=ANSWERS, near=ANSWERS, usd=st.sampled_from([50, 400, 900]))
def test_an_answer_holds_however_the_unknown_turns_out(
    maker: Answer, packer: Answer, far: Answer, near: Answer, usd: int
) -> None:
    given_answers = {"maker": maker, "packer": packer, "far": far, "near": near}
    made = chain(offers=TEXT["offers"].replace("case,100", f"case,{usd}"))
    first = LAST - DAY
    found = bans(made, standing(**given_answers), first=first)
    options = [["yes", "no"] if answer == "unknown" else [answer] for answer in given_answers.values()]
    certain = [dict(zip(given_answers, picked, strict=True)) for picked in product(*options)]
    resolved = [bans(made, standing(**each), first=first) for each in certain]
    for ban, item, segment in (("BN039", "cell", "army"), ("BN039", "pack", "army"), ("BN008", "pack", "army"),
                               ("BN020", "pack", None)):  # fmt: skip
        outcomes = {barred(frame, item, LAST, ban, segment) for frame in resolved}
        answer = barred(found, item, LAST, ban, segment)
        assert answer == (outcomes.pop() if len(outcomes) == 1 else "unknown")

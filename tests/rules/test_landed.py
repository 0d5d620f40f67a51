"""Landed cost of a small chain, worked out by hand, and what a person is told when it cannot be."""

import datetime as dt

import polars as pl
import polars.selectors as cs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cellroad.chain import facts
from cellroad.chain.chain import Chain
from cellroad.chain.finding import ChainError
from cellroad.rules.landed import Landed, land

SUMMER = dt.date(2027, 7, 1)


TABLES = {
    "sites": """site,name,kind,country
hefei,Hefei,vendor,CN
shanghai,Shanghai,port,CN
lgb,Long Beach,port,US
reno,Reno,pack,US
dallas,Dallas,market,US
busan,Busan,vendor,KR
""",
    "items": """item,name,stage,kwh,mass_kg,hts,dg_class
cell,Cell,cell,0.9,5.4,8507.60.0020,9
pack,Pack,pack,14.4,110,8507.60.0020,9
frame,Frame,component,0,9,,
""",
    "offers": """offer,site,item,price_usd,valid_from,valid_to,lead_days,incoterm
a,hefei,cell,50,2024-01-01,,20,FCA
k,busan,cell,70,2024-01-01,,20,FOB
f,dallas,frame,40,2024-01-01,,5,FCA
""",
    "lanes": """lane,origin,destination,mode,transit_days,cost_usd,cost_per,container_kg,dg_class,dg_usd,source
in,hefei,shanghai,truck,2,600,container,18000,9,0,
sea,shanghai,lgb,ocean,20,3600,container,18000,9,900,LN01;PR107
out,lgb,reno,truck,3,1800,container,18000,9,0,
kr,busan,lgb,ocean,14,2400,container,18000,9,900,
sell,reno,dallas,truck,4,3000,container,18000,9,0,
air,shanghai,reno,air,3,90000,container,18000,9,900,
back,dallas,reno,truck,4,3000,container,18000,,0,
""",
    "processes": """process,site,item,cost_usd,yield_share
assemble,reno,pack,190,0.95
""",
    "bom": """process,item,quantity,scrap_share
assemble,cell,16,0.02
assemble,frame,1,0
""",
}


def chain(**changes: pl.DataFrame) -> Chain:
    """Cells of Hefei by Shanghai and Long Beach to a pack plant in Reno, which sells in Dallas."""
    dates = cs.starts_with("valid_").str.to_date()
    frames = {name: pl.read_csv(text.encode(), infer_schema=False).with_columns(dates) for name, text in TABLES.items()}
    return Chain.of("small", **(frames | changes))


def bars(found: Landed) -> dict[str, float]:
    frame = found.waterfall.group_by("kind", maintain_order=True).agg(pl.col("usd_per_unit").sum())
    return dict(frame.iter_rows())


def test_a_landed_cost_is_what_a_person_works_out_by_hand() -> None:
    found = land(chain(), "cell", "hefei", "reno", SUMMER)
    assert bars(found) == pytest.approx({
        "price": 50.0,
        "inland freight": (600 + 1800) * 5.4 / 18000,
        "freight": 3600 * 5.4 / 18000,
        "dangerous goods": 900 * 5.4 / 18000,
        "insurance": 0.003 * 50,
        "duty:MFN": 0.034 * 50,
        "duty:Section 301 China (technology transfer)": 0.25 * 50,
        "duty:Section 301 forced labor": 0.125 * 50,
        "mpf": 0.003464 * 50,
        "hmf": 0.00125 * 50,
        "carrying": 50 * 0.10 * 25 / 365,
        "total": found.total_usd,
    })  # fmt: skip
    assert found.per_kwh == pytest.approx(found.total_usd / 0.9)
    assert found.duty.rate_pct == pytest.approx(40.9)


@settings(max_examples=20)
@given(
    on=st.dates(dt.date(2024, 1, 1), dt.date(2032, 12, 31)),
    way=st.sampled_from([("cell", "hefei", "reno"), ("cell", "busan", "dallas"), ("pack", "reno", "dallas")]),
)
def test_the_bars_add_up_and_every_bar_names_what_is_behind_it(on: dt.date, way: tuple[str, str, str]) -> None:
    found = land(chain(), *way, on)
    parts = found.waterfall.filter(pl.col("kind") != "total")
    assert parts["usd_per_unit"].sum() == pytest.approx(found.total_usd)
    assert parts["order"].to_list() == list(range(1, parts.height + 1))
    assert (parts["source"] != "").all()
    ids = [part for cell in parts["fact"] for part in cell.split(";") if part]
    assert all(facts.is_fact(row_id) for row_id in ids)
    duty = parts.filter(pl.col("kind").str.starts_with("duty:"))
    assert (duty["fact"] != "").all()
    assert found.low_usd <= found.total_usd


def test_goods_go_the_cheapest_way_that_takes_them() -> None:
    legs = land(chain(), "cell", "hefei", "dallas", SUMMER).lead.filter(stage="transit")["note"].to_list()
    assert legs == [
        "hefei to shanghai by truck", "shanghai to lgb by ocean", "lgb to reno by truck", "reno to dallas by truck",
    ]  # fmt: skip


def test_lead_time_is_worked_backward_from_the_entry() -> None:
    lead = land(chain(), "cell", "hefei", "reno", SUMMER).lead
    assert lead.select("stage", "start", "days").rows() == [
        ("order", dt.date(2027, 5, 20), 0),
        ("make", dt.date(2027, 5, 20), 20),
        ("transit", dt.date(2027, 6, 9), 2),
        ("transit", dt.date(2027, 6, 11), 20),
        ("clear", dt.date(2027, 7, 1), 0),
        ("transit", dt.date(2027, 7, 1), 3),
    ]


@pytest.mark.parametrize("on", ["2027-02-25", "2027-03-01", "2027-03-10"])
def test_chinese_new_year_on_the_way_lengthens_the_lead(on: str) -> None:
    usual = land(chain(), "cell", "hefei", "reno", SUMMER)
    found = land(chain(), "cell", "hefei", "reno", dt.date.fromisoformat(on))
    closed = int(found.lead["closed_days"].sum())
    assert closed > 0
    assert usual.lead["closed_days"].sum() == 0
    assert found.lead_days > usual.lead_days


@settings(max_examples=30)
@given(on=st.dates(dt.date(2025, 1, 1), dt.date(2034, 12, 31)))
def test_the_stages_follow_each_other_and_making_takes_its_open_days(on: dt.date) -> None:
    lead = land(chain(), "cell", "hefei", "reno", on).lead
    assert lead["start"][1:].to_list() == lead["end"][:-1].to_list()
    make = lead.row(by_predicate=pl.col("stage") == "make", named=True)
    assert make["days"] - make["closed_days"] == 20
    assert lead.filter(stage="clear")["end"].item() == on


def test_a_vendor_without_shutdown_is_as_fast_in_february() -> None:
    days = [land(chain(), "cell", "busan", "reno", dt.date(2027, month, 25)).lead_days for month in (2, 7)]
    assert days[0] == days[1]


def test_what_is_made_costs_its_conversion_and_its_inputs_from_their_cheapest_source() -> None:
    cell = land(chain(), "cell", "hefei", "reno", SUMMER).total_usd
    frame = land(chain(), "frame", "dallas", "reno", SUMMER).total_usd
    assert cell < land(chain(), "cell", "busan", "reno", SUMMER).total_usd
    pack = land(chain(), "pack", "reno", "reno", SUMMER)
    assert pack.total_usd == pytest.approx((190 + 16 / 0.98 * cell + frame) / 0.95)
    assert pack.duty.state == "domestic"


def test_korea_beats_china_when_duty_decides() -> None:
    dear = chain(offers=chain().offers.with_columns(price_usd=pl.when(offer="a").then(65.0).otherwise("price_usd")))
    pack = land(dear, "pack", "reno", "dallas", SUMMER)
    assert "cell at busan, offer k (FOB)" in " ".join(pack.waterfall["label"])
    assert "duty:Section 301 China (technology transfer)" not in bars(pack)


@pytest.mark.parametrize(("on", "percent"), [
    ("2024-09-27", 10.9), ("2025-02-22", 20.9), ("2025-05-14", 40.9), ("2025-11-10", 30.9), ("2026-02-24", 28.4),
    ("2026-02-28", 38.4), ("2026-07-24", 28.4), ("2026-07-28", 40.9),
])  # fmt: skip
def test_duty_is_that_of_the_entry_day_and_of_the_day_of_loading(on: str, percent: float) -> None:
    """Entered on 24 July 2026 the goods were loaded on the 4th, before the forced-labor duty; so in February 2026."""
    assert land(chain(), "cell", "hefei", "reno", dt.date.fromisoformat(on)).duty.rate_pct == pytest.approx(percent)


def test_the_law_can_be_asked_as_it_was_known() -> None:
    found = land(chain(), "cell", "hefei", "reno", dt.date(2026, 9, 1), as_known=dt.date(2026, 7, 1))
    assert found.duty.rate_pct == pytest.approx(28.4)


def with_terms(rule: str, price: float) -> Chain:
    terms = pl.when(offer="a").then(pl.lit(rule)).otherwise(pl.col("incoterm").cast(pl.String))
    usd = pl.when(offer="a").then(price).otherwise("price_usd")
    return chain(offers=chain().offers.with_columns(incoterm=terms, price_usd=usd))


def test_the_same_goods_land_at_the_same_cost_whoever_pays_the_way() -> None:
    """A delivered price that holds freight, cover and duty of a FCA price lands where that one does."""
    free = land(chain(), "cell", "hefei", "reno", SUMMER)
    by_kind = bars(free)
    until_port = sum(by_kind[kind] for kind in ("freight", "dangerous goods")) + 600 * 5.4 / 18000
    cif_price = (50 + until_port) / (1 - 0.003)
    cif = land(with_terms("CIF", cif_price), "cell", "hefei", "reno", SUMMER)
    assert bars(cif)["insurance"] == bars(cif)["freight"] == bars(cif)["dangerous goods"] == 0.0
    assert bars(cif)["duty:MFN"] == pytest.approx(by_kind["duty:MFN"])
    assert cif.waterfall.filter(kind="freight")["note"].item() == "in the price (CIF)"

    ddp_price = (50 * 1.409 + until_port) / (1 - 0.003)
    ddp = land(with_terms("DDP", ddp_price), "cell", "hefei", "reno", SUMMER)
    assert ddp.waterfall.filter(pl.col("kind").str.starts_with("duty:"))["basis"][0] == "customs value $50"
    assert sum(usd for kind, usd in bars(ddp).items() if kind.startswith("duty:")) == 0.0
    assert ddp.waterfall.filter(kind="mpf")["usd_per_unit"].item() == 0.0


def test_uncertain_duty_gives_an_interval_and_unknown_duty_no_upper_bound() -> None:
    def as_code(hts: str | None) -> Chain:
        return chain(items=chain().items.with_columns(hts=pl.lit(hts, pl.String)))

    known = land(chain(), "cell", "hefei", "reno", SUMMER)
    assert known.low_usd == known.high_usd == known.total_usd
    graphite = land(as_code("2504.10.50"), "cell", "hefei", "reno", SUMMER)
    assert graphite.high_usd == graphite.total_usd
    assert graphite.total_usd - graphite.low_usd == pytest.approx(0.125 * 50)
    assert "duty not certain" in graphite.summary()
    without = land(as_code(None), "cell", "hefei", "reno", SUMMER)
    assert without.high_usd is None
    assert "no tariff code given" in without.summary()


def test_the_price_follows_its_index_and_holds_its_last_value() -> None:
    month = [dt.date(2027, 1, 1), dt.date(2027, 3, 1)]
    offers = chain().offers.with_columns(
        price_usd=pl.when(offer="a").then(None).otherwise("price_usd"),
        index=pl.when(offer="a").then(pl.lit("lfp")), index_factor=pl.lit(0.9), adder_usd=pl.lit(1.0),
    )  # fmt: skip
    indexed = chain(offers=offers, indices=pl.DataFrame({"index": ["lfp"] * 2, "month": month, "value": [60.0, 50.0]}))
    prices = [bars(land(indexed, "cell", "hefei", "reno", dt.date(2027, m, 1)))["price"] for m in (2, 3, 12)]
    assert prices == pytest.approx([55.0, 46.0, 46.0])
    with pytest.raises(ChainError, match="indices, column month: found no value of 'lfp' up to 2026-12-31"):
        land(indexed, "cell", "hefei", "reno", dt.date(2026, 12, 31))


def test_a_summary_says_cost_duty_and_when_to_order() -> None:
    assert land(chain(), "cell", "hefei", "reno", SUMMER).summary().splitlines() == [
        "cell from hefei at reno, entry 1 Jul 2027: $73.2 per piece, $81.4/kWh",
        "Duty 40.9 % (in force)",
        "Order by 20 May 2027: 45 days, 0 of them closed",
    ]


def spoiled(table: str, key: str, **values: object) -> Chain:
    frame = chain().tables[table]
    row = pl.col(frame.columns[0]) == key
    changed = [pl.when(row).then(pl.lit(value)).otherwise(pl.col(name)).alias(name) for name, value in values.items()]
    return chain(**{table: frame.with_columns(changed)})


def cell(origin: str, destination: str, on: str = "2027-07-01") -> tuple[str, str, str, dt.date]:
    return "cell", origin, destination, dt.date.fromisoformat(on)


PACK = ("pack", "reno", "dallas", SUMMER)
CELL = cell("hefei", "reno")
NO_FLIGHTS = spoiled("lanes", "sea", dg_class="8").lanes.filter(pl.col("lane") != "air")
NO_FRAME = chain().offers.filter(pl.col("offer") != "f")
CIRCLE = chain().bom.with_columns(item=pl.lit("pack")).head(1)
OVER = dt.date(2027, 6, 30)
BAD = [
    (chain(), ("cel", "hefei", "reno", SUMMER), "items, column item: found 'cel'; .* Did you mean cell"),
    (chain(), cell("hefie", "reno"), "sites, column site: found 'hefie'; .*hefei"),
    (chain(), cell("hefei", "mars"), "found 'mars'; .* Correct the id"),
    (chain(), cell("hefei", "busan"), "lanes, column origin: found no way from 'hefei' to 'busan' for 'cell'"),
    (chain(), cell("reno", "hefei"), "no offer and no process for 'cell' at 'reno'"),
    (chain(lanes=NO_FLIGHTS), CELL, "take dangerous goods of class 9"),
    (chain(), cell("hefei", "reno", "2023-12-31"), "on 2023-12-31; .* a from 2024-01-01 to open"),
    (spoiled("offers", "a", valid_to=OVER), CELL, "no offer of 'cell' at 'hefei' on 2027-07-01; .* to 2027-06-30"),
    (spoiled("items", "cell", hts="85-07"), CELL, "items, column hts: found '85-07' is not a tariff code"),
    (with_terms("CIF", 1.0), CELL, "offers, column incoterm: found a price of 1 CIF does not cover freight"),
    (chain(offers=NO_FRAME), PACK, "bom, column item: found 'frame' cannot be had at 'reno'"),
    (chain(bom=CIRCLE), PACK, "'pack' goes into itself by way of pack"),
]


@pytest.mark.parametrize(("spoiled_chain", "question", "message"), BAD)
def test_what_cannot_be_landed_is_told_with_where_and_why(
    spoiled_chain: Chain, question: tuple[str, str, str, dt.date], message: str
) -> None:
    with pytest.raises(ChainError, match=message):
        land(spoiled_chain, *question)


def test_everything_wrong_with_a_question_is_told_at_once() -> None:
    with pytest.raises(ChainError) as told:
        land(chain(), "x", "y", "z", SUMMER)
    assert len(told.value.findings) == 3

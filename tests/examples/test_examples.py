"""The shipped examples say what is fact and what is assumption, and no fact is stretched further than it goes."""

from __future__ import annotations

import datetime as dt
import re
from functools import cache

import polars as pl
import pytest

from cellroad.chain import examples, facts
from cellroad.chain.chain import Chain
from cellroad.chain.check import check
from cellroad.chain.files import inspect, load
from cellroad.chain.scenario import apply

NAMES = ("casip", "gotion-us", "kandi-cbak", "yousolar")
TRUST = {"assumption": 0, "unverified": 1, "reported": 2, "verified": 3}
every_example = pytest.mark.parametrize("name", NAMES)


@cache
def example(name: str) -> Chain:
    return load(name)


@cache
def readme(name: str) -> str:
    folder = examples.folder(name)
    assert folder is not None
    return (folder / "README.md").read_text(encoding="utf-8")


@cache
def fact_trust() -> dict[str, int]:
    """Return how far to trust each fact, by its id."""
    trust: dict[str, int] = {}
    for name in facts.names():
        frame = facts.table(name)
        if "confidence" in frame.columns:
            ids = frame.select(pl.nth(0).cast(pl.String), pl.col("confidence").cast(pl.String))
            trust |= {fact: TRUST[confidence] for fact, confidence in ids.iter_rows()}
    return trust


def sourced(name: str) -> pl.DataFrame:
    """Return every row of every table: table, line, sources (list), confidence, note."""
    return pl.concat(
        frame.select(
            table=pl.lit(table),
            line=pl.int_range(2, pl.len() + 2, dtype=pl.Int64),
            sources=pl.col("source").str.split(";").list.filter(pl.element() != ""),
            confidence=pl.col("confidence").cast(pl.String),
            note="note",
        )
        for table, frame in example(name).tables.items()
    )


def energy_wanted(name: str, year: int) -> float:
    """Return what a year's demand holds, MWh; wants that several items satisfy count as their first item."""
    chain = example(name)
    per_want = (
        chain.wants.join(chain.items.select("item", "kwh"), on="item", maintain_order="left")
        .group_by("want")
        .agg((pl.col("quantity") * pl.col("kwh")).first().alias("kwh_each"))
    )
    year_of = chain.demand.filter(pl.col("month").dt.year() == year).join(per_want, on="want")
    return float((year_of["quantity"] * year_of["kwh_each"]).sum()) / 1000


def test_the_four_examples_ship() -> None:
    assert tuple(examples.names()) == NAMES


@every_example
def test_every_example_reads_without_any_remark_and_checks_without_blockers(name: str) -> None:
    folder = examples.folder(name)
    assert folder is not None
    _, read = inspect(folder)
    assert [str(f) for f in read] == []
    assert [str(f) for f in check(example(name)) if f.severity == "blocker"] == []


@every_example
def test_every_scenario_of_an_example_checks_without_blockers(name: str) -> None:
    chain = example(name)
    assert chain.scenarios.height >= 2
    for scenario in chain.scenarios["scenario"]:
        changed = apply(chain, scenario).replace(changes=chain.changes.clear())  # what is dropped cannot change again
        found = [str(f) for f in check(changed) if f.severity == "blocker"]
        assert (scenario, found) == (scenario, [])


@every_example
def test_every_source_names_a_fact(name: str) -> None:
    named = set(sourced(name)["sources"].explode().drop_nulls())
    assert named
    assert named - fact_trust().keys() == set()


@every_example
def test_a_row_without_source_is_marked_as_an_assumption(name: str) -> None:
    rows = sourced(name).filter(pl.col("sources").list.len() == 0)
    assert rows.filter(pl.col("confidence") != "assumption").select("table", "line").rows() == []


@every_example
def test_no_row_is_trusted_more_than_the_best_of_its_facts(name: str) -> None:
    for table, line, sources, confidence, _ in sourced(name).iter_rows():
        if confidence != "assumption":
            best = max(fact_trust()[fact] for fact in sources)
            assert TRUST[confidence] <= best, f"{table} row {line}: {confidence} from {sources}"


@every_example
def test_every_figure_that_carries_the_answer_says_why_it_is_plausible(name: str) -> None:
    bare = sourced(name).filter(
        pl.col("table").is_in(["offers", "options", "lanes", "processes", "bom", "resources", "indices", "demand"])
        & (pl.col("note") == "")
    )
    assert bare.select("table", "line").rows() == []


@every_example
def test_every_fact_that_the_readme_names_exists(name: str) -> None:
    named = set(re.findall(r"\b(?:PL|PR|TR|ST|LN|CE|CL|PK|IN|BN)\d{2,3}\b|\bCN-CNY-\d{4}\b", readme(name)))
    assert named
    assert named - fact_trust().keys() == set()


@every_example
def test_every_scenario_stands_in_the_readme(name: str) -> None:
    assert [s for s in example(name).scenarios["scenario"] if f"`{s}`" not in readme(name)] == []


@every_example
def test_a_pack_holds_the_energy_of_its_cells_and_weighs_more(name: str) -> None:
    chain = example(name)
    items = chain.items.select("item", "stage", "kwh", "mass_kg").cast({"stage": pl.String})
    packs = (
        chain.processes.select("process", pack="item")
        .join(chain.bom.select("process", "quantity", cell="item"), on="process")
        .join(items.rename({"item": "cell", "kwh": "cell_kwh", "mass_kg": "cell_kg"}), on="cell")
        .filter(pl.col("stage") == "cell")
        .join(items.select(pack="item", kwh="kwh", mass_kg="mass_kg"), on="pack")
    )
    off = packs.filter(
        ((pl.col("quantity") * pl.col("cell_kwh") / pl.col("kwh") - 1).abs() > 1e-6)
        | (pl.col("mass_kg") <= pl.col("quantity") * pl.col("cell_kg"))
    )
    assert off["process"].to_list() == []
    assert packs.height or name == "casip"


@every_example
def test_no_lane_is_faster_than_the_legs_it_cites(name: str) -> None:
    days = facts.table("lanes").drop_nulls("door_days_low").select(fact="lane_id", low="door_days_low")
    legs = example(name).lanes.select("lane", "transit_low_days", fact=pl.col("source").str.split(";")).explode("fact")
    slowest = legs.join(days, on="fact").group_by("lane").agg(pl.col("transit_low_days").first(), pl.col("low").sum())
    assert slowest.filter(pl.col("transit_low_days") < pl.col("low"))["lane"].to_list() == []


@every_example
def test_a_planned_campaign_lies_within_the_range_of_its_fact(name: str) -> None:
    ranges = facts.table("certifications").select(
        "weeks_low", "weeks_high", "cost_usd_low", "cost_usd_high", source="cert_id", of="standard"
    )
    planned = example(name).certificates.filter(pl.col("status") == "planned").join(ranges, on="source", how="left")
    assert planned.height
    outside = planned.filter(
        ~pl.col("weeks").is_between("weeks_low", "weeks_high")
        | ~pl.col("cost_usd").is_between("cost_usd_low", "cost_usd_high")
        | (pl.col("standard") != pl.col("of"))
    )
    assert outside.select("item", "standard").rows() == []


@every_example
def test_works_that_a_plant_fact_names_stand_where_the_fact_says(name: str) -> None:
    places = facts.table("plants").drop_nulls(["lat", "lon"]).select(source="plant_id", there="lat", along="lon")
    sites = example(name).sites.filter(pl.col("confidence").cast(pl.String) != "assumption")
    far = sites.join(places, on="source").filter(
        ((pl.col("lat") - pl.col("there")).abs() > 0.2) | ((pl.col("lon") - pl.col("along")).abs() > 0.2)
    )
    assert far["site"].to_list() == []


def test_both_ventures_of_kandi_and_cbak_are_owned_in_full_ninety_to_ten() -> None:
    stakes = example("kandi-cbak").stakes
    for venture, leader in (("jv_pack", "kandi"), ("jv_cell", "cbak")):
        held = dict(stakes.filter(pl.col("owned") == venture).select("owner", "share_min").iter_rows())
        assert sum(held.values()) == pytest.approx(1)
        assert held[leader] == 0.9


def test_big_rapids_is_open_only_in_its_scenario() -> None:
    chain = example("gotion-us")
    start = chain.plan_settings().start

    def latest(of: Chain) -> dt.date:
        day = of.options.filter(pl.col("option") == "big-rapids")["latest"].item()
        assert isinstance(day, dt.date)
        return day

    assert latest(chain) < start
    assert latest(apply(chain, "licence")) < start
    assert latest(apply(chain, "big-rapids")) >= start
    assert latest(apply(chain, "big-rapids-licence")) >= start


def test_the_vendors_of_yousolar_stand_on_either_side_of_chinese_new_year() -> None:
    holidays = facts.table("calendars").filter(pl.col("event") == "Chinese New Year")
    offers = example("yousolar").offers
    for year, day in holidays.filter(pl.col("year").is_between(2027, 2031)).select("year", "date").iter_rows():
        before = offers.filter(pl.col("offer") == f"a-before-{year}")["valid_to"].item()
        after = offers.filter(pl.col("offer") == f"b-after-{year}")["valid_from"].item()
        assert before < day < after
        assert (day - before).days >= 7
        assert (after - day).days >= 14


@pytest.mark.parametrize(
    ("name", "year", "mwh"),
    [
        ("kandi-cbak", 2027, 211), ("kandi-cbak", 2032, 610),
        ("yousolar", 2027, 32), ("yousolar", 2031, 87),
        ("gotion-us", 2027, 2514), ("gotion-us", 2032, 10139),
        ("casip", 2027, 13000), ("casip", 2032, 21560),
    ],
)  # fmt: skip
def test_demand_adds_up_to_what_the_readme_says(name: str, year: int, mwh: float) -> None:
    assert energy_wanted(name, year) == pytest.approx(mwh, rel=0.02)

"""`cellroad replan` reads what is otherwise today from a folder, and tells what changes."""

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from tests.plan.tiny import chain_of, straight
from tests.show.conftest import Said

import cellroad as cr
from cellroad.show.exits import Exit

Run = Callable[..., Said]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    rows = straight()
    for row in rows["sites"] + rows["items"]:
        row["name"] = row.get("item") or row["site"]
    cr.write(chain_of(rows, "line"), tmp_path / "line")
    return tmp_path / "line"


def now(folder: Path, **tables: str) -> Path:
    folder.mkdir()
    for name, text in tables.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


def test_nothing_new_changes_nothing(run: Run, place: Path) -> None:
    said = run("replan", place, "--today", "2027-02", "--change-price", "0.1")
    assert said.code == Exit.OK and "0 decisions from today on change" in said.out


def test_what_is_known_today_is_planned_with(run: Run, place: Path, tmp_path: Path) -> None:
    chain = cr.load(place)
    site = chain.processes["site"][0]
    offer = chain.offers.row(0, named=True)
    today = now(
        tmp_path / "today",
        stocks=f"site,item,on_hand\n{site},{offer['item']},4\n",
        offers=f"offer,site,item,price_usd,valid_from\n{offer['offer']},{offer['site']},{offer['item']},20,2027-01\n",
    )
    page = tmp_path / "again.html"
    told = run("replan", place, "--today", "2027-02", "--now", today, "--report", page, "--json").machine
    former = cr.plan(chain)
    dearer = chain.replace(offers=chain.offers.with_columns(price_usd=20.0))
    counted = pl.DataFrame({"site": [site], "item": [offer["item"]], "quantity": [4.0]})
    known = cr.replan(former, "2027-02-01", chain=dearer, on_hand=counted)
    assert told["npv_usd"] == pytest.approx(known.plan.solution.objective_usd)
    assert told["former_npv_usd"] == pytest.approx(former.solution.objective_usd)
    assert page.read_text("utf-8").startswith("<!doctype html>")


def test_what_is_missing_is_told(run: Run, place: Path, tmp_path: Path) -> None:
    chain = cr.load(place)
    slow = chain.replace(lanes=chain.lanes.with_columns(transit_months=pl.lit(1, pl.Int64)))
    cr.write(slow, tmp_path / "slow")
    sent = cr.plan(slow).shipments.filter((pl.col("period") == 0) & (pl.col("arrival_period") == 1)).row(0, named=True)
    row = f"a,{sent['destination']},{sent['item']},{sent['arrival']},0"
    today = now(tmp_path / "today", pipeline=f"arrival,site,item,arrives,quantity\n{row}\n")
    asked = ("replan", tmp_path / "slow", "--today", "2027-02", "--now", today)
    assert "Planned to be there, and missing" in run(*asked).out
    (missing,) = run(*asked, "--json").machine["missing"]
    assert (missing["site"], missing["quantity"]) == (sent["destination"], pytest.approx(sent["quantity"]))


@pytest.mark.parametrize(
    ("tables", "more", "code", "told"),
    [
        ({}, ("--today", "2026-01"), Exit.INVALID, "a day from"),
        ({}, ("--today", "soon"), Exit.USAGE, "'soon' is no day; write it as 2027-10-01"),
        ({"stocks": "site,item,on_hand\nnowhere,cell,3\n"}, ("--today", "2027-02"), Exit.INVALID, "'nowhere'"),
        ({"stocks": "site,item,on_hand\np,cell,-3\n"}, ("--today", "2027-02"), Exit.INVALID, "-3"),
        ({"stocks": "site,item,onhand\np,cell,3\n"}, ("--today", "2027-02"), Exit.INVALID, "on_hand"),
        ({"pipeline": "arrival,site,item,arrives,quantity\na,p,cell,soon,3\n"}, ("--today", "2027-02"), Exit.INVALID,
         "'soon'"),
        ({"pipelines": "arrival\na\n"}, ("--today", "2027-02"), Exit.INVALID, "no table in it"),
        ({"demand": "market,want,month,quantity,price_usd\nm,nothing,2027-02,3,1\n"}, ("--today", "2027-02"),
         Exit.INVALID, "nothing"),
    ],
)  # fmt: skip
def test_a_slip_is_told_with_how_to_mend_it(
    run: Run, place: Path, tmp_path: Path, tables: dict[str, str], more: tuple[str, ...], code: Exit, told: str
) -> None:
    given = ("--now", now(tmp_path / "today", **tables)) if tables else ()
    said = run("replan", place, *more, *given)
    assert said.code == code, said.err
    assert told in said.err and "Traceback" not in said.err

"""A regime, a list, a ban and a rate are rows: the example of the documentation is run as it stands there."""

import datetime as dt
import re
from pathlib import Path

import polars as pl
import pytest

import cellroad as cr
from cellroad.chain.finding import ChainError
from cellroad.rules.law import amended, read, seen, shipped
from cellroad.rules.screening import screen

PAGE = Path(__file__).parents[2] / "docs" / "law.md"
DAY = dt.date(2027, 6, 1)


@pytest.fixture(scope="module")
def atlantis(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("law") / "atlantis"
    folder.mkdir()
    blocks = re.findall(r"`(\w+)\.csv`\n\n```csv\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert {name for name, _ in blocks} == {"lists", "listings", "regimes", "tests", "bans"}
    for name, rows in blocks:
        (folder / f"{name}.csv").write_text(rows, encoding="utf-8")
    return folder


def test_a_regime_of_rows_alone_is_judged_like_the_others(atlantis: Path) -> None:
    law = amended(shipped(), read(atlantis))
    found = screen(cr.load("kandi-cbak"), DAY, law=law)
    mine = found.verdicts.filter(pl.col("regime") == "atlantis", pl.col("kind") != "site", pl.col("kind") != "item")
    answers = dict(mine.select("subject", "answer").iter_rows())
    assert answers["cbak"] == answers["jv_cell"] == answers["cbak_nanjing"] == "yes"
    assert answers["cbak_malaysia"] == "yes", "50 % at least is half"
    assert answers["jv_pack"] == answers["kandi_america"] == "no"
    why = found.why("jv_cell", "atlantis")
    assert "90 %" in why["text"][0]
    assert "AT002" in why["rows"][0]


def test_a_ban_of_rows_alone_hits_the_packs_of_those_makers_from_its_day(atlantis: Path) -> None:
    law = amended(shipped(), read(atlantis))
    chain = cr.load("kandi-cbak")
    maker = pl.when(pl.col("item") == "utv-us").then(pl.lit("jv_cell")).otherwise("maker")
    chain = chain.replace(items=chain.items.with_columns(maker=maker))
    found = screen(chain, DAY, law=law).bans.filter(pl.col("ban") == "AB001")
    assert found.select("segment", "item", "answer").rows() == [("commercial", "utv-us", "yes")]
    to_come = screen(chain, dt.date(2026, 12, 31), law=law).bans.filter(pl.col("ban") == "AB001")
    assert to_come["valid_from"].to_list() == [dt.date(2027, 1, 1)]


def test_rows_that_were_not_known_yet_do_not_count(atlantis: Path) -> None:
    law = seen(amended(shipped(), read(atlantis)), "2025-12-31")
    assert "atlantis" not in set(law.regimes["regime_id"])
    assert screen(cr.load("kandi-cbak"), DAY, law=law).verdicts.filter(pl.col("regime") == "atlantis").is_empty()


def test_a_row_with_an_id_that_exists_replaces_it() -> None:
    law = shipped()
    rate = law.incentives.filter(pl.col("incentive_id") == "IN001").with_columns(value=pl.lit(17.5))
    changed = amended(law, {"incentives": rate})
    assert changed.incentives.height == law.incentives.height
    day = "2025-05-27"
    usd = {
        name: screen(cr.load("kandi-cbak"), DAY, day, law=rules).claims.filter(pl.col("item") == "cell-us")[
            "usd_per_unit"
        ]
        for name, rules in (("old", law), ("new", changed))
    }
    assert usd["new"].to_list() == pytest.approx((usd["old"] / 2).to_list())


def test_everything_wrong_with_rows_of_law_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "regimes.csv").write_text("regime_id,name,measured\nx y,X,monthly\n", encoding="utf-8")
    (tmp_path / "tests.csv").write_text(
        "test_id,regime,kind,of,about,threshold,source_id,confidence\nT1,x,smell,y,z,1.5,B01,verified\n",
        encoding="utf-8",
    )
    (tmp_path / "regime.csv").write_text("a\n1\n", encoding="utf-8")
    with pytest.raises(ChainError) as caught:
        read(tmp_path)
    told = {(finding.table, finding.column) for finding in caught.value.findings}
    assert {("regimes", "regime_id"), ("regimes", "measured"), ("tests", "kind"), ("tests", "threshold")} <= told
    assert ("regime.csv", "") in told


@pytest.mark.parametrize(("column", "value", "told"), [
    ("regime", "pfee", "Did you mean 'pfe'?"),
    ("of", "list_999;sfe", "list_999"),
    ("attribution", "ofac_51", "Did you mean 'ofac_50'?"),
    ("interest", None, "a test of the kind owned"),
    ("threshold", None, "a test of the kind owned"),
])  # fmt: skip
def test_a_row_that_names_what_is_not_there_is_told(column: str, value: str | None, told: str) -> None:
    law = shipped()
    row = law.tests.filter(pl.col("kind").cast(pl.String) == "owned").head(1)
    dtype = law.tests.schema[column]
    wrong = row.with_columns(pl.lit(value).cast(dtype).alias(column), test_id=pl.lit("X1"))
    with pytest.raises(ChainError) as caught:
        amended(law, {"tests": wrong})
    (finding,) = caught.value.findings
    assert finding.column == column
    assert told in f"{finding.found} {finding.expected} {finding.mend}"
    assert "X1" in finding.found


def test_the_shipped_law_fits_together() -> None:
    assert amended(shipped(), {}).tables.keys() == shipped().tables.keys()


def test_a_folder_without_rows_of_law_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ChainError, match="no rows of law"):
        read(tmp_path)


def test_every_test_names_what_exists() -> None:
    law = shipped()
    regimes, lists = set(law.regimes["regime_id"]), set(law.lists["list_id"])
    from cellroad.rules.attribution import RULES

    for row in law.tests.iter_rows(named=True):
        assert row["regime"] in regimes
        named = set(row["of"].split(";")) - {"-"}
        if row["kind"] == "listed":
            assert named <= lists, row
        elif row["kind"] == "seat":
            assert all(re.fullmatch(r"(government:)?[A-Z]{2}", name) for name in named), row
        else:
            assert named <= regimes | lists, row
        if row["kind"] == "owned":
            assert row["attribution"] in RULES, row
            assert None not in (row["interest"], row["by"], row["compare"], row["threshold"]), row
    bans = law.bans.filter(pl.col("regime") != "")
    assert set(bans["regime"]) <= regimes
    assert set(law.listings["list"]) <= lists
    assert set(law.listings["org_id"]) - {""} <= set(law.organisations["org_id"])
    claimed = set(law.credits["claimant_regime"]) | set(law.credits["material_regime"])
    assert claimed - {""} <= regimes


def test_every_attribution_rule_is_on_the_page() -> None:
    from cellroad.rules.attribution import RULES

    page = PAGE.read_text(encoding="utf-8")
    assert all(f"`{name}`" in page for name in RULES if name != "section_1563_chain")

"""The command that screens tells every answer that is not no, with rows that exist, and what a deal turns."""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl
import pytest
from tests.show.screened import DAY, EXAMPLES, deal_of, exists, mixed, printed, printed_deal, screen_of, shown

from cellroad.chain import facts
from cellroad.chain.files import load, write
from cellroad.show import screen_tables, screen_text
from cellroad.show.exits import Exit
from cellroad.show.screen_text import BAR, SHADES
from cellroad.show.terminal import plain

FRAMES = ("verdicts", "reasons", "bans", "claims", "materials", "premiums", "matches", "owners")

every_example = pytest.mark.parametrize("name", EXAMPLES)


@pytest.fixture
def wide(run, monkeypatch: pytest.MonkeyPatch):
    """A terminal so wide that words are not broken over lines."""
    monkeypatch.setenv("COLUMNS", "100000")
    return run


def section(out: str, partner: str) -> str:
    """What is printed of a partner: from its heading to the next empty line."""
    _, _, rest = out.partition(f" ({partner})\n")
    return " ".join(rest.split("\n\n")[0].split())


@every_example
def test_every_answer_that_is_not_no_is_told_with_its_reason(name: str) -> None:
    out = printed(name)
    found = screen_of(name).verdicts.filter(pl.col("answer") != "no")
    assert found.height > 20
    for row in found.iter_rows(named=True):
        told = section(out, row["partner"])
        assert row["because"] in told
        assert row["regime"] in told
        if row["kind"] in ("site", "item"):
            assert re.search(rf"\b{re.escape(row['subject'])}\b", told.split(".")[0]), row["subject"]


@every_example
def test_the_matrix_is_that_of_the_screen(name: str) -> None:
    lines = printed(name).splitlines()
    for partner, _, *answers in screen_of(name).summary().iter_rows():
        (row,) = (line.split() for line in lines if line.split()[:1] == [partner] and len(line.split()) > 5)
        assert row[1:] == ["?" if answer == "unknown" else answer for answer in answers]


@every_example
def test_every_row_that_is_printed_exists(name: str) -> None:
    out = printed(name)
    named = {one for rows in re.findall(r"rests on (.+) \(\w+\)", out) for one in rows.split(", ")}
    assert len(named) > 5
    chain = load(name)
    assert [one for one in sorted(named) if not exists(one, chain)] == []


@every_example
def test_bans_credits_and_unknowns_are_told(name: str) -> None:
    out = printed(name)
    found = screen_of(name)
    for row in found.bans.iter_rows(named=True):
        assert any(row["ban"] in block and row["item"] in block for block in out.split("\n"))
        assert row["because"] in out
    for row in found.claims.iter_rows(named=True):
        assert row["because"] in out
        assert re.search(rf"^ +{re.escape(row['item'])} \$", out, re.MULTILINE)
    for text in found.unknown()["text"].head(20):
        assert text in out


@every_example
def test_a_screen_fits_a_line_and_says_the_same(run, name: str) -> None:
    said = run("screen", name, "--on", DAY)
    assert said.code == Exit.OK
    assert max(len(line) for line in said.out.splitlines()) <= 120
    assert "not legal advice" in said.out
    assert sorted(said.out.split()) == sorted(printed(name).split())


def test_a_screen_as_json_has_every_frame(run) -> None:
    machine = run("screen", "gotion-us", "--on", DAY, "--json").machine
    found = screen_of("gotion-us")
    for frame in FRAMES:
        assert machine[frame] == plain(getattr(found, frame)), frame
    assert machine["unknown"] == plain(found.unknown())
    assert "not legal advice" in machine["note"]


@every_example
def test_an_answer_on_which_readings_differ_tells_them_and_what_is_not_known(name: str) -> None:
    frame = screen_tables.told(screen_of(name))
    reasons = screen_of(name).reasons
    readings = reasons.filter(pl.col("kind") == "reading")["text"]
    contested = frame.filter(pl.col("answer") == "unknown", pl.col("because").is_in(readings.implode()))
    assert contested.height > 0 or readings.is_empty()
    for row in contested.iter_rows(named=True):
        mine = reasons.filter(pl.col("partner") == row["partner"], pl.col("regime").is_in(row["regimes"].split(", ")))
        lacks = mine.filter(pl.col("kind") == "missing")["text"]
        read = mine.filter(pl.col("kind") == "reading")["text"].to_list()
        assert row["missing"] in [*lacks, ""] and (row["missing"] or lacks.is_empty())
        assert {text.split(": ")[-1] for text in read} == {
            text.split(": ")[-1] for text in [row["because"], *filter(None, row["readings"].split("; "))]
        }


def test_names_that_are_only_alike_are_shown_with_the_row_that_settles_them(wide, tmp_path: Path) -> None:
    chain = load("kandi-cbak")
    called = facts.table("listings")["name"][0]
    stranger = chain.partners.filter(pl.col("partner") == "kandi_america").with_columns(
        partner=pl.lit("stranger"), name=pl.lit(called), source=pl.lit("")
    )
    write(chain.replace(partners=pl.concat([chain.partners, stranger])), tmp_path / "c")
    out = wide("screen", tmp_path / "c", "--on", DAY).out
    told = out.split("Names that need a look")[1].split("What is not known")[0]
    assert f"{called} may be {called} (" in told
    assert "write into reviews: stranger," in told


def test_bans_of_sales_credits_by_cost_and_premiums_are_told_in_words() -> None:
    out = shown(*screen_text.drawn(mixed()))
    assert "utv-us, lv-us may not be sold to defence, since 1 Oct 2027, to 1 Nov 2027" in out
    assert "electrode active material made in the US, by jv_cell" in out
    assert "cell-us 10 % of its cost" in out
    assert "by nobody named" in out
    assert "30 % of the price of utv-us, sold to utility" in out
    for frame in (mixed().bans, mixed().claims, mixed().premiums):
        assert all(text in out for text in frame["because"])


# Why ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("subject", ["cbak", "jv_cell", "nanjing", "cell-us"])
def test_why_tells_every_reason_and_every_source(subject: str) -> None:
    found = screen_of("kandi-cbak")
    out = " ".join(shown(*screen_text.why(found, subject)).split())
    reasons = found.why(subject)
    assert [text for text in reasons["text"] if " ".join(text.split()) not in out] == []
    ids = {one for rows in reasons["rows"] for one in rows.split(";") if facts.is_fact(one)}
    sources = facts.sources().filter(pl.col("source_id").is_in([facts.find(one)[1]["source_id"] for one in ids]))
    assert sources.height > 3
    for row in sources.iter_rows(named=True):
        assert all(str(row[column]) in out for column in ("source_id", "title", "publisher", "date"))


def test_why_as_json_follows_every_row(run) -> None:
    machine = run("screen", "kandi-cbak", "--on", DAY, "--why", "cell-us", "--json").machine
    reasons = screen_of("kandi-cbak").why("cell-us")
    assert machine["why"]["reasons"] == plain(reasons)
    assert {row["id"] for row in machine["why"]["rows"]} == {i for r in reasons["rows"] for i in r.split(";") if i}
    assert all(row["table"] for row in machine["why"]["rows"])


# The law that is asked under ------------------------------------------------------------------------------------------

ATLANTIS = {
    "lists": "list_id,name,jurisdiction,complete,source_id,confidence\nlist_at,Blacklist,AT,yes,B01,unverified\n",
    "listings": "listing_id,list,org_id,name,source_id,confidence\nAL1,list_at,cbak,CBAK Energy,B01,unverified\n",
    "regimes": "regime_id,name,jurisdiction,question,source_id,confidence\n"
               "atlantis,Blacklisted in Atlantis,AT,Is it on the blacklist?,B01,unverified\n",
    "tests": "test_id,regime,kind,of,about,source_id,confidence\n"
             "AT1,atlantis,listed,list_at,on the blacklist,B01,unverified\n",
}  # fmt: skip


@pytest.fixture
def atlantis(tmp_path: Path) -> Path:
    folder = tmp_path / "law"
    folder.mkdir()
    for table, rows in ATLANTIS.items():
        (folder / f"{table}.csv").write_text(rows)
    return folder


def test_rows_of_law_that_are_given_are_asked_and_followed(wide, atlantis: Path) -> None:
    out = wide("screen", "kandi-cbak", "--on", DAY, "--law", atlantis).out
    assert "Blacklisted in Atlantis: Is it on the blacklist?" in out
    assert "atlantis" in section(out, "cbak")
    why = wide("screen", "kandi-cbak", "--on", DAY, "--law", atlantis, "--why", "cbak").out
    assert re.search(r"^AL1 +listings, CBAK Energy", why, re.MULTILINE)


def test_a_rule_that_was_not_known_is_not_asked(run) -> None:
    then = run("screen", "kandi-cbak", "--on", DAY, "--as-known", "2025-07-03", "--json").machine
    now = run("screen", "kandi-cbak", "--on", DAY, "--json").machine
    assert "pfe" in {row["regime"] for row in now["regimes"]}
    assert "pfe" not in {row["regime"] for row in then["regimes"]}


# A deal ---------------------------------------------------------------------------------------------------------------


def test_every_turn_of_a_deal_is_told_where_it_is() -> None:
    told = printed_deal().split("The rest is with somebody whom no rule catches")[1]
    flips = deal_of().flips.filter(pl.col("rest") == "an outsider")
    assert flips.height > 2
    for row in flips.iter_rows(named=True):
        (line,) = (line for line in told.splitlines() if f"({row['regime']}, before" in line)
        word = "From" if row["included"] else "Beyond"
        assert line.strip().startswith(f"{word} {100 * row['share']:g} % on")


def test_the_bar_of_a_deal_is_as_long_as_its_pieces() -> None:
    told = printed_deal().split("The rest is with somebody whom no rule catches")[1]
    steps = deal_of().steps.filter(pl.col("rest") == "an outsider", pl.col("answer") != "no")
    for row in steps.iter_rows(named=True):
        (bar,) = re.findall(rf"^{row['regime']} +([{''.join(SHADES.values())}]+)$", told, re.MULTILINE)
        assert len(bar) == BAR
        part = bar.count(SHADES[row["answer"]]) / BAR
        assert part == pytest.approx(row["share_to"] - row["share_from"], abs=1 / BAR)


def test_an_agreement_is_told_term_by_term() -> None:
    words = "cell JV: CBAK licence"
    out = printed_deal(words)
    terms = deal_of(words).terms
    for term in terms["term"].unique():
        mine = terms.filter(pl.col("term") == term)["answer"].to_list()
        (line,) = (line for line in out.splitlines() if line.startswith(f"{term}  "))
        assert line.removeprefix(term).split() == ["?" if answer == "unknown" else answer for answer in mine]


def test_one_share_is_told_both_ways(run) -> None:
    out = run("screen", "kandi-cbak", "--on", DAY, "--deal", "cell JV: CBAK 24 %").out.split("The deal:")[1]
    assert re.search(r"^as today .*yes", out, re.MULTILINE)
    assert re.search(r"^an outsider( +no)+ *$", out, re.MULTILINE)


def test_a_report_is_written_and_replaces_an_older_one(run, tmp_path: Path) -> None:
    target = tmp_path / "new" / "screen.html"
    words = ("screen", "gotion-us", "--on", DAY, "--report", target)
    assert str(target) in run(*words).out
    first = target.read_text("utf-8")
    assert first.startswith("<!doctype html>")
    assert run(*words, "--as-known", "2025-07-03", "--json").machine["report"] == str(target)
    assert target.read_text("utf-8") != first
    assert [place.name for place in target.parent.iterdir()] == ["screen.html"]


# Bad input ------------------------------------------------------------------------------------------------------------

BAD = {
    "no day": (("screen", "kandi-cbak"), Exit.USAGE, "--on"),
    "bad day": (("screen", "kandi-cbak", "--on", "soon"), Exit.USAGE, "2027-10-01"),
    "missing chain": (("screen", "nowhere", "--on", DAY), Exit.INVALID, "nowhere"),
    "unknown subject": (("screen", "kandi-cbak", "--on", DAY, "--why", "cell-uss"), Exit.USAGE, "mean 'cell-us'"),
    "unknown holder": (("screen", "kandi-cbak", "--on", DAY, "--deal", "cell JV: CBKA 10 %"), Exit.INVALID, "cbak"),
    "unread deal": (("screen", "kandi-cbak", "--on", DAY, "--deal", "buy it all"), Exit.INVALID, "venture"),
    "missing law": (("screen", "kandi-cbak", "--on", DAY, "--law", "nowhere"), Exit.INVALID, "no rows of law"),
    "report into a folder": (("screen", "kandi-cbak", "--on", DAY, "--report", "."), Exit.USAGE, "is a folder"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_explained_and_writes_nothing(run, tmp_path: Path, monkeypatch, name: str) -> None:
    monkeypatch.chdir(tmp_path)
    words, code, told = BAD[name]
    said = run(*words)
    assert said.code == code
    assert told in " ".join((said.out + said.err).split())
    assert "Traceback" not in said.err and "Error:" not in said.err
    assert list(tmp_path.iterdir()) == []

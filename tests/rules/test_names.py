"""Names against published judgements, the names of the facts against each other, and the laws of likeness.

The published judgements are not part of the project; `CELLROAD_CASES` names another folder that holds `bods/names`.
"""

import csv
import hashlib
import os
from collections.abc import Iterable
from importlib.util import find_spec
from itertools import combinations
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cellroad.chain import facts
from cellroad.chain.finding import ChainError
from cellroad.rules.names import THRESHOLD, likeness, matches, person_likeness
from cellroad.rules.names_peer import peer_likeness

ROOT = Path(__file__).resolve().parents[2]
CASES = Path(os.environ.get("CELLROAD_CASES", ROOT.parent / "shared" / "data")) / "bods" / "names" / "cases.csv"
ORGANISATIONS = ("Company", "Organization", "LegalEntity")
OWN = [
    "44",
    "XII",
    "Hithium",
    "Envision",
    "Gotion",
    "Bowne",
    "Zhenghua",
    "Kettler",
    "Syrah",
    "Novonix",
    "Blackstone",
    "Prieur",
]
COMMON = ["Energy", "Technology", "Battery", "Group", "Materials", "Bank", "International", "Holdings", "Capital"]
PLACES = ["Xiamen", "Boston", "China", "Chad", "Deutschland", "Zhejiang"]
FORMS = ["AG", "GmbH", "Inc.", "LLC", "Ltd.", "Co., Ltd.", "S.A.", "S.p.A.", "OOO", "Sp. z o.o.", "plc", "Pty Ltd"]
WORDS = st.sampled_from([*OWN, *COMMON, *PLACES])
NAMES = st.lists(WORDS, min_size=1, max_size=5, unique=True).map(" ".join)
ANY = st.one_of(NAMES, st.text(max_size=40))
ACCENTS = str.maketrans("aeiou", "áèîöũ")

# A name that more than one organisation of the facts bears, but for words that do not tell them apart.
RELATIVES = {
    frozenset({"gotion", "gotion_inc"}): "parent and its American subsidiary: only 'High-Tech' is left out",
    frozenset({"cbak", "cbak_nanjing"}): "parent and its subsidiary: only the city and 'New' are added",
    frozenset({"jv_cell", "jv_pack"}): "two planned ventures of the same partners, not yet named",
}


def published() -> list[dict[str, str]]:
    with CASES.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def half(case: dict[str, str]) -> int:
    """Return 0 for a pair that the weights were chosen on, 1 for a pair that was kept aside."""
    return int(hashlib.sha256(f"{case['name1']}|{case['name2']}".encode()).hexdigest(), 16) % 2


def f1(cases: Iterable[dict[str, str]]) -> float:
    """Return 2 TP / (2 TP + FP + FN)."""
    alike = {"Person": person_likeness}
    told = [
        (
            case["is_match"] == "true",
            alike.get(case["schema"], likeness)(case["name1"], case["name2"]).score >= THRESHOLD,
        )
        for case in cases
    ]
    return (
        2
        * told.count((True, True))
        / (2 * told.count((True, True)) + told.count((False, True)) + told.count((True, False)))
    )


@pytest.mark.skipif(not CASES.exists(), reason="no published judgements of names; set CELLROAD_CASES")
@pytest.mark.parametrize("part", [0, 1])
def test_organisations_are_judged_as_published(part: int) -> None:
    assert f1(case for case in published() if case["schema"] in ORGANISATIONS and half(case) == part) >= 0.89


@pytest.mark.skipif(not CASES.exists(), reason="no published judgements of names; set CELLROAD_CASES")
@pytest.mark.parametrize("part", [0, 1])
def test_people_and_organisations_are_judged_better_than_by_the_best_peer(part: int) -> None:
    assert f1(case for case in published() if half(case) == part) > 0.80


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Industrial and Commercial Bank of Chad", "Industrial and Commercial Bank of China"),
        ("Bowne of Atlanta, Inc.", "Bowne of Boston, Inc."),
        ("Xiamen Hithium Energy Storage Technology Co., Ltd.", "EVE Energy Co., Ltd."),
        ("Envision Plastics", "Envision Energy"),
        ("Deutsche Bank AG", "Deutsche Bank GmbH"),
        ("Bank of Iran", "Bank of Iraq"),
        ("SK On", "SK Innovation"),
        ("American Battery Factory", "American Battery Materials"),
        ("Research Institute No. 18", "Research Institute No. 46"),
        ("Volkswagen AG", "Volkswagen (China) Investment"),
        ("BYD Company Limited", "BAK Company Limited"),
        ("海辰储能", "蜂巢能源"),
        ("深圳新能源科技有限公司", "厦门新能源科技有限公司"),
    ],
)
def test_another_organisation_with_words_in_common_stays_below_the_threshold(left: str, right: str) -> None:
    assert likeness(left, right).score < THRESHOLD


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("IBM", "International Business Machines Corporation"),
        ("CATL", "Contemporary Amperex Technology Co. Ltd."),
        ("Intl Business Machines", "International Business Machines"),
        ("Hitachi Mfg", "Hitachi Manufacturing"),
        ("U.N. High Commissioner for Refugees", "United Nations High Commissioner for Refugees"),
        ("宁德时代新能源科技股份有限公司", "宁德时代"),
        ("厦门海辰储能科技股份有限公司", "海辰储能"),
        ("比亞迪股份有限公司", "比亚迪"),
        ("ПАО Роснефть", "Rosneft PJSC"),
        ("Ελληνικά Πετρέλαια Α.Ε.", "Ellinika Petrelaia"),
        ("주식회사 엘지에너지솔루션", "엘지에너지솔루션"),
        ("SiemensAG", "Siemens Aktiengesellschaft"),
        ("Siemens AG Österreich", "Siemens Austria AG"),
        ("Orlen Sp. z o.o.", "Orlen spółka z ograniczoną odpowiedzialnością"),
        ("AT&T Inc.", "ATT Inc."),
        ("Brigade Forty-Four", "44th Brigade"),
        ("Micr0soft", "Microsoft"),
    ],
)
def test_another_spelling_of_a_name_reaches_the_threshold(left: str, right: str) -> None:
    assert likeness(left, right).score >= THRESHOLD


def test_a_number_one_sign_off_is_asked_about_and_said_aloud() -> None:
    near = likeness("Blackstone Capital Partners VII", "Blackstone Capital Partners VIII")
    far = likeness("Blackstone Capital Partners II", "Blackstone Capital Partners VIII")
    assert (
        far.score
        < THRESHOLD
        <= near.score
        < likeness("Blackstone Capital Partners", "Blackstone Capital Partner").score
    )
    assert near.reason == "number 'vii' against 'viii'"


def test_the_reason_names_what_contradicts() -> None:
    told = likeness("Industrial and Commercial Bank of Chad", "Industrial and Commercial Bank of China")
    assert told.reason == "country 'chad' against 'china'"
    assert likeness("Deutsche Bank AG", "Deutsche Bank GmbH").reason == "legal forms contradict"
    assert likeness("Syrah Resources", "Syrah Resources Ltd").reason == "same but for the legal form"


@given(ANY, ANY)
def test_likeness_is_symmetric_and_a_share(left: str, right: str) -> None:
    for alike in (likeness, person_likeness):
        assert alike(left, right) == alike(right, left)
        assert 0 <= alike(left, right).score <= 1


@given(ANY)
def test_a_name_is_like_itself(name: str) -> None:
    assert likeness(name, name).score == person_likeness(name, name).score == 1


@given(NAMES)
def test_case_accents_and_punctuation_change_nothing(name: str) -> None:
    for other in (name.upper(), name.lower(), name.translate(ACCENTS), f"«{name.replace(' ', ' - ')}», "):
        assert likeness(name, other).score == person_likeness(name, other).score == 1


@given(NAMES, NAMES, st.sampled_from(FORMS))
def test_a_legal_form_added_to_both_names_changes_nothing(left: str, right: str, form: str) -> None:
    assert likeness(f"{left} {form}", f"{right} {form}") == likeness(left, right)


@given(NAMES, NAMES, st.sampled_from(FORMS))
def test_a_legal_form_that_one_name_leaves_out_says_almost_nothing(left: str, right: str, form: str) -> None:
    whole, without = likeness(left, right).score, likeness(f"{left} {form}", right).score
    assert 0.99 * whole - 1e-4 <= without <= whole


@given(NAMES, NAMES)
def test_forms_that_contradict_never_make_names_more_alike(left: str, right: str) -> None:
    assert likeness(f"{left} AG", f"{right} GmbH").score <= min(likeness(left, right).score, THRESHOLD)


@given(st.permutations(["Maria", "Elena", "Kowalczyk", "van", "Houten"]))
def test_the_order_of_the_parts_of_a_persons_name_does_not_matter(parts: list[str]) -> None:
    assert person_likeness(" ".join(parts), "Maria Elena van Houten Kowalczyk").score == 1


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Ali A. Velayati", "Ali Akbar Velayati"),
        ("Sergei Lavrov", "Sergey Viktorovich LAVROV"),
        ("Volodymyr Zelenskyy", "Wolodymyr Selenskyj"),
        ("Dr. Rami Makhlouf", "Makhlouf, Rami"),
        ("Владимир Путин", "Vladimir Putin"),
        ("Usama bin Ladin", "Osama bin Laden"),
        ("JC Juncker", "Jean-Claude Juncker"),
    ],
)
def test_the_same_person_reaches_the_threshold(left: str, right: str) -> None:
    assert person_likeness(left, right).score >= THRESHOLD


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Aaron A. Wendt", "Josh A. Wendt"),
        ("Zaurbek Magomedovich Guchaev", "Zaurbek Salimovich Guchaev"),
        ("Kim Jong Man", "Kim Jong Sik"),
        ("N.N.", "Nursultan Nazarbayev"),
        ("이재형", "이재명"),
    ],
)
def test_another_person_with_parts_in_common_stays_below_the_threshold(left: str, right: str) -> None:
    assert person_likeness(left, right).score < THRESHOLD


@pytest.fixture(scope="module")
def known() -> pl.DataFrame:
    """Every name of every organisation of the facts: key, name."""
    told = facts.table("organisations").filter(~pl.col("legal_name").str.starts_with("not "))
    aliases = pl.col("aliases").str.split(";").list.eval(pl.element().str.strip_chars())
    return (
        told.select(key="org_id", name=pl.concat_list("name", "legal_name", aliases.fill_null([])))
        .explode("name")
        .drop_nulls()
        .filter(pl.col("name") != "")
        .unique(maintain_order=True)
    )


def test_every_organisation_of_the_facts_matches_itself_best(known: pl.DataFrame) -> None:
    best = matches(known, known.rename({"key": "entry"})).unique("key", keep="first", maintain_order=True)
    assert best["key"].sort().to_list() == known["key"].unique().sort().to_list()
    assert best["key"].to_list() == best["entry"].to_list()
    assert best["score"].to_list() == [1.0] * best.height


def test_no_two_organisations_of_the_facts_match_but_relatives(known: pl.DataFrame) -> None:
    others = matches(known, known.rename({"key": "entry"})).filter(pl.col("key") != pl.col("entry"))
    assert {frozenset(pair) for pair in others.select("key", "entry").rows()} <= set(RELATIVES)


@settings(max_examples=30)
@given(st.lists(NAMES, max_size=12), st.lists(NAMES, max_size=12), st.sampled_from([0.5, THRESHOLD, 0.9]))
def test_matches_are_those_of_all_pairs(ours: list[str], theirs: list[str], threshold: float) -> None:
    names = pl.DataFrame({"key": ours, "name": ours}, schema={"key": pl.String, "name": pl.String})
    listed = pl.DataFrame({"entry": theirs, "name": theirs}, schema={"entry": pl.String, "name": pl.String})
    found = matches(names, listed, threshold)
    expected = {(a, b): s for a in ours for b in theirs if (s := likeness(a, b).score) >= threshold}
    assert {(key, entry): score for key, entry, score in found.select("key", "entry", "score").rows()} == expected
    assert found["score"].to_list() == sorted(expected.values(), reverse=True)


@pytest.mark.skipif(not CASES.exists(), reason="no published judgements of names; set CELLROAD_CASES")
def test_matches_lose_no_pair_of_the_published_names() -> None:
    cases = [case for case in published() if case["schema"] != "Person"]
    left, right = (sorted({case[side] for case in cases}) for side in ("name1", "name2"))
    found = matches(pl.DataFrame({"key": left, "name": left}), pl.DataFrame({"entry": right, "name": right}))
    expected = {(a, b) for a in left for b in right if likeness(a, b).score >= THRESHOLD}
    assert set(found.select("key", "entry").rows()) == expected


def test_the_best_alias_of_a_pair_is_kept_and_both_names_are_shown() -> None:
    names = pl.DataFrame({"key": ["p1", "p1", "p2"], "name": ["Hithium", "厦门海辰储能科技股份有限公司", "Kettler"]})
    listed = pl.DataFrame({"entry": ["e7", "e7"], "name": ["海辰储能", "Xiamen Hithium Energy Storage"]})
    found = matches(names, listed)
    assert found.columns == ["key", "name", "entry", "listed_name", "score", "reason"]
    assert found.select("key", "name", "entry", "listed_name").rows() == [
        ("p1", "厦门海辰储能科技股份有限公司", "e7", "海辰储能")
    ]


def test_a_missing_column_is_told_with_what_was_found() -> None:
    with pytest.raises(ChainError) as caught:
        matches(
            pl.DataFrame({"partner": ["p1"], "name": ["Hithium"]}), pl.DataFrame({"entry": ["e1"], "name": ["BYD"]})
        )
    assert str(caught.value) == "names, column key: found partner, name; expected a column key. Add or rename it."


@pytest.mark.skipif(find_spec("nomenklatura") is not None, reason="nomenklatura is installed")
def test_a_second_opinion_says_what_to_install() -> None:
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'cellroad\[names\]'"):
        peer_likeness("Hithium", "Gotion")


def test_names_without_a_word_match_nothing() -> None:
    names = pl.DataFrame({"key": ["a", "b", "c"], "name": ["", " - ", None]})
    assert matches(names, names.rename({"key": "entry"})).is_empty()
    assert all(likeness(a, "BYD").score == 0 for a in ("", " - "))
    assert [likeness(a, b).score for a, b in combinations(["", "-", "?!"], 2)] == [0, 0, 0]

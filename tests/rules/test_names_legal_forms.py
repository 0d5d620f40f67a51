"""Legal forms: what is taken off a name, and what cannot be one company."""

from itertools import product

import pytest

from cellroad.rules.legal_forms import BY_SPELLING, Form, contradict, split


def forms(*spellings: str) -> tuple[Form, ...]:
    return tuple(BY_SPELLING[spelling] for spelling in spellings)


@pytest.mark.parametrize("spelling", BY_SPELLING)
def test_every_form_is_taken_off_the_end_of_a_name(spelling: str) -> None:
    words, found = split(("kettler", *spelling.split()))
    assert words == ("kettler",)
    assert found


@pytest.mark.parametrize("spelling", BY_SPELLING)
def test_a_form_alone_is_a_name(spelling: str) -> None:
    assert split(tuple(spelling.split()))[0]


def test_a_long_form_may_be_misspelt_and_a_short_one_not() -> None:
    assert split(("siemens", "aktiengeselschaft")) == (("siemens",), forms("aktiengesellschaft"))
    assert split(("tactical", "joint", "stock", "compan"))[0] == ("tactical",)
    assert split(("siemens", "ug1")) == (("siemens", "ug1"), ())


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("ag", "gmbh"),
        ("ag", "bv"),
        ("gmbh", "bv"),
        ("jsc", "llc"),
        ("inc", "lp"),
        ("kg", "gmbh"),
        ("股份有限公司", "有限责任公司"),
    ],
)
def test_forms_of_another_kind_or_country_contradict(left: str, right: str) -> None:
    assert contradict(forms(left), forms(right))


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("ag", "aktiengesellschaft"),
        ("oao", "jsc"),
        ("ooo", "llc"),
        ("ltd", "gmbh"),
        ("co ltd", "股份有限公司"),
        ("co", "ag"),
    ],
)
def test_a_form_and_its_translation_do_not(left: str, right: str) -> None:
    assert not contradict(forms(left), forms(right))


def test_contradiction_is_symmetric_and_no_form_contradicts_itself_or_silence() -> None:
    for left, right in product(BY_SPELLING, repeat=2):
        assert contradict(forms(left), forms(right)) == contradict(forms(right), forms(left))
    assert not any(contradict(forms(one), forms(one)) or contradict(forms(one), ()) for one in BY_SPELLING)

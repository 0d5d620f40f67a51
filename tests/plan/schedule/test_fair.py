import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from cellroad.plan.schedule.fair import fairest

BURDENS = st.integers(1, 3).flatmap(
    lambda people: st.lists(
        st.lists(st.lists(st.integers(0, 9), min_size=people, max_size=people), min_size=1, max_size=4),
        min_size=1, max_size=4,
    )
)  # fmt: skip


def sums(turns: list[list[list[int]]], chosen: tuple[int, ...]) -> list[int]:
    """Return what each person bears, the largest first."""
    return sorted((sum(one) for one in zip(*(turn[at] for turn, at in zip(turns, chosen, strict=True)), strict=True)),
                  reverse=True)  # fmt: skip


@settings(max_examples=40, derandomize=True)
@given(BURDENS)
def test_no_other_choice_is_fairer(turns: list[list[list[int]]]) -> None:
    found = tuple(fairest([np.array(turn) for turn in turns]))
    best = min(sums(turns, chosen) for chosen in itertools.product(*(range(len(turn)) for turn in turns)))
    assert sums(turns, found) == best


def test_who_bears_a_turn_is_rotated() -> None:
    either = np.array([[4, 0], [0, 4]])
    chosen = fairest([either] * 6)
    borne = np.cumsum([either[at] for at in chosen], axis=0)
    assert (borne[-1] == 12).all()
    assert (abs(borne[:, 0] - borne[:, 1]) <= 4).all()  # nobody is asked twice before the other was asked once


def test_a_year_of_weeks_is_as_even_as_two() -> None:
    turn = np.array([[3, 1, 0], [0, 2, 2], [1, 0, 3], [2, 2, 1]])
    two, many = (sums([turn.tolist()] * n, tuple(fairest([turn] * n))) for n in (3, 51))
    assert many[0] <= 17 * two[0]

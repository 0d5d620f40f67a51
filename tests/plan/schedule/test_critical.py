import datetime as dt
import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cellroad.plan.schedule import Task, critical_path

MONDAY = dt.date(2027, 1, 4)


def test_the_textbook_network() -> None:
    """Hillier and Lieberman, Introduction to Operations Research: Reliable Construction, 44 weeks, A B C E F J L N."""
    network = {
        "A": (2, ""), "B": (4, "A"), "C": (10, "B"), "D": (6, "C"), "E": (4, "C"), "F": (5, "E"), "G": (7, "D"),
        "H": (9, "EG"), "I": (7, "C"), "J": (8, "FI"), "K": (4, "J"), "L": (5, "J"), "M": (2, "H"), "N": (6, "KL"),
    }  # fmt: skip
    found = critical_path([Task(name, days, tuple(after)) for name, (days, after) in network.items()], MONDAY)
    assert (found.finish - MONDAY).days + 1 == 44
    assert found.critical == list("ABCEFJLN")
    slack = dict(found.tasks.select("task", "slack_days").iter_rows())
    assert {name: slack[name] for name in "DGHIKM"} == {"D": 4, "G": 4, "H": 4, "I": 2, "K": 1, "M": 4}


@st.composite
def networks(draw: st.DrawFn, calendars: tuple[str, ...] = ("none", "US", "CN")) -> list[Task]:
    """Return tasks, each after some of those before it."""
    tasks: list[Task] = []
    for n in range(draw(st.integers(1, 6))):
        after = draw(st.lists(st.sampled_from([task.task for task in tasks]), unique=True, max_size=2)) if tasks else []
        low, more, most = draw(st.tuples(*[st.integers(0, 12)] * 3))
        calendar = draw(st.sampled_from(calendars))
        tasks.append(Task(f"t{n}", low + more, tuple(after), calendar, low, low + more + most))
    return tasks


@settings(max_examples=40, derandomize=True)
@given(networks(("none",)))
def test_without_holidays_the_end_is_that_of_the_longest_way(tasks: list[Task]) -> None:
    named = {task.task: task for task in tasks}

    def longest(task: Task) -> int:
        return task.days + max((longest(named[before]) for before in task.after), default=0)

    found = critical_path(tasks, MONDAY)
    assert (found.finish - MONDAY).days + 1 == max(longest(task) for task in tasks)


@settings(max_examples=25, derandomize=True)
@given(networks(), st.data())
def test_slack_is_what_a_task_may_take_longer_and_no_more(tasks: list[Task], data: st.DataObject) -> None:
    found = critical_path(tasks, MONDAY)
    at = data.draw(st.integers(0, len(tasks) - 1))
    slack = int(found.tasks["slack_days"][at])
    if tasks[at].days:
        for more, kept in ((slack, True), (slack + 1, False)):
            longer = [*tasks]
            longer[at] = Task(tasks[at].task, tasks[at].days + more, tasks[at].after, tasks[at].calendar)
            assert (critical_path(longer, MONDAY).finish == found.finish) is kept


@settings(max_examples=25, derandomize=True)
@given(networks(), st.integers(0, 40))
def test_more_work_or_a_later_start_never_brings_an_end_forward(tasks: list[Task], days: int) -> None:
    found = critical_path(tasks, MONDAY)
    longer = [Task(task.task, task.days + (days if n == 0 else 0), task.after, task.calendar)
              for n, task in enumerate(tasks)]  # fmt: skip
    assert critical_path(longer, MONDAY).finish >= found.finish
    assert critical_path(tasks, MONDAY + dt.timedelta(days=days)).finish >= found.finish


@settings(max_examples=25, derandomize=True)
@given(networks(("none",)))
def test_a_calendar_with_holidays_never_brings_a_date_forward(tasks: list[Task]) -> None:
    open_, closed = (
        critical_path([Task(task.task, task.days, task.after, calendar) for task in tasks], MONDAY)
        for calendar in ("none", "CN")
    )
    assert (closed.tasks["finish"] >= open_.tasks["finish"]).all()


@settings(max_examples=25, derandomize=True)
@given(networks(("CN",)), st.integers(0, 60), st.integers(0, 20), st.integers(1, 20))
def test_a_longer_holiday_of_a_company_never_brings_a_date_forward(
    tasks: list[Task], after: int, days: int, more: int
) -> None:
    begin = MONDAY + dt.timedelta(days=after)
    short, long = (
        critical_path(
            [replace(task, calendar=f"CN;{begin}/{begin + dt.timedelta(days=length)}") for task in tasks], MONDAY
        )
        for length in (days, days + more)
    )
    assert (long.tasks["finish"] >= short.tasks["finish"]).all()
    assert (long.tasks["start"] >= short.tasks["start"]).all()


def test_chances_are_those_of_all_durations() -> None:
    """Two tasks beside each other, each 1 to 3 days: the end is the larger of two rounded triangles."""
    tasks = [Task("a", 2, (), "none", 1, 3), Task("b", 2, (), "none", 1, 3)]
    found = critical_path(tasks, MONDAY, draws=40_000, seed=1)
    chance = {1: 0.125, 2: 0.75, 3: 0.125}  # of a triangle on 1, 2, 3 that is rounded to whole days
    for last in (1, 2, 3):
        expected = sum(chance[i] * chance[j] for i, j in itertools.product(chance, repeat=2) if max(i, j) <= last)
        told = found.probability(MONDAY + dt.timedelta(days=last - 1))
        assert told == pytest.approx(expected, abs=4 * np.sqrt(expected * (1 - expected) / 40_000) + 1e-12)
    alone = 1 - sum(chance[i] * chance[j] for i, j in itertools.product(chance, repeat=2) if i < j)
    assert found.tasks["criticality"][0] == pytest.approx(alone, abs=0.01)
    assert found.quantile(0.5) == MONDAY + dt.timedelta(days=1)


def test_a_task_that_is_added_leaves_the_draws_of_others_alone() -> None:
    one = [Task("a", 5, (), "none", 1, 30)]
    ends = [
        critical_path([*one, *more], MONDAY, draws=50, seed=3).ends for more in ([], [Task("b", 0, (), "none", 0, 1)])
    ]
    assert (ends[0] == ends[1]).all()


def test_certificates_wait_for_the_new_year() -> None:
    """Samples from 25 January 2027 of eight working days meet the shutdown from 30 January to 20 February."""
    found = critical_path([Task("samples", 8, (), "CN")], dt.date(2027, 1, 25))
    assert found.finish == dt.date(2027, 2, 24)  # 5 days before, then 22 to 24 February


@pytest.mark.parametrize(
    ("tasks", "told"),
    [
        ([], "there is no task"),
        ([Task("a", 1), Task("a", 1)], "task 'a' stands there twice"),
        ([Task("a", 1, ("b",))], "'a' comes after 'b', which is not a task"),
        ([Task("a", 1, low=3)], "expected 0 <= low <= likely <= high"),
        ([Task("a", 1, ("b",)), Task("b", 1, ("a",))], "in a ring: "),
    ],
)
def test_what_cannot_be_is_told(tasks: list[Task], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        critical_path(tasks, MONDAY)

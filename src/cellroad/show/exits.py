"""How a command ends: the exit codes, declared once for the program, its help texts and the manual."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum


class Exit(IntEnum):
    """What the code that a command returns to the shell means."""

    OK = 0, "done"
    FAILURE = 1, "failed, and not because of the input"
    USAGE = 2, "the command was not understood"
    INVALID = 3, "the input has blockers, which are listed"
    NO_PLAN = 4, "no plan exists, or none was found in time"
    INTERRUPTED = 130, "interrupted; the best plan so far is shown if there is one"

    meaning: str

    def __new__(cls, code: int, meaning: str) -> Exit:
        """Make a code that knows its meaning."""
        member = int.__new__(cls, code)
        member._value_ = code
        member.meaning = meaning
        return member


class UsageError(Exception):
    """A command that cannot be followed as it was given: exit code 2, with the message for the person."""


def choose(word: str, words: Iterable[str], what: str) -> str:
    """Return the word if it is one of the words, else raise UsageError with what may have been meant."""
    from cellroad.chain.tell import did_you_mean, listed

    known = list(words)
    if word in known:
        return word
    there = f"There are {listed(known)}." if known else "There is none."
    raise UsageError(f"There is no {what} {word!r}. {did_you_mean(word, known, there)}")

"""How much of what a company holds counts as held by those who hold the company: one rule per law, by name.

All rules are of one form. S is the set whose holdings are counted; a member of S counts in full and is not looked
through. What an entity j is held by S is

    x_j = Σ_i W_ij f(x_i),   f = 1 for members of S

and a rule is its f: what an intermediary that is itself held to the share x passes on. f rises with x, so there is a
least solution, and that is the answer: nobody counts unless a chain of stakes from S makes them count. Between its
threshold and the ends every f is a straight line, so the answer is a linear system once it is known who has reached
the threshold. The same chain can give four different answers under four laws; that is why a rule must be named.

Source of the linear form: Brioschi, Buzzacchi and Colombo (1989), the Leontief inverse of the matrix of shares.
"""

from __future__ import annotations

import datetime as dt
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

Compare = Literal["at least", "more than"]
Passes = Callable[[Fraction, bool], Fraction]

ZERO, HALF, ONE = Fraction(0), Fraction(1, 2), Fraction(1)


@dataclass(frozen=True)
class Rule:
    """A named attribution rule.

    `passes(x, reached)` is what an intermediary held to the share x passes on, `reached` whether x is `compare` the
    threshold `at` (None: the rule has none); it is a straight line in x for either. `text` says what the law says,
    `as_of` the day of the text that it was read from (None: arithmetic, not law), `confidence` how far to trust the
    reading, in the words of the facts.
    """

    title: str
    passes: Passes
    as_of: dt.date | None = None
    confidence: Literal["verified", "reported", "unverified"] = "verified"
    at: Fraction | None = None
    compare: Compare = "at least"

    @property
    def name(self) -> str:
        """Return the name by which data call the rule."""
        return self.passes.__name__

    @property
    def text(self) -> str:
        """Return what the law says, and where."""
        return inspect.cleandoc(self.passes.__doc__ or "")

    def reached(self, share: Fraction) -> bool:
        """Say whether a share has reached the threshold of the rule."""
        return self.at is not None and meets(share, self.compare, self.at)

    def passed(self, share: Fraction) -> Fraction:
        """Return f(x): what an intermediary that is held to this share passes on."""
        return self.passes(share, self.reached(share))

    def line(self, reached: bool) -> tuple[Fraction, Fraction]:
        """Return (constant, slope) of f on one side of the threshold."""
        constant = self.passes(ZERO, reached)
        return constant, self.passes(ONE, reached) - constant


def meets(share: Fraction, compare: Compare, threshold: Fraction) -> bool:
    """Say whether a share is at least, or more than, a threshold."""
    return share >= threshold if compare == "at least" else share > threshold


def direct(share: Fraction, reached: bool) -> Fraction:
    """Count only stakes that members of the set hold themselves; nothing is attributed through others."""
    return ZERO


def multiplicative(share: Fraction, reached: bool) -> Fraction:
    """Multiply along every chain of stakes and add the chains up.

    The economic share: 50 % of 50 % is 25 %. Rings are summed to their limit.
    """
    return share


def ofac_50(share: Fraction, reached: bool) -> Fraction:
    """An entity held 50 percent or more in the aggregate by blocked persons is blocked, and then counts in full.

    Below that nothing of what it holds counts. Holdings of several blocked persons add up; control does not count.
    OFAC, Revised Guidance on Entities Owned by Persons Whose Property and Interests in Property Are Blocked
    (2014-08-13); FAQ 398 to 402.
    """
    return ONE if reached else ZERO


def section_318_corporation(share: Fraction, reached: bool) -> Fraction:
    """Through a corporation only who holds 50 percent or more of its value, and then in proportion.

    26 USC 318(a)(2)(C). Applied to a set, the holdings of its members are added before the 50 percent are tested, as
    among persons whose stock is attributed to one another (26 CFR 1.318-1(b)(3)); for one person use a set of one.
    """
    return share if reached else ZERO


def section_318_partnership(share: Fraction, reached: bool) -> Fraction:
    """Through a partnership or estate always in proportion, however small the interest.

    26 USC 318(a)(2)(A). Every intermediary is taken to be a partnership.
    """
    return share


def cfr_850_206(share: Fraction, reached: bool) -> Fraction:
    """What a parent's subsidiary holds counts in full, what others hold in proportion; both are added up.

    A parent holds more than 50 percent. Votes are never added to board seats: one graph is one interest.
    31 CFR 850.206(b) and 850.219 (89 FR 90398, 2024-11-15).
    """
    return ONE if reached else share


def doe_50(share: Fraction, reached: bool) -> Fraction:
    """An entity held 50 percent or more is one with its holder and counts in full; otherwise in proportion.

    DOE, Interpretation of Foreign Entity of Concern, 89 FR 37079 (2024-05-06). Unverified reading: the examples of
    the text were not seen. They may test each link (the holder's 50 percent in the next entity) instead of the share
    that has reached the intermediary.
    """
    return ONE if reached else share


def section_1563_chain(share: Fraction, reached: bool) -> Fraction:
    """A corporation held more than 50 percent by members of a parent's group is a member, and counts in full.

    26 USC 1563(a)(1) with "more than 50 percent" for "at least 80 percent" (26 USC 52(a)). Unverified reading.
    """
    return ONE if reached else ZERO


COMPILED = dt.date(2024, 10, 31)  # the Code of Federal Regulations, title 26, as compiled to this day

RULES: dict[str, Rule] = {
    rule.name: rule
    for rule in (
        Rule("direct holdings only", direct),
        Rule("in proportion along every chain", multiplicative),
        Rule("OFAC 50 percent rule", ofac_50, dt.date(2014, 8, 13), "verified", HALF),
        Rule("section 318, corporations", section_318_corporation, COMPILED, "verified", HALF),
        Rule("section 318, partnerships", section_318_partnership, COMPILED, "verified"),
        Rule("31 CFR 850.206, parents in full", cfr_850_206, dt.date(2024, 11, 15), "verified", HALF, "more than"),
        Rule("DOE, half and more as one entity", doe_50, dt.date(2024, 5, 6), "unverified", HALF),
        Rule("section 1563 chain, more than half", section_1563_chain, None, "unverified", HALF, "more than"),
    )
}

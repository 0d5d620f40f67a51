"""What a check of the protection says: ok, refused, or unknown, with the figures that decide and where the rule stands.

Unknown is an answer: a part whose figure nobody has read is neither good nor bad. A check that passes on an assumption
is ok, and the assumption is told beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import polars as pl

from cellroad.chain.finding import Finding, Severity

Verdict = Literal["ok", "refused", "unknown"]
SEVERITY: dict[Verdict, Severity] = {"refused": "blocker", "unknown": "warning"}


@dataclass(frozen=True)
class Check:
    """One rule held against one part: `found` and `limit` in `unit`, why, what would mend it, and the source."""

    name: str
    verdict: Verdict
    found: float | None
    limit: float | None
    unit: str
    reason: str
    mend: str
    source: str

    @property
    def finding(self) -> Finding:
        """The check as a finding of the design: blocker where refused, warning where unknown."""
        return Finding(
            severity=SEVERITY.get(self.verdict, "warning"),
            table="protection",
            row=None,
            column=self.name,
            found=f"{figure(self.found)} {self.unit}".strip(),
            expected=f"{self.reason} ({figure(self.limit)} {self.unit})".replace(" )", ")"),
            mend=self.mend,
        )


def at_most(
    name: str, found: float | None, limit: float | None, unit: str, reason: str, mend: str, source: str
) -> Check:
    """Return the check that `found` is at most `limit`; unknown where one of them is."""
    return Check(name, verdict(found, limit), found, limit, unit, reason, mend, source)


def at_least(
    name: str, found: float | None, limit: float | None, unit: str, reason: str, mend: str, source: str
) -> Check:
    """Return the check that `found` is at least `limit`; unknown where one of them is."""
    return Check(name, verdict(limit, found), found, limit, unit, reason, mend, source)


def verdict(small: float | None, large: float | None) -> Verdict:
    """Say whether the one is not above the other, to a billionth; unknown where one of them is."""
    if small is None or large is None:
        return "unknown"
    return "ok" if small <= large * (1 + 1e-9) else "refused"


def figure(value: float | None) -> str:
    """Return a number for people: four significant figures, no power of ten."""
    if value is None:
        return "unknown"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def findings(checks: Iterable[Check]) -> tuple[Finding, ...]:
    """Return what is refused or unknown, as findings."""
    return tuple(check.finding for check in checks if check.verdict != "ok")


def frame(checks: Sequence[Check]) -> pl.DataFrame:
    """Return checks as a frame, one row each: check, verdict, found, limit, unit, reason, mend, source."""
    schema = {"name": pl.String, "verdict": pl.String, "found": pl.Float64, "limit": pl.Float64}
    words = {"unit": pl.String, "reason": pl.String, "mend": pl.String, "source": pl.String}
    rows = [vars(check) for check in checks]
    return pl.DataFrame(rows, schema={**schema, **words}).rename({"name": "check"})

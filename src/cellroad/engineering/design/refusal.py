"""Why there is no pack: what a person has to change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cellroad.chain.finding import ChainError, Finding


class NoPackError(ChainError):
    """A specification that no pack meets, with the reasons and the least that would have to change.

    `ways` tells for each finding the words to ask instead by key; empty where no other words would do.
    """

    def __init__(self, findings: Sequence[Finding], ways: Sequence[Mapping[str, str]] = ()) -> None:
        super().__init__(findings)
        self.ways = tuple(ways) or tuple({} for _ in findings)

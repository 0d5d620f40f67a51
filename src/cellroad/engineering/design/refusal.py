"""Why there is no pack: what a person has to change."""

from __future__ import annotations

from cellroad.chain.finding import ChainError


class NoPackError(ChainError):
    """A specification that no pack meets, with the reasons and the least that would have to change."""

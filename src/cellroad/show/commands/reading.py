"""What commands read from a person: a chain by path or name, and a day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

if TYPE_CHECKING:
    from cellroad.chain.chain import Chain
    from cellroad.chain.finding import Finding


def _day(_: Any, tokens: Sequence[Any]) -> dt.date:
    written = tokens[0].value
    try:
        return dt.date.fromisoformat(f"{written}-01" if len(written) == len("2027-10") else written)
    except ValueError:
        raise ValueError(f"{written!r} is no day; write it as 2027-10-01.") from None


Day = Annotated[dt.date, Parameter(converter=_day)]
"""A day, written 2027-10-01; a month is its first day."""


def inspected(name_or_path: str) -> tuple[Chain | None, list[Finding]]:
    """Return the chain of a path or an example with everything that is wrong or strange in it."""
    from cellroad.chain.check import check

    chain, findings = opened(name_or_path)
    return chain, findings + (check(chain) if chain else [])


def opened(name_or_path: str) -> tuple[Chain | None, list[Finding]]:
    """Return the chain of a path or an example, None where its files cannot be read, and what is strange in them."""
    from cellroad.chain import examples
    from cellroad.chain.files import inspect, load

    path = Path(name_or_path) if Path(name_or_path).exists() else examples.folder(name_or_path)
    if path is None:
        load(name_or_path)  # tells what names there are
        return None, []
    return inspect(path)


def checked(path: str, scenario: str | None = None) -> Chain:
    """Read and check a chain, under a scenario. Raises ChainError where it has blockers."""
    from cellroad.chain.check import check
    from cellroad.chain.files import load
    from cellroad.chain.finding import ChainError
    from cellroad.chain.scenario import apply
    from cellroad.show.exits import choose

    chain = load(path)
    if scenario is not None:
        chain = apply(chain, choose(scenario, chain.scenarios["scenario"].to_list(), "scenario"))
    blockers = [finding for finding in check(chain) if finding.severity == "blocker"]
    if blockers:
        raise ChainError(blockers)
    return chain

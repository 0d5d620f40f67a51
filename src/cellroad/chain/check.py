"""What is wrong with a chain, and what is strange, all at once.

A blocker makes a plan wrong or impossible and has to be mended; a warning is something that a careful person would look
at twice. Files and cells are looked at when they are read (`files.inspect`); here is what the tables mean together.
"""

from __future__ import annotations

import polars as pl

from cellroad.chain.chain import Chain
from cellroad.chain.check_contracts import agreements
from cellroad.chain.check_emissions import emissions
from cellroad.chain.check_flow import flow
from cellroad.chain.check_goods import goods
from cellroad.chain.check_law import law
from cellroad.chain.check_money import money
from cellroad.chain.check_people import people
from cellroad.chain.check_physics import physics
from cellroad.chain.check_plant import plant
from cellroad.chain.check_references import countries, references
from cellroad.chain.check_risks import risks
from cellroad.chain.check_trade import Horizon, trade
from cellroad.chain.check_transport import transport
from cellroad.chain.check_vendors import vendors
from cellroad.chain.finding import Finding
from cellroad.chain.limits import breaches
from cellroad.chain.scenario import changes, probabilities
from cellroad.chain.settings import PlanSettings, parse_settings
from cellroad.chain.tell import FIRST_ROW, condensed, numbered, tell

YEARS = range(1990, 2101)
"""Years in which a plan may start."""


def check(chain: Chain) -> list[Finding]:
    """Return every blocker and warning of a chain, in the order of its questions; empty where all is well.

    Where rows break the declaration of their table, only that and dangling names are told: the rest builds on them.
    """
    broken = [finding for table in chain.tables for finding in broken_rows(chain, table)]
    dangling = references(chain.tables)
    if broken:
        return condensed(broken + dangling)
    settings, findings = parse_settings(chain.settings)
    if settings.start.year not in YEARS:
        return condensed([*findings, *dangling, *_start(chain)])
    horizon = _horizon(settings)
    return condensed([
        *findings, *dangling, *countries(chain), *trade(chain, horizon), *agreements(chain, horizon),
        *plant(chain, horizon), *flow(chain), *goods(chain, horizon), *physics(chain),
        *transport(chain), *emissions(chain, horizon), *people(chain), *vendors(chain, horizon),
        *risks(chain), *law(chain), *money(chain, horizon.start), *probabilities(chain), *changes(chain),
    ])  # fmt: skip


def broken_rows(chain: Chain, table: str) -> list[Finding]:
    """Return what breaks the declaration of a table: blanks, what is out of bounds, what is no choice."""
    frame = chain.tables[table]
    return breaches(table, frame, pl.Series(range(FIRST_ROW, frame.height + FIRST_ROW), dtype=pl.Int64))


def _horizon(settings: PlanSettings) -> Horizon:
    months = settings.start.year * 12 + settings.start.month - 1 + settings.months
    return Horizon(settings.start, settings.start.replace(year=months // 12, month=months % 12 + 1, day=1))


def _start(chain: Chain) -> list[Finding]:
    return tell(
        numbered(chain.settings).filter(pl.col("name") == "start"), "blocker", "settings", "value",
        found="{value!r} as the start", expected=f"a year from {YEARS[0]} to {YEARS[-1]}", mend="Correct the year.",
    )  # fmt: skip

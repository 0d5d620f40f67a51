"""Screens and a deal of the examples, each made once for all tests of their faces."""

from __future__ import annotations

import dataclasses
import datetime as dt
from functools import cache
from io import StringIO

import polars as pl
from rich.console import Console, RenderableType

from cellroad.chain import facts
from cellroad.chain.chain import Chain
from cellroad.chain.files import load
from cellroad.chain.tables import TABLES, key_of
from cellroad.rules.deal import Deal, sweep
from cellroad.rules.eligibility import BAN_SCHEMA, CLAIM_SCHEMA, PREMIUM_SCHEMA
from cellroad.rules.screening import Screen
from cellroad.rules.screening import screen as screened
from cellroad.show import screen_text

DAY = dt.date(2027, 10, 1)
EXAMPLES = ("kandi-cbak", "gotion-us", "casip")
DEAL = "cell JV: CBAK 0..100 %"


@cache
def screen_of(name: str) -> Screen:
    return screened(load(name), DAY)


@cache
def deal_of(words: str = DEAL) -> Deal:
    return sweep(load("kandi-cbak"), words, DAY)


@cache
def printed(name: str) -> str:
    """What the terminal shows of a screen where no line has to be broken."""
    return shown(*screen_text.drawn(screen_of(name)))


@cache
def printed_deal(words: str = DEAL) -> str:
    """What the terminal shows of a deal where no line has to be broken."""
    return shown(*screen_text.drawn_deal(deal_of(words), screen_of("kandi-cbak")))


def shown(*parts: RenderableType) -> str:
    out = StringIO()
    console = Console(file=out, width=100_000)
    for part in parts:
        console.print(part)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines())


@cache
def mixed() -> Screen:
    """A screen with a ban of a sale, credits of every kind and answer, and a premium: rows made up, ids that exist."""
    found = screen_of("kandi-cbak")
    tail = {"rows": "BN001;stakes kandi|jv_pack|equity", "confidence": "reported"}
    ban = {"ban": "BN001", "binds": "defence", "segment": "defence", "country": None, "item": "utv-us", "answer": "yes",
           "valid_from": DAY, "valid_to": DAY.replace(month=11), "because": "its maker is named", **tail}  # fmt: skip
    claim = {"process": "p", "site": None, "item": "cell-us", "taxpayer": "jv_cell", "credit": "CR03", "program": "45X",
             "component": "electrode_material", "year": DAY.year, "usd_per_unit": None, "cost_share": 0.1,
             "answer": "yes", "least_share": None, "because": "nothing bars it", **tail}  # fmt: skip
    unsure = {**claim, "answer": "unknown", "because": "who holds the rest is not known", "taxpayer": None}
    premium = {"segment": "utility", "item": "utv-us", "credit": "CR05", "valid_from": DAY, "valid_to": None,
               "price_share": 0.3, "answer": "unknown", "because": "the buyer may claim it", **tail}  # fmt: skip
    return dataclasses.replace(
        found,
        bans=pl.DataFrame([ban, {**ban, "item": "lv-us"}], schema=BAN_SCHEMA),
        claims=pl.DataFrame([claim, unsure], schema=CLAIM_SCHEMA),
        premiums=pl.DataFrame([premium], schema=PREMIUM_SCHEMA),
    )


def judged(screen: Screen) -> pl.DataFrame:
    """The answers on partners and ventures, in the order of the partners."""
    return screen.verdicts.filter(pl.col("kind").is_in(["partner", "venture"]))


def exists(row_id: str, chain: Chain) -> bool:
    """Whether an id is that of a fact, or names a row of the chain by its table and key."""
    table, _, key = row_id.partition(" ")
    if table not in TABLES or not key:
        return facts.is_fact(row_id)
    keys = chain.tables[table].select(pl.col(name).cast(pl.String) for name in key_of(TABLES[table]))
    parts = key.split("|")
    return any(list(row[: len(parts)]) == parts for row in keys.iter_rows())

"""Do transfer prices and the partners whose value counts make sense?"""

from __future__ import annotations

import datetime as dt

import polars as pl

from cellroad.chain.chain import Chain
from cellroad.chain.currencies import HOME
from cellroad.chain.finding import Finding
from cellroad.chain.settings import value_weights
from cellroad.chain.tell import did_you_mean, listed, numbered, tell


def money(chain: Chain, start: dt.date) -> list[Finding]:
    """Return what is wrong with prices between partners and with whose value is maximised."""
    return [*transfers(chain, start), *taxes(chain), *currencies(chain), *value_of(chain)]


def transfers(chain: Chain, start: dt.date) -> list[Finding]:
    """Return transfer prices of nobody, or with two prices, or whose index is not known yet."""
    known = {*chain.partners["partner"], *chain.sites["site"]}
    rows = numbered(chain.transfers)
    strangers = [
        Finding("blocker", "transfers", row, side, repr(name), "a partner or a site",
                did_you_mean(name, known, "Name a partner or a site of this chain."))
        for side in ("seller", "buyer")
        for row, name in rows.filter(~pl.col(side).is_in(list(known))).select("row", side).iter_rows()
    ]  # fmt: skip
    twice = rows.filter(pl.col("price_usd").is_not_null() & pl.col("index").is_not_null())
    first = chain.indices.group_by("index").agg(known=pl.col("month").min())
    early = rows.join(first, on="index").filter(pl.col("known") > pl.coalesce("valid_from", pl.lit(start))).sort("row")
    return [
        *strangers,
        *tell(twice, "blocker", "transfers", "price_usd", found="a price and index {index!r}",
              expected="at most one of price_usd and index",
              mend="Blank one of them; a fixed part beside an index goes into adder_usd."),
        *tell(early, "blocker", "transfers", "index", found="{index!r}, known from {known}",
              expected="a value of the index when the price begins", mend="Add an earlier month to indices."),
        *tell(rows.filter(pl.col("seller") == pl.col("buyer")), "warning", "transfers", "buyer",
              found="{buyer!r} as seller and buyer", expected="two different ones",
              mend="Nothing passes from one to itself; remove the row."),
    ]  # fmt: skip


def taxes(chain: Chain) -> list[Finding]:
    """Warn of a tax that nobody pays: its payer is no partner and the seat of none."""
    known = {*chain.partners["partner"], *chain.partners["country"].drop_nulls()}
    return tell(
        numbered(chain.taxes).filter(~pl.col("payer").is_in(list(known))), "warning", "taxes", "payer",
        found="{payer!r}, which is no partner and the seat of none", expected="a partner, or the country of one",
        mend="Correct the payer, or fill in the country of the partner.",
    )  # fmt: skip


def currencies(chain: Chain) -> list[Finding]:
    """Return prices in a currency of which no rate is told."""
    known = [*chain.currencies["currency"].unique().sort(), *HOME]
    return [
        finding
        for table in ("offers", "transfers", "demand", "quotes", "orders")
        for finding in tell(
            numbered(chain.tables[table]).filter(~pl.col("currency").is_in(known)), "blocker", table, "currency",
            found="{currency!r}", expected="USD, or a currency with a rate: " + (listed(known[:-2]) or "none"),
            mend="Add its rate to currencies, or blank it for US dollars.",
        )
    ]  # fmt: skip


def value_of(chain: Chain) -> list[Finding]:
    """Return a setting of whose value counts that cannot be read, or that names nobody of the chain."""
    known = chain.partners["partner"].to_list()
    expected = "a partner: " + (listed(known) or "none")
    found: list[Finding] = []
    for row, text in numbered(chain.settings).filter(pl.col("name") == "value_of").select("row", "value").iter_rows():
        try:
            names = value_weights(text)
        except ValueError:
            found.append(
                Finding("blocker", "settings", row, "value", repr(text),
                        "a partner, or partner:weight;partner:weight with weights above zero", "Correct the value.")
            )  # fmt: skip
            continue
        found += [
            Finding("blocker", "settings", row, "value", f"value_of {name!r}", expected,
                    did_you_mean(name, known, "Name a partner of this chain, or leave it blank."))
            for name in names
            if name not in known
        ]  # fmt: skip
    return found

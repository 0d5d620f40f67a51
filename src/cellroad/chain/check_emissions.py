"""Do prices and limits of emissions find what they are about?"""

from __future__ import annotations

import polars as pl

from cellroad.chain.chain import Chain
from cellroad.chain.check_trade import Horizon
from cellroad.chain.finding import Finding
from cellroad.chain.tell import numbered, tell


def emissions(chain: Chain, horizon: Horizon) -> list[Finding]:
    """Return rows of carbon that say nothing or lie outside the horizon, and what they count and is not known."""
    rules = numbered(chain.carbon)
    blank = (pl.col("usd_per_t") == 0) & pl.col("max_t").is_null() & pl.col("max_kg_per_kwh").is_null()
    limited = pl.any_horizontal(pl.col("max_t", "max_kg_per_kwh").is_not_null())
    last = horizon.end.year if (horizon.end.month, horizon.end.day) != (1, 1) else horizon.end.year - 1
    outside = ~pl.col("year").is_between(horizon.start.year, last)
    return [
        *tell(
            rules.filter(blank), "warning", "carbon", "usd_per_t", found="neither a price nor a limit",
            expected="usd_per_t, max_t or max_kg_per_kwh", mend="Fill one of them in, or remove the row.",
        ),
        *tell(
            rules.filter(pl.col("year").is_not_null() & outside), "warning", "carbon", "year", found="{year}",
            expected=f"a year from {horizon.start.year} to {last}", mend="Correct the year, or leave it blank for all.",
        ),
        *tell(
            rules.filter(pl.col("year").is_not_null() & limited & (pl.col("over").cast(pl.String) == "horizon")),
            "warning", "carbon", "over", found="horizon with year {year}",
            expected="a limit of a year or of the horizon",
            mend="Leave the year blank, or set over to year.",
        ),
        *(unknown(chain) if chain.carbon.height else []),
    ]  # fmt: skip


def unknown(chain: Chain) -> list[Finding]:
    """Warn of offers and processes whose emissions are not known: they count as nothing."""
    items = chain.items.select("item", of_item="kg_co2e")
    offers = numbered(chain.offers).join(items, on="item").filter(pl.coalesce("kg_co2e", "of_item").is_null())
    expected, mend = "kg CO2e, as carbon has a price or a limit", "Fill it in; until then it counts as nothing."
    return tell(
        offers.sort("row"), "warning", "offers", "kg_co2e", found="a blank for {offer!r}, and for its item {item!r}",
        expected=expected, mend=mend,
    ) + tell(
        numbered(chain.processes).filter(pl.col("kg_co2e").is_null()), "warning", "processes", "kg_co2e",
        found="a blank for {process!r}", expected=expected, mend=mend,
    )  # fmt: skip

"""Do quotes and orders make sense?"""

from __future__ import annotations

import polars as pl

from cellroad.chain.chain import Chain
from cellroad.chain.check_trade import Horizon
from cellroad.chain.finding import Finding
from cellroad.chain.orders import ARRIVES, OPEN
from cellroad.chain.tell import numbered, tell


def vendors(chain: Chain, horizon: Horizon) -> list[Finding]:
    """Return what is wrong or strange with quotes and orders."""
    return [*quotes(chain), *dates(chain), *counts(chain), *lanes(chain), *overdue(chain, horizon)]


def quotes(chain: Chain) -> list[Finding]:
    """Return quotes that end before they begin."""
    return tell(
        numbered(chain.quotes).filter(pl.col("valid_to") < pl.col("valid_from")), "blocker", "quotes", "valid_to",
        found="{valid_to}, before valid_from {valid_from}", expected="a day on or after {valid_from}",
        mend="Correct one of the two.",
    )  # fmt: skip


def dates(chain: Chain) -> list[Finding]:
    """Return orders that come before they are placed."""
    rows = numbered(chain.orders)
    return [
        finding
        for column in ("promised", "expected", "received")
        for finding in tell(
            rows.filter(pl.col(column) < pl.col("ordered")), "blocker", "orders", column,
            found=f"{{{column}}}, before ordered {{ordered}}", expected="a day on or after {ordered}",
            mend="Correct one of the two.",
        )
    ]  # fmt: skip


def counts(chain: Chain) -> list[Finding]:
    """Return orders of which more is rejected than came, and counts of what has not come."""
    came = pl.coalesce("received_quantity", "quantity")
    rows = numbered(chain.orders).with_columns(came=came)
    early = (pl.col("received_quantity").is_not_null() | (pl.col("rejected") > 0)) & pl.col("received").is_null()
    return tell(
        rows.filter((pl.col("rejected") > pl.col("came")) & ~early), "blocker", "orders", "rejected",
        found="{rejected:,.10g} rejected of {came:,.10g}", expected="at most {came:,.10g}", mend="Correct one of them.",
    ) + tell(
        rows.filter(early), "blocker", "orders", "received", found="units that came, but no day",
        expected="the day on which they came, or an order of which nothing has come",
        mend="Fill in received; where only a part came, split the order in two rows.",
    )  # fmt: skip


def lanes(chain: Chain) -> list[Finding]:
    """Return orders on a lane that does not lead from the vendor to where they arrive."""
    ends = chain.lanes.select("lane", "origin", end="destination")
    rows = numbered(chain.orders).join(ends, on="lane", how="inner").sort("row")
    return tell(
        rows.filter((pl.col("origin") != pl.col("site")) | (pl.col("end") != pl.col("destination"))),
        "blocker", "orders", "lane", found="{lane!r}, from {origin!r} to {end!r}",
        expected="a lane from {site!r} to {destination!r}", mend="Correct the lane, or leave it blank.",
    )  # fmt: skip


def overdue(chain: Chain, horizon: Horizon) -> list[Finding]:
    """Warn of open orders that were to come before the plan begins: nothing of them is counted."""
    rows = numbered(chain.orders).filter(OPEN).with_columns(arrives=ARRIVES)
    return tell(
        rows.filter(pl.col("arrives") < horizon.start), "warning", "orders", "expected",
        found="{order!r}, open and expected on {arrives}, before the plan begins",
        expected=f"a day from {horizon.start} on",
        mend="Say in received when it came and count it in stocks, or in expected when it comes.",
    )  # fmt: skip

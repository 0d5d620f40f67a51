"""The command that asks what a thing costs landed on a day, bar by bar, and when it arrives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from cellroad.show.commands.reading import Day
from cellroad.show.exits import Exit, choose
from cellroad.show.terminal import Face, table

if TYPE_CHECKING:
    import polars as pl

    from cellroad.rules.landed import Landed


def land(
    path: str,
    /,
    *,
    item: str,
    origin: Annotated[str, Parameter(name="--from")],
    destination: Annotated[str, Parameter(name="--to")],
    on: Day,
    as_known: Day | None = None,
    preference: str | None = None,
    face: Face = Face(),  # noqa: B008
) -> Exit:
    """Say what an item costs landed when it enters on a day: price, freight, each layer of duty, fees and stock.

    Parameters
    ----------
    path
        Folder, workbook or zip of a chain, or the name of an example.
    item
        Id of the item.
    origin
        Id of the site where it is handed over.
    destination
        Id of the site where it is wanted.
    on
        Day of entry, written 2027-10-01.
    as_known
        Day whose knowledge of the law is used, written 2027-10-01; without one, all that is known now.
    preference
        Trade agreement that is claimed: KORUS or USMCA.
    """
    from cellroad.chain import facts
    from cellroad.chain.files import load
    from cellroad.rules.landed import land as landed

    chain = load(path)
    choose(item, chain.items["item"].to_list(), "item")
    for site in (origin, destination):
        choose(site, chain.sites["site"].to_list(), "site")
    if preference is not None:
        claims = facts.table("tariffs")["claim"].unique().sort()
        choose(preference, claims.filter(claims != "").to_list(), "agreement")
    found = landed(chain, item, origin, destination, on, as_known, preference)
    machine = {
        "chain": chain.name, "item": item, "unit": found.unit, "from": origin, "to": destination, "on": on,
        "as_known": as_known, "total_usd": found.total_usd, "low_usd": found.low_usd, "high_usd": found.high_usd,
        "usd_per_kwh": found.per_kwh, "duty_pct": found.duty.rate_pct, "duty_state": found.duty.state,
        "order_by": found.order_by, "lead_days": found.lead_days, "waterfall": found.waterfall, "lead": found.lead,
    }  # fmt: skip
    face.answer([found.summary(), "", table(_bars(found)), "", table(found.lead)], machine)
    return Exit.OK


def _bars(found: Landed) -> pl.DataFrame:
    """Return the waterfall as it fits a line: each bar with its rate and the fact or row behind it."""
    import polars as pl

    return found.waterfall.select(
        pl.col("kind").str.split(":").list.first(),
        pl.col("label").alias("what"),
        pl.col("usd_per_unit").alias(f"$ per {found.unit}"),
        pl.col("usd_per_kwh").alias("$ per kWh"),
        (pl.col("rate_pct") / 100).alias("rate_share"),
        pl.when(pl.col("fact") != "").then("fact").otherwise("source").alias("behind"),
        "confidence",
    )

"""Do containers, shipments and the limits of lanes and sites make sense together?"""

from __future__ import annotations

import polars as pl

from cellroad.chain.calendars import events
from cellroad.chain.chain import Chain
from cellroad.chain.check_flow import Reach, reach
from cellroad.chain.finding import Finding
from cellroad.chain.tell import listed, numbered, tell


def transport(chain: Chain) -> list[Finding]:
    """Return what is wrong or strange with what lanes and sites take."""
    return [
        *whole_containers(chain), *volumes(chain, reach(chain)), *shipments(chain), *storage(chain), *seasons(chain),
    ]  # fmt: skip


def seasons(chain: Chain) -> list[Finding]:
    """Return seasons without a time, those that end before they begin, and shutdowns that no calendar knows."""
    rows = numbered(chain.seasons)
    around = rows.filter(pl.col("valid_from").is_null())
    named = around.filter(pl.col("country").is_not_null())
    known = named["country"].map_elements(lambda country: listed(events(country)), return_dtype=pl.String)
    named = named.with_columns(known=known)
    missing = named.filter(
        (pl.col("known") == "")
        | ((pl.col("event") != "") & ~pl.col("known").str.contains(pl.col("event"), literal=True))
    )
    return [
        *tell(
            around.filter(pl.col("country").is_null()), "blocker", "seasons", "valid_from",
            found="neither dates nor a country", expected="valid_from, or a country around whose shutdowns it lies",
            mend="Fill in one of the two.",
        ),
        *tell(
            rows.filter(pl.col("valid_to") < pl.col("valid_from")), "blocker", "seasons", "valid_to",
            found="{valid_to}, before valid_from {valid_from}", expected="a day on or after {valid_from}",
            mend="Swap or correct the two dates.",
        ),
        *tell(
            missing, "warning", "seasons", "event", found="{event!r} in {country!r}, whose shutdowns are: {known}",
            expected="a shutdown of the calendar", mend="Correct the event, or give dates; the row changes nothing.",
        ),
    ]  # fmt: skip


def whole_containers(chain: Chain) -> list[Finding]:
    """Return lanes that are to pay whole containers and are not charged by the container."""
    lanes = numbered(chain.lanes)
    wrong = lanes.filter((pl.col("whole_containers") == "yes") & (pl.col("cost_per").cast(pl.String) != "container"))
    apart = lanes.filter((pl.col("dg_apart") == "yes") & (pl.col("whole_containers") == "no"))
    return tell(
        wrong, "blocker", "lanes", "cost_per", found="{cost_per}, with whole_containers",
        expected="container", mend="Give the freight of a container, or set whole_containers to no.",
    ) + tell(
        apart, "warning", "lanes", "dg_apart", found="yes, without whole_containers",
        expected="whole_containers, as parts of containers are never shared",
        mend="Set whole_containers to yes, or leave dg_apart blank.",
    )  # fmt: skip


def volumes(chain: Chain, found: Reach) -> list[Finding]:
    """Warn of items without volume on lanes that fill containers by volume."""
    lanes = numbered(chain.lanes).filter(pl.col("container_l").is_not_null()).select("lane", "origin")
    unknown = numbered(chain.items).filter(pl.col("volume_l").is_null())
    riding = lanes.join(found.pairs(), left_on="origin", right_on="site").join(unknown, on="item").sort("row")
    return tell(
        riding.unique("item", keep="first", maintain_order=True), "warning", "items", "volume_l",
        found="a blank for {item!r}, which lane {lane!r} loads by volume", expected="litres per unit",
        mend="Fill it in; until then the item fills containers by mass alone.",
    )  # fmt: skip


def shipments(chain: Chain) -> list[Finding]:
    """Warn of lanes whose least shipment is more than a month may bring."""
    lanes = numbered(chain.lanes)
    return [
        finding
        for most in ("max_kg_per_month", "max_dg_kg_per_month")
        for finding in tell(
            lanes.filter(pl.col("min_shipment_kg") > pl.col(most)), "warning", "lanes", "min_shipment_kg",
            found=f"{{min_shipment_kg:,.10g}} kg with {most} {{{most}:,.10g}}",
            expected="a least shipment within what a month takes",
            mend="No month can carry a shipment; correct one of the two.",
        )
    ]  # fmt: skip


def storage(chain: Chain) -> list[Finding]:
    """Return sites that begin with more dangerous goods in stock than they may store."""
    items = chain.items.filter(pl.col("dg_class").is_not_null()).select("item", "mass_kg", "kwh")
    stock = chain.stocks.filter(pl.col("on_hand") > 0).join(items, on="item").group_by("site")
    held = stock.agg(kg=(pl.col("on_hand") * pl.col("mass_kg")).sum(), energy=(pl.col("on_hand") * pl.col("kwh")).sum())
    sites = numbered(chain.sites).join(held, on="site").sort("row")
    return [
        finding
        for most, of, unit in (("max_dg_kg", "kg", "kg"), ("max_dg_kwh", "energy", "kWh"))
        for finding in tell(
            sites.filter(pl.col(of) > pl.col(most)), "blocker", "sites", most,
            found=f"{{{most}:,.10g}} {unit} at {{site!r}}, which has {{{of}:,.10g}} {unit} of dangerous goods on hand",
            expected="at least what is in stock at the start",
            mend="Correct the limit, or on_hand in stocks.",
        )
    ]  # fmt: skip

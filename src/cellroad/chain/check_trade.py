"""Do offers, prices, Incoterms, customers and owners make sense together?"""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

import polars as pl

from cellroad.chain.chain import Chain
from cellroad.chain.column import several
from cellroad.chain.finding import Finding
from cellroad.chain.tell import numbered, tell

BUYER_PAYS = ("EXW", "FCA", "FAS", "FOB")
"""Incoterms 2020 under which the buyer pays the main carriage: the E and F groups; C and D are the seller's."""

DELIVERED_DUTY_PAID = "DDP"
FOREVER = dt.date(9999, 12, 31)


class Horizon(NamedTuple):
    """First day of the plan, and first day after it."""

    start: dt.date
    end: dt.date


def trade(chain: Chain, horizon: Horizon) -> list[Finding]:
    """Return what is wrong or strange with what is bought, sold and owned."""
    return [
        *prices(chain), *indices(chain), *alternatives(chain), *carriage(chain), *origins(chain), *orders(chain),
        *validity(chain, horizon), *demand(chain, horizon), *certificates(chain, horizon), *stakes(chain),
    ]  # fmt: skip


def prices(chain: Chain) -> list[Finding]:
    """Return offers with no price or with two, and sales at less than nothing."""
    offers = numbered(chain.offers)
    sales = numbered(chain.demand).join(chain.wants.select("want", "item", "price_adder_usd"), on="want")
    sales = sales.with_columns(paid=pl.col("price_usd") + pl.col("price_adder_usd")).filter(pl.col("paid") < 0)
    return (
        tell(
            offers.filter(pl.col("price_usd").is_null() & pl.col("index").is_null()), "blocker", "offers", "price_usd",
            found="neither a price nor an index", expected="one of price_usd and index",
            mend="Fill in price_usd in US dollars a unit, or an index.",
        )
        + tell(
            offers.filter(pl.col("price_usd").is_not_null() & pl.col("index").is_not_null()), "blocker", "offers",
            "price_usd", found="a price and index {index!r}", expected="one of price_usd and index",
            mend="Blank one of them; a fixed part beside an index goes into adder_usd.",
        )
        + tell(
            sales.unique("row", keep="first", maintain_order=True).sort("row"), "blocker", "demand", "price_usd",
            found="${paid:,.10g} for {want!r} served by {item!r}",
            expected="a price of at least zero with the adder of wants",
            mend="Correct price_usd here or price_adder_usd in wants.",
        )
    )  # fmt: skip


def indices(chain: Chain) -> list[Finding]:
    """Return offers whose index is not known yet when they begin."""
    first = chain.indices.group_by("index").agg(known=pl.col("month").min())
    asked = pl.col("valid_from").dt.offset_by(pl.format("-{}mo", pl.col("lag_months")))
    offers = numbered(chain.offers).with_columns(asked=asked)
    early = offers.join(first, on="index").filter(pl.col("known") > pl.col("asked")).sort("row")
    return tell(
        early, "blocker", "offers", "index", found="{index!r}, known from {known}",
        expected="a value of the index on or before {asked}", mend="Add an earlier month to indices.",
    )  # fmt: skip


def alternatives(chain: Chain) -> list[Finding]:
    """Warn where two offers of the same goods on the same terms are open at once at different prices."""
    keys = ["site", "item", "incoterm", "moq"]
    offers = numbered(chain.offers).select(
        "row", "offer", *keys, "price_usd", "valid_from", pl.col("valid_to").fill_null(FOREVER)
    )
    both = offers.join(offers, on=keys, suffix="_other").filter(
        (pl.col("row") > pl.col("row_other"))
        & (pl.col("valid_from") <= pl.col("valid_to_other"))
        & (pl.col("valid_from_other") <= pl.col("valid_to"))
        & (pl.col("price_usd") != pl.col("price_usd_other"))
    )
    both = both.sort("row", "row_other").unique("row", keep="first", maintain_order=True)
    return tell(
        both, "warning", "offers", "valid_from",
        found="{offer!r} at ${price_usd:,.10g} open at once with {offer_other!r} at ${price_usd_other:,.10g}",
        expected="one price of {item!r} at {site!r} at a time, unless both can be had",
        mend="If one follows the other, end the first with valid_to.",
    )  # fmt: skip


def carriage(chain: Chain) -> list[Finding]:
    """Return goods with two ideas of whose freight it is, and delivered prices at places that no lane leaves abroad."""
    offers = numbered(chain.offers).with_columns(pl.col("incoterm").cast(pl.String))
    offers = offers.with_columns(buyer=pl.col("incoterm").is_in(BUYER_PAYS))
    sides = offers.group_by("site", "item").agg(
        row=pl.col("row").filter(pl.col("buyer") != pl.col("buyer").first()).first(),
        terms=pl.col("incoterm").unique(maintain_order=True).str.join(", "),
    )
    abroad = _lanes_abroad(chain)
    delivered = offers.filter(~pl.col("buyer") & (pl.col("incoterm") != DELIVERED_DUTY_PAID))
    return tell(
        sides.drop_nulls("row").sort("row"), "blocker", "offers", "incoterm", found="{terms} for {item!r} at {site!r}",
        expected=f"the seller or the buyer to pay the main carriage, not both: {', '.join(BUYER_PAYS)} or the others",
        mend="Offer the two at two sites, such as the factory and the port.",
    ) + tell(
        delivered.join(abroad, left_on="site", right_on="origin", how="anti"), "warning", "offers", "incoterm",
        found="{incoterm} at {site!r}, which no lane leaves for another country",
        expected="the site where the seller hands over to the carrier",
        mend="Put the offer at the site of shipment; use DDP for goods that lie here duty paid.",
    )  # fmt: skip


def _lanes_abroad(chain: Chain) -> pl.DataFrame:
    country = chain.sites.select("site", "country")
    lanes = chain.lanes.join(country.rename({"site": "origin"}), on="origin")
    lanes = lanes.join(country.rename({"site": "destination"}), on="destination", suffix="_to")
    return lanes.filter(pl.col("country") != pl.col("country_to")).select("origin").unique()


def origins(chain: Chain) -> list[Finding]:
    """Warn of items that come from two countries and do not say which is theirs for customs."""
    places = pl.concat([chain.offers.select("site", "item"), chain.processes.select("site", "item")])
    countries = (
        places.join(chain.sites.select("site", "country"), on="site")
        .group_by("item")
        .agg(
            pl.col("country").unique().sort().str.join(", ").alias("countries"),
            pl.col("country").n_unique().alias("many"),
        )
    )
    mixed = (
        numbered(chain.items).filter(pl.col("origin").is_null()).join(countries, on="item").filter(pl.col("many") > 1)
    )
    return tell(
        mixed.sort("row"), "warning", "items", "origin", found="a blank, and {item!r} comes from {countries}",
        expected="one country of origin, as duty depends on it",
        mend="Make it one item per country, or fill in origin.",
    )  # fmt: skip


def orders(chain: Chain) -> list[Finding]:
    """Warn of offers whose least order is more than a month may bring."""
    offers = numbered(chain.offers).filter(pl.col("moq") > pl.col("max_per_month"))
    return tell(
        offers, "warning", "offers", "moq", found="{moq:,.10g} with at most {max_per_month:,.10g} a month",
        expected="a least order within the monthly maximum",
        mend="No month can carry an order; correct one of the two.",
    )  # fmt: skip


def validity(chain: Chain, horizon: Horizon) -> list[Finding]:
    """Return spans that end before they begin, and offers that are never open within the horizon."""
    findings = []
    for table, first, last in (
        ("offers", "valid_from", "valid_to"),
        ("stakes", "valid_from", "valid_to"),
        ("options", "earliest", "latest"),
    ):
        reversed_ = numbered(chain.tables[table]).filter(pl.col(first) > pl.col(last))
        findings += tell(
            reversed_, "blocker", table, last, found=f"{{{last}}}, before {first} {{{first}}}",
            expected=f"a day on or after {first}", mend="Swap or correct the two dates.",
        )  # fmt: skip
    outside = numbered(chain.offers).filter(
        (pl.col("valid_from") >= horizon.end) | (pl.col("valid_to") < horizon.start)
    )  # fmt: skip
    return findings + tell(
        outside, "warning", "offers", "valid_from", found="{offer!r}, open from {valid_from} to {valid_to}",
        expected=_within(horizon), mend="Correct the dates, or start and months in settings.",
    )  # fmt: skip


def demand(chain: Chain, horizon: Horizon) -> list[Finding]:
    """Warn of demand outside the horizon, of dates within a month, and of a chain that nobody buys from."""
    wanted = numbered(chain.demand)
    outside = wanted.filter((pl.col("month") >= horizon.end) | (pl.col("month") < horizon.start.replace(day=1)))
    findings = tell(
        outside, "warning", "demand", "month", found="{month}", expected=_within(horizon),
        mend="It is not planned; lengthen the horizon in settings, or remove the row.",
    )  # fmt: skip
    for table in ("demand", "indices"):
        findings += tell(
            numbered(chain.tables[table]).filter(pl.col("month").dt.day() > 1), "warning", table, "month",
            found="{month}", expected="the first day of a month", mend="Write the month alone, as in 2027-10.",
        )  # fmt: skip
    if not chain.demand["quantity"].sum():
        findings.append(Finding(
            "warning", "demand", None, "quantity", "no demand", "what markets want, by month",
            "Add rows to demand; without them there is nothing to plan.",
        ))  # fmt: skip
    return findings


def _within(horizon: Horizon) -> str:
    return f"dates within the horizon, {horizon.start} to {horizon.end - dt.timedelta(days=1)}"


def certificates(chain: Chain, horizon: Horizon) -> list[Finding]:
    """Warn of certificates of items that are never sold or not made so, and of valid ones that lapse too soon."""
    proofs = numbered(chain.certificates)
    by_item = pl.col("cell") == ""
    return by_cell(chain) + tell(
        proofs.filter(by_item & ~pl.col("item").is_in(chain.wants["item"].implode())),
        "warning", "certificates", "item",
        found="{item!r}, which no want is satisfied by", expected="an item that is sold",
        mend="Certify the item that is sold, or add it to wants.",
    ) + tell(
        proofs.filter((pl.col("status") == "valid") & (pl.col("valid_to") < horizon.start)), "warning", "certificates",
        "valid_to", found="{standard} of {item!r} valid to {valid_to}",
        expected=f"a day after {horizon.start}, the start",
        mend="Set the status to planned to have it renewed.",
    )  # fmt: skip


def by_cell(chain: Chain) -> list[Finding]:
    """Warn of cells that no process builds into the item, and of processes whose cell has no certificate beside others.

    A process that takes in an input of the same stage as a cell that a standard names needs a row of its own.
    """
    stages = chain.items.select("item", pl.col("stage").cast(pl.String))
    named = (
        numbered(chain.certificates)
        .filter(pl.col("cell") != "")
        .with_columns(several("cell"))
        .explode("cell", empty_as_null=True)
        .drop_nulls("cell")
    )
    made = chain.processes.select("process", "item").join(chain.bom.select("process", cell="item"), on="process")
    unused = named.join(made, on=["item", "cell"], how="anti")
    bound = named.join(stages.rename({"item": "cell"}), on="cell").select("item", "standard", "stage", "row")
    each = made.join(stages.rename({"item": "cell"}), on="cell").join(bound, on=["item", "stage"])
    without = each.join(named, on=["item", "standard", "cell"], how="anti").sort("row")
    return tell(
        unused, "warning", "certificates", "cell", found="{cell!r}, which no process builds into {item!r}",
        expected="an input of a process that makes it", mend="Correct the name, or leave it blank for any cell.",
    ) + tell(
        without.unique(["process", "standard", "cell"], keep="first", maintain_order=True), "warning", "certificates",
        "cell", found="nothing of {standard} for {item!r} made of {cell!r}, so that {process!r} is not used",
        expected="a certificate for every cell that it is made of", mend="Add a row for that cell.",
    )  # fmt: skip


def stakes(chain: Chain) -> list[Finding]:
    """Return stakes told twice for the same time, bounds out of order, and owners of more than the whole."""
    held = numbered(chain.stakes).with_columns(until=pl.col("valid_to").fill_null(FOREVER))
    keys = ["owner", "owned", "interest"]
    twice = held.join(held.select(*keys, "row", "valid_from", "until"), on=keys, suffix="_other").filter(
        (pl.col("row") > pl.col("row_other"))
        & (pl.col("valid_from") <= pl.col("until_other"))
        & (pl.col("valid_from_other") <= pl.col("until"))
    )
    begun = held.select("owned", "interest", day="valid_from", first_row="row")
    parts = begun.join(held, on=["owned", "interest"]).filter(
        pl.col("interest").is_in(["equity", "votes"]) & pl.col("day").is_between("valid_from", "until")
    )
    whole = (
        parts.group_by("owned", "interest", "day", "first_row", maintain_order=True)
        .agg(pl.col("share_min").sum().alias("total"))
        .filter(pl.col("total") > 1 + 1e-9)
        .sort("day")
        .unique(["owned", "interest"], keep="first", maintain_order=True)
        .rename({"first_row": "row"})
    )
    return (
        tell(
            held.filter(pl.col("share_min") > pl.col("share_max")), "blocker", "stakes", "share_min",
            found="{share_min:g}, above share_max {share_max:g}", expected="share_min at most share_max",
            mend="Swap or correct the two; give both the same value where it is known.",
        )
        + tell(
            twice.unique("row", keep="first", maintain_order=True).sort("row"), "blocker", "stakes", "valid_from",
            found="{interest} of {owner!r} in {owned!r} told again, as in row {row_other}",
            expected="one row at a time for the same owner, owned and interest",
            mend="End the earlier one with valid_to, or remove one.",
        )
        + tell(
            whole, "blocker", "stakes", "share_min", found="{total:.4g} of the {interest} of {owned!r} on {day}",
            expected="shares that sum to at most 1", mend="Correct the shares, or end the earlier ones with valid_to.",
        )
    )  # fmt: skip

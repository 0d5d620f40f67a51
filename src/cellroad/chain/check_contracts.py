"""Do contracts and tiers make sense together with the offers that they stand on?"""

from __future__ import annotations

import datetime as dt

import polars as pl

from cellroad.chain.chain import Chain
from cellroad.chain.check_trade import FOREVER, Horizon
from cellroad.chain.finding import Finding
from cellroad.chain.tell import numbered, tell


def agreements(chain: Chain, horizon: Horizon) -> list[Finding]:
    """Return what is wrong or strange with contracts, tiers, indexed prices and limits on sources."""
    return [
        *quantities(chain),
        *terms(chain, horizon),
        *signing(chain, horizon),
        *tiers(chain),
        *limits(chain),
        *sources(chain),
    ]


def quantities(chain: Chain) -> list[Finding]:
    """Return contracts that ask for more than they allow, or than their offer gives."""
    contracts = numbered(chain.contracts).join(chain.offers.select("offer", "max_per_month"), on="offer")
    has_to = pl.col("min_per_year") * (1 - pl.col("take_or_pay_share"))
    more = contracts.with_columns(has_to=has_to, gives=12 * pl.col("max_per_month"))
    return tell(
        contracts.filter(pl.col("min_per_year") > pl.col("max_per_year")), "blocker", "contracts", "min_per_year",
        found="at least {min_per_year:,.10g} and at most {max_per_year:,.10g} a year",
        expected="min_per_year at most max_per_year", mend="Swap or correct the two.",
    ) + tell(
        more.filter(pl.col("has_to") > pl.col("gives") * (1 + 1e-9)), "blocker", "contracts", "min_per_year",
        found="{has_to:,.10g} a year that have to be taken, of an offer that gives {gives:,.10g}",
        expected="a minimum that the offer can fill",
        mend="Correct max_per_month in offers, min_per_year, or take_or_pay_share, the part that may be paid instead.",
    )  # fmt: skip


def terms(chain: Chain, horizon: Horizon) -> list[Finding]:
    """Return terms that end before they begin, or lie outside their offer, the horizon, or over each other."""
    offers = chain.offers.select("offer", opened="valid_from", closed=pl.col("valid_to").fill_null(FOREVER))
    rows = numbered(chain.contracts).join(offers, on="offer")
    months = (12 * pl.col("term_years")).round(0).cast(pl.Int64)
    begin = pl.coalesce("valid_from", "opened")
    counted = begin.dt.offset_by(pl.format("{}mo", months)).dt.offset_by("-1d")
    rows = rows.with_columns(begin=begin).with_columns(until=pl.coalesce("valid_to", counted, "closed"))
    outside = (pl.col("begin") < pl.col("opened")) | (pl.col("until") > pl.col("closed"))
    apart = (pl.col("begin") > pl.col("closed")) | (pl.col("until") < pl.col("opened"))
    late = (pl.col("begin") >= horizon.end) | (pl.col("until") < horizon.start)
    sound = rows.filter(pl.col("begin") <= pl.col("until")).sort("row")
    both = sound.join(sound, on="offer", suffix="_other").filter(
        (pl.col("row") > pl.col("row_other"))
        & (pl.col("begin") <= pl.col("until_other"))
        & (pl.col("begin_other") <= pl.col("until"))
        & ((pl.col("one_of") == "") | (pl.col("one_of") != pl.col("one_of_other")))
    )
    both = both.sort("row", "row_other").unique("row", keep="first", maintain_order=True)
    last = horizon.end - dt.timedelta(days=1)
    return [
        *tell(rows.filter(pl.col("begin") > pl.col("until")).sort("row"), "blocker", "contracts", "valid_to",
              found="{until}, before the term begins on {begin}", expected="a day on or after its first",
              mend="Swap or correct the two dates."),
        *tell(sound.filter(apart), "blocker", "contracts", "valid_from",
              found="{begin} to {until}, when {offer!r} is not open", expected="a term within {opened} to {closed}",
              mend="Correct the term, or the dates of the offer."),
        *tell(sound.filter(outside & ~apart), "warning", "contracts", "valid_from",
              found="{begin} to {until}, longer than {offer!r} is open", expected="a term within {opened} to {closed}",
              mend="It counts while the offer is open; correct the term, or the dates of the offer."),
        *tell(sound.filter(late & ~apart), "warning", "contracts", "valid_from", found="{begin} to {until}",
              expected=f"dates within the horizon, {horizon.start} to {last}",
              mend="It is not planned; correct the dates, or start and months in settings."),
        *tell(rows.filter(pl.col("valid_to").is_not_null() & pl.col("term_years").is_not_null()), "warning",
              "contracts", "term_years", found="{term_years:g} years and {valid_to}",
              expected="one of term_years and valid_to", mend="valid_to counts; blank the other."),
        *tell(both, "warning", "contracts", "offer", found="{offer!r}, at the same time as under {contract_other!r}",
              expected="one contract on an offer at a time",
              mend="What is bought counts for both; give each its own offer, or the same one_of."),
    ]  # fmt: skip


def signing(chain: Chain, horizon: Horizon) -> list[Finding]:
    """Warn of contracts that can no longer be signed, and of a last day to sign what is signed."""
    rows = numbered(chain.contracts).filter(pl.col("signs_by").is_not_null())
    open_ = pl.col("status") == "open"
    return tell(
        rows.filter(open_ & (pl.col("signs_by") < horizon.start)), "warning", "contracts", "signs_by",
        found="{signs_by}, before the start", expected=f"a day on or after {horizon.start}",
        mend="It cannot be signed; set the status to signed where it is, or correct the day.",
    ) + tell(
        rows.filter(~open_), "warning", "contracts", "signs_by", found="{signs_by} for a contract that is signed",
        expected="a blank", mend="Blank it, or set the status to open.",
    )  # fmt: skip


def tiers(chain: Chain) -> list[Finding]:
    """Return tiers with no price or two, and prices for all units that rise with the quantity."""
    rows = numbered(chain.tiers).join(chain.offers.select("offer", "index", "tier_kind", base="price_usd"), on="offer")
    price = pl.coalesce("price_usd", pl.col("base") * (1 - pl.col("discount_share")))
    before = price.shift(1).over("offer", order_by="from_quantity").fill_null(pl.col("base"))
    dearer = rows.with_columns(price=price, before=before).filter(
        (pl.col("tier_kind") == "all_units") & (pl.col("price") > pl.col("before"))
    )
    neither = pl.col("price_usd").is_null() & pl.col("discount_share").is_null()
    two = pl.col("price_usd").is_not_null() & pl.col("discount_share").is_not_null()
    return [
        *tell(rows.filter(neither), "blocker", "tiers", "price_usd", found="neither a price nor a discount",
              expected="one of price_usd and discount_share", mend="Fill in one of them."),
        *tell(rows.filter(two), "blocker", "tiers", "price_usd", found="a price and a discount",
              expected="one of price_usd and discount_share", mend="Blank one of them."),
        *tell(rows.filter(pl.col("price_usd").is_not_null() & pl.col("index").is_not_null()), "blocker", "tiers",
              "price_usd", found="a fixed price, of an offer that follows {index!r}",
              expected="discount_share", mend="Say the tier as a share off the indexed price."),
        *tell(dearer.sort("row"), "warning", "tiers", "price_usd", found="${price:,.10g}, after ${before:,.10g}",
              expected="a price for all units that falls with the quantity",
              mend="Correct the price, or set tier_kind of the offer to incremental."),
    ]  # fmt: skip


def limits(chain: Chain) -> list[Finding]:
    """Return floors above caps, and warn of floors, caps and lags of prices that follow no index."""
    rows = numbered(chain.offers)
    set_ = pl.col("floor_usd").is_not_null() | pl.col("cap_usd").is_not_null() | (pl.col("lag_months") > 0)
    return tell(
        rows.filter(pl.col("floor_usd") > pl.col("cap_usd")), "blocker", "offers", "floor_usd",
        found="${floor_usd:,.10g}, above cap_usd ${cap_usd:,.10g}", expected="floor_usd at most cap_usd",
        mend="Swap or correct the two.",
    ) + tell(
        rows.filter(pl.col("index").is_null() & set_), "warning", "offers", "index",
        found="a floor, cap or lag without an index", expected="an index that the price follows",
        mend="They change nothing here; name an index, or blank them.",
    )  # fmt: skip


def sources(chain: Chain) -> list[Finding]:
    """Return limits on sources that contradict themselves, limit nothing, or ask what is not known."""
    rows = numbered(chain.sourcing)
    named = pl.any_horizontal(pl.col("partner", "country", "seller", "contract").is_not_null())
    several, least = pl.col("min_sources").is_not_null(), pl.col("min_share").fill_null(0.0)
    limits = ("min_share", "max_share", "min_sources", "min_per_year", "max_per_year")
    most = pl.col("max_share").fill_null(1.0)
    deals = chain.contracts.select("contract", bound="offer")
    at_site = rows.filter(pl.col("site").is_not_null()).join(deals, on="contract", how="left", maintain_order="left")
    own = pl.col("contract").is_not_null() & pl.all_horizontal(pl.col("partner", "country").is_null()) & ~several
    return [
        *tell(rows.filter(pl.all_horizontal(pl.col(name).is_null() for name in limits)), "blocker", "sourcing",
              "max_share", found="a rule that limits nothing", expected=f"one of {', '.join(limits)}",
              mend="Fill in one of them, or remove the row."),
        *tell(rows.filter(pl.col("min_share") > pl.col("max_share")), "blocker", "sourcing", "min_share",
              found="{min_share:g}, above max_share {max_share:g}", expected="min_share at most max_share",
              mend="Swap or correct the two."),
        *tell(rows.filter(pl.col("min_per_year") > pl.col("max_per_year")), "blocker", "sourcing", "min_per_year",
              found="{min_per_year:,.10g}, above max_per_year {max_per_year:,.10g}",
              expected="min_per_year at most max_per_year", mend="Swap or correct the two."),
        *tell(rows.filter(~named & ~several & ((least > 0) | (pl.col("min_per_year") > 0))), "blocker", "sourcing",
              "partner", found="a least share or quantity of no source", expected="one that is named",
              mend="Name the source, or fill in min_sources where each of several is meant."),
        *tell(rows.filter(several & (least * pl.col("min_sources") > 1 + 1e-9)), "blocker", "sourcing", "min_share",
              found="{min_sources} sources of {min_share:g} each", expected="shares that sum to at most 1",
              mend="Lower min_share or min_sources."),
        *tell(rows.filter(several & (least == 0)), "warning", "sourcing", "min_share",
              found="{min_sources} sources without a least share", expected="the share that makes one a source",
              mend="Fill in min_share; without it every one counts."),
        *tell(rows.filter(several & pl.any_horizontal(pl.col("partner", "country", "seller").is_not_null())), "blocker",
              "sourcing", "min_sources", found="several sources of one that is named", expected="a blank partner, "
              "country and seller", mend="Make it two rules."),
        *tell(rows.filter(~named & ~several & (most > 0) & (most < 0.5)), "warning", "sourcing", "max_share",
              found="at most {max_share:g} from each partner", expected="a share that two sources can keep",
              mend="It asks for three sources or more; leave it if that is meant."),
        *tell(at_site.filter(pl.col("seller").is_not_null() | own), "blocker", "sourcing", "site",
              found="what the runs at {site!r} take in, by the site that sold it",
              expected="a partner or a country with a site", mend="Blank site, or name the maker."),
        *tell(at_site.filter(pl.col("measure") == "usd"), "blocker", "sourcing", "measure",
              found="US dollars of what runs take in", expected="units or kwh with a site",
              mend="Blank site to look at purchases, or choose another measure."),
    ]  # fmt: skip

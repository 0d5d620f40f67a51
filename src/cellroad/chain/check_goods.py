"""Do arrivals, co-products, substitutes, returns, reserves and shelf lives make sense?"""

from __future__ import annotations

import polars as pl

from cellroad.chain.chain import Chain
from cellroad.chain.check_trade import Horizon
from cellroad.chain.finding import Finding
from cellroad.chain.tell import numbered, tell

TRACED = ("cell", "module", "pack", "system")
"""Stages whose makers tell: what is made from another one of them is another item."""


def goods(chain: Chain, horizon: Horizon) -> list[Finding]:
    """Return what is wrong or strange with goods over time."""
    return [
        *pipeline(chain, horizon), *coproducts(chain), *bills(chain), *provenance(chain), *returns(chain),
        *stocks(chain), *scrap(chain),
    ]  # fmt: skip


def pipeline(chain: Chain, horizon: Horizon) -> list[Finding]:
    """Warn of arrivals outside the horizon."""
    rows = numbered(chain.pipeline)
    return tell(
        rows.filter(pl.col("arrives") < horizon.start), "warning", "pipeline", "arrives",
        found="{arrives}, before the plan starts", expected=f"a day from {horizon.start} on",
        mend="Count it in on_hand of table stocks if it is there.",
    ) + tell(
        rows.filter(pl.col("arrives") >= horizon.end), "warning", "pipeline", "arrives",
        found="{arrives}, after the plan ends", expected=f"a day before {horizon.end}",
        mend="It changes nothing in the plan; lengthen the horizon if it matters.",
    )  # fmt: skip


def coproducts(chain: Chain) -> list[Finding]:
    """Return co-products that are the main item, and shares of cost that add up to more than the whole."""
    rows = numbered(chain.coproducts)
    main = chain.processes.select("process", main="item")
    shares = rows.group_by("process", maintain_order=True).agg(pl.col("row").last(), total=pl.col("cost_share").sum())
    return tell(
        rows.join(main, on="process").filter(pl.col("item") == pl.col("main")), "blocker", "coproducts", "item",
        found="{item!r}, which {process!r} makes anyway", expected="another item than that of the process",
        mend="Raise the yield instead.",
    ) + tell(
        shares.filter(pl.col("total") > 1 + 1e-9), "blocker", "coproducts", "cost_share",
        found="shares of {total:g} for {process!r}", expected="shares that add up to at most 1",
        mend="What is left to 1 is carried by the main item.",
    )  # fmt: skip


def bills(chain: Chain) -> list[Finding]:
    """Return substitutes for what their process does not take in, and for itself."""
    rows = numbered(chain.substitutes)
    bill = chain.bom.select("process", instead_of="item")
    return tell(
        rows.join(bill, on=["process", "instead_of"], how="anti", maintain_order="left"), "blocker", "substitutes",
        "instead_of", found="{instead_of!r}, which {process!r} does not take in",
        expected="an input of the process in table bom", mend="Correct the process or the item.",
    ) + tell(
        rows.filter(pl.col("instead_of") == pl.col("item")), "blocker", "substitutes", "item",
        found="{item!r} instead of itself", expected="another item", mend="Remove the row.",
    )  # fmt: skip


def provenance(chain: Chain) -> list[Finding]:
    """Return substitutes that would hide where a product comes from: other makers, origins, or cells and packs."""
    item = chain.items.select("item", "maker", "origin", stage=pl.col("stage").cast(pl.String))
    both = (
        numbered(chain.substitutes)
        .join(item, on="item", maintain_order="left")
        .join(item.rename({"item": "instead_of"}), on="instead_of", suffix="_of", maintain_order="left")
        .filter(pl.col("instead_of") != pl.col("item"))
    )
    differs = pl.any_horizontal(
        pl.col("stage").is_in(TRACED), pl.col("stage_of").is_in(TRACED),
        pl.col("maker").ne_missing(pl.col("maker_of")), pl.col("origin").ne_missing(pl.col("origin_of")),
    )  # fmt: skip
    return tell(
        both.filter(differs), "blocker", "substitutes", "item",
        found="{item!r} instead of {instead_of!r}: what is made of it is another product",
        expected="materials or components of the same maker and origin; cells and packs carry their provenance",
        mend="Write a process of its own that takes {item!r} and makes an item of its own, and add that to wants.",
    )  # fmt: skip


def returns(chain: Chain) -> list[Finding]:
    """Return more coming back than was sold, what comes back as new, and returns of what nobody sells there."""
    rows = numbered(chain.returns)
    total = rows.group_by("market", "item", maintain_order=True).agg(
        pl.col("row").last(), total=pl.col("return_share").sum()
    )
    sold = chain.demand.select("market", "want").unique().join(chain.wants.select("want", "item"), on="want")
    return (
        tell(
            total.filter(pl.col("total") > 1 + 1e-9), "blocker", "returns", "return_share",
            found="{total:g} of what is sold of {item!r} at {market!r}", expected="shares that add up to at most 1",
            mend="Correct the shares.",
        )
        + tell(
            rows.filter(pl.col("item") == pl.col("returned")), "warning", "returns", "returned",
            found="{returned!r}, as it was sold", expected="an item of its own for what is used",
            mend="Add an item for the used one; else it is sold again as new.",
        )
        + tell(
            rows.join(sold, on=["market", "item"], how="anti", maintain_order="left"), "warning", "returns", "item",
            found="{item!r}, which {market!r} does not want", expected="an item that is sold at the market",
            mend="Correct the market or the item; what was sold before the plan goes into pipeline.",
        )
    )  # fmt: skip


def stocks(chain: Chain) -> list[Finding]:
    """Warn of stock that is older than its shelf life, and of more stock, or a larger least stock, than fits."""
    life = chain.items.select("item", of_item="shelf_months")
    rows = numbered(chain.stocks).join(life, on="item", how="left", maintain_order="left")
    rows = rows.with_columns(life=pl.coalesce("shelf_months", "of_item"))
    return (
        tell(
            rows.filter((pl.col("on_hand") > 0) & (pl.col("age_months") >= pl.col("life"))), "warning", "stocks",
            "age_months", found="{age_months:g} months for {item!r}, which keeps for {life:g}",
            expected="stock that may still be used", mend="It is scrapped at once; correct the age or the shelf life.",
        )
        + tell(
            rows.filter(pl.col("on_hand") > pl.col("max_on_hand")), "warning", "stocks", "max_on_hand",
            found="{on_hand:g} units of {item!r} where {max_on_hand:g} fit", expected="room for what is on hand",
            mend="What is over must be used or sent on in the first period; correct one of them.",
        )
        + tell(
            rows.filter(pl.col("min_units") > pl.col("max_on_hand")), "blocker", "stocks", "min_units",
            found="at least {min_units:g} units of {item!r} where {max_on_hand:g} fit",
            expected="a least stock that fits", mend="Correct one of them.",
        )
    )  # fmt: skip


def scrap(chain: Chain) -> list[Finding]:
    """Return items whose scrap fetches more than it costs to buy them."""
    cheapest = chain.offers.group_by("item").agg(price=pl.col("price_usd").min())
    rows = numbered(chain.items).join(cheapest, on="item").with_columns(fetches=-pl.col("scrap_usd")).sort("row")
    return tell(
        rows.filter((pl.col("fetches") > 0) & (pl.col("fetches") >= pl.col("price"))), "blocker", "items", "scrap_usd",
        found="{item!r} fetches ${fetches:g} as scrap and costs ${price:g}", expected="scrap that is worth less",
        mend="Correct the price or scrap_usd; else a plan would buy to scrap.",
    )  # fmt: skip

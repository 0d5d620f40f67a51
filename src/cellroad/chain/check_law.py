"""Do the columns that the law reads make sense: reviews, terms of agreements, kinds of buyers, components of credits?

What stands on a list, a regime or a contract that no rule reads changes no answer, so each is a warning.
"""

from __future__ import annotations

import polars as pl

from cellroad.chain import facts
from cellroad.chain.chain import Chain
from cellroad.chain.finding import Finding
from cellroad.chain.tell import did_you_mean, listed, numbered, tell

AGREEMENTS = ("licence", "offtake")


def law(chain: Chain) -> list[Finding]:
    """Return what the law would read in vain."""
    return [*reviews(chain), *terms(chain), *buyers(chain), *components(chain)]


def reviews(chain: Chain) -> list[Finding]:
    """Return reviews against what is no organisation, list entry or list of the facts."""
    columns = [("organisations", "org_id"), ("listings", "listing_id"), ("lists", "list_id")]
    known = [name for table, column in columns for name in facts.table(table)[column]]
    strange = numbered(chain.reviews).filter(~pl.col("against").is_in(known))
    return [
        finding
        for (against,), rows in strange.group_by("against", maintain_order=True)
        for finding in tell(
            rows, "warning", "reviews", "against", found="{against!r}, which the shipped facts do not have",
            expected="the id of an organisation, a list entry or a list (cellroad facts listings)",
            mend=did_you_mean(str(against), known, "Correct it, or give its list with --law when you screen."),
        )
    ]  # fmt: skip


def terms(chain: Chain) -> list[Finding]:
    """Return terms of what is no agreement, years without a term that they are of, and `none` beside others."""
    stakes = numbered(chain.stakes).with_columns(pl.col("interest").cast(pl.String))
    named = pl.col("terms").str.split(";")
    both = (pl.col("terms") != "none") & named.list.contains("none")
    return (
        tell(
            stakes.filter((pl.col("terms") != "") & ~pl.col("interest").is_in(AGREEMENTS)), "warning", "stakes",
            "terms",
            found="terms of an interest of the kind {interest}", expected="terms of a licence or offtake",
            mend="Add a row for the agreement, with its terms.",
        )
        + tell(
            stakes.filter(pl.col("term_years").is_not_null() & (pl.col("terms") == "")), "warning", "stakes",
            "term_years", found="{term_years:g} years without terms", expected="the terms that they are of",
            mend="Write royalty or service into terms.",
        )
        + tell(
            stakes.filter(both), "warning", "stakes", "terms", found="{terms!r}",
            expected="none alone, or the terms", mend="Remove 'none'.",
        )
    )  # fmt: skip


def buyers(chain: Chain) -> list[Finding]:
    """Return programmes of buyers outside defence, and credits passed on by buyers who claim none."""
    segments = numbered(chain.segments).with_columns(
        pl.col("regime").cast(pl.String), pl.col("programme").cast(pl.String)
    )
    return tell(
        segments.filter(pl.col("programme").is_not_null() & (pl.col("regime") != "defence")), "warning", "segments",
        "programme", found="{programme!r} of a segment under {regime!r}", expected="a programme of a defence segment",
        mend="Blank it, or set the regime to defence.",
    ) + tell(
        segments.filter((pl.col("passes_on") > 0) & (pl.col("regime") != "tax_credit")), "warning", "segments",
        "passes_on", found="{passes_on:g} of a segment under {regime!r}", expected="0 outside tax_credit",
        mend="Set the regime to tax_credit, or passes_on to 0.",
    )  # fmt: skip


def components(chain: Chain) -> list[Finding]:
    """Return items that are said to be a component that no credit of the facts has."""
    known = [*facts.table("credits")["component"].unique(maintain_order=True), "none"]
    strange = numbered(chain.items).filter((pl.col("credit_as") != "") & ~pl.col("credit_as").is_in(known))
    return tell(
        strange, "warning", "items", "credit_as", found="{credit_as!r}", expected=f"one of {listed(known)}",
        mend="Correct it; blank takes the component by the stage of the item.",
    )  # fmt: skip

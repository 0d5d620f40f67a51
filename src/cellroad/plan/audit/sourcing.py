"""Do purchases keep the limits on where they come from? Worked out again from purchases, consumption and tables."""

from __future__ import annotations

import polars as pl

from cellroad.plan.audit.contracts import SIDES, counted
from cellroad.plan.result import Plan


def sourcing(plan: Plan) -> pl.DataFrame:
    """Compare what came from each source with the flows, and with the limits of its rule where that holds.

    min_share * total <= quantity <= max_share * total;  minimum <= quantity <= maximum
    at least min_sources of the sources have their share, or there is nothing at all
    """
    if plan.sourcing.is_empty():
        return pl.DataFrame(schema=dict.fromkeys(SIDES, pl.Float64))
    rows = plan.sourcing.with_row_index("key")
    table = plan.chain.sourcing.select(
        "rule", "item", "stage", "chemistry", "site", "partner", "country", "seller", "contract"
    )
    years = (
        rows.select("rule", "year", "measure", "start", "end").unique().join(table, on="rule", maintain_order="left")
    )
    flows = pl.concat([_bought(plan, years), _taken(plan, years)])
    again = flows.group_by("rule", "year", "source").agg(again=pl.col("counted").sum())
    rows = (
        rows.join(again, on=["rule", "year", "source"], how="full", coalesce=True)
        .with_columns(pl.col("again", "quantity").fill_null(0.0), pl.col("holds", "named").fill_null(False))
        .with_columns(whole=pl.col("again").sum().over("rule", "year"))
        .with_columns(size=pl.max_horizontal("whole", pl.lit(1e-9)))
    )
    none = pl.lit(0.0)
    bound = rows.filter(pl.col("holds") & pl.col("named"))
    least = pl.col("min_share") * pl.col("whole")
    enough = (pl.col("again") >= least - 1e-7 * pl.col("size")).fill_null(True)
    count = (
        bound.filter(pl.col("min_sources").is_not_null() & (pl.col("whole") > 1e-6))
        .group_by("rule", "year")
        .agg(pl.col("min_sources").first(), have=enough.sum())
    )
    missing = (pl.col("min_sources") - pl.col("have")).clip(0).cast(pl.Float64)
    over = {
        "max_share": pl.col("again") - pl.col("max_share") * pl.col("whole"),
        "maximum": pl.col("again") - pl.col("maximum"),
        "minimum": pl.col("minimum") - pl.col("again"),
    }
    scale = pl.max_horizontal("size", "minimum")
    parts = [
        rows.select(left="quantity", right="again", scale="size"),
        bound.filter(pl.col("min_sources").is_null()).select(
            left=(least - pl.col("again")).clip(0.0).fill_null(0.0), right=none, scale="size"
        ),
        *(bound.select(left=beyond.clip(0.0).fill_null(0.0), right=none, scale=scale) for beyond in over.values()),
        count.select(left=missing, right=none, scale=pl.lit(1.0)),
    ]
    return pl.concat([part.select(SIDES) for part in parts])


def _bought(plan: Plan, years: pl.DataFrame) -> pl.DataFrame:
    """Return purchases that rules look at: rule, year, source, counted."""
    sites = plan.chain.sites.select("site", site_partner="partner", site_country="country")
    offers = plan.chain.offers.select("offer", "item", "site").join(sites, on="site")
    offers = offers.rename({"site": "sold_at"}).join(_items(plan), on="item")
    asked = years.filter(pl.col("site").is_null()).with_row_index("span")
    pairs = asked.join(offers, how="cross", suffix="_bought").filter(_looks()).with_row_index("key")
    return (
        pairs.join(counted(plan, pairs), on="key")
        .with_columns(
            whose=pl.coalesce("maker", "site_partner", "sold_at"), where=pl.coalesce("made_in", "site_country")
        )
        .with_columns(counted=_measured(pl.col("units"), pl.col("usd")))
        .select("rule", "year", "counted", source=_source(plan))
    )


def _taken(plan: Plan, years: pl.DataFrame) -> pl.DataFrame:
    """Return what runs took in that rules look at: rule, year, source, counted."""
    grid = plan.periods.select("period", begin="start", until="end")
    asked = years.filter(pl.col("site").is_not_null())
    used = plan.consumption.select("site", "item", "period", "quantity").join(_items(plan), on="item")
    days = (pl.min_horizontal("until", "end") - pl.max_horizontal("begin", "start")).dt.total_days() + 1
    return (
        asked.join(used, on="site", suffix="_bought")
        .filter(_looks())
        .join(grid, on="period")
        .with_columns(part=days.clip(0) / ((pl.col("until") - pl.col("begin")).dt.total_days() + 1))
        .with_columns(
            whose=pl.coalesce("maker", pl.lit("not known")), where=pl.coalesce("made_in", pl.lit("not known")),
            sold_at=pl.lit(None, dtype=pl.String), offer=pl.lit(None, dtype=pl.String),
            counted=_measured(pl.col("quantity") * pl.col("part"), pl.lit(0.0)),
        )
        .select("rule", "year", "counted", source=_source(plan))
    )  # fmt: skip


def _items(plan: Plan) -> pl.DataFrame:
    """Return what rules ask of items; the country is the one in which it is offered or made, where there is one."""
    sites = plan.chain.sites.select("site", "country")
    places = pl.concat([plan.chain.offers.select("item", "site"), plan.chain.processes.select("item", "site")])
    only = (
        places.join(sites, on="site")
        .group_by("item")
        .agg(pl.col("country").unique())
        .filter(pl.col("country").list.len() == 1)
        .select("item", only=pl.col("country").list.first())
    )
    return plan.chain.items.join(only, on="item", how="left").select(
        "item", "maker", "kwh", made_in=pl.coalesce("origin", "only"), stage_of=pl.col("stage").cast(pl.String),
        chemistry_of=pl.col("chemistry").fill_null(""),
    )  # fmt: skip


def _looks() -> pl.Expr:
    """Say whether a rule looks at an item."""
    stage = pl.col("stage").cast(pl.String)
    return (
        (pl.col("item").is_null() | (pl.col("item") == pl.col("item_bought")))
        & (stage.is_null() | (stage == pl.col("stage_of")))
        & ((pl.col("chemistry") == "") | (pl.col("chemistry") == pl.col("chemistry_of")))
    )


def _measured(units: pl.Expr, usd: pl.Expr) -> pl.Expr:
    kind = pl.col("measure").cast(pl.String)
    return pl.when(kind == "kwh").then(units * pl.col("kwh")).when(kind == "usd").then(usd).otherwise(units)


def _source(plan: Plan) -> pl.Expr:
    """Return the source of a flow as its rule names it."""
    offer = pl.col("contract").replace_strict(
        plan.chain.contracts["contract"], plan.chain.contracts["offer"], default=None, return_dtype=pl.String
    )
    several = pl.col("rule").is_in(plan.chain.sourcing.filter(pl.col("min_sources").is_not_null())["rule"].implode())
    named = pl.any_horizontal(pl.col("partner", "country", "seller").is_not_null())
    by_contract = ~named & pl.col("contract").is_not_null() & ~several
    fits = (
        (pl.col("partner").is_null() | (pl.col("partner") == pl.col("whose")))
        & (pl.col("country").is_null() | (pl.col("country") == pl.col("where")))
        & (pl.col("seller").is_null() | (pl.col("seller") == pl.col("sold_at")).fill_null(False))
    )
    text = pl.concat_str("partner", "country", "seller", separator=" ", ignore_nulls=True)
    return (
        pl.when(by_contract)
        .then(pl.when((offer == pl.col("offer")).fill_null(False)).then(offer).otherwise(pl.lit("others")))
        .when(named)
        .then(pl.when(fits).then(text).otherwise(pl.lit("others")))
        .otherwise(pl.col("whose"))
    )

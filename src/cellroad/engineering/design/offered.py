"""What the cells of a chain cost there: its offers of items that cite a row of the catalogue in `source`."""

from __future__ import annotations

import polars as pl

from cellroad.chain.chain import Chain
from cellroad.engineering.design.prices import Price


def offered(chain: Chain) -> dict[str, Price]:
    """Return for each row of the catalogue that cells of a chain cite what they are offered at, in USD per kWh.

    Low, likely and high are the least, the median and the largest of all offers; an offer by an index counts at each
    month that the index tells. Freight and duty are not in it.
    """
    items = chain.items.filter((pl.col("stage") == "cell") & (pl.col("kwh") > 0)).select(
        "item", "kwh", cell_id=pl.col("source").str.split(";")
    )
    cells = items.explode("cell_id").filter(pl.col("cell_id").str.starts_with("CL"))
    plain = chain.offers.filter(pl.col("price_usd").is_not_null()).select("offer", "item", usd="price_usd")
    indexed = chain.offers.filter(pl.col("price_usd").is_null()).join(chain.indices, on="index").select(
        "offer", "item", usd=pl.col("value") * pl.col("index_factor") + pl.col("adder_usd")
    )  # fmt: skip
    told = pl.concat([plain, indexed]).join(cells, on="item").with_columns(usd=pl.col("usd") / pl.col("kwh"))
    ranges = told.group_by("cell_id", maintain_order=True).agg(
        low=pl.col("usd").min(), likely=pl.col("usd").median(), high=pl.col("usd").max(),
        offers=pl.col("offer").n_unique(),
    )  # fmt: skip
    return {
        row["cell_id"]: Price(row["low"], row["likely"], row["high"], row["cell_id"], "assumption",
                              f"{row['offers']} offers of the chain {chain.name}, before freight and duty")
        for row in ranges.iter_rows(named=True)
    }  # fmt: skip

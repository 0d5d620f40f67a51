"""When may an item be sold, and of which cell may it be made?

A certificate is a proof. One without a cell binds the sale of its item: what is sold in a period is at most what is
wanted for the part of its days on which the proof holds. One with cells binds making: a process that takes in one of
them works only in periods in which the proof holds on every day, because what is made of one cell and of another is
the same item and cannot be told apart when it is sold. Where an item has proofs by cell for a standard, a process that
takes in another cell (an input of the same stage) has none and makes nothing.

A campaign holds from the day on which it is ready; with `valid_months` for so long, and it may be run again. The days
of a period then fall into pieces between the days on which campaigns begin and lapse, and a piece is covered where
one of the campaigns that reach over it has been run, so that no day is counted twice.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from cellroad.chain.chain import Chain
from cellroad.chain.column import several
from cellroad.plan.options.starting import Starts
from cellroad.plan.periods import Periods


@dataclass(frozen=True)
class Proofs:
    """Which campaigns prove what, and what needs a proof.

    rows      proof (number of the row of certificates), item, standard, cell, status, valid_to, renewed
    holds     proof, start, period, share: part of the days of a period on which a campaign holds; run once only
    pieces    piece, proof, period, days, share (of the days of the period), free (covered without a campaign)
    reaches   piece, start: campaigns that reach over a piece
    """

    rows: pl.DataFrame
    holds: pl.DataFrame
    pieces: pl.DataFrame
    reaches: pl.DataFrame


@dataclass(frozen=True)
class Permits:
    """What needs a campaign: sales and runs with what proves them, a start or a piece.

    sales     sell, proof, start, piece, share: part of what is wanted that this one allows; start and piece null:
              allowed without a campaign
    runs      make, proof, start, piece: all pieces of a proof, or one of its starts
    pieces    piece, proof, period: those that something needs, numbered from 0
    reaches   piece, start
    """

    sales: pl.DataFrame
    runs: pl.DataFrame
    pieces: pl.DataFrame
    reaches: pl.DataFrame


def make_proofs(chain: Chain, periods: Periods, starts: Starts) -> Proofs:
    """Return the proofs of a chain by period."""
    rows = chain.certificates.with_row_index("proof").select(
        pl.col("proof").cast(pl.Int64), "item", "standard", "cell", pl.col("status").cast(pl.String), "valid_to",
        renewed=pl.col("valid_months").is_not_null(),
    )  # fmt: skip
    grid = pl.DataFrame(
        {"period": np.arange(periods.count), "begin": periods.first_day[:-1], "finish": periods.first_day[1:]}
    )
    end = int(periods.first_day[-1])
    campaigns = (
        starts.frame.filter(pl.col("kind") == "certificate")
        .join(rows, left_on=["what", "standard", "cell"], right_on=["item", "standard", "cell"])
        .select("proof", "start", "renewed", ready="ready_day", until=pl.col("until_day").fill_null(end))
    )
    spans = campaigns.join(grid, how="cross").with_columns(
        low=pl.max_horizontal("begin", "ready"), high=pl.min_horizontal("finish", "until")
    )
    spans = spans.filter(pl.col("high") > pl.col("low"))
    length = pl.col("finish") - pl.col("begin")
    holds = spans.filter(~pl.col("renewed")).select(
        "proof", "start", "period", share=(pl.col("high") - pl.col("low")) / length
    )

    again = rows.filter("renewed", pl.col("status") != "lapsed")
    first = (pl.col("valid_to") - pl.lit(periods.start)).dt.total_days() + 1
    held = again.select("proof", held=pl.when(pl.col("status") == "valid").then(first.fill_null(end)).otherwise(0))
    days = pl.concat(
        [
            held.join(grid, how="cross").select("proof", "period", day="begin"),
            held.join(grid, how="cross").select("proof", "period", day=pl.col("held").clip("begin", "finish")),
            spans.filter("renewed").select("proof", "period", day="low"),
            spans.filter("renewed").select("proof", "period", day="high"),
        ]
    ).unique()
    pieces = (
        days.join(grid, on="period")
        .filter(pl.col("day") < pl.col("finish"))
        .sort("proof", "period", "day")
        .with_columns(high=pl.col("day").shift(-1).over("proof", "period").fill_null(pl.col("finish")))
        .join(held, on="proof", maintain_order="left")
        .with_row_index("piece")
        .select(
            pl.col("piece").cast(pl.Int64), "proof", "period", low="day", high="high",
            days=pl.col("high") - pl.col("day"), share=(pl.col("high") - pl.col("day")) / length,
            free=pl.col("high") <= pl.col("held"),
        )
    )  # fmt: skip
    reaches = (
        pieces.filter(~pl.col("free"))
        .join(campaigns.filter("renewed"), on="proof")
        .filter((pl.col("ready") <= pl.col("low")) & (pl.col("until") >= pl.col("high")))
        .select("piece", "start")
    )
    return Proofs(rows, holds, pieces, reaches)


def sellable(chain: Chain, periods: Periods, proofs: Proofs, sells: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Leave out sales that no certificate allows and number the others; return them with what allows them.

    Gives the sales, with `most` (what is wanted, for the part of the days that the law and certificates that need no
    campaign allow), and sell, proof, start, piece, share.
    """
    rows = proofs.rows.filter(pl.col("cell") == "")
    sells = sells.join(rows.filter(pl.col("status") == "lapsed"), on="item", how="anti")
    share = np.ones((chain.items.height + 1, periods.count))
    code = {item: n for n, item in enumerate(chain.items["item"])}
    ends = rows.filter(pl.col("valid_to").is_not_null() & ~(pl.col("renewed") & (pl.col("status") == "valid")))
    for item, valid_to in ends.select("item", "valid_to").iter_rows():
        share[code[item]] = np.minimum(share[code[item]], periods.share_of_days(None, valid_to))
    allowed = share[sells["item"].replace_strict(code, return_dtype=pl.Int64).to_numpy(), sells["period"].to_numpy()]
    sells = sells.with_columns(most=pl.col("wanted") * pl.min_horizontal("open_share", pl.Series(allowed)))
    sells = sells.drop("open_share").filter(pl.col("most") > 0)

    numbered = sells.with_row_index("sell").cast({"sell": pl.Int64})
    needed = rows.filter((pl.col("status") == "planned") | (pl.col("renewed") & (pl.col("status") == "valid")))
    demands = numbered.join(needed.select("item", "proof"), on="item").select("sell", "proof", "period")
    by_start = demands.join(proofs.holds, on=["proof", "period"]).select(
        "sell", "proof", "start", pl.lit(None, dtype=pl.Int64).alias("piece"), "share"
    )
    open_pieces = proofs.pieces.filter(pl.col("free") | pl.col("piece").is_in(proofs.reaches["piece"].implode()))
    by_piece = demands.join(open_pieces, on=["proof", "period"]).select(
        "sell", "proof", pl.lit(None, dtype=pl.Int64).alias("start"),
        pl.when("free").then(None).otherwise("piece").alias("piece"), "share",
    )  # fmt: skip
    permits = pl.concat([by_start, by_piece])
    missing = demands.join(permits, on=["sell", "proof"], how="anti")
    return numbered.join(missing, on="sell", how="anti"), permits.join(missing, on="sell", how="anti")


def asked(chain: Chain, proofs: Proofs) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return which process needs which proof by its cells (process, proof), and those that have none (process, item,
    standard, input)."""
    rows = proofs.rows.filter(pl.col("cell") != "").with_columns(several("cell")).explode("cell")
    stages = chain.items.select("item", pl.col("stage").cast(pl.String))
    inputs = chain.processes.select("process", "item").join(
        chain.bom.select("process", input="item"), on="process", maintain_order="left_right"
    )
    inputs = inputs.join(stages.rename({"item": "input"}), on="input", maintain_order="left")
    bound = (
        rows.join(stages.rename({"item": "cell"}), on="cell", maintain_order="left")
        .select("item", "standard", "stage")
        .unique(maintain_order=True)
    )
    each = inputs.join(bound, on=["item", "stage"], maintain_order="left_right")
    proven = each.join(rows.select("proof", "item", "standard", input="cell"), on=["item", "standard", "input"])
    without = each.join(proven, on=["process", "standard", "input"], how="anti")
    return (
        proven.select("process", "proof").unique().sort("process", "proof"),
        without.select("process", "item", "standard", "input"),
    )


def provable(chain: Chain, periods: Periods, proofs: Proofs, makes: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Leave out runs that no certificate of their cells allows; return them with what allows them: process, period,
    proof, start, piece."""
    needs, without = asked(chain, proofs)
    makes = makes.join(without, on="process", how="anti", maintain_order="left")
    kept = proofs.rows.join(needs.select("proof").unique(), on="proof", how="semi")
    grid = pl.DataFrame({"period": np.arange(periods.count), "finish": periods.first_day[1:]})
    last = (pl.col("valid_to") - pl.lit(periods.start)).dt.total_days() + 1
    valid = kept.filter((pl.col("status") == "valid") & ~pl.col("renewed")).join(grid, how="cross")
    valid = valid.filter(pl.col("valid_to").is_null() | (last >= pl.col("finish"))).select("proof", "period")
    by_start = proofs.holds.filter(pl.col("share") >= 1).select("proof", "period", "start")
    shut = proofs.pieces.filter(~pl.col("free") & ~pl.col("piece").is_in(proofs.reaches["piece"].implode()))
    whole = proofs.pieces.join(shut, on=["proof", "period"], how="anti")
    by_piece = whole.select("proof", "period", piece=pl.when("free").then(None).otherwise("piece"))
    nothing = pl.lit(None, dtype=pl.Int64)
    allowed = pl.concat(
        [
            valid.select("proof", "period", nothing.alias("start"), nothing.alias("piece")),
            by_start.select("proof", "period", "start", nothing.alias("piece")),
            by_piece.select("proof", "period", nothing.alias("start"), "piece"),
        ]
    )
    demands = makes.select("process", "period").unique().join(needs, on="process")
    missing = demands.join(allowed, on=["proof", "period"], how="anti").select("process", "period").unique()
    proven = demands.join(allowed, on=["proof", "period"]).join(missing, on=["process", "period"], how="anti")
    makes = makes.join(missing, on=["process", "period"], how="anti", maintain_order="left")
    return makes, proven.filter(pl.col("start").is_not_null() | pl.col("piece").is_not_null())


def make_permits(proofs: Proofs, selling: pl.DataFrame, proven: pl.DataFrame, makes: pl.DataFrame) -> Permits:
    """Return what the sales and runs that are left need, with its pieces numbered anew."""
    needed = makes.select("make", "process", "period").join(proven, on=["process", "period"])
    used = pl.concat([selling["piece"], needed["piece"]]).drop_nulls().unique().sort()
    numbers = pl.DataFrame({"piece": used}).with_row_index("number").cast({"number": pl.Int64})

    def renumbered(frame: pl.DataFrame) -> pl.DataFrame:
        return frame.join(numbers, on="piece", how="left", maintain_order="left").with_columns(piece="number")

    return Permits(
        sales=renumbered(selling).select("sell", "proof", "start", "piece", "share"),
        runs=renumbered(needed).select("make", "proof", "start", "piece").sort("make", "proof", "start", "piece"),
        pieces=numbers.join(proofs.pieces, on="piece").select("proof", "period", piece="number").sort("piece"),
        reaches=numbers.join(proofs.reaches, on="piece").select("start", piece="number").sort("piece", "start"),
    )

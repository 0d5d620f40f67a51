"""Which credits may be earned on what is made, and what decides over them?

The claims of the law joined to the runs of a plan. A run in a tax year earns

    usd = usd_per_unit * yield + cost_share * (conversion cost + material cost)

where the material cost is the standard cost of the inputs in the period of making. Where a least share is asked, of
all runs that are looked at together in a year (those of a process, or of all processes of a taxpayer that make an
item: setting `ratio_over`)

    sum of allowed material cost >= least_share * sum of material cost

must hold or none of them earns. Where every run keeps the share by itself there is nothing to decide, and where none
does there is nothing to claim; only what mixes is a decision. A period that straddles a year's end counts in both
years by its days.

The year of the sale says how much a unit earns: that in which it is made or the next. The money is counted when it is
made, and in no year more units earn than are sold in it, as they are or inside something else.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cellroad.chain.settings import PlanSettings
from cellroad.plan.law.barred import counts_against, counts_for, several
from cellroad.plan.network.arcs import Codes
from cellroad.plan.network.worth import finite
from cellroad.plan.periods import Periods
from cellroad.rules.eligibility import Eligibility

Floats = NDArray[np.float64]
EXACT = 1e-9
"""A share that differs by less than this is on the limit: what is asked is reached."""
SAME = ["item", "credit", "component", "program"]
"""What is one credit on one item, whoever makes it."""
KEY = ["process", "credit", "component", "program", "year"]
WHEN_MADE = (
    "credits are counted when a unit is made, at the rate of the year in which it is sold (that year or the next); "
    "what is sold later earns nothing"
)


@dataclass(frozen=True)
class Credits:
    """What may be claimed.

    claims     claim, process, site, item, taxpayer, credit, program, component, year, usd_per_unit, cost_share, answer,
               least_share, because, confidence, counts (may be claimed as far as all but the ratio goes), group (runs
               that are looked at together; null where no ratio is asked)
    runs       run, claim, group, state, make, period, year, part (of the make's period that lies in the year), good
               (units per run), usd, material_usd, allowed_usd, over_usd (allowed - least_share * material cost), all
               per run, most (runs that could be of use); state: free (every run of the group keeps the ratio), never
               (none does), decided (a mix)
    earning    run, limit, usd (per run): the runs that can earn, once for each year in which they may be sold, in the
               order of the columns of the model
    materials  claim, process, credit, input, barred, allowed: what counts as made by a barred maker
    limits     limit, item, credit, component, program, year: in a year no more units earn than are sold
    sold       limit, sell (row of the sales), units: credited units in what that sale serves, for its part of the year
    """

    claims: pl.DataFrame
    runs: pl.DataFrame
    earning: pl.DataFrame
    materials: pl.DataFrame
    limits: pl.DataFrame
    sold: pl.DataFrame
    remarks: tuple[str, ...]

    @cached_property
    def decided(self) -> pl.DataFrame:
        """Return the runs that can earn only if their group is claimed as a whole, with the row of the group."""
        runs = self.runs.filter(pl.col("state") == "decided").join(self.earning, on="run", how="semi")
        return runs.sort("run").with_columns(row=pl.col("group").rank("dense").cast(pl.Int64) - 1)


def make_credits(
    rules: Eligibility,
    periods: Periods,
    settings: PlanSettings,
    codes: Codes,
    processes: pl.DataFrame,
    makes: pl.DataFrame,
    inputs: pl.DataFrame,
    capacity: pl.DataFrame,
    sells: pl.DataFrame,
    worth: Floats,
) -> Credits:
    """Return the credits of a network.

    processes  process, node, yield_share
    makes      make, process, node, batch, period, yield_share, hours_per_unit, cost_usd, most
    inputs     process, input_node, quantity (per run)
    capacity   batch, hours: the most that its lines can ever have
    sells      item, period, units
    """
    claims = _claims(rules, periods, settings, makes, inputs)
    materials = _materials(rules, settings, codes, claims, inputs)
    parts = _parts(claims, periods)
    spent = _spent(makes, inputs, materials, claims, codes, worth)
    runs = (
        claims.select("claim", "group", "process", "year", "usd_per_unit", "cost_share", "least_share")
        .join(makes, on="process", maintain_order="left_right")
        .join(parts, on=["year", "period"], maintain_order="left")
        .join(spent, on=["claim", "make"], how="left", maintain_order="left")
        .join(capacity, on="batch", how="left", maintain_order="left")
        .with_columns(pl.col("material_usd", "allowed_usd").fill_null(0.0), good="yield_share")
        .with_columns(
            usd=_usd(),
            most=pl.when(pl.col("hours_per_unit") > 0)
            .then(pl.min_horizontal("most", pl.col("hours") / pl.col("hours_per_unit")))
            .otherwise("most"),
        )
        .with_columns(over_usd=_over())
        .with_row_index("run")
        .cast({"run": pl.Int64})
    )
    runs = runs.join(_states(runs), on="group", how="left", maintain_order="left").with_columns(
        pl.col("state").fill_null("free")
    )
    limits = (claims.filter("counts").select(*SAME, "year").unique().sort(*SAME, "year").with_row_index("limit")).cast(
        {"limit": pl.Int64}
    )
    credited = claims.filter("counts")["item"].unique().sort()
    return Credits(
        claims=claims,
        runs=runs.select(
            "run", "claim", "group", "state", "make", "period", "year", "part", "good", "usd", "material_usd",
            "allowed_usd", "over_usd", "most",
        ),
        earning=_earning(claims, runs, limits),
        materials=materials,
        limits=limits,
        sold=_sold(limits, content_of(credited, processes, inputs, codes), sells, _parts(limits, periods)),
        remarks=_remarks(claims, materials, settings),
    )  # fmt: skip


def _usd() -> pl.Expr:
    """Return what a run earns: usd_per_unit * good units + cost_share * (conversion cost + material cost)."""
    cost = pl.col("cost_usd") + pl.col("material_usd")
    return pl.col("usd_per_unit") * pl.col("good") + pl.col("cost_share") * cost


def _earning(claims: pl.DataFrame, runs: pl.DataFrame, limits: pl.DataFrame) -> pl.DataFrame:
    """Return what a run earns when it is sold in its own year, and in the next: run, limit, usd.

    The claim of the year of the sale gives the rate; that of the year of making must be one that may be made, too.
    """
    counted = claims.filter("counts").select("claim", "process", *SAME, "year", "usd_per_unit", "cost_share")
    key = ["process", *SAME]
    rates = counted.select(*key, "usd_per_unit", "cost_share", sold="year")
    return (
        counted.select("claim", *key, "year", sold=pl.concat_list("year", pl.col("year") + 1))
        .explode("sold")
        .join(rates, on=[*key, "sold"], nulls_equal=True)
        .join(limits.rename({"year": "sold"}), on=[*SAME, "sold"], nulls_equal=True)
        .select("claim", "limit", "sold", "usd_per_unit", "cost_share")
        .join(runs.filter(pl.col("state") != "never").drop("usd_per_unit", "cost_share"), on="claim")
        .select("run", "limit", "sold", usd=_usd())
        .filter(pl.col("usd") > 0)
        .sort("run", "sold")
        .drop("sold")
    )


def _over() -> pl.Expr:
    """Return by how much a run is over the least share: allowed - least_share * material cost, USD."""
    over = pl.col("allowed_usd") - pl.col("least_share") * pl.col("material_usd")
    return pl.when(over.abs() > EXACT * pl.col("material_usd")).then(over).otherwise(0.0)


def _claims(
    rules: Eligibility, periods: Periods, settings: PlanSettings, makes: pl.DataFrame, inputs: pl.DataFrame
) -> pl.DataFrame:
    """Return the claims on what can be made within the horizon, numbered, with the groups of the ratio."""
    last = periods.date_of(int(periods.first_day[-1]) - 1)
    together = KEY[1:] + (["item", "taxpayer"] if settings.ratio_over == "item" else ["process"])
    fed = pl.col("process").is_in(inputs["process"].unique().implode())
    ratio_less = pl.col("least_share").is_not_null() & ~fed & (pl.col("answer") == "yes")
    return (
        rules.claims.filter(pl.col("year").is_between(periods.start.year, last.year))
        .join(makes.select("process").unique(), on="process", how="semi")
        .with_columns(pl.col("usd_per_unit", "cost_share").fill_null(0.0), pl.col("taxpayer").fill_null(""))
        .filter((pl.col("usd_per_unit") > 0) | (pl.col("cost_share") > 0))
        .sort(*KEY, "taxpayer")
        .with_columns(
            answer=pl.when(ratio_less).then(pl.lit("unknown")).otherwise("answer"),
            because=pl.when(ratio_less)
            .then(pl.lit("no inputs are given, so that the share of materials cannot be told"))
            .otherwise("because"),
        )
        .with_columns(counts=counts_for(settings))
        .with_columns(
            group=pl.when(pl.col("least_share").is_not_null() & fed & pl.col("counts")).then(
                pl.struct(*together, "least_share").rank("dense").cast(pl.Int64)
            )
        )
        .with_row_index("claim")
        .cast({"claim": pl.Int64})
        .select(
            "claim", "process", "site", "item", "taxpayer", "credit", "program", "component", "year", "usd_per_unit",
            "cost_share", "answer", "least_share", "because", "confidence", "counts", "group",
        )
    )  # fmt: skip


def _materials(
    rules: Eligibility, settings: PlanSettings, codes: Codes, claims: pl.DataFrame, inputs: pl.DataFrame
) -> pl.DataFrame:
    """Return what the inputs of each claim with a ratio count as; an input that nobody looked at is unknown.

    Of a claim on cost without a ratio every input is there, and allowed.
    """
    counted = pl.col("least_share").is_not_null() | (pl.col("cost_share") > 0)
    asked = claims.filter(counted).select("claim", "process", "credit", "year", "least_share")
    taken = inputs.with_columns(input=codes.item_of(pl.col("input_node"))).select("process", "input").unique()
    looked_at = rules.materials.select("process", "credit", "year", "input", "barred").unique(
        ["process", "credit", "year", "input"], maintain_order=True
    )
    return (
        asked.join(taken, on="process")
        .join(looked_at, on=["process", "credit", "year", "input"], how="left")
        .sort("claim", "input")
        .with_columns(
            barred=pl.when(pl.col("least_share").is_null())
            .then(pl.lit("no"))
            .otherwise(pl.col("barred").fill_null("unknown"))
        )
        .with_columns(answer="barred")
        .select("claim", "process", "credit", "input", "barred", allowed=~counts_against(settings))
    )


def _parts(claims: pl.DataFrame, periods: Periods) -> pl.DataFrame:
    """Return the part of each period that lies in each tax year (the calendar year): year, period, part."""
    parts = [pl.DataFrame(schema={"year": pl.Int64, "period": pl.Int64, "part": pl.Float64})]
    for year in claims["year"].unique().sort():
        share = periods.share_of_days(dt.date(year, 1, 1), dt.date(year, 12, 31))
        parts.append(pl.DataFrame({"year": [year] * periods.count, "period": np.arange(periods.count), "part": share}))
    return pl.concat(parts).filter(pl.col("part") > 0)


def _spent(
    makes: pl.DataFrame,
    inputs: pl.DataFrame,
    materials: pl.DataFrame,
    claims: pl.DataFrame,
    codes: Codes,
    worth: Floats,
) -> pl.DataFrame:
    """Return the standard cost of the inputs of a run, and of those that are allowed: claim, make, both per run."""
    used = (
        claims.select("claim", "process")
        .join(makes.select("make", "process", "period"), on="process")
        .join(inputs, on="process")
        .with_columns(input=codes.item_of(pl.col("input_node")))
        .join(materials.select("claim", "input", "allowed"), on=["claim", "input"], how="left")
    )
    each = finite(worth[used["input_node"].to_numpy(), used["period"].to_numpy()])
    return (
        used.with_columns(usd=pl.col("quantity") * pl.Series(each, dtype=pl.Float64))
        .group_by("claim", "make")
        .agg(material_usd=pl.col("usd").sum(), allowed_usd=pl.col("usd").filter("allowed").sum())
    )


def _states(runs: pl.DataFrame) -> pl.DataFrame:
    """Return which groups have something to decide: group, state."""
    return (
        runs.filter(pl.col("group").is_not_null())
        .group_by("group")
        .agg(lowest=pl.col("over_usd").min(), highest=pl.col("over_usd").max())
        .sort("group")
        .select(
            "group",
            state=pl.when(pl.col("lowest") >= 0)
            .then(pl.lit("free"))
            .when(pl.col("highest") < 0)
            .then(pl.lit("never"))
            .otherwise(pl.lit("decided")),
        )
    )


def _sold(limits: pl.DataFrame, content: pl.DataFrame, sells: pl.DataFrame, parts: pl.DataFrame) -> pl.DataFrame:
    """Return the credited units that each sale may hold, by limit."""
    placed = sells.select("item", "period", "units", sell=pl.int_range(pl.len()))
    return (
        limits.select("limit", "year", inside="item")
        .join(content.rename({"units": "content"}), on="inside")
        .join(placed, on="item")
        .join(parts, on=["year", "period"])
        .sort("limit", "sell")
        .select("limit", "sell", units=pl.col("content") * pl.col("units") * pl.col("part"))
    )


def content_of(credited: pl.Series, processes: pl.DataFrame, inputs: pl.DataFrame, codes: Codes) -> pl.DataFrame:
    """Return the most units of each of some items that go into one unit of an item, with scrap and at full yield.

        content[i,i] = 1
        content[i,p] = max over processes of p of sum over inputs k of quantity / yield * content[i,k]

    Gives item, inside, units.
    """
    size = codes.items.height
    place = dict(codes.items.select("item", "code").iter_rows())
    content = np.zeros((size, credited.len()))
    content[[place[item] for item in credited], np.arange(credited.len())] = 1.0
    numbered = processes.select("process", "yield_share", n=pl.int_range(pl.len()))
    taken = inputs.join(numbered, on="process").sort("n", "input_node")
    number, child = taken["n"].to_numpy(), taken["input_node"].to_numpy() % size
    factor = (taken["quantity"] / taken["yield_share"]).to_numpy()[:, None]
    for _ in range(size):
        before = content
        inside = np.zeros((processes.height, credited.len()))
        np.add.at(inside, number, factor * before[child])
        content = before.copy()
        np.maximum.at(content, processes["node"].to_numpy() % size, inside)
        if np.array_equal(before, content):
            break
    item, inside_item = np.nonzero(content)
    return pl.DataFrame(
        {
            "item": codes.items["item"].gather(item.tolist()),
            "inside": credited.gather(inside_item.tolist()),
            "units": content[item, inside_item],
        },
        schema={"item": pl.String, "inside": pl.String, "units": pl.Float64},
    )


def _remarks(claims: pl.DataFrame, materials: pl.DataFrame, settings: PlanSettings) -> tuple[str, ...]:
    """Return what had to be assumed of credits, in words."""
    said = [WHEN_MADE] if claims["counts"].any() else []
    against = settings.when_unknown == "against"
    unknown = claims.filter(pl.col("answer") == "unknown")
    for (taxpayer, credit), rows in unknown.group_by("taxpayer", "credit", maintain_order=True):
        items = several(rows["item"].unique(maintain_order=True).to_list())
        said.append(
            f"whether {taxpayer or 'the maker'} may claim {credit} on {items} is not known ({rows['because'][0]}); "
            f"counted as {'not claimed' if against else 'claimed'}"
        )
    asked = claims.filter(pl.col("counts") & pl.col("group").is_not_null()).select("claim")
    doubtful = materials.filter(pl.col("barred") == "unknown").join(asked, on="claim", how="semi")
    for (credit,), rows in doubtful.group_by("credit", maintain_order=True):
        said.append(
            f"whether {several(rows['input'].unique(maintain_order=True).to_list())} count as made by a barred maker "
            f"for {credit} is not known; counted as {'barred' if against else 'allowed'}"
        )
    return tuple(said)

"""Does a plan add up? Balances, capacity, demand and money worked out again from its frames and the chain alone.

Nothing of the model or the solver is used: what a person could do with the exported tables and a calculator. Every
check gives the largest difference relative to the largest figure that it compares; all must be below `TOLERANCE`.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from cellroad.chain.chain import Chain
from cellroad.chain.settings import value_weights
from cellroad.plan.audit import emissions, stages, transport
from cellroad.plan.audit import goods as audit_goods
from cellroad.plan.audit import partners as audit_partners
from cellroad.plan.audit.contracts import contracts, offer_prices, tiers
from cellroad.plan.audit.sourcing import sourcing
from cellroad.plan.result import Plan

TOLERANCE = 1e-6
POOL = ["site", "item", "period"]


@dataclass(frozen=True, slots=True)
class Audit:
    """The checks of a plan: `frame` has check, compared (how many), largest, difference, relative."""

    frame: pl.DataFrame

    @property
    def worst(self) -> float:
        """Return the largest relative difference of all checks."""
        return float(self.frame["relative"].max() or 0.0)  # type: ignore[arg-type]

    @property
    def closes(self) -> bool:
        """Say whether every check is within the tolerance."""
        return self.worst <= TOLERANCE


def audit(plan: Plan) -> Audit:
    """Return every check of a plan."""
    checks = {
        "material: what comes in goes out or stays": balances(plan),
        "demand: served and not served make up what is wanted": demand(plan),
        "capacity: no line works more hours than it has": capacity(plan),
        "lanes: none carries more than it holds": lanes(plan),
        "stock: no more is kept than fits": kept(plan),
        "loads: containers that are paid hold what is sent": transport.containers(plan),
        "loads: shipments and stock keep the limits of lanes and sites": transport.limits(plan),
        "emissions: what is emitted is what flows times its factor": emissions.factors(plan),
        "emissions: their price is that of the table": emissions.prices(plan),
        "emissions: no limit is broken": emissions.limits(plan),
        "footprint: what was sold carries what was emitted": emissions.carried(plan),
        "inputs: every run consumed its bill of materials": inputs(plan),
        "yield: good units never exceed runs": yields(plan),
        "prices: purchases at the price of their offer": prices(plan),
        "contracts: minima, maxima and payments as agreed": contracts(plan),
        "sourcing: every source within its limits": sourcing(plan),
        "tiers: what comes back follows from the quantity": tiers(plan),
        "cash: every kind adds up from its frame": cash(plan),
        "value: discounted cash is the objective": value(plan),
        "landed cost: what was sold, left and lost carries what was spent": landed(plan),
        **stages.checks(plan),
        "credits: at most for what was made, at the rate of the law": credits(plan),
        "credits: in no year on more than was sold": sold_first(plan),
        "ratio: what is claimed keeps its share of material": ratios(plan),
        "partners: their accounts add up to the cash of the chain": audit_partners.partners(plan),
        "transfers: what one partner pays another earns": audit_partners.transfers(plan),
        "stakes: a partner has its own and its share of those below it": audit_partners.holdings(plan),
        "drawback: at most for what was imported, and what was exported": audit_partners.drawback(plan),
        "tax: profit of each year, after losses and write-off": audit_partners.taxes(plan),
        **audit_goods.checks(plan),
    }
    rows = [(name, *_difference(frame)) for name, frame in checks.items()]
    schema = {
        "check": pl.String, "compared": pl.Int64, "largest": pl.Float64, "difference": pl.Float64,
        "relative": pl.Float64,
    }  # fmt: skip
    return Audit(pl.DataFrame(rows, schema=schema, orient="row"))


def _difference(frame: pl.DataFrame) -> tuple[int, float, float, float]:
    """Return (rows, largest figure, largest difference, relative) of a frame with left, right and scale."""
    if frame.is_empty():
        return 0, 0.0, 0.0, 0.0
    scale = float(frame["scale"].max() or 0.0)  # type: ignore[arg-type]
    apart = frame.select(((pl.col("left") - pl.col("right")).abs() / pl.col("scale").clip(1e-9)).max()).item()
    absolute = frame.select((pl.col("left") - pl.col("right")).abs().max()).item()
    return frame.height, scale, float(absolute), float(apart)


def balances(plan: Plan) -> pl.DataFrame:
    """Compare inflow with outflow of every item at every site and period; scale is the item's largest flow there."""
    first = int(plan.periods["period"].min())  # type: ignore[arg-type]
    arrived = plan.shipments.filter(pl.col("arrival_period").is_not_null())
    flows = [
        plan.purchases.select(*POOL, left="quantity"),
        plan.production.select(*POOL, left="good"),
        arrived.select(site="destination", item="item", period="arrival_period", left="quantity"),
        plan.inventory.select("site", "item", period=pl.col("period") + 1, left="quantity"),
        plan.chain.stocks.filter(pl.col("on_hand") > 0).select("site", "item", period=pl.lit(first), left="on_hand"),
        plan.arrivals.select(*POOL, left="quantity"),
        plan.coproducts.select(*POOL, left="quantity"),
        plan.returned.select("site", "period", item="returned", left="quantity").select(*POOL, "left"),
    ]
    out = [
        plan.consumption.select(*POOL, right="quantity"),
        plan.shipments.select(site="origin", item="item", period="period", right="quantity"),
        plan.sales.select(site="market", item="item", period="period", right="units"),
        plan.inventory.select(*POOL, right="quantity"),
        plan.scrapped.select(*POOL, right="quantity"),
    ]
    typed = pl.col("period").cast(pl.Int64)
    left = pl.concat([flow.with_columns(typed) for flow in flows]).group_by(POOL).agg(pl.col("left").sum())
    right = pl.concat([flow.with_columns(typed) for flow in out]).group_by(POOL).agg(pl.col("right").sum())
    last = int(plan.periods["period"].max())  # type: ignore[arg-type]
    return (
        left.join(right, on=POOL, how="full", coalesce=True)
        .filter(pl.col("period") <= last)
        .with_columns(pl.col("left", "right").fill_null(0.0))
        .with_columns(scale=pl.max_horizontal("left", "right").max().over("site", "item"))
    )


def demand(plan: Plan) -> pl.DataFrame:
    """Compare what is wanted (from the chain, by month) with what is sold and what is short."""
    keys = ["market", "want", "segment", "period"]
    served = plan.sales.with_columns(period="wanted_period")
    sold = served.group_by(keys).agg(sold=pl.col("quantity").sum())
    starts = plan.periods.select("period", "start", "end")
    wanted = (
        plan.chain.demand.filter(pl.col("month").is_between(starts["start"].min(), starts["end"].max()))
        .sort("month")
        .join_asof(starts, left_on="month", right_on="start", strategy="backward")
        .group_by(keys)
        .agg(left=pl.col("quantity").sum())
    )
    short = plan.shortages.select(*keys, "quantity")
    return (
        wanted.filter(pl.col("left") > 0)
        .join(sold, on=keys, how="left")
        .join(short, on=keys, how="left")
        .with_columns(right=pl.col("sold").fill_null(0.0) + pl.col("quantity").fill_null(0.0), scale=pl.col("left"))
    )


def capacity(plan: Plan) -> pl.DataFrame:
    """Compare hours used beyond hours available with zero."""
    return plan.capacity.select(
        left=(pl.col("hours_used") - pl.col("hours_available")).clip(0.0), right=pl.lit(0.0), scale="hours_available"
    )


def lanes(plan: Plan) -> pl.DataFrame:
    """Compare what leaves on a lane beyond its limit with zero."""
    limited = plan.chain.lanes.select("lane", "max_per_month").drop_nulls()
    moved = plan.shipments.group_by("lane", "period").agg(pl.col("quantity").sum())
    most = pl.col("max_per_month") * pl.col("months")
    return (
        moved.join(limited, on="lane")
        .join(plan.periods.select("period", "months"), on="period")
        .select(left=(pl.col("quantity") - most).clip(0.0), right=pl.lit(0.0), scale=most.clip(1.0))
    )


def kept(plan: Plan) -> pl.DataFrame:
    """Compare stock beyond what fits with zero."""
    limited = plan.chain.stocks.select("site", "item", "max_on_hand").drop_nulls()
    return plan.inventory.join(limited, on=["site", "item"]).select(
        left=(pl.col("quantity") - pl.col("max_on_hand")).clip(0.0), right=pl.lit(0.0),
        scale=pl.col("max_on_hand").clip(1.0),
    )  # fmt: skip


def inputs(plan: Plan) -> pl.DataFrame:
    """Compare what was consumed with runs times the bill of materials, one item standing in for another."""
    recipe = plan.chain.bom.select("process", "item", per_run=pl.col("quantity") / (1 - pl.col("scrap_share")))
    runs = plan.production.group_by("process", "period").agg(pl.col("runs").sum())
    due = runs.join(recipe, on="process").select("process", "item", "period", left=pl.col("runs") * pl.col("per_run"))
    if plan.substitutions.height:
        keys = ["process", "item", "period"]
        relieved = plan.substitutions.select("process", "period", item="instead_of", left=-pl.col("replaced"))
        parts = [due, relieved.select(due.columns), plan.substitutions.select(*keys, left="quantity")]
        due = pl.concat(parts).group_by(keys).agg(pl.col("left").sum())
    used = plan.consumption.group_by("process", "item", "period").agg(right=pl.col("quantity").sum())
    return due.join(used, on=["process", "item", "period"], how="full", coalesce=True).with_columns(
        pl.col("left", "right").fill_null(0.0), scale=pl.max_horizontal("left", "right").fill_null(1.0)
    )


def yields(plan: Plan) -> pl.DataFrame:
    """Compare good units beyond runs times the best yield with zero."""
    best = plan.chain.processes.select("process", "yield_share")
    return plan.production.join(best, on="process").select(
        left=(pl.col("good") - pl.col("runs") * pl.col("yield_share")).clip(0.0), right=pl.lit(0.0), scale="runs"
    )


def prices(plan: Plan) -> pl.DataFrame:
    """Compare the cost of purchases with quantity times the price of their offer, fixed or by its index."""
    return plan.purchases.join(offer_prices(plan), on=["offer", "period"]).select(
        left="cost_usd", right=pl.col("quantity") * pl.col("price"), scale=pl.col("cost_usd").clip(1e-9)
    )


def cash(plan: Plan) -> pl.DataFrame:
    """Compare each kind of cash with the sum of the frame that it comes from."""
    entered = plan.shipments.filter(pl.col("arrival_period").is_not_null())
    conversion = plan.production.join(plan.chain.processes.select("process", unit="cost_usd"), on="process")
    options = plan.openings.filter(pl.col("kind") == "option")
    closures = plan.openings.filter(pl.col("kind") == "closure")
    campaigns = plan.openings.filter(pl.col("kind") == "certificate")
    made = float(conversion.select((pl.col("runs") * pl.col("unit")).sum()).item() or 0.0)
    due = _sum(plan.arrivals, "due_usd") + _sum(plan.returned, "cost_usd")
    expected = {
        "revenue": plan.sales.select((pl.col("quantity") * pl.col("price_usd")).sum()).item(),
        "purchase": -_sum(plan.purchases, "cost_usd") - due,
        "rebate": plan.purchases["rebate_usd"].sum(),
        "not_taken": plan.contracts.select(pl.col("made_up_usd").sum() - pl.col("not_taken_usd").sum()).item(),
        "prepayment": plan.contracts.select(pl.col("credited_usd").sum() - pl.col("prepaid_usd").sum()).item(),
        "make": -made - _sum(plan.substitutions, "cost_usd"),
        "scrap": -plan.scrapped["cost_usd"].sum(),
        "late": -plan.sales["late_usd"].sum(),
        "credit": plan.credits.select(pl.sum_horizontal(pl.col("usd", "next_usd").sum())).item(),
        "freight": -plan.shipments["freight_usd"].sum(),
        "insurance": -plan.shipments["insurance_usd"].sum(),
        "carbon": -plan.emissions["usd"].sum(),
        "duty": -entered["duty_usd"].sum(),
        "fees": -entered["fees_usd"].sum(),
        "holding": -plan.inventory["holding_usd"].sum(),
        "capex": -options["cost_usd"].sum(),
        "closing": -closures["cost_usd"].sum(),
        "recovered": plan.openings["recovered_usd"].sum(),
        "fixed": -stages.fixed(plan),
        "certificate": -campaigns["cost_usd"].sum(),
        "end_plant": options["residual_usd"].sum(),
        "end_stock": plan.ends.filter(pl.col("what") != "plant")["usd"].sum(),
        "margin": _margin(plan),
        "drawback": plan.accounts.filter(pl.col("kind") == "drawback")["usd"].sum(),
        "tax": plan.accounts.filter(pl.col("kind") == "tax")["usd"].sum(),
        "penalty": -_sum(plan.shortages, "penalty_usd") - _sum(plan.reserves, "penalty_usd"),
    }
    told = plan.cash.group_by("kind").agg(right=pl.col("usd").sum())
    frame = pl.DataFrame({"kind": list(expected), "left": [float(v or 0.0) for v in expected.values()]})
    return frame.join(told, on="kind", how="left").with_columns(
        pl.col("right").fill_null(0.0), scale=pl.max_horizontal(pl.col("left").abs(), pl.lit(1.0))
    )


def _sum(frame: pl.DataFrame, column: str) -> float:
    return float(frame[column].sum() or 0.0)


def _margin(plan: Plan) -> float:
    """Return what partners of the chain keep of the prices at which they sell to it."""
    offers = plan.chain.offers.join(plan.chain.sites.select("site", "partner"), on="site")
    kept = offers.filter(pl.col("partner").is_not_null()).select("offer", "margin_share")
    bought = plan.purchases.join(kept, on="offer")
    return float((bought["cost_usd"] * bought["margin_share"]).sum())


def value(plan: Plan) -> pl.DataFrame:
    """Compare discounted cash with the objective that the solver states, at the scale of the revenue.

    Where the value of partners is maximised, that of each with its weight, and what falls on nobody named with the
    largest.
    """
    scale = max(float(plan.cash["usd"].abs().max() or 0.0), 1.0)  # type: ignore[arg-type]
    total = float(plan.cash["discounted_usd"].sum())
    if weights := value_weights(plan.chain.plan_settings().value_of):
        worth = dict(plan.values.select("partner", "usd").iter_rows())
        total = sum(weight * worth.get(name, 0.0) for name, weight in weights.items())
        total += max(weights.values()) * worth.get("", 0.0)
    return pl.DataFrame({"left": [total], "right": [plan.solution.objective_usd], "scale": [scale]})


def landed(plan: Plan) -> pl.DataFrame:
    """Compare landed cost with money spent, and credits in it with credits earned, where nothing is left over.

    With stock left at the end or scrapped the landed cost of what was sold is less than what was spent; the difference
    is checked to lie between nothing and all that was spent. The same holds of credits.
    """
    gone = plan.scrapped.filter(pl.col("reason") != "lost")
    nothing_left = plan.ends.filter(pl.col("what") != "plant").is_empty() and gone.is_empty()
    beside = plan.purchases.select(pl.col("not_taken_usd").sum() - pl.col("rebate_usd").sum()).item()
    told = float(plan.landed.filter(pl.col("kind").is_in(["rebate", "not_taken"]))["usd"].sum())
    rows = [(told, float(beside), max(abs(beside), 1.0))] if nothing_left else []
    for kinds, sign in ((["purchase", "make", "freight", "duty", "fees", "insurance", "carbon"], -1), (["credit"], 1)):
        moved = sign * float(plan.cash.filter(pl.col("kind").is_in(kinds))["usd"].sum())
        carried = -sign * float(plan.landed.filter(pl.col("kind").is_in(kinds))["usd"].sum())
        left, right = (moved, carried) if nothing_left else (max(carried - moved, 0.0), 0.0)
        rows.append((left, right, max(moved, 1.0)))
    return pl.DataFrame(rows, schema=["left", "right", "scale"], orient="row")


def credits(plan: Plan) -> pl.DataFrame:
    """Compare credits with what may be earned on what their process made in the year.

        units + next_units <= good units made
        usd = usd_per_unit * units + cost_share * (conversion + material cost) * units / made

    next_usd likewise, at the rate of the year after. Where what was made in a year did not cost the same all year and
    only a part of it earns, a credit on cost lies between nothing and that of all.
    """
    conversion = plan.chain.processes.select("process", each="cost_usd")
    key = ["process", "year"]
    year = (
        plan.production.join(_parts(plan), on="period")
        .join(conversion, on="process")
        .with_columns(due=pl.col("good") * pl.col("part"), spent=pl.col("runs") * pl.col("each") * pl.col("part"))
        .group_by(key)
        .agg(pl.col("due", "spent").sum())
    )
    claim = ["process", "credit", "component", "program", "year"]
    material = plan.materials.group_by(claim).agg(material=pl.col("usd").sum())
    after = plan.credits.select(*claim, "usd_per_unit", "cost_share").with_columns(year=pl.col("year") - 1)
    rows = (
        plan.credits.join(year, on=key, how="left")
        .join(material, on=claim, how="left", nulls_equal=True)
        .join(after, on=claim, how="left", nulls_equal=True, suffix="_after")
        .with_columns(pl.col("due", "spent", "material").fill_null(0.0))
        .with_columns(cost=pl.col("spent") + pl.col("material"), earn=pl.col("units") + pl.col("next_units"))
    )
    told = plan.credits.group_by("process").agg(left=(pl.col("usd") + pl.col("next_usd")).sum())
    spread = plan.production.group_by("process").agg(right=pl.col("credit_usd").sum())
    made = pl.col("due").clip(1e-9)
    return pl.concat(
        [
            told.join(spread, on="process").select("left", "right", scale=pl.col("left").clip(1.0)),
            rows.select(left="made", right="due", scale=made),
            rows.select(left=(pl.col("earn") - pl.col("due")).clip(0.0), right=pl.lit(0.0), scale=made),
            _earned(rows, "units", "usd", "usd_per_unit", "cost_share"),
            _earned(
                rows.filter(pl.col("usd_per_unit_after").is_not_null()),
                "next_units", "next_usd", "usd_per_unit_after", "cost_share_after",
            ),
        ]
    )  # fmt: skip


def _earned(rows: pl.DataFrame, units: str, usd: str, each: str, share: str) -> pl.DataFrame:
    """Compare what units earned with their rate; between nothing and all where it hangs on which units earn."""
    whole = (pl.col(units) >= pl.col("made") * (1 - TOLERANCE)) | (pl.col(share) == 0)
    low = pl.col(each) * pl.col(units)
    high = low + pl.col(share) * pl.col("cost")
    due = pl.when(whole).then(high).otherwise(pl.col(usd).clip(low, high))
    return rows.select(left=usd, right=due, scale=pl.max_horizontal(usd, high, pl.lit(1.0)))


def sold_first(plan: Plan) -> pl.DataFrame:
    """Compare units that earn in a year beyond units sold in it, as such or inside something, with zero."""
    same = ["item", "credit", "component", "program", "year"]
    moved = plan.credits.select(*same, "units"), plan.credits.select(*same, units="next_units")
    later = moved[1].with_columns(pl.col("year") + 1)
    earned = pl.concat([moved[0], later]).filter(pl.col("units") > 0).group_by(same).agg(pl.col("units").sum())
    content = _content(plan.chain, earned.select(credited="item").unique())
    sold = (
        plan.sales.join(content, on="item")
        .join(_parts(plan), on="period")
        .group_by(item="credited", year="year")
        .agg(sold=(pl.col("units") * pl.col("held") * pl.col("part")).sum())
    )
    both = earned.join(sold, on=["item", "year"], how="left").with_columns(pl.col("sold").fill_null(0.0))
    return both.select(
        left=(pl.col("units") - pl.col("sold")).clip(0.0), right=pl.lit(0.0), scale=pl.max_horizontal("units", "sold")
    )


def _content(chain: Chain, credited: pl.DataFrame) -> pl.DataFrame:
    """Return the most units of a credited item in one unit of an item, at full yield: credited, item, held."""
    inputs = chain.bom.select("process", "quantity", "scrap_share", taken="item")
    recipe = chain.processes.join(inputs, on="process").with_columns(
        each=pl.col("quantity") / (1 - pl.col("scrap_share")) / pl.col("yield_share")
    )
    itself = credited.select("credited", item="credited", held=pl.lit(1.0))
    content = itself
    for _ in range(chain.items.height):  # what holds one, what holds that, and so on
        inside = (
            recipe.join(content, left_on="taken", right_on="item")
            .group_by("process", "item", "credited")
            .agg(held=(pl.col("each") * pl.col("held")).sum())
            .select("credited", "item", "held")
        )
        content = pl.concat([itself, inside]).group_by("credited", "item").agg(pl.col("held").max())
    return content


def ratios(plan: Plan) -> pl.DataFrame:
    """Compare material taken in with flows, ratios with material, and the share of what is claimed with the least.

    What stands in for an input counts as that input.
    """
    keys = ["process", "item", "period"]
    as_written = [
        plan.substitutions.select("process", "period", item="instead_of", quantity="replaced").select(
            *keys, "quantity"
        ),
        plan.substitutions.select(*keys, quantity=-pl.col("quantity")),
    ]
    claim = ["process", "credit", "component", "program", "year"]
    flows = (
        pl.concat([plan.consumption.select(*keys, "quantity"), *as_written])
        .join(_parts(plan), on="period")
        .group_by("process", "year", input="item")
        .agg(flow=(pl.col("quantity") * pl.col("part")).sum())
    )
    taken = plan.materials.join(flows, on=["process", "year", "input"], how="left").with_columns(
        pl.col("flow").fill_null(0.0)
    )
    told = plan.credits.filter(pl.col("group").is_not_null())
    sums = (
        plan.materials.join(told.select(*claim, "group"), on=claim, nulls_equal=True)
        .group_by("group")
        .agg(whole=pl.col("usd").sum(), allowed=pl.col("usd").filter("allowed").sum())
        .filter(pl.col("whole") > 0)
        .select("group", again=pl.col("allowed") / pl.col("whole"))
    )
    shares = told.join(sums, on="group")
    under = shares.filter(pl.col("usd") + pl.col("next_usd") > 0).select(
        left=(pl.col("least_share") - pl.col("again")).clip(0.0)
    )
    return pl.concat(
        [
            taken.select(left="quantity", right="flow", scale=pl.max_horizontal("quantity", "flow").clip(1e-9)),
            shares.select(left="ratio", right="again", scale=pl.lit(1.0)),
            under.select("left", right=pl.lit(0.0), scale=pl.lit(1.0)),
        ]
    )


def _parts(plan: Plan) -> pl.DataFrame:
    """Return the part of the days of each period that lies in each calendar year: period, year, part."""
    days = plan.periods.select("period", day=pl.date_ranges("start", "end")).explode("day")
    counted = days.group_by("period", year=pl.col("day").dt.year().cast(pl.Int64)).len("days")
    return counted.select("period", "year", part=pl.col("days") / pl.col("days").sum().over("period"))

"""Are emissions flows times their factors, priced as the table says, within limits and carried by what is sold?"""

from __future__ import annotations

import math

import polars as pl

from cellroad.chain import facts
from cellroad.plan.result import Plan

EARTH_KM = 6371.0


def factors(plan: Plan) -> pl.DataFrame:
    """Compare what is emitted with quantity times factor, worked out again row by row from the chain."""
    chain = plan.chain
    item = {row["item"]: row for row in chain.items.iter_rows(named=True)}
    offer = {row["offer"]: row["kg_co2e"] for row in chain.offers.iter_rows(named=True)}
    process = {row["process"]: row["kg_co2e"] for row in chain.processes.iter_rows(named=True)}
    lane = _lanes(plan)
    due: dict[tuple[str, str, str, int], float] = {}

    def count(scope: str, what: str, goods: str, period: int, kg: float | None) -> None:
        if kg is not None:
            due[scope, what, goods, period] = due.get((scope, what, goods, period), 0.0) + kg

    for row in plan.purchases.iter_rows(named=True):
        each = offer[row["offer"]] if offer[row["offer"]] is not None else item[row["item"]]["kg_co2e"]
        count("embodied", row["offer"], row["item"], row["period"], _times(row["quantity"], each))
    for row in plan.production.iter_rows(named=True):
        count("process", row["process"], row["item"], row["period"], _times(row["runs"], process[row["process"]]))
    for row in plan.shipments.iter_rows(named=True):
        kg = row["quantity"] * item[row["item"]]["mass_kg"]
        count("transport", row["lane"], row["item"], row["period"], _times(kg, lane[row["lane"]]))
    told = plan.emissions.drop_nulls("kg").group_by("scope", "what", "item", "period").agg(pl.col("kg").sum())
    found = {tuple(row[:4]): row[4] for row in told.iter_rows()}
    rows = [(due.get(key, 0.0), found.get(key, 0.0)) for key in sorted({*due, *found})]
    frame = pl.DataFrame(rows, schema={"left": pl.Float64, "right": pl.Float64}, orient="row")
    return frame.with_columns(scale=pl.max_horizontal("left", "right", pl.lit(1e-9)))


def _times(amount: float, each: float | None) -> float | None:
    return None if each is None else amount * each


def _lanes(plan: Plan) -> dict[str, float | None]:
    """Return what a kg on each lane emits, None where it is not known."""
    site = {row["site"]: row for row in plan.chain.sites.iter_rows(named=True)}
    usual = dict(facts.emissions().select("mode", "g_co2e_per_tkm").iter_rows())
    found: dict[str, float | None] = {}
    for lane in plan.chain.lanes.iter_rows(named=True):
        factor = lane["g_co2e_per_tkm"] if lane["g_co2e_per_tkm"] is not None else usual[lane["mode"]]
        km = lane["distance_km"]
        if km is None:
            km = _apart(site[lane["origin"]], site[lane["destination"]])
        by_distance = None if km is None else km * factor / 1e6
        found[lane["lane"]] = lane["kg_co2e_per_kg"] if lane["kg_co2e_per_kg"] is not None else by_distance
    return found


def _apart(a: dict[str, float | None], b: dict[str, float | None]) -> float | None:
    """Return the great circle between two sites by the spherical law of cosines in its stable form, None if unknown."""
    if a["lat"] is None or a["lon"] is None or b["lat"] is None or b["lon"] is None:
        return None
    phi, psi, turn = math.radians(a["lat"]), math.radians(b["lat"]), math.radians(b["lon"] - a["lon"])
    across = math.hypot(
        math.cos(psi) * math.sin(turn),
        math.cos(phi) * math.sin(psi) - math.sin(phi) * math.cos(psi) * math.cos(turn),
    )
    along = math.sin(phi) * math.sin(psi) + math.cos(phi) * math.cos(psi) * math.cos(turn)
    return EARTH_KM * math.atan2(across, along)


def prices(plan: Plan) -> pl.DataFrame:
    """Compare what emissions cost with the prices that hold, by the days of each period in each year."""
    rules = plan.chain.carbon.filter(pl.col("usd_per_t") > 0)
    parts = _parts(plan).join(rules.select("scope", "usd_per_t", of="year"), how="cross")
    holds = parts.filter(pl.col("of").is_null() | (pl.col("of") == pl.col("year")))
    due = (
        plan.emissions.join(holds, on="period", suffix="_rule")
        .filter(
            (pl.col("scope_rule").cast(pl.String) == "all") | (pl.col("scope_rule").cast(pl.String) == pl.col("scope"))
        )
        .group_by("scope", "period")
        .agg(left=(pl.col("kg") * pl.col("part") * pl.col("usd_per_t") / 1000).sum())
    )
    told = plan.emissions.group_by("scope", "period").agg(right=pl.col("usd").sum())
    return told.join(due, on=["scope", "period"], how="left").select(
        pl.col("left").fill_null(0.0), "right", scale=pl.col("right").clip(1e-6)
    )


def limits(plan: Plan) -> pl.DataFrame:
    """Compare what is emitted beyond each limit with nothing."""
    parts = _parts(plan)
    schema = {"left": pl.Float64, "right": pl.Float64, "scale": pl.Float64}
    rows = []
    for rule in plan.chain.carbon.iter_rows(named=True):
        counted = plan.emissions.filter((pl.lit(rule["scope"]) == "all") | (pl.col("scope") == rule["scope"]))
        for year in [None] if rule["over"] == "horizon" else sorted(parts["year"].unique()):
            if rule["over"] == "year" and rule["year"] not in (None, year):
                continue
            part = parts if year is None else parts.filter(pl.col("year") == year)
            kg = float(counted.join(part, on="period").select((pl.col("kg") * pl.col("part")).sum()).item())
            kwh = float(plan.sales.join(part, on="period").select((pl.col("kwh") * pl.col("part")).sum()).item())
            both = (_times(1000.0, rule["max_t"]), _times(kwh, rule["max_kg_per_kwh"]))
            rows += [(max(kg - most, 0.0), 0.0, max(kg, most, 1e-9)) for most in both if most is not None]
    return pl.DataFrame(rows, schema=schema, orient="row")


def carried(plan: Plan) -> pl.DataFrame:
    """Compare what is sold carries of emissions with all that arose, here or before, where nothing is left.

    With stock left at the end or scrapped what is sold carries less, and that is checked instead.
    """
    each = plan.chain.items.select("item", each="kg_co2e")
    first, last = plan.periods["start"].min(), plan.periods["end"].max()
    coming = plan.chain.pipeline.filter(pl.col("arrives").is_between(first, last))
    given = pl.concat([plan.chain.stocks.select("item", quantity="on_hand"), coming.select("item", "quantity")])
    before = given.join(each, on="item").select((pl.col("quantity") * pl.col("each")).sum()).item()
    arose = float(plan.emissions["kg"].sum()) + float(before or 0.0)
    sold = float(plan.footprint["kg"].sum())
    gone = plan.scrapped.filter(pl.col("reason") != "lost")
    nothing_left = plan.ends.filter(pl.col("what") != "plant").is_empty() and gone.is_empty()
    left, right = (arose, sold) if nothing_left else (max(sold - arose, 0.0), 0.0)
    return pl.DataFrame({"left": [left], "right": [right], "scale": [max(arose, 1e-6)]})


def _parts(plan: Plan) -> pl.DataFrame:
    """Return the part of the days of each period that lies in each calendar year: period, year, part."""
    days = plan.periods.select("period", day=pl.date_ranges("start", "end")).explode("day")
    counted = days.group_by("period", year=pl.col("day").dt.year().cast(pl.Int64)).len("days")
    return counted.select("period", "year", part=pl.col("days") / pl.col("days").sum().over("period"))

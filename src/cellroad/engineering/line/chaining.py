"""`to_chain`: a line as a plan can use it: a resource, its processes with hours and yield, and its ramp."""

from __future__ import annotations

import polars as pl

from cellroad.chain.chain import Chain
from cellroad.chain.finding import ChainError, Finding
from cellroad.chain.tell import did_you_mean
from cellroad.engineering.line.reading import LineTables
from cellroad.engineering.line.result import Line
from cellroad.engineering.line.verb import line

MONTHS = 12


def to_chain(
    found: Line, chain: Chain, *, site: str, items: dict[str, str], resource: str = "", status: str = "operating"
) -> Chain:
    """Return a chain with a line at a site: a resource with its hours, a process for each product, and a ramp.

    items     the item of the chain that each product of the line is: its processes get hours and yield of the line
    resource  id of the line in the chain; without one, the name of the line

    The line gives hours_per_month, and for each item hours per pack such that the mix fills them: a pack takes the
    share of the hours that the likely work of its kind takes at the bottleneck. Yield is what leaves good of what
    enters. Bills of materials and costs of processes that are there already stay; a new process has the cost of people,
    energy and scrap of a pack. Raises ChainError with all ids that are not there.
    """
    tables = found.tables
    wrong = _unknown(tables, chain, site, items)
    if wrong:
        raise ChainError(wrong)
    name = resource or f"{tables.name}-line"
    ramp = f"{name}-ramp"
    hours = tables.hours_per_year / MONTHS
    packs = found.volume.filter(pl.col("product") != "all")
    per_pack = _hours_per_pack(found)
    kept = _yield(found)
    variable = float(found.costs.filter(pl.col("kind") != "fixed")["usd_per_kwh"].sum())
    fixed = float(found.costs.filter(kind="fixed")["usd_per_year"].sum()) / MONTHS
    resources = Chain.of("", resources=pl.DataFrame([{
        "resource": name, "site": site, "name": f"Line {tables.name}", "hours_per_month": hours,
        "ramp": ramp if tables.tables["ramp"].height else None, "status": status, "fixed_usd_per_month": fixed,
        "automation_share": float(found.automation.filter(definition="stations")["share"][0]),
        "note": f"simulated: {found.gwh_per_year:.3g} GWh a year",
    }])).resources  # fmt: skip
    kwh = dict(tables.tables["products"].select("product", "kwh").iter_rows())
    theirs = chain.processes.filter(site=site)
    there = dict(theirs.select("item", "process").iter_rows())
    rows = [
        {"process": there.get(items[product], f"{name}-{items[product]}"), "site": site, "item": items[product],
         "resource": name, "hours_per_unit": per_pack[product] * kept, "yield_share": kept,
         "cost_usd": variable * kwh[product] * kept}
        for product in packs["product"]
        if product in items
    ]  # fmt: skip
    fresh = pl.DataFrame(rows)
    old = chain.processes.join(fresh.select("process"), on="process", how="anti")
    changed = theirs.join(
        fresh.select("process", "resource", "hours_per_unit", "yield_share"), on="process", suffix="_new"
    )
    same = changed.with_columns(
        resource="resource_new", hours_per_unit="hours_per_unit_new", yield_share="yield_share_new"
    ).select(chain.processes.columns)
    new = Chain.of("", processes=fresh.filter(~pl.col("process").is_in(theirs["process"].implode()))).processes
    return chain.replace(
        resources=pl.concat([chain.resources.filter(pl.col("resource") != name), resources]),
        processes=pl.concat([old, same, new]),
        ramps=pl.concat([chain.ramps.filter(pl.col("ramp") != ramp), _ramp(found, ramp)]),
    )


def _yield(found: Line) -> float:
    good = float(found.found.good.sum())
    return good / max(good + float(found.found.scrapped.sum()), 1.0)


def _unknown(tables: LineTables, chain: Chain, site: str, items: dict[str, str]) -> list[Finding]:
    products, sites, known = tables.tables["products"]["product"], chain.sites["site"], chain.items["item"]
    asked = [("sites", "site", [site], sites), ("products", "product", items, products),
             ("items", "item", items.values(), known)]  # fmt: skip
    return [
        Finding("blocker", table, None, column, repr(name), f"one of the {len(there)} {table}",
                did_you_mean(name, there, "Correct the id."))
        for table, column, names, there in asked
        for name in names
        if name not in there
    ]  # fmt: skip


def _hours_per_pack(found: Line) -> dict[str, float]:
    """Return hours of the line that a good pack takes, such that the simulated mix fills the hours:

        hours[p] = work[p] / sum over p of work[p] packs_per_hour[p]

    work is the likely work at the bottleneck.
    """
    from cellroad.engineering.line.floor import likely_s

    stations = found.tables.tables["stations"]["station"].to_list()
    work = likely_s(found.tables)[stations.index(found.bottleneck)]
    packs = found.volume.filter(pl.col("product") != "all")
    rate = packs["packs_per_hour"].to_numpy()
    whole = float(work @ rate)
    return {
        product: float(seconds) / whole if whole else 0.0
        for product, seconds in zip(packs["product"], work, strict=True)
    }


def _ramp(found: Line, ramp: str) -> pl.DataFrame:
    """Return the ramp of the line: hours and yield of each step of learning against those when it has learnt."""
    months = found.tables.tables["ramp"]["month"].sort().to_list()
    whole = found.gwh_per_year
    rows = []
    for month in months:
        early = line(found.tables, month=month, replications=4, hours=80.0, warm_hours=8.0)
        good, lost = float(early.found.good.sum()), float(early.found.scrapped.sum())
        kept = min(good / max(good + lost, 1.0) / _yield(found), 1.0)
        part = early.gwh_per_year / whole / kept if whole and kept else 0.0
        rows.append({"ramp": ramp, "month": month, "capacity_share": min(part, 1.0), "yield_share": kept})  # fmt: skip
    return Chain.of("", ramps=pl.DataFrame(rows) if rows else pl.DataFrame(schema={"ramp": pl.String})).ramps

"""The answer of a line: volume, effectiveness, losses by station, bottleneck, people, automation, cost."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from cellroad.chain.chain import Chain
from cellroad.engineering.line.automation import automation
from cellroad.engineering.line.effectiveness import effectiveness
from cellroad.engineering.line.floor import HOUR
from cellroad.engineering.line.kernel import Floor
from cellroad.engineering.line.reading import LineTables
from cellroad.engineering.line.running import Replications, interval, station_frame


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """What a line makes and why not more. Means come with the ends of their 95 % interval (low, high).

    tables      what it was computed from
    volume      product (or "all"), packs_per_hour, packs_per_year, gwh_per_year, low and high (of gwh_per_year), share
    stations    as of `running.station_frame`: share of time in each state, packs waiting and in work, first-pass yield,
                capacity alone
    oee         factor (availability, performance, quality, oee), value, low, high: at the station with least capacity
    bottlenecks station, loss (share of time that it is starved, blocked or without people: the least is the
                bottleneck), gain_10 (part of the volume gained by a tenth more speed there; null: not asked)
    people      pool, people, hours_per_year (paid), busy_share, usd_per_year, minutes_per_pack
    automation  definition, share: four that are in use
    costs       kind (people, energy, material, fixed), usd_per_year, usd_per_kwh
    figures     figure, value, unit: what else is asked: lead time, work in progress, scrap, rework, energy
    found       the replications behind it
    """

    tables: LineTables
    volume: pl.DataFrame
    stations: pl.DataFrame
    oee: pl.DataFrame
    bottlenecks: pl.DataFrame
    people: pl.DataFrame
    automation: pl.DataFrame
    costs: pl.DataFrame
    figures: pl.DataFrame
    found: Replications

    @property
    def gwh_per_year(self) -> float:
        """Energy of the good packs of a year, in GWh."""
        return float(self.volume.filter(product="all")["gwh_per_year"][0])

    @property
    def bottleneck(self) -> str:
        """The station that is kept waiting least."""
        return str(self.bottlenecks["station"][0])

    def to_chain(
        self, chain: Chain, *, site: str, items: dict[str, str], resource: str = "", status: str = "operating"
    ) -> Chain:
        """Return a chain with the line at a site: its hours, the hours and yield of each item, and its ramp.

        items     the item of the chain that each product of the line is
        resource  id of the line in the chain; without one, the name of the line

        As `chaining.to_chain` says. Raises ChainError with all ids that are not there.
        """
        from cellroad.engineering.line.chaining import to_chain

        return to_chain(self, chain, site=site, items=items, resource=resource, status=status)

    def summary(self) -> str:
        """Return the answer in sentences."""
        all_ = self.volume.filter(product="all").row(0, named=True)
        oee = dict(self.oee.select("factor", "value").iter_rows())
        target = self.tables.setting("target_gwh_per_year")
        verdict = ""
        if target:
            reached = all_["low"] >= target, all_["high"] >= target
            words = {(True, True): "reaches", (False, True): "may reach", (False, False): "does not reach"}[reached]
            verdict = f" It {words} the {target:g} GWh that are aimed at."
        names = dict(self.tables.tables["stations"].select("station", "name").iter_rows())
        return (
            f"{self.tables.name} makes {all_['gwh_per_year']:.3g} GWh a year "
            f"({all_['low']:.3g} to {all_['high']:.3g}), {all_['packs_per_hour']:.3g} packs an hour, "
            f"at an OEE of {oee['oee']:.0%}.{verdict} The bottleneck is {names[self.bottleneck] or self.bottleneck}."
        )

    def _repr_html_(self) -> str:
        """Return the answer as a notebook shows it."""
        return f"<p>{self.summary()}</p>{self.stations._repr_html_()}"


def told(tables: LineTables, floor: Floor, found: Replications, gains: pl.DataFrame | None = None) -> Line:
    """Return the answer from replications; `gains` has station and gain_10."""
    stations = station_frame(tables, floor, found)
    kept = stations.select("station", loss=pl.sum_horizontal("starved", "blocked", "unmanned"))
    more = gains if gains is not None else kept.select("station", gain_10=pl.lit(None, dtype=pl.Float64))
    bottlenecks = kept.join(more, on="station", maintain_order="left").sort("loss", maintain_order=True)
    volume = _volume(tables, found)
    kwh_per_year = 1e6 * float(volume.filter(product="all")["gwh_per_year"][0])
    people = _people(tables, floor, found)
    return Line(
        tables=tables, volume=volume, stations=stations, oee=effectiveness(tables, floor, found),
        bottlenecks=bottlenecks, people=people, automation=automation(tables), found=found,
        costs=_costs(tables, found, people, kwh_per_year), figures=_figures(tables, found),
    )  # fmt: skip


def _volume(tables: LineTables, found: Replications) -> pl.DataFrame:
    products = tables.tables["products"]
    hours, kwh = tables.hours_per_year, products["kwh"].to_numpy()
    rows = []
    for at, product in enumerate(products["product"]):
        rows.append((product, found.good[:, at], found.good[:, at] * kwh[at]))
    rows.append(("all", found.good.sum(axis=1), found.good @ kwh))
    whole = float(found.good.sum())
    frame = []
    for product, packs, energy in rows:
        rate = float(packs.mean()) / found.hours
        mean, low, high = interval(energy / found.hours * hours / 1e6)
        share = float(packs.sum()) / whole if whole else 0.0
        frame.append((product, rate, rate * hours, mean, max(low, 0.0), high, share))
    names = ["product", "packs_per_hour", "packs_per_year", "gwh_per_year", "low", "high", "share"]
    return pl.DataFrame(frame, schema=names, orient="row")


def _people(tables: LineTables, floor: Floor, found: Replications) -> pl.DataFrame:
    """Return what each pool does; people are paid for their breaks too."""
    pools, shifts = tables.tables["pools"], tables.tables["shifts"]
    paid = float((shifts["days_per_year"] * shifts["hours"]).sum())
    busy = found.time_in[:, :, 1:4].sum(axis=2).mean(axis=0)  # at work, under repair, being set up: people stay
    place = np.repeat(np.arange(floor.buffer.size), np.diff(floor.first))
    packs = float(found.good.sum(axis=1).mean()) / found.hours * tables.hours_per_year
    rows = []
    for at, row in enumerate(pools.iter_rows(named=True)):
        mine = floor.pool[place] == at
        used = float((busy[mine] * floor.need[place[mine]]).sum())
        hours = row["people"] * paid
        rows.append((
            row["pool"], row["people"], hours, used / row["people"] if row["people"] else None,
            hours * row["usd_per_hour"], 60 * hours / packs if packs else None,
        ))  # fmt: skip
    schema = {"pool": pl.String, "people": pl.Int64, "hours_per_year": pl.Float64, "busy_share": pl.Float64,
              "usd_per_year": pl.Float64, "minutes_per_pack": pl.Float64}  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row")


def _costs(tables: LineTables, found: Replications, people: pl.DataFrame, kwh_per_year: float) -> pl.DataFrame:
    """Return the cost of conversion by kind; a pack takes energy each time it goes through a station."""
    hours = tables.hours_per_year / found.hours
    worked = (found.counts[:, :, 0] + found.counts[:, :, 2]).mean(axis=0)
    energy = float(worked @ tables.tables["stations"]["kwh_per_pack"].to_numpy()) * hours
    lost = float(found.scrapped.mean(axis=0) @ tables.tables["products"]["kwh"].to_numpy()) * hours
    rows = [
        ("people", float(people["usd_per_year"].sum())),
        ("energy", energy * tables.setting("energy_usd_per_kwh")),
        ("material", lost * tables.setting("material_usd_per_kwh")),
        ("fixed", tables.setting("fixed_usd_per_year")),
    ]
    frame = pl.DataFrame(rows, schema=["kind", "usd_per_year"], orient="row")
    return frame.with_columns(usd_per_kwh=pl.col("usd_per_year") / kwh_per_year if kwh_per_year else pl.lit(None))


def _figures(tables: LineTables, found: Replications) -> pl.DataFrame:
    good, scrapped = float(found.good.sum()), float(found.scrapped.sum())
    worked = (found.counts[:, :, 0] + found.counts[:, :, 2]).sum(axis=0)
    energy = float(worked @ tables.tables["stations"]["kwh_per_pack"].to_numpy())
    through = np.prod(found.counts[:, :, 1].sum(axis=0) / np.maximum(found.counts[:, :, 0].sum(axis=0), 1))
    lead = found.lead_s if found.lead_s.size else np.array([np.nan])
    rows = [
        ("lead time, mean", float(lead.mean()) / HOUR, "h"),
        ("lead time, nine in ten", float(np.quantile(lead, 0.9)) / HOUR, "h"),
        ("work in progress", float(found.held.sum(axis=(1, 2)).mean()), "packs"),
        ("rolled first-pass yield", float(through), "share"),
        ("scrap", scrapped / (good + scrapped) if good + scrapped else 0.0, "share"),
        ("rework", float(found.counts[:, :, 2].sum()) / good if good else 0.0, "per pack"),
        ("electricity", energy / good if good else 0.0, "kWh per pack"),
    ]
    return pl.DataFrame(rows, schema=["figure", "value", "unit"], orient="row")

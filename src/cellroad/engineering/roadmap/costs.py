"""What will a kWh of cells of a chemistry cost? Each part learns, and none falls below its minerals.

    c(t) = sum over parts i of  max(f_i, c_i (Q(t) / Q(0))^(log2(1 - r_i))) + m_i p_i(t) / 1000

c_i is what a part costs in the base year without its mineral, r_i what falls away with each doubling of all that has
been made (Wright 1936), Q that quantity, f_i a floor, m_i the kilograms of a mineral and p_i its price in dollars per
tonne, which does not learn (as in Yao, Benson and Chueh, Nature Energy 10, 2025). Rates, quantities, prices and the
costs of the base year are drawn, so that a year has a band and not a number.

That band is as narrow as what is assumed. A second one lets the learnt part stray from its curve besides, as far as
past prices did (see `learning`): by exp(sigma sqrt(h) z) after h years, z of Student's t, sigma that of LFP or NMC
cells, for other chemistries that of both.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import stdtrit

from cellroad.engineering.roadmap.backtest import strayed
from cellroad.engineering.roadmap.chance import Work, lasting
from cellroad.engineering.roadmap.reading import RoadmapTables

Floats = NDArray[np.float64]
BANDS = {"p05": 0.05, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p95": 0.95}


def costs(read: RoadmapTables, *, draws: int = 4000, seed: int = 1) -> pl.DataFrame:
    """Return the band of costs: chemistry, year, p05, p25, p50, p75, p95 in USD per kWh, mineral_share (of the mean),
    stray_low, stray_high (nine of ten, where each year may stray as far as past ones did).

    Years are those of the volumes of a chemistry; the first is the base year. One draw has the same rate and the same
    place in the band of volumes and prices in all years.
    """
    components, volumes = read.tables["components"], read.tables["volumes"]
    rows = []
    for (chemistry,), parts in components.group_by("chemistry", maintain_order=True):
        made = volumes.filter(pl.col("chemistry") == chemistry).sort("year")
        if made.is_empty():
            continue
        years = made["year"].to_list()
        place = _numbers(seed, f"volume {chemistry}", draws)
        quantity = np.array([_triangle(place, *row) for row in made.select("gwh_low", "gwh_likely", "gwh_high").rows()])
        learned, minerals = np.zeros((len(years), draws)), np.zeros((len(years), draws))
        for part in parts.iter_rows(named=True):
            key = f"{chemistry} {part['component']}"
            rate = _triangle(
                _numbers(seed, f"rate {key}", draws), part["learning_low"], part["learning_likely"],
                part["learning_high"],
            )  # fmt: skip
            off = part["spread_share"] * (2 * _numbers(seed, f"base {key}", draws) - 1)
            learned += learnt(part["usd_per_kwh"] * (1 + off), rate, quantity / quantity[0], part["floor_usd_per_kwh"])
            if part["mineral"]:
                prices = _prices(read, part["mineral"], years, draws, seed)
                minerals += part["kg_per_kwh"] * prices / 1000
        total = learned + minerals
        bands = np.quantile(total, list(BANDS.values()), axis=1)
        share = minerals.mean(axis=1) / total.mean(axis=1)
        sigma, freedom = strayed(str(chemistry))
        strays = stdtrit(freedom, _numbers(seed, f"stray {chemistry}", draws))
        walked = learned * np.exp(sigma * np.sqrt(np.array(years) - years[0])[:, None] * strays)
        wide = np.quantile(walked + minerals, [BANDS["p05"], BANDS["p95"]], axis=1)
        told = np.vstack([bands, share, wide])
        rows += [(chemistry, year, *map(float, told[:, at])) for at, year in enumerate(years)]
    columns = (*BANDS, "mineral_share", "stray_low", "stray_high")
    schema = {"chemistry": pl.String, "year": pl.Int64, **dict.fromkeys(columns, pl.Float64)}
    return pl.DataFrame(rows, schema=schema, orient="row")


def learnt(base: Floats, rate: Floats, ratio: Floats, floor: float) -> Floats:
    """Return the cost of a part when so many times as much has been made: max(floor, base ratio^log2(1 - rate)).

    A floor above what a part costs today does not make it dearer.
    """
    falling = base * ratio ** np.log2(1 - rate)
    return np.maximum(falling, np.minimum(floor, base))


def _prices(read: RoadmapTables, mineral: str, years: list[int], draws: int, seed: int) -> Floats:
    """Return prices of a mineral: shape (years, draws); between the years of the table along a line, beyond flat."""
    told = read.tables["minerals"].filter(pl.col("mineral") == mineral).sort("year")
    place = _numbers(seed, f"price {mineral}", draws)
    known = np.array([_triangle(place, *row) for row in told.select("usd_low", "usd_likely", "usd_high").rows()])
    years_known = told["year"].to_numpy().astype(np.float64)
    at = np.clip(np.interp(years, years_known, np.arange(years_known.size)), 0, years_known.size - 1)
    low = np.floor(at).astype(int)
    high, part = np.minimum(low + 1, years_known.size - 1), (at - low)[:, None]
    found: Floats = known[low] * (1 - part) + known[high] * part
    return found


def _numbers(seed: int, what: str, draws: int) -> Floats:
    return np.random.default_rng([seed, *what.encode()]).random(draws)


def _triangle(u: Floats, low: float, likely: float, high: float) -> Floats:
    return lasting(u, Work("", low, likely, high, "triangular"))

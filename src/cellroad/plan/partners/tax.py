"""What do partners pay on their profit?

A row of `taxes` gives the rate of a partner, or of all with their seat in a country. In every calendar year a partner
has profit or loss: its accounts without investment (which is written off instead), value at the end, penalties and tax
credits (which are after tax). A loss is carried forward and offsets the profit of later years; what is left at the end
is worth nothing. Tax is paid at the end of the year. Purchases count when they are paid: stock is not capitalised.

Investment is written off over its life in equal parts from its first month, or by the tables of MACRS (half-year
convention, Rev. Proc. 87-57, table A-1) from the year of its first month. Plant that stands already is written off.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cellroad.chain.chain import Chain
from cellroad.plan.kernel import Block, Builder, Model
from cellroad.plan.ledger import GIVEN
from cellroad.plan.network.network import Network
from cellroad.plan.partners.book import Book, funders
from cellroad.plan.partners.whose import columns_of, weight_of

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
UNTAXED = ("capex", "end_stock", "end_plant", "penalty", "credit", "tax")
"""Kinds of money that are no part of profit."""
CASES = np.array(["used", "least", "none"])
"""What the base of a year is: profit less all losses, the part of it that losses may not offset, or nothing."""
UNBOUNDED = 100.0
"""How many times its usual size a column without a bound is taken to reach, where a number is needed."""
MACRS: dict[str, tuple[float, ...]] = {
    "macrs_3": (0.3333, 0.4445, 0.1481, 0.0741),
    "macrs_5": (0.2, 0.32, 0.192, 0.1152, 0.1152, 0.0576),
    "macrs_7": (0.1429, 0.2449, 0.1749, 0.1249, 0.0893, 0.0892, 0.0893, 0.0446),
    "macrs_10": (0.1, 0.18, 0.144, 0.1152, 0.0922, 0.0737, 0.0655, 0.0655, 0.0656, 0.0655, 0.0328),
    "macrs_15": (
        0.05, 0.095, 0.0855, 0.077, 0.0693, 0.0623, 0.059, 0.059, 0.0591, 0.059, 0.0591, 0.059, 0.0591, 0.059, 0.0591,
        0.0295,
    ),
}  # fmt: skip
"""Part of the investment that is written off in each year of use, by class of recovery."""


@dataclass(frozen=True)
class Tax:
    """Rates by party and year: `party` (taxed,), `rate` and `loss` (taxed, years); part is (T + 1, years)."""

    party: Ints
    years: Ints
    rate: Floats
    loss: Floats
    part: Floats
    paid: Ints


def make_tax(net: Network) -> Tax:
    """Return who pays tax at which rate in which year, and when."""
    chain, periods = net.chain, net.periods
    years = np.arange(periods.start.year, (periods.end - dt.timedelta(days=1)).year + 1)
    part = np.zeros((periods.count + 1, years.size))
    for n, year in enumerate(years.tolist()):
        part[:-1, n] = periods.share_of_days(dt.date(year, 1, 1), dt.date(year, 12, 31))
    part[-1, -1] = 1.0
    paid = np.array([np.flatnonzero(part[:-1, n])[-1] for n in range(years.size)])
    seats = dict(chain.partners.select("partner", "country").iter_rows())
    found = []
    for number, name in enumerate(net.owners.names[:-1]):
        rows = [_row(chain, name, seats[name], int(year)) for year in years]
        if any(row[0] > 0 for row in rows):
            found.append((number, rows))
    rates = np.array([[list(row) for row in rows] for _, rows in found]).reshape(len(found), years.size, 2)
    return Tax(np.array([n for n, _ in found], np.int64), years, rates[..., 0], rates[..., 1], part, paid)


def _row(chain: Chain, partner: str, country: str | None, year: int) -> tuple[float, float]:
    """Return rate and part of profit that losses may offset, on New Year's Day; the partner's own row first."""
    for payer in filter(None, (partner, country)):
        mine = chain.taxes.filter((pl.col("payer") == payer) & (pl.col("valid_from") <= dt.date(year, 1, 1)))
        if mine.height:
            rate, loss = mine.sort("valid_from").select("rate_share", "loss_share").row(-1)
            return float(rate), float(loss)
    return 0.0, 1.0


def written_off(net: Network, years: Ints) -> Floats:
    """Return what of the investment of each start is written off in each year: USD, shape (starts, years)."""
    starts = net.starts.frame.with_row_index("place").filter(pl.col("kind") == "option")
    options = net.chain.options.select("depreciation", what="option", life="life_years")
    found = np.zeros((net.starts.frame.height, years.size))
    for row in starts.join(options, on="what").iter_rows(named=True):
        first = row["ready"]
        if row["depreciation"] != "straight":
            table = MACRS[row["depreciation"]]
            for age, share in enumerate(table):
                at = first.year + age - int(years[0])
                if 0 <= at < years.size:
                    found[row["place"], at] += share * row["cost_usd"]
            continue
        begin = first.year * 12 + first.month - 1
        for n, year in enumerate(years.tolist()):
            months = min(12 * year + 12, begin + 12 * row["life"]) - max(12 * year, begin)
            found[row["place"], n] = row["cost_usd"] * max(months, 0.0) / 12 / row["life"]
    return found


def taxing(m: Builder, net: Network, book: Book, owned: Block) -> Block:
    """Pay tax on profit, for every taxed partner p and year y, with what was lost before carried forward.

        base[p,y] - lost[p,y] + lost[p,y-1] = profit[p,y]
        profit[p,y] = sum over entries e of p of usd[e] * part[t,y] * column[e] - sum over s of written[s,y] * start[s]
        base[p,y] >= (1 - loss_share) * profit[p,y]
        value  - rate[p,y] * discount[t] * base[p,y]

    base is what is taxed, lost what is carried on, part[t,y] the part of the days of t that lies in y; t of the tax is
    the last period that touches y. Losses offset at most loss_share of a year's profit (80 % in the US, 26 USC 172).
    Where tax costs no more in later years, the least base is the best; where it does, `used_at_once` sees to it.
    """
    tax = make_tax(net)
    count, years = tax.party.size, tax.years.size
    size = float(np.abs(book.usd).max(initial=1.0))
    told = pl.DataFrame({"partner": [net.owners.names[p] for p in tax.party.repeat(years)],
                         "year": np.tile(tax.years, count)}, schema_overrides={"partner": pl.String})  # fmt: skip
    base = m.add_columns("taxed", count * years, size_of=size, index=told)
    lost = m.add_columns("lost", count * years, size_of=size, index=told)
    number = np.arange(count * years)
    pay = np.tile(tax.paid, count)
    m.money("tax", base.ids, pay, -tax.rate.ravel(), party=tax.party.repeat(years))
    row, column, usd, given = _profit(net, book, owned, m.columns["start"], tax)
    rows = m.add_rows("profit", number.size, lower=given, upper=given, index=told)
    m.add_terms(rows.ids, base.ids, 1.0)
    m.add_terms(rows.ids, lost.ids, -1.0)
    later = number % years > 0
    m.add_terms(rows.ids[later], lost.ids[later] - 1, 1.0)
    m.add_terms(rows.first + row, column, -usd)
    kept = 1 - tax.loss.ravel()
    some = np.flatnonzero(kept > 0)
    least = m.add_rows("least taxed", some.size, lower=(kept * given)[some], index=told[some.tolist()])
    place = np.full(number.size, -1)
    place[some] = np.arange(some.size)
    m.add_terms(least.ids, base.first + some, 1.0)
    inside = place[row] >= 0
    m.add_terms(least.first + place[row[inside]], column[inside], -(kept[row] * usd)[inside])
    used_at_once(m, tax, _rises(net, book, tax), base, lost, (row, column, usd, given))
    return base


def _rises(net: Network, book: Book, tax: Tax) -> NDArray[np.bool_]:
    """Return in which years a dollar of base costs less than in some later year: shape (taxed, years)."""
    paid = tax.rate * book.discount[tax.paid]
    weighted = paid * weight_of(net)[tax.party][:, tax.paid]
    costs = np.stack([paid, weighted])
    later = np.maximum.accumulate(costs[..., ::-1], axis=-1)[..., ::-1]
    return np.asarray((costs < later * (1 - 1e-12)).any(axis=0))


def used_at_once(
    m: Builder, tax: Tax, rises: NDArray[np.bool_], base: Block, lost: Block, profit: tuple[Ints, Ints, Floats, Floats]
) -> None:
    """Use losses as soon as the law lets (26 USC 172(b)(2)), also where a later year with a higher rate would pay more.

        used:   lost[p,y] <= most * (1 - chosen)
        least:  base[p,y] <= (1 - loss_share) * profit[p,y] + most * (1 - chosen)
        none:   base[p,y] <= most * (1 - chosen);  the sum of chosen is 1, chosen is 0 or 1

    So base is the largest of profit less all losses, the part that losses may not offset, and nothing. most is what the
    columns can come to at most. Without this rule losses could be made of nothing by paying too much while it is low.

    profit   of `_profit`: row, column, USD per unit, and what no decision moves
    """
    row, column, usd, given = profit
    years, size = tax.years.size, tax.rate.size
    moved = usd * m.most(UNBOUNDED)[column]
    gain = np.bincount(row, np.maximum(moved, 0.0), size) + np.maximum(given, 0.0)
    loss = np.bincount(row, np.maximum(-moved, 0.0), size) + np.maximum(-given, 0.0)
    carried = np.cumsum(loss.reshape(-1, years), axis=1).ravel()
    kept = 1 - tax.loss.ravel()
    least = np.where(np.repeat(CASES == "least", size), np.tile(kept, CASES.size), 0.0)
    case, at = np.divmod(np.flatnonzero(np.tile(rises.ravel(), CASES.size)), size)
    share = least[case * size + at]
    told = base.index[at.tolist()].with_columns(case=pl.Series(CASES[case]))
    chosen = m.add_columns("tax case", at.size, upper=1.0, whole=True, index=told)
    used = CASES[case] == "used"
    most = np.where(used, carried[at], gain[at] + share * loss[at])
    rows = m.add_rows("tax case", at.size, upper=most + share * given[at], index=told)
    m.add_terms(rows.ids, np.where(used, lost.first, base.first) + at, 1.0)
    m.add_terms(rows.ids, chosen.ids, most)
    of = np.full((CASES.size, size), -1)
    of[case, at] = rows.ids
    for number in np.flatnonzero(CASES == "least"):
        inside = of[number, row] >= 0
        m.add_terms(of[number, row[inside]], column[inside], -(kept[row] * usd)[inside])
    one = m.add_rows(
        "one tax case", at.size // CASES.size, lower=1.0, upper=1.0, index=base.index[np.unique(at).tolist()]
    )
    m.add_terms(one.first + np.unique(at, return_inverse=True)[1], chosen.ids, 1.0)


def _profit(net: Network, book: Book, owned: Block, start: Block, tax: Tax) -> tuple[Ints, Ints, Floats, Floats]:
    """Return (row, column, USD per unit) of the profit of each partner and year, and what no decision moves."""
    years = tax.years.size
    of_party = np.full(net.owners.count, -1)
    of_party[tax.party] = np.arange(tax.party.size)
    taxed = np.array([kind not in UNTAXED for kind in book.kinds])
    mine = np.flatnonzero((of_party[book.party] >= 0) & taxed[book.kind])
    entry, year = np.nonzero(tax.part[book.period[mine]])
    at = mine[entry]
    row = of_party[book.party[at]] * years + year
    usd = book.usd[at] * tax.part[book.period[at], year]
    column = columns_of(book, owned)[at]
    given = np.bincount(row[column == GIVEN], usd[column == GIVEN], tax.party.size * years)
    decided = column != GIVEN
    written = written_off(net, tax.years)
    funder = of_party[funders(net)]
    written[funder < 0] = 0.0
    begun, in_year = np.nonzero(written)
    return (
        np.concatenate([row[decided], funder[begun] * years + in_year]),
        np.concatenate([column[decided], start.first + begun]),
        np.concatenate([usd[decided], -written[begun, in_year]]),
        given.astype(float),
    )


def settled(net: Network, model: Model, values: Floats) -> Floats:
    """Return a solution in which every partner pays the least tax on its profit, whether its tax counts or not."""
    if "taxed" not in model.columns:
        return values
    values = values.copy()
    base, lost = model.columns["taxed"], model.columns["lost"]
    values[base.ids], values[lost.ids] = owed(make_tax(net), profit_in(model, values))
    if "tax case" in model.columns:
        cases = model.columns["tax case"]
        left, due = (
            cases.index.join(block.index.with_columns(usd=pl.Series(block.of(values))), on=["partner", "year"],
                             maintain_order="left")["usd"].to_numpy()
            for block in (lost, base)
        )  # fmt: skip
        now = np.where(left <= 0, "used", np.where(due > 0, "least", "none"))
        values[cases.ids] = cases.index["case"].to_numpy() == now
    return values


def profit_in(model: Model, values: Floats) -> Floats:
    """Return the profit of every taxed partner and year in a solution, USD, in the order of the rows "profit"."""
    values, rows = values.copy(), model.rows["profit"]
    for name in ("taxed", "lost"):
        values[model.columns[name].ids] = 0.0
    return np.asarray(model.row_lower[rows.ids] - model.matrix[rows.ids] @ values)


def owed(tax: Tax, profit: Floats) -> tuple[Floats, Floats]:
    """Return what is taxed and what is carried on, USD, of every taxed partner and year, losses used at once.

    base[p,y] = max(profit[p,y] - lost[p,y-1], (1 - loss_share) * profit[p,y], 0)
    lost[p,y] = base[p,y] - profit[p,y] + lost[p,y-1]
    """
    by_year = profit.reshape(tax.rate.shape)
    base, lost = np.zeros_like(by_year), np.zeros_like(by_year)
    before = np.zeros(tax.party.size)
    for year in range(tax.years.size):
        mine = by_year[:, year]
        base[:, year] = np.maximum(np.maximum(mine - before, (1 - tax.loss[:, year]) * mine), 0.0)
        before = lost[:, year] = base[:, year] - mine + before
    return base.ravel(), lost.ravel()


def remarks(net: Network) -> tuple[str, ...]:
    """Return in words what is assumed about tax."""
    if net.chain.taxes.is_empty():
        return ()
    return (
        "tax on profit: purchases count when paid, losses are carried forward and worth nothing at the end, plant that "
        "stands already is written off, credits are after tax",
    )

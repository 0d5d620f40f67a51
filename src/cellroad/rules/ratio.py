"""How much of what goes into a product comes from makers that do not count against it: the material assistance ratio.

    ratio = (total cost − cost from barred makers) / total cost

Where a price or the standing of a maker is not known the ratio is an interval, and a threshold is met for certain,
for certain not, or that is unknown. All arithmetic is exact, from the decimal text of the costs: 60 % meets 60 %.

Source: 26 USC 7701(a)(52); Notice 2026-15 (direct costs of the taxpayer, or assigned shares by component).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import polars as pl

from cellroad.chain.day import Day, as_day
from cellroad.rules.incentives import figure, figures
from cellroad.rules.law import Law
from cellroad.rules.verdict import Answer

COST_SCHEMA = {"input": pl.String, "usd": pl.Float64, "barred": pl.String}
LIFT_SCHEMA = {
    "input": pl.String, "from_low": pl.Float64, "from_high": pl.Float64, "to_low": pl.Float64, "to_high": pl.Float64,
    "answer": pl.String,
}  # fmt: skip
ZERO, ONE = Fraction(0), Fraction(1)
BOUNDS: dict[str, tuple[Fraction, Fraction]] = {"yes": (ONE, ONE), "no": (ZERO, ZERO), "unknown": (ZERO, ONE)}


@dataclass(frozen=True, slots=True)
class Part:
    """An input: what it costs (USD, `high` None: no bound known), and the share of that from barred makers."""

    input: str
    low: Fraction
    high: Fraction | None
    barred_low: Fraction = ZERO
    barred_high: Fraction = ZERO


@dataclass(frozen=True, slots=True)
class Ratio:
    """A material ratio between `low` and `high`, and the inputs that it was worked out from."""

    low: Fraction
    high: Fraction
    parts: tuple[Part, ...]

    def meets(self, least: Fraction | float | str, compare: str = "at least") -> Answer:
        """Say whether the ratio is at least (or more than) a share; unknown where that depends on what is unknown."""
        return compared(self.low, self.high, compare, exact(least))

    def lifts(self, least: Fraction | float | str) -> pl.DataFrame:
        """Return what the ratio becomes when one input comes from makers that are not barred, the greatest lift first.

        Columns: input, from_low, from_high, to_low, to_high (shares), answer: whether that meets the least share.
        """
        rows = []
        for name in dict.fromkeys(part.input for part in self.parts if part.barred_high):
            then = of([replace(p, barred_low=ZERO, barred_high=ZERO) if p.input == name else p for p in self.parts])
            shares = (float(self.low), float(self.high), float(then.low), float(then.high))
            rows.append((name, *shares, then.meets(least)))
        return pl.DataFrame(rows, schema=LIFT_SCHEMA, orient="row").sort("to_low", descending=True, maintain_order=True)

    def advice(self, least: Fraction | float | str) -> str:
        """Return which input to replace, in words; "" where the least share is met or no single input lifts it."""
        if self.meets(least) == "yes":
            return ""
        enough = self.lifts(least).filter(pl.col("answer") == "yes")
        if enough.is_empty():
            return ""
        name, from_low, from_high, to_low, to_high, _ = enough.row(0)
        return f"replace {name}: {percent(from_low, from_high)} becomes {percent(to_low, to_high)}"


def ratio(costs: pl.DataFrame) -> Ratio:
    """Return the material ratio of a product by direct cost.

    `costs` has columns input, usd (per unit; number or decimal text; null: not known) and barred (yes, no, unknown).
    Without any cost nothing is barred and the ratio is 1.
    """
    return of(_part(*row) for row in costs.select("input", "usd", "barred").iter_rows())


def _part(name: str, usd: float | str | None, barred: str) -> Part:
    low, high = (ZERO, None) if usd is None else (exact(usd), exact(usd))
    return Part(name, low, high, *BOUNDS[barred])


def of(parts: Iterable[Part]) -> Ratio:
    """Return the material ratio of parts."""
    listed = tuple(parts)
    low, high = barred_share(listed)
    return Ratio(1 - high, 1 - low, listed)


def barred_share(parts: Sequence[Part]) -> tuple[Fraction, Fraction]:
    """Return the least and the greatest share of the cost of parts that can come from barred makers.

        min Σ c b / Σ c   over low ≤ c ≤ high

    is reached with the parts of least b at their greatest cost and the others at their least.
    """
    least = _least([(part.barred_low, part.low, part.high) for part in parts])
    greatest = _least([(1 - part.barred_high, part.low, part.high) for part in parts])
    return (ZERO, ZERO) if least is None or greatest is None else (least, 1 - greatest)


def _least(parts: list[tuple[Fraction, Fraction, Fraction | None]]) -> Fraction | None:
    """Return the least weighted mean of shares whose weights lie between bounds, None without shares."""
    weighing = sorted((part for part in parts if part[2] != 0), key=lambda part: part[0])
    if not weighing:
        return min((part[0] for part in parts), default=None)
    least = weighing[-1][0]
    mass = sum((low for _, low, _ in weighing), ZERO)
    cost = sum((share * low for share, low, _ in weighing), ZERO)
    for share, low, high in weighing:
        if high is None:
            return min(least, share)
        mass, cost = mass + high - low, cost + share * (high - low)
        least = min(least, cost / mass) if mass else least
    return least


def averaged(products: pl.DataFrame) -> Ratio:
    """Return the ratio over several products together, costs weighted by the units made.

    `products` has columns product, units, input, usd and barred; usd per unit of the product.
    """
    rows = products.select("product", "input", "usd", "barred", "units").iter_rows()
    parts = [(_part(f"{name} of {product}", usd, barred), exact(units)) for product, name, usd, barred, units in rows]
    return of([replace(p, low=p.low * n, high=None if p.high is None else p.high * n) for p, n in parts])


def assigned(law: Law, barred: Mapping[str, Answer], day: Day, component: str = "storage") -> pl.DataFrame:
    """Return the costs of a system by the shares that the law assigns to its parts, for `ratio`.

    `barred` says for each part of the table (pack, container …) whether its maker is barred; a part that is not named
    is unknown. The shares stand in the incentives (metric cost_share); what they lack to 100 % is the part "other".
    """
    shares = {
        row["part"]: str(row["value"]) for row in figures(law, "MACR method", component, "cost_share", as_day(day))
    }
    rest = 100 - sum((exact(share) for share in shares.values()), ZERO)
    parts = {**shares, "other": str(float(rest))} if rest > 0 else shares
    rows = [(name, float(share), barred.get(name, "unknown")) for name, share in parts.items()]
    return pl.DataFrame(rows, schema=COST_SCHEMA, orient="row")


def carved(costs: pl.DataFrame, law: Law, program: str, component: str, year: int) -> pl.DataFrame:
    """Return costs without the inputs that a binding contract of before the day in the law exempts in that year.

    `costs` has a column contract, the day on which the inputs were bound to be bought (null: by no contract). The
    taxpayer may choose to leave such inputs out of both sides of the ratio: 26 USC 7701(a)(52)(D)(iv).
    """
    rule = figure(law, program, component, "contract_before", dt.date(year, 1, 1))
    if rule is None:
        return costs
    bound = (pl.col("contract") < dt.date.fromisoformat(rule["value_text"])).fill_null(False)
    return costs.filter(~bound)


def compared(low: Fraction, high: Fraction, compare: str, threshold: Fraction) -> Answer:
    """Say whether a share that lies between low and high is at least, or more than, a threshold."""
    reaches = (low >= threshold, high >= threshold) if compare == "at least" else (low > threshold, high > threshold)
    return "yes" if reaches[0] else "unknown" if reaches[1] else "no"


def exact(value: Fraction | float | str) -> Fraction:
    """Return a number as the fraction that its decimal text says: 0.65 is 13/20."""
    return value if isinstance(value, Fraction) else Fraction(str(value))


def percent(low: Fraction | float, high: Fraction | float) -> str:
    """Return a share, or the span of one, in words; never rounded up to the next figure."""
    least, most = (f"{int(float(share) * 1000 + 1e-9) / 10:g}" for share in (low, high))
    return f"{least} %" if least == most else f"{least} to {most} %"

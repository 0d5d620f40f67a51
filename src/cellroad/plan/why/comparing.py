"""What differs between two plans, and what is it worth?

The value of a plan is its ledger, so that the difference of two plans is that of their ledgers, part by part. Where
the chains differ, a third plan stands between them: the other chain with the decisions of the first. What it is worth
against the first is what the change of the chain does, what the second adds is what deciding anew brings.
"""

from __future__ import annotations

import datetime as dt
import html
import math
from dataclasses import dataclass

import polars as pl

from cellroad.chain.chain import Chain
from cellroad.chain.tables import TABLES, key_of, own_columns
from cellroad.chain.tell import on
from cellroad.plan.ledger import GIVEN
from cellroad.plan.result import Plan
from cellroad.plan.why.case import Case
from cellroad.plan.why.moved import decided
from cellroad.plan.why.parts import by_kind, parts
from cellroad.plan.why.target import singular
from cellroad.plan.why.tell import KINDS, dollars, per_unit

SHOWN = 8
ROUNDING = 1e-9
"""Part of the value of a plan below which a difference is none."""
KEYS = ["kind", "table", "what"]


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """How a plan differs from another; differences are the second less the first.

    npv_usd   net present value of both
    parts     kind, table, what, a_usd, b_usd, usd (discounted): where the difference comes from; sums to it
    steps     step, usd: the chain changed with decisions as they were, then decided anew; sums to the difference
    openings  kind, what, a_decided, b_decided: what is opened otherwise
    flows     table, what, a, b: quantities over the horizon that differ
    sources   stage, site, item, a_share, b_share: of the energy sold
    landed    market, a_usd_per_kwh, b_usd_per_kwh
    cells     table, key, column, a, b: what differs in the chains
    within_usd  by how much the difference may be other than between the best plans of both: what is not proven of them
    """

    npv_usd: tuple[float, float]
    parts: pl.DataFrame
    steps: pl.DataFrame
    openings: pl.DataFrame
    flows: pl.DataFrame
    sources: pl.DataFrame
    landed: pl.DataFrame
    cells: pl.DataFrame
    within_usd: float = 0.0

    @property
    def usd(self) -> float:
        """Return what the second plan is worth more than the first."""
        return self.npv_usd[1] - self.npv_usd[0]

    def text(self) -> str:
        """Return the differences in plain words."""
        return "\n".join(_lines(self))

    def _repr_html_(self) -> str:
        """Return the differences as a notebook shows them."""
        return f"<p>{'<br>'.join(html.escape(line) for line in _lines(self))}</p>{self.parts._repr_html_()}"


def compare(plan_a: Plan, plan_b: Plan) -> Comparison:
    """Return how the second plan differs from the first and what each difference is worth.

    Raises ValueError where a plan keeps no model to ask.
    """
    a, b = plan_a.case, plan_b.case
    both = _joined(ledger_parts(a), ledger_parts(b), KEYS, "usd")
    different = both.with_columns(usd=pl.col("b_usd") - pl.col("a_usd")).filter(pl.col("usd").abs() > 0)
    return Comparison(
        npv_usd=(-a.taken.cost, -b.taken.cost),
        parts=different.sort(pl.col("usd").abs(), *KEYS, descending=[True, False, False, False]),
        steps=_steps(a, b),
        openings=_openings(plan_a, plan_b),
        flows=_differing(_joined(_flows(plan_a), _flows(plan_b), ["table", "what"], "quantity")),
        sources=_differing(_joined(_sources(plan_a), _sources(plan_b), ["stage", "site", "item"], "share")),
        landed=_joined(_landed(plan_a), _landed(plan_b), ["market"], "usd_per_kwh").sort("market"),
        cells=cells(plan_a.chain, plan_b.chain),
        within_usd=sum(max(case.taken.cost - case.taken.bound, 0.0) for case in (a, b)),
    )


def ledger_parts(case: Case) -> pl.DataFrame:
    """Return all money of a plan by kind and what it is for: kind, table, what, usd (discounted); sums to its value.

    Where the plan looks at some partners only, what falls on others is told as one part.
    """
    decided_on = parts(case, case.values).select(*KEYS, "usd")
    ledger = case.model.ledger
    given = ledger.column == GIVEN
    codes = case.net.codes.sites["site"].to_list()
    rows = pl.DataFrame(
        {
            "kind": [ledger.kinds[kind] for kind in ledger.kind[given]],
            "table": ["sites"] * int(given.sum()),
            "what": [codes[place] if place >= 0 else "" for place in ledger.place[given]],
            "usd": ledger.present_usd[given],
        },
        schema={"kind": pl.String, "table": pl.String, "what": pl.String, "usd": pl.Float64},
    )
    both = pl.concat([decided_on, rows.group_by(KEYS, maintain_order=True).agg(pl.col("usd").sum())])
    rest = -case.taken.cost - float(both["usd"].sum())
    if abs(rest) <= 1e-9 * (1 + abs(case.taken.cost)):
        return both
    others = pl.DataFrame({"kind": ["others"], "table": ["partners"], "what": [""], "usd": [rest]})
    return pl.concat([both, others])


def _steps(a: Case, b: Case) -> pl.DataFrame:
    schema = {"step": pl.String, "usd": pl.Float64}
    between = decided(a, b.model)
    if between is None:
        rows = [("other chain and other decisions", a.taken.cost - b.taken.cost)]
    else:
        rows = [
            ("the chain, with the decisions as they were", a.taken.cost - between.cost),
            ("the decisions, taken anew", between.cost - b.taken.cost),
        ]
    return pl.DataFrame(rows, schema=schema, orient="row")


def _joined(a: pl.DataFrame, b: pl.DataFrame, keys: list[str], value: str) -> pl.DataFrame:
    """Return a value of two plans side by side, nothing where one has none."""
    return (
        a.rename({value: f"a_{value}"})
        .join(b.rename({value: f"b_{value}"}), on=keys, how="full", coalesce=True, nulls_equal=True)
        .with_columns(pl.col(f"a_{value}", f"b_{value}").fill_null(0.0))
    )


def _differing(frame: pl.DataFrame) -> pl.DataFrame:
    """Keep rows whose two values, the last columns, differ by more than a millionth; the most changed first."""
    one, other = frame.columns[-2:]
    apart = (pl.col(one) - pl.col(other)).abs()
    kept = frame.filter(apart > 1e-6 * pl.max_horizontal(pl.col(one).abs(), pl.col(other).abs()))
    return kept.sort(apart, *frame.columns[:-2], descending=[True, *[False] * (frame.width - 2)])


def _openings(a: Plan, b: Plan) -> pl.DataFrame:
    keys = ["kind", "what", "name", "number"]

    def numbered(plan: Plan, name: str) -> pl.DataFrame:
        number = pl.int_range(pl.len()).over("kind", "what")
        return plan.openings.with_columns(number=number).select(*keys, pl.col("decided").alias(name))

    both = numbered(a, "a_decided").join(numbered(b, "b_decided"), on=keys, how="full", coalesce=True, nulls_equal=True)
    differs = both.filter(pl.col("a_decided").ne_missing(pl.col("b_decided")))
    return differs.sort("kind", "what").drop("number")


def _flows(plan: Plan) -> pl.DataFrame:
    sold = pl.format("{} at {} with {}", "want", "market", "item")
    flows = [
        plan.purchases.select(pl.lit("offers").alias("table"), what="offer", quantity="quantity"),
        plan.production.select(pl.lit("processes").alias("table"), what="process", quantity="good"),
        plan.shipments.select(pl.lit("lanes").alias("table"), what="lane", quantity="quantity"),
        plan.sales.select(pl.lit("demand").alias("table"), what=sold, quantity="quantity"),
    ]
    return pl.concat(flows).group_by("table", "what", maintain_order=True).agg(pl.col("quantity").sum())


def _sources(plan: Plan) -> pl.DataFrame:
    sold = float(plan.sales["kwh"].sum()) or 1.0
    made = plan.origins.group_by("stage", "site", "item", maintain_order=True).agg(pl.col("kwh").sum())
    return made.select("stage", "site", "item", share=pl.col("kwh") / sold)


def _landed(plan: Plan) -> pl.DataFrame:
    usd = plan.landed.group_by("market").agg(pl.col("usd").sum())
    kwh = plan.sales.group_by("market").agg(pl.col("kwh").sum()).filter(pl.col("kwh") > 0)
    return kwh.join(usd, on="market").select("market", usd_per_kwh=pl.col("usd") / pl.col("kwh"))


ASIDE = ("scenarios", "changes")


def cells(a: Chain, b: Chain) -> pl.DataFrame:
    """Return which cells differ between two chains: table, key, column, a, b; a row of one only has no column.

    What scenarios of them would change is no part of either.
    """
    schema = dict.fromkeys(("table", "key", "column", "a", "b"), pl.String)
    found = [pl.DataFrame(schema=schema)]
    for table, declared in TABLES.items():
        one, other = a.tables[table], b.tables[table]
        if table in ASIDE or one.equals(other):
            continue
        keys = key_of(declared)
        told = pl.concat_str([pl.col(key).cast(pl.String).fill_null("") for key in keys], separator="|").alias("key")
        first, second = (frame.select(told, pl.all().cast(pl.String)) for frame in (one, other))
        for mine, theirs, side in ((first, second, "a"), (second, first, "b")):
            alone = mine.join(theirs, on="key", how="anti")
            row = alone.select(pl.lit(table).alias("table"), "key", pl.lit("").alias("column"))
            there, gone = pl.lit("a row").alias(side), pl.lit("").alias("b" if side == "a" else "a")
            found.append(row.with_columns(there, gone).select(list(schema)))
        both = first.join(second, on="key", suffix=" of b", maintain_order="left")
        for column in own_columns(declared):
            if column not in keys:
                differs = both.filter(pl.col(column).ne_missing(pl.col(f"{column} of b")))
                found.append(
                    differs.select(
                        pl.lit(table).alias("table"), "key", pl.lit(column).alias("column"),
                        a=pl.col(column).fill_null(""), b=pl.col(f"{column} of b").fill_null(""),
                    )
                )  # fmt: skip
    return pl.concat(found)


def _lines(it: Comparison) -> list[str]:
    first, second = it.npv_usd
    small = ROUNDING * max(abs(first), abs(second), 1.0)
    if abs(it.usd) <= small:
        lines = [f"Both plans are worth the same, {dollars(first)}."]
    else:
        way = "more" if it.usd > 0 else "less"
        lines = [
            f"The first plan is worth {dollars(first)}, the second {dollars(second)}: {dollars(abs(it.usd))} {way}"
            + (f" (give or take {dollars(it.within_usd)})." if 0.01 * abs(it.usd) < it.within_usd < math.inf else ".")
        ]
    if it.cells.height:
        count = it.cells.height
        lines.append("One cell of their chains differs:" if count == 1 else f"{count} cells of their chains differ:")
        lines += _cells(it.cells)
    steps = [(step, usd) for step, usd in it.steps.iter_rows() if it.steps.height > 1 and abs(usd) > small]
    lines += [f"  {_signed(usd)} by {step}" for step, usd in steps]
    kinds = [(kind, usd) for kind, usd in by_kind(it.parts).iter_rows() if abs(usd) > small]
    if kinds:
        lines.append("By kind of money:")
        lines += [f"  {KINDS.get(kind, kind)} {_signed(usd)}" for kind, usd in kinds]
    largest = it.parts.filter(pl.col("usd").abs() > small).head(SHOWN)
    if largest.height:
        lines.append("The largest single differences:" if kinds else "What moves, and comes to nothing in all:")
        lines += [
            f"  {singular(row['table'])} {row['what']}, {KINDS.get(row['kind'], row['kind'])}: {_signed(row['usd'])}"
            for row in largest.iter_rows(named=True)
        ]
    for row in it.openings.iter_rows(named=True):
        lines.append(f"{row['name'] or row['what']}: {_when(row['a_decided'])} → {_when(row['b_decided'])}")
    for row in it.landed.iter_rows(named=True):
        one, other = per_unit(row["a_usd_per_kwh"]), per_unit(row["b_usd_per_kwh"])
        if one != other:
            lines.append(f"Landed at {row['market']}: {one} → {other} per kWh")
    return lines


def _cells(cells: pl.DataFrame) -> list[str]:
    """Return which cells differ, those of one column as one line where there are many."""
    if cells.height <= SHOWN:
        return [f"  {_cell(row)}" for row in cells.iter_rows(named=True)]
    lines = []
    for (table, column), rows in cells.group_by("table", "column", maintain_order=True):
        first = rows.row(0, named=True)
        if rows.height == 1:
            lines.append(f"  {_cell(first)}")
        else:
            of = f" of {column}" if column else ""
            lines.append(f"  {rows.height} {'cells' if column else 'rows'}{of} in {table}, such as {_cell(first)}")
    return [*lines[:SHOWN], *([f"  … and {len(lines) - SHOWN} more columns"] if len(lines) > SHOWN else [])]


def _cell(row: dict[str, str]) -> str:
    if not row["column"]:
        return f"{row['table']} {row['key']}: {'only in the first' if row['a'] else 'only in the second'}"
    return f"{row['table']} {row['key']}, {row['column']}: {_short(row['a'])} → {_short(row['b'])}"


def _short(value: str) -> str:
    """Return a cell as people read it: numbers without the noise of their last places."""
    try:
        return f"{float(value):,.10g}" if "." in value else value or "–"
    except ValueError:
        return value


def _when(day: dt.date | None) -> str:
    return "not opened" if day is None else f"decided {on(day)}"


def _signed(usd: float) -> str:
    return ("+" if usd >= 0 else "−") + dollars(abs(usd))

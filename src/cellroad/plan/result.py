"""The answer of a plan: small frames that a person can read, filter and add up.

Every frame that has a `period` also has `start`, the first day of that period, so that frames can be shown without
a join. Quantities are in the unit of the item, money is nominal US dollars undiscounted unless the column says so.

    periods      period, start, end (last day), months, label ("2027-01", "2029 Q1"), discount
    purchases    offer, site, item, period, start, order_by, quantity, price_usd, cost_usd, rebate_usd (what tiers take
                 off) and not_taken_usd (what contracts on the offer cost beside the price), both spread by quantity
    contracts    contract, offer, site, item, status (signed, sign, do not sign), year, start, end (of the year, within
                 term and horizon), taken, minimum, maximum, not_taken (paid instead), price_usd (mean), not_taken_usd,
                 made_up (taken beyond the minimum for what was paid before), made_up_usd (what came back for it),
                 prepaid_usd (at signing, in the first year), credited_usd
    sourcing     rule, year, source, measure, quantity (in the measure), total (from all sources), min_share, max_share,
                 min_sources, holds (its contract is signed, or it has none), start, end, share, minimum, maximum (of
                 the days on which it holds), named (the rule limits this source)
    tiers        offer, per (year, period), kind, start, end, quantity, tier (0: none reached), from_quantity,
                 price_usd (of the tier reached), rebate_usd
    production   process, site, item, resource, period, start, runs, good, hours, cost_usd (conversion), credit_usd
    consumption  process, site, item (input), period, start, quantity
    shipments    lane, origin, destination, item, period, start (of departure), arrival_period (null: after the
                 horizon), arrival, quantity, freight_usd, duty_usd, fees_usd, insurance_usd, duty_share
    loads        lane, cargo (any; general and dangerous where they travel apart; with dangerous: those containers of
                 any that hold some), period, start, kg, dg_kg, litres (of what is known), filled (containers that
                 the load fills), containers and freight_usd (where they are paid as a whole, else null)
    inventory    site, item, period, start, quantity (at the end of the period), value_usd, holding_usd
    sales        market, want, segment, item, period, start (of delivery), quantity (wants), units (of the item), kwh,
                 price_usd, revenue_usd, wanted_period, late_usd (allowed for being late)
    shortages    market, want, segment, period, start, wanted, quantity (not served), penalty_usd
    openings     kind (option, closure, certificate), what (option, closure or item), name, site, resource, decided
                 (date), ready (date; of a closure the first day without production), cost_usd, residual_usd, planned
                 (ready without the delay that is counted), ends (from when it is closed or lapsed; null: not),
                 recovered_usd, standard and cell (of a certificate)
    capacity     resource, site, period, start, hours_available, hours_used, use_share
    cash         kind, period, start, usd (income positive), discounted_usd
    landed       market, item, period, start, kind (purchase, opening, make, fixed, freight, duty, fees,
                 insurance, holding, credit), usd, kwh, usd_per_kwh
    emissions    scope (embodied: of what is bought; process; transport), what (offer, process or lane), site and item
                 (the goods, and where they come to be), period, start, arrival_period (when they are there; null: after
                 the horizon), kg (CO2e; null: not known), basis, usd (what it costs)
    footprint    market, item, period, start, kind (opening, embodied, process, transport), kg (CO2e that is known of
                 what is sold), kwh, kg_per_kwh
    origins      market, how (bought, made, on hand at the start), site and item (where and what that was), stage,
                 period, start, kwh (of the sale that carries it)
    ends         what (stock, transit, plant), where, item, quantity, usd (value at the end, undiscounted)
    credits      process, site, item, taxpayer, credit, program, component, year (of making), made (good units), units
                 (that are sold and earn in the year), next_units (that do so in the next), usd and next_usd (what they
                 earn), lost_usd (what the others would have earned), usd_per_unit, cost_share, ratio (of allowed
                 material cost, over all with the same group), least_share, group, answer (all told), because,
                 confidence
    materials    process, site, credit, program, component, year, input, quantity, usd (standard cost), barred (yes, no,
                 unknown), allowed (how it counts): what claims with a ratio or on cost took in
    accounts, partner_cash, values, transfers: who earns what (plan/partners/accounts.py)
    arrivals     arrival, lane, site, item, period, start, quantity, due_usd: what came whatever was decided
    coproducts   process, site, item, period, start, quantity: what came out beside the item of a process
    returned     market, item (sold), site, returned (item), period, start (of arrival), quantity, cost_usd
    substitutions  process, site, instead_of, item, period, start, replaced (units of the input), quantity, cost_usd
    scrapped     site, item, period, start, reason (expired, unused, lost; missing: planned to be
                 there, and is not), quantity, cost_usd: what left unsold
    reserves     site, item, period, start, min_units, min_days, held, below (the least stock), penalty_usd
    ages         site, item, period, start, made (day), quantity (held), age_months, shelf_months: stock that can expire
    bans         ban, binds, segment, border, item, answer, counts (barred, allowed), valid_from, valid_to, wants (of
                 the segment on those days, which the item may not serve where barred; null at a border), because,
                 confidence
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields

import polars as pl

from cellroad.chain.chain import Chain
from cellroad.plan.why.basis import Basis
from cellroad.plan.why.questions import Questions

CASH_KINDS = (
    "revenue", "credit", "purchase", "margin", "rebate", "not_taken", "prepayment", "make", "freight", "duty", "fees",
    "insurance", "carbon", "holding", "fixed", "capex", "closing", "recovered", "certificate", "scrap", "late",
    "drawback", "tax", "end_stock", "end_plant", "penalty",
)  # fmt: skip
"""Kinds of cash; `rebate` is what tiers take off prices, `not_taken` is paid under a contract for what was not taken,
less what was made up, `prepayment` is paid at signing and credited later; `purchase` holds what is due on arrivals and
paid for returns, too, and `late` what customers are allowed for waiting; `penalty` is not money but the price of a
shortage or of stock below the least, `end_*` is value left at the horizon."""

CARBON_KINDS = ("opening", "embodied", "process", "transport")
"""Kinds of emissions of what is sold; `opening` is what stock on hand at the start had emitted before."""

COST_KINDS = (
    "purchase", "rebate", "not_taken", "opening", "make", "fixed", "freight", "duty", "fees", "insurance", "carbon",
    "holding", "credit",
)  # fmt: skip
"""Kinds of landed cost; `rebate` is what tiers take off prices (negative where they do), `not_taken` what contracts
cost beside the price (minima paid, prepayments lost), `opening` is stock on hand at its book value, `credit` is what
the maker earned (negative, so that landed cost is after credits); investment is told beside it."""


@dataclass(frozen=True, slots=True)
class Solution:
    """How the plan was found: every status and tolerance that the solver knows."""

    status: str
    objective_usd: float
    bound_usd: float
    gap: float
    seconds: float
    columns: int
    rows: int
    nonzeros: int
    integers: int
    nodes: int
    strong_rows: int
    solver: str


@dataclass(frozen=True, slots=True)
class Plan(Questions):
    """What to do: frames as listed in the module, with the chain they answer for and how they were found.

    `remarks` says what had to be assumed on the way, in words; `basis` is what it needs to answer questions
    (`why`, `sensitivity` …), None in a plan that was put together from frames alone.
    """

    chain: Chain
    solution: Solution
    remarks: tuple[str, ...]
    periods: pl.DataFrame
    purchases: pl.DataFrame
    production: pl.DataFrame
    consumption: pl.DataFrame
    shipments: pl.DataFrame
    loads: pl.DataFrame
    inventory: pl.DataFrame
    sales: pl.DataFrame
    shortages: pl.DataFrame
    openings: pl.DataFrame
    capacity: pl.DataFrame
    cash: pl.DataFrame
    landed: pl.DataFrame
    origins: pl.DataFrame
    emissions: pl.DataFrame
    footprint: pl.DataFrame
    ends: pl.DataFrame
    credits: pl.DataFrame
    materials: pl.DataFrame
    bans: pl.DataFrame
    accounts: pl.DataFrame
    partner_cash: pl.DataFrame
    values: pl.DataFrame
    transfers: pl.DataFrame
    arrivals: pl.DataFrame
    coproducts: pl.DataFrame
    returned: pl.DataFrame
    substitutions: pl.DataFrame
    scrapped: pl.DataFrame
    reserves: pl.DataFrame
    ages: pl.DataFrame
    basis: Basis | None = None
    contracts: pl.DataFrame = field(default_factory=pl.DataFrame)
    tiers: pl.DataFrame = field(default_factory=pl.DataFrame)
    sourcing: pl.DataFrame = field(default_factory=pl.DataFrame)

    def frames(self) -> dict[str, pl.DataFrame]:
        """Return every frame of the plan by name."""
        named = {f.name: getattr(self, f.name) for f in fields(self)}
        return {name: frame for name, frame in named.items() if isinstance(frame, pl.DataFrame)}

    def _repr_html_(self) -> str:
        """Return the summary as a notebook shows it."""
        return self.summary()._repr_html_()

    def summary(self) -> pl.DataFrame:
        """Return the dozen figures that a planner asks for first: figure, value, unit."""
        total = {str(kind): float(usd) for kind, usd in self.cash.group_by("kind").agg(pl.col("usd").sum()).iter_rows()}
        kwh = float(self.sales["kwh"].sum())
        landed = float(self.landed["usd"].sum())
        wanted = float(self.shortages["wanted"].sum())
        short = float(self.shortages["quantity"].sum())
        rows = [
            ("net present value", float(self.cash["discounted_usd"].sum()), "USD"),
            ("revenue", total.get("revenue", 0.0), "USD"),
            ("tax credits", total.get("credit", 0.0), "USD"),
            ("purchases", -total.get("purchase", 0.0), "USD"),
            ("freight", -total.get("freight", 0.0), "USD"),
            ("duty and fees", -total.get("duty", 0.0) - total.get("fees", 0.0), "USD"),
            ("investment", -total.get("capex", 0.0), "USD"),
            ("energy sold", kwh, "kWh"),
            ("landed cost", landed / kwh if kwh else float("nan"), "USD/kWh"),
            ("demand served", 1 - short / wanted if wanted else float("nan"), "share"),
            ("options taken", float(self.openings.filter(pl.col("kind") == "option").height), ""),
            ("gap", self.solution.gap, "share"),
            ("time to solve", self.solution.seconds, "s"),
        ]
        return pl.DataFrame(rows, schema={"figure": pl.String, "value": pl.Float64, "unit": pl.String}, orient="row")

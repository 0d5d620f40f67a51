"""`plan`: what to buy, build, make, ship and hold, where and when.

tables -> network (only what can serve a customer) -> sparse model -> HiGHS -> frames.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import polars as pl

from cellroad.chain.chain import Chain
from cellroad.chain.currencies import in_usd
from cellroad.plan import costing, emissions, readout
from cellroad.plan.kernel import Model
from cellroad.plan.model import build
from cellroad.plan.network.network import UNBOUND, Network, expand
from cellroad.plan.network.worth import finite
from cellroad.plan.partners import accounts, tax
from cellroad.plan.periods import make_periods
from cellroad.plan.result import Plan, Solution
from cellroad.plan.solving.branching import Branching
from cellroad.plan.solving.cutting import Outline
from cellroad.plan.solving.rounding import Rounding
from cellroad.plan.solving.solve import Strategy, solve
from cellroad.plan.solving.strong import Strengthener
from cellroad.plan.solving.triangles import triangles
from cellroad.plan.solving.watching import Limits, NoPlanError, Outcome, Progress, Watch, gap_of
from cellroad.plan.transport import containers
from cellroad.plan.why.basis import Basis
from cellroad.plan.why.infeasible import clash_of
from cellroad.rules.eligibility import Eligibility
from cellroad.rules.law import Law

__all__ = ["NoPlanError", "Progress", "plan"]


def plan(
    chain: Chain,
    *,
    law: Law | None = None,
    rules: Eligibility | None = None,
    gap: float = 1e-3,
    time_limit: float = 60.0,
    seed: int = 0,
    threads: int = 2,
    progress: Callable[[Progress], bool] | None = None,
) -> Plan:
    """Return the plan of largest net present value for a chain that has passed its check.

    law         the law that binds it; without one, what ships with the package
    rules       what that law allows, where it has been worked out before (`allowed`)
    gap         relative distance to the proven bound at which the search may stop
    time_limit  seconds after which the best plan so far is returned
    seed        makes a run repeatable together with `threads`
    progress    called a few times a second; returning False stops with the best plan so far

    Raises ChainError where settings cannot be read and NoPlanError where no plan was found (its `why()` says
    what stands against one).
    """
    watch: Watch = progress or (lambda _: True)
    watch(Progress("expand", 0.0))
    net = expand(chain, allowed(chain, law) if rules is None else rules)
    watch(Progress("build", 0.0))
    model = build(net)
    try:
        outcome = solve(
            model,
            strategy=strategy_of(net, model),
            limits=Limits(gap, time_limit, seed, threads),
            watch=watch,
        )
    except NoPlanError as none:
        none.why = lambda: clash_of(net, model)
        raise
    return read(net, model, outcome)


def strategy_of(net: Network, model: Model) -> Strategy:
    """Return what the search has to know of the decisions of a network."""
    strong, rounding, month = Strengthener(net, model), Rounding(net), net.periods.first_month[:-1]
    if _comes_otherwise(net.chain):  # ceilings ask for goods sold when they are wanted, and made as what they are
        return Strategy(strong.broken, Branching(model), rounding)
    weight = (1.0 + net.settings.discount_per_year) ** (-month / 12)
    outline = Outline(
        ceilings=strong.ceilings,
        undertakings=[group for u in rounding.undertakings for group in (u.starts[:, None] if u.again else [u.starts])],
        inside=rounding.inside(),
        month=month,
        weight=weight,
        alone=_longest(net),
        triangles=lambda span: triangles(strong.deliveries, span, weight),
    )
    return Strategy(strong.broken, Branching(model), rounding, outline)


def _longest(net: Network) -> int:
    """Return the most periods that goods are under way, as far as a quarter."""
    late = net.lands.join(net.ships.select("ship", "period"), on="ship").select(pl.col("to") - pl.col("period"))
    return int(np.clip(late.to_series().to_numpy().max(initial=0), 0, 3))


def _comes_otherwise(chain: Chain) -> bool:
    """Say whether customers wait, or goods come otherwise than by purchase, process and lane."""
    others = (chain.substitutes, chain.coproducts, chain.returns, chain.pipeline)
    waits = chain.demand.filter(pl.col("late_months") > 0)
    return waits.height > 0 or any(table.height > 0 for table in others)


def allowed(chain: Chain, law: Law | None = None) -> Eligibility:
    """Return what a law allows to a chain over its horizon; a chain that names no partners is not judged."""
    if chain.partners.is_empty():
        return UNBOUND
    from cellroad.rules.eligibility import eligibility
    from cellroad.rules.law import shipped
    from cellroad.rules.status import register

    periods = make_periods(chain.plan_settings())
    chain = in_usd(chain)
    known = register(chain, law or shipped())
    last = periods.end - dt.timedelta(days=1)
    return eligibility(chain, known.law, known.verdict, known.related, periods.start, last)


def _opening(net: Network) -> pl.DataFrame:
    """Return what is there without a decision, at its book value less what is still due: site, item, period, quantity,
    usd."""
    places = ["node", "site", "item"]
    on_hand = net.nodes.filter(pl.col("on_hand") > 0).select(
        *places, quantity="on_hand", period=pl.lit(0, dtype=pl.Int64), due=pl.lit(0.0)
    )
    coming = net.goods.arrivals.select(*places, "quantity", "period", due=pl.col("quantity") * pl.col("due_usd"))
    opening = pl.concat([on_hand, coming])
    book = pl.Series(finite(net.worth[opening["node"], opening["period"]]), dtype=pl.Float64)
    return opening.with_columns(usd=(pl.col("quantity") * book - pl.col("due")).clip(0.0))


def _settled(net: Network, model: Model, outcome: Outcome) -> Outcome:
    """Return what was found without containers that nothing fills, and with the least tax that is due."""
    loaded = containers.filled(model, outcome.values)
    values = tax.settled(net, model, loaded)
    if (loaded == outcome.values).all():
        return replace(outcome, values=values)
    objective = min(outcome.objective + float(model.cost @ (outcome.values - values)), outcome.bound)
    return replace(outcome, values=values, objective=objective, gap=gap_of(outcome.bound, objective))


def read(net: Network, model: Model, outcome: Outcome, lost: pl.DataFrame | None = None) -> Plan:
    """Return a plan from what the solver found; `lost` is what is written off beside it, as rows of `scrapped`."""
    outcome = _settled(net, model, outcome)
    found = readout.frames(net, model, outcome.values)
    if lost is not None and lost.height:
        found["scrapped"] = pl.concat([found["scrapped"], lost.select(found["scrapped"].columns)])
    found["emissions"] = emissions.told(net, found)
    taken = readout.taken_starts(net, model.columns["start"].of(outcome.values))
    fixed = readout.fixed_cost(net, taken)
    pools = costing.cost_pools(net.chain, found, _opening(net), fixed)
    whose = accounts.frames(net, model, outcome.values)
    solution = Solution(
        status=outcome.status,
        objective_usd=outcome.objective,
        bound_usd=outcome.bound,
        gap=outcome.gap,
        seconds=outcome.seconds,
        columns=model.cost.size,
        rows=model.row_lower.size,
        nonzeros=model.matrix.nnz,
        integers=int(model.whole.sum()),
        nodes=outcome.nodes,
        strong_rows=outcome.strong_rows,
        solver="HiGHS",
    )
    return Plan(
        chain=net.chain,
        solution=solution,
        remarks=net.remarks + accounts.remarks(net, whose["transfers"]) + tax.remarks(net),
        cash=readout.cash(net, model, outcome.values),
        landed=costing.landed(found, pools),
        origins=costing.origins(found, pools),
        basis=Basis.of(net.rules, model, outcome),
        **whose,
        footprint=costing.footprint(found, pools),
        **found,
    )

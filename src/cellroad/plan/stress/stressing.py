"""Does a plan hold? The same plan in thousands of futures, day by day.

    stress(plan)            how it fares under the risks of its chain
    stress([plan, other])   two plans in the same futures

Every number of a future comes from seed, number of the future and name of the risk alone, so that a future is the same
whatever the batch, the number of workers or the machine, and the same for two plans of one chain.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, overload

import numpy as np
import polars as pl

from cellroad.plan.result import Plan
from cellroad.plan.stochastic.executor import Cluster, Executor
from cellroad.plan.stress.arrays import Floats, Law
from cellroad.plan.stress.batches import BATCH, Outcomes, Run, Threads
from cellroad.plan.stress.collecting import MEASURES, Collected, fanned, measured, served
from cellroad.plan.stress.policy import SWITCH_DAYS, Operated, operate
from cellroad.plan.stress.recovery import recovery
from cellroad.plan.stress.result import SHARES, TAIL, Stress
from cellroad.plan.stress.uncertain import Uncertain, uncertain

DRIVER_DRAWS = 100
"""Futures in which each risk is let act alone, and left out, where nothing else is said."""
NOT_SIMULATED = (
    "loss in storage, limits and least shipments by mass and payment terms are not simulated; contracts, rebates, "
    "options and closures stay as planned"
)
FANS = (0.05, 0.25, 0.5, 0.75, 0.95)


@dataclass(frozen=True)
class Progress:
    """How far a stress test has come: phase, futures done and asked, mean value so far."""

    phase: str
    done: int
    draws: int
    mean_usd: float | None = None


Watch = Callable[[Progress], bool]


@overload
def stress(
    plan: Plan, draws: int = ..., seed: int = ..., *, stock: pl.DataFrame | None = ..., switch_days: int = ...,
    drivers: int = ..., progress: Watch | None = ..., workers: int | None = ..., cluster: str | None = ...,
    executor: Executor | None = ...,
) -> Stress: ...  # fmt: skip
@overload
def stress(
    plan: Sequence[Plan], draws: int = ..., seed: int = ..., *, stock: pl.DataFrame | None = ...,
    switch_days: int = ..., drivers: int = ..., progress: Watch | None = ..., workers: int | None = ...,
    cluster: str | None = ..., executor: Executor | None = ...,
) -> list[Stress]: ...  # fmt: skip
def stress(
    plan: Plan | Sequence[Plan],
    draws: int = 10_000,
    seed: int = 1,
    *,
    stock: pl.DataFrame | None = None,
    switch_days: int = SWITCH_DAYS,
    drivers: int = DRIVER_DRAWS,
    progress: Watch | None = None,
    workers: int | None = None,
    cluster: str | None = None,
    executor: Executor | None = None,
) -> Stress | list[Stress]:
    """Return how a plan fares in so many futures drawn from the risks of its chain; of several plans, each.

    draws        futures
    seed         what they come from
    stock        site, item, safety_stock (units) held above what the plan holds: `cellroad.stock(chain).held()`
    switch_days  days that something must be missing before another vendor, process or lane is called in
    drivers      futures in which each risk is let act alone and left out, to tell what drives the loss; 0: not told
    progress     called with a `Progress`; returning False stops with the futures that are done
    workers      cores; None: all
    cluster      address of a Ray cluster ("ray://...", "auto"), which does the work instead
    executor     who does the work instead (`plan/stochastic/executor.py`); it is not closed

    Raises ValueError for fewer than two draws, and NoCompilerError where Numba is missing.
    """
    if draws < 2:
        raise ValueError("a stress test needs at least two draws")
    plans = [plan] if isinstance(plan, Plan) else list(plan)
    watch = progress or (lambda _: True)
    watch(Progress("prepare", 0, draws))
    ready = [_Prepared.of(each, stock, switch_days, seed) for each in plans]
    own = executor is None
    who = executor or (_joined(cluster) if cluster else Threads(workers))
    try:
        found = _run(ready, draws, drivers, who, watch)
    finally:
        if own:
            who.close()
    return found[0] if isinstance(plan, Plan) else found


def _joined(address: str) -> Executor:
    """Join a Ray cluster. Raises ValueError where Ray is missing or nothing answers at the address."""
    try:
        import ray
    except ImportError:
        raise ValueError('a cluster needs Ray: pip install "cellroad[cluster,stress]"') from None
    if not ray.is_initialized():
        try:
            ray.init(address=address, log_to_driver=False)
        except (ConnectionError, RuntimeError) as error:
            raise ValueError(f"no Ray cluster answers at {address!r}: {error}") from None
    return Cluster()


@dataclass(frozen=True)
class _Prepared:
    operated: Operated
    known: Uncertain
    seed: int

    @classmethod
    def of(cls, plan: Plan, stock: pl.DataFrame | None, switch_days: int, seed: int) -> _Prepared:
        operated = operate(plan, stock, switch_days)
        return cls(operated, uncertain(operated), seed)

    @property
    def payload(self) -> tuple[object, ...]:
        return self.operated.built.system, self.known.links, self.known.law, self.seed

    @property
    def law(self) -> Law:
        return self.known.law

    def collected(self) -> Collected:
        s = self.operated.built.system
        return Collected(s.base.shape[1], int(s.month[-1]) + 1, self.operated.fixed_usd, self.operated.fixed_cost_usd)


def _run(ready: list[_Prepared], draws: int, each: int, who: Executor, watch: Watch) -> list[Stress]:
    """Run all plans in the same futures, so many batches at a time as there are workers."""
    size = int(getattr(who, "size", 1))
    who.start(Run, [prepared.payload for prepared in ready for _ in range(size)])
    kept = [prepared.collected() for prepared in ready]
    watch(Progress("compile", 0, draws))
    who.call("futures", {0: (0, 1)})
    firsts = list(range(0, draws, BATCH))
    for n in range(0, len(firsts), size):
        now = [(first, min(first + BATCH, draws)) for first in firsts[n : n + size]]
        asked = {p * size + w: ends for p in range(len(ready)) for w, ends in enumerate(now)}
        answers: dict[int, Outcomes] = who.call("futures", asked)
        for w, (first, _) in enumerate(now):
            base: Floats | None = None
            for p, into in enumerate(kept):
                values = into.add(answers[p * size + w], first, base)
                base = values if base is None else base
        if not watch(Progress("futures", kept[0].count, draws, float(kept[0].mean[0]))):
            break
    watch(Progress("risks one by one", kept[0].count, draws))
    drivers = [_drivers(prepared, p, size, each, who) for p, prepared in enumerate(ready)]
    watch(Progress("sites one by one", kept[0].count, draws))
    return [
        _result(prepared, into, drivers[p], p > 0) for p, (prepared, into) in enumerate(zip(ready, kept, strict=True))
    ]


def _drivers(prepared: _Prepared, p: int, size: int, each: int, who: Executor) -> pl.DataFrame:
    """Return what each risk does to the value: alone, and by how much all is better without it, in the same futures."""
    risks = prepared.known.risks
    count = risks.height if each else 0
    none, every = [False] * count, [True] * count
    cases = [none, every]
    for k in range(count):
        cases += [[j == k for j in range(count)], [j != k for j in range(count)]]
    values: list[Floats] = []
    for n in range(0, len(cases) if count else 0, size):
        now = cases[n : n + size]
        answers = who.call("futures", {p * size + w: (0, each, on) for w, on in enumerate(now)})
        fixed = prepared.operated.fixed_usd, prepared.operated.fixed_cost_usd
        values += [measured(answers[p * size + w], *fixed)[:, 0] for w in range(len(now))]
    rows = []
    for k, (risk, kind, target, _) in enumerate(risks.head(count).iter_rows()):
        alone, without = values[2 + 2 * k] - values[0], values[3 + 2 * k] - values[1]
        rows.append((risk, kind, target, *_mean(alone), *_mean(without), each))
    names: dict[str, Any] = dict.fromkeys(("risk", "kind", "target"), pl.String)
    told: dict[str, Any] = dict.fromkeys(("alone_usd", "alone_error", "without_usd", "without_error"), pl.Float64)
    frame = pl.DataFrame(rows, schema=names | told | {"futures": pl.Int64}, orient="row")
    return frame.sort(pl.col("without_usd").abs(), descending=True)


def _mean(values: Floats) -> tuple[float, float]:
    return float(values.mean()), float(values.std(ddof=min(1, values.size - 1)) / np.sqrt(values.size))


def _result(prepared: _Prepared, kept: Collected, drivers: pl.DataFrame, paired: bool) -> Stress:
    operated = prepared.operated
    still = Run(prepared.payload).futures(0, 1, [False] * prepared.known.risks.height)  # type: ignore[arg-type]
    told = Stress(
        plan=operated.plan,
        draws=kept.count,
        seed=prepared.seed,
        measures=_measures(prepared, kept, still),
        service=_service(prepared, kept, still),
        fans=_fans(prepared, kept, still),
        drivers=drivers,
        sites=recovery(operated),
        worst=pl.DataFrame(schema={"rank": pl.Int64, "draw": pl.Int64, "value_usd": pl.Float64, "story": pl.String}),
        against=_against(kept) if paired else pl.DataFrame(schema={"measure": pl.String, "value": pl.Float64}),
        rank_error=kept.quantiles.rank_error,
        fan_error=kept.fans.rank_error,
        imbalance=kept.imbalance,
        remarks=(*operated.remarks, NOT_SIMULATED),
        operated=operated,
        uncertain=prepared.known,
    )
    rows = [(n, draw, usd, told.story(draw).words) for n, (draw, usd) in enumerate(kept.worst_draws(), start=1)]
    return replace(told, worst=pl.DataFrame(rows, schema=told.worst.schema, orient="row"))


def _measures(prepared: _Prepared, kept: Collected, still: Outcomes) -> pl.DataFrame:
    operated, size = prepared.operated, len(MEASURES)
    at = kept.quantiles.at(list(SHARES))[:, :size]
    low, high = kept.quantiles.tail_mean(TAIL)[:size], kept.quantiles.tail_mean(1 - TAIL)[:size]
    dear = (kept.mean[:size] - (1 - TAIL) * high) / TAIL
    tail = np.where([name == "value_usd" or name in ("kwh", "revenue_usd") for name in MEASURES], low, dear)
    calm = measured(still, operated.fixed_usd, operated.fixed_cost_usd)[0]
    columns = {
        "measure": list(MEASURES), "planned": _planned(operated), "calm": calm, "mean": kept.mean[:size],
        "deviation": kept.deviation[:size], "mean_error": kept.deviation[:size] / np.sqrt(kept.count),
        **{f"p{round(100 * share):02d}": at[n] for n, share in enumerate(SHARES)}, "tail_mean": tail,
        "unit": ["USD/kWh" if name.endswith("kwh") and name != "kwh" else name[-3:].upper().replace("KWH", "kWh")
                 for name in MEASURES],
    }  # fmt: skip
    return pl.DataFrame(columns)


def _planned(operated: Operated) -> list[float]:
    """Return the measures as the plan has them."""
    plan = operated.plan
    usd = {str(kind): float(total) for kind, total in plan.cash.group_by("kind").agg(pl.col("usd").sum()).iter_rows()}
    kwh = float(plan.sales["kwh"].sum())
    made = -usd.get("make", 0.0) - usd.get("credit", 0.0)
    freight = -usd.get("freight", 0.0) - usd.get("insurance", 0.0)
    duty = -usd.get("duty", 0.0) - usd.get("fees", 0.0)
    bought, held, late = (-usd.get(kind, 0.0) for kind in ("purchase", "holding", "late"))
    scrap = float(plan.scrapped.filter(pl.col("reason") == "expired")["cost_usd"].sum())
    cost = bought + made + freight + duty + held + late + scrap + operated.fixed_cost_usd
    value = float(plan.cash["discounted_usd"].sum())
    each = [usd.get("revenue", 0.0), bought, made, freight, duty, held, -usd.get("penalty", 0.0), scrap]
    return [value, cost / kwh if kwh else float("nan"), kwh, *each]


def _service(prepared: _Prepared, kept: Collected, still: Outcomes) -> pl.DataFrame:
    rows, first = prepared.operated.rows.height, len(MEASURES)
    at = kept.quantiles.at([0.05, 0.5, 0.95])
    calm = served(still)[0]
    fill, days, lost = (slice(first + n * rows, first + (n + 1) * rows) for n in range(3))
    keys = ["market", "want", "segment"]
    planned = prepared.operated.plan.shortages.group_by(keys).agg(
        wanted=pl.col("wanted").sum(), planned=1 - pl.col("quantity").sum() / pl.col("wanted").sum()
    )
    told = {
        "calm": calm[:rows], "fill": kept.mean[fill], "fill_p05": at[0, fill], "fill_p50": at[1, fill],
        "fill_p95": at[2, fill], "service_level": kept.mean[days], "service_p05": at[0, days], "lost": kept.mean[lost],
        "short": kept.short / max(kept.count, 1),
    }  # fmt: skip
    return prepared.operated.rows.join(planned, on=keys, how="left", maintain_order="left").with_columns(
        **{name: pl.Series(values) for name, values in told.items()}
    )


def _fans(prepared: _Prepared, kept: Collected, still: Outcomes) -> pl.DataFrame:
    months = int(prepared.operated.built.system.month[-1]) + 1
    names = [f"fill:{'|'.join(key)}" for key in prepared.operated.rows.iter_rows()] + ["stock", "cash"]
    at = kept.fans.at(list(FANS))
    first = prepared.operated.plan.chain.plan_settings().start
    dates = pl.date_range(first, first, eager=True).dt.offset_by("0mo")
    month = pl.concat([dates.dt.offset_by(f"{n}mo") for n in range(months)])
    told = {f"p{round(100 * share):02d}": at[n] for n, share in enumerate(FANS)}
    return pl.DataFrame(
        {
            "series": np.repeat(names, months).tolist(),
            "month": pl.concat([month] * len(names)),
            **told,
            "mean": kept.fan_total / max(kept.count, 1),
            "calm": fanned(still)[0],
        }
    )


def _against(kept: Collected) -> pl.DataFrame:
    """Return the value of a plan less that of the first one in the same futures."""
    at, mean = kept.quantiles.at([0.05, 0.5, 0.95])[:, -1], float(kept.mean[-1])
    error = float(kept.deviation[-1] / np.sqrt(kept.count))
    names = ["mean_usd", "mean_error", "p05_usd", "p50_usd", "p95_usd"]
    return pl.DataFrame({"measure": names, "value": [mean, error, *at.tolist()]})

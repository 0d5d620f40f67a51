"""What does the search over strategies bring over a general solver?

Each example chain is planned to a gap of 0.1 % twice: by `cr.plan` (strong rows, then branch and bound over "by when"),
and by HiGHS alone on the same model, with the same whole decisions, scaling, gap, time limit, seed and threads. Bounds
prove something only if they agree: each plan's value must lie below the other's bound.

Run: python benchmarks/planning.py [names of examples, or folders]
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass

import highspy
import numpy as np

import cellroad as cr
from cellroad.plan.model import build
from cellroad.plan.network.network import expand
from cellroad.plan.solving.scaled import Scaled
from cellroad.plan.solving.watching import Limits

EXAMPLES = ("kandi-cbak", "gotion-us", "yousolar", "casip")
LIMITS = Limits(gap=1e-3, time_limit=60.0, seed=0, threads=2)


@dataclass(frozen=True)
class Run:
    """How a search went: value and bound of the plan in USD, seconds, nodes; value is minus infinity without a plan."""

    value: float
    bound: float
    seconds: float
    nodes: int

    @property
    def gap(self) -> float:
        return (self.bound - self.value) / max(abs(self.value), 1e-9) if np.isfinite(self.value) else np.inf


def cellroad(chain: cr.Chain) -> Run:
    """Plan by Cellroad's search; seconds are those from the tables to the plan."""
    began = time.perf_counter()
    plan = cr.plan(chain, gap=LIMITS.gap, time_limit=LIMITS.time_limit, seed=LIMITS.seed, threads=LIMITS.threads)
    found = plan.solution
    return Run(found.objective_usd, found.bound_usd, time.perf_counter() - began, found.nodes)


def alone(chain: cr.Chain) -> Run:
    """Plan by HiGHS alone, branching on all that is whole: starts, dates and orders."""
    began = time.perf_counter()
    net = expand(chain)
    model = build(net)
    scaled = Scaled.of(model)
    highs = highspy.Highs()
    for option, value in (
        ("output_flag", False), ("threads", LIMITS.threads), ("random_seed", LIMITS.seed),
        ("mip_rel_gap", LIMITS.gap), ("time_limit", LIMITS.time_limit), ("primal_feasibility_tolerance", 1e-8),
    ):  # fmt: skip
        highs.setOptionValue(option, value)
    scaled.hand_to(highs)
    whole = np.concatenate([model.columns[name].ids for name in ("start", "open", "order")]).astype(np.int32)
    highs.changeColsIntegrality(whole.size, whole, np.full(whole.size, highspy.HighsVarType.kInteger))
    highs.run()
    info = highs.getInfo()
    found = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    value = -info.objective_function_value * scaled.money if found else -np.inf
    return Run(value, -info.mip_dual_bound * scaled.money, time.perf_counter() - began, int(info.mip_node_count))


def told(who: str, run: Run) -> str:
    gap = f"{run.gap:8.3%}" if np.isfinite(run.gap) else "no plan "
    return f"  {who:12} {run.seconds:8.2f} s {run.nodes:8,} nodes   gap {gap}   value ${run.value / 1e6:,.2f} m"


def main() -> None:
    cellroad(cr.load(EXAMPLES[0]))  # the first plan of a process loads code
    for name in sys.argv[1:] or EXAMPLES:
        chain = cr.load(name)
        ours, plain = cellroad(chain), alone(chain)
        print(f"{name}\n{told('cellroad', ours)}\n{told('HiGHS alone', plain)}")
        slack = 1e-6 * abs(ours.value)
        if ours.value > plain.bound + slack or plain.value > ours.bound + slack:
            raise SystemExit("the bounds contradict each other: one of the two searches is wrong")
        if not np.isfinite(plain.value):
            print("  HiGHS alone found no plan in time")
        elif plain.gap <= LIMITS.gap:
            print(f"  HiGHS alone took {plain.seconds / ours.seconds:.2f} times as long")
        else:
            print(f"  HiGHS alone stopped at the limit, after {plain.seconds / ours.seconds:.2f} times as long")


if __name__ == "__main__":
    main()

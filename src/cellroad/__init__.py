"""Cellroad plans and runs a battery supply chain: who to buy from, what a kWh costs landed, what to do and when.

    import cellroad as cr
    chain = cr.load("kandi-cbak")      # a shipped example, or the path of a folder, workbook or zip
    cr.check(chain)                    # everything that is wrong with it, at once
    cr.screen(chain, on=date(2027, 10, 1))      # who may be dealt with, what is banned, which credit may be claimed
    cr.sweep(chain, "cell JV: CBAK 0..100 %", on=date(2027, 10, 1))
    cr.land(chain, item, origin, destination, on=date(2027, 3, 1))
    plan = cr.plan(chain)              # what to buy, build, make, ship and hold
    cr.plan_tree(chain)                # the same when the future is a tree of scenarios
    cr.stress(plan)                    # how it fares, day by day, in thousands of futures
    cr.stock(chain)                    # where safety stock costs least, proven
    found = cr.design(nominal="100V", energy="5kWh", use="storage-residential")    # packs that no other beats
    cr.life(cell, depth=0.8)           # how long it lives, by every published model that may speak
    cr.certify(cr.Product("portable", energy_kwh=3))    # what must be proven before it may be sold
    cr.line("fremont")                 # does the pack line make the volume, and what keeps it from making more?
    cr.roadmap("casip")                # when is the next chemistry ready, and how surely?
    cr.schedule.meet(people, start=date(2027, 1, 4))    # when all work; orders, milestones, quotes and vendors too
    cr.write_report(plan, "plan.html")

Each name is fetched when it is first asked for, so that `cellroad --help` does not wait for frames and solver.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cellroad.chain import facts
    from cellroad.chain.bods import read_bods, write_bods
    from cellroad.chain.chain import Chain
    from cellroad.chain.check import check
    from cellroad.chain.exchange import read_holdings
    from cellroad.chain.files import load, read, write
    from cellroad.chain.finding import ChainError, Finding
    from cellroad.chain.holdings import merge
    from cellroad.chain.scenario import apply
    from cellroad.engineering.certify.certifying import certify
    from cellroad.engineering.certify.product import Product
    from cellroad.engineering.design.designing import design
    from cellroad.engineering.design.result import Design
    from cellroad.engineering.life.living import life
    from cellroad.engineering.life.result import Life
    from cellroad.engineering.line.balancing import balance
    from cellroad.engineering.line.reading import read_line
    from cellroad.engineering.line.result import Line
    from cellroad.engineering.line.verb import line
    from cellroad.engineering.roadmap.result import Roadmap
    from cellroad.engineering.roadmap.verb import roadmap
    from cellroad.plan import schedule
    from cellroad.plan.audit.audit import audit
    from cellroad.plan.pareto import frontier_emissions
    from cellroad.plan.partners.bargain import Bargain, bargain
    from cellroad.plan.partners.frontier import Frontier, frontier
    from cellroad.plan.planning import NoPlanError, plan
    from cellroad.plan.programme import Programme, programme
    from cellroad.plan.result import Plan
    from cellroad.plan.stochastic.risk import Risk
    from cellroad.plan.stock.result import Stock
    from cellroad.plan.stock.stocking import stock
    from cellroad.plan.stress.result import Stress
    from cellroad.plan.stress.stressing import stress
    from cellroad.plan.tree.result import TreePlan
    from cellroad.plan.tree.trees import plan_tree
    from cellroad.plan.why.comparing import compare
    from cellroad.plan.why.infeasible import why_infeasible
    from cellroad.plan.why.replanning import replan
    from cellroad.rules import law
    from cellroad.rules.deal import Deal, sweep
    from cellroad.rules.landed import Landed, land
    from cellroad.rules.screening import Screen, screen
    from cellroad.show.design_page import write_design
    from cellroad.show.line_page import write_line
    from cellroad.show.report import write_report
    from cellroad.show.roadmap_page import write_roadmap
    from cellroad.show.schedule_page import write_schedule
    from cellroad.show.screen_page import write_screen
    from cellroad.show.stock_page import write_stock
    from cellroad.show.stress_page import write_stress
    from cellroad.show.tree_page import write_tree

__all__ = [
    "Bargain",
    "Chain",
    "ChainError",
    "Deal",
    "Design",
    "Finding",
    "Frontier",
    "Landed",
    "Life",
    "Line",
    "NoPlanError",
    "Plan",
    "Product",
    "Programme",
    "Risk",
    "Roadmap",
    "Screen",
    "Stock",
    "Stress",
    "TreePlan",
    "apply",
    "audit",
    "balance",
    "bargain",
    "certify",
    "check",
    "compare",
    "design",
    "facts",
    "frontier",
    "frontier_emissions",
    "land",
    "law",
    "life",
    "line",
    "load",
    "merge",
    "plan",
    "plan_tree",
    "programme",
    "read",
    "read_bods",
    "read_holdings",
    "read_line",
    "replan",
    "roadmap",
    "schedule",
    "screen",
    "stock",
    "stress",
    "sweep",
    "why_infeasible",
    "write",
    "write_bods",
    "write_design",
    "write_line",
    "write_report",
    "write_roadmap",
    "write_schedule",
    "write_screen",
    "write_stock",
    "write_stress",
    "write_tree",
]
__version__ = "0.1.0"

_HOME = {
    "Bargain": "plan.partners.bargain",
    "Chain": "chain.chain",
    "ChainError": "chain.finding",
    "Deal": "rules.deal",
    "Design": "engineering.design.result",
    "Finding": "chain.finding",
    "Frontier": "plan.partners.frontier",
    "Landed": "rules.landed",
    "Life": "engineering.life.result",
    "Line": "engineering.line.result",
    "NoPlanError": "plan.planning",
    "Plan": "plan.result",
    "Product": "engineering.certify.product",
    "Programme": "plan.programme",
    "Risk": "plan.stochastic.risk",
    "Roadmap": "engineering.roadmap.result",
    "Screen": "rules.screening",
    "Stock": "plan.stock.result",
    "Stress": "plan.stress.result",
    "TreePlan": "plan.tree.result",
    "apply": "chain.scenario",
    "audit": "plan.audit.audit",
    "balance": "engineering.line.balancing",
    "bargain": "plan.partners.bargain",
    "certify": "engineering.certify.certifying",
    "check": "chain.check",
    "compare": "plan.why.comparing",
    "design": "engineering.design.designing",
    "frontier_emissions": "plan.pareto",
    "frontier": "plan.partners.frontier",
    "land": "rules.landed",
    "life": "engineering.life.living",
    "line": "engineering.line.verb",
    "load": "chain.files",
    "merge": "chain.holdings",
    "plan_tree": "plan.tree.trees",
    "programme": "plan.programme",
    "read": "chain.files",
    "read_bods": "chain.bods",
    "read_holdings": "chain.exchange",
    "read_line": "engineering.line.reading",
    "replan": "plan.why.replanning",
    "roadmap": "engineering.roadmap.verb",
    "screen": "rules.screening",
    "stress": "plan.stress.stressing",
    "stock": "plan.stock.stocking",
    "sweep": "rules.deal",
    "why_infeasible": "plan.why.infeasible",
    "write": "chain.files",
    "write_bods": "chain.bods",
    "write_design": "show.design_page",
    "write_line": "show.line_page",
    "write_report": "show.report",
    "write_roadmap": "show.roadmap_page",
    "write_screen": "show.screen_page",
    "write_schedule": "show.schedule_page",
    "write_stock": "show.stock_page",
    "write_stress": "show.stress_page",
    "write_tree": "show.tree_page",
}
_ROOM = {"facts": "chain.facts", "law": "rules.law", "plan": "plan", "schedule": "plan.schedule"}
"""Names that are modules; `plan` is one that can be called."""


def __getattr__(name: str) -> Any:
    """Fetch a public name from where it lives."""
    if name in _ROOM:
        return import_module(f"{__name__}.{_ROOM[name]}")
    if name in _HOME:
        return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """List the public names."""
    return [*__all__, "__version__"]

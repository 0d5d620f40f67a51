"""Write docs/methods.md, the page of methods, from the docstrings of the modules that compute.

Run `python tools/methods_page.py` after a change of one of them; a test holds the page against the docstrings. The
source is read and not imported, so that the page shows what stands in it: the docstring of each module, and below it
those of the functions and classes that are named here. `BLOCKS` names the blocks of the model in their order.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "methods.md"
SOURCE = ROOT / "src" / "cellroad"
BLOCKS = "blocks"

INTRODUCTION = """\
# Methods

What Cellroad computes, and how. A planner finds here what every figure of a plan and of a landed cost means, an
engineer the equations and where they are in the code.

This page is made from the docstrings of the code by `tools/methods_page.py`, so that it says what the code does.
[Design](design.md) tells how the parts fit together, [Tables](tables.md) what goes in, [Benchmarks](benchmarks.md) how
fast it is.
"""

SECTIONS: dict[str, dict[str, tuple[str, ...] | str]] = {
    "Time": {
        "plan/periods.py": ("make_periods", "Openness.arrivals", "Openness.order_day", "Periods.mean"),
        "plan/transport/seasons.py": ("late_days",),
    },
    "Decisions": {
        "plan/options/starting.py": ("Starts", "make_starts", "candidates", "spending", "make_lines"),
        "plan/options/delays.py": ("delays", "held_up"),
        "plan/options/proofs.py": ("Proofs", "Permits"),
        "plan/network/arcs.py": (
            "make_buys", "make_prices", "make_lane_arcs", "make_inputs", "make_wanted", "make_sells",
        ),
        "plan/network/reach.py": ("reach",),
        "plan/network/network.py": ("Network",),
        "plan/law/barred.py": ("sale_shares", "crossings", "premium_shares"),
        "plan/law/credits.py": ("Credits",),
        "plan/law/supposed.py": (),
    },
    "The model": {
        "plan/model.py": BLOCKS,
        "plan/options/conditions.py": ("required", "excluding", "budgeted"),
        "plan/options/closing.py": ("closing",),
        "plan/options/utilisation.py": ("least_use", "running"),
        "plan/options/certifying.py": ("covering", "certified", "made_of", "laboratories"),
    },
    "Contracts and offers": {
        "plan/buying/contracts.py": (
            "signing", "under_contract", "least_taken", "most_taken", "prepaid", "beside_purchases",
        ),
        "plan/buying/tiers.py": ("tiering",),
        "plan/buying/sourcing.py": ("sourcing",),
        "plan/buying/years.py": ("years",),
    },
    "Transport": {"plan/transport/containers.py": ("containers", "shipments", "limits")},
    "Working across the ocean": {
        "plan/schedule/fair.py": (),
        "plan/schedule/meetings.py": ("meet",),
        "plan/schedule/lead.py": (),
        "plan/schedule/critical.py": (),
    },
    "Emissions": {
        "plan/emissions.py": ("of_offers", "of_processes", "of_lanes", "pricing", "limiting"),
        "plan/pareto.py": ("frontier_emissions",),
    },
    "Goods over time": {
        "plan/goods/goods.py": (),
        "plan/goods/shelf.py": ("make_cohorts", "ageing"),
        "plan/goods/backlog.py": ("deliveries", "serving_late"),
        "plan/goods/reserves.py": ("make_reserves", "cover", "keeping_reserve", "storing"),
        "plan/goods/pipeline.py": ("make_arrivals", "arriving"),
        "plan/goods/comebacks.py": ("make_comebacks", "coming_back"),
        "plan/goods/coproducts.py": ("giving",),
        "plan/goods/substitution.py": ("make_swaps", "substituting"),
        "plan/goods/scrapping.py": ("scrapping", "kept_shares"),
    },
    "Strong rows": {
        "plan/solving/strong.py": (),
        "plan/solving/triangles.py": (),
        "plan/solving/windows.py": ("contents",),
        "plan/solving/depend.py": ("Dependence",),
    },
    "Uncertainty and stages": {
        "plan/tree/nodes.py": (),
        "plan/tree/model.py": ("TreeStrengthener", "TreeRounding"),
        "plan/tree/apart.py": (),
        "plan/tree/search.py": (),
        "plan/tree/trees.py": ("_measures",),
        "plan/tree/committed.py": ("committed", "waiting"),
        "plan/tree/stranded.py": ("stranded",),
        "plan/tree/workers.py": (),
        "plan/tree/risk.py": (),
        "plan/tree/draw.py": (),
        "plan/tree/sample.py": (),
        "plan/tree/rule.py": (),
        "plan/stochastic/problem.py": ("extensive",),
        "plan/stochastic/risk.py": (),
        "plan/stochastic/recourse.py": (),
        "plan/stochastic/remainder.py": (),
        "plan/stochastic/benders.py": (),
        "plan/stochastic/hedging.py": (),
        "plan/stochastic/tender.py": (),
        "plan/stochastic/tender_search.py": (),
        "plan/stochastic/wanted.py": (),
        "plan/stochastic/sampling.py": (),
        "plan/stochastic/executor.py": (),
    },
    "Stress": {
        "plan/stress/detail.py": (),
        "plan/stress/schedule.py": (),
        "plan/stress/instead.py": (),
        "plan/stress/lasting.py": (),
        "plan/stress/packing.py": (),
        "plan/stress/policy.py": (),
        "plan/stress/kernel.py": ("simulate",),
        "plan/stress/ordering.py": (),
        "plan/stress/working.py": (),
        "plan/stress/serving.py": (),
        "plan/stress/ageing.py": (),
        "plan/stress/money.py": (),
        "plan/stress/futures.py": ("draw_future",),
        "plan/stress/chance.py": ("shaped",),
        "plan/stress/quantiles.py": (),
        "plan/stress/recovery.py": ("recovery",),
    },
    "Safety stock": {
        "plan/stock/links.py": ("ways",),
        "plan/stock/selling.py": ("sold",),
        "plan/stock/supplied.py": (),
        "plan/stock/stages.py": ("Stages", "held"),
        "plan/stock/pooling.py": ("pooled", "pooled_by_stage"),
        "plan/stock/stocking.py": ("stock",),
        "plan/stock/result.py": (
            "Stock.by", "Stock.services", "Stock.pooling", "Stock.effect", "Stock.nearer", "Stock.minimums",
        ),
        "plan/stock/placing.py": ("place", "settled"),
        "plan/stock/times.py": (),
        "plan/stock/grids.py": (),
        "plan/stock/trees.py": (),
        "plan/stock/core.py": (),
        "plan/stock/improving.py": (),
    },
    "Cells": {
        "engineering/cell_check.py": ("check", "bands"),
        "engineering/datasheet.py": (),
        "engineering/bpx.py": (),
    },
    "Mass and size of a pack": {
        "engineering/mass/bodies.py": ("bodies",),
        "engineering/mass/construction.py": ("usual",),
        "engineering/mass/arrange.py": ("arrange",),
        "engineering/mass/parts.py": (
            "of_modules", "of_potting", "of_busbars", "of_harness", "of_management", "of_switches", "of_cooling",
            "of_enclosure", "of_control",
        ),
        "engineering/mass/generic.py": ("find_cell", "generic_cell"),
        "engineering/mass/known.py": ("known", "read"),
        "engineering/mass/held_out.py": ("leave_one_out",),
        "engineering/mass/reference.py": (),
    },
    "Design of a pack": {
        "engineering/design/designing.py": ("design",),
        "engineering/design/search.py": ("layouts",),
        "engineering/design/front.py": ("front",),
        "engineering/design/nearest.py": ("nearest",),
        "engineering/design/strength.py": ("strengths",),
        "engineering/design/lives.py": ("years", "lived"),
        "engineering/design/boxes.py": ("divided",),
        "engineering/design/cost.py": ("cost", "labour_hours", "capital_usd"),
        "engineering/design/prices.py": ("cell_price",),
        "engineering/design/chaining.py": ("join",),
    },
    "Protection of a pack": {
        "engineering/protection/protect.py": ("protect",),
        "engineering/protection/fusing.py": (
            "least_rating", "ambient_factor", "pulse_share", "melting_current", "let_through",
        ),
        "engineering/protection/short.py": ("short_circuit",),
        "engineering/protection/switching.py": ("withstand", "coordinate", "precharge"),
        "engineering/protection/conductor.py": (
            "busbar_ampacity", "surface_coefficient", "cable_ampacity", "adiabatic_constant",
        ),
        "engineering/protection/insulation.py": ("least_resistance", "creepage"),
        "engineering/protection/balancing.py": ("balance",),
        "engineering/protection/limits.py": ("bms_limits",),
        "engineering/protection/currents.py": ("currents",),
        "engineering/protection/management.py": ("Management.step",),
        "engineering/protection/day.py": ("simulated_day",),
        "engineering/protection/faults.py": ("cases",),
        "engineering/protection/estimator.py": ("Filter.step",),
        "engineering/protection/accuracy.py": ("soc_error",),
    },
    "Roadmap": {
        "engineering/roadmap/evidence.py": ("passed",),
        "engineering/roadmap/chance.py": ("drawn", "lasting", "shared"),
        "engineering/roadmap/network.py": ("Network.forward", "Network.binding", "critical_path", "pert"),
        "engineering/roadmap/running.py": ("with_effort",),
        "engineering/roadmap/money.py": ("with_money", "spending"),
        "engineering/roadmap/budgets.py": ("budgets", "next_million"),
        "engineering/roadmap/crash.py": ("mean_work", "crash_plan"),
        "engineering/roadmap/portfolio.py": (),
        "engineering/roadmap/costs.py": ("costs", "learnt"),
        "engineering/roadmap/learning.py": ("Steps.ahead", "Steps.rate_between", "added"),
        "engineering/roadmap/backtest.py": ("backtest", "scores", "learned", "two_factors"),
        "engineering/roadmap/outlook.py": ("outlook",),
        "engineering/roadmap/experiments.py": ("propose",),
        "engineering/roadmap/futures.py": ("to_scenarios",),
        "engineering/roadmap/result.py": ("Roadmap.interval", "Roadmap.effects"),
    },
    "Life of cells and packs": {
        "engineering/life/living.py": ("life",),
        "engineering/life/use.py": ("steady", "hourly"),
        "engineering/life/climate.py": ("climate", "equal_temperature"),
        "engineering/life/rainflow.py": (),
        "engineering/life/stress.py": ("anode_potential",),
        "engineering/life/growth.py": ("Power", "Sigmoid"),
        "engineering/life/marching.py": ("march",),
        "engineering/life/box.py": ("found_in",),
        "engineering/life/lfp.py": (
            "large_prismatic", "sony_murata", "naumann", "naumann_resistance", "wang", "schimpe",
        ),
        "engineering/life/nickel.py": (
            "sanyo", "kokam", "pouch_a", "pouch_b1", "pouch_b2", "lg_mj1", "lg_m50", "panasonic", "vtc5a",
        ),
        "engineering/life/titanate.py": ("bank",),
        "engineering/life/result.py": ("Life.warranty", "Life.claim"),
    },
    "Certification": {
        "engineering/certify/applying.py": (),
        "engineering/certify/certifying.py": ("certify",),
        "engineering/certify/dwelling.py": ("dwelling",),
        "engineering/certify/repeating.py": ("changes", "recertify"),
        "engineering/certify/planned.py": ("milestones", "certificates"),
    },
    "Search": {
        "plan/solving/solve.py": ("solve",),
        "plan/solving/watching.py": ("Limits",),
        "plan/solving/scaled.py": ("Scaled",),
        "plan/solving/cutting.py": (),
        "plan/solving/location.py": (),
        "plan/solving/coarse.py": ("coarse",),
        "plan/solving/nearby.py": (),
        "plan/solving/search.py": ("search",),
        "plan/solving/branching.py": (),
        "plan/solving/rounding.py": (),
    },
    "Values": {
        "plan/network/worth.py": ("worth", "hanging"),
        "plan/network/ways.py": ("make_ways", "undecided"),
        "plan/network/useful.py": ("useful_quantity",),
        "plan/law/border.py": ("origins", "make_border"),
    },
    "Partners": {
        "plan/partners/owners.py": ("Owners",),
        "plan/partners/transfer.py": (),
        "plan/partners/book.py": ("mixed",),
        "plan/partners/stakes.py": ("Stakes",),
        "plan/partners/whose.py": ("owning", "gaining", "valuing"),
        "plan/partners/tax.py": ("taxing", "used_at_once", "owed"),
        "plan/law/drawback.py": ("refunding",),
        "plan/periods.py": ("paid_later",),
        "chain/currencies.py": ("in_usd",),
        "plan/partners/accounts.py": (),
        "plan/partners/returns.py": ("irr", "payback", "peak"),
        "plan/partners/frontier.py": (),
        "plan/partners/bargain.py": (),
    },
    "Costing": {"plan/costing.py": ("cost_pools", "landed", "footprint", "origins")},
    "Why": {
        "plan/why/asking.py": ("why", "rules"),
        "plan/why/parts.py": ("parts",),
        "plan/why/turning.py": ("turning",),
        "plan/why/option.py": ("why_option",),
        "plan/why/reasons.py": ("reasons",),
        "plan/why/comparing.py": ("compare",),
        "plan/why/sensitivity.py": ("tornado", "stability"),
        "plan/why/causes.py": (),
        "plan/why/short.py": ("why_short",),
        "plan/why/infeasible.py": ("why_infeasible",),
        "plan/why/shares.py": ("why_share",),
        "plan/why/replanning.py": ("replan",),
        "plan/why/today.py": ("settled", "without"),
    },
    "Audit": {
        "plan/audit/goods.py": (
            "late", "coproducts", "returns", "substitutes", "ages", "reserves", "room",
        ),
        "plan/audit/audit.py": (
            "balances", "demand", "capacity", "lanes", "kept", "inputs", "yields", "prices", "cash", "value", "landed",
            "credits", "sold_first", "ratios",
        ),
        "plan/audit/stages.py": ("operation", "order", "budgets", "use", "certification", "laboratories"),
        "plan/audit/transport.py": ("containers", "limits"),
        "plan/audit/emissions.py": ("factors", "prices", "limits", "carried"),
        "plan/audit/partners.py": ("partners", "transfers", "holdings", "taxes", "drawback"),
    },
    "Audit of contracts": {
        "plan/audit/contracts.py": ("offer_prices", "contracts", "tiers"), "plan/audit/sourcing.py": ("sourcing",),
    },
    "Cells and packs under load": {
        "engineering/cellmodel/ocv.py": ("open_circuit",),
        "engineering/cellmodel/resistance.py": (),
        "engineering/cellmodel/circuit.py": (),
        "engineering/cellmodel/thermal.py": ("propagator",),
        "engineering/cellmodel/cooling.py": (),
        "engineering/cellmodel/pack.py": (),
        "engineering/cellmodel/spread.py": (),
        "engineering/cellmodel/joints.py": (),
        "engineering/cellmodel/limits.py": (),
        "engineering/cellmodel/duty.py": ("drive", "solar_day", "off_road"),
        "engineering/cellmodel/run.py": ("Run",),
        "engineering/cellmodel/fitting.py": ("slow", "fit"),
    },
    "Duty and landed cost": {
        "rules/duties.py": ("layers", "total", "schedule", "stack"),
        "rules/landed.py": ("land",),
        "rules/incoterms.py": ("customs_value", "price_of"),
        "rules/fees.py": ("entry_fees", "mpf_usd"),
        "rules/freight.py": ("freight_usd", "accepts"),
        "rules/lead.py": ("lead",),
    },
    "Who falls under what": {
        "rules/graph.py": ("Graph",),
        "rules/attribution.py": (
            "direct", "multiplicative", "ofac_50", "section_318_corporation", "section_318_partnership", "cfr_850_206",
            "doe_50",
        ),
        "rules/ownership.py": ("aggregate", "largest", "decide", "related"),
        "rules/names.py": ("likeness", "matches"),
        "rules/names_people.py": (),
        "rules/matching.py": ("match",),
        "rules/parties.py": ("parties",),
        "rules/verdict.py": (),
        "rules/listing.py": (),
        "rules/status.py": ("Register.verdict", "Register.related"),
        "rules/deal.py": ("sweep",),
    },
    "Bans and credits": {
        "rules/bans.py": ("ban_frame",),
        "rules/credits.py": ("claims",),
        "rules/ratio.py": ("ratio",),
        "rules/sale.py": ("sale",),
        "rules/storage.py": ("worth", "premiums"),
    },
    "A pack line": {
        "engineering/line/kernel.py": ("Floor", "Run", "simulate"),
        "engineering/line/chance.py": ("uniform", "lasting"),
        "engineering/line/running.py": ("capacity_per_hour", "interval"),
        "engineering/line/effectiveness.py": ("effectiveness",),
        "engineering/line/automation.py": ("automation",),
        "engineering/line/balancing.py": ("balance", "staff"),
        "engineering/line/changing.py": ("reach", "place_buffers"),
        "engineering/line/chaining.py": ("to_chain",),
        "engineering/line/floor.py": ("sequence",),
    },
}  # fmt: skip


def page() -> str:
    """Return the page as Markdown."""
    contents = [f"- [{title}](#{_anchor(title)}): {_modules(modules)}" for title, modules in SECTIONS.items()]
    parts = [INTRODUCTION.strip(), "\n".join(contents)]
    for title, modules in SECTIONS.items():
        parts.append(f"## {title}")
        for module, names in modules.items():
            parts += _section(module, names)
    return "\n\n".join(parts) + "\n"


def _section(module: str, names: tuple[str, ...] | str) -> list[str]:
    """Return heading and docstring of a module, then those of what is named in it."""
    tree = ast.parse((SOURCE / module).read_text(encoding="utf-8"))
    chosen = blocks(tree) if isinstance(names, str) else names
    question, _, rest = (ast.get_docstring(tree) or "").partition("\n\n")
    parts = [f"### {' '.join(question.split()).rstrip('.')}", f"`{module}`", markdown(rest)]
    for name in chosen:
        parts += [f"#### {name}", markdown(ast.get_docstring(_node(tree, name)) or "")]
    return [part for part in parts if part]


def blocks(tree: ast.Module) -> tuple[str, ...]:
    """Return the blocks of the model in the order in which they are built: what `build` gives its builder to."""
    build = _node(tree, "build")
    calls = [node for node in ast.walk(build) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    given = [call for call in calls if call.args and isinstance(call.args[0], ast.Name) and call.args[0].id == "m"]
    ordered = sorted(given, key=lambda call: call.lineno)
    return tuple(call.func.id for call in ordered if isinstance(call.func, ast.Name))


def markdown(docstring: str) -> str:
    """Return a docstring as Markdown: paragraphs as they are, equations and tables of names as code."""
    paragraphs = re.split(r"\n\s*\n", docstring.strip("\n"))
    return "\n\n".join(_code(p) if _is_code(p) else p for p in paragraphs if p.strip())


def _is_code(paragraph: str) -> bool:
    """Say whether a paragraph is set out by hand: indented, or with columns of names."""
    return paragraph.startswith(" ") or any(re.match(r"\w+ {2,}\S", line) for line in paragraph.splitlines())


def _code(paragraph: str) -> str:
    lines = paragraph.splitlines()
    margin = min(len(line) - len(line.lstrip()) for line in lines)
    return "\n".join(["```text", *(line[margin:] for line in lines), "```"])


def _node(tree: ast.Module | ast.ClassDef, name: str) -> ast.FunctionDef | ast.ClassDef:
    """Return the function or class of that name; a method is named with its class."""
    outer, _, inner = name.partition(".")
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == outer:
            return _node(node, inner) if inner and isinstance(node, ast.ClassDef) else node
    raise LookupError(f"there is no {name}; correct SECTIONS in {Path(__file__).name}")


def _modules(modules: dict[str, tuple[str, ...] | str]) -> str:
    return ", ".join(f"`{module}`" for module in modules)


def _anchor(title: str) -> str:
    return title.lower().replace(" ", "-")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")

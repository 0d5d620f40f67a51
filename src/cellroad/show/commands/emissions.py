"""The command that tells what a plan emits, and what it would cost to emit less."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter, validators

from cellroad.show.commands.plan import Search, law_for, planned_for
from cellroad.show.exits import Exit
from cellroad.show.format import number
from cellroad.show.terminal import Face, table


def emissions(
    path: str,
    /,
    *,
    points: Annotated[int, Parameter(validator=validators.Number(gte=0, lte=100))] = 0,
    served: Annotated[float, Parameter(validator=validators.Number(gte=0, lte=1))] = 1.0,
    search: Search = Search(),  # noqa: B008
    face: Face = Face(),  # noqa: B008
) -> Exit:
    """Plan a chain and tell what it emits, by what and per kWh sold, as far as it is known.

    Parameters
    ----------
    path
        Folder, workbook or zip of a chain, or the name of an example.
    points
        Plans from the least emissions to the best value, both ends included; takes the time of a plan for each.
    served
        Least energy that those sell, as a share of what the best plan sells.
    """
    from cellroad.plan.emissions import by_kind, by_source

    plan, ended = planned_for(path, search, face)
    kinds, sources = by_kind(plan), by_source(plan)
    forms = {"kg_per_kwh": number, "usd_per_t": number}
    told = [table(kinds, "Emissions of what is sold", forms), table(sources, "What emits")]
    machine = {
        "chain": plan.chain.name, "scenario": search.scenario, "kinds": kinds, "sources": sources,
        "solution": plan.solution,
    }  # fmt: skip
    if points > 1:
        from cellroad.plan.pareto import frontier_emissions

        front = frontier_emissions(
            plan.chain, points=points, served=served, gap=search.gap, time_limit=search.time_limit, seed=search.seed,
            law=law_for(search),
        ).frame  # fmt: skip
        told.append(table(front, "Value and emissions", forms))
        machine["front"] = front
    face.answer(told, machine)
    return ended

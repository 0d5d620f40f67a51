"""Which of the things that could be done with a chain can matter? Those on a way from a source to a customer."""

from __future__ import annotations

from itertools import pairwise

from cellroad.plan.stress.assemble import Buy, Make, Serve, Ship, circle
from cellroad.plan.stress.ways import Planned


def connected(
    buys: list[Planned[Buy]], makes: list[Planned[Make]], ships: list[Planned[Ship]],
    serves: list[list[Planned[Serve]]], given: set[int],
) -> tuple[list[Planned[Buy]], list[Planned[Make]], list[Planned[Ship]], list[list[Planned[Serve]]]]:  # fmt: skip
    """Keep what goods can reach and from where they can reach a customer; `given` are nodes that have goods anyway."""
    supplied = {b.way.node for b in buys} | given
    while True:
        more = {m.way.node for m in makes if all(node in supplied for node, _ in m.way.inputs)}
        more |= {node for m in makes if m.way.node in more for node, _ in m.way.beside}
        more |= {s.way.node for s in ships if s.way.origin in supplied}
        if more <= supplied:
            break
        supplied |= more
    makes = [m for m in makes if all(node in supplied for node, _ in m.way.inputs)]
    ships = [s for s in ships if s.way.origin in supplied]
    serves = [[s for s in mine if s.way.node in supplied] for mine in serves]
    useful = {s.way.node for mine in serves for s in mine}
    while True:
        more = {node for m in makes if m.way.node in useful for node, _ in m.way.inputs}
        more |= {s.way.origin for s in ships if s.way.node in useful}
        if more <= useful:
            break
        useful |= more
    return (
        [b for b in buys if b.way.node in useful],
        [m for m in makes if m.way.node in useful],
        [s for s in ships if s.way.node in useful],
        serves,
    )


def without_circles(
    makes: list[Planned[Make]], ships: list[Planned[Ship]]
) -> tuple[list[Planned[Make]], list[Planned[Ship]], tuple[str, ...]]:
    """Leave out ways by which goods could flow in a circle, the least used first; return those that stay, and a remark
    where something planned is left out."""
    makes, ships, remarks = list(makes), list(ships), list[str]()
    while around := circle([m.way for m in makes], [s.way for s in ships]):
        steps = set(pairwise(around))
        on_it = [(float(s.daily.sum()), 1, i) for i, s in enumerate(ships) if (s.way.origin, s.way.node) in steps]
        on_it += [(float(m.daily.sum()), 0, i) for i, m in enumerate(makes)
                  if any((node, m.way.node) in steps for node, _ in m.way.inputs)]  # fmt: skip
        flow, kind, i = min(on_it)
        (makes, ships)[kind].pop(i)
        if flow > 0:
            remarks.append("goods that the plan sends in a circle are simulated without one of its legs")
    return makes, ships, tuple(remarks)


def nodes_of(
    buys: list[Planned[Buy]], makes: list[Planned[Make]], ships: list[Planned[Ship]],
    serves: list[list[Planned[Serve]]],
) -> set[int]:  # fmt: skip
    """Return every node that a way begins or ends at."""
    ends = {b.way.node for b in buys} | {m.way.node for m in makes} | {s.way.node for mine in serves for s in mine}
    ends |= {node for s in ships for node in (s.way.node, s.way.origin)}
    return ends | {node for m in makes for node, _ in (*m.way.inputs, *m.way.beside)}

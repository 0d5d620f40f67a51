"""The common case as plain lists, for tools that state a model term by term."""

from __future__ import annotations

from dataclasses import dataclass

from numpy.typing import NDArray
from peers.common import HOLDING, Case


@dataclass(frozen=True)
class Lists:
    """Members of every group, and money by month; flows of a want come with the months that they are under way."""

    of_make: list[list[int]]
    of_want: list[list[tuple[int, int]]]
    of_lane: list[list[int]]
    of_plant: list[list[int]]
    make_usd: list[list[float]]
    stock_usd: list[list[float]]
    flow_usd: list[list[float]]
    short_usd: list[list[float]]
    open_usd: list[list[float]]


def lists(case: Case) -> Lists:
    """Return the groups and the discounted money of a case."""
    lead = case.lane_lead[case.flow_lane].tolist()

    def money(usd: NDArray) -> list[list[float]]:
        return (usd[:, None] * case.discount).tolist()

    return Lists(
        of_make=members(case.flow_make, case.make_plant.size),
        of_want=[[(n, lead[n]) for n in group] for group in members(case.flow_want, case.want_market.size)],
        of_lane=members(case.flow_lane, case.lane_plant.size),
        of_plant=members(case.make_plant, case.plants),
        make_usd=money(case.make_cost),
        stock_usd=money(HOLDING * case.value[case.make_product]),
        flow_usd=money(case.flow_cost),
        short_usd=money(case.want_short),
        open_usd=(case.capex[:, None] * case.discount[case.opens]).tolist(),
    )


def members(group: NDArray, count: int) -> list[list[int]]:
    """Return the numbers that belong to each group."""
    found: list[list[int]] = [[] for _ in range(count)]
    for n, g in enumerate(group.tolist()):
        found[g].append(n)
    return found

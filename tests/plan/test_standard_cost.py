"""Standard cost, useful quantity and dependence on options, by closed forms."""

import numpy as np
import polars as pl
import pytest
from tests.plan.tiny import chain_of, line, straight

from cellroad.plan.depend import dependence
from cellroad.plan.network import Network, expand
from cellroad.plan.worth import CostArcs, filled, finite, worth

INF = float("inf")


def node(net: Network, site: str, item: str) -> int:
    sites, items = net.codes.sites["site"].to_list(), net.codes.items["item"].to_list()
    return sites.index(site) * len(items) + items.index(item)


def arcs(prices: dict[int, list[float]], lanes: list[tuple[int, int, float, float]], makes: list[tuple[int, float]],
         inputs: list[tuple[int, int, float]], given: dict[int, float], periods: int) -> CostArcs:  # fmt: skip
    def column(rows: list[tuple[float, ...]], n: int, kind: type = float) -> np.ndarray:
        return np.array([row[n] for row in rows], dtype=kind)

    return CostArcs(
        price_node=np.array(list(prices), dtype=int),
        price=np.array(list(prices.values()), dtype=float).reshape(-1, periods),
        lane_from=column(lanes, 0, int), lane_to=column(lanes, 1, int), freight=column(lanes, 2),
        least_freight=column(lanes, 2),
        duty=np.repeat(column(lanes, 3)[:, None], periods, axis=1),
        made=column(makes, 0, int), conversion=column(makes, 1),
        process=column(inputs, 0, int), taken=column(inputs, 1, int), quantity=column(inputs, 2),
        given_node=np.array(list(given), dtype=int), given=np.array(list(given.values())),
        spare_node=np.zeros(0, dtype=int), spare=np.zeros(0),
    )  # fmt: skip


def test_standard_cost_is_price_then_freight_and_duty_then_conversion() -> None:
    chain = arcs({0: [10, 12]}, [(0, 1, 2.0, 0.25)], [(2, 3.0)], [(0, 1, 2.0)], {}, 2)
    assert worth(4, chain, 2) == pytest.approx(np.array([[10, 12], [14.5, 17], [32, 37], [INF, INF]]))


def test_of_several_ways_the_cheapest_counts_in_each_period() -> None:
    chain = arcs({0: [10, 30], 1: [20, 20]}, [(0, 2, 1.0, 0.0), (1, 2, 1.0, 0.0)], [], [], {}, 2)
    assert worth(3, chain, 2)[2] == pytest.approx([11, 21])


def test_a_stated_value_stands_and_what_is_made_of_it_follows_but_not_the_lowest_ever() -> None:
    chain = arcs({0: [10, 12]}, [], [(1, 1.0)], [(0, 0, 1.0)], {0: 50.0}, 2)
    assert worth(2, chain, 2) == pytest.approx(np.array([[50, 50], [51, 51]]))
    assert worth(2, chain.cheapest_ever(), 1)[:, 0] == pytest.approx([10, 11])


def test_gaps_take_the_nearest_earlier_value_else_the_nearest_later() -> None:
    series = np.array([[INF, 3, INF, 5, INF], [INF] * 5])
    assert filled(series).tolist() == [[3, 3, 3, 5, 5], [INF] * 5]
    assert series[0, 0] == INF
    assert finite(series)[1].tolist() == [0.0] * 5


def test_inputs_that_are_never_there_together_still_make_a_value() -> None:
    chain = arcs({0: [10, INF], 1: [INF, 4]}, [(2, 3, 1.0, 0.0)], [(2, 3.0)], [(0, 0, 2.0), (0, 1, 1.0)], {}, 2)
    assert worth(4, chain, 2) == pytest.approx(np.array([[10, 10], [4, 4], [27, 27], [28, 28]]))


def test_a_loop_of_lanes_ends() -> None:
    chain = arcs({0: [1]}, [(0, 1, 1.0, 0.1), (1, 2, 1.0, 0.1), (2, 0, 0.0, 0.0)], [], [], {}, 1)
    assert worth(3, chain, 1)[:, 0] == pytest.approx([1, 2.1, 3.31])


def test_useful_is_what_is_wanted_from_then_on_through_yield_and_scrap() -> None:
    rows = straight()
    rows["processes"][0]["yield_share"], rows["bom"][0]["scrap_share"] = 0.8, 0.2
    net = expand(chain_of(rows))
    assert net.useful[node(net, "m", "pack")] == pytest.approx([30, 20, 10])
    assert net.useful[node(net, "p", "pack")] == pytest.approx([30, 20, 10])
    assert net.useful[node(net, "v", "cell")] == pytest.approx(np.array([30, 20, 10]) * 2 / 0.8 / 0.8)


def test_what_an_option_makes_depends_on_it_wherever_it_goes() -> None:
    net = expand(chain_of(straight(**line(build_months=1))))
    found = dependence(net)
    needs = {
        (site, item): bool(found.needs[node(net, site, item)].any()) for site in "vpm" for item in ("cell", "pack")
    }
    assert needs == {key: key in {("p", "pack"), ("m", "pack")} for key in needs}
    assert found.ready.tolist() == [[False, False], [True, False], [True, True]]
    one = found.enabling(found.needs[[node(net, "m", "pack")]], np.array([1]))
    assert one.tolist() == [[True, False]]


def test_what_a_standing_line_can_make_too_depends_on_no_option() -> None:
    rows = straight(**line())
    rows["resources"].append({"resource": "old", "site": "p", "hours_per_month": 1.0, "status": "operating"})
    rows["processes"].append({**rows["processes"][0], "process": "by hand", "resource": "old"})
    rows["bom"].append({"process": "by hand", "item": "cell", "quantity": 2.0})
    found = dependence(expand(chain_of(rows)))
    assert not found.needs.any()


def test_stock_that_could_become_packs_counts_as_packs() -> None:
    rows = straight(**line())
    rows["stocks"] = [{"site": "m", "item": "pack", "on_hand": 4.0}]
    net = expand(chain_of(rows))
    assert dependence(net).stock[net.codes.items["item"].to_list().index("pack")] == 4.0


def test_a_network_holds_only_what_can_serve_a_customer() -> None:
    rows = straight()
    rows["offers"].append({**rows["offers"][0], "offer": "late", "valid_from": rows["demand"][-1]["month"]})
    rows["lanes"][0]["transit_days"] = 31.0
    net = expand(chain_of(rows))
    assert "late" not in net.buys["offer"].to_list()
    assert net.ships.filter(pl.col("lane") == "in")["period"].max() == 1

"""Standard cost, useful quantity and dependence on options, by closed forms."""

import numpy as np
import polars as pl
import pytest
from tests.plan.tiny import chain_of, line, month, straight
from tests.plan.tiny_law import rules_of

from cellroad.plan.network.network import Network, expand
from cellroad.plan.network.worth import CostArcs, filled, finite, worth
from cellroad.plan.solving.depend import dependence

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
        lane_from=column(lanes, 0, int), lane_to=column(lanes, 1, int),
        freight=np.repeat(column(lanes, 2)[:, None], periods, axis=1),
        least_freight=column(lanes, 2),
        duty=np.repeat(column(lanes, 3)[:, None], periods, axis=1),
        made=column(makes, 0, int),
        conversion=np.repeat(column(makes, 1)[:, None], periods, axis=1), stands=np.ones(len(makes), dtype=bool),
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


def test_a_plant_counts_from_the_day_on_which_it_could_stand() -> None:
    """Packs can be bought for 60 beside; the line makes them for 2 * 11 + 5 = 27."""
    packs = {"offer": "packs", "site": "p", "item": "pack", "price_usd": 60.0, "valid_from": month(0)}
    for window, usual in (
        ({"earliest": month(1)}, [60, 27, 27]),
        ({"latest": month(0), "build_months": 2}, [60, 60, 27]),
        ({"earliest": month(1), "build_months": 3}, [60, 60, 60]),
    ):
        rows = straight(**line(**window))
        rows["offers"].append(packs)
        net = expand(chain_of(rows))
        at, cheapest = node(net, "p", "pack"), min(usual)
        assert net.worth[at] == pytest.approx(usual)
        assert net.floor[at] == cheapest
        assert any("not decided" in remark for remark in net.remarks) == (cheapest < 60)


def test_a_line_that_stands_counts_as_what_it_is_and_nothing_has_to_be_told() -> None:
    rows = straight(**line())
    rows["resources"][0]["status"], rows["options"] = "operating", []
    net = expand(chain_of(rows))
    assert net.worth[node(net, "p", "pack")] == pytest.approx([27, 27, 27])
    assert not any("not decided" in remark for remark in net.remarks)


def test_a_lane_that_is_barred_prices_nothing() -> None:
    """From v a cell lands at p for 10 + 1, from the next door w for 30 + 1: by whom, once exit from CN is barred."""
    rows = straight()
    rows["sites"].append({**rows["sites"][0], "site": "w"})
    rows["sites"][0]["country"] = "CN"
    rows["items"][0]["hts"] = "9999.99.9999"
    rows["offers"].append({**rows["offers"][0], "offer": "next", "site": "w", "price_usd": 30.0})
    rows["lanes"].append({**rows["lanes"][0], "lane": "short", "origin": "w"})
    net = expand(chain_of(rows))
    ban = {"ban": "B", "binds": "export:CN", "country": "CN", "item": "cell", "answer": "yes", "valid_from": month(1)}
    barred = expand(chain_of(rows), rules_of({"bans": [ban], "claims": [], "materials": [], "premiums": []}))
    at = node(net, "p", "cell")
    usual = net.worth[at]
    assert (usual < 31).all()
    assert barred.worth[at] == pytest.approx([usual[0], 31, 31])


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
    one = found.enabling(found.needs, np.array([node(net, "m", "pack")]), np.array([1]))
    assert one.toarray().tolist() == [[1.0, 0.0]]


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

"""Charts of partners: the lines end at the values, and the frontier shows where both gain."""

import json

import pytest
from tests.plan.test_frontier import one_of_three, sold_on
from tests.plan.tiny import chain_of

from cellroad.plan.network.network import UNBOUND
from cellroad.plan.partners.bargain import bargain
from cellroad.plan.partners.frontier import frontier
from cellroad.plan.planning import plan
from cellroad.show.charts import frontier as picture
from cellroad.show.charts import partners


def test_the_line_of_each_partner_ends_at_its_value() -> None:
    row = {"transfer": "t", "seller": "ann", "buyer": "bob", "price_usd": 50.0}
    found = plan(chain_of(sold_on(transfers=[row])), rules=UNBOUND)
    last = partners.table(found).tail(1).to_dicts()[0]
    worth = dict(found.values.select("name", "usd").iter_rows())
    assert {name.removesuffix(", $"): usd for name, usd in last.items() if name != "when"} == pytest.approx(worth)


def test_a_frontier_shows_its_points_and_the_set_in_which_both_gain() -> None:
    chain = chain_of(one_of_three())
    points = frontier(chain, "ann", "bob", 5, rules=UNBOUND, gap=1e-9)
    deal = bargain(chain_of(sold_on()), "ann", "bob", "transfer price of pack", rules=UNBOUND)
    option = picture.chart(points, deal)
    assert json.loads(json.dumps(option, allow_nan=False)) == option
    assert [one["name"] for one in option["series"]] == ["Frontier", "Both gain", "Nash", "Without the deal"]
    assert [p["symbol"] for p in option["series"][0]["data"]] == ["circle", "emptyCircle", "circle"]
    assert picture.table(points).height == 3

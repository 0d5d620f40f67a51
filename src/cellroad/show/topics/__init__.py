"""Parts of a report that appear only where the chain has such rows.

for topic in TOPICS:
    topic.sheets(plan)   # tables, none where the plan has nothing of it
    topic.option(plan)   # a chart, where looking beats reading
"""

from __future__ import annotations

from cellroad.show.charts import contracts as contracts_chart
from cellroad.show.charts import loads as loads_chart
from cellroad.show.charts import shelf as shelf_chart
from cellroad.show.topics import contracts, late, loads, passing, shares, shelf, stages, turns, vendors
from cellroad.show.topics.base import Sheet, Topic

TOPICS = (
    Topic(
        "contracts", "Contracts and prices by volume",
        "What is taken under each contract against its least and its most, what is paid without being taken, and which "
        "tier of a price is reached.",
        "supply", contracts.sheets, contracts_chart.chart, contracts_chart.pixels,
    ),
    Topic(
        "shares", "Shares of suppliers",
        "Which part comes from whom, against the shares that rules ask for: a second source, exclusivity, a "
        "domestic part.",
        "supply", shares.sheets,
    ),
    Topic(
        "loads", "Containers and sailings",
        "What is sent by container: how many, how full, how often. Containers that are paid as a whole count as "
        "a whole.",
        "flow", loads.sheets, loads_chart.chart,
    ),
    Topic(
        "passing", "Goods between partners",
        "At which price goods pass from one partner to another. A higher price moves profit to the seller and its tax; "
        "where goods cross a border, a stated price is their customs value too.",
        "partners", passing.sheets,
    ),
    Topic(
        "stages", "Delays, closures, budgets and campaigns",
        "What may be ready later than planned, what ends, what may still be spent, and which laboratory is busy.",
        "schedule", stages.sheets,
    ),
    Topic(
        "shelf", "Ageing stock and scrap",
        "Stock that can expire, by what is left of its life when it is used next; what is scrapped; where less is on "
        "hand than there should be.",
        "capacity", shelf.sheets, shelf_chart.chart,
    ),
    Topic(
        "turns", "Arrivals, substitutes and returns",
        "What was under way at the start, what stands in for what, and what comes back from customers.",
        "capacity", turns.sheets,
    ),
    Topic(
        "vendors", "Work, orders and vendors",
        "When dated work is done and what it hangs on, what is on order, and how vendors have kept their word.",
        "schedule", vendors.sheets, vendors.option, vendors.pixels,
    ),
    Topic(
        "late", "Late deliveries",
        "What customers get after the time for which they wanted it, and what they are allowed for it.",
        "service", late.sheets,
    ),
)  # fmt: skip
"""Every part that may appear, in the order in which those after the same chart are told."""

__all__ = ["TOPICS", "Sheet", "Topic"]

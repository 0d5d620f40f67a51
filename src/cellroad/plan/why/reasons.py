"""Why something cannot be used at all: what keeps it out of the plan before any price is asked.

Walks from the thing to the customers: its own dates, the ways that lead on, the sales that they reach, and what the
law and certificates leave of them. Told in words, the nearest cause first.
"""

from __future__ import annotations

import polars as pl

from cellroad.chain.chain import Chain
from cellroad.chain.tell import listed
from cellroad.chain.tell import on as day
from cellroad.plan.why.case import Case
from cellroad.plan.why.target import Target

Node = tuple[str, str]


def reasons(case: Case, target: Target) -> tuple[str, ...]:
    """Return why something has no place in the model, or has one that nothing can fill."""
    chain = case.net.chain
    own = {
        "offers": _offer, "contracts": _contract, "processes": _process, "lanes": _lane, "options": _option,
    }.get(target.table)  # fmt: skip
    if target.table == "sales":
        return _sale(case, target.name)
    if target.table == "closures":
        return ("nothing of its resource is in operation within its window",)
    if own is None:
        return (f"nothing that could serve a customer is bought, made or received at {target.name}",)
    told = own(case, target.name)
    return tuple(told) or (f"nothing of it can serve a customer within the horizon of {chain.name}",)


def _offer(case: Case, name: str) -> list[str]:
    chain, periods = case.net.chain, case.net.periods
    offer = chain.offers.row(by_predicate=pl.col("offer") == name, named=True)
    first, last = offer["valid_from"], offer["valid_to"]
    if first >= periods.end:
        return [f"it begins on {day(first)}, after the horizon ends"]
    if last is not None and last < periods.start:
        return [f"it ended on {day(last)}, before the horizon begins"]
    if offer["max_per_month"] == 0:
        return ["nothing of it may be bought (max_per_month is 0)"]
    return _onward(case, (offer["site"], offer["item"]), offer["lead_days"])


def _contract(case: Case, name: str) -> list[str]:
    row = case.net.chain.contracts.row(by_predicate=pl.col("contract") == name, named=True)
    return _offer(case, row["offer"]) or ["its term or its last day to sign lies outside the horizon"]


def _process(case: Case, name: str) -> list[str]:
    chain = case.net.chain
    row = chain.processes.row(by_predicate=pl.col("process") == name, named=True)
    if row["resource"] is not None:
        line = chain.resources.row(by_predicate=pl.col("resource") == row["resource"], named=True)
        if line["status"] == "closed":
            return [f"its line {line['resource']} is closed"]
        if line["status"] == "option" and chain.options.filter(resource=row["resource"]).is_empty():
            return [f"its line {line['resource']} comes only with an option, and no option brings it"]
        if case.net.lines.filter(resource=row["resource"]).is_empty():
            return [f"its line {line['resource']} has no hours within the horizon"]
    there = set(case.net.nodes.select("site", "item").iter_rows())
    missing = [item for item in chain.bom.filter(process=name)["item"] if (row["site"], item) not in there]
    if missing:
        return [f"its input {listed(missing)} cannot be had at {row['site']}"]
    return _onward(case, (row["site"], row["item"]), 0)


def _lane(case: Case, name: str) -> list[str]:
    chain = case.net.chain
    lane = chain.lanes.row(by_predicate=pl.col("lane") == name, named=True)
    carried = _carried(case).filter(lane=name)["item"].to_list()
    if not carried:
        return [f"no item of the chain may travel on it (it takes dangerous goods of class {lane['dg_class']!r})"]
    reached = set(case.net.nodes.select("site", "item").iter_rows())
    useful = [item for item in carried if (lane["destination"], item) in reached]
    if not useful:
        return [f"nothing that it brings to {lane['destination']} can serve a customer from there in time"]
    return [f"nothing that is wanted at {lane['destination']} can be had at {lane['origin']} in time"]


def _option(case: Case, name: str) -> list[str]:
    chain, periods = case.net.chain, case.net.periods
    row = chain.options.row(by_predicate=pl.col("option") == name, named=True)
    if row["latest"] < periods.start or row["earliest"] >= periods.end:
        return [f"its window from {day(row['earliest'])} to {day(row['latest'])} lies outside the horizon"]
    line = chain.resources.row(by_predicate=pl.col("resource") == row["resource"], named=True)
    if line["status"] == "closed":
        return [f"its line {line['resource']} is closed"]
    return [f"it takes {row['build_months']} months to build and would be ready only after the horizon"]


def _sale(case: Case, name: str) -> tuple[str, ...]:
    net, chain = case.net, case.net.chain
    market, want, *item = name.split(" ")
    items = item or chain.wants.filter(want=want)["item"].to_list()
    serving = set(chain.wants.filter(want=want)["item"])
    told = [f"{each} does not satisfy the want {want}" for each in items if each not in serving]
    for each in items:
        if each in serving:
            told += kept_out(case, each) or (
                []
                if (market, each) in set(net.nodes.select("site", "item").iter_rows())
                else [f"{each} cannot be at {market} in time: no offer, process and lane bring it there"]
            )
    return tuple(told) or (f"nothing can serve {want} at {market} within the horizon",)


def _onward(case: Case, node: Node, lead_days: int) -> list[str]:
    """Return what stops an item at a site on its way to a customer."""
    chain, kept = case.net.chain, set(case.net.nodes.select("site", "item").iter_rows())
    reached = _reached(case, node)
    markets = set(case.net.wanted.select("market", "want").iter_rows())
    serves = set(chain.wants.select("want", "item").iter_rows())
    sold = sorted({(m, i) for m, i in reached for want, of in serves if of == i and (m, want) in markets})
    if not sold:
        onward = sorted({site for site, _ in reached} - {node[0]})
        way = f"it gets no further than {listed(onward)}" if onward else f"no lane takes {node[1]} from {node[0]}"
        used = chain.bom.filter(item=node[1]).is_empty() and node[1] not in set(chain.wants["item"])
        return [f"{way}, and no customer is reached"] + ([f"nothing is made of {node[1]}"] if used else [])
    told = [reason for _, item in sold for reason in kept_out(case, item)]
    if node in kept and not told:
        return []
    late = f" (its lead time is {lead_days} days)" if lead_days else ""
    return list(dict.fromkeys(told)) or [f"it cannot reach a customer before the last demand{late}"]


def kept_out(case: Case, item: str) -> list[str]:
    """Return the bans and certificates that keep an item from customers."""
    bans = case.net.bans.filter((pl.col("item") == item) & (pl.col("counts") == "barred"))
    told = [
        f"the ban {row['ban']} keeps {item} from {row['segment'] or row['border']} "
        f"from {day(row['valid_from'])} on: {row['because']}"
        for row in bans.iter_rows(named=True)
    ]
    papers = case.net.chain.certificates.filter(pl.col("item") == item)
    for row in papers.iter_rows(named=True):
        if row["status"] == "lapsed":
            told.append(f"the certificate {row['standard']} of {item} has lapsed")
        elif row["valid_to"] is not None and row["valid_to"] < case.net.periods.end:
            told.append(f"the certificate {row['standard']} of {item} ends on {day(row['valid_to'])}")
    return told


def _carried(case: Case) -> pl.DataFrame:
    """Return which items lanes accept: lane, item, origin, destination."""
    from cellroad.plan.law.barred import crossings
    from cellroad.plan.network.arcs import make_codes, make_lane_arcs, open_days
    from cellroad.plan.network.network import UNBOUND

    net = case.net
    open_at = open_days(net.chain, net.periods)
    free = crossings(UNBOUND.bans, net.periods, net.settings)
    arcs = make_lane_arcs(net.chain, make_codes(net.chain), open_at, free)
    return arcs.frame.select("lane", "item", "origin", "destination").unique()


def _reached(case: Case, node: Node) -> set[Node]:
    """Return every item at every site that can be made of one, whatever the time."""
    chain: Chain = case.net.chain
    moves: dict[Node, list[Node]] = {}
    for item, origin, destination in _carried(case).select("item", "origin", "destination").iter_rows():
        moves.setdefault((origin, item), []).append((destination, item))
    made = chain.bom.join(chain.processes.select("process", "site", made="item"), on="process")
    for site, item, out in made.select("site", "item", "made").iter_rows():
        moves.setdefault((site, item), []).append((site, out))
    seen, waiting = {node}, [node]
    while waiting:
        for onward in moves.get(waiting.pop(), []):
            if onward not in seen:
                seen.add(onward)
                waiting.append(onward)
    return seen

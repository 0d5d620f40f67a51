"""What a tiny chain is worth to some of its partners: the reference, with every unit that somebody owns told apart."""

import itertools
from functools import partial
from math import inf, isfinite
from typing import Any

import numpy as np
from tests.plan.reference import Reference, _Lp
from tests.plan.tiny import Rows

NOBODY = ""


class Partners(Reference):
    """The value of a chain to partners, when the others do not lose, or follow."""

    def __init__(self, rows: Rows) -> None:
        super().__init__(rows)
        self.names = [*(row["partner"] for row in rows["partners"]), NOBODY]
        text = self.setting["value_of"]
        parts = [part.partition(":") for part in text.split(";")]
        self.wanted_weight = {name: float(weight or 1) for name, _, weight in parts}
        self.follow = self.setting.get("others", "gain") == "follow"
        made = {row["site"] for row in rows["processes"]}
        self.runs = {
            row["site"]: row["partner"] if row["site"] in made or row["kind"] != "vendor" else None
            for row in rows["sites"]
        }
        self.line = {row["resource"]: row["partner"] or self.runs[row["site"]] for row in rows["resources"]}
        self.maker = {row["process"]: self.line[row["resource"]] for row in rows["processes"]}

    def holds(self, holder: str, party: str) -> float:
        """Return what a holder holds of a party, along all ways."""
        if holder == party:
            return 1.0
        return sum(
            (row["share_min"] + row["share_max"]) / 2 * self.holds(holder, row["owner"])
            for row in self.rows["stakes"]
            if row["owned"] == party
        )

    def counts(self, party: str) -> float:
        if party == NOBODY:
            return max(self.wanted_weight.values())
        return sum(weight * self.holds(name, party) for name, weight in self.wanted_weight.items())

    def candidates(self, site: str, item: str) -> list[str]:
        """Return who may own an item at a place: who runs it, else who brings it there or around, or fetches it."""
        if self.runs[site]:
            return [self.runs[site]]
        around, grows = {site}, True
        moves = [lane for lane, what in self.lanes if what == item and self._used(lane, item)]
        while grows:
            more = {
                lane[b] for lane in moves for a, b in (("origin", "destination"), ("destination", "origin"))
                if lane[a] in around and not self.runs[lane[b]]
            }  # fmt: skip
            grows = not more <= around
            around |= more
        send = {self.runs[ln["origin"]] for ln in moves if ln["destination"] in around and self.runs[ln["origin"]]}
        take = {self.runs[ln["destination"]] for ln in moves if ln["origin"] in around and self.runs[ln["destination"]]}
        return sorted(send) or sorted(take) or [NOBODY]

    def _used(self, lane: dict[str, Any], item: str) -> bool:
        return any(self.leaves_in_time(lane, item, t) for t in range(self.last))

    def passes_at(self, seller: str, buyer: str, item: str, site: str, t: int) -> float:
        standard = self.worth[site, item][t]
        standard = standard if isfinite(standard) else 0.0
        for row in self.rows["transfers"]:
            if (row["seller"], row["buyer"]) == (seller, buyer) and row["item"] in (None, item):
                if row["price_usd"] is not None:
                    return float(row["price_usd"])
                if row["index"] is not None:
                    return float(2.0 * self._index(t) + row["adder_usd"])
                return float(1.2 * standard + row["adder_usd"])
        return standard

    def _index(self, t: int) -> float:
        period = self.periods[t]
        months = sorted({day.replace(day=1) for day in period.days})
        values = sorted((row["month"], row["value"]) for row in self.rows["indices"])
        return float(np.mean([[v for m, v in values if m <= month][-1] for month in months]))

    # the linear programme by owner -----------------------------------------------------------------------------------

    def best(self) -> float:
        base = _Lp()
        self._columns(base)
        made = {row["process"]: (row["site"], row["item"]) for row in self.rows["processes"]}
        for name in list(base.columns):  # what comes too late for a customer is not made, whoever would pay for it
            if name[0] == "make" and not self.in_time(*made[name[1]], name[3]):
                del base.columns[name]
        self._balances(base)
        lp, money = self._told_apart(base)
        weights = {p: self.counts(p) for p in self.names}
        tops = [
            p for p in self.names[:-1]
            if p not in self.wanted_weight and all(row["owned"] != p for row in self.rows["stakes"])
        ]  # fmt: skip
        for name in lp.columns:
            lp.columns[name] = sum(weights[p] * usd for p, usd in money.get(name, {}).items())
        for top in [] if self.follow else tops:
            for name in lp.columns:
                usd = sum(self.holds(top, p) * part for p, part in money.get(name, {}).items())
                if usd:
                    lp.term(("made", "gain", top), name, -usd)
        standing = dict.fromkeys(self.names, 0.0)
        for row in self.resource.values():
            if row["status"] == "operating":
                for t, period in enumerate(self.periods):
                    if row["since"] is None or row["since"] <= period.start:
                        spent = row["fixed_usd_per_month"] * period.months * self.discount(t)
                        standing[self.line[row["resource"]]] -= spent
        short = {name: self.wanted[name[1:4]][0] for name in lp.columns if name[0] == "short"}
        nothing = {
            p: sum(quantity * money[name].get(p, 0.0) for name, quantity in short.items()) for p in self.names
        }  # fmt: skip
        values = []
        for taken in self._combinations():
            begun = dict.fromkeys(self.names, 0.0)
            for n in taken:
                begun[self._pays(self.starts[n])] += self.starts[n]["money"]
            least = {
                top: sum(self.holds(top, p) * (nothing[p] - begun[p]) for p in self.names) for top in tops
            }  # fmt: skip
            for placed, claimed in itertools.product(self._orders(), self._claims()):
                found = lp.solve(partial(self._limits, least=least, taken=taken, placed=placed, claimed=claimed))
                if found is not None:
                    values.append(found + sum(weights[p] * (standing[p] + begun[p]) for p in self.names))
        return max(values)

    def _limits(self, name: tuple[Any, ...], least: dict[str, float], **others: Any) -> tuple[float, float]:
        if name[:2] == ("made", "gain"):
            return -inf, -least[name[2]]
        if name[0] == "of":
            return 0.0, inf
        return self._bounds(name, **others)

    def _pays(self, start: dict[str, Any]) -> str:
        if "option" in start:
            return str(self.line[start["option"]["resource"]])
        makers = {self.maker[row["process"]] for row in self.rows["processes"]}
        return makers.pop() if len(makers) == 1 else NOBODY

    def _told_apart(self, base: _Lp) -> tuple[_Lp, dict[Any, dict[str, float]]]:
        """Return the programme with a column ("of", owner, ...) for what moves at neutral places; money by party."""
        lp, money = _Lp(), {}
        lp.equal = dict(base.equal)
        for row, terms in base.terms.items():
            lp.terms[row] = dict(terms)
        offers = {row["offer"]: row for row in self.rows["offers"]}
        lanes = {lane["lane"]: lane for lane in self.rows["lanes"]}
        for name, usd in base.columns.items():
            lp.column(name, 0.0)
            kind, *key = name
            if kind == "buy":
                self._owned(lp, money, name, usd, (offers[key[0]]["site"], offers[key[0]]["item"]))
            elif kind == "hold":
                self._owned(lp, money, name, usd, (key[0], key[1]))
            elif kind == "sell":
                self._owned(lp, money, name, usd, (key[0], key[2]))
            elif kind == "short":
                may = {p for item in self.item for p in self._around(key[0], item)}
                may = may - {NOBODY} or {NOBODY}
                money[name] = {p: usd / len(may) for p in may}
            elif kind == "make":
                self._run(money, name, usd)
            elif kind == "ship":
                self._moved(lp, money, name, usd, lanes[key[0]], key[1], key[2])
        self._stock(lp)
        return lp, money

    def _around(self, site: str, item: str) -> list[str]:
        if self.runs[site]:
            return [str(self.runs[site])]
        here = [(ln, what) for ln, what in self.lanes if ln["destination"] == site and what == item]
        used = (site, item) in self.useful or any(self._used(ln, item) for ln, _ in here)
        return self.candidates(site, item) if used else []

    def _node(self, lp: _Lp, site: str, item: str, owner: str, t: int) -> tuple[Any, ...]:
        row = ("of", site, item, owner, t)
        lp.equal.setdefault(row, 0.0)
        return row

    def _owned(self, lp: _Lp, money: Any, name: Any, usd: float, node: tuple[str, str]) -> None:
        site, item = node
        owners = self.candidates(site, item)
        if len(owners) == 1:
            money[name] = {owners[0]: usd}
            return
        lp.row(("sum", name), 0.0)
        lp.term(("sum", name), name, -1.0)
        t = name[-1]
        units = 1.0
        if name[0] == "sell":
            units = next(
                r["quantity"] for r in self.rows["wants"] if (r["want"], r["item"]) == (name[2], name[3])
            )  # fmt: skip
        for owner in owners:
            mine = ("of", owner, name)
            lp.column(mine, 0.0)
            money[mine] = {owner: usd}
            lp.term(("sum", name), mine, 1.0)
            lp.term(self._node(lp, site, item, owner, t), mine, 1.0 if name[0] == "buy" else -units)
            if name[0] == "hold" and t + 1 < self.last:
                lp.term(self._node(lp, site, item, owner, t + 1), mine, 1.0)

    def _run(self, money: Any, name: Any, usd: float) -> None:
        _, process, start, t = name
        row = next(r for r in self.rows["processes"] if r["process"] == process)
        maker, here = self.maker[process], self.runs[row["site"]]
        money[name] = {maker: usd}
        if maker != here:
            good = row["yield_share"] * self.lines[row["resource"], start][t][1]
            paid = good * self.passes_at(maker, here, row["item"], row["site"], t)
            for item, quantity in self.inputs[process].items():
                paid -= quantity * self.passes_at(here, maker, item, row["site"], t)
            paid *= self.discount(t)
            money[name] = {maker: usd + paid, here: -paid}

    def _moved(self, lp: _Lp, money: Any, name: Any, usd: float, lane: Any, item: str, t: int) -> None:
        origin, end = self.candidates(lane["origin"], item), self.candidates(lane["destination"], item)
        brings = bool(self.runs[lane["origin"]]) or len(origin) == 1
        if len(origin) == 1 and len(end) == 1:
            seller, buyer = origin[0], end[0]
            paid = self.passes_at(seller, buyer, item, lane["origin"], t) * self.discount(t) if seller != buyer else 0.0
            money[name] = {buyer: usd - paid}
            if seller != buyer:
                money[name][seller] = paid
        elif brings:  # to a place that several serve: it stays the sender's
            money[name] = {origin[0]: usd}
            for to, share in self.arrivals(lane, item, t).items():
                if to < self.last:
                    lp.term(self._node(lp, lane["destination"], item, origin[0], to), name, share)
        elif self._fetched(lane["origin"], item) and len(end) == 1:
            money[name] = {end[0]: usd}
            lp.term(self._node(lp, lane["origin"], item, end[0], t), name, -1.0)
        else:
            lp.row(("sum", name), 0.0)
            lp.term(("sum", name), name, -1.0)
            for owner in origin:
                mine = ("of", owner, name)
                lp.column(mine, 0.0)
                lp.term(("sum", name), mine, 1.0)
                lp.term(self._node(lp, lane["origin"], item, owner, t), mine, -1.0)
                if len(end) == 1:
                    paid = self.passes_at(owner, end[0], item, lane["origin"], t) * self.discount(t)
                    paid = paid if owner != end[0] else 0.0
                    money[mine] = {end[0]: usd - paid}
                    if paid:
                        money[mine][owner] = paid
                else:
                    money[mine] = {owner: usd}
                    for to, share in self.arrivals(lane, item, t).items():
                        if to < self.last:
                            lp.term(self._node(lp, lane["destination"], item, owner, to), mine, share)

    def _fetched(self, site: str, item: str) -> bool:
        """Say whether what is at a neutral place belongs to those who fetch it: nobody brings it there or around."""
        brought = [
            lane for lane, what in self.lanes
            if what == item and self.runs[lane["origin"]] and self._used(lane, item)
            and not self.runs[lane["destination"]]
            and set(self.candidates(lane["destination"], item)) & set(self.candidates(site, item))
            and self._joined(lane["destination"], site, item)
        ]  # fmt: skip
        return not brought

    def _joined(self, one: str, other: str, item: str) -> bool:
        seen, front = {one}, [one]
        while front:
            site = front.pop()
            for lane, what in self.lanes:
                if what == item and self._used(lane, item) and site in (lane["origin"], lane["destination"]):
                    for end in (lane["origin"], lane["destination"]):
                        if end not in seen and not self.runs[end]:
                            seen.add(end)
                            front.append(end)
        return other in seen

    def _stock(self, lp: _Lp) -> None:
        for n, row in enumerate(self.rows["stocks"]):
            owners = self.candidates(row["site"], row["item"])
            if len(owners) > 1:
                lp.row(("sum", "stock", n), row["on_hand"])
                for owner in owners:
                    mine = ("of", owner, ("stock", n))
                    lp.column(mine, 0.0)
                    lp.term(("sum", "stock", n), mine, 1.0)
                    lp.term(self._node(lp, row["site"], row["item"], owner, 0), mine, 1.0)

"""One model in which the values of two partners can be weighed against each other, solved again and again."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import polars as pl
import scipy.sparse as sp
from numpy.typing import NDArray

from cellroad.chain.chain import Chain
from cellroad.chain.finding import ChainError, Finding
from cellroad.chain.tell import did_you_mean
from cellroad.plan.kernel import Block, Model
from cellroad.plan.ledger import GIVEN
from cellroad.plan.model import build
from cellroad.plan.network.network import Network, expand
from cellroad.plan.partners.book import Book, make_book
from cellroad.plan.partners.whose import columns_of
from cellroad.plan.solving.branching import Branching
from cellroad.plan.solving.rounding import Rounding
from cellroad.plan.solving.solve import Strategy, solve
from cellroad.plan.solving.strong import Strengthener
from cellroad.plan.solving.watching import Limits, Outcome
from cellroad.rules.eligibility import Eligibility

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Between:
    """A model with what each column is worth to two partners: discounted USD per unit, (2, columns), and `given` (2,).

    `loose` is what falls on nobody named, which counts against both.
    """

    net: Network
    model: Model
    book: Book
    factor: Floats
    given: Floats
    loose: Floats
    loose_given: float
    limits: Limits

    @classmethod
    def of(cls, chain: Chain, partners: tuple[str, str], rules: Eligibility, limits: Limits) -> Between:
        """Build the model. Raises ChainError where a partner is not one of the chain, or both are the same."""
        known = set(chain.partners["partner"])
        strangers = [name for name in partners if name not in known]
        if strangers or len(set(partners)) < 2:
            found = repr(strangers[0]) if strangers else f"{partners[0]!r} twice"
            advice = "Name two partners of this chain."
            raise ChainError([Finding("blocker", "partners", None, "partner", found, "two partners of the chain",
                                      did_you_mean(strangers[0], known, advice) if strangers else advice)])  # fmt: skip
        net = expand(with_settings(chain, value_of=";".join(partners)), rules)
        model = build(net)
        book = make_book(net, model)
        places = [net.owners.names.index(name) for name in partners]
        factors = [_factors(net, model, book, place) for place in (*places, net.owners.nobody)]
        column, given = np.array([f for f, _ in factors]), np.array([g for _, g in factors])
        return cls(net, model, book, column[:2], given[:2], column[2], float(given[2]), limits)

    def values(self, solution: Floats) -> tuple[float, float]:
        """Return what a solution is worth to each."""
        found = self.factor @ solution + self.given
        return float(found[0]), float(found[1])

    def best(
        self, weights: tuple[float, float], least: tuple[float, float] = (-np.inf, -np.inf), barred: Ints | None = None
    ) -> Outcome:
        """Return the best solution for a weighing of both values, each at least so much, without the barred columns."""
        model, heavy = self.model, max(weights)
        weighed = np.array(weights)
        rows = [n for n in (0, 1) if np.isfinite(least[n])]
        matrix = sp.csr_array(sp.vstack([model.matrix, sp.csr_array(self.factor[rows])])) if rows else model.matrix
        upper = model.upper
        if barred is not None:
            upper = upper.copy()
            upper[barred] = 0.0
        asked = replace(
            model,
            cost=-(weighed @ self.factor + heavy * self.loose),
            offset=float(weighed @ self.given + heavy * self.loose_given),
            upper=upper,
            matrix=matrix,
            row_lower=np.append(model.row_lower, [least[n] - self.given[n] for n in rows]),
            row_upper=np.append(model.row_upper, np.full(len(rows), np.inf)),
        )
        strategy = Strategy(Strengthener(self.net, asked).broken, Branching(asked), Rounding(self.net))
        return solve(asked, strategy=strategy, limits=self.limits, watch=lambda _: True)


def with_settings(chain: Chain, **values: str) -> Chain:
    """Return a chain with settings of other values."""
    kept = chain.settings.filter(~pl.col("name").is_in(list(values)))
    new = pl.DataFrame({"name": list(values), "value": list(values.values())})
    return chain.replace(settings=pl.concat([kept, new], how="diagonal_relaxed"))


def _factors(net: Network, model: Model, book: Book, holder: int) -> tuple[Floats, float]:
    """Return what each column is worth to a holder, discounted, and what no decision moves."""
    alone = np.zeros(net.owners.count)
    alone[holder] = 1.0
    usd = book.weighted(net.stakes.weight(alone))
    column = columns_of(book, owned_block(model))
    decided = column != GIVEN
    return np.bincount(column[decided], usd[decided], model.cost.size).astype(float), float(usd[~decided].sum())


def owned_block(model: Model) -> Block:
    """Return the columns that tell apart what is whose."""
    return model.columns["owned"]

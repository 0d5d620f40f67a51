"""What a plan keeps so that it can be asked again: the law that bound it, and what it decided, block by block.

Small enough to be kept and sent with every plan; the model is built again when the first question comes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cellroad.chain.chain import Chain
from cellroad.plan.kernel import Model
from cellroad.rules.eligibility import Eligibility

if TYPE_CHECKING:
    from cellroad.plan.solving.watching import Outcome
    from cellroad.plan.why.case import Case

Floats = NDArray[np.float64]
Taken = Mapping[str, tuple[NDArray[np.int32], Floats]]
"""By block of columns: which columns are not zero, and their values."""


class Basis:
    """The law and the values of a plan; `case` builds its model once and keeps it, but never travels with it."""

    def __init__(self, rules: Eligibility, taken: Taken, bound: float, gap: float) -> None:
        self.rules, self.taken, self.bound, self.gap = rules, taken, bound, gap
        self._case: Case | None = None

    @classmethod
    def of(cls, rules: Eligibility, model: Model, outcome: Outcome) -> Basis:
        """Keep the values of a solution, and what is proven of it."""
        taken = {}
        for name, block in model.columns.items():
            own = block.of(outcome.values)
            some = np.flatnonzero(own)
            taken[name] = some.astype(np.int32), own[some]
        return cls(rules, taken, -outcome.bound, outcome.gap)

    def case(self, chain: Chain) -> Case:
        """Return the model of the plan with what it decided, built when first asked for."""
        from cellroad.plan.why.case import Case

        if self._case is None:
            self._case = Case.of(chain, self.rules, self.taken, self.bound, self.gap)
        return self._case

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel without the model."""
        return Basis, (self.rules, dict(self.taken), self.bound, self.gap)

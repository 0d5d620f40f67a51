"""From a relaxed solution to a whole plan, by a copy of the relaxation that stays warm."""

from __future__ import annotations

from collections.abc import Callable

import highspy
import numpy as np
from numpy.typing import NDArray

from cellroad.plan.solving.scaled import Scaled
from cellroad.plan.solving.solver import copied, set_bounds
from cellroad.plan.solving.watching import Limits

Floats = NDArray[np.float64]
Round = Callable[[Floats], Floats]


class Evaluator:
    """Turns a relaxed solution into a whole one: decisions rounded to the nearer side, details rounded up.

    Of a choice that is taken which the amounts of the relaxed solution ask for. Where the details cannot be rounded up
    there is no plan here; the search settles them where its strategy is whole.
    """

    def __init__(self, scaled: Scaled, relaxed: highspy.Highs, rounding: Round, limits: Limits) -> None:
        """Keep a second copy of the relaxation, warm for this."""
        self.scaled, self.model, self.rounding = scaled, scaled.model, rounding
        self.highs = copied(relaxed, limits)
        self.highs.setOptionValue("primal_feasibility_tolerance", 1e-9)
        self.starts = self.model.columns["start"].ids
        self.others = np.setdiff1d(self.model.strategic, self.model.columns["open"].ids)
        self.details = self.model.details
        self.lower, self.upper = self.model.lower[self.details], self.model.upper[self.details]
        self.tried: set[bytes] = set()

    def __call__(self, values: Floats, to_beat: float) -> tuple[float, Floats] | None:
        """Return cost and values of a whole plan near relaxed values; None where it was tried before or is worse."""
        starts = self.rounding(values[self.starts])
        others = (values[self.others] > 0.5).astype(float)
        key = starts.tobytes() + others.tobytes()
        if key in self.tried:
            return None
        self.tried.add(key)
        set_bounds(self.highs, self.starts, starts, starts)
        set_bounds(self.highs, self.others, others, others)
        set_bounds(self.highs, self.details, self.lower, self.upper)
        self.highs.run()
        if not self._solved() or self.highs.getInfo().objective_function_value >= to_beat:
            return None
        if self.details.size:
            found = np.array(self.highs.getSolution().col_value)
            up = np.ceil(found[self.details] - 1e-7)
            natural = self.scaled.natural(found)
            for choice in self.model.choices:
                place = np.searchsorted(self.details, choice.columns)
                up[place] = 0.0
                amount = natural[choice.amounts].sum()
                up[place[max(int(np.sum(choice.low <= amount * (1 + 1e-9))) - 1, 0)]] = 1.0
            set_bounds(self.highs, self.details, up, up)
            self.highs.run()
            if not self._solved():
                return None
        cost = float(self.highs.getInfo().objective_function_value)
        return cost, np.array(self.highs.getSolution().col_value)

    def _solved(self) -> bool:
        return bool(self.highs.getModelStatus() == highspy.HighsModelStatus.kOptimal)

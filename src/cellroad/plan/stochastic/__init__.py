"""Decisions in stages under uncertainty: scenario problems, their extensive form, decompositions, risk and information.

Nothing here knows what a battery is. A `Problem` is one mixed-integer programme per scenario with a name for every
column; columns of the same name in several scenarios are one decision, taken before these scenarios part. `solve`
chooses a method and returns an answer with bounds from both sides.
"""

from cellroad.plan.stochastic.problem import Problem
from cellroad.plan.stochastic.programme import Programme
from cellroad.plan.stochastic.risk import Risk
from cellroad.plan.stochastic.solve import Answer, Limits, solve

__all__ = ["Answer", "Limits", "Problem", "Programme", "Risk", "solve"]

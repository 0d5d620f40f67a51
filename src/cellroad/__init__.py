"""Cellroad plans and runs a battery supply chain: who to buy from, what a kWh costs landed, what to do and when.

    import cellroad as cr
    chain = cr.load("kandi-cbak")      # a shipped example, or the path of a folder, workbook or zip
    cr.check(chain)                    # everything that is wrong with it, at once
    cr.land(chain, item, origin, destination, on="2027-03-01")
    plan = cr.plan(chain)              # what to buy, build, make, ship and hold
"""

from cellroad.chain import facts
from cellroad.chain.chain import Chain
from cellroad.chain.check import check
from cellroad.chain.files import load, read, write
from cellroad.chain.finding import ChainError, Finding
from cellroad.chain.scenario import apply
from cellroad.plan.planning import plan
from cellroad.plan.result import Plan
from cellroad.rules.landed import land

__all__ = ["Chain", "ChainError", "Finding", "Plan", "apply", "check", "facts", "land", "load", "plan", "read", "write"]
__version__ = "0.1.0"

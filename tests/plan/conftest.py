"""The plans of the shipped examples, each solved once in a test run."""

from functools import cache

import pytest

from cellroad.chain.files import load
from cellroad.plan.planning import plan
from cellroad.plan.result import Plan

EXAMPLES = ("kandi-cbak", "gotion-us", "yousolar", "casip")


@cache
def planned(name: str) -> Plan:
    return plan(load(name))


@pytest.fixture(scope="session", params=EXAMPLES)
def example(request: pytest.FixtureRequest) -> Plan:
    return planned(request.param)

"""Every column and row of the model says what it stands for, and no two of a block stand for the same."""

import random

import pytest
from tests.plan.tiny import chain_of, random_rows

import cellroad as cr
from cellroad.plan.model import build
from cellroad.plan.network.network import expand
from cellroad.plan.planning import allowed


@pytest.mark.parametrize("name", ["kandi-cbak", "yousolar", *range(5)])
def test_no_two_columns_or_rows_of_a_block_stand_for_the_same(name: str | int) -> None:
    chain = cr.load(name) if isinstance(name, str) else chain_of(random_rows(random.Random(name)))
    model = build(expand(chain, allowed(chain)))
    for block in (*model.columns.values(), *model.rows.values()):
        assert block.index.width > 0, block.name
        assert block.index.height == block.size
        assert not block.index.is_duplicated().any(), block.name

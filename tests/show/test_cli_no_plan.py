"""Where a chain has no plan the command says which rules clash and what must give way."""

import json
from pathlib import Path
from typing import Any

import polars as pl
from tests.show.tiny import tiny

from cellroad.chain.chain import Chain
from cellroad.chain.files import write
from cellroad.show.exits import Exit


def bound() -> Chain:
    """A line has to make ten packs a month, one of a cell each, and gets five cells."""
    chain = tiny()
    cell = chain.items.with_columns(item=pl.lit("cell"), name=pl.lit("Cell"))
    offer = chain.offers.with_columns(offer=pl.lit("cells"), item=pl.lit("cell"), max_per_month=pl.lit(5.0))
    changed = {
        "resources": {"resource": "line", "site": "vendor", "hours_per_month": 100.0, "min_use_share": 1.0},
        "processes": {"process": "make", "site": "vendor", "item": "pack", "resource": "line", "hours_per_unit": 10.0},
        "bom": {"process": "make", "item": "cell", "quantity": 1.0},
    }
    tables = {table: pl.DataFrame([row]) for table, row in changed.items()}
    tables |= {"items": pl.concat([chain.items, cell]), "offers": pl.concat([chain.offers, offer])}
    return Chain.of("bound", **{**chain.tables, **tables})


def test_the_clash_and_the_cheapest_way_out_are_told(run: Any, tmp_path: Path) -> None:
    write(bound(), tmp_path / "bound")
    said = run("plan", tmp_path / "bound", "-q")
    assert said.code == Exit.NO_PLAN
    told = " ".join(said.err.split())
    assert "These cannot all be kept" in told and "line" in told
    assert "The least that must give way" in told
    machine = run("plan", tmp_path / "bound", "-q", "--json")
    assert "must give way" in json.loads(machine.out)["error"]

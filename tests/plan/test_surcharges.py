"""A supposed duty adds its share of the value to what is law, on its days, on what it is levied on."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
import pytest

from cellroad.chain.settings import PlanSettings
from cellroad.chain.tables import TABLES
from cellroad.plan.law.border import make_border
from cellroad.plan.periods import make_periods

CROSSINGS = pl.DataFrame(
    {
        "country_to": ["US", "US", "US"], "made_in": ["CN", "MY", "CN"],
        "hts": ["8507.60.0020", "8507.60.0020", "3926.90.9989"],
    }
)  # fmt: skip
PERIODS = make_periods(PlanSettings(start=dt.date(2028, 1, 1), months=6))


def levied(**row: object) -> pl.DataFrame:
    schema = TABLES["surcharges"]
    given = {"surcharge": "s", "importer": "", "origin": "", "hts": "", "add_share": 0.0, "valid_from": None} | row
    frame = pl.DataFrame([{**given, "valid_to": row.get("valid_to")}])
    return frame.cast({name: schema.columns()[name].dtype for name in frame.columns})


def added(surcharges: pl.DataFrame) -> np.ndarray:
    plain, more = make_border(CROSSINGS, PERIODS), make_border(CROSSINGS, PERIODS, surcharges)
    assert plain.frame.equals(more.frame)
    return more.duty - plain.duty


def test_a_surcharge_is_levied_on_its_origin_and_code_from_its_day() -> None:
    more = added(levied(origin="CN", hts="8507.60", add_share=0.25, valid_from=dt.date(2028, 4, 1)))
    frame = make_border(CROSSINGS, PERIODS).frame
    for tariff, origin, hts in frame.select("tariff", "origin", "hts").iter_rows():
        meant = origin == "CN" and hts.startswith("8507")
        assert more[tariff].tolist() == pytest.approx([0, 0, 0] + [0.25 if meant else 0] * 4)


def test_no_share_changes_nothing_and_no_duty_falls_below_zero() -> None:
    assert np.all(added(levied()) == 0)
    relief = make_border(CROSSINGS, PERIODS, levied(add_share=-1.0))
    assert np.all(relief.duty == 0)

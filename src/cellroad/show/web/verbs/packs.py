"""`packs` on the web: packs that were built against what is computed of them, one by one."""

from __future__ import annotations

from functools import cache
from typing import Any

import polars as pl
from fastapi import APIRouter
from starlette.responses import Response

from cellroad.engineering.mass import known
from cellroad.show import html
from cellroad.show.cell_tables import ERRORS, off, packs_remarks, packs_said, packs_table
from cellroad.show.web.replies import csv_reply, json_reply, page
from cellroad.show.web.verb import Verb

VERB = Verb("packs", "How far off is what is computed, for packs that were built?")
router = APIRouter()
NAMES = {"mass_kg": "Mass, kg", "computed_kg": "Computed, kg", "mass_error": "Mass off", "energy_error": "Energy off",
         "nominal_error": "Voltage off"}  # fmt: skip


@router.get("/packs", include_in_schema=False)
def packs_page() -> Response:
    """Known packs as a page."""
    found = _known()
    shown = packs_table(found).with_columns(
        *(pl.col(name).map_elements(off, return_dtype=pl.String) for name in ERRORS),
        pl.col("mass_kg", "computed_kg").round_sig_figs(4),
    )  # fmt: skip
    return page(
        "web_packs.html.j2", title="Known packs", verb=VERB, said=packs_said(found), remarks=packs_remarks(found),
        table=html.table(shown.rename(NAMES), caption="Known packs"),
        downloads=(("Packs (CSV)", "/packs.csv"), ("JSON", "/packs.json")),
    )  # fmt: skip


@router.get("/packs.csv", include_in_schema=False)
def packs_csv() -> Response:
    """Known packs, every column."""
    return csv_reply(_known(), "packs.csv")


@router.get("/packs.json", include_in_schema=False)
def packs_json() -> Response:
    """What the command writes with --json."""
    return json_reply(_machine(), file="packs.json")


@router.get("/api/v1/packs", tags=["packs"])
def api() -> Response:
    """Packs that were built: what is told and what is computed of each, and how far that is off."""
    return json_reply(_machine())


def _machine() -> dict[str, Any]:
    return {"packs": _known()}


@cache
def _known() -> pl.DataFrame:
    return known()

"""The files of `design` on the web, and its routes of the API: what the command writes, for a page or a program."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any

import polars as pl
from fastapi import APIRouter, Body, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.responses import Response

from cellroad.chain.chain import Chain
from cellroad.chain.files import load, write
from cellroad.chain.finding import ChainError, Finding
from cellroad.engineering.design.chaining import join
from cellroad.engineering.design.result import Design
from cellroad.engineering.design.sheet import Sheet
from cellroad.engineering.design.writing import toml
from cellroad.show.design_json import machine
from cellroad.show.design_page import design_page
from cellroad.show.web.asking import CELLS, question
from cellroad.show.web.designs import asked_by, designed, file_name, why_of, with_rank
from cellroad.show.web.replies import csv_reply, json_reply, text_reply
from cellroad.show.web.schema import DesignAnswer, DesignBody, DesignQuery

router = APIRouter()
SHEETS: dict[str, Callable[[Sheet], pl.DataFrame]] = {
    "figures": lambda sheet: sheet.figures,
    "bill": lambda sheet: sheet.bill,
    "cost": lambda sheet: sheet.cost,
    "mass": lambda sheet: sheet.mass.frame(),
    "protection": lambda sheet: sheet.protection.parts(),
    "checks": lambda sheet: sheet.protection.table(),
    "limits": lambda sheet: sheet.limits.table(),
    "life": lambda sheet: sheet.life.curves,
    "certificates": lambda sheet: sheet.certificates,
    "power": lambda sheet: sheet.power,
    "discharge": lambda sheet: sheet.discharge.frame,
    "day": lambda sheet: sheet.day.frame,
}
"""Tables of the sheet of a pack that can be taken away."""
TABLES: dict[str, Callable[[Design], pl.DataFrame]] = {
    "out": lambda found: found.out,
    "layouts": lambda found: found.layouts,
}
"""Tables of an answer, beside the front."""


@router.get("/design.toml", include_in_schema=False)
def as_toml(request: Request) -> Response:
    """The specification as a file."""
    told = asked_by(request)
    return text_reply(toml(told.words), "application/toml; charset=utf-8", f"{file_name(told)}.toml")


@router.get("/design.json", include_in_schema=False)
def as_json(request: Request) -> Response:
    """The answer as the command writes it with --json."""
    return _json(request, 1, request.query_params.get("why", ""), file_name(asked_by(request)))


@router.get("/design.csv", include_in_schema=False)
def as_csv(request: Request) -> Response:
    """The front as a table."""
    told = asked_by(request)
    return csv_reply(designed(request).pareto, f"{file_name(told)}.csv")


@router.get("/design/{table:str}.csv", include_in_schema=False)
def table_csv(request: Request, table: str) -> Response:
    """Another table of the answer."""
    told = asked_by(request)
    _known(table, TABLES)
    return csv_reply(TABLES[table](designed(request)), f"{file_name(told)}-{table}.csv")


@router.get("/design/{rank:int}.json", include_in_schema=False)
def pack_json(request: Request, rank: int) -> Response:
    """The answer with the sheet of one pack, as the command writes it with --rank and --json."""
    told = asked_by(request)
    return _json(request, rank, request.query_params.get("why", ""), f"{file_name(told)}-{rank}")


@router.get("/design/{rank:int}.html", include_in_schema=False)
def pack_file(request: Request, rank: int) -> Response:
    """The page of one pack as a file that needs nothing else."""
    told = asked_by(request)
    found = with_rank(designed(request), rank)
    return text_reply(design_page(found, rank), "text/html; charset=utf-8", f"{file_name(told)}-{rank}.html")


@router.get("/design/{rank:int}/bms.json", include_in_schema=False)
def pack_limits(request: Request, rank: int) -> Response:
    """The limits of the battery management."""
    told = asked_by(request)
    sheet = with_rank(designed(request), rank).sheet(rank)
    return text_reply(sheet.limits.to_json() + "\n", "application/json", f"{file_name(told)}-{rank}-bms.json")


@router.get("/design/{rank:int}/{table:str}.csv", include_in_schema=False)
def pack_csv(request: Request, rank: int, table: str) -> Response:
    """One table of the sheet of a pack."""
    told = asked_by(request)
    _known(table, SHEETS)
    sheet = with_rank(designed(request), rank).sheet(rank)
    return csv_reply(SHEETS[table](sheet), f"{file_name(told)}-{rank}-{table}.csv")


@router.get("/design/{rank:int}/chain.zip", include_in_schema=False)
def pack_chain(request: Request, rank: int, site: str = "", made_of: str = "") -> Response:
    """The chain that prices the cells, with a pack of the front in it, made at a site."""
    told = asked_by(request)
    found = with_rank(designed(request), rank)
    if not told.chain:
        raise ChainError([Finding("blocker", "query", None, "chain", "nothing", "the name of a chain", "Choose one.")])
    return _joined(found, load(told.chain), rank, site, made_of)


@router.post("/design/{rank:int}/chain.zip", include_in_schema=False)
async def pack_own_chain(request: Request, rank: int) -> Response:
    """A chain of one's own, sent as a workbook or zip, with a pack of the front in it."""
    async with request.form(max_files=1) as filled:
        file, site, made_of = filled.get("chain_file"), str(filled.get("site", "")), str(filled.get("made_of", ""))
        data, name = (await file.read(), file.filename or "") if isinstance(file, UploadFile) else (b"", "")
    if not data:
        raise ChainError([Finding("blocker", "query", None, "chain_file", "nothing", "a workbook or a zip of a chain",
                                  "Choose a file.")])  # fmt: skip

    def joined() -> Response:
        found = with_rank(designed(request), rank)
        with tempfile.TemporaryDirectory() as folder:
            place = Path(folder) / ("chain.xlsx" if name.casefold().endswith(".xlsx") else "chain.zip")
            place.write_bytes(data)
            return _joined(found, load(place), rank, site, made_of)

    return await run_in_threadpool(joined)


def _joined(found: Design, chain: Chain, rank: int, site: str, made_of: str) -> Response:
    """Return a chain with a pack in it as a zip. Raises ChainError with what keeps it from being put there."""
    made = join(found, chain, site=site, rank=rank, cell=made_of or None)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "chain.zip"
        write(made.chain, file)
        headers = {"Content-Disposition": 'attachment; filename="chain.zip"'}
        return Response(file.read_bytes(), 200, headers, "application/zip")


# API ------------------------------------------------------------------------------------------------------------------


@router.get("/api/v1/design", tags=["design"], response_model=DesignAnswer)
def api(request: Request, asks: Annotated[DesignQuery, Query()]) -> Response:
    """Packs that meet a specification and that no other beats in mass, volume, cost and life, with one in full.

    The answer is that of the command `cellroad design --json`. What is wrong is told at once, as findings.
    """
    return _json(request, asks.rank, asks.why or "")


@router.post("/api/v1/design", tags=["design"], response_model=DesignAnswer)
def api_post(request: Request, asks: Annotated[DesignBody, Body()]) -> Response:
    """The same of a specification as JSON; values are words with units, numbers, or lists. Cells as text or as rows."""
    told = asks.model_dump(exclude_unset=True)
    rank, why = int(told.pop("rank", 1)), str(told.pop("why", None) or "")
    cells, chain = told.pop(CELLS, None) or "", told.pop("chain", None) or ""
    found = with_rank(designed(request, question(told, cells, chain)), rank)
    return json_reply(machine(found, rank, why_of(found, why)))


def _json(request: Request, rank: int, why: str, file: str = "") -> Response:
    found = with_rank(designed(request), rank)
    return json_reply(machine(found, rank, why_of(found, why)), file=f"{file}.json" if file else "")


def _known(table: str, tables: Mapping[str, Any]) -> None:
    if table not in tables:
        raise KeyError(f"no table {table!r}; there are {', '.join(tables)}")

"""`design` on the web: ask for packs, compare those that no other beats, open one, take away its files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.responses import RedirectResponse, Response

from cellroad.chain import examples
from cellroad.chain.files import load
from cellroad.chain.finding import ChainError, Finding
from cellroad.engineering.design.refusal import NoPackError
from cellroad.engineering.design.result import Design
from cellroad.engineering.design.specification import keys_of
from cellroad.engineering.design.why import Why
from cellroad.engineering.design.writing import in_words
from cellroad.show import html
from cellroad.show.design_page import cards, design_parts, front_figure, listed
from cellroad.show.design_text import FRONT, headline, reasons
from cellroad.show.web import form
from cellroad.show.web.asking import CELLS, MOST_CELLS, Asked, asked, too_long, understood
from cellroad.show.web.designs import asked_by, desk_of, why_of, with_rank
from cellroad.show.web.desk import PATIENCE_S, Run, StoppedError
from cellroad.show.web.replies import page
from cellroad.show.web.sorting import sorted_by, sorted_table
from cellroad.show.web.verb import Verb
from cellroad.show.web.verbs.design_files import SHEETS
from cellroad.show.web.verbs.design_files import router as files

router = APIRouter()
router.include_router(files)
SORTS = ("rank", "nominal_v", "energy_kwh", "mass_kg", "volume_l", "cost_usd", "usd_per_kwh", "years")
"""What the front can be sorted by."""


def examples_of_packs() -> tuple[tuple[str, str, str], ...]:
    """Return the shipped specifications: what each is called, what its first line says, its address."""
    told = []
    for place in examples.packs().values():
        text = place.read_text(encoding="utf-8")
        words = in_words(keys_of(text.encode(), place.name))
        first = text.splitlines()[0]
        told.append((words["name"], first.lstrip("# ") if first.startswith("#") else "", f"/design?{urlencode(words)}"))
    return tuple(told)


VERB = Verb("design", "Which pack do I build from which cell, what does it weigh, cost and need?",
            examples_of_packs())  # fmt: skip


# Pages ----------------------------------------------------------------------------------------------------------------


@router.get("/design", include_in_schema=False)
def answer_page(request: Request) -> Response:
    """The packs that no other beats, as a table and a picture; the form where nothing is asked."""
    told = asked_by(request)
    return _shown(request, told, _answer) if told else _form(told)


@router.get("/design/form", include_in_schema=False)
def form_page(request: Request) -> Response:
    """The form, filled with what is asked."""
    return _form(asked_by(request))


@router.get("/design/{rank:int}", include_in_schema=False)
def pack_page(request: Request, rank: int) -> Response:
    """The full sheet of one pack of the front."""
    return _shown(request, asked_by(request), lambda request, told, found: _pack(request, told, found, rank))


@router.post("/design", include_in_schema=False)
async def sent(request: Request) -> Response:
    """Give what a form sent the address that says the same; a data sheet as a file joins it."""
    async with request.form() as filled:
        _, data = await _file(filled, "cells_file")
        told = asked((key, text) for key, text in filled.multi_items() if isinstance(text, str))
    if data:
        told = Asked(told.words, _text(data), told.chain)
    if len(told.cells) > MOST_CELLS:
        shown = Asked(told.words, "", told.chain)
        return await run_in_threadpool(_form, shown, [too_long(told.cells)], 422)
    return RedirectResponse(f"/design?{told.query()}" if told else "/design/form", 303)


@router.post("/design/file", include_in_schema=False)
async def specification_file(request: Request) -> Response:
    """Give a specification in a TOML file the address that says the same."""
    async with request.form() as filled:
        file, data = await _file(filled, "specification")
    try:
        words = in_words(keys_of(data, file or "specification.toml"))
    except ChainError as error:
        return await run_in_threadpool(_form, Asked(), error.findings, 422)
    return RedirectResponse(f"/design?{asked(words.items()).query()}", 303)


async def _file(filled: FormData, name: str) -> tuple[str, bytes]:
    """Return what a file of a form is called and what it holds; nothing where none was chosen."""
    file = filled.get(name)
    return (file.filename or "", await file.read()) if isinstance(file, UploadFile) else ("", b"")


def _text(data: bytes) -> str:
    """Return a file as text; what is no UTF-8 is read as Windows-1252, as spreadsheets write it."""
    try:
        return data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


@router.post("/design/stop", include_in_schema=False)
def stop(request: Request) -> Response:
    """Stop making an answer and show the form again."""
    told = asked_by(request)
    with suppress(ChainError):
        desk_of(request).stop(understood(told))
    return RedirectResponse(f"/design/form?{told.query()}", 303)


def _shown(request: Request, told: Asked, show: Callable[[Request, Asked, Design], Response]) -> Response:
    """Show an answer; how it comes on where that takes long; the form with all that is wrong where there is none."""
    try:
        run = desk_of(request).ask(understood(told))
        found = run.answer(PATIENCE_S)
        return _waiting(told, run) if found is None else show(request, told, found)
    except StoppedError:
        return RedirectResponse(f"/design/form?{told.query()}", 303)
    except NoPackError as error:
        return _form(told, error.findings, 422, error.ways)
    except ChainError as error:
        return _form(told, error.findings, 422)


def _form(
    told: Asked, findings: Sequence[Finding] = (), status: int = 200, ways: Sequence[Mapping[str, str]] | None = None
) -> Response:
    """Return the form, filled, with what is wrong beside each field; or why there is no pack and what would do."""
    refused = ways is not None
    outs = [
        (finding, _way(told, way) if way else None)
        for finding, way in zip(findings, ways or [{}] * len(findings), strict=True)
    ]
    beside = () if refused else findings
    return page(
        "web_form.html.j2", status=status, title="Design a pack", verb=VERB, told=told, refused=refused,
        outs=outs if refused else [(one, None) for one in form.elsewhere(findings) if one.table != CELLS],
        count=len(findings), groups=form.groups(told.words, beside), **_around(told, beside),
    )  # fmt: skip


def _around(told: Asked, findings: Sequence[Finding] = ()) -> dict[str, Any]:
    """Return what the form shows beside the specification: chains, and what is wrong with cells of one's own."""
    return {
        "chains": examples.names(), "cells_findings": [one for one in findings if one.table == CELLS],
        "chain_findings": [one for one in findings if one.column == "chain"],
    }  # fmt: skip


def _way(told: Asked, way: Mapping[str, str]) -> tuple[str, str] | None:
    """Return a way out in words and as an address, None where there are no words for it."""
    if not way:
        return None
    words = " and ".join(f"{form.label(key).lower()} {text}" for key, text in way.items())
    return words, f"/design?{Asked({**told.words, **way}, told.cells, told.chain).query()}"


def _waiting(told: Asked, run: Run) -> Response:
    return page(
        "web_wait.html.j2", status=202, title="Designing", verb=VERB, refresh=1, said=run.said,
        seconds=int(run.seconds), query=told.query(),
    )  # fmt: skip


def _answer(request: Request, told: Asked, found: Design) -> Response:
    """Return the front as a page."""
    by = request.query_params.get("sort", "rank")
    front = sorted_by(found.pareto, by, SORTS)
    query = told.query()
    why = request.query_params.get("why", "")
    figure = front_figure(found)
    return page(
        "web_design.html.j2", title=found.specification.name or headline(found), verb=VERB, told=told, found=found,
        name=found.specification.name or "Pack design", headline=headline(found), cards=cards(found), query=query,
        front=sorted_table(
            front.select(list(FRONT)), FRONT, by, SORTS, lambda by: f"/design?{told.query(sort=by)}#front",
            {"layout": [f"/design/{rank}?{query}" for rank in front["rank"]]}, "The front",
        ),
        figure=figure, charts={figure.name: figure.option} if figure.option else None,
        reasons=html.table(reasons(found), caption="Why cells are out"),
        out=html.table(found.out, caption="Every cell that is out", most=400), why=why, answer=_why(found, why),
        cells=sorted({cell.name for cell in found.catalogue}),
        warnings=[*listed(found.warnings, "warning"), *listed(understood(told).remarks, "warning")],
        groups=form.groups(told.words), assumed=found.assumptions(), **_around(told),
        downloads=(
            ("Specification (TOML)", f"/design.toml?{query}"), ("Front (CSV)", f"/design.csv?{query}"),
            ("All layouts (CSV)", f"/design/layouts.csv?{query}"),
            ("Cells that are out (CSV)", f"/design/out.csv?{query}"),
            ("Everything (JSON)", f"/design.json?{query}"),
        ),
    )  # fmt: skip


def _why(found: Design, cell: str) -> Why | str | None:
    """Return why a cell is taken or not, or that there is none of that name."""
    try:
        return why_of(found, cell)
    except ChainError as error:
        return error.findings[0].mend


def _into(told: Asked, at: str) -> dict[str, Any]:
    """Return what the forms that put a pack into a chain show: one that prices the cells, or one of one's own."""
    chain = load(told.chain) if told.chain else None
    return {
        "chain": told.chain, "action": f"{at}/chain.zip", "told": told, "query": told.query(),
        "sites": list(chain.sites.select("site", "name").iter_rows()) if chain else [],
        "cells": chain.items.filter(stage="cell")["item"].to_list() if chain else [],
    }  # fmt: skip


def _pack(request: Request, told: Asked, found: Design, rank: int) -> Response:
    """Return the full sheet of one pack as a page."""
    with_rank(found, rank)
    charts, parts = design_parts(found, rank)
    query = told.query()
    at = f"/design/{rank}"
    return page(
        "design.html.j2", charts=charts, **{**parts, "verb": VERB}, into=_into(told, at),
        back=("All packs", f"/design?{query}"),
        neighbours=[(f"Rank {other}", f"/design/{other}?{query}") for other in (rank - 1, rank + 1)
                    if 1 <= other <= found.pareto.height],
        downloads=(
            ("This page as one file", f"{at}.html?{query}"),
            ("Limits of the management (JSON)", f"{at}/bms.json?{query}"),
            ("Bill of materials (CSV)", f"{at}/bill.csv?{query}"),
            *((f"{name.capitalize()} (CSV)", f"{at}/{name}.csv?{query}") for name in SHEETS if name != "bill"),
            ("Everything (JSON)", f"{at}.json?{query}"),
        ),
    )  # fmt: skip

"""What goes back: a page, JSON, CSV, a file, or a problem with every finding (RFC 9457)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import polars as pl
from starlette.responses import HTMLResponse, Response

from cellroad.chain.finding import Finding
from cellroad.show.charts.base import Option
from cellroad.show.page import asset, data, render, written
from cellroad.show.terminal import plain
from cellroad.show.web.verb import MENU

PROBLEM = "application/problem+json"
ASSETS = ("web.css", "echarts.min.js", "report.js")
"""What pages ask for beside themselves; the script of charts is that of reports."""
RISKY = r"^[=+@\-\t\r]"
"""How a text begins that a spreadsheet takes for a formula."""
NUMBERS = r"^[+\-]?[\d.,]+([eE][+\-]?\d+)?( .*)?$"
"""A text that begins with a sign because it is a number."""


def page(template: str, *, status: int = 200, charts: Mapping[str, Option] | None = None, **parts: Any) -> Response:
    """Return a page of a template; it draws charts by name where there are some."""
    options = data(charts) if charts else None
    stamps = {name: stamp(name) for name in ASSETS}
    told = {
        "stamps": stamps,
        "data": options,
        "base": "web.html.j2",
        "downloads": (),
        "refresh": None,
        "menu": MENU,
        "into": None,
        **parts,
    }
    return HTMLResponse(render(template, **told), status)


def json_reply(value: Any, status: int = 200, file: str = "") -> Response:
    """Return any answer as JSON, as the command line writes it."""
    return text_reply(_json(value), "application/json", file, status)


def csv_reply(frame: pl.DataFrame, file: str) -> Response:
    """Return a frame as a file of CSV that a spreadsheet opens."""
    return text_reply(csv(frame), "text/csv; charset=utf-8", file)


def csv(frame: pl.DataFrame) -> str:
    """Return a frame as CSV: lists as one text, and no text that a spreadsheet would take for a formula."""
    nested = [name for name, dtype in frame.schema.items() if dtype.is_nested()]
    flat = frame.with_columns(pl.col(name).map_elements(_json_line, return_dtype=pl.String) for name in nested)
    texts = pl.col(pl.String)
    risky = texts.str.contains(RISKY) & ~texts.str.contains(NUMBERS)
    return flat.with_columns(pl.when(risky).then(pl.lit("'") + texts).otherwise(texts).name.keep()).write_csv()


def text_reply(text: str, kind: str, file: str = "", status: int = 200) -> Response:
    """Return a text of a kind, as a file to be kept where it has a name."""
    headers = {"Content-Disposition": f'attachment; filename="{file}"'} if file else {}
    return Response(text, status, headers, kind)


def problem(status: int, title: str, detail: str, findings: Sequence[Finding] = (), kind: str = "") -> Response:
    """Return what went wrong, for programs, with every finding; `kind` is the anchor that explains it."""
    told = {"type": f"/api#{kind}" if kind else "about:blank", "title": title, "status": status, "detail": detail,
            "findings": list(findings)}  # fmt: skip
    return text_reply(_json(told), PROBLEM, status=status)


@cache
def style() -> str:
    """Return the style of the pages: that of reports, of a design and of the web."""
    return "\n".join(written(name) for name in ("report.css", "design.css", "web.css"))


@cache
def content(name: str) -> tuple[str, str]:
    """Return an asset as text, and its kind."""
    if name == "web.css":
        return style(), "text/css; charset=utf-8"
    return (asset(name) if name == "echarts.min.js" else written(name)), "text/javascript; charset=utf-8"


@cache
def stamp(name: str) -> str:
    """Return what tells one state of an asset from another."""
    return hashlib.sha256(content(name)[0].encode()).hexdigest()[:12]


def _json(value: Any) -> str:
    return json.dumps(plain(value), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _json_line(value: Any) -> str:
    return json.dumps(plain(value), ensure_ascii=False)

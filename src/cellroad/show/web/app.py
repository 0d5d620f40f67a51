"""The application: verbs, assets, the page of the API, and how what goes wrong is told."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.telemetry import TelemetryConfig
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import Response

from cellroad.chain.finding import ChainError, Finding
from cellroad.engineering.design.refusal import NoPackError
from cellroad.show.web.desk import BusyError, Desk, StoppedError
from cellroad.show.web.guarding import HOSTS, Guard
from cellroad.show.web.replies import ASSETS, content, page, problem, text_reply
from cellroad.show.web.schema import ANSWERS, Problem
from cellroad.show.web.verbs import cells, certify, design, life, packs

VERBS = (design, cells, packs, life, certify)
"""Every verb of the web, in the order in which a person meets them."""
API = "Every verb of Cellroad that is on the web, with the result that the command line writes with --json."
SILENT: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False, "auto_configure": False}
"""Nothing is reported to anybody, whatever the environment says."""


def build() -> Guard:
    """Return the application behind its guard."""
    return Guard(_application())


def _application() -> FastAPI:
    app = FastAPI(
        title="Cellroad", version=version("cellroad"), description=API, docs_url=None, redoc_url=None,
        openapi_url="/api/v1/openapi.json", lifespan=_working, telemetry=SILENT,
    )  # fmt: skip
    app.state.desk = Desk()
    for verb in VERBS:
        app.include_router(verb.router, responses=ANSWERS)
    app.add_api_route("/", _home, include_in_schema=False)
    app.add_api_route("/api", _api, include_in_schema=False)
    app.add_api_route("/assets/{name}", _asset, include_in_schema=False)
    for error, tell in _TELL.items():
        app.add_exception_handler(error, tell)
    app.add_middleware(GZipMiddleware, minimum_size=2000)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(HOSTS))
    _describe(app)
    return app


@asynccontextmanager
async def _working(app: FastAPI) -> AsyncIterator[None]:
    yield
    app.state.desk.close()


def _describe(app: FastAPI) -> None:
    """Let the description of the API have the schema of what goes wrong."""
    made = app.openapi

    def described() -> dict[str, Any]:
        told = made()
        schemas = told.setdefault("components", {}).setdefault("schemas", {})
        own = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas |= {**own.pop("$defs", {}), "Problem": own}
        return told

    app.openapi = described  # type: ignore[method-assign]


def _home() -> Response:
    return page("web_home.html.j2", title="Cellroad", verb=None, verbs=[verb.VERB for verb in VERBS])


def _api(request: Request) -> Response:
    told = request.app.openapi()
    routes = [
        (method.upper(), path, operation)
        for path, methods in told["paths"].items() for method, operation in methods.items()
    ]  # fmt: skip
    return page("web_api.html.j2", title="API", verb=None, routes=routes, about=told["info"])


def _asset(name: str) -> Response:
    if name not in ASSETS:
        raise HTTPException(404)
    text, kind = content(name)
    reply = text_reply(text, kind)
    reply.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return reply


# What goes wrong ------------------------------------------------------------------------------------------------------


def _wrong(request: Request, error: Any) -> Response:
    if isinstance(error, NoPackError):
        told = 422, "No pack meets it", "No pack meets what is asked; each finding is a way out.", "no-pack"
    else:
        told = 422, "It cannot be read", "What is asked cannot be read; every fault is told.", "cannot-be-read"
    return _told(request, *told, error.findings)


def _not_understood(request: Request, error: Any) -> Response:
    findings = [
        Finding("blocker", str(one["loc"][0]), None, ".".join(map(str, one["loc"][1:])), repr(one.get("input"))[:200],
                one["msg"], "See /api for what may be asked.")
        for one in error.errors()
    ]  # fmt: skip
    return _wrong(request, ChainError(findings))


def _missing(request: Request, error: Any) -> Response:
    detail = str(error.args[0]) if isinstance(error, KeyError) else f"There is nothing at {request.url.path}."
    return _told(request, 404, "Not there", f"{detail[:1].upper()}{detail[1:]}")


def _http(request: Request, error: Any) -> Response:
    if error.status_code == 404:
        return _missing(request, error)
    return _told(request, error.status_code, "Not possible", str(error.detail))


def _busy(request: Request, error: Any) -> Response:
    reply = _told(request, 503, "Busy", "More is asked at once than can be answered; ask again in a moment.")
    reply.headers["Retry-After"] = "5"
    return reply


def _stopped(request: Request, error: Any) -> Response:
    return _told(request, 409, "Stopped", "Somebody stopped this answer while it was made; ask again.")


def _failed(request: Request, error: Any) -> Response:
    return _told(request, 500, "A fault of ours", f"{type(error).__name__}. What was asked is not at fault.")


def _told(
    request: Request, status: int, title: str, detail: str, kind: str = "", findings: Sequence[Finding] = ()
) -> Response:
    """Tell what went wrong as the one who asked reads it: a person a page, a program a problem."""
    person = "text/html" in request.headers.get("accept", "") and not request.url.path.startswith("/api/")
    if not person:
        return problem(status, title, detail, findings, kind)
    return page("web_error.html.j2", status=status, title=title, verb=None, detail=detail, findings=findings)


_TELL: dict[Any, Any] = {
    ChainError: _wrong, RequestValidationError: _not_understood, KeyError: _missing, HTTPException: _http,
    BusyError: _busy, StoppedError: _stopped, Exception: _failed,
}  # fmt: skip

"""Any command as a page and a route: its options are the form, what it answers with --json is the answer.

A verb that needs no page of its own joins the web by a file of a few lines, and says the same as on the command line
because it is the command that runs. Options that name a file are left out: an address opens no file.
"""

from __future__ import annotations

import datetime as dt
import inspect
import re
import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Union, get_args, get_origin
from urllib.parse import urlencode

import polars as pl
from cyclopts import CycloptsError
from fastapi import APIRouter, Query, Request
from markupsafe import Markup
from pydantic import Field as Described
from pydantic import create_model
from starlette.responses import Response

from cellroad.chain.finding import ChainError, Finding
from cellroad.chain.tell import did_you_mean, listed
from cellroad.show import format as fmt
from cellroad.show import html
from cellroad.show.cli import build
from cellroad.show.exits import UsageError
from cellroad.show.screen_page import Figure
from cellroad.show.terminal import Face
from cellroad.show.web.form import Field
from cellroad.show.web.replies import csv_reply, json_reply, page
from cellroad.show.web.verb import Verb

KINDS: dict[Any, str] = {
    float: "a number", int: "a whole number", bool: "yes or no", str: "a text", dt.date: "a day, as 2027-01-11",
}  # fmt: skip
"""What is expected of an option by its type; an option of another type is not asked for."""


@dataclass(frozen=True)
class Commanded:
    """A verb that is its command: `choices` and `offers` are words by option, `figures` draws what it answers.

    `titles` calls the parts of the answer, `shown` makes a table of it one for people; what has no title is in the
    JSON only.
    """

    verb: Verb
    titles: Mapping[str, str]
    shown: Mapping[str, Callable[[pl.DataFrame], pl.DataFrame]] = field(default_factory=dict)
    choices: Mapping[str, Sequence[str]] = field(default_factory=dict)
    offers: Mapping[str, Callable[[], Sequence[str]]] = field(default_factory=dict)
    several: Sequence[str] = ()
    figures: Callable[[Mapping[str, Any], Mapping[str, str]], list[Figure]] = lambda answer, words: []


@dataclass(frozen=True)
class Option:
    """An option of a command: `needed` where it stands by its place."""

    key: str
    kind: type
    meaning: str
    default: str
    needed: bool


@dataclass(frozen=True)
class Listener(Face):
    """Hears what a command answers, instead of a terminal."""

    heard: list[Any] = field(default_factory=list)

    def answer(self, human: Sequence[Any], machine: Any) -> None:
        """Keep an answer."""
        self.heard.append(machine)

    def remark(self, words: Any) -> None:
        """Let a remark pass."""


def router_of(made: Commanded) -> APIRouter:
    """Return the pages, files and route of a verb that is its command."""
    name, router = made.verb.name, APIRouter()
    known = {option.key: (str | None, Described(None, description=_told(option))) for option in options(name)}
    query: Any = create_model(f"{name.capitalize()}Query", **known)  # type: ignore[call-overload]

    @router.get(f"/{name}", include_in_schema=False)
    def shown(request: Request) -> Response:
        words = words_of(request)
        try:
            return _page(made, words, answer(name, words) if words else None)
        except ChainError as error:
            return _page(made, words, None, error.findings)

    @router.get(f"/{name}.json", include_in_schema=False)
    def as_json(request: Request) -> Response:
        return json_reply(answer(name, words_of(request)), file=f"{name}.json")

    @router.get(f"/{name}/{{table}}.csv", include_in_schema=False)
    def as_csv(request: Request, table: str) -> Response:
        found = answer(name, words_of(request)).get(table)
        if not isinstance(found, pl.DataFrame):
            raise KeyError(f"there is no table {table!r} in this answer")
        return csv_reply(found, f"{name}-{table}.csv")

    def api(request: Request, asks: Any) -> Response:
        return json_reply(answer(name, words_of(request)))

    api.__annotations__["asks"] = Annotated[query, Query()]
    told = f"{made.verb.question} The answer is that of `cellroad {name} --json`."
    router.add_api_route(f"/api/v1/{name}", api, tags=[name], name=name, description=told)
    return router


def words_of(request: Request) -> dict[str, str]:
    """Return what an address says, by option; a name that comes again adds to a list."""
    words: dict[str, str] = {}
    for key, text in request.query_params.multi_items():
        if text.strip():
            words[key] = f"{words[key]},{text.strip()}" if key in words else text.strip()
    return words


@cache
def options(name: str) -> tuple[Option, ...]:
    """Return the options of a command that an address may say, in their order."""
    command = build()[name].default_command
    assert command is not None
    told = dict(re.findall(r"^(\w+)\n((?: {4}.*\n?)+)", inspect.cleandoc(command.__doc__ or ""), re.M))
    found = []
    for key, parameter in inspect.signature(command, eval_str=True).parameters.items():
        kind = _kind(parameter.annotation)
        if kind in KINDS:
            needed = parameter.default is parameter.empty
            default = "" if needed or parameter.default in (None, "", False) else f"{parameter.default}"
            default = default.removesuffix(".0")
            found.append(Option(key, kind, " ".join(told.get(key, "").split()).rstrip("."), default, needed))
    return tuple(found)


def answer(name: str, words: Mapping[str, str]) -> dict[str, Any]:
    """Return what a command answers to words by option. Raises ChainError with everything that is wrong with them."""
    known = {option.key: option for option in options(name)}
    wrong = [
        _finding(name, key, repr(words[key]), f"one of {listed(known, 40)}", did_you_mean(key, known, "Remove it."))
        for key in words if key not in known
    ]  # fmt: skip
    wrong += [_finding(name, key, "nothing", KINDS[option.kind], f"Say: {option.meaning}.")
              for key, option in known.items() if option.needed and key not in words]  # fmt: skip
    wrong += [found for key in words if key in known and (found := _misread(name, known[key], words[key]))]
    if wrong:
        raise ChainError(wrong)
    command, bound, _ = build().parse_args(_tokens(name, words), exit_on_error=False, print_error=False)
    listener = Listener()
    bound.arguments["face"] = listener
    try:
        command(*bound.args, **bound.kwargs)
    except UsageError as error:
        blamed = next((key for key, text in words.items() if repr(text)[1:-1] in str(error)), "")
        what = repr(words[blamed]) if blamed else "what is asked"
        raise ChainError([_finding(name, blamed, what, "what can be answered", str(error))]) from None
    told = listener.heard[-1]
    assert isinstance(told, dict)
    return told


def _kind(annotation: Any) -> Any:
    """Return the type of an option, without what is said of it and without None."""
    if get_origin(annotation) is Annotated:
        return _kind(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        return next((_kind(one) for one in get_args(annotation) if one is not type(None)), None)
    return None if annotation is Path else annotation


def _tokens(name: str, words: Mapping[str, str]) -> list[str]:
    """Return words by option as a command line, on which no text can pass for an option."""
    places = [option.key for option in options(name) if option.needed]
    flags = [f"--{key.replace('_', '-')}={text}" for key, text in words.items() if key not in places]
    return [name, *flags, "--", *(words[key] for key in places)]


def _misread(name: str, option: Option, text: str) -> Finding | None:
    """Return what is wrong with one option by itself."""
    if option.needed:
        return None
    others = {one.key: "x" for one in options(name) if one.needed}
    try:
        build().parse_args(_tokens(name, {**others, option.key: text}), exit_on_error=False, print_error=False)
    except CycloptsError as error:
        return _finding(name, option.key, repr(text), KINDS[option.kind], str(error))
    return None


def _finding(name: str, key: str, found: str, expected: str, mend: str) -> Finding:
    return Finding("blocker", name, None, key, found, expected, mend)


def _told(option: Option) -> str:
    default = f"; blank: {option.default}" if option.default else ""
    return f"{option.meaning}; {KINDS[option.kind]}{default}"


# The page -------------------------------------------------------------------------------------------------------------


def _page(
    made: Commanded, words: Mapping[str, str], found: Mapping[str, Any] | None, findings: Sequence[Finding] = ()
) -> Response:
    figures = made.figures(found, words) if found else []
    query = urlencode(words)
    name = made.verb.name
    known = {option.key for option in options(name)}
    tables = [key for key, value in (found or {}).items() if isinstance(value, pl.DataFrame)]
    files = [(f"{made.titles.get(key, key.capitalize())} (CSV)", f"/{name}/{key}.csv?{query}") for key in tables]
    return page(
        "web_command.html.j2", status=422 if findings else 200, title=made.verb.title, verb=made.verb, found=found,
        findings=[one for one in findings if one.column not in known], count=len(findings),
        fields=[_field(made, option, words.get(option.key, ""), findings) for option in options(name)],
        figures=figures, charts={one.name: one.option for one in figures if one.option} or None,
        parts=_parts(made, found) if found else [],
        downloads=(*files, ("Everything (JSON)", f"/{name}.json?{query}")) if found else (),
    )  # fmt: skip


def _field(made: Commanded, option: Option, value: str, findings: Sequence[Finding]) -> Field:
    key = option.key
    choices = ("yes", "no") if option.kind is bool else tuple(made.choices.get(key, ()))
    values = (*choices, *(word for word in value.split(",") if choices and word and word not in choices))
    offers = tuple(made.offers[key]()) if key in made.offers else ()
    return Field(
        key, key.replace("_", " ").capitalize(), option.meaning or key,
        "" if option.kind is str else KINDS[option.kind], "", option.default, value,
        tuple((word, word) for word in values), key in made.several, offers, option.needed,
        tuple(one for one in findings if one.column == key),
    )  # fmt: skip


def _parts(made: Commanded, found: Mapping[str, Any]) -> list[tuple[str, Markup]]:
    """Return the parts of an answer that are not empty, each with its title."""
    parts = []
    for key, title in made.titles.items():
        value = found.get(key)
        if isinstance(value, pl.DataFrame) and key in made.shown:
            value = made.shown[key](value)
        if value is not None and len(value if hasattr(value, "__len__") else "one"):
            parts.append((title, _part(value, title)))
    return parts


def _part(value: Any, title: str) -> Markup:
    """Return one part of an answer: a frame as a table, texts as a list, a figure as itself."""
    if isinstance(value, pl.DataFrame):
        return html.table(value.with_columns(pl.col(pl.Float64).round_sig_figs(4)), caption=title)
    if isinstance(value, list | tuple):
        items = Markup("").join(Markup("<li>{}</li>").format(one) for one in value)
        return Markup("<ul>{}</ul>").format(items)
    return Markup("<p>{}</p>").format(fmt.cell("", value))

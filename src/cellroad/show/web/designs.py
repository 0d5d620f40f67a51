"""The design that a request asks for: made by the desk, looked up by rank, and what its files are called."""

from __future__ import annotations

from fastapi import Request

from cellroad.chain.finding import ChainError, Finding
from cellroad.engineering.design.result import Design
from cellroad.engineering.design.why import Why
from cellroad.show.web.asking import Asked, Question, asked, understood
from cellroad.show.web.desk import Desk


def asked_by(request: Request) -> Asked:
    """Return what the address of a request asks."""
    return asked(request.query_params.multi_items())


def desk_of(request: Request) -> Desk:
    """Return the desk of the application."""
    desk = request.app.state.desk
    assert isinstance(desk, Desk)
    return desk


def designed(request: Request, asks: Question | None = None) -> Design:
    """Return the answer to a question, else to the address, however long it takes. Raises ChainError where none is."""
    found = desk_of(request).ask(asks or understood(asked_by(request))).answer()
    assert found is not None
    return found


def with_rank(found: Design, rank: int) -> Design:
    """Return a design that has a pack of a rank. Raises KeyError where it has not."""
    found.place(rank)
    return found


def why_of(found: Design, cell: str) -> Why | None:
    """Return why a cell is taken or not, None where none is named. Raises ChainError for one that is not known."""
    if not cell:
        return None
    try:
        return found.why(cell)
    except KeyError as error:
        raise ChainError([Finding(
            "blocker", "query", None, "why", repr(cell), "a cell that is known", f"{error.args[0]}.".capitalize(),
        )]) from None  # fmt: skip


def file_name(told: Asked) -> str:
    """Return what a file of an answer is called: the name of the specification, in plain letters."""
    name = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in told.words.get("name", ""))
    return "-".join(part for part in name.lower().split("-") if part) or "pack"

"""What the API takes and gives, for its description (OpenAPI): made from the declarations where there are some.

Nothing is checked here that the verbs check: they tell everything that is wrong, at once.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, create_model

from cellroad.engineering.design.specification import CHOICES, KEYS

Rows = list[dict[str, Any]]


class FindingModel(BaseModel):
    """One thing that is wrong (blocker) or strange (warning)."""

    model_config = ConfigDict(extra="forbid", title="Finding")
    severity: str = Field(description="blocker or warning")
    table: str
    row: int | None = Field(description="line of the table as a sheet counts it: 1 is the header")
    column: str
    found: str
    expected: str
    mend: str


class Problem(BaseModel):
    """What went wrong, after RFC 9457, with every finding."""

    model_config = ConfigDict(extra="forbid")
    type: str
    title: str
    status: int
    detail: str
    findings: list[FindingModel]


class SheetAnswer(BaseModel):
    """The sheet of one pack; each table as rows."""

    model_config = ConfigDict(extra="forbid")
    rank: int
    layout: str = Field(description="cells in series and parallel, as 32s1p")
    figures: Rows = Field(description="section, figure, value, unit")
    bill: Rows = Field(description="part, quantity, unit, kg, likely_usd, source, note")
    cost: Rows = Field(description="component, low_usd, likely_usd, high_usd")
    mass: Rows
    protection: Rows = Field(description="fuse, contactor, conductors as chosen")
    checks: Rows
    limits: dict[str, Any] = Field(description="limits of the battery management in three levels")
    life: Rows = Field(description="capacity left by model and year, with its band")
    certificates: Rows = Field(description="every step of certification")


class WhyAnswer(BaseModel):
    """Why a cell is taken or not."""

    model_config = ConfigDict(extra="forbid")
    cell: str
    verdict: str
    words: list[str]


class DesignAnswer(BaseModel):
    """Packs that no other beats; figures are of one unit of `units`."""

    model_config = ConfigDict(extra="forbid")
    specification: dict[str, Any] = Field(description="what is asked, with what the use implies")
    units: int
    pareto: Rows = Field(description="the front, best first")
    out: Rows = Field(description="cells that are out: cell_id, cell, reason, layouts, asked")
    warnings: list[FindingModel]
    assumed: list[str]
    sheet: SheetAnswer
    why: WhyAnswer | None


def _told(key: str) -> str:
    _, expected, meaning = KEYS[key]
    choices = CHOICES.get(key)
    return f"{meaning}; {'one of ' + ', '.join(choices) if choices else expected}"


_CELLS = "cells of one's own, looked at beside the shipped ones: rows of a data sheet as CSV, TSV or TOML, or BPX"
_CHAIN = "an example chain whose offers price the cells"
_RANK = "which pack of the front is shown in full; 1 is the best"
_WHY = "a cell, by id or name: why it is taken or not"

DesignQuery: Any = create_model(
    "DesignQuery",
    **{key: (str | None, Field(None, description=_told(key))) for key in KEYS},
    cells=(str | None, Field(None, description=_CELLS)),
    chain=(str | None, Field(None, description=_CHAIN)),
    rank=(int, Field(1, ge=1, description=_RANK)),
    why=(str | None, Field(None, description=_WHY)),
)  # type: ignore[call-overload]
"""What may stand in an address."""

DesignBody: Any = create_model(
    "DesignBody",
    __config__=ConfigDict(extra="allow"),
    **{key: (Any, Field(None, description=_told(key))) for key in KEYS},
    cells=(str | list[dict[str, Any]] | None, Field(None, description=_CELLS + "; or a list of rows by column")),
    chain=(str | None, Field(None, description=_CHAIN)),
    rank=(int, Field(1, ge=1, description=_RANK)),
    why=(str | None, Field(None, description=_WHY)),
)  # type: ignore[call-overload]
"""A specification as JSON."""

_FAILURES = {
    404: "No such row, table or rank.",
    422: "What is asked cannot be read, or cannot be met; with every finding.",
    503: "More is asked at once than can be answered.",
}
_PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
ANSWERS: dict[int | str, dict[str, Any]] = {
    status: {"description": words, "content": _PROBLEM} for status, words in _FAILURES.items()
}
"""How a route may fail."""

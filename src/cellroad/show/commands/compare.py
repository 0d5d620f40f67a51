"""The commands that set plans beside each other: two of them, or one with things moved."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter, validators

from cellroad.show.commands.plan import Search, planned_for
from cellroad.show.exits import Exit
from cellroad.show.terminal import Face


def compare(one: str, other: str, /, *, search: Search = Search(), face: Face = Face()) -> Exit:  # noqa: B008
    """Plan two chains, or two scenarios of one, and tell what differs and what it is worth.

    Parameters
    ----------
    one
        Chain, or chain:scenario as in gotion-us:licence.
    other
        Chain or chain:scenario that is set beside it.
    """
    from cellroad.plan.why.comparing import compare as compared

    ends, plans = [], []
    for name in (one, other):
        path, scenario = _split(name)
        face.remark(f"{name}:")
        plan, end = planned_for(path, replace(search, scenario=scenario or search.scenario), face)
        ends.append(end)
        plans.append(plan)
    found = compared(*plans)
    machine = {
        "one": one, "other": other, "npv_usd": found.npv_usd, "usd": found.usd, "text": found.text(),
        "parts": found.parts, "steps": found.steps, "openings": found.openings, "flows": found.flows,
        "sources": found.sources, "landed": found.landed, "cells": found.cells,
    }  # fmt: skip
    face.answer([found.text()], machine)
    return max(ends)


def sensitivity(
    path: str,
    /,
    *,
    lever: list[str] | None = None,
    change: Annotated[float, Parameter(validator=validators.Number(gt=0, lt=1))] = 0.1,
    anew: bool = False,
    search: Search = Search(),  # noqa: B008
    face: Face = Face(),  # noqa: B008
) -> Exit:
    """Plan a chain and tell on what its value hangs most: prices, demand, freight, duty and more, each moved both ways.

    Parameters
    ----------
    path
        Folder, workbook or zip of a chain, or the name of an example.
    lever
        What is moved: one of the usual levers, or a column of numbers as table.column; may be given several times.
    change
        Share by which each is moved, down and up.
    anew
        Decide anew for each, which takes the time of a plan for every bar; otherwise the decisions stay.
    """
    plan, ended = planned_for(path, search, face)
    found = plan.sensitivity(lever, change, anew=anew)
    machine = {
        "chain": plan.chain.name, "scenario": search.scenario, "npv_usd": found.npv_usd, "change": found.change,
        "anew": found.anew, "frame": found.frame, "solution": plan.solution,
    }  # fmt: skip
    face.answer([found.text()], machine)
    return ended


def _split(name: str) -> tuple[str, str | None]:
    """Return chain and scenario of a name; what exists as a path is a path, with or without a colon."""
    if Path(name).exists() or ":" not in name:
        return name, None
    path, _, scenario = name.rpartition(":")
    return path, scenario

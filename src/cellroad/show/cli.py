"""The command `cellroad`: the questions of the package, asked from a terminal.

This module names the commands and turns whatever happens in one into words and an exit code. The commands stand in
`commands/`, one question a file; they import what they need when they run, so that help is quick.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence

from cyclopts import App, CycloptsError
from rich.text import Text

from cellroad.show.commands.certify import certify
from cellroad.show.commands.chain import check, export, init, template
from cellroad.show.commands.compare import compare, sensitivity
from cellroad.show.commands.design import design
from cellroad.show.commands.doctor import doctor
from cellroad.show.commands.emissions import emissions
from cellroad.show.commands.facts import facts
from cellroad.show.commands.frontier import bargain, frontier
from cellroad.show.commands.land import land
from cellroad.show.commands.life import life
from cellroad.show.commands.line import line
from cellroad.show.commands.owners import owners
from cellroad.show.commands.packs import cells, packs
from cellroad.show.commands.plan import plan, report
from cellroad.show.commands.replan import replan
from cellroad.show.commands.roadmap import roadmap
from cellroad.show.commands.schedule import schedule
from cellroad.show.commands.screen import screen
from cellroad.show.commands.stock import stock
from cellroad.show.commands.stress import stress
from cellroad.show.commands.tree import tree
from cellroad.show.commands.web import web
from cellroad.show.commands.why import why
from cellroad.show.exits import Exit, UsageError
from cellroad.show.terminal import Face, complain, findings_tables

HELP = """Plan a battery supply chain: what to buy, build, make, ship and hold, where and when.

A chain is a folder of CSV files, a workbook or a zip; the name of an example stands for a chain everywhere.
"""
EPILOGUE = "Exit codes\n" + "".join(f"  {code.value:<4} {code.meaning}\n" for code in Exit)


def build() -> App:
    """Return the app with its commands in the order in which a person meets them."""
    app = App(
        name="cellroad",
        help=HELP,
        help_epilogue=EPILOGUE,
        version=_version,
        help_format="plaintext",
        error_formatter=_red,
    )
    for command in (
        init,
        check,
        owners,
        screen,
        land,
        plan,
        why,
        compare,
        sensitivity,
        replan,
        tree,
        stock,
        frontier,
        bargain,
        stress,
        emissions,
        design,
        cells,
        packs,
        life,
        certify,
        line,
        roadmap,
        report,
        facts,
        export,
        template,
        web,
        doctor,
    ):
        app.command(command, sort_key=len(list(app)))
    app.command(schedule())
    return app


def main(tokens: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code. Never raises: what goes wrong is told on stderr."""
    try:
        command, bound, _ = build().parse_args(tokens, exit_on_error=False)
    except CycloptsError:
        return Exit.USAGE
    face = bound.arguments.get("face", Face())
    try:
        return int(command(*bound.args, **bound.kwargs) or Exit.OK)
    except KeyboardInterrupt:
        return _fail(face, Exit.INTERRUPTED, "Interrupted; nothing was found or written yet.")
    except BrokenPipeError:  # the reader has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.OK
    except UsageError as error:
        return _fail(face, Exit.USAGE, str(error))
    except Exception as error:
        return _explain(face, error)


def _explain(face: Face, error: Exception) -> Exit:
    """Tell a person what an exception means: findings as tables, anything else as one honest line."""
    from cellroad.chain.finding import ChainError
    from cellroad.plan.planning import NoPlanError

    if face.debug:
        traceback.print_exc()
    if isinstance(error, ChainError):
        for drawn in findings_tables(error.findings):
            complain(drawn)
        if face.json:
            face.answer([], {"error": "the input has blockers", "findings": error.findings})
        return Exit.INVALID
    if isinstance(error, NoPlanError):
        told = f"There is {error}." if str(error).startswith("no ") else f"No plan: {error}."
        if error.why is not None and error.infeasible:
            told += f"\n{error.why().text()}"
        return _fail(face, Exit.NO_PLAN, told)
    if isinstance(error, OSError) and error.strerror:
        return _fail(face, Exit.FAILURE, f"{error.strerror}: {error.filename}")
    hint = "" if face.debug else " Run the same command with --debug for the traceback."
    first = str(error).strip().split("\n", 1)[0].rstrip(".")
    return _fail(face, Exit.FAILURE, f"{type(error).__name__}: {first}.{hint}")


def _fail(face: Face, code: Exit, message: str) -> Exit:
    complain(Text(message, style="red"))
    if face.json:
        face.answer([], {"error": message})
    return code


def _red(error: CycloptsError) -> Text:
    return Text(str(error), style="red")


def _version() -> str:
    from importlib.metadata import version

    return version("cellroad")

"""The command that asks who may be dealt with on a day, what is banned, which credit may be claimed, and why."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from cellroad.show.commands.reading import Day
from cellroad.show.exits import Exit, choose
from cellroad.show.outputs import writable
from cellroad.show.terminal import Face

if TYPE_CHECKING:
    from cellroad.rules.deal import Deal
    from cellroad.rules.screening import Screen

FRAMES = ("verdicts", "reasons", "bans", "claims", "materials", "premiums", "matches", "owners")


def screen(
    path: str,
    /,
    *,
    on: Day,
    as_known: Day | None = None,
    law: Path | None = None,
    deal: str | None = None,
    why: Annotated[str | None, Parameter(show_default=False)] = None,
    report: Path | None = None,
    face: Face = Face(),  # noqa: B008
) -> Exit:
    """Say who falls under which regime on a day, what is banned, which credit may be claimed, and why.

    Every answer is yes, no or not known, with the rows behind it and what would change it. This is not legal advice.

    Parameters
    ----------
    path
        Folder, workbook or zip of a chain, or the name of an example.
    on
        Day of the question, written 2027-10-01. What counts by tax year is measured on the last day of its year.
    as_known
        Day whose knowledge of the law is used, written 2027-10-01; without one, all that is known now.
    law
        Folder of CSV files with rows of law of your own; a row with a known id replaces that row.
    deal
        A deal to try at every share, such as "cell JV: CBAK 0..100 %" or "cell JV: CBAK licence".
    why
        Id of a partner, site or item: every reason behind its answers, with rows and sources.
    report
        File for the screen as one self-contained HTML page.
    """
    from cellroad.chain.files import load
    from cellroad.rules import law as laws
    from cellroad.rules.deal import sweep
    from cellroad.rules.screening import screen as screened
    from cellroad.show import screen_text

    if report:
        writable(report)
    chain = load(path)
    rules = laws.amended(laws.shipped(), laws.read(law)) if law else None
    found = screened(chain, on, as_known, law=rules)
    if why is not None:
        choose(why, found.verdicts["subject"].unique(maintain_order=True), "partner, site or item that was screened")
    swept = sweep(chain, deal, on, as_known, law=rules) if deal is not None else None
    parts = screen_text.why(found, why) if why is not None else screen_text.drawn(found)
    parts += screen_text.drawn_deal(swept, found) if swept else []
    if report:
        from cellroad.show.screen_page import write_screen

        write_screen(found, report, swept)
        parts += ["", f"The report is in {report}"]
    face.answer(parts, _machine(found, swept, why) | {"report": report})
    return Exit.OK


def _machine(found: Screen, swept: Deal | None, why: str | None) -> dict[str, Any]:
    """Return everything that was found, as frames."""
    from cellroad.show import screen_tables as tables

    told: dict[str, Any] = {
        "chain": found.chain.name, "on": found.on, "as_known": found.as_known, "note": tables.NO_ADVICE,
        "regimes": tables.regimes(found), "summary": found.summary(), "unknown": found.unknown(),
        "deal": swept, **{name: getattr(found, name) for name in FRAMES},
    }  # fmt: skip
    if why is None:
        return told
    reasons = found.why(why)
    rows = tables.behind(found, tables.ids([reasons["rows"]]))
    return told | {"why": {"subject": why, "reasons": reasons, "rows": rows}}

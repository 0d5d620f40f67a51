"""A chain whose tax credits can be worked out by hand, standings made up for it, and a law with rows added.

Cells of graphite and cathode are made in Ohio, modules of them in Ohio and Texas, and sold in Dallas.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import polars as pl

from cellroad.chain.cells import typed
from cellroad.chain.chain import Chain
from cellroad.chain.sheet import sheet_of_csv
from cellroad.rules.verdict import Answer, Reason, Standing, Verdict

TEXT = {
    "partners": "partner,name,country\nmaker,Maker,US\npacker,Packer,US\nfar,Far,CN\nnear,Near,KR\n",
    "sites": (
        "site,name,partner,kind,country\n"
        "ohio,Ohio,maker,cell,US\n"
        "texas,Texas,packer,pack,US\n"
        "wuxi,Wuxi,far,vendor,CN\n"
        "dallas,Dallas,,market,US\n"
    ),
    "items": (
        "item,name,stage,kwh,mass_kg,volume_l,maker,chemistry,credit_as\n"
        "cathode,Cathode,material,0,1,,far,,\n"
        "graphite,Graphite,material,0,1,,near,,\n"
        "cell,Cell,cell,1,6,2.5,maker,lfp,\n"
        "pack,Pack,pack,20,150,,packer,lfp,\n"
        "case,Case,component,0,20,,near,,\n"
    ),
    "offers": (
        "offer,site,item,price_usd,valid_from,incoterm\n"
        "o-cathode,wuxi,cathode,6,2025-01-01,FOB\n"
        "o-graphite,wuxi,graphite,4,2025-01-01,FOB\n"
        "o-case,wuxi,case,100,2025-01-01,FOB\n"
    ),
    "processes": (
        "process,site,item,cost_usd,yield_share\n"
        "make-cell,ohio,cell,30,1\n"
        "make-pack,texas,pack,200,1\n"
    ),
    "bom": (
        "process,item,quantity,scrap_share\n"
        "make-cell,cathode,2,0\n"
        "make-cell,graphite,2,0\n"
        "make-pack,cell,20,0\n"
        "make-pack,case,1,0\n"
    ),
    "wants": "want,item\nstorage,pack\n",
    "segments": "segment,name,regime,programme,passes_on\ngrid,Grid,tax_credit,,0.4\narmy,Army,defence,new,0\n",
    "demand": (
        "market,want,segment,month,quantity,price_usd\n"
        "dallas,storage,grid,2027-01,10,3000\n"
        "dallas,storage,army,2027-01,10,3000\n"
    ),
}  # fmt: skip


def chain(**changes: str) -> Chain:
    """Return the chain of `TEXT`, tables replaced by CSV text."""
    frames = {}
    for table, text in {**TEXT, **changes}.items():
        sheet, findings = sheet_of_csv(table, text.encode())
        assert sheet is not None and not findings, findings
        frames[table], findings = typed(sheet)
        assert not findings, findings
    return Chain.of("made", **frames)


def with_row(table: str, row: str) -> dict[str, str]:
    """Return a change that adds a line to a table of `TEXT`."""
    return {table: TEXT[table] + row + "\n"}


def without(table: str, start: str) -> dict[str, str]:
    """Return a change that leaves out the lines of a table that begin so."""
    kept = [line for line in TEXT[table].splitlines() if not line.startswith(start)]
    return {table: "\n".join(kept) + "\n"}


def standing(**answers: Answer) -> Standing:
    """Return a standing in which partners fall under every regime as named, the others under none."""

    def stands(partner: str, regime: str, day: dt.date) -> Verdict:
        answer = answers.get(partner, "no")
        kind = "missing" if answer == "unknown" else "because"
        return Verdict(answer, (Reason(f"{partner} {answer}", ("ST001",), "verified", kind),))

    return stands


def unrelated(a: str, b: str, day: dt.date) -> Verdict:
    """Say that no two partners are related."""
    return Verdict("no", (Reason(f"{a} and {b} are held by others"),))


def kin(answer: Answer) -> object:
    """Return a relation that says the same of any two partners."""
    return lambda a, b, day: Verdict(answer, (Reason(f"{a} and {b}: {answer}", ("ST002",)),))


def answers(frame: pl.DataFrame, **where: object) -> Mapping[int, str]:
    """Return the answers by year of the rows of a frame of claims that match."""
    rows = frame.filter(*(pl.col(name) == value for name, value in where.items()))
    return dict(rows.select("year", "answer").iter_rows())

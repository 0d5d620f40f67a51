"""The command that designs a pack."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Group, Parameter

from cellroad.show.exits import Exit, UsageError
from cellroad.show.outputs import writable
from cellroad.show.terminal import Face

if TYPE_CHECKING:
    from rich.console import RenderableType

    from cellroad.engineering.design.result import Design


def _asked(words: str) -> Parameter:
    return Parameter(help=words, group=Group("Specification", sort_key=0), show_default=False)


@Parameter(name="*")
@dataclass(frozen=True)
class Asked:
    """What is asked of the pack, in words with units."""

    use: Annotated[
        str | None,
        _asked(
            "What it is used for: storage-residential, portable, light-ev, golf-cart, utv, ev, industrial, c-and-i."
        ),
    ] = None
    nominal: Annotated[str | None, _asked("Nominal voltage: 100V, or a range.")] = None
    voltage: Annotated[str | None, _asked("Limits of what it is connected to: 80-120V.")] = None
    energy: Annotated[str | None, _asked("Nominal energy: 5kWh, or a range.")] = None
    power: Annotated[str | None, _asked("Continuous discharge: 5kW.")] = None
    peak_power: Annotated[str | None, _asked("Discharge for a short time: 10kW.")] = None
    peak_s: Annotated[str | None, _asked("Length of the peak: 10s.")] = None
    charge_power: Annotated[str | None, _asked("Continuous charge: 2.5kW.")] = None
    temperature: Annotated[str | None, _asked("Of the cells, at which power is asked for: 25C.")] = None
    mass: Annotated[str | None, _asked("Most that one unit may weigh: 60kg.")] = None
    volume: Annotated[str | None, _asked("Most room that one unit may take: 80L.")] = None
    size: Annotated[str | None, _asked('Box into which one unit must go: "600 x 400 x 200 mm".')] = None
    units: Annotated[int | None, _asked("Boxes that make up the product.")] = None
    chemistry: Annotated[str | None, _asked("Families of cells, by comma: LFP,NMC.")] = None
    maker: Annotated[str | None, _asked("Makers, by comma.")] = None
    format: Annotated[str | None, _asked("Formats, by comma: prismatic,cylindrical,pouch.")] = None
    cell: Annotated[str | None, _asked("Cells by id or name, by comma.")] = None
    confidence: Annotated[str | None, _asked("Least confidence of a cell's row: verified, reported, unverified.")] = (
        None
    )
    cooling: Annotated[str | None, _asked("How it is cooled: passive, air, liquid.")] = None
    inverter: Annotated[str | None, _asked("Inverter inside the box: 3kW.")] = None
    on_road: Annotated[bool | None, _asked("Whether it is driven on public roads.")] = None
    by_air: Annotated[bool | None, _asked("Whether it is shipped by air.")] = None
    years: Annotated[str | None, _asked("Life that is wanted: 10 years.")] = None
    cycles_per_day: Annotated[float | None, _asked("Full uses of the usable energy, a day.")] = None
    regions: Annotated[str | None, _asked("Where it is sold, by comma: US,EU.")] = None
    prefer: Annotated[str | None, _asked("What the best is chosen by: cost, mass, volume, life, balanced.")] = None
    packs_per_year: Annotated[float | None, _asked("Volume that parts and labour are priced for.")] = None
    cell_price: Annotated[str | None, _asked("Price of cells: 55USD/kWh; otherwise by facts.")] = None


def design(
    specification: str | None = None,
    /,
    *,
    asked: Asked = Asked(),
    cells: Path | None = None,
    chain: str | None = None,
    site: str | None = None,
    made_of: str | None = None,
    out: Path | None = None,
    report: Path | None = None,
    bms: Path | None = None,
    rank: int = 1,
    why: str | None = None,
    face: Face = Face(),  # noqa: B008
) -> Exit:
    """Design a pack: which cell, how many in series and parallel, and all that follows.

    Parameters
    ----------
    specification
        TOML file of what is asked, or the name of a shipped one (golf-cart); options given beside it take the place of
        what it says.
    rank
        Which pack of the front is shown in full; 1 is the best.
    cells
        CSV or TOML file with data sheets of cells of your own, looked at beside the shipped ones.
    chain
        Folder, workbook or zip of a chain, or the name of an example: its cells cost what they are offered at there,
        and with --site and --out the pack is put into it.
    site
        Site of the chain that makes the pack.
    made_of
        Item of the chain that is its cell, where the chain has several or none that cites it.
    out
        New folder for the chain with the pack in it.
    report
        Write a page with drawings and curves of the pack to this file.
    bms
        Write the limits of the battery management as JSON to this file.
    why
        A cell, by id or name: tell why it is taken or not.
    """
    from cellroad.chain.files import load
    from cellroad.engineering.design.designing import design as designed
    from cellroad.show.design_json import machine
    from cellroad.show.design_text import design_text

    if (site is None) != (out is None) or (site is not None and chain is None):
        raise UsageError("--site and --out belong together, with --chain: into which chain, made where, written where.")
    words = {key: value for key, value in dataclasses.asdict(asked).items() if value is not None}
    found = designed(specification, cells=cells, chain=load(chain) if chain else None, **words)
    try:
        found.place(rank)
        reason = found.why(why) if why else None
    except KeyError as error:
        raise UsageError(str(error.args[0]).capitalize() + ".") from None
    sheet = found.sheet(rank)
    answer = machine(found, rank, reason)
    if bms is not None:
        from cellroad.chain.atomic import replace_text

        replace_text(writable(bms), sheet.limits.to_json() + "\n")
    if report is not None:
        from cellroad.show.design_page import write_design

        write_design(found, writable(report), rank=rank)
    told = [str(reason)] if reason else design_text(found, rank)
    if chain is not None and site is not None and out is not None:
        told += _joined(found, chain, site, out, rank, made_of, answer)
    written = {what: place for what, place in (("page", report), ("limits of the management", bms)) if place}
    told += [f"The {what} is in {place}" for what, place in written.items()]
    face.answer(told, {**answer, "written": written})
    return Exit.OK


def _joined(
    found: Design, chain: str, site: str, out: Path, rank: int, made_of: str | None, answer: dict[str, Any]
) -> list[RenderableType]:
    """Put the pack into a chain, write that, and tell what is still missing."""
    from cellroad.chain.files import load, write
    from cellroad.engineering.design.chaining import join
    from cellroad.show.outputs import new
    from cellroad.show.terminal import findings_tables

    joined = join(found, load(chain), site=site, rank=rank, cell=made_of)
    write(joined.chain, new(out))
    answer["joined"] = {"item": joined.item, "findings": joined.findings, "written": out}
    return ["", f"The chain with {joined.item!r} is in {out}", *findings_tables(joined.findings)]

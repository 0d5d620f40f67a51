"""The command that asks who holds whom, reads owners from files of others, and tells them to others."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter
from rich.text import Text
from rich.tree import Tree

from cellroad.show import format
from cellroad.show.commands.reading import Day
from cellroad.show.exits import Exit, UsageError
from cellroad.show.outputs import new
from cellroad.show.terminal import Face, counting, findings_tables, table

if TYPE_CHECKING:
    import polars as pl

    from cellroad.chain.chain import Chain
    from cellroad.chain.finding import Finding

ALONE = 12
"""Names of partners without a stake that are shown."""
SHOWN = 20
"""Remarks that are shown."""


def owners(
    path: str,
    /,
    *,
    on: Day | None = None,
    add: Annotated[tuple[Path, ...], Parameter(negative="", show_default=False)] = (),
    to: Path | None = None,
    bods: Path | None = None,
    face: Face = Face(),  # noqa: B008
) -> Exit:
    """Say who holds whom on a day; add owners that others tell of, and write owners for others to read.

    Parameters
    ----------
    path
        Folder, workbook or zip of a chain, or the name of an example.
    on
        Day on which the stakes are held, written 2027-10-01; today if none is given.
    add
        File of owners to add: BODS 0.4, FollowTheMoney or GLEIF, whatever its name; may be given again.
    to
        New workbook (name ends in .xlsx), zip (.zip) or folder for the chain with what was added.
    bods
        New file for partners and stakes as BODS 0.4.
    """
    from cellroad.chain.bods import write_bods
    from cellroad.chain.files import load, write

    if to is not None and not add:
        raise UsageError("There is nothing to add: name a file of owners with --add.")
    for target in (to, bods):
        if target is not None:
            new(target)
    chain = load(path)
    merged, remarks, forms = _with(chain, add)
    if to is not None:
        write(merged, to)
    if bods is not None:
        write_bods(merged, bods)
    day = on or dt.date.today()
    held = _held(merged, day)
    partners, stakes = (merged.tables[name].tail(merged.tables[name].height - chain.tables[name].height)
                        for name in ("partners", "stakes"))  # fmt: skip
    machine = {
        "chain": chain.name, "on": day, "partners": merged.partners, "stakes": held, "told": _told(held),
        "added": [{"file": file, "form": form} for file, form in zip(add, forms, strict=True)],
        "added_partners": partners, "added_stakes": stakes, "remarks": remarks, "written": to, "bods": bods,
    }  # fmt: skip
    face.answer(
        [*_shown(merged, held, day), *_news(add, forms, partners, stakes, remarks), *_written(to, bods)], machine
    )
    return Exit.OK


def _with(chain: Chain, files: tuple[Path, ...]) -> tuple[Chain, list[Finding], list[str]]:
    """Return the chain with the owners of files, what is strange about them, and the form of each file."""
    from cellroad.chain.check_trade import stakes as strange
    from cellroad.chain.exchange import read_holdings
    from cellroad.chain.holdings import merge

    read = [read_holdings(file) for file in files]
    merged, remarks = chain, []
    for _, told in sorted(read, key=lambda one: one[1].stakes.height > 0):  # names first, then those who hold
        merged, more = merge(merged, told)
        remarks += more
    known = set(strange(chain))
    fresh = [finding for finding in strange(merged) if finding not in known]
    return merged, [*fresh, *remarks], [form for form, _ in read]


def _held(chain: Chain, day: dt.date) -> pl.DataFrame:
    """Return the stakes that are held on a day."""
    import polars as pl

    return chain.stakes.filter(
        (pl.col("valid_from") <= day) & (pl.col("valid_to").is_null() | (pl.col("valid_to") >= day))
    )


def _told(held: pl.DataFrame) -> pl.DataFrame:
    """Return what is told of each partner that somebody holds: interest, number of owners, sums of their shares."""
    import polars as pl

    return held.group_by("owned", "interest", maintain_order=True).agg(
        owners=pl.len(), share_min=pl.col("share_min").sum(),
        share_max=pl.min_horizontal(pl.col("share_max").sum(), pl.lit(1.0)),
    )  # fmt: skip


# Words ---------------------------------------------------------------------------------------------------------------


def _shown(chain: Chain, held: pl.DataFrame, day: dt.date) -> list[Any]:
    """Return who holds whom as a tree, and whose owners are told in part only."""
    import polars as pl

    stakes = f"{counting(held.height, 'stake')} held on {format.day(day)}"
    names = dict(chain.partners.select("partner", "name").iter_rows())
    busy = {*held["owner"], *held["owned"]}
    idle = [partner for partner in names if partner not in busy]
    drawn: list[Any] = [f"{counting(chain.partners.height, 'partner')}, {stakes}."]
    if held.height:
        drawn += ["", *_trees(held, names)]
        told = _told(held).filter(pl.col("interest").is_in(["equity", "votes"]) & (pl.col("share_min") < 1 - 1e-9))
        if told.height:
            drawn += ["", table(told, "Owners told in part: least and largest sum of shares")]
    if idle and held.height:
        more = f" and {len(idle) - ALONE} more" if len(idle) > ALONE else ""
        drawn += ["", f"Without a stake: {', '.join(idle[:ALONE])}{more}."]
    return drawn


def _trees(held: pl.DataFrame, names: dict[str, str]) -> list[Tree]:
    """Return a tree for everybody whom nobody holds, and one for each ring that would be left out."""
    below: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for row in held.sort("owner", "owned", "interest").iter_rows(named=True):
        below[row["owner"]][row["owned"]].append(share_words(row["interest"], row["share_min"], row["share_max"]))
    owned = set(held["owned"])
    tops = [owner for owner in below if owner not in owned]
    seen: set[str] = set()
    trees = []
    for top in [*tops, *below]:
        if top in seen:
            continue
        trees.append(tree := Tree(_label(top, names, "")))
        ahead = [(tree, top)]
        while ahead:
            branch, owner = ahead.pop()
            seen.add(owner)
            for thing, words in below.get(owner, {}).items():
                again = thing in seen and thing in below
                twig = branch.add(_label(thing, names, ", ".join(words) + (", as above" if again else "")))
                if not again:
                    seen.add(thing)
                    ahead.append((twig, thing))
    return trees


def _label(partner: str, names: dict[str, str], words: str) -> Text:
    name = names.get(partner, partner)
    label = Text(name if name == partner else f"{name} ({partner})")
    return label.append(f": {words}", style="dim") if words else label


def share_words(interest: str, least: float, most: float) -> str:
    """Return a stake in words: 51 % equity, 25 % to 50 % votes, at least 75 % equity, debt of unknown share."""
    if most == 0.0:
        return interest
    if least == most:
        return f"{format.share(least)} {interest}"
    if (least, most) == (0.0, 1.0):
        return f"{interest} of unknown share"
    if most == 1.0:
        return f"at least {format.share(least)} {interest}"
    return f"{f'{format.share(least)} to' if least else 'at most'} {format.share(most)} {interest}"


def _news(
    files: tuple[Path, ...], forms: list[str], partners: pl.DataFrame, stakes: pl.DataFrame, remarks: list[Finding]
) -> list[Any]:
    """Return what files add, and what they tell that a chain does not hold."""
    from cellroad.chain.tell import condensed

    if not files:
        return []
    read = format.listed([f"{file.name} ({form})" for file, form in zip(files, forms, strict=True)])
    drawn: list[Any] = [
        "", f"{read}: {counting(partners.height, 'new partner')}, {counting(stakes.height, 'new stake')}, "
        f"{counting(len(remarks), 'remark')}.",
    ]  # fmt: skip
    if partners.height:
        drawn += ["", table(partners.select("partner", "name", "country", "kind", "source"), "New partners")]
    if stakes.height:
        shown = stakes.select("owner", "owned", "interest", "share_min", "share_max", "valid_from", "valid_to", "note")
        drawn += ["", table(shown, "New stakes")]
    told = condensed(remarks)
    drawn += [part for group in findings_tables(told[:SHOWN]) for part in ("", group)]
    return [*drawn, f"and {len(told) - SHOWN} more; --json lists them all."] if len(told) > SHOWN else drawn


def _written(to: Path | None, bods: Path | None) -> list[str]:
    return [f"Wrote {target}." for target in (to, bods) if target is not None]

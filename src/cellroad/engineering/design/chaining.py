"""A designed pack in a chain: item, parts, process, bill of materials, certificates, and which wants it serves.

The pack is an item of its own, because a pack of another cell is another item. Its cells are the item of the chain that
cites the row of the catalogue in `source` (CL011); its parts are items that are offered where the pack is made, at what
they cost here. Labour is the cost of the process; the line that makes it is one that stands there. Every row that is
added is marked as an assumption and says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from cellroad.chain.chain import Chain
from cellroad.chain.finding import ChainError, Finding
from cellroad.chain.tables import TABLES, own_columns
from cellroad.chain.tell import did_you_mean, listed
from cellroad.engineering.cell import Cell
from cellroad.engineering.certify import certificates
from cellroad.engineering.design import cost
from cellroad.engineering.design.result import Design
from cellroad.engineering.design.standards import steps
from cellroad.engineering.family import CHEMISTRY

HTS = "8507.60.0020"
"""Tariff code of other lithium-ion batteries than of road vehicles."""
HTS_ROAD = "8507.60.0010"
"""Tariff code of lithium-ion batteries that drive electric cars (subheadings 8703.40 to 8703.80)."""
HTS_SODIUM = "8507.80"
"""Tariff code of batteries that are not of lithium: other accumulators."""
SAME_KWH = 0.1
"""How far the energy of packs that serve the same want may lie apart."""
LABOUR_EXPONENT = 0.7
"""Hours on a line go with energy to this power, where they are taken from another pack on it (fact BF02)."""
PEOPLE = 6.0
"""People who work on a pack at a time, where no other pack tells hours of the line (assumption)."""
NOTE = "from the pack design"


@dataclass(frozen=True)
class Joined:
    """A chain with a pack in it, what the pack is called there, and what is still to be told."""

    chain: Chain
    item: str
    findings: tuple[Finding, ...]


def join(
    found: Design,
    chain: Chain,
    *,
    site: str,
    rank: int = 1,
    item: str | None = None,
    cell: str | None = None,
    cell_site: str | None = None,
    resource: str | None = None,
    hours_per_unit: float | None = None,
    wants: Mapping[str, float] | Sequence[str] | None = None,
) -> Joined:
    """Return a chain with a pack of the front in it, made at a site, and what is missing to sell it.

    `item` is its id; `cell` the item that is its cell, where the chain has several or none that cites it; `cell_site` a
    site that offers a cell which the chain does not have, at the price that the design assumes. `resource` is the line,
    `hours_per_unit` what one pack takes of it; else as the pack on it whose energy is nearest. `wants`: what it serves,
    with units per want; None: every want whose packs hold the same energy within a tenth, in one or several units.
    Raises ChainError with everything that keeps the pack from being added.
    """
    row = found.pareto.row(rank - 1, named=True) if found.place(rank) >= 0 else {}
    name = item or _name(found, row)
    blockers = _unknown(chain, name, site, cell, cell_site, resource)
    made_of, more = _cell_item(found, chain, row, cell)
    line, line_findings = _line(chain, site, resource)
    blockers += [one for one in (*more, *line_findings) if one.severity == "blocker"]
    if blockers:
        raise ChainError(blockers)
    warnings = [one for one in (*more, *line_findings) if one.severity == "warning"]
    base = found.catalogue_cell(rank)
    new: dict[str, list[dict[str, Any]]] = {}
    if made_of is None:
        made_of = f"cell-{base.cell_id.lower()}"
        new["items"] = [_new_cell(made_of, base)]
        if cell_site is None:
            warnings.append(Finding(
                "warning", "offers", None, "item", f"no offer of {base.name}", "an offer of the cell",
                f"Add an offer of {made_of!r}, or name a site that offers it in cell_site.",
            ))  # fmt: skip
        else:
            new["offers"] = [_new_offer(found, rank, made_of, base, cell_site, chain)]
    components = _component_items(found, rank, name)
    process, told = _process(found, chain, row, rank, name, site, line, hours_per_unit)
    warnings += told
    wanted = _wants(chain, row, wants)
    if not wanted:
        warnings.append(Finding("warning", "wants", None, "item", f"no want of about {row['energy_kwh']:.3g} kWh",
                                "a want that the pack serves", "Name it in wants, with demand for it."))  # fmt: skip
    new.setdefault("items", []).extend([_pack(found, chain, row, rank, name, site, made_of), *components])
    new.setdefault("offers", []).extend(_component_offers(found, rank, components, site, chain))
    new["processes"] = [process]
    new["bom"] = [
        {"process": process["process"], "item": made_of, "quantity": float(row["cells"]),
         "scrap_share": cost.CELLS_LOST[1], "note": f"{row['layout']}, {NOTE}"},
        *({"process": process["process"], "item": one["item"], "quantity": 1.0, "note": NOTE} for one in components),
    ]  # fmt: skip
    new["certificates"] = [
        {**row, "note": f"{NOTE}: middle of what is known"}
        for row in certificates(steps(found, rank), name).iter_rows(named=True)
    ]
    new["wants"] = [
        {"want": want, "item": name, "quantity": units, "note": "as other packs of this energy"}
        for want, units in wanted.items()
    ]
    return Joined(_with(chain, new), name, tuple(warnings))


def _with(chain: Chain, new: dict[str, list[dict[str, Any]]]) -> Chain:
    """Return a chain with rows added to its tables; what a row does not tell takes its default."""
    frames: dict[str, pl.DataFrame] = {}
    for table, rows in new.items():
        if rows:
            columns = own_columns(TABLES[table])
            told = pl.DataFrame(rows, schema_overrides={n: c.dtype for n, c in columns.items() if n in rows[0]},
                                infer_schema_length=None)  # fmt: skip
            added = Chain.of("new", **{table: told}).tables[table]
            frames[table] = pl.concat([chain.tables[table], added])
    return Chain.of(chain.name, **{**chain.tables, **frames})


def _name(found: Design, row: dict[str, Any]) -> str:
    own = "".join(c if c.isalnum() else "-" for c in (found.specification.name or "pack")).strip("-").lower()
    return f"{own}-{row['layout']}-{row['cell_id'].lower()}"


def _unknown(
    chain: Chain, name: str, site: str, cell: str | None, cell_site: str | None, resource: str | None
) -> list[Finding]:
    """Return ids that name nothing, and an item that is there already."""
    asked = (("sites", "site", site), ("items", "item", cell), ("sites", "site", cell_site),
             ("resources", "resource", resource))  # fmt: skip
    told = []
    for table, column, word in asked:
        known = chain.tables[table][column].to_list()
        if word is not None and word not in known:
            told.append(Finding("blocker", table, None, column, repr(word), f"one of {listed(known)}",
                                did_you_mean(word, known, "Name one that is there.")))  # fmt: skip
    if name in chain.items["item"].to_list():
        told.append(Finding("blocker", "items", None, "item", repr(name), "an id that is not taken",
                            "The chain has it already; give another one in item."))  # fmt: skip
    return told


def _cell_item(found: Design, chain: Chain, row: dict[str, Any], cell: str | None) -> tuple[str | None, list[Finding]]:
    """Return the item of the chain that is the cell: the one named, else the one that cites the row of the cell."""
    if cell is not None:
        return cell, []
    cites = pl.col("source").str.split(";").list.contains(row["cell_id"])
    known = chain.items.filter((pl.col("stage") == "cell") & cites)["item"].to_list()
    if len(known) > 1:
        return None, [Finding(
            "blocker", "items", None, "source", f"{len(known)} cells that cite {row['cell_id']}: {listed(known)}",
            "one item to build the pack of", f"Name one in cell, such as {known[0]!r}: a pack of each is another item.",
        )]  # fmt: skip
    return (known[0] if known else None), []


def _line(chain: Chain, site: str, resource: str | None) -> tuple[str | None, list[Finding]]:
    """Return the line that makes packs at a site."""
    if resource is not None:
        return resource, []
    packs = chain.items.filter(pl.col("stage").is_in(["pack", "module", "system"]))["item"]
    makes = chain.processes.filter((pl.col("site") == site) & pl.col("item").is_in(packs.to_list()))
    used = makes["resource"].drop_nulls().unique(maintain_order=True).to_list()
    there = used or chain.resources.filter(pl.col("site") == site)["resource"].to_list()
    if len(there) > 1:
        found = f"{len(there)} lines at {site}: {listed(there)}"
        return None, [Finding("blocker", "resources", None, "resource", found, "the line that makes the pack",
                              "Name it in resource.")]  # fmt: skip
    if not there:
        return None, [Finding("warning", "resources", None, "resource", f"no line at {site}", "a line that makes packs",
                              "Without one, nothing limits how many are made there.")]  # fmt: skip
    return there[0], []


def _new_cell(item: str, cell: Cell) -> dict[str, Any]:
    return {
        "item": item, "name": cell.name, "stage": "cell", "kwh": cell.energy_wh / 1000, "mass_kg": cell.mass_kg or 0.0,
        "hts": _hts(cell), "chemistry": CHEMISTRY.get(cell.family), "dg_class": "9", "volume_l": cell.volume_l,
        "source": cell.cell_id, "confidence": cell.confidence if cell.confidence != "unverified" else "unverified",
        "note": f"{NOTE}; maker and origin are not told",
    }  # fmt: skip


def _new_offer(found: Design, rank: int, item: str, cell: Cell, site: str, chain: Chain) -> dict[str, Any]:
    price = found.price(rank)
    return {
        "offer": f"{item}-at-{site}", "site": site, "item": item, "price_usd": price.likely * cell.energy_wh / 1000,
        "valid_from": chain.plan_settings().start, "source": price.source, "confidence": "assumption",
        "note": f"{NOTE}: ${price.likely:.3g}/kWh ({price.low:.3g} to {price.high:.3g}), {price.note}",
    }  # fmt: skip


def _hts(cell: Cell) -> str:
    return HTS_SODIUM if cell.family == "Na-ion" else HTS


def _pack(
    found: Design, chain: Chain, row: dict[str, Any], rank: int, name: str, site: str, made_of: str
) -> dict[str, Any]:
    """Return the item of the pack; its origin is that of its cells, as customs see it."""
    cells = chain.items.filter(item=made_of)
    cell = found.catalogue_cell(rank)
    own = cells.row(0, named=True) if cells.height else {"origin": None, "hts": None, "source": cell.cell_id}
    return {
        "item": name, "name": f"{found.specification.name or 'Pack'} {row['layout']} {row['cell']}, "
        f"{row['nominal_v']:.4g} V", "stage": "pack", "kwh": row["energy_kwh"], "mass_kg": row["mass_kg"],
        "hts": _pack_hts(found, cell, own["hts"]), "origin": own["origin"],
        "maker": chain.sites.filter(site=site)["partner"][0], "chemistry": CHEMISTRY.get(cell.family),
        "pack_design": f"{row['layout'].upper()} {row['cell']}", "dg_class": "9", "value_usd": row["cost_usd"],
        "volume_l": row["volume_l"], "source": cell.cell_id, "confidence": "assumption",
        "note": f"{NOTE}; origin and tariff code follow the cell",
    }  # fmt: skip


def _pack_hts(found: Design, cell: Cell, of_cell: str | None) -> str:
    """Return the tariff code of a pack: that of batteries for electric cars, else that of its cell."""
    if found.unit.use.use == "ev" and cell.family != "Na-ion":
        return HTS_ROAD
    return of_cell or _hts(cell)


def _component_items(found: Design, rank: int, name: str) -> list[dict[str, Any]]:
    """Return the parts of the pack as items: id, name, mass, value."""
    place = found.place(rank)
    rows = []
    for part in cost.PARTS:
        usd = float(found.costs.components[part.part][1, place])
        kg = found.admitted.body.parts_kg.get(part.part)
        if usd > 0:
            rows.append({
                "item": f"{name}-{part.part}", "name": part.name, "stage": "component", "unit": "set",
                "mass_kg": 0.0 if kg is None else float(kg[place]), "value_usd": usd, "confidence": "assumption",
                "note": NOTE,
            })  # fmt: skip
    return rows


def _component_offers(
    found: Design, rank: int, components: list[dict[str, Any]], site: str, chain: Chain
) -> list[dict[str, Any]]:
    start = chain.plan_settings().start
    return [
        {"offer": f"{one['item']}-offer", "site": site, "item": one["item"], "price_usd": one["value_usd"],
         "valid_from": start, "incoterm": "DDP", "confidence": "assumption",
         "note": f"{NOTE}: delivered to the line, likely cost at {found.unit.packs_per_year:,.0f} packs a year"}
        for one in components
    ]  # fmt: skip


def _process(
    found: Design, chain: Chain, row: dict[str, Any], rank: int, name: str, site: str, line: str | None,
    hours: float | None,
) -> tuple[dict[str, Any], list[Finding]]:  # fmt: skip
    """Return the process; hours on the line as of the pack there whose energy is nearest, by energy to a power."""
    place = found.place(rank)
    labour = float(found.costs.components["labour"][1, place])
    warnings = []
    note = f"{NOTE}: labour ${labour:.3g}"
    if hours is None and line is not None:
        kwh = chain.items.select("item", "kwh", "stage")
        like = chain.processes.filter((pl.col("resource") == line) & (pl.col("hours_per_unit") > 0)).join(
            kwh, on="item"
        )
        like = like.filter(pl.col("kwh") > 0).sort((pl.col("kwh").log() - pl.lit(row["energy_kwh"]).log()).abs())
        if like.height:
            one = like.row(0, named=True)
            hours = one["hours_per_unit"] * (row["energy_kwh"] / one["kwh"]) ** LABOUR_EXPONENT
            note += f"; hours of the line as {one['item']}, by energy to the power {LABOUR_EXPONENT:g}"
        else:
            hours = labour / cost.WAGE[1] / PEOPLE
            warnings.append(Finding(
                "warning", "processes", None, "hours_per_unit", f"nothing is made on {line}",
                "hours of the line that one pack takes",
                f"Taken as {hours:.2g} h, {PEOPLE:g} people on a pack at a time; give hours_per_unit.",
            ))  # fmt: skip
    return {
        "process": f"{site}-{name}", "site": site, "item": name, "resource": line, "hours_per_unit": hours or 0.0,
        "cost_usd": labour, "yield_share": cost.YIELD[1], "note": note,
    }, warnings  # fmt: skip


def _wants(chain: Chain, row: dict[str, Any], wants: Mapping[str, float] | Sequence[str] | None) -> dict[str, float]:
    """Return what the pack serves with units per want: as told, else wants whose packs hold the same energy."""
    if isinstance(wants, Mapping):
        return dict(wants)
    if wants is not None:
        return dict.fromkeys(wants, 1.0)
    served = chain.wants.join(chain.items.select("item", "kwh"), on="item")
    energies = served.with_columns(kwh=pl.col("kwh") * pl.col("quantity")).filter(pl.col("kwh") > 0)
    found = {}
    for want, kwh in energies.group_by("want", maintain_order=True).agg(pl.col("kwh").min()).iter_rows():
        units = max(1, round(kwh / row["energy_kwh"]))
        if abs(units * row["energy_kwh"] / kwh - 1) <= SAME_KWH:
            found[want] = float(units)
    return found

"""What must be certified again when the cell, or anything else, of a certified product changes?"""

from __future__ import annotations

import polars as pl

from cellroad.chain import facts
from cellroad.engineering.certify.certifying import certify, step
from cellroad.engineering.certify.product import Product

SCHEMA = {
    "step": pl.String, "answer": pl.String, "changes": pl.String, "because": pl.String, "weeks_low": pl.Float64,
    "weeks_high": pl.Float64, "cost_usd_low": pl.Float64, "cost_usd_high": pl.Float64, "rows": pl.String,
}  # fmt: skip


def changes(old: Product, new: Product) -> dict[str, float]:
    """Return what changed from one product to another: the kind of change, and by which part where it is a number.

    Energy counts both ways, voltage only up. What one of the two does not tell is no change.
    """
    found: dict[str, float] = {}
    named = {
        "cell": (old.cell and old.cell.cell_id, new.cell and new.cell.cell_id),
        "chemistry": (old.cell and old.cell.family, new.cell and new.cell.family),
        "layout": (old.layout, new.layout),
        "bms": (old.bms, new.bms),
        "enclosure": (old.enclosure, new.enclosure),
        "inverter": (old.inverter_model, new.inverter_model),
        "site": (old.site, new.site),
    }
    found.update({kind: 1.0 for kind, (was, now) in named.items() if was and now and was != now})
    if old.energy_kwh and new.energy_kwh and old.energy_kwh != new.energy_kwh:
        found["energy"] = abs(new.energy_kwh / old.energy_kwh - 1)
    if old.voltage_v and new.voltage_v and new.voltage_v > old.voltage_v:
        found["voltage"] = new.voltage_v / old.voltage_v - 1
    return found


def recertify(old: Product, new: Product) -> pl.DataFrame:
    """Return each step that the new product needs, and whether it is run again after the old one held it.

    step, answer (needed, not needed, unknown), changes, because, weeks_low, weeks_high, cost_usd_low, cost_usd_high,
    rows. A step that the old product did not need is new, and needed. A repeat of a step makes those after it be
    judged: they stay as they are unless a change of their own asks for them.
    """
    before = certify(old).filter(pl.col("answer") != "not needed")["step"].to_list()
    triggers = list(facts.table("recertification").iter_rows(named=True))
    found = changes(old, new)
    rows = []
    for row in certify(new).filter(pl.col("answer") != "not needed").iter_rows(named=True):
        pulled = [
            trigger for trigger in triggers
            if step(trigger) == row["step"] and found.get(trigger["change"], 0) > (trigger["over_share"] or 0)
        ]  # fmt: skip
        certain = [trigger for trigger in pulled if trigger["answer"] == "needed"]
        deciding = certain or pulled
        if row["step"] not in before:
            answer, because, ids = row["answer"], "the old product did not need it", row["rows"]
        elif deciding:
            answer = "needed" if certain and row["answer"] == "needed" else "unknown"
            because = "; ".join(dict.fromkeys(trigger["why"] for trigger in deciding))
            ids = ";".join([*(trigger["trigger_id"] for trigger in deciding), row["rows"]])
        else:
            answer, because, ids = "not needed", "nothing that it rests on changed", row["rows"]
        efforts = [row[name] for name in ("weeks_low", "weeks_high", "cost_usd_low", "cost_usd_high")]
        kinds = ";".join(dict.fromkeys(trigger["change"] for trigger in deciding))
        rows.append((row["step"], answer, kinds, because, *([0.0] * 4 if answer == "not needed" else efforts), ids))
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")

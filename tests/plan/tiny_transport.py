"""Tiny random chains whose lanes and sites have rules of their own: containers, shipments, limits by mass."""

import random

from tests.plan.reference_transport import TransportReference
from tests.plan.tiny import Rows, random_rows

MOST_PROGRAMMES = 100
"""Linear programmes that the enumeration of one chain may take."""


def transport_rows(r: random.Random) -> Rows:
    """Draw a chain with few other decisions, and rules of transport as long as few enough cases are left to try."""
    rows = random_rows(r)
    for offer in rows["offers"]:
        offer["moq"] = 0.0
    for item, litres in (("cell", 2.0), ("pack", 15.0), ("part", 4.0)):
        next(row for row in rows["items"] if row["item"] == item)["volume_l"] = litres
    for lane in rows["lanes"]:
        lane.setdefault("container_kg", 18000.0)
    wanted = sum(row["quantity"] for row in rows["demand"]) * max(row["quantity"] for row in rows["wants"])
    for rule in r.sample([_whole, _shipment, _lane_limit, _site_limit, _storage], r.choice([1, 2, 3])):
        before = {table: [dict(row) for row in found] for table, found in rows.items()}
        rule(rows, r, max(wanted, 1.0))
        if TransportReference(rows).choices() > MOST_PROGRAMMES:
            rows = before
    return rows


def _whole(rows: Rows, r: random.Random, wanted: float) -> None:
    """Let a lane pay whole containers, of which one or two hold all that is ever wanted."""
    lane = r.choice(rows["lanes"])
    for site in rows["sites"]:
        if site["site"] == lane["origin"]:
            site["calendar"] = "none"
    lane |= {
        "whole_containers": "yes", "cost_per": "container", "cost_usd": r.choice([20.0, 200.0, 900.0]),
        "dg_usd": r.choice([0.0, 0.0, 60.0]), "container_kg": 16 * wanted * r.choice([0.6, 1.05, 1.05]),
        "dg_apart": r.choice(["yes", "no"]), "transit_days": 0.0,
    }  # fmt: skip
    if r.random() < 0.4:
        lane["container_l"] = lane["container_kg"] * r.choice([0.7, 1.2])


def _shipment(rows: Rows, r: random.Random, wanted: float) -> None:
    lane = r.choice(rows["lanes"])
    if r.random() < 0.7:
        lane["min_shipment_kg"] = 12 * wanted * r.choice([0.1, 0.3, 0.6])
    if r.random() < 0.6:
        lane["shipment_usd"] = r.choice([50.0, 500.0])


def _lane_limit(rows: Rows, r: random.Random, wanted: float) -> None:
    for lane in r.sample(rows["lanes"], r.choice([1, min(2, len(rows["lanes"]))])):
        name = r.choice(["max_kg_per_month", "max_dg_kg_per_month", "max_containers_per_month"])
        lane[name] = 12 * wanted * r.choice([0.05, 0.2, 0.4])
        if name == "max_containers_per_month" and lane.get("whole_containers") == "yes":
            lane[name] = 1.0
        elif name == "max_containers_per_month":
            lane[name] /= lane["container_kg"]
            lane["container_l"] = lane["container_kg"] * r.choice([0.7, 1.2])


def _site_limit(rows: Rows, r: random.Random, wanted: float) -> None:
    r.choice(rows["sites"])["max_kg_per_month"] = 12 * wanted * r.choice([0.05, 0.2, 0.4])


def _storage(rows: Rows, r: random.Random, wanted: float) -> None:
    site = r.choice(rows["sites"])
    held = [row["on_hand"] for row in rows["stocks"] if row["site"] == site["site"]]
    if r.random() < 0.5:
        site["max_dg_kg"] = 12 * (sum(held) + wanted * r.choice([0.0, 0.1, 0.3]))
    else:
        site["max_dg_kwh"] = 2 * (sum(held) + wanted * r.choice([0.0, 0.1, 0.3]))

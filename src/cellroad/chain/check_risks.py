"""Do risks touch something that exists, by a distribution that suits them?"""

from __future__ import annotations

from typing import Any

import numpy as np

from cellroad.chain import facts
from cellroad.chain.chain import Chain
from cellroad.chain.finding import Finding
from cellroad.chain.tables import MODES
from cellroad.chain.tell import did_you_mean, numbered

FACTORS = ("normal", "lognormal", "triangular", "uniform")
SUITS = {
    "demand": (*FACTORS, "poisson", "replay"), "yield": FACTORS, "price": (*FACTORS, "replay"),
    "freight": (*FACTORS, "replay"), "transit": ("normal", "triangular", "uniform"),
    "lane_closure": ("poisson", "bernoulli"), "site_outage": ("poisson", "bernoulli"), "duty": ("poisson", "bernoulli"),
    "listing": ("poisson", "bernoulli"), "certificate": ("bernoulli", "normal", "triangular", "uniform"),
    "shutdown": ("bernoulli", "normal", "triangular", "uniform"),
}  # fmt: skip
"""Which distributions a kind can have; those of a delay are checked with what is built."""
COUNTS = {"normal": (2,), "lognormal": (2,), "uniform": (2,), "triangular": (3,), "bernoulli": (1,), "poisson": (0, 1)}
"""How many numbers a distribution has."""


def risks(chain: Chain) -> list[Finding]:
    """Return risks of what does not exist, those that cannot be drawn, and correlations that cannot be."""
    rows = list(numbered(chain.risks).iter_rows(named=True))
    mine = [row for row in rows if row["kind"] != "delay"]
    found = [finding for row in mine for finding in (*_target(chain, row), *_shape(row))]
    return found + _correlations(rows)


def _target(chain: Chain, row: dict[str, Any]) -> list[Finding]:
    known = targets(chain, row["kind"])
    if row["target"] in known:
        return []
    return [Finding(
        "blocker", "risks", row["row"], "target", repr(row["target"]), f"what a risk of {row['kind']} can touch",
        did_you_mean(row["target"], sorted(known), "Correct the name."),
    )]  # fmt: skip


def targets(chain: Chain, kind: str) -> set[str]:
    """Return what a risk of a kind can name."""
    lanes, country = chain.lanes, set(chain.sites["country"])
    sites = set(chain.sites["site"])
    all_of = {"*"}
    return {
        "demand": all_of | {*chain.demand["market"], *chain.demand["want"], *chain.demand["segment"]},
        "yield": all_of | {*chain.processes["process"], *chain.processes["item"], *chain.processes["site"],
                           *chain.resources["resource"]},
        "price": all_of | {*chain.offers["offer"], *chain.offers["item"], *chain.indices["index"]},
        "freight": all_of | {*lanes["lane"], *MODES},
        "transit": all_of | {*lanes["lane"], *MODES} | sites | country,
        "lane_closure": all_of | {*lanes["lane"], *MODES} | sites,
        "site_outage": all_of | sites | set(chain.resources["resource"]),
        "duty": all_of | {*lanes["lane"], *chain.items["item"], *chain.items["origin"].drop_nulls()} | country,
        "listing": set(chain.partners["partner"]),
        "certificate": set(chain.items["item"]),
        "shutdown": all_of | sites | country,
    }.get(kind, set())  # fmt: skip


def _shape(row: dict[str, Any]) -> list[Finding]:
    kind, shape = row["kind"], row["distribution"]
    if shape not in SUITS[kind]:
        return [Finding("blocker", "risks", row["row"], "distribution", repr(shape),
                        f"one of {', '.join(SUITS[kind])} for {kind}", "Choose one of them.")]  # fmt: skip
    if shape == "replay":
        series = sorted(set(facts.prices()["series"]))
        if row["parameters"] in series:
            return []
        return [Finding("blocker", "risks", row["row"], "parameters", repr(row["parameters"]),
                        "a series of the price facts",
                        did_you_mean(row["parameters"], series, "Correct the name."))]  # fmt: skip
    found = _numbers(row, kind, shape)
    events = ("lane_closure", "site_outage", "duty", "listing")
    if kind in events and shape == "poisson" and row["per_year"] <= 0:
        found.append(Finding("warning", "risks", row["row"], "per_year", "0", "events per year",
                             "Fill it in; as it is, nothing ever happens."))  # fmt: skip
    return found


def _numbers(row: dict[str, Any], kind: str, shape: str) -> list[Finding]:
    try:
        numbers = [float(part) for part in row["parameters"].split(";") if part.strip()]
    except ValueError:
        numbers = [float("nan")]
    lane_days = kind == "transit" and shape == "triangular" and not numbers
    fits = len(numbers) in COUNTS[shape] and bool(np.isfinite(numbers).all())
    if fits and shape in ("uniform", "triangular"):
        fits = numbers == sorted(numbers)
    if fits and shape in ("normal", "lognormal"):
        fits = numbers[1] >= 0 and (shape == "normal" or numbers[0] > 0)
    if fits and shape == "bernoulli":
        fits = 0 <= numbers[0] <= 1
    if fits and shape == "poisson":
        fits = all(number >= 0 for number in numbers)
    if fits or lane_days:
        return []
    expected = {
        "normal": "mean;deviation", "lognormal": "mean;deviation, the mean above 0", "uniform": "low;high",
        "triangular": "low;likely;high", "bernoulli": "a probability", "poisson": "blank, or one number",
    }[shape]  # fmt: skip
    return [Finding("blocker", "risks", row["row"], "parameters", repr(row["parameters"]), expected,
                    "Separate numbers by ';', as in 0.8;1;1.3.")]  # fmt: skip


def _correlations(rows: list[dict[str, Any]]) -> list[Finding]:
    names = [row["risk"] for row in rows]
    matrix, found = np.eye(len(rows)), []
    for k, row in enumerate(rows):
        for part in filter(str.strip, row["correlates"].split(";")):
            name, _, strength = part.rpartition(":")
            try:
                value = float(strength)
            except ValueError:
                value = float("nan")
            if name.strip() not in names or name.strip() == row["risk"] or not -1 <= value <= 1:
                found.append(Finding(
                    "blocker", "risks", row["row"], "correlates", repr(part), "another risk and a number from -1 to 1",
                    did_you_mean(name.strip(), sorted(names), "Write it as risk:0.5."),
                ))  # fmt: skip
                continue
            other = names.index(name.strip())
            matrix[k, other] = matrix[other, k] = value
    if not found and len(rows) and np.linalg.eigvalsh(matrix)[0] < -1e-9:
        found.append(Finding(
            "blocker", "risks", None, "correlates", "correlations that contradict each other",
            "a matrix that numbers can have", "Lower the correlations until they agree with each other.",
        ))  # fmt: skip
    return found

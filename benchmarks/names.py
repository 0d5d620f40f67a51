"""How well, and how fast, are two names told apart, beside other scorers?

Published judgements of pairs of names (nomenklatura's, not part of the project): F1, precision and recall over the
organisations and over all pairs, and the time a pair takes. Cellroad answers with its one threshold. A peer is given
the threshold that is best for it on these very pairs, which flatters it. The pairs are cut in two by the hash of
their names: weights were chosen on the first half only.

Run: python benchmarks/names.py [folder that holds bods/names/cases.csv]; `CELLROAD_CASES` names it, too.
"""

from __future__ import annotations

import csv
import hashlib
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from rapidfuzz import fuzz, utils

from cellroad.rules import names, names_people
from cellroad.rules.names_peer import peer_likeness
from cellroad.rules.names_read import read

CASES = Path(os.environ.get("CELLROAD_CASES", Path(__file__).resolve().parents[2] / "shared" / "data"))
ORGANISATIONS = ("Company", "Organization", "LegalEntity")
Scorer = Callable[[str, str, str], float]


@dataclass(frozen=True)
class Case:
    """Two names, what they are names of, whether a person judged them the same, and which half they belong to."""

    left: str
    right: str
    schema: str
    same: bool
    half: int


@dataclass(frozen=True)
class Quality:
    """How well a scorer does at a threshold."""

    f1: float
    precision: float
    recall: float


def read_cases(path: Path) -> list[Case]:
    with path.open(encoding="utf-8", newline="") as file:
        return [
            Case(row["name1"], row["name2"], row["schema"], row["is_match"] == "true", half(row["name1"], row["name2"]))
            for row in csv.DictReader(file)
        ]


def half(left: str, right: str) -> int:
    return int(hashlib.sha256(f"{left}|{right}".encode()).hexdigest(), 16) % 2


def cellroad(left: str, right: str, schema: str) -> float:
    return (names.person_likeness if schema == "Person" else names.likeness)(left, right).score


def fuzzy(scorer: Callable[..., float]) -> Scorer:
    return lambda left, right, _: scorer(left, right, processor=utils.default_process) / 100


def logic_v2(left: str, right: str, schema: str) -> float:
    return peer_likeness(left, right, schema).score


def quality(scores: Sequence[float], cases: Sequence[Case], threshold: float) -> Quality:
    told = [(case.same, score >= threshold) for case, score in zip(cases, scores, strict=True)]
    hit, false, lost = told.count((True, True)), told.count((False, True)), told.count((True, False))
    return Quality(2 * hit / (2 * hit + false + lost), hit / max(hit + false, 1), hit / max(hit + lost, 1))


def best(scores: Sequence[float], cases: Sequence[Case]) -> Quality:
    return max((quality(scores, cases, threshold) for threshold in set(scores)), key=lambda found: found.f1)


def score(scorer: Scorer, cases: Sequence[Case]) -> tuple[list[float], float]:
    """Return the scores and the microseconds that a pair takes, all being loaded; Cellroad forgets what it read."""
    for case in cases:
        scorer(case.left, case.right, case.schema)
    for remembered in (read, names._organisations, names_people._read, names_people._people):
        remembered.cache_clear()
    began = time.process_time()
    scores = [scorer(case.left, case.right, case.schema) for case in cases]
    return scores, (time.process_time() - began) / len(cases) * 1e6


def main(folder: Path) -> None:
    path = folder / "bods" / "names" / "cases.csv"
    if not path.exists():
        print("no judgements of names here: put bods/names/cases.csv into a folder and name it")
        return
    cases = read_cases(path)
    peers: dict[str, Scorer] = {"WRatio": fuzzy(fuzz.WRatio), "token sort": fuzzy(fuzz.token_sort_ratio)}
    if find_spec("nomenklatura"):
        peers["logic-v2"] = logic_v2
    else:
        print("nomenklatura is not installed and is left out")
    print(f"{'pairs':<22} {'scorer':<12} {'n':>4} {'F1':>6} {'precision':>10} {'recall':>7} {'µs/pair':>8}")
    organisations = [case for case in cases if case.schema in ORGANISATIONS]
    for label, some in (
        ("organisations", organisations),
        ("  weights chosen on", [case for case in organisations if case.half == 0]),
        ("  kept aside", [case for case in organisations if case.half == 1]),
        ("all", cases),
        ("  weights chosen on", [case for case in cases if case.half == 0]),
        ("  kept aside", [case for case in cases if case.half == 1]),
    ):
        for name, scorer in {"Cellroad": cellroad, **peers}.items():
            scores, micro = score(scorer, some)
            found = quality(scores, some, names.THRESHOLD) if name == "Cellroad" else best(scores, some)
            numbers = f"{found.f1:>6.3f} {found.precision:>10.2f} {found.recall:>7.2f} {micro:>8.0f}"
            print(f"{label:<22} {name:<12} {len(some):>4} {numbers}")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else CASES)

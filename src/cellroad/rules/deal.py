"""What a deal does: sweep one holder's share of a venture and tell at which share which regime turns.

    sweep(chain, "cell JV: CBAK 0..100 %", on)            equity; votes, debt and board are named after the share
    sweep(chain, "pack JV: CATL licence", on)             without an agreement, with terms not known, with each term

The rest of the venture is placed in two ways: with those who hold it today, in their proportions, and with an outsider
whom no rule catches. Answers are constant between turns, so each turn is found by halving and then tried on the round
share beside it, to tell "at 25 %" from "beyond 25 %".
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import polars as pl

from cellroad.chain.chain import Chain
from cellroad.chain.day import Day, as_day
from cellroad.chain.finding import ChainError, Finding
from cellroad.chain.tables import TERMS
from cellroad.chain.tell import did_you_mean, listed
from cellroad.rules.law import Law, seen, shipped
from cellroad.rules.parties import STAKE_SCHEMA, Parties, parties
from cellroad.rules.status import Register

RESTS = ("as today", "an outsider")
SHARED = ("equity", "votes", "debt", "board")
AGREED = ("licence", "offtake")
FORM = re.compile(
    rf"^\s*(?P<venture>[^:]+):\s*(?P<holder>.+?)\s+"
    rf"(?:(?P<low>\d+(?:\.\d+)?)\s*(?:\.\.\s*(?P<high>\d+(?:\.\d+)?))?\s*%\s*(?:of\s+)?(?P<shared>{'|'.join(SHARED)})?"
    rf"|(?P<agreed>{'|'.join(AGREED)}))\s*$",
    re.IGNORECASE,
)
GRID = 40
"""Parts of the whole at which answers are looked at first; a piece narrower than one part may go unseen."""
FINE = 1e-6
OUTSIDER = "an outsider"

STEP_SCHEMA = {
    "rest": pl.String, "regime": pl.String, "rule": pl.String, "share_from": pl.Float64, "share_to": pl.Float64,
    "from_included": pl.Boolean, "answer": pl.String, "because": pl.String,
}  # fmt: skip
FLIP_SCHEMA = {
    "rest": pl.String, "regime": pl.String, "rule": pl.String, "share": pl.Float64, "included": pl.Boolean,
    "before": pl.String, "after": pl.String,
}  # fmt: skip
TERM_SCHEMA = {
    "term": pl.String, "regime": pl.String, "rule": pl.String, "answer": pl.String, "because": pl.String,
}  # fmt: skip
CREDIT_SCHEMA = {
    "rest": pl.String, "credit": pl.String, "name": pl.String, "share_from": pl.Float64, "share_to": pl.Float64,
    "from_included": pl.Boolean, "may_claim": pl.String,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Deal:
    """What a deal does to a venture, share by share.

    steps    rest (how the rest is placed), regime, rule, share_from, share_to (0..1), from_included (whether the lower
             end belongs to the piece; the upper does where the next piece does not include it), answer, because
    flips    rest, regime, rule, share, included (whether `after` holds at the share itself), before, after
    terms    for an agreement: term, regime, rule, answer, because
    credits  rest, credit, name, share_from, share_to, from_included, may_claim: what the regime that bars claimants
             leaves open; materials and the other conditions are `screen`'s
    """

    venture: str
    holder: str
    interest: str
    low: float
    high: float
    on: dt.date
    as_known: dt.date | None
    steps: pl.DataFrame
    flips: pl.DataFrame
    terms: pl.DataFrame
    credits: pl.DataFrame

    def summary(self) -> pl.DataFrame:
        """Return the turns, or for an agreement the answers by term."""
        return self.terms if self.interest in AGREED else self.flips

    def _repr_html_(self) -> str:
        """Return the summary as a notebook shows it."""
        return self.summary()._repr_html_()


def sweep(chain: Chain, deal: str, on: Day, as_known: Day | None = None, law: Law | None = None) -> Deal:
    """Return what a deal does under every regime on a day.

    `deal` names a venture and a holder by id or by words of their names, and a share or a range of it in percent with
    its interest (equity unless said), or licence or offtake. Raises ChainError where it cannot be read.
    """
    day = as_day(on)
    known = seen(law or shipped(), as_known)
    everybody = parties(chain, known)
    asked = FORM.match(deal)
    if asked is None:
        raise ChainError([_unread(deal)])
    venture, holder = _found(everybody, asked["venture"], deal), _found(everybody, asked["holder"], deal)
    interest = (asked["shared"] or asked["agreed"] or "equity").lower()
    low = float(asked["low"] or 0) / 100
    high = float(asked["high"]) / 100 if asked["high"] else low
    if not 0 <= low <= high <= 1:
        raise ChainError([_unread(deal)])
    around = _around(everybody, venture, holder)
    told = Deal(
        venture,
        holder,
        interest,
        low,
        high,
        day,
        as_day(as_known),
        *_nothing(STEP_SCHEMA, FLIP_SCHEMA, TERM_SCHEMA, CREDIT_SCHEMA),
    )
    if interest in AGREED:
        return replace(told, terms=_terms(around, known, told))
    pieces = [piece for rest in RESTS for piece in _pieces(around, known, told, rest)]
    steps = pl.DataFrame(pieces, schema=STEP_SCHEMA, orient="row")
    return replace(told, steps=steps, flips=_flips(steps), credits=_credits(steps, known))


def _pieces(around: Parties, law: Law, deal: Deal, rest: str) -> Iterator[tuple[Any, ...]]:
    """Yield the pieces of the share on which the answer of a regime does not change."""
    at: dict[float, Register] = {}

    def placed(share: float) -> Register:
        if share not in at:
            at[share] = Register(replace(around, stakes=_placed(around, deal, share, rest)), law)
        return at[share]

    grid = sorted({deal.low, deal.high, *(k / GRID for k in range(GRID + 1) if deal.low < k / GRID < deal.high)})
    for regime, rule in law.regimes.select("regime_id", "name").iter_rows():

        def answer(share: float, name: str = regime) -> str:
            return placed(share).answer(deal.venture, name, deal.on)

        starts = [(grid[0], True), *_turns(grid, answer)]
        ends = [share for share, _ in starts[1:]] + [grid[-1]]
        for (start, included), end in zip(starts, ends, strict=True):
            inside = start if included else min((start + end) / 2, end)
            found = placed(inside).verdict(deal.venture, regime, deal.on)
            yield rest, regime, rule, start, end, included, found.answer, found.because


def _turns(grid: list[float], answer: Callable[[float], str]) -> Iterator[tuple[float, bool]]:
    """Yield where the answer changes along the grid, and whether the new answer holds at that very share."""
    for first, right in pairwise(grid):
        left = first
        while answer(left) != answer(right):
            low, high = left, right
            while high - low > FINE:
                middle = (low + high) / 2
                low, high = (middle, high) if answer(middle) == answer(left) else (low, middle)
            share = round(high, 4)
            share = share if low - FINE <= share <= high + FINE else high
            included = answer(share) != answer(left)
            yield share, included
            left = share if included else min(share + 2 * FINE, right)


def _placed(around: Parties, deal: Deal, share: float, rest: str) -> pl.DataFrame:
    """Return the stakes with the holder's share of the venture set and the rest placed."""
    mine = (pl.col("owned") == deal.venture) & (pl.col("interest") == deal.interest)
    others = around.held_on(deal.on).filter(mine, pl.col("owner") != deal.holder)
    total = float(others["share_max"].sum())
    left = round(1 - share, 12)
    if deal.interest not in ("equity", "votes"):
        kept = others  # what others lend or appoint stays as it is
    elif rest == "as today" and total > 0:
        kept = others.with_columns((pl.col("share_min", "share_max") * (left / total)).round(12).clip(0, 1))
    else:
        kept = _stake(OUTSIDER, deal, left)
    moved = ["equity", "votes"] if deal.interest == "equity" else [deal.interest]  # votes follow the equity
    elsewhere = around.stakes.filter((pl.col("owned") != deal.venture) | ~pl.col("interest").is_in(moved))
    return pl.concat([elsewhere, kept, _stake(deal.holder, deal, share)])


def _stake(owner: str, deal: Deal, share: float, terms: str = "") -> pl.DataFrame:
    row = (owner, deal.venture, deal.interest, share, share, None, None, terms, None, "the deal", "assumption", "")
    return pl.DataFrame([row], schema=STAKE_SCHEMA, orient="row")


def _terms(around: Parties, law: Law, deal: Deal) -> pl.DataFrame:
    """Return the answers without the agreement, with terms that nobody has read, and with each term."""
    mine = (pl.col("owned") == deal.venture) & (pl.col("owner") == deal.holder) & (pl.col("interest") == deal.interest)
    without = around.stakes.filter(~mine)
    cases = {"no agreement": without, "terms not known": pl.concat([without, _stake(deal.holder, deal, 0.0)])}
    for term in TERMS:
        long = _stake(deal.holder, deal, 0.0, term).with_columns(valid_from=deal.on, term_years=pl.lit(99.0))
        cases[term.replace("_", " ")] = pl.concat([without, long])
    rows = [
        (case, name, row["name"], found.answer, found.because)
        for case, stakes in cases.items()
        for placed in [Register(replace(around, stakes=stakes), law)]
        for name, row in placed.regimes.items()
        for found in [placed.verdict(deal.venture, name, deal.on)]
    ]
    return pl.DataFrame(rows, schema=TERM_SCHEMA, orient="row")


def _flips(steps: pl.DataFrame) -> pl.DataFrame:
    """Return the starts of the pieces after the first of each regime."""
    before = pl.col("answer").shift().over("rest", "regime")
    return (
        steps.with_columns(before=before)
        .filter(pl.col("before").is_not_null())
        .select("rest", "regime", "rule", "before", share="share_from", included="from_included", after="answer")
        .select(list(FLIP_SCHEMA))
    )


def _credits(steps: pl.DataFrame, law: Law) -> pl.DataFrame:
    """Return whether the venture may claim a credit, as far as the regime that bars claimants goes."""
    asked = law.credits.filter(pl.col("claimant").cast(pl.String) == "maker").select(
        credit="credit_id", regime="claimant_regime", credit_name="name"
    )
    opposite = {"yes": "no", "no": "yes", "unknown": "unknown"}
    barred = steps.join(asked, on="regime", maintain_order="left_right").with_columns(
        may_claim=pl.col("answer").replace_strict(opposite, return_dtype=pl.String), name="credit_name"
    )
    known = set(law.regimes["regime_id"])
    free = [
        (rest, credit, name, *steps.select(pl.col("share_from").min(), pl.col("share_to").max()).row(0), True, "yes")
        for rest in steps["rest"].unique(maintain_order=True)
        for credit, regime, name in asked.iter_rows()
        if regime not in known
    ]
    return pl.concat([barred.select(list(CREDIT_SCHEMA)), pl.DataFrame(free, schema=CREDIT_SCHEMA, orient="row")])


def _around(everybody: Parties, venture: str, holder: str) -> Parties:
    """Return the parties that can matter: the venture, the holder, and everybody above them, and the outsider."""
    wanted, size = {venture, holder}, 0
    while len(wanted) > size:
        size = len(wanted)
        wanted |= set(everybody.stakes.filter(pl.col("owned").is_in(list(wanted)))["owner"])
    stranger = pl.DataFrame(
        [(OUTSIDER, OUTSIDER, None, "person", ["US"], False, True, "", "assumption")],
        schema=everybody.entities.schema,
        orient="row",
    )
    entities = pl.concat([everybody.entities.filter(pl.col("entity").is_in(list(wanted))), stranger])
    stakes = everybody.stakes.filter(pl.col("owned").is_in(list(wanted)), pl.col("owner").is_in(list(wanted)))
    return replace(everybody, entities=entities, stakes=stakes)


def _found(everybody: Parties, words: str, deal: str) -> str:
    """Return the entity of which all the words are in its id or name. Raises ChainError where none or several are."""
    asked = _words(words)
    ids = everybody.entities["entity"].to_list()
    if words.strip() in ids:
        return words.strip()
    partners = everybody.entities.filter(pl.col("row").str.starts_with("partners "))
    for frame in (partners, everybody.entities):
        names = {e: name for e, name in frame.select("entity", "name").iter_rows() if asked <= _words(f"{e} {name}")}
        hits = list(names)
        begun = [e for e in hits if names[e].casefold().startswith(words.strip().casefold())]
        best = [e for e in hits if _words(e) == asked] or begun or hits
        if len(best) == 1:
            return str(best[0])
        if hits:
            found = f"{words.strip()!r}, which may be {listed(hits)}"
            raise ChainError([Finding("blocker", "deal", None, "", found, "one partner", f"Write the id in {deal!r}.")])
    advice = did_you_mean(words.strip(), ids, "Name a partner of the chain or an organisation of the facts.")
    raise ChainError([Finding("blocker", "deal", None, "", repr(words.strip()), "a partner or organisation", advice)])


def _words(text: str) -> set[str]:
    words = set(re.findall(r"\w+", text.casefold().replace("_", " ")))
    return (words - {"jv"}) | {"joint", "venture"} if "jv" in words else words


def _unread(deal: str) -> Finding:
    return Finding(
        "blocker", "deal", None, "", repr(deal), "a venture, a holder and a share, such as 'cell JV: CBAK 0..100 %'",
        f"Write 'venture: holder 10..60 % votes' (or {', '.join(SHARED)}), or 'venture: holder licence' (or offtake).",
    )  # fmt: skip


def _nothing(*schemas: Any) -> Iterable[pl.DataFrame]:
    return (pl.DataFrame(schema=schema) for schema in schemas)

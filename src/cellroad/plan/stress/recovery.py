"""How long does the chain serve all customers without a site, and how long until it does so again after a standstill?

Time to survive and time to recover (Simchi-Levi, Schmidt, Wei, Harvard Business Review, January 2014), by simulation:
in a future in which nothing else happens a site stands still from a day on, for good or for a time, and what is served
is held against what is served when it works.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from cellroad.plan.stress.arrays import Floats, Future, Law, Links
from cellroad.plan.stress.batches import service
from cellroad.plan.stress.policy import Operated
from cellroad.plan.stress.uncertain import standing

OUTAGE_DAYS = 30
"""Days of the standstill after which recovery is counted."""
QUIET_DAYS = 28
"""Days without a loss after which a standstill is overcome; what is lost later is another spell."""
SEEN = 0.01
"""Part of what is wanted on a mean day, below which a loss is a ripple of another rhythm."""
EVERY_DAYS = 180
"""Days between the standstills that are tried."""


def calm(operated: Operated) -> tuple[Law, Links]:
    """Return a law by which nothing happens, and what it touches."""
    return standing(operated, [])


def recovery(operated: Operated, outage_days: int = OUTAGE_DAYS) -> pl.DataFrame:
    """Return by site how long customers are served without it, and until they are again after a standstill.

    Gives site, survive_days (least over the days on which it may begin; null: to the end, whenever it begins),
    recover_days (most, from the first day of a standstill of outage_days to the end of the first spell of days on which
    customers lose by it, a spell being over after QUIET_DAYS without; 0: nobody notices), felt_days (from that day to
    the first of the spell: where there is stock, what was not made is missed much later; null: nobody notices),
    outage_days, lost (wants not served on time because of it), begins (day of that standstill).
    """
    days = operated.parts.grid.period.size
    law, links = standing(operated, [])
    wanted, still = service(operated.built.system, links, law, [happening([])])
    starts = list(range(EVERY_DAYS // 2, max(days - 2 * EVERY_DAYS, EVERY_DAYS // 2 + 1), EVERY_DAYS))
    lasting = [(start, days + 1) for start in starts] + [(start, start + outage_days) for start in starts]
    found = []
    for site in _sites(operated):
        law, links = standing(operated, [site])
        _, served = service(operated.built.system, links, law, [happening([spell]) for spell in lasting])
        less = np.maximum(still - served, 0.0)
        missed = np.where(less > 1e-6 * wanted, less, 0.0).sum(axis=2)
        gone, lost = missed[: len(starts)], missed[len(starts) :]
        survive = [int(np.argmax(x > 0)) - start if x.any() else None for x, start in zip(gone, starts, strict=True)]
        seen = SEEN * float(wanted.sum()) / days
        tried = [(_spell(x, start, seen), float(x.sum()), start) for x, start in zip(lost, starts, strict=True)]
        known = [n for n in survive if n is not None]
        (felt, recovered), wants, begins = max(tried, key=lambda one: (one[0][1], one[1]))
        found.append((site, min(known, default=None), recovered, felt, outage_days, wants, begins))
    opening = operated.plan.chain.plan_settings().start
    schema = {"site": pl.String, "survive_days": pl.Int64, "recover_days": pl.Int64, "felt_days": pl.Int64,
              "outage_days": pl.Int64, "lost": pl.Float64, "begins": pl.Int64}  # fmt: skip
    frame = pl.DataFrame(found, schema=schema, orient="row")
    return frame.with_columns(begins=pl.lit(opening) + pl.duration(days=pl.col("begins"))).sort(
        "survive_days", "site", nulls_last=True
    )


def _spell(lost: Floats, start: int, seen: float) -> tuple[int | None, int]:
    """Return the days from a standstill to the first and past the last day of the first spell of losses.

    None and 0 where nobody notices.
    """
    felt = np.flatnonzero(lost > seen)
    if not felt.size:
        return None, 0
    quiet = np.flatnonzero(np.diff(felt) > QUIET_DAYS)
    return int(felt[0]) - start, int(felt[quiet[0]] if quiet.size else felt[-1]) + 1 - start


def happening(events: list[tuple[int, int]]) -> Future:
    """Return a future with events of one risk: first day, day after the last."""
    begins, ends = (np.array([[event[n] for event in events] or [0]], np.int64) for n in (0, 1))
    return Future(np.ones((1, 1200)), begins, ends, np.array([len(events)], np.int64), np.zeros(1, np.uint64))


def _sites(operated: Operated) -> list[str]:
    """Return the sites at which something is bought, made or sent off."""
    names = [operated.buys["site"], operated.makes["site"], operated.lines["site"], operated.ships["origin"]]
    return sorted({site for series in names for site in series})

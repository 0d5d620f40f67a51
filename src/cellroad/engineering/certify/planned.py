"""Certification as work that a plan can hold: milestones with predecessors, and certificates of an item."""

from __future__ import annotations

import polars as pl

from cellroad.chain.day import Day, as_day

WEEK = {True: 5.0, False: 7.0}
"""Days of a week that count: working days where a calendar is given, else every day."""


def milestones(
    steps: pl.DataFrame,
    *,
    start: Day | None = None,
    partner: str = "",
    calendar: str = "",
    unknown: bool = False,
    prefix: str = "CERT",
) -> pl.DataFrame:
    """Return the needed steps of `certify` as rows of the table `milestones` of a chain.

    milestone, name, partner, days (the middle of what is known), low_days, high_days, after, starts, calendar, source,
    confidence. Steps that take no time, such as installation codes, are not work and are left out; what comes after
    them comes after what they come after. `unknown` takes steps in that may be needed.
    """  # fmt: skip
    answers = ["needed", "unknown"] if unknown else ["needed"]
    wanted = steps.filter(pl.col("answer").is_in(answers))
    before = {row["step"]: [name for name in row["after"].split(";") if name] for row in wanted.iter_rows(named=True)}
    work = wanted.filter(pl.col("weeks_low").is_not_null() & ~pl.col("held"))
    ids = {name: f"{prefix}{number:02d}" for number, name in enumerate(work["step"], start=1)}

    def reached(name: str) -> list[str]:
        """Return the steps of work that a step comes after, through those that take no time."""
        found: list[str] = []
        for earlier in before.get(name, []):
            found += [ids[earlier]] if earlier in ids else reached(earlier)
        return sorted(set(found))

    week = WEEK[bool(calendar)]
    return work.select(
        milestone=pl.col("step").replace_strict(ids, return_dtype=pl.String),
        name=pl.col("step"),
        partner=pl.lit(partner or None, dtype=pl.String),
        days=(pl.col("weeks_low") + pl.col("weeks_high")) / 2 * week,
        low_days=pl.col("weeks_low") * week,
        high_days=pl.col("weeks_high") * week,
        after=pl.col("step").map_elements(lambda name: ";".join(reached(name)), return_dtype=pl.String),
        starts=pl.lit(None if start is None else as_day(start), dtype=pl.Date),
        calendar=pl.lit(calendar),
        source=pl.col("rows"),
        confidence=pl.col("confidence"),
    )


def certificates(steps: pl.DataFrame, item: str) -> pl.DataFrame:
    """Return the needed steps of `certify` as rows of the table `certificates` of a chain, one for each standard.

    item, standard, status (valid where every level is held, else planned), weeks and cost_usd (the middle of what is
    known, levels one after another), source, confidence.
    """
    needed = steps.filter((pl.col("answer") == "needed") & pl.col("weeks_low").is_not_null())
    return needed.group_by("standard", maintain_order=True).agg(
        item=pl.lit(item),
        status=pl.when(pl.col("held").all()).then(pl.lit("valid")).otherwise(pl.lit("planned")),
        weeks=((pl.col("weeks_low") + pl.col("weeks_high")) / 2).sum(),
        cost_usd=((pl.col("cost_usd_low") + pl.col("cost_usd_high")) / 2).sum(),
        source=pl.col("rows").str.join(";"),
        confidence=pl.col("confidence").first(),
    ).select("item", "standard", "status", "weeks", "cost_usd", "source", "confidence")  # fmt: skip

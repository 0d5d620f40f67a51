"""Do lines, ramps, options and processes fit together?"""

from __future__ import annotations

import datetime as dt
import math

import polars as pl

from cellroad.chain.calendars import ALWAYS_OPEN, parts
from cellroad.chain.chain import Chain
from cellroad.chain.check_flow import cycles
from cellroad.chain.check_trade import Horizon
from cellroad.chain.column import reference_of, separator_of, several
from cellroad.chain.finding import Finding
from cellroad.chain.tables import DG_CLASSES, NO_DG, TABLES
from cellroad.chain.tell import did_you_mean, numbered, tell

LONGEST_BUILD = 1200
"""Months; anything longer ends after every horizon."""


def plant(chain: Chain, horizon: Horizon) -> list[Finding]:
    """Return what is wrong or strange with what is built and run."""
    return [
        *resources(chain), *processes(chain), *ramps(chain), *windows(chain, horizon), *spending(chain),
        *closures(chain, horizon), *delays(chain), *predecessors(chain), *dangerous_goods(chain),
        *calendars(chain),
    ]  # fmt: skip


def resources(chain: Chain) -> list[Finding]:
    """Return options on what is closed or stands already, and resources that no option brings."""
    brought = numbered(chain.options).join(chain.resources.select("resource", "status"), on="resource").sort("row")
    waiting = numbered(chain.resources).filter(
        (pl.col("status") == "option") & ~pl.col("resource").is_in(chain.options["resource"].implode())
    )
    return (
        tell(
            brought.filter(pl.col("status") == "closed"), "warning", "options", "resource",
            found="{resource!r}, which is closed: {option!r} brings nothing",
            expected="a resource with status option",
            mend="Set its status to option, or leave it where a scenario does.",
        )
        + tell(
            brought.filter((pl.col("status") == "operating") & pl.col("hours_per_month").is_null()),
            "warning", "options", "resource",
            found="{resource!r}, which operates already: {option!r} adds another like it",
            expected="a resource with status option",
            mend="Leave it if another line is meant; fill in hours_per_month for an expansion; else set the status.",
        )
        + tell(
            waiting, "warning", "resources", "status", found="option for {resource!r}, and no option brings it",
            expected="an option that brings it, or another status",
            mend="Add it to options, or set its status to operating.",
        )
    )  # fmt: skip


def processes(chain: Chain) -> list[Finding]:
    """Return processes on a line of another site, and lines that they do not load."""
    lines = chain.resources.select("resource", line_site="site")
    ours = numbered(chain.processes).join(lines, on="resource").sort("row")
    return tell(
        ours.filter(pl.col("site") != pl.col("line_site")), "blocker", "processes", "resource",
        found="{resource!r}, which stands at {line_site!r}", expected="a resource at {site!r}, where the process runs",
        mend="Correct the site or the resource.",
    ) + tell(
        ours.filter(pl.col("hours_per_unit") == 0), "warning", "processes", "hours_per_unit",
        found="0 hours on {resource!r}", expected="the hours that one run takes of the line",
        mend="Fill it in; without it the line is never full.",
    )  # fmt: skip


def ramps(chain: Chain) -> list[Finding]:
    """Return ramps without a first month and those that fall."""
    by_age = numbered(chain.ramps).sort("ramp", "month")
    late = by_age.unique("ramp", keep="first", maintain_order=True).filter(pl.col("month") > 0).sort("row")
    before = pl.col("capacity_share").shift().over("ramp")
    falling = by_age.with_columns(before=before).filter(pl.col("capacity_share") < pl.col("before")).sort("row")
    return tell(
        late, "blocker", "ramps", "month", found="{month} as the first month of {ramp!r}", expected="a row for month 0",
        mend="Add what the line can do in its first month.",
    ) + tell(
        falling, "warning", "ramps", "capacity_share", found="{capacity_share:g} in month {month} after {before:g}",
        expected="a capacity that does not fall with age", mend="Check the order of months in {ramp!r}.",
    )  # fmt: skip


def windows(chain: Chain, horizon: Horizon) -> list[Finding]:
    """Warn of options that cannot be decided, or not be in operation, within the horizon."""
    options = numbered(chain.options)
    outside = (pl.col("earliest") >= horizon.end) | (pl.col("latest") < horizon.start)
    ready = pl.max_horizontal("earliest", pl.lit(horizon.start)).dt.offset_by(
        pl.format("{}mo", pl.col("build_months").clip(upper_bound=LONGEST_BUILD))
    )
    last = horizon.end - dt.timedelta(days=1)
    return tell(
        options.filter(outside), "warning", "options", "earliest", found="{option!r}, open from {earliest} to {latest}",
        expected=f"a window within the horizon, {horizon.start} to {last}", mend="Correct the window, or the settings.",
    ) + tell(
        options.with_columns(ready=ready).filter(~outside & (pl.col("ready") >= horizon.end)), "warning", "options",
        "build_months", found="{option!r}, in operation from {ready} at the earliest",
        expected=f"operation before the horizon ends on {last}", mend="Lengthen the horizon, or build earlier.",
    )  # fmt: skip


def closures(chain: Chain, horizon: Horizon) -> list[Finding]:
    """Return closures of what is closed, those outside the horizon, and those that pay for themselves."""
    ends = numbered(chain.closures).join(chain.resources.select("resource", "status"), on="resource").sort("row")
    outside = (
        (pl.col("earliest") >= horizon.end)
        | (pl.col("latest") < horizon.start)
        | (pl.col("latest") < pl.col("earliest"))
    )
    return tell(
        ends.filter(pl.col("status") == "closed"), "warning", "closures", "resource",
        found="{resource!r}, which is closed: {closure!r} ends nothing",
        expected="a resource that operates or may be built",
        mend="Remove the row, or correct the status of the resource.",
    ) + tell(
        ends.filter(outside), "warning", "closures", "earliest", found="{closure!r}, open from {earliest} to {latest}",
        expected=f"a window within the horizon, {horizon.start} to {horizon.end - dt.timedelta(days=1)}",
        mend="Correct the window, or the settings.",
    )  # fmt: skip


DELAY_NUMBERS = {"bernoulli": 1, "uniform": 2, "triangular": 3, "normal": 2}
"""How many parameters the distribution of a delay has."""


def delays(chain: Chain) -> list[Finding]:
    """Return delays of what does not exist, and those whose distribution cannot be read."""
    findings = []
    known = {*chain.options["option"], *chain.sites["site"], "*"}
    for row in numbered(chain.risks).filter(pl.col("kind") == "delay").iter_rows(named=True):
        if row["target"] not in known:
            findings.append(Finding(
                "blocker", "risks", row["row"], "target", repr(row["target"]), "an option, a site or '*'",
                did_you_mean(row["target"], sorted(known), "Correct the name."),
            ))  # fmt: skip
        wanted = DELAY_NUMBERS.get(row["distribution"])
        if wanted is None:
            findings.append(Finding(
                "blocker", "risks", row["row"], "distribution", repr(row["distribution"]),
                f"one of {', '.join(DELAY_NUMBERS)} for a delay", "Choose one of them.",
            ))  # fmt: skip
            continue
        numbers = _numbers(row["parameters"])
        rising = row["distribution"] not in ("uniform", "triangular") or numbers == sorted(numbers)
        if len(numbers) != wanted or not rising or min(numbers) < 0 or (wanted == 1 and numbers[0] > 1):
            findings.append(Finding(
                "blocker", "risks", row["row"], "parameters", repr(row["parameters"]),
                ("", "the probability of the delay", "two numbers of months", "three rising numbers of months")[wanted],
                "Separate numbers by ';', as in 2;4;9.",
            ))  # fmt: skip
    return findings


def spending(chain: Chain) -> list[Finding]:
    """Return spend profiles that are no shares of the whole."""
    profiled = numbered(chain.options).filter(pl.col("spend_profile") != "")
    findings = []
    for row, profile in profiled.select("row", "spend_profile").iter_rows():
        shares = _numbers(profile)
        if shares and min(shares) >= 0 and abs(sum(shares) - 1) <= 1e-6:
            continue
        found = f"{profile!r}" + (f", which sums to {sum(shares):.4g}" if shares else "")
        findings.append(Finding(
            "blocker", "options", row, "spend_profile", found, "shares of at least 0 that sum to 1, separated by ';'",
            "Write them as in 0.3;0.4;0.3, or leave it blank for even spending.",
        ))  # fmt: skip
    return findings


def _numbers(cell: str) -> list[float]:
    """Return the numbers of a cell, none where one of them is no finite number."""
    try:
        numbers = [float(part) for part in cell.split(";")]
    except ValueError:
        return []
    return numbers if all(math.isfinite(number) for number in numbers) else []


def predecessors(chain: Chain) -> list[Finding]:
    """Return loops in what comes before what: options, milestones and scenarios."""
    findings = []
    for table, key, column in (
        ("options", "option", "requires"), ("milestones", "milestone", "after"), ("scenarios", "scenario", "parent"),
    ):  # fmt: skip
        declared = TABLES[table].columns()[column]
        assert reference_of(declared) == (table, key)
        named = numbered(chain.tables[table]).select(
            "row", after=key, before=pl.col(column).str.split(separator_of(declared) or "\n")
        )
        edges = (
            named.explode("before", empty_as_null=True).with_columns(pl.col("before").str.strip_chars()).drop_nulls()
        )
        for loop in cycles(edges.select("before", "after").rows()):
            row = edges.filter(pl.col("after").is_in(loop) & pl.col("before").is_in(loop))["row"].to_list()[0]
            findings.append(Finding(
                "blocker", table, row, column, " → ".join([*loop, loop[0]]), "no loop: one of them has to come first",
                "Take one of these names out.",
            ))  # fmt: skip
    return findings


def dangerous_goods(chain: Chain) -> list[Finding]:
    """Return classes of dangerous goods that lanes accept and that do not exist."""
    lanes = numbered(chain.lanes).select("row", "lane", several("dg_class"))
    wrong = lanes.explode("dg_class", empty_as_null=True).filter(
        (pl.col("dg_class") != "") & ~pl.col("dg_class").is_in([*DG_CLASSES, NO_DG])
    )
    return tell(
        wrong, "blocker", "lanes", "dg_class", found="{dg_class!r}",
        expected=f"classes of {', '.join(DG_CLASSES)}, or {NO_DG}",
        mend="Correct it; separate several by ';'.",
    )  # fmt: skip


def calendars(chain: Chain) -> list[Finding]:
    """Return working calendars that do not exist."""
    findings = []
    for table in ("sites", "milestones", "people"):
        rows = numbered(chain.tables[table])
        wrong = rows.filter(pl.Series([not _is_calendar(calendar) for calendar in rows["calendar"]], dtype=pl.Boolean))
        findings += tell(
            wrong, "blocker", table, "calendar", found="{calendar!r}",
            expected="a country code such as CN, or none, and after it own closed days: CN;2027-07-05/2027-07-16",
            mend="Write two capital letters, 'none' for always open, or leave it blank; separate closed days by ';'.",
        )  # fmt: skip
    return findings


def _is_calendar(calendar: str) -> bool:
    try:
        parts(calendar or ALWAYS_OPEN)
    except ValueError:
        return False
    return True

"""The answer to why: what one more or less would bring, part by part, and at which price it would turn."""

from __future__ import annotations

import html
import math
from dataclasses import dataclass

import polars as pl

from cellroad.plan.why.parts import by_kind
from cellroad.plan.why.target import Target, singular
from cellroad.plan.why.tell import KINDS, dollars, per_unit, quantity, share

BREAKS = {"kind": pl.String, "now_usd": pl.Float64, "share": pl.Float64, "at_usd": pl.Float64}
DECIDED = ("options", "closures", "contracts")
"""Tables of what is decided once: their answer is a plan of its own."""
SMALL = 1e-4
"""Part of the largest kind of money below which a kind is not told."""
SHOWN = 8
"""Parts that are told one by one; the rest is added up."""


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """A plan with a little more or less of something, against the plan.

    quantity    how much more or less is used, in all
    npv_usd     change of the net present value: the sum of the parts
    within_usd  how far that can be off, where decisions were taken anew and their best is proven within a gap only
    parts       kind, table, what, quantity, usd (discounted, income positive): where the change comes from
    label       the period in which most of it falls
    anew        whether the whole decisions were taken anew for it
    """

    quantity: float
    npv_usd: float
    within_usd: float
    parts: pl.DataFrame
    label: str | None
    anew: bool

    @property
    def usd_per_unit(self) -> float:
        """Return the change of the net present value per unit."""
        return self.npv_usd / self.quantity if self.quantity else self.npv_usd


@dataclass(frozen=True, slots=True, eq=False)
class Why:
    """Why something is used as it is.

    target   what was asked about
    used     how much of it the plan uses, over the whole horizon (an option: 1 or 0)
    more     the best plan that uses more of it, None where there is none or it was not asked for
    less     the best plan that uses less of it
    breaks   kind (of money), now_usd (mean per unit), share (by how much it must change), at_usd: where the plan turns
    rules    what, rule, usd: shadow prices that the next unit meets; their sum is its reduced cost
    reasons  why it cannot be used at all, in words
    """

    target: Target
    used: float
    more: Change | None
    less: Change | None
    breaks: pl.DataFrame
    rules: pl.DataFrame
    reasons: tuple[str, ...]

    @property
    def frame(self) -> pl.DataFrame:
        """Return the parts of both changes, per unit: change, kind, table, what, quantity, usd."""
        changes = [("one more", self.more), ("one less", self.less)]
        return pl.concat(
            change.parts.select(
                pl.lit(name).alias("change"), "kind", "table", "what",
                (pl.col("quantity", "usd") / (change.quantity or 1.0)),
            )
            for name, change in changes if change is not None
        ) if self.more or self.less else pl.DataFrame()  # fmt: skip

    def text(self) -> str:
        """Return the answer in plain words."""
        return "\n".join(_lines(self))

    def _repr_html_(self) -> str:
        """Return the answer as a notebook shows it."""
        shown = self.frame._repr_html_() if self.frame.width else ""
        return f"<p>{'<br>'.join(html.escape(line) for line in _lines(self))}</p>{shown}"


def _lines(why: Why) -> list[str]:
    target, option = why.target, why.target.table in DECIDED
    if option:
        does = "signed" if target.table == "contracts" else "taken"
        lines = [f"The {target.says} is {does if why.used else 'not ' + does}."]
    elif why.used:
        lines = [f"The {target.says} is used: {quantity(why.used, target.unit)} in all."]
    else:
        lines = [f"The {target.says} is not used."]
    lines += [f"{'And' if n else 'It cannot be:'} {reason}." for n, reason in enumerate(why.reasons)]
    for change, less in ((why.less, True), (why.more, False)):
        if change is not None:
            lines += _told(change, less, option, target.unit)
    if why.more is None and why.used and not option:
        lines.append("With the decisions taken, no more of it can be used.")
    lines += [_turn(row, bool(why.used), option) for row in why.breaks.iter_rows(named=True)]
    return lines


def _told(change: Change, less: bool, option: bool, unit: str) -> list[str]:
    times = 1.0 if option else change.quantity or 1.0
    usd = change.npv_usd / times
    one = ("Without it" if less else "With it") if option else ("One unit less" if less else "One unit more")
    when = f", best in {change.label}," if change.label else ""
    if abs(usd) < 5e-7 * max(float(change.parts["usd"].abs().sum()) / times, 1e-9):
        effect = "would change nothing"
    elif option:
        effect = f"the chain would be worth {dollars(abs(usd))} {'less' if usd < 0 else 'more'}"
    else:
        effect = f"would {'cost' if usd < 0 else 'bring'} {per_unit(abs(usd))} in today's money"
        effect += " more than what it replaces" if usd < 0 and not less else ""
    sure = (
        f" (give or take {dollars(change.within_usd)})"
        if 0.01 * abs(change.npv_usd) < change.within_usd < math.inf
        else ""
    )
    anew = ", with the decisions taken anew" if change.anew and not option else ""
    lines = [f"{one}{when} {effect}{sure}{anew}:"]
    kinds = [(kind, money / times) for kind, money in by_kind(change.parts).iter_rows()]
    least = SMALL * max((abs(money) for _, money in kinds), default=0.0)
    told = [(kind, money) for kind, money in kinds if abs(money) > least]
    lines += [f"  {KINDS.get(kind, kind)} {_signed(money, option)}" for kind, money in told]
    parts = change.parts.filter(pl.col("kind").is_in([kind for kind, _ in told]))
    for row in parts.head(SHOWN).iter_rows(named=True):
        about = f"{singular(row['table'])} {row['what']}"
        lines.append(f"    {about}, {KINDS.get(row['kind'], row['kind'])}: {_signed(row['usd'] / times, option)}")
    return lines


def _signed(usd: float, whole: bool) -> str:
    return ("+" if usd > 0 else "−") + (dollars(abs(usd)) if whole else per_unit(abs(usd)))


def _turn(row: dict[str, object], used: bool, option: bool) -> str:
    kind, now, part, at = row["kind"], row["now_usd"], row["share"], row["at_usd"]
    words = KINDS.get(str(kind), str(kind))
    does = "less of it would be used" if used else "it would be used"
    if part is None:
        return f"No change of {words} alone would turn that."
    assert isinstance(part, float) and isinstance(now, float) and isinstance(at, float)
    if abs(part) < 1e-9:
        return f"It makes no difference to the plan: at today's {words} both ways cost the same."
    way = "higher" if part > 0 else "lower"
    if option:
        does = "it would no longer pay" if part > 0 else "it would pay"
    return f"With {words} {share(abs(part))} {way} ({per_unit(at)} instead of {per_unit(now)}) {does}."

"""At which share does a deal turn which answer? Bands of yes, not known and no along the share, a row a regime."""

from __future__ import annotations

import polars as pl

from cellroad.rules.deal import Deal
from cellroad.rules.screening import Screen
from cellroad.show import format as fmt
from cellroad.show.charts.base import Option, base, below, legend, tip
from cellroad.show.charts.standing import COLOURS, WORDS

RESTS = {
    "as today": "The others keep their proportion to each other",
    "an outsider": "The rest is with somebody whom no rule catches",
}
INTO = {"yes": "falls under", "unknown": "may fall under", "no": "does not fall under"}


def rest_words(rest: str) -> str:
    """Return how the rest of a venture is placed, in words."""
    return RESTS.get(rest, rest)


def title(deal: Deal, screen: Screen) -> str:
    """Return in words what is asked of a deal."""
    called = _called(screen)
    venture, holder = called.get(deal.venture, deal.venture), called.get(deal.holder, deal.holder)
    if not deal.terms.is_empty():
        agreed = {"licence": "a licence", "offtake": "an offtake"}[deal.interest]
        return f"The deal: {holder} has {agreed} agreement with {venture}; does {venture} fall under it?"
    part = fmt.share(deal.low) if deal.low == deal.high else f"{fmt.share(deal.low)} to {fmt.share(deal.high)}"
    return f"The deal: {holder} holds {part} of the {deal.interest} of {venture}"


def _called(screen: Screen) -> dict[str, str]:
    return dict(screen.chain.partners.select("partner", "name").iter_rows())


def turns(deal: Deal, rest: str, screen: Screen) -> list[str]:
    """Return every turn of a deal in words, in order of the share, with the credits that turn at it."""
    venture = _called(screen).get(deal.venture, deal.venture)
    flips = deal.flips.filter(pl.col("rest") == rest).sort("share", maintain_order=True)
    if flips.is_empty():
        return [f"No answer turns between {fmt.share(deal.low)} and {fmt.share(deal.high)}."]
    lines = []
    for share, included in flips.select("share", "included").unique(maintain_order=True).iter_rows():
        at = flips.filter(pl.col("share") == share, pl.col("included") == included)
        told = [
            f"{INTO[after]} {rule} ({regime}, before: {WORDS[before]})"
            for regime, rule, before, after in at.select("regime", "rule", "before", "after").iter_rows()
        ]
        credit = _credits(deal, rest, share, included)
        lines.append(f"{from_words(share, included)} {venture} {fmt.listed(told)}{credit}")
    return lines


def _credits(deal: Deal, rest: str, share: float, included: bool) -> str:
    """Return which credits turn at a share, in words."""
    before = pl.col("may_claim").shift().over("rest", "credit")
    mine = deal.credits.with_columns(before=before).filter(
        pl.col("rest") == rest, pl.col("share_from") == share, pl.col("from_included") == included,
        pl.col("may_claim") != pl.col("before"),
    )  # fmt: skip
    words = {"no": "no credit for", "unknown": "not known whether it may claim for", "yes": "free to claim for"}
    told = [
        f"{words[may]}: {fmt.listed(mine.filter(pl.col('may_claim') == may)['name'].to_list())}"
        for may in mine["may_claim"].unique(maintain_order=True)
    ]
    return f"; {'; '.join(told)}" if told else ""


def from_words(share: float, included: bool) -> str:
    """Return where a piece begins, in words."""
    return f"{'From' if included else 'Beyond'} {fmt.share(share)} on"


def table(deal: Deal, rest: str) -> pl.DataFrame:
    """Return the pieces of one way to place the rest: regime, rule, from (in words), to, answer, because."""
    first = pl.struct("share_from", "from_included").map_elements(
        lambda piece: from_words(piece["share_from"], piece["from_included"]), return_dtype=pl.String
    )
    return deal.steps.filter(pl.col("rest") == rest).select(
        "regime", "rule", first.alias("from"), pl.col("share_to").alias("to, %"),
        answer=pl.col("answer").replace(WORDS), because="because",
    )  # fmt: skip


def cross(deal: Deal) -> pl.DataFrame:
    """Return the answers of an agreement by term, or of one share by how the rest is placed: one column a regime."""
    frame, index = (deal.terms, "term") if deal.terms.height else (deal.steps, "rest")
    return frame.pivot("regime", index=index, values="answer").rename({index: "case"})


def chart(deal: Deal, rest: str) -> Option:
    """Return the bands of one way to place the rest; bars are those of the custom series `gantt` (row, from, to)."""
    steps = deal.steps.filter(pl.col("rest") == rest)
    asked = steps.select("regime", "rule").unique(maintain_order=True)
    row_of = {regime: at for at, regime in enumerate(asked["regime"])}
    used = [answer for answer in COLOURS if answer in set(steps["answer"])]
    bands: dict[str, list[Option]] = {answer: [] for answer in used}
    for row in steps.iter_rows(named=True):
        low, high = 100 * row["share_from"], 100 * row["share_to"]
        where = f"{from_words(row['share_from'], row['from_included'])}, to {fmt.share(row['share_to'])}"
        bands[row["answer"]].append(
            {
                "value": [row_of[row["regime"]], round(low, 5), round(high, 5)],
                "tooltip": tip(f"{row['rule']}: {WORDS[row['answer']]}", where, row["because"]),
            }
        )
    shown = [WORDS[answer] for answer in used]
    spoken = "; ".join(
        f"{regime} {WORDS[after]} {from_words(share, included).lower()}"
        for regime, after, share, included in deal.flips.filter(pl.col("rest") == rest)
        .select("regime", "after", "share", "included")
        .iter_rows()
    )
    return base(
        f"Bands along the share of {deal.holder} in {deal.venture}, in percent: {spoken or 'no answer turns'}.",
        legend=legend(shown),
        grid={"left": 8, "right": 24, "top": 16 + below(shown), "bottom": 30, "containLabel": True},
        xAxis={
            "type": "value",
            "min": round(100 * deal.low, 5),
            "max": round(100 * deal.high, 5),
            "name": f"% of the {deal.interest}",
            "nameLocation": "middle",
            "nameGap": 26,
        },
        yAxis={
            "type": "category",
            "inverse": True,
            "data": [f"{rule} ({regime})" for regime, rule in asked.iter_rows()],
            "axisLabel": {"width": 210, "overflow": "break", "lineHeight": 13, "fontSize": 11},
            "axisTick": {"show": False},
        },
        series=[
            {
                "type": "custom",
                "renderItem": "gantt",
                "name": WORDS[answer],
                "itemStyle": {"color": COLOURS[answer]},
                "encode": {"x": [1, 2], "y": 0},
                "data": bands[answer],
            }
            for answer in used
        ],
    )

"""One colour per kind of thing, the same on every chart.

Okabe and Ito (2008) for what stands side by side most often, Paul Tol's "muted" set for the rest: both stay apart
for people who do not see red and green, and on a light as on a dark ground. Names are those of the plan's frames.
"""

from __future__ import annotations

BLUE, SKY, GREEN, ORANGE = "#0072B2", "#56B4E9", "#009E73", "#E69F00"
VERMILLION, PURPLE, YELLOW, GREY = "#D55E00", "#CC79A7", "#D9C22E", "#8A8F98"
INDIGO, TEAL, WINE, SAND, OLIVE, SLATE = "#5B5BC7", "#44AA99", "#A0355F", "#B8A65A", "#8B8B2B", "#5F6B7A"
PLUM = "#7B3FA0"

COST = {
    "purchase": BLUE,
    "rebate": TEAL,
    "not_taken": WINE,
    "opening": SAND,
    "make": GREEN,
    "fixed": SLATE,
    "freight": SKY,
    "duty": VERMILLION,
    "fees": ORANGE,
    "insurance": PURPLE,
    "carbon": OLIVE,
    "holding": YELLOW,
    "credit": PLUM,
    "total": GREY,
}
CASH = COST | {
    "revenue": TEAL,
    "capex": WINE,
    "closing": SLATE,
    "recovered": SKY,
    "certificate": INDIGO,
    "prepayment": SKY,
    "scrap": SLATE,
    "late": SKY,
    "end_stock": SAND,
    "end_plant": OLIVE,
    "penalty": GREY,
    "tax": VERMILLION,
    "drawback": ORANGE,
    "margin": PURPLE,
}
CARBON = {"opening": SAND, "embodied": BLUE, "process": GREEN, "transport": SKY}
WORDS = {
    "purchase": "Purchases",
    "rebate": "Volume rebates",
    "not_taken": "Paid under contracts, not taken",
    "prepayment": "Prepayments",
    "opening": "Opening stock",
    "make": "Conversion",
    "fixed": "Fixed cost of lines",
    "freight": "Freight",
    "duty": "Duty",
    "fees": "Customs fees",
    "insurance": "Insurance",
    "carbon": "Price of emissions",
    "holding": "Holding",
    "credit": "Tax credits",
    "total": "Landed",
    "revenue": "Revenue",
    "capex": "Investment",
    "closing": "Closing",
    "recovered": "Recovered by closing",
    "certificate": "Certification",
    "scrap": "Scrap",
    "late": "Paid for being late",
    "end_stock": "Stock left at the end",
    "end_plant": "Plant value at the end",
    "penalty": "Penalty for shortage",
    "tax": "Tax on profit",
    "drawback": "Duty paid back",
    "margin": "Profit of vendors",
}
"""What people call the kinds of cost and cash."""

MODE = {"ocean": BLUE, "rail": PURPLE, "truck": ORANGE, "air": VERMILLION, "barge": TEAL, "courier": GREY}
STAGE = {
    "material": SAND,
    "component": PURPLE,
    "cell": BLUE,
    "module": SKY,
    "pack": GREEN,
    "system": TEAL,
}
SITE = STAGE | {
    "mine": OLIVE,
    "refinery": OLIVE,
    "recycling": OLIVE,
    "vendor": INDIGO,
    "port": SLATE,
    "warehouse": ORANGE,
    "market": VERMILLION,
}
SYMBOL = {"port": "triangle", "warehouse": "rect", "market": "diamond"}
"""Shapes of sites beside their colour, so that a map reads in black and white; others are circles."""

SERVED, SHORT = BLUE, VERMILLION
BUILD, RUN, CERTIFY, CLOSE = ORANGE, GREEN, INDIGO, WINE
SERIES = (BLUE, ORANGE, GREEN, PURPLE, SKY, VERMILLION, TEAL, YELLOW, INDIGO, WINE, SAND, OLIVE, SLATE)
"""Colours for things without a kind of their own, such as the sources of a supply chart."""

RAMP = ("#EEF3F7", "#B9D3E6", "#7FB2D6", "#3F8ABF", "#0B5C94", "#083D66")
"""From little to much, one hue: a use of capacity."""


def series(index: int) -> str:
    """Return the colour of the n-th thing that has no kind of its own."""
    return SERIES[index % len(SERIES)]

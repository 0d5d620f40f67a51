"""Numbers and kinds of money as answers in words tell them."""

from __future__ import annotations

KINDS = {
    "purchase": "price", "make": "conversion", "freight": "freight", "duty": "duty", "fees": "customs fees",
    "insurance": "insurance", "holding": "holding", "fixed": "fixed cost", "capex": "investment",
    "certificate": "certification", "end_stock": "stock left at the end", "end_plant": "plant value at the end",
    "penalty": "penalty for shortage", "revenue": "revenue", "credit": "tax credits",
    "others": "what falls on other partners", "carbon": "price of emissions", "closing": "closing",
    "recovered": "recovered by closing", "rebate": "volume rebates", "not_taken": "paid and not taken",
    "prepayment": "prepayments", "scrap": "scrap", "late": "delivery too late", "drawback": "duty paid back",
    "tax": "tax", "margin": "profit of vendors",
}  # fmt: skip
"""What kinds of money are called."""


def dollars(usd: float) -> str:
    """Return money as people read it: $78.4, $12.3k, $4.5M."""
    sign = "−" if usd < 0 else ""
    size = abs(usd)
    for least, letter in ((1e9, "B"), (1e6, "M"), (1e4, "k")):
        if size >= 0.9995 * least:
            return f"{sign}${size / (1e3 if letter == 'k' else least):,.3g}{letter}"
    return f"{sign}${_three(size)}"


def per_unit(usd: float) -> str:
    """Return money for one unit, to four figures."""
    return f"{'−' if usd < 0 else ''}${abs(usd):,.4g}" if abs(usd) < 1e4 else dollars(usd)


def quantity(value: float, unit: str) -> str:
    """Return a quantity with its unit."""
    return f"{_three(value)} {unit}".strip()


def share(value: float) -> str:
    """Return a fraction as a percentage."""
    return f"{_three(100 * value)} %"


def _three(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"

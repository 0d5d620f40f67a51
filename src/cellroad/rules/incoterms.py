"""Who pays the main carriage, the insurance and the duty, and what customs takes as the value.

The eleven Incoterms 2020 rules (ICC publication 723E): E and F rules leave carriage to the buyer, C rules to the seller
without the risk, D rules to the seller with it, DDP with the duty too. US customs value is the price paid less what the
price holds of international freight and insurance, and of duty where the seller pays it: 19 USC 1401a(b)(4).
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True, slots=True)
class Term:
    """What the price under a rule includes."""

    freight: bool
    insurance: bool
    duty: bool


BUYERS = Term(freight=False, insurance=False, duty=False)
DELIVERED = Term(freight=True, insurance=True, duty=False)
TERMS: dict[str, Term] = {
    "EXW": BUYERS,
    "FCA": BUYERS,
    "FAS": BUYERS,
    "FOB": BUYERS,
    "CFR": Term(freight=True, insurance=False, duty=False),
    "CPT": Term(freight=True, insurance=False, duty=False),
    "CIF": Term(freight=True, insurance=True, duty=False),
    "CIP": Term(freight=True, insurance=True, duty=False),
    "DAP": DELIVERED,
    "DPU": DELIVERED,
    "DDP": Term(freight=True, insurance=True, duty=True),
}
"""The rules; under D rules the seller bears the risk, so its cover is in the price."""


def customs_value(price: float, incoterm: str, freight: float, insurance: float, duty_share: float) -> float:
    """Return the customs value per unit behind a price, in the money of the price.

        value = (price − freight − insurance) / (1 + duty)    each as far as the price includes it

    `freight` and `insurance` are the international part, per unit; `duty_share` is duty over customs value. Raises
    KeyError for a rule that does not exist and ValueError where the price does not cover what it includes.
    """
    term = TERMS[incoterm]
    goods = price - freight * term.freight - insurance * term.insurance
    if goods < 0:
        raise ValueError(
            f"a price of {price:g} {incoterm} does not cover freight {freight:g} and insurance {insurance:g}"
        )
    return goods / (1 + duty_share * term.duty)


def price_of(value: float, incoterm: str, freight: float, insurance: float, duty_share: float) -> float:
    """Return the price under a rule of goods of that customs value: the inverse of `customs_value`."""
    term = TERMS[incoterm]
    return value * (1 + duty_share * term.duty) + freight * term.freight + insurance * term.insurance


def customs_share(insurance_share: float) -> list[pl.Expr]:
    """Return who pays what on a lane, as columns per unit of item.

    Columns: worth_usd (price or worth where the goods leave), freight_usd of the lane, crosses (a border), incoterm of
    the offer (null: goods of one's own, as FCA). Gives customs_usd, freight_usd and insurance_usd as far as the buyer
    pays them beside the price, freight_payer_share and duty_payer_share (0 where the seller pays freight, or duty and
    fees, else 1).
    """
    rule = pl.col("incoterm").cast(pl.String).fill_null("FCA")
    in_price = {
        part: rule.is_in([name for name, term in TERMS.items() if getattr(term, part)]) & pl.col("crosses")
        for part in ("freight", "insurance", "duty")
    }
    cover = pl.when("crosses").then(pl.col("worth_usd") * insurance_share).otherwise(0.0)
    inside = pl.col("freight_usd") * in_price["freight"] + cover * in_price["insurance"]
    return [
        (pl.col("worth_usd") - inside).clip(0.0).alias("customs_usd"),
        (pl.col("freight_usd") * ~in_price["freight"]).alias("freight_usd"),
        (cover * ~in_price["insurance"]).alias("insurance_usd"),
        pl.when(in_price["freight"]).then(0.0).otherwise(1.0).alias("freight_payer_share"),
        pl.when(in_price["duty"]).then(0.0).otherwise(1.0).alias("duty_payer_share"),
    ]

"""All that a plan must know of the law, at once: frames of the declared shape that agree with one another."""

import datetime as dt

import polars as pl
import pytest
from tests.rules.making_credits import chain, standing, unrelated

from cellroad.chain import files
from cellroad.chain.chain import Chain
from cellroad.chain.examples import folder, names
from cellroad.rules import law
from cellroad.rules.eligibility import (
    BAN_SCHEMA,
    CLAIM_SCHEMA,
    MATERIAL_SCHEMA,
    PREMIUM_SCHEMA,
    Eligibility,
    eligibility,
)

FIRST, LAST = dt.date(2027, 1, 1), dt.date(2032, 12, 31)


def allowed(made: Chain, known: str | None = None, **who: str) -> Eligibility:
    return eligibility(made, law.shipped(known), standing(**who), unrelated, FIRST, LAST)  # type: ignore[arg-type]


def test_frames_have_their_declared_columns() -> None:
    made = allowed(chain(), far="yes", maker="unknown")
    frames = (made.bans, made.claims, made.materials, made.premiums)
    for frame, schema in zip(frames, (BAN_SCHEMA, CLAIM_SCHEMA, MATERIAL_SCHEMA, PREMIUM_SCHEMA), strict=True):
        assert dict(frame.schema) == schema
        assert not frame.is_empty()


@pytest.mark.parametrize("name", names())
def test_every_example_is_told_what_it_may(name: str) -> None:
    place = folder(name)
    assert place is not None
    made = allowed(files.load(place))
    assert made.bans.filter(pl.col("answer") == "no").is_empty()
    assert made.bans.filter(pl.col("valid_to") < pl.col("valid_from")).is_empty()
    assert made.claims.select("process", "credit", "year").is_unique().all()
    bound = made.claims.filter(pl.col("least_share").is_not_null()).select("process", "credit", "year")
    assert made.materials.join(bound, on=["process", "credit", "year"], how="anti").is_empty()
    for frame in (made.bans, made.claims, made.materials, made.premiums):
        assert (frame["because"] != "").all()


def test_a_claim_is_a_rate_of_energy_or_a_share_of_cost_and_never_both() -> None:
    made = allowed(chain()).claims
    assert (made["usd_per_unit"].is_null() != made["cost_share"].is_null()).all()


def test_who_is_barred_loses_claims_and_gains_none() -> None:
    free, caught = allowed(chain()), allowed(chain(), maker="yes", far="yes")
    both = free.claims.join(caught.claims, on=["process", "credit", "year"], suffix="_caught")
    assert both.height == free.claims.height == caught.claims.height
    assert both.filter((pl.col("answer") == "no") & (pl.col("answer_caught") != "no")).is_empty()
    assert not both.filter((pl.col("answer") == "yes") & (pl.col("answer_caught") == "no")).is_empty()
    assert caught.bans.height > free.bans.height


def test_as_known_in_may_2025_no_taxpayer_is_barred_and_no_material_counted() -> None:
    made = allowed(chain(), "2025-05-27", maker="yes", far="yes", packer="yes")
    assert set(made.claims["answer"]) == {"yes"}
    assert made.materials.is_empty()
    assert set(made.premiums["answer"]) == {"yes"}

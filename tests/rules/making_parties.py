"""Small chains of partners and stakes for tests of standing."""

from __future__ import annotations

import datetime as dt

import polars as pl

from cellroad.chain.chain import Chain

DAY = dt.date(2027, 6, 30)


def chain_of(
    partners: dict[str, str | None],
    stakes: list[tuple[str, str, str, float, float]] | None = None,
    **tables: pl.DataFrame,
) -> Chain:
    """Return a chain of partners (id: country; a leading '*' marks a firm on an exchange, '~' a person) and stakes."""
    rows = [
        {
            "partner": name.lstrip("*~"),
            "name": name.lstrip("*~").title(),
            "country": country,
            "kind": "person" if name.startswith("~") else "company",
            "listed_on": "NYSE" if name.startswith("*") else "",
        }
        for name, country in partners.items()
    ]
    held = [
        {
            "owner": owner, "owned": owned, "interest": interest, "share_min": low, "share_max": high,
            "valid_from": dt.date(2020, 1, 1),
        }
        for owner, owned, interest, low, high in stakes or []
    ]  # fmt: skip
    frames = {"partners": pl.DataFrame(rows, schema_overrides={"country": pl.String})}
    if held:
        frames["stakes"] = pl.DataFrame(held)
    return Chain.of("test", **frames, **tables)

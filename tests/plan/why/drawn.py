"""Tiny random chains in which prices move nothing but themselves: no duty, no holding cost, nothing left at the end.

The standard cost of goods then has no say, so that a chain with another price differs from its model by that price.
"""

import random
from typing import Any

from tests.plan.tiny import Rows, random_rows

PLAIN = {"discount_per_year": "0", "holding_per_year": "0", "terminal_stock_share": "0"}


def plain_rows(r: random.Random) -> Rows:
    return plain(random_rows(r))


def plain(rows: Rows) -> Rows:
    rows["settings"] = [row for row in rows["settings"] if row["name"] not in PLAIN]
    rows["settings"] += [{"name": name, "value": value} for name, value in PLAIN.items()]
    for site in rows["sites"]:
        site["country"] = "US"
    return rows


def with_row(rows: Rows, table: str, key: dict[str, Any], **cells: Any) -> Rows:
    """Return rows in which the row of a table with this key has other cells."""
    changed = [row | cells if all(row[k] == v for k, v in key.items()) else row for row in rows[table]]
    return {**rows, table: changed}

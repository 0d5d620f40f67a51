"""What holds for the check whatever the chain, and its graph and distance against other ways to find them."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.chain.making import chains
from tests.chain.small import small_chain

from cellroad.chain.check import check
from cellroad.chain.check_flow import cycles, reach
from cellroad.chain.check_physics import great_circle_km
from cellroad.chain.finding import findings_frame
from cellroad.chain.tables import TABLES, own_columns


@settings(max_examples=20)
@given(chain=chains())
def test_no_chain_whatever_ends_in_a_traceback(chain) -> None:  # type: ignore[no-untyped-def]
    findings = check(chain)
    for finding in findings:
        assert finding.found and finding.expected and finding.mend
        assert finding.row is None or 2 <= finding.row <= chain.tables[finding.table].height + 1
        assert all(name.strip() in own_columns(TABLES[finding.table]) for name in finding.column.split(",") if name)
    assert findings_frame(findings).height == len(findings)


@settings(max_examples=50)
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=14))
def test_a_loop_is_found_exactly_where_powers_of_the_matrix_have_one(pairs: list[tuple[int, int]]) -> None:
    edges = [(str(a), str(b)) for a, b in pairs]
    matrix = np.zeros((7, 7), dtype=np.int64)
    for a, b in pairs:
        matrix[a, b] = 1
    reachable, power = matrix.copy(), matrix.copy()
    for _ in range(7):
        power = (power @ matrix > 0).astype(np.int64)
        reachable |= power
    on_a_loop = {str(node) for node in range(7) if reachable[node, node]}
    loops = cycles(edges)
    assert bool(loops) == bool(on_a_loop)
    for loop in loops:
        assert set(loop) <= on_a_loop
        assert all(step in edges for step in zip(loop, [*loop[1:], loop[0]], strict=True))


@settings(max_examples=20)
@given(
    lanes=st.lists(
        st.tuples(st.integers(0, 4), st.integers(0, 4), st.sampled_from(["", "9", "8", "8; 9"])), max_size=10
    ),
    dg_class=st.sampled_from([None, "9", "8"]),
    start=st.integers(0, 4),
)
def test_goods_reach_what_a_walk_over_accepting_lanes_reaches(
    lanes: list[tuple[int, int, str]], dg_class: str | None, start: int
) -> None:
    small = small_chain()
    names = [f"s{number}" for number in range(5)]
    sites = pl.DataFrame({"site": names, "name": names, "kind": ["port"] * 5, "country": ["US"] * 5})
    frame = pl.DataFrame(
        {
            "lane": [f"l{number}" for number in range(len(lanes))],
            "origin": [names[a] for a, _, _ in lanes],
            "destination": [names[b] for _, b, _ in lanes],
            "dg_class": [taken for *_, taken in lanes],
        },
        schema={"lane": pl.String, "origin": pl.String, "destination": pl.String, "dg_class": pl.String},
    )
    chain = small.replace(
        sites=sites,
        lanes=frame.with_columns(mode=pl.lit("truck"), transit_days=1.0, cost_usd=1.0),
        items=small.items.filter(pl.col("item") == "cell").with_columns(
            dg_class=pl.lit(dg_class, dtype=small.items.schema["dg_class"])
        ),
        offers=small.offers.with_columns(site=pl.lit(names[start])),
        processes=small.processes.head(0),
    )
    walked, ahead = {start}, [start]
    while ahead:
        here = ahead.pop()
        for a, b, taken in lanes:
            if a == here and b not in walked and (dg_class is None or dg_class in taken):
                walked.add(b)
                ahead.append(b)
    assert set(reach(chain).of("cell")) == {names[site] for site in walked}


@pytest.mark.parametrize(
    ("a", "b", "km"),
    [
        # great-circle distances between airports as published by airlines' mileage tables
        ((31.1434, 121.8052), (33.9425, -118.4081), 10_440),  # PVG-LAX
        ((40.6413, -73.7781), (51.4700, -0.4543), 5_540),  # JFK-LHR
        ((0.0, 0.0), (0.0, 90.0), 10_007.5),  # a quarter of the equator
        ((90.0, 0.0), (-90.0, 0.0), 20_015.1),  # pole to pole
    ],
)
def test_great_circles_are_as_long_as_published(
    a: tuple[float, float], b: tuple[float, float], km: float
) -> None:  # fmt: skip
    there = great_circle_km(*(np.array([x]) for x in (*a, *b)))
    back = great_circle_km(*(np.array([x]) for x in (*b, *a)))
    assert there[0] == pytest.approx(km, rel=3e-3)
    assert there[0] == pytest.approx(back[0])


def test_a_lane_that_says_none_is_well_told_and_takes_no_dangerous_goods() -> None:
    small = small_chain()
    lanes = small.lanes.with_columns(dg_class=pl.lit("none"))
    told = check(small.replace(lanes=lanes))
    assert not [finding for finding in told if finding.column == "dg_class"]
    assert any("reach the market" in finding.expected for finding in told)

"""Lanes are great circles that never jump, and land lies where its map has it."""

from __future__ import annotations

import itertools
import json
import math
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cellroad.show.geo import MAPS, best_map, great_circle, lane, lay, onto, unwrap, window
from cellroad.show.page import world

points = st.tuples(st.floats(-180, 180), st.floats(-80, 80))
SHANGHAI, LOS_ANGELES, HAMBURG, NEW_YORK = (121.5, 31.2), (-118.2, 33.7), (10.0, 53.5), (-74.0, 40.7)
EARTH_KM = 6371.0


def haversine_km(a: tuple[float, float], b: tuple[float, float]) -> float:
    (x, y), (u, v) = (tuple(math.radians(d) for d in p) for p in (a, b))
    h = math.sin((v - y) / 2) ** 2 + math.cos(y) * math.cos(v) * math.sin((u - x) / 2) ** 2
    return 2 * EARTH_KM * math.asin(min(1.0, math.sqrt(h)))


@given(points, points, st.sampled_from(sorted(MAPS.values())))
def test_no_lane_jumps_across_the_map(a: tuple[float, float], b: tuple[float, float], west: float) -> None:
    if haversine_km(a, b) > 19000:
        return
    for line in lane(a, b, west):
        lons = [lon for lon, _ in line]
        assert all(abs(x - y) <= 180.01 for x, y in itertools.pairwise(lons)), "180 right over a pole"
        assert west - 0.01 <= min(lons) and max(lons) <= west + 360.01


@given(points, points, st.sampled_from(sorted(MAPS.values())))
def test_a_lane_keeps_its_ends(a: tuple[float, float], b: tuple[float, float], west: float) -> None:
    if not 1 < haversine_km(a, b) < 19000:
        return
    lines = lane(a, b, west)
    for end, drawn in ((a, lines[0][0]), (b, lines[-1][-1])):
        assert drawn[1] == pytest.approx(end[1], abs=0.01)
        assert (drawn[0] - end[0] + 180) % 360 - 180 == pytest.approx(0, abs=0.02)


@given(points, points)
def test_the_way_is_as_long_as_the_haversine_distance(a: tuple[float, float], b: tuple[float, float]) -> None:
    distance = haversine_km(a, b)
    if not 1 < distance < 19000:
        return
    way = [tuple(p) for p in great_circle(a, b).tolist()]
    assert sum(haversine_km(p, q) for p, q in itertools.pairwise(way)) == pytest.approx(distance, rel=1e-6)  # type: ignore[arg-type]


def test_the_map_is_cut_where_no_lane_runs() -> None:
    assert best_map([(SHANGHAI, LOS_ANGELES)]) == "pacific"
    assert best_map([(HAMBURG, NEW_YORK)]) == "atlantic"
    assert len(lane(SHANGHAI, LOS_ANGELES, MAPS["pacific"])) == 1
    assert len(lane(SHANGHAI, LOS_ANGELES, MAPS["atlantic"])) == 2


@given(st.lists(points, min_size=1, max_size=8), st.floats(1.5, 4))
def test_the_window_holds_every_point(places: list[tuple[float, float]], aspect: float) -> None:
    (west, north), (east, south) = window(places, aspect)
    assert all(west <= lon <= east and south <= lat <= north for lon, lat in places)
    assert (east - west) / (north - south) == pytest.approx(aspect, rel=0.01)


@given(st.floats(-720, 720), st.sampled_from(sorted(MAPS.values())))
def test_a_longitude_keeps_its_meridian(lon: float, west: float) -> None:
    moved = onto(lon, west)
    assert west <= moved <= west + 360
    assert math.cos(math.radians(moved - lon)) == pytest.approx(1)


@pytest.mark.parametrize("name", sorted(MAPS))
def test_no_border_of_the_world_jumps(name: str) -> None:
    rings = [
        ring
        for feature in world(name)["features"]
        for polygon in feature["geometry"]["coordinates"]
        for ring in polygon
    ]
    assert len(rings) > 250
    for ring in rings:
        assert ring[0] == ring[-1]
        assert all(abs(a[0] - b[0]) < 60 for a, b in itertools.pairwise(ring))


def test_countries_lie_where_they_are() -> None:
    land = json.loads((files("cellroad.show") / "assets" / "world.json").read_text("utf-8"))
    names = {feature["properties"]["name"] for feature in land["features"]}
    assert {"China", "United States of America", "Germany", "Malaysia"} <= names
    assert "Antarctica" not in names
    middles = {}
    for feature in world("pacific")["features"]:
        lons = [lon for polygon in feature["geometry"]["coordinates"] for lon, _ in polygon[0]]
        middles[feature["properties"]["name"]] = (min(lons) + max(lons)) / 2
    assert middles["China"] == pytest.approx(104, abs=3)
    assert middles["United States of America"] == pytest.approx(360 - 119, abs=5)


def test_a_ring_over_the_antimeridian_is_made_whole() -> None:
    ring = [[179.0, 1.0], [-179.0, 1.0], [-179.0, -1.0], [179.0, 1.0]]
    assert unwrap(ring) == [[179.0, 1.0], [181.0, 1.0], [181.0, -1.0], [179.0, 1.0]]
    (laid,) = lay([[unwrap(ring)]], MAPS["atlantic"])
    assert [lon for lon, _ in laid[0]] == [179.0, 181.0, 181.0, 179.0]

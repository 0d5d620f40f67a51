"""Lines and land on a flat map: where is the map cut, and how does a lane cross the cut?

A globe on paper must be cut along one meridian. A trans-Pacific lane reads well only when the cut lies in the
Atlantic, a trans-Atlantic one only when it lies in the Pacific; so the cut is chosen per chain among two meridians
that meet little land; land that reaches over one overhangs the edge of the map. Longitudes on such a map run from the
cut to the cut + 360. Lanes are great circles (Williams, Aviation Formulary: intermediate points), broken at the cut.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

Point = Sequence[float]
Ring = Sequence[Point]
Floats = NDArray[np.float64]

MAPS = {"pacific": -30.0, "atlantic": -169.0}
"""Where each map begins: named for the ocean in its middle, cut down the other (in the north the Bering Strait)."""


def onto(lon: float, west: float) -> float:
    """Return a longitude as it reads on a map that begins at `west`: in [west, west + 360)."""
    return west + (lon - west) % 360.0


def great_circle(origin: Point, destination: Point, step_degrees: float = 2.0) -> Floats:
    """Return points (lon, lat) along the shortest way between two points, about `step_degrees` apart, n x 2.

    Longitudes run on without a jump, so they may leave [-180, 180]. Not defined for exact antipodes.
    """
    ends = np.radians(np.array([origin, destination], dtype=float))
    lon, lat = ends[:, 0], ends[:, 1]
    xyz = np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], axis=1)
    angle = float(np.arccos(np.clip(xyz[0] @ xyz[1], -1.0, 1.0)))
    if angle < 1e-9:
        return np.array([origin, destination], dtype=float)
    count = max(2, int(np.ceil(np.degrees(angle) / step_degrees)) + 1)
    part = np.linspace(0.0, 1.0, count)[:, None]
    way = (np.sin((1 - part) * angle) * xyz[0] + np.sin(part * angle) * xyz[1]) / max(np.sin(angle), 1e-12)
    lons = np.degrees(np.unwrap(np.arctan2(way[:, 1], way[:, 0])))
    lats = np.degrees(np.arctan2(way[:, 2], np.hypot(way[:, 0], way[:, 1])))
    return np.stack([lons, lats], axis=1)


def lane(origin: Point, destination: Point, west: float) -> list[list[list[float]]]:
    """Return a lane as lines of [lon, lat] on a map that begins at `west`, broken where it crosses the cut."""
    points = great_circle(origin, destination)
    turn = np.floor((points[:, 0] - west) / 360.0).astype(int)
    lines: list[list[list[float]]] = [[]]
    for index, (lon, lat) in enumerate(points):
        if index and turn[index] != turn[index - 1]:
            before = points[index - 1]
            cut = west + 360.0 * max(turn[index], turn[index - 1])
            at = before[1] + (lat - before[1]) * (cut - before[0]) / (lon - before[0])
            lines[-1].append([round(cut - 360.0 * turn[index - 1], 2), round(float(at), 2)])
            lines.append([[round(cut - 360.0 * turn[index], 2), round(float(at), 2)]])
        lines[-1].append([round(float(lon) - 360.0 * turn[index], 2), round(float(lat), 2)])
    return [line for line in lines if len(line) > 1]


def best_map(lanes: Iterable[tuple[Point, Point]]) -> str:
    """Return the map that breaks the fewest lanes; with a tie the one on which they lie closest together."""
    lanes = list(lanes)

    def harm(name: str) -> tuple[int, float]:
        west = MAPS[name]
        broken = sum(len(lane(a, b, west)) > 1 for a, b in lanes)
        lons = [onto(point[0], west) for ends in lanes for point in ends]
        return broken, max(lons, default=0.0) - min(lons, default=0.0)

    return min(MAPS, key=harm)


def window(points: Iterable[Point], aspect: float, margin: float = 8.0, least: float = 36.0) -> list[list[float]]:
    """Return [[west, north], [east, south]] around points with a margin, as wide to high as `aspect` (in degrees)."""
    box = np.array(list(points), dtype=float).reshape(-1, 2)
    if not len(box):
        return [[-180.0, 75.0], [180.0, -56.0]]
    low, high = box.min(axis=0) - margin, box.max(axis=0) + margin
    width = max(high[0] - low[0], least, (high[1] - low[1]) * aspect)
    height = width / aspect
    middle = (low + high) / 2
    west, south = middle[0] - width / 2, middle[1] - height / 2
    return [
        [round(float(west), 2), round(float(south + height), 2)],
        [round(float(west + width), 2), round(float(south), 2)],
    ]


def unwrap(ring: Ring) -> list[list[float]]:
    """Return a ring whose longitudes run on without a jump at the antimeridian."""
    points = np.array(ring, dtype=float)
    points[:, 0] = np.unwrap(points[:, 0], period=360.0)
    return [[float(lon), float(lat)] for lon, lat in points]


def lay(polygons: Iterable[Sequence[Ring]], west: float) -> list[list[list[list[float]]]]:
    """Return unwrapped polygons as they lie on a map that begins at `west`, each whole, where most of it belongs.

    A country that reaches over the cut (Greenland, Chukotka) overhangs the edge and is not torn in two.
    """
    laid = []
    for polygon in polygons:
        lons = [lon for lon, _ in polygon[0]]
        middle = (min(lons) + max(lons)) / 2
        shift = onto(middle, west) - middle
        laid.append([[[round(lon + shift, 2), lat] for lon, lat in ring] for ring in polygon])
    return laid

"""Fetch the files of other projects that Cellroad ships, and write down what was fetched.

    python tools/vendor.py

Packs each npm package into a temporary folder, takes the file that we need out of it, and rewrites
`assets/VENDORED.toml` with version, licence and sha256. The world map is made from the TopoJSON of `world-atlas`:
arcs decoded, rings unwrapped at the antimeridian (some longitudes pass 180), Antarctica left out, coordinates rounded
to 0.01 degree.
Source of the format: the TopoJSON specification, sections 2.1.2 and 2.2.
"""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import Any

from cellroad.show.geo import unwrap

ASSETS = Path(__file__).parents[1] / "src" / "cellroad" / "show" / "assets"
PACKAGES = (
    # package, range, path in the package, our file, licence, what it is
    ("echarts", "^6", "dist/echarts.min.js", "echarts.min.js", "Apache-2.0", "Apache ECharts"),
    (
        "world-atlas",
        "^2",
        "countries-110m.json",
        "world.json",
        "ISC (package); public domain (data)",
        "Natural Earth 1:110m countries, as TopoJSON by Mike Bostock, unwrapped and rounded by us",
    ),
)


def main() -> None:
    entries = []
    for package, wanted, inside, file, licence, what in PACKAGES:
        version, content = packed(package, wanted, inside)
        data = world(json.loads(content)) if file == "world.json" else content
        (ASSETS / file).write_bytes(data)
        entries.append(
            {
                "file": file,
                "what": what,
                "package": package,
                "version": version,
                "taken_from": inside,
                "licence": licence,
                "sha256": hashlib.sha256(data).hexdigest(),
            }
        )
    lines = ["# Files of other projects, refreshed by tools/vendor.py. Do not edit by hand."]
    for entry in entries:
        lines += ["", "[[vendored]]", *(f"{key} = {json.dumps(value)}" for key, value in entry.items())]
    (ASSETS / "VENDORED.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def packed(package: str, wanted: str, inside: str) -> tuple[str, bytes]:
    """Return the version and one file of the newest npm package in a range."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["npm", "pack", "--json", f"{package}@{wanted}"]
        done = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
        newest = json.loads(done.stdout)[-1]
        archive = (Path(folder) / newest["filename"]).read_bytes()
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        member = tar.extractfile(f"package/{inside}")
        if member is None:
            raise FileNotFoundError(f"{package} {newest['version']} holds no {inside}")
        return newest["version"], member.read()


def world(topology: dict[str, Any]) -> bytes:
    """Return the countries of a TopoJSON topology as compact GeoJSON, without Antarctica (ISO 010)."""
    arcs = [decoded(arc, topology["transform"]) for arc in topology["arcs"]]
    features = []
    for shape in topology["objects"]["countries"]["geometries"]:
        if shape.get("id") == "010":
            continue
        parts = shape["arcs"] if shape["type"] == "MultiPolygon" else [shape["arcs"]]
        polygons = [[rounded(unwrap(joined(ring, arcs))) for ring in part] for part in parts]
        geometry = {"type": "MultiPolygon", "coordinates": polygons}
        features.append({"type": "Feature", "properties": {"name": shape["properties"]["name"]}, "geometry": geometry})
    collection = {"type": "FeatureCollection", "features": features}
    return json.dumps(collection, separators=(",", ":"), ensure_ascii=False).encode()


def decoded(arc: list[list[int]], transform: dict[str, list[float]]) -> list[list[float]]:
    (kx, ky), (dx, dy) = transform["scale"], transform["translate"]
    x = y = 0
    points = []
    for step in arc:
        x, y = x + step[0], y + step[1]
        points.append([x * kx + dx, y * ky + dy])
    return points


def joined(ring: list[int], arcs: list[list[list[float]]]) -> list[list[float]]:
    points: list[list[float]] = []
    for index in ring:
        arc = arcs[index] if index >= 0 else arcs[~index][::-1]
        points += arc[1:] if points else arc
    return points


def rounded(ring: list[list[float]]) -> list[list[float]]:
    return [[round(lon, 2), round(lat, 2)] for lon, lat in ring]


if __name__ == "__main__":
    main()

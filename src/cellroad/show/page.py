"""One HTML file that needs nothing else: style, script, charts and maps are inside, and a policy tells the browser so.

With scripts off every chart is a table.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from cellroad.chain.atomic import replace_text
from cellroad.show.charts.base import Option
from cellroad.show.geo import MAPS, lay


def page(template: str, options: Mapping[str, Option], *styles: str, **parts: Any) -> str:
    """Return a template as a page with its charts by name and the parts that it names.

    `styles` are templates of style beyond that of all pages.
    """
    script = f"{asset('echarts.min.js')}\n{written('report.js')}"
    return render(
        template,
        **parts,
        style=Markup("\n".join(written(name) for name in ("report.css", *styles))),
        script=Markup(script),
        script_hash=base64.b64encode(hashlib.sha256(f"\n{script}\n".encode()).digest()).decode(),
        data=data(options),
    )  # fmt: skip


def render(template: str, **parts: Any) -> str:
    """Return a template with the parts that it names; text of others is escaped."""
    return _environment().get_template(template).render(**parts)


def data(options: Mapping[str, Option]) -> Markup:
    """Return charts by name, with the maps that they lie on, as JSON that may stand in a script element."""
    maps = {name: world(name) for name in {option["geo"]["map"] for option in options.values() if "geo" in option}}
    return Markup(_inline({"charts": options, "maps": maps}))


def write_page(text: str, path: Path | str) -> Path:
    """Write a page to a file, whole or not at all, and return its path."""
    target = Path(path)
    replace_text(target, text)
    return target


def anchor(row_id: str) -> str:
    """Return the id of a row as it may stand in an address."""
    return re.sub(r"[^\w-]+", "_", row_id)


def world(name: str) -> dict[str, Any]:
    """Return the countries of the world as GeoJSON, lying as the named map has them."""
    land = json.loads(asset("world.json"))
    for feature in land["features"]:
        feature["geometry"]["coordinates"] = lay(feature["geometry"]["coordinates"], MAPS[name])
    return dict(land)


def _inline(data: object) -> str:
    """Return JSON that cannot end the script element it stands in."""
    text = json.dumps(data, allow_nan=False, separators=(",", ":"), ensure_ascii=False)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


@cache
def asset(name: str) -> str:
    """Return the text of a file that ships with the pages."""
    return (files("cellroad.show") / "assets" / name).read_text(encoding="utf-8")


@cache
def written(name: str) -> str:
    """Return a template of style or script as it is written."""
    return (files("cellroad.show") / "templates" / name).read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    loader = PackageLoader("cellroad.show", "templates")
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)

"""What it takes to look at a page in a browser: where it is, what it drew, what it asked for and complained of."""

from __future__ import annotations

import os
import struct
import zlib
from pathlib import Path

import pytest
from playwright.sync_api import Page

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
]  # fmt: skip

INK = """(place) => {
  const box = place.getBoundingClientRect();
  const marks = [...place.querySelectorAll("svg path, svg text, svg rect, svg polyline, svg circle")];
  const seen = marks.filter((mark) => {
    const { width, height } = mark.getBoundingClientRect();
    const fill = getComputedStyle(mark).fill, stroke = getComputedStyle(mark).stroke;
    return width * height > 0 && !(/none|, 0\\)/.test(fill) && /none/.test(stroke));
  });
  return { width: box.width, height: box.height, marks: seen.length };
}"""


def chromium() -> str:
    """Where the browser is; a skip where there is none, a failure on the build machine."""
    path = os.environ.get("CELLROAD_CHROMIUM", "/usr/bin/chromium")
    if Path(path).exists():
        return path
    words = f"no Chromium at {path}; install it or set CELLROAD_CHROMIUM to see the report drawn"
    if os.environ.get("CI", "").lower() == "true":
        pytest.fail(words)
    pytest.skip(words)


def shades(png: bytes) -> int:
    """Count the byte values in the picture data of a PNG: a few for a blank one, a hundred and more for a chart."""
    data, at = b"", 8
    while at < len(png):
        length, kind = struct.unpack(">I4s", png[at : at + 8])
        data += png[at + 8 : at + 8 + length] if kind == b"IDAT" else b""
        at += length + 12
    return len(set(zlib.decompress(data)))


class Watched:
    """A page and all that it asked for and complained of."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.requests: list[str] = []
        self.complaints: list[str] = []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on(
            "console",
            lambda message: self.complaints.append(message.text) if message.type in ("error", "warning") else None,
        )

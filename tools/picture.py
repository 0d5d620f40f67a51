"""Take the picture of the README: the answer of a report and its map, in headless Chromium.

python tools/picture.py out/kandi-cbak.html docs/report.png
"""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

STYLE = "nav, .twin, .question, .tools, section:not(#network) { display: none !important }"
STYLE += ".page { display: block !important; margin: 0 auto; padding: 0 24px }"


def main(report: Path, picture: Path) -> None:
    with sync_playwright() as browsers:
        browser = browsers.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1100, "height": 1330}, device_scale_factor=1)
        page.goto(report.resolve().as_uri())
        page.add_style_tag(content=STYLE)
        page.evaluate("window.dispatchEvent(new Event('resize'))")
        page.wait_for_timeout(2000)
        page.screenshot(path=picture, clip={"x": 0, "y": 0, "width": 1100, "height": bottom(page) + 20})
        browser.close()


def bottom(page: Page) -> float:
    """Return where the map ends."""
    box = page.locator("#network").bounding_box()
    assert box is not None
    return box["y"] + box["height"]


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))

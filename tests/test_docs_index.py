"""The index of the docs leads to every page, and every link to a heading finds it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parents[1] / "docs"
LINK = re.compile(r"\]\(([^)#\s]*)#([^)\s]+)\)")


def anchors(page: Path) -> set[str]:
    """The anchors of the headings of a page, as they are made from their text."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-") for heading in headings}


def test_the_index_leads_to_every_page() -> None:
    linked = set(re.findall(r"\]\(([\w-]+\.md)\)", (DOCS / "index.md").read_text(encoding="utf-8")))
    assert linked == {page.name for page in DOCS.glob("*.md")} - {"index.md"}


@pytest.mark.parametrize("page", sorted(DOCS.glob("*.md")), ids=lambda page: page.name)
def test_a_link_to_a_heading_finds_it(page: Path) -> None:
    links = LINK.findall(page.read_text(encoding="utf-8"))
    gone = [
        f"{file}#{anchor}"
        for file, anchor in links
        if "://" not in file and anchor not in anchors((page.parent / file) if file else page)
    ]
    assert gone == []


def test_the_page_of_benchmarks_names_every_script() -> None:
    told = set(re.findall(r"^\| `(\w+\.py)` \|", (DOCS / "benchmarks.md").read_text(encoding="utf-8"), re.M))
    assert told == {script.name for script in (DOCS.parent / "benchmarks").glob("*.py")}

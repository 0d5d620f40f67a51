"""The project around the package: one version, no trace of a machine, pages that match the code, links that lead on."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.scripts import script

ROOT = Path(__file__).resolve().parents[1]
MADE = {".git", ".venv", ".tools", "out", "dist", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis",
        ".import_linter_cache", "__pycache__"}  # fmt: skip
HOSTS = ("pypi" + ".org", "python" + "hosted", "npm" + "js.org", "conda" + ".io")
MACHINE = re.compile(r"(?<![\w.:/-])/(?:" + "|".join(("work", "root", "home", "Users", "tmp")) + r")/\w")


def ours(folder: Path = ROOT) -> Iterator[Path]:
    """Every text file of the project that a person or a program wrote into it."""
    for place in sorted(folder.iterdir()):
        if place.name in MADE:
            continue
        if place.is_dir():
            yield from ours(place)
        elif place.suffix not in {".png", ".pyc", ".parquet", ".xlsx"} and not place.name.startswith(".coverage"):
            yield place


def declared() -> str:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert isinstance(version, str)
    return version


def test_no_file_names_a_place_of_a_machine():
    found = [
        f"{place.relative_to(ROOT)}: {match.group()}"
        for place in ours()
        if place != Path(__file__)
        for match in MACHINE.finditer(place.read_text(encoding="utf-8", errors="replace"))
    ]
    assert found == []


def test_no_file_names_a_host_of_a_package_index():
    found = [
        f"{place.relative_to(ROOT)}: {host}"
        for place in ours()
        for host in HOSTS
        if host in place.read_text(encoding="utf-8", errors="replace")
    ]
    assert found == []


def test_the_lock_names_no_address():
    assert "://" not in (ROOT / "uv.lock").read_text()


def test_the_last_entry_of_the_changelog_is_the_version():
    released = re.findall(r"^## \[(\d+\.\d+\.\d+)\] - (\d{4}-\d{2}-\d{2})$", (ROOT / "CHANGELOG.md").read_text(), re.M)
    assert released[0][0] == declared()


def test_the_citation_names_the_version_and_its_day():
    citation = (ROOT / "CITATION.cff").read_text()
    assert f"version: {declared()}\n" in citation
    day = re.search(r"^date-released: (.+)$", citation, re.M)
    assert day is not None
    assert f"## [{declared()}] - {day.group(1)}\n" in (ROOT / "CHANGELOG.md").read_text()


def test_the_installed_package_is_the_declared_version():
    from importlib.metadata import version

    assert version("cellroad") == declared()


@pytest.mark.parametrize("page", script("tools/docs.py").pages())
def test_a_page_made_from_declarations_is_up_to_date(page):
    made = script("tools/docs.py").pages()[page]
    assert (ROOT / "docs" / page).read_text(encoding="utf-8") == made, "run: make docs"


@pytest.mark.parametrize("page", [p for p in ours() if p.suffix == ".md"], ids=lambda p: str(p.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(page):
    prose = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    links = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", prose)
    gone = [link for link in links if "://" not in link and not (page.parent / link).exists()]
    assert gone == []


def test_every_target_of_make_is_explained():
    text = (ROOT / "Makefile").read_text()
    wanted = {"help", "demo", "test", "lint", "bench", "docs", "lock", "clean"}
    assert set(re.findall(r"^([a-z]+):.*## ", text, re.M)) == wanted


def test_the_readme_shows_what_the_command_says():
    blocks = re.findall(r"^```console\n\$ cellroad (land .+)\n((?:.*\n)+?)```$", (ROOT / "README.md").read_text(), re.M)
    assert blocks
    for words, shown in blocks:
        said = subprocess.run(
            [sys.executable, "-m", "cellroad", *words.split()], capture_output=True, text=True, check=True,
            env={name: value for name, value in os.environ.items() if name not in {"COLUMNS", "FORCE_COLOR"}},
        ).stdout  # fmt: skip
        assert [line.rstrip() for line in said.strip().splitlines()] == shown.strip().splitlines()


def test_the_readme_calls_what_the_package_has():
    import cellroad

    block = re.search(r"^```python\n(.+?)^```$", (ROOT / "README.md").read_text(), re.M | re.S)
    assert block is not None
    called = {node.attr for node in ast.walk(ast.parse(block.group(1))) if isinstance(node, ast.Attribute)
              and isinstance(node.value, ast.Name) and node.value.id == "cr"}  # fmt: skip
    assert {"load", "land", "plan"} <= called
    assert [name for name in sorted(called) if not callable(getattr(cellroad, name, None))] == []

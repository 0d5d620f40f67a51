"""What the tests of the faces share: a hand-made plan, a chain on disk, and a way to hear what a command says."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright
from tests.show.browsing import FLAGS, Watched, chromium
from tests.show.fake import make_plan
from tests.show.tiny import tiny

from cellroad.chain.files import write
from cellroad.plan.planning import plan as solved
from cellroad.plan.result import Plan
from cellroad.show.cli import main


@pytest.fixture(scope="session")
def plan() -> Plan:
    return make_plan()


@pytest.fixture(scope="session")
def planned() -> Plan:
    """The smallest chain, planned in earnest."""
    return solved(tiny())


@pytest.fixture(scope="session")
def nothing(plan: Plan) -> Plan:
    """A plan of the same chain that does nothing at all."""
    empty = {name: frame.clear() for name, frame in plan.frames().items() if name != "periods"}
    return dataclasses.replace(plan, **empty)


@dataclasses.dataclass(frozen=True)
class Said:
    """What a command returned, wrote to stdout and wrote to stderr."""

    code: int
    out: str
    err: str

    @property
    def machine(self) -> Any:
        return json.loads(self.out)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Said]:
    for name in ("COLUMNS", "FORCE_COLOR", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)

    def said(*words: object) -> Said:
        code = main([str(word) for word in words])
        return Said(code, *capsys.readouterr())

    return said


@pytest.fixture
def chain(tmp_path: Path) -> Path:
    """A folder of CSV that can be planned in no time."""
    write(tiny(), tmp_path / "tiny")
    return tmp_path / "tiny"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = chromium()
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture(params=["light", "dark"])
def opened(request: pytest.FixtureRequest, browser: Browser, file: Path) -> Iterator[Watched]:
    context = browser.new_context(viewport={"width": 1400, "height": 900}, color_scheme=request.param)
    watched = Watched(context.new_page())
    watched.page.goto(file.as_uri())
    watched.page.wait_for_selector("html[data-drawn]")
    yield watched
    context.close()

"""What the tests of the faces share: a chain on disk and a way to run the command and hear what it says."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.show.tiny import tiny

from cellroad.chain.files import write
from cellroad.show.cli import main


@dataclass(frozen=True)
class Said:
    """What a command returned, wrote to stdout and wrote to stderr."""

    code: int
    out: str
    err: str

    @property
    def machine(self) -> Any:
        return json.loads(self.out)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    def said(*words: object) -> Said:
        code = main([str(word) for word in words])
        return Said(code, *capsys.readouterr())

    return said


@pytest.fixture
def chain(tmp_path: Path) -> Path:
    """A folder of CSV that can be planned in no time."""
    write(tiny(), tmp_path / "tiny")
    return tmp_path / "tiny"

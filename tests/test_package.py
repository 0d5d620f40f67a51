"""The front door: every name is there, whatever was imported first, and the door itself opens at once."""

from __future__ import annotations

import subprocess
import sys

import pytest

import cellroad as cr


def fresh(code: str) -> str:
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stderr
    return said.stdout.strip()


def test_every_public_name_is_there():
    assert all(getattr(cr, name) is not None for name in cr.__all__)
    assert set(cr.__all__) <= set(dir(cr))


def test_a_name_that_is_not_there_is_told_as_python_tells_it():
    with pytest.raises(AttributeError, match="has no attribute 'paln'"):
        _ = cr.paln  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "first", ["", "import cellroad.plan", "import cellroad.plan.planning", "from cellroad import plan"]
)
def test_plan_can_be_called_whatever_was_imported_first(first):
    code = f"{first}\nimport cellroad as cr\ntry:\n    cr.plan()\nexcept TypeError as error:\n    print(error)"
    assert "plan() missing 1 required positional argument: 'chain'" in fresh(code)


def test_the_door_opens_without_frames_and_solver():
    heavy = "('numpy', 'polars', 'scipy', 'highspy', 'dataframely')"
    assert fresh(f"import sys, cellroad; print([m for m in {heavy} if m in sys.modules])") == "[]"


def test_the_version_is_told_once():
    from importlib.metadata import version

    assert cr.__version__ == version("cellroad")

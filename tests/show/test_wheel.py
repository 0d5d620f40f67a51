"""What is built installs into an empty environment and works there, without its source and without a network."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
built = pytest.mark.skipif(importlib.util.find_spec("hatchling") is None, reason="hatchling is not installed")


def run(*words: object, **options: object) -> str:
    said = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False, **options)  # type: ignore[call-overload]
    assert said.returncode == 0, said.stdout + said.stderr
    return str(said.stdout)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the wheel; the libraries are those of the tests, seen by a path, not the package itself."""
    place = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", place, cwd=ROOT)
    venv.create(place / "env", with_pip=True)
    python = place / "env" / "bin" / "python"
    run(python, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", *place.glob("*.whl"))
    site = run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip()
    Path(site, "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return place / "env" / "bin"


@built
def test_the_wheel_works_without_its_source(home, tmp_path):
    clean = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "VIRTUAL_ENV"}}
    where = run(home / "python", "-c", "import cellroad.chain as c; print(c.__file__)", cwd=tmp_path, env=clean)
    assert str(home.parent) in where
    cellroad = home / "cellroad"
    from importlib.metadata import version

    assert run(cellroad, "--version", cwd=tmp_path, env=clean).strip() == version("cellroad")
    run(cellroad, "init", "x", "--from", "yousolar", cwd=tmp_path, env=clean)
    assert "It can be planned." in run(cellroad, "check", "x", cwd=tmp_path, env=clean)
    assert "Everything needed is there." in run(cellroad, "doctor", cwd=tmp_path, env=clean)
    run(cellroad, "facts", cwd=tmp_path, env=clean)


@built
def test_the_wheel_serves_the_web_face(home, tmp_path):
    clean = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "VIRTUAL_ENV"}}
    pages = ("/", "/design", "/cells", "/packs", "/api", "/assets/web.css", "/assets/report.js",
             "/assets/echarts.min.js", "/design/1?use=golf-cart&nominal=48V&energy=5kWh")  # fmt: skip
    words = f"""
from starlette.testclient import TestClient
import cellroad.show.web.app as web
import cellroad.show.web.verbs.design as design
design.PATIENCE_S = 300.0
client = TestClient(web.build(), base_url="http://127.0.0.1")
print(web.__file__, [client.get(page).status_code for page in {pages}])
"""
    said = run(home / "python", "-W", "ignore", "-c", words, cwd=tmp_path, env=clean)
    assert said.strip().endswith(str([200] * len(pages)))
    assert str(home.parent) in said

"""What the tests of the web share: a client of the application, and a server for browsers."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn
from starlette.testclient import TestClient

from cellroad.show.web.app import build
from cellroad.show.web.verbs import design


@pytest.fixture(scope="session", autouse=True)
def patient() -> Iterator[None]:
    """Pages wait for their answer, however busy the machine is."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(design, "PATIENCE_S", 300.0)
        yield


@pytest.fixture(scope="session")
def client() -> Iterator[TestClient]:
    with TestClient(build(), base_url="http://127.0.0.1", follow_redirects=False) as made:
        yield made


@pytest.fixture(scope="session")
def site() -> Iterator[str]:
    """Where a server listens on this computer."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(build(), host="127.0.0.1", port=port, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)

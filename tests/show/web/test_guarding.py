"""The web answers this computer only, runs no script of others, and tells what goes wrong as it should be told."""

from __future__ import annotations

import contextlib
import signal
import socket
import subprocess
import sys
import time

import httpx
import pytest
from starlette.testclient import TestClient

from cellroad.show.exits import Exit, UsageError
from cellroad.show.web.app import build
from cellroad.show.web.guarding import LARGEST_BODY
from cellroad.show.web.serving import address, check_host, free

PAGES = ("/", "/design", "/cells", "/cells/CL001", "/packs", "/api", "/nothing", "/design?use=boat")


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8765", "127.0.0.1.evil.example", "10.0.0.1", ""])
def test_another_name_for_this_computer_is_turned_away(client, host):
    reply = client.get("/", headers={"host": host})
    assert reply.status_code == 400
    assert "Cellroad" not in reply.text


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8765", "localhost:9", "LOCALHOST", "[::1]:8765", "[::1]"])
def test_names_of_this_computer_are_let_in(client, host):
    assert client.get("/", headers={"host": host}).status_code == 200


@pytest.mark.parametrize("page", PAGES)
def test_every_page_has_a_strict_policy_and_no_script_or_style_in_it(client, page):
    reply = client.get(page, headers={"accept": "text/html"})
    policy = dict(part.split(" ", 1) for part in reply.headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["form-action"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert reply.headers["referrer-policy"] == "same-origin"
    for start in reply.text.split("<script")[1:]:
        head = start.split(">", 1)[0]
        assert "src=" in head or 'type="application/json"' in head
    assert "<style" not in reply.text
    assert " onclick=" not in reply.text
    assert 'src="http' not in reply.text
    assert 'rel="stylesheet" href="/assets/' in reply.text


def test_a_form_of_another_site_is_not_read(client):
    words = {"use": "ev"}
    for headers in ({"origin": "http://evil.example"}, {"sec-fetch-site": "cross-site"}, {"origin": "null"}):
        reply = client.post("/design", data=words, headers=headers)
        assert reply.status_code == 403
        assert reply.headers["content-type"] == "application/problem+json"
    for headers in ({"origin": "http://127.0.0.1"}, {"sec-fetch-site": "same-origin", "origin": "null"}, {}):
        assert client.post("/design", data=words, headers=headers).status_code == 303


def test_a_body_that_is_too_large_or_of_unknown_length_is_not_read(client):
    large = client.post("/design", content=b"x", headers={"content-length": str(LARGEST_BODY + 1)})
    assert large.status_code == 413
    assert client.post("/api/v1/design", content=iter([b"{}"])).status_code == 411


def test_a_fault_of_ours_is_told_without_its_insides(monkeypatch):
    app = build()
    monkeypatch.setattr(app.app.state.desk, "ask", lambda question: 1 / 0)
    client = TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False)
    for path in ("/design", "/api/v1/design"):
        reply = client.get(f"{path}?use=ev&nominal=400V&energy=50kWh", headers={"accept": "text/html"})
        assert reply.status_code == 500
        assert "Traceback" not in reply.text
        assert "division" not in reply.text
        assert "content-security-policy" in reply.headers


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.2", "::", "example.com", ""])
def test_it_listens_on_this_computer_only(host, run):
    with pytest.raises(UsageError, match="no login"):
        check_host(host)
    said = run("web", "--host", host)
    assert said.code == Exit.USAGE
    assert "ssh -L" in said.err


def test_a_port_that_is_taken_is_told(run, site):
    port = int(site.rpartition(":")[2])
    assert not free("127.0.0.1", port)
    said = run("web", "--port", port)
    assert said.code == Exit.USAGE
    assert "is taken" in said.err
    assert address("::1", 8765) == "http://[::1]:8765/"


def test_without_the_extra_it_is_told_how_to_get_it(run, monkeypatch):
    for name in [name for name in sys.modules if name.startswith("cellroad.show.web")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    said = run("web")
    assert said.code == Exit.USAGE
    assert 'pip install "cellroad[web]"' in said.err


def test_nothing_but_the_web_face_imports_its_libraries():
    words = "import sys, cellroad, cellroad.show.cli; cellroad.design, cellroad.show.cli.build()"
    words += "; print([name for name in ('fastapi', 'starlette', 'uvicorn') if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", words], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_the_command_serves_until_it_is_interrupted():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    words = [sys.executable, "-m", "cellroad", "web", "--port", str(port)]
    served = subprocess.Popen(words, stderr=subprocess.PIPE, text=True)
    try:
        assert served.stderr is not None
        assert f"http://127.0.0.1:{port}/" in served.stderr.readline()
        for _ in range(600):
            with contextlib.suppress(httpx.ConnectError):
                assert httpx.get(f"http://127.0.0.1:{port}/design").status_code == 200
                break
            time.sleep(0.1)
        served.send_signal(signal.SIGINT)
        assert served.wait(30) == Exit.OK
        assert served.stderr.read() == ""
    finally:
        served.kill()

"""Where does the web face listen? On this computer only, for it has no login yet: who reaches it may use it."""

from __future__ import annotations

import ipaddress
import socket
import threading
import time
import webbrowser

import uvicorn

from cellroad.show.exits import UsageError
from cellroad.show.web.app import build

LONGEST_ADDRESS = 128 * 1024
"""Bytes of the head of a request: an address may hold a data sheet."""


def check_host(host: str) -> None:
    """Raise UsageError unless a host is this computer."""
    try:
        loopback = host == "localhost" or ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        raise UsageError(
            f"--host {host!r}: the web face has no login yet, so it listens on this computer only. Use 127.0.0.1, and "
            "reach it from elsewhere by a tunnel that asks who you are, such as ssh -L."
        )


def free(host: str, port: int) -> bool:
    """Say whether a port may be listened on."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host.strip("[]"), port))
        except OSError:
            return False
    return True


def serve(host: str, port: int, *, show: bool) -> None:
    """Serve until interrupted; `show` opens a browser once it listens. Raises UsageError for another computer."""
    check_host(host)
    config = uvicorn.Config(
        build(), host=host.strip("[]"), port=port, log_level="warning", access_log=False, server_header=False,
        h11_max_incomplete_event_size=LONGEST_ADDRESS, http="h11", proxy_headers=False,
    )  # fmt: skip
    server = uvicorn.Server(config)
    if show:
        threading.Thread(target=_open, args=(server, address(host, port)), daemon=True).start()
    server.run()


def address(host: str, port: int) -> str:
    """Return where it is for a browser."""
    return f"http://[{host.strip('[]')}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def _open(server: uvicorn.Server, url: str) -> None:
    while not server.started and not server.should_exit:
        time.sleep(0.05)
    webbrowser.open(url)

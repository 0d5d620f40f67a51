"""Which requests are let in, and what may a browser do with a page?

The web face has no login, so it answers only this computer: the names by which a request may call it are those of the
loopback, which a page of another site cannot take by pointing its own name here (DNS rebinding). A form of another site
is not read. A page runs scripts of this package and of nothing else, asks no other host and cannot be framed.
Source: Content Security Policy Level 3, W3C.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cellroad.show.web.replies import problem

HOSTS = ("127.0.0.1", "localhost", "::1", "[::1]")
"""What a request may call this computer."""
LARGEST_BODY = 1_000_000
"""Bytes of a request."""
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "style-src-attr 'unsafe-inline'",  # tooltips of charts place themselves
        "img-src 'self' data: blob:",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class Guard:
    """Turns away what may not come in, and gives every answer its headers."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or hand it on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def headed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("Cache-Control", "no-cache")
            await send(message)

        turned_away = _refusal(scope["method"], Headers(scope=scope))
        if turned_away is None:
            await self.app(scope, receive, headed)
        else:
            await problem(*turned_away)(scope, receive, headed)


def _refusal(method: str, headers: Headers) -> tuple[int, str, str] | None:
    """Return status, title and detail for a request that may not come in."""
    if method in ("GET", "HEAD", "OPTIONS"):
        return None
    origin, fetched = headers.get("origin"), headers.get("sec-fetch-site")
    own = origin is None or urlsplit(origin).netloc == headers.get("host")
    if fetched not in ("same-origin", "none") if fetched else not own:
        return 403, "Another site", "A form of another site is not read."
    length = headers.get("content-length", "")
    if not length.isdecimal():
        return 411, "No length", "Say in Content-Length how many bytes are sent."
    if int(length) > LARGEST_BODY:
        return 413, "Too large", f"{int(length):,} bytes; at most {LARGEST_BODY:,} are read."
    return None

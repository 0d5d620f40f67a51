"""The command that serves the web face."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated

from cyclopts import Parameter, validators

from cellroad.show.exits import Exit, UsageError
from cellroad.show.terminal import Face, complain


def web(
    *,
    host: str = "127.0.0.1",
    port: Annotated[int, Parameter(validator=validators.Number(gte=1, lte=65535))] = 8765,
    open: Annotated[bool, Parameter(negative="")] = False,
    face: Face = Face(),  # noqa: B008
) -> Exit:
    """Serve the pages and the API on this computer, until Ctrl-C.

    Parameters
    ----------
    host
        Where to listen: this computer only, for there is no login yet.
    port
        Port to listen on.
    open
        Open a browser on it.
    """
    try:
        from cellroad.show.web import serving
    except ModuleNotFoundError as error:
        if error.name is not None and error.name.startswith("cellroad"):
            raise
        raise UsageError('The web face needs an extra: pip install "cellroad[web]"') from None
    serving.check_host(host)
    if not serving.free(host, port):
        raise UsageError(f"Port {port} is taken; name another with --port.")
    if not face.quiet:
        complain(f"Cellroad is at {serving.address(host, port)}; Ctrl-C ends it.")
    with suppress(KeyboardInterrupt):  # which is how it is ended
        serving.serve(host, port, show=open)
    return Exit.OK

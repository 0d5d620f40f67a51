"""A process of the pool: it builds objects, keeps them and answers questions, until its input ends."""

from __future__ import annotations

import os
import sys

from cellroad.plan.stochastic.executor import Objects, _read, _write


def main() -> None:
    """Answer until the other side is gone; whatever else prints goes to standard error."""
    source, answers = sys.stdin.buffer, os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    objects = Objects(_nothing, {})
    while True:
        try:
            what, first, second = _read(source)
        except EOFError:
            return
        if what == "build":
            objects = Objects(first, second)
            _write(answers, None)
            continue
        try:
            _write(answers, (False, objects.ask(what, first, second)))
        except Exception as error:  # the asker decides what to do about it
            _write(answers, (True, error))


def _nothing(_: object) -> None:
    """Build nothing."""


if __name__ == "__main__":
    main()

"""What a verb tells of itself, so that home, menu and the page of the API can name it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Verb:
    """A verb of the web: its name, which is its address, the question it answers, and examples to start from.

    `examples` are what they are called, what is said of them, and their address.
    """

    name: str
    title: str
    question: str
    examples: tuple[tuple[str, str, str], ...] = ()

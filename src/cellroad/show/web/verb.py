"""What a verb tells of itself, so that home, menu and the page of the API can name it."""

from __future__ import annotations

from dataclasses import dataclass

MENU = (
    ("design", "Design a pack"), ("cells", "Cells"), ("packs", "Known packs"), ("life", "Life"),
    ("certify", "Certificates"),
)  # fmt: skip
"""The verbs of the web in the order in which a person meets them: name, which is the address, and title."""


@dataclass(frozen=True)
class Verb:
    """A verb of the web: its name, the question it answers, and examples to start from.

    `examples` are what they are called, what is said of them, and their address.
    """

    name: str
    question: str
    examples: tuple[tuple[str, str, str], ...] = ()

    @property
    def title(self) -> str:
        """What the menu calls it."""
        return dict(MENU)[self.name]
